//! What was not received, and when.

use crate::Said;
use crate::record::{ChannelId, KeyId, Time};
use crate::said;
use crate::sequence::ScopeId;
use crate::session::State;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

/// Why something was not received.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub enum Cause {
    /// There was no connection.
    Outage,
    /// The connection stood, but no data came.
    Silence,
    /// Data came, but the sequence numbers say that some of it did not.
    Missing,
    /// A message came that could not be read.
    Undecodable,
    /// A message came that was too large, or that there was no room for.
    Overflow,
    /// Nobody listened: the program was not running.
    Closed,
}

/// A span in which something was not received.
#[derive(Clone, Debug, PartialEq)]
pub struct Gap {
    pub cause: Cause,
    /// The channel it concerns; `None` for the whole feed.
    pub channel: Option<ChannelId>,
    /// The key it concerns; `None` for the whole channel.
    pub key: Option<KeyId>,
    /// The last moment known to be whole.
    pub start: Time,
    /// The next moment known to be whole; `None` while the gap lasts.
    pub end: Option<Time>,
    /// The missing sequence numbers, first and last, where they are known.
    pub missing: Option<(u64, u64)>,
    /// How many messages did not come, where that is known: numbers may stand for several
    /// messages, or several numbers for one.
    pub missing_count: Option<u64>,
    /// What happened, in a sentence for a person.
    pub story: Said,
}

/// When a feed was listened to before, by a program that has ended since.
#[derive(Clone, Debug, PartialEq)]
pub struct Before {
    /// The last moment known to be whole.
    pub until: Time,
    /// What happened then, in a sentence for a person.
    pub story: Said,
}

impl Before {
    /// The gap that has lasted since.
    pub fn gap(&self) -> Gap {
        Gap {
            cause: Cause::Closed,
            channel: None,
            key: None,
            start: self.until,
            end: None,
            missing: None,
            missing_count: None,
            story: self.story.clone(),
        }
    }
}

/// Turns what happens on the connection and in the sequence into gaps.
#[derive(Debug, Default)]
pub(crate) struct GapTracker {
    /// The gap of the whole feed that has not ended.
    open: Option<Gap>,
    /// When the last sign of life came.
    heard: Option<Time>,
    /// By number of the sequence's scope: the time of its last message.
    scopes: Vec<Option<Time>>,
    /// The time of the last record of any channel.
    last: Option<Time>,
    /// Messages that could not be read since the last one that could: how many, and why the first.
    unreadable: Option<(u64, String)>,
    /// What the sequence found missing, until the next message of the scope shows when that ended:
    /// it follows at once.
    awaiting: Vec<Awaiting>,
    /// The gaps of single scopes that last until a snapshot mends them.
    lasting: BTreeMap<ScopeId, Gap>,
    /// The scope to which the next message delivered is a snapshot.
    mending: Option<ScopeId>,
    closed: Vec<Gap>,
    total: u64,
}

#[derive(Debug)]
struct Awaiting {
    scope: ScopeId,
    channel: Option<ChannelId>,
    key: Option<KeyId>,
    first: u64,
    last: u64,
    count: Option<u64>,
    lasts: bool,
}

impl GapTracker {
    /// With a gap that has lasted since the feed was listened to before, if it was.
    pub fn new(before: Option<Before>) -> Self {
        let open = before.as_ref().map(Before::gap);
        let total = u64::from(open.is_some());
        GapTracker { last: before.map(|before| before.until), open, total, ..GapTracker::default() }
    }

    /// The gap of the whole feed that has not ended, if there is one.
    pub fn open(&self) -> Option<&Gap> {
        self.open.as_ref()
    }

    /// The gaps that last until a snapshot comes, by what has a sequence of its own.
    pub fn lasting(&self) -> &BTreeMap<ScopeId, Gap> {
        &self.lasting
    }

    /// All gaps so far.
    pub fn total(&self) -> u64 {
        self.total
    }

    /// The gaps that ended since this was last asked.
    pub fn take_closed(&mut self, into: &mut Vec<Gap>) {
        into.append(&mut self.closed);
    }

    /// Bytes came in.
    pub fn heard(&mut self, at: Time) {
        self.heard = Some(at);
    }

    /// The session changed at `now`.
    pub fn transition(&mut self, state: State, cause: impl Into<Said>, overflow: bool, now: Time) {
        let cause = cause.into();
        match state {
            State::Waiting | State::Stopped | State::Connecting => {
                let cause_of_gap = if overflow { Cause::Overflow } else { Cause::Outage };
                match &mut self.open {
                    // Attempts that fail do not change what the outage began with.
                    Some(gap) if gap.cause != Cause::Silence => {}
                    Some(silence) => {
                        silence.cause = cause_of_gap;
                        silence.story = cause;
                    }
                    None => self.begin(cause_of_gap, self.heard, cause),
                }
            }
            State::Stale => self.begin(Cause::Silence, self.last.or(self.heard), cause),
            // From here on, what is sent is received.
            State::Live => {
                if self.open.as_ref().is_some_and(|gap| gap.cause != Cause::Silence) {
                    self.end(now);
                }
            }
            State::Idle | State::Opening => {}
        }
    }

