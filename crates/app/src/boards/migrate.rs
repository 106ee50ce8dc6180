//! Boards of earlier versions of the format, made into those of today.

use serde_json::{Map, Value, json};

/// Version 1 had one kind of panel, which needed no name, and of the time only its span. What is
/// of version 2 already stays as it is.
pub(crate) fn from_1(board: &mut Map<String, Value>) {
    if let Some(span_ms) = board.remove("span_ms") {
        let time = board.entry("time").or_insert_with(|| json!({}));
        if let Value::Object(time) = time {
            time.entry("span_ms").or_insert(span_ms);
        }
    }
    if let Some(Value::Array(panels)) = board.get_mut("panels") {
        for panel in panels.iter_mut().filter_map(Value::as_object_mut) {
            panel.entry("kind").or_insert_with(|| "time-series".into());
        }
    }
}
