//! Real traffic through the bundled profile of its feed: every message is what it is taken for,
//! every record has its channel and its time, and nothing is said to be missing that is not.
//!
//! The captures are kept beside the repository. Where they are not, these tests say so, and pass.

use crate::support::captures::{Frame, frames};
use feedscope_feed::Profile;
use feedscope_feed::decode::{Decoded, Decoder, Part, Signal, UNNAMED_CHANNEL};
use feedscope_feed::profile::{Escape, Kind};
use feedscope_feed::sequence::{Sequencer, Step};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::time::{Duration, Instant};

/// What came of a capture.
#[derive(Debug, Default)]
struct Played {
    kinds: BTreeMap<&'static str, u64>,
    /// Records by channel, and how many of them have a number.
    channels: BTreeMap<String, (u64, u64)>,
    keys: BTreeSet<String>,
    /// Channels of which some record has no time.
    timeless: BTreeSet<String>,
    fields: u64,
    /// The numbers that did not come.
    missing: Vec<(u64, u64)>,
    late: u64,
    duplicate: u64,
    delivered: u64,
    answers: Vec<String>,
}

fn play(id: &str, frames: &[Frame]) -> Played {
    let profile = Profile::bundled_named(id).expect("there is such a profile");
    let mut decoder = Decoder::new(&profile).unwrap();
    let mut sequencer: Sequencer<Kind> = Sequencer::new(&profile.sequence);
    let mut played = Played::default();
    let (mut parts, mut steps) = (Vec::new(), Vec::new());
    let (start, first) = (Instant::now(), frames[0].time);
    for frame in frames.iter().filter(|frame| !frame.is_sent) {
        let now = start + frame.time.since(first);
        sequencer.handle_timeout(now, &mut steps);
        decoder.decode(&frame.bytes, frame.is_text, frame.time, &mut parts);
        for part in parts.drain(..) {
            let Part::Message(decoded) = part else { panic!("it can be read: {part:?}") };
            let Decoded { kind, record, position, signals } = decoded;
            *played.kinds.entry(kind_name(kind)).or_default() += 1;
            played.answers.extend(signals.into_iter().filter_map(|signal| match signal {
                Signal::Wants(answer) => answer.expand(Escape::Json, |_| None).ok(),
                _ => None,
            }));
            if kind.has_data() {
                let channel = decoder.names().channel(record.channel).unwrap();
                assert_ne!(channel, UNNAMED_CHANNEL, "{id}: every record has a channel");
                let count = played.channels.entry(channel.to_owned()).or_default();
                count.0 += 1;
                count.1 += u64::from(record.sequence.is_some());
                played
                    .keys
                    .extend(record.key.and_then(|key| decoder.names().key(key)).map(str::to_owned));
                match record.source_time {
                    None => drop(played.timeless.insert(channel.to_owned())),
                    // In another unit it would be off by years.
                    Some(time) => {
                        let day = Duration::from_secs(24 * 3_600);
                        let off = time.since(record.arrival_time) + record.arrival_time.since(time);
                        assert!(off < day, "{id}: {channel} is {off:?} off");
                    }
                }
                played.fields += record.fields.len() as u64;
            }
            let scope =
                position.and_then(|at| sequencer.scope(at.sequence, record.channel, record.key));
            let snapshot = kind == Kind::Snapshot;
            let bytes = frame.bytes.len();
            sequencer.accept(now, scope, position, snapshot, bytes, kind, &mut steps);
        }
        settle(&mut played, &mut steps);
    }
    sequencer.session_ended(&mut steps);
    settle(&mut played, &mut steps);
    let of_kinds: u64 = played.kinds.values().sum();
    assert_eq!(played.delivered + played.late + played.duplicate, of_kinds);
    played
}

/// What messages have in common is learned, and read by that: it makes no difference.
#[test]
fn every_profile_reads_every_capture_as_it_does_without_having_learned() {
    const CAPTURES: [&str; 10] = [
        "binance-futures",
        "binance-spot-depth",
        "binance-us",
        "bitfinex-seqall",
        "bitstamp",
        "coinbase-level2-ticker",
        "dydx-out-of-order",
        "htx-gzip",
        "kraken-futures",
        "okx",
    ];
    let bundled = Profile::bundled().iter().filter_map(|one| Profile::bundled_named(one.id));
    let profiles: Vec<_> = bundled.chain([Profile::from_url("ws://localhost")]).collect();
    for frames in CAPTURES.into_iter().filter_map(frames) {
        let texts = || frames.iter().filter(|frame| frame.is_text && !frame.is_sent);
        for profile in &profiles {
            let Ok(mut general) = Decoder::new(profile) else { continue };
            let mut learning = Decoder::new(profile).unwrap();
            let mut parts = Vec::new();
            for frame in texts() {
                parts.clear();
                general.decode(&frame.bytes, true, frame.time, &mut parts);
                let learned = learning.decode_plain(&frame.bytes, true, frame.time);
                let Some(learned) = learned else { continue };
                assert!(matches!(&parts[..], [Part::Message(general)] if *general == learned));
                assert_eq!(learning.new_fields(), general.new_fields());
                assert_eq!(learning.cursor(), general.cursor());
                assert_eq!(learning.fields_unlisted(), general.fields_unlisted());
                for decoder in [&mut learning, &mut general] {
                    decoder.forget_new_fields();
                }
                learning.give_back(learned.record);
            }
        }
    }
}

