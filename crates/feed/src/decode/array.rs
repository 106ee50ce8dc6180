//! A message that is an array of messages, taken apart. What JSON it is made of is checked as a
//! whole; what is wrong with one of the messages shows when that one is read.

use super::error::DecodeError;
use serde::de::{Deserializer, SeqAccess, Visitor};
use serde_json::value::RawValue;
use std::fmt;

/// Hands on each item of the array that the message is. `None` if it is none.
pub(super) fn json_items(
    message: &[u8],
    item: impl FnMut(&[u8]),
) -> Option<Result<(), DecodeError>> {
    if !message.trim_ascii_start().starts_with(b"[") {
        return None;
    }
    let text = match std::str::from_utf8(message) {
        Ok(text) => text,
        Err(error) => return Some(Err(DecodeError::not_text(error))),
    };
    let mut json = serde_json::Deserializer::from_str(text);
    let read = json.deserialize_seq(Items(item)).and_then(|()| json.end());
    Some(read.map_err(|error| DecodeError::json(text, &error)))
}

struct Items<F>(F);

impl<'de, F: FnMut(&[u8])> Visitor<'de> for Items<F> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an array")
    }

    fn visit_seq<A: SeqAccess<'de>>(mut self, mut items: A) -> Result<(), A::Error> {
        while let Some(item) = items.next_element::<&'de RawValue>()? {
            (self.0)(item.get().as_bytes());
        }
        Ok(())
    }
}
