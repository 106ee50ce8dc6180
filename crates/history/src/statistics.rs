//! What a span of a series comes to in numbers.

use crate::block;
use crate::body::{Blocks, Columns};
use crate::level::Level;
use crate::moments::Moments;
use crate::save::{Absent, ChunkKey};
use crate::sketch::Sketch;
use crate::summary::{Range, Span, Summary};
use crate::{Axis, SeriesId};

/// What the samples of a span come to. Values that are not finite are counted, and nothing else.
#[derive(Clone, Debug)]
pub struct Statistics {
    pub count: u64,
    pub finite_count: u64,
    /// NaN where no value is finite, as are the three that follow.
    pub min: f64,
    pub max: f64,
    pub mean: f64,
    /// Of the values themselves, not of what they may be a sample of.
    pub std_dev: f64,
    /// On the axis asked for.
    pub first_ns: Option<i64>,
    pub last_ns: Option<i64>,
    sketch: Sketch,
}

impl Statistics {
    /// Samples a second, from the first to the last: `None` where that is no time at all.
    pub fn rate(&self) -> Option<f64> {
        let span_ns = i128::from(self.last_ns?) - i128::from(self.first_ns?);
        (span_ns > 0).then(|| (self.count - 1) as f64 * 1e9 / span_ns as f64)
    }

    /// The value that a share of `q`, from 0 to 1, of all finite values does not exceed, within
    /// one percent of itself. `None` where there are none.
    pub fn quantile(&self, q: f64) -> Option<f64> {
        if self.finite_count == 0 || q.is_nan() {
            return None;
        }
        if q <= 0.0 {
            return Some(self.min);
        }
        if q >= 1.0 {
            return Some(self.max);
        }
        Some(self.sketch.quantile(q)?.clamp(self.min, self.max))
    }
}

/// Statistics while they are put together.
#[derive(Debug)]
pub struct Summing {
    series: SeriesId,
    axis: Axis,
    span: Span,
    count: u64,
    found: Span,
    range: Range,
    moments: Moments,
    sketch: Sketch,
    absent: Vec<ChunkKey>,
    decoded: Columns,
}

impl Summing {
    pub fn new(series: SeriesId, axis: Axis, from_ns: i64, to_ns: i64) -> Self {
        Self {
            series,
            axis,
            span: Span { start_ns: from_ns, end_ns: to_ns },
            count: 0,
            found: Span::EMPTY,
            range: Range::EMPTY,
            moments: Moments::default(),
            sketch: Sketch::default(),
            absent: Vec::new(),
            decoded: Columns::default(),
        }
    }

    pub fn add(&mut self, level: &Level) {
        let Level { runs, open, tail, .. } = level;
        let closed = level.closed_runs();
        for run in runs.range(..closed) {
            if self.touches(&run.summary) {
                let (of, sketch) = run.sketch();
                let is_whole = self.holds(&run.summary);
                let sketched = if is_whole { of } else { 0 };
                if sketched > 0 {
                    self.sketch.join_encoded(sketch);
                }
                if is_whole && sketched == run.chunks.len() {
                    self.add_whole(&run.summary, &run.moments);
                    continue;
                }
                for (index, chunk) in run.chunks.iter().enumerate() {
                    let is_sketched = index < sketched;
                    self.add_chunk(
                        &chunk.summary,
                        &chunk.moments,
                        is_sketched,
                        chunk.number,
                        || chunk.blocks(),
                    );
                }
            }
        }

        // The last run and what is open share a sketch.
        let mut summary = open.summary.unwrap_or(Summary::EMPTY);
        runs.range(closed..).for_each(|run| summary.join(&run.summary));
        let growing = level.growing().filter(|_| self.holds(&summary));
        if let Some(growing) = growing {
            self.sketch.join(growing);
        }
        for chunk in runs.range(closed..).flat_map(|run| &run.chunks) {
            let is_sketched = growing.is_some();
            self.add_chunk(&chunk.summary, &chunk.moments, is_sketched, chunk.number, || {
                chunk.blocks()
            });
        }
        if let Some(summary) = &open.summary {
            let is_sketched = growing.is_some();
            self.add_chunk(summary, &open.moments, is_sketched, open.number, || {
                Some(open.blocks())
            });
        }
        let mut decoded = std::mem::take(&mut self.decoded);
        tail.for_each_block(&mut decoded, |columns| self.add_some(columns));
        self.decoded = decoded;
    }

