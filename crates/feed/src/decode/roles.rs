//! Which places in a message have a meaning, and what was found there.

use super::number::Number;
use super::places::PlaceId;
use crate::profile::{Condition, Path};
use std::borrow::Cow;
use std::fmt::Write;
use std::ops::Range;

/// A path that has a meaning, numbered from 0. Paths that are the same are one role.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct RoleId(pub usize);

/// A text kept between messages is no larger than this.
const TEXT_BYTES_KEPT: usize = 64 << 10;

/// A longer text names no channel: it is content.
const CHANNEL_BYTES_MAX: usize = 256;

/// The paths that have a meaning.
#[derive(Debug, Default)]
pub(super) struct Roles {
    paths: Vec<Path>,
    /// By role: its value serves a purpose of its own, and is no field.
    taken: Vec<bool>,
    /// The whole texts that are asked for.
    texts: Vec<Box<str>>,
}

/// What one message has at the places that have a meaning.
#[derive(Debug, Default)]
pub(super) struct Caught {
    values: Vec<Option<(PlaceId, Value)>>,
    texts: String,
}

#[derive(Clone, Debug)]
pub(super) enum Value {
    Null,
    Bool(bool),
    Number(Number),
    /// Where it is in [`Caught::texts`].
    Text(Range<usize>),
    /// A moment, in nanoseconds since the Unix epoch, where the format has such values.
    Time(i64),
    /// An object, an array, or bytes.
    Container,
}

/// A [`Condition`] whose paths are roles.
#[derive(Clone, Debug)]
pub(super) enum Test {
    /// Of any of these values; of any at all if there are none.
    At(RoleId, Vec<(Box<str>, Option<Number>)>),
    Text(Box<str>),
    All(Vec<Test>),
}

impl Roles {
    pub fn add(&mut self, path: &Path) -> RoleId {
        let at = self.paths.iter().position(|known| known == path).unwrap_or_else(|| {
            self.paths.push(path.clone());
            self.taken.push(false);
            self.paths.len() - 1
        });
        RoleId(at)
    }

    /// As [`Roles::add`], for a path whose value is no field.
    pub fn take(&mut self, path: &Path) -> RoleId {
        let role = self.add(path);
        self.taken[role.0] = true;
        role
    }

    pub fn test(&mut self, condition: &Condition) -> Test {
        match condition {
            Condition::At { path, equals } => {
                let equals =
                    equals.iter().map(|text| (text.as_str().into(), Number::read(text.as_bytes())));
                Test::At(self.add(path), equals.collect())
            }
            Condition::Text(text) => {
                self.texts.push(text.as_str().into());
                Test::Text(text.as_str().into())
            }
            Condition::All(all) => Test::All(all.iter().map(|one| self.test(one)).collect()),
        }
    }

    /// Whether a test asks for this very text, so that it is a message even if it cannot be read.
    pub fn asks_for(&self, text: &[u8]) -> bool {
        self.texts.iter().any(|asked| asked.as_bytes() == text)
    }

    pub fn count(&self) -> usize {
        self.paths.len()
    }

    pub fn path(&self, role: RoleId) -> &Path {
        &self.paths[role.0]
    }

    pub fn is_taken(&self, role: RoleId) -> bool {
        self.taken[role.0]
    }

    /// The roles whose values a test looks at.
    pub fn of_test(test: &Test, into: &mut Vec<RoleId>) {
        match test {
            Test::At(role, _) => into.push(*role),
            Test::Text(_) => {}
            Test::All(all) => all.iter().for_each(|test| Roles::of_test(test, into)),
        }
    }

    pub fn ids(&self) -> impl Iterator<Item = RoleId> + use<> {
        (0..self.paths.len()).map(RoleId)
    }
}

impl Caught {
    pub fn clear(&mut self, roles: &Roles) {
        self.values.clear();
        self.values.resize(roles.paths.len(), None);
        self.texts.clear();
        self.texts.shrink_to(TEXT_BYTES_KEPT);
    }

    pub fn put(&mut self, role: RoleId, place: PlaceId, value: Value) {
        self.values[role.0] = Some((place, value));
    }

    pub fn put_text(&mut self, role: RoleId, place: PlaceId, text: &str) {
        let start = self.texts.len();
        self.texts.push_str(text);
        self.put(role, place, Value::Text(start..self.texts.len()));
    }

