//! Why a history is not on disk, and what to do about it.

use super::base::Fault;
use redb::Error;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    #[error("the history in {} is already open", path.display())]
    InUse { path: PathBuf },
    #[error(
        "the history in {} is of a newer Feedscope: of format {found}, where this one knows {known}",
        path.display()
    )]
    Newer { path: PathBuf, found: u32, known: u32 },
    #[error("the history in {} was damaged ({why}), and is now in {}", path.display(), now.display())]
    SetAside { path: PathBuf, now: PathBuf, why: String },
    #[error("the history in {} is damaged: {why}", path.display())]
    Damaged { path: PathBuf, why: String },
    #[error("there is no room for the history in {}: {error}", path.display())]
    Full { path: PathBuf, error: io::Error },
    #[error("the history in {} cannot be read or written: {error}", path.display())]
    Refused { path: PathBuf, error: Box<dyn std::error::Error + Send + Sync> },
}

impl StoreError {
    pub(super) fn new(path: &Path, fault: Fault) -> Self {
        let path = path.to_owned();
        let error = match fault {
            Fault::Newer(found) => {
                return StoreError::Newer { path, found, known: super::FORMAT };
            }
            Fault::Damaged(why) => return StoreError::Damaged { path, why },
            Fault::Redb(error) => error,
        };
        match error {
            Error::DatabaseAlreadyOpen | Error::LockProtocolMismatch => StoreError::InUse { path },
            Error::Io(error) => match error.kind() {
                ErrorKind::StorageFull | ErrorKind::QuotaExceeded | ErrorKind::FileTooLarge => {
                    StoreError::Full { path, error }
                }
                // Neither is a disk's: a file too short, or none of redb's.
                ErrorKind::InvalidData | ErrorKind::UnexpectedEof => {
                    StoreError::Damaged { path, why: error.to_string() }
                }
                _ => StoreError::Refused { path, error: error.into() },
            },
            Error::PreviousIo | Error::DatabaseClosed | Error::LockPoisoned(_) => {
                StoreError::Refused { path, error: error.into() }
            }
            error => StoreError::Damaged { path, why: error.to_string() },
        }
    }

    /// What to do about it, in a sentence or two.
    pub fn advice(&self) -> String {
        match self {
            StoreError::InUse { .. } => {
                "Close the other Feedscope and start this one again. Until then its history is \
                 kept in memory only."
                    .to_owned()
            }
            StoreError::Newer { path, .. } => format!(
                "Install the newer Feedscope again, or move {} elsewhere to begin a new history. \
                 Until then it is kept in memory only.",
                path.display()
            ),
            StoreError::SetAside { now, .. } => format!(
                "A new history has begun. If you need no part of the old one, delete {}. Damage \
                 like this mostly comes from the disk: look whether it is sound.",
                now.display()
            ),
            StoreError::Damaged { .. } => {
                "Start Feedscope again: it then sets the file aside and begins a new one. Damage \
                 like this mostly comes from the disk: look whether it is sound."
                    .to_owned()
            }
            StoreError::Full { .. } => {
                "Make room on that disk, or let the history have less of it in the settings. \
                 Until then it is kept in memory only."
                    .to_owned()
            }
            StoreError::Refused { path, .. } => format!(
                "See to it that {} can be read and written. Until then the history is kept in \
                 memory only.",
                path.display()
            ),
        }
    }
}
