//! Values: decimals as the integers they once were, or the bits of numbers as integers.
//!
//! What a feed sends is mostly decimal: 64000.12 is 6400012 with two places. It is read as the
//! nearest number there is, and dividing 6400012 by 100 gives just that one, since division rounds
//! to the nearest, too. That is tried on each value, so that what comes back is exact in any case.

use super::integers::{self, decode_places, encode_places, is_smaller};
use super::reader::{Reader, put_number};
use super::{Corrupt, SAMPLES_MAX, decode_deltas, encode_deltas, with_room};

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

/// Appends values; `numbers` is room for as many.
pub fn encode(values: &[f64], numbers: &mut [i64], out: &mut Vec<u8>) {
    match find_places(values, numbers) {
        Some(Decimals { places, exceptions: 0 }) => {
            encode_integers(DECIMAL | places as u8, numbers, out);
            out.push(0);
        }
        Some(Decimals { places, exceptions }) => {
            let mut room = [0; SAMPLES_MAX];
            let exceptions = &mut room[..exceptions];
            take_exceptions(values, numbers, POWERS[places], exceptions);
            encode_integers(DECIMAL | places as u8, numbers, out);
            encode_exceptions(values, exceptions, out);
        }
        None => {
            for (number, value) in numbers.iter_mut().zip(values) {
                *number = ordered(value.to_bits() as i64);
            }
            encode_integers(BITS, numbers, out);
        }
    }
}

/// Fills `out`; `numbers` is room for as many.
pub fn decode(
    reader: &mut Reader<'_>,
    numbers: &mut [i64],
    out: &mut [f64],
) -> Result<(), Corrupt> {
    let power = decode_undivided(reader, numbers, out)?;
    divide(out, power);
    Ok(())
}

/// Fills `out` with what is still to be divided by the number returned, which is at least 1.
/// Dividing keeps the order of numbers: who asks for a few of them need not divide them all.
pub fn decode_undivided(
    reader: &mut Reader<'_>,
    numbers: &mut [i64],
    out: &mut [f64],
) -> Result<f64, Corrupt> {
    let kind = reader.byte()?;
    if kind & BITS != 0 {
        let value = |number| f64::from_bits(ordered(number) as u64);
        decode_integers(kind, reader, numbers, out, value)?;
        return Ok(1.0);
    }
    let power = *POWERS.get(usize::from(kind & PLACES_MASK)).ok_or(Corrupt)?;
    decode_integers(kind, reader, numbers, out, integer)?;
    let exceptions = reader.size(out.len().min(SAMPLES_MAX))?;
    if exceptions == 0 {
        return Ok(power);
    }
    // They are what they are.
    divide(out, power);
    decode_exceptions(reader, exceptions, out)?;
    Ok(1.0)
}

fn divide(values: &mut [f64], power: f64) {
    if power != 1.0 {
        values.iter_mut().for_each(|value| *value /= power);
    }
}

fn decode_integers(
    kind: u8,
    reader: &mut Reader<'_>,
    numbers: &mut [i64],
    out: &mut [f64],
    of: impl Fn(i64) -> f64,
) -> Result<(), Corrupt> {
    if kind & DELTA == 0 {
        return integers::decode_as(reader, numbers, out, of);
    }
    decode_deltas(reader, numbers)?;
    out.iter_mut().zip(numbers).for_each(|(value, number)| *value = of(*number));
    Ok(())
}

fn encode_exceptions(values: &[f64], exceptions: &[u16], out: &mut Vec<u8>) {
    put_number(exceptions.len() as u64, out);
    encode_places(exceptions, values.len(), out);
    for place in exceptions {
        out.extend_from_slice(&values[usize::from(*place)].to_bits().to_le_bytes());
    }
}

fn decode_exceptions(
    reader: &mut Reader<'_>,
    count: usize,
    out: &mut [f64],
) -> Result<(), Corrupt> {
    with_room(count, |places| {
        decode_places(reader, out.len(), places)?;
        for place in places {
            let value = out.get_mut(usize::from(*place)).ok_or(Corrupt)?;
            *value = f64::from_bits(reader.word()?);
        }
        Ok(())
    })
}

fn encode_integers(kind: u8, numbers: &mut [i64], out: &mut Vec<u8>) {
    let delta = |place: usize| numbers[place].wrapping_sub(numbers[place - 1]);
    if is_smaller(numbers.len(), delta, |place| numbers[place]) {
        out.push(kind | DELTA);
        encode_deltas(numbers, out);
    } else {
        out.push(kind);
        integers::encode(numbers, out);
    }
}

/// The bits of a number such that numbers in their order are integers in theirs; and the way back.
pub fn ordered(bits: i64) -> i64 {
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

/// How values are decimals.
struct Decimals {
    places: usize,
    /// How many of them are none, or need more places.
    exceptions: usize,
}

/// How many decimal places the values have, and their digits; `None` where they are no decimals.
/// Those that need more places are exceptions, as long as there are few.
fn find_places(values: &[f64], numbers: &mut [i64]) -> Option<Decimals> {
    let step = (values.len() / SAMPLED) | 1;
    let mut places = None;
    for value in values.iter().step_by(step) {
        places = places_of(*value, places.unwrap_or(0)).or(places);
        // Where the first is none, the others hardly are.
        places?;
    }
    let mut places = places?;
    loop {
        let exceptions = digits_of(values, POWERS[places], numbers);
        if exceptions == 0 {
            return Some(Decimals { places, exceptions });
        }
        let is_inexact =
            |value: &&f64| !is_exact(**value, digits(**value, POWERS[places]), POWERS[places]);
        let needed = values.iter().filter(is_inexact).find_map(|value| places_of(*value, places));
        let cost = (EXCEPTION_BITS * exceptions) as f64;
        match needed {
            Some(needed) if cost > BITS_PER_PLACE * ((needed - places) * values.len()) as f64 => {
                places = needed;
            }
            _ if exceptions > values.len() / 8 => return None,
            _ => return Some(Decimals { places, exceptions }),
        }
    }
}

/// The digits of all values, and how many of the values they are not exact for.
fn digits_of(values: &[f64], power: f64, numbers: &mut [i64]) -> usize {
    let mut inexact = 0;
    for (number, value) in numbers.iter_mut().zip(values) {
        *number = digits(*value, power);
        inexact += usize::from(!is_exact(*value, *number, power));
    }
    inexact
}

/// Finds the places of the exceptions, and gives them digits that are small to write.
fn take_exceptions(values: &[f64], numbers: &mut [i64], power: f64, exceptions: &mut [u16]) {
    let mut exceptions = exceptions.iter_mut();
    let mut before = 0;
    for (place, (number, value)) in numbers.iter_mut().zip(values).enumerate() {
        if is_exact(*value, *number, power) {
            before = *number;
        } else {
            *number = before;
            if let Some(exception) = exceptions.next() {
                *exception = place as u16;
            }
        }
    }
}

/// The fewest places, `from` on, with which the value is exact.
fn places_of(value: f64, from: usize) -> Option<usize> {
    (from..POWERS.len())
        .take_while(|places| (value * POWERS[*places]).abs() < SHIFT / 3.0)
        .find(|places| is_exact(value, digits(value, POWERS[*places]), POWERS[*places]))
}
