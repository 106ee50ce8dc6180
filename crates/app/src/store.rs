//! What the feeds write, and every answer is read from.

use crate::changes::GapChanges;
use crate::feeds::{Feed, GapFacts};
use feedscope_history::{Budget, History};

/// What all samples together may occupy in memory.
const HISTORY_BYTES_MAX: usize = 512 << 20;

pub(crate) struct Store {
    pub feeds: Vec<Feed>,
    pub history: History<GapFacts>,
    pub gap_changes: GapChanges,
    /// The number of the last update that was made.
    pub updates_made: u64,
}

impl Default for Store {
    fn default() -> Self {
        Store {
            feeds: Vec::new(),
            history: History::new(Budget { memory_bytes: HISTORY_BYTES_MAX, disk_bytes: None }),
            gap_changes: GapChanges::default(),
            updates_made: 0,
        }
    }
}
