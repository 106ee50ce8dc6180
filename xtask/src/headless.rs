//! A display and a session bus for programs with windows, on a machine that has neither.

use crate::screenshot::Frame;
use crate::shell::{Running, cannot_start, own_dir, tied};
use anyhow::{Context, Result, bail, ensure};
use std::fs::{self, File};
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Command, Stdio};

/// The size of a small laptop's screen: what does not fit here does not fit.
const SCREEN: &str = "1280x800x24";

pub struct Headless {
    display: String,
    bus: String,
    /// The screen's memory, as the X server shares it.
    screen: File,
    _xvfb: Running,
    _dbus: Running,
}

impl Headless {
    pub fn start() -> Result<Headless> {
        Headless::of_size(SCREEN)
    }

    /// With a screen of that size: `1280x800x24`.
    pub fn of_size(size: &str) -> Result<Headless> {
        let dir = own_dir()?.join(format!("screen-{}", std::process::id()));
        fs::create_dir_all(&dir)?;
        let mut xvfb = tied("Xvfb");
        xvfb.args(["-displayfd", "1", "-screen", "0", size, "-nolisten", "tcp", "-noreset"]);
        xvfb.arg("-fbdir").arg(&dir);
        let started = first_line(&mut xvfb, "xvfb.log");
        let screen = File::open(dir.join("Xvfb_screen0"));
        // What is open stays, and no end, however sudden, leaves anything behind.
        fs::remove_dir_all(&dir)?;
        let (xvfb, display) = started?;

        let mut dbus = tied("dbus-daemon");
        dbus.args(["--session", "--nofork", "--nopidfile", "--print-address=1"]);
        let (dbus, bus) = first_line(&mut dbus, "dbus.log")?;
        let screen = screen.context("Xvfb does not share its screen")?;
        Ok(Headless { display: format!(":{display}"), bus, screen, _xvfb: xvfb, _dbus: dbus })
    }

    /// Lets a command show its windows here.
    pub fn host(&self, command: &mut Command) {
        command
            .env("DISPLAY", &self.display)
            .env("DBUS_SESSION_BUS_ADDRESS", &self.bus)
            .env_remove("WAYLAND_DISPLAY");
    }

    /// Runs the app to its end. Hands on each line that it says, and with each writes a picture of
    /// the screen, so that the last one shows its last second.
    pub fn show(
        &self,
        mut app: Command,
        picture: &Path,
        mut on_line: impl FnMut(&str) -> Result<()>,
    ) -> Result<()> {
        self.host(&mut app);
        let mut running = Running::start(app.stdout(Stdio::piped()))?;
        let stdout = running.0.stdout.take().with_context(|| cannot_start(&app))?;
        let mut drawn = false;
        for line in BufReader::new(stdout).lines() {
            let line = line?;
            // Not println!, which panics when who reads us has read enough.
            writeln!(std::io::stdout(), "{line}")?;
            on_line(&line)?;
            let frame = Frame::from_xwd(&self.screen)?;
            if frame.is_one_colour() {
                continue;
            }
            frame.write(picture)?;
            if !drawn {
                drawn = true;
                writeln!(std::io::stdout(), "What it draws is in {}", picture.display())?;
            }
        }
        let status = running.0.wait()?;
        ensure!(status.success(), "Feedscope ended badly: {status}.");
        ensure!(drawn, "Feedscope ended before its window showed anything.");
        Ok(())
    }
}

/// Starts a server that says on its first line where it listens, once it does.
fn first_line(server: &mut Command, log: &str) -> Result<(Running, String)> {
    let log = own_dir()?.join(log);
    server.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(File::create(&log)?);
    let mut running = Running::start(server)?;
    let mut said = String::new();
    if let Some(stdout) = running.0.stdout.take() {
        BufReader::new(stdout).read_line(&mut said)?;
    }
    let said = said.trim();
    if said.is_empty() {
        let why = fs::read_to_string(&log).unwrap_or_default();
        bail!("`{}` did not start.\n{}", crate::shell::line(server), why.trim_end());
    }
    Ok((running, said.to_owned()))
}
