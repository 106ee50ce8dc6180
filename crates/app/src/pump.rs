//! Updates: one a display tick at most, and none while the last is not drawn.
//!
//! The window's "drawn" is the clock: it comes once a frame, and says how long the next update may
//! wait and still be there for the next frame. What comes until then is in it. A window that is
//! slow or hidden does not answer, and so costs nothing; on return it gets the present.

use crate::api::{FeedFields, FeedTransitions, FeedValues, Update};
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

/// No window that is seen draws more seldom than this.
const WAIT_MAX: Duration = Duration::from_millis(50);

/// How often statuses and values are told: oftener, numbers cannot be read.
const STATUS_EVERY: Duration = Duration::from_millis(250);

/// Values told at once; the others are told next time.
const VALUES_MAX: usize = 1_000;

/// Fields told at once.
const FIELDS_MAX: usize = 1_000;

/// Answers whose time is remembered until the terminal is told: more than a person asks for in a
/// second.
const ANSWERS_MAX: usize = 1_000;

/// Where updates go.
pub trait Window: Send + Sync + 'static {
    /// Hands on `update`; the window answers with [`App::drawn`](crate::App::drawn) once it is on the screen.
    fn update(&self, update: Update);
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
    sent: u64,
    drawn: u64,
    /// The next update is not made before.
    next_at: Option<Instant>,
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
        progress.drawn = progress.sent;
        drop(progress);
        self.answered.notify_one();
    }

    /// Update `number` is drawn, and the next one is wanted after `wait`. False if that is not the
    /// one that is awaited.
    pub fn drawn(&self, number: u64, wait: Duration) -> bool {
        let mut progress = lock(&self.progress);
        let awaited = progress.open && progress.sent == number && progress.drawn < number;
        if awaited {
            progress.drawn = number;
            progress.next_at = Instant::now().checked_add(wait.min(WAIT_MAX));
            if progress.shows_samples && progress.first_samples.is_none() {
                progress.first_samples = Some(Time::now());
            }
            self.frames.fetch_add(1, Ordering::Relaxed);
            self.answered.notify_one();
        }
        awaited
    }

    /// `update` is about to be on its way.
    fn sends(&self, update: &Update) {
        let mut progress = lock(&self.progress);
        progress.sent = update.number;
        progress.shows_samples = shows_samples(update);
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

    /// The number of the next update, once the window is ready for it.
    async fn ready(&self) -> u64 {
        let (number, next_at) = loop {
            {
                let progress = lock(&self.progress);
                if progress.open && progress.drawn == progress.sent {
                    break (progress.sent + 1, progress.next_at);
                }
            }
            self.answered.notified().await;
        };
        if let Some(next_at) = next_at {
            tokio::time::sleep_until(next_at.into()).await;
        }
        number
    }
}

/// Sends updates to `window` for as long as the application runs.
pub(crate) async fn run(shared: Arc<Mutex<Shared>>, pump: Arc<Pump>, window: impl Window) {
    let mut told = Told { status_due: Instant::now() };
    loop {
        let number = pump.ready().await;
        let sent_at = Instant::now();
        let update = loop {
            let wake = match told.next(&mut lock(&shared), number) {
                Ok(update) => break update,
                Err(wake) => wake,
            };
            tokio::select! {
                () = pump.changed.notified() => {}
                () = tokio::time::sleep_until(wake.into()) => {}
            }
        };
        pump.sends(&update);
        window.update(update);
        tokio::time::sleep_until((sent_at + TICK_MIN).into()).await;
    }
}

/// What the window was told last.
struct Told {
    status_due: Instant,
}

impl Told {
    /// The next update, or when to look again if there is nothing to tell. That time goes on is
    /// nothing to tell: the window sees it for itself.
    fn next(&mut self, shared: &mut Shared, number: u64) -> Result<Update, Instant> {
        let now = Instant::now();
        let with_status = now >= self.status_due;
        let update = make(shared, number, now, Time::now(), with_status);
        if !with_status && is_empty(&update) {
            return Err(self.status_due);
        }
        if with_status {
            self.status_due = now + STATUS_EVERY;
        }
        // Only now: an answer in between is older than what this number will bring.
        shared.store.updates_made = number;
        Ok(update)
    }
}

fn shows_samples(update: &Update) -> bool {
    update.panels.iter().any(|panel| panel.traces.iter().any(|columns| !columns.is_empty()))
}

fn is_empty(update: &Update) -> bool {
    update.panels.is_empty()
        && update.transitions.is_empty()
        && update.fields.is_empty()
        && update.troubles.is_empty()
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
        troubles: std::mem::take(&mut shared.troubles),
    };
    let Shared { store, watches, peeked, .. } = shared;
    for watch in watches {
        update.panels.extend(watch.update(store, time.0));
    }
    let Store { feeds, history, gap_changes, .. } = store;
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
    update
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::board;

    #[test]
    fn an_update_that_was_not_sent_is_not_one_that_answers_are_newer_than() {
        let mut shared = Shared::new(board::this_computer(), Vec::new());
        let mut told = Told { status_due: Instant::now() + Duration::from_secs(3_600) };
        assert!(told.next(&mut shared, 1).is_err(), "there is nothing to tell");
        assert_eq!(shared.store.updates_made, 0);

        told.status_due = Instant::now();
        assert!(told.next(&mut shared, 1).is_ok());
        assert_eq!(shared.store.updates_made, 1);
    }
}
