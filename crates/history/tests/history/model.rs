//! Any life of a history, against a list of all its samples.
//!
//! What happens is drawn from a seed: samples of any kind in any order, gaps, saves that succeed or
//! fail, ends without a goodbye, and questions about everything. Whatever was saved and left memory,
//! the answers are those of the list.

use crate::support::disk::Disk;
use crate::support::list::{List, Span, same};
use crate::support::random::{Feed, any_grid, any_moment, one_of};
use feedscope_history::{Axis, Budget, Column, Grid, History, Sample, SeriesId};
use proptest::prelude::*;
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

const AXES: [Axis; 2] = [Axis::Source, Axis::Arrival];
const SERIES: [&str; 3] = ["price", "size", "temperature"];
const TRACKS: [&str; 2] = ["outages", "sequence"];

/// A disk without end: nothing is ever dropped.
const DISK_BYTES: Option<u64> = Some(u64::MAX);

/// What a series may take whatever the budget: those of its samples that are in no chunk yet, and
/// what late ones wait for.
const TAIL_BYTES: usize = 160 << 10;

/// A list for each series and track.
#[derive(Clone, Default)]
struct Lists {
    series: [List; SERIES.len()],
    tracks: [Vec<Span>; TRACKS.len()],
}

struct Life {
    random: StdRng,
    history: History<u64>,
    lists: Lists,
    feeds: Vec<Feed>,
    disk: Disk,
    /// What the disk holds; `None` while it lacks what late samples wait for.
    saved: Option<Lists>,
    budget: Budget,
    gaps: u64,
    /// How many saves failed, and how many times it began anew.
    unsaved: usize,
    restored: usize,
}

impl Life {
    fn new(seed: u64) -> Life {
        let mut random = StdRng::seed_from_u64(seed);
        let memory_bytes = one_of(&mut random, &[24 << 10, 60 << 10, 1 << 30]);
        let budget = Budget { memory_bytes, disk_bytes: DISK_BYTES };
        Life {
            feeds: SERIES.iter().map(|_| Feed::any(&mut random)).collect(),
            random,
            history: History::new(budget),
            lists: Lists::default(),
            disk: Disk::default(),
            saved: Some(Lists::default()),
            budget,
            gaps: 0,
            unsaved: 0,
            restored: 0,
        }
    }

    fn series(&mut self, index: usize) -> SeriesId {
        self.history.add_series(SERIES[index])
    }

    fn step(&mut self) {
        let index = self.random.random_range(0..SERIES.len());
        match self.random.random_range(0..100) {
            0..40 => self.push(index),
            40..46 => self.gap(),
            46..48 => {
                let series = self.series(index);
                self.history.clear_series(series);
                self.lists.series[index].clear();
            }
            48 => {
                let at = self.random.random_range(0..TRACKS.len());
                let track = self.history.add_track(TRACKS[at]);
                self.history.clear_track(track);
                self.lists.tracks[at].clear();
            }
            49 => {
                let series = self.series(index);
                self.history.remove_series(series);
                self.lists.series[index] = List::default();
            }
            50..64 => self.save(),
            64..67 => self.restore(),
            67 => self.feeds[index] = Feed::any(&mut self.random),
            68..73 => self.changes(index),
            73..80 => self.statistics(index),
            80..83 => self.facts(),
            _ => self.columns(index),
        }
    }

    fn push(&mut self, index: usize) {
        let series = self.series(index);
        let count = one_of(&mut self.random, &[1, 3, 50, 300, 1_500]);
        for _ in 0..count {
            let sample = self.feeds[index].next(&mut self.random);
            self.history.push(series, sample);
            self.lists.series[index].push(sample);
        }
    }

    fn gap(&mut self) {
        let at = self.random.random_range(0..TRACKS.len());
        let track = self.history.add_track(TRACKS[at]);
        let index = self.random.random_range(0..SERIES.len());
        let start_ns = any_moment(&mut self.random, &self.lists.series[index], Axis::Source);
        let end_ns = any_moment(&mut self.random, &self.lists.series[index], Axis::Source);
        self.gaps += 1;
        let about = self.gaps;
        let spans = &mut self.lists.tracks[at];
        match self.random.random_range(0..3) {
            0 => {
                let id = self.history.open_gap(track, start_ns, about);
                spans.push(Span { id, start_ns, end_ns: None, about });
            }
            1 => {
                let id = self.history.add_gap(track, start_ns, end_ns, about);
                let end_ns = Some(end_ns.max(start_ns));
                spans.push(Span { id, start_ns, end_ns, about });
            }
            _ => {
                if let Some(span) = spans.iter_mut().find(|span| span.end_ns.is_none()) {
                    assert!(self.history.close_gap(track, span.id, end_ns));
                    assert!(!self.history.close_gap(track, span.id, end_ns), "closed twice");
                    span.end_ns = Some(end_ns.max(span.start_ns));
                }
            }
        }
    }

