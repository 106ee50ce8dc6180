//! The programs that draw the feed: ours, and its peers. Each says itself how many frames it has
//! drawn and how many messages it has handled.

use super::feed::due_ms;
use super::pages;
use anyhow::{Context, Result, bail, ensure};
use feedscope_tests::{Display, Lines, Options, Running, StatusLine, Window, tied};
use serde::Deserialize;
use serde_json::{Value, json};
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::mpsc::{Receiver, sync_channel};
use std::thread;
use std::time::Duration;
use tempfile::TempDir;

/// How much of the feed all of them show.
const SPAN_MS: u32 = 10_000;

/// Reports that wait to be read; they come a few times a second.
pub const REPORTS_MAX: usize = 4_096;

/// What our board calls feed and panel.
const NAME: &str = "bench";
const CHANNEL: &str = "trades";
const FIELDS: [&str; 2] = ["price", "size"];
/// After the last message, how long until our status and our history say so.
const SETTLE_MAX: Duration = Duration::from_secs(30);

/// What a program has done by a moment, since it began.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct Progress {
    /// Milliseconds since the Unix epoch.
    pub at_ms: f64,
    pub frames: u64,
    pub handled: u64,
    /// For each frame since the last report: when it was drawn, and when the newest message in it
    /// was due.
    pub drawn: Vec<(f64, f64)>,
}

/// A program that is running, and draws what comes.
pub trait Program {
    /// The next report, unless the program is so busy that it does not come in time. Fails if the
    /// program has ended.
    fn report(&mut self, patience: Duration) -> Result<Option<Progress>>;

    /// Fails unless it has kept all that was sent.
    fn check(&mut self, sent: u64) -> Result<()>;
}

/// Who takes part.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Who {
    Feedscope,
    Chromium,
    Webkit,
    Pyqtgraph,
    Perspective,
}

impl Who {
    pub const ALL: [Who; 5] =
        [Who::Feedscope, Who::Chromium, Who::Webkit, Who::Pyqtgraph, Who::Perspective];

    pub fn name(self) -> &'static str {
        match self {
            Who::Feedscope => "Feedscope",
            Who::Chromium => "page: WebSocket, JSON.parse, uPlot; in Chromium",
            Who::Webkit => "the same page in WebKitGTK",
            Who::Pyqtgraph => "pyqtgraph, websockets, orjson",
            Who::Perspective => "Perspective, in Chromium",
        }
    }

    /// Starts it on a feed, which is going to have about this rate, on a stage that ours has set.
    pub fn start(self, url: &str, rate: u32, stage: &Stage) -> Result<Box<dyn Program>> {
        Ok(match self {
            Who::Feedscope => bail!("ours sets the stage"),
            Who::Chromium => Box::new(Peer::chromium("uplot.html", url, rate, stage)?),
            Who::Webkit => Box::new(Peer::webkit("uplot.html", url, rate, stage)?),
            Who::Pyqtgraph => Box::new(Peer::pyqtgraph(url, stage)?),
            Who::Perspective => Box::new(Peer::chromium("perspective.html", url, rate, stage)?),
        })
    }
}

/// What the peers have in common with our window: how large the chart is, and how WebKit renders.
pub struct Stage {
    pub width: u64,
    pub height: u64,
    /// The environment's variables that tell WebKit how.
    pub renderer: Vec<(String, String)>,
}

/// Our app: in its own window, as it is released.
pub struct Ours {
    window: Window,
    /// The time of the last status line.
    at_ms: f64,
    frames: u64,
    /// How often the page has drawn its chart.
    charts_drawn: u64,
    _board: TempDir,
}

impl Ours {
    /// One panel with two series of one feed, and nothing else but the built-in feed, which is
    /// always there.
    pub fn start(url: &str) -> Result<Ours> {
        let folder = TempDir::new()?;
        let path = folder.path().join("bench.feedscope.json");
        let trace = |(color, field): (usize, &&str)| {
            json!({ "feed": NAME, "channel": CHANNEL, "path": field, "label": field,
                    "color": color })
        };
        let board = json!({
            "feedscope": 1, "name": NAME, "span_ms": SPAN_MS,
            "feeds": [{ "id": NAME, "name": NAME, "url": url }],
            "panels": [{ "id": NAME, "title": NAME, "unit": "none", "range": null,
                         "traces": FIELDS.iter().enumerate().map(trace).collect::<Vec<_>>() }],
        });
        std::fs::write(&path, board.to_string())?;
        let path = path.to_string_lossy();
        let window =
            Window::open_with("bench-live", Options { args: &[&path], ..Options::default() })?;
        Ok(Ours { window, at_ms: 0.0, frames: 0, charts_drawn: 0, _board: folder })
    }

