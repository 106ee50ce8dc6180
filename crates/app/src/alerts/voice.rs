//! What is said aloud, and what is not for having been said just now: an alert that flaps, and a
//! hundred that fire at once, must not bury a desktop in notifications.

use feedscope_feed::Time;
use std::time::Duration;

/// An alert is not said again sooner than this.
pub(crate) const PAUSE: Duration = Duration::from_secs(60);

/// Of all alerts together, this many are said one by one within that time; the others are counted,
/// and said as one.
pub(crate) const CROWD_MAX: usize = 4;
pub(crate) const CROWD_SPAN: Duration = Duration::from_secs(10);

/// The voice of one alert.
#[derive(Clone, Debug, Default)]
pub(crate) struct Voice {
    /// When it was said last.
    said: Option<Time>,
    /// How often it fired since, and was not said.
    unsaid: u32,
}

impl Voice {
    /// It fires, or still does. How often it did unsaid, if it is to be said now.
    pub fn fired(&mut self, now: Time) -> Option<u32> {
        self.unsaid = self.unsaid.saturating_add(1);
        self.still(now)
    }

    /// It still fires.
    pub fn still(&mut self, now: Time) -> Option<u32> {
        // A clock that was set back is not waited for.
        let rests = self.said.is_some_and(|said| said <= now && now.since(said) < PAUSE);
        if rests || self.unsaid == 0 {
            return None;
        }
        self.said = Some(now);
        Some(std::mem::take(&mut self.unsaid) - 1)
    }

    /// When to look again whether it still fires.
    pub fn due(&self) -> Option<Time> {
        self.said.filter(|_| self.unsaid > 0).map(|said| said + PAUSE)
    }
}

/// The voices of all alerts together.
#[derive(Debug, Default)]
pub(crate) struct Crowd {
    since: Option<Time>,
    said: usize,
    unsaid: usize,
}

impl Crowd {
    /// Whether one more may be said by itself. If not, it is counted.
    pub fn lets(&mut self, now: Time) -> bool {
        if self.since.is_none_or(|since| now < since || now.since(since) >= CROWD_SPAN) {
            self.since = Some(now);
            self.said = 0;
        }
        let lets = self.said < CROWD_MAX;
        self.said += usize::from(lets);
        self.unsaid += usize::from(!lets);
        lets
    }

    /// How many were counted, once they are to be said as one.
    pub fn rest(&mut self, now: Time) -> Option<usize> {
        let is_over = self.due().is_some_and(|due| due <= now);
        is_over.then(|| std::mem::take(&mut self.unsaid))
    }

    pub fn due(&self) -> Option<Time> {
        self.since.filter(|_| self.unsaid > 0).map(|since| since + CROWD_SPAN)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn at(second: i64) -> Time {
        Time(second * 1_000_000_000)
    }

    #[test]
    fn what_flaps_is_said_once_in_a_while_with_how_often_it_was_not() {
        let mut voice = Voice::default();
        let said: Vec<_> = (0..=120).filter_map(|now| Some((now, voice.fired(at(now))?))).collect();
        assert_eq!(said, [(0, 0), (60, 59), (120, 59)]);
    }

    #[test]
    fn what_still_fires_when_it_may_be_said_is() {
        let mut voice = Voice::default();
        assert_eq!(voice.fired(at(0)), Some(0));
        assert_eq!(voice.due(), None, "nothing is left to say");
        assert_eq!(voice.fired(at(5)), None);
        assert_eq!(voice.due(), Some(at(60)));
        assert_eq!(voice.still(at(59)), None);
        assert_eq!(voice.still(at(60)), Some(0));
        assert_eq!(voice.still(at(120)), None, "once for each time that it fired");
    }

    #[test]
    fn many_at_once_are_said_as_one() {
        let mut crowd = Crowd::default();
        let said = (0..100).filter(|_| crowd.lets(at(0))).count();
        assert_eq!(said, CROWD_MAX);
        assert_eq!(crowd.rest(at(9)), None);
        assert_eq!(crowd.due(), Some(at(10)));
        assert_eq!(crowd.rest(at(10)), Some(96));
        assert_eq!(crowd.rest(at(11)), None);
        assert!(crowd.lets(at(11)));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2_000))]

        /// Whatever they do, a minute has no more notifications than the bounds say, and of what
        /// fires to the end nothing stays unsaid.
        #[test]
        fn notifications_are_bounded(
            steps in prop::collection::vec((0..3_000_i64, 0..30_usize), 1..400),
        ) {
            let mut voices = vec![Voice::default(); 30];
            let mut crowd = Crowd::default();
            let mut said = Vec::new();
            let mut now = 0;
            for (after, of) in steps {
                now += after;
                let time = Time(now * 1_000_000);
                if voices[of].fired(time).is_some() && crowd.lets(time) {
                    said.push(now);
                }
                if crowd.rest(time).is_some() {
                    said.push(now);
                }
            }
            let spans = 60_000 / CROWD_SPAN.as_millis() as usize + 1;
            for (index, first) in said.iter().enumerate() {
                let within = said[index..].iter().take_while(|at| **at < first + 60_000).count();
                prop_assert!(within <= spans * (CROWD_MAX + 1), "{within}");
            }
            let end = Time(now * 1_000_000) + PAUSE;
            for voice in &mut voices {
                voice.still(end);
                prop_assert_eq!(voice.due(), None);
            }
        }
    }
}
