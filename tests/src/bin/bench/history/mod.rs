//! The history by itself: how fast samples go in, how soon a view comes out while more arrive, what
//! a sample costs in memory and on disk, and what a long history costs when it is opened again.
//!
//! Beside it: plain arrays, and every view by going through all that is in it. Both must say the
//! same, to the last column.

mod captures;
mod data;
mod kept;
mod plain;

pub use data::Chance;
pub use kept::{Kept, file_bytes};

use crate::files;
use crate::report::{self, Report, Table};
use anyhow::{Result, ensure};
use data::{Maker, SHAPES, Shape};
use feedscope_history::{Axis, Budget, Column, Grid, History, Sample, SeriesId};
use kept::Opened;
use plain::{COLUMNS, Looks, Plain};
use std::hint::black_box;
use std::path::Path;
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// What is measured in memory.
const IN_MEMORY: [u64; 2] = [10_000_000, 100_000_000];
const ON_DISK: u64 = 100_000_000;
const BILLION: u64 = 1_000_000_000;
/// Of each shape, to see how small it gets.
const OF_A_SHAPE: u64 = 10_000_000;
/// Samples that arrive meanwhile, each second.
const RATE: f64 = 2_000.0;
const WHOLE_VIEWS: usize = 200;
const ANY_VIEWS: usize = 2_000;
const DISK_VIEWS: usize = 400;
const SPANS: usize = 500;
/// Compared with plain arrays: those take their time.
const WHOLE_COMPARED: usize = 3;
const ANY_COMPARED: usize = 40;
const OPENINGS: usize = 3;
/// No kind of view is measured for longer.
const LONG_MAX: Duration = Duration::from_secs(20);
/// What is pushed between two looks at the clock.
const AT_ONCE: usize = 1 << 16;
/// In memory, of what is on disk: a quarter of what the settings have at most.
const DISK_MEMORY_BYTES: usize = 256 << 20;
/// What the disk must have free for a billion samples.
const BILLION_FREE_BYTES: u64 = 6_000_000_000;
/// What nothing here comes near.
const NO_LIMIT_BYTES: usize = 1 << 40;
/// Two times and a value.
const PLAIN_BYTES: f64 = 24.0;
const VIEW_GOAL_MS: f64 = 2.0;
const DISK_VIEW_GOAL_MS: f64 = 16.0;

const IN_MEMORY_ONLY: Budget = Budget { memory_bytes: NO_LIMIT_BYTES, disk_bytes: None };
const ALL_ON_DISK: Budget =
    Budget { memory_bytes: DISK_MEMORY_BYTES, disk_bytes: Some(NO_LIMIT_BYTES as u64) };

#[derive(clap::Args, Default)]
pub struct HistoryBench {
    /// Measure a billion samples on disk, and nothing else; takes 6 GB of disk for a while
    #[arg(long)]
    billion: bool,
    /// A hundredth of all samples: to see that the measurement works
    #[arg(long)]
    small: bool,
}

impl HistoryBench {
    pub fn run(&self, save: bool) -> Result<()> {
        if self.billion {
            let mut report = Report::new("history --billion", "A billion samples", save);
            self.on_disk(&[self.sized(BILLION)], &mut report)?;
            return report.end();
        }
        let mut report = Report::new("history", "History", save);
        self.in_memory(&mut report)?;
        self.on_disk(&[0, self.sized(ON_DISK)], &mut report)?;
        self.sizes(&mut report)?;
        report.end()
    }

    fn sized(&self, samples: u64) -> u64 {
        if self.small { samples / 100 } else { samples }
    }

