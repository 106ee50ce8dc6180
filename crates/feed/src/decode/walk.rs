//! The one pass over a message: takes its numbers, and what is at the places that have a meaning.

use super::error::DecodeError;
use super::number::Number;
use super::places::{ITEMS_MAX, PlaceId, Places, ROOT};
use super::roles::{Caught, Value};
use super::unlisted::Unlisted;
use serde::de::{
    Deserialize, DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor,
};
use serde_json::value::RawValue;
use std::collections::VecDeque;
use std::fmt;

/// The key that a message that is nothing but a number counts as having.
const BARE_KEY: &str = "value";

/// Values kept room for between messages.
const VALUES_KEPT: usize = 4_096;

/// Reads messages, one after the other.
#[derive(Debug)]
pub(super) struct Walker {
    pub places: Places,
    pub unlisted: Unlisted,
    pub caught: Caught,
    /// The numbers of the last message, by the place of their field, in its order.
    pub values: Vec<(PlaceId, f64)>,
    /// How many messages were read.
    message: u64,
    /// Where the message is in memory: its parts know only where they are in memory themselves.
    start: usize,
    /// An error within a part of the message, and at which byte that part begins.
    part_error: Option<(usize, serde_json::Error)>,
}

impl Walker {
    pub fn new(places: Places) -> Self {
        Walker {
            places,
            unlisted: Unlisted::default(),
            caught: Caught::default(),
            values: Vec::new(),
            message: 0,
            start: 0,
            part_error: None,
        }
    }

    /// Reads a message into `caught` and `values`.
    pub fn read(&mut self, message: &[u8]) -> Result<(), DecodeError> {
        let text = std::str::from_utf8(message).map_err(DecodeError::not_text)?;
        let first = text.bytes().find(|byte| !byte.is_ascii_whitespace());
        let first = first.ok_or_else(DecodeError::empty)?;
        self.caught.clear(self.places.roles());
        self.values.clear();
        self.values.shrink_to(VALUES_KEPT);
        self.message += 1;
        self.start = text.as_ptr() as usize;
        let place = match first {
            b'{' | b'[' => Some(ROOT),
            _ => self.places.key(ROOT, BARE_KEY, &mut 0, &mut self.unlisted),
        };
        let mut json = serde_json::Deserializer::from_str(text);
        let read = match place {
            Some(place) => At { walker: self, place }.deserialize(&mut json),
            None => IgnoredAny::deserialize(&mut json).map(|_| ()),
        };
        read.and_then(|()| json.end()).map_err(|error| match self.part_error.take() {
            Some((start, error)) => DecodeError::json(text, start, &error),
            None => DecodeError::json(text, 0, &error),
        })
    }

    fn number(&mut self, place: PlaceId, number: Number) {
        for role in self.places.roles_at(place) {
            self.caught.put(*role, place, Value::Number(number));
        }
        self.list(place, number);
    }

    fn text(&mut self, place: PlaceId, text: &str) {
        for role in self.places.roles_at(place) {
            self.caught.put_text(*role, place, text);
        }
        if let Some(number) = Number::read(text) {
            self.list(place, number);
        }
    }

    fn other(&mut self, place: PlaceId, value: Value) {
        for role in self.places.roles_at(place) {
            self.caught.put(*role, place, value.clone());
        }
    }

    /// Adds a number to those that are fields, unless it serves another purpose.
    fn list(&mut self, place: PlaceId, number: Number) {
        let Some(field) = self.places.field(place) else { return };
        let roles = self.places.roles();
        if self.places.roles_at(place).iter().any(|role| roles.is_taken(*role)) {
            return;
        }
        if !self.places.mark(field, self.message) {
            self.values.push((field, number.as_f64()));
        } else if let Some(value) = self.values.iter_mut().find(|(known, _)| *known == field) {
            // A key that comes twice: the last one counts, as for most who read JSON.
            value.1 = number.as_f64();
        }
    }

