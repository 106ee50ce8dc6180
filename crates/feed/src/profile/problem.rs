//! What is wrong with a profile: where, at what, and what to do about it.

use std::fmt;
use std::path::PathBuf;

/// One thing that is wrong with a profile.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// Where in the file it is, if the profile came from one.
    pub place: Option<Place>,
    /// The key: `sequence[0].number`; empty where it is the file as a whole.
    pub key: String,
    /// What is wrong, and what to do about it: a sentence or two.
    pub what: String,
}

/// A place in a file; both count from 1, the column in characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    pub line: usize,
    pub column: usize,
}

/// Why a file is no profile: everything that is wrong with it, as far as that can be seen at once.
/// It is shown with a line each, `FILE:LINE:COLUMN: KEY: what is wrong`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProfileErrors {
    pub file: Option<PathBuf>,
    /// At least one, by place.
    pub problems: Vec<Problem>,
}

impl Place {
    /// Where the byte at `offset` of `text` is.
    pub(super) fn of(text: &str, offset: usize) -> Self {
        let end = (0..=offset.min(text.len())).rev().find(|at| text.is_char_boundary(*at));
        let before = text.get(..end.unwrap_or(0)).unwrap_or_default();
        let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
        Place {
            line: before.matches('\n').count() + 1,
            column: before[line_start..].chars().count() + 1,
        }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(Place { line, column }) = self.place {
            write!(f, "{line}:{column}: ")?;
        }
        if !self.key.is_empty() {
            write!(f, "{}: ", self.key)?;
        }
        f.write_str(&self.what)
    }
}

impl fmt::Display for ProfileErrors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, problem) in self.problems.iter().enumerate() {
            if index > 0 {
                f.write_str("\n")?;
            }
            if let Some(file) = &self.file {
                let colon = if problem.place.is_some() { ":" } else { ": " };
                write!(f, "{}{colon}", file.display())?;
            }
            write!(f, "{problem}")?;
        }
        Ok(())
    }
}

impl std::error::Error for ProfileErrors {}
