//! A Tauri window with nothing in it: what Tauri and the webview cost by themselves, beside which
//! `cargo xtask bench` measures Feedscope's. It is of the same size, and built in the same way.
//!
//! Once its first frame is drawn, it says when, in milliseconds since the Unix epoch.

use std::io::Write;
use std::process::ExitCode;
use std::time::{SystemTime, UNIX_EPOCH};
use tauri::{WebviewUrl, WebviewWindowBuilder};

#[tauri::command]
fn drawn() {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    // A reader that went away is no reason to end.
    let _ = writeln!(std::io::stdout(), "{}", now.as_secs_f64() * 1_000.0);
}

fn main() -> ExitCode {
    let ended = tauri::Builder::default()
        .invoke_handler(tauri::generate_handler![drawn])
        .setup(|tauri| {
            WebviewWindowBuilder::new(tauri, "main", WebviewUrl::default())
                .title("Empty window")
                .inner_size(1280.0, 800.0)
                .min_inner_size(800.0, 500.0)
                .build()?;
            Ok(())
        })
        .run(tauri::generate_context!());
    match ended {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("empty-window: {error}");
            ExitCode::FAILURE
        }
    }
}
