//! What the user or the app sends: kept in order until it can go, within bounds, no faster than the
//! feed allows, and followed until it is answered where answers have an id.
//!
//! It has neither socket nor clock. Pings and answers to pings are no business of its own: they
//! go first, and it is only told of them, since they count.

use super::later;
use crate::profile::{self, Offline, Path, Step};
use serde_json::Value;
use std::collections::{HashMap, VecDeque};
use std::time::{Duration, Instant};

/// The span that `per_second_max` is about.
const SECOND: Duration = Duration::from_secs(1);

/// A message to be sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outgoing {
    Text(String),
    Binary(Vec<u8>),
}

/// What became of a message to be sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It was handed to the connection. Whether it arrived, only an answer can tell.
    Sent,
    /// The server answered with this.
    Acknowledged(String),
    /// The server answered with this, which is a no.
    Refused(String),
    /// It was sent, and the answer did not come in time.
    TimedOut,
    Dropped(Unsent),
}

/// Why a message was dropped.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
pub enum Unsent {
    #[error("The feed is not live, and its profile says not to keep messages until it is.")]
    NotLive,
    #[error("As many messages wait to be sent as the profile allows.")]
    Full,
    #[error("The message is larger than all that may wait to be sent.")]
    TooLarge,
    #[error("It could not be sent for as long as the profile allows a message to wait.")]
    WaitedTooLong,
    #[error("It was sent, and the connection ended before an answer came.")]
    ConnectionLost,
    #[error("Another message with the same id was sent before the answer came.")]
    SameId,
    #[error("The feed was closed.")]
    Closed,
}

/// How many messages went where.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Those that wait to be sent, and their size.
    pub waiting: usize,
    pub waiting_bytes: usize,
    /// Those that were sent and whose answer is awaited.
    pub unanswered: usize,
    pub sent: u64,
    pub dropped: u64,
}

/// See the [module](self). `T` is what the sender of a message is told by.
#[derive(Debug)]
pub struct Outbox<T> {
    spec: profile::Outbox,
    waiting: VecDeque<Waiting<T>>,
    waiting_bytes: usize,
    /// When each message of the last second was sent; no more than may be sent in one.
    recent: VecDeque<Instant>,
    awaited: HashMap<String, Awaited<T>>,
    /// In the order in which they are given up. Those that are no longer awaited stay until they
    /// are in front, or too many.
    awaited_until: VecDeque<(Instant, u64, String)>,
    settled: VecDeque<(T, Outcome)>,
    sent: u64,
    dropped: u64,
}

#[derive(Debug)]
struct Waiting<T> {
    message: Outgoing,
    /// What may be shown of it, where that is less.
    shown: Option<String>,
    id: Option<String>,
    until: Instant,
    /// `None` for what this session alone needs: nobody asks what became of it.
    sender: Option<T>,
}

#[derive(Debug)]
struct Awaited<T> {
    number: u64,
    sender: T,
}

impl Outgoing {
    pub fn bytes(&self) -> &[u8] {
        match self {
            Outgoing::Text(text) => text.as_bytes(),
            Outgoing::Binary(bytes) => bytes,
        }
    }
}

impl From<&str> for Outgoing {
    fn from(text: &str) -> Self {
        Outgoing::Text(text.to_owned())
    }
}

impl From<String> for Outgoing {
    fn from(text: String) -> Self {
        Outgoing::Text(text)
    }
}

impl From<Vec<u8>> for Outgoing {
    fn from(bytes: Vec<u8>) -> Self {
        Outgoing::Binary(bytes)
    }
}

impl<T> Outbox<T> {
    pub fn new(spec: profile::Outbox) -> Self {
        Outbox {
            spec,
            waiting: VecDeque::new(),
            waiting_bytes: 0,
            recent: VecDeque::new(),
            awaited: HashMap::new(),
            awaited_until: VecDeque::new(),
            settled: VecDeque::new(),
            sent: 0,
            dropped: 0,
        }
    }

    /// Takes a message that somebody wants to be sent.
    pub fn push(&mut self, now: Instant, message: Outgoing, sender: T, is_live: bool) {
        self.push_shown(now, (message, None), sender, is_live);
    }

