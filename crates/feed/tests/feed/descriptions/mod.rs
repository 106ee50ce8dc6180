//! The bundled profiles against servers that say and expect what the feeds' public descriptions
//! do. Each is a transcript beside this file; `transcript` says how they are read. Where feeds run
//! a server of their own that anybody can have, as Socket.IO does, the profile is tried against
//! that instead.

mod server;
mod transcript;

use crate::support::world::TestWorld;
use crate::support::{Feed, Seen};
use feedscope_feed::profile::{Template, Tried};
use feedscope_feed::{Cause, Gap, Profile, Settings, State};
use server::Scripted;
use std::sync::Arc;
use std::time::Duration;
use transcript::{Came, Missing, Transcript};

/// When everything in the transcripts happened: 2026-01-02T03:04:05.678Z.
const WHEN_MS: i64 = 1_767_323_045_678;

/// What the transcripts have for a secret.
const TOKEN: &str = "ABCDEFGH";

fn settings() -> Settings {
    let secrets = [("home-assistant".to_owned(), TOKEN.to_owned())].into();
    Settings {
        world: Arc::new(TestWorld { secrets, ..TestWorld::default() }),
        ..Settings::default()
    }
}

/// Subscribes as the bundled profile says, but to another server, and without waiting for long.
fn subscribe(id: &str, server: &Scripted, transcript: &Transcript) -> Feed {
    let mut profile = Profile::bundled_named(id).expect("there is such a profile");
    let mut settings = settings();
    let url = profile.connection.url.to_string();
    match url.split_once("://") {
        Some((_, rest)) => {
            let path = rest.find('/').map_or("/", |at| &rest[at..]);
            let url: Result<Template, _> = format!("{}{path}", server.url()).parse();
            profile.connection.url = url.expect("it was one before");
        }
        // The default of the variable is a whole one.
        None => {
            let default = profile.variables["url"].default.clone().expect("it has one");
            let path = url::Url::parse(&default).expect("it is one").path().to_owned();
            settings.variables.insert("url".into(), server.url() + &path);
        }
    }
    profile.backoff.first = Duration::from_millis(1);
    profile.backoff.max = Duration::from_millis(1);
    let every = profile.heartbeat.ping.as_ref().map(|ping| ping.every);
    assert_eq!(every, transcript.ping.as_ref().map(|ping| ping.every));
    if let Some(ping) = &mut profile.heartbeat.ping {
        ping.every = Duration::from_millis(20);
    }
    Feed::start_in(profile, settings)
}

fn came(seen: &Seen) -> Vec<Came> {
    let records = seen.records.iter().map(|record| {
        if let Some(time) = record.source_time {
            assert_eq!(time.0.div_euclid(1_000_000), WHEN_MS, "{time:?}");
            assert_ne!(time, record.arrival_time);
        }
        Came {
            channel: seen.channels[&record.channel].clone(),
            key: record.key.map(|key| seen.keys[&key].clone()),
            has_time: record.source_time.is_some(),
        }
    });
    records.collect()
}

fn missing(seen: &Seen) -> Vec<Missing> {
    let name = |gap: &Gap| Missing {
        numbers: gap.missing.expect("they are known"),
        channel: gap.channel.map(|channel| seen.channels[&channel].clone()),
        key: gap.key.map(|key| seen.keys[&key].clone()),
    };
    seen.gaps_by(Cause::Missing).into_iter().map(name).collect()
}

