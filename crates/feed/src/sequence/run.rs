//! The numbers of one scope: what came last, what is held, what did not come.
//!
//! For all rules by which gaps are seen, a message stands for a [`Span`] of numbers, and is the
//! next one if its span follows what came last: with `increment` it is its number alone, with
//! `previous` it begins after the number of the message before.

use super::absent::{Absent, Taken};
use super::window::Window;
use super::{ScopeId, Step};
use crate::profile::SequenceRule;
use crate::record::{ChannelId, KeyId, Position};
use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::time::Instant;

/// How far behind the last one a number counts as an old one that came again, at the least; one
/// that is farther behind means that the numbering began anew. The same as the usual window, so
/// that a small window does not take every old message for a new beginning.
const BEHIND_MIN: u64 = 1_024;

/// So many far behind in a row, each in a declared gap and none before it being new, mean that the
/// numbering began anew inside that gap: without this, one absurdly high number would make
/// everything after it late for ever.
const FAR_LATE_MAX: u32 = 64;

/// So many old ones in a row mean the same where numbers are not one a message, and what is far
/// behind cannot be told from the number alone.
const OLD_MAX: u32 = 1_024;

/// So many old ones in a row mean the same after a resumption, when it is expected that what came
/// before comes again: more than any rewind of a few seconds brings.
const REPEATED_MAX: u32 = 100_000;

/// The numbers that a message stands for. It stands for none if `first` is `last + 1`: its place is
/// between the two.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Span {
    pub first: u64,
    pub last: u64,
}

/// One scope.
#[derive(Debug)]
pub(super) struct Run<T> {
    id: ScopeId,
    pub window: usize,
    channel: Option<ChannelId>,
    key: Option<KeyId>,
    /// The session of the last number.
    session: u64,
    /// The number after which the next is awaited: all up to it are delivered or given up.
    last: Option<u64>,
    /// The last number before a snapshot that went back. Either the numbers go on after it, or
    /// they begin anew after the snapshot; the next one shows which.
    before_snapshot: Option<u64>,
    /// The latest link that led back, from and to: how servers say that numbers begin anew.
    back_link: Option<(u64, u64)>,
    /// Since the session was resumed, only what had come before came.
    repeats: bool,
    /// How many old ones came in a row that make it likely that numbers began anew.
    old: u32,
    /// Something is missing that a snapshot is asked for.
    is_broken: bool,
    /// All beyond what follows `last`.
    held: BTreeMap<Span, Held<T>>,
    absent: Absent,
}

#[derive(Debug)]
struct Held<T> {
    since: Instant,
    bytes: usize,
    item: T,
}

/// What a run works with, which is not its own.
pub(super) struct Context<'a, T> {
    pub window: &'a mut Window,
    pub missing: &'a mut u64,
    pub out: &'a mut Vec<Step<T>>,
}

impl Span {
    /// What a message stands for; `None` if its numbers contradict each other, and so say nothing.
    pub fn of(position: Position, rule: SequenceRule) -> Option<Self> {
        let Position { first, last, previous, .. } = position;
        let first = match (rule, previous) {
            (SequenceRule::Range, _) => first,
            (SequenceRule::Previous, Some(previous)) => previous.saturating_add(1),
            _ => last,
        };
        (first <= last.saturating_add(1)).then_some(Span { first, last })
    }

    fn is_empty(self) -> bool {
        self.first > self.last
    }

    /// Whether nothing lies between `last` and this.
    fn follows(self, last: u64) -> bool {
        self.first <= last.saturating_add(1)
    }

    /// Whether it has been there once all up to `last` have.
    fn is_old(self, last: u64) -> bool {
        self.last < last || (self.last == last && !self.is_empty())
    }
}

impl<T> Run<T> {
    pub fn new(
        id: ScopeId,
        window: usize,
        channel: Option<ChannelId>,
        key: Option<KeyId>,
        session: u64,
    ) -> Self {
        Run {
            id,
            window,
            channel,
            key,
            session,
            last: None,
            before_snapshot: None,
            back_link: None,
            repeats: false,
            old: 0,
            is_broken: false,
            held: BTreeMap::new(),
            absent: Absent::default(),
        }
    }

    /// Must be called before each message; `number` is the highest that it names. `fresh` is the
    /// latest session that did not resume one before it. Nothing is held when a session begins.
    pub fn enter_session(&mut self, session: u64, fresh: u64, continues: bool, number: u64) {
        if self.session == session {
            return;
        }
        let resumed = session > fresh && (continues || self.session >= fresh);
        self.session = session;
        if resumed {
            self.repeats = true;
            self.last = self.before_snapshot.take().or(self.last);
        } else if !continues || self.last.is_some_and(|last| number <= last) {
            self.reset();
        }
    }

