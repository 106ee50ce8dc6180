//! One page with all pictures: a row for each, a column for each theme and language.

use anyhow::Result;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::fs;
use std::path::Path;

const STYLE: &str = "body { margin: 16px; background: #777; font: 13px sans-serif }
table { border-spacing: 8px } th { color: #fff; text-align: left; vertical-align: top }
td { vertical-align: top } img { display: block; max-width: 45vw }";

/// Writes it, and says how many pictures there are.
pub fn write(folder: &Path) -> Result<usize> {
    let mut columns = BTreeSet::new();
    let mut rows: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for look in fs::read_dir(folder)?.flatten().filter(|entry| entry.path().is_dir()) {
        let name = look.file_name().to_string_lossy().into_owned();
        for picture in fs::read_dir(look.path())?.flatten() {
            let path = picture.path();
            if path.extension().is_some_and(|extension| extension == "png")
                && let Some(stem) = path.file_stem()
            {
                rows.entry(stem.to_string_lossy().into_owned()).or_default().insert(name.clone());
                columns.insert(name.clone());
            }
        }
    }
    let mut page = format!(
        "<!doctype html><meta charset=utf-8><title>Screenshots</title><style>{STYLE}</style><table>"
    );
    for (name, looks) in &rows {
        write!(page, "<tr><th colspan={}>{name}</th></tr><tr>", columns.len())?;
        for look in &columns {
            page.push_str("<td>");
            if looks.contains(look) {
                let file = format!("{look}/{name}.png");
                write!(page, "<a href={file}><img loading=lazy src={file} alt='{file}'></a>")?;
            }
            page.push_str("</td>");
        }
        page.push_str("</tr>");
    }
    page.push_str("</table>");
    fs::write(folder.join("index.html"), page)?;
    Ok(rows.values().map(BTreeSet::len).sum())
}
