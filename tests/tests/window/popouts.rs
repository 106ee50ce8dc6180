//! Windows of their own: panels that a person moves out of the board and back, and that all windows
//! are in step.

use crate::{CPU, number};
use anyhow::{Context, Result};
use feedscope_tests::{Options, Window};
use serde_json::{Value, json};

const MEMORY: &str = "[data-testid=panel-memory] .plot-area";
const TITLE: &str = "CPU by core — Feedscope";

/// As WebDriver calls it.
const CONTROL: &str = "\u{E009}";

/// Moves a panel to a window of its own, by its menu; gives what the first one and that are called.
fn pop_out(window: &Window, panel: &str) -> Result<(String, String)> {
    drawn(window, panel)?;
    let main = window.windows(1)?.remove(0);
    window.click(&format!("panel-menu-{panel}"))?;
    window.click("panel-popout")?;
    let other = other(window, &main)?;
    Ok((main, other))
}

fn other(window: &Window, main: &str) -> Result<String> {
    let others = window.windows(2)?.into_iter().find(|name| name != main);
    others.context("the first window is none of them")
}

fn drawn(window: &Window, panel: &str) -> Result<()> {
    window.wait(
        &format!("{panel} drawn"),
        "return panel(arguments[0]).traces[0].columns.length > 0",
        json!([panel]),
    )?;
    Ok(())
}

/// Something that comes from now on.
fn goes_on(window: &Window, panel: &str) -> Result<()> {
    let newest = "panel(arguments[0]).traces[0].columns.at(-1)[0] * panel(arguments[0]).columnMs";
    let before = window.run(&format!("return {newest}"), json!([panel]))?;
    let later = format!("return {newest} > arguments[1]");
    window.wait(&format!("{panel} goes on"), &later, json!([panel, before]))?;
    Ok(())
}

/// Where each panel is on the screen.
fn places(window: &Window) -> Result<Value> {
    window.run(
        "return [...document.querySelectorAll('[data-testid^=panel-]')]
             .filter((element) => /^panel-(cpu|memory|load|network|disk)$/
                 .test(element.dataset.testid))
             .map((element) => {
                 const { left, top, width, height } = element.getBoundingClientRect();
                 return [element.dataset.testid, left, top, width, height].map((one) =>
                     typeof one === 'number' ? Math.round(one) : one);
             }).sort()",
        json!([]),
    )
}

fn wait_following(window: &Window, panel: &str, follows: bool) -> Result<Value> {
    window.wait(
        &format!("{panel}: follows: {follows}"),
        "const found = panel(arguments[0]);
         return found.following === arguments[1] && [found.fromMs, found.toMs]",
        json!([panel, follows]),
    )
}

#[test]
fn a_panel_in_a_window_of_its_own_is_in_step_and_comes_back_to_its_place() -> Result<()> {
    let window = Window::open("popout")?;
    drawn(&window, "cpu")?;
    let before = places(&window)?;
    let (main, popout) = pop_out(&window, "cpu")?;

    window.switch_to(&popout)?;
    window.wait("its window", "return by('popout')", json!([]))?;
    drawn(&window, "cpu")?;
    let title = window.run("return [document.title, panels().length]", json!([]))?;
    assert_eq!(title, json!([TITLE, 1]), "the panel, and nothing else");
    goes_on(&window, "cpu")?;
    window.switch_to(&main)?;
    window.wait("no cpu here", "return !panel('cpu') && panels().length > 2", json!([]))?;
    goes_on(&window, "memory")?;

    // Paused there, and here.
    window.switch_to(&popout)?;
    window.click("pause")?;
    let stands = wait_following(&window, "cpu", false)?;
    window.switch_to(&main)?;
    assert_eq!(wait_following(&window, "memory", false)?, stands, "the same time");

    // Pointed at here, and there.
    window.point(MEMORY, 40, 0)?;
    let pointed = window.wait("the pointer", "return window.__feedscope.pointedMs", json!([]))?;
    window.switch_to(&popout)?;
    window.wait(
        "the cursor",
        "return Math.abs(window.__feedscope.pointedMs - arguments[0]) < 1",
        json!([number(&pointed)?]),
    )?;
    window.switch_to(&main)?;
    window.click("jump-live")?;
    window.switch_to(&popout)?;
    wait_following(&window, "cpu", true)?;
    goes_on(&window, "cpu")?;
    window.point(CPU, 0, 0)?;
    window.screenshot()?;

    // Closed by its cross, it is where it was.
    window.close_other(TITLE)?;
    window.windows(1)?;
    window.switch_to(&main)?;
    drawn(&window, "cpu")?;
    goes_on(&window, "cpu")?;
    assert_eq!(places(&window)?, before);

    // Which can be undone, as all else.
    window.chord(CONTROL, "z")?;
    let again = other(&window, &main)?;
    window.switch_to(&again)?;
    drawn(&window, "cpu")?;
    // Not by a click of the driver's, who is not told of one that takes its window away, nor of what
    // is run in it just before.
    let _ = window.run("setTimeout(() => by('popout-back').click())", json!([]));
    window.windows(1)?;
    window.switch_to(&main)?;
    drawn(&window, "cpu")?;
    assert_eq!(places(&window)?, before);
    Ok(())
}

#[test]
fn windows_of_their_own_are_there_again_after_a_relaunch() -> Result<()> {
    let window = Window::open("popout-before")?;
    let (main, popout) = pop_out(&window, "memory")?;
    window.switch_to(&popout)?;
    drawn(&window, "memory")?;
    window.switch_to(&main)?;
    let data = window.close()?;

    let window =
        Window::open_with("popout-after", Options { data: Some(data), ..Options::default() })?;
    drawn(&window, "cpu")?;
    let here = "return [by('popout') !== null, panels().map((panel) => panel.id).sort()]";
    let mut found = Vec::new();
    for name in window.windows(2)? {
        window.switch_to(&name)?;
        window.wait("a panel", "return panels().length > 0", json!([]))?;
        found.push(window.run(here, json!([]))?);
    }
    found.sort_by_key(|one| one[0] == true);
    assert_eq!(found[1], json!([true, ["memory"]]));
    let others = found[0][1].as_array().context("no panels")?;
    assert!(others.len() > 2 && !others.contains(&json!("memory")), "{others:?}");
    Ok(())
}

#[test]
fn a_panel_floats_above_the_others_and_lies_among_them_again() -> Result<()> {
    let window = Window::open("float")?;
    drawn(&window, "cpu")?;
    let before = places(&window)?;
    window.click("panel-menu-cpu")?;
    window.click("panel-float")?;
    let floats = "return document.querySelector('.dv-resize-container [data-testid=panel-cpu]')";
    window.wait("a panel that floats", floats, json!([]))?;
    goes_on(&window, "cpu")?;
    window.chord(CONTROL, "z")?;
    window.wait("none", &format!("{floats} === null"), json!([]))?;
    drawn(&window, "cpu")?;
    assert_eq!(places(&window)?, before);
    Ok(())
}
