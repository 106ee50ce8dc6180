//! All samples of a series in a list, of which every answer is looked up the slow way.

use feedscope_history::{Axis, Column, GapId, Grid, Sample, Statistics};
use std::fmt;

pub fn moment(sample: &Sample, axis: Axis) -> i64 {
    match axis {
        Axis::Source => sample.time_ns,
        Axis::Arrival => sample.arrival_ns,
    }
}

#[derive(Clone, Copy)]
pub struct Span {
    pub id: GapId,
    pub start_ns: i64,
    pub end_ns: Option<i64>,
    pub about: u64,
}

impl Span {
    /// Whether the line breaks between two samples.
    fn breaks(&self, before_ns: i64, last_ns: i64) -> bool {
        match self.end_ns {
            None => self.start_ns < last_ns && before_ns < i64::MAX,
            // Without length: between the samples before its moment and those at it.
            Some(end_ns) if end_ns <= self.start_ns => {
                before_ns < self.start_ns && self.start_ns <= last_ns
            }
            Some(end_ns) => self.start_ns < last_ns && before_ns < end_ns,
        }
    }
}

#[derive(Clone, Default)]
pub struct List {
    /// As they came.
    samples: Vec<Sample>,
    pub pushed_count: u64,
    /// Those from before were dropped, or may have been.
    begins_ns: Option<i64>,
    sorted: Vec<Sample>,
    by_arrival: Vec<Sample>,
}

impl List {
    pub fn push(&mut self, sample: Sample) {
        self.samples.push(sample);
        self.pushed_count += 1;
    }

    pub fn clear(&mut self) {
        *self = List { pushed_count: self.pushed_count, ..List::default() };
    }

    pub fn len(&self) -> usize {
        self.samples.len()
    }

    pub fn latest(&self) -> Option<Sample> {
        self.samples.iter().copied().max_by_key(|sample| sample.time_ns)
    }

    pub fn pushed_since(&self, count: usize) -> &[Sample] {
        &self.samples[count..]
    }

    /// In the order of an axis. What is equal stays as it came, but on the axis of arrivals in the
    /// order of the source.
    pub fn sorted(&mut self, axis: Axis) -> &[Sample] {
        if self.sorted.len() != self.samples.len() {
            self.sorted.extend_from_slice(&self.samples[self.sorted.len()..]);
            self.sorted.sort_by_key(|sample| sample.time_ns);
            self.by_arrival.clone_from(&self.sorted);
            self.by_arrival.sort_by_key(|sample| sample.arrival_ns);
        }
        match axis {
            Axis::Source => &self.sorted,
            Axis::Arrival => &self.by_arrival,
        }
    }

    pub fn columns(&mut self, gaps: &[Span], grid: &Grid) -> Vec<Column> {
        let (axis, width) = (grid.axis, grid.column_ns.max(1));
        let index_of = |sample: &Sample| moment(sample, axis).div_euclid(width);
        let mut before = None;
        let mut out = Vec::new();
        for run in self.sorted(axis).chunk_by(|one, other| index_of(one) == index_of(other)) {
            let (first, last) = (&run[0], &run[run.len() - 1]);
            let before_ns = before.unwrap_or(moment(first, axis));
            before = Some(moment(last, axis));
            if !(grid.from..grid.to).contains(&index_of(first)) {
                continue;
            }
            let values = || run.iter().map(|sample| sample.value).filter(|value| value.is_finite());
            out.push(Column {
                index: index_of(first),
                first: values().next().unwrap_or(f64::NAN),
                min: values().fold(f64::NAN, f64::min),
                max: values().fold(f64::NAN, f64::max),
                last: values().next_back().unwrap_or(f64::NAN),
                count: run.len() as u64,
                gap: gaps.iter().any(|gap| gap.breaks(before_ns, moment(last, axis))),
            });
        }
        out
    }

