//! What comes in, on its way from the system to the WebSocket library.
//!
//! Nearly all of it are texts, each in one frame that is simply one: those are taken here at once,
//! in place, which costs a fraction of what the library's own way of a message costs. All else goes
//! through the library, frame by frame, so that what is between two frames is always either here or
//! there: pings, goodbyes, messages in parts, what is larger than the room here, and all that
//! breaks a rule.

use crate::world::Duplex;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// What is read from the system at once.
const ROOM_BYTES: usize = 128 << 10;

/// The first byte of a frame that is a whole text, and has nothing else about it.
const WHOLE_TEXT: u8 = 0x81;
/// Lengths in the second byte that say where the length is; lower ones are it.
const LENGTH_IN_TWO: u8 = 126;
const LENGTH_IN_EIGHT: u8 = 127;
const MASKED: u8 = 0x80;
const MASK_BYTES: usize = 4;
const FINAL: u8 = 0x80;
const OPCODE: u8 = 0x0F;
const CONTROL: u8 = 0x08;

/// Longer texts are checked by a library that takes a while to begin, and is then many times as
/// fast.
const CHECKED_BY_VECTOR: usize = 128;

pub(super) struct Inflow {
    stream: Box<dyn Duplex>,
    room: Vec<u8>,
    /// What of the room was read and not taken yet.
    start: usize,
    end: usize,
    message_bytes_max: usize,
    /// How much of a frame the library has yet to take.
    left: u64,
    /// The library has a part of a message: what comes is for it to judge.
    in_parts: bool,
    /// All is for the library.
    passes_all: bool,
    /// Nothing more comes.
    ended: bool,
    bytes_read: u64,
}

/// What is next.
enum Next {
    /// A text, in this part of the room, and where its frame ends.
    Text(usize, usize),
    /// A frame for the library, of so many bytes, and whether messages in parts go on after it.
    Frame(u64, bool),
    /// More has to be read to know.
    Unknown,
}

impl Inflow {
    /// `rest` was read already.
    pub fn new(stream: Box<dyn Duplex>, rest: &[u8], message_bytes_max: usize) -> Self {
        let mut room = vec![0; ROOM_BYTES.max(rest.len())];
        room.iter_mut().zip(rest).for_each(|(to, from)| *to = *from);
        Inflow {
            stream,
            room,
            start: 0,
            end: rest.len(),
            message_bytes_max,
            left: 0,
            in_parts: false,
            passes_all: false,
            ended: false,
            bytes_read: 0,
        }
    }

    /// How many bytes were read, whether or not they make a whole message yet: a large one that
    /// comes slowly is a sign of life.
    pub fn bytes_read(&self) -> u64 {
        self.bytes_read
    }

    /// From now on everything goes through the library.
    pub fn pass_all(&mut self) {
        self.passes_all = true;
    }

    /// Takes the text that is next, if it is here and the library need not see it. It is UTF-8.
    #[inline]
    pub fn text(&mut self) -> Option<&[u8]> {
        let Next::Text(start, end) = self.next() else { return None };
        self.start = end;
        self.room.get(start..end)
    }

    /// Whether there is such a text.
    pub fn has_text(&self) -> bool {
        matches!(self.next(), Next::Text(..))
    }

    /// What begins where the last frame ended.
    #[inline]
    fn next(&self) -> Next {
        if self.left > 0 || self.passes_all {
            return Next::Unknown;
        }
        let rest = self.room.get(self.start..self.end).unwrap_or_default();
        let &[first, second, ref after @ ..] = rest else { return Next::Unknown };
        let (length, head) = match (second & !MASKED, after) {
            (LENGTH_IN_TWO, [high, low, ..]) => (u64::from(u16::from_be_bytes([*high, *low])), 4),
            (LENGTH_IN_EIGHT, _) => match after.first_chunk() {
                Some(length) => (u64::from_be_bytes(*length), 10),
                None => return Next::Unknown,
            },
            (LENGTH_IN_TWO, _) => return Next::Unknown,
            (length, _) => (u64::from(length), 2),
        };
        if first == WHOLE_TEXT
            && second & MASKED == 0
            && !self.in_parts
            && length <= self.message_bytes_max as u64
            && length as usize + head <= self.room.len()
        {
            let end = head + length as usize;
            match rest.get(head..end) {
                Some(text) if is_utf8(text) => {
                    return Next::Text(self.start + head, self.start + end);
                }
                // The library says what is wrong.
                Some(_) => {}
                None if !self.ended => return Next::Unknown,
                None => {}
            }
        }
        let in_parts = match first & OPCODE {
            opcode if opcode & CONTROL != 0 => self.in_parts,
            _ => first & FINAL == 0,
        };
        let mask = if second & MASKED == 0 { 0 } else { MASK_BYTES };
        Next::Frame(length.saturating_add((head + mask) as u64), in_parts)
    }

