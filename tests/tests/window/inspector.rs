//! The messages of a feed, looked at, filtered, frozen, and sent.

use crate::{COMPUTER, text};
use anyhow::{Context, Result};
use feedscope_tests::{Language, Peer, Server, Window};
use serde_json::json;

const SPACE: &str = " ";
const ENTER: &str = "\u{e007}";
const ESCAPE: &str = "\u{e00c}";
const UP: &str = "\u{e013}";
const HOME: &str = "\u{e011}";
const CONTROL: &str = "\u{e009}";

fn open_inspector(window: &Window, feed: &str) -> Result<()> {
    window.reveal(&format!("feed-{feed}"))?;
    // What can be done with a feed is shown beside the one that is dealt with.
    window.click(&format!("feed-{feed}"))?;
    window.click(&format!("feed-menu-{feed}"))?;
    window.click(&format!("feed-inspect-{feed}"))?;
    window.wait("its messages", "return all('inspect-row').length > 0", json!([]))?;
    Ok(())
}

/// What is said of the rows that are there.
const ROWS: &str = "const rows = all('inspect-row').map((row) => ({
    text: row.textContent, serial: Number(row.dataset.serial), direction: row.dataset.direction,
    verdict: row.dataset.verdict }));";

#[test]
fn messages_are_looked_at_filtered_and_frozen_by_keyboard() -> Result<()> {
    let window = Window::open("inspector")?;
    open_inspector(&window, COMPUTER)?;
    window.wait(
        "the newest, and few rows whatever there is",
        "const list = by('inspect-list');
         return Number(list.dataset.end) > 200 && all('inspect-row').length < 100
             && list.scrollTop + list.clientHeight >= list.scrollHeight - 25
             && document.activeElement === list
             && /all kept/.test(by('inspect-foot').textContent)",
        json!([]),
    )?;

    // Paused, nothing moves, and all that comes is counted.
    window.press(SPACE)?;
    let frozen = window.wait(
        "a pause",
        &format!(
            "{ROWS} return by('inspector').dataset.paused === 'true'
                 && / [0-9]/.test(' ' + by('inspect-since-pause').textContent) && rows"
        ),
        json!([]),
    )?;
    let later = window.wait(
        "more since",
        &format!(
            "{ROWS} const [, more] = /([0-9]+)/.exec(by('inspect-since-pause').textContent);
             return Number(more) > 50 && rows"
        ),
        json!([]),
    )?;
    assert_eq!(later, frozen, "the list moved while it was paused");
    // The board did not hear of it: the key was the list's.
    let live = window.run("return panels().every((panel) => panel.following)", json!([]))?;
    assert_eq!(live, json!(true));

    // Chosen by keys: where it went, and what is in it.
    let mut is_data = false;
    for _ in 0..20 {
        window.press(UP)?;
        let verdict = window.wait(
            "a message",
            "const list = by('inspect-list');
             const chosen = document.getElementById(list.getAttribute('aria-activedescendant'));
             return chosen.getAttribute('aria-selected') === 'true' && by('inspect-detail')
                 && (chosen.dataset.verdict ?? 'none')",
            json!([]),
        )?;
        is_data = verdict == "delivered";
        if is_data {
            break;
        }
    }
    assert!(is_data, "all that came is heartbeats");
    window.wait(
        "what is in it, and when it came",
        "return by('inspect-facts').textContent.includes('delivered')
             && by('inspect-tree').querySelector('[data-path=channel]').textContent
             && /s$/.test(by('inspect-since-previous').textContent.trim())",
        json!([]),
    )?;
    window.press(HOME)?;
    window.wait(
        "the first",
        "const list = by('inspect-list');
         return list.scrollTop === 0 && list.getAttribute('aria-activedescendant').endsWith(
             `-${list.dataset.first}`)",
        json!([]),
    )?;
    window.press(ESCAPE)?;
    window.wait("no message", "return by('inspect-detail') === null", json!([]))?;

    // By text, and by what a field is.
    window.press("/")?;
    window.wait(
        "the search",
        "return document.activeElement === by('inspect-search')",
        json!([]),
    )?;
    window.fill("inspect-search", "SWAP")?;
    window.wait(
        "only what has it",
        &format!(
            "{ROWS} return rows.length > 2 && by('inspect-shown') !== null
                 && rows.every((row) => /swap/i.test(row.text))"
        ),
        json!([]),
    )?;
    window.press(ESCAPE)?;
    window.click("inspect-filter")?;
    window.fill("inspect-path", "channel")?;
    window.fill("inspect-equals", "load")?;
    window.wait(
        "only that channel",
        &format!(
            "{ROWS} return rows.length > 2 && rows.every((row) => row.text.includes('\"load\"'))"
        ),
        json!([]),
    )?;
    window.fill("inspect-path", "a[")?;
    window.wait("what is wrong with it", "return by('inspect-trouble')", json!([]))?;
    window.click("inspect-filter-clear")?;
    window.wait("all again", "return by('inspect-trouble') === null", json!([]))?;
    window.click("inspect-pause")?;
    window.wait("live", "return by('inspector').dataset.paused === 'false'", json!([]))?;

    // All of the window, and back; then it is gone, and the board is as it was.
    window.click("inspect-full")?;
    window.wait(
        "the messages alone",
        "return by('inspector-sheet').getBoundingClientRect().height > innerHeight * 0.7",
        json!([]),
    )?;
    window.screenshot()?;
    window.click("inspect-full")?;
    window.click("inspect-close")?;
    window.wait(
        "the board",
        "return by('inspector') === null && panels().length > 0",
        json!([]),
    )?;
    Ok(())
}

