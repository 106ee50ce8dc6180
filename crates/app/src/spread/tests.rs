//! Against a plain list of the same samples.

use super::bins::histogram;
use super::heat::heat;
use super::pairs::{FoundX, pairs};
use super::reading::{EXACT_MAX, SLICE_SAMPLES, SLICES, Steps, Within, read};
use crate::api::{self, Distribution, Heat, Histogram, Pairs, Trace, Trouble};
use crate::feeds::GapFacts;
use crate::view::Found;
use feedscope_feed::Cause;
use feedscope_history::{Absent, Axis, Budget, History, Sample};
use proptest::prelude::*;

/// All in memory.
struct Plain(History<GapFacts>);

impl Steps for Plain {
    fn step<T>(
        &self,
        mut question: impl FnMut(&History<GapFacts>) -> Result<T, Absent>,
    ) -> Result<T, Trouble> {
        Ok(question(&self.0).expect("all of it is in memory"))
    }
}

impl Plain {
    fn new() -> Self {
        Plain(History::new(Budget { memory_bytes: 1 << 30, disk_bytes: None }))
    }

    /// A series with tracks of its own.
    fn add(&mut self, name: &str, samples: &[Sample]) -> Found {
        let series = self.0.add_series(name);
        let tracks = [self.0.add_track(name), self.0.add_track("channel")];
        samples.iter().for_each(|sample| self.0.push(series, *sample));
        Found { series, tracks: tracks.to_vec() }
    }

    fn add_gap(&mut self, found: &Found, start_ns: i64, end_ns: i64) {
        let about = GapFacts::plain(Cause::Outage);
        self.0.add_gap(found.tracks[0], start_ns, end_ns, about);
    }
}

fn sample(time_ns: i64, value: f64) -> Sample {
    Sample { time_ns, arrival_ns: time_ns + 7, value }
}

fn trace() -> Trace {
    Trace { feed: "f".into(), channel: "c".into(), path: "p".into(), ..Trace::default() }
}

fn asked(from_ns: i64, to_ns: i64) -> Histogram {
    Histogram {
        traces: vec![trace()],
        axis: api::Axis::Source,
        from_ms: from_ns as f64 / 1e6,
        to_ms: to_ns as f64 / 1e6,
        bins: None,
        bins_max: 60,
        range: None,
        log: false,
    }
}

/// Numbers that are no numbers, too.
fn values() -> impl Strategy<Value = f64> {
    prop_oneof![
        6 => -50.0..50.0_f64,
        3 => (-5..5_i32).prop_map(f64::from),
        1 => Just(f64::NAN),
        1 => Just(f64::INFINITY),
        1 => Just(f64::NEG_INFINITY),
        1 => any::<f64>(),
    ]
}

/// In no order, and many of them at one moment.
fn samples() -> impl Strategy<Value = Vec<Sample>> {
    let one = (0..2_000_i64, 0..50_i64, values());
    let one = one.prop_map(|(time, late, value)| Sample {
        time_ns: time * 1_000,
        arrival_ns: (time + late) * 1_000,
        value,
    });
    prop::collection::vec(one, 0..2_000)
}