    fn get(&self, role: RoleId) -> Option<&(PlaceId, Value)> {
        self.values[role.0].as_ref()
    }

    fn text(&self, range: &Range<usize>) -> &str {
        self.texts.get(range.clone()).unwrap_or_default()
    }

    /// Whether the message, which as a whole is `text`, passes the test.
    ///
    /// Texts are compared by their content, numbers by their value, and `true`, `false` and `null`
    /// by name. A `null` has no value: it is there only for who asks for `null`.
    pub fn meets(&self, test: &Test, text: &[u8]) -> bool {
        let (role, equals) = match test {
            Test::At(role, equals) => (*role, equals),
            Test::Text(whole) => return whole.as_bytes() == text,
            Test::All(all) => return all.iter().all(|test| self.meets(test, text)),
        };
        let Some((_, value)) = self.get(role) else { return false };
        if equals.is_empty() {
            return !matches!(value, Value::Null);
        }
        equals.iter().any(|(text, number)| match value {
            Value::Null => &**text == "null",
            Value::Bool(value) => &**text == if *value { "true" } else { "false" },
            Value::Number(value) => number.as_ref() == Some(value),
            Value::Text(range) => self.text(range) == &**text,
            Value::Time(_) | Value::Container => false,
        })
    }

    /// The channel that the value names, and its place.
    pub fn channel(&self, role: RoleId) -> Option<(PlaceId, Cow<'_, str>)> {
        let (place, value) = self.get(role)?;
        let name = match value {
            Value::Text(range) => {
                let text = self.text(range);
                Cow::Borrowed(names_channel(text).then_some(text)?)
            }
            Value::Number(number) => integer(*number)?,
            _ => return None,
        };
        Some((*place, name))
    }

    pub fn key(&self, role: RoleId) -> Option<Cow<'_, str>> {
        match &self.get(role)?.1 {
            Value::Text(range) => Some(self.text(range).into()),
            Value::Number(number) => integer(*number),
            _ => None,
        }
    }

    /// The text at this place.
    pub fn text_of(&self, role: RoleId) -> Option<&str> {
        match &self.get(role)?.1 {
            Value::Text(range) => Some(self.text(range)),
            _ => None,
        }
    }

    /// Writes the text or the number at this place in place of what is there; leaves that where
    /// there is neither.
    pub fn write(&self, role: RoleId, to: &mut Option<String>) {
        match self.value(role) {
            Some(Value::Text(range)) => write_text(self.text(range), to),
            Some(Value::Number(number)) => write_number(*number, to),
            _ => {}
        }
    }

    pub fn place(&self, role: RoleId) -> Option<PlaceId> {
        Some(self.get(role)?.0)
    }

    pub fn value(&self, role: RoleId) -> Option<&Value> {
        Some(&self.get(role)?.1)
    }

    pub fn number(&self, role: RoleId) -> Option<Number> {
        match &self.get(role)?.1 {
            Value::Text(range) => Number::read(self.text(range).as_bytes()),
            Value::Number(number) => Some(*number),
            _ => None,
        }
    }
}

pub(super) fn write_text(text: &str, to: &mut Option<String>) {
    let to = to.get_or_insert_default();
    to.clear();
    to.push_str(text);
}

pub(super) fn write_number(number: Number, to: &mut Option<String>) {
    let to = to.get_or_insert_default();
    to.clear();
    // Writing to a string does not fail.
    let _ = match number {
        Number::Natural(number) => write!(to, "{number}"),
        Number::Negative(number) => write!(to, "{number}"),
        Number::Float(number) => write!(to, "{number}"),
    };
}

/// Whether a text names a channel. A number with a fraction names none: it is a measurement.
pub(super) fn names_channel(text: &str) -> bool {
    (1..=CHANNEL_BYTES_MAX).contains(&text.len())
        && Number::read(text.as_bytes()).is_none_or(Number::is_whole)
}

fn integer(number: Number) -> Option<Cow<'static, str>> {
    match number {
        Number::Natural(natural) => Some(natural.to_string().into()),
        Number::Negative(negative) => Some(negative.to_string().into()),
        Number::Float(_) => None,
    }
}