    fn touches(&self, summary: &Summary) -> bool {
        let span = summary.span(self.axis);
        span.start_ns <= self.span.end_ns && span.end_ns >= self.span.start_ns
    }

    /// Whether all of it counts.
    fn holds(&self, summary: &Summary) -> bool {
        let span = summary.span(self.axis);
        self.span.start_ns <= span.start_ns && span.end_ns <= self.span.end_ns
    }

    fn add_whole(&mut self, summary: &Summary, moments: &Moments) {
        self.count += summary.count;
        self.found.join(summary.span(self.axis));
        self.range.join(summary.range);
        self.moments.join(moments);
    }

    fn add_chunk<'b>(
        &mut self,
        summary: &Summary,
        moments: &Moments,
        is_sketched: bool,
        number: u64,
        blocks: impl FnOnce() -> Option<Blocks<'b>>,
    ) {
        if !self.touches(summary) {
            return;
        }
        let is_whole = self.holds(summary);
        if is_whole {
            self.add_whole(summary, moments);
        }
        if is_whole && is_sketched {
            return;
        }
        let Some(blocks) = blocks() else {
            self.absent.push(ChunkKey { series: self.series, number });
            return;
        };
        let mut decoded = std::mem::take(&mut self.decoded);
        for index in 0..blocks.len() {
            let span = blocks.span(index, self.axis);
            if span.start_ns > self.span.end_ns || span.end_ns < self.span.start_ns {
                continue;
            }
            decoded.clear();
            let bytes = blocks.bytes(index);
            if is_whole {
                // What cannot be read is in none of the buckets.
                if block::values(bytes, &mut decoded.values).is_ok() {
                    self.sketch.add(&decoded.values);
                }
                continue;
            }
            let whole = block::times(bytes, &mut decoded.times)
                .and_then(|()| block::arrivals(bytes, &mut decoded.arrivals))
                .and_then(|()| block::values(bytes, &mut decoded.values));
            if whole.is_ok() {
                self.add_some(&decoded);
            }
        }
        self.decoded = decoded;
    }

    /// Adds those that are of the span.
    fn add_some(&mut self, columns: &Columns) {
        let moments = match self.axis {
            Axis::Source => &columns.times,
            Axis::Arrival => &columns.arrivals,
        };
        let span = self.span;
        let found = moments
            .iter()
            .zip(&columns.values)
            .filter(|(ns, _)| (span.start_ns..=span.end_ns).contains(ns));
        let mut values = Vec::with_capacity(columns.values.len());
        for (ns, value) in found {
            self.found.join(Span { start_ns: *ns, end_ns: *ns });
            if value.is_finite() {
                self.range.add(*value);
            }
            values.push(*value);
        }
        self.count += values.len() as u64;
        self.moments.join(&Moments::of(&values));
        self.sketch.add(&values);
    }

    pub fn finish(self) -> Result<Statistics, Absent> {
        if !self.absent.is_empty() {
            return Err(Absent(self.absent));
        }
        let Self { count, found, range, moments, sketch, .. } = self;
        let of_finite = |value: f64| if moments.count > 0 { value } else { f64::NAN };
        Ok(Statistics {
            count,
            finite_count: moments.count,
            min: of_finite(range.min),
            max: of_finite(range.max),
            mean: of_finite(moments.mean),
            std_dev: of_finite(moments.std_dev()),
            first_ns: (count > 0).then_some(found.start_ns),
            last_ns: (count > 0).then_some(found.end_ns),
            sketch,
        })
    }
}
