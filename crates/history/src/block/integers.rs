//! Integers in as few bits as most of them need.
//!
//! What they have in common goes first: the least of them, and the unit they are multiples of
//! above it, such as a millisecond, or half a cent. What remains is packed in one width, and what does
//! not fit that width is an exception, with its place. Width nought makes a list of exceptions of
//! what is mostly the same.
//!
//! All arithmetic wraps around, so that there is no number that does not come back.

use super::bits::{self, bits, width};
use super::reader::{Reader, put_number, put_signed, signed, unsigned};
use super::{Corrupt, SAMPLES_MAX};

/// In the byte of the width.
const HAS_EXCEPTIONS: u8 = 0x80;
/// In the byte of the width: a unit other than 1 follows.
const HAS_UNIT: u8 = 0x40;
const WIDTH_MASK: u8 = 0x3F;
/// What a width of 64 is written as, which has no room in the mask; widths end at 56 else.
const WORD_WIDTH: u8 = 0x3F;

/// How many numbers are looked at to tell which of two ways to write them is likely the smaller.
const SAMPLED: usize = 32;

/// Numbers to be written; each is overwritten on the way.
pub struct Integers {
    numbers: [u64; SAMPLES_MAX],
    count: usize,
}

impl Integers {
    /// At most [`SAMPLES_MAX`] of them.
    pub fn new(numbers: impl Iterator<Item = i64>) -> Self {
        let mut integers = Self { numbers: [0; SAMPLES_MAX], count: 0 };
        for (place, number) in integers.numbers.iter_mut().zip(numbers) {
            *place = number as u64;
            integers.count += 1;
        }
        integers
    }

    /// Appends them.
    pub fn encode(mut self, out: &mut Vec<u8>) {
        let numbers = &mut self.numbers[..self.count];
        let (mut least, mut most) = (i64::MAX, i64::MIN);
        for number in &*numbers {
            least = least.min(*number as i64);
            most = most.max(*number as i64);
        }
        if least >= most {
            // All the same, or none at all.
            out.push(0);
            put_signed(if numbers.is_empty() { 0 } else { least }, out);
            return;
        }
        for number in &mut *numbers {
            *number = number.wrapping_sub(least as u64);
        }
        let unit = divide_by_unit(numbers);
        let most = (most.wrapping_sub(least) as u64) / unit;
        let window = Window::of(numbers, most);

        // Those outside of the window are packed as its start, of which nothing is ever seen.
        let mut exceptions = Exceptions { places: [0; SAMPLES_MAX], count: 0, most: 0 };
        let mut outside = [0; SAMPLES_MAX];
        if window.width < u64::BITS {
            for (place, number) in numbers.iter_mut().enumerate() {
                let above = number.wrapping_sub(window.start);
                let is_outside = above >> window.width != 0;
                let exception = unsigned(above as i64);
                // Written in any case, which costs less than the branch.
                exceptions.places[exceptions.count] = place as u16;
                outside[exceptions.count] = exception;
                exceptions.count += usize::from(is_outside);
                exceptions.most |= if is_outside { exception } else { 0 };
                *number = if is_outside { 0 } else { above };
            }
        }

        let flags = if exceptions.count > 0 { HAS_EXCEPTIONS } else { 0 }
            | if unit > 1 { HAS_UNIT } else { 0 };
        out.push(flags | if window.width == u64::BITS { WORD_WIDTH } else { window.width as u8 });
        put_signed(least.wrapping_add(unit.wrapping_mul(window.start) as i64), out);
        if unit > 1 {
            put_number(unit, out);
        }
        bits::pack(numbers, window.width, out);
        if exceptions.count > 0 {
            exceptions.encode(numbers.len(), &outside, out);
        }
    }
}

/// Fills `out` with what [`Integers::encode`] wrote of as many.
pub fn decode(reader: &mut Reader<'_>, out: &mut [i64]) -> Result<(), Corrupt> {
    let head = reader.byte()?;
    let start = reader.signed()?;
    let unit = if head & HAS_UNIT != 0 { reader.number()? as i64 } else { 1 };
    let width = match head & WIDTH_MASK {
        WORD_WIDTH => u64::BITS,
        width => u32::from(width),
    };
    let packed = reader.0;
    reader.bytes(bits::packed_bytes(width, out.len()).ok_or(Corrupt)?)?;
    if width == 0 {
        out.fill(start);
    } else {
        // A strip at a time, which stays in the nearest cache.
        const STRIP: usize = 128;
        let mut strip = [0; STRIP];
        let mut packed = packed;
        for out in out.chunks_mut(STRIP) {
            let strip = &mut strip[..out.len()];
            bits::unpack(packed, width, strip);
            packed = packed.get(STRIP / 8 * width as usize..).unwrap_or_default();
            if unit == 1 {
                for (out, above) in out.iter_mut().zip(strip) {
                    *out = start.wrapping_add(*above as i64);
                }
            } else {
                for (out, above) in out.iter_mut().zip(strip) {
                    *out = start.wrapping_add(unit.wrapping_mul(*above as i64));
                }
            }
        }
    }
    if head & HAS_EXCEPTIONS != 0 {
        decode_exceptions(reader, out, start, unit)?;
    }
    Ok(())
}

