//! The folder in which the application keeps what outlives it.

use crate::api::Trouble;
use feedscope_feed::{Said, said};
use serde::Serialize;
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use tempfile::NamedTempFile;

const SETTINGS: &str = "settings.toml";
const HISTORY: &str = "history";
const DERIVED: &str = "derived.json";
const SENT: &str = "sent.json";
const GIVEN: &str = "secrets-given.json";

/// Files of one name that are kept beside each other.
const NUMBERS_MAX: usize = 1_000;

/// Copies that are kept of one file.
const COPIES_MAX: usize = 100;

/// Where what is kept is.
#[derive(Clone, Debug)]
pub struct DataDir(PathBuf);

impl DataDir {
    pub fn new(path: PathBuf) -> Self {
        DataDir(path)
    }

    pub fn path(&self) -> &Path {
        &self.0
    }

    pub fn settings(&self) -> PathBuf {
        self.0.join(SETTINGS)
    }

    pub fn history(&self) -> PathBuf {
        self.0.join(HISTORY)
    }

    pub fn sent(&self) -> PathBuf {
        self.0.join(SENT)
    }

    pub fn given(&self) -> PathBuf {
        self.0.join(GIVEN)
    }

    pub fn derived(&self) -> PathBuf {
        self.0.join(DERIVED)
    }
}

/// What was sent by hand could not be kept.
pub fn sent_unsaved(path: &Path, error: &io::Error) -> Trouble {
    let what = said!("trouble_file_unsaved", "{path} could not be saved.", path = shown(path));
    trouble("sent-unsaved", what, &error.to_string())
}

/// Where secrets may be sent could not be kept.
pub fn given_unsaved(path: &Path, error: &io::Error) -> Trouble {
    let what = said!("trouble_file_unsaved", "{path} could not be saved.", path = shown(path));
    trouble("given-unsaved", what, &error.to_string())
}

/// Writes a picture into `folder` under a name made of `title` and the time, never over another.
pub fn save_picture(
    folder: &Path,
    title: &str,
    extension: &str,
    bytes: &[u8],
) -> Result<PathBuf, Trouble> {
    let name: String = title
        .chars()
        .map(|c| if c.is_alphanumeric() || matches!(c, '-' | '_') { c } else { ' ' })
        .take(60)
        .collect();
    let name = name.split_whitespace().collect::<Vec<_>>().join(" ");
    let name = if name.is_empty() { "Panel" } else { &name };
    let time = chrono::Local::now().format("%Y-%m-%d %H.%M.%S");
    let named = |again: usize| {
        let suffix = if again == 1 { String::new() } else { format!(" ({again})") };
        folder.join(format!("{name} {time}{suffix}.{extension}"))
    };
    write_new(folder, named, |file| file.write_all(bytes)).map_err(|error| {
        let what =
            said!("trouble_file_unwritten", "{path} could not be written.", path = shown(folder));
        trouble("picture-unsaved", what, &error.to_string())
    })
}

/// Writes a whole file under the first name that none has, or nothing.
fn write_new(
    folder: &Path,
    named: impl Fn(usize) -> PathBuf,
    fill: impl FnOnce(&mut File) -> io::Result<()>,
) -> io::Result<PathBuf> {
    #[cfg_attr(not(unix), expect(unused_mut))]
    let mut making = tempfile::Builder::new();
    // It is for others, too, as far as the person lets them.
    #[cfg(unix)]
    making.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    let mut file = filled(folder, &making, fill)?;
    for again in 1..NUMBERS_MAX {
        let path = named(again);
        match file.persist_noclobber(&path) {
            Ok(_) => return Ok(path),
            Err(refused) if refused.error.kind() == io::ErrorKind::AlreadyExists => {
                file = refused.file;
            }
            Err(refused) => return Err(refused.error),
        }
    }
    Err(io::ErrorKind::AlreadyExists.into())
}

/// A whole file that has no name yet.
fn filled(
    folder: &Path,
    making: &tempfile::Builder<'_, '_>,
    fill: impl FnOnce(&mut File) -> io::Result<()>,
) -> io::Result<NamedTempFile> {
    fs::create_dir_all(folder)?;
    let mut file = making.tempfile_in(folder)?;
    fill(file.as_file_mut())?;
    file.as_file().sync_all()?;
    Ok(file)
}

