//! What a picture promises: that it shows what was received, that it never shows what was not,
//! and that nothing from a feed can break it.

// Helpers of tests are tests too.
#![allow(clippy::unwrap_used)]

use chrono::FixedOffset;
use feedscope_chart::{
    Axis, Band, BandKind, Chart, ChartError, Note, Reference, Rgb, Side, Style, Theme, Trace, Unit,
    png, svg,
};
use feedscope_history::{Budget, Column, Grid, History, Sample};

const SECOND_NS: i64 = 1_000_000_000;

/// 21 November 2026, 13:00 UTC.
const FROM_NS: i64 = 1_795_266_000 * SECOND_NS;
const SPAN_NS: i64 = 60 * SECOND_NS;
const COLUMN_NS: i64 = SPAN_NS / 600;
const GAP_NS: (i64, i64) = (FROM_NS + 20 * SECOND_NS, FROM_NS + 35 * SECOND_NS);

fn columns(value: impl Fn(i64) -> f64) -> Vec<Column> {
    let mut history = History::new(Budget { memory_bytes: 1 << 20, disk_bytes: None });
    let (series, track) = (history.add_series("s"), history.add_track("t"));
    history.add_gap(track, GAP_NS.0, GAP_NS.1, ());
    for time_ns in (FROM_NS..=FROM_NS + SPAN_NS).step_by(SECOND_NS as usize / 20) {
        if time_ns <= GAP_NS.0 || time_ns >= GAP_NS.1 {
            history.push(series, Sample { time_ns, arrival_ns: time_ns, value: value(time_ns) });
        }
    }
    let mut columns = Vec::new();
    let grid =
        Grid { axis: feedscope_history::Axis::Source, column_ns: COLUMN_NS, from: 0, to: i64::MAX };
    history.columns(series, &[track], &grid, &mut columns).unwrap();
    columns
}

fn trace(name: &str, theme: Theme, columns: Vec<Column>) -> Trace {
    Trace {
        name: name.to_owned(),
        color: theme.palette().series(0),
        style: Style::Line,
        side: Side::Left,
        columns,
        column_ns: COLUMN_NS,
        latest: Some(61.44),
    }
}

fn chart(theme: Theme) -> Chart {
    let wave = |time_ns: i64| 50.0 + 40.0 * (time_ns as f64 / 3e9).sin();
    Chart {
        title: "CPU by core".to_owned(),
        from_ns: FROM_NS,
        to_ns: FROM_NS + SPAN_NS,
        traces: vec![trace("total", theme, columns(wave))],
        gaps: vec![Band {
            start_ns: GAP_NS.0,
            end_ns: Some(GAP_NS.1),
            kind: BandKind::Missing,
            label: "15 s missing".to_owned(),
        }],
        left: Axis { unit: Unit::Percent, ..Axis::default() },
        right: Axis::default(),
        references: Vec::new(),
        notes: Vec::new(),
        theme,
        width: 800,
        height: 400,
        zone: FixedOffset::east_opt(2 * 3600).unwrap(),
    }
}

struct Pixels {
    width: usize,
    rgb: Vec<u8>,
}

impl Pixels {
    fn of(chart: &Chart) -> Self {
        let file = png(chart).unwrap();
        let mut reader = png::Decoder::new(std::io::Cursor::new(file)).read_info().unwrap();
        let mut rgb = vec![0; reader.output_buffer_size().unwrap()];
        let info = reader.next_frame(&mut rgb).unwrap();
        assert_eq!((info.width, info.height), (chart.width, chart.height));
        Self { width: info.width as usize, rgb }
    }

    /// Where there is exactly this colour.
    fn places(&self, color: Rgb) -> Vec<(usize, usize)> {
        let is_color = |pixel: &[u8]| pixel == [color.0, color.1, color.2];
        let found = self.rgb.chunks_exact(3).enumerate().filter(|(_, pixel)| is_color(pixel));
        found.map(|(at, _)| (at % self.width, at / self.width)).collect()
    }
}