/// The numbers that are packed: those from `start` on that fit the width.
struct Window {
    start: u64,
    width: u32,
}

impl Window {
    /// The window that makes for the fewest bits in all.
    fn of(numbers: &[u64], most: u64) -> Window {
        let low = Widths::of(numbers.iter().copied());
        let (width, cost) = low.best(bits(most));
        // Where nearly all that fit are far above the least of all, that one should be the exception.
        // (Of numbers that are spread evenly from the least on, half need the last bit.)
        let far = low.counts.get(width as usize).copied().unwrap_or(0);
        if usize::from(far) * 4 > numbers.len() * 3 && width > 2 {
            let middle = median(numbers);
            let around = Widths::of(
                numbers.iter().map(|number| unsigned(number.wrapping_sub(middle) as i64)),
            );
            let (around_width, around_cost) = around.best(bits(most) + 1);
            if around_cost < cost {
                let half = 1_u64.checked_shl(around_width).unwrap_or(0) >> 1;
                return Window { start: middle.wrapping_sub(half), width: around_width };
            }
        }
        Window { start: 0, width }
    }
}

/// How many numbers there are of each width.
struct Widths {
    counts: [u16; 65],
    count: usize,
}

impl Widths {
    fn of(numbers: impl Iterator<Item = u64>) -> Widths {
        // Several, since a count that was just written is slow to be read again.
        let mut counts = [[0_u16; 65]; 4];
        let mut count = 0;
        for number in numbers {
            counts[count % 4][bits(number) as usize] += 1;
            count += 1;
        }
        let [mut sum, rest @ ..] = counts;
        for counts in rest {
            sum.iter_mut().zip(counts).for_each(|(sum, count)| *sum += count);
        }
        Widths { counts: sum, count }
    }

    /// The width at which it all takes the fewest bits, and those bits, if an exception takes
    /// `exception_bits`.
    fn best(&self, exception_bits: u32) -> (u32, usize) {
        // Exceptions are numbers of either sign.
        let exception_bits = width(exception_bits + 1) as usize;
        let mut exceptions = self.count;
        let mut best = (u64::BITS, usize::MAX);
        for (at, count) in self.counts.iter().enumerate() {
            exceptions -= usize::from(*count);
            let width = width(at as u32);
            let head = if exceptions > 0 { 16 } else { 0 };
            let cost = self.count * width as usize
                + head
                + exceptions * exception_bits
                + 8 * places_bytes(exceptions, self.count);
            if cost < best.1 {
                best = (width, cost);
            }
            if exceptions == 0 {
                break;
            }
        }
        best
    }
}

/// Roughly: of a few of them.
fn median(numbers: &[u64]) -> u64 {
    let mut few = [0; 15];
    let step = (numbers.len() / few.len()).max(1);
    let mut count = 0;
    for (place, number) in few.iter_mut().zip(numbers.iter().step_by(step)) {
        *place = *number;
        count += 1;
    }
    let few = &mut few[..count];
    few.sort_unstable();
    few.get(count / 2).copied().unwrap_or(0)
}

/// Divides the numbers by what they all are multiples of.
fn divide_by_unit(numbers: &mut [u64]) -> u64 {
    let mut unit = 0;
    for number in numbers.iter().step_by((numbers.len() / 8).max(1)) {
        unit = common_divisor(unit, *number);
    }
    // Those could have been all the same by chance; then any other tells.
    if unit == 0 {
        unit = numbers.iter().copied().find(|number| *number > 0).unwrap_or(1);
    }
    while unit > 1 {
        let division = Division::by(unit);
        match numbers.iter().find(|number| division.quotient(**number).is_none()) {
            Some(number) => unit = common_divisor(unit, *number),
            None => {
                for number in numbers {
                    *number = division.of(*number);
                }
                return unit;
            }
        }
    }
    1
}

/// Of numbers of which one may be zero, which every number divides.
fn common_divisor(mut one: u64, mut other: u64) -> u64 {
    while other != 0 {
        (one, other) = (other, one % other);
    }
    one
}

/// Division without remainder, by one multiplication.
struct Division {
    /// Of the odd part, modulo the word.
    inverse: u64,
    shift: u32,
    quotient_max: u64,
}