/// The edges of the bins, as a reader of the answer would have them.
fn edges(answer: &Distribution) -> Vec<f64> {
    let bins = answer.traces[0].counts.len();
    let (least, greatest) = if answer.log {
        (answer.least.log10(), answer.greatest.log10())
    } else {
        (answer.least, answer.greatest)
    };
    let edge = |n: usize| {
        let share = n as f64 / bins as f64;
        let on = least * (1.0 - share) + greatest * share;
        if answer.log { 10_f64.powf(on) } else { on }
    };
    (0..=bins).map(edge).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn every_value_of_a_span_is_counted_where_it_belongs(
        samples in samples(),
        span in (0..2_000_000_i64, 0..2_000_000_i64),
        bins in prop::option::of(1..50_u32),
        range in prop::option::of((-60.0..0.0_f64, 1.0..60.0_f64)),
        log in any::<bool>(),
        by_arrival in any::<bool>(),
    ) {
        let mut plain = Plain::new();
        let found = plain.add("s", &samples);
        let (from_ns, to_ns) = (span.0.min(span.1), span.0.max(span.1));
        let axis = if by_arrival { api::Axis::Arrival } else { api::Axis::Source };
        let asked = Histogram { bins, range, log, axis, ..asked(from_ns, to_ns) };
        let answer = histogram(&plain, &asked, &[Some(found)]).unwrap();
        let within = Within {
            axis: axis.into(),
            from_ns: (asked.from_ms * 1e6) as i64,
            to_ns: (asked.to_ms * 1e6) as i64,
        };
        let all: Vec<f64> =
            samples.iter().filter(|one| within.holds(one)).map(|one| one.value).collect();
        let mut finite: Vec<f64> = all.iter().copied().filter(|value| value.is_finite()).collect();
        let trace = &answer.traces[0];
        prop_assert_eq!((trace.counted, trace.total), (all.len() as u64, all.len() as u64));
        prop_assert_eq!(trace.not_finite, (all.len() - finite.len()) as u64);
        let counts: u64 = trace.counts.iter().sum();
        prop_assert_eq!(counts + trace.below + trace.above, finite.len() as u64);
        prop_assert!(answer.least < answer.greatest, "{answer:?}");
        prop_assert!(trace.counts.len() <= bins.unwrap_or(60) as usize, "{answer:?}");
        // A value at an edge may be rounded to either side of it.
        let edges = edges(&answer);
        let near = |edge: f64| (answer.greatest - answer.least).min(f64::MAX).abs() * 1e-9 + edge.abs() * 1e-9;
        for (bin, count) in trace.counts.iter().enumerate() {
            let (from, to) = (edges[bin], edges[bin + 1]);
            let surely = |v: &&f64| **v > from + near(from) && **v < to - near(to);
            let perhaps = |v: &&f64| **v >= from - near(from) && **v <= to + near(to);
            let least = finite.iter().filter(surely).count() as u64;
            let most = finite.iter().filter(perhaps).count() as u64;
            prop_assert!((least..=most).contains(count), "bin {bin}, {from} to {to}: {count}, not {least} to {most}");
        }
        finite.sort_unstable_by(f64::total_cmp);
        let at = |q: f64| finite.get(((finite.len().max(1) - 1) as f64 * q).round() as usize).copied();
        prop_assert_eq!((trace.p50, trace.p95, trace.p99), (at(0.5), at(0.95), at(0.99)));
        if range.is_none() && !log {
            prop_assert_eq!((trace.below, trace.above), (0, 0));
        }
    }

    #[test]
    fn every_value_is_in_its_column_and_bin(
        samples in samples(),
        columns in 1..40_u32,
        bins in 1..20_u32,
        by_arrival in any::<bool>(),
    ) {
        let mut plain = Plain::new();
        let found = plain.add("s", &samples);
        let axis = if by_arrival { api::Axis::Arrival } else { api::Axis::Source };
        let asked = Heat {
            trace: trace(), axis, from_ms: 0.3, to_ms: 1.5, columns, bins,
            range: Some((-50.0, 50.0)), log: false,
        };
        let bytes = heat(&plain, &asked, Some(&found)).unwrap();
        let (facts, numbers) = parts(&bytes);
        prop_assert_eq!(&facts["counted"], &facts["total"]);
        let column_ns = (numbers[0] * 1e6).round() as i64;
        let length = numbers[1] as usize;
        let cells = &bytes[bytes.len() - length * bins as usize * 4..];
        let cells: Vec<u32> =
            cells.chunks_exact(4).map(|four| u32::from_le_bytes(four.try_into().unwrap())).collect();
        let mut seen = 0;
        for (n, head) in numbers[2..2 + 3 * length].chunks_exact(3).enumerate() {
            let at = |one: &Sample| match axis {
                api::Axis::Source => one.time_ns,
                api::Axis::Arrival => one.arrival_ns,
            };
            let of: Vec<f64> = samples
                .iter()
                .filter(|one| at(one).div_euclid(column_ns) == head[0] as i64)
                .map(|one| one.value)
                .collect();
            prop_assert_eq!((head[1], head[2]), (of.len() as f64, of.len() as f64));
            seen += of.len();
            let row = &cells[n * bins as usize..(n + 1) * bins as usize];
            let in_range = of.iter().filter(|value| (-50.0..=50.0).contains(*value)).count();
            prop_assert_eq!(row.iter().sum::<u32>() as usize, in_range);
            for (bin, count) in row.iter().enumerate() {
                let wide = 100.0 / f64::from(bins);
                let from = -50.0 + wide * bin as f64;
                let is = |slack: f64| move |v: &&f64| **v >= from - slack && **v <= from + wide + slack;
                let (least, most) = (of.iter().filter(is(-1e-9)).count(), of.iter().filter(is(1e-9)).count());
                prop_assert!((least..=most).contains(&(*count as usize)));
            }
        }
        prop_assert_eq!(facts["total"].as_u64(), Some(seen as u64));
    }

    #[test]
    fn a_sample_is_put_against_what_x_was_then_but_never_across_a_gap(
        xs in prop::collection::btree_map(0..3_000_i64, values(), 0..800),
        ys in prop::collection::btree_map(0..3_000_i64, values(), 0..800),
        gaps in prop::collection::vec((0..3_000_i64, 1..200_i64), 0..6),
        out in prop::option::of(0..3_000_i64),
        span in (0..3_000_i64, 0..3_000_i64),
    ) {
        let ms = 1_000_000;
        let list = |map: &std::collections::BTreeMap<i64, f64>| -> Vec<Sample> {
            map.iter().map(|(time, value)| sample(time * ms, *value)).collect()
        };
        let (xs, ys) = (list(&xs), list(&ys));
        let mut plain = Plain::new();
        let (x, y) = (plain.add("x", &xs), plain.add("y", &ys));
        for (start, length) in &gaps {
            plain.add_gap(&x, start * ms, (start + length) * ms);
        }
        let crosses = |before: i64, after: i64| gaps.iter().any(|(start, length)| {
            start * ms < after && before < (start + length) * ms
        });
        let (from, to) = (span.0.min(span.1), span.0.max(span.1));
        let asked = Pairs {
            x: trace(), traces: vec![trace()], axis: api::Axis::Source,
            from_ms: from as f64, to_ms: to as f64, most: 10_000,
        };
        let x = FoundX { found: x, out_since_ns: out.map(|out| out * ms) };
        let bytes = pairs(&plain, &asked, Some(&x), &[Some(y)]).unwrap();
        let (facts, numbers) = parts(&bytes);
        let mut naive = Vec::new();
        let mut alone = 0;
        let mut total = 0;
        let mut before: Option<i64> = None;
        for y in ys.iter().filter(|y| (from * ms..=to * ms).contains(&y.time_ns)) {
            total += 1;
            let known = xs.iter().rev().find(|x| x.time_ns <= y.time_ns && x.value.is_finite());
            let held = known.filter(|x| {
                x.time_ns == y.time_ns
                    || !(crosses(x.time_ns, y.time_ns)
                        || out.is_some_and(|out| x.time_ns <= out * ms && out * ms < y.time_ns))
            });
            match held.filter(|_| y.value.is_finite()) {
                Some(x) => {
                    let gap = before.is_some_and(|before| crosses(before, y.time_ns));
                    before = Some(y.time_ns);
                    naive.extend([x.value, y.value, y.time_ns as f64 / 1e6, f64::from(u8::from(gap))]);
                }
                None => alone += 1,
            }
        }
        prop_assert_eq!(&facts["traces"][0]["total"], total);
        prop_assert_eq!(&facts["traces"][0]["counted"], total);
        prop_assert_eq!(&facts["traces"][0]["alone"], alone);
        prop_assert_eq!(numbers[0] as usize * 4, naive.len());
        prop_assert_eq!(&numbers[1..], &naive[..]);
    }
}

