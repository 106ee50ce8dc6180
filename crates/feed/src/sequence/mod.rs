//! Puts messages in order, drops those that came twice, and knows which did not come.
//!
//! It has no clock: whoever drives it says what time it is, and calls
//! [`Sequencer::handle_timeout`] at the moment named by [`Sequencer::timeout`].
//!
//! A message that is ahead of its turn is held. It is released when those before it have come; or
//! when it has waited for `wait_max`; or, being the one that has waited longest, when more than
//! `held_max` are held in all scopes together, which is so the bound on memory. Then those before
//! it are declared missing. One of them that still comes is late, and not delivered in its place.
//!
//! What a number tells when it is not the next one:
//!
//! | number | is |
//! |---|---|
//! | ahead | held, then perhaps the end of a gap |
//! | not come yet, and declared missing or from before the first | late |
//! | come before | a duplicate |
//! | farther behind than `held_max` (but 1,024 at the least) | the numbering begun anew |
//! | of a snapshot | right: it is delivered at once, and the next one is awaited after it |
//! | the first of a session, on from the last session's | its place in it, where numbers continue |
//! | the first of a session otherwise | the numbering begun anew |
//!
//! A message without a number is delivered as it comes.

mod absent;
pub mod ledger;
mod run;

use crate::decode::{OTHER_KEYS, OTHERS};
use crate::profile::{self, Scope, SequenceRule};
use crate::record::{ChannelId, KeyId, Position};
use run::{BEHIND_MIN, Run, Totals};
use rustc_hash::FxHashMap;
use std::collections::VecDeque;
use std::time::{Duration, Instant};

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
    },
}

/// See the [module](self).
#[derive(Debug)]
pub struct Sequencer<T> {
    rule: SequenceRule,
    scope: Scope,
    continues: bool,
    held_max: usize,
    wait_max: Duration,
    session: u64,
    scopes: FxHashMap<(Option<ChannelId>, Option<KeyId>), ScopeId>,
    runs: Vec<Run<T>>,
    /// Oldest first. Those that are no longer held stay until they are in front or too many; the
    /// front is held.
    waiting: VecDeque<Waiting>,
    totals: Totals,
    unscoped: u64,
}

#[derive(Clone, Copy, Debug)]
struct Waiting {
    since: Instant,
    scope: ScopeId,
    number: u64,
}

impl<T> Sequencer<T> {
    pub fn new(sequences: &[profile::Sequence]) -> Self {
        let sequence = sequences.first();
        Sequencer {
            rule: sequence.map_or(SequenceRule::None, |sequence| sequence.rule),
            scope: sequence.map_or(Scope::Connection, |sequence| sequence.scope),
            continues: sequence.is_some_and(|sequence| sequence.continues),
            held_max: sequence.map_or(0, |sequence| sequence.held_max),
            wait_max: sequence.map_or(Duration::ZERO, |sequence| sequence.wait_max),
            session: 0,
            scopes: FxHashMap::default(),
            runs: Vec::new(),
            waiting: VecDeque::new(),
            totals: Totals::default(),
            unscoped: 0,
        }
    }

    /// What a message of one of the profile's sequences, with this channel and key, is in sequence
    /// with; `None` if with nothing: because there is no rule, or because there are too many scopes
    /// (see [`Sequencer::unscoped`]).
    pub fn scope(
        &mut self,
        _sequence: usize,
        channel: ChannelId,
        key: Option<KeyId>,
    ) -> Option<ScopeId> {
        if self.rule == SequenceRule::None {
            return None;
        }
        let (channel, key) = match self.scope {
            Scope::Connection => (None, None),
            Scope::Channel => (Some(channel), None),
            Scope::Key => (Some(channel), key),
        };
        if channel == Some(OTHERS) || key == Some(OTHER_KEYS) {
            self.unscoped += 1;
            return None;
        }
        if let Some(scope) = self.scopes.get(&(channel, key)) {
            return Some(*scope);
        }
        if self.runs.len() >= SCOPES_MAX {
            self.unscoped += 1;
            return None;
        }
        // Fits, since there are no more than SCOPES_MAX.
        let scope = ScopeId(self.runs.len() as u32);
        self.runs.push(Run::new(scope, channel, key, BEHIND_MIN.max(self.held_max as u64)));
        self.scopes.insert((channel, key), scope);
        Some(scope)
    }

