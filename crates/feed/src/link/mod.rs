//! The socket: carries out what the session decides.
//!
//! [`dial()`] goes from a URL to an open WebSocket, step by step, each with a deadline and an
//! error of its own. [`Socket`] then reads in batches and never waits to write.

mod dial;
mod socket;

pub use dial::{check, dial};
pub use socket::{Event, Line, Socket};
