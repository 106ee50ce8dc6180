//! Read one after the other, the samples of a series are all that there are, in order, whatever of
//! them is late, equal in time, or on the disk alone.

use crate::common::{Disk, Random, at, sorted};
use feedscope_history::{Axis, Budget, Extent, History, Reading, Sample, SeriesId};
use proptest::prelude::*;

const TIGHT: Budget = Budget { memory_bytes: 60_000, disk_bytes: Some(1 << 40) };

/// All from `from` on, asked for by `wanted` at once.
fn read(
    disk: &Disk<()>,
    history: &mut History<()>,
    series: SeriesId,
    from: i64,
    wanted: usize,
) -> Vec<Sample> {
    let mut reading = Reading::from(from);
    let mut all = Vec::new();
    loop {
        let (next, more) = disk.ask(history, |history| {
            let (mut next, mut more) = (reading, Vec::new());
            history.samples(series, &mut next, wanted, &mut more).map(|()| (next, more))
        });
        if more.is_empty() {
            return all;
        }
        assert!(more.len() <= wanted + 8 * 1_024, "{} are not about {wanted}", more.len());
        (reading, _) = (next, all.extend(more));
    }
}

/// With NaN as its bits, and those of equal time in no order.
fn comparable(samples: &[Sample]) -> Vec<(i64, i64, u64)> {
    let mut all: Vec<_> =
        samples.iter().map(|s| (s.time_ns, s.arrival_ns, s.value.to_bits())).collect();
    all.sort_unstable();
    all
}

#[derive(Clone, Copy, Debug)]
enum Order {
    Ascending,
    Jittered(u64),
    Descending,
    /// All of one time, but for a few.
    Stuck,
}

fn orders() -> impl Strategy<Value = Order> {
    prop_oneof![
        Just(Order::Ascending),
        (1..200_000_u64).prop_map(Order::Jittered),
        Just(Order::Descending),
        Just(Order::Stuck),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(if cfg!(debug_assertions) { 48 } else { 256 }))]

    #[test]
    fn what_is_read_is_what_was_pushed(
        order in orders(),
        count in 0..20_000_usize,
        wanted in prop_oneof![Just(1_usize), 1..300_usize, 1_000..9_000_usize],
        seed in any::<u64>(),
    ) {
        // Each at a time reads a block at a time: of many, that takes long.
        let count = if wanted < 300 { count / 10 } else { count };
        let mut random = Random(seed);
        let mut disk = Disk::default();
        let mut history = History::new(TIGHT);
        let series = history.add_series("s");
        let mut pushed = Vec::new();
        let mut now_ns = 0;
        for n in 0..count {
            now_ns += if random.chance(30) { 0 } else { random.below(100) };
            let time_ns = match order {
                Order::Ascending => now_ns,
                Order::Jittered(by) => now_ns - random.below(by),
                Order::Descending => -(n as i64),
                Order::Stuck => if random.chance(1) { random.below(10) } else { 5 },
            };
            let sample = Sample { time_ns, arrival_ns: now_ns, value: random.value() };
            history.push(series, sample);
            pushed.push(sample);
            if n % 2_000 == 0 {
                disk.save(&mut history);
            }
        }
        let all = read(&disk, &mut history, series, i64::MIN, wanted);
        prop_assert!(all.is_sorted_by_key(|sample| sample.time_ns));
        prop_assert_eq!(all.len(), pushed.len());
        prop_assert!(comparable(&all) == comparable(&pushed));

        // From somewhere on.
        let sorted = sorted(&pushed, Axis::Source);
        let from = sorted.get(sorted.len() / 3).map_or(0, |sample| sample.time_ns);
        let rest: Vec<_> = sorted.into_iter().filter(|sample| sample.time_ns >= from).collect();
        let read = read(&disk, &mut history, series, from, wanted);
        prop_assert_eq!(read.len(), rest.len());
        prop_assert!(comparable(&read) == comparable(&rest));

        // How much there is, and what was last, is found without reading it all.
        for axis in [Axis::Source, Axis::Arrival] {
            let mut ends = [random.below(60_000) - 10_000, random.below(60_000) - 10_000];
            ends.sort_unstable();
            let [from_ns, to_ns] = ends;
            let within: Vec<_> =
                pushed.iter().filter(|one| (from_ns..=to_ns).contains(&at(one, axis))).collect();
            let extent = disk.ask(&mut history, |history| {
                history.extent(series, axis, from_ns, to_ns)
            });
            prop_assert_eq!(
                extent,
                within.iter().map(|one| one.time_ns).min().map(|first_ns| Extent {
                    count: within.len() as u64,
                    first_ns,
                    last_ns: within.iter().map(|one| one.time_ns).max().unwrap(),
                })
            );
            let last = disk.ask(&mut history, |history| history.last_before(series, to_ns));
            let is_before = |one: &&Sample| one.time_ns < to_ns && one.value.is_finite();
            prop_assert_eq!(
                last.map(|one| one.time_ns),
                pushed.iter().filter(is_before).map(|one| one.time_ns).max()
            );
            if let Some(last) = last {
                prop_assert!(pushed.contains(&last));
            }
        }
    }
}

#[test]
fn of_those_of_equal_time_the_last_before_is_the_one_that_came_last() {
    let mut history: History<()> = History::new(Budget { memory_bytes: 1 << 20, disk_bytes: None });
    let series = history.add_series("s");
    for (time_ns, value) in [(1, 1.0), (2, 2.0), (2, 3.0), (2, f64::NAN), (4, 4.0)] {
        history.push(series, Sample { time_ns, arrival_ns: 9, value });
    }
    let value = |before_ns| history.last_before(series, before_ns).unwrap().map(|one| one.value);
    assert_eq!([1, 2, 3, 4, 5].map(value), [None, Some(1.0), Some(3.0), Some(3.0), Some(4.0)]);
}

#[test]
fn what_came_since_the_end_was_read_is_read_next() {
    let mut history: History<()> = History::new(Budget { memory_bytes: 1 << 20, disk_bytes: None });
    let series = history.add_series("s");
    let mut reading = Reading::from(i64::MIN);
    let mut values = Vec::new();
    for time_ns in [1, 1, 2, 2, 2, 3] {
        let value = values.len() as f64;
        history.push(series, Sample { time_ns, arrival_ns: time_ns, value });
        let mut out = Vec::new();
        history.samples(series, &mut reading, 10, &mut out).unwrap();
        values.extend(out.iter().map(|sample| sample.value));
    }
    assert_eq!(values, [0.0, 1.0, 2.0, 3.0, 4.0, 5.0]);
}
