//! The file a history lies in.

use super::error::StoreError;
use redb::backends::FileBackend;
use std::ffi::OsString;
use std::fs::{self, OpenOptions};
use std::io;
use std::path::Path;

/// Opens the file, or makes one that only its owner reads.
pub fn backend(path: &Path) -> io::Result<FileBackend> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        options.mode(0o600);
    }
    FileBackend::new(options.open(path)?).map_err(io::Error::other)
}

/// Keeps a damaged file for whoever wants to look at it, out of the way of a new one. One only:
/// the file before it goes.
pub fn set_aside(path: &Path, why: String) -> StoreError {
    let path = path.to_owned();
    let mut name = OsString::from(path.file_name().unwrap_or_default());
    name.push(".damaged");
    let now = path.with_file_name(name);
    match fs::rename(&path, &now) {
        Ok(()) => StoreError::SetAside { path, now, why },
        Err(_) => StoreError::Damaged { path, why },
    }
}
