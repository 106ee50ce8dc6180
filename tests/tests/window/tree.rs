//! The list of feeds: searched, chosen from, dragged from, looked at, by pointer and by keys.

use crate::{COMPUTER, number, text};
use anyhow::{Context, Result};
use feedscope_tests::{Language, Peer, Window};
use serde_json::json;

const CONTROL: &str = "\u{e009}";
const ENTER: &str = "\u{e007}";
const ESCAPE: &str = "\u{e00c}";
const DOWN: &str = "\u{e015}";
const UP: &str = "\u{e013}";
const LEFT: &str = "\u{e012}";
const RIGHT: &str = "\u{e014}";
const HOME: &str = "\u{e011}";
const END: &str = "\u{e010}";
const SPACE: &str = " ";

const USED: &str = "field-computer-memory-data.used";
const ONE: &str = "field-computer-load-data.one";

pub(crate) fn css(name: &str) -> String {
    format!("[data-testid=\"{name}\"]")
}

fn opened(name: &str) -> Result<Window> {
    let window = Window::open(name)?;
    window.wait("data", "return status(arguments[0]).ledger.delivered > 50", json!([COMPUTER]))?;
    Ok(window)
}

/// Drags from the middle of one element to a place in another, in shares of that.
pub(crate) fn drag_to(window: &Window, from: &str, to: &str, x: f64, y: f64) -> Result<()> {
    let way = window.run(
        "const [from, to, x, y] = arguments;
         const [a, b] = [from, to].map((css) =>
             document.querySelector(css).getBoundingClientRect());
         return [b.left + b.width * x - a.left - a.width / 2,
                 b.top + b.height * y - a.top - a.height / 2].map(Math.round)",
        json!([from, to, x, y]),
    )?;
    let (x, y) = (number(&way[0])?, number(&way[1])?);
    window.drag(from, x as i32, y as i32)
}

/// How many panels there are, and how often these fields are drawn in that one.
fn drawn_in(window: &Window, id: &str, paths: [&str; 2]) -> Result<(u64, u64)> {
    let seen = window.run(
        "const [id, paths] = arguments;
         const labels = panel(id)?.traces.map((trace) => trace.label) ?? [];
         return [panels().length, labels.filter((label) => paths.includes(label)).length]",
        json!([id, paths]),
    )?;
    let count = |n: usize| seen[n].as_u64().context("no number");
    Ok((count(0)?, count(1)?))
}

#[test]
fn several_fields_are_dragged_to_a_panel_and_beside_one_in_one_step() -> Result<()> {
    let window = opened("tree-drag")?;
    window.reveal(USED)?;
    window.click(USED)?;
    window.wait(
        "a choice",
        "return by(arguments[0]).getAttribute('aria-selected') === 'true'
             && by(arguments[1]).getAttribute('aria-selected') === 'false'",
        json!([USED, ONE]),
    )?;
    // Chosen beside it, by keys: down to the next two.
    for _ in 0..2 {
        window.press_together(&["\u{e008}", DOWN])?;
    }
    let chosen = window.wait(
        "three fields, chosen",
        "const rows = [...document.querySelectorAll('[role=treeitem][aria-selected=true]')];
         return rows.length === 3 && rows.map((row) => row.title)",
        json!([]),
    )?;
    let paths = [text(&chosen[0])?, text(&chosen[1])?];
    let before = drawn_in(&window, "cpu", paths)?;
    assert_eq!(before.1, 0, "{paths:?} are drawn already");
    drag_to(&window, &css(USED), "[data-testid=panel-cpu]", 0.5, 0.5)?;
    window.wait(
        "all three, in the panel",
        "const labels = panel('cpu').traces.map((trace) => trace.label);
         return arguments[0].every((path) => labels.includes(path))
             && by('drag-image') === null && by('drop-zone') === null",
        json!([chosen]),
    )?;
    window.chord(CONTROL, "z")?;
    window.wait(
        "none of them, in one step",
        "const labels = panel('cpu').traces.map((trace) => trace.label);
         return arguments[0].every((path) => !labels.includes(path))",
        json!([chosen]),
    )?;

    // To the side of a panel: a new one, there.
    let known = window.run("return panels().map((panel) => panel.id)", json!([]))?;
    drag_to(&window, &css(USED), "[data-testid=panel-cpu]", 0.96, 0.5)?;
    let made = window.wait(
        "a new panel, to the right of it",
        "const [known, paths] = arguments;
         const made = panels().find(({ id }) => !known.includes(id));
         const labels = made.traces.map((trace) => trace.label);
         const [left, right] = ['cpu', made.id].map((id) =>
             by(`panel-${id}`).getBoundingClientRect());
         return paths.every((path) => labels.includes(path)) && right.left >= left.right - 1
             && Math.abs(right.top - left.top) < 2 && made.id",
        json!([known, chosen]),
    )?;
    window.chord(CONTROL, "z")?;
    window.wait(
        "the board as it was, in one step",
        "return panels().every(({ id }) => id !== arguments[0])
             && panels().length === arguments[1].length",
        json!([made, known]),
    )?;

    // What is let go elsewhere goes nowhere.
    drag_to(&window, &css(USED), "header", 0.5, 0.5)?;
    assert_eq!(drawn_in(&window, "cpu", paths)?, before);
    Ok(())
}

