//! The windows beside the first one: each shows some of a board's panels. Which there are stands in
//! the boards that are open, and nowhere else: so undo covers them, and a board that is opened has
//! them again. Who makes windows is told which there are to be, and says what a person did to them.

use crate::api::{PopoutPlace, Trouble};
use crate::app::App;
use crate::boards::Open;
use crate::shared::lock;
use feedscope_feed::said;

/// Which windows there are to be, beside the first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wanted {
    /// Counts changes: of two of these, the one with the higher number is the newer one.
    pub version: u64,
    pub windows: Vec<PopoutWindow>,
}

/// One of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PopoutWindow {
    /// What it is told from others by, for as long as it is there.
    pub label: String,
    /// The board's id, and the window's on that board.
    pub board: String,
    pub id: String,
    pub place: Option<PopoutPlace>,
}

/// Those that there are, with their labels.
#[derive(Debug, Default)]
pub(crate) struct Popouts {
    windows: Vec<PopoutWindow>,
    ever: u64,
}

impl Popouts {
    /// As the boards want it now. What goes on has the label that it had; what comes back gets another,
    /// since of its name there may still be one that is about to go.
    fn sync(&mut self, open: &Open) -> Wanted {
        let before = std::mem::take(&mut self.windows);
        for (board, popout) in open.popouts() {
            let known = before.iter().find(|one| one.board == board && one.id == popout.id);
            let label = known.map_or_else(
                || {
                    self.ever += 1;
                    format!("popout-{}", self.ever)
                },
                |known| known.label.clone(),
            );
            let board = board.to_owned();
            self.windows.push(PopoutWindow { label, board, id: popout.id, place: popout.place });
        }
        Wanted { version: open.version, windows: self.windows.clone() }
    }

    pub fn of(&self, label: &str) -> Option<&PopoutWindow> {
        self.windows.iter().find(|one| one.label == label)
    }
}

impl App {
    /// Has the windows be those that the boards want. There are none before the first one has its
    /// data, for which it does not wait for others.
    pub(crate) fn sync_popouts(&self) {
        let wanted = {
            let mut shared = lock(&self.shared);
            if !shared.subscribes {
                return;
            }
            let shared = &mut *shared;
            shared.popouts.sync(&shared.boards)
        };
        self.window.popouts(&wanted);
    }

    /// Someone closed a window: its panels are on the board again, as a step that can be undone.
    /// `label` is what that is called in the menu.
    pub fn popout_close(&self, window: &str, label: &str) -> Result<(), Trouble> {
        let Some(popout) = lock(&self.shared).popouts.of(window).cloned() else { return Ok(()) };
        self.act(|open| open.remove_popout(&popout.board, &popout.id, label))
    }

    /// A window could not be made: its panels are on the board again, as if someone had closed it.
    pub fn popout_failed(&self, window: &str, why: &str, label: &str) {
        // Of a board that is gone, there is nothing to bring back.
        let _ = self.popout_close(window, label);
        self.trouble(Trouble::new(
            "popout-unopened",
            said!("step_window", "Window"),
            said!("trouble_popout_unopened", "A window of its own could not be opened."),
            Some(why.to_owned()),
            said!("advice_popout_unopened", "Its panels are on the board again."),
        ));
    }

    /// Someone moved or resized a window, which is none of the steps that can be undone.
    pub fn popout_placed(&self, window: &str, place: PopoutPlace) -> Result<(), Trouble> {
        let Some(popout) = lock(&self.shared).popouts.of(window).cloned() else { return Ok(()) };
        if popout.place == Some(place) {
            return Ok(());
        }
        self.act(|open| open.place_popout(&popout.board, &popout.id, place))
    }

    /// The language of the windows, as a tag; `None`: that of the system.
    pub fn language(&self) -> Option<String> {
        lock(&self.shared).chosen.language.clone()
    }
}
