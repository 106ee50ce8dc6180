//! What each platform needs before the webview starts.

/// To be called first of all, while there is one thread only.
pub fn prepare() {
    #[cfg(target_os = "linux")]
    linux::choose_renderer();
}

#[cfg(target_os = "linux")]
mod linux {
    use std::path::Path;

    const RENDERER: &str = "WEBKIT_DISABLE_DMABUF_RENDERER";

    /// Without a GPU, WebKit's default way of bringing pixels to the window costs three quarters
    /// of the frame rate (20 instead of 77 frames a second, measured). The user's own setting
    /// stands.
    pub fn choose_renderer() {
        if std::env::var_os(RENDERER).is_none() && !has_gpu(Path::new("/dev/dri")) {
            // SAFETY: no other thread exists yet that could read the environment.
            #[allow(unsafe_code)]
            unsafe {
                std::env::set_var(RENDERER, "1");
            }
        }
    }

    /// A device that renders is called renderD128 and up.
    fn has_gpu(devices: &Path) -> bool {
        std::fs::read_dir(devices).is_ok_and(|entries| {
            entries
                .flatten()
                .any(|entry| entry.file_name().to_string_lossy().starts_with("renderD"))
        })
    }

    #[cfg(test)]
    mod tests {
        use super::*;

        #[test]
        fn only_a_render_node_is_a_gpu() {
            let devices = tempfile::tempdir().unwrap();
            assert!(!has_gpu(&devices.path().join("none")));
            std::fs::write(devices.path().join("card0"), "").unwrap();
            assert!(!has_gpu(devices.path()));
            std::fs::write(devices.path().join("renderD128"), "").unwrap();
            assert!(has_gpu(devices.path()));
        }
    }
}