/// The lines of a trace, as points in pixels.
fn lines(document: &str, color: Rgb) -> Vec<Vec<(f64, f64)>> {
    let stroke = format!("stroke=\"#{:02X}{:02X}{:02X}\"", color.0, color.1, color.2);
    let of_trace =
        document.lines().filter(|line| line.contains("<polyline") && line.contains(&stroke));
    of_trace
        .map(|line| {
            let (_, points) = line.split_once("points=\"").unwrap();
            let (points, _) = points.split_once('"').unwrap();
            let point = |text: &str| {
                let (x, y) = text.split_once(',').unwrap();
                (x.parse::<f64>().unwrap() / 10.0, y.parse::<f64>().unwrap() / 10.0)
            };
            points.split_whitespace().map(point).collect()
        })
        .collect()
}

/// From where to where, in pixels, the line of a chart without gaps goes.
fn extent(lines: &[Vec<(f64, f64)>]) -> (f64, f64) {
    let xs = || lines.iter().flatten().map(|point| point.0);
    (xs().fold(f64::INFINITY, f64::min), xs().fold(f64::NEG_INFINITY, f64::max))
}

/// Where in the picture the gap is, less a column and the width of the line at either end.
fn gap_inside(chart: &Chart) -> (f64, f64) {
    let (left, right) = extent(&lines(&svg(chart).unwrap(), chart.traces[0].color));
    let x = |time_ns: i64| left + (right - left) * (time_ns - FROM_NS) as f64 / SPAN_NS as f64;
    (x(GAP_NS.0 + COLUMN_NS) + 2.0, x(GAP_NS.1 - COLUMN_NS) - 2.0)
}

#[test]
fn a_line_never_crosses_a_gap() {
    for theme in [Theme::Dark, Theme::Light] {
        let chart = chart(theme);
        let color = chart.traces[0].color;
        let (from, to) = gap_inside(&chart);
        assert!(to - from > 150.0, "the gap is a quarter of the picture");

        let parts = lines(&svg(&chart).unwrap(), color);
        assert_eq!(parts.len(), 2);
        for part in &parts {
            let before = part.iter().all(|point| point.0 < from);
            let after = part.iter().all(|point| point.0 > to);
            assert!(before || after, "{part:?} crosses {from} to {to}");
        }

        let drawn = Pixels::of(&chart).places(color);
        let in_gap = |place: &&(usize, usize)| {
            // Below the legend, whose swatch has the colour too.
            (from..to).contains(&(place.0 as f64)) && place.1 > 70
        };
        assert_eq!(drawn.iter().filter(in_gap).count(), 0);
        assert!(drawn.len() > 300, "the line is there beside the gap: {} pixels", drawn.len());
    }
}

#[test]
fn without_a_gap_the_line_is_whole() {
    let mut chart = chart(Theme::Dark);
    for column in &mut chart.traces[0].columns {
        column.gap = false;
    }
    assert_eq!(lines(&svg(&chart).unwrap(), chart.traces[0].color).len(), 1);
}

#[test]
fn a_sample_alone_between_gaps_is_seen() {
    let mut chart = chart(Theme::Dark);
    let alone = &mut chart.traces[0].columns;
    alone.truncate(101);
    alone.drain(..100);
    alone[0] = Column { first: 50.0, min: 50.0, max: 50.0, last: 50.0, ..alone[0] };
    let places = Pixels::of(&chart).places(chart.traces[0].color);
    assert!(places.iter().any(|place| place.1 > 70), "only the legend has the colour");
    assert!(svg(&chart).unwrap().contains("<circle"));
}

#[test]
fn the_extremes_of_a_column_are_drawn_in_full() {
    let mut chart = chart(Theme::Dark);
    let columns = &mut chart.traces[0].columns;
    for column in columns.iter_mut() {
        *column = Column { first: 50.0, min: 50.0, max: 50.0, last: 50.0, ..*column };
    }
    columns[50].max = 100.0;
    columns[50].min = 0.0;
    chart.left.range = Some((-10.0, 110.0));
    let rows: Vec<_> =
        Pixels::of(&chart).places(chart.traces[0].color).into_iter().map(|place| place.1).collect();
    let below_legend = || rows.iter().filter(|row| **row > 70);
    let height = below_legend().max().unwrap() - below_legend().min().unwrap();
    assert!(height > 190, "a spike over 10/12 of the plot is only {height} pixels high");
}

