//! What an alert does with what it is told: waits, fires, clears. It has no clock: it is told the
//! time with all that it is told, and says when it wants to be told the time again.
//!
//! ```text
//! Ok ──beyond──▶ Pending ──for long enough──▶ Firing ──back, for long enough──▶ Ok
//!                   └──not beyond, unknown──▶ Ok
//! ```
//!
//! While nothing is known, nothing is counted: what was pending was not so for all of its time as
//! far as anyone can tell, and begins again; what fires goes on firing, and must be back for its
//! whole time after that.

use crate::api::AlertPhase;
use feedscope_feed::Time;
use std::time::Duration;

/// What one moment says of what is watched.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Reading {
    /// It is so.
    Beyond(Worst),
    /// It is not so, but not far enough from it to be over.
    Between,
    /// It is not so.
    Back,
    Unknown,
}

/// A value, and how far beyond its bounds it is.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Worst {
    pub value: Option<f64>,
    pub excess: f64,
}

impl Worst {
    fn note(&mut self, other: Worst) {
        if other.excess > self.excess || self.value.is_none() {
            *self = other;
        }
    }
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Timing {
    /// How long it must be so.
    pub fires_after: Duration,
    /// How long it must not be so.
    pub clears_after: Duration,
}

#[derive(Clone, Copy, Debug, Default, PartialEq)]
enum Phase {
    #[default]
    Ok,
    Pending {
        since: Time,
        worst: Worst,
    },
    Firing {
        since: Time,
        worst: Worst,
        /// Since when it has been back.
        back: Option<Time>,
    },
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Change {
    /// It has been so since then, which is long enough.
    Fired { since: Time, worst: Worst },
    /// It was back from `end` on.
    Cleared { since: Time, end: Time, worst: Worst },
}

#[derive(Clone, Debug, Default)]
pub(crate) struct Machine {
    pub timing: Timing,
    phase: Phase,
}

impl Machine {
    pub fn new(timing: Timing) -> Self {
        Machine { timing, phase: Phase::Ok }
    }

    /// This is so from `now` on, until the next is read.
    pub fn read(&mut self, now: Time, reading: Reading, changes: &mut Vec<Change>) {
        self.tick(now, changes);
        match (&mut self.phase, reading) {
            (Phase::Ok, Reading::Beyond(worst)) => {
                self.phase = Phase::Pending { since: now, worst };
                self.tick(now, changes);
            }
            (Phase::Ok, _) => {}
            (Phase::Pending { worst, .. }, Reading::Beyond(more)) => worst.note(more),
            (Phase::Pending { .. }, _) => self.phase = Phase::Ok,
            (Phase::Firing { worst, back, .. }, Reading::Beyond(more)) => {
                worst.note(more);
                *back = None;
            }
            (Phase::Firing { back, .. }, Reading::Between | Reading::Unknown) => *back = None,
            (Phase::Firing { back, .. }, Reading::Back) => {
                back.get_or_insert(now);
                self.tick(now, changes);
            }
        }
    }

    /// Time has gone on.
    pub fn tick(&mut self, now: Time, changes: &mut Vec<Change>) {
        match &mut self.phase {
            Phase::Ok => {}
            Phase::Pending { since, worst } => {
                // A clock that was set back: what is left of the time is unknown, and begins anew.
                *since = (*since).min(now);
                if now.since(*since) >= self.timing.fires_after {
                    let (since, worst) = (*since, *worst);
                    changes.push(Change::Fired { since, worst });
                    self.phase = Phase::Firing { since, worst, back: None };
                }
            }
            Phase::Firing { back: None, .. } => {}
            Phase::Firing { since, worst, back: Some(back) } => {
                *back = (*back).min(now);
                if now.since(*back) >= self.timing.clears_after {
                    let end = (*back).max(*since);
                    changes.push(Change::Cleared { since: *since, end, worst: *worst });
                    self.phase = Phase::Ok;
                }
            }
        }
    }

    /// Ends what is: it fires no more, whatever its time to clear is.
    pub fn end(&mut self, now: Time, changes: &mut Vec<Change>) {
        if let Phase::Firing { since, worst, .. } = self.phase {
            changes.push(Change::Cleared { since, end: now.max(since), worst });
        }
        self.phase = Phase::Ok;
    }

    /// When it wants to be told the time, if nothing happens before.
    pub fn due(&self) -> Option<Time> {
        match self.phase {
            Phase::Pending { since, .. } => Some(since + self.timing.fires_after),
            Phase::Firing { back: Some(back), .. } => Some(back + self.timing.clears_after),
            Phase::Ok | Phase::Firing { back: None, .. } => None,
        }
    }

