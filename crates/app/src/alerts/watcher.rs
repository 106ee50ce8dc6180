//! One alert at work: told all that comes of what it watches, and the time, it says when it fires
//! and when that is over.
//!
//! Of a feed that is not live, no value is known: what watches values neither fires nor clears until
//! there is one again. That the feed is not live, or that no value comes, is watched for by itself.

use super::machine::{Change, Machine, Reading, Timing, Worst};
use super::measure::{Bounds, Slope};
use crate::api::{Alert, AlertDirection, AlertField, AlertOn, AlertPhase};
use feedscope_feed::{Said, State, Time};
use std::collections::VecDeque;
use std::time::Duration;

#[derive(Clone, Debug)]
enum Kind {
    Value(Bounds),
    Slope(Slope),
    Latency(Bounds),
    Absent {
        since: Time,
    },
    NotLive,
    Gap,
    Reconnects {
        count: usize,
        within: Duration,
        at: VecDeque<Time>,
        /// It was connected, and is not.
        is_lost: bool,
    },
}

#[derive(Clone, Debug)]
pub(crate) struct Watcher {
    kind: Kind,
    machine: Machine,
    /// The feed is there, and in this state.
    state: Option<State>,
    /// Nothing is known of what it watches.
    blind: bool,
    /// What the feed said when it became so.
    pub cause: Option<Said>,
}

/// Milliseconds as a rule has them. What is no length of time is none.
pub(crate) fn duration(ms: f64) -> Duration {
    Duration::try_from_secs_f64(ms / 1_000.0).unwrap_or_default()
}

/// The field that a rule is about, if it is about one.
pub(crate) fn field_of(what: &AlertOn) -> Option<&AlertField> {
    match what {
        AlertOn::Above { field, .. }
        | AlertOn::Below { field, .. }
        | AlertOn::Outside { field, .. }
        | AlertOn::Change { field, .. }
        | AlertOn::Rate { field, .. }
        | AlertOn::Absent { field } => Some(field),
        AlertOn::NotLive { .. }
        | AlertOn::Gap { .. }
        | AlertOn::Latency { .. }
        | AlertOn::Reconnects { .. } => None,
    }
}

/// The feed that a rule is about.
pub(crate) fn feed_of(what: &AlertOn) -> &str {
    match what {
        AlertOn::NotLive { feed }
        | AlertOn::Gap { feed }
        | AlertOn::Latency { feed, .. }
        | AlertOn::Reconnects { feed, .. } => feed,
        about_field => field_of(about_field).map_or("", |field| &field.feed),
    }
}

/// The same, to be another.
pub(crate) fn feed_of_mut(what: &mut AlertOn) -> &mut String {
    match what {
        AlertOn::NotLive { feed }
        | AlertOn::Gap { feed }
        | AlertOn::Latency { feed, .. }
        | AlertOn::Reconnects { feed, .. } => feed,
        AlertOn::Above { field, .. }
        | AlertOn::Below { field, .. }
        | AlertOn::Outside { field, .. }
        | AlertOn::Change { field, .. }
        | AlertOn::Rate { field, .. }
        | AlertOn::Absent { field } => &mut field.feed,
    }
}

fn kind_of(alert: &Alert) -> Kind {
    let bounds = |low, high| Bounds { low, high, margin: alert.clear.by };
    let directed = |by: f64, direction| match direction {
        AlertDirection::Up => bounds(f64::NEG_INFINITY, by),
        AlertDirection::Down => bounds(-by, f64::INFINITY),
        AlertDirection::Either => bounds(-by, by),
    };
    match &alert.what {
        AlertOn::Above { value, .. } => Kind::Value(bounds(f64::NEG_INFINITY, *value)),
        AlertOn::Below { value, .. } => Kind::Value(bounds(*value, f64::INFINITY)),
        AlertOn::Outside { low, high, .. } => Kind::Value(bounds(*low, *high)),
        AlertOn::Change { by, within_ms, direction, .. } => {
            Kind::Slope(Slope::new(directed(*by, *direction), duration(*within_ms), false))
        }
        AlertOn::Rate { per_second, over_ms, direction, .. } => {
            Kind::Slope(Slope::new(directed(*per_second, *direction), duration(*over_ms), true))
        }
        AlertOn::Latency { above_ms, .. } => Kind::Latency(bounds(f64::NEG_INFINITY, *above_ms)),
        AlertOn::Absent { .. } => Kind::Absent { since: Time(0) },
        AlertOn::NotLive { .. } => Kind::NotLive,
        AlertOn::Gap { .. } => Kind::Gap,
        AlertOn::Reconnects { count, within_ms, .. } => Kind::Reconnects {
            count: *count as usize,
            within: duration(*within_ms),
            at: VecDeque::new(),
            is_lost: false,
        },
    }
}

