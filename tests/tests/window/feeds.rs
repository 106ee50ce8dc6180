//! Feeds by their address: found, plotted, paused, restarted, fast.

use crate::{number, wait_for_all};
use anyhow::{Context, Result};
use feedscope_tests::{Language, Peer, Window};
use serde_json::{Value, json};
use std::time::Duration;

const CHANNEL: &str = "numbers";
/// Counts the messages, from 1.
const COUNTER: &str = "data.f0";

#[test]
fn a_feed_from_node_is_found_and_plotted_whole() -> Result<()> {
    found_and_plotted("node", Language::Node)
}

#[test]
fn a_feed_from_python_is_found_and_plotted_whole() -> Result<()> {
    found_and_plotted("python", Language::Python)
}

fn found_and_plotted(name: &str, language: Language) -> Result<()> {
    let mut peer = Peer::start(language, 100)?;
    let window = Window::open(name)?;
    let feed = window.added_feed(peer.url())?;
    window.wait(
        "its fields, by channel and path, with values",
        "const [feed, channel] = arguments;
         return ['data.f0', 'data.f1'].every((path) =>
             /[0-9]$/.test(by(`field-${feed}-${channel}-${path}`).textContent))",
        json!([feed, CHANNEL]),
    )?;
    let panel = window.plot(&feed, CHANNEL, COUNTER)?;
    let sent = peer.pause()?;
    assert!(sent > 0);
    wait_for_all(&window, &feed, &panel, sent)?;
    window.wait(
        "the last value in the legend",
        "return by(`legend-${arguments[0]}-0`).textContent === arguments[1].toLocaleString('en-US')",
        json!([panel, sent]),
    )?;
    let columns = window.run("return panel(arguments[0]).traces[0].columns", json!([panel]))?;
    let columns = columns.as_array().context("no columns")?;
    // A counter, drawn in columns: each takes up where the one before ended.
    let mut before = 0.0;
    for column in columns {
        let [count, first, min, max, last, gap] =
            [1, 2, 3, 4, 5, 6].map(|field| number(&column[field]).unwrap_or(f64::NAN));
        assert_eq!((first, min, max, last), (before + 1.0, first, last, before + count));
        assert_eq!(gap, 0.0, "the line breaks at {column}, but nothing is missing");
        before = last;
    }
    assert_eq!(before, sent as f64);

    // A click again takes it off the board.
    window.click(&format!("draw-{feed}-{CHANNEL}-{COUNTER}"))?;
    window.wait(
        "no such trace",
        "return panels().every((panel) => panel.traces.every((t) => t.label !== arguments[0]))",
        json!([COUNTER]),
    )?;
    Ok(())
}

