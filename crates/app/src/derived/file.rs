//! The file in which derived series are kept.

use crate::api::{DerivedSeries, Trouble};
use crate::dir;
use feedscope_feed::{Said, said};
use serde::{Deserialize, Serialize};
use std::io;
use std::path::Path;

/// A file that is larger is none of ours.
const BYTES_MAX: u64 = 4 << 20;

/// As it is in a file, and can be part of another.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Document {
    #[serde(default)]
    derived: Vec<serde_json::Value>,
}

/// The series in `path`, none where there is no file. What cannot be read of it costs only itself,
/// and is said; then the file is kept beside what will be written.
pub(crate) fn load(path: &Path) -> (Vec<DerivedSeries>, Option<Trouble>) {
    let read = std::fs::metadata(path).and_then(|file| {
        if file.len() > BYTES_MAX {
            return Err(io::Error::other("it is too large"));
        }
        std::fs::read(path)
    });
    let (read, mut answer) = match read {
        Ok(bytes) => match serde_json::from_slice::<Document>(&bytes) {
            Ok(document) => (document.derived, None),
            Err(error) => (Vec::new(), Some(error.to_string())),
        },
        Err(error) if error.kind() == io::ErrorKind::NotFound => return (Vec::new(), None),
        Err(error) => (Vec::new(), Some(error.to_string())),
    };
    let is_read = answer.is_none();
    let mut list = Vec::new();
    for value in read {
        match DerivedSeries::deserialize(&value) {
            Ok(series) => list.push(series),
            Err(error) => answer = answer.or_else(|| Some(error.to_string())),
        }
    }
    let trouble = answer.map(|answer| {
        // What can be read of it stays in its place.
        let aside = if is_read { dir::keep_copy(path, dir::beside(path)) } else { Ok(None) };
        let aside = aside.and_then(|aside| aside.map_or_else(|| dir::set_aside(path), Ok));
        let advice = match aside {
            Ok(aside) => said!(
                "advice_derived_aside",
                "It is kept as {path}. The others are there.",
                path = shown(&aside),
            ),
            Err(_) => {
                said!("advice_derived_unread", "Look into the file before you change any of them.")
            }
        };
        let what = said!(
            "trouble_derived_unread",
            "{path} holds derived series that cannot be read.",
            path = shown(path),
        );
        Trouble::new("derived-unreadable", step(), what, Some(answer), advice)
    });
    (list, trouble)
}

/// Writes the whole file or leaves the old one.
pub(crate) fn save(path: &Path, list: &[DerivedSeries]) -> Result<(), Trouble> {
    let written = dir::write_json(path, &serde_json::json!({ "derived": list }));
    written.map_err(|error| {
        let what = said!("trouble_file_unsaved", "{path} could not be saved.", path = shown(path));
        let advice =
            said!("advice_file", "Check that the folder exists, may be written to, and has room.");
        Trouble::new("derived-unsaved", step(), what, Some(error.to_string()), advice)
    })
}

fn step() -> Said {
    said!("step_file", "File")
}

fn shown(path: &Path) -> String {
    path.display().to_string()
}
