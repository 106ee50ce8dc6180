//! A window of a theme and a language, and the pictures that are taken of it.

use anyhow::{Context, Result};
use feedscope_tests::{Options, Window};
use serde_json::{Value, json};
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;
use tempfile::TempDir;

/// As WebDriver calls them.
pub const CONTROL: &str = "\u{e009}";
pub const ESCAPE: &str = "\u{e00c}";

const SIZE: (u32, u32) = (1280, 800);

pub struct Look {
    theme: &'static str,
    language: String,
    folder: PathBuf,
    words: Value,
}

impl Look {
    pub fn new(theme: &'static str, language: &str, folder: PathBuf) -> Result<Look> {
        fs::create_dir_all(&folder)?;
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
        let words = root.join(format!("ui/src/words/{language}.json"));
        let words = fs::read_to_string(&words).with_context(|| words.display().to_string())?;
        let words = serde_json::from_str(&words)?;
        Ok(Look { theme, language: language.into(), folder, words })
    }

    /// A text of the window's.
    pub fn say(&self, key: &str) -> &str {
        self.words[key].as_str().unwrap_or_default()
    }

    /// A data folder in which the language is chosen.
    pub fn data_dir(&self, is_toured: bool) -> Result<TempDir> {
        let data = TempDir::new()?;
        let Look { language, .. } = self;
        let settings = format!("language = \"{language}\"\ntoured = {is_toured}\n");
        fs::write(data.path().join("settings.toml"), settings)?;
        Ok(data)
    }
}

pub struct Studio<'a> {
    pub window: Window,
    look: &'a Look,
}

impl Studio<'_> {
    pub fn open<'a>(look: &'a Look, is_toured: bool, args: &[&str]) -> Result<Studio<'a>> {
        Studio::open_in(look, look.data_dir(is_toured)?, args)
    }

    pub fn open_in<'a>(look: &'a Look, data: TempDir, args: &[&str]) -> Result<Studio<'a>> {
        let theme = if look.theme == "dark" { "Adwaita:dark" } else { "Adwaita" };
        let environment = [("GTK_THEME", theme)];
        let name = format!("{}-{}", look.theme, look.language);
        let options =
            Options { data: Some(data), args, environment: &environment, ..Options::default() };
        let window = Window::open_with(&name, options)?;
        let studio = Studio { window, look };
        studio.resize_back()?;
        Ok(studio)
    }

    pub fn resize_back(&self) -> Result<()> {
        let (width, height) = SIZE;
        self.window.resize(width, height)
    }

    /// Waits until the built-in feed has sent so many messages.
    pub fn wait_for_data(&self, count: u32) -> Result<()> {
        self.window.wait_long(
            Duration::from_secs(120),
            "data",
            "return status('computer').ledger.delivered > arguments[0]",
            json!([count]),
        )?;
        Ok(())
    }

    /// Waits until all that was moved or asked for is where it belongs: some updates and frames.
    pub fn settle(&self) -> Result<()> {
        self.window.run_async(
            "const done = arguments[arguments.length - 1];
             let frames = 0;
             const until = performance.now() + 1500;
             (function frame() {
                 frames += 1;
                 if (frames > 20 && performance.now() > until) return done(true);
                 requestAnimationFrame(frame);
             })()",
            json!([]),
        )?;
        Ok(())
    }

    pub fn shoot(&self, name: &str) -> Result<()> {
        self.window.run_async(
            "const done = arguments[arguments.length - 1];
             document.fonts.ready.then(() => setTimeout(() =>
                 requestAnimationFrame(() => requestAnimationFrame(() => done(true))), 350))",
            json!([]),
        )?;
        self.window.screenshot_to(&self.look.folder.join(format!("{name}.png")))
    }

    /// Closes what is open, as Escape does, and waits until it is gone.
    pub fn close(&self, name: &str) -> Result<()> {
        self.window.press(ESCAPE)?;
        self.window.wait(name, "return by(arguments[0]) === null", json!([name]))?;
        Ok(())
    }

    /// As a file manager drops a file on the window.
    pub fn drop_file(&self, name: &str, content: &str) -> Result<()> {
        self.window.drop_file(name, content)
    }
}
