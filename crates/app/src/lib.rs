//! The application without a window: feeds, history, boards, updates and commands.
//!
//! A window is whatever implements [`Window`]; the real one is in `src-tauri`, the tests have
//! their own. All that crosses between the two is in [`api`].

mod adding;
mod alerts;
pub mod api;
mod app;
pub mod boards;
mod changes;
mod depth;
mod derived;
mod dir;
mod feeds;
mod gaps;
mod given;
pub mod health;
mod inspector;
mod kept;
pub mod link;
mod names;
mod past;
mod picture;
mod popouts;
mod pump;
mod saver;
mod settings;
mod shared;
mod sink;
pub mod spread;
pub mod status;
mod store;
mod texts;
mod together;
mod told;
pub mod view;
mod watch;

pub use alerts::{Notice, Notifier, Refused, Silent, schema as alerts_schema};
pub use app::{App, Config};
pub use feedscope_feed::{Said, Secrets, said};
pub use popouts::Wanted;
pub use pump::Window;
