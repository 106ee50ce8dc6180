//! Accessible: axe finds nothing in any part of the window, in either theme, and charts are read by
//! keys alone.

use crate::panels::{add, choose};
use crate::{COMPUTER, CPU, text};
use anyhow::{Context, Result, ensure};
use feedscope_tests::Window;
use serde_json::json;
use std::path::Path;

const CONTROL: &str = "\u{e009}";
const SHIFT: &str = "\u{e008}";
const ENTER: &str = "\u{e007}";
const ESCAPE: &str = "\u{e00c}";
const TAB: &str = "\u{e004}";
const END: &str = "\u{e010}";
const HOME: &str = "\u{e011}";
const LEFT: &str = "\u{e012}";
const UP: &str = "\u{e013}";
const RIGHT: &str = "\u{e014}";
const DOWN: &str = "\u{e015}";

/// What it is held to: WCAG 2.1 A and AA, and what axe's makers hold to be good practice.
const CHECK: &str = "
    const done = arguments[arguments.length - 1];
    const rules = Object.fromEntries(arguments[0].map((rule) => [rule, { enabled: false }]));
    const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'best-practice'];
    window.axe.run(document, { runOnly: tags, rules, resultTypes: ['violations'] }).then(
        ({ violations }) => done(violations.flatMap(({ id, help, nodes }) => nodes.map((node) =>
            `${id} (${help}): ${node.target.join(' ')} ${node.html.slice(0, 200)}`))),
        (error) => done([String(error)]),
    );";
/// Has the page be dark, or light, whatever the system is.
const THEME: &str = "
    for (const sheet of document.styleSheets) {
        for (const rule of sheet.cssRules) {
            const said = rule.wasMedia ?? rule.media?.mediaText ?? '';
            if (!said.includes('prefers-color-scheme')) continue;
            rule.wasMedia = said;
            rule.media.mediaText = said.includes(arguments[0]) ? 'all' : 'not all';
        }
    }
    return getComputedStyle(document.documentElement).getPropertyValue('--background').trim()";

/// A window with data in which axe can be asked, and what it has found so far.
struct Checked {
    window: Window,
    found: Vec<String>,
}

impl Checked {
    fn open(name: &str) -> Result<Checked> {
        let window = Window::open(name)?;
        window.wait(
            "data",
            "return status(arguments[0]).ledger.delivered > 50",
            json!([COMPUTER]),
        )?;
        let axe =
            Path::new(env!("CARGO_MANIFEST_DIR")).join("../ui/node_modules/axe-core/axe.min.js");
        let axe = std::fs::read_to_string(&axe)
            .with_context(|| format!("{} is not there: npm ci in ui", axe.display()))?;
        window.run(&axe, json!([]))?;
        // What is on its way is half seen, and so half legible.
        let still = "document.documentElement.style.setProperty('--motion', '0ms')";
        window.run(still, json!([]))?;
        Ok(Checked { window, found: Vec::new() })
    }

    /// Has axe look at all that is there now, dark and light.
    fn check(&mut self, what: &str) -> Result<()> {
        self.check_but(what, &[])
    }

    /// The same without some rules.
    fn check_but(&mut self, what: &str, off: &[&str]) -> Result<()> {
        let mut backgrounds = Vec::new();
        for theme in ["dark", "light"] {
            backgrounds.push(text(&self.window.run(THEME, json!([theme]))?)?.to_owned());
            let found = self.window.run_async(CHECK, json!([off]))?;
            for violation in found.as_array().context("axe gave no list")? {
                self.found.push(format!("{what}, {theme}: {}", text(violation)?));
            }
        }
        ensure!(backgrounds[0] != backgrounds[1], "both themes are one: {backgrounds:?}");
        Ok(())
    }

    fn wait_for(&self, name: &str, there: bool) -> Result<()> {
        let script = "return (by(arguments[0]) !== null) === arguments[1]";
        self.window.wait(name, script, json!([name, there]))?;
        Ok(())
    }

    fn end(self) -> Result<()> {
        ensure!(self.found.is_empty(), "axe found:\n{}", self.found.join("\n"));
        Ok(())
    }
}

