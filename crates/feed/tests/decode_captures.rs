//! Real traffic, decoded and put in order: every record is there, nothing is said to be missing
//! that is not, and what is taken away is found exactly.
//!
//! The captures are kept beside the repository. Where they are not, these tests say so, and pass.

use feedscope_feed::decode::Decoder;
use feedscope_feed::profile::{
    Condition, Decode, Kind, Path, Rule, Scope, Sequence, SequenceRule, TimeUnit,
};
use feedscope_feed::sequence::{ScopeId, Sequencer, Step};
use feedscope_feed::{ChannelId, Fate, Ledger, Time};
use flate2::read::GzDecoder;
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fs::File;
use std::io::{BufRead, BufReader};
use std::time::{Duration, Instant};

/// What was received, with the seconds since the Unix epoch.
type Capture = Vec<(f64, String)>;

fn capture(name: &str) -> Option<Capture> {
    let file = std::path::Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../../shared/captures")
        .join(format!("{name}.jsonl.gz"));
    let Ok(file) = File::open(&file) else {
        println!("Not tested: there is no capture {name}, beside the repository.");
        return None;
    };
    let lines = BufReader::new(GzDecoder::new(file)).lines();
    let frames =
        lines.map(|line| serde_json::from_str::<serde_json::Value>(&line.unwrap()).unwrap());
    let received = frames.filter(|frame| frame["dir"] == "recv");
    let received = received
        .map(|frame| (frame["t"].as_f64().unwrap(), frame["text"].as_str().unwrap().into()));
    Some(received.collect())
}

fn path(path: &str) -> Path {
    path.parse().unwrap()
}

fn rule(at: &str, equals: Option<&str>, kind: Kind, channel: Option<&str>) -> Rule {
    let when = Condition { path: path(at), equals: equals.map(str::to_owned) };
    Rule { when, kind, channel: channel.map(str::to_owned) }
}

fn increment(scope: Scope) -> Sequence {
    Sequence { rule: SequenceRule::Increment, scope, ..Sequence::default() }
}

fn kraken_futures() -> (Decode, Sequence) {
    let decode = Decode {
        channel: vec![path("feed")],
        key: Some(path("product_id")),
        sequence: Some(path("seq")),
        time: Some((path("timestamp"), TimeUnit::Millis)),
        rules: vec![
            rule("event", None, Kind::Control, None),
            rule("feed", Some("book_snapshot"), Kind::Snapshot, Some("book")),
            rule("feed", Some("trade_snapshot"), Kind::Snapshot, Some("trade")),
        ],
    };
    (decode, increment(Scope::Key))
}

fn bitfinex() -> (Decode, Sequence) {
    let decode = Decode {
        channel: vec![path("[0]")],
        sequence: Some(path("[-1]")),
        rules: vec![
            rule("event", None, Kind::Control, None),
            rule("[1]", Some("hb"), Kind::Control, None),
        ],
        ..Decode::default()
    };
    (decode, increment(Scope::Connection))
}

fn dydx() -> (Decode, Sequence) {
    let decode = Decode {
        channel: vec![path("channel")],
        key: Some(path("id")),
        sequence: Some(path("message_id")),
        rules: vec![rule("type", Some("connected"), Kind::Control, None)],
        ..Decode::default()
    };
    (decode, increment(Scope::Connection))
}

/// A message, by its scope and number.
type Numbered = (ScopeId, u64);

/// What came of a capture.
#[derive(Debug, Default)]
struct Outcome {
    ledger: Ledger,
    /// The numbers that were delivered, as they were, without those of snapshots.
    delivered: BTreeMap<ScopeId, Vec<u64>>,
    late: Vec<Numbered>,
    missing: Vec<Numbered>,
    unnumbered: u64,
    snapshots: u64,
    fields: u64,
    channels: BTreeSet<String>,
}

#[derive(Clone, Copy)]
struct Item {
    kind: Kind,
    sequence: Option<u64>,
}

