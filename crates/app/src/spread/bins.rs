//! How the values of traces are distributed: counted in bins that are the same for all of them.

use super::TRACES_MAX;
use super::reading::{Amount, EXACT_MAX, Steps, Within, read};
use crate::api::{Distribution, Histogram, TraceBins, Trouble};
use crate::view::Found;

/// More bins than any screen can show.
const BINS_MAX: u32 = 1_024;

/// Where there is neither a range nor two values that differ, a bin is this part of the value.
const ALONE: f64 = 1e-3;

/// Values closer than this, for their size, are told apart by rounding alone.
const FINEST: f64 = 1e-12;

/// Bins of equal width, on a scale of values or of factors.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Scale {
    pub least: f64,
    /// In the last bin.
    pub greatest: f64,
    pub log: bool,
    pub bins: u32,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    Below,
    In(usize),
    Above,
}

/// [`Scale`] made ready for many values.
#[derive(Clone, Copy, Debug)]
pub(super) struct Placing {
    scale: Scale,
    from: f64,
    per_value: f64,
}

impl Scale {
    pub fn placing(self) -> Placing {
        let (from, to) = (self.on(self.least), self.on(self.greatest));
        // Divided first: the least and the greatest of all numbers are infinitely far apart.
        let width = to / f64::from(self.bins) - from / f64::from(self.bins);
        Placing { scale: self, from, per_value: 1.0 / width }
    }

    fn on(&self, value: f64) -> f64 {
        if self.log { value.log10() } else { value }
    }
}

impl Placing {
    /// Of a value that is finite. On a scale of factors, what is not above zero is below all.
    pub fn place(&self, value: f64) -> Place {
        let Scale { least, greatest, bins, .. } = self.scale;
        if value < least {
            return Place::Below;
        }
        if value > greatest {
            return Place::Above;
        }
        // Subtracted last, where the difference may be too large for a number.
        let on = self.scale.on(value);
        let at = if (on - self.from).is_finite() {
            (on - self.from) * self.per_value
        } else {
            on * self.per_value - self.from * self.per_value
        };
        // `as` makes 0 of what rounding left below it.
        Place::In((at as usize).min(bins as usize - 1))
    }
}

/// The distribution of what was found of each trace that is asked for.
pub(crate) fn histogram(
    steps: &impl Steps,
    asked: &Histogram,
    found: &[Option<Found>],
) -> Result<Distribution, Trouble> {
    let within = Within {
        axis: asked.axis.into(),
        from_ns: (asked.from_ms * 1e6) as i64,
        to_ns: (asked.to_ms * 1e6) as i64,
    };
    let found = &found[..found.len().min(TRACES_MAX)];
    let exact_max = EXACT_MAX / found.len().max(1) as u64;
    let mut traces = Vec::new();
    for found in found {
        traces.push(match found {
            Some(found) => Values::read(steps, found, &within, exact_max)?,
            None => Values::default(),
        });
    }
    Ok(distribution(asked, &mut traces))
}

/// What was read of a trace.
#[derive(Debug, Default)]
pub(super) struct Values {
    pub amount: Amount,
    /// Those that are finite.
    pub finite: Vec<f64>,
}

impl Values {
    fn read(
        steps: &impl Steps,
        found: &Found,
        within: &Within,
        exact_max: u64,
    ) -> Result<Self, Trouble> {
        let mut finite = Vec::new();
        let amount = read(steps, found.series, within, exact_max, |sample| {
            if sample.value.is_finite() {
                finite.push(sample.value);
            }
        })?;
        Ok(Self { amount, finite })
    }
}

fn distribution(asked: &Histogram, traces: &mut [Values]) -> Distribution {
    // Quarters first: they say how wide a bin should be.
    let quantiles: Vec<_> = traces.iter_mut().map(|trace| quantiles(&mut trace.finite)).collect();
    let scale = scale(asked, traces, &quantiles);
    let placing = scale.map(Scale::placing);
    let traces = traces.iter().zip(&quantiles).map(|(Values { amount, finite }, quantiles)| {
        let mut bins = TraceBins {
            counts: vec![0; scale.map_or(0, |scale| scale.bins as usize)],
            below: 0,
            above: 0,
            not_finite: amount.counted - finite.len() as u64,
            counted: amount.counted,
            total: amount.total,
            p50: quantiles.map(|quantiles| quantiles[1]),
            p95: quantiles.map(|quantiles| quantiles[3]),
            p99: quantiles.map(|quantiles| quantiles[4]),
        };
        for value in finite {
            match placing.map_or(Place::Below, |placing| placing.place(*value)) {
                Place::Below => bins.below += 1,
                Place::In(bin) => bins.counts[bin] += 1,
                Place::Above => bins.above += 1,
            }
        }
        bins
    });
    Distribution {
        least: scale.map_or(0.0, |scale| scale.least),
        greatest: scale.map_or(1.0, |scale| scale.greatest),
        log: asked.log,
        traces: traces.collect(),
    }
}

