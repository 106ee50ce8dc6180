//! What the app promises to who looks at its window: on the real one, with real servers.
#![cfg(target_os = "linux")]

mod accessible;
mod adding;
mod alerts;
mod annotations;
mod boards;
mod boards_files;
mod breakage;
mod chart;
mod computer;
mod depth;
mod derived;
mod feeds;
mod health;
mod hidden;
mod hostile;
mod inspector;
mod kept;
mod language;
mod own_time;
mod panels;
mod pictures;
mod popouts;
mod shortcuts;
mod texts;
mod tour;
mod tree;
mod troubles;
mod walls;

use anyhow::{Context, Result};
use feedscope_tests::Window;
use serde_json::{Value, json};

/// The built-in feed, and a panel that draws it.
const COMPUTER: &str = "computer";
const CPU: &str = "[data-testid=panel-cpu] .plot-area";

fn number(value: &Value) -> Result<f64> {
    value.as_f64().with_context(|| format!("{value} is not a number"))
}

fn text(value: &Value) -> Result<&str> {
    value.as_str().with_context(|| format!("{value} is not a text"))
}

/// Waits until all that a feed has received is accounted for, and no message is missing from
/// what was `sent`; the panel draws each.
fn wait_for_all(window: &Window, feed: &str, panel_id: &str, sent: u64) -> Result<()> {
    window.wait(
        &format!("all {sent} messages, received and drawn"),
        "const [feed, id, sent] = arguments;
         const { ledger, missing } = status(feed);
         const [trace] = panel(id).traces;
         const whole = ledger.received === sent && spent(ledger) === sent
             && ledger.delivered === sent && missing === 0
             && counted(trace) === sent && trace.latest === sent;
         if (!whole) throw JSON.stringify([ledger, counted(trace), trace.latest]);
         return true",
        json!([feed, panel_id, sent]),
    )?;
    Ok(())
}
