//! Text with names in it that are known only later: `wss://host/${symbol}`.

use super::Path;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

/// Text with `${names}` in it; `$$` stands for a dollar sign.
#[derive(Clone, Default, PartialEq, Eq, Hash)]
pub struct Template {
    parts: Vec<Part>,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Part {
    Text(String),
    Name(Name),
}

/// What stands in `${…}`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Name {
    /// One of the profile's, or of those that Feedscope knows: see [`KNOWN`].
    Variable(String),
    /// `${secret:NAME}`.
    Secret(String),
    /// `${message:PATH}`: what the message that is answered has there.
    Message(Path),
}

/// The names that Feedscope gives a value itself.
pub const KNOWN: [&str; 8] =
    ["cursor", "sequence", "channel", "key", "first", "last", "id", "time_ms"];

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("“{text}”: {what}")]
pub struct TemplateError {
    text: String,
    what: String,
}

/// A name that has no value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unknown {
    pub name: Name,
    /// Why nobody knows whether it has one: what keeps secrets did not answer.
    pub why: Option<String>,
}

impl From<&Name> for Unknown {
    fn from(name: &Name) -> Self {
        Unknown { name: name.clone(), why: None }
    }
}

/// What has to be done to a value where it is put in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Escape {
    /// Nothing.
    No,
    /// Percent-encoding.
    Url,
    /// Percent-encoding, except of a value that the text begins with: that is a URL itself.
    WholeUrl,
    /// As within a JSON string.
    Json,
}

impl Template {
    /// One without names.
    pub fn plain(text: impl Into<String>) -> Self {
        let text = text.into();
        Template { parts: if text.is_empty() { Vec::new() } else { vec![Part::Text(text)] } }
    }

    pub fn names(&self) -> impl Iterator<Item = &Name> {
        self.parts.iter().filter_map(|part| match part {
            Part::Name(name) => Some(name),
            Part::Text(_) => None,
        })
    }

    pub fn is_empty(&self) -> bool {
        self.parts.is_empty()
    }

    /// The same, with what a message has put in for `${message:…}`, as within a JSON string. It is
    /// text from then on: nothing in it is taken for a name. `None` if the message lacks it.
    pub fn answering<'v>(
        &self,
        mut value: impl FnMut(&Path) -> Option<Cow<'v, str>>,
    ) -> Option<Template> {
        let parts = self.parts.iter().map(|part| match part {
            Part::Name(Name::Message(path)) => {
                let mut text = String::new();
                Escape::Json.push(&value(path)?, &mut text);
                Some(Part::Text(text))
            }
            part => Some(part.clone()),
        });
        Some(Template { parts: parts.collect::<Option<_>>()? })
    }

    /// The same, with a text in place of a variable. Names may stand in that; the rest of it is put in
    /// as a value of the variable is.
    pub fn with(&self, escape: Escape, variable: &str, text: &Template) -> Template {
        let mut parts = Vec::new();
        for (index, part) in self.parts.iter().enumerate() {
            if *part != Part::Name(Name::Variable(variable.to_owned())) {
                parts.push(part.clone());
                continue;
            }
            let is_whole = escape == Escape::WholeUrl && index == 0;
            parts.extend(text.parts.iter().map(|part| match part {
                Part::Text(text) if !is_whole => {
                    let mut put = String::new();
                    escape.push(text, &mut put);
                    Part::Text(put)
                }
                part => part.clone(),
            }));
        }
        Template { parts }
    }

    /// Puts in what `value` says of each name.
    pub fn expand<'v>(
        &self,
        escape: Escape,
        mut value: impl FnMut(&Name) -> Option<Cow<'v, str>>,
    ) -> Result<String, Unknown> {
        self.fill(escape, |name| value(name).ok_or_else(|| name.into()))
    }

    /// As [`expand`](Template::expand), where it may be known why there is no value.
    pub fn fill<'v>(
        &self,
        escape: Escape,
        mut value: impl FnMut(&Name) -> Result<Cow<'v, str>, Unknown>,
    ) -> Result<String, Unknown> {
        let mut text = String::new();
        for (index, part) in self.parts.iter().enumerate() {
            match part {
                Part::Text(part) => text.push_str(part),
                Part::Name(name) => {
                    let value = value(name)?;
                    match escape {
                        Escape::WholeUrl if index == 0 => text.push_str(&value),
                        _ => escape.push(&value, &mut text),
                    }
                }
            }
        }
        Ok(text)
    }
}

