//! Why a connection was lost, for a person.

use crate::profile::Name;
use crate::session::Failure;
use crate::session::close::Verdict;
use crate::trouble::{Step, Trouble};
use tokio_tungstenite::tungstenite::Error as WsError;
use tokio_tungstenite::tungstenite::error::{CapacityError, ProtocolError};

/// The connection ended with this error.
pub(super) fn lost(error: WsError) -> Failure {
    let (code, what, answer, advice) = match error {
        WsError::Capacity(CapacityError::MessageTooLong { size, max_size }) => (
            "too-large",
            format!(
                "A message of {} MB came; the limit is {} MB.",
                size / 1_000_000,
                max_size / 1_000_000
            ),
            None,
            "Ask the feed for smaller messages, or subscribe to less.",
        ),
        WsError::Utf8(error) => (
            "invalid-text",
            "A text message came that is not valid UTF-8.".to_owned(),
            Some(error),
            "The server should send such data as binary messages.",
        ),
        WsError::ConnectionClosed
        | WsError::AlreadyClosed
        | WsError::Io(_)
        | WsError::Protocol(ProtocolError::ResetWithoutClosingHandshake) => (
            "cut",
            "The connection was cut without a goodbye.".to_owned(),
            match error {
                WsError::Io(error) => Some(error.to_string()),
                _ => None,
            },
            "Nothing to do: it will be tried again.",
        ),
        error => (
            "protocol",
            "Something came that is not WebSocket traffic.".to_owned(),
            Some(error.to_string()),
            "The server, or a proxy in between, is at fault. It will be tried again.",
        ),
    };
    let trouble = Trouble { code, step: Step::Session, what, answer, advice: advice.into() };
    Failure::new(trouble, Verdict::Retry)
}

/// The server asks for more answers than it takes.
pub(super) fn flooded() -> Failure {
    Failure::new(
        Trouble {
            code: "answers-not-taken",
            step: Step::Session,
            what: "The server asks for answers, but does not take them.".into(),
            answer: None,
            advice: "Nothing to do: it will be tried again.".into(),
        },
        Verdict::Retry,
    )
}

/// A message cannot be put together, since a name in it has no value.
pub(super) fn value_missing(step: Step, name: &Name) -> Failure {
    let advice = match name {
        Name::Secret(_) => "Store the secret under this name, then reconnect.",
        Name::Variable(_) | Name::Message(_) => "Choose a value for it, then reconnect.",
    };
    Failure::new(
        Trouble {
            code: "value-missing",
            step,
            what: format!("A message cannot be sent: nothing says what {name} stands for."),
            answer: None,
            advice: advice.into(),
        },
        Verdict::Stop,
    )
}
