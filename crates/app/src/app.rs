//! The application: what its window may ask of it.

use crate::adding::Probes;
use crate::alerts::{self, Desk};
use crate::api::{
    self, Alert, AlertEvent, AlertLogSpan, AlertRehearsal, Alerts, BoardChanged, BoardFeed,
    Derived, DerivedInput, DerivedPreview, DerivedSeries, Distribution, Faults, GapList, GapsAsked,
    HealthAsked, Heat, Histogram, Mistake, Pairs, Picture, Span, Start, Trace, Trouble, Update,
    View,
};
use crate::boards::{self, COMPUTER_URL, Folder, MAIN_WINDOW};
use crate::derived::{self, Deriving};
use crate::dir::{self, DataDir};
use crate::feeds::{Feed, Field, GapFacts};
use crate::gaps;
use crate::given::Given;
use crate::health;
use crate::inspector::message::Kind;
use crate::inspector::send;
use crate::inspector::sent::Sent;
use crate::inspector::{self, INSPECTORS_MAX, Inspector, View as InspectorView, code};
use crate::kept::{self, Kept, Written};
use crate::pump::Window;
use crate::saver::Saver;
use crate::settings::Shortcuts;
use crate::shared::{Shared, lock};
use crate::sink::StoreSink;
use crate::spread::{self, FoundX, Steps};
use crate::store::Store;
use crate::told::Told;
use crate::view;
use crate::watch::Watch;
use crate::{picture, pump, settings, status};
use feedscope_feed::profile::Template;
use feedscope_feed::{
    Before, Profile, RealWorld, Secrets, Settings, State, Subscription, Time, World, said,
};
use feedscope_history::store::Loaded;
use feedscope_history::{Absent, Column, Grid, History};
use feedscope_hub::{Hub, computer};
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, OnceLock, Weak};
use std::time::{Duration, Instant};
use tokio::sync::{Notify, watch};
use tokio::task::AbortHandle;
use tokio::time::MissedTickBehavior;

/// How often an answer reads the disk: what it takes is known at once, but what was read may have
/// had to go again before it was looked at.
const READS_MAX: usize = 8;

/// Between two steps of making what is past of a derived series, feeds and views have their turn.
const STEP_PAUSE: Duration = Duration::from_millis(1);

/// How often it is put down how feeds do.
const MEASURE_EVERY: Duration = Duration::from_secs(1);

/// How long a pulled plug stays out.
const CUT: Duration = Duration::from_secs(3);

/// What an application starts with.
#[derive(Clone, Debug)]
pub struct Config {
    pub data_dir: PathBuf,
    /// Where pictures are saved.
    pub pictures_dir: PathBuf,
    /// Where boards are saved for others.
    pub downloads_dir: PathBuf,
    /// Feeds to add to the board that is shown.
    pub urls: Vec<String>,
    /// Boards to open beside those that were open; the last of them is shown.
    pub boards: Vec<PathBuf>,
    pub version: String,
    pub secrets: Arc<Secrets>,
}

/// A running application. Clones are the same one; with the last of them it ends, as after a
/// crash, unless it was [closed](App::close) before.
#[derive(Clone)]
pub struct App {
    pub(crate) shared: Arc<Mutex<Shared>>,
    pub(crate) pump: Arc<pump::Pump>,
    pub(crate) window: Arc<dyn Window>,
    hub: Arc<Hub>,
    pub(crate) config: Arc<Config>,
    /// In which feeds are dialled.
    pub(crate) world: Arc<dyn World>,
    /// Which secrets feeds get there.
    pub(crate) given: Arc<Given>,
    /// Feeds that are being tried out.
    pub(crate) probes: Arc<Mutex<Probes>>,
    desk: Arc<Desk>,
    /// Where subscriptions run, whoever asks for them.
    pub(crate) runtime: tokio::runtime::Handle,
    pub(crate) folder: Arc<Folder>,
    /// Some board is not in its file as it is.
    pub(crate) boards_unsaved: Arc<Notify>,
    /// Held while boards' files are written, moved or removed, or a setting is written.
    pub(crate) writing: Arc<Mutex<()>>,
    /// Held while feeds are subscribed to and dropped, as boards want it.
    pub(crate) syncing: Arc<Mutex<()>>,
    /// What was sent by hand, once that is of interest.
    sent: Arc<Mutex<Option<Sent>>>,
    /// How many previews of derived series were asked for.
    previews: Arc<AtomicU64>,
    /// Whether what was kept is there again, and its feeds are subscribed to.
    is_ready: watch::Receiver<bool>,
    /// `None` in what runs as long as the application does: it must not keep it running.
    alive: Option<Arc<Alive>>,
}

/// What ends with the application.
struct Alive {
    shared: Arc<Mutex<Shared>>,
    pump: Arc<pump::Pump>,
    tasks: Mutex<Vec<AbortHandle>>,
    /// Once there is one.
    saver: OnceLock<Saver>,
}

impl Drop for Alive {
    fn drop(&mut self) {
        for task in lock(&self.tasks).drain(..) {
            task.abort();
        }
        self.pump.end();
        let feeds = std::mem::take(&mut lock(&self.shared).store.feeds);
        // Their subscriptions end, and may have something to say: not under the lock.
        drop(feeds);
        if let Some(saver) = self.saver.get() {
            saver.abandon();
        }
    }
}

