//! The task of a subscription: carries out what the session asks for, tells it what happened, and
//! hears commands at any time.
//!
//! Its loop does one thing at a time and waits for the next in a fixed order: commands first, so
//! that no flood of messages can delay them; what is read comes in batches, and last.

use super::follow::Course;
use super::intake::Item;
use super::place::Place;
use super::{Direction, Followed, Posted, Raw, Settings, Sink, Wanted, Wish, ended};
use crate::book::BookReader;
use crate::decode::{Decoder, Part, SetupError};
use crate::gap::{Gap, GapTracker};
use crate::link::{self, Control, Event, Heard, Socket};
use crate::profile::{Escape, Name, Profile, Template, Values};
use crate::record::{Record, Time};
use crate::sequence::asker::{Asker, Question};
use crate::sequence::ledger::{Fate, Ledger};
use crate::sequence::rewind::Rewind;
use crate::sequence::{Sequencer, Step as SequenceStep};
use crate::session::clocks::{Clocks, Jump, overslept};
use crate::session::outbox::{Outbox, Outcome, Outgoing};
use crate::session::{Action, Failure, Session, SessionId, State};
use crate::trouble::Step;
use crate::world::World;
use futures_util::FutureExt;
use std::pin::Pin;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::{Mutex, mpsc, oneshot, watch};
use tokio_tungstenite::tungstenite::{Bytes, Error as WsError, Message};

/// The clocks are compared this often, so that sleep is noticed soon after waking: timers do not
/// go on during sleep, and might be the only thing to happen.
const CLOCKS_EVERY: Duration = Duration::from_secs(5);

/// What is taken from the mailbox, and what is read after sleep, before anyone else is heard again.
const TURN_MAX: usize = 64;

type Dialling = Pin<Box<dyn Future<Output = (SessionId, Result<Socket, Failure>)> + Send>>;
type NetworkChange = Pin<Box<dyn Future<Output = ()> + Send>>;

pub(super) struct Worker<S> {
    pub(super) profile: Arc<Profile>,
    values: Values,
    /// The session goes on where one before it ended.
    resumed: bool,
    world: Arc<dyn World>,
    pub(super) sink: S,
    pub(super) session: Session,
    pub(super) outbox: Outbox<oneshot::Sender<Outcome>>,
    pub(super) decoder: Decoder,
    pub(super) sequencer: Sequencer<Item>,
    pub(super) asker: Asker,
    /// Where sessions go on by a cursor.
    pub(super) rewind: Option<Rewind>,
    pub(super) gaps: GapTracker,
    pub(super) ledger: Ledger,
    pub(super) place: Place,
    clocks: Clocks,
    /// For `${id}`.
    messages_made: u64,
    pub(super) reordered: u64,
    pub(super) last_message: Option<Time>,
    /// How many messages have come over the wire.
    pub(super) received: u64,
    /// How many of the next ones the sink follows.
    pub(super) follow: usize,
    /// What became of the message that is being taken, where it is followed.
    pub(super) course: Option<Course>,
    pub(super) book_reader: BookReader,
    /// The sink is told of books.
    pub(super) books_wanted: bool,
    /// There is one, so that there is one socket at a time.
    line: Arc<Mutex<()>>,
    /// The session ends because of a message that was too large.
    overflow: bool,
    // What goes into the next batch.
    pub(super) records: Vec<Record>,
    pub(super) late: Vec<Record>,
    pub(super) closed_gaps: Vec<Gap>,
    pub(super) steps: Vec<SequenceStep<Item>>,
    pub(super) parts: Vec<Part>,
    /// Answers that what was just read asks for.
    pub(super) wanted: Vec<Template>,
    /// When what is being read came: one time for all of it, since it is read at once.
    read_at: Option<(Instant, Time)>,
    /// How the connection ended with what is being read.
    ended: Option<Event>,
}

/// What the worker waits for. Is looked at where it is made, so that its size is no matter.
#[allow(clippy::large_enum_variant)]
enum Happened {
    Wished(Result<(), watch::error::RecvError>),
    Dialled(SessionId, Result<Socket, Failure>),
    Due,
    Network,
    Heard(bool),
    Posted(Posted),
}

/// A message that was put together.
struct Made {
    text: String,
    /// What may be shown and recorded of it, where that is less.
    shown: Option<String>,
}

