//! Boards as files: given away and taken, with what is wrong in them; and boards that are proposed.

use crate::{number, text};
use anyhow::{Context, Result, ensure};
use feedscope_tests::{Language, Options, Peer, Window};
use serde_json::{Value, json};

/// As WebDriver calls it.
const CONTROL: &str = "\u{E009}";
const SHIFT: &str = "\u{E008}";

/// The names of the tabs.
const TABS: &str = "[...document.querySelectorAll('[role=tablist][aria-label=Boards] [role=tab]')]
    .map((tab) => tab.textContent.trim())";

/// As whoever is asked for a file chooses one.
fn choose_file(window: &Window, name: &str, content: &str) -> Result<()> {
    window.run(
        "const [name, text] = arguments;
         const chosen = new DataTransfer();
         chosen.items.add(new File([text], name));
         const input = by('board-import-file');
         input.files = chosen.files;
         input.dispatchEvent(new Event('change', { bubbles: true }))",
        json!([name, content]),
    )?;
    Ok(())
}

fn choose(window: &Window, name: &str, value: &str) -> Result<()> {
    window.run(
        "const select = by(arguments[0]);
         select.value = arguments[1];
         if (select.value !== arguments[1]) throw 'there is no such choice';
         select.dispatchEvent(new Event('change', { bubbles: true }))",
        json!([name, value]),
    )?;
    Ok(())
}

fn wait_for_tabs(window: &Window, tabs: &[&str]) -> Result<()> {
    window.wait(
        &format!("the tabs {tabs:?}"),
        &format!("return JSON.stringify({TABS}) === JSON.stringify(arguments[0])"),
        json!([tabs]),
    )?;
    Ok(())
}

/// A board of this computer's memory, which one of its traces takes from somewhere else.
fn board_of(feed: &str) -> Value {
    json!({
        "feedscope": 2, "name": "Shared",
        "panels": [{
            "id": "one", "kind": "time-series", "title": "One",
            "traces": [{ "feed": feed, "channel": "memory", "path": "data.used" }],
        }],
    })
}

#[test]
fn a_board_is_exported_and_imported_as_another() -> Result<()> {
    let window = Window::open("board-exported")?;
    window.wait("the panels", "return panels().length > 3", json!([]))?;
    window.click("board-menu")?;
    window.click("board-export")?;
    let said = window.wait(
        "where it went",
        "return by('notice')?.textContent.includes('.feedscope.json') && by('notice').innerText",
        json!([]),
    )?;
    let file = window.data_dir()?.join("downloads/This computer.feedscope.json");
    ensure!(text(&said)?.contains(&file.display().to_string()), "{said}");
    let content = std::fs::read_to_string(&file)?;

    choose_file(&window, "This computer.feedscope.json", &content)?;
    window.click("board-import-now")?;
    wait_for_tabs(&window, &["This computer", "This computer"])?;
    window.wait(
        "the copy, drawing",
        "return by('board-this-computer-2').ariaSelected === 'true'
             && !by('board-import-dialog')
             && panels().length > 3
             && panels().some((panel) => panel.traces.some((trace) => trace.columns.length > 0))",
        json!([]),
    )?;
    Ok(())
}

#[test]
fn what_is_wrong_in_a_dropped_file_costs_only_itself() -> Result<()> {
    let window = Window::open("board-dropped")?;
    window.drop_file("holiday.feedscope.json", "not a board at all")?;
    window.wait(
        "what it is not",
        "return by('notice').textContent.includes('holiday.feedscope.json is not a board')",
        json!([]),
    )?;
    ensure!(window.run("return !by('board-import-dialog')", json!([]))? == true);

    let mut board = board_of("computer");
    board["feedscope"] = json!(99);
    board["panels"].as_array_mut().context("panels")?.extend([
        json!({ "id": "two", "kind": "hologram", "title": "<img src=x onerror=alert(1)>" }),
        json!("three"),
    ]);
    window.drop_file("odd.feedscope.json", &board.to_string())?;
    let said = window.wait(
        "what is not used",
        "return by('board-import-dialog')?.innerText",
        json!([]),
    )?;
    for part in ["newer Feedscope", "panels[1].kind is not known", "panels[2] was not used"] {
        ensure!(text(&said)?.contains(part), "{part}: {said}");
    }
    window.click("board-import-now")?;
    wait_for_tabs(&window, &["This computer", "Shared"])?;
    window.wait(
        "what is good, drawing",
        "return panel('one')?.traces[0].columns.length > 0 && by('panel-two')",
        json!([]),
    )?;
    ensure!(window.run("return !document.querySelector('img')", json!([]))? == true);
    Ok(())
}

