//! The window with hours of history in view, while more comes: frames a second, and how soon it is
//! answered when someone looks around.

use crate::made::{self, Made};
use crate::on_board::{Board, FIELDS, bench_feed, check, message};
use crate::report::{self, Report, Table};
use anyhow::{Context, Result};
use feedscope_tests::{Options, Server, StatusLine, Usage, Window};
use serde_json::{Value, json};
use std::thread;
use std::time::{Duration, Instant};
use tempfile::TempDir;

const SAMPLES: [u64; 2] = [10_000_000, 100_000_000];
const SECONDS: u64 = 20;
const LOOK_AROUND: Duration = Duration::from_secs(15);
const FRAMES_GOAL: f64 = 55.0;
const ANSWER_GOAL_MS: f64 = 2.0;
const LINE_MAX: Duration = Duration::from_secs(30);
const OPEN_MAX: Duration = Duration::from_secs(60);
/// A little more than all of it, so that it stays in view while the bench runs.
const SPAN_OF_HISTORY: f64 = 1.1;
const PANELS: [&[&str]; 1] = [&made::SERIES];
/// Where the pointer acts on the chart.
const CHART: &str = "[data-testid=panel-panel-0] .plot-area";
/// Counts the frames of the page from now on, and gives how many there were before.
const COUNT_FRAMES: &str = "
    const before = window.counted;
    window.counted = 0;
    const count = () => {
        window.counted += 1;
        requestAnimationFrame(count);
    };
    if (before === undefined) count();
    return before ?? 0";
/// In and out again, and to the side: what a person does with a wheel and a hand.
const WHEEL: [i32; 8] = [-400, -400, -400, 200, -600, 800, 400, 400];
const DRAG: [i32; 8] = [150, -80, 200, 0, -150, 60, -200, 20];

#[derive(clap::Args, Default)]
pub struct LongBench {
    /// A hundredth of all samples: to see that the measurement works
    #[arg(long)]
    small: bool,
}

impl LongBench {
    pub fn run(&self, save: bool) -> Result<()> {
        let mut report = Report::new("long", "A long history in the window", save);
        report.say(&format!(
            "The real window, two series in one panel, all of their history in view, while {} \
             messages a second with {} numbers each arrive. Drawn frames a second, over {SECONDS} s; \
             then someone zooms and pans for {} s, and for as long again: frames a second that the \
             page had meanwhile, and how long the app took for each answer, for both series, waiting \
             for its lock included. The app was just started: what is looked at for the first time is \
             read from the disk. The goals are {FRAMES_GOAL} frames a second and a p99 of \
             {ANSWER_GOAL_MS} ms.",
            report::count(made::RATE as f64),
            FIELDS.len(),
            LOOK_AROUND.as_secs()
        ));
        let mut frames = Table::new([
            "frames/s",
            "all in view, median",
            "worst second",
            "looking around",
            "again",
            "% of a core, all in view",
        ]);
        let mut answers = Table::new(["answers, ms", "number", "p50", "p95", "p99", "max"]);
        for samples in SAMPLES {
            let samples = if self.small { samples / 100 } else { samples };
            let Found { made, frames: all_in_view, looks, share } = measure(samples)?;
            println!("{made}");
            let name = format!("{} samples", report::count(samples as f64));
            let [first, again] = &looks;
            frames.row([
                name.clone(),
                report::number(report::quantile(&all_in_view, 0.5), 0),
                report::number(report::quantile(&all_in_view, 0.0), 0),
                report::number(first.frames_per_second, 0),
                report::number(again.frames_per_second, 0),
                report::number(share * 100.0, 0),
            ]);
            for (when, look) in [("looking around", first), ("again", again)] {
                let at = |share| report::number(report::quantile(&look.answers_ms, share), 2);
                answers.row([
                    format!("{name}, {when}"),
                    report::count(look.answers_ms.len() as f64),
                    at(0.5),
                    at(0.95),
                    at(0.99),
                    at(1.0),
                ]);
            }
        }
        report.table(&frames);
        report.table(&answers);
        report.end()
    }
}

