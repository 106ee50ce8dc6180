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
            let name = name.split_once('(').map_or(name, |(_, name)| name);
            let taken = usage.0.entry(name.to_owned()).or_default();
            taken.ticks += field(USER_TICKS_AT) + field(SYSTEM_TICKS_AT);
            taken.bytes += field(RESIDENT_PAGES_AT) * PAGE_BYTES;
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
