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

use crate::hub::{Config, Hub, PublishError, now_ms};
use serde::{Serialize, Serializer};
use std::borrow::Cow;
use std::collections::{HashMap, VecDeque};
use std::convert::Infallible;
use std::ffi::OsString;
use std::sync::Arc;
use std::time::{Duration, Instant};
use sysinfo::{DiskRefreshKind, Disks, MINIMUM_CPU_UPDATE_INTERVAL, Networks, System};
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
    networks: Networks,
    looked: Instant,
}

impl Network {
    fn new() -> Result<Self, sysinfo::Error> {
        Ok(Network { networks: Networks::new_with_refreshed_list()?, looked: Instant::now() })
    }
}

impl Meter for Network {
    fn read(&mut self) -> Vec<(&'static str, Fields)> {
        self.networks.refresh(true);
        let Some(seconds) = passed(&mut self.looked) else { return Vec::new() };
        let interfaces = self.networks.values();
        let (loopback, others): (Vec<_>, Vec<_>) = interfaces.partition(|interface| {
            interface.ip_networks().iter().any(|network| network.addr.is_loopback())
        });
        // Where there is nothing but loopback, it is what there is to see.
        let shown = if others.is_empty() { loopback } else { others };
        let received: u64 = shown.iter().map(|interface| interface.received()).sum();
        let sent: u64 = shown.iter().map(|interface| interface.transmitted()).sum();
        let per_second = |bytes| bytes as f64 / seconds;
        let fields = [("received", per_second(received)), ("sent", per_second(sent))];
        vec![("network", Fields::new(fields))]
    }
}

struct Disk {
    disks: Disks,
    looked: Instant,
    listed: Instant,
    /// By device, since one may be mounted in several places. A device that is new adds nothing:
    /// what it read before was not in this span.
    totals: HashMap<OsString, Totals>,
}

#[derive(Clone, Copy)]
struct Totals {
    read: u64,
    written: u64,
}

impl Disk {
    fn new() -> Result<Self, sysinfo::Error> {
        let disks = Disks::new_with_refreshed_list_specifics(Self::what())?;
        let totals = Self::totals(&disks);
        let now = Instant::now();
        Ok(Disk { disks, looked: now, listed: now, totals })
    }

    fn what() -> DiskRefreshKind {
        DiskRefreshKind::nothing().with_io_usage()
    }

    fn totals(disks: &Disks) -> HashMap<OsString, Totals> {
        let totals = disks.iter().map(|disk| {
            let usage = disk.usage();
            let totals =
                Totals { read: usage.total_read_bytes, written: usage.total_written_bytes };
            (disk.name().to_owned(), totals)
        });
        // A file system that is mounted and never read is one that the system does not count.
        totals.filter(|(_, totals)| totals.read > 0).collect()
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
        let Some(seconds) = passed(&mut self.looked) else { return Vec::new() };
        let before = std::mem::replace(&mut self.totals, Self::totals(&self.disks));
        if self.totals.is_empty() {
            return Vec::new();
        }
        let (mut read, mut written) = (0, 0);
        for (device, now) in &self.totals {
            let before = before.get(device).unwrap_or(now);
            read += now.read.saturating_sub(before.read);
            written += now.written.saturating_sub(before.written);
        }
        let per_second = |bytes: u64| bytes as f64 / seconds;
        let fields = [("read", per_second(read)), ("written", per_second(written))];
        vec![("disk", Fields::new(fields))]
    }
}

/// The seconds since last time; `None` if too few to divide by.
fn passed(looked: &mut Instant) -> Option<f64> {
    let now = Instant::now();
    let passed = now.duration_since(std::mem::replace(looked, now));
    (passed >= INTERVAL / 10).then_some(passed.as_secs_f64())
}
