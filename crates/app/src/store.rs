//! What the feeds write, and every answer is read from.

use crate::changes::Changes;
use crate::feeds::{Feed, GapFacts};
use feedscope_history::History;

/// What all samples together may occupy in memory.
const HISTORY_BYTES_MAX: usize = 512 << 20;

pub(crate) struct Store {
    pub feeds: Vec<Feed>,
    pub history: History<GapFacts>,
    pub changes: Changes,
    /// The number of the last update that was made.
    pub updates_made: u64,
}

impl Default for Store {
    fn default() -> Self {
        Store {
            feeds: Vec::new(),
            history: History::new(HISTORY_BYTES_MAX),
            changes: Changes::default(),
            updates_made: 0,
        }
    }
}
