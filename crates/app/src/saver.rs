//! Brings the history to the disk, on a thread of its own, and from there what is asked for.
//!
//! What is written is fixed under the lock, in moments, and written without it. A disk that fails
//! is said once; from then on the history lives in memory, until writing works again.

use crate::api::Trouble;
use crate::feeds::GapFacts;
use crate::past::{self, FeedTexts, TextsVersion};
use crate::pump::Changed;
use crate::shared::{Shared, lock};
use crate::store::Store;
use feedscope_feed::Time;
use feedscope_history::store::Loaded;
use feedscope_history::{Budget, ChunkKey, Save, StoreError};
use std::collections::BTreeMap;
use std::sync::{Arc, Condvar, Mutex};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// What a crash may cost.
const SAVE_EVERY: Duration = Duration::from_secs(2);

/// How often it is noted that the application still runs, while nothing comes in.
const NOTE_EVERY: Duration = Duration::from_secs(30);

/// A disk that failed is tried again this much later.
const RETRY_AFTER: Duration = Duration::from_secs(60);

/// Longer than this nobody waits for a disk, neither to end nor to go on.
const PATIENCE: Duration = Duration::from_secs(10);

/// Where the history is kept.
pub(crate) trait Disk: Send + Sync + 'static {
    /// Writes all of it or nothing, durably.
    fn write(&self, save: &Save<GapFacts>) -> Result<(), StoreError>;

    fn bodies(&self, keys: &[ChunkKey]) -> Result<Loaded, StoreError>;
}

impl Disk for feedscope_history::Store {
    fn write(&self, save: &Save<GapFacts>) -> Result<(), StoreError> {
        feedscope_history::Store::write(self, save)
    }

    fn bodies(&self, keys: &[ChunkKey]) -> Result<Loaded, StoreError> {
        feedscope_history::Store::bodies(self, keys)
    }
}

/// By which the saver is called, and says that it has saved.
#[derive(Debug, Default)]
pub(crate) struct Bell {
    state: Mutex<Rung>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct Rung {
    /// There is a saver.
    answered: bool,
    rung: bool,
    end: Option<Turn>,
    /// How often it has saved, or tried to.
    turns: u64,
}

/// What the saver is to do next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Turn {
    Save,
    /// The application ends: the last one.
    SaveAndEnd,
    /// The application is gone.
    End,
}

impl Bell {
    /// Saves soon.
    pub fn ring(&self) {
        let mut state = lock(&self.state);
        if !std::mem::replace(&mut state.rung, true) {
            self.changed.notify_all();
        }
    }

    /// Saves, and waits until that is done; not for ever, and not if there is nobody who saves.
    pub fn wait_for_save(&self) {
        let mut state = lock(&self.state);
        let (turns, since) = (state.turns, Instant::now());
        state.rung = true;
        self.changed.notify_all();
        while state.answered && state.turns == turns && since.elapsed() < PATIENCE {
            state = self.wait(state, PATIENCE);
        }
    }

    /// Ends the saver, once it has saved a last time.
    fn end(&self, how: Turn) {
        let mut state = lock(&self.state);
        state.end = Some(how);
        self.changed.notify_all();
        let since = Instant::now();
        while state.answered && since.elapsed() < PATIENCE {
            state = self.wait(state, PATIENCE);
        }
    }

    /// The saver's next turn: when it is due, or asked for.
    fn next(&self, due: Instant) -> Turn {
        let mut state = lock(&self.state);
        loop {
            if let Some(end) = state.end {
                return end;
            }
            let left = due.saturating_duration_since(Instant::now());
            if std::mem::take(&mut state.rung) || left.is_zero() {
                return Turn::Save;
            }
            state = self.wait(state, left);
        }
    }

    fn turned(&self) {
        lock(&self.state).turns += 1;
        self.changed.notify_all();
    }

    fn answered(&self, answered: bool) {
        lock(&self.state).answered = answered;
        self.changed.notify_all();
    }

    fn wait<'a>(
        &self,
        state: std::sync::MutexGuard<'a, Rung>,
        longest: Duration,
    ) -> std::sync::MutexGuard<'a, Rung> {
        self.changed.wait_timeout(state, longest).map_or_else(|end| end.into_inner().0, |end| end.0)
    }
}

