//! Boards: what a file of one says, which are open, and how each came to be as it is.
//!
//! [`format`] says what a board is; [`read`] makes one of whatever a file holds, and says what it
//! could not use. [`open`] holds those that are open, and [`steps`] what undo and redo bring back:
//! both know no files, which are [`folder`]'s. [`commands`] puts them together; what names feeds outside
//! of boards goes with a feed that is changed ([`following`]). [`passing`] gives boards to others, and
//! takes theirs, with the derived series that they draw ([`carried`]). What a new board may be is
//! proposed by [`suggest`] and [`gallery`].

mod annotations;
mod carried;
mod commands;
mod document;
mod folder;
mod following;
pub mod format;
mod gallery;
mod mend;
mod migrate;
mod open;
mod passing;
mod read;
mod roles;
mod rows;
mod share;
mod steps;
mod suggest;
mod templates;
mod troubles;

pub use commands::MAIN_WINDOW;
pub(crate) use commands::{at, open_all, profile_of, source_of, told_apart};
pub(crate) use document::COMPUTER_URL;
pub(crate) use folder::Folder;
pub(crate) use open::Open;
pub(crate) use share::{Person, is_shared, secret_named, without_secrets as url_without_secrets};
pub(crate) use troubles::{no_feed, no_profile};

/// The version of the file format that is written.
pub const VERSION: u32 = 2;

/// How the name of a board's file ends.
pub const FILE_END: &str = ".feedscope.json";

/// A board of a thousand panels takes half of it.
pub const FILE_BYTES_MAX: usize = 8 << 20;

/// Boards open at once: more than a bar of tabs can show.
pub const OPEN_MAX: usize = 32;

/// More panels than can be looked at, and yet few enough to be laid out.
pub const PANELS_MAX: usize = 500;

/// Windows of its own that a board may have: each is a page, with all that takes.
pub const POPOUTS_MAX: usize = 16;

/// Feeds that a board may name; as many can be subscribed to at once.
pub const FEEDS_MAX: usize = 64;

/// More than anybody reads; of short ones, a third of a file.
pub const ANNOTATIONS_MAX: usize = 10_000;
