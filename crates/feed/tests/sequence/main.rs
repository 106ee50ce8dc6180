//! What the sequencer promises, for any stream and by any rule: in order, at most once, and every
//! number that did not come is told, exactly.

// Helpers of tests fail as tests do.
#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used)]

mod anything;
mod bench;
mod increment;
mod links;
mod model;
mod ranges;
mod several;
mod sparse;