    /// Reads more behind what is here.
    fn poll_more(&mut self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        if self.start > 0 {
            self.room.copy_within(self.start..self.end, 0);
            (self.start, self.end) = (0, self.end - self.start);
        }
        let mut free = ReadBuf::new(self.room.get_mut(self.end..).unwrap_or_default());
        ready!(Pin::new(&mut self.stream).poll_read(context, &mut free))?;
        let read = free.filled().len();
        self.end += read;
        self.bytes_read += read as u64;
        self.ended = read == 0;
        Poll::Ready(Ok(()))
    }
}

impl AsyncRead for Inflow {
    /// What the library may have. Where a text is next that is not for it, there is nothing: then
    /// nobody is woken, since whoever asked has it.
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = &mut *self;
        while this.left == 0 && !this.passes_all && !this.ended {
            match this.next() {
                Next::Text(..) => return Poll::Pending,
                Next::Frame(length, in_parts) => (this.left, this.in_parts) = (length, in_parts),
                Next::Unknown => ready!(this.poll_more(context))?,
            }
        }
        let is_whole = this.passes_all || this.ended;
        let left = if is_whole { usize::MAX } else { this.left.try_into().unwrap_or(usize::MAX) };
        if this.start == this.end && !this.ended {
            // Large frames need not pass through here.
            let part = left.min(buffer.remaining());
            let mut part = ReadBuf::new(buffer.initialize_unfilled_to(part));
            ready!(Pin::new(&mut this.stream).poll_read(context, &mut part))?;
            let read = part.filled().len();
            buffer.advance(read);
            this.bytes_read += read as u64;
            this.left = this.left.saturating_sub(read as u64);
            return Poll::Ready(Ok(()));
        }
        let here = this.room.get(this.start..this.end).unwrap_or_default();
        let part = here.len().min(left).min(buffer.remaining());
        buffer.put_slice(here.get(..part).unwrap_or_default());
        this.start += part;
        this.left = this.left.saturating_sub(part as u64);
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Inflow {
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

#[inline]
fn is_utf8(text: &[u8]) -> bool {
    if text.len() < CHECKED_BY_VECTOR {
        std::str::from_utf8(text).is_ok()
    } else {
        simdutf8::basic::from_utf8(text).is_ok()
    }
}

#[cfg(test)]
mod tests {
    use super::super::socket::{Event, Heard, Socket, config};
    use super::*;
    use futures_util::StreamExt;
    use rand::rngs::StdRng;
    use rand::seq::IndexedRandom;
    use rand::{RngExt, SeedableRng};
    use std::collections::VecDeque;
    use std::sync::Arc;
    use tokio_tungstenite::WebSocketStream;
    use tokio_tungstenite::tungstenite::protocol::Role;
    use tokio_tungstenite::tungstenite::{Error, Message};

    const MESSAGE_BYTES_MAX: usize = 300_000;

    /// Gives what it was given, in the same pieces, takes all, and lets now and then wait.
    struct Pieces {
        pieces: VecDeque<Vec<u8>>,
        random: StdRng,
    }

    impl AsyncRead for Pieces {
        fn poll_read(
            mut self: Pin<&mut Self>,
            context: &mut Context<'_>,
            buffer: &mut ReadBuf<'_>,
        ) -> Poll<io::Result<()>> {
            if self.random.random_bool(0.2) {
                context.waker().wake_by_ref();
                return Poll::Pending;
            }
            if let Some(piece) = self.pieces.front_mut() {
                let rest = piece.split_off(piece.len().min(buffer.remaining()));
                buffer.put_slice(piece);
                *piece = rest;
                if piece.is_empty() {
                    self.pieces.pop_front();
                }
            }
            Poll::Ready(Ok(()))
        }
    }

    impl AsyncWrite for Pieces {
        fn poll_write(
            self: Pin<&mut Self>,
            _: &mut Context<'_>,
            buffer: &[u8],
        ) -> Poll<io::Result<usize>> {
            Poll::Ready(Ok(buffer.len()))
        }

        fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
            Poll::Ready(Ok(()))
        }

        fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
            Poll::Ready(Ok(()))
        }
    }

