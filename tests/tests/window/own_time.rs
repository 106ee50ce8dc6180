//! A panel with a time of its own: what is done to it leaves the others alone, and it finds back.

use crate::CPU;
use anyhow::Result;
use feedscope_tests::{Options, Window};
use serde_json::json;

#[test]
fn a_panel_goes_its_own_way_is_kept_so_and_rejoins() -> Result<()> {
    let window = Window::open("own-time")?;
    window.wait("data", "return panel('cpu').traces[0].columns.length > 20", json!([]))?;
    window.click("panel-menu-cpu")?;
    window.click("panel-time")?;
    window.wait("that it says so", "return by('own-time-cpu') !== null", json!([]))?;
    window.wheel(CPU, -200)?;
    window.wait(
        "a shorter span there, and the present elsewhere",
        "const others = panels().filter(({ id }) => id !== 'cpu');
         const own = panel('cpu');
         return !own.following && own.toMs - own.fromMs < 50_000
             && others.length > 0 && others.every((other) => other.following)
             && by('pause').getAttribute('aria-pressed') === 'false'",
        json!([]),
    )?;
    // Keys act on what is pointed at.
    window.press("\u{e010}")?;
    window.wait("the present there, too", "return panel('cpu').following", json!([]))?;
    window.press(" ")?;
    window.wait(
        "a pause there alone",
        "return !panel('cpu').following && panel('memory').following",
        json!([]),
    )?;
    window.click("own-live-cpu")?;
    window.point("[data-testid=pause]", 0, 0)?;
    window.press(" ")?;
    window.wait(
        "a pause of all others",
        "return panel('cpu').following && !panel('memory').following",
        json!([]),
    )?;
    window.press(" ")?;

    // How much of it is chosen in the panel's settings.
    window.click("panel-menu-cpu")?;
    window.click("panel-settings")?;
    window.run(
        "const select = by('settings-time');
         select.value = '300000';
         select.dispatchEvent(new Event('change', { bubbles: true }))",
        json!([]),
    )?;
    let five = "const { fromMs, toMs, following } = panel('cpu');
         const other = panel('memory');
         return following && Math.abs(toMs - fromMs - 300_000) < 5_000
             && Math.abs(other.toMs - other.fromMs - 60_000) < 2_000
             && by('own-time-cpu').textContent.includes('5')";
    window.wait("five minutes there, and one elsewhere", five, json!([]))?;
    let data = window.close()?;

    let options = Options { data: Some(data), ..Options::default() };
    let window = Window::open_with("own-time-kept", options)?;
    window.wait("data", "return panel('memory').traces[0].columns.length > 20", json!([]))?;
    window.wait("the same after a relaunch", five, json!([]))?;
    window.click("own-time-cpu")?;
    window.wait(
        "one time for all",
        "return by('own-time-cpu') === null
             && panels().every(({ fromMs, toMs }) => Math.abs(toMs - fromMs - 60_000) < 2_000)",
        json!([]),
    )?;
    Ok(())
}