#[test]
fn a_field_is_looked_at_and_put_on_the_board() -> Result<()> {
    let window = opened("tree-look")?;
    window.reveal(ONE)?;
    window.double_click(&css(ONE))?;
    window.wait(
        "what it was in the last minute",
        "const card = by('quick-look');
         const [least, mean, most, rate] = [...card.querySelectorAll('dd')]
             .map((cell) => cell.textContent);
         const canvas = card.querySelector('canvas');
         const { data } = canvas.getContext('2d')
             .getImageData(0, 0, canvas.width, canvas.height);
         return /[0-9]/.test(by('quick-look-latest').textContent)
             && [least, mean, most].every((text) => /[0-9]/.test(text)) && /\\/s$/.test(rate)
             && by('quick-look-age').textContent === 'now' && data.some((part) => part !== 0)",
        json!([]),
    )?;
    window.screenshot()?;
    window.press(ESCAPE)?;
    window.wait(
        "the list again",
        "return by('quick-look') === null && document.activeElement === by('feed-tree')",
        json!([]),
    )?;
    // By keys, and on to its neighbour.
    window.press(SPACE)?;
    let first = window.wait(
        "a look",
        "return by('quick-look').querySelector('h3').textContent",
        json!([]),
    )?;
    window.press(UP)?;
    window.wait(
        "another field",
        "return by('quick-look').querySelector('h3').textContent !== arguments[0]
             && /\\w/.test(by('quick-look-latest').textContent)",
        json!([first]),
    )?;
    window.press(ESCAPE)?;

    // One that is on no panel.
    let free = window.wait(
        "a field that is not drawn",
        "return document.querySelector('[role=treeitem][aria-checked=false]').dataset.testid",
        json!([]),
    )?;
    window.double_click(&css(text(&free)?))?;
    window.click("quick-look-add")?;
    window.wait(
        "it is drawn",
        "return by(arguments[0]).getAttribute('aria-checked') === 'true'
             && by('quick-look-add').disabled",
        json!([free]),
    )?;
    Ok(())
}

