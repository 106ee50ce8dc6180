//! Room that blocks are decoded in, one after the other, so that none of them needs memory, or has
//! it cleared.

use super::reader::Reader;
use super::{AS_TIMES, Block, Corrupt, decode_arrivals, decode_deltas, values};
use crate::Axis;

#[derive(Debug, Default)]
pub struct Room {
    times: Vec<i64>,
    arrivals: Vec<i64>,
    values: Vec<f64>,
    numbers: Vec<i64>,
}

/// What is in a block, for a look along an axis.
#[derive(Clone, Copy, Debug)]
pub struct Samples<'a> {
    pub times: &'a [i64],
    /// Where the samples stand on the axis.
    pub moments: &'a [i64],
    /// To be divided by `divisor`, which is at least 1.
    pub values: &'a [f64],
    pub divisor: f64,
}

impl Room {
    pub fn decode(&mut self, bytes: &[u8], axis: Axis) -> Result<Samples<'_>, Corrupt> {
        let block = Block::read(bytes)?;
        let times = first(&mut self.times, block.count);
        decode_deltas(&mut Reader(block.times), times)?;
        let values = first(&mut self.values, block.count);
        let numbers = first(&mut self.numbers, block.count);
        let divisor = values::decode_undivided(&mut Reader(block.values), numbers, values)?;
        let times: &[i64] = times;
        let moments = match axis {
            Axis::Arrival if block.arrivals.first() != Some(&AS_TIMES) => {
                let arrivals = first(&mut self.arrivals, block.count);
                decode_arrivals(&block, times, arrivals)?;
                arrivals
            }
            _ => times,
        };
        Ok(Samples { times, moments, values, divisor })
    }
}

fn first<T: Copy + Default>(room: &mut Vec<T>, count: usize) -> &mut [T] {
    if room.len() < count {
        room.resize(count, T::default());
    }
    &mut room[..count]
}
