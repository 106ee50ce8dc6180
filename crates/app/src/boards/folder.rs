//! Where boards are on the disk: one file each in the folder `boards`, and beside it which of them
//! are open. What is written is there as a whole or not at all.

use super::document::Document;
use super::format::BoardFeed;
use super::read::{self, Fit};
use super::{FILE_BYTES_MAX, FILE_END, troubles};
use crate::api::Trouble;
use crate::dir::{self, write_json};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

/// More files than anyone keeps boards.
const FILES_MAX: usize = 1_000;

/// Boards that were removed, and can be had back by hand. The oldest go first.
const REMOVED_MAX: usize = 50;

/// Which boards are open, in their order, and what each window shows: by the names of their files.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct List {
    pub open: Vec<String>,
    pub shown: BTreeMap<String, String>,
}

#[derive(Clone, Debug)]
pub(crate) struct Folder {
    boards: PathBuf,
    list: PathBuf,
    removed: PathBuf,
    /// Where the one board was that there was before there was a folder of them.
    before: PathBuf,
}

impl Folder {
    pub fn new(data: &Path) -> Self {
        let boards = data.join("boards");
        Folder {
            list: data.join("open-boards.json"),
            removed: boards.join("removed"),
            before: data.join("board.feedscope.json"),
            boards,
        }
    }

    /// The boards' files, by name. The one of before comes to the others.
    pub fn files(&self) -> Vec<PathBuf> {
        let moved = self.boards.join(self.before.file_name().unwrap_or_default());
        if self.before.is_file() && !moved.exists() {
            // Where that fails it stays, and is opened from there the next time.
            let _ = std::fs::create_dir_all(&self.boards)
                .and_then(|()| std::fs::rename(&self.before, &moved));
        }
        let Ok(entries) = std::fs::read_dir(&self.boards) else { return Vec::new() };
        let mut files: Vec<PathBuf> = entries
            .flatten()
            .map(|entry| entry.path())
            .filter(|path| file_name(path).ends_with(FILE_END) && path.is_file())
            .take(FILES_MAX)
            .collect();
        files.sort();
        files
    }

    /// The feeds of all boards in the folder that can be read.
    pub fn feeds(&self) -> Vec<BoardFeed> {
        let fits = self.files().into_iter().filter_map(|path| open(&path).ok());
        fits.flat_map(|fit| fit.document.feeds().to_vec()).collect()
    }

    /// A file of this name in the folder, and nowhere else.
    pub fn file(&self, name: &str) -> Option<PathBuf> {
        self.files().into_iter().find(|path| file_name(path) == name)
    }

    /// Where the board of this id goes, of which no other file has the name.
    pub fn new_file(&self, id: &str) -> PathBuf {
        free_file_in(&self.boards, id)
    }

    pub fn has_id(&self, id: &str) -> bool {
        self.boards.join(format!("{id}{FILE_END}")).exists()
    }

    /// `None` where there is none that can be read: then all boards are open.
    pub fn list(&self) -> Option<List> {
        let bytes = read_bounded(&self.list).ok()??;
        serde_json::from_slice(&bytes).ok()
    }

    pub fn write_list(&self, list: &List) -> io::Result<()> {
        write_json(&self.list, list)
    }

    /// Moves a board's file out of the way, to where it can be had back from.
    /// Says where that is.
    pub fn set_aside(&self, path: &Path) -> io::Result<PathBuf> {
        std::fs::create_dir_all(&self.removed)?;
        let aside = free_file_in(&self.removed, &stem(path));
        std::fs::rename(path, &aside)?;
        // The oldest is the one that was removed first, and not the one that was written first. A
        // file system that keeps no times at least does not lose this one.
        let _ = File::options()
            .append(true)
            .open(&aside)
            .and_then(|file| file.set_modified(SystemTime::now()));
        let mut removed: Vec<_> = std::fs::read_dir(&self.removed)?
            .flatten()
            .filter(|entry| entry.path() != aside)
            .filter_map(|entry| Some((entry.metadata().ok()?.modified().ok()?, entry.path())))
            .collect();
        removed.sort();
        let too_many = (removed.len() + 1).saturating_sub(REMOVED_MAX);
        for (_, path) in removed.drain(..too_many) {
            // One that stays takes a little room, and no more.
            let _ = std::fs::remove_file(path);
        }
        Ok(aside)
    }
}

