//! `cargo xtask bundle`: the installers of the system it runs on.

use crate::shell::{cargo, command, output, own_dir, run, target_dir};
use crate::{system, ui};
use anyhow::{Context, Result, ensure};
use serde_json::json;
use std::env::consts::EXE_SUFFIX;
use std::fs;
use std::path::PathBuf;

#[cfg(target_os = "linux")]
const KINDS: [(&str, &str); 2] = [("deb", "deb"), ("rpm", "rpm")];
#[cfg(target_os = "macos")]
const KINDS: [(&str, &str); 1] = [("dmg", "dmg")];
#[cfg(not(any(target_os = "linux", target_os = "macos")))]
const KINDS: [(&str, &str); 1] = [("nsis", "exe")];

/// Tauri's bundler, in the version that package.json beside the app's code pins.
const BUNDLER_DIR: &str = "src-tauri";
const BUNDLER: &str = "src-tauri/node_modules/@tauri-apps/cli/tauri.js";

#[derive(clap::Args)]
pub struct Options {
    /// Build unoptimized: an installer soon, of a slow app
    #[arg(long)]
    debug: bool,
}

pub fn bundle(options: &Options) -> Result<()> {
    system::ensure(&[&system::BUILD])?;
    ui::build()?;
    ui::install(BUNDLER_DIR)?;
    // What an earlier version has left there must not be taken for what is built now.
    let profile = if options.debug { "debug" } else { "release" };
    let _ = fs::remove_dir_all(target_dir()?.join(profile).join("bundle"));

    let feedtap = feedtap(profile)?;
    let with_feedtap = json!({ "bundle": { "externalBin": [feedtap] } }).to_string();
    let kinds: Vec<_> = KINDS.iter().map(|(kind, _)| *kind).collect();
    let kinds = kinds.join(",");
    let mut build =
        command("node", [BUNDLER, "build", "--bundles", &kinds, "--config", &with_feedtap]);
    if options.debug {
        build.arg("--debug");
    }
    run(&mut build)?;
    println!();
    for (kind, extension) in KINDS {
        let made = find(profile, kind, extension)?;
        let bytes = fs::metadata(&made)?.len();
        println!("{:>6.1} MB  {}", bytes as f64 / 1e6, made.display());
    }
    Ok(())
}

/// Builds `feedtap`, which is installed beside the app, and says where it is as Tauri wants it
/// said: without the system's name at its end. It is not named in tauri.conf.json, where even a
/// build of the window alone would ask for it.
fn feedtap(profile: &str) -> Result<PathBuf> {
    let cargo_profile = if profile == "debug" { "dev" } else { profile };
    run(&mut cargo(["build", "--package", "feedscope-cli", "--profile", cargo_profile]))?;
    let built = target_dir()?.join(profile).join(format!("feedtap{EXE_SUFFIX}"));
    let system = output(&mut command("rustc", ["--print", "host-tuple"]))?;
    let dir = own_dir()?.join("bundle");
    fs::create_dir_all(&dir)?;
    let copy = dir.join(format!("feedtap-{system}{EXE_SUFFIX}"));
    fs::copy(&built, &copy).with_context(|| format!("{} cannot be copied", built.display()))?;
    Ok(dir.join("feedtap"))
}

/// The one installer of a kind.
pub fn find(profile: &str, kind: &str, extension: &str) -> Result<PathBuf> {
    let dir = target_dir()?.join(profile).join("bundle").join(kind);
    let listed = fs::read_dir(&dir).with_context(|| {
        format!("{} is not there. `cargo xtask bundle` makes it", dir.display())
    })?;
    let paths: Vec<_> = listed.map(|entry| Ok(entry?.path())).collect::<Result<_>>()?;
    let mut made =
        paths.into_iter().filter(|path| path.extension().is_some_and(|e| e == extension));
    let first = made.next();
    ensure!(made.next().is_none(), "There are several .{extension} in {}.", dir.display());
    first.with_context(|| format!("there is no .{extension} in {}", dir.display()))
}
