//! Turns messages into records, in one pass over their bytes and without a tree of them in memory.
//!
//! ```text
//! message ─▶ framing ─▶ decompression ─▶ array ─▶ format ─▶ pieces ─▶ record
//!                            ▲                                │
//!                            └─────── a whole message ────────┘
//! ```
//!
//! Every number of a message is a field, named by its path: `data.bids[0][1]`. So is a string that
//! is a number from end to end (`"64000.12"`). Not so what serves as the message's key, sequence
//! number, time or cursor, or as the name of its channel; and of an array only the first
//! [`ITEMS_MAX`] items. A message that is nothing but a number has the one field `value`.
//!
//! Every other text is a field likewise, and so is every `true` and `false`: of these a record has
//! what changed, as a [`Code`](crate::Code) for it, and each second what did not.
//!
//! What the profile waits for in messages, acknowledgements, pings and the like, is looked for in
//! the same pass: a message that meets such a condition carries [`Signal`]s. Where no rule of the
//! profile says what it is, it counts as a control message, and has no fields.
//!
//! Messages are untrusted: what is remembered of them is bounded, and what is beyond the bounds is
//! counted in [`Decoder::fields_unlisted`].

mod array;
mod binary;
mod cbor;
mod chunks;
mod compression;
mod error;
mod fields;
mod json;
mod messagepack;
mod names;
mod number;
mod places;
mod protobuf;
mod raw;
mod recent;
mod roles;
mod signals;
mod skeleton;
mod socket_io;
mod texts;
mod time;
mod unlisted;
mod walk;
mod written;

pub use error::{DecodeError, SetupError};
pub use names::{
    CHANNELS_MAX, KEY_BYTES_MAX, KEYS_MAX, Names, OTHER_KEYS, OTHER_KEYS_NAME, OTHERS, OTHERS_NAME,
};
pub use places::ITEMS_MAX;
pub use texts::{NewWord, TEXT_BYTES_MAX, TEXTS_MAX};

use crate::profile::{
    Compression, Condition, Decode, Format, Framing, Kind, Path, Profile, SequenceRule, Template,
    TimeUnit,
};
use crate::record::{ChannelId, FieldId, KeyId, Position, Record, TextId, Time};
use cbor::Cbor;
use chunks::{Chunks, Joined};
use compression::Decompressor;
use fields::Fields;
use messagepack::MessagePack;
use names::{Alias, Aliases};
use number::Number;
use places::{PlaceId, Places, ROOT};
use protobuf::Protobuf;
use raw::Raw;
use roles::{RoleId, Roles, Test};
use signals::Signals;
use skeleton::Skeletons;
use socket_io::Packet;
use std::sync::Arc;
use std::time::Duration;
use texts::Texts;
use walk::Walker;

/// The channel of messages that name none.
pub const UNNAMED_CHANNEL: &str = "messages";

/// Messages in one message beyond this many are not read: a few bytes each would take hundreds in
/// memory. A second of sound, as raw numbers.
pub const MESSAGES_MAX: usize = 100_000;

/// Reads the messages of one feed.
#[derive(Debug)]
pub struct Decoder {
    walker: Walker,
    channel: Vec<RoleId>,
    key: Vec<RoleId>,
    sequences: Vec<SequenceRoles>,
    time: Vec<(RoleId, TimeUnit)>,
    rules: Vec<Rule>,
    signals: Signals,
    /// Where messages are that give a number a meaning, and what is where in them.
    naming: Option<Naming>,
    aliases: Aliases,
    cursor_at: Option<RoleId>,
    cursor: Option<String>,
    framing: Framing,
    decompressor: Option<Decompressor>,
    /// The message that was decompressed last.
    plain: Vec<u8>,
    /// It is the one that was read last.
    is_packed: bool,
    array: bool,
    format: Reader,
    chunks: Option<Chunks>,
    /// Texts are simply JSON: not framed, in pieces or several in one, as most are.
    is_plain: bool,
    /// What messages that are simply JSON have in common.
    skeletons: Skeletons,
    names: Names,
    fields: Fields,
    fields_max: usize,
    new_fields: Vec<NewField>,
    texts: Texts,
    new_texts: Vec<NewField<TextId>>,
}

