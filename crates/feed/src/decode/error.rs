//! Why a message could not be read, for a person.

use serde_json::error::Category;
use std::borrow::Cow;
use std::fmt;

/// A message could not be read. It costs that message alone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DecodeError {
    what: What,
}

/// The profile names something that messages cannot be read with: a file, mostly.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{what} {advice}")]
pub struct SetupError {
    /// In a sentence.
    pub what: String,
    /// What to do about it, in a sentence.
    pub advice: String,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum What {
    Empty,
    NotText {
        byte: usize,
    },
    TooDeep {
        place: Place,
    },
    /// Numbers as some programs write them, but not JSON: NaN, Infinity.
    NotANumber {
        word: String,
        place: Place,
    },
    NotJson {
        what: String,
        place: Place,
    },
    /// Nobody can say why.
    Unknown,
    /// In a sentence, without its full stop.
    Other(Cow<'static, str>),
}

/// Counted from 1, in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Place {
    line: usize,
    column: usize,
}

/// How much of a message is looked at to find the word that is in the way.
const WORD_BYTES_MAX: usize = 10;

impl DecodeError {
    /// What is wrong, in a sentence without its full stop.
    pub(super) fn new(what: impl Into<Cow<'static, str>>) -> Self {
        DecodeError { what: What::Other(what.into()) }
    }

    pub(super) fn empty() -> Self {
        DecodeError { what: What::Empty }
    }

    pub(super) fn not_text(error: std::str::Utf8Error) -> Self {
        DecodeError { what: What::NotText { byte: error.valid_up_to() + 1 } }
    }

    pub(super) fn unknown() -> Self {
        DecodeError { what: What::Unknown }
    }

    pub(super) fn json(text: &str, error: &serde_json::Error) -> Self {
        let end = offset(text, error.line(), error.column());
        let place = place(text, end);
        let full = error.to_string();
        let what = full.rsplit_once(" at line ").map_or(full.as_str(), |(what, _)| what);
        let what = if what.starts_with("recursion limit") {
            What::TooDeep { place }
        } else if let Some(word) = not_a_number(text, end) {
            What::NotANumber { word: word.to_owned(), place }
        } else if error.classify() == Category::Eof {
            What::NotJson { what: "it ends too soon".to_owned(), place }
        } else {
            What::NotJson { what: what.to_owned(), place }
        };
        DecodeError { what }
    }
}

/// The byte offset after the character that serde_json counts as `line` and `column`.
fn offset(text: &str, line: usize, column: usize) -> usize {
    let line_start = match line.checked_sub(2) {
        None => 0,
        Some(nth) => {
            text.bytes().enumerate().filter(|(_, b)| *b == b'\n').nth(nth).map_or(0, |n| n.0 + 1)
        }
    };
    (line_start + column).min(text.len())
}

fn place(text: &str, end: usize) -> Place {
    let before = &text.as_bytes()[..end];
    let line_start = before.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
    Place {
        line: 1 + before.iter().filter(|byte| **byte == b'\n').count(),
        column: (end - line_start).max(1),
    }
}

/// The word around the place where an error was found, if it stands for a number that JSON does
/// not have.
fn not_a_number(text: &str, end: usize) -> Option<&str> {
    let bytes = text.as_bytes();
    let is_word = |byte: &u8| byte.is_ascii_alphabetic() || matches!(byte, b'-' | b'+');
    let at = end.saturating_sub(1);
    let before = bytes[..at].iter().rev().take(WORD_BYTES_MAX).take_while(|b| is_word(b)).count();
    let after = bytes[at..].iter().take(WORD_BYTES_MAX).take_while(|b| is_word(b)).count();
    let word = text.get(at - before..at + after)?;
    let name = word.trim_start_matches(['-', '+']);
    ["nan", "inf", "infinity"].iter().any(|not| name.eq_ignore_ascii_case(not)).then_some(word)
}

impl fmt::Display for DecodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.what {
            What::Empty => f.write_str("The message is empty"),
            What::NotText { byte } => write!(f, "Not text: invalid UTF-8 at byte {byte}"),
            What::TooDeep { place } => write!(f, "Nested too deeply, from {place} on"),
            What::NotANumber { word, place } => {
                write!(f, "Not JSON: it has no “{word}” (null says “no value”) at {place}")
            }
            What::Other(what) => f.write_str(what),
            What::NotJson { what, place } => write!(f, "Not JSON: {what} at {place}"),
            What::Unknown => f.write_str("Not JSON"),
        }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.line > 1 {
            write!(f, "line {}, ", self.line)?;
        }
        write!(f, "column {}", self.column)
    }
}

impl std::error::Error for DecodeError {}
