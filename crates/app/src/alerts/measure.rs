//! What the values of a field say of what an alert watches for: beyond its bounds, back within
//! them, or in between.

use super::machine::{Reading, Worst};
use feedscope_feed::Time;
use std::collections::VecDeque;
use std::time::Duration;

/// How finely the time is told that a value is compared over: of the samples in each of that many
/// parts of it, one is remembered.
const PARTS: u32 = 1_000;

/// Bounds, within which all is well.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Bounds {
    pub low: f64,
    pub high: f64,
    /// How far within them a value must be to be back.
    pub margin: f64,
}

impl Bounds {
    /// What a value is, as told.
    pub fn read(&self, value: f64) -> Reading {
        let excess = (value - self.high).max(self.low - value);
        if excess > 0.0 {
            Reading::Beyond(Worst { value: Some(value), excess })
        } else if value <= self.high - self.margin && value >= self.low + self.margin {
            Reading::Back
        } else {
            Reading::Between
        }
    }
}

/// How a value changes over some time.
#[derive(Clone, Debug)]
pub(crate) struct Slope {
    pub bounds: Bounds,
    over: Duration,
    /// What is compared is the change in a second, not that in all.
    per_second: bool,
    /// Of what came within that time, and the last before it, as much as tells what was when; not a
    /// number where that is not known from there on.
    past: VecDeque<(Time, f64)>,
    /// The last value, and until when it can differ from one that is remembered.
    last: Option<(Time, f64)>,
    settles: Option<Time>,
}

impl Slope {
    pub fn new(bounds: Bounds, over: Duration, per_second: bool) -> Self {
        Slope { bounds, over, per_second, past: VecDeque::new(), last: None, settles: None }
    }

    /// A value of this time, which came `now`. The two clocks need not agree. `None`: it says
    /// nothing.
    pub fn read(&mut self, now: Time, time: Time, value: f64) -> Option<Reading> {
        match self.last {
            // Late, by whatever way: how the value changes is not told by it.
            Some((last, _)) if time < last && last.since(time) <= self.over => {
                return None;
            }
            // A clock that was set back: there is nothing to compare with.
            Some((last, _)) if time < last => {
                self.past.clear();
                self.last = None;
            }
            _ => {}
        }
        self.remember(time, value);
        self.last = Some((time, value));
        self.settles = Some(now + self.over);
        let target = time - self.over;
        while self.past.get(1).is_some_and(|(next, _)| *next <= target) {
            self.past.pop_front();
        }
        let before = self.past.front().filter(|(at, before)| *at <= target && before.is_finite());
        let Some((at, before)) = before else {
            return Some(Reading::Unknown);
        };
        let change = value - before;
        let elapsed = time.since(*at).as_secs_f64();
        Some(self.bounds.read(if self.per_second { change / elapsed } else { change }))
    }

    /// What it comes to once nothing has come for as long as it compares over: the value is what
    /// it was that time ago.
    pub fn settle(&mut self, now: Time) -> Option<Reading> {
        self.settles.filter(|settles| *settles <= now)?;
        self.settles = None;
        Some(self.bounds.read(0.0))
    }

    pub fn settles(&self) -> Option<Time> {
        self.settles
    }

    /// Nothing is known until the next value.
    pub fn interrupt(&mut self) {
        self.settles = None;
        if let Some((last, _)) = self.last
            && self.past.back().is_some_and(|(_, value)| value.is_finite())
        {
            self.keep(last, f64::NAN);
        }
    }

    fn remember(&mut self, time: Time, value: f64) {
        let part = self.over / PARTS;
        let (last, known) = self.past.back().copied().unwrap_or((time, f64::NAN));
        // What came last before a pause has held ever since.
        if let Some((held, before)) = self.last
            && held > last
            && time.since(held) >= part
        {
            self.keep(held, before);
        }
        if !known.is_finite() || time.since(last) >= part {
            self.keep(time, value);
        }
    }

