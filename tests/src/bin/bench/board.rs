//! A whole board at work: twelve panels of every kind over four feeds, at ever higher rates, while
//! someone watches it, and then while someone works with it.

use crate::live::feed::{Feed, Second};
use crate::report::{self, Report, Table};
use anyhow::{Context, Result, ensure};
use feedscope_tests::{Options, StatusLine, Usage, Window};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::thread;
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// Of all feeds together, in messages a second. The first is that of a board on which little
/// happens: what the others cost is told beside it.
const RATES: [u32; 3] = [400, 50_000, 200_000];
const FEEDS: [&str; 4] = ["north", "east", "south", "west"];
const CHANNEL: &str = "trades";
const SPAN_MS: u32 = 30_000;
/// How long each rate is watched, and then worked with.
const SECONDS: u64 = 20;
/// An act of the hand begins so long after the one before, or when that is done: a fast typist's key.
const ACT_EVERY: Duration = Duration::from_millis(120);
/// After a change of the rate, before anything is measured.
const SETTLE: Duration = Duration::from_secs(5);
const OPEN_MAX: Duration = Duration::from_secs(60);
const LINE_MAX: Duration = Duration::from_secs(30);

const FRAMES_GOAL: f64 = 50.0;
const RESPONSE_GOAL_MS: f64 = 100.0;
/// The rate that has to reach the goals.
const RATE_GOAL: u32 = 50_000;

const ESCAPE: &str = "\u{e00c}";
const CONTROL: &str = "\u{e009}";
const BACKSPACE: &str = "\u{e003}";

/// Counts the page's frames, and how long each act of the hand takes: from when the window system
/// had it until the frame after it is done. Gives what there was since the last call. A message
/// that is sent in a frame is heard once it is done.
const WATCH: &str = "
    const before = window.benchSeen;
    const seen = { frames: 0, acts: [] };
    window.benchSeen = seen;
    if (!before) {
        const count = () => {
            window.benchSeen.frames += 1;
            requestAnimationFrame(count);
        };
        count();
        const { port1, port2 } = new MessageChannel();
        port1.onmessage = ({ data: [act, at] }) =>
            window.benchSeen.acts.push([act, performance.now() - at]);
        for (const act of ['wheel', 'pointerdown', 'pointermove', 'pointerup', 'click', 'keydown', 'input']) {
            const heard = (event) =>
                requestAnimationFrame(() => port2.postMessage([act, event.timeStamp]));
            window.addEventListener(act, heard, { capture: true, passive: true });
        }
    }
    return before ?? { frames: 0, acts: [] }";

#[derive(clap::Args)]
pub struct BoardBench {
    /// How long each rate is watched and worked with, in seconds
    #[arg(long, default_value_t = SECONDS)]
    seconds: u64,
    /// Messages a second, of all feeds together
    #[arg(long, value_delimiter = ',', default_values_t = RATES)]
    rates: Vec<u32>,
}

impl Default for BoardBench {
    fn default() -> Self {
        BoardBench { seconds: SECONDS, rates: RATES.into() }
    }
}

/// What it is like at one rate.
struct Found {
    rate: u32,
    /// Of each second in which someone watched, sorted.
    frames: Vec<f64>,
    /// The same of one chart: where there is little time, panels take turns.
    of_chart: Vec<f64>,
    /// In a second, while someone worked.
    frames_at_work: f64,
    /// Of a core, by the app and the webview, while someone watched.
    share: f64,
    /// In ms, by what was done; sorted.
    acts: BTreeMap<String, Vec<f64>>,
}

impl Found {
    fn all_acts(&self) -> Vec<f64> {
        let mut all: Vec<f64> = self.acts.values().flatten().copied().collect();
        all.sort_by(f64::total_cmp);
        all
    }
}

