//! What a run of samples comes to, without the samples.

use crate::{Axis, Sample};

/// Where a sample stands on an axis. Samples that arrived at one moment stand in the order of
/// their times; those of one time in the order they came, which is not for this to say.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct At {
    pub ns: i64,
    then_ns: i64,
}

impl At {
    pub const fn new(axis: Axis, time_ns: i64, arrival_ns: i64) -> Self {
        match axis {
            Axis::Source => At { ns: time_ns, then_ns: 0 },
            Axis::Arrival => At { ns: arrival_ns, then_ns: time_ns },
        }
    }

    /// What `new` would need to make it again.
    pub const fn times(self, axis: Axis) -> (i64, i64) {
        match axis {
            Axis::Source => (self.ns, 0),
            Axis::Arrival => (self.then_ns, self.ns),
        }
    }
}

/// From the earliest to the latest moment, both inclusive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    pub start_ns: i64,
    pub end_ns: i64,
}

impl Span {
    pub const EMPTY: Span = Span { start_ns: i64::MAX, end_ns: i64::MIN };

    pub fn join(&mut self, other: Span) {
        self.start_ns = self.start_ns.min(other.start_ns);
        self.end_ns = self.end_ns.max(other.end_ns);
    }
}

/// The first and the last value on an axis; NaN where there are none. Values that are not finite
/// do not count.
#[derive(Clone, Copy, Debug)]
pub struct Ends {
    pub first_at: At,
    pub first: f64,
    pub last_at: At,
    pub last: f64,
}

impl Ends {
    pub const EMPTY: Ends = {
        let at = At { ns: 0, then_ns: 0 };
        Ends { first_at: at, first: f64::NAN, last_at: at, last: f64::NAN }
    };

    pub fn of(at: At, value: f64) -> Self {
        Ends { first_at: at, first: value, last_at: at, last: value }
    }

    /// Takes in others, which came after these as far as they stand at the same moments.
    pub fn join(&mut self, later: &Ends) {
        if self.first.is_nan() {
            *self = *later;
        } else if !later.first.is_nan() {
            if later.first_at < self.first_at {
                (self.first_at, self.first) = (later.first_at, later.first);
            }
            if later.last_at >= self.last_at {
                (self.last_at, self.last) = (later.last_at, later.last);
            }
        }
    }
}

/// What a run of samples comes to on one axis.
#[derive(Clone, Copy, Debug)]
pub struct Part {
    pub count: u64,
    pub span: Span,
    pub range: Range,
    pub ends: Ends,
}

impl Part {
    pub const EMPTY: Part =
        Part { count: 0, span: Span::EMPTY, range: Range::EMPTY, ends: Ends::EMPTY };

    pub fn add(&mut self, at: At, value: f64) {
        self.count += 1;
        self.span.join(Span { start_ns: at.ns, end_ns: at.ns });
        if value.is_finite() {
            self.range.add(value);
            self.ends.join(&Ends::of(at, value));
        }
    }

    /// Takes in what came after it, as far as it stands at the same moments.
    pub fn join(&mut self, later: &Part) {
        self.count += later.count;
        self.span.join(later.span);
        self.range.join(later.range);
        self.ends.join(&later.ends);
    }
}

/// The least and the greatest of the finite values.
#[derive(Clone, Copy, Debug)]
pub struct Range {
    pub min: f64,
    pub max: f64,
}

/// How many values are compared at a time.
const LANES: usize = 8;

impl Range {
    pub const EMPTY: Range = Range { min: f64::INFINITY, max: f64::NEG_INFINITY };

    /// NaN does not count.
    pub fn of(values: &[f64]) -> Self {
        // Several at a time: the processor can compare so many at once, and need not wait for one
        // comparison to begin the next.
        let (mut mins, mut maxs) = ([f64::INFINITY; LANES], [f64::NEG_INFINITY; LANES]);
        let (runs, rest) = values.as_chunks::<LANES>();
        for run in runs {
            for (min, value) in mins.iter_mut().zip(run) {
                *min = if *value < *min { *value } else { *min };
            }
            for (max, value) in maxs.iter_mut().zip(run) {
                *max = if *value > *max { *value } else { *max };
            }
        }
        let mut range = Range::EMPTY;
        if !runs.is_empty() {
            mins.into_iter().zip(maxs).for_each(|(min, max)| range.join(Range { min, max }));
        }
        rest.iter().for_each(|value| range.add(*value));
        range
    }

