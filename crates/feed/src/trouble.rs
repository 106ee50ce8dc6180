//! What went wrong between us and a feed, told to a person.

use std::fmt;

/// A failure: what happened at which step, what the other side said, and what to try.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trouble {
    /// For programs: never changes, never shown.
    pub code: &'static str,
    pub step: Step,
    /// What happened, in a sentence.
    pub what: String,
    /// What the other side said, where it said something.
    pub answer: Option<String>,
    /// What to try, in a sentence.
    pub advice: String,
}

/// The steps to a live feed, in their order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Step {
    Url,
    NameLookup,
    Connect,
    Tls,
    Handshake,
    Opening,
    /// Everything after: the life of a session.
    Session,
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Step::Url => "URL",
            Step::NameLookup => "Name lookup",
            Step::Connect => "Connection",
            Step::Tls => "TLS",
            Step::Handshake => "Handshake",
            Step::Opening => "Opening",
            Step::Session => "Session",
        })
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
