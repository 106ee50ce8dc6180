//! The states of a feed's session, over this run and those before: a span of a track for each.

use crate::api::{HealthSpan, Interruption};
use crate::feeds::{GapFacts, Other};
use crate::names;
use crate::past::{LastGap, Listened};
use feedscope_feed::{Before, Cause, State, Time, Transition};
use feedscope_history::{History, TrackId};

/// The track of a feed's states, and the one that lasts.
pub(crate) struct States {
    track: TrackId,
    now: Option<LastGap>,
}

/// A state that the session was in, or is.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Turn<'a> {
    pub start_ns: i64,
    /// `None` while it lasts.
    pub end_ns: Option<i64>,
    /// `None`: nobody listened.
    pub state: Option<State>,
    pub facts: &'a GapFacts,
}

impl Turn<'_> {
    fn end_ns(&self) -> i64 {
        self.end_ns.unwrap_or(i64::MAX)
    }

    fn cause(&self) -> (String, Vec<feedscope_feed::said::Part>) {
        (self.facts.story.clone(), self.facts.said.clone())
    }
}

impl States {
    pub fn new(feed: &str, history: &mut History<GapFacts>) -> Self {
        States { track: history.add_track(&names::states(feed)), now: None }
    }

    /// Takes up what an earlier run was in when it ended, and that nobody has listened since, until
    /// the first change.
    pub fn restore(
        &mut self,
        listened: &Listened,
        before: Option<&Before>,
        history: &mut History<GapFacts>,
    ) {
        if let Some(LastGap { start_ns, facts }) = &listened.state {
            history.add_gap(self.track, *start_ns, listened.until_ns, facts.clone());
        }
        if let Some(before) = before {
            let facts = facts(None, before.story.to_string(), before.story.parts());
            self.now = Some(LastGap { start_ns: before.until.0, facts });
        }
    }

    pub fn changed(&mut self, at: Time, to: &Transition, history: &mut History<GapFacts>) {
        let facts = facts(Some(to.state), to.cause.to_string(), to.cause.parts());
        let next = LastGap { start_ns: at.0, facts };
        if let Some(LastGap { start_ns, facts }) = self.now.replace(next) {
            history.add_gap(self.track, start_ns, at.0, facts);
        }
    }

    /// The state that has not ended; it is not in the history yet.
    pub fn lasting(&self) -> Option<&LastGap> {
        self.now.as_ref()
    }

    /// All states that are known, in their order.
    pub fn turns<'a>(
        &'a self,
        history: &'a History<GapFacts>,
    ) -> impl Iterator<Item = Turn<'a>> + 'a {
        let kept = history.gaps(std::slice::from_ref(&self.track), i64::MIN, i64::MAX);
        let turn = |start_ns, end_ns, facts: &'a GapFacts| match facts.other {
            Some(Other::State { state }) => Some(Turn { start_ns, end_ns, state, facts }),
            _ => None,
        };
        let kept = kept.filter_map(move |(_, gap)| turn(gap.start_ns, gap.end_ns, &gap.about));
        kept.chain(self.now.iter().filter_map(move |now| turn(now.start_ns, None, &now.facts)))
    }
}

fn facts(state: Option<State>, story: String, said: &[feedscope_feed::said::Part]) -> GapFacts {
    let (said, other) = (said.to_vec(), Some(Other::State { state }));
    GapFacts { story, said, other, ..GapFacts::plain(Cause::Outage) }
}

/// How seriously a state takes itself: of those too short to be told apart, the worst is shown.
fn rank(state: Option<State>) -> u8 {
    match state {
        Some(State::Stopped) => 7,
        Some(State::Waiting) => 6,
        Some(State::Stale) => 5,
        None => 4,
        Some(State::Connecting) => 3,
        Some(State::Opening) => 2,
        Some(State::Live) => 1,
        Some(State::Idle) => 0,
    }
}