impl App {
    /// Starts the built-in feed and opens the boards; then, without anyone waiting for it, what
    /// was kept of its feeds, and subscribes to them. Must be called on a tokio runtime.
    pub async fn start(config: Config, window: impl Window) -> std::io::Result<App> {
        let hub = Arc::new(Hub::bind(computer::config()).await?);
        let dir = DataDir::new(config.data_dir.clone());
        let folder = Folder::new(dir.path());
        let world: Arc<dyn World> = Arc::new(RealWorld::knowing(config.secrets.clone()));
        let given = Given::open(dir.given(), &folder, &*world);
        let (boards, troubles) = boards::open_all(&folder, &config.boards);
        let (ready, is_ready) = watch::channel(false);
        let window: Arc<dyn Window> = Arc::new(window);
        let shared = Arc::new(Mutex::new(Shared::new(boards, troubles)));
        let pump = Arc::<pump::Pump>::default();
        let (changed, notifier) = (pump.changed.clone(), window.notifier());
        let desk = Desk::new(shared.clone(), changed, notifier, dir.path());
        let mut app = App {
            shared,
            pump,
            window,
            hub,
            desk: Arc::new(desk),
            runtime: tokio::runtime::Handle::current(),
            folder: Arc::new(folder),
            boards_unsaved: Arc::default(),
            writing: Arc::default(),
            syncing: Arc::default(),
            sent: Arc::default(),
            previews: Arc::default(),
            world,
            given: Arc::new(given),
            probes: Arc::default(),
            config: Arc::new(config),
            is_ready,
            alive: None,
        };
        let alive = Arc::new(Alive {
            shared: app.shared.clone(),
            pump: app.pump.clone(),
            tasks: Mutex::default(),
            saver: OnceLock::new(),
        });
        let begun = app.clone().begin(dir, Arc::downgrade(&alive), ready);
        // What is new, or of an earlier version, is not in its file yet.
        app.boards_unsaved.notify_one();
        *lock(&alive.tasks) = vec![
            tokio::spawn(app.clone().serve_computer()).abort_handle(),
            tokio::spawn(begun).abort_handle(),
            tokio::spawn(app.clone().derive()).abort_handle(),
            tokio::spawn(app.clone().measure()).abort_handle(),
            tokio::spawn(app.clone().keep_saving()).abort_handle(),
            tokio::spawn(app.desk.clone().run()).abort_handle(),
        ];
        app.alive = Some(alive);
        Ok(app)
    }

    async fn serve_computer(self) {
        let Err(error) = computer::run(self.hub.clone()).await;
        self.trouble(Trouble::new(
            "computer",
            said!("step_computer", "This computer"),
            said!("trouble_computer", "The built-in feed has ended."),
            Some(error.to_string()),
            said!("advice_computer", "Start Feedscope again. Other feeds go on."),
        ));
    }

    /// Brings back what was kept, and subscribes to what is on the boards.
    async fn begin(self, dir: DataDir, alive: Weak<Alive>, ready: watch::Sender<bool>) {
        // It reads the disk. It fails only if it panics, and then there is no past.
        let desk = self.desk.clone();
        let read = move || {
            desk.load();
            (Written::read(&dir), dir)
        };
        let kept = match tokio::task::spawn_blocking(read).await {
            Ok((written, dir)) => {
                let before = written.clone();
                let open = move || Kept::open(&dir, before);
                let opened = tokio::task::spawn_blocking(open).await;
                opened.unwrap_or_else(|panic| Kept::lost(written, &panic))
            }
            Err(panic) => Kept::lost(Written::default(), &panic),
        };
        let Kept { history, past, derived, disk, budget, chosen, troubles } = kept;
        // It must not end from here on, until what it begins is in its place.
        let Some(alive) = alive.upgrade() else { return };
        {
            let mut shared = lock(&self.shared);
            shared.troubles.extend(troubles);
            shared.chosen = chosen;
            let (list, remembered) = derived;
            let wanted = shared.store.derived.wanted.clone();
            shared.store.history = history;
            shared.store.past = past;
            let store = &mut shared.store;
            store.derived = Deriving::open(list, &remembered, &mut store.history, wanted);
            store.disk = disk.clone();
            shared.subscribes = true;
        }
        if let Some(disk) = disk {
            let changed = self.pump.changed.clone();
            match Saver::start(self.shared.clone(), disk, budget, changed) {
                // It is the only one.
                Ok(started) => drop(alive.saver.set(started)),
                Err(error) => self.trouble(kept::no_saver(&error)),
            }
        }
        self.take_carried();
        self.sync_feeds();
        self.sync_popouts();
        for url in &self.config.urls {
            let known = lock(&self.shared).store.feeds.iter().any(|feed| feed.url == *url);
            if !known && let Err(trouble) = self.feed_add(url) {
                self.trouble(trouble);
            }
        }
        // Nobody may be waiting.
        let _ = ready.send(true);
        self.pump.changed.notify_one();
    }

    /// The first window has opened: see [`open_in`](App::open_in).
    pub async fn open(&self) -> Start {
        self.open_in(MAIN_WINDOW).await
    }

