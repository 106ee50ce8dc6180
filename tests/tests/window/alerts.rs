//! Alerts: set in the window, seen in it, and said on the desktop while nobody sees it.

use crate::text;
use anyhow::Result;
use feedscope_tests::{Notifications, Options, Server, Window};
use serde_json::json;
use std::time::Duration;

const SAID_MAX: Duration = Duration::from_secs(30);

/// An alert's phase, by its id.
const PHASE: &str = "return window.__feedscope.alerts[arguments[0]]?.phase === arguments[1]";

/// Sets an alert on the memory in use, from the empty list on; gives its id.
fn watch_memory(window: &Window, threshold: &str) -> Result<()> {
    window.wait(
        "the memory in use, which is listed",
        "return panel('memory')?.traces[0].latest",
        json!([]),
    )?;
    window.click("alerts-open")?;
    window.click("alert-start-above")?;
    window.fill("alert-field", "memory used")?;
    window.click("alert-choice-computer-memory-data.used")?;
    window.fill("alert-value", threshold)?;
    Ok(())
}

#[test]
fn an_alert_fires_and_is_said_while_the_window_is_hidden() -> Result<()> {
    // What a feed calls its fields is text, whatever it looks like.
    let server = Server::start(50.0, |number| format!(r#"{{"<i>level</i>":{number}}}"#))?;
    let notifications = Notifications::start()?;
    let options = Options { session_bus: Some(notifications.address()), ..Options::default() };
    let window = Window::open_with("alerts-hidden", options)?;
    let feed = window.added_feed(&server.url())?;
    window.click("alerts-open")?;
    window.click("alert-start-absent")?;
    window.fill("alert-field", "level")?;
    window.click_css(&format!("[data-testid^='alert-choice-{feed}']"))?;
    window.fill("alert-lasts", "1 s")?;
    window.fill("alert-name", "Gone <b>now</b>")?;
    window.click("alert-sound")?;
    window.click("alert-save")?;
    window.wait("an alert that is well", PHASE, json!(["alert-1", "ok"]))?;

    window.hide()?;
    window.wait("a page that is hidden", "return document.hidden", json!([]))?;
    server.pause();
    let shown = notifications.wait(SAID_MAX, |shown| shown.title == "Gone <b>now</b>")?;
    assert_eq!(shown.program, "Feedscope");
    assert!(shown.body.contains("&lt;i&gt;level&lt;/i&gt;"), "{shown:?}");
    assert!(shown.body.contains("has not come for 1"), "{shown:?}");
    assert_eq!(shown.sound.as_deref(), Some("message-new-instant"));

    window.show()?;
    window.wait(
        "that it fires, on the bell",
        "return by('alerts-open').textContent.includes('1 firing')",
        json!([]),
    )?;
    Ok(())
}

#[test]
fn an_alert_is_set_tested_seen_on_the_chart_and_removed_and_set_again() -> Result<()> {
    let notifications = Notifications::start()?;
    let options = Options { session_bus: Some(notifications.address()), ..Options::default() };
    let window = Window::open_with("alerts", options)?;
    watch_memory(&window, "x")?;
    window.click("alert-save")?;
    window.wait(
        "what is wrong, where it is",
        "return by('alert-value').getAttribute('aria-invalid') === 'true'
            && document.getElementById('alert-fault-value').textContent",
        json!([]),
    )?;
    window.fill("alert-value", "1,000")?;
    window.wait(
        "what it would have done",
        "return by('alert-preview').textContent.includes('once')",
        json!([]),
    )?;
    window.fill("alert-name", "In use")?;
    window.click("alert-try")?;
    notifications.wait(SAID_MAX, |shown| {
        shown.title == "In use"
            && shown.body.starts_with("This is a test.")
            && shown.sound.is_none()
    })?;
    window.click("alert-save")?;
    window.wait("an alert that fires", PHASE, json!(["alert-1", "firing"]))?;
    let said = notifications.wait(SAID_MAX, |shown| shown.body.contains("is above 1,000: "))?;
    assert_eq!(said.title, "In use");
    window.wait(
        "a mark at the top of the memory's chart, and of no other",
        "const marks = (id) => by(`panel-${id}`).querySelectorAll('.plot-alert.firing').length;
         return marks('memory') === 1 && marks('cpu') === 0",
        json!([]),
    )?;
    let listed = window.wait(
        "it in the list",
        "return by('alert-alert-1').dataset.phase === 'firing' && by('alert-alert-1').innerText",
        json!([]),
    )?;
    assert!(text(&listed)?.contains("In use"), "{listed}");

    window.click("alerts-log")?;
    window.click("alert-event-1")?;
    window.wait(
        "the charts standing still at that time",
        "return !panel('memory').following",
        json!([]),
    )?;
    window.press("\u{e00c}")?;
    window.wait(
        "a closed sheet, and the focus on what opens it",
        "return !by('alerts') && document.activeElement === by('alerts-open')",
        json!([]),
    )?;
    window.click("jump-live")?;
    window.click("alerts-open")?;
    window.click("alert-remove-alert-1")?;
    window.wait("an empty list", "return by('alerts-empty')", json!([]))?;
    window.click_css("[data-testid=notice] .button:not(.icon)")?;
    window.wait("it again, firing", PHASE, json!(["alert-1", "firing"]))?;
    window.wait("nothing more to undo", "return !by('notice')", json!([]))?;

    let data = window.close()?;
    let file = std::fs::read_to_string(data.path().join("alerts.json"))?;
    assert!(file.contains("\"name\": \"In use\""), "{file}");
    Ok(())
}

#[test]
fn without_notifications_a_test_says_so() -> Result<()> {
    let options = Options { session_bus: Some("unix:path=/nonexistent"), ..Options::default() };
    let window = Window::open_with("alerts-refused", options)?;
    watch_memory(&window, "1")?;
    window.click("alert-try")?;
    let said = window.wait(
        "what the system said",
        "return by('notice')?.querySelector('.words').innerText",
        json!([]),
    )?;
    assert!(text(&said)?.starts_with("The system showed no notification."), "{said}");
    Ok(())
}
