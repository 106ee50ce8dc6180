//! What the blocks at the edges of columns come to on either side, of the views that were asked
//! for lately. A view that follows the present has the same edges again and again: it need not
//! decode them each time, nor have their bodies in memory.

use crate::Axis;
use crate::summary::Part;
use rustc_hash::FxHashMap;

/// A block, and the columns it is cut into.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Edge {
    pub chunk: u64,
    pub block: u32,
    pub axis: Axis,
    pub column_ns: i64,
}

/// Blocks that are cut into more are not kept: there are few of them in a view.
const PARTS_MAX: usize = 4;

/// What most of them are cut into.
const PARTS: usize = 2;

/// About what one takes.
const CUT_BYTES: usize = PARTS * size_of::<(i64, Part)>() + 2 * size_of::<(Edge, Place)>();

/// As many edges as a dozen wide panels have: 8 MiB.
const CUTS_MAX: usize = 16_384;

#[derive(Debug)]
pub struct Edges {
    /// Those asked for since the others were full.
    recent: Cuts,
    older: Cuts,
    cuts_max: usize,
}

impl Edges {
    /// Within a small part of a budget.
    pub fn new(memory_bytes: usize) -> Self {
        let cuts_max = (memory_bytes / 32 / CUT_BYTES).min(CUTS_MAX);
        Self { recent: Cuts::default(), older: Cuts::default(), cuts_max }
    }

    /// What a block comes to in each of the columns it touches.
    pub fn get(&mut self, edge: &Edge) -> Option<&[(i64, Part)]> {
        if !self.recent.places.contains_key(edge) {
            let known = self.older.get(edge)?;
            if self.recent.has_room(known.len(), self.cuts_max / 2) {
                self.recent.put(*edge, known);
            } else {
                // What it was put with is likely to be asked for next.
                std::mem::swap(&mut self.recent, &mut self.older);
            }
        }
        self.recent.get(edge)
    }

    pub fn put(&mut self, edge: Edge, parts: &[(i64, Part)]) {
        if parts.len() > PARTS_MAX {
            return;
        }
        let half = self.cuts_max / 2;
        if !self.recent.has_room(parts.len(), half) {
            std::mem::swap(&mut self.recent, &mut self.older);
            self.recent.clear();
        }
        if self.recent.has_room(parts.len(), half) {
            self.recent.put(edge, parts);
        }
    }
}

/// All that is asked for at about the same time, side by side, so that it can be forgotten as one.
#[derive(Debug, Default)]
struct Cuts {
    places: FxHashMap<Edge, Place>,
    parts: Vec<(i64, Part)>,
}

/// Where the parts of a cut are.
#[derive(Clone, Copy, Debug)]
struct Place {
    start: u32,
    count: u32,
}

impl Cuts {
    fn get(&self, edge: &Edge) -> Option<&[(i64, Part)]> {
        let Place { start, count } = *self.places.get(edge)?;
        self.parts.get(start as usize..)?.get(..count as usize)
    }

    fn has_room(&self, parts: usize, cuts_max: usize) -> bool {
        self.places.len() < cuts_max && self.parts.len() + parts <= cuts_max * PARTS
    }

    fn put(&mut self, edge: Edge, parts: &[(i64, Part)]) {
        let place = Place { start: self.parts.len() as u32, count: parts.len() as u32 };
        self.parts.extend_from_slice(parts);
        self.places.insert(edge, place);
    }

    fn clear(&mut self) {
        self.places.clear();
        self.parts.clear();
    }
}
