//! What an app and its helpers take of the computer.

use anyhow::{Context, Result};
use std::collections::BTreeMap;
use std::time::Duration;

/// In what unit Linux counts processor time, whatever its timer does.
const TICKS_PER_S: f64 = 100.0;
const PAGE_BYTES: u64 = 4_096;
/// Where in /proc/PID/stat, counted after the name.
const PARENT_AT: usize = 1;
const USER_TICKS_AT: usize = 11;
const SYSTEM_TICKS_AT: usize = 12;
const RESIDENT_PAGES_AT: usize = 21;

/// As of one moment, by the names of the programs.
pub struct Usage(BTreeMap<String, Taken>);

#[derive(Default)]
struct Taken {
    ticks: u64,
    bytes: u64,
}

impl Usage {
    /// Of a process and those that it has started.
    pub fn of(id: u32) -> Result<Usage> {
        let mut usage = Usage(BTreeMap::new());
        for (_, stat) in family(id)? {
            let taken = usage.0.entry(stat.name).or_default();
            taken.ticks += stat.ticks;
            taken.bytes += stat.resident_bytes;
        }
        Ok(usage)
    }

    /// The memory of all of them.
    pub fn bytes(&self) -> u64 {
        self.0.values().map(|taken| taken.bytes).sum()
    }

    /// For each program: the share of a core since `before`, and the memory now.
    pub fn since(&self, before: &Usage, elapsed: Duration) -> Vec<(String, f64, u64)> {
        let share = |name: &str, ticks: u64| {
            let before = before.0.get(name).map_or(0, |taken| taken.ticks);
            ticks.saturating_sub(before) as f64 / TICKS_PER_S / elapsed.as_secs_f64()
        };
        self.0
            .iter()
            .map(|(name, taken)| (name.clone(), share(name, taken.ticks), taken.bytes))
            .collect()
    }
}

/// The memory of a program's processes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Memory {
    /// What it shares with others counts for each by its part of it: so that programs can be
    /// added up, and compared.
    pub proportional_bytes: u64,
    /// What it shares counts in full.
    pub resident_bytes: u64,
}

impl Memory {
    /// Of a process and those that it has started, by the names of the programs. To ask takes
    /// milliseconds, of which the kernel holds up the process that is asked about.
    pub fn of(id: u32) -> Result<BTreeMap<String, Memory>> {
        let mut programs: BTreeMap<String, Memory> = BTreeMap::new();
        for (found, stat) in family(id)? {
            // It may have ended by now.
            let Ok(rollup) = std::fs::read_to_string(format!("/proc/{found}/smaps_rollup")) else {
                continue;
            };
            let memory = programs.entry(stat.name).or_default();
            memory.proportional_bytes += kilobytes(&rollup, "Pss:").context("no Pss")? << 10;
            memory.resident_bytes += kilobytes(&rollup, "Rss:").context("no Rss")? << 10;
        }
        Ok(programs)
    }
}

/// The number of a line such as `Pss:    2280 kB`.
fn kilobytes(rollup: &str, name: &str) -> Option<u64> {
    let line = rollup.lines().find_map(|line| line.strip_prefix(name))?;
    line.trim().strip_suffix(" kB")?.parse().ok()
}

/// What /proc/PID/stat says.
pub(crate) struct Stat {
    pub name: String,
    ticks: u64,
    resident_bytes: u64,
}

/// A process and those that it has started.
pub(crate) fn family(id: u32) -> Result<Vec<(u32, Stat)>> {
    let mut family = Vec::new();
    for entry in std::fs::read_dir("/proc")?.flatten() {
        let Some(found) = entry.file_name().to_str().and_then(|name| name.parse::<u32>().ok())
        else {
            continue;
        };
        // It may have ended by now.
        let Ok(stat) = std::fs::read_to_string(format!("/proc/{found}/stat")) else { continue };
        let (name, rest) = stat.rsplit_once(')').context("a stat without a name")?;
        let rest: Vec<u64> =
            rest.split_whitespace().map(|field| field.parse().unwrap_or(0)).collect();
        let field = |at: usize| rest.get(at).copied().unwrap_or(0);
        if found != id && field(PARENT_AT) != u64::from(id) {
            continue;
        }
        let name = name.split_once('(').map_or(name, |(_, name)| name).to_owned();
        let ticks = field(USER_TICKS_AT) + field(SYSTEM_TICKS_AT);
        let resident_bytes = field(RESIDENT_PAGES_AT) * PAGE_BYTES;
        family.push((found, Stat { name, ticks, resident_bytes }));
    }
    Ok(family)
}
