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
use super::{Corrupt, SAMPLES_MAX, with_room};

/// In the byte of the width.
const HAS_EXCEPTIONS: u8 = 0x80;
/// In the byte of the width: a unit other than 1 follows.
const HAS_UNIT: u8 = 0x40;
const WIDTH_MASK: u8 = 0x3F;
/// What a width of 64 is written as, which has no room in the mask; widths end at 56 else.
const WORD_WIDTH: u8 = 0x3F;

/// How many numbers are looked at to tell which of two ways to write them is likely the smaller.
const COMPARED: usize = 32;

/// How many numbers are looked at to choose the width, beside the least and the greatest.
const MEASURED: usize = 64;

/// Appends at most [`SAMPLES_MAX`] numbers, as [`decode`] reads them; they are overwritten on the way.
pub fn encode(numbers: &mut [i64], out: &mut Vec<u8>) {
    let (least, most) = least_and_most(numbers);
    if least >= most {
        // All the same, or none at all.
        out.push(0);
        put_signed(if numbers.is_empty() { 0 } else { least }, out);
        return;
    }
    if least != 0 {
        numbers.iter_mut().for_each(|number| *number = number.wrapping_sub(least));
    }
    let unit = divide_by_unit(numbers);
    let most = (most.wrapping_sub(least) as u64) / unit;
    let window = Window::of(numbers, most);

    let has_exceptions = window.width < bits(most);
    let flags =
        if has_exceptions { HAS_EXCEPTIONS } else { 0 } | if unit > 1 { HAS_UNIT } else { 0 };
    out.push(flags | if window.width == u64::BITS { WORD_WIDTH } else { window.width as u8 });
    put_signed(least.wrapping_add((unit as i64).wrapping_mul(window.start)), out);
    if unit > 1 {
        put_number(unit, out);
    }
    if has_exceptions {
        encode_with_exceptions(numbers, &window, out);
    } else {
        bits::pack(numbers, window.width, out);
    }
}

/// Fills `out` with as many numbers as [`encode`] wrote.
pub fn decode(reader: &mut Reader<'_>, out: &mut [i64]) -> Result<(), Corrupt> {
    let scale = decode_packed(reader, out)?;
    if scale.unit == 1 {
        out.iter_mut().for_each(|number| *number = number.wrapping_add(scale.start));
    } else {
        out.iter_mut().for_each(|number| *number = scale.number(*number));
    }
    Ok(())
}

/// The same, as what `of` makes of them; `room` is for as many.
pub fn decode_as<T>(
    reader: &mut Reader<'_>,
    room: &mut [i64],
    out: &mut [T],
    of: impl Fn(i64) -> T,
) -> Result<(), Corrupt> {
    let scale = decode_packed(reader, room)?;
    let all = out.iter_mut().zip(room);
    if scale.unit == 1 {
        all.for_each(|(out, packed)| *out = of(packed.wrapping_add(scale.start)));
    } else {
        all.for_each(|(out, packed)| *out = of(scale.number(*packed)));
    }
    Ok(())
}

/// The same, each added to all that are before it, and to `first`.
pub fn decode_sums(reader: &mut Reader<'_>, first: i64, out: &mut [i64]) -> Result<(), Corrupt> {
    let scale = decode_packed(reader, out)?;
    let mut sum = first;
    // A multiplication takes longer, and mostly there is none.
    if scale.unit == 1 {
        for number in out {
            sum = sum.wrapping_add(number.wrapping_add(scale.start));
            *number = sum;
        }
    } else {
        for number in out {
            sum = sum.wrapping_add(scale.number(*number));
            *number = sum;
        }
    }
    Ok(())
}

/// What numbers were before they were packed.
struct Scale {
    start: i64,
    unit: i64,
}

impl Scale {
    #[inline(always)]
    fn number(&self, packed: i64) -> i64 {
        self.start.wrapping_add(self.unit.wrapping_mul(packed))
    }
}

