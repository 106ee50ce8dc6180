//! Where the ticks of the axes stand: at round values and round local times.

use chrono::{DateTime, FixedOffset};

const SECOND_NS: i128 = 1_000_000_000;
const DAY_NS: i128 = 86_400 * SECOND_NS;

/// Values nearer to each other than this, for their size, are all but the same: the digits that
/// tell them apart are noise.
const FLAT: f64 = 1e-12;

/// Values beyond this are taken for this, so that no span between two overflows.
const VALUE_MAX: f64 = 1e300;

/// A range of values with a round step, neither of them too large or too small to count in.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ValueAxis {
    pub low: f64,
    pub high: f64,
    /// From one tick to the next; of factors, how many powers of ten.
    pub step: f64,
    /// Equal steps are equal factors.
    pub log: bool,
}

impl ValueAxis {
    /// Exactly from `low` to `high`, with at most about `ticks` ticks.
    pub fn fixed(low: f64, high: f64, ticks: usize) -> Self {
        let (low, high) = apart(low, high);
        Self { low, high, step: round_up((high - low) / ticks.max(1) as f64), log: false }
    }

    /// From the tick below all values to the one above.
    pub fn fitting(low: f64, high: f64, ticks: usize) -> Self {
        let Self { low, high, step, log } = Self::fixed(low, high, ticks);
        Self { low: (low / step).floor() * step, high: (high / step).ceil() * step, step, log }
    }

    /// Of factors, exactly from `low` to `high`, which are above zero.
    pub fn factors(low: f64, high: f64, ticks: usize) -> Self {
        let low = low.clamp(1.0 / VALUE_MAX, VALUE_MAX / 10.0);
        // What is all but the same has a decade to itself.
        let high = if high > low * (1.0 + FLAT) { high.min(VALUE_MAX) } else { low * 10.0 };
        let decades = high.log10() - low.log10();
        Self { low, high, step: (decades / ticks.max(1) as f64).ceil().max(1.0), log: true }
    }

    /// Of factors, from the power of ten below all values to the one above.
    pub fn fitting_factors(low: f64, high: f64, ticks: usize) -> Self {
        let low = low.clamp(1.0 / VALUE_MAX, VALUE_MAX / 10.0);
        let high = high.clamp(low, VALUE_MAX);
        let power = |exponent: f64| 10_f64.powf(exponent);
        let (first, last) = ((low.log10() + 1e-9).floor(), (high.log10() - 1e-9).ceil());
        Self::factors(power(first), power(last.max(first + 1.0)), ticks)
    }

    /// Where a value is, from 0 at the low end to 1 at the high one; below, where it has no place.
    pub fn part(&self, value: f64) -> f64 {
        if !self.log {
            return (value - self.low) / (self.high - self.low);
        }
        if value > 0.0 {
            (value.log10() - self.low.log10()) / (self.high.log10() - self.low.log10())
        } else {
            -1.0
        }
    }

    /// How far a value of it is from those that can be told from it, in a power of ten of factors.
    pub fn step_at(&self, value: f64) -> f64 {
        if !self.log {
            return self.step;
        }
        let power = 10_f64.powf(value.abs().log10().floor());
        if power.is_normal() { power } else { self.low }
    }

    pub fn ticks(&self) -> Vec<f64> {
        if self.log { self.factor_ticks() } else { self.even_ticks().collect() }
    }

    /// Powers of ten, and between them twice and five times these where there is room.
    fn factor_ticks(&self) -> Vec<f64> {
        let (first, last) = ((self.low.log10() + 1e-9).floor(), self.high.log10() + 1e-9);
        let decades = (self.high / self.low).log10();
        let digits: &[f64] = if decades <= 2.5 { &[1.0, 2.0, 5.0] } else { &[1.0] };
        let count = ((last - first) / self.step) as i64 + 1;
        let powers = (0..count).map(|n| 10_f64.powf(first + n as f64 * self.step));
        powers
            .flat_map(|power| digits.iter().map(move |digit| digit * power))
            .filter(|tick| (self.low * (1.0 - 1e-9)..=self.high * (1.0 + 1e-9)).contains(tick))
            .collect()
    }

    fn even_ticks(&self) -> impl Iterator<Item = f64> + use<> {
        // Half a millionth of a step lets through the ticks that rounding put just outside.
        let first = (self.low / self.step - 5e-7).ceil();
        let last = (self.high / self.step + 5e-7).floor();
        let step = self.step;
        let count = if last >= first { (last - first) as usize + 1 } else { 0 };
        (0..count).map(move |index| (first + index as f64) * step)
    }

