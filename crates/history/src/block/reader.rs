//! What a block is read and written with, beside packed numbers.

use super::Corrupt;

/// Reads on from where it is; past the end there is nothing but [`Corrupt`].
pub struct Reader<'a>(pub &'a [u8]);

impl<'a> Reader<'a> {
    pub fn byte(&mut self) -> Result<u8, Corrupt> {
        let (byte, rest) = self.0.split_first().ok_or(Corrupt)?;
        self.0 = rest;
        Ok(*byte)
    }

    pub fn bytes(&mut self, count: usize) -> Result<&'a [u8], Corrupt> {
        let (bytes, rest) = self.0.split_at_checked(count).ok_or(Corrupt)?;
        self.0 = rest;
        Ok(bytes)
    }

    pub fn word(&mut self) -> Result<u64, Corrupt> {
        let word = self.bytes(8)?.first_chunk().ok_or(Corrupt)?;
        Ok(u64::from_le_bytes(*word))
    }

    /// A number written by [`put_number`].
    pub fn number(&mut self) -> Result<u64, Corrupt> {
        let mut number = 0;
        for shift in (0..u64::BITS).step_by(7) {
            let byte = self.byte()?;
            number |= u64::from(byte & 0x7F) << shift;
            if byte & 0x80 == 0 {
                return Ok(number);
            }
        }
        Err(Corrupt)
    }

    pub fn signed(&mut self) -> Result<i64, Corrupt> {
        self.number().map(signed)
    }

    /// A number that is at most `max`.
    pub fn size(&mut self, max: usize) -> Result<usize, Corrupt> {
        usize::try_from(self.number()?).ok().filter(|size| *size <= max).ok_or(Corrupt)
    }
}

/// Small numbers take few bytes: seven bits each, the lowest first.
pub fn put_number(mut number: u64, out: &mut Vec<u8>) {
    while number >= 0x80 {
        out.push(number as u8 | 0x80);
        number >>= 7;
    }
    out.push(number as u8);
}

pub fn put_signed(number: i64, out: &mut Vec<u8>) {
    put_number(unsigned(number), out);
}

/// Makes numbers near zero small, whatever their sign.
pub fn unsigned(number: i64) -> u64 {
    ((number << 1) ^ (number >> 63)) as u64
}

/// The way back from [`unsigned`].
pub fn signed(number: u64) -> i64 {
    (number >> 1) as i64 ^ -((number & 1) as i64)
}
