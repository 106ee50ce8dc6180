//! The windows beside the first one: made and closed as the boards want it, and what a person does to
//! them, told.

use crate::words;
use feedscope_app::api::PopoutPlace;
use feedscope_app::{App, Wanted, said};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tauri::{AppHandle, Manager, Monitor, WebviewUrl, WebviewWindowBuilder, Window, WindowEvent};

/// How the labels of these windows begin: what they may do is said by it.
const LABELS: &str = "popout-";

const SIZE: (f64, f64) = (640.0, 420.0);
/// Below this, neither a chart nor the time fits.
const SIZE_MIN: (f64, f64) = (320.0, 220.0);

/// So long a window lies still before it is noted where it is.
const SETTLED: Duration = Duration::from_millis(400);

/// How much of a window's upper edge must be on a screen, for a person to get hold of it.
const GRIP: (f64, f64) = (80.0, 24.0);

pub fn is_one(label: &str) -> bool {
    label.starts_with(LABELS)
}

#[derive(Clone, Default)]
pub struct Popouts(Arc<Mutex<State>>);

#[derive(Default)]
struct State {
    /// Of what was wanted last.
    version: u64,
    /// The application ends: its windows close, and stay on their boards.
    is_ending: bool,
    /// How often each was moved.
    moves: HashMap<String, u64>,
}

impl Popouts {
    /// Has there be these windows and no others.
    pub fn sync(&self, handle: &AppHandle, wanted: &Wanted) {
        let (this, wanted, app) = (self.clone(), wanted.clone(), handle.clone());
        // It fails only once the application ends.
        let _ = handle.run_on_main_thread(move || {
            {
                let mut state = this.state();
                if state.is_ending || wanted.version < state.version {
                    return;
                }
                state.version = wanted.version;
            }
            for (label, window) in app.webview_windows() {
                if is_one(&label) && wanted.windows.iter().all(|one| one.label != label) {
                    // It is gone already where this fails.
                    let _ = window.destroy();
                }
            }
            for one in &wanted.windows {
                if app.get_webview_window(&one.label).is_none()
                    && let Err(error) = open(&app, &one.label, one.place)
                {
                    let why = error.to_string();
                    bring_back(&app, &one.label, move |app, label, what| {
                        app.popout_failed(label, &why, what);
                    });
                }
            }
        });
    }

    /// Closes all of them, with the first one: they are opened again with their boards.
    pub fn end(&self, handle: &AppHandle, close: impl Fn(&tauri::WebviewWindow)) {
        self.state().is_ending = true;
        handle.webview_windows().iter().filter(|(label, _)| is_one(label)).for_each(
            |(_, window)| {
                close(window);
            },
        );
    }

    /// What happens to one of them.
    pub fn on_event(&self, window: &Window, event: &WindowEvent) {
        match event {
            WindowEvent::CloseRequested { api, .. } => {
                api.prevent_close();
                self.brought_back(window);
            }
            WindowEvent::Moved(_) | WindowEvent::Resized(_) => self.moved(window),
            WindowEvent::Destroyed => {
                self.state().moves.remove(window.label());
                window.state::<App>().window_gone(window.label());
            }
            _ => {}
        }
    }

    /// Someone closed it.
    fn brought_back(&self, window: &Window) {
        if self.state().is_ending {
            return;
        }
        let gone = window.clone();
        bring_back(window.app_handle(), window.label(), move |app, label, what| {
            // It fails where its board is gone, and the window then has nothing to show.
            if app.popout_close(label, what).is_err() {
                let _ = gone.destroy();
            }
        });
    }

    /// Notes where it is, once it is there for good.
    fn moved(&self, window: &Window) {
        let moves = {
            let mut state = self.state();
            let moves = state.moves.entry(window.label().to_owned()).or_default();
            *moves += 1;
            *moves
        };
        let (this, window) = (self.clone(), window.clone());
        tauri::async_runtime::spawn(async move {
            tokio::time::sleep(SETTLED).await;
            let label = window.label();
            let is_last = {
                let state = this.state();
                !state.is_ending && state.moves.get(label) == Some(&moves)
            };
            let place = if is_last { place_of(&window) } else { None };
            if let Some(place) = place {
                let (app, label) = (window.state::<App>().inner().clone(), label.to_owned());
                // Of a board that is gone, there is nothing to note.
                let noted = move || drop(app.popout_placed(&label, place));
                tauri::async_runtime::spawn_blocking(noted);
            }
        });
    }

