//! Counts what was found but is not listed, being too much.

use rustc_hash::FxHashSet;
use std::hash::{BuildHasher, Hash, RandomState};

/// How many are told apart; further ones are not counted. 2 MiB of memory.
const DISTINCT_MAX: usize = 100_000;

/// Counts each thing once.
#[derive(Debug, Default)]
pub(super) struct Unlisted {
    hasher: RandomState,
    seen: FxHashSet<u64>,
    more: u64,
}

impl Unlisted {
    pub fn note(&mut self, what: impl Hash) {
        if self.seen.len() < DISTINCT_MAX {
            self.seen.insert(self.hasher.hash_one(what));
        }
    }

    /// Adds as many that are known not to have been counted.
    pub fn add(&mut self, count: usize) {
        self.more = self.more.saturating_add(count as u64);
    }

    pub fn count(&self) -> u64 {
        self.more.saturating_add(self.seen.len() as u64)
    }
}
