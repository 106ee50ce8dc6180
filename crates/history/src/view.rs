//! The columns of a view.
//!
//! Runs, chunks and blocks that lie within one column are taken by their summaries; those that lie
//! across an edge are looked into, down to the samples of a block. What is looked at, therefore,
//! grows with the number of edges, and not with what lies between them.

use crate::block::{Corrupt, Room, Samples};
use crate::body::Blocks;
use crate::edges::{Edge, Edges};
use crate::level::Level;
use crate::save::{Absent, ChunkKey};
use crate::summary::{At, Part, Range, Span, Summary};
use crate::{Axis, Column, Grid, Sample, SeriesId};

/// A view while it is put together.
#[derive(Debug)]
pub struct View<'a> {
    series: SeriesId,
    axis: Axis,
    column_ns: i64,
    from: i64,
    to: i64,
    /// All that is in view.
    span: Span,
    edges: &'a mut Edges,
    scratch: &'a mut Scratch,
    /// The column that was last looked at.
    current: (i64, Span),
    /// The latest moment of a sample before the view.
    before_ns: Option<i64>,
    absent: Vec<ChunkKey>,
}

/// What views use one after the other, so that none of them has to ask for memory.
#[derive(Debug, Default)]
pub struct Scratch {
    /// What the columns come to, as far as is known, in the order it was found.
    parts: Vec<(i64, Part)>,
    /// What a block comes to in each column.
    cut: Vec<(i64, Part)>,
    room: Room,
}

/// More are not kept for the next view.
const PARTS_MAX: usize = 8_192;

/// Where something lies in a view.
enum Place {
    Outside,
    /// In one column.
    Column(i64),
    Across,
}

impl<'a> View<'a> {
    /// `None` where no sample can be in view.
    pub fn new(
        series: SeriesId,
        grid: &Grid,
        edges: &'a mut Edges,
        scratch: &'a mut Scratch,
    ) -> Option<Self> {
        scratch.parts.clear();
        let column_ns = grid.column_ns.max(1);
        let start_ns = i128::from(grid.from) * i128::from(column_ns);
        let end_ns = i128::from(grid.to) * i128::from(column_ns) - 1;
        if start_ns > end_ns || start_ns > i64::MAX.into() || end_ns < i64::MIN.into() {
            return None;
        }
        Some(Self {
            series,
            axis: grid.axis,
            column_ns,
            from: grid.from,
            to: grid.to,
            span: clamped(start_ns, end_ns),
            edges,
            scratch,
            current: (0, Span::EMPTY),
            before_ns: None,
            absent: Vec::new(),
        })
    }

    /// Looks at all that is kept in a level. Earlier levels first: of samples of equal time, those
    /// of an earlier level came first.
    pub fn add(&mut self, level: &Level) {
        for run in &level.runs {
            match self.place(run.summary.span(self.axis)) {
                Place::Outside => {}
                Place::Column(index) => self.put(index, &run.summary.part(self.axis)),
                Place::Across => {
                    for chunk in &run.chunks {
                        self.add_chunk(&chunk.summary, chunk.number, || chunk.blocks());
                    }
                }
            }
        }
        if let Some(summary) = &level.open.summary {
            self.add_chunk(summary, level.open.number, || Some(level.open.blocks()));
        }
        self.add_samples(level.tail.samples());
    }

