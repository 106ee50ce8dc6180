//! Networks that fail, between a feed and its server, on real sockets: at every step the feed comes
//! back by itself, and whatever the server numbered is delivered or declared missing.

use crate::support::proxy::{End, Proxy, Treatment};
use crate::support::server::text;
use crate::support::{Feed, Seen, Server, WebSocket, numbered, numbered_profile};
use feedscope_feed::profile::Heartbeat;
use feedscope_feed::{Cause, Profile, State};
use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use futures_util::{SinkExt, StreamExt};

/// From one number to the next.
const EVERY: Duration = Duration::from_millis(5);

/// The server's answer to a handshake is about this long.
const HANDSHAKE_BYTES: usize = 129;

/// A server that counts, whoever listens: who comes later has missed something.
struct Counting {
    server: Server,
    task: JoinHandle<()>,
}

impl Counting {
    async fn start() -> Self {
        let count = Arc::new(watch::Sender::new(0));
        let counter = count.clone();
        let task = tokio::spawn(async move {
            loop {
                tokio::time::sleep(EVERY).await;
                counter.send_modify(|count| *count += 1);
            }
        });
        let server = Server::websocket(move |_, socket| tell(socket, count.subscribe())).await;
        Counting { server, task }
    }

    fn address(&self) -> SocketAddr {
        self.server.address().parse().unwrap()
    }
}