/// The head of an answer, and all after it as `f64`s.
fn parts(bytes: &[u8]) -> (serde_json::Value, Vec<f64>) {
    let length = u32::from_le_bytes(bytes[..4].try_into().unwrap()) as usize;
    let facts = serde_json::from_slice(&bytes[4..4 + length]).unwrap();
    let rest = &bytes[(4 + length).next_multiple_of(8)..];
    (
        facts,
        rest.chunks_exact(8).map(|eight| f64::from_le_bytes(eight.try_into().unwrap())).collect(),
    )
}

#[test]
fn messages_of_one_moment_have_an_x_of_their_own_each() {
    let mut plain = Plain::new();
    let all = |values: [f64; 3]| values.map(|value| sample(5, value));
    let (x, y) = (plain.add("x", &all([1.0, 2.0, 3.0])), plain.add("y", &all([10.0, 20.0, 30.0])));
    let asked = Pairs {
        x: trace(),
        traces: vec![trace()],
        axis: api::Axis::Source,
        from_ms: 0.0,
        to_ms: 1.0,
        most: 9,
    };
    let x = FoundX { found: x, out_since_ns: None };
    let (_, numbers) = parts(&pairs(&plain, &asked, Some(&x), &[Some(y)]).unwrap());
    let of: Vec<_> = numbers[1..].chunks_exact(4).map(|pair| (pair[0], pair[1])).collect();
    assert_eq!(of, [(1.0, 10.0), (2.0, 20.0), (3.0, 30.0)]);
}