const SO: Reading = Reading::Beyond(Worst { value: None, excess: 0.0 });

impl Watcher {
    /// Of a feed that is not there, until [`Watcher::there`].
    pub fn new(alert: &Alert) -> Self {
        let timing = Timing {
            fires_after: duration(alert.for_ms),
            clears_after: duration(alert.clear.for_ms),
        };
        Watcher {
            kind: kind_of(alert),
            machine: Machine::new(timing),
            state: None,
            blind: true,
            cause: None,
        }
    }

    /// Whether it wants to hear of every message's latency.
    pub fn wants_latency(&self) -> bool {
        matches!(self.kind, Kind::Latency(_))
    }

    pub fn wants_gaps(&self) -> bool {
        matches!(self.kind, Kind::Gap)
    }

    /// The feed is there.
    pub fn there(&mut self, now: Time, state: State, changes: &mut Vec<Change>) {
        self.blind = !matches!(self.kind, Kind::NotLive | Kind::Gap | Kind::Reconnects { .. });
        self.state = None;
        match &mut self.kind {
            Kind::Absent { since } => {
                *since = now;
                self.blind = false;
                self.machine.read(now, SO, changes);
            }
            Kind::Reconnects { is_lost, .. } => *is_lost = false,
            _ => {}
        }
        self.state(now, state, None, changes);
    }

    /// The feed is there no more: what was of it is over, and nothing comes of it.
    pub fn gone(&mut self, now: Time, changes: &mut Vec<Change>) {
        self.machine.end(now, changes);
        self.state = None;
        self.blind = true;
    }

    /// The feed's session changed.
    pub fn state(
        &mut self,
        now: Time,
        state: State,
        cause: Option<&Said>,
        changes: &mut Vec<Change>,
    ) {
        let before = self.state.replace(state);
        match &mut self.kind {
            Kind::Value(_) | Kind::Latency(_) if state != State::Live => self.lose(now, changes),
            Kind::Slope(slope) if state != State::Live => {
                slope.interrupt();
                self.lose(now, changes);
            }
            Kind::Value(_) | Kind::Latency(_) | Kind::Slope(_) => {}
            Kind::NotLive => {
                let was_live = before == Some(State::Live);
                let is_on_its_way =
                    matches!(state, State::Idle | State::Connecting | State::Opening);
                let is_ok = self.machine.phase() == AlertPhase::Ok;
                if state == State::Live {
                    self.machine.read(now, Reading::Back, changes);
                } else if was_live || !is_on_its_way || !is_ok {
                    if is_ok {
                        self.cause = cause.cloned();
                    }
                    self.machine.read(now, SO, changes);
                }
            }
            Kind::Reconnects { at, count, is_lost, .. } => {
                let was_connected = matches!(before, Some(State::Live | State::Stale));
                match state {
                    State::Live if std::mem::take(is_lost) => {
                        if at.len() == *count {
                            at.pop_front();
                        }
                        at.push_back(now);
                    }
                    State::Waiting | State::Connecting => *is_lost |= was_connected,
                    // What is started by hand is not connected again.
                    State::Idle | State::Stopped => *is_lost = false,
                    State::Opening | State::Live | State::Stale => {}
                }
                self.count(now, changes);
            }
            Kind::Absent { .. } | Kind::Gap => {}
        }
    }

