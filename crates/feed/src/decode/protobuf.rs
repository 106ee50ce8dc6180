//! Protobuf, by the types of a descriptor set: field names make the path, and an enum's value is
//! its number.
//!
//! The bytes are walked as they are, without a message in memory. Fields that are not in the
//! descriptor set are passed over, as are groups, long out of use. A number that is at its default,
//! and for that reason not sent, is there all the same: the sender means 0.

use super::error::{DecodeError, SetupError};
use super::number::Number;
use super::places::{ITEMS_MAX, PlaceId, ROOT};
use super::roles::Value;
use super::walk::Walker;
use crate::profile;
use prost_reflect::{Cardinality, DescriptorPool, FieldDescriptor, Kind, MessageDescriptor};
use rustc_hash::FxHashMap;
use std::path::Path;

/// Messages nested deeper than this are refused, as by most who read Protobuf.
const DEPTH_MAX: usize = 100;

/// The type whose messages are moments.
const TIMESTAMP: &str = "google.protobuf.Timestamp";

#[derive(Debug)]
pub(super) struct Protobuf {
    types: Vec<Type>,
    /// How many items of each field have come, of all messages that are being read: those within
    /// come after those around them.
    counts: Vec<Count>,
}

#[derive(Debug, Default)]
struct Type {
    /// By their numbers, rising.
    fields: Vec<Field>,
    is_timestamp: bool,
}

