//! Puts messages in order, drops those that came twice, and knows which did not come.
//!
//! It has no clock: whoever drives it says what time it is, and calls
//! [`Sequencer::handle_timeout`] at the moment named by [`Sequencer::timeout`].
//!
//! A message that is ahead of its turn is held. It is released when those before it have come; or
//! when it has waited for `wait_max`; or, being the one that has waited longest, when more than
//! `held_max` messages or `held_bytes_max` bytes are held in all scopes of its sequence together,
//! which is so the bound on memory. Then those before it are declared missing. One of them that
//! still comes is late, and not delivered in its place.
//!
//! What a number tells when it is not the next one:
//!
//! | number | is |
//! |---|---|
//! | ahead | held, then perhaps the end of a gap |
//! | not come yet, and declared missing or from before the first | late |
//! | come before | a duplicate |
//! | of a range that was there in part | delivered: it brings something new |
//! | farther behind than `held_max` (but 1,024 at the least) | the numbering begun anew |
//! | of a snapshot | right: it is delivered at once, and the next one is awaited after it |
//! | lower than its own link to the one before | right, and the numbering begun anew |
//! | the first of a session, on from the last session's | its place in it, where numbers continue |
//! | the first of a resumed session | its place in it, be it ahead or come before |
//! | the first of a session otherwise | the numbering begun anew |
//!
//! Where a message need not have one number (`range`, `previous`), numbers far behind must also be
//! less than half of the last one, since they may rise in leaps; and so many messages in a row that
//! bring nothing new show that the numbering began anew.
//!
//! With `sparse`, only order is known: a lower number than the last one is late, and an equal one
//! is no duplicate. A message without a number, or with a range that runs backwards, is delivered
//! as it comes.

mod absent;
pub mod asker;
pub mod ledger;
pub mod rewind;
mod run;
mod window;

use crate::decode::{OTHER_KEYS, OTHERS};
use crate::profile::{self, Scope, SequenceRule};
use crate::record::{ChannelId, KeyId, Position};
use run::{Context, Run, Span};
use rustc_hash::FxHashMap;
use std::time::Instant;
use window::Window;

/// Scopes beyond this many are not told apart, so that keys that never repeat cannot fill the
/// memory. Ten times the instruments of the largest exchange; some 30 MB when full.
pub const SCOPES_MAX: usize = 100_000;

/// What has a sequence of its own, numbered from 0 in the order of first appearance. Stays the
/// same over sessions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ScopeId(pub u32);

/// What is to be done. The steps of one call are in the order in which they are to be done.
///
/// Every accepted message gives exactly one of `Held` and those that are not `was_held`; every
/// held one gives exactly one that is, later or in the same call.
#[derive(Debug, PartialEq, Eq)]
pub enum Step<T> {
    /// It is next in its scope, or has no number.
    Deliver { scope: Option<ScopeId>, item: T, was_held: bool },
    /// It was given up: later ones have been delivered.
    Late { scope: ScopeId, item: T },
    /// Its number has come before.
    Duplicate { scope: ScopeId, item: T, was_held: bool },
    /// The accepted message waits for an earlier one.
    Held,
    /// The numbers from `first` to `last` did not come. They lie between what was delivered last
    /// in this scope and the very next step, which delivers to it. `channel` is `None` where the
    /// scope is the connection.
    Missing {
        scope: ScopeId,
        /// Which of the profile's sequences it is.
        sequence: usize,
        channel: Option<ChannelId>,
        key: Option<KeyId>,
        first: u64,
        last: u64,
        /// How many messages are missing, where that can be known: numbers may stand for several,
        /// or skip some.
        count: Option<u64>,
        /// What follows is of no use until a snapshot mends it, which is to be asked for.
        lasts: bool,
    },
    /// What was missing in this scope and `lasts` is mended by the snapshot that the very next step
    /// delivers.
    Mended { scope: ScopeId },
}

