//! Those who read: one that drops what it reads, and our whole path.

use super::Reader;
use super::flood::{FIRST, Size, payload};
use anyhow::{Context, Result, bail, ensure};
use feedscope_feed::decode::Decoder;
use feedscope_feed::profile::{Path, Scope, Sequence, SequenceRule, TimeAt, TimeUnit};
use feedscope_feed::{Batch, Profile, Settings, Sink, Subscription, Time, Transition};
use feedscope_history::{Budget, History, Sample, SeriesId};
use futures_util::StreamExt;
use std::fmt;
use std::time::{Duration, Instant};
use tokio::sync::mpsc;

/// Connections and caches get warm first.
const WARM_UP: Duration = Duration::from_millis(300);

/// What the history may take up: its first seconds are like its days.
const HISTORY_BYTES: usize = 256 << 20;

/// The fields of a message: neither those that serve a purpose nor those of other kinds.
pub const FIELDS: usize = 4;

/// Messages a second, and what each takes of the processor.
#[derive(Clone, Copy, Debug)]
pub struct Speed {
    pub rate: f64,
    pub cpu_ns: f64,
}

impl Speed {
    /// As it is printed.
    pub fn read(line: &str) -> Option<Speed> {
        let (rate, cpu_ns) = line.split_once(' ')?;
        Some(Speed { rate: rate.parse().ok()?, cpu_ns: cpu_ns.parse().ok()? })
    }
}

impl fmt::Display for Speed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.rate, self.cpu_ns)
    }
}

pub fn speed(reader: Reader, size: Size, url: &str, seconds: Duration) -> Result<Speed> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    match reader {
        Reader::Decoder => decoder(size, url, seconds),
        Reader::Bare => runtime.block_on(bare(url, seconds)),
        Reader::Kept => runtime.block_on(ours(url, seconds, Some(Keeper::new()))),
        Reader::Ours => runtime.block_on(ours(url, seconds, None)),
        Reader::Node => bail!("Node is a program of its own"),
    }
}

async fn bare(url: &str, seconds: Duration) -> Result<Speed> {
    /// Looking at the clock takes time, too.
    const LOOK_EVERY: u64 = 1_024;
    let stream = tokio::net::TcpStream::connect(address(url)?).await?;
    let (mut socket, _) = tokio_tungstenite::client_async(url, stream).await?;
    let mut clock = Clock::new(seconds);
    let mut count = 0;
    while let Some(message) = socket.next().await {
        ensure!(message?.is_text(), "the server sends texts");
        count += 1;
        if count % LOOK_EVERY == 0
            && let Some(speed) = clock.speed(count)
        {
            return Ok(speed);
        }
    }
    bail!("the server hung up")
}

fn address(url: &str) -> Result<&str> {
    let rest = url.strip_prefix("ws://").context("not a ws:// URL")?;
    Ok(rest.trim_end_matches('/'))
}

/// From memory: as many messages as the server has in a block.
fn decoder(size: Size, url: &str, seconds: Duration) -> Result<Speed> {
    let mut decoder = Decoder::new(&profile(url))?;
    let messages: Vec<_> = (0..1_000).map(|number| payload(size, FIRST + number)).collect();
    let mut clock = Clock::new(seconds);
    let mut count = 0;
    loop {
        for message in &messages {
            let decoded = decoder.decode_plain(message.as_bytes(), true, Time(0));
            let decoded = decoded.context("it is no message")?;
            ensure!(decoded.record.fields.len() == FIELDS, "it is not whole: {decoded:?}");
            decoder.give_back(decoded.record);
            count += 1;
        }
        if let Some(speed) = clock.speed(count) {
            return Ok(speed);
        }
    }
}

async fn ours(url: &str, seconds: Duration, keeper: Option<Keeper>) -> Result<Speed> {
    let (done, mut speeds) = mpsc::channel(1);
    let sink = Counter { clock: Clock::new(seconds), keeper, done };
    let _subscription = Subscription::start(profile(url), Settings::default(), sink)?;
    speeds.recv().await.context("the subscription ended")?
}

