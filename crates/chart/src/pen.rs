//! Lines, shapes and words in pixels and parts of pixels, on any plotters backend.

use crate::ChartError;
use crate::colors::Rgb;
use crate::font::Weight;
use plotters::coord::Shift;
use plotters::element::{Circle, PathElement, Polygon, Rectangle};
use plotters::prelude::{DrawingArea, DrawingBackend};
pub use plotters::style::text_anchor::HPos;
use plotters::style::text_anchor::Pos;
use plotters::style::text_anchor::VPos;
use plotters::style::{FontStyle, IntoFont, RGBAColor, ShapeStyle, TextStyle};

/// Plotters counts in whole numbers. On whole pixels, lines would have steps; on tenths, they have
/// none that could be seen.
pub const UNITS_PER_PIXEL: f64 = 10.0;

/// Plotters measures text by its line height, and takes fonts to be this much less.
pub const FONT_SIZE_PER_TEXT_SIZE: f64 = 1.0 / 1.24;

/// Whoever opens an SVG without having Inter sees the system's own font.
const FONT_FAMILY: &str = "Inter, system-ui, sans-serif";

pub type Point = (f64, f64);

#[derive(Clone, Copy)]
pub struct Ink {
    pub color: Rgb,
    pub opacity: f64,
}

impl From<Rgb> for Ink {
    fn from(color: Rgb) -> Self {
        Ink { color, opacity: 1.0 }
    }
}

#[derive(Clone, Copy)]
pub struct Letters {
    pub size: f64,
    pub weight: Weight,
    pub color: Rgb,
    pub align: HPos,
}

pub struct Pen<'a, B: DrawingBackend>(pub &'a DrawingArea<B, Shift>);

impl<B: DrawingBackend> Pen<'_, B> {
    pub fn line(&self, points: &[Point], ink: Ink, width: f64) -> Result<(), ChartError> {
        let points: Vec<_> = points.iter().map(|point| units(*point)).collect();
        let width = (width * UNITS_PER_PIXEL).round() as u32;
        self.0.draw(&PathElement::new(points, style(ink, width))).map_err(ChartError::drawing)
    }

    pub fn polygon(&self, points: &[Point], ink: Ink) -> Result<(), ChartError> {
        let points: Vec<_> = points.iter().map(|point| units(*point)).collect();
        self.0.draw(&Polygon::new(points, style(ink, 0))).map_err(ChartError::drawing)
    }

    pub fn rect(&self, from: Point, to: Point, ink: Ink) -> Result<(), ChartError> {
        let corners = [units(from), units(to)];
        self.0.draw(&Rectangle::new(corners, style(ink, 0))).map_err(ChartError::drawing)
    }

    pub fn dot(&self, center: Point, radius: f64, ink: Ink) -> Result<(), ChartError> {
        let radius = radius * UNITS_PER_PIXEL;
        self.0.draw(&Circle::new(units(center), radius, style(ink, 0))).map_err(ChartError::drawing)
    }

    /// `at` is half the height of the letters above the line they stand on.
    pub fn text(&self, text: &str, at: Point, letters: Letters) -> Result<(), ChartError> {
        let (r, g, b) = letters.color;
        let color = RGBAColor(r, g, b, 1.0);
        let size = letters.size * UNITS_PER_PIXEL / FONT_SIZE_PER_TEXT_SIZE;
        let weight = match letters.weight {
            Weight::Regular => FontStyle::Normal,
            Weight::SemiBold => FontStyle::Bold,
        };
        let font = (FONT_FAMILY, size).into_font().style(weight);
        let style = TextStyle::from(font).color(&color).pos(Pos::new(letters.align, VPos::Center));
        self.0.draw_text(text, &style, units(at)).map_err(ChartError::drawing)
    }
}

fn style(ink: Ink, stroke_width: u32) -> ShapeStyle {
    let (r, g, b) = ink.color;
    ShapeStyle { color: RGBAColor(r, g, b, ink.opacity), filled: stroke_width == 0, stroke_width }
}

fn units((x, y): Point) -> (i32, i32) {
    // `as` saturates, and makes 0 of what is not a number.
    ((x * UNITS_PER_PIXEL).round() as i32, (y * UNITS_PER_PIXEL).round() as i32)
}