#[test]
fn equal_values_are_in_the_middle_of_one_bin() {
    for value in [0.0, 1.0, -64_000.12, 1e-300, f64::MAX, -f64::MAX] {
        for log in [false, true] {
            let mut plain = Plain::new();
            let found = plain.add("s", &[sample(0, value), sample(1, value)]);
            let asked = Histogram { log, ..asked(0, 9) };
            let answer = histogram(&plain, &asked, &[Some(found)]).unwrap();
            if log && value <= 0.0 {
                assert_eq!((answer.traces[0].below, answer.traces[0].counts.len()), (2, 0));
            } else {
                assert_eq!(answer.traces[0].counts, [2], "{value}");
                assert!(answer.least < answer.greatest && answer.greatest.is_finite());
                assert!(answer.least <= value && value <= answer.greatest, "{answer:?}");
            }
        }
    }
}

#[test]
fn bins_stand_on_round_numbers_and_whole_values_have_one_each() {
    let mut plain = Plain::new();
    let dice: Vec<_> = (0..600).map(|n| sample(n, (n % 6 + 1) as f64)).collect();
    let found = plain.add("dice", &dice);
    let answer = histogram(&plain, &asked(0, 1_000), &[Some(found)]).unwrap();
    assert_eq!((answer.least, answer.greatest), (1.0, 7.0));
    assert_eq!(answer.traces[0].counts, [100; 6]);
}

#[test]
fn two_traces_share_their_bins_and_an_unknown_one_has_none_in_them() {
    let mut plain = Plain::new();
    let a = plain.add("a", &[sample(0, 1.0), sample(1, 2.5)]);
    let b = plain.add("b", &[sample(0, 9.25)]);
    let answer = histogram(&plain, &asked(0, 9), &[Some(a), None, Some(b)]).unwrap();
    let lengths: Vec<_> = answer.traces.iter().map(|trace| trace.counts.len()).collect();
    assert_eq!(lengths, [lengths[0]; 3]);
    let sums: Vec<u64> = answer.traces.iter().map(|trace| trace.counts.iter().sum()).collect();
    assert_eq!(sums, [2, 0, 1]);
}

/// Twice as many as are read exactly; nearly all of them within a thousandth of the time, which is
/// where they are `1`.
fn too_many(plain: &mut Plain) -> (Found, u64) {
    let few = 1_000;
    let many = 2 * EXACT_MAX as i64;
    let late = (0..few).map(|n| sample(n * 1_000_000, 0.0));
    let burst = (0..many).map(|n| sample(few * 1_000_000 + n, 1.0));
    let all: Vec<_> = late.chain(burst).collect();
    (plain.add("burst", &all), all.len() as u64)
}

#[test]
fn of_too_many_samples_some_are_read_evenly_and_it_is_said() {
    let mut plain = Plain::new();
    let (found, total) = too_many(&mut plain);
    let within = Within { axis: Axis::Source, from_ns: 0, to_ns: i64::MAX };
    let mut times = Vec::new();
    let amount =
        read(&plain, found.series, &within, EXACT_MAX, |sample| times.push(sample.time_ns))
            .unwrap();
    assert_eq!((amount.counted, amount.total), (times.len() as u64, total));
    let wanted = SLICES * SLICE_SAMPLES;
    assert!((wanted / 2..=wanted * 2).contains(&amount.counted), "{amount:?}");
    assert!(times.is_sorted());
    // Not the first of the burst: of each of its tenths as many.
    let burst_ns = 1_000 * 1_000_000;
    let tenth = 2 * EXACT_MAX as i64 / 10;
    let of_tenth = |n: i64| {
        times.iter().filter(|time| (**time - burst_ns).div_euclid(tenth) == n).count() as f64
    };
    for n in 0..10 {
        let share = of_tenth(n) / times.len() as f64;
        assert!((0.09..0.11).contains(&share), "tenth {n}: {share}");
    }
}