/// See the [module](self).
#[derive(Debug)]
pub struct Sequencer<T> {
    windows: Vec<Window>,
    scopes: FxHashMap<(usize, Option<ChannelId>, Option<KeyId>), ScopeId>,
    runs: Vec<Run<T>>,
    session: u64,
    /// The latest session that did not resume one before it.
    fresh_session: u64,
    missing: u64,
    unscoped: u64,
}

impl<T> Sequencer<T> {
    pub fn new(sequences: &[profile::Sequence]) -> Self {
        let windows = sequences.iter().enumerate();
        Sequencer {
            windows: windows.map(|(index, sequence)| Window::new(index, sequence)).collect(),
            scopes: FxHashMap::default(),
            runs: Vec::new(),
            session: 0,
            fresh_session: 0,
            missing: 0,
            unscoped: 0,
        }
    }

    /// What a message of one of the profile's sequences, with this channel and key, is in sequence
    /// with; `None` if with nothing: because there is no rule, or because there are too many scopes
    /// (see [`Sequencer::unscoped`]).
    pub fn scope(
        &mut self,
        sequence: usize,
        channel: ChannelId,
        key: Option<KeyId>,
    ) -> Option<ScopeId> {
        let window = self.windows.get(sequence)?;
        if window.rule == SequenceRule::None {
            return None;
        }
        let (channel, key) = match window.scope {
            Scope::Connection => (None, None),
            Scope::Channel => (Some(channel), None),
            Scope::Key => (Some(channel), key),
        };
        if channel == Some(OTHERS) || key == Some(OTHER_KEYS) {
            self.unscoped += 1;
            return None;
        }
        if let Some(scope) = window.whole.filter(|_| window.scope == Scope::Connection) {
            return Some(scope);
        }
        if let Some(scope) = self.scopes.get(&(sequence, channel, key)) {
            return Some(*scope);
        }
        if self.runs.len() >= SCOPES_MAX {
            self.unscoped += 1;
            return None;
        }
        // Fits, since there are no more than SCOPES_MAX.
        let scope = ScopeId(self.runs.len() as u32);
        self.runs.push(Run::new(scope, sequence, channel, key, self.session));
        self.scopes.insert((sequence, channel, key), scope);
        if channel.is_none()
            && let Some(window) = self.windows.get_mut(sequence)
        {
            window.whole = Some(scope);
        }
        Some(scope)
    }

    /// Takes a message other than a snapshot if it is simply the next one of its scope, so that it
    /// is to be delivered and nothing else is to be done. Otherwise returns `false`, and does
    /// nothing: then it is to be [accepted](Sequencer::accept).
    #[inline]
    pub fn take_next(&mut self, scope: ScopeId, position: Position) -> bool {
        let Some(run) = self.runs.get_mut(scope.0 as usize) else { return false };
        let Some(window) = self.windows.get(run.window) else { return false };
        let first = match window.rule {
            SequenceRule::Increment => position.last,
            SequenceRule::Range => position.first,
            _ => return false,
        };
        window.holds_none() && run.take_next(self.session, Span { first, last: position.last })
    }

    /// Takes a message that came at `now` and takes up so many `bytes` while it is held, with its
    /// scope (see [`Sequencer::scope`]) and where it stands in it.
    #[allow(clippy::too_many_arguments)]
    pub fn accept(
        &mut self,
        now: Instant,
        scope: Option<ScopeId>,
        position: Option<Position>,
        snapshot: bool,
        bytes: usize,
        item: T,
        out: &mut Vec<Step<T>>,
    ) {
        let run = scope.and_then(|scope| self.runs.get_mut(scope.0 as usize));
        let window = run.as_ref().and_then(|run| self.windows.get_mut(run.window));
        let (Some(run), Some(window), Some(position)) = (run, window, position) else {
            out.push(Step::Deliver { scope, item, was_held: false });
            return;
        };
        let Position { last: number, previous, .. } = position;
        let snapshot = snapshot || (window.rule == SequenceRule::Previous && previous.is_none());
        // A snapshot that is lower than the last number need not mean that they begin anew.
        let highest = if snapshot { u64::MAX } else { number.max(previous.unwrap_or(0)) };
        run.enter_session(self.session, self.fresh_session, window.continues, highest);
        let mut context = Context { window, missing: &mut self.missing, out };
        let rule = context.window.rule;
        if snapshot {
            run.accept_snapshot(number, item, &mut context);
        } else {
            match (Span::of(position, rule), previous) {
                (Some(span), _) => run.accept(now, span, bytes, item, &mut context),
                (None, Some(previous)) if rule == SequenceRule::Previous => {
                    run.accept_back_link(previous, number, item, &mut context);
                }
                _ => context.out.push(Step::Deliver { scope, item, was_held: false }),
            }
        }
        window.tidy(&self.runs);
        while window.is_too_full() && window.release_oldest(&mut self.runs, &mut self.missing, out)
        {
        }
    }

