//! A long history in the app's data folder, as if it had run for hours: written by the crates that
//! the app itself runs, under the names that the app gave.

use crate::history::{Chance, Kept, file_bytes};
use crate::on_board::{Board, CHANNEL, FEED, FIELDS, OnBoard, values};
use crate::report;
use anyhow::{Result, ensure};
use feedscope_history::{Budget, Sample, SeriesId};
use std::fmt;
use std::path::Path;
use std::thread;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// Those with a history.
pub const SERIES: [&str; 2] = [FIELDS[0], FIELDS[1]];
/// Messages a second; they come up to a tenth of a step later than that.
pub const RATE: u64 = 2_000;
const STEP_NS: u64 = 1_000_000_000 / RATE;
/// The app must have had the time to find all fields.
const NAMING: Duration = Duration::from_secs(2);
const AT_ONCE: usize = 1 << 16;
const BUDGET: Budget = Budget { memory_bytes: 512 << 20, disk_bytes: Some(1 << 40) };
/// The app's file, in its data folder.
const FILE: &str = "history";

pub struct Made {
    pub samples: u64,
    pub lasts: Duration,
    file_bytes: u64,
}

/// How long it takes until so many samples have come.
pub fn lasts(samples: u64) -> Duration {
    Duration::from_nanos(samples / SERIES.len() as u64 * STEP_NS)
}

impl Made {
    /// Makes `samples` that end now. The app is started for a moment first, so that it gives the
    /// series their names: `board` must be on a feed that sends.
    pub fn in_data_folder(data: &Path, board: &Board<'_>, samples: u64) -> Result<Made> {
        let mut app = OnBoard::start(data, board)?;
        app.first_samples_ms()?;
        thread::sleep(NAMING);
        app.close()?;

        let file = data.join(FILE);
        ensure!(file.is_file(), "the app has kept no history in its data folder");
        let (mut kept, _) = Kept::open(&file, BUDGET)?;
        let ids = SERIES.map(|field| series_of(&kept, field));
        let [first, second] = ids;
        let ids = [first?, second?];
        ids.iter().for_each(|id| kept.history.clear_series(*id));
        fill(&mut kept, ids, samples)?;
        for id in ids {
            let there = kept.history.sample_count(id);
            ensure!(there == samples / 2, "{there} samples are kept of {}.", samples / 2);
        }
        kept.close()?;
        Ok(Made { samples, lasts: lasts(samples), file_bytes: file_bytes(&file)? })
    }
}

fn fill(kept: &mut Kept, ids: [SeriesId; 2], samples: u64) -> Result<()> {
    let messages = samples / ids.len() as u64;
    let now_ns = SystemTime::now().duration_since(UNIX_EPOCH)?.as_nanos() as u64;
    let start_ns = now_ns - messages * STEP_NS;
    let mut chance = Chance(5);
    let mut some = ids.map(|_| Vec::with_capacity(AT_ONCE));
    for number in 0..messages {
        let late_ns = chance.below(STEP_NS / 10);
        let time_ns = (start_ns + number * STEP_NS + late_ns) as i64;
        for (some, value) in some.iter_mut().zip(values(number)) {
            some.push(Sample { time_ns, arrival_ns: time_ns, value });
        }
        if some[0].len() == AT_ONCE || number + 1 == messages {
            for (id, some) in ids.iter().zip(&mut some) {
                kept.push(*id, some)?;
                some.clear();
            }
        }
    }
    Ok(())
}

/// The one series that the app has for a field.
fn series_of(kept: &Kept, field: &str) -> Result<SeriesId> {
    let names = || kept.history.series().map(|(name, _)| name);
    let is_it = |name: &str| {
        [FEED, CHANNEL, field].iter().all(|part| name.contains(&format!("\"{part}\"")))
    };
    let found = Vec::from_iter(kept.history.series().filter(|(name, _)| is_it(name)));
    match found[..] {
        [(_, id)] => Ok(id),
        _ => anyhow::bail!("{field} should be one of these: {:?}", Vec::from_iter(names())),
    }
}

impl fmt::Display for Made {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} samples of {} series over {:.1} hours, {:.0} MB on disk",
            report::count(self.samples as f64),
            SERIES.len(),
            self.lasts.as_secs_f64() / 3_600.0,
            self.file_bytes as f64 / 1e6
        )
    }
}