    /// How the peers are to be set up. To be asked once it draws.
    pub fn stage(&self) -> Result<Stage> {
        let size = self.window.wait(
            "the chart",
            "const { clientWidth, clientHeight } = by(`panel-${arguments[0]}`).querySelector('.plot-area');
             return clientWidth > 0 && [clientWidth, clientHeight]",
            json!([NAME]),
        )?;
        let at = |index: usize| size[index].as_u64().context("a chart without a size");
        Ok(Stage { width: at(0)?, height: at(1)?, renderer: renderer(self.window.app_id())? })
    }

    /// From now on, notes when which value of the second series is drawn.
    pub fn watch_frames(&self) -> Result<()> {
        self.window.run(WATCH_FRAMES, json!([NAME])).map(drop)
    }

    /// For each frame since the last call: when it was drawn, and when the newest message in it
    /// was due.
    pub fn drawn(&self) -> Result<Vec<(f64, f64)>> {
        let noted = self.window.run("return window.benchDrawn.splice(0)", json!([]))?;
        let noted: Vec<(f64, f64)> = serde_json::from_value(noted)?;
        Ok(noted.into_iter().map(|(at_ms, value)| (at_ms, due_ms(value, at_ms))).collect())
    }
}

/// A callback that was there before the app's is run before it in each frame, and sees what the
/// app is going to draw; a message sent then is heard when the frame is done.
const WATCH_FRAMES: &str = "
    const name = arguments[0];
    window.benchDrawn = [];
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = ({ data }) => window.benchDrawn.push([Date.now(), data]);
    let last;
    const look = () => {
        requestAnimationFrame(look);
        const newest = window.__feedscope.latest(name)?.[1];
        if (typeof newest === 'number' && newest !== last) port2.postMessage(newest);
        last = newest;
    };
    look();
";

impl Program for Ours {
    /// Ours may not be as busy as that: then it fails.
    fn report(&mut self, patience: Duration) -> Result<Option<Progress>> {
        let line = self.window.status_after(self.at_ms, patience)?;
        self.at_ms = line["at_ms"].as_f64().context("a status without a time")?;
        // A frame counts that has brought an update and has drawn the chart.
        let updates = line["frames_per_second"].as_u64().context("a status without frames")?;
        let drawn = self.window.run("return window.__feedscope.framesDrawn", json!([]))?;
        let drawn = drawn.as_u64().context("a page without frames")?;
        self.frames += updates.min(drawn - self.charts_drawn);
        self.charts_drawn = drawn;
        let handled = feed_of(&line).map_or(0, |feed| count(&feed["ledger"], "received"));
        let (at_ms, frames) = (self.at_ms, self.frames);
        Ok(Some(Progress { at_ms, frames, handled, drawn: Vec::new() }))
    }

    fn check(&mut self, sent: u64) -> Result<()> {
        let ledger = self.window.wait_long(
            SETTLE_MAX,
            "everything that was sent, in the status",
            "const { ledger } = status(arguments[0]);
             if (ledger.received !== arguments[1]) throw JSON.stringify(ledger);
             return ledger",
            json!([NAME, sent]),
        )?;
        let fates =
            ["delivered", "control", "duplicate", "late", "undecodable", "held", "overflow"];
        let spent: u64 = fates.iter().map(|fate| count(&ledger, fate)).sum();
        ensure!(count(&ledger, "received") == spent, "The ledger does not balance: {ledger}");
        ensure!(count(&ledger, "delivered") == sent, "{sent} messages were sent: {ledger}");
        let kept = self.window.run_async(COUNT_KEPT, json!([NAME, CHANNEL, FIELDS]))?;
        let kept: Vec<u64> = serde_json::from_value(kept.clone())
            .with_context(|| format!("the history could not be counted: {kept}"))?;
        ensure!(
            kept == FIELDS.map(|_| sent),
            "{sent} messages were sent; of the two series, the history has {kept:?} samples."
        );
        Ok(())
    }
}

