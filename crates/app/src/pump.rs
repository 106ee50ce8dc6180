//! Updates: one a display tick at most, and none while the last is not drawn.
//!
//! The window is told that there is news, and takes it as late as it can and still draw it in its
//! next frame: the update is made only then, and what came until then is in it. Its "drawn" lets the
//! next news go. A window that is slow or hidden does not answer, and so costs nothing; on return it
//! gets the present.

use crate::alerts::{Notifier, Silent};
use crate::api::{Boards, FeedFields, FeedTransitions, FeedValues, Update};
use crate::derived;
use crate::shared::{Shared, lock};
use crate::store::Store;
use feedscope_feed::Time;
use std::collections::VecDeque;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use tokio::sync::Notify;

/// No display shows more than 240 frames a second.
const TICK_MIN: Duration = Duration::from_micros(4_166);

/// How often statuses and values are told: oftener, numbers cannot be read.
const STATUS_EVERY: Duration = Duration::from_millis(250);

/// Values told at once; the others are told next time.
const VALUES_MAX: usize = 1_000;

/// Fields told at once.
const FIELDS_MAX: usize = 1_000;

/// Answers whose time is remembered until the terminal is told: more than a person asks for in a
/// second.
const ANSWERS_MAX: usize = 1_000;

/// Who is told of news.
pub trait Window: Send + Sync + 'static {
    /// There is an update to [take](crate::App::take_update). Once that is on the screen, the window
    /// says so, with [`App::drawn`](crate::App::drawn), and only then it is told of the next.
    fn news(&self);

    /// Tells of boards that have changed, at once, and every window. What comes late can be older
    /// than what came before: see [`Boards::version`].
    fn boards(&self, boards: &Boards);

    /// Who shows its notifications, also while it is hidden or gone.
    fn notifier(&self) -> Arc<dyn Notifier> {
        Arc::new(Silent)
    }
}

#[derive(Debug, Default)]
pub(crate) struct Pump {
    /// Something has changed that the window may want to know.
    pub changed: Arc<Notify>,
    answered: Notify,
    progress: Mutex<Progress>,
    frames: AtomicU32,
    /// How long the last answers to `watch` and `view` took.
    answers: Mutex<VecDeque<Duration>>,
}

#[derive(Debug, Default)]
struct Progress {
    open: bool,
    /// It was told of news that it has not taken.
    told: bool,
    /// The number of the last update that was taken.
    taken: u64,
    drawn: u64,
    status_due: Option<Instant>,
    /// The update on its way shows samples.
    shows_samples: bool,
    /// When the first one that does was drawn.
    first_samples: Option<Time>,
}

impl Pump {
    /// A window is there, and waits for no update.
    pub fn opened(&self) {
        let mut progress = lock(&self.progress);
        progress.open = true;
        progress.told = false;
        progress.drawn = progress.taken;
        drop(progress);
        self.answered.notify_one();
    }

    /// Update `number` is drawn. False if that is not the one that is awaited.
    pub fn drawn(&self, number: u64) -> bool {
        let mut progress = lock(&self.progress);
        let awaited = progress.open && progress.taken == number && progress.drawn < number;
        if awaited {
            progress.drawn = number;
            if progress.shows_samples && progress.first_samples.is_none() {
                progress.first_samples = Some(Time::now());
            }
            self.frames.fetch_add(1, Ordering::Relaxed);
            self.answered.notify_one();
        }
        awaited
    }

    /// All that has changed since the last update; `None` before the window is open, and while the
    /// last one is not drawn.
    ///
    /// It never holds both locks: whoever asks for the status has the other one.
    pub fn take(&self, shared: &Mutex<Shared>) -> Option<Update> {
        let now = Instant::now();
        let (number, with_status) = lock(&self.progress).take(now)?;
        let update = {
            let mut shared = lock(shared);
            shared.store.updates_made = number;
            make(&mut shared, number, now, Time::now(), with_status)
        };
        lock(&self.progress).shows_samples = shows_samples(&update);
        Some(update)
    }