/// The other way. The board is written anew in any case: it may not be there any more.
pub(crate) fn bring_back(aside: &Path, path: &Path) {
    if !path.exists() {
        let _ = std::fs::rename(aside, path);
    }
}

/// A file in `folder` that there is not yet.
fn free_file_in(folder: &Path, stem: &str) -> PathBuf {
    dir::free_name(|suffix| folder.join(format!("{stem}{suffix}{FILE_END}")))
}

pub(crate) fn file_name(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

/// What a file is called without what all boards' files are called.
pub(crate) fn stem(path: &Path) -> String {
    let name = file_name(path);
    let stem = name.strip_suffix(FILE_END).or_else(|| name.strip_suffix(".json")).unwrap_or(&name);
    stem.to_owned()
}

/// A file in `folder` that there is not yet, called after a board, and ending with `end`.
pub(crate) fn free_file(folder: &Path, name: &str, end: &str) -> PathBuf {
    let name: String = name
        .chars()
        .map(|c| if c.is_alphanumeric() || matches!(c, '-' | '_') { c } else { ' ' })
        .take(60)
        .collect();
    let name = name.split_whitespace().collect::<Vec<_>>().join(" ");
    let name = if name.is_empty() { "Board" } else { &name };
    let file = |suffix: &str| folder.join(format!("{name}{suffix}{end}"));
    let numbered = (2..=FILES_MAX).map(|number| file(&format!(" ({number})")));
    let free = std::iter::once(file("")).chain(numbered).find(|path| !path.exists());
    free.unwrap_or_else(|| file(""))
}

/// A board from its file, as far as there is one in it.
pub(crate) fn open(path: &Path) -> Result<Fit, Trouble> {
    let bytes = read_bounded(path).map_err(|error| troubles::refused(path, &error.to_string()))?;
    let bytes = bytes.ok_or_else(|| troubles::too_large(Some(path)))?;
    read::read(&bytes).map_err(|why| troubles::unreadable(path, &why))
}

/// `None` if it is larger than any board.
fn read_bounded(path: &Path) -> io::Result<Option<Vec<u8>>> {
    let mut bytes = Vec::new();
    let max = FILE_BYTES_MAX as u64;
    File::open(path)?.take(max + 1).read_to_end(&mut bytes)?;
    Ok((bytes.len() <= FILE_BYTES_MAX).then_some(bytes))
}

/// Writes a board's file. One that holds more than the board is copied before.
pub(crate) fn save(path: &Path, document: &Document, is_lossy: bool) -> Result<(), Trouble> {
    let copied = if is_lossy { keep_copy(path) } else { Ok(()) };
    copied
        .and_then(|()| write_json(path, &Value::Object(document.json().clone())))
        .map_err(|error| troubles::unsaved(path, &error.to_string()))
}

/// Writes what is no board.
pub(crate) fn write_new(path: &Path, bytes: &[u8]) -> Result<(), Trouble> {
    dir::write_bytes(path, bytes).map_err(|error| troubles::unsaved(path, &error.to_string()))
}

/// Copies a file to beside it. Not with the end that boards' files have: it is no board of its own.
fn keep_copy(path: &Path) -> io::Result<()> {
    let stem = stem(path);
    let named = |suffix: &str| path.with_file_name(format!("{stem}.feedscope.kept{suffix}.json"));
    dir::keep_copy(path, named).map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn document(name: &str) -> Document {
        read::fit(json!({ "feedscope": 2, "id": "b", "name": name })).unwrap().document
    }

    #[test]
    fn a_board_comes_back_as_it_was_saved() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("deep/er/board.feedscope.json");
        let document = document("数据 \"quoted\"");
        save(&path, &document, false).unwrap();
        let fit = open(&path).unwrap();
        assert_eq!((fit.document, fit.wrong), (document, vec![]));
    }

    #[test]
    fn what_is_no_board_is_said_and_left_as_it_is() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("b.feedscope.json");
        let deep = "[".repeat(100_000);
        let huge = " ".repeat(FILE_BYTES_MAX + 1);
        for (nonsense, code) in [
            ("", "board-unreadable"),
            ("{", "board-unreadable"),
            ("[]", "board-unreadable"),
            ("{\"name\":\"package\"}", "board-unreadable"),
            ("\u{0}", "board-unreadable"),
            (&deep, "board-unreadable"),
            (&huge, "board-too-large"),
        ] {
            std::fs::write(&path, nonsense).unwrap();
            let trouble = open(&path).unwrap_err();
            assert_eq!(trouble.code, code);
            assert!(trouble.what.contains("b.feedscope.json"), "{trouble:?}");
            assert_eq!(std::fs::read_to_string(&path).unwrap(), nonsense);
        }
        assert_eq!(open(&folder.path().join("none")).unwrap_err().code, "board-refused");
    }

    #[test]
    fn what_a_board_has_not_all_of_is_copied_before_it_is_written_over() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("b.feedscope.json");
        let kept = || -> Vec<(String, String)> {
            let entries = std::fs::read_dir(folder.path()).unwrap().flatten();
            let mut kept: Vec<_> = entries
                .map(|entry| {
                    (file_name(&entry.path()), std::fs::read_to_string(entry.path()).unwrap())
                })
                .filter(|(name, _)| name != "b.feedscope.json")
                .collect();
            kept.sort();
            kept
        };
        let one = |name: &str, text: &str| (name.to_owned(), text.to_owned());
        save(&path, &document("new"), true).unwrap();
        assert_eq!(kept(), [], "there was nothing to copy");
        for text in ["first", "second", "first"] {
            std::fs::write(&path, text).unwrap();
            save(&path, &document("new"), true).unwrap();
            save(&path, &document("newer"), false).unwrap();
        }
        assert_eq!(
            kept(),
            [one("b.feedscope.kept-2.json", "second"), one("b.feedscope.kept.json", "first")]
        );
    }

    #[cfg(unix)]
    #[test]
    fn only_the_owner_reads_a_board() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("b.json");
        save(&path, &document("b"), false).unwrap();
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    }

    #[test]
    fn what_is_removed_is_kept_for_a_while() {
        let data = tempfile::tempdir().unwrap();
        let folder = Folder::new(data.path());
        let path = folder.new_file("a");
        assert_eq!(file_name(&path), "a.feedscope.json");
        save(&path, &document("a"), false).unwrap();
        assert_eq!(file_name(&folder.new_file("a")), "a-2.feedscope.json");
        let aside = folder.set_aside(&path).unwrap();
        assert_eq!(folder.files(), [] as [PathBuf; 0]);
        bring_back(&aside, &path);
        assert_eq!(folder.files(), std::slice::from_ref(&path));
        for number in 0..REMOVED_MAX + 5 {
            let path = folder.new_file(&format!("x{number}"));
            save(&path, &document("x"), false).unwrap();
            folder.set_aside(&path).unwrap();
        }
        assert_eq!(std::fs::read_dir(&folder.removed).unwrap().count(), REMOVED_MAX);

        // One that nobody changed for long, of a name that another had.
        folder.set_aside(&path).unwrap();
        let old = SystemTime::now() - std::time::Duration::from_secs(86_400);
        save(&path, &document("another"), false).unwrap();
        File::options().append(true).open(&path).unwrap().set_modified(old).unwrap();
        let another = folder.set_aside(&path).unwrap();
        let path = folder.new_file("y");
        save(&path, &document("y"), false).unwrap();
        folder.set_aside(&path).unwrap();
        assert_eq!(open(&another).unwrap().document.name(), "another");
        assert_eq!(open(&folder.removed.join("a.feedscope.json")).unwrap().document.name(), "a");
    }
}