impl BoardBench {
    pub fn run(&self, save: bool) -> Result<()> {
        let mut report = Report::new("board", "A board of twelve panels", save);
        report.say(&format!(
            "The real window with twelve panels of eight kinds, the last {} s in view, over {} feeds, \
             which together send so many messages a second with {} numbers each. Someone watches it \
             for {} s: frames in which something was drawn, and in which a chart of two series was, \
             in each second, since panels take turns where there is no time for all. Then someone \
             works with it for as long: zooms by the wheel, drags the chart, jumps back to live, \
             searches the fields, opens the palette and types in it, drags a panel beside another \
             and undoes it, an act every {} ms, as a fast typist does. The response is the time from \
             when the window system has a key, a click, a turn of the wheel or a movement until the \
             next frame is done. The goals at {} messages a second are {FRAMES_GOAL} frames a second \
             and {RESPONSE_GOAL_MS} ms.",
            SPAN_MS / 1_000,
            FEEDS.len(),
            3,
            self.seconds,
            ACT_EVERY.as_millis(),
            report::count(RATE_GOAL.into()),
        ));
        let found = self.measure()?;
        let mut frames = Table::new([
            "messages/s",
            "frames/s, median",
            "worst second",
            "of one chart",
            "at work",
            "% of a core",
            "response p50, ms",
            "p95",
            "p99",
            "max",
        ]);
        for of in &found {
            let acts = of.all_acts();
            let response = |share| report::number(report::quantile(&acts, share), 0);
            frames.row([
                report::count(of.rate.into()),
                report::number(report::quantile(&of.frames, 0.5), 0),
                report::number(report::quantile(&of.frames, 0.0), 0),
                report::number(report::quantile(&of.of_chart, 0.5), 0),
                report::number(of.frames_at_work, 0),
                report::number(of.share * 100.0, 0),
                response(0.5),
                response(0.95),
                response(0.99),
                response(1.0),
            ]);
        }
        report.table(&frames);
        let mut acts = Table::new(["response, ms", "messages/s", "number", "p50", "p95", "max"]);
        for of in &found {
            for (act, took) in &of.acts {
                let at = |share| report::number(report::quantile(took, share), 0);
                acts.row([
                    act.clone(),
                    report::count(of.rate.into()),
                    report::count(took.len() as f64),
                    at(0.5),
                    at(0.95),
                    at(1.0),
                ]);
            }
        }
        report.table(&acts);
        report.end()?;
        for of in found.iter().filter(|of| of.rate == RATE_GOAL) {
            let frames = report::quantile(&of.frames, 0.5);
            ensure!(
                frames >= FRAMES_GOAL,
                "{frames:.0} frames a second: {FRAMES_GOAL} are the goal."
            );
            let response = report::quantile(&of.all_acts(), 0.99);
            ensure!(
                response <= RESPONSE_GOAL_MS,
                "{response:.0} ms to respond: {RESPONSE_GOAL_MS} are the goal."
            );
        }
        Ok(())
    }

    fn measure(&self) -> Result<Vec<Found>> {
        let mut feeds = Vec::new();
        for _ in FEEDS {
            feeds.push(Feed::start(Second::Wave)?);
        }
        let folder = TempDir::new()?;
        let path = folder.path().join("bench.feedscope.json");
        std::fs::write(&path, board(&feeds).to_string())?;
        let path = path.to_string_lossy();
        let window =
            Window::open_with("bench-board", Options { args: &[&path], ..Options::default() })?;
        set_rate(&mut feeds, 400)?;
        window.wait_long(
            OPEN_MAX,
            "every panel, and samples in the chart",
            "const [wanted] = arguments;
             if (panels().length < wanted) throw panels().length;
             return counted(panel('lines-0').traces[0]) > 0",
            json!([DRAWN]),
        )?;
        let mut found = Vec::new();
        for rate in &self.rates {
            set_rate(&mut feeds, *rate)?;
            thread::sleep(SETTLE);
            found.push(self.at(&window, *rate)?);
        }
        for (feed, name) in feeds.iter_mut().zip(FEEDS) {
            let sent = feed.set_rate(0.0)?;
            let ledger = window.wait_status(LINE_MAX, |line| {
                let ledger = &feed_of(line, name)?["ledger"];
                (ledger["received"].as_u64() == Some(sent)).then(|| ledger.clone())
            });
            let ledger = ledger.with_context(|| format!("not all of {sent} messages of {name}"))?;
            crate::on_board::check(&ledger, sent)?;
        }
        Ok(found)
    }

    fn at(&self, window: &Window, rate: u32) -> Result<Found> {
        println!("{} messages a second …", report::count(rate.into()));
        let (before, since) = (Usage::of(window.app_id())?, Instant::now());
        let mut frames = Vec::new();
        let mut of_chart = Vec::new();
        for _ in 0..self.seconds {
            let (before, at) = (drawn(window)?, Instant::now());
            thread::sleep(Duration::from_secs(1));
            let (after, took) = (drawn(window)?, at.elapsed().as_secs_f64());
            frames.push((after.0 - before.0) / took);
            of_chart.push((after.1 - before.1) / took);
        }
        frames.sort_by(f64::total_cmp);
        of_chart.sort_by(f64::total_cmp);
        let used = Usage::of(window.app_id())?.since(&before, since.elapsed());
        let share = used.iter().map(|(_, share, _)| share).sum();

        window.run(WATCH, json!([]))?;
        let since = Instant::now();
        while since.elapsed() < Duration::from_secs(self.seconds) {
            work(window)?;
        }
        let seen = window.run(WATCH, json!([]))?;
        let frames_at_work =
            seen["frames"].as_f64().context("no frames")? / since.elapsed().as_secs_f64();
        let listed: Vec<(String, f64)> = serde_json::from_value(seen["acts"].clone())?;
        let mut acts = BTreeMap::<String, Vec<f64>>::new();
        for (act, took) in listed {
            acts.entry(act).or_default().push(took);
        }
        for took in acts.values_mut() {
            took.sort_by(f64::total_cmp);
        }
        ensure!(acts.len() > 3, "The window heard little of what was done: {acts:?}");
        Ok(Found { rate, frames, of_chart, frames_at_work, share, acts })
    }
}

