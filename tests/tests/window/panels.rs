//! Panels of every kind: found by typing, filled from the list of fields, settled, measured.

use crate::{COMPUTER, number};
use anyhow::{Result, ensure};
use feedscope_tests::Window;
use serde_json::json;

const CONTROL: &str = "\u{e009}";
const ENTER: &str = "\u{e007}";
const ESCAPE: &str = "\u{e00c}";

/// Adds a panel by the palette; answers with its id.
pub fn add(window: &Window, words: &str) -> Result<String> {
    window.press_together(&[CONTROL, "k"])?;
    window.wait(
        "the palette",
        "return by('palette-input') === document.activeElement",
        json!([]),
    )?;
    window.fill("palette-input", words)?;
    window.wait(
        "what was typed",
        "return document.querySelector('.palette-item[data-selected]')?.textContent
             .includes(arguments[0])",
        json!([words]),
    )?;
    window.press(ENTER)?;
    let id = window.wait(
        "the settings of the new panel",
        "return by('panel-settings-sheet') && window.__feedscope.selected",
        json!([]),
    )?;
    Ok(crate::text(&id)?.to_owned())
}

/// Chooses in a list of the settings.
pub fn choose(window: &Window, list: &str, value: &str) -> Result<()> {
    window.run(
        "const list = by(arguments[0]);
         list.value = arguments[1];
         list.dispatchEvent(new Event('change', { bubbles: true }))",
        json!([list, value]),
    )?;
    Ok(())
}

#[test]
fn every_kind_of_panel_shows_what_comes() -> Result<()> {
    let window = Window::open("panels")?;
    window.wait("data", "return status(arguments[0]).ledger.delivered > 50", json!([COMPUTER]))?;
    let id = add(&window, "Number")?;
    window.reveal("field-computer-load-data.one")?;
    // It is drawn already: off, and on again, in the panel that is dealt with.
    for _ in 0..2 {
        window.click("draw-computer-load-data.one")?;
    }
    window.wait(
        "a number",
        "const text = by(`panel-${arguments[0]}`).textContent;
         return /\\d/.test(text) && text",
        json!([id]),
    )?;
    for (kind, shown) in [
        ("gauge", "canvas, svg"),
        ("table", "tbody tr"),
        ("time-series", "canvas"),
        ("candles", "canvas"),
        ("states", "canvas"),
        ("heat-map", "canvas"),
        ("histogram", "canvas"),
        ("number", "canvas"),
    ] {
        choose(&window, "settings-kind", kind)?;
        window.wait(
            &format!("something drawn as {kind}"),
            "const panel = by(`panel-${arguments[0]}`);
             const canvas = panel?.querySelector(arguments[1]);
             if (!(canvas instanceof HTMLCanvasElement)) return canvas !== null;
             const pen = canvas.getContext('2d');
             const { data } = pen.getImageData(0, 0, canvas.width, canvas.height);
             const seen = new Set();
             for (let at = 0; at < data.length; at += 4) seen.add(data.slice(at, at + 4).join());
             return seen.size > 1",
            json!([id, shown]),
        )?;
        let notices = window.run("return all('notice').length", json!([]))?;
        ensure!(number(&notices)? == 0.0, "{kind}: something went wrong");
    }
    Ok(())
}

#[test]
fn what_lies_between_two_moments_is_measured() -> Result<()> {
    let window = Window::open("measure")?;
    window.click("span")?;
    window.click("span-10000")?;
    window.wait("data", "return status(arguments[0]).ledger.delivered > 600", json!([COMPUTER]))?;
    window.press("m")?;
    let samples = window.wait(
        "samples between A and B",
        "const cells = [...document.querySelectorAll('[data-testid=measure] tbody td:last-child')];
         return cells.map((cell) => Number(cell.textContent)).find((count) => count > 0)",
        json!([]),
    )?;
    ensure!(number(&samples)? > 0.0);
    window.wait(
        "flags on the chart",
        "return ['a', 'b'].every((kind) =>
             document.querySelector(`[data-testid=panel-cpu] .plot-flag[data-kind=${kind}]`))",
        json!([]),
    )?;
    window.press("m")?;
    window.wait("the end of it", "return by('measure') === null", json!([]))?;
    window.press(ESCAPE)?;
    Ok(())
}