    /// Sequence numbers `first` to `last` of a scope did not come; its next message says until
    /// when, or, if it `lasts`, the one that mends it. `channel` is `None` where the numbers do not
    /// tell of which one they were.
    pub fn missing(
        &mut self,
        scope: ScopeId,
        (channel, key): (Option<ChannelId>, Option<KeyId>),
        (first, last): (u64, u64),
        count: Option<u64>,
        lasts: bool,
    ) {
        self.awaiting.push(Awaiting { scope, channel, key, first, last, count, lasts });
    }

    /// The next message of this scope is a snapshot, which mends what lasts.
    pub fn mended(&mut self, scope: ScopeId) {
        self.mending = Some(scope);
    }

    pub fn unreadable(&mut self, why: &dyn std::fmt::Display) {
        match &mut self.unreadable {
            Some((count, _)) => *count += 1,
            None => self.unreadable = Some((1, why.to_string())),
        }
    }

    /// A record took its place in the sequence of `scope`, or had none.
    pub fn delivered(&mut self, scope: Option<ScopeId>, time: Time) {
        if self.open.as_ref().is_some_and(|gap| gap.cause == Cause::Silence) {
            self.end(time);
        }
        self.passed(scope, time);
        if let Some((count, why)) = self.unreadable.take() {
            let start = self.last.unwrap_or(time);
            self.close(Gap {
                cause: Cause::Undecodable,
                channel: None,
                key: None,
                start: start.min(time),
                end: Some(time),
                missing: None,
                missing_count: None,
                story: match count {
                    1 => said!("gap_unreadable", "A message could not be read."),
                    _ => said!("gap_unreadable_many", "{count} messages could not be read.", count),
                }
                .and(why),
            });
        }
        self.last = Some(time);
    }

    /// A message without data took its place in the sequence of `scope`, or had none.
    pub fn passed(&mut self, scope: Option<ScopeId>, time: Time) {
        let Some(scope) = scope else { return };
        let index = scope.0 as usize;
        if self.scopes.len() <= index {
            self.scopes.resize(index + 1, None);
        }
        let before = self.scopes[index].replace(time);
        let start = before.unwrap_or(time).min(time);
        while let Some(awaiting) = self.awaiting.pop_if(|awaiting| awaiting.scope == scope) {
            self.missed(awaiting, start, time);
        }
        if self.mending.take_if(|mending| *mending == scope).is_some()
            && let Some(mut gap) = self.lasting.remove(&scope)
        {
            gap.end = Some(time.max(gap.start));
            self.closed.push(gap);
        }
    }

    /// Something did not come between two messages of its scope.
    fn missed(&mut self, awaiting: Awaiting, start: Time, end: Time) {
        let Awaiting { scope, channel, key, first, last, count, lasts } = awaiting;
        let gap = Gap {
            cause: Cause::Missing,
            channel,
            key,
            start,
            end: Some(end),
            missing: Some((first, last)),
            missing_count: count,
            story: match (first == last, count) {
                (true, _) => said!("gap_missing", "Message {first} did not come.", first),
                (false, Some(_)) => said!(
                    "gap_missing_many",
                    "Messages {first} to {last} did not come.",
                    first,
                    last,
                ),
                (false, None) => said!(
                    "gap_missing_numbers",
                    "What is numbered {first} to {last} did not come.",
                    first,
                    last,
                ),
            },
        };
        if lasts {
            return self.last_longer(scope, gap);
        }
        // Where all of the connection is numbered together, as many as could not be read are those
        // that seem not to have come.
        let is_connection = channel.is_none() && key.is_none();
        match self.unreadable.take_if(|(unread, _)| is_connection && Some(*unread) == count) {
            Some((_, why)) => {
                let story = if first == last {
                    said!("gap_unreadable_one", "Message {first} could not be read.", first)
                } else {
                    said!(
                        "gap_unreadable_range",
                        "Messages {first} to {last} could not be read.",
                        first,
                        last,
                    )
                };
                let story = story.and(why);
                self.close(Gap { cause: Cause::Undecodable, story, ..gap });
            }
            None => self.close(gap),
        }
    }

