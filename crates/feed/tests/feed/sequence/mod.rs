//! What the sequencer promises, for any stream and by any rule: in order, at most once, and every
//! number that did not come is told, exactly.

mod anything;
mod bench;
mod increment;
mod links;
mod model;
mod ranges;
mod several;
mod sparse;
