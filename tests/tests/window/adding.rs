//! Adding a feed page by page: chosen, filled in, tried out, subscribed to, changed.

use crate::text;
use anyhow::{Result, ensure};
use feedscope_tests::{Options, Server, Window};
use serde_json::json;

const ESCAPE: &str = "\u{e00c}";

/// No keychain is asked: it would be that of whoever runs this.
fn window(name: &str) -> Result<Window> {
    let session_bus = Some("unix:path=/nonexistent");
    Window::open_with(name, Options { session_bus, ..Options::default() })
}

fn message(n: u64) -> String {
    format!(r#"{{"channel":"a","seq":{n},"price":{}}}"#, 100 - n % 7)
}

fn on_page(window: &Window, page: &str) -> Result<()> {
    window.wait(
        &format!("the page {page}"),
        "return by('add-feed-dialog')?.dataset.page === arguments[0]",
        json!([page]),
    )?;
    Ok(())
}

#[test]
fn an_address_is_tried_out_and_what_is_found_is_written() -> Result<()> {
    let server = Server::start(200.0, message)?;
    let window = window("adding-address")?;
    window.click("feed-add")?;
    window.fill("add-feed-url", &server.url())?;
    window.click("add-feed-fill")?;
    on_page(&window, "fill")?;
    // Nothing that was typed is lost on the way back.
    window.click("header-add")?;
    window.fill("header-name-0", "X Key")?;
    window.click("add-feed-back")?;
    on_page(&window, "choose")?;
    window.click("add-feed-fill")?;
    on_page(&window, "fill")?;
    window.click("add-feed-try")?;
    window.wait(
        "a word at the header that is wrong",
        "return /no spaces/.test(by('header-fault-0').textContent)
             && by('header-name-0').value === 'X Key'",
        json!([]),
    )?;
    window.fill("header-name-0", "X-Key")?;
    window.fill("header-value-0", "1")?;
    window.click("add-feed-try")?;
    on_page(&window, "try")?;
    window.wait(
        "all that happens, and the guess",
        "const found = [...by('probe-steps').querySelectorAll('[data-found]')]
             .map((step) => step.dataset.found);
         return ['connected', 'upgraded', 'message', 'pong'].every((it) => found.includes(it))
             && by('probe-now') === null
             && /^seq: one more/.test(by('probe-sequence').selectedOptions[0].textContent.trim())",
        json!([]),
    )?;
    let toml = window.run("return by('adding-toml').textContent", json!([]))?;
    let toml = text(&toml)?;
    ensure!(toml.contains("number = \"seq\"") && toml.contains("X-Key = \"${secret:"), "{toml}");
    window.click("add-feed-subscribe")?;
    on_page(&window, "done")?;
    window.click("add-feed-suggest")?;
    window.wait(
        "the board that is suggested",
        "return by('add-feed-dialog') === null && by('suggest-dialog') !== null",
        json!([]),
    )?;
    Ok(())
}

#[test]
fn a_wrong_address_is_explained_where_it_fails_and_leaves_no_trace() -> Result<()> {
    let window = window("adding-wrong")?;
    window.click("feed-add")?;
    window.fill("add-feed-url", "ws://127.0.0.1:9/")?;
    window.click("add-feed-fill")?;
    window.click("add-feed-try")?;
    window.wait(
        "what went wrong, and what to do",
        "return by('probe-trouble')?.querySelector('[data-testid=trouble]').dataset.code
             === 'tcp-refused' && by('probe-now') === null",
        json!([]),
    )?;
    window.press(ESCAPE)?;
    window.wait("no dialog", "return by('add-feed-dialog') === null", json!([]))?;
    let feeds = window.run("return window.__feedscope.statuses.length", json!([]))?;
    assert_eq!(feeds, 1);
    Ok(())
}

#[test]
fn a_secret_header_lets_in_is_not_shown_and_can_be_given_again() -> Result<()> {
    let header = Some(("authorization", "Bearer hunter2"));
    let server = Server::start_for(header, 50.0, message)?;
    let window = window("adding-secret")?;
    window.click("feed-add")?;
    window.fill("add-feed-url", &server.url())?;
    window.click("add-feed-fill")?;
    window.click("header-add")?;
    window.fill("header-name-0", "Authorization")?;
    window.wait(
        "that it is taken for a secret, and that no keychain keeps it",
        "return by('header-secret-0').checked && by('header-value-0').type === 'password'
             && /No keychain keeps secrets here .*until Feedscope ends/.test(
                 by('secrets-where').textContent)",
        json!([]),
    )?;
    window.fill("header-value-0", "Bearer wrong")?;
    window.click("add-feed-try")?;
    window.wait(
        "that the server wants to know",
        "return /wants to know who we are/.test(by('probe-trouble')?.textContent)",
        json!([]),
    )?;
    window.click("add-feed-back")?;
    // Another name is another secret, and what was wrong is tried out again.
    window.fill("header-name-0", "X-Api-Key")?;
    window.click("add-feed-try")?;
    on_page(&window, "try")?;
    window.click("add-feed-back")?;
    window.fill("header-name-0", "Authorization")?;
    window.fill("header-value-0", "Bearer hunter2")?;
    window.click("add-feed-subscribe")?;
    on_page(&window, "done")?;
    // There is no keychain here, which is said.
    window.wait(
        "that it is kept for now",
        "return /asked for again/.test(by('add-feed-unkept').textContent)",
        json!([]),
    )?;
    window.click("add-feed-done")?;
    let feed = window.wait(
        "the feed, live",
        "return window.__feedscope.statuses.find((it) => it.feed !== 'computer'
             && it.state === 'live')?.feed",
        json!([]),
    )?;
    let feed = text(&feed)?.to_owned();
    let shown = window.run("return document.documentElement.outerHTML", json!([]))?;
    ensure!(!text(&shown)?.contains("hunter2"));

    // Deleted, and asked for where it is missed.
    window.reveal(&format!("feed-{feed}"))?;
    window.click(&format!("feed-{feed}"))?;
    window.click(&format!("feed-menu-{feed}"))?;
    window.wait("the menu", "return document.querySelector('[role=menuitem]')", json!([]))?;
    window.click(&format!("feed-details-{feed}"))?;
    // Its name ends in what no other feed's has.
    let begins = format!("127.0.0.1-{}-authorization-", port(&server.url()));
    let secret = window.wait(
        "the secret of this feed",
        "const of = `secret-delete-${arguments[0]}`;
         return document.querySelector(`[data-testid^='${of}']`)?.dataset.testid
             .slice('secret-delete-'.length)",
        json!([begins]),
    )?;
    let secret = text(&secret)?.to_owned();
    window.click(&format!("secret-delete-{secret}"))?;
    window.wait(
        "that this is for good, and nothing done yet",
        "const [secret] = arguments;
         return /for good/.test(by(`secret-delete-${secret}`).textContent)
             && /until Feedscope ends/.test(by(`secret-kept-${secret}`).textContent)",
        json!([secret]),
    )?;
    window.click(&format!("secret-delete-{secret}"))?;
    window.wait(
        "that it is gone",
        "const [secret] = arguments;
         return /not known/.test(by(`secret-kept-${secret}`).textContent)
             && document.activeElement === by(`secret-new-${secret}`)",
        json!([secret]),
    )?;
    window.fill(&format!("secret-new-{secret}"), "Bearer hunter2")?;
    window.click(&format!("secret-keep-{secret}"))?;
    window.wait(
        "that it is known again, and the feed live",
        "const [feed, secret] = arguments;
         return /until Feedscope ends/.test(by(`secret-kept-${secret}`).textContent)
             && status(feed).state === 'live'",
        json!([feed, secret]),
    )?;
    Ok(())
}

