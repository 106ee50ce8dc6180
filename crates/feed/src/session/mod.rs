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
pub mod clocks;
pub mod close;
mod heartbeat;
mod opening;
pub mod outbox;

pub use backoff::{Backoff, WAIT_MIN};

use crate::Said;
use crate::decode::Signal;
use crate::profile::{DURATION_MAX, Profile};
use crate::said;
use crate::trouble::{Step, Trouble};
use close::{Judgement, Verdict};
use heartbeat::{Due, Heartbeat};
use opening::{Progress, Refused};
use rand::{SeedableRng, rngs::StdRng};
use serde::{Deserialize, Serialize};
use std::collections::VecDeque;
use std::time::{Duration, Instant};

/// Changes of the network come in swarms; this long after the first, the new one mostly works.
const NETWORK_SETTLES: Duration = Duration::from_millis(500);

/// A network that comes and goes all the time is no reason to dial more often than this.
const NETWORK_DIAL_EVERY: Duration = Duration::from_secs(5);

/// Where a feed's connection is in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
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
    pub cause: Said,
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
    /// Send a WebSocket ping, before anything else.
    Ping,
    /// Send a ping of the feed's own kind, before anything but pings.
    SendPing,
    /// Say goodbye with this code; nothing more is wanted from this socket.
    Close(u16),
    /// Drop the socket, or the attempt: there is nobody to say goodbye to.
    Abandon,
    /// Forget where the last session ended: the next one starts from nothing.
    Forget,
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
    opening: Progress,
    heartbeat: Heartbeat,
    waiting_until: Option<Instant>,
    live_since: Option<Instant>,
    /// It was tried again at once, and no session has lasted since.
    retried_now: bool,
    /// When what changed in the network is acted on.
    network_settles_at: Option<Instant>,
    network_dialled_at: Option<Instant>,
    /// A message said so: the session ends once what came with that message is taken.
    doomed: Option<(Trouble, Judgement)>,
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
            opening: Progress::new(profile.opening.clone(), profile.limits.answer_max),
            heartbeat: Heartbeat::new(profile.heartbeat.clone(), now),
            waiting_until: None,
            live_since: None,
            retried_now: false,
            network_settles_at: None,
            network_dialled_at: None,
            doomed: None,
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

    /// Whether there is a transition to tell.
    #[inline]
    pub fn has_changed(&self) -> bool {
        !self.transitions.is_empty()
    }

    /// What changed, oldest first.
    pub fn next_transition(&mut self) -> Option<Transition> {
        self.transitions.pop_front()
    }

    // What the user asks for.

    /// Starts, unless it is started. Goes on where it was paused.
    pub fn start(&mut self) {
        if matches!(self.state, State::Idle | State::Stopped) {
            self.backoff.reset();
            self.dial(said!("cause_started", "Started."));
        }
    }

    /// Ends whatever is under way and starts anew at once.
    pub fn reconnect(&mut self) {
        self.redial(said!("cause_reconnect", "You asked to reconnect."));
    }

    /// Ends it for good: what it would take to go on is forgotten.
    pub fn stop(&mut self) {
        self.actions.push_back(Action::Forget);
        self.rest(self.profile.closing.code, said!("cause_stopped", "You stopped it."));
    }

    /// Ends it for now: what it takes to go on is kept.
    pub fn pause(&mut self) {
        self.rest(self.profile.closing.resume_code, said!("cause_paused", "You paused it."));
    }

    fn rest(&mut self, code: u16, cause: Said) {
        if self.state != State::Stopped {
            self.let_go(code);
            self.change(State::Stopped, cause, None, None);
        }
    }

    /// Ends whatever is under way, as one who means to come back, and dials at once.
    fn redial(&mut self, cause: Said) {
        self.let_go(self.profile.closing.resume_code);
        self.backoff.reset();
        self.dial(cause);
    }

    // What happens on the socket.

    /// The handshake is done. `resumed` says whether the session goes on where one before it
    /// ended.
    pub fn opened(&mut self, id: SessionId, now: Instant, resumed: bool) {
        if id != self.id || self.state != State::Connecting {
            return;
        }
        self.heartbeat.opened(now);
        self.opening.start(resumed);
        if !self.profile.opening.is_empty() {
            self.change(
                State::Opening,
                said!("cause_opening", "Connected. Subscribing."),
                None,
                None,
            );
        }
        self.go_on(now);
    }

    /// The step of the opening whose answer is awaited, if any.
    pub fn awaited(&self) -> Option<usize> {
        self.opening.awaited().map(|(step, _)| step)
    }

    /// A message came that has these signals, and reads so. Where it ends the session, that is
    /// done by [`Session::settle`], once what came with it is taken.
    pub fn signalled(&mut self, now: Instant, signals: &[Signal], text: impl Fn() -> String) {
        if !self.state.is_open() || self.doomed.is_some() {
            return;
        }
        for signal in signals {
            match signal {
                Signal::Ends(rule) => {
                    if let Some(judgement) = close::judge_message(&self.profile.closing, *rule) {
                        self.doomed = Some((told_to_end(&judgement, text()), judgement));
                        return;
                    }
                }
                Signal::Refuses(step) => {
                    if let Some(refused) = self.opening.refused(*step, now) {
                        self.doomed = Some(refusal(refused, text()));
                        return;
                    }
                }
                Signal::AnswersPing => self.heartbeat.own_ping_answered(),
                Signal::PingInterval(every) => {
                    self.heartbeat.own_ping_every(*every, now, &mut self.random);
                }
                Signal::Acknowledges(_) | Signal::Wants(_) | Signal::Answers { .. } => {}
            }
        }
        let mut acknowledged = signals.iter().filter_map(|signal| match signal {
            Signal::Acknowledges(step) => Some(*step),
            _ => None,
        });
        // One message is the answer to one step.
        if acknowledged.any(|step| self.opening.acknowledged(step)) {
            self.go_on(now);
        }
    }

    /// All that was read at once has been taken: does what a message among it demanded.
    pub fn settle(&mut self, now: Instant) {
        let Some((trouble, judgement)) = self.doomed.take() else { return };
        let closing = &self.profile.closing;
        let leaves = judgement.verdict == Verdict::Stop || judgement.fresh;
        let code = if leaves { closing.code } else { closing.resume_code };
        self.actions.push_back(Action::Close(code));
        self.end(now, trouble, judgement);
    }

    /// Bytes came in, of whatever kind.
    pub fn heard(&mut self, now: Instant) {
        self.heartbeat.heard(now);
    }

    /// A data message came in.
    #[inline]
    pub fn data(&mut self, now: Instant) {
        self.heartbeat.data(now);
        if self.state == State::Stale {
            self.change(
                State::Live,
                said!("cause_data_again", "Data is coming again."),
                None,
                None,
            );
        }
    }

    /// The attempt, or the session, is over without a goodbye.
    pub fn failed(&mut self, id: SessionId, now: Instant, failure: Failure) {
        self.settle(now);
        if self.concerns(id) {
            self.actions.push_back(Action::Abandon);
            let judgement = close::judge_failure(&self.profile.closing, &failure);
            self.end(now, failure.trouble, judgement);
        }
    }

    /// We have to end it: there is something that we cannot do.
    pub fn unable(&mut self, id: SessionId, now: Instant, failure: Failure) {
        if self.concerns(id) {
            self.actions.push_back(Action::Close(self.profile.closing.code));
            self.end(now, failure.trouble, failure.verdict.into());
        }
    }

    /// The server closed with `code`.
    pub fn closed(&mut self, id: SessionId, now: Instant, code: u16, reason: &str) {
        self.settle(now);
        if !self.concerns(id) {
            return;
        }
        let judgement = close::judge_code(&self.profile.closing, code);
        let trouble = Trouble {
            code: "closed",
            step: Step::Session,
            what: close::said(code, reason),
            answer: None,
            advice: match judgement.verdict {
                Verdict::Stop => {
                    said!(
                        "advice_closed",
                        "Check the URL, the token and what is subscribed to, then reconnect."
                    )
                }
                _ => again(),
            },
        };
        // Its goodbye is answered; with which code is of no more interest.
        self.actions.push_back(Action::Close(self.profile.closing.code));
        self.end(now, trouble, judgement);
    }

    fn concerns(&self, id: SessionId) -> bool {
        id == self.id && (self.state.is_open() || self.state == State::Connecting)
    }

    // What happens to this computer.

    /// It slept for about this long. The server has given us up by now, whatever the socket says.
    pub fn woke(&mut self, slept: Duration) {
        if !matches!(self.state, State::Idle | State::Stopped) {
            let seconds = seconds(slept);
            self.redial(said!("cause_slept", "This computer slept for {seconds} s.", seconds));
        }
    }

    /// Its network changed.
    pub fn network_changed(&mut self, now: Instant) {
        if !matches!(self.state, State::Idle | State::Stopped) && self.network_settles_at.is_none()
        {
            self.network_settles_at = Some(now + NETWORK_SETTLES);
        }
    }

    fn network_settled(&mut self, now: Instant) {
        let dialled = self.network_dialled_at;
        let is_new = dialled.is_none_or(|at| now.duration_since(at) >= NETWORK_DIAL_EVERY);
        if self.state.is_open() {
            self.heartbeat.check(now);
            self.actions.push_back(Action::Ping);
        } else if is_new {
            self.network_dialled_at = Some(now);
            self.let_go(self.profile.closing.resume_code);
            self.dial(said!("cause_network_changed", "The network changed."));
        }
    }

    // What time brings.

    /// When [`Session::timeout`] is to be called next, if nothing else happens before.
    pub fn next_timeout(&self) -> Option<Instant> {
        let of_state = match self.state {
            State::Idle | State::Stopped | State::Connecting => None,
            State::Waiting => self.waiting_until,
            State::Opening | State::Live | State::Stale => {
                let awaited = self.opening.awaited().map(|(_, until)| until);
                [awaited, self.heartbeat.next(self.state)].into_iter().flatten().min()
            }
        };
        [of_state, self.network_settles_at].into_iter().flatten().min()
    }

    /// Does what is due at `now`.
    pub fn timeout(&mut self, now: Instant) {
        if self.network_settles_at.take_if(|at| now >= *at).is_some() {
            self.network_settled(now);
        }
        if self.state == State::Waiting {
            if self.waiting_until.is_some_and(|until| now >= until) {
                let attempt = self.backoff.failures() + 1;
                self.dial(said!("cause_attempt", "Attempt {attempt}.", attempt));
            }
            return;
        }
        while self.state.is_open()
            && let Some(due) = self.heartbeat.due(self.state, now)
        {
            self.act_on(due, now);
        }
        if let Some((step, until)) = self.opening.awaited()
            && now >= until
        {
            let what = said!(
                "trouble_opening_unanswered",
                "The server did not answer the subscription within {seconds} s.",
                seconds = seconds(self.opening.answer_max_of(step)),
            );
            let advice = said!(
                "advice_opening_unanswered",
                "Check the messages of the opening, and which answer they wait for."
            );
            self.actions.push_back(Action::Close(self.profile.closing.resume_code));
            self.give_up(now, ("opening-unanswered", Step::Opening), what, advice, Verdict::Retry);
        }
    }

    fn act_on(&mut self, due: Due, now: Instant) {
        let (code, what, advice, verdict) = match due {
            Due::Ping => return self.actions.push_back(Action::Ping),
            Due::OwnPing => return self.actions.push_back(Action::SendPing),
            Due::Stale(since) => {
                let cause = no_data(since);
                return self.change(State::Stale, cause, None, None);
            }
            Due::Silent(since) => (
                "silent",
                no_data(since),
                said!(
                    "advice_silent",
                    "The server may have forgotten the subscription: it will be tried again."
                ),
                Verdict::Retry,
            ),
            Due::Idle(quiet) => (
                "idle",
                said!(
                    "trouble_idle",
                    "Nothing came for {seconds} s, not even the answer to a ping.",
                    seconds = seconds(quiet),
                ),
                said!(
                    "advice_idle",
                    "The network or the server is gone without a word: it will be tried again."
                ),
                Verdict::Retry,
            ),
            Due::Zombie(waited) => (
                "ping-unanswered",
                said!(
                    "trouble_ping_unanswered",
                    "The server did not answer a ping within {seconds} s.",
                    seconds = seconds(waited),
                ),
                said!(
                    "advice_ping_unanswered",
                    "The server is stuck, or lost this session: it will be tried again."
                ),
                Verdict::Retry,
            ),
            Due::Unreachable(waited) => (
                "network-changed",
                said!(
                    "trouble_network_changed",
                    "The network changed, and since then the server has not answered for \
                     {seconds} s.",
                    seconds = seconds(waited),
                ),
                said!("advice_network_changed", "It is tried again over the new network."),
                Verdict::RetryNow,
            ),
        };
        self.actions.push_back(match due {
            // Somebody may be there, who keeps our session if we say that we come back.
            Due::Zombie(_) | Due::Silent(_) => Action::Close(self.profile.closing.resume_code),
            _ => Action::Abandon,
        });
        self.give_up(now, (code, Step::Session), what, advice, verdict);
    }

    fn give_up(
        &mut self,
        now: Instant,
        (code, step): (&'static str, Step),
        what: Said,
        advice: Said,
        verdict: Verdict,
    ) {
        let trouble = Trouble { code, step, what, answer: None, advice };
        self.end(now, trouble, verdict.into());
    }

    fn dial(&mut self, cause: Said) {
        self.id.0 += 1;
        self.waiting_until = None;
        self.change(State::Connecting, cause, None, None);
        self.actions.push_back(Action::Dial(self.id));
    }

    /// Goes on with the opening, as far as it can.
    fn go_on(&mut self, now: Instant) {
        let actions = &mut self.actions;
        let is_over = self.opening.go_on(now, |step| actions.push_back(Action::SendOpening(step)));
        if is_over && matches!(self.state, State::Connecting | State::Opening) {
            self.live_since = Some(now);
            self.heartbeat.live(now, &mut self.random);
            self.change(State::Live, said!("cause_connected", "Connected."), None, None);
        }
    }

    /// Leaves the socket, or the attempt, without judging it.
    fn let_go(&mut self, code: u16) {
        if self.state.is_open() {
            self.actions.push_back(Action::Close(code));
        } else if self.state == State::Connecting {
            self.actions.push_back(Action::Abandon);
        }
        self.leave();
    }

    fn leave(&mut self) {
        self.opening.end();
        self.doomed = None;
        self.live_since = None;
        self.waiting_until = None;
        self.network_settles_at = None;
    }

    fn end(&mut self, now: Instant, mut trouble: Trouble, judgement: Judgement) {
        if let Some(since) = self.live_since
            && self.backoff.ended_after(now.saturating_duration_since(since))
        {
            self.retried_now = false;
        }
        let settles_at = self.network_settles_at;
        self.leave();
        let Judgement { verdict, fresh, because } = judgement;
        if fresh {
            self.actions.push_back(Action::Forget);
        }
        if let Some(because) = because {
            trouble.what = trouble.what.and(because);
        }
        let wait = match verdict {
            Verdict::Stop => {
                self.change(State::Stopped, trouble.what.clone(), None, Some(trouble));
                return;
            }
            Verdict::RetryNow if !self.retried_now => {
                self.retried_now = true;
                Duration::ZERO
            }
            Verdict::RetryNow | Verdict::Retry => self.backoff.next(None, &mut self.random),
            Verdict::RetryAfter(at_least) => self.backoff.next(Some(at_least), &mut self.random),
        };
        // A change of the network is as good a reason to dial as it was.
        self.network_settles_at = settles_at;
        self.waiting_until = Some(later(now, wait));
        self.change(State::Waiting, trouble.what.clone(), Some(wait), Some(trouble));
    }

    fn change(
        &mut self,
        state: State,
        cause: Said,
        wait: Option<Duration>,
        trouble: Option<Trouble>,
    ) {
        self.state = state;
        self.transitions.push_back(Transition { state, cause, wait, trouble });
    }
}