#[test]
fn axe_finds_nothing_in_any_panel() -> Result<()> {
    let mut checked = Checked::open("axe-panels")?;
    checked.check("the first run")?;
    add(&checked.window, "Number")?;
    checked.window.reveal("field-computer-load-data.one")?;
    checked.check("a number and its settings")?;
    let kinds = [
        "gauge",
        "table",
        "time-series",
        "candles",
        "states",
        "heat-map",
        "histogram",
        "xy",
        "depth",
        "inspector",
        "notes",
    ];
    for kind in kinds {
        choose(&checked.window, "settings-kind", kind)?;
        checked.window.wait(
            kind,
            "return by('settings-kind').value === arguments[0] && all('notice').length === 0",
            json!([kind]),
        )?;
        checked.check(kind)?;
    }
    checked.end()
}

#[test]
fn axe_finds_nothing_in_any_sheet() -> Result<()> {
    let mut checked = Checked::open("axe-sheets")?;
    for (key, sheet) in [("m", "measure"), ("g", "gaps"), ("l", "alerts")] {
        checked.window.press(key)?;
        checked.wait_for(sheet, true)?;
        checked.check(sheet)?;
        checked.window.press(ESCAPE)?;
        checked.window.run("document.activeElement.blur()", json!([]))?;
    }
    checked.window.click("health")?;
    checked.wait_for("ledger", true)?;
    checked.check("the ledger")?;
    checked.window.press(ESCAPE)?;
    checked.window.click("derived-add")?;
    checked.wait_for("derived-expression", true)?;
    checked.check("a derived series")?;
    checked.window.press(ESCAPE)?;
    checked.window.click(&format!("feed-menu-{COMPUTER}"))?;
    checked.wait_for(&format!("feed-inspect-{COMPUTER}"), true)?;
    // A menu belongs to its button, wherever it lies in the page: it is no part of a landmark.
    checked.check_but("a menu", &["region"])?;
    checked.window.click(&format!("feed-inspect-{COMPUTER}"))?;
    checked.window.wait("messages", "return all('inspect-row').length > 3", json!([]))?;
    checked.check("the inspector")?;
    checked.end()
}

#[test]
fn axe_finds_nothing_in_any_dialog() -> Result<()> {
    let mut checked = Checked::open("axe-dialogs")?;
    checked.window.press_together(&[CONTROL, "k"])?;
    checked.wait_for("palette", true)?;
    checked.check("the palette")?;
    for (words, what) in
        [("Add a feed", "add a feed"), ("template", "templates"), ("Suggest", "a suggestion")]
    {
        if checked.window.run("return by('palette') === null", json!([]))? == json!(true) {
            checked.window.press_together(&[CONTROL, "k"])?;
            checked.wait_for("palette", true)?;
        }
        checked.window.fill("palette-input", words)?;
        checked.window.wait(
            words,
            "return document.querySelector('.palette-item[data-selected]')?.textContent
                 .toLowerCase().includes(arguments[0].toLowerCase())",
            json!([words]),
        )?;
        checked.window.press(ENTER)?;
        checked.window.wait(
            what,
            "return by('palette') === null && document.querySelector('[role=dialog]') !== null",
            json!([]),
        )?;
        checked.check(what)?;
        checked.window.press(ESCAPE)?;
        checked.window.wait(
            "no dialog",
            "return document.querySelector('[role=dialog]') === null",
            json!([]),
        )?;
    }
    checked.end()
}

/// What was said aloud, once it fits.
fn said(window: &Window, what: &str, fits: &str) -> Result<String> {
    let said = window.wait(
        what,
        &format!("const said = by('announced').textContent; return ({fits}) && said"),
        json!([]),
    )?;
    Ok(text(&said)?.to_owned())
}