    /// A window has opened, or begun anew: everything, and from now on updates.
    pub async fn open_in(&self, window: &str) -> Start {
        // It fails if what it waits for has failed: then there is no more to come.
        let _ = self.is_ready.clone().wait_for(|is_ready| *is_ready).await;
        let boards = self.boards_now();
        let mut shared = lock(&self.shared);
        let is_main = window == MAIN_WINDOW;
        if is_main {
            // Who looked at them is gone.
            lock(&self.probes).clear();
        }
        let told = Told::all(&shared.store);
        shared.windows.insert(window.to_owned(), told);
        shared.inspectors.retain(|inspector| inspector.window != window);
        shared.together.forget(window);
        if is_main {
            shared.peeked.clear();
        }
        let now = Instant::now();
        let popout = shared.popouts.of(window).cloned();
        let shown = popout.as_ref().map(|popout| popout.board.clone());
        let shown = shown.unwrap_or_else(|| shared.boards.shown(window));
        let shown = shared.boards.find(&shown).map(|board| board.document.json().clone());
        let shown = shown.unwrap_or_default().into();
        let start = Start {
            version: self.config.version.clone(),
            now_ms: Time::now().millis(),
            board: shown,
            boards,
            feeds: shared.store.feeds.iter().map(|feed| feed.whole(now)).collect(),
            derived: shared.store.derived.all(),
            faults: self.faults(),
            language: shared.chosen.language.clone(),
            shortcuts: shared.chosen.shortcuts.clone(),
            // Only the first window shows anybody around.
            toured: !is_main || shared.chosen.toured || self.is_for_something(),
            troubles: if is_main { std::mem::take(&mut shared.troubles) } else { Vec::new() },
            // One that no board names any more is about to go: it is none of the first kind.
            popout: popout.map(|popout| popout.id).or((!is_main).then(String::new)),
        };
        drop(shared);
        self.pump.opened(window, |credit| {
            let tell = self.window.clone();
            let run = pump::run(window.to_owned(), self.shared.clone(), credit, tell);
            self.runtime.spawn(run).abort_handle()
        });
        start
    }

    /// A window is gone, with all that it looked at.
    pub fn window_gone(&self, window: &str) {
        self.pump.closed(window);
        let gone = {
            let mut shared = lock(&self.shared);
            shared.together.forget(window);
            let inspectors = std::mem::take(&mut shared.inspectors);
            let (gone, left): (Vec<_>, Vec<_>) =
                inspectors.into_iter().partition(|inspector| inspector.window == window);
            shared.inspectors = left;
            (gone, shared.windows.remove(window))
        };
        drop(gone);
    }

    /// [`take_update_in`](App::take_update_in) the first window.
    pub fn take_update(&self) -> Option<Update> {
        self.take_update_in(MAIN_WINDOW)
    }

    /// All that has changed since the last update of a window; `None` while that is not drawn.
    pub fn take_update_in(&self, window: &str) -> Option<Update> {
        self.pump.take(window, &self.shared)
    }

    /// [`drawn_in`](App::drawn_in) the first window.
    pub fn drawn(&self, number: u64) {
        self.drawn_in(MAIN_WINDOW, number);
    }

    /// The update of this number is on the screen.
    pub fn drawn_in(&self, window: &str, number: u64) {
        if self.pump.drawn(window, number) && window == MAIN_WINDOW {
            let (now, time) = (Instant::now(), Time::now());
            for feed in &mut lock(&self.shared).store.feeds {
                feed.drawn(now, time);
            }
        }
    }

    /// [`watch_in`](App::watch_in) the first window.
    pub fn watch(&self, watch: &api::Watch) -> Result<Vec<u8>, Trouble> {
        self.watch_in(MAIN_WINDOW, watch)
    }

    /// Starts to follow a panel of a window; the answer is in the form that [`view`] describes. In a
    /// window that is gone, nothing is followed.
    pub fn watch_in(&self, window: &str, watch: &api::Watch) -> Result<Vec<u8>, Trouble> {
        let asked = Instant::now();
        let (facts, grid) = {
            let mut shared = lock(&self.shared);
            let followed = Watch::new(watch, &shared.store);
            let grid = followed.grid(Time::now().0);
            if let Some(Told { watches, .. }) = shared.windows.get_mut(window) {
                watches.retain(|other| other.panel != watch.panel);
                watches.push(followed);
            }
            (view::facts(&shared.store, &watch.traces, &grid), grid)
        };
        let columns = self.columns(&watch.traces, &grid).inspect_err(|_| {
            self.unwatch_in(window, &watch.panel);
        })?;
        self.pump.note_answer(asked.elapsed());
        self.pump.changed.notify_one();
        Ok(view::encode(&facts, &grid, &columns))
    }

    /// [`unwatch_in`](App::unwatch_in) the first window.
    pub fn unwatch(&self, panel: &str) {
        self.unwatch_in(MAIN_WINDOW, panel);
    }

    pub fn unwatch_in(&self, window: &str, panel: &str) {
        if let Some(Told { watches, .. }) = lock(&self.shared).windows.get_mut(window) {
            watches.retain(|watch| watch.panel != panel);
        }
    }

