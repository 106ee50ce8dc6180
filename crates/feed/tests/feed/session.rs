//! A feed over many sessions: it goes on by itself, does at once what it is told, holds one socket
//! at a time, and knows what it missed in between.

use crate::support::server::{answer_pings, drain, head, send_all, text, upgrade};
use crate::support::{DEADLINE, Feed, Server, WebSocket, numbered, numbered_profile, profile};
use feedscope_feed::profile::{
    Acknowledgement, Answer, Backoff, Condition, GapAction, OnGap, Only, Opening, Path, Ping,
    Resume, Template,
};
use feedscope_feed::world::{Keeper, WithSecrets};
use feedscope_feed::{Cause, Outcome, Profile, RealWorld, Settings, State, Step, Unsent, World};
use futures_util::{SinkExt, StreamExt};
use std::io::{ErrorKind, Read};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use tokio::io::AsyncWriteExt;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio_tungstenite::accept_async;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::CloseFrame;

const A_DAY: Duration = Duration::from_secs(24 * 3_600);

/// Sends these numbers, then nothing more.
async fn counting(mut socket: WebSocket, numbers: std::ops::RangeInclusive<u64>) {
    send_all(&mut socket, numbers.map(|number| text(numbered(number))).collect()).await;
    answer_pings(&mut socket).await;
}

/// A server that waits at each of the steps for as long as it takes.
async fn hanging() -> Server {
    Server::start(|_, mut stream| async move { drain(&mut stream).await }).await
}

/// A profile that never tries again by itself.
fn patient(url: &str) -> Profile {
    let backoff = Backoff { first: A_DAY, max: A_DAY, ..Backoff::default() };
    Profile { backoff, ..numbered_profile(url) }
}

#[tokio::test]
async fn a_server_that_comes_back_is_found_and_the_outage_is_one_gap() {
    let first = Server::websocket(|_, socket| counting(socket, 1..=5)).await;
    let (url, address) = (first.url(), first.address());
    let mut feed = Feed::start(numbered_profile(&url));
    feed.has_received(5).await;
    first.kill().await;
    // Some attempts fail in between.
    let seen = feed.reaches(State::Waiting, 3).await;
    let open = seen.open_gap.clone().expect("an outage lasts until it ends");
    assert_eq!((open.cause, open.end), (Cause::Outage, None));
    assert_eq!(open.start, seen.records[4].arrival_time, "from the last sign of life on");
    assert_eq!(open.story, seen.troubles()[0].what, "what it began with");
    drop(seen);

    let _second = Server::websocket_at(&address, |_, socket| counting(socket, 1..=5)).await;
    let seen = feed.has_received(10).await;
    assert_eq!(seen.ledger.delivered(), 10, "the numbers began anew");
    assert_eq!(seen.gaps.len(), 1);
    let (gap, live_again) = (&seen.gaps[0], seen.latest(State::Live).unwrap().0);
    assert_eq!((gap.cause, gap.start, gap.missing), (Cause::Outage, open.start, None));
    assert_eq!(gap.end, Some(live_again));
    assert!(live_again <= seen.records[5].arrival_time);
}

#[tokio::test]
async fn what_was_sent_between_two_sessions_is_known_where_numbers_continue() {
    for continues in [true, false] {
        let server = Server::websocket(|number, mut socket| async move {
            let numbers = if number == 1 { 1..=10 } else { 15..=20 };
            send_all(&mut socket, numbers.map(|n| text(numbered(n))).collect()).await;
            if number == 1 {
                let _ = socket.close(None).await;
            }
            answer_pings(&mut socket).await;
        })
        .await;
        let mut profile = numbered_profile(&server.url());
        profile.sequence[0].continues = continues;
        profile.sequence[0].wait_max = Duration::from_millis(50);
        let mut feed = Feed::start(profile);
        let seen = feed.until("all is delivered", |seen| seen.ledger.delivered() == 16).await;
        let missing: &[u64] = if continues { &[11, 12, 13, 14] } else { &[] };
        assert_eq!(seen.declared(), missing);
        assert_eq!(seen.missing, missing.len() as u64);
        assert_eq!(seen.gaps_by(Cause::Outage).len(), 1);
        assert_eq!(seen.sequences(), (1..=10).chain(15..=20).collect::<Vec<_>>());
    }
}

