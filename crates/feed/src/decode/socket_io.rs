//! Socket.IO 4 over Engine.IO 4, as it is in text messages: a digit or two, perhaps a namespace
//! and an id, and then JSON.

use super::error::DecodeError;
use crate::profile::{Kind, Template};
use serde_json::value::RawValue;
use std::borrow::Cow;

/// Enters the namespace `/`, without which no event comes.
const ENTER: &str = "40";

/// What a text message is.
#[derive(Debug)]
pub(super) enum Packet<'m> {
    Event(Event<'m>),
    /// It carries nothing of the feed's, but serves the connection.
    Control(Control<'m>),
}

#[derive(Debug)]
pub(super) struct Event<'m> {
    /// What stands before the JSON.
    pub head: &'m str,
    pub name: String,
    pub message: Cow<'m, str>,
}

#[derive(Debug)]
pub(super) struct Control<'m> {
    /// What stands before the JSON.
    pub head: &'m str,
    /// Empty if there is none.
    pub json: &'m str,
    pub kind: Kind,
    /// What it has to be answered with.
    pub answer: Option<Template>,
}

pub(super) fn packet(text: &str) -> Result<Packet<'_>, DecodeError> {
    let mut letters = text.bytes();
    let (kind, answer) = match (letters.next(), letters.next()) {
        (Some(b'0'), _) => (Kind::Acknowledgement, Some(ENTER.into())),
        (Some(b'1' | b'5' | b'6'), _) => (Kind::Ignored, None),
        // What a ping says, its answer says, too.
        (Some(b'2'), _) => {
            let said = text.get(1..).unwrap_or_default();
            (Kind::Heartbeat, Some(Template::plain(format!("3{said}"))))
        }
        (Some(b'3'), _) => (Kind::Heartbeat, None),
        (Some(b'4'), Some(b'0' | b'3')) => (Kind::Acknowledgement, None),
        // We were put out of the namespace, or not let in.
        (Some(b'4'), Some(b'1' | b'4')) => (Kind::Error, None),
        (Some(b'4'), Some(b'2')) => return event(text).map(Packet::Event),
        // What has bytes in it comes in several messages, and is not put together.
        (Some(b'4'), Some(b'5' | b'6')) => (Kind::Ignored, None),
        _ => {
            let start: String = text.chars().take(10).collect();
            return Err(DecodeError::new(format!(
                "Not Socket.IO 4: no message begins with “{start}”"
            )));
        }
    };
    let (head, json) = match text.as_bytes() {
        [b'4', ..] => split(text, 2),
        // Whatever it is, it is not JSON.
        [b'2' | b'3', ..] => (text, ""),
        _ => split(text, 1),
    };
    let json = if kind == Kind::Ignored { "" } else { json };
    Ok(Packet::Control(Control { head, json, kind, answer }))
}

/// Parts what stands before the JSON from it: after so many digits of type, a namespace up to a
/// comma, and an id.
fn split(text: &str, type_digits: usize) -> (&str, &str) {
    let bytes = text.as_bytes();
    let mut at = type_digits;
    if bytes.get(at) == Some(&b'/') {
        let rest = bytes.get(at..).unwrap_or_default();
        at += rest.iter().position(|byte| *byte == b',').map_or(rest.len(), |comma| comma + 1);
    }
    let digits = bytes.get(at..).unwrap_or_default();
    at += digits.iter().take_while(|byte| byte.is_ascii_digit()).count();
    text.split_at_checked(at).unwrap_or((text, ""))
}

fn event(text: &str) -> Result<Event<'_>, DecodeError> {
    let (head, json) = split(text, 2);
    let items: Vec<&RawValue> =
        serde_json::from_str(json).map_err(|error| DecodeError::json(json, &error))?;
    let Some((name, of)) = items.split_first() else {
        return Err(DecodeError::new("Not Socket.IO 4: an event has no name"));
    };
    let name = serde_json::from_str(name.get())
        .map_err(|_| DecodeError::new("Not Socket.IO 4: the name of an event is not a text"))?;
    let message = match of {
        [one] if one.get().starts_with(['{', '[']) => Cow::Borrowed(one.get()),
        _ => {
            let items: Vec<&str> = of.iter().map(|item| item.get()).collect();
            Cow::Owned(format!("[{}]", items.join(",")))
        }
    };
    Ok(Event { head, name, message })
}
