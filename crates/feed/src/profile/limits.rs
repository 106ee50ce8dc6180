//! What stops a feed from taking everything, and us from overwhelming it.

use super::duration;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// What stops a feed from taking everything.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Limits {
    /// A larger message ends the session, since the rest of it cannot be skipped. Also what a
    /// compressed one may come to.
    pub message_bytes_max: usize,
    /// Fields beyond this many are counted, but not listed.
    pub fields_max: usize,
    /// For name lookup, connect, proxy, TLS and handshake: each on its own.
    #[serde(with = "duration")]
    #[schemars(with = "duration::Text")]
    pub step_max: Duration,
    /// For each message of the opening to be answered.
    #[serde(with = "duration")]
    #[schemars(with = "duration::Text")]
    pub answer_max: Duration,
}

/// How long to wait between attempts.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Backoff {
    /// The longest possible wait before the second attempt; it doubles with every further one.
    #[serde(with = "duration")]
    #[schemars(with = "duration::Text")]
    pub first: Duration,
    /// What the doubling stops at.
    #[serde(with = "duration")]
    #[schemars(with = "duration::Text")]
    pub max: Duration,
    /// How long a session must have been live before the doubling starts over.
    #[serde(with = "duration")]
    #[schemars(with = "duration::Text")]
    pub uptime_min: Duration,
}

/// Messages that the user or the app sends.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Outbox {
    /// What becomes of them while the feed is not live.
    pub offline: Offline,
    /// How many may wait; with `keep`, what comes on top is refused, and whoever sent it is told.
    pub messages_max: usize,
    /// How large they may be together.
    pub bytes_max: usize,
    /// How long one may wait; after that it is dropped, and whoever sent it is told.
    #[serde(with = "duration")]
    #[schemars(with = "duration::Text")]
    pub wait_max: Duration,
    /// How many are sent in a second, at the most; 0 for as many as there are. Pings and answers
    /// to pings count, but do not wait.
    pub per_second_max: u32,
    /// Where a message that we send, and the answer to it, have the same value.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub acknowledgement: Option<Acknowledgement>,
}

/// How a message that was sent and its answer know each other.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Acknowledgement {
    /// Where in a message that we send its id is.
    pub sent: super::Path,
    /// Where in the answer that id is.
    pub answer: super::Path,
    /// Holds for an answer that is a no.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refused: Option<super::Condition>,
    /// How long the answer may take.
    #[serde(default = "answer_max", with = "duration")]
    #[schemars(with = "duration::Text")]
    pub answer_max: Duration,
}

/// What becomes of messages to be sent while the feed is not live.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Offline {
    /// They wait, and are sent in their order after the opening.
    #[default]
    Keep,
    /// They are dropped, and whoever sent them is told.
    Drop,
}

fn answer_max() -> Duration {
    Duration::from_secs(10)
}

impl Default for Limits {
    fn default() -> Self {
        Limits {
            // Larger than any message of a feed seen so far, smaller than what hurts.
            message_bytes_max: 64 << 20,
            fields_max: 10_000,
            step_max: Duration::from_secs(10),
            answer_max: Duration::from_secs(10),
        }
    }
}

impl Default for Backoff {
    fn default() -> Self {
        Backoff {
            first: Duration::from_millis(500),
            max: Duration::from_secs(30),
            uptime_min: Duration::from_secs(10),
        }
    }
}

impl Default for Outbox {
    fn default() -> Self {
        Outbox {
            offline: Offline::Keep,
            messages_max: 1_000,
            bytes_max: 16 << 20,
            wait_max: Duration::from_secs(60),
            per_second_max: 0,
            acknowledgement: None,
        }
    }
}
