//! Samples of a series that came in the order of their times: chunks in runs, the blocks of the
//! chunk to be, the tail. A series has a second level once samples are too late for the first.

use crate::body::{Blocks, Builder, Columns};
use crate::chunk::{Chunk, Facts};
use crate::moments::Moments;
use crate::sketch::Sketch;
use crate::summary::Summary;
use crate::tail::Tail;
use std::collections::VecDeque;

/// Chunks that a view can pass over at once. At a hundred million samples, there are about as many
/// runs as there are chunks in one.
const RUN_CHUNKS: usize = 64;

/// After so many chunks, the sketch of a run is saved, so that it need not be made again from the
/// bodies after a relaunch, or only in part.
const SKETCH_CHUNKS: usize = 16;

#[derive(Debug)]
pub struct Run {
    pub chunks: Vec<Chunk>,
    pub summary: Summary,
    pub moments: Moments,
    /// What the values of the first chunks come to, and of how many.
    sketch: Option<(usize, Box<[u8]>)>,
}

impl Run {
    fn new(chunk: Chunk) -> Self {
        Self { summary: chunk.summary, moments: chunk.moments, chunks: vec![chunk], sketch: None }
    }

    fn number(&self) -> u64 {
        self.chunks.first().map_or(0, |chunk| chunk.number)
    }

    fn push(&mut self, chunk: Chunk) {
        self.summary.join(&chunk.summary);
        self.moments.join(&chunk.moments);
        self.chunks.push(chunk);
    }

    fn remove(&mut self, index: usize) -> Chunk {
        let chunk = self.chunks.remove(index);
        (self.summary, self.moments) = (Summary::EMPTY, Moments::default());
        for chunk in &self.chunks {
            self.summary.join(&chunk.summary);
            self.moments.join(&chunk.moments);
        }
        self.sketch = None;
        chunk
    }

    /// The sketch of the first chunks, encoded, and of how many.
    pub fn sketch(&self) -> (usize, &[u8]) {
        self.sketch.as_ref().map_or((0, &[]), |(of, sketch)| (*of, sketch))
    }

    fn bytes(&self) -> usize {
        self.sketch().1.len()
    }
}

/// The blocks of the chunk to be.
#[derive(Debug, Default)]
pub struct Open {
    pub number: u64,
    pub builder: Builder,
    pub summary: Option<Summary>,
    pub moments: Moments,
    /// How many blocks of it are on the disk, or on their way.
    pub saved_blocks: usize,
    /// What they occupy there.
    pub saved_bytes: u64,
}

impl Open {
    pub fn blocks(&self) -> Blocks<'_> {
        self.builder.blocks()
    }

    fn count(&self) -> u64 {
        self.summary.map_or(0, |summary| summary.count)
    }

    /// What it is known by on the disk, and how large it is there.
    pub fn saved(&self) -> Option<(u64, u64)> {
        (self.saved_bytes > 0).then_some((self.number, self.saved_bytes))
    }
}

#[derive(Debug)]
pub struct Level {
    pub runs: VecDeque<Run>,
    pub open: Open,
    pub tail: Tail,
    /// What the values of the last run, unless it is closed, and of the open chunk come to. `None`
    /// once part of that was dropped, until a new run begins.
    growing: Option<Sketch>,
    /// Chunks with what is in memory of their bodies, and the sketches of runs.
    pub chunk_bytes: usize,
    sealed_count: u64,
    /// What the tail is known by on the disk, and how large it is there.
    pub saved_tail: Option<(u64, u64)>,
    /// The next chunk begins a run of its own.
    run_is_closed: bool,
}

/// What was dropped of a level.
#[derive(Debug)]
pub enum Dropped {
    Chunk(Chunk),
    /// The open chunk or the tail, with what it is known by, and how large it is, on the disk.
    Rest(Option<(u64, u64)>),
}

impl Default for Level {
    fn default() -> Self {
        Self {
            runs: VecDeque::new(),
            open: Open::default(),
            tail: Tail::default(),
            growing: Some(Sketch::default()),
            chunk_bytes: 0,
            sealed_count: 0,
            saved_tail: None,
            run_is_closed: true,
        }
    }
}

impl Level {
    /// Makes a block of the earliest samples of the tail. Returns the number of the chunk that
    /// this closed, if any.
    pub fn seal(&mut self, columns: &mut Columns, numbers: &mut u64) -> Option<u64> {
        self.tail.take_block(columns);
        let (summary, is_plain) = Summary::of(&columns.times, &columns.arrivals, &columns.values);
        let mut closed = None;
        if !self.open.builder.add(columns, &summary, is_plain) {
            closed = self.close();
            self.open.builder.add(columns, &summary, is_plain);
        }
        match &mut self.open.summary {
            Some(open) => open.join(&summary),
            None => {
                self.open.number = *numbers;
                *numbers += 1;
                self.open.summary = Some(summary);
            }
        }
        self.open.moments.join(&Moments::of(&columns.values));
        self.sealed_count += summary.count;
        if let Some(sketch) = &mut self.growing {
            sketch.add(&columns.values);
        }
        closed
    }

