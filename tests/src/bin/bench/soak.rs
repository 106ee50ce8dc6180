//! The app for half an hour, or a night: whether its memory grows, and whether anything is lost.

use crate::on_board::{Board, FIELDS, OnBoard, bench_feed, message};
use crate::report::{self, Report, Table};
use anyhow::{Context, Result, ensure};
use feedscope_tests::{Memory, Server};
use std::collections::BTreeMap;
use std::fs;
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// One message for each frame that a display shows.
const RATE: f64 = 60.0;
const MEASURE_EVERY: Duration = Duration::from_secs(10);
/// Caches fill and allocators find their size: a sixth of the time, and no more than this.
const WARM_UP_MAX: Duration = Duration::from_secs(5 * 60);
const WARM_UP_SHARE: u32 = 6;
/// A machine may be busy for seconds; an update that was lost stops the window for good.
const STILL_MAX: u32 = 20;
const SLOPE_GOAL_MB_PER_H: f64 = 1.0;
/// What the history may have in memory, and how it gets there before all else: otherwise it would
/// go on filling it for hours, and that is no leak.
const MEMORY_MB: u64 = 16;
const FILL_RATE: f64 = 200_000.0;
const FILLED_MAX: Duration = Duration::from_secs(4 * 60);
const FULL_SHARE: f64 = 0.7;
const SPAN: Duration = Duration::from_secs(60);
const PANELS: [&[&str]; 2] = [&[FIELDS[0], FIELDS[1]], &[FIELDS[2], FIELDS[3]]];
const LASTS: &str = "30m";

#[derive(clap::Args)]
pub struct SoakBench {
    /// How long: 2m, 30m, 8h
    #[arg(long = "for", value_name = "TIME", value_parser = duration, default_value = LASTS)]
    lasts: Duration,
}

fn duration(text: &str) -> Result<Duration, String> {
    let (number, seconds) = match text.split_at_checked(text.len().saturating_sub(1)) {
        Some((number, "s")) => (number, 1.0),
        Some((number, "m")) => (number, 60.0),
        Some((number, "h")) => (number, 3_600.0),
        _ => return Err("write a time such as 2m, 30m or 8h".into()),
    };
    let number: f64 = number.parse().map_err(|_| format!("“{number}” is not a number"))?;
    Duration::try_from_secs_f64(number * seconds).map_err(|error| error.to_string())
}

impl SoakBench {
    pub fn run(&self, save: bool) -> Result<()> {
        let mut report = Report::new("soak", "Soak", save);
        let server = Server::start(FILL_RATE, message)?;
        let data = TempDir::new()?;
        fs::write(
            data.path().join("settings.toml"),
            format!("memory_mb = {MEMORY_MB}\ntoured = true\n"),
        )?;
        let url = server.url();
        let board = Board { url: &url, span: SPAN, panels: &PANELS };
        let mut app = OnBoard::start(data.path(), &board)?;
        app.first_samples_ms()?;
        let filled = app.line(FILLED_MAX, |line| {
            let bytes = line["history"]["memory_bytes"].as_f64()?;
            (bytes > FULL_SHARE * (MEMORY_MB << 20) as f64).then_some(bytes)
        });
        let filled = filled.context("the history does not fill its memory")?;
        server.set_rate(RATE);
        app.skip_lines();

        let since = Instant::now();
        let mut drawn = Drawn::default();
        let mut curves: BTreeMap<String, Vec<(f64, Memory)>> = BTreeMap::new();
        let mut due = Duration::ZERO;
        while since.elapsed() < self.lasts {
            let line = app.next_line()?;
            drawn.note(&line)?;
            if since.elapsed() < due {
                continue;
            }
            due += MEASURE_EVERY;
            let at_h = since.elapsed().as_secs_f64() / 3_600.0;
            let memory = Memory::of(app.id())?;
            let said = memory.iter().map(|(program, memory)| {
                format!("{program} {:.1} MB", memory.proportional_bytes as f64 / 1e6)
            });
            println!("{:6.0} s   {}", at_h * 3_600.0, Vec::from_iter(said).join("   "));
            for (program, memory) in memory {
                curves.entry(program).or_default().push((at_h, memory));
            }
        }
        let ledger = app.end(&server)?;

        let warm_up = (self.lasts / WARM_UP_SHARE).min(WARM_UP_MAX);
        report.say(&format!(
            "{RATE} messages a second for {:.0} minutes, of which the first {:.1} are warm-up; the \
             memory of each process every {} s, and the slope of its regression line, with its \
             standard error. Before that, a flood fills what the history may have in memory (set \
             to {MEMORY_MB} MB, {:.1} MB taken): more goes to the disk. The goal is less than \
             {SLOPE_GOAL_MB_PER_H} MB an hour.",
            self.lasts.as_secs_f64() / 60.0,
            warm_up.as_secs_f64() / 60.0,
            MEASURE_EVERY.as_secs(),
            filled / 1e6,
        ));
        let mut table = Table::new([
            "",
            "PSS after warm-up, MB",
            "PSS at the end, MB",
            "PSS, MB/h",
            "RSS, MB/h",
            "the goal is",
        ]);
        for (program, curve) in &curves {
            let warm: Vec<_> =
                curve.iter().filter(|(at_h, _)| at_h * 3_600.0 >= warm_up.as_secs_f64()).collect();
            let points = |bytes: fn(&Memory) -> u64| {
                Vec::from_iter(
                    warm.iter().map(|(at_h, memory)| (*at_h, bytes(memory) as f64 / 1e6)),
                )
            };
            let proportional = points(|memory| memory.proportional_bytes);
            let slope = Slope::of(&proportional);
            let resident = Slope::of(&points(|memory| memory.resident_bytes));
            let ends = proportional.first().zip(proportional.last());
            let (first, last) = ends.context("the soak ended before it was warm")?;
            let met = if slope.per_hour < SLOPE_GOAL_MB_PER_H { "met" } else { "missed" };
            table.row([
                program.clone(),
                report::number(first.1, 1),
                report::number(last.1, 1),
                slope.to_string(),
                resident.to_string(),
                met.into(),
            ]);
        }
        report.table(&table);
        report.say(&format!(
            "{} updates were drawn, {:.1} a second, and none is missing between the first and the \
             last. {} messages were sent, received, and delivered in sequence.",
            report::count(drawn.count as f64),
            drawn.count as f64 / self.lasts.as_secs_f64(),
            report::count(ledger["delivered"].as_f64().unwrap_or(f64::NAN)),
        ));
        report.end()
    }
}

