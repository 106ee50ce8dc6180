//! Those who read: one that drops what it reads, and our whole path.

use super::Reader;
use super::flood::Size;
use anyhow::{Context, Result, bail, ensure};
use feedscope_feed::profile::{Path, Scope, Sequence, SequenceRule, TimeAt, TimeUnit};
use feedscope_feed::{Batch, Profile, Settings, Sink, Subscription, Time, Transition};
use futures_util::StreamExt;
use std::time::{Duration, Instant};
use tokio::sync::mpsc;

/// Connections and caches get warm first.
const WARM_UP: Duration = Duration::from_millis(300);

/// The fields of a message: neither those that serve a purpose nor those of other kinds.
pub const FIELDS: usize = 4;

/// Messages a second.
pub fn rate(reader: Reader, size: Size, url: &str, seconds: Duration) -> Result<f64> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    match reader {
        Reader::Bare => runtime.block_on(bare(url, seconds)),
        Reader::Ours => runtime.block_on(ours(size, url, seconds)),
        Reader::Node => bail!("Node is a program of its own"),
    }
}

async fn bare(url: &str, seconds: Duration) -> Result<f64> {
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
            && let Some(rate) = clock.rate(count)
        {
            return Ok(rate);
        }
    }
    bail!("the server hung up")
}

fn address(url: &str) -> Result<&str> {
    let rest = url.strip_prefix("ws://").context("not a ws:// URL")?;
    Ok(rest.trim_end_matches('/'))
}

async fn ours(_size: Size, url: &str, seconds: Duration) -> Result<f64> {
    let (done, mut rates) = mpsc::channel(1);
    let sink = Counter { clock: Clock::new(seconds), done };
    let _subscription = Subscription::start(profile(url), Settings::default(), sink)?;
    rates.recv().await.context("the subscription ended")?
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
    since: Option<(Instant, u64)>,
}

impl Clock {
    fn new(seconds: Duration) -> Self {
        Clock { seconds, opened: Instant::now(), since: None }
    }

    /// The rate, once it is known, of messages of which there are `count` by now.
    fn rate(&mut self, count: u64) -> Option<f64> {
        let now = Instant::now();
        let Some((since, before)) = self.since else {
            if now - self.opened > WARM_UP {
                self.since = Some((now, count));
            }
            return None;
        };
        let elapsed = now - since;
        (elapsed >= self.seconds).then(|| (count - before) as f64 / elapsed.as_secs_f64())
    }
}

/// Looks at every record, as whoever has a use for them does.
struct Counter {
    clock: Clock,
    done: mpsc::Sender<Result<f64>>,
}

impl Sink for Counter {
    fn transition(&mut self, _at: Time, _transition: &Transition) {}

    fn batch(&mut self, batch: &Batch<'_>) {
        let checked = check(batch);
        let rate = checked.map(|()| self.clock.rate(batch.totals.ledger.delivered()));
        if let Some(rate) = rate.transpose() {
            // Full once there is a first one, which is the one that counts.
            let _ = self.done.try_send(rate);
        }
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
