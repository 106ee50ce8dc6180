//! How fast messages are read: by our whole path, and by those who only read and drop them.
//!
//! Server and reader are programs of their own, each on a core of its own where the machine has
//! two. The readers take turns over several rounds, and the median of each counts: what else the
//! machine does then befalls all of them.

mod flood;
mod readers;
mod soak;

use crate::report::{Report, Table, count, number, ratio};
use anyhow::{Context, Result, ensure};
use clap::{Subcommand, ValueEnum};
use feedscope_tests::{Lines, Running, tied};
use flood::Size;
use readers::Speed;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

const START_MAX: Duration = Duration::from_secs(20);
/// What a reader may take beyond the time that it measures for.
const READ_MAX: Duration = Duration::from_secs(60);
const SERVER_CORE: &str = "0";
const READER_CORE: &str = "1";
const ROUNDS: usize = 7;
const SECONDS: f64 = 1.0;

/// Of a message that stands as an example: enough to see what it is.
const EXAMPLE_MAX: usize = 120;

/// The least that is acceptable of our path, as a share of the bare read.
const SHARE_MIN: f64 = 0.4;

#[derive(clap::Args)]
pub struct IngestBench {
    /// How often each reader has its turn
    #[arg(long, default_value_t = ROUNDS)]
    rounds: usize,
    /// How long each turn takes, in seconds
    #[arg(long, default_value_t = SECONDS)]
    seconds: f64,
    /// Instead, send so many messages through our path (50m, 200k) and watch its memory
    #[arg(long, value_parser = soak::count)]
    soak: Option<u64>,
}

impl Default for IngestBench {
    fn default() -> Self {
        IngestBench { rounds: ROUNDS, seconds: SECONDS, soak: None }
    }
}

/// A program that `ingest` starts.
#[derive(Subcommand)]
pub enum Part {
    Flood { size: Size },
    Read { reader: Reader, size: Size, url: String, seconds: f64 },
    Soak { size: Size, url: String, messages: u64 },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Reader {
    /// tokio-tungstenite, which reads and drops.
    Bare,
    /// A subscription, whose sink pushes all into a history.
    Kept,
    /// A subscription, whose sink counts records.
    Ours,
    /// Node's `ws`, which reads and drops.
    Node,
    /// Our decoder by itself, from memory.
    Decoder,
}

const READERS: [(Reader, &str); 5] = [
    (Reader::Bare, "tokio-tungstenite: read and drop"),
    (Reader::Kept, "Feedscope: decoded, in sequence, accounted for, kept"),
    (Reader::Ours, "Feedscope: the same, without a history"),
    (Reader::Node, "Node ws: read and drop"),
    (Reader::Decoder, "Feedscope's decoder by itself, from memory"),
];

impl Part {
    pub fn run(self) -> Result<()> {
        match self {
            Part::Flood { size } => flood::serve(size),
            Part::Read { reader, size, url, seconds } => {
                let seconds = Duration::from_secs_f64(seconds);
                println!("{}", readers::speed(reader, size, &url, seconds)?);
                Ok(())
            }
            Part::Soak { size, url, messages } => soak::soak(size, &url, messages),
        }
    }
}

impl IngestBench {
    pub fn run(&self, save: bool) -> Result<()> {
        if let Some(messages) = self.soak {
            let (url, _server) = start_flood(Size::Small)?;
            let messages = messages.to_string();
            let mut command = on_core(READER_CORE, &this()?);
            let status = command.args(["part", "soak", "small", &url, &messages]).status()?;
            ensure!(status.success(), "The memory of our path grew.");
            return Ok(());
        }
        let mut report = Report::new("ingest", "From the socket to the history", save);
        report.say(&format!(
            "Server and reader on a core each; {} turns of {} s each; medians.",
            self.rounds, self.seconds
        ));
        let mut shortfalls = Vec::new();
        for size in [Size::Small, Size::Large] {
            shortfalls.extend(self.measure(size, &mut report)?);
        }
        report.end()?;
        ensure!(shortfalls.is_empty(), "{}", shortfalls.join("\n"));
        Ok(())
    }

