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
//! # use feedscope_history::{Absent, Axis, Budget, Column, Grid, History, Sample};
//! let mut history = History::new(Budget { memory_bytes: 1 << 20, disk_bytes: None });
//! let series = history.add_series("temperature");
//! let track = history.add_track("cable");
//! for second in [1, 2, 3, 8, 9] {
//!     let time_ns = second * 1_000_000_000;
//!     history.push(series, Sample { time_ns, arrival_ns: time_ns, value: second as f64 });
//! }
//! history.add_gap(track, 3_000_000_000, 8_000_000_000, "the cable was out");
//!
//! let grid = Grid { axis: Axis::Source, column_ns: 4_000_000_000, from: 0, to: 3 };
//! let mut columns = Vec::new();
//! history.columns(series, &[track], &grid, &mut columns)?;
//! assert_eq!(
//!     columns,
//!     [
//!         Column { index: 0, first: 1.0, min: 1.0, max: 3.0, last: 3.0, count: 3, gap: false },
//!         Column { index: 2, first: 8.0, min: 8.0, max: 9.0, last: 9.0, count: 2, gap: true },
//!     ]
//! );
//! # Ok::<(), Absent>(())
//! ```

pub mod block;
mod chunk;
mod save;
mod series;
mod statistics;
pub mod store;
mod track;

pub use save::{Absent, Body, ChunkKey, Contents, Head, Save, SeriesFacts, TrackFacts};
pub use statistics::Statistics;
pub use store::{Store, StoreError};
pub use track::{GAPS_MAX, Gap, GapId};

use serde::{Deserialize, Serialize};
use series::Series;
use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap};
use track::Track;

/// A series of one [`History`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct SeriesId(pub u32);

/// A list of gaps of one [`History`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct TrackId(pub u32);

#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Sample {
    /// The source's time where it says one, else the arrival's.
    pub time_ns: i64,
    pub arrival_ns: i64,
    pub value: f64,
}

/// Which of its two times a sample stands at.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Axis {
    #[default]
    Source,
    /// Samples that arrived at the same moment stand in the order of their source's times.
    Arrival,
}

/// Columns of equal width, numbered from the Unix epoch: a sample is in the column of index
/// `floor(time / column_ns)`, where a `column_ns` below 1 counts as 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Grid {
    pub axis: Axis,
    pub column_ns: i64,
    pub from: i64,
    /// Exclusive.
    pub to: i64,
}

impl Grid {
    pub fn start_ns(&self) -> i64 {
        self.from.saturating_mul(self.column_ns)
    }

    pub fn end_ns(&self) -> i64 {
        self.to.saturating_mul(self.column_ns)
    }
}

/// What all samples may occupy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Budget {
    pub memory_bytes: usize,
    /// None: there is no disk, nothing outlives the history, and what does not fit the memory is
    /// dropped, the oldest first.
    pub disk_bytes: Option<u64>,
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
/// Ids are good for the history that gave them, and for one restored from what that one saved.
#[derive(Debug)]
pub struct History<G> {
    budget: Budget,
    bytes: usize,
    /// None: removed.
    series: Vec<Option<Series>>,
    series_names: HashMap<String, SeriesId>,
    tracks: Vec<Option<Track<G>>>,
    track_names: HashMap<String, TrackId>,
    /// The end of each series' oldest chunk as it was when queued; it may have grown since. An
    /// entry counts only while its series says that it is the one.
    oldest: BinaryHeap<Reverse<(i64, u32)>>,
    gaps_added: u64,
    chunks_saved: u64,
    removed_series: Vec<SeriesId>,
    removed_tracks: Vec<TrackId>,
    removed_chunks: Vec<ChunkKey>,
    removed_gaps: Vec<(TrackId, GapId)>,
    saving: bool,
    /// Counts the calls of `forget_changes`.
    epoch: u64,
}

impl<G> History<G> {
    pub fn new(budget: Budget) -> Self {
        Self {
            budget,
            bytes: 0,
            series: Vec::new(),
            series_names: HashMap::new(),
            tracks: Vec::new(),
            track_names: HashMap::new(),
            oldest: BinaryHeap::new(),
            gaps_added: 0,
            chunks_saved: 0,
            removed_series: Vec::new(),
            removed_tracks: Vec::new(),
            removed_chunks: Vec::new(),
            removed_gaps: Vec::new(),
            saving: false,
            epoch: 1,
        }
    }

    /// The series of that name; a new one where there is none.
    pub fn add_series(&mut self, name: &str) -> SeriesId {
        if let Some(id) = self.series_names.get(name) {
            return *id;
        }
        let id = SeriesId(self.series.len() as u32);
        self.series.push(Some(Series::new(name)));
        self.series_names.insert(name.to_owned(), id);
        id
    }