#[tokio::test]
async fn messages_put_back_in_order_are_counted() {
    let server = Server::websocket(|_, mut socket| async move {
        // Once a single one that had been overtaken by two, once one by one; 9 never comes.
        let numbers = [1, 3, 4, 2, 6, 5, 7, 8, 10];
        send_all(&mut socket, numbers.map(|n| text(numbered(n))).to_vec()).await;
        answer_pings(&mut socket).await;
    })
    .await;
    let mut feed = Feed::start(numbered_profile(&server.url()));
    let seen = feed.until("all that came", |seen| seen.ledger.delivered() == 9).await;
    assert_eq!(seen.sequences(), [1, 2, 3, 4, 5, 6, 7, 8, 10]);
    assert_eq!((seen.reordered, seen.declared()), (2, vec![9]));
}

#[tokio::test]
async fn what_is_held_when_the_connection_ends_is_not_lost() {
    let server = Server::websocket(|number, mut socket| async move {
        let numbers: &[u64] = if number == 1 { &[1, 2, 5, 4] } else { &[1] };
        send_all(&mut socket, numbers.iter().map(|n| text(numbered(*n))).collect()).await;
        if number == 1 {
            let _ = socket.close(None).await;
        }
        answer_pings(&mut socket).await;
    })
    .await;
    let mut profile = numbered_profile(&server.url());
    profile.sequence[0].wait_max = A_DAY;
    let mut feed = Feed::start(profile);
    let seen = feed.has_received(5).await;
    assert_eq!(seen.sequences(), [1, 2, 4, 5, 1]);
    assert_eq!((seen.declared(), seen.ledger.held()), (vec![3], 0));
}

#[tokio::test]
async fn everything_that_was_sent_is_accounted_for_at_full_rate() {
    const MESSAGES: u64 = 100_000;
    let server = Server::websocket(|_, socket| counting(socket, 1..=MESSAGES)).await;
    let mut feed = Feed::start(numbered_profile(&server.url()));
    // That the ledger balances is checked at every batch.
    let seen = feed.has_received(MESSAGES).await;
    assert_eq!(seen.ledger.delivered(), MESSAGES);
    assert!(seen.sequences().into_iter().eq(1..=MESSAGES));
    assert!(seen.gaps.is_empty());
}

// What the user asks for.

/// A feed in each of the states that it can be in for long, and who serves it.
async fn in_state(state: State) -> (Feed, Server) {
    let server = match state {
        State::Connecting => hanging().await,
        State::Waiting => Server::answering("HTTP/1.1 503 Busy\r\n\r\n").await,
        State::Stopped => Server::answering("HTTP/1.1 403 No\r\n\r\n").await,
        _ => Server::websocket(|_, socket| counting(socket, 1..=3)).await,
    };
    let mut profile = patient(&server.url());
    if state == State::Opening {
        let acknowledged = Some(Condition::exists(Path::key("never")));
        profile.opening =
            vec![Opening { send: Some("{}".into()), acknowledged, ..Opening::default() }];
        profile.limits.answer_max = A_DAY;
    }
    if state == State::Stale {
        profile.heartbeat.data_max = Some(Duration::from_millis(100));
    }
    profile.limits.step_max = A_DAY;
    let mut feed = Feed::start(profile);
    feed.reaches(state, 1).await;
    (feed, server)
}

const LONG_STATES: [State; 6] =
    [State::Connecting, State::Opening, State::Live, State::Stale, State::Waiting, State::Stopped];