    /// Updates drawn since this was last asked, and the number of the last of them.
    pub fn take_frames(&self) -> (u32, u64) {
        let progress = lock(&self.progress);
        (self.frames.swap(0, Ordering::Relaxed), progress.drawn)
    }

    /// When samples were on the screen for the first time.
    pub fn first_samples(&self) -> Option<Time> {
        lock(&self.progress).first_samples
    }

    /// An answer to `watch` or `view` took this long. Where nobody asks, the oldest go.
    pub fn note_answer(&self, took: Duration) {
        let mut answers = lock(&self.answers);
        if answers.len() == ANSWERS_MAX {
            answers.pop_front();
        }
        answers.push_back(took);
    }

    /// How long the last answers took, since this was last asked.
    pub fn take_answers(&self) -> Vec<Duration> {
        lock(&self.answers).drain(..).collect()
    }

    /// Waits until the window can be told of news.
    async fn ready(&self) {
        loop {
            {
                let progress = lock(&self.progress);
                if progress.is_ready() && !progress.told {
                    return;
                }
            }
            self.answered.notified().await;
        }
    }

    /// Waits until there is something to tell. That time goes on is nothing to tell: the window sees
    /// it for itself.
    async fn news(&self, shared: &Mutex<Shared>) {
        loop {
            let status_due = lock(&self.progress).status_due;
            let Some(status_due) = status_due.filter(|due| *due > Instant::now()) else { return };
            if has_news(&lock(shared)) {
                return;
            }
            tokio::select! {
                () = self.changed.notified() => {}
                () = tokio::time::sleep_until(status_due.into()) => {}
            }
        }
    }
}

impl Progress {
    fn is_ready(&self) -> bool {
        self.open && self.drawn == self.taken
    }

    /// The number of the update that is taken now, and whether it says how the feeds are.
    fn take(&mut self, now: Instant) -> Option<(u64, bool)> {
        if !self.is_ready() {
            return None;
        }
        let with_status = self.status_due.is_none_or(|due| due <= now);
        if with_status {
            self.status_due = now.checked_add(STATUS_EVERY);
        }
        self.told = false;
        self.taken += 1;
        Some((self.taken, with_status))
    }
}

/// Tells `window` of news for as long as the application runs.
pub(crate) async fn run(shared: Arc<Mutex<Shared>>, pump: Arc<Pump>, window: Arc<dyn Window>) {
    loop {
        pump.ready().await;
        let ready_at = Instant::now();
        pump.news(&shared).await;
        lock(&pump.progress).told = true;
        window.news();
        tokio::time::sleep_until((ready_at + TICK_MIN).into()).await;
    }
}

/// Whether an update would have more in it than the time.
fn has_news(shared: &Shared) -> bool {
    let Shared { store, watches, troubles, alerts, .. } = shared;
    !troubles.is_empty()
        || store.derived.has_untold()
        || alerts.has_news()
        || watches.iter().any(|watch| watch.has_news(store))
        || store
            .feeds
            .iter()
            .any(|feed| feed.transitions_untold > 0 || feed.fields_told < feed.fields.len())
}

fn shows_samples(update: &Update) -> bool {
    update.panels.iter().any(|panel| panel.traces.iter().any(|columns| !columns.is_empty()))
}

