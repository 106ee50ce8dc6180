//! Real traffic, decoded and put in order: every record is there, nothing is said to be missing
//! that is not, and what is taken away is found exactly.
//!
//! The captures are kept beside the repository. Where they are not, these tests say so, and pass.

use crate::support::captures::{
    Capture, Numbered, Rules, bitfinex, capture, damaged, dydx, kraken_futures, numbers_of, read,
    reader,
};
use feedscope_feed::decode::Decoded;
use feedscope_feed::profile::Kind;
use feedscope_feed::sequence::{ScopeId, Step};
use feedscope_feed::{ChannelId, Fate, Ledger, Time};
use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

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
fn play(rules: Rules, capture: &[(f64, String)]) -> Outcome {
    let (mut decoder, mut sequencer) = reader(rules);
    let mut outcome = Outcome::default();
    let mut steps = Vec::new();
    let start = (Instant::now(), capture[0].0);
    for (seconds, text) in capture {
        let now = start.0 + Duration::from_secs_f64((seconds - start.1).max(0.0));
        sequencer.handle_timeout(now, &mut steps);
        settle(&mut outcome, &mut steps);
        let arrival = Time::from_millis(seconds * 1e3);
        let Decoded { kind, record, position, .. } = read(&mut decoder, text, arrival);
        outcome.fields += record.fields.len() as u64;
        let scope = position
            .and_then(|position| sequencer.scope(position.sequence, record.channel, record.key));
        let item = Item { kind, sequence: record.sequence };
        let snapshot = kind == Kind::Snapshot;
        sequencer.accept(now, scope, position, snapshot, text.len(), item, &mut steps);
        settle(&mut outcome, &mut steps);
    }
    sequencer.session_ended(&mut steps);
    settle(&mut outcome, &mut steps);
    assert_eq!(outcome.ledger.received(), capture.len() as u64);
    assert_eq!(outcome.ledger.held(), 0);
    assert_eq!(sequencer.missing(), (outcome.missing.len() - outcome.late.len()) as u64);
    let ids = (0..).map(ChannelId);
    outcome.channels = ids.map_while(|id| decoder.names().channel(id).map(str::to_owned)).collect();
    outcome
}

fn settle(outcome: &mut Outcome, steps: &mut Vec<Step<Item>>) {
    for step in steps.drain(..) {
        let fate = |item: Item, fate| if !item.kind.has_data() { Fate::Control } else { fate };
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
            Step::Mended { .. } => panic!("no snapshot is asked for"),
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
fn assert_damage_is_found(rules: fn() -> Rules, name: &str) {
    let Some(whole) = capture(name) else { return };
    let numbers = numbers_of(rules(), &whole);
    for seed in 0..20 {
        let damaged = damaged(&whole, &numbers, seed);
        // At a rate of its own, since the capture's times do not fit any more.
        let sent = damaged.sent.into_iter().enumerate();
        let sent: Capture = sent.map(|(at, text)| (at as f64 / 1e3, text)).collect();
        let outcome = play(rules(), &sent);
        let missing: BTreeSet<Numbered> = outcome.missing.iter().copied().collect();
        assert_eq!(missing.len(), outcome.missing.len(), "nothing is declared twice");
        let late: BTreeSet<Numbered> = outcome.late.iter().copied().collect();
        assert_eq!(missing.difference(&late).copied().collect::<BTreeSet<_>>(), damaged.dropped);
        assert_eq!(outcome.ledger.duplicate(), damaged.doubled);
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
