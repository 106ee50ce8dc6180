//! A connection between two ends in memory, on which bytes take their time and get lost as on a
//! real one: they arrive late, in drops, after a partition has healed, or never.

use std::collections::VecDeque;
use std::io;
use std::pin::Pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker, ready};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Instant, Sleep, sleep_until};

/// What the buffers of both systems and the way between them hold, each way.
const IN_FLIGHT_BYTES_MAX: usize = 64 << 10;

/// Who holds an end. It also names a direction: by whoever reads there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    Client,
    Server,
}

impl Side {
    fn other(self) -> Side {
        match self {
            Side::Client => Side::Server,
            Side::Server => Side::Client,
        }
    }
}

#[derive(Debug)]
enum Piece {
    Bytes(Vec<u8>),
    Fin,
    Reset,
}

/// One direction.
#[derive(Debug, Default)]
struct Way {
    pieces: VecDeque<(Instant, Piece)>,
    in_flight: usize,
    /// When the last piece is due.
    last: Option<Instant>,
    /// Whoever reads here has let go.
    is_closed: bool,
    is_finished: bool,
    /// Whatever is sent is lost from now on, without anyone's being told.
    is_lost: bool,
    reader: Option<Waker>,
    writer: Option<Waker>,
}

/// How bytes travel.
#[derive(Clone, Copy, Debug)]
pub struct Travel {
    pub latency: Duration,
    pub bytes_per_second: u64,
    /// Nothing gets through for now; it does later.
    pub is_stalled: bool,
}

#[derive(Debug)]
struct State {
    travel: Travel,
    to_client: Way,
    to_server: Way,
    /// The client has written to it: it is more than an attempt.
    is_used: bool,
    is_held_by_client: bool,
    sockets: Arc<Sockets>,
}

/// How many connections the client uses.
#[derive(Debug, Default)]
pub struct Sockets {
    now: AtomicUsize,
    most: AtomicUsize,
}

impl Sockets {
    pub fn now(&self) -> usize {
        self.now.load(Ordering::Relaxed)
    }

    /// How many there ever were at the same time.
    pub fn most(&self) -> usize {
        self.most.load(Ordering::Relaxed)
    }
}

impl State {
    fn way(&mut self, reader: Side) -> &mut Way {
        match reader {
            Side::Client => &mut self.to_client,
            Side::Server => &mut self.to_server,
        }
    }

    fn push(&mut self, reader: Side, piece: Piece) {
        let Travel { latency, bytes_per_second, .. } = self.travel;
        let way = self.way(reader);
        if way.is_lost {
            return;
        }
        let now = Instant::now();
        let bytes = if let Piece::Bytes(bytes) = &piece { bytes.len() as u64 } else { 0 };
        let on_the_way = Duration::from_micros(bytes * 1_000_000 / bytes_per_second.max(1));
        let due = way.last.map_or(now + latency, |last| last.max(now + latency)) + on_the_way;
        way.last = Some(due);
        way.pieces.push_back((due, piece));
        wake(&mut way.reader);
    }
}

fn wake(waker: &mut Option<Waker>) {
    if let Some(waker) = waker.take() {
        waker.wake();
    }
}

/// A connection, as whoever plays fate with it sees it.
#[derive(Clone, Debug)]
pub struct Wire(Arc<Mutex<State>>);

impl Wire {
    /// A connection with its two ends, the client's first.
    pub fn new(travel: Travel, sockets: Arc<Sockets>) -> (Wire, End, End) {
        let wire = Wire(Arc::new(Mutex::new(State {
            travel,
            to_client: Way::default(),
            to_server: Way::default(),
            is_used: false,
            is_held_by_client: true,
            sockets,
        })));
        let end = |side| End { wire: wire.clone(), side, sleep: None };
        let (client, server) = (end(Side::Client), end(Side::Server));
        (wire, client, server)
    }

    /// From now on bytes travel like this, those that are on their way among them.
    pub fn travels(&self, travel: Travel) {
        let mut state = self.lock();
        state.travel = travel;
        let latest = Instant::now() + travel.latency;
        for way in [Side::Client, Side::Server] {
            let way = state.way(way);
            if !travel.is_stalled {
                let mut before = Instant::now();
                for (due, _) in &mut way.pieces {
                    *due = (*due).min(latest).max(before);
                    before = *due;
                }
                way.last = way.last.map(|_| before);
            }
            wake(&mut way.reader);
        }
    }

    /// What is sent to this side is lost from now on, and what is on its way to it.
    pub fn lose_to(&self, side: Side) {
        let mut state = self.lock();
        let way = state.way(side);
        way.is_lost = true;
        way.pieces.clear();
    }