    /// The columns of a span, in the form that [`view`] describes.
    pub fn view(&self, view: &View) -> Result<Vec<u8>, Trouble> {
        let asked = Instant::now();
        let grid = view::grid(view.axis, view.from_ms, view.to_ms, view.columns);
        let facts = view::facts(&lock(&self.shared).store, &view.traces, &grid);
        let columns = self.columns(&view.traces, &grid)?;
        self.pump.note_answer(asked.elapsed());
        Ok(view::encode(&facts, &grid, &columns))
    }

    /// The columns of each trace. The lock is let go between them: feeds wait no longer for many
    /// traces than for one.
    fn columns(&self, traces: &[Trace], grid: &Grid) -> Result<Vec<Vec<Column>>, Trouble> {
        let columns = |trace| self.ask(move |shared| view::columns_of(&shared.store, trace, grid));
        traces.iter().map(columns).collect()
    }

    /// What the samples of a span come to, trace by trace.
    pub fn statistics(&self, span: &Span) -> Result<Vec<api::Statistics>, Trouble> {
        self.ask(|shared| view::statistics(&shared.store, span))
    }

    /// What did not come, the newest first.
    pub fn gaps(&self, asked: &GapsAsked) -> GapList {
        gaps::list(&lock(&self.shared).store, asked)
    }

    /// How a feed did over a span; `None` if there is no such feed.
    pub fn health(&self, asked: &HealthAsked) -> Option<api::Health> {
        health::of(&lock(&self.shared).store, asked, Time::now())
    }