    fn save(&mut self) {
        let Some(save) = self.history.save() else { return };
        let lists = self.lists.clone();
        assert!(self.history.save().is_none(), "one at a time");
        if self.random.random_bool(0.5) {
            let index = self.random.random_range(0..SERIES.len());
            self.push(index);
            self.gap();
            self.columns(index);
        }
        if self.random.random_bool(0.8) {
            self.disk.write(&save);
            self.history.saved(save);
            self.saved = Some(lists);
        } else {
            self.history.unsaved(save);
            self.unsaved += 1;
        }
    }

    /// The end without a goodbye, and the next start.
    fn restore(&mut self) {
        let Some(saved) = self.saved.clone() else { return };
        self.lists = saved;
        self.restored += 1;
        self.history = History::restore(self.disk.contents(), self.budget);
        self.facts();
    }

    fn columns(&mut self, index: usize) {
        let series = self.series(index);
        let tracks: Vec<usize> =
            (0..TRACKS.len()).filter(|_| self.random.random_bool(0.5)).collect();
        let ids: Vec<_> = tracks.iter().map(|at| self.history.add_track(TRACKS[*at])).collect();
        let axis = one_of(&mut self.random, &AXES);
        let grid = any_grid(&mut self.random, &mut self.lists.series[index], axis);
        let mut got = Vec::new();
        self.disk.ask(&mut self.history, |history| {
            got.clear();
            history.columns(series, &ids, &grid, &mut got)
        });
        let gaps: Vec<Span> =
            tracks.iter().flat_map(|at| self.lists.tracks[*at].iter().copied()).collect();
        let expected = self.lists.series[index].columns(&gaps, &grid);
        assert_same(&got, &expected, &grid);
    }

    fn statistics(&mut self, index: usize) {
        let series = self.series(index);
        let axis = one_of(&mut self.random, &AXES);
        let one = any_moment(&mut self.random, &self.lists.series[index], axis);
        let other = any_moment(&mut self.random, &self.lists.series[index], axis);
        let (from_ns, to_ns) = (one.min(other), one.max(other));
        let got = self
            .disk
            .ask(&mut self.history, |history| history.statistics(series, axis, from_ns, to_ns));
        self.lists.series[index].assert_statistics(&got, axis, from_ns, to_ns);
    }

    fn facts(&mut self) {
        for index in 0..SERIES.len() {
            let series = self.series(index);
            let list = &mut self.lists.series[index];
            assert_eq!(self.history.sample_count(series), list.len() as u64);
            assert_eq!(self.history.pushed_count(series), list.pushed_count);
            assert_eq!(self.history.begins(series), None, "nothing was dropped");
            let bits = |sample: Sample| (sample.time_ns, sample.arrival_ns, sample.value.to_bits());
            assert_eq!(self.history.latest(series).map(bits), list.latest().map(bits));
            let earliest_ns = list.sorted(Axis::Source).first().map(|sample| sample.time_ns);
            assert_eq!(self.history.earliest_ns(series), earliest_ns);
        }
        for (name, spans) in TRACKS.iter().zip(&self.lists.tracks) {
            let tracks = [self.history.add_track(name)];
            let gaps = self.history.gaps(&tracks, i64::MIN, i64::MAX);
            let mut got: Vec<_> =
                gaps.map(|(_, gap)| (gap.start_ns, gap.id, gap.end_ns, gap.about)).collect();
            let mut expected: Vec<_> = spans
                .iter()
                .map(|span| (span.start_ns, span.id, span.end_ns, span.about))
                .collect();
            got.sort();
            expected.sort();
            assert_eq!(got, expected);
        }
    }