/// The updates that the window has drawn.
#[derive(Default)]
struct Drawn {
    count: u64,
    last: Option<u64>,
    /// For how many lines there was none.
    still: u32,
}

impl Drawn {
    /// Their numbers must have grown by as many as were drawn.
    fn note(&mut self, line: &serde_json::Value) -> Result<()> {
        let number = line["update_drawn"].as_u64().context("a line without update_drawn")?;
        let frames = line["frames_per_second"].as_u64().context("a line without frames")?;
        if let Some(last) = self.last {
            ensure!(
                number == last + frames,
                "{frames} updates were drawn since number {last}, and the last was {number}."
            );
            self.count += frames;
            self.still = if frames == 0 { self.still + 1 } else { 0 };
            ensure!(self.still < STILL_MAX, "nothing was drawn for {STILL_MAX} s after {number}");
        }
        self.last = Some(number);
        let missing = bench_feed(line).and_then(|feed| feed["missing"].as_u64());
        ensure!(missing == Some(0), "messages are missing: {line}");
        Ok(())
    }
}

/// Of a line through points, by least squares.
struct Slope {
    per_hour: f64,
    standard_error: f64,
}

impl Slope {
    fn of(points: &[(f64, f64)]) -> Slope {
        let count = points.len() as f64;
        let mean = |of: fn(&(f64, f64)) -> f64| points.iter().map(of).sum::<f64>() / count;
        let (mean_x, mean_y) = (mean(|point| point.0), mean(|point| point.1));
        let spread: f64 = points.iter().map(|(x, _)| (x - mean_x).powi(2)).sum();
        let together: f64 = points.iter().map(|(x, y)| (x - mean_x) * (y - mean_y)).sum();
        let per_hour = together / spread;
        let rest = |(x, y): &(f64, f64)| (y - mean_y - per_hour * (x - mean_x)).powi(2);
        let variance = points.iter().map(rest).sum::<f64>() / (count - 2.0);
        Slope { per_hour, standard_error: (variance / spread).sqrt() }
    }
}

impl std::fmt::Display for Slope {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "{} ± {}",
            report::number(self.per_hour, 2),
            report::number(self.standard_error, 2)
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slope_is_that_of_the_line_and_its_error_that_of_the_points() {
        let line = Slope::of(&[(0.0, 5.0), (1.0, 7.0), (2.0, 9.0)]);
        assert_eq!((line.per_hour, line.standard_error), (2.0, 0.0));
        let noisy = Slope::of(&[(0.0, 0.0), (1.0, 1.0), (2.0, -1.0), (3.0, 0.0)]);
        assert!(noisy.per_hour.abs() < 2.0 * noisy.standard_error, "{noisy}");
    }

    #[test]
    fn times_are_written_as_people_write_them() {
        assert_eq!(duration("2m"), Ok(Duration::from_secs(120)));
        assert_eq!(duration("8h"), Ok(Duration::from_secs(8 * 3_600)));
        assert!(["", "m", "2", "-1m", "2 d"].iter().all(|text| duration(text).is_err()));
    }
}
