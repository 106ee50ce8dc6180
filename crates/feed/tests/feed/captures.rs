//! Real traffic over a real socket: every record in order, nothing said to be missing that is not,
//! and what is taken away on the way found exactly.

use crate::support::captures::{
    Damaged, Rules, bitfinex, capture, damaged, dydx, kraken_futures, numbers_of,
};
use crate::support::server::{answer_pings, send_all, text};
use crate::support::{Feed, Seen, Server, profile};
use feedscope_feed::profile::Scope;
use feedscope_feed::{Cause, ChannelId, KeyId, Profile, State};
use std::collections::BTreeMap;

/// How many kinds of damage are tried; each takes a tenth of a second.
const SEEDS: u64 = 5;

/// Serves the messages as fast as they go, then closes, so that all find their fate.
async fn play(rules: Rules, messages: Vec<String>) -> Feed {
    let (sent, scope) = (messages.len() as u64, rules.1[0].scope);
    let messages: Vec<_> = messages.into_iter().map(text).collect();
    let server = Server::websocket(move |number, mut socket| {
        let messages = if number == 1 { messages.clone() } else { Vec::new() };
        async move {
            send_all(&mut socket, messages).await;
            if number == 1 {
                let _ = socket.close(None).await;
            }
            answer_pings(&mut socket).await;
        }
    })
    .await;
    let (decode, sequence) = rules;
    let mut feed = Feed::start(Profile { decode, sequence, ..profile(&server.url()) });
    let seen = feed.reaches(State::Live, 2).await;
    assert_eq!(seen.ledger.received(), sent, "all that the server sent, and no more");
    assert_eq!(seen.ledger.held(), 0);
    assert_eq!((seen.ledger.undecodable(), seen.ledger.overflow()), (0, 0));
    assert_eq!(seen.missing, (seen.declared().len() - seen.late.len()) as u64);
    for gap in seen.gaps_by(Cause::Missing) {
        assert!(gap.end.is_some_and(|end| end >= gap.start));
        // Where all channels are numbered together, a number does not say of which it was.
        assert_eq!(gap.channel.is_some(), scope != Scope::Connection, "{gap:?}");
    }
    drop(seen);
    feed
}

async fn play_whole(rules: fn() -> Rules, name: &str) -> Option<Feed> {
    let whole = capture(name)?;
    let feed = play(rules(), whole.into_iter().map(|(_, message)| message).collect()).await;
    let seen = feed.seen();
    assert_eq!(seen.declared(), [0; 0], "no false gap");
    assert_eq!((seen.ledger.duplicate(), seen.ledger.late()), (0, 0));
    drop(seen);
    Some(feed)
}

/// What was delivered, as it was, by what has a sequence of its own.
fn runs(seen: &Seen, scope: Scope) -> BTreeMap<(Option<ChannelId>, Option<KeyId>), Vec<u64>> {
    let mut runs: BTreeMap<_, Vec<u64>> = BTreeMap::new();
    for record in &seen.records {
        let of = match scope {
            Scope::Connection => (None, None),
            Scope::Channel => (Some(record.channel), None),
            Scope::Key => (Some(record.channel), record.key),
        };
        runs.entry(of).or_default().extend(record.sequence);
    }
    runs
}

#[tokio::test]
async fn kraken_futures_is_whole() {
    let Some(feed) = play_whole(kraken_futures, "kraken-futures").await else { return };
    let seen = feed.seen();
    assert_eq!(seen.ledger.control(), 31);
    assert_eq!(seen.ledger.delivered(), 7_175 - 31);
    for numbers in runs(&seen, Scope::Key).values() {
        assert!(numbers.windows(2).all(|pair| pair[1] == pair[0] + 1), "in order, without a gap");
    }
}

#[tokio::test]
async fn bitfinex_is_whole() {
    let Some(feed) = play_whole(bitfinex, "bitfinex-seqall").await else { return };
    let seen = feed.seen();
    assert_eq!((seen.ledger.control(), seen.ledger.delivered()), (65, 1_628));
    // Heartbeats have a number, too, and are no records.
    let numbers = seen.sequences();
    assert!(numbers.is_sorted_by(|a, b| a < b));
    assert_eq!((numbers.first(), numbers.len()), (Some(&1), 1_628));
}

#[tokio::test]
async fn dydx_is_whole_although_it_comes_out_of_order() {
    let Some(feed) = play_whole(dydx, "dydx-out-of-order").await else { return };
    let seen = feed.seen();
    assert_eq!(seen.sequences(), (1..=4_732).collect::<Vec<_>>());
    assert_eq!(seen.ledger.control(), 1);
}

/// What was taken away is declared missing, or came late; and nothing else is.
async fn assert_damage_is_found(rules: fn() -> Rules, name: &str) {
    let Some(whole) = capture(name) else { return };
    let numbers = numbers_of(rules(), &whole);
    for seed in 0..SEEDS {
        let Damaged { sent, dropped, doubled } = damaged(&whole, &numbers, seed);
        let feed = play(rules(), sent).await;
        let seen = feed.seen();
        assert_eq!(seen.ledger.duplicate(), doubled, "seed {seed}");
        // Numbers of different scopes may be the same: so none is lost among others.
        let mut missing = seen.declared();
        for late in &seen.late {
            let at = missing.iter().position(|number| Some(*number) == late.sequence);
            missing.remove(at.expect("only what was missing can be late"));
        }
        let mut dropped: Vec<u64> = dropped.into_iter().map(|(_, number)| number).collect();
        dropped.sort_unstable();
        assert_eq!(missing, dropped, "seed {seed}");
        let scope = rules().1[0].scope;
        for numbers in runs(&seen, scope).values() {
            assert!(numbers.is_sorted_by(|a, b| a < b), "seed {seed}: in order, and once");
        }
    }
}

#[tokio::test]
async fn damage_to_kraken_futures_is_found_exactly() {
    assert_damage_is_found(kraken_futures, "kraken-futures").await;
}

#[tokio::test]
async fn damage_to_bitfinex_is_found_exactly() {
    assert_damage_is_found(bitfinex, "bitfinex-seqall").await;
}

#[tokio::test]
async fn damage_to_dydx_is_found_exactly() {
    assert_damage_is_found(dydx, "dydx-out-of-order").await;
}