/// What binary messages are read by; text is JSON.
#[derive(Debug)]
enum Reader {
    Json,
    MessagePack,
    Cbor,
    Protobuf(Protobuf),
    Raw(Raw),
}

/// What is known of a message beside its bytes.
#[derive(Clone, Copy, Debug)]
struct About<'m> {
    arrival: Time,
    is_text: bool,
    /// It came in pieces, and is none itself.
    was_joined: bool,
    /// What it is to who asks for a whole text, if that is not the message.
    text: Option<&'m str>,
    /// What its framing says.
    channel: Option<&'m str>,
    kind: Option<Kind>,
}

impl About<'_> {
    fn plain(arrival: Time, is_text: bool) -> Self {
        let (text, channel, kind) = (None, None, None);
        About { arrival, is_text, was_joined: false, text, channel, kind }
    }
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
    /// It says how often to send our own kind of ping.
    PingInterval(Duration),
    /// It wants this answer: one of `heartbeat.answers`, with what it takes of the message put in,
    /// or what the framing demands.
    Wants(Template),
    /// It meets the `message` of this rule of `closing`.
    Ends(usize),
    /// It has the id of something that we sent; and whether it is a no.
    Answers { id: String, refused: bool },
}

/// A field that was not seen before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewField<I = FieldId> {
    pub field: I,
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
    /// A message that names none before it starts the sequence anew.
    starts_without_previous: bool,
}

#[derive(Debug)]
struct Naming {
    when: Test,
    id: RoleId,
    channel: RoleId,
    key: Vec<RoleId>,
}

impl Decoder {
    /// Fails if the profile names files that cannot be used.
    pub fn new(profile: &Profile) -> Result<Self, SetupError> {
        let decode = &profile.decode;
        let mut roles = Roles::default();
        let channel: Vec<_> = decode.channel.iter().map(|path| roles.add(path)).collect();
        let key = decode.key.iter().map(|path| roles.take(path)).collect();
        let mut take = |path: &Option<_>| path.as_ref().map(|path| roles.take(path));
        let sequences = profile.sequence.iter().map(|sequence| SequenceRoles {
            channels: sequence.channels.clone(),
            number: take(&sequence.number),
            first: take(&sequence.first),
            previous: take(&sequence.previous),
            starts_without_previous: sequence.rule == SequenceRule::Previous
                && sequence.previous.is_some(),
        });
        let sequences: Vec<_> = sequences.collect();
        let time = decode.time.iter().map(|time| (roles.take(&time.path), time.unit)).collect();
        let rules = decode.rules.iter().map(|rule| Rule {
            when: roles.test(&rule.when),
            kind: rule.kind,
            channel: rule.channel.as_deref().map(Box::from),
            key: rule.key.as_ref().map(|path| roles.take(path)),
        });
        let rules: Vec<_> = rules.collect();
        if let Some(path) = path_that_says_data(decode) {
            roles.take(path);
        }
        let cursor_at = profile.resume.as_ref().and_then(|resume| resume.cursor.as_ref());
        let cursor_at = cursor_at.map(|path| roles.take(path));
        let naming = decode.names.as_ref().map(|names| Naming {
            when: roles.test(&names.when),
            id: roles.add(&names.id),
            channel: roles.add(&names.channel),
            key: names.key.iter().map(|path| roles.add(path)).collect(),
        });
        let signals = Signals::new(profile, &mut roles);
        let chunks = decode.chunks.as_ref().map(|chunks| Chunks::new(chunks, &mut roles));
        let decompressor = (decode.compression != Compression::None)
            .then(|| Decompressor::new(decode.compression, profile.limits.message_bytes_max));
        let format = match decode.format {
            Format::Json => Reader::Json,
            Format::MessagePack => Reader::MessagePack,
            Format::Cbor => Reader::Cbor,
            Format::Protobuf => {
                let folder = profile.folder.as_deref();
                Reader::Protobuf(Protobuf::new(decode.protobuf.as_ref(), folder)?)
            }
            Format::Raw => Reader::Raw(Raw::new(decode.raw.as_ref())?),
        };
        let fields_max = profile.limits.fields_max;
        let is_plain = !decode.array && chunks.is_none() && decode.framing == Framing::None;
        // What decides what a message is.
        let mut deciding = signals.roles();
        rules.iter().for_each(|rule: &Rule| Roles::of_test(&rule.when, &mut deciding));
        if let Some(naming) = &naming {
            Roles::of_test(&naming.when, &mut deciding);
        }
        if sequences.iter().any(|sequence: &SequenceRoles| !sequence.channels.is_empty()) {
            deciding.extend(&channel);
        }
        let skeletons = Skeletons::new(roles.count(), &deciding);
        Ok(Decoder {
            walker: Walker::new(Places::new(roles, fields_max)),
            channel,
            key,
            sequences,
            time,
            rules,
            signals,
            naming,
            aliases: Aliases::default(),
            cursor_at,
            cursor: None,
            framing: decode.framing,
            decompressor,
            plain: Vec::new(),
            is_packed: false,
            array: decode.array,
            format,
            chunks,
            is_plain,
            skeletons,
            names: Names::default(),
            fields: Fields::default(),
            fields_max,
            new_fields: Vec::new(),
            texts: Texts::default(),
            new_texts: Vec::new(),
        })
    }

