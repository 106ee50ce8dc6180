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
mod number;
mod places;
mod roles;
mod unlisted;
mod walk;

pub use error::DecodeError;
pub use places::ITEMS_MAX;

use crate::profile::{self, Condition, Kind, TimeUnit};
use crate::record::{ChannelId, FieldId, Record, Time};
use number::Number;
use places::{PlaceId, Places};
use roles::{RoleId, Roles, Test};
use rustc_hash::FxHashMap;
use std::collections::HashMap;
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

/// Reads the messages of one feed.
#[derive(Debug)]
pub struct Decoder {
    walker: Walker,
    channel: Vec<RoleId>,
    key: Option<RoleId>,
    sequence: Option<RoleId>,
    time: Option<(RoleId, TimeUnit)>,
    rules: Vec<Rule>,
    /// Names are the sender's choice, hence a hash that it cannot foresee.
    channels: HashMap<Box<str>, ChannelId>,
    channel_names: Vec<Box<str>>,
    fields: FxHashMap<(ChannelId, PlaceId), FieldId>,
    fields_max: usize,
    new_fields: Vec<NewField>,
}

/// A message that was read.
#[derive(Clone, Debug, PartialEq)]
pub struct Decoded {
    pub kind: Kind,
    /// Of a control message, without fields.
    pub record: Record,
}

/// A field that was not seen before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewField {
    pub field: FieldId,
    pub channel: ChannelId,
    pub channel_name: Box<str>,
    pub path: String,
}

#[derive(Debug)]
struct Rule {
    when: Test,
    kind: Kind,
    channel: Option<Box<str>>,
}

impl Decoder {
    /// `fields_max` bounds what is remembered of the messages.
    pub fn new(decode: &profile::Decode, fields_max: usize) -> Self {
        let mut roles = Roles::default();
        let channel = decode.channel.iter().map(|path| roles.add(path)).collect();
        let key = decode.key.as_ref().map(|path| roles.take(path));
        let sequence = decode.sequence.as_ref().map(|path| roles.take(path));
        let time = decode.time.as_ref().map(|(path, unit)| (roles.take(path), *unit));
        let rules = decode.rules.iter().map(|rule| Rule {
            when: roles.test(&rule.when),
            kind: rule.kind,
            channel: rule.channel.as_deref().map(Box::from),
        });
        let rules = rules.collect();
        Decoder {
            walker: Walker::new(Places::new(roles, fields_max)),
            channel,
            key,
            sequence,
            time,
            rules,
            channels: HashMap::new(),
            channel_names: Vec::new(),
            fields: FxHashMap::default(),
            fields_max,
            new_fields: Vec::new(),
        }
    }

    /// Reads a message that came at `arrival`.
    pub fn decode(&mut self, message: &[u8], arrival: Time) -> Result<Decoded, DecodeError> {
        self.walker.read(message)?;
        let caught = &self.walker.caught;
        let rule = self.rules.iter().find(|rule| caught.meets(&rule.when));
        let kind = rule.map_or(Kind::Data, |rule| rule.kind);
        let named = self.channel.iter().find_map(|role| caught.channel(*role));
        let (names_place, name) = match &named {
            Some((place, name)) => (Some(*place), &**name),
            None => (None, UNNAMED_CHANNEL),
        };
        let name = rule.and_then(|rule| rule.channel.as_deref()).unwrap_or(name);
        let channel = match self.channels.get(name) {
            Some(channel) => *channel,
            None => add_channel(&mut self.channels, &mut self.channel_names, name),
        };
        let key = self.key.and_then(|role| caught.key(role));
        let sequence = match self.sequence.and_then(|role| caught.number(role)) {
            Some(Number::Natural(sequence)) => Some(sequence),
            _ => None,
        };
        let source_time =
            self.time.and_then(|(role, unit)| source_time(caught.number(role)?, unit));
        let names_field = names_place.and_then(|place| self.walker.places.field(place));
        let fields = match kind {
            Kind::Data | Kind::Snapshot => self.fields(channel, names_field),
            Kind::Control => Vec::new(),
        };
        let record = Record { channel, key, sequence, source_time, arrival_time: arrival, fields };
        Ok(Decoded { kind, record })
    }

    /// The fields that were not seen before, until they are forgotten.
    pub fn new_fields(&self) -> &[NewField] {
        &self.new_fields
    }

    pub fn forget_new_fields(&mut self) {
        self.new_fields.clear();
    }

    /// The name of a channel of this decoder.
    pub fn channel_name(&self, channel: ChannelId) -> Option<&str> {
        self.channel_names.get(channel.0 as usize).map(|name| &**name)
    }

    /// How many fields were found but are not listed, being too many. Each is counted once, up to
    /// 100,000, however often it came; an object or an array that was not looked into counts as
    /// one.
    pub fn fields_unlisted(&self) -> u64 {
        self.walker.unlisted.count()
    }

    /// Whether a message meets a condition, apart from what it is decoded to. For the few that
    /// may be an answer.
    pub fn meets(&self, message: &[u8], condition: &Condition) -> bool {
        let mut roles = Roles::default();
        let test = roles.test(condition);
        let mut walker = Walker::new(Places::new(roles, 0));
        walker.read(message).is_ok() && walker.caught.meets(&test)
    }

    /// The numbers of the message that was just read, without the one that names its channel.
    fn fields(&mut self, channel: ChannelId, names_field: Option<PlaceId>) -> Vec<(FieldId, f64)> {
        let mut fields = Vec::with_capacity(self.walker.values.len());
        for &(place, value) in &self.walker.values {
            if Some(place) == names_field {
                continue;
            }
            if let Some(field) = self.fields.get(&(channel, place)) {
                fields.push((*field, value));
            } else if self.fields.len() < self.fields_max {
                // Fits, since places are numbered in 32 bits.
                let field = FieldId(self.fields.len() as u32);
                self.fields.insert((channel, place), field);
                self.new_fields.push(NewField {
                    field,
                    channel,
                    channel_name: self.channel_names[channel.0 as usize].clone(),
                    path: self.walker.places.path(place).to_string(),
                });
                fields.push((field, value));
            } else {
                self.walker.unlisted.note((channel, place));
            }
        }
        fields
    }
}

/// Adds a channel of this name, or [`OTHERS`] if there are too many.
fn add_channel(
    channels: &mut HashMap<Box<str>, ChannelId>,
    names: &mut Vec<Box<str>>,
    name: &str,
) -> ChannelId {
    // Fits, since there are at most CHANNELS_MAX + 1.
    let channel = ChannelId(names.len() as u32);
    if channel < OTHERS {
        names.push(name.into());
        channels.insert(name.into(), channel);
        return channel;
    }
    if channel == OTHERS {
        names.push(OTHERS_NAME.into());
    }
    OTHERS
}

/// A time that is a number; `None` if it is beyond what [`Time`] can say, as when the unit is
/// not right.
fn source_time(number: Number, unit: TimeUnit) -> Option<Time> {
    let nanos_per_unit: i64 = match unit {
        TimeUnit::Seconds => 1_000_000_000,
        TimeUnit::Millis => 1_000_000,
        TimeUnit::Micros => 1_000,
        TimeUnit::Nanos => 1,
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