    fn in_memory(&self, report: &mut Report) -> Result<()> {
        report.say(&format!(
            "**In memory.** Samples of a jittered sensor, with both times, one series. Views have \
             {COLUMNS} columns: of the whole, and of any part at any zoom, while {RATE} samples a \
             second arrive. Plain arrays hold one time and the value; a view of them goes through \
             all that is in it. Every view that both were asked for was the same in both, column by \
             column. The goal is a p99 of at most {VIEW_GOAL_MS} ms."
        ));
        let mut pushes = Table::new([
            "",
            "ns a push",
            "ns, plain arrays",
            "bytes a sample",
            "resident bytes a sample",
            "of plain arrays (24 bytes)",
        ]);
        let mut views = Table::new(["ms", "p50", "p99", "max", "plain arrays, p50", "times ours"]);
        let mut percentiles = Vec::new();
        for samples in IN_MEMORY.map(|samples| self.sized(samples)) {
            let mut filled = Filled::with(samples)?;
            let name = format!("{} samples", report::count(samples as f64));
            let bytes = filled.history.bytes() as f64 / samples as f64;
            pushes.row([
                name.clone(),
                report::number(filled.push_ns, 1),
                report::number(filled.plain_push_ns, 1),
                report::number(bytes, 2),
                report::number(filled.resident_bytes / samples as f64, 2),
                report::ratio(bytes, PLAIN_BYTES),
            ]);
            for (what, times, plain) in filled.views()? {
                let plain = plain.map(|plain| plain.at(0.5));
                views.row([
                    format!("{name}, {what}"),
                    report::number(times.at(0.5), 3),
                    report::number(times.at(0.99), 3),
                    report::number(times.at(1.0), 3),
                    plain.map_or("–".into(), |plain| report::number(plain, 2)),
                    plain.map_or("–".into(), |plain| report::ratio(plain, times.at(0.5))),
                ]);
            }
            if percentiles.is_empty() {
                percentiles = filled.percentiles()?;
            }
        }
        report.table(&pushes);
        report.table(&views);
        report.say(&format!(
            "Percentiles of a span come from a sketch. Of all {} samples: {}.",
            report::count(self.sized(IN_MEMORY[0]) as f64),
            percentiles.join(", ")
        ));
        Ok(())
    }

    fn on_disk(&self, all: &[u64], report: &mut Report) -> Result<()> {
        let can_forget = files::can_forget();
        report.say(&format!(
            "**On disk.** The same, saved as it comes, with at most {} MB in memory; then opened \
             again, with the system's page cache {}. First touch: nothing of what a view needs has \
             been read. After: the same view again. The goal is at most {DISK_VIEW_GOAL_MS} ms after \
             the first touch.",
            DISK_MEMORY_BYTES >> 20,
            if can_forget { "dropped" } else { "as it is (to drop it takes root)" },
        ));
        let mut saving = Table::new([
            "",
            "samples/s, pushed and saved",
            "samples/s, saved",
            "MB/s, saved",
            "bytes a sample on disk",
            "bytes a sample in memory, opened",
        ]);
        let mut opening = Table::new(["ms to open", "cold", "warm", "of it the store"]);
        let mut views =
            Table::new(["ms", "first touch p50", "p99", "max", "after p50", "p99", "max"]);
        for samples in all {
            let found = on_disk(*samples)?;
            let name = format!("{} samples", report::count(*samples as f64));
            let per_sample = |bytes: f64| report::number(bytes / *samples as f64, 2);
            opening.row([
                name.clone(),
                if can_forget { millis(found.cold.in_all(), 1) } else { "–".into() },
                millis(found.warm.in_all(), 1),
                millis(found.warm.store, 1),
            ]);
            if *samples == 0 {
                continue;
            }
            let rate = |time: Duration| *samples as f64 / time.as_secs_f64();
            saving.row([
                name.clone(),
                report::count(rate(found.pushed_and_saved_in)),
                report::count(rate(found.saved_in)),
                report::count(found.file_bytes as f64 / 1e6 / found.saved_in.as_secs_f64()),
                per_sample(found.file_bytes as f64),
                per_sample(found.opened_bytes as f64),
            ]);
            for (what, first, after) in &found.views {
                let mut row = vec![format!("{name}, {what}")];
                for times in [first, after] {
                    row.extend([0.5, 0.99, 1.0].map(|share| report::number(times.at(share), 2)));
                }
                views.row(row);
            }
        }
        report.table(&saving);
        report.table(&views);
        report.table(&opening);
        Ok(())
    }

    fn sizes(&self, report: &mut Report) -> Result<()> {
        report.say(&format!(
            "**Bytes a sample**, all in, both times and the value: {} samples of each shape as one \
             series, and what real servers sent (where those captures are; each over and over, \
             later each time, until there are as many), as the series that the app makes of it.",
            report::count(self.sized(OF_A_SHAPE) as f64)
        ));
        let mut table = Table::new([
            "",
            "series",
            "in memory",
            "of plain arrays (24 bytes)",
            "on disk",
            "of plain arrays (24 bytes)",
        ]);
        let wanted = self.sized(OF_A_SHAPE);
        let mut row = |name: &str, source: Source<'_>| -> Result<()> {
            let found = size(wanted, source)?;
            table.row([
                name.into(),
                report::count(found.series as f64),
                report::number(found.memory, 2),
                report::ratio(found.memory, PLAIN_BYTES),
                report::number(found.disk, 2),
                report::ratio(found.disk, PLAIN_BYTES),
            ]);
            Ok(())
        };
        for (shape, name) in SHAPES {
            let mut maker = Maker::new(shape);
            row(name, &mut |out| out.extend((0..AT_ONCE).map(|_| (0, maker.next()))))?;
        }
        let captures = captures::all()?;
        for capture in &captures {
            let mut again = capture.over_and_over();
            row(&capture.name, &mut |out| again.next(out))?;
        }
        report.table(&table);
        if captures.is_empty() {
            report.say("There are no captures here.");
        }
        Ok(())
    }
}

