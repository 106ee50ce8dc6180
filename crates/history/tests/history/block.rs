//! Blocks come back bit by bit, whatever is in them, are as small as they should be, and any bytes
//! can be read.

use feedscope_history::Axis;
use feedscope_history::block::{self, Corrupt, Room, SAMPLES_MAX};
use proptest::prelude::*;
use proptest::test_runner::TestCaseError;
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

const NOW_NS: i64 = 1_750_000_000_123_456_000;
const MS: i64 = 1_000_000;
const AXES: [Axis; 2] = [Axis::Source, Axis::Arrival];

fn encode(times: &[i64], arrivals: &[i64], values: &[f64]) -> Vec<u8> {
    let mut bytes = Vec::new();
    assert_eq!(block::encode(times, arrivals, values, &mut bytes), times.len());
    bytes
}

/// What a block of these comes to, once it came back as it was.
fn bytes_a_sample(times: &[i64], arrivals: &[i64], values: &[f64]) -> f64 {
    let bytes = encode(times, arrivals, values);
    is_back(&bytes, times, arrivals, values).unwrap();
    bytes.len() as f64 / times.len() as f64
}

fn is_back(
    bytes: &[u8],
    times: &[i64],
    arrivals: &[i64],
    values: &[f64],
) -> Result<(), TestCaseError> {
    // What was there before stays.
    let (mut got_times, mut got_arrivals, mut got_values) = (vec![7], vec![8], vec![9.0]);
    prop_assert_eq!(block::count(bytes), Ok(times.len()));
    prop_assert_eq!(block::times(bytes, &mut got_times), Ok(()));
    prop_assert_eq!(block::arrivals(bytes, &mut got_arrivals), Ok(()));
    prop_assert_eq!(block::values(bytes, &mut got_values), Ok(()));
    prop_assert_eq!(got_times.split_first(), Some((&7, times)));
    prop_assert_eq!(got_arrivals.split_first(), Some((&8, arrivals)));
    prop_assert_eq!(got_values[0], 9.0);
    let bits = |values: &[f64]| values.iter().map(|value| value.to_bits()).collect::<Vec<_>>();
    prop_assert_eq!(bits(&got_values[1..]), bits(values));
    // In a room where other samples were before.
    let mut room = Room::default();
    let _ =
        room.decode(&encode(&[1; SAMPLES_MAX], &[2; SAMPLES_MAX], &[0.5; SAMPLES_MAX]), AXES[1]);
    for (axis, moments) in AXES.into_iter().zip([times, arrivals]) {
        let got = room.decode(bytes, axis).unwrap();
        prop_assert_eq!((got.times, got.moments), (times, moments));
        // What is not a number comes back as one that is not: a division may change which.
        let got = got.values.iter().map(|value| value / got.divisor).collect::<Vec<_>>();
        let same = |(a, b): (&f64, &f64)| a.to_bits() == b.to_bits() || (a.is_nan() && b.is_nan());
        prop_assert!(got.len() == values.len() && got.iter().zip(values).all(same));
    }
    Ok(())
}

/// Reads all there is to be read; for a look along an axis, it is as whole as its parts.
fn read(bytes: &[u8]) -> [Result<usize, Corrupt>; 3] {
    let parts = read_parts(bytes);
    let mut room = Room::default();
    for (axis, needed) in AXES.into_iter().zip([&[0, 2][..], &[0, 1, 2]]) {
        let got = room.decode(bytes, axis).map(|got| {
            assert_eq!(got.times.len(), got.moments.len());
            assert_eq!(got.times.len(), got.values.len());
            assert!(got.divisor >= 1.0);
        });
        assert_eq!(got.is_ok(), needed.iter().all(|part| parts[*part].is_ok()), "{axis:?}");
    }
    parts
}

fn read_parts(bytes: &[u8]) -> [Result<usize, Corrupt>; 3] {
    let (mut times, mut arrivals, mut values) = (Vec::new(), Vec::new(), Vec::new());
    [
        block::times(bytes, &mut times).map(|()| times.len()),
        block::arrivals(bytes, &mut arrivals).map(|()| arrivals.len()),
        block::values(bytes, &mut values).map(|()| values.len()),
    ]
}

/// Of one seed a whole block, which is a hundred times as fast as a strategy for each number.
struct Random(StdRng);

