//! Addresses that lead nowhere: which step failed, what the other side said, what to try.

use crate::text;
use anyhow::Result;
use feedscope_tests::{Window, http};
use serde_json::{Value, json};

/// The parts of the trouble that is shown in an element.
const TROUBLE: &str = "
    const trouble = by(arguments[0]).querySelector('[data-testid=trouble]');
    const [step, what] = [trouble.querySelector('dt'), trouble.querySelector('.what')];
    const shown = {
        code: trouble.dataset.code,
        step: step.textContent,
        what: what.textContent,
        answer: trouble.querySelector('pre')?.textContent ?? null,
        advice: [...trouble.querySelectorAll('dd')].at(-1).textContent,
    };
";

#[test]
fn what_is_no_address_of_a_feed_is_said_in_the_dialog() -> Result<()> {
    let window = Window::open("wrong-urls")?;
    window.click("feed-add")?;
    window.click("add-feed-submit")?;
    window.wait(
        "a word on nothing",
        "return by('add-feed-fault').textContent === 'Paste the address of a feed.'",
        json!([]),
    )?;
    for (url, code, what, advice) in [
        (
            "http://127.0.0.1:9/live",
            "url-scheme",
            "http:// is the address of a web page, not of a WebSocket.",
            "Try ws://127.0.0.1:9/live",
        ),
        (
            "ws://",
            "url-host",
            "The URL names no host.",
            "A feed's address looks like wss://example.com/path.",
        ),
        (
            "localhost:8080",
            "url-scheme",
            "The URL does not begin with ws:// or wss://.",
            "Try ws://localhost:8080",
        ),
        (
            "ws://127.0.0.1:99999/",
            "url-port",
            "The port is not a number from 1 to 65535.",
            "A feed's address looks like wss://example.com/path.",
        ),
    ] {
        window.fill("add-feed-url", url)?;
        window.click("add-feed-submit")?;
        let shown = window.wait(
            &format!("a word on {url}"),
            &format!("{TROUBLE} return shown"),
            json!(["add-feed-trouble"]),
        )?;
        let expected = json!({
            "code": code, "step": "URL", "what": what, "answer": null, "advice": advice,
        });
        assert_eq!(shown, expected, "{url}");
    }
    let feeds = window.run("return window.__feedscope.statuses.length", json!([]))?;
    assert_eq!(feeds, 1, "none of them was added");
    Ok(())
}

/// What is shown in the place of a feed that does not work, and its state.
fn shown(window: &Window, url: &str) -> Result<(String, Value)> {
    let feed = window.added_feed(url)?;
    let shown = window.wait(
        &format!("why {url} does not work"),
        &format!(
            "{TROUBLE}
             shown.state = status(arguments[1]).state;
             return by('feed-details').textContent.includes(arguments[2]) && shown"
        ),
        json!(["feed-details", feed, url]),
    )?;
    Ok((feed, shown))
}

#[test]
fn a_server_that_refuses_is_explained_in_the_place_of_its_feed() -> Result<()> {
    let window = Window::open("troubles")?;

    let url = http::refused()?;
    let (feed, refused) = shown(&window, &url)?;
    assert_eq!((text(&refused["code"])?, text(&refused["step"])?), ("tcp-refused", "Connection"));
    assert!(text(&refused["what"])?.ends_with(" refused the connection: nothing listens there."));
    assert!(text(&refused["answer"])?.contains("refused"));
    assert_eq!(text(&refused["advice"])?, "Check the port, and that the server is running.");
    window.wait(
        "another try",
        "return /next try in|trying again/.test(by(`feed-state-${arguments[0]}`).textContent)",
        json!([feed]),
    )?;

    for (status, body, what) in [
        (
            "404 Not Found",
            "no such feed",
            "The server has nothing at /. It answered 404 Not Found.",
        ),
        ("403 Forbidden", "who are you?", "The server refuses us. It answered 403 Forbidden."),
        ("200 OK", "<h1>Hello</h1>", "/ is a web page, not a WebSocket. It answered 200 OK."),
    ] {
        let url = http::answer(status, body)?;
        let (feed, refused) = shown(&window, &url)?;
        assert_eq!(
            (text(&refused["code"])?, text(&refused["step"])?),
            ("http-status", "Handshake")
        );
        assert_eq!(text(&refused["what"])?, what);
        let answer = text(&refused["answer"])?;
        assert!(answer.starts_with(&format!("HTTP/1.1 {status}")), "{answer}");
        assert!(answer.ends_with(body), "{answer}");
        window.wait(
            "no further try",
            "return status(arguments[0]).state === 'stopped'
                 && by(`feed-state-${arguments[0]}`).textContent === 'stopped'",
            json!([feed]),
        )?;
    }
    // None of it touched the others.
    window.wait("a live feed", "return status('computer').state === 'live'", json!([]))?;
    Ok(())
}
