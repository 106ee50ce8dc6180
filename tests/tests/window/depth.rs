//! The panel of an order book: seen, read by keys and as a table, and honest about what did not come.

use crate::panels::add;
use crate::text;
use anyhow::{Result, ensure};
use feedscope_tests::{Options, Server, Window};
use serde_json::json;
use std::fs;
use tempfile::TempDir;

const RIGHT: &str = "\u{e014}";
const ESCAPE: &str = "\u{e00c}";

/// The last message before some are missing.
const WHOLE_UNTIL: u64 = 20_000;

/// As Bybit speaks: the first message says that the subscription is granted, the second has the whole
/// book in it, and what follows has what changes.
fn message(n: u64) -> String {
    let lost = if n > WHOLE_UNTIL { 7 } else { 0 };
    let (kind, levels) = match n {
        1 => return r#"{"success":true,"req_id":"subscribe","op":"subscribe"}"#.into(),
        2 => ("snapshot", 20),
        _ => ("delta", 1),
    };
    let side = |best: f64, step: f64| -> Vec<[String; 2]> {
        let level = |at: u32| [format!("{:.1}", best + step * f64::from(at)), "2.5".into()];
        (0..levels).map(level).collect()
    };
    let (bids, asks) = (side(999.5, -0.5), side(1_000.5, 0.5));
    json!({ "topic": "orderbook.50.X", "type": kind, "ts": 1_700_000_000_000u64 + n,
        "data": { "s": "X", "b": bids, "a": asks, "u": n + lost + 100 } })
    .to_string()
}

#[test]
fn a_book_is_shown_whole_and_as_incomplete_after_a_gap() -> Result<()> {
    let server = Server::start(20.0, message)?;
    let folder = TempDir::new()?;
    let file = folder.path().join("books.feedscope.json");
    let board = json!({ "feedscope": 2, "id": "books", "name": "Books", "panels": [],
        "feeds": [{ "id": "x", "name": "X", "profile": "bybit", "url": server.url() }] });
    fs::write(&file, board.to_string())?;
    let options = Options { args: &[&file.to_string_lossy()], ..Options::default() };
    let window = Window::open_with("depth", options)?;
    window.wait("changes", "return status('x')?.ledger.delivered > 3", json!([]))?;

    // The whole of it came before anyone looked, which is said; a new session brings it.
    let id = add(&window, "Order book")?;
    let id = id.as_str();
    let incomplete = format!("depth-incomplete-{id}");
    window.wait(
        "that it is incomplete",
        "return by(arguments[0])?.textContent.includes('Incomplete since')",
        json!([incomplete]),
    )?;
    window.click("panel-settings-close")?;
    window.click_css(&format!("[data-testid={incomplete}] button"))?;
    window.wait(
        "the best of both sides",
        "const [id, incomplete] = arguments;
         const ladder = by(`depth-ladder-${id}`);
         const first = (side, row) => ladder?.querySelector(`.${side} > ${row} b`)?.textContent;
         return by(incomplete) === null && first('bids', ':first-child') === '999.5'
             && first('asks', ':last-child') === '1,000.5'
             && by(`depth-0-${id}`).textContent === '1,000.00'
             && /^1\\.0 /.test(by(`depth-1-${id}`).textContent)
             && /20 bids, 20 asks .* whole since/.test(by(`depth-foot-${id}`).textContent)",
        json!([id, incomplete]),
    )?;

    // By keys: from the best bid to the best ask, with what is offered up to there.
    let area = format!("[data-testid=panel-{id}] .plot-area");
    window.run("document.querySelector(arguments[0]).focus()", json!([area]))?;
    let said = "return document.querySelector(arguments[0]).getAttribute('aria-valuetext')";
    window.press(RIGHT)?;
    let bid = window.run(said, json!([area]))?;
    ensure!(text(&bid)? == "Bid 999.5: size 2.500, cumulated 2.500", "{bid}");
    for _ in 0..2 {
        window.press(RIGHT)?;
    }
    let ask = window.run(said, json!([area]))?;
    ensure!(text(&ask)? == "Ask 1,001.0: size 2.500, cumulated 5", "{ask}");
    window.press(ESCAPE)?;

    // As a table: asks above, bids below.
    toggle_table(&window, id)?;
    window.wait(
        "its levels as rows",
        "const rows = [...by(`panel-${arguments[0]}`).querySelectorAll('tbody tr')];
         return rows.some((row) => /1,010\\.0.*Ask.*2\\.5/.test(row.textContent))",
        json!([id]),
    )?;
    toggle_table(&window, id)?;

    // What is missing is said, with its numbers, and what was known before is not shown any more.
    server.set_rate(10_000.0);
    window.wait(
        "that messages are missing",
        "const said = by(arguments[1])?.textContent ?? '';
         const ladder = by(`depth-ladder-${arguments[0]}`);
         return /messages 20,101 to 20,107 did not come/.test(said)
             && ladder.querySelectorAll('.bids > *').length === 1",
        json!([id, incomplete]),
    )?;
    Ok(())
}

fn toggle_table(window: &Window, id: &str) -> Result<()> {
    window.click(&format!("panel-menu-{id}"))?;
    window.click("panel-table")
}