#[test]
fn a_chart_is_read_by_keys_alone() -> Result<()> {
    let window = Window::open("read-by-keys")?;
    window.wait("data", "return panel('cpu').traces[0].columns.length > 60", json!([]))?;
    // What is paused does not move away under who counts.
    window.press(" ")?;
    window.wait("a pause", "return !panel('cpu').following", json!([]))?;
    for _ in 0..200 {
        let there = window.run(
            "return document.activeElement.matches('[data-testid=panel-cpu] .plot-area')",
            json!([]),
        )?;
        if there == json!(true) {
            break;
        }
        window.press(TAB)?;
    }
    let name = window.run(
        "const { ariaLabel, role } = document.activeElement; return `${role} ${ariaLabel}`",
        json!([]),
    )?;
    ensure!(text(&name)?.starts_with("application ") && text(&name)?.contains("core"), "{name}");
    window.press(END)?;
    let last = said(&window, "the last sample", "/\\d\\s%/.test(said)")?;
    window.press(LEFT)?;
    let before = said(&window, "the one before", &format!("said !== {}", json!(last)))?;
    window.press(RIGHT)?;
    said(&window, "the last one again", &format!("said === {}", json!(last)))?;
    window.chord(SHIFT, LEFT)?;
    let far = said(&window, "a larger step", &format!("said !== {}", json!(last)))?;
    ensure!(far != before, "a larger step is as small as one");
    window.press(END)?;
    said(&window, "the last one by its key", &format!("said === {}", json!(last)))?;
    window.press(HOME)?;
    let first = said(&window, "the first sample", &format!("said !== {}", json!(last)))?;
    window.press(DOWN)?;
    let other = said(&window, "another trace", &format!("said !== {}", json!(first)))?;
    ensure!(
        first.split(": ").next() == other.split(": ").next(),
        "another moment: {first}, {other}"
    );
    window.press(UP)?;
    said(&window, "the first trace", &format!("said === {}", json!(first)))?;
    // All panels have the cursor, and then none.
    let shown = "return [...document.querySelectorAll('.crosshair')].filter(({ hidden }) =>
                     !hidden).length";
    window.wait("the cursor in other panels", &format!("{shown} > 1"), json!([]))?;
    window.press(ESCAPE)?;
    window.wait("no cursor", &format!("{shown} === 0"), json!([]))?;
    Ok(())
}

#[test]
fn a_gap_is_read_by_its_cause_and_a_chart_as_a_table() -> Result<()> {
    let window = Window::open("read-gaps")?;
    window.wait("data", "return status('computer').ledger.delivered > 100", json!([]))?;
    window.click("break-it")?;
    window.click("fault-cut")?;
    window.press(ESCAPE)?;
    window.wait(
        "an outage that is over",
        "return panel('cpu').gaps.some(({ cause, end_ms }) => cause === 'outage' && end_ms !== null)
             && status('computer').state === 'live'",
        json!([]),
    )?;
    window.run("document.activeElement.blur()", json!([]))?;
    window.press(" ")?;
    window.wait("a pause", "return !panel('cpu').following", json!([]))?;
    window.click_css(CPU)?;
    window.press("c")?;
    let mut told = said(&window, "where it is", "said !== ''")?;
    for _ in 0..150 {
        if told.contains("no data") {
            break;
        }
        window.press(LEFT)?;
        told = said(&window, "one before", &format!("said !== {}", json!(told)))?;
    }
    ensure!(told.contains("no data") && told.contains("outage"), "{told}");
    window.press("t")?;
    let rows = window.wait(
        "a table",
        "const table = by('chart-table-cpu')?.querySelector('table');
         const gap = table?.querySelector('tr.gap');
         return gap && { gap: gap.textContent, caption: table.caption.textContent,
             heads: [...table.tHead.rows[0].cells].map(({ scope, textContent }) =>
                 [scope, textContent]),
             row: [...table.tBodies[0].rows].find(({ cells }) => cells.length > 2)
                 ?.textContent }",
        json!([]),
    )?;
    ensure!(text(&rows["gap"])?.contains("outage"), "{rows}");
    let heads = rows["heads"].as_array().context("no heads")?;
    ensure!(heads.len() > 1 && heads.iter().all(|head| head[0] == "col"), "{rows}");
    ensure!(text(&rows["row"])?.contains('%'), "{rows}");
    // It is of the board: undone as all that is done to it.
    window.press_together(&[CONTROL, "z"])?;
    window.wait("the chart", "return by('chart-table-cpu') === null", json!([]))?;
    Ok(())
}
