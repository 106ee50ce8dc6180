//! `cargo xtask run`: from a fresh clone to the window, or, without a display, to a picture of it.

use crate::headless::Headless;
use crate::shell::{cargo, run as run_command, target_dir, tied};
use crate::{system, ui};
use anyhow::Result;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

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
    if !options.args.iter().any(|arg| arg.to_string_lossy().starts_with("--status")) {
        app.arg("--status");
    }
    println!("There is no display here, so Feedscope runs on one of its own (Xvfb).");
    let picture = target_dir()?.join("feedscope.png");
    Headless::start()?.show(app, &picture, |_| Ok(()))
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
