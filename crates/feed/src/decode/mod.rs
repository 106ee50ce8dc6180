//! Turns messages into records, in one pass over their bytes and without a tree of them in memory.
//!
//! Every number of a message is a field, named by its path: `data.bids[0][1]`. So is a string that
//! is a number from end to end (`"64000.12"`). Not so what serves as the message's key, sequence
//! number or time, or as the name of its channel; and of an array only the first
//! [`ITEMS_MAX`] items. A message that is nothing but a number has the one field `value`.
//!
//! Messages are untrusted: what is remembered of them is bounded, and what is beyond the bounds is
//! counted in [`Decoder::fields_unlisted`].

mod error;
mod json;
mod number;
mod places;
mod roles;
mod unlisted;
mod walk;

pub use error::{DecodeError, SetupError};
pub use places::ITEMS_MAX;

use crate::profile::{Kind, Profile, TimeUnit};
use crate::record::{ChannelId, FieldId, KeyId, Position, Record, Time};
use number::Number;
use places::{PlaceId, Places};
use roles::{RoleId, Roles, Test};
use rustc_hash::FxHashMap;
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;
use walk::Walker;

/// The channel of messages that name none.
pub const UNNAMED_CHANNEL: &str = "messages";

/// Channels beyond this many are one, called [`OTHERS_NAME`], so that names that never repeat
/// cannot fill the memory. Four times what the largest exchange lets one connection subscribe to.
pub const CHANNELS_MAX: u32 = 4_096;

/// The channel of messages whose channel is one too many: they have nothing in common, and are in
/// sequence with nothing.
pub const OTHERS: ChannelId = ChannelId(CHANNELS_MAX);
pub const OTHERS_NAME: &str = "other channels";

/// Keys beyond this many are not told apart, for the same reason. Ten times the instruments of the
/// largest exchange.
pub const KEYS_MAX: u32 = 100_000;

/// The key of messages whose key is one too many, or too long: they have nothing in common, and
/// are in sequence with nothing.
pub const OTHER_KEYS: KeyId = KeyId(KEYS_MAX);
pub const OTHER_KEYS_NAME: &str = "other keys";

/// A longer key does not count as one, for the same reason.
pub const KEY_BYTES_MAX: usize = 256;

/// Reads the messages of one feed.
#[derive(Debug)]
pub struct Decoder {
    walker: Walker,
    channel: Vec<RoleId>,
    key: Vec<RoleId>,
    sequences: Vec<SequenceRoles>,
    time: Vec<(RoleId, TimeUnit)>,
    rules: Vec<Rule>,
    names: Names,
    fields: FxHashMap<(ChannelId, Option<KeyId>, PlaceId), FieldId>,
    fields_max: usize,
    new_fields: Vec<NewField>,
}

/// What the numbers in records stand for.
#[derive(Debug, Default)]
pub struct Names {
    channel_names: Vec<Arc<str>>,
    key_names: Vec<Arc<str>>,
    /// Names are the sender's choice, hence a hash that it cannot foresee.
    channels: HashMap<Arc<str>, ChannelId>,
    keys: HashMap<Arc<str>, KeyId>,
}

/// What became of a message, or of each of those in it.
#[derive(Debug)]
pub enum Part {
    Message(Decoded),
    /// It could not be read.
    Undecodable(DecodeError),
    /// It is a piece of a message that is not whole yet.
    Piece,
    /// So many pieces that came before are now part of a whole message, which follows, made whole
    /// by this one.
    Joined(u64),
    /// So many pieces that came before are given up, for this reason: the rest did not come, or
    /// there was no room.
    GivenUp(u64, DecodeError),
}

/// A message that was read.
#[derive(Clone, Debug, PartialEq)]
pub struct Decoded {
    pub kind: Kind,
    /// Of a message that has no data, without fields.
    pub record: Record,
    /// `None` where nothing says where it stands.
    pub position: Option<Position>,
    /// What it means to the session, beside its data.
    pub signals: Vec<Signal>,
}

/// What a message means to the session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Signal {
    /// It meets `acknowledged` of this step of the opening.
    Acknowledges(usize),
    /// It meets `refused` of this step of the opening.
    Refuses(usize),
    /// It answers our own kind of ping.
    AnswersPing,
    /// It says how often to send it.
    PingInterval(Duration),
    /// It wants this answer: one of `heartbeat.answers`, or what the framing demands.
    Wants(String),
    /// It meets the `message` of this rule of `closing`.
    Ends(usize),
    /// It has the id of something that we sent; and whether it is a no.
    Answers { id: String, refused: bool },
}

