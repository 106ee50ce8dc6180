//! The database under a store, opened anew after each fault.
//!
//! redb gives up a database for good once the system refused it anything, be it for want of room;
//! and where a file is damaged in a way that no checksum covers, it may panic. Neither may last
//! longer than its cause.

use super::error::StoreError;
use redb::{Builder, Database};
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::{PoisonError, RwLock};

/// What redb may hold of the file. Bodies that are needed again are in the history's memory; what
/// pays to be held here is the way to them, some thirty bytes each. Up to half of it takes what a
/// transaction writes.
pub const CACHE_BYTES: usize = 16 << 20;

/// What ends an operation early.
#[derive(Debug)]
pub enum Fault {
    Redb(redb::Error),
    /// What is there is not what was written.
    Damaged(String),
    /// Written by a Feedscope that knows more.
    Newer(u32),
}

impl<E: Into<redb::Error>> From<E> for Fault {
    fn from(error: E) -> Self {
        Fault::Redb(error.into())
    }
}

type Open = dyn Fn(&Builder) -> Result<Database, Fault> + Send + Sync;

pub struct Base {
    path: PathBuf,
    open: Box<Open>,
    opened: RwLock<Opened>,
}

#[derive(Default)]
struct Opened {
    /// How often it was.
    times: u64,
    /// `None` after a fault, until it is needed again.
    database: Option<Database>,
}

impl Base {
    /// `path` is for messages; `open` knows where the database is.
    pub fn new(
        path: &Path,
        open: impl Fn(&Builder) -> Result<Database, Fault> + Send + Sync + 'static,
    ) -> Self {
        Base { path: path.to_owned(), open: Box::new(open), opened: RwLock::default() }
    }

    /// Does something with the database; any number of threads may at a time.
    pub fn with<T>(
        &self,
        act: impl FnOnce(&Database) -> Result<T, Fault>,
    ) -> Result<T, StoreError> {
        loop {
            let opened = self.opened.read().unwrap_or_else(PoisonError::into_inner);
            let Some(database) = &opened.database else {
                drop(opened);
                self.open()?;
                continue;
            };
            let result = caught(|| act(database));
            let times = opened.times;
            drop(opened);
            return result.map_err(|fault| {
                if matches!(fault, Fault::Redb(_)) {
                    self.close(times);
                }
                self.error(fault)
            });
        }
    }

    fn open(&self) -> Result<(), StoreError> {
        let mut opened = self.opened.write().unwrap_or_else(PoisonError::into_inner);
        if opened.database.is_none() {
            let mut builder = Database::builder();
            builder.set_cache_size(CACHE_BYTES);
            let database = caught(|| (self.open)(&builder)).map_err(|fault| self.error(fault))?;
            opened.database = Some(database);
            opened.times += 1;
        }
        Ok(())
    }

    /// Lets go of the database that was the `times`th, unless somebody was faster.
    fn close(&self, times: u64) {
        let mut opened = self.opened.write().unwrap_or_else(PoisonError::into_inner);
        if opened.times == times {
            let database = opened.database.take();
            // What it cannot do any more on its way out is done when it is opened again.
            let _ = caught(|| {
                drop(database);
                Ok(())
            });
        }
    }

    fn error(&self, fault: Fault) -> StoreError {
        StoreError::new(&self.path, fault)
    }
}

impl Drop for Base {
    fn drop(&mut self) {
        let times = self.opened.read().unwrap_or_else(PoisonError::into_inner).times;
        self.close(times);
    }
}

impl fmt::Debug for Base {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Base").field("path", &self.path).finish_non_exhaustive()
    }
}

/// Takes a panic for what it is here: a file in which something is not as redb wrote it.
fn caught<T>(act: impl FnOnce() -> Result<T, Fault>) -> Result<T, Fault> {
    catch_unwind(AssertUnwindSafe(act)).unwrap_or_else(|panic| {
        let why = panic
            .downcast_ref::<String>()
            .map(String::as_str)
            .or_else(|| panic.downcast_ref::<&str>().copied())
            .unwrap_or("it cannot be read");
        Err(Fault::Redb(redb::Error::Corrupted(why.to_owned())))
    })
}
