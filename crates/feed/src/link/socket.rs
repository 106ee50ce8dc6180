//! An open WebSocket: reads in batches, and never waits to write.

use super::inflow::Inflow;
use crate::world::Duplex;
use futures_util::{Sink, SinkExt, Stream, StreamExt};
use std::collections::VecDeque;
use std::future::poll_fn;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::io::AsyncWriteExt;
use tokio::sync::OwnedMutexGuard;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::error::ProtocolError;
use tokio_tungstenite::tungstenite::protocol::frame::Frame;
use tokio_tungstenite::tungstenite::protocol::frame::coding::{CloseCode, Data, OpCode};
use tokio_tungstenite::tungstenite::protocol::{CloseFrame, Role, WebSocketConfig};
use tokio_tungstenite::tungstenite::{Bytes, Error as WsError, Message};

/// Messages taken from the socket before anyone else is heard again: many enough that the cost
/// of a batch is spread, few enough that a command waits well under a millisecond.
const BATCH_MAX: usize = 256;

/// The same for large ones: about what is read from the system at once.
const BATCH_BYTES_MAX: usize = 128 << 10;

/// What the library may hold that the system does not take. It is given more only when it has none,
/// apart from answers to pings.
const WRITE_BUFFER_MAX: usize = 4 << 20;

/// What the library reads at once, of what is not taken before it.
const LIBRARY_READ_BYTES: usize = 16 << 10;

/// A larger message is sent in parts, so that a ping need not wait for the whole of it.
const FRAGMENT_BYTES: usize = 64 << 10;

/// What is sent waits elsewhere, where it has an order and can be given up, while so much is on its
/// way.
const ON_ITS_WAY_MAX: usize = 64 << 10;

/// Who sends on although there is no room, to a server that takes nothing, is stopped here.
const UNSENT_MAX: usize = 64 << 20;

/// Pings and answers on their way. A server that asks for more answers than it takes is not one to
/// stay with.
const URGENT_MAX: usize = 1_024;

/// How long the server has to answer our goodbye. The next attempt waits for it, and may be what
/// someone just asked for.
const FAREWELL_MAX: Duration = Duration::from_millis(500);

/// The code of a goodbye that is only an answer.
const CLOSE_DONE: u16 = 1000;

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

/// The same, where it need not be kept.
#[derive(Debug)]
pub enum Heard<'a> {
    /// A text message, which is UTF-8.
    Text(&'a [u8]),
    Event(Event),
    /// A ping or a pong, with what it carries. Pings are answered already.
    Control(Control, &'a [u8]),
}

/// What WebSockets say to each other about the connection itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Control {
    Ping,
    Pong,
    /// With its code.
    Close(u16),
}

pub(super) fn config(message_bytes_max: usize) -> WebSocketConfig {
    WebSocketConfig::default()
        .max_message_size(Some(message_bytes_max))
        .max_frame_size(Some(message_bytes_max))
        .read_buffer_size(LIBRARY_READ_BYTES)
        .max_write_buffer_size(WRITE_BUFFER_MAX)
}

/// An open WebSocket.
pub struct Socket {
    /// `None` once it has ended: then it says goodbye on its own.
    open: Option<Open>,
    outgoing: VecDeque<Message>,
    /// What goes before that.
    urgent: VecDeque<Message>,
    /// What is left of a message whose first part was sent.
    begun: Option<Bytes>,
    unflushed: bool,
    /// Of messages that were sent since all was last handed to the system.
    bytes_on_their_way: usize,
    room_awaited: bool,
    pongs: u64,
    /// How many bytes have come.
    bytes_read: u64,
    /// The same when it was last told of.
    bytes_seen: u64,
    /// The server said goodbye; the library has our answer ready.
    closed: bool,
}

