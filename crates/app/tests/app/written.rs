//! What is made from the types of the code: the JSON Schemas in `docs`, and the window's TypeScript
//! types in `ui/src/generated`.
//!
//! With `FEEDSCOPE_WRITE=1` in the environment, the tests write what they otherwise compare.

use feedscope_app::boards::format;
use feedscope_app::{alerts_schema, api, spread, view};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use ts_rs::{Config, TS};

const HOW: &str = "FEEDSCOPE_WRITE=1 cargo test -p feedscope-app --test app written";

fn writes() -> bool {
    std::env::var_os("FEEDSCOPE_WRITE").is_some()
}

fn place(path: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../..").join(path)
}

#[test]
fn the_schema_of_boards_is_up_to_date() {
    compare("docs/board.schema.json", format::schema());
}

#[test]
fn the_schema_of_alerts_is_up_to_date() {
    compare("docs/alerts.schema.json", &alerts_schema());
}

fn compare(file: &str, schema: &Value) {
    let path = place(file);
    if writes() {
        let text = serde_json::to_string_pretty(&sorted(schema)).unwrap() + "\n";
        fs::write(&path, text).unwrap();
    }
    let written = fs::read_to_string(&path).unwrap_or_default();
    let written: Value = serde_json::from_str(&written).unwrap_or_default();
    assert_eq!(&written, schema, "{file} is not up to date; write it with `{HOW}`");
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

#[test]
fn the_windows_types_are_up_to_date() {
    let folder = place("ui/src/generated");
    let made = made();
    if writes() {
        let gone = read(&folder).into_keys().filter(|name| !made.contains_key(name));
        gone.for_each(|name| fs::remove_file(folder.join(name)).unwrap());
        fs::create_dir_all(&folder).unwrap();
        made.iter().for_each(|(name, text)| fs::write(folder.join(name), text).unwrap());
    }
    let found = read(&folder);
    let names: BTreeSet<_> = made.keys().chain(found.keys()).collect();
    for name in names {
        assert_eq!(
            found.get(name),
            made.get(name),
            "ui/src/generated/{name} is not up to date; write it with `{HOW}`"
        );
    }
}

/// The text of each file, by its name.
fn made() -> BTreeMap<String, String> {
    let folder = tempfile::tempdir().unwrap();
    // Counts are far from 2^53, beyond which JavaScript's numbers are not exact.
    let config = Config::new().with_out_dir(folder.path()).with_large_int("number");
    // With these come all that they are made of.
    for export in [
        api::Start::export_all,
        api::Update::export_all,
        api::Watch::export_all,
        api::DerivedPreview::export_all,
        api::Together::export_all,
        api::Picture::export_all,
        api::BoardList::export_all,
        api::BoardChange::export_all,
        api::BoardChanged::export_all,
        api::BoardLook::export_all,
        api::BoardImport::export_all,
        api::Exported::export_all,
        api::AnnotationsFormat::export_all,
        api::AnnotationsRead::export_all,
        api::Proposal::export_all,
        api::Template::export_all,
        api::Span::export_all,
        api::Statistics::export_all,
        api::ProfileCard::export_all,
        api::DraftChecked::export_all,
        api::Subscribed::export_all,
        api::ProbeLook::export_all,
        api::GapsAsked::export_all,
        api::GapList::export_all,
        api::Freshness::export_all,
        api::HealthAsked::export_all,
        api::Health::export_all,
        api::Mistake::export_all,
        api::DepthAsked::export_all,
        api::Depth::export_all,
        api::Histogram::export_all,
        api::Distribution::export_all,
        api::Heat::export_all,
        api::Pairs::export_all,
        spread::HeatFacts::export_all,
        spread::PairsFacts::export_all,
        api::Inspected::export_all,
        api::PageAsked::export_all,
        api::InspectPage::export_all,
        api::InspectMessage::export_all,
        api::CodeAsked::export_all,
        api::SendAsked::export_all,
        api::SendResult::export_all,
        api::JsonFault::export_all,
        api::Alerts::export_all,
        api::AlertEvent::export_all,
        api::AlertLogSpan::export_all,
        api::AlertRehearsal::export_all,
        view::Facts::export_all,
    ] {
        export(&config).unwrap();
    }
    let made = read(folder.path());
    assert!(!made.is_empty());
    made
}

fn read(folder: &Path) -> BTreeMap<String, String> {
    let Ok(entries) = fs::read_dir(folder) else { return BTreeMap::new() };
    let paths = entries.map(|entry| entry.unwrap().path());
    let types = paths.filter(|path| path.extension().is_some_and(|extension| extension == "ts"));
    let file = |path: PathBuf| {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        // Git may have written the line ends of its system.
        (name, fs::read_to_string(&path).unwrap().replace("\r\n", "\n"))
    };
    types.map(file).collect()
}