fn decode_packed(reader: &mut Reader<'_>, out: &mut [i64]) -> Result<Scale, Corrupt> {
    let head = reader.byte()?;
    let start = reader.signed()?;
    let unit = if head & HAS_UNIT != 0 { reader.number()? as i64 } else { 1 };
    let width = match head & WIDTH_MASK {
        WORD_WIDTH => u64::BITS,
        width => u32::from(width),
    };
    let packed = reader.0;
    reader.bytes(bits::packed_bytes(width, out.len()).ok_or(Corrupt)?)?;
    bits::unpack(packed, width, out);
    if head & HAS_EXCEPTIONS != 0 {
        decode_exceptions(reader, out)?;
    }
    Ok(Scale { start, unit })
}

/// The numbers that are packed: those from `start` on that fit the width. If that is as wide as
/// the greatest number, all do.
struct Window {
    start: i64,
    width: u32,
}

impl Window {
    /// The window that makes for the fewest bits in all, or nearly.
    fn of(numbers: &[i64], most: u64) -> Window {
        let step = (numbers.len() / MEASURED).max(1);
        let low = Widths::of(numbers.iter().step_by(step).map(|number| *number as u64), step);
        let (width, cost) = low.best(bits(most));
        // Where nearly all that fit are far above the least of all, that one should be the exception.
        // (Of numbers that are spread evenly from the least on, half need the last bit.)
        let far = low.counts.get(width as usize).copied().unwrap_or(0);
        if usize::from(far) * 4 > low.count * 3 && width > 2 {
            let middle = median(numbers);
            let distance = |number: &i64| unsigned(number.wrapping_sub(middle));
            let around = Widths::of(numbers.iter().step_by(step).map(distance), step);
            let (around_width, around_cost) = around.best(bits(most) + 1);
            if around_cost < cost && around_width < bits(most) {
                let half = 1_i64 << around_width >> 1;
                return Window { start: middle.wrapping_sub(half), width: around_width };
            }
        }
        Window { start: 0, width }
    }
}

/// How many numbers there are of each width, of those that were looked at.
struct Widths {
    counts: [u16; 65],
    count: usize,
    /// How many numbers each of those stands for.
    step: usize,
}

impl Widths {
    fn of(numbers: impl Iterator<Item = u64>, step: usize) -> Widths {
        let (mut counts, mut count) = ([0; 65], 0);
        for number in numbers {
            counts[bits(number) as usize] += 1;
            count += 1;
        }
        Widths { counts, count, step }
    }

    /// The width at which it all takes the fewest bits, and those bits, if the widest number takes
    /// `most_bits`.
    fn best(&self, most_bits: u32) -> (u32, usize) {
        // Exceptions are numbers of either sign.
        let exception_bits = width(most_bits + 1) as usize;
        let count = self.count * self.step;
        let mut above = self.count;
        let mut best = (width(most_bits), count * width(most_bits) as usize);
        for (at, here) in self.counts.iter().enumerate() {
            let width = width(at as u32);
            if width >= most_bits {
                break;
            }
            above -= usize::from(*here);
            // At least the greatest is one, if no other was looked at.
            let exceptions = (above * self.step).max(1);
            let cost = count * width as usize
                + 16
                + exceptions * exception_bits
                + 8 * places_bytes(exceptions, count);
            if cost < best.1 {
                best = (width, cost);
            }
            if above == 0 {
                break;
            }
        }
        best
    }
}

fn least_and_most(numbers: &[i64]) -> (i64, i64) {
    // Several at a time, which need not wait for each other.
    let (mut least, mut most) = ([i64::MAX; 4], [i64::MIN; 4]);
    let (runs, rest) = numbers.as_chunks::<4>();
    for run in runs {
        for ((least, most), number) in least.iter_mut().zip(&mut most).zip(run) {
            *least = (*least).min(*number);
            *most = (*most).max(*number);
        }
    }
    let least = least.iter().chain(rest).copied().fold(i64::MAX, i64::min);
    (least, most.iter().chain(rest).copied().fold(i64::MIN, i64::max))
}

/// Roughly: of a few of them.
fn median(numbers: &[i64]) -> i64 {
    let mut few = [0; 15];
    let step = (numbers.len() / few.len()).max(1);
    let mut count = 0;
    for (place, number) in few.iter_mut().zip(numbers.iter().step_by(step)) {
        *place = *number as u64;
        count += 1;
    }
    let few = &mut few[..count];
    few.sort_unstable();
    few.get(count / 2).copied().unwrap_or(0) as i64
}

