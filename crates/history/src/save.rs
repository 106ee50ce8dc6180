//! What a history must write, and what it is restored from. Plain data: whoever writes it need
//! not know what it means.

use crate::{Gap, GapId, Sample, SeriesId, TrackId};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::sync::Arc;

/// A run of samples as it is kept, on disk and in memory. Never changes: what replaces it has a
/// key of its own.
pub type Body = Arc<[u8]>;

/// What a chunk is known by. No two chunks ever have the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct ChunkKey {
    pub series: SeriesId,
    pub number: u64,
}

/// What is known of a chunk without its body, as bytes: some two hundred, a few thousand at times.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Head(pub Box<[u8]>);

/// Chunks whose bodies are needed and not in memory; never none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Absent(pub Vec<ChunkKey>);

impl fmt::Display for Absent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} chunks are not in memory", self.0.len())
    }
}

impl std::error::Error for Absent {}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SeriesFacts {
    pub name: String,
    pub pushed_count: u64,
    pub begins_ns: Option<i64>,
    pub latest: Option<Sample>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TrackFacts {
    pub name: String,
    pub dropped: u64,
    pub forgotten_until_ns: i64,
}

/// What one transaction writes: first everything removed goes, then everything else is put in its
/// place. A thing removed may not be there.
#[derive(Clone, Debug)]
pub struct Save<G> {
    /// With all their chunks.
    pub removed_series: Vec<SeriesId>,
    /// With all their gaps.
    pub removed_tracks: Vec<TrackId>,
    pub removed_chunks: Vec<ChunkKey>,
    pub removed_gaps: Vec<(TrackId, GapId)>,
    pub series: Vec<(SeriesId, SeriesFacts)>,
    pub tracks: Vec<(TrackId, TrackFacts)>,
    pub chunks: Vec<(ChunkKey, Head, Body)>,
    pub gaps: Vec<(TrackId, Gap<G>)>,
    /// What else is to be remembered, by name; what is empty is forgotten. A history saves none of
    /// its own.
    pub facts: Vec<(String, Vec<u8>)>,
}

impl<G> Default for Save<G> {
    fn default() -> Self {
        Save {
            removed_series: Vec::new(),
            removed_tracks: Vec::new(),
            removed_chunks: Vec::new(),
            removed_gaps: Vec::new(),
            series: Vec::new(),
            tracks: Vec::new(),
            chunks: Vec::new(),
            gaps: Vec::new(),
            facts: Vec::new(),
        }
    }
}

impl<G> Save<G> {
    pub fn is_empty(&self) -> bool {
        self.removed_series.is_empty()
            && self.removed_tracks.is_empty()
            && self.removed_chunks.is_empty()
            && self.removed_gaps.is_empty()
            && self.series.is_empty()
            && self.tracks.is_empty()
            && self.chunks.is_empty()
            && self.gaps.is_empty()
            && self.facts.is_empty()
    }
}

/// All that was saved, but for the bodies; in any order.
#[derive(Clone, Debug)]
pub struct Contents<G> {
    pub series: Vec<(SeriesId, SeriesFacts)>,
    pub tracks: Vec<(TrackId, TrackFacts)>,
    pub chunks: Vec<(ChunkKey, Head)>,
    pub gaps: Vec<(TrackId, Gap<G>)>,
    pub facts: Vec<(String, Vec<u8>)>,
}

impl<G> Default for Contents<G> {
    fn default() -> Self {
        Contents {
            series: Vec::new(),
            tracks: Vec::new(),
            chunks: Vec::new(),
            gaps: Vec::new(),
            facts: Vec::new(),
        }
    }
}
