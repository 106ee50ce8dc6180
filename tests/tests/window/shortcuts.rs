//! Shortcuts: listed, recorded anew, taken over, given back, and kept.

use anyhow::{Result, ensure};
use feedscope_tests::{Options, Window};
use serde_json::json;

const CONTROL: &str = "\u{e009}";
const ESCAPE: &str = "\u{e00c}";
const ENTER: &str = "\u{e007}";

fn open_list(window: &Window) -> Result<()> {
    window.wait("data", "return status('computer').ledger.delivered > 5", json!([]))?;
    window.press("?")?;
    window.wait(
        "the list of shortcuts",
        "return document.activeElement === by('shortcuts-search')",
        json!([]),
    )?;
    Ok(())
}

fn find(window: &Window, words: &str, command: &str) -> Result<()> {
    window.fill("shortcuts-search", words)?;
    window.wait(
        &format!("only what {words} finds"),
        "return by(arguments[0]) && by('shortcuts-list').querySelectorAll('li').length < 5",
        json!([format!("shortcut-{command}")]),
    )?;
    Ok(())
}

/// Presses keys where they are recorded.
fn record(window: &Window, command: &str, keys: &[&str]) -> Result<()> {
    window.click(&format!("shortcut-{command}"))?;
    window.wait(
        "the place for keys",
        "return document.activeElement === by('shortcut-recorder')",
        json!([]),
    )?;
    window.press_together(keys)
}

fn wait_shown(window: &Window, command: &str, keys: &str) -> Result<()> {
    window.wait(
        &format!("{keys} for {command}"),
        "return by(`shortcut-${arguments[0]}`).textContent.trim() === arguments[1]",
        json!([command, keys]),
    )?;
    Ok(())
}

fn close_list(window: &Window) -> Result<()> {
    window.press(ESCAPE)?;
    window.wait("the board again", "return by('shortcuts-dialog') === null", json!([]))?;
    Ok(())
}

const PAUSED: &str = "return panel('cpu').following === arguments[0]";

#[test]
fn a_shortcut_is_recorded_anew_taken_over_given_back_and_kept() -> Result<()> {
    let window = Window::open("shortcuts")?;
    open_list(&window)?;
    find(&window, "pause", "time.toggle")?;
    wait_shown(&window, "time.toggle", "Space")?;
    record(&window, "time.toggle", &[CONTROL, "p"])?;
    wait_shown(&window, "time.toggle", "Ctrl+P")?;
    // G is the list of gaps until it is taken over, which Escape declines.
    record(&window, "time.toggle", &["g"])?;
    window.wait(
        "whose it is",
        "return by('shortcut-conflict').textContent.includes('G does “Gaps” already.')
             && document.activeElement === by('shortcut-take')",
        json!([]),
    )?;
    window.screenshot()?;
    window.press(ENTER)?;
    wait_shown(&window, "time.toggle", "G")?;
    close_list(&window)?;

    // It does what it says, the tooltips know, and what was there before does nothing.
    let hint = "return by('pause').title === arguments[0] && by('gaps-open').title === 'Gaps'";
    window.wait("new tooltips", hint, json!(["Pause (G)"]))?;
    window.press(" ")?;
    window.press("g")?;
    window.wait("a pause, by one of both", PAUSED, json!([false]))?;
    ensure!(window.run("return by('gaps') === null", json!([]))? == true, "the gaps are listed");

    open_list(&window)?;
    window.click("shortcuts-reset")?;
    window.wait("that it is done", "return by('shortcuts-undo')", json!([]))?;
    find(&window, "gaps", "gaps")?;
    wait_shown(&window, "gaps", "G")?;
    window.click("shortcuts-undo")?;
    wait_shown(&window, "gaps", "")?;
    find(&window, "follow", "time.toggle")?;
    wait_shown(&window, "time.toggle", "G")?;
    close_list(&window)?;
    let data = window.close()?;

    let window =
        Window::open_with("shortcuts-again", Options { data: Some(data), ..Options::default() })?;
    window.wait("data", "return status('computer').ledger.delivered > 5", json!([]))?;
    window.press("g")?;
    window.wait("a pause, as it was chosen", PAUSED, json!([false]))?;
    open_list(&window)?;
    find(&window, "follow", "time.toggle")?;
    window.click("shortcut-reset-time.toggle")?;
    wait_shown(&window, "time.toggle", "Space")?;
    close_list(&window)?;
    window.press(" ")?;
    window.wait("the present again", PAUSED, json!([true]))?;
    Ok(())
}