fn settle(played: &mut Played, steps: &mut Vec<Step<Kind>>) {
    for step in steps.drain(..) {
        match step {
            Step::Deliver { .. } => played.delivered += 1,
            Step::Missing { first, last, .. } => played.missing.push((first, last)),
            Step::Late { .. } => played.late += 1,
            Step::Duplicate { .. } => played.duplicate += 1,
            Step::Held | Step::Mended { .. } => {}
        }
    }
}

fn kind_name(kind: Kind) -> &'static str {
    match kind {
        Kind::Data => "data",
        Kind::Snapshot => "snapshot",
        Kind::Heartbeat => "heartbeat",
        Kind::Acknowledgement => "acknowledgement",
        Kind::Error => "error",
        Kind::Ignored => "ignored",
    }
}

/// What a capture holds, as counted in the file itself.
struct Expected {
    id: &'static str,
    capture: &'static str,
    kinds: &'static [(&'static str, u64)],
    /// By channel: how many records, and how many of them are numbered. Where each market is a
    /// channel of its own, all that begin with a name that ends in `.` or `_` are counted as one.
    channels: &'static [(&'static str, (u64, u64))],
    /// Those whose messages, or the first of them, say no time.
    timeless: &'static [&'static str],
    keys: usize,
}

/// Plays a capture whole, and compares.
fn assert_holds(expected: &Expected) -> Option<Played> {
    let frames = frames(expected.capture)?;
    let received = frames.iter().filter(|frame| !frame.is_sent).count() as u64;
    let played = play(expected.id, &frames);
    assert_eq!(played.kinds, expected.kinds.iter().copied().collect());
    assert_eq!(played.kinds.values().sum::<u64>(), received, "each message is one");
    let mut channels: BTreeMap<&str, (u64, u64)> = BTreeMap::new();
    for (channel, count) in &played.channels {
        let mut names = expected.channels.iter().map(|(name, _)| *name);
        let is_start = |name: &str| name.ends_with(['.', '_']) && channel.starts_with(name);
        let name = names.find(|name| name == channel || is_start(name)).unwrap_or(channel);
        let sum = channels.entry(name).or_default();
        *sum = (sum.0 + count.0, sum.1 + count.1);
    }
    assert_eq!(channels, expected.channels.iter().copied().collect());
    let timeless: BTreeSet<&str> = played.timeless.iter().map(String::as_str).collect();
    assert_eq!(timeless, expected.timeless.iter().copied().collect());
    assert_eq!(played.keys.len(), expected.keys, "{:?}", played.keys);
    assert_eq!(played.missing, [], "no false gap");
    assert_eq!((played.late, played.duplicate), (0, 0), "nothing is taken for late, or for a copy");
    assert!(played.fields > 0);
    Some(played)
}

#[test]
fn binance_spot() {
    assert_holds(&Expected {
        id: "binance-spot",
        capture: "binance-spot-depth",
        kinds: &[("data", 41_248), ("snapshot", 1)],
        channels: &[
            ("book", (1, 0)),
            ("bookTicker", (28_040, 0)),
            ("depthUpdate", (3_451, 3_451)),
            ("trade", (9_757, 0)),
        ],
        timeless: &["book", "bookTicker"],
        keys: 1,
    });
}

#[test]
fn binance_us_by_the_profile_of_binance_spot() {
    assert_holds(&Expected {
        id: "binance-spot",
        capture: "binance-us",
        kinds: &[("data", 480)],
        channels: &[
            ("aggTrade", (11, 0)),
            ("bookTicker", (128, 0)),
            ("depthUpdate", (336, 336)),
            ("kline", (5, 0)),
        ],
        timeless: &["bookTicker"],
        keys: 4,
    });
}

#[test]
fn binance_futures() {
    assert_holds(&Expected {
        id: "binance-futures",
        capture: "binance-futures",
        kinds: &[("data", 1_535)],
        channels: &[
            ("aggTrade", (91, 0)),
            ("bookTicker", (613, 0)),
            ("depthUpdate", (764, 764)),
            ("kline", (67, 0)),
        ],
        timeless: &[],
        keys: 4,
    });
}

/// It is of 2021, when `level2` was as `level2_batch` is now.
#[test]
fn coinbase_exchange() {
    assert_holds(&Expected {
        id: "coinbase-exchange",
        capture: "coinbase-level2-ticker",
        kinds: &[("acknowledgement", 3), ("data", 9_933), ("snapshot", 10)],
        channels: &[("l2update", (9_729, 0)), ("match", (107, 107)), ("ticker", (107, 107))],
        timeless: &["l2update"],
        keys: 10,
    });
}