    fn state(&self) -> std::sync::MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Has the panels of a window be brought back to their board: tells `act` the window's label, and what
/// the step is called.
fn bring_back(
    handle: &AppHandle,
    label: &str,
    act: impl FnOnce(&App, &str, &str) + Send + 'static,
) {
    let (app, label) = (handle.state::<App>().inner().clone(), label.to_owned());
    // Not on the main thread: feeds and files may follow from it.
    tauri::async_runtime::spawn_blocking(move || {
        let language = words::language(app.language().as_deref());
        let what = words::say(language, &said!("undo_popout_back", "Bring panels back"));
        act(&app, &label, &what);
    });
}

fn open(handle: &AppHandle, label: &str, place: Option<PopoutPlace>) -> tauri::Result<()> {
    let (width, height) =
        place.map_or(SIZE, |place| (f64::from(place.width), f64::from(place.height)));
    let mut builder = WebviewWindowBuilder::new(handle, label, WebviewUrl::default())
        .title("Feedscope")
        .inner_size(width.max(SIZE_MIN.0), height.max(SIZE_MIN.1))
        .min_inner_size(SIZE_MIN.0, SIZE_MIN.1)
        .disable_drag_drop_handler()
        // The page knows what is in it, and in which language.
        .on_document_title_changed(|window, title| {
            // Fails only for a window that is gone.
            let _ = window.set_title(&title);
        });
    let screens: Vec<Screen> = handle.available_monitors()?.iter().map(Screen::of).collect();
    if let Some(place) = place.filter(|place| can_be_reached(place, &screens)) {
        builder = builder.position(f64::from(place.x), f64::from(place.y));
    }
    builder.build().map(drop)
}

/// Where a window is, unless that cannot be told now.
fn place_of(window: &Window) -> Option<PopoutPlace> {
    if window.is_minimized().unwrap_or(false) || window.is_maximized().unwrap_or(false) {
        return None;
    }
    let scale = window.scale_factor().ok()?;
    let position = window.outer_position().ok()?.to_logical::<i32>(scale);
    let size = window.inner_size().ok()?.to_logical::<u32>(scale);
    Some(PopoutPlace { x: position.x, y: position.y, width: size.width, height: size.height })
}

/// A screen, in the same pixels as places of windows.
struct Screen {
    left: f64,
    top: f64,
    right: f64,
    bottom: f64,
}

impl Screen {
    fn of(monitor: &Monitor) -> Screen {
        let scale = monitor.scale_factor();
        let from = monitor.position().to_logical::<f64>(scale);
        let size = monitor.size().to_logical::<f64>(scale);
        Screen {
            left: from.x,
            top: from.y,
            right: from.x + size.width,
            bottom: from.y + size.height,
        }
    }
}

/// Whether a window there could be taken hold of: the screen that it was on may be gone.
fn can_be_reached(place: &PopoutPlace, screens: &[Screen]) -> bool {
    let (left, top) = (f64::from(place.x), f64::from(place.y));
    let right = left + f64::from(place.width);
    let (wide, high) = GRIP;
    screens.iter().any(|screen| {
        right.min(screen.right) - left.max(screen.left) >= wide
            && top >= screen.top - high / 2.0
            && top + high <= screen.bottom
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(x: i32, y: i32) -> PopoutPlace {
        PopoutPlace { x, y, width: 600, height: 400 }
    }

    fn screen(left: f64, top: f64) -> Screen {
        Screen { left, top, right: left + 1_920.0, bottom: top + 1_080.0 }
    }

    #[test]
    fn a_window_is_put_where_it_was_only_on_a_screen_that_there_is() {
        let both = [screen(0.0, 0.0), screen(1_920.0, -200.0)];
        let one = &both[..1];
        assert!(can_be_reached(&at(100, 100), one));
        assert!(can_be_reached(&at(-500, 0), one), "what is seen of it is enough");
        assert!(!can_be_reached(&at(-580, 0), one));
        assert!(can_be_reached(&at(2_500, -100), &both));
        assert!(!can_be_reached(&at(2_500, -100), one), "its screen is gone");
        assert!(!can_be_reached(&at(100, 1_070), one), "below the lower edge");
        assert!(!can_be_reached(&at(100, -300), one), "its bar is above the upper edge");
        assert!(!can_be_reached(&at(100, 100), &[]));
    }

    #[test]
    fn the_first_window_is_none_of_them() {
        assert!(is_one("popout-1") && !is_one("main"));
    }
}