/// What the messages of [`super::flood`] are.
pub fn profile(url: &str) -> Profile {
    let mut profile = Profile::from_url(url);
    profile.decode.channel = vec![Path::key("ch")];
    profile.decode.key = vec![Path::key("s")];
    profile.decode.time = vec![TimeAt { path: Path::key("t"), unit: TimeUnit::Millis }];
    profile.sequence =
        vec![Sequence::new(SequenceRule::Increment, Scope::Connection, Path::key("n"))];
    profile
}

/// Measures once it is warm, for as long as it was told.
struct Clock {
    seconds: Duration,
    opened: Instant,
    since: Option<(Instant, u64, Duration)>,
}

impl Clock {
    fn new(seconds: Duration) -> Self {
        Clock { seconds, opened: Instant::now(), since: None }
    }

    /// The speed, once it is known, of messages of which there are `count` by now.
    fn speed(&mut self, count: u64) -> Option<Speed> {
        let now = Instant::now();
        let Some((since, before, cpu)) = self.since else {
            if now - self.opened > WARM_UP {
                self.since = Some((now, count, cpu_time()));
            }
            return None;
        };
        let elapsed = now - since;
        (elapsed >= self.seconds).then(|| {
            let count = (count - before) as f64;
            Speed {
                rate: count / elapsed.as_secs_f64(),
                cpu_ns: (cpu_time() - cpu).as_nanos() as f64 / count,
            }
        })
    }
}

/// What this thread, which is all there is, has taken of the processor; zero where that cannot be
/// known. Unlike the time that passes, it is hardly changed by what else the machine does.
fn cpu_time() -> Duration {
    let said = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    let nanos = said.split(' ').next().and_then(|nanos| nanos.parse().ok());
    Duration::from_nanos(nanos.unwrap_or_default())
}

/// Looks at every record, as whoever has a use for them does.
struct Counter {
    clock: Clock,
    keeper: Option<Keeper>,
    done: mpsc::Sender<Result<Speed>>,
}

impl Sink for Counter {
    fn transition(&mut self, _at: Time, _transition: &Transition) {}

    fn batch(&mut self, batch: &Batch<'_>) {
        let mut checked = check(batch);
        if let Some(keeper) = &mut self.keeper {
            checked = checked.and_then(|()| keeper.keep(batch));
        }
        let speed = checked.map(|()| self.clock.speed(batch.totals.ledger.delivered()));
        if let Some(speed) = speed.transpose() {
            // Full once there is a first one, which is the one that counts.
            let _ = self.done.try_send(speed);
        }
    }
}

/// Keeps all samples, with both their times.
struct Keeper {
    history: History<()>,
    /// By the number of the field.
    series: Vec<SeriesId>,
}

impl Keeper {
    fn new() -> Self {
        let budget = Budget { memory_bytes: HISTORY_BYTES, disk_bytes: None };
        Keeper { history: History::new(budget), series: Vec::new() }
    }

    fn keep(&mut self, batch: &Batch<'_>) -> Result<()> {
        for field in batch.fields {
            ensure!(field.field.0 as usize == self.series.len(), "fields come in their order");
            self.series.push(self.history.add_series(&self.series.len().to_string()));
        }
        for record in batch.records {
            let (time_ns, arrival_ns) = (record.time().0, record.arrival_time.0);
            for (field, value) in &record.fields {
                let series = self.series.get(field.0 as usize).context("an unknown field")?;
                self.history.push(*series, Sample { time_ns, arrival_ns, value: *value });
            }
        }
        let expected = batch.totals.ledger.delivered() * FIELDS as u64;
        let kept: u64 = self.series.iter().map(|of| self.history.pushed_count(*of)).sum();
        ensure!(kept == expected, "{kept} samples of {expected} were kept");
        Ok(())
    }
}

/// Every record is whole, and none is missing.
pub fn check(batch: &Batch<'_>) -> Result<()> {
    for record in batch.records {
        ensure!(
            record.fields.len() == FIELDS
                && record.fields.iter().all(|(_, value)| value.is_finite())
                && record.sequence.is_some()
                && record.key.is_some()
                && record.source_time.is_some(),
            "a record is not whole: {record:?}"
        );
    }
    let (ledger, missing) = (batch.totals.ledger, batch.totals.missing);
    ensure!(
        ledger.balances() && ledger.received() == ledger.delivered() && missing == 0,
        "{ledger:?}, {missing} missing"
    );
    Ok(())
}
