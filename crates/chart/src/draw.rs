//! Puts a chart together: title and legend on top, axes around, gaps behind the lines.

use crate::axis::{ValueAxis, time_ticks};
use crate::colors::Palette;
use crate::font::{self, Weight};
use crate::pen::{HPos, Ink, Letters, Pen, Point};
use crate::shape::{Frame, Hatch, drawable, hatch, runs};
use crate::{Band, BandKind, Chart, ChartError, Rgb, Trace};
use chrono::FixedOffset;
use feedscope_history::Column;
use plotters::coord::Shift;
use plotters::prelude::{DrawingArea, DrawingBackend};

/// All in pixels.
const MARGIN: f64 = 16.0;
const TITLE_SIZE: f64 = 16.0;
const TITLE_ROW: f64 = 28.0;
const LEGEND_SIZE: f64 = 12.0;
const LEGEND_ROW: f64 = 20.0;
const LEGEND_NAME_MAX: f64 = 260.0;
/// Into how many parts of a tick the legend tells a value: a pixel or so, as fine as the line.
const LEGEND_PARTS: f64 = 50.0;
const LEGEND_SPACE: f64 = 24.0;
const HEADING_SPACE: f64 = 12.0;
const SWATCH: f64 = 10.0;
const AXIS_SIZE: f64 = 11.0;
const AXIS_ROW: f64 = 16.0;
const AXIS_SPACE: f64 = 8.0;
const LINE: f64 = 1.5;
const LABEL_ROW: f64 = 18.0;

/// Below this, words would leave no room for the data.
const WORDS_HEIGHT_MIN: f64 = 160.0;
const WORDS_WIDTH_MIN: f64 = 160.0;

/// The share of the height that the legend may take.
const LEGEND_SHARE: f64 = 0.25;

/// How much height and width a tick has to itself, beside its label.
const VALUE_TICK_SPACE: f64 = 44.0;
const TIME_TICK_SPACE: f64 = 40.0;

/// Narrower than this, a gap is a single line.
const HATCHED_MIN: f64 = 2.0;

/// More labels than this in gaps are not read but looked at, and the hatch says as much.
const BAND_LABELS_MAX: usize = 64;
const BAND_LABEL_ROWS: usize = 3;

/// A name in a legend is cut where it is too wide; here, before it is measured.
const TEXT_CHARS_MAX: usize = 500;

pub fn draw<B: DrawingBackend>(
    area: &DrawingArea<B, Shift>,
    chart: &Chart,
) -> Result<(), ChartError> {
    let palette = chart.theme.palette();
    let pen = Pen(area);
    let size = (f64::from(chart.width), f64::from(chart.height));
    pen.rect((0.0, 0.0), size, palette.background.into())?;

    let words = size.0 >= WORDS_WIDTH_MIN && size.1 >= WORDS_HEIGHT_MIN;
    let margin = if words { MARGIN } else { MARGIN / 4.0 };
    let mut frame =
        Frame { left: margin, top: margin, right: size.0 - margin, bottom: size.1 - margin };
    let values = Values::of(chart);
    if words {
        frame.top += heading(&pen, chart, palette, frame, &values)?;
        frame.bottom -= 2.0 * AXIS_ROW;
    }
    let axis = values.axis(chart, frame.height());
    let magnitude = axis.magnitude();
    let ticks: Vec<(f64, String)> =
        axis.ticks().map(|value| (value, chart.unit.label(value, axis.step, magnitude))).collect();
    let shown = words && (values.any || chart.range.is_some());
    if shown {
        let width = |label: &String| font::width(label, Weight::Regular) * AXIS_SIZE;
        let widest = ticks.iter().map(|(_, label)| width(label)).fold(0.0, f64::max);
        frame.left = (frame.left + widest + AXIS_SPACE).min(frame.right - 1.0).round();
    }
    let plot = Plot { frame, chart, axis };

    // Where the plot is low, not every line has room for its label.
    let apart = frame.height() * axis.step / (axis.high - axis.low);
    let labelled = ((AXIS_SIZE + 3.0) / apart).ceil().max(1.0) as usize;
    for (index, (value, label)) in ticks.iter().enumerate().filter(|_| shown) {
        let y = sharp(plot.y(*value));
        pen.line(&[(frame.left, y), (frame.right, y)], palette.grid.into(), 1.0)?;
        if index.is_multiple_of(labelled) {
            let at = (frame.left - AXIS_SPACE, y);
            pen.text(label, at, letters(AXIS_SIZE, palette.muted, HPos::Right))?;
        }
    }
    let bottom = sharp(frame.bottom);
    pen.line(&[(frame.left, bottom), (frame.right, bottom)], palette.grid.into(), 1.0)?;

    bands(&pen, &plot, palette)?;
    for trace in &chart.traces {
        line(&pen, &plot, trace)?;
    }
    if words {
        time_axis(&pen, &plot, palette)?;
        band_labels(&pen, &plot, palette)?;
    }
    if !values.any {
        let middle = ((frame.left + frame.right) / 2.0, (frame.top + frame.bottom) / 2.0);
        let text = font::shortened("No data in this span", Weight::Regular, frame.width() / 13.0);
        plate(&pen, &text, middle, 13.0, palette)?;
        pen.text(&text, middle, letters(13.0, palette.muted, HPos::Center))?;
    }
    Ok(())
}

