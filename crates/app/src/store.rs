//! What the feeds write, and every answer is read from.

use crate::changes::GapChanges;
use crate::feeds::{Feed, GapFacts};
use crate::past::Past;
use crate::saver::{Bell, Disk};
use feedscope_feed::Time;
use feedscope_history::{Budget, History};
use std::sync::Arc;

pub(crate) struct Store {
    pub feeds: Vec<Feed>,
    /// Changes whenever a feed, a channel or a field comes or goes.
    pub shape: u64,
    pub history: History<GapFacts>,
    /// What an earlier run left of feeds that are not subscribed to.
    pub past: Past,
    /// Where what is not in memory is; `None` if nothing is anywhere else.
    pub disk: Option<Arc<dyn Disk>>,
    pub bell: Arc<Bell>,
    /// What the history occupied after the last save: no save makes it less.
    pub unsavable_bytes: usize,
    /// All that came until then is on the disk.
    pub saved_until: Option<Time>,
    pub gap_changes: GapChanges,
    /// The number of the last update that was made.
    pub updates_made: u64,
}

impl Default for Store {
    /// With no room: there are no feeds before the history is opened.
    fn default() -> Self {
        Store {
            feeds: Vec::new(),
            shape: 0,
            history: History::new(Budget { memory_bytes: 0, disk_bytes: None }),
            past: Past::default(),
            disk: None,
            bell: Arc::default(),
            unsavable_bytes: 0,
            saved_until: None,
            gap_changes: GapChanges::default(),
            updates_made: 0,
        }
    }
}
