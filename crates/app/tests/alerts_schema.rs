//! The JSON Schema of the alerts' file is made from the types.
//!
//! With `FEEDSCOPE_WRITE=1` in the environment, the test writes what it otherwise compares.

// Helpers of tests fail as tests do.
#![allow(clippy::expect_used, clippy::unwrap_used)]

use serde_json::Value;
use std::path::PathBuf;

const HOW: &str = "FEEDSCOPE_WRITE=1 cargo test -p feedscope-app --test alerts_schema";

#[test]
fn the_schema_is_that_of_the_types() {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../docs/alerts.schema.json");
    let schema = feedscope_app::alerts_schema();
    if std::env::var_os("FEEDSCOPE_WRITE").is_some() {
        let text = serde_json::to_string_pretty(&sorted(&schema)).unwrap() + "\n";
        std::fs::write(&path, text).unwrap();
    }
    let written = std::fs::read_to_string(&path).unwrap_or_default();
    let written: Value = serde_json::from_str(&written).unwrap_or_default();
    assert_eq!(written, schema, "docs/alerts.schema.json is not up to date; write it with `{HOW}`");
}

/// With all keys in the order of the alphabet, whatever this build of `serde_json` does.
fn sorted(value: &Value) -> Value {
    match value {
        Value::Object(object) => {
            let mut entries: Vec<_> = object.iter().collect();
            entries.sort_by_key(|(key, _)| *key);
            entries.into_iter().map(|(key, value)| (key.clone(), sorted(value))).collect()
        }
        Value::Array(items) => items.iter().map(sorted).collect(),
        other => other.clone(),
    }
}