#[test]
fn the_picture_says_what_it_shows() {
    let document = svg(&chart(Theme::Dark)).unwrap();
    for text in [
        "CPU by core",
        "total",
        "61.4\u{202F}%",
        "15 s missing",
        "15:00:10",
        "21 Nov 2026",
        "UTC+2",
        "100\u{202F}%",
    ] {
        assert!(document.contains(&format!(">\n{text}\n</text>")), "{text:?} is not in it");
    }
    assert!(document.starts_with("<svg width=\"800\" height=\"400\""), "{}", &document[..80]);
    assert!(document.contains("viewBox=\"0 0 8000 4000\""));
    assert!(document.contains("font-weight=\"600\""), "the title stands out");
    assert!(document.trim_end().ends_with("</svg>"));
}

#[test]
fn names_from_a_feed_are_text_and_nothing_else() {
    let mut chart = chart(Theme::Dark);
    let hostile = "<script>alert('1')</script> & \"x\" ]]> \u{0}\u{1B}\u{202E}\u{FFFF}end";
    chart.title = hostile.to_owned();
    chart.traces[0].name = hostile.to_owned();
    chart.gaps[0].label = "<b> & ]]>\u{0}".to_owned();
    let document = svg(&chart).unwrap();
    assert!(!document.contains("<script") && !document.contains("<b>"));
    assert!(document.contains("&lt;script&gt;"), "it is shown as it is");
    assert!(document.contains("&lt;b&gt; &amp; ]]&gt;"));
    let no_xml = |c: char| (c.is_control() && c != '\n') || matches!(c, '\u{202E}' | '\u{FFFF}');
    assert_eq!(document.chars().find(|c| no_xml(*c)), None);
    assert_eq!(document.matches("<text").count(), document.matches("</text>").count());
    png(&chart).unwrap();
}

#[test]
fn endless_names_are_cut() {
    let mut chart = chart(Theme::Dark);
    chart.title = "title ".repeat(100_000);
    chart.traces[0].name = "\u{1F600}".repeat(100_000);
    chart.gaps[0].label = "label".repeat(100_000);
    let document = svg(&chart).unwrap();
    assert!(document.contains('…'));
    assert!(document.len() < 200_000, "{} bytes", document.len());
}

#[test]
fn an_empty_picture_says_so() {
    let mut chart = chart(Theme::Light);
    chart.traces[0].columns.clear();
    assert!(svg(&chart).unwrap().contains("No data in this span"));
    chart.traces.clear();
    chart.gaps.clear();
    assert!(svg(&chart).unwrap().contains("No data in this span"));
    png(&chart).unwrap();
    assert!(!svg(&self::chart(Theme::Light)).unwrap().contains("No data"));
}

#[test]
fn values_that_are_not_finite_break_nothing() {
    let mut chart = chart(Theme::Dark);
    let odd = [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, f64::MAX, -f64::MAX, 5e-324];
    for (column, value) in chart.traces[0].columns.iter_mut().zip(odd.iter().cycle()) {
        (column.first, column.last) = (*value, -*value);
        (column.min, column.max) = (-value.abs(), value.abs());
    }
    chart.traces[0].latest = Some(f64::NAN);
    for range in [None, Some((f64::NAN, 1.0)), Some((5.0, 1.0)), Some((0.0, 5e-324))] {
        chart.left.range = range;
        for unit in [Unit::None, Unit::Percent, Unit::Bytes, Unit::BytesPerSecond] {
            chart.left.unit = unit;
            let document = svg(&chart).unwrap();
            assert!(!document.contains("NaN") && !document.contains("inf"), "{range:?}");
            png(&chart).unwrap();
        }
    }
}

#[test]
fn what_is_out_of_range_stays_out_of_the_picture() {
    let mut chart = chart(Theme::Dark);
    chart.left.range = Some((40.0, 60.0));
    let parts = lines(&svg(&chart).unwrap(), chart.traces[0].color);
    assert!(parts.len() > 5, "the wave leaves the range and comes back: {}", parts.len());
    let rows = parts.iter().flatten().map(|point| point.1);
    let (top, bottom) = rows.fold((f64::MAX, f64::MIN), |(a, b), y| (a.min(y), b.max(y)));
    assert!(top > 70.0 && bottom < 400.0 - 40.0, "{top} to {bottom}");
}

