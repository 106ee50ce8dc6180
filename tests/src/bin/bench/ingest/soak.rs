//! Many messages through our path, whose memory must not grow.

use super::flood::Size;
use super::readers::{check, profile};
use anyhow::{Context, Result, ensure};
use feedscope_feed::{Batch, Settings, Sink, Subscription, Time, Transition};
use feedscope_tests::Usage;
use tokio::sync::mpsc;

/// How often the memory is looked at.
const STEPS: u64 = 20;
/// What the memory may grow by after the first step: an allocator does not give back every page.
const GROWTH_BYTES_MAX: u64 = 2 << 20;

/// Reads `50m`, `200k` or `1000`.
pub fn count(text: &str) -> Result<u64, String> {
    let (digits, times) = match text.strip_suffix(['k', 'K']) {
        Some(digits) => (digits, 1_000),
        None => match text.strip_suffix(['m', 'M']) {
            Some(digits) => (digits, 1_000_000),
            None => (text, 1),
        },
    };
    let number: u64 = digits.parse().map_err(|_| "write a number, such as 50m or 200k")?;
    number
        .checked_mul(times)
        .filter(|count| *count >= STEPS)
        .ok_or_else(|| format!("write a number of at least {STEPS}, such as 50m or 200k"))
}

pub fn soak(_size: Size, url: &str, messages: u64) -> Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let growth = runtime.block_on(async {
        let (done, mut steps) = mpsc::channel(STEPS as usize);
        let sink = Watcher { every: messages / STEPS, next: messages / STEPS, done };
        let _subscription = Subscription::start(profile(url), Settings::default(), sink)?;
        println!("{:>12}   memory", "messages");
        let mut first = None;
        let mut last = 0;
        for _ in 0..STEPS {
            let (received, bytes) = steps.recv().await.context("the subscription ended")??;
            println!("{received:12}   {:.1} MB", bytes as f64 / 1e6);
            last = bytes;
            first.get_or_insert(bytes);
        }
        anyhow::Ok(last.saturating_sub(first.unwrap_or_default()))
    })?;
    ensure!(
        growth <= GROWTH_BYTES_MAX,
        "It grew by {:.1} MB after the first step.",
        growth as f64 / 1e6
    );
    println!("It grew by {:.1} MB after the first step.", growth as f64 / 1e6);
    Ok(())
}

/// Looks at the memory whenever so many more messages have come.
struct Watcher {
    every: u64,
    next: u64,
    done: mpsc::Sender<Result<(u64, u64)>>,
}

impl Sink for Watcher {
    fn transition(&mut self, _at: Time, _transition: &Transition) {}

    fn batch(&mut self, batch: &Batch<'_>) {
        let received = batch.totals.ledger.received();
        let step = match check(batch) {
            Ok(()) if received < self.next => return,
            Ok(()) => Usage::of(std::process::id()).map(|usage| (received, usage.bytes())),
            Err(error) => Err(error),
        };
        self.next += self.every;
        // Full only when whoever listens has all it wants.
        let _ = self.done.try_send(step);
    }
}
