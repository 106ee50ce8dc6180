//! The one state that feeds, window and pump share, behind one lock.

use crate::alerts::Alerts;
use crate::api::Trouble;
use crate::boards::Open;
use crate::inspector::Inspector;
use crate::settings::Chosen;
use crate::store::Store;
use crate::watch::Watch;
use std::collections::HashSet;
use std::sync::{Mutex, MutexGuard, PoisonError};

pub(crate) struct Shared {
    pub store: Store,
    /// How many feeds there ever were.
    pub feeds_ever: u64,
    pub watches: Vec<Watch>,
    pub inspectors: Vec<Inspector>,
    /// Feeds whose latest values the window shows.
    pub peeked: HashSet<String>,
    pub boards: Open,
    /// Feeds are subscribed to: what was kept of them is there again.
    pub subscribes: bool,
    pub chosen: Chosen,
    pub alerts: Alerts,
    /// What the window has not been told yet.
    pub troubles: Vec<Trouble>,
}

impl Shared {
    pub fn new(boards: Open, troubles: Vec<Trouble>) -> Self {
        Shared {
            store: Store::default(),
            feeds_ever: 0,
            watches: Vec::new(),
            inspectors: Vec::new(),
            peeked: HashSet::new(),
            boards,
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
