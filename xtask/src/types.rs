//! `cargo xtask types`: the window's TypeScript types, written from the Rust ones.

use crate::shell::{cargo, own_dir, run};
use anyhow::{Context, Result, ensure};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

const GENERATED: &str = "ui/src/generated";

#[derive(clap::Args)]
pub struct Options {
    /// Change nothing, and fail if something would change
    #[arg(long)]
    check: bool,
}

pub fn types(options: &Options) -> Result<()> {
    if options.check { check() } else { write() }
}

/// Writes those that changed, and says which.
fn write() -> Result<()> {
    let (fresh, found) = (fresh()?, read(Path::new(GENERATED))?);
    fs::create_dir_all(GENERATED)?;
    for name in differing(&fresh, &found) {
        let path = Path::new(GENERATED).join(name);
        match fresh.get(name) {
            Some(text) => fs::write(&path, text)?,
            None => fs::remove_file(&path)?,
        }
        println!("{}", difference(name, &fresh, &found));
    }
    Ok(())
}

/// Fails if `write` would change something.
pub fn check() -> Result<()> {
    let (fresh, found) = (fresh()?, read(Path::new(GENERATED))?);
    let told = differing(&fresh, &found).into_iter().map(|name| difference(name, &fresh, &found));
    let told = told.collect::<Vec<_>>().join("\n");
    ensure!(
        told.is_empty(),
        "The types in {GENERATED} are not those of the Rust code:\n{told}\n\
         `cargo xtask types` writes them anew."
    );
    Ok(())
}

/// Has the Rust code write its types, to another place than where the UI has them.
fn fresh() -> Result<Files> {
    let dir = own_dir()?.join("types");
    let _ = fs::remove_dir_all(&dir);
    fs::create_dir_all(&dir)?;
    let mut write = cargo(["run", "--quiet", "--package", "feedscope-app", "--example", "types"]);
    run(write.arg("--").arg(&dir))?;
    let fresh = read(&dir)?;
    ensure!(!fresh.is_empty(), "No types were written.");
    Ok(fresh)
}

/// The types' files by name.
type Files = BTreeMap<String, String>;

fn read(dir: &Path) -> Result<Files> {
    let mut files = Files::new();
    if !dir.exists() {
        return Ok(files);
    }
    for entry in fs::read_dir(dir)? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "ts") {
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            let text = fs::read_to_string(&path);
            // Git may have written the line ends of its system.
            let text = text.with_context(|| format!("reading {}", path.display()))?;
            files.insert(name, text.replace("\r\n", "\n"));
        }
    }
    Ok(files)
}

fn differing<'a>(fresh: &'a Files, found: &'a Files) -> Vec<&'a String> {
    let names: BTreeSet<_> = fresh.keys().chain(found.keys()).collect();
    names.into_iter().filter(|name| fresh.get(*name) != found.get(*name)).collect()
}

/// One file's difference, in the first line where it shows.
fn difference(name: &str, fresh: &Files, found: &Files) -> String {
    match (fresh.get(name), found.get(name)) {
        (Some(_), None) => format!("  {name}: new"),
        (None, _) => format!("  {name}: no longer there"),
        (Some(fresh), Some(found)) => {
            let (mut fresh, mut found) = (fresh.lines(), found.lines());
            let mut number = 1;
            loop {
                match (fresh.next(), found.next()) {
                    (Some(new), Some(old)) if new == old => number += 1,
                    (new, old) => {
                        let (new, old) = (new.unwrap_or_default(), old.unwrap_or_default());
                        return format!("  {name}, line {number}:\n    - {old}\n    + {new}");
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn files(text: &str) -> Files {
        Files::from([("A.ts".to_owned(), text.to_owned())])
    }

    #[test]
    fn a_difference_is_shown_where_it_begins() {
        let shown = difference("A.ts", &files("one\nnew\n"), &files("one\nold\n"));
        assert_eq!(shown, "  A.ts, line 2:\n    - old\n    + new");
        assert_eq!(difference("A.ts", &files("one"), &Files::new()), "  A.ts: new");
        assert_eq!(difference("A.ts", &Files::new(), &files("one")), "  A.ts: no longer there");
    }

    #[test]
    fn texts_that_differ_in_their_end_alone_have_a_difference_too() {
        let shown = difference("A.ts", &files("one\n\n"), &files("one\n"));
        assert!(shown.contains("line 2"), "{shown}");
    }
}
