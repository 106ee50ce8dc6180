//! `cargo xtask bench`: measurements of speed, which the whole-system tests' package makes.

use crate::shell::{cargo, run};
use anyhow::Result;

#[derive(clap::Args)]
pub struct Options {
    /// Which measurement, and its options; all of them if none is named
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    args: Vec<String>,
}

pub fn bench(options: &Options) -> Result<()> {
    let bench = ["run", "--release", "--package", "feedscope-tests", "--bin", "bench", "--"];
    run(cargo(bench).args(&options.args))
}
