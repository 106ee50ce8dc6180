//! A feed whose names were made to do harm.

use crate::text;
use anyhow::Result;
use feedscope_tests::{Server, Window};
use serde_json::json;

const IMAGE: &str = "<img src=x onerror=window.harm=1>";
const OVERRIDE: &str = "\u{202e}gnp.exe\u{2066}\u{200f}";

fn message(number: u64) -> String {
    let long = "long".repeat(2_560);
    let fields = json!({
        IMAGE: number,
        OVERRIDE: number,
        "</span><script>window.harm=1</script>": number,
        "__proto__": number,
        "constructor": number,
        "\"][x=\"": number,
        "'; window.harm=1; '": number,
        "{@html 1}": number,
        "line\nbreak\u{1}\u{7f}": number,
        "": number,
        "wide \u{fdfd}\u{fdfd}\u{fdfd}": number,
        "zalgo z\u{300}\u{301}\u{302}\u{303}\u{304}\u{305}\u{306}\u{307}": number,
        // Longer than any name: content.
        long: number,
        "a".repeat(250): number,
    });
    json!({ "channel": format!("{IMAGE}{OVERRIDE}"), "data": fields }).to_string()
}

#[test]
fn hostile_names_are_shown_as_text_and_do_nothing() -> Result<()> {
    let server = Server::start(20.0, message)?;
    let window = Window::open("hostile")?;
    let feed = window.added_feed(&server.url())?;
    let ids = window.wait(
        "its fields",
        "const fields = [...document.querySelectorAll(`[data-testid^=\"field-${arguments[0]}-\"]`)];
         return fields.length >= 10 && fields.map((field) => field.dataset.testid)",
        json!([feed]),
    )?;
    for id in ids.as_array().into_iter().flatten() {
        // Each of them, drawn: names go into legends, titles and menus.
        window.reveal(text(id)?)?;
        window.run("by(arguments[0]).querySelector('[data-part=tick]').click()", json!([id]))?;
    }
    window.wait(
        "all of them drawn, as text",
        "const traces = panels().flatMap((panel) => panel.traces);
         const drawn = traces.filter((trace) => trace.label.startsWith('data'));
         return drawn.length === arguments[0].length
             && drawn.every((trace) => trace.columns.length > 0)
             && document.body.innerText.includes('<img src=x onerror=window.harm=1>')",
        json!([ids]),
    )?;
    let harm = window.run(
        "return {
             harm: window.harm ?? null,
             images: document.querySelectorAll('img').length,
             inline: document.querySelectorAll('script:not([src])').length,
             polluted: ({}).polluted ?? typeof Object.prototype.data,
             wider: document.documentElement.scrollWidth > innerWidth,
             rows: new Set([...document.querySelectorAll('[role=treeitem][aria-checked]')]
                 .map((row) => row.getBoundingClientRect().height)).size,
         }",
        json!([]),
    )?;
    assert_eq!(
        harm,
        json!({
            "harm": null, "images": 0, "inline": 0, "polluted": "undefined", "wider": false,
            "rows": 1,
        })
    );
    Ok(())
}
