//! What columns promise: the very answer one would get by looking at every sample.

use feedscope_history::{Axis, Budget, Column, GAPS_MAX, Grid, History, Sample, SeriesId, TrackId};
use proptest::prelude::*;

const UNBOUNDED: Budget = Budget { memory_bytes: usize::MAX, disk_bytes: None };

fn sample(time_ns: i64, value: f64) -> Sample {
    Sample { time_ns, arrival_ns: time_ns, value }
}

type Span = (i64, Option<i64>);

fn history(samples: &[Sample], gaps: &[Span]) -> (History<()>, SeriesId, TrackId) {
    let mut history = History::new(UNBOUNDED);
    let series = history.add_series("s");
    let track = history.add_track("t");
    for sample in samples {
        history.push(series, *sample);
    }
    for (start_ns, end_ns) in gaps {
        match end_ns {
            Some(end_ns) => history.add_gap(track, *start_ns, *end_ns, ()),
            None => history.open_gap(track, *start_ns, ()),
        };
    }
    (history, series, track)
}

fn columns(
    (history, series, track): &(History<()>, SeriesId, TrackId),
    column_ns: i64,
    from: i64,
    to: i64,
) -> Vec<Column> {
    let mut out = Vec::new();
    let grid = Grid { axis: Axis::Source, column_ns, from, to };
    assert_eq!(history.columns(*series, &[*track], &grid, &mut out), Ok(()));
    out
}

fn columns_of(
    history: &History<()>,
    series: SeriesId,
    track: TrackId,
    column_ns: i64,
    to: i64,
    out: &mut Vec<Column>,
) {
    let grid = Grid { axis: Axis::Source, column_ns, from: 0, to };
    assert_eq!(history.columns(series, &[track], &grid, out), Ok(()));
}

/// The answer by looking at every sample and every gap.
fn naive(samples: &[Sample], gaps: &[Span], column_ns: i64, from: i64, to: i64) -> Vec<Column> {
    let mut sorted = samples.to_vec();
    sorted.sort_by_key(|sample| sample.time_ns);
    let mut out = Vec::<Column>::new();
    let mut at = 0;
    while at < sorted.len() {
        let index = sorted[at].time_ns.div_euclid(column_ns);
        let end = at
            + sorted[at..].iter().take_while(|s| s.time_ns.div_euclid(column_ns) == index).count();
        if (from..to).contains(&index) {
            let before_ns = sorted[at.saturating_sub(1)].time_ns;
            let last_ns = sorted[end - 1].time_ns;
            let values: Vec<f64> =
                sorted[at..end].iter().map(|s| s.value).filter(|v| v.is_finite()).collect();
            out.push(Column {
                index,
                first: values.first().copied().unwrap_or(f64::NAN),
                min: values.iter().copied().fold(f64::NAN, f64::min),
                max: values.iter().copied().fold(f64::NAN, f64::max),
                last: values.last().copied().unwrap_or(f64::NAN),
                count: (end - at) as u64,
                gap: gaps.iter().any(|(start_ns, end_ns)| match end_ns {
                    None => *start_ns < last_ns,
                    // Without length: between the samples before its moment and those at it.
                    Some(end_ns) if end_ns <= start_ns => {
                        before_ns < *start_ns && *start_ns <= last_ns
                    }
                    Some(end_ns) => *start_ns < last_ns && before_ns < *end_ns,
                }),
            });
        }
        at = end;
    }
    out
}

/// `==`, except that NaN is NaN.
fn same(one: &[Column], other: &[Column]) -> bool {
    let bits = |c: &Column| {
        let values =
            [c.first, c.min, c.max, c.last].map(|v| if v.is_nan() { None } else { Some(v) });
        (c.index, values, c.count, c.gap)
    };
    one.iter().map(bits).eq(other.iter().map(bits))
}

/// Mostly ascending, with equal times and late ones; enough of them for several chunks.
fn samples() -> impl Strategy<Value = Vec<Sample>> {
    let value = prop_oneof![
        12 => -100.0..100.0,
        1 => Just(f64::NAN),
        1 => Just(f64::INFINITY),
        1 => Just(f64::NEG_INFINITY),
        1 => any::<f64>(),
    ];
    let step = prop_oneof![6 => 1..20_i64, 2 => Just(0), 1 => -2_000..0_i64];
    (-30_000..5_000_i64, prop::collection::vec((step, value), 0..4_000)).prop_map(
        |(start_ns, steps)| {
            let mut latest_ns = start_ns;
            let mut samples = Vec::new();
            for (step_ns, value) in steps {
                samples.push(sample(latest_ns + step_ns, value));
                latest_ns += step_ns.max(0);
            }
            samples
        },
    )
}