#[test]
fn of_too_many_pairs_some_are_made_evenly_and_the_latest_is_one_of_them() {
    let mut plain = Plain::new();
    let (y, total) = too_many(&mut plain);
    // A tenth as often, and never at the same moment.
    let xs: Vec<_> = (0..total as i64 / 10).map(|n| sample(n * 10_000 + 1, n as f64)).collect();
    let x = plain.add("x", &xs);
    let asked = Pairs {
        x: trace(),
        traces: vec![trace()],
        axis: api::Axis::Source,
        from_ms: 0.0,
        to_ms: f64::MAX,
        most: 500,
    };
    let x = FoundX { found: x, out_since_ns: None };
    let (facts, numbers) = parts(&pairs(&plain, &asked, Some(&x), &[Some(y)]).unwrap());
    let facts = &facts["traces"][0];
    assert_eq!(facts["total"], total);
    let counted = facts["counted"].as_u64().unwrap();
    assert!((250..=2_000).contains(&counted), "{counted}");
    let pairs: Vec<_> = numbers[1..].chunks_exact(4).collect();
    assert_eq!(pairs.len() as u64 + facts["alone"].as_u64().unwrap(), counted);
    let last_ns = 1_000 * 1_000_000 + 2 * EXACT_MAX as i64 - 1;
    assert_eq!((pairs[pairs.len() - 1][2] * 1e6).round() as i64, last_ns);
    for pair in pairs {
        let at_ns = (pair[2] * 1e6).round() as i64;
        assert_eq!(pair[0], (at_ns - 1).div_euclid(10_000) as f64, "{pair:?}");
    }
}

#[test]
fn of_more_pairs_than_are_wanted_every_so_manyth_is_there_and_the_last() {
    let mut plain = Plain::new();
    let list: Vec<_> = (0..1_000).map(|n| sample(n * 1_000_000, n as f64)).collect();
    let (x, y) = (plain.add("x", &list), plain.add("y", &list));
    let asked = Pairs {
        x: trace(),
        traces: vec![trace()],
        axis: api::Axis::Arrival,
        from_ms: 0.0,
        to_ms: 5_000.0,
        most: 100,
    };
    let x = FoundX { found: x, out_since_ns: None };
    let (facts, numbers) = parts(&pairs(&plain, &asked, Some(&x), &[Some(y)]).unwrap());
    assert_eq!(
        (&facts["traces"][0]["counted"], &facts["traces"][0]["total"]),
        (&100.into(), &1_000.into())
    );
    let xs: Vec<_> = numbers[1..].chunks_exact(4).map(|pair| pair[0]).collect();
    assert_eq!(xs, (0..100).map(|n| f64::from(n * 10 + 9)).collect::<Vec<_>>());
}

#[test]
fn nonsense_is_answered_with_nothing() {
    let mut plain = Plain::new();
    let found = plain.add("s", &[sample(0, 1.0)]);
    let (infinite, nan) = (f64::INFINITY, f64::NAN);
    for (from_ms, to_ms) in [(nan, nan), (1.0, -1.0), (infinite, -infinite)] {
        let asked = Histogram {
            from_ms,
            to_ms,
            bins: Some(u32::MAX),
            range: Some((nan, infinite)),
            ..asked(0, 0)
        };
        let answer = histogram(&plain, &asked, &[Some(found.clone())]).unwrap();
        assert!(answer.traces[0].counts.len() <= 1_024);
        for range in [Some((nan, 1.0)), Some((1.0, -1.0)), Some((-infinite, infinite)), None] {
            let asked = Heat {
                trace: trace(),
                axis: api::Axis::Source,
                from_ms,
                to_ms,
                columns: u32::MAX,
                bins: u32::MAX,
                range,
                log: true,
            };
            let (facts, _) = parts(&heat(&plain, &asked, Some(&found)).unwrap());
            assert!(facts["least"].as_f64() < facts["greatest"].as_f64());
        }
    }
}
