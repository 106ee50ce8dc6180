//! Plotters on pixels. Its own bitmap backend has no smooth edges for lines wider than a pixel and
//! puts glyphs on whole pixels; this one leaves both to tiny-skia.

use crate::font::{self, Weight};
use crate::pen::{FONT_SIZE_PER_TEXT_SIZE, UNITS_PER_PIXEL};
use plotters_backend::DrawingBackend;
use plotters_backend::FontStyle;
use plotters_backend::text_anchor::{HPos, VPos};
use plotters_backend::{BackendColor, BackendCoord, BackendStyle, BackendTextStyle};
use std::convert::Infallible;
use tiny_skia::{
    Color, FillRule, LineJoin, Paint, Path, PathBuilder, Pixmap, Rect, Stroke, Transform,
};

type Drawn = Result<(), plotters_backend::DrawingErrorKind<Infallible>>;

pub struct Pixels<'a>(pub &'a mut Pixmap);

impl Pixels<'_> {
    fn fill(&mut self, path: Option<Path>, color: BackendColor) -> Drawn {
        if let Some(path) = path {
            let rule = FillRule::Winding;
            self.0.fill_path(&path, &paint(color), rule, to_pixels(), None);
        }
        Ok(())
    }

    fn stroke(&mut self, path: Option<Path>, style: &impl BackendStyle) -> Drawn {
        if let Some(path) = path {
            let stroke = Stroke {
                width: style.stroke_width() as f32,
                line_join: LineJoin::Round,
                ..Stroke::default()
            };
            self.0.stroke_path(&path, &paint(style.color()), &stroke, to_pixels(), None);
        }
        Ok(())
    }
}

impl DrawingBackend for Pixels<'_> {
    type ErrorType = Infallible;

    fn get_size(&self) -> (u32, u32) {
        let units = UNITS_PER_PIXEL as u32;
        (self.0.width() * units, self.0.height() * units)
    }

    fn ensure_prepared(&mut self) -> Drawn {
        Ok(())
    }

    fn present(&mut self) -> Drawn {
        Ok(())
    }

    fn draw_pixel(&mut self, (x, y): BackendCoord, color: BackendColor) -> Drawn {
        let unit = Rect::from_xywh(x as f32, y as f32, 1.0, 1.0);
        self.fill(unit.map(PathBuilder::from_rect), color)
    }

    fn draw_line<S: BackendStyle>(
        &mut self,
        from: BackendCoord,
        to: BackendCoord,
        style: &S,
    ) -> Drawn {
        self.draw_path([from, to], style)
    }

    fn draw_rect<S: BackendStyle>(
        &mut self,
        (left, top): BackendCoord,
        (right, bottom): BackendCoord,
        style: &S,
        fill: bool,
    ) -> Drawn {
        let rect = Rect::from_ltrb(left as f32, top as f32, right as f32, bottom as f32);
        let path = rect.map(PathBuilder::from_rect);
        if fill { self.fill(path, style.color()) } else { self.stroke(path, style) }
    }

    fn draw_path<S: BackendStyle, I: IntoIterator<Item = BackendCoord>>(
        &mut self,
        points: I,
        style: &S,
    ) -> Drawn {
        self.stroke(path(points, false), style)
    }

    fn fill_polygon<S: BackendStyle, I: IntoIterator<Item = BackendCoord>>(
        &mut self,
        points: I,
        style: &S,
    ) -> Drawn {
        self.fill(path(points, true), style.color())
    }

    fn draw_circle<S: BackendStyle>(
        &mut self,
        (x, y): BackendCoord,
        radius: u32,
        style: &S,
        fill: bool,
    ) -> Drawn {
        let path = PathBuilder::from_circle(x as f32, y as f32, radius as f32);
        if fill { self.fill(path, style.color()) } else { self.stroke(path, style) }
    }

    /// Puts text where the SVG backend's attributes put it.
    fn draw_text<S: BackendTextStyle>(
        &mut self,
        text: &str,
        style: &S,
        (x, y): BackendCoord,
    ) -> Drawn {
        let weight = match style.style() {
            FontStyle::Bold => Weight::SemiBold,
            _ => Weight::Regular,
        };
        let size = style.size() * FONT_SIZE_PER_TEXT_SIZE;
        let width = font::width(text, weight) * size;
        let left = match style.anchor().h_pos {
            HPos::Left => 0.0,
            HPos::Center => -width / 2.0,
            HPos::Right => -width,
        };
        let half_x = font::x_height(weight) * size / 2.0;
        let baseline = match style.anchor().v_pos {
            VPos::Top => 0.76 * size,
            VPos::Center => half_x,
            VPos::Bottom => -half_x,
        };
        let path = font::outline(text, weight, size, f64::from(x) + left, f64::from(y) + baseline);
        self.fill(path, style.color())
    }
}

fn to_pixels() -> Transform {
    let scale = (1.0 / UNITS_PER_PIXEL) as f32;
    Transform::from_scale(scale, scale)
}

fn paint(color: BackendColor) -> Paint<'static> {
    let (r, g, b) = color.rgb;
    let mut paint = Paint::default();
    let alpha = (color.alpha.clamp(0.0, 1.0) * 255.0).round() as u8;
    paint.set_color(Color::from_rgba8(r, g, b, alpha));
    paint
}

fn path(points: impl IntoIterator<Item = BackendCoord>, closed: bool) -> Option<Path> {
    let mut path = PathBuilder::new();
    for (x, y) in points {
        let (x, y) = (x as f32, y as f32);
        if path.is_empty() { path.move_to(x, y) } else { path.line_to(x, y) }
    }
    if closed {
        path.close();
    }
    path.finish()
}