/// A field that was not seen before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewField {
    pub field: FieldId,
    pub channel: ChannelId,
    pub channel_name: Arc<str>,
    pub key: Option<KeyId>,
    pub key_name: Option<Arc<str>>,
    pub path: String,
}

#[derive(Debug)]
struct Rule {
    when: Test,
    kind: Kind,
    channel: Option<Box<str>>,
    key: Option<RoleId>,
}

/// Where one of the profile's sequences has its numbers.
#[derive(Debug)]
struct SequenceRoles {
    channels: Vec<String>,
    number: Option<RoleId>,
    first: Option<RoleId>,
    previous: Option<RoleId>,
}

impl Decoder {
    /// Fails if the profile names files that cannot be used.
    pub fn new(profile: &Profile) -> Result<Self, SetupError> {
        let decode = &profile.decode;
        let mut roles = Roles::default();
        let channel = decode.channel.iter().map(|path| roles.add(path)).collect();
        let key = decode.key.iter().map(|path| roles.take(path)).collect();
        let mut take = |path: &Option<_>| path.as_ref().map(|path| roles.take(path));
        let sequences = profile.sequence.iter().map(|sequence| SequenceRoles {
            channels: sequence.channels.clone(),
            number: take(&sequence.number),
            first: take(&sequence.first),
            previous: take(&sequence.previous),
        });
        let sequences = sequences.collect();
        let time = decode.time.iter().map(|time| (roles.take(&time.path), time.unit)).collect();
        let rules = decode.rules.iter().map(|rule| Rule {
            when: roles.test(&rule.when),
            kind: rule.kind,
            channel: rule.channel.as_deref().map(Box::from),
            key: rule.key.as_ref().map(|path| roles.take(path)),
        });
        let rules = rules.collect();
        let fields_max = profile.limits.fields_max;
        Ok(Decoder {
            walker: Walker::new(Places::new(roles, fields_max)),
            channel,
            key,
            sequences,
            time,
            rules,
            names: Names::default(),
            fields: FxHashMap::default(),
            fields_max,
            new_fields: Vec::new(),
        })
    }

    /// Reads a message that came at `arrival`, as text or as bytes, and appends what it has.
    pub fn decode(&mut self, message: &[u8], is_text: bool, arrival: Time, parts: &mut Vec<Part>) {
        parts.push(match self.read(message, is_text, arrival) {
            Ok(decoded) => Part::Message(decoded),
            Err(error) => Part::Undecodable(error),
        });
    }

    fn read(
        &mut self,
        message: &[u8],
        is_text: bool,
        arrival: Time,
    ) -> Result<Decoded, DecodeError> {
        self.walker.read_json(message, is_text)?;
        let caught = &self.walker.caught;
        let rule = self.rules.iter().find(|rule| caught.meets(&rule.when));
        let kind = rule.map_or(Kind::Data, |rule| rule.kind);
        let named = self.channel.iter().find_map(|role| caught.channel(*role));
        let (names_place, name) = match &named {
            Some((place, name)) => (Some(*place), &**name),
            None => (None, UNNAMED_CHANNEL),
        };
        let name = rule.and_then(|rule| rule.channel.as_deref()).unwrap_or(name);
        let channel = self.names.channel_id(name);
        let own_key = rule.and_then(|rule| rule.key);
        let keys = own_key.iter().chain(&self.key);
        let key = { keys }.find_map(|role| caught.key(*role));
        let key = key.map(|key| self.names.key_id(&key));
        let position = self.sequences.iter().enumerate().find_map(|(index, sequence)| {
            if !sequence.channels.is_empty() && !sequence.channels.iter().any(|of| of == name) {
                return None;
            }
            let natural = |role: Option<RoleId>| match role.and_then(|role| caught.number(role)) {
                Some(Number::Natural(number)) => Some(number),
                _ => None,
            };
            let last = natural(sequence.number)?;
            let first = natural(sequence.first).unwrap_or(last);
            Some(Position { sequence: index, first, last, previous: natural(sequence.previous) })
        });
        let source_time =
            self.time.iter().find_map(|(role, unit)| source_time(caught.number(*role)?, *unit));
        let names_field = names_place.and_then(|place| self.walker.places.field(place));
        let fields =
            if kind.has_data() { self.fields(channel, key, names_field) } else { Vec::new() };
        let sequence = position.map(|position| position.last);
        let record = Record { channel, key, sequence, source_time, arrival_time: arrival, fields };
        Ok(Decoded { kind, record, position, signals: Vec::new() })
    }

    /// The fields that were not seen before, until they are forgotten.
    pub fn new_fields(&self) -> &[NewField] {
        &self.new_fields
    }