    /// The largest that a value of it is, whichever the sign; of factors, each is as large as it is.
    pub fn magnitude(&self, value: f64) -> f64 {
        if self.log { value } else { self.low.abs().max(self.high.abs()) }
    }
}

/// Makes room between values that are all but the same.
fn apart(low: f64, high: f64) -> (f64, f64) {
    let (low, high) = (low.clamp(-VALUE_MAX, VALUE_MAX), high.clamp(-VALUE_MAX, VALUE_MAX));
    let magnitude = low.abs().max(high.abs());
    if high - low > magnitude * FLAT && high - low > 1.0 / VALUE_MAX {
        (low, high)
    } else if magnitude < 1.0 / VALUE_MAX {
        (-1.0, 1.0)
    } else {
        (low - magnitude * 0.1, high + magnitude * 0.1)
    }
}

/// The least of 1, 2, 2.5 and 5 times a power of ten that is not below `step`.
fn round_up(step: f64) -> f64 {
    let power = 10_f64.powf(step.log10().floor());
    [1.0, 2.0, 2.5, 5.0]
        .into_iter()
        .map(|digit| digit * power)
        .find(|round| *round >= step * (1.0 - 1e-9))
        .unwrap_or(10.0 * power)
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TimeTick {
    pub time_ns: i64,
    pub label: String,
    /// What the label leaves out, where it differs from the tick before: the date, or the year.
    pub date: Option<String>,
}

/// Ticks at round local times, as close together as `fits` allows, which is told a distance and
/// an example of a label.
pub fn time_ticks(
    from_ns: i64,
    to_ns: i64,
    zone: FixedOffset,
    fits: impl Fn(i128, &str) -> bool,
) -> Vec<TimeTick> {
    let span_ns = i128::from(to_ns) - i128::from(from_ns);
    let step = time_steps().take_while(|step| *step <= span_ns).find(|step_ns| {
        let example = local(to_ns, zone).format(label_format(*step_ns)).to_string();
        fits(*step_ns, &example)
    });
    let Some(step_ns) = step else { return Vec::new() };
    let offset_ns = i128::from(zone.local_minus_utc()) * SECOND_NS;
    let (first, last) = (i128::from(from_ns) + offset_ns, i128::from(to_ns) + offset_ns);
    let first = first.div_euclid(step_ns) + i128::from(first.rem_euclid(step_ns) > 0);
    let mut ticks = Vec::new();
    let mut date_before = None;
    for local_ns in (first..=last.div_euclid(step_ns)).map(|index| index * step_ns) {
        let Ok(time_ns) = i64::try_from(local_ns - offset_ns) else { continue };
        let moment = local(time_ns, zone);
        let date = moment.format(date_format(step_ns)).to_string();
        let changed = date_before.as_ref() != Some(&date);
        ticks.push(TimeTick {
            time_ns,
            label: moment.format(label_format(step_ns)).to_string(),
            date: changed.then(|| date.clone()),
        });
        date_before = Some(date);
    }
    ticks
}

fn local(time_ns: i64, zone: FixedOffset) -> DateTime<FixedOffset> {
    DateTime::from_timestamp_nanos(time_ns).with_timezone(&zone)
}

/// Ascending.
fn time_steps() -> impl Iterator<Item = i128> {
    let below_second = (0..9).flat_map(|power| [1, 2, 5].map(|digit| digit * 10_i128.pow(power)));
    let clock = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10_800, 21_600]
        .map(|seconds| seconds * SECOND_NS);
    let half_day = [DAY_NS / 2];
    let days = [1, 2, 7, 14].map(|days| days * DAY_NS);
    // Far beyond what 64 bits of nanoseconds span.
    let beyond = (1..7).flat_map(|power| [3, 10].map(|digit| digit * 10_i128.pow(power) * DAY_NS));
    below_second.chain(clock).chain(half_day).chain(days).chain(beyond)
}

fn label_format(step_ns: i128) -> &'static str {
    match step_ns {
        ..1_000 => "%H:%M:%S%.9f",
        1_000..1_000_000 => "%H:%M:%S%.6f",
        1_000_000..SECOND_NS => "%H:%M:%S%.3f",
        _ if step_ns < 60 * SECOND_NS => "%H:%M:%S",
        _ if step_ns < DAY_NS => "%H:%M",
        _ => "%-d %b",
    }
}

