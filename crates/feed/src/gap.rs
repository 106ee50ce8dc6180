//! What was not received.

use crate::record::{ChannelId, Time};
use serde::Serialize;

/// Why something was not received.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(export))]
pub enum Cause {
    /// There was no connection.
    Outage,
    /// The connection stood, but no data came.
    Silence,
    /// Data came, but the sequence numbers say that some of it did not.
    Missing,
    /// A message came that could not be read.
    Undecodable,
    /// A message came that was too large, or that there was no room for.
    Overflow,
}

/// A span in which something was not received.
#[derive(Clone, Debug, PartialEq)]
pub struct Gap {
    pub cause: Cause,
    /// The channel it concerns; `None` for the whole feed.
    pub channel: Option<ChannelId>,
    /// The last moment known to be whole.
    pub start: Time,
    /// The next moment known to be whole; `None` while the gap lasts.
    pub end: Option<Time>,
    /// The missing sequence numbers, first and last, where they are known.
    pub missing: Option<(u64, u64)>,
    /// What happened, in a sentence for a person.
    pub story: String,
}

impl Gap {
    /// How many messages are known to be missing.
    pub fn missing_count(&self) -> u64 {
        self.missing.map_or(0, |(first, last)| (last - first).saturating_add(1))
    }
}
