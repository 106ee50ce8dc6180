//! Servers in other languages: the feeds in `peers/`.

use crate::process::{Lines, Running, tied};
use anyhow::{Context, Result, ensure};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{ChildStdin, Stdio};
use std::time::Duration;

const START_MAX: Duration = Duration::from_secs(20);

#[derive(Clone, Copy, Debug)]
pub enum Language {
    /// With the package `ws`.
    Node,
    /// With the package `websockets`.
    Python,
    /// Socket.IO's own server, in Node.
    SocketIo,
}

/// A running server, which is killed when this goes away. It sends
/// `{"channel":"numbers","data":{"f0":1,"f1":0.5}}`, where `f0` counts its messages; Socket.IO's
/// has `numbers` as its event's name.
pub struct Peer {
    url: String,
    commands: ChildStdin,
    lines: Lines,
    _process: Running,
}

impl Peer {
    /// Starts one that sends so many messages a second, on a port that is free.
    pub fn start(language: Language, rate: u32) -> Result<Peer> {
        Peer::start_on(language, rate, 0)
    }

    pub fn start_on(language: Language, rate: u32, port: u16) -> Result<Peer> {
        Peer::start_with(language, &[format!("--rate={rate}"), format!("--port={port}")])
    }

    /// With options of its own, which its file describes.
    pub fn start_with(language: Language, options: &[String]) -> Result<Peer> {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("peers");
        let (program, script) = match language {
            Language::Node => ("node".into(), "node-ws.mjs"),
            Language::Python => (python()?, "python-websockets.py"),
            Language::SocketIo => ("node".into(), "socket-io.mjs"),
        };
        let mut command = tied(&program.to_string_lossy());
        command.arg(folder.join(script));
        command.args(options);
        command.stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut process = Running::start(&mut command)?;
        let commands = process.0.stdin.take().context("a peer without input")?;
        let lines = Lines::of(process.0.stdout.take().context("a peer without output")?);
        let url = lines.wait(0, START_MAX, |line| Some(line.to_owned())).with_context(|| {
            format!(
                "{language:?} does not serve; `cargo xtask test --only peers` installs its packages"
            )
        })?;
        Ok(Peer { url, commands, lines, _process: process })
    }

    /// Where it listens.
    pub fn url(&self) -> &str {
        &self.url
    }

    pub fn port(&self) -> Result<u16> {
        let port = self.url.rsplit(':').next().and_then(|rest| rest.split('/').next());
        Ok(port.context("no port")?.parse()?)
    }

    /// Has it send nothing more; says how many messages it has sent.
    pub fn pause(&mut self) -> Result<u64> {
        self.command("pause")
    }

    pub fn resume(&mut self) -> Result<u64> {
        self.command("resume")
    }

    pub fn sent(&mut self) -> Result<u64> {
        self.command("count")
    }

    /// How often it pinged someone, and how many it threw out because they did not answer: Node's
    /// alone counts them.
    pub fn heartbeats(&mut self) -> Result<(u64, u64)> {
        let said = self.ask("count")?;
        let number = |name: &str| said[name].as_u64().with_context(|| format!("no {name}"));
        Ok((number("pings")?, number("terminated")?))
    }

    fn command(&mut self, command: &str) -> Result<u64> {
        self.ask(command)?["sent"].as_u64().context("it does not say how many it sent")
    }

    fn ask(&mut self, command: &str) -> Result<serde_json::Value> {
        let since = self.lines.count();
        writeln!(self.commands, "{command}")?;
        self.lines.wait(since, START_MAX, |line| serde_json::from_str(line).ok())
    }
}

/// The Python that has the packages: what FEEDSCOPE_PYTHON names, or else the one that
/// `cargo xtask` has made.
fn python() -> Result<PathBuf> {
    if let Some(named) = std::env::var_os("FEEDSCOPE_PYTHON") {
        return Ok(named.into());
    }
    let made = Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/xtask/venv/bin/python");
    ensure!(
        made.is_file(),
        "There is no Python with the packages; `cargo xtask test --only peers` makes one."
    );
    Ok(made)
}
