//! Updates: one a display tick at most, and none while the last is not drawn.
//!
//! The window is told that there is news, and takes it as late as it can and still draw it in its
//! next frame: the update is made only then, and what came until then is in it. Its "drawn" lets the
//! next news go. A window that is slow or hidden does not answer, and so costs nothing; on return it
//! gets the present. Each window has a credit of its own, and a task that tells it: none waits for
//! another.

use crate::alerts::{Notifier, Silent};
use crate::api::{Boards, Update};
use crate::popouts::Wanted;
use crate::shared::{Shared, lock};
use crate::told::{has_news, make};
use feedscope_feed::Time;
use std::collections::{BTreeMap, VecDeque};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use tokio::sync::Notify;
use tokio::task::AbortHandle;

/// No display shows more than 240 frames a second.
const TICK_MIN: Duration = Duration::from_micros(4_166);

/// How often statuses and values are told: oftener, numbers cannot be read.
const STATUS_EVERY: Duration = Duration::from_millis(250);

/// Answers whose time is remembered until the terminal is told: more than a person asks for in a
/// second.
const ANSWERS_MAX: usize = 1_000;

/// Who is told of news.
pub trait Window: Send + Sync + 'static {
    /// There is an update to [take](crate::App::take_update_in) for the window of this label. Once
    /// that is on the screen, the window says so, with [`App::drawn_in`](crate::App::drawn_in), and
    /// only then it is told of the next.
    fn news(&self, window: &str);

    /// Tells of boards that have changed, at once, and every window. What comes late can be older
    /// than what came before: see [`Boards::version`].
    fn boards(&self, boards: &Boards);

    /// Which windows there are to be beside the first one. What comes late can be older than what
    /// came before: see [`Wanted::version`].
    fn popouts(&self, _: &Wanted) {}

    /// Another window shows another time, or points at another moment: this one is to
    /// [ask](crate::App::together).
    fn together(&self, _window: &str) {}

    /// Who shows its notifications, also while it is hidden or gone.
    fn notifier(&self) -> Arc<dyn Notifier> {
        Arc::new(Silent)
    }
}

/// Rung when something has changed that windows may want to know.
#[derive(Debug, Default)]
pub(crate) struct Changed(Mutex<Vec<Arc<Notify>>>);

impl Changed {
    /// Rings for each window, whether it listens just now or only later.
    pub fn notify_one(&self) {
        for window in lock(&self.0).iter() {
            window.notify_one();
        }
    }
}

#[derive(Debug, Default)]
pub(crate) struct Pump {
    pub changed: Arc<Changed>,
    /// By their labels.
    windows: Mutex<BTreeMap<String, (Arc<Credit>, AbortHandle)>>,
    /// How long the last answers to `watch` and `view` took.
    answers: Mutex<VecDeque<Duration>>,
}

/// What one window may be told.
#[derive(Debug, Default)]
pub(crate) struct Credit {
    changed: Arc<Notify>,
    answered: Notify,
    progress: Mutex<Progress>,
    frames: AtomicU32,
}

#[derive(Debug, Default)]
struct Progress {
    open: bool,
    /// It was told of news that it has not taken.
    told: bool,
    /// An update is being made for it.
    taking: bool,
    /// How often its page has begun.
    pages: u64,
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
    /// A window is there, and waits for no update. `run` starts what tells a new one of news, for as
    /// long as it is there.
    pub fn opened(&self, window: &str, run: impl FnOnce(Arc<Credit>) -> AbortHandle) {
        let credit = {
            let mut windows = lock(&self.windows);
            let known = windows.get(window).map(|(credit, _)| credit.clone());
            known.unwrap_or_else(|| {
                let credit = Arc::<Credit>::default();
                lock(&self.changed.0).push(credit.changed.clone());
                windows.insert(window.to_owned(), (credit.clone(), run(credit.clone())));
                credit
            })
        };
        let mut progress = lock(&credit.progress);
        progress.open = true;
        progress.told = false;
        progress.pages += 1;
        progress.drawn = progress.taken;
        drop(progress);
        credit.answered.notify_one();
    }

    /// A window is gone.
    pub fn closed(&self, window: &str) {
        if let Some((credit, task)) = lock(&self.windows).remove(window) {
            task.abort();
            lock(&self.changed.0).retain(|other| !Arc::ptr_eq(other, &credit.changed));
        }
    }

    /// All windows are.
    pub fn end(&self) {
        let windows: Vec<String> = lock(&self.windows).keys().cloned().collect();
        windows.iter().for_each(|window| self.closed(window));
    }

    fn of(&self, window: &str) -> Option<Arc<Credit>> {
        lock(&self.windows).get(window).map(|(credit, _)| credit.clone())
    }

    /// Update `number` is drawn. False if that is not the one that is awaited.
    pub fn drawn(&self, window: &str, number: u64) -> bool {
        let Some(credit) = self.of(window) else { return false };
        let mut progress = lock(&credit.progress);
        let awaited = progress.open && progress.taken == number && progress.drawn < number;
        if awaited {
            progress.drawn = number;
            if progress.shows_samples && progress.first_samples.is_none() {
                progress.first_samples = Some(Time::now());
            }
            credit.frames.fetch_add(1, Ordering::Relaxed);
            credit.answered.notify_one();
        }
        awaited
    }

    /// All that has changed since the window's last update; `None` before it is open, and while the
    /// last one is not drawn.
    ///
    /// It never holds both locks: whoever asks for the status has the other one.
    pub fn take(&self, window: &str, shared: &Mutex<Shared>) -> Option<Update> {
        let credit = self.of(window)?;
        let now = Instant::now();
        let (page, with_status) = lock(&credit.progress).take(now)?;
        let update = make(&mut lock(shared), window, now, Time::now(), with_status);
        lock(&credit.progress).taken(page, update.as_ref());
        credit.answered.notify_one();
        update
    }

