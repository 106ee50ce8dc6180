//! One list of gaps: those of a whole feed, or of one of its channels.

use crate::{Save, TrackFacts, TrackId};
use serde::{Deserialize, Serialize};
use std::collections::VecDeque;

/// How many gaps a track keeps. A feed that reconnects every minute takes a week to fill it, and
/// full it is a megabyte or two.
pub const GAPS_MAX: usize = 10_000;

/// A gap of one [`crate::History`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct GapId(pub u64);

/// A span in which something was not received.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Gap<G> {
    pub id: GapId,
    /// The last moment known to be whole.
    pub start_ns: i64,
    /// The next moment known to be whole; `None` while the gap lasts.
    pub end_ns: Option<i64>,
    /// What there is to say about it.
    pub about: G,
}

impl<G> Gap<G> {
    pub(crate) fn new(id: GapId, start_ns: i64, end_ns: Option<i64>, about: G) -> Self {
        Self { id, start_ns, end_ns: end_ns.map(|end_ns| end_ns.max(start_ns)), about }
    }

    /// A line that ends here does not cross the gap; one that goes on does. A gap without length
    /// lies just before its moment: the samples of that moment are past it.
    fn crossed_after_ns(&self) -> i64 {
        match self.end_ns {
            Some(end_ns) if end_ns == self.start_ns => end_ns.saturating_sub(1),
            _ => self.start_ns,
        }
    }

    fn last_ns(&self) -> i64 {
        self.end_ns.unwrap_or(i64::MAX)
    }
}

#[derive(Debug)]
struct Kept<G> {
    gap: Gap<G>,
    /// The latest end of it and of all before it, so that whether any of them reaches a moment
    /// needs but one look.
    reach_ns: i64,
    /// It may be on the disk, as it is here or was before.
    is_saved: bool,
    /// It is not on the disk as it is here.
    is_dirty: bool,
}

#[derive(Debug)]
pub struct Track<G> {
    name: String,
    /// By [`Gap::crossed_after_ns`].
    gaps: VecDeque<Kept<G>>,
    version: u64,
    dropped: u64,
    /// Gaps that ended by then may have been dropped.
    forgotten_until_ns: i64,
    /// By `version`.
    saved_version: Option<u64>,
}

impl<G> Track<G> {
    pub fn new(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            gaps: VecDeque::new(),
            version: 0,
            dropped: 0,
            forgotten_until_ns: i64::MIN,
            saved_version: None,
        }
    }

    pub fn name(&self) -> &str {
        &self.name
    }

    /// Also says which gap had to go for it, if that is one that was saved.
    pub fn insert(&mut self, gap: Gap<G>) -> Option<GapId> {
        self.put(Kept { gap, reach_ns: i64::MIN, is_saved: false, is_dirty: true })
    }

    fn put(&mut self, kept: Kept<G>) -> Option<GapId> {
        self.version += 1;
        let dropped = (self.gaps.len() >= GAPS_MAX).then(|| self.drop_oldest()).flatten();
        let after_ns = kept.gap.crossed_after_ns();
        let index = self.gaps.partition_point(|kept| kept.gap.crossed_after_ns() <= after_ns);
        self.gaps.insert(index, kept);
        self.measure_reach_from(index);
        dropped
    }

    pub fn close(&mut self, id: GapId, end_ns: i64) -> bool {
        // Open gaps are recent ones.
        let found = self.gaps.iter().rposition(|kept| kept.gap.id == id);
        let Some(index) = found.filter(|index| self.gaps[*index].gap.end_ns.is_none()) else {
            return false;
        };
        if let Some(Kept { gap, is_saved, .. }) = self.gaps.remove(index) {
            self.measure_reach_from(index);
            let gap = Gap::new(gap.id, gap.start_ns, Some(end_ns), gap.about);
            self.put(Kept { gap, reach_ns: i64::MIN, is_saved, is_dirty: true });
        }
        true
    }

    /// Says which of its gaps were saved.
    pub fn clear(&mut self) -> Vec<GapId> {
        let name = std::mem::take(&mut self.name);
        let version = self.version + 1;
        let cleared = std::mem::replace(self, Self { name, version, ..Self::new("") });
        cleared.gaps.iter().filter(|kept| kept.is_saved).map(|kept| kept.gap.id).collect()
    }

    /// Whether a line from one moment to another would cross a gap.
    pub fn breaks(&self, before_ns: i64, last_ns: i64) -> bool {
        before_ns < last_ns.min(self.forgotten_until_ns)
            || self
                .gaps
                .partition_point(|kept| kept.gap.crossed_after_ns() < last_ns)
                .checked_sub(1)
                .is_some_and(|index| self.gaps[index].reach_ns > before_ns)
    }

    pub fn gaps(&self, from_ns: i64, to_ns: i64) -> impl Iterator<Item = &Gap<G>> {
        let first = self.gaps.partition_point(|kept| kept.reach_ns < from_ns);
        self.gaps
            .range(first..)
            .map(|kept| &kept.gap)
            .take_while(move |gap| gap.crossed_after_ns() <= to_ns)
            .filter(move |gap| gap.last_ns() >= from_ns && gap.start_ns <= to_ns)
    }

    pub fn version(&self) -> u64 {
        self.version
    }

    pub fn dropped(&self) -> u64 {
        self.dropped
    }

    /// Drops the oldest gap that is over, or the oldest if none is. What others reach by it is
    /// left as it is: that lies in what is forgotten.
    fn drop_oldest(&mut self) -> Option<GapId> {
        let over = self.gaps.iter().position(|kept| kept.gap.end_ns.is_some());
        let Kept { gap, is_saved, .. } = self.gaps.remove(over.unwrap_or(0))?;
        self.forgotten_until_ns = self.forgotten_until_ns.max(gap.last_ns());
        self.dropped += 1;
        is_saved.then_some(gap.id)
    }

    fn measure_reach_from(&mut self, index: usize) {
        let mut reach_ns =
            index.checked_sub(1).map_or(i64::MIN, |before| self.gaps[before].reach_ns);
        for kept in self.gaps.range_mut(index..) {
            reach_ns = reach_ns.max(kept.gap.last_ns());
            kept.reach_ns = reach_ns;
        }
    }
}

impl<G: Clone> Track<G> {
    /// Adds what changed since the last time.
    pub fn save(&mut self, id: TrackId, save: &mut Save<G>) {
        if self.saved_version.replace(self.version) == Some(self.version) {
            return;
        }
        save.tracks.push((
            id,
            TrackFacts {
                name: self.name.clone(),
                dropped: self.dropped,
                forgotten_until_ns: self.forgotten_until_ns,
            },
        ));
        for kept in self.gaps.iter_mut().filter(|kept| kept.is_dirty) {
            kept.is_saved = true;
            kept.is_dirty = false;
            save.gaps.push((id, kept.gap.clone()));
        }
    }
}

impl<G> Track<G> {
    /// What was saved last may not have been.
    pub fn unsaved(&mut self) {
        self.saved_version = None;
        self.gaps.iter_mut().for_each(|kept| kept.is_dirty = true);
    }

    /// Takes a gap that was saved.
    pub fn restore_gap(&mut self, gap: Gap<G>) {
        self.put(Kept { gap, reach_ns: i64::MIN, is_saved: true, is_dirty: false });
        self.saved_version = Some(self.version);
    }

    pub fn restore(facts: TrackFacts) -> Self {
        Self {
            dropped: facts.dropped,
            forgotten_until_ns: facts.forgotten_until_ns,
            saved_version: Some(0),
            ..Self::new(&facts.name)
        }
    }
}
