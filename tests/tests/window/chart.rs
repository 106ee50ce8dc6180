//! The chart under the hand: wheel, drag, hover, legend.

use crate::{CPU, number};
use anyhow::Result;
use feedscope_tests::Window;
use serde_json::{Value, json};

const RANGE: &str = "const { following, fromMs, toMs } = panel('cpu');";

fn range(seen: &Value) -> Result<(f64, f64)> {
    Ok((number(&seen["fromMs"])?, number(&seen["toMs"])?))
}

#[test]
fn the_wheel_zooms_a_drag_pans_and_both_find_back_to_the_present() -> Result<()> {
    let window = Window::open("zoom")?;
    window.wait("data", "return panel('cpu').traces[0].columns.length > 20", json!([]))?;

    window.wheel(CPU, -200)?;
    let zoomed = window.wait(
        "a shorter span, in all panels",
        &format!(
            "{RANGE} return !following && toMs - fromMs < 50_000
                 && panels().every((other) => other.fromMs === fromMs && other.toMs === toMs)
                 && {{ fromMs, toMs }}"
        ),
        json!([]),
    )?;
    let (from, to) = range(&zoomed)?;

    window.drag(CPU, 200, 0)?;
    let panned = window.wait(
        "an earlier time",
        &format!(
            "{RANGE} return fromMs < arguments[0] && {{ fromMs, toMs, width:
            document.querySelector('{CPU}').clientWidth }}"
        ),
        json!([from]),
    )?;
    let (panned_from, panned_to) = range(&panned)?;
    let moved = (from - panned_from) / (to - from) * number(&panned["width"])?;
    assert!((moved - 200.0).abs() < 3.0, "a drag by 200 px moved it by {moved} px");
    assert!(((panned_to - panned_from) - (to - from)).abs() < 1.0, "the span changed");

    window.double_click(CPU)?;
    let follows = format!("{RANGE} return following && toMs - fromMs > 59_000");
    window.wait("the present, by double click", &follows, json!([]))?;

    window.drag(CPU, 100, 0)?;
    window.wait("standing still", &format!("{RANGE} return !following"), json!([]))?;
    window.click("jump-live")?;
    window.wait("the present, by the button", &follows, json!([]))?;

    // Two presses at one place are a double click for the webview, unless one of them drags.
    let middle = format!("{RANGE} return (fromMs + toMs) / 2");
    window.drag(CPU, 150, 0)?;
    window.drag(CPU, -50, 0)?;
    window.wait("standing still", &format!("{RANGE} return !following"), json!([]))?;
    let dragged = number(&window.run(&middle, json!([]))?)?;
    window.drag(CPU, 50, 0)?;
    window.wait(
        "an earlier time, by another drag",
        &format!("{middle} < arguments[0] - 1_000"),
        json!([dragged]),
    )?;
    window.click("jump-live")?;
    window.wait("the present again", &follows, json!([]))?;

    window.press(" ")?;
    window.wait("a pause, by the space bar", &format!("{RANGE} return !following"), json!([]))?;
    window.press(" ")?;
    window.wait("the present, by the space bar", &follows, json!([]))?;
    Ok(())
}

#[test]
fn pointing_at_the_chart_says_what_was_there() -> Result<()> {
    let window = Window::open("hover")?;
    window.wait("data", "return panel('cpu').traces[0].columns.length > 20", json!([]))?;
    let width =
        window.run(&format!("return document.querySelector('{CPU}').clientWidth"), json!([]))?;
    // Near the right edge, where there is data already.
    window.point(CPU, number(&width)? as i32 / 2 - 12, 0)?;
    window.wait(
        "time and values",
        "const readout = by('readout');
         const [when, , rows] = readout.children;
         const said = [...rows.children].map((row) => row.textContent);
         return all('readout').some((readout) => !readout.hidden) && !readout.hidden
             && /^[0-9]{2}:[0-9]{2}:[0-9]{2}/.test(when.textContent)
             && said.length === panel('cpu').traces.length
             && said.every((row) => /[0-9]\\u202f%$/.test(row))
             && said[0].startsWith('All cores')",
        json!([]),
    )?;
    window.wait(
        "a crosshair in every panel",
        "return [...document.querySelectorAll('.crosshair')].every((line) => !line.hidden)",
        json!([]),
    )?;
    window.point("[data-testid=pause]", 0, 0)?;
    window.wait(
        "no readout",
        "return all('readout').every((readout) => readout.hidden)",
        json!([]),
    )?;
    Ok(())
}

#[test]
fn a_click_in_the_legend_hides_a_trace_and_shows_it_again() -> Result<()> {
    // The pixels that have the colour of the first trace, and of no other.
    const DRAWN: &str = "
        const button = by('legend-memory-0').closest('button');
        const color = getComputedStyle(button.querySelector('i')).backgroundColor;
        const [r, g, b] = color.match(/[0-9]+/g).map(Number);
        const canvas = by('panel-memory').querySelector('canvas');
        const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
        let drawn = 0;
        for (let at = 0; at < data.length; at += 4) {
            if (data[at] === r && data[at + 1] === g && data[at + 2] === b) drawn += 1;
        }
        const pressed = button.getAttribute('aria-pressed');
    ";
    let window = Window::open("legend-click")?;
    window.wait("a line", &format!("{DRAWN} return drawn > 5 && pressed === 'true'"), json!([]))?;
    window.click("legend-memory-0")?;
    window.wait(
        "no line",
        &format!("{DRAWN} return drawn === 0 && pressed === 'false'"),
        json!([]),
    )?;
    window.click("legend-memory-0")?;
    window.wait(
        "the line",
        &format!("{DRAWN} return drawn > 5 && pressed === 'true'"),
        json!([]),
    )?;
    Ok(())
}
