//! Other programs: started, listened to, and ended by their own id.

use anyhow::{Context, Result, bail};
use std::collections::VecDeque;
use std::io::{BufRead, BufReader, Read};
use std::process::{Child, Command};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

/// More lines than a test waits for; the oldest go first.
const LINES_MAX: usize = 4_096;

/// How long output may still be on its way after its program has ended.
const END_MAX: Duration = Duration::from_secs(5);

/// A program that is ended, and waited for, when this goes away.
pub struct Running(pub Child);

impl Running {
    pub fn start(command: &mut Command) -> Result<Running> {
        let child = command.spawn().with_context(|| {
            format!("{} could not be started", command.get_program().to_string_lossy())
        })?;
        Ok(Running(child))
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// A program that ends when we do, however we end.
pub fn tied(program: &str) -> Command {
    let has_setpriv = Command::new("setpriv").arg("--version").output().is_ok();
    if cfg!(target_os = "linux") && has_setpriv {
        let mut command = Command::new("setpriv");
        command.args(["--pdeathsig", "KILL", "--", program]);
        return command;
    }
    Command::new(program)
}

/// Ends a process that is not our child.
pub fn kill(id: u32) {
    let _ = Command::new("sh").args(["-c", "kill -KILL $0", &id.to_string()]).status();
}

/// The process that another has started.
pub fn child_of(parent: u32) -> Option<u32> {
    let ids = std::fs::read_dir("/proc").ok()?.flatten();
    let mut ids = ids.filter_map(|entry| entry.file_name().to_str()?.parse::<u32>().ok());
    ids.find(|id| stat(*id).is_some_and(|(_, of)| of == parent))
}

pub fn is_running(id: u32) -> bool {
    // What has ended and was not yet taken note of is a zombie.
    stat(id).is_some_and(|(state, _)| state != "Z")
}

/// A process's state and parent.
fn stat(id: u32) -> Option<(String, u32)> {
    let stat = std::fs::read_to_string(format!("/proc/{id}/stat")).ok()?;
    // The name, in brackets, may hold anything.
    let mut rest = stat.rsplit_once(')')?.1.split_whitespace();
    Some((rest.next()?.to_owned(), rest.next()?.parse().ok()?))
}

/// The lines that a program writes, as they come.
#[derive(Clone)]
pub struct Lines(Arc<(Mutex<Heard>, Condvar)>);

#[derive(Default)]
struct Heard {
    lines: VecDeque<String>,
    /// How many lines there were before the first in `lines`.
    forgotten: usize,
    ended: bool,
}

impl Lines {
    pub fn of(output: impl Read + Send + 'static) -> Lines {
        let lines = Lines(Arc::default());
        let to = lines.clone();
        thread::spawn(move || {
            for line in BufReader::new(output).lines().map_while(Result::ok) {
                let mut heard = to.lock();
                if heard.lines.len() == LINES_MAX {
                    heard.lines.pop_front();
                    heard.forgotten += 1;
                }
                heard.lines.push_back(line);
                to.0.1.notify_all();
            }
            to.lock().ended = true;
            to.0.1.notify_all();
        });
        lines
    }

    /// How many there have been.
    pub fn count(&self) -> usize {
        let heard = self.lock();
        heard.forgotten + heard.lines.len()
    }

    /// Those from the `first` on, as far as they are remembered.
    pub fn since(&self, first: usize) -> Vec<String> {
        let heard = self.lock();
        let at = first.saturating_sub(heard.forgotten).min(heard.lines.len());
        heard.lines.range(at..).cloned().collect()
    }

    /// Waits for a line, from the `since`th on, of which `pick` makes something.
    pub fn wait<T>(
        &self,
        since: usize,
        patience: Duration,
        mut pick: impl FnMut(&str) -> Option<T>,
    ) -> Result<T> {
        let deadline = Instant::now() + patience;
        let mut next = since;
        let mut heard = self.lock();
        loop {
            let first = next.saturating_sub(heard.forgotten);
            if let Some(found) =
                heard.lines.range(first.min(heard.lines.len())..).find_map(|line| pick(line))
            {
                return Ok(found);
            }
            next = heard.forgotten + heard.lines.len();
            let left = deadline.saturating_duration_since(Instant::now());
            if heard.ended || left.is_zero() {
                let why = if heard.ended { "it ended first" } else { "it did not come in time" };
                let last = heard.lines.back().map_or("nothing", String::as_str);
                bail!("a line was awaited, but {why}; the last one was: {last}");
            }
            heard = self.0.1.wait_timeout(heard, left).unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    /// All of them, once there can be no more.
    pub fn all(&self) -> Result<String> {
        let (heard, timeout) = self
            .0
            .1
            .wait_timeout_while(self.lock(), END_MAX, |heard| !heard.ended)
            .unwrap_or_else(PoisonError::into_inner);
        if timeout.timed_out() {
            bail!("the output does not end");
        }
        Ok(Vec::from_iter(heard.lines.iter().map(String::as_str)).join("\n"))
    }

    /// Those so far.
    pub fn text(&self) -> String {
        Vec::from_iter(self.lock().lines.iter().map(String::as_str)).join("\n")
    }

    fn lock(&self) -> MutexGuard<'_, Heard> {
        self.0.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