    /// The track of that name; a new one where there is none.
    pub fn add_track(&mut self, name: &str) -> TrackId {
        if let Some(id) = self.track_names.get(name) {
            return *id;
        }
        let id = TrackId(self.tracks.len() as u32);
        self.tracks.push(Some(Track::new(name)));
        self.track_names.insert(name.to_owned(), id);
        id
    }

    /// All series that there are, by name.
    pub fn series(&self) -> impl Iterator<Item = (&str, SeriesId)> {
        self.series_names.iter().map(|(name, id)| (name.as_str(), *id))
    }

    /// All tracks that there are, by name.
    pub fn tracks(&self) -> impl Iterator<Item = (&str, TrackId)> {
        self.track_names.iter().map(|(name, id)| (name.as_str(), *id))
    }

    /// Keeps a sample, in its place by time; those of equal time stay in the order they came in.
    /// One from before [`History::begins`] is not kept, as if it had come in time.
    pub fn push(&mut self, series: SeriesId, sample: Sample) {
        let epoch = self.epoch;
        let Some(kept) = self.kept_mut(series) else { return };
        let (bytes, chunks) = (kept.bytes(), kept.chunk_count());
        kept.push(sample);
        kept.note_change(epoch, sample.time_ns, sample.arrival_ns);
        let (bytes_now, chunks_now) = (kept.bytes(), kept.chunk_count());
        self.bytes = self.bytes - bytes + bytes_now;
        // Only a chunk made anew can end before the one that is queued.
        if chunks_now != chunks {
            self.queue(series.0);
        }
        if self.bytes > self.budget.memory_bytes {
            self.evict();
        }
    }

    /// Forgets all samples of a series, but for their count.
    pub fn clear_series(&mut self, series: SeriesId) {
        let epoch = self.epoch;
        let Some(kept) = self.kept_mut(series) else { return };
        let (bytes, chunks) = (kept.bytes(), kept.take_saved_chunks());
        kept.clear();
        kept.note_change(epoch, i64::MIN, i64::MIN);
        self.bytes -= bytes;
        self.removed_chunks.extend(chunks.into_iter().map(|number| ChunkKey { series, number }));
    }

    /// Forgets a series and its name; its id is good for nothing any more.
    pub fn remove_series(&mut self, series: SeriesId) {
        self.clear_series(series);
        if let Some(kept) = self.series.get_mut(series.0 as usize).and_then(Option::take) {
            self.series_names.remove(kept.name());
            self.removed_series.push(series);
        }
    }

    /// Forgets all gaps of a track.
    pub fn clear_track(&mut self, track: TrackId) {
        if let Some(kept) = self.track_mut(track) {
            let gaps = kept.clear();
            self.removed_gaps.extend(gaps.into_iter().map(|gap| (track, gap)));
        }
    }

    /// Forgets a track and its name; its id is good for nothing any more.
    pub fn remove_track(&mut self, track: TrackId) {
        if let Some(kept) = self.tracks.get_mut(track.0 as usize).and_then(Option::take) {
            self.track_names.remove(kept.name());
            self.removed_tracks.push(track);
        }
    }

    /// The columns of `grid` that have samples are added to `out`, in their order: at most as many
    /// as there are samples. The line breaks at the gaps of `tracks`.
    ///
    /// # Errors
    /// Some of what lies at the edges of columns is not in memory: what `out` got is of no use.
    /// [`History::insert`] it and ask again.
    pub fn columns(
        &self,
        series: SeriesId,
        tracks: &[TrackId],
        grid: &Grid,
        out: &mut Vec<Column>,
    ) -> Result<(), Absent> {
        let Some(kept) = self.kept(series) else { return Ok(()) };
        let breaks = |before_ns, last_ns| {
            tracks
                .iter()
                .filter_map(|track| self.track(*track))
                .any(|track| track.breaks(before_ns, last_ns))
        };
        match grid.axis {
            Axis::Source => {
                kept.columns(grid.column_ns.max(1), grid.from..grid.to, breaks, out);
            }
            Axis::Arrival => {
                kept.by_arrival().columns(grid.column_ns.max(1), grid.from..grid.to, breaks, out);
            }
        }
        Ok(())
    }