/// Asks the application for the whole history, and adds up what its columns say they hold. The
/// form of the answer is described in crates/app, `view`.
const COUNT_KEPT: &str = "
    const [feed, channel, fields, done] = arguments;
    const traces = fields.map((path) => ({ feed, channel, path, label: null, color: 0 }));
    const DAY_MS = 86_400_000;
    const view = { traces, from_ms: Date.now() - DAY_MS, to_ms: Date.now() + DAY_MS, columns: 4_096 };
    window.__TAURI_INTERNALS__.invoke('view', { view }).then((answer) => {
        const bytes = new DataView(answer instanceof ArrayBuffer ? answer : new Uint8Array(answer).buffer);
        let at = Math.ceil((4 + bytes.getUint32(0, true)) / 8) * 8 + 3 * 8;
        const next = () => { at += 8; return bytes.getFloat64(at - 8, true); };
        const counts = [];
        for (let left = next(); left > 0; left -= 1) {
            let sum = 0;
            for (let columns = next(); columns > 0; columns -= 1) {
                sum += bytes.getFloat64(at + 8, true);
                at += 7 * 8;
            }
            counts.push(sum);
        }
        done(counts);
    }, (trouble) => done(JSON.stringify(trouble)));
";

fn feed_of(line: &StatusLine) -> Option<&Value> {
    line["feeds"].as_array()?.iter().find(|feed| feed["feed"] == NAME)
}

fn count(ledger: &Value, name: &str) -> u64 {
    ledger[name].as_u64().unwrap_or_default()
}

/// How the webview of an app renders, by what is said in its environment.
fn renderer(app: u32) -> Result<Vec<(String, String)>> {
    for entry in std::fs::read_dir("/proc")?.flatten() {
        let read = |name: &str| std::fs::read(entry.path().join(name)).unwrap_or_default();
        let stat = String::from_utf8_lossy(&read("stat")).into_owned();
        let Some((name, rest)) = stat.rsplit_once(')') else { continue };
        let parent = rest.split_whitespace().nth(1).and_then(|parent| parent.parse().ok());
        if parent != Some(app) || !name.contains("WebKitWebProces") {
            continue;
        }
        let environment = String::from_utf8_lossy(&read("environ")).into_owned();
        let variables = environment.split('\0').filter_map(|variable| variable.split_once('='));
        let of_webkit = variables.filter(|(name, _)| name.starts_with("WEBKIT_"));
        return Ok(of_webkit.map(|(name, value)| (name.into(), value.into())).collect());
    }
    bail!("the app has no WebKitWebProcess")
}

/// Another program, in `tests/peers/bench`.
struct Peer {
    reports: Receiver<Progress>,
    last: Progress,
    /// What it complains about.
    complaints: Lines,
    process: Running,
    _display: Display,
    _profile: TempDir,
}

impl Peer {
    /// A page, in a window of its own on the same display as ours. Not without a window, which
    /// would spare it the pixels that the others have to bring to the screen.
    fn chromium(page: &str, feed: &str, rate: u32, stage: &Stage) -> Result<Peer> {
        let (address, reports) = serve_page(page, feed, rate, stage)?;
        let profile = TempDir::new()?;
        let mut command = tied("chromium");
        command.arg(format!("--user-data-dir={}", profile.path().display()));
        command.arg(format!("--app={address}"));
        command.args([
            "--window-size=1280,800",
            "--window-position=0,0",
            "--lang=en-US",
            "--no-first-run",
            "--no-default-browser-check",
            "--password-store=basic",
            // As root, which has no sandbox; and nothing but this page is opened.
            "--no-sandbox",
            // It is to do nothing beside, and to ask nobody.
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-extensions",
            "--disable-sync",
            "--no-proxy-server",
            "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
            // The window is always in sight, whatever it believes without a window manager.
            "--disable-backgrounding-occluded-windows",
            "--disable-renderer-backgrounding",
            "--disable-background-timer-throttling",
        ]);
        Peer::start(command, reports, profile)
    }

