//! Programs in Rust that the tasks use, in the versions that they are written for.

use crate::shell::{cargo, output, own_dir, run};
use anyhow::Result;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Where the program is; built first, if this machine has none of this version.
pub fn find(name: &str, version: &str) -> Result<PathBuf> {
    let is_ours = |program: &Path| {
        output(Command::new(program).arg("--version")).is_ok_and(|said| said.ends_with(version))
    };
    let known = Path::new(name);
    if is_ours(known) {
        return Ok(known.to_owned());
    }
    let tools = own_dir()?.join("tools");
    let built = tools.join("bin").join(format!("{name}{}", std::env::consts::EXE_SUFFIX));
    if !is_ours(&built) {
        // Unoptimized, it builds in a minute instead of five, and is fast enough.
        let install = ["install", name, "--locked", "--debug", "--force"];
        run(cargo(install).args(["--version", version, "--root"]).arg(&tools))?;
    }
    Ok(built)
}
