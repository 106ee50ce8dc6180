//! One series: its chunks in order of time, and any columns of them.

use crate::chunk::{CHUNK_SAMPLES, Chunk, Summary};
use crate::{Axis, ChunkKey, Column, Head, Sample, Save, SeriesFacts, SeriesId};
use std::collections::VecDeque;
use std::ops::Range;

#[derive(Debug, Default)]
pub struct Series {
    /// No chunk starts before the one ahead of it ends.
    chunks: VecDeque<Chunk>,
    bytes: usize,
    latest: Option<Sample>,
    pushed_count: u64,
    sample_count: u64,
    begins_ns: Option<i64>,
    /// What the queue of oldest chunks holds this series by.
    pub queued_end_ns: Option<i64>,
    name: String,
    saved_chunks: Vec<u64>,
    is_saved: bool,
    changed_epoch: u64,
    changed_ns: [i64; 2],
}

impl Series {
    pub fn new(name: &str) -> Self {
        Self { name: name.to_owned(), ..Self::default() }
    }

    pub fn name(&self) -> &str {
        &self.name
    }

    pub fn note_change(&mut self, epoch: u64, time_ns: i64, arrival_ns: i64) {
        self.is_saved = false;
        if self.changed_epoch != epoch {
            self.changed_epoch = epoch;
            self.changed_ns = [i64::MAX; 2];
        }
        let [source, arrival] = self.changed_ns;
        self.changed_ns = [source.min(time_ns), arrival.min(arrival_ns)];
    }

    pub fn changed_from(&self, epoch: u64, axis: Axis) -> Option<i64> {
        (self.changed_epoch == epoch).then_some(match axis {
            Axis::Source => self.changed_ns[0],
            Axis::Arrival => self.changed_ns[1],
        })
    }

    pub fn take_saved_chunks(&mut self) -> Vec<u64> {
        std::mem::take(&mut self.saved_chunks)
    }

    pub fn all(&self) -> Vec<Sample> {
        self.chunks.iter().flat_map(|chunk| chunk.samples().iter().copied()).collect()
    }

    /// The same series with its arrivals as its times.
    pub fn by_arrival(&self) -> Series {
        let mut samples = self.all();
        samples.sort_by_key(|sample| sample.arrival_ns);
        let mut series = Series::default();
        for sample in samples {
            series.push(Sample { time_ns: sample.arrival_ns, ..sample });
        }
        series
    }

    /// Adds all of it where anything changed since the last time.
    pub fn save<G>(&mut self, id: SeriesId, numbers: &mut u64, save: &mut Save<G>) {
        if std::mem::replace(&mut self.is_saved, true) {
            return;
        }
        let facts = SeriesFacts {
            name: self.name.clone(),
            pushed_count: self.pushed_count,
            begins_ns: self.begins_ns,
            latest: self.latest,
        };
        save.series.push((id, facts));
        let old = std::mem::take(&mut self.saved_chunks);
        save.removed_chunks.extend(old.into_iter().map(|number| ChunkKey { series: id, number }));
        for chunk in &self.chunks {
            let bytes: Vec<u8> = chunk
                .samples()
                .iter()
                .flat_map(|sample| {
                    [sample.time_ns as u64, sample.arrival_ns as u64, sample.value.to_bits()]
                })
                .flat_map(u64::to_le_bytes)
                .collect();
            let key = ChunkKey { series: id, number: *numbers };
            *numbers += 1;
            self.saved_chunks.push(key.number);
            save.chunks.push((key, Head(bytes.clone().into()), bytes.into()));
        }
    }

    pub fn unsaved(&mut self) {
        self.is_saved = false;
    }

    pub fn restore(facts: SeriesFacts) -> Self {
        Self {
            name: facts.name,
            pushed_count: facts.pushed_count,
            begins_ns: facts.begins_ns,
            latest: facts.latest,
            ..Self::default()
        }
    }

    pub fn restore_chunk(&mut self, number: u64, head: &Head) {
        let (pushed_count, latest, begins_ns) = (self.pushed_count, self.latest, self.begins_ns);
        // What lies there among equal times at the beginning was kept.
        self.begins_ns = None;
        let (words, _) = head.0.as_chunks::<8>();
        for sample in words.as_chunks::<3>().0 {
            let [time, arrival, value] = sample.map(u64::from_le_bytes);
            self.push(Sample {
                time_ns: time as i64,
                arrival_ns: arrival as i64,
                value: f64::from_bits(value),
            });
        }
        (self.pushed_count, self.latest, self.begins_ns) = (pushed_count, latest, begins_ns);
        self.saved_chunks.push(number);
    }
    pub fn push(&mut self, sample: Sample) {
        self.pushed_count += 1;
        if self.begins_ns.is_some_and(|begins_ns| sample.time_ns < begins_ns) {
            return;
        }
        self.sample_count += 1;
        if self.latest.is_none_or(|latest| sample.time_ns >= latest.time_ns) {
            self.latest = Some(sample);
        }
        match self.chunks.back_mut() {
            Some(chunk) if sample.time_ns >= chunk.end_ns() && !chunk.is_full() => {
                let bytes = chunk.bytes();
                chunk.append(sample);
                self.bytes = self.bytes - bytes + chunk.bytes();
            }
            Some(chunk) if sample.time_ns < chunk.end_ns() => self.insert(sample),
            _ => self.add_chunk(self.chunks.len(), Chunk::new(sample)),
        }
    }

