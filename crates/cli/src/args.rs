//! The command line. What each command does is in the file of its name; docs/feedtap.md describes
//! all of it.

use crate::serve::{Faults, Speed};
use clap::{Args, Parser, Subcommand};
use std::path::PathBuf;
use std::time::Duration;

/// Subscribes to any live WebSocket feed, and says exactly what it did not receive.
#[derive(Debug, Parser)]
#[command(name = "feedtap", version, max_term_width = 100)]
pub struct Cli {
    #[command(subcommand)]
    pub command: Command,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Shows a feed as it comes, or prints its records as JSON.
    Watch(Watch),
    /// Dials a feed step by step, and says at each step what was found and what is wrong.
    Probe(Probe),
    /// Sends messages to a feed, once it is live.
    Send(Send),
    /// Writes what a feed sends, as it comes over the wire, to a capture file.
    Capture(Capture),
    /// Serves a capture file as a live feed on this computer, with faults on purpose if you like.
    Serve(Serve),
    /// Says what is wrong in a profile; lists and shows those that come with feedtap.
    #[command(subcommand)]
    Profile(Profile),
}

/// Which feed, and how to reach it.
#[derive(Debug, Args)]
pub struct Feed {
    /// A ws:// or wss:// URL, a profile's file (.toml), or the name of a bundled profile.
    #[arg(value_name = "URL|PROFILE")]
    pub feed: String,
    /// A value for one of the profile's variables; can be given several times.
    #[arg(long, value_name = "NAME=VALUE", value_parser = name_and_value)]
    pub set: Vec<(String, String)>,
    /// Dial this instead of the profile's URL.
    #[arg(long)]
    pub url: Option<String>,
    /// A header of the handshake; ${secret:NAME} stands for a secret. Can be given several times.
    #[arg(long = "header", value_name = "NAME: VALUE", value_parser = header)]
    pub headers: Vec<(String, String)>,
    /// Offered in the handshake; can be given several times.
    #[arg(long = "subprotocol", value_name = "NAME")]
    pub subprotocols: Vec<String>,
}

/// When to stop.
#[derive(Clone, Copy, Debug, Args)]
pub struct Until {
    /// Stop after this long: 500ms, 10s, 1h 30m.
    #[arg(long = "for", value_name = "TIME", value_parser = humantime::parse_duration)]
    pub for_: Option<Duration>,
    /// Stop if it has not been live within this long.
    #[arg(long, value_name = "TIME", value_parser = humantime::parse_duration)]
    pub give_up: Option<Duration>,
    /// Stop when the session ends, instead of dialling again.
    #[arg(long)]
    pub until_close: bool,
}

#[derive(Debug, Args)]
pub struct Watch {
    #[command(flatten)]
    pub feed: Feed,
    #[command(flatten)]
    pub until: Until,
    /// Print a line of JSON for each record, gap and change of the session, and the ledger last.
    #[arg(long)]
    pub json: bool,
}

#[derive(Debug, Args)]
pub struct Probe {
    #[command(flatten)]
    pub feed: Feed,
    /// Stay for this long, to see who ends a quiet connection, and when.
    #[arg(long, value_name = "TIME", value_parser = humantime::parse_duration)]
    pub watch: Option<Duration>,
    /// Print a line of JSON for each finding.
    #[arg(long)]
    pub json: bool,
}

#[derive(Debug, Args)]
pub struct Send {
    #[command(flatten)]
    pub feed: Feed,
    /// Sent in this order, each as a text message.
    #[arg(required = true, value_name = "MESSAGE")]
    pub messages: Vec<String>,
    /// Wait for the answer to each, but no longer than this. The profile must say how message and
    /// answer know each other.
    #[arg(long, value_name = "TIME", value_parser = humantime::parse_duration)]
    pub wait_answer: Option<Duration>,
    /// Stop if it has not been live within this long.
    #[arg(long, value_name = "TIME", value_parser = humantime::parse_duration, default_value = "30s")]
    pub give_up: Duration,
    /// Print a line of JSON for each message.
    #[arg(long)]
    pub json: bool,
}

