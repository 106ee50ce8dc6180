//! A disk that keeps all that it is told to, and is read as a store is.

use feedscope_history::{
    Absent, Body, ChunkKey, Contents, Gap, GapId, Head, History, Save, SeriesFacts, SeriesId,
    TrackFacts, TrackId,
};
use std::cell::Cell;
use std::collections::BTreeMap;

#[derive(Default)]
pub struct Disk {
    series: BTreeMap<SeriesId, SeriesFacts>,
    tracks: BTreeMap<TrackId, TrackFacts>,
    chunks: BTreeMap<ChunkKey, (Head, Body)>,
    gaps: BTreeMap<(TrackId, GapId), Gap<u64>>,
    /// How many bodies were asked for.
    pub loads: Cell<usize>,
}

impl Disk {
    pub fn write(&mut self, save: &Save<u64>) {
        for series in &save.removed_series {
            self.series.remove(series);
            self.chunks.retain(|key, _| key.series != *series);
        }
        for track in &save.removed_tracks {
            self.tracks.remove(track);
            self.gaps.retain(|(of, _), _| of != track);
        }
        for key in &save.removed_chunks {
            self.chunks.remove(key);
        }
        for key in &save.removed_gaps {
            self.gaps.remove(key);
        }
        self.series.extend(save.series.iter().cloned());
        self.tracks.extend(save.tracks.iter().cloned());
        let chunks = save.chunks.iter();
        self.chunks.extend(chunks.map(|(key, head, body)| (*key, (head.clone(), body.clone()))));
        self.gaps.extend(save.gaps.iter().map(|(track, gap)| ((*track, gap.id), gap.clone())));
    }

    pub fn contents(&self) -> Contents<u64> {
        for key in self.chunks.keys() {
            assert!(self.series.contains_key(&key.series), "a chunk of no series");
        }
        Contents {
            series: self.series.iter().map(|(id, facts)| (*id, facts.clone())).collect(),
            tracks: self.tracks.iter().map(|(id, facts)| (*id, facts.clone())).collect(),
            chunks: self.chunks.iter().map(|(key, (head, _))| (*key, head.clone())).collect(),
            gaps: self.gaps.iter().map(|((track, _), gap)| (*track, gap.clone())).collect(),
            facts: Vec::new(),
        }
    }

    /// Gives the history what it lacks.
    pub fn load(&self, history: &mut History<u64>, Absent(keys): Absent) {
        assert!(!keys.is_empty());
        self.loads.set(self.loads.get() + keys.len());
        let body = |key: &ChunkKey| self.chunks.get(key).expect("it is on disk").1.clone();
        history.insert(keys.iter().map(|key| (*key, body(key))).collect());
    }

    /// Asks until nothing is lacking.
    pub fn ask<T>(
        &self,
        history: &mut History<u64>,
        mut question: impl FnMut(&History<u64>) -> Result<T, Absent>,
    ) -> T {
        for _ in 0..1_000 {
            match question(history) {
                Ok(answer) => return answer,
                Err(absent) => self.load(history, absent),
            }
        }
        panic!("there is no end to what is lacking");
    }
}
