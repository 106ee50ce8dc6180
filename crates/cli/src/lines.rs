//! Lines on their way to a file or another program: through a bounded buffer, and without a loss.
//! When it is full, whoever writes waits, and so does in the end the server of the feed.

use crate::visible::json_line;
use serde::Serialize;
use std::io::{self, Write};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, TrySendError, sync_channel};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// Lines are handed on in pieces of this size, or sooner: large enough that handing on costs
/// nothing beside the writing.
const PIECE_BYTES: usize = 64 << 10;
/// Pieces that wait to be written: a second's hiccup of a fast feed's reader.
const PIECES_MAX: usize = 64;

#[derive(Debug)]
pub struct Lines {
    piece: Vec<u8>,
    /// `None` once nobody reads any longer.
    pieces: Option<SyncSender<Vec<u8>>>,
    writer: Option<JoinHandle<io::Result<()>>>,
}

impl Lines {
    /// Writes to `out`, on a thread of its own. What is written is flushed within `flush_within`,
    /// and `finish`ed at the end.
    pub fn start<W: Write + Send + 'static>(
        mut out: W,
        flush_within: Duration,
        finish: impl FnOnce(W) -> io::Result<()> + Send + 'static,
    ) -> Self {
        let (sender, pieces) = sync_channel(PIECES_MAX);
        let writer = std::thread::spawn(move || {
            write(&pieces, &mut out, flush_within)?;
            finish(out)
        });
        Lines { piece: Vec::new(), pieces: Some(sender), writer: Some(writer) }
    }

    pub fn to_stdout() -> Self {
        Lines::start(io::stdout(), Duration::ZERO, |mut out| out.flush())
    }

    pub fn push(&mut self, line: &impl Serialize) {
        if self.is_wanted() {
            json_line(line, &mut self.piece);
            if self.piece.len() >= PIECE_BYTES {
                self.flush();
            }
        }
    }

    /// Lines that are lines already.
    pub fn push_lines(&mut self, lines: &[u8]) {
        self.piece.extend_from_slice(lines);
    }

    /// Hands on what there is. Must not be called outside of a runtime with several threads.
    pub fn flush(&mut self) {
        if self.piece.is_empty() {
            return;
        }
        let Some(pieces) = &self.pieces else { return };
        let sent = match pieces.try_send(std::mem::take(&mut self.piece)) {
            Ok(()) => true,
            Err(TrySendError::Full(piece)) => {
                // The rest of the runtime goes on.
                tokio::task::block_in_place(|| pieces.send(piece)).is_ok()
            }
            Err(TrySendError::Disconnected(_)) => false,
        };
        if !sent {
            self.pieces = None;
        }
    }

    /// Whether there still is somebody to write for.
    pub fn is_wanted(&self) -> bool {
        self.pieces.is_some()
    }

    /// Waits until all is written. That nobody reads any longer is no failure.
    pub fn finish(mut self) -> io::Result<()> {
        self.flush();
        self.pieces = None;
        let written = self.writer.take().map_or(Ok(()), |writer| {
            writer.join().unwrap_or_else(|_| Err(io::Error::other("the writing thread broke down")))
        });
        match written {
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
            written => written,
        }
    }
}

fn write(
    pieces: &Receiver<Vec<u8>>,
    out: &mut impl Write,
    flush_within: Duration,
) -> io::Result<()> {
    // Since when something is not flushed.
    let mut since: Option<Instant> = None;
    loop {
        let piece = match since {
            Some(since) => pieces.recv_timeout(flush_within.saturating_sub(since.elapsed())),
            None => pieces.recv().map_err(RecvTimeoutError::from),
        };
        match piece {
            Ok(piece) => {
                out.write_all(&piece)?;
                since.get_or_insert_with(Instant::now);
            }
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => return Ok(()),
        }
        if since.is_some_and(|since| since.elapsed() >= flush_within) {
            out.flush()?;
            since = None;
        }
    }
}
