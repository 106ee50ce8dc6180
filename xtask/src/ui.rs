//! The window's page: its tools, its packages from npm, and its build. Done again only when
//! something changed.

use crate::shell::{command, npm, output, run};
use anyhow::{Context, Result, bail};
use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};

/// The oldest Node that Vite runs on.
const NODE_OLDEST: (u32, u32) = (20, 19);

/// `npm ci` in a folder, if its lock file is not that of last time.
pub fn install(dir: &str) -> Result<()> {
    check_node()?;
    let lock = Path::new(dir).join("package-lock.json");
    let wanted = fingerprint(std::slice::from_ref(&lock))?;
    // Inside of what it speaks of, so that both go together.
    let stamp = Path::new(dir).join("node_modules/.installed");
    if !stands(&stamp, &wanted) {
        println!("Installing the packages of {}.", lock.display());
        run(&mut npm(dir, ["ci", "--no-audit", "--no-fund"]))?;
        fs::write(&stamp, wanted).with_context(|| format!("writing {}", stamp.display()))?;
    }
    Ok(())
}

/// Builds ui/dist, if its sources are not those of last time.
pub fn build() -> Result<()> {
    install("ui")?;
    let wanted = fingerprint(&sources(Path::new("ui"))?)?;
    let stamp = Path::new("ui/node_modules/.built");
    if !Path::new("ui/dist/index.html").exists() || !stands(stamp, &wanted) {
        run(&mut npm("ui", ["run", "build"]))?;
        fs::write(stamp, wanted)?;
    }
    Ok(())
}

fn check_node() -> Result<()> {
    let (major, minor) = NODE_OLDEST;
    let advice = format!(
        "Feedscope's window is built with Node {major}.{minor} or newer, and npm. \
         See https://nodejs.org/en/download"
    );
    let said = output(&mut command("node", ["--version"])).context(advice.clone())?;
    match parse_version(&said) {
        Some(version) if version >= NODE_OLDEST => Ok(()),
        _ => bail!("{advice}\nThe one here is {said}."),
    }
}

fn parse_version(said: &str) -> Option<(u32, u32)> {
    let mut numbers = said.strip_prefix('v')?.split('.').map(str::parse);
    Some((numbers.next()?.ok()?, numbers.next()?.ok()?))
}

/// All files under a folder, but what is made from them.
fn sources(dir: &Path) -> Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    let mut dirs = vec![dir.to_owned()];
    while let Some(dir) = dirs.pop() {
        for entry in fs::read_dir(&dir).with_context(|| format!("reading {}", dir.display()))? {
            let entry = entry?;
            let made = ["node_modules", "dist"].iter().any(|name| entry.file_name() == *name);
            match entry.file_type()? {
                _ if made => {}
                kind if kind.is_dir() => dirs.push(entry.path()),
                _ => files.push(entry.path()),
            }
        }
    }
    files.sort();
    Ok(files)
}

fn fingerprint(files: &[PathBuf]) -> Result<String> {
    let mut hasher = DefaultHasher::new();
    for file in files {
        file.hash(&mut hasher);
        let bytes = fs::read(file).with_context(|| format!("reading {}", file.display()))?;
        bytes.hash(&mut hasher);
    }
    Ok(format!("{:016x}", hasher.finish()))
}

fn stands(stamp: &Path, wanted: &str) -> bool {
    fs::read_to_string(stamp).is_ok_and(|found| found == wanted)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn node_says_its_version_as_expected() {
        assert_eq!(parse_version("v20.19.4"), Some((20, 19)));
        assert!(parse_version("v18.13.0") < Some(NODE_OLDEST));
        assert_eq!(parse_version("command not found"), None);
    }

    #[test]
    fn a_fingerprint_tells_contents_apart() {
        let dir = std::env::temp_dir().join(format!("xtask-fingerprint-{}", std::process::id()));
        fs::create_dir_all(dir.join("dist")).unwrap();
        let file = dir.join("a.ts");
        let mut seen = Vec::new();
        for content in ["one", "two"] {
            fs::write(&file, content).unwrap();
            fs::write(dir.join("dist/made.js"), content).unwrap();
            assert_eq!(sources(&dir).unwrap(), std::slice::from_ref(&file));
            seen.push(fingerprint(std::slice::from_ref(&file)).unwrap());
        }
        fs::remove_dir_all(&dir).unwrap();
        assert_ne!(seen[0], seen[1]);
    }
}
