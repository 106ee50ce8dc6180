//! Integers side by side, each in the same number of bits, without a sign.
//!
//! Eight of them fill as many bytes as each has bits, so that the compiler, told the width, knows
//! every shift: it takes no branches, and three instructions a number to read.

/// Wider ones take a whole word each: at an odd place within a byte, a word would not hold one.
const PACKED_BITS_MAX: u32 = 56;

/// The width that takes `bits` bits: the same, or a whole word.
pub fn width(bits: u32) -> u32 {
    if bits <= PACKED_BITS_MAX { bits } else { u64::BITS }
}

/// `None` where the width is none that [`width`] gives.
pub fn packed_bytes(width: u32, count: usize) -> Option<usize> {
    let is_width = width <= PACKED_BITS_MAX || width == u64::BITS;
    is_width.then(|| (width as usize * count).div_ceil(8))
}

/// How many bits a number takes.
pub fn bits(number: u64) -> u32 {
    u64::BITS - number.leading_zeros()
}

/// Appends numbers of at most `width` bits each.
pub fn pack(numbers: &[i64], width: u32, out: &mut Vec<u8>) {
    if let Some(pack) = PACK.get(width as usize) {
        pack(numbers, out);
    } else {
        out.extend(numbers.iter().flat_map(|number| number.to_le_bytes()));
    }
}

/// Reads as many numbers as `out` has room for. `bytes` begins with them, and may go on; what is
/// behind its end counts as zero.
pub fn unpack(bytes: &[u8], width: u32, out: &mut [i64]) {
    if let Some(unpack) = UNPACK.get(width as usize) {
        unpack(bytes, out);
    } else {
        for (number, word) in out.iter_mut().zip(bytes.as_chunks().0) {
            *number = i64::from_le_bytes(*word);
        }
    }
}

fn pack_width<const WIDTH: usize>(numbers: &[i64], out: &mut Vec<u8>) {
    let (groups, rest) = numbers.as_chunks();
    let start = out.len();
    out.resize(start + groups.len() * WIDTH, 0);
    if WIDTH > 0 {
        for (group, bytes) in groups.iter().zip(out[start..].chunks_exact_mut(WIDTH)) {
            pack_group::<WIDTH>(group, bytes);
        }
    }
    if !rest.is_empty() {
        let (mut group, mut bytes) = ([0; 8], [0; PACKED_BITS_MAX as usize]);
        group[..rest.len()].copy_from_slice(rest);
        pack_group::<WIDTH>(&group, &mut bytes[..WIDTH]);
        out.extend_from_slice(&bytes[..(rest.len() * WIDTH).div_ceil(8)]);
    }
}

#[inline(always)]
fn pack_group<const WIDTH: usize>(numbers: &[i64; 8], bytes: &mut [u8]) {
    let (mut word, mut filled, mut at) = (0, 0, 0);
    for number in numbers {
        let number = *number as u64;
        word |= number << filled;
        filled += WIDTH;
        if filled >= 64 {
            bytes[at..at + 8].copy_from_slice(&word.to_le_bytes());
            at += 8;
            filled -= 64;
            // `WIDTH` is below 64, so that no shift is as wide as the word.
            word = number >> (WIDTH - filled);
        }
    }
    bytes[at..WIDTH].copy_from_slice(&word.to_le_bytes()[..WIDTH - at]);
}

fn unpack_width<const WIDTH: usize>(bytes: &[u8], out: &mut [i64]) {
    let (groups, rest) = out.as_chunks_mut();
    let mut bytes = bytes;
    for group in groups {
        unpack_group::<WIDTH>(bytes, group);
        bytes = bytes.get(WIDTH..).unwrap_or_default();
    }
    let mut group = [0; 8];
    unpack_group::<WIDTH>(bytes, &mut group);
    rest.copy_from_slice(&group[..rest.len()]);
}

#[inline(always)]
fn unpack_group<const WIDTH: usize>(bytes: &[u8], out: &mut [i64; 8]) {
    const WINDOW: usize = PACKED_BITS_MAX as usize + 8;
    // The last number is read as a word like the others, which ends behind the group.
    if let Some(window) = bytes.get(..WIDTH + 8) {
        unpack_window::<WIDTH>(window, out);
    } else {
        let mut window = [0; WINDOW];
        let len = bytes.len().min(WINDOW);
        window[..len].copy_from_slice(&bytes[..len]);
        unpack_window::<WIDTH>(&window[..WIDTH + 8], out);
    }
}

#[inline(always)]
fn unpack_window<const WIDTH: usize>(window: &[u8], out: &mut [i64; 8]) {
    let mask = (1 << WIDTH) - 1;
    let mut word = [0; 8];
    for (index, number) in out.iter_mut().enumerate() {
        let bit = index * WIDTH;
        word.copy_from_slice(&window[bit / 8..bit / 8 + 8]);
        *number = ((u64::from_le_bytes(word) >> (bit % 8)) & mask) as i64;
    }
}

macro_rules! of_each_width {
    ($function:ident) => {
        of_each_width!($function: 0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24
            25 26 27 28 29 30 31 32 33 34 35 36 37 38 39 40 41 42 43 44 45 46 47 48 49 50 51 52 53
            54 55 56)
    };
    ($function:ident: $($width:literal)*) => { [$($function::<$width>),*] };
}

type Pack = fn(&[i64], &mut Vec<u8>);
type Unpack = fn(&[u8], &mut [i64]);

const PACK: [Pack; PACKED_BITS_MAX as usize + 1] = of_each_width!(pack_width);

const UNPACK: [Unpack; PACKED_BITS_MAX as usize + 1] = of_each_width!(unpack_width);
