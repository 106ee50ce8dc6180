//! The app as a terminal sees it: its program, its output, its exit code.

use crate::display::Display;
use crate::process::{Lines, Running, tied};
use anyhow::{Context, Result, bail};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// What a program had said when it ended.
#[derive(Debug)]
pub struct Ended {
    pub code: Option<i32>,
    pub stdout: String,
    pub stderr: String,
}

/// The app's program: what FEEDSCOPE_BIN names, or else what cargo built beside this test.
pub fn app() -> Result<PathBuf> {
    if let Some(named) = std::env::var_os("FEEDSCOPE_BIN") {
        return Ok(named.into());
    }
    let this = std::env::current_exe()?;
    let beside = |dir: &Path| dir.join(format!("feedscope{}", std::env::consts::EXE_SUFFIX));
    this.ancestors().skip(1).take(2).map(beside).find(|path| path.is_file()).context(
        "The app is not built: `cargo build -p feedscope --features custom-protocol`, or let \
         `cargo xtask test` do all of it",
    )
}

/// Runs the app to its end, which must come within `patience`.
pub fn run(args: &[&str], patience: Duration) -> Result<Ended> {
    let display = Display::open()?;
    let app = app()?;
    let mut command = tied(&app.to_string_lossy());
    command.args(args).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    display.host(&mut command);
    end(command, patience)
}

fn end(mut command: Command, patience: Duration) -> Result<Ended> {
    let mut running = Running::start(&mut command)?;
    let stdout = Lines::of(running.0.stdout.take().context("no output")?);
    let stderr = Lines::of(running.0.stderr.take().context("no error output")?);
    let deadline = Instant::now() + patience;
    let status = loop {
        if let Some(status) = running.0.try_wait()? {
            break status;
        }
        if Instant::now() > deadline {
            bail!("It did not end within {} s; it said:\n{}", patience.as_secs(), stdout.text());
        }
        std::thread::sleep(Duration::from_millis(20));
    };
    Ok(Ended { code: status.code(), stdout: stdout.all()?, stderr: stderr.all()? })
}
