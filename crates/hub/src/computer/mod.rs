//! The built-in feed "This computer": how busy it is, ten times a second.
//!
//! | channel | fields |
//! |---|---|
//! | `cpu` | `total`, `core0`, `core1` …: percent, over the last [`CPU_WINDOW`] |
//! | `memory` | `used`, `available`, `total`, `swap_used`: bytes; `used_percent` |
//! | `load` | `one`, `five`, `fifteen`: load averages over minutes; not on Windows, which has none |
//! | `network` | `received`, `sent`: bytes a second, all interfaces but loopback |
//! | `disk` | `read`, `written`: bytes a second, all mounted disks; silent where none is mounted |
//!
//! Rates are differences over the time that really passed, not smoothed. A packet that passes
//! through several interfaces (a bridge, a tunnel) counts in each.
//!
//! Systems count CPU time in steps of 10 ms, so a tenth of a second would show every load as a
//! multiple of 10 %, and sysinfo refuses to look more often than every 200 ms. So each value is
//! over a window of 500 ms that moves on by 100 ms.

mod interfaces;

use self::interfaces::Interfaces;
use crate::hub::{Config, Hub, PublishError, now_ms};
use serde::{Serialize, Serializer};
use std::borrow::Cow;
use std::collections::{HashMap, VecDeque};
use std::convert::Infallible;
use std::sync::Arc;
use std::time::{Duration, Instant};
use sysinfo::{DiskRefreshKind, Disks, MINIMUM_CPU_UPDATE_INTERVAL, System};
use tokio::task::{JoinError, spawn_blocking};
use tokio::time::{MissedTickBehavior, interval};

pub const NAME: &str = "This computer";

#[cfg(not(windows))]
pub const CHANNELS: &[&str] = &["cpu", "memory", "load", "network", "disk"];
#[cfg(windows)]
pub const CHANNELS: &[&str] = &["cpu", "memory", "network", "disk"];

/// Fast enough to see a program start, and slow enough to cost nothing.
pub const INTERVAL: Duration = Duration::from_millis(100);

const CPU_WINDOWS: u32 = 5;

/// What a CPU value is the mean of: steps of 2 % at most, and still quick to follow.
pub const CPU_WINDOW: Duration = Duration::from_millis(100 * CPU_WINDOWS as u64);

/// Looking for new disks costs more than reading those that are known.
const DISKS_LISTED_EVERY: Duration = Duration::from_secs(5);

/// How many processor cores it tells of.
pub fn cores() -> usize {
    System::new().map_or(0, |mut system| {
        system.refresh_cpu_usage();
        system.cpus().len()
    })
}

/// Of a hub that serves this feed.
pub fn config() -> Config {
    Config::new(NAME, CHANNELS)
}

/// Publishes on a hub made with [`config`], until dropped or until it fails.
pub async fn run(hub: Arc<Hub>) -> Result<Infallible, Error> {
    // Each at its own pace: a disk that hangs must not stop the rest.
    let (ended, _, _) = tokio::try_join!(
        publish(&hub, Processor::new),
        publish(&hub, Network::new),
        publish(&hub, Disk::new),
    )?;
    Ok(ended)
}

