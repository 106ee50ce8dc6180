//! Makes a board of whatever there is in a file. What is wrong in it costs only itself, and is
//! said.

use super::document::{COMPUTER_URL, Document, computer_feed};
use super::format::{self, Annotation, BoardFeed, BoardTime, PanelTime, Popout, TimeSeries};
use super::mend::{Kind, Wrong, mend, not_an_object};
use super::{ANNOTATIONS_MAX, FEEDS_MAX, PANELS_MAX, POPOUTS_MAX, VERSION, carried, migrate};
use crate::api::DerivedSeries;
use crate::derived;
use feedscope_feed::{Said, said};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use std::collections::{HashMap, HashSet};

#[derive(Debug)]
pub(crate) struct Fit {
    /// Without an id or a name, where there was none: these are empty.
    pub document: Document,
    pub wrong: Vec<Wrong>,
    /// It is of an earlier version.
    pub is_old: bool,
}

impl Fit {
    /// Something that was there is not in the document: to write that over the file would lose it.
    pub fn is_lossy(&self) -> bool {
        self.wrong.iter().any(|wrong| matches!(wrong.what, Kind::LeftOut | Kind::Newer))
    }
}

/// What is of a board itself, and not of its parts.
#[derive(Deserialize)]
struct Head {
    #[serde(default, deserialize_with = "format::id")]
    id: String,
    #[serde(default, deserialize_with = "format::name")]
    name: String,
    #[serde(default)]
    time: BoardTime,
}

/// # Errors
/// Why nothing in it is of a board.
pub(crate) fn read(bytes: &[u8]) -> Result<Fit, Said> {
    // Other programs begin texts with a mark of their order of bytes.
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    fit(serde_json::from_slice(bytes).map_err(|error| error.to_string())?)
}

/// # Errors
/// Why nothing in it is of a board.
pub(crate) fn fit(value: Value) -> Result<Fit, Said> {
    let Value::Object(mut board) = value else { return Err(not_an_object()) };
    if !board.contains_key("feedscope") && !board.contains_key("panels") {
        return Err(said!("board_nothing", "It has neither a version nor panels."));
    }
    let mut wrong = Vec::new();
    let version = version(&board, &mut wrong);
    let is_old = version < u64::from(VERSION);
    if is_old {
        migrate::from_1(&mut board);
    }
    board.insert("feedscope".into(), VERSION.into());

    if let Some(time) = board.get_mut("time") {
        no_list(time);
    }
    let feeds = feeds(board.remove("feeds"), &mut wrong);
    let (panels, mut named) = panels(board.remove("panels"), &mut wrong);
    let annotations = annotations(board.remove("annotations"), &mut wrong);
    let carried = carried(board.remove(carried::KEY), &mut wrong);
    let popouts = popouts(board.remove("popouts"), &panels, &mut wrong);
    let mut value = Value::Object(board);
    let Head { id, name, time } = mend(&mut value, "", &mut wrong).unwrap_or_else(|| Head {
        id: String::new(),
        name: String::new(),
        time: BoardTime::default(),
    });
    let mut board = match value {
        Value::Object(board) => board,
        _ => Map::new(),
    };
    // All that the format has is there, so that whoever looks need not know what stands for it.
    let whole = serde_json::to_value(time).unwrap_or_default();
    if let (Value::Object(whole), Some(time)) = (whole, object_at(&mut board, "time")) {
        for (key, value) in whole {
            time.entry(key).or_insert(value);
        }
    }
    board.entry("layout").or_insert(Value::Null);
    board.insert("panels".into(), panels.into());
    if !annotations.is_empty() {
        board.insert("annotations".into(), annotations.into());
    }
    if !carried.is_empty() {
        board.insert(carried::KEY.into(), carried.into());
    }
    if !popouts.is_empty() {
        board.insert("popouts".into(), popouts.into());
    }

    let known: HashSet<&str> = feeds.iter().map(|(feed, _)| feed.id.as_str()).collect();
    // Derived series are no feed's.
    named.retain(|(id, _)| !known.contains(id.as_str()) && id != derived::FEED);
    for (id, place) in named {
        let why = said!("board_no_feed", "The board names no feed “{id}”.", id);
        wrong.push(Wrong { what: Kind::Missing, place, why });
    }
    let (feeds, kept): (Vec<BoardFeed>, Vec<Value>) = feeds.into_iter().unzip();
    board.insert("feeds".into(), kept.into());
    Ok(Fit { document: Document::new(board, id, name, feeds), wrong, is_old })
}

fn object_at<'v>(
    board: &'v mut Map<String, Value>,
    key: &str,
) -> Option<&'v mut Map<String, Value>> {
    board.entry(key).or_insert_with(|| Value::Object(Map::new())).as_object_mut()
}

fn left_out(place: impl Into<String>, why: Said) -> Wrong {
    Wrong { what: Kind::LeftOut, place: place.into(), why }
}