    /// Reads a message that came at `arrival`, as text or as bytes, and appends what it has.
    pub fn decode(&mut self, message: &[u8], is_text: bool, arrival: Time, parts: &mut Vec<Part>) {
        self.is_packed = false;
        self.texts.came(arrival);
        if let Some(chunks) = &mut self.chunks {
            chunks.expire(arrival, parts);
        }
        let about = About::plain(arrival, is_text);
        match self.framing {
            Framing::None => self.read(message, about, parts),
            Framing::SocketIo => self.read_packet(message, about, parts),
        }
    }

    /// Reads a message that is text and simply JSON, and not framed, in pieces or several in one, as
    /// most are. Anything else, and what cannot be read, is left to [`Decoder::decode`].
    #[inline]
    pub fn decode_plain(
        &mut self,
        message: &[u8],
        is_text: bool,
        arrival: Time,
    ) -> Option<Decoded> {
        if !is_text || !self.is_plain {
            return None;
        }
        self.is_packed = false;
        self.texts.came(arrival);
        if let Some(decoded) = self.decode_known(message, arrival) {
            return Some(decoded);
        }
        // Why not is asked by whoever then tells of it.
        if !self.walker.reads_json(message) {
            return None;
        }
        let mut decoded = self.finish(message, Some(message), About::plain(arrival, is_text));
        self.learn(message, &decoded);
        self.note_texts(&mut decoded);
        Some(decoded)
    }

    /// The message that was read last, as it is once it is decompressed.
    pub fn plain<'m>(&'m self, message: &'m [u8]) -> &'m [u8] {
        if self.is_packed { &self.plain } else { message }
    }

    fn read_packet(&mut self, message: &[u8], about: About<'_>, parts: &mut Vec<Part>) {
        // Attachments of events that are not put together.
        if !about.is_text {
            self.walker.begin();
            let about = About { kind: Some(Kind::Ignored), ..about };
            return parts.push(Part::Message(self.whole(b"", None, about)));
        }
        let text = std::str::from_utf8(message).map_err(DecodeError::not_text);
        match text.and_then(socket_io::packet) {
            Ok(Packet::Event(event)) => {
                let (text, channel) = (Some(event.head), Some(&*event.name));
                self.read(event.message.as_bytes(), About { text, channel, ..about }, parts);
            }
            Ok(Packet::Control(control)) => {
                let (text, kind) = (Some(control.head), Some(control.kind));
                let about = About { text, kind, ..about };
                if control.json.is_empty() {
                    self.walker.begin();
                    let decoded = self.whole(control.head.as_bytes(), None, about);
                    parts.push(Part::Message(decoded));
                } else {
                    self.read_one(control.json.as_bytes(), about, parts);
                }
                if let (Some(answer), Some(Part::Message(decoded))) =
                    (control.answer, parts.last_mut())
                {
                    decoded.signals.push(Signal::Wants(answer));
                }
            }
            Err(error) => parts.push(Part::Undecodable(error)),
        }
    }