/// Why the feed ended.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("this computer does not say how it is doing: {0}")]
    System(#[source] sysinfo::Error),
    #[error("the hub does not take the feed of this computer: {0}")]
    Publish(#[from] PublishError),
    /// The runtime is shutting down, or a measurement panicked.
    #[error("measuring this computer ended: {0}")]
    Join(#[from] JoinError),
}

/// Measures a part of the computer. May block.
trait Meter: Send + Sized + 'static {
    fn read(&mut self) -> Vec<(&'static str, Fields)>;
}

type NewMeter<M> = fn() -> Result<M, sysinfo::Error>;

async fn publish<M: Meter>(hub: &Hub, new: NewMeter<M>) -> Result<Infallible, Error> {
    let mut meter = spawn_blocking(new).await?.map_err(Error::System)?;
    let mut ticks = interval(INTERVAL);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Skip);
    loop {
        ticks.tick().await;
        let time_ms;
        let readings;
        (meter, time_ms, readings) = spawn_blocking(move || {
            let readings = meter.read();
            (meter, now_ms(), readings)
        })
        .await?;
        for (channel, fields) in readings {
            hub.publish(channel, time_ms, &fields)?;
        }
    }
}

/// Written as an object, in this order: a map would put `core10` before `core2`.
#[derive(Debug)]
struct Fields(Vec<(Cow<'static, str>, f64)>);

impl Fields {
    fn new<const N: usize>(fields: [(&'static str, f64); N]) -> Self {
        Fields(fields.map(|(name, value)| (name.into(), value)).into())
    }
}

impl Serialize for Fields {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(name, value)| (name, value)))
    }
}

struct Processor {
    /// sysinfo measures from one look to the next. Each of these looked at another tick, so the
    /// first is always the one whose window is full.
    windows: VecDeque<(Instant, System)>,
    memory: System,
}

impl Processor {
    fn new() -> Result<Self, sysinfo::Error> {
        let window = |_| {
            let mut system = System::new()?;
            system.refresh_cpu_usage();
            Ok((Instant::now(), system))
        };
        let windows = (0..CPU_WINDOWS).map(window).collect::<Result<_, sysinfo::Error>>()?;
        Ok(Processor { windows, memory: System::new()? })
    }

    fn cpu(&mut self) -> Option<Fields> {
        let now = Instant::now();
        let (looked, _) = self.windows.front()?;
        if now.duration_since(*looked) < MINIMUM_CPU_UPDATE_INTERVAL {
            return None;
        }
        let (_, mut system) = self.windows.pop_front()?;
        system.refresh_cpu_usage();
        let total = ("total".into(), system.global_cpu_usage().into());
        let cores = system.cpus().iter().enumerate();
        let cores = cores.map(|(at, cpu)| (format!("core{at}").into(), cpu.usage().into()));
        let fields = Fields(std::iter::once(total).chain(cores).collect());
        self.windows.push_back((now, system));
        Some(fields)
    }

    fn memory(&mut self) -> Fields {
        self.memory.refresh_memory();
        let used = self.memory.used_memory() as f64;
        let total = self.memory.total_memory() as f64;
        Fields::new([
            ("used", used),
            ("available", self.memory.available_memory() as f64),
            ("total", total),
            ("used_percent", if total > 0.0 { 100.0 * used / total } else { 0.0 }),
            ("swap_used", self.memory.used_swap() as f64),
        ])
    }

    #[cfg(not(windows))]
    fn load() -> Option<Fields> {
        let load = System::load_average().ok()?;
        Some(Fields::new([("one", load.one), ("five", load.five), ("fifteen", load.fifteen)]))
    }

    #[cfg(windows)]
    fn load() -> Option<Fields> {
        None
    }
}

impl Meter for Processor {
    fn read(&mut self) -> Vec<(&'static str, Fields)> {
        let memory = Some(self.memory());
        [("cpu", self.cpu()), ("memory", memory), ("load", Self::load())]
            .into_iter()
            .filter_map(|(channel, fields)| Some((channel, fields?)))
            .collect()
    }
}

struct Network {
    interfaces: Interfaces,
    flow: Flow,
}

impl Network {
    fn new() -> Result<Self, sysinfo::Error> {
        Ok(Network { interfaces: Interfaces::new()?, flow: Flow::new() })
    }
}

impl Meter for Network {
    fn read(&mut self) -> Vec<(&'static str, Fields)> {
        let interfaces = self.interfaces.read();
        // Where there is nothing but loopback, it is what there is to see.
        let only_loopback = interfaces.iter().all(|interface| interface.is_loopback);
        let shown =
            interfaces.into_iter().filter(|interface| only_loopback || !interface.is_loopback);
        let totals = shown.map(|interface| (interface.name, interface.totals)).collect();
        let Some([received, sent]) = self.flow.since_last(Instant::now(), totals) else {
            return Vec::new();
        };
        vec![("network", Fields::new([("received", received), ("sent", sent)]))]
    }
}

struct Disk {
    disks: Disks,
    listed: Instant,
    flow: Flow,
}

impl Disk {
    fn new() -> Result<Self, sysinfo::Error> {
        let disks = Disks::new_with_refreshed_list_specifics(Self::what())?;
        Ok(Disk { disks, listed: Instant::now(), flow: Flow::new() })
    }

    fn what() -> DiskRefreshKind {
        DiskRefreshKind::nothing().with_io_usage()
    }
}

impl Meter for Disk {
    fn read(&mut self) -> Vec<(&'static str, Fields)> {
        if self.listed.elapsed() >= DISKS_LISTED_EVERY {
            self.listed = Instant::now();
            self.disks.refresh_specifics(true, Self::what());
        } else {
            for disk in &mut self.disks {
                disk.refresh_specifics(Self::what());
            }
        }
        let totals = self.disks.iter().map(|disk| {
            let usage = disk.usage();
            let totals =
                Totals { taken_in: usage.total_read_bytes, given_out: usage.total_written_bytes };
            // By device, since one may be mounted in several places.
            (disk.name().to_string_lossy().into_owned(), totals)
        });
        // A file system that is mounted and was never read is one that the system does not count.
        let totals = totals.filter(|(_, totals)| totals.taken_in > 0).collect();
        let Some([read, written]) = self.flow.since_last(Instant::now(), totals) else {
            return Vec::new();
        };
        vec![("disk", Fields::new([("read", read), ("written", written)]))]
    }
}

/// Bytes that a device has carried so far, each way.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Totals {
    taken_in: u64,
    given_out: u64,
}

/// Makes rates of totals.
struct Flow {
    last: Option<(Instant, HashMap<String, Totals>)>,
}

impl Flow {
    fn new() -> Self {
        Flow { last: None }
    }

    /// Bytes a second, in and out, of all devices together. A device that is new adds nothing,
    /// since what it did before was not in this time; nor does one whose count began anew.
    fn since_last(&mut self, now: Instant, totals: HashMap<String, Totals>) -> Option<[f64; 2]> {
        let (then, before) = self.last.replace((now, totals))?;
        let (_, totals) = self.last.as_ref()?;
        let seconds = now.duration_since(then).as_secs_f64();
        if totals.is_empty() || seconds <= 0.0 {
            return None;
        }
        let (mut taken_in, mut given_out) = (0, 0);
        for (device, now) in totals {
            let before = before.get(device).unwrap_or(now);
            taken_in += now.taken_in.saturating_sub(before.taken_in);
            given_out += now.given_out.saturating_sub(before.given_out);
        }
        Some([taken_in as f64 / seconds, given_out as f64 / seconds])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn totals(devices: &[(&str, u64, u64)]) -> HashMap<String, Totals> {
        let device = |&(name, taken_in, given_out): &_| {
            (str::to_owned(name), Totals { taken_in, given_out })
        };
        devices.iter().map(device).collect()
    }

    #[test]
    fn a_rate_is_over_the_time_that_really_passed() {
        let now = Instant::now();
        let mut flow = Flow::new();
        assert_eq!(flow.since_last(now, totals(&[("a", 100, 0), ("b", 5, 5)])), None);
        let later = now + Duration::from_millis(250);
        let rates = flow.since_last(later, totals(&[("a", 200, 10), ("b", 5, 15)]));
        assert_eq!(rates, Some([400.0, 80.0]));
    }

    #[test]
    fn devices_that_come_go_or_begin_anew_add_no_leap() {
        let now = Instant::now();
        let second = Duration::from_secs(1);
        let mut flow = Flow::new();
        flow.since_last(now, totals(&[("goes", 100, 100), ("anew", 100, 100)]));
        let rates = flow.since_last(now + second, totals(&[("comes", 900, 900), ("anew", 7, 7)]));
        assert_eq!(rates, Some([0.0, 0.0]));
        assert_eq!(flow.since_last(now + second * 2, totals(&[])), None);
    }

    #[test]
    fn fields_are_written_in_their_order() {
        let fields = Fields(vec![("core2".into(), 1.0), ("core10".into(), 2.5)]);
        assert_eq!(serde_json::to_string(&fields).unwrap(), r#"{"core2":1.0,"core10":2.5}"#);
    }
}
