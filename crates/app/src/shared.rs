//! The one state that feeds, window and pump share, behind one lock.

use crate::api::{Board, Trouble};
use crate::store::Store;
use crate::watch::Watch;
use std::collections::HashSet;
use std::sync::{Mutex, MutexGuard, PoisonError};

pub(crate) struct Shared {
    pub store: Store,
    /// How many feeds there ever were.
    pub feeds_ever: u64,
    pub watches: Vec<Watch>,
    /// Feeds whose latest values the window shows.
    pub peeked: HashSet<String>,
    pub board: Board,
    /// The board is not in its file as it is here.
    pub board_unsaved: bool,
    /// The window's, as a tag; `None`: that of the system.
    pub language: Option<String>,
    /// What the window has not been told yet.
    pub troubles: Vec<Trouble>,
}

impl Shared {
    /// With `board`, but for its feeds: they are added as they are subscribed to.
    pub fn new(board: Board, troubles: Vec<Trouble>) -> Self {
        Shared {
            store: Store::default(),
            feeds_ever: 0,
            watches: Vec::new(),
            peeked: HashSet::new(),
            board: Board { feeds: Vec::new(), ..board },
            board_unsaved: false,
            language: None,
            troubles,
        }
    }
}

/// A panic elsewhere must not take the rest down: what is behind the lock is valid at all times.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
