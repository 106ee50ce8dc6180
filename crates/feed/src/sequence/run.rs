//! The numbers of one scope: what came last, what is held, what did not come.

use super::absent::Absent;
use super::{ScopeId, Step};
use crate::record::{ChannelId, KeyId};
use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::time::Instant;

/// How far behind the last one a number counts as an old one that came again, at the least; one
/// that is farther behind means that the numbering began anew. The same as the usual window, so
/// that a small window does not take every old message for a new beginning.
pub(super) const BEHIND_MIN: u64 = 1_024;

/// So many far behind in a row, each in a declared gap and none before it being new, mean that the
/// numbering began anew inside that gap: without this, one absurdly high number would make
/// everything after it late for ever.
const FAR_LATE_MAX: u32 = 64;

/// One scope.
#[derive(Debug)]
pub(super) struct Run<T> {
    id: ScopeId,
    channel: Option<ChannelId>,
    key: Option<KeyId>,
    /// The session of the last number.
    session: u64,
    /// The number after which the next is awaited: all up to it are delivered or given up.
    last: Option<u64>,
    /// The last number before a snapshot that went back. Either the numbers go on after it, or
    /// they begin anew after the snapshot; the next one shows which.
    before_snapshot: Option<u64>,
    far_late: u32,
    /// All greater than `last` by more than one.
    held: BTreeMap<u64, Held<T>>,
    absent: Absent,
    behind_max: u64,
}

#[derive(Debug)]
struct Held<T> {
    since: Instant,
    item: T,
}

/// What all scopes have together.
#[derive(Debug, Default)]
pub(super) struct Totals {
    pub held: usize,
    pub missing: u64,
}

impl<T> Run<T> {
    pub fn new(
        id: ScopeId,
        channel: Option<ChannelId>,
        key: Option<KeyId>,
        behind_max: u64,
    ) -> Self {
        Run {
            id,
            channel,
            key,
            session: 0,
            last: None,
            before_snapshot: None,
            far_late: 0,
            held: BTreeMap::new(),
            absent: Absent::default(),
            behind_max,
        }
    }

    /// Must be called before the first number of a session; nothing is held then.
    pub fn enter_session(&mut self, session: u64, continues: bool, number: u64) {
        if self.session == session {
            return;
        }
        self.session = session;
        if !continues || self.last.is_some_and(|last| number <= last) {
            self.reset();
        }
    }

    /// Whether the message with this number that came at this moment is held.
    pub fn holds(&self, number: u64, since: Instant) -> bool {
        self.held.get(&number).is_some_and(|held| held.since == since)
    }

    /// Takes a message. Returns whether it is held.
    pub fn accept(
        &mut self,
        now: Instant,
        number: u64,
        item: T,
        totals: &mut Totals,
        out: &mut Vec<Step<T>>,
    ) -> bool {
        let scope = self.id;
        self.leave_snapshot(number);
        let Some(last) = self.last else {
            self.begin(number, item, out);
            return false;
        };
        if number > last {
            self.far_late = 0;
            if self.before_snapshot.take().is_some() {
                self.absent.forget_above(last);
            }
            if number - last == 1 {
                self.deliver(number, item, false, out);
                self.release_next(totals, out);
                return false;
            }
            let Entry::Vacant(place) = self.held.entry(number) else {
                out.push(Step::Duplicate { scope, item, was_held: false });
                return false;
            };
            place.insert(Held { since: now, item });
            totals.held += 1;
            out.push(Step::Held);
            return true;
        }
        let far = last - number > self.behind_max;
        if far {
            self.far_late += 1;
        }
        let begins_anew = far && self.far_late > FAR_LATE_MAX;
        match self.absent.take(number) {
            Some(declared) if !begins_anew => {
                if declared {
                    totals.missing = totals.missing.saturating_sub(1);
                }
                out.push(Step::Late { scope, item });
            }
            None if !far => out.push(Step::Duplicate { scope, item, was_held: false }),
            _ => {
                self.release_all(totals, out);
                self.reset();
                self.begin(number, item, out);
            }
        }
        false
    }