    /// Takes the message that stands for this if it belongs to the session that this run is in and
    /// follows the last one at once. Nothing may be held. Otherwise does nothing, and returns
    /// `false`.
    #[inline]
    pub fn take_next(&mut self, session: u64, span: Span) -> bool {
        let is_next = self.session == session
            && self.before_snapshot.is_none()
            && span.last >= span.first
            && self.last.and_then(|last| last.checked_add(1)) == Some(span.first);
        if is_next {
            self.last = Some(span.last);
            self.old = 0;
            self.repeats = false;
        }
        is_next
    }

    /// Whether the message that stands for this and came at this moment is held.
    pub fn holds(&self, span: Span, since: Instant) -> bool {
        self.held.get(&span).is_some_and(|held| held.since == since)
    }

    /// Takes a message that stands for these numbers.
    pub fn accept(
        &mut self,
        now: Instant,
        span: Span,
        bytes: usize,
        item: T,
        context: &mut Context<'_, T>,
    ) {
        if context.window.rule == SequenceRule::Sparse {
            return self.accept_sparse(span.last, item, context);
        }
        self.leave_snapshot(span.last);
        let Some(last) = self.last else { return self.begin(span, item, context) };
        if span.is_old(last) {
            return self.accept_old(span, last, item, context);
        }
        if span.last > last {
            self.old = 0;
            self.repeats = false;
            if self.before_snapshot.take().is_some() {
                self.absent.forget_above(last);
            }
        }
        if span.follows(last) {
            self.recover(span, last, context);
            self.deliver(span.last, item, false, context);
            return self.release_next(context);
        }
        let Entry::Vacant(place) = self.held.entry(span) else {
            context.out.push(Step::Duplicate { scope: self.id, item, was_held: false });
            return;
        };
        place.insert(Held { since: now, bytes, item });
        context.window.hold(now, self.id, span, bytes);
        context.out.push(Step::Held);
    }

    /// Takes a message whose link leads back: the numbers begin anew with it. It follows the
    /// message with the number `previous`.
    pub fn accept_back_link(
        &mut self,
        previous: u64,
        number: u64,
        item: T,
        context: &mut Context<'_, T>,
    ) {
        let scope = self.id;
        if self.back_link == Some((previous, number)) {
            context.out.push(Step::Duplicate { scope, item, was_held: false });
            return;
        }
        self.leave_snapshot(previous.saturating_add(1));
        // One after it came first, and so the numbers have begun anew already.
        if self.last != Some(previous) && self.absent.take(number, number).is_some() {
            self.back_link = Some((previous, number));
            context.out.push(Step::Late { scope, item });
            return;
        }
        self.release_all(context);
        if let Some(last) = self.last
            && last < previous
        {
            self.declare_missing(last + 1, previous, context);
        }
        self.reset();
        self.back_link = Some((previous, number));
        self.deliver(number, item, false, context);
    }

    /// Takes a snapshot: it is right whatever came before, and no number before it is awaited.
    pub fn accept_snapshot(&mut self, number: u64, item: T, context: &mut Context<'_, T>) {
        self.leave_snapshot(number);
        let before = number.saturating_sub(1);
        let oldest = oldest(number, context.window);
        match self.last {
            _ if context.window.rule == SequenceRule::Sparse => self.old = 0,
            None => self.absent.add(oldest, before, false),
            // One more that went back, though not as far. Nothing is held.
            Some(last) if number > last && self.before_snapshot.is_some() => {}
            Some(last) if number > last => {
                self.old = 0;
                self.repeats = false;
                // Messages that came before it are of the same run, with what they show to be
                // missing.
                self.release_while(|held, _| held.last < number, context);
                let last = self.last.unwrap_or(last);
                // Not declared: they may never have been sent to us. Some may come yet.
                self.absent.add(oldest.max(last.saturating_add(1)), before, false);
            }
            Some(_) => {
                self.release_all(context);
                // A number of several is not yet the message.
                if context.window.rule == SequenceRule::Increment
                    && let Some(taken) = self.absent.take(number, number)
                {
                    came(taken, context);
                }
                self.before_snapshot = self.before_snapshot.max(self.last);
            }
        }
        if std::mem::take(&mut self.is_broken) {
            context.out.push(Step::Mended { scope: self.id });
        }
        self.deliver(number, item, false, context);
        self.release_next(context);
    }

    /// Releases what is held up to this, and what then follows without a gap.
    pub fn release_to(&mut self, span: Span, context: &mut Context<'_, T>) {
        self.release_while(|held, _| held <= span, context);
        self.release_next(context);
    }

    pub fn release_all(&mut self, context: &mut Context<'_, T>) {
        self.release_while(|_, _| true, context);
    }

    /// Takes a message by its order alone.
    fn accept_sparse(&mut self, number: u64, item: T, context: &mut Context<'_, T>) {
        match self.last {
            Some(last) if number < last => {
                self.old += 1;
                if number >= oldest(last, context.window) && self.old <= FAR_LATE_MAX {
                    context.out.push(Step::Late { scope: self.id, item });
                    return;
                }
                self.reset();
            }
            _ => self.old = 0,
        }
        self.deliver(number, item, false, context);
    }

