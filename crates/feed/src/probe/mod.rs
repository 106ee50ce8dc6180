//! A feed tried out step by step, with what was found at each: from the URL to the first message,
//! the answer to a ping and the difference of the clocks. Where it fails: what is likely wrong,
//! and what to do.
//!
//! It does what a [`Subscription`](crate::Subscription) would do, once, and then leaves.

mod clock;
mod finding;
mod heard;
mod signs;
mod step;

pub use clock::Clock;
pub use finding::{Finding, Missed, Reply, What};
pub use heard::{Heard, HeardChannel, Numbers, Times};

use crate::link::{self, Found};
use crate::profile::{Profile, Values};
use crate::session::Failure;
use crate::subscription::Settings;
use std::sync::Arc;
use std::time::Duration;
use step::Opened;
use tokio::sync::Mutex;
use tokio::time::Instant;

/// How long a probe waits for what need not come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// For the first message.
    pub message_max: Duration,
    /// For the answer to a ping.
    pub pong_max: Duration,
    /// How long messages are compared with our clock.
    pub clock_for: Duration,
    /// Listens for this long, and tells again and again what came.
    pub listen_for: Option<Duration>,
    /// Stays, without a ping, to see who ends a quiet connection, and when.
    pub watch_max: Option<Duration>,
}

impl Default for Limits {
    fn default() -> Self {
        Limits {
            message_max: Duration::from_secs(10),
            pong_max: Duration::from_secs(10),
            clock_for: Duration::from_secs(2),
            listen_for: None,
            watch_max: None,
        }
    }
}

/// See the [module](self).
#[derive(Debug)]
pub struct Probe;

/// Is told what is found, as it is found.
pub type OnFinding<'a> = &'a mut (dyn FnMut(&Finding) + Send);

impl Probe {
    /// Tries `profile` out. The failure is also the last finding, as a trouble.
    pub async fn run(
        profile: &Profile,
        settings: &Settings,
        limits: Limits,
        on_finding: OnFinding<'_>,
    ) -> Result<(), Failure> {
        let mut log = Log { began: Instant::now(), well: true, on_finding };
        let tried = tried(profile, settings, limits, &mut log).await;
        match &tried {
            Ok(()) => log.add(What::Done { well: log.well }, None),
            Err(failure) => log.add(What::Trouble(failure.trouble.clone()), None),
        }
        tried
    }
}

async fn tried(
    profile: &Profile,
    settings: &Settings,
    limits: Limits,
    log: &mut Log<'_>,
) -> Result<(), Failure> {
    if let Some(notice) = link::notice(profile) {
        log.add(What::Notice { text: notice.to_string() }, None);
    }
    let values = Values { variables: settings.variables.clone(), ..Values::default() };
    let world = &*settings.world;
    let line = Arc::new(Mutex::new(())).lock_owned().await;
    let now = world.now();
    let mut tell = |found| match found {
        Found::Url(url) => log.add(What::Url { url }, None),
        Found::Proxy(proxy) => log.add(What::Proxy { proxy }, None),
        Found::Names { host, addresses, took } => {
            log.add(What::Names { host, addresses }, Some(took));
        }
        Found::Connected { to, missed, took } => {
            let missed = missed.into_iter().map(|(to, why)| Missed { to, why }).collect();
            log.add(What::Connected { to, missed }, Some(took));
        }
        Found::Tunnel { took } => log.add(What::Tunnel, Some(took)),
        Found::Certificate(certificate) => {
            let days_left = certificate.days_left(now);
            log.add(What::Certificate { certificate, days_left }, None);
        }
        Found::Tls { version, cipher, took } => {
            log.add(What::Tls { version, cipher }, Some(took));
        }
        Found::Handshake(handshake) => {
            let took = handshake.took;
            log.add(What::Handshake(handshake), Some(took));
        }
    };
    let socket = link::dial_telling(profile, &values, world, line, &mut tell).await?;
    let mut opened = Opened::new(profile, &values, world, socket)?;
    let tried = async {
        opened.open(log).await?;
        opened.first_message(limits.message_max, log).await?;
        let round_trip = opened.ping(limits.pong_max, log).await?;
        if let Some(listen_for) = limits.listen_for {
            opened.listen(listen_for, log).await?;
        }
        opened.compare_clocks(round_trip, limits.clock_for, log).await?;
        if let Some(watch_max) = limits.watch_max {
            opened.watch(watch_max, log).await?;
        }
        Ok(())
    };
    let tried = tried.await;
    opened.leave();
    tried
}

/// Passes findings on, with their times.
struct Log<'a> {
    began: Instant,
    /// Nothing odd was found so far.
    well: bool,
    on_finding: OnFinding<'a>,
}

impl Log<'_> {
    fn add(&mut self, what: What, took: Option<Duration>) {
        self.well &= !what.is_odd();
        let at_ms = millis(self.began.elapsed());
        (self.on_finding)(&Finding { at_ms, took_ms: took.map(millis), what });
    }
}

/// To the microsecond.
fn millis(duration: Duration) -> f64 {
    (duration.as_secs_f64() * 1e6).round() / 1e3
}