impl<S: Sink> Worker<S> {
    pub(super) fn new(profile: Profile, settings: Settings, sink: S) -> Result<Self, SetupError> {
        let seed = settings.seed.unwrap_or_else(rand::random);
        let values = Values { variables: settings.variables, ..Values::default() };
        let book_reader = BookReader::new(&profile, |levels| {
            let value = |name: &Name| profile.value(&values, &*settings.world, name);
            levels.fill(Escape::No, value).ok()
        });
        Ok(Worker {
            session: Session::new(profile.clone(), now(), seed),
            outbox: Outbox::new(profile.outbox.clone()),
            decoder: Decoder::new(&profile)?,
            sequencer: Sequencer::new(&profile.sequence),
            asker: Asker::new(&profile.sequence),
            rewind: profile
                .resume
                .as_ref()
                .and_then(|resume| resume.cursor.as_ref())
                .map(|_| Rewind::default()),
            place: Place::new(profile.resume.clone()),
            clocks: Clocks::new(now(), settings.world.now()),
            profile: Arc::new(profile),
            values,
            resumed: false,
            world: settings.world,
            sink,
            gaps: GapTracker::new(settings.before),
            ledger: Ledger::default(),
            messages_made: 0,
            reordered: 0,
            last_message: None,
            received: 0,
            follow: 0,
            course: None,
            book_reader,
            books_wanted: false,
            line: Arc::default(),
            overflow: false,
            records: Vec::new(),
            late: Vec::new(),
            closed_gaps: Vec::new(),
            steps: Vec::new(),
            parts: Vec::new(),
            wanted: Vec::new(),
            read_at: None,
            ended: None,
        })
    }

    pub(super) async fn run(
        mut self,
        mut wishes: watch::Receiver<Wish>,
        mut mailbox: mpsc::Receiver<Posted>,
    ) {
        let mut socket: Option<Socket> = None;
        let mut dialling: Option<Dialling> = None;
        let mut network = network_change(&self.world);
        let mut wish = *wishes.borrow_and_update();
        self.wish(wish.be, false);
        loop {
            self.take_posted(&mut mailbox);
            self.act(&mut socket, &mut dialling);
            self.tell_transitions(self.world.now());
            self.ask();
            let can_send = self.send_waiting(&mut socket);
            let since = now();
            let due = self.due(can_send, since);
            let happened = tokio::select! {
                biased;
                wished = wishes.changed() => Happened::Wished(wished),
                (id, dialled) = dial(&mut dialling) => Happened::Dialled(id, dialled),
                () = at(due) => Happened::Due,
                () = &mut network => Happened::Network,
                heard = read(&mut socket, |heard| self.receive(heard)) => Happened::Heard(heard),
                Some(posted) = mailbox.recv() => Happened::Posted(posted),
            };
            // Before anything is done about it: a sink that takes its time is no sleep.
            let until = self.read_at.map_or_else(now, |(at, _)| at);
            if let Happened::Heard(heard) = happened {
                self.take(heard);
            }
            let jump = self.clocks.look(now(), self.world.now());
            match jump.or(overslept(due, since, until)) {
                Some(Jump::Slept(slept)) => {
                    self.read_what_came(&mut socket).await;
                    self.session.woke(slept);
                }
                Some(Jump::SetBack(by)) => {
                    let by = humantime::format_duration(Duration::from_secs(by.as_secs()));
                    let what = format!("The clock of this computer was set back by {by}.");
                    self.sink.noted(self.world.now(), &what);
                }
                None => {}
            }
            match happened {
                Happened::Wished(Ok(())) => {
                    let before = std::mem::replace(&mut wish, *wishes.borrow_and_update());
                    let is_other = (wish.be, wish.reconnects) != (before.be, before.reconnects);
                    if is_other || wish.pings == before.pings {
                        self.wish(wish.be, wish.reconnects != before.reconnects);
                    } else if let Some(socket) = socket.as_mut().filter(|_| self.is_live()) {
                        self.ping(socket);
                    }
                }
                Happened::Wished(Err(_)) => {
                    if let Some(socket) = socket.take() {
                        socket.close(self.profile.closing.code);
                    }
                    return;
                }
                Happened::Dialled(id, dialled) => {
                    dialling = None;
                    self.dialled(id, dialled, &mut socket);
                }
                Happened::Due => {
                    // What has come by now comes first: it may be the sign of life that is
                    // awaited, and it is not the server's fault if we were busy.
                    self.read_what_came(&mut socket).await;
                    self.timeout();
                }
                Happened::Network => {
                    network = network_change(&self.world);
                    self.session.network_changed(now());
                }
                Happened::Posted(posted) => self.post(posted),
                Happened::Heard(_) => {}
            }
            self.answer_wanted(&mut socket);
        }
    }

    fn wish(&mut self, be: Wanted, reconnect: bool) {
        match be {
            Wanted::Started if reconnect => self.session.reconnect(),
            Wanted::Started => self.session.start(),
            Wanted::Paused => self.session.pause(),
            Wanted::Stopped => self.session.stop(),
        }
    }