impl Random {
    fn one_of<T: Copy>(&mut self, choices: &[T]) -> T {
        choices[self.0.random_range(0..choices.len())]
    }

    /// Steps of one kind, with a few of another among them.
    fn steps(&mut self, count: usize) -> Vec<i64> {
        let unit = match self.one_of(&[1, 1_000, MS, 1_000 * MS, 0]) {
            0 => self.0.random(),
            unit => unit,
        };
        let all = (i64::MIN, i64::MAX);
        let usual = [
            (0, 0),
            (1, 1),
            (100, 100),
            (0, 1),
            (100, 160),
            (-5, 5),
            (-1 << 20, 1 << 20),
            (0, i64::MAX),
            all,
        ];
        let (from, to) = self.one_of(&usual);
        let (unusual_from, unusual_to) = self.one_of(&[(0, 0), (1, 1), (0, 1 << 20), all]);
        let share = self.one_of(&[0.0, 0.01, 0.3]);
        let step = |_| match self.0.random_bool(share) {
            true => self.0.random_range(unusual_from..=unusual_to),
            false => self.0.random_range(from..=to).wrapping_mul(unit),
        };
        (0..count).map(step).collect()
    }

    fn extreme(&mut self) -> f64 {
        let any = self.0.random::<u64>();
        let power = 1_u64 << self.0.random_range(50..64);
        let (nan, more) = (f64::from_bits(any | 0x7FF0 << 48), power + any % 3);
        self.one_of(&[
            0.0,
            -0.0,
            f64::INFINITY,
            f64::NEG_INFINITY,
            f64::NAN,
            f64::MAX,
            f64::MIN_POSITIVE,
            f64::from_bits(1),
            f64::from_bits(any),
            nan,
            power as f64,
            more as f64,
            (power - 1) as f64,
        ])
    }

    /// Decimals, counters, floats, with a few of any kind among them.
    fn values(&mut self, count: usize) -> Vec<f64> {
        let kind = self.0.random_range(0..6);
        let places = self.0.random_range(0..19);
        let more_places = places + self.0.random_range(0..3);
        let range = 1_i64 << self.0.random_range(0..62);
        let start = self.0.random_range(-1_000_000..1_000_000_i64);
        let share = self.one_of(&[0.0, 0.01, 0.2]);
        let mut at = 0;
        let value = |_| {
            if self.0.random_bool(share) {
                return self.extreme();
            }
            let places = if self.0.random_bool(share) { more_places } else { places };
            let power = 10_f64.powi(places);
            match kind {
                0 => 42.17,
                1 => self.0.random_range(-range..=range) as f64 / power,
                2 => {
                    at += self.0.random_range(0..3);
                    (start + at) as f64 / power
                }
                3 => self.0.random_range(-1.0..1.0),
                4 => f64::from(f32::from_bits(self.0.random())),
                _ => f64::from_bits(self.0.random()),
            }
        };
        (0..count).map(value).collect()
    }

    fn samples(&mut self, count: usize) -> (Vec<i64>, Vec<i64>, Vec<f64>) {
        let now_ns = if self.0.random() { NOW_NS } else { self.0.random() };
        let mut times = summed(now_ns, &self.steps(count));
        if self.0.random() {
            times.sort_unstable();
        }
        let steps = self.steps(count);
        let arrivals = match self.0.random_range(0..3) {
            0 => times.clone(),
            1 => times.iter().zip(steps).map(|(time, lag)| time.wrapping_add(lag)).collect(),
            _ => summed(now_ns, &steps),
        };
        (times, arrivals, self.values(count))
    }
}

fn summed(first: i64, steps: &[i64]) -> Vec<i64> {
    let sums = steps.iter().scan(first, |sum, step| {
        *sum = sum.wrapping_add(*step);
        Some(*sum)
    });
    sums.collect()
}