fn version(board: &Map<String, Value>, wrong: &mut Vec<Wrong>) -> u64 {
    let said = board.get("feedscope");
    match said.and_then(Value::as_u64) {
        Some(version) if version > u64::from(VERSION) => {
            let why = said!(
                "board_version",
                "It is of version {version}; this Feedscope knows up to {known}.",
                version,
                known = VERSION,
            );
            wrong.push(Wrong { what: Kind::Newer, place: "feedscope".into(), why });
            version
        }
        Some(version) if version > 0 => version,
        _ => {
            wrong.push(left_out(
                "feedscope",
                said!("board_no_version", "It is not the number of a version."),
            ));
            // What is of the latest already stays as it is.
            1
        }
    }
}

/// The items of a list, each with its place.
fn items(list: Option<Value>, name: &str, wrong: &mut Vec<Wrong>) -> Vec<(String, Value)> {
    match list {
        Some(Value::Array(items)) => {
            (0..).zip(items).map(|(n, item): (usize, _)| (format!("{name}[{n}]"), item)).collect()
        }
        None => Vec::new(),
        Some(_) => {
            wrong.push(left_out(name, said!("board_no_list", "It is not a list.")));
            Vec::new()
        }
    }
}

/// Each as what is known of it, and as all that is there. The built-in one is always among them.
fn feeds(list: Option<Value>, wrong: &mut Vec<Wrong>) -> Vec<(BoardFeed, Value)> {
    let mut feeds: Vec<(BoardFeed, Value)> = Vec::new();
    for (place, mut value) in items(list, "feeds", wrong) {
        let Some(feed) = mend::<BoardFeed>(&mut value, &place, wrong) else { continue };
        let is_doubled = feeds.iter().any(|(other, _)| other.id == feed.id);
        if is_doubled {
            let why = said!("board_feed_id", "Another feed has the id “{id}”.", id = feed.id);
            wrong.push(left_out(place, why));
        } else if feed.url.is_none() && feed.profile.is_none() {
            let why = said!("board_feed_no_source", "It has neither a URL nor a profile.");
            wrong.push(left_out(place, why));
        } else if feeds.len() == FEEDS_MAX {
            let why = said!("board_feeds_max", "A board has {max} feeds at most.", max = FEEDS_MAX);
            wrong.push(left_out(place, why));
        } else {
            feeds.push((feed, value));
        }
    }
    if !feeds.iter().any(|(feed, _)| feed.url.as_deref() == Some(COMPUTER_URL)) {
        let computer = computer_feed();
        // Its id, too, may be another's: then it stays away, and is there by its own name.
        if !feeds.iter().any(|(feed, _)| feed.id == computer.id) {
            let value = serde_json::to_value(&computer).unwrap_or_default();
            feeds.insert(0, (computer, value));
        }
    }
    feeds
}

/// The derived series that came with the board. Of one that cannot be read, nothing can be drawn.
fn carried(list: Option<Value>, wrong: &mut Vec<Wrong>) -> Vec<Value> {
    let mut carried = Vec::new();
    for (place, mut value) in items(list, carried::KEY, wrong) {
        let Some(one) = mend::<DerivedSeries>(&mut value, &place, wrong) else { continue };
        match derived::check(&one.expression, &one.inputs).into_iter().next() {
            Some(mistake) => wrong.push(left_out(place, mistake.what.into())),
            None => carried.push(value),
        }
    }
    carried
}

/// The panels, and the feeds that they name, each with the place where it is named first.
fn panels(list: Option<Value>, wrong: &mut Vec<Wrong>) -> (Vec<Value>, Vec<(String, String)>) {
    let mut panels = Vec::new();
    let mut ids = HashSet::new();
    let mut named = Vec::new();
    let mut seen = HashSet::new();
    for (place, mut value) in items(list, "panels", wrong) {
        if panels.len() == PANELS_MAX {
            let why =
                said!("board_panels_max", "A board has {max} panels at most.", max = PANELS_MAX);
            wrong.push(left_out(place, why));
            continue;
        }
        if panel(&mut value, &place, &mut ids, wrong) {
            name_feeds(&value, &place, &mut seen, &mut named);
            panels.push(value);
        }
    }
    (panels, named)
}

