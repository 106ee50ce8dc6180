//! What real servers sent, how to read it, and what can happen to it on the way.
//!
//! The captures are kept beside the repository. Where they are not, the tests say so, and pass.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use feedscope_feed::decode::{Decoded, Decoder, Part};
use feedscope_feed::profile::{Condition, Decode, Kind, Path, Rule, Scope, Sequence, SequenceRule};
use feedscope_feed::sequence::{ScopeId, Sequencer};
use feedscope_feed::{Profile, Time};
use flate2::read::GzDecoder;
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use serde_json::Value;
use std::collections::{BTreeSet, HashMap};
use std::fs::File;
use std::io::{BufRead, BufReader};

/// What was received, with the seconds since the Unix epoch.
pub type Capture = Vec<(f64, String)>;

/// What was received or sent.
pub struct Frame {
    pub time: Time,
    pub is_sent: bool,
    pub is_text: bool,
    pub bytes: Vec<u8>,
}

/// All that was received and sent.
pub fn frames(name: &str) -> Option<Vec<Frame>> {
    let file = std::path::Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../../shared/captures")
        .join(format!("{name}.jsonl.gz"));
    let Ok(file) = File::open(&file) else {
        println!("captures absent, skipped: there is no {name} beside the repository");
        return None;
    };
    let lines = BufReader::new(GzDecoder::new(file)).lines();
    let lines = lines.map(|line| serde_json::from_str::<Value>(&line.unwrap()).unwrap());
    let frames = lines.filter(|line| line["dir"] != "open").map(|line| Frame {
        time: Time::from_millis(line["t"].as_f64().unwrap() * 1e3),
        is_sent: line["dir"] == "sent",
        is_text: line["text"].is_string(),
        bytes: match line["b64"].as_str() {
            Some(base64) => BASE64_STANDARD.decode(base64).unwrap(),
            None => line["text"].as_str().unwrap().into(),
        },
    });
    Some(frames.collect())
}

/// The texts that were received.
pub fn capture(name: &str) -> Option<Capture> {
    let received = frames(name)?.into_iter().filter(|frame| !frame.is_sent);
    let texts =
        received.map(|frame| (frame.time.millis() / 1e3, String::from_utf8(frame.bytes).unwrap()));
    Some(texts.collect())
}

fn path(path: &str) -> Path {
    path.parse().unwrap()
}

fn rule(at: &str, equals: Option<&str>, kind: Kind, channel: Option<&str>) -> Rule {
    let when = match equals {
        Some(value) => Condition::equals(path(at), value),
        None => Condition::exists(path(at)),
    };
    Rule { when, kind, channel: channel.map(str::to_owned), key: None }
}

fn increment(scope: Scope, number: &str) -> Vec<Sequence> {
    vec![Sequence::new(SequenceRule::Increment, scope, path(number))]
}

pub fn kraken_futures() -> Rules {
    bundled("kraken-futures")
}

pub fn bitfinex() -> Rules {
    bundled("bitfinex")
}

/// As the bundled profile has them; but what was recorded does not answer requests about gaps.
fn bundled(id: &str) -> Rules {
    let profile = Profile::bundled_named(id).expect("there is such a profile");
    let mut sequence = profile.sequence;
    sequence.iter_mut().for_each(|sequence| sequence.on_gap = None);
    (profile.decode, sequence)
}

pub fn dydx() -> Rules {
    let decode = Decode {
        channel: vec![path("channel")],
        key: vec![path("id")],
        rules: vec![rule("type", Some("connected"), Kind::Ignored, None)],
        ..Decode::default()
    };
    (decode, increment(Scope::Connection, "message_id"))
}

/// How the messages of a capture are read, and how they are numbered.
pub type Rules = (Decode, Vec<Sequence>);

/// The one message that these bytes are.
#[allow(clippy::panic)]
pub fn read(decoder: &mut Decoder, text: &str, arrival: Time) -> Decoded {
    let mut parts = Vec::new();
    decoder.decode(text.as_bytes(), true, arrival, &mut parts);
    match (parts.pop(), parts.is_empty()) {
        (Some(Part::Message(decoded)), true) => decoded,
        other => panic!("it is one message: {other:?}"),
    }
}

/// A decoder and a sequencer by these rules.
pub fn reader<T>((decode, sequence): Rules) -> (Decoder, Sequencer<T>) {
    let profile = Profile { decode, sequence, ..Profile::from_url("ws://localhost") };
    (Decoder::new(&profile).expect("it names no files"), Sequencer::new(&profile.sequence))
}

/// A message, by its scope and number.
pub type Numbered = (ScopeId, u64);

/// The scope and number of each message; `None` where it has none that damage could be seen by.
pub fn numbers_of(rules: Rules, capture: &Capture) -> Vec<Option<Numbered>> {
    let (mut decoder, mut sequencer) = reader::<()>(rules);
    let messages = capture.iter().map(|(_, text)| {
        let Decoded { kind, record, position, .. } = read(&mut decoder, text, Time(0));
        let position = position?;
        let scope = sequencer.scope(position.sequence, record.channel, record.key)?;
        (kind == Kind::Data).then_some((scope, position.last))
    });
    messages.collect()
}

/// A capture that lost some of its messages, and of which others came twice or out of order.
pub struct Damaged {
    pub sent: Vec<String>,
    pub dropped: BTreeSet<Numbered>,
    pub doubled: u64,
}

/// Takes messages away, doubles and shuffles them.
pub fn damaged(whole: &Capture, numbers: &[Option<Numbered>], seed: u64) -> Damaged {
    let mut first_of = HashMap::new();
    let mut newest: HashMap<ScopeId, u64> = HashMap::new();
    for (at, number) in numbers.iter().enumerate() {
        if let Some((scope, number)) = number {
            first_of.entry(*scope).or_insert(at);
            let newest = newest.entry(*scope).or_default();
            *newest = (*newest).max(*number);
        }
    }
    let mut random = StdRng::seed_from_u64(seed);
    let mut chance = |share| random.random_bool(share);
    let (mut dropped, mut doubled) = (BTreeSet::new(), 0);
    let mut sent = Vec::new();
    for (at, ((_, message), number)) in whole.iter().zip(numbers).enumerate() {
        let Some(number) = number else {
            sent.push((at, message.clone()));
            continue;
        };
        // A scope's first and last show where it begins and ends; nothing else could.
        let is_edge = first_of[&number.0] == at || newest[&number.0] == number.1;
        if !is_edge && chance(0.05) {
            dropped.insert(*number);
            continue;
        }
        let delay = if !is_edge && chance(0.1) { 5 } else { 0 };
        sent.push((at + delay, message.clone()));
        if chance(0.05) {
            doubled += 1;
            sent.push((at + delay + 3, message.clone()));
        }
    }
    sent.sort_by_key(|(at, _)| *at);
    assert!(!dropped.is_empty() && doubled > 0);
    Damaged { sent: sent.into_iter().map(|(_, message)| message).collect(), dropped, doubled }
}
