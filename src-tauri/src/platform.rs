//! What each platform needs before the webview starts.

/// To be called first of all, while there is one thread only.
pub fn prepare() {
    #[cfg(target_os = "linux")]
    linux::choose_renderer();
}

#[cfg(target_os = "linux")]
mod linux {
    use std::ffi::OsStr;
    use std::fs::{self, OpenOptions};
    use std::path::Path;

    const RENDERER: &str = "WEBKIT_DISABLE_DMABUF_RENDERER";

    /// Whoever sets one of these has chosen.
    const CHOSEN_BY: [&str; 7] = [
        RENDERER,
        "WEBKIT_FORCE_DMABUF_RENDERER",
        "WEBKIT_DMABUF_RENDERER_FORCE_SHM",
        "WEBKIT_DISABLE_COMPOSITING_MODE",
        "WEBKIT_FORCE_COMPOSITING_MODE",
        "WEBKIT_SKIA_ENABLE_CPU_RENDERING",
        "WEBKIT_WEB_RENDER_DEVICE_FILE",
    ];

    /// Drivers that have a device and render nothing.
    const SOFTWARE_DRIVERS: [&str; 2] = ["vgem", "vkms"];

    /// Without a GPU, WebKit composes the window by OpenGL on the processor, which costs four times
    /// what painting it does. Measured with WebKitGTK 2.50 on two busy cores, of a panel with two
    /// traces at 10,000 messages a second (frames a second; milliseconds of processor time for
    /// each, in the page, the app and the X server together):
    ///
    /// | setting | frames | cost |
    /// |---|---|---|
    /// | none: DMA-BUF renderer, OpenGL by llvmpipe | 9 | 57 |
    /// | `WEBKIT_SKIA_ENABLE_CPU_RENDERING=1` | 12 | 56 |
    /// | the same and `WEBKIT_DMABUF_RENDERER_FORCE_SHM=1` | 19 | 50 |
    /// | `WEBKIT_DISABLE_COMPOSITING_MODE=1` | 42 | 12 |
    /// | `WEBKIT_DISABLE_DMABUF_RENDERER=1` | 39 | 12 |
    ///
    /// The last two come to the same. The user's own setting stands.
    pub fn choose_renderer() {
        let is_set = |name: &str| std::env::var_os(name).is_some();
        if CHOSEN_BY.into_iter().any(is_set) {
            return;
        }
        let software = wants_software(|name| std::env::var_os(name));
        if software || !has_gpu(Path::new("/dev/dri"), Path::new("/sys/class/drm")) {
            // SAFETY: no other thread exists yet that could read the environment.
            #[allow(unsafe_code)]
            unsafe {
                std::env::set_var(RENDERER, "1");
            }
        }
    }

    /// Whether Mesa was told to render on the processor, whatever there is.
    fn wants_software<T: AsRef<OsStr>>(variable: impl Fn(&str) -> Option<T>) -> bool {
        let is = |name: &str, values: &[&str]| {
            variable(name).is_some_and(|value| values.iter().any(|known| value.as_ref() == *known))
        };
        is("LIBGL_ALWAYS_SOFTWARE", &["1", "true", "yes"])
            || is("GALLIUM_DRIVER", &["llvmpipe", "softpipe"])
            || is("MESA_LOADER_DRIVER_OVERRIDE", &["llvmpipe", "swrast", "kms_swrast"])
    }

    /// Whether there is a device that renders, called renderD128 and up, which we may use.
    fn has_gpu(devices: &Path, classes: &Path) -> bool {
        fs::read_dir(devices).is_ok_and(|entries| {
            entries.flatten().any(|entry| {
                entry.file_name().to_string_lossy().starts_with("renderD")
                    // Mesa opens it so, and falls back to the processor where it may not.
                    && OpenOptions::new().read(true).write(true).open(entry.path()).is_ok()
                    && renders(&classes.join(entry.file_name()).join("device"))
            })
        })
    }

    /// Whether it is more than the name of a device. What cannot be found out is taken to be.
    fn renders(device: &Path) -> bool {
        let driver = fs::read_link(device.join("driver")).unwrap_or_default();
        if SOFTWARE_DRIVERS.iter().any(|software| driver.ends_with(software)) {
            return false;
        }
        // A virtual machine's GPU renders if its first feature is there, VIRTIO_GPU_F_VIRGL.
        if driver.ends_with("virtio_gpu") {
            let features = fs::read_to_string(device.join("features"));
            return !features.is_ok_and(|features| features.starts_with('0'));
        }
        true
    }

    #[cfg(test)]
    mod tests {
        use super::*;

        /// A render node whose driver has this name.
        fn with_driver(driver: &str, features: Option<&str>) -> bool {
            let folder = tempfile::tempdir().unwrap();
            let (devices, classes) = (folder.path().join("dri"), folder.path().join("drm"));
            let device = classes.join("renderD128/device");
            fs::create_dir_all(&devices).unwrap();
            fs::create_dir_all(&device).unwrap();
            fs::write(devices.join("renderD128"), "").unwrap();
            let driver = Path::new("../../bus/drivers").join(driver);
            std::os::unix::fs::symlink(driver, device.join("driver")).unwrap();
            if let Some(features) = features {
                fs::write(device.join("features"), features).unwrap();
            }
            has_gpu(&devices, &classes)
        }

        #[test]
        fn only_a_render_node_is_a_gpu() {
            let devices = tempfile::tempdir().unwrap();
            let classes = devices.path().join("classes");
            assert!(!has_gpu(&devices.path().join("none"), &classes));
            fs::write(devices.path().join("card0"), "").unwrap();
            assert!(!has_gpu(devices.path(), &classes));
            fs::write(devices.path().join("renderD128"), "").unwrap();
            assert!(has_gpu(devices.path(), &classes));
        }

        #[test]
        fn a_render_node_that_renders_nothing_is_no_gpu() {
            for driver in ["i915", "amdgpu", "nvidia", "virtio-pci"] {
                assert!(with_driver(driver, None), "{driver}");
            }
            for driver in SOFTWARE_DRIVERS {
                assert!(!with_driver(driver, None), "{driver}");
            }
        }

        #[test]
        fn a_virtual_gpu_is_one_if_its_host_renders() {
            assert!(!with_driver("virtio_gpu", Some("0100000000000000\n")));
            assert!(with_driver("virtio_gpu", Some("1100000000000000\n")));
            assert!(with_driver("virtio_gpu", None));
        }

        #[test]
        fn mesa_may_be_told_to_render_on_the_processor() {
            let told = |name: &str, value: &str| {
                wants_software(|asked| (asked == name).then(|| value.to_owned()))
            };
            assert!(told("LIBGL_ALWAYS_SOFTWARE", "1"));
            assert!(!told("LIBGL_ALWAYS_SOFTWARE", "0"));
            assert!(told("GALLIUM_DRIVER", "llvmpipe"));
            assert!(!told("GALLIUM_DRIVER", "radeonsi"));
        }
    }
}
