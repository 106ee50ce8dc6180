//! Python packages, in an environment of their own for each who needs some.

use crate::shell::{command, own_dir, run};
use anyhow::Result;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Installs what `requirements.txt` in a folder names, if it is not that of last time. Gives the
/// Python that has it.
pub fn install(dir: &str, environment: &str) -> Result<PathBuf> {
    let requirements = Path::new(dir).join("requirements.txt");
    let wanted = fs::read_to_string(&requirements)?;
    let venv = own_dir()?.join(environment);
    let python = venv.join(if cfg!(windows) { "Scripts/python.exe" } else { "bin/python" });
    let stamp = venv.join("installed.txt");
    if fs::read_to_string(&stamp).is_ok_and(|found| found == wanted) {
        return Ok(python);
    }
    println!("Installing the packages of {}.", requirements.display());
    run(command(if cfg!(windows) { "python" } else { "python3" }, ["-m", "venv"]).arg(&venv))?;
    let mut pip = Command::new(&python);
    pip.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--requirement"]);
    run(pip.arg(&requirements))?;
    fs::write(stamp, wanted)?;
    Ok(python)
}
