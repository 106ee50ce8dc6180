//! The newest samples of a level: plain, in the order of their times, until there are enough for a
//! block.

use crate::Sample;
use crate::body::{BLOCK_SAMPLES, Columns};

/// What a tail holds at most beyond a block, so that samples that are late by no more than that
/// find their place in it. A late one moves those behind it, half of this on average: 12 KiB.
const SPARE_SAMPLES_MAX: usize = 3 * BLOCK_SAMPLES;

#[derive(Debug)]
pub struct Tail {
    samples: Vec<Sample>,
    /// How many there are when a block of them is due.
    limit: usize,
    /// The latest time there ever was, which may have left.
    latest_ns: i64,
    /// Those that come from before this are too late: what was there has left.
    sealed_ns: i64,
    /// It is not on the disk as it is here.
    pub is_dirty: bool,
}

impl Default for Tail {
    fn default() -> Self {
        Self {
            samples: Vec::new(),
            limit: BLOCK_SAMPLES,
            latest_ns: i64::MIN,
            sealed_ns: i64::MIN,
            is_dirty: false,
        }
    }
}

impl Tail {
    /// With everything until `sealed_ns` in blocks already.
    pub fn after(sealed_ns: i64) -> Self {
        Self { latest_ns: sealed_ns, sealed_ns, ..Self::default() }
    }

    /// Adds a sample if that is no more than writing it down.
    pub fn append(&mut self, sample: Sample) -> bool {
        let is_easy = sample.time_ns >= self.latest_ns
            && self.samples.len() < self.samples.capacity()
            && self.samples.len() + 1 < self.limit;
        if is_easy {
            self.samples.push(sample);
            self.latest_ns = sample.time_ns;
            self.is_dirty = true;
        }
        is_easy
    }

    /// Whether a sample has its place here, and not among what left.
    pub fn takes(&self, sample: Sample) -> bool {
        sample.time_ns >= self.sealed_ns
    }

    /// Adds a sample in its place: after all that are not later than it.
    pub fn insert(&mut self, sample: Sample) {
        self.is_dirty = true;
        if sample.time_ns >= self.latest_ns {
            self.latest_ns = sample.time_ns;
            self.samples.push(sample);
            return;
        }
        let place = self.samples.partition_point(|kept| kept.time_ns <= sample.time_ns);
        self.samples.insert(place, sample);
        self.widen(BLOCK_SAMPLES);
    }

    /// Samples are later than this has room for.
    pub fn widen(&mut self, spare: usize) {
        let spare = spare.max(self.limit - BLOCK_SAMPLES).min(SPARE_SAMPLES_MAX);
        self.limit = BLOCK_SAMPLES + spare;
    }

    pub fn widen_more(&mut self) {
        self.widen(self.limit);
    }

    pub fn is_due(&self) -> bool {
        self.samples.len() >= self.limit
    }

    /// The earliest samples, as many as a block has, leave.
    pub fn take_block(&mut self, columns: &mut Columns) {
        let count = self.samples.len().min(BLOCK_SAMPLES);
        fill(columns, &self.samples[..count]);
        if let Some(last) = columns.times.last() {
            self.sealed_ns = self.sealed_ns.max(*last);
        }
        self.samples.drain(..count);
        self.is_dirty = true;
    }

    /// All of them, block by block.
    pub fn for_each_block(&self, columns: &mut Columns, mut each: impl FnMut(&Columns)) {
        for samples in self.samples.chunks(BLOCK_SAMPLES) {
            fill(columns, samples);
            each(columns);
        }
    }

    pub fn sealed_ns(&self) -> i64 {
        self.sealed_ns
    }

    pub fn samples(&self) -> &[Sample] {
        &self.samples
    }

    /// All of them are forgotten; those of their times that come now are still taken.
    pub fn clear(&mut self) {
        self.samples = Vec::new();
        self.is_dirty = true;
    }

    pub fn bytes(&self) -> usize {
        self.samples.capacity() * size_of::<Sample>()
    }
}

fn fill(columns: &mut Columns, samples: &[Sample]) {
    columns.clear();
    columns.times.extend(samples.iter().map(|sample| sample.time_ns));
    columns.arrivals.extend(samples.iter().map(|sample| sample.arrival_ns));
    columns.values.extend(samples.iter().map(|sample| sample.value));
}
