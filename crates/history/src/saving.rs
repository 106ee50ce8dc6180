//! What of a history is to be written, what of it was, and how it comes back.

use crate::body::{Builder, Columns};
use crate::chunk::{Facts, Kept, disk_bytes};
use crate::history::History;
use crate::level::Level;
use crate::moments::Moments;
use crate::save::{Body, ChunkKey, Contents, Head, Save};
use crate::series::Series;
use crate::summary::Summary;
use crate::track::Track;
use crate::{Budget, SeriesId, TrackId};

impl<G: Clone> History<G> {
    /// All that changed since the last one, to be written as one transaction; `None` if nothing
    /// did, if there is no disk, or while one is neither [`saved`](History::saved) nor
    /// [`unsaved`](History::unsaved).
    pub fn save(&mut self) -> Option<Save<G>> {
        let budget_bytes = self.budget.disk_bytes?;
        if self.is_saving {
            return None;
        }
        let on_disk = |this: &Self| this.disk_bytes.saturating_add(this.fresh_bytes as u64);
        if on_disk(self) > budget_bytes {
            self.drop_oldest_until(|this| on_disk(this) <= budget_bytes);
        }

        let mut save = Save {
            removed_series: std::mem::take(&mut self.removed_series),
            removed_tracks: std::mem::take(&mut self.removed_tracks),
            removed_chunks: std::mem::take(&mut self.removed_chunks),
            removed_gaps: std::mem::take(&mut self.removed_gaps),
            ..Save::default()
        };
        for key in std::mem::take(&mut self.fresh) {
            save.chunks.extend(self.save_chunk(key));
        }
        for number in 0..self.series.len() as u32 {
            self.save_series(SeriesId(number), &mut save);
        }
        for (number, track) in (0..).zip(&mut self.tracks) {
            if let Some(track) = track {
                track.save(TrackId(number), &mut save);
            }
        }
        self.is_saving = !save.is_empty();
        self.is_saving.then_some(save)
    }

    fn save_series(&mut self, id: SeriesId, save: &mut Save<G>) {
        let Some(kept) = self.series.get_mut(id.0 as usize).and_then(Option::as_mut) else {
            return;
        };
        if !std::mem::take(&mut kept.is_dirty) {
            return;
        }
        save.series.push((id, kept.facts()));
        for (at, level) in (0..).zip(kept.levels_mut()) {
            let key = |number| ChunkKey { series: id, number };
            if level.open.saved_blocks < level.open.builder.block_count()
                && let Some(summary) = level.open.summary
            {
                let body = level.open.builder.body();
                let head = loose_head(at, level.open.number, &summary, &level.open.moments, &body);
                self.disk_bytes += disk_bytes(body.len());
                self.disk_bytes -= level.open.saved_bytes;
                level.open.saved_bytes = disk_bytes(body.len());
                level.open.saved_blocks = level.open.builder.block_count();
                save.chunks.push((key(level.open.number), head, body));
            }
            if std::mem::take(&mut level.tail.is_dirty) {
                if let Some((number, bytes)) = level.saved_tail.take() {
                    self.disk_bytes -= bytes;
                    save.removed_chunks.push(key(number));
                }
                if let Some((summary, moments, body)) = tail_body(level) {
                    // Always of a new number: after a relaunch, it is the latest of its level.
                    let number = self.numbers;
                    self.numbers += 1;
                    let head = loose_head(at, number, &summary, &moments, &body);
                    level.saved_tail = Some((number, disk_bytes(body.len())));
                    self.disk_bytes += disk_bytes(body.len());
                    save.chunks.push((key(number), head, body));
                }
            }
        }
    }

    fn save_chunk(&mut self, key: ChunkKey) -> Option<(ChunkKey, Head, Body)> {
        let kept = self.series.get_mut(key.series.0 as usize)?.as_mut()?;
        let (at, place) = kept.find(key.number)?;
        let head = kept.levels().get(at)?.facts(at as u8, place)?.encode();
        let (chunk, _) = kept.chunk_mut(key.number)?;
        chunk.kept = Kept::Saving;
        self.disk_bytes -= chunk.disk_bytes;
        chunk.disk_bytes = disk_bytes(chunk.body_bytes as usize);
        self.disk_bytes += chunk.disk_bytes;
        Some((key, head, chunk.body.clone()?))
    }
}

impl<G> History<G> {
    /// `save` is durable: what it holds may leave memory.
    pub fn saved(&mut self, save: Save<G>) {
        self.is_saving = false;
        for (key, ..) in &save.chunks {
            let Some(kept) = self.series.get_mut(key.series.0 as usize).and_then(Option::as_mut)
            else {
                continue;
            };
            if let Some((chunk, _)) = kept.chunk_mut(key.number)
                && chunk.kept == Kept::Saving
            {
                chunk.kept = Kept::OnDisk;
                self.fresh_bytes -= chunk.body_bytes as usize;
                self.resident.push_back(*key);
            }
        }
        self.free_series.extend(save.removed_series);
        self.free_tracks.extend(save.removed_tracks);
        self.fit();
    }

