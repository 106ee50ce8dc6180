//! Which messages are shown.

use super::message::Message;
use crate::api::{InspectDirection, InspectFilter, Trouble};
use feedscope_feed::profile::{Path, Step};
use feedscope_feed::said;
use regex::bytes::{Regex, RegexBuilder};
use serde_json::Value;

/// A longer text is not looked for.
const TEXT_BYTES_MAX: usize = 1_000;

/// See the [module](self). Where a message went is asked apart from this, since it may change.
#[derive(Debug, Default)]
pub(super) struct Filter {
    text: Option<Regex>,
    /// In small letters.
    channel: Option<String>,
    path: Option<(Path, Option<Wanted>)>,
    direction: Option<InspectDirection>,
}

/// A value as it was typed.
#[derive(Debug)]
struct Wanted {
    text: String,
    number: Option<f64>,
}

impl Filter {
    pub fn new(filter: &InspectFilter) -> Result<Self, Trouble> {
        let InspectFilter { text, channel, path, equals, direction, verdict: _ } = filter;
        let text = match text.as_str() {
            "" => None,
            text if text.len() > TEXT_BYTES_MAX => return Err(too_long()),
            text => {
                let mut regex = RegexBuilder::new(&regex::escape(text));
                Some(regex.case_insensitive(true).build().map_err(|_| too_long())?)
            }
        };
        let path = match path.trim() {
            "" => None,
            path => {
                let path = path.parse::<Path>().map_err(|error| not_a_path(path, &error))?;
                Some((path, equals.as_deref().map(Wanted::new)))
            }
        };
        let channel = Some(channel.trim().to_lowercase()).filter(|channel| !channel.is_empty());
        Ok(Filter { text, channel, path, direction: *direction })
    }

    pub fn shows(&self, message: &Message) -> bool {
        let Filter { text, channel, path, direction } = self;
        direction.is_none_or(|direction| direction == message.direction.into())
            && channel.as_ref().is_none_or(|channel| {
                message.channel_name().is_some_and(|name| name.to_lowercase().contains(channel))
            })
            && text.as_ref().is_none_or(|text| text.is_match(&message.payload))
            && path.as_ref().is_none_or(|(path, wanted)| has(message, path, wanted.as_ref()))
    }
}

/// Whether there is something at a path, and if so, whether it is what is wanted.
fn has(message: &Message, path: &Path, wanted: Option<&Wanted>) -> bool {
    let Some(text) = message.text() else { return false };
    // Taking a message apart costs more than looking whether the name stands in it at all.
    let last_key = path.steps().iter().rev().find_map(|step| match step {
        Step::Key(key) => Some(key),
        _ => None,
    });
    let is_plain = |key: &str| key.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    if last_key.is_some_and(|key| is_plain(key) && !text.contains(&**key) && !text.contains('\\')) {
        return false;
    }
    let Ok(whole) = serde_json::from_str::<Value>(text) else { return false };
    // A message that is a list of messages has what one of them has.
    let items = whole.as_array().map_or(&[][..], Vec::as_slice);
    std::iter::once(&whole)
        .chain(items)
        .filter_map(|value| path.find_in(value))
        .any(|found| wanted.is_none_or(|wanted| wanted.is(found)))
}

impl Wanted {
    fn new(text: &str) -> Self {
        let text = text.trim();
        Wanted { text: text.to_owned(), number: text.parse().ok() }
    }

    /// Numbers are compared as such, also those that are written as texts.
    fn is(&self, found: &Value) -> bool {
        match found {
            Value::String(text) => {
                *text == self.text || (self.number.is_some() && text.parse().ok() == self.number)
            }
            Value::Number(number) => {
                number.to_string() == self.text
                    || (self.number.is_some() && number.as_f64() == self.number)
            }
            Value::Bool(it) => self.text == it.to_string(),
            Value::Null => self.text == "null",
            // As it would be written without spaces.
            Value::Array(_) | Value::Object(_) => {
                serde_json::from_str::<Value>(&self.text).is_ok_and(|wanted| wanted == *found)
            }
        }
    }
}

