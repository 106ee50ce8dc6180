//! What a hub does wrong on purpose, and the stage that does it to the data of one client.
//!
//! Silence and delay are the [outbox's](crate::Outbox) matter, since they concern time and every
//! message; here is what befalls single data messages.

use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use std::collections::HashMap;
use std::time::{Duration, Instant};

/// Far enough to be seen as disorder, near enough for a reader's window to mend it: ten messages
/// a second are thus late by 0.1 to 0.3 s.
pub const REORDER_DISTANCE_MAX: u64 = 3;

/// A channel that falls quiet must not keep its last message back for ever.
pub const HELD_MAX: Duration = Duration::from_secs(1);

/// Longer than any reader's patience, and short enough for the outbox to hold what waits.
pub const DELAY_MAX: Duration = Duration::from_secs(60);

/// What goes wrong on purpose. Shares are from 0 to 1.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Faults {
    /// Sends nothing, with the socket open: no data, no heartbeat, no answer, no pong. Data of
    /// that time is lost; answers are sent once it is over.
    pub silent: bool,
    /// Sends everything this much later. At most [`DELAY_MAX`].
    pub delay_ms: u32,
    /// The share of data messages sent twice.
    pub duplicate: f64,
    /// The share of data messages that come after one to [`REORDER_DISTANCE_MAX`] later ones of
    /// their channel.
    pub reorder: f64,
    /// The share of data messages not sent.
    pub lose: f64,
}

impl Faults {
    /// The same with every value within its bounds; a share that is not a number is 0.
    #[must_use]
    pub fn within_bounds(self) -> Self {
        let share = |value: f64| if value.is_nan() { 0.0 } else { value.clamp(0.0, 1.0) };
        Faults {
            silent: self.silent,
            delay_ms: self.delay_ms.min(DELAY_MAX.as_millis() as u32),
            duplicate: share(self.duplicate),
            reorder: share(self.reorder),
            lose: share(self.lose),
        }
    }

    pub(crate) fn delay(&self) -> Duration {
        Duration::from_millis(self.delay_ms.into())
    }
}

/// Loses, doubles and swaps data messages, by the shares of its [`Faults`] and a seed.
///
/// Disorder is within a channel, since sequence numbers are: each message that is held back is
/// released by a later one of its channel, or after [`HELD_MAX`].
#[derive(Debug)]
pub struct Faulty<T> {
    faults: Faults,
    random: StdRng,
    /// How many messages each channel has seen.
    arrived: HashMap<usize, u64>,
    held: Vec<Held<T>>,
}

#[derive(Debug)]
struct Held<T> {
    channel: usize,
    /// Released by the arrival of so many messages in its channel …
    after: u64,
    /// … or at this time.
    until: Instant,
    item: T,
}

impl<T: Clone> Faulty<T> {
    pub fn new(seed: u64) -> Self {
        Faulty {
            faults: Faults::default(),
            random: StdRng::seed_from_u64(seed),
            arrived: HashMap::new(),
            held: Vec::new(),
        }
    }

    /// Returns what was held back and no longer has a reason to be.
    pub fn set(&mut self, faults: Faults) -> Vec<(usize, T)> {
        self.faults = faults.within_bounds();
        if self.faults.reorder > 0.0 {
            return Vec::new();
        }
        self.held.drain(..).map(|held| (held.channel, held.item)).collect()
    }

    /// Takes a message and returns what is to be sent instead, in order.
    pub fn pass(&mut self, now: Instant, channel: usize, item: T) -> Vec<T> {
        let arrived = self.arrived.entry(channel).or_default();
        *arrived += 1;
        let arrived = *arrived;

        let mut out = Vec::with_capacity(1);
        if !self.happens(self.faults.lose) {
            let copies = if self.happens(self.faults.duplicate) { 2 } else { 1 };
            let copies = std::iter::repeat_n(item, copies);
            if self.happens(self.faults.reorder) {
                let after = arrived + self.random.random_range(1..=REORDER_DISTANCE_MAX);
                let until = now + HELD_MAX;
                self.held.extend(copies.map(|item| Held { channel, after, until, item }));
            } else {
                out.extend(copies);
            }
        }
        let released =
            self.held.extract_if(.., |held| held.channel == channel && held.after <= arrived);
        out.extend(released.map(|held| held.item));
        out
    }

    /// What was held back too long.
    pub fn overdue(&mut self, now: Instant) -> Vec<(usize, T)> {
        self.held
            .extract_if(.., |held| held.until <= now)
            .map(|held| (held.channel, held.item))
            .collect()
    }

    /// When to ask for what is [overdue](Self::overdue).
    pub fn wake_at(&self) -> Option<Instant> {
        self.held.iter().map(|held| held.until).min()
    }

    /// Forgets what is held back of the channels named.
    pub fn forget(&mut self, forgotten: impl Fn(usize) -> bool) {
        self.held.retain(|held| !forgotten(held.channel));
    }

