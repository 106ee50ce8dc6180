//! A feed at work: dials, reads, decodes, orders, and hands on what it got.

use crate::decode::{Decoded, Decoder, Names, NewField, Part, SetupError, Signal};
use crate::gap::{Gap, GapTracker};
use crate::link::{self, Event, Socket};
use crate::profile::{Escape, Kind, Name, Profile, Template, Values};
use crate::record::{Record, Time};
use crate::sequence::ledger::{Fate, Ledger};
use crate::sequence::{ScopeId, Sequencer, Step as SequenceStep};
use crate::session::close::Verdict;
use crate::session::{Action, Failure, Session, SessionId, Transition};
use crate::trouble::{self, Step, Trouble};
use crate::world::{RealWorld, World};
use futures_util::FutureExt;
use std::collections::BTreeMap;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Instant;
use tokio::sync::{Mutex, watch};
use tokio_tungstenite::tungstenite::error::{CapacityError, ProtocolError};
use tokio_tungstenite::tungstenite::{Bytes, Error as WsError, Message};

/// Takes what a feed brings. It is called on the task that reads the socket, so that a sink that
/// takes its time slows the server down instead of filling a queue.
pub trait Sink: Send + 'static {
    /// The session changed.
    fn transition(&mut self, at: Time, transition: &Transition);

    /// Messages came in, or time brought something to light.
    fn batch(&mut self, batch: &Batch<'_>);
}

/// What came at once.
#[derive(Debug)]
pub struct Batch<'a> {
    /// What the channels and keys of all records so far are called.
    pub names: &'a Names,
    /// Fields not seen before; they come before the first record that has them.
    pub fields: &'a [NewField],
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
    pub last_message: Option<Time>,
    pub fields_unlisted: u64,
}

/// What a subscription is given, beside its profile.
#[derive(Clone)]
pub struct Settings {
    /// What the user chose for the profile's variables.
    pub variables: BTreeMap<String, String>,
    pub world: Arc<dyn World>,
    /// Decides all that is left to chance; a random one if it is not given.
    pub seed: Option<u64>,
}

impl Default for Settings {
    fn default() -> Self {
        Settings { variables: BTreeMap::new(), world: Arc::new(RealWorld::default()), seed: None }
    }
}

/// A feed that is subscribed to, until this is dropped.
#[derive(Debug)]
pub struct Subscription {
    /// The latest counts: whoever wants something else by now does not want what was before.
    wish: watch::Sender<Wish>,
}

#[derive(Clone, Copy, Debug)]
enum Wish {
    Connected,
    Stopped,
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
        let (wish, wishes) = watch::channel(Wish::Connected);
        tokio::spawn(Worker::new(profile, settings, sink)?.run(wishes));
        Ok(Subscription { wish })
    }

    /// Ends what is under way and dials at once; also starts a stopped one again.
    pub fn reconnect(&self) {
        self.wish.send_replace(Wish::Connected);
    }

    pub fn stop(&self) {
        self.wish.send_replace(Wish::Stopped);
    }
}

type Dialling = Pin<Box<dyn Future<Output = (SessionId, Result<Socket, Failure>)> + Send>>;

struct Worker<S> {
    profile: Arc<Profile>,
    values: Values,
    world: Arc<dyn World>,
    sink: S,
    session: Session,
    decoder: Decoder,
    sequencer: Sequencer<Item>,
    gaps: GapTracker,
    ledger: Ledger,
    reordered: u64,
    last_message: Option<Time>,
    /// There is one, so that there is one socket at a time.
    line: Arc<Mutex<()>>,
    /// The session ends because of a message that was too large.
    overflow: bool,
    // What goes into the next batch.
    records: Vec<Record>,
    late: Vec<Record>,
    closed_gaps: Vec<Gap>,
    steps: Vec<SequenceStep<Item>>,
    parts: Vec<Part>,
}

/// What takes a place in the sequence.
enum Item {
    Data(Record),
    /// A control message: when it came.
    Control(Time),
}

impl Item {
    fn fate(&self) -> Fate {
        match self {
            Item::Data(_) => Fate::Delivered,
            Item::Control(_) => Fate::Control,
        }
    }
}

