//! Feeds that are tried out before they are subscribed to. Nothing of it is kept, and it ends with
//! whoever looks at it.

use super::types::{ProbeFound, ProbeLook, ProbeStep};
use super::{described, trouble};
use crate::api::{BoardFeed, Trouble};
use crate::app::App;
use crate::shared::lock;
use feedscope_feed::probe::{Finding, Limits, Probe, Reply, What};
use feedscope_feed::world::{Keeper, WithSecrets};
use feedscope_feed::{Settings, World, said};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::task::AbortHandle;

/// One for each window is enough.
const PROBES_MAX: usize = 8;

/// Steps that are told of one: an opening may have many.
const STEPS_MAX: usize = 200;

/// How long is listened, and what need not come is waited for.
const LISTEN_FOR: Duration = Duration::from_secs(6);
const LIMITS: Limits = Limits {
    message_max: Duration::from_secs(5),
    pong_max: Duration::from_secs(5),
    clock_for: Duration::ZERO,
    listen_for: Some(LISTEN_FOR),
    watch_max: None,
};

/// Those that are under way, and what they found, by what their windows call them.
pub(crate) type Probes = BTreeMap<String, Run>;

pub(crate) struct Run {
    task: AbortHandle,
    told: Arc<Mutex<ProbeLook>>,
}

impl Drop for Run {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl App {
    /// Tries a draft out, with these secrets beside those that are kept. One that is under way
    /// under this name begins anew.
    pub fn probe_start(
        &self,
        probe: String,
        draft: &BoardFeed,
        secrets: BTreeMap<String, String>,
    ) -> Result<(), Trouble> {
        let profile = described(draft)?;
        let world = Arc::new(WithSecrets { world: self.world.clone(), keeper: Typed(secrets) });
        let told = Arc::<Mutex<ProbeLook>>::default();
        let telling = told.clone();
        let mut probes = lock(&self.probes);
        probes.remove(&probe);
        if probes.len() >= PROBES_MAX {
            return Err(too_many());
        }
        let run = self.runtime.spawn(async move {
            let settings = Settings { world, ..Settings::default() };
            let mut tell = |finding: &Finding| note(&mut lock(&telling), finding);
            // The failure is the last finding, too.
            let _ = Probe::run(&profile, &settings, LIMITS, &mut tell).await;
            lock(&telling).done = true;
        });
        probes.insert(probe, Run { task: run.abort_handle(), told });
        Ok(())
    }

    /// What was found since the first so many steps; `None` if there is none of the name.
    pub fn probe_look(&self, probe: &str, known: usize) -> Option<ProbeLook> {
        let told = lock(&self.probes).get(probe)?.told.clone();
        let mut look = lock(&told).clone();
        look.steps.drain(..known.min(look.steps.len()));
        Some(look)
    }

    pub fn probe_stop(&self, probe: &str) {
        lock(&self.probes).remove(probe);
    }
}

fn note(told: &mut ProbeLook, finding: &Finding) {
    let what = match &finding.what {
        What::Heard(heard) => {
            told.heard = Some(heard.clone());
            return;
        }
        What::Trouble(trouble) => {
            told.trouble = Some(Trouble::from(trouble));
            return;
        }
        what => found(what),
    };
    if let Some(what) = what
        && told.steps.len() < STEPS_MAX
    {
        told.steps.push(ProbeStep { took_ms: finding.took_ms, what });
    }
}

/// As the window tells it; `None` for what is of no interest there.
fn found(what: &What) -> Option<ProbeFound> {
    Some(match what.clone() {
        What::Notice { text } | What::Sign { text } => ProbeFound::Sign { text },
        What::Names { host, addresses } => ProbeFound::Resolved {
            host,
            addresses: addresses.iter().map(|to| to.ip().to_string()).collect(),
        },
        What::Proxy { proxy } => ProbeFound::Proxy { proxy },
        What::Connected { to, .. } => ProbeFound::Connected { to: to.to_string() },
        What::Certificate { certificate, days_left } => {
            ProbeFound::Certificate { issuer: certificate.issuer, days_left }
        }
        What::Tls { version, .. } => ProbeFound::Secured { version },
        What::Handshake(handshake) => {
            let server = handshake.headers.into_iter().find(|(name, _)| name == "server");
            ProbeFound::Upgraded { server: server.map(|(_, server)| server) }
        }
        What::Opening { step, sent, reply } => {
            ProbeFound::Opened { number: step, sent, answered: reply == Reply::Acknowledged }
        }
        What::Message { channel, begins, is_data, .. } => {
            ProbeFound::Message { channel, begins, is_data }
        }
        What::Unreadable { why, begins, .. } => ProbeFound::Unreadable { why, begins },
        What::NoMessage { waited_ms } => ProbeFound::Silent { waited_ms },
        What::Pong { round_trip_ms } | What::OwnPong { round_trip_ms } => {
            ProbeFound::Pong { round_trip_ms }
        }
        What::NoPong { waited_ms } => ProbeFound::NoPong { waited_ms },
        What::Clock(clock) => {
            ProbeFound::Clock { ahead_ms: clock.ahead_ms, uncertainty_ms: clock.uncertainty_ms }
        }
        What::Url { .. }
        | What::Tunnel
        | What::Watched { .. }
        | What::Heard(_)
        | What::Trouble(_)
        | What::Done { .. } => return None,
    })
}

fn too_many() -> Trouble {
    trouble(
        "probes-max",
        said!("trouble_probes_max", "Too many feeds are being tried out at once."),
        None,
        said!("advice_probes_max", "Close one of the dialogs, then try again."),
    )
}

/// Secrets that were typed and are not kept, by their names; the world's, where there is none.
pub(super) struct Typed(pub BTreeMap<String, String>);

impl Keeper for Typed {
    fn secret(&self, world: &dyn World, name: &str) -> Result<Option<String>, String> {
        self.0.get(name).cloned().map_or_else(|| world.secret(name), |secret| Ok(Some(secret)))
    }
}