/// The values below which a quarter, half, three quarters, 95 and 99 percent are.
fn quantiles(values: &mut [f64]) -> Option<[f64; 5]> {
    let most = values.len().checked_sub(1)?;
    let mut from = 0;
    Some([0.25, 0.5, 0.75, 0.95, 0.99].map(|q| {
        let rank = ((most as f64 * q).round() as usize).max(from);
        // What is before `from` is no greater than what follows.
        let (_, found, _) = values[from..].select_nth_unstable_by(rank - from, f64::total_cmp);
        from = rank;
        *found
    }))
}

/// The bins that suit all traces. `None` where there is nothing to count.
fn scale(asked: &Histogram, traces: &[Values], quantiles: &[Option<[f64; 5]>]) -> Option<Scale> {
    let Histogram { log, range, .. } = *asked;
    let counts = |value: &&f64| !log || **value > 0.0;
    let range = range.filter(|(least, greatest)| {
        least < greatest && (greatest - least).is_finite() && (!log || *least > 0.0)
    });
    let bins = asked.bins.map(|bins| bins.clamp(1, BINS_MAX));
    if let (Some((least, greatest)), Some(bins)) = (range, bins) {
        return Some(Scale { least, greatest, log, bins });
    }
    let mut all = traces.iter().flat_map(|trace| &trace.finite).filter(counts).peekable();
    all.peek()?;
    let (least, greatest) = range.unwrap_or_else(|| {
        all.fold((f64::INFINITY, f64::NEG_INFINITY), |(least, greatest), value| {
            (least.min(*value), greatest.max(*value))
        })
    });
    if least == greatest {
        return Some(alone(least, log));
    }
    if let Some(bins) = bins {
        return Some(Scale { least, greatest, log, bins });
    }
    let on = |value: f64| if log { value.log10() } else { value };
    let (from, to) = (on(least), on(greatest));
    let most = f64::from(asked.bins_max.clamp(1, BINS_MAX));
    let widths = traces.iter().zip(quantiles).filter_map(|(trace, quantiles)| {
        let [first, _, third, ..] = (*quantiles)?.map(|value| on(value.max(least)));
        // Freedman and Diaconis; where a half of all are equal, Sturges.
        let count = trace.finite.len() as f64;
        let width = 2.0 * (third - first) / count.cbrt();
        Some(if width > 0.0 { width } else { (to - from) / (count.log2().ceil() + 1.0) })
    });
    let mut width = widths.fold(f64::INFINITY, f64::min);
    let is_whole = |value: &f64| value.fract() == 0.0;
    if !log && traces.iter().flat_map(|trace| &trace.finite).all(is_whole) {
        width = width.max(1.0);
    }
    // Two bins are lost where both ends are between two round numbers.
    let narrowest = to / (most - 2.0).max(1.0) - from / (most - 2.0).max(1.0);
    let width = nice(width.max(narrowest).max(from.abs().max(to.abs()) * FINEST));
    // From one round number to another, so that bins stay where they are while values come and go.
    let first = (from / width).floor();
    let last = (to / width).floor() + 1.0;
    let round = |edge: f64| {
        if log {
            10_f64.powf(edge * width).clamp(f64::MIN_POSITIVE, f64::MAX)
        } else {
            (edge * width).clamp(f64::MIN, f64::MAX)
        }
    };
    let bins = (last - first).clamp(1.0, f64::from(BINS_MAX)) as u32;
    Some(Scale { least: round(first).min(least), greatest: round(last).max(greatest), log, bins })
}

/// The one bin of values that are all equal, with the value in its middle.
fn alone(value: f64, log: bool) -> Scale {
    let half = match value {
        0.0 => 0.5,
        _ if value.fract() == 0.0 && value.abs() < 1e6 => 0.5,
        _ => nice(value.abs() * ALONE) / 2.0,
    };
    let (least, greatest) = if log {
        (value / (1.0 + ALONE), value * (1.0 + ALONE))
    } else {
        (value - half, value + half)
    };
    let (least, greatest) = (least.max(f64::MIN), greatest.min(f64::MAX));
    // The least numbers there are have no part that is told from them.
    let greatest = if least < greatest { greatest } else { least.next_up() };
    Scale { least, greatest, log, bins: 1 }
}

/// The least of 1, 2, 5, 10, 20 … that is not below a width.
fn nice(width: f64) -> f64 {
    let power = 10_f64.powf(width.log10().floor());
    let factors = [1.0, 2.0, 5.0].map(|factor| factor * power);
    let found = factors.into_iter().find(|nice| *nice >= width * (1.0 - 1e-9));
    found.unwrap_or(10.0 * power).clamp(f64::MIN_POSITIVE, f64::MAX / 4.0)
}

/// A range with a value in its middle.
pub(super) fn around(value: f64, log: bool) -> (f64, f64) {
    let Scale { least, greatest, .. } = alone(value, log);
    (least, greatest)
}
