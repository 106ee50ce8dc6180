//! The real window at ever higher rates, and what people use today beside it: the same feed, the
//! same machine, the same two series over the same ten seconds.

pub mod feed;
mod latency;
mod pages;
mod program;

pub use latency::LatencyBench;

use crate::report::{Report, Table, count, number, ratio};
use anyhow::{Context, Result, ensure};
use feed::{Feed, Second};
use program::{Ours, Program, Stage, Who};
use std::time::Duration;

/// Messages a second. Who fails at the first goes down from it, and who does not goes up.
const RATES: [u32; 20] = [
    100, 200, 500, 1_000, 2_000, 5_000, 10_000, 15_000, 20_000, 30_000, 50_000, 100_000, 200_000,
    300_000, 500_000, 700_000, 1_000_000, 1_300_000, 1_600_000, RATE_MAX,
];
const FIRST_RATE: u32 = 1_000;
const RATE_MAX: u32 = 2_000_000;
/// A chart moves smoothly with at least so many.
const FRAMES_PER_S_MIN: f64 = 50.0;
/// Who is further behind does not show the present.
const BEHIND_MAX: Duration = Duration::from_millis(500);

/// After a change of the rate, before anything is measured.
const SETTLE_S: f64 = 2.0;
const SECONDS: f64 = 4.0;

/// How long a program may take to start, and to handle its first message.
const START_MAX: Duration = Duration::from_secs(40);
/// A program that says nothing for so long is taken to be stuck.
const REPORT_MAX: Duration = Duration::from_secs(8);
/// How long a program may take to catch up once nothing more comes.
const CATCH_UP_MAX_MS: f64 = 10_000.0;

/// What ours is to reach.
const GOAL: u32 = 500_000;

#[derive(clap::Args)]
pub struct LiveBench {
    /// Only these; ours always takes part
    #[arg(long, value_delimiter = ',')]
    only: Vec<Who>,
    /// How long each rate is measured, in seconds
    #[arg(long, default_value_t = SECONDS)]
    seconds: f64,
    /// The least frames a second, for a machine that is busy anyway
    #[arg(long, default_value_t = FRAMES_PER_S_MIN)]
    frames: f64,
    /// The highest rate to try, in messages a second
    #[arg(long, default_value_t = RATE_MAX)]
    most: u32,
}

impl Default for LiveBench {
    fn default() -> Self {
        LiveBench { only: Vec::new(), seconds: SECONDS, frames: FRAMES_PER_S_MIN, most: RATE_MAX }
    }
}

/// What came of one rate.
struct Step {
    rate: u32,
    frames_per_s: f64,
    behind: Duration,
    /// Whether it is fast enough.
    holds: bool,
}

impl Step {
    fn is_stuck(&self) -> bool {
        self.behind >= REPORT_MAX
    }

    fn why_not(&self) -> String {
        if self.is_stuck() {
            return "stuck".into();
        }
        if self.behind > BEHIND_MAX {
            return format!("{:.1} s behind", self.behind.as_secs_f64());
        }
        format!("{:.0} frames/s", self.frames_per_s)
    }
}

impl LiveBench {
    pub fn run(&self, save: bool) -> Result<()> {
        let mut report = Report::new("live", "How many messages a second a live chart takes", save);
        report.say(&format!(
            "Two series of one feed in one chart, the last 10 s in view. The rate is raised until \
             less than {} frames a second are drawn, or what is handled falls \
             back by more than {:.1} s; each rate settles for {SETTLE_S} s and is measured for {} s. \
             Server and program are processes of the same machine. Feedscope keeps every sample of \
             all four fields of a message: at the end its ledger balances, and its history has as \
             many samples of each series as messages were sent. The others keep what they show. \
             Chromium has a window on the same display as ours, not its headless mode, which \
             brings no pixels anywhere.",
            self.frames,
            BEHIND_MAX.as_secs_f64(),
            self.seconds,
        ));
        let mut rows = Vec::new();
        let (steps, stage) = self.ours()?;
        report.say(&format!("The chart has {} × {} pixels.", stage.width, stage.height));
        rows.push((Who::Feedscope, Ok(steps)));
        for who in Who::ALL.into_iter().skip(1) {
            if self.only.is_empty() || self.only.contains(&who) {
                let steps = self.peer(who, &stage);
                if let Err(error) = &steps {
                    println!("{}: {error:#}", who.name());
                }
                rows.push((who, steps));
            }
        }
        let best = |steps: &Result<Vec<Step>>| -> f64 {
            let held = steps.iter().flatten().filter(|step| step.holds);
            f64::from(held.map(|step| step.rate).max().unwrap_or(0))
        };
        let ours = rows.first().map_or(0.0, |(_, steps)| best(steps));
        let mut table =
            Table::new(["", "messages/s", "of ours", "frames/s then", "at the next rate"]);
        for (who, steps) in &rows {
            let most = best(steps);
            let at_most = steps.iter().flatten().find(|step| f64::from(step.rate) == most);
            let next =
                steps.iter().flatten().filter(|step| f64::from(step.rate) > most && !step.holds);
            let next = next.min_by_key(|step| step.rate);
            table.row([
                who.name().to_owned(),
                match steps {
                    Ok(_) if most == 0.0 => "none".into(),
                    Ok(_) => count(most),
                    Err(_) => "failed".into(),
                },
                ratio(if steps.is_ok() { most } else { f64::NAN }, ours),
                number(at_most.map_or(f64::NAN, |step| step.frames_per_s), 0),
                next.map_or_else(String::new, |step| {
                    format!("{}: {}", count(step.rate.into()), step.why_not())
                }),
            ]);
        }
        report.table(&table);
        report.end()?;
        ensure!(rows.iter().all(|(_, steps)| steps.is_ok()), "Not every peer could be measured.");
        ensure!(ours >= f64::from(GOAL), "{GOAL} messages a second are the goal.");
        Ok(())
    }

