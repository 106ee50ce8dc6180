//! A display for the window: the one there is, or one of our own.

use crate::process::{Lines, Running, tied};
use anyhow::{Context, Result};
use std::process::{Command, Stdio};
use std::time::Duration;

/// The size of a small laptop's screen.
const SCREEN: &str = "1280x800x24";
const START_MAX: Duration = Duration::from_secs(20);

pub struct Display {
    name: String,
    _xvfb: Option<Running>,
}

impl Display {
    pub fn open() -> Result<Display> {
        if let Ok(name) = std::env::var("DISPLAY") {
            return Ok(Display { name, _xvfb: None });
        }
        let mut xvfb = tied("Xvfb");
        xvfb.args(["-displayfd", "1", "-screen", "0", SCREEN, "-nolisten", "tcp", "-noreset"]);
        xvfb.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut xvfb = Running::start(&mut xvfb)
            .context("There is no display. Install Xvfb (Debian: xvfb), or set DISPLAY")?;
        let lines = Lines::of(xvfb.0.stdout.take().context("Xvfb has no output")?);
        let number = lines.wait(0, START_MAX, |line| Some(line.to_owned()));
        let number = number.context("Xvfb does not say which display it is")?;
        Ok(Display { name: format!(":{number}"), _xvfb: Some(xvfb) })
    }

    pub fn name(&self) -> &str {
        &self.name
    }

    /// Lets a command show its windows here.
    pub fn host(&self, command: &mut Command) {
        command.env("DISPLAY", &self.name).env_remove("WAYLAND_DISPLAY");
    }
}
