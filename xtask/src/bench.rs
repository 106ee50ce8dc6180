//! `cargo xtask bench`: measurements of speed, which the whole-system tests' package makes of the
//! app as it is released.

use crate::headless::Headless;
use crate::shell::{cargo, run, target_dir};
use crate::test::PEERS;
use crate::{python, system, ui};
use anyhow::Result;
use std::process::Command;

/// The window as a package has it: with its page inside.
const AS_PACKAGED: &str = "feedscope/custom-protocol";

#[derive(clap::Args)]
pub struct Options {
    /// Which measurement, and its options; all of them if none is named
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    args: Vec<String>,
}

/// The measurements that need no window, with whether they need the peers.
const WITHOUT_WINDOW: [(&str, bool); 2] = [("history", false), ("ingest", true)];
/// Those that measure others beside the app, which are installed for them alone.
const WITH_PEERS: [&str; 2] = ["live", "latency"];
const BENCH_PEERS: &str = "tests/peers/bench";
/// What is measured, by what, and beside what.
const PACKAGES: [&str; 6] = [
    "--package",
    "feedscope",
    "--package",
    "feedscope-tests",
    "--package",
    "feedscope-empty-window",
];

pub fn bench(options: &Options) -> Result<()> {
    let named = options.args.iter().find(|arg| !arg.starts_with('-'));
    if let Some((_, needs_peers)) =
        WITHOUT_WINDOW.iter().find(|(name, _)| named.is_some_and(|named| named == name))
    {
        return without_window(options, *needs_peers);
    }
    system::ensure(&[&system::BUILD, &system::HEADLESS, &system::TESTS])?;
    ui::build()?;
    run(cargo(["build", "--release"]).args(PACKAGES).args(["--features", AS_PACKAGED]))?;
    // Not by `cargo run`, which would build half of it again, for the other package alone.
    let mut bench = program(options)?;
    if named.is_none() {
        ui::install(PEERS)?;
    }
    if named.is_none_or(|name| WITH_PEERS.contains(&name.as_str())) {
        system::ensure(&[&system::BENCH_PEERS])?;
        ui::install(BENCH_PEERS)?;
        bench.env("FEEDSCOPE_BENCH_PYTHON", python::install(BENCH_PEERS, "bench-venv")?);
    }
    if !system::is_headless() {
        return run(&mut bench);
    }
    let headless = Headless::start()?;
    headless.host(&mut bench);
    run(&mut bench)
}

fn without_window(options: &Options, needs_peers: bool) -> Result<()> {
    if needs_peers {
        ui::install(PEERS)?;
    }
    run(&mut cargo(["build", "--release", "--package", "feedscope-tests"]))?;
    run(&mut program(options)?)
}

fn program(options: &Options) -> Result<Command> {
    let program = format!("release/bench{}", std::env::consts::EXE_SUFFIX);
    let mut bench = Command::new(target_dir()?.join(program));
    bench.args(&options.args);
    Ok(bench)
}
