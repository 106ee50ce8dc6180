//! The one state that feeds, window and pump share, behind one lock.

use crate::alerts::Alerts;
use crate::api::Trouble;
use crate::boards::Open;
use crate::inspector::Inspector;
use crate::popouts::Popouts;
use crate::settings::Chosen;
use crate::store::Store;
use crate::together::InStep;
use crate::told::Told;
use std::collections::{BTreeMap, HashSet};
use std::sync::{Mutex, MutexGuard, PoisonError};

pub(crate) struct Shared {
    pub store: Store,
    /// How many feeds there ever were.
    pub feeds_ever: u64,
    /// What each window was told, by its label.
    pub windows: BTreeMap<String, Told>,
    pub inspectors: Vec<Inspector>,
    /// Feeds whose latest values the first window shows.
    pub peeked: HashSet<String>,
    pub boards: Open,
    pub popouts: Popouts,
    /// What all windows show together.
    pub together: InStep,
    /// Feeds are subscribed to: what was kept of them is there again.
    pub subscribes: bool,
    pub chosen: Chosen,
    pub alerts: Alerts,
    /// What the first window has not been told yet.
    pub troubles: Vec<Trouble>,
}

impl Shared {
    pub fn new(boards: Open, troubles: Vec<Trouble>) -> Self {
        Shared {
            store: Store::default(),
            feeds_ever: 0,
            windows: BTreeMap::new(),
            inspectors: Vec::new(),
            peeked: HashSet::new(),
            boards,
            popouts: Popouts::default(),
            together: InStep::default(),
            subscribes: false,
            chosen: Chosen::default(),
            alerts: Alerts::default(),
            troubles,
        }
    }
}

/// A panic elsewhere must not take the rest down: what is behind the lock is valid at all times.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