    fn ours(&self) -> Result<(Vec<Step>, Stage)> {
        let mut feed = Feed::start(Second::Wave)?;
        let mut ours = Ours::start(feed.url())?;
        begin(&mut ours, &mut feed)?;
        let stage = ours.stage()?;
        println!("\n{}", Who::Feedscope.name());
        let steps = self.climb(&mut ours, &mut feed)?;
        // What was behind at the last rate has all of it in the end, too.
        ours.check(feed.set_rate(0.0)?)?;
        Ok((steps, stage))
    }

    fn peer(&self, who: Who, stage: &Stage) -> Result<Vec<Step>> {
        println!("\n{}", who.name());
        let start = |rate| -> Result<(Box<dyn Program>, Feed)> {
            let mut feed = Feed::start(Second::Wave)?;
            let mut peer = who.start(feed.url(), rate, stage)?;
            begin(&mut *peer, &mut feed)?;
            Ok((peer, feed))
        };
        let (mut peer, mut feed) = start(FIRST_RATE)?;
        let mut steps = self.climb(&mut *peer, &mut feed)?;
        for rate in RATES.into_iter().rev().filter(|rate| *rate < FIRST_RATE) {
            if steps.iter().any(|step| step.holds) {
                break;
            }
            // Anew, without what it was too slow for.
            drop((peer, feed));
            (peer, feed) = start(rate)?;
            steps.push(self.step(&mut *peer, &mut feed, rate)?);
        }
        Ok(steps)
    }

    /// Raises the rate until it is too much.
    fn climb(&self, program: &mut dyn Program, feed: &mut Feed) -> Result<Vec<Step>> {
        let mut steps = Vec::new();
        for rate in RATES.into_iter().filter(|rate| (FIRST_RATE..=self.most).contains(rate)) {
            let mut step = self.step(program, feed, rate)?;
            if !step.holds && !step.is_stuck() {
                // The machine may have had something else to do.
                step = self.step(program, feed, rate)?;
            }
            let holds = step.holds;
            steps.push(step);
            if !holds {
                break;
            }
        }
        Ok(steps)
    }

    fn step(&self, program: &mut dyn Program, feed: &mut Feed, rate: u32) -> Result<Step> {
        feed.set_rate(rate.into())?;
        let measured = measure(program, feed, SETTLE_S, self.seconds)?;
        let sent = feed.set_rate(0.0)?;
        let (frames_per_s, behind) = match measured {
            Some(Measured { frames_per_s, behind, .. }) => (frames_per_s, behind),
            // Stuck, which is the same as being very far behind.
            None => (0.0, REPORT_MAX),
        };
        let holds = frames_per_s >= self.frames && behind <= BEHIND_MAX;
        let step = Step { rate, frames_per_s, behind, holds };
        println!(
            "{:>10} messages/s   {:4.0} frames/s   {:6.2} s behind",
            count(rate.into()),
            step.frames_per_s,
            step.behind.as_secs_f64()
        );
        let caught_up = catch_up(program, sent, feed.since_ms() + CATCH_UP_MAX_MS)?;
        if caught_up {
            program.check(sent)?;
        } else {
            ensure!(!step.holds, "{sent} messages were sent, and not all of them handled.");
        }
        Ok(step)
    }
}

/// Waits until a program draws a slow feed.
fn begin(program: &mut dyn Program, feed: &mut Feed) -> Result<()> {
    const RATE: f64 = 100.0;
    feed.set_rate(RATE)?;
    let deadline = feed.since_ms() + START_MAX.as_secs_f64() * 1e3;
    loop {
        let progress = program
            .report(START_MAX)?
            .context("it does not start; `cargo xtask bench` installs what it needs")?;
        if progress.handled > 0 && progress.frames > 0 {
            return Ok(());
        }
        ensure!(progress.at_ms < deadline, "it draws nothing: {progress:?}");
    }
}

struct Measured {
    from_ms: f64,
    frames_per_s: f64,
    behind: Duration,
    drawn: Vec<(f64, f64)>,
}

/// Reads reports for a while, from the moment that the feed's rate was set. None if the program is
/// stuck.
fn measure(
    program: &mut dyn Program,
    feed: &Feed,
    settle_s: f64,
    seconds: f64,
) -> Result<Option<Measured>> {
    let first = loop {
        let Some(progress) = program.report(REPORT_MAX)? else { return Ok(None) };
        if progress.at_ms >= feed.since_ms() + settle_s * 1e3 {
            break progress;
        }
    };
    let mut drawn = Vec::new();
    let last = loop {
        let Some(progress) = program.report(REPORT_MAX)? else { return Ok(None) };
        drawn.extend(&progress.drawn);
        if progress.at_ms >= first.at_ms + seconds * 1e3 {
            break progress;
        }
    };
    Ok(Some(Measured {
        from_ms: first.at_ms,
        frames_per_s: (last.frames - first.frames) as f64 / (last.at_ms - first.at_ms) * 1e3,
        behind: feed.behind(last.handled, last.at_ms),
        drawn,
    }))
}

/// Reads reports until everything is handled; false if that takes too long.
fn catch_up(program: &mut dyn Program, sent: u64, deadline_ms: f64) -> Result<bool> {
    loop {
        let Some(progress) = program.report(REPORT_MAX)? else { return Ok(false) };
        ensure!(progress.handled <= sent, "{sent} messages were sent, but {progress:?}");
        if progress.handled == sent {
            return Ok(true);
        }
        if progress.at_ms > deadline_ms {
            return Ok(false);
        }
    }
}
