//! How much of a series lies in a span, without reading more of it than lies across its ends.

use crate::block;
use crate::body::{Blocks, Columns};
use crate::level::Level;
use crate::save::{Absent, ChunkKey};
use crate::summary::{Span, Summary};
use crate::{Axis, SeriesId};

/// What of a series lies in a span of an axis.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Extent {
    /// At least one.
    pub count: u64,
    /// By the source's times, whatever the axis.
    pub first_ns: i64,
    pub last_ns: i64,
}

enum Place {
    Outside,
    Whole,
    Across,
}

/// An extent while it is put together.
#[derive(Debug)]
pub struct Measuring {
    series: SeriesId,
    axis: Axis,
    span: Span,
    count: u64,
    source: Span,
    absent: Vec<ChunkKey>,
    decoded: Columns,
}

impl Measuring {
    pub fn new(series: SeriesId, axis: Axis, from_ns: i64, to_ns: i64) -> Self {
        Self {
            series,
            axis,
            span: Span { start_ns: from_ns, end_ns: to_ns },
            count: 0,
            source: Span::EMPTY,
            absent: Vec::new(),
            decoded: Columns::default(),
        }
    }

    pub fn add(&mut self, level: &Level) {
        for run in &level.runs {
            match self.place(run.summary.span(self.axis)) {
                Place::Outside => {}
                Place::Whole => self.add_whole(run.summary.count, run.summary.source),
                Place::Across => {
                    for chunk in &run.chunks {
                        self.add_chunk(&chunk.summary, chunk.number, || chunk.blocks());
                    }
                }
            }
        }
        if let Some(summary) = &level.open.summary {
            self.add_chunk(summary, level.open.number, || Some(level.open.blocks()));
        }
        for sample in level.tail.samples() {
            self.add_one(sample.time_ns, sample.arrival_ns);
        }
    }

    fn place(&self, span: Span) -> Place {
        if span.start_ns > self.span.end_ns || span.end_ns < self.span.start_ns {
            Place::Outside
        } else if self.span.start_ns <= span.start_ns && span.end_ns <= self.span.end_ns {
            Place::Whole
        } else {
            Place::Across
        }
    }

    fn add_whole(&mut self, count: u64, source: Span) {
        self.count += count;
        self.source.join(source);
    }

    fn add_one(&mut self, time_ns: i64, arrival_ns: i64) {
        let at_ns = match self.axis {
            Axis::Source => time_ns,
            Axis::Arrival => arrival_ns,
        };
        if (self.span.start_ns..=self.span.end_ns).contains(&at_ns) {
            self.add_whole(1, Span { start_ns: time_ns, end_ns: time_ns });
        }
    }

    fn add_chunk<'b>(
        &mut self,
        summary: &Summary,
        number: u64,
        blocks: impl FnOnce() -> Option<Blocks<'b>>,
    ) {
        match self.place(summary.span(self.axis)) {
            Place::Outside => return,
            Place::Whole => return self.add_whole(summary.count, summary.source),
            Place::Across => {}
        }
        let Some(blocks) = blocks() else {
            self.absent.push(ChunkKey { series: self.series, number });
            return;
        };
        for index in 0..blocks.len() {
            match self.place(blocks.span(index, self.axis)) {
                Place::Outside => {}
                Place::Whole => {
                    self.add_whole(blocks.count(index), blocks.span(index, Axis::Source));
                }
                Place::Across => self.add_block(blocks.bytes(index)),
            }
        }
    }

    fn add_block(&mut self, bytes: &[u8]) {
        let mut decoded = std::mem::take(&mut self.decoded);
        decoded.clear();
        // What cannot be read is not there.
        let is_sound = block::times(bytes, &mut decoded.times).is_ok()
            && block::arrivals(bytes, &mut decoded.arrivals).is_ok();
        if is_sound {
            for (time_ns, arrival_ns) in decoded.times.iter().zip(&decoded.arrivals) {
                self.add_one(*time_ns, *arrival_ns);
            }
        }
        self.decoded = decoded;
    }

    pub fn finish(self) -> Result<Option<Extent>, Absent> {
        if !self.absent.is_empty() {
            return Err(Absent(self.absent));
        }
        let Self { count, source, .. } = self;
        let extent = Extent { count, first_ns: source.start_ns, last_ns: source.end_ns };
        Ok((count > 0).then_some(extent))
    }
}
