//! Where order books are in messages.

use super::{Condition, Path, Template};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// One form of the messages that tell of order books. Those of one channel and key tell of one book,
/// whatever their form; the first form that a message has counts.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Book {
    /// The channels whose messages have this form; any, if this is empty.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub channels: Vec<String>,
    /// Where the list of bids is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bids: Option<Path>,
    /// Where the list of asks is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub asks: Option<Path>,
    /// Where one list of bids and asks is, or one entry alone. Without this, `bids` and `asks`, the
    /// message is itself an entry.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub changes: Option<Path>,
    /// Where in an entry the price is.
    pub price: Path,
    /// Where in an entry the size is: zero where the level is gone.
    pub size: Path,
    /// Where in an entry its side is: `buy` or `bid`, `sell`, `ask` or `offer`. Without it, an entry of
    /// `changes` whose size is negative is an ask.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub side: Option<Path>,
    /// Where in an entry the number of its orders is, where zero of them says that the level is gone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub count: Option<Path>,
    /// Holds for messages that have the whole book in them. Snapshots have it without this.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub whole: Option<Condition>,
    /// How many levels a side the feed tells of, where those that drop out of them are not told to be
    /// gone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub levels: Option<Template>,
}
