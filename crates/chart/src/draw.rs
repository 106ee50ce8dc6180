//! Puts a chart together: title and legend on top, axes around, gaps behind the lines.

use crate::axis::{ValueAxis, time_ticks};
use crate::colors::Palette;
use crate::font::{self, Weight};
use crate::pen::{HPos, Ink, Letters, Pen, Point};
use crate::shape::{Frame, Hatch, drawable, hatch, runs};
use crate::{Axis, Band, BandKind, Chart, ChartError, Rgb, Side, Style, Trace};
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

/// More than these are no references any more, but a grid, and no notes, but a carpet.
const REFERENCES_MAX: usize = 32;
const NOTES_MAX: usize = 200;
const NOTE_ROWS: usize = 4;
const NOTE_WIDTH_MAX: f64 = 220.0;
const DASH: f64 = 4.0;

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
    let values = Both::of(chart);
    if words {
        frame.top += heading(&pen, chart, palette, frame, &values)?;
        frame.bottom -= 2.0 * AXIS_ROW;
    }
    let height = frame.height();
    let (left, right) =
        (values.left.axis(&chart.left, height), values.right.axis(&chart.right, height));
    let has = |side: Side| chart.traces.iter().any(|trace| trace.side == side);
    let has_left = has(Side::Left) || !has(Side::Right);
    let shown = |values: &Values, look: &Axis| words && (values.any || look.range.is_some());
    let labels_of = |axis: &ValueAxis, look: &Axis| -> Vec<(f64, String)> {
        let label = |value: f64| look.unit.label(value, axis.step_at(value), axis.magnitude(value));
        axis.ticks().into_iter().map(|value| (value, label(value))).collect()
    };
    let left_labels = if has_left && shown(&values.left, &chart.left) {
        labels_of(&left, &chart.left)
    } else {
        Vec::new()
    };
    let right_labels = if has(Side::Right) && shown(&values.right, &chart.right) {
        labels_of(&right, &chart.right)
    } else {
        Vec::new()
    };
    let widest = |labels: &[(f64, String)]| {
        let width = |label: &String| font::width(label, Weight::Regular) * AXIS_SIZE;
        labels.iter().map(|(_, label)| width(label)).fold(0.0, f64::max)
    };
    if !right_labels.is_empty() {
        frame.right =
            (frame.right - widest(&right_labels) - AXIS_SPACE).max(frame.left + 2.0).round();
    }
    if !left_labels.is_empty() {
        frame.left =
            (frame.left + widest(&left_labels) + AXIS_SPACE).min(frame.right - 1.0).round();
    }
    let plot = Plot { frame, chart, left, right };

    // Two grids cannot be told apart.
    let grid = if has_left { Side::Left } else { Side::Right };
    for (side, labels) in [(Side::Left, &left_labels), (Side::Right, &right_labels)] {
        let ys: Vec<f64> = labels.iter().map(|(value, _)| sharp(plot.y(side, *value))).collect();
        // Where the plot is low, not every line has room for its label.
        let between = |pair: &[f64]| pair.first().zip(pair.last()).map_or(0.0, |(a, b)| a - b);
        let apart = ys.windows(2).map(between).fold(f64::INFINITY, f64::min).max(0.1);
        let labelled = ((AXIS_SIZE + 3.0) / apart).ceil().max(1.0) as usize;
        for (index, (y, (_, label))) in ys.into_iter().zip(labels).enumerate() {
            if side == grid {
                pen.line(&[(frame.left, y), (frame.right, y)], palette.grid.into(), 1.0)?;
            }
            if !index.is_multiple_of(labelled) {
                continue;
            }
            let (x, align) = match side {
                Side::Left => (frame.left - AXIS_SPACE, HPos::Right),
                Side::Right => (frame.right + AXIS_SPACE, HPos::Left),
            };
            pen.text(label, (x, y), letters(AXIS_SIZE, palette.muted, align))?;
        }
    }
    let bottom = sharp(frame.bottom);
    pen.line(&[(frame.left, bottom), (frame.right, bottom)], palette.grid.into(), 1.0)?;

    bands(&pen, &plot, palette)?;
    note_marks(&pen, &plot)?;
    references(&pen, &plot, words, palette)?;
    for trace in &chart.traces {
        line(&pen, &plot, trace)?;
    }
    if words {
        time_axis(&pen, &plot, palette)?;
        band_labels(&pen, &plot, palette)?;
        note_labels(&pen, &plot, palette)?;
    }
    if !values.left.any && !values.right.any {
        let middle = ((frame.left + frame.right) / 2.0, (frame.top + frame.bottom) / 2.0);
        let text = font::shortened("No data in this span", Weight::Regular, frame.width() / 13.0);
        plate(&pen, &text, middle, 13.0, palette)?;
        pen.text(&text, middle, letters(13.0, palette.muted, HPos::Center))?;
    }
    Ok(())
}

