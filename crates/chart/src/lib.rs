//! A view of the history as a PNG or SVG picture, fit for a report.
//!
//! It draws what it is given, columns and gaps, and asks nobody for more: the same input makes
//! the same picture on any machine.

mod axis;
pub mod colors;
mod draw;
mod font;
mod pen;
mod pixels;
mod shape;
mod unit;

pub use colors::{Palette, Rgb, Theme};
pub use unit::Unit;

use chrono::FixedOffset;
use feedscope_history::Column;
use pen::UNITS_PER_PIXEL;
use plotters::prelude::{IntoDrawingArea, SVGBackend};
use std::fmt::Display;
use std::ops::RangeInclusive;
use thiserror::Error;

/// How many pixels a side may have: fewer show nothing, more make files that few programs open.
pub const SIDE_PIXELS: RangeInclusive<u32> = 64..=8192;

/// What to draw.
#[derive(Clone, Debug)]
pub struct Chart {
    pub title: String,
    pub from_ns: i64,
    pub to_ns: i64,
    pub traces: Vec<Trace>,
    pub gaps: Vec<Band>,
    pub left: Axis,
    /// Drawn where a trace is measured at it.
    pub right: Axis,
    pub references: Vec<Reference>,
    pub notes: Vec<Note>,
    pub theme: Theme,
    /// In pixels.
    pub width: u32,
    pub height: u32,
    /// Whose local time the axis tells.
    pub zone: FixedOffset,
}

/// How values are measured.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Axis {
    pub unit: Unit,
    /// A fixed value range; `None` fits what is in view.
    pub range: Option<(f64, f64)>,
    /// Equal steps are equal factors. What is not above zero has no place then.
    pub log: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    Left,
    Right,
}

/// How a trace is drawn.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Style {
    /// Joined straight, and shaded between the least and the greatest of each column.
    #[default]
    Line,
    Steps,
    Points,
}

/// A value at the left axis that is marked by a line.
#[derive(Clone, Debug)]
pub struct Reference {
    pub value: f64,
    pub color: Rgb,
    pub label: String,
}

/// What was said of a moment, or of a span of time.
#[derive(Clone, Debug)]
pub struct Note {
    pub start_ns: i64,
    /// `None` of a moment.
    pub end_ns: Option<i64>,
    pub text: String,
    pub color: Rgb,
}

/// A series to draw.
#[derive(Clone, Debug)]
pub struct Trace {
    pub name: String,
    pub color: Rgb,
    pub style: Style,
    /// At which axis it is measured.
    pub side: Side,
    /// In the order of time.
    pub columns: Vec<Column>,
    pub column_ns: i64,
    /// The value that the legend shows.
    pub latest: Option<f64>,
}

/// A span of time in which there is nothing, for a reason.
#[derive(Clone, Debug)]
pub struct Band {
    pub start_ns: i64,
    /// `None` while it lasts.
    pub end_ns: Option<i64>,
    pub kind: BandKind,
    /// Drawn in it where it fits: "4.2 s outage".
    pub label: String,
}

/// What a gap comes from, each with a hatch and a colour of its own; or that history begins only
/// then, which is shaded and no gap.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BandKind {
    Outage,
    Silence,
    Missing,
    Undecodable,
    Overflow,
    Closed,
    Beginning,
}

#[derive(Debug, Error)]
pub enum ChartError {
    #[error(
        "a picture of {width} × {height} pixels cannot be made: each side must have from {} to {}",
        SIDE_PIXELS.start(),
        SIDE_PIXELS.end()
    )]
    Size { width: u32, height: u32 },
    #[error("a picture must end later than it starts")]
    Span,
    #[error("the picture could not be drawn: {0}")]
    Drawing(String),
}

impl ChartError {
    fn drawing(error: impl Display) -> Self {
        ChartError::Drawing(error.to_string())
    }
}

/// The picture as an SVG document.
pub fn svg(chart: &Chart) -> Result<String, ChartError> {
    check(chart)?;
    let size = (chart.width * UNITS_PER_PIXEL as u32, chart.height * UNITS_PER_PIXEL as u32);
    let mut document = String::new();
    {
        let area = SVGBackend::with_string(&mut document, size).into_drawing_area();
        draw::draw(&area, chart)?;
        area.present().map_err(ChartError::drawing)?;
    }
    // What plotters has no words for: that its units are parts of pixels, how its lines join, and
    // which weight titles have. Text cannot be mistaken for any of it: its quotes are escaped.
    let in_units = format!(r#"width="{}" height="{}""#, size.0, size.1);
    let in_pixels = format!(
        r#"width="{}" height="{}" stroke-linejoin="round" font-variant-numeric="tabular-nums""#,
        chart.width, chart.height
    );
    Ok(document
        .replacen(&in_units, &in_pixels, 1)
        .replace(r#"font-weight="bold""#, r#"font-weight="600""#))
}

/// The picture as a PNG file.
pub fn png(chart: &Chart) -> Result<Vec<u8>, ChartError> {
    check(chart)?;
    let mut pixmap = tiny_skia::Pixmap::new(chart.width, chart.height)
        .ok_or(ChartError::Size { width: chart.width, height: chart.height })?;
    draw::draw(&pixels::Pixels(&mut pixmap).into_drawing_area(), chart)?;
    let rgb: Vec<u8> = pixmap
        .pixels()
        .iter()
        .flat_map(|pixel| [pixel.red(), pixel.green(), pixel.blue()])
        .collect();
    let mut file = Vec::new();
    let mut encoder = png::Encoder::new(&mut file, chart.width, chart.height);
    encoder.set_color(png::ColorType::Rgb);
    encoder.set_depth(png::BitDepth::Eight);
    let mut writer = encoder.write_header().map_err(ChartError::drawing)?;
    writer.write_image_data(&rgb).map_err(ChartError::drawing)?;
    writer.finish().map_err(ChartError::drawing)?;
    Ok(file)
}

fn check(chart: &Chart) -> Result<(), ChartError> {
    let Chart { width, height, .. } = *chart;
    if !SIDE_PIXELS.contains(&width) || !SIDE_PIXELS.contains(&height) {
        Err(ChartError::Size { width, height })
    } else if chart.from_ns >= chart.to_ns {
        Err(ChartError::Span)
    } else {
        Ok(())
    }
}