#[test]
fn a_feed_that_is_not_there_is_mended_and_that_undone() -> Result<()> {
    let window = Window::open("board-mended")?;
    window.drop_file("shared.feedscope.json", &board_of("gone").to_string())?;
    window.wait(
        "which feed is not there",
        "return by('board-import-feed-gone').textContent.includes('1 panel')",
        json!([]),
    )?;
    window.click("board-import-now")?;
    wait_for_tabs(&window, &["This computer", "Shared"])?;
    window.wait("the same on the board", "return by('board-missing')", json!([]))?;
    choose(&window, "board-missing-choose", "computer")?;
    window.wait(
        "this computer in its place",
        "return !by('board-missing') && panel('one').traces[0].columns.length > 0",
        json!([]),
    )?;
    window.press_together(&[CONTROL, "z"])?;
    window.wait("it is missing again", "return by('board-missing')", json!([]))?;
    window.click("board-missing-remove")?;
    window.wait(
        "nothing is drawn of it",
        "return !by('board-missing') && !panel('one')?.traces.length
             && by('panel-one') !== null",
        json!([]),
    )?;

    // Another in its place from the beginning.
    window.drop_file("again.feedscope.json", &board_of("gone").to_string())?;
    window.wait("the question", "return by('board-import-choose-gone')", json!([]))?;
    choose(&window, "board-import-choose-gone", "feed computer")?;
    window.click("board-import-now")?;
    wait_for_tabs(&window, &["This computer", "Shared", "Shared"])?;
    window.wait(
        "its panel, drawing",
        "return !by('board-missing') && panel('one').traces[0].columns.length > 0",
        json!([]),
    )?;
    Ok(())
}

#[test]
fn a_board_is_suggested_made_and_undone() -> Result<()> {
    let window = Window::open("board-suggested")?;
    window.wait("data", "return panels().every((panel) => panel.traces.length > 0)", json!([]))?;
    window.click("feed-menu-computer")?;
    window.click("feed-suggest-computer")?;
    let proposed = window.wait(
        "a proposal",
        "return all('suggest-panel').length > 2 && all('suggest-panel').length",
        json!([]),
    )?;
    window.click_css("[data-testid=suggest-panel] input")?;
    let wanted = number(&proposed)? - 1.0;
    window.wait(
        "one less",
        "return by('suggest-now').textContent.includes(String(arguments[0]))",
        json!([wanted]),
    )?;
    window.click("suggest-now")?;
    wait_for_tabs(&window, &["This computer", "This computer"])?;
    let made = "const made = document.querySelectorAll('[data-testid^=header-]').length;
         if (made !== arguments[0]) throw made;
         return true";
    window.wait("the board", made, json!([wanted]))?;
    window.wait(
        "its panels, drawing",
        "return panels().some((panel) => panel.traces.some((trace) => trace.columns.length > 0))",
        json!([]),
    )?;
    // But for their edges, and a bar to scroll by.
    let fills = "const board = by('board').getBoundingClientRect();
         const boxes = [...document.querySelectorAll('[data-testid=board] [data-testid^=panel-]')]
             .map((panel) => panel.getBoundingClientRect()).filter((box) => box.width > 0);
         const right = Math.max(...boxes.map((box) => box.right));
         const bottom = Math.max(...boxes.map((box) => box.bottom));
         return board.right - right < 20 && board.bottom - bottom < 20";
    window.wait("panels all over the board", fills, json!([]))?;
    window.press_together(&[CONTROL, "z"])?;
    window.wait("one step undone", "return by('empty-board')", json!([]))?;
    window.press_together(&[CONTROL, SHIFT, "z"])?;
    window.wait("and done again", made, json!([wanted]))?;
    window.wait("panels all over the board again", fills, json!([]))?;
    window.click("notice-action")?;
    wait_for_tabs(&window, &["This computer"])?;
    Ok(())
}

