//! Whether the other side is alive: what is waited for, and what is done to find out.

use super::{State, later};
use crate::profile;
use rand::{Rng, RngExt};
use std::time::{Duration, Instant};

/// Neither a profile nor a server can make us ping more often.
const PING_EVERY_MIN: Duration = Duration::from_millis(100);

/// How long the answer to a ping may take that is sent because the network changed. A round trip
/// around the world takes a third of a second.
const CHECK_MAX: Duration = Duration::from_secs(3);

/// See the [module](self).
#[derive(Debug)]
pub(super) struct Heartbeat {
    spec: profile::Heartbeat,
    /// When bytes came last, of whatever kind.
    heard_at: Instant,
    data_at: Instant,
    /// When it was pinged without having been heard of since.
    pinged_at: Option<Instant>,
    /// It is given up then, if nothing comes.
    check_until: Option<Instant>,
    /// Between pings of the feed's own kind.
    own_every: Duration,
    own_next: Option<Instant>,
    own_answer_until: Option<Instant>,
    own_sent: bool,
}

/// What time brought.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Due {
    /// Nothing came for so long, not even the answer to a ping.
    Idle(Duration),
    /// The ping that was sent because the network changed was not answered.
    Unreachable(Duration),
    /// The feed's own ping was not answered.
    Zombie(Duration),
    /// No data came for so long that it is to be given up.
    Silent(Duration),
    /// No data came for so long that it is stale.
    Stale(Duration),
    Ping,
    OwnPing,
}

impl Heartbeat {
    pub fn new(spec: profile::Heartbeat, now: Instant) -> Self {
        Heartbeat {
            own_every: Duration::ZERO,
            own_next: None,
            own_answer_until: None,
            own_sent: false,
            heard_at: now,
            data_at: now,
            pinged_at: None,
            check_until: None,
            spec,
        }
    }

    /// A connection stands.
    pub fn opened(&mut self, now: Instant) {
        let every = self.spec.ping.as_ref().map_or(Duration::ZERO, |ping| ping.every);
        *self = Heartbeat { own_every: every, ..Heartbeat::new(self.spec.clone(), now) };
    }

    /// From now on data is awaited, and the feed's own pings are sent.
    pub fn live(&mut self, now: Instant, random: &mut impl Rng) {
        self.data_at = now;
        self.schedule_first(now, random);
    }

    #[inline]
    pub fn heard(&mut self, now: Instant) {
        self.heard_at = now;
        self.pinged_at = None;
        self.check_until = None;
    }

    #[inline]
    pub fn data(&mut self, now: Instant) {
        self.heard(now);
        self.data_at = now;
    }

    pub fn own_ping_answered(&mut self) {
        self.own_answer_until = None;
    }

    /// The server says how often it wants to be pinged.
    pub fn own_ping_every(&mut self, every: Duration, now: Instant, random: &mut impl Rng) {
        self.own_every = every;
        if self.own_sent {
            self.own_next = Some(later(now, self.own_every()));
        } else if self.own_next.is_some() {
            self.schedule_first(now, random);
        }
    }

    fn schedule_first(&mut self, now: Instant, random: &mut impl Rng) {
        let Some(ping) = &self.spec.ping else { return };
        let every = self.own_every();
        let wait = if ping.first_is_random { every.mul_f64(random.random()) } else { every };
        self.own_next = Some(later(now, wait));
    }

    fn own_every(&self) -> Duration {
        self.own_every.clamp(PING_EVERY_MIN, profile::DURATION_MAX)
    }

    /// Finds out at once, by a ping that is to be sent now.
    pub fn check(&mut self, now: Instant) {
        self.pinged_at = Some(now);
        self.check_until = Some(now + CHECK_MAX);
    }

    /// When [`Heartbeat::due`] has something to say, if nothing comes before.
    pub fn next(&self, state: State) -> Option<Instant> {
        let data = match state {
            State::Live => self.spec.data_max,
            State::Stale => self.spec.data_give_up,
            _ => None,
        };
        let own = self.own_answer_until.or(self.own_next);
        let ping_after = self.spec.ping_after.max(PING_EVERY_MIN);
        [
            Some(later(self.heard_at, self.spec.idle_max)),
            self.check_until,
            self.pinged_at.is_none().then(|| later(self.heard_at, ping_after)),
            data.map(|limit| later(self.data_at, limit)),
            own,
        ]
        .into_iter()
        .flatten()
        .min()
    }

    /// What is to be done at `now`: one thing, until there is none. What is sent counts as sent.
    pub fn due(&mut self, state: State, now: Instant) -> Option<Due> {
        let quiet = now.saturating_duration_since(self.heard_at);
        let without_data = now.saturating_duration_since(self.data_at);
        let is_past = |at: Option<Instant>| at.is_some_and(|at| now >= at);
        let answer_max = self.spec.ping.as_ref().map_or(Duration::ZERO, |ping| ping.answer_max);
        if quiet >= self.spec.idle_max {
            return Some(Due::Idle(quiet));
        }
        if is_past(self.check_until) {
            return Some(Due::Unreachable(CHECK_MAX));
        }
        if is_past(self.own_answer_until) {
            return Some(Due::Zombie(answer_max));
        }
        let is_over = |limit: Option<Duration>| limit.is_some_and(|limit| without_data >= limit);
        if state == State::Stale && is_over(self.spec.data_give_up) {
            return Some(Due::Silent(without_data));
        }
        if state == State::Live && is_over(self.spec.data_max) {
            return Some(Due::Stale(without_data));
        }
        if self.pinged_at.is_none() && quiet >= self.spec.ping_after.max(PING_EVERY_MIN) {
            self.pinged_at = Some(now);
            return Some(Due::Ping);
        }
        // One that waits for its answer is enough: they must not pile up.
        if self.own_answer_until.is_none() && is_past(self.own_next) {
            let is_answered = self.spec.ping.as_ref().is_some_and(|ping| ping.answered.is_some());
            self.own_answer_until = is_answered.then(|| later(now, answer_max));
            self.own_next = Some(later(now, self.own_every()));
            self.own_sent = true;
            return Some(Due::OwnPing);
        }
        None
    }
}
