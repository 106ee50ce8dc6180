//! Windows as the X server knows them: seen from outside, so that nothing in the app is disturbed.

use anyhow::{Context, Result, bail};
use std::thread;
use std::time::{Duration, Instant};
use x11rb::connection::Connection;
use x11rb::protocol::Event;
use x11rb::protocol::xproto::{
    AtomEnum, ChangeWindowAttributesAux, ClientMessageEvent, ConnectionExt, EventMask, MapState,
    Window, WindowClass,
};
use x11rb::rust_connection::RustConnection;

/// How often it is looked whether something has happened: finer than a frame by far.
const LOOK_EVERY: Duration = Duration::from_millis(1);

/// Sees windows appear.
pub struct Appearances {
    connection: RustConnection,
}

impl Appearances {
    /// From now on.
    pub fn watch(display: &str) -> Result<Appearances> {
        let (connection, screen) = x11rb::connect(Some(display))?;
        let root = connection.setup().roots.get(screen).context("no screen")?.root;
        let wanted = ChangeWindowAttributesAux::new().event_mask(EventMask::SUBSTRUCTURE_NOTIFY);
        connection.change_window_attributes(root, &wanted)?.check()?;
        Ok(Appearances { connection })
    }

    /// Waits until the window with this title is shown, and says when that was.
    pub fn wait(&self, title: &str, patience: Duration) -> Result<Instant> {
        let deadline = Instant::now() + patience;
        loop {
            while let Some(event) = self.connection.poll_for_event()? {
                let now = Instant::now();
                if let Event::MapNotify(shown) = event
                    && is_called(&self.connection, shown.window, title)
                {
                    return Ok(now);
                }
            }
            if Instant::now() > deadline {
                bail!("no window called {title} was shown within {} s", patience.as_secs());
            }
            thread::sleep(LOOK_EVERY);
        }
    }
}

/// Does what a window manager does when someone closes a window.
pub fn ask_to_close(display: &str, title: &str) -> Result<()> {
    let (connection, screen) = x11rb::connect(Some(display))?;
    let atom =
        |name: &[u8]| -> Result<u32> { Ok(connection.intern_atom(false, name)?.reply()?.atom) };
    let (protocols, delete) = (atom(b"WM_PROTOCOLS")?, atom(b"WM_DELETE_WINDOW")?);
    let window = find(&connection, screen, title, MapState::VIEWABLE)?;
    let event = ClientMessageEvent::new(32, window, protocols, [delete, 0, 0, 0, 0]);
    // Checked, which waits for it: what a client that is gone had sent is not read.
    connection.send_event(false, window, EventMask::NO_EVENT, event)?.check()?;
    Ok(())
}

/// Does what a window manager does when someone minimizes a window.
pub fn hide(display: &str, title: &str) -> Result<()> {
    let (connection, screen) = x11rb::connect(Some(display))?;
    let window = find(&connection, screen, title, MapState::VIEWABLE)?;
    connection.unmap_window(window)?.check()?;
    Ok(())
}

/// Brings back a window that was hidden.
pub fn show(display: &str, title: &str) -> Result<()> {
    let (connection, screen) = x11rb::connect(Some(display))?;
    let window = find(&connection, screen, title, MapState::UNMAPPED)?;
    connection.map_window(window)?.check()?;
    Ok(())
}

fn find(
    connection: &RustConnection,
    screen: usize,
    title: &str,
    state: MapState,
) -> Result<Window> {
    let root = connection.setup().roots.get(screen).context("no screen")?.root;
    for window in connection.query_tree(root)?.reply()?.children {
        let attributes = connection.get_window_attributes(window)?.reply()?;
        // Beside the window there are others of its name, which draw nothing.
        let is_real = attributes.class == WindowClass::INPUT_OUTPUT;
        if is_real && attributes.map_state == state && is_called(connection, window, title) {
            return Ok(window);
        }
    }
    bail!("There is no window called {title}.")
}

/// A window may be gone before it is asked.
fn is_called(connection: &RustConnection, window: Window, title: &str) -> bool {
    let is_its = |property: u32| {
        let length = u32::from(u16::MAX);
        let name = connection.get_property(false, window, property, AtomEnum::ANY, 0, length);
        let name = name.ok().and_then(|name| name.reply().ok());
        name.is_some_and(|name| name.value == title.as_bytes())
    };
    // The old name is in Latin letters only; not every window has the new one.
    let new = connection.intern_atom(true, b"_NET_WM_NAME").ok().and_then(|atom| atom.reply().ok());
    is_its(AtomEnum::WM_NAME.into()) || new.is_some_and(|new| is_its(new.atom))
}
