//! A WebSocket feed for others, on loopback, and the built-in feed of [this computer](computer).
//!
//! ```text
//! publish ─▶ Hub ─▶ Outbox ─▶ socket      one outbox and one socket for each client
//!                     │
//!                  Faulty (loses, doubles, swaps: on purpose)
//! ```
//!
//! It is a true feed: who subscribes to it, does so as to any other. What is said on the wire is
//! written in the README of this crate.
//!
//! The outbox decides what is sent and when. It has neither socket nor clock.

mod client;
pub mod computer;
mod door;
mod faults;
mod gate;
mod hub;
mod outbox;
pub mod protocol;

pub use faults::{Faults, Faulty};
pub use hub::{Config, Counts, Hub, PublishError, random_token};
pub use outbox::{Full, Next, Outbox};