/// The values at either axis.
struct Both {
    left: Values,
    right: Values,
}

impl Both {
    fn of(chart: &Chart) -> Self {
        let of = |side, look| Values::of(chart, side, look);
        Both { left: of(Side::Left, &chart.left), right: of(Side::Right, &chart.right) }
    }
}

/// The values in view.
struct Values {
    any: bool,
    low: f64,
    high: f64,
}

impl Values {
    fn of(chart: &Chart, side: Side, look: &Axis) -> Self {
        let mut values = Values { any: false, low: f64::INFINITY, high: f64::NEG_INFINITY };
        for trace in chart.traces.iter().filter(|trace| trace.side == side) {
            let in_view = |column: &&Column| {
                let start_ns = i128::from(column.index) * i128::from(trace.column_ns);
                start_ns < i128::from(chart.to_ns)
                    && start_ns + i128::from(trace.column_ns) > i128::from(chart.from_ns)
            };
            for column in trace.columns.iter().filter(in_view).filter(|column| drawable(column)) {
                // Of factors, what is not above zero has no place.
                let all = [column.min, column.first, column.last, column.max];
                for value in all.into_iter().filter(|value| !look.log || *value > 0.0) {
                    values.any = true;
                    values.low = values.low.min(value);
                    values.high = values.high.max(value);
                }
            }
        }
        values
    }

    fn axis(&self, look: &Axis, height: f64) -> ValueAxis {
        let ticks = (height / VALUE_TICK_SPACE).clamp(3.0, 10.0) as usize;
        let fixed = look.range.filter(|(low, high)| {
            low.is_finite() && high.is_finite() && low < high && (!look.log || *low > 0.0)
        });
        match fixed {
            Some((low, high)) if look.log => ValueAxis::factors(low, high, ticks),
            Some((low, high)) => ValueAxis::fixed(low, high, ticks),
            None if look.log && self.any => ValueAxis::fitting_factors(self.low, self.high, ticks),
            None if look.log => ValueAxis::factors(0.1, 10.0, ticks),
            None if self.any => ValueAxis::fitting(self.low, self.high, ticks),
            None => ValueAxis::fitting(0.0, 1.0, ticks),
        }
    }
}

/// Where times and values are.
struct Plot<'a> {
    frame: Frame,
    chart: &'a Chart,
    left: ValueAxis,
    right: ValueAxis,
}

