//! The board that a first start shows, and what makes any other fit to be shown.

use crate::api::{Board, BoardFeed, Panel, Trace, Unit};
use feedscope_hub::computer;
use std::collections::HashSet;

/// The version of the file format that is written.
pub const VERSION: u32 = 1;

/// What stands for the built-in feed in place of a URL, since its port is another at each start.
pub const COMPUTER_URL: &str = "builtin:computer";
pub const COMPUTER_ID: &str = "computer";

/// A second's worth of nothing to a year.
const SPAN_MS: std::ops::RangeInclusive<f64> = 1.0..=366.0 * 24.0 * 3.6e6;
const SPAN_MS_DEFAULT: f64 = 60_000.0;

/// More cores than this are not told apart by eye; their sum is still drawn.
const CORES_DRAWN_MAX: usize = 8;

/// The board of the built-in feed.
pub fn this_computer() -> Board {
    let cores = computer::cores().min(CORES_DRAWN_MAX);
    let mut cpu = vec![("total".to_owned(), "All cores".to_owned())];
    cpu.extend((0..cores).map(|core| (format!("core{core}"), format!("Core {}", core + 1))));
    let panel =
        |id: &str, title: &str, channel: &str, unit, range, traces: &[(String, String)]| Panel {
            id: id.into(),
            title: title.into(),
            unit,
            range,
            traces: traces
                .iter()
                .zip(0..)
                .map(|((field, label), color)| Trace {
                    feed: COMPUTER_ID.into(),
                    channel: channel.into(),
                    path: format!("data.{field}"),
                    label: Some(label.clone()),
                    color,
                })
                .collect(),
        };
    let named = |fields: &[(&str, &str)]| -> Vec<(String, String)> {
        fields.iter().map(|(field, label)| ((*field).into(), (*label).into())).collect()
    };
    let mut panels = vec![
        panel("cpu", "CPU by core", "cpu", Unit::Percent, Some((0.0, 100.0)), &cpu),
        panel(
            "memory",
            "Memory",
            "memory",
            Unit::Bytes,
            None,
            &named(&[("used", "Used"), ("available", "Available")]),
        ),
        panel(
            "network",
            "Network",
            "network",
            Unit::BytesPerSecond,
            None,
            &named(&[("received", "Received"), ("sent", "Sent")]),
        ),
        panel(
            "disk",
            "Disk",
            "disk",
            Unit::BytesPerSecond,
            None,
            &named(&[("read", "Read"), ("written", "Written")]),
        ),
    ];
    if computer::CHANNELS.contains(&"load") {
        panels.insert(
            2,
            panel(
                "load",
                "Load",
                "load",
                Unit::None,
                None,
                &named(&[("one", "1 min"), ("five", "5 min"), ("fifteen", "15 min")]),
            ),
        );
    }
    Board {
        feedscope: VERSION,
        name: "This computer".into(),
        span_ms: SPAN_MS_DEFAULT,
        feeds: vec![computer_feed()],
        panels,
        layout: serde_json::Value::Null,
    }
}

fn computer_feed() -> BoardFeed {
    BoardFeed { id: COMPUTER_ID.into(), name: computer::NAME.into(), url: COMPUTER_URL.into() }
}

/// Makes what a file says fit to be shown: each id once, a span that is one, the built-in feed.
pub fn repaired(mut board: Board) -> Board {
    board.feedscope = VERSION;
    if !SPAN_MS.contains(&board.span_ms) {
        board.span_ms = SPAN_MS_DEFAULT;
    }
    let mut ids = HashSet::new();
    board.panels.retain(|panel| !panel.id.is_empty() && ids.insert(panel.id.clone()));
    for panel in &mut board.panels {
        panel.range =
            panel.range.filter(|(low, high)| low.is_finite() && high.is_finite() && low < high);
    }
    let mut ids = HashSet::new();
    board.feeds.retain(|feed| !feed.id.is_empty() && ids.insert(feed.id.clone()));
    if !ids.contains(COMPUTER_ID) {
        board.feeds.insert(0, computer_feed());
    }
    board
}

/// An id for a feed at `url` that none of `taken` has.
pub fn feed_id(url: &str, taken: &HashSet<&str>) -> String {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let host = host.rsplit_once('@').map_or(host, |(_, host)| host);
    let base: String = host
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '-' })
        .collect();
    let base = base.trim_matches('-');
    let base = if base.is_empty() { "feed" } else { base };
    let numbered = (2..).map(|number| format!("{base}-{number}"));
    std::iter::once(base.to_owned())
        .chain(numbered)
        .find(|id| !taken.contains(id.as_str()))
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_feed_gets_an_id_of_its_own() {
        let none = HashSet::new();
        assert_eq!(feed_id("ws://127.0.0.1:80/x", &none), "127-0-0-1-80");
        assert_eq!(feed_id("wss://user:pass@Example.com?token=1", &none), "example-com");
        assert_eq!(feed_id("wss://例え.jp/", &none), "jp");
        assert_eq!(feed_id("", &none), "feed");
        assert_eq!(feed_id("ws://a/", &HashSet::from(["a", "a-2"])), "a-3");
    }

    #[test]
    fn what_a_file_says_twice_or_wrongly_is_dropped() {
        let mut board = this_computer();
        let panels = board.panels.len();
        board.panels.push(board.panels[0].clone());
        board.panels[1].range = Some((5.0, 5.0));
        board.feeds.clear();
        board.span_ms = -1.0;
        let board = repaired(board);
        assert_eq!(board.panels.len(), panels);
        assert_eq!(board.panels[1].range, None);
        assert_eq!(board.feeds[0].url, COMPUTER_URL);
        assert_eq!(board.span_ms, SPAN_MS_DEFAULT);
    }
}