    fn push_frame(bytes: &mut Vec<u8>, first: u8, payload: &[u8], random: &mut StdRng) {
        bytes.push(first);
        // More of the length than it takes is odd, and does not happen to small ones mostly.
        let is_odd = random.random_bool(0.01);
        match payload.len() {
            length @ 0..126 if !is_odd => bytes.push(length as u8),
            length @ 0..65_536 if !is_odd || length < 126 => {
                bytes.push(LENGTH_IN_TWO);
                bytes.extend((length as u16).to_be_bytes());
            }
            length => {
                bytes.push(LENGTH_IN_EIGHT);
                bytes.extend((length as u64).to_be_bytes());
            }
        }
        bytes.extend(payload);
    }

    fn text(random: &mut StdRng) -> Vec<u8> {
        let lengths = [0, 1, 2, 90, 124, 125, 126, 127, 300, 1_600, 5_000];
        let large = [65_535, 65_536, 131_061, 131_062, 131_063, 131_072, 150_000, 290_000];
        let is_large = random.random_bool(0.03);
        let length = *if is_large { large.choose(random) } else { lengths.choose(random) }.unwrap();
        let mut text = String::new();
        while text.len() < length {
            text.push(*['a', '{', '7', 'é', '€', '😀'].choose(random).unwrap());
        }
        text.into_bytes()
    }

    /// What a server may send, and what none should.
    fn frames(random: &mut StdRng) -> Vec<u8> {
        let mut bytes = Vec::new();
        for _ in 0..random.random_range(1..60) {
            let mut payload = text(random);
            let small = payload.get(..payload.len().min(100)).unwrap_or_default().to_owned();
            match random.random_range(0..400) {
                0..250 => push_frame(&mut bytes, WHOLE_TEXT, &payload, random),
                250..290 => push_frame(&mut bytes, 0x82, &payload, random),
                290..320 => push_frame(&mut bytes, 0x89, &small, random),
                320..340 => push_frame(&mut bytes, 0x8A, &small, random),
                340..385 => {
                    // In parts, which need not end where a character does.
                    let at = random.random_range(0..=payload.len());
                    let (head, rest) = payload.split_at(at);
                    push_frame(&mut bytes, [0x01, 0x02][at % 2], head, random);
                    if random.random_bool(0.5) {
                        push_frame(&mut bytes, 0x89, b"ping", random);
                    }
                    if random.random_bool(0.2) {
                        push_frame(&mut bytes, 0x00, b"", random);
                    }
                    push_frame(&mut bytes, 0x80, rest, random);
                }
                385 => push_frame(&mut bytes, 0x01, &payload, random),
                386 => push_frame(&mut bytes, 0x80, &payload, random),
                387 => push_frame(&mut bytes, 0xC1, &payload, random),
                388 => push_frame(&mut bytes, 0x83, &payload, random),
                389 => push_frame(&mut bytes, 0x8B, &small, random),
                390 => bytes.extend([WHOLE_TEXT, MASKED | 1, 0, 0, 0, 0, b'a']),
                391 => bytes.extend([WHOLE_TEXT, LENGTH_IN_EIGHT, 0x80, 0, 0, 0, 0, 0, 0, 0]),
                392 => push_frame(&mut bytes, 0x89, &[b'a'; 126], random),
                393..396 => push_frame(&mut bytes, 0x88, &[3, 232, b'b'], random),
                396 => push_frame(&mut bytes, WHOLE_TEXT, &[b'a'; MESSAGE_BYTES_MAX + 1], random),
                _ => {
                    payload.extend([0xC3, b'a']);
                    push_frame(&mut bytes, WHOLE_TEXT, &payload, random);
                }
            }
        }
        if random.random_bool(0.2) {
            bytes.truncate(random.random_range(0..=bytes.len()));
        }
        bytes
    }