    /// Reads a message as it is without its framing.
    fn read(&mut self, message: &[u8], about: About<'_>, parts: &mut Vec<Part>) {
        let Some(decompressor) = self.decompressor.as_mut().filter(|_| !about.is_text) else {
            return self.read_plain(message, about, parts);
        };
        let mut plain = std::mem::take(&mut self.plain);
        match decompressor.decompress(message, &mut plain) {
            Ok(true) => {
                self.is_packed = true;
                self.read_plain(&plain, about, parts);
            }
            Ok(false) => self.read_plain(message, about, parts),
            Err(error) => parts.push(Part::Undecodable(error)),
        }
        self.plain = plain;
    }

    fn read_plain(&mut self, message: &[u8], about: About<'_>, parts: &mut Vec<Part>) {
        if !about.is_text && matches!(self.format, Reader::Raw(_)) {
            return self.read_raw(message, about, parts);
        }
        if !self.array {
            return self.read_one(message, about, parts);
        }
        let is_binary = |format: bool| format && !about.is_text;
        let is_messagepack = is_binary(matches!(self.format, Reader::MessagePack));
        let is_cbor = is_binary(matches!(self.format, Reader::Cbor));
        let mut items = 0;
        let one = |item: &[u8]| {
            items += 1;
            if items <= MESSAGES_MAX {
                self.read_one(item, about, parts);
            }
        };
        let split = if is_messagepack {
            binary::items::<MessagePack<'_>>(message, one)
        } else if is_cbor {
            binary::items::<Cbor<'_>>(message, one)
        } else {
            array::json_items(message, one)
        };
        match split {
            None => self.read_one(message, about, parts),
            Some(Err(error)) => parts.push(Part::Undecodable(error)),
            Some(Ok(())) if items > MESSAGES_MAX => parts.push(Part::Undecodable(too_many(items))),
            // It says that all is well.
            Some(Ok(())) if items == 0 => {
                self.walker.begin();
                let about = About { kind: Some(Kind::Ignored), ..about };
                parts.push(Part::Message(self.whole(message, None, about)));
            }
            Some(Ok(())) => {}
        }
    }