    /// Both ends are told that the connection is gone.
    pub fn reset(&self) {
        let mut state = self.lock();
        for side in [Side::Client, Side::Server] {
            let way = state.way(side);
            way.pieces.clear();
            way.in_flight = 0;
            wake(&mut way.writer);
            state.push(side, Piece::Reset);
        }
    }

    /// Bytes that the server never sent.
    pub fn inject(&self, bytes: &[u8]) {
        let mut state = self.lock();
        state.to_client.in_flight += bytes.len();
        state.push(Side::Client, Piece::Bytes(bytes.to_vec()));
    }

    pub fn is_held_by_client(&self) -> bool {
        self.lock().is_held_by_client
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // Ends are dropped while a test that failed unwinds.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// One end of it. Dropping it closes it.
#[derive(Debug)]
pub struct End {
    wire: Wire,
    side: Side,
    sleep: Option<Pin<Box<Sleep>>>,
}

impl AsyncRead for End {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        loop {
            let due = {
                let mut state = this.wire.lock();
                let is_stalled = state.travel.is_stalled;
                let way = state.way(this.side);
                way.reader = Some(context.waker().clone());
                match way.pieces.front_mut() {
                    Some(_) if is_stalled => return Poll::Pending,
                    None => return Poll::Pending,
                    Some((due, _)) if *due > Instant::now() => *due,
                    // They stay: the connection is over.
                    Some((_, Piece::Fin)) => return Poll::Ready(Ok(())),
                    Some((_, Piece::Reset)) => {
                        return Poll::Ready(Err(io::ErrorKind::ConnectionReset.into()));
                    }
                    Some((_, Piece::Bytes(bytes))) => {
                        let taken = bytes.len().min(buffer.remaining());
                        buffer.put_slice(&bytes[..taken]);
                        bytes.drain(..taken);
                        if bytes.is_empty() {
                            way.pieces.pop_front();
                        }
                        way.in_flight -= taken;
                        wake(&mut way.writer);
                        return Poll::Ready(Ok(()));
                    }
                }
            };
            let sleep = this.sleep.get_or_insert_with(|| Box::pin(sleep_until(due)));
            if sleep.deadline() != due {
                sleep.as_mut().reset(due);
            }
            ready!(sleep.as_mut().poll(context));
        }
    }
}

impl AsyncWrite for End {
    fn poll_write(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &[u8],
    ) -> Poll<io::Result<usize>> {
        let mut state = self.wire.lock();
        let is_stalled = state.travel.is_stalled;
        if self.side == Side::Client && !std::mem::replace(&mut state.is_used, true) {
            let now = state.sockets.now.fetch_add(1, Ordering::Relaxed) + 1;
            state.sockets.most.fetch_max(now, Ordering::Relaxed);
        }
        // A system that was told of the end refuses to write.
        let came = state.way(self.side).pieces.front();
        if let Some((due, Piece::Reset)) = came
            && *due <= Instant::now()
            && !is_stalled
        {
            return Poll::Ready(Err(io::ErrorKind::BrokenPipe.into()));
        }
        let way = state.way(self.side.other());
        if way.is_finished || (way.is_closed && !way.is_lost && !is_stalled) {
            return Poll::Ready(Err(io::ErrorKind::BrokenPipe.into()));
        }
        let room = IN_FLIGHT_BYTES_MAX.saturating_sub(way.in_flight);
        if room == 0 {
            way.writer = Some(context.waker().clone());
            return Poll::Pending;
        }
        let taken = room.min(buffer.len());
        // What is lost is not acknowledged, and takes up its room for ever.
        way.in_flight += taken;
        state.push(self.side.other(), Piece::Bytes(buffer[..taken].to_vec()));
        Poll::Ready(Ok(taken))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        let mut state = self.wire.lock();
        let way = state.way(self.side.other());
        if !std::mem::replace(&mut way.is_finished, true) {
            state.push(self.side.other(), Piece::Fin);
        }
        Poll::Ready(Ok(()))
    }
}

impl Drop for End {
    fn drop(&mut self) {
        let mut state = self.wire.lock();
        if self.side == Side::Client {
            state.is_held_by_client = false;
            if state.is_used {
                state.sockets.now.fetch_sub(1, Ordering::Relaxed);
            }
        }
        let incoming = state.way(self.side);
        incoming.is_closed = true;
        wake(&mut incoming.writer);
        let outgoing = state.way(self.side.other());
        if !std::mem::replace(&mut outgoing.is_finished, true) {
            state.push(self.side.other(), Piece::Fin);
        }
    }
}