    /// When there is something to do, even if nothing happens.
    fn due(&self, can_send: bool, now: Instant) -> Option<Instant> {
        let is_at_rest = matches!(self.session.state(), State::Idle | State::Stopped);
        [
            self.session.next_timeout(),
            self.sequencer.timeout(),
            self.asker.timeout().filter(|_| self.is_live()),
            self.outbox.next_timeout(can_send),
            (!is_at_rest).then(|| now + CLOCKS_EVERY),
        ]
        .into_iter()
        .flatten()
        .min()
    }

    /// Does what the session asks for.
    fn act(&mut self, socket: &mut Option<Socket>, dialling: &mut Option<Dialling>) {
        while let Some(action) = self.session.next_action() {
            match action {
                Action::Dial(id) => {
                    *socket = None;
                    *dialling = Some(self.dial(id));
                }
                Action::SendOpening(index) => {
                    let profile = self.profile.clone();
                    let send = profile.opening.get(index).and_then(|step| step.send.as_ref());
                    if let (Some(socket), Some(send)) = (socket.as_mut(), send)
                        && let Some(made) = self.make(send, Step::Opening)
                    {
                        self.outbox.sent_beside(now());
                        self.tell_sent(true, made.shown().as_bytes());
                        socket.send(Message::text(made.text));
                    }
                }
                Action::Ping => {
                    if let Some(socket) = socket {
                        self.ping(socket);
                    }
                }
                Action::SendPing => {
                    let profile = self.profile.clone();
                    // The latest is what some pings report.
                    self.place.put_into(&mut self.values.known, self.decoder.cursor(), false);
                    if let (Some(socket), Some(ping)) = (socket.as_mut(), &profile.heartbeat.ping)
                        && let Some(made) = self.make(&ping.send, Step::Session)
                    {
                        self.tell_sent(true, made.shown().as_bytes());
                        self.urgently(socket, Message::text(made.text));
                    }
                }
                Action::Close(code) => {
                    if let Some(socket) = socket.take() {
                        if socket.is_open() {
                            self.tell_control(Direction::Sent, Control::Close(code), &[]);
                        }
                        socket.close(code);
                    }
                }
                Action::Abandon => {
                    *socket = None;
                    *dialling = None;
                }
                Action::Forget => self.place.forget(self.decoder.cursor()),
            }
        }
    }

    fn dial(&mut self, id: SessionId) -> Dialling {
        let cursor = self.decoder.cursor();
        self.resumed = self.place.put_into(&mut self.values.known, cursor, true);
        let (profile, values) = (self.profile.clone(), self.values.clone());
        let (world, line) = (self.world.clone(), self.line.clone());
        Box::pin(async move {
            let line = line.lock_owned().await;
            (id, link::dial(&profile, &values, &*world, line).await)
        })
    }

    fn dialled(
        &mut self,
        id: SessionId,
        dialled: Result<Socket, Failure>,
        socket: &mut Option<Socket>,
    ) {
        match dialled {
            // It is not wanted any more.
            Ok(_) if id != self.session.id() => {}
            Ok(opened) => {
                *socket = Some(opened);
                self.session.opened(id, now(), self.resumed);
                self.begin(self.resumed, now(), self.world.now());
            }
            Err(failure) => self.session.failed(id, now(), failure),
        }
    }

    #[inline]
    pub(super) fn tell_transitions(&mut self, now: Time) {
        if self.session.has_changed() {
            self.tell_all_transitions(now);
        }
    }

    #[inline(never)]
    fn tell_all_transitions(&mut self, now: Time) {
        while let Some(mut transition) = self.session.next_transition() {
            if let Some(notice) = link::notice(&self.profile) {
                transition.cause = transition.cause.and(notice);
            }
            let is_open = transition.state.is_open();
            let overflow = !is_open && std::mem::take(&mut self.overflow);
            if !is_open {
                self.sequencer.session_ended(&mut self.steps);
                self.settle();
                self.asker.session_ended();
                self.outbox.session_ended();
            }
            // What came before it is told before it.
            self.hand_on();
            self.gaps.transition(transition.state, transition.cause.clone(), overflow, now);
            self.sink.transition(now, &transition);
            self.hand_on();
        }
    }

    fn timeout(&mut self) {
        let now = now();
        self.session.timeout(now);
        self.outbox.timeout(now);
        self.sequencer.handle_timeout(now, &mut self.steps);
        if !self.steps.is_empty() {
            self.settle();
            self.hand_on();
        }
    }

