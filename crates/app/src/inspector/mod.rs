//! The messages of a feed as they came over the wire: kept, filtered, shown in pages; sent by hand;
//! and written as commands for other programs.
//!
//! ```text
//! feed ─▶ Tap (a ring, bounded) ─▶ View (a filter; frozen or not) ─▶ pages ─▶ window
//! ```

pub(crate) mod code;
mod filter;
pub(crate) mod message;
pub(crate) mod ring;
pub(crate) mod send;
pub(crate) mod sent;
mod view;

pub(crate) use ring::Tap;
pub(crate) use view::View;

use crate::api::Trouble;
use feedscope_feed::said;
use std::sync::{Arc, Mutex};

/// At once, in all windows.
pub(crate) const INSPECTORS_MAX: usize = 32;

/// One that is open: while it is, its feed keeps more of its messages.
pub(crate) struct Inspector {
    pub id: String,
    /// The label of the window that it is in.
    pub window: String,
    /// The feed's.
    pub feed: String,
    tap: Arc<Tap>,
    pub view: Arc<Mutex<View>>,
    /// The serial that the window was told of last.
    told: u64,
}

impl Inspector {
    pub fn open(id: String, window: String, feed: String, tap: Arc<Tap>) -> Self {
        tap.opened();
        let view = Arc::new(Mutex::new(View::new(tap.clone())));
        Inspector { id, window, feed, tap, view, told: 0 }
    }

    /// Whether messages came since this was last asked.
    pub fn take_news(&mut self) -> bool {
        let (_, next) = self.tap.ring().serials();
        std::mem::replace(&mut self.told, next) != next
    }
}

impl Drop for Inspector {
    fn drop(&mut self) {
        self.tap.closed();
    }
}

pub(crate) fn gone() -> Trouble {
    Trouble::new(
        "inspect-gone",
        said!("step_inspector", "Inspector"),
        said!("trouble_inspect_gone", "This message is not kept any more."),
        None,
        said!("advice_inspect_gone", "Pause before you look: then nothing leaves the list."),
    )
}

pub(crate) fn no_feed() -> Trouble {
    Trouble::new(
        "inspect-no-feed",
        said!("step_inspector", "Inspector"),
        said!("trouble_inspect_no_feed", "This feed is not there any more."),
        None,
        said!("advice_inspect_no_feed", "Choose another one."),
    )
}

pub(crate) fn not_open() -> Trouble {
    Trouble::new(
        "inspect-not-open",
        said!("step_inspector", "Inspector"),
        said!("trouble_inspect_not_open", "This inspector is not open."),
        None,
        said!("advice_inspect_not_open", "Open it again."),
    )
}

pub(crate) fn too_many() -> Trouble {
    Trouble::new(
        "inspectors-max",
        said!("step_inspector", "Inspector"),
        said!(
            "trouble_inspectors_max",
            "{count} inspectors are open already.",
            count = INSPECTORS_MAX
        ),
        None,
        said!("advice_inspectors_max", "Close one that is not needed."),
    )
}