    fn pieces(bytes: &[u8], random: &mut StdRng) -> VecDeque<Vec<u8>> {
        let size_max = *[1, 20, 1_000, 100_000, 1_000_000].choose(random).unwrap();
        let size_max = if bytes.len() > 100_000 { size_max.max(1_000) } else { size_max };
        let mut rest = bytes;
        let mut pieces = VecDeque::new();
        while !rest.is_empty() {
            let (piece, after) = rest.split_at(random.random_range(1..=size_max.min(rest.len())));
            pieces.push_back(piece.to_owned());
            rest = after;
        }
        pieces
    }

    /// What the library by itself makes of it.
    async fn of_library(stream: Pieces, rest: Vec<u8>) -> (Vec<String>, u64) {
        let config = Some(config(MESSAGE_BYTES_MAX));
        let mut stream =
            WebSocketStream::from_partially_read(stream, rest, Role::Client, config).await;
        let (mut seen, mut pongs) = (Vec::new(), 0);
        loop {
            let event = match stream.next().await {
                Some(Ok(message @ (Message::Text(_) | Message::Binary(_)))) => {
                    Event::Message(message)
                }
                Some(Ok(Message::Close(frame))) => {
                    let frame = frame.map(|frame| (frame.code.into(), frame.reason.to_string()));
                    let (code, reason) = frame.unwrap_or((1005, String::new()));
                    seen.push(format!("{:?}", Event::Closed(code, reason)));
                    return (seen, pongs);
                }
                Some(Ok(message)) => {
                    pongs += u64::from(message.is_pong());
                    continue;
                }
                Some(Err(error)) => Event::Failed(error),
                None => Event::Failed(Error::ConnectionClosed),
            };
            seen.push(format!("{event:?}"));
            if matches!(event, Event::Failed(_)) {
                return (seen, pongs);
            }
        }
    }

    async fn of_socket(stream: Pieces, rest: Vec<u8>) -> (Vec<String>, u64, bool) {
        let line = Arc::new(tokio::sync::Mutex::new(())).lock_owned().await;
        let config = config(MESSAGE_BYTES_MAX);
        let mut socket = Socket::open(Box::new(stream), rest, config, line).await;
        let (mut seen, mut ended, mut in_place) = (Vec::new(), false, false);
        while !ended {
            let each = |heard: Heard<'_>| {
                let event = match heard {
                    Heard::Control(..) => return,
                    Heard::Text(text) => {
                        in_place = true;
                        Event::Message(Message::text(std::str::from_utf8(text).unwrap()))
                    }
                    Heard::Event(event) => event,
                };
                ended = !matches!(event, Event::Message(_));
                seen.push(format!("{event:?}"));
            };
            socket.read_each(each).await;
        }
        (seen, socket.pongs(), in_place)
    }

    #[tokio::test]
    async fn what_comes_is_what_the_library_makes_of_it() {
        let mut in_place = 0;
        for seed in 0..1_500 {
            let random = &mut StdRng::seed_from_u64(seed);
            let bytes = frames(random);
            let split = if random.random_bool(0.5) { 0 } else { bytes.len().min(300) };
            let (rest, after) = bytes.split_at(split);
            let pieces = pieces(after, random);
            let stream = || {
                let random = StdRng::seed_from_u64(seed);
                Pieces { pieces: pieces.clone(), random }
            };
            let (expected, pongs) = of_library(stream(), rest.to_owned()).await;
            let (seen, pongs_seen, took) = of_socket(stream(), rest.to_owned()).await;
            let differs = seen.iter().zip(&expected).position(|(seen, expected)| seen != expected);
            assert_eq!((differs, seen.len()), (None, expected.len()), "{seed}");
            assert_eq!(pongs_seen, pongs, "{seed}");
            in_place += usize::from(took);
        }
        assert!(in_place > 1_000, "{in_place}");
    }
}
