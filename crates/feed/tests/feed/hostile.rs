//! Servers that send nonsense, too much, too little or nothing: what is lost is accounted for, the
//! rest goes on, and nothing grows without bound.

use crate::support::server::{
    BINARY, CONTINUED, FIN, PING, TEXT, answer_pings, drain, frame, head, send_all, text, upgrade,
};
use crate::support::{Feed, Recorder, Server, profile};
use feedscope_feed::link::{self, Event};
use feedscope_feed::profile::Values;
use feedscope_feed::profile::{Backoff, Heartbeat};
use feedscope_feed::{
    Batch, Cause, Profile, RealWorld, Sink, State, Step, Time, Transition, Trouble,
};
use futures_util::{FutureExt, SinkExt, StreamExt};
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::sync::mpsc;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::CloseFrame;

const GOOD: &[u8] = br#"{"value":1}"#;

/// Where a message is sent byte by byte, so that it takes much longer than `idle_max`.
const DRIP: Duration = Duration::from_millis(40);

/// Gives up a silent connection quickly, but not so quickly that a busy machine is taken for one.
fn impatient(url: &str) -> Profile {
    Profile {
        heartbeat: Heartbeat {
            ping_after: Duration::from_millis(300),
            idle_max: Duration::from_millis(900),
            data_max: None,
            data_give_up: None,
            ..Heartbeat::default()
        },
        ..profile(url)
    }
}

// Messages that cannot be read.