    /// When [`Sequencer::handle_timeout`] is to be called, if nothing comes before.
    pub fn timeout(&self) -> Option<Instant> {
        self.windows.iter().filter_map(Window::timeout).min()
    }

    /// Releases what has waited long enough.
    pub fn handle_timeout(&mut self, now: Instant, out: &mut Vec<Step<T>>) {
        for window in &mut self.windows {
            while window.timeout().is_some_and(|due| due <= now)
                && window.release_oldest(&mut self.runs, &mut self.missing, out)
            {}
        }
    }

    /// A session ended: what is held is released, since nothing can come before it any more.
    pub fn session_ended(&mut self, out: &mut Vec<Step<T>>) {
        for window in &mut self.windows {
            window.release_all(&mut self.runs, &mut self.missing, out);
        }
    }

    /// A session began: what is accepted from now on belongs to it.
    pub fn session_started(&mut self, out: &mut Vec<Step<T>>) {
        self.session_resumed(out);
        self.fresh_session = self.session;
    }

    /// A session began that goes on where the one before it ended, or before that: by whatever
    /// rule, its numbers are of the same numbering, and those that came before are duplicates.
    pub fn session_resumed(&mut self, out: &mut Vec<Step<T>>) {
        self.session_ended(out);
        self.session += 1;
    }

    /// How many messages are known to be missing: declared so, and not come since. Where a gap's
    /// numbers do not tell how many messages it has lost, it counts as one.
    pub fn missing(&self) -> u64 {
        self.missing
    }

    /// How many messages are held.
    pub fn held(&self) -> usize {
        self.windows.iter().map(Window::held).sum()
    }

    /// How many bytes they take up.
    pub fn held_bytes(&self) -> usize {
        self.windows.iter().map(Window::held_bytes).sum()
    }

    /// How many messages were delivered without a look at their number, there being more than
    /// [`SCOPES_MAX`] scopes, or more channels or longer keys than are told apart.
    pub fn unscoped(&self) -> u64 {
        self.unscoped
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::profile::Path;
    use std::time::Duration;

    #[test]
    fn a_gap_that_stays_open_does_not_make_the_others_pile_up() {
        let path = Path::key("n");
        let wait_max = Duration::from_secs(3_600);
        let mut sequencer = Sequencer::new(&[profile::Sequence {
            wait_max,
            ..profile::Sequence::new(SequenceRule::Increment, Scope::Channel, path)
        }]);
        let (mut steps, now) = (Vec::new(), Instant::now());
        let open = sequencer.scope(0, ChannelId(0), None);
        let busy = sequencer.scope(0, ChannelId(1), None);
        let at =
            |number| Some(Position { sequence: 0, first: number, last: number, previous: None });
        for number in [0, 2] {
            sequencer.accept(now, open, at(number), false, 0, number, &mut steps);
        }
        for pair in 0..10_000 {
            for number in [2 * pair + 1, 2 * pair] {
                sequencer.accept(now, busy, at(number), false, 0, number, &mut steps);
            }
            assert!(sequencer.windows[0].waiting() < 100);
        }
        assert_eq!((sequencer.held(), sequencer.timeout()), (1, Some(now + wait_max)));
    }
}