    /// A gap that ends with a snapshot begins, or what lasts already has one more.
    fn last_longer(&mut self, scope: ScopeId, gap: Gap) {
        let mend = said!("gap_until_snapshot", "Only a snapshot makes it whole again.");
        match self.lasting.entry(scope) {
            Entry::Vacant(place) => {
                self.total += 1;
                place.insert(Gap { end: None, story: gap.story.and(mend), ..gap });
            }
            Entry::Occupied(mut lasting) => {
                let lasting = lasting.get_mut();
                let ranges = lasting.missing.zip(gap.missing);
                let ((first, last), (next_first, next_last)) = ranges.unwrap_or_default();
                let (first, last) = (first.min(next_first), last.max(next_last));
                let counts = lasting.missing_count.zip(gap.missing_count);
                lasting.missing = Some((first, last));
                lasting.missing_count = counts.map(|(count, next)| count.saturating_add(next));
                let missing = match lasting.missing_count {
                    Some(count) => said!(
                        "gap_missing_of",
                        "{count} messages numbered {first} to {last} did not come.",
                        count,
                        first,
                        last,
                    ),
                    None => said!(
                        "gap_missing_of_unknown",
                        "Several messages numbered {first} to {last} did not come.",
                        first,
                        last,
                    ),
                };
                lasting.story = missing.and(mend);
            }
        }
    }

    fn begin(&mut self, cause: Cause, start: Option<Time>, story: Said) {
        // What was before the first record is no gap: nobody was listening yet.
        let Some(start) = start else { return };
        if self.last.is_none() || self.open.is_some() {
            return;
        }
        self.total += 1;
        self.open = Some(Gap {
            cause,
            channel: None,
            key: None,
            start,
            end: None,
            missing: None,
            missing_count: None,
            story,
        });
    }

    fn end(&mut self, at: Time) {
        if let Some(mut gap) = self.open.take() {
            gap.end = Some(at.max(gap.start));
            self.closed.push(gap);
        }
    }