#[tokio::test]
async fn a_message_that_cannot_be_read_costs_that_message_alone() {
    let deep = format!("{}{}", "[".repeat(10_000), "]".repeat(10_000));
    let deep_object = format!(r#"{}1{}"#, r#"{"a":"#.repeat(10_000), "}".repeat(10_000));
    for (bad, why) in [
        (text(r#"{"value":"#), "Not JSON"),
        (text("hello"), "Not JSON"),
        (text(r#"{"value":1}{"value":2}"#), "Not JSON"),
        (text(r#"{"value":1,}"#), "Not JSON"),
        (text(r#"{"value":NaN}"#), "“NaN”"),
        (text(r#"{"value":-Infinity}"#), "“-Infinity”"),
        (text(r#"{"value":1e999}"#), "Not JSON"),
        (text(""), "empty"),
        (text(" \n"), "empty"),
        (text(deep), "Nested too deeply"),
        (text(deep_object), "Nested too deeply"),
        (Message::binary(vec![0xff, 0x00, 0xfe]), "Not text"),
        (Message::binary(vec![0x1f, 0x8b, 0x08, 0x00]), "Not text"),
        (Message::binary(Vec::new()), "empty"),
    ] {
        let name = format!("{bad:.40?}");
        let good = text(r#"{"value":1}"#);
        let server = Server::sending(vec![good.clone(), bad, good]).await;
        let mut feed = Feed::start(profile(&server.url()));
        let seen = feed.has_received(3).await;
        assert_eq!((seen.ledger.delivered(), seen.ledger.undecodable()), (2, 1), "{name}");
        assert_eq!(seen.values("value"), [1.0, 1.0], "{name}");
        assert_eq!(seen.states(), [State::Connecting, State::Live], "{name}");
        assert_eq!(seen.gaps.len(), 1, "{name}");
        let gap = &seen.gaps[0];
        assert_eq!(gap.cause, Cause::Undecodable);
        assert!(gap.story.contains(why), "{name}: {}", gap.story);
        assert_eq!(gap.start, seen.records[0].arrival_time);
        assert_eq!(gap.end, Some(seen.records[1].arrival_time));
    }
}

#[tokio::test]
async fn odd_messages_that_are_json_are_records() {
    let messages = [
        r#"{"price":"64000.12","size":"-1e3","id":"0x10","note":"nan"}"#,
        "{}",
        "[]",
        "null",
        "42",
        "\"words\"",
        "[[[[[[1]]]]]]",
        "{\"value\":\"\\ud83d\\ude00\",\"🎈\":1}",
        r#"{"value":1,"value":2}"#,
        r#"{"value":18446744073709551615}"#,
    ];
    let mut sent: Vec<_> = messages.into_iter().map(text).collect();
    sent.push(Message::binary(r#"{"binary":7}"#));
    let count = sent.len() as u64;
    let server = Server::sending(sent).await;
    let mut feed = Feed::start(profile(&server.url()));
    let seen = feed.has_received(count).await;
    assert_eq!(seen.ledger.delivered(), count);
    assert_eq!(seen.values("price"), [64_000.12]);
    assert_eq!(seen.values("size"), [-1_000.0]);
    assert_eq!(seen.values("binary"), [7.0]);
    assert!(seen.values("id").is_empty() && seen.values("note").is_empty());
    assert_eq!(
        seen.values("value"),
        [42.0, 2.0, u64::MAX as f64],
        "the last of a key that is double"
    );
    assert!(seen.gaps.is_empty());
}

#[tokio::test]
async fn fields_beyond_the_limit_are_counted_and_not_listed() {
    let object = |keys: std::ops::Range<u32>| {
        let members: Vec<_> = keys.map(|key| format!(r#""key{key}":{key}"#)).collect();
        text(format!("{{{}}}", members.join(",")))
    };
    // All at once, and bit by bit.
    for messages in
        [vec![object(0..50_000)], (0..50).map(|i| object(i * 1_000..(i + 1) * 1_000)).collect()]
    {
        let count = messages.len() as u64;
        let server = Server::sending(messages).await;
        let profile = profile(&server.url());
        let fields_max = profile.limits.fields_max;
        let mut feed = Feed::start(profile);
        let seen = feed.has_received(count).await;
        assert_eq!(seen.ledger.delivered(), count);
        assert_eq!(seen.fields.len(), fields_max);
        assert_eq!(seen.fields_unlisted, 50_000 - fields_max as u64);
    }
}

// What breaks the connection: it is told, and tried again.

/// The trouble that ends the first session, after which the second one brings data.
async fn broken_by(profile: Profile) -> (Feed, Trouble) {
    let mut feed = Feed::start(profile);
    let (trouble, state, _) = feed.trouble().await;
    println!("{} | {trouble}\n", trouble.code);
    assert_eq!((trouble.step, state), (Step::Session, State::Waiting));
    assert!(trouble.what.ends_with('.'), "{}", trouble.what);
    feed.until("it goes on", |seen| seen.values("again") == [1.0]).await;
    (feed, trouble)
}

#[tokio::test]
async fn text_that_is_none_ends_the_session_and_is_accounted_for() {
    let bytes = [frame(TEXT, GOOD), frame(TEXT, b"{\"value\":\"\xff\xfe\"}")].concat();
    let server = Server::breaking(bytes).await;
    let (feed, trouble) = broken_by(profile(&server.url())).await;
    assert_eq!(trouble.code, "invalid-text");
    assert!(trouble.what.contains("UTF-8"), "{}", trouble.what);
    let seen = feed.seen();
    let ledger = seen.ledger;
    assert_eq!((ledger.received(), ledger.delivered(), ledger.undecodable()), (3, 2, 1));
    let outages = seen.gaps_by(Cause::Outage);
    assert_eq!(outages.len(), 1);
    assert_eq!(outages[0].story, trouble.what);
}

#[tokio::test]
async fn frames_against_the_protocol_end_the_session_with_what_was_wrong() {
    let masked = [&[TEXT, 0x80 | 2, 1, 2, 3, 4], &[b'{' ^ 1, b'}' ^ 2][..]].concat();
    for (bytes, why) in [
        (frame(TEXT | 0x40, GOOD), "eserved bits"),
        (frame(TEXT | 0x10, GOOD), "eserved bits"),
        (masked, "asked"),
        (frame(FIN | 0x3, GOOD), "3"),
        (frame(FIN | 0xb, GOOD), "11"),
        (frame(FIN | CONTINUED, GOOD), "ontinue"),
        (frame(PING & !FIN, b""), "ragmented"),
        (frame(PING, &[0; 126]), "ontrol frame"),
        ([frame(TEXT & !FIN, b"{"), frame(TEXT, GOOD)].concat(), "ragment"),
        (b"HTTP/1.1 200 OK\r\n\r\n".repeat(8), "eserved bits"),
    ] {
        let server = Server::breaking([frame(TEXT, GOOD), bytes].concat()).await;
        let (feed, trouble) = broken_by(profile(&server.url())).await;
        assert_eq!(trouble.code, "protocol", "{trouble}");
        assert!(trouble.answer.as_deref().unwrap().contains(why), "{trouble}");
        assert!(trouble.advice.contains("tried again"), "{}", trouble.advice);
        let ledger = feed.seen().ledger;
        assert_eq!((ledger.received(), ledger.delivered()), (2, 2));
    }
}

#[tokio::test]
async fn a_message_of_100_mb_ends_the_session_before_it_is_taken_in() {
    // Its first bytes are enough: nobody waits for the rest.
    let bytes = [frame(TEXT, GOOD), head(TEXT, 100_000_000), vec![b' '; 1_000_000]].concat();
    let server = Server::breaking(bytes).await;
    let (feed, trouble) = broken_by(profile(&server.url())).await;
    assert_eq!(trouble.code, "too-large");
    assert!(trouble.what.contains("100 MB"), "{}", trouble.what);
    let seen = feed.seen();
    assert_eq!((seen.ledger.received(), seen.ledger.overflow()), (3, 1));
    assert_eq!(seen.gaps.len(), 1);
    assert_eq!((seen.gaps[0].cause, &seen.gaps[0].story), (Cause::Overflow, &trouble.what));
    assert_eq!(seen.gaps[0].start, seen.records[0].arrival_time);
}

#[tokio::test]
async fn a_message_that_is_too_large_in_parts_is_too_large() {
    let part = vec![b' '; 400_000];
    let mut bytes = frame(TEXT & !FIN, &part);
    (0..3).for_each(|_| bytes.extend(frame(CONTINUED, &part)));
    let server = Server::breaking([frame(TEXT, GOOD), bytes].concat()).await;
    let mut profile = profile(&server.url());
    profile.limits.message_bytes_max = 1_000_000;
    let (feed, trouble) = broken_by(profile).await;
    assert_eq!(trouble.code, "too-large");
    assert_eq!(feed.seen().ledger.overflow(), 1);
}

#[tokio::test]
async fn a_length_beyond_all_memory_is_refused() {
    let bytes = [frame(TEXT, GOOD), vec![TEXT, 127], u64::MAX.to_be_bytes().to_vec()].concat();
    let server = Server::breaking(bytes).await;
    let (feed, trouble) = broken_by(profile(&server.url())).await;
    assert!(["too-large", "protocol"].contains(&trouble.code), "{trouble}");
    assert!(feed.seen().ledger.balances());
}

#[tokio::test]
async fn a_message_of_60_mb_is_received_whole() {
    let message = format!(r#"{{"value":1,"rest":"{}","end":2}}"#, "x".repeat(60_000_000));
    let server = Server::sending(vec![text(message)]).await;
    let mut feed = Feed::start(profile(&server.url()));
    let seen = feed.has_received(1).await;
    assert_eq!(seen.ledger.delivered(), 1);
    assert_eq!((seen.values("value"), seen.values("end")), (vec![1.0], vec![2.0]));
    assert_eq!(seen.count(State::Connecting), 1);
}

#[tokio::test]
async fn an_overflow_is_the_cause_of_its_gap_even_when_data_came_just_before() {
    let server = Server::start(|number, mut stream| async move {
        upgrade(&mut stream).await;
        let _ = stream.write_all(&frame(TEXT, GOOD)).await;
        if number == 1 {
            // The client says that the feed is stale before what follows, which ends that.
            let mut byte = [0];
            let _ = stream.read(&mut byte).await;
            let both = [frame(TEXT, GOOD), head(TEXT, 100_000_000)].concat();
            let _ = stream.write_all(&both).await;
        }
        drain(&mut stream).await;
    })
    .await;
    let mut profile = profile(&server.url());
    profile.heartbeat.data_max = Some(Duration::from_millis(100));
    profile.heartbeat.ping_after = Duration::from_millis(400);
    let mut feed = Feed::start(profile);
    let seen = feed.until("the overflow is over", |seen| {
        seen.ledger.overflow() == 1 && seen.open_gap.is_none() && seen.ledger.delivered() == 3
    });
    let seen = seen.await;
    let causes: Vec<_> = seen.gaps.iter().map(|gap| gap.cause).collect();
    assert_eq!(causes, [Cause::Silence, Cause::Overflow]);
}

#[tokio::test]
async fn a_message_in_parts_is_one_message() {
    let bytes = [
        frame(TEXT & !FIN, b"{\"val"),
        frame(PING, b"in between"),
        frame(CONTINUED, b"ue\":4"),
        frame(CONTINUED, b""),
        frame(FIN | CONTINUED, b"2}"),
        frame(BINARY, GOOD),
    ];
    let server = Server::breaking(bytes.concat()).await;
    let mut feed = Feed::start(profile(&server.url()));
    let seen = feed.has_received(2).await;
    assert_eq!(seen.values("value"), [42.0, 1.0]);
    assert_eq!((seen.ledger.received(), seen.ledger.delivered()), (2, 2));
}

#[tokio::test]
async fn who_breaks_the_rules_is_told_so_before_we_leave() {
    for (bytes, code) in [
        (frame(TEXT | 0x40, GOOD), 1002),
        (frame(FIN | CONTINUED, GOOD), 1002),
        (frame(TEXT, b"\xff\xfe"), 1007),
        (head(TEXT, 100_000_000), 1009),
    ] {
        let (tell, mut told) = mpsc::channel(1);
        let server = Server::start(move |_, mut stream| {
            let (tell, bytes) = (tell.clone(), bytes.clone());
            async move {
                upgrade(&mut stream).await;
                let _ = stream.write_all(&bytes).await;
                // More than was looked at: it must not cost us what is said.
                let _ = stream.write_all(&[0; 300_000]).await;
                let mut said = Vec::new();
                let _ = stream.read_to_end(&mut said).await;
                let _ = tell.send(said).await;
            }
        })
        .await;
        let mut feed = Feed::start(profile(&server.url()));
        feed.trouble().await;
        let said =
            tokio::time::timeout(crate::support::DEADLINE, told.recv()).await.unwrap().unwrap();
        // A masked goodbye: two bytes of head, four of mask, the code.
        let [0x88, 0x82, a, b, _, _, x, y] = said[..] else { panic!("{code}: {said:?}") };
        assert_eq!(u16::from_be_bytes([x ^ a, y ^ b]), code);
    }
}

#[tokio::test]
async fn a_ping_gets_through_in_the_middle_of_a_large_message() {
    const MESSAGE_BYTES: usize = 10_000_000;
    let (tell, mut told) = mpsc::channel(1);
    let (begin_reading, may_read) = tokio::sync::watch::channel(false);
    let server = Server::start(move |_, mut stream| {
        let (tell, mut may_read) = (tell.clone(), may_read.clone());
        async move {
            upgrade(&mut stream).await;
            let _ = may_read.wait_for(|may| *may).await;
            // Frames: their first bytes, and how much of the message had come before.
            let (mut frames, mut came) = (Vec::new(), 0_usize);
            while came < MESSAGE_BYTES {
                let (bits, length) = (stream.read_u8().await?, stream.read_u8().await? & 0x7f);
                let length = match length {
                    126 => usize::from(stream.read_u16().await?),
                    127 => stream.read_u64().await? as usize,
                    length => usize::from(length),
                };
                let mut payload = vec![0; 4 + length];
                stream.read_exact(&mut payload).await?;
                frames.push((bits, came));
                if bits != PING {
                    came += length;
                }
            }
            let _ = tell.send(frames).await;
            std::io::Result::Ok(())
        }
        .map(drop)
    })
    .await;
    let line = std::sync::Arc::new(tokio::sync::Mutex::new(())).lock_owned().await;
    let profile = profile(&server.url());
    let world = RealWorld::default();
    let mut socket = link::dial(&profile, &Values::default(), &world, line).await.unwrap();
    let mut events = Vec::new();
    assert!(socket.has_room());
    socket.send(Message::binary(vec![7; MESSAGE_BYTES]));
    assert!(!socket.has_room(), "a large message fills what may be under way");
    // As much of it goes out as the system takes; nobody reads yet.
    let idle = tokio::time::timeout(Duration::from_millis(300), socket.read(&mut events)).await;
    assert!(idle.is_err());
    assert!(socket.send_urgent(Message::Ping("now".into())));
    begin_reading.send(true).unwrap();
    let frames = tokio::time::timeout(crate::support::DEADLINE, async {
        loop {
            tokio::select! {
                frames = told.recv() => return frames.unwrap(),
                _ = socket.read(&mut events) => {}
            }
        }
    });
    let frames = frames.await.unwrap();
    let &(_, before) = frames.iter().find(|(bits, _)| *bits == PING).expect("the ping came");
    assert!(before < MESSAGE_BYTES / 2, "{before} bytes of the message came before the ping");
    let of_message: Vec<u8> =
        frames.iter().map(|(bits, _)| *bits).filter(|bits| *bits != PING).collect();
    assert_eq!(of_message.first(), Some(&(BINARY & !FIN)));
    assert_eq!(of_message.last(), Some(&(FIN | CONTINUED)));
    assert!(of_message[1..of_message.len() - 1].iter().all(|bits| *bits == CONTINUED));
}

#[tokio::test]
async fn what_is_sent_to_a_server_that_takes_nothing_is_bounded() {
    let server = Server::start(|_, mut stream| async move {
        upgrade(&mut stream).await;
        std::future::pending::<()>().await;
    })
    .await;
    let line = std::sync::Arc::new(tokio::sync::Mutex::new(())).lock_owned().await;
    let profile = profile(&server.url());
    let world = RealWorld::default();
    let mut socket = link::dial(&profile, &Values::default(), &world, line).await.unwrap();
    let mut events = Vec::new();
    let pings = (0..100_000).take_while(|_| socket.send_urgent(Message::Ping("x".into()))).count();
    assert!(pings < 10_000, "{pings} pings wait");
    // Who does not look whether there is room is stopped.
    let message = Message::binary(vec![0; 1 << 20]);
    for _ in 0..100 {
        socket.send(message.clone());
    }
    let read = socket.read(&mut events);
    assert!(!tokio::time::timeout(crate::support::DEADLINE, read).await.unwrap());
    assert!(matches!(events[..], [Event::Failed(_)]), "{events:?}");
}

// Pings.

#[tokio::test]
async fn a_flood_of_pings_is_answered_and_is_no_data() {
    const PINGS: usize = 50_000;
    let (tell, mut told) = mpsc::channel(1);
    let server = Server::websocket(move |_, socket| {
        let tell = tell.clone();
        async move {
            let (mut sink, mut stream) = socket.split();
            let answers = tokio::spawn(async move {
                while let Some(Ok(message)) = stream.next().await {
                    if message == Message::Pong("last".into()) {
                        let _ = tell.send(()).await;
                    }
                }
            });
            for number in 0..PINGS {
                let _ = sink.feed(Message::Ping(vec![0; 100].into())).await;
                if number % 1_000 == 0 {
                    let _ = sink.feed(text(r#"{"value":1}"#)).await;
                }
            }
            let _ = sink.send(Message::Ping("last".into())).await;
            let _ = answers.await;
        }
    })
    .await;
    let mut feed = Feed::start(profile(&server.url()));
    tokio::time::timeout(crate::support::DEADLINE, told.recv()).await.unwrap().unwrap();
    let seen = feed.has_received(PINGS as u64 / 1_000).await;
    assert_eq!(seen.ledger.received(), PINGS as u64 / 1_000);
    assert_eq!(seen.states(), [State::Connecting, State::Live]);
}

#[tokio::test]
async fn a_server_that_pings_and_never_reads_does_not_stop_the_data() {
    // More answers than all buffers between can take.
    const PINGS: usize = 150_000;
    let server = Server::start(|_, mut stream| async move {
        upgrade(&mut stream).await;
        let pings = frame(PING, &[0; 125]).repeat(1_000);
        for _ in 0..PINGS / 1_000 {
            let _ = stream.write_all(&pings).await;
            let _ = stream.write_all(&frame(TEXT, GOOD)).await;
        }
        // Keeps it open, without reading.
        std::future::pending::<()>().await;
    })
    .await;
    let mut feed = Feed::start(profile(&server.url()));
    let seen = feed.has_received(PINGS as u64 / 1_000).await;
    assert_eq!(seen.states(), [State::Connecting, State::Live]);
    drop(seen);
    // And it can still be left.
    feed.stop();
    feed.reaches(State::Stopped, 1).await;
}

// Connections that end, or do not.

#[tokio::test]
async fn a_server_that_closes_at_once_is_not_hammered() {
    let (tell, mut accepts) = mpsc::channel(16);
    let server = Server::websocket(move |_, mut socket| {
        let tell = tell.clone();
        async move {
            let _ = tell.send(Instant::now()).await;
            let _ = socket.close(None).await;
            answer_pings(&mut socket).await;
        }
    })
    .await;
    let mut feed = Feed::start(profile(&server.url()));
    let seen = feed.reaches(State::Connecting, 7).await;
    let dialled = seen.transitions.iter().filter(|(_, to)| to.state == State::Connecting);
    let causes: Vec<_> = dialled.map(|(_, to)| to.cause.as_str()).collect();
    let attempts = [
        "Started.",
        "Attempt 2.",
        "Attempt 3.",
        "Attempt 4.",
        "Attempt 5.",
        "Attempt 6.",
        "Attempt 7.",
    ];
    assert_eq!(causes, attempts, "to be open for a moment is no success");
    let mut times = Vec::new();
    while let Ok(time) = accepts.try_recv() {
        times.push(time);
    }
    assert!(times.len() >= 6);
    for pair in times.windows(2) {
        let apart = pair[1] - pair[0];
        assert!(apart >= feedscope_feed::session::WAIT_MIN, "{apart:?} between two attempts");
    }
}

#[tokio::test]
async fn waits_grow_while_sessions_do_not_last() {
    let server = Server::websocket(|_, mut socket| async move {
        let _ = socket.close(None).await;
        answer_pings(&mut socket).await;
    })
    .await;
    let mut profile = profile(&server.url());
    profile.backoff = Backoff {
        first: Duration::from_millis(100),
        max: Duration::from_secs(3_600),
        uptime_min: Duration::from_secs(60),
    };
    let mut feed = Feed::start(profile);
    // Each wait has twice the ceiling of the one before; with full jitter, one that is longer than
    // the first three ceilings shows that they grow.
    feed.until("a wait is longer than the first three can be", |seen| {
        seen.latest(State::Waiting)
            .is_some_and(|(_, to)| to.wait > Some(Duration::from_millis(400)))
    })
    .await;
}

#[tokio::test]
async fn a_goodbye_is_told_with_its_code_and_reason_and_judged_by_it() {
    for (code, reason, state, meaning) in [
        (1000, "done for today", State::Waiting, "done"),
        (1001, "", State::Waiting, "going away"),
        (1011, "out of memory", State::Waiting, "error in the server"),
        (1012, "", State::Waiting, "restarting"),
        (1013, "later", State::Waiting, "try again later"),
        (4001, "bad key: “é”", State::Waiting, "a code of its own"),
        (1008, "not you", State::Stopped, "against its policy"),
    ] {
        let (tell, mut told) = mpsc::channel(8);
        let server = Server::websocket(move |_, mut socket| {
            let tell = tell.clone();
            async move {
                let goodbye = CloseFrame { code: code.into(), reason: reason.into() };
                let _ = socket.send(Message::Close(Some(goodbye))).await;
                let answer = socket.next().await;
                let _ = tell.send(answer).await;
            }
        })
        .await;
        let mut feed = Feed::start(profile(&server.url()));
        let (trouble, then, _) = feed.trouble().await;
        println!("{trouble}\n");
        assert_eq!((trouble.step, trouble.code, then), (Step::Session, "closed", state), "{code}");
        for part in [&format!("({code}, "), meaning, reason] {
            assert!(trouble.what.contains(part), "{}", trouble.what);
        }
        let answer =
            tokio::time::timeout(crate::support::DEADLINE, told.recv()).await.unwrap().unwrap();
        assert!(matches!(answer, Some(Ok(Message::Close(_)))), "{code}: {answer:?}");
    }
}

#[tokio::test]
async fn a_goodbye_without_a_code_is_one_too() {
    let server = Server::breaking(frame(FIN | 0x8, b"")).await;
    let (_, trouble) = broken_by(profile(&server.url())).await;
    assert_eq!(trouble.what, "The server closed the connection (1005, no code given).");
}

#[tokio::test]
async fn a_connection_cut_in_the_middle_of_a_frame_is_told_as_cut() {
    let server = Server::start(|number, mut stream| async move {
        upgrade(&mut stream).await;
        if number == 1 {
            let _ = stream.write_all(&head(TEXT, 1_000)).await;
            let _ = stream.shutdown().await;
        } else {
            let _ = stream.write_all(&frame(TEXT, br#"{"again":1}"#)).await;
        }
        drain(&mut stream).await;
    })
    .await;
    let (feed, trouble) = broken_by(profile(&server.url())).await;
    assert_eq!(trouble.code, "cut");
    assert_eq!(feed.seen().ledger.received(), 1, "half a message is none");
}

#[tokio::test]
async fn a_server_that_hangs_in_the_middle_of_a_frame_is_given_up() {
    let bytes = [frame(TEXT, GOOD), head(TEXT, 1_000), vec![b' '; 500]].concat();
    let server = Server::breaking(bytes).await;
    let (feed, trouble) = broken_by(impatient(&server.url())).await;
    assert_eq!(trouble.code, "idle");
    assert_eq!(feed.seen().ledger.received(), 2);
}

#[tokio::test]
async fn a_connection_that_went_quiet_was_lost_when_the_last_bytes_came() {
    let server = Server::breaking(frame(TEXT, GOOD)).await;
    let (feed, trouble) = broken_by(impatient(&server.url())).await;
    assert_eq!(trouble.code, "idle");
    let seen = feed.seen();
    let outages = seen.gaps_by(Cause::Outage);
    assert_eq!(outages.len(), 1);
    assert_eq!(outages[0].start, seen.records[0].arrival_time);
}

/// Takes longer over its first batch than a quiet connection is given.
struct Slow(Recorder, Duration);

impl Sink for Slow {
    fn transition(&mut self, at: Time, transition: &Transition) {
        self.0.transition(at, transition);
    }

    fn batch(&mut self, batch: &Batch<'_>) {
        if !batch.records.is_empty() {
            // Not in the way of the server, which runs on the same threads.
            tokio::task::block_in_place(|| std::thread::sleep(std::mem::take(&mut self.1)));
        }
        self.0.batch(batch);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_was_busy_looks_what_has_come_before_giving_up() {
    let server = Server::start(|_, mut stream| async move {
        upgrade(&mut stream).await;
        let _ = stream.write_all(&frame(TEXT, GOOD)).await;
        let mut byte = [0];
        loop {
            // So that the second message is on its way, but not taken with the first.
            tokio::time::sleep(DRIP).await;
            if stream.write_all(&frame(TEXT, GOOD)).await.is_err() {
                break;
            }
            if stream.try_read(&mut byte).is_ok_and(|read| read == 0) {
                break;
            }
        }
    })
    .await;
    let profile = impatient(&server.url());
    let busy = 2 * profile.heartbeat.idle_max;
    let mut feed = Feed::start_with(profile, |recorder| Slow(recorder, busy));
    let seen = feed.has_received(20).await;
    assert_eq!(seen.states(), [State::Connecting, State::Live]);
}

#[tokio::test]
async fn a_large_message_that_comes_slowly_is_life() {
    let server = Server::start(|_, mut stream| async move {
        upgrade(&mut stream).await;
        // Answers no pings: there is only the message.
        let (mut read, mut write) = stream.split();
        let mut nowhere = tokio::io::sink();
        let _ = tokio::join!(tokio::io::copy(&mut read, &mut nowhere), async {
            for byte in frame(TEXT, format!(r#"{{"value":1,{:>40}}}"#, r#""x":2"#).as_bytes()) {
                let _ = write.write_all(&[byte]).await;
                tokio::time::sleep(DRIP).await;
            }
        });
    })
    .await;
    let profile = impatient(&server.url());
    let mut feed = Feed::start(profile);
    let seen = feed.has_received(1).await;
    assert_eq!(seen.states(), [State::Connecting, State::Live]);
}

#[tokio::test]
async fn silence_is_stale_and_then_given_up_although_pings_are_answered() {
    let server = Server::websocket(|number, mut socket| async move {
        let message = if number == 1 { r#"{"value":1}"# } else { r#"{"again":1}"# };
        send_all(&mut socket, vec![text(message)]).await;
        answer_pings(&mut socket).await;
    })
    .await;
    let mut profile = impatient(&server.url());
    profile.heartbeat.data_max = Some(Duration::from_millis(1_200));
    profile.heartbeat.data_give_up = Some(Duration::from_millis(1_800));
    let (feed, trouble) = broken_by(profile).await;
    assert_eq!(trouble.code, "silent");
    let seen = feed.seen();
    let until_again = [State::Connecting, State::Live, State::Stale, State::Waiting];
    assert_eq!(seen.states()[..4], until_again);
    assert_eq!(seen.gaps.len(), 1, "one gap over the whole time");
    assert_eq!(seen.gaps[0].start, seen.records[0].arrival_time, "from the last data on");
}

#[tokio::test]
async fn data_ends_a_silence_and_the_gap_that_it_is() {
    let (go_on, wait) = tokio::sync::watch::channel(false);
    let server = Server::websocket(move |_, mut socket| {
        let mut wait = wait.clone();
        async move {
            send_all(&mut socket, vec![text(r#"{"value":1}"#)]).await;
            let _ = wait.wait_for(|go_on| *go_on).await;
            send_all(&mut socket, vec![text(r#"{"value":2}"#)]).await;
            answer_pings(&mut socket).await;
        }
    })
    .await;
    let mut profile = profile(&server.url());
    profile.heartbeat.data_max = Some(Duration::from_millis(200));
    let mut feed = Feed::start(profile);
    let seen = feed.reaches(State::Stale, 1).await;
    drop(seen);
    let seen = feed.until("the gap is told", |seen| seen.open_gap.is_some()).await;
    assert_eq!(seen.open_gap.as_ref().unwrap().cause, Cause::Silence);
    drop(seen);
    go_on.send(true).unwrap();
    let seen = feed.has_received(2).await;
    assert_eq!(seen.gaps.len(), 1);
    assert_eq!(seen.gaps[0].cause, Cause::Silence);
    assert_eq!(seen.gaps[0].start, seen.records[0].arrival_time);
    assert_eq!(seen.gaps[0].end, Some(seen.records[1].arrival_time));
    drop(seen);
    let seen = feed.until("it is live again", |seen| seen.count(State::Live) == 2).await;
    assert_eq!(seen.count(State::Connecting), 1);
}
