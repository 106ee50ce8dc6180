//! Boards of the built-in feed, one for each kind of panel.

use crate::studio::Look;
use anyhow::Result;
use serde_json::{Value, json};
use std::fs;
use tempfile::TempDir;

pub const KINDS: [&str; 11] = [
    "time-series",
    "number",
    "gauge",
    "table",
    "candles",
    "states",
    "heat-map",
    "histogram",
    "xy",
    "inspector",
    "notes",
];

const HUNDRED: u32 = 100;
const FORMAT: u32 = 2;

const FIELDS: [(&str, &str); 6] = [
    ("load", "one"),
    ("load", "five"),
    ("memory", "used"),
    ("memory", "available"),
    ("cpu", "total"),
    ("network", "received"),
];

pub struct Boards<'a> {
    look: &'a Look,
    folder: TempDir,
}

impl Boards<'_> {
    pub fn new(look: &Look) -> Result<Boards<'_>> {
        Ok(Boards { look, folder: TempDir::new()? })
    }

    /// Writes one to a file, and gives its path.
    pub fn write(&self, name: &str) -> Result<String> {
        let board = if name == "hundred" { self.hundred() } else { self.of_kind(name) };
        let path = self.folder.path().join(format!("{name}.feedscope.json"));
        fs::write(&path, board.to_string())?;
        Ok(path.to_string_lossy().into_owned())
    }

    pub fn of_kind(&self, kind: &str) -> Value {
        let title = self.title(kind);
        let mut full = json!({ "id": "full", "kind": kind, "title": title });
        let more = match kind {
            "time-series" => json!({ "unit": "percent", "traces": [
                trace("cpu", "total", 0), trace("cpu", "core0", 1), trace("cpu", "core1", 2) ],
                "marks": [{ "value": 80, "level": "warn", "label": "80" }] }),
            "number" | "gauge" => json!({ "unit": "percent", "range": [0, 100],
                "traces": [trace("cpu", "total", 0), trace("cpu", "core0", 1)],
                "marks": [{ "value": 50, "level": "warn" }, { "value": 80, "level": "bad" }] }),
            "table" => json!({ "traces": FIELDS.iter().zip(0..)
                .map(|((channel, field), color)| trace(channel, field, color)).collect::<Vec<_>>() }),
            "candles" => json!({ "traces": [trace("cpu", "total", 0)] }),
            "states" => json!({ "traces": [trace("cpu", "core0", 0), trace("load", "one", 1)] }),
            "heat-map" => json!({ "by": "series", "unit": "percent", "traces": [
                trace("cpu", "total", 0), trace("cpu", "core0", 1), trace("cpu", "core1", 2) ] }),
            "histogram" => json!({ "unit": "percent",
                "traces": [trace("cpu", "core0", 0), trace("cpu", "core1", 1)] }),
            "xy" => json!({ "unit": "percent", "style": "points", "x": trace("cpu", "core0", 0),
                "traces": [trace("cpu", "core1", 1)] }),
            "inspector" => json!({ "feed": "computer" }),
            _ => {
                json!({ "text": format!("# {title}\n\n- **1** *2* `3`\n- [x] 4\n\n> 5\n\n| A | B |\n|---|---|\n| 6 | 7 |\n") })
            }
        };
        merge(&mut full, more);
        let empty = json!({ "id": "empty", "kind": kind, "title": self.title(kind) });
        board(kind, vec![full, empty])
    }

    fn hundred(&self) -> Value {
        let title = self.title("time-series");
        let panels = (0..HUNDRED).map(|n| {
            let (channel, field) = FIELDS[n as usize % FIELDS.len()];
            let kind = ["time-series", "number"][n as usize / 7 % 2];
            json!({ "id": format!("p{n}"), "kind": kind, "title": format!("{title} {}", n + 1),
                "traces": [trace(channel, field, n % 8)] })
        });
        board("hundred", panels.collect())
    }

    fn title(&self, kind: &str) -> &str {
        self.look.say(&format!("kind_{}", kind.replace('-', "_")))
    }
}

fn board(name: &str, panels: Vec<Value>) -> Value {
    json!({
        "feedscope": FORMAT, "id": name, "name": name, "time": { "span_ms": 30_000 },
        "feeds": [{ "id": "computer", "name": "This computer", "url": "builtin:computer" }],
        "panels": panels,
    })
}

fn trace(channel: &str, field: &str, color: u32) -> Value {
    json!({ "feed": "computer", "channel": channel, "path": format!("data.{field}"), "color": color })
}

fn merge(into: &mut Value, more: Value) {
    if let (Some(into), Value::Object(more)) = (into.as_object_mut(), more) {
        into.extend(more);
    }
}