    /// Returns what is not as it should be.
    fn measure(&self, size: Size, report: &mut Report) -> Result<Vec<String>> {
        let (url, _server) = start_flood(size)?;
        let mut speeds = READERS.map(|_| Vec::new());
        for _ in 0..self.rounds {
            for ((reader, _), speeds) in READERS.iter().zip(&mut speeds) {
                speeds.push(self.turn(*reader, size, &url)?);
            }
        }
        let example = flood::payload(size, flood::FIRST);
        let bytes = example.len();
        let example = example.chars().take(EXAMPLE_MAX).collect::<String>();
        report.say(&format!("{bytes} bytes of JSON a message, such as `{example}`"));
        let mut table =
            Table::new(["", "messages/s", "of bare", "ns each", "CPU ns", "from – to, M/s"]);
        let rates = speeds.each_ref().map(|speeds| median(speeds, |speed| speed.rate));
        let cpu_ns = speeds.each_ref().map(|speeds| median(speeds, |speed| speed.cpu_ns));
        let [(_, bare, _), (_, ours, _), _, (_, node, _), _] = rates;
        for (((_, name), (least, rate, most)), (_, cpu_ns, _)) in
            READERS.iter().zip(rates).zip(cpu_ns)
        {
            table.row([
                String::from(*name),
                count(rate),
                ratio(rate, bare),
                number(1e9 / rate, 0),
                number(cpu_ns, 0),
                format!("{:.2} – {:.2}", least / 1e6, most / 1e6),
            ]);
        }
        report.table(&table);
        let mut shortfalls = Vec::new();
        if ours < SHARE_MIN * bare {
            shortfalls.push(format!(
                "With {size:?} messages, our path has {:.2} of the bare read's speed; {SHARE_MIN} \
                 is the least.",
                ours / bare
            ));
        }
        if ours < node {
            shortfalls.push(format!("With {size:?} messages, Node's bare read is faster."));
        }
        Ok(shortfalls)
    }

    fn turn(&self, reader: Reader, size: Size, url: &str) -> Result<Speed> {
        let seconds = self.seconds.to_string();
        let mut command = match reader {
            Reader::Node => {
                let mut command = on_core(READER_CORE, "node");
                let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("peers/node-ws-drop.mjs");
                command.arg(script).args([url, &seconds]);
                command
            }
            Reader::Bare | Reader::Kept | Reader::Ours | Reader::Decoder => {
                let mut command = on_core(READER_CORE, &this()?);
                let (reader, size) = (reader.to_possible_value(), size.to_possible_value());
                let names = [reader, size].map(|value| value.map(|v| v.get_name().to_owned()));
                command.args(["part", "read"]).args(names.into_iter().flatten());
                command.args([url, &seconds]);
                command
            }
        };
        let mut process = Running::start(command.stdout(Stdio::piped()))?;
        let lines = Lines::of(process.0.stdout.take().context("a reader without output")?);
        let patience = READ_MAX + Duration::from_secs_f64(self.seconds);
        lines.wait(0, patience, Speed::read).with_context(|| {
            format!("{reader:?} said no rate; `cargo xtask test --only peers` installs Node's `ws`")
        })
    }
}

fn start_flood(size: Size) -> Result<(String, Running)> {
    let mut command = on_core(SERVER_CORE, &this()?);
    let size = size.to_possible_value().map(|value| value.get_name().to_owned());
    command.args(["part", "flood"]).args(size).stdout(Stdio::piped());
    let mut process = Running::start(&mut command)?;
    let lines = Lines::of(process.0.stdout.take().context("a server without output")?);
    let url = lines.wait(0, START_MAX, |line| Some(line.to_owned()))?;
    Ok((url, process))
}

fn this() -> Result<String> {
    Ok(std::env::current_exe()?.to_string_lossy().into_owned())
}

/// A program that keeps to one core, where that can be said and there are two.
fn on_core(core: &str, program: &str) -> Command {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    if cores > 1 && Command::new("taskset").arg("--version").output().is_ok() {
        let mut command = tied("taskset");
        command.args(["-c", core, program]);
        return command;
    }
    tied(program)
}

/// The least, the median and the greatest.
fn median(speeds: &[Speed], of: impl Fn(&Speed) -> f64) -> (f64, f64, f64) {
    let mut all: Vec<f64> = speeds.iter().map(of).collect();
    all.sort_by(f64::total_cmp);
    let at = |index: usize| all.get(index).copied().unwrap_or(f64::NAN);
    (at(0), at(all.len() / 2), at(all.len().saturating_sub(1)))
}