impl<S: Sink> Worker<S> {
    fn new(profile: Profile, settings: Settings, sink: S) -> Result<Self, SetupError> {
        let seed = settings.seed.unwrap_or_else(rand::random);
        Ok(Worker {
            session: Session::new(profile.clone(), now(), seed),
            decoder: Decoder::new(&profile)?,
            sequencer: Sequencer::new(&profile.sequence),
            profile: Arc::new(profile),
            values: Values { variables: settings.variables, ..Values::default() },
            world: settings.world,
            sink,
            gaps: GapTracker::default(),
            ledger: Ledger::default(),
            reordered: 0,
            last_message: None,
            line: Arc::default(),
            overflow: false,
            records: Vec::new(),
            late: Vec::new(),
            closed_gaps: Vec::new(),
            steps: Vec::new(),
            parts: Vec::new(),
        })
    }

    async fn run(mut self, mut wishes: watch::Receiver<Wish>) {
        let mut socket: Option<Socket> = None;
        let mut dialling: Option<Dialling> = None;
        let mut events = Vec::new();
        self.session.start();
        loop {
            self.act(&mut socket, &mut dialling);
            self.tell_transitions(self.world.now());
            let due = [self.session.next_timeout(), self.sequencer.timeout()];
            let due = due.into_iter().flatten().min();
            tokio::select! {
                biased;
                changed = wishes.changed() => {
                    if changed.is_err() {
                        if let Some(socket) = socket.take() {
                            socket.close(1000);
                        }
                        return;
                    }
                    let wish = *wishes.borrow_and_update();
                    match wish {
                        Wish::Connected => self.session.reconnect(),
                        Wish::Stopped => self.session.stop(),
                    }
                }
                (id, dialled) = dial(&mut dialling) => {
                    dialling = None;
                    match dialled {
                        Ok(opened) => {
                            socket = Some(opened);
                            self.opened(id);
                        }
                        Err(failure) => self.session.failed(id, now(), failure),
                    }
                }
                () = at(due) => {
                    // What has come by now comes first: it may be the sign of life that is awaited,
                    // and it is not the server's fault if we were busy. The runtime knows what has
                    // come once it had its turn.
                    tokio::task::yield_now().await;
                    if let Some(heard) = read(&mut socket, &mut events).now_or_never() {
                        let id = self.session.id();
                        self.take(id, heard, &mut events);
                    }
                    self.timeout();
                }
                heard = read(&mut socket, &mut events) => {
                    let id = self.session.id();
                    self.take(id, heard, &mut events);
                }
            }
        }
    }

    /// Does what the session asks for.
    fn act(&mut self, socket: &mut Option<Socket>, dialling: &mut Option<Dialling>) {
        while let Some(action) = self.session.next_action() {
            match action {
                Action::Dial(id) => {
                    *socket = None;
                    let (profile, values) = (self.profile.clone(), self.values.clone());
                    let (world, line) = (self.world.clone(), self.line.clone());
                    *dialling = Some(Box::pin(async move {
                        let line = line.lock_owned().await;
                        (id, link::dial(&profile, &values, &*world, line).await)
                    }));
                }
                Action::SendOpening(index) => {
                    let send = &self.profile.opening[index].send;
                    if let (Some(socket), Some(send)) = (socket.as_mut(), send) {
                        socket.send(Message::text(self.expand(send)));
                    }
                }
                Action::Ping => {
                    if let Some(socket) = socket {
                        socket.send(Message::Ping(Bytes::new()));
                    }
                }
                Action::Close(code) => {
                    if let Some(socket) = socket.take() {
                        socket.close(code);
                    }
                }
                Action::Abandon => {
                    *socket = None;
                    *dialling = None;
                }
            }
        }
    }

    fn tell_transitions(&mut self, now: Time) {
        while let Some(transition) = self.session.next_transition() {
            let is_open = transition.state.is_open();
            let overflow = !is_open && std::mem::take(&mut self.overflow);
            if !is_open {
                self.sequencer.session_ended(&mut self.steps);
                self.settle();
            }
            // What came before it is told before it.
            self.hand_on();
            self.gaps.transition(transition.state, &transition.cause, overflow, now);
            self.sink.transition(now, &transition);
            self.hand_on();
        }
    }

