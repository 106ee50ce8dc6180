//! The life of a feed's connection, decided without a socket and without a clock.
//!
//! ```text
//! Idle ─▶ Connecting ─▶ Opening ─▶ Live ⇄ Stale
//!             ▲            │          │
//!             └── Waiting ◀┴──────────┘        Stopped, from anywhere
//! ```
//!
//! Whoever drives it tells it what happened and when, carries out the [`Action`]s that it asks
//! for, and calls [`Session::timeout`] at the moment named by [`Session::next_timeout`]. A test
//! can so cover a week in a millisecond.

mod backoff;
pub mod close;

pub use backoff::{Backoff, WAIT_MIN};

use crate::profile::Profile;
use crate::trouble::{Step, Trouble};
use close::Verdict;
use rand::{SeedableRng, rngs::StdRng};
use serde::Serialize;
use std::collections::VecDeque;
use std::time::{Duration, Instant};

/// Where a feed's connection is in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub enum State {
    /// Not started.
    Idle,
    /// From name lookup to the end of the handshake.
    Connecting,
    /// Open; authenticating and subscribing.
    Opening,
    Live,
    /// Open, but no data comes.
    Stale,
    /// Until the next attempt.
    Waiting,
    /// By the user, or because trying again makes no sense.
    Stopped,
}

impl State {
    /// Whether a socket is open in this state.
    pub fn is_open(self) -> bool {
        matches!(self, State::Opening | State::Live | State::Stale)
    }
}

/// A change of state, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Transition {
    pub state: State,
    /// In a sentence.
    pub cause: String,
    /// How long until the next attempt, when waiting.
    pub wait: Option<Duration>,
    /// What failed, where something did.
    pub trouble: Option<Trouble>,
}

/// One attempt and what comes of it. What is heard of an older one is not heard.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct SessionId(pub u64);

/// What the driver is to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Action {
    Dial(SessionId),
    /// Send this message of the profile's opening.
    SendOpening(usize),
    Ping,
    /// Say goodbye with this code; nothing more is wanted from this socket.
    Close(u16),
    /// Drop the socket, or the attempt: there is nobody to say goodbye to.
    Abandon,
}

/// Why an attempt or a session ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    pub trouble: Trouble,
    pub verdict: Verdict,
    /// The HTTP status that answered the handshake, where one did instead of 101.
    pub status: Option<u16>,
}

impl Failure {
    pub fn new(trouble: Trouble, verdict: Verdict) -> Self {
        Failure { trouble, verdict, status: None }
    }
}

/// See the [module](self).
#[derive(Debug)]
pub struct Session {
    profile: Profile,
    backoff: Backoff,
    random: StdRng,
    id: SessionId,
    state: State,
    actions: VecDeque<Action>,
    transitions: VecDeque<Transition>,
    /// The opening message whose answer is awaited, and until when.
    awaited: Option<(usize, Instant)>,
    waiting_until: Option<Instant>,
    live_since: Option<Instant>,
    heard_at: Instant,
    data_at: Instant,
    pinged_at: Option<Instant>,
}

impl Session {
    /// `seed` decides the jitter.
    pub fn new(profile: Profile, now: Instant, seed: u64) -> Self {
        Session {
            backoff: Backoff::new(profile.backoff.clone()),
            random: StdRng::seed_from_u64(seed),
            id: SessionId(0),
            state: State::Idle,
            actions: VecDeque::new(),
            transitions: VecDeque::new(),
            awaited: None,
            waiting_until: None,
            live_since: None,
            heard_at: now,
            data_at: now,
            pinged_at: None,
            profile,
        }
    }

    pub fn state(&self) -> State {
        self.state
    }

    pub fn id(&self) -> SessionId {
        self.id
    }

    /// What to do next, until there is nothing.
    pub fn next_action(&mut self) -> Option<Action> {
        self.actions.pop_front()
    }

    /// What changed, oldest first.
    pub fn next_transition(&mut self) -> Option<Transition> {
        self.transitions.pop_front()
    }

    // What the user asks for.

    /// Starts, unless it is started.
    pub fn start(&mut self) {
        if matches!(self.state, State::Idle | State::Stopped) {
            self.backoff.reset();
            self.dial("Started.");
        }
    }

    /// Ends whatever is under way and starts anew at once.
    pub fn reconnect(&mut self) {
        self.let_go();
        self.backoff.reset();
        self.dial("You asked to reconnect.");
    }