pub(crate) fn again() -> Said {
    said!("advice_again", "Nothing to do: it will be tried again.")
}

/// A message says that the session is to end.
fn told_to_end(judgement: &Judgement, message: String) -> Trouble {
    Trouble {
        code: "told-to-end",
        step: Step::Session,
        what: said!("trouble_told_to_end", "The server sent a message that ends the session."),
        answer: Some(message),
        advice: match judgement.verdict {
            Verdict::Stop => {
                said!("advice_told_to_end", "Its message may say what to do; then reconnect.")
            }
            _ => again(),
        },
    }
}

fn refusal(refused: Refused, answer: String) -> (Trouble, Judgement) {
    let (code, what, advice, verdict) = match refused {
        Refused::All => (
            "opening-refused",
            said!("trouble_opening_refused", "The server refused the subscription."),
            said!(
                "advice_opening_refused",
                "Check the channels, the account's rights and the token."
            ),
            Verdict::Stop,
        ),
        Refused::Resuming => (
            "resuming-refused",
            said!(
                "trouble_resuming_refused",
                "The server cannot go on where the last session ended."
            ),
            said!("advice_resuming_refused", "Nothing to do: it is tried again from the start."),
            Verdict::RetryNow,
        ),
    };
    let trouble = Trouble { code, step: Step::Opening, what, answer: Some(answer), advice };
    (trouble, Judgement { verdict, fresh: refused == Refused::Resuming, because: None })
}

fn no_data(since: Duration) -> Said {
    said!(
        "trouble_silent",
        "The connection stands, but no data came for {seconds} s.",
        seconds = seconds(since),
    )
}

/// `duration` after `now`, whatever a server or a profile makes of it.
fn later(now: Instant, duration: Duration) -> Instant {
    now.checked_add(duration.min(DURATION_MAX)).unwrap_or(now)
}

fn seconds(duration: Duration) -> String {
    let seconds = duration.as_secs_f64();
    if seconds < 10.0 && seconds.fract() >= 0.05 {
        format!("{seconds:.1}")
    } else {
        format!("{seconds:.0}")
    }
}

#[cfg(test)]
mod tests;