#[test]
fn a_profile_is_found_its_variable_chosen_from_a_list_and_changed_later() -> Result<()> {
    let server = Server::start(50.0, |_| r#"{"roles":["master"]}"#.into())?;
    let window = window("adding-profile")?;
    window.click("feed-add")?;
    window.fill("add-feed-url", "boat")?;
    window.wait(
        "the one that is about boats",
        "return by('profile-signalk') !== null && by('profile-kraken') === null",
        json!([]),
    )?;
    window.click("profile-signalk")?;
    on_page(&window, "fill")?;
    window.fill("variable-url", &server.url())?;
    window.click("variable-subscribe-open")?;
    window.click("choice-all")?;
    window.click("add-feed-subscribe")?;
    on_page(&window, "done")?;
    window.click("add-feed-done")?;
    let feed = window.wait(
        "the feed, live",
        "return window.__feedscope.statuses.find((it) => it.feed !== 'computer'
             && (it.state === 'live' || it.state === 'stale'))?.feed",
        json!([]),
    )?;
    let feed = text(&feed)?.to_owned();
    assert_eq!(server.asked(), ["/?subscribe=all"]);

    window.reveal(&format!("feed-{feed}"))?;
    window.click(&format!("feed-{feed}"))?;
    window.click(&format!("feed-menu-{feed}"))?;
    window.click(&format!("feed-change-{feed}"))?;
    on_page(&window, "fill")?;
    window.fill("variable-subscribe", "self")?;
    window.click("add-feed-subscribe")?;
    window.wait(
        "another feed in its place",
        "return by('add-feed-dialog') === null
             && window.__feedscope.statuses.some((it) => it.feed !== 'computer'
                 && it.feed !== arguments[0] && (it.state === 'live' || it.state === 'stale'))",
        json!([feed]),
    )?;
    assert_eq!(server.asked(), ["/?subscribe=all", "/?subscribe=self"]);
    Ok(())
}

fn port(url: &str) -> &str {
    url.trim_end_matches('/').rsplit(':').next().unwrap_or_default()
}
