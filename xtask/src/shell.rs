//! Running other programs, from the root of the repository.

use anyhow::{Context, Result, bail, ensure};
use std::env;
use std::ffi::OsStr;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

/// Makes the root of the repository the current directory, and says which one it was before.
pub fn enter_root() -> Result<PathBuf> {
    let started_in = env::current_dir()?;
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().context("xtask has no parent")?;
    env::set_current_dir(root).with_context(|| format!("could not enter {}", root.display()))?;
    Ok(started_in)
}

/// Where cargo builds: this program was built there too.
pub fn target_dir() -> Result<PathBuf> {
    let this = env::current_exe()?;
    let dir = this.ancestors().nth(2).context("xtask does not lie in a target directory")?;
    Ok(dir.to_owned())
}

/// A folder for what the tasks leave behind between two runs.
pub fn own_dir() -> Result<PathBuf> {
    let dir = target_dir()?.join("xtask");
    std::fs::create_dir_all(&dir)?;
    Ok(dir)
}

pub fn command<S: AsRef<OsStr>>(program: &str, args: impl IntoIterator<Item = S>) -> Command {
    let mut command = Command::new(program);
    command.args(args);
    command
}

/// The cargo that runs this task.
pub fn cargo<S: AsRef<OsStr>>(args: impl IntoIterator<Item = S>) -> Command {
    command(&env::var("CARGO").unwrap_or_else(|_| "cargo".into()), args)
}

pub fn npm<S: AsRef<OsStr>>(dir: &str, args: impl IntoIterator<Item = S>) -> Command {
    let mut command = command(if cfg!(windows) { "npm.cmd" } else { "npm" }, args);
    command.current_dir(dir);
    command
}

/// Runs it, its output going where ours goes.
pub fn run(command: &mut Command) -> Result<()> {
    let status = command.status().with_context(|| cannot_start(command))?;
    ensure!(status.success(), "`{}` failed: {status}.", line(command));
    Ok(())
}

/// Runs it, its output going where ours goes; each line of the standard output is shown to `see`
/// as well.
pub fn run_and_see(command: &mut Command, mut see: impl FnMut(&str)) -> Result<()> {
    let child = command.stdout(Stdio::piped()).spawn();
    let mut child = child.with_context(|| cannot_start(command))?;
    let lines = child.stdout.take().context("no standard output")?;
    for line in BufReader::new(lines).split(b'\n') {
        let line = line?;
        let line = String::from_utf8_lossy(&line);
        println!("{line}");
        see(line.trim_end_matches('\r'));
    }
    let status = child.wait()?;
    ensure!(status.success(), "`{}` failed: {status}.", line(command));
    Ok(())
}

/// Runs it, and answers with what it wrote to its standard output.
pub fn output(command: &mut Command) -> Result<String> {
    let output = command.stdin(Stdio::null()).output().with_context(|| cannot_start(command))?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        bail!("`{}` failed: {}.\n{}", line(command), output.status, said.trim_end());
    }
    Ok(String::from_utf8_lossy(&output.stdout).trim_end().to_owned())
}

/// Whether it runs and succeeds; silent.
pub fn succeeds(command: &mut Command) -> bool {
    command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success())
}

/// The command as one would type it.
pub fn line(command: &Command) -> String {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    words.map(|word| word.to_string_lossy()).collect::<Vec<_>>().join(" ")
}

pub fn cannot_start(command: &Command) -> String {
    format!("`{}` could not be started", line(command))
}

/// A program that ends when we do, however we end.
pub fn tied(program: impl AsRef<OsStr>) -> Command {
    // Of the ways to outlive nobody, this one also holds when we are killed.
    if cfg!(target_os = "linux") && succeeds(Command::new("setpriv").arg("--version")) {
        let mut command = command("setpriv", ["--pdeathsig", "TERM", "--"]);
        command.arg(program);
        return command;
    }
    Command::new(program)
}

/// A running program that is ended, and waited for, when this goes away.
pub struct Running(pub Child);

impl Running {
    pub fn start(command: &mut Command) -> Result<Running> {
        Ok(Running(command.spawn().with_context(|| cannot_start(command))?))
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if !matches!(self.0.try_wait(), Ok(None)) {
            return;
        }
        // Asked rather than killed, where that exists: an X server has files to clean up. By the
        // shell, since a small system may lack the program `kill`.
        let id = self.0.id().to_string();
        let asked = cfg!(unix) && succeeds(&mut command("sh", ["-c", "kill -TERM $0", &id]));
        if !asked {
            let _ = self.0.kill();
        }
        let _ = self.0.wait();
    }
}