/// How long something took, each time; in milliseconds, sorted.
struct Times(Vec<f64>);

impl Times {
    fn new(mut all: Vec<f64>) -> Times {
        all.sort_by(f64::total_cmp);
        Times(all)
    }

    fn at(&self, share: f64) -> f64 {
        report::quantile(&self.0, share)
    }
}

fn millis(time: Duration, digits: usize) -> String {
    report::number(time.as_secs_f64() * 1_000.0, digits)
}

fn took_ms(what: impl FnOnce()) -> f64 {
    let start = Instant::now();
    what();
    start.elapsed().as_secs_f64() * 1_000.0
}

/// A history in memory, and the same as plain arrays.
struct Filled {
    history: History<()>,
    series: SeriesId,
    plain: Plain,
    arriving: Arriving,
    push_ns: f64,
    plain_push_ns: f64,
    /// What the process holds more than before, plain arrays aside.
    resident_bytes: f64,
}

impl Filled {
    fn with(samples: u64) -> Result<Filled> {
        let mut maker = Maker::new(Shape::Jittered);
        let mut history = History::new(IN_MEMORY_ONLY);
        let series = history.add_series("bench");
        let mut plain = Plain::with_room(samples);
        let mut some = vec![maker.next(); AT_ONCE];
        maker = Maker::new(Shape::Jittered);
        let resident_before = files::resident_bytes()?;
        let (mut push, mut plain_push) = (Duration::ZERO, Duration::ZERO);
        let mut left = samples;
        while left > 0 {
            let count = left.min(AT_ONCE as u64) as usize;
            let some = &mut some[..count];
            maker.refill(some);
            let start = Instant::now();
            for sample in &*some {
                plain.push(*sample);
            }
            plain_push += start.elapsed();
            let start = Instant::now();
            for sample in &*some {
                history.push(series, *sample);
            }
            push += start.elapsed();
            left -= count as u64;
        }
        let resident = files::resident_bytes()?.saturating_sub(resident_before) as f64;
        let each_ns = |time: Duration| time.as_nanos() as f64 / samples as f64;
        Ok(Filled {
            history,
            series,
            resident_bytes: resident - plain.bytes() as f64,
            plain,
            arriving: Arriving::new(maker),
            push_ns: each_ns(push),
            plain_push_ns: each_ns(plain_push),
        })
    }

    /// What was asked for, how long our answers took, and those of plain arrays.
    fn views(&mut self) -> Result<Vec<(&'static str, Times, Option<Times>)>> {
        let (start_ns, end_ns) = (self.plain.start_ns(), self.plain.end_ns());
        let looks = || Looks::new(start_ns, end_ns);
        let (mut any, mut by_arrival, mut spans) = (looks(), looks(), looks());
        let whole = any.whole(Axis::Source);
        let whole_took = self.timed(WHOLE_VIEWS, || whole)?;
        let any_took = self.timed(ANY_VIEWS, || any.any(Axis::Source))?;
        let by_arrival_took = self.timed(ANY_VIEWS / 2, || by_arrival.any(Axis::Arrival))?;
        let statistics_took = self.statistics(&mut spans)?;

        let mut any = looks();
        let whole_plain = self.compared(WHOLE_COMPARED, || whole)?;
        let any_plain = self.compared(ANY_COMPARED, || any.any(Axis::Source))?;
        self.is_all_there()?;
        Ok(vec![
            ("the whole", whole_took, Some(whole_plain)),
            ("any part", any_took, Some(any_plain)),
            ("any part, by arrival", by_arrival_took, None),
            ("statistics of any part", statistics_took, None),
        ])
    }

    fn timed(&mut self, count: usize, mut next: impl FnMut() -> Grid) -> Result<Times> {
        let mut out = Vec::new();
        let mut all = Vec::with_capacity(count);
        let since = Instant::now();
        while all.len() < count && since.elapsed() < LONG_MAX {
            let (history, plain) = (&mut self.history, &mut self.plain);
            self.arriving.due(|sample| {
                history.push(self.series, sample);
                plain.push(sample);
            });
            let grid = next();
            out.clear();
            let start = Instant::now();
            self.history.columns(self.series, &[], &grid, &mut out)?;
            all.push(start.elapsed().as_secs_f64() * 1_000.0);
            black_box(&out);
        }
        Ok(Times::new(all))
    }

