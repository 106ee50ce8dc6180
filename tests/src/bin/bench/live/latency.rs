//! How long it takes from when a message is due until it is drawn.

use super::feed::{Feed, Second};
use super::program::{Ours, Program as _, Stage, Who};
use super::{BEHIND_MAX, Measured, begin, catch_up, measure};
use crate::report::{Report, Table, count, number, quantile, ratio};
use anyhow::{Context, Result, ensure};

const RATES: [u32; 2] = [1_000, 100_000];
/// Long enough for each of a thousand frames.
const SECONDS: f64 = 20.0;
/// Of a peer that falls behind, this is enough to see.
const SECONDS_BEHIND: f64 = 5.0;
const SETTLE_S: f64 = 3.0;
const CATCH_UP_MAX_MS: f64 = 20_000.0;
const GOAL_P95_MS: f64 = 33.0;

/// Those that can say when they have drawn what.
const PEERS: [Who; 3] = [Who::Chromium, Who::Webkit, Who::Pyqtgraph];

#[derive(clap::Args)]
pub struct LatencyBench {
    /// How long each rate is measured, in seconds
    #[arg(long, default_value_t = SECONDS)]
    seconds: f64,
}

impl Default for LatencyBench {
    fn default() -> Self {
        LatencyBench { seconds: SECONDS }
    }
}

/// In milliseconds, of every message.
struct Latency {
    rate: u32,
    p50: f64,
    p95: f64,
    p99: f64,
    frames_per_s: f64,
    behind: bool,
}

impl LatencyBench {
    pub fn run(&self, save: bool) -> Result<()> {
        let mut report = Report::new("latency", "From due to drawn", save);
        report.say(&format!(
            "From the moment at which a message is due at the server to the end of the first frame \
             that has it, by the clock of the machine, in ms; for every message of {} s. Pages know \
             the time to a millisecond. The chart is that of `live`. Of a program that falls behind, \
             the first {SECONDS_BEHIND} s are shown; it gets worse from there.",
            self.seconds
        ));
        let mut rows = Vec::new();
        let mut stage = None;
        for rate in RATES {
            let (latency, set) = self.ours(rate)?;
            stage.get_or_insert(set);
            rows.push((Who::Feedscope, latency));
        }
        for who in PEERS {
            for rate in RATES {
                let Some(stage) = &stage else { continue };
                match self.peer(who, rate, stage) {
                    Ok(latency) => rows.push((who, latency)),
                    Err(error) => report.say(&format!("{} failed: {error:#}", who.name())),
                }
            }
        }
        let heads = ["", "messages/s", "p50", "p95", "p99", "p95 of ours", "frames/s", ""];
        let mut table = Table::new(heads);
        let mut shortfalls = Vec::new();
        for rate in RATES {
            let ours = rows.iter().find(|(_, latency)| latency.rate == rate);
            let ours = ours.map_or(f64::NAN, |(_, latency)| latency.p95);
            for (who, latency) in rows.iter().filter(|(_, latency)| latency.rate == rate) {
                table.row([
                    who.name().to_owned(),
                    count(rate.into()),
                    number(latency.p50, 1),
                    number(latency.p95, 1),
                    number(latency.p99, 1),
                    ratio(latency.p95, ours),
                    number(latency.frames_per_s, 0),
                    if latency.behind { "falls behind".into() } else { String::new() },
                ]);
            }
            if ours.is_nan() || ours > GOAL_P95_MS {
                shortfalls.push(format!("At {rate} messages a second, our p95 is {ours:.1} ms."));
            }
        }
        report.table(&table);
        report.end()?;
        ensure!(shortfalls.is_empty(), "{GOAL_P95_MS} ms are the goal. {}", shortfalls.join(" "));
        Ok(())
    }

    fn ours(&self, rate: u32) -> Result<(Latency, Stage)> {
        let mut feed = Feed::start(Second::Due)?;
        let mut ours = Ours::start(feed.url())?;
        begin(&mut ours, &mut feed)?;
        ours.watch_frames()?;
        feed.set_rate(rate.into())?;
        let measured = measure(&mut ours, &feed, SETTLE_S, self.seconds)?;
        let measured = Measured { drawn: ours.drawn()?, ..measured.context("it is stuck")? };
        let latency = Latency::of(rate, &measured);
        ensure!(!latency.behind, "Feedscope falls behind at {rate} messages a second.");
        let sent = feed.set_rate(0.0)?;
        catch_up(&mut ours, sent, feed.since_ms() + CATCH_UP_MAX_MS)?;
        ours.check(sent)?;
        Ok((latency, ours.stage()?))
    }

    fn peer(&self, who: Who, rate: u32, stage: &Stage) -> Result<Latency> {
        let mut feed = Feed::start(Second::Due)?;
        let mut peer = who.start(feed.url(), rate, stage)?;
        begin(&mut *peer, &mut feed)?;
        feed.set_rate(rate.into())?;
        let soon = SECONDS_BEHIND.min(self.seconds);
        let Some(start) = measure(&mut *peer, &feed, SETTLE_S, soon)? else {
            return Ok(Latency::stuck(rate));
        };
        if start.behind > BEHIND_MAX {
            return Ok(Latency::of(rate, &start));
        }
        let measured = measure(&mut *peer, &feed, SETTLE_S, self.seconds)?;
        Ok(measured.map_or_else(|| Latency::stuck(rate), |measured| Latency::of(rate, &measured)))
    }
}

impl Latency {
    /// Nothing is drawn in time, and nothing said.
    fn stuck(rate: u32) -> Latency {
        let [p50, p95, p99] = [f64::NAN; 3];
        Latency { rate, p50, p95, p99, frames_per_s: 0.0, behind: true }
    }

    fn of(rate: u32, measured: &Measured) -> Latency {
        let mut all = latencies(&measured.drawn, rate, measured.from_ms);
        all.sort_by(f64::total_cmp);
        Latency {
            rate,
            p50: quantile(&all, 0.5),
            p95: quantile(&all, 0.95),
            p99: quantile(&all, 0.99),
            frames_per_s: measured.frames_per_s,
            behind: measured.behind > BEHIND_MAX,
        }
    }
}

/// Of every message, from when each frame was drawn and the newest message in it was due: those
/// between two of these were due at equal distances, and were drawn by the later frame.
fn latencies(drawn: &[(f64, f64)], rate: u32, from_ms: f64) -> Vec<f64> {
    let apart_ms = 1e3 / f64::from(rate);
    let mut all = Vec::new();
    for pair in drawn.windows(2) {
        let [(_, before_ms), (at_ms, due_ms)] = pair else { continue };
        if *at_ms < from_ms {
            continue;
        }
        let count = ((due_ms - before_ms) / apart_ms).round().max(0.0) as u32;
        all.extend((0..count).map(|back| at_ms - due_ms + f64::from(back) * apart_ms));
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_message_is_as_late_as_the_first_frame_that_has_it() {
        // Every 2 ms a message, every 4 ms a frame, and the newest in each is 1 ms old.
        let drawn = [(101.0, 100.0), (105.0, 104.0), (105.5, 104.0), (109.0, 108.0)];
        assert_eq!(latencies(&drawn, 500, 0.0), [1.0, 3.0, 1.0, 3.0]);
        assert_eq!(latencies(&drawn, 500, 106.0), [1.0, 3.0]);
    }
}
