//! Everything kept of all series, and any view of it.
//!
//! A [`History`] takes samples as they come, late ones too, within a budget of bytes, and answers
//! in columns: a pixel's worth of a series each, with exact edges, at a cost that follows the
//! width of the view rather than what lies under it. Gaps are part of the data: a column says
//! whether the line to it must break.
//!
//! It knows nothing of feeds, and has no clock. Times are nanoseconds since the Unix epoch.
//!
//! ```
//! # use feedscope_history::{Column, History};
//! let mut history = History::new(1 << 20);
//! let series = history.add_series();
//! let track = history.add_track();
//! for second in [1, 2, 3, 8, 9] {
//!     history.push(series, second * 1_000_000_000, second as f64);
//! }
//! history.add_gap(track, 3_000_000_000, 8_000_000_000, "the cable was out");
//!
//! let mut columns = Vec::new();
//! history.columns(series, &[track], 4_000_000_000, 0, 3, &mut columns);
//! assert_eq!(
//!     columns,
//!     [
//!         Column { index: 0, first: 1.0, min: 1.0, max: 3.0, last: 3.0, count: 3, gap: false },
//!         Column { index: 2, first: 8.0, min: 8.0, max: 9.0, last: 9.0, count: 2, gap: true },
//!     ]
//! );
//! ```

mod chunk;
mod series;
mod track;

pub use track::{GAPS_MAX, Gap, GapId};

use series::Series;
use std::cmp::Reverse;
use std::collections::BinaryHeap;
use track::Track;

/// A series of one [`History`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SeriesId(u32);

impl SeriesId {
    /// Series are numbered from 0 in the order they were added.
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

/// A list of gaps of one [`History`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TrackId(u32);

#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sample {
    pub time_ns: i64,
    pub value: f64,
}

/// One pixel's worth of a series.
///
/// Values that are not finite are counted, but are none of the four; where a column has no
/// others, all four are NaN.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Column {
    /// Counted from the Unix epoch, in units of the column's width.
    pub index: i64,
    pub first: f64,
    pub min: f64,
    pub max: f64,
    pub last: f64,
    pub count: u64,
    /// A gap lies between the sample before this column and the column's last sample, so the line
    /// must break.
    pub gap: bool,
}

/// Everything kept of all series, and of what was not received. `G` is what there is to say about
/// a gap.
///
/// Ids are good for the history that gave them.
#[derive(Debug)]
pub struct History<G> {
    budget_bytes: usize,
    bytes: usize,
    series: Vec<Series>,
    tracks: Vec<Track<G>>,
    /// The end of each series' oldest chunk as it was when queued; it may have grown since. An
    /// entry counts only while its series says that it is the one.
    oldest: BinaryHeap<Reverse<(i64, u32)>>,
    gaps_added: u64,
}

impl<G> History<G> {
    /// Holds at most `budget_bytes` of samples; the oldest go first.
    pub fn new(budget_bytes: usize) -> Self {
        Self {
            budget_bytes,
            bytes: 0,
            series: Vec::new(),
            tracks: Vec::new(),
            oldest: BinaryHeap::new(),
            gaps_added: 0,
        }
    }

    pub fn add_series(&mut self) -> SeriesId {
        self.series.push(Series::default());
        SeriesId(self.series.len() as u32 - 1)
    }

    pub fn add_track(&mut self) -> TrackId {
        self.tracks.push(Track::default());
        TrackId(self.tracks.len() as u32 - 1)
    }

    /// Keeps a sample, in its place by time; those of equal time stay in the order they came in.
    /// One from before [`History::begins`] is not kept, as if it had come in time.
    pub fn push(&mut self, series: SeriesId, time_ns: i64, value: f64) {
        let kept = &mut self.series[series.0 as usize];
        let (bytes, chunks) = (kept.bytes(), kept.chunk_count());
        kept.push(Sample { time_ns, value });
        self.bytes = self.bytes - bytes + kept.bytes();
        // Only a chunk made anew can end before the one that is queued.
        if kept.chunk_count() != chunks {
            self.queue(series.0);
        }
        if self.bytes > self.budget_bytes {
            self.evict();
        }
    }

    /// Forgets all samples of a series, but for their count.
    pub fn clear_series(&mut self, series: SeriesId) {
        let kept = &mut self.series[series.0 as usize];
        self.bytes -= kept.bytes();
        kept.clear();
    }

    /// Forgets all gaps of a track.
    pub fn clear_track(&mut self, track: TrackId) {
        self.tracks[track.0 as usize].clear();
    }

