//! How long a start takes: until the window is shown, and until the first sample that comes is
//! drawn; beside a Tauri window with nothing in it.

use crate::empty;
use crate::files;
use crate::made::Made;
use crate::on_board::{Board, FIELDS, OnBoard, message};
use crate::report::{self, Report, Table};
use anyhow::Result;
use feedscope_tests::Server;
use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;
use tempfile::TempDir;

const WARM_ROUNDS: usize = 5;
const COLD_ROUNDS: usize = 3;
const SAMPLES: u64 = 100_000_000;
/// Messages a second: one is drawn as soon as anything can be.
const RATE: f64 = 60.0;
const SPAN: Duration = Duration::from_secs(60);
const PANELS: [&[&str]; 1] = [&[FIELDS[0], FIELDS[1]]];
const START_MAX: Duration = Duration::from_secs(120);
/// The goal, as times of what the empty window takes to its first frame.
const OF_EMPTY_GOAL: f64 = 1.5;

#[derive(clap::Args, Default)]
pub struct StartBench {
    /// A hundredth of all samples: to see that the measurement works
    #[arg(long)]
    small: bool,
}

/// What is started.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum What {
    Empty,
    /// Feedscope as it is the first time.
    Fresh,
    /// With a long history.
    Long,
}

/// Milliseconds since the process was started.
#[derive(Clone, Copy)]
struct Start {
    shown: f64,
    drawn: f64,
}

impl StartBench {
    pub fn run(&self, save: bool) -> Result<()> {
        let mut report = Report::new("start", "Start", save);
        let server = Server::start(RATE, message)?;
        let url = server.url();
        let board = Board { url: &url, span: SPAN, panels: &PANELS };
        let samples = if self.small { SAMPLES / 100 } else { SAMPLES };
        let long = TempDir::new()?;
        let made = Made::in_data_folder(long.path(), &board, samples)?;
        println!("{made}");

        let mut starter = Starter { long: long.path(), board: &board, settings: BTreeMap::new() };
        // Not counted: it makes files warm, and shows which renderer the empty window is to have.
        for what in [What::Fresh, What::Long, What::Empty] {
            starter.start(what)?;
        }
        let mut starts: BTreeMap<(bool, What), Vec<Start>> = BTreeMap::new();
        let rounds =
            [(false, WARM_ROUNDS), (true, if files::can_forget() { COLD_ROUNDS } else { 0 })];
        for (cold, rounds) in rounds {
            for _ in 0..rounds {
                // In turns, so that whatever else the machine does befalls all of them.
                for what in [What::Empty, What::Fresh, What::Long] {
                    if cold {
                        files::forget()?;
                    }
                    starts.entry((cold, what)).or_default().push(starter.start(what)?);
                }
            }
        }
        report.say(&format!(
            "From the start of the process, in milliseconds; medians of {WARM_ROUNDS} starts that \
             find all files in memory (warm) and of {COLD_ROUNDS} that find none (cold), in turns. \
             Shown: the window is on the screen. Drawn: the first sample that comes is (of the \
             empty window, the first frame). The long history: {made}. The goal is at most \
             {OF_EMPTY_GOAL} of the empty window, whatever the history."
        ));
        report.table(&table(&starts, samples));
        if !files::can_forget() {
            report.say("Cold starts need root, who alone can have files forgotten.");
        }
        report.end()
    }
}

fn table(starts: &BTreeMap<(bool, What), Vec<Start>>, samples: u64) -> Table {
    let mut table = Table::new([
        "",
        "shown",
        "of empty",
        "drawn",
        "of empty",
        "drawn, from – to",
        "the goal is",
    ]);
    for ((cold, what), all) in starts {
        let empty = starts.get(&(*cold, What::Empty)).map_or(&[][..], Vec::as_slice);
        let (shown, drawn) = (sorted(all, |start| start.shown), sorted(all, |s| s.drawn));
        let median = |all: &[f64]| report::quantile(all, 0.5);
        let empty_shown = median(&sorted(empty, |start| start.shown));
        let empty_drawn = median(&sorted(empty, |start| start.drawn));
        let name = match what {
            What::Empty => "empty window".into(),
            What::Fresh => "Feedscope, no history".into(),
            What::Long => {
                format!("Feedscope, {} samples", report::count(samples as f64))
            }
        };
        let goal = match what {
            What::Empty => "",
            _ if median(&drawn) <= OF_EMPTY_GOAL * empty_drawn => "met",
            _ => "missed",
        };
        let (from, to) = (report::quantile(&drawn, 0.0), report::quantile(&drawn, 1.0));
        table.row([
            format!("{}, {name}", if *cold { "cold" } else { "warm" }),
            report::number(median(&shown), 0),
            report::ratio(median(&shown), empty_shown),
            report::number(median(&drawn), 0),
            report::ratio(median(&drawn), empty_drawn),
            format!("{from:.0} – {to:.0}"),
            goal.into(),
        ]);
    }
    table
}

fn sorted(starts: &[Start], of: impl Fn(&Start) -> f64) -> Vec<f64> {
    let mut all: Vec<f64> = starts.iter().map(of).collect();
    all.sort_by(f64::total_cmp);
    all
}

/// What starts need.
struct Starter<'a> {
    long: &'a Path,
    board: &'a Board<'a>,
    /// What the app has last told its webview by the environment.
    settings: BTreeMap<String, String>,
}

impl Starter<'_> {
    fn start(&mut self, what: What) -> Result<Start> {
        let fresh;
        let data = match what {
            What::Empty => return self.empty(),
            What::Fresh => {
                fresh = TempDir::new()?;
                fresh.path()
            }
            What::Long => self.long,
        };
        let mut app = OnBoard::start(data, self.board)?;
        let shown = millis(app.launched.shown_after(START_MAX)?);
        let start = Start { shown, drawn: app.first_samples_ms()? };
        self.settings = app.launched.webkit_settings()?;
        app.close()?;
        Ok(start)
    }

    fn empty(&self) -> Result<Start> {
        let window = empty::start(&self.settings)?;
        let shown = millis(window.shown_after(START_MAX)?);
        let start = Start { shown, drawn: empty::first_frame_ms(&window)? };
        window.close()?;
        Ok(start)
    }
}

fn millis(time: Duration) -> f64 {
    time.as_secs_f64() * 1_000.0
}