    pub fn assert_statistics(&mut self, got: &Statistics, axis: Axis, from_ns: i64, to_ns: i64) {
        let samples = self.sorted(axis);
        let start = samples.partition_point(|sample| moment(sample, axis) < from_ns);
        let end = samples.partition_point(|sample| moment(sample, axis) <= to_ns);
        let samples = &samples[start..end];
        let first_ns = samples.first().map(|sample| moment(sample, axis));
        let last_ns = samples.last().map(|sample| moment(sample, axis));
        assert_eq!((got.first_ns, got.last_ns), (first_ns, last_ns));
        assert_eq!(got.count, samples.len() as u64);
        match got.rate() {
            Some(rate) => {
                let seconds =
                    (i128::from(last_ns.unwrap()) - i128::from(first_ns.unwrap())) as f64 / 1e9;
                assert!(
                    (rate * seconds - (samples.len() - 1) as f64).abs()
                        < 1e-6 * samples.len() as f64
                );
            }
            None => assert!(first_ns == last_ns),
        }

        let mut values: Vec<f64> =
            samples.iter().map(|sample| sample.value).filter(|value| value.is_finite()).collect();
        values.sort_by(f64::total_cmp);
        assert_eq!(got.finite_count, values.len() as u64);
        let [least, .., greatest] = values[..] else {
            // Of one, all is that one.
            let only = values.first().copied().unwrap_or(f64::NAN);
            for part in [got.min, got.max, got.mean] {
                assert!(part == only || part.is_nan() && only.is_nan());
            }
            assert!(got.std_dev == 0.0 || only.is_nan() && got.std_dev.is_nan());
            assert_eq!(got.quantile(0.5).is_some(), !only.is_nan());
            return;
        };
        assert_eq!((got.min, got.max), (least, greatest));
        let most = least.abs().max(greatest.abs());
        if most < 1e100 {
            let count = values.len() as f64;
            let mean = values.iter().sum::<f64>() / count;
            assert!((got.mean - mean).abs() <= most * 1e-12, "mean {} for {mean}", got.mean);
            let squares: f64 = values.iter().map(|value| (value - mean).powi(2)).sum();
            let std_dev = (squares / count).sqrt();
            let allowed = std_dev * 1e-6 + most * 1e-11;
            assert!((got.std_dev - std_dev).abs() <= allowed, "{} for {std_dev}", got.std_dev);
        }
        for q in [0.0, 0.01, 0.25, 0.5, 0.9, 0.999, 1.0] {
            let got = got.quantile(q).expect("there are values");
            let rank = q * (values.len() - 1) as f64;
            let (low, high) = (values[rank.floor() as usize], values[rank.ceil() as usize]);
            // Within one percent of itself; next to zero there is no percent.
            let (low, high) =
                (low - low.abs() / 100.0 - 1e-300, high + high.abs() / 100.0 + 1e-300);
            assert!(low <= got && got <= high, "quantile {q}: {got} is not in {low} to {high}");
        }
    }

    /// Those from before `begins_ns` are kept no more, or may be.
    pub fn drop_before(&mut self, begins_ns: Option<i64>) {
        self.begins_ns = begins_ns;
    }

    /// How many samples must be kept at least: others may have been dropped.
    pub fn kept_count(&self) -> u64 {
        let is_kept = |sample: &&Sample| self.begins_ns.is_none_or(|ns| sample.time_ns >= ns);
        self.samples.iter().filter(is_kept).count() as u64
    }
}

impl fmt::Debug for List {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let times = || self.samples.iter().map(|sample| sample.time_ns);
        write!(f, "{} samples from {:?} to {:?}", self.len(), times().min(), times().max())
    }
}

/// Whether two columns are the same: where a value is NaN, so is the other.
pub fn same(one: Option<&Column>, other: Option<&Column>) -> bool {
    let (Some(one), Some(other)) = (one, other) else { return one == other };
    let is_same = |one: f64, other: f64| one == other || one.is_nan() && other.is_nan();
    (one.index, one.count, one.gap) == (other.index, other.count, other.gap)
        && is_same(one.first, other.first)
        && is_same(one.min, other.min)
        && is_same(one.max, other.max)
        && is_same(one.last, other.last)
}
