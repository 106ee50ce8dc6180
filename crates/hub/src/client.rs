//! One client from handshake to close: what it wants, what it is sent, and how it leaves.

use crate::door::{self, Refusal};
use crate::faults::Faults;
use crate::gate::{Gate, Gated};
use crate::hub::{Shared, Signal, lock};
use crate::outbox::{Full, Next, Outbox};
use crate::protocol::{ALL, Control, REQUEST_BYTES_MAX, Request, RequestId};
use futures_util::stream::{SplitSink, SplitStream};
use futures_util::{SinkExt, StreamExt};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::{Notify, watch};
use tokio::time::{sleep_until, timeout};
use tokio_tungstenite::tungstenite::handshake::server::{
    ErrorResponse, Request as Asked, Response,
};
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;
use tokio_tungstenite::tungstenite::protocol::{CloseFrame, WebSocketConfig};
use tokio_tungstenite::tungstenite::{Error, Message, Utf8Bytes};
use tokio_tungstenite::{WebSocketStream, accept_hdr_async_with_config};

/// On loopback a handshake takes a millisecond; who needs longer does so to hold the place.
const HANDSHAKE_MAX: Duration = Duration::from_secs(5);

/// How long to wait for the other side's part of a close.
pub(crate) const CLOSE_MAX: Duration = Duration::from_secs(1);

/// Far above what subscribing needs. More is closed with 1008, as real feeds do.
const REQUESTS_PER_SECOND_MAX: f64 = 20.0;
const REQUESTS_AT_ONCE_MAX: f64 = 40.0;

/// Messages of a burst leave in one write; each costs a system call otherwise.
const WRITE_BUFFER_BYTES: usize = 16 << 10;

type Socket<'a> = WebSocketStream<Gated<&'a mut TcpStream>>;

/// Why a connection ends: what to say, where there still is someone to say it to.
type Farewell = Option<CloseFrame>;

#[derive(Debug)]
pub(crate) struct Client {
    wishes: Mutex<Wishes>,
    wake: Notify,
    gate: Arc<Gate>,
}

#[derive(Debug)]
struct Wishes {
    /// By channel.
    subscribed: Vec<bool>,
    outbox: Outbox,
}

impl Client {
    pub(crate) fn new(seed: u64, channels: usize, gate: Arc<Gate>) -> Self {
        let wishes = Wishes { subscribed: vec![false; channels], outbox: Outbox::new(seed) };
        Client { wishes: Mutex::new(wishes), wake: Notify::new(), gate }
    }

    pub(crate) fn set_faults(&self, now: Instant, faults: Faults) {
        lock(&self.wishes).outbox.set_faults(now, faults);
        self.gate.set_shut(faults.silent);
        self.wake.notify_one();
    }

    pub(crate) fn data(&self, now: Instant, channel: usize, text: &Utf8Bytes) {
        let mut wishes = lock(&self.wishes);
        if wishes.subscribed.get(channel).is_some_and(|subscribed| *subscribed) {
            wishes.outbox.data(now, channel, text.clone());
            self.wake.notify_one();
        }
    }

    pub(crate) fn heartbeat(&self, now: Instant, text: &Utf8Bytes) {
        lock(&self.wishes).outbox.heartbeat(now, text.clone());
        self.wake.notify_one();
    }

    pub(crate) fn dropped(&self) -> u64 {
        lock(&self.wishes).outbox.dropped()
    }

    pub(crate) fn control(&self, control: &Control<'_>) -> Result<(), Full> {
        self.wake.notify_one();
        lock(&self.wishes).outbox.control(Instant::now(), control.text())
    }

    fn next(&self) -> Next {
        lock(&self.wishes).outbox.next(Instant::now())
    }

    fn answer(&self, text: &str, channels: &[String]) -> Result<(), Full> {
        let request = match Request::read(text) {
            Ok(request) => request,
            Err((id, message)) => return self.control(&Control::Error { id, message }),
        };
        let (Request::Subscribe { id, channels: names }
        | Request::Unsubscribe { id, channels: names }) = &request;
        let chosen = match choose(names, channels) {
            Ok(chosen) => chosen,
            Err(message) => return self.control(&Control::Error { id: id.clone(), message }),
        };
        let subscribed = matches!(request, Request::Subscribe { .. });
        let control = acknowledgement(subscribed, id.clone(), &chosen, channels);

        let mut wishes = lock(&self.wishes);
        for &channel in &chosen {
            wishes.subscribed[channel] = subscribed;
        }
        if !subscribed {
            wishes.outbox.forget(|channel| chosen.contains(&channel));
        }
        self.wake.notify_one();
        // Under the same lock, so that no data of the channel comes before its acknowledgement.
        wishes.outbox.control(Instant::now(), control.text())
    }
}

