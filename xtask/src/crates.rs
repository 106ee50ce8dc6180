//! Which crate knows which: what ARCHITECTURE.md's table says, and what is so.

use crate::shell::{cargo, output};
use anyhow::{Context, Result, bail, ensure};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

const TABLE_IN: &str = "ARCHITECTURE.md";
/// The crates that may know the window's framework: the window's, and the empty one beside which it
/// is measured.
const WINDOWS: [&str; 2] = ["src-tauri", "tests/empty-window"];

/// The workspace's crates by folder, each with the folders of those it depends on.
type Graph = BTreeMap<String, BTreeSet<String>>;

pub fn check() -> Result<()> {
    let metadata = output(&mut cargo(["metadata", "--format-version=1", "--no-deps"]))?;
    let metadata = serde_json::from_str(&metadata).context("reading what cargo metadata said")?;
    let said = fs::read_to_string(TABLE_IN).with_context(|| format!("reading {TABLE_IN}"))?;
    let faults = faults(&table(&said), &graph(&metadata)?, &knowers_of_tauri(&metadata)?);
    if !faults.is_empty() {
        bail!("The crates are not as {TABLE_IN} has them:\n  {}", faults.join("\n  "));
    }
    Ok(())
}

/// Rows of the form "| `folder` | what it is | `folder`, `folder` |", or "nothing" at the end.
fn table(text: &str) -> Graph {
    let rows = text.lines().filter_map(|line| {
        let cells: Vec<_> = line.strip_prefix('|')?.strip_suffix('|')?.split('|').collect();
        let [crate_, _, knows] = cells[..] else { return None };
        let name = crate_.trim().strip_prefix('`')?.strip_suffix('`')?;
        // What is in code style stands at every second place between the ticks.
        let knows = knows.split('`').skip(1).step_by(2).map(str::to_owned).collect();
        Some((name.to_owned(), knows))
    });
    rows.collect()
}

fn graph(metadata: &Value) -> Result<Graph> {
    let mut graph = Graph::new();
    for package in list(metadata, "packages")? {
        let mut knows = BTreeSet::new();
        for dependency in list(package, "dependencies")? {
            if let Some(path) = dependency["path"].as_str() {
                knows.insert(inside(metadata, Path::new(path))?);
            }
        }
        graph.insert(folder(metadata, package)?, knows);
    }
    ensure!(!graph.is_empty(), "cargo metadata lists no crates");
    Ok(graph)
}

/// A package's folder.
fn folder(metadata: &Value, package: &Value) -> Result<String> {
    let manifest = Path::new(text(package, "manifest_path")?);
    inside(metadata, manifest.parent().context("a manifest in no folder")?)
}

/// A path, from the workspace's root.
fn inside(metadata: &Value, path: &Path) -> Result<String> {
    let inside = path.strip_prefix(text(metadata, "workspace_root")?)?;
    Ok(inside.to_string_lossy().replace('\\', "/"))
}

/// The folders of crates that depend on Tauri, or on a part of it.
fn knowers_of_tauri(metadata: &Value) -> Result<BTreeSet<String>> {
    let mut knowers = BTreeSet::new();
    for package in list(metadata, "packages")? {
        for dependency in list(package, "dependencies")? {
            let name = text(dependency, "name")?;
            if name == "tauri" || name.starts_with("tauri-") || name == "wry" {
                knowers.insert(folder(metadata, package)?);
            }
        }
    }
    Ok(knowers)
}

fn faults(table: &Graph, graph: &Graph, knowers_of_tauri: &BTreeSet<String>) -> Vec<String> {
    let mut faults = Vec::new();
    for (name, knows) in graph {
        let Some(may_know) = table.get(name) else {
            faults.push(format!("`{name}` is not in the table."));
            continue;
        };
        for other in knows.difference(may_know) {
            faults.push(format!("`{name}` depends on `{other}`, which the table does not have."));
        }
        for other in may_know.difference(knows) {
            faults.push(format!("`{name}` does not depend on `{other}`: the table says so."));
        }
    }
    for name in table.keys().filter(|name| !graph.contains_key(*name)) {
        faults.push(format!("`{name}` is in the table, but is no crate of this workspace."));
    }
    for name in knowers_of_tauri.iter().filter(|name| !WINDOWS.contains(&name.as_str())) {
        faults.push(format!("`{name}` depends on Tauri: only `{}` may.", WINDOWS.join("` and `")));
    }
    faults
}

fn text<'a>(value: &'a Value, name: &str) -> Result<&'a str> {
    value[name].as_str().with_context(|| format!("cargo metadata has no `{name}`"))
}

fn list<'a>(value: &'a Value, name: &str) -> Result<&'a Vec<Value>> {
    value[name].as_array().with_context(|| format!("cargo metadata has no `{name}`"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const TABLE: &str = "\
        | crate | what it is | depends on |\n\
        |---|---|---|\n\
        | `crates/low` | below | nothing |\n\
        | `crates/high` | above | `crates/low` |\n";

    fn package(folder: &str, dependencies: &[Value]) -> Value {
        json!({ "manifest_path": format!("/r/{folder}/Cargo.toml"), "dependencies": dependencies })
    }

    fn faults_of(packages: &[Value]) -> Vec<String> {
        let metadata = json!({ "workspace_root": "/r", "packages": packages });
        faults(&table(TABLE), &graph(&metadata).unwrap(), &knowers_of_tauri(&metadata).unwrap())
    }

    #[test]
    fn crates_that_are_as_the_table_has_them_pass() {
        let on_low = json!({ "name": "low", "path": "/r/crates/low" });
        let packages = [
            package("crates/low", &[json!({ "name": "serde" })]),
            package("crates/high", &[on_low]),
        ];
        assert_eq!(faults_of(&packages), Vec::<String>::new());
    }

    #[test]
    fn a_dependency_that_the_table_does_not_have_is_found() {
        let on_high = json!({ "name": "high", "path": "/r/crates/high" });
        let found = faults_of(&[package("crates/low", &[on_high]), package("crates/high", &[])]);
        assert_eq!(found.len(), 2, "{found:?}");
        assert!(found[0].contains("`crates/high` does not depend on `crates/low`"), "{found:?}");
        assert!(found[1].contains("`crates/low` depends on `crates/high`"), "{found:?}");
    }

    #[test]
    fn a_crate_outside_the_table_and_a_row_without_a_crate_are_found() {
        let found = faults_of(&[package("crates/low", &[]), package("crates/new", &[])]);
        assert_eq!(found.len(), 2, "{found:?}");
        assert!(found[0].contains("`crates/new` is not in the table"), "{found:?}");
        assert!(found[1].contains("`crates/high` is in the table, but"), "{found:?}");
    }

    #[test]
    fn tauri_is_known_to_windows_alone() {
        let on_tauri = [json!({ "name": "tauri" })];
        let metadata = json!({
            "workspace_root": "/r",
            "packages": [
                package("src-tauri", &on_tauri),
                package("tests/empty-window", &on_tauri),
                package("crates/low", &on_tauri),
            ],
        });
        let knowers = knowers_of_tauri(&metadata).unwrap();
        let found = faults(&Graph::new(), &Graph::new(), &knowers);
        assert_eq!(
            found,
            ["`crates/low` depends on Tauri: only `src-tauri` and `tests/empty-window` may."]
        );
    }
}