#[test]
fn a_template_is_filled_with_the_fields_of_a_feed() -> Result<()> {
    let window = Window::open("board-template")?;
    window.wait("data", "return panels().every((panel) => panel.traces.length > 0)", json!([]))?;
    window.click("board-add")?;
    window.click("board-add-template")?;
    window.wait(
        "their pictures",
        "return document.querySelectorAll('[data-testid^=template-] svg rect').length > 20",
        json!([]),
    )?;
    window.click("template-machine")?;
    wait_for_tabs(&window, &["This computer", "Machine"])?;
    window.wait(
        "seven panels, of which some draw",
        "return document.querySelectorAll('[data-testid^=header-]').length === 7
             && panels().some((panel) => panel.traces.some((trace) => trace.columns.length > 0))",
        json!([]),
    )?;
    Ok(())
}

#[test]
fn a_board_of_a_hundred_panels_is_scrolled() -> Result<()> {
    let panels: Vec<Value> = (0..100)
        .map(|n| {
            json!({
                "id": format!("n{n}"), "kind": "time-series", "title": format!("Panel {n}"),
                "traces": [{ "feed": "computer", "channel": "cpu", "path": "data.total" }],
            })
        })
        .collect();
    let board = json!({ "feedscope": 2, "id": "many", "name": "Many", "panels": panels });
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("many.feedscope.json");
    std::fs::write(&file, board.to_string())?;
    let window = Window::open_with(
        "board-hundred",
        Options { args: &[&file.to_string_lossy()], ..Options::default() },
    )?;
    let drawn = "return panel(arguments[0]).traces[0].columns.length > 0";
    window.wait("the first panel", drawn, json!(["n0"]))?;
    let headers = window
        .run("return document.querySelectorAll('[data-testid^=header-]').length", json!([]))?;
    assert_eq!(number(&headers)?, 100.0);
    let height = "return by('panel-n99').getBoundingClientRect().height";
    ensure!(number(&window.run(height, json!([]))?)? > 100.0, "each is large enough to be read");
    window.run("by('panel-n99').scrollIntoView()", json!([]))?;
    window.wait("the last panel", drawn, json!(["n99"]))?;
    // What is out of sight rests.
    let last = "return panel(arguments[0]).traces[0].columns.at(-1)?.[0]";
    let first = window.run(last, json!(["n0"]))?;
    let before = window.run(last, json!(["n99"]))?;
    window.wait(
        "time goes on",
        "return panel('n99').traces[0].columns.at(-1)[0] > arguments[0] + 20",
        json!([before]),
    )?;
    ensure!(window.run(last, json!(["n0"]))? == first, "the first one is drawn unseen");
    Ok(())
}

#[test]
fn a_feed_that_is_new_offers_a_board_of_how_fast_it_counts() -> Result<()> {
    let peer = Peer::start(Language::Node, 100)?;
    let window = Window::open("board-offered")?;
    window.added_feed(peer.url())?;
    window.wait("the offer", "return by('suggest-offer')", json!([]))?;
    window.click("suggest-offer-take")?;
    window.wait(
        "its counter",
        "return all('suggest-panel').some((panel) => panel.textContent.includes('f0/s'))",
        json!([]),
    )?;
    window.click("suggest-now")?;
    window.wait(
        "how fast it counts, drawn",
        "return !by('suggest-offer') && panels().some((panel) =>
             panel.traces.some((trace) => trace.label === 'f0/s' && trace.columns.length > 0))",
        json!([]),
    )?;
    Ok(())
}