    fn add_chunk<'b>(
        &mut self,
        summary: &Summary,
        number: u64,
        blocks: impl FnOnce() -> Option<Blocks<'b>>,
    ) {
        match self.place(summary.span(self.axis)) {
            Place::Outside => {}
            Place::Column(index) => self.put(index, &summary.part(self.axis)),
            Place::Across => match blocks() {
                Some(blocks) => self.add_blocks(&blocks, number),
                None => self.absent.push(ChunkKey { series: self.series, number }),
            },
        }
    }

    fn add_blocks(&mut self, blocks: &Blocks<'_>, number: u64) {
        let mut index = 0;
        while index < blocks.len() {
            match self.place(blocks.span(index, self.axis)) {
                Place::Outside => index += 1,
                Place::Column(column) => {
                    let (part, next) = blocks.part(index, self.axis, self.current.1);
                    self.put(column, &part);
                    index = next;
                }
                Place::Across => {
                    self.add_block(blocks, index, number);
                    index += 1;
                }
            }
        }
    }

    fn add_block(&mut self, blocks: &Blocks<'_>, index: usize, number: u64) {
        let (axis, column_ns) = (self.axis, self.column_ns);
        let edge = Edge { chunk: number, block: index as u32, axis, column_ns };
        let mut cut = std::mem::take(&mut self.scratch.cut);
        cut.clear();
        match self.edges.get(&edge) {
            Some(known) => cut.extend_from_slice(known),
            None => {
                self.cut_block(blocks, index, &mut cut);
                self.edges.put(edge, &cut);
            }
        }
        for (column, part) in &cut {
            self.put_if_in_view(*column, part);
        }
        self.scratch.cut = cut;
    }

    /// What a block comes to in each column.
    fn cut_block(&mut self, blocks: &Blocks<'_>, index: usize, cut: &mut Vec<(i64, Part)>) {
        let mut room = std::mem::take(&mut self.scratch.room);
        match room.decode(blocks.bytes(index), self.axis) {
            Ok(samples) if self.axis == Axis::Source || blocks.is_plain(index) => {
                self.cut_sorted(&samples, cut);
            }
            Ok(samples) if samples.moments.is_sorted() => self.cut_sorted(&samples, cut),
            Ok(samples) => self.cut_unsorted(&samples, cut),
            // What cannot be read counts, and is nothing else.
            Err(Corrupt) => {
                let span = blocks.span(index, self.axis);
                let part = Part { count: blocks.count(index), span, ..Part::EMPTY };
                cut.push((self.column_at(span.start_ns).0, part));
            }
        }
        self.scratch.room = room;
    }

    /// Cuts samples whose moments on the axis ascend.
    fn cut_sorted(&mut self, samples: &Samples<'_>, cut: &mut Vec<(i64, Part)>) {
        let mut start = 0;
        while let Some(first_ns) = samples.moments.get(start) {
            let (column, span) = self.column_at(*first_ns);
            let ahead = &samples.moments[start..];
            // At least one: what is corrupt may not ascend.
            let end = start + ahead.partition_point(|moment| *moment <= span.end_ns).max(1);
            cut.push((column, sorted_part(self.axis, samples, start..end)));
            start = end;
        }
    }

    fn cut_unsorted(&mut self, samples: &Samples<'_>, cut: &mut Vec<(i64, Part)>) {
        let Samples { times, moments, values, divisor } = samples;
        for ((time_ns, ns), value) in times.iter().zip(*moments).zip(*values) {
            let at = At::new(self.axis, *time_ns, *ns);
            let column = self.column_at(at.ns).0;
            match cut.last_mut().filter(|(last, _)| *last == column) {
                Some((_, part)) => part.add(at, value / divisor),
                None => {
                    let mut part = Part::EMPTY;
                    part.add(at, value / divisor);
                    cut.push((column, part));
                }
            }
        }
        // As few as there are columns.
        cut.sort_by_key(|(column, _)| *column);
        cut.dedup_by(|(column, part), (kept, whole)| {
            let same = column == kept;
            if same {
                whole.join(part);
            }
            same
        });
    }

    fn add_samples(&mut self, samples: &[Sample]) {
        let axis = self.axis;
        let mut column = None::<(i64, Span, Part)>;
        for sample in samples {
            let at = At::new(axis, sample.time_ns, sample.arrival_ns);
            match &mut column {
                Some((_, span, part)) if span.start_ns <= at.ns && at.ns <= span.end_ns => {
                    part.add(at, sample.value);
                }
                _ => {
                    if let Some((index, _, part)) = column.take() {
                        self.put_if_in_view(index, &part);
                    }
                    let (index, span) = self.column_at(at.ns);
                    let mut part = Part::EMPTY;
                    part.add(at, sample.value);
                    column = Some((index, span, part));
                }
            }
        }
        if let Some((index, _, part)) = column {
            self.put_if_in_view(index, &part);
        }
    }

    fn place(&mut self, span: Span) -> Place {
        if span.end_ns < self.span.start_ns {
            self.note_before(span.end_ns);
            Place::Outside
        } else if span.start_ns > self.span.end_ns {
            Place::Outside
        } else if span.start_ns < self.span.start_ns {
            Place::Across
        } else {
            let (index, column) = self.column_at(span.start_ns);
            if span.end_ns <= column.end_ns { Place::Column(index) } else { Place::Across }
        }
    }

    /// The column that a moment is in, and what else is in it.
    fn column_at(&mut self, ns: i64) -> (i64, Span) {
        let (_, span) = self.current;
        let is_in = |span: Span| span.start_ns <= ns && ns <= span.end_ns;
        if is_in(span) {
            return self.current;
        }
        if let Some(next) = self.next_column()
            && is_in(next.1)
        {
            // Mostly, without a division.
            self.current = next;
        } else {
            let index = ns.div_euclid(self.column_ns);
            let start_ns = i128::from(index) * i128::from(self.column_ns);
            let end_ns = start_ns + i128::from(self.column_ns - 1);
            self.current = (index, clamped(start_ns, end_ns));
        }
        self.current
    }

    /// What follows the column that was last looked at.
    fn next_column(&self) -> Option<(i64, Span)> {
        let (index, Span { start_ns, end_ns }) = self.current;
        let next_ns = end_ns.checked_add(1).filter(|_| start_ns <= end_ns)?;
        let span = Span { start_ns: next_ns, end_ns: end_ns.checked_add(self.column_ns)? };
        Some((index + 1, span))
    }

    fn put_if_in_view(&mut self, index: i64, part: &Part) {
        if index < self.from {
            self.note_before(part.span.end_ns);
        } else if index < self.to {
            self.put(index, part);
        }
    }

    fn put(&mut self, index: i64, part: &Part) {
        match self.scratch.parts.last_mut() {
            Some((last, known)) if *last == index => known.join(part),
            _ => self.scratch.parts.push((index, *part)),
        }
    }

    fn note_before(&mut self, ns: i64) {
        self.before_ns = Some(self.before_ns.map_or(ns, |known| known.max(ns)));
    }

    /// `breaks(before_ns, last_ns)` says whether the line breaks between two moments.
    pub fn finish(
        mut self,
        breaks: impl Fn(i64, i64) -> bool,
        out: &mut Vec<Column>,
    ) -> Result<(), Absent> {
        if !self.absent.is_empty() {
            return Err(Absent(self.absent));
        }
        // Level by level, they ascend already, as a rule: sorting them is merging them. It keeps
        // the order of those that are of one column.
        let found = &mut self.scratch.parts;
        if !found.is_sorted_by_key(|(index, _)| *index) {
            found.sort_by_key(|(index, _)| *index);
        }
        for parts in found.chunk_by(|(one, _), (other, _)| one == other) {
            let Some(((index, part), rest)) = parts.split_first() else { continue };
            let mut part = *part;
            rest.iter().for_each(|(_, later)| part.join(later));
            let Part { count, span, range, ends } = part;
            let gap = breaks(self.before_ns.unwrap_or(span.start_ns), span.end_ns);
            self.before_ns = Some(span.end_ns);
            let (first, last) = (ends.first, ends.last);
            let (min, max) = if first.is_nan() { (first, first) } else { (range.min, range.max) };
            out.push(Column { index: *index, first, min, max, last, count, gap });
        }
        found.clear();
        found.shrink_to(PARTS_MAX);
        Ok(())
    }
}