/// What a strip of so many columns shows. States that are shorter than a column are joined to one,
/// so that there are three a column at the most.
pub(super) fn strip(turns: &[Turn<'_>], (from, to): (i64, i64), columns: u32) -> Vec<HealthSpan> {
    let column = (to.saturating_sub(from) / i64::from(columns)).max(1);
    let mut spans: Vec<HealthSpan> = Vec::new();
    // Where the last of them began, and whether it is made of short ones.
    let mut last = (i64::MIN, false);
    for turn in turns.iter().filter(|turn| turn.end_ns() >= from && turn.start_ns < to) {
        let is_short = turn.end_ns().saturating_sub(turn.start_ns) < column;
        let fits = turn.end_ns().saturating_sub(last.0) <= column;
        match spans.last_mut().filter(|_| is_short && last.1 && fits) {
            Some(joined) => {
                joined.to_ms = turn.end_ns.map(|end| end as f64 / 1e6);
                joined.changes += 1;
                if rank(turn.state) > rank(joined.state) {
                    joined.state = turn.state;
                    (joined.cause, joined.said) = turn.cause();
                }
            }
            None => {
                last = (turn.start_ns, is_short);
                let (cause, said) = turn.cause();
                spans.push(HealthSpan {
                    from_ms: turn.start_ns as f64 / 1e6,
                    to_ms: turn.end_ns.map(|end| end as f64 / 1e6),
                    state: turn.state,
                    changes: 1,
                    cause,
                    said,
                });
            }
        }
    }
    spans
}

/// Times without data that touch a span, the newest first, as many as are asked for; and how many
/// there are. One lasts from the end of being live until that again, with all attempts between.
pub(super) fn interruptions(
    turns: &[Turn<'_>],
    (from, to): (i64, i64),
    most: usize,
) -> (Vec<Interruption>, u64) {
    let mut found = Vec::new();
    let runs = turns.split(|turn| turn.state == Some(State::Live));
    for (n, run) in runs.enumerate() {
        // To begin is no interruption, unless it fails.
        let is_one = |turn: &&Turn<'_>| n > 0 || rank(turn.state) >= rank(None);
        let Some(first) = run.iter().find(is_one) else { continue };
        let end_ns = run.last().map_or(i64::MAX, Turn::end_ns);
        if end_ns < from || first.start_ns >= to {
            continue;
        }
        let worst = run.iter().map(|turn| turn.state).max_by_key(|state| rank(*state));
        let tries = run.iter().filter(|turn| turn.state == Some(State::Connecting)).count();
        found.push((first, end_ns, worst.flatten(), tries));
    }
    let total = found.len() as u64;
    let told = found.into_iter().rev().take(most).map(|(first, end_ns, state, tries)| {
        let (cause, said) = first.cause();
        Interruption {
            from_ms: first.start_ns as f64 / 1e6,
            to_ms: (end_ns != i64::MAX).then_some(end_ns as f64 / 1e6),
            state,
            tries: u32::try_from(tries).unwrap_or(u32::MAX),
            cause,
            said,
        }
    });
    (told.collect(), total)
}

/// For how many milliseconds of a span it was live, and for how many it was listened to.
pub(super) fn shares(turns: &[Turn<'_>], (from, to): (i64, i64), now: i64) -> (f64, f64) {
    let (mut live, mut listened) = (0.0, 0.0);
    for turn in turns.iter().filter(|turn| turn.state.is_some()) {
        let length = turn.end_ns.unwrap_or(now).min(to).saturating_sub(turn.start_ns.max(from));
        if length > 0 {
            listened += length as f64 / 1e6;
            if turn.state == Some(State::Live) {
                live += length as f64 / 1e6;
            }
        }
    }
    (live, listened)
}

#[cfg(test)]
mod tests {
    use super::*;
    use feedscope_feed::{Said, said};
    use feedscope_history::Budget;

    const SECOND: i64 = 1_000_000_000;

    fn history() -> History<GapFacts> {
        History::new(Budget { memory_bytes: 1 << 20, disk_bytes: None })
    }

    /// Goes through states, a second apart unless it says otherwise.
    fn gone_through(
        history: &mut History<GapFacts>,
        turns: impl IntoIterator<Item = (i64, State, Said)>,
    ) -> States {
        let mut states = States::new("[\"f\",\"\"]", history);
        for (ns, state, cause) in turns {
            let transition = Transition { state, cause, wait: None, trouble: None };
            states.changed(Time(ns), &transition, history);
        }
        states
    }

    fn cause(state: State) -> Said {
        match state {
            State::Waiting => said!("cause_network_changed", "The network changed."),
            _ => said!("cause_connected", "Connected."),
        }
    }

    fn flapping(times: i64) -> impl Iterator<Item = (i64, State, Said)> {
        use State::{Connecting, Live, Waiting};
        let round = [(0, Connecting), (1, Waiting), (11, Connecting), (12, Live)];
        (0..times).flat_map(move |n| {
            round.map(|(second, state)| ((n * 100 + second) * SECOND, state, cause(state)))
        })
    }

    #[test]
    fn an_interruption_is_told_once_with_all_its_attempts() {
        let mut history = history();
        let states = gone_through(&mut history, flapping(2));
        let turns: Vec<_> = states.turns(&history).collect();
        assert_eq!(turns.len(), 8);
        let all = (0, i64::MAX);
        let (interruptions, total) = interruptions(&turns, all, 10);
        assert_eq!(total, 2);
        let told: Vec<_> = interruptions
            .iter()
            .map(|interruption| {
                (interruption.from_ms, interruption.to_ms, interruption.state, interruption.tries)
            })
            .collect();
        let waiting = Some(State::Waiting);
        assert_eq!(
            told,
            [(100e3, Some(112e3), waiting, 2), (1e3, Some(12e3), waiting, 2)],
            "the newest first"
        );
        assert_eq!(interruptions[1].said[0].key.as_deref(), Some("cause_network_changed"));
        let (one, total) = super::interruptions(&turns, all, 1);
        assert_eq!((one.len(), total), (1, 2));
        let (none, total) = super::interruptions(&turns, (20 * SECOND, 90 * SECOND), 10);
        assert_eq!((none.len(), total), (0, 0));
    }

    #[test]
    fn to_begin_is_no_interruption_and_one_that_lasts_has_no_end() {
        let mut history = history();
        let begun = [(0, State::Connecting), (SECOND, State::Live), (5 * SECOND, State::Stale)];
        let states = gone_through(&mut history, begun.map(|(ns, state)| (ns, state, cause(state))));
        let turns: Vec<_> = states.turns(&history).collect();
        let (interruptions, _) = interruptions(&turns, (0, i64::MAX), 10);
        assert_eq!(interruptions.len(), 1);
        assert_eq!((interruptions[0].state, interruptions[0].to_ms), (Some(State::Stale), None));
        assert_eq!(shares(&turns, (0, 10 * SECOND), 9 * SECOND), (4e3, 9e3));
    }

    #[test]
    fn a_strip_has_all_that_can_be_seen_and_never_more() {
        let mut history = history();
        let states = gone_through(&mut history, flapping(2_400));
        let turns: Vec<_> = states.turns(&history).collect();
        let all = (0, 240_000 * SECOND);
        let fine = strip(&turns, (0, 200 * SECOND), 200);
        assert_eq!(fine.len(), 8, "each by itself");
        for columns in [1, 10, 100, 1_000] {
            let coarse = strip(&turns, all, columns);
            assert!(coarse.len() <= 3 * columns as usize, "{columns}: {}", coarse.len());
            let changes: u32 = coarse.iter().map(|span| span.changes).sum();
            assert_eq!(changes as usize, turns.len(), "none is left out");
            let joined: Vec<_> = coarse.iter().filter(|span| span.changes > 1).collect();
            assert!(joined.iter().all(|span| span.state == Some(State::Waiting)), "the worst");
        }
    }

    #[test]
    fn what_was_before_comes_back_with_the_time_nobody_listened() {
        let mut history = history();
        let mut states = gone_through(&mut history, flapping(1));
        let listened =
            Listened { until_ns: 50 * SECOND, gap: None, state: states.lasting().cloned() };
        states.now = None;
        let story = said!("cause_started", "Started.");
        let before = Before { until: Time(50 * SECOND), story };
        states.restore(&listened, Some(&before), &mut history);
        let begins = Transition {
            state: State::Connecting,
            cause: cause(State::Connecting),
            wait: None,
            trouble: None,
        };
        states.changed(Time(70 * SECOND), &begins, &mut history);
        let turns: Vec<_> = states.turns(&history).map(|t| (t.state, t.end_ns)).collect();
        assert_eq!(
            turns[3..],
            [
                (Some(State::Live), Some(50 * SECOND)),
                (None, Some(70 * SECOND)),
                (Some(State::Connecting), None),
            ]
        );
    }
}