/// Each with an id of its own, and no end before its beginning.
pub(super) fn annotations(list: Option<Value>, wrong: &mut Vec<Wrong>) -> Vec<Value> {
    /// What is known of one whose id is still to be found.
    #[derive(Deserialize)]
    struct Nameless {
        #[serde(default, deserialize_with = "format::id")]
        id: String,
    }
    let items = items(list, "annotations", wrong);
    let named = |(_, value): &(String, Value)| Some(value.get("id")?.as_str()?.to_owned());
    // What gets an id here takes none that another brings along.
    let brought: HashSet<String> = items.iter().filter_map(named).collect();
    let mut kept: Vec<Value> = Vec::new();
    let mut ids = HashSet::new();
    let mut alike: HashMap<String, usize> = HashMap::new();
    for (place, mut value) in items {
        if kept.len() == ANNOTATIONS_MAX {
            let why = said!(
                "board_annotations_max",
                "A board has {max} annotations at most.",
                max = ANNOTATIONS_MAX,
            );
            wrong.push(left_out(place, why));
            continue;
        }
        let Some(Nameless { mut id }) = mend(&mut value, &place, wrong) else { continue };
        if ids.contains(&id) {
            let why = said!(
                "board_annotation_id",
                "Another annotation has the id “{id}”.",
                id = id.as_str()
            );
            wrong.push(left_out(format!("{place}.id"), why));
            id.clear();
        }
        if id.is_empty() {
            let made = content_id(&value);
            let times = alike.entry(made.clone()).or_default();
            while id.is_empty() {
                *times += 1;
                let free = if *times == 1 { made.clone() } else { format!("{made}-{times}") };
                if !brought.contains(&free) {
                    id = free;
                }
            }
        }
        if let Value::Object(object) = &mut value {
            object.insert("id".into(), id.as_str().into());
        }
        let Some(found) = mend::<Annotation>(&mut value, &place, wrong) else { continue };
        if let Value::Object(object) = &mut value {
            if found.to_ms.is_some_and(|to_ms| to_ms <= found.from_ms) {
                object.remove("to_ms");
                let why = said!("board_annotation_end", "It ends before it begins.");
                wrong.push(left_out(format!("{place}.to_ms"), why));
            }
            object.entry("text").or_insert_with(|| found.text.into());
            object.entry("color").or_insert_with(|| found.color.into());
            // What is not there needs no words for that.
            object.retain(|_, value| !value.is_null());
        }
        ids.insert(id);
        kept.push(value);
    }
    kept
}

/// An id for an annotation that has none: the same whenever the same is said of the same time, so that
/// a file that is read twice adds nothing, and two files replace nothing of each other's.
fn content_id(value: &Value) -> String {
    let time = |key| value.get(key).and_then(Value::as_f64).map(f64::to_bits);
    let text = |key| value.get(key).and_then(Value::as_str);
    let times = ["from_ms", "to_ms"].map(time);
    let texts = ["text", "feed", "panel"].map(text);
    let content = json!([times, texts]).to_string();
    // FNV-1a, since the hashes of the standard library may change with it.
    let hash = content.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3)
    });
    format!("annotation-{hash:016x}")
}

/// The windows beside the first one. A panel is in one of them at most; one without any is none.
fn popouts(list: Option<Value>, panels: &[Value], wrong: &mut Vec<Wrong>) -> Vec<Value> {
    let mut free: HashSet<&str> =
        panels.iter().filter_map(|panel| panel.get("id").and_then(Value::as_str)).collect();
    let mut ids = HashSet::new();
    let mut popouts = Vec::new();
    for (place, mut value) in items(list, "popouts", wrong) {
        value.get_mut("place").into_iter().for_each(no_list);
        let Some(mut popout) = mend::<Popout>(&mut value, &place, wrong) else { continue };
        popout.panels.retain(|panel| free.remove(panel.as_str()));
        // What became of its panels was said where they are, or they were removed by hand.
        if popout.panels.is_empty() || !ids.insert(popout.id.clone()) {
            continue;
        }
        if popouts.len() == POPOUTS_MAX {
            let why = said!(
                "board_popouts_max",
                "A board has {max} windows of its own at most.",
                max = POPOUTS_MAX
            );
            wrong.push(left_out(place, why));
            continue;
        }
        if let (Ok(Value::Object(known)), Value::Object(object)) =
            (serde_json::to_value(&popout), &mut value)
        {
            object.extend(known);
        }
        popouts.push(value);
    }
    popouts
}

/// What every panel has, of whatever kind.
#[derive(Deserialize)]
struct PanelHead {
    #[serde(default, deserialize_with = "format::id")]
    id: String,
    #[serde(default)]
    title: String,
    #[serde(default, rename = "time")]
    _time: Option<PanelTime>,
}

/// Makes a panel fit. False if nothing is left of it.
fn panel(
    value: &mut Value,
    place: &str,
    ids: &mut HashSet<String>,
    wrong: &mut Vec<Wrong>,
) -> bool {
    value.get_mut("time").into_iter().for_each(no_list);
    let Some(PanelHead { mut id, title, .. }) = mend(value, place, wrong) else { return false };
    if ids.contains(&id) {
        let why = said!("board_panel_id", "Another panel has the id “{id}”.", id = id.as_str());
        wrong.push(left_out(format!("{place}.id"), why));
        id.clear();
    }
    if id.is_empty() {
        id = (1..)
            .map(|number| format!("panel-{number}"))
            .find(|id| !ids.contains(id))
            .unwrap_or(id);
    }
    let fits = match value.get("kind").and_then(Value::as_str) {
        Some("time-series") => view::<TimeSeries>(value, place, wrong),
        Some("number") => view::<format::NumberView>(value, place, wrong),
        Some("gauge") => view::<format::GaugeView>(value, place, wrong),
        Some("table") => view::<format::TableView>(value, place, wrong),
        Some("xy") => view::<format::XyView>(value, place, wrong),
        Some("histogram") => view::<format::HistogramView>(value, place, wrong),
        Some("heat-map") => view::<format::HeatMapView>(value, place, wrong),
        Some("candles") => view::<format::CandlesView>(value, place, wrong),
        Some("states") => view::<format::StatesView>(value, place, wrong),
        Some("depth") => view::<format::DepthView>(value, place, wrong),
        Some("inspector") => view::<format::InspectorView>(value, place, wrong),
        Some("notes") => view::<format::NotesView>(value, place, wrong),
        kind => {
            let why = match kind {
                Some(kind) => {
                    said!("board_no_kind", "There are no panels of the kind “{kind}” here.", kind)
                }
                None => said!("board_kind_missing", "It does not say of which kind it is."),
            };
            wrong.push(Wrong { what: Kind::Unknown, place: format!("{place}.kind"), why });
            true
        }
    };
    if let (true, Value::Object(panel)) = (fits, value) {
        panel.insert("id".into(), id.as_str().into());
        panel.insert("title".into(), title.into());
        ids.insert(id);
    }
    fits
}

