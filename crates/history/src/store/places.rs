//! Where the heads are in the file: their table is in the order of writing.

use super::base::Fault;
use super::tables;
use crate::{ChunkKey, SeriesId};
use redb::{Database, ReadableDatabase as _, ReadableTable as _};
use std::collections::BTreeMap;
use std::ops::RangeInclusive;

#[derive(Debug, Default)]
pub struct Places {
    of: BTreeMap<ChunkKey, u64>,
    /// Of heads that are of no use: damaged ones. The next write removes them.
    void: Vec<u64>,
    next: u64,
}

/// What a write does to them.
#[derive(Debug, Default)]
pub struct Changes {
    pub removed_series: Vec<SeriesId>,
    pub removed: Vec<ChunkKey>,
    pub added: BTreeMap<ChunkKey, u64>,
}

impl Places {
    /// Takes in a head as it is read, in the order of the table.
    pub fn found(&mut self, place: u64, key: Option<ChunkKey>) {
        self.next = place.saturating_add(1);
        match key {
            Some(key) => self.void.extend(self.of.insert(key, place)),
            None => self.void.push(place),
        }
    }

    /// Reads them anew.
    pub fn read(database: &Database) -> Result<Self, Fault> {
        let mut places = Places::default();
        for row in database.begin_read()?.open_table(tables::HEADS)?.iter()? {
            let (place, row) = row?;
            let place = place.value();
            places.found(place, tables::head(place, row.value()).map(|(key, _)| key));
        }
        Ok(places)
    }

    pub fn of(&self, key: ChunkKey) -> Option<u64> {
        self.of.get(&key).copied()
    }

    pub fn of_series(&self, series: SeriesId) -> impl Iterator<Item = u64> {
        self.of.range(keys_of(series)).map(|(_, place)| *place)
    }

    pub fn void(&self) -> &[u64] {
        &self.void
    }

    pub fn next(&self) -> u64 {
        self.next
    }

    pub fn changed(mut self, changes: Changes) -> Self {
        self.void.clear();
        for series in changes.removed_series {
            let keys: Vec<ChunkKey> = self.of.range(keys_of(series)).map(|(key, _)| *key).collect();
            for key in keys {
                self.of.remove(&key);
            }
        }
        for key in changes.removed {
            self.of.remove(&key);
        }
        for (key, place) in changes.added {
            self.next = self.next.max(place + 1);
            self.of.insert(key, place);
        }
        self
    }

    pub fn bytes(&self) -> usize {
        // A B-tree of the standard library is two thirds full, about.
        self.of.len() * size_of::<(ChunkKey, u64)>() * 3 / 2
            + self.void.capacity() * size_of::<u64>()
    }
}

fn keys_of(series: SeriesId) -> RangeInclusive<ChunkKey> {
    ChunkKey { series, number: 0 }..=ChunkKey { series, number: u64::MAX }
}
