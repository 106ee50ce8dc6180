//! What is needed of the WebDriver protocol: JSON over HTTP, on this computer.
//!
//! WebKitWebDriver starts the app itself, and takes over its webview.

use crate::process::{Lines, Running, child_of, kill, tied};
use anyhow::{Context, Result, anyhow, bail};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use serde_json::{Value, json};
use std::io::{Write, stderr};
use std::net::{Ipv4Addr, TcpListener};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

const PROGRAM: &str = "WebKitWebDriver";
const START_MAX: Duration = Duration::from_secs(20);
/// What the driver does not answer in this time, it never will: a start on a busy computer takes
/// seconds.
const ANSWER_MAX: Duration = Duration::from_secs(60);
const END_MAX: Duration = Duration::from_secs(10);
/// The driver may never hear of an app that it has started and that runs: then it is started anew.
const STARTS_MAX: u32 = 3;
/// Longer than any script of ours waits for anything.
pub const SCRIPT_MAX: Duration = Duration::from_secs(300);
/// A screenshot of the largest window, as base64.
const ANSWER_BYTES_MAX: u64 = 64 << 20;
/// The name under which the protocol hands elements around.
const ELEMENT: &str = "element-6066-11e4-a52e-4f735466cecf";

/// An app under control.
pub struct Session {
    agent: ureq::Agent,
    /// Of the driver, then of the session.
    url: String,
    /// What the app writes to its standard output: the driver hands on its own.
    pub output: Lines,
    driver: Running,
}

/// An element of the page.
#[derive(Clone)]
pub struct Element(String);

impl Session {
    /// Has the driver start `app`; `environment` readies the command that starts the driver, and
    /// so the app.
    pub fn start(
        app: &std::path::Path,
        args: &[String],
        environment: impl Fn(&mut Command),
    ) -> Result<Session> {
        for _ in 1..STARTS_MAX {
            match Session::start_once(app, args, &environment)? {
                Ok(session) => return Ok(session),
                // Past the test runner, which shows nothing of a test that passes.
                Err(unheard) => {
                    let _ = writeln!(stderr(), "{unheard:#}\nThe driver is started anew.");
                }
            }
        }
        Session::start_once(app, args, &environment)?
    }