    /// Makes a chunk of the open blocks; returns its number.
    fn close(&mut self) -> Option<u64> {
        let summary = self.open.summary.take()?;
        let body = self.open.builder.body();
        let mut chunk = Chunk::new(self.open.number, summary, self.open.moments, body);
        chunk.disk_bytes = self.open.saved_bytes;
        self.open = Open { builder: std::mem::take(&mut self.open.builder), ..Open::default() };
        self.open.builder.clear();
        let number = chunk.number;
        self.chunk_bytes += chunk.bytes();
        match self.runs.back_mut() {
            Some(run) if !self.run_is_closed => run.push(chunk),
            _ => self.runs.push_back(Run::new(chunk)),
        }
        if let Some(run) = self.runs.back_mut() {
            self.run_is_closed = false;
            let is_full = run.chunks.len() == RUN_CHUNKS;
            if let Some(sketch) = &self.growing
                && (is_full || run.chunks.len().is_multiple_of(SKETCH_CHUNKS))
            {
                let mut bytes = Vec::new();
                sketch.encode(&mut bytes);
                self.chunk_bytes = self.chunk_bytes - run.bytes() + bytes.len();
                run.sketch = Some((run.chunks.len(), bytes.into()));
            }
            if is_full {
                self.run_is_closed = true;
                self.growing = Some(Sketch::default());
            }
        }
        Some(number)
    }

    /// Takes a chunk that was saved, in the order of their numbers.
    pub fn restore(&mut self, facts: &Facts<'_>, number: u64) {
        let chunk = facts.chunk(number);
        self.sealed_count += chunk.summary.count;
        self.chunk_bytes += chunk.bytes();
        let sealed_ns = self.tail.sealed_ns().max(chunk.summary.source.end_ns);
        self.tail = Tail::after(sealed_ns);
        match self.runs.back_mut() {
            Some(run) if run.number() == facts.run && run.chunks.len() < RUN_CHUNKS => {
                run.push(chunk);
            }
            _ => self.runs.push_back(Run::new(chunk)),
        }
        // Where one of them is gone, the sketch is of more than there is.
        if let Some(run) = self.runs.back_mut()
            && let Some((of, sketch)) = facts.sketch
            && of as usize == run.chunks.len()
            && run.number() == facts.run
        {
            self.chunk_bytes = self.chunk_bytes - run.bytes() + sketch.len();
            run.sketch = Some((run.chunks.len(), sketch.into()));
        }
    }

    /// What is to be written of a chunk.
    pub fn facts(&self, level: u8, (run, index): (usize, usize)) -> Option<Facts<'_>> {
        let run = self.runs.get(run)?;
        let chunk = run.chunks.get(index)?;
        let (of, sketch) = run.sketch();
        Some(Facts {
            level,
            run: run.number(),
            summary: chunk.summary,
            moments: chunk.moments,
            body_bytes: chunk.body_bytes,
            sketch: (of == index + 1).then_some((of as u32, sketch)),
        })
    }

    pub fn find(&self, number: u64) -> Option<(usize, usize)> {
        let run = self.runs.partition_point(|run| run.number() <= number).checked_sub(1)?;
        let chunks = &self.runs[run].chunks;
        let index = chunks.binary_search_by_key(&number, |chunk| chunk.number).ok()?;
        Some((run, index))
    }

    pub fn chunks(&self) -> impl Iterator<Item = &Chunk> {
        self.runs.iter().flat_map(|run| &run.chunks)
    }

    /// When the oldest chunk ended, or whatever else there is.
    pub fn oldest_end_ns(&self) -> Option<i64> {
        let chunk = self.runs.front().and_then(|run| run.chunks.first());
        let sealed = chunk.map(|chunk| &chunk.summary).or(self.open.summary.as_ref());
        match sealed {
            Some(summary) => Some(summary.source.end_ns),
            None => self.tail.samples().last().map(|sample| sample.time_ns),
        }
    }

    /// Drops the oldest chunk, or whatever else there is.
    pub fn drop_oldest(&mut self) -> Option<Dropped> {
        if !self.runs.is_empty() {
            self.drop_chunk((0, 0)).map(Dropped::Chunk)
        } else if self.open.summary.is_some() {
            self.sealed_count -= self.open.count();
            let saved = self.open.saved();
            self.open = Open::default();
            self.growing = Some(Sketch::default());
            Some(Dropped::Rest(saved))
        } else {
            self.tail.clear();
            Some(Dropped::Rest(self.saved_tail.take()))
        }
    }

    pub fn drop_chunk(&mut self, (at, index): (usize, usize)) -> Option<Chunk> {
        if at + 1 == self.runs.len() && !self.run_is_closed {
            self.growing = None;
        }
        let run = self.runs.get_mut(at)?;
        self.chunk_bytes -= run.bytes();
        let chunk = run.remove(index);
        self.chunk_bytes -= chunk.bytes();
        self.sealed_count -= chunk.summary.count;
        if run.chunks.is_empty() {
            self.runs.remove(at);
            self.run_is_closed |= at == self.runs.len();
        }
        Some(chunk)
    }

    /// What the values of the last run, unless it has one of its own, and of the open chunk come
    /// to.
    pub fn growing(&self) -> Option<&Sketch> {
        self.growing.as_ref()
    }

    /// The runs that have sketches of their own, and how many.
    pub fn closed_runs(&self) -> usize {
        self.runs.len() - usize::from(!self.run_is_closed)
    }

    pub fn sample_count(&self) -> u64 {
        self.sealed_count + self.tail.samples().len() as u64
    }

    pub fn earliest_ns(&self) -> Option<i64> {
        let runs = self.runs.iter().map(|run| run.summary.source.start_ns);
        let open = self.open.summary.map(|summary| summary.source.start_ns);
        let tail = self.tail.samples().first().map(|sample| sample.time_ns);
        runs.chain(open).chain(tail).min()
    }

    pub fn bytes(&self) -> usize {
        self.chunk_bytes
            + self.open.builder.bytes()
            + self.tail.bytes()
            + self.growing.as_ref().map_or(0, Sketch::bytes)
    }
}