    fn close(&mut self, gap: Gap) {
        self.total += 1;
        self.closed.push(gap);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(millis: i64) -> Time {
        Time(millis * 1_000_000)
    }

    fn listening_until(millis: i64) -> GapTracker {
        let mut gaps = GapTracker::default();
        gaps.transition(State::Live, "Connected.", false, at(0));
        gaps.heard(at(millis));
        gaps.delivered(Some(ScopeId(0)), at(millis));
        gaps
    }

    fn closed(gaps: &mut GapTracker) -> Vec<Gap> {
        let mut all = Vec::new();
        gaps.take_closed(&mut all);
        all
    }

    #[test]
    fn an_outage_lasts_from_the_last_sign_of_life_to_live_again() {
        let mut gaps = listening_until(100);
        gaps.transition(State::Waiting, "The server closed.", false, at(130));
        gaps.transition(State::Connecting, "Attempt 2.", false, at(200));
        gaps.transition(State::Waiting, "Refused.", false, at(210));
        assert_eq!(gaps.open().unwrap().story, "The server closed.");
        gaps.transition(State::Live, "Connected.", false, at(500));
        let all = closed(&mut gaps);
        assert_eq!(all.len(), 1);
        assert_eq!(
            (all[0].cause, all[0].start, all[0].end),
            (Cause::Outage, at(100), Some(at(500)))
        );
        assert_eq!(gaps.total(), 1);
    }

    #[test]
    fn a_feed_that_was_listened_to_before_has_a_gap_until_it_is_live() {
        let before = Before { until: at(100), story: "Not running.".into() };
        let mut gaps = GapTracker::new(Some(before));
        gaps.transition(State::Connecting, "Attempt 1.", false, at(5_000));
        gaps.transition(State::Waiting, "Refused.", false, at(5_010));
        let open = gaps.open().unwrap();
        assert_eq!(
            (open.cause, open.start, &*open.story),
            (Cause::Closed, at(100), "Not running.")
        );
        gaps.transition(State::Live, "Connected.", false, at(6_000));
        gaps.heard(at(6_900));
        gaps.transition(State::Waiting, "Cut.", false, at(7_000));
        let all = closed(&mut gaps);
        assert_eq!((all.len(), all[0].cause, all[0].end), (1, Cause::Closed, Some(at(6_000))));
        let open = gaps.open().unwrap();
        assert_eq!((open.cause, open.start), (Cause::Outage, at(6_900)), "it has ended");
        assert_eq!(gaps.total(), 2);
    }

    #[test]
    fn silence_ends_with_data_and_becomes_an_outage_with_the_connection() {
        let mut gaps = listening_until(100);
        gaps.heard(at(900));
        gaps.transition(State::Stale, "No data.", false, at(1_000));
        gaps.transition(State::Live, "Data is coming again.", false, at(1_500));
        assert!(gaps.open().is_some(), "the connection alone does not end it");
        gaps.delivered(Some(ScopeId(0)), at(1_500));
        let all = closed(&mut gaps);
        assert_eq!(
            (all[0].cause, all[0].start, all[0].end),
            (Cause::Silence, at(100), Some(at(1_500)))
        );

        gaps.transition(State::Stale, "No data.", false, at(3_000));
        gaps.transition(State::Waiting, "Cut.", false, at(4_000));
        gaps.transition(State::Live, "Connected.", false, at(5_000));
        let all = closed(&mut gaps);
        assert_eq!(all.len(), 1, "one gap, not two over the same time");
        assert_eq!((all[0].cause, all[0].start), (Cause::Outage, at(1_500)));
        assert_eq!(all[0].story, "Cut.");
    }

    #[test]
    fn what_is_missing_lies_between_its_neighbours() {
        let mut gaps = listening_until(100);
        gaps.delivered(Some(ScopeId(1)), at(120));
        gaps.missing(ScopeId(0), (Some(ChannelId(0)), None), (7, 9), Some(3), false);
        gaps.delivered(Some(ScopeId(0)), at(130));
        let all = closed(&mut gaps);
        assert_eq!((all[0].start, all[0].end), (at(100), Some(at(130))));
        assert_eq!((all[0].channel, all[0].missing_count), (Some(ChannelId(0)), Some(3)));
        assert_eq!(all[0].story, "Messages 7 to 9 did not come.");
        assert_eq!(all.len(), 1);
    }

    #[test]
    fn what_only_a_snapshot_mends_lasts_until_it_comes() {
        let mut gaps = listening_until(100);
        let of = (Some(ChannelId(0)), Some(KeyId(3)));
        for (numbers, millis) in [((7, 9), 130), ((12, 12), 150)] {
            gaps.missing(ScopeId(0), of, numbers, Some(numbers.1 - numbers.0 + 1), true);
            gaps.delivered(Some(ScopeId(0)), at(millis));
        }
        gaps.delivered(Some(ScopeId(1)), at(160));
        assert!(closed(&mut gaps).is_empty());
        let lasting = &gaps.lasting()[&ScopeId(0)];
        assert_eq!((lasting.start, lasting.end, lasting.key), (at(100), None, of.1));
        assert_eq!((lasting.missing, lasting.missing_count), (Some((7, 12)), Some(4)));
        gaps.mended(ScopeId(0));
        gaps.delivered(Some(ScopeId(0)), at(200));
        let all = closed(&mut gaps);
        assert_eq!((all.len(), gaps.total(), gaps.lasting().len()), (1, 1, 0));
        assert_eq!(all[0].end, Some(at(200)));
        assert_eq!(
            all[0].story,
            "4 messages numbered 7 to 12 did not come. Only a snapshot makes it whole again."
        );
    }

    #[test]
    fn what_could_not_be_read_is_not_missing_as_well() {
        let mut gaps = listening_until(100);
        gaps.unreadable(&"Not JSON.");
        gaps.missing(ScopeId(0), (None, None), (7, 7), Some(1), false);
        gaps.delivered(Some(ScopeId(0)), at(130));
        let all = closed(&mut gaps);
        assert_eq!(all.len(), 1);
        assert_eq!((all[0].cause, all[0].missing), (Cause::Undecodable, Some((7, 7))));
        assert_eq!(all[0].story, "Message 7 could not be read. Not JSON.");

        // Two unread and one missing are not the same.
        gaps.unreadable(&"Not JSON.");
        gaps.unreadable(&"Not JSON.");
        gaps.missing(ScopeId(0), (None, None), (9, 9), Some(1), false);
        gaps.delivered(Some(ScopeId(0)), at(150));
        let causes: Vec<_> = closed(&mut gaps).into_iter().map(|gap| gap.cause).collect();
        assert_eq!(causes, [Cause::Missing, Cause::Undecodable]);
    }

    #[test]
    fn unreadable_messages_in_a_row_are_one_gap() {
        let mut gaps = listening_until(100);
        gaps.unreadable(&"Not JSON.");
        gaps.unreadable(&"Not JSON either.");
        gaps.delivered(Some(ScopeId(0)), at(300));
        let all = closed(&mut gaps);
        assert_eq!(
            (all[0].cause, all[0].start, all[0].end),
            (Cause::Undecodable, at(100), Some(at(300)))
        );
        assert_eq!(all[0].story, "2 messages could not be read. Not JSON.");
    }

    #[test]
    fn before_the_first_record_there_is_nothing_to_miss() {
        let mut gaps = GapTracker::default();
        gaps.transition(State::Connecting, "Started.", false, at(0));
        gaps.transition(State::Waiting, "Refused.", false, at(10));
        gaps.transition(State::Live, "Connected.", false, at(20));
        assert!(closed(&mut gaps).is_empty());
        assert_eq!(gaps.total(), 0);
    }
}