    fn statistics(&mut self, looks: &mut Looks) -> Result<Times> {
        let mut all = Vec::with_capacity(SPANS);
        let since = Instant::now();
        while all.len() < SPANS && since.elapsed() < LONG_MAX {
            let grid = looks.any(Axis::Source);
            let (from, to) = (grid.start_ns(), grid.end_ns() - 1);
            let start = Instant::now();
            let found = self.history.statistics(self.series, Axis::Source, from, to)?;
            all.push(start.elapsed().as_secs_f64() * 1_000.0);
            if all.len() <= ANY_COMPARED {
                let exact = self.plain.sums(from, to);
                ensure!(
                    found.count == exact.count
                        && (exact.count == 0
                            || found.min == exact.min
                                && found.max == exact.max
                                && (found.mean - exact.mean).abs()
                                    < 1e-6 * exact.max.abs().max(1.0)),
                    "The statistics of a span are {found:?}, and should be {exact:?}."
                );
            }
        }
        Ok(Times::new(all))
    }

    /// Of all of it, beside the exact ones.
    fn percentiles(&self) -> Result<Vec<String>> {
        let found = self.history.statistics(self.series, Axis::Source, i64::MIN, i64::MAX)?;
        let each = [0.5, 0.95, 0.99].map(|share| {
            let (ours, exact) =
                (found.quantile(share).unwrap_or(f64::NAN), self.plain.quantile(share));
            format!("p{} {ours:.3} (exact: {exact:.3})", share * 100.0)
        });
        Ok(each.into())
    }

    /// Asks both, and looks whether they say the same.
    fn compared(&mut self, count: usize, mut next: impl FnMut() -> Grid) -> Result<Times> {
        let mut all = Vec::with_capacity(count);
        let (mut ours, mut exact) = (Vec::new(), Vec::new());
        for _ in 0..count {
            let grid = next();
            exact.clear();
            all.push(took_ms(|| self.plain.columns(&grid, &mut exact)));
            ours.clear();
            self.history.columns(self.series, &[], &grid, &mut ours)?;
            ensure_same(&grid, &ours, &exact)?;
        }
        Ok(Times::new(all))
    }

    fn is_all_there(&self) -> Result<()> {
        let kept = self.history.sample_count(self.series);
        let pushed = self.plain.count();
        ensure!(kept == pushed, "{kept} samples are kept of {pushed}.");
        Ok(())
    }
}

fn ensure_same(grid: &Grid, ours: &[Column], exact: &[Column]) -> Result<()> {
    if ours == exact {
        return Ok(());
    }
    let differ = ours.iter().zip(exact).find(|(ours, exact)| ours != exact);
    anyhow::bail!(
        "{grid:?} has {} columns, and should have {}; the first that differ are {differ:?}",
        ours.len(),
        exact.len()
    )
}

/// Samples that come while something else is measured.
struct Arriving {
    maker: Maker,
    since: Instant,
    count: u64,
}

impl Arriving {
    fn new(maker: Maker) -> Arriving {
        Arriving { maker, since: Instant::now(), count: 0 }
    }

    /// Those that have come since it was last asked.
    fn due(&mut self, mut take: impl FnMut(Sample)) {
        let due = (self.since.elapsed().as_secs_f64() * RATE) as u64;
        for _ in self.count..due {
            take(self.maker.next());
        }
        self.count = due;
    }
}