impl Plot<'_> {
    fn x(&self, time_ns: i128) -> f64 {
        let since = (time_ns - i128::from(self.chart.from_ns)) as f64;
        let span = (i128::from(self.chart.to_ns) - i128::from(self.chart.from_ns)) as f64;
        self.frame.left + bounded(since / span * self.frame.width())
    }

    fn y(&self, side: Side, value: f64) -> f64 {
        let axis = match side {
            Side::Left => &self.left,
            Side::Right => &self.right,
        };
        self.frame.bottom - bounded(axis.part(value) * self.frame.height())
    }

    /// From where to where a gap goes.
    fn band(&self, band: &Band) -> Option<(f64, f64)> {
        self.span(band.start_ns, band.end_ns.unwrap_or(i64::MAX))
    }

    /// From where to where a span goes, in view and at least a pixel wide; `None` if it is not in
    /// view.
    fn span(&self, start_ns: i64, end_ns: i64) -> Option<(f64, f64)> {
        let end_ns = end_ns.max(start_ns);
        if start_ns > self.chart.to_ns || end_ns < self.chart.from_ns {
            return None;
        }
        let Frame { left, right, .. } = self.frame;
        let start = self.x(i128::from(start_ns)).clamp(left, right - 1.0);
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
    values: &Both,
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
    let left = values.left.axis(&chart.left, frame.height());
    let right = values.right.axis(&chart.right, frame.height());
    let (mut x, mut row) = (frame.left, 0);
    for (index, trace) in chart.traces.iter().enumerate() {
        let (axis, look) = match trace.side {
            Side::Left => (&left, &chart.left),
            Side::Right => (&right, &chart.right),
        };
        let entry = LegendEntry::of(trace, axis, look, frame.width());
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
    fn of(trace: &Trace, axis: &ValueAxis, look: &Axis, width_max: f64) -> Self {
        let latest = trace.latest.filter(|value| value.is_finite());
        let parts = if axis.log { 1_000.0 } else { LEGEND_PARTS };
        let value = match latest {
            Some(value) => look.unit.label(value, axis.step_at(value) / parts, value),
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
    let y = |value: f64| plot.y(trace.side, value);
    if trace.style == Style::Points {
        for column in trace.columns.iter().filter(|column| drawable(column)) {
            let reach = [(x(column), y(column.max)), (x(column), y(column.min))];
            let [top, bottom] = reach;
            if plot.frame.contains(top) {
                pen.dot(top, LINE, ink)?;
            }
            // Of many samples, all that lies between the least and the greatest.
            if bottom.1 - top.1 > LINE {
                for part in plot.frame.line(&reach) {
                    pen.line(&part, ink, LINE)?;
                }
            }
        }
        return Ok(());
    }
    for run in runs(&trace.columns) {
        if run.iter().any(|column| column.min < column.max) {
            let highs = run.iter().map(|column| (x(column), y(column.max)));
            let lows = run.iter().rev().map(|column| (x(column), y(column.min)));
            let envelope = plot.frame.polygon(&highs.chain(lows).collect::<Vec<_>>());
            if envelope.len() > 2 {
                pen.polygon(&envelope, Ink { opacity: 0.25, ..ink })?;
            }
        }
        let mut points: Vec<Point> = Vec::with_capacity(run.len());
        for column in run {
            if let (Style::Steps, Some(before)) = (trace.style, points.last()) {
                // It was what it was until now.
                points.push((x(column), before.1));
            }
            for value in [column.first, column.min, column.max, column.last] {
                let point = (x(column), y(value));
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

/// A line of dashes, level or upright.
fn dashes<B: DrawingBackend>(
    pen: &Pen<'_, B>,
    from: Point,
    to: Point,
    ink: Ink,
) -> Result<(), ChartError> {
    let length = (to.0 - from.0).abs().max((to.1 - from.1).abs());
    let at = |along: f64| {
        let part = (along / length).min(1.0);
        (from.0 + (to.0 - from.0) * part, from.1 + (to.1 - from.1) * part)
    };
    let count = (length / (2.0 * DASH)).ceil() as usize;
    for start in (0..count).map(|n| n as f64 * 2.0 * DASH) {
        pen.line(&[at(start), at(start + DASH)], ink, 1.0)?;
    }
    Ok(())
}

fn references<B: DrawingBackend>(
    pen: &Pen<'_, B>,
    plot: &Plot<'_>,
    words: bool,
    palette: &Palette,
) -> Result<(), ChartError> {
    let Frame { left, top, right, bottom } = plot.frame;
    for reference in plot.chart.references.iter().take(REFERENCES_MAX) {
        let y = plot.y(Side::Left, reference.value);
        if !(top..=bottom).contains(&y) {
            continue;
        }
        let y = sharp(y);
        dashes(pen, (left, y), (right, y), reference.color.into())?;
        let label = printable(&reference.label);
        if !words || label.trim().is_empty() {
            continue;
        }
        let label = font::shortened(label.trim(), Weight::Regular, NOTE_WIDTH_MAX / AXIS_SIZE);
        let half = font::width(&label, Weight::Regular) * AXIS_SIZE / 2.0;
        // Above the line, or below it where there is no room.
        let up = y - AXIS_SIZE / 2.0 - 3.0;
        let at = (right - half - 6.0, if up - AXIS_SIZE > top { up } else { y + AXIS_SIZE });
        plate(pen, &label, at, AXIS_SIZE, palette)?;
        pen.text(&label, at, letters(AXIS_SIZE, reference.color, HPos::Center))?;
    }
    Ok(())
}

/// Where annotations are: dashes at a moment and at the ends of a span, and a shade in it.
fn note_marks<B: DrawingBackend>(pen: &Pen<'_, B>, plot: &Plot<'_>) -> Result<(), ChartError> {
    let Frame { top, bottom, .. } = plot.frame;
    for note in plot.chart.notes.iter().take(NOTES_MAX) {
        let end_ns = note.end_ns.unwrap_or(note.start_ns);
        let Some((left, right)) = plot.span(note.start_ns, end_ns) else { continue };
        let ink = Ink::from(note.color);
        if note.end_ns.is_some() {
            pen.rect((left, top), (right, bottom), Ink { opacity: 0.1, ..ink })?;
        }
        let ends = [(note.start_ns, left), (end_ns, right)];
        for (_, x) in ends.into_iter().take(if note.end_ns.is_some() { 2 } else { 1 }).filter(
            // What is out of view has no line at the edge.
            |(at_ns, _)| (plot.chart.from_ns..=plot.chart.to_ns).contains(at_ns),
        ) {
            dashes(pen, (sharp(x), top), (sharp(x), bottom), ink)?;
        }
    }
    Ok(())
}

/// What annotations say, at the bottom, where the labels of gaps are not.
fn note_labels<B: DrawingBackend>(
    pen: &Pen<'_, B>,
    plot: &Plot<'_>,
    palette: &Palette,
) -> Result<(), ChartError> {
    let mut rows = Rows::default();
    for note in plot.chart.notes.iter().take(NOTES_MAX) {
        let end_ns = note.end_ns.unwrap_or(note.start_ns);
        let Some((left, _)) = plot.span(note.start_ns, end_ns) else { continue };
        let text = printable(&note.text);
        let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
        if text.is_empty() {
            continue;
        }
        let room = NOTE_WIDTH_MAX.min(plot.frame.width() - 12.0).max(0.0);
        let text = font::shortened(&text, Weight::Regular, room / AXIS_SIZE);
        let width = font::width(&text, Weight::Regular) * AXIS_SIZE + 12.0;
        // One that would be cut off at the right edge goes to the left.
        let from = if left + width > plot.frame.right { left - width } else { left };
        let Some(row) = rows.take(from, from + width, NOTE_ROWS, plot.frame.height()) else {
            continue;
        };
        let y = plot.frame.bottom - LABEL_ROW * (row as f64 + 0.6);
        let half = AXIS_SIZE / 2.0 + 2.0;
        pen.rect((from, y - half), (from + width, y + half), note.color.into())?;
        pen.text(&text, (from + 6.0, y), letters(AXIS_SIZE, palette.background, HPos::Left))?;
    }
    Ok(())
}

/// Rows of labels, in which none lies over another.
#[derive(Default)]
struct Rows {
    taken: Vec<(usize, f64, f64)>,
}

impl Rows {
    /// The first of `most` rows that is free from `from` to `to`, which is not any more.
    fn take(&mut self, from: f64, to: f64, most: usize, height: f64) -> Option<usize> {
        if self.taken.len() >= BAND_LABELS_MAX {
            return None;
        }
        let free = |row: &usize| {
            let mut others = self.taken.iter();
            others.all(|(other, left, right)| other != row || from > *right || to < *left)
        };
        let fitting = (height / LABEL_ROW - 1.0).max(0.0) as usize;
        let row = (0..most.min(fitting)).find(free)?;
        self.taken.push((row, from, to));
        Some(row)
    }
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
    let mut rows = Rows::default();
    for band in &plot.chart.gaps {
        let Some((left, right)) = plot.band(band) else { continue };
        let label = printable(&band.label);
        let width = font::width(&label, Weight::Regular) * AXIS_SIZE + 12.0;
        if label.is_empty() || width > right - left {
            continue;
        }
        let middle = (left + right) / 2.0;
        let (from, to) = (middle - width / 2.0, middle + width / 2.0);
        let Some(row) = rows.take(from, to, BAND_LABEL_ROWS, plot.frame.height()) else {
            continue;
        };
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