/// Plays a transcript to its end: everything that is sent and expected in it is, and every message
/// becomes what it says.
async fn follows(id: &str, transcript: &str) -> Feed {
    let transcript = Transcript::read(transcript);
    let mut server = Scripted::start(&transcript).await;
    let mut feed = subscribe(id, &server, &transcript);
    server.is_done().await;
    // Twice, so that the answer to the first is known to have done.
    if transcript.ping.is_some() {
        server.has_answered_pings(2).await;
    }
    let (records, control) = (transcript.records.len() as u64, transcript.control);
    let all = feed.until("all of the transcript came", |seen| {
        let ledger = seen.ledger;
        let gaps = seen.gaps_by(Cause::Missing).len();
        ledger.delivered() >= records
            && ledger.control() >= control
            && ledger.duplicate() >= transcript.again
            && gaps >= transcript.missing.len()
    });
    let seen = all.await;
    assert_eq!(came(&seen), transcript.records, "{id}");
    assert_eq!(missing(&seen), transcript.missing, "{id}");
    let ledger = seen.ledger;
    assert_eq!((ledger.late(), ledger.undecodable(), ledger.held()), (0, 0, 0));
    assert_eq!(ledger.duplicate(), transcript.again);
    // Answers to pings come on top.
    assert!(ledger.control() == control || transcript.ping.is_some());
    let outages = seen.gaps_by(Cause::Outage);
    assert_eq!(seen.count(State::Live), transcript.open_sessions());
    assert_eq!(outages.len(), transcript.open_sessions() - 1, "one between two sessions");
    assert!(seen.open_gap.is_none());
    drop(seen);
    server.was_as_written();
    feed
}

macro_rules! follow {
    ($($test:ident: $id:literal,)*) => {$(
        #[tokio::test]
        async fn $test() {
            follows($id, include_str!(concat!($id, ".txt"))).await;
        }
    )*};
}

follow! {
    bitmex: "bitmex",
    bluesky_jetstream: "bluesky-jetstream",
    bybit: "bybit",
    coinbase_advanced: "coinbase-advanced",
    deribit: "deribit",
    kraken: "kraken",
    okx: "okx",
    signalk: "signalk",
}

#[tokio::test]
async fn home_assistant() {
    let feed = follows("home-assistant", include_str!("home-assistant.txt")).await;
    let seen = feed.seen();
    assert!(!seen.sent.iter().any(|sent| sent.contains(TOKEN)), "a secret is not shown");
    let sent = seen.sent.iter();
    let sent = sent.map(|sent| serde_json::from_str::<serde_json::Value>(sent).unwrap());
    let ids: Vec<Option<u64>> = sent.map(|sent| sent["id"].as_u64()).collect();
    // The server refuses an id that is not above the one before it. Authentication has none.
    for session in ids.split(|id| id.is_none()) {
        assert!(session.is_sorted_by(|one, next| one < next), "{ids:?}");
    }
}

/// What says no to an opening, and what is thought of it.
#[tokio::test]
async fn a_refusal_is_shown_and_not_asked_for_again() {
    let refusals = include_str!("refusals.txt").split("PROFILE ").skip(1);
    for refusal in refusals {
        let (id, transcript) = refusal.split_once('\n').expect("it goes on");
        let mut transcript = Transcript::read(transcript);
        let profile = Profile::bundled_named(id).expect("there is such a profile");
        transcript.ping = profile.heartbeat.ping.map(|ping| transcript::Ping::never(ping.every));
        let mut server = Scripted::start(&transcript).await;
        let mut feed = subscribe(id, &server, &transcript);
        server.is_done().await;
        let (trouble, state, _) = feed.trouble().await;
        assert_eq!((trouble.code, state), ("opening-refused", State::Stopped), "{id}");
        let said = trouble.answer.expect("the server said why");
        assert_eq!(Some(&said), transcript.last_said(), "{id}");
        server.was_as_written();
    }
}

#[test]
fn what_is_said_to_be_tried_by_its_description_is() {
    let by_description = Profile::bundled().iter().filter(|bundled| {
        let profile = Profile::parse(bundled.text).expect("it is right");
        profile.tried == Some(Tried::Description)
    });
    let own = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/feed/descriptions");
    for bundled in by_description {
        let id = bundled.id;
        // Tried against Socket.IO's own server, with the other programs of other languages.
        if id != "socket-io" {
            assert!(own.join(format!("{id}.txt")).exists(), "there is no transcript of {id}");
        }
    }
}
