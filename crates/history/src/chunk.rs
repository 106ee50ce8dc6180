//! A run of blocks that is kept, saved, loaded and dropped as one. Its head is always in memory,
//! its body may be on the disk alone.

use crate::Axis;
use crate::body::{Blocks, ends_at, put_ends};
use crate::moments::Moments;
use crate::save::{Body, Head};
use crate::summary::{Range, Span, Summary};
use std::sync::atomic::{AtomicBool, Ordering};

const VERSION: u8 = 1;

/// What a head occupies on a disk, beside the body, about.
const HEAD_DISK_BYTES: u64 = 256;

/// What a chunk occupies on a disk.
pub fn disk_bytes(body_bytes: usize) -> u64 {
    body_bytes as u64 + HEAD_DISK_BYTES
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kept {
    /// In memory alone.
    Fresh,
    /// On its way to the disk.
    Saving,
    OnDisk,
}

#[derive(Debug)]
pub struct Chunk {
    pub number: u64,
    pub summary: Summary,
    pub moments: Moments,
    pub body: Option<Body>,
    pub body_bytes: u32,
    pub kept: Kept,
    /// What it occupies on the disk: itself, or what of it was saved before it was closed.
    pub disk_bytes: u64,
    /// A view has looked at the body since this was last taken back.
    was_used: AtomicBool,
}

impl Chunk {
    pub fn new(number: u64, summary: Summary, moments: Moments, body: Body) -> Self {
        Self {
            disk_bytes: 0,
            number,
            summary,
            moments,
            body_bytes: body.len() as u32,
            body: Some(body),
            kept: Kept::Fresh,
            was_used: AtomicBool::new(false),
        }
    }

    /// Its blocks, if they are in memory.
    pub fn blocks(&self) -> Option<Blocks<'_>> {
        self.was_used.store(true, Ordering::Relaxed);
        Blocks::of(self.body.as_ref()?)
    }

    pub fn was_used(&self) -> bool {
        self.was_used.load(Ordering::Relaxed)
    }

    pub fn forget_use(&mut self) {
        *self.was_used.get_mut() = false;
    }

    /// Takes the body that was loaded for it, if it is one.
    pub fn set_body(&mut self, body: Body) -> bool {
        let is_sound = body.len() == self.body_bytes as usize
            && Blocks::of(&body).is_some_and(|blocks| blocks.are_sound(self.summary.count));
        if is_sound {
            self.body = Some(body);
            self.was_used.store(true, Ordering::Relaxed);
        }
        is_sound
    }

    pub fn bytes(&self) -> usize {
        size_of::<Self>() + self.body.as_ref().map_or(0, |body| body.len())
    }
}

/// What is written of a chunk beside its body.
#[derive(Debug)]
pub struct Facts<'a> {
    pub level: u8,
    /// The number of the first chunk of its run.
    pub run: u64,
    pub summary: Summary,
    pub moments: Moments,
    pub body_bytes: u32,
    /// The sketch of all values of so many chunks of its run, of which it is the last.
    pub sketch: Option<(u32, &'a [u8])>,
}

const WORDS: usize = 24;

impl<'a> Facts<'a> {
    pub fn encode(&self) -> Head {
        let Facts { summary, moments, .. } = self;
        let mut out = vec![VERSION, self.level];
        let words = [
            self.run,
            u64::from(self.body_bytes) | u64::from(self.sketch.map_or(0, |(of, _)| of)) << 32,
            summary.count,
            summary.source.start_ns.cast_unsigned(),
            summary.source.end_ns.cast_unsigned(),
            summary.arrival.start_ns.cast_unsigned(),
            summary.arrival.end_ns.cast_unsigned(),
            summary.range.min.to_bits(),
            summary.range.max.to_bits(),
            moments.count,
            moments.mean.to_bits(),
            moments.squares.to_bits(),
        ];
        words.iter().for_each(|word| out.extend(word.to_le_bytes()));
        put_ends(&summary.source_ends, Axis::Source, &mut out);
        put_ends(&summary.arrival_ends, Axis::Arrival, &mut out);
        out.extend(self.sketch.map_or(&[][..], |(_, sketch)| sketch));
        Head(out.into())
    }

    /// `None` where that is no head.
    pub fn decode(head: &'a Head) -> Option<Self> {
        let ([VERSION, level], rest) = head.0.split_first_chunk::<2>()? else { return None };
        let (words, sketch) = rest.split_at_checked(WORDS * 8)?;
        let word = |at: usize| words.as_chunks().0.get(at).map_or(0, |w| u64::from_le_bytes(*w));
        let time = |at| word(at).cast_signed();
        let float = |at| f64::from_bits(word(at));
        let of = (word(1) >> 32) as u32;
        Some(Facts {
            level: *level,
            run: word(0),
            body_bytes: word(1) as u32,
            summary: Summary {
                count: word(2),
                source: Span { start_ns: time(3), end_ns: time(4) },
                arrival: Span { start_ns: time(5), end_ns: time(6) },
                range: Range { min: float(7), max: float(8) },
                source_ends: ends_at(words, 12, Axis::Source),
                arrival_ends: ends_at(words, 18, Axis::Arrival),
            },
            moments: Moments { count: word(9), mean: float(10), squares: float(11) },
            sketch: (of > 0).then_some((of, sketch)),
        })
    }

    pub fn chunk(&self, number: u64) -> Chunk {
        Chunk {
            number,
            summary: self.summary,
            moments: self.moments,
            body: None,
            body_bytes: self.body_bytes,
            kept: Kept::OnDisk,
            disk_bytes: disk_bytes(self.body_bytes as usize),
            was_used: AtomicBool::new(false),
        }
    }
}
