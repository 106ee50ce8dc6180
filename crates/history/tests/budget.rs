//! What the budget promises: it holds, and the oldest goes first.

use feedscope_history::{Axis, Budget, Grid, History, Sample, SeriesId};
use proptest::prelude::*;

fn budget(memory_bytes: usize) -> Budget {
    Budget { memory_bytes, disk_bytes: None }
}

fn sample(time_ns: i64) -> Sample {
    Sample { time_ns, arrival_ns: time_ns, value: 0.0 }
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
        let mut history = History::new(budget(budget_bytes));
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
    let mut history = History::<()>::new(budget(3 << 19));
    let (old, new) = (history.add_series("a"), history.add_series("b"));
    for time_ns in 0..20_000 {
        history.push(old, sample(time_ns));
    }
    assert_eq!(history.begins(old), None);
    for time_ns in 0..55_000 {
        history.push(new, sample(20_000 + time_ns));
    }
    assert!(history.begins(old).is_some());
    assert_eq!(history.begins(new), None);
    assert_eq!(history.sample_count(new), 55_000);
    assert_eq!(history.latest(old).map(|sample| sample.time_ns), Some(19_999));
}

#[test]
fn a_sample_from_before_what_was_dropped_is_not_kept() {
    let mut history = History::<()>::new(budget(100_000));
    let series = history.add_series("s");
    for time_ns in 0..10_000 {
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
    let mut history = History::<()>::new(budget(budget_bytes));
    let series = history.add_series("s");
    for time_ns in 0..2_000_000 {
        history.push(series, sample(time_ns));
    }
    assert!(history.sample_count(series) as usize * 24 > budget_bytes * 95 / 100);
}

#[test]
fn a_series_of_one_sample_costs_little() {
    let mut history = History::<()>::new(budget(1 << 20));
    for n in 0..1_000 {
        let series = history.add_series(&n.to_string());
        history.push(series, sample(0));
    }
    assert!(history.bytes() < 200_000, "{} bytes", history.bytes());
}

#[test]
fn a_cleared_series_gives_its_room_back_and_goes_on() {
    let mut history = History::<()>::new(budget(150_000));
    let (one, other) = (history.add_series("a"), history.add_series("b"));
    for time_ns in 0..3_000 {
        history.push(one, sample(time_ns));
    }
    history.clear_series(one);
    assert_eq!(history.bytes(), 0);
    assert!(history.latest(one).is_none());
    for time_ns in 0..5_000 {
        history.push(other, sample(time_ns));
    }
    assert_eq!(history.begins(other), None);
    for time_ns in 0..10_000 {
        history.push(one, sample(5_000 + time_ns));
    }
    assert!(history.bytes() <= 150_000);
    assert_eq!(history.sample_count(other), 0);
    assert_eq!(history.latest(one).map(|sample| sample.time_ns), Some(14_999));
}
