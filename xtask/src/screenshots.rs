//! `cargo xtask screenshots`: the window in all its states, in both themes and both languages.

use crate::headless::Headless;
use crate::shell::{cargo, command, run, target_dir};
use crate::{system, ui};
use anyhow::{Context, Result};
use std::fs;
use std::path::Path;

/// The widest window that is shown.
const SCREEN: &str = "2560x1440x24";
/// Those that the docs show, of all that are taken, and where.
const IN_DOCS: [(&str, &str); 4] = [
    ("dark-en/gaps.png", "docs/screenshot.png"),
    ("dark-en/sources.png", "docs/sources.png"),
    ("dark-en/health.png", "docs/health.png"),
    ("dark-en/inspector-message.png", "docs/inspector.png"),
];

#[derive(clap::Args)]
pub struct Options {
    /// Copy those that the docs show to where they are shown
    #[arg(long)]
    docs: bool,
    /// Which of them: --theme dark, --language en, --only board; all if none is named
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    args: Vec<String>,
}

pub fn screenshots(options: &Options) -> Result<()> {
    system::ensure(&[&system::BUILD, &system::HEADLESS, &system::TESTS])?;
    ui::build()?;
    let packages = ["build", "--package", "feedscope", "--package", "feedscope-tests"];
    run(cargo(packages).args(["--features", "feedscope/custom-protocol"]))?;
    let out = target_dir()?.join("screenshots");
    let program = target_dir()?.join("debug/screenshots");
    let mut take = command(&program.to_string_lossy(), ["--out"]);
    take.arg(&out).args(&options.args);
    // Even where there is a display: its size, its theme and its fonts are nobody's own.
    let headless = Headless::of_size(SCREEN)?;
    headless.host(&mut take);
    run(&mut take)?;
    for (picture, place) in IN_DOCS.into_iter().filter(|_| options.docs) {
        copy(&out.join(picture), Path::new(place))?;
    }
    Ok(())
}

fn copy(picture: &Path, place: &Path) -> Result<()> {
    fs::copy(picture, place).with_context(|| format!("copying {}", picture.display()))?;
    println!("{} is new.", place.display());
    Ok(())
}
