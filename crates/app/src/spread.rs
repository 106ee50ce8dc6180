//! What is asked of samples, and not of columns: how values are distributed, and one value against
//! another.
//!
//! Up to a number of samples an answer is exact; beyond, it is made of some that are spread evenly
//! over all of them, and says of how many of how many. Either way the history is locked for a step
//! at a time, and what lies outside the span is not read.

mod bins;
mod heat;
mod pairs;
mod reading;
#[cfg(test)]
mod tests;

pub(crate) use bins::histogram;
pub use heat::HeatFacts;
pub(crate) use heat::heat;
pub(crate) use pairs::{FoundX, pairs};
pub use pairs::{PairedTrace, PairsFacts};
pub(crate) use reading::Steps;

/// More traces than one can tell apart.
const TRACES_MAX: usize = 64;

/// The head of an answer in bytes, as [`crate::view`] has it: a `u32` that says how many bytes of
/// JSON follow, these, and zeros up to a multiple of 8.
fn head(facts: &impl serde::Serialize) -> Vec<u8> {
    let json = serde_json::to_vec(facts).unwrap_or_default();
    let mut bytes = Vec::with_capacity(json.len() + 64);
    bytes.extend((json.len() as u32).to_le_bytes());
    bytes.extend(json);
    bytes.resize(bytes.len().next_multiple_of(8), 0);
    bytes
}