/// What is found of a history on disk.
struct OnDisk {
    pushed_and_saved_in: Duration,
    saved_in: Duration,
    file_bytes: u64,
    /// In memory, once it is opened and nothing was asked of it.
    opened_bytes: usize,
    cold: Opened,
    warm: Opened,
    /// What was asked for, how long that took the first time, and the second.
    views: Vec<(&'static str, Times, Times)>,
}

fn on_disk(samples: u64) -> Result<OnDisk> {
    let folder = TempDir::new()?;
    if samples >= BILLION {
        files::ensure_free(folder.path(), BILLION_FREE_BYTES)?;
    }
    let file = folder.path().join("history");
    let (mut kept, _) = Kept::open(&file, ALL_ON_DISK)?;
    let series = kept.history.add_series("bench");
    let mut maker = Maker::new(Shape::Jittered);
    let mut some = vec![maker.next(); AT_ONCE];
    maker = Maker::new(Shape::Jittered);
    let mut pushed_and_saved_in = Duration::ZERO;
    let mut left = samples;
    while left > 0 {
        let count = left.min(AT_ONCE as u64) as usize;
        maker.refill(&mut some[..count]);
        let start = Instant::now();
        kept.push(series, &some[..count])?;
        pushed_and_saved_in += start.elapsed();
        left -= count as u64;
    }
    let start = Instant::now();
    kept.save()?;
    pushed_and_saved_in += start.elapsed();
    let saved_in = kept.written_in;
    let start_ns = kept.history.earliest_ns(series).unwrap_or_default();
    let end_ns = kept.history.latest(series).map_or(0, |sample| sample.time_ns);
    drop(kept);

    let mut warm = Vec::new();
    for _ in 0..OPENINGS {
        warm.push(Kept::open(&file, ALL_ON_DISK)?.1);
    }
    warm.sort_by_key(Opened::in_all);
    files::forget_if_can()?;
    let (kept, cold) = Kept::open(&file, ALL_ON_DISK)?;
    let opened_bytes = kept.history.bytes();
    let found = OnDisk {
        pushed_and_saved_in,
        saved_in,
        file_bytes: file_bytes(&file)?,
        opened_bytes,
        cold,
        warm: warm[warm.len() / 2],
        views: Vec::new(),
    };
    if samples == 0 {
        return Ok(found);
    }
    drop(kept);
    let views = disk_views(&file, &mut Looks::new(start_ns, end_ns), samples, maker)?;
    Ok(OnDisk { views, ..found })
}

fn disk_views(
    file: &Path,
    looks: &mut Looks,
    samples: u64,
    maker: Maker,
) -> Result<Vec<(&'static str, Times, Times)>> {
    let mut found = Vec::new();
    files::forget_if_can()?;
    let (mut kept, _) = Kept::open(file, ALL_ON_DISK)?;
    let series = kept.history.add_series("bench");
    let mut arriving = Arriving::new(maker);
    let whole = looks.whole(Axis::Source);
    for (what, count) in [("the whole", 1), ("any part", DISK_VIEWS)] {
        let (mut first, mut after) = (Vec::new(), Vec::new());
        let since = Instant::now();
        while first.len() < count && since.elapsed() < 2 * LONG_MAX {
            let grid = if count == 1 { whole } else { looks.any(Axis::Source) };
            let mut out = Vec::new();
            for times in [&mut first, &mut after] {
                arriving.due(|sample| kept.history.push(series, sample));
                let start = Instant::now();
                kept.columns(series, &grid, &mut out)?;
                times.push(start.elapsed().as_secs_f64() * 1_000.0);
            }
            if count == 1 {
                // Those that arrive meanwhile are beyond its end.
                let counted: u64 = out.iter().map(|column| column.count).sum();
                let arrived = kept.history.sample_count(series) - samples;
                ensure!(
                    (samples..=samples + arrived).contains(&counted),
                    "{counted} samples are in view of {samples} that were saved."
                );
            }
        }
        found.push((what, Times::new(first), Times::new(after)));
    }
    Ok(found)
}

/// What samples come to.
struct Size {
    series: usize,
    /// Bytes a sample.
    memory: f64,
    disk: f64,
}

/// Adds samples to what it is given, each with the number of its series.
type Source<'a> = &'a mut dyn FnMut(&mut Vec<(u32, Sample)>);

fn size(wanted: u64, source: Source<'_>) -> Result<Size> {
    let folder = TempDir::new()?;
    let file = folder.path().join("history");
    let budget = Budget { memory_bytes: NO_LIMIT_BYTES, ..ALL_ON_DISK };
    let (mut kept, _) = Kept::open(&file, budget)?;
    let mut ids = Vec::new();
    let mut some = Vec::new();
    let mut count = 0;
    while count < wanted {
        some.clear();
        source(&mut some);
        for (series, sample) in &some {
            while ids.len() <= *series as usize {
                ids.push(kept.history.add_series(&ids.len().to_string()));
            }
            kept.push(ids[*series as usize], std::slice::from_ref(sample))?;
        }
        count += some.len() as u64;
    }
    kept.save()?;
    let there: u64 = ids.iter().map(|id| kept.history.sample_count(*id)).sum();
    ensure!(there == count, "{there} samples are kept of {count}.");
    let memory = kept.history.bytes() as f64 / count as f64;
    drop(kept);
    Ok(Size { series: ids.len(), memory, disk: file_bytes(&file)? as f64 / count as f64 })
}
