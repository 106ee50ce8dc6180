//! A history: its series and tracks, what is asked of them, and what comes in.

use crate::body::Columns;
use crate::edges::Edges;
use crate::extent::{Extent, Measuring};
use crate::level::Level;
use crate::reading::{self, Reading};
use crate::save::{Absent, ChunkKey};
use crate::series::Series;
use crate::statistics::{Statistics, Summing};
use crate::track::{Gap, GapId, Track};
use crate::view::{Scratch, View};
use crate::{Axis, Budget, Column, Grid, Sample, SeriesId, TrackId};
use std::collections::{HashMap, VecDeque};
use std::sync::{Mutex, PoisonError};

/// Everything kept of all series, and of what was not received. `G` is what there is to say about
/// a gap.
///
/// Ids are good for the history that gave them, and for one restored from what that one saved.
#[derive(Debug)]
pub struct History<G> {
    pub(crate) budget: Budget,
    /// What all series occupy.
    pub(crate) bytes: usize,
    /// `None` where one was removed.
    pub(crate) series: Vec<Option<Series>>,
    series_names: HashMap<String, SeriesId>,
    /// Places in `series` that can be given again.
    pub(crate) free_series: Vec<SeriesId>,
    pub(crate) tracks: Vec<Option<Track<G>>>,
    track_names: HashMap<String, TrackId>,
    pub(crate) free_tracks: Vec<TrackId>,
    pub(crate) gaps_added: u64,
    /// The number of the next chunk.
    pub(crate) numbers: u64,
    pub(crate) chunk_count: usize,
    /// Chunks that are on the disk, too, and may leave memory, about in the order of their last
    /// use.
    pub(crate) resident: VecDeque<ChunkKey>,
    /// Chunks that are to be saved, and what they and those on their way to the disk occupy.
    pub(crate) fresh: Vec<ChunkKey>,
    pub(crate) fresh_bytes: usize,
    pub(crate) disk_bytes: u64,
    pub(crate) removed_series: Vec<SeriesId>,
    pub(crate) removed_tracks: Vec<TrackId>,
    pub(crate) removed_chunks: Vec<ChunkKey>,
    pub(crate) removed_gaps: Vec<(TrackId, GapId)>,
    /// A save is on its way.
    pub(crate) is_saving: bool,
    /// How often changes were forgotten.
    epoch: u64,
    /// What views remember of what they had to decode.
    views: Mutex<(Edges, Scratch)>,
    pub(crate) columns: Columns,
}

impl<G> History<G> {
    pub fn new(budget: Budget) -> Self {
        Self {
            budget,
            bytes: 0,
            series: Vec::new(),
            series_names: HashMap::new(),
            free_series: Vec::new(),
            tracks: Vec::new(),
            track_names: HashMap::new(),
            free_tracks: Vec::new(),
            gaps_added: 0,
            numbers: 0,
            chunk_count: 0,
            resident: VecDeque::new(),
            fresh: Vec::new(),
            fresh_bytes: 0,
            disk_bytes: 0,
            removed_series: Vec::new(),
            removed_tracks: Vec::new(),
            removed_chunks: Vec::new(),
            removed_gaps: Vec::new(),
            is_saving: false,
            epoch: 1,
            views: Mutex::new((Edges::new(budget.memory_bytes), Scratch::default())),
            columns: Columns::default(),
        }
    }

    /// The series of that name; a new one where there is none.
    pub fn add_series(&mut self, name: &str) -> SeriesId {
        if let Some(id) = self.series_names.get(name) {
            return *id;
        }
        let id = self.free_series.pop().unwrap_or(SeriesId(self.series.len() as u32));
        self.put_series(id, Series::new(name));
        id
    }

    pub(crate) fn put_series(&mut self, id: SeriesId, series: Series) {
        let index = id.0 as usize;
        self.series.resize_with(self.series.len().max(index + 1), || None);
        self.series_names.insert(series.name().to_owned(), id);
        self.series[index] = Some(series);
    }

    /// The track of that name; a new one where there is none.
    pub fn add_track(&mut self, name: &str) -> TrackId {
        if let Some(id) = self.track_names.get(name) {
            return *id;
        }
        let id = self.free_tracks.pop().unwrap_or(TrackId(self.tracks.len() as u32));
        self.put_track(id, Track::new(name));
        id
    }

    pub(crate) fn put_track(&mut self, id: TrackId, track: Track<G>) {
        let index = id.0 as usize;
        self.tracks.resize_with(self.tracks.len().max(index + 1), || None);
        self.track_names.insert(track.name().to_owned(), id);
        self.tracks[index] = Some(track);
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
        if let Some(Some(kept)) = self.series.get_mut(series.0 as usize)
            && !kept.push(sample, self.epoch)
        {
            self.push_slowly(series, sample);
        }
    }

    #[inline(never)]
    fn push_slowly(&mut self, series: SeriesId, sample: Sample) {
        let Some(Some(kept)) = self.series.get_mut(series.0 as usize) else { return };
        let bytes = kept.bytes();
        let closed = kept.push_slowly(sample, &mut self.columns, &mut self.numbers);
        self.bytes = self.bytes - bytes + kept.bytes();
        if let Some(number) = closed {
            self.note_closed(ChunkKey { series, number });
        }
        self.fit();
    }

