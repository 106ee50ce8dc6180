//! The language of the window: what is said in it, on both sides, and that it is kept.

use crate::text;
use anyhow::Result;
use feedscope_tests::{Options, Window};
use serde_json::json;

/// What stands in the window, in the language that its page says it has.
const SPOKEN: &str = "return document.documentElement.lang === arguments[0]
    && document.querySelector('nav.feeds h2').textContent === arguments[1]
    && by('pause').textContent.trim() === arguments[2]
    && by('header-memory').textContent.includes(arguments[3])";

#[test]
fn chinese_is_chosen_spoken_throughout_and_kept() -> Result<()> {
    let english = json!(["en", "Feeds", "Live", "Memory"]);
    let chinese = json!(["zh-CN", "数据源", "实时", "内存"]);
    let window = Window::open("language")?;
    window.wait("English, as the system has it", SPOKEN, english.clone())?;
    window.click("language")?;
    window.click("language-zh-CN")?;
    window.wait("Chinese, at once", SPOKEN, chinese.clone())?;

    window.click("feed-add")?;
    window.fill("add-feed-url", "http://127.0.0.1:9/live")?;
    window.click("add-feed-submit")?;
    let what = window.wait(
        "what the application says",
        "return by('add-feed-trouble').querySelector('.what').textContent",
        json!([]),
    )?;
    assert_eq!(text(&what)?, "http:// 是网页地址，不是 WebSocket 地址。");
    let data = window.close()?;
    let settings = data.path().join("settings.toml");
    assert_eq!(std::fs::read_to_string(&settings)?, "toured = true\nlanguage = \"zh-CN\"\n");

    let window =
        Window::open_with("language-again", Options { data: Some(data), ..Options::default() })?;
    window.wait("Chinese, as it was chosen", SPOKEN, chinese)?;
    window.click("language")?;
    window.click("language-system")?;
    window.wait("English again", SPOKEN, english)?;
    // Held, so that it is still there to be looked at.
    let _data = window.close()?;
    assert_eq!(std::fs::read_to_string(&settings)?, "toured = true\n", "nothing is left of it");
    Ok(())
}