    fn opened(&mut self, id: SessionId) {
        self.session.opened(id, now());
        self.gaps.heard(self.world.now());
        self.sequencer.session_started(&mut self.steps);
    }

    fn timeout(&mut self) {
        let now = now();
        self.session.timeout(now);
        self.sequencer.handle_timeout(now, &mut self.steps);
        if !self.steps.is_empty() {
            self.settle();
            self.hand_on();
        }
    }

    /// Takes what was read at once.
    fn take(&mut self, id: SessionId, heard: bool, events: &mut Vec<Event>) {
        // One time for all: they were read at once.
        let (now, arrival) = (now(), self.world.now());
        if heard {
            self.session.heard(now);
            self.gaps.heard(arrival);
        }
        for event in events.drain(..) {
            match event {
                Event::Message(message) => {
                    self.last_message = Some(arrival);
                    self.message(message, now, arrival);
                }
                Event::Closed(code, reason) => self.session.closed(id, now, code, &reason),
                Event::Failed(error) => self.failed(id, now, error),
            }
        }
        self.hand_on();
    }

    fn message(&mut self, message: Message, now: Instant, arrival: Time) {
        let is_text = message.is_text();
        let bytes = message.into_data();
        let mut parts = std::mem::take(&mut self.parts);
        self.decoder.decode(&bytes, is_text, arrival, &mut parts);
        for part in parts.drain(..) {
            match part {
                Part::Message(decoded) => self.decoded(decoded, bytes.len(), now, arrival),
                Part::Undecodable(error) => {
                    self.ledger.admit(Fate::Undecodable);
                    self.gaps.unreadable(&error);
                }
                Part::Piece => self.ledger.admit(Fate::Held),
                Part::Joined(pieces) => (0..pieces).for_each(|_| {
                    self.ledger.settle(Fate::Control);
                }),
                Part::GivenUp(pieces, why) => {
                    (0..pieces).for_each(|_| {
                        self.ledger.settle(Fate::Undecodable);
                    });
                    self.gaps.unreadable(&why);
                }
            }
        }
        self.parts = parts;
    }

    fn decoded(&mut self, decoded: Decoded, bytes: usize, now: Instant, arrival: Time) {
        let Decoded { kind, record, position, signals } = decoded;
        for signal in signals {
            match signal {
                Signal::Acknowledges(step) if self.session.awaited() == Some(step) => {
                    self.session.acknowledged(now);
                }
                _ => {}
            }
        }
        // It may be live now, which ends an outage: what follows is not of it.
        self.tell_transitions(arrival);
        let scope = position.and_then(|position| {
            self.sequencer.scope(position.sequence, record.channel, record.key)
        });
        let item = if kind.has_data() {
            self.session.data(now);
            Item::Data(record)
        } else {
            Item::Control(arrival)
        };
        let snapshot = kind == Kind::Snapshot;
        self.sequencer.accept(now, scope, position, snapshot, bytes, item, &mut self.steps);
        self.settle();
    }

    /// A message to be sent, with what its names stand for.
    fn expand(&self, template: &Template) -> String {
        let value = |name: &Name| self.profile.value(&self.values, &*self.world, name);
        template.expand(Escape::Json, value).unwrap_or_default()
    }

    /// Enters what the sequencer decided into the ledger, the gaps and the batch.
    fn settle(&mut self) {
        let mut steps = std::mem::take(&mut self.steps);
        // The scope to which a message was just delivered that did not have to wait.
        let mut came_last = None;
        for step in steps.drain(..) {
            match step {
                SequenceStep::Held => self.ledger.admit(Fate::Held),
                SequenceStep::Deliver { scope, item, was_held } => {
                    // It was waited for: later ones had come before it.
                    if was_held && scope.is_some() && came_last.take() == scope {
                        self.reordered += 1;
                    } else if !was_held {
                        came_last = scope;
                    }
                    self.enter(item.fate(), was_held);
                    self.deliver(scope, item);
                }
                SequenceStep::Duplicate { was_held, .. } => self.enter(Fate::Duplicate, was_held),
                SequenceStep::Late { item, .. } => {
                    self.ledger.admit(Fate::Late);
                    if let Item::Data(record) = item {
                        self.late.push(record);
                    }
                }
                SequenceStep::Missing {
                    scope, channel, key, first, last, count, lasts, ..
                } => {
                    self.gaps.missing(scope, (channel, key), (first, last), count, lasts);
                }
                SequenceStep::Mended { scope } => self.gaps.mended(scope),
            }
        }
        self.steps = steps;
    }

