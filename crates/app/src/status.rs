//! What a terminal is told once a second.

use crate::api::Status;
use crate::names;
use crate::store::Store;
use feedscope_feed::Time;
use serde::Serialize;
use std::fmt;

/// The line of one second; displayed for people, or serialised as one line of JSON.
#[derive(Clone, Debug, Serialize)]
pub struct Line {
    /// Milliseconds since the Unix epoch.
    pub at_ms: f64,
    /// Updates drawn by the window in the last second.
    pub frames_per_second: u32,
    /// The number of the last update that was drawn. None is left out, so that it grows by as many
    /// as were drawn.
    pub update_drawn: u64,
    /// When the window had drawn an update with samples for the first time.
    pub first_samples_ms: Option<f64>,
    /// How long the answers to the window's questions for views took, since the last line.
    pub answers_ms: Vec<f64>,
    pub history: History,
    pub feeds: Vec<Feed>,
}

/// What is kept.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct History {
    pub samples: u64,
    pub memory_bytes: usize,
    pub disk_bytes: u64,
    /// All that came until then is on the disk; `null` if nothing is.
    pub saved_ms: Option<f64>,
    /// From here on all is kept; what was before was dropped, to stay within the budget. `null`
    /// while nothing was.
    pub begins_ms: Option<f64>,
}

impl History {
    pub(crate) fn of(store: &Store) -> Self {
        let history = &store.history;
        let is_of_feeds = |(name, _): &(&str, _)| !names::is_health(name);
        let all = || history.series().filter(is_of_feeds).map(|(_, series)| series);
        let begins_ns = all().filter_map(|series| history.begins(series)).max();
        History {
            samples: all().map(|series| history.sample_count(series)).sum(),
            memory_bytes: history.bytes(),
            disk_bytes: history.disk_bytes(),
            saved_ms: store.saved_until.map(Time::millis),
            begins_ms: begins_ns.map(|begins_ns| begins_ns as f64 / 1e6),
        }
    }
}

#[derive(Clone, Debug, Serialize)]
pub struct Feed {
    pub name: String,
    /// Why it is in this state.
    pub cause: String,
    #[serde(flatten)]
    pub status: Status,
}

impl fmt::Display for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for feed in &self.feeds {
            let status = &feed.status;
            let state = serde_json::to_value(status.state).unwrap_or_default();
            write!(
                f,
                "{} {} · {:.0} messages/s · {} received · {} gaps · {} missing · ",
                feed.name,
                state.as_str().unwrap_or_default(),
                status.messages_per_second,
                status.ledger.received(),
                status.gaps,
                status.missing,
            )?;
            match status.latency {
                Some(latency) => {
                    write!(
                        f,
                        "latency {:.0}/{:.0}/{:.0} ms",
                        latency.p50_ms, latency.p95_ms, latency.p99_ms
                    )?;
                }
                None => write!(f, "no source time")?,
            }
            if !status.state.is_open() {
                write!(f, " · {}", feed.cause)?;
            }
            write!(f, " | ")?;
        }
        let kept = self.history.samples;
        write!(f, "{kept} samples kept | {} frames/s", self.frames_per_second)
    }
}