impl Division {
    /// By anything but zero.
    fn by(divisor: u64) -> Division {
        let shift = divisor.trailing_zeros();
        let odd = divisor >> shift;
        // Newton's method: right in three bits, then in twice as many each time.
        let mut inverse = odd;
        for _ in 0..5 {
            inverse = inverse.wrapping_mul(2_u64.wrapping_sub(odd.wrapping_mul(inverse)));
        }
        Division { inverse, shift, quotient_max: u64::MAX / divisor }
    }

    /// Of multiples alone.
    #[inline(always)]
    fn of(&self, number: u64) -> u64 {
        number.wrapping_mul(self.inverse).rotate_right(self.shift)
    }

    #[inline(always)]
    fn quotient(&self, number: u64) -> Option<u64> {
        let quotient = self.of(number);
        (quotient <= self.quotient_max).then_some(quotient)
    }
}

struct Exceptions {
    places: [u16; SAMPLES_MAX],
    count: usize,
    most: u64,
}

impl Exceptions {
    fn encode(&self, count: usize, outside: &[u64], out: &mut Vec<u8>) {
        let places = &self.places[..self.count];
        let width = width(bits(self.most));
        put_number(self.count as u64, out);
        out.push(width as u8);
        encode_places(places, count, out);
        bits::pack(&outside[..self.count], width, out);
    }
}

fn decode_exceptions(
    reader: &mut Reader<'_>,
    out: &mut [i64],
    start: i64,
    unit: i64,
) -> Result<(), Corrupt> {
    let count = reader.size(out.len().min(SAMPLES_MAX))?;
    let width = u32::from(reader.byte()?);
    let mut places = [0; SAMPLES_MAX];
    let places = &mut places[..count];
    decode_places(reader, out.len(), places)?;
    let packed = reader.0;
    reader.bytes(bits::packed_bytes(width, count).ok_or(Corrupt)?)?;
    let mut outside = [0; SAMPLES_MAX];
    let outside = &mut outside[..count];
    bits::unpack(packed, width, outside);
    for (place, above) in places.iter().zip(outside) {
        let out = out.get_mut(usize::from(*place)).ok_or(Corrupt)?;
        *out = start.wrapping_add(unit.wrapping_mul(signed(*above)));
    }
    Ok(())
}

/// What `places` of `count` take: a bit for each of all, or a number for each of them.
fn places_bytes(places: usize, count: usize) -> usize {
    count.div_ceil(8).min(places * place_bytes(count))
}

fn place_bytes(count: usize) -> usize {
    if count <= 256 { 1 } else { 2 }
}

/// Appends ascending places within a run of `count`.
pub fn encode_places(places: &[u16], count: usize, out: &mut Vec<u8>) {
    if places.len() * place_bytes(count) < count.div_ceil(8) {
        for place in places {
            out.extend_from_slice(&place.to_le_bytes()[..place_bytes(count)]);
        }
    } else {
        let mut set = [0_u8; SAMPLES_MAX / 8];
        for place in places {
            set[usize::from(place / 8)] |= 1 << (place % 8);
        }
        out.extend_from_slice(&set[..count.div_ceil(8)]);
    }
}

/// Fills `out` with what [`encode_places`] wrote of as many, in a run of as many.
pub fn decode_places(
    reader: &mut Reader<'_>,
    count: usize,
    out: &mut [u16],
) -> Result<(), Corrupt> {
    let place_bytes = place_bytes(count);
    if out.len() * place_bytes < count.div_ceil(8) {
        let bytes = reader.bytes(out.len() * place_bytes)?;
        for (place, bytes) in out.iter_mut().zip(bytes.chunks_exact(place_bytes)) {
            *place = bytes.iter().rev().fold(0, |place, byte| place << 8 | u16::from(*byte));
        }
        return Ok(());
    }
    let mut places = out.iter_mut();
    for (index, byte) in reader.bytes(count.div_ceil(8))?.iter().enumerate() {
        let mut set = *byte;
        while set != 0 {
            *places.next().ok_or(Corrupt)? = (index * 8) as u16 + set.trailing_zeros() as u16;
            set &= set - 1;
        }
    }
    if places.next().is_some() { Err(Corrupt) } else { Ok(()) }
}

/// Whether the first of two ways to write `count` numbers is likely to take fewer bits than the
/// second, by a few of the numbers.
pub fn is_smaller(
    count: usize,
    first: impl Fn(usize) -> i64,
    second: impl Fn(usize) -> i64,
) -> bool {
    // Not a power of two, by which what alternates would look constant.
    let step = (count / SAMPLED) | 1;
    let spread = |number: &dyn Fn(usize) -> i64| {
        // The first has no difference to the one before.
        let places = (1..count).step_by(step);
        let least = places.clone().map(number).min().unwrap_or(0);
        places.map(|place| bits(number(place).wrapping_sub(least) as u64)).sum::<u32>()
    };
    spread(&first) < spread(&second)
}
