//! The app in a window: looked at and operated as a person would, through WebDriver.

use crate::display::Display;
use crate::process::{Lines, child_of, is_running, kill};
use crate::terminal::app;
use crate::webdriver::{Element, SCRIPT_MAX, Session};
use crate::x11::{self, ask_to_close};
use anyhow::{Context, Result, bail, ensure};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// One window at a time: two would take the computer, and the focus, from each other.
static ONE: Mutex<()> = Mutex::new(());

const TITLE: &str = "Feedscope";

/// How long anything may take that is not said to take longer. A debug build on a busy computer
/// needs a few seconds for what a person never waits for.
const PATIENCE: Duration = Duration::from_secs(30);
/// A window whose test died ends by itself.
const LIFETIME: &str = "10m";
/// How often the page is asked for what is awaited.
const POLL_MS: u32 = 40;
const END_MAX: Duration = Duration::from_secs(10);

/// What scripts may use: elements by test id, and what `window.__feedscope` shows.
const PRELUDE: &str = r#"
const by = (name) => document.querySelector(`[data-testid=${CSS.escape(name)}]`);
const all = (name) => [...document.querySelectorAll(`[data-testid=${CSS.escape(name)}]`)];
const panels = () => window.__feedscope.panels();
const panel = (id) => panels().find((panel) => panel.id === id);
const status = (feed) => window.__feedscope.statuses.find((status) => status.feed === feed);
const spent = (ledger) => ledger.delivered + ledger.control + ledger.duplicate + ledger.late
    + ledger.undecodable + ledger.held + ledger.overflow;
const counted = (trace) => trace.columns.reduce((sum, column) => sum + column[1], 0);
"#;

/// What a window starts with.
#[derive(Default)]
pub struct Options<'a> {
    /// What an earlier window left behind.
    pub data: Option<TempDir>,
    /// Feeds, boards and options.
    pub args: &'a [&'a str],
    /// The address of the session bus, if it is not to be the one there is.
    pub session_bus: Option<&'a str>,
    /// It is the first start, and the tour begins.
    pub is_first_start: bool,
    /// What else stands in its environment.
    pub environment: &'a [(&'a str, &'a str)],
}

/// A line of `--status json`.
pub type StatusLine = Value;

pub struct Window {
    name: String,
    session: Option<Session>,
    output: Lines,
    display: Display,
    app_id: u32,
    data: Option<TempDir>,
    _only: MutexGuard<'static, ()>,
}

impl Window {
    /// Starts the app, with a data folder of its own, and waits for its window. `name` is that of
    /// the screenshot of how it ends.
    pub fn open(name: &str) -> Result<Window> {
        Window::open_with(name, Options::default())
    }

    pub fn open_with(name: &str, options: Options<'_>) -> Result<Window> {
        let only = ONE.lock().unwrap_or_else(PoisonError::into_inner);
        let data = match options.data {
            Some(data) => data,
            None => TempDir::new()?,
        };
        if !options.is_first_start {
            decline_tour(data.path())?;
        }
        let display = Display::open()?;
        let mut args = vec!["--data-dir".to_owned(), data.path().to_string_lossy().into_owned()];
        args.extend(["--status", "json", "--for", LIFETIME].map(String::from));
        args.extend(options.args.iter().map(|arg| (*arg).to_owned()));
        let program = app()?;
        let session = Session::start(&program, &args, |command| {
            display.host(command);
            command.envs(options.environment.iter().copied());
            if let Some(address) = options.session_bus {
                command.env("DBUS_SESSION_BUS_ADDRESS", address);
            }
        })?;
        let app_id = child_of(session.driver_id()).context("the driver started no app")?;
        let window = Window {
            name: name.into(),
            output: session.output.clone(),
            session: Some(session),
            display,
            app_id,
            data: Some(data),
            _only: only,
        };
        window.wait("the window", "return window.__feedscope", json!([]))?;
        Ok(window)
    }

    pub fn data_dir(&self) -> Result<&Path> {
        Ok(self.data.as_ref().context("the data folder was given away")?.path())
    }

    /// The app's process.
    pub fn app_id(&self) -> u32 {
        self.app_id
    }

    /// What the app writes to its standard output.
    pub fn output(&self) -> &Lines {
        &self.output
    }

    /// Closes the window as a person does, and gives what the app has kept.
    pub fn close(mut self) -> Result<TempDir> {
        self.screenshot()?;
        ask_to_close(self.display.name(), TITLE)?;
        let deadline = Instant::now() + END_MAX;
        while is_running(self.app_id) {
            ensure!(Instant::now() < deadline, "The window was closed, but the app goes on.");
            std::thread::sleep(Duration::from_millis(20));
        }
        self.data.take().context("the data folder was given away")
    }