#[derive(Debug, Args)]
pub struct Capture {
    #[command(flatten)]
    pub feed: Feed,
    #[command(flatten)]
    pub until: Until,
    /// The file to write; compressed if its name ends in .gz. It must not exist yet.
    #[arg(short, long, value_name = "FILE")]
    pub output: PathBuf,
}

#[derive(Debug, Args)]
pub struct Serve {
    /// A capture file: JSON lines, compressed (.gz) or not.
    #[arg(value_name = "CAPTURE")]
    pub capture: PathBuf,
    /// How fast: 1x, 10x, 0.5x, or max for as fast as it is taken.
    #[arg(long, default_value = "1x")]
    pub speed: Speed,
    /// The port to listen at on this computer; 0 for any that is free.
    #[arg(long, default_value_t = 0)]
    pub port: u16,
    /// What to do wrong: drop=0.01,duplicate=0.01,reorder=5,cut=30s,silent=60s.
    #[arg(long, default_value = "", hide_default_value = true)]
    pub faults: Faults,
    /// Decides which messages the faults fall on; the same seed, the same faults.
    #[arg(long, default_value_t = 0)]
    pub seed: u64,
    /// Start once the client has sent this many messages.
    #[arg(long = "await", value_name = "N", default_value_t = 0)]
    pub await_messages: u64,
    /// Start over at the end, instead of closing.
    #[arg(long)]
    pub repeat: bool,
    /// Stop after this many sessions.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    pub sessions: Option<u64>,
    /// Print the URL and the summary as JSON.
    #[arg(long)]
    pub json: bool,
}

#[derive(Debug, Subcommand)]
pub enum Profile {
    /// Says what is wrong in a profile, and where.
    Check {
        #[arg(value_name = "FILE")]
        file: PathBuf,
    },
    /// Lists the profiles that come with feedtap.
    List,
    /// Prints one of them, to start your own from.
    Show {
        #[arg(value_name = "NAME")]
        name: String,
    },
}

fn name_and_value(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((name, value)) if !name.is_empty() => Ok((name.to_owned(), value.to_owned())),
        _ => Err("write it as name=value, such as symbol=btcusdt".to_owned()),
    }
}

fn header(text: &str) -> Result<(String, String), String> {
    match text.split_once(':') {
        Some((name, value)) if !name.trim().is_empty() => {
            Ok((name.trim().to_owned(), value.trim().to_owned()))
        }
        _ => {
            Err("write it as “Name: value”, such as “Authorization: Bearer ${secret:token}”".into())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;
    use std::collections::BTreeSet;

    const DOC: &str = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/feedtap.md"));

    /// What a shell makes of a line, as far as the document goes.
    fn words(line: &str) -> Vec<String> {
        let quoted = line.split('\'').enumerate();
        let mut words = vec![String::new()];
        for (at, part) in quoted {
            let mut rest = part.split(|c: char| at % 2 == 0 && c.is_whitespace());
            if let (Some(first), Some(word)) = (rest.next(), words.last_mut()) {
                word.push_str(first);
            }
            words.extend(rest.map(str::to_owned));
        }
        words.retain(|word| !word.is_empty());
        words
    }

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn every_command_in_the_document_is_one() {
        let lines: Vec<_> = DOC.lines().filter(|line| line.starts_with("feedtap ")).collect();
        assert!(lines.len() > 15, "{lines:?}");
        for line in lines {
            Cli::try_parse_from(words(line)).unwrap_or_else(|error| panic!("{line}\n{error}"));
        }
    }

    #[test]
    fn every_option_is_in_the_document() {
        let said: BTreeSet<_> = DOC
            .split(|c: char| !c.is_ascii_alphanumeric() && c != '-')
            .filter_map(|word| word.strip_prefix("--"))
            .collect();
        let mut options = 0;
        for command in Cli::command().get_subcommands() {
            assert!(DOC.contains(&format!("## {}", command.get_name())), "{command}");
            for option in command.get_arguments().filter_map(|option| option.get_long()) {
                assert!(said.contains(option), "{command} --{option}");
                options += 1;
            }
        }
        assert!(options > 30);
    }
}
