//! The empty window, beside which the app's is measured.

use anyhow::{Context, Result};
use feedscope_tests::{Launched, app};
use std::collections::BTreeMap;
use std::time::Duration;

const TITLE: &str = "Empty window";
const START_MAX: Duration = Duration::from_secs(120);

/// Starts it, with the renderer that the app has chosen for itself.
pub fn start(webkit_settings: &BTreeMap<String, String>) -> Result<Launched> {
    let name = format!("feedscope-empty-window{}", std::env::consts::EXE_SUFFIX);
    let beside = std::env::current_exe()?.with_file_name(&name);
    let beside_app = app()?.with_file_name(&name);
    let program = [beside, beside_app].into_iter().find(|path| path.is_file());
    let program = program.context("the empty window is not built: `cargo xtask bench` does it")?;
    Launched::start(&program, TITLE, &[], webkit_settings)
}

/// When it had drawn its first frame, in milliseconds since it was started.
pub fn first_frame_ms(window: &Launched) -> Result<f64> {
    let drawn = window.lines.wait(0, START_MAX, |line| line.parse::<f64>().ok())?;
    Ok(drawn - window.started_ms())
}
