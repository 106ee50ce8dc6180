//! How far the source's clock is from ours.

use crate::record::Time;
use serde::Serialize;
use std::fmt;
use std::time::Duration;

/// What is known of the difference of the clocks.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Clock {
    /// How far the source's clock is ahead of ours; behind if negative.
    pub ahead_ms: f64,
    /// It can be so much more, or less.
    pub uncertainty_ms: f64,
    pub messages: u64,
}

/// Collects messages' times.
#[derive(Debug, Default)]
pub(super) struct Comparison {
    /// The least that a message seemed to be under way, by both clocks, in nanoseconds.
    least: Option<i64>,
    messages: u64,
}

impl Comparison {
    pub fn add(&mut self, source: Time, arrival: Time) {
        let seemed = arrival.0.saturating_sub(source.0);
        self.least = Some(self.least.map_or(seemed, |least| least.min(seemed)));
        self.messages += 1;
    }

    /// A message is under way for some of the round trip, and for none of it at the least: the
    /// truth is between the two.
    pub fn clock(&self, round_trip: Duration) -> Option<Clock> {
        Some(Clock::between(self.least?, round_trip, self.messages))
    }
}

impl Clock {
    /// By the least that any of the messages seemed to be under way, in nanoseconds by both clocks,
    /// and the quickest round trip.
    pub fn between(least_ns: i64, round_trip: Duration, messages: u64) -> Clock {
        let half = round_trip.as_secs_f64() * 1e3 / 2.0;
        let seemed = least_ns as f64 / 1e6;
        let to_micros = |ms: f64| (ms * 1e3).round() / 1e3;
        Clock { ahead_ms: to_micros(half - seemed), uncertainty_ms: to_micros(half), messages }
    }
}

impl fmt::Display for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Clock { ahead_ms, uncertainty_ms, messages } = self;
        if ahead_ms.abs() <= *uncertainty_ms {
            write!(f, "The source's clock agrees with ours")?;
        } else {
            let way = if *ahead_ms > 0.0 { "ahead of" } else { "behind" };
            write!(f, "The source's clock is {:.1} ms {way} ours", ahead_ms.abs())?;
        }
        write!(f, " (± {uncertainty_ms:.1} ms, by {messages} messages)")?;
        // What is stamped long before it is sent looks just like a clock that is behind.
        if *ahead_ms < -1_000.0 - uncertainty_ms {
            write!(f, "; or its messages are stamped that long before they are sent")?;
        }
        f.write_str(".")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_quickest_message_decides_and_the_round_trip_bounds_the_error() {
        let ms = |ms: i64| Time(1_700_000_000_000_000_000 + ms * 1_000_000);
        let mut comparison = Comparison::default();
        assert_eq!(comparison.clock(Duration::from_millis(10)), None);
        // Their clock is 500 ms ahead; messages take 4, 3 and 90 ms.
        for (at, took) in [(0, 4), (10, 3), (20, 90)] {
            comparison.add(ms(at + 500), ms(at + took));
        }
        let clock = comparison.clock(Duration::from_millis(10)).unwrap();
        assert_eq!((clock.ahead_ms, clock.uncertainty_ms, clock.messages), (502.0, 5.0, 3));
        assert!((clock.ahead_ms - 500.0).abs() <= clock.uncertainty_ms);
        let said = clock.to_string();
        assert!(said.contains("502.0 ms ahead of ours (± 5.0 ms, by 3 messages)."), "{said}");
    }
}