    /// Takes what is there to be read by now. The runtime knows what that is once it had its turn.
    async fn read_what_came(&mut self, socket: &mut Option<Socket>) {
        tokio::task::yield_now().await;
        for _ in 0..TURN_MAX {
            let read = read(socket, |heard| self.receive(heard)).now_or_never();
            let Some(heard) = read else { break };
            self.take(heard);
        }
    }

    /// Takes one of those that are read at once.
    #[inline]
    fn receive(&mut self, heard: Heard<'_>) {
        match heard {
            Heard::Text(text) => self.receive_message(text, true),
            Heard::Event(Event::Message(message)) => {
                let is_text = message.is_text();
                self.receive_message(&message.into_data(), is_text);
            }
            Heard::Event(ended) => self.ended = Some(ended),
            Heard::Control(what, payload) => {
                self.tell_control(Direction::Received, what, payload);
                if what == Control::Ping {
                    // The connection answers by itself.
                    self.tell_control(Direction::Sent, Control::Pong, payload);
                }
            }
        }
    }

    #[inline]
    fn receive_message(&mut self, message: &[u8], is_text: bool) {
        let (now, arrival) = match self.read_at {
            Some(at) => at,
            None => self.begin_reading(),
        };
        self.message(message, is_text, now, arrival);
    }

    #[cold]
    fn begin_reading(&mut self) -> (Instant, Time) {
        let (now, arrival) = (now(), self.world.now());
        self.heard(now, arrival);
        self.follow = self.sink.follow_next(arrival);
        self.books_wanted = !self.book_reader.is_empty() && self.sink.wants_books();
        *self.read_at.insert((now, arrival))
    }

    /// When what is being read came; now, where nothing is.
    pub(super) fn arrival(&self) -> Time {
        self.read_at.map_or_else(|| self.world.now(), |(_, arrival)| arrival)
    }

    fn heard(&mut self, now: Instant, arrival: Time) {
        self.session.heard(now);
        self.gaps.heard(arrival);
    }

    /// All that was read at once was taken.
    fn take(&mut self, heard: bool) {
        let (now, arrival) = self.read_at.take().unwrap_or_else(|| (now(), self.world.now()));
        if heard {
            self.heard(now, arrival);
        }
        let id = self.session.id();
        match self.ended.take() {
            Some(Event::Closed(code, reason)) => {
                let goodbye = Control::Close(code);
                self.sink.control(arrival, Direction::Received, goodbye, reason.as_bytes());
                self.session.closed(id, now, code, &reason);
            }
            Some(Event::Failed(error)) => self.failed(id, now, error),
            Some(Event::Message(_)) | None => {}
        }
        self.session.settle(now);
        self.hand_on();
    }

    fn failed(&mut self, id: SessionId, now: Instant, error: WsError) {
        match error {
            WsError::Capacity(_) => {
                self.ledger.admit(Fate::Overflow);
                self.overflow = true;
            }
            WsError::Utf8(_) => self.ledger.admit(Fate::Undecodable),
            _ => {}
        }
        let lost = ended::lost(error);
        let fate = match lost.trouble.code {
            "too-large" => Some(Fate::Overflow),
            "invalid-text" => Some(Fate::Undecodable),
            _ => None,
        };
        if let Some(fate) = fate {
            self.received += 1;
            let why = lost.trouble.what.to_string();
            let arrival_time = self.world.now();
            self.sink.followed(&Followed {
                why: Some(&why),
                ..Followed::nothing(self.received, arrival_time, fate)
            });
        }
        self.session.failed(id, now, lost);
    }

    // What is sent.

    /// Asks for what is missing, where the profile says how.
    fn ask(&mut self) {
        while self.is_live()
            && let Some(question) = self.asker.next(now())
        {
            let Question { sequence, channel, key, first, last, .. } = question;
            let profile = self.profile.clone();
            let on_gap = profile.sequence.get(sequence).and_then(|of| of.on_gap.as_ref());
            let names = self.decoder.names();
            let channel = channel.and_then(|channel| names.channel(channel));
            let known = [
                ("channel", channel.map(str::to_owned)),
                ("key", key.and_then(|key| names.key(key)).map(str::to_owned)),
                ("first", Some(first.to_string())),
                ("last", Some(last.to_string())),
            ];
            let values = &mut self.values.known;
            values.retain(|name, _| !known.iter().any(|(of, _)| of == name));
            values.extend(known.into_iter().filter_map(|(name, value)| Some((name, value?))));
            for send in on_gap.iter().flat_map(|on_gap| &on_gap.send) {
                if let Some(Made { text, shown }) = self.make(send, Step::Session) {
                    // Where there is no room, the gap is told, as all are.
                    self.outbox.push_own(now(), Outgoing::Text(text), shown);
                }
            }
        }
    }

