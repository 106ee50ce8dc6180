//! Annotations: set, read, changed, dragged, listed, exported, and there again after a relaunch.

use crate::{CPU, text};
use anyhow::{Result, ensure};
use feedscope_tests::{Options, Window};
use serde_json::json;

const ENTER: &str = "\u{e007}";
const ESCAPE: &str = "\u{e00c}";
const SHIFT: &str = "\u{e008}";
const CONTROL: &str = "\u{e009}";

/// The flag of what was said, in the panel of the processor.
const FLAG: &str = "const flags = (id) =>
    [...by(`panel-${id}`).querySelectorAll('.plot-flag[data-kind=note] button')]
        .map((flag) => flag.textContent);";

fn wait_for_flag(window: &Window, panel: &str, words: &str) -> Result<()> {
    let script = format!("{FLAG} return flags(arguments[0]).includes(arguments[1])");
    window.wait(&format!("“{words}” in {panel}"), &script, json!([panel, words]))?;
    Ok(())
}

/// Annotates the moment in the middle of a panel, by its shortcut.
fn annotate(window: &Window, css: &str, words: &str) -> Result<()> {
    window.point(css, 0, 20)?;
    window.press("i")?;
    window.fill("annotation-text", words)?;
    window.press(ENTER)?;
    window.wait("the end of it", "return by('annotation-editor') === null", json!([]))?;
    Ok(())
}

#[test]
fn what_is_said_of_a_moment_is_seen_in_all_panels_changed_undone_and_kept() -> Result<()> {
    let window = Window::open("annotations")?;
    window.wait("data", "return panel('cpu').traces[0].columns.length > 20", json!([]))?;
    window.press(" ")?;
    annotate(&window, CPU, "restarted <b>by hand</b>")?;
    for panel in ["cpu", "memory"] {
        wait_for_flag(&window, panel, "restarted <b>by hand</b>")?;
    }
    ensure!(
        window.run("return document.querySelector('.plot-flag b') === null", json!([]))? == true
    );

    // A press on its flag edits it.
    window.click_css("[data-testid=panel-cpu] .plot-flag[data-kind=note] button")?;
    window.fill("annotation-text", "restarted")?;
    // Another press leaves what is written there as it is.
    window.click_css("[data-testid=panel-cpu] .plot-flag[data-kind=note] button")?;
    ensure!(window.run("return by('annotation-text').value", json!([]))? == "restarted");
    window.click("annotation-color-2")?;
    let at = window.run("return by('annotation-from').value", json!([]))?;
    window.fill("annotation-from", "yesterday")?;
    window.press(ENTER)?;
    window.wait(
        "that this is no moment",
        "return by('annotation-editor')
        .querySelector('[role=alert]') !== null",
        json!([]),
    )?;
    // As long as it is none, nothing is kept.
    window.click("annotation-save")?;
    window.fill("annotation-from", text(&at)?)?;
    window.press(ENTER)?;
    wait_for_flag(&window, "cpu", "restarted")?;
    window.press_together(&[CONTROL, "z"])?;
    wait_for_flag(&window, "cpu", "restarted <b>by hand</b>")?;
    window.press_together(&[CONTROL, "y"])?;
    wait_for_flag(&window, "memory", "restarted")?;

    // Escape leaves things as they were.
    window.point(CPU, -100, 20)?;
    window.press("i")?;
    window.fill("annotation-text", "nothing")?;
    window.press(ESCAPE)?;
    window.wait(
        "one annotation",
        &format!("{FLAG} return by('annotation-editor') === null && flags('cpu').length === 1"),
        json!([]),
    )?;
    let data = window.close()?;

    let options = Options { data: Some(data), ..Options::default() };
    let window = Window::open_with("annotations-kept", options)?;
    window.click("annotations-open")?;
    window.wait(
        "it in the list",
        "return by('annotation')?.textContent.includes('restarted')",
        json!([]),
    )?;
    window.click("annotation")?;
    wait_for_flag(&window, "cpu", "restarted")?;
    Ok(())
}