    /// The columns `from_column..to_column` that have samples are added to `out`, in their order:
    /// at most as many as there are samples. A sample is in the column of index
    /// `floor(time_ns / column_ns)`, where a `column_ns` below 1 counts as 1. The line breaks at
    /// the gaps of `tracks`.
    pub fn columns(
        &self,
        series: SeriesId,
        tracks: &[TrackId],
        column_ns: i64,
        from_column: i64,
        to_column: i64,
        out: &mut Vec<Column>,
    ) {
        self.series[series.0 as usize].columns(
            column_ns.max(1),
            from_column..to_column,
            |before_ns, last_ns| {
                tracks.iter().any(|track| self.tracks[track.0 as usize].breaks(before_ns, last_ns))
            },
            out,
        );
    }

    /// The sample latest in time. It stays known when its chunk is dropped.
    pub fn latest(&self, series: SeriesId) -> Option<Sample> {
        self.series[series.0 as usize].latest()
    }

    /// The earliest sample that is kept.
    pub fn earliest(&self, series: SeriesId) -> Option<Sample> {
        self.series[series.0 as usize].earliest()
    }

    /// How many samples are kept.
    pub fn sample_count(&self, series: SeriesId) -> u64 {
        self.series[series.0 as usize].sample_count()
    }

    /// How many samples were ever pushed. While it stays, so does every column, but for those that
    /// are cleared or that the budget drops.
    pub fn pushed_count(&self, series: SeriesId) -> u64 {
        self.series[series.0 as usize].pushed_count()
    }

    /// Where what is kept begins: samples before this were dropped to stay within the budget.
    /// `None` while nothing was.
    pub fn begins(&self, series: SeriesId) -> Option<i64> {
        self.series[series.0 as usize].begins_ns()
    }

    /// What the samples occupy, with their summaries and the room they have to grow. A series
    /// that is empty, and gaps, of which there are at most [`GAPS_MAX`] a track, do not count.
    pub fn bytes(&self) -> usize {
        self.bytes
    }

    /// Adds a gap that lasts until it is closed.
    pub fn open_gap(&mut self, track: TrackId, start_ns: i64, about: G) -> GapId {
        self.insert_gap(track, start_ns, None, about)
    }

    /// Adds a gap. An end before the start counts as the start.
    pub fn add_gap(&mut self, track: TrackId, start_ns: i64, end_ns: i64, about: G) -> GapId {
        self.insert_gap(track, start_ns, Some(end_ns), about)
    }

    /// Says when an open gap ended. False if it is not there or not open.
    pub fn close_gap(&mut self, track: TrackId, gap: GapId, end_ns: i64) -> bool {
        self.tracks[track.0 as usize].close(gap, end_ns)
    }

    /// The gaps of `tracks` that touch the span from `from_ns` to `to_ns`: track by track, in the
    /// order of their starts.
    pub fn gaps<'a>(
        &'a self,
        tracks: &'a [TrackId],
        from_ns: i64,
        to_ns: i64,
    ) -> impl Iterator<Item = (TrackId, &'a Gap<G>)> {
        tracks.iter().flat_map(move |track| {
            self.tracks[track.0 as usize].gaps(from_ns, to_ns).map(move |gap| (*track, gap))
        })
    }

    /// Changes whenever a gap of the track is added, closed or dropped; never goes back.
    pub fn gaps_version(&self, track: TrackId) -> u64 {
        self.tracks[track.0 as usize].version()
    }

    /// How many gaps of the track were dropped for there being more than [`GAPS_MAX`]. Where they
    /// were, no column joins another: better no line than one across a gap.
    pub fn gaps_dropped(&self, track: TrackId) -> u64 {
        self.tracks[track.0 as usize].dropped()
    }

    fn insert_gap(
        &mut self,
        track: TrackId,
        start_ns: i64,
        end_ns: Option<i64>,
        about: G,
    ) -> GapId {
        let id = GapId(self.gaps_added);
        self.gaps_added += 1;
        self.tracks[track.0 as usize].insert(Gap::new(id, start_ns, end_ns, about));
        id
    }

    /// Queues a series by the end of its oldest chunk, unless it is queued for then or before.
    fn queue(&mut self, series: u32) {
        let kept = &mut self.series[series as usize];
        if let Some(end_ns) = kept.oldest_end_ns()
            && kept.queued_end_ns.is_none_or(|queued_ns| end_ns < queued_ns)
        {
            kept.queued_end_ns = Some(end_ns);
            self.oldest.push(Reverse((end_ns, series)));
        }
    }

    /// Drops chunks, the one that ended longest ago first, until the rest is within the budget.
    fn evict(&mut self) {
        while self.bytes > self.budget_bytes {
            let Some(Reverse((end_ns, series))) = self.oldest.pop() else { return };
            let kept = &mut self.series[series as usize];
            if kept.queued_end_ns != Some(end_ns) {
                continue;
            }
            kept.queued_end_ns = None;
            if kept.oldest_end_ns() == Some(end_ns) {
                let bytes = kept.bytes();
                kept.drop_oldest_chunk();
                self.bytes = self.bytes - bytes + kept.bytes();
            }
            self.queue(series);
        }
    }
}