    /// Takes a snapshot: it is right whatever came before, and no number before it is awaited.
    pub fn accept_snapshot(
        &mut self,
        number: u64,
        item: T,
        totals: &mut Totals,
        out: &mut Vec<Step<T>>,
    ) {
        self.leave_snapshot(number);
        let Some(last) = self.last else { return self.begin(number, item, out) };
        if number > last && self.before_snapshot.is_some() {
            // One more that went back, though not as far. Nothing is held.
            self.deliver(number, item, false, out);
        } else if number > last {
            // Messages that came before it are of the same run, with what they show to be missing.
            if let Some(before) = number.checked_sub(1) {
                self.release_to(before, totals, out);
            }
            let last = self.last.unwrap_or(last);
            // Not declared: they may never have been sent to us. Some may come yet.
            let first = last.saturating_add(1).max(number.saturating_sub(self.behind_max));
            self.absent.add(first, number.saturating_sub(1), false);
            if let Some(held) = self.held.remove(&number) {
                totals.held -= 1;
                let scope = self.id;
                out.push(Step::Duplicate { scope, item: held.item, was_held: true });
            }
            self.deliver(number, item, false, out);
            self.release_next(totals, out);
        } else {
            self.release_all(totals, out);
            if self.absent.take(number) == Some(true) {
                totals.missing = totals.missing.saturating_sub(1);
            }
            self.before_snapshot = self.before_snapshot.max(self.last);
            self.deliver(number, item, false, out);
        }
    }

    /// Releases what is held up to this number, and what then follows without a gap.
    pub fn release_to(&mut self, number: u64, totals: &mut Totals, out: &mut Vec<Step<T>>) {
        while let Some(entry) = self.held.first_entry()
            && *entry.key() <= number
        {
            let (held_number, held) = entry.remove_entry();
            totals.held -= 1;
            if let Some(last) = self.last
                && held_number - last > 1
            {
                let (first, last) = (last + 1, held_number - 1);
                let count = (last - first).saturating_add(1);
                out.push(Step::Missing {
                    scope: self.id,
                    sequence: 0,
                    channel: self.channel,
                    key: self.key,
                    first,
                    last,
                    count: Some(count),
                });
                self.absent.add(first, last, true);
                totals.missing = totals.missing.saturating_add(count);
            }
            self.deliver(held_number, held.item, true, out);
        }
        self.release_next(totals, out);
    }

    pub fn release_all(&mut self, totals: &mut Totals, out: &mut Vec<Step<T>>) {
        self.release_to(u64::MAX, totals, out);
    }

    /// Releases what follows the last number without a gap.
    fn release_next(&mut self, totals: &mut Totals, out: &mut Vec<Step<T>>) {
        while let Some(entry) = self.held.first_entry()
            && self.last.is_some_and(|last| *entry.key() - last == 1)
        {
            let (number, held) = entry.remove_entry();
            totals.held -= 1;
            self.deliver(number, held.item, true, out);
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

    /// The first number of a run. Those before it may come yet, being out of order.
    fn begin(&mut self, number: u64, item: T, out: &mut Vec<Step<T>>) {
        if let Some(before) = number.checked_sub(1) {
            self.absent.add(number.saturating_sub(self.behind_max), before, false);
        }
        self.deliver(number, item, false, out);
    }

    fn deliver(&mut self, number: u64, item: T, was_held: bool, out: &mut Vec<Step<T>>) {
        self.last = Some(number);
        out.push(Step::Deliver { scope: Some(self.id), item, was_held });
    }

    fn reset(&mut self) {
        self.last = None;
        self.before_snapshot = None;
        self.far_late = 0;
        self.absent.clear();
    }
}
