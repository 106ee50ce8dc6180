//! The hub: who is connected, what was published, and the port they come to.

use crate::client::{self, CLOSE_MAX, Client};
use crate::faults::Faults;
use crate::gate::Gate;
use crate::outbox::Full;
use crate::protocol::{Control, Data, VERSION};
use serde::Serialize;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::sync::{Semaphore, watch};
use tokio::time::{MissedTickBehavior, interval_at, sleep, timeout};
use tokio_tungstenite::tungstenite::Utf8Bytes;

/// A person's programs, not the public.
const CLIENTS_MAX: usize = 32;

/// Clients, and those who are still at the door. Beyond that, connections are reset unread.
const CONNECTIONS_MAX: u32 = 64;

const BACKLOG: u32 = 64;

/// What the system holds for a client that does not read. Its own choice grows to megabytes,
/// which a slow client would have to read through before it sees the present.
const SEND_BUFFER_BYTES: u32 = 256 << 10;

/// What a data message may have.
pub(crate) const MESSAGE_BYTES_MAX: usize = 1 << 20;

/// Below that, heartbeats would be the traffic.
const HEARTBEAT_MIN: Duration = Duration::from_millis(10);

/// Above that, it says nothing about life; and a time that far away can still be reckoned with.
const HEARTBEAT_MAX: Duration = Duration::from_secs(3600);

/// Nobody waits longer for a feed that was broken to see what happens.
const REFUSE_MAX: Duration = Duration::from_secs(3600);

/// When no connection can be accepted (no more file handles, say), trying at once again would
/// only burn the processor.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// What a hub is and whom it serves.
#[derive(Clone, Debug)]
pub struct Config {
    pub name: String,
    /// What there is to subscribe to. Only these can be published.
    pub channels: Vec<String>,
    /// What the address must contain: see [`random_token`].
    pub token: String,
    /// The Origin headers of pages that may subscribe.
    pub origins: Vec<String>,
    pub heartbeat: Duration,
    /// What the randomness of faults comes from.
    pub seed: u64,
}

impl Config {
    /// With a new token, no page allowed, and a heartbeat a second.
    pub fn new(name: &str, channels: &[&str]) -> Self {
        Config {
            name: name.to_owned(),
            channels: channels.iter().map(|&channel| channel.to_owned()).collect(),
            token: random_token(),
            origins: Vec::new(),
            heartbeat: Duration::from_secs(1),
            seed: rand::random(),
        }
    }
}

/// 128 random bits in hexadecimal.
pub fn random_token() -> String {
    format!("{:032x}", rand::random::<u128>())
}

/// A WebSocket feed on a random port of the loopback interface.
///
/// Dropping it closes it, as [`Hub::close`] does, without waiting.
#[derive(Debug)]
pub struct Hub {
    shared: Arc<Shared>,
    address: SocketAddr,
}

/// How much has passed through a hub since it began.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Counts {
    pub clients: usize,
    /// Data messages published, on all channels.
    pub published: u64,
    /// Data messages handed to sockets; those for several clients count several times.
    pub sent: u64,
    /// Data messages dropped because a client was too slow.
    pub dropped: u64,
}

/// Why something was not published. No sequence number was used up.
#[derive(Debug, thiserror::Error)]
pub enum PublishError {
    #[error("the hub has no channel {0:?}; name it in its Config")]
    UnknownChannel(String),
    #[error("{0} is not a time")]
    Time(f64),
    #[error("the data cannot be written as JSON: {0}")]
    Data(#[from] serde_json::Error),
    #[error("the message has {0} bytes; {MESSAGE_BYTES_MAX} are allowed")]
    TooLarge(usize),
}

impl Hub {
    /// Opens a port and serves from then on. Must be called within a tokio runtime.
    pub async fn bind(config: Config) -> io::Result<Hub> {
        let socket = TcpSocket::new_v4()?;
        // Accepted sockets inherit it.
        socket.set_send_buffer_size(SEND_BUFFER_BYTES)?;
        socket.bind((Ipv4Addr::LOCALHOST, 0).into())?;
        let listener = socket.listen(BACKLOG)?;
        let address = listener.local_addr()?;

        let shared = Arc::new(Shared {
            name: config.name,
            token: config.token,
            origins: config.origins,
            heartbeat: config.heartbeat.clamp(HEARTBEAT_MIN, HEARTBEAT_MAX),
            seed: config.seed,
            state: Mutex::new(State {
                sequences: vec![0; config.channels.len()],
                clients: Vec::new(),
                clients_ever: 0,
                faults: Faults::default(),
                dropped_for_the_gone: 0,
            }),
            channels: config.channels,
            sent: AtomicU64::new(0),
            signal: watch::Sender::new(Signal::default()),
            connections: Arc::new(Semaphore::new(CONNECTIONS_MAX as usize)),
        });
        tokio::spawn(receive(Arc::clone(&shared), listener));
        Ok(Hub { shared, address })
    }

