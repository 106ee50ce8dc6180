//! Why a history is not on disk.

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
}
