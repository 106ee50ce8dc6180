//! What the budget promises: it holds, and the oldest goes first.

use crate::common::{Disk, Random, in_memory};
use feedscope_history::{Axis, Budget, Grid, History, Sample, SeriesId};
use proptest::prelude::*;

/// Of a value between 1 and 2, of which nothing can be left out: what is kept is about seven bytes.
fn sample(time_ns: i64) -> Sample {
    let value = f64::from_bits(1023 << 52 | Random(time_ns.cast_unsigned()).bits() >> 12);
    Sample { time_ns, arrival_ns: time_ns, value }
}

/// All times that are kept of a series.
fn times(history: &History<()>, series: SeriesId) -> Vec<i64> {
    let mut out = Vec::new();
    let grid = Grid { axis: Axis::Source, column_ns: 1, from: i64::MIN, to: i64::MAX };
    assert_eq!(history.columns(series, &[], &grid, &mut out), Ok(()));
    out.iter().flat_map(|column| std::iter::repeat_n(column.index, column.count as usize)).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(100))]

    #[test]
    fn the_budget_holds_and_what_is_kept_is_whole_from_where_it_begins(
        budget_bytes in 0..200_000_usize,
        pushes in prop::collection::vec((0..5_usize, -300..100_i64), 0..12_000),
    ) {
        let mut history = History::new(in_memory(budget_bytes));
        let all: Vec<SeriesId> = (0..5).map(|n| history.add_series(&n.to_string())).collect();
        let mut pushed = vec![Vec::new(); all.len()];
        for (now_ns, (at, late_ns)) in (0_i64..).zip(pushes) {
            let time_ns = now_ns + late_ns.min(0);
            history.push(all[at], sample(time_ns));
            pushed[at].push(time_ns);
            prop_assert!(history.bytes() <= budget_bytes);
        }
        for (series, mut pushed) in all.into_iter().zip(pushed) {
            prop_assert_eq!(history.pushed_count(series), pushed.len() as u64);
            let kept = times(&history, series);
            prop_assert_eq!(history.sample_count(series), kept.len() as u64);
            prop_assert_eq!(history.earliest_ns(series), kept.first().copied());
            prop_assert_eq!(
                history.latest(series).map(|s| s.time_ns),
                pushed.iter().max().copied()
            );
            pushed.sort();
            match history.begins(series) {
                None => prop_assert_eq!(&kept, &pushed),
                Some(begins_ns) => {
                    let from = kept.partition_point(|time_ns| *time_ns < begins_ns);
                    let expected = pushed.partition_point(|time_ns| *time_ns < begins_ns);
                    prop_assert_eq!(&kept[from..], &pushed[expected..]);
                    // A chunk may end among samples of equal time; others are gone for good.
                    prop_assert!(kept[..from].iter().all(|time_ns| *time_ns == begins_ns - 1));
                }
            }
        }
    }
}

#[test]
fn the_series_with_the_oldest_samples_gives_way() {
    let mut history = History::<()>::new(in_memory(1 << 20));
    let (old, new) = (history.add_series("a"), history.add_series("b"));
    for time_ns in 0..40_000 {
        history.push(old, sample(time_ns));
    }
    assert_eq!(history.begins(old), None);
    for time_ns in 0..120_000 {
        history.push(new, sample(40_000 + time_ns));
    }
    assert!(history.begins(old).is_some());
    assert_eq!(history.begins(new), None);
    assert_eq!(history.sample_count(new), 120_000);
    assert_eq!(history.latest(old).map(|sample| sample.time_ns), Some(39_999));
}

#[test]
fn a_sample_from_before_what_was_dropped_is_not_kept() {
    let mut history = History::<()>::new(in_memory(100_000));
    let series = history.add_series("s");
    for time_ns in 0..20_000 {
        history.push(series, sample(time_ns));
    }
    let begins_ns = history.begins(series).expect("the budget is too small for all of them");
    let kept = history.sample_count(series);
    history.push(series, sample(begins_ns - 1));
    assert_eq!(history.sample_count(series), kept);
    history.push(series, sample(begins_ns));
    assert_eq!(history.sample_count(series), kept + 1);
}

#[test]
fn nearly_all_of_the_budget_is_samples() {
    let budget_bytes = 10_000_000;
    let mut history = History::<()>::new(in_memory(budget_bytes));
    let series = history.add_series("s");
    for time_ns in 0..2_000_000 {
        history.push(series, sample(time_ns));
    }
    assert!(history.sample_count(series) as usize * 7 > budget_bytes * 90 / 100);
}