    /// Updates that this window drew since this was last asked, and the number of the last of them.
    pub fn take_frames(&self, window: &str) -> (u32, u64) {
        let Some(credit) = self.of(window) else { return (0, 0) };
        let progress = lock(&credit.progress);
        (credit.frames.swap(0, Ordering::Relaxed), progress.drawn)
    }

    /// When samples were on the screen for the first time.
    pub fn first_samples(&self, window: &str) -> Option<Time> {
        lock(&self.of(window)?.progress).first_samples
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
}

impl Credit {
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
    async fn news(&self, label: &str, shared: &Mutex<Shared>) {
        loop {
            let status_due = lock(&self.progress).status_due;
            let Some(status_due) = status_due.filter(|due| *due > Instant::now()) else { return };
            if has_news(&lock(shared), label) {
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
        self.open && !self.taking && self.drawn == self.taken
    }

    /// An update is to be made now: for which page, and whether it says how the feeds are.
    fn take(&mut self, now: Instant) -> Option<(u64, bool)> {
        if !self.is_ready() {
            return None;
        }
        let with_status = self.status_due.is_none_or(|due| due <= now);
        if with_status {
            self.status_due = now.checked_add(STATUS_EVERY);
        }
        self.told = false;
        self.taking = true;
        Some((self.pages, with_status))
    }

    /// It is made. A page that has begun anew meanwhile will not draw it.
    fn taken(&mut self, page: u64, update: Option<&Update>) {
        self.taking = false;
        let Some(update) = update.filter(|_| page == self.pages) else { return };
        self.taken = update.number;
        self.shows_samples = shows_samples(update);
    }
}

/// Tells a window of news for as long as it is there.
pub(crate) async fn run(
    label: String,
    shared: Arc<Mutex<Shared>>,
    credit: Arc<Credit>,
    window: Arc<dyn Window>,
) {
    loop {
        credit.ready().await;
        let ready_at = Instant::now();
        credit.news(&label, &shared).await;
        lock(&credit.progress).told = true;
        window.news(&label);
        tokio::time::sleep_until((ready_at + TICK_MIN).into()).await;
    }
}

fn shows_samples(update: &Update) -> bool {
    update.panels.iter().any(|panel| panel.traces.iter().any(|columns| !columns.is_empty()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::boards::{MAIN_WINDOW, Open};
    use crate::told::Told;

    const OTHER: &str = "popout-1";

    async fn opened(windows: &[&str]) -> (Pump, Mutex<Shared>) {
        let (pump, mut shared) = (Pump::default(), Shared::new(Open::default(), Vec::new()));
        for window in windows {
            let told = Told::all(&shared.store);
            shared.windows.insert((*window).into(), told);
            pump.opened(window, |_| tokio::spawn(async {}).abort_handle());
        }
        (pump, Mutex::new(shared))
    }

    #[tokio::test]
    async fn an_update_is_taken_once_and_the_next_when_it_is_drawn() {
        let (pump, shared) = opened(&[]).await;
        assert!(pump.take(MAIN_WINDOW, &shared).is_none(), "no window is open");
        let (pump, shared) = opened(&[MAIN_WINDOW]).await;
        let first = pump.take(MAIN_WINDOW, &shared).unwrap();
        assert_eq!((first.number, lock(&shared).store.updates_made), (1, 1));
        assert!(pump.take(MAIN_WINDOW, &shared).is_none(), "it is not drawn");
        assert!(pump.drawn(MAIN_WINDOW, 1) && !pump.drawn(MAIN_WINDOW, 1));
        assert_eq!(pump.take(MAIN_WINDOW, &shared).unwrap().number, 2);
    }

    #[tokio::test]
    async fn a_window_that_does_not_draw_holds_up_no_other() {
        let (pump, shared) = opened(&[MAIN_WINDOW, OTHER]).await;
        let stuck = pump.take(OTHER, &shared).unwrap().number;
        for _ in 0..3 {
            let number = pump.take(MAIN_WINDOW, &shared).unwrap().number;
            assert!(!pump.drawn(OTHER, number), "it is not its own");
            assert!(pump.drawn(MAIN_WINDOW, number));
        }
        assert!(pump.take(OTHER, &shared).is_none());
        assert!(pump.drawn(OTHER, stuck) && pump.take(OTHER, &shared).is_some());
    }

    #[tokio::test]
    async fn a_page_that_begins_anew_does_not_wait_for_what_the_last_one_took() {
        let (pump, shared) = opened(&[MAIN_WINDOW]).await;
        let credit = pump.of(MAIN_WINDOW).unwrap();
        let (page, _) = lock(&credit.progress).take(Instant::now()).unwrap();
        pump.opened(MAIN_WINDOW, |_| unreachable!("it is there"));
        lock(&credit.progress).taken(page, None);
        assert!(pump.take(MAIN_WINDOW, &shared).is_some());
        pump.opened(MAIN_WINDOW, |_| unreachable!("it is there"));
        assert!(pump.take(MAIN_WINDOW, &shared).is_some(), "what was not drawn is forgotten");
    }

    #[tokio::test]
    async fn a_window_that_is_gone_is_rung_for_no_more() {
        let (pump, shared) = opened(&[MAIN_WINDOW, OTHER]).await;
        pump.closed(OTHER);
        assert_eq!(lock(&pump.changed.0).len(), 1);
        assert!(pump.take(OTHER, &shared).is_none() && !pump.drawn(OTHER, 1));
        pump.end();
        assert!(lock(&pump.changed.0).is_empty());
    }
}