    fn enter(&mut self, fate: Fate, was_held: bool) {
        if was_held {
            self.ledger.settle(fate);
        } else {
            self.ledger.admit(fate);
        }
    }

    fn deliver(&mut self, scope: Option<ScopeId>, item: Item) {
        match item {
            Item::Data(record) => {
                self.gaps.delivered(scope, record.time());
                self.records.push(record);
            }
            Item::Control(arrival) => self.gaps.passed(scope, arrival),
        }
    }

    fn failed(&mut self, id: SessionId, now: Instant, error: WsError) {
        let (code, what, answer, advice) = match error {
            WsError::Capacity(CapacityError::MessageTooLong { size, max_size }) => {
                self.ledger.admit(Fate::Overflow);
                self.overflow = true;
                (
                    "too-large",
                    format!(
                        "A message of {} MB came; the limit is {} MB.",
                        size / 1_000_000,
                        max_size / 1_000_000
                    ),
                    None,
                    "Ask the feed for smaller messages, or subscribe to less.",
                )
            }
            WsError::Utf8(error) => {
                self.ledger.admit(Fate::Undecodable);
                (
                    "invalid-text",
                    "A text message came that is not valid UTF-8.".to_owned(),
                    Some(error),
                    "The server should send such data as binary messages.",
                )
            }
            WsError::ConnectionClosed
            | WsError::AlreadyClosed
            | WsError::Io(_)
            | WsError::Protocol(ProtocolError::ResetWithoutClosingHandshake) => (
                "cut",
                "The connection was cut without a goodbye.".to_owned(),
                match error {
                    WsError::Io(error) => Some(error.to_string()),
                    _ => None,
                },
                "Nothing to do: it will be tried again.",
            ),
            error => (
                "protocol",
                "Something came that is not WebSocket traffic.".to_owned(),
                Some(error.to_string()),
                "The server, or a proxy in between, is at fault. It will be tried again.",
            ),
        };
        let trouble = Trouble { code, step: Step::Session, what, answer, advice: advice.into() };
        self.session.failed(id, now, Failure::new(trouble, Verdict::Retry));
    }

    /// Gives the sink all there is.
    fn hand_on(&mut self) {
        self.gaps.take_closed(&mut self.closed_gaps);
        self.sink.batch(&Batch {
            names: self.decoder.names(),
            fields: self.decoder.new_fields(),
            records: &self.records,
            late: &self.late,
            gaps: &self.closed_gaps,
            totals: Totals {
                ledger: self.ledger,
                open_gap: self.gaps.open(),
                lasting_gaps: self.gaps.lasting(),
                gaps: self.gaps.total(),
                missing: self.sequencer.missing(),
                reordered: self.reordered,
                last_message: self.last_message,
                fields_unlisted: self.decoder.fields_unlisted(),
            },
        });
        self.decoder.forget_new_fields();
        self.records.clear();
        self.late.clear();
        self.closed_gaps.clear();
    }
}

/// The same as [`std::time::Instant::now`], unless a test has its own time.
fn now() -> Instant {
    tokio::time::Instant::now().into_std()
}

async fn dial(dialling: &mut Option<Dialling>) -> (SessionId, Result<Socket, Failure>) {
    match dialling {
        Some(dialling) => dialling.await,
        None => std::future::pending().await,
    }
}

async fn at(due: Option<Instant>) {
    match due {
        Some(due) => tokio::time::sleep_until(due.into()).await,
        None => std::future::pending().await,
    }
}

async fn read(socket: &mut Option<Socket>, events: &mut Vec<Event>) -> bool {
    match socket {
        Some(socket) => socket.read(events).await,
        None => std::future::pending().await,
    }
}
