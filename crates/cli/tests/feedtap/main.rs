//! The program from outside: what it prints, what it writes, and how it ends.

#![allow(clippy::expect_used, clippy::unwrap_used, clippy::panic)]

mod captures;
mod ends;
mod serving;
mod support;
#[cfg(unix)]
mod terminal;