    pub fn add(&mut self, value: f64) {
        self.min = if value < self.min { value } else { self.min };
        self.max = if value > self.max { value } else { self.max };
    }

    pub fn join(&mut self, other: Range) {
        self.min = if other.min < self.min { other.min } else { self.min };
        self.max = if other.max > self.max { other.max } else { self.max };
    }
}

/// What a run of samples comes to on both axes.
#[derive(Clone, Copy, Debug)]
pub struct Summary {
    pub count: u64,
    pub range: Range,
    pub source: Span,
    pub arrival: Span,
    pub source_ends: Ends,
    pub arrival_ends: Ends,
}

impl Summary {
    pub const EMPTY: Summary = Summary {
        count: 0,
        range: Range::EMPTY,
        source: Span::EMPTY,
        arrival: Span::EMPTY,
        source_ends: Ends::EMPTY,
        arrival_ends: Ends::EMPTY,
    };

    /// Of samples in the order of their times. Also says whether it is plain: the first and the
    /// last sample are finite, and are the first and the last on either axis.
    pub fn of(times: &[i64], arrivals: &[i64], values: &[f64]) -> (Self, bool) {
        let (
            ([first_ns, ..], [.., last_ns]),
            ([first_arrival_ns, ..], [.., last_arrival_ns]),
            ([first, ..], [.., last]),
        ) = ((times, times), (arrivals, arrivals), (values, values))
        else {
            return (Self::EMPTY, false);
        };
        let ascends = arrivals.is_sorted();
        // Without a branch for each: nearly always, all are.
        let finite = values.iter().fold(true, |all, value| all & value.is_finite());
        if !(ascends && finite) {
            let mut summary = Self::EMPTY;
            for ((time_ns, arrival_ns), value) in times.iter().zip(arrivals).zip(values) {
                let (time_ns, arrival_ns, value) = (*time_ns, *arrival_ns, *value);
                summary.add(Sample { time_ns, arrival_ns, value });
            }
            return (summary, ascends && first.is_finite() && last.is_finite());
        }
        let source = Span { start_ns: *first_ns, end_ns: *last_ns };
        let arrival = Span { start_ns: *first_arrival_ns, end_ns: *last_arrival_ns };
        (Self::plain(times.len() as u64, Range::of(values), source, arrival, *first, *last), true)
    }

    /// Of samples of which the first and the last are finite, and are the first and the last on
    /// either axis.
    pub fn plain(
        count: u64,
        range: Range,
        source: Span,
        arrival: Span,
        first: f64,
        last: f64,
    ) -> Self {
        let ends = |axis| Ends {
            first_at: At::new(axis, source.start_ns, arrival.start_ns),
            first,
            last_at: At::new(axis, source.end_ns, arrival.end_ns),
            last,
        };
        let (source_ends, arrival_ends) = (ends(Axis::Source), ends(Axis::Arrival));
        Summary { count, range, source, arrival, source_ends, arrival_ends }
    }

    pub fn add(&mut self, sample: Sample) {
        let Sample { time_ns, arrival_ns, value } = sample;
        self.count += 1;
        self.source.join(Span { start_ns: time_ns, end_ns: time_ns });
        self.arrival.join(Span { start_ns: arrival_ns, end_ns: arrival_ns });
        if value.is_finite() {
            self.range.add(value);
            let ends = |axis| Ends::of(At::new(axis, time_ns, arrival_ns), value);
            self.source_ends.join(&ends(Axis::Source));
            self.arrival_ends.join(&ends(Axis::Arrival));
        }
    }

    /// Takes in what came after it, as far as it stands at the same moments.
    pub fn join(&mut self, later: &Summary) {
        self.count += later.count;
        self.range.join(later.range);
        self.source.join(later.source);
        self.arrival.join(later.arrival);
        self.source_ends.join(&later.source_ends);
        self.arrival_ends.join(&later.arrival_ends);
    }

    pub fn span(&self, axis: Axis) -> Span {
        match axis {
            Axis::Source => self.source,
            Axis::Arrival => self.arrival,
        }
    }

    pub fn part(&self, axis: Axis) -> Part {
        let ends = match axis {
            Axis::Source => self.source_ends,
            Axis::Arrival => self.arrival_ends,
        };
        Part { count: self.count, span: self.span(axis), range: self.range, ends }
    }
}
