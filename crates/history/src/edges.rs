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

/// What a block comes to in each of the columns it touches.
pub type Cut = Box<[(i64, Part)]>;

/// Blocks that are cut into more are not kept: there are few of them in a view.
const PARTS_MAX: usize = 4;

/// About what one takes.
const CUT_BYTES: usize = 2 * size_of::<(i64, Part)>() + 2 * size_of::<(Edge, Cut)>();

/// As many edges as a dozen wide panels have: 8 MiB.
const CUTS_MAX: usize = 16_384;

#[derive(Debug)]
pub struct Edges {
    /// Those asked for since the others were full.
    recent: FxHashMap<Edge, Cut>,
    older: FxHashMap<Edge, Cut>,
    cuts_max: usize,
}

impl Edges {
    /// Within a small part of a budget.
    pub fn new(memory_bytes: usize) -> Self {
        let cuts_max = (memory_bytes / 32 / CUT_BYTES).min(CUTS_MAX);
        Self { recent: FxHashMap::default(), older: FxHashMap::default(), cuts_max }
    }

    pub fn get(&mut self, edge: &Edge) -> Option<&Cut> {
        if let Some(cut) = self.older.remove(edge) {
            self.insert(*edge, cut);
        }
        self.recent.get(edge)
    }

    pub fn put(&mut self, edge: Edge, parts: &[(i64, Part)]) {
        if parts.len() <= PARTS_MAX {
            self.insert(edge, parts.into());
        }
    }

    fn insert(&mut self, edge: Edge, cut: Cut) {
        if self.recent.len() >= self.cuts_max / 2 {
            self.older = std::mem::take(&mut self.recent);
        }
        if self.cuts_max > 0 {
            self.recent.insert(edge, cut);
        }
    }
}