    fn take_posted(&mut self, mailbox: &mut mpsc::Receiver<Posted>) {
        for _ in 0..TURN_MAX {
            let Ok(posted) = mailbox.try_recv() else { break };
            self.post(posted);
        }
    }

    fn post(&mut self, Posted { message, shown, sender, .. }: Posted) {
        self.outbox.push_shown(now(), (message, shown), sender, self.is_live());
    }

    fn is_live(&self) -> bool {
        matches!(self.session.state(), State::Live | State::Stale)
    }

    /// Sends what may be sent now, and tells what became of messages. Returns whether more could
    /// be sent.
    fn send_waiting(&mut self, socket: &mut Option<Socket>) -> bool {
        let mut can_send = false;
        if let Some(socket) = socket.as_mut().filter(|_| self.is_live()) {
            can_send = socket.has_room();
            while can_send && let Some((message, shown)) = self.outbox.next(now()) {
                let payload = shown.as_ref().map_or(message.bytes(), |shown| shown.as_bytes());
                self.tell_sent(matches!(message, Outgoing::Text(_)), payload);
                socket.send(match message {
                    Outgoing::Text(text) => Message::text(text),
                    Outgoing::Binary(bytes) => Message::binary(bytes),
                });
                can_send = socket.has_room();
            }
        }
        while let Some((sender, outcome)) = self.outbox.next_settled() {
            // Whoever does not ask need not be told.
            let _ = sender.send(outcome);
        }
        can_send
    }

    /// Gives the answers that what was read asks for.
    fn answer_wanted(&mut self, socket: &mut Option<Socket>) {
        let wanted = std::mem::take(&mut self.wanted);
        let Some(socket) = socket.as_mut().filter(|_| self.session.state().is_open()) else {
            return;
        };
        for answer in wanted {
            let Some(made) = self.make(&answer, Step::Session) else { return };
            self.tell_sent(true, made.shown().as_bytes());
            self.urgently(socket, Message::text(made.text));
        }
    }

    fn ping(&mut self, socket: &mut Socket) {
        self.tell_control(Direction::Sent, Control::Ping, &[]);
        self.urgently(socket, Message::Ping(Bytes::new()));
    }

    fn urgently(&mut self, socket: &mut Socket, message: Message) {
        self.outbox.sent_beside(now());
        if !socket.send_urgent(message) {
            self.session.failed(self.session.id(), now(), ended::flooded());
        }
    }

    fn tell_sent(&mut self, is_text: bool, payload: &[u8]) {
        let at = self.world.now();
        self.sink.raw(at, Raw { direction: Direction::Sent, is_text, payload });
    }

    fn tell_control(&mut self, direction: Direction, what: Control, payload: &[u8]) {
        let at = self.world.now();
        self.sink.control(at, direction, what, payload);
    }

    /// Puts together a message, from what its names stand for. Ends the session where that cannot
    /// be done.
    fn make(&mut self, template: &Template, step: Step) -> Option<Made> {
        self.messages_made += 1;
        self.values.known.insert("id", self.messages_made.to_string());
        let value = |name: &Name| self.profile.value(&self.values, &*self.world, name);
        let hidden = |name: &Name| match name {
            Name::Secret(_) => Ok(name.to_string().into()),
            _ => value(name),
        };
        let has_secrets = template.names().any(|name| matches!(name, Name::Secret(_)));
        let made = template.fill(Escape::Json, value).and_then(|text| {
            let shown = has_secrets.then(|| template.fill(Escape::Json, hidden));
            Ok(Made { text, shown: shown.transpose()? })
        });
        match made {
            Ok(made) => Some(made),
            Err(unknown) => {
                let failure = ended::value_missing(step, unknown);
                self.session.unable(self.session.id(), now(), failure);
                None
            }
        }
    }
}

impl Made {
    fn shown(&self) -> &str {
        self.shown.as_ref().unwrap_or(&self.text)
    }
}

/// The same as [`std::time::Instant::now`], unless a test has its own time.
pub(super) fn now() -> Instant {
    tokio::time::Instant::now().into_std()
}

fn network_change(world: &Arc<dyn World>) -> NetworkChange {
    let world = world.clone();
    Box::pin(async move { world.network_changed().await })
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

async fn read(socket: &mut Option<Socket>, each: impl FnMut(Heard<'_>)) -> bool {
    match socket {
        Some(socket) => socket.read_each(each).await,
        None => std::future::pending().await,
    }
}
