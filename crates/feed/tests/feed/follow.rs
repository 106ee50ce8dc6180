//! What became of each message, told to whoever follows them.

use crate::support::server::{answer_pings, send_all, text};
use crate::support::{DEADLINE, Feed, Server, WebSocket, numbered, numbered_profile};
use feedscope_feed::profile::{Offline, Outbox, Path, TimeAt, TimeUnit};
use feedscope_feed::{
    Batch, Code, Control, Direction, Fate, Followed, Ledger, Outcome, Raw, Settings, Sink, State,
    Subscription, Time, Transition,
};
use futures_util::{SinkExt, StreamExt};
use std::collections::BTreeMap;
use std::time::Duration;
use tokio::sync::watch;
use tokio_tungstenite::tungstenite::protocol::CloseFrame;
use tokio_tungstenite::tungstenite::{Bytes, Message};

/// What is kept of a message.
#[derive(Clone, Debug, PartialEq)]
struct Kept {
    payload: String,
    of: (Option<String>, Option<String>),
    sequence: Option<u64>,
    source_time: Option<Time>,
    messages: u32,
    fate: Fate,
    why: Option<String>,
}

#[derive(Debug, Default)]
struct Seen {
    followed: BTreeMap<u64, Kept>,
    settled: Vec<(u64, Fate)>,
    controls: Vec<(Direction, Control, String)>,
    sent: Vec<String>,
    ledger: Ledger,
    times_live: usize,
    /// What was followed is told before the batch that it is in.
    batches: Vec<usize>,
}

impl Seen {
    fn fates(&self) -> Vec<Fate> {
        self.followed.values().map(|kept| kept.fate).collect()
    }
}

/// Follows so many of each read.
struct Follower {
    seen: watch::Sender<Seen>,
    next: usize,
}

impl Sink for Follower {
    fn transition(&mut self, _at: Time, transition: &Transition) {
        let is_live = transition.state == State::Live;
        self.seen.send_modify(|seen| seen.times_live += usize::from(is_live));
    }

    fn batch(&mut self, batch: &Batch<'_>) {
        self.seen.send_modify(|seen| {
            seen.ledger = batch.totals.ledger;
            seen.batches.push(seen.followed.len());
        });
    }

    fn raw(&mut self, _at: Time, message: Raw<'_>) {
        if message.direction == Direction::Sent {
            let text = String::from_utf8_lossy(message.payload).into_owned();
            self.seen.send_modify(|seen| seen.sent.push(text));
        }
    }

    fn follow_next(&mut self, _at: Time) -> usize {
        self.next
    }

    fn followed(&mut self, message: &Followed<'_>) {
        let kept = Kept {
            payload: String::from_utf8_lossy(message.payload).into_owned(),
            of: (message.channel.map(str::to_owned), message.key.map(str::to_owned)),
            sequence: message.sequence,
            source_time: message.source_time,
            messages: message.messages,
            fate: message.fate,
            why: message.why.map(str::to_owned),
        };
        self.seen.send_modify(|seen| {
            assert_eq!(seen.followed.insert(message.number, kept), None, "each is told once");
        });
    }

    fn settled(&mut self, number: u64, fate: Fate) {
        self.seen.send_modify(|seen| {
            if let Some(kept) = seen.followed.get_mut(&number) {
                assert_eq!(kept.fate, Fate::Held, "only what was held is settled");
                kept.fate = fate;
            }
            seen.settled.push((number, fate));
        });
    }

    fn control(&mut self, _at: Time, direction: Direction, what: Control, payload: &[u8]) {
        let payload = String::from_utf8_lossy(payload).into_owned();
        self.seen.send_modify(|seen| seen.controls.push((direction, what, payload)));
    }
}

fn follow(profile: feedscope_feed::Profile, next: usize) -> (Subscription, watch::Receiver<Seen>) {
    let (seen, receiver) = watch::channel(Seen::default());
    let sink = Follower { seen, next };
    (Subscription::start(profile, Settings::default(), sink).unwrap(), receiver)
}

