//! What a chunk's body holds: a version, the number of its blocks, a head of each, the blocks.
//!
//! A head says where a block begins and what it comes to, so that most blocks need not be decoded.
//! All numbers are little endian.

use crate::Axis;
use crate::block;
use crate::save::Body;
use crate::summary::{At, Ends, Part, Range, Span, Summary};

/// Twice what one look at the tail of a series costs, so that a block is decoded within a
/// microsecond; large enough that its head is 2 bits a sample.
pub const BLOCK_SAMPLES: usize = 256;

/// A multiple of what pages a store has, minus what it needs of them itself.
const BODY_BYTES_MAX: usize = (16 << 10) - 256;
const BLOCKS_MAX: usize = 256;

const VERSION: u8 = 1;
const PREFIX_BYTES: usize = 4;
const HEAD_BYTES: usize = 72;

/// Flags of a head: what [`Summary::of`] calls plain; what is not has its ends written before it.
const PLAIN: u64 = 1;
const ENDS_BYTES: usize = 12 * 8;

/// Columns of samples.
#[derive(Debug, Default)]
pub struct Columns {
    pub times: Vec<i64>,
    pub arrivals: Vec<i64>,
    pub values: Vec<f64>,
}

impl Columns {
    pub fn clear(&mut self) {
        self.times.clear();
        self.arrivals.clear();
        self.values.clear();
    }
}

/// Blocks that are being put together.
#[derive(Debug, Default)]
pub struct Builder {
    heads: Vec<u8>,
    data: Vec<u8>,
}

impl Builder {
    /// Adds a block, or says that the body is large enough without.
    pub fn add(&mut self, columns: &Columns, summary: &Summary, is_plain: bool) -> bool {
        self.add_within(BODY_BYTES_MAX, columns, summary, is_plain)
    }

    /// Adds a block of at most [`BLOCK_SAMPLES`], unless that makes the body too large, and it is
    /// not the only one.
    pub fn add_within(
        &mut self,
        bytes_max: usize,
        columns: &Columns,
        summary: &Summary,
        is_plain: bool,
    ) -> bool {
        let Columns { times, arrivals, values } = columns;
        let offset = self.data.len();
        if !is_plain {
            put_ends(&summary.source_ends, Axis::Source, &mut self.data);
            put_ends(&summary.arrival_ends, Axis::Arrival, &mut self.data);
        }
        block::encode(times, arrivals, values, &mut self.data);
        let count = self.block_count();
        let bytes = self.body_bytes() + HEAD_BYTES;
        if count > 0 && (count == BLOCKS_MAX || bytes > bytes_max) {
            self.data.truncate(offset);
            return false;
        }
        let place = offset as u64 | summary.count << 32 | u64::from(is_plain) << 48;
        let words = [
            summary.source.start_ns.cast_unsigned(),
            summary.source.end_ns.cast_unsigned(),
            summary.arrival.start_ns.cast_unsigned(),
            summary.arrival.end_ns.cast_unsigned(),
            summary.range.min.to_bits(),
            summary.range.max.to_bits(),
            summary.source_ends.first.to_bits(),
            summary.source_ends.last.to_bits(),
            place,
        ];
        words.iter().for_each(|word| self.heads.extend(word.to_le_bytes()));
        true
    }

    pub fn block_count(&self) -> usize {
        self.heads.len() / HEAD_BYTES
    }

    pub fn blocks(&self) -> Blocks<'_> {
        Blocks { heads: self.heads.as_chunks().0, data: &self.data }
    }

    pub fn body_bytes(&self) -> usize {
        PREFIX_BYTES + self.heads.len() + self.data.len()
    }

    pub fn body(&self) -> Body {
        let mut body = Vec::with_capacity(self.body_bytes());
        body.extend([VERSION, 0]);
        body.extend((self.block_count() as u16).to_le_bytes());
        body.extend(&self.heads);
        body.extend(&self.data);
        body.into()
    }

    pub fn clear(&mut self) {
        self.heads.clear();
        self.data.clear();
    }

    /// What it occupies.
    pub fn bytes(&self) -> usize {
        self.heads.capacity() + self.data.capacity()
    }
}

/// The blocks of a body.
#[derive(Clone, Copy, Debug)]
pub struct Blocks<'a> {
    heads: &'a [[u8; HEAD_BYTES]],
    data: &'a [u8],
}

impl<'a> Blocks<'a> {
    /// `None` where that is no body.
    pub fn of(body: &'a [u8]) -> Option<Self> {
        let (prefix, rest) = body.split_first_chunk::<PREFIX_BYTES>()?;
        let [version, _, low, high] = *prefix;
        let heads = usize::from(u16::from_le_bytes([low, high])) * HEAD_BYTES;
        let (heads, data) = rest.split_at_checked(heads)?;
        (version == VERSION).then_some(Self { heads: heads.as_chunks().0, data })
    }

    /// Whether the heads are at one with each other, and with what is known of the whole.
    pub fn are_sound(&self, count: u64) -> bool {
        let starts_ascend = self.heads.is_sorted_by_key(|head| Head::read(head).offset);
        let counted: u64 = self.heads.iter().map(|head| Head::read(head).count).sum();
        starts_ascend
            && counted == count
            && self.heads.iter().all(|head| Head::read(head).offset <= self.data.len())
    }