/// The values in view.
struct Values {
    any: bool,
    low: f64,
    high: f64,
}

impl Values {
    fn of(chart: &Chart) -> Self {
        let mut values = Values { any: false, low: f64::INFINITY, high: f64::NEG_INFINITY };
        for trace in &chart.traces {
            let in_view = |column: &&Column| {
                let start_ns = i128::from(column.index) * i128::from(trace.column_ns);
                start_ns < i128::from(chart.to_ns)
                    && start_ns + i128::from(trace.column_ns) > i128::from(chart.from_ns)
            };
            for column in trace.columns.iter().filter(in_view).filter(|column| drawable(column)) {
                values.any = true;
                values.low = values.low.min(column.min);
                values.high = values.high.max(column.max);
            }
        }
        values
    }

    fn axis(&self, chart: &Chart, height: f64) -> ValueAxis {
        let ticks = (height / VALUE_TICK_SPACE).clamp(3.0, 10.0) as usize;
        match chart.range {
            Some((low, high)) if low.is_finite() && high.is_finite() && low < high => {
                ValueAxis::fixed(low, high, ticks)
            }
            _ if self.any => ValueAxis::fitting(self.low, self.high, ticks),
            _ => ValueAxis::fitting(0.0, 1.0, ticks),
        }
    }
}

/// Where times and values are.
struct Plot<'a> {
    frame: Frame,
    chart: &'a Chart,
    axis: ValueAxis,
}

impl Plot<'_> {
    fn x(&self, time_ns: i128) -> f64 {
        let since = (time_ns - i128::from(self.chart.from_ns)) as f64;
        let span = (i128::from(self.chart.to_ns) - i128::from(self.chart.from_ns)) as f64;
        self.frame.left + bounded(since / span * self.frame.width())
    }

    fn y(&self, value: f64) -> f64 {
        let part = (value - self.axis.low) / (self.axis.high - self.axis.low);
        self.frame.bottom - bounded(part * self.frame.height())
    }

    /// From where to where a gap goes, in view and at least a pixel wide; `None` if it is not in
    /// view.
    fn band(&self, band: &Band) -> Option<(f64, f64)> {
        let end_ns = band.end_ns.unwrap_or(i64::MAX).max(band.start_ns);
        if band.start_ns > self.chart.to_ns || end_ns < self.chart.from_ns {
            return None;
        }
        let Frame { left, right, .. } = self.frame;
        let start = self.x(i128::from(band.start_ns)).clamp(left, right - 1.0);
        let end = self.x(i128::from(end_ns)).clamp(start + 1.0, right);
        Some((start, end))
    }
}

/// What is far out of view is as well drawn nearer to it: the numbers stay such that one can
/// count with them.
fn bounded(pixels: f64) -> f64 {
    const FAR: f64 = 1e7;
    pixels.clamp(-FAR, FAR)
}

/// The middle of a pixel, where a line one pixel wide is sharp.
fn sharp(pixels: f64) -> f64 {
    pixels.floor() + 0.5
}

fn letters(size: f64, color: Rgb, align: HPos) -> Letters {
    Letters { size, weight: Weight::Regular, color, align }
}

