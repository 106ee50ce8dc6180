//! A run of samples with its summaries: what is kept, dropped and, one day, stored as one.

use crate::Sample;
use std::mem::size_of;
use std::ops::Range;

/// 16 KiB of samples: large enough that its own 96 bytes are nothing, small enough that dropping
/// one, or moving its samples to make room for a late one, is a matter of a microsecond.
pub const CHUNK_SAMPLES: usize = 1024;

/// What has a summary of its own within a chunk. Measured: the edges of a column, which are read
/// sample by sample, cost about as much as the blocks between them at the widths that screens
/// have; the summaries add 3 % to the memory.
const BLOCK_SAMPLES: usize = 64;

/// What a run of samples comes to. Values that are not finite leave no trace in it; all four are
/// NaN where there were no others.
#[derive(Clone, Copy, Debug)]
pub struct Summary {
    pub first: f64,
    pub min: f64,
    pub max: f64,
    pub last: f64,
}

impl Summary {
    pub const EMPTY: Summary =
        Summary { first: f64::NAN, min: f64::NAN, max: f64::NAN, last: f64::NAN };

    pub fn add(&mut self, value: f64) {
        if value.is_finite() {
            self.join(&Summary { first: value, min: value, max: value, last: value });
        }
    }

    /// Takes in what came after it.
    pub fn join(&mut self, later: &Summary) {
        if self.first.is_nan() {
            *self = *later;
        } else if !later.first.is_nan() {
            self.min = self.min.min(later.min);
            self.max = self.max.max(later.max);
            self.last = later.last;
        }
    }
}

/// Never empty.
#[derive(Debug)]
pub struct Chunk {
    /// By time; those of equal time as they came.
    samples: Vec<Sample>,
    /// One for each whole block.
    blocks: Vec<Summary>,
    summary: Summary,
    /// Also in `samples`; here so that passing over a chunk does not touch them.
    start_ns: i64,
    end_ns: i64,
}

impl Chunk {
    pub fn new(sample: Sample) -> Self {
        let mut summary = Summary::EMPTY;
        summary.add(sample.value);
        Self {
            // A vector grows from here by doubling, so that a series of one sample costs little,
            // and a full chunk has no room to spare.
            samples: vec![sample],
            blocks: Vec::new(),
            summary,
            start_ns: sample.time_ns,
            end_ns: sample.time_ns,
        }
    }

    pub fn start_ns(&self) -> i64 {
        self.start_ns
    }

    pub fn end_ns(&self) -> i64 {
        self.end_ns
    }

    pub fn len(&self) -> usize {
        self.samples.len()
    }

    pub fn is_full(&self) -> bool {
        self.samples.len() >= CHUNK_SAMPLES
    }

    pub fn bytes(&self) -> usize {
        size_of::<Chunk>()
            + self.samples.capacity() * size_of::<Sample>()
            + self.blocks.capacity() * size_of::<Summary>()
    }

    pub fn samples(&self) -> &[Sample] {
        &self.samples
    }

    /// Adds a sample that is not earlier than the last.
    pub fn append(&mut self, sample: Sample) {
        self.samples.push(sample);
        self.summary.add(sample.value);
        self.end_ns = sample.time_ns;
        if self.samples.len().is_multiple_of(BLOCK_SAMPLES) {
            self.summarize_blocks();
        }
    }

    pub fn insert(&mut self, position: usize, sample: Sample) {
        self.samples.insert(position, sample);
        self.resummarize_from(position);
    }

    /// Takes the samples from `position` on into a chunk of their own; `None` if there are none.
    pub fn split_off(&mut self, position: usize) -> Option<Chunk> {
        let mut later = self.samples.get(position..)?.iter();
        let mut chunk = Chunk::new(*later.next()?);
        chunk.samples.extend(later);
        chunk.resummarize_from(0);
        self.samples.truncate(position);
        self.samples.shrink_to_fit();
        self.resummarize_from(position);
        Some(chunk)
    }

    /// What the samples of `range` come to, by the summaries where there are any.
    pub fn summarize(&self, range: Range<usize>) -> Summary {
        if range.len() == self.samples.len() {
            return self.summary;
        }
        let mut summary = Summary::EMPTY;
        let blocks = range.start.div_ceil(BLOCK_SAMPLES)..range.end / BLOCK_SAMPLES;
        if blocks.is_empty() {
            self.add_each(range, &mut summary);
        } else {
            self.add_each(range.start..blocks.start * BLOCK_SAMPLES, &mut summary);
            for block in &self.blocks[blocks.clone()] {
                summary.join(block);
            }
            self.add_each(blocks.end * BLOCK_SAMPLES..range.end, &mut summary);
        }
        summary
    }

    fn add_each(&self, range: Range<usize>, summary: &mut Summary) {
        for sample in &self.samples[range] {
            summary.add(sample.value);
        }
    }

    /// Puts everything right that depends on the samples, of which those before `position` are as
    /// they were.
    fn resummarize_from(&mut self, position: usize) {
        self.blocks.truncate(position / BLOCK_SAMPLES);
        self.summarize_blocks();
        let mut summary = Summary::EMPTY;
        for block in &self.blocks {
            summary.join(block);
        }
        self.add_each(self.blocks.len() * BLOCK_SAMPLES..self.samples.len(), &mut summary);
        self.summary = summary;
        if let [first, ..] = self.samples[..] {
            self.start_ns = first.time_ns;
        }
        if let [.., last] = self.samples[..] {
            self.end_ns = last.time_ns;
        }
    }

    fn summarize_blocks(&mut self) {
        let summarized = self.blocks.len() * BLOCK_SAMPLES;
        for block in self.samples[summarized..].chunks_exact(BLOCK_SAMPLES) {
            let mut summary = Summary::EMPTY;
            block.iter().for_each(|sample| summary.add(sample.value));
            self.blocks.push(summary);
        }
    }
}
