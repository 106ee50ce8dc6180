//! The window's TypeScript types in `ui/src/generated` are made from the Rust ones.
//!
//! With `FEEDSCOPE_WRITE=1` in the environment, the test writes what it otherwise compares.

// Helpers of tests fail as tests do.
#![allow(clippy::expect_used, clippy::unwrap_used)]

use feedscope_app::{api, spread, view};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use ts_rs::{Config, TS};

const HOW: &str = "FEEDSCOPE_WRITE=1 cargo test -p feedscope-app --test ui_types";

#[test]
fn the_windows_types_are_those_of_the_code() {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../ui/src/generated");
    let made = made();
    if std::env::var_os("FEEDSCOPE_WRITE").is_some() {
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
