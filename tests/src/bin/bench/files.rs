//! What the system knows of files and memory.

use anyhow::{Context, Result, ensure};
use std::fs;
use std::path::Path;
use std::process::Command;

const DROP_CACHES: &str = "/proc/sys/vm/drop_caches";
const PAGE_BYTES: u64 = 4_096;

/// Whether we may have the system forget what it holds of files.
pub fn can_forget() -> bool {
    fs::OpenOptions::new().write(true).open(DROP_CACHES).is_ok()
}

/// Has the system forget what it holds of files: what is read next comes from the disk.
pub fn forget() -> Result<()> {
    const PAGES_AND_INODES: &str = "3";
    // What is not written yet would not be forgotten.
    let written = Command::new("sync").status()?;
    ensure!(written.success(), "`sync` failed");
    fs::write(DROP_CACHES, PAGES_AND_INODES).with_context(|| DROP_CACHES.to_owned())
}

pub fn forget_if_can() -> Result<()> {
    if can_forget() { forget() } else { Ok(()) }
}

/// Fails where a folder's disk has less room than this.
pub fn ensure_free(folder: &Path, bytes: u64) -> Result<()> {
    let output = Command::new("df").args(["--output=avail", "--block-size=1"]).arg(folder).output();
    let said = output.context("`df` could not be started")?.stdout;
    let said = String::from_utf8_lossy(&said);
    let free: Option<u64> = said.lines().nth(1).and_then(|line| line.trim().parse().ok());
    let free = free.context("`df` does not say what is free")?;
    ensure!(
        free >= bytes,
        "{} has {} MB free, and this needs {} MB; TMPDIR can name another place",
        folder.display(),
        free / 1_000_000,
        bytes / 1_000_000
    );
    Ok(())
}

/// What this process holds in memory.
pub fn resident_bytes() -> Result<u64> {
    const RESIDENT_AT: usize = 1;
    let said = fs::read_to_string("/proc/self/statm")?;
    let pages = said.split(' ').nth(RESIDENT_AT).and_then(|pages| pages.parse::<u64>().ok());
    Ok(pages.context("no resident pages")? * PAGE_BYTES)
}