#[test]
fn a_server_that_is_killed_and_comes_back_leaves_one_gap_and_a_broken_line() -> Result<()> {
    let peer = Peer::start(Language::Node, 50)?;
    let (url, port) = (peer.url().to_owned(), peer.port()?);
    let window = Window::open("restart")?;
    let feed = window.added_feed(&url)?;
    let panel = window.plot(&feed, CHANNEL, COUNTER)?;

    drop(peer);
    window.wait(
        "the outage, on the chart, in the list and in the strip",
        "const [feed, id] = arguments;
         const [gap] = panel(id).gaps;
         const { state } = status(feed);
         return gap.cause === 'outage' && gap.end_ms === null && gap.story.length > 0
             && state === 'waiting'
             && /next try in|trying again/.test(by(`feed-state-${feed}`).textContent)
             && all('segment').at(-1).dataset.state === 'waiting'",
        json!([feed, panel]),
    )?;

    let mut peer = Peer::start_on(Language::Node, 50, port)?;
    window.wait_long(
        // The waits between attempts grow.
        Duration::from_secs(60),
        "live again, with data",
        "const [feed, id] = arguments;
         const [trace] = panel(id).traces;
         return status(feed).state === 'live' && trace.columns.some((column) => column[6] === 1)",
        json!([feed, panel]),
    )?;
    let sent = peer.pause()?;
    let seen = window.wait(
        "the last message",
        "const [feed, id, sent] = arguments;
         const { gaps, traces: [trace], columnMs } = panel(id);
         const { ledger } = status(feed);
         return trace.latest === sent && spent(ledger) === ledger.received
             && ledger.received === counted(trace)
             && all('segment').at(-1).dataset.state === 'live'
             && { gaps, columnMs, columns: trace.columns,
                  states: all('segment').map((segment) => segment.dataset.state) }",
        json!([feed, panel, sent]),
    )?;
    let gaps = seen["gaps"].as_array().context("gaps")?;
    assert_eq!(gaps.len(), 1, "{gaps:?}");
    let (start, end) = (number(&gaps[0]["start_ms"])?, number(&gaps[0]["end_ms"])?);
    assert!(end > start);
    let column_ms = number(&seen["columnMs"])?;
    let columns = seen["columns"].as_array().context("columns")?;
    let breaks: Vec<&Value> = columns.iter().filter(|column| column[6] == 1).collect();
    assert_eq!(breaks.len(), 1, "the line breaks once: {breaks:?}");
    // It breaks at the first message after the outage.
    assert!((number(&breaks[0][0])? + 1.0) * column_ms >= end, "{breaks:?} {gaps:?}");
    let states: Vec<_> = seen["states"].as_array().context("states")?.iter().collect();
    assert!(states.contains(&&json!("waiting")), "{states:?}");
    Ok(())
}

#[test]
fn a_pause_of_five_seconds_loses_nothing() -> Result<()> {
    const RATE: u32 = 50;
    let mut peer = Peer::start(Language::Node, RATE)?;
    let window = Window::open("pause")?;
    let feed = window.added_feed(peer.url())?;
    let panel = window.plot(&feed, CHANNEL, COUNTER)?;

    window.click("pause")?;
    let paused = window.wait(
        "a view that stands still",
        "const { following, fromMs, toMs } = panel(arguments[0]);
         return !following && by('pause').textContent.trim() === 'Paused' && [fromMs, toMs]",
        json!([panel]),
    )?;
    // Five seconds, by the count of what was sent in them, which goes on being received.
    let enough = peer.sent()? + u64::from(RATE) * 5;
    window.wait(
        "five more seconds of messages",
        "return status(arguments[0]).ledger.received >= arguments[1]",
        json!([feed, enough]),
    )?;
    let still = window.run(
        "const { fromMs, toMs } = panel(arguments[0]); return [fromMs, toMs]",
        json!([panel]),
    )?;
    assert_eq!(still, paused, "the view moved while it was paused");

    window.click("jump-live")?;
    window.wait(
        "the present",
        "return panel(arguments[0]).following && by('pause').textContent.trim() === 'Live'",
        json!([panel]),
    )?;
    let sent = peer.pause()?;
    assert!(sent >= enough);
    wait_for_all(&window, &feed, &panel, sent)
}

#[test]
fn ten_thousand_messages_a_second_are_all_there_and_the_window_answers() -> Result<()> {
    const RATE: u32 = 10_000;
    let mut peer = Peer::start(Language::Node, RATE)?;
    let window = Window::open("fast")?;
    let feed = window.added_feed(peer.url())?;
    let panel = window.plot(&feed, CHANNEL, COUNTER)?;
    let enough = peer.sent()? + u64::from(RATE) * 5;
    for following in [false, true, false, true] {
        window.click("pause")?;
        window.wait(
            "an answer to a click",
            "return panel(arguments[0]).following === arguments[1]",
            json!([panel, following]),
        )?;
    }
    window.wait(
        "five seconds of messages",
        "return status(arguments[0]).ledger.received >= arguments[1]",
        json!([feed, enough]),
    )?;
    let sent = peer.pause()?;
    wait_for_all(&window, &feed, &panel, sent)?;
    let gaps = window.run("return panel(arguments[0]).gaps", json!([panel]))?;
    assert_eq!(gaps, json!([]));
    Ok(())
}