/// Of those of samples whose moments on the axis ascend that are in a range.
fn sorted_part(axis: Axis, samples: &Samples<'_>, within: std::ops::Range<usize>) -> Part {
    let moments = &samples.moments[within.clone()];
    let times = &samples.times[within.clone()];
    let values = &samples.values[within];
    let at = |index: usize| At::new(axis, times[index], moments[index]);
    let mut part = Part { count: moments.len() as u64, ..Part::EMPTY };
    if let ([first_ns, ..], [.., last_ns]) = (moments, moments) {
        part.span = Span { start_ns: *first_ns, end_ns: *last_ns };
    }
    let first = values.iter().position(|value| value.is_finite());
    let last = values.iter().rposition(|value| value.is_finite());
    let (Some(first), Some(last)) = (first, last) else { return part };
    part.ends.first_at = at(first);
    part.ends.first = values[first] / samples.divisor;
    part.ends.last_at = at(last);
    part.ends.last = values[last] / samples.divisor;
    // Nearly always, all are finite, which the two ends of them tell.
    let mut range = Range::of(values);
    if !(range.min.is_finite() && range.max.is_finite()) {
        range = Range::EMPTY;
        values.iter().filter(|value| value.is_finite()).for_each(|value| range.add(*value));
    }
    // Dividing keeps the order.
    part.range = Range { min: range.min / samples.divisor, max: range.max / samples.divisor };
    part
}

fn clamped(start_ns: i128, end_ns: i128) -> Span {
    let clamp = |ns: i128| ns.clamp(i64::MIN.into(), i64::MAX.into()) as i64;
    Span { start_ns: clamp(start_ns), end_ns: clamp(end_ns) }
}