    /// Reads what is one message by itself.
    fn read_one(&mut self, message: &[u8], mut about: About<'_>, parts: &mut Vec<Part>) {
        let text = about.text.map_or(message, str::as_bytes);
        let walker = &mut self.walker;
        let (read, json) = match &mut self.format {
            Reader::MessagePack if !about.is_text => {
                (binary::read::<MessagePack<'_>>(walker, message), None)
            }
            Reader::Cbor if !about.is_text => (binary::read::<Cbor<'_>>(walker, message), None),
            Reader::Protobuf(protobuf) if !about.is_text => (protobuf.read(walker, message), None),
            _ => (walker.read_json(message, about.is_text), Some(message)),
        };
        if let Err(error) = read {
            if !walker.places.roles().asks_for(text) {
                return parts.push(Part::Undecodable(error));
            }
            // It is one of the texts that the profile knows: it need not be anything else.
            walker.begin();
            about.kind.get_or_insert(Kind::Acknowledgement);
        }
        if let Some(chunks) = self.chunks.as_mut().filter(|_| !about.was_joined) {
            match chunks.take(&self.walker.caught, about.arrival, parts) {
                Joined::NoPiece => {}
                Joined::Taken => return,
                Joined::Whole(whole) => {
                    let is_text = chunks.are_text();
                    return self.read(&whole, About { is_text, was_joined: true, ..about }, parts);
                }
            }
        }
        parts.push(Part::Message(self.whole(text, json, about)));
    }

    /// Reads numbers, of which each group is a message.
    fn read_raw(&mut self, message: &[u8], about: About<'_>, parts: &mut Vec<Part>) {
        let Reader::Raw(raw) = &self.format else { return };
        let raw = raw.clone();
        let (groups, wrong) = raw.groups(message);
        let (all, read) = (groups.len(), groups.len().min(MESSAGES_MAX));
        for (index, group) in groups.take(read).enumerate() {
            let walker = &mut self.walker;
            walker.begin();
            let mut next = 0;
            for (name, number) in raw.fields().iter().zip(raw.numbers(group)) {
                if let Some(place) = walker.places.key(ROOT, name, &mut next, &mut walker.unlisted)
                {
                    walker.number(place, Number::Float(number));
                }
            }
            let mut decoded = self.whole(b"", None, about);
            if let Some(interval) = raw.interval() {
                // Fits: there are at most MESSAGES_MAX.
                let after = (all - 1 - index) as u32;
                decoded.record.source_time = Some(about.arrival - interval.saturating_mul(after));
            }
            parts.push(Part::Message(decoded));
        }
        if all > read {
            parts.push(Part::Undecodable(too_many(all)));
        }
        parts.extend(wrong.map(Part::Undecodable));
    }

    /// As [`Decoder::finish`], with its texts.
    fn whole(&mut self, text: &[u8], json: Option<&[u8]>, about: About<'_>) -> Decoded {
        let mut decoded = self.finish(text, json, about);
        self.note_texts(&mut decoded);
        decoded
    }

    /// Adds the texts of the message that was just read: only those that are new to who has read
    /// the ones before, so that it is done once.
    fn note_texts(&mut self, decoded: &mut Decoded) {
        let Record { arrival_time, texts, .. } = &mut decoded.record;
        self.texts.note_found(&self.walker.said_bytes, *arrival_time, texts);
    }

    /// Makes a message of what the walker has, which is `text` to who asks for a whole text.
    fn finish(&mut self, text: &[u8], json: Option<&[u8]>, about: About<'_>) -> Decoded {
        let caught = &self.walker.caught;
        let rule = self.rules.iter().find(|rule| caught.meets(&rule.when, text));
        let signals = self.signals.of(caught, text, json);
        let own_kind = rule.map(|rule| rule.kind).or_else(|| match Signals::kind(&signals) {
            // What is around it says what it is, unless it is awaited as something else.
            Some(kind) if about.kind != Some(Kind::Error) => Some(kind),
            _ => about.kind,
        });
        let mut kind = own_kind.unwrap_or(Kind::Data);
        let named = self.channel.iter().find_map(|role| caught.channel(*role));
        let (names_place, name) = match &named {
            Some((place, name)) => (Some(*place), &**name),
            None => (None, about.channel.unwrap_or(UNNAMED_CHANNEL)),
        };
        let alias = self.naming.as_ref().and_then(|_| self.aliases.get(name));
        let name = alias.map_or(name, |alias| &alias.channel);
        let name = rule.and_then(|rule| rule.channel.as_deref()).unwrap_or(name);
        let channel = self.names.channel_id(name);
        let key = match rule.and_then(|rule| rule.key) {
            Some(role) => caught.key(role),
            None => self.key.iter().find_map(|role| caught.key(*role)),
        };
        let key = key.map(|key| self.names.key_id(&key));
        let key = key.or_else(|| alias.and_then(|alias| alias.key));
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
            let previous = natural(sequence.previous);
            if kind == Kind::Data && previous.is_none() && sequence.starts_without_previous {
                kind = Kind::Snapshot;
            }
            Some(Position { sequence: index, first, last, previous })
        });
        let source_time =
            self.time.iter().find_map(|(role, unit)| time::time_at(caught, *role, *unit));
        if let Some(naming) = self.naming.as_ref().filter(|naming| caught.meets(&naming.when, text))
            && let (Some(id), Some(channel)) = (caught.key(naming.id), caught.key(naming.channel))
        {
            let key = naming.key.iter().find_map(|role| caught.key(*role));
            let key = key.map(|key| self.names.key_id(&key));
            self.aliases.insert(&id, Alias { channel: (*channel).into(), key });
            self.skeletons.forget();
        }
        if kind.has_data()
            && let Some(role) = self.cursor_at
        {
            caught.write(role, &mut self.cursor);
        }
        let names_field = names_place.and_then(|place| self.walker.places.field(place));
        let fields = if kind.has_data() {
            self.fields(channel, key, names_field)
        } else {
            self.texts.found.clear();
            Vec::new()
        };
        let sequence = position.map(|position| position.last);
        let arrival_time = about.arrival;
        let texts = Vec::new();
        let record = Record { channel, key, sequence, source_time, arrival_time, fields, texts };
        Decoded { kind, record, position, signals }
    }

