//! What the page may not do, should anything hostile ever run in it.

use anyhow::Result;
use feedscope_tests::{Window, http};
use serde_json::json;

/// Listens, if it is not too late for that: once the page draws, something may have been missed.
const LISTEN: &str = "
    if (window.refused || document.getElementById('app').childElementCount > 0) return;
    window.refused = [];
    document.addEventListener('securitypolicyviolation', (event) => window.refused.push(
        `${event.effectiveDirective}: ${event.blockedURI}, ${event.sourceFile}:${event.lineNumber}`));
";
/// The page is loaded from memory: sometimes it is quicker than we are.
const RELOADS_MAX: usize = 50;
const ESCAPE: &str = "\u{e00c}";

#[test]
fn the_app_itself_never_hits_the_content_security_policy() -> Result<()> {
    let window = Window::open("walls-quiet")?;
    let mut early = false;
    for _ in 0..RELOADS_MAX {
        window.run("location.reload()", json!([]))?;
        // Between two pages there may be none.
        let _ = window.run(LISTEN, json!([]));
        window.wait(
            "the window, drawing again",
            "return panel('cpu').traces[0].columns.length > 0
                 && status('computer').latency !== null",
            json!([]),
        )?;
        early = window.run("return window.refused !== undefined", json!([]))? == true;
        if early {
            break;
        }
    }
    assert!(early, "no reload was caught early");
    // Much of the interface, so that whatever injects a style has its chance.
    for name in ["feed-add", "span", "panel-menu-cpu", "panel-add", "break-it", "health"] {
        window.click(name)?;
        window.press(ESCAPE)?;
    }
    window.point("[data-testid=panel-cpu] .plot-area", 100, 0)?;
    window.drag("[data-testid=header-cpu] .title", 300, 300)?;
    window.click("panel-add")?;
    window.click("panel-add-table")?;
    let refused = window.run("return window.refused", json!([]))?;
    assert_eq!(refused, json!([]));

    let provoked = window.wait(
        "the refusal of what was provoked",
        "if (!window.provoked) {
             window.provoked = document.createElement('style');
             window.provoked.textContent = 'b { --provoked: 1 }';
             document.head.append(window.provoked);
         }
         return window.refused.length > 0 && window.refused",
        json!([]),
    )?;
    assert_eq!(provoked.as_array().map(Vec::len), Some(1), "{provoked}");
    Ok(())
}

#[test]
fn nothing_foreign_runs_and_nothing_leaves() -> Result<()> {
    let window = Window::open("walls")?;
    let elsewhere = http::answer("200 OK", "secret")?.replace("ws://", "http://");
    let tried = window.wait(
        "all that was tried",
        "if (!window.tried) {
             window.tried = {};
             const { tried } = window;
             const attempt = async (name, what) => {
                 try {
                     await what();
                     tried[name] = 'done';
                 } catch (error) {
                     tried[name] = error?.name ?? String(error);
                 }
             };
             const page = (script) => {
                 const element = document.createElement('script');
                 element.textContent = script;
                 document.body.append(element);
             };
             page('window.inline = 1');
             attempt('fetch', () => fetch(arguments[0]));
             attempt('socket', () => new Promise((open, fail) => {
                 const socket = new WebSocket(arguments[0].replace('http', 'ws'));
                 socket.onopen = open;
                 socket.onerror = () => fail('refused');
             }));
             attempt('eval', () => (0, eval)('1'));
             attempt('function', () => new Function('return 1')());
             attempt('image', () => new Promise((load, fail) => {
                 const image = new Image();
                 image.onload = load;
                 image.onerror = () => fail('refused');
                 image.src = arguments[0];
             }));
             const { invoke } = window.__TAURI_INTERNALS__;
             const commands = ['plugin:window|close', 'plugin:event|emit', 'plugin:webview|print',
                 'plugin:app|version', 'plugin:path|resolve_directory', 'plugin:fs|read_text_file',
                 'plugin:window-state|restore_state', 'plugin:shell|execute', 'no_such_command'];
             for (const command of commands) {
                 attempt(command, () => invoke(command, { event: 'update', payload: {} }));
             }
             window.asked = Object.keys(tried).length;
         }
         const { tried } = window;
         return Object.keys(tried).length === 14
             && { ...tried, inline: window.inline ?? null, tauri: typeof window.__TAURI__ }",
        json!([elsewhere]),
    )?;
    for (what, became) in tried.as_object().into_iter().flatten() {
        match what.as_str() {
            "inline" => assert_eq!(became, &json!(null), "an inline script ran"),
            "tauri" => assert_eq!(became, "undefined", "Tauri is a global"),
            "eval" | "function" => assert_eq!(became, "EvalError", "{what}"),
            _ => assert_ne!(became, "done", "{what} was let through"),
        }
    }
    for command in ["plugin:window|close", "plugin:event|emit", "no_such_command"] {
        let said = tried[command].as_str().unwrap_or_default();
        assert!(said.contains("not allowed") || said.contains("not found"), "{command}: {said}");
    }
    Ok(())
}