    /// The error within: the app runs, but the driver says nothing of it.
    fn start_once(
        app: &std::path::Path,
        args: &[String],
        environment: impl Fn(&mut Command),
    ) -> Result<Result<Session>> {
        let port = free_port()?;
        let mut command = tied(PROGRAM);
        command.args([format!("--port={port}"), "--host=127.0.0.1".into()]);
        // What Tauri and the webview library ask for, before they let themselves be controlled.
        command.env("TAURI_WEBVIEW_AUTOMATION", "true").env("TAURI_AUTOMATION", "true");
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null());
        environment(&mut command);
        let mut driver = Running::start(&mut command)
            .context("WebKitWebDriver is needed (Debian: webkit2gtk-driver)")?;
        let output = Lines::of(driver.0.stdout.take().context("the driver has no output")?);
        let agent = ureq::Agent::config_builder().http_status_as_error(false);
        let agent = agent.timeout_global(Some(ANSWER_MAX)).build().new_agent();
        let mut session =
            Session { agent, url: format!("http://127.0.0.1:{port}"), output, driver };
        session.wait_for_driver()?;
        let wanted = json!({ "alwaysMatch": {
            // Scripts may run while the page still loads: what happens then is of interest too.
            "pageLoadStrategy": "none",
            "webkitgtk:browserOptions": { "binary": app, "args": args },
            "timeouts": { "script": SCRIPT_MAX.as_millis() },
        }});
        let made = match session.post("session", json!({ "capabilities": wanted })) {
            Ok(made) => made,
            Err(error) => {
                if let Some(app) = child_of(session.driver_id()) {
                    kill(app);
                }
                let said = session.output.text();
                let error = error.context(format!("No session; the app said:\n{said}"));
                return if said.is_empty() { Err(error) } else { Ok(Err(error)) };
            }
        };
        let id = made["sessionId"].as_str().context("the driver made no session")?;
        session.url = format!("{}/session/{id}", session.url);
        Ok(Ok(session))
    }

    fn wait_for_driver(&mut self) -> Result<()> {
        let deadline = Instant::now() + START_MAX;
        loop {
            let Err(error) = self.get("status") else { return Ok(()) };
            if let Some(status) = self.driver.0.try_wait()? {
                bail!("{PROGRAM} has ended: {status}");
            }
            if Instant::now() > deadline {
                return Err(error.context(format!("{PROGRAM} does not answer")));
            }
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// The driver's process, whose child the app is.
    pub fn driver_id(&self) -> u32 {
        self.driver.0.id()
    }

    /// Runs a function's body in the page, once.
    pub fn execute(&self, script: &str, args: Value) -> Result<Value> {
        self.post("execute/sync", json!({ "script": script, "args": args }))
    }

    /// The same for one that calls its last argument with what it answers, in this time.
    pub fn execute_async(&self, script: &str, args: Value, within: Duration) -> Result<Value> {
        let command = "execute/async";
        let request = self.agent.post(self.address(command));
        let request = request.config().timeout_global(Some(within + ANSWER_MAX)).build();
        answer(command, request.send_json(json!({ "script": script, "args": args })))
    }

    pub fn find(&self, css: &str) -> Result<Element> {
        let found = self.post("element", json!({ "using": "css selector", "value": css }))?;
        let id = found[ELEMENT].as_str().with_context(|| format!("there is no {css}"))?;
        Ok(Element(id.into()))
    }

    pub fn click(&self, element: &Element) -> Result<()> {
        self.post(&format!("element/{}/click", element.0), json!({})).map(drop)
    }

    /// Types into an element.
    pub fn type_into(&self, element: &Element, text: &str) -> Result<()> {
        let Element(id) = element;
        self.post(&format!("element/{id}/value"), json!({ "text": text })).map(drop)
    }

    pub fn clear(&self, element: &Element) -> Result<()> {
        self.post(&format!("element/{}/clear", element.0), json!({})).map(drop)
    }

    /// Pointer, keys and wheel, as the protocol describes them.
    pub fn act(&self, actions: Value) -> Result<()> {
        self.post("actions", json!({ "actions": actions })).map(drop)
    }

    pub fn resize(&self, width: u32, height: u32) -> Result<()> {
        self.post("window/rect", json!({ "width": width, "height": height })).map(drop)
    }

    /// What its windows are called here.
    pub fn windows(&self) -> Result<Vec<String>> {
        let handles = self.get("window/handles")?;
        let handles = handles.as_array().context("no list of windows")?;
        Ok(handles.iter().filter_map(|handle| Some(handle.as_str()?.to_owned())).collect())
    }

    /// What comes next is done in this window.
    pub fn switch_to(&self, window: &str) -> Result<()> {
        self.post("window", json!({ "handle": window })).map(drop)
    }

    /// What the page looks like, as PNG.
    pub fn screenshot(&self) -> Result<Vec<u8>> {
        let shot = self.get("screenshot")?;
        let base64 = shot.as_str().context("a screenshot that is none")?;
        Ok(BASE64_STANDARD.decode(base64)?)
    }

    fn post(&self, command: &str, body: Value) -> Result<Value> {
        answer(command, self.agent.post(self.address(command)).send_json(body))
    }

    fn get(&self, command: &str) -> Result<Value> {
        answer(command, self.agent.get(self.address(command)).call())
    }

    fn address(&self, command: &str) -> String {
        format!("{}/{command}", self.url)
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        // Ends the app, if it has not ended itself; the driver goes with its process.
        let request = self.agent.delete(&self.url).config();
        let _ = request.timeout_global(Some(END_MAX)).build().call();
    }
}

impl Element {
    /// As an argument of a script, or the origin of an action.
    pub fn reference(&self) -> Value {
        json!({ ELEMENT: self.0 })
    }
}

fn answer(
    command: &str,
    answered: Result<ureq::http::Response<ureq::Body>, ureq::Error>,
) -> Result<Value> {
    let mut response = answered.with_context(|| format!("WebDriver: {command}"))?;
    let success = response.status().is_success();
    let body: Value = response.body_mut().with_config().limit(ANSWER_BYTES_MAX).read_json()?;
    let value = body["value"].clone();
    if success {
        return Ok(value);
    }
    let (error, message) = (value["error"].as_str(), value["message"].as_str());
    Err(anyhow!("{}: {}", error.unwrap_or("unknown error"), message.unwrap_or_default()))
        .with_context(|| format!("WebDriver: {command}"))
}

/// A port that nobody listens on just now.
pub fn free_port() -> Result<u16> {
    Ok(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?.port())
}
