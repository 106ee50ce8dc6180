//! Fields that hold texts and booleans: seen in the list, dragged to the board, and still what they
//! were after a relaunch.

use crate::tree::{css, drag_to};
use crate::{number, text};
use anyhow::{Context, Result};
use feedscope_tests::{Options, Server, Window};
use serde_json::{Value, json};
use std::time::Duration;

/// Each lasts long enough, and is short enough, to be written in its band in a narrow panel.
const STATES: [&str; 3] = ["RUN", "停止", "<b>x"];
const MESSAGES_PER_STATE: u64 = 300;

fn message(number: u64) -> String {
    let state = number / MESSAGES_PER_STATE;
    json!({
        "status": STATES[state as usize % STATES.len()],
        "open": state.is_multiple_of(2),
        "order": format!("order {number}"),
        "price": "64000.12",
        "maybe": if number % 50 < 25 { Value::Null } else { json!(number) },
        "n": number,
    })
    .to_string()
}

/// The texts in the bands of a panel.
const SAID: &str = "const said = [...by(`panel-${arguments[0]}`)
    .querySelectorAll('.states-texts span')].map((span) => span.textContent);";

#[test]
fn states_of_a_text_are_seen_after_dragging_it_and_after_a_relaunch() -> Result<()> {
    let server = Server::start(20.0, message)?;
    let window = Window::open("texts-before")?;
    let feed = window.added_feed(&server.url())?;
    let field = |path: &str| format!("field-{feed}-messages-{path}");
    window.reveal(&field("status"))?;
    let rows = window.wait(
        "the fields, with their latest texts",
        "const row = (path) => by(`field-${arguments[0]}-messages-${path}`);
         const said = (path) => row(path)?.querySelector('.value').textContent;
         return row('n') && row('maybe')
             && arguments[1].includes(said('status')) && ['on', 'off'].includes(said('open'))
             && said('order').startsWith('order ') && [
             said('price'), row('maybe').querySelector('[role=img]') === null,
             ['status', 'open', 'order', 'price', 'n'].map((path) =>
                 row(path).querySelector('[role=img]')?.getAttribute('aria-label') ?? null),
         ]",
        json!([feed, STATES]),
    )?;
    assert!(text(&rows[0])?.contains("64,000.12"), "{rows}");
    assert_eq!(rows[1], true, "null at first, and a number");
    assert_eq!(rows[2], json!(["text", "on or off", "text", null, null]));

    // A chart takes no texts, and says so.
    let price = window.plot(&feed, "messages", "n")?;
    let panels = window.run("return panels().map((panel) => panel.id)", json!([]))?;
    window.reveal(&field("status"))?;
    let chart = format!("[data-testid=panel-{price}]");
    drag_to(&window, &css(&field("status")), &chart, 0.5, 0.5)?;
    let labels = "return panel(arguments[0]).traces.map((trace) => trace.label)";
    assert_eq!(window.run(labels, json!([price]))?, json!(["n"]));

    // Beside it, it makes a panel of its states.
    drag_to(&window, &css(&field("status")), &chart, 0.04, 0.5)?;
    let states = window.wait(
        "a panel of its own",
        "return panels().find(({ id }) => !arguments[0].includes(id))?.id",
        json!([panels]),
    )?;
    let seen = window.wait_long(
        Duration::from_secs(90),
        "two states, in words",
        &format!("{SAID} return new Set(said).size >= 2 && said"),
        json!([states]),
    )?;
    for said in seen.as_array().into_iter().flatten() {
        assert!(STATES.contains(&text(said)?), "{seen}");
    }
    let harm = window.run("return document.querySelectorAll('section b').length", json!([]))?;
    assert_eq!(number(&harm)?, 0.0, "what a feed says is text");
    // A boolean joins it, and says on or off.
    let panel = format!("[data-testid=panel-{}]", text(&states)?);
    window.reveal(&field("open"))?;
    drag_to(&window, &css(&field("open")), &panel, 0.5, 0.5)?;
    window.wait(
        "both, in words",
        &format!(
            "{SAID} return said.some((text) => ['on', 'off'].includes(text))
                 && said.some((text) => arguments[1].includes(text))"
        ),
        json!([states, STATES]),
    )?;
    let data = window.close()?;
    drop(server);

    // Without the server, all that is there is from before.
    let window =
        Window::open_with("texts-after", Options { data: Some(data), ..Options::default() })?;
    window.wait("the board", "return panel(arguments[0]) !== undefined", json!([states]))?;
    let unfold = "by(arguments[0]).querySelector('[data-part=fold]').click()";
    window.run(unfold, json!([format!("feed-{feed}")]))?;
    window.reveal(&field("status"))?;
    window.wait(
        "what they were before, in words",
        "const said = (path) =>
             by(`field-${arguments[0]}-messages-${path}`)?.querySelector('.value').textContent;
         const [status, open] = panel(arguments[1]).traces;
         return arguments[2].includes(said('status')) && ['on', 'off'].includes(said('open'))
             && counted(status) > 20 && counted(open) > 0",
        json!([feed, states, STATES]),
    )?;
    Ok(())
}

#[test]
fn a_feed_of_texts_alone_offers_its_states() -> Result<()> {
    let server = Server::start(20.0, |number| {
        json!({ "status": STATES[number as usize / 200 % 3], "open": true }).to_string()
    })?;
    let board = json!({
        "feedscope": 2, "id": "texts", "name": "Texts", "panels": [],
        "feeds": [{ "id": "a", "name": "A", "url": server.url() }],
    });
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("texts.feedscope.json");
    std::fs::write(&file, board.to_string())?;
    let file = file.to_str().context("no path")?;
    let options = Options { args: &[file], ..Options::default() };
    let window = Window::open_with("texts-alone", options)?;
    window.wait(
        "what there is",
        "return by('empty-board')?.innerText.includes('2 fields of text')",
        json!([]),
    )?;
    window.click("empty-states")?;
    window.wait(
        "their states",
        &format!(
            "if (panels().length !== 1) return false;
             arguments[0] = panels()[0].id;
             {SAID} return said.includes('on')
                 && said.some((text) => arguments[1].includes(text))"
        ),
        json!([null, STATES]),
    )?;
    Ok(())
}
