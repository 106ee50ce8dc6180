//! What a message must be like.

use super::{OneOrMany, Path};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Holds for certain messages.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "Written", into = "Written")]
pub enum Condition {
    /// The value at `path` is one of `equals`, or has any value if that is empty. Texts are
    /// compared by their content, numbers by their value, `true`, `false` and `null` by name.
    At { path: Path, equals: Vec<String> },
    /// The whole message is this text, as it stands; it need not be JSON.
    Text(String),
    /// All of these hold.
    All(Vec<Condition>),
}

impl Condition {
    /// There is a value at `path`.
    pub fn exists(path: Path) -> Self {
        Condition::At { path, equals: Vec::new() }
    }

    /// The value at `path` is `value`.
    pub fn equals(path: Path, value: &str) -> Self {
        Condition::At { path, equals: vec![value.to_owned()] }
    }
}

/// As it stands in a file: `{ path = "op", equals = "pong" }`, `{ text = "pong" }`, or
/// `{ all = [{ … }, { … }] }`.
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Written {
    #[serde(skip_serializing_if = "Option::is_none")]
    path: Option<Path>,
    #[serde(skip_serializing_if = "Option::is_none")]
    equals: Option<OneOrMany<Scalar>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    text: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    all: Option<Vec<Condition>>,
}

/// What a value can be compared with.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(untagged, expecting = "a text, a number, true or false is expected")]
enum Scalar {
    Bool(bool),
    Integer(i64),
    Float(f64),
    Text(String),
}

impl Scalar {
    fn into_text(self) -> String {
        match self {
            Scalar::Bool(value) => value.to_string(),
            Scalar::Integer(value) => value.to_string(),
            Scalar::Float(value) => value.to_string(),
            Scalar::Text(value) => value,
        }
    }
}

impl TryFrom<Written> for Condition {
    type Error = &'static str;

    fn try_from(written: Written) -> Result<Self, Self::Error> {
        match written {
            Written { path: Some(path), equals, text: None, all: None } => {
                let equals = equals.map_or(Vec::new(), OneOrMany::into_vec);
                let equals = equals.into_iter().map(Scalar::into_text).collect();
                Ok(Condition::At { path, equals })
            }
            Written { path: None, equals: None, text: Some(text), all: None } => {
                Ok(Condition::Text(text))
            }
            Written { path: None, equals: None, text: None, all: Some(all) } if !all.is_empty() => {
                Ok(Condition::All(all))
            }
            _ => Err("a condition has either `path`, with or without `equals`, or `text`, or a \
                      list `all` of conditions"),
        }
    }
}

impl From<Condition> for Written {
    fn from(condition: Condition) -> Self {
        match condition {
            Condition::At { path, equals } => Written {
                path: Some(path),
                equals: (!equals.is_empty())
                    .then(|| equals.into_iter().map(Scalar::Text).collect::<Vec<_>>().into()),
                ..Written::default()
            },
            Condition::Text(text) => Written { text: Some(text), ..Written::default() },
            Condition::All(all) => Written { all: Some(all), ..Written::default() },
        }
    }
}
