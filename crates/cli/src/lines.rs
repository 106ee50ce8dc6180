//! Lines on their way to a file or another program: through a bounded buffer, and without a loss.
//! When it is full, whoever writes waits, and so does in the end the server of the feed.

use crate::visible::json_line;
use serde::Serialize;
use std::io::{self, Write};
use std::sync::mpsc::{SyncSender, TrySendError, sync_channel};
use std::thread::JoinHandle;

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
    /// Writes to what `open` returns, on a thread of its own.
    pub fn start<W: Write>(
        open: impl FnOnce() -> io::Result<W> + Send + 'static,
        finish: impl FnOnce(W) -> io::Result<()> + Send + 'static,
    ) -> Self {
        let (sender, pieces) = sync_channel::<Vec<u8>>(PIECES_MAX);
        let writer = std::thread::spawn(move || {
            let mut out = open()?;
            while let Ok(piece) = pieces.recv() {
                out.write_all(&piece)?;
                out.flush()?;
            }
            finish(out)
        });
        Lines { piece: Vec::new(), pieces: Some(sender), writer: Some(writer) }
    }

    pub fn to_stdout() -> Self {
        Lines::start(|| Ok(io::stdout()), |mut out| out.flush())
    }

    pub fn push(&mut self, line: &impl Serialize) {
        if self.is_wanted() {
            json_line(line, &mut self.piece);
            if self.piece.len() >= PIECE_BYTES {
                self.flush();
            }
        }
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
