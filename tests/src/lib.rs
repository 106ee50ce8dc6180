//! Whole-system tests: the built app in a real window, and servers for it to subscribe to.
//!
//! ```text
//! test ─▶ Window ─▶ WebKitWebDriver ─▶ feedscope ─▶ a server: Node, Python, or of our own
//! ```
//!
//! - [`Window`] is the app, started, looked at and operated as a person would.
//! - [`Peer`] is a server in another language, [`Nginx`] a proxy in front of it; [`Server`] is one of our own, for what those
//!   cannot send; [`http`] answers without being a WebSocket server at all.
//!
//! What a test starts, it ends: each process by its own id, when its owner goes away.

mod display;
pub mod http;
mod launched;
mod nginx;
#[cfg(target_os = "linux")]
mod notifications;
mod peer;
mod process;
mod server;
mod terminal;
mod usage;
mod webdriver;
mod window;
#[cfg_attr(not(target_os = "linux"), path = "no_x11.rs")]
mod x11;

pub use display::Display;
pub use launched::Launched;
pub use nginx::Nginx;
#[cfg(target_os = "linux")]
pub use notifications::{Notifications, Shown};
pub use peer::{Language, Peer};
pub use process::{Lines, Running, tied};
pub use server::Server;
pub use terminal::{Ended, app, run};
pub use usage::{Memory, Usage};
pub use window::{Options, StatusLine, Window};
