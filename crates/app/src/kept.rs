//! What was kept of earlier runs, as the application finds it when it starts.

use crate::api::{DerivedSeries, Trouble};
use crate::derived::{self, Remembered};
use crate::dir::DataDir;
use crate::feeds::GapFacts;
use crate::past::Past;
use crate::saver::Disk;
use crate::settings::{Chosen, Settings};
use feedscope_feed::{Said, said};
use feedscope_history::{Budget, Contents, History, Store, StoreError};
use std::path::Path;
use std::sync::Arc;

pub(crate) struct Kept {
    pub history: History<GapFacts>,
    pub past: Past,
    /// The derived series, and what the history has of them.
    pub derived: (Vec<DerivedSeries>, Remembered),
    /// Where to keep what comes; `None` if it will be in memory only.
    pub disk: Option<Arc<dyn Disk>>,
    pub budget: Budget,
    pub chosen: Chosen,
    pub troubles: Vec<Trouble>,
}

/// What stands in files that people can read.
#[derive(Clone, Default)]
pub(crate) struct Written {
    settings: Settings,
    derived: Vec<DerivedSeries>,
    troubles: Vec<Trouble>,
}

impl Written {
    pub fn read(dir: &DataDir) -> Written {
        let (settings, mut troubles) = Settings::load(&dir.settings());
        let (derived, trouble) = derived::load(&dir.derived());
        troubles.extend(trouble);
        Written { settings, derived, troubles }
    }
}

impl Kept {
    /// Opens the history; where that fails, says so, and begins with nothing, in memory.
    pub fn open(dir: &DataDir, written: Written) -> Kept {
        let Written { mut settings, derived, mut troubles } = written;
        let chosen = std::mem::take(&mut settings.chosen);
        let path = dir.history();
        // Where that fails, opening the history says so.
        let _ = std::fs::create_dir_all(dir.path());
        let taken_bytes = std::fs::metadata(&path).map_or(0, |file| file.len());
        let budget = settings.budget(dir.path(), taken_bytes);
        if budget.disk_bytes.is_some()
            && let Some((store, contents)) = open(&path, &mut troubles)
        {
            let facts = contents.facts.clone();
            let history = History::restore(contents, budget);
            let past = Past::new(&history, &facts);
            let derived = (derived, Remembered::find(&facts));
            let disk: Arc<dyn Disk> = Arc::new(store);
            return Kept { history, past, derived, disk: Some(disk), budget, chosen, troubles };
        }
        let derived = (derived, Remembered::default());
        Kept { derived, chosen, ..Kept::nothing(budget, troubles) }
    }

    /// What there is if opening the history has panicked: all else.
    pub fn lost(written: Written, panic: &tokio::task::JoinError) -> Kept {
        let Written { mut settings, derived, mut troubles } = written;
        let chosen = std::mem::take(&mut settings.chosen);
        let trouble = trouble(
            "history-lost",
            said!("trouble_history_lost", "The history could not be read."),
            Some(panic.to_string()),
            said!(
                "advice_history_lost",
                "Close Feedscope, move the file called history out of its data folder, and start \
                 it again. Until then the history is kept in memory only."
            ),
        );
        troubles.push(trouble);
        let derived = (derived, Remembered::default());
        let nothing = Kept::nothing(settings.budget_without_disk(), troubles);
        Kept { derived, chosen, ..nothing }
    }

    fn nothing(budget: Budget, troubles: Vec<Trouble>) -> Kept {
        let budget = Budget { disk_bytes: None, ..budget };
        let history = History::new(budget);
        let (past, derived) = (Past::default(), Default::default());
        Kept { history, past, derived, disk: None, budget, chosen: Chosen::default(), troubles }
    }
}

fn open(path: &Path, troubles: &mut Vec<Trouble>) -> Option<(Store, Contents<GapFacts>)> {
    let opened = match Store::open(path) {
        // With what was there out of the way, there is a new one.
        Err(error @ StoreError::SetAside { .. }) => {
            troubles.push(Trouble::from(&error));
            Store::open(path)
        }
        opened => opened,
    };
    let (store, contents) = opened.map_err(|error| troubles.push(Trouble::from(&error))).ok()?;
    if store.left_out() > 0 {
        troubles.push(trouble(
            "history-damaged",
            said!(
                "trouble_history_pieces",
                "{count} pieces of the history are damaged, and were left out.",
                count = store.left_out(),
            ),
            None,
            said!("advice_history_rest", "The rest is there.").and(look_at_disk()),
        ));
    }
    Some((store, contents))
}

