//! A feed at work: dials, reads, decodes, orders, and hands on what it got.
//!
//! This is what whoever subscribes sees. The work is done by a task of its own (`worker`), which
//! the messages pass through (`intake`).

mod ended;
mod follow;
mod intake;
mod place;
mod worker;

use crate::book::BookNews;
use crate::decode::{Names, NewField, NewWord, SetupError};
use crate::gap::{Before, Gap};
use crate::link::Control;
use crate::profile::Profile;
use crate::record::{Record, TextId, Time};
use crate::sequence::ScopeId;
use crate::sequence::ledger::{Fate, Ledger};
use crate::session::Transition;
use crate::session::outbox::{Counts, Outcome, Outgoing, Unsent};
use crate::world::{RealWorld, World};
use std::collections::BTreeMap;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc, oneshot, watch};
use worker::Worker;

/// Messages on their way from whoever sends them to the task that does; there they wait within the
/// profile's bounds.
const MAILBOX_MESSAGES_MAX: usize = 256;

/// Takes what a feed brings. It is called on the task that reads the socket, so that a sink that
/// takes its time slows the server down instead of filling a queue.
pub trait Sink: Send + 'static {
    /// The session changed.
    fn transition(&mut self, at: Time, transition: &Transition);

    /// Messages came in, or time brought something to light.
    fn batch(&mut self, batch: &Batch<'_>);

    /// A message came in, before anything is made of it, or is sent.
    fn raw(&mut self, _at: Time, _message: Raw<'_>) {}

    /// How many of the messages that come next it wants to [follow](Sink::followed). It is asked
    /// each time that something was read, so that it costs nothing where nobody looks.
    fn follow_next(&mut self, _at: Time) -> usize {
        0
    }

    /// A message came in, and this became of it.
    fn followed(&mut self, _message: &Followed<'_>) {}

    /// A message of that number, or one of those in it, was held until now, and went there.
    fn settled(&mut self, _number: u64, _fate: Fate) {}

    /// Whether it wants to be told of [books](Sink::book). It is asked as often as
    /// [`Sink::follow_next`], since messages are read twice for it.
    fn wants_books(&mut self) -> bool {
        false
    }

    /// What was delivered, or is missing, told something of the feed's order books.
    fn book(&mut self, _at: Time, _news: &BookNews<'_>) {}

    /// Something about the connection itself was said, with this payload, or reason.
    fn control(&mut self, _at: Time, _direction: Direction, _what: Control, _payload: &[u8]) {}

    /// Something happened that changes nothing, but that explains what is seen: in a sentence.
    fn noted(&mut self, _at: Time, _what: &str) {}
}

/// A message as it is on the wire, but for secrets that we send: their names stand in their place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Raw<'a> {
    pub direction: Direction,
    pub is_text: bool,
    pub payload: &'a [u8],
}

/// A received message, and where it went in the ledger.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Followed<'a> {
    /// Its place among all that were received, from 1: what lies between two was not followed.
    pub number: u64,
    pub arrival_time: Time,
    pub is_text: bool,
    /// Nothing of one that there was no room for, or that is no text although it says so.
    pub payload: &'a [u8],
    /// What the first message in it is of; `None` of what could not be read.
    pub channel: Option<&'a str>,
    pub key: Option<&'a str>,
    pub sequence: Option<u64>,
    pub source_time: Option<Time>,
    /// How many messages it had in it: some feeds send several as one.
    pub messages: u32,
    /// Of several, the one that is most worth knowing.
    pub fate: Fate,
    /// It is a piece of a larger message, which goes on by itself once it is whole.
    pub is_piece: bool,
    /// Why it could not be read.
    pub why: Option<&'a str>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Direction {
    Received,
    Sent,
}

/// What came at once.
#[derive(Debug)]
pub struct Batch<'a> {
    /// What the channels and keys of all records so far are called.
    pub names: &'a Names,
    /// Fields not seen before; they come before the first record that has them.
    pub fields: &'a [NewField],
    /// The same for those that hold texts or booleans.
    pub texts: &'a [NewField<TextId>],
    /// The texts that codes stand for in these records and those after them.
    pub words: &'a [NewWord],
    /// In order.
    pub records: &'a [Record],
    /// Records that came after they had been declared missing.
    pub late: &'a [Record],
    /// Gaps that ended, or that are known only now that they have.
    pub gaps: &'a [Gap],
    pub totals: Totals<'a>,
}

/// How the feed stands.
#[derive(Clone, Copy, Debug)]
pub struct Totals<'a> {
    pub ledger: Ledger,
    /// The gap of the whole feed that has not ended.
    pub open_gap: Option<&'a Gap>,
    /// The gaps of single channels or keys that last until a snapshot comes.
    pub lasting_gaps: &'a BTreeMap<ScopeId, Gap>,
    pub gaps: u64,
    /// Messages that the sequence numbers say exist, and that have not come.
    pub missing: u64,
    /// How often messages came out of order and were put back into it.
    pub reordered: u64,
    /// Messages whose numbers were not looked at: there are more channels and keys than are told
    /// apart.
    pub unscoped: u64,
    pub last_message: Option<Time>,
    pub fields_unlisted: u64,
    /// How often a text came that is not told apart from others of its field, being too many.
    pub texts_untold: u64,
    /// Messages that were to be sent.
    pub outbox: Counts,
}

