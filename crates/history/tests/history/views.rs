//! The history against the naive answer, while it is saved, evicted, loaded and restored.

use crate::common::{Disk, Random, at, difference, naive, same, sorted};
use feedscope_history::{Axis, Budget, Grid, History, Sample};
use proptest::prelude::*;

/// Enough for some chunks, and not for all: most bodies are not in memory most of the time.
const TIGHT: Budget = Budget { memory_bytes: 120_000, disk_bytes: Some(1 << 40) };

/// How the samples of a feed come.
#[derive(Clone, Copy, Debug)]
enum Feed {
    InOrder,
    /// Late by up to so much.
    Jittered(u64),
    /// One in a hundred is late by up to so much.
    Reordered(u64),
    /// What was missed comes later, in order.
    Backfilled,
    /// The first is from far in the future.
    FutureFirst,
    Batches,
}

fn feeds() -> impl Strategy<Value = Feed> {
    prop_oneof![
        Just(Feed::InOrder),
        (1..100_000_u64).prop_map(Feed::Jittered),
        (1..1_000_000_u64).prop_map(Feed::Reordered),
        Just(Feed::Backfilled),
        Just(Feed::FutureFirst),
        Just(Feed::Batches),
    ]
}

fn samples(feed: Feed, count: usize, random: &mut Random) -> Vec<Sample> {
    let mut now_ns = random.below(1 << 40) - (1 << 39);
    let start_ns = now_ns;
    (0..count)
        .map(|n| {
            let pause_ns = if random.chance(5) { 1_000 } else { 30 };
            now_ns += if random.chance(20) { 0 } else { random.below(pause_ns) };
            let late_ns = |random: &mut Random, by| random.below(by);
            let (time_ns, arrival_ns) = match feed {
                Feed::InOrder => (now_ns, now_ns + random.below(5)),
                Feed::Jittered(by) => (now_ns - late_ns(random, by), now_ns),
                Feed::Reordered(by) if random.chance(1) => (now_ns - late_ns(random, by), now_ns),
                Feed::Backfilled if n > count / 2 => (start_ns + (n - count / 2) as i64, now_ns),
                Feed::FutureFirst if n == 3 => (i64::MAX - 3, now_ns),
                Feed::Batches => (now_ns, now_ns - now_ns.rem_euclid(200)),
                _ => (now_ns, now_ns),
            };
            Sample { time_ns, arrival_ns, value: random.value() }
        })
        .collect()
}

fn grid(samples: &[Sample], random: &mut Random) -> Grid {
    let axis = if random.chance(50) { Axis::Source } else { Axis::Arrival };
    let moments = samples.iter().map(|sample| at(sample, axis));
    let (Some(start_ns), Some(end_ns)) = (moments.clone().min(), moments.max()) else {
        return Grid { axis, column_ns: 1, from: i64::MIN, to: i64::MAX };
    };
    let column_ns = [1, 7, 100, 3_000, 50_000, 1 << 40][random.below(6) as usize];
    // Somewhere around a sample.
    let near = at(&samples[random.below(samples.len() as u64) as usize], axis);
    match random.below(4) {
        0 => Grid { axis, column_ns, from: i64::MIN, to: i64::MAX },
        1 => {
            let column_ns = ((i128::from(end_ns) - i128::from(start_ns)) / 100 + 1) as i64;
            Grid { axis, column_ns, from: start_ns.div_euclid(column_ns), to: i64::MAX }
        }
        _ => {
            let from = near.div_euclid(column_ns).saturating_sub(random.below(50));
            Grid { axis, column_ns, from, to: from.saturating_add(random.below(100)) }
        }
    }
}

