//! The samples of a series one after the other, in the order of their times, some at once.
//!
//! Blocks that overlap, as those of late samples do, are read together; of all others, only those
//! that are read from are decoded.

use crate::block;
use crate::body::{Blocks, Columns};
use crate::level::{Level, Run};
use crate::save::{Absent, ChunkKey};
use crate::series::LEVELS_MAX;
use crate::summary::Span;
use crate::{Axis, Sample, SeriesId};

/// Chunks asked for at once that are not in memory: 256 KiB, which a disk reads as fast as one.
const AHEAD_CHUNKS: usize = 16;

/// How many blocks are looked into for a value that is finite, about: a chunk's worth.
const LOOKED_BLOCKS_MAX: usize = 256;

/// How far a series is read. Samples that come late for it, from before, are not read any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reading {
    from_ns: i64,
    /// How many of those at `from_ns` were read.
    taken: u64,
}

impl Reading {
    /// Nothing is read yet of what is at `from_ns` or later.
    pub fn from(from_ns: i64) -> Self {
        Self { from_ns, taken: 0 }
    }

    fn note(&mut self, samples: &[Sample]) {
        let Some(last) = samples.last() else { return };
        let at_last = samples.iter().rev().take_while(|one| one.time_ns == last.time_ns).count();
        if last.time_ns != self.from_ns {
            *self = Self::from(last.time_ns);
        }
        self.taken += at_last as u64;
    }
}

/// Samples that are decoded together or not at all.
struct Piece<'a> {
    span: Span,
    count: u64,
    what: What<'a>,
}

enum What<'a> {
    Block(Blocks<'a>, usize),
    Samples(&'a [Sample]),
    Absent(ChunkKey),
    /// Something begins there that was not looked at.
    More,
}

/// Adds the next samples to `out`: at least one if there is any, and about as many as are wanted.
///
/// # Errors
/// None of them is in memory.
pub fn read(
    levels: &[Level],
    series: SeriesId,
    reading: &mut Reading,
    wanted: usize,
    out: &mut Vec<Sample>,
) -> Result<(), Absent> {
    let mut wanted = wanted.max(1);
    loop {
        let mut pieces = Vec::new();
        for (at, level) in levels.iter().enumerate() {
            // The last one takes what is too late for all others, and is in no order.
            let is_in_order = at + 1 < LEVELS_MAX;
            let enough = is_in_order.then_some(reading.taken.saturating_add(wanted as u64));
            add_pieces(level, series, reading.from_ns, enough, &mut pieces);
        }
        // Stable: of samples of equal time, those of an earlier level come first.
        pieces.sort_by_key(|piece| piece.span.start_ns);
        let found = decoded(&pieces, *reading, wanted)?;
        if !found.is_empty() || !pieces.iter().any(|piece| matches!(piece.what, What::More)) {
            reading.note(&found);
            out.extend(found);
            return Ok(());
        }
        // All that was looked at are samples that were read before.
        wanted = wanted.saturating_mul(2);
    }
}

/// Adds what a level has from `from_ns` on, until it is `enough`.
fn add_pieces<'a>(
    level: &'a Level,
    series: SeriesId,
    from_ns: i64,
    enough: Option<u64>,
    pieces: &mut Vec<Piece<'a>>,
) {
    let mut count = 0;
    let mut add = |piece: Piece<'a>| {
        let is_enough = enough.is_some_and(|enough| count >= enough);
        // Of one that began before, perhaps a single one is left.
        count += if piece.span.start_ns < from_ns { 1 } else { piece.count };
        pieces.push(if is_enough { Piece { what: What::More, ..piece } } else { piece });
        !is_enough
    };
    // In a level in order, what is over by then need not even be passed.
    let is_over = |run: &Run| run.summary.source.end_ns < from_ns;
    let first = enough.map_or(0, |_| level.runs.partition_point(is_over));
    let runs = level.runs.range(first..).filter(|run| !is_over(run));
    let chunks = runs.flat_map(|run| &run.chunks).map(|chunk| {
        let absent = What::Absent(ChunkKey { series, number: chunk.number });
        (chunk.summary, chunk.body.is_some().then(|| chunk.blocks()).flatten(), absent)
    });
    let open = level.open.summary.map(|summary| (summary, Some(level.open.blocks()), What::More));
    for (summary, blocks, absent) in chunks.chain(open) {
        let span = summary.source;
        if span.end_ns < from_ns {
            continue;
        }
        let Some(blocks) = blocks else {
            if !add(Piece { span, count: summary.count, what: absent }) {
                return;
            }
            continue;
        };
        for index in 0..blocks.len() {
            let span = blocks.span(index, Axis::Source);
            let what = What::Block(blocks, index);
            if span.end_ns >= from_ns && !add(Piece { span, count: blocks.count(index), what }) {
                return;
            }
        }
    }
    // Whole, as the blocks: those of equal time must stay in the order they were read in.
    let samples = level.tail.samples();
    if let (Some(first), Some(last)) = (samples.first(), samples.last())
        && last.time_ns >= from_ns
    {
        let span = Span { start_ns: first.time_ns, end_ns: last.time_ns };
        add(Piece { span, count: samples.len() as u64, what: What::Samples(samples) });
    }
}

