//! Notifications of the desktop's, by what each platform has for them.
//!
//! By notify-rust itself, which Tauri's own plugin stands on: the plugin tells nobody whether a
//! notification was refused.

use crate::words;
use feedscope_app::{Notice, Notifier, Refused};
use notify_rust::Notification;

/// What the sound theme of a Linux desktop calls it. It is the desktop that makes the sound, as it
/// does for everything else, and not the page, which is silent while it is hidden.
#[cfg(all(unix, not(target_os = "macos")))]
const SOUND: &str = "message-new-instant";
#[cfg(target_os = "macos")]
const SOUND: &str = "default";
#[cfg(windows)]
const SOUND: &str = "Default";

/// The desktop.
pub struct Desktop {
    /// What the system knows the application by.
    #[cfg_attr(not(windows), expect(dead_code))]
    identifier: String,
}

impl Desktop {
    pub fn new(identifier: String) -> Self {
        // Without it, notifications come from the terminal. It fails if it was set already.
        #[cfg(target_os = "macos")]
        let _ = notify_rust::set_application(&identifier);
        Desktop { identifier }
    }
}

impl Notifier for Desktop {
    fn notify(&self, notice: &Notice) -> Result<(), Refused> {
        let language = words::language(notice.language.as_deref());
        let body = words::say(language, &notice.body);
        let mut notification = Notification::new();
        notification.appname("Feedscope").summary(&words::say(language, &notice.title));
        #[cfg(all(unix, not(target_os = "macos")))]
        {
            use notify_rust::Hint;
            // Where there is no service for notifications, that is what this says.
            let capabilities = notify_rust::get_capabilities().map_err(refused)?;
            let has_markup = capabilities.iter().any(|capability| capability == "body-markup");
            notification
                .body(&if has_markup { escaped(&body) } else { body })
                .icon("feedscope")
                .hint(Hint::DesktopEntry("Feedscope".into()))
                .hint(Hint::SuppressSound(!notice.sound));
        }
        #[cfg(any(windows, target_os = "macos"))]
        notification.body(&body);
        #[cfg(windows)]
        if is_installed() {
            notification.app_id(&self.identifier);
        }
        if notice.sound {
            notification.sound_name(SOUND);
        }
        notification.show().map(drop).map_err(refused)
    }
}

fn refused(error: notify_rust::error::Error) -> Refused {
    Refused(error.to_string())
}

/// What comes from feeds is text, and never markup.
#[cfg(all(unix, not(target_os = "macos")))]
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

/// Windows shows nothing for an application that no shortcut of the start menu names.
#[cfg(windows)]
fn is_installed() -> bool {
    let built = ["debug", "release"];
    let program = std::env::current_exe().unwrap_or_default();
    let folder = program.parent().and_then(std::path::Path::file_name);
    !folder.is_some_and(|folder| built.iter().any(|name| folder == *name))
}

#[cfg(all(test, unix, not(target_os = "macos")))]
mod tests {
    use super::*;

    #[test]
    fn what_a_feed_says_is_no_markup() {
        assert_eq!(escaped("<b>a</b> & b"), "&lt;b&gt;a&lt;/b&gt; &amp; b");
    }
}
