//! The command line.

use clap::{Parser, ValueEnum};
use std::path::PathBuf;
use std::time::Duration;

/// An oscilloscope for live WebSocket feeds.
#[derive(Clone, Debug, Parser)]
#[command(version, about)]
pub struct Args {
    /// Feeds to add (ws://… or wss://…), or boards to open (.json files)
    #[arg(value_name = "URL|BOARD")]
    pub open: Vec<String>,

    /// Keep boards, window size and pictures here, instead of in the user's own folders
    #[arg(long, value_name = "DIR")]
    pub data_dir: Option<PathBuf>,

    /// End after this long: 10s, 500ms, 5m, 2h
    #[arg(long = "for", value_name = "TIME", value_parser = duration)]
    pub run_for: Option<Duration>,

    /// Print a line a second about each feed
    #[arg(long, value_name = "FORMAT", num_args = 0..=1, default_missing_value = "text")]
    pub status: Option<StatusFormat>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum StatusFormat {
    /// For people
    Text,
    /// For programs
    Json,
}

impl Args {
    /// What to open, as feeds and boards.
    pub fn urls_and_boards(&self) -> (Vec<String>, Vec<PathBuf>) {
        let is_url = |text: &String| text.contains("://");
        let (urls, boards): (Vec<_>, Vec<_>) = self.open.iter().cloned().partition(is_url);
        (urls, boards.into_iter().map(PathBuf::from).collect())
    }
}

fn duration(text: &str) -> Result<Duration, String> {
    let digits = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
    let (number, unit) = text.split_at(digits);
    let seconds = match unit {
        "ms" => 0.001,
        "s" | "" => 1.0,
        "m" => 60.0,
        "h" => 3_600.0,
        _ => return Err(format!("“{unit}” is not a unit of time; use ms, s, m or h")),
    };
    let number: f64 = number.parse().map_err(|_| format!("“{number}” is not a number"))?;
    Duration::try_from_secs_f64(number * seconds).map_err(|_| "that is too long".into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_written_as_people_write_them() {
        for (text, millis) in [("10s", 10_000), ("500ms", 500), ("1.5", 1_500), ("2m", 120_000)] {
            assert_eq!(duration(text), Ok(Duration::from_millis(millis)), "{text}");
        }
        for text in ["", "s", "10 s", "10x", "-1s", "1e400", "."] {
            assert!(duration(text).is_err(), "{text}");
        }
    }

    #[test]
    fn status_needs_no_format() {
        let args = Args::parse_from(["feedscope", "--status"]);
        assert_eq!(args.status, Some(StatusFormat::Text));
        let args =
            Args::parse_from(["feedscope", "--status", "json", "ws://a/", "b.feedscope.json"]);
        assert_eq!(args.status, Some(StatusFormat::Json));
        assert_eq!(
            args.urls_and_boards(),
            (vec!["ws://a/".into()], vec!["b.feedscope.json".into()])
        );
    }
}
