//! Real traffic, served and watched: nothing is said to be missing that is not, and what is taken
//! away on the way is found exactly.

use crate::support::{Ran, Served, real_capture, received, run};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use tempfile::TempDir;

/// Each, with the profile that is for it.
const CAPTURES: [(&str, &str); 9] = [
    ("binance-futures", "binance-futures"),
    ("binance-spot-depth", "binance-spot"),
    ("binance-us", "binance-spot"),
    ("bitfinex-seqall", "bitfinex"),
    ("bitstamp", "bitstamp"),
    ("coinbase-level2-ticker", "coinbase-exchange"),
    ("htx-gzip", "htx"),
    ("kraken-futures", "kraken-futures"),
    ("okx", "okx"),
];

/// For the feed that has no profile of its own any longer.
const DYDX: &str = r#"
name = "dYdX"
[connection]
url = "ws://localhost"
[decode]
channel = "channel"
key = "id"
[[decode.rules]]
when = { path = "type", equals = "connected" }
kind = "acknowledgement"
[[sequence]]
rule = "increment"
number = "message_id"
"#;

/// A bundled profile for a capture, which has had its opening, and answers no requests. Gaps are
/// told when they are certain, however slow this machine is.
fn profile(id: &str) -> String {
    let text = match id {
        "dydx" => DYDX.to_owned(),
        _ => run(&["profile", "show", id]).succeeded().out(),
    };
    let mut is_left_out = false;
    let mut lines = Vec::new();
    for line in text.lines() {
        if line.starts_with('[') {
            is_left_out = line == "[[opening]]" || line == "[sequence.on_gap]";
        }
        if !is_left_out {
            lines.push(line.to_owned());
        }
        if line.starts_with("rule = ") {
            lines.push("wait_max = \"5m\"".to_owned());
        }
    }
    lines.join("\n")
}

/// Watches what is served as the profile says.
fn watch(id: &str, served: &Served) -> Ran {
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("feed.toml");
    std::fs::write(&file, profile(id)).unwrap();
    let file = file.to_str().unwrap();
    run(&["watch", file, "--url", &served.url, "--json", "--until-close"]).succeeded()
}

#[test]
fn every_capture_is_whole_and_every_record_has_its_channel_and_time() {
    for (name, id) in CAPTURES.into_iter().chain([("dydx-out-of-order", "dydx")]) {
        let Some(capture) = real_capture(name) else { return };
        let messages = received(&capture).len();
        let served = Served::start(&capture, &["--speed", "max", "--sessions", "1"]);
        let ran = watch(id, &served);
        let ledger = ran.ledger();
        assert_eq!(ledger["received"], messages, "{name}: {ledger}");
        for fate in ["duplicate", "late", "undecodable", "held", "overflow"] {
            assert_eq!(ledger[fate], 0, "{name}: {fate}");
        }
        assert_eq!(ran.lines("gap"), [Value::Null; 0], "{name}: no false gap");
        let records = ran.lines("record");
        assert_eq!(ledger["delivered"], records.len(), "{name}");
        assert!(records.len() > messages / 2, "{name}: {ledger}");
        for record in records {
            let channel = record["channel"].as_str().unwrap_or_default();
            assert!(!channel.is_empty() && channel != "messages", "{name}: {record}");
            let time = record["arrival_time"].as_str().unwrap();
            assert!(chrono::DateTime::parse_from_rfc3339(time).is_ok(), "{name}: {record}");
        }
        assert_eq!(served.summary()["messages"], messages, "{name}");
    }
}

/// What has a sequence of its own, and the first and last number that a message stands for; by
/// what is in the message, not by how the engine reads it.
type Numbered = fn(&Value) -> Option<(String, u64, u64)>;

fn kraken(message: &Value) -> Option<(String, u64, u64)> {
    let feed = message["feed"].as_str().filter(|feed| matches!(*feed, "book" | "trade"))?;
    let number = message["seq"].as_u64()?;
    Some((format!("{feed} {}", message["product_id"].as_str()?), number, number))
}

fn bitfinex(message: &Value) -> Option<(String, u64, u64)> {
    let number = message.as_array()?.last()?.as_u64()?;
    Some((String::new(), number, number))
}

fn dydx(message: &Value) -> Option<(String, u64, u64)> {
    let number = message["message_id"].as_u64().filter(|_| message["type"] != "connected")?;
    Some((String::new(), number, number))
}

fn binance(message: &Value) -> Option<(String, u64, u64)> {
    let data = message.get("data").unwrap_or(message);
    let (first, last) = (data["U"].as_u64()?, data["u"].as_u64()?);
    Some((format!("depthUpdate {}", data["s"].as_str()?), first, last))
}

fn scope(line: &Value) -> String {
    match (line["channel"].as_str(), line["key"].as_str()) {
        (Some(channel), Some(key)) => format!("{channel} {key}"),
        _ => String::new(),
    }
}