/// All sorted.
struct Found {
    made: Made,
    frames: Vec<f64>,
    looks: [Look; 2],
    /// Of a core, taken by all of the app's processes while all is in view.
    share: f64,
}

/// What it was like while someone looked around.
struct Look {
    frames_per_second: f64,
    answers_ms: Vec<f64>,
}

fn measure(samples: u64) -> Result<Found> {
    let server = Server::start(made::RATE as f64, message)?;
    let url = server.url();
    let data = TempDir::new()?;
    let span = made::lasts(samples).mul_f64(SPAN_OF_HISTORY) + 2 * LINE_MAX;
    let board = Board { url: &url, span, panels: &PANELS };
    let made = Made::in_data_folder(data.path(), &board, samples)?;
    let sent_before = server.sent();

    let board = board.write(data.path())?.to_string_lossy().into_owned();
    let options = Options { data: Some(data), args: &[&board], ..Options::default() };
    let window = Window::open_with("bench-long", options)?;
    let shown = window.wait_long(
        OPEN_MAX,
        "all of the history on the chart",
        "const [wanted] = arguments;
         const [panel] = panels();
         const counts = panel.traces.map(counted);
         if (!counts.every((count) => count >= wanted)) throw counts;
         return counts",
        json!([samples / 2]),
    )?;
    println!("in view: {shown} samples");
    window.wait_status(LINE_MAX, |_| Some(()))?;

    let first = window.output().count();
    let (before, since) = (Usage::of(window.app_id())?, Instant::now());
    thread::sleep(Duration::from_secs(SECONDS));
    let used = Usage::of(window.app_id())?.since(&before, since.elapsed());
    let frames = frames(&lines(&window, first));

    let looks = [look_around(&window)?, look_around(&window)?];
    let sent = server.pause() - sent_before;
    let ledger = window.wait_status(LINE_MAX, |line| {
        let ledger = &bench_feed(line)?["ledger"];
        (ledger["received"].as_u64() == Some(sent)).then(|| ledger.clone())
    });
    check(&ledger.with_context(|| format!("not all of {sent} messages arrived"))?, sent)?;
    Ok(Found { made, frames, looks, share: used.iter().map(|(_, share, _)| share).sum() })
}

fn look_around(window: &Window) -> Result<Look> {
    let first = window.output().count();
    window.run(COUNT_FRAMES, json!([]))?;
    let since = Instant::now();
    for (wheel, drag) in WHEEL.into_iter().zip(DRAG).cycle() {
        if since.elapsed() > LOOK_AROUND {
            break;
        }
        window.wheel(CHART, wheel)?;
        window.drag(CHART, drag, 0)?;
    }
    let counted = window.run(COUNT_FRAMES, json!([]))?.as_f64().context("no frames")?;
    let frames_per_second = counted / since.elapsed().as_secs_f64();
    window.wait_status(LINE_MAX, |_| Some(()))?;
    let lines = lines(window, first);
    let answers = lines.iter().filter_map(|line| line["answers_ms"].as_array()).flatten();
    Ok(Look { frames_per_second, answers_ms: sorted(answers.filter_map(Value::as_f64)) })
}

/// The status lines from the `first` on.
fn lines(window: &Window, first: usize) -> Vec<StatusLine> {
    let lines = window.output().since(first);
    lines.iter().filter_map(|line| serde_json::from_str(line).ok()).collect()
}

fn frames(lines: &[StatusLine]) -> Vec<f64> {
    sorted(lines.iter().filter_map(|line| line["frames_per_second"].as_f64()))
}

fn sorted(all: impl Iterator<Item = f64>) -> Vec<f64> {
    let mut all = Vec::from_iter(all);
    all.sort_by(f64::total_cmp);
    all
}
