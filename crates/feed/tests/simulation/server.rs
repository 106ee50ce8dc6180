//! A feed's server, speaking real WebSocket over a connection in memory. It numbers what it
//! publishes, whoever listens, and remembers all of it: so that it is known what a client should
//! have got.

use super::wire::End;
use futures_util::{SinkExt, StreamExt};
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep, timeout};
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::handshake::server::{Request, Response};
use tokio_tungstenite::tungstenite::protocol::{CloseFrame, WebSocketConfig};
use tokio_tungstenite::{WebSocketStream, accept_hdr_async_with_config};

/// How much of the past it can send again.
const REPLAYED_MAX: u64 = 400;

/// A client that takes nothing for this long is thrown out.
const STUCK_MAX: Duration = Duration::from_secs(40);

/// Clients say little; the usual size would be a sixth of a run's time, spent on writing zeros.
const READ_BUFFER_BYTES: usize = 1 << 10;

/// What the server is like, for a whole run.
#[derive(Clone, Debug)]
pub struct Manner {
    pub seed: u64,
    /// Each has numbers of its own.
    pub channels: u64,
    /// How many messages a client has to send before it is served; each is acknowledged.
    pub opening: usize,
    /// From one message to the next, in the middle.
    pub every: Duration,
    pub ping_every: Option<Duration>,
    /// Shares of messages that it loses itself, sends twice, and sends later than it should.
    pub lost: f64,
    pub doubled: f64,
    pub delayed: f64,
}

/// How a new client is received.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Door {
    #[default]
    Open,
    /// The connection is cut as soon as it is made.
    Cut,
    CutInHandshake,
    HangInHandshake,
    /// With the status 503, and the seconds after which to come again.
    Busy(Option<u32>),
    /// After so many acknowledgements.
    HangInOpening(usize),
    CutInOpening(usize),
    /// Closed with this code, once all is acknowledged.
    CloseOnceOpen(u16),
}

/// What the server does for those it has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Mood {
    #[default]
    Well,
    /// It sends no data, but answers pings.
    Silent,
    /// It neither reads nor writes.
    Hung,
    /// It writes, but does not read.
    Deaf,
}

/// A message that was published.
#[derive(Clone, Copy, Debug)]
pub struct Published {
    pub channel: u64,
    /// Within its channel.
    pub number: u64,
    pub at: Instant,
}

#[derive(Debug)]
struct State {
    random: StdRng,
    /// The message with the id 1 is at 0.
    log: Vec<Published>,
    numbers: Vec<u64>,
    /// Ids in the order in which they are sent.
    sent: Vec<u64>,
    /// Ids that are sent later, and how many others go before.
    delayed: Vec<(u64, u32)>,
    door: Door,
}

/// See the [module](self).
#[derive(Debug)]
pub struct Server {
    manner: Manner,
    state: Mutex<State>,
    /// How much of `State::sent` there is, what the mood is, and how often all were thrown out.
    news: watch::Sender<News>,
    clients: Mutex<JoinSet<()>>,
}

#[derive(Clone, Copy, Debug, Default)]
struct News {
    sent: usize,
    mood: Mood,
    /// Whoever was subscribed before this many subscriptions were forgotten gets nothing more.
    forgotten: u64,
    /// How often everybody was sent away, and with which code the last time.
    sent_away: (u64, u16),
    /// Something that is no message of the feed is sent.
    nonsense: u64,
}

impl Server {
    pub fn new(manner: Manner) -> Self {
        let state = State {
            random: StdRng::seed_from_u64(manner.seed),
            log: Vec::new(),
            numbers: vec![0; manner.channels as usize],
            sent: Vec::new(),
            delayed: Vec::new(),
            door: Door::default(),
        };
        Server {
            manner,
            state: Mutex::new(state),
            news: watch::Sender::default(),
            clients: Mutex::default(),
        }
    }

    /// Publishes one message after the other, for ever.
    pub async fn publish_all(self: Arc<Self>) {
        loop {
            let share = self.lock().random.random_range(0.2..1.8);
            sleep(self.manner.every.mul_f64(share)).await;
            self.publish(1);
        }
    }

