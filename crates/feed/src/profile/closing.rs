//! What the end of a session means, and how we end one.

use super::{Condition, duration};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use std::borrow::Cow;
use std::fmt;
use std::time::Duration;

/// What the end of a session means, and how we end one.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Closing {
    /// The code that we close with when we are done.
    pub code: u16,
    /// The code that we close with when we mean to come back and go on: some servers forget a
    /// session that ends with 1000 or 1001.
    pub resume_code: u16,
    /// The first that holds says what to do. If none does: 1008, 1010, 1015, and any status of the
    /// handshake but 408, 425, 429 and 5xx (without 505), stop; all else is tried again.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub rules: Vec<ClosingRule>,
}

/// What one kind of end means. It holds if any of its `codes`, `statuses` or its `message` does.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ClosingRule {
    /// The server closed with one of these: `4004`, or a range, `"4010-4014"`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub codes: Vec<Codes>,
    /// The handshake was answered with one of these HTTP statuses.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub statuses: Vec<Codes>,
    /// A message like this came, at any time: the session is ended with `resume_code`, or `code`
    /// where that means to stop.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<Condition>,
    pub then: Then,
    /// With `retry-after`: the wait, at the least.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "duration::option")]
    #[schemars(with = "Option<duration::Text>")]
    pub after: Option<Duration>,
    /// The next session starts from nothing: cursor and sequence are forgotten.
    #[serde(default)]
    pub fresh: bool,
    /// What it means, in a sentence for a person.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub because: Option<String>,
}

/// What to do next.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Then {
    /// Try again after the usual wait.
    Retry,
    /// Try again at once; after the usual wait if that ends the same way.
    RetryNow,
    /// Try again, but not before `after` has passed.
    RetryAfter,
    /// Trying again would give the same answer, or do harm.
    Stop,
}

/// One code, or all from the first to the last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Codes {
    pub first: u16,
    pub last: u16,
}

impl Codes {
    pub fn one(code: u16) -> Self {
        Codes { first: code, last: code }
    }

    pub fn contains(self, code: u16) -> bool {
        (self.first..=self.last).contains(&code)
    }
}

impl Serialize for Codes {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if self.first == self.last {
            serializer.serialize_u16(self.first)
        } else {
            serializer.collect_str(&format_args!("{}-{}", self.first, self.last))
        }
    }
}

impl<'de> Deserialize<'de> for Codes {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Written)
    }
}

/// Says what is expected where something else stands.
struct Written;

impl de::Visitor<'_> for Written {
    type Value = Codes;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a code, such as 4004, or a range in quotes, such as \"4010-4014\"")
    }

    fn visit_i64<E: de::Error>(self, code: i64) -> Result<Codes, E> {
        let code = u16::try_from(code);
        code.map(Codes::one).map_err(|_| E::custom("a code has four digits at the most"))
    }

    fn visit_u64<E: de::Error>(self, code: u64) -> Result<Codes, E> {
        self.visit_i64(i64::try_from(code).unwrap_or(i64::MAX))
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Codes, E> {
        let (first, last) = text.split_once('-').unwrap_or((text, text));
        match (first.trim().parse(), last.trim().parse()) {
            (Ok(first), Ok(last)) if first <= last => Ok(Codes { first, last }),
            _ => Err(E::custom(format_args!(
                "“{text}” is neither a code, like 4004, nor a range, like 4010-4014"
            ))),
        }
    }
}

impl JsonSchema for Codes {
    fn schema_name() -> Cow<'static, str> {
        "Codes".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "One code, or all from the first to the last.",
            "anyOf": [
                { "type": "integer", "minimum": 0, "maximum": 65535 },
                { "type": "string", "pattern": "^ *[0-9]+ *(- *[0-9]+ *)?$" },
            ],
            "examples": [4004, "4010-4014"],
        })
    }
}

impl Default for Closing {
    fn default() -> Self {
        Closing { code: 1000, resume_code: 1000, rules: Vec::new() }
    }
}
