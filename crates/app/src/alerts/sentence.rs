//! What is said of an alert that fires.

use super::machine::Worst;
use super::watcher::{Watcher, duration, field_of};
use crate::api::{Alert, AlertField, AlertOn};
use feedscope_feed::{Said, said};
use std::time::Duration;

/// What it is called, where nobody has named it.
pub(crate) fn name(alert: &Alert, feed: &str) -> String {
    if !alert.name.trim().is_empty() {
        return alert.name.clone();
    }
    match field_of(&alert.what) {
        Some(field) => format!("{feed} · {}", shown(field)),
        None => feed.to_owned(),
    }
}

fn shown(field: &AlertField) -> String {
    format!("{} {}", field.channel, field.path)
}

/// What has happened.
pub(crate) fn fired(alert: &Alert, feed: &str, worst: &Worst, watcher: &Watcher) -> Said {
    let worst = worst.value.unwrap_or_default();
    let value = amount(worst);
    let because = |said: Said| match &watcher.cause {
        Some(cause) => said.and(cause.clone()),
        None => said,
    };
    match &alert.what {
        AlertOn::Above { field, value: limit } => said!(
            "alert_above",
            "{field} is above {limit}: {value}.",
            field = shown(field),
            limit = amount(*limit),
            value,
        ),
        AlertOn::Below { field, value: limit } => said!(
            "alert_below",
            "{field} is below {limit}: {value}.",
            field = shown(field),
            limit = amount(*limit),
            value,
        ),
        AlertOn::Outside { field, low, high } => said!(
            "alert_outside",
            "{field} is not between {low} and {high}: {value}.",
            field = shown(field),
            low = amount(*low),
            high = amount(*high),
            value,
        ),
        AlertOn::Change { field, within_ms, .. } => said!(
            "alert_change",
            "{field} changed by {value} within {time}.",
            field = shown(field),
            value,
            time = time(duration(*within_ms)),
        ),
        AlertOn::Rate { field, .. } => {
            said!("alert_rate", "{field} changes by {value} a second.", field = shown(field), value,)
        }
        AlertOn::Absent { field } => said!(
            "alert_absent",
            "{field} has not come for {time}.",
            field = shown(field),
            time = time(duration(alert.for_ms)),
        ),
        AlertOn::NotLive { .. } => because(said!("alert_not_live", "{feed} is not live.", feed)),
        AlertOn::Gap { .. } => {
            because(said!("alert_gap", "Something of {feed} was not received.", feed))
        }
        AlertOn::Latency { above_ms, .. } => said!(
            "alert_latency",
            "Messages of {feed} arrive {value} late, more than {limit}.",
            feed,
            value = time(duration(worst)),
            limit = time(duration(*above_ms)),
        ),
        AlertOn::Reconnects { within_ms, .. } => said!(
            "alert_reconnects",
            "{feed} was reconnected {count} times within {time}.",
            feed,
            count = value,
            time = time(duration(*within_ms)),
        ),
    }
}

/// Said where it fired oftener than it was said.
pub(crate) fn again(count: u32) -> Said {
    said!("alert_again", "Times it fired since it was last said: {count}.", count)
}

/// Said in place of many.
pub(crate) fn crowd(count: usize) -> (Said, Said) {
    (
        said!("alert_crowd_title", "Many alerts fire"),
        said!("alert_crowd", "More alerts are firing: {count}.", count),
    )
}

/// Said by a test.
pub(crate) fn test() -> Said {
    said!("alert_test", "This is a test. This is how it looks and sounds when this alert fires.")
}

/// A length of time in its two largest units.
pub(crate) fn time(length: Duration) -> Said {
    let seconds = length.as_secs_f64();
    let ms = |n: String| said!("unit_milliseconds", "{n} ms", n);
    let s = |n: String| said!("unit_seconds", "{n} s", n);
    if seconds < 0.9995 {
        return ms(amount((seconds * 1e3).round()));
    }
    if seconds < 59.95 {
        return s(amount((seconds * 10.0).round() / 10.0));
    }
    let whole = seconds.round() as u64;
    let (days, hours, minutes) = (whole / 86_400, whole / 3_600 % 24, whole / 60 % 60);
    let of_days = |n: u64| said!("unit_days", "{n} d", n);
    let of_hours = |n: u64| said!("unit_hours", "{n} h", n);
    let of_minutes = |n: u64| said!("unit_minutes", "{n} min", n);
    let after_hours = |n: u64| said!("unit_minutes_after_hours", "{n} m", n);
    let two = |large: Said, small: Said| said!("unit_two", "{large} {small}", large, small);
    match (days, hours, minutes, whole % 60) {
        (0, 0, _, 0) => of_minutes(minutes),
        (0, 0, _, rest) => two(of_minutes(minutes), s(rest.to_string())),
        (0, _, 0, _) => of_hours(hours),
        (0, ..) => two(of_hours(hours), after_hours(minutes)),
        (_, 0, ..) => of_days(days),
        _ => two(of_days(days), of_hours(hours)),
    }
}

/// A number to six digits, with thousands told apart.
pub(crate) fn amount(value: f64) -> String {
    const DIGITS: i32 = 6;
    let size = value.abs();
    if value == 0.0 || !value.is_finite() {
        return if value.is_finite() { "0".into() } else { value.to_string() };
    }
    if !(1e-6..1e15).contains(&size) {
        return format!("{value:.3e}");
    }
    let decimals = (DIGITS - 1 - size.log10().floor() as i32).max(0) as usize;
    let text = format!("{size:.decimals$}");
    let (whole, rest) = text.split_once('.').unwrap_or((&text, ""));
    let mut grouped = String::new();
    for (index, digit) in whole.char_indices() {
        if index > 0 && (whole.len() - index) % 3 == 0 {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    let rest = rest.trim_end_matches('0');
    let sign = if value < 0.0 { "−" } else { "" };
    if rest.is_empty() { format!("{sign}{grouped}") } else { format!("{sign}{grouped}.{rest}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_to_be_read() {
        for (value, text) in [
            (0.0, "0"),
            (90.0, "90"),
            (99.999_999_9, "100"),
            (-0.5, "−0.5"),
            (64_000.123, "64,000.1"),
            (12_408_331.0, "12,408,331"),
            (0.000_123_456_7, "0.000123457"),
            (1e300, "1.000e300"),
        ] {
            assert_eq!(amount(value), text, "{value}");
        }
    }

    #[test]
    fn times_have_two_units_at_most() {
        for (ms, text) in [
            (250, "250\u{202f}ms"),
            (1_500, "1.5\u{202f}s"),
            (60_000, "1\u{202f}min"),
            (200_000, "3\u{202f}min 20\u{202f}s"),
            (11_520_000, "3\u{202f}h 12\u{202f}m"),
            (86_400_000, "1\u{202f}d"),
        ] {
            assert_eq!(time(Duration::from_millis(ms)), text);
        }
    }
}