fn assert_faults_are_found(name: &str, id: &str, numbered: Numbered) {
    let Some(capture) = real_capture(name) else { return };
    let messages = received(&capture);
    let numbers: Vec<_> =
        messages.iter().map(|(_, text)| numbered(&serde_json::from_str(text).unwrap())).collect();
    for seed in ["1", "2", "3"] {
        let faults = "drop=0.02,duplicate=0.02,reorder=5,after=300";
        let args = ["--speed", "max", "--sessions", "1", "--faults", faults, "--seed", seed];
        let served = Served::start(&capture, &args);
        let ran = watch(id, &served);
        let made = served.summary()["sessions"][0]["faults"].take();
        let of = |name: &str| -> Vec<_> {
            let messages = made[name].as_array().unwrap().iter();
            messages.filter_map(|at| numbers[at.as_u64().unwrap() as usize].clone()).collect()
        };
        let dropped: BTreeSet<_> = of("dropped").into_iter().collect();
        assert!(dropped.len() > 10 && !made["displaced"].as_array().unwrap().is_empty());
        // What came, from the lowest to the highest number of what has a sequence of its own:
        // outside of that, nothing can tell that something is missing.
        let mut spans: BTreeMap<&str, (u64, u64)> = BTreeMap::new();
        for number in numbers.iter().flatten().filter(|number| !dropped.contains(*number)) {
            let (scope, first, last) = number;
            let span = spans.entry(scope).or_insert((*first, *last));
            *span = (span.0.min(*first), span.1.max(*last));
        }
        let missing: BTreeSet<(String, u64)> = dropped
            .iter()
            .filter(|(scope, first, last)| {
                spans.get(scope.as_str()).is_some_and(|span| span.0 < *first && *last < span.1)
            })
            .flat_map(|(scope, first, last)| (*first..=*last).map(|n| (scope.clone(), n)))
            .collect();
        let mut declared = BTreeSet::new();
        for gap in ran.lines("gap") {
            assert_eq!(gap["cause"], "missing", "{name}, seed {seed}: {gap}");
            let (first, last) = (gap["missing"][0].as_u64(), gap["missing"][1].as_u64());
            for number in first.unwrap()..=last.unwrap() {
                assert!(declared.insert((scope(&gap), number)), "{name}: {gap} twice");
            }
            assert!(gap["start"].as_str() <= gap["end"].as_str(), "{name}: {gap}");
        }
        assert_eq!(declared, missing, "{name}, seed {seed}");
        let ledger = ran.ledger();
        assert_eq!(ledger["duplicate"], of("duplicated").len(), "{name}, seed {seed}");
        assert_eq!((&ledger["late"], &ledger["held"]), (&0.into(), &0.into()), "{name}");
        // All that can be put in order is.
        let mut newest: BTreeMap<String, u64> = BTreeMap::new();
        let is_one = spans.keys().any(|scope| scope.is_empty());
        for record in ran.lines("record") {
            let Some(number) = record["sequence"].as_u64() else { continue };
            let scope = if is_one { String::new() } else { scope(&record) };
            let before = newest.insert(scope, number);
            assert!(before.is_none_or(|before| before < number), "{name}, seed {seed}: {record}");
        }
        assert_eq!(newest.len(), spans.len(), "{name}");
    }
}

/// A gap that only a snapshot would end, which a capture does not send.
#[test]
fn gaps_that_last_are_told_at_the_end() {
    let Some(capture) = real_capture("kraken-futures") else { return };
    let faults = "drop=0.02,after=300";
    let args = ["--speed", "max", "--sessions", "1", "--faults", faults];
    let served = Served::start(&capture, &args);
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("feed.toml");
    let on_gap = "[sequence.on_gap]\naction = \"resync\"\nsend = [\"again\"]\n";
    std::fs::write(&file, format!("{}\n{on_gap}", profile("kraken-futures"))).unwrap();
    let file = file.to_str().unwrap();
    let ran = run(&["watch", file, "--url", &served.url, "--json", "--until-close"]).succeeded();
    let gaps = ran.lines("gap");
    assert!(!gaps.is_empty());
    for gap in &gaps {
        assert!(gap["end"].is_null() && gap["key"].is_string(), "{gap}");
    }
    let missing: u64 = gaps.iter().map(|gap| gap["missing_count"].as_u64().unwrap()).sum();
    let totals = &ran.lines("totals")[0];
    assert_eq!((&totals["missing"], &totals["gaps"]), (&missing.into(), &gaps.len().into()));
}

#[test]
fn faults_in_kraken_futures_are_found_exactly() {
    assert_faults_are_found("kraken-futures", "kraken-futures", kraken);
}

#[test]
fn faults_in_bitfinex_are_found_exactly() {
    assert_faults_are_found("bitfinex-seqall", "bitfinex", bitfinex);
}

#[test]
fn faults_in_dydx_are_found_exactly() {
    assert_faults_are_found("dydx-out-of-order", "dydx", dydx);
}

#[test]
fn faults_in_binance_spot_are_found_exactly() {
    assert_faults_are_found("binance-spot-depth", "binance-spot", binance);
}