    /// Takes a message that came at `now` and takes up `_bytes` while it is held, with its scope
    /// (see [`Sequencer::scope`]) and where it stands in it.
    #[allow(clippy::too_many_arguments)]
    pub fn accept(
        &mut self,
        now: Instant,
        scope: Option<ScopeId>,
        position: Option<Position>,
        snapshot: bool,
        _bytes: usize,
        item: T,
        out: &mut Vec<Step<T>>,
    ) {
        let sequence = position.map(|position| position.last);
        let run = scope.and_then(|scope| self.runs.get_mut(scope.0 as usize));
        let (Some(scope), Some(run), Some(number)) = (scope, run, sequence) else {
            out.push(Step::Deliver { scope, item, was_held: false });
            return;
        };
        run.enter_session(self.session, self.continues, number);
        if snapshot {
            run.accept_snapshot(number, item, &mut self.totals, out);
        } else if run.accept(now, number, item, &mut self.totals, out) {
            self.waiting.push_back(Waiting { since: now, scope, number });
        }
        self.tidy();
        while self.totals.held > self.held_max && self.release_oldest(out) {}
    }

    /// When [`Sequencer::handle_timeout`] is to be called, if nothing comes before.
    pub fn timeout(&self) -> Option<Instant> {
        self.waiting.front()?.since.checked_add(self.wait_max)
    }

    /// Releases what has waited long enough.
    pub fn handle_timeout(&mut self, now: Instant, out: &mut Vec<Step<T>>) {
        while self.timeout().is_some_and(|due| due <= now) && self.release_oldest(out) {}
    }

    /// A session ended: what is held is released, since nothing can come before it any more.
    pub fn session_ended(&mut self, out: &mut Vec<Step<T>>) {
        while let Some(oldest) = self.waiting.front().copied() {
            if let Some(run) = self.runs.get_mut(oldest.scope.0 as usize) {
                run.release_all(&mut self.totals, out);
            }
            self.tidy();
        }
    }

    /// A session began: what is accepted from now on belongs to it.
    pub fn session_started(&mut self, out: &mut Vec<Step<T>>) {
        self.session_ended(out);
        self.session += 1;
    }

    /// How many messages are known to be missing: declared so, and not come since.
    pub fn missing(&self) -> u64 {
        self.totals.missing
    }

    /// How many messages are held.
    pub fn held(&self) -> usize {
        self.totals.held
    }

    /// How many messages were delivered without a look at their number, there being more than
    /// [`SCOPES_MAX`] scopes, or more channels or longer keys than are told apart.
    pub fn unscoped(&self) -> u64 {
        self.unscoped
    }

    /// Releases the message that has waited longest, with those before it in its scope. Returns
    /// whether there was one.
    fn release_oldest(&mut self, out: &mut Vec<Step<T>>) -> bool {
        let Some(oldest) = self.waiting.front().copied() else { return false };
        if let Some(run) = self.runs.get_mut(oldest.scope.0 as usize) {
            run.release_to(oldest.number, &mut self.totals, out);
        }
        self.tidy();
        true
    }

    /// Forgets waiting ones that are no longer held: all in front, and all when they are the most.
    fn tidy(&mut self) {
        let runs = &self.runs;
        let is_held = |waiting: &Waiting| {
            runs.get(waiting.scope.0 as usize)
                .is_some_and(|run| run.holds(waiting.number, waiting.since))
        };
        while self.waiting.front().is_some_and(|front| !is_held(front)) {
            self.waiting.pop_front();
        }
        // The constant keeps short queues from being gone through at every message.
        if self.waiting.len() > 2 * self.totals.held + 64 {
            self.waiting.retain(is_held);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::profile::Path;

    #[test]
    fn a_gap_that_stays_open_does_not_make_the_others_pile_up() {
        let path = Path::key("n");
        let mut sequencer = Sequencer::new(&[profile::Sequence {
            wait_max: Duration::from_secs(3_600),
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
            assert!(sequencer.waiting.len() < 100);
        }
        assert_eq!((sequencer.held(), sequencer.timeout()), (1, Some(now + sequencer.wait_max)));
    }
}