async fn until(
    seen: &mut watch::Receiver<Seen>,
    met: impl FnMut(&Seen) -> bool,
) -> watch::Ref<'_, Seen> {
    tokio::time::timeout(DEADLINE, seen.wait_for(met)).await.expect("in time").unwrap()
}

async fn one_by_one(mut socket: WebSocket, messages: Vec<String>) {
    send_all(&mut socket, messages.into_iter().map(text).collect()).await;
    answer_pings(&mut socket).await;
}

#[tokio::test]
async fn each_message_says_where_it_went_in_the_ledger() {
    let messages: Vec<String> = ["1", "2", "2", "4", "3", "x", "10"]
        .iter()
        .map(|number| number.parse().map_or("{nonsense".into(), numbered))
        .chain([r#"{"n":3,"value":1,"t":1700000000000,"s":"BTC"}"#.into()])
        .collect();
    let server = Server::websocket(move |_, socket| one_by_one(socket, messages.clone())).await;
    let mut profile = numbered_profile(&server.url());
    profile.sequence[0].wait_max = Duration::from_millis(1);
    profile.decode.key = vec![Path::key("s")];
    profile.decode.time = vec![TimeAt { path: Path::key("t"), unit: TimeUnit::Millis }];
    let (_feed, mut seen) = follow(profile, usize::MAX);
    let seen = until(&mut seen, |seen| {
        seen.followed.len() == 8 && seen.ledger.held() == 0 && seen.ledger.received() == 8
    })
    .await;
    let last = &seen.followed[&8];
    assert_eq!((last.sequence, last.of.1.as_deref()), (Some(3), Some("BTC")));
    assert_eq!(last.source_time, Some(Time(1_700_000_000_000_000_000)));
    assert_eq!(
        seen.fates(),
        [
            Fate::Delivered,
            Fate::Delivered,
            Fate::Duplicate,
            // It was held until 3 came.
            Fate::Delivered,
            Fate::Delivered,
            Fate::Undecodable,
            // It was held in vain for what lies before it.
            Fate::Delivered,
            Fate::Duplicate,
        ]
    );
    assert_eq!(seen.settled, [(4, Fate::Delivered), (7, Fate::Delivered)]);
    assert!(seen.followed[&6].why.is_some() && seen.followed[&6].of == (None, None));
    assert_eq!(seen.followed[&6].payload, "{nonsense");
    // And so it adds up.
    let of = |fate| seen.fates().iter().filter(|one| **one == fate).count() as u64;
    let ledger = seen.ledger;
    assert_eq!(of(Fate::Delivered), ledger.delivered());
    assert_eq!(of(Fate::Duplicate), ledger.duplicate());
    assert_eq!(of(Fate::Undecodable), ledger.undecodable());
    assert!(seen.batches.last() == Some(&8));
}

#[tokio::test]
async fn what_a_text_is_does_not_hang_on_what_came_twice_or_out_of_turn() {
    let said = [(1, false), (2, true), (1, false), (3, false), (5, true), (4, false), (6, false)];
    let messages = said.map(|(number, on)| format!(r#"{{"n":{number},"on":{on}}}"#)).to_vec();
    let server = Server::websocket(move |_, socket| one_by_one(socket, messages.clone())).await;
    let mut feed = Feed::start(numbered_profile(&server.url()));
    let seen = feed.until("all is there", |seen| seen.records.len() == 6).await;
    // As one who hears only of changes knows it.
    let mut now = None;
    let states = seen.records.iter().map(|record| {
        now = record.texts.last().map(|(_, code)| *code).or(now);
        (record.sequence.unwrap(), now.unwrap() == Code::TRUE)
    });
    let expected = [(1, false), (2, true), (3, false), (4, false), (5, true), (6, false)];
    assert_eq!(states.collect::<Vec<_>>(), expected);
}

#[tokio::test]
async fn several_in_one_are_told_as_one_by_what_is_most_worth_knowing() {
    let messages = vec![r#"[{"n":1},{"n":2}]"#.into(), r#"[{"n":2},{"n":3}]"#.into(), "[]".into()];
    let server = Server::websocket(move |_, socket| one_by_one(socket, messages.clone())).await;
    let mut profile = numbered_profile(&server.url());
    profile.decode.array = true;
    let (_feed, mut seen) = follow(profile, usize::MAX);
    let seen = until(&mut seen, |seen| seen.followed.len() == 3).await;
    assert_eq!(seen.fates(), [Fate::Delivered, Fate::Duplicate, Fate::Control]);
    let of = |number| (seen.followed[&number].messages, seen.followed[&number].sequence);
    assert_eq!([of(1), of(2), of(3)], [(2, Some(1)), (2, Some(2)), (1, None)]);
}

#[tokio::test]
async fn what_is_not_followed_is_counted_and_costs_nothing_else() {
    const ALL: u64 = 5_000;
    let server =
        Server::websocket(|_, socket| one_by_one(socket, (1..=ALL).map(numbered).collect())).await;
    let (_feed, mut seen) = follow(numbered_profile(&server.url()), 2);
    let seen = until(&mut seen, |seen| seen.ledger.received() == ALL).await;
    assert!(seen.followed.len() < ALL as usize, "two of each read: {}", seen.followed.len());
    for (number, kept) in &seen.followed {
        assert_eq!((kept.sequence, kept.fate), (Some(*number), Fate::Delivered));
        assert_eq!(kept.payload, numbered(*number));
    }
}

#[tokio::test]
async fn what_is_said_about_the_connection_is_told_both_ways() {
    let server = Server::websocket(|number, mut socket| async move {
        if number == 1 {
            let _ = socket.send(Message::Ping(Bytes::from_static(b"are you there"))).await;
            let _ = socket.send(Message::Pong(Bytes::from_static(b"unasked"))).await;
            let goodbye = CloseFrame { code: 1001.into(), reason: "bye".into() };
            let _ = socket.close(Some(goodbye)).await;
        }
        answer_pings(&mut socket).await;
    })
    .await;
    let (feed, mut seen) = follow(numbered_profile(&server.url()), usize::MAX);
    let (received, sent) = (Direction::Received, Direction::Sent);
    let told = until(&mut seen, |seen| seen.controls.len() >= 4).await.controls.clone();
    let expected = [
        (received, Control::Ping, "are you there".to_owned()),
        (sent, Control::Pong, "are you there".to_owned()),
        (received, Control::Pong, "unasked".to_owned()),
        (received, Control::Close(1001), "bye".to_owned()),
    ];
    assert_eq!(told, expected);
    drop(until(&mut seen, |seen| seen.times_live == 2).await);
    feed.stop();
    let told = until(&mut seen, |seen| seen.controls.len() >= 5).await.controls.clone();
    assert_eq!(told[4], (sent, Control::Close(1000), String::new()));
}

#[tokio::test]
async fn of_what_is_sent_secretly_only_what_may_be_shown_is_told() {
    let (tell, mut told) = tokio::sync::mpsc::channel(8);
    let server = Server::websocket(move |_, mut socket| {
        let tell = tell.clone();
        async move {
            while let Some(Ok(message)) = socket.next().await {
                if let Message::Text(text) = message {
                    let _ = tell.send(text.to_string()).await;
                }
            }
        }
    })
    .await;
    let profile = feedscope_feed::Profile {
        outbox: Outbox { offline: Offline::Keep, ..Outbox::default() },
        ..numbered_profile(&server.url())
    };
    let (feed, mut seen) = follow(profile, usize::MAX);
    let shown = r#"{"token":"${secret:key}"}"#;
    let outcome = feed.send_secretly(r#"{"token":"hunter2"}"#, shown.into()).await;
    assert_eq!(outcome, Outcome::Sent);
    assert_eq!(told.recv().await.as_deref(), Some(r#"{"token":"hunter2"}"#));
    assert_eq!(until(&mut seen, |seen| !seen.sent.is_empty()).await.sent, [shown]);
}