/// Writes the whole file or leaves the old one. Only its owner may read it, since there may be
/// tokens in it.
pub(crate) fn write_bytes(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let folder = path.parent().unwrap_or(Path::new("."));
    let file = filled(folder, &tempfile::Builder::new(), |file| file.write_all(bytes))?;
    file.persist(path)?;
    Ok(())
}

/// The same, as JSON that people read.
pub(crate) fn write_json(path: &Path, content: &impl Serialize) -> io::Result<()> {
    let mut bytes = serde_json::to_vec_pretty(content)?;
    bytes.push(b'\n');
    write_bytes(path, &bytes)
}

/// The first name that no file has, of those with nothing, `-2`, `-3` … in them.
pub(crate) fn free_name(named: impl Fn(&str) -> PathBuf) -> PathBuf {
    let mut numbered = (2..=NUMBERS_MAX).map(|number| named(&format!("-{number}")));
    let plain = named("");
    if plain.exists() { numbered.find(|path| !path.exists()).unwrap_or(plain) } else { plain }
}

/// Copies a file to beside it, unless there is such a copy. `None` if there is no such file.
pub(crate) fn keep_copy(
    path: &Path,
    named: impl Fn(&str) -> PathBuf,
) -> io::Result<Option<PathBuf>> {
    let original = match fs::read(path) {
        Ok(original) => original,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
    };
    for number in 1..=COPIES_MAX {
        let copy = named(&if number == 1 { String::new() } else { format!("-{number}") });
        match fs::read(&copy) {
            Ok(kept) if kept == original => return Ok(Some(copy)),
            Ok(_) => {}
            Err(_) => return write_bytes(&copy, &original).map(|()| Some(copy)),
        }
    }
    Err(io::Error::other("there are too many copies of it already"))
}

/// Where a file is kept that was not understood.
pub(crate) fn beside(path: &Path) -> impl Fn(&str) -> PathBuf {
    move |suffix| path.with_extension(format!("unreadable{suffix}.json"))
}

/// Moves a file that was not understood, or cannot be read, out of the way of what will be written.
pub(crate) fn set_aside(path: &Path) -> io::Result<PathBuf> {
    let aside = free_name(beside(path));
    fs::rename(path, &aside)?;
    Ok(aside)
}

fn trouble(code: &'static str, what: Said, answer: &str) -> Trouble {
    let advice =
        said!("advice_file", "Check that the folder exists, may be written to, and has room.");
    Trouble::new(code, step(), what, Some(answer.into()), advice)
}

fn step() -> Said {
    said!("step_file", "File")
}

fn shown(path: &Path) -> String {
    path.display().to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pictures_never_overwrite_each_other_nor_leave_their_folder() {
        let folder = tempfile::tempdir().unwrap();
        let title = "../../CPU / by \u{202e}core";
        let first = save_picture(folder.path(), title, "png", b"1").unwrap();
        let second = save_picture(folder.path(), title, "png", b"2").unwrap();
        assert_ne!(first, second);
        assert_eq!(first.parent(), Some(folder.path()));
        assert_eq!(fs::read(first).unwrap(), b"1");
        assert_eq!(fs::read(second).unwrap(), b"2");
    }

    #[test]
    fn a_file_is_there_as_a_whole_or_not_at_all() {
        let folder = tempfile::tempdir().unwrap();
        let half = |file: &mut File| -> io::Result<()> {
            file.write_all(b"hal")?;
            Err(io::ErrorKind::StorageFull.into())
        };
        let named = |_| folder.path().join("picture");
        assert!(write_new(folder.path(), named, half).is_err());
        assert!(filled(folder.path(), &tempfile::Builder::new(), half).is_err());
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
    }

    #[test]
    fn what_was_set_aside_stays_where_it_is() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.json");
        for (text, name) in [("1", "a.unreadable.json"), ("2", "a.unreadable-2.json")] {
            fs::write(&path, text).unwrap();
            let aside = set_aside(&path).unwrap();
            assert_eq!((aside, path.exists()), (folder.path().join(name), false));
        }
        assert_eq!(fs::read_to_string(folder.path().join("a.unreadable.json")).unwrap(), "1");
        assert!(set_aside(&path).is_err());
    }
}
