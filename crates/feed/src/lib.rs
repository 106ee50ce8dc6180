//! A live WebSocket feed as ordered, accounted-for records.
//!
//! ```text
//! socket ─▶ link ─▶ decode ─▶ sequence ─▶ Sink
//!            │
//!         session (decides; has neither socket nor clock)
//! ```
//!
//! - [`profile`] says what a feed is: where, how it opens, where its numbers are.
//! - [`session`] decides when to dial, ping, give up and try again.
//! - [`link`] carries those decisions out on a real socket.
//! - [`decode`] turns a message into a [`Record`], in one pass over its bytes.
//! - [`sequence`] puts records in order, and knows which did not come.
//! - [`book`] keeps the order books that messages tell of.
//! - [`probe`] tries a feed out once, and says what it finds at each step.
//! - [`Secrets`] are kept by the system's keychain, and asked for by name.
//! - [`Subscription`] is all of it at work, handing what it got to a [`Sink`].

pub mod book;
pub mod decode;
pub mod gap;
pub mod link;
pub mod probe;
pub mod profile;
pub mod record;
pub mod said;
pub mod secrets;
pub mod sequence;
pub mod session;
mod subscription;
mod trouble;
pub mod world;

pub use gap::{Before, Cause, Gap};
pub use link::Control;
pub use profile::Profile;
pub use record::{ChannelId, Code, FieldId, KeyId, Position, Record, TextId, Time};
pub use said::Said;
pub use secrets::Secrets;
pub use sequence::ledger::{Fate, Ledger};
pub use session::outbox::{Outcome, Outgoing, Unsent};
pub use session::{State, Transition};
pub use subscription::{
    Batch, Direction, Followed, Raw, Receipt, Settings, Sink, Subscription, Totals,
};
pub use trouble::{Step, Trouble};
pub use world::{RealWorld, World};