/// Makes what a panel is by its kind fit. False if nothing is left of it.
fn view<T: DeserializeOwned + Serialize>(
    value: &mut Value,
    place: &str,
    wrong: &mut Vec<Wrong>,
) -> bool {
    for list in ["traces", "marks"] {
        let items = value.get_mut(list).and_then(Value::as_array_mut);
        items.into_iter().flatten().for_each(no_list);
    }
    for key in ["x", "right"] {
        value.get_mut(key).into_iter().for_each(no_list);
    }
    let fits = mend::<T>(value, place, wrong);
    if let (Some(view), Value::Object(object)) = (&fits, &mut *value) {
        complete(view, object);
    }
    fits.is_some()
}

/// A list of an object's values would be taken for the object, and only here.
fn no_list(value: &mut Value) {
    if value.is_array() {
        *value = Value::Null;
    }
}

/// Puts in what stands for what is not said; of colours, one that the panel has left.
fn complete(view: &impl Serialize, object: &mut Map<String, Value>) {
    let Ok(Value::Object(whole)) = serde_json::to_value(view) else { return };
    for (key, value) in whole {
        object.entry(key).or_insert(value);
    }
    if let Some(Value::Object(x)) = object.get_mut("x") {
        x.entry("label").or_insert(Value::Null);
        x.entry("color").or_insert(0.into());
    }
    let Some(Value::Array(traces)) = object.get_mut("traces") else { return };
    let color = |trace: &Value| trace.get("color").and_then(Value::as_u64);
    let mut taken: HashSet<u64> = traces.iter().filter_map(color).collect();
    for trace in traces.iter_mut().filter_map(Value::as_object_mut) {
        trace.entry("label").or_insert(Value::Null);
        trace.entry("color").or_insert_with(|| {
            let free = (0..).find(|color| !taken.contains(color)).unwrap_or_default();
            taken.insert(free);
            free.into()
        });
    }
}

