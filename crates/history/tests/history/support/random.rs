//! Feeds and questions of all kinds, from a seed: a hundred times as fast as a strategy for each
//! sample.

use super::list::{List, moment};
use feedscope_history::{Axis, Grid, Sample};
use rand::RngExt;
use rand::rngs::StdRng;

const NOW_NS: i64 = 1_750_000_000_123_456_000;

pub fn one_of<T: Copy>(random: &mut StdRng, choices: &[T]) -> T {
    choices[random.random_range(0..choices.len())]
}

/// What sends samples of one kind, and now and then of another.
#[derive(Clone, Debug)]
pub struct Feed {
    now_ns: i64,
    step_ns: (i64, i64),
    late: f64,
    late_ns: i64,
    /// How an arrival comes about: as the time, later than it, a moment of many, or anything.
    arrival: u8,
    arrival_ns: i64,
    /// What the values are: decimals, a counter, floats, any.
    value: u8,
    at: i64,
    unusual: f64,
}

impl Feed {
    pub fn any(random: &mut StdRng) -> Feed {
        let now_ns = match random.random_range(0..6) {
            0 => i64::MIN,
            1 => i64::MAX - random.random_range(0..1_000_000),
            2 => 0,
            _ => NOW_NS,
        };
        Feed {
            now_ns,
            step_ns: one_of(
                random,
                &[(0, 0), (0, 1), (1, 1), (0, 20), (100_000, 300_000), (1_000_000, 1_000_000)],
            ),
            late: one_of(random, &[0.0, 0.0, 0.01, 0.3]),
            late_ns: one_of(random, &[10, 10_000, 1_000_000_000, i64::MAX]),
            arrival: random.random_range(0..4),
            arrival_ns: now_ns,
            value: random.random_range(0..4),
            at: random.random_range(-1_000_000..1_000_000),
            unusual: one_of(random, &[0.0, 0.0, 0.02, 1.0]),
        }
    }

    pub fn next(&mut self, random: &mut StdRng) -> Sample {
        self.now_ns =
            self.now_ns.saturating_add(random.random_range(self.step_ns.0..=self.step_ns.1));
        let time_ns = if random.random_bool(self.late) {
            self.now_ns.saturating_sub(random.random_range(0..=self.late_ns))
        } else {
            self.now_ns
        };
        let arrival_ns = match self.arrival {
            0 => time_ns,
            1 => self.now_ns.saturating_add(random.random_range(0..1_000)),
            2 => {
                if random.random_bool(0.05) {
                    self.arrival_ns = self.now_ns;
                }
                self.arrival_ns
            }
            _ => match random.random_range(0..20) {
                0 => random.random(),
                1 => one_of(random, &[i64::MIN, i64::MAX, 0]),
                _ => self.now_ns,
            },
        };
        Sample { time_ns, arrival_ns, value: self.next_value(random) }
    }

    fn next_value(&mut self, random: &mut StdRng) -> f64 {
        if random.random_bool(self.unusual) {
            return one_of(
                random,
                &[f64::NAN, f64::INFINITY, f64::NEG_INFINITY, 0.0, -0.0, 1e-7, -1e12],
            );
        }
        self.at += random.random_range(-3..=3);
        match self.value {
            0 => self.at as f64 / 100.0,
            1 => self.at as f64,
            2 => random.random_range(-1.0..1.0),
            _ => 42.0,
        }
    }
}

/// A moment at, next to or away from any of the samples.
pub fn any_moment(random: &mut StdRng, list: &List, axis: Axis) -> i64 {
    let samples = list.pushed_since(0);
    match random.random_range(0..20) {
        0 => i64::MIN,
        1 => i64::MAX,
        2 => random.random(),
        _ if samples.is_empty() => NOW_NS,
        _ => {
            let at_ns = moment(&samples[random.random_range(0..samples.len())], axis);
            at_ns.saturating_add(random.random_range(-1..=1))
        }
    }
}

/// A view that mostly shows something.
pub fn any_grid(random: &mut StdRng, list: &mut List, axis: Axis) -> Grid {
    let (one, other) = (any_moment(random, list, axis), any_moment(random, list, axis));
    let (from_ns, to_ns) = (one.min(other), one.max(other));
    let span_ns = to_ns.saturating_sub(from_ns);
    let column_ns = match random.random_range(0..10) {
        0 => one_of(random, &[i64::MIN, 0, 1, i64::MAX]),
        1 => random.random_range(1..=i64::MAX),
        2 => random.random_range(1..1_000_000),
        _ => (span_ns / one_of(random, &[1, 3, 20, 1_600])).max(1),
    };
    let (from, to) = match random.random_range(0..10) {
        0 => (i64::MIN, i64::MAX),
        1 => (random.random(), random.random()),
        _ => (from_ns.div_euclid(column_ns.max(1)), to_ns.div_euclid(column_ns.max(1))),
    };
    Grid { axis, column_ns, from, to }
}
