//! How a feed has been doing: over an outage, and over a relaunch.

use crate::COMPUTER;
use anyhow::Result;
use feedscope_tests::{Options, Window};
use serde_json::json;

const ESCAPE: &str = "\u{e00c}";
const LEFT: &str = "\u{e012}";

fn data(window: &Window) -> Result<()> {
    window.wait("data", "return status('computer').ledger.delivered > 50", json!([]))?;
    Ok(())
}

/// Pulls the plug, and waits until the feed is live again.
fn cut(window: &Window) -> Result<()> {
    window.click("break-it")?;
    window.click("fault-cut")?;
    window.wait("an outage", "return status('computer').state !== 'live'", json!([]))?;
    window.press(ESCAPE)?;
    window.wait("live again", "return status('computer').state === 'live'", json!([]))?;
    Ok(())
}

fn open(window: &Window) -> Result<()> {
    window.click("health-open")?;
    window.wait(
        "states and a share",
        "return all('health-segment').length > 0 && by('health-share').textContent.trim() !== ''",
        json!([]),
    )?;
    Ok(())
}

#[test]
fn an_interruption_is_told_and_leads_to_its_time() -> Result<()> {
    let window = Window::open("health")?;
    data(&window)?;
    cut(&window)?;
    open(&window)?;
    let told = window.wait(
        "the interruption, over",
        "const [row] = all('health-interruption');
         return row && row.textContent.includes('Back after') && row.textContent",
        json!([]),
    )?;
    assert!(told.as_str().is_some_and(|told| told.contains("waiting")), "{told}");
    window.wait(
        "a balance that adds up, and what it takes to come here",
        "const count = (text) => Number(text.replaceAll(',', ''));
         const ledger = by('health-sheet').querySelector('[data-testid=ledger]');
         const [total, ...parts] = [...ledger.querySelectorAll('td')].map((cell) =>
             count(cell.textContent.replace('\u{2212}', '-')));
         return total > 0 && total === parts.reduce((sum, part) => sum + part)
             && ledger.querySelector('[data-testid=ledger-sum]').textContent.trim() === 'It adds up.'
             && by('health-delay-drawn').textContent.includes('ms')
             && by('health-now-rate').textContent.includes('/s')",
        json!([]),
    )?;

    // From state to state by keys, each with its story.
    window.run("by('health-strip').focus()", json!([]))?;
    window.press(LEFT)?;
    let story = "return by('health-story')?.textContent.includes(arguments[0])";
    window.wait("what is now", story, json!(["live"]))?;

    window.click("health-interruption")?;
    window.wait(
        "charts that show it",
        "const panel = panels()[0];
         const gap = panel.gaps.find((gap) => gap.cause === 'outage');
         return !panel.following && gap && panel.fromMs <= gap.start_ms && panel.toMs >= gap.end_ms",
        json!([]),
    )?;
    window.run("by('health-sheet').focus()", json!([]))?;
    window.press(ESCAPE)?;
    window.wait(
        "it is closed, and the focus is where it was",
        "return by('health-sheet') === null && document.activeElement === by('health-open')",
        json!([]),
    )?;
    Ok(())
}

#[test]
fn what_was_before_a_relaunch_is_known_and_that_nobody_listened() -> Result<()> {
    let window = Window::open("health-before")?;
    data(&window)?;
    cut(&window)?;
    let folder = window.close()?;

    let window =
        Window::open_with("health-after", Options { data: Some(folder), ..Options::default() })?;
    data(&window)?;
    open(&window)?;
    window.click("health-span-21600000")?;
    window.wait(
        "the time that nobody listened, and the outage before it",
        "const rows = all('health-interruption').map((row) => row.textContent);
         return rows.length >= 2 && rows.some((row) => row.includes('Feedscope was not running'))
             && rows.some((row) => row.includes('waiting'))",
        json!([]),
    )?;
    let wheel = "by('health-strip').dispatchEvent(new WheelEvent('wheel', {
        deltaY: -100, bubbles: true, cancelable: true, clientX: 500 }))";
    window.run(wheel, json!([]))?;
    window.wait("a time that stands still", "return by('health-live') !== null", json!([]))?;
    window.click("health-live")?;
    window.wait("the present", "return by('health-live') === null", json!([]))?;
    Ok(())
}

#[test]
fn a_feed_that_was_never_reached_says_so() -> Result<()> {
    let window = Window::open("health-never")?;
    let feed = window.added_feed("ws://127.0.0.1:9/")?;
    assert_ne!(feed, COMPUTER);
    window.wait("it fails", "return status(arguments[0]).state === 'waiting'", json!([feed]))?;
    window.click("health-open")?;
    window.wait(
        "that it was not live, and nothing came",
        "return by('health-share').textContent.includes('0')
             && by('health-delay-arrival').querySelectorAll('td').length === 1
             && all('health-segment').some((one) => one.dataset.state === 'waiting')",
        json!([]),
    )?;
    Ok(())
}
