//! Several boards, and undo of what is done to them.

use crate::COMPUTER;
use anyhow::{Context, Result};
use feedscope_tests::{Options, Window};
use serde_json::{Value, json};

/// As WebDriver calls them.
const CONTROL: &str = "\u{E009}";
const SHIFT: &str = "\u{E008}";

/// The tab of a board that is added, whatever it is called then.
const NEW: &str = "board-new-board";

/// The tabs' names, the one that is shown, and what each panel on it draws.
const SEEN: &str = "[
    [...document.querySelectorAll('[role=tablist][aria-label=Boards] [role=tab]')]
        .map((tab) => tab.textContent.trim()),
    document.querySelector('[aria-label=Boards] [aria-selected=true]')?.textContent.trim(),
    panels().map((panel) => panel.traces.map((trace) => trace.label)).sort(),
]";

fn seen(window: &Window) -> Result<Value> {
    window.run(&format!("return {SEEN}"), json!([]))
}

fn wait_for(window: &Window, what: &str, names: &[&str], shown: &str) -> Result<()> {
    window.wait(
        what,
        &format!(
            "const [names, shown] = {SEEN};
             return JSON.stringify([names, shown]) === JSON.stringify([...arguments])"
        ),
        json!([names, shown]),
    )?;
    Ok(())
}

fn wait_for_panels(window: &Window, what: &str, ids: &Value) -> Result<()> {
    window.wait(
        what,
        "const ids = panels().map((panel) => panel.id).sort();
         return JSON.stringify(ids) === JSON.stringify(arguments[0])
             && panels().every((panel) => panel.traces.some((trace) => trace.columns.length > 0))",
        json!([ids]),
    )?;
    Ok(())
}

fn panel_ids(window: &Window) -> Result<Value> {
    window.run("return panels().map((panel) => panel.id).sort()", json!([]))
}

fn add_board(window: &Window, name: &str) -> Result<()> {
    window.click("board-add")?;
    window.click("board-add-empty")?;
    window.wait(
        "an empty board",
        "return panels().length === 0
             && by('board-new-board').getAttribute('aria-selected') === 'true'",
        json!([]),
    )?;
    window.double_click(&format!("[data-testid={NEW}]"))?;
    window.wait("its name", "return document.activeElement === by('board-name')", json!([]))?;
    window.run("document.activeElement.value = arguments[0]", json!([name]))?;
    window.press("\u{E007}")
}

#[test]
fn two_boards_are_switched_and_are_there_after_a_relaunch() -> Result<()> {
    let window = Window::open("boards-before")?;
    wait_for(&window, "the first board", &["This computer"], "This computer")?;
    let computer = panel_ids(&window)?;
    wait_for_panels(&window, "the panels of this computer", &computer)?;
    add_board(&window, "Mine")?;
    wait_for(&window, "a second board", &["This computer", "Mine"], "Mine")?;
    let panel = window.plot(COMPUTER, "memory", "data.total")?;
    window.click("span")?;
    window.click("span-300000")?;
    window.wait("five minutes", "return by('span').textContent.includes('5')", json!([]))?;

    window.click("board-this-computer")?;
    wait_for(&window, "the first board again", &["This computer", "Mine"], "This computer")?;
    wait_for_panels(&window, "its panels, drawing", &computer)?;
    window.wait("its minute", "return by('span').textContent.includes('1')", json!([]))?;
    window.click(NEW)?;
    wait_for_panels(&window, "the other's panel, drawing", &json!([panel]))?;
    let before = seen(&window)?;
    assert_eq!(before[2], json!([["data.total"]]));
    let data = window.close()?;

    let window =
        Window::open_with("boards-after", Options { data: Some(data), ..Options::default() })?;
    wait_for_panels(&window, "what was shown last", &json!([panel]))?;
    assert_eq!(seen(&window)?, before);
    window.wait("five minutes", "return by('span').textContent.includes('5')", json!([]))?;
    window.click("board-this-computer")?;
    wait_for_panels(&window, "the other board", &computer)?;
    Ok(())
}

#[test]
fn what_is_done_to_a_board_is_undone_and_done_again_by_keys() -> Result<()> {
    let window = Window::open("undo")?;
    let all = panel_ids(&window)?;
    wait_for_panels(&window, "the panels", &all)?;
    let place = "const { left, top, width, height } = by('panel-memory').getBoundingClientRect();
         return [left, top, width, height]";
    let before = window.run(place, json!([]))?;

    window.click("panel-menu-memory")?;
    window.click("panel-remove")?;
    let rest: Vec<&Value> =
        all.as_array().context("no panels")?.iter().filter(|id| **id != "memory").collect();
    wait_for_panels(&window, "the others", &json!(rest))?;
    window.press_together(&[CONTROL, "z"])?;
    wait_for_panels(&window, "all of them again, drawing", &all)?;
    assert_eq!(window.run(place, json!([]))?, before, "where it was");
    window.press_together(&[CONTROL, SHIFT, "z"])?;
    wait_for_panels(&window, "the others again", &json!(rest))?;
    window.press_together(&[CONTROL, "z"])?;
    wait_for_panels(&window, "all of them once more", &all)?;

    // A field is drawn, a panel renamed, and both undone, the last one first.
    window.plot(COMPUTER, "memory", "data.total")?;
    window.click("panel-menu-cpu")?;
    window.click("panel-rename")?;
    window.wait(
        "its title",
        "return document.activeElement.matches('[data-testid=header-cpu] input')",
        json!([]),
    )?;
    window.run("document.activeElement.value = 'Cores'", json!([]))?;
    window.press("\u{E007}")?;
    let title = "return by('header-cpu').textContent.trim()";
    window.wait("a new title", &format!("{title} === 'Cores'"), json!([]))?;
    window.click("board-menu")?;
    window.wait(
        "what would be undone",
        "return by('board-undo').textContent.includes('Rename panel')",
        json!([]),
    )?;
    window.click("board-undo")?;
    window.wait("the old title", &format!("{title} === 'CPU by core'"), json!([]))?;
    window.press_together(&[CONTROL, "z"])?;
    window.wait(
        "no such trace",
        "return panel('memory').traces.every((trace) => trace.label !== 'data.total')",
        json!([]),
    )?;
    Ok(())
}

#[test]
fn a_removed_board_is_brought_back_from_its_notice() -> Result<()> {
    let window = Window::open("board-removed")?;
    add_board(&window, "Mine")?;
    wait_for(&window, "a second board", &["This computer", "Mine"], "Mine")?;
    let panel = window.plot(COMPUTER, "memory", "data.total")?;
    window.click("board-menu")?;
    window.click("board-remove")?;
    wait_for(&window, "the first board alone", &["This computer"], "This computer")?;
    window.click("notice-action")?;
    wait_for(&window, "both", &["This computer", "Mine"], "Mine")?;
    wait_for_panels(&window, "its panel, drawing", &json!([panel]))?;
    Ok(())
}
