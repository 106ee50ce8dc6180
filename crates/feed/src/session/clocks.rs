//! Notices that this computer slept, or that its clock was set, by comparing the clock that people
//! set with the one that only measures time.

use crate::record::Time;
use std::time::{Duration, Instant};

/// A clock that is ahead by more than this was not merely corrected: the computer slept. Peers and
/// proxies have given up an idle connection after about as long.
pub const SLEEP_MIN: Duration = Duration::from_secs(30);

/// Network time corrects smaller steps all the time.
const SET_BACK_MIN: Duration = Duration::from_secs(1);

/// What the clocks did between two looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Jump {
    /// For about this long, nothing was done here.
    Slept(Duration),
    /// The clock that people set was set back.
    SetBack(Duration),
}

/// See the [module](self).
#[derive(Debug)]
pub struct Clocks {
    monotonic: Instant,
    wall: Time,
}

impl Clocks {
    pub fn new(now: Instant, wall: Time) -> Self {
        Clocks { monotonic: now, wall }
    }

    /// What happened since the last look.
    pub fn look(&mut self, now: Instant, wall: Time) -> Option<Jump> {
        let passed = now.saturating_duration_since(self.monotonic);
        let expected = self.wall + passed;
        (self.monotonic, self.wall) = (now, wall);
        let (ahead, behind) = (wall.since(expected), expected.since(wall));
        if ahead > SLEEP_MIN {
            Some(Jump::Slept(ahead))
        } else if behind > SET_BACK_MIN {
            Some(Jump::SetBack(behind))
        } else {
            None
        }
    }
}

/// Where the clock that measures time goes on during sleep, only a timer that fires far too late
/// tells of it: one that was `due`, waited for from `since` on, and heard at `now`.
pub fn overslept(due: Option<Instant>, since: Instant, now: Instant) -> Option<Jump> {
    let late = now.saturating_duration_since(due?.max(since));
    (late > SLEEP_MIN).then_some(Jump::Slept(late))
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn sleep_is_a_wall_clock_that_is_ahead() {
        let (start, wall) = (Instant::now(), Time(1_000_000_000_000_000_000));
        let mut clocks = Clocks::new(start, wall);
        assert_eq!(clocks.look(start + 3_600 * SECOND, wall + 3_600 * SECOND), None);
        let later = wall + 3_600 * SECOND + 31 * SECOND;
        assert_eq!(clocks.look(start + 3_600 * SECOND, later), Some(Jump::Slept(31 * SECOND)));
        assert_eq!(clocks.look(start + 3_600 * SECOND, later), None, "it is told once");
    }

    #[test]
    fn small_corrections_are_nothing_however_many() {
        let (mut now, mut wall) = (Instant::now(), Time(1_000_000_000_000_000_000));
        let mut clocks = Clocks::new(now, wall);
        for _ in 0..1_000 {
            now += SECOND;
            wall = wall + 2 * SECOND;
            assert_eq!(clocks.look(now, wall), None);
        }
    }

    #[test]
    fn a_clock_that_is_set_back_is_told() {
        let (start, wall) = (Instant::now(), Time(1_000_000_000_000_000_000));
        let mut clocks = Clocks::new(start, wall + 60 * SECOND);
        assert_eq!(clocks.look(start, wall), Some(Jump::SetBack(60 * SECOND)));
        assert_eq!(clocks.look(start + SECOND, wall + SECOND), None);
    }

    #[test]
    fn sleep_is_a_timer_that_fires_far_too_late() {
        let start = Instant::now();
        let at = |seconds: u32| start + seconds * SECOND;
        assert_eq!(overslept(Some(at(5)), at(0), at(35)), None);
        assert_eq!(overslept(Some(at(5)), at(0), at(36)), Some(Jump::Slept(31 * SECOND)));
        // We were busy ourselves until 40: no sleep.
        assert_eq!(overslept(Some(at(5)), at(40), at(41)), None);
        assert_eq!(overslept(None, at(0), at(3_600)), None);
    }
}
