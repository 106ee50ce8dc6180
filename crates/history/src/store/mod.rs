//! A history on disk: what a [`Save`] says is written as one durable transaction, and read again
//! without its bodies, which come one by one when a view asks for them.
//!
//! A [`Store`] does not know what it keeps: names, heads and bodies are bytes to it, under a
//! checksum each, so that a flipped bit costs the one thing it is in. It is for one thread that
//! writes and any number that read.

mod base;
mod contents;
mod error;
mod file;
mod places;
mod tables;
mod writing;

pub use error::StoreError;
pub use tables::{BODY_BYTES_MAX, FORMAT};

use crate::{Body, ChunkKey, Contents, Save};
use base::Base;
use places::Places;
use redb::{ReadableDatabase as _, StorageBackend};
use serde::{Serialize, de::DeserializeOwned};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

/// How often the disk may refuse to be read until that is taken to be so everywhere: each time
/// costs opening the file anew.
const FAULTS_MAX: usize = 16;

/// A history on disk. See the [module](self).
#[derive(Debug)]
pub struct Store {
    base: Base,
    /// `None`: it does not lie in a file.
    path: Option<PathBuf>,
    /// `None` once a write failed: it is not known then what of it is on disk.
    places: Mutex<Option<Places>>,
    left_out: u64,
}

/// What was found of the bodies asked for.
#[derive(Debug, Default)]
pub struct Loaded {
    pub bodies: Vec<(ChunkKey, Body)>,
    /// Damaged, or not there: removed in the meantime, mostly. Asking again will not bring them.
    pub lost: Vec<ChunkKey>,
}

impl Store {
    /// Opens the file, or begins one. Reads all of it but for the bodies; after a crash, too.
    ///
    /// A file that is damaged is set aside under another name, with an error that says so: opened
    /// again, there is a new one.
    pub fn open<G: DeserializeOwned>(path: &Path) -> Result<(Store, Contents<G>), StoreError> {
        if file::is_condemned(path) {
            return Err(file::set_aside(path, "it could not be written any more".to_owned()));
        }
        file::begin(path)?;
        let from = path.to_owned();
        let base =
            Base::new(path, move |builder| Ok(builder.create_with_backend(file::backend(&from)?)?));
        match Self::open_base(base) {
            Ok((store, contents)) => Ok((Store { path: Some(path.to_owned()), ..store }, contents)),
            Err(StoreError::Damaged { why, .. }) => Err(file::set_aside(path, why)),
            Err(error) => Err(error),
        }
    }

    /// Opens a history that lies elsewhere than in a file. `backend` is asked again after each
    /// fault of the last.
    pub fn open_on<G: DeserializeOwned, B: StorageBackend>(
        name: &str,
        backend: impl Fn() -> io::Result<B> + Send + Sync + 'static,
    ) -> Result<(Store, Contents<G>), StoreError> {
        Self::open_base(Base::new(Path::new(name), move |builder| {
            Ok(builder.create_with_backend(backend()?)?)
        }))
    }

    fn open_base<G: DeserializeOwned>(base: Base) -> Result<(Store, Contents<G>), StoreError> {
        let found = base.with(contents::read)?;
        let store = Store {
            base,
            path: None,
            places: Mutex::new(Some(found.places)),
            left_out: found.left_out,
        };
        Ok((store, found.contents))
    }

    /// Writes it all, or nothing of it. It is on disk once this returns.
    ///
    /// After an error everything is as it was, and the next may pass: once there is room again,
    /// say.
    pub fn write<G: Serialize>(&self, save: &Save<G>) -> Result<(), StoreError> {
        let mut places = self.places.lock().unwrap_or_else(PoisonError::into_inner);
        let known = match places.take() {
            Some(known) => known,
            None => self.base.with(Places::read)?,
        };
        let changes = self
            .base
            .with(|database| writing::write(database, save, &known))
            .inspect_err(|error| {
                if let (StoreError::Damaged { .. }, Some(path)) = (error, &self.path) {
                    file::condemn(path);
                }
            })?;
        *places = Some(known.changed(changes));
        Ok(())
    }

    /// Reads bodies, while a write goes on, too: as they were before it, or as they are after.
    pub fn bodies(&self, keys: &[ChunkKey]) -> Result<Loaded, StoreError> {
        let mut loaded = Loaded::default();
        let (mut from, mut faults, mut tried) = (0, 0, None);
        while from < keys.len() {
            let read = self.base.with(|database| {
                let rows = database.begin_read()?.open_table(tables::BODIES)?;
                while let Some(key) = keys.get(from) {
                    let row = rows.get(tables::chunk(*key))?;
                    match row.as_ref().and_then(|row| tables::body(*key, row.value())) {
                        Some(body) => loaded.bodies.push((*key, body)),
                        None => loaded.lost.push(*key),
                    }
                    from += 1;
                }
                Ok(())
            });
            match (read, keys.get(from)) {
                (Ok(()), _) => {}
                (Err(error), _) if faults == FAULTS_MAX => return Err(error),
                // Cables come loose for a moment.
                (Err(_), Some(_)) if tried != Some(from) => {
                    faults += 1;
                    tried = Some(from);
                }
                (Err(_), Some(key)) => {
                    faults += 1;
                    loaded.lost.push(*key);
                    from += 1;
                }
                (Err(error), None) => return Err(error),
            }
        }
        Ok(loaded)
    }

    /// How many of the things in the file were left out when it was opened, for being damaged.
    pub fn left_out(&self) -> u64 {
        self.left_out
    }

    /// At most what it holds in memory, in bytes.
    pub fn memory_bytes(&self) -> usize {
        let places = self.places.lock().unwrap_or_else(PoisonError::into_inner);
        base::CACHE_BYTES + places.as_ref().map_or(0, Places::bytes)
    }
}
