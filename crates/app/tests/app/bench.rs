//! The application with a window that is not one, and how to ask it.

use feedscope_app::api::{Axis, Board, BoardChanged, Boards, Start, Trace, Update, View, Watch};
use feedscope_app::boards::MAIN_WINDOW;
use feedscope_app::{App, Config, Notice, Notifier, Refused, Secrets, Wanted, Window};
use feedscope_feed::State;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tokio::sync::mpsc::{Receiver, Sender, channel};
use tokio::sync::{Mutex, watch};
use tokio::time::timeout;

/// Nothing here takes long; a test that waits this long will wait for ever.
pub const DEADLINE: Duration = Duration::from_secs(20);

pub const SECOND_MS: f64 = 1_000.0;

/// Notifications that wait to be looked at.
const NOTICES_MAX: usize = 100;

/// Hears of updates. Of boards, it keeps the latest.
pub struct Screen(
    Sender<()>,
    watch::Sender<Boards>,
    Arc<AtomicBool>,
    Arc<Desktop>,
    watch::Sender<Wanted>,
    Arc<std::sync::Mutex<Vec<String>>>,
);

/// Shows notifications, or does not.
pub struct Desktop {
    shown: Sender<Notice>,
    pub refuses: AtomicBool,
}

impl Notifier for Desktop {
    fn notify(&self, notice: &Notice) -> Result<(), Refused> {
        if self.refuses.load(Ordering::Relaxed) {
            return Err(Refused("Do not disturb.".into()));
        }
        self.shown.try_send(notice.clone()).expect("a flood of notifications");
        Ok(())
    }
}

impl Window for Screen {
    fn news(&self, window: &str) {
        // Of other windows, tests ask by themselves.
        if window != MAIN_WINDOW {
            return;
        }
        // One at most is ever under way, unless the window has begun anew, and is told again.
        let told = self.0.try_send(());
        let begun_anew = self.2.load(Ordering::Relaxed);
        assert!(told.is_ok() || begun_anew, "there was news before the last was drawn");
    }

    fn boards(&self, boards: &Boards) {
        self.1.send_if_modified(|known| {
            let is_newer = boards.version > known.version;
            if is_newer {
                known.clone_from(boards);
            }
            is_newer
        });
    }

    fn popouts(&self, wanted: &Wanted) {
        self.4.send_if_modified(|known| {
            let is_newer = wanted.version >= known.version;
            if is_newer {
                known.clone_from(wanted);
            }
            is_newer
        });
    }

    fn together(&self, window: &str) {
        self.5.lock().unwrap().push(window.to_owned());
    }

    fn notifier(&self) -> Arc<dyn Notifier> {
        self.3.clone()
    }
}

pub struct Bench {
    pub app: App,
    news: Arc<Mutex<Receiver<()>>>,
    /// What was told of boards last.
    pub boards: watch::Receiver<Boards>,
    /// Which windows there are to be beside the first one.
    pub popouts: watch::Receiver<Wanted>,
    /// Which windows were told that others show something else.
    pub in_step: Arc<std::sync::Mutex<Vec<String>>>,
    opened: AtomicBool,
    begun_anew: Arc<AtomicBool>,
    pub desktop: Arc<Desktop>,
    notices: Arc<Mutex<Receiver<Notice>>>,
}

impl Bench {
    pub async fn start(folder: &Path) -> Bench {
        Bench::start_on(folder, &[]).await
    }

    /// With boards that are named on the command line.
    pub async fn start_on(folder: &Path, boards: &[&Path]) -> Bench {
        Bench::start_with(folder, boards, Secrets::in_memory()).await
    }

    pub async fn start_with(folder: &Path, boards: &[&Path], secrets: Secrets) -> Bench {
        let (screen, news) = channel(1);
        let nothing = Boards { version: 0, list: Vec::new(), feeds: Vec::new() };
        let (tell, told) = watch::channel(nothing);
        let (shown, notices) = channel(NOTICES_MAX);
        let desktop = Arc::new(Desktop { shown, refuses: AtomicBool::new(false) });
        let config = Config {
            data_dir: folder.to_owned(),
            pictures_dir: folder.join("pictures"),
            downloads_dir: folder.join("downloads"),
            urls: Vec::new(),
            boards: boards.iter().map(|board| board.to_path_buf()).collect(),
            version: "0.0.0".into(),
            secrets: Arc::new(secrets),
        };
        let begun_anew = Arc::new(AtomicBool::new(false));
        let (want, popouts) = watch::channel(Wanted::default());
        let in_step = Arc::default();
        let screen =
            Screen(screen, tell, begun_anew.clone(), desktop.clone(), want, Arc::clone(&in_step));
        let app = App::start(config, screen).await.unwrap();
        let (news, notices) = (Arc::new(Mutex::new(news)), Arc::new(Mutex::new(notices)));
        let opened = AtomicBool::new(false);
        let boards = told;
        Bench { app, news, boards, popouts, in_step, opened, begun_anew, desktop, notices }
    }

