//! Undo and redo: whole documents, as they were before each step. Knows no files, and of the time
//! only what it is told.

use super::document::Document;
use super::following::Moved;
use std::collections::VecDeque;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Further back nobody goes by steps.
const STEPS_MAX: usize = 200;

/// What all documents of a board's stacks may take, as JSON. The oldest go first; the last step
/// can always be undone.
const BYTES_MAX: usize = 16 << 20;

/// What is done again within this time goes on: a slider that is dragged, a title that is typed.
const GOES_ON: Duration = Duration::from_secs(1);

#[derive(Debug)]
struct Step {
    /// What was done, for the menu.
    label: String,
    /// The board without it; on the redo stack, with it.
    other: Arc<Document>,
    /// What outside of the board has gone over to another feed with it.
    moved: Option<Moved>,
}

#[derive(Debug, Default)]
pub(crate) struct Steps {
    undo: VecDeque<Step>,
    redo: Vec<Step>,
    /// What the last step was called together with its key, and when it last went on. Nothing goes
    /// on across an undo.
    last: Option<(String, String, Instant)>,
}

impl Steps {
    /// The board was `before`, and something was done. With the same label and `key` as just now,
    /// it is the same step that goes on.
    pub fn done(&mut self, label: &str, key: Option<&str>, before: Arc<Document>, now: Instant) {
        self.redo.clear();
        let goes_on = key.is_some_and(|key| {
            self.last.as_ref().is_some_and(|(last_label, last_key, at)| {
                last_label == label
                    && last_key == key
                    && now.saturating_duration_since(*at) <= GOES_ON
            })
        });
        self.last = key.map(|key| (label.to_owned(), key.to_owned(), now));
        if goes_on && !self.undo.is_empty() {
            return;
        }
        self.undo.push_back(Step { label: label.to_owned(), other: before, moved: None });
        self.bound();
    }

    /// With the last step, these have gone over to another feed.
    pub fn note_moved(&mut self, moved: Moved) {
        if let Some(last) = self.undo.back_mut() {
            last.moved = Some(moved);
        }
    }

    /// The board as it was before the last step, which is now `current`.
    pub fn undo(&mut self, current: Arc<Document>) -> Option<Arc<Document>> {
        let Step { label, other, moved } = self.undo.pop_back()?;
        self.redo.push(Step { label, other: current, moved });
        self.last = None;
        Some(other)
    }

    /// The board with the step that was undone last.
    pub fn redo(&mut self, current: Arc<Document>) -> Option<Arc<Document>> {
        let Step { label, other, moved } = self.redo.pop()?;
        self.undo.push_back(Step { label, other: current, moved });
        self.last = None;
        self.bound();
        Some(other)
    }

    /// What an undo would undo.
    pub fn undo_label(&self) -> Option<&str> {
        self.undo.back().map(|step| step.label.as_str())
    }

    pub fn redo_label(&self) -> Option<&str> {
        self.redo.last().map(|step| step.label.as_str())
    }

    /// What had gone over to another feed with what an undo would undo.
    pub fn undo_moved(&self) -> Option<&Moved> {
        self.undo.back().and_then(|step| step.moved.as_ref())
    }

    pub fn redo_moved(&self) -> Option<&Moved> {
        self.redo.last().and_then(|step| step.moved.as_ref())
    }

