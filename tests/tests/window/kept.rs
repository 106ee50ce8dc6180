//! What outlives the window: its size, the board, the feeds, and what came of them.

use crate::COMPUTER;
use anyhow::{Context, Result};
use feedscope_tests::{Language, Options, Peer, Window};
use serde_json::{Value, json};
use tempfile::TempDir;

/// Where the one board was that there was before there were several.
const BEFORE: &str = "board.feedscope.json";
const BOARD: &str = "boards/this-computer.feedscope.json";

#[test]
fn size_board_and_feeds_come_back_after_a_restart() -> Result<()> {
    let peer = Peer::start(Language::Node, 20)?;
    let window = Window::open("kept-before")?;
    window.resize(1010, 690)?;
    let feed = window.added_feed(peer.url())?;
    window.plot(&feed, "numbers", "data.f1")?;
    window.plot(COMPUTER, "memory", "data.total")?;
    window.click("span")?;
    window.click("span-300000")?;
    let board = "return [
        [innerWidth, innerHeight],
        by('span').textContent.trim(),
        panels().map((panel) => [panel.id, panel.traces.map((trace) => trace.label)]).sort(),
        // How far the board is scrolled, if only by a pixel, is not kept.
        ((places) => {
            const topmost = Math.min(...places.map(({ place }) => place.top));
            return places.map(({ id, place: { left, top, width, height } }) =>
                [id, left, top - topmost, width, height]).sort();
        })(panels().map(({ id }) => ({ id, place: by(`panel-${id}`).getBoundingClientRect() }))),
    ]";
    window.wait("five minutes", "return by('span').textContent.includes('5')", json!([]))?;
    let before = window.run(board, json!([]))?;
    assert_eq!(before[0], json!([1010, 690]));
    let counter = format!("field-{feed}-numbers-data.f0");
    window.reveal(&counter)?;
    window.click(&format!("draw-{feed}-numbers-data.f0"))?;
    // As soon as it is seen, as someone who is in a hurry.
    window.wait(
        "what was clicked",
        "return by(arguments[0]).getAttribute('aria-checked') === 'true'",
        json!([counter]),
    )?;
    let data = window.close()?;

    let window =
        Window::open_with("kept-after", Options { data: Some(data), ..Options::default() })?;
    window.wait(
        "the feed, and what was clicked last",
        "return status(arguments[0]).state === 'live'
             && panels().some((panel) => panel.traces.some((trace) =>
                 trace.label === 'data.f0' && trace.columns.length > 0))",
        json!([feed]),
    )?;
    let mut after = window.run(board, json!([]))?;
    for panel in after[2].as_array_mut().context("no panels")? {
        panel[1].as_array_mut().context("no traces")?.retain(|label| label != "data.f0");
    }
    assert_eq!(after, before);
    Ok(())
}

#[test]
fn what_came_before_is_drawn_with_a_gap_where_the_app_was_closed() -> Result<()> {
    let window = Window::open("history-before")?;
    let columns = "const { columnMs, traces } = panel('memory');
        const before = traces[0].columns.filter(([index]) => (index + 1) * columnMs < arguments[0]);";
    window.wait("data", "return counted(panel('memory').traces[0]) > 20", json!([]))?;
    let closed_ms = window.run("return Date.now()", json!([]))?;
    let data = window.close()?;

    let window =
        Window::open_with("history-after", Options { data: Some(data), ..Options::default() })?;
    let seen = window.wait(
        "what was, what is, and the gap between",
        &format!(
            "{columns}
             const gap = panel('memory').gaps.find((gap) => gap.cause === 'closed');
             const after = traces[0].columns.find(([index]) => (index + 1) * columnMs > gap.end_ms);
             return before.length > 0 && gap.end_ms !== null && after && {{ gap, after,
                 samples: before.reduce((sum, column) => sum + column[1], 0) }}"
        ),
        json!([closed_ms]),
    )?;
    assert!(seen["samples"].as_f64() > Some(15.0), "{seen}");
    assert!(seen["gap"]["start_ms"].as_f64() >= closed_ms.as_f64(), "{seen}");
    let story = seen["gap"]["story"].as_str().context("no story")?;
    assert!(story.starts_with("Feedscope was not running from "), "{story}");
    assert_eq!(seen["after"][6], 1, "the gap is drawn over: {seen}");
    Ok(())
}

/// Opens a window on a board's file with this content.
fn on_board(name: &str, content: &str) -> Result<Window> {
    let data = TempDir::new()?;
    std::fs::write(data.path().join(BEFORE), content)?;
    Window::open_with(name, Options { data: Some(data), ..Options::default() })
}

fn draws_the_default(window: &Window) -> Result<()> {
    window.wait(
        "the board of this computer, drawn",
        "const ids = panels().map((panel) => panel.id);
         return ['cpu', 'memory', 'network'].every((id) => ids.includes(id))
             && panel('cpu').traces[0].columns.length > 0
             && panels().every(({ id }) => by(`panel-${id}`).getBoundingClientRect().width > 200)",
        json!([]),
    )?;
    Ok(())
}

#[test]
fn a_board_of_nonsense_is_left_as_it_is_and_said() -> Result<()> {
    let window = on_board("nonsense-board", "{ \"feedscope\": 1, \"panels\": ")?;
    draws_the_default(&window)?;
    window.wait(
        "a notice",
        "return by('notice').textContent.includes('is not a board')
             && by('notice').textContent.includes('boards/board.feedscope.json')",
        json!([]),
    )?;
    let left = window.data_dir()?.join("boards/board.feedscope.json");
    assert_eq!(std::fs::read_to_string(left)?, "{ \"feedscope\": 1, \"panels\": ");
    Ok(())
}

#[test]
fn a_layout_of_nonsense_costs_the_layout_alone() -> Result<()> {
    let window = Window::open("layout-before")?;
    window.plot(COMPUTER, "memory", "data.total")?;
    let data = window.close()?;
    let path = data.path().join(BOARD);
    let mut board: Value = serde_json::from_slice(&std::fs::read(&path)?)?;
    board["layout"] = json!({ "grid": { "root": [1, 2], "width": "wide" }, "panels": 7 });
    std::fs::write(&path, serde_json::to_vec(&board)?)?;

    let window =
        Window::open_with("nonsense-layout", Options { data: Some(data), ..Options::default() })?;
    draws_the_default(&window)?;
    let kept = window.run(
        "return panel('memory').traces.some((trace) => trace.label === 'data.total')",
        json!([]),
    )?;
    assert_eq!(kept, true, "what was plotted is still there");
    Ok(())
}
