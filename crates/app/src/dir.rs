//! The folder in which the application keeps what outlives it.

use crate::api::Trouble;
use feedscope_feed::{Said, said};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

const SETTINGS: &str = "settings.toml";
const HISTORY: &str = "history";
const DERIVED: &str = "derived.json";
const SENT: &str = "sent.json";

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

    pub fn derived(&self) -> PathBuf {
        self.0.join(DERIVED)
    }
}

/// What was sent by hand could not be kept.
pub fn sent_unsaved(path: &Path, error: &io::Error) -> Trouble {
    let what = said!("trouble_file_unsaved", "{path} could not be saved.", path = shown(path));
    trouble("sent-unsaved", what, &error.to_string())
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