/// The saver of a running application.
#[derive(Debug)]
pub(crate) struct Saver {
    bell: Arc<Bell>,
    /// `None` once it has ended.
    thread: Mutex<Option<JoinHandle<()>>>,
}

impl Saver {
    /// Saves what is in `shared` to `disk` from now on. `budget` is the history's.
    pub fn start(
        shared: Arc<Mutex<Shared>>,
        disk: Arc<dyn Disk>,
        budget: Budget,
        changed: Arc<Changed>,
    ) -> std::io::Result<Saver> {
        let bell = lock(&shared).store.bell.clone();
        bell.answered(true);
        let work = Work {
            shared,
            disk: Some(disk),
            budget,
            changed,
            bell: bell.clone(),
            failing: None,
            texts_saved: None,
            noted_at: Instant::now(),
        };
        let thread = std::thread::Builder::new().name("saver".into()).spawn(move || work.run());
        if thread.is_err() {
            bell.answered(false);
        }
        Ok(Saver { bell, thread: Mutex::new(Some(thread?)) })
    }

    /// Saves a last time, and lets go of the disk.
    pub fn close(&self) {
        self.end(Turn::SaveAndEnd);
    }

    /// Lets go of the disk as it is.
    pub fn abandon(&self) {
        self.end(Turn::End);
    }

    fn end(&self, how: Turn) {
        let Some(thread) = lock(&self.thread).take() else { return };
        self.bell.end(how);
        // One that hangs in a write is left to itself.
        if thread.is_finished() || !lock(&self.bell.state).answered {
            // It does not panic, and if it did, there is nothing left to do here.
            let _ = thread.join();
        }
    }
}

/// What the saver's thread works with.
struct Work {
    shared: Arc<Mutex<Shared>>,
    /// `None` once it was let go.
    disk: Option<Arc<dyn Disk>>,
    budget: Budget,
    /// Rung when windows have something to be told.
    changed: Arc<Changed>,
    bell: Arc<Bell>,
    /// As of which states texts are on the disk; `None` before the first save.
    texts_saved: Option<TextsVersions>,
    /// Since when it fails.
    failing: Option<Instant>,
    noted_at: Instant,
}

/// By the names of feeds.
type TextsVersions = BTreeMap<String, TextsVersion>;

impl Drop for Work {
    /// However it ends: nobody may wait for it any more, and the file must be free for others.
    fn drop(&mut self) {
        lock(&self.shared).store.disk = None;
        self.disk = None;
        self.bell.answered(false);
    }
}

impl Work {
    fn run(mut self) {
        loop {
            let turn = self.bell.next(Instant::now() + SAVE_EVERY);
            if turn == Turn::End {
                return;
            }
            self.save(turn == Turn::SaveAndEnd);
            self.bell.turned();
            if turn == Turn::SaveAndEnd {
                return;
            }
        }
    }

    fn save(&mut self, is_last: bool) {
        let Some(disk) = &self.disk else { return };
        if let Some(since) = self.failing {
            if !is_last && since.elapsed() < RETRY_AFTER {
                return;
            }
            lock(&self.shared).store.history.set_budget(self.budget);
        }
        let Some((save, is_historys, until, texts)) = self.to_save(is_last) else { return };
        let written = disk.write(&save);
        let mut shared = lock(&self.shared);
        let Shared { store, troubles, .. } = &mut *shared;
        let Store { history, past, saved_until, unsavable_bytes, .. } = store;
        match written {
            Ok(()) => {
                if is_historys {
                    history.saved(save);
                }
                *saved_until = Some(until);
                *unsavable_bytes = history.bytes();
                self.noted_at = Instant::now();
                self.failing = None;
                past.texts_saved(&texts);
                self.texts_saved = Some(texts);
            }
            Err(error) => {
                if is_historys {
                    history.unsaved(save);
                }
                history.set_budget(Budget { disk_bytes: None, ..self.budget });
                if self.failing.is_none() {
                    troubles.push(Trouble::from(&error));
                    self.changed.notify_one();
                }
                self.failing = Some(Instant::now());
            }
        }
    }