fn gaps() -> impl Strategy<Value = Vec<Span>> {
    let span = (-35_000..40_000_i64, prop::option::weighted(0.9, -5..500_i64))
        .prop_map(|(start_ns, length)| (start_ns, length.map(|length| start_ns + length)));
    prop::collection::vec(span, 0..12)
}

/// Mostly moments that lie close together, at the ends of time as well.
fn extreme_time() -> impl Strategy<Value = i64> {
    prop_oneof![
        (0..50_i64).prop_map(|n| i64::MIN + n),
        (0..50_i64).prop_map(|n| i64::MAX - n),
        -50..50_i64,
        any::<i64>(),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn columns_are_what_every_sample_and_gap_say(
        samples in samples(),
        gaps in gaps(),
        column_ns in prop_oneof![1..10_i64, 10..1_000_i64, 1_000..100_000_i64],
        from in -200..200_i64,
        width in -3..2_000_i64,
    ) {
        let kept = history(&samples, &gaps);
        for (from, to) in [(from, from + width), (i64::MIN, i64::MAX)] {
            let got = columns(&kept, column_ns, from, to);
            let expected = naive(&samples, &gaps, column_ns, from, to);
            prop_assert!(same(&got, &expected), "{got:?}\n{expected:?}");
        }
    }

    #[test]
    fn nothing_overflows_at_the_ends_of_time(
        times in prop::collection::vec((extreme_time(), -1.0..1.0), 0..60),
        gaps in prop::collection::vec((extreme_time(), prop::option::of(extreme_time())), 0..6),
        column_ns in prop_oneof![1..60_i64, Just(i64::MAX), 1..i64::MAX],
        from in extreme_time(),
        to in extreme_time(),
    ) {
        let samples: Vec<_> =
            times.into_iter().map(|(time_ns, value)| sample(time_ns, value)).collect();
        let kept = history(&samples, &gaps);
        for (from, to) in [(from, to), (i64::MIN, i64::MAX)] {
            let got = columns(&kept, column_ns, from, to);
            let expected = naive(&samples, &gaps, column_ns, from, to);
            prop_assert!(same(&got, &expected), "{got:?}\n{expected:?}");
        }
        let (history, _, track) = &kept;
        prop_assert_eq!(history.gaps(&[*track], i64::MIN, i64::MAX).count(), gaps.len());
    }

    #[test]
    fn gaps_are_found_by_what_they_touch_whatever_the_order_they_end_in(
        gaps in gaps(),
        from_ns in -36_000..40_000_i64,
        length_ns in 0..20_000_i64,
    ) {
        let to_ns = from_ns + length_ns;
        let mut history = History::new(UNBOUNDED);
        let track = history.add_track("t");
        let open: Vec<_> = gaps
            .iter()
            .map(|(start_ns, end_ns)| (history.open_gap(track, *start_ns, ()), *end_ns))
            .collect();
        for (gap, end_ns) in open.into_iter().rev() {
            if let Some(end_ns) = end_ns {
                prop_assert!(history.close_gap(track, gap, end_ns));
                prop_assert!(!history.close_gap(track, gap, end_ns), "closed twice");
            }
        }
        let mut expected: Vec<_> = gaps
            .iter()
            .map(|(start_ns, end_ns)| (*start_ns, end_ns.map(|end_ns| end_ns.max(*start_ns))))
            .filter(|(start_ns, end_ns)| {
                *start_ns <= to_ns && end_ns.is_none_or(|end_ns| end_ns >= from_ns)
            })
            .collect();
        let mut got: Vec<_> = history
            .gaps(&[track], from_ns, to_ns)
            .map(|(_, gap)| (gap.start_ns, gap.end_ns))
            .collect();
        expected.sort();
        got.sort();
        prop_assert_eq!(got, expected);
    }
}

#[test]
fn values_that_are_not_finite_count_and_are_nothing_else() {
    let of = |values: &[f64]| {
        let samples: Vec<_> = values.iter().map(|value| sample(5, *value)).collect();
        columns(&history(&samples, &[]), 10, 0, 1)[0]
    };
    let mixed = of(&[f64::NAN, 2.0, f64::INFINITY, -1.0, f64::NEG_INFINITY]);
    assert_eq!(
        mixed,
        Column { index: 0, first: 2.0, min: -1.0, max: 2.0, last: -1.0, count: 5, gap: false }
    );
    let none = of(&[f64::NAN, f64::INFINITY]);
    assert!([none.first, none.min, none.max, none.last].iter().all(|value| value.is_nan()));
    assert_eq!(none.count, 2);
}

#[test]
fn one_sample_far_in_the_future_does_not_spoil_those_that_follow() {
    let mut samples = vec![sample(i64::MAX, -1.0)];
    samples.extend((0..10_000).map(|n| sample(n, n as f64)));
    let kept = history(&samples, &[]);
    assert!(same(&columns(&kept, 7, 0, 10_000), &naive(&samples, &[], 7, 0, 10_000)));
    let ordered = history(&samples[1..], &[]);
    let (spoilt, whole) = (kept.0.bytes(), ordered.0.bytes());
    // A tail and a bit.
    assert!(spoilt < whole + 15_000, "{spoilt} bytes, where {whole} would do");
}

#[test]
fn a_gap_from_before_the_view_breaks_the_line_into_it() {
    let samples = [1, 100].map(|time_ns| sample(time_ns, 0.0));
    let kept = history(&samples, &[(1, Some(40))]);
    assert!(columns(&kept, 10, 9, 20)[0].gap);
}

#[test]
fn an_open_gap_breaks_all_that_follows_until_it_is_closed() {
    let samples = [1, 2, 30, 40].map(|time_ns| sample(time_ns, 0.0));
    let (mut history, series, track) = history(&samples, &[]);
    let gap = history.open_gap(track, 2, ());
    let breaks = |history: &History<()>| {
        let mut out = Vec::new();
        columns_of(history, series, track, 10, 10, &mut out);
        out.iter().map(|column| column.gap).collect::<Vec<_>>()
    };
    assert_eq!(breaks(&history), [false, true, true]);
    let version = history.gaps_version(track);
    assert!(history.close_gap(track, gap, 30));
    assert_eq!(breaks(&history), [false, true, false]);
    assert_ne!(history.gaps_version(track), version);
}

#[test]
fn the_gaps_of_another_track_break_nothing() {
    let samples = [1, 100].map(|time_ns| sample(time_ns, 0.0));
    let (mut history, series, track) = history(&samples, &[]);
    let other = history.add_track("other");
    history.add_gap(other, 20, 30, ());
    let mut out = Vec::new();
    columns_of(&history, series, track, 10, 20, &mut out);
    assert!(out.iter().all(|column| !column.gap));
}

#[test]
fn no_line_is_drawn_where_gaps_were_dropped_for_being_too_many() {
    let samples: Vec<_> = (0..30_000).map(|n| sample(n, 0.0)).collect();
    let (mut history, series, track) = history(&samples, &[]);
    let lasting = history.open_gap(track, 29_000, ());
    for n in 0..GAPS_MAX as i64 {
        history.add_gap(track, 2 * n, 2 * n + 1, ());
    }
    assert_eq!(history.gaps_dropped(track), 1);
    assert_eq!(history.gaps(&[track], i64::MIN, i64::MAX).count(), GAPS_MAX);
    let mut out = Vec::new();
    columns_of(&history, series, track, 1, 5, &mut out);
    let breaks: Vec<_> = out.iter().map(|column| column.gap).collect();
    assert_eq!(breaks, [false, true, false, true, false]);
    assert!(history.close_gap(track, lasting, 29_500), "the one that lasts was dropped");
}

#[test]
fn a_column_without_width_is_a_nanosecond_wide() {
    let samples = [3, 4].map(|time_ns| sample(time_ns, 0.0));
    let kept = history(&samples, &[]);
    assert_eq!(columns(&kept, 0, 0, 10), columns(&kept, 1, 0, 10));
    assert_eq!(columns(&kept, i64::MIN, 0, 10).len(), 2);
}