fn gaps(samples: &[Sample], random: &mut Random) -> Vec<(i64, Option<i64>)> {
    (0..random.below(6))
        .map(|_| {
            let near = random.below(samples.len() as u64) as usize;
            let start_ns = samples.get(near).map_or(0, |sample| sample.time_ns);
            let end_ns = start_ns.saturating_add(random.below(2_000) - 20);
            (start_ns, Some(end_ns.max(start_ns)))
        })
        .collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    #[test]
    fn every_view_is_what_every_sample_and_gap_say(
        seed in any::<u64>(),
        feed in feeds(),
        count in prop_oneof![0..600_usize, 0..20_000_usize],
    ) {
        let random = &mut Random(seed);
        let samples = samples(feed, count, random);
        let gaps = gaps(&samples, random);
        let mut disk = Disk::<()>::default();
        let mut history = History::new(TIGHT);
        let (series, track) = (history.add_series("s"), history.add_track("t"));
        for (start_ns, end_ns) in &gaps {
            history.add_gap(track, *start_ns, end_ns.unwrap_or(*start_ns), ());
        }
        let mut pushed = 0;
        for part in 0..4 {
            let until = samples.len() * (part + 1) / 4;
            while pushed < until {
                history.push(series, samples[pushed]);
                pushed += 1;
                if pushed.is_multiple_of(777) {
                    match random.below(4) {
                        0 => {
                            if let Some(save) = history.save() {
                                history.unsaved(save);
                            }
                        }
                        1 => {}
                        _ => disk.save(&mut history),
                    }
                }
            }
            if random.chance(50) {
                disk.save(&mut history);
                history = History::restore(disk.contents.clone(), TIGHT);
                prop_assert_eq!(history.add_series("s"), series);
                prop_assert_eq!(history.add_track("t"), track);
            }
            let known = &samples[..pushed];
            prop_assert_eq!(history.sample_count(series), pushed as u64);
            prop_assert_eq!(history.pushed_count(series), pushed as u64);
            prop_assert_eq!(history.begins(series), None);
            prop_assert_eq!(
                history.earliest_ns(series),
                known.iter().map(|sample| sample.time_ns).min()
            );
            let latest = sorted(known, Axis::Source).last().copied();
            prop_assert_eq!(
                history.latest(series).map(|sample| (sample.time_ns, sample.value.to_bits())),
                latest.map(|sample| (sample.time_ns, sample.value.to_bits()))
            );
            for _ in 0..6 {
                let grid = grid(known, random);
                let expected = naive(known, &gaps, &grid);
                let got = disk.columns(&mut history, series, &[track], &grid);
                prop_assert!(same(&got, &expected), "{grid:?}: {}", difference(&got, &expected));
            }
        }
    }

    #[test]
    fn statistics_are_those_of_every_sample(
        seed in any::<u64>(),
        feed in feeds(),
        count in 0..20_000_usize,
    ) {
        let random = &mut Random(seed);
        let samples = samples(feed, count, random);
        let mut disk = Disk::<()>::default();
        let mut history = History::new(TIGHT);
        let series = history.add_series("s");
        for (n, sample) in samples.iter().enumerate() {
            // What is too large to be squared says nothing of how well it is done.
            let value = if sample.value.abs() < 1e9 { sample.value } else { f64::NAN };
            history.push(series, Sample { value, ..*sample });
            if n % 5_000 == 0 {
                disk.save(&mut history);
            }
            if n == count / 2 {
                disk.save(&mut history);
                history = History::restore(disk.contents.clone(), TIGHT);
            }
        }
        for _ in 0..4 {
            let Grid { axis, column_ns, from, to } = grid(&samples, random);
            let (from_ns, to_ns) = (from.saturating_mul(column_ns), to.saturating_mul(column_ns));
            let found: Vec<_> = samples
                .iter()
                .filter(|sample| (from_ns..=to_ns).contains(&at(sample, axis)))
                .collect();
            let mut values: Vec<f64> =
                found.iter().map(|s| s.value).filter(|value| value.abs() < 1e9).collect();
            values.sort_by(f64::total_cmp);
            let got = disk.ask(&mut history, |history| {
                history.statistics(series, axis, from_ns, to_ns)
            });
            prop_assert_eq!(got.count, found.len() as u64);
            prop_assert_eq!(got.finite_count, values.len() as u64);
            prop_assert_eq!(got.first_ns, found.iter().map(|sample| at(sample, axis)).min());
            prop_assert_eq!(got.last_ns, found.iter().map(|sample| at(sample, axis)).max());
            let (Some(min), Some(max)) = (values.first(), values.last()) else {
                prop_assert!(got.min.is_nan() && got.mean.is_nan() && got.std_dev.is_nan());
                prop_assert_eq!(got.quantile(0.5), None);
                continue;
            };
            prop_assert_eq!((got.min, got.max), (*min, *max));
            let mean = values.iter().sum::<f64>() / values.len() as f64;
            let variance = values.iter().map(|value| (value - mean).powi(2)).sum::<f64>();
            let std_dev = (variance / values.len() as f64).sqrt();
            let scale = min.abs().max(max.abs()).max(1e-3) * 1e-9;
            prop_assert!((got.mean - mean).abs() <= scale, "{} is not {mean}", got.mean);
            prop_assert!((got.std_dev - std_dev).abs() <= scale, "{} is not {std_dev}", got.std_dev);
            for q in [0.0, 0.05, 0.5, 0.9, 0.99, 1.0] {
                let exact = values[((values.len() - 1) as f64 * q).round() as usize];
                let quantile = got.quantile(q).unwrap();
                let off = (quantile - exact).abs();
                prop_assert!(off <= exact.abs() / 100.0 + 1e-300, "{q}: {quantile} is not {exact}");
            }
        }
    }
}