    /// What there is to save now, whether the history has to hear how that went, until when it is all,
    /// and as of which states the texts are.
    fn to_save(&self, is_last: bool) -> Option<(Save<GapFacts>, bool, Time, TextsVersions)> {
        let (mut save, is_historys, now, versions, texts) = {
            let mut shared = lock(&self.shared);
            let Store { history, feeds, past, derived, .. } = &mut shared.store;
            let save = history.save();
            let is_historys = save.is_some();
            let is_due = is_last || self.noted_at.elapsed() >= NOTE_EVERY;
            let mut save = save.or_else(|| is_due.then(Save::default))?;
            // Under the same lock: all that came until now is in it.
            let now = Time::now();
            let listened = feeds.iter().filter_map(|feed| feed.listened(now));
            save.facts.push(past.fact(listened));
            save.facts.push(derived.fact());
            let versions = past.texts_versions(feeds);
            let saved = |feed: &String| self.texts_saved.as_ref().and_then(|saved| saved.get(feed));
            let unsaved = versions.iter().filter(|(feed, version)| saved(feed) != Some(*version));
            let texts: Vec<_> = unsaved.map(|(feed, _)| past.texts_of(feed, feeds)).collect();
            (save, is_historys, now, versions, texts)
        };
        // Megabytes, maybe: nobody is to wait for them.
        save.facts.extend(texts.into_iter().map(FeedTexts::fact));
        if self.texts_saved.is_none() {
            save.facts.push(past::no_texts_in_one());
        }
        Some((save, is_historys, now, versions))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::boards::Open;
    use crate::feeds::Feed;
    use feedscope_feed::decode::{NewField, NewWord};
    use feedscope_feed::{ChannelId, Code, Profile, TextId};
    use feedscope_history::{Axis, Grid, History, Sample};
    use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

    const BUDGET: Budget = Budget { memory_bytes: 1 << 20, disk_bytes: Some(1 << 30) };

    /// Works, or does not.
    #[derive(Default)]
    struct TestDisk {
        fails: AtomicBool,
        written: AtomicUsize,
        chunks: AtomicUsize,
        /// What the last save had facts of.
        facts: Mutex<Vec<String>>,
    }

    impl Disk for TestDisk {
        fn write(&self, save: &Save<GapFacts>) -> Result<(), StoreError> {
            if self.fails.load(Ordering::SeqCst) {
                let error = std::io::ErrorKind::StorageFull.into();
                return Err(StoreError::Full { path: "history".into(), error });
            }
            self.written.fetch_add(1, Ordering::SeqCst);
            self.chunks.fetch_add(save.chunks.len(), Ordering::SeqCst);
            *lock(&self.facts) = save.facts.iter().map(|(name, _)| name.clone()).collect();
            Ok(())
        }

        fn bodies(&self, _keys: &[ChunkKey]) -> Result<Loaded, StoreError> {
            Ok(Loaded::default())
        }
    }

    fn shared() -> Arc<Mutex<Shared>> {
        let mut shared = Shared::new(Open::default(), Vec::new());
        shared.store.history = History::new(BUDGET);
        Arc::new(Mutex::new(shared))
    }

    fn push(shared: &Mutex<Shared>, count: i64) {
        let history = &mut lock(shared).store.history;
        let series = history.add_series("s");
        for time_ns in 0..count {
            history.push(series, Sample { time_ns, arrival_ns: time_ns, value: 1.0 });
        }
    }

    fn work(shared: &Arc<Mutex<Shared>>, disk: &Arc<TestDisk>) -> Work {
        Work {
            shared: shared.clone(),
            disk: Some(disk.clone()),
            budget: BUDGET,
            changed: Arc::default(),
            bell: Arc::default(),
            failing: None,
            texts_saved: None,
            noted_at: Instant::now(),
        }
    }

    #[test]
    fn a_disk_that_fails_is_said_once_and_the_history_goes_on() {
        let (shared, disk) = (shared(), Arc::new(TestDisk::default()));
        let mut work = work(&shared, &disk);
        disk.fails.store(true, Ordering::SeqCst);
        for _ in 0..3 {
            push(&shared, 1_000);
            work.save(true);
        }
        let troubles: Vec<_> = lock(&shared).troubles.iter().map(|trouble| trouble.code).collect();
        assert_eq!(troubles, ["history-full"]);
        {
            let history = &mut lock(&shared).store.history;
            let series = history.add_series("s");
            let grid = Grid { axis: Axis::Source, column_ns: 1_000_000, from: 0, to: 9 };
            let mut columns = Vec::new();
            history.columns(series, &[], &grid, &mut columns).unwrap();
            assert_eq!(columns[0].count, 3_000, "all that came is there");
        }
        disk.fails.store(false, Ordering::SeqCst);
        work.save(false);
        assert_eq!(disk.written.load(Ordering::SeqCst), 0, "it waits before it tries again");
        work.save(true);
        assert_eq!(disk.written.load(Ordering::SeqCst), 1);
        assert!(disk.chunks.load(Ordering::SeqCst) > 0, "what could not be saved is, now");
        disk.fails.store(true, Ordering::SeqCst);
        push(&shared, 1_000);
        work.save(true);
        assert_eq!(lock(&shared).troubles.len(), 2, "what worked and fails again is said again");
    }

    #[test]
    fn nothing_new_is_not_written_again() {
        let (shared, disk) = (shared(), Arc::new(TestDisk::default()));
        let mut work = work(&shared, &disk);
        push(&shared, 10);
        for _ in 0..3 {
            work.save(false);
        }
        assert_eq!(disk.written.load(Ordering::SeqCst), 1);
        work.save(true);
        assert_eq!(disk.written.load(Ordering::SeqCst), 2, "but for when it ended");
    }

    #[test]
    fn texts_are_saved_of_those_feeds_alone_that_have_new_ones() {
        let (shared, disk) = (shared(), Arc::new(TestDisk::default()));
        let mut work = work(&shared, &disk);
        let names: Vec<String> = (1..3)
            .map(|number| {
                let Store { feeds, history, .. } = &mut lock(&shared).store;
                let (id, url) = (format!("f{number}"), "ws://a/");
                let profile = Profile::from_url(url);
                let mut feed = Feed::new(id, number, profile, url.into(), url, false, history);
                let new = NewField {
                    field: TextId(0),
                    channel: ChannelId(0),
                    channel_name: "c".into(),
                    key: None,
                    key_name: None,
                    path: "status".into(),
                };
                feed.add_text(&new, history);
                feeds.push(feed);
                format!("texts {}", feeds[feeds.len() - 1].name())
            })
            .collect();
        let learn = |at: usize, index: usize| {
            let text = index.to_string().into();
            let word = NewWord { field: TextId(0), code: Code::of(index), text };
            lock(&shared).store.feeds[at].learn(&word);
        };
        let mut saved = || {
            push(&shared, 10);
            work.save(true);
            let mut facts = lock(&disk.facts).clone();
            facts.retain(|name| name.starts_with("texts"));
            facts
        };
        assert_eq!(saved(), [names[0].as_str(), &names[1], "texts"], "all, and in place of one");
        assert!(saved().is_empty());
        learn(1, 0);
        assert_eq!(saved(), [names[1].as_str()]);
        learn(0, 0);
        learn(1, 1);
        disk.fails.store(true, Ordering::SeqCst);
        saved();
        disk.fails.store(false, Ordering::SeqCst);
        assert_eq!(saved(), [names[0].as_str(), &names[1]], "what was not saved is, now");
        assert!(saved().is_empty());
    }

    #[test]
    fn closing_saves_what_is_there_and_lets_go_of_the_disk() {
        let (shared, disk) = (shared(), Arc::new(TestDisk::default()));
        let saver = Saver::start(shared.clone(), disk.clone(), BUDGET, Arc::default()).unwrap();
        push(&shared, 10);
        saver.close();
        assert!(disk.chunks.load(Ordering::SeqCst) > 0);
        assert_eq!(Arc::strong_count(&disk), 1);
        saver.close();
        let bell = lock(&shared).store.bell.clone();
        // There is nobody to wait for.
        bell.wait_for_save();
    }

    #[test]
    fn an_application_that_is_gone_lets_go_of_the_disk() {
        let (shared, disk) = (shared(), Arc::new(TestDisk::default()));
        let saver = Saver::start(shared.clone(), disk.clone(), BUDGET, Arc::default()).unwrap();
        push(&shared, 10);
        saver.abandon();
        assert_eq!(Arc::strong_count(&disk), 1);
    }

    #[test]
    fn who_waits_for_a_save_goes_on_after_it() {
        let (shared, disk) = (shared(), Arc::new(TestDisk::default()));
        let saver = Saver::start(shared.clone(), disk.clone(), BUDGET, Arc::default()).unwrap();
        let bell = lock(&shared).store.bell.clone();
        push(&shared, 10);
        bell.wait_for_save();
        assert!(disk.written.load(Ordering::SeqCst) > 0);
        saver.close();
    }
}
