//! The application: what its window may ask of it.

use crate::api::{self, Board, BoardFeed, Faults, Picture, Start, Trouble, View};
use crate::board::{self, COMPUTER_URL};
use crate::dir::{self, DataDir};
use crate::feeds::Feed;
use crate::pump::Window;
use crate::shared::{Shared, lock};
use crate::sink::StoreSink;
use crate::store::Store;
use crate::view;
use crate::watch::Watch;
use crate::{picture, pump, status};
use feedscope_feed::profile::{Template, Values};
use feedscope_feed::{Profile, RealWorld, Settings, Subscription, Time, link};
use feedscope_hub::{Hub, computer};
use std::collections::HashSet;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

/// Feeds subscribed to at once.
const FEEDS_MAX: usize = 64;

/// How long a pulled plug stays out.
const CUT: Duration = Duration::from_secs(3);

/// What an application starts with.
#[derive(Clone, Debug)]
pub struct Config {
    pub data_dir: PathBuf,
    /// Where pictures are saved.
    pub pictures_dir: PathBuf,
    /// Feeds to add to the board.
    pub urls: Vec<String>,
    /// The board to open, in place of the last one.
    pub board: Option<PathBuf>,
    pub version: String,
}

/// A running application. Clones are the same one.
#[derive(Clone)]
pub struct App {
    shared: Arc<Mutex<Shared>>,
    pump: Arc<pump::Pump>,
    hub: Arc<Hub>,
    config: Arc<Config>,
    board_path: Arc<PathBuf>,
    /// Held while the board is written to its file.
    writing: Arc<Mutex<()>>,
}

impl App {
    /// Starts the built-in feed, opens the board and subscribes to its feeds. Must be called on a
    /// tokio runtime.
    pub async fn start(config: Config, window: impl Window) -> std::io::Result<App> {
        let hub = Arc::new(Hub::bind(computer::config()).await?);
        let dir = DataDir::new(config.data_dir.clone());
        let board_path = config.board.clone().unwrap_or_else(|| dir.default_board());
        let (board, trouble) = dir::load_board(&board_path);
        let app = App {
            shared: Arc::new(Mutex::new(Shared::new(board.clone(), trouble))),
            pump: Arc::default(),
            hub,
            board_path: Arc::new(board_path),
            writing: Arc::default(),
            config: Arc::new(config),
        };
        for feed in &board.feeds {
            app.subscribe(feed.clone());
        }
        for url in &app.config.urls {
            let known = lock(&app.shared).store.feeds.iter().any(|feed| feed.url == *url);
            if !known && let Err(trouble) = app.feed_add(url) {
                app.trouble(trouble);
            }
        }
        let measured = app.clone();
        tokio::spawn(async move {
            let Err(error) = computer::run(measured.hub.clone()).await;
            measured.trouble(Trouble {
                code: "computer".into(),
                step: "This computer".into(),
                what: "The built-in feed has ended.".into(),
                answer: Some(error.to_string()),
                advice: "Start Feedscope again. Other feeds go on.".into(),
            });
        });
        tokio::spawn(pump::run(app.shared.clone(), app.pump.clone(), window));
        Ok(app)
    }

    /// A window has opened, or begun anew: everything, and from now on updates.
    pub fn open(&self) -> Start {
        let mut shared = lock(&self.shared);
        shared.watches.clear();
        shared.peeked.clear();
        for feed in &mut shared.store.feeds {
            feed.fields_told = feed.fields.len();
            feed.transitions_untold = 0;
        }
        let now = Instant::now();
        let start = Start {
            version: self.config.version.clone(),
            now_ms: Time::now().millis(),
            board: shared.board.clone(),
            feeds: shared.store.feeds.iter().map(|feed| feed.whole(now)).collect(),
            faults: self.faults(),
            troubles: std::mem::take(&mut shared.troubles),
        };
        drop(shared);
        self.pump.opened();
        start
    }

    /// The update of this number is on the screen.
    pub fn drawn(&self, number: u64) {
        if self.pump.drawn(number) {
            let (now, time) = (Instant::now(), Time::now());
            for feed in &mut lock(&self.shared).store.feeds {
                feed.drawn(now, time);
            }
        }
    }

    /// Starts to follow a panel; the answer is in the form that [`view`] describes.
    pub fn watch(&self, watch: &api::Watch) -> Vec<u8> {
        let asked = Instant::now();
        let mut shared = lock(&self.shared);
        let (watch, answer) = Watch::new(watch, &shared.store, Time::now().0);
        shared.watches.retain(|other| other.panel != watch.panel);
        shared.watches.push(watch);
        drop(shared);
        self.pump.note_answer(asked.elapsed());
        self.pump.changed.notify_one();
        answer
    }

    pub fn unwatch(&self, panel: &str) {
        lock(&self.shared).watches.retain(|watch| watch.panel != panel);
    }

    /// The columns of a span, in the form that [`view`] describes.
    pub fn view(&self, view: &View) -> Vec<u8> {
        let asked = Instant::now();
        let grid = view::grid(view.from_ms, view.to_ms, view.columns);
        let answer = view::answer(&lock(&self.shared).store, &view.traces, &grid);
        self.pump.note_answer(asked.elapsed());
        answer
    }

