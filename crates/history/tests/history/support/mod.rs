//! What the tests of any history share.

pub mod disk;
pub mod list;
pub mod random;
