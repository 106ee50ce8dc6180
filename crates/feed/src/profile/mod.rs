//! What a feed is: where it is, how it opens, and where in its messages the numbers are.
//!
//! A profile holds no code and no state, so that a feed can be described in a file.

mod path;

pub use path::{Path, PathError, Step};

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::time::Duration;

/// Everything there is to know about a feed before dialling it.
#[derive(Clone, Debug, PartialEq)]
pub struct Profile {
    /// What people call it.
    pub name: String,
    /// `ws://` or `wss://`. May hold a token, so it is not for display: see [`Profile::shown_url`].
    pub url: String,
    /// Sent with the handshake, beside those that the protocol needs.
    pub headers: BTreeMap<String, String>,
    /// Sent in order once the socket is open, each waiting for the answer that it names.
    pub opening: Vec<Opening>,
    pub liveness: Liveness,
    pub backoff: Backoff,
    pub decode: Decode,
    pub sequence: Sequence,
    pub limits: Limits,
}

/// A message of the opening, and what it is answered with.
#[derive(Clone, Debug, PartialEq)]
pub struct Opening {
    pub send: String,
    /// The message that says it was accepted; `None` does not wait for one.
    pub acknowledged: Option<Condition>,
    /// The message that says it was refused.
    pub refused: Option<Condition>,
}

/// Holds for a message whose value at `path` is `equals`, or has any value if that is `None`.
#[derive(Clone, Debug, PartialEq)]
pub struct Condition {
    pub path: Path,
    pub equals: Option<String>,
}

/// When a connection that stands counts as dead.
#[derive(Clone, Debug, PartialEq)]
pub struct Liveness {
    /// A WebSocket ping is sent when nothing has come in for this long.
    pub ping_after: Duration,
    /// The connection is given up when nothing at all has come in for this long.
    pub idle_max: Duration,
    /// The feed counts as stale when no data has come in for this long.
    pub data_max: Option<Duration>,
    /// A stale connection is given up after this long without data.
    pub data_give_up: Option<Duration>,
}

/// How long to wait between attempts.
#[derive(Clone, Debug, PartialEq)]
pub struct Backoff {
    /// The longest possible wait before the second attempt; it doubles with every further one.
    pub first: Duration,
    /// What the doubling stops at.
    pub max: Duration,
    /// How long a session must have been live before the doubling starts over.
    pub uptime_min: Duration,
}

/// Where in a message is what. All paths are optional: without any, every number is a field of
/// one channel, stamped on arrival.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Decode {
    /// The first of these that is in the message names its channel.
    pub channel: Vec<Path>,
    pub key: Option<Path>,
    pub sequence: Option<Path>,
    pub time: Option<(Path, TimeUnit)>,
    /// The first that holds says what kind of message it is; data if none does.
    pub rules: Vec<Rule>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Rule {
    pub when: Condition,
    pub kind: Kind,
    /// The channel it counts as, in place of the one it names.
    pub channel: Option<String>,
}

/// What a message is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    Data,
    /// Data that starts its sequence anew: its number is right, whatever came before.
    Snapshot,
    /// Heartbeats, acknowledgements, greetings: it has no data. It may have a sequence number.
    Control,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum TimeUnit {
    Seconds,
    Millis,
    Micros,
    Nanos,
}

/// How the sequence numbers run.
#[derive(Clone, Debug, PartialEq)]
pub struct Sequence {
    pub rule: SequenceRule,
    pub scope: Scope,
    /// Whether the numbers go on over a reconnect, so that what was sent in between is known to
    /// be missing. If not, they start anew with every session.
    pub continues: bool,
    /// How many messages are held back for an earlier one that may still come.
    pub held_max: usize,
    /// How long the first of them is held back.
    pub wait_max: Duration,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SequenceRule {
    /// There are no numbers: messages are taken as they come.
    None,
    /// Each number is the one before plus one.
    Increment,
}

/// What has a sequence of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Scope {
    Connection,
    Channel,
    Key,
}

/// What stops a feed from taking everything.
#[derive(Clone, Debug, PartialEq)]
pub struct Limits {
    /// A larger message ends the session, since the rest of it cannot be skipped.
    pub message_bytes_max: usize,
    /// Fields beyond this many are counted, but not listed.
    pub fields_max: usize,
    /// For name lookup, connect, TLS and handshake: each on its own.
    pub step_max: Duration,
    /// For each message of the opening to be answered.
    pub answer_max: Duration,
}

impl Profile {
    /// The profile of a feed of which only the URL is known.
    pub fn from_url(url: &str) -> Self {
        Profile {
            name: host_of(url).unwrap_or(url).to_owned(),
            url: url.to_owned(),
            headers: BTreeMap::new(),
            opening: Vec::new(),
            liveness: Liveness::default(),
            backoff: Backoff::default(),
            decode: Decode { channel: usual_channels(), ..Decode::default() },
            sequence: Sequence::default(),
            limits: Limits::default(),
        }
    }

    /// The URL without what may be secret: user, password, query and fragment.
    pub fn shown_url(&self) -> String {
        match url::Url::parse(&self.url) {
            Ok(mut url) => {
                // A URL that has no host refuses these, and has nothing to hide there.
                let _ = url.set_username("");
                let _ = url.set_password(None);
                url.set_query(None);
                url.set_fragment(None);
                url.to_string()
            }
            Err(_) => self.url.split(['?', '#']).next().unwrap_or_default().to_owned(),
        }
    }
}

/// The names under which feeds say what channel a message is of, by how specific they are.
fn usual_channels() -> Vec<Path> {
    ["channel", "stream", "topic", "feed", "table", "ch", "event", "type", "e", "op"]
        .into_iter()
        .map(Path::key)
        .collect()
}

fn host_of(url: &str) -> Option<&str> {
    let rest = url.split_once("://")?.1;
    let authority = rest.split(['/', '?', '#']).next()?;
    let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    (!host.is_empty()).then_some(host)
}

impl Default for Liveness {
    fn default() -> Self {
        Liveness {
            ping_after: Duration::from_secs(10),
            idle_max: Duration::from_secs(25),
            // Many feeds are quiet at night: staleness is shown, but not acted on.
            data_max: Some(Duration::from_secs(60)),
            data_give_up: None,
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

impl Default for Sequence {
    fn default() -> Self {
        Sequence {
            rule: SequenceRule::None,
            scope: Scope::Connection,
            continues: false,
            held_max: 1_024,
            wait_max: Duration::from_millis(250),
        }
    }
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
