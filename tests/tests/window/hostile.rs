//! Feeds, servers and files whose names and texts were made to do harm.

use crate::text;
use anyhow::{Context, Result};
use feedscope_tests::{Options, Server, Window, http};
use serde_json::{Value, json};
use std::net::{Ipv4Addr, TcpListener};
use std::thread;
use tungstenite::protocol::CloseFrame;
use tungstenite::protocol::frame::coding::CloseCode;

const IMAGE: &str = "<img src=x onerror=window.harm=1>";
const OVERRIDE: &str = "\u{202e}gnp.exe\u{2066}\u{200f}";

fn message(number: u64) -> String {
    let long = "long".repeat(2_560);
    let fields = json!({
        IMAGE: number,
        OVERRIDE: number,
        "</span><script>window.harm=1</script>": number,
        "__proto__": number,
        "constructor": number,
        "\"][x=\"": number,
        "'; window.harm=1; '": number,
        "{@html 1}": number,
        "line\nbreak\u{1}\u{7f}": number,
        "": number,
        "wide \u{fdfd}\u{fdfd}\u{fdfd}": number,
        "zalgo z\u{300}\u{301}\u{302}\u{303}\u{304}\u{305}\u{306}\u{307}": number,
        // Longer than any name: content.
        long: number,
        "a".repeat(250): number,
    });
    let said = json!({
        "image": IMAGE,
        "script": "</script><script>window.harm=1</script>",
        "override": OVERRIDE,
        "none": "\u{200b}\u{feff}\u{200d}",
        "lines": "one\ntwo\r\nthree\u{0}\u{1b}[31m",
        "emoji": "👩‍👩‍👧‍👦🏳️‍🌈\u{fdfd}",
        "long": "long ".repeat(2_000),
        "flips": if number.is_multiple_of(2) { "{@html 1}" } else { "javascript:window.harm=1" },
    });
    json!({ "channel": format!("{IMAGE}{OVERRIDE}"), "data": fields, "said": said }).to_string()
}

#[test]
fn hostile_names_are_shown_as_text_and_do_nothing() -> Result<()> {
    let server = Server::start(20.0, message)?;
    let window = Window::open("hostile")?;
    let feed = window.added_feed(&server.url())?;
    let ids = window.wait(
        "its fields",
        "const fields = [...document.querySelectorAll(`[data-testid^=\"field-${arguments[0]}-\"]`)];
         return fields.length >= 10 && fields.map((field) => field.dataset.testid)",
        json!([feed]),
    )?;
    for id in ids.as_array().into_iter().flatten() {
        // Each of them, drawn: names go into legends, titles and menus.
        window.reveal(text(id)?)?;
        window.run("by(arguments[0]).querySelector('[data-part=tick]').click()", json!([id]))?;
    }
    window.wait(
        "all of them drawn, as text",
        "const traces = panels().flatMap((panel) => panel.traces);
         const drawn = traces.filter(({ label }) =>
             label === 'channel' || /^(data|said)/.test(label));
         const words = [...document.querySelectorAll('[role=treeitem] .value, .states-texts span')]
             .map((element) => element.textContent);
         return drawn.length >= arguments[0].length
             && drawn.every((trace) => trace.columns.length > 0)
             && words.includes('<img src=x onerror=window.harm=1>')
             && document.body.innerText.includes('<img src=x onerror=window.harm=1>')",
        json!([ids]),
    )?;
    // Looked at closely, too: the card, and the table of what it holds.
    window.run(
        "by(arguments[0]).dispatchEvent(new MouseEvent('dblclick', { bubbles: true }))",
        json!([text(&ids[0])?]),
    )?;
    let rows = window.run(
        "return new Set([...document.querySelectorAll('[role=treeitem][aria-checked]')]
             .map((row) => row.getBoundingClientRect().height)).size",
        json!([]),
    )?;
    assert_eq!(rows, 1, "each row is as high as the others");
    assert_eq!(harm(&window)?, unharmed());
    Ok(())
}

/// What would be otherwise if anything had been taken for more than text.
fn harm(window: &Window) -> Result<Value> {
    window.run(
        "return {
             harm: window.harm ?? null,
             images: document.querySelectorAll('img').length,
             inline: document.querySelectorAll('script:not([src])').length,
             frames: document.querySelectorAll('iframe, object, embed').length,
             links: [...document.querySelectorAll('a')]
                 .filter((link) => !/^(https?|mailto):/.test(link.href)).length,
             polluted: ({}).polluted ?? typeof Object.prototype.data,
             wider: document.documentElement.scrollWidth > innerWidth,
         }",
        json!([]),
    )
}

fn unharmed() -> Value {
    json!({
        "harm": null, "images": 0, "inline": 0, "frames": 0, "links": 0,
        "polluted": "undefined", "wider": false,
    })
}

