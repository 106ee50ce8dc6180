//! Prices as they are written, so that a level is found again by its price.

use std::str::FromStr;

/// Digits after the point. The smallest step of any market is far above this.
const DIGITS: i32 = 18;

/// A decimal number, exactly: `64000.10` and `64000.1` are the same, and 0.1 is a tenth.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Price(i128);

impl Price {
    /// How far it is from being the best of its side: the lower, the better.
    pub(super) fn rank(self, is_bid: bool) -> i128 {
        // The least number has no opposite, and is not read.
        if is_bid { -self.0 } else { self.0 }
    }
}

/// It is no decimal number, or needs more digits than are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoPrice;

impl FromStr for Price {
    type Err = NoPrice;

    /// Reads what JSON writes, `-1.5e-7` for one, in quotes or not.
    fn from_str(text: &str) -> Result<Self, NoPrice> {
        let (unsigned, sign) = match text.strip_prefix('-') {
            Some(unsigned) => (unsigned, -1),
            None => (text, 1),
        };
        let (digits, exponent) = match unsigned.split_once(['e', 'E']) {
            Some((digits, exponent)) => (digits, exponent.parse::<i32>().map_err(|_| NoPrice)?),
            None => (unsigned, 0),
        };
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
        // Zeros at its end say nothing.
        let fraction = fraction.trim_end_matches('0');
        if whole.is_empty() || !whole.bytes().chain(fraction.bytes()).all(|b| b.is_ascii_digit()) {
            return Err(NoPrice);
        }
        let number = whole.bytes().chain(fraction.bytes()).try_fold(0i128, |number, digit| {
            number.checked_mul(10)?.checked_add(i128::from(digit - b'0'))
        });
        let number = number.ok_or(NoPrice)?;
        if number == 0 {
            return Ok(Price(0));
        }
        let fraction = i32::try_from(fraction.len()).map_err(|_| NoPrice)?;
        let shift = exponent.checked_sub(fraction).and_then(|shift| shift.checked_add(DIGITS));
        let shift = shift.ok_or(NoPrice)?;
        let power = 10i128.checked_pow(shift.unsigned_abs()).ok_or(NoPrice)?;
        let number = if shift >= 0 {
            number.checked_mul(power)
        } else {
            (number % power == 0).then_some(number / power)
        };
        Ok(Price(sign * number.ok_or(NoPrice)?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn price(text: &str) -> Result<Price, NoPrice> {
        text.parse()
    }

    #[test]
    fn however_it_is_written_a_price_is_the_same() {
        for (one, other) in [
            ("64000.12000000", "64000.12"),
            ("9.121E-7", "0.0000009121"),
            ("1e3", "1000"),
            ("0", "-0.000"),
            ("120e-1", "12"),
            ("0.000000000000000000000", "0"),
        ] {
            assert_eq!(price(one), price(other), "{one}");
            assert!(price(one).is_ok(), "{one}");
        }
        assert_ne!(price("0.1"), price("0.10000000000000001"), "nor does a digit get lost");
        assert!(price("-37.63").unwrap() < price("-37.62").unwrap());
    }

    #[test]
    fn what_is_no_price_or_not_to_be_kept_exactly_is_refused() {
        let too_fine = format!("0.{}1", "0".repeat(18));
        let too_large = "1".repeat(30);
        for text in ["", "-", ".5", "x", "1.2.3", "1e", "nan", "+1", " 1", &too_fine, &too_large] {
            assert_eq!(price(text), Err(NoPrice), "{text}");
        }
    }

    proptest! {
        #[test]
        fn they_are_in_the_order_of_the_numbers(a in any::<i64>(), b in any::<i64>(), point in 0usize..12) {
            let written = |number: i64| {
                let digits = format!("{:013}", number.unsigned_abs());
                let (whole, fraction) = digits.split_at(digits.len() - point);
                format!("{}{whole}.{fraction}", if number < 0 { "-" } else { "" })
            };
            let (one, other) = (price(&written(a)).unwrap(), price(&written(b)).unwrap());
            prop_assert_eq!(one.cmp(&other), a.cmp(&b));
            prop_assert_eq!(one.rank(true).cmp(&other.rank(true)), b.cmp(&a));
        }
    }
}