    /// What is pushed changes nothing before the moment that the history names.
    fn changes(&mut self, index: usize) {
        let series = self.series(index);
        self.history.forget_changes();
        for axis in AXES {
            assert_eq!(self.history.changed_from(series, axis), None);
        }
        let pushed = self.lists.series[index].len();
        self.columns(index);
        if self.random.random_bool(0.8) {
            self.push(index);
        }
        let samples = self.lists.series[index].pushed_since(pushed);
        for axis in AXES {
            let from_ns =
                samples.iter().map(|sample| crate::support::list::moment(sample, axis)).min();
            assert_eq!(self.history.changed_from(series, axis), from_ns);
        }
        self.save();
    }
}

fn assert_same(got: &[Column], expected: &[Column], grid: &Grid) {
    if let Some(index) = (0..got.len().max(expected.len()))
        .find(|index| !same(got.get(*index), expected.get(*index)))
    {
        panic!("{grid:?}, column {index}: {:?} for {:?}", got.get(index), expected.get(index));
    }
}

/// Else all of this would prove little.
#[test]
fn these_lives_have_their_troubles() {
    let mut troubles = [0; 3];
    for seed in 0..200 {
        let mut life = Life::new(seed);
        (0..40).for_each(|_| life.step());
        let these = [life.disk.loads.get(), life.unsaved, life.restored];
        troubles.iter_mut().zip(these).for_each(|(sum, these)| *sum += these);
    }
    assert!(troubles.iter().all(|troubles| *troubles > 50), "{troubles:?}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_500))]

    #[test]
    fn every_answer_is_that_of_the_list(seed in any::<u64>(), steps in 1..60_usize) {
        let mut life = Life::new(seed);
        (0..steps).for_each(|_| life.step());
        life.facts();
    }

    /// Without a disk, or with one that is full, the oldest go; of what is kept, all is as it was.
    #[test]
    fn what_is_dropped_is_the_oldest(
        seed in any::<u64>(),
        steps in 1..40_usize,
        has_disk in any::<bool>(),
    ) {
        let mut life = Life::new(seed);
        let bytes = one_of(&mut life.random, &[1 << 10, 16 << 10, 100 << 10]);
        life.budget = Budget { memory_bytes: bytes, disk_bytes: has_disk.then_some(bytes as u64) };
        life.history = History::new(life.budget);
        let mut begins_ns = [None; SERIES.len()];
        for _ in 0..steps {
            let index = life.random.random_range(0..SERIES.len());
            life.push(index);
            if let Some(save) = life.history.save() {
                prop_assert!(has_disk);
                life.disk.write(&save);
                life.history.saved(save);
            }
            if has_disk && life.random.random_bool(0.1) {
                life.history = History::restore(life.disk.contents(), life.budget);
            }
            let (bytes, tails_bytes) = (life.history.bytes(), SERIES.len() * TAIL_BYTES);
            prop_assert!(bytes <= life.budget.memory_bytes + tails_bytes, "{bytes} bytes");
            for (index, begins_ns) in begins_ns.iter_mut().enumerate() {
                let series = life.series(index);
                let now_ns = life.history.begins(series);
                prop_assert!(now_ns >= *begins_ns, "it never goes back");
                *begins_ns = now_ns;
                let list = &mut life.lists.series[index];
                list.drop_before(now_ns);
                let kept = life.history.sample_count(series);
                let expected = list.kept_count();
                // Of those at the end of time, there is no moment after the dropped ones.
                let expected = if now_ns == Some(i64::MAX) { 0 } else { expected };
                prop_assert!(
                    expected <= kept && kept <= list.len() as u64,
                    "{kept} from {now_ns:?} on, and not {expected} to {}: {list:?}",
                    list.len(),
                );
                prop_assert_eq!(life.history.pushed_count(series), list.pushed_count);
            }
            let series = life.series(index);
            let list = &mut life.lists.series[index];
            let from_ns = begins_ns[index].unwrap_or(i64::MIN);
            let grid = any_grid(&mut life.random, list, Axis::Source);
            let width = grid.column_ns.max(1);
            // A column may begin before what is kept does, and that before it was dropped.
            let first = from_ns.div_euclid(width).saturating_add(2);
            let grid = Grid { from: grid.from.max(first), ..grid };
            let mut got = Vec::new();
            life.disk.ask(&mut life.history, |history| {
                got.clear();
                history.columns(series, &[], &grid, &mut got)
            });
            assert_same(&got, &list.columns(&[], &grid), &grid);
        }
    }
}
