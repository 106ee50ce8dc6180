//! A block: a few hundred samples in as few bytes as can be had in as many nanoseconds.
//!
//! Each column, times, arrivals, values, is written by itself, and can be read without the values.
//! Whatever goes in comes out, bit by bit: any time, the payloads of NaN and the sign of zero. And
//! any bytes can be read: they are [`Corrupt`], or give some numbers.
//!
//! ```
//! # use feedscope_history::block;
//! let times: Vec<i64> = (0..256).map(|n| 1_700_000_000_000_000_000 + n * 100_000_000).collect();
//! let values: Vec<f64> = (0..256).map(|n| f64::from(6_400_012 + n % 7) / 100.0).collect();
//! let mut bytes = Vec::new();
//! block::encode(&times, &times, &values, &mut bytes);
//! assert!(bytes.len() < 150, "where 6,144 would be plain");
//!
//! let mut decoded = Vec::new();
//! block::values(&bytes, &mut decoded)?;
//! assert_eq!(decoded, values);
//! # Ok::<(), block::Corrupt>(())
//! ```

mod bits;
mod integers;
mod reader;
mod room;
mod values;

pub(crate) use reader::{Reader, put_number, put_signed};
pub use room::{Room, Samples};
pub(crate) use values::ordered;

use integers::is_smaller;
use std::fmt;

/// The most that a block holds.
pub const SAMPLES_MAX: usize = 512;

/// The bytes are not a block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Corrupt;

impl fmt::Display for Corrupt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a block of samples is damaged")
    }
}

impl std::error::Error for Corrupt {}

/// How arrivals are written: as the times, as what they are later than those, or as what each is
/// later than the one before.
const AS_TIMES: u8 = 0;
const LAGS: u8 = 1;
const DELTAS: u8 = 2;

/// Appends one block of the samples that have a time, an arrival and a value, and says of how
/// many: those beyond [`SAMPLES_MAX`] are not in it.
///
/// Times and arrivals that ascend are the smallest, but need not.
pub fn encode(times: &[i64], arrivals: &[i64], values: &[f64], out: &mut Vec<u8>) -> usize {
    let count = times.len().min(arrivals.len()).min(values.len()).min(SAMPLES_MAX);
    let (times, arrivals, values) = (&times[..count], &arrivals[..count], &values[..count]);
    put_number(count as u64, out);
    // How long the times and the arrivals are; it stays below 2¹⁶.
    let lengths = out.len();
    out.extend_from_slice(&[0; 4]);

    let start = out.len();
    let (times_end, arrivals_end) = with_room(count, |numbers| {
        numbers.copy_from_slice(times);
        encode_deltas(numbers, out);
        let times_end = out.len();
        encode_arrivals(times, arrivals, numbers, out);
        let arrivals_end = out.len();
        values::encode(values, numbers, out);
        (times_end, arrivals_end)
    });

    out[lengths..lengths + 2].copy_from_slice(&((times_end - start) as u16).to_le_bytes());
    out[lengths + 2..start].copy_from_slice(&((arrivals_end - times_end) as u16).to_le_bytes());
    count
}

/// How many samples a block has.
pub fn count(bytes: &[u8]) -> Result<usize, Corrupt> {
    Ok(Block::read(bytes)?.count)
}

/// Appends the times of a block; nothing where it is corrupt, as with the others.
pub fn times(bytes: &[u8], out: &mut Vec<i64>) -> Result<(), Corrupt> {
    let block = Block::read(bytes)?;
    append(out, block.count, |out| decode_deltas(&mut Reader(block.times), out))
}

/// Appends the arrivals of a block.
pub fn arrivals(bytes: &[u8], out: &mut Vec<i64>) -> Result<(), Corrupt> {
    let block = Block::read(bytes)?;
    append(out, block.count, |out| {
        with_room(out.len(), |times| {
            if block.arrivals.first() != Some(&DELTAS) {
                decode_deltas(&mut Reader(block.times), times)?;
            }
            decode_arrivals(&block, times, out)
        })
    })
}

/// Appends the values of a block.
pub fn values(bytes: &[u8], out: &mut Vec<f64>) -> Result<(), Corrupt> {
    let block = Block::read(bytes)?;
    append(out, block.count, |out| {
        let mut reader = Reader(block.values);
        with_room(out.len(), |numbers| values::decode(&mut reader, numbers, out))
    })
}

