//! What was kept of earlier runs, as the application finds it when it starts.

use crate::api::Trouble;
use crate::dir::DataDir;
use crate::feeds::GapFacts;
use crate::past::Past;
use crate::saver::Disk;
use crate::settings::Settings;
use feedscope_history::{Budget, Contents, History, Store, StoreError};
use std::path::Path;
use std::sync::Arc;

pub(crate) struct Kept {
    pub history: History<GapFacts>,
    pub past: Past,
    /// Where to keep what comes; `None` if it will be in memory only.
    pub disk: Option<Arc<dyn Disk>>,
    pub budget: Budget,
    pub troubles: Vec<Trouble>,
}

impl Kept {
    /// Opens it; where that fails, says so, and begins with nothing, in memory.
    pub fn open(dir: &DataDir) -> Kept {
        let (settings, mut troubles) = Settings::load(&dir.settings());
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
            return Kept { history, past, disk: Some(Arc::new(store)), budget, troubles };
        }
        Kept::nothing(Budget { disk_bytes: None, ..budget }, troubles)
    }

    /// What there is if opening it has panicked.
    pub fn lost(panic: tokio::task::JoinError) -> Kept {
        let trouble = trouble(
            "history-lost",
            "The history could not be read.".into(),
            Some(panic.to_string()),
            "Close Feedscope, move the file called history out of its data folder, and start it \
             again. Until then the history is kept in memory only."
                .into(),
        );
        Kept::nothing(Settings::default().budget_without_disk(), vec![trouble])
    }

    fn nothing(budget: Budget, troubles: Vec<Trouble>) -> Kept {
        let history = History::new(budget);
        Kept { history, past: Past::default(), disk: None, budget, troubles }
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
            format!("{} pieces of the history are damaged, and were left out.", store.left_out()),
            None,
            "The rest is there. Damage like this mostly comes from the disk: look whether it is \
             sound."
                .into(),
        ));
    }
    Some((store, contents))
}

/// What is said where an answer needs the disk, and does not get it.
pub(crate) fn unread(why: &str) -> Trouble {
    trouble(
        "history-unread",
        "What is asked for could not be read from the disk.".into(),
        Some(why.into()),
        "Try a shorter span. What comes in is kept all the same.".into(),
    )
}

pub(crate) fn no_saver(error: &std::io::Error) -> Trouble {
    trouble(
        "history-unsaved",
        "The system refused a thread to write the history with.".into(),
        Some(error.to_string()),
        "Close other programs and start Feedscope again. Until then the history is kept in \
         memory only."
            .into(),
    )
}

impl From<&StoreError> for Trouble {
    fn from(error: &StoreError) -> Self {
        let code = match error {
            StoreError::InUse { .. } => "history-in-use",
            StoreError::Newer { .. } => "history-newer",
            StoreError::SetAside { .. } => "history-set-aside",
            StoreError::Damaged { .. } => "history-damaged",
            StoreError::Full { .. } => "history-full",
            StoreError::Refused { .. } => "history-refused",
        };
        let said = error.to_string();
        let mut letters = said.chars();
        let first = letters.next().map(|first| first.to_uppercase().to_string());
        let what = format!("{}{}.", first.unwrap_or_default(), letters.as_str());
        trouble(code, what, None, error.advice())
    }
}

fn trouble(code: &str, what: String, answer: Option<String>, advice: String) -> Trouble {
    Trouble { code: code.into(), step: "History".into(), what, answer, advice }
}