/// The numbers of the channels named, each once; or what to do about a name that there is not.
fn choose(names: &[String], channels: &[String]) -> Result<Vec<usize>, String> {
    let mut chosen = Vec::new();
    for name in names {
        let before = chosen.len();
        chosen.extend((0..channels.len()).filter(|&at| name == ALL || *name == channels[at]));
        if chosen.len() == before && name != ALL {
            let there_are = channels.join(", ");
            return Err(format!(
                "There is no channel {name:?}; nothing was changed. Name some of: {there_are}; or {ALL} for all."
            ));
        }
    }
    chosen.sort_unstable();
    chosen.dedup();
    Ok(chosen)
}

fn acknowledgement<'a>(
    subscribed: bool,
    id: Option<RequestId>,
    chosen: &[usize],
    channels: &'a [String],
) -> Control<'a> {
    let channels = chosen.iter().map(|&channel| channels[channel].as_str()).collect();
    if subscribed {
        Control::Subscribed { id, channels }
    } else {
        Control::Unsubscribed { id, channels }
    }
}

/// Serves whoever has come, from the first byte to the last.
pub(crate) async fn serve(
    shared: &Shared,
    stream: &mut TcpStream,
    mut signal: watch::Receiver<Signal>,
) {
    let gate = Arc::new(Gate::default());
    let gated = Gated { stream: &mut *stream, gate: Arc::clone(&gate) };
    let accepted = tokio::select! {
        accepted = timeout(HANDSHAKE_MAX, shake_hands(shared, gated)) => accepted,
        _ = signal.wait_for(|signal| signal.closed) => return,
    };
    let socket = match accepted {
        Ok(Ok(socket)) => socket,
        Ok(Err(Error::Protocol(_) | Error::HttpFormat(_) | Error::Url(_))) => {
            // If that cannot be sent either, nobody is there to read it.
            let _: Result<_, _> =
                timeout(CLOSE_MAX, stream.write_all(door::NOT_A_WEBSOCKET.as_bytes())).await;
            return leave(stream).await;
        }
        Ok(Err(_)) => return leave(stream).await,
        Err(_too_slow) => return,
    };

    let Some(guest) = Guest::enter(shared, gate) else { return };
    converse(shared, &guest.client, socket, signal).await;
    drop(guest);
    leave(stream).await;
}

async fn shake_hands<'a>(
    shared: &Shared,
    stream: Gated<&'a mut TcpStream>,
) -> Result<Socket<'a>, Error> {
    #[expect(clippy::result_large_err, reason = "the library's type")]
    let admit = |request: &Asked, response: Response| -> Result<Response, ErrorResponse> {
        door::admit(request, &shared.token, &shared.origins)
            .and_then(|()| if shared.is_full() { Err(Refusal::Crowded) } else { Ok(response) })
            .map_err(Refusal::response)
    };
    let config = WebSocketConfig::default()
        .read_buffer_size(4 << 10)
        .write_buffer_size(WRITE_BUFFER_BYTES)
        .max_write_buffer_size(WRITE_BUFFER_BYTES + 2 * crate::hub::MESSAGE_BYTES_MAX)
        .max_frame_size(Some(REQUEST_BYTES_MAX))
        .max_message_size(Some(REQUEST_BYTES_MAX));
    accept_hdr_async_with_config(stream, admit, Some(config)).await
}

/// A client that is on the hub's list for as long as this lives, however it ends.
struct Guest<'a> {
    shared: &'a Shared,
    client: Arc<Client>,
}

impl<'a> Guest<'a> {
    fn enter(shared: &'a Shared, gate: Arc<Gate>) -> Option<Self> {
        Some(Guest { shared, client: shared.enter(gate).ok()? })
    }
}

impl Drop for Guest<'_> {
    fn drop(&mut self) {
        self.shared.leave(&self.client);
    }
}

async fn converse(
    shared: &Shared,
    client: &Client,
    socket: Socket<'_>,
    mut signal: watch::Receiver<Signal>,
) {
    let (mut sink, mut stream) = socket.split();
    let farewell = tokio::select! {
        farewell = write(shared, client, &mut sink) => farewell,
        farewell = read(shared, client, &mut stream) => farewell,
        _ = signal.wait_for(|signal| signal.closed) => {
            Some(frame(CloseCode::Away, "Feedscope is closing."))
        }
    };
    if let Some(frame) = farewell {
        // A client that does not take it in time has it in its own hands.
        let _: Result<_, _> = timeout(CLOSE_MAX, sink.send(Message::Close(Some(frame)))).await;
    }
}