#[test]
fn fields_are_searched_by_keys_alone_and_added_by_a_menu() -> Result<()> {
    let window = opened("tree-keys")?;
    window.chord(CONTROL, "f")?;
    window.wait("the search", "return document.activeElement === by('field-filter')", json!([]))?;
    window.fill("field-filter", "nowhere at all")?;
    window.wait(
        "what to do when nothing is found",
        "return by('nothing-found').textContent.includes('nowhere at all')
             && document.querySelectorAll('[role=treeitem]').length === 0",
        json!([]),
    )?;
    window.fill("field-filter", "LOAD one")?;
    window.wait(
        "one field, and what was looked for in it",
        "const rows = [...document.querySelectorAll('[role=treeitem]')];
         return rows.map((row) => row.getAttribute('aria-level')).join() === '1,2,3'
             && [...document.querySelectorAll('mark')].map((mark) => mark.textContent.toLowerCase())
                 .sort().join() === 'load,one'",
        json!([]),
    )?;
    window.screenshot()?;
    window.press(ENTER)?;
    window.wait(
        "the field itself",
        "const tree = by('feed-tree');
         return document.activeElement === tree && document.getElementById(
             tree.getAttribute('aria-activedescendant')) === by(arguments[0])",
        json!([ONE]),
    )?;
    let known = window.run("return panels().map((panel) => panel.id)", json!([]))?;
    window.press(ENTER)?;
    window.wait(
        "a menu",
        "return by('field-menu').contains(document.activeElement)
             && by('add-to-load').getAttribute('aria-disabled') === 'true'",
        json!([]),
    )?;
    window.wait(
        "the first of it",
        "return by('add-to-new') === document.activeElement
             || by('field-menu') === document.activeElement",
        json!([]),
    )?;
    let on_first = window.run("return by('add-to-new') === document.activeElement", json!([]))?;
    if on_first != true {
        window.press(DOWN)?;
    }
    window.press(ENTER)?;
    window.wait(
        "a new panel that draws it",
        "const made = panels().find(({ id }) => !arguments[0].includes(id));
         return made.traces.length === 1 && made.traces[0].label === 'data.one'
             && document.activeElement === by('feed-tree')",
        json!([known]),
    )?;

    // All of the tree, by its keys.
    window.click("field-filter")?;
    window.press(ESCAPE)?;
    window.run("by('feed-tree').focus()", json!([]))?;
    let active = "const row = document.getElementById(
         by('feed-tree').getAttribute('aria-activedescendant'));";
    window.press(HOME)?;
    window.wait(
        "the first feed",
        &format!("{active} return row === by('feed-computer')"),
        json!([]),
    )?;
    window.press(LEFT)?;
    window.wait(
        "it is folded",
        &format!(
            "{active} return row.getAttribute('aria-expanded') === 'false'
             && document.querySelectorAll('[role=treeitem]').length === 1"
        ),
        json!([]),
    )?;
    window.press(RIGHT)?;
    window.press(RIGHT)?;
    window.wait(
        "its first channel",
        &format!("{active} return row.getAttribute('aria-level') === '2'"),
        json!([]),
    )?;
    window.press(END)?;
    window.wait(
        "the last row, in sight",
        &format!(
            "{active} const list = by('feed-tree').getBoundingClientRect();
             const box = row.getBoundingClientRect();
             return row.getAttribute('aria-level') === '3' && box.bottom <= list.bottom + 1"
        ),
        json!([]),
    )?;
    window.press("l")?;
    window.press("o")?;
    window.wait(
        "what begins so",
        &format!("{active} return row === by('channel-computer-load')"),
        json!([]),
    )?;
    Ok(())
}

#[test]
fn what_is_silent_looks_silent() -> Result<()> {
    let window = opened("tree-silent")?;
    window.wait(
        "how often a channel is heard of, and a feed",
        "return /^[0-9.]+\\/s$/.test(by('fresh-computer-cpu').textContent)
             && by('feed-age-computer').textContent.trim() === 'now'
             && !('silent' in by('channel-computer-cpu').dataset)",
        json!([]),
    )?;
    window.click("break-it")?;
    window.click("fault-silent")?;
    window.press(ESCAPE)?;
    window.wait(
        "silence, of the feed, its channels and its fields",
        "return 'silent' in by('channel-computer-cpu').dataset
             && /^silent [0-9]+/.test(by('fresh-computer-cpu').textContent)
             && /^[0-9]+/.test(by('feed-age-computer').textContent.trim())
             && [...document.querySelectorAll('[data-testid^=field-computer-cpu-]')]
                 .every((row) => 'old' in row.dataset)",
        json!([]),
    )?;
    window.screenshot()?;
    Ok(())
}

#[test]
fn the_menu_of_a_feed_at_the_bottom_of_the_list_can_be_clicked() -> Result<()> {
    let peer = Peer::start(Language::Node, 20)?;
    let window = Window::open("tree-menu")?;
    let feed = window.added_feed(peer.url())?;
    window.wait("live", "return status(arguments[0]).state === 'live'", json!([feed]))?;
    window.reveal(&format!("feed-{feed}"))?;
    window.wait(
        "a list that scrolls",
        "const list = by('feed-tree'); return list.scrollHeight > list.clientHeight",
        json!([]),
    )?;
    window.click(&format!("feed-menu-{feed}"))?;
    window.wait("its menu", "return by(`feed-inspect-${arguments[0]}`)", json!([feed]))?;
    Ok(())
}

#[test]
fn a_field_is_dropped_where_a_series_is_derived() -> Result<()> {
    let window = opened("tree-derive")?;
    let is_named = "return [...by('derived-inputs').querySelectorAll('input')]
        .some((input) => input.value.includes('data.one'))";
    window.click("derived-add")?;
    window.wait("the sheet", "return by('derived-inputs')", json!([]))?;
    assert_eq!(window.run(is_named, json!([]))?, false);
    drag_to(&window, &css(ONE), "[data-testid=derived-inputs]", 0.5, 0.5)?;
    window.wait("it, with a letter", is_named, json!([]))?;
    Ok(())
}