    pub fn len(&self) -> usize {
        self.heads.len()
    }

    pub fn span(&self, index: usize, axis: Axis) -> Span {
        span(&self.heads[index], axis)
    }

    pub fn count(&self, index: usize) -> u64 {
        Head::read(&self.heads[index]).count
    }

    /// Whether the first and the last sample are finite, and are the first and the last on either
    /// axis; then, arrivals ascend as times do.
    pub fn is_plain(&self, index: usize) -> bool {
        Head::read(&self.heads[index]).is_plain
    }

    /// What the blocks come to from one on, as far as they lie within a column without a break,
    /// and the number of the first that does not.
    pub fn part(&self, from: usize, axis: Axis, column: Span) -> (Part, usize) {
        let mut part = Part::EMPTY;
        // Of those that come one after the other, as nearly all do, only the last one's end is one
        // of all.
        let mut last = None;
        let mut next = from;
        for raw in &self.heads[from..] {
            let span = span(raw, axis);
            if span.start_ns < column.start_ns || column.end_ns < span.end_ns {
                break;
            }
            let Head { offset, count, is_plain } = Head::read(raw);
            let range = Range { min: float(raw, 4), max: float(raw, 5) };
            if is_plain && span.start_ns > part.span.end_ns && !part.ends.first.is_nan() {
                part.count += count;
                part.span.join(span);
                part.range.join(range);
                last = Some(raw);
            } else {
                end_with(&mut part, last.take(), axis);
                let ends =
                    if is_plain { plain_ends(raw, axis) } else { self.written_ends(offset, axis) };
                part.join(&Part { count, span, range, ends });
            }
            next += 1;
        }
        end_with(&mut part, last, axis);
        (part, next)
    }

    fn written_ends(&self, offset: usize, axis: Axis) -> Ends {
        let ends = self.data.get(offset..offset + ENDS_BYTES).unwrap_or(&[0; ENDS_BYTES]);
        match axis {
            Axis::Source => ends_at(ends, 0, axis),
            Axis::Arrival => ends_at(ends, 6, axis),
        }
    }

    /// The block itself, to be decoded.
    pub fn bytes(&self, index: usize) -> &'a [u8] {
        let head = Head::read(&self.heads[index]);
        let start = head.offset + if head.is_plain { 0 } else { ENDS_BYTES };
        let end = self.heads.get(index + 1).map_or(self.data.len(), |next| Head::read(next).offset);
        self.data.get(start..end).unwrap_or_default()
    }
}

/// What a head says beside what the block comes to.
struct Head {
    offset: usize,
    count: u64,
    is_plain: bool,
}

impl Head {
    fn read(raw: &[u8; HEAD_BYTES]) -> Self {
        let place = word(raw, 8);
        Head {
            offset: place as u32 as usize,
            count: place >> 32 & 0xffff,
            is_plain: place >> 48 & PLAIN != 0,
        }
    }
}

fn plain_ends(raw: &[u8; HEAD_BYTES], axis: Axis) -> Ends {
    let (source, arrival) = (span(raw, Axis::Source), span(raw, Axis::Arrival));
    Ends {
        first_at: At::new(axis, source.start_ns, arrival.start_ns),
        first: float(raw, 6),
        last_at: At::new(axis, source.end_ns, arrival.end_ns),
        last: float(raw, 7),
    }
}

/// Takes the end of a plain block for the end of all.
fn end_with(part: &mut Part, last: Option<&[u8; HEAD_BYTES]>, axis: Axis) {
    if let Some(raw) = last {
        let Ends { last_at, last, .. } = plain_ends(raw, axis);
        (part.ends.last_at, part.ends.last) = (last_at, last);
    }
}

fn span(raw: &[u8; HEAD_BYTES], axis: Axis) -> Span {
    let from = match axis {
        Axis::Source => 0,
        Axis::Arrival => 2,
    };
    Span { start_ns: word(raw, from).cast_signed(), end_ns: word(raw, from + 1).cast_signed() }
}

fn word(bytes: &[u8], at: usize) -> u64 {
    bytes.as_chunks().0.get(at).map_or(0, |word| u64::from_le_bytes(*word))
}

fn float(bytes: &[u8], at: usize) -> f64 {
    f64::from_bits(word(bytes, at))
}

/// Six words.
pub fn put_ends(ends: &Ends, axis: Axis, out: &mut Vec<u8>) {
    for (at, value) in [(ends.first_at, ends.first), (ends.last_at, ends.last)] {
        let (time_ns, arrival_ns) = at.times(axis);
        for word in [time_ns.cast_unsigned(), arrival_ns.cast_unsigned(), value.to_bits()] {
            out.extend(word.to_le_bytes());
        }
    }
}

/// From the six words that begin with the one that is `from`th.
pub fn ends_at(bytes: &[u8], from: usize, axis: Axis) -> Ends {
    let at =
        |from| At::new(axis, word(bytes, from).cast_signed(), word(bytes, from + 1).cast_signed());
    Ends {
        first_at: at(from),
        first: float(bytes, from + 2),
        last_at: at(from + 3),
        last: float(bytes, from + 5),
    }
}
