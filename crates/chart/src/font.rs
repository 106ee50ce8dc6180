//! Inter, bundled, so that pictures look the same on any machine.

use std::sync::LazyLock;
use tiny_skia::{Path, PathBuilder};
use ttf_parser::{Face, GlyphId, OutlineBuilder};

static REGULAR: LazyLock<Option<Face<'static>>> =
    LazyLock::new(|| Face::parse(include_bytes!("../fonts/Inter-Regular.otf"), 0).ok());
static SEMI_BOLD: LazyLock<Option<Face<'static>>> =
    LazyLock::new(|| Face::parse(include_bytes!("../fonts/Inter-SemiBold.otf"), 0).ok());

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Weight {
    Regular,
    SemiBold,
}

impl Weight {
    fn face(self) -> Option<&'static Face<'static>> {
        match self {
            Weight::Regular => REGULAR.as_ref(),
            Weight::SemiBold => SEMI_BOLD.as_ref(),
        }
    }
}

/// How wide a text is, in units of its size.
pub fn width(text: &str, weight: Weight) -> f64 {
    let Some(face) = weight.face() else { return 0.0 };
    text.chars().map(|c| advance(face, glyph(face, c))).sum()
}

/// The text, or as much of its beginning as fits `width_max` with an ellipsis.
pub fn shortened(text: &str, weight: Weight, width_max: f64) -> String {
    if width(text, weight) <= width_max {
        return text.to_owned();
    }
    let mut short = String::new();
    let mut used = width("…", weight);
    for c in text.chars() {
        used += width(c.encode_utf8(&mut [0; 4]), weight);
        if used > width_max {
            break;
        }
        short.push(c);
    }
    format!("{}…", short.trim_end())
}

/// The shape of a text of some size that starts at `x` on the line `baseline`; `None` if there is
/// nothing to see.
pub fn outline(text: &str, weight: Weight, size: f64, x: f64, baseline: f64) -> Option<Path> {
    let face = weight.face()?;
    let scale = size / f64::from(face.units_per_em());
    let mut pen = Pen { path: PathBuilder::new(), scale: scale as f32, x: 0.0, y: baseline as f32 };
    let mut ahead = 0.0;
    for c in text.chars() {
        let glyph = glyph(face, c);
        pen.x = (x + ahead * size) as f32;
        face.outline_glyph(glyph, &mut pen);
        ahead += advance(face, glyph);
    }
    pen.path.finish()
}

struct Pen {
    path: PathBuilder,
    scale: f32,
    x: f32,
    y: f32,
}

impl Pen {
    /// Fonts count upwards, pictures down.
    fn at(&self, x: f32, y: f32) -> (f32, f32) {
        (self.x + x * self.scale, self.y - y * self.scale)
    }
}

impl OutlineBuilder for Pen {
    fn move_to(&mut self, x: f32, y: f32) {
        let (x, y) = self.at(x, y);
        self.path.move_to(x, y);
    }

    fn line_to(&mut self, x: f32, y: f32) {
        let (x, y) = self.at(x, y);
        self.path.line_to(x, y);
    }

    fn quad_to(&mut self, x1: f32, y1: f32, x: f32, y: f32) {
        let ((x1, y1), (x, y)) = (self.at(x1, y1), self.at(x, y));
        self.path.quad_to(x1, y1, x, y);
    }

    fn curve_to(&mut self, x1: f32, y1: f32, x2: f32, y2: f32, x: f32, y: f32) {
        let ((x1, y1), (x2, y2), (x, y)) = (self.at(x1, y1), self.at(x2, y2), self.at(x, y));
        self.path.cubic_to(x1, y1, x2, y2, x, y);
    }

    fn close(&mut self) {
        self.path.close();
    }
}

/// The height of an x, in units of the size.
pub fn x_height(weight: Weight) -> f64 {
    weight
        .face()
        .and_then(|face| Some(f64::from(face.x_height()?) / f64::from(face.units_per_em())))
        .unwrap_or(0.5)
}

/// The glyph that says "there is none" where there is none.
fn glyph(face: &Face<'_>, c: char) -> GlyphId {
    face.glyph_index(c).unwrap_or(GlyphId(0))
}

fn advance(face: &Face<'_>, glyph: GlyphId) -> f64 {
    f64::from(face.glyph_hor_advance(glyph).unwrap_or(0)) / f64::from(face.units_per_em())
}