#[test]
fn a_span_is_annotated_in_one_panel_dragged_listed_and_removed() -> Result<()> {
    let window = Window::open("annotated-span")?;
    window.wait("data", "return panel('cpu').traces[0].columns.length > 20", json!([]))?;
    window.press("m")?;
    window.wait("A and B", "return by('measure') !== null", json!([]))?;
    window.run(
        "const area = document.querySelector(arguments[0]);
         const { left, top, width } = area.getBoundingClientRect();
         area.dispatchEvent(new MouseEvent('contextmenu', {
             clientX: left + width / 2, clientY: top + 30, bubbles: true, cancelable: true }))",
        json!([CPU]),
    )?;
    window.click("moment-annotate-panel")?;
    window.fill("annotation-text", "a slow while")?;
    window.click("annotation-save")?;
    wait_for_flag(&window, "cpu", "a slow while")?;
    window.press("m")?;
    window.wait(
        "a band in that panel alone",
        "return by('panel-cpu').querySelectorAll('.plot-span').length === 1
             && by('panel-memory').querySelectorAll('.plot-span').length === 0",
        json!([]),
    )?;
    let wide = "return by('panel-cpu').querySelector('.plot-span').clientWidth";
    let before = crate::number(&window.run(wide, json!([]))?)?;
    window.drag("[data-testid=panel-cpu] .plot-span .to", 60, 0)?;
    window.wait(
        "a longer span",
        "return Math.abs(by('panel-cpu').querySelector('.plot-span').clientWidth
             - arguments[0] - 60) < 4",
        json!([before]),
    )?;

    window.chord(SHIFT, "i")?;
    window.fill("annotations-search", "quick")?;
    window.wait("nothing found", "return by('annotations-empty') !== null", json!([]))?;
    window.fill("annotations-search", "slow")?;
    window.click("annotation-edit")?;
    window.click("annotation-remove")?;
    window.wait(
        "none any more",
        "return document.querySelector('.plot-span') === null",
        json!([]),
    )?;
    window.click_css("[data-testid=notice] button")?;
    wait_for_flag(&window, "cpu", "a slow while")?;
    Ok(())
}

#[test]
fn annotations_go_out_as_files_and_into_pictures() -> Result<()> {
    let window = Window::open("annotations-export")?;
    window.wait("data", "return panel('cpu').traces[0].columns.length > 20", json!([]))?;
    window.press(" ")?;
    annotate(&window, CPU, "it, \"began\"")?;
    wait_for_flag(&window, "cpu", "it, \"began\"")?;
    window.click("annotations-open")?;
    let mut exported = Vec::new();
    for format in ["csv", "json"] {
        window.click(&format!("annotations-{format}"))?;
        let path = window.wait(
            "where it went",
            "const words = all('notice').map((notice) => notice.querySelector('p').textContent);
             return words.map((words) => words.match(/to (.*\\.annotations\\.\\w+)\\.$/)?.[1])
                 .find((path) => path?.endsWith(arguments[0]))",
            json!([format]),
        )?;
        exported.push(std::fs::read_to_string(text(&path)?)?);
    }
    ensure!(exported[0].contains(",\"it, \"\"began\"\"\","), "{}", exported[0]);
    ensure!(exported[1].contains("\"it, \\\"began\\\"\""), "{}", exported[1]);
    let svg = std::fs::read_to_string(crate::pictures::saved(&window, "svg")?)?;
    ensure!(svg.contains("it, &quot;began&quot;"), "it is not in the picture");

    // What was exported comes back.
    window.click_css("[data-testid=annotations-list] .acts button:last-child")?;
    window.wait("none", "return by('annotations-empty') !== null", json!([]))?;
    import(&window, &exported[0])?;
    wait_for_flag(&window, "memory", "it, \"began\"")?;

    // Tables of others, which have no ids: each adds what is in it, and once.
    for (table, listed) in [
        ("from,text\n1000,one", 2),
        ("from,text\n2000,two", 3),
        ("from,text\n1000,one\n3000,three", 4),
    ] {
        import(&window, table)?;
        window.wait(
            "what is in it beside the others",
            "return all('annotation').length === arguments[0]",
            json!([listed]),
        )?;
    }
    Ok(())
}

fn import(window: &Window, file: &str) -> Result<()> {
    window.run(
        "const files = new DataTransfer();
         files.items.add(new File([arguments[0]], 'a.csv'));
         const input = by('annotations-file');
         input.files = files.files;
         input.dispatchEvent(new Event('change', { bubbles: true }))",
        json!([file]),
    )?;
    Ok(())
}
