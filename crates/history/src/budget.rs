//! What may be in memory and on the disk, and what goes when it is more.
//!
//! What is on the disk as well leaves memory first, least recently used. Only where that is not
//! enough, or where there is no disk, are samples dropped: the chunk that ended longest ago first,
//! whatever its series.

use crate::chunk::{Chunk, Kept};
use crate::history::History;
use crate::level::Dropped;
use crate::save::ChunkKey;
use crate::series::Series;
use crate::{Budget, SeriesId};
use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// Of a budget that is exceeded, so much is freed at once, since finding out what is oldest takes
/// a look at every series.
const FREED_SHARE: usize = 64;

impl<G> History<G> {
    /// What the samples occupy in memory, with their summaries and the room they have to grow. A
    /// series that is empty, and gaps, of which there are at most [`GAPS_MAX`](crate::GAPS_MAX) a
    /// track, do not count.
    pub fn bytes(&self) -> usize {
        self.bytes
    }

    /// What they occupy on the disk, about.
    pub fn disk_bytes(&self) -> u64 {
        self.disk_bytes
    }

    /// Memory is getting short: what is saved can leave it.
    pub fn wants_save(&self) -> bool {
        self.budget.disk_bytes.is_some()
            && !self.is_saving
            && self.fresh_bytes > self.budget.memory_bytes / 4
    }

    /// Memory is over the budget, and nothing can leave it before it is saved: wait with more.
    pub fn is_full(&self) -> bool {
        self.budget.disk_bytes.is_some() && self.bytes > self.budget.memory_bytes
    }

    /// Changes what samples may occupy; without a disk, nothing more is saved.
    pub fn set_budget(&mut self, budget: Budget) {
        self.budget = budget;
        self.fresh.clear();
        if budget.disk_bytes.is_some() {
            for (number, kept) in (0..).zip(&self.series) {
                let levels = kept.iter().flat_map(|kept| kept.levels());
                let fresh =
                    levels.flat_map(|level| level.chunks()).filter(|one| one.kept == Kept::Fresh);
                let key =
                    |chunk: &Chunk| ChunkKey { series: SeriesId(number), number: chunk.number };
                self.fresh.extend(fresh.map(key));
            }
        }
        self.fit();
    }

    /// Makes all that is in memory fit its budget, as far as can be.
    pub(crate) fn fit(&mut self) {
        let Budget { memory_bytes, disk_bytes } = self.budget;
        if self.bytes > memory_bytes {
            let enough_bytes = memory_bytes - memory_bytes / FREED_SHARE;
            self.leave_memory(enough_bytes, true);
            if disk_bytes.is_none() && self.bytes > memory_bytes {
                self.drop_oldest_until(|this| this.bytes <= enough_bytes);
            }
        }
        // A head is a hundredth of a chunk: where they fill the memory, the disk's budget is too
        // large for it.
        let chunks_max = memory_bytes / 2 / size_of::<Chunk>();
        if disk_bytes.is_some() && self.chunk_count > chunks_max {
            let enough = chunks_max - chunks_max / FREED_SHARE;
            self.drop_oldest_until(|this| this.chunk_count <= enough);
        }
    }

    /// Bodies that are on the disk leave memory until what is there is `enough_bytes`: first those
    /// that no view used since they were last passed over, then, if `used_too`, the others.
    pub(crate) fn leave_memory(&mut self, enough_bytes: usize, used_too: bool) {
        let mut unseen = self.resident.len();
        while self.bytes > enough_bytes && (used_too || unseen > 0) {
            let Some(key) = self.resident.pop_front() else { return };
            let Some(kept) = self.series.get_mut(key.series.0 as usize).and_then(Option::as_mut)
            else {
                continue;
            };
            let Some((chunk, chunk_bytes)) = kept.chunk_mut(key.number) else { continue };
            if unseen > 0 {
                unseen -= 1;
                if chunk.was_used() {
                    if used_too {
                        chunk.forget_use();
                    }
                    self.resident.push_back(key);
                    continue;
                }
            }
            let freed = chunk.body.take().map_or(0, |body| body.len());
            *chunk_bytes -= freed;
            self.bytes -= freed;
        }
    }

    /// Drops chunks, the one that ended longest ago first.
    pub(crate) fn drop_oldest_until(&mut self, enough: impl Fn(&Self) -> bool) {
        let oldest = |(number, kept): (u32, &Option<Series>)| {
            Some(Reverse((kept.as_ref()?.oldest_end_ns()?, number)))
        };
        let mut queue: BinaryHeap<_> = (0..).zip(&self.series).filter_map(oldest).collect();
        while !enough(self) {
            let Some(Reverse((_, number))) = queue.pop() else { return };
            let series = SeriesId(number);
            let Some(kept) = self.kept_mut(series) else { continue };
            let bytes = kept.bytes();
            let dropped = kept.drop_oldest();
            let (bytes_now, end_ns) = (kept.bytes(), kept.oldest_end_ns());
            self.bytes = self.bytes - bytes + bytes_now;
            match dropped {
                Some(Dropped::Chunk(chunk)) => self.note_dropped(series, &chunk),
                Some(Dropped::Rest(saved)) => self.note_rest_dropped(series, saved),
                None => {}
            }
            queue.extend(end_ns.map(|end_ns| Reverse((end_ns, number))));
        }
    }

    /// A chunk was closed: it is to be saved.
    pub(crate) fn note_closed(&mut self, key: ChunkKey) {
        let Some((chunk, _)) =
            self.kept_mut(key.series).and_then(|kept| kept.chunk_mut(key.number))
        else {
            return;
        };
        self.fresh_bytes += chunk.body_bytes as usize;
        self.chunk_count += 1;
        if self.budget.disk_bytes.is_some() {
            self.fresh.push(key);
        }
    }

    /// A chunk is not there any more.
    pub(crate) fn note_dropped(&mut self, series: SeriesId, chunk: &Chunk) {
        self.chunk_count -= 1;
        if chunk.kept != Kept::OnDisk {
            self.fresh_bytes -= chunk.body_bytes as usize;
        }
        let saved = (chunk.disk_bytes > 0).then_some((chunk.number, chunk.disk_bytes));
        self.note_rest_dropped(series, saved);
    }

    /// What is on the disk under a number, and occupies so much there, is to go.
    pub(crate) fn note_rest_dropped(&mut self, series: SeriesId, saved: Option<(u64, u64)>) {
        if let Some((number, disk_bytes)) = saved {
            self.disk_bytes -= disk_bytes;
            self.removed_chunks.push(ChunkKey { series, number });
        }
    }
}
