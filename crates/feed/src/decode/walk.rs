//! What one pass over a message takes out of it: its numbers, and what is at the places that have a
//! meaning. Which bytes those are is the format's to say.

use super::number::Number;
use super::places::{PlaceId, Places};
use super::roles::{Caught, Value};
use super::texts::{self, Said};
use super::unlisted::Unlisted;

/// The key that a message that is nothing but a number counts as having.
pub(super) const BARE_KEY: &str = "value";

/// Values kept room for between messages.
const VALUES_KEPT: usize = 4_096;

/// Bytes of texts kept room for between messages.
const TEXT_BYTES_KEPT: usize = 64 << 10;

/// Takes in messages, one after the other.
#[derive(Debug)]
pub(super) struct Walker {
    pub places: Places,
    pub unlisted: Unlisted,
    pub caught: Caught,
    /// The numbers of the last message, by the place of their field, in its order.
    pub values: Vec<(PlaceId, f64)>,
    /// What else stands at places whose numbers would be fields, likewise.
    pub said: Vec<(PlaceId, Said)>,
    /// The texts of these.
    pub said_bytes: Vec<u8>,
    /// How many messages were read.
    message: u64,
    /// Room for a text with escapes.
    pub scratch: String,
}

impl Walker {
    pub fn new(places: Places) -> Self {
        Walker {
            places,
            unlisted: Unlisted::default(),
            caught: Caught::default(),
            values: Vec::new(),
            said: Vec::new(),
            said_bytes: Vec::new(),
            message: 0,
            scratch: String::new(),
        }
    }

    /// A message follows.
    pub fn begin(&mut self) {
        self.caught.clear(self.places.roles());
        self.values.clear();
        self.values.shrink_to(VALUES_KEPT);
        self.said.clear();
        self.said.shrink_to(VALUES_KEPT);
        self.said_bytes.clear();
        self.said_bytes.shrink_to(TEXT_BYTES_KEPT);
        self.message += 1;
    }

    #[inline]
    pub fn number(&mut self, place: PlaceId, number: Number) {
        // Formats other than JSON have numbers that no axis has.
        if !number.as_f64().is_finite() {
            return self.other(place, Value::Null);
        }
        for role in self.places.roles_at(place) {
            self.caught.put(*role, place, Value::Number(number));
        }
        self.list(place, number);
    }

    pub fn text(&mut self, place: PlaceId, text: &str) {
        for role in self.places.roles_at(place) {
            self.caught.put_text(*role, place, text);
        }
        if let Some(number) = Number::read(text.as_bytes()) {
            self.list(place, number);
        } else {
            self.say(place, text.as_bytes());
        }
    }

    pub fn other(&mut self, place: PlaceId, value: Value) {
        let said = match value {
            Value::Null => Some(Said::NULL),
            Value::Bool(value) => Some(Said::bool(value)),
            _ => None,
        };
        if let Some(said) = said
            && let Some(field) = self.places.listed_as(place)
        {
            self.said.push((field, said));
        }
        for role in self.places.roles_at(place) {
            self.caught.put(*role, place, value.clone());
        }
    }

    /// Adds a text, which is no number, to what may be a field, unless it serves another purpose.
    #[inline]
    pub fn say(&mut self, place: PlaceId, text: &[u8]) {
        let Some(field) = self.places.listed_as(place) else { return };
        let start = self.said_bytes.len();
        self.said_bytes.extend_from_slice(&texts::kept(text));
        self.said.push((field, Said::Text { start, end: self.said_bytes.len(), escaped: false }));
    }

    /// Adds a number to those that are fields, unless it serves another purpose.
    #[inline]
    pub fn list(&mut self, place: PlaceId, number: Number) {
        let Some((field, again)) = self.places.list(place, self.message) else { return };
        if !again {
            self.values.push((field, number.as_f64()));
        } else if let Some(value) = self.values.iter_mut().find(|(known, _)| *known == field) {
            // A key that comes twice: the last one counts, as for most who read JSON.
            value.1 = number.as_f64();
        }
    }
}
