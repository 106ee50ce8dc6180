//! What a line, an envelope and a hatch look like: geometry only, in pixels.

use crate::pen::Point;
use feedscope_history::Column;

/// A rectangle that nothing gets out of.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Frame {
    pub left: f64,
    pub top: f64,
    pub right: f64,
    pub bottom: f64,
}

impl Frame {
    pub fn width(&self) -> f64 {
        self.right - self.left
    }

    pub fn height(&self) -> f64 {
        self.bottom - self.top
    }

    pub fn contains(&self, point: Point) -> bool {
        self.depths(point).iter().all(|depth| *depth >= 0.0)
    }

    /// How far a point is inside of each edge: left, right, top, bottom.
    fn depths(&self, (x, y): Point) -> [f64; 4] {
        [x - self.left, self.right - x, y - self.top, self.bottom - y]
    }

    /// The parts of a line that are inside.
    pub fn line(&self, points: &[Point]) -> Vec<Vec<Point>> {
        let mut parts: Vec<Vec<Point>> = Vec::new();
        // Whether the last part ends where the next segment begins.
        let mut joined = false;
        for pair in points.windows(2) {
            let &[from, to] = pair else { continue };
            let Some((start, end)) = self.segment(from, to) else {
                joined = false;
                continue;
            };
            match parts.last_mut() {
                Some(part) if joined && start == 0.0 => part.push(between(from, to, end)),
                _ => parts.push(vec![between(from, to, start), between(from, to, end)]),
            }
            joined = end == 1.0;
        }
        parts
    }

    /// Where, from 0 to 1, a segment enters and leaves.
    fn segment(&self, from: Point, to: Point) -> Option<(f64, f64)> {
        let (mut start, mut end) = (0.0_f64, 1.0_f64);
        for (from, to) in self.depths(from).into_iter().zip(self.depths(to)) {
            match (from < 0.0, to < 0.0) {
                (true, true) => return None,
                (true, false) => start = start.max(from / (from - to)),
                (false, true) => end = end.min(from / (from - to)),
                (false, false) => {}
            }
        }
        (start <= end).then_some((start, end))
    }

    /// The part of a polygon that is inside.
    pub fn polygon(&self, points: &[Point]) -> Vec<Point> {
        let mut points = points.to_vec();
        for edge in 0..4 {
            let mut inside = Vec::with_capacity(points.len());
            let before = points.iter().cycle().skip(points.len().saturating_sub(1));
            for (from, to) in before.zip(&points) {
                let (from_depth, to_depth) = (self.depths(*from)[edge], self.depths(*to)[edge]);
                if (from_depth < 0.0) != (to_depth < 0.0) {
                    inside.push(between(*from, *to, from_depth / (from_depth - to_depth)));
                }
                if to_depth >= 0.0 {
                    inside.push(*to);
                }
            }
            points = inside;
        }
        points
    }
}

fn between(from: Point, to: Point, part: f64) -> Point {
    if part == 0.0 {
        from
    } else if part == 1.0 {
        to
    } else {
        (from.0 + (to.0 - from.0) * part, from.1 + (to.1 - from.1) * part)
    }
}

/// The stretches of columns that a line may join: it ends at gaps, and where there is no value to
/// draw.
pub fn runs(columns: &[Column]) -> impl Iterator<Item = &[Column]> {
    columns
        .chunk_by(|before, column| !column.gap && drawable(before) == drawable(column))
        .filter(|run| run.first().is_some_and(drawable))
}

/// Columns are made so that one of these is a number only if all are.
pub fn drawable(column: &Column) -> bool {
    [column.first, column.min, column.max, column.last].iter().all(|value| value.is_finite())
}

/// How the lines of a hatch run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hatch {
    None,
    Rising,
    Falling,
    Level,
    Upright,
    Crossed,
    Squared,
}

/// How far apart the lines of a hatch are, in pixels: as many as tell a hatch from a shade.
const HATCH_STEP: f64 = 7.0;

