//! The socket: carries out what the session decides.
//!
//! [`dial()`] goes from a URL to an open WebSocket, step by step, each with a deadline and an
//! error of its own. [`Socket`] then reads in batches and never waits to write.

mod connect;
mod dial;
mod handshake;
mod inflow;
mod proxy;
mod refusal;
mod socket;
mod target;
mod tls;

pub use dial::{Found, Handshake, Tell, check, dial, dial_telling, notice};
pub use socket::{Control, Event, Heard, Line, Socket};
pub use target::{Destination, names_secret};
pub use tls::Certificate;
pub(crate) use tls::date;