/// Divides the numbers, unsigned, by what they all are multiples of.
fn divide_by_unit(numbers: &mut [i64]) -> u64 {
    let mut unit = 0;
    for number in numbers.iter().step_by((numbers.len() / 8).max(1)) {
        unit = common_divisor(*number as u64, unit);
        if unit == 1 {
            return 1;
        }
    }
    // Where most are zero there is little to be had.
    if unit == 0 {
        return 1;
    }
    while unit > 1 {
        let division = Division::by(unit);
        // Several at a time, since there is mostly nothing to be found.
        let mut runs = numbers.chunks(32);
        let run = runs.find(|run| {
            run.iter().fold(false, |is_found, number| is_found | !division.divides(*number as u64))
        });
        let Some(run) = run else {
            for number in numbers {
                *number = division.quotient(*number as u64) as i64;
            }
            return unit;
        };
        unit = run.iter().fold(unit, |unit, number| common_divisor(*number as u64, unit));
    }
    1
}

/// Zero is a multiple of every number.
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

    /// Of multiples alone; of others, it is more than the greatest quotient there is.
    #[inline(always)]
    fn quotient(&self, number: u64) -> u64 {
        number.wrapping_mul(self.inverse).rotate_right(self.shift)
    }

    #[inline(always)]
    fn divides(&self, number: u64) -> bool {
        self.quotient(number) <= self.quotient_max
    }
}

fn encode_with_exceptions(numbers: &mut [i64], window: &Window, out: &mut Vec<u8>) {
    let (mut places, mut outside) = ([0; SAMPLES_MAX], [0; SAMPLES_MAX]);
    let inside_max = (1 << window.width) - 1;
    let (mut count, mut most) = (0, 0);
    for (place, number) in numbers.iter_mut().enumerate() {
        let above = number.wrapping_sub(window.start);
        let is_outside = above as u64 > inside_max;
        let exception = unsigned(above);
        // Written in any case, which costs less than the branch.
        places[count] = place as u16;
        outside[count] = exception as i64;
        count += usize::from(is_outside);
        most |= if is_outside { exception } else { 0 };
        // What stands in its place is never seen.
        *number = if is_outside { 0 } else { above };
    }
    bits::pack(numbers, window.width, out);
    let width = width(bits(most));
    put_number(count as u64, out);
    out.push(width as u8);
    encode_places(&places[..count], numbers.len(), out);
    bits::pack(&outside[..count], width, out);
}

fn decode_exceptions(reader: &mut Reader<'_>, out: &mut [i64]) -> Result<(), Corrupt> {
    let count = reader.size(out.len().min(SAMPLES_MAX))?;
    let width = u32::from(reader.byte()?);
    with_room(count, |places| {
        decode_places(reader, out.len(), places)?;
        let packed = reader.0;
        reader.bytes(bits::packed_bytes(width, count).ok_or(Corrupt)?)?;
        with_room(count, |outside| {
            bits::unpack(packed, width, outside);
            for (place, exception) in places.iter().zip(outside) {
                *out.get_mut(usize::from(*place)).ok_or(Corrupt)? = signed(*exception as u64);
            }
            Ok(())
        })
    })
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
    for (index, bytes) in reader.bytes(count.div_ceil(8))?.chunks(8).enumerate() {
        let mut word = [0; 8];
        word[..bytes.len()].copy_from_slice(bytes);
        let mut set = u64::from_le_bytes(word);
        while set != 0 {
            *places.next().ok_or(Corrupt)? = (index * 64) as u16 + set.trailing_zeros() as u16;
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
    let step = (count / COMPARED) | 1;
    let (mut firsts, mut seconds) = ([0; COMPARED], [0; COMPARED]);
    let mut compared = 0;
    // The first has no difference to the one before.
    let places = (1..count).step_by(step);
    for ((first_, second_), place) in firsts.iter_mut().zip(&mut seconds).zip(places) {
        (*first_, *second_) = (first(place), second(place));
        compared += 1;
    }
    spread(&firsts[..compared]) < spread(&seconds[..compared])
}

/// The bits that the numbers take above the least of them.
fn spread(numbers: &[i64]) -> u32 {
    let least = numbers.iter().copied().min().unwrap_or(0);
    numbers.iter().map(|number| bits(number.wrapping_sub(least) as u64)).sum()
}
