//! What lies in the file: its tables, and how a row is made.
//!
//! redb looks at the checksums of its pages after a crash only. So each row has one of its own, in
//! front, over its key as well.

use super::base::Fault;
use crate::{Body, ChunkKey, GapId, Head, SeriesId, TrackId};
use redb::TableDefinition;
use serde::{Serialize, de::DeserializeOwned};
use std::ops::RangeInclusive;

/// The version of all that is said here, of the heads' and the bodies' bytes, and of what
/// serde makes of names and gaps. A file of a higher one is not touched.
pub const FORMAT: u32 = 1;

/// The longest body that fits four pages of redb, of 4 KiB each: large values have pages of their
/// own, whose number is a power of two. The rest is the page's head, the key, where the value
/// ends, and the checksum.
pub const BODY_BYTES_MAX: usize = 16 * 1024 - 8 - 12 - CHECKSUM_BYTES;

/// By name. Facts of the store itself have names that begin with a full stop.
pub const FACTS: TableDefinition<'_, &str, &[u8]> = TableDefinition::new("facts");
pub const SERIES: TableDefinition<'_, u32, &[u8]> = TableDefinition::new("series");
pub const TRACKS: TableDefinition<'_, u32, &[u8]> = TableDefinition::new("tracks");
/// By track and gap.
pub const GAPS: TableDefinition<'_, (u32, u64), &[u8]> = TableDefinition::new("gaps");
/// By the order of writing, so that what is written together lies together, and all of them are
/// read at once: by chunk, each of a thousand series would have a page rewritten in every write.
pub const HEADS: TableDefinition<'_, u64, &[u8]> = TableDefinition::new("heads");
/// By series and number.
pub const BODIES: TableDefinition<'_, (u32, u64), &[u8]> = TableDefinition::new("bodies");

pub const FORMAT_FACT: &str = ".format";

const CHECKSUM_BYTES: usize = 4;
const PAIR_BYTES: usize = 4 + 8;

pub fn chunk(key: ChunkKey) -> (u32, u64) {
    (key.series.0, key.number)
}

pub fn chunks_of(series: SeriesId) -> RangeInclusive<(u32, u64)> {
    all_under(series.0)
}

pub fn gap(track: TrackId, gap: GapId) -> (u32, u64) {
    (track.0, gap.0)
}

pub fn gaps_of(track: TrackId) -> RangeInclusive<(u32, u64)> {
    all_under(track.0)
}

fn all_under(id: u32) -> RangeInclusive<(u32, u64)> {
    (id, 0)..=(id, u64::MAX)
}

/// What is to be stored of `parts`, put together, under `key`.
fn sealed(key: &[u8], parts: &[&[u8]]) -> Vec<u8> {
    let mut row =
        Vec::with_capacity(CHECKSUM_BYTES + parts.iter().map(|part| part.len()).sum::<usize>());
    row.extend([0; CHECKSUM_BYTES]);
    for part in parts {
        row.extend_from_slice(part);
    }
    let (checksum, rest) = row.split_at_mut(CHECKSUM_BYTES);
    checksum.copy_from_slice(&checksum_of(key, rest));
    row
}

/// What was stored under `key`, if it is still that.
fn opened<'a>(key: &[u8], row: &'a [u8]) -> Option<&'a [u8]> {
    let (checksum, rest) = row.split_first_chunk()?;
    (*checksum == checksum_of(key, rest)).then_some(rest)
}

fn checksum_of(key: &[u8], rest: &[u8]) -> [u8; CHECKSUM_BYTES] {
    let mut hasher = crc32fast::Hasher::new();
    hasher.update(key);
    hasher.update(rest);
    hasher.finalize().to_le_bytes()
}

fn pair_bytes((id, number): (u32, u64)) -> [u8; PAIR_BYTES] {
    let mut bytes = [0; PAIR_BYTES];
    bytes[..4].copy_from_slice(&id.to_le_bytes());
    bytes[4..].copy_from_slice(&number.to_le_bytes());
    bytes
}

pub fn body_row(key: ChunkKey, body: &[u8]) -> Vec<u8> {
    sealed(&pair_bytes(chunk(key)), &[body])
}

pub fn body(key: ChunkKey, row: &[u8]) -> Option<Body> {
    Some(opened(&pair_bytes(chunk(key)), row)?.into())
}

pub fn head_row(place: u64, key: ChunkKey, head: &Head) -> Vec<u8> {
    sealed(&place.to_le_bytes(), &[&pair_bytes(chunk(key)), &head.0])
}

pub fn head(place: u64, row: &[u8]) -> Option<(ChunkKey, &[u8])> {
    let (series, rest) = opened(&place.to_le_bytes(), row)?.split_first_chunk()?;
    let (number, head) = rest.split_first_chunk()?;
    let series = SeriesId(u32::from_le_bytes(*series));
    Some((ChunkKey { series, number: u64::from_le_bytes(*number) }, head))
}

/// Of what may have more in it one day: with names to all that is in it.
fn described_row(key: &[u8], it: &impl Serialize) -> Result<Vec<u8>, Fault> {
    let bytes = rmp_serde::to_vec_named(it)
        .map_err(|error| Fault::Damaged(format!("a part of it cannot be written down: {error}")))?;
    Ok(sealed(key, &[&bytes]))
}

fn described<T: DeserializeOwned>(key: &[u8], row: &[u8]) -> Option<T> {
    rmp_serde::from_slice(opened(key, row)?).ok()
}

/// Of a series or a track.
pub fn named_row(id: u32, it: &impl Serialize) -> Result<Vec<u8>, Fault> {
    described_row(&id.to_le_bytes(), it)
}

pub fn named<T: DeserializeOwned>(id: u32, row: &[u8]) -> Option<T> {
    described(&id.to_le_bytes(), row)
}

pub fn gap_row(key: (u32, u64), it: &impl Serialize) -> Result<Vec<u8>, Fault> {
    described_row(&pair_bytes(key), it)
}

pub fn gap_in<T: DeserializeOwned>(key: (u32, u64), row: &[u8]) -> Option<T> {
    described(&pair_bytes(key), row)
}

pub fn fact_row(name: &str, fact: &[u8]) -> Vec<u8> {
    sealed(name.as_bytes(), &[fact])
}

pub fn fact<'a>(name: &str, row: &'a [u8]) -> Option<&'a [u8]> {
    opened(name.as_bytes(), row)
}
