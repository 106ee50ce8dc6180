//! A decoder, and what it makes of messages, by name.

// Each test file is a program of its own, and uses its part of this.
#![allow(dead_code)]

use feedscope_feed::decode::{Decoded, Decoder, Part, Signal};
use feedscope_feed::profile::{Kind, Profile};
use feedscope_feed::{FieldId, Time};
use serde_json::{Value, json};
use std::collections::BTreeMap;

pub const ARRIVAL: Time = Time(1_000_000_000_000);

/// A profile with these parts.
pub fn profile(parts: Value) -> Profile {
    let mut profile = json!({ "name": "test", "connection": { "url": "ws://localhost" } });
    let Value::Object(parts) = parts else { panic!("parts have names") };
    profile.as_object_mut().unwrap().extend(parts);
    serde_json::from_value(profile).unwrap_or_else(|error| panic!("{error}"))
}

/// What a message became, with names for its numbers.
#[derive(Clone, Debug, PartialEq)]
pub struct Read {
    pub kind: Kind,
    pub channel: String,
    pub key: Option<String>,
    pub time: Option<Time>,
    pub fields: BTreeMap<String, f64>,
    pub signals: Vec<Signal>,
}

pub struct Reader {
    pub decoder: Decoder,
    names: BTreeMap<FieldId, String>,
}

impl Reader {
    pub fn new(profile: &Profile) -> Self {
        Reader { decoder: Decoder::new(profile).unwrap(), names: BTreeMap::new() }
    }

    pub fn parts(&mut self, message: &[u8], is_text: bool) -> Vec<Part> {
        self.parts_at(message, is_text, ARRIVAL)
    }

    pub fn parts_at(&mut self, message: &[u8], is_text: bool, at: Time) -> Vec<Part> {
        let mut parts = Vec::new();
        self.decoder.decode(message, is_text, at, &mut parts);
        for new in self.decoder.new_fields() {
            self.names.insert(new.field, new.path.clone());
        }
        self.decoder.forget_new_fields();
        parts
    }

    pub fn named(&self, decoded: Decoded) -> Read {
        let names = self.decoder.names();
        let record = decoded.record;
        let fields = record.fields.iter().map(|(field, value)| (self.names[field].clone(), *value));
        Read {
            kind: decoded.kind,
            channel: names.channel(record.channel).unwrap().to_owned(),
            key: record.key.map(|key| names.key(key).unwrap().to_owned()),
            time: record.source_time,
            fields: fields.collect(),
            signals: decoded.signals,
        }
    }

    /// What comes of a message: messages, and the errors of what cannot be read.
    pub fn all(&mut self, message: &[u8], is_text: bool) -> Vec<Result<Read, String>> {
        let parts = self.parts(message, is_text);
        let read = parts.into_iter().map(|part| match part {
            Part::Message(decoded) => Ok(self.named(decoded)),
            Part::Undecodable(error) => Err(error.to_string()),
            other => panic!("it is no piece: {other:?}"),
        });
        read.collect()
    }

    pub fn one(&mut self, message: &[u8], is_text: bool) -> Result<Read, String> {
        let mut all = self.all(message, is_text);
        assert_eq!(all.len(), 1, "{all:?}");
        all.remove(0)
    }

    pub fn text(&mut self, message: &str) -> Read {
        self.one(message.as_bytes(), true).unwrap()
    }

    pub fn bytes(&mut self, message: &[u8]) -> Read {
        self.one(message, false).unwrap()
    }
}

pub fn fields<const N: usize>(fields: [(&str, f64); N]) -> BTreeMap<String, f64> {
    fields.into_iter().map(|(path, value)| (path.to_owned(), value)).collect()
}