#[test]
fn any_span_and_any_gap_can_be_drawn() {
    for (from_ns, to_ns) in [(i64::MIN, i64::MAX), (0, 1), (i64::MAX - 1, i64::MAX), (-5, 5)] {
        let mut chart = chart(Theme::Dark);
        (chart.from_ns, chart.to_ns) = (from_ns, to_ns);
        chart.gaps = [BandKind::Outage, BandKind::Silence, BandKind::Undecodable, BandKind::Closed]
            .map(|kind| Band { start_ns: i64::MIN, end_ns: None, kind, label: "gap".to_owned() })
            .to_vec();
        chart.traces[0].column_ns = i64::MAX;
        for (column, index) in chart.traces[0].columns.iter_mut().zip([i64::MIN, -1, 0, i64::MAX]) {
            column.index = index;
        }
        svg(&chart).unwrap();
        png(&chart).unwrap();
    }
}

#[test]
fn however_many_gaps_there_are_the_document_is_no_larger_than_the_picture() {
    let mut chart = chart(Theme::Dark);
    chart.gaps = (0..10_000)
        .map(|n| Band {
            start_ns: FROM_NS + n * (SPAN_NS / 10_000),
            end_ns: Some(FROM_NS + n * (SPAN_NS / 10_000) + 1_000),
            kind: BandKind::Missing,
            label: "1 missing".to_owned(),
        })
        .collect();
    let document = svg(&chart).unwrap();
    assert!(document.len() < 500_000, "{} bytes", document.len());
}

#[test]
fn a_gap_that_lasts_reaches_the_edge() {
    let mut chart = chart(Theme::Dark);
    chart.traces.clear();
    chart.gaps[0].end_ns = None;
    let document = svg(&chart).unwrap();
    let right = extent(&lines(&document, chart.theme.palette().missing)).1;
    assert!((right - 784.0).abs() < 2.0, "it ends at {right}");
}

#[test]
fn what_was_before_history_begins_is_shaded_and_not_hatched() {
    let drawn = |kind| {
        let mut chart = chart(Theme::Dark);
        chart.traces.clear();
        chart.gaps[0].kind = kind;
        let document = svg(&chart).unwrap();
        let label = document.contains(&chart.gaps[0].label);
        (lines(&document, chart.theme.palette().muted).len(), label)
    };
    let (beginning, said) = drawn(BandKind::Beginning);
    // One line at either end; the axis is of the same colour, and there in both.
    assert_eq!(beginning, drawn(BandKind::Closed).0 + 2);
    assert!(said, "it says what it is");
}

#[test]
fn the_themes_differ_and_are_what_they_say() {
    let dark = Pixels::of(&chart(Theme::Dark));
    let light = Pixels::of(&chart(Theme::Light));
    assert!(dark.places((0x10, 0x12, 0x14)).len() > 100_000);
    assert!(light.places((0xFF, 0xFF, 0xFF)).len() > 100_000);
}

#[test]
fn sizes_that_make_no_picture_are_refused_in_words() {
    for (width, height) in [(63, 400), (800, 8193), (0, 0), (u32::MAX, u32::MAX)] {
        let chart = Chart { width, height, ..chart(Theme::Dark) };
        let refused = svg(&chart).unwrap_err();
        assert!(matches!(refused, ChartError::Size { .. }));
        assert!(refused.to_string().contains("from 64 to 8192"), "{refused}");
        assert!(matches!(png(&chart), Err(ChartError::Size { .. })));
    }
    let chart = Chart { to_ns: FROM_NS, ..chart(Theme::Dark) };
    assert!(matches!(svg(&chart), Err(ChartError::Span)));
    for (width, height) in [(64, 64), (64, 2000), (2000, 64), (170, 170)] {
        Pixels::of(&Chart { width, height, ..self::chart(Theme::Dark) });
    }
}

/// A chart of one value after the other, a second each, without gaps.
fn samples(values: &[f64]) -> Chart {
    let mut chart = chart(Theme::Dark);
    chart.gaps.clear();
    chart.to_ns = FROM_NS + values.len() as i64 * SECOND_NS;
    let trace = &mut chart.traces[0];
    trace.column_ns = SECOND_NS;
    let column = |(n, value): (usize, &f64)| Column {
        index: FROM_NS / SECOND_NS + n as i64,
        first: *value,
        min: *value,
        max: *value,
        last: *value,
        count: 1,
        gap: false,
    };
    trace.columns = values.iter().enumerate().map(column).collect();
    chart
}