    fn keep(&mut self, time: Time, value: f64) {
        // Two in each part at most, and what interrupts them.
        if self.past.len() == 4 * PARTS as usize {
            self.past.pop_front();
        }
        self.past.push_back((time, value));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const SECOND: Duration = Duration::from_secs(1);

    fn at(millis: i64) -> Time {
        Time(millis * 1_000_000)
    }

    fn value(reading: impl Into<Option<Reading>>) -> Option<f64> {
        match reading.into() {
            Some(Reading::Beyond(worst)) => worst.value,
            _ => None,
        }
    }

    #[test]
    fn what_is_back_is_farther_within_than_what_is_not_beyond() {
        let above = Bounds { low: f64::NEG_INFINITY, high: 90.0, margin: 5.0 };
        assert_eq!(value(above.read(90.5)), Some(90.5));
        assert_eq!(above.read(90.0), Reading::Between);
        assert_eq!(above.read(85.5), Reading::Between);
        assert_eq!(above.read(85.0), Reading::Back);
        let outside = Bounds { low: 10.0, high: 20.0, margin: 2.0 };
        assert_eq!(value(outside.read(9.0)), Some(9.0));
        for (value, reading) in
            [(10.0, Reading::Between), (12.0, Reading::Back), (18.0, Reading::Back)]
        {
            assert_eq!(outside.read(value), reading);
        }
        let Reading::Beyond(worst) = outside.read(25.0) else { panic!() };
        assert_eq!((worst.value, worst.excess), (Some(25.0), 5.0));
    }

    fn rising(by: f64) -> Bounds {
        Bounds { low: f64::NEG_INFINITY, high: by, margin: 0.0 }
    }

    #[test]
    fn a_change_is_the_difference_to_the_value_that_time_ago() {
        let mut slope = Slope::new(rising(10.0), 10 * SECOND, false);
        assert_eq!(
            slope.read(at(0), at(0), 100.0),
            Some(Reading::Unknown),
            "nothing to compare with"
        );
        assert_eq!(slope.read(at(9_000), at(9_000), 200.0), Some(Reading::Unknown));
        assert_eq!(value(slope.read(at(10_000), at(10_000), 111.0)), Some(11.0));
        // Held since then, where nothing came in between.
        assert_eq!(value(slope.read(at(18_000), at(18_000), 115.0)), Some(15.0));
        assert_eq!(slope.read(at(19_000), at(19_000), 115.0), Some(Reading::Back));
    }

    #[test]
    fn a_rate_is_by_the_second_whatever_it_is_measured_over() {
        let mut slope = Slope::new(rising(4.0), 2 * SECOND, true);
        slope.read(at(0), at(0), 0.0);
        assert_eq!(value(slope.read(at(2_000), at(2_000), 10.0)), Some(5.0));
        // A slow feed: over the time that there is.
        assert_eq!(value(slope.read(at(22_000), at(22_000), 110.0)), Some(5.0));
        assert_eq!(slope.read(at(42_000), at(42_000), 120.0), Some(Reading::Back));
    }

    #[test]
    fn a_value_that_stays_settles() {
        let mut slope = Slope::new(rising(4.0), 2 * SECOND, false);
        slope.read(at(0), at(0), 0.0);
        assert_eq!(value(slope.read(at(5_000), at(5_000), 10.0)), Some(10.0));
        assert_eq!(slope.settles(), Some(at(7_000)));
        assert_eq!(slope.settle(at(6_999)), None);
        assert_eq!(slope.settle(at(7_000)), Some(Reading::Back));
        assert_eq!(slope.settle(at(8_000)), None, "once");
    }

    #[test]
    fn nothing_is_compared_with_what_is_not_known() {
        let mut slope = Slope::new(rising(4.0), 2 * SECOND, false);
        slope.read(at(0), at(0), 0.0);
        slope.interrupt();
        slope.interrupt();
        assert_eq!(slope.read(at(10_000), at(10_000), 50.0), Some(Reading::Unknown));
        assert_eq!(slope.read(at(11_000), at(11_000), 60.0), Some(Reading::Unknown));
        assert_eq!(value(slope.read(at(12_000), at(12_000), 60.0)), Some(10.0));
    }

    #[test]
    fn what_is_late_is_not_compared_and_a_clock_set_back_begins_anew() {
        let mut slope = Slope::new(rising(4.0), 2 * SECOND, false);
        slope.read(at(10_000), at(10_000), 0.0);
        assert_eq!(slope.read(at(10_100), at(9_000), 50.0), None);
        assert_eq!(slope.read(at(12_000), at(12_000), 1.0), Some(Reading::Back));
        assert_eq!(slope.read(at(12_100), at(1_000), 70.0), Some(Reading::Unknown));
        assert_eq!(value(slope.read(at(14_100), at(3_000), 90.0)), Some(20.0));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2_000))]

        /// Against a list of all that came.
        #[test]
        fn it_compares_with_the_last_value_before(
            steps in prop::collection::vec((1..3_000_i64, -50..50_i32), 1..200),
            over_s in 1..8_u32,
        ) {
            let mut slope = Slope::new(rising(-1e9), over_s * SECOND, false);
            let (mut now, mut all) = (0, Vec::new());
            // A part of the time is what it may be off by: as many milliseconds as it has seconds.
            let part_ms = i64::from(over_s);
            for (after, level) in steps {
                now += after;
                let seen = value(slope.read(at(now), at(now), f64::from(level)));
                all.push((now, level));
                let target = now - i64::from(over_s) * 1_000;
                let before = |until: i64| all.partition_point(|(at, _)| *at <= until);
                let (first, end) = (before(target - part_ms).saturating_sub(1), before(target));
                let possible: Vec<_> =
                    all[first..end].iter().map(|(_, before)| f64::from(level - before)).collect();
                match seen {
                    Some(seen) => prop_assert!(possible.contains(&seen), "{seen} {possible:?}"),
                    None => prop_assert!(possible.is_empty(), "{possible:?}"),
                }
            }
        }
    }

    #[test]
    fn what_it_remembers_is_bounded() {
        for interrupted in [false, true] {
            let mut slope = Slope::new(rising(1.0), 10 * SECOND, true);
            for now in 0..20_000 {
                slope.read(at(now), at(now), 1.0);
                if interrupted {
                    slope.interrupt();
                }
            }
            assert!(slope.past.len() <= 4 * PARTS as usize);
        }
    }
}
