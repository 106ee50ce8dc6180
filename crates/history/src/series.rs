//! One series: its levels, and what is known of it beside its samples.

use crate::body::Columns;
use crate::chunk::{Chunk, Facts};
use crate::level::{Dropped, Level};
use crate::save::SeriesFacts;
use crate::{Axis, Sample};

/// Samples that are too late for one level go to the next; the last takes them all. A feed in
/// order has one level, one in disorder by more than a thousand samples two or three; more would
/// each be another place for a view to look.
pub const LEVELS_MAX: usize = 6;

#[derive(Debug)]
pub struct Series {
    name: String,
    /// At least one. Of samples of equal time, those in an earlier level came first.
    levels: Vec<Level>,
    /// Samples from before this are not kept.
    begins_ns: Option<i64>,
    pushed_count: u64,
    /// The latest sample that is not in the tail any more.
    latest: Option<Sample>,
    changed_epoch: u64,
    changed: Changed,
    /// It is not on the disk as it is here.
    pub is_dirty: bool,
}

/// From where on a series may look different.
#[derive(Clone, Copy, Debug)]
struct Changed {
    source_ns: i64,
    arrival_ns: i64,
}

impl Series {
    pub fn new(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            levels: vec![Level::default()],
            begins_ns: None,
            pushed_count: 0,
            latest: None,
            changed_epoch: 0,
            changed: Changed { source_ns: i64::MAX, arrival_ns: i64::MAX },
            is_dirty: true,
        }
    }

    pub fn name(&self) -> &str {
        &self.name
    }

    /// Keeps a sample if that is no more than writing it down.
    pub fn push(&mut self, sample: Sample, epoch: u64) -> bool {
        self.pushed_count += 1;
        self.is_dirty = true;
        if self.begins_ns.is_some_and(|begins_ns| sample.time_ns < begins_ns) {
            return true;
        }
        self.note_change(epoch, sample.time_ns, sample.arrival_ns);
        self.levels.first_mut().is_some_and(|level| level.tail.append(sample))
    }

    /// Keeps a sample that `push` did not. Returns the number of the chunk that this closed, if
    /// any.
    pub fn push_slowly(
        &mut self,
        sample: Sample,
        columns: &mut Columns,
        numbers: &mut u64,
    ) -> Option<u64> {
        let found = self.levels.iter().position(|level| level.tail.takes(sample));
        for level in self.levels.iter_mut().take(found.unwrap_or(LEVELS_MAX)) {
            level.tail.widen_more();
        }
        let at = match found {
            Some(at) => at,
            None if self.levels.len() < LEVELS_MAX => {
                self.levels.push(Level::default());
                self.levels.len() - 1
            }
            None => LEVELS_MAX - 1,
        };
        let level = self.levels.get_mut(at)?;
        level.tail.insert(sample);
        if !level.tail.is_due() {
            return None;
        }
        if at == 0 {
            self.latest = level.tail.samples().last().copied();
        }
        level.seal(columns, numbers)
    }

    pub fn note_change(&mut self, epoch: u64, source_ns: i64, arrival_ns: i64) {
        if self.changed_epoch != epoch {
            self.changed_epoch = epoch;
            self.changed = Changed { source_ns, arrival_ns };
        }
        self.changed.source_ns = self.changed.source_ns.min(source_ns);
        self.changed.arrival_ns = self.changed.arrival_ns.min(arrival_ns);
    }

    pub fn changed_from(&self, epoch: u64, axis: Axis) -> Option<i64> {
        (self.changed_epoch == epoch).then_some(match axis {
            Axis::Source => self.changed.source_ns,
            Axis::Arrival => self.changed.arrival_ns,
        })
    }

    /// Forgets all samples, but for their count.
    pub fn clear(&mut self, epoch: u64) {
        let name = std::mem::take(&mut self.name);
        *self = Self { pushed_count: self.pushed_count, name, ..Self::new("") };
        self.note_change(epoch, i64::MIN, i64::MIN);
    }

    pub fn levels(&self) -> &[Level] {
        &self.levels
    }

    pub fn levels_mut(&mut self) -> &mut [Level] {
        &mut self.levels
    }

    /// The level and the place in it of a chunk.
    pub fn find(&self, number: u64) -> Option<(usize, (usize, usize))> {
        let levels = self.levels.iter().enumerate();
        levels.filter_map(|(at, level)| Some((at, level.find(number)?))).next()
    }

    pub fn chunk_mut(&mut self, number: u64) -> Option<(&mut Chunk, &mut usize)> {
        let (level, (run, index)) = self.find(number)?;
        let Level { runs, chunk_bytes, .. } = self.levels.get_mut(level)?;
        Some((runs.get_mut(run)?.chunks.get_mut(index)?, chunk_bytes))
    }

    /// When the oldest chunk ended, or whatever else is oldest.
    pub fn oldest_end_ns(&self) -> Option<i64> {
        self.levels.iter().filter_map(Level::oldest_end_ns).min()
    }

    /// Drops the oldest chunk, or whatever else is oldest.
    pub fn drop_oldest(&mut self) -> Option<Dropped> {
        let end_ns = self.oldest_end_ns()?;
        self.latest = self.latest();
        let level = self.levels.iter_mut().find(|level| level.oldest_end_ns() == Some(end_ns))?;
        let dropped = level.drop_oldest();
        let begins_ns = end_ns.saturating_add(1);
        self.begins_ns = Some(self.begins_ns.map_or(begins_ns, |known| known.max(begins_ns)));
        self.is_dirty = true;
        dropped
    }

    /// The sample latest in time.
    pub fn latest(&self) -> Option<Sample> {
        self.levels.first()?.tail.samples().last().copied().or(self.latest)
    }

    pub fn earliest_ns(&self) -> Option<i64> {
        self.levels.iter().filter_map(Level::earliest_ns).min()
    }

    pub fn sample_count(&self) -> u64 {
        self.levels.iter().map(Level::sample_count).sum()
    }

    pub fn pushed_count(&self) -> u64 {
        self.pushed_count
    }

    pub fn begins_ns(&self) -> Option<i64> {
        self.begins_ns
    }

    pub fn bytes(&self) -> usize {
        self.levels.iter().map(Level::bytes).sum()
    }

    pub fn facts(&self) -> SeriesFacts {
        SeriesFacts {
            name: self.name.clone(),
            pushed_count: self.pushed_count,
            begins_ns: self.begins_ns,
            latest: self.latest(),
        }
    }

    pub fn restore(facts: SeriesFacts) -> Self {
        Self {
            pushed_count: facts.pushed_count,
            begins_ns: facts.begins_ns,
            latest: facts.latest,
            is_dirty: false,
            name: facts.name,
            ..Self::new("")
        }
    }

    /// Takes a chunk that was saved, in the order of their numbers.
    pub fn restore_chunk(&mut self, facts: &Facts<'_>, number: u64) {
        let at = usize::from(facts.level).min(LEVELS_MAX - 1);
        self.levels.resize_with(self.levels.len().max(at + 1), Level::default);
        if let Some(level) = self.levels.get_mut(at) {
            level.restore(facts, number);
        }
    }
}