    /// As [`Outbox::push`], with what may be shown of the message, where that is less.
    pub fn push_shown(
        &mut self,
        now: Instant,
        (message, shown): (Outgoing, Option<String>),
        sender: T,
        is_live: bool,
    ) {
        let bytes = message.bytes().len();
        if !is_live && self.spec.offline == Offline::Drop {
            self.settle(sender, Outcome::Dropped(Unsent::NotLive));
        } else if bytes > self.spec.bytes_max {
            self.settle(sender, Outcome::Dropped(Unsent::TooLarge));
        } else if !self.has_room(bytes) {
            self.settle(sender, Outcome::Dropped(Unsent::Full));
        } else {
            let id = self.spec.acknowledgement.as_ref();
            let id = id.and_then(|acknowledgement| id_at(&acknowledgement.sent, &message));
            self.wait(now, (message, shown), id, Some(sender));
        }
    }

    /// Takes a message that this session alone needs; it goes with the session, and where there
    /// is no room. Returns whether there was. `shown` is what may be shown of it, where that is
    /// less.
    pub fn push_own(&mut self, now: Instant, message: Outgoing, shown: Option<String>) -> bool {
        let has_room = self.has_room(message.bytes().len());
        if has_room {
            self.wait(now, (message, shown), None, None);
        }
        has_room
    }

    fn has_room(&self, bytes: usize) -> bool {
        self.waiting.len() < self.spec.messages_max
            && self.waiting_bytes.saturating_add(bytes) <= self.spec.bytes_max
    }

    fn wait(
        &mut self,
        now: Instant,
        (message, shown): (Outgoing, Option<String>),
        id: Option<String>,
        sender: Option<T>,
    ) {
        self.waiting_bytes += message.bytes().len();
        let until = later(now, self.spec.wait_max);
        self.waiting.push_back(Waiting { message, shown, id, until, sender });
    }

    /// Something was sent beside: a ping, an answer to one, a message of the opening.
    pub fn sent_beside(&mut self, now: Instant) {
        let max = self.spec.per_second_max as usize;
        if max == 0 {
            return;
        }
        self.forget_recent(now);
        if self.recent.len() >= max {
            self.recent.pop_front();
        }
        self.recent.push_back(now);
    }

    fn forget_recent(&mut self, now: Instant) {
        while self.recent.front().is_some_and(|sent| now.duration_since(*sent) >= SECOND) {
            self.recent.pop_front();
        }
    }

    /// The next message to be sent now, if there is one. For a feed that is live, and a connection
    /// that has room.
    pub fn next(&mut self, now: Instant) -> Option<(Outgoing, Option<String>)> {
        self.forget_recent(now);
        let max = self.spec.per_second_max as usize;
        if max > 0 && self.recent.len() >= max {
            return None;
        }
        // More than may wait to be sent may not wait for an answer either.
        if self.awaited.len() >= self.spec.messages_max {
            return None;
        }
        let Waiting { message, shown, id, sender, .. } = self.waiting.pop_front()?;
        self.waiting_bytes -= message.bytes().len();
        self.sent_beside(now);
        self.sent += 1;
        match (sender, id) {
            (Some(sender), Some(id)) => self.await_answer(now, id, sender),
            (Some(sender), None) => self.settle(sender, Outcome::Sent),
            (None, _) => {}
        }
        Some((message, shown))
    }

    fn await_answer(&mut self, now: Instant, id: String, sender: T) {
        let spec = self.spec.acknowledgement.as_ref();
        let until = later(now, spec.map_or(Duration::ZERO, |spec| spec.answer_max));
        let number = self.sent;
        self.awaited_until.push_back((until, number, id.clone()));
        if let Some(older) = self.awaited.insert(id, Awaited { number, sender }) {
            self.settle(older.sender, Outcome::Dropped(Unsent::SameId));
        }
        self.tidy();
    }

    /// An answer came with this id, and reads so.
    pub fn answered(&mut self, id: &str, refused: bool, text: impl FnOnce() -> String) {
        if let Some(awaited) = self.awaited.remove(id) {
            let answer =
                if refused { Outcome::Refused(text()) } else { Outcome::Acknowledged(text()) };
            self.settle(awaited.sender, answer);
            self.tidy();
        }
    }

