//! What is said on the wire, both ways. The README of this crate is its reference for others.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use tokio_tungstenite::tungstenite::Utf8Bytes;

/// Goes up when a client that knew the version before would misunderstand.
pub const VERSION: u32 = 1;

/// In place of a channel's name: all of them.
pub const ALL: &str = "*";

/// What asks for every channel.
pub const SUBSCRIBE_ALL: &str = r#"{"type":"subscribe","id":1,"channels":["*"]}"#;

/// Requests name a few channels: this is more than anyone needs, and little to hold.
pub const REQUEST_BYTES_MAX: usize = 64 << 10;

/// Names a request, so that its answer can be told from others. It comes back as it went.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(untagged)]
pub enum RequestId {
    Number(i64),
    Text(String),
}

#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(tag = "type", rename_all = "lowercase")]
pub enum Request {
    Subscribe { id: Option<RequestId>, channels: Vec<String> },
    Unsubscribe { id: Option<RequestId>, channels: Vec<String> },
}

impl Request {
    /// What could not be read comes back as what to answer.
    pub fn read(text: &str) -> Result<Request, (Option<RequestId>, String)> {
        let explain = |error: serde_json::Error| {
            format!("Cannot read this request: {error}. One that can be: {SUBSCRIBE_ALL}")
        };
        let value: Value = serde_json::from_str(text).map_err(|error| (None, explain(error)))?;
        let id = value.get("id").and_then(|id| RequestId::deserialize(id).ok());
        serde_json::from_value(value).map_err(|error| (id, explain(error)))
    }
}

/// All but data.
#[derive(Debug, Serialize)]
#[serde(tag = "type", rename_all = "lowercase")]
pub(crate) enum Control<'a> {
    Hello { name: &'a str, version: u32, heartbeat_ms: u64, channels: &'a [String] },
    Subscribed { id: Option<RequestId>, channels: Vec<&'a str> },
    Unsubscribed { id: Option<RequestId>, channels: Vec<&'a str> },
    Error { id: Option<RequestId>, message: String },
    Heartbeat { time: f64 },
}

impl Control<'_> {
    pub(crate) fn text(&self) -> Utf8Bytes {
        // Strings, numbers and lists of them can always be written.
        serde_json::to_string(self).unwrap_or_default().into()
    }
}

#[derive(Debug, Serialize)]
#[serde(tag = "type", rename = "data")]
pub(crate) struct Data<'a, D> {
    pub channel: &'a str,
    pub sequence: u64,
    pub time: f64,
    pub data: &'a D,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_example_request_asks_for_every_channel() {
        let request = Request::read(SUBSCRIBE_ALL).unwrap();
        let id = Some(RequestId::Number(1));
        assert_eq!(request, Request::Subscribe { id, channels: vec![ALL.into()] });
    }

    #[test]
    fn an_id_may_be_a_number_a_text_or_left_out() {
        let id = |text: &str| match Request::read(text).unwrap() {
            Request::Subscribe { id, .. } | Request::Unsubscribe { id, .. } => id,
        };
        assert_eq!(
            id(r#"{"type":"subscribe","id":"a","channels":[]}"#),
            Some(RequestId::Text("a".into()))
        );
        assert_eq!(id(r#"{"type":"unsubscribe","channels":[]}"#), None);
    }

    #[test]
    fn what_cannot_be_read_is_answered_with_its_id_and_an_example() {
        for (text, expected) in [
            ("", None),
            ("[1", None),
            ("null", None),
            (r#"{"type":"subscribe","id":[[]],"channels":["cpu"]}"#, None),
            (r#"{"type":"dance","id":7}"#, Some(RequestId::Number(7))),
            (r#"{"type":"subscribe","id":7}"#, Some(RequestId::Number(7))),
            (r#"{"type":"subscribe","id":"b","channels":[1]}"#, Some(RequestId::Text("b".into()))),
        ] {
            let (id, message) = Request::read(text).unwrap_err();
            assert_eq!(id, expected, "{text}");
            assert!(message.contains(SUBSCRIBE_ALL), "{message}");
        }
        let deep = "[".repeat(10_000);
        assert!(Request::read(&deep).is_err());
    }
}
