//! The feed engine against servers that others wrote, each directly and behind nginx.

#![allow(clippy::expect_used, clippy::unwrap_used)]

use anyhow::Result;
use feedscope_feed::profile::{
    Backoff, Decode, Framing, Heartbeat, Path, Scope, Sequence, SequenceRule,
};
use feedscope_feed::{Profile, State};
use feedscope_tests::{Language, Nginx, Peer};
use recorder::{Feed, Seen};
use std::collections::BTreeSet;
use std::time::Duration;

/// What the engine's own tests watch a feed with.
#[allow(dead_code)] // Each of them uses its part of it.
#[path = "../../crates/feed/tests/feed/support/recorder.rs"]
mod recorder;

/// Ends a test that hangs.
const DEADLINE: Duration = Duration::from_secs(40);

const LANGUAGES: [Language; 3] = [Language::Node, Language::Python, Language::SocketIo];

/// What lets a WebSocket through nginx, and no more than that.
const PASS: &str = "proxy_http_version 1.1; proxy_set_header Upgrade $http_upgrade; \
                    proxy_set_header Connection \"upgrade\"; proxy_read_timeout 5s;";

/// A peer that pings its clients every so many milliseconds.
fn peer(language: Language, heartbeat_ms: u32) -> Result<Peer> {
    let options = ["--rate=100".into(), format!("--heartbeat={heartbeat_ms}")];
    Peer::start_with(language, &options)
}

/// Of a feed whose numbers go on over sessions.
fn profile(language: Language, url: &str) -> Profile {
    let mut profile = Profile::from_url(url);
    let number: Path = "data.f0".parse().unwrap();
    profile.sequence = vec![Sequence {
        continues: true,
        ..Sequence::new(SequenceRule::Increment, Scope::Connection, number)
    }];
    if let Language::SocketIo = language {
        profile.decode = Decode { framing: Framing::SocketIo, ..Decode::default() };
    }
    profile.backoff = Backoff {
        first: Duration::from_millis(100),
        max: Duration::from_millis(500),
        ..Backoff::default()
    };
    profile.heartbeat = Heartbeat {
        ping_after: Duration::from_secs(1),
        idle_max: Duration::from_secs(20),
        data_max: None,
        ..Heartbeat::default()
    };
    profile
}

/// The path of a URL, with its query.
fn path(url: &str) -> &str {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    rest.find('/').map_or("/", |at| &rest[at..])
}

/// Every number up to what was sent is delivered, late, or declared missing.
fn accounted_for(seen: &Seen, sent: u64) {
    let delivered: BTreeSet<u64> = seen.sequences().into_iter().collect();
    assert_eq!(delivered.len(), seen.records.len(), "nothing comes twice");
    assert!(seen.sequences().is_sorted(), "all is in order");
    let late: BTreeSet<u64> = seen.late.iter().filter_map(|record| record.sequence).collect();
    let declared: BTreeSet<u64> = seen.declared().into_iter().collect();
    for number in *delivered.first().expect("something came")..=sent {
        let is_known = [&delivered, &late, &declared].iter().any(|all| all.contains(&number));
        assert!(is_known, "{number} of {sent} is lost");
    }
    assert!(seen.ledger.balances());
}

/// Waits for all that was sent, once the peer is paused; says how many that are.
async fn has_all(feed: &mut Feed, peer: &mut Peer) -> Result<u64> {
    let sent = peer.pause()?;
    let all = feed.until("all that was sent is there", |seen| {
        seen.sequences().last().is_some_and(|last| *last == sent)
    });
    let seen = all.await;
    accounted_for(&seen, sent);
    Ok(sent)
}

#[tokio::test]
async fn their_heartbeats_are_answered_and_all_that_they_send_is_there() -> Result<()> {
    for language in LANGUAGES {
        let mut peer = peer(language, 300)?;
        let mut profile = profile(language, peer.url());
        // Not ours, but the server's pings keep it alive.
        profile.heartbeat.ping_after = Duration::from_secs(15);
        let mut feed = Feed::start(profile);
        drop(feed.has_received(50).await);
        has_all(&mut feed, &mut peer).await?;
        // Ten of its heartbeats with nothing else on the line.
        tokio::time::sleep(Duration::from_secs(3)).await;
        peer.resume()?;
        let before = feed.seen().ledger.delivered();
        drop(feed.until("more comes", |seen| seen.ledger.delivered() >= before + 50).await);
        has_all(&mut feed, &mut peer).await?;
        let seen = feed.seen();
        assert_eq!(seen.count(State::Live), 1, "{language:?} kept us: {:?}", seen.troubles());
        assert!(seen.gaps.is_empty(), "{language:?}: {:?}", seen.gaps);
        if let Language::Node = language {
            let (pings, terminated) = peer.heartbeats()?;
            assert!(pings >= 5, "it pinged {pings} times");
            assert_eq!(terminated, 0);
        }
    }
    Ok(())
}

