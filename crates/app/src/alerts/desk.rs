//! Does what the alerts decide: says it aloud, writes it down, and tells them the time; and answers
//! what the window asks about them.

use super::log::LogFile;
use super::rules::{self, ALERTS_MAX, checked};
use super::watcher::feed_of;
use super::{file, sentence};
use crate::api::{self, Alert, AlertEvent, AlertLogSpan, Trouble};
use crate::pump::Changed;
use crate::shared::{Shared, lock};
use feedscope_feed::{Said, Time, said};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// Where nothing is due, how often the time is told all the same: a clock that is set, or a
/// computer that slept, must not put off what is due for longer.
const LOOK_EVERY: Duration = Duration::from_secs(5);

/// What a notification says.
#[derive(Clone, Debug, PartialEq)]
pub struct Notice {
    pub title: Said,
    pub body: Said,
    pub sound: bool,
    /// The language that was chosen, as a tag; `None`: that of the system.
    pub language: Option<String>,
}

/// Why the system shows no notification, in its own words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused(pub String);

/// Who shows notifications, whether there is a window or not.
pub trait Notifier: Send + Sync + 'static {
    /// May take its time.
    ///
    /// # Errors
    /// The system shows none.
    fn notify(&self, notice: &Notice) -> Result<(), Refused>;
}

/// Where there is nobody who shows any.
#[derive(Clone, Copy, Debug)]
pub struct Silent;

impl Notifier for Silent {
    fn notify(&self, _: &Notice) -> Result<(), Refused> {
        Err(Refused("There is no desktop to show it on.".into()))
    }
}

pub(crate) struct Desk {
    shared: Arc<Mutex<Shared>>,
    /// Rung when windows have something to be told.
    changed: Arc<Changed>,
    /// Of which version of the alerts the windows were last told that there is news.
    told: Mutex<u64>,
    notifier: Arc<dyn Notifier>,
    /// Of the rules, and of the log.
    paths: (PathBuf, PathBuf),
    /// Held while the alerts are written to their file.
    saving: Mutex<()>,
    /// `None` until what was kept is there again.
    log: Mutex<Option<LogFile>>,
    /// That notifications are refused, or the log not written, was said.
    said: Mutex<Failing>,
}

#[derive(Debug, Default)]
struct Failing {
    notifying: bool,
    writing: bool,
}

impl Desk {
    pub fn new(
        shared: Arc<Mutex<Shared>>,
        changed: Arc<Changed>,
        notifier: Arc<dyn Notifier>,
        folder: &Path,
    ) -> Desk {
        Desk {
            shared,
            changed,
            told: Mutex::default(),
            notifier,
            paths: file::paths(folder),
            saving: Mutex::default(),
            log: Mutex::default(),
            said: Mutex::default(),
        }
    }

    /// Brings back what an earlier run has kept, once. It reads the disk.
    pub fn load(&self) {
        let mut log = lock(&self.log);
        if log.is_some() {
            return;
        }
        let found = file::load(&self.paths.0);
        let (file, events, trouble) = LogFile::open(self.paths.1.clone());
        *log = Some(file);
        let mut shared = lock(&self.shared);
        shared.troubles.extend(found.troubles.into_iter().chain(trouble));
        shared.alerts.restore(found.alerts, found.foreign, events);
    }

    /// Does what is decided, for as long as the application runs.
    pub async fn run(self: Arc<Self>) {
        let stirred = lock(&self.shared).alerts.stirred.clone();
        loop {
            let desk = self.clone();
            // Both the desktop and the disk may take their time. It fails only if it panics.
            let due = tokio::task::spawn_blocking(move || desk.turn()).await.ok().flatten();
            let wait = due.map_or(LOOK_EVERY, |due| due.since(Time::now())).min(LOOK_EVERY);
            tokio::select! {
                () = stirred.notified() => {}
                () = tokio::time::sleep(wait) => {}
            }
        }
    }