/// Wherever a feed is named in a panel, of whatever kind, it is by a key `feed`.
fn name_feeds(
    within: &Value,
    place: &str,
    seen: &mut HashSet<String>,
    named: &mut Vec<(String, String)>,
) {
    match within {
        Value::Object(object) => {
            for (key, value) in object {
                let place = format!("{place}.{key}");
                match value {
                    Value::String(id) if key == "feed" => {
                        let is_new = seen.len() < FEEDS_MAX * 2 && seen.insert(id.clone());
                        named.extend(is_new.then(|| (id.clone(), place)));
                    }
                    Value::Object(_) | Value::Array(_) => name_feeds(value, &place, seen, named),
                    _ => {}
                }
            }
        }
        Value::Array(items) => {
            for (number, item) in items.iter().enumerate() {
                name_feeds(item, &format!("{place}[{number}]"), seen, named);
            }
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::super::format::{Board, Unit, Zone};
    use super::*;
    use proptest::prelude::*;

    fn board() -> Value {
        let trace = |feed: &str, path: &str, color: u32| json!({ "feed": feed, "channel": "c", "path": path, "label": null, "color": color });
        json!({
            "feedscope": 2,
            "id": "markets",
            "name": "Markets",
            "time": { "span_ms": 60_000.0, "axis": "arrival", "zone": "utc", "later": [1] },
            "feeds": [
                { "id": "computer", "name": "This computer", "url": "builtin:computer" },
                { "id": "a", "name": "A", "url": "wss://a/", "headers": { "x": "${secret:x}" } },
                { "id": "k", "name": "Kraken", "profile": "kraken" },
            ],
            "panels": [
                { "id": "1", "title": "One", "kind": "time-series", "unit": "bytes",
                  "range": [0.0, 1.5], "log": false,
                  "right": { "unit": "percent", "range": null, "log": true, "of": 1 },
                  "traces": [trace("a", "p", 0), trace("k", "q", 1), trace("a", "r", 2)],
                  "marks": [{ "value": 2.5, "level": "warn", "label": "too much" }] },
                { "id": "2", "title": "", "kind": "of-tomorrow",
                  "needles": [{ "feed": "a", "at": 7 }, null, "x"] },
                { "id": "3", "title": "Three", "kind": "time-series", "unit": "none",
                  "range": null, "log": false,
                  "right": { "unit": "none", "range": null, "log": false },
                  "traces": [], "marks": [], "glow": { "by": 3 },
                  "time": { "span_ms": 5_000.0, "pace": 2 } },
                { "id": "4", "title": "Notes", "kind": "notes", "text": "# *hello*\n" },
                { "id": "5", "title": "", "kind": "xy", "x": trace("a", "p", 0), "unit": "none",
                  "style": "points", "range_x": [0.0, 1.0], "range": null,
                  "traces": [trace("k", "q", 1)] },
                { "id": "6", "title": "", "kind": "number", "unit": "none", "digits": 2,
                  "traces": [trace("k", "q", 0)], "marks": [] },
                { "id": "7", "title": "", "kind": "candles", "unit": "none", "interval_ms": 1_000.0,
                  "traces": [] },
                { "id": "8", "title": "", "kind": "inspector", "feed": "a" },
                { "id": "10", "title": "", "kind": "depth", "feed": "k", "channel": "book",
                  "key": null, "levels": 12, "range_percent": 0.5 },
                { "id": "9", "title": "", "kind": "histogram", "unit": "none", "bins": 7,
                  "log": true, "traces": [] },
            ],
            "layout": { "grid": { "root": 1 } },
            "popouts": [
                { "id": "w", "panels": ["2", "5"], "layout": { "grid": 7 },
                  "place": { "x": -5, "y": 7, "width": 640, "height": 480 }, "above": true },
            ],
            "alerts": [{ "above": 5 }],
            "annotations": [
                { "id": "n1", "from_ms": 1.7e12, "text": "restarted\nby hand", "color": 3 },
                { "id": "n2", "from_ms": -5.5, "to_ms": 1.7e12, "text": "", "color": 0,
                  "feed": "a", "panel": "1", "by": "somebody" },
            ],
        })
    }

    const KINDS: [&str; 12] = [
        "time-series",
        "number",
        "gauge",
        "table",
        "xy",
        "histogram",
        "heat-map",
        "candles",
        "states",
        "depth",
        "inspector",
        "notes",
    ];

    /// The kinds are those of the schema, and each can be as little as its name.
    #[test]
    fn every_kind_is_known() {
        let panels: Vec<Value> = KINDS.iter().map(|kind| json!({ "kind": kind })).collect();
        let fit = fit(json!({ "feedscope": 2, "panels": panels })).unwrap();
        assert_eq!(fit.wrong, []);
        assert!(
            serde_json::from_value::<Board>(Value::Object(
                fit.document.renamed("b", "B").json().clone()
            ))
            .is_ok()
        );
        let schema = format::schema()["$defs"]["Panel"]["oneOf"].as_array().unwrap();
        let named = |kind: &Value| kind["properties"]["kind"]["const"].as_str().unwrap().to_owned();
        assert_eq!(schema.iter().map(named).collect::<Vec<_>>(), KINDS);
    }

    #[test]
    fn nonsense_in_annotations_costs_only_itself() {
        let note = |id: &str, from_ms: Value| json!({ "id": id, "from_ms": from_ms });
        let fit = fit(json!({ "feedscope": 2,
            "panels": [{ "id": "1", "kind": "table", "time": { "span_ms": 0 } },
                       { "id": "2", "kind": "table", "time": [1] }],
            "annotations": [
                7,
                note("a", 1.into()),
                note("a", 2.into()),
                { "from_ms": 3, "to_ms": 3, "text": 9, "color": -1 },
                note("", 4.into()),
                note("b", json!(1e16)),
                note("c", json!("now")),
                { "id": "d", "from_ms": 5, "text": "x".repeat(2_001), "feed": null },
                { "id": "annotation-2", "from_ms": 6, "to_ms": 7, "text": "ok", "color": 1 },
            ],
        }))
        .unwrap();
        let places = places(&fit.wrong);
        assert!(places.iter().all(|(what, _)| *what == Kind::LeftOut));
        assert_eq!(
            places.iter().map(|(_, place)| *place).collect::<Vec<_>>(),
            [
                "panels[0].time.span_ms",
                "annotations[0]",
                "annotations[2].id",
                "annotations[3].color",
                "annotations[3].text",
                "annotations[3].to_ms",
                "annotations[4].id",
                "annotations[5].from_ms",
                "annotations[6].from_ms",
                "annotations[7].text",
            ]
        );
        let named = fit.document.renamed("b", "B");
        let board: Board = serde_json::from_value(named.json().clone().into()).unwrap();
        assert!(board.panels.iter().all(|panel| panel.time.is_none()));
        let found: Vec<_> =
            board.annotations.iter().map(|note| (note.id.as_str(), note.from_ms)).collect();
        assert_eq!(found.len(), 6, "{found:?}");
        assert_eq!((board.annotations[5].to_ms, &*board.annotations[5].text), (Some(7.0), "ok"));
        let ids: HashSet<_> = found.iter().map(|(id, _)| id).collect();
        assert_eq!(ids.len(), 6, "{found:?}");
    }

    #[test]
    fn there_is_room_for_thousands_of_annotations() {
        let note = |n: usize| json!({ "id": format!("{n}"), "from_ms": n });
        let many: Vec<_> = (0..ANNOTATIONS_MAX + 2).map(note).collect();
        let fit = fit(json!({ "feedscope": 2, "annotations": many })).unwrap();
        assert_eq!(fit.wrong.len(), 2);
        assert_eq!(json_of(&fit)["annotations"].as_array().unwrap().len(), ANNOTATIONS_MAX);
    }

    #[test]
    fn a_panel_is_in_one_window_and_a_window_has_panels() {
        let panels: Vec<Value> =
            ["a", "b", "c"].iter().map(|id| json!({ "id": id, "kind": "notes" })).collect();
        let fit = fit(json!({ "feedscope": 2, "panels": panels, "popouts": [
            { "id": "one", "panels": ["a", "gone", "b", "a"], "place": [1, 2, 3, 4] },
            { "id": "two", "panels": ["b", "c"], "place": { "x": 0.5 } },
            { "id": "three", "panels": ["a"] },
            { "id": "one", "panels": ["c"] },
            { "panels": ["c"] },
            7,
        ]}))
        .unwrap();
        let popouts = fit.document.popouts();
        let found: Vec<_> =
            popouts.iter().map(|one| (one.id.as_str(), one.panels.join(" "), one.place)).collect();
        assert_eq!(found, [("one", "a b".into(), None), ("two", "c".into(), None)]);
        let places = places(&fit.wrong).into_iter().map(|(_, place)| place).collect::<Vec<_>>();
        assert!(places.contains(&"popouts[1].place.x"), "{places:?}");
        assert!(places.contains(&"popouts[5]"), "{places:?}");

        let windows: Vec<Value> = (0..POPOUTS_MAX + 1)
            .map(|n| json!({ "id": n.to_string(), "panels": [n.to_string()] }))
            .collect();
        let panels: Vec<Value> =
            (0..POPOUTS_MAX + 1).map(|n| json!({ "id": n.to_string(), "kind": "notes" })).collect();
        let fit =
            super::fit(json!({ "feedscope": 2, "panels": panels, "popouts": windows })).unwrap();
        assert_eq!(fit.document.popouts().len(), POPOUTS_MAX);
        assert_eq!(fit.wrong.len(), 1);
    }

    #[test]
    fn nonsense_in_a_view_costs_only_itself() {
        let fit = fit(json!({ "feedscope": 2, "panels": [
            { "kind": "number", "digits": 99, "marks": [{ "level": "bad" }, { "value": 1.0 }] },
            { "kind": "histogram", "bins": 0 },
            { "kind": "candles", "interval_ms": -1.0 },
            { "kind": "xy", "x": [1, 2], "range_x": [2.0, 1.0] },
            { "kind": "notes", "text": 7 },
            { "kind": "heat-map", "by": "magic" },
        ]}))
        .unwrap();
        let places = places(&fit.wrong);
        assert_eq!(
            places.iter().map(|(_, place)| *place).collect::<Vec<_>>(),
            [
                "panels[0].digits",
                "panels[0].marks[0]",
                "panels[1].bins",
                "panels[2].interval_ms",
                "panels[3].range_x",
                "panels[4].text",
                "panels[5].by",
            ]
        );
        assert_eq!(fit.document.json()["panels"][0]["marks"][0]["value"], 1.0);
    }

    fn places(wrong: &[Wrong]) -> Vec<(Kind, &str)> {
        wrong.iter().map(|wrong| (wrong.what, wrong.place.as_str())).collect()
    }

    fn json_of(fit: &Fit) -> Value {
        Value::Object(fit.document.json().clone())
    }

    #[test]
    fn a_board_is_read_as_it_is_with_all_that_is_not_known() {
        let fit = fit(board()).unwrap();
        assert_eq!(json_of(&fit), board());
        assert_eq!(places(&fit.wrong), [(Kind::Unknown, "panels[1].kind")]);
        assert!(!fit.is_old && !fit.is_lossy());
        assert_eq!((fit.document.id(), fit.document.name()), ("markets", "Markets"));
        assert_eq!(fit.document.feeds()[2].profile.as_deref(), Some("kraken"));
    }

    #[test]
    fn what_is_not_said_is_there_all_the_same() {
        let fit = fit(json!({ "feedscope": 2, "panels": [
            { "kind": "time-series", "traces": [
                { "feed": "computer", "channel": "cpu", "path": "a" },
                { "feed": "computer", "channel": "cpu", "path": "b", "color": 0 },
                { "feed": "computer", "channel": "cpu", "path": "c" },
            ] },
            { "kind": "time-series" },
        ]}))
        .unwrap();
        assert_eq!(fit.wrong, []);
        let named = fit.document.renamed("b", "B");
        let board: Board = serde_json::from_value(named.json().clone().into()).unwrap();
        assert_eq!((board.time.span_ms, board.time.zone), (60_000.0, Zone::Local));
        assert_eq!(board.feeds[0].url.as_deref(), Some(COMPUTER_URL));
        let ids: Vec<_> = board.panels.iter().map(|panel| panel.id.as_str()).collect();
        assert_eq!(ids, ["panel-1", "panel-2"]);
        let format::PanelView::TimeSeries(panel) = &board.panels[0].view else { panic!() };
        assert_eq!(panel.unit, Unit::None);
        let colors: Vec<_> = panel.traces.iter().map(|trace| trace.color).collect();
        assert_eq!(colors, [1, 0, 2], "each its own");
    }

    #[test]
    fn the_boards_of_version_1_become_those_of_today() {
        for (text, span_ms, feeds, panels) in [
            (include_str!("../../tests/boards/v1-computer.feedscope.json"), 300_000.0, 2, 2),
            (include_str!("../../tests/boards/v1-bench.feedscope.json"), 60_000.0, 2, 1),
        ] {
            let fit = read(text.as_bytes()).unwrap();
            assert_eq!(fit.wrong, [], "nothing of it is lost");
            assert!(fit.is_old);
            let old: Value = serde_json::from_str(text).unwrap();
            let named = fit.document.renamed("b", fit.document.name());
            let board: Board = serde_json::from_value(named.json().clone().into()).unwrap();
            assert_eq!(board.feedscope, VERSION);
            assert_eq!(board.name, old["name"]);
            assert_eq!(board.time.span_ms, span_ms);
            assert_eq!((board.feeds.len(), board.panels.len()), (feeds, panels));
            assert_eq!(board.layout, old["layout"]);
            for (panel, old) in board.panels.iter().zip(old["panels"].as_array().unwrap()) {
                let mut panel = serde_json::to_value(panel).unwrap();
                let panel = panel.as_object_mut().unwrap();
                assert_eq!(panel["kind"], "time-series");
                panel.retain(|key, _| old.get(key).is_some());
                assert_eq!(Some(&*panel), old.as_object());
            }
            let again = self::fit(named.json().clone().into()).unwrap();
            assert!(!again.is_old);
            assert_eq!(again.document, named);
        }
    }

    #[test]
    fn a_newer_version_shows_what_is_known_of_it() {
        let mut newer = board();
        newer["feedscope"] = 7.into();
        let fit = fit(newer).unwrap();
        assert_eq!(fit.wrong[0].what, Kind::Newer);
        assert!(fit.is_lossy(), "it must not be written over without a copy");
        assert_eq!(json_of(&fit), board());
    }

    #[test]
    fn what_is_wrong_costs_only_itself_and_is_named() {
        let mut wrong = board();
        wrong["name"] = 7.into();
        wrong["time"]["span_ms"] = (-1).into();
        wrong["feeds"][1]["url"] = Value::Null;
        wrong["feeds"][2] = json!([]);
        wrong["panels"][0]["traces"][1] = json!(["a", "c", "q"]);
        wrong["panels"][2]["id"] = "1".into();
        wrong["panels"].as_array_mut().unwrap().insert(1, json!(["id", "title"]));
        let fit = fit(wrong).unwrap();
        assert_eq!(
            places(&fit.wrong),
            [
                (Kind::LeftOut, "feeds[1]"),
                (Kind::LeftOut, "feeds[2]"),
                (Kind::LeftOut, "panels[0].traces[1]"),
                (Kind::LeftOut, "panels[1]"),
                (Kind::Unknown, "panels[2].kind"),
                (Kind::LeftOut, "panels[3].id"),
                (Kind::LeftOut, "name"),
                (Kind::LeftOut, "time.span_ms"),
                (Kind::Missing, "panels[0].traces[0].feed"),
                (Kind::Missing, "panels[5].traces[0].feed"),
            ]
        );
        assert!(fit.is_lossy());
        let found = json_of(&fit);
        assert_eq!(found["time"]["axis"], "arrival");
        assert_eq!(found["panels"].as_array().unwrap().len(), 10);
        assert_eq!(found["panels"][0]["traces"].as_array().unwrap().len(), 2);
        assert_ne!(found["panels"][2]["id"], "1");
        assert_eq!(found["alerts"], board()["alerts"]);
    }

    #[test]
    fn there_is_room_for_hundreds_of_panels_and_not_for_thousands() {
        let panel = |number| json!({ "id": format!("{number}"), "kind": "time-series" });
        let many = |count: usize| {
            fit(json!({ "feedscope": 2, "panels": (0..count).map(panel).collect::<Vec<_>>() }))
                .unwrap()
        };
        assert_eq!(many(PANELS_MAX).wrong, []);
        let too_many = many(PANELS_MAX * 10);
        assert_eq!(json_of(&too_many)["panels"].as_array().unwrap().len(), PANELS_MAX);
        assert_eq!(too_many.wrong.len(), PANELS_MAX * 9);
        let said = super::super::troubles::wrong("b", &too_many.wrong);
        assert!(said.len() < 10, "{}", said.len());
        assert!(said.iter().all(|trouble| trouble.what.len() < 200 && !trouble.advice.is_empty()));
    }

    /// Any JSON, most of it of the kinds that boards have.
    fn anything() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            any::<f64>().prop_map(Value::from),
            (0..4_u32).prop_map(Value::from),
            "[a-z]{0,4}".prop_map(Value::from),
            prop::sample::select(vec!["time-series", "1", "a", "id", "bytes", "\u{0}"])
                .prop_map(Value::from),
        ];
        leaf.prop_recursive(3, 12, 3, |inner| {
            let key = prop::sample::select(vec!["id", "kind", "feed", "traces", "url", "x"]);
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..3).prop_map(Value::from),
                prop::collection::btree_map(key, inner, 0..3).prop_map(|map| {
                    Value::Object(map.into_iter().map(|(k, v)| (k.to_owned(), v)).collect())
                }),
            ]
        })
    }

    #[derive(Clone, Debug)]
    enum Mutation {
        Replace(Value),
        Remove,
        Double,
        Rename(String),
    }

    fn mutation() -> impl Strategy<Value = (prop::sample::Index, Mutation)> {
        let what = prop_oneof![
            anything().prop_map(Mutation::Replace),
            Just(Mutation::Remove),
            Just(Mutation::Double),
            "[a-z]{1,3}".prop_map(Mutation::Rename),
        ];
        (any::<prop::sample::Index>(), what)
    }

    /// The pointers to all values in a value.
    fn pointers(value: &Value, at: &str, found: &mut Vec<String>) {
        found.push(at.to_owned());
        match value {
            Value::Object(object) => {
                object
                    .iter()
                    .for_each(|(key, value)| pointers(value, &format!("{at}/{key}"), found));
            }
            Value::Array(items) => {
                let items = items.iter().enumerate();
                items.for_each(|(n, item)| pointers(item, &format!("{at}/{n}"), found));
            }
            _ => {}
        }
    }

    fn mutate(value: &mut Value, at: &prop::sample::Index, mutation: Mutation) {
        let mut all = Vec::new();
        pointers(value, "", &mut all);
        let at = at.get(&all);
        let Some((parent, last)) = at.rsplit_once('/') else {
            if let Mutation::Replace(new) = mutation {
                *value = new;
            }
            return;
        };
        match (value.pointer_mut(parent), mutation) {
            (Some(Value::Object(object)), Mutation::Replace(new)) => {
                object.insert(last.into(), new);
            }
            (Some(Value::Object(object)), Mutation::Remove) => {
                object.remove(last);
            }
            (Some(Value::Object(object)), Mutation::Rename(name)) => {
                if let Some(moved) = object.remove(last) {
                    object.insert(name, moved);
                }
            }
            (Some(Value::Array(items)), mutation) => {
                let Ok(n) = last.parse::<usize>() else { return };
                match mutation {
                    Mutation::Replace(new) => items[n] = new,
                    Mutation::Remove => drop(items.remove(n)),
                    Mutation::Double => items.insert(n, items[n].clone()),
                    Mutation::Rename(_) => items.reverse(),
                }
            }
            _ => {}
        }
    }

    fn without_id(panel: &Value) -> Value {
        let mut panel = panel.clone();
        if let Value::Object(panel) = &mut panel {
            panel.remove("id");
        }
        panel
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 2_000, ..ProptestConfig::default() })]

        #[test]
        fn any_mutation_of_a_board_keeps_the_panels_that_are_intact(
            mutations in prop::collection::vec(mutation(), 1..6),
        ) {
            let whole = board();
            let mut mutated = whole.clone();
            for (at, what) in mutations {
                mutate(&mut mutated, &at, what);
            }
            let panels = mutated.get("panels").and_then(Value::as_array).cloned();
            let intact: Vec<Value> = panels
                .iter()
                .flatten()
                .filter(|panel| whole["panels"].as_array().unwrap().contains(panel))
                .map(without_id)
                .collect();
            let text = serde_json::to_vec(&mutated).unwrap();
            let Ok(fit) = read(&text) else {
                prop_assert!(intact.is_empty(), "{mutated}");
                return Ok(());
            };
            let mut found: Vec<Value> =
                json_of(&fit)["panels"].as_array().unwrap().iter().map(without_id).collect();
            for panel in intact {
                let at = found.iter().position(|found| *found == panel);
                prop_assert!(at.is_some(), "{panel} is lost of {mutated}");
                found.remove(at.unwrap());
            }
            // What was said once is mended: reading what would be written finds nothing more.
            let named = fit.document.renamed("b", "B");
            let again = self::fit(named.json().clone().into()).unwrap();
            prop_assert!(!again.is_lossy() && !again.is_old, "{:?}", again.wrong);
            prop_assert_eq!(&again.document, &named);
            let ids: HashSet<_> = named.json()["panels"].as_array().unwrap().iter()
                .map(|panel| panel["id"].as_str().unwrap()).collect();
            prop_assert_eq!(ids.len(), named.json()["panels"].as_array().unwrap().len());
            // What is known of it is of the types that are told to the window.
            let mut known = Value::Object(named.json().clone());
            known["panels"].as_array_mut().unwrap().retain(|panel| {
                KINDS.iter().any(|kind| panel["kind"] == *kind)
            });
            prop_assert!(serde_json::from_value::<Board>(known).is_ok());
        }

        #[test]
        fn any_bytes_are_read_without_harm(
            at in any::<prop::sample::Index>(), byte in any::<u8>(), cut in any::<bool>(),
        ) {
            let mut text = serde_json::to_vec(&board()).unwrap();
            let at = at.index(text.len());
            if cut {
                text.truncate(at);
            } else {
                text[at] = byte;
            }
            if let Ok(fit) = read(&text) {
                prop_assert!(fit.document.json().contains_key("panels"));
            }
        }
    }
}