    pub fn stop(&mut self) {
        if self.state != State::Stopped {
            self.let_go();
            self.change(State::Stopped, "You stopped it.".into(), None, None);
        }
    }

    // What happens on the socket.

    /// The handshake is done.
    pub fn opened(&mut self, id: SessionId, now: Instant) {
        if id != self.id || self.state != State::Connecting {
            return;
        }
        self.heard_at = now;
        self.data_at = now;
        self.pinged_at = None;
        if self.profile.opening.is_empty() {
            self.go_live(now);
        } else {
            self.change(State::Opening, "Connected. Subscribing.".into(), None, None);
            self.send_opening(0, now);
        }
    }

    /// The opening message whose answer is awaited, if any.
    pub fn awaited(&self) -> Option<usize> {
        self.awaited.map(|(index, _)| index)
    }

    /// The awaited answer came.
    pub fn acknowledged(&mut self, now: Instant) {
        if let Some((index, _)) = self.awaited.take() {
            self.send_opening(index + 1, now);
        }
    }

    /// The awaited answer is a no.
    pub fn refused(&mut self, now: Instant, answer: String) {
        if self.awaited.is_some() {
            self.actions.push_back(Action::Close(1000));
            self.end(
                now,
                Failure::new(
                    Trouble {
                        code: "opening-refused",
                        step: Step::Opening,
                        what: "The server refused the subscription.".into(),
                        answer: Some(answer),
                        advice: "Check the channels, the account's rights and the token.".into(),
                    },
                    Verdict::Stop,
                ),
            );
        }
    }

    /// Bytes came in, of whatever kind.
    pub fn heard(&mut self, now: Instant) {
        self.heard_at = now;
        self.pinged_at = None;
    }

    /// A data message came in.
    pub fn data(&mut self, now: Instant) {
        self.heard(now);
        self.data_at = now;
        if self.state == State::Stale {
            self.change(State::Live, "Data is coming again.".into(), None, None);
        }
    }

    /// The attempt, or the session, is over without a goodbye.
    pub fn failed(&mut self, id: SessionId, now: Instant, failure: Failure) {
        self.over(id, now, failure, Action::Abandon);
    }

    fn over(&mut self, id: SessionId, now: Instant, failure: Failure, leave: Action) {
        if id == self.id && (self.state.is_open() || self.state == State::Connecting) {
            self.actions.push_back(leave);
            self.end(now, failure);
        }
    }

    /// The server closed with `code`.
    pub fn closed(&mut self, id: SessionId, now: Instant, code: u16, reason: &str) {
        let because = if reason.is_empty() { String::new() } else { format!(": “{reason}”") };
        let verdict = close::after_close(code);
        self.over(
            id,
            now,
            Failure::new(
                Trouble {
                    code: "closed",
                    step: Step::Session,
                    what: format!(
                        "The server closed the connection ({code}, {}{because}).",
                        close::meaning(code)
                    ),
                    answer: None,
                    advice: match verdict {
                        Verdict::Stop => "Check the URL, the token and what is subscribed to, \
                                          then reconnect."
                            .into(),
                        _ => "Nothing to do: it will be tried again.".into(),
                    },
                },
                verdict,
            ),
            Action::Close(1000),
        );
    }

    // What time brings.

    /// When [`Session::timeout`] is to be called next, if nothing else happens before.
    pub fn next_timeout(&self) -> Option<Instant> {
        match self.state {
            State::Idle | State::Stopped | State::Connecting => None,
            State::Waiting => self.waiting_until,
            State::Opening | State::Live | State::Stale => {
                let heartbeat = &self.profile.heartbeat;
                let data = match self.state {
                    State::Live => heartbeat.data_max,
                    State::Stale => heartbeat.data_give_up,
                    _ => None,
                };
                [
                    self.awaited.map(|(_, until)| until),
                    Some(self.heard_at + heartbeat.idle_max),
                    self.pinged_at.is_none().then_some(self.heard_at + heartbeat.ping_after),
                    data.map(|limit| self.data_at + limit),
                ]
                .into_iter()
                .flatten()
                .min()
            }
        }
    }

