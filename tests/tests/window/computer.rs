//! The first start: a board of this computer, drawing.

use crate::{COMPUTER, number, text};
use anyhow::{Context, Result};
use feedscope_tests::Window;
use serde_json::json;

/// A number that is another when any pixel is, and how many colours there are.
const LOOK: &str = "
    const canvas = by(arguments[0]).querySelector('canvas');
    const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
    const pixels = new Uint32Array(data.buffer);
    let sum = 0;
    for (const pixel of pixels) sum = (Math.imul(sum, 31) + pixel) | 0;
    const look = [sum, new Set(pixels).size];
";

#[test]
fn the_first_board_draws_and_goes_on_drawing() -> Result<()> {
    let window = Window::open("first-board")?;
    let panels = window.run("return panels().map((panel) => panel.id)", json!([]))?;
    let panels = panels.as_array().context("no panels")?.clone();
    assert!(panels.len() >= 4, "{panels:?}");
    for panel in &panels {
        let seen = window.wait(
            &format!("something drawn in {panel}"),
            &format!("{LOOK}; return look[1] > 2 && look"),
            json!([format!("panel-{}", text(panel)?)]),
        )?;
        window.wait(
            &format!("other pixels in {panel}"),
            &format!("{LOOK}; return look[0] !== arguments[1]"),
            json!([format!("panel-{}", text(panel)?), seen[0]]),
        )?;
    }
    window.wait(
        "a live feed",
        "return status('computer').state === 'live'
             && by('feed-state-computer').textContent === 'live'
             && /^[0-9]+\\/s$/.test(by('feed-rate-computer').textContent)",
        json!([]),
    )?;
    Ok(())
}

#[test]
fn what_is_drawn_is_what_this_computer_says() -> Result<()> {
    let window = Window::open("computer")?;
    let panel = window.plot(COMPUTER, "memory", "data.total")?;
    let total = meminfo("MemTotal")?;
    let shown = window.wait(
        "a drawn total",
        "const traces = panel(arguments[0]).traces;
         const of = (label) => traces.find((trace) => trace.label === label);
         const total = of('data.total');
         return total.latest !== null && {
             total: total.latest,
             last: total.columns.at(-1)[5],
             used: of('Used').columns,
             available: of('Available').columns,
             at: traces.indexOf(total),
         }",
        json!([panel]),
    )?;
    assert_eq!((number(&shown["total"])?, number(&shown["last"])?), (total, total));
    let columns = |name: &str| shown[name].as_array().context("no columns");
    for (used, available) in columns("used")?.iter().zip(columns("available")?) {
        assert_eq!(used[0], available[0], "both are in each message");
        assert_eq!(number(&used[5])? + number(&available[5])?, total);
    }
    let available = number(&columns("available")?.last().context("no column")?[5])?;
    let said = meminfo("MemAvailable")?;
    // It was read at another moment, on a computer that is busy.
    assert!((available - said).abs() < total * 0.25, "{available} is not {said}");
    window.wait(
        "the total in the legend and in the list",
        "const [id, at, total] = arguments;
         const gigabytes = `${(total / 1e9).toFixed(total / 1e9 >= 99.95 ? 0 : 1)}\\u202fGB`;
         const row = by('field-computer-memory-data.total').textContent;
         return by(`legend-${id}-${at}`).textContent === gigabytes && row.endsWith(gigabytes)",
        json!([panel, shown["at"], total]),
    )?;
    Ok(())
}

#[test]
fn every_legend_says_the_latest_value() -> Result<()> {
    let window = Window::open("legend")?;
    window.wait(
        "legends that say what was drawn last",
        // Written four times a second, of values that come ten times: soon both are of one moment.
        "return panels().every((panel) => panel.traces.every((trace, n) => {
             const said = by(`legend-${panel.id}-${n}`).textContent;
             const [, digits, unit] = /^([\\d.,]+)\\u202f?(%|[kMGT]?B(?:\\/s)?)?$/.exec(said);
             const scale = { k: 1e3, M: 1e6, G: 1e9, T: 1e12 }[unit?.[0]] ?? 1;
             const value = Number(digits.replaceAll(',', '')) * scale;
             const near = scale * (digits.includes('.') ? 0.051 : 0.51);
             return trace.columns.slice(-8).some((column) => Math.abs(column[5] - value) <= near);
         }))",
        json!([]),
    )?;
    Ok(())
}

/// A line of /proc/meminfo, in bytes.
fn meminfo(name: &str) -> Result<f64> {
    let all = std::fs::read_to_string("/proc/meminfo")?;
    let line = all.lines().find(|line| line.starts_with(name)).context("no such line")?;
    let kibibytes: f64 = line.split_whitespace().nth(1).context("no number")?.parse()?;
    Ok(kibibytes * 1024.0)
}
