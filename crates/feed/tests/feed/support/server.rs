//! Servers, well-behaved and otherwise.

use super::DEADLINE;
use futures_util::{SinkExt, StreamExt};
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::{JoinHandle, JoinSet};
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;
use tokio_tungstenite::{WebSocketStream, accept_async};

pub type WebSocket = WebSocketStream<TcpStream>;

/// The longest request of a handshake; ours have some 200 bytes.
const REQUEST_BYTES_MAX: usize = 16 << 10;

/// A server on loopback, until it is killed or dropped.
pub struct Server {
    address: SocketAddr,
    accepted: Arc<AtomicUsize>,
    task: JoinHandle<()>,
}

impl Server {
    /// Does `serve` with each connection, numbered from 1, all at the same time.
    pub async fn start<F, S>(serve: F) -> Self
    where
        F: Fn(usize, TcpStream) -> S + Send + 'static,
        S: Future<Output = ()> + Send + 'static,
    {
        Server::start_at("127.0.0.1:0", serve).await
    }

    pub async fn start_at<F, S>(address: &str, serve: F) -> Self
    where
        F: Fn(usize, TcpStream) -> S + Send + 'static,
        S: Future<Output = ()> + Send + 'static,
    {
        let listener = TcpListener::bind(address).await.expect("loopback is there");
        let address = listener.local_addr().expect("it is bound");
        let accepted = Arc::new(AtomicUsize::new(0));
        let count = accepted.clone();
        let task = tokio::spawn(async move {
            let mut connections = JoinSet::new();
            while let Ok((stream, _)) = listener.accept().await {
                let number = count.fetch_add(1, Ordering::SeqCst) + 1;
                connections.spawn(serve(number, stream));
            }
        });
        Server { address, accepted, task }
    }

    /// As [`Server::start`], after the handshake.
    pub async fn websocket<F, S>(serve: F) -> Self
    where
        F: Fn(usize, WebSocket) -> S + Send + Sync + 'static,
        S: Future<Output = ()> + Send + 'static,
    {
        Server::websocket_at("127.0.0.1:0", serve).await
    }

    pub async fn websocket_at<F, S>(address: &str, serve: F) -> Self
    where
        F: Fn(usize, WebSocket) -> S + Send + Sync + 'static,
        S: Future<Output = ()> + Send + 'static,
    {
        let serve = Arc::new(serve);
        Server::start_at(address, move |number, stream| {
            let serve = serve.clone();
            async move {
                if let Ok(socket) = accept_async(stream).await {
                    serve(number, socket).await;
                }
            }
        })
        .await
    }

    /// Reads the request of the handshake and writes `answer`, whatever that is.
    pub async fn answering(answer: impl Into<Vec<u8>>) -> Self {
        let answer: Arc<[u8]> = answer.into().into();
        Server::start(move |_, mut stream| {
            let answer = answer.clone();
            async move {
                request(&mut stream).await;
                let _ = stream.write_all(&answer).await;
                finish(stream).await;
            }
        })
        .await
    }

    /// Sends these messages after the handshake, then nothing more.
    pub async fn sending(messages: Vec<Message>) -> Self {
        Server::websocket(move |_, mut socket| {
            let messages = messages.clone();
            async move {
                send_all(&mut socket, messages).await;
                answer_pings(&mut socket).await;
            }
        })
        .await
    }

    /// Writes these bytes after the handshake of the first connection, then nothing more. Further
    /// ones are sent the message `{"again":1}`.
    pub async fn breaking(bytes: impl Into<Vec<u8>>) -> Self {
        let bytes: Arc<[u8]> = bytes.into().into();
        Server::start(move |number, mut stream| {
            let bytes = bytes.clone();
            async move {
                upgrade(&mut stream).await;
                let again = frame(TEXT, br#"{"again":1}"#);
                let _ = stream.write_all(if number == 1 { &bytes } else { &again }).await;
                drain(&mut stream).await;
            }
        })
        .await
    }

    pub fn port(&self) -> u16 {
        self.address.port()
    }

    pub fn address(&self) -> String {
        self.address.to_string()
    }

    pub fn url(&self) -> String {
        format!("ws://{}/", self.address)
    }

    /// How many connections it has accepted.
    pub fn accepted(&self) -> usize {
        self.accepted.load(Ordering::SeqCst)
    }

    /// Ends it, with all its connections.
    pub async fn kill(mut self) {
        self.task.abort();
        let _ = (&mut self.task).await;
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.task.abort();
    }
}

pub async fn send_all(socket: &mut WebSocket, messages: Vec<Message>) {
    for message in messages {
        // Who is gone will be noticed by the test.
        if socket.feed(message).await.is_err() {
            return;
        }
    }
    let _ = socket.flush().await;
}

/// Says nothing, but answers pings, until the other side is gone.
pub async fn answer_pings(socket: &mut WebSocket) {
    while let Some(Ok(_)) = socket.next().await {}
}

pub fn text(text: impl Into<String>) -> Message {
    Message::text(text.into())
}

/// The request of a handshake, to its empty line.
pub async fn request(stream: &mut TcpStream) -> String {
    let mut request = Vec::new();
    while !request.ends_with(b"\r\n\r\n") && request.len() < REQUEST_BYTES_MAX {
        match stream.read_u8().await {
            Ok(byte) => request.push(byte),
            Err(_) => break,
        }
    }
    String::from_utf8_lossy(&request).into_owned()
}

/// Answers the handshake as it should be, and returns its request; what follows is up to the test.
pub async fn upgrade(stream: &mut TcpStream) -> String {
    let request = request(stream).await;
    let key = request.lines().find_map(|line| {
        let (name, value) = line.split_once(": ")?;
        name.eq_ignore_ascii_case("sec-websocket-key").then_some(value)
    });
    let accept = derive_accept_key(key.unwrap_or_default().as_bytes());
    let answer = format!(
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
         Sec-WebSocket-Accept: {accept}\r\n\r\n"
    );
    let _ = stream.write_all(answer.as_bytes()).await;
    request
}

pub const FIN: u8 = 0x80;
pub const TEXT: u8 = FIN | 0x1;
pub const BINARY: u8 = FIN | 0x2;
pub const PING: u8 = FIN | 0x9;
/// A frame that goes on with a message; not its last.
pub const CONTINUED: u8 = 0x0;

/// A frame of a server, with these bits in front.
pub fn frame(bits: u8, payload: &[u8]) -> Vec<u8> {
    let mut frame = head(bits, payload.len());
    frame.extend_from_slice(payload);
    frame
}

/// What comes before a payload of this length.
pub fn head(bits: u8, payload_bytes: usize) -> Vec<u8> {
    let mut head = vec![bits];
    match payload_bytes {
        0..=125 => head.push(payload_bytes as u8),
        126..=0xffff => {
            head.push(126);
            head.extend_from_slice(&(payload_bytes as u16).to_be_bytes());
        }
        _ => {
            head.push(127);
            head.extend_from_slice(&(payload_bytes as u64).to_be_bytes());
        }
    }
    head
}

/// Ends the sending side and waits for the other side to do so too: otherwise what it still sends
/// could cost it what it has not read yet.
pub async fn finish(mut stream: TcpStream) {
    let _ = stream.shutdown().await;
    drain(&mut stream).await;
}

/// Reads and forgets until the other side is gone.
pub async fn drain(stream: &mut TcpStream) {
    let mut sink = [0; 4_096];
    let _ = tokio::time::timeout(DEADLINE, async {
        while stream.read(&mut sink).await.is_ok_and(|read| read > 0) {}
    })
    .await;
}