async fn write(
    shared: &Shared,
    client: &Client,
    sink: &mut SplitSink<Socket<'_>, Message>,
) -> Farewell {
    loop {
        let (text, is_data) = match client.next() {
            Next::SendControl(text) => (text, false),
            Next::SendData(text) => (text, true),
            wait => {
                if sink.flush().await.is_err() {
                    return None;
                }
                match wait {
                    Next::Wait(until) => tokio::select! {
                        () = client.wake.notified() => {}
                        () = sleep_until(until.into()) => {}
                    },
                    _ => client.wake.notified().await,
                }
                continue;
            }
        };
        if sink.feed(Message::Text(text)).await.is_err() {
            return None;
        }
        if is_data {
            shared.count_sent();
        }
    }
}

async fn read(shared: &Shared, client: &Client, stream: &mut SplitStream<Socket<'_>>) -> Farewell {
    let mut allowance = Allowance { left: REQUESTS_AT_ONCE_MAX, at: Instant::now() };
    while let Some(message) = stream.next().await {
        let answered = match message {
            Ok(Message::Text(text)) => client.answer(&text, &shared.channels),
            Ok(Message::Binary(_)) => client.control(&Control::Error {
                id: None,
                message: "This feed reads text messages only: send the request as text.".into(),
            }),
            Ok(_) => Ok(()),
            Err(Error::Capacity(_)) => {
                let reason = format!("A request may have {REQUEST_BYTES_MAX} bytes.");
                return Some(frame(CloseCode::Size, reason));
            }
            Err(Error::Utf8(_)) => {
                return Some(frame(CloseCode::Invalid, "That text is not UTF-8."));
            }
            Err(Error::Protocol(error)) => {
                return Some(frame(CloseCode::Protocol, error.to_string()));
            }
            Err(_) => return None,
        };
        if answered == Err(Full) {
            return Some(frame(CloseCode::Policy, "Too many answers wait to be read."));
        }
        if !allowance.take(Instant::now()) {
            let reason = format!("More than {REQUESTS_PER_SECOND_MAX} messages a second.");
            return Some(frame(CloseCode::Policy, reason));
        }
    }
    None
}

fn frame(code: CloseCode, reason: impl Into<String>) -> CloseFrame {
    CloseFrame { code, reason: reason.into().into() }
}

/// Ends our side and takes in what still comes, since closing over unread bytes is a reset, which
/// may overtake our last words.
async fn leave(stream: &mut TcpStream) {
    let mut scrap = [0; 4096];
    let _: Result<_, _> = timeout(CLOSE_MAX, async {
        stream.shutdown().await?;
        while stream.read(&mut scrap).await? > 0 {}
        std::io::Result::Ok(())
    })
    .await;
}

/// A token bucket.
struct Allowance {
    left: f64,
    at: Instant,
}

impl Allowance {
    fn take(&mut self, now: Instant) -> bool {
        let refill = now.saturating_duration_since(self.at).as_secs_f64() * REQUESTS_PER_SECOND_MAX;
        self.left = (self.left + refill).min(REQUESTS_AT_ONCE_MAX) - 1.0;
        self.at = now;
        self.left >= 0.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn channels_are_chosen_by_name_or_all_together() {
        let channels = ["cpu".to_owned(), "load".to_owned()];
        let choose = |names: &[&str]| {
            choose(&names.iter().map(|&name| name.to_owned()).collect::<Vec<_>>(), &channels)
        };
        assert_eq!(choose(&["load"]), Ok(vec![1]));
        assert_eq!(choose(&["load", "*", "load"]), Ok(vec![0, 1]));
        assert_eq!(choose(&[]), Ok(vec![]));
        assert!(choose(&["cpu", "gpu"]).unwrap_err().contains("cpu, load"));
    }

    #[test]
    fn an_allowance_bears_a_burst_and_then_the_rate() {
        let now = Instant::now();
        let mut allowance = Allowance { left: REQUESTS_AT_ONCE_MAX, at: now };
        let burst = (0..).take_while(|_| allowance.take(now)).count();
        assert_eq!(burst, REQUESTS_AT_ONCE_MAX as usize);
        assert!(allowance.take(now + Duration::from_millis(110)));
        assert!(!allowance.take(now + Duration::from_millis(111)));
    }
}
