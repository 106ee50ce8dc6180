//! A disk that is not there: it can be full, and lose its power at any moment.

#![allow(clippy::unwrap_used, dead_code, reason = "each test uses what it needs of it")]

use rand::{RngExt as _, rngs::StdRng};
use redb::StorageBackend;
use std::collections::BTreeSet;
use std::io::{self, ErrorKind};
use std::ops::Range;
use std::sync::{Arc, Mutex};

/// What a disk writes whole or not at all.
const SECTOR_BYTES: usize = 512;
/// What a file takes of a disk at a time.
const BLOCK_BYTES: u64 = 4096;

#[derive(Clone, Debug, Default)]
pub struct Disk(Arc<Mutex<Inner>>);

#[derive(Debug, Default)]
struct Inner {
    /// What the file reads as.
    bytes: Vec<u8>,
    /// What would be left of it without power.
    durable: Vec<u8>,
    /// What was done since.
    pending: Vec<Operation>,
    /// Until the power fails.
    operations_left: Option<u64>,
    without_power: bool,
    /// How likely it is that it refuses something.
    refuses: Option<(f64, StdRng)>,
    blocks: BTreeSet<u64>,
    blocks_max: Option<usize>,
}

#[derive(Debug)]
enum Operation {
    Write(u64, Vec<u8>),
    SetLength(usize),
}

impl Disk {
    /// Leaves room for so many bytes in all, rounded up to blocks.
    pub fn limit(&self, bytes: Option<u64>) {
        self.0.lock().unwrap().blocks_max = bytes.map(|bytes| bytes.div_ceil(BLOCK_BYTES) as usize);
    }

    pub fn used_bytes(&self) -> u64 {
        self.0.lock().unwrap().blocks.len() as u64 * BLOCK_BYTES
    }

    /// Lets the power fail after so many operations; from then on, all fail.
    pub fn fail_after(&self, operations: u64) {
        self.0.lock().unwrap().operations_left = Some(operations);
    }

    /// Lets it refuse something now and then: to read, too.
    pub fn refuse(&self, refuses: Option<(f64, StdRng)>) {
        self.0.lock().unwrap().refuses = refuses;
    }

    pub fn is_without_power(&self) -> bool {
        self.0.lock().unwrap().without_power
    }

    /// What is found when the power is back: of all that was not synced, anything or nothing, and
    /// sectors of it.
    pub fn after_power_loss(&self, rng: &mut StdRng) -> Disk {
        let inner = self.0.lock().unwrap();
        let mut bytes = inner.durable.clone();
        // Now all of it was written, now next to nothing.
        let odds = rng.random_range(0.0..1.0);
        for operation in &inner.pending {
            match operation {
                Operation::SetLength(length) if rng.random_bool(odds) => bytes.resize(*length, 0),
                Operation::SetLength(_) => {}
                Operation::Write(offset, data) => {
                    let torn = rng.random_bool(0.2);
                    let whole = rng.random_bool(odds);
                    for (n, sector) in data.chunks(SECTOR_BYTES).enumerate() {
                        if if torn { rng.random() } else { whole } {
                            let from = *offset as usize + n * SECTOR_BYTES;
                            let to = from + sector.len();
                            bytes.resize(bytes.len().max(to), 0);
                            bytes[from..to].copy_from_slice(sector);
                        }
                    }
                }
            }
        }
        Disk(Arc::new(Mutex::new(Inner { durable: bytes.clone(), bytes, ..Inner::default() })))
    }
}

impl Inner {
    fn operate(&mut self) -> io::Result<()> {
        self.refuse()?;
        match &mut self.operations_left {
            Some(0) => {
                self.without_power = true;
                Err(io::Error::other("the power is gone"))
            }
            Some(left) => {
                *left -= 1;
                Ok(())
            }
            None => Ok(()),
        }
    }
}

impl Inner {
    fn refuse(&mut self) -> io::Result<()> {
        let refuses = |(odds, rng): &mut (f64, StdRng)| rng.random_bool(*odds);
        if self.refuses.as_mut().is_some_and(refuses) {
            return Err(io::Error::other("not now"));
        }
        Ok(())
    }
}

fn range(offset: u64, length: usize) -> Range<usize> {
    offset as usize..offset as usize + length
}

impl StorageBackend for Disk {
    fn len(&self) -> io::Result<u64> {
        Ok(self.0.lock().unwrap().bytes.len() as u64)
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        let mut inner = self.0.lock().unwrap();
        inner.refuse()?;
        let found = inner.bytes.get(range(offset, out.len()));
        out.copy_from_slice(found.ok_or(ErrorKind::UnexpectedEof)?);
        Ok(())
    }

    fn set_len(&self, length: u64) -> io::Result<()> {
        let mut inner = self.0.lock().unwrap();
        inner.operate()?;
        // Room is taken by what is written, not by the length.
        inner.blocks.split_off(&length.div_ceil(BLOCK_BYTES));
        inner.bytes.resize(length as usize, 0);
        inner.pending.push(Operation::SetLength(length as usize));
        Ok(())
    }

    fn sync_data(&self) -> io::Result<()> {
        let mut inner = self.0.lock().unwrap();
        inner.operate()?;
        let Inner { durable, pending, .. } = &mut *inner;
        for operation in pending.drain(..) {
            match operation {
                Operation::SetLength(length) => durable.resize(length, 0),
                Operation::Write(offset, data) => {
                    durable.resize(durable.len().max(offset as usize + data.len()), 0);
                    durable[range(offset, data.len())].copy_from_slice(&data);
                }
            }
        }
        Ok(())
    }

    fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        let mut inner = self.0.lock().unwrap();
        inner.operate()?;
        let end = offset + data.len() as u64;
        for block in offset / BLOCK_BYTES..end.div_ceil(BLOCK_BYTES) {
            let full = inner.blocks_max.is_some_and(|most| inner.blocks.len() >= most);
            if full && !inner.blocks.contains(&block) {
                return Err(ErrorKind::StorageFull.into());
            }
            inner.blocks.insert(block);
        }
        let length = inner.bytes.len().max(end as usize);
        inner.bytes.resize(length, 0);
        inner.bytes[range(offset, data.len())].copy_from_slice(data);
        inner.pending.push(Operation::Write(offset, data.to_vec()));
        Ok(())
    }
}
