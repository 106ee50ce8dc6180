//! The tour of the first start: taken by doing what it speaks of, or declined; and not again.

use anyhow::{Result, ensure};
use feedscope_tests::{Options, Window};
use serde_json::json;

const CONTROL: &str = "\u{e009}";
const ESCAPE: &str = "\u{e00c}";
const ENTER: &str = "\u{e007}";

fn first_start(name: &str) -> Result<Window> {
    let window = Window::open_with(name, Options { is_first_start: true, ..Options::default() })?;
    wait_for_step(&window, "feed")?;
    window.wait("data", "return status('computer').ledger.delivered > 20", json!([]))?;
    Ok(window)
}

fn wait_for_step(window: &Window, step: &str) -> Result<()> {
    window.wait(
        &format!("the step {step}, whole in the window"),
        "const card = by('tour');
         const { left, top, right, bottom } = card.getBoundingClientRect();
         return card.dataset.step === arguments[0]
             && left >= 0 && top >= 0 && right <= innerWidth && bottom <= innerHeight",
        json!([step]),
    )?;
    Ok(())
}

fn wait_for_end(window: &Window) -> Result<()> {
    window.wait("no tour", "return by('tour') === null", json!([]))?;
    Ok(())
}

#[test]
fn each_step_leads_on_once_it_is_done_in_the_smallest_window() -> Result<()> {
    let window = first_start("tour")?;
    window.resize(800, 500)?;
    wait_for_step(&window, "feed")?;
    window.click("tour-next")?;
    wait_for_step(&window, "field")?;
    let field = window.wait(
        "a field that can be ticked",
        "const boxes = [...document.querySelectorAll('[data-testid^=draw-computer-]')];
         return boxes.find((box) => {
             const { top, bottom } = box.getBoundingClientRect();
             return top > 150 && bottom < innerHeight - 100;
         }).dataset.testid",
        json!([]),
    )?;
    window.click(field.as_str().unwrap_or_default())?;
    wait_for_step(&window, "time")?;
    window.click("pause")?;
    wait_for_step(&window, "gaps")?;
    window.click("gaps-open")?;
    wait_for_step(&window, "add")?;
    window.press(ESCAPE)?;
    window.wait(
        "the list closed, and the tour not",
        "return by('gaps') === null && by('tour')",
        json!([]),
    )?;
    window.click("feed-add")?;
    window.wait("the dialog", "return by('add-feed-dialog')", json!([]))?;
    window.press(ESCAPE)?;
    wait_for_step(&window, "palette")?;
    window.press_together(&[CONTROL, "k"])?;
    window.wait("the palette", "return by('palette')", json!([]))?;
    window.press(ESCAPE)?;
    wait_for_end(&window)?;
    let data = window.close()?;
    let settings = std::fs::read_to_string(data.path().join("settings.toml"))?;
    ensure!(settings == "toured = true\n", "{settings}");

    let again = Options { data: Some(data), is_first_start: true, ..Options::default() };
    let window = Window::open_with("tour-again", again)?;
    window.wait("data", "return status('computer').ledger.delivered > 20", json!([]))?;
    ensure!(window.run("return by('tour') === null", json!([]))? == true, "it began again");
    Ok(())
}

#[test]
fn it_is_taken_and_declined_by_keys_alone_and_found_in_the_palette() -> Result<()> {
    let window = first_start("tour-keys")?;
    window.wait("the keys", "return document.activeElement === by('tour')", json!([]))?;
    for step in ["field", "time"] {
        window.press(ENTER)?;
        wait_for_step(&window, step)?;
    }
    // The keys of the window are not the card's.
    window.press(" ")?;
    wait_for_step(&window, "gaps")?;
    ensure!(window.run("return panel('cpu').following", json!([]))? == false, "it was not paused");
    window.press(ESCAPE)?;
    wait_for_end(&window)?;

    window.press_together(&[CONTROL, "k"])?;
    window.fill("palette-input", "tour")?;
    window.click("command-tour")?;
    wait_for_step(&window, "feed")?;
    window.click("tour-skip")?;
    wait_for_end(&window)
}
