//! The window: what Tauri is told, and what it tells.

use crate::args::{Args, StatusFormat};
use crate::commands;
use crate::notify::Desktop;
use crate::popouts::{self, Popouts};
use feedscope_app::api::Boards;
use feedscope_app::{App, Config, Notifier, Secrets, Wanted, Window};
use std::error::Error;
use std::io::Write;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use tauri::{AppHandle, Emitter, Manager, RunEvent, WebviewUrl, WebviewWindowBuilder, WindowEvent};
use tauri_plugin_window_state::StateFlags;

const LABEL: &str = feedscope_app::boards::MAIN_WINDOW;

/// The page sends a change at once, unless one is under way.
const LAST_WORDS_MAX: Duration = Duration::from_millis(400);

/// Opens the window and comes back when it is closed.
pub fn run(args: Args) -> Result<(), Box<dyn Error>> {
    let context = tauri::generate_context!();
    let state = window_state(&args)?;
    let popouts = Popouts::default();
    let beside = popouts.clone();
    let tauri = tauri::Builder::default()
        .plugin(state)
        .invoke_handler(tauri::generate_handler![
            commands::start,
            commands::take_update,
            commands::drawn,
            commands::watch,
            commands::unwatch,
            commands::view,
            commands::statistics,
            commands::gaps,
            commands::freshness,
            commands::depth,
            commands::health,
            commands::histogram,
            commands::heat,
            commands::pairs,
            commands::peek,
            commands::feed,
            commands::feed_add,
            commands::profiles,
            commands::draft_check,
            commands::feed_subscribe,
            commands::feed_change,
            commands::feed_draft,
            commands::feed_secrets,
            commands::no_keychain,
            commands::secret_set,
            commands::secret_remove,
            commands::probe_start,
            commands::probe_look,
            commands::probe_stop,
            commands::feed_remove,
            commands::feed_reconnect,
            commands::feed_stop,
            commands::faults_set,
            commands::feed_cut,
            commands::derived_check,
            commands::derived_preview,
            commands::derived_set,
            commands::derived_remove,
            commands::boards,
            commands::board_get,
            commands::board_show,
            commands::board_open,
            commands::board_close,
            commands::board_new,
            commands::board_rename,
            commands::board_duplicate,
            commands::board_remove,
            commands::board_restore,
            commands::boards_reorder,
            commands::board_change,
            commands::board_undo,
            commands::board_redo,
            commands::board_look,
            commands::board_import,
            commands::board_export,
            commands::annotations_export,
            commands::annotations_read,
            commands::board_file_show,
            commands::export_show,
            commands::board_suggest,
            commands::board_templates,
            commands::board_fill,
            commands::together,
            commands::language_set,
            commands::shortcuts_set,
            commands::tour_over,
            commands::picture_save,
            commands::picture_show,
            commands::link_open,
            commands::inspect_open,
            commands::inspect_close,
            commands::inspect_page,
            commands::inspect_message,
            commands::inspect_code,
            commands::json_check,
            commands::feed_send,
            commands::alerts,
            commands::alert_set,
            commands::alert_remove,
            commands::alert_test,
            commands::alert_rehearse,
            commands::alert_log,
        ])
        .on_window_event(move |window, event| {
            if popouts::is_one(window.label()) {
                beside.on_event(window, event);
            } else if let WindowEvent::CloseRequested { api, .. } = event {
                api.prevent_close();
                end_soon(window, &beside);
            }
        })
        .setup(|tauri| {
            WebviewWindowBuilder::new(tauri, LABEL, WebviewUrl::default())
                .title("Feedscope")
                .inner_size(1280.0, 800.0)
                .min_inner_size(800.0, 500.0)
                // What is dropped on the window is the page's: it takes boards.
                .disable_drag_drop_handler()
                .build()?;
            Ok(())
        })
        .build(context)?;
    // Not in the setup, of which Tauri panics when it fails: a board that is not there is to be
    // said in a sentence.
    let handle = tauri.handle().clone();
    let config = config(&args, &handle)?;
    let desktop = Desktop::new(handle.config().identifier.clone());
    let window = Windows { handle: handle.clone(), desktop: Arc::new(desktop), popouts };
    let app = tauri::async_runtime::block_on(App::start(config, window))?;
    tauri.manage(app.clone());
    if let Some(format) = args.status {
        tauri::async_runtime::spawn(print_status(app.clone(), format));
    }
    if let Some(run_for) = args.run_for {
        tauri::async_runtime::spawn(async move {
            tokio::time::sleep(run_for).await;
            handle.exit(0);
        });
    }
    tauri.run(move |_, event| {
        if matches!(event, RunEvent::Exit)
            && let Err(trouble) = app.close()
        {
            eprintln!("feedscope: {}", trouble.what);
        }
    });
    Ok(())
}