    fn happens(&mut self, share: f64) -> bool {
        // Without a fault no randomness is used up, so the cost is one comparison.
        share > 0.0 && self.random.random_bool(share)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn run(seed: u64, faults: Faults, channels: &[usize]) -> Vec<(usize, u64)> {
        let now = Instant::now();
        let mut faulty = Faulty::new(seed);
        faulty.set(faults);
        let mut sent = Vec::new();
        for (number, &channel) in (0u64..).zip(channels) {
            sent.extend(faulty.pass(now, channel, (channel, number)));
        }
        sent.extend(faulty.overdue(now + HELD_MAX).into_iter().map(|(_, item)| item));
        assert_eq!(faulty.wake_at(), None);
        sent
    }

    fn of_channel(messages: &[(usize, u64)], channel: usize) -> Vec<u64> {
        messages.iter().filter(|(of, _)| *of == channel).map(|(_, number)| *number).collect()
    }

    fn channels() -> impl Strategy<Value = Vec<usize>> {
        prop::collection::vec(0usize..4, 0..200)
    }

    proptest! {
        #[test]
        fn without_faults_everything_passes_as_it_came(seed: u64, channels in channels()) {
            let sent = run(seed, Faults::default(), &channels);
            let expected: Vec<_> = channels.iter().copied().zip(0..).collect();
            prop_assert_eq!(sent, expected);
        }

        #[test]
        fn losing_keeps_the_order_and_adds_nothing(
            seed: u64, channels in channels(), lose in 0.0..=1.0,
        ) {
            let sent = run(seed, Faults { lose, ..Faults::default() }, &channels);
            prop_assert!(sent.is_sorted_by(|a, b| a.1 < b.1));
        }

        #[test]
        fn doubling_sends_each_once_or_twice_and_in_order(
            seed: u64, channels in channels(), duplicate in 0.0..=1.0,
        ) {
            let mut sent = run(seed, Faults { duplicate, ..Faults::default() }, &channels);
            prop_assert!(sent.is_sorted_by(|a, b| a.1 <= b.1));
            prop_assert!(sent.windows(3).all(|three| three[0] != three[2]));
            sent.dedup();
            prop_assert_eq!(sent.len(), channels.len());
        }

        #[test]
        fn swapping_loses_nothing_and_stays_near(
            seed: u64, channels in channels(), reorder in 0.0..=1.0,
        ) {
            let sent = run(seed, Faults { reorder, ..Faults::default() }, &channels);
            prop_assert_eq!(sent.len(), channels.len());
            for channel in 0..4 {
                let sent = of_channel(&sent, channel);
                let mut sorted = sent.clone();
                sorted.sort_unstable();
                for (place, number) in sent.iter().enumerate() {
                    let home = sorted.binary_search(number).unwrap();
                    prop_assert!(home.abs_diff(place) as u64 <= REORDER_DISTANCE_MAX);
                }
            }
        }

        #[test]
        fn nothing_is_invented_whatever_goes_wrong(
            seed: u64, channels in channels(),
            duplicate in 0.0..=1.0, reorder in 0.0..=1.0, lose in 0.0..=1.0,
        ) {
            let faults = Faults { duplicate, reorder, lose, ..Faults::default() };
            for (channel, number) in run(seed, faults, &channels) {
                prop_assert_eq!(channels[number as usize], channel);
            }
        }

        #[test]
        fn any_number_becomes_a_share(value in prop::num::f64::ANY, delay_ms: u32) {
            let faults = Faults { duplicate: value, reorder: value, lose: value, delay_ms, silent: false };
            let faults = faults.within_bounds();
            for share in [faults.duplicate, faults.reorder, faults.lose] {
                prop_assert!((0.0..=1.0).contains(&share));
            }
            prop_assert!(faults.delay() <= DELAY_MAX);
            run(1, faults, &[0, 1, 2, 3]);
        }
    }

    #[test]
    fn a_share_that_is_not_a_number_is_none() {
        let faults = Faults { lose: f64::NAN, ..Faults::default() };
        assert_eq!(faults.within_bounds().lose, 0.0);
    }

    #[test]
    fn shares_are_what_they_say() {
        let channels: Vec<usize> = (0..10_000).map(|number| number % 2).collect();
        let count = |faults| run(7, faults, &channels).len();
        assert_eq!(count(Faults { lose: 1.0, ..Faults::default() }), 0);
        assert!((6_700..7_300).contains(&count(Faults { lose: 0.3, ..Faults::default() })));
        assert!((12_700..13_300).contains(&count(Faults { duplicate: 0.3, ..Faults::default() })));
        let sent = run(7, Faults { reorder: 0.3, ..Faults::default() }, &channels);
        let overtaken =
            |channel| of_channel(&sent, channel).windows(2).filter(|two| two[0] > two[1]).count();
        assert!((1_000..2_000).contains(&overtaken(0)), "{}", overtaken(0));
        assert!((1_000..2_000).contains(&overtaken(1)), "{}", overtaken(1));
    }

    #[test]
    fn the_same_seed_does_the_same() {
        let channels = [0; 500];
        let faults = Faults { duplicate: 0.2, reorder: 0.2, lose: 0.2, ..Faults::default() };
        assert_eq!(run(1, faults, &channels), run(1, faults, &channels));
        assert_ne!(run(1, faults, &channels), run(2, faults, &channels));
    }

    #[test]
    fn a_quiet_channel_gets_its_last_message_in_the_end() {
        let now = Instant::now();
        let mut faulty = Faulty::new(1);
        faulty.set(Faults { reorder: 1.0, ..Faults::default() });
        assert_eq!(faulty.pass(now, 0, "last"), Vec::<&str>::new());
        assert_eq!(faulty.wake_at(), Some(now + HELD_MAX));
        assert_eq!(faulty.overdue(now + HELD_MAX / 2), vec![]);
        assert_eq!(faulty.overdue(now + HELD_MAX), vec![(0, "last")]);
    }

    #[test]
    fn switching_disorder_off_releases_what_was_held() {
        let mut faulty = Faulty::new(1);
        faulty.set(Faults { reorder: 1.0, ..Faults::default() });
        assert_eq!(faulty.pass(Instant::now(), 3, "held"), Vec::<&str>::new());
        assert_eq!(faulty.set(Faults::default()), vec![(3, "held")]);
    }
}
