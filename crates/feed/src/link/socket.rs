//! An open WebSocket: reads in batches, and never waits to write.

use crate::world::Duplex;
use futures_util::{Sink, SinkExt, Stream, StreamExt};
use std::collections::VecDeque;
use std::future::poll_fn;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll, ready};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::sync::OwnedMutexGuard;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;
use tokio_tungstenite::tungstenite::protocol::{CloseFrame, Role, WebSocketConfig};
use tokio_tungstenite::tungstenite::{Error as WsError, Message};

/// Messages taken from the socket before anyone else is heard again: many enough that the cost
/// of a batch is spread, few enough that a command waits well under a millisecond.
const BATCH_MAX: usize = 256;

/// What may wait to be sent. Only pings and the opening are sent, so that more is a fault.
const WRITE_BUFFER_MAX: usize = 4 << 20;

/// How long the server has to answer our goodbye. The next attempt waits for it, and may be what
/// someone just asked for.
const FAREWELL_MAX: Duration = Duration::from_millis(500);

/// Whoever holds it may have a socket; nobody else. Some feeds refuse a second connection, or end
/// the first.
pub type Line = OwnedMutexGuard<()>;

/// What came in.
#[derive(Debug)]
pub enum Event {
    /// A text or binary message.
    Message(Message),
    /// The server closed, with a code.
    Closed(u16, String),
    /// The connection is gone, or what came on it cannot be a WebSocket.
    Failed(WsError),
}

pub(super) fn config(message_bytes_max: usize) -> WebSocketConfig {
    WebSocketConfig::default()
        .max_message_size(Some(message_bytes_max))
        .max_frame_size(Some(message_bytes_max))
        .max_write_buffer_size(WRITE_BUFFER_MAX)
}

/// An open WebSocket.
pub struct Socket {
    stream: WebSocketStream<Counted>,
    outgoing: VecDeque<Message>,
    unflushed: bool,
    bytes_read: Arc<AtomicU64>,
    /// `bytes_read` when it was last looked at.
    bytes_seen: u64,
    ended: bool,
    /// The server said goodbye; the library has our answer ready.
    closed: bool,
    line: Line,
}

impl Socket {
    /// After a handshake; `rest` is what came with the last of it.
    pub(super) async fn open(
        stream: Box<dyn Duplex>,
        rest: Vec<u8>,
        config: WebSocketConfig,
        line: Line,
    ) -> Self {
        let bytes_read = Arc::new(AtomicU64::new(0));
        let counted = Counted { stream, bytes_read: bytes_read.clone() };
        let stream =
            WebSocketStream::from_partially_read(counted, rest, Role::Client, Some(config)).await;
        Socket {
            stream,
            outgoing: VecDeque::new(),
            unflushed: false,
            bytes_read,
            bytes_seen: 0,
            ended: false,
            closed: false,
            line,
        }
    }

    /// Queues `message`; it is on its way while [`Socket::read`] is polled.
    pub fn send(&mut self, message: Message) {
        self.outgoing.push_back(message);
    }

    /// Waits for something to come in and appends it, with all that came at the same time; nothing
    /// where those were pings, pongs or a part of a message. Returns whether the other side gave a
    /// sign of life; the connection's being gone is none. Can be dropped and called again without
    /// losing anything.
    pub async fn read(&mut self, events: &mut Vec<Event>) -> bool {
        poll_fn(|context| self.poll_read(context, events)).await
    }

    fn poll_read(&mut self, context: &mut Context<'_>, events: &mut Vec<Event>) -> Poll<bool> {
        if self.ended {
            return Poll::Pending;
        }
        if let Err(error) = self.poll_write(context) {
            self.ended = true;
            events.push(Event::Failed(error));
            return Poll::Ready(false);
        }
        let mut taken = 0;
        while taken < BATCH_MAX && !self.ended {
            match Pin::new(&mut self.stream).poll_next(context) {
                Poll::Pending => break,
                Poll::Ready(Some(Ok(message @ (Message::Text(_) | Message::Binary(_))))) => {
                    events.push(Event::Message(message));
                }
                Poll::Ready(Some(Ok(Message::Close(frame)))) => {
                    self.ended = true;
                    self.closed = true;
                    events.push(match frame {
                        Some(frame) => Event::Closed(frame.code.into(), frame.reason.to_string()),
                        None => Event::Closed(1005, String::new()),
                    });
                }
                // The library answers pings; for us they are, like pongs, a sign of life.
                Poll::Ready(Some(Ok(_))) => {}
                Poll::Ready(Some(Err(error))) => {
                    self.ended = true;
                    events.push(Event::Failed(error));
                    break;
                }
                Poll::Ready(None) => {
                    self.ended = true;
                    events.push(Event::Failed(WsError::ConnectionClosed));
                    break;
                }
            }
            taken += 1;
        }
        let bytes_read = self.bytes_read.load(Ordering::Relaxed);
        let more = std::mem::replace(&mut self.bytes_seen, bytes_read) != bytes_read;
        // Messages may be left over from bytes that were read before.
        let heard = more || taken > 0;
        if heard || self.ended { Poll::Ready(heard) } else { Poll::Pending }
    }

    /// Writes what can be written now. The socket's being full is no error: it is tried again
    /// when there is room.
    fn poll_write(&mut self, context: &mut Context<'_>) -> Result<(), WsError> {
        while !self.outgoing.is_empty() {
            match Pin::new(&mut self.stream).poll_ready(context) {
                Poll::Pending => return Ok(()),
                Poll::Ready(result) => result?,
            }
            if let Some(message) = self.outgoing.pop_front() {
                Pin::new(&mut self.stream).start_send(message)?;
                self.unflushed = true;
            }
        }
        if self.unflushed {
            match Pin::new(&mut self.stream).poll_flush(context) {
                Poll::Pending => {}
                Poll::Ready(result) => {
                    result?;
                    self.unflushed = false;
                }
            }
        }
        Ok(())
    }

    /// Says goodbye, or answers the server's, and lets go, without making anyone wait for it.
    pub fn close(mut self, code: u16) {
        tokio::spawn(async move {
            let frame = CloseFrame { code: CloseCode::from(code), reason: "".into() };
            let goodbye = async {
                let said = if self.closed {
                    self.stream.flush().await
                } else {
                    self.stream.send(Message::Close(Some(frame))).await
                };
                if said.is_ok() {
                    while let Some(Ok(_)) = self.stream.next().await {}
                }
            };
            let _ = tokio::time::timeout(FAREWELL_MAX, goodbye).await;
            drop(self.stream);
            // Only now may another socket be opened.
            drop(self.line);
        });
    }
}

/// Counts what is read, whether or not it makes a whole message yet: a large one that comes slowly
/// is a sign of life.
struct Counted {
    stream: Box<dyn Duplex>,
    bytes_read: Arc<AtomicU64>,
}

impl AsyncRead for Counted {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        ready!(Pin::new(&mut self.stream).poll_read(context, buffer))?;
        let read = buffer.filled().len() - before;
        self.bytes_read.fetch_add(read as u64, Ordering::Relaxed);
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Counted {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(context, buffer)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}
