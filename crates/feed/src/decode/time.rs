//! When it happened, by the sender's clock: in the units and spellings that there are.

use super::number::Number;
use super::roles::{Caught, RoleId, Value};
use crate::profile::TimeUnit;
use crate::record::Time;
use chrono::DateTime;
use std::time::Duration;

/// The time at a place. `None` if there is none, or if it is beyond what [`Time`] can say, as when
/// the unit is not right.
pub(super) fn time_at(caught: &Caught, role: RoleId, unit: TimeUnit) -> Option<Time> {
    if let Some(Value::Time(nanos)) = caught.value(role) {
        return Some(Time(*nanos));
    }
    time_of(unit, || caught.number(role), || caught.text_of(role))
}

/// The time that is written in this unit, as a number or as a text.
#[inline]
pub(super) fn time_of<'m>(
    unit: TimeUnit,
    number: impl FnOnce() -> Option<Number>,
    text: impl FnOnce() -> Option<&'m str>,
) -> Option<Time> {
    match nanos_per(unit) {
        Some(nanos_per_unit) => nanos(number()?, nanos_per_unit).map(Time),
        None => DateTime::parse_from_rfc3339(text()?).ok()?.timestamp_nanos_opt().map(Time),
    }
}

/// The length of time at a place; `None` if it is not there, or not above zero.
pub(super) fn length_at(caught: &Caught, role: RoleId, unit: TimeUnit) -> Option<Duration> {
    let nanos = nanos(caught.number(role)?, nanos_per(unit)?)?;
    u64::try_from(nanos).ok().filter(|nanos| *nanos > 0).map(Duration::from_nanos)
}

/// `None` where it is not a number.
fn nanos_per(unit: TimeUnit) -> Option<i64> {
    match unit {
        TimeUnit::Seconds => Some(1_000_000_000),
        TimeUnit::Millis => Some(1_000_000),
        TimeUnit::Micros => Some(1_000),
        TimeUnit::Nanos => Some(1),
        TimeUnit::Rfc3339 => None,
    }
}

fn nanos(number: Number, nanos_per_unit: i64) -> Option<i64> {
    match number {
        Number::Natural(time) => i64::try_from(time).ok()?.checked_mul(nanos_per_unit),
        Number::Negative(time) => time.checked_mul(nanos_per_unit),
        Number::Float(time) => {
            // The fraction apart, so that it keeps its precision.
            let fraction = (time.fract() * nanos_per_unit as f64).round() as i64;
            let whole = Some(time.trunc()).filter(|whole| whole.abs() < i64::MAX as f64)?;
            (whole as i64).checked_mul(nanos_per_unit)?.checked_add(fraction)
        }
    }
}