    /// From now on, updates hold the latest values of these feeds.
    pub fn peek(&self, feeds: Vec<String>) {
        let mut shared = lock(&self.shared);
        shared.peeked = feeds.into_iter().collect();
        let Shared { store, peeked, .. } = &mut *shared;
        for feed in store.feeds.iter_mut().filter(|feed| peeked.contains(&feed.id)) {
            for field in &mut feed.fields {
                field.fresh = field.latest.is_some();
            }
        }
    }

    /// Subscribes to `url`. Fails only if it is not one; whether anyone answers there, shows.
    pub fn feed_add(&self, url: &str) -> Result<api::Feed, Trouble> {
        let url = url.trim();
        link::check(&Profile::from_url(url), &Values::default(), &RealWorld::default())
            .map_err(|failure| Trouble::from(&failure.trouble))?;
        let id = {
            let shared = lock(&self.shared);
            if shared.store.feeds.len() >= FEEDS_MAX {
                return Err(Trouble {
                    code: "feeds-max".into(),
                    step: "URL".into(),
                    what: format!("There are {FEEDS_MAX} feeds already."),
                    answer: None,
                    advice: "Remove one that is not needed.".into(),
                });
            }
            let taken = shared.store.feeds.iter().map(|feed| feed.id.as_str()).collect();
            board::feed_id(url, &taken)
        };
        let name = Profile::from_url(url).name;
        let feed = self.subscribe(BoardFeed { id, name, url: url.into() });
        self.save();
        Ok(feed)
    }

    pub fn feed_remove(&self, id: &str) {
        let mut shared = lock(&self.shared);
        let Store { feeds, history, .. } = &mut shared.store;
        feeds.retain(|feed| {
            if feed.id == id && !feed.builtin {
                for field in &feed.fields {
                    history.remove_series(field.series);
                }
                for track in feed.channels.iter().map(|channel| channel.track).chain([feed.track]) {
                    history.remove_track(track);
                }
                return false;
            }
            true
        });
        drop(shared);
        self.save();
        self.pump.changed.notify_one();
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

    /// Saves the board, but for its feeds, which have commands of their own.
    pub fn board_save(&self, board: Board) -> Result<(), Trouble> {
        let mut shared = lock(&self.shared);
        let feeds = std::mem::take(&mut shared.board.feeds);
        shared.board = Board { feeds, ..board::repaired(board) };
        shared.board_unsaved = true;
        drop(shared);
        self.write_board()
    }

    /// The application is about to end: what is not in its file yet must get there first.
    pub fn close(&self) -> Result<(), Trouble> {
        self.write_board()
    }

    /// Draws a panel from the history and saves it; says where.
    pub fn picture_save(&self, picture: &Picture) -> Result<PathBuf, Trouble> {
        let chart = picture::chart(&lock(&self.shared).store, picture);
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
        let (frames_per_second, update_drawn) = self.pump.take_frames();
        let answers = self.pump.take_answers();
        let shared = lock(&self.shared);
        status::Line {
            at_ms: Time::now().millis(),
            frames_per_second,
            update_drawn,
            first_samples_ms: self.pump.first_samples().map(Time::millis),
            answers_ms: answers.iter().map(|took| took.as_secs_f64() * 1_000.0).collect(),
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

    fn subscribe(&self, feed: BoardFeed) -> api::Feed {
        let builtin = feed.url == COMPUTER_URL;
        let mut profile =
            if builtin { computer_profile(&self.hub) } else { Profile::from_url(&feed.url) };
        profile.name = feed.name.clone();
        let mut shared = lock(&self.shared);
        let Shared { store: Store { feeds, history, .. }, feeds_ever, board, .. } = &mut *shared;
        *feeds_ever += 1;
        let id = feed.id.clone();
        let mut new =
            Feed::new(id, *feeds_ever, profile.clone(), feed.url.clone(), builtin, history);
        let sink = StoreSink {
            shared: self.shared.clone(),
            changed: self.pump.changed.clone(),
            feed: *feeds_ever,
        };
        // It cannot bring anything before it is in its place: the lock is held.
        // It fails for files that the profile names, and these profiles name none.
        new.subscription = Subscription::start(profile, Settings::default(), sink).ok();
        let whole = new.whole(Instant::now());
        feeds.push(new);
        board.feeds.push(feed);
        whole
    }

    /// Keeps a trouble that nobody asked for, until the window takes it.
    fn trouble(&self, trouble: Trouble) {
        lock(&self.shared).troubles.push(trouble);
        self.pump.changed.notify_one();
    }

    fn save(&self) {
        let mut shared = lock(&self.shared);
        let ids: HashSet<String> = shared.store.feeds.iter().map(|feed| feed.id.clone()).collect();
        shared.board.feeds.retain(|feed| ids.contains(&feed.id));
        shared.board_unsaved = true;
        drop(shared);
        if let Err(trouble) = self.write_board() {
            self.trouble(trouble);
        }
    }

    /// Writes the board as it is now, if that is not in its file yet. One at a time, so that an
    /// older one never comes over a newer one.
    fn write_board(&self) -> Result<(), Trouble> {
        let _only = lock(&self.writing);
        let mut shared = lock(&self.shared);
        if !std::mem::take(&mut shared.board_unsaved) {
            return Ok(());
        }
        let board = shared.board.clone();
        drop(shared);
        dir::save_board(&self.board_path, &board).inspect_err(|_| {
            lock(&self.shared).board_unsaved = true;
        })
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