/// Plays a capture through decoder and sequencer, in virtual time.
fn play((decode, sequence): (Decode, Sequence), capture: &[(f64, String)]) -> Outcome {
    let mut decoder = Decoder::new(&decode, 10_000);
    let mut sequencer = Sequencer::new(&sequence);
    let mut outcome = Outcome::default();
    let mut steps = Vec::new();
    let start = (Instant::now(), capture[0].0);
    for (seconds, text) in capture {
        let now = start.0 + Duration::from_secs_f64((seconds - start.1).max(0.0));
        sequencer.handle_timeout(now, &mut steps);
        settle(&mut outcome, &mut steps);
        let arrival = Time::from_millis(seconds * 1e3);
        let decoded = decoder.decode(text.as_bytes(), arrival).expect("it is JSON");
        let record = decoded.record;
        outcome.fields += record.fields.len() as u64;
        let scope = sequencer.scope(record.channel, record.key.as_deref());
        let item = Item { kind: decoded.kind, sequence: record.sequence };
        let snapshot = decoded.kind == Kind::Snapshot;
        sequencer.accept(now, scope, record.sequence, snapshot, item, &mut steps);
        settle(&mut outcome, &mut steps);
    }
    sequencer.session_ended(&mut steps);
    settle(&mut outcome, &mut steps);
    assert_eq!(outcome.ledger.received(), capture.len() as u64);
    assert_eq!(outcome.ledger.held(), 0);
    assert_eq!(sequencer.missing(), (outcome.missing.len() - outcome.late.len()) as u64);
    let ids = (0..).map(ChannelId);
    outcome.channels = ids.map_while(|id| decoder.channel_name(id).map(str::to_owned)).collect();
    outcome
}

fn settle(outcome: &mut Outcome, steps: &mut Vec<Step<Item>>) {
    for step in steps.drain(..) {
        let fate = |item: Item, fate| if item.kind == Kind::Control { Fate::Control } else { fate };
        match step {
            Step::Held => outcome.ledger.admit(Fate::Held),
            Step::Deliver { scope, item, was_held } => {
                enter(&mut outcome.ledger, fate(item, Fate::Delivered), was_held);
                match (item.kind, scope, item.sequence) {
                    (Kind::Snapshot, ..) => outcome.snapshots += 1,
                    (_, Some(scope), Some(number)) => {
                        outcome.delivered.entry(scope).or_default().push(number);
                    }
                    _ => outcome.unnumbered += 1,
                }
            }
            Step::Duplicate { was_held, .. } => {
                enter(&mut outcome.ledger, Fate::Duplicate, was_held);
            }
            Step::Late { scope, item } => {
                outcome.ledger.admit(Fate::Late);
                outcome.late.push((scope, item.sequence.unwrap()));
            }
            Step::Missing { scope, first, last, .. } => {
                outcome.missing.extend((first..=last).map(|number| (scope, number)));
            }
        }
        assert!(outcome.ledger.balances());
    }
}

fn enter(ledger: &mut Ledger, fate: Fate, was_held: bool) {
    if was_held {
        assert!(ledger.settle(fate));
    } else {
        ledger.admit(fate);
    }
}

/// All is there, in order, and nothing is said to be missing.
fn assert_whole(outcome: &Outcome) {
    assert_eq!(outcome.missing, []);
    assert_eq!(outcome.late, []);
    let ledger = outcome.ledger;
    assert_eq!((ledger.duplicate(), ledger.undecodable(), ledger.overflow()), (0, 0, 0));
    for numbers in outcome.delivered.values() {
        assert!(numbers.windows(2).all(|pair| pair[1] == pair[0] + 1), "in order, without a gap");
    }
    assert!(outcome.fields > 0);
}

#[test]
fn kraken_futures_is_whole() {
    let Some(capture) = capture("kraken-futures") else { return };
    let outcome = play(kraken_futures(), &capture);
    assert_whole(&outcome);
    assert_eq!(outcome.snapshots, 20);
    let numbered: usize = outcome.delivered.values().map(Vec::len).sum();
    assert_eq!(numbered, 7_014 + 3, "updates of books, and trades");
    assert_eq!(outcome.ledger.control(), 31);
    assert_eq!(outcome.ledger.delivered(), capture.len() as u64 - 31);
    for channel in ["book", "trade", "ticker_lite"] {
        assert!(outcome.channels.contains(channel));
    }
    assert!(!outcome.channels.contains("book_snapshot"));
}