/// Blocks of all kinds.
fn samples() -> impl Strategy<Value = (Vec<i64>, Vec<i64>, Vec<f64>)> {
    (any::<u64>(), prop_oneof![0..40_usize, Just(256), 0..=SAMPLES_MAX])
        .prop_map(|(seed, count)| Random(StdRng::seed_from_u64(seed)).samples(count))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(5_000))]

    #[test]
    fn whatever_goes_in_comes_out((times, arrivals, values) in samples()) {
        is_back(&encode(&times, &arrivals, &values), &times, &arrivals, &values)?;
    }

    #[test]
    fn a_damaged_block_is_an_error_or_other_numbers(
        (times, arrivals, values) in samples(),
        damages in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..4),
        cut in any::<prop::sample::Index>(),
    ) {
        let mut bytes = encode(&times, &arrivals, &values);
        let [.., cut] = read(&bytes[..cut.index(bytes.len())]);
        prop_assert!(cut.is_err(), "the last column cannot be whole");
        for (place, damage) in damages {
            let place = place.index(bytes.len());
            bytes[place] ^= damage;
        }
        for count in read(&bytes).into_iter().flatten() {
            prop_assert!(count <= SAMPLES_MAX);
        }
    }

    #[test]
    fn any_bytes_can_be_read(bytes in prop::collection::vec(any::<u8>(), 0..100)) {
        for count in read(&bytes).into_iter().flatten() {
            prop_assert!(count <= SAMPLES_MAX);
        }
    }
}

#[test]
fn what_is_before_and_behind_a_block_is_none_of_its_concern() {
    let mut random = Random(StdRng::seed_from_u64(1));
    let mut bytes = vec![1, 2, 3];
    let (times, arrivals, values) = random.samples(100);
    block::encode(&times, &arrivals, &values, &mut bytes);
    let alone = encode(&times, &arrivals, &values);
    assert_eq!(bytes[3..], alone);
    bytes.extend([0xFF; 20]);
    is_back(&bytes[3..], &times, &arrivals, &values).unwrap();
}

#[test]
fn what_does_not_fit_a_block_is_not_in_it() {
    let times: Vec<i64> = (0..2_000).collect();
    let values = vec![0.5; times.len()];
    let mut bytes = Vec::new();
    assert_eq!(block::encode(&times, &times[..900], &values, &mut bytes), SAMPLES_MAX);
    is_back(&bytes, &times[..SAMPLES_MAX], &times[..SAMPLES_MAX], &values[..SAMPLES_MAX]).unwrap();
}

#[test]
fn an_error_leaves_what_was_there() {
    let times: Vec<i64> = (0..256).map(|n| n * n).collect();
    let bytes = encode(&times, &times, &vec![0.5; times.len()]);
    let mut out = vec![1, 2];
    assert_eq!(block::times(&bytes[..40], &mut out), Err(Corrupt));
    assert_eq!(out, [1, 2]);
}

#[test]
fn what_is_regular_costs_next_to_nothing() {
    let times: Vec<i64> = (0..256).map(|n| NOW_NS + n * 100 * MS).collect();
    let batches: Vec<i64> = (0..256).map(|n| NOW_NS + (n / 64 + 1) * 6_400 * MS + 77).collect();
    let counter: Vec<f64> = (0..256).map(|n| f64::from(n) + 1e9).collect();
    for (arrivals, values) in [(&times, vec![64_000.12; 256]), (&batches, counter)] {
        let bytes = bytes_a_sample(&times, arrivals, &values);
        assert!(bytes < 0.25, "{bytes} bytes a sample");
    }
}

#[test]
fn a_few_that_are_unlike_the_rest_do_not_make_it_large() {
    // Ten a second, give or take a quarter of a millisecond; twice nothing came for a while, and
    // once two came at once.
    let mut random = StdRng::seed_from_u64(1);
    let mut times = Vec::new();
    let mut now = NOW_NS;
    for n in 0..256 {
        now += match n {
            50 | 200 => 7_000 * MS,
            120 => 1_000,
            _ => 100 * MS + random.random_range(0..500) * 1_000,
        };
        times.push(now);
    }
    let price = |_| f64::from(6_400_000 + random.random_range(0..256)) / 100.0;
    let mut prices: Vec<f64> = (0..256).map(price).collect();
    let usual = bytes_a_sample(&times, &times, &prices);
    // 9 bits of time, 8 of value, and some for the rest.
    assert!(usual < 2.45, "{usual} bytes a sample");
    prices[3] = f64::NAN;
    prices[4] = 1.0 / 3.0;
    prices[5] = -0.0;
    let unusual = bytes_a_sample(&times, &times, &prices);
    assert!(unusual < usual + 0.15, "{unusual} bytes a sample");
}
