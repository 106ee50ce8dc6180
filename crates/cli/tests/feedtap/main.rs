//! The program from outside: what it prints, what it writes, and how it ends.

#![allow(clippy::expect_used, clippy::unwrap_used, clippy::panic)]

mod captures;
mod capturing;
mod ends;
mod probing;
mod profiles;
mod sending;
mod serving;
mod support;
#[cfg(unix)]
mod terminal;
