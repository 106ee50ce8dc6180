//! A program with a window, started as a person starts it. What is wanted of it is seen from
//! outside: nothing takes over its page, as a [`Window`](crate::Window) does, and so all that it
//! costs is its own.

use crate::display::Display;
use crate::process::{Lines, Running, tied};
use crate::x11::{self, Appearances, ask_to_close};
use anyhow::{Context, Result, ensure};
use std::collections::BTreeMap;
use std::path::Path;
use std::process::Stdio;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

const END_MAX: Duration = Duration::from_secs(20);
/// What WebKit is told by the environment begins so.
const WEBKIT: &str = "WEBKIT_";

pub struct Launched {
    title: String,
    /// What it writes to its standard output.
    pub lines: Lines,
    display: Display,
    appearances: Appearances,
    running: Running,
    started: Instant,
    started_ms: f64,
}

impl Launched {
    /// Starts `program`, whose window will be called `title`, with `environment` beside our own.
    pub fn start(
        program: &Path,
        title: &str,
        args: &[String],
        environment: &BTreeMap<String, String>,
    ) -> Result<Launched> {
        let display = Display::open()?;
        let appearances = Appearances::watch(display.name())?;
        let mut command = tied(&program.to_string_lossy());
        command.args(args).envs(environment);
        command.stdin(Stdio::null()).stdout(Stdio::piped());
        display.host(&mut command);
        let (started, at) = (Instant::now(), SystemTime::now());
        let mut running = Running::start(&mut command)?;
        let started_ms = at.duration_since(UNIX_EPOCH)?.as_secs_f64() * 1_000.0;
        let lines = Lines::of(running.0.stdout.take().context("no output")?);
        let title = title.to_owned();
        Ok(Launched { title, lines, display, appearances, running, started, started_ms })
    }

    pub fn id(&self) -> u32 {
        self.running.0.id()
    }

    /// When it was started, in milliseconds since the Unix epoch.
    pub fn started_ms(&self) -> f64 {
        self.started_ms
    }

    /// How long it took until its window was shown.
    pub fn shown_after(&self, patience: Duration) -> Result<Duration> {
        Ok(self.appearances.wait(&self.title, patience)? - self.started)
    }

    /// What its webview was told by the environment: by the user, or by the program itself, which
    /// only what it has started shows.
    pub fn webkit_settings(&self) -> Result<BTreeMap<String, String>> {
        let mut settings = BTreeMap::new();
        for (id, _) in crate::usage::family(self.id())? {
            // It may have ended by now.
            let Ok(environment) = std::fs::read(format!("/proc/{id}/environ")) else { continue };
            let environment = String::from_utf8_lossy(&environment);
            let of_webkit = environment.split('\0').filter(|entry| entry.starts_with(WEBKIT));
            settings.extend(
                of_webkit
                    .filter_map(|entry| entry.split_once('='))
                    .map(|(name, value)| (name.to_owned(), value.to_owned())),
            );
        }
        Ok(settings)
    }

    /// Minimizes its window.
    pub fn hide(&self) -> Result<()> {
        x11::hide(self.display.name(), &self.title)
    }

    /// Brings it back.
    pub fn show(&self) -> Result<()> {
        x11::show(self.display.name(), &self.title)
    }

    /// Closes the window as a person does, and waits until all is gone.
    pub fn close(mut self) -> Result<()> {
        ask_to_close(self.display.name(), &self.title)?;
        let deadline = Instant::now() + END_MAX;
        while self.running.0.try_wait()?.is_none() {
            ensure!(Instant::now() < deadline, "{} was closed, but goes on.", self.title);
            std::thread::sleep(Duration::from_millis(10));
        }
        Ok(())
    }
}
