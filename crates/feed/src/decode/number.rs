//! Numbers, as messages have them: plain, or in a string.

/// A number of a message, as exact as it came.
#[derive(Clone, Copy, Debug)]
pub(super) enum Number {
    Natural(u64),
    Negative(i64),
    Float(f64),
}

impl Number {
    /// Reads a text that is, from end to end, a finite number as JSON writes it. So `"0x10"`,
    /// `"007"`, `"nan"`, `"2021-04-17"` and `" 1"` are none.
    pub fn read(text: &str) -> Option<Number> {
        let bytes = text.as_bytes();
        let (whole, fraction, exponent) = parts(bytes)?;
        if fraction.is_empty() && exponent.is_empty() {
            if let Ok(natural) = text.parse() {
                return Some(Number::Natural(natural));
            }
            // “-0” is a float: as an integer it would lose its sign.
            if bytes[0] == b'-'
                && whole != b"0"
                && let Ok(negative) = text.parse()
            {
                return Some(Number::Negative(negative));
            }
        }
        text.parse().ok().filter(|float: &f64| float.is_finite()).map(Number::Float)
    }

    pub fn as_f64(self) -> f64 {
        match self {
            Number::Natural(natural) => natural as f64,
            Number::Negative(negative) => negative as f64,
            Number::Float(float) => float,
        }
    }

    pub fn is_whole(self) -> bool {
        !matches!(self, Number::Float(_))
    }
}

impl PartialEq for Number {
    fn eq(&self, other: &Number) -> bool {
        match (*self, *other) {
            (Number::Natural(a), Number::Natural(b)) => a == b,
            (Number::Negative(a), Number::Negative(b)) => a == b,
            (a, b) => a.as_f64() == b.as_f64(),
        }
    }
}

/// The digits before the point, those after it, and those of the exponent, if the text is a JSON
/// number.
fn parts(text: &[u8]) -> Option<(&[u8], &[u8], &[u8])> {
    let unsigned = text.strip_prefix(b"-").unwrap_or(text);
    let (whole, mut rest) = digits(unsigned);
    if whole.is_empty() || (whole.len() > 1 && whole[0] == b'0') {
        return None;
    }
    let (mut fraction, mut exponent): (&[u8], &[u8]) = (&[], &[]);
    if let Some(after) = rest.strip_prefix(b".") {
        (fraction, rest) = digits(after);
        if fraction.is_empty() {
            return None;
        }
    }
    if let Some(after) = rest.strip_prefix(b"e").or_else(|| rest.strip_prefix(b"E")) {
        let unsigned = after.strip_prefix(b"-").or_else(|| after.strip_prefix(b"+"));
        (exponent, rest) = digits(unsigned.unwrap_or(after));
        if exponent.is_empty() {
            return None;
        }
    }
    rest.is_empty().then_some((whole, fraction, exponent))
}

fn digits(text: &[u8]) -> (&[u8], &[u8]) {
    let end = text.iter().position(|byte| !byte.is_ascii_digit()).unwrap_or(text.len());
    text.split_at(end)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_does_not_look_like_a_number_throughout_is_none() {
        for text in [
            "",
            "-",
            " 1",
            "1 ",
            "+1",
            "007",
            ".5",
            "5.",
            "1e",
            "1e+",
            "0x10",
            "1_000",
            "1,5",
            "nan",
            "NaN",
            "inf",
            "-Infinity",
            "2021-04-17",
            "12:30",
            "1e999",
            "1.2.3",
            "٣",
        ] {
            assert_eq!(Number::read(text), None, "{text:?}");
        }
    }

    #[test]
    fn integers_stay_exact() {
        assert!(matches!(Number::read("18446744073709551615"), Some(Number::Natural(u64::MAX))));
        assert!(matches!(Number::read("-9223372036854775808"), Some(Number::Negative(i64::MIN))));
        assert_eq!(Number::read("64000.12").map(Number::as_f64), Some(64_000.12));
        assert_eq!(Number::read("-1e3").map(Number::as_f64), Some(-1_000.0));
        assert!(Number::read("-0").is_some_and(|zero| zero.as_f64().is_sign_negative()));
    }

    proptest! {
        #[test]
        fn it_agrees_with_json(text in "-?[0-9.eE+-]{0,8}|.{0,4}") {
            let json = serde_json::from_str::<serde_json::Number>(&text);
            let trimmed = text.trim() == text;
            let expected = json.ok().filter(|_| trimmed).and_then(|number| number.as_f64());
            prop_assert_eq!(Number::read(&text).map(Number::as_f64), expected);
        }
    }
}
