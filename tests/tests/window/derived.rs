//! Derived series: made, mended, drawn, changed, removed and brought back in the window.

use anyhow::Result;
use feedscope_tests::{Server, Window};
use serde_json::json;

const ENTER: &str = "\u{e007}";

/// What is drawn of a series, by the name in its legend: its latest value.
const LATEST: &str = "const latest = (name) => panels().flatMap((panel) => panel.traces)
    .find((trace) => trace.label === name)?.latest;
const used = () => panel('memory').traces[0].latest;";

/// Opens the sheet, and chooses a field for `a`.
fn begin(window: &Window, search: &str, choice: &str) -> Result<()> {
    window.click("derived-add")?;
    window.fill("derived-input-a-field", search)?;
    window.click_css(&format!("[data-testid^='derived-input-a-choice-{choice}']"))
}

#[test]
fn one_is_written_mended_drawn_changed_removed_and_brought_back() -> Result<()> {
    let window = Window::open("derived")?;
    window.wait("the memory in use", "return panel('memory')?.traces[0].latest", json!([]))?;
    begin(&window, "memory used", "computer-memory-data.used")?;

    window.fill("derived-expression", "2 * totl")?;
    window.wait(
        "what is wrong, at its place and in words",
        "return by('derived-underlined')?.textContent === 'totl'
            && by('derived-mistakes').textContent.includes('totl')
            && by('derived-save').disabled",
        json!([]),
    )?;
    window.fill("derived-expression", "lowe")?;
    window.wait("what may be meant", "return by('derived-offer-lowest')", json!([]))?;
    window.press(ENTER)?;
    window.wait(
        "it in the text, of the field, and nothing wrong",
        "return by('derived-expression').value === 'lowest(a, 1m)'
            && !by('derived-underlined') && !by('derived-save').disabled",
        json!([]),
    )?;
    window.wait(
        "what it comes to",
        "return panel('derived-preview').traces[0].columns.length > 0
            && /[0-9]/.test(by('derived-preview-value').textContent)",
        json!([]),
    )?;
    window.fill("derived-expression", "2 * a")?;
    // What it is called is text, whatever it looks like.
    window.fill("derived-name", "Twice <b>used</b>")?;
    window.wait("that it can be made", "return !by('derived-save').disabled", json!([]))?;
    window.click("derived-save")?;
    window.wait(
        "it drawn, as it comes",
        &format!("{LATEST} return latest('Twice <b>used</b>') === 2 * used()"),
        json!([]),
    )?;
    window.wait(
        "it in the list, with its value",
        "return !by('derived-sheet') && by('derived-twice-b-used-b').dataset.state === 'live'
            && /[0-9]/.test(by('derived-value-twice-b-used-b').textContent)
            && by('derived-draw-twice-b-used-b').getAttribute('aria-checked') === 'true'",
        json!([]),
    )?;

    window.click("derived-menu-twice-b-used-b")?;
    window.click("derived-edit-twice-b-used-b")?;
    window.fill("derived-expression", "3 * a")?;
    window.fill("derived-name", "Thrice")?;
    window.wait("that it can be saved", "return !by('derived-save').disabled", json!([]))?;
    window.click("derived-save")?;
    window.wait(
        "the other one in its place",
        &format!("{LATEST} return latest('Thrice') === 3 * used()"),
        json!([]),
    )?;

    window.click("derived-menu-twice-b-used-b")?;
    window.click("derived-remove-twice-b-used-b")?;
    window.wait(
        "that it is gone, where it was drawn",
        "return !by('derived-twice-b-used-b')
            && document.body.innerText.includes('This derived series was removed')",
        json!([]),
    )?;
    window.click_css("[data-testid=notice] .button:not(.icon)")?;
    window.wait(
        "it again",
        &format!("{LATEST} return latest('Thrice') === 3 * used()"),
        json!([]),
    )?;

    let data = window.close()?;
    let file = std::fs::read_to_string(data.path().join("derived.json"))?;
    assert!(file.contains("3 * a"), "{file}");
    Ok(())
}

#[test]
fn one_whose_feed_is_gone_says_what_it_waits_for() -> Result<()> {
    let server = Server::start(50.0, |number| format!(r#"{{"level":{number}}}"#))?;
    let window = Window::open("derived-waits")?;
    let feed = window.added_feed(&server.url())?;
    begin(&window, "level", &feed)?;
    window.fill("derived-expression", "delta(a)")?;
    window.fill("derived-name", "Steps")?;
    window.wait("that it can be made", "return !by('derived-save').disabled", json!([]))?;
    window.click("derived-save")?;
    window.wait("it drawn", &format!("{LATEST} return latest('Steps') === 1"), json!([]))?;
    window.click(&format!("feed-menu-{feed}"))?;
    window.click_css(".menu-item.danger")?;
    window.wait(
        "what it waits for, in the list and where it is drawn",
        "return by('derived-state-steps')?.textContent.includes('waiting for level')
            && [...document.querySelectorAll('.panel .said')]
                .some((said) => said.textContent.includes('Steps: waiting for level'))",
        json!([]),
    )?;
    window.click_css("[data-testid=notice] .button:not(.icon)")?;
    window.wait(
        "it going on",
        &format!("{LATEST} return latest('Steps') === 1 && !by('derived-state-steps')"),
        json!([]),
    )?;
    Ok(())
}