    /// Publishes so many messages at once.
    pub fn publish(&self, count: usize) {
        let mut guard = self.lock();
        let state = &mut *guard;
        for _ in 0..count {
            let channel = state.random.random_range(0..self.manner.channels);
            let number = &mut state.numbers[channel as usize];
            *number += 1;
            state.log.push(Published { channel, number: *number, at: Instant::now() });
            let id = state.log.len() as u64;
            for (_, others) in &mut state.delayed {
                *others -= 1;
            }
            let share: f64 = state.random.random();
            let Manner { lost, doubled, delayed, .. } = self.manner;
            if share < lost {
            } else if share < lost + delayed {
                state.delayed.push((id, state.random.random_range(1..5)));
            } else {
                state.sent.push(id);
                if share < lost + delayed + doubled {
                    state.sent.push(id);
                }
            }
            let sent = &mut state.sent;
            state.delayed.retain(|(id, others)| {
                if *others == 0 {
                    sent.push(*id);
                }
                *others > 0
            });
        }
        let sent = state.sent.len();
        drop(guard);
        self.news.send_modify(|news| news.sent = sent);
    }

    pub fn door(&self, door: Door) {
        self.lock().door = door;
    }

    pub fn mood(&self, mood: Mood) {
        self.news.send_modify(|news| news.mood = mood);
    }

    /// Whoever is subscribed gets nothing more, though its connection stands.
    pub fn forget_subscriptions(&self) {
        self.news.send_modify(|news| news.forgotten += 1);
    }

    /// Sends everybody away; new ones are received as ever.
    pub fn send_away(&self, code: u16) {
        self.news.send_modify(|news| news.sent_away = (news.sent_away.0 + 1, code));
    }

    /// Sends something that cannot be read.
    pub fn send_nonsense(&self) {
        self.news.send_modify(|news| news.nonsense += 1);
    }

    /// Everything that was ever published.
    pub fn log(&self) -> Vec<Published> {
        self.lock().log.clone()
    }

    /// Takes a client in.
    pub fn accept(self: &Arc<Self>, end: End) {
        let server = self.clone();
        let mut clients = self.clients.lock().expect("nobody panics with it");
        while clients.try_join_next().is_some() {}
        clients.spawn(async move {
            server.serve(end).await;
        });
    }

    /// The server dies, with all its connections. New ones are taken: its port is the network's.
    pub fn crash(&self) {
        self.clients.lock().expect("nobody panics with it").abort_all();
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().expect("nobody panics with it")
    }