    /// A value of the field, of this time, has come `now`. One that is late tells what was, and not
    /// what is: it is as good as any other for firing, but not for clearing.
    pub fn value(
        &mut self,
        now: Time,
        time: Time,
        value: f64,
        is_late: bool,
        changes: &mut Vec<Change>,
    ) {
        let reading = match &mut self.kind {
            Kind::Absent { since } => {
                let lasted =
                    Worst { value: Some(now.since(*since).as_secs_f64() * 1e3), excess: 1.0 };
                *since = now;
                self.machine.tick(now, changes);
                if self.machine.phase() == AlertPhase::Firing {
                    self.machine.read(now, Reading::Beyond(lasted), changes);
                }
                self.machine.end(now, changes);
                self.machine.read(now, SO, changes);
                return;
            }
            _ if !value.is_finite() => return,
            Kind::Value(bounds) => bounds.read(value),
            Kind::Slope(_) if is_late => return,
            Kind::Slope(slope) => match slope.read(now, time, value) {
                Some(reading) => reading,
                None => return,
            },
            Kind::Latency(_) | Kind::NotLive | Kind::Gap | Kind::Reconnects { .. } => return,
        };
        self.known(now, reading, is_late, changes);
    }

    /// A message has come this late.
    pub fn latency(&mut self, now: Time, latency_ms: f64, changes: &mut Vec<Change>) {
        if let Kind::Latency(bounds) = &self.kind {
            let reading = bounds.read(latency_ms);
            self.known(now, reading, false, changes);
        }
    }

    fn known(&mut self, now: Time, reading: Reading, is_late: bool, changes: &mut Vec<Change>) {
        if is_late && !matches!(reading, Reading::Beyond(_)) {
            return;
        }
        self.blind = reading == Reading::Unknown;
        self.machine.read(now, reading, changes);
    }

    fn lose(&mut self, now: Time, changes: &mut Vec<Change>) {
        self.blind = true;
        self.machine.read(now, Reading::Unknown, changes);
    }

    /// A gap has become known.
    pub fn gap(
        &mut self,
        now: Time,
        missing: Option<u64>,
        story: &Said,
        changes: &mut Vec<Change>,
    ) {
        if self.machine.phase() != AlertPhase::Firing {
            self.cause = Some(story.clone());
        }
        let missing = missing.map(|count| count as f64);
        let worst = Worst { value: missing, excess: missing.unwrap_or(0.0) };
        self.machine.read(now, Reading::Beyond(worst), changes);
    }

    /// No gap lasts any more.
    pub fn whole(&mut self, now: Time, changes: &mut Vec<Change>) {
        self.machine.read(now, Reading::Back, changes);
    }

    /// Time has gone on.
    pub fn tick(&mut self, now: Time, changes: &mut Vec<Change>) {
        self.machine.tick(now, changes);
        match &mut self.kind {
            Kind::Slope(slope) => {
                if let Some(settles) = slope.settles()
                    && let Some(reading) = slope.settle(now)
                {
                    // It was so from then on, however late anyone looks.
                    self.machine.read(settles.min(now), reading, changes);
                    self.machine.tick(now, changes);
                }
            }
            Kind::Reconnects { .. } => self.count(now, changes),
            _ => {}
        }
    }

    /// When it wants to be told the time.
    pub fn due(&self) -> Option<Time> {
        let own = match &self.kind {
            // While all is well, that it stays so is no news.
            Kind::Slope(slope) if self.machine.phase() != AlertPhase::Ok => slope.settles(),
            Kind::Reconnects { at, within, count, .. } if at.len() == *count => {
                at.front().map(|first| *first + *within)
            }
            _ => None,
        };
        [self.machine.due(), own].into_iter().flatten().min()
    }

    pub fn phase(&self) -> AlertPhase {
        match (&self.kind, self.machine.phase()) {
            // That a value came a moment ago is no reason to worry.
            (Kind::Absent { .. }, AlertPhase::Pending) => AlertPhase::Ok,
            (_, phase) => phase,
        }
    }

    pub fn since(&self) -> Option<Time> {
        self.machine.since().filter(|_| self.phase() != AlertPhase::Ok)
    }

    pub fn is_blind(&self) -> bool {
        self.blind
    }

    fn count(&mut self, now: Time, changes: &mut Vec<Change>) {
        let Kind::Reconnects { count, within, at, .. } = &mut self.kind else { return };
        while let Some(first) = at.front().filter(|first| now.since(**first) >= *within) {
            let over = *first + *within;
            let was_full = at.len() == *count;
            at.pop_front();
            if was_full {
                self.machine.read(over.min(now), Reading::Back, changes);
            }
        }
        if at.len() == *count {
            let worst = Worst { value: Some(at.len() as f64), excess: at.len() as f64 };
            self.machine.read(now, Reading::Beyond(worst), changes);
        }
        self.machine.tick(now, changes);
    }
}