    /// What the samples from `from_ns` to `to_ns` (inclusive) come to.
    ///
    /// # Errors
    /// As with [`History::columns`].
    pub fn statistics(
        &self,
        series: SeriesId,
        axis: Axis,
        from_ns: i64,
        to_ns: i64,
    ) -> Result<Statistics, Absent> {
        let samples = self.kept(series).map(Series::all).unwrap_or_default();
        Ok(Statistics::of(samples.into_iter().filter_map(|sample| {
            let at_ns = match axis {
                Axis::Source => sample.time_ns,
                Axis::Arrival => sample.arrival_ns,
            };
            (from_ns..=to_ns).contains(&at_ns).then_some((at_ns, sample.value))
        })))
    }

    /// Takes bodies that were read from the disk.
    pub fn insert(&mut self, bodies: Vec<(ChunkKey, Body)>) {
        drop(bodies);
    }

    /// Forgets chunks that cannot be read from the disk any more.
    pub fn forget(&mut self, keys: &[ChunkKey]) {
        let _ = keys;
    }

    /// Bodies that are wanted in memory, though no view asks for them.
    pub fn absent_wanted(&self) -> Option<Absent> {
        None
    }

    /// The sample latest in time. It stays known when its chunk is dropped.
    pub fn latest(&self, series: SeriesId) -> Option<Sample> {
        self.kept(series)?.latest()
    }

    /// The time of the earliest sample that is kept.
    pub fn earliest_ns(&self, series: SeriesId) -> Option<i64> {
        self.kept(series)?.earliest_ns()
    }

    /// How many samples are kept.
    pub fn sample_count(&self, series: SeriesId) -> u64 {
        self.kept(series).map_or(0, Series::sample_count)
    }

    /// How many samples were ever pushed. While it stays, so does every column, but for those that
    /// are cleared or that the budget drops.
    pub fn pushed_count(&self, series: SeriesId) -> u64 {
        self.kept(series).map_or(0, Series::pushed_count)
    }

    /// From here on all is kept; samples from before were dropped to stay within the budget.
    /// `None` while none were.
    pub fn begins(&self, series: SeriesId) -> Option<i64> {
        self.kept(series)?.begins_ns()
    }

    /// The earliest moment on `axis` from which on the series may look different since
    /// [`History::forget_changes`]; what the budget drops is no change. `None`: nothing changed.
    pub fn changed_from(&self, series: SeriesId, axis: Axis) -> Option<i64> {
        self.kept(series)?.changed_from(self.epoch, axis)
    }

    pub fn forget_changes(&mut self) {
        self.epoch += 1;
    }

    /// What the samples occupy in memory, with their summaries and the room they have to grow. A
    /// series that is empty, and gaps, of which there are at most [`GAPS_MAX`] a track, do not
    /// count.
    pub fn bytes(&self) -> usize {
        self.bytes
    }

    /// What they occupy on the disk, about.
    pub fn disk_bytes(&self) -> u64 {
        0
    }

    /// Memory is getting short: what is saved can leave it.
    pub fn wants_save(&self) -> bool {
        false
    }

    /// Memory is over the budget, and nothing can leave it before it is saved: wait with more.
    pub fn is_full(&self) -> bool {
        false
    }

    /// Changes what samples may occupy; without a disk, nothing more is saved.
    pub fn set_budget(&mut self, budget: Budget) {
        self.budget = budget;
        self.evict();
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
        self.track_mut(track).is_some_and(|track| track.close(gap, end_ns))
    }