/// What a subscription is given, beside its profile.
#[derive(Clone)]
pub struct Settings {
    /// What the user chose for the profile's variables.
    pub variables: BTreeMap<String, String>,
    pub world: Arc<dyn World>,
    /// Decides all that is left to chance; a random one if it is not given.
    pub seed: Option<u64>,
    /// That the feed was listened to before, and what was missed since is a gap.
    pub before: Option<Before>,
}

impl Default for Settings {
    fn default() -> Self {
        Settings {
            variables: BTreeMap::new(),
            world: Arc::new(RealWorld::default()),
            seed: None,
            before: None,
        }
    }
}

/// A feed that is subscribed to, until this is dropped.
#[derive(Debug)]
pub struct Subscription {
    /// The latest counts: whoever wants something else by now does not want what was before.
    wish: watch::Sender<Wish>,
    mailbox: mpsc::Sender<Posted>,
    /// By bytes, what is in the mailbox.
    room: Arc<Semaphore>,
    bytes_max: usize,
}

/// What is wanted of the session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Wish {
    be: Wanted,
    /// How often it was asked to reconnect.
    reconnects: u64,
    /// How often it was asked to ping.
    pings: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Wanted {
    Started,
    Paused,
    Stopped,
}

/// A message on its way to the task that sends it.
#[derive(Debug)]
struct Posted {
    message: Outgoing,
    /// What may be shown of it, where that is less.
    shown: Option<String>,
    sender: oneshot::Sender<Outcome>,
    _room: OwnedSemaphorePermit,
}

/// What becomes of a message: await it to know. Need not be kept.
#[derive(Debug)]
pub struct Receipt {
    outcome: Result<oneshot::Receiver<Outcome>, Unsent>,
}

impl Future for Receipt {
    type Output = Outcome;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Outcome> {
        match &mut self.outcome {
            Ok(receiver) => {
                let outcome = ready!(Pin::new(receiver).poll(context));
                Poll::Ready(outcome.unwrap_or(Outcome::Dropped(Unsent::Closed)))
            }
            Err(unsent) => Poll::Ready(Outcome::Dropped(*unsent)),
        }
    }
}

impl Subscription {
    /// Starts to subscribe, on the current tokio runtime.
    ///
    /// Fails if the profile names files that cannot be used.
    pub fn start(
        profile: Profile,
        settings: Settings,
        sink: impl Sink,
    ) -> Result<Self, SetupError> {
        let (wish, wishes) = watch::channel(Wish { be: Wanted::Started, reconnects: 0, pings: 0 });
        let (mailbox, posted) = mpsc::channel(MAILBOX_MESSAGES_MAX);
        // A permit is counted in 32 bits.
        let bytes_max = profile.outbox.bytes_max.min(u32::MAX as usize);
        let bytes_max = bytes_max.min(Semaphore::MAX_PERMITS);
        tokio::spawn(Worker::new(profile, settings, sink)?.run(wishes, posted));
        Ok(Subscription { wish, mailbox, room: Arc::new(Semaphore::new(bytes_max)), bytes_max })
    }

    /// Ends what is under way and dials at once; also starts a stopped one again.
    pub fn reconnect(&self) {
        self.wish.send_modify(|wish| {
            wish.be = Wanted::Started;
            wish.reconnects = wish.reconnects.wrapping_add(1);
        });
    }

    /// Ends the session for good: another one starts from nothing.
    pub fn stop(&self) {
        self.wish.send_modify(|wish| wish.be = Wanted::Stopped);
    }

    /// Ends the session for now: what it takes to go on is kept.
    pub fn pause(&self) {
        self.wish.send_modify(|wish| wish.be = Wanted::Paused);
    }

    /// Goes on after [`Subscription::pause`] or [`Subscription::stop`]; does nothing otherwise.
    pub fn resume(&self) {
        self.wish.send_modify(|wish| wish.be = Wanted::Started);
    }

    /// Sends a WebSocket ping now, if there is a connection: how long its answer takes bounds how far
    /// the clocks of both sides can be apart. The sink is told of both.
    pub fn ping(&self) {
        self.wish.send_modify(|wish| wish.pings = wish.pings.wrapping_add(1));
    }

    /// Sends a message as it stands, once the feed is live, in the order of the calls. What the
    /// profile's `outbox` says decides how long it may wait for that.
    pub fn send(&self, message: impl Into<Outgoing>) -> Receipt {
        self.post(message.into(), None)
    }

    /// As [`Subscription::send`], where only `shown` may be shown and recorded of it.
    pub fn send_secretly(&self, message: impl Into<Outgoing>, shown: String) -> Receipt {
        self.post(message.into(), Some(shown))
    }

    fn post(&self, message: Outgoing, shown: Option<String>) -> Receipt {
        let (sender, receiver) = oneshot::channel();
        let post = || {
            let bytes = message.bytes().len();
            if bytes > self.bytes_max {
                return Err(Unsent::TooLarge);
            }
            let room = u32::try_from(bytes).map_err(|_| Unsent::TooLarge)?;
            let room = self.room.clone().try_acquire_many_owned(room).map_err(|_| Unsent::Full)?;
            let place = self.mailbox.try_reserve().map_err(|error| match error {
                mpsc::error::TrySendError::Full(()) => Unsent::Full,
                mpsc::error::TrySendError::Closed(()) => Unsent::Closed,
            })?;
            place.send(Posted { message, shown, sender, _room: room });
            Ok(receiver)
        };
        Receipt { outcome: post() }
    }
}
