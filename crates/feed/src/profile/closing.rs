//! What the end of a session means, and how we end one.

use super::{Condition, duration};
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// What the end of a session means, and how we end one.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Closing {
    /// The code that we close with when we are done.
    pub code: u16,
    /// The code that we close with when we mean to come back and go on: some servers forget a
    /// session that ends with 1000 or 1001.
    pub resume_code: u16,
    /// The first that holds says what to do. If none does: 1008, 1010, 1015, and any status of the
    /// handshake but 408, 425, 429 and 5xx, stop; all else is tried again.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub rules: Vec<ClosingRule>,
}

/// What one kind of end means. It holds if any of its `codes`, `statuses` or its `message` does.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClosingRule {
    /// The server closed with one of these: `4004`, or a range, `"4010-4014"`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub codes: Vec<Codes>,
    /// The handshake was answered with one of these HTTP statuses.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub statuses: Vec<Codes>,
    /// A message like this came, at any time: the session is ended with `resume_code`, or `code`
    /// where that means to stop.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<Condition>,
    pub then: Then,
    /// With `retry-after`: the wait, at the least.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "duration::option")]
    pub after: Option<Duration>,
    /// The next session starts from nothing: cursor and sequence are forgotten.
    #[serde(default)]
    pub fresh: bool,
    /// What it means, in a sentence for a person.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub because: Option<String>,
}

/// What to do next.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Then {
    /// Try again after the usual wait.
    Retry,
    /// Try again at once; after the usual wait if that ends the same way.
    RetryNow,
    /// Try again, but not before `after` has passed.
    RetryAfter,
    /// Trying again would give the same answer, or do harm.
    Stop,
}

/// One code, or all from the first to the last.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "WrittenCodes", into = "WrittenCodes")]
pub struct Codes {
    pub first: u16,
    pub last: u16,
}

impl Codes {
    pub fn one(code: u16) -> Self {
        Codes { first: code, last: code }
    }

    pub fn contains(self, code: u16) -> bool {
        (self.first..=self.last).contains(&code)
    }
}

#[derive(Serialize, Deserialize)]
#[serde(untagged)]
pub(super) enum WrittenCodes {
    One(u16),
    Range(String),
}

impl TryFrom<WrittenCodes> for Codes {
    type Error = String;

    fn try_from(written: WrittenCodes) -> Result<Self, Self::Error> {
        let text = match written {
            WrittenCodes::One(code) => return Ok(Codes::one(code)),
            WrittenCodes::Range(text) => text,
        };
        let (first, last) = text.split_once('-').unwrap_or((&text, &text));
        match (first.trim().parse(), last.trim().parse()) {
            (Ok(first), Ok(last)) if first <= last => Ok(Codes { first, last }),
            _ => Err(format!("“{text}” is neither a code, like 4004, nor a range, like 4010-4014")),
        }
    }
}

impl From<Codes> for WrittenCodes {
    fn from(codes: Codes) -> Self {
        if codes.first == codes.last {
            WrittenCodes::One(codes.first)
        } else {
            WrittenCodes::Range(format!("{}-{}", codes.first, codes.last))
        }
    }
}

impl Default for Closing {
    fn default() -> Self {
        Closing { code: 1000, resume_code: 1000, rules: Vec::new() }
    }
}