#[test]
fn kraken_futures() {
    assert_holds(&Expected {
        id: "kraken-futures",
        capture: "kraken-futures",
        kinds: &[("acknowledgement", 31), ("data", 7_124), ("snapshot", 20)],
        channels: &[("book", (7_024, 7_024)), ("ticker_lite", (107, 0)), ("trade", (13, 3))],
        timeless: &["ticker_lite"],
        keys: 10,
    });
}

#[test]
fn bitfinex() {
    assert_holds(&Expected {
        id: "bitfinex",
        capture: "bitfinex-seqall",
        kinds: &[("acknowledgement", 23), ("data", 1_628), ("heartbeat", 42)],
        channels: &[("book", (1_600, 1_600)), ("ticker", (21, 21)), ("trades", (7, 7))],
        timeless: &["book", "ticker", "trades"],
        keys: 7,
    });
}

/// It is of 2022, before `books` had `seqId`: its numbers are tried by what the feed's description
/// says, in `descriptions`.
#[test]
fn okx() {
    assert_holds(&Expected {
        id: "okx",
        capture: "okx",
        kinds: &[("acknowledgement", 18), ("data", 389), ("snapshot", 3)],
        channels: &[("books", (290, 0)), ("tickers", (28, 0)), ("trades", (74, 0))],
        timeless: &[],
        keys: 3,
    });
}

#[test]
fn bitstamp() {
    assert_holds(&Expected {
        id: "bitstamp",
        capture: "bitstamp",
        kinds: &[("acknowledgement", 20), ("data", 727)],
        channels: &[("diff_order_book_", (717, 0)), ("live_trades_", (10, 0))],
        timeless: &[],
        keys: 0,
    });
}

#[test]
fn htx() {
    let Some(played) = assert_holds(&Expected {
        id: "htx",
        capture: "htx-gzip",
        kinds: &[("acknowledgement", 20), ("data", 336), ("heartbeat", 6)],
        channels: &[("market.", (336, 0))],
        timeless: &[],
        keys: 0,
    }) else {
        return;
    };
    // What the client of the time answered the server's pings with.
    let frames = frames("htx-gzip").unwrap();
    let sent = frames.iter().filter(|frame| frame.is_sent && frame.bytes.starts_with(b"{\"pong\""));
    let sent: Vec<String> =
        sent.map(|frame| String::from_utf8(frame.bytes.clone()).unwrap()).collect();
    assert!(!sent.is_empty());
    assert_eq!(played.answers, sent);
}

/// Takes every 50th numbered message of a channel away, and finds exactly what they stood for.
fn assert_loss_is_found(
    id: &str,
    name: &str,
    numbered: impl Fn(&Value) -> Option<(String, u64, u64)>,
) {
    let Some(mut frames) = frames(name) else { return };
    frames.retain(|frame| !frame.is_sent);
    let position = |frame: &Frame| numbered(&serde_json::from_slice(&frame.bytes).unwrap());
    let mut newest: HashMap<String, usize> = HashMap::new();
    for (at, frame) in frames.iter().enumerate() {
        if let Some((scope, ..)) = position(frame) {
            newest.insert(scope, at);
        }
    }
    let (mut seen, mut dropped) = (HashMap::<String, u64>::new(), Vec::new());
    let mut at = 0;
    frames.retain(|frame| {
        at += 1;
        let Some((scope, first, last)) = position(frame) else { return true };
        let seen = seen.entry(scope.clone()).or_default();
        *seen += 1;
        // The end of a scope shows nothing that is missing.
        let is_dropped = *seen % 50 == 0 && newest[&scope] != at - 1;
        if is_dropped {
            dropped.push((first, last));
        }
        !is_dropped
    });
    assert!(dropped.len() > 3);
    let mut missing = play(id, &frames).missing;
    missing.sort_unstable();
    dropped.sort_unstable();
    assert_eq!(missing, dropped);
}

#[test]
fn what_binance_spot_loses_is_found_exactly() {
    assert_loss_is_found("binance-spot", "binance-spot-depth", |message| {
        let data = &message["data"];
        (data["e"] == "depthUpdate").then(|| {
            let number = |name: &str| data[name].as_u64().unwrap();
            (data["s"].to_string(), number("U"), number("u"))
        })
    });
}

#[test]
fn what_binance_futures_loses_is_found_exactly() {
    assert_loss_is_found("binance-futures", "binance-futures", |message| {
        let data = &message["data"];
        (data["e"] == "depthUpdate").then(|| {
            let number = |name: &str| data[name].as_u64().unwrap();
            // It is known by its link to the one before.
            (data["s"].to_string(), number("pu") + 1, number("u"))
        })
    });
}
