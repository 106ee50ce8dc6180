//! Samples as sensors and markets have them, made from a number: the same ones every time.

use clap::ValueEnum;
use feedscope_history::Sample;

/// 2026-01-01.
pub const START_NS: i64 = 1_767_225_600_000_000_000;
/// Samples come a thousand times a second; then some later they arrive.
const STEP_NS: i64 = 1_000_000;
const LATENCY_NS: u64 = 20_000_000;
const MILLISECOND_NS: i64 = 1_000_000;

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Shape {
    /// A sensor on a clock, in thousandths; no time of its own but the arrival's.
    Regular,
    /// A sensor that is read when there is time for it: microseconds, and noise in hundredths.
    Jittered,
    /// A market's price in cents, when there are trades: in milliseconds, several at once.
    Price,
    /// Any numbers at any nanoseconds: nothing that could be made smaller but the times' order.
    Random,
}

pub const SHAPES: [(Shape, &str); 4] = [
    (Shape::Regular, "regular: a clock's times, thousandths"),
    (Shape::Jittered, "jittered: microseconds, noise in hundredths"),
    (Shape::Price, "price: milliseconds, a walk in cents"),
    (Shape::Random, "random: nanoseconds, any number"),
];

/// One sample after the other, without end.
pub struct Maker {
    shape: Shape,
    chance: Chance,
    number: i64,
    time_ns: i64,
    arrival_ns: i64,
    cents: i64,
}

impl Maker {
    pub fn new(shape: Shape) -> Maker {
        let (time_ns, arrival_ns) = (START_NS, START_NS);
        Maker { shape, chance: Chance(1), number: 0, time_ns, arrival_ns, cents: 6_400_000 }
    }

    /// Replaces what is in `samples` by as many new ones.
    pub fn refill(&mut self, samples: &mut [Sample]) {
        samples.fill_with(|| self.next());
    }

    pub fn next(&mut self) -> Sample {
        self.number += 1;
        let angle = self.number as f64 / 10_000.0;
        let value = match self.shape {
            Shape::Regular => {
                self.time_ns += STEP_NS;
                (angle.sin() * 20_000.0).round() / 1_000.0
            }
            Shape::Jittered => {
                let microseconds = 500 + self.chance.below(1_001) as i64;
                self.time_ns += microseconds * 1_000;
                let noise = self.chance.below(200) as f64 / 100.0;
                ((angle.sin() * 20.0 + noise) * 100.0).round() / 100.0
            }
            Shape::Price => {
                // Half of them at the same moment as the one before.
                let milliseconds = self.chance.below(4).saturating_sub(1) as i64;
                self.time_ns += milliseconds * MILLISECOND_NS;
                self.cents += self.chance.below(11) as i64 - 5;
                self.cents as f64 / 100.0
            }
            Shape::Random => {
                self.time_ns += self.chance.below(2 * STEP_NS as u64) as i64;
                f64::from_bits(self.chance.next() & !(1 << 62))
            }
        };
        self.arrival_ns = match self.shape {
            Shape::Regular => self.time_ns,
            _ => {
                let late = LATENCY_NS + self.chance.below(LATENCY_NS);
                // What is read from one socket arrives in order.
                self.arrival_ns.max(self.time_ns + late as i64)
            }
        };
        Sample { time_ns: self.time_ns, arrival_ns: self.arrival_ns, value }
    }
}

/// Numbers that look like chance: Marsaglia's xorshift. To make a sample must cost next to nothing,
/// and the same ones must come with every version of everything.
pub struct Chance(pub u64);

impl Chance {
    pub fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    pub fn below(&mut self, end: u64) -> u64 {
        ((u128::from(self.next()) * u128::from(end)) >> 64) as u64
    }

    /// From 0 to 1.
    pub fn share(&mut self) -> f64 {
        self.next() as f64 / u64::MAX as f64
    }
}
