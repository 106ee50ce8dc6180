//! Durations as people write them: `250ms`, `10s`, `1m 30s`.

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserializer, Serializer, de};
use std::borrow::Cow;
use std::fmt;
use std::time::Duration;

/// A longer one is a mistake, and would only overflow somewhere.
pub const DURATION_MAX: Duration = Duration::from_secs(366 * 24 * 3_600);

pub fn serialize<S: Serializer>(duration: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(&humantime::format_duration(*duration))
}

pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Duration, D::Error> {
    deserializer.deserialize_str(Written)
}

/// Says what is expected where something else stands.
struct Written;

impl de::Visitor<'_> for Written {
    type Value = Duration;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a duration in quotes, such as \"250ms\", \"10s\" or \"5m\"")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Duration, E> {
        parse(text).map_err(de::Error::custom)
    }
}

/// How a duration is described to other programs.
pub struct Text;

impl JsonSchema for Text {
    fn schema_name() -> Cow<'static, str> {
        "Duration".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "string",
            "description": "A duration: whole numbers with units (`ms`, `s`, `m`, `h`, `days`), \
                            one after the other.",
            "examples": ["250ms", "10s", "1m 30s"],
        })
    }
}

/// As [`Text`], where it may be `none`.
pub struct TextOrNone;

impl JsonSchema for TextOrNone {
    fn schema_name() -> Cow<'static, str> {
        "DurationOrNone".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "string",
            "description": "A duration, such as `10s` or `1m 30s`; or `none`.",
            "examples": ["1m", "none"],
        })
    }
}

fn parse(text: &str) -> Result<Duration, String> {
    match humantime::parse_duration(text) {
        Ok(duration) if duration <= DURATION_MAX => Ok(duration),
        Ok(_) => Err(format!("“{text}” is too long; a year is the most")),
        Err(_) => Err(format!("“{text}” is not a duration, such as 250ms, 10s or 5m")),
    }
}

/// One that may be absent.
pub mod option {
    use super::*;

    pub fn serialize<S: Serializer>(
        duration: &Option<Duration>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        match duration {
            Some(duration) => super::serialize(duration, serializer),
            None => serializer.serialize_none(),
        }
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Option<Duration>, D::Error> {
        super::deserialize(deserializer).map(Some)
    }
}

/// One that may be `none`, where its absence means something else.
pub mod or_none {
    use super::*;

    pub fn serialize<S: Serializer>(
        duration: &Option<Duration>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        match duration {
            Some(duration) => super::serialize(duration, serializer),
            None => serializer.serialize_str("none"),
        }
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Option<Duration>, D::Error> {
        deserializer.deserialize_str(Written)
    }

    struct Written;

    impl de::Visitor<'_> for Written {
        type Value = Option<Duration>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a duration in quotes, such as \"10s\", or \"none\"")
        }

        fn visit_str<E: de::Error>(self, text: &str) -> Result<Option<Duration>, E> {
            if text == "none" {
                return Ok(None);
            }
            parse(text).map(Some).map_err(de::Error::custom)
        }
    }
}
