//! What several tests need: a disk, the naive answer, and numbers without end.

use feedscope_history::{
    Absent, Axis, Body, Budget, ChunkKey, Column, Contents, Grid, Head, History, Sample, Save,
    SeriesId, TrackId,
};
use std::collections::HashMap;

pub fn in_memory(memory_bytes: usize) -> Budget {
    Budget { memory_bytes, disk_bytes: None }
}

/// A disk that keeps all that it is told to.
#[derive(Debug, Default)]
pub struct Disk<G> {
    pub contents: Contents<G>,
    pub bodies: HashMap<ChunkKey, Body>,
}

impl<G: Clone> Disk<G> {
    pub fn write(&mut self, save: &Save<G>) {
        let kept = &mut self.contents;
        kept.series.retain(|(id, _)| {
            !save.removed_series.contains(id) && save.series.iter().all(|(new, _)| new != id)
        });
        kept.tracks.retain(|(id, _)| {
            !save.removed_tracks.contains(id) && save.tracks.iter().all(|(new, _)| new != id)
        });
        let new: Vec<_> = save.chunks.iter().map(|(key, ..)| *key).collect();
        kept.chunks.retain(|(key, _)| {
            !save.removed_series.contains(&key.series)
                && !save.removed_chunks.contains(key)
                && !new.contains(key)
        });
        kept.gaps.retain(|(track, gap)| {
            !save.removed_tracks.contains(track)
                && !save.removed_gaps.contains(&(*track, gap.id))
                && save.gaps.iter().all(|(_, new)| new.id != gap.id)
        });
        kept.series.extend(save.series.iter().cloned());
        kept.tracks.extend(save.tracks.iter().cloned());
        kept.gaps.extend(save.gaps.iter().cloned());
        for (key, head, body) in &save.chunks {
            kept.chunks.push((*key, Head(head.0.clone())));
            self.bodies.insert(*key, body.clone());
        }
        let there: std::collections::HashSet<_> = kept.chunks.iter().map(|(key, _)| *key).collect();
        self.bodies.retain(|key, _| there.contains(key));
    }

    /// Saves all there is to save.
    pub fn save(&mut self, history: &mut History<G>) {
        if let Some(save) = history.save() {
            self.write(&save);
            history.saved(save);
        }
    }

    /// Asks until nothing is absent any more.
    pub fn ask<T>(
        &self,
        history: &mut History<G>,
        ask: impl Fn(&History<G>) -> Result<T, Absent>,
    ) -> T {
        for _ in 0..10 {
            match ask(history) {
                Ok(answer) => return answer,
                Err(Absent(keys)) => {
                    assert!(!keys.is_empty());
                    let bodies = keys.iter().map(|key| (*key, self.bodies[key].clone()));
                    history.insert(bodies.collect());
                }
            }
        }
        unreachable!("asked ten times, and something is absent still: {:?}", ask(history).err())
    }

    pub fn columns(
        &self,
        history: &mut History<G>,
        series: SeriesId,
        tracks: &[TrackId],
        grid: &Grid,
    ) -> Vec<Column> {
        self.ask(history, |history| {
            let mut out = Vec::new();
            history.columns(series, tracks, grid, &mut out).map(|()| out)
        })
    }
}

pub fn at(sample: &Sample, axis: Axis) -> i64 {
    match axis {
        Axis::Source => sample.time_ns,
        Axis::Arrival => sample.arrival_ns,
    }
}

/// Samples in the order of an axis. `samples` are in the order they came.
pub fn sorted(samples: &[Sample], axis: Axis) -> Vec<Sample> {
    let mut sorted = samples.to_vec();
    match axis {
        Axis::Source => sorted.sort_by_key(|sample| sample.time_ns),
        Axis::Arrival => sorted.sort_by_key(|sample| (sample.arrival_ns, sample.time_ns)),
    }
    sorted
}

/// The answer by looking at every sample and every gap.
pub fn naive(samples: &[Sample], gaps: &[(i64, Option<i64>)], grid: &Grid) -> Vec<Column> {
    let Grid { axis, column_ns, from, to } = *grid;
    let sorted = sorted(samples, axis);
    let index = |sample: &Sample| at(sample, axis).div_euclid(column_ns);
    let mut out = Vec::<Column>::new();
    let mut start = 0;
    while start < sorted.len() {
        let column = index(&sorted[start]);
        let end = start + sorted[start..].iter().take_while(|one| index(one) == column).count();
        if (from..to).contains(&column) {
            let before_ns = at(&sorted[start.saturating_sub(1)], axis);
            let last_ns = at(&sorted[end - 1], axis);
            let values: Vec<f64> =
                sorted[start..end].iter().map(|s| s.value).filter(|v| v.is_finite()).collect();
            out.push(Column {
                index: column,
                first: values.first().copied().unwrap_or(f64::NAN),
                min: values.iter().copied().fold(f64::NAN, f64::min),
                max: values.iter().copied().fold(f64::NAN, f64::max),
                last: values.last().copied().unwrap_or(f64::NAN),
                count: (end - start) as u64,
                gap: gaps.iter().any(|(start_ns, end_ns)| match end_ns {
                    None => *start_ns < last_ns,
                    // Without length: between the samples before its moment and those at it.
                    Some(end_ns) if end_ns <= start_ns => {
                        before_ns < *start_ns && *start_ns <= last_ns
                    }
                    Some(end_ns) => *start_ns < last_ns && before_ns < *end_ns,
                }),
            });
        }
        start = end;
    }
    out
}

/// `==`, except that NaN is NaN.
pub fn same(one: &[Column], other: &[Column]) -> bool {
    one.len() == other.len() && one.iter().zip(other).all(|(one, other)| is_same(one, other))
}

fn is_same(one: &Column, other: &Column) -> bool {
    let numbers = |c: &Column| {
        [c.first, c.min, c.max, c.last].map(|v| if v.is_nan() { None } else { Some(v) })
    };
    (one.index, numbers(one), one.count, one.gap)
        == (other.index, numbers(other), other.count, other.gap)
}

/// Where two answers differ first, for a message one can read.
pub fn difference(one: &[Column], other: &[Column]) -> String {
    let at = one.iter().zip(other).position(|(one, other)| !is_same(one, other));
    let at = at.unwrap_or(one.len().min(other.len()));
    format!("{} and {}, {:?} is not {:?}", one.len(), other.len(), one.get(at), other.get(at))
}

/// Numbers that look random (SplitMix64): a proptest strategy would take longer to make a sample
/// than the history takes to keep it.
#[derive(Debug)]
pub struct Random(pub u64);

impl Random {
    pub fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut bits = self.0;
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        bits ^ (bits >> 31)
    }

    pub fn below(&mut self, end: u64) -> i64 {
        (self.bits() % end.max(1)) as i64
    }

    pub fn chance(&mut self, percent: u64) -> bool {
        self.bits() % 100 < percent
    }

    pub fn value(&mut self) -> f64 {
        match self.below(20) {
            0 => f64::NAN,
            1 => f64::INFINITY,
            2 => f64::NEG_INFINITY,
            3 => f64::from_bits(self.bits()),
            4..8 => self.below(100) as f64 / 4.0,
            _ => self.bits() as f64 / 1e15 - 9_000.0,
        }
    }
}