/// The next samples of `pieces`, which are sorted; none where it takes more pieces to tell.
fn decoded(pieces: &[Piece<'_>], reading: Reading, wanted: usize) -> Result<Vec<Sample>, Absent> {
    let Reading { from_ns, taken: mut passed } = reading;
    let mut found: Vec<Sample> = Vec::new();
    let mut columns = Columns::default();
    for (at, piece) in pieces.iter().enumerate() {
        // What follows has nothing from before it.
        let until_ns = piece.span.start_ns;
        let is_known = |sample: &Sample| sample.time_ns <= until_ns;
        let is_end = found.len() >= wanted && found.iter().any(is_known);
        let begins = found.len();
        match &piece.what {
            _ if is_end => return Ok(until(found, until_ns)),
            What::More => return Ok(until(found, until_ns)),
            _ if piece.span == (Span { start_ns: from_ns, end_ns: from_ns })
                && piece.count <= passed =>
            {
                passed -= piece.count;
                continue;
            }
            What::Absent(_) if found.iter().any(is_known) => return Ok(until(found, until_ns)),
            What::Absent(_) => {
                let absent = pieces[at..].iter().filter_map(|piece| match piece.what {
                    What::Absent(key) => Some(key),
                    _ => None,
                });
                return Err(Absent(absent.take(AHEAD_CHUNKS).collect()));
            }
            What::Samples(samples) => found.extend_from_slice(samples),
            What::Block(blocks, index) => decode(blocks.bytes(*index), &mut columns, &mut found),
        }
        let mut from = begins;
        while let Some(sample) = found.get(from)
            && (sample.time_ns < from_ns || sample.time_ns == from_ns && passed > 0)
        {
            passed -= u64::from(sample.time_ns == from_ns);
            from += 1;
        }
        found.drain(begins..from);
    }
    Ok(until(found, i64::MAX))
}

/// Those until a moment, inclusive, in the order of their times.
fn until(mut samples: Vec<Sample>, until_ns: i64) -> Vec<Sample> {
    samples.retain(|sample| sample.time_ns <= until_ns);
    samples.sort_by_key(|sample| sample.time_ns);
    samples
}

/// Adds the samples of a block, none if it cannot be read: then they are not there.
fn decode(bytes: &[u8], columns: &mut Columns, out: &mut Vec<Sample>) {
    columns.clear();
    let is_sound = block::times(bytes, &mut columns.times).is_ok()
        && block::arrivals(bytes, &mut columns.arrivals).is_ok()
        && block::values(bytes, &mut columns.values).is_ok();
    if is_sound {
        let samples = columns.times.iter().zip(&columns.arrivals).zip(&columns.values);
        out.extend(samples.map(|((time_ns, arrival_ns), value)| Sample {
            time_ns: *time_ns,
            arrival_ns: *arrival_ns,
            value: *value,
        }));
    }
}

/// The last sample before a moment whose value is finite.
///
/// # Errors
/// What it may be in is not in memory.
pub fn last_before(
    levels: &[Level],
    series: SeriesId,
    before_ns: i64,
) -> Result<Option<Sample>, Absent> {
    let mut last: Option<Sample> = None;
    for (at, level) in levels.iter().enumerate() {
        let is_in_order = at + 1 < LEVELS_MAX;
        // Of those of equal time, what a later level has came later.
        let found = level_last_before(level, series, before_ns, is_in_order)?;
        last = match (last, found) {
            (Some(last), Some(found)) if found.time_ns < last.time_ns => Some(last),
            (last, found) => found.or(last),
        };
    }
    Ok(last)
}

fn level_last_before(
    level: &Level,
    series: SeriesId,
    before_ns: i64,
    is_in_order: bool,
) -> Result<Option<Sample>, Absent> {
    let mut last = last_finite(level.tail.samples(), before_ns);
    let mut columns = Columns::default();
    let mut samples = Vec::new();
    let mut looked = 0;
    let open = level.open.summary.map(|summary| (summary.source, Some(level.open.blocks()), 0));
    let runs = level.runs.iter().rev().filter(|run| run.summary.source.start_ns < before_ns);
    let chunks = runs
        .flat_map(|run| run.chunks.iter().rev())
        .filter(|chunk| chunk.summary.source.start_ns < before_ns)
        .map(|chunk| (chunk.summary.source, chunk.blocks(), chunk.number));
    for (span, blocks, number) in open.into_iter().chain(chunks) {
        if is_in_order && (last.is_some() || looked >= LOOKED_BLOCKS_MAX) {
            break;
        }
        let may_be_later =
            |span: Span, last: Option<Sample>| last.is_none_or(|last| span.end_ns > last.time_ns);
        if span.start_ns >= before_ns || !may_be_later(span, last) {
            continue;
        }
        let Some(blocks) = blocks else {
            return Err(Absent(vec![ChunkKey { series, number }]));
        };
        for index in (0..blocks.len()).rev() {
            let span = blocks.span(index, Axis::Source);
            if span.start_ns >= before_ns || !may_be_later(span, last) {
                continue;
            }
            looked += 1;
            samples.clear();
            decode(blocks.bytes(index), &mut columns, &mut samples);
            if let Some(found) = last_finite(&samples, before_ns) {
                last = match last {
                    Some(last) if last.time_ns >= found.time_ns => Some(last),
                    _ => Some(found),
                };
                if is_in_order {
                    break;
                }
            }
        }
    }
    Ok(last)
}

/// Of samples in the order of their times.
fn last_finite(samples: &[Sample], before_ns: i64) -> Option<Sample> {
    let end = samples.partition_point(|sample| sample.time_ns < before_ns);
    samples[..end].iter().rfind(|sample| sample.value.is_finite()).copied()
}