/// Text from elsewhere, without what could not stand in a document or would turn its order.
fn printable(text: &str) -> String {
    let steers = |c: char| matches!(c, '\u{200E}' | '\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}');
    let no_character = |c: char| matches!(c, '\u{FFFE}' | '\u{FFFF}');
    text.chars()
        .filter(|c| !steers(*c) && !no_character(*c))
        .map(|c| if c.is_control() { ' ' } else { c })
        .take(TEXT_CHARS_MAX)
        .collect()
}

/// Draws title and legend, and says how high they are.
fn heading<B: DrawingBackend>(
    pen: &Pen<'_, B>,
    chart: &Chart,
    palette: &Palette,
    frame: Frame,
    values: &Values,
) -> Result<f64, ChartError> {
    let mut height = 0.0;
    let title = printable(&chart.title);
    if !title.trim().is_empty() {
        let at = (frame.left, frame.top + TITLE_SIZE / 2.0);
        let weight = Weight::SemiBold;
        let title = font::shortened(title.trim(), weight, frame.width() / TITLE_SIZE);
        pen.text(&title, at, Letters { weight, ..letters(TITLE_SIZE, palette.text, HPos::Left) })?;
        height += TITLE_ROW;
    }
    let top = frame.top + height;
    let rows_max = (f64::from(chart.height) * LEGEND_SHARE / LEGEND_ROW).max(1.0) as usize;
    let step = values.axis(chart, frame.height()).step / LEGEND_PARTS;
    let (mut x, mut row) = (frame.left, 0);
    for (index, trace) in chart.traces.iter().enumerate() {
        let entry = LegendEntry::of(trace, chart, step, frame.width());
        let hidden = chart.traces.len() - index;
        let more = format!("+ {hidden} more");
        let is_last_row = row + 1 >= rows_max;
        let reserved = if is_last_row && hidden > 1 {
            LEGEND_SPACE + font::width(&more, Weight::Regular) * LEGEND_SIZE
        } else {
            0.0
        };
        if x > frame.left && x + entry.width() + reserved > frame.right {
            if is_last_row {
                let at = (x, top + LEGEND_ROW * (row as f64 + 0.5));
                pen.text(&more, at, letters(LEGEND_SIZE, palette.muted, HPos::Left))?;
                break;
            }
            (x, row) = (frame.left, row + 1);
        }
        entry.draw(pen, (x, top + LEGEND_ROW * (row as f64 + 0.5)), palette)?;
        x += entry.width() + LEGEND_SPACE;
    }
    if !chart.traces.is_empty() {
        height += LEGEND_ROW * (row + 1) as f64;
    }
    Ok(height + if height > 0.0 { HEADING_SPACE } else { 0.0 })
}

struct LegendEntry {
    color: Rgb,
    name: String,
    value: String,
}

impl LegendEntry {
    fn of(trace: &Trace, chart: &Chart, step: f64, width_max: f64) -> Self {
        let latest = trace.latest.filter(|value| value.is_finite());
        let value = match latest {
            Some(value) => chart.unit.label(value, step, value),
            None => "—".to_owned(),
        };
        let name_max = LEGEND_NAME_MAX.min(width_max / 2.0) / LEGEND_SIZE;
        let name = font::shortened(printable(&trace.name).trim(), Weight::Regular, name_max);
        Self { color: trace.color, name, value }
    }

    fn name_width(&self) -> f64 {
        font::width(&self.name, Weight::Regular) * LEGEND_SIZE
    }

    fn width(&self) -> f64 {
        let value = font::width(&self.value, Weight::SemiBold) * LEGEND_SIZE;
        SWATCH + 6.0 + self.name_width() + 6.0 + value
    }

    fn draw<B: DrawingBackend>(
        &self,
        pen: &Pen<'_, B>,
        (x, y): Point,
        palette: &Palette,
    ) -> Result<(), ChartError> {
        let half = SWATCH / 2.0;
        pen.rect((x, y - half), (x + SWATCH, y + half), self.color.into())?;
        let x = x + SWATCH + 6.0;
        pen.text(&self.name, (x, y), letters(LEGEND_SIZE, palette.muted, HPos::Left))?;
        let value = letters(LEGEND_SIZE, palette.text, HPos::Left);
        let at = (x + self.name_width() + 6.0, y);
        pen.text(&self.value, at, Letters { weight: Weight::SemiBold, ..value })
    }
}