#[test]
fn what_is_sent_goes_out_and_comes_back_and_bytes_are_bytes() -> Result<()> {
    let options = ["--rate=20", "--port=0", "--echo", "--binary"].map(String::from);
    let mut peer = Peer::start_with(Language::Node, &options)?;
    let window = Window::open("inspector-send")?;
    let feed = window.added_feed(peer.url())?;
    window.wait("live", "return status(arguments[0]).state === 'live'", json!([feed]))?;
    peer.pause()?;
    open_inspector(&window, &feed)?;

    // The bytes that came first.
    window.press(HOME)?;
    window.wait(
        "all bytes, in lines of sixteen",
        "const [first, second] = by('inspect-hex').textContent.split('0010');
         return by('inspect-facts').textContent.includes('unreadable')
             && /00 01 02 03 04 05 06 07\\s*08 09 0a 0b 0c 0d 0e 0f/.test(first)
             && second.includes('10 11 12')",
        json!([]),
    )?;

    window.click("inspect-send-open")?;
    window.fill("inspect-send-text", "{\"op\": }")?;
    window.wait(
        "the place of the mistake",
        "return by('inspect-send-said').textContent.includes('Line 1, column 8')",
        json!([]),
    )?;
    window.click("inspect-send-fault")?;
    window.wait("there", "return by('inspect-send-text').selectionStart === 7", json!([]))?;
    let message = r#"{"op":"<b>hello</b>","n":12345678901234567890}"#;
    window.fill("inspect-send-text", message)?;
    window.chord(CONTROL, ENTER)?;
    window.wait(
        "it goes out and comes back",
        &format!(
            "{ROWS} const both = rows.filter((row) => row.text.includes('<b>hello</b>'));
             return by('inspect-send-outcome') !== null && both.length === 2
                 && both.map((row) => row.direction).sort().join() === 'received,sent'"
        ),
        json!([]),
    )?;
    // In a tree, with all its digits; and its markup is text.
    window.fill("inspect-search", "HELLO")?;
    window.wait("those two", "return all('inspect-row').length === 2", json!([]))?;
    window.run("by('inspect-list').focus()", json!([]))?;
    window.press(UP)?;
    window.wait(
        "what was said",
        "const tree = by('inspect-tree');
         return tree.querySelector('[data-path=n]').textContent.includes('12345678901234567890')
             && tree.querySelector('[data-path=op]').textContent.includes('<b>hello</b>')
             && tree.querySelector('b') === null",
        json!([]),
    )?;
    // It can be sent again.
    window.click("inspect-history")?;
    window.wait(
        "what was sent before",
        "return [...document.querySelectorAll('[role=menuitem]')].some((item) =>
             item.textContent.includes('hello'))",
        json!([]),
    )?;
    window.press(ESCAPE)?;

    window.click("inspect-code")?;
    window.press(ESCAPE)?;
    window.click("inspect-close")?;
    Ok(())
}

const HARM: &str = "<img src=x onerror=window.harm=1>";

fn hostile(number: u64) -> String {
    let zalgo = "z\u{301}\u{302}\u{303}\u{304}\u{305}\u{306}\u{307}".repeat(50);
    match number % 4 {
        0 => format!("{{\"channel\":\"{HARM}\",\"n\":{number}}}"),
        1 => format!(
            "{{\"channel\":\"\u{202e}gnp.exe\u{2066}\",\"{HARM}\":\"\\u0000\\u001b[2J\u{200f}\"}}"
        ),
        2 => format!("{{\"__proto__\":{{\"polluted\":{number}}},\"zalgo\":\"{zalgo}\"}}"),
        _ => format!("{}</script><script>window.harm=1</script>", "[".repeat(5_000)),
    }
}

#[test]
fn hostile_messages_are_shown_as_text_and_do_nothing() -> Result<()> {
    let server = Server::start(40.0, hostile)?;
    let window = Window::open("inspector-hostile")?;
    let feed = window.added_feed(&server.url())?;
    open_inspector(&window, &feed)?;
    window.wait("many", "return Number(by('inspect-list').dataset.end) > 40", json!([]))?;
    window.press(SPACE)?;
    window.press(HOME)?;
    for _ in 0..6 {
        // Each kind, as a tree or as text, and as bytes.
        window.wait("one", "return by('inspect-detail')", json!([]))?;
        for view in ["tree", "text", "hex"] {
            window.run(
                "const tab = by(`inspect-view-${arguments[0]}`); if (!tab.disabled) tab.click()",
                json!([view]),
            )?;
        }
        window.run("by('inspect-list').focus()", json!([]))?;
        window.press("\u{e015}")?;
    }
    let seen = window.wait(
        "what would not be seen, as what it is",
        "const seen = by('inspector').innerText;
         return seen.includes('⟨202E⟩') && seen.includes('<img src=x') && seen",
        json!([]),
    )?;
    assert!(!text(&seen)?.contains('\u{202e}'));
    let harm = window.run(
        "return {
             harm: window.harm ?? null,
             images: document.querySelectorAll('img').length,
             inline: document.querySelectorAll('script:not([src])').length,
             polluted: ({}).polluted ?? null,
             wider: document.documentElement.scrollWidth > innerWidth,
             rows: new Set(all('inspect-row').map((row) => row.getBoundingClientRect().height)).size,
         }",
        json!([]),
    )?;
    let expected = json!({
        "harm": null, "images": 0, "inline": 0, "polluted": null, "wider": false, "rows": 1,
    });
    assert_eq!(harm, expected);
    harm.get("harm").context("it was looked at")?;
    Ok(())
}