/// Closes a window that someone wants closed: out of sight at once, and gone once its page has said
/// what it had not said yet. Of a page that goes away with its window, nothing more is heard.
///
/// The others go with it.
fn end_soon(window: &tauri::Window, popouts: &Popouts) {
    // None of it can fail but for a window that is gone already.
    let _ = window.hide();
    popouts.end(window.app_handle(), |popout| drop(popout.hide()));
    let (window, popouts) = (window.clone(), popouts.clone());
    tauri::async_runtime::spawn(async move {
        tokio::time::sleep(LAST_WORDS_MAX).await;
        popouts.end(window.app_handle(), |popout| drop(popout.destroy()));
        let _ = window.destroy();
    });
}

/// The real windows, as the application sees them.
struct Windows {
    handle: AppHandle,
    desktop: Arc<Desktop>,
    popouts: Popouts,
}

impl Window for Windows {
    fn news(&self, window: &str) {
        // Fails only while the window is closing, when there is nobody left to tell.
        let _ = self.handle.emit_to(window, "update", ());
    }

    fn boards(&self, boards: &Boards) {
        // To all windows: each shows some board.
        let _ = self.handle.emit("boards", boards);
    }

    fn popouts(&self, wanted: &Wanted) {
        self.popouts.sync(&self.handle, wanted);
    }

    fn together(&self, window: &str) {
        let _ = self.handle.emit_to(window, "together", ());
    }

    fn notifier(&self) -> Arc<dyn Notifier> {
        self.desktop.clone()
    }
}

fn config(args: &Args, handle: &AppHandle) -> Result<Config, Box<dyn Error>> {
    let (urls, boards) = args.urls_and_boards();
    if let Some(board) = boards.iter().find(|board| !board.is_file()) {
        return Err(format!("{} is neither a URL (ws://…) nor a board", board.display()).into());
    }
    let paths = handle.path();
    let (data_dir, pictures_dir, downloads_dir) = match &args.data_dir {
        Some(folder) => (folder.clone(), folder.join("pictures"), folder.join("downloads")),
        None => {
            let data = paths.app_data_dir()?;
            let pictures = paths.picture_dir().map(|pictures| pictures.join("Feedscope"));
            let pictures = pictures.unwrap_or_else(|_| data.join("pictures"));
            let downloads = paths.download_dir().unwrap_or_else(|_| data.join("downloads"));
            (data, pictures, downloads)
        }
    };
    let version = env!("CARGO_PKG_VERSION").into();
    let secrets = Arc::new(Secrets::of_system());
    Ok(Config { data_dir, pictures_dir, downloads_dir, urls, boards, version, secrets })
}

/// Brings the window's size and place back. The plugin joins the name to a folder of its own,
/// which an absolute path overrides.
fn window_state<R: tauri::Runtime>(
    args: &Args,
) -> Result<tauri::plugin::TauriPlugin<R>, Box<dyn Error>> {
    let mut builder = tauri_plugin_window_state::Builder::default()
        .with_state_flags(StateFlags::SIZE | StateFlags::POSITION | StateFlags::MAXIMIZED)
        // Where the others are stands in their boards.
        .with_filter(|label| label == LABEL);
    if let Some(folder) = &args.data_dir {
        std::fs::create_dir_all(folder)
            .map_err(|error| format!("{} cannot be made: {error}", folder.display()))?;
        let file: PathBuf = std::path::absolute(folder.join("window.json"))?;
        builder = builder.with_filename(file.to_string_lossy());
    }
    Ok(builder.build())
}

async fn print_status(app: App, format: StatusFormat) {
    let mut ticks = tokio::time::interval(Duration::from_secs(1));
    // The first tick is at once, when there is nothing to say yet.
    ticks.tick().await;
    loop {
        ticks.tick().await;
        let line = app.status();
        let line = match format {
            StatusFormat::Text => line.to_string(),
            StatusFormat::Json => serde_json::to_string(&line).unwrap_or_default(),
        };
        // A reader that went away is no reason to end.
        let _ = writeln!(std::io::stdout(), "{line}");
    }
}