/// All that has changed since the last one.
fn make(shared: &mut Shared, number: u64, now: Instant, time: Time, with_status: bool) -> Update {
    let mut update = Update {
        number,
        now_ms: time.millis(),
        panels: Vec::new(),
        statuses: Vec::new(),
        values: Vec::new(),
        transitions: Vec::new(),
        fields: Vec::new(),
        derived: shared.store.derived.take_untold(),
        inspected: Vec::new(),
        troubles: std::mem::take(&mut shared.troubles),
        alerts: shared.alerts.news(),
    };
    let Shared { store, watches, inspectors, peeked, .. } = shared;
    for watch in watches {
        update.panels.extend(watch.update(store, time.0));
    }
    if with_status {
        let news = inspectors.iter_mut().filter_map(|one| one.take_news().then(|| one.id.clone()));
        update.inspected.extend(news);
    }
    let Store { feeds, history, gap_changes, derived, .. } = store;
    history.forget_changes();
    gap_changes.clear();

    for feed in feeds {
        feed.sent();
        if feed.fields_told < feed.fields.len() {
            let mut fields = feed.fields_from(feed.fields_told);
            fields.truncate(FIELDS_MAX);
            feed.fields_told += fields.len();
            update.fields.push(FeedFields { feed: feed.id.clone(), fields });
        }
        if feed.transitions_untold > 0 {
            let told = feed.transitions.len() - feed.transitions_untold;
            feed.transitions_untold = 0;
            let transitions = feed.transitions.range(told..).cloned().collect();
            update.transitions.push(FeedTransitions { feed: feed.id.clone(), transitions });
        }
        if with_status {
            update.statuses.push(feed.status(now));
            if peeked.contains(&feed.id) {
                let told = (0..feed.fields_told as u32).zip(&mut feed.fields);
                let values = told
                    .filter_map(|(number, field)| Some((number, field.fresh(history)?)))
                    .take(VALUES_MAX)
                    .collect();
                update.values.push(FeedValues { feed: feed.id.clone(), values });
            }
        }
    }
    if with_status && peeked.contains(derived::FEED) && !derived.is_empty() {
        update.values.push(derived.fresh(history));
    }
    update
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::{DerivedInput, DerivedSeries};
    use crate::boards::Open;

    #[test]
    fn an_update_is_taken_once_and_the_next_when_it_is_drawn() {
        let shared = Mutex::new(Shared::new(Open::default(), Vec::new()));
        let pump = Pump::default();
        assert!(pump.take(&shared).is_none(), "no window is open");
        pump.opened();
        let first = pump.take(&shared).unwrap();
        assert_eq!((first.number, lock(&shared).store.updates_made), (1, 1));
        assert!(pump.take(&shared).is_none(), "it is not drawn");
        assert!(pump.drawn(1) && !pump.drawn(1));
        assert_eq!(pump.take(&shared).unwrap().number, 2);
    }

    #[test]
    fn only_what_is_new_is_news() {
        let shared = Mutex::new(Shared::new(Open::default(), Vec::new()));
        let pump = Pump::default();
        pump.opened();
        pump.take(&shared).unwrap();
        assert!(!has_news(&lock(&shared)), "that time goes on is no news");
        lock(&shared).troubles.push(crate::kept::no_saver(&std::io::Error::other("no thread")));
        assert!(has_news(&lock(&shared)));
        pump.drawn(1);
        assert_eq!(pump.take(&shared).unwrap().troubles.len(), 1);
        assert!(!has_news(&lock(&shared)));
    }

    #[test]
    fn derived_series_that_changed_are_news() {
        let mut shared = Shared::new(Open::default(), Vec::new());
        let input = DerivedInput { feed: "f".into(), channel: "c".into(), path: "p".into() };
        let what = DerivedSeries {
            expression: "2 * a".into(),
            inputs: [("a".to_owned(), input)].into(),
            ..DerivedSeries::default()
        };
        let Store { feeds, history, derived, .. } = &mut shared.store;
        let made = derived.set(what, feeds, history).unwrap();
        assert!(has_news(&shared));
        let update = make(&mut shared, 1, Instant::now(), Time(0), false);
        assert_eq!(update.derived, Some(vec![made]));
        assert!(!has_news(&shared), "it is told once");
        let Store { history, derived, .. } = &mut shared.store;
        assert!(!derived.remove("none such", history) && derived.remove("series", history));
        assert!(has_news(&shared));
        let update = make(&mut shared, 2, Instant::now(), Time(0), false);
        assert_eq!(update.derived, Some(Vec::new()));
    }
}
