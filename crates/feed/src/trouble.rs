//! What went wrong between us and a feed, told to a person.

use crate::Said;
use crate::said;
use serde::Serialize;
use std::fmt;

/// As much of an answer, an error page say, as is worth reading.
const ANSWER_SHOWN_MAX: usize = 2_048;

/// A failure: what happened at which step, what the other side said, and what to try.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Trouble {
    /// For programs: never changes, never shown.
    pub code: &'static str,
    pub step: Step,
    /// What happened, in a sentence.
    pub what: Said,
    /// What the other side said, where it said something.
    pub answer: Option<String>,
    /// What to try, in a sentence.
    pub advice: Said,
}

/// The steps to a live feed, in their order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Step {
    Url,
    NameLookup,
    Connect,
    /// Asking a proxy for a tunnel.
    Proxy,
    Tls,
    Handshake,
    Opening,
    /// Everything after: the life of a session.
    Session,
}

/// What the other side said, cut to what is worth reading.
pub(crate) fn shown(answer: &[u8]) -> String {
    // A character that is cut at the end of this much is beyond what is shown.
    let answer = String::from_utf8_lossy(&answer[..answer.len().min(2 * ANSWER_SHOWN_MAX)]);
    let end = answer.floor_char_boundary(ANSWER_SHOWN_MAX);
    if end < answer.len() { format!("{}…", &answer[..end]) } else { answer.into_owned() }
}

impl Step {
    /// What it is called.
    pub fn said(self) -> Said {
        match self {
            Step::Url => said!("step_url", "URL"),
            Step::NameLookup => said!("step_name_lookup", "Name lookup"),
            Step::Connect => said!("step_connect", "Connection"),
            Step::Proxy => said!("step_proxy", "Proxy"),
            Step::Tls => said!("step_tls", "TLS"),
            Step::Handshake => said!("step_handshake", "Handshake"),
            Step::Opening => said!("step_opening", "Opening"),
            Step::Session => said!("step_session", "Session"),
        }
    }
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.said())
    }
}

impl fmt::Display for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.step, self.what)?;
        if let Some(answer) = &self.answer {
            write!(f, "\n{answer}")?;
        }
        write!(f, "\n{}", self.advice)
    }
}

impl std::error::Error for Trouble {}
