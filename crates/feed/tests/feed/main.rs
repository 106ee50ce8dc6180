//! The feed engine from outside: what it reads, and how it stands sockets, servers and feeds of all
//! kinds. One program, which is built much sooner than one for each file.

// Helpers of tests fail as tests do.
#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used)]

mod books;
mod captures;
mod decode;
mod decode_captures;
mod decode_formats;
mod decode_meaning;
mod descriptions;
mod dial;
mod faults;
mod follow;
mod hostile;
mod load;
mod probe;
mod profiles;
mod profiles_captures;
mod profiles_docs;
mod profiles_properties;
mod reading;
mod sequence;
mod session;
mod support;
mod way;
