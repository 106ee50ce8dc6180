//! The file a history lies in.

use super::base::{Base, Fault};
use super::contents;
use super::error::StoreError;
use redb::backends::FileBackend;
use std::ffi::OsString;
use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

/// What is appended to the name of a file to condemn it.
const CONDEMNED: &str = ".condemned";

/// Opens the file.
pub fn backend(path: &Path) -> Result<FileBackend, Fault> {
    Ok(FileBackend::new(OpenOptions::new().read(true).write(true).open(path)?)?)
}

/// Makes a file where there is none: under another name until it is whole, so that half of one
/// is never taken for a damaged history.
pub fn begin(path: &Path) -> Result<(), StoreError> {
    if fs::metadata(path).is_ok_and(|file| file.len() > 0) {
        return Ok(());
    }
    let new = beside(path, ".new");
    let made = new.clone();
    Base::new(path, move |builder| {
        // What an end in the middle of this left.
        match fs::remove_file(&made) {
            Err(error) if error.kind() != ErrorKind::NotFound => return Err(error.into()),
            _ => {}
        }
        Ok(builder.create_with_backend(FileBackend::new(make(&made)?)?)?)
    })
    .with(contents::begin)?;
    let put = fs::rename(&new, path).and_then(|()| sync_folder_of(path));
    put.map_err(|error| StoreError::new(path, error.into()))
}

/// A file that only its owner reads.
fn make(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create_new(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        options.mode(0o600);
    }
    options.open(path)
}

/// Sees to it that the names in a folder are on the disk. Where a folder cannot be synced, the
/// file system does so by itself.
fn sync_folder_of(path: &Path) -> io::Result<()> {
    match path.parent() {
        Some(folder) if cfg!(unix) => {
            // "history" is in "", which is no name of a folder.
            let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
            File::open(folder)?.sync_all()
        }
        _ => Ok(()),
    }
}

/// Keeps a damaged file for whoever wants to look at it, out of the way of a new one. One only:
/// the file before it goes.
pub fn set_aside(path: &Path, why: String) -> StoreError {
    let path = path.to_owned();
    let now = beside(&path, ".damaged");
    match fs::rename(&path, &now) {
        Ok(()) => {
            // If it stays, the new file is set aside as well, and nothing is in it yet.
            fs::remove_file(beside(&path, CONDEMNED)).ok();
            StoreError::SetAside { path, now, why }
        }
        Err(_) => StoreError::Damaged { path, why },
    }
}

/// Has a file set aside when it is opened next: it can be read in part, but not be written.
/// Opening by itself would not find that out, since it does not read everything.
pub fn condemn(path: &Path) {
    // Where this fails, too, the next write finds it out again.
    File::create(beside(path, CONDEMNED)).ok();
}

pub fn is_condemned(path: &Path) -> bool {
    beside(path, CONDEMNED).exists()
}

fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = OsString::from(path.file_name().unwrap_or_default());
    name.push(suffix);
    path.with_file_name(name)
}
