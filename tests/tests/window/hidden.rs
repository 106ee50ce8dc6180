//! A window that nobody sees.

use crate::number;
use anyhow::Result;
use feedscope_tests::Window;
use serde_json::json;
use std::time::Duration;

const HIDDEN_MAX: Duration = Duration::from_secs(20);
/// Lines without a frame, one a second.
const STILL: u32 = 4;

#[test]
fn a_hidden_window_is_sent_nothing_and_has_the_present_at_once_when_it_is_back() -> Result<()> {
    let window = Window::open("hidden")?;
    window.wait(
        "something drawn, and an eye on what is drawn first on the return",
        "const newest = () => panel('cpu').traces[0].columns.at(-1)?.[0];
         const columnMs = () => panel('cpu').columnMs;
         if (!newest() || window.returned) return newest();
         window.returned = {};
         let before;
         document.addEventListener('visibilitychange', () => {
             if (document.hidden) {
                 window.returned.hidden = true;
                 return;
             }
             before = newest();
             const look = () => {
                 if (newest() === before) return requestAnimationFrame(look);
                 window.returned.behindMs = Date.now() - newest() * columnMs();
                 window.returned.jumpMs = (newest() - before) * columnMs();
             };
             requestAnimationFrame(look);
         });
         return true",
        json!([]),
    )?;
    window.hide()?;
    window.wait("a page that knows", "return window.returned.hidden", json!([]))?;
    let mut still = 0;
    let drawn_last = window.wait_status(HIDDEN_MAX, |line| {
        still = if line["frames_per_second"] == 0 { still + 1 } else { 0 };
        (still == STILL).then(|| line["update_drawn"].clone())
    })?;
    let later = window.wait_status(HIDDEN_MAX, |line| Some(line.clone()))?;
    assert_eq!(later["update_drawn"], drawn_last, "nothing is sent");
    let received = &later["feeds"][0]["messages_per_second"];
    assert!(number(received)? > 10.0, "the feed goes on: {later}");

    window.show()?;
    let returned = window.wait(
        "what was drawn first",
        "return window.returned.jumpMs && window.returned",
        json!([]),
    )?;
    let away_ms = f64::from(STILL) * 1_000.0;
    assert!(number(&returned["jumpMs"])? > away_ms, "in one step: {returned}");
    assert!(number(&returned["behindMs"])? < away_ms / 2.0, "the present: {returned}");
    Ok(())
}
