//! What the feeds write, and every answer is read from.

use crate::changes::GapChanges;
use crate::derived::Deriving;
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
    pub derived: Deriving,
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

/// Where a save would free less than this, nobody waits for it: then it is not the disk that is too
/// slow, but the budget that is too small.
const WAITED_FOR_BYTES_MIN: usize = 1 << 20;

impl Store {
    /// Rings for a save if one is due. Whom to wait for, without the lock, if the disk is slower
    /// than what comes.
    pub fn ring(&self) -> Option<Arc<Bell>> {
        let savable_bytes = self.history.bytes().saturating_sub(self.unsavable_bytes);
        let is_full = self.history.is_full() && savable_bytes > WAITED_FOR_BYTES_MIN;
        if self.history.wants_save() {
            self.bell.ring();
        }
        is_full.then(|| self.bell.clone())
    }

    /// A feed or a field has come or gone.
    pub fn reshaped(&mut self) {
        self.shape += 1;
        self.derived.resolve(&self.feeds);
    }
}

impl Default for Store {
    /// With no room: there are no feeds before the history is opened.
    fn default() -> Self {
        Store {
            feeds: Vec::new(),
            shape: 0,
            history: History::new(Budget { memory_bytes: 0, disk_bytes: None }),
            derived: Deriving::default(),
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