struct Open {
    stream: WebSocketStream<Inflow>,
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
        let inflow = Inflow::new(stream, &rest, config.max_message_size.unwrap_or(usize::MAX));
        let stream = WebSocketStream::from_raw_socket(inflow, Role::Client, Some(config)).await;
        Socket {
            open: Some(Open { stream, line }),
            outgoing: VecDeque::new(),
            urgent: VecDeque::new(),
            begun: None,
            unflushed: false,
            bytes_on_their_way: 0,
            room_awaited: false,
            pongs: 0,
            bytes_read: 0,
            bytes_seen: 0,
            closed: false,
        }
    }

    /// Queues `message`; it is on its way while [`Socket::read`] is polled.
    pub fn send(&mut self, message: Message) {
        self.bytes_on_their_way += message.len();
        self.outgoing.push_back(message);
    }

    /// As [`Socket::send`], but before all that has not begun to be sent; a ping goes even between
    /// the parts of a large message. Returns `false`, and sends nothing, if the other side takes so
    /// little that too much waits already.
    #[must_use]
    pub fn send_urgent(&mut self, message: Message) -> bool {
        let has_room = self.urgent.len() < URGENT_MAX;
        if has_room {
            self.urgent.push_back(message);
        }
        has_room
    }

    /// Whether there is room to send more. Where there is none, [`Socket::read`] returns once
    /// there is.
    pub fn has_room(&mut self) -> bool {
        let has_room = self.bytes_on_their_way < ON_ITS_WAY_MAX;
        self.room_awaited = !has_room;
        has_room
    }

    /// Whether nobody has said goodbye yet.
    pub fn is_open(&self) -> bool {
        self.open.is_some()
    }

    /// How many pongs have come.
    pub fn pongs(&self) -> u64 {
        self.pongs
    }

    /// Waits for something to come in and appends it, with all that came at the same time; nothing
    /// where those were pings, pongs or a part of a message. Returns whether the other side gave a
    /// sign of life; the connection's being gone is none. Can be dropped and called again without
    /// losing anything.
    pub async fn read(&mut self, events: &mut Vec<Event>) -> bool {
        let keep = |heard: Heard<'_>| {
            events.extend(match heard {
                // It is UTF-8.
                Heard::Text(text) => {
                    std::str::from_utf8(text).ok().map(Message::text).map(Event::Message)
                }
                Heard::Event(event) => Some(event),
                Heard::Control(..) => None,
            });
        };
        self.read_each(keep).await
    }

    /// As [`Socket::read`], but hands over each event at once, while its bytes are at hand. The end
    /// of the connection is the last one. After one was handed over, this returns without waiting.
    pub async fn read_each(&mut self, mut each: impl FnMut(Heard<'_>)) -> bool {
        poll_fn(|context| self.poll_read(context, &mut each)).await
    }

    fn poll_read(
        &mut self,
        context: &mut Context<'_>,
        each: &mut impl FnMut(Heard<'_>),
    ) -> Poll<bool> {
        if self.open.is_none() {
            return Poll::Pending;
        }
        if let Err(error) = self.poll_write(context) {
            each(Heard::Event(self.fail(error)));
            return Poll::Ready(false);
        }
        let regained = self.room_awaited && self.has_room();
        let (mut taken, mut bytes) = (0, 0);
        let mut ended = false;
        while let Some(open) = &mut self.open
            && taken < BATCH_MAX
            && bytes < BATCH_BYTES_MAX
            && !ended
        {
            taken += 1;
            if let Some(text) = open.stream.get_mut().text() {
                bytes += text.len();
                each(Heard::Text(text));
                continue;
            }
            match Pin::new(&mut open.stream).poll_next(context) {
                Poll::Pending => {
                    taken -= 1;
                    if !open.stream.get_ref().has_text() {
                        break;
                    }
                }
                Poll::Ready(Some(Ok(message @ (Message::Text(_) | Message::Binary(_))))) => {
                    bytes += message.len();
                    each(Heard::Event(Event::Message(message)));
                }
                Poll::Ready(Some(Ok(Message::Close(frame)))) => {
                    ended = true;
                    self.closed = true;
                    each(Heard::Event(match frame {
                        Some(frame) => Event::Closed(frame.code.into(), frame.reason.to_string()),
                        None => Event::Closed(1005, String::new()),
                    }));
                    self.leave(CLOSE_DONE);
                }
                Poll::Ready(Some(Ok(Message::Pong(payload)))) => {
                    self.pongs += 1;
                    each(Heard::Control(Control::Pong, &payload));
                }
                // The library answers pings, once it has its next turn, which is not to wait for
                // what else came; for us they are, like pongs, a sign of life.
                Poll::Ready(Some(Ok(other))) => {
                    if let Message::Ping(payload) = &other {
                        each(Heard::Control(Control::Ping, payload));
                    }
                    self.unflushed = true;
                    break;
                }
                Poll::Ready(Some(Err(error))) => {
                    taken -= 1;
                    each(Heard::Event(self.fail(error)));
                    break;
                }
                Poll::Ready(None) => {
                    taken -= 1;
                    each(Heard::Event(self.fail(WsError::ConnectionClosed)));
                    break;
                }
            }
        }
        self.count_bytes();
        let more = std::mem::replace(&mut self.bytes_seen, self.bytes_read) != self.bytes_read;
        // Messages may be left over from bytes that were read before.
        let heard = more || taken > 0;
        if heard || regained || self.open.is_none() { Poll::Ready(heard) } else { Poll::Pending }
    }

    /// Writes what can be written now. The socket's being full is no error: it is tried again
    /// when there is room.
    fn poll_write(&mut self, context: &mut Context<'_>) -> Result<(), WsError> {
        if self.bytes_on_their_way > UNSENT_MAX && self.outgoing.len() > 1 {
            let why = "the server takes nothing of what is sent to it";
            return Err(io::Error::new(io::ErrorKind::StorageFull, why).into());
        }
        let Some(Open { stream, .. }) = &mut self.open else { return Ok(()) };
        loop {
            if self.urgent.is_empty() && self.outgoing.is_empty() && self.begun.is_none() {
                break;
            }
            match Pin::new(&mut *stream).poll_ready(context) {
                Poll::Pending => return Ok(()),
                Poll::Ready(result) => result?,
            }
            let next = next(&mut self.urgent, &mut self.begun, &mut self.outgoing);
            if let Some(message) = next {
                Pin::new(&mut *stream).start_send(message)?;
                self.unflushed = true;
            }
        }
        if self.unflushed {
            match Pin::new(stream).poll_flush(context) {
                Poll::Pending => {}
                Poll::Ready(result) => {
                    result?;
                    self.unflushed = false;
                    self.bytes_on_their_way = 0;
                }
            }
        }
        Ok(())
    }

    /// It has ended by itself. Whoever broke the rules is told so; nobody waits for that.
    fn fail(&mut self, error: WsError) -> Event {
        let code = match &error {
            // There is nobody to say it to.
            WsError::Protocol(ProtocolError::ResetWithoutClosingHandshake) => None,
            WsError::Protocol(_) => Some(1002),
            WsError::Utf8(_) => Some(1007),
            WsError::Capacity(_) => Some(1009),
            _ => None,
        };
        match code {
            Some(code) => self.leave(code),
            None => {
                self.count_bytes();
                self.open = None;
            }
        }
        Event::Failed(error)
    }

    fn count_bytes(&mut self) {
        if let Some(open) = &self.open {
            self.bytes_read = open.stream.get_ref().bytes_read();
        }
    }

    /// Says goodbye, or answers the server's, and lets go, without making anyone wait for it.
    pub fn close(mut self, code: u16) {
        self.leave(code);
    }

    fn leave(&mut self, code: u16) {
        self.count_bytes();
        let Some(Open { mut stream, line }) = self.open.take() else { return };
        stream.get_mut().pass_all();
        let closed = self.closed;
        tokio::spawn(async move {
            let frame = CloseFrame { code: CloseCode::from(code), reason: "".into() };
            let goodbye = async {
                let said = if closed {
                    stream.flush().await
                } else {
                    stream.send(Message::Close(Some(frame))).await
                };
                if said.is_ok() {
                    while let Some(Ok(_)) = stream.next().await {}
                }
                // Where what came was no longer a WebSocket, the rest is read without looking:
                // to leave while something is unread could cost the server our goodbye.
                let mut bare = stream.into_inner();
                let _ = bare.shutdown().await;
                let mut nowhere = tokio::io::sink();
                let _ = tokio::io::copy(&mut bare, &mut nowhere).await;
            };
            let _ = tokio::time::timeout(FAREWELL_MAX, goodbye).await;
            // Only now may another socket be opened.
            drop(line);
        });
    }
}

/// What goes next: what is urgent, then the rest of a message that was begun, then another one.
/// Within a message the protocol lets only pings and their like through.
fn next(
    urgent: &mut VecDeque<Message>,
    begun: &mut Option<Bytes>,
    outgoing: &mut VecDeque<Message>,
) -> Option<Message> {
    let is_control = |message: &Message| matches!(message, Message::Ping(_) | Message::Pong(_));
    let first = match begun {
        Some(_) => urgent.iter().position(is_control),
        None => (!urgent.is_empty()).then_some(0),
    };
    if let Some(first) = first {
        return urgent.remove(first);
    }
    let (opcode, mut rest) = match begun.take() {
        Some(rest) => (Data::Continue, rest),
        None => match outgoing.pop_front()? {
            Message::Text(text) if text.len() > FRAGMENT_BYTES => (Data::Text, text.into()),
            Message::Binary(bytes) if bytes.len() > FRAGMENT_BYTES => (Data::Binary, bytes),
            message => return Some(message),
        },
    };
    let part = rest.split_to(rest.len().min(FRAGMENT_BYTES));
    let is_last = rest.is_empty();
    *begun = (!is_last).then_some(rest);
    Some(Message::Frame(Frame::message(part, OpCode::Data(opcode), is_last)))
}