/// A block's columns, still encoded.
struct Block<'a> {
    count: usize,
    times: &'a [u8],
    arrivals: &'a [u8],
    values: &'a [u8],
}

impl<'a> Block<'a> {
    fn read(bytes: &'a [u8]) -> Result<Self, Corrupt> {
        let mut reader = Reader(bytes);
        let count = reader.size(SAMPLES_MAX)?;
        let [times_low, times_high, arrivals_low, arrivals_high] =
            *reader.bytes(4)?.first_chunk().ok_or(Corrupt)?;
        let times = reader.bytes(u16::from_le_bytes([times_low, times_high]).into())?;
        let arrivals = reader.bytes(u16::from_le_bytes([arrivals_low, arrivals_high]).into())?;
        Ok(Self { count, times, arrivals, values: reader.0 })
    }
}

/// Gives room for at most [`SAMPLES_MAX`] numbers, and no more than about as many as are wanted,
/// since it has to be cleared each time.
fn with_room<T: Copy + Default, R>(count: usize, work: impl FnOnce(&mut [T]) -> R) -> R {
    const FEW: usize = 32;
    const USUAL: usize = 256;
    let mut few;
    let mut usual;
    let mut most;
    let room: &mut [T] = if count <= FEW {
        few = [T::default(); FEW];
        &mut few
    } else if count <= USUAL {
        usual = [T::default(); USUAL];
        &mut usual
    } else {
        most = [T::default(); SAMPLES_MAX];
        &mut most
    };
    work(&mut room[..count.min(SAMPLES_MAX)])
}

fn append<T: Copy + Default>(
    out: &mut Vec<T>,
    count: usize,
    decode: impl FnOnce(&mut [T]) -> Result<(), Corrupt>,
) -> Result<(), Corrupt> {
    let start = out.len();
    out.resize(start + count, T::default());
    let decoded = decode(&mut out[start..]);
    if decoded.is_err() {
        out.truncate(start);
    }
    decoded
}

fn encode_arrivals(times: &[i64], arrivals: &[i64], numbers: &mut [i64], out: &mut Vec<u8>) {
    if times == arrivals {
        out.push(AS_TIMES);
        return;
    }
    let lag = |place: usize| arrivals[place].wrapping_sub(times[place]);
    let delta = |place: usize| arrivals[place].wrapping_sub(arrivals[place - 1]);
    if is_smaller(times.len(), delta, lag) {
        out.push(DELTAS);
        numbers.copy_from_slice(arrivals);
        encode_deltas(numbers, out);
    } else {
        out.push(LAGS);
        for (lag, (arrival, time)) in numbers.iter_mut().zip(arrivals.iter().zip(times)) {
            *lag = arrival.wrapping_sub(*time);
        }
        integers::encode(numbers, out);
    }
}

/// `times` are those of the block, or anything where arrivals are written by themselves.
fn decode_arrivals(block: &Block<'_>, times: &[i64], out: &mut [i64]) -> Result<(), Corrupt> {
    let mut reader = Reader(block.arrivals);
    match reader.byte()? {
        AS_TIMES => out.copy_from_slice(times),
        LAGS => {
            integers::decode(&mut reader, out)?;
            for (arrival, time) in out.iter_mut().zip(times) {
                *arrival = arrival.wrapping_add(*time);
            }
        }
        DELTAS => decode_deltas(&mut reader, out)?,
        _ => return Err(Corrupt),
    }
    Ok(())
}

/// Appends the first number, and what each of the others is more than the one before. They are
/// overwritten on the way.
fn encode_deltas(numbers: &mut [i64], out: &mut Vec<u8>) {
    let Some((first, rest)) = numbers.split_first_mut() else { return };
    put_signed(*first, out);
    let mut before = *first;
    for number in &mut *rest {
        (before, *number) = (*number, number.wrapping_sub(before));
    }
    integers::encode(rest, out);
}

fn decode_deltas(reader: &mut Reader<'_>, out: &mut [i64]) -> Result<(), Corrupt> {
    let Some((first, rest)) = out.split_first_mut() else { return Ok(()) };
    *first = reader.signed()?;
    integers::decode_sums(reader, *first, rest)
}
