//! Numbers and times as people read them.

use feedscope_feed::Ledger;
use std::time::Duration;

/// `12,345,678`
pub fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut grouped = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

/// Three figures are enough to see a rate by.
pub fn rate(per_second: f64) -> String {
    match per_second {
        rate if rate >= 9.95 => grouped(rate.round() as u64),
        rate if rate >= 0.05 => format!("{rate:.1}"),
        rate if rate > 0.0 => "<0.1".to_owned(),
        _ => "0".to_owned(),
    }
}

/// `0.3 s`, `12 s`, `3 min 5 s`, `2 h 7 min`, `1,947 days`
pub fn lasting(time: Duration) -> String {
    let seconds = time.as_secs();
    match seconds {
        0..10 => format!("{:.1} s", time.as_secs_f64()),
        10..60 => format!("{seconds} s"),
        60..3_600 => format!("{} min {} s", seconds / 60, seconds % 60),
        3_600..172_800 => format!("{} h {} min", seconds / 3_600, seconds % 3_600 / 60),
        _ => format!("{} days", grouped(seconds / 86_400)),
    }
}

/// `12 ms`, and as [`lasting`] where that is easier to read.
pub fn millis(millis: f64) -> String {
    if millis.abs() < 10_000.0 {
        return format!("{millis:.0} ms");
    }
    let sign = if millis < 0.0 { "-" } else { "" };
    // `as` saturates, which is what a nonsense time deserves.
    format!("{sign}{}", lasting(Duration::from_millis(millis.abs() as u64)))
}

/// A value in at most so many characters, if need be with fewer figures.
pub fn value(value: f64, width: usize) -> String {
    let whole = value.to_string();
    if whole.len() <= width {
        return whole;
    }
    let plain = (0..width).rev().map(|figures| format!("{value:.figures$}"));
    // Of a smaller one, nothing but zeros would be left.
    let plain = plain.filter(|_| value.abs() >= 1e-4);
    let short = (0..width).rev().map(|figures| format!("{value:.figures$e}"));
    plain.chain(short).find(|text| text.len() <= width).unwrap_or(whole)
}

/// Where every message went, in words; what did not happen is left out.
pub fn ledger(ledger: &Ledger) -> String {
    let parts = [
        (ledger.delivered(), "delivered"),
        (ledger.control(), "without data"),
        (ledger.duplicate(), "that had come before"),
        (ledger.late(), "too late"),
        (ledger.undecodable(), "that could not be read"),
        (ledger.held(), "waiting for an earlier one"),
        (ledger.overflow(), "too large"),
    ];
    let parts: Vec<_> = parts
        .into_iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, what)| format!("{} {what}", grouped(count)))
        .collect();
    let received = ledger.received();
    let s = if received == 1 { "" } else { "s" };
    match parts[..] {
        [] => "No message received.".to_owned(),
        _ => format!("{} message{s} received: {}.", grouped(received), parts.join(", ")),
    }
}

/// What did not come, in words.
pub fn not_received(gaps: u64, missing: u64) -> String {
    let s = |count| if count == 1 { "" } else { "s" };
    match (gaps, missing) {
        (0, 0) => "Nothing is known to be missing.".to_owned(),
        (gaps, 0) => format!("{} gap{}.", grouped(gaps), s(gaps)),
        (gaps, missing) => format!(
            "{} gap{}; {} message{} did not come.",
            grouped(gaps),
            s(gaps),
            grouped(missing),
            s(missing)
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use feedscope_feed::Fate;

    #[test]
    fn numbers_are_grouped() {
        assert_eq!([0, 999, 1_000, 1_234_567].map(grouped), ["0", "999", "1,000", "1,234,567"]);
        assert_eq!([0.0, 0.01, 0.31, 12.4, 1_234.0].map(rate), ["0", "<0.1", "0.3", "12", "1,234"]);
    }

    #[test]
    fn times_have_the_units_that_fit() {
        let said = [300, 12_000, 185_000, 7_620_000].map(Duration::from_millis).map(lasting);
        assert_eq!(said, ["0.3 s", "12 s", "3 min 5 s", "2 h 7 min"]);
        assert_eq!(lasting(Duration::from_secs(168_270_074)), "1,947 days");
        let said = [0.4, 23.0, 185_000.0, -12_000.0].map(millis);
        assert_eq!(said, ["0 ms", "23 ms", "3 min 5 s", "-12 s"]);
    }

    #[test]
    fn values_fit_their_column() {
        assert_eq!(value(64_000.12, 12), "64000.12");
        assert_eq!(value(-1.0 / 3.0, 8), "-0.33333");
        assert_eq!(value(1e300, 8), "1.00e300");
        assert_eq!(value(1.234_567_891e-7, 10), "1.23457e-7");
        for width in [8, 10, 14] {
            for number in [1.5e308, -1.5e308, f64::MIN_POSITIVE, -5e-324, 123_456_789.123_456_78] {
                let said = value(number, width);
                assert!(said.len() <= width, "{said} in {width}");
                let close = (said.parse::<f64>().unwrap() / number - 1.0).abs() < 0.5;
                assert!(close || number.abs() < 1e-300, "{said} for {number}");
            }
        }
    }

    #[test]
    fn the_ledger_leaves_out_what_did_not_happen() {
        let mut account = Ledger::default();
        assert_eq!(ledger(&account), "No message received.");
        account.admit(Fate::Delivered);
        assert_eq!(ledger(&account), "1 message received: 1 delivered.");
        account.admit(Fate::Duplicate);
        assert_eq!(ledger(&account), "2 messages received: 1 delivered, 1 that had come before.");
    }
}