    /// Takes a message that is not beyond the last one: it came before, is late, or begins the
    /// numbers anew.
    fn accept_old(&mut self, span: Span, last: u64, item: T, context: &mut Context<'_, T>) {
        let scope = self.id;
        let is_far = !self.repeats && span.last < oldest(last, context.window);
        let is_counted = context.window.rule == SequenceRule::Increment;
        if is_far || self.repeats || !is_counted {
            self.old += 1;
        }
        let old_max = match (self.repeats, is_far) {
            (true, _) => REPEATED_MAX,
            (false, true) => FAR_LATE_MAX,
            (false, false) => OLD_MAX,
        };
        let begins_anew = self.old > old_max;
        match self.absent.take(span.first, span.last) {
            Some(taken) if !begins_anew => {
                came(taken, context);
                context.out.push(Step::Late { scope, item });
            }
            None if !begins_anew && !is_far => {
                context.out.push(Step::Duplicate { scope, item, was_held: false });
            }
            _ => {
                self.release_all(context);
                self.reset();
                self.begin(span, item, context);
            }
        }
    }

    /// Releases what follows the last number without a gap.
    fn release_next(&mut self, context: &mut Context<'_, T>) {
        self.release_while(Span::follows, context);
    }

    /// Releases what is held, in order, as long as it `goes` after the last number.
    fn release_while(&mut self, goes: impl Fn(Span, u64) -> bool, context: &mut Context<'_, T>) {
        while let Some(entry) = self.held.first_entry() {
            let span = *entry.key();
            let last = self.last.unwrap_or(span.first.saturating_sub(1));
            if !goes(span, last) {
                return;
            }
            let Held { bytes, item, .. } = entry.remove();
            context.window.release(bytes);
            if span.is_old(last) {
                context.out.push(Step::Duplicate { scope: self.id, item, was_held: true });
                continue;
            }
            if span.follows(last) {
                self.recover(span, last, context);
            } else {
                self.declare_missing(last + 1, span.first - 1, context);
            }
            self.deliver(span.last, item, true, context);
        }
    }

    /// The numbers from `first` to `last` did not come; what is delivered next comes after them.
    fn declare_missing(&mut self, first: u64, last: u64, context: &mut Context<'_, T>) {
        let numbers = (last - first).saturating_add(1);
        // Otherwise a message may stand for several numbers, or leave some out.
        let is_counted = numbers == 1 || context.window.rule == SequenceRule::Increment;
        let count = is_counted.then_some(numbers);
        *context.missing = context.missing.saturating_add(count.unwrap_or(1));
        self.absent.add(first, last, true);
        self.is_broken |= context.window.resync;
        context.out.push(Step::Missing {
            scope: self.id,
            sequence: context.window.sequence,
            channel: self.channel,
            key: self.key,
            first,
            last,
            count,
            lasts: context.window.resync,
        });
    }

    /// What is delivered next begins before the last number: what was missing there came with it.
    fn recover(&mut self, span: Span, last: u64, context: &mut Context<'_, T>) {
        if let Some(taken) = self.absent.take(span.first, last) {
            came(taken, context);
        }
    }

    /// After a snapshot that went back: a number beyond those before it shows that they go on.
    fn leave_snapshot(&mut self, number: u64) {
        if let Some(before) = self.before_snapshot
            && number > before
        {
            self.last = Some(before);
            self.before_snapshot = None;
        }
    }

    /// The first message of a run. Those before it may come yet, being out of order.
    fn begin(&mut self, span: Span, item: T, context: &mut Context<'_, T>) {
        if let Some(before) = span.first.checked_sub(1) {
            self.absent.add(oldest(span.first, context.window), before, false);
        }
        self.deliver(span.last, item, false, context);
    }

    fn deliver(&mut self, last: u64, item: T, was_held: bool, context: &mut Context<'_, T>) {
        self.last = Some(last);
        context.out.push(Step::Deliver { scope: Some(self.id), item, was_held });
    }

    fn reset(&mut self) {
        self.last = None;
        self.before_snapshot = None;
        self.back_link = None;
        self.repeats = false;
        self.old = 0;
        self.absent.clear();
    }
}

/// The lowest number that is not far behind this one.
fn oldest(number: u64, window: &Window) -> u64 {
    let oldest = number.saturating_sub(BEHIND_MIN.max(window.held_max as u64));
    match window.rule {
        SequenceRule::Increment => oldest,
        // How many messages lie between two numbers is not known.
        _ => oldest.min(number / 2),
    }
}

/// What was absent came.
fn came<T>(taken: Taken, context: &mut Context<'_, T>) {
    let Taken { numbers, gaps_more, gaps_less } = taken;
    // Where it is not known how many messages a gap has lost, it counts as one.
    let (more, less) = match context.window.rule {
        SequenceRule::Increment => (0, numbers),
        _ => (gaps_more, gaps_less),
    };
    *context.missing = context.missing.saturating_add(more).saturating_sub(less);
}