    /// Forgets all samples of a series, but for their count.
    pub fn clear_series(&mut self, series: SeriesId) {
        let Some(mut kept) = self.series.get_mut(series.0 as usize).and_then(Option::take) else {
            return;
        };
        self.bytes -= kept.bytes();
        for level in kept.levels_mut() {
            level.chunks().for_each(|chunk| self.note_dropped(series, chunk));
            for saved in [level.open.saved(), level.saved_tail.take()] {
                self.note_rest_dropped(series, saved);
            }
        }
        kept.clear(self.epoch);
        self.series[series.0 as usize] = Some(kept);
    }

    /// Forgets a series and its name; its id is good for nothing any more.
    pub fn remove_series(&mut self, series: SeriesId) {
        self.clear_series(series);
        if let Some(kept) = self.series.get_mut(series.0 as usize).and_then(Option::take) {
            self.series_names.remove(kept.name());
            if self.budget.disk_bytes.is_some() {
                self.removed_series.push(series);
            } else {
                self.free_series.push(series);
            }
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
            if self.budget.disk_bytes.is_some() {
                self.removed_tracks.push(track);
            } else {
                self.free_tracks.push(track);
            }
        }
    }

    /// The columns of `grid` that have samples are added to `out`, in their order: at most as many
    /// as there are samples. The line breaks at the gaps of `tracks`.
    ///
    /// # Errors
    /// Some of what lies at the edges of columns is not in memory. Read it from the disk,
    /// [`insert`](History::insert) it, and ask again.
    pub fn columns(
        &self,
        series: SeriesId,
        tracks: &[TrackId],
        grid: &Grid,
        out: &mut Vec<Column>,
    ) -> Result<(), Absent> {
        let mut views = self.views.lock().unwrap_or_else(PoisonError::into_inner);
        let (edges, scratch) = &mut *views;
        let Some(kept) = self.kept(series) else { return Ok(()) };
        let Some(mut view) = View::new(series, grid, edges, scratch) else { return Ok(()) };
        kept.levels().iter().for_each(|level| view.add(level));
        view.finish(|before_ns, last_ns| self.breaks(tracks, before_ns, last_ns), out)
    }

    /// What the samples from `from_ns` to `to_ns`, inclusive, come to.
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
        let mut summing = Summing::new(series, axis, from_ns, to_ns);
        let levels: &[Level] = self.kept(series).map_or(&[], Series::levels);
        levels.iter().for_each(|level| summing.add(level));
        summing.finish()
    }

    /// Adds the samples that follow on what was read to `out`, in the order of their times: at least
    /// one if there is any, and about as many as are `wanted`.
    ///
    /// # Errors
    /// As with [`History::columns`].
    pub fn samples(
        &self,
        series: SeriesId,
        reading: &mut Reading,
        wanted: usize,
        out: &mut Vec<Sample>,
    ) -> Result<(), Absent> {
        let levels: &[Level] = self.kept(series).map_or(&[], Series::levels);
        reading::read(levels, series, reading, wanted, out)
    }

    /// The last sample before a moment of the source's whose value is finite; of those of equal time
    /// the one that came last. `None` if there is none, or none near: far back among values that are
    /// not finite it is not looked for.
    ///
    /// # Errors
    /// As with [`History::columns`].
    pub fn last_before(&self, series: SeriesId, before_ns: i64) -> Result<Option<Sample>, Absent> {
        let levels: &[Level] = self.kept(series).map_or(&[], Series::levels);
        reading::last_before(levels, series, before_ns)
    }

    /// What lies from `from_ns` to `to_ns`, inclusive; `None` if nothing does.
    ///
    /// # Errors
    /// As with [`History::columns`].
    pub fn extent(
        &self,
        series: SeriesId,
        axis: Axis,
        from_ns: i64,
        to_ns: i64,
    ) -> Result<Option<Extent>, Absent> {
        let mut measuring = Measuring::new(series, axis, from_ns, to_ns);
        let levels: &[Level] = self.kept(series).map_or(&[], Series::levels);
        levels.iter().for_each(|level| measuring.add(level));
        measuring.finish()
    }

    /// Whether a line from one moment to a later one would cross a gap of `tracks`.
    pub fn breaks(&self, tracks: &[TrackId], before_ns: i64, last_ns: i64) -> bool {
        let mut tracks = tracks.iter().filter_map(|track| self.track(*track));
        tracks.any(|track| track.breaks(before_ns, last_ns))
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

    /// From here on all is kept. Samples from before were dropped to stay within the budget,
    /// though late ones may be left of them; no more of them are kept. `None` while none were.
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

    /// How many gaps of the track were dropped for there being more than
    /// [`GAPS_MAX`](crate::GAPS_MAX). Where they were, no column joins another: better no line
    /// than one across a gap.
    pub fn gaps_dropped(&self, track: TrackId) -> u64 {
        self.track(track).map_or(0, Track::dropped)
    }

    fn kept(&self, series: SeriesId) -> Option<&Series> {
        self.series.get(series.0 as usize)?.as_ref()
    }

    pub(crate) fn kept_mut(&mut self, series: SeriesId) -> Option<&mut Series> {
        self.series.get_mut(series.0 as usize)?.as_mut()
    }

    fn track(&self, track: TrackId) -> Option<&Track<G>> {
        self.tracks.get(track.0 as usize)?.as_ref()
    }

    pub(crate) fn track_mut(&mut self, track: TrackId) -> Option<&mut Track<G>> {
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
}
