//! Values: decimals as the integers they once were, or the bits of numbers as integers.
//!
//! What a feed sends is mostly decimal: 64000.12 is 6400012 with two places. It is read as the
//! nearest number there is, and dividing 6400012 by 100 gives just that one, since division rounds
//! to the nearest, too. That is tried on each value, so that what comes back is exact in any case.

use super::integers::{self, Integers, decode_places, encode_places, is_smaller};
use super::reader::{Reader, put_number};
use super::{Corrupt, SAMPLES_MAX};

const DECIMAL: u8 = 0;
const BITS: u8 = 0x80;
/// With either: each number is the difference to the one before.
const DELTA: u8 = 0x40;
const PLACES_MASK: u8 = 0x3F;

/// Exact as a float up to 10²²; with more places than these, a number of any size has more digits
/// than fit.
const POWERS: [f64; 19] = [
    1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16,
    1e17, 1e18,
];

/// Adding it moves the digits of an integer below 2⁵¹ to the lowest bits of the number, which is
/// a conversion that every processor can do to several numbers at once.
const SHIFT: f64 = 6_755_399_441_055_744.0;

/// How many values are asked for their places.
const SAMPLED: usize = 8;

/// An exception takes its bits and its place, and one more decimal place a good three bits for each
/// value.
const EXCEPTION_BITS: usize = 72;
const BITS_PER_PLACE: f64 = 3.33;

pub fn encode(values: &[f64], out: &mut Vec<u8>) {
    let mut decimals =
        Decimals { digits: [0; SAMPLES_MAX], exceptions: [0; SAMPLES_MAX], count: 0 };
    match decimals.find(values) {
        Some(places) => {
            let digits = &decimals.digits[..values.len()];
            encode_integers(DECIMAL | places as u8, digits, out);
            let exceptions = &decimals.exceptions[..decimals.count];
            put_number(exceptions.len() as u64, out);
            if !exceptions.is_empty() {
                encode_places(exceptions, values.len(), out);
                for place in exceptions {
                    let value = values[usize::from(*place)];
                    out.extend_from_slice(&value.to_bits().to_le_bytes());
                }
            }
        }
        None => {
            let numbers = &mut decimals.digits[..values.len()];
            for (number, value) in numbers.iter_mut().zip(values) {
                *number = ordered(value.to_bits() as i64);
            }
            encode_integers(BITS, numbers, out);
        }
    }
}

/// Fills `out`.
pub fn decode(reader: &mut Reader<'_>, out: &mut [f64]) -> Result<(), Corrupt> {
    let kind = reader.byte()?;
    let mut numbers = [0; SAMPLES_MAX];
    let numbers = numbers.get_mut(..out.len()).ok_or(Corrupt)?;
    if kind & DELTA == 0 {
        integers::decode(reader, numbers)?;
    } else {
        super::decode_deltas(reader, numbers)?;
    }
    if kind & BITS != 0 {
        for (value, number) in out.iter_mut().zip(numbers) {
            *value = f64::from_bits(ordered(*number) as u64);
        }
        return Ok(());
    }
    let power = *POWERS.get(usize::from(kind & PLACES_MASK)).ok_or(Corrupt)?;
    if power == 1.0 {
        for (value, digits) in out.iter_mut().zip(numbers) {
            *value = integer(*digits);
        }
    } else {
        for (value, digits) in out.iter_mut().zip(numbers) {
            *value = integer(*digits) / power;
        }
    }
    let exceptions = reader.size(out.len())?;
    if exceptions > 0 {
        let mut places = [0; SAMPLES_MAX];
        let places = &mut places[..exceptions];
        decode_places(reader, out.len(), places)?;
        for place in places {
            let value = out.get_mut(usize::from(*place)).ok_or(Corrupt)?;
            *value = f64::from_bits(reader.word()?);
        }
    }
    Ok(())
}

fn encode_integers(kind: u8, numbers: &[i64], out: &mut Vec<u8>) {
    let delta = |place: usize| numbers[place].wrapping_sub(numbers[place - 1]);
    if is_smaller(numbers.len(), delta, |place| numbers[place]) {
        out.push(kind | DELTA);
        super::encode_deltas(numbers, out);
    } else {
        out.push(kind);
        Integers::new(numbers.iter().copied()).encode(out);
    }
}

/// The bits of a number such that numbers in their order are integers in theirs; and the way back.
fn ordered(bits: i64) -> i64 {
    bits ^ ((bits >> 63) as u64 >> 1) as i64
}

fn integer(digits: i64) -> f64 {
    f64::from_bits(digits.wrapping_add(SHIFT.to_bits() as i64) as u64) - SHIFT
}

fn digits(value: f64, power: f64) -> i64 {
    ((value * power + SHIFT).to_bits() as i64).wrapping_sub(SHIFT.to_bits() as i64)
}

/// Whether the digits give the very value. What is no number is none of decimals: its bits after
/// arithmetic are nobody's promise.
fn is_exact(value: f64, digits: i64, power: f64) -> bool {
    (integer(digits) / power).to_bits() == value.to_bits() && !value.is_nan()
}

struct Decimals {
    digits: [i64; SAMPLES_MAX],
    exceptions: [u16; SAMPLES_MAX],
    /// Of the exceptions.
    count: usize,
}

impl Decimals {
    /// How many decimal places the values have; `None` where they are no decimals. Those that need
    /// more places are exceptions, as long as there are few.
    fn find(&mut self, values: &[f64]) -> Option<usize> {
        let step = (values.len() / SAMPLED) | 1;
        let mut places = None;
        for value in values.iter().step_by(step) {
            let more = places_of(*value, places.unwrap_or(0));
            places = more.or(places);
            // Where the first is none, the others hardly are.
            places?;
        }
        let mut places = places?;
        loop {
            let power = POWERS[places];
            let mut inexact = 0;
            for (digits_, value) in self.digits.iter_mut().zip(values) {
                *digits_ = digits(*value, power);
                inexact += usize::from(!is_exact(*value, *digits_, power));
            }
            self.count = inexact;
            if inexact == 0 {
                return Some(places);
            }
            let needed = values
                .iter()
                .filter(|value| !is_exact(**value, digits(**value, power), power))
                .filter_map(|value| places_of(*value, places))
                .next();
            let cost = EXCEPTION_BITS * inexact;
            match needed {
                Some(needed)
                    if cost as f64 > BITS_PER_PLACE * ((needed - places) * values.len()) as f64 =>
                {
                    places = needed;
                }
                _ if inexact > values.len() / 8 => return None,
                _ => break,
            }
        }
        let power = POWERS[places];
        self.count = 0;
        let mut before = 0;
        for (place, (digits, value)) in self.digits.iter_mut().zip(values).enumerate() {
            if is_exact(*value, *digits, power) {
                before = *digits;
            } else {
                // Whatever is smallest to write.
                *digits = before;
                self.exceptions[self.count] = place as u16;
                self.count += 1;
            }
        }
        Some(places)
    }
}

/// The fewest places, `from` on, with which the value is exact.
fn places_of(value: f64, from: usize) -> Option<usize> {
    (from..POWERS.len())
        .take_while(|places| (value * POWERS[*places]).abs() < SHIFT / 3.0)
        .find(|places| is_exact(value, digits(value, POWERS[*places]), POWERS[*places]))
}
