//! What the tests over real sockets share: a feed that is watched, and servers to try it on.

pub mod captures;
pub mod proxy;
mod recorder;
pub mod server;
pub mod tls;
pub mod world;

pub use recorder::{Feed, Recorder, Seen};
pub use server::{Server, WebSocket};

use feedscope_feed::Profile;
use feedscope_feed::profile::{Backoff, Path, Scope, Sequence, SequenceRule};
use std::time::Duration;

/// Ends a test that hangs. Nothing takes nearly as long, even on a machine that is busy.
pub const DEADLINE: Duration = Duration::from_secs(20);

/// A profile whose attempts follow each other as quickly as they ever do.
pub fn profile(url: &str) -> Profile {
    Profile {
        backoff: Backoff {
            first: Duration::from_millis(1),
            max: Duration::from_millis(1),
            ..Backoff::default()
        },
        ..Profile::from_url(url)
    }
}

/// The profile of a feed of [`numbered`] messages.
pub fn numbered_profile(url: &str) -> Profile {
    Profile {
        sequence: vec![Sequence::new(SequenceRule::Increment, Scope::Connection, Path::key("n"))],
        ..profile(url)
    }
}

/// A message with a sequence number and a value.
pub fn numbered(number: u64) -> String {
    format!(r#"{{"n":{number},"value":{number}.5}}"#)
}