/// Takes each client, and says goodbye with these words.
fn closing(reason: &'static str) -> Result<String> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    let port = listener.local_addr()?.port();
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let Ok(mut socket) = tungstenite::accept(stream) else { continue };
            let code = CloseCode::Library(4_000);
            let _ = socket.close(Some(CloseFrame { code, reason: reason.into() }));
            while socket.read().is_ok() {}
        }
    });
    Ok(format!("ws://127.0.0.1:{port}/"))
}

#[test]
fn hostile_files_and_servers_are_shown_as_text_and_do_nothing() -> Result<()> {
    const BAD: &str = "<img src=x onerror=window.harm=1>\u{202e}";
    const NOTE: &str = "# <script>window.harm=1</script>\n\n<img src=x onerror=window.harm=1>\n\n\
        [a link](javascript:window.harm=1) ![a picture](x\"onerror=window.harm=1) \
        <a href='javascript:window.harm=1'>b</a> \u{202e}txt.exe\n\n\
        - one\n- <iframe src=javascript:window.harm=1></iframe>";
    let server = Server::start(20.0, message)?;
    let refusing = http::answer(
        "403 Forbidden",
        "<html><script>window.harm=1</script><img src=x onerror=window.harm=1></html>",
    )?;
    let leaving = closing("<img src=x onerror=window.harm=1>\u{202e}")?;
    let folder = tempfile::tempdir()?;
    let trace = |feed: &str, path: &str| json!({ "feed": feed, "channel": format!("{IMAGE}{OVERRIDE}"), "path": path, "label": BAD });
    let board = json!({
        "feedscope": 2, "id": "hostile", "name": BAD,
        "feeds": [
            { "id": "a", "name": BAD, "url": server.url() },
            { "id": "b", "name": BAD, "url": refusing },
            { "id": "c", "name": BAD, "url": leaving },
        ],
        "panels": [
            { "id": "chart", "kind": "time-series", "title": BAD, "unit": BAD,
              "traces": [trace("a", "data.__proto__"), { "feed": "derived", "channel": "",
                  "path": "d", "label": BAD }] },
            { "id": "states", "kind": "states", "title": BAD,
              "traces": [trace("a", "said.image"), trace("a", "said.flips")] },
            { "id": "table", "kind": "table", "title": BAD,
              "traces": [trace("a", "said.script"), trace("a", "said.lines"), trace(BAD, BAD)] },
            { "id": "notes", "kind": "notes", "title": BAD, "text": NOTE },
            { "id": BAD, "kind": BAD, "title": BAD },
        ],
    });
    let file = folder.path().join("hostile.feedscope.json");
    std::fs::write(&file, board.to_string())?;
    let data = tempfile::TempDir::new()?;
    let derived = json!({ "derived": [{
        "id": "d", "name": BAD, "unit": "none", "expression": "a * 2",
        "inputs": { "a": { "feed": "a", "channel": format!("{IMAGE}{OVERRIDE}"),
            "path": "data.__proto__" } },
    }] });
    std::fs::write(data.path().join("derived.json"), derived.to_string())?;
    let field = json!({ "feed": "a", "channel": format!("{IMAGE}{OVERRIDE}"), "path": IMAGE });
    let alerts = json!({ "feedscope_alerts": 1, "alerts": [
        { "id": "x", "name": BAD, "what": { "on": "above", "field": field, "value": 1.0 } },
    ] });
    std::fs::write(data.path().join("alerts.json"), alerts.to_string())?;
    let file = file.to_str().context("no path")?;
    let options = Options { data: Some(data), args: &[file], ..Options::default() };
    let window = Window::open_with("hostile-board", options)?;
    window.wait(
        "the board, with all that it says",
        "const said = (id) => by(`panel-${id}`)?.innerText ?? '';
         return by('panel-chart') && panel('chart').traces[0].columns.length > 0
             && said('states').includes('<img') && said('table').includes('</script><script>')
             && said('notes').includes('<script>')
             && [...document.querySelectorAll('[data-testid^=header-]')]
                 .every((header) => header.innerText.includes('<img src=x'))",
        json!([]),
    )?;
    assert_eq!(harm(&window)?, unharmed());
    // What servers answered, in the feeds' own words.
    for (feed, words) in [("b", "<script>window.harm=1</script>"), ("c", "<img src=x onerror")] {
        let name = format!("feed-{feed}");
        window.wait("the feed", "return by(arguments[0]) !== null", json!([name]))?;
        window.run("by(arguments[0]).click()", json!([name]))?;
        window.wait(
            "what its server said",
            "return document.body.textContent.includes(arguments[0])",
            json!([words]),
        )?;
    }
    // The alert's name, in its list.
    window.click("alerts-open")?;
    window.wait(
        "the alert, by its name",
        "return by('alert-new').closest('aside').innerText.includes('<img src=x')",
        json!([]),
    )?;
    assert_eq!(harm(&window)?, unharmed());
    Ok(())
}
