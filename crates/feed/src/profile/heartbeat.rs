//! Signs of life: those we give, those we wait for.

use super::{Condition, Path, Template, TimeUnit, duration};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// When a connection that stands counts as dead, and what keeps it alive.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Heartbeat {
    /// A WebSocket ping is sent when nothing has come in for this long.
    #[serde(with = "duration")]
    #[schemars(with = "duration::Text")]
    pub ping_after: Duration,
    /// The connection is given up when nothing at all has come in for this long.
    #[serde(with = "duration")]
    #[schemars(with = "duration::Text")]
    pub idle_max: Duration,
    /// The feed counts as stale when no data has come in for this long; `none` for never.
    #[serde(with = "duration::or_none")]
    #[schemars(with = "duration::TextOrNone")]
    pub data_max: Option<Duration>,
    /// A connection without data for this long is given up; `none` for never.
    #[serde(with = "duration::or_none")]
    #[schemars(with = "duration::TextOrNone")]
    pub data_give_up: Option<Duration>,
    /// A ping of the feed's own kind.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ping: Option<Ping>,
    /// What the server's pings of its own kind are answered with. WebSocket pings are always
    /// answered.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub answers: Vec<Answer>,
}

/// A ping in messages, beside that of the WebSocket protocol.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Ping {
    pub send: Template,
    /// From one to the next. They start when the session is live.
    #[serde(with = "duration")]
    #[schemars(with = "duration::Text")]
    pub every: Duration,
    /// Where a message of the server says how long that is; it counts instead of `every`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub interval: Option<Interval>,
    /// What it is answered with. Any message is a sign of life; but where this is given and does
    /// not come, the connection is given up.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answered: Option<Condition>,
    /// How long the answer may take.
    #[serde(default = "answer_max", with = "duration")]
    #[schemars(with = "duration::Text")]
    pub answer_max: Duration,
    /// The first is sent after a random part of the interval, so that not all who lost the same
    /// server ping it in the same moment.
    #[serde(default)]
    pub first_is_random: bool,
}

/// Where a message says how often to ping.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Interval {
    pub path: Path,
    pub unit: TimeUnit,
}

/// What a message of the server is answered with.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Answer {
    pub when: Condition,
    /// `${message:path}` is what the message has there.
    pub send: Template,
}

fn answer_max() -> Duration {
    Duration::from_secs(10)
}

impl Default for Heartbeat {
    fn default() -> Self {
        Heartbeat {
            ping_after: Duration::from_secs(10),
            idle_max: Duration::from_secs(25),
            // Many feeds are quiet at night: staleness is shown, but not acted on.
            data_max: Some(Duration::from_secs(60)),
            data_give_up: None,
            ping: None,
            answers: Vec::new(),
        }
    }
}