    /// Puts a late sample in its place: after all that are not later than it.
    fn insert(&mut self, sample: Sample) {
        let after = self.chunks.partition_point(|chunk| chunk.start_ns() <= sample.time_ns);
        let index = after.saturating_sub(1);
        let chunk = &mut self.chunks[index];
        let position = chunk.samples().partition_point(|kept| kept.time_ns <= sample.time_ns);
        if !chunk.is_full() {
            let bytes = chunk.bytes();
            chunk.insert(position, sample);
            self.bytes = self.bytes - bytes + chunk.bytes();
        } else if position == chunk.len() {
            self.add_chunk(after, Chunk::new(sample));
        } else {
            // Not ahead of the place: where one sample is far in the future, all others are late,
            // and each goes just before it; the chunks they leave behind are full.
            let bytes = chunk.bytes();
            let later = chunk.split_off(position.max(CHUNK_SAMPLES / 2));
            chunk.insert(position, sample);
            self.bytes = self.bytes - bytes + chunk.bytes();
            if let Some(later) = later {
                self.add_chunk(index + 1, later);
            }
        }
    }

    fn add_chunk(&mut self, index: usize, chunk: Chunk) {
        self.bytes += chunk.bytes();
        self.chunks.insert(index, chunk);
    }

    pub fn drop_oldest_chunk(&mut self) {
        if let Some(chunk) = self.chunks.pop_front() {
            self.bytes -= chunk.bytes();
            self.sample_count -= chunk.len() as u64;
            self.begins_ns = Some(chunk.end_ns().saturating_add(1));
        }
    }

    pub fn clear(&mut self) {
        let name = std::mem::take(&mut self.name);
        *self = Self { name, pushed_count: self.pushed_count, ..Self::default() };
    }

    /// `breaks(before_ns, last_ns)` says whether the line breaks between two moments.
    pub fn columns(
        &self,
        column_ns: i64,
        columns: Range<i64>,
        breaks: impl Fn(i64, i64) -> bool,
        out: &mut Vec<Column>,
    ) {
        let index_of = |time_ns: i64| time_ns.div_euclid(column_ns);
        let ends_before = |chunk: &Chunk| index_of(chunk.end_ns()) < columns.start;
        let at = self.chunks.partition_point(ends_before);
        let mut rest = self.chunks.range(at..).peekable();
        let Some(chunk) = rest.peek() else { return };
        // The next sample to look at, within the chunk that is next.
        let mut position =
            chunk.samples().partition_point(|sample| index_of(sample.time_ns) < columns.start);
        let mut before_ns = match position.checked_sub(1) {
            Some(before) => Some(chunk.samples()[before].time_ns),
            None => at.checked_sub(1).map(|before| self.chunks[before].end_ns()),
        };

        while let Some(chunk) = rest.peek() {
            let first_ns = time_at(chunk, position);
            let index = index_of(first_ns);
            if index >= columns.end {
                return;
            }
            let edge_ns = last_moment(index, column_ns);
            let mut summary = Summary::EMPTY;
            let mut count = 0;
            let mut last_ns = first_ns;
            while let Some(chunk) = rest.peek() {
                let end = if chunk.end_ns() <= edge_ns {
                    chunk.len()
                } else {
                    let ahead = &chunk.samples()[position..];
                    position + ahead.partition_point(|sample| sample.time_ns <= edge_ns)
                };
                if end > position {
                    summary.join(&chunk.summarize(position..end));
                    count += (end - position) as u64;
                    last_ns = time_at(chunk, end - 1);
                }
                position = end;
                if end < chunk.len() {
                    break;
                }
                position = 0;
                rest.next();
            }
            let Summary { first, min, max, last } = summary;
            let gap = breaks(before_ns.unwrap_or(first_ns), last_ns);
            out.push(Column { index, first, min, max, last, count, gap });
            before_ns = Some(last_ns);
        }
    }

    pub fn latest(&self) -> Option<Sample> {
        self.latest
    }

    pub fn earliest_ns(&self) -> Option<i64> {
        self.chunks.front().map(Chunk::start_ns)
    }

    pub fn sample_count(&self) -> u64 {
        self.sample_count
    }

    pub fn pushed_count(&self) -> u64 {
        self.pushed_count
    }

    pub fn begins_ns(&self) -> Option<i64> {
        self.begins_ns
    }

    pub fn bytes(&self) -> usize {
        self.bytes
    }

    pub fn chunk_count(&self) -> usize {
        self.chunks.len()
    }

    pub fn oldest_end_ns(&self) -> Option<i64> {
        self.chunks.front().map(Chunk::end_ns)
    }
}

fn time_at(chunk: &Chunk, position: usize) -> i64 {
    if position == 0 {
        chunk.start_ns()
    } else if position + 1 == chunk.len() {
        chunk.end_ns()
    } else {
        chunk.samples()[position].time_ns
    }
}

/// The last moment of a column that has one; the last there is if it would be later than that.
fn last_moment(index: i64, column_ns: i64) -> i64 {
    let last = i128::from(index) * i128::from(column_ns) + i128::from(column_ns - 1);
    i64::try_from(last).unwrap_or(i64::MAX)
}