#[test]
fn bitfinex_is_whole() {
    let Some(capture) = capture("bitfinex-seqall") else { return };
    let outcome = play(bitfinex(), &capture);
    assert_whole(&outcome);
    assert_eq!(outcome.delivered[&ScopeId(0)], (1..=1_670).collect::<Vec<_>>());
    assert_eq!(outcome.ledger.control(), 42 + 23, "heartbeats and events");
    assert_eq!(outcome.ledger.delivered(), 1_628);
}

#[test]
fn dydx_is_whole_although_it_comes_out_of_order() {
    let Some(capture) = capture("dydx-out-of-order") else { return };
    let outcome = play(dydx(), &capture);
    assert_whole(&outcome);
    assert_eq!(outcome.delivered[&ScopeId(0)], (0..=4_732).collect::<Vec<_>>());
    assert_eq!(outcome.ledger.control(), 1);
}

/// Takes messages away, doubles and shuffles them: what is then found is exactly that.
fn assert_damage_is_found(rules: fn() -> (Decode, Sequence), name: &str) {
    let Some(whole) = capture(name) else { return };
    // Which scope and number each message has; those without stay as they are.
    let (decode, sequence) = rules();
    let mut decoder = Decoder::new(&decode, 10_000);
    let mut sequencer = Sequencer::<()>::new(&sequence);
    let numbers: Vec<Option<Numbered>> = whole
        .iter()
        .map(|(_, text)| {
            let decoded = decoder.decode(text.as_bytes(), Time(0)).expect("it is JSON");
            let record = decoded.record;
            let scope = sequencer.scope(record.channel, record.key.as_deref());
            scope.zip(record.sequence.filter(|_| decoded.kind == Kind::Data))
        })
        .collect();
    let mut first_of = HashMap::new();
    for (at, number) in numbers.iter().enumerate() {
        if let Some((scope, _)) = number {
            first_of.entry(*scope).or_insert(at);
        }
    }
    let mut newest: HashMap<ScopeId, u64> = HashMap::new();
    for (scope, number) in numbers.iter().flatten() {
        let newest = newest.entry(*scope).or_default();
        *newest = (*newest).max(*number);
    }

    for seed in 0..20 {
        let mut random = StdRng::seed_from_u64(seed);
        let mut chance = |share| random.random_bool(share);
        let (mut dropped, mut doubled) = (BTreeSet::new(), 0);
        let mut sent = Vec::new();
        for (at, (message, number)) in whole.iter().zip(&numbers).enumerate() {
            let Some(number) = number else {
                sent.push((at, message.1.clone()));
                continue;
            };
            // A scope's first and last show where it begins and ends; nothing else could.
            let is_edge = first_of[&number.0] == at || newest[&number.0] == number.1;
            if !is_edge && chance(0.05) {
                dropped.insert(*number);
                continue;
            }
            let delay = if !is_edge && chance(0.1) { 5 } else { 0 };
            sent.push((at + delay, message.1.clone()));
            if chance(0.05) {
                doubled += 1;
                sent.push((at + delay + 3, message.1.clone()));
            }
        }
        sent.sort_by_key(|(at, _)| *at);
        // At a rate of its own, since the capture's times do not fit any more.
        let sent: Capture =
            sent.into_iter().enumerate().map(|(at, (_, text))| (at as f64 / 1e3, text)).collect();
        let outcome = play(rules(), &sent);
        assert!(!dropped.is_empty() && doubled > 0);
        let missing: BTreeSet<Numbered> = outcome.missing.iter().copied().collect();
        assert_eq!(missing.len(), outcome.missing.len(), "nothing is declared twice");
        let late: BTreeSet<Numbered> = outcome.late.iter().copied().collect();
        assert_eq!(missing.difference(&late).copied().collect::<BTreeSet<_>>(), dropped);
        assert_eq!(outcome.ledger.duplicate(), doubled);
        for numbers in outcome.delivered.values() {
            assert!(numbers.windows(2).all(|pair| pair[0] < pair[1]));
        }
    }
}

#[test]
fn damage_to_kraken_futures_is_found_exactly() {
    assert_damage_is_found(kraken_futures, "kraken-futures");
}

#[test]
fn damage_to_bitfinex_is_found_exactly() {
    assert_damage_is_found(bitfinex, "bitfinex-seqall");
}

#[test]
fn damage_to_dydx_is_found_exactly() {
    assert_damage_is_found(dydx, "dydx-out-of-order");
}