    /// The address with its token: whoever has it may subscribe.
    pub fn url(&self) -> String {
        let token = url::form_urlencoded::byte_serialize(self.shared.token.as_bytes());
        format!("ws://{}/?token={}", self.address, token.collect::<String>())
    }

    pub fn name(&self) -> &str {
        &self.shared.name
    }

    pub fn channels(&self) -> &[String] {
        &self.shared.channels
    }

    /// Sends `data` to all who subscribed to `channel`, as of `time_ms` (since the Unix epoch),
    /// and returns its sequence number.
    pub fn publish(
        &self,
        channel: &str,
        time_ms: f64,
        data: &impl Serialize,
    ) -> Result<u64, PublishError> {
        let unknown = || PublishError::UnknownChannel(channel.to_owned());
        let number =
            self.shared.channels.iter().position(|name| name == channel).ok_or_else(unknown)?;
        if !time_ms.is_finite() {
            return Err(PublishError::Time(time_ms));
        }
        // Until the message is with every client, so that all see the same order.
        let mut state = lock(&self.shared.state);
        let sequence = state.sequences[number] + 1;
        let message = Data { channel, sequence, time: time_ms, data };
        let text = serde_json::to_string(&message)?;
        if text.len() > MESSAGE_BYTES_MAX {
            return Err(PublishError::TooLarge(text.len()));
        }
        state.sequences[number] = sequence;
        let (now, text) = (Instant::now(), Utf8Bytes::from(text));
        for client in &state.clients {
            client.data(now, number, &text);
        }
        Ok(sequence)
    }

    /// The sequence number that was published last on a channel; 0 before the first.
    pub fn sequence(&self, channel: &str) -> Option<u64> {
        let number = self.shared.channels.iter().position(|name| name == channel)?;
        lock(&self.shared.state).sequences.get(number).copied()
    }

    pub fn faults(&self) -> Faults {
        lock(&self.shared.state).faults
    }

    /// Does wrong from now on, to those who are connected and those who will be. Values beyond
    /// their bounds are brought within.
    pub fn set_faults(&self, faults: Faults) {
        let mut state = lock(&self.shared.state);
        state.faults = faults.within_bounds();
        let now = Instant::now();
        for client in &state.clients {
            client.set_faults(now, state.faults);
        }
    }

    /// Ends all connections without a word (the other side sees a reset) and does the same to new
    /// ones for so long. The port stays ours meanwhile, or another program could take it and be
    /// handed the token.
    pub fn cut(&self, refuse_for: Duration) {
        self.shared.signal.send_modify(|signal| {
            signal.cuts += 1;
            signal.refuse_until = Some(Instant::now() + refuse_for.min(REFUSE_MAX));
        });
    }

    pub fn clients(&self) -> usize {
        lock(&self.shared.state).clients.len()
    }

    pub fn counts(&self) -> Counts {
        let state = lock(&self.shared.state);
        let dropped: u64 = state.clients.iter().map(|client| client.dropped()).sum();
        Counts {
            clients: state.clients.len(),
            published: state.sequences.iter().sum(),
            sent: self.shared.sent.load(Ordering::Relaxed),
            dropped: state.dropped_for_the_gone + dropped,
        }
    }