    /// As a page does when it is loaded, once or once more.
    pub async fn open(&self) -> Start {
        let is_first = !self.opened.swap(true, Ordering::Relaxed);
        self.begun_anew.store(!is_first, Ordering::Relaxed);
        self.app.open().await
    }

    /// The next notification.
    pub async fn notice(&self) -> Notice {
        timeout(DEADLINE, self.notices.lock().await.recv()).await.unwrap().unwrap()
    }

    pub async fn heard(&self) {
        timeout(DEADLINE, self.news.lock().await.recv()).await.unwrap().unwrap();
    }

    pub async fn next(&self) -> Update {
        self.heard().await;
        self.app.take_update().unwrap()
    }

    /// Draws updates until one is as asked for, which it returns, drawn.
    pub async fn until(&self, mut wanted: impl FnMut(&Update) -> bool) -> Update {
        timeout(DEADLINE, async {
            loop {
                let update = self.next().await;
                self.app.drawn(update.number);
                if wanted(&update) {
                    return update;
                }
            }
        })
        .await
        .expect("it never came")
    }

    pub async fn until_state(&self, state: State) {
        self.until(|update| update.statuses.iter().any(|status| status.state == state)).await;
    }

    /// The first gap of the memory's panel that is such a one.
    pub async fn until_gap(&self, is: impl Fn(&serde_json::Value) -> bool) -> serde_json::Value {
        timeout(DEADLINE, async {
            loop {
                let facts = Answer::of(&self.app.watch(&watch_memory()).unwrap()).facts;
                let gaps = facts["gaps"].as_array().unwrap();
                if let Some(gap) = gaps.iter().find(|gap| is(gap)) {
                    return gap.clone();
                }
                self.until(|update| !update.statuses.is_empty()).await;
            }
        })
        .await
        .expect("the gap never came")
    }

    /// To the column's width exact: a thousandth of the span.
    pub fn samples(&self, trace: &Trace, from_ms: f64, to_ms: f64) -> f64 {
        let view = View {
            axis: Axis::Source,
            traces: vec![trace.clone()],
            from_ms,
            to_ms,
            columns: 1_000,
        };
        Answer::of(&self.app.view(&view).unwrap()).traces[0].iter().map(|column| column[1]).sum()
    }
}

/// The board that a window starts with.
pub fn shown(start: &Start) -> Board {
    serde_json::from_value(start.board.clone()).unwrap()
}

/// A board as it is now.
pub fn board(changed: &BoardChanged) -> Board {
    serde_json::from_value(changed.document.clone().unwrap()).unwrap()
}

/// The bytes of a view, read as the window reads them.
pub struct Answer {
    pub facts: serde_json::Value,
    pub traces: Vec<Vec<[f64; 7]>>,
}

impl Answer {
    pub fn of(bytes: &[u8]) -> Answer {
        let json_len = u32::from_le_bytes(bytes[..4].try_into().unwrap()) as usize;
        let facts = serde_json::from_slice(&bytes[4..4 + json_len]).unwrap();
        let mut numbers = bytes[(4 + json_len).next_multiple_of(8)..]
            .chunks_exact(8)
            .map(|chunk| f64::from_le_bytes(chunk.try_into().unwrap()));
        let mut next = || numbers.next().unwrap();
        let (_column_ms, _from, _to, traces) = (next(), next(), next(), next() as usize);
        let traces = (0..traces)
            .map(|_| (0..next() as usize).map(|_| std::array::from_fn(|_| next())).collect())
            .collect();
        Answer { facts, traces }
    }
}

pub fn trace(channel: &str, path: &str) -> Trace {
    Trace {
        feed: "computer".into(),
        channel: channel.into(),
        path: path.into(),
        ..Trace::default()
    }
}

pub fn memory() -> Trace {
    trace("memory", "data.used")
}

pub fn watch_memory() -> Watch {
    Watch {
        panel: "memory".into(),
        traces: vec![memory()],
        axis: Axis::Source,
        span_ms: 10.0 * SECOND_MS,
        columns: 500,
    }
}