fn not_a_path(path: &str, error: &dyn std::fmt::Display) -> Trouble {
    Trouble::new(
        "inspect-path",
        said!("step_inspector", "Inspector"),
        said!("trouble_inspect_path", "“{path}” is not a path.", path),
        Some(error.to_string()),
        said!("advice_inspect_path", "Write it as data.bids[0], or choose a field of a message."),
    )
}

fn too_long() -> Trouble {
    Trouble::new(
        "inspect-text",
        said!("step_inspector", "Inspector"),
        said!("trouble_inspect_text", "This text is too long to be looked for."),
        None,
        said!("advice_inspect_text", "A part of it will do."),
    )
}

#[cfg(test)]
mod tests {
    use super::super::message::tests::{followed, message};
    use super::*;
    use feedscope_feed::Followed;

    fn filter(change: impl FnOnce(&mut InspectFilter)) -> Filter {
        let mut filter = InspectFilter::default();
        change(&mut filter);
        Filter::new(&filter).unwrap()
    }

    fn path(path: &str, equals: Option<&str>) -> Filter {
        filter(|filter| {
            filter.path = path.into();
            filter.equals = equals.map(str::to_owned);
        })
    }

    fn shows(filter: &Filter, payload: &[u8]) -> bool {
        filter.shows(&message(&followed(1, payload)))
    }

    #[test]
    fn text_is_found_whatever_its_case_and_is_only_text() {
        let found = |text: &str, payload: &str| {
            shows(&filter(|filter| filter.text = text.into()), payload.as_bytes())
        };
        assert!(found("BTC", r#"{"s":"btcusdt"}"#) && found("größe", "GRÖSSE GRÖßE"));
        assert!(!found("b.c", "btc") && found("b.c", "B.C") && found("(", "("));
        let binary = Followed { is_text: false, ..followed(1, b"\xff\x00AbC\xfe") };
        assert!(filter(|filter| filter.text = "abc".into()).shows(&message(&binary)));
        let long = "a".repeat(TEXT_BYTES_MAX + 1);
        assert!(Filter::new(&InspectFilter { text: long, ..Default::default() }).is_err());
    }

    #[test]
    fn a_path_is_there_or_has_a_value() {
        let payload = br#"{"e":"trade","p":"64000.10","n":7,"ok":true,"x":null,"d":{"b":[1,2]}}"#;
        for (at, equals, expected) in [
            ("p", None, true),
            ("q", None, false),
            ("d.b[-1]", None, true),
            ("d.b[2]", None, false),
            ("e", Some("trade"), true),
            ("e", Some("Trade"), false),
            ("p", Some("64000.1"), true),
            ("p", Some("64000.2"), false),
            ("n", Some("7.0"), true),
            ("n", Some("8"), false),
            ("ok", Some("true"), true),
            ("x", Some("null"), true),
            ("d.b", Some("[1, 2]"), true),
            ("d.b[0]", Some("1"), true),
        ] {
            assert_eq!(shows(&path(at, equals), payload), expected, "{at} = {equals:?}");
        }
        assert!(!shows(&path("p", None), b"no JSON with a p"));
        assert!(shows(&path("p", None), br#"[{"q":1},{"p":2}]"#), "several in one");
        assert!(shows(&path("p", None), br#"{"\u0070":2}"#), "a name that is written otherwise");
        let wrong = Filter::new(&InspectFilter { path: "a[".into(), ..Default::default() });
        assert_eq!(wrong.unwrap_err().code, "inspect-path");
    }

    #[test]
    fn all_that_is_asked_must_hold() {
        let of =
            Followed { channel: Some("Trade"), key: Some("BTC"), ..followed(1, br#"{"p":1}"#) };
        let by = |channel: &str, path: &str| {
            filter(|filter| {
                filter.channel = channel.into();
                filter.path = path.into();
            })
            .shows(&message(&of))
        };
        assert!(by("trade btc", "p") && by("btc", "") && by("", "p"));
        assert!(!by("eth", "p") && !by("trade", "q"));
        let sent = filter(|filter| filter.direction = Some(InspectDirection::Sent));
        assert!(!sent.shows(&message(&of)));
    }
}
