//! How sequence numbers run, and what is done where one is missing.

use super::{Path, Template, duration};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// How the sequence numbers of certain channels run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Sequence {
    /// The channels it is for; all that no other sequence before it is for, if this is empty.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub channels: Vec<String>,
    pub rule: SequenceRule,
    #[serde(default)]
    pub scope: Scope,
    /// Where the number is; with `range`, the last one that the message stands for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub number: Option<Path>,
    /// With `range`: where the first number is that the message stands for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first: Option<Path>,
    /// With `previous`: where the number of the message before it is. A message that has none, or
    /// a negative one, is a snapshot.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub previous: Option<Path>,
    /// Whether the numbers go on over a reconnect, so that what was sent in between is known to
    /// be missing. If not, they start anew with every session.
    #[serde(default)]
    pub continues: bool,
    /// How many messages are held back for an earlier one that may still come.
    #[serde(default = "held_max")]
    pub held_max: usize,
    /// How much memory they may take.
    #[serde(default = "held_bytes_max")]
    pub held_bytes_max: usize,
    /// How long the first of them is held back.
    #[serde(default = "wait_max", with = "duration")]
    #[schemars(with = "duration::Text")]
    pub wait_max: Duration,
    /// What is done about a gap, beside telling of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub on_gap: Option<OnGap>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(rename_all = "kebab-case")]
pub enum SequenceRule {
    /// There are no numbers: messages are taken as they come.
    None,
    /// Each number is the one before plus one.
    Increment,
    /// Each message stands for all numbers from `first` to `number`, and the next one's `first` is
    /// its `number` plus one.
    Range,
    /// Each message says in `previous` which number the one before it had.
    Previous,
    /// Numbers rise, but not by one: order shows, and gaps do not.
    Sparse,
}

/// What has a sequence of its own.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(rename_all = "kebab-case")]
pub enum Scope {
    #[default]
    Connection,
    Channel,
    /// Each key of each channel.
    Key,
}

/// What is done about a gap. `${channel}` and `${key}` say where it is, `${first}` and `${last}`
/// which numbers did not come.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct OnGap {
    pub action: GapAction,
    /// Sent in this order.
    pub send: Vec<Template>,
    /// From one request to the next of the same scope, at the least; what is missing in between is
    /// asked for together, afterwards.
    #[serde(default = "ask_every", with = "duration")]
    #[schemars(with = "duration::Text")]
    pub every: Duration,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum GapAction {
    /// Asks for a snapshot, from which on the sequence is whole again.
    Resync,
    /// Asks for what is missing. It comes late, and takes its place in the history.
    Replay,
}

/// How a session goes on where the one before it ended: by `${cursor}` or `${sequence}` in the
/// URL's query or in an opening message.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Resume {
    /// Where in a data message the cursor is. Without it, `${sequence}` is known alone: the last
    /// number of a sequence whose scope is the connection.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cursor: Option<Path>,
    /// How far before the last one to start again, in the cursor's own unit, if it is a number:
    /// what then comes a second time is dropped as a duplicate.
    #[serde(default)]
    pub rewind: u64,
}

fn held_max() -> usize {
    1_024
}

fn held_bytes_max() -> usize {
    64 << 20
}

fn wait_max() -> Duration {
    Duration::from_millis(250)
}

fn ask_every() -> Duration {
    Duration::from_secs(5)
}

impl Sequence {
    /// One for all channels, with its number at `number`.
    pub fn new(rule: SequenceRule, scope: Scope, number: Path) -> Self {
        Sequence {
            channels: Vec::new(),
            rule,
            scope,
            number: Some(number),
            first: None,
            previous: None,
            continues: false,
            held_max: held_max(),
            held_bytes_max: held_bytes_max(),
            wait_max: wait_max(),
            on_gap: None,
        }
    }
}