impl Drop for Counting {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// All numbers from now on, and answers to pings.
async fn tell(mut socket: WebSocket, mut count: watch::Receiver<u64>) {
    let mut told = *count.borrow_and_update();
    loop {
        tokio::select! {
            changed = count.changed() => {
                let upto = *count.borrow_and_update();
                for number in told + 1..=upto {
                    if socket.feed(text(numbered(number))).await.is_err() {
                        return;
                    }
                }
                told = upto;
                if changed.is_err() || socket.flush().await.is_err() {
                    return;
                }
            }
            read = socket.next() => match read {
                Some(Ok(_)) => {}
                _ => return,
            },
        }
    }
}

/// One whose numbers go on over sessions, and that notices a lost connection soon.
fn continuing(url: &str) -> Profile {
    let mut profile = numbered_profile(url);
    for sequence in &mut profile.sequence {
        sequence.continues = true;
    }
    profile.heartbeat = Heartbeat {
        ping_after: Duration::from_millis(300),
        idle_max: Duration::from_millis(1_500),
        ..Heartbeat::default()
    };
    profile.limits.step_max = Duration::from_millis(1_500);
    profile
}

/// Every number between the first and the last is delivered, late or declared, and only one of
/// these but for late ones, which were declared before.
fn accounted_for(seen: &Seen) {
    let delivered: BTreeSet<u64> = seen.sequences().into_iter().collect();
    assert_eq!(delivered.len(), seen.records.len(), "nothing is delivered twice");
    assert!(seen.sequences().is_sorted(), "all is in order");
    let late: BTreeSet<u64> = seen.late.iter().filter_map(|record| record.sequence).collect();
    let declared: BTreeSet<u64> = seen.declared().into_iter().collect();
    let (Some(first), Some(last)) = (delivered.first(), delivered.last()) else { return };
    for number in *first..=*last {
        let came = delivered.contains(&number);
        assert!(came || late.contains(&number) || declared.contains(&number), "{number} is lost");
        assert!(!(came && declared.contains(&number)), "{number} came, and is declared missing");
    }
    let missing = declared.difference(&late).count() as u64;
    assert_eq!(seen.missing, missing, "as many are missing as are declared and have not come");
}

/// Waits until the feed is live, and has got something that was sent after all before.
async fn is_back(feed: &mut Feed, sessions: usize) {
    let newest = feed.seen().sequences().last().copied();
    let back = feed.until("it is back", |seen| {
        seen.count(State::Live) >= sessions
            && seen.state() == State::Live
            && seen.sequences().last().copied() > newest
            && seen.transitions.last().is_some_and(|(since, _)| {
                seen.records.last().is_some_and(|record| record.arrival_time >= *since)
            })
    });
    drop(back.await);
}

#[tokio::test]
async fn cut_at_any_byte_of_the_way_it_comes_back() {
    let counting = Counting::start().await;
    for how in [End::Fin, End::Reset, End::Lost] {
        let proxy = Proxy::start(counting.address()).await;
        // Before the handshake's answer, in it, at its end; in the first frame's head and payload,
        // and in a later one.
        let after = [0, 1, 20, HANDSHAKE_BYTES, HANDSHAKE_BYTES + 1, HANDSHAKE_BYTES + 7, 500];
        let after = if how == End::Lost { &after[1..5] } else { &after[..] };
        proxy.treat(
            after
                .iter()
                .map(|bytes| Treatment { end_after: Some((*bytes, how)), ..Treatment::default() }),
        );
        let mut feed = Feed::start(continuing(&proxy.url()));
        drop(feed.reaches(State::Connecting, after.len() + 1).await);
        is_back(&mut feed, 1).await;
        let seen = feed.seen();
        assert_eq!(seen.count(State::Connecting), after.len() + 1, "{how:?}: one attempt each");
        accounted_for(&seen);
    }
}

#[tokio::test]
async fn cut_again_and_again_while_live_it_misses_nothing_unsaid() {
    let counting = Counting::start().await;
    let proxy = Proxy::start(counting.address()).await;
    let mut feed = Feed::start(continuing(&proxy.url()));
    let mut session = 1;
    for how in [End::Reset, End::Fin, End::Lost, End::Reset, End::Lost, End::Fin] {
        is_back(&mut feed, session).await;
        proxy.end(how);
        drop(feed.reaches(State::Waiting, session).await);
        session += 1;
    }
    is_back(&mut feed, session).await;
    let seen = feed.seen();
    let outages = seen.gaps_by(Cause::Outage);
    assert_eq!(outages.len(), session - 1);
    assert!(seen.missing > 0, "the server went on counting");
    // Each missing number lies in time between its neighbours, and that is around an outage.
    for gap in seen.gaps_by(Cause::Missing) {
        let end = gap.end.expect("it has ended");
        assert!(
            outages.iter().any(|outage| outage.start <= end && outage.end >= Some(gap.start)),
            "{gap:?} has nothing to do with an outage"
        );
    }
    accounted_for(&seen);
}

#[tokio::test]
async fn a_slow_link_is_not_a_dead_one() {
    let counting = Counting::start().await;
    let proxy = Proxy::start(counting.address()).await;
    // Each message comes in several pieces, a long way from each other, in which no whole message
    // is for longer than a connection may be silent.
    let slow =
        Treatment { delay: Duration::from_millis(100), piece_max: Some(8), ..Treatment::default() };
    proxy.treat([slow]);
    let mut profile = continuing(&proxy.url());
    profile.limits.step_max = Duration::from_secs(20);
    // Fewer than the pieces of one message take, more than one piece does.
    profile.heartbeat.ping_after = Duration::from_secs(30);
    profile.heartbeat.idle_max = Duration::from_secs(31);
    let mut feed = Feed::start(profile);
    let seen = feed.has_received(5).await;
    assert_eq!(seen.count(State::Connecting), 1);
    assert!(seen.troubles().is_empty());
    accounted_for(&seen);
}

#[tokio::test]
async fn a_network_that_is_away_is_waited_for() {
    let counting = Counting::start().await;
    let proxy = Proxy::start(counting.address()).await;
    let url = proxy.url();
    let mut feed = Feed::start(continuing(&url));
    is_back(&mut feed, 1).await;
    // With the proxy goes its port: attempts are refused.
    drop(proxy);
    drop(feed.reaches(State::Waiting, 5).await);
    let refused = feed.seen().troubles().iter().filter(|t| t.code == "tcp-refused").count();
    assert!(refused >= 1);
    let address = url.trim_start_matches("ws://").trim_end_matches('/').to_owned();
    let proxy = Proxy::start_at(&address, counting.address()).await;
    is_back(&mut feed, 2).await;
    accounted_for(&feed.seen());
    drop(proxy);
}