    /// The gaps of `tracks` that touch the span from `from_ns` to `to_ns`: track by track, in the
    /// order of their starts.
    pub fn gaps<'a>(
        &'a self,
        tracks: &'a [TrackId],
        from_ns: i64,
        to_ns: i64,
    ) -> impl Iterator<Item = (TrackId, &'a Gap<G>)> {
        tracks.iter().flat_map(move |id| {
            let gaps = self.track(*id).map(|track| track.gaps(from_ns, to_ns));
            gaps.into_iter().flatten().map(move |gap| (*id, gap))
        })
    }

    /// Changes whenever a gap of the track is added, closed or dropped; never goes back.
    pub fn gaps_version(&self, track: TrackId) -> u64 {
        self.track(track).map_or(0, Track::version)
    }

    /// How many gaps of the track were dropped for there being more than [`GAPS_MAX`]. Where they
    /// were, no column joins another: better no line than one across a gap.
    pub fn gaps_dropped(&self, track: TrackId) -> u64 {
        self.track(track).map_or(0, Track::dropped)
    }

    fn kept(&self, series: SeriesId) -> Option<&Series> {
        self.series.get(series.0 as usize)?.as_ref()
    }

    fn kept_mut(&mut self, series: SeriesId) -> Option<&mut Series> {
        self.series.get_mut(series.0 as usize)?.as_mut()
    }

    fn track(&self, track: TrackId) -> Option<&Track<G>> {
        self.tracks.get(track.0 as usize)?.as_ref()
    }

    fn track_mut(&mut self, track: TrackId) -> Option<&mut Track<G>> {
        self.tracks.get_mut(track.0 as usize)?.as_mut()
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
        if let Some(kept) = self.track_mut(track)
            && let Some(dropped) = kept.insert(Gap::new(id, start_ns, end_ns, about))
        {
            self.removed_gaps.push((track, dropped));
        }
        id
    }

    /// Queues a series by the end of its oldest chunk, unless it is queued for then or before.
    fn queue(&mut self, series: u32) {
        let Some(kept) = &mut self.series[series as usize] else { return };
        if let Some(end_ns) = kept.oldest_end_ns()
            && kept.queued_end_ns.is_none_or(|queued_ns| end_ns < queued_ns)
        {
            kept.queued_end_ns = Some(end_ns);
            self.oldest.push(Reverse((end_ns, series)));
        }
    }

    /// Drops chunks, the one that ended longest ago first, until the rest is within the budget.
    fn evict(&mut self) {
        while self.bytes > self.budget.memory_bytes {
            let Some(Reverse((end_ns, series))) = self.oldest.pop() else { return };
            let Some(kept) = &mut self.series[series as usize] else { continue };
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

impl<G: Clone> History<G> {
    /// All that changed since the last one, to be written as one transaction; `None` if nothing
    /// did, if there is no disk, or while one is neither [`saved`](History::saved) nor
    /// [`unsaved`](History::unsaved).
    pub fn save(&mut self) -> Option<Save<G>> {
        if self.saving || self.budget.disk_bytes.is_none() {
            return None;
        }
        let mut save = Save {
            removed_series: std::mem::take(&mut self.removed_series),
            removed_tracks: std::mem::take(&mut self.removed_tracks),
            removed_chunks: std::mem::take(&mut self.removed_chunks),
            removed_gaps: std::mem::take(&mut self.removed_gaps),
            ..Save::default()
        };
        for (number, kept) in (0..).zip(&mut self.series) {
            if let Some(kept) = kept {
                kept.save(SeriesId(number), &mut self.chunks_saved, &mut save);
            }
        }
        for (number, kept) in (0..).zip(&mut self.tracks) {
            if let Some(kept) = kept {
                kept.save(TrackId(number), &mut save);
            }
        }
        self.saving = !save.is_empty();
        self.saving.then_some(save)
    }

    /// `save` is durable: what it holds may leave memory.
    pub fn saved(&mut self, save: Save<G>) {
        drop(save);
        self.saving = false;
    }

    /// `save` could not be written, and nothing of it was: it is part of the next.
    pub fn unsaved(&mut self, save: Save<G>) {
        self.saving = false;
        self.removed_series.extend(save.removed_series);
        self.removed_tracks.extend(save.removed_tracks);
        self.removed_chunks.extend(save.removed_chunks);
        self.removed_gaps.extend(save.removed_gaps);
        for (id, _) in save.series {
            if let Some(kept) = self.kept_mut(id) {
                kept.unsaved();
            }
        }
        for (id, _) in save.tracks {
            if let Some(kept) = self.track_mut(id) {
                kept.unsaved();
            }
        }
    }

    /// The history that saved `contents`.
    pub fn restore(contents: Contents<G>, budget: Budget) -> Self {
        let mut this = Self::new(budget);
        for (id, facts) in contents.series {
            let index = id.0 as usize;
            this.series.resize_with(this.series.len().max(index + 1), || None);
            this.series_names.insert(facts.name.clone(), id);
            this.series[index] = Some(Series::restore(facts));
        }
        for (id, facts) in contents.tracks {
            let index = id.0 as usize;
            this.tracks.resize_with(this.tracks.len().max(index + 1), || None);
            this.track_names.insert(facts.name.clone(), id);
            this.tracks[index] = Some(Track::restore(facts));
        }
        let mut chunks = contents.chunks;
        chunks.sort_by_key(|(key, _)| *key);
        for (key, head) in chunks {
            this.chunks_saved = this.chunks_saved.max(key.number + 1);
            if let Some(kept) = this.kept_mut(key.series) {
                kept.restore_chunk(key.number, &head);
            }
        }
        for (id, gap) in contents.gaps {
            this.gaps_added = this.gaps_added.max(gap.id.0 + 1);
            if let Some(kept) = this.track_mut(id) {
                kept.insert(gap);
            }
        }
        this.bytes = this.series.iter().flatten().map(Series::bytes).sum();
        for series in 0..this.series.len() {
            this.queue(series as u32);
        }
        this.evict();
        this
    }
}
