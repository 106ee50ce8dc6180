//! What one would write first: plain arrays, and every view by going through all that is in it.

use super::data::Chance;
use feedscope_history::{Axis, Column, Grid, Sample};

/// 16 bytes a sample, one time only.
#[derive(Default)]
pub struct Plain {
    times: Vec<i64>,
    values: Vec<f64>,
}

/// What a span comes to, percentiles aside.
#[derive(Debug)]
pub struct Sums {
    pub count: u64,
    pub min: f64,
    pub max: f64,
    pub mean: f64,
}

impl Plain {
    pub fn with_room(samples: u64) -> Plain {
        let room = samples as usize;
        Plain { times: Vec::with_capacity(room), values: Vec::with_capacity(room) }
    }

    pub fn count(&self) -> u64 {
        self.times.len() as u64
    }

    /// What is in use of it, at two times eight bytes a sample.
    pub fn bytes(&self) -> u64 {
        self.count() * 16
    }

    pub fn start_ns(&self) -> i64 {
        self.times.first().copied().unwrap_or(0)
    }

    pub fn end_ns(&self) -> i64 {
        self.times.last().copied().unwrap_or(0)
    }

    pub fn push(&mut self, sample: Sample) {
        self.times.push(sample.time_ns);
        self.values.push(sample.value);
    }

    pub fn columns(&self, grid: &Grid, out: &mut Vec<Column>) {
        assert_eq!(grid.axis, Axis::Source, "it has no other");
        let from = self.times.partition_point(|time| *time < grid.start_ns());
        let to = self.times.partition_point(|time| *time < grid.end_ns());
        let (times, values) = (&self.times[from..to], &self.values[from..to]);
        // One division a column: the next column's start is looked for by comparison.
        let mut column: Option<Column> = None;
        let mut ends_ns = i64::MIN;
        for (time, value) in times.iter().zip(values) {
            match &mut column {
                Some(column) if *time < ends_ns => {
                    column.min = column.min.min(*value);
                    column.max = column.max.max(*value);
                    column.last = *value;
                    column.count += 1;
                }
                _ => {
                    out.extend(column.take());
                    let index = time.div_euclid(grid.column_ns);
                    ends_ns = (index + 1).saturating_mul(grid.column_ns);
                    let value = *value;
                    column = Some(Column {
                        index,
                        first: value,
                        min: value,
                        max: value,
                        last: value,
                        count: 1,
                        gap: false,
                    });
                }
            }
        }
        out.extend(column);
    }

    pub fn sums(&self, from_ns: i64, to_ns: i64) -> Sums {
        let from = self.times.partition_point(|time| *time < from_ns);
        let to = self.times.partition_point(|time| *time <= to_ns);
        let values = &self.values[from..to];
        let (mut min, mut max, mut sum) = (f64::INFINITY, f64::NEG_INFINITY, 0.0);
        for value in values {
            min = min.min(*value);
            max = max.max(*value);
            sum += value;
        }
        Sums { count: values.len() as u64, min, max, mean: sum / values.len() as f64 }
    }

    /// The exact quantile: a copy, partly sorted.
    pub fn quantile(&self, share: f64) -> f64 {
        let mut values = self.values.clone();
        let at = ((values.len().saturating_sub(1)) as f64 * share).round() as usize;
        if values.is_empty() {
            return f64::NAN;
        }
        *values.select_nth_unstable_by(at, f64::total_cmp).1
    }
}

/// Views as a person asks for them who looks around: of the whole, and of any part of it at any
/// zoom, as many of each scale.
pub struct Looks {
    chance: Chance,
    start_ns: i64,
    end_ns: i64,
}

/// A wide chart's pixels.
pub const COLUMNS: i64 = 1_600;
/// The closest look.
const SPAN_NS_MIN: f64 = 1e8;

impl Looks {
    pub fn new(start_ns: i64, end_ns: i64) -> Looks {
        Looks { chance: Chance(7), start_ns, end_ns }
    }

    pub fn whole(&self, axis: Axis) -> Grid {
        grid(axis, self.start_ns, self.end_ns)
    }

    pub fn any(&mut self, axis: Axis) -> Grid {
        let whole = (self.end_ns - self.start_ns) as f64;
        let span = SPAN_NS_MIN * (whole / SPAN_NS_MIN).powf(self.chance.share());
        let from = self.start_ns + ((whole - span) * self.chance.share()) as i64;
        grid(axis, from, from + span as i64)
    }
}

fn grid(axis: Axis, from_ns: i64, to_ns: i64) -> Grid {
    let column_ns = ((to_ns - from_ns) / COLUMNS).max(1);
    let from = from_ns.div_euclid(column_ns);
    Grid { axis, column_ns, from, to: to_ns.div_euclid(column_ns) + 1 }
}