/// What is said where an answer needs the disk, and does not get it.
pub(crate) fn unread(why: &str) -> Trouble {
    trouble(
        "history-unread",
        said!("trouble_history_unread", "What is asked for could not be read from the disk."),
        Some(why.into()),
        said!("advice_history_unread", "Try a shorter span. What comes in is kept all the same."),
    )
}

pub(crate) fn no_saver(error: &std::io::Error) -> Trouble {
    trouble(
        "history-unsaved",
        said!("trouble_history_unsaved", "The system refused a thread to write the history with."),
        Some(error.to_string()),
        said!(
            "advice_history_unsaved",
            "Close other programs and start Feedscope again. Until then the history is kept in \
             memory only."
        ),
    )
}

impl From<&StoreError> for Trouble {
    fn from(error: &StoreError) -> Self {
        let shown = |path: &Path| path.display().to_string();
        let (code, what, advice) = match error {
            StoreError::InUse { path } => (
                "history-in-use",
                said!(
                    "trouble_history_in_use",
                    "The history in {path} is already open.",
                    path = shown(path),
                ),
                said!(
                    "advice_history_in_use",
                    "Close the other Feedscope and start this one again. Until then its history \
                     is kept in memory only."
                ),
            ),
            StoreError::Newer { path, found, known } => (
                "history-newer",
                said!(
                    "trouble_history_newer",
                    "The history in {path} is of a newer Feedscope: of format {found}, where this \
                     one knows {known}.",
                    path = shown(path),
                    found = *found,
                    known = *known,
                ),
                said!(
                    "advice_history_newer",
                    "Install the newer Feedscope again, or move {path} elsewhere to begin a new \
                     history. Until then it is kept in memory only.",
                    path = shown(path),
                ),
            ),
            StoreError::SetAside { path, now, why } => (
                "history-set-aside",
                said!(
                    "trouble_history_set_aside",
                    "The history in {path} was damaged ({why}), and is now in {now}.",
                    path = shown(path),
                    why = why.as_str(),
                    now = shown(now),
                ),
                said!(
                    "advice_history_set_aside",
                    "A new history has begun. If you need no part of the old one, delete {path}.",
                    path = shown(now),
                )
                .and(look_at_disk()),
            ),
            StoreError::Damaged { path, why } => (
                "history-damaged",
                said!(
                    "trouble_history_damaged",
                    "The history in {path} is damaged: {why}.",
                    path = shown(path),
                    why = why.as_str(),
                ),
                said!(
                    "advice_history_damaged",
                    "Start Feedscope again: it then sets the file aside and begins a new one."
                )
                .and(look_at_disk()),
            ),
            StoreError::Full { path, error } => (
                "history-full",
                said!(
                    "trouble_history_full",
                    "There is no room for the history in {path}: {error}.",
                    path = shown(path),
                    error = error.to_string(),
                ),
                said!(
                    "advice_history_full",
                    "Make room on that disk, or let the history have less of it in the settings. \
                     Until then it is kept in memory only."
                ),
            ),
            StoreError::Refused { path, error } => (
                "history-refused",
                said!(
                    "trouble_history_refused",
                    "The history in {path} cannot be read or written: {error}.",
                    path = shown(path),
                    error = error.to_string(),
                ),
                said!(
                    "advice_history_refused",
                    "See to it that {path} can be read and written. Until then the history is \
                     kept in memory only.",
                    path = shown(path),
                ),
            ),
        };
        trouble(code, what, None, advice)
    }
}

fn look_at_disk() -> Said {
    said!("advice_disk", "Damage like this mostly comes from the disk: look whether it is sound.")
}

fn trouble(code: &'static str, what: Said, answer: Option<String>, advice: Said) -> Trouble {
    Trouble::new(code, said!("step_history", "History"), what, answer, advice)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_panic_costs_the_history_and_nothing_else() {
        let folder = tempfile::tempdir().unwrap();
        let dir = DataDir::new(folder.path().to_owned());
        std::fs::write(dir.settings(), "language = \"zh-CN\"\nmemory_mb = 64\n").unwrap();
        let one = DerivedSeries { id: "d".into(), ..DerivedSeries::default() };
        derived::save(&dir.derived(), std::slice::from_ref(&one)).unwrap();
        let panic = tokio::spawn(async { panic!("Nonsense.") }).await.unwrap_err();
        let kept = Kept::lost(Written::read(&dir), &panic);
        assert_eq!((kept.derived.0, kept.chosen.language.as_deref()), (vec![one], Some("zh-CN")));
        assert_eq!(kept.budget, Budget { memory_bytes: 64 << 20, disk_bytes: None });
        let codes: Vec<_> = kept.troubles.iter().map(|trouble| trouble.code).collect();
        assert_eq!(codes, ["history-lost"]);
    }
}
