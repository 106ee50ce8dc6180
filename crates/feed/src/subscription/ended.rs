//! Why a connection was lost, for a person.

use crate::profile::{Name, Unknown};
use crate::said;
use crate::secrets;
use crate::session::Failure;
use crate::session::again;
use crate::session::close::Verdict;
use crate::trouble::{Step, Trouble};
use tokio_tungstenite::tungstenite::Error as WsError;
use tokio_tungstenite::tungstenite::error::{CapacityError, ProtocolError};

/// The connection ended with this error.
pub(super) fn lost(error: WsError) -> Failure {
    let (code, what, answer, advice) = match error {
        WsError::Capacity(CapacityError::MessageTooLong { size, max_size }) => (
            "too-large",
            said!(
                "trouble_too_large",
                "A message of {size} MB came; the limit is {limit} MB.",
                size = size / 1_000_000,
                limit = max_size / 1_000_000,
            ),
            None,
            said!("advice_too_large", "Ask the feed for smaller messages, or subscribe to less."),
        ),
        WsError::Utf8(error) => (
            "invalid-text",
            said!("trouble_invalid_text", "A text message came that is not valid UTF-8."),
            Some(error),
            said!("advice_invalid_text", "The server should send such data as binary messages."),
        ),
        WsError::ConnectionClosed
        | WsError::AlreadyClosed
        | WsError::Io(_)
        | WsError::Protocol(ProtocolError::ResetWithoutClosingHandshake) => (
            "cut",
            said!("trouble_cut", "The connection was cut without a goodbye."),
            match error {
                WsError::Io(error) => Some(error.to_string()),
                _ => None,
            },
            again(),
        ),
        error => (
            "protocol",
            said!("trouble_protocol", "Something came that is not WebSocket traffic."),
            Some(error.to_string()),
            said!(
                "advice_protocol",
                "The server, or a proxy in between, is at fault. It will be tried again."
            ),
        ),
    };
    let trouble = Trouble { code, step: Step::Session, what, answer, advice };
    Failure::new(trouble, Verdict::Retry)
}

/// The server asks for more answers than it takes.
pub(super) fn flooded() -> Failure {
    Failure::new(
        Trouble {
            code: "answers-not-taken",
            step: Step::Session,
            what: said!(
                "trouble_answers_not_taken",
                "The server asks for answers, but does not take them."
            ),
            answer: None,
            advice: again(),
        },
        Verdict::Retry,
    )
}

/// A message cannot be put together, since a name in it has no value.
pub(super) fn value_missing(step: Step, Unknown { name, why }: Unknown) -> Failure {
    if let (Name::Secret(secret), Some(why)) = (&name, why) {
        return secrets::unanswered(step, secret, why);
    }
    let advice = match name {
        Name::Secret(_) => {
            said!("advice_store_secret", "Store the secret under this name, then reconnect.")
        }
        Name::Variable(_) | Name::Message(_) => {
            said!("advice_choose_value", "Choose a value for it, then reconnect.")
        }
    };
    Failure::new(
        Trouble {
            code: "value-missing",
            step,
            what: said!(
                "trouble_message_value_missing",
                "A message cannot be sent: nothing says what {name} stands for.",
                name = name.to_string(),
            ),
            answer: None,
            advice,
        },
        Verdict::Stop,
    )
}