    /// Puts down how feeds do, once a second.
    async fn measure(self) {
        let mut ticks = tokio::time::interval(MEASURE_EVERY);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            ticks.tick().await;
            self.measure_now();
        }
    }

    fn measure_now(&self) {
        let mut shared = lock(&self.shared);
        let (now, time) = (Instant::now(), Time::now());
        let Store { feeds, history, .. } = &mut shared.store;
        let mut is_reshaped = false;
        for feed in feeds {
            let (wants_ping, is_new) = feed.measure(now, time, history);
            is_reshaped |= is_new;
            if wants_ping && let Some(subscription) = &feed.subscription {
                subscription.ping();
            }
        }
        if is_reshaped {
            shared.store.reshaped();
        }
    }

    /// How lately channels of a feed were heard of, in that order.
    pub fn freshness(&self, feed: &str, channels: &[String]) -> Vec<api::Freshness> {
        let shared = lock(&self.shared);
        let feed = shared.store.feeds.iter().find(|one| one.id == feed);
        let of = |channel: &String| feed.and_then(|feed| feed.freshness(channel));
        channels.iter().map(|channel| of(channel).unwrap_or_default()).collect()
    }

    /// An order book of a feed; `None` if there is no such feed.
    pub fn depth(&self, asked: &api::DepthAsked) -> Option<api::Depth> {
        let (depths, profile) = {
            let shared = lock(&self.shared);
            let feed = shared.store.feeds.iter().find(|feed| feed.id == asked.feed)?;
            (feed.depths.clone(), feed.profile.clone())
        };
        // Without the lock of all: it may be long.
        Some(depths.answer(asked, &profile))
    }

    /// How the values of a span are distributed.
    pub fn histogram(&self, histogram: &Histogram) -> Result<Distribution, Trouble> {
        let found = view::find_all(&lock(&self.shared).store, &histogram.traces);
        spread::histogram(self, histogram, &found)
    }

    /// How values are distributed in each column of a span, as bytes: see [`spread`].
    pub fn heat(&self, heat: &Heat) -> Result<Vec<u8>, Trouble> {
        let found = view::find_all(&lock(&self.shared).store, std::slice::from_ref(&heat.trace));
        spread::heat(self, heat, found.first().and_then(Option::as_ref))
    }

    /// The values of traces against those of another, as bytes: see [`spread`].
    pub fn pairs(&self, pairs: &Pairs) -> Result<Vec<u8>, Trouble> {
        let (x, found) = {
            let shared = lock(&self.shared);
            let x = view::find_all(&shared.store, std::slice::from_ref(&pairs.x));
            let feed = shared.store.feeds.iter().find(|feed| feed.id == pairs.x.feed);
            let out_since = feed.and_then(|feed| feed.open_gap.as_ref()).map(|gap| gap.start.0);
            let x = x.into_iter().next().flatten();
            let x = x.map(|found| FoundX { found, out_since_ns: out_since });
            (x, view::find_all(&shared.store, &pairs.traces))
        };
        spread::pairs(self, pairs, x.as_ref(), &found)
    }

    /// An answer that may need what is on the disk: that is read without the lock.
    pub(crate) fn ask<T>(
        &self,
        mut question: impl FnMut(&mut Shared) -> Result<T, Absent>,
    ) -> Result<T, Trouble> {
        let mut loaded = Loaded::default();
        for _ in 0..READS_MAX {
            let (Absent(absent), disk) = {
                let mut shared = lock(&self.shared);
                let Store { history, disk, .. } = &mut shared.store;
                let disk = disk.clone();
                history.insert(std::mem::take(&mut loaded.bodies));
                history.forget(&std::mem::take(&mut loaded.lost));
                match question(&mut shared) {
                    Ok(answer) => return Ok(answer),
                    Err(absent) => (absent, disk),
                }
            };
            let disk = disk.ok_or_else(|| kept::unread("The application is about to end."))?;
            loaded = disk.bodies(&absent).map_err(|error| kept::unread(&error.to_string()))?;
        }
        Err(kept::unread("There is not enough memory for all of it."))
    }

    /// From now on, updates of the first window hold the latest values of these feeds.
    pub fn peek(&self, feeds: Vec<String>) {
        let mut shared = lock(&self.shared);
        shared.peeked = feeds.into_iter().collect();
        let Shared { store, peeked, .. } = &mut *shared;
        for feed in store.feeds.iter_mut().filter(|feed| peeked.contains(&feed.id)) {
            feed.fields.iter_mut().for_each(Field::forget_told);
        }
        store.derived.forget_told();
    }

    /// A feed as it is now, whole.
    pub fn feed(&self, id: &str) -> Result<api::Feed, Trouble> {
        let shared = lock(&self.shared);
        let feed = shared.store.feeds.iter().find(|feed| feed.id == id);
        feed.map(|feed| feed.whole(Instant::now())).ok_or_else(|| boards::no_feed(id))
    }

    /// Subscribes the board of the first window to `url`.
    pub fn feed_add(&self, url: &str) -> Result<api::Feed, Trouble> {
        self.board_feed_add(&self.shown(), url, "Add feed")
    }

    /// Takes a feed off the board of the first window.
    pub fn feed_remove(&self, id: &str) -> Result<BoardChanged, Trouble> {
        self.board_feed_remove(&self.shown(), id, "Remove feed")
    }

    fn shown(&self) -> String {
        lock(&self.shared).boards.shown(MAIN_WINDOW)
    }

    pub fn feed_reconnect(&self, id: &str) {
        self.with_subscription(id, Subscription::reconnect);
    }

    pub fn feed_stop(&self, id: &str) {
        self.with_subscription(id, Subscription::stop);
    }

    fn with_subscription(&self, id: &str, act: impl Fn(&Subscription)) {
        let shared = lock(&self.shared);
        let feed = shared.store.feeds.iter().find(|feed| feed.id == id);
        if let Some(subscription) = feed.and_then(|feed| feed.subscription.as_ref()) {
            act(subscription);
        }
    }

    /// All that is wrong with an expression.
    pub fn derived_check(
        &self,
        expression: &str,
        inputs: &BTreeMap<String, DerivedInput>,
    ) -> Vec<Mistake> {
        derived::check(expression, inputs)
    }

    /// What an expression would come to, in columns as those of a [view](App::view); of fields that
    /// are not there, nothing. Whoever asks again ends what is under way, and that answers with
    /// what it has.
    pub async fn derived_preview(&self, asked: DerivedPreview) -> Result<Vec<u8>, Trouble> {
        let app = self.clone();
        // It may have to read the disk.
        let answer = tokio::task::spawn_blocking(move || app.preview(&asked)).await;
        answer.map_err(|error| kept::unread(&error.to_string()))?
    }

    fn preview(&self, asked: &DerivedPreview) -> Result<Vec<u8>, Trouble> {
        let turn = self.previews.fetch_add(1, Ordering::Relaxed) + 1;
        let mut preview = self.ask(|shared| {
            let Store { feeds, history, .. } = &shared.store;
            derived::Preview::new(asked, feeds, history)
        })?;
        while self.ask(|shared| preview.step(&shared.store.feeds, &shared.store.history))?
            && self.previews.load(Ordering::Relaxed) == turn
        {
            std::thread::sleep(STEP_PAUSE);
        }
        Ok(preview.answer(&lock(&self.shared).store))
    }

    /// Makes a series of an expression, or another one of the series of that id. It comes to be
    /// what it would be had it always been there, as far as the history goes back.
    pub async fn derived_set(&self, series: DerivedSeries) -> Result<Derived, Trouble> {
        // As in `open`: it belongs into the history that was kept.
        let _ = self.is_ready.clone().wait_for(|is_ready| *is_ready).await;
        let made = {
            let mut shared = lock(&self.shared);
            let Store { feeds, history, derived, .. } = &mut shared.store;
            let made = derived.set(series, feeds, history)?;
            shared.store.reshaped();
            made
        };
        self.derived_changed();
        Ok(made)
    }

    pub fn derived_remove(&self, id: &str) {
        {
            let mut shared = lock(&self.shared);
            let Store { history, derived, .. } = &mut shared.store;
            if !derived.remove(id, history) {
                return;
            }
            shared.store.reshaped();
        }
        self.derived_changed();
    }

    /// Writes what derived series there are now. One at a time, so that older ones never come over
    /// newer ones.
    pub(crate) fn derived_changed(&self) {
        let saved = {
            let _only = lock(&self.writing);
            let list = lock(&self.shared).store.derived.list();
            derived::save(&DataDir::new(self.config.data_dir.clone()).derived(), &list)
        };
        match saved {
            Ok(()) => self.pump.changed.notify_one(),
            Err(trouble) => self.trouble(trouble),
        }
    }

    /// Makes what is past of derived series, whenever there is a new one, and without anybody
    /// having to wait for it.
    async fn derive(self) {
        let wanted = lock(&self.shared).store.derived.wanted.clone();
        loop {
            wanted.notified().await;
            loop {
                let app = self.clone();
                // It may have to read the disk, or wait for it.
                let step = tokio::task::spawn_blocking(move || app.derive_some()).await;
                if !step.unwrap_or(false) {
                    break;
                }
                tokio::time::sleep(STEP_PAUSE).await;
            }
        }
    }

    /// A step of it; whether there is more.
    fn derive_some(&self) -> bool {
        let step = self.ask(|shared| {
            let Store { feeds, history, derived, .. } = &mut shared.store;
            derived.step(feeds, history)
        });
        let more = step.unwrap_or_else(|trouble| {
            lock(&self.shared).store.derived.give_up();
            self.trouble(trouble);
            true
        });
        let full = lock(&self.shared).store.ring();
        self.pump.changed.notify_one();
        if let Some(bell) = full {
            bell.wait_for_save();
        }
        more
    }

    /// [`inspect_open_in`](App::inspect_open_in) the first window.
    pub fn inspect_open(&self, id: String, feed: &str) -> Result<api::Inspected, Trouble> {
        self.inspect_open_in(MAIN_WINDOW, id, feed)
    }

    /// Looks at the messages of a feed from now on. One that is open already begins anew.
    pub fn inspect_open_in(
        &self,
        window: &str,
        id: String,
        feed: &str,
    ) -> Result<api::Inspected, Trouble> {
        let (profile, name) = {
            let mut shared = lock(&self.shared);
            let Shared { store, inspectors, .. } = &mut *shared;
            let feed = store.feeds.iter().find(|of| of.id == feed);
            let feed = feed.ok_or_else(inspector::no_feed)?;
            let tap = feed.tap.clone();
            // The new one first, so that what is kept stays.
            let opened = Inspector::open(id.clone(), window.to_owned(), feed.id.clone(), tap);
            inspectors.retain(|other| other.id != id);
            if inspectors.len() >= INSPECTORS_MAX {
                return Err(inspector::too_many());
            }
            inspectors.push(opened);
            (feed.profile.clone(), feed.name().to_owned())
        };
        Ok(api::Inspected {
            templates: send::templates(&profile, &*self.world),
            sent: self.with_sent(|sent| sent.of(&name)),
            per_second_max: profile.outbox.per_second_max,
        })
    }

    pub fn inspect_close(&self, id: &str) {
        lock(&self.shared).inspectors.retain(|inspector| inspector.id != id);
    }

    /// Some of the messages that an inspector shows.
    pub fn inspect_page(
        &self,
        id: &str,
        asked: &api::PageAsked,
    ) -> Result<api::InspectPage, Trouble> {
        // Whoever filters much makes nobody else wait.
        let view = self.inspector_view(id)?;
        lock(&view).page(asked, Time::now())
    }

    /// A message, from one of its bytes on.
    pub fn inspect_message(
        &self,
        id: &str,
        serial: u64,
        from: u64,
    ) -> Result<api::InspectMessage, Trouble> {
        let view = self.inspector_view(id)?;
        lock(&view).message(serial, usize::try_from(from).unwrap_or(usize::MAX))
    }

    /// A command for a shell that does the same.
    pub fn inspect_code(&self, asked: &api::CodeAsked) -> Result<String, Trouble> {
        let view = self.inspector_view(&asked.inspector)?;
        let message = match asked.serial {
            // As JavaScript writes whole numbers; `as` saturates.
            Some(serial) => Some(lock(&view).find(serial as u64).ok_or_else(inspector::gone)?),
            None => None,
        };
        let profile = {
            let shared = lock(&self.shared);
            let of = shared.inspectors.iter().find(|inspector| inspector.id == asked.inspector);
            let of = of.map(|inspector| inspector.feed.as_str());
            let feed = shared.store.feeds.iter().find(|feed| Some(feed.id.as_str()) == of);
            feed.ok_or_else(inspector::no_feed)?.profile.clone()
        };
        let payload = message.as_ref().and_then(|message| match (message.kind, message.text()) {
            (Kind::Control(_), _) => None,
            (_, Some(text)) => Some(code::Payload::Text(text)),
            (_, None) => Some(code::Payload::Binary(&message.payload)),
        });
        code::command(&profile, payload, asked.tool)
    }

    fn inspector_view(&self, id: &str) -> Result<Arc<Mutex<InspectorView>>, Trouble> {
        let shared = lock(&self.shared);
        let found = shared.inspectors.iter().find(|inspector| inspector.id == id);
        found.map(|inspector| inspector.view.clone()).ok_or_else(inspector::not_open)
    }

    /// Sends what a person wrote, and says what became of it.
    pub async fn feed_send(&self, asked: &api::SendAsked) -> Result<api::SendResult, Trouble> {
        let profile = {
            let shared = lock(&self.shared);
            let feed = shared.store.feeds.iter().find(|feed| feed.id == asked.feed);
            feed.ok_or_else(inspector::no_feed)?.profile.clone()
        };
        let ready = send::ready(asked, &profile, &*self.world)?;
        let kept = ready.shown.clone().unwrap_or_else(|| asked.content.clone());
        let (receipt, name) = {
            let mut shared = lock(&self.shared);
            let mut feeds = shared.store.feeds.iter_mut();
            let feed = feeds.find(|feed| feed.id == asked.feed).ok_or_else(inspector::no_feed)?;
            let is_live = matches!(feed.state, State::Live | State::Stale);
            let Some(subscription) = feed.subscription.as_ref().filter(|_| is_live) else {
                return Err(send::not_live());
            };
            feed.sent_lately.count(profile.outbox.per_second_max, Instant::now())?;
            let receipt = match ready.shown {
                Some(shown) => subscription.send_secretly(ready.message, shown),
                None => subscription.send(ready.message),
            };
            (receipt, feed.name().to_owned())
        };
        let (outcome, answer) = send::outcome(receipt.await)?;
        let path = DataDir::new(self.config.data_dir.clone()).sent();
        let (sent, saved) = self.with_sent(|sent| {
            sent.note(&name, asked.what, &kept);
            (sent.of(&name), sent.save(&path))
        });
        if let Err(error) = saved {
            self.trouble(dir::sent_unsaved(&path, &error));
        }
        Ok(api::SendResult { outcome, answer, sent })
    }

    fn with_sent<T>(&self, act: impl FnOnce(&mut Sent) -> T) -> T {
        let mut sent = lock(&self.sent);
        let path = DataDir::new(self.config.data_dir.clone()).sent();
        act(sent.get_or_insert_with(|| Sent::load(&path)))
    }

    /// What is wrong with a text as JSON, if anything.
    pub fn json_check(text: &str) -> Option<api::JsonFault> {
        send::json_fault(text)
    }

    /// What the built-in feed does wrong on purpose.
    pub fn faults(&self) -> Faults {
        let feedscope_hub::Faults { silent, delay_ms, duplicate, reorder, lose } =
            self.hub.faults();
        Faults { silent, delay_ms, duplicate, reorder, lose }
    }

    pub fn faults_set(&self, faults: Faults) {
        let Faults { silent, delay_ms, duplicate, reorder, lose } = faults;
        self.hub.set_faults(feedscope_hub::Faults { silent, delay_ms, duplicate, reorder, lose });
    }

    /// Pulls the plug of the built-in feed for some seconds.
    pub fn feed_cut(&self) {
        self.hub.cut(CUT);
    }

    /// [`language_set_in`](App::language_set_in) the first window.
    pub fn language_set(&self, language: Option<String>) -> Result<(), Trouble> {
        self.language_set_in(MAIN_WINDOW, language)
    }

    /// All windows speak this language from now on; `None` is the system's.
    pub fn language_set_in(&self, window: &str, language: Option<String>) -> Result<(), Trouble> {
        lock(&self.shared).chosen.language.clone_from(&language);
        self.announce(window, api::Together::spoken(language.clone()));
        self.save_setting(|path| settings::save_language(path, language.as_deref()))
    }

    /// Other shortcuts than the defaults, in all windows from now on. The first one has their list.
    pub fn shortcuts_set(&self, shortcuts: Shortcuts) -> Result<(), Trouble> {
        let shortcuts = settings::fitting(shortcuts);
        lock(&self.shared).chosen.shortcuts.clone_from(&shortcuts);
        self.announce(MAIN_WINDOW, api::Together::bound(shortcuts.clone()));
        self.save_setting(|path| settings::save_shortcuts(path, &shortcuts))
    }

    /// The tour was taken, or declined: it does not begin by itself again.
    pub fn tour_over(&self) -> Result<(), Trouble> {
        lock(&self.shared).chosen.toured = true;
        self.save_setting(settings::save_toured)
    }

    fn save_setting(
        &self,
        save: impl FnOnce(&std::path::Path) -> Result<(), Trouble>,
    ) -> Result<(), Trouble> {
        let path = DataDir::new(self.config.data_dir.clone()).settings();
        let _only = lock(&self.writing);
        save(&path)
    }

    /// Whether it was started to show something: then nobody is to be shown around.
    fn is_for_something(&self) -> bool {
        !self.config.urls.is_empty() || !self.config.boards.is_empty()
    }

    /// All alerts, and how they are.
    pub fn alerts(&self) -> Alerts {
        self.desk.alerts()
    }

    /// Adds an alert, or changes the one of its id; the answer is the alert as it is kept. Setting
    /// one again that was removed brings it back.
    pub fn alert_set(&self, alert: Alert) -> Result<Alert, Trouble> {
        self.desk.set(alert)
    }

    pub fn alert_remove(&self, id: &str) -> Result<(), Trouble> {
        self.desk.remove(id)
    }

    /// Shows the alert's notification now. Fails if the system shows none.
    pub fn alert_test(&self, alert: &Alert) -> Result<(), Trouble> {
        self.desk.test(alert)
    }

    /// Writes what alerts there are now.
    pub(crate) fn alerts_changed(&self) {
        if let Err(trouble) = self.desk.save() {
            self.trouble(trouble);
        }
    }

    /// What an alert would have done in the last hour; `None` where that is not known.
    pub fn alert_rehearse(&self, alert: Alert) -> Result<Option<AlertRehearsal>, Trouble> {
        let alert = alerts::checked(alert, |_| false)?;
        self.ask(|shared| alerts::rehearse(&shared.store, &alert, Time::now()))
    }

    /// What alerts did, the newest first.
    pub fn alert_log(&self, span: &AlertLogSpan) -> Vec<AlertEvent> {
        self.desk.log(span)
    }

    /// The application is about to end: what is not in its file yet must get there first.
    pub fn close(&self) -> Result<(), Trouble> {
        self.forget_removed();
        self.measure_now();
        if let Some(saver) = self.alive.as_ref().and_then(|alive| alive.saver.get()) {
            saver.close();
        }
        self.desk.close();
        self.save_boards()
    }

    /// Draws a panel from the history and saves it; says where.
    pub fn picture_save(&self, picture: &Picture) -> Result<PathBuf, Trouble> {
        let chart = self.ask(|shared| picture::chart(&shared.store, picture))?;
        // Drawn without the lock: it takes a while.
        let (extension, bytes) = picture::draw(&chart, picture.format)?;
        dir::save_picture(&self.config.pictures_dir, &picture.title, extension, &bytes)
    }

    /// Whether this is a picture that was saved here, and may be shown in the file manager.
    pub fn is_picture(&self, path: &std::path::Path) -> bool {
        path.parent() == Some(&self.config.pictures_dir) && path.is_file()
    }

    /// How everything is, for the terminal. To be asked once a second.
    pub fn status(&self) -> status::Line {
        let now = Instant::now();
        let (frames_per_second, update_drawn) = self.pump.take_frames(MAIN_WINDOW);
        let answers = self.pump.take_answers();
        let first_samples = self.pump.first_samples(MAIN_WINDOW);
        let shared = lock(&self.shared);
        status::Line {
            at_ms: Time::now().millis(),
            frames_per_second,
            update_drawn,
            first_samples_ms: first_samples.map(Time::millis),
            answers_ms: answers.iter().map(|took| took.as_secs_f64() * 1_000.0).collect(),
            history: status::History::of(&shared.store),
            feeds: shared
                .store
                .feeds
                .iter()
                .map(|feed| status::Feed {
                    name: feed.profile.name.clone(),
                    cause: feed.cause().to_owned(),
                    status: feed.status(now),
                })
                .collect(),
        }
    }

    /// Subscribes to a feed of a board.
    pub(crate) fn subscribe(&self, feed: BoardFeed) {
        let _in = self.runtime.enter();
        let builtin = feed.url.as_deref() == Some(COMPUTER_URL);
        let source = boards::source_of(&feed);
        let source_shown =
            feed.profile.clone().map_or_else(|| feed.name.clone(), |id| format!("profile:{id}"));
        let nameless = BoardFeed { name: String::new(), ..feed.clone() };
        let described = boards::profile_of(&nameless);
        let is_known = described.is_some();
        let shown = boards::told_apart(&feed, described.as_ref());
        let profile = match described {
            Some(_) if builtin => computer_profile(&self.hub),
            Some(profile) => profile,
            // What is chosen of it may be secret, and this is shown.
            None => Profile::from_url(&source_shown),
        };
        let mut shared = lock(&self.shared);
        let Shared { store, feeds_ever, troubles, alerts, boards, .. } = &mut *shared;
        let Store { feeds, history, past, .. } = store;
        *feeds_ever += 1;
        let mut new = Feed::new(feed.id, *feeds_ever, profile, source, &shown, builtin, history);
        new.rename(&feed.name);
        let left = past.take(new.name());
        new.restore(left.fields, history);
        let before = left.listened.and_then(|listened| {
            if let Some(gap) = &listened.gap {
                history.add_gap(new.track, gap.start_ns, listened.until_ns, gap.facts.clone());
            }
            let before = past.before(&listened, Time::now());
            new.states.restore(&listened, before.as_ref(), history);
            before
        });
        new.open_gap = before.as_ref().map(Before::gap);
        new.depths.watch(boards.shows_books_of(&new.id));
        let sink = StoreSink::new(self.shared.clone(), self.pump.changed.clone(), &new);
        let world = self.given.world(&new.profile, self.world.clone());
        let settings = Settings { before, world, ..Settings::default() };
        // It cannot bring anything before it is in its place: the lock is held.
        // It fails for files that the profile names, and these profiles name none.
        if is_known {
            new.subscription = Subscription::start(new.profile.clone(), settings, sink).ok();
        } else {
            troubles.push(boards::no_profile(&source_shown));
        }
        alerts.feed_there(Time::now(), &new);
        feeds.push(new);
        store.reshaped();
    }

    /// Keeps a trouble that nobody asked for, until the window takes it.
    pub(crate) fn trouble(&self, trouble: Trouble) {
        lock(&self.shared).troubles.push(trouble);
        self.pump.changed.notify_one();
    }
}

impl Steps for App {
    fn step<T>(
        &self,
        mut question: impl FnMut(&History<GapFacts>) -> Result<T, Absent>,
    ) -> Result<T, Trouble> {
        self.ask(|shared| question(&shared.store.history))
    }
}

/// The built-in feed, described as any other.
fn computer_profile(hub: &Hub) -> Profile {
    let url = Template::plain(hub.url().as_str());
    match Profile::bundled_named("this-computer") {
        Some(mut profile) => {
            profile.connection.url = url;
            profile
        }
        // It is part of the program, and a test reads it.
        None => Profile::from_url(hub.url().as_str()),
    }
}
