//! How far the clock of a feed's source is from ours, and how sure that is.
//!
//! A message is under way for no less than nothing and no longer than a round trip. So the quickest
//! of the last minute, by both clocks, and the quickest answer to a ping of this session bound the
//! difference of the clocks: it lies half a round trip around the middle, wherever the time went.

use crate::api;
use feedscope_feed::Time;
use feedscope_feed::probe::Clock;
use std::collections::VecDeque;
use std::time::{Duration, Instant};

/// Clocks drift apart by some milliseconds a minute at the worst, and a queue may be empty only once
/// in a while: the quickest message of this long is what counts.
const WINDOW_SECONDS: i64 = 60;

/// Round trips that are remembered: the last few minutes of a session, since routes change.
const ROUND_TRIPS_MAX: usize = 8;

/// How long after a session is live it is pinged for the first time, and then how often.
const FIRST_PING_AFTER: Duration = Duration::from_secs(5);
const PING_EVERY: Duration = Duration::from_secs(60);

#[derive(Debug, Default)]
pub(crate) struct Clocks {
    /// Second by second, the least that any message seemed to be under way, and how many there were.
    least: VecDeque<(i64, i64, u64)>,
    round_trips: VecDeque<Duration>,
    /// A ping that is not answered yet.
    pinged_at: Option<Instant>,
    /// When the next is due.
    ping_at: Option<Instant>,
}

impl Clocks {
    /// So many messages came at once, of which the quickest seemed to be under way for so long.
    pub fn came(&mut self, at: Time, least: i64, count: u64) {
        let second = at.0.div_euclid(1_000_000_000);
        match self.least.back_mut().filter(|(last, ..)| *last == second) {
            Some((_, known, counted)) => {
                *known = least.min(*known);
                *counted += count;
            }
            None => {
                if self.least.len() > WINDOW_SECONDS as usize {
                    self.least.pop_front();
                }
                self.least.push_back((second, least, count));
            }
        }
    }

    /// A session has become live, or ended: its round trips are its own.
    pub fn session(&mut self, is_live: bool, now: Instant) {
        if !is_live {
            *self = Clocks { least: std::mem::take(&mut self.least), ..Clocks::default() };
        } else if self.ping_at.is_none() {
            self.ping_at = Some(now + FIRST_PING_AFTER);
        }
    }

    /// Whether a ping is to be sent now.
    pub fn wants_ping(&mut self, now: Instant) -> bool {
        let is_due = self.ping_at.is_some_and(|at| now >= at);
        if is_due {
            self.ping_at = Some(now + PING_EVERY);
        }
        is_due
    }

    pub fn pinged(&mut self, now: Instant) {
        // Where one was never answered, the answer to this one seems slower: that errs on the safe
        // side.
        self.pinged_at.get_or_insert(now);
    }

    pub fn answered(&mut self, now: Instant) {
        let Some(pinged_at) = self.pinged_at.take() else { return };
        if self.round_trips.len() == ROUND_TRIPS_MAX {
            self.round_trips.pop_front();
        }
        self.round_trips.push_back(now.saturating_duration_since(pinged_at));
    }

    /// The difference of the clocks, where there is enough to tell it by; and the round trip.
    pub fn estimate(&self, now: Time) -> (Option<api::HealthClock>, Option<f64>) {
        let Some(round_trip) = self.round_trips.iter().min() else { return (None, None) };
        let from = now.0.div_euclid(1_000_000_000) - WINDOW_SECONDS;
        let lately = || self.least.iter().filter(move |(second, ..)| *second >= from);
        let messages = lately().map(|(.., count)| count).sum();
        let clock = lately().map(|(_, least, _)| *least).min().map(|least| {
            let Clock { ahead_ms, uncertainty_ms, messages } =
                Clock::between(least, *round_trip, messages);
            api::HealthClock { ahead_ms, uncertainty_ms, messages }
        });
        (clock, Some(round_trip.as_secs_f64() * 1e3))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MS: i64 = 1_000_000;

    /// One came, by both clocks.
    fn came(clocks: &mut Clocks, source_ms: i64, arrival_ms: i64) {
        clocks.came(Time(arrival_ms * MS), (arrival_ms - source_ms) * MS, 1);
    }

    fn answered_after(clocks: &mut Clocks, millis: u64) {
        let now = Instant::now();
        clocks.pinged(now);
        clocks.answered(now + Duration::from_millis(millis));
    }

    #[test]
    fn the_quickest_message_and_the_quickest_answer_bound_the_difference() {
        let mut clocks = Clocks::default();
        assert_eq!(clocks.estimate(Time(0)), (None, None));
        // Their clock is 500 ms ahead; messages take 4 to 90 ms there.
        came(&mut clocks, 500, 90);
        came(&mut clocks, 1_500, 1_004);
        came(&mut clocks, 2_500, 2_030);
        assert_eq!(
            clocks.estimate(Time(3_000 * MS)).0,
            None,
            "without a round trip nothing is sure"
        );
        answered_after(&mut clocks, 40);
        answered_after(&mut clocks, 10);
        let (clock, round_trip) = clocks.estimate(Time(3_000 * MS));
        let clock = clock.unwrap();
        assert_eq!((clock.ahead_ms, clock.uncertainty_ms, clock.messages), (501.0, 5.0, 3));
        assert_eq!(round_trip, Some(10.0));
        // What is long ago does not count: by then, the clocks may have drifted.
        came(&mut clocks, 80_500, 80_020);
        let clock = clocks.estimate(Time(80_000 * MS)).0.unwrap();
        assert_eq!((clock.ahead_ms, clock.messages), (485.0, 1));
    }

    #[test]
    fn it_is_bounded_and_a_session_has_round_trips_of_its_own() {
        let mut clocks = Clocks::default();
        for second in 0..1_000 {
            came(&mut clocks, second * 1_000, second * 1_000 + 1);
            answered_after(&mut clocks, 5);
        }
        assert!(clocks.least.len() <= WINDOW_SECONDS as usize + 1);
        assert_eq!(clocks.round_trips.len(), ROUND_TRIPS_MAX);
        let now = Instant::now();
        clocks.session(false, now);
        assert_eq!(clocks.estimate(Time(1_000_000 * MS)), (None, None));
        assert!(!clocks.wants_ping(now));
        clocks.session(true, now);
        assert!(!clocks.wants_ping(now) && clocks.wants_ping(now + FIRST_PING_AFTER));
        assert!(!clocks.wants_ping(now + FIRST_PING_AFTER), "once");
    }
}