    /// `save` could not be written, and nothing of it was: it is part of the next.
    pub fn unsaved(&mut self, save: Save<G>) {
        self.is_saving = false;
        self.removed_series.extend(save.removed_series);
        self.removed_tracks.extend(save.removed_tracks);
        self.removed_chunks.extend(save.removed_chunks);
        self.removed_gaps.extend(save.removed_gaps);
        for (key, ..) in &save.chunks {
            let found = self.kept_mut(key.series).and_then(|kept| kept.chunk_mut(key.number));
            if let Some((chunk, _)) = found
                && chunk.kept == Kept::Saving
            {
                chunk.kept = Kept::Fresh;
                if self.budget.disk_bytes.is_some() {
                    self.fresh.push(*key);
                }
            }
        }
        for (id, _) in &save.series {
            if let Some(kept) = self.kept_mut(*id) {
                kept.is_dirty = true;
                for level in kept.levels_mut() {
                    level.tail.is_dirty = true;
                    level.open.saved_blocks = 0;
                }
            }
        }
        for (id, _) in &save.tracks {
            if let Some(kept) = self.track_mut(*id) {
                kept.unsaved();
            }
        }
    }

    /// Takes bodies that were read from the disk. One that is not what was written makes its chunk
    /// one to [`forget`](History::forget).
    pub fn insert(&mut self, bodies: Vec<(ChunkKey, Body)>) {
        // What views have used stays, even beyond the budget: what one asks for now must not push
        // out what else it needs. The next sample puts that right.
        let incoming: usize = bodies.iter().map(|(_, body)| body.len()).sum();
        self.leave_memory(self.budget.memory_bytes.saturating_sub(incoming), false);
        let mut unsound = Vec::new();
        for (key, body) in bodies {
            let Some(kept) = self.series.get_mut(key.series.0 as usize).and_then(Option::as_mut)
            else {
                continue;
            };
            let Some((chunk, chunk_bytes)) = kept.chunk_mut(key.number) else { continue };
            if chunk.body.is_some() {
                continue;
            }
            let bytes = body.len();
            if chunk.set_body(body) {
                *chunk_bytes += bytes;
                self.bytes += bytes;
                self.resident.push_back(key);
            } else {
                unsound.push(key);
            }
        }
        self.forget(&unsound);
    }

    /// Forgets chunks that cannot be read from the disk any more.
    pub fn forget(&mut self, keys: &[ChunkKey]) {
        for key in keys {
            let Some(kept) = self.kept_mut(key.series) else { continue };
            let Some((at, place)) = kept.find(key.number) else { continue };
            let bytes = kept.bytes();
            kept.is_dirty = true;
            let dropped = kept.levels_mut().get_mut(at).and_then(|level| level.drop_chunk(place));
            let bytes_now = kept.bytes();
            self.bytes = self.bytes - bytes + bytes_now;
            if let Some(chunk) = dropped {
                self.note_dropped(key.series, &chunk);
            }
        }
    }

    /// The history that saved `contents`. What of them makes no sense is left out.
    pub fn restore(contents: Contents<G>, budget: Budget) -> Self {
        let mut this = Self::new(budget);
        for (id, facts) in contents.series {
            this.put_series(id, Series::restore(facts));
        }
        for (id, facts) in contents.tracks {
            this.put_track(id, Track::restore(facts));
        }
        let free = |number: &u32| this.series.get(*number as usize).is_some_and(Option::is_none);
        this.free_series = (0..this.series.len() as u32).filter(free).map(SeriesId).collect();
        let free = |number: &u32| this.tracks.get(*number as usize).is_some_and(Option::is_none);
        this.free_tracks = (0..this.tracks.len() as u32).filter(free).map(TrackId).collect();

        let mut chunks = contents.chunks;
        chunks.sort_unstable_by_key(|(key, _)| *key);
        for (key, head) in chunks {
            this.numbers = this.numbers.max(key.number + 1);
            if let Some(facts) = Facts::decode(&head)
                && let Some(kept) = this.kept_mut(key.series)
            {
                kept.restore_chunk(&facts, key.number);
                this.chunk_count += 1;
                this.disk_bytes += disk_bytes(facts.body_bytes as usize);
            }
        }
        for (id, gap) in contents.gaps {
            this.gaps_added = this.gaps_added.max(gap.id.0 + 1);
            if let Some(kept) = this.track_mut(id) {
                kept.restore_gap(gap);
            }
        }
        this.bytes = this.series.iter().flatten().map(Series::bytes).sum();
        this.fit();
        this
    }
}

/// The head of what is not part of a run.
fn loose_head(level: u8, number: u64, summary: &Summary, moments: &Moments, body: &Body) -> Head {
    Facts {
        level,
        run: number,
        summary: *summary,
        moments: *moments,
        body_bytes: body.len() as u32,
        sketch: None,
    }
    .encode()
}

/// The tail of a level as a chunk of its own.
fn tail_body(level: &Level) -> Option<(Summary, Moments, Body)> {
    let (mut builder, mut moments) = (Builder::default(), Moments::default());
    let mut whole = None::<Summary>;
    level.tail.for_each_block(&mut Columns::default(), |columns| {
        let (summary, is_plain) = Summary::of(&columns.times, &columns.arrivals, &columns.values);
        builder.add_within(usize::MAX, columns, &summary, is_plain);
        moments.join(&Moments::of(&columns.values));
        match &mut whole {
            Some(whole) => whole.join(&summary),
            None => whole = Some(summary),
        }
    });
    Some((whole?, moments, builder.body()))
}