fn line<B: DrawingBackend>(
    pen: &Pen<'_, B>,
    plot: &Plot<'_>,
    trace: &Trace,
) -> Result<(), ChartError> {
    let ink = Ink::from(trace.color);
    let x = |column: &Column| {
        let width_ns = i128::from(trace.column_ns);
        plot.x(i128::from(column.index) * width_ns + width_ns / 2)
    };
    for run in runs(&trace.columns) {
        if run.iter().any(|column| column.min < column.max) {
            let highs = run.iter().map(|column| (x(column), plot.y(column.max)));
            let lows = run.iter().rev().map(|column| (x(column), plot.y(column.min)));
            let envelope = plot.frame.polygon(&highs.chain(lows).collect::<Vec<_>>());
            if envelope.len() > 2 {
                pen.polygon(&envelope, Ink { opacity: 0.25, ..ink })?;
            }
        }
        let mut points: Vec<Point> = Vec::with_capacity(run.len());
        for column in run {
            for value in [column.first, column.min, column.max, column.last] {
                let point = (x(column), plot.y(value));
                if points.last() != Some(&point) {
                    points.push(point);
                }
            }
        }
        if let [point] = points[..] {
            // A lone sample has no line to be seen by.
            if plot.frame.contains(point) {
                pen.dot(point, LINE, ink)?;
            }
        }
        for part in plot.frame.line(&points) {
            pen.line(&part, ink, LINE)?;
        }
    }
    Ok(())
}

impl BandKind {
    const ALL: [BandKind; 7] = [
        BandKind::Beginning,
        BandKind::Outage,
        BandKind::Silence,
        BandKind::Missing,
        BandKind::Undecodable,
        BandKind::Overflow,
        BandKind::Closed,
    ];

    fn look(self, palette: &Palette) -> (Hatch, Rgb) {
        match self {
            BandKind::Outage => (Hatch::Rising, palette.outage),
            BandKind::Silence => (Hatch::Level, palette.silence),
            BandKind::Missing => (Hatch::Falling, palette.missing),
            BandKind::Undecodable => (Hatch::Crossed, palette.undecodable),
            BandKind::Overflow => (Hatch::Upright, palette.overflow),
            BandKind::Closed => (Hatch::Squared, palette.closed),
            BandKind::Beginning => (Hatch::None, palette.muted),
        }
    }
}

fn bands<B: DrawingBackend>(
    pen: &Pen<'_, B>,
    plot: &Plot<'_>,
    palette: &Palette,
) -> Result<(), ChartError> {
    for kind in BandKind::ALL {
        let (pattern, color) = kind.look(palette);
        let of_kind = plot.chart.gaps.iter().filter(|band| band.kind == kind);
        let mut spans: Vec<(f64, f64)> = of_kind.filter_map(|band| plot.band(band)).collect();
        spans.sort_by(|one, other| one.0.total_cmp(&other.0));
        // Those that touch are drawn as one, so that there is no more to draw than there are
        // pixels, however many gaps.
        let mut merged: Vec<(f64, f64)> = Vec::new();
        for span in spans {
            match merged.last_mut() {
                Some(before) if span.0 <= before.1 => before.1 = before.1.max(span.1),
                _ => merged.push(span),
            }
        }
        for (left, right) in merged {
            let frame = Frame { left: sharp(left), right: sharp(right), ..plot.frame };
            let edge = |x: f64| [(x, frame.top), (x, frame.bottom)];
            pen.line(&edge(frame.left), Ink { color, opacity: 0.6 }, 1.0)?;
            if frame.width() < HATCHED_MIN {
                continue;
            }
            pen.line(&edge(frame.right), Ink { color, opacity: 0.6 }, 1.0)?;
            let corners = ((frame.left, frame.top), (frame.right, frame.bottom));
            pen.rect(corners.0, corners.1, Ink { color, opacity: 0.08 })?;
            for line in hatch(pattern, frame) {
                pen.line(&line, Ink { color, opacity: 0.4 }, 1.0)?;
            }
        }
    }
    Ok(())
}