#[test]
fn on_an_axis_of_factors_equal_factors_are_equally_high() {
    let mut chart = samples(&[1.0, 10.0, 100.0, 1_000.0]);
    chart.left = Axis { log: true, ..Axis::default() };
    let document = svg(&chart).unwrap();
    let line = lines(&document, chart.traces[0].color).remove(0);
    let rises: Vec<f64> = line.windows(2).map(|pair| pair[0].1 - pair[1].1).collect();
    assert!(rises[0] > 50.0 && rises.iter().all(|rise| (rise - rises[0]).abs() < 0.3), "{rises:?}");
    for label in ["1", "10", "100", "1,000"] {
        assert!(document.contains(&format!(">\n{label}\n</text>")), "{label} is not in it");
    }
    // What has no place there is not drawn, and takes nothing along.
    chart.traces[0].columns[1].min = -5.0;
    svg(&chart).unwrap();
    png(&chart).unwrap();
}

#[test]
fn a_trace_at_the_right_has_an_axis_of_its_own_there() {
    let mut chart = samples(&[0.0, 100.0, 0.0]);
    let second = Trace {
        side: Side::Right,
        color: chart.theme.palette().series(1),
        ..samples(&[0.0, 7e6, 0.0]).traces.remove(0)
    };
    chart.traces.push(second);
    chart.right = Axis { unit: Unit::Bytes, range: Some((0.0, 7e6)), log: false };
    chart.left.range = Some((0.0, 100.0));
    let document = svg(&chart).unwrap();
    let of = |n: usize| lines(&document, chart.traces[n].color).remove(0);
    assert_eq!(of(0), of(1), "each is as high at its own axis");
    assert!(document.contains(">\n4\u{202F}MB\n</text>"), "{document}");
    assert!(document.contains(">\n40\u{202F}%\n</text>"));
    let right = extent(&lines(&document, chart.traces[0].color)).1;
    assert!(right < 760.0, "the labels have room: {right}");
}

#[test]
fn steps_go_level_and_points_are_not_joined() {
    let mut chart = samples(&[10.0, 20.0, 20.0, 5.0]);
    chart.traces[0].style = Style::Steps;
    let line = lines(&svg(&chart).unwrap(), chart.traces[0].color).remove(0);
    let straight = |pair: &[(f64, f64)]| pair[0].0 == pair[1].0 || pair[0].1 == pair[1].1;
    assert!(line.len() > 4 && line.windows(2).all(straight), "{line:?}");
    chart.traces[0].style = Style::Points;
    let document = svg(&chart).unwrap();
    assert!(lines(&document, chart.traces[0].color).is_empty());
    assert_eq!(document.matches("<circle").count(), 4);
}

#[test]
fn marked_values_and_what_was_said_are_in_the_picture() {
    let mut chart = chart(Theme::Light);
    let palette = chart.theme.palette();
    let plain = svg(&chart).unwrap();
    chart.references = vec![
        Reference { value: 50.0, color: palette.bad, label: "too <much>".to_owned() },
        Reference { value: 5e9, color: palette.warn, label: "out of sight".to_owned() },
    ];
    let note = |seconds: i64, end: Option<i64>, text: &str| Note {
        start_ns: FROM_NS + seconds * SECOND_NS,
        end_ns: end.map(|end| FROM_NS + end * SECOND_NS),
        text: text.to_owned(),
        color: palette.series(4),
    };
    chart.notes = vec![
        note(5, None, "restarted\nby hand"),
        note(-100, Some(8), "warming up"),
        note(500, None, "later"),
    ];
    let document = svg(&chart).unwrap();
    for text in ["too &lt;much&gt;", "restarted by hand", "warming up"] {
        assert!(document.contains(&format!(">\n{text}\n</text>")), "{text:?} is not in it");
    }
    assert!(!document.contains("out of sight") && !document.contains("later"));
    assert_eq!(lines(&plain, palette.series(4)).len(), 0);
    let dashes = lines(&document, palette.series(4));
    let at: std::collections::BTreeSet<_> = dashes.iter().map(|dash| dash[0].0 as i64).collect();
    assert_eq!(at.len(), 2, "a moment, and the end of a span: {at:?}");
    // However many there are, the picture is no carpet.
    chart.notes = (0..10_000).map(|n| note(n % 60, None, "one of many")).collect();
    assert!(svg(&chart).unwrap().len() < 4_000_000);
    png(&chart).unwrap();
}