    /// The same page in the browser that comes with WebKitGTK, rendering as it does for ours.
    fn webkit(page: &str, feed: &str, rate: u32, stage: &Stage) -> Result<Peer> {
        let (address, reports) = serve_page(page, feed, rate, stage)?;
        let profile = TempDir::new()?;
        let mut command = tied(&mini_browser()?.to_string_lossy());
        command.args(["--geometry=1280x800", "--private", &address]);
        command.env("HOME", profile.path()).envs(stage.renderer.iter().cloned());
        Peer::start(command, reports, profile)
    }

    fn pyqtgraph(feed: &str, stage: &Stage) -> Result<Peer> {
        let mut command = tied(&python()?.to_string_lossy());
        command.arg(folder().join("pyqtgraph_chart.py"));
        command.args([feed, &stage.width.to_string(), &stage.height.to_string()]);
        command.arg(SPAN_MS.to_string()).env("QT_QPA_PLATFORM", "xcb").stdout(Stdio::piped());
        let (report, reports) = sync_channel(REPORTS_MAX);
        let mut peer = Peer::start(command, reports, TempDir::new()?)?;
        let output = peer.process.0.stdout.take().context("no output")?;
        thread::spawn(move || {
            for line in BufReader::new(output).lines().map_while(Result::ok) {
                let Ok(progress) = serde_json::from_str(&line) else { continue };
                if report.send(progress).is_err() {
                    return;
                }
            }
        });
        Ok(peer)
    }

    fn start(mut command: Command, reports: Receiver<Progress>, profile: TempDir) -> Result<Peer> {
        let display = Display::open()?;
        display.host(&mut command);
        command.stdin(Stdio::null()).stderr(Stdio::piped());
        let mut process = Running::start(&mut command)?;
        Ok(Peer {
            reports,
            last: Progress::default(),
            complaints: Lines::of(process.0.stderr.take().context("no error output")?),
            process,
            _display: display,
            _profile: profile,
        })
    }
}

impl Program for Peer {
    fn report(&mut self, patience: Duration) -> Result<Option<Progress>> {
        if let Ok(progress) = self.reports.recv_timeout(patience) {
            self.last = progress.clone();
            return Ok(Some(progress));
        }
        let ended = self.process.0.try_wait()?;
        ensure!(ended.is_none(), "the peer has ended: {}", self.complaints.text());
        Ok(None)
    }

    /// They keep what they show; that they have handled everything is all there is to check.
    fn check(&mut self, sent: u64) -> Result<()> {
        let handled = self.last.handled;
        ensure!(handled == sent, "{sent} messages were sent, and {handled} handled");
        Ok(())
    }
}

/// Where the peers are; `cargo xtask bench` installs their packages.
fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("peers/bench")
}

fn serve_page(
    page: &str,
    feed: &str,
    rate: u32,
    stage: &Stage,
) -> Result<(String, Receiver<Progress>)> {
    let (address, reports) = pages::serve(folder())?;
    let Stage { width, height, .. } = stage;
    let address =
        format!("{address}/{page}?feed={feed}&width={width}&height={height}&span={SPAN_MS}");
    Ok((format!("{address}&rate={rate}"), reports))
}

/// WebKitGTK's own browser; distributions keep it out of the way.
fn mini_browser() -> Result<PathBuf> {
    const PLACES: [&str; 3] = ["/usr/libexec", "/usr/lib", "/usr/lib64"];
    let multiarch = std::fs::read_dir("/usr/lib").into_iter().flatten().flatten();
    let folders = PLACES.map(PathBuf::from).into_iter();
    let mut found = folders
        .chain(multiarch.map(|entry| entry.path()))
        .map(|folder| folder.join("webkit2gtk-4.1/MiniBrowser"));
    found.find(|path| path.is_file()).context("WebKitGTK's MiniBrowser is not installed")
}

/// The Python that has the packages: what FEEDSCOPE_BENCH_PYTHON names, or else the one that
/// `cargo xtask bench` has made.
fn python() -> Result<PathBuf> {
    if let Some(named) = std::env::var_os("FEEDSCOPE_BENCH_PYTHON") {
        return Ok(named.into());
    }
    let made = Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/xtask/bench-venv/bin/python");
    ensure!(made.is_file(), "There is no Python with pyqtgraph; `cargo xtask bench` makes one.");
    Ok(made)
}