#[tokio::test]
async fn a_server_that_is_killed_and_comes_back_is_found_again() -> Result<()> {
    for language in LANGUAGES {
        let mut peer = peer(language, 25_000)?;
        let port = peer.port()?;
        let mut feed = Feed::start(profile(language, peer.url()));
        drop(feed.has_received(20).await);
        let sent = has_all(&mut feed, &mut peer).await?;
        drop(peer);
        drop(feed.reaches(State::Waiting, 2).await);
        // It counts from 1 again.
        let mut peer = Peer::start_on(language, 100, port)?;
        drop(feed.until("it is back", |seen| seen.ledger.delivered() >= sent + 20).await);
        let sent_again = peer.pause()?;
        let total = sent + sent_again;
        let seen = feed.until("all is there", |seen| seen.ledger.delivered() == total).await;
        assert_eq!(seen.gaps.len(), 1, "{language:?}: the outage alone: {:?}", seen.gaps);
    }
    Ok(())
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn behind_nginx_pings_beat_its_idle_timeout() -> Result<()> {
    let mut peers = Vec::new();
    let mut locations = String::new();
    for language in LANGUAGES {
        // None of its own pings come in time.
        let peer = peer(language, 25_000)?;
        let place = format!("{language:?}").to_lowercase();
        let path = if let Language::SocketIo = language {
            "/socket.io/".into()
        } else {
            format!("/{place}/")
        };
        let to = if let Language::SocketIo = language { "/socket.io/" } else { "/" };
        locations += &format!(
            "        location {path} {{ proxy_pass http://127.0.0.1:{}{to}; {PASS} }}\n",
            peer.port()?
        );
        peers.push((language, peer, path));
    }
    let nginx = Nginx::start(&locations)?;
    let mut feeds = Vec::new();
    for (language, peer, place) in &peers {
        let query = path(peer.url()).split_once('?').map(|(_, query)| format!("?{query}"));
        let url = nginx.url(&format!("{place}{}", query.unwrap_or_default()));
        feeds.push(Feed::start(profile(*language, &url)));
    }
    // One that is silent itself, to see that nginx means it.
    let (language, _, place) = &peers[0];
    let mut silent = profile(*language, &nginx.url(place));
    silent.heartbeat.ping_after = Duration::from_secs(19);
    let mut silent = Feed::start(silent);
    drop(silent.has_received(20).await);
    for (feed, (_, peer, _)) in feeds.iter_mut().zip(&mut peers) {
        drop(feed.has_received(20).await);
        has_all(feed, peer).await?;
    }
    tokio::time::sleep(Duration::from_secs(8)).await;
    let seen = silent.reaches(State::Waiting, 1).await;
    assert_eq!(
        seen.troubles()[0].code,
        "cut",
        "nginx cuts who says nothing: {:?}",
        seen.troubles()
    );
    drop(seen);
    for (feed, (language, peer, _)) in feeds.iter_mut().zip(&mut peers) {
        peer.resume()?;
        let before = feed.seen().ledger.delivered();
        drop(feed.until("more comes", |seen| seen.ledger.delivered() >= before + 20).await);
        has_all(feed, peer).await?;
        let seen = feed.seen();
        assert_eq!(seen.count(State::Live), 1, "{language:?}: {:?}", seen.troubles());
        assert!(seen.gaps.is_empty(), "{language:?}: {:?}", seen.gaps);
    }
    Ok(())
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_reload_of_nginx_in_the_middle_costs_nothing_unsaid() -> Result<()> {
    for language in LANGUAGES {
        let mut peer = peer(language, 25_000)?;
        let nginx = Nginx::start(&format!(
            "        location / {{ proxy_pass http://127.0.0.1:{}; {PASS} }}\n",
            peer.port()?
        ))?;
        // A second one keeps the server counting while the first is away.
        let witness = Feed::start(profile(language, peer.url()));
        let mut feed = Feed::start(profile(language, &nginx.url(path(peer.url()))));
        drop(feed.has_received(50).await);
        nginx.reload()?;
        drop(feed.reaches(State::Live, 2).await);
        let before = feed.seen().ledger.delivered();
        drop(feed.until("more comes", |seen| seen.ledger.delivered() >= before + 50).await);
        has_all(&mut feed, &mut peer).await?;
        assert_eq!(feed.seen().count(State::Live), 2, "{language:?}");
        assert_eq!(witness.seen().count(State::Live), 1, "{language:?}");
    }
    Ok(())
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_location_that_does_not_pass_upgrades_on_is_stopped_at_and_named() -> Result<()> {
    for language in LANGUAGES {
        let peer = peer(language, 25_000)?;
        let nginx = Nginx::start(&format!(
            "        location / {{ proxy_pass http://127.0.0.1:{}; }}\n",
            peer.port()?
        ))?;
        let mut feed = Feed::start(profile(language, &nginx.url(path(peer.url()))));
        let (trouble, state, _) = feed.trouble().await;
        assert_eq!(state, State::Stopped, "{language:?}: {trouble}");
        println!("{language:?}: {trouble}\n");
        assert!(trouble.to_string().contains("Upgrade"), "{language:?}: {trouble}");
    }
    Ok(())
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_server_that_is_away_behind_nginx_is_waited_for() -> Result<()> {
    let mut peer = peer(Language::Node, 25_000)?;
    let port = peer.port()?;
    let nginx = Nginx::start(&format!(
        "        location / {{ proxy_pass http://127.0.0.1:{port}; {PASS} }}\n"
    ))?;
    let mut feed = Feed::start(profile(Language::Node, &nginx.url("/")));
    drop(feed.has_received(20).await);
    let sent = has_all(&mut feed, &mut peer).await?;
    drop(peer);
    // nginx answers in its place: 502.
    let is_refused =
        |seen: &Seen| seen.troubles().iter().any(|trouble| trouble.what.contains("502"));
    drop(feed.until("nginx says that there is nobody", is_refused).await);
    let mut peer = Peer::start_on(Language::Node, 100, port)?;
    drop(feed.until("it is back", |seen| seen.ledger.delivered() >= sent + 20).await);
    let total = sent + peer.pause()?;
    drop(feed.until("all is there", |seen| seen.ledger.delivered() == total).await);
    Ok(())
}