    /// Tells every client that it is going away (1001) and waits for them to go, for as long as
    /// is polite.
    pub async fn close(&self) {
        self.shared.close();
        // All places are free when all are gone. One part is for saying it, one for the answer.
        let _: Result<_, _> =
            timeout(CLOSE_MAX * 2, self.shared.connections.acquire_many(CONNECTIONS_MAX)).await;
    }
}

impl Drop for Hub {
    fn drop(&mut self) {
        self.shared.close();
    }
}

/// What the hub and its connections have in common.
#[derive(Debug)]
pub(crate) struct Shared {
    name: String,
    pub(crate) token: String,
    pub(crate) origins: Vec<String>,
    pub(crate) channels: Vec<String>,
    heartbeat: Duration,
    seed: u64,
    state: Mutex<State>,
    sent: AtomicU64,
    signal: watch::Sender<Signal>,
    connections: Arc<Semaphore>,
}

#[derive(Debug)]
struct State {
    /// The last of each channel.
    sequences: Vec<u64>,
    clients: Vec<Arc<Client>>,
    clients_ever: u64,
    faults: Faults,
    dropped_for_the_gone: u64,
}

/// What every connection must hear of, whatever it is waiting for.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Signal {
    cuts: u64,
    refuse_until: Option<Instant>,
    pub(crate) closed: bool,
}

impl Shared {
    pub(crate) fn is_full(&self) -> bool {
        lock(&self.state).clients.len() >= CLIENTS_MAX
    }

    /// Greets a new client and puts it on the list.
    pub(crate) fn enter(&self, gate: Arc<Gate>) -> Result<Arc<Client>, Full> {
        let mut state = lock(&self.state);
        state.clients_ever += 1;
        let seed = self.seed.wrapping_add(state.clients_ever);
        let client = Arc::new(Client::new(seed, self.channels.len(), gate));
        client.set_faults(Instant::now(), state.faults);
        client.control(&Control::Hello {
            name: &self.name,
            version: VERSION,
            heartbeat_ms: u64::try_from(self.heartbeat.as_millis()).unwrap_or(u64::MAX),
            channels: &self.channels,
        })?;
        state.clients.push(Arc::clone(&client));
        Ok(client)
    }

    pub(crate) fn leave(&self, client: &Arc<Client>) {
        let mut state = lock(&self.state);
        state.dropped_for_the_gone += client.dropped();
        state.clients.retain(|other| !Arc::ptr_eq(other, client));
    }

    pub(crate) fn count_sent(&self) {
        self.sent.fetch_add(1, Ordering::Relaxed);
    }

    fn beat(&self) {
        let text = Control::Heartbeat { time: now_ms() }.text();
        let now = Instant::now();
        for client in &lock(&self.state).clients {
            client.heartbeat(now, &text);
        }
    }

    fn close(&self) {
        self.signal.send_modify(|signal| signal.closed = true);
    }
}

/// Answers the door and keeps the heart beating, until the hub closes.
async fn receive(shared: Arc<Shared>, listener: TcpListener) {
    let mut signal = shared.signal.subscribe();
    let mut heartbeat =
        interval_at(tokio::time::Instant::now() + shared.heartbeat, shared.heartbeat);
    heartbeat.set_missed_tick_behavior(MissedTickBehavior::Skip);
    loop {
        let accepted = tokio::select! {
            _ = signal.wait_for(|signal| signal.closed) => return,
            _ = heartbeat.tick() => {
                shared.beat();
                continue;
            }
            accepted = listener.accept() => accepted,
        };
        match accepted {
            Ok((stream, _)) => take_in(&shared, stream),
            Err(_) => sleep(ACCEPT_PAUSE).await,
        }
    }
}

fn take_in(shared: &Arc<Shared>, mut stream: TcpStream) {
    let mut signal = shared.signal.subscribe();
    let Signal { cuts, refuse_until, .. } = *signal.borrow_and_update();
    let refused = refuse_until.is_some_and(|until| Instant::now() < until);
    let place = Arc::clone(&shared.connections).try_acquire_owned();
    let (false, Ok(place)) = (refused, place) else { return reset(&stream) };
    // Where it cannot be set, messages are a little later and nothing else.
    let _: io::Result<()> = stream.set_nodelay(true);

    let shared = Arc::clone(shared);
    tokio::spawn(async move {
        let mut cut = signal.clone();
        tokio::select! {
            biased;
            _ = cut.wait_for(|signal| signal.cuts != cuts) => {}
            () = client::serve(&shared, &mut stream, signal) => {}
        }
        if cut.borrow().cuts != cuts {
            reset(&stream);
        }
        drop(stream);
        drop(place);
    });
}

/// Makes the end of the connection a reset, not a close.
fn reset(stream: &TcpStream) {
    // Where it cannot be set, the other side sees the connection end all the same.
    let _: io::Result<()> = stream.set_zero_linger();
}

/// A panic elsewhere while it was held costs what it did, and not the feed.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

pub(crate) fn now_ms() -> f64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs_f64() * 1e3
}