    pub fn phase(&self) -> AlertPhase {
        match self.phase {
            Phase::Ok => AlertPhase::Ok,
            Phase::Pending { .. } => AlertPhase::Pending,
            Phase::Firing { .. } => AlertPhase::Firing,
        }
    }

    /// Since when it has been so that it is pending, or fires.
    pub fn since(&self) -> Option<Time> {
        match self.phase {
            Phase::Ok => None,
            Phase::Pending { since, .. } | Phase::Firing { since, .. } => Some(since),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const TIMING: Timing =
        Timing { fires_after: Duration::from_secs(10), clears_after: Duration::from_secs(5) };

    fn second(second: i64) -> Time {
        Time(second * 1_000_000_000)
    }

    fn beyond(value: f64) -> Reading {
        Reading::Beyond(Worst { value: Some(value), excess: value })
    }

    /// Tells a machine all of it, and gives what came of it.
    fn told(timing: Timing, readings: &[(i64, Reading)], until: i64) -> Vec<Change> {
        let mut machine = Machine::new(timing);
        let mut changes = Vec::new();
        for (at, reading) in readings {
            machine.read(second(*at), *reading, &mut changes);
        }
        machine.tick(second(until), &mut changes);
        changes
    }

    fn fired(since: i64, value: f64) -> Change {
        let worst = Worst { value: Some(value), excess: value };
        Change::Fired { since: second(since), worst }
    }

    fn cleared(since: i64, end: i64, value: f64) -> Change {
        let worst = Worst { value: Some(value), excess: value };
        Change::Cleared { since: second(since), end: second(end), worst }
    }

    #[test]
    fn it_fires_once_it_has_been_so_for_long_enough() {
        let beyond_at = |seconds: &[i64]| -> Vec<_> {
            seconds.iter().map(|at| (*at, beyond(*at as f64))).collect()
        };
        assert_eq!(told(TIMING, &beyond_at(&[1, 5]), 10), []);
        assert_eq!(told(TIMING, &beyond_at(&[1, 5]), 11), [fired(1, 5.0)]);
        let at_once = Timing { fires_after: Duration::ZERO, ..TIMING };
        assert_eq!(told(at_once, &beyond_at(&[1]), 1), [fired(1, 1.0)]);
        // Whoever tells the time late changes nothing: it was so until something else was read.
        assert_eq!(told(TIMING, &[(1, beyond(1.0)), (20, Reading::Back)], 20), [fired(1, 1.0)]);
    }

    #[test]
    fn what_was_not_so_for_a_moment_begins_again() {
        for between in [Reading::Between, Reading::Back, Reading::Unknown] {
            let readings = [(1, beyond(1.0)), (5, between), (6, beyond(2.0))];
            assert_eq!(told(TIMING, &readings, 15), [], "{between:?}");
            assert_eq!(told(TIMING, &readings, 16), [fired(6, 2.0)], "{between:?}");
        }
    }

    #[test]
    fn it_clears_once_it_is_back_for_long_enough_and_says_what_was_worst() {
        let readings = [(0, beyond(1.0)), (12, beyond(9.0)), (14, Reading::Back)];
        assert_eq!(told(TIMING, &readings, 18), [fired(0, 1.0)]);
        assert_eq!(told(TIMING, &readings, 19), [fired(0, 1.0), cleared(0, 14, 9.0)]);
        for between in [Reading::Between, Reading::Unknown, beyond(2.0)] {
            let readings = [(0, beyond(1.0)), (12, Reading::Back), (16, between)];
            assert_eq!(told(TIMING, &readings, 100), [fired(0, 1.0)], "{between:?}");
        }
    }

    #[test]
    fn an_outage_neither_fires_nor_clears() {
        let readings = [(0, beyond(1.0)), (9, Reading::Unknown)];
        assert_eq!(told(TIMING, &readings, 1_000), []);
        let readings = [(0, beyond(1.0)), (11, Reading::Back), (12, Reading::Unknown)];
        assert_eq!(told(TIMING, &readings, 1_000), [fired(0, 1.0)]);
    }

    #[test]
    fn a_clock_that_is_set_back_begins_the_time_anew() {
        let mut machine = Machine::new(TIMING);
        let mut changes = Vec::new();
        machine.read(second(1_000), beyond(1.0), &mut changes);
        machine.tick(second(100), &mut changes);
        assert_eq!(machine.due(), Some(second(110)));
        machine.tick(second(110), &mut changes);
        assert_eq!(changes, [fired(100, 1.0)]);
    }

    fn readings() -> impl Strategy<Value = Vec<(i64, Reading)>> {
        let reading = prop_oneof![
            4 => (0..100_i32).prop_map(|value| beyond(f64::from(value))),
            2 => Just(Reading::Back),
            1 => Just(Reading::Between),
            1 => Just(Reading::Unknown),
        ];
        let steps = prop::collection::vec((0..8_i64, reading), 0..60);
        steps.prop_map(|steps| {
            let mut at = 0;
            let step = |(after, reading): (i64, Reading)| {
                at += after;
                (at, reading)
            };
            steps.into_iter().map(step).collect()
        })
    }

    fn timing() -> impl Strategy<Value = Timing> {
        (0..12_u64, 0..12_u64).prop_map(|(fires, clears)| Timing {
            fires_after: Duration::from_secs(fires),
            clears_after: Duration::from_secs(clears),
        })
    }

    /// What must come of it, worked out second by second, without remembering anything but what
    /// was read: when it fired, and when it cleared.
    fn model(timing: Timing, readings: &[(i64, Reading)], until: i64) -> Vec<(bool, i64)> {
        let (fires, clears) =
            (timing.fires_after.as_secs() as i64, timing.clears_after.as_secs() as i64);
        let mut changes = Vec::new();
        let (mut firing, mut beyond_since, mut back_since) = (false, None, None);
        let mut settle = |at: i64, beyond: &mut Option<i64>, back: &mut Option<i64>| {
            if !firing && beyond.is_some_and(|since| at - since >= fires) {
                firing = true;
                *back = None;
                changes.push((true, beyond.unwrap()));
            }
            if firing && back.is_some_and(|since| at - since >= clears) {
                firing = false;
                changes.push((false, back.unwrap()));
                (*beyond, *back) = (None, None);
            }
        };
        let mut left = readings.iter().peekable();
        for at in 0..=until {
            settle(at, &mut beyond_since, &mut back_since);
            while let Some((_, reading)) = left.next_if(|(when, _)| *when == at) {
                match reading {
                    Reading::Beyond(_) => {
                        beyond_since = beyond_since.or(Some(at));
                        back_since = None;
                    }
                    Reading::Back => {
                        beyond_since = None;
                        back_since = back_since.or(Some(at));
                    }
                    Reading::Between | Reading::Unknown => {
                        (beyond_since, back_since) = (None, None)
                    }
                }
                settle(at, &mut beyond_since, &mut back_since);
            }
        }
        changes
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(4_000))]

        #[test]
        fn it_does_what_counting_the_seconds_says(timing in timing(), readings in readings()) {
            let until = readings.last().map_or(0, |(at, _)| *at) + 30;
            let changes = told(timing, &readings, until);
            let seen: Vec<_> = changes
                .iter()
                .map(|change| match change {
                    Change::Fired { since, .. } => (true, since.0 / 1_000_000_000),
                    Change::Cleared { end, .. } => (false, end.0 / 1_000_000_000),
                })
                .collect();
            prop_assert_eq!(seen, model(timing, &readings, until));
        }

        #[test]
        fn it_matters_not_how_often_it_is_told_the_time(
            timing in timing(),
            readings in readings(),
            ticks in prop::collection::vec(0..400_i64, 0..40),
        ) {
            let until = readings.last().map_or(0, |(at, _)| *at) + 30;
            let mut machine = Machine::new(timing);
            let mut changes = Vec::new();
            let mut now = 0;
            for (at, reading) in &readings {
                let mut between: Vec<_> = ticks.iter().filter(|t| (now..*at).contains(*t)).collect();
                between.sort_unstable();
                for tick in between {
                    machine.tick(second(*tick), &mut changes);
                }
                // When it is due, it does something, and not before.
                if let Some(due) = machine.due().filter(|due| *due <= second(*at)) {
                    let count = changes.len();
                    machine.tick(Time(due.0 - 1), &mut changes);
                    prop_assert_eq!(changes.len(), count);
                    machine.tick(due, &mut changes);
                    prop_assert_eq!(changes.len(), count + 1);
                }
                machine.read(second(*at), *reading, &mut changes);
                now = *at;
            }
            machine.tick(second(until), &mut changes);
            prop_assert_eq!(changes, told(timing, &readings, until));
        }

        #[test]
        fn it_fires_and_clears_in_turn_and_never_faster_than_it_may(
            timing in timing(),
            readings in readings(),
        ) {
            let changes = told(timing, &readings, 1_000);
            for pair in changes.windows(2) {
                match pair {
                    [Change::Fired { since, .. }, Change::Cleared { since: of, end, worst }] => {
                        prop_assert_eq!(since, of);
                        prop_assert!(end.since(*since) >= timing.fires_after);
                        prop_assert!(worst.value.is_some());
                    }
                    [Change::Cleared { end, .. }, Change::Fired { since, .. }] => {
                        prop_assert!(since.since(*end) >= timing.clears_after);
                    }
                    _ => prop_assert!(false, "twice the same: {pair:?}"),
                }
            }
        }
    }
}
