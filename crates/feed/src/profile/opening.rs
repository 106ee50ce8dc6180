//! What is said once the socket is open.

use super::{Condition, Template, duration};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// A step of the opening: a message that is sent, and what it is answered with; or one that is
/// only waited for, like a server's greeting.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Opening {
    /// Values are put in as they stand inside a JSON string.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub send: Option<Template>,
    /// The message that says it was accepted; without one, nothing is waited for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub acknowledged: Option<Condition>,
    /// The message that says it was refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refused: Option<Condition>,
    /// How long it may take to be answered: `limits.answer_max` if this is not given.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "duration::option")]
    #[schemars(with = "Option<duration::Text>")]
    pub deadline: Option<Duration>,
    /// In which sessions.
    #[serde(default)]
    pub only: Only,
}

/// Which sessions.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Only {
    #[default]
    Always,
    /// Those that start from nothing.
    Fresh,
    /// Those that go on where one before them ended: `${cursor}` or `${sequence}` is known.
    Resumed,
}
