//! How long to wait before the next attempt.

use crate::profile;
use rand::{Rng, RngExt};
use std::time::Duration;

/// Jitter may come out as nothing at all; this much is always waited, so that not even the
/// luckiest series of draws hammers a server.
pub const WAIT_MIN: Duration = Duration::from_millis(100);

/// Exponential, with full jitter, capped: spreads those who lost the same server evenly over the
/// time in which they come back.
#[derive(Clone, Debug)]
pub struct Backoff {
    spec: profile::Backoff,
    /// Attempts that failed since the last session that lasted.
    failures: u32,
}

impl Backoff {
    pub fn new(spec: profile::Backoff) -> Self {
        Backoff { spec, failures: 0 }
    }

    /// The wait before the next attempt; `at_least` is what the server asked for.
    pub fn next(&mut self, at_least: Option<Duration>, random: &mut impl Rng) -> Duration {
        let ceiling = self
            .spec
            .first
            .saturating_mul(1u32.checked_shl(self.failures).unwrap_or(u32::MAX))
            .min(self.spec.max);
        self.failures = self.failures.saturating_add(1);
        let jittered = ceiling.mul_f64(random.random::<f64>());
        // On top of what was asked for: all others were asked for the same.
        at_least.unwrap_or_default().saturating_add(jittered).max(WAIT_MIN)
    }

    pub fn failures(&self) -> u32 {
        self.failures
    }

    /// A session has ended after having been live for `uptime`: only one that lasted counts as a
    /// success, and returns `true`. A server that accepts and then closes would otherwise be
    /// hammered.
    pub fn ended_after(&mut self, uptime: Duration) -> bool {
        let lasted = uptime >= self.spec.uptime_min;
        if lasted {
            self.failures = 0;
        }
        lasted
    }

    pub fn reset(&mut self) {
        self.failures = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use rand::{SeedableRng, rngs::StdRng};

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2_000))]

        #[test]
        fn stays_between_floor_and_ceiling(
            seed: u64, first_ms in 1u64..10_000, max_ms in 1u64..100_000, attempts in 1usize..80,
        ) {
            let spec = profile::Backoff {
                first: Duration::from_millis(first_ms),
                max: Duration::from_millis(max_ms),
                ..Default::default()
            };
            let mut backoff = Backoff::new(spec);
            let mut random = StdRng::seed_from_u64(seed);
            for attempt in 0..attempts {
                let ceiling = (u128::from(first_ms) << attempt.min(64)).min(u128::from(max_ms));
                let wait = backoff.next(None, &mut random);
                prop_assert!(wait >= WAIT_MIN);
                prop_assert!(wait.as_millis() <= ceiling.max(WAIT_MIN.as_millis()));
            }
        }

        #[test]
        fn what_the_server_asks_for_is_a_floor(seed: u64, asked_ms in 0u64..1_000_000) {
            let asked = Duration::from_millis(asked_ms);
            let mut backoff = Backoff::new(profile::Backoff::default());
            prop_assert!(backoff.next(Some(asked), &mut StdRng::seed_from_u64(seed)) >= asked);
        }
    }

    #[test]
    fn jitter_uses_the_whole_range() {
        let mut random = StdRng::seed_from_u64(1);
        let spec = profile::Backoff {
            first: Duration::from_secs(10),
            max: Duration::from_secs(10),
            ..Default::default()
        };
        let waits: Vec<_> = (0..1_000)
            .map(|_| Backoff::new(spec.clone()).next(None, &mut random).as_secs_f64())
            .collect();
        for tenth in 0..10 {
            let in_tenth = waits.iter().filter(|wait| **wait as u32 == tenth).count();
            assert!((50..150).contains(&in_tenth), "{in_tenth} of 1,000 waits in second {tenth}");
        }
    }

    #[test]
    fn only_a_session_that_lasted_starts_over() {
        let mut random = StdRng::seed_from_u64(1);
        let mut backoff = Backoff::new(profile::Backoff::default());
        for _ in 0..5 {
            backoff.next(None, &mut random);
        }
        assert!(!backoff.ended_after(Duration::from_secs(9)));
        assert_eq!(backoff.failures(), 5);
        assert!(backoff.ended_after(Duration::from_secs(10)));
        assert_eq!(backoff.failures(), 0);
    }
}
