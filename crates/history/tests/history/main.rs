//! What the history promises, from outside. That nothing is lost by a crash is tested beside it, in
//! programs that are killed.

// Helpers of tests fail as tests do.
#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used)]

mod block;
mod budget;
mod columns;
mod common;
mod disk;
mod model;
mod reading;
mod saved;
mod store;
mod support;
mod views;