#[tokio::test]
async fn a_reconnect_is_the_next_thing_that_happens_in_every_state() {
    for state in LONG_STATES {
        let (mut feed, server) = in_state(state).await;
        let before = feed.seen().transitions.len();
        let accepted = server.accepted();
        feed.reconnect();
        let seen = feed.until("it dials again", |seen| seen.transitions.len() > before).await;
        let (_, next) = &seen.transitions[before];
        assert_eq!(next.state, State::Connecting, "from {state:?}");
        assert_eq!(next.cause, "You asked to reconnect.");
        drop(seen);
        // And it comes where it was before.
        feed.until("it is there again", |seen| seen.count(state) == 2).await;
        let arrived = async {
            while server.accepted() == accepted {
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(DEADLINE, arrived).await.expect("the server hears of it");
    }
}

#[tokio::test]
async fn a_stop_is_the_next_thing_that_happens_in_every_state_and_the_last() {
    for state in LONG_STATES {
        let (mut feed, _server) = in_state(state).await;
        let before = feed.seen().transitions.len();
        feed.stop();
        let seen = feed.until("it is stopped", |seen| seen.state() == State::Stopped).await;
        let after: Vec<_> = seen.transitions[before..].iter().map(|(_, to)| &to.cause).collect();
        if state == State::Stopped {
            assert!(after.is_empty());
        } else {
            assert_eq!(after, ["You stopped it."], "from {state:?}");
        }
        drop(seen);
        // What it is told next is what happens next: so nothing happened in between.
        feed.reconnect();
        let seen = feed.until("it starts again", |seen| seen.state() != State::Stopped).await;
        let stopped = before + usize::from(state != State::Stopped);
        assert_eq!(seen.transitions[stopped].1.state, State::Connecting);
    }
}

#[tokio::test]
async fn a_stop_is_heard_at_full_rate() {
    let (tell, mut told) = mpsc::channel(1);
    let server = Server::websocket(move |_, mut socket| {
        let tell = tell.clone();
        async move {
            let mut number = 0;
            while socket.feed(text(numbered(number))).await.is_ok() {
                number += 1;
                // The other side of a real server has a processor of its own.
                tokio::task::consume_budget().await;
            }
            let _ = tell.send(()).await;
        }
    })
    .await;
    let mut feed = Feed::start(numbered_profile(&server.url()));
    feed.has_received(10_000).await;
    feed.stop();
    let seen = feed.reaches(State::Stopped, 1).await;
    let received = seen.ledger.received();
    assert_eq!(seen.states(), [State::Connecting, State::Live, State::Stopped]);
    drop(seen);
    tokio::time::timeout(DEADLINE, told.recv()).await.expect("the server sees that it is over");
    assert_eq!(feed.seen().ledger.received(), received, "nothing is taken after that");
}

#[tokio::test]
async fn the_last_of_many_wishes_is_the_one_that_counts() {
    let server = Server::websocket(|_, socket| counting(socket, 1..=1)).await;
    let mut feed = Feed::start(numbered_profile(&server.url()));
    feed.is_live().await;
    // All before it can hear the first.
    for _ in 0..100 {
        feed.reconnect();
    }
    feed.stop();
    feed.reaches(State::Stopped, 1).await;
    for _ in 0..100 {
        feed.stop();
    }
    feed.reconnect();
    let seen = feed.until("it is live again", |seen| seen.state() == State::Live).await;
    assert_eq!(seen.ledger.received(), seen.ledger.delivered() + seen.ledger.held());
}

#[tokio::test]
async fn a_feed_that_is_dropped_closes_its_socket() {
    // With a goodbye where there is somebody to hear it.
    let (tell, mut told) = mpsc::channel(1);
    let server = Server::websocket(move |_, mut socket| {
        let tell = tell.clone();
        async move {
            let _ = tell.send(socket.next().await).await;
        }
    })
    .await;
    let mut feed = Feed::start(profile(&server.url()));
    feed.is_live().await;
    drop(feed);
    let heard = tokio::time::timeout(DEADLINE, told.recv()).await.unwrap().unwrap();
    assert!(
        matches!(&heard, Some(Ok(Message::Close(Some(CloseFrame { code, .. })))) if u16::from(*code) == 1000),
        "{heard:?}"
    );
}

#[tokio::test]
async fn a_feed_that_is_dropped_while_it_dials_lets_go() {
    let (tell, mut told) = mpsc::channel(1);
    let server = Server::start(move |_, mut stream| {
        let tell = tell.clone();
        async move {
            let _ = tell.send("dialled").await;
            drain(&mut stream).await;
            let _ = tell.send("gone").await;
        }
    })
    .await;
    let mut profile = profile(&server.url());
    profile.limits.step_max = A_DAY;
    let feed = Feed::start(profile);
    assert_eq!(told.recv().await, Some("dialled"));
    drop(feed);
    let heard = tokio::time::timeout(DEADLINE, told.recv()).await.unwrap();
    assert_eq!(heard, Some("gone"));
}

// One socket at a time.

/// Whether the other side still holds this connection open. Reads what is in the way.
fn is_open(socket: WebSocket) -> bool {
    let mut stream = socket.into_inner().into_std().unwrap();
    let mut sink = [0; 4_096];
    loop {
        match stream.read(&mut sink) {
            Ok(0) => return false,
            Ok(_) => {}
            Err(error) => return error.kind() == ErrorKind::WouldBlock,
        }
    }
}

/// Takes one connection after the other; counts those that came while the one before stood.
async fn one_at_a_time(listener: TcpListener, together: Arc<AtomicUsize>, done: Arc<AtomicUsize>) {
    let mut current: Option<WebSocket> = None;
    loop {
        let message = async {
            match &mut current {
                Some(socket) => socket.next().await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            accepted = listener.accept() => {
                let (stream, _): (TcpStream, _) = accepted.unwrap();
                if current.take().is_some_and(is_open) {
                    together.fetch_add(1, Ordering::SeqCst);
                }
                // It may have been given up by now.
                current = accept_async(stream).await.ok();
                done.fetch_add(1, Ordering::SeqCst);
            }
            message = message => {
                if !matches!(message, Some(Ok(_))) {
                    current = None;
                }
            }
        }
    }
}

#[tokio::test]
async fn there_is_never_more_than_one_socket() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("ws://{}/", listener.local_addr().unwrap());
    let (together, done) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let server = tokio::spawn(one_at_a_time(listener, together.clone(), done.clone()));
    let mut feed = Feed::start(profile(&url));
    feed.is_live().await;
    // At every point that there is between dialling and being live.
    for round in 0..200 {
        feed.reconnect();
        for _ in 0..round % 40 {
            tokio::task::yield_now().await;
        }
    }
    let dialled = feed.seen().count(State::Connecting);
    feed.until("it is live after all that", move |seen| {
        seen.state() == State::Live && seen.count(State::Connecting) >= dialled
    })
    .await;
    feed.reconnect();
    feed.until("it is live once more", move |seen| {
        seen.state() == State::Live && seen.count(State::Connecting) > dialled
    })
    .await;
    assert!(done.load(Ordering::SeqCst) >= 10, "{done:?} connections");
    assert_eq!(together.load(Ordering::SeqCst), 0);
    server.abort();
}

#[tokio::test]
async fn a_server_that_does_not_say_goodbye_does_not_hold_up_a_reconnect() {
    let server = Server::start(|_, mut stream| async move {
        upgrade(&mut stream).await;
        // Reads nothing, and so never hears the goodbye.
        std::future::pending::<()>().await;
        drop(stream);
    })
    .await;
    let mut feed = Feed::start(patient(&server.url()));
    feed.is_live().await;
    feed.reconnect();
    feed.reaches(State::Live, 2).await;
    assert_eq!(server.accepted(), 2);
}

// The opening.

fn subscribing(url: &str) -> Profile {
    let is = |equals: &str| Condition::equals(Path::key("type"), equals);
    let step = |send: &str| Opening {
        send: Some(send.into()),
        acknowledged: Some(is("ok")),
        refused: Some(is("error")),
        ..Opening::default()
    };
    Profile { opening: vec![step("login"), step("subscribe")], ..numbered_profile(url) }
}

/// Answers each message of the opening; then goes on with `then`, in the same breath.
async fn opening(socket: &mut WebSocket, answer: &str, then: &[u64]) {
    for expected in ["login", "subscribe"] {
        if !matches!(socket.next().await, Some(Ok(message)) if message == text(expected)) {
            return;
        }
        let _ = socket.feed(text(answer)).await;
        if expected == "subscribe" {
            for number in then {
                let _ = socket.feed(text(numbered(*number))).await;
            }
        }
        let _ = socket.flush().await;
    }
}

#[tokio::test]
async fn the_opening_is_said_anew_in_every_session_and_live_comes_before_the_data() {
    let server = Server::websocket(|number, mut socket| async move {
        opening(&mut socket, r#"{"type":"ok"}"#, &[1, 2, 3]).await;
        if number < 3 {
            let _ = socket.close(None).await;
        }
        answer_pings(&mut socket).await;
    })
    .await;
    let mut feed = Feed::start(subscribing(&server.url()));
    let seen = feed.until("three sessions brought data", |seen| seen.sequences().len() == 9).await;
    let once = [State::Connecting, State::Opening, State::Live];
    assert_eq!(seen.states()[..3], once);
    assert_eq!(seen.states()[4..7], once);
    assert_eq!(seen.gaps.len(), 2);
    for record in seen.records.iter().filter(|record| record.sequence.is_some()) {
        for gap in &seen.gaps {
            let (at, end) = (record.arrival_time, gap.end.unwrap());
            assert!(at <= gap.start || at >= end, "data in the outage that it came after");
        }
    }
}

#[tokio::test]
async fn a_refusal_stops_with_what_the_server_said_and_says_goodbye() {
    let (tell, mut told) = mpsc::channel(1);
    let server = Server::websocket(move |_, mut socket| {
        let tell = tell.clone();
        async move {
            let _ = socket.next().await;
            let _ = socket.send(text(r#"{"type":"error","why":"no such channel"}"#)).await;
            let _ = tell.send(matches!(socket.next().await, Some(Ok(Message::Close(_))))).await;
        }
    })
    .await;
    let mut feed = Feed::start(subscribing(&server.url()));
    let (trouble, state, _) = feed.trouble().await;
    assert_eq!(
        (trouble.step, trouble.code, state),
        (Step::Opening, "opening-refused", State::Stopped)
    );
    assert_eq!(trouble.answer.as_deref(), Some(r#"{"type":"error","why":"no such channel"}"#));
    let goodbye = tokio::time::timeout(DEADLINE, told.recv()).await.unwrap();
    assert_eq!(goodbye, Some(true));
    assert_eq!(server.accepted(), 1);
}

#[tokio::test]
async fn a_long_refusal_is_shown_in_part() {
    let refusal = format!(r#"{{"type":"error","why":"-{}"}}"#, "é".repeat(1_000_000));
    let server = Server::websocket(move |_, mut socket| {
        let refusal = refusal.clone();
        async move { opening(&mut socket, &refusal, &[]).await }
    })
    .await;
    let (trouble, ..) = Feed::start(subscribing(&server.url())).trouble().await;
    let answer = trouble.answer.unwrap();
    assert!(answer.len() < 4_096, "{} bytes", answer.len());
    assert!(answer.starts_with(r#"{"type":"error","why":"-é"#) && answer.ends_with('…'));
}

#[tokio::test]
async fn an_opening_that_is_not_answered_is_tried_again() {
    let server = Server::websocket(|number, mut socket| async move {
        if number == 1 {
            answer_pings(&mut socket).await;
        }
        opening(&mut socket, r#"{"type":"ok"}"#, &[1]).await;
        answer_pings(&mut socket).await;
    })
    .await;
    let mut profile = subscribing(&server.url());
    profile.limits.answer_max = Duration::from_millis(200);
    let mut feed = Feed::start(profile);
    let (trouble, state, _) = feed.trouble().await;
    assert_eq!((trouble.step, trouble.code), (Step::Opening, "opening-unanswered"));
    assert_eq!(state, State::Waiting);
    feed.is_live().await;
}

#[tokio::test]
async fn a_stop_in_the_middle_of_a_large_message_is_heard() {
    let server = Server::start(|_, mut stream| async move {
        upgrade(&mut stream).await;
        let _ = stream.write_all(&head(crate::support::server::TEXT, 50_000_000)).await;
        let _ = stream.write_all(&vec![b' '; 1_000_000]).await;
        drain(&mut stream).await;
    })
    .await;
    let mut feed = Feed::start(patient(&server.url()));
    feed.is_live().await;
    feed.stop();
    let seen = feed.reaches(State::Stopped, 1).await;
    assert_eq!(seen.ledger.received(), 0);
}

// Going on where it ended.

/// Tells what it is sent, each with the number of the connection that it came on.
async fn telling(tell: mpsc::Sender<(usize, String)>, number: usize, mut socket: WebSocket) {
    while let Some(Ok(message)) = socket.next().await {
        let said = match message {
            Message::Text(text) => text.to_string(),
            Message::Close(Some(frame)) => format!("close {}", u16::from(frame.code)),
            _ => continue,
        };
        let _ = tell.send((number, said)).await;
    }
}

/// What a server was told next.
async fn heard(told: &mut mpsc::Receiver<(usize, String)>) -> (usize, String) {
    tokio::time::timeout(DEADLINE, told.recv()).await.expect("it is told").expect("it listens")
}

fn template(text: &str) -> Option<Template> {
    Some(text.parse().expect("it is one"))
}

#[tokio::test]
async fn a_feed_that_was_paused_goes_on_and_one_that_was_stopped_starts_from_nothing() {
    let (tell, mut told) = mpsc::channel(16);
    let server = Server::websocket(move |number, mut socket| {
        let tell = tell.clone();
        async move {
            let cursor = number * 100;
            let _ = socket.send(text(format!(r#"{{"cursor":{cursor},"value":1}}"#))).await;
            telling(tell, number, socket).await;
        }
    })
    .await;
    let step = |send: &str, only| Opening { send: template(send), only, ..Opening::default() };
    let mut profile = profile(&server.url());
    profile.opening = vec![step("new", Only::Fresh), step("from ${cursor}", Only::Resumed)];
    profile.resume = Some(Resume { cursor: Some(Path::key("cursor")), rewind: 7 });
    profile.closing.resume_code = 4000;
    let mut feed = Feed::start(profile);
    assert_eq!(heard(&mut told).await, (1, "new".into()));
    feed.has_received(1).await;
    feed.pause();
    assert_eq!(heard(&mut told).await, (1, "close 4000".into()));
    feed.reaches(State::Stopped, 1).await;
    feed.resume();
    assert_eq!(heard(&mut told).await, (2, "from 93".into()));
    feed.has_received(2).await;
    feed.stop();
    assert_eq!(heard(&mut told).await, (2, "close 1000".into()));
    feed.reaches(State::Stopped, 2).await;
    feed.resume();
    assert_eq!(heard(&mut told).await, (3, "new".into()));
}

#[tokio::test]
async fn what_comes_again_after_a_rewind_is_a_duplicate() {
    let server = Server::websocket(|number, mut socket| async move {
        let cursors: &[u32] = if number == 1 { &[1, 2, 3] } else { &[2, 3, 4] };
        let message = |at: &u32| text(format!(r#"{{"cursor":{at},"value":{at}}}"#));
        send_all(&mut socket, cursors.iter().map(message).collect()).await;
        if number == 1 {
            let _ = socket.close(None).await;
        }
        answer_pings(&mut socket).await;
    })
    .await;
    let mut profile = profile(&server.url());
    profile.resume = Some(Resume { cursor: Some(Path::key("cursor")), rewind: 2 });
    let mut feed = Feed::start(profile);
    let seen = feed.has_received(6).await;
    assert_eq!(seen.values("value"), [1.0, 2.0, 3.0, 4.0]);
    assert_eq!((seen.ledger.duplicate(), seen.ledger.delivered()), (2, 4));
}

// What is sent.

#[tokio::test]
async fn what_is_sent_goes_after_the_opening_in_its_order_and_is_told_of() {
    let (tell, mut told) = mpsc::channel(16);
    let server =
        Server::websocket(move |number, socket| telling(tell.clone(), number, socket)).await;
    let mut profile = profile(&server.url());
    profile.opening = vec![Opening { send: template("hello"), ..Opening::default() }];
    let mut feed = Feed::start(profile);
    // Most likely before it is live; in any case in order.
    let receipts: Vec<_> = (0..5).map(|number| feed.send(&format!("{number}"))).collect();
    for said in ["hello", "0", "1", "2", "3", "4"] {
        assert_eq!(heard(&mut told).await, (1, said.into()));
    }
    for receipt in receipts {
        assert_eq!(receipt.await, Outcome::Sent);
    }
    assert_eq!(feed.is_live().await.sent, ["hello", "0", "1", "2", "3", "4"]);
    // What waits while it is paused is not lost.
    feed.pause();
    feed.reaches(State::Stopped, 1).await;
    let receipt = feed.send("later");
    feed.resume();
    assert_eq!(receipt.await, Outcome::Sent);
    // Whoever waits is told that nothing comes of it any more.
    feed.pause();
    feed.reaches(State::Stopped, 2).await;
    let receipt = feed.send("never");
    drop(feed);
    assert_eq!(receipt.await, Outcome::Dropped(Unsent::Closed));
}

#[tokio::test]
async fn an_answer_finds_who_asked() {
    let server = Server::websocket(|_, mut socket| async move {
        while let Some(Ok(message)) = socket.next().await {
            let answer = match message.to_text() {
                Ok(r#"{"id":1}"#) => r#"{"id":1,"result":"done"}"#,
                Ok(r#"{"id":2}"#) => r#"{"id":2,"error":"no"}"#,
                _ => continue,
            };
            let _ = socket.send(text(answer)).await;
        }
    })
    .await;
    let mut profile = profile(&server.url());
    profile.outbox.acknowledgement = Some(Acknowledgement {
        sent: Path::key("id"),
        answer: Path::key("id"),
        refused: Some(Condition::exists(Path::key("error"))),
        answer_max: Duration::from_millis(300),
    });
    let feed = Feed::start(profile);
    let [first, second, third] = [1, 2, 3].map(|id| feed.send(&format!(r#"{{"id":{id}}}"#)));
    let done = Outcome::Acknowledged(r#"{"id":1,"result":"done"}"#.into());
    assert_eq!(first.await, done);
    assert_eq!(second.await, Outcome::Refused(r#"{"id":2,"error":"no"}"#.into()));
    assert_eq!(third.await, Outcome::TimedOut);
}

#[tokio::test]
async fn the_mailbox_is_bounded_in_number_and_in_bytes() {
    let server = hanging().await;
    let mut profile = profile(&server.url());
    profile.limits.step_max = A_DAY;
    profile.outbox.bytes_max = 100;
    let feed = Feed::start(profile);
    let too_large = feed.send(&"x".repeat(101)).await;
    assert_eq!(too_large, Outcome::Dropped(Unsent::TooLarge));
    // All before the task that takes them can run.
    let receipts: Vec<_> = (0..3).map(|_| feed.send(&"x".repeat(40))).collect();
    let mut receipts = receipts.into_iter();
    let last = receipts.next_back().unwrap().await;
    assert_eq!(last, Outcome::Dropped(Unsent::Full));
}

// Signs of life, and what is asked for.

#[tokio::test]
async fn a_servers_ping_is_answered_even_while_opening_and_ours_is_sent_once_live() {
    let (tell, mut told) = mpsc::channel(16);
    let server = Server::websocket(move |number, mut socket| {
        let tell = tell.clone();
        async move {
            let _ = socket.send(text(r#"{"ping":18212553000}"#)).await;
            telling(tell, number, socket).await;
        }
    })
    .await;
    let mut profile = profile(&server.url());
    profile.opening = vec![Opening {
        acknowledged: Some(Condition::exists(Path::key("hello"))),
        ..Opening::default()
    }];
    let when = Condition::exists(Path::key("ping"));
    let send = template(r#"{"pong":${message:ping}}"#).unwrap();
    profile.heartbeat.answers = vec![Answer { when, send }];
    let mut feed = Feed::start(profile.clone());
    assert_eq!(heard(&mut told).await, (1, r#"{"pong":18212553000}"#.into()));
    assert_eq!(feed.reaches(State::Opening, 1).await.state(), State::Opening);
    drop(feed);

    profile.opening.clear();
    profile.heartbeat.ping = Some(Ping {
        send: template("PING").unwrap(),
        every: Duration::from_millis(100),
        interval: None,
        answered: None,
        answer_max: A_DAY,
        first_is_random: false,
    });
    let _feed = Feed::start(profile);
    while heard(&mut told).await.1 != "PING" {}
}

#[tokio::test]
async fn a_secret_is_sent_and_shown_nowhere_and_one_that_is_missing_is_named() {
    let (tell, mut told) = mpsc::channel(16);
    let server =
        Server::websocket(move |number, socket| telling(tell.clone(), number, socket)).await;
    let with = |secret: &str| {
        let mut profile = profile(&server.url());
        let send = template(&format!(r#"{{"token":"${{secret:{secret}}}"}}"#));
        profile.opening = vec![Opening { send, ..Opening::default() }];
        profile
    };
    let world = || WithSecrets { world: Arc::new(RealWorld::default()), keeper: OneSecret };
    let settings = Settings { world: Arc::new(world()), ..Settings::default() };
    let mut feed = Feed::start_in(with("known"), settings);
    assert_eq!(heard(&mut told).await, (1, r#"{"token":"say \"friend\""}"#.into()));
    assert_eq!(feed.is_live().await.sent, [r#"{"token":"${secret:known}"}"#]);
    let settings = Settings { world: Arc::new(world()), ..Settings::default() };
    let (trouble, state, _) = Feed::start_in(with("locked"), settings).trouble().await;
    assert_eq!((trouble.code, trouble.step, state), ("keychain", Step::Opening, State::Waiting));
    let (trouble, state, _) = Feed::start(with("unknown-to-all")).trouble().await;
    assert_eq!(
        (trouble.code, trouble.step, state),
        ("value-missing", Step::Opening, State::Stopped)
    );
    assert!(trouble.what.contains("${secret:unknown-to-all}"), "{}", trouble.what);
}

/// Keeps one, and says nothing of another.
struct OneSecret;

impl Keeper for OneSecret {
    fn secret(&self, _: &dyn World, name: &str) -> Result<Option<String>, String> {
        match name {
            "locked" => Err("it is locked".to_owned()),
            name => Ok((name == "known").then(|| r#"say "friend""#.to_owned())),
        }
    }
}

#[tokio::test]
async fn what_is_missing_is_asked_for_and_what_comes_of_it_heals_the_gap() {
    let (tell, mut told) = mpsc::channel(16);
    let server = Server::websocket(move |_, mut socket| {
        let tell = tell.clone();
        async move {
            send_all(&mut socket, [1, 2, 5, 6].map(|n| text(numbered(n))).to_vec()).await;
            while let Some(Ok(message)) = socket.next().await {
                let Ok(asked) = message.into_text() else { continue };
                let _ = tell.send((1, asked.to_string())).await;
                send_all(&mut socket, [3, 4].map(|n| text(numbered(n))).to_vec()).await;
            }
        }
    })
    .await;
    let mut profile = numbered_profile(&server.url());
    profile.sequence[0].wait_max = Duration::from_millis(50);
    profile.sequence[0].on_gap = Some(OnGap {
        action: GapAction::Replay,
        send: vec![template(r#"{"from":${first},"to":${last}}"#).unwrap()],
        every: Duration::from_secs(1),
    });
    let mut feed = Feed::start(profile);
    assert_eq!(heard(&mut told).await.1, r#"{"from":3,"to":4}"#);
    let seen = feed.until("they came", |seen| seen.late.len() == 2).await;
    assert_eq!((seen.declared(), seen.missing), (vec![3, 4], 0));
}