    /// The session ended: nothing that was sent in it is answered any more, and what was kept for
    /// it alone is of no use.
    pub fn session_ended(&mut self) {
        self.awaited_until.clear();
        // In the order in which they were sent.
        let mut lost: Vec<Awaited<T>> = self.awaited.drain().map(|(_, awaited)| awaited).collect();
        lost.sort_unstable_by_key(|awaited| awaited.number);
        for awaited in lost {
            self.settle(awaited.sender, Outcome::Dropped(Unsent::ConnectionLost));
        }
        let kept = self.spec.offline == Offline::Keep;
        for waiting in std::mem::take(&mut self.waiting) {
            match waiting.sender {
                Some(sender) if !kept => self.settle(sender, Outcome::Dropped(Unsent::NotLive)),
                Some(_) => self.waiting.push_back(waiting),
                None => {}
            }
        }
        self.waiting_bytes = self.waiting.iter().map(|waiting| waiting.message.bytes().len()).sum();
    }

    /// When [`Outbox::timeout`] is to be called, or [`Outbox::next`] where it `can_send`, if
    /// nothing comes before.
    pub fn next_timeout(&self, can_send: bool) -> Option<Instant> {
        let max = self.spec.per_second_max as usize;
        let is_paced = can_send && max > 0 && self.recent.len() >= max && !self.waiting.is_empty();
        let turn = self.recent.front().filter(|_| is_paced).map(|sent| later(*sent, SECOND));
        let waited = self.waiting.front().map(|waiting| waiting.until);
        let unanswered = self.awaited_until.front().map(|(until, ..)| *until);
        [turn, waited, unanswered].into_iter().flatten().min()
    }

    /// Gives up what has waited for too long.
    pub fn timeout(&mut self, now: Instant) {
        while self.waiting.front().is_some_and(|waiting| now >= waiting.until)
            && let Some(waiting) = self.waiting.pop_front()
        {
            self.waiting_bytes -= waiting.message.bytes().len();
            if let Some(sender) = waiting.sender {
                self.settle(sender, Outcome::Dropped(Unsent::WaitedTooLong));
            }
        }
        while self.awaited_until.front().is_some_and(|(until, ..)| now >= *until)
            && let Some((_, number, id)) = self.awaited_until.pop_front()
        {
            if self.awaited.get(&id).is_some_and(|awaited| awaited.number == number)
                && let Some(awaited) = self.awaited.remove(&id)
            {
                self.settle(awaited.sender, Outcome::TimedOut);
            }
        }
        self.tidy();
    }

    /// What became of a message, oldest first.
    pub fn next_settled(&mut self) -> Option<(T, Outcome)> {
        self.settled.pop_front()
    }

    pub fn counts(&self) -> Counts {
        Counts {
            waiting: self.waiting.len(),
            waiting_bytes: self.waiting_bytes,
            unanswered: self.awaited.len(),
            sent: self.sent,
            dropped: self.dropped,
        }
    }

    fn settle(&mut self, sender: T, outcome: Outcome) {
        if matches!(outcome, Outcome::Dropped(_)) {
            self.dropped += 1;
        }
        self.settled.push_back((sender, outcome));
    }

    /// Forgets the deadlines of what is no longer awaited: all in front, and all when they are the
    /// most.
    fn tidy(&mut self) {
        let awaited = &self.awaited;
        let is_awaited = |(_, number, id): &(Instant, u64, String)| {
            awaited.get(id).is_some_and(|awaited| awaited.number == *number)
        };
        while self.awaited_until.front().is_some_and(|front| !is_awaited(front)) {
            self.awaited_until.pop_front();
        }
        // The constant keeps short queues from being gone through at every message.
        if self.awaited_until.len() > 2 * self.awaited.len() + 64 {
            self.awaited_until.retain(is_awaited);
        }
    }
}

/// The id that a message has at `path`, if it is JSON.
fn id_at(path: &Path, message: &Outgoing) -> Option<String> {
    let Outgoing::Text(text) = message else { return None };
    let whole: Value = serde_json::from_str(text).ok()?;
    let found = path.steps().iter().try_fold(&whole, |value, step| match step {
        Step::Key(key) => value.get(&**key),
        Step::Item(index) => value.get(index),
        Step::ItemFromEnd(back) => {
            let items = value.as_array()?;
            items.get(items.len().checked_sub(*back)?)
        }
    })?;
    match found {
        Value::String(id) => Some(id.clone()),
        Value::Number(id) => Some(id.to_string()),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
