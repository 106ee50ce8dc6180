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
    pub fn read(text: &[u8]) -> Option<Number> {
        let (number, end) = Number::scan(text, 0)?;
        (end == text.len()).then_some(number)
    }

    /// Reads the finite number, as JSON writes it, that begins at `start`, and says where it ends.
    /// One beyond what an integer can say is the nearest float.
    #[inline]
    pub fn scan(bytes: &[u8], start: usize) -> Option<(Number, usize)> {
        let negative = bytes.get(start) == Some(&b'-');
        let whole = start + usize::from(negative);
        let mut digits = 0;
        let mut end = take_digits(bytes, whole, &mut digits);
        if end == whole || (end - whole > 1 && bytes.get(whole) == Some(&b'0')) {
            return None;
        }
        let mut count = end - whole;
        let next = bytes.get(end);
        if !matches!(next, Some(b'.' | b'e' | b'E')) {
            // Fewer than 20 digits are less than u64::MAX.
            if count < DIGITS_MAX {
                return Some((Number::integer(negative, digits), end));
            }
            let text = std::str::from_utf8(bytes.get(whole..end)?).ok()?;
            if let Ok(digits) = text.parse() {
                return Some((Number::integer(negative, digits), end));
            }
            return Some((Number::Float(float(bytes, start, end)?), end));
        }
        let mut fraction = 0;
        if next == Some(&b'.') {
            let point = end + 1;
            end = take_digits(bytes, point, &mut digits);
            fraction = end - point;
            if fraction == 0 {
                return None;
            }
            count += fraction;
        }
        if let Some(b'e' | b'E') = bytes.get(end) {
            let signed = usize::from(matches!(bytes.get(end + 1), Some(b'-' | b'+')));
            let exponent = end + 1 + signed;
            end = take_digits(bytes, exponent, &mut 0);
            if end == exponent {
                return None;
            }
        } else if count < DIGITS_MAX
            && digits <= EXACT_MAX
            && let Some(power) = POWERS.get(fraction)
        {
            // Both are exact, so that their quotient is rounded once, as it has to be.
            let float = digits as f64 / power;
            return Some((Number::Float(if negative { -float } else { float }), end));
        }
        Some((Number::Float(float(bytes, start, end)?), end))
    }

    fn integer(negative: bool, digits: u64) -> Number {
        if !negative {
            return Number::Natural(digits);
        }
        match 0_i64.checked_sub_unsigned(digits) {
            // “-0” is a float: as an integer it would lose its sign.
            Some(integer) if integer != 0 => Number::Negative(integer),
            _ => Number::Float(-(digits as f64)),
        }
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

/// Of so many digits, not all make a u64.
const DIGITS_MAX: usize = 20;
/// Up to this, each integer is a float.
const EXACT_MAX: u64 = 1 << 53;
/// Powers of ten that are floats, exactly.
const POWERS: [f64; 20] = [
    1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16,
    1e17, 1e18, 1e19,
];

fn float(bytes: &[u8], start: usize, end: usize) -> Option<f64> {
    let text = std::str::from_utf8(bytes.get(start..end)?).ok()?;
    text.parse().ok().filter(|float: &f64| float.is_finite())
}

/// Appends the digits that begin at `at` to a decimal number, which means nothing if they are too
/// many, and returns where they end. Always inlined: the call costs as much.
#[inline(always)]
fn take_digits(bytes: &[u8], at: usize, number: &mut u64) -> usize {
    let Some(word) = bytes.get(at..).and_then(<[u8]>::first_chunk) else {
        return take_digits_singly(bytes, at, number);
    };
    let (count, value) = eight_digits(u64::from_le_bytes(*word));
    *number = number.wrapping_mul(POWERS_TO_8[count & 0xF]).wrapping_add(value);
    if count < 8 { at + count } else { take_more_digits(bytes, at + count, number) }
}

/// The same, after the first eight: moments and long counts have as many more.
#[inline]
fn take_more_digits(bytes: &[u8], at: usize, number: &mut u64) -> usize {
    let Some(word) = bytes.get(at..).and_then(<[u8]>::first_chunk) else {
        return take_digits_singly(bytes, at, number);
    };
    let (count, value) = eight_digits(u64::from_le_bytes(*word));
    *number = number.wrapping_mul(POWERS_TO_8[count & 0xF]).wrapping_add(value);
    if count < 8 { at + count } else { take_digits_singly(bytes, at + count, number) }
}

/// The same for those that are few, or close to the end.
#[inline]
fn take_digits_singly(bytes: &[u8], mut at: usize, number: &mut u64) -> usize {
    while let Some(byte @ b'0'..=b'9') = bytes.get(at) {
        *number = number.wrapping_mul(10).wrapping_add(u64::from(byte - b'0'));
        at += 1;
    }
    at
}

/// Made longer, so that any index of four bits is one of it.
const POWERS_TO_8: [u64; 16] =
    [1, 10, 100, 1_000, 10_000, 100_000, 1_000_000, 10_000_000, 100_000_000, 0, 0, 0, 0, 0, 0, 0];

/// How many of the eight characters, beginning with the lowest byte, are digits, up to the first
/// that is none, and their number: all at once, by arithmetic on parts of the word.
#[inline]
fn eight_digits(word: u64) -> (usize, u64) {
    const ZEROS: u64 = 0x3030_3030_3030_3030;
    const TO_HIGH: u64 = 0x7676_7676_7676_7676;
    const HIGH: u64 = 0x8080_8080_8080_8080;
    let values = word ^ ZEROS;
    // The high bit of what is above 9; the lowest is right, those above it need not be.
    let others = (values.wrapping_add(TO_HIGH) | values) & HIGH;
    let count = others.trailing_zeros() as usize / 8;
    if count == 0 {
        return (0, 0);
    }
    // Leading zeros in place of what follows.
    let values = values << (64 - 8 * count);
    let pairs = values.wrapping_mul(10).wrapping_add(values >> 8);
    let low = (pairs & 0x0000_00FF_0000_00FF).wrapping_mul(0x000F_4240_0000_0064);
    let high = ((pairs >> 16) & 0x0000_00FF_0000_00FF).wrapping_mul(0x0000_2710_0000_0001);
    (count, low.wrapping_add(high) >> 32)
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
            assert_eq!(Number::read(text.as_bytes()), None, "{text:?}");
        }
    }

    #[test]
    fn integers_stay_exact() {
        assert!(matches!(Number::read(b"18446744073709551615"), Some(Number::Natural(u64::MAX))));
        assert!(matches!(Number::read(b"-9223372036854775808"), Some(Number::Negative(i64::MIN))));
        assert_eq!(Number::read(b"64000.12").map(Number::as_f64), Some(64_000.12));
        assert_eq!(Number::read(b"-1e3").map(Number::as_f64), Some(-1_000.0));
        assert!(Number::read(b"-0").is_some_and(|zero| zero.as_f64().is_sign_negative()));
    }

    proptest! {
        #[test]
        fn it_agrees_with_json(text in "-?[0-9.eE+-]{0,8}|.{0,4}") {
            let json = serde_json::from_str::<serde_json::Number>(&text);
            let trimmed = text.trim() == text;
            let expected = json.ok().filter(|_| trimmed).and_then(|number| number.as_f64());
            prop_assert_eq!(Number::read(text.as_bytes()).map(Number::as_f64), expected);
        }
    }
}