    fn bound(&mut self) {
        let bytes =
            |steps: &VecDeque<Step>| -> usize { steps.iter().map(|step| step.other.bytes()).sum() };
        let mut taken = bytes(&self.undo);
        while self.undo.len() > STEPS_MAX || (taken > BYTES_MAX && self.undo.len() > 1) {
            let Some(oldest) = self.undo.pop_front() else { return };
            taken -= oldest.other.bytes();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::read;
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    fn document(name: &str) -> Arc<Document> {
        let board = json!({ "feedscope": 2, "id": "b", "name": name });
        Arc::new(read::fit(board).unwrap().document)
    }

    /// A board with its steps, by the name it has.
    struct Board {
        steps: Steps,
        now: Arc<Document>,
        at: Instant,
    }

    impl Board {
        fn new() -> Board {
            Board { steps: Steps::default(), now: document("0"), at: Instant::now() }
        }

        fn change(&mut self, label: &str, key: Option<&str>, after_ms: u64, to: &str) {
            self.at += Duration::from_millis(after_ms);
            let before = std::mem::replace(&mut self.now, document(to));
            self.steps.done(label, key, before, self.at);
        }

        fn undo(&mut self) -> Option<String> {
            self.now = self.steps.undo(self.now.clone())?;
            Some(self.now.name().to_owned())
        }

        fn redo(&mut self) -> Option<String> {
            self.now = self.steps.redo(self.now.clone())?;
            Some(self.now.name().to_owned())
        }
    }

    #[test]
    fn what_was_done_is_undone_and_done_again() {
        let mut board = Board::new();
        board.change("one", None, 0, "1");
        board.change("two", None, 0, "2");
        assert_eq!((board.steps.undo_label(), board.steps.redo_label()), (Some("two"), None));
        assert_eq!(board.undo().as_deref(), Some("1"));
        assert_eq!(
            (board.steps.undo_label(), board.steps.redo_label()),
            (Some("one"), Some("two"))
        );
        assert_eq!(board.undo().as_deref(), Some("0"));
        assert_eq!(board.undo(), None);
        assert_eq!(board.redo().as_deref(), Some("1"));
        board.change("three", None, 0, "3");
        assert_eq!(board.redo(), None, "what was not done again is gone");
        assert_eq!(board.undo().as_deref(), Some("1"));
    }

    #[test]
    fn a_drag_is_one_step_however_long_it_lasts() {
        let mut board = Board::new();
        for number in 1..=50 {
            board.change("Span", Some("span"), 900, &number.to_string());
        }
        assert_eq!(board.undo().as_deref(), Some("0"));
        assert_eq!(board.redo().as_deref(), Some("50"));
    }

    #[test]
    fn what_is_another_thing_or_comes_later_is_another_step() {
        for (label, key, after_ms) in [
            ("Other", Some("k"), 0),
            ("Move", Some("l"), 0),
            ("Move", None, 0),
            ("Move", Some("k"), 1_001),
        ] {
            let mut board = Board::new();
            board.change("Move", Some("k"), 0, "1");
            board.change(label, key, after_ms, "2");
            assert_eq!(board.undo().as_deref(), Some("1"), "{label} {key:?} {after_ms}");
        }
        let mut board = Board::new();
        board.change("Move", Some("k"), 0, "1");
        board.undo();
        board.redo();
        board.change("Move", Some("k"), 0, "2");
        assert_eq!(board.undo().as_deref(), Some("1"), "nor does it go on across an undo");
    }

    #[test]
    fn the_stacks_are_bounded_in_steps_and_in_bytes() {
        let mut board = Board::new();
        for number in 1..=STEPS_MAX + 10 {
            board.change("x", None, 0, &number.to_string());
        }
        assert_eq!(std::iter::from_fn(|| board.undo()).count(), STEPS_MAX);

        let large = |name: &str| {
            let layout = "x".repeat(BYTES_MAX / 3);
            let board = json!({ "feedscope": 2, "id": "b", "name": name, "layout": layout });
            Arc::new(read::fit(board).unwrap().document)
        };
        let mut board = Board { now: large("0"), ..Board::new() };
        for number in 1..=5 {
            let before = std::mem::replace(&mut board.now, large(&number.to_string()));
            board.steps.done("x", None, before, board.at);
        }
        assert_eq!(std::iter::from_fn(|| board.undo()).count(), 2);
    }

    proptest! {
        /// Against a list of all states: wherever one is, undo leads to the state before.
        #[test]
        fn undo_and_redo_walk_over_what_there_was(acts in prop::collection::vec(0..4_u8, 0..80)) {
            let mut board = Board::new();
            let (mut states, mut at) = (vec!["0".to_owned()], 0_usize);
            for (number, act) in (1..).zip(acts) {
                match act {
                    0 => {
                        let undone = board.undo();
                        let before = at.checked_sub(1);
                        prop_assert_eq!(undone.as_ref(), before.map(|before| &states[before]));
                        at = before.unwrap_or(at);
                    }
                    1 => {
                        let redone = board.redo();
                        prop_assert_eq!(redone.as_ref(), states.get(at + 1));
                        at = (at + 1).min(states.len() - 1);
                    }
                    _ => {
                        let name = format!("{number}");
                        board.change("x", None, 0, &name);
                        states.truncate(at + 1);
                        states.push(name);
                        at += 1;
                    }
                }
                prop_assert_eq!(board.now.name(), &states[at]);
            }
        }
    }
}
