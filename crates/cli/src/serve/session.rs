//! One client of a served capture, from its handshake to its goodbye.

use super::Show;
use super::faults::Slot;
use futures_util::stream::SplitSink;
use futures_util::{SinkExt, StreamExt};
use serde::Serialize;
use std::pin::pin;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::watch;
use tokio::time::Instant;
use tokio_tungstenite::tungstenite::handshake::server::{ErrorResponse, Request, Response};
use tokio_tungstenite::tungstenite::http::{HeaderValue, header};
use tokio_tungstenite::tungstenite::protocol::CloseFrame;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;
use tokio_tungstenite::tungstenite::{Error, Message};
use tokio_tungstenite::{WebSocketStream, accept_hdr_async};

/// Whoever takes longer does not mean it.
const HANDSHAKE_MAX: Duration = Duration::from_secs(10);
/// For the client to answer a goodbye, or to hang up.
const HANG_UP_MAX: Duration = Duration::from_secs(5);

type WebSocket = WebSocketStream<TcpStream>;

/// How far a client has come.
#[derive(Debug, Default)]
pub struct Progress {
    /// Messages that were sent.
    pub sent: u64,
    /// How often all of them were.
    pub passes: u64,
    /// Of the pass that is under way: how many slots of the plan.
    pub slots: usize,
    /// `None` if it never became a session.
    pub end: Option<End>,
}

/// How a session ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum End {
    /// All was sent, and the connection closed.
    Done,
    /// The connection was cut on purpose.
    Cut,
    /// The client left, or was lost.
    Left,
    /// The server was stopped.
    Stopped,
}

impl End {
    pub fn story(self) -> &'static str {
        match self {
            End::Done => "all was sent",
            End::Cut => "it was cut",
            End::Left => "the client left",
            End::Stopped => "the server was stopped",
        }
    }
}

pub async fn serve(stream: TcpStream, show: &Show, mut stopped: watch::Receiver<bool>) -> Progress {
    let mut progress = Progress::default();
    let _ = stream.set_nodelay(true);
    let handshake = accept_hdr_async(stream, take_first_subprotocol);
    let Ok(Ok(socket)) = tokio::time::timeout(HANDSHAKE_MAX, handshake).await else {
        return progress;
    };
    let (mut sink, mut stream) = socket.split();
    let (said, heard) = watch::channel(0_u64);
    let end = {
        // Reading answers pings, too.
        let listening = async {
            while let Some(Ok(message)) = stream.next().await {
                if message.is_text() || message.is_binary() {
                    said.send_modify(|messages| *messages += 1);
                }
            }
        };
        tokio::select! {
            () = listening => End::Left,
            ended = play(show, &mut sink, heard, &mut progress) => ended.unwrap_or(End::Left),
            _ = stopped.wait_for(|stopped| *stopped) => End::Stopped,
        }
    };
    progress.end = Some(end);
    let Ok(mut socket) = sink.reunite(stream) else { return progress };
    let _ = tokio::time::timeout(HANG_UP_MAX, leave(&mut socket, end)).await;
    progress
}

/// Sends what the plan says, when it is due.
async fn play(
    show: &Show,
    sink: &mut SplitSink<WebSocket, Message>,
    mut heard: watch::Receiver<u64>,
    progress: &mut Progress,
) -> Result<End, Error> {
    // The sender lives as long as the client does.
    let _ = heard.wait_for(|messages| *messages >= show.await_messages).await;
    let first = show.received.first().map_or(0.0, |received| received.at);
    loop {
        let mut start = Instant::now();
        // What is displaced comes at the time of those around it.
        let mut clock: f64 = 0.0;
        progress.slots = 0;
        for (at, Slot { message, .. }) in show.plan.slots.iter().enumerate() {
            let Some(received) = show.received.get(*message) else { continue };
            clock = clock.max(received.at - first);
            if let Some(cut) = show.faults.cut.filter(|cut| clock >= cut.as_secs_f64()) {
                wait_until(start + show.speed.due(cut.as_secs_f64()), sink).await?;
                sink.flush().await?;
                return Ok(End::Cut);
            }
            if let Some(silent) = show.faults.silent.filter(|_| show.plan.silent_before == Some(at))
            {
                sink.flush().await?;
                tokio::time::sleep(silent).await;
                start += silent;
            }
            wait_until(start + show.speed.due(clock), sink).await?;
            sink.feed(received.message.clone()).await?;
            progress.sent += 1;
            progress.slots = at + 1;
        }
        sink.flush().await?;
        progress.passes += 1;
        if !show.repeat {
            return Ok(End::Done);
        }
        // A capture of an instant must not starve the others.
        tokio::task::yield_now().await;
    }
}

async fn wait_until(due: Instant, sink: &mut SplitSink<WebSocket, Message>) -> Result<(), Error> {
    if due > Instant::now() {
        sink.flush().await?;
        tokio::time::sleep_until(due).await;
    }
    Ok(())
}

/// Ends the connection in the way that belongs to this end.
async fn leave(socket: &mut WebSocket, end: End) {
    let code = match end {
        End::Left => return,
        End::Cut => {
            // Without a goodbye, but also without costing the client what is on its way: a reset
            // would.
            let stream = socket.get_mut();
            let _ = stream.shutdown().await;
            let mut rest = [0; 4_096];
            while stream.read(&mut rest).await.is_ok_and(|read| read > 0) {}
            return;
        }
        End::Done => CloseCode::Normal,
        End::Stopped => CloseCode::Away,
    };
    let goodbye = CloseFrame { code, reason: Default::default() };
    if socket.send(Message::Close(Some(goodbye))).await.is_ok() {
        let mut socket = pin!(socket);
        while let Some(Ok(_)) = socket.next().await {}
    }
}

/// A client that offers subprotocols does not take a server that chooses none.
#[expect(clippy::result_large_err, reason = "what tungstenite asks for")]
fn take_first_subprotocol(
    request: &Request,
    mut response: Response,
) -> Result<Response, ErrorResponse> {
    let offered = request.headers().get(header::SEC_WEBSOCKET_PROTOCOL);
    let first = offered.and_then(|offered| offered.to_str().ok()?.split(',').next());
    if let Some(chosen) = first.and_then(|first| HeaderValue::from_str(first.trim()).ok()) {
        response.headers_mut().insert(header::SEC_WEBSOCKET_PROTOCOL, chosen);
    }
    Ok(response)
}