impl Escape {
    fn push(self, value: &str, text: &mut String) {
        match self {
            Escape::No => text.push_str(value),
            // A space as `%20` is right in a path, too.
            Escape::Url | Escape::WholeUrl => text.extend(
                url::form_urlencoded::byte_serialize(value.as_bytes())
                    .map(|part| if part == "+" { "%20" } else { part }),
            ),
            Escape::Json => {
                let quoted = serde_json::Value::from(value).to_string();
                text.push_str(&quoted[1..quoted.len() - 1]);
            }
        }
    }
}

/// Text without names: a dollar sign is nothing but that.
impl From<&str> for Template {
    fn from(text: &str) -> Self {
        Template::plain(text)
    }
}

impl FromStr for Template {
    type Err = TemplateError;

    fn from_str(text: &str) -> Result<Self, TemplateError> {
        let error = |what: String| TemplateError { text: text.to_owned(), what };
        let mut parts = Vec::new();
        let mut plain = String::new();
        let mut rest = text;
        while let Some(at) = rest.find('$') {
            plain.push_str(&rest[..at]);
            rest = &rest[at + 1..];
            if let Some(after) = rest.strip_prefix('$') {
                plain.push('$');
                rest = after;
            } else if let Some(after) = rest.strip_prefix('{') {
                let (name, after) =
                    after.split_once('}').ok_or_else(|| error("a “}” is missing".into()))?;
                if !plain.is_empty() {
                    parts.push(Part::Text(std::mem::take(&mut plain)));
                }
                parts.push(Part::Name(name.parse().map_err(error)?));
                rest = after;
            } else {
                plain.push('$');
            }
        }
        plain.push_str(rest);
        if !plain.is_empty() {
            parts.push(Part::Text(plain));
        }
        Ok(Template { parts })
    }
}

impl FromStr for Name {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        if let Some(path) = name.strip_prefix("message:") {
            return path.parse().map(Name::Message).map_err(|error| format!("{error}"));
        }
        let (bare, make): (_, fn(String) -> Name) = match name.strip_prefix("secret:") {
            Some(secret) => (secret, Name::Secret),
            None => (name, Name::Variable),
        };
        let is_fit = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.');
        if bare.is_empty() || !bare.chars().all(is_fit) {
            return Err(format!(
                "“${{{name}}}” is not a name: letters, digits, “_”, “-” and “.” make one; a dollar \
                 sign of its own is written “$$”"
            ));
        }
        Ok(make(bare.to_owned()))
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Name::Variable(name) => write!(f, "${{{name}}}"),
            Name::Secret(name) => write!(f, "${{secret:{name}}}"),
            Name::Message(path) => write!(f, "${{message:{path}}}"),
        }
    }
}

/// As it is written.
impl fmt::Display for Template {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for part in &self.parts {
            match part {
                // Only in front of “$” or “{” would it be read as something else.
                Part::Text(text) => f.write_str(&text.replace('$', "$$"))?,
                Part::Name(name) => write!(f, "{name}")?,
            }
        }
        Ok(())
    }
}

impl fmt::Debug for Template {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.to_string())
    }
}

impl Serialize for Template {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Template {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_str(Written)
    }
}

/// Says what is expected where something else stands.
struct Written;

impl de::Visitor<'_> for Written {
    type Value = Template;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a text in quotes, in which ${names} may stand")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Template, E> {
        text.parse().map_err(de::Error::custom)
    }
}

impl JsonSchema for Template {
    fn schema_name() -> Cow<'static, str> {
        "Template".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "string",
            "description": "A text with names in it: `${symbol}` is a variable, `${secret:NAME}` a \
                            secret, `${message:PATH}` a value of the message that is answered; \
                            `$$` is a dollar sign.",
            "examples": ["wss://example.com/${symbol}"],
        })
    }
}
