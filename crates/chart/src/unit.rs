//! Values as people read them: with units, thousands separators, and no more digits than count.

/// What a value measures.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Unit {
    #[default]
    None,
    Percent,
    Bytes,
    BytesPerSecond,
}

/// From here on, and up to the inverse, values are written with an exponent: longer numbers than
/// this nobody counts the digits of.
const PLAIN_MAX: f64 = 1e12;
const PLAIN_MIN: f64 = 1e-6;

/// The finest a value is written, which is all that a double holds.
const DECIMALS_MAX: usize = 15;

impl Unit {
    /// A value that differs from its neighbours by `step`, among values as large as `magnitude`,
    /// so that all of an axis are written alike.
    pub fn label(self, value: f64, step: f64, magnitude: f64) -> String {
        let (scale, suffix) = self.scale(magnitude.abs());
        let (value, step, magnitude) = (value / scale, step / scale, magnitude.abs() / scale);
        let number = if magnitude >= PLAIN_MAX || (magnitude > 0.0 && magnitude < PLAIN_MIN) {
            let digits = (magnitude.log10().floor() - step.log10().floor()).max(0.0) as usize;
            minus(format!("{value:.*e}", digits.min(DECIMALS_MAX)))
        } else {
            grouped(value, decimals(step))
        };
        format!("{number}{suffix}")
    }

    fn scale(self, magnitude: f64) -> (f64, &'static str) {
        let index = [1e3, 1e6, 1e9, 1e12, 1e15].iter().filter(|limit| magnitude >= **limit).count();
        let scale = 1000_f64.powi(index as i32);
        // A space that does not break, narrow as the rules for units ask.
        match self {
            Unit::None => (1.0, ""),
            Unit::Percent => (1.0, "\u{202F}%"),
            Unit::Bytes => (
                scale,
                ["\u{202F}B", "\u{202F}kB", "\u{202F}MB", "\u{202F}GB", "\u{202F}TB", "\u{202F}PB"]
                    [index],
            ),
            Unit::BytesPerSecond => (
                scale,
                [
                    "\u{202F}B/s",
                    "\u{202F}kB/s",
                    "\u{202F}MB/s",
                    "\u{202F}GB/s",
                    "\u{202F}TB/s",
                    "\u{202F}PB/s",
                ][index],
            ),
        }
    }
}

/// How many decimals tell apart values that differ by `step`.
fn decimals(step: f64) -> usize {
    (0..DECIMALS_MAX)
        .find(|decimals| {
            let scaled = step * 10_f64.powi(*decimals as i32);
            scaled >= 0.999 && (scaled - scaled.round()).abs() < 1e-6 * scaled
        })
        .unwrap_or(DECIMALS_MAX)
}

fn grouped(value: f64, decimals: usize) -> String {
    let plain = format!("{value:.decimals$}");
    let (sign, digits) = match plain.strip_prefix('-') {
        Some(digits) => ("-", digits),
        None => ("", plain.as_str()),
    };
    let sign = if digits.contains(|c: char| c.is_ascii_digit() && c != '0') { sign } else { "" };
    let (whole, fraction) = digits.split_at(digits.find('.').unwrap_or(digits.len()));
    let mut text = String::from(sign);
    for (index, digit) in whole.chars().enumerate() {
        if index > 0 && (whole.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text.push_str(fraction);
    minus(text)
}

/// A hyphen is too short to be seen as a sign.
fn minus(text: String) -> String {
    text.replace('-', "\u{2212}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_read_as_people_write_them() {
        let written = |unit: Unit, value: f64, step: f64, magnitude: f64| {
            unit.label(value, step, magnitude).replace('\u{202F}', " ")
        };
        assert_eq!(written(Unit::None, 64000.0, 500.0, 64000.0), "64,000");
        assert_eq!(written(Unit::None, -1234567.5, 0.5, 1234567.5), "−1,234,567.5");
        assert_eq!(written(Unit::None, -0.0, 0.25, 1.0), "0.00");
        assert_eq!(written(Unit::None, 0.25, 0.25, 1.0), "0.25");
        assert_eq!(written(Unit::None, 0.1 + 0.2, 0.1, 1.0), "0.3");
        assert_eq!(written(Unit::None, 2.5e18, 5e17, 3e18), "2.5e18");
        assert_eq!(written(Unit::None, 2e-9, 1e-9, 5e-9), "2e−9");
        assert_eq!(written(Unit::Percent, 61.44, 0.1, 61.44), "61.4 %");
        assert_eq!(written(Unit::Bytes, 1_500_000.0, 500_000.0, 3e6), "1.5 MB");
        assert_eq!(written(Unit::Bytes, 0.0, 500_000.0, 3e6), "0.0 MB");
        assert_eq!(written(Unit::BytesPerSecond, 84_200.0, 100.0, 84_200.0), "84.2 kB/s");
        assert_eq!(written(Unit::Bytes, 12.0, 1.0, 12.0), "12 B");
    }

    #[test]
    fn any_value_at_all_can_be_written() {
        for value in [0.0, f64::MIN_POSITIVE, f64::MAX, -f64::MAX, f64::NAN, f64::INFINITY] {
            for step in [0.0, f64::MIN_POSITIVE, 1.0, f64::MAX, f64::NAN] {
                for unit in [Unit::None, Unit::Percent, Unit::Bytes, Unit::BytesPerSecond] {
                    assert!(unit.label(value, step, value).len() < 500);
                }
            }
        }
    }
}
