//! How messages are read, and where in them is what.

use super::{Condition, OneOrMany, Path, duration, one_or_many};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::path::PathBuf;
use std::time::Duration;

/// How messages are read, and where in them is what. Everything is optional: by itself, every
/// number, text and boolean is a field of one channel, stamped on arrival.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Decode {
    pub framing: Framing,
    pub compression: Compression,
    pub format: Format,
    /// With `format = "protobuf"`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub protobuf: Option<Protobuf>,
    /// With `format = "raw"`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub raw: Option<Raw>,
    /// Messages that come in pieces.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub chunks: Option<Chunks>,
    /// A message that is an array of messages: each of its items counts as a message.
    pub array: bool,
    /// The first of these that is in the message names its channel.
    #[serde(deserialize_with = "one_or_many", skip_serializing_if = "Vec::is_empty")]
    #[schemars(with = "OneOrMany<Path>")]
    pub channel: Vec<Path>,
    /// What a message is about within its channel: a symbol, a device. The first that is there.
    #[serde(deserialize_with = "one_or_many", skip_serializing_if = "Vec::is_empty")]
    #[schemars(with = "OneOrMany<Path>")]
    pub key: Vec<Path>,
    /// When it happened, by the sender's clock. The first that is there.
    #[serde(deserialize_with = "one_or_many", skip_serializing_if = "Vec::is_empty")]
    #[schemars(with = "OneOrMany<TimeAt>")]
    pub time: Vec<TimeAt>,
    /// Data messages name their channel by a number that an earlier message gave a meaning.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub names: Option<Names>,
    /// The first that holds says what kind of message it is. If none does, what `opening`, `heartbeat`,
    /// `closing` or `outbox` waits for is no data, and all else is: an answer that is data itself
    /// needs a rule.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub rules: Vec<Rule>,
}

/// What is around the messages.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Framing {
    /// Nothing.
    #[default]
    None,
    /// Socket.IO 4 (Engine.IO 4): an event `["name", …]` is a message, with the name as its channel
    /// unless `channel` says otherwise. The one object or array after the name is the message;
    /// anything else, or more than one, is an array of all that is after it. Where a condition has
    /// `text`, that is what stands before the JSON: `{ text = "40" }` holds when the namespace `/`
    /// is entered, which is asked for by itself, and `{ text = "44" }` when that is refused. Pings
    /// are answered. An acknowledgement (`43`) counts as one: where it is data itself, a rule has to
    /// say so.
    SocketIo,
}

/// What binary messages are compressed with. Text messages never are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Compression {
    #[default]
    None,
    Gzip,
    Zlib,
    /// Without header.
    Deflate,
    Zstd,
    /// By the first bytes of each binary message: gzip, zlib, zstd or none.
    Auto,
}

/// What binary messages are written in. Text messages are JSON, whatever this is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Format {
    #[default]
    Json,
    #[serde(rename = "messagepack")]
    MessagePack,
    Cbor,
    Protobuf,
    /// Numbers one after the other.
    Raw,
}

/// The types of Protobuf messages.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Protobuf {
    /// What `protoc --include_imports --descriptor_set_out=FILE` writes, found from the profile's
    /// folder.
    pub descriptor_set: PathBuf,
    /// The full name of the type of all messages: `package.Message`.
    pub message: String,
}

/// Numbers one after the other, in groups of as many as there are `fields`: each group is a
/// record of its own.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Raw {
    pub number: RawNumber,
    #[serde(default)]
    pub endian: Endian,
    /// The bytes before the first number.
    #[serde(default)]
    pub skip_bytes: usize,
    /// Their names, in order: one for plain samples, several where they are interleaved.
    pub fields: Vec<String>,
    /// From one group to the next: the last of a message is at its time. Without it, all are at
    /// the time of the message.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "duration::option")]
    #[schemars(with = "Option<duration::Text>")]
    pub interval: Option<Duration>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum RawNumber {
    F32,
    F64,
    I16,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Endian {
    #[default]
    Little,
    Big,
}

/// Messages that come in pieces, each of which says of what it is a piece.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Chunks {
    /// What all pieces of a message have in common.
    pub id: Path,
    /// Which piece it is, counted from `first_index`.
    pub index: Path,
    /// How many there are.
    pub total: Path,
    /// A text: the piece itself.
    pub data: Path,
    #[serde(default)]
    pub first_index: u64,
    /// How `data` is written.
    #[serde(default)]
    pub encoding: Encoding,
    /// Messages in the making, at the most; the oldest is given up for a new one.
    #[serde(default = "unfinished_max")]
    pub unfinished_max: usize,
    /// Their pieces' size together, at the most.
    #[serde(default = "chunk_bytes_max")]
    pub bytes_max: usize,
    /// How long the pieces of a message may take to come.
    #[serde(default = "chunk_wait_max", with = "duration")]
    #[schemars(with = "duration::Text")]
    pub wait_max: Duration,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Encoding {
    #[default]
    Text,
    Base64,
}

/// Where a time is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TimeAt {
    pub path: Path,
    pub unit: TimeUnit,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(rename_all = "lowercase")]
pub enum TimeUnit {
    #[serde(rename = "s")]
    Seconds,
    #[serde(rename = "ms")]
    Millis,
    #[serde(rename = "us", alias = "µs")]
    Micros,
    #[serde(rename = "ns")]
    Nanos,
    /// A text such as `2026-11-21T10:53:31.25Z`.
    Rfc3339,
}

/// A message that gives a number its meaning: `{"event":"subscribed","chanId":7,"channel":"trades",
/// "symbol":"tBTCUSD"}`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Names {
    pub when: Condition,
    /// Where in that message the number is.
    pub id: Path,
    /// Where in that message the channel's name is.
    pub channel: Path,
    /// Where in that message the key is; the first that is there.
    #[serde(default, deserialize_with = "one_or_many", skip_serializing_if = "Vec::is_empty")]
    #[schemars(with = "OneOrMany<Path>")]
    pub key: Vec<Path>,
}

/// What certain messages are.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    pub when: Condition,
    pub kind: Kind,
    /// The channel it counts as, in place of the one it names.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub channel: Option<String>,
    /// Where its key is, in place of where others have theirs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<Path>,
}

/// What a message is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    Data,
    /// Data that starts its sequence anew: its number is right, whatever came before.
    Snapshot,
    /// A sign of life. It has no data; it may have a sequence number, as may all that follow.
    Heartbeat,
    /// A yes to something that we sent, or a greeting.
    Acknowledgement,
    /// Something that the server reports as gone wrong. The session goes on, unless a rule of
    /// `closing` says otherwise.
    Error,
    /// Of no use to us.
    Ignored,
}

impl Kind {
    pub fn has_data(self) -> bool {
        matches!(self, Kind::Data | Kind::Snapshot)
    }
}

fn unfinished_max() -> usize {
    64
}

fn chunk_bytes_max() -> usize {
    64 << 20
}

fn chunk_wait_max() -> Duration {
    Duration::from_secs(30)
}
