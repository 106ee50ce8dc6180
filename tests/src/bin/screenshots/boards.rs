//! Boards of the built-in feed, one for each kind of panel.

use crate::sources;
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
        self.save(name, &board)
    }

    fn save(&self, name: &str, board: &Value) -> Result<String> {
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

    /// Two sources that are nothing like this computer: a market's book and trades, and a machine.
    pub fn write_sources(&self, market: &str, machine: &str) -> Result<String> {
        let trace = |feed: &str, channel: &str, path: &str, color: u32| json!({ "feed": feed, "channel": channel, "path": path, "color": color });
        let price = trace("market", sources::TRADES_OF, "data[0].p", 0);
        let of = |path: &str, color| trace("machine", "line-1", path, color);
        let panels = json!([
            { "id": "depth", "kind": "depth", "title": self.title("depth"), "feed": "market" },
            { "id": "candles", "kind": "candles", "title": self.title("candles"), "traces": [price] },
            { "id": "states", "kind": "states", "title": self.title("states"),
              "traces": [of("state", 0), of("door_open", 1), of("program", 2)] },
            { "id": "lines", "kind": "time-series", "title": self.title("time-series"),
              "traces": [of("spindle_rpm", 0), of("load", 1)] },
        ]);
        let board = json!({
            "feedscope": FORMAT, "id": "sources", "name": "sources", "time": { "span_ms": 30_000 },
            "feeds": [
                { "id": "market", "name": "BTCUSDT", "profile": "bybit", "url": market },
                { "id": "machine", "name": "CNC 1", "url": machine },
            ],
            "panels": panels,
        });
        self.save("sources", &board)
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