/// The lines that fill a frame. They lie on one grid for the whole picture, so that hatches that
/// meet go on in one another.
pub fn hatch(hatch: Hatch, frame: Frame) -> Vec<Vec<Point>> {
    let Frame { left, top, right, bottom } = frame;
    let rising =
        || grid(left + top, right + bottom).map(|at| [(at - bottom, bottom), (at - top, top)]);
    let falling =
        || grid(left - bottom, right - top).map(|at| [(at + top, top), (at + bottom, bottom)]);
    let level = || grid(top, bottom).map(|at| [(left, at), (right, at)]);
    let upright = || grid(left, right).map(|at| [(at, top), (at, bottom)]);
    let lines: Vec<[Point; 2]> = match hatch {
        Hatch::None => Vec::new(),
        Hatch::Rising => rising().collect(),
        Hatch::Falling => falling().collect(),
        Hatch::Level => level().collect(),
        Hatch::Upright => upright().collect(),
        Hatch::Crossed => rising().chain(falling()).collect(),
        Hatch::Squared => level().chain(upright()).collect(),
    };
    lines.iter().flat_map(|line| frame.line(line)).collect()
}

fn grid(from: f64, to: f64) -> impl Iterator<Item = f64> {
    let (first, last) = ((from / HATCH_STEP).ceil() as i64, (to / HATCH_STEP).floor() as i64);
    // On the middle of a pixel, where level and upright lines are sharp.
    (first..=last).map(|index| index as f64 * HATCH_STEP + 0.5)
}

#[cfg(test)]
mod tests {
    use super::*;

    const FRAME: Frame = Frame { left: 0.0, top: 0.0, right: 10.0, bottom: 10.0 };

    fn column(index: i64, value: f64, gap: bool) -> Column {
        Column { index, first: value, min: value, max: value, last: value, count: 1, gap }
    }

    #[test]
    fn a_line_that_leaves_and_comes_back_is_two() {
        let line = [(1.0, 5.0), (3.0, 5.0), (5.0, -5.0), (7.0, 5.0), (9.0, 5.0)];
        assert_eq!(
            FRAME.line(&line),
            [vec![(1.0, 5.0), (3.0, 5.0), (4.0, 0.0)], vec![(6.0, 0.0), (7.0, 5.0), (9.0, 5.0)]]
        );
        assert!(FRAME.line(&[(-5.0, 20.0), (15.0, 20.0)]).is_empty());
        assert!(FRAME.line(&[(-9.0, 5.0), (5.0, -9.0)]).is_empty());
        assert_eq!(FRAME.line(&[(-5.0, 5.0), (15.0, 5.0)]), [vec![(0.0, 5.0), (10.0, 5.0)]]);
    }

    #[test]
    fn a_polygon_keeps_to_its_frame() {
        let clipped = FRAME.polygon(&[(-5.0, -5.0), (15.0, -5.0), (15.0, 5.0), (-5.0, 5.0)]);
        assert_eq!(clipped.len(), 4);
        for corner in [(0.0, 0.0), (10.0, 0.0), (10.0, 5.0), (0.0, 5.0)] {
            assert!(clipped.contains(&corner), "{clipped:?}");
        }
        assert!(FRAME.polygon(&[(20.0, 0.0), (30.0, 0.0), (30.0, 9.0)]).is_empty());
    }

    #[test]
    fn a_run_ends_at_a_gap_and_where_there_is_no_value() {
        let columns = [
            column(0, 1.0, false),
            column(1, 1.0, false),
            column(2, 1.0, true),
            column(3, f64::NAN, false),
            column(4, f64::NAN, true),
            column(9, 1.0, false),
        ];
        let indices: Vec<Vec<i64>> =
            runs(&columns).map(|run| run.iter().map(|column| column.index).collect()).collect();
        assert_eq!(indices, [vec![0, 1], vec![2], vec![9]]);
    }

    #[test]
    fn a_hatch_fills_its_frame_and_keeps_to_it() {
        let frame = Frame { left: 3.0, top: 5.0, right: 63.0, bottom: 45.0 };
        for kind in [
            Hatch::Rising,
            Hatch::Falling,
            Hatch::Level,
            Hatch::Upright,
            Hatch::Crossed,
            Hatch::Squared,
        ] {
            let lines = hatch(kind, frame);
            assert!(lines.len() >= 5, "{kind:?}: {lines:?}");
            for point in lines.iter().flatten() {
                assert!(frame.depths(*point).iter().all(|depth| *depth > -1e-9), "{point:?}");
            }
        }
    }
}
