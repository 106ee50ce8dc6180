//! What the operating system must have. Debian and its kin are helped to it; others are told.

use crate::shell::{command, line, output, run, succeeds};
use anyhow::{Result, bail};
use std::env;
use std::io::IsTerminal;
use std::path::Path;
use std::process::Command;

/// Something that a task needs of the system.
pub struct Need {
    /// Names of packages.
    debian: &'static [&'static str],
    fedora: &'static str,
    arch: &'static str,
    /// How to see that it is there, where the names of packages are not known.
    probe: &'static [&'static [&'static str]],
}

/// To build the window. macOS and Windows have all of it: without, this would not have compiled.
pub const BUILD: Need = Need {
    debian: &["build-essential", "libwebkit2gtk-4.1-dev", "pkg-config"],
    fedora: "gcc-c++ pkgconf webkit2gtk4.1-devel",
    arch: "base-devel webkit2gtk-4.1",
    probe: &[&["pkg-config", "--exists", "webkit2gtk-4.1"]],
};

/// To show a window where there is no display.
pub const HEADLESS: Need = Need {
    debian: &["dbus", "xvfb"],
    fedora: "dbus-daemon xorg-x11-server-Xvfb",
    arch: "dbus xorg-server-xvfb",
    probe: &[&["dbus-daemon", "--version"], &["Xvfb", "-help"]],
};

/// To drive the window from a test, to have a Python of the tests' own, a proxy in front of servers,
/// and a keychain.
pub const TESTS: Need = Need {
    debian: &["gnome-keyring", "nginx-light", "python3-venv", "webkit2gtk-driver"],
    fedora: "gnome-keyring nginx-core python3 webkit2gtk-driver",
    arch: "gnome-keyring nginx python webkit2gtk-4.1",
    probe: &[
        &["nginx", "-v"],
        &["WebKitWebDriver", "--version"],
        &["python3", "-m", "venv", "--help"],
    ],
};

/// What others draw live data with, to be measured beside it: a browser, and what Qt needs to show
/// a window.
pub const BENCH_PEERS: Need = Need {
    debian: &[
        "chromium",
        "libegl1",
        "libxcb-cursor0",
        "libxcb-icccm4",
        "libxcb-image0",
        "libxcb-keysyms1",
        "libxcb-render-util0",
        "libxcb-shape0",
        "libxcb-xkb1",
        "libxkbcommon-x11-0",
    ],
    fedora: "chromium mesa-libEGL xcb-util-cursor xcb-util-image xcb-util-keysyms \
             xcb-util-renderutil xcb-util-wm libxkbcommon-x11",
    arch: "chromium libglvnd xcb-util-cursor xcb-util-image xcb-util-keysyms xcb-util-renderutil \
           xcb-util-wm libxkbcommon-x11",
    probe: &[&["chromium", "--version"]],
};

/// To check what a package has installed.
pub const BUNDLE_CHECK: Need = Need {
    debian: &["desktop-file-utils"],
    fedora: "desktop-file-utils",
    arch: "desktop-file-utils",
    probe: &[&["desktop-file-validate", "--help"]],
};

const INSTALL: [&str; 3] = ["install", "--yes", "--no-install-recommends"];

/// Whether a window has nowhere to appear.
pub fn is_headless() -> bool {
    cfg!(target_os = "linux")
        && ["DISPLAY", "WAYLAND_DISPLAY"].iter().all(|name| env::var_os(name).is_none())
}

/// Sees to it that all of it is there.
pub fn ensure(needs: &[&Need]) -> Result<()> {
    if !cfg!(target_os = "linux") {
        return Ok(());
    }
    if Path::new("/usr/bin/apt-get").exists() {
        let wanted = needs.iter().flat_map(|need| need.debian).copied().collect::<Vec<_>>();
        let missing = missing(&wanted);
        if missing.is_empty() {
            return Ok(());
        }
        println!("The system lacks {}.", missing.join(", "));
        return install(&missing);
    }
    for need in needs {
        if need.probe.iter().all(|words| succeeds(&mut command(words[0], &words[1..]))) {
            continue;
        }
        bail!(
            "Some of what Feedscope needs of the system is missing. Install it, then try again:\n  \
             Fedora:     sudo dnf install {}\n  \
             Arch:       sudo pacman -S --needed {}\n  \
             elsewhere:  what Debian calls {}",
            need.fedora,
            need.arch,
            need.debian.join(", ")
        );
    }
    Ok(())
}

fn missing<'a>(wanted: &[&'a str]) -> Vec<&'a str> {
    let query = ["--show", "--showformat=${Package} ${db:Status-Status}\n"];
    // It fails as soon as one of the packages is unknown, and still lists the others.
    let listed = Command::new("dpkg-query").args(query).args(wanted).output();
    let listed = listed.map(|output| output.stdout).unwrap_or_default();
    let listed = String::from_utf8_lossy(&listed);
    let is_there = |name: &str| listed.lines().any(|line| line == format!("{name} installed"));
    wanted.iter().copied().filter(|name| !is_there(name)).collect()
}

/// Has apt-get install packages, by name or from a file.
pub fn install(what: &[&str]) -> Result<()> {
    let prefix = become_root(what)?;
    // A system that has just started may be busy with updates of its own: they are waited for.
    let patience = "--option=DPkg::Lock::Timeout=300";
    let as_root = ["env", "DEBIAN_FRONTEND=noninteractive", "apt-get", patience];
    let apt = [prefix, &as_root].concat();
    run(command(apt[0], &apt[1..]).args(["update", "--quiet"]))?;
    run(command(apt[0], &apt[1..]).args(INSTALL).args(what))
}

/// What to put before a command for it to run as root.
fn become_root(what: &[&str]) -> Result<&'static [&'static str]> {
    if output(&mut command("id", ["-u"]))? == "0" {
        return Ok(&[]);
    }
    if succeeds(&mut command("sudo", ["-n", "true"])) {
        return Ok(&["sudo", "-n"]);
    }
    if std::io::stdin().is_terminal() && succeeds(&mut command("sudo", ["--version"])) {
        return Ok(&["sudo"]);
    }
    let mut by_hand = command("sudo", ["apt-get"]);
    by_hand.args(INSTALL).args(what);
    bail!("Only root can install packages. Type this, then try again:\n\n  {}", line(&by_hand))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_package_nobody_has_is_missing_and_one_everybody_has_is_not() {
        if Path::new("/usr/bin/dpkg-query").exists() {
            assert_eq!(missing(&["dpkg", "no-such-package-as-this"]), ["no-such-package-as-this"]);
        } else {
            println!("There is no dpkg here.");
        }
    }
}
