//! How a command ends: the code for scripts, and the words for people.

use std::fmt;
use std::process::ExitCode;

/// Why a command ended. Documented in docs/feedtap.md: scripts depend on the numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// As it was asked to.
    Asked = 0,
    /// Something on this computer failed: a file could not be written, say.
    Failed = 1,
    /// What was asked for makes no sense: the command line, a profile, a capture.
    Unusable = 2,
    /// The server said no, in a way that trying again would not change.
    Refused = 3,
    /// It was never live.
    Unreachable = 4,
}

/// The end of a command that did not go as it was asked to.
#[derive(Debug)]
pub struct Failure {
    pub exit: Exit,
    /// What happened, to what, and what to do.
    pub story: String,
}

impl Failure {
    pub fn failed(story: impl Into<String>) -> Self {
        Failure { exit: Exit::Failed, story: story.into() }
    }

    pub fn unusable(story: impl Into<String>) -> Self {
        Failure { exit: Exit::Unusable, story: story.into() }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        ExitCode::from(exit as u8)
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.story)
    }
}