fn band_labels<B: DrawingBackend>(
    pen: &Pen<'_, B>,
    plot: &Plot<'_>,
    palette: &Palette,
) -> Result<(), ChartError> {
    let mut taken: Vec<(usize, f64, f64)> = Vec::new();
    for band in &plot.chart.gaps {
        let Some((left, right)) = plot.band(band) else { continue };
        let label = printable(&band.label);
        let width = font::width(&label, Weight::Regular) * AXIS_SIZE + 12.0;
        if label.is_empty() || width > right - left || taken.len() >= BAND_LABELS_MAX {
            continue;
        }
        let middle = (left + right) / 2.0;
        let (from, to) = (middle - width / 2.0, middle + width / 2.0);
        let free = |row: &usize| {
            taken.iter().all(|(other, left, right)| other != row || from > *right || to < *left)
        };
        let fitting = (plot.frame.height() / LABEL_ROW - 1.0).max(0.0) as usize;
        let Some(row) = (0..BAND_LABEL_ROWS.min(fitting)).find(free) else { continue };
        taken.push((row, from, to));
        let at = (middle, plot.frame.top + LABEL_ROW * (row as f64 + 0.75));
        plate(pen, &label, at, AXIS_SIZE, palette)?;
        pen.text(&label, at, letters(AXIS_SIZE, palette.text, HPos::Center))?;
    }
    Ok(())
}

/// What makes a text readable on top of lines.
fn plate<B: DrawingBackend>(
    pen: &Pen<'_, B>,
    text: &str,
    (x, y): Point,
    size: f64,
    palette: &Palette,
) -> Result<(), ChartError> {
    let half_width = font::width(text, Weight::Regular) * size / 2.0 + 4.0;
    let half_height = size / 2.0 + 2.0;
    let ink = Ink { color: palette.background, opacity: 0.85 };
    pen.rect((x - half_width, y - half_height), (x + half_width, y + half_height), ink)
}

fn time_axis<B: DrawingBackend>(
    pen: &Pen<'_, B>,
    plot: &Plot<'_>,
    palette: &Palette,
) -> Result<(), ChartError> {
    let Frame { right, bottom, .. } = plot.frame;
    let chart = plot.chart;
    let text_width = |text: &str| font::width(text, Weight::Regular) * AXIS_SIZE;
    let span_ns = (i128::from(chart.to_ns) - i128::from(chart.from_ns)) as f64;
    let ticks = time_ticks(chart.from_ns, chart.to_ns, chart.zone, |step_ns, label| {
        step_ns as f64 / span_ns * plot.frame.width() >= text_width(label) + TIME_TICK_SPACE
    });
    let (first_row, second_row) = (bottom + AXIS_ROW * 0.75, bottom + AXIS_ROW * 1.75);

    let zone = zone_name(chart.zone);
    pen.text(&zone, (right, second_row), letters(AXIS_SIZE, palette.muted, HPos::Right))?;
    let mut dates_from = 0.0;
    let dates_to = right - text_width(&zone) - AXIS_SPACE;
    for tick in ticks {
        let x = plot.x(i128::from(tick.time_ns));
        let mark = [(sharp(x), bottom), (sharp(x), bottom + 4.0)];
        pen.line(&mark, palette.muted.into(), 1.0)?;
        let centered = letters(AXIS_SIZE, palette.muted, HPos::Center);
        // A label at an edge moves inwards.
        let half = text_width(&tick.label) / 2.0;
        let label_x = x.min(f64::from(chart.width) - half - MARGIN / 4.0).max(half + MARGIN / 4.0);
        pen.text(&tick.label, (label_x, first_row + 1.0), centered)?;
        if let Some(date) = tick.date {
            let half = text_width(&date) / 2.0;
            let date_x = x.max(MARGIN + half);
            if date_x - half >= dates_from && date_x + half <= dates_to {
                pen.text(&date, (date_x, second_row), centered)?;
                dates_from = date_x + half + AXIS_SPACE;
            }
        }
    }
    Ok(())
}

/// "UTC+5:30"
fn zone_name(zone: FixedOffset) -> String {
    let minutes = zone.local_minus_utc() / 60;
    let sign = if minutes < 0 { "\u{2212}" } else { "+" };
    let (hours, minutes) = (minutes.abs() / 60, minutes.abs() % 60);
    match (hours, minutes) {
        (0, 0) => "UTC".to_owned(),
        (hours, 0) => format!("UTC{sign}{hours}"),
        (hours, minutes) => format!("UTC{sign}{hours}:{minutes:02}"),
    }
}
