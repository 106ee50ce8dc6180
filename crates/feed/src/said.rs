//! Sentences for a person: in English, and as what another language needs to say the same.
//!
//! ```
//! use feedscope_feed::{Said, said};
//!
//! let said: Said = said!("trouble_no_answer", "{host} gave no answer.", host = "example.com");
//! assert_eq!(said, "example.com gave no answer.");
//! assert_eq!(said.parts()[0].key.as_deref(), Some("trouble_no_answer"));
//! ```
//!
//! The English is written here, where it is said; other languages are in the window's catalogues,
//! `ui/src/words`, under the same key and with the same values. A test of the window's reads every
//! `said!` of the sources, and looks whether the catalogues have it.

use serde::{Deserialize, Serialize, Serializer};
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;
use std::ops::Deref;

/// A sentence, or several. Reads as its English text wherever a `&str` is wanted. As small as can be:
/// it is what many a function fails with.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Said(Box<Whole>);

#[derive(Clone, Default, PartialEq, Eq)]
struct Whole {
    text: String,
    parts: Vec<Part>,
}

/// A sentence as it can be said in any language.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct Part {
    /// What the catalogues call it; `null` for what others said, which stays as it is.
    #[cfg_attr(feature = "ts", ts(type = "string | null"))]
    pub key: Option<Cow<'static, str>>,
    /// What stands in it, by name.
    #[cfg_attr(feature = "ts", ts(type = "Record<string, string | Part>"))]
    pub values: BTreeMap<Cow<'static, str>, Value>,
    /// In English.
    pub text: String,
}

/// What stands in a sentence: a name or a number, or words that have a key of their own.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Value {
    Text(String),
    Part(Part),
}

/// A [`Said`] with a key, an English text as `format!` takes it, and what stands in it.
#[macro_export]
macro_rules! said {
    (@value $name:ident) => { $crate::said::Value::from($name) };
    (@value $name:ident $value:expr) => { $crate::said::Value::from($value) };
    ($key:literal, $text:literal $(, $name:ident $(= $value:expr)?)* $(,)?) => {{
        $(let $name = $crate::said!(@value $name $($value)?);)*
        $crate::Said::new(
            $key,
            format!($text $(, $name = $name)*),
            [$((stringify!($name), $name)),*],
        )
    }};
}

impl Said {
    /// Use [`said!`], which makes the text.
    #[doc(hidden)]
    pub fn new<const N: usize>(
        key: &'static str,
        text: String,
        values: [(&'static str, Value); N],
    ) -> Self {
        let values = values.into_iter().map(|(name, value)| (Cow::Borrowed(name), value));
        let part = Part { key: Some(key.into()), values: values.collect(), text: text.clone() };
        Said(Box::new(Whole { text, parts: vec![part] }))
    }

    /// All of it, sentence by sentence.
    pub fn parts(&self) -> &[Part] {
        &self.0.parts
    }

    pub fn as_str(&self) -> &str {
        &self.0.text
    }

    /// This, and after it another.
    pub fn and(mut self, more: impl Into<Said>) -> Self {
        let (whole, more) = (&mut self.0, more.into().0);
        if !whole.text.is_empty() && !more.text.is_empty() {
            whole.text.push(' ');
        }
        whole.text += &more.text;
        whole.parts.extend(more.parts);
        self
    }

    /// With `to` wherever `from` stands in it.
    pub fn replace(&mut self, from: &str, to: &str) {
        self.0.text = self.0.text.replace(from, to);
        self.0.parts.iter_mut().for_each(|part| part.replace(from, to));
    }
}

impl Part {
    fn replace(&mut self, from: &str, to: &str) {
        self.text = self.text.replace(from, to);
        for value in self.values.values_mut() {
            match value {
                Value::Text(text) => *text = text.replace(from, to),
                Value::Part(part) => part.replace(from, to),
            }
        }
    }
}

impl Deref for Said {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0.text
    }
}

impl fmt::Display for Said {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self)
    }
}

impl fmt::Debug for Said {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self.as_str(), f)
    }
}

/// Its text: terminals and files are told English.
impl Serialize for Said {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self)
    }
}

/// What others said.
impl From<String> for Said {
    fn from(text: String) -> Self {
        let part = Part { key: None, values: BTreeMap::new(), text: text.clone() };
        Said(Box::new(Whole { text, parts: vec![part] }))
    }
}

/// What others said.
impl From<&str> for Said {
    fn from(text: &str) -> Self {
        text.to_owned().into()
    }
}

impl PartialEq<str> for Said {
    fn eq(&self, other: &str) -> bool {
        self.as_str() == other
    }
}

impl PartialEq<&str> for Said {
    fn eq(&self, other: &&str) -> bool {
        self.as_str() == *other
    }
}

impl PartialEq<String> for Said {
    fn eq(&self, other: &String) -> bool {
        self.as_str() == *other
    }
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Value::Text(text) => text,
            Value::Part(part) => &part.text,
        })
    }
}

impl From<Said> for Value {
    fn from(said: Said) -> Self {
        let Whole { text, parts } = *said.0;
        match <[Part; 1]>::try_from(parts) {
            Ok([part]) => Value::Part(part),
            Err(_) => Value::Text(text),
        }
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Value::Text(text)
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Value::Text(text.to_owned())
    }
}

macro_rules! numbers {
    ($($number:ty),*) => {
        $(impl From<$number> for Value {
            fn from(number: $number) -> Self {
                Value::Text(number.to_string())
            }
        })*
    };
}

numbers!(u16, u32, u64, usize, i64, f64);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sentences_follow_each_other_each_with_its_key() {
        let by = said!("proxy_http", "The HTTP proxy {at}", at = "a:1");
        let said = said!("refused", "{by} refused us: {status}.", by, status = 403_u16);
        let said = said.and("It is a secret.");
        assert_eq!(said, "The HTTP proxy a:1 refused us: 403. It is a secret.");
        let keys: Vec<_> = said.parts().iter().map(|part| part.key.as_deref()).collect();
        assert_eq!(keys, [Some("refused"), None]);
        let [first, _] = said.parts() else { panic!("{said:?}") };
        assert_eq!(first.values["status"], Value::Text("403".into()));
        let Value::Part(by) = &first.values["by"] else { panic!("{first:?}") };
        assert_eq!((by.key.as_deref(), &*by.text), (Some("proxy_http"), "The HTTP proxy a:1"));
    }

    #[test]
    fn what_is_hidden_is_hidden_everywhere() {
        let by = said!("at", "at {host}", host = "s3cret.example");
        let mut said = said!("told", "It is {by}.", by).and("s3cret");
        said.replace("s3cret", "…");
        let json = serde_json::to_string(said.parts()).unwrap();
        assert_eq!(said, "It is at ….example. …");
        assert!(!json.contains("s3cret"), "{json}");
    }

    #[test]
    fn a_part_comes_back_as_it_was_written() {
        let by = said!("at", "at {host}", host = "a");
        let said = said!("told", "It is {by}, {n}.", by, n = 7_u64);
        let bytes = rmp_serde::to_vec_named(said.parts()).unwrap();
        assert_eq!(rmp_serde::from_slice::<Vec<Part>>(&bytes).unwrap(), said.parts());
        assert_eq!(serde_json::to_value(&said).unwrap(), "It is at a, 7.");
    }
}