    /// `None` as soon as the client is gone.
    async fn serve(&self, mut end: End) -> Option<()> {
        let door = self.lock().door;
        match door {
            Door::Cut => return None,
            Door::HangInHandshake => return drain(&mut end).await,
            Door::CutInHandshake => {
                request(&mut end).await?;
                return end.write_all(b"HTTP/1.1 101 Switching Pro").await.ok();
            }
            Door::Busy(retry_after) => {
                request(&mut end).await?;
                let after = retry_after.map(|s| format!("Retry-After: {s}\r\n"));
                let answer = format!(
                    "HTTP/1.1 503 Service Unavailable\r\n{}Content-Length: 4\r\n\r\nbusy",
                    after.unwrap_or_default()
                );
                end.write_all(answer.as_bytes()).await.ok()?;
                end.shutdown().await.ok()?;
                return drain(&mut end).await;
            }
            _ => {}
        }
        let mut from = None;
        #[allow(clippy::result_large_err)] // The library's type.
        let look = |request: &Request, response: Response| {
            let query = request.uri().query().unwrap_or_default();
            from = query.strip_prefix("from=").and_then(|id| id.parse::<u64>().ok());
            Ok(response)
        };
        let config = WebSocketConfig::default().read_buffer_size(READ_BUFFER_BYTES);
        let mut socket = accept_hdr_async_with_config(end, look, Some(config)).await.ok()?;
        for step in 0..self.manner.opening {
            match door {
                Door::HangInOpening(after) if after == step => {
                    while socket.next().await?.is_ok() {}
                    return None;
                }
                Door::CutInOpening(after) if after == step => return None,
                _ => {}
            }
            let asked = loop {
                match socket.next().await?.ok()? {
                    Message::Text(text) => break text,
                    Message::Close(_) => return None,
                    _ => {}
                }
            };
            let asked: serde_json::Value = serde_json::from_str(&asked).ok()?;
            assert_eq!(asked["step"], step, "the opening is sent in its order");
            from = asked["from"].as_str().and_then(|id| id.parse().ok()).or(from);
            socket.send(Message::text(format!(r#"{{"op":"done","step":{step}}}"#))).await.ok()?;
        }
        if let Door::CloseOnceOpen(code) = door {
            let reason = "".into();
            socket.close(Some(CloseFrame { code: code.into(), reason })).await.ok()?;
            while socket.next().await?.is_ok() {}
            return None;
        }
        self.feed(socket, from).await
    }

    async fn feed(&self, mut socket: WebSocketStream<End>, from: Option<u64>) -> Option<()> {
        let mut news = self.news.subscribe();
        let News { forgotten, mut nonsense, sent_away, .. } = *news.borrow_and_update();
        let (mut position, known) = {
            let state = self.lock();
            (state.sent.len(), state.log.len() as u64)
        };
        if let Some(from) = from {
            // From a cursor on, as far back as it knows.
            let first = (from + 1).max(known.saturating_sub(REPLAYED_MAX) + 1);
            for id in first..=known {
                self.send(&mut socket, id).await?;
            }
        }
        let mut heard = Instant::now();
        let mut pinged = Instant::now();
        loop {
            let now = *news.borrow_and_update();
            if now.sent_away != sent_away {
                let code = now.sent_away.1;
                let reason = "going".into();
                socket.close(Some(CloseFrame { code: code.into(), reason })).await.ok()?;
                while socket.next().await?.is_ok() {}
                return None;
            }
            if now.nonsense > nonsense {
                nonsense = now.nonsense;
                socket.send(Message::text("{nonsense")).await.ok()?;
            }
            if matches!(now.mood, Mood::Well | Mood::Deaf) && now.forgotten == forgotten {
                while position < now.sent {
                    let id = self.lock().sent[position];
                    position += 1;
                    // What was published before it came, and is sent later, is not for it.
                    if id > known {
                        self.send(&mut socket, id).await?;
                    }
                }
            } else if now.mood == Mood::Silent || now.forgotten > forgotten {
                // It is not sent later either.
                position = now.sent;
            }
            let ping = async {
                match self.manner.ping_every {
                    Some(every) => tokio::time::sleep_until(pinged + every).await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                biased;
                changed = news.changed() => changed.ok()?,
                read = socket.next(), if matches!(now.mood, Mood::Well | Mood::Silent) => {
                    if matches!(read?.ok()?, Message::Close(_)) {
                        socket.flush().await.ok()?;
                        return None;
                    }
                    heard = Instant::now();
                }
                () = ping, if now.mood != Mood::Hung => {
                    pinged = Instant::now();
                    let quiet_max = 2 * self.manner.ping_every?;
                    if now.mood != Mood::Deaf && heard.elapsed() > quiet_max {
                        return None;
                    }
                    timeout(STUCK_MAX, socket.send(Message::Ping("".into()))).await.ok()?.ok()?;
                }
            }
        }
    }

    async fn send(&self, socket: &mut WebSocketStream<End>, id: u64) -> Option<()> {
        let Published { channel, number, .. } = *self.lock().log.get(id as usize - 1)?;
        let text =
            format!(r#"{{"channel":"c{channel}","n":{number},"id":{id},"value":{number}.5}}"#);
        timeout(STUCK_MAX, socket.send(Message::text(text))).await.ok()?.ok()
    }
}

/// The request of a handshake, to its empty line.
async fn request(end: &mut End) -> Option<()> {
    let mut request = Vec::new();
    while !request.ends_with(b"\r\n\r\n") {
        request.push(end.read_u8().await.ok()?);
    }
    Some(())
}

async fn drain(end: &mut End) -> Option<()> {
    let mut bytes = [0; 1_024];
    while end.read(&mut bytes).await.ok()? > 0 {}
    None
}