    /// Does what is to be done now; says when there is more to do.
    fn turn(&self) -> Option<Time> {
        let (turn, language, has_news) = {
            let mut shared = lock(&self.shared);
            let turn = shared.alerts.turn(Time::now());
            let has_news = std::mem::replace(&mut *lock(&self.told), shared.alerts.version())
                != shared.alerts.version();
            (turn, shared.chosen.language.clone(), has_news)
        };
        if has_news {
            self.changed.notify_one();
        }
        for aloud in turn.aloud {
            let super::Aloud { title, body, sound } = aloud;
            let notice = Notice { title, body, sound, language: language.clone() };
            let refused = self.notifier.notify(&notice).err();
            let was_failing = std::mem::replace(&mut lock(&self.said).notifying, refused.is_some());
            if let Some(refused) = refused.filter(|_| !was_failing) {
                self.trouble(no_notification(refused));
            }
        }
        self.write(&turn.events);
        turn.due
    }

    fn write(&self, events: &[AlertEvent]) {
        let mut file = lock(&self.log);
        let Some(file) = &mut *file else { return };
        let written = file.write(events, || lock(&self.shared).alerts.log().all());
        let was_failing = std::mem::replace(&mut lock(&self.said).writing, written.is_err());
        if let Err(error) = written {
            lock(&self.shared).alerts.log().unwritten(events);
            if !was_failing {
                self.trouble(file.unsaved(&error));
            }
        }
    }

    /// The application is about to end: what is not in the log's file yet must get there first.
    pub fn close(&self) {
        let events = lock(&self.shared).alerts.log().take_unwritten();
        self.write(&events);
    }

    pub fn alerts(&self) -> api::Alerts {
        self.load();
        let shared = lock(&self.shared);
        api::Alerts { alerts: shared.alerts.rules(), states: shared.alerts.states() }
    }

    /// Adds an alert, or changes the one of its id.
    pub fn set(&self, alert: Alert) -> Result<Alert, Trouble> {
        self.load();
        let mut shared = lock(&self.shared);
        let rules = shared.alerts.rules();
        let alert = checked(alert, |id| rules.iter().any(|rule| rule.id == id))?;
        if rules.len() >= ALERTS_MAX && rules.iter().all(|rule| rule.id != alert.id) {
            return Err(rules::too_many());
        }
        let Shared { store, alerts, .. } = &mut *shared;
        let feed = store.feeds.iter().find(|feed| feed.id == feed_of(&alert.what));
        alerts.set(Time::now(), alert.clone(), feed, &store.history);
        drop(shared);
        self.changed.notify_one();
        self.save()?;
        Ok(alert)
    }

    pub fn remove(&self, id: &str) -> Result<(), Trouble> {
        self.load();
        if !lock(&self.shared).alerts.remove(Time::now(), id) {
            return Ok(());
        }
        self.changed.notify_one();
        self.save()
    }

    /// Says aloud what the alert would, whatever it is told not to.
    pub fn test(&self, alert: &Alert) -> Result<(), Trouble> {
        let (title, language) = {
            let shared = lock(&self.shared);
            let id = feed_of(&alert.what);
            let feed = shared.store.feeds.iter().find(|feed| feed.id == id);
            let feed = feed.map_or(id, |feed| &feed.profile.name);
            (sentence::name(alert, feed), shared.chosen.language.clone())
        };
        let sound = alert.notify.sound;
        let notice = Notice { title: title.into(), body: sentence::test(), sound, language };
        self.notifier.notify(&notice).map_err(no_notification)
    }

    pub fn log(&self, span: &AlertLogSpan) -> Vec<AlertEvent> {
        lock(&self.shared).alerts.log().span(span)
    }

    /// Writes the rules. One at a time, so that what is older never comes over what is newer.
    pub fn save(&self) -> Result<(), Trouble> {
        let _only = lock(&self.saving);
        let (rules, foreign) = {
            let shared = lock(&self.shared);
            (shared.alerts.rules(), shared.alerts.foreign().to_vec())
        };
        file::save(&self.paths.0, &rules, &foreign)
    }

    fn trouble(&self, trouble: Trouble) {
        lock(&self.shared).troubles.push(trouble);
        self.changed.notify_one();
    }
}

fn no_notification(refused: Refused) -> Trouble {
    Trouble::new(
        "alert-refused-notification",
        rules::step(),
        said!("trouble_no_notification", "The system showed no notification."),
        Some(refused.0),
        said!(
            "advice_no_notification",
            "Allow Feedscope notifications in the system's settings. Alerts are in the list, in \
             the log and on the charts all the same."
        ),
    )
}