fn date_format(step_ns: i128) -> &'static str {
    if step_ns < DAY_NS { "%-d %b %Y" } else { "%Y" }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(from_ns: i128, span_ns: i128, zone_hours: i32, ticks_max: i128) -> Vec<String> {
        let zone = FixedOffset::east_opt(zone_hours * 3600).unwrap();
        time_ticks(from_ns as i64, (from_ns + span_ns) as i64, zone, |step_ns, _| {
            span_ns / step_ns <= ticks_max
        })
        .into_iter()
        .map(|tick| match tick.date {
            Some(date) => format!("{} | {date}", tick.label),
            None => tick.label,
        })
        .collect()
    }

    /// 21 November 2026, 23:58:30 UTC.
    const EVENING_NS: i128 = 1_795_305_510 * SECOND_NS;

    #[test]
    fn time_ticks_are_round_in_local_time_and_say_the_date_when_it_changes() {
        assert_eq!(
            labels(EVENING_NS, 180 * SECOND_NS, 0, 4),
            ["23:59 | 21 Nov 2026", "00:00 | 22 Nov 2026", "00:01"]
        );
        assert_eq!(
            labels(EVENING_NS, 30 * SECOND_NS, -5, 4),
            ["18:58:30 | 21 Nov 2026", "18:58:40", "18:58:50", "18:59:00"]
        );
        assert_eq!(
            labels(EVENING_NS, 3_000_000, 2, 4),
            ["01:58:30.000 | 22 Nov 2026", "01:58:30.001", "01:58:30.002", "01:58:30.003"]
        );
        assert_eq!(labels(EVENING_NS, 20 * DAY_NS, 2, 4), ["26 Nov | 2026", "3 Dec", "10 Dec"],);
    }

    #[test]
    fn any_span_has_few_ticks() {
        let zone = FixedOffset::east_opt(-5 * 3600).unwrap();
        for (from_ns, to_ns) in [(i64::MIN, i64::MAX), (0, 1), (i64::MAX - 1, i64::MAX), (-7, 90)] {
            let span_ns = i128::from(to_ns) - i128::from(from_ns);
            let ticks = time_ticks(from_ns, to_ns, zone, |step_ns, _| span_ns / step_ns <= 8);
            assert!(ticks.len() <= 9, "{ticks:?}");
            assert!(ticks.iter().all(|tick| (from_ns..=to_ns).contains(&tick.time_ns)));
        }
    }

    #[test]
    fn value_ticks_are_round_and_enclose_the_values() {
        let axis = ValueAxis::fitting(3.2, 96.0, 5);
        assert_eq!(axis, ValueAxis { low: 0.0, high: 100.0, step: 20.0, log: false });
        assert_eq!(axis.ticks(), [0.0, 20.0, 40.0, 60.0, 80.0, 100.0]);
        let axis = ValueAxis::fixed(0.3, 1.2, 4);
        assert_eq!((axis.low, axis.high), (0.3, 1.2));
        assert_eq!(axis.ticks(), [0.5, 0.75, 1.0]);
    }

    #[test]
    fn equal_factors_are_equally_far_apart() {
        let axis = ValueAxis::fitting_factors(3.0, 40_000.0, 8);
        assert_eq!((axis.low, axis.high), (1.0, 100_000.0));
        assert_eq!(axis.ticks(), [1.0, 10.0, 100.0, 1_000.0, 10_000.0, 100_000.0]);
        assert!((axis.part(10.0) - 0.2).abs() < 1e-9 && (axis.part(1_000.0) - 0.6).abs() < 1e-9);
        assert!(axis.part(0.0) < 0.0 && axis.part(-5.0) < 0.0);
        assert_eq!(ValueAxis::factors(1.0, 100.0, 8).ticks(), [1., 2., 5., 10., 20., 50., 100.]);
        assert_eq!(ValueAxis::fitting_factors(1e-3, 1e9, 4).ticks().len(), 5);
        for low in [5e-324, 1e-300, 1.0, 1e300, f64::MAX] {
            for high in [low, low * 1.000_001, 1e300, f64::MAX] {
                let axis = ValueAxis::fitting_factors(low, high, 5);
                assert!(axis.low < axis.high && axis.high.is_finite(), "{axis:?}");
                assert!((1..=9).contains(&axis.ticks().len()), "{axis:?} {:?}", axis.ticks());
            }
        }
    }

    #[test]
    fn any_values_have_an_axis() {
        let values = [0.0, 1.0, 1.0 + f64::EPSILON, -5e-324, f64::MAX, -f64::MAX, 1e-310, 64e3];
        for low in values {
            for high in values.into_iter().filter(|high| *high >= low) {
                let axis = ValueAxis::fitting(low, high, 5);
                assert!(axis.low < axis.high, "{low} to {high}: {axis:?}");
                let ticks = axis.ticks();
                assert!((2..=9).contains(&ticks.len()), "{low} to {high}: {axis:?} {ticks:?}");
                assert!(ticks.iter().all(|tick| tick.is_finite()));
            }
        }
    }
}
