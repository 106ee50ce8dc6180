//! The folder in which the application keeps what outlives it.

use crate::api::{Board, Trouble};
use crate::board;
use feedscope_feed::{Said, said};
use serde::de::Error as _;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// The board that is opened when none is named.
const BOARD: &str = "board.feedscope.json";
const SETTINGS: &str = "settings.toml";
const HISTORY: &str = "history";
const DERIVED: &str = "derived.json";

/// Where boards are, and how they get there.
#[derive(Clone, Debug)]
pub struct DataDir(PathBuf);

impl DataDir {
    pub fn new(path: PathBuf) -> Self {
        DataDir(path)
    }

    pub fn default_board(&self) -> PathBuf {
        self.0.join(BOARD)
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

    pub fn derived(&self) -> PathBuf {
        self.0.join(DERIVED)
    }
}

/// The board in `path`; the one of this computer where there is none. One that cannot be read is
/// kept beside it under another name, and said.
pub fn load_board(path: &Path) -> (Board, Option<Trouble>) {
    let text = match std::fs::read(path) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            return (board::this_computer(), None);
        }
        Err(error) => {
            let what =
                said!("trouble_file_unread", "{path} could not be read.", path = shown(path));
            let trouble = trouble("board-unreadable", what, &error.to_string());
            return (board::this_computer(), Some(trouble));
        }
    };
    let read = serde_json::from_slice::<Board>(&text).and_then(|board| {
        if board.feedscope > board::VERSION {
            return Err(serde_json::Error::custom(format!(
                "it is of version {}, and this Feedscope knows up to {}",
                board.feedscope,
                board::VERSION
            )));
        }
        Ok(board)
    });
    match read {
        Ok(board) => (board::repaired(board), None),
        Err(error) => {
            let aside = path.with_extension("unreadable.json");
            let what = said!("trouble_no_board", "{path} is not a board.", path = shown(path));
            let trouble = if std::fs::rename(path, &aside).is_ok() {
                let advice = said!(
                    "advice_board_aside",
                    "It is kept as {path}. A new board was started.",
                    path = shown(&aside),
                );
                let answer = Some(error.to_string());
                Trouble::new("board-unreadable", step(), what, answer, advice)
            } else {
                trouble("board-unreadable", what, &error.to_string())
            };
            (board::this_computer(), Some(trouble))
        }
    }
}

/// Writes the whole file or leaves the old one: a board is never half there. Only its owner may
/// read it, since a feed's URL can hold a token.
pub fn save_board(path: &Path, board: &Board) -> Result<(), Trouble> {
    let write = || -> io::Result<()> {
        let folder = path.parent().unwrap_or(Path::new("."));
        std::fs::create_dir_all(folder)?;
        let mut file = tempfile::NamedTempFile::new_in(folder)?;
        serde_json::to_writer_pretty(&mut file, board)?;
        file.write_all(b"\n")?;
        file.as_file().sync_all()?;
        file.persist(path)?;
        Ok(())
    };
    write().map_err(|error| {
        let what = said!("trouble_file_unsaved", "{path} could not be saved.", path = shown(path));
        trouble("board-unsaved", what, &error.to_string())
    })
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
    let write = || -> io::Result<PathBuf> {
        std::fs::create_dir_all(folder)?;
        for again in 1..1_000 {
            let suffix = if again == 1 { String::new() } else { format!(" ({again})") };
            let path = folder.join(format!("{name} {time}{suffix}.{extension}"));
            match std::fs::OpenOptions::new().write(true).create_new(true).open(&path) {
                Ok(mut file) => {
                    file.write_all(bytes)?;
                    return Ok(path);
                }
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                Err(error) => return Err(error),
            }
        }
        Err(io::ErrorKind::AlreadyExists.into())
    };
    write().map_err(|error| {
        let what =
            said!("trouble_file_unwritten", "{path} could not be written.", path = shown(folder));
        trouble("picture-unsaved", what, &error.to_string())
    })
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
    fn a_board_comes_back_as_it_was_saved() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("deep/er/board.feedscope.json");
        let mut board = board::this_computer();
        board.name = "数据 \"quoted\"".into();
        board.layout = serde_json::json!({ "grid": [1, 2, 3] });
        save_board(&path, &board).unwrap();
        assert_eq!(load_board(&path), (board, None));
    }

    #[test]
    fn nonsense_is_kept_aside_and_said() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("board.feedscope.json");
        for nonsense in ["", "{", "[]", "{\"feedscope\": 99}", "{\"feedscope\":1}", "\u{0}"] {
            std::fs::write(&path, nonsense).unwrap();
            let (board, trouble) = load_board(&path);
            assert_eq!(board, board::this_computer());
            let trouble = trouble.unwrap();
            assert_eq!(trouble.code, "board-unreadable");
            assert!(trouble.advice.contains("board.feedscope.unreadable.json"), "{trouble:?}");
            let aside = folder.path().join("board.feedscope.unreadable.json");
            assert_eq!(std::fs::read_to_string(aside).unwrap(), nonsense);
        }
    }

    #[test]
    fn a_board_of_the_future_says_so() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("b.json");
        let board = Board { feedscope: board::VERSION + 1, ..board::this_computer() };
        save_board(&path, &board).unwrap();
        let (_, trouble) = load_board(&path);
        let answer = trouble.unwrap().answer.unwrap();
        assert!(
            answer.starts_with("it is of version 2, and this Feedscope knows up to 1"),
            "{answer}"
        );
    }

    #[cfg(unix)]
    #[test]
    fn only_the_owner_reads_a_board() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("b.json");
        save_board(&path, &board::this_computer()).unwrap();
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    }

    #[test]
    fn pictures_never_overwrite_each_other_nor_leave_their_folder() {
        let folder = tempfile::tempdir().unwrap();
        let title = "../../CPU / by \u{202e}core";
        let first = save_picture(folder.path(), title, "png", b"1").unwrap();
        let second = save_picture(folder.path(), title, "png", b"2").unwrap();
        assert_ne!(first, second);
        assert_eq!(first.parent(), Some(folder.path()));
        assert_eq!(std::fs::read(first).unwrap(), b"1");
        assert_eq!(std::fs::read(second).unwrap(), b"2");
    }
}
