//! A desktop's notifications, on a session bus of its own: what a program says there is caught, and
//! nobody's screen shows it.

use crate::process::{Lines, Running, tied};
use anyhow::{Context, Result, bail};
use std::collections::HashMap;
use std::process::Stdio;
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::{Duration, Instant};
use zbus::OwnedVariant;

const NAME: &str = "org.freedesktop.Notifications";
const PATH: &str = "/org/freedesktop/Notifications";
const START_MAX: Duration = Duration::from_secs(20);
/// More than any test looks at.
const SHOWN_MAX: usize = 100;

/// A notification, as a program asked for it.
#[derive(Clone, Debug)]
pub struct Shown {
    pub program: String,
    pub title: String,
    pub body: String,
    /// The name of its sound, if it is to make one.
    pub sound: Option<String>,
}

/// Ends with the bus.
pub struct Notifications {
    address: String,
    shown: Arc<(Mutex<Vec<Shown>>, Condvar)>,
    _connection: zbus::Connection,
    _bus: Running,
}

impl Notifications {
    pub fn start() -> Result<Notifications> {
        let mut bus = tied("dbus-daemon");
        bus.args(["--session", "--nofork", "--nopidfile", "--print-address=1"]);
        bus.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut bus = Running::start(&mut bus).context("dbus-daemon is needed (Debian: dbus)")?;
        let lines = Lines::of(bus.0.stdout.take().context("dbus-daemon has no output")?);
        let address = lines.wait(0, START_MAX, |line| Some(line.to_owned()))?;
        let shown: Arc<(Mutex<Vec<Shown>>, Condvar)> = Arc::default();
        let service = Service { shown: shown.clone() };
        let connection = zbus::connection::Builder::address(address.as_str())
            .serve_at(PATH, service)
            .name(NAME)
            .build();
        // It is served by threads of its own from then on.
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let connection = runtime.block_on(connection)?;
        Ok(Notifications { address, shown, _connection: connection, _bus: bus })
    }

    /// Where the bus is.
    pub fn address(&self) -> &str {
        &self.address
    }

    /// The first that is such a one, since the start.
    pub fn wait(&self, patience: Duration, is: impl Fn(&Shown) -> bool) -> Result<Shown> {
        let deadline = Instant::now() + patience;
        let (shown, changed) = &*self.shown;
        let mut shown = shown.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            if let Some(found) = shown.iter().find(|shown| is(shown)) {
                return Ok(found.clone());
            }
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                bail!("no such notification came. There were: {:?}", *shown);
            }
            shown = changed
                .wait_timeout(shown, left)
                .map_or_else(|poisoned| poisoned.into_inner().0, |waited| waited.0);
        }
    }
}

struct Service {
    shown: Arc<(Mutex<Vec<Shown>>, Condvar)>,
}

// As the Desktop Notifications Specification has it.
#[zbus::interface(name = "org.freedesktop.Notifications")]
impl Service {
    #[expect(clippy::too_many_arguments)]
    fn notify(
        &self,
        program: String,
        replaces: u32,
        _icon: String,
        title: String,
        body: String,
        _actions: Vec<String>,
        hints: HashMap<String, OwnedVariant>,
        _expires_ms: i32,
    ) -> u32 {
        let text =
            |name: &str| hints.get(name).and_then(|hint| String::try_from(hint.clone()).ok());
        let sound = text("sound-name");
        let (shown, changed) = &*self.shown;
        let mut shown = shown.lock().unwrap_or_else(PoisonError::into_inner);
        if shown.len() < SHOWN_MAX {
            shown.push(Shown { program, title, body, sound });
        }
        changed.notify_all();
        if replaces > 0 { replaces } else { shown.len() as u32 }
    }

    fn get_capabilities(&self) -> Vec<String> {
        ["body", "body-markup", "sound"].map(String::from).into()
    }

    fn close_notification(&self, _id: u32) {}

    fn get_server_information(&self) -> (String, String, String, String) {
        let texts = ["tests", "feedscope", "1", "1.2"].map(String::from);
        texts.into()
    }
}