    pub fn forget_new_fields(&mut self) {
        self.new_fields.clear();
    }

    pub fn names(&self) -> &Names {
        &self.names
    }

    /// How many fields were found but are not listed, being too many. Each is counted once, up to
    /// 100,000, however often it came; an object or an array that was not looked into counts as
    /// one.
    pub fn fields_unlisted(&self) -> u64 {
        self.walker.unlisted.count()
    }

    /// The cursor of the latest data message, where the profile says where it is.
    pub fn cursor(&self) -> Option<&str> {
        None
    }

    /// A session began: what pieces of messages there are of the last one will not become whole.
    pub fn session_started(&mut self, _parts: &mut Vec<Part>) {}

    /// The numbers of the message that was just read, without the one that names its channel.
    fn fields(
        &mut self,
        channel: ChannelId,
        key: Option<KeyId>,
        names_field: Option<PlaceId>,
    ) -> Vec<(FieldId, f64)> {
        let mut fields = Vec::with_capacity(self.walker.values.len());
        for &(place, value) in &self.walker.values {
            if Some(place) == names_field {
                continue;
            }
            if let Some(field) = self.fields.get(&(channel, key, place)) {
                fields.push((*field, value));
            } else if self.fields.len() < self.fields_max {
                // Fits, since places are numbered in 32 bits.
                let field = FieldId(self.fields.len() as u32);
                self.fields.insert((channel, key, place), field);
                self.new_fields.push(NewField {
                    field,
                    channel,
                    channel_name: self.names.channel_names[channel.0 as usize].clone(),
                    key,
                    key_name: key.and_then(|key| self.names.key(key)).map(Arc::from),
                    path: self.walker.places.path(place).to_string(),
                });
                fields.push((field, value));
            } else {
                self.walker.unlisted.note((channel, key, place));
            }
        }
        fields
    }
}

impl Names {
    pub fn channel(&self, channel: ChannelId) -> Option<&str> {
        self.channel_names.get(channel.0 as usize).map(|name| &**name)
    }

    pub fn key(&self, key: KeyId) -> Option<&str> {
        let name = self.key_names.get(key.0 as usize).map(|name| &**name);
        name.or((key == OTHER_KEYS).then_some(OTHER_KEYS_NAME))
    }

    /// The channel of this name, or [`OTHERS`] if there are too many.
    fn channel_id(&mut self, name: &str) -> ChannelId {
        if let Some(channel) = self.channels.get(name) {
            return *channel;
        }
        // Fits, since there are at most CHANNELS_MAX + 1.
        let channel = ChannelId(self.channel_names.len() as u32);
        if channel < OTHERS {
            let name: Arc<str> = name.into();
            self.channel_names.push(name.clone());
            self.channels.insert(name, channel);
            return channel;
        }
        if channel == OTHERS {
            self.channel_names.push(OTHERS_NAME.into());
        }
        OTHERS
    }

    /// The key of this name, or [`OTHER_KEYS`] if it is too long, or there are too many.
    fn key_id(&mut self, name: &str) -> KeyId {
        if let Some(key) = self.keys.get(name) {
            return *key;
        }
        // Fits, since there are at most KEYS_MAX.
        let key = KeyId(self.key_names.len() as u32);
        if key >= OTHER_KEYS || name.len() > KEY_BYTES_MAX {
            return OTHER_KEYS;
        }
        let name: Arc<str> = name.into();
        self.key_names.push(name.clone());
        self.keys.insert(name, key);
        key
    }
}

/// A time that is a number; `None` if it is beyond what [`Time`] can say, as when the unit is
/// not right.
fn source_time(number: Number, unit: TimeUnit) -> Option<Time> {
    let nanos_per_unit: i64 = match unit {
        TimeUnit::Seconds => 1_000_000_000,
        TimeUnit::Millis => 1_000_000,
        TimeUnit::Micros => 1_000,
        TimeUnit::Nanos => 1,
        TimeUnit::Rfc3339 => return None,
    };
    let nanos = match number {
        Number::Natural(time) => i64::try_from(time).ok()?.checked_mul(nanos_per_unit)?,
        Number::Negative(time) => time.checked_mul(nanos_per_unit)?,
        Number::Float(time) => {
            // The fraction apart, so that it keeps its precision.
            let fraction = (time.fract() * nanos_per_unit as f64).round() as i64;
            let whole = Some(time.trunc()).filter(|whole| whole.abs() < i64::MAX as f64)?;
            (whole as i64).checked_mul(nanos_per_unit)?.checked_add(fraction)?
        }
    };
    Some(Time(nanos))
}