/// How many panels there are.
const DRAWN: usize = 12;

/// What a person does who looks for something, one act after the other.
fn work(window: &Window) -> Result<()> {
    const CHART: &str = "[data-testid=panel-lines-0] .plot-area";
    let mut last = Instant::now();
    let mut act = |act: &dyn Fn() -> Result<()>| {
        thread::sleep(ACT_EVERY.saturating_sub(last.elapsed()));
        last = Instant::now();
        act()
    };
    for by in [-300, -200, 100] {
        act(&|| window.wheel(CHART, by))?;
    }
    for by in [160, -60] {
        act(&|| window.drag(CHART, by, 0))?;
    }
    act(&|| window.click("jump-live"))?;
    act(&|| window.click("field-filter"))?;
    for key in ["p", "r", "i", "c", "e", BACKSPACE, BACKSPACE, BACKSPACE, BACKSPACE, BACKSPACE] {
        act(&|| window.press(key))?;
    }
    act(&|| window.press(ESCAPE))?;
    act(&|| window.chord(CONTROL, "k"))?;
    for key in ["g", "a", "p", ESCAPE] {
        act(&|| window.press(key))?;
    }
    act(&|| window.drag("[data-testid=header-lines-0] .title", 500, 250))?;
    act(&|| window.chord(CONTROL, "z"))
}

fn set_rate(feeds: &mut [Feed], rate: u32) -> Result<()> {
    let each = f64::from(rate) / feeds.len() as f64;
    feeds.iter_mut().try_for_each(|feed| feed.set_rate(each).map(drop))
}

/// Frames in which anything was drawn, and in which one chart was.
fn drawn(window: &Window) -> Result<(f64, f64)> {
    let script = "const { framesDrawn, drawnOf } = window.__feedscope;
                  return [framesDrawn, drawnOf(arguments[0])]";
    Ok(serde_json::from_value(window.run(script, json!(["lines-0"]))?)?)
}

fn feed_of<'a>(line: &'a StatusLine, name: &str) -> Option<&'a Value> {
    line["feeds"].as_array()?.iter().find(|feed| feed["feed"] == name)
}

fn board(feeds: &[Feed]) -> Value {
    let trace = |color: usize, feed: &str, field: &str| json!({ "feed": feed, "channel": CHANNEL, "path": field, "label": null, "color": color });
    let both = |feed: &str| json!([trace(0, feed, "price"), trace(1, feed, "size")]);
    let of_all = |field: &str| -> Vec<Value> {
        FEEDS.iter().enumerate().map(|(color, feed)| trace(color, feed, field)).collect()
    };
    let mut panels: Vec<Value> = FEEDS.iter().enumerate().map(|(n, feed)| json!({ "id": format!("lines-{n}"), "title": feed, "kind": "time-series", "traces": both(feed) })).collect();
    panels.extend([
        json!({ "id": "all", "title": "All", "kind": "time-series", "traces": of_all("price") }),
        json!({ "id": "candles", "title": "Candles", "kind": "candles",
                "traces": [trace(0, FEEDS[0], "price")] }),
        json!({ "id": "histogram", "title": "Histogram", "kind": "histogram",
                "traces": both(FEEDS[1]) }),
        json!({ "id": "heat", "title": "Heat", "kind": "heat-map",
                "traces": [trace(0, FEEDS[2], "price")] }),
        json!({ "id": "xy", "title": "XY", "kind": "xy", "x": trace(0, FEEDS[3], "price"),
                "traces": [trace(1, FEEDS[3], "size")] }),
        json!({ "id": "numbers", "title": "Numbers", "kind": "number", "traces": of_all("price") }),
        json!({ "id": "gauge", "title": "Gauge", "kind": "gauge", "range": [0, 100],
                "traces": [trace(0, FEEDS[0], "size")] }),
        json!({ "id": "table", "title": "Table", "kind": "table", "traces": of_all("size") }),
    ]);
    let feeds = feeds
        .iter()
        .zip(FEEDS)
        .map(|(feed, name)| json!({ "id": name, "name": name, "url": feed.url() }));
    json!({
        "feedscope": 2,
        "id": "bench",
        "name": "Bench",
        "time": { "span_ms": SPAN_MS },
        "feeds": Vec::from_iter(feeds),
        "panels": panels,
    })
}
