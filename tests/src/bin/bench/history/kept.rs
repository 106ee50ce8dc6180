//! A history with its store, run as the application runs the two, but on one thread.

use anyhow::{Context, Result, ensure};
use feedscope_history::{Absent, Budget, ChunkKey, Column, Grid, History, Sample, SeriesId, Store};
use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

/// How many samples go between two saves: what comes in two seconds at the highest rate.
const SAVE_EVERY: u64 = 2_000_000;
/// To ask again for what has just been loaded may find that it had to leave already; not for ever.
const ASKS_MAX: usize = 100;

/// What is said about gaps: anything. There are none here but those of an app, whose history this
/// may be.
type About = serde_json::Value;

/// A history, on disk.
pub struct Kept {
    pub history: History<About>,
    store: Store,
    unsaved: u64,
    /// How long writing took in all.
    pub written_in: Duration,
}

/// How long the parts of opening took.
#[derive(Clone, Copy)]
pub struct Opened {
    pub store: Duration,
    pub history: Duration,
}

impl Opened {
    pub fn in_all(&self) -> Duration {
        self.store + self.history
    }
}

impl Kept {
    pub fn open(file: &Path, budget: Budget) -> Result<(Kept, Opened)> {
        let start = Instant::now();
        let (store, contents) = Store::open(file)?;
        let store_took = start.elapsed();
        let history = History::restore(contents, budget);
        let opened = Opened { store: store_took, history: start.elapsed() - store_took };
        Ok((Kept { history, store, unsaved: 0, written_in: Duration::ZERO }, opened))
    }

    pub fn push(&mut self, series: SeriesId, samples: &[Sample]) -> Result<()> {
        for sample in samples {
            self.history.push(series, *sample);
        }
        self.unsaved += samples.len() as u64;
        if self.unsaved >= SAVE_EVERY || self.history.wants_save() {
            self.save()?;
        }
        Ok(())
    }

    pub fn save(&mut self) -> Result<()> {
        let start = Instant::now();
        if let Some(save) = self.history.save() {
            self.store.write(&save)?;
            self.history.saved(save);
        }
        self.unsaved = 0;
        self.written_in += start.elapsed();
        Ok(())
    }

    pub fn columns(&mut self, series: SeriesId, grid: &Grid, out: &mut Vec<Column>) -> Result<()> {
        self.asked(|history| {
            out.clear();
            history.columns(series, &[], grid, out)
        })
    }

    fn asked<T>(&mut self, mut ask: impl FnMut(&History<About>) -> Result<T, Absent>) -> Result<T> {
        for _ in 0..ASKS_MAX {
            match ask(&self.history) {
                Ok(answer) => return Ok(answer),
                Err(Absent(keys)) => self.load(&keys)?,
            }
        }
        anyhow::bail!("what was loaded is always gone again")
    }

    fn load(&mut self, keys: &[ChunkKey]) -> Result<()> {
        let loaded = self.store.bodies(keys)?;
        ensure!(loaded.lost.is_empty(), "{:?} are lost", loaded.lost);
        self.history.insert(loaded.bodies);
        Ok(())
    }

    /// Ends it, with all that there is saved.
    pub fn close(mut self) -> Result<()> {
        self.save()
    }
}

pub fn file_bytes(file: &Path) -> Result<u64> {
    Ok(fs::metadata(file).with_context(|| file.display().to_string())?.len())
}