    /// The fields that were not seen before, until they are forgotten.
    pub fn new_fields(&self) -> &[NewField] {
        &self.new_fields
    }

    /// The same, of those that hold texts or booleans.
    pub fn new_texts(&self) -> &[NewField<TextId>] {
        &self.new_texts
    }

    /// The texts that codes stand for since these were forgotten.
    pub fn new_words(&self) -> &[NewWord] {
        self.texts.new_words()
    }

    pub fn forget_new_fields(&mut self) {
        self.new_fields.clear();
        self.new_texts.clear();
        self.texts.forget_new_words();
    }

    /// A record does not count, or not in its turn. What it says of texts is what is new with it, so
    /// what comes next tells of these again.
    pub fn tell_again(&mut self, record: &Record) {
        self.texts.tell_again(&record.texts);
    }

    /// How often a text came that is not told apart from others of its field, being too many.
    pub fn texts_untold(&self) -> u64 {
        self.texts.untold()
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
        self.cursor.as_deref()
    }

    /// A session began: what pieces of messages there are of the last one will not become whole,
    /// and numbers that stand for channels mean nothing any more.
    pub fn session_started(&mut self, parts: &mut Vec<Part>) {
        self.aliases.clear();
        if self.naming.is_some() {
            self.skeletons.forget();
        }
        if let Some(chunks) = &mut self.chunks {
            chunks.session_started(parts);
        }
    }

    /// The numbers of the message that was just read, and beside them its texts, without the one
    /// that names its channel.
    fn fields(
        &mut self,
        channel: ChannelId,
        key: Option<KeyId>,
        names_field: Option<PlaceId>,
    ) -> Vec<(FieldId, f64)> {
        let Decoder { walker, names, new_fields, fields, fields_max, texts, new_texts, .. } = self;
        let Walker { places, unlisted, said, values, .. } = walker;
        texts.find((channel, key), said, names_field, *fields_max, |place, field| match field {
            Some(field) => {
                new_texts.push(NewField::new(field, (channel, key), names, places, place));
            }
            None => unlisted.note((channel, key, place)),
        });
        let new = |place, field| match field {
            Some(field) => {
                new_fields.push(NewField::new(field, (channel, key), names, places, place));
            }
            None => unlisted.note((channel, key, place)),
        };
        fields.of((channel, key), values, names_field, *fields_max, new)
    }

    /// Takes back what a record had its fields and texts in, so that the next one need not allocate.
    pub fn give_back(&mut self, record: Record) {
        self.fields.give_back(record.fields);
        self.texts.give_back(record.texts);
    }
}

impl<I> NewField<I> {
    fn new(
        field: I,
        (channel, key): (ChannelId, Option<KeyId>),
        names: &Names,
        places: &Places,
        place: PlaceId,
    ) -> NewField<I> {
        NewField {
            field,
            channel,
            channel_name: names.channel_arc(channel).cloned().unwrap_or_default(),
            key,
            key_name: key.and_then(|key| names.key(key)).map(Arc::from),
            path: places.path(place).to_string(),
        }
    }
}

/// The path whose one value says that a message is data: it says the same in all of them.
fn path_that_says_data(decode: &Decode) -> Option<&Path> {
    let data = decode.rules.iter().filter(|rule| matches!(rule.kind, Kind::Data | Kind::Snapshot));
    match *Vec::from_iter(data.map(|rule| &rule.when)) {
        [Condition::At { path, equals }] if equals.len() == 1 => Some(path),
        _ => None,
    }
}

fn too_many(items: usize) -> DecodeError {
    DecodeError::new(format!(
        "{items} messages in one are too many: those beyond {MESSAGES_MAX} were not read"
    ))
}