#[derive(Debug)]
struct Field {
    number: u32,
    name: Box<str>,
    shape: Shape,
    item: Item,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Shape {
    /// Whether it is there, at its default, where it was not sent.
    One {
        implicit: bool,
    },
    List,
    Map {
        key: Scalar,
    },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Item {
    Scalar(Scalar),
    /// By its number among the types.
    Message(usize),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Scalar {
    Double,
    Float,
    /// Also an enum.
    Int32,
    Int64,
    Uint32,
    Uint64,
    Sint32,
    Sint64,
    Fixed32,
    Fixed64,
    Sfixed32,
    Sfixed64,
    Bool,
    String,
    Bytes,
}

#[derive(Clone, Copy, Debug, Default)]
struct Count {
    seen: usize,
    /// Of all there will be, where items are counted from the end.
    all: usize,
}

/// A value as it is on the wire.
#[derive(Clone, Copy, Debug)]
enum Wire<'m> {
    Varint(u64),
    Fixed64([u8; 8]),
    Bytes(&'m [u8]),
    Fixed32([u8; 4]),
    Group,
}

impl Protobuf {
    pub fn new(
        settings: Option<&profile::Protobuf>,
        folder: Option<&Path>,
    ) -> Result<Self, SetupError> {
        let settings = settings.ok_or_else(|| SetupError {
            what: "The profile says that messages are Protobuf, but not of what type.".into(),
            advice: "Add “[decode.protobuf]” to it, with “descriptor_set” and “message”.".into(),
        })?;
        let file = folder.unwrap_or(Path::new("")).join(&settings.descriptor_set);
        let advice = "It is what “protoc --include_imports --descriptor_set_out=FILE” writes.";
        let bytes = std::fs::read(&file).map_err(|error| SetupError {
            what: format!("The descriptor set {} cannot be read: {error}.", file.display()),
            advice: advice.into(),
        })?;
        let pool = DescriptorPool::decode(bytes.as_slice()).map_err(|error| SetupError {
            what: format!("{} is not a descriptor set: {error}.", file.display()),
            advice: advice.into(),
        })?;
        let message = pool.get_message_by_name(&settings.message).ok_or_else(|| {
            let all = pool.all_messages().filter(|message| !message.is_map_entry());
            let names: Vec<_> = all.map(|message| message.full_name().to_owned()).collect();
            SetupError {
                what: format!("{} has no type “{}”.", file.display(), settings.message),
                advice: format!("It has these: {}.", shown(&names)),
            }
        })?;
        let mut types = Types::default();
        types.id(&message);
        Ok(Protobuf { types: types.finish(), counts: Vec::new() })
    }

    /// Reads a message into what the walker has of it.
    pub fn read(&mut self, walker: &mut Walker, message: &[u8]) -> Result<(), DecodeError> {
        walker.begin();
        self.counts.clear();
        let mut pass = Pass { types: &self.types, counts: &mut self.counts, walker, depth: 0 };
        pass.message(0, message, ROOT)
            .map_err(|what| DecodeError::new(format!("Not as the descriptor set says: {what}")))
    }
}

/// Some of the names, and that there are more.
fn shown(names: &[String]) -> String {
    const SHOWN_MAX: usize = 12;
    let shown = names.get(..SHOWN_MAX.min(names.len())).unwrap_or_default().join(", ");
    if names.len() > SHOWN_MAX {
        format!("{shown} and {} more", names.len() - SHOWN_MAX)
    } else {
        shown
    }
}

/// The types that a type's messages can have in them, with it.
#[derive(Default)]
struct Types {
    ids: FxHashMap<String, usize>,
    descriptors: Vec<MessageDescriptor>,
}

impl Types {
    fn id(&mut self, message: &MessageDescriptor) -> usize {
        *self.ids.entry(message.full_name().to_owned()).or_insert_with(|| {
            self.descriptors.push(message.clone());
            self.descriptors.len() - 1
        })
    }

    /// All of them: those that are found on the way come last.
    fn finish(mut self) -> Vec<Type> {
        let mut types = Vec::new();
        while let Some(message) = self.descriptors.get(types.len()).cloned() {
            let fields = message.fields().filter(|field| !field.is_group());
            let mut fields: Vec<_> = fields.map(|field| self.field(&field)).collect();
            fields.sort_by_key(|field| field.number);
            types.push(Type { fields, is_timestamp: message.full_name() == TIMESTAMP });
        }
        types
    }

    fn field(&mut self, field: &FieldDescriptor) -> Field {
        let (mut kind, mut shape) =
            (field.kind(), Shape::One { implicit: !field.supports_presence() });
        if let (true, Kind::Message(entry)) = (field.is_map(), &kind) {
            let key = self.item(&entry.map_entry_key_field().kind());
            if let Item::Scalar(key) = key {
                shape = Shape::Map { key };
                kind = entry.map_entry_value_field().kind();
            }
        } else if field.cardinality() == Cardinality::Repeated {
            shape = Shape::List;
        }
        Field { number: field.number(), name: field.name().into(), shape, item: self.item(&kind) }
    }

    fn item(&mut self, kind: &Kind) -> Item {
        Item::Scalar(match kind {
            Kind::Double => Scalar::Double,
            Kind::Float => Scalar::Float,
            Kind::Int32 | Kind::Enum(_) => Scalar::Int32,
            Kind::Int64 => Scalar::Int64,
            Kind::Uint32 => Scalar::Uint32,
            Kind::Uint64 => Scalar::Uint64,
            Kind::Sint32 => Scalar::Sint32,
            Kind::Sint64 => Scalar::Sint64,
            Kind::Fixed32 => Scalar::Fixed32,
            Kind::Fixed64 => Scalar::Fixed64,
            Kind::Sfixed32 => Scalar::Sfixed32,
            Kind::Sfixed64 => Scalar::Sfixed64,
            Kind::Bool => Scalar::Bool,
            Kind::String => Scalar::String,
            Kind::Bytes => Scalar::Bytes,
            Kind::Message(message) => return Item::Message(self.id(message)),
        })
    }
}

impl Type {
    fn field(&self, number: u32) -> Option<(usize, &Field)> {
        let at = self.fields.binary_search_by_key(&number, |field| field.number).ok()?;
        Some((at, self.fields.get(at)?))
    }
}

struct Pass<'p> {
    types: &'p [Type],
    counts: &'p mut Vec<Count>,
    walker: &'p mut Walker,
    depth: usize,
}

impl<'p> Pass<'p> {
    fn message(&mut self, of: usize, bytes: &[u8], place: PlaceId) -> Result<(), String> {
        let types: &'p [Type] = self.types;
        let Some(of) = types.get(of) else { return Ok(()) };
        self.depth += 1;
        if self.depth > DEPTH_MAX {
            return Err("it is nested too deeply".into());
        }
        let moment = if of.is_timestamp { timestamp(bytes) } else { None };
        self.walker.other(place, moment.map_or(Value::Container, Value::Time));
        if moment.is_none() || self.walker.places.leads_on(place) {
            let start = self.counts.len();
            self.counts.resize(start + of.fields.len(), Count::default());
            self.fields(of, bytes, place, start)?;
            self.counts.truncate(start);
        }
        self.depth -= 1;
        Ok(())
    }

    /// The fields of a message, whose counts begin at `start`.
    fn fields(
        &mut self,
        of: &Type,
        bytes: &[u8],
        place: PlaceId,
        start: usize,
    ) -> Result<(), String> {
        let (mut rest, mut next) = (bytes, 0);
        while !rest.is_empty() {
            let (number, wire) = take_field(&mut rest, DEPTH_MAX)?;
            let Some((at, field)) = of.field(number) else { continue };
            let walker = &mut *self.walker;
            let child = walker.places.key(place, &field.name, &mut next, &mut walker.unlisted);
            let at = start + at;
            match field.shape {
                Shape::One { .. } => {
                    self.counts[at].seen = 1;
                    self.value(field, wire, child)?;
                }
                Shape::List => self.items(field, wire, child, at, bytes)?,
                Shape::Map { key } => {
                    if let Some(child) = child {
                        self.walker.other(child, Value::Container);
                    }
                    self.entry(field, key, wire, child)?;
                }
            }
        }
        for (at, field) in of.fields.iter().enumerate() {
            let seen = self.counts[start + at].seen;
            let walker = &mut *self.walker;
            match (field.shape, field.item) {
                (Shape::One { implicit: true }, Item::Scalar(scalar)) if seen == 0 => {
                    let child =
                        walker.places.key(place, &field.name, &mut next, &mut walker.unlisted);
                    self.default(scalar, child);
                }
                (Shape::List, _) if seen > 0 => {
                    if let Some(child) =
                        walker.places.key(place, &field.name, &mut next, &mut walker.unlisted)
                    {
                        walker.places.count_items(child, seen, &mut walker.unlisted);
                    }
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// One item of a list, or several that are packed. `message` is what the list is in.
    fn items(
        &mut self,
        field: &Field,
        wire: Wire<'_>,
        list: Option<PlaceId>,
        at: usize,
        message: &[u8],
    ) -> Result<(), String> {
        let Some(list) = list else { return Ok(()) };
        let lookahead = self.walker.places.lookahead(list);
        if self.counts[at].seen == 0 {
            self.walker.other(list, Value::Container);
            if lookahead > 0 {
                self.counts[at].all = count(field, message)?;
            }
        }
        let packed = match (field.item, wire) {
            (Item::Scalar(scalar), Wire::Bytes(bytes)) if scalar.is_packable() => {
                Some((scalar, bytes))
            }
            _ => None,
        };
        let Some((scalar, mut packed)) = packed else {
            let place = self.next_item(list, at, lookahead);
            return self.value(field, wire, place);
        };
        while !packed.is_empty() {
            let wire = scalar.take(&mut packed)?;
            let place = self.next_item(list, at, lookahead);
            self.value(field, wire, place)?;
        }
        Ok(())
    }

    fn next_item(&mut self, list: PlaceId, at: usize, lookahead: usize) -> Option<PlaceId> {
        let count = &mut self.counts[at];
        let index = count.seen;
        count.seen += 1;
        let from_end =
            count.all.checked_sub(index).filter(|from_end| (1..=lookahead).contains(from_end));
        let walker = &mut *self.walker;
        if index < ITEMS_MAX || walker.places.leads_on(list) {
            walker.places.item(list, index, from_end, &mut walker.unlisted)
        } else {
            None
        }
    }

    /// One entry of a map: a message with the key in its field 1, and the value in its field 2.
    fn entry(
        &mut self,
        field: &Field,
        key: Scalar,
        wire: Wire<'_>,
        map: Option<PlaceId>,
    ) -> Result<(), String> {
        let Wire::Bytes(mut rest) = wire else { return Err(misfit(field)) };
        let (mut key_wire, mut value) = (None, None);
        while !rest.is_empty() {
            match take_field(&mut rest, DEPTH_MAX)? {
                (1, wire) => key_wire = Some(wire),
                (2, wire) => value = Some(wire),
                _ => {}
            }
        }
        let key =
            match key_wire.map(|wire| key.value(wire).ok_or_else(|| misfit(field))).transpose()? {
                Some(Read::Text(bytes)) => text(field, bytes)?.to_owned(),
                Some(Read::Number(Number::Natural(number))) => number.to_string(),
                Some(Read::Number(Number::Negative(number))) => number.to_string(),
                Some(Read::Bool(value)) => value.to_string(),
                None if key == Scalar::String => String::new(),
                None if key == Scalar::Bool => false.to_string(),
                None => 0.to_string(),
                Some(Read::Number(Number::Float(_)) | Read::Bytes) => return Err(misfit(field)),
            };
        let walker = &mut *self.walker;
        let place = map.and_then(|map| walker.places.key(map, &key, &mut 0, &mut walker.unlisted));
        match (value, field.item) {
            (Some(wire), _) => self.value(field, wire, place),
            (None, Item::Scalar(scalar)) => {
                self.default(scalar, place);
                Ok(())
            }
            (None, Item::Message(_)) => self.value(field, Wire::Bytes(&[]), place),
        }
    }

    fn value(
        &mut self,
        field: &Field,
        wire: Wire<'_>,
        place: Option<PlaceId>,
    ) -> Result<(), String> {
        let scalar = match field.item {
            Item::Message(of) => {
                let Wire::Bytes(bytes) = wire else { return Err(misfit(field)) };
                return place.map_or(Ok(()), |place| self.message(of, bytes, place));
            }
            Item::Scalar(scalar) => scalar,
        };
        let value = scalar.value(wire).ok_or_else(|| misfit(field))?;
        let Some(place) = place else { return Ok(()) };
        match value {
            Read::Number(number) => self.walker.number(place, number),
            Read::Bool(value) => self.walker.other(place, Value::Bool(value)),
            Read::Text(bytes) => self.walker.text(place, text(field, bytes)?),
            Read::Bytes => self.walker.other(place, Value::Container),
        }
        Ok(())
    }

    /// What stands for a value that was not sent. No text is nothing to know.
    fn default(&mut self, scalar: Scalar, place: Option<PlaceId>) {
        match (scalar, place) {
            (Scalar::String | Scalar::Bytes, _) | (_, None) => {}
            (Scalar::Bool, Some(place)) => self.walker.other(place, Value::Bool(false)),
            (_, Some(place)) => self.walker.number(place, Number::Natural(0)),
        }
    }
}

/// A scalar that was read.
enum Read<'m> {
    Number(Number),
    Bool(bool),
    Text(&'m [u8]),
    Bytes,
}

impl Scalar {
    /// Whether a list of them may be one run of bytes.
    fn is_packable(self) -> bool {
        !matches!(self, Scalar::String | Scalar::Bytes)
    }

    /// Takes one off the front of such a run.
    fn take<'m>(self, rest: &mut &'m [u8]) -> Result<Wire<'m>, String> {
        match self {
            Scalar::Double | Scalar::Fixed64 | Scalar::Sfixed64 => {
                Ok(Wire::Fixed64(take_array(rest)?))
            }
            Scalar::Float | Scalar::Fixed32 | Scalar::Sfixed32 => {
                Ok(Wire::Fixed32(take_array(rest)?))
            }
            _ => Ok(Wire::Varint(take_varint(rest)?)),
        }
    }

    /// `None` if such a value is not written like this.
    fn value(self, wire: Wire<'_>) -> Option<Read<'_>> {
        Some(match (self, wire) {
            (Scalar::Double, Wire::Fixed64(bytes)) => {
                Read::Number(Number::Float(f64::from_le_bytes(bytes)))
            }
            (Scalar::Float, Wire::Fixed32(bytes)) => {
                Read::Number(Number::Float(f32::from_le_bytes(bytes).into()))
            }
            (Scalar::Int32, Wire::Varint(value)) => integer((value as i32).into()),
            (Scalar::Int64, Wire::Varint(value)) => integer(value as i64),
            (Scalar::Uint32, Wire::Varint(value)) => natural((value as u32).into()),
            (Scalar::Uint64, Wire::Varint(value)) => natural(value),
            (Scalar::Sint32, Wire::Varint(value)) => integer(unzigzag((value as u32).into())),
            (Scalar::Sint64, Wire::Varint(value)) => integer(unzigzag(value)),
            (Scalar::Fixed32, Wire::Fixed32(bytes)) => natural(u32::from_le_bytes(bytes).into()),
            (Scalar::Fixed64, Wire::Fixed64(bytes)) => natural(u64::from_le_bytes(bytes)),
            (Scalar::Sfixed32, Wire::Fixed32(bytes)) => integer(i32::from_le_bytes(bytes).into()),
            (Scalar::Sfixed64, Wire::Fixed64(bytes)) => integer(i64::from_le_bytes(bytes)),
            (Scalar::Bool, Wire::Varint(value)) => Read::Bool(value != 0),
            (Scalar::String, Wire::Bytes(bytes)) => Read::Text(bytes),
            (Scalar::Bytes, Wire::Bytes(_)) => Read::Bytes,
            _ => return None,
        })
    }
}

fn natural<'m>(number: u64) -> Read<'m> {
    Read::Number(Number::Natural(number))
}

fn integer<'m>(number: i64) -> Read<'m> {
    Read::Number(match u64::try_from(number) {
        Ok(natural) => Number::Natural(natural),
        Err(_) => Number::Negative(number),
    })
}

fn unzigzag(value: u64) -> i64 {
    ((value >> 1) as i64) ^ -((value & 1) as i64)
}

fn text<'m>(field: &Field, bytes: &'m [u8]) -> Result<&'m str, String> {
    std::str::from_utf8(bytes).map_err(|_| format!("“{}” is not UTF-8", field.name))
}

fn misfit(field: &Field) -> String {
    format!("“{}” has another type", field.name)
}

/// How many items of a list there are in a message.
fn count(field: &Field, message: &[u8]) -> Result<usize, String> {
    let (mut rest, mut items) = (message, 0);
    while !rest.is_empty() {
        let (number, wire) = take_field(&mut rest, DEPTH_MAX)?;
        if number != field.number {
            continue;
        }
        match (field.item, wire) {
            (Item::Scalar(scalar), Wire::Bytes(mut packed)) if scalar.is_packable() => {
                while !packed.is_empty() {
                    scalar.take(&mut packed)?;
                    items += 1;
                }
            }
            _ => items += 1,
        }
    }
    Ok(items)
}

/// A moment, in nanoseconds since the Unix epoch; `None` if it is none, or beyond the year 2262.
fn timestamp(mut bytes: &[u8]) -> Option<i64> {
    let (mut seconds, mut nanos) = (0, 0);
    while !bytes.is_empty() {
        match take_field(&mut bytes, DEPTH_MAX).ok()? {
            (1, Wire::Varint(value)) => seconds = value as i64,
            (2, Wire::Varint(value)) => nanos = i64::from(value as i32),
            _ => {}
        }
    }
    seconds.checked_mul(1_000_000_000)?.checked_add(nanos)
}

/// Takes a field off the front. In a group, up to `depth` others may be nested.
fn take_field<'m>(rest: &mut &'m [u8], depth: usize) -> Result<(u32, Wire<'m>), String> {
    let key = take_varint(rest)?;
    let number = u32::try_from(key >> 3).ok().filter(|number| (1..1 << 29).contains(number));
    let number = number.ok_or_else(|| format!("there is no field {}", key >> 3))?;
    let wire = match key & 7 {
        0 => Wire::Varint(take_varint(rest)?),
        1 => Wire::Fixed64(take_array(rest)?),
        2 => {
            let length = usize::try_from(take_varint(rest)?).unwrap_or(usize::MAX);
            let (bytes, after) = rest.split_at_checked(length).ok_or_else(ends_too_soon)?;
            *rest = after;
            Wire::Bytes(bytes)
        }
        3 => {
            skip_group(rest, number, depth)?;
            Wire::Group
        }
        5 => Wire::Fixed32(take_array(rest)?),
        other => return Err(format!("there is no wire type {other}")),
    };
    Ok((number, wire))
}

fn skip_group(rest: &mut &[u8], number: u32, depth: usize) -> Result<(), String> {
    let inner = depth.checked_sub(1).ok_or("it is nested too deeply")?;
    let end = (u64::from(number) << 3) | 4;
    loop {
        let mut ahead = *rest;
        if take_varint(&mut ahead)? == end {
            *rest = ahead;
            return Ok(());
        }
        take_field(rest, inner)?;
    }
}

fn take_varint(rest: &mut &[u8]) -> Result<u64, String> {
    let mut value = 0u64;
    for (at, byte) in rest.iter().enumerate().take(10) {
        value |= u64::from(byte & 0x7f) << (7 * at);
        if byte & 0x80 == 0 {
            if at == 9 && *byte > 1 {
                break;
            }
            *rest = rest.get(at + 1..).unwrap_or_default();
            return Ok(value);
        }
    }
    if rest.len() < 10 { Err(ends_too_soon()) } else { Err("a number is too long".into()) }
}

fn take_array<const N: usize>(rest: &mut &[u8]) -> Result<[u8; N], String> {
    let (taken, after) = rest.split_first_chunk().ok_or_else(ends_too_soon)?;
    *rest = after;
    Ok(*taken)
}

fn ends_too_soon() -> String {
    "it ends too soon".into()
}