    /// Does what is due at `now`.
    pub fn timeout(&mut self, now: Instant) {
        if self.state == State::Waiting {
            if self.waiting_until.is_some_and(|until| now >= until) {
                let attempt = self.backoff.failures() + 1;
                self.dial(&format!("Attempt {attempt}."));
            }
            return;
        }
        if !self.state.is_open() {
            return;
        }
        let heartbeat = self.profile.heartbeat.clone();
        let quiet = now.saturating_duration_since(self.heard_at);
        let without_data = now.saturating_duration_since(self.data_at);
        if quiet >= heartbeat.idle_max {
            self.actions.push_back(Action::Abandon);
            self.end(
                now,
                dead(
                    "idle",
                    Step::Session,
                    format!("Nothing came for {}, not even the answer to a ping.", seconds(quiet)),
                    "The network or the server is gone without a word: it will be tried again.",
                ),
            );
        } else if self.awaited.is_some_and(|(_, until)| now >= until) {
            self.actions.push_back(Action::Close(1000));
            self.end(
                now,
                dead(
                    "opening-unanswered",
                    Step::Opening,
                    format!(
                        "The server did not answer the subscription within {}.",
                        seconds(self.profile.limits.answer_max)
                    ),
                    "Check the messages of the opening, and which answer they wait for.",
                ),
            );
        } else if self.state == State::Stale
            && heartbeat.data_give_up.is_some_and(|limit| without_data >= limit)
        {
            self.actions.push_back(Action::Abandon);
            self.end(
                now,
                dead(
                    "silent",
                    Step::Session,
                    format!(
                        "The connection stands, but no data came for {}.",
                        seconds(without_data)
                    ),
                    "The server may have forgotten the subscription: it will be tried again.",
                ),
            );
        } else {
            if self.state == State::Live
                && heartbeat.data_max.is_some_and(|limit| without_data >= limit)
            {
                let cause = format!(
                    "The connection stands, but no data came for {}.",
                    seconds(without_data)
                );
                self.change(State::Stale, cause, None, None);
            }
            if self.pinged_at.is_none() && quiet >= heartbeat.ping_after {
                self.pinged_at = Some(now);
                self.actions.push_back(Action::Ping);
            }
        }
    }

    fn dial(&mut self, cause: &str) {
        self.id.0 += 1;
        self.waiting_until = None;
        self.change(State::Connecting, cause.into(), None, None);
        self.actions.push_back(Action::Dial(self.id));
    }

    fn send_opening(&mut self, first: usize, now: Instant) {
        for index in first..self.profile.opening.len() {
            self.actions.push_back(Action::SendOpening(index));
            if self.profile.opening[index].acknowledged.is_some() {
                self.awaited = Some((index, now + self.profile.limits.answer_max));
                return;
            }
        }
        self.go_live(now);
    }

    fn go_live(&mut self, now: Instant) {
        self.live_since = Some(now);
        self.data_at = now;
        self.change(State::Live, "Connected.".into(), None, None);
    }

    /// Leaves the socket, or the attempt, without judging it.
    fn let_go(&mut self) {
        if self.state.is_open() {
            self.actions.push_back(Action::Close(1000));
        } else if self.state == State::Connecting {
            self.actions.push_back(Action::Abandon);
        }
        self.awaited = None;
        self.live_since = None;
        self.waiting_until = None;
    }

    fn end(&mut self, now: Instant, failure: Failure) {
        if let Some(since) = self.live_since.take() {
            self.backoff.ended_after(now.saturating_duration_since(since));
        }
        self.awaited = None;
        let Failure { trouble, verdict, .. } = failure;
        let at_least = match verdict {
            Verdict::Stop => {
                self.change(State::Stopped, trouble.what.clone(), None, Some(trouble));
                return;
            }
            Verdict::Retry => None,
            Verdict::RetryAfter(at_least) => Some(at_least),
        };
        let wait = self.backoff.next(at_least, &mut self.random);
        self.waiting_until = Some(now + wait);
        self.change(State::Waiting, trouble.what.clone(), Some(wait), Some(trouble));
    }

    fn change(
        &mut self,
        state: State,
        cause: String,
        wait: Option<Duration>,
        trouble: Option<Trouble>,
    ) {
        self.state = state;
        self.transitions.push_back(Transition { state, cause, wait, trouble });
    }
}

fn dead(code: &'static str, step: Step, what: String, advice: &str) -> Failure {
    let trouble = Trouble { code, step, what, answer: None, advice: advice.into() };
    Failure::new(trouble, Verdict::Retry)
}

fn seconds(duration: Duration) -> String {
    let seconds = duration.as_secs_f64();
    if seconds < 10.0 && seconds.fract() >= 0.05 {
        format!("{seconds:.1} s")
    } else {
        format!("{seconds:.0} s")
    }
}

#[cfg(test)]
mod tests;
