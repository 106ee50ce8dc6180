//! `cargo xtask run`: from a fresh clone to the window, or, without a display, to a picture of it.

use crate::headless::Headless;
use crate::shell::{Running, cannot_start, cargo, run as run_command, target_dir, tied};
use crate::{system, ui};
use anyhow::{Context, Result, ensure};
use std::ffi::OsString;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

#[derive(clap::Args)]
pub struct Options {
    /// End after this long: 10s, 2m
    #[arg(long = "for", value_name = "TIME")]
    end_after: Option<String>,
    /// Build as it is released: slower to build, faster to run
    #[arg(long)]
    release: bool,
    /// What Feedscope is started with: a URL, a board's file; options after `--`
    args: Vec<OsString>,
}

pub fn run(options: &Options, started_in: &Path) -> Result<()> {
    let headless = system::is_headless();
    let needs: &[_] =
        if headless { &[&system::BUILD, &system::HEADLESS] } else { &[&system::BUILD] };
    system::ensure(needs)?;
    ui::build()?;
    let mut app = tied(build(options.release)?);
    app.args(&options.args).current_dir(started_in);
    if let Some(time) = &options.end_after {
        app.args(["--for", time]);
    }
    if !headless {
        return run_command(&mut app);
    }
    if !options.args.iter().any(|arg| arg == "--status") {
        app.arg("--status");
    }
    show(app, &target_dir()?.join("feedscope.png"))
}

/// Builds the app, page and all, and says where it is.
fn build(release: bool) -> Result<PathBuf> {
    let mut build = cargo(["build", "--package", "feedscope", "--features", "custom-protocol"]);
    if release {
        build.arg("--release");
    }
    run_command(&mut build)?;
    let profile = if release { "release" } else { "debug" };
    let name = format!("feedscope{}", std::env::consts::EXE_SUFFIX);
    Ok(target_dir()?.join(profile).join(name))
}

/// Runs the app on a display of its own, passes on what it says, and takes a picture with each
/// line, so that the last one shows the last second.
fn show(mut app: Command, picture: &Path) -> Result<()> {
    println!("There is no display here, so Feedscope runs on one of its own (Xvfb).");
    let headless = Headless::start()?;
    headless.host(&mut app);
    let mut running = Running::start(app.stdout(Stdio::piped()))?;
    let stdout = running.0.stdout.take().with_context(|| cannot_start(&app))?;
    let mut announced = false;
    for line in BufReader::new(stdout).lines() {
        writeln!(std::io::stdout(), "{}", line?)?;
        let frame = headless.frame()?;
        if frame.is_one_colour() {
            continue;
        }
        frame.write(picture)?;
        if !announced {
            announced = true;
            writeln!(std::io::stdout(), "What it draws is in {}", picture.display())?;
        }
    }
    let status = running.0.wait()?;
    ensure!(status.success(), "Feedscope ended badly: {status}.");
    ensure!(announced, "Feedscope ended before it drew anything.");
    Ok(())
}