    /// Reads a part of the message that was skipped before, as what stands at `place`.
    fn read_part(&mut self, place: PlaceId, part: &RawValue) -> Result<(), &'static str> {
        let mut json = serde_json::Deserializer::from_str(part.get());
        At { walker: self, place }.deserialize(&mut json).map_err(|error| {
            // The innermost error is the one that says where.
            let start = part.get().as_ptr() as usize - self.start;
            self.part_error.get_or_insert((start, error));
            "in a part of the message"
        })
    }

    /// Reads an array of which items counted from the end have a meaning. Which those are shows
    /// only at its end: so as many as may be meant are passed over, and read when it is known.
    fn read_from_end<'de, A: SeqAccess<'de>>(
        &mut self,
        array: PlaceId,
        lookahead: usize,
        mut items: A,
    ) -> Result<usize, A::Error> {
        let mut ahead = VecDeque::new();
        let mut index = 0;
        while let Some(item) = items.next_element::<&'de RawValue>()? {
            ahead.push_back(item);
            if ahead.len() > lookahead
                && let Some(item) = ahead.pop_front()
            {
                self.read_item(array, index, None, item).map_err(Error::custom)?;
                index += 1;
            }
        }
        while let Some(item) = ahead.pop_front() {
            let from_end = Some(ahead.len() + 1);
            self.read_item(array, index, from_end, item).map_err(Error::custom)?;
            index += 1;
        }
        Ok(index)
    }

    fn read_item(
        &mut self,
        array: PlaceId,
        index: usize,
        from_end: Option<usize>,
        item: &RawValue,
    ) -> Result<(), &'static str> {
        match self.places.item(array, index, from_end, &mut self.unlisted) {
            Some(place) => self.read_part(place, item),
            None => Ok(()),
        }
    }
}

/// Reads what stands at a place.
struct At<'w> {
    walker: &'w mut Walker,
    place: PlaceId,
}

impl<'de> DeserializeSeed<'de> for At<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for At<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_u64<E>(self, value: u64) -> Result<(), E> {
        self.walker.number(self.place, Number::Natural(value));
        Ok(())
    }

    fn visit_i64<E>(self, value: i64) -> Result<(), E> {
        self.walker.number(self.place, Number::Negative(value));
        Ok(())
    }

    fn visit_f64<E>(self, value: f64) -> Result<(), E> {
        self.walker.number(self.place, Number::Float(value));
        Ok(())
    }

    fn visit_str<E>(self, value: &str) -> Result<(), E> {
        self.walker.text(self.place, value);
        Ok(())
    }

    fn visit_bool<E>(self, value: bool) -> Result<(), E> {
        self.walker.other(self.place, Value::Bool(value));
        Ok(())
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        self.walker.other(self.place, Value::Null);
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let At { walker, place } = self;
        walker.other(place, Value::Container);
        let mut next = 0;
        while let Some(child) = map.next_key_seed(Key { walker, parent: place, next: &mut next })? {
            match child {
                Some(child) => map.next_value_seed(At { walker, place: child })?,
                None => {
                    map.next_value::<IgnoredAny>()?;
                }
            }
        }
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<(), A::Error> {
        let At { walker, place } = self;
        walker.other(place, Value::Container);
        let lookahead = walker.places.lookahead(place);
        let count = if lookahead > 0 {
            walker.read_from_end(place, lookahead, items)?
        } else {
            let mut index = 0;
            loop {
                let child = if index < ITEMS_MAX || walker.places.leads_on(place) {
                    walker.places.item(place, index, None, &mut walker.unlisted)
                } else {
                    None
                };
                let item = match child {
                    Some(place) => items.next_element_seed(At { walker, place })?,
                    None => items.next_element::<IgnoredAny>()?.map(|_| ()),
                };
                if item.is_none() {
                    break index;
                }
                index += 1;
            }
        };
        walker.places.count_items(place, count, &mut walker.unlisted);
        Ok(())
    }
}

/// Reads a key, and finds its place.
struct Key<'w> {
    walker: &'w mut Walker,
    parent: PlaceId,
    next: &'w mut usize,
}

impl<'de> DeserializeSeed<'de> for Key<'_> {
    type Value = Option<PlaceId>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl Visitor<'_> for Key<'_> {
    type Value = Option<PlaceId>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a key")
    }

    fn visit_str<E>(self, key: &str) -> Result<Self::Value, E> {
        Ok(self.walker.places.key(self.parent, key, self.next, &mut self.walker.unlisted))
    }
}
