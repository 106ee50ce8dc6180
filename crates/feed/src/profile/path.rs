//! A place in a message: `data.bids[0][1]`.

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use serde_json::Value;
use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

/// A place in a message. Keys are separated by dots and items are numbered in brackets, from the
/// end if negative: `data.bids[0][-1]`. A key with any of `.["\` in it, or an empty one, is
/// written as a JSON string in brackets: `["a.b"]`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Path(Vec<Step>);

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Step {
    Key(Box<str>),
    Item(usize),
    /// Counted from the end: 1 is the last.
    ItemFromEnd(usize),
}

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("“{path}” is not a path: {what} at character {at}")]
pub struct PathError {
    path: String,
    what: &'static str,
    at: usize,
}

impl Path {
    /// The path of one key.
    pub fn key(name: &str) -> Self {
        Path(vec![Step::Key(name.into())])
    }

    pub fn steps(&self) -> &[Step] {
        &self.0
    }

    /// What a message that was taken apart has there.
    pub fn find_in<'v>(&self, message: &'v Value) -> Option<&'v Value> {
        self.0.iter().try_fold(message, |value, step| match step {
            Step::Key(key) => value.get(&**key),
            Step::Item(index) => value.get(index),
            Step::ItemFromEnd(back) => {
                let items = value.as_array()?;
                items.get(items.len().checked_sub(*back)?)
            }
        })
    }
}

impl From<Vec<Step>> for Path {
    fn from(steps: Vec<Step>) -> Self {
        Path(steps)
    }
}

impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, step) in self.0.iter().enumerate() {
            match step {
                Step::Item(index) => write!(f, "[{index}]")?,
                Step::ItemFromEnd(index) => write!(f, "[-{index}]")?,
                Step::Key(key) if key.is_empty() || key.contains(['.', '[', ']', '"', '\\']) => {
                    let quoted = serde_json::to_string(key).map_err(|_| fmt::Error)?;
                    write!(f, "[{quoted}]")?;
                }
                Step::Key(key) if i == 0 => f.write_str(key)?,
                Step::Key(key) => write!(f, ".{key}")?,
            }
        }
        Ok(())
    }
}

impl Serialize for Path {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Path {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_str(Written)
    }
}

/// Says what is expected where something else stands.
struct Written;

impl de::Visitor<'_> for Written {
    type Value = Path;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a path in quotes, such as \"data.bids[0]\"")
    }

    fn visit_str<E: de::Error>(self, path: &str) -> Result<Path, E> {
        path.parse().map_err(de::Error::custom)
    }
}

impl JsonSchema for Path {
    fn schema_name() -> Cow<'static, str> {
        "Path".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "string",
            "minLength": 1,
            "description": "A place in a message. Keys are separated by dots, and items are \
                            numbered in brackets, from the end if negative. A key with any of \
                            `.[]\"\\` in it, or an empty one, is written as a JSON string in \
                            brackets: `[\"a.b\"]`.",
            "examples": ["data.bids[0][-1]"],
        })
    }
}

impl FromStr for Path {
    type Err = PathError;

    fn from_str(path: &str) -> Result<Self, PathError> {
        let error = |what, rest: &str| PathError {
            path: path.to_owned(),
            what,
            at: path.chars().count() - rest.chars().count() + 1,
        };
        let mut steps = Vec::new();
        let mut rest = path;
        while !rest.is_empty() {
            if let Some(inner) = rest.strip_prefix('[') {
                if inner.starts_with('"') {
                    let mut strings =
                        serde_json::Deserializer::from_str(inner).into_iter::<String>();
                    let key = match strings.next() {
                        Some(Ok(key)) => key,
                        _ => return Err(error("the quoted key has no end", rest)),
                    };
                    let after = &inner[strings.byte_offset()..];
                    rest =
                        after.strip_prefix(']').ok_or_else(|| error("“]” is expected", after))?;
                    steps.push(Step::Key(key.into()));
                } else {
                    let (index, after) =
                        inner.split_once(']').ok_or_else(|| error("“]” is missing", rest))?;
                    let bad = || error("a whole number is expected", inner);
                    steps.push(match index.strip_prefix('-') {
                        Some(back) => match back.parse() {
                            Ok(0) | Err(_) => return Err(bad()),
                            Ok(back) => Step::ItemFromEnd(back),
                        },
                        None => Step::Item(index.parse().map_err(|_| bad())?),
                    });
                    rest = after;
                }
                continue;
            }
            if !steps.is_empty() {
                rest = rest.strip_prefix('.').ok_or_else(|| error("“.” is expected", rest))?;
            }
            let end = rest.find(['.', '[']).unwrap_or(rest.len());
            if end == 0 {
                return Err(error("a key is missing", rest));
            }
            steps.push(Step::Key(rest[..end].into()));
            rest = &rest[end..];
        }
        if steps.is_empty() {
            return Err(error("it is empty", rest));
        }
        Ok(Path(steps))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn reads_what_people_write() {
        let path: Path = r#"data.bids[0][-1]["a.b"].c"#.parse().unwrap();
        assert_eq!(
            path.steps(),
            [
                Step::Key("data".into()),
                Step::Key("bids".into()),
                Step::Item(0),
                Step::ItemFromEnd(1),
                Step::Key("a.b".into()),
                Step::Key("c".into()),
            ]
        );
    }

    #[test]
    fn says_where_it_is_wrong() {
        for (path, message) in [
            ("", "“” is not a path: it is empty at character 1"),
            ("a..b", "“a..b” is not a path: a key is missing at character 3"),
            ("a[x]", "“a[x]” is not a path: a whole number is expected at character 3"),
            ("a[-0]", "“a[-0]” is not a path: a whole number is expected at character 3"),
            ("a[1", "“a[1” is not a path: “]” is missing at character 2"),
            ("[1]b", "“[1]b” is not a path: “.” is expected at character 4"),
        ] {
            assert_eq!(path.parse::<Path>().unwrap_err().to_string(), message);
        }
    }

    proptest! {
        #[test]
        fn what_is_written_reads_back(keys in prop::collection::vec((any::<String>(), 0usize..9), 1..6)) {
            let steps: Vec<Step> = keys
                .into_iter()
                .map(|(key, index)| match index {
                    0..4 => Step::Key(key.into()),
                    4..7 => Step::Item(index),
                    _ => Step::ItemFromEnd(index),
                })
                .collect();
            let path = Path::from(steps);
            prop_assert_eq!(path.to_string().parse::<Path>().unwrap(), path);
        }
    }
}