    /// Waits until there are so many windows, and says what they are called.
    pub fn windows(&self, count: usize) -> Result<Vec<String>> {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let windows = self.session()?.windows()?;
            if windows.len() == count {
                return Ok(windows);
            }
            ensure!(Instant::now() < deadline, "There are {} windows.", windows.len());
            std::thread::sleep(Duration::from_millis(POLL_MS.into()));
        }
    }

    /// What comes next is done in this window.
    pub fn switch_to(&self, window: &str) -> Result<()> {
        self.session()?.switch_to(window)
    }

    /// Closes a window that is not the first one, as a person does.
    pub fn close_other(&self, title: &str) -> Result<()> {
        ask_to_close(self.display.name(), title)
    }

    /// Minimizes it.
    pub fn hide(&self) -> Result<()> {
        x11::hide(self.display.name(), TITLE)
    }

    /// Brings it back.
    pub fn show(&self) -> Result<()> {
        x11::show(self.display.name(), TITLE)
    }

    /// Runs a function's body in the page.
    pub fn run(&self, script: &str, args: Value) -> Result<Value> {
        self.session()?.execute(&format!("{PRELUDE}\n{script}"), args)
    }

    /// Runs a function's body in the page, which calls its last argument with the answer.
    pub fn run_async(&self, script: &str, args: Value) -> Result<Value> {
        self.session()?.execute_async(&format!("{PRELUDE}\n{script}"), args, SCRIPT_MAX)
    }

    /// Waits until a function's body returns something true, and gives that.
    pub fn wait(&self, what: &str, script: &str, args: Value) -> Result<Value> {
        self.wait_long(PATIENCE, what, script, args)
    }

    /// [`Window::wait`], for what takes its time.
    pub fn wait_long(
        &self,
        patience: Duration,
        what: &str,
        script: &str,
        args: Value,
    ) -> Result<Value> {
        let deadline = Instant::now() + patience;
        loop {
            let left = deadline.saturating_duration_since(Instant::now());
            match self.wait_in_page(left, what, script, &args) {
                // A page that was waited in has made place for the next.
                Err(error) if format!("{error:#}").contains("unload") && !left.is_zero() => {}
                answer => return answer,
            }
        }
    }

    fn wait_in_page(
        &self,
        patience: Duration,
        what: &str,
        script: &str,
        args: &Value,
    ) -> Result<Value> {
        // In the page, so that nothing is missed between two questions. What throws is not there
        // yet.
        let patience_ms = patience.as_millis();
        let poll = format!(
            "{PRELUDE}
            const done = arguments[arguments.length - 1];
            const args = [...arguments].slice(0, -1);
            const look = function () {{ {script}\n }};
            const deadline = performance.now() + {patience_ms};
            (function poll() {{
                let last;
                try {{
                    last = look.apply(null, args);
                    if (last) return done({{ found: last }});
                }} catch (error) {{
                    last = String(error);
                }}
                if (performance.now() > deadline) return done({{ last: last ?? null }});
                setTimeout(poll, {POLL_MS});
            }})();"
        );
        let answer = self.session()?.execute_async(&poll, args.clone(), patience);
        let answer = answer.with_context(|| what.to_owned())?;
        if let Some(found) = answer.get("found") {
            return Ok(found.clone());
        }
        bail!(
            "{what}: it did not come within {} s. Last seen: {}. The page said:\n{}",
            patience.as_secs(),
            answer["last"],
            self.words().unwrap_or_default()
        )
    }

    /// All that can be read in the window.
    pub fn words(&self) -> Result<String> {
        let words = self.run("return document.body.innerText", json!([]))?;
        Ok(words.as_str().unwrap_or_default().to_owned())
    }

    /// Clicks the element with this test id, once it can be clicked.
    pub fn click(&self, name: &str) -> Result<()> {
        self.click_css(&test_id(name))
    }

    pub fn click_css(&self, css: &str) -> Result<()> {
        let deadline = Instant::now() + PATIENCE;
        loop {
            // It may not be there yet, be moving, or lie under what is just going away.
            let session = self.session()?;
            match session.find(css).and_then(|element| session.click(&element)) {
                Ok(()) => return Ok(()),
                Err(error) if Instant::now() > deadline => {
                    return Err(error.context(format!("{css} cannot be clicked")));
                }
                Err(_) => std::thread::sleep(Duration::from_millis(POLL_MS.into())),
            }
        }
    }

    /// Replaces what is in an input.
    pub fn fill(&self, name: &str, text: &str) -> Result<()> {
        let session = self.session()?;
        self.wait(name, "return by(arguments[0])", json!([name]))?;
        let input = session.find(&test_id(name))?;
        session.clear(&input)?;
        session.type_into(&input, text)
    }

    pub fn press(&self, key: &str) -> Result<()> {
        self.session()?.act(json!([{ "type": "key", "id": "keyboard", "actions": [
            { "type": "keyDown", "value": key },
            { "type": "keyUp", "value": key },
        ]}]))
    }

    /// Presses keys together: the last one while the others are held.
    pub fn press_together(&self, keys: &[&str]) -> Result<()> {
        let down = keys.iter().map(|key| json!({ "type": "keyDown", "value": key }));
        let up = keys.iter().rev().map(|key| json!({ "type": "keyUp", "value": key }));
        let actions: Vec<Value> = down.chain(up).collect();
        self.session()?.act(json!([{ "type": "key", "id": "keyboard", "actions": actions }]))
    }

    /// Presses a key while another one is held.
    pub fn chord(&self, held: &str, key: &str) -> Result<()> {
        self.session()?.act(json!([{ "type": "key", "id": "keyboard", "actions": [
            { "type": "keyDown", "value": held },
            { "type": "keyDown", "value": key },
            { "type": "keyUp", "value": key },
            { "type": "keyUp", "value": held },
        ]}]))
    }

    /// Turns the wheel over the middle of an element.
    pub fn wheel(&self, css: &str, by: i32) -> Result<()> {
        let origin = self.element(css)?.reference();
        self.session()?.act(json!([{ "type": "wheel", "id": "wheel", "actions": [
            { "type": "scroll", "x": 0, "y": 0, "deltaX": 0, "deltaY": by, "origin": origin },
        ]}]))
    }

    /// Moves the pointer to a place, from the middle of an element.
    pub fn point(&self, css: &str, x: i32, y: i32) -> Result<()> {
        let origin = self.element(css)?.reference();
        self.mouse(json!([{ "type": "pointerMove", "x": x, "y": y, "origin": origin }]))
    }

    /// Drags from the middle of an element.
    pub fn drag(&self, css: &str, by_x: i32, by_y: i32) -> Result<()> {
        let origin = self.element(css)?.reference();
        self.mouse(json!([
            { "type": "pointerMove", "x": 0, "y": 0, "origin": origin },
            { "type": "pointerDown", "button": 0 },
            { "type": "pointerMove", "x": by_x / 2, "y": by_y / 2, "origin": "pointer",
              "duration": 50 },
            { "type": "pointerMove", "x": by_x - by_x / 2, "y": by_y - by_y / 2,
              "origin": "pointer", "duration": 50 },
            { "type": "pointerUp", "button": 0 },
        ]))
    }

    pub fn double_click(&self, css: &str) -> Result<()> {
        let origin = self.element(css)?.reference();
        let (down, up) = (
            json!({ "type": "pointerDown", "button": 0 }),
            json!({ "type": "pointerUp", "button": 0 }),
        );
        let move_there = json!({ "type": "pointerMove", "x": 0, "y": 0, "origin": origin });
        self.mouse(json!([move_there, down, up, down, up]))
    }

    fn mouse(&self, actions: Value) -> Result<()> {
        self.session()?.act(json!([{
            "type": "pointer", "id": "mouse", "parameters": { "pointerType": "mouse" },
            "actions": actions,
        }]))
    }

    fn element(&self, css: &str) -> Result<Element> {
        self.session()?.find(css)
    }

    pub fn resize(&self, width: u32, height: u32) -> Result<()> {
        self.session()?.resize(width, height)
    }

    /// Adds a feed by the dialog.
    pub fn add_feed(&self, url: &str) -> Result<()> {
        self.click("feed-add")?;
        self.fill("add-feed-url", url)?;
        self.click("add-feed-submit")
    }

    /// Adds a feed by the dialog, and waits until it is listed; gives its id.
    pub fn added_feed(&self, url: &str) -> Result<String> {
        let known = "return window.__feedscope.statuses.map((status) => status.feed)";
        let before = self.run(known, json!([]))?;
        self.add_feed(url)?;
        let id = self.wait(
            &format!("{url} in the list"),
            "const before = arguments[0];
             const found = window.__feedscope.statuses.find((s) => !before.includes(s.feed));
             return by('add-feed-dialog') === null && found?.feed",
            json!([before]),
        )?;
        Ok(id.as_str().unwrap_or_default().to_owned())
    }

    /// Scrolls the list of feeds until something is in sight: only what is in sight exists.
    pub fn reveal(&self, name: &str) -> Result<()> {
        self.wait(
            &format!("{name} in the list"),
            "const found = by(arguments[0]);
             const list = by('feed-computer').closest('nav');
             const scroller = [...list.querySelectorAll('*')].find((element) =>
                 element.scrollHeight > element.clientHeight + 1
                 && ['auto', 'scroll'].includes(getComputedStyle(element).overflowY));
             if (found) {
                 found.scrollIntoView({ block: 'center' });
                 return true;
             }
             const bottom = scroller.scrollHeight - scroller.clientHeight;
             scroller.scrollTop = scroller.scrollTop >= bottom - 1
                 ? 0 : scroller.scrollTop + scroller.clientHeight / 2;
             return false",
            json!([name]),
        )?;
        Ok(())
    }

    /// Plots a field by its box, and gives the id of the panel that it is drawn in.
    pub fn plot(&self, feed: &str, channel: &str, path: &str) -> Result<String> {
        let field = format!("field-{feed}-{channel}-{path}");
        self.reveal(&field)?;
        self.click(&format!("draw-{feed}-{channel}-{path}"))?;
        let panel = self.wait(
            &format!("{path} plotted"),
            "const [feed, channel, path] = arguments;
             const box = by(`field-${feed}-${channel}-${path}`);
             const drawn = panels().find((panel) =>
                 panel.traces.some((trace) => trace.label === path && trace.columns.length > 0));
             return box.getAttribute('aria-checked') === 'true' && drawn?.id",
            json!([feed, channel, path]),
        )?;
        Ok(panel.as_str().unwrap_or_default().to_owned())
    }

    /// Waits for a status line of the terminal that comes from now on.
    pub fn wait_status<T>(
        &self,
        patience: Duration,
        mut pick: impl FnMut(&StatusLine) -> Option<T>,
    ) -> Result<T> {
        let since = self.output.count();
        self.output.wait(since, patience, |line| pick(&serde_json::from_str(line).ok()?))
    }

    /// The first status line of a later moment than `at_ms`: one after the other, none is missed.
    pub fn status_after(&self, at_ms: f64, patience: Duration) -> Result<StatusLine> {
        self.output.wait(0, patience, |line| {
            let line: StatusLine = serde_json::from_str(line).ok()?;
            (line["at_ms"].as_f64()? > at_ms).then_some(line)
        })
    }

    /// Writes what the window looks like to `target/screenshots`.
    pub fn screenshot(&self) -> Result<PathBuf> {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/screenshots");
        std::fs::create_dir_all(&folder)?;
        let path = folder.join(format!("{}.png", self.name));
        self.screenshot_to(&path)?;
        Ok(path)
    }

    /// Writes what the window looks like to that file.
    pub fn screenshot_to(&self, path: &Path) -> Result<()> {
        Ok(std::fs::write(path, self.session()?.screenshot()?)?)
    }

    /// Drops a file on it, as a file manager does.
    pub fn drop_file(&self, name: &str, content: &str) -> Result<()> {
        self.run(
            "const [name, text] = arguments;
             const dataTransfer = new DataTransfer();
             dataTransfer.items.add(new File([text], name));
             const dropped =
                 new DragEvent('drop', { bubbles: true, cancelable: true, dataTransfer });
             document.body.dispatchEvent(dropped);
             if (!dropped.defaultPrevented) throw 'the window would go to the file'",
            json!([name, content]),
        )?;
        Ok(())
    }

    fn session(&self) -> Result<&Session> {
        self.session.as_ref().context("the window is closed")
    }
}

impl Drop for Window {
    fn drop(&mut self) {
        // Closed already, where it fails; and how a failed test ends is worth seeing most.
        let _ = self.screenshot();
        self.session = None;
        let deadline = Instant::now() + END_MAX;
        while is_running(self.app_id) {
            if Instant::now() > deadline {
                kill(self.app_id);
                break;
            }
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}

/// Makes a new data folder that of someone who is not to be shown around.
fn decline_tour(data: &Path) -> Result<()> {
    let settings = data.join("settings.toml");
    if !settings.exists() {
        std::fs::write(settings, "toured = true\n")?;
    }
    Ok(())
}

/// The selector of a test id.
fn test_id(name: &str) -> String {
    let quoted = name.replace('\\', "\\\\").replace('"', "\\\"");
    format!("[data-testid=\"{quoted}\"]")
}