#[test]
fn a_series_of_one_sample_costs_little() {
    let mut history = History::<()>::new(in_memory(1 << 20));
    for n in 0..1_000 {
        let series = history.add_series(&n.to_string());
        history.push(series, sample(0));
    }
    assert!(history.bytes() < 200_000, "{} bytes", history.bytes());
}

#[test]
fn what_changes_little_takes_little() {
    let mut history = History::<()>::new(in_memory(1 << 30));
    let series = history.add_series("s");
    for n in 0..1_000_000 {
        let time_ns = n * 1_000_000;
        let value = 64_000.0 + (n % 100) as f64 / 100.0;
        history.push(series, Sample { time_ns, arrival_ns: time_ns, value });
    }
    assert!(history.bytes() < 2_000_000, "{} bytes for a million samples", history.bytes());
}

#[test]
fn a_cleared_series_gives_its_room_back_and_goes_on() {
    let mut history = History::<()>::new(in_memory(100_000));
    let (one, other) = (history.add_series("a"), history.add_series("b"));
    for time_ns in 0..6_000 {
        history.push(one, sample(time_ns));
    }
    history.clear_series(one);
    assert_eq!(history.bytes(), 0);
    assert!(history.latest(one).is_none());
    for time_ns in 0..6_000 {
        history.push(other, sample(time_ns));
    }
    assert_eq!(history.begins(other), None);
    for time_ns in 0..20_000 {
        history.push(one, sample(6_000 + time_ns));
    }
    assert!(history.bytes() <= 100_000);
    assert_eq!(history.sample_count(other), 0);
    assert_eq!(history.latest(one).map(|sample| sample.time_ns), Some(25_999));
}

#[test]
fn what_is_on_the_disk_leaves_memory_and_nothing_is_dropped() {
    let budget = Budget { memory_bytes: 200_000, disk_bytes: Some(1 << 40) };
    let (mut history, mut disk) = (History::<()>::new(budget), Disk::default());
    let series = history.add_series("s");
    for time_ns in 0..100_000 {
        history.push(series, sample(time_ns));
        if history.wants_save() {
            disk.save(&mut history);
        }
        assert!(!history.is_full());
    }
    assert!(history.bytes() <= 200_000, "{} bytes", history.bytes());
    assert_eq!((history.sample_count(series), history.begins(series)), (100_000, None));
    let grid = Grid { axis: Axis::Source, column_ns: 10_000, from: 0, to: 10 };
    let columns = disk.columns(&mut history, series, &[], &grid);
    assert!(columns.iter().map(|column| column.count).eq([10_000; 10]));
}

#[test]
fn what_nobody_saves_fills_the_memory_and_is_kept() {
    let budget = Budget { memory_bytes: 100_000, disk_bytes: Some(1 << 40) };
    let mut history = History::<()>::new(budget);
    let series = history.add_series("s");
    for time_ns in 0..20_000 {
        history.push(series, sample(time_ns));
    }
    assert!(history.is_full() && history.wants_save());
    assert_eq!((history.sample_count(series), history.begins(series)), (20_000, None));
    // There is no disk after all: now what does not fit is dropped.
    history.set_budget(in_memory(100_000));
    assert!(history.bytes() <= 100_000 && !history.is_full());
    assert!(history.begins(series).is_some());
}

#[test]
fn the_disk_keeps_to_its_budget_and_the_oldest_goes_first() {
    let budget = Budget { memory_bytes: 1 << 20, disk_bytes: Some(300_000) };
    let (mut history, mut disk) = (History::<()>::new(budget), Disk::default());
    let series = history.add_series("s");
    for time_ns in 0..100_000 {
        history.push(series, sample(time_ns));
        if time_ns % 1_000 == 0 {
            disk.save(&mut history);
            let bytes: usize = disk.bodies.values().map(|body| body.len()).sum();
            assert!(bytes <= 320_000, "{bytes} bytes on the disk");
        }
    }
    disk.save(&mut history);
    let begins_ns = history.begins(series).expect("the disk is too small for all of them");
    assert_eq!(history.sample_count(series), 100_000 - begins_ns.cast_unsigned());
    let restored = History::restore(disk.contents.clone(), budget);
    assert_eq!(restored.begins(series), Some(begins_ns));
    assert_eq!(restored.sample_count(series), history.sample_count(series));
}
