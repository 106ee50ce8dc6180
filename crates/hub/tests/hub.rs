//! The hub over real sockets, as its clients see it.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "it is a test")]

use feedscope_hub::{Config, Faults, Hub};
use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::protocol::frame::coding::{CloseCode, Data, OpCode};
use tokio_tungstenite::tungstenite::protocol::frame::{Frame, FrameHeader};
use tokio_tungstenite::tungstenite::{Error, Message};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

/// Not a wait but a despair: what is waited for comes in milliseconds.
const PATIENCE: Duration = Duration::from_secs(20);

async fn hub() -> Hub {
    hub_with(|_| ()).await
}

async fn hub_with(change: impl FnOnce(&mut Config)) -> Hub {
    let mut config = Config::new("Test", &["a", "b"]);
    config.seed = 1;
    // Out of the way of the tests that count messages.
    config.heartbeat = Duration::from_secs(3600);
    change(&mut config);
    Hub::bind(config).await.unwrap()
}

struct Client(WebSocketStream<MaybeTlsStream<TcpStream>>);

impl Client {
    /// Connected and greeted.
    async fn greeted(hub: &Hub) -> Client {
        let mut client = Client(connect_async(hub.url()).await.unwrap().0);
        assert_eq!(client.json().await["type"], "hello");
        client
    }

    async fn subscribed(hub: &Hub) -> Client {
        let mut client = Client::greeted(hub).await;
        client.send(json!({"type": "subscribe", "id": 1, "channels": ["*"]})).await;
        assert_eq!(client.json().await["type"], "subscribed");
        client
    }

    async fn send(&mut self, value: Value) {
        self.0.send(Message::Text(value.to_string().into())).await.unwrap();
    }

    async fn next(&mut self) -> Option<Result<Message, Error>> {
        timeout(PATIENCE, self.0.next()).await.expect("nothing came")
    }

    /// The next text that is no heartbeat.
    async fn json(&mut self) -> Value {
        loop {
            let message = self.next().await.expect("an open connection").unwrap();
            if let Message::Text(text) = message {
                let value: Value = serde_json::from_str(&text).unwrap();
                if value["type"] != "heartbeat" {
                    return value;
                }
            }
        }
    }

    async fn sequence(&mut self) -> u64 {
        let value = self.json().await;
        assert_eq!(value["type"], "data", "{value}");
        value["sequence"].as_u64().unwrap()
    }

    /// Up to and with the one whose data is "end".
    async fn sequences_to_end(&mut self) -> Vec<u64> {
        let mut sequences = Vec::new();
        loop {
            let value = self.json().await;
            sequences.push(value["sequence"].as_u64().unwrap());
            if value["data"] == "end" {
                return sequences;
            }
        }
    }

    async fn close_code(&mut self) -> CloseCode {
        loop {
            match self.next().await.expect("a close frame").expect("a close frame") {
                Message::Close(frame) => return frame.expect("a reason").code,
                _ => continue,
            }
        }
    }
}

async fn eventually(what: &str, holds: impl Fn() -> bool) {
    let wait = async {
        while !holds() {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    };
    timeout(PATIENCE, wait).await.unwrap_or_else(|_| panic!("never: {what}"));
}

async fn refused(
    hub: &Hub,
    change: impl FnOnce(String) -> String,
    origin: Option<&str>,
) -> (u16, String) {
    let mut request = change(hub.url()).into_client_request().unwrap();
    if let Some(origin) = origin {
        request.headers_mut().insert("Origin", origin.parse().unwrap());
    }
    match connect_async(request).await {
        Err(Error::Http(response)) => {
            let (parts, body) = response.into_parts();
            (parts.status.as_u16(), String::from_utf8(body.unwrap()).unwrap())
        }
        other => panic!("{other:?}"),
    }
}

// At the door

#[tokio::test]
async fn a_client_is_greeted_with_what_there_is() {
    let hub = hub_with(|config| config.heartbeat = Duration::from_secs(2)).await;
    let mut client = Client(connect_async(hub.url()).await.unwrap().0);
    assert_eq!(
        client.json().await,
        json!({"type": "hello", "name": "Test", "version": 1, "heartbeat_ms": 2000, "channels": ["a", "b"]})
    );
}

#[tokio::test]
async fn without_the_token_nobody_comes_in() {
    let hub = hub().await;
    for change in [
        |url: String| url.split('?').next().unwrap().to_owned(),
        |url: String| url + "0",
        |url: String| url.replace("token=", "token=0"),
    ] {
        let (status, body) = refused(&hub, change, None).await;
        assert_eq!(status, 401);
        assert!(body.contains("token"), "{body}");
    }
    assert_eq!(hub.clients(), 0);
}

#[tokio::test]
async fn pages_of_other_origins_stay_outside_even_with_the_token() {
    let hub = hub_with(|config| config.origins = vec!["tauri://localhost".into()]).await;
    let (status, body) = refused(&hub, |url| url, Some("https://evil.example")).await;
    assert_eq!(status, 403);
    assert!(body.contains("origin"), "{body}");

    let mut request = hub.url().into_client_request().unwrap();
    request.headers_mut().insert("Origin", "tauri://localhost".parse().unwrap());
    let mut client = Client(connect_async(request).await.unwrap().0);
    assert_eq!(client.json().await["type"], "hello");
}

#[tokio::test]
async fn another_path_is_not_found() {
    let hub = hub().await;
    let (status, body) = refused(&hub, |url| url.replace("/?", "/feed?"), None).await;
    assert_eq!(status, 404);
    assert!(body.contains("path"), "{body}");
}

#[tokio::test]
async fn a_crowd_is_told_to_wait_and_a_place_that_is_left_is_free_again() {
    let hub = hub().await;
    let mut crowd = Vec::new();
    for _ in 0..32 {
        crowd.push(Client::greeted(&hub).await);
    }
    assert_eq!(refused(&hub, |url| url, None).await.0, 503);
    crowd.pop();
    eventually("a free place", || hub.clients() == 31).await;
    Client::greeted(&hub).await;
}

async fn raw(hub: &Hub, request: &str) -> (TcpStream, String) {
    let url = hub.url();
    let address = url.trim_start_matches("ws://").split('/').next().unwrap();
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    timeout(PATIENCE, stream.read_to_string(&mut answer)).await.unwrap().unwrap();
    (stream, answer)
}

#[tokio::test]
async fn a_browser_that_opens_the_address_as_a_page_is_told_what_it_is() {
    let hub = hub().await;
    for request in
        ["GET / HTTP/1.1\r\nHost: x\r\n\r\n", "POST / HTTP/1.1\r\nHost: x\r\n\r\n", "\0\0\r\n\r\n"]
    {
        let (_, answer) = raw(&hub, request).await;
        assert!(answer.starts_with("HTTP/1.1 426 "), "{answer}");
        assert!(answer.ends_with("Subscribe to it with a WebSocket client.\r\n"), "{answer}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_handshake_that_never_ends_is_given_up() {
    let hub = hub().await;
    let (_, answer) = raw(&hub, "GET / HTTP/1.1\r\nHost: x\r\n").await;
    assert_eq!(answer, "");
}

// Asking

#[tokio::test]
async fn what_is_subscribed_comes_and_what_is_not_does_not() {
    let hub = hub().await;
    let mut client = Client::greeted(&hub).await;
    client.send(json!({"type": "subscribe", "id": "x", "channels": ["b"]})).await;
    assert_eq!(client.json().await, json!({"type": "subscribed", "id": "x", "channels": ["b"]}));

    hub.publish("a", 1.0, &json!({"v": 1})).unwrap();
    hub.publish("b", 1753000000000.5, &json!({"v": 2})).unwrap();
    assert_eq!(
        client.json().await,
        json!({"type": "data", "channel": "b", "sequence": 1, "time": 1753000000000.5, "data": {"v": 2}})
    );

    client.send(json!({"type": "unsubscribe", "id": 2, "channels": ["b"]})).await;
    assert_eq!(client.json().await, json!({"type": "unsubscribed", "id": 2, "channels": ["b"]}));
    client.send(json!({"type": "subscribe", "id": 3, "channels": ["a"]})).await;
    assert_eq!(client.json().await["type"], "subscribed");
    hub.publish("b", 3.0, &3).unwrap();
    hub.publish("a", 3.0, &4).unwrap();
    assert_eq!(client.json().await["data"], 4);
}

#[tokio::test]
async fn after_unsubscribing_not_even_what_waited_comes() {
    let hub = hub().await;
    let mut client = Client::subscribed(&hub).await;
    hub.set_faults(Faults { delay_ms: 60_000, ..Faults::default() });
    hub.publish("a", 0.0, &"unwanted").unwrap();
    hub.publish("b", 0.0, &"end").unwrap();
    client.send(json!({"type": "unsubscribe", "channels": ["a"]})).await;
    // The pong, which is not delayed, says that the hub has read as far as here.
    client.0.send(Message::Ping(vec![].into())).await.unwrap();
    assert!(matches!(client.next().await, Some(Ok(Message::Pong(_)))));
    hub.set_faults(Faults::default());
    assert_eq!(client.json().await["type"], "unsubscribed");
    assert_eq!(client.json().await["data"], "end");
}

#[tokio::test]
async fn nonsense_is_answered_and_the_connection_stays() {
    let hub = hub().await;
    let mut client = Client::greeted(&hub).await;
    client.send(json!({"type": "subscribe", "id": 5, "channels": ["a", "nope"]})).await;
    let answer = client.json().await;
    assert_eq!((&answer["type"], &answer["id"]), (&json!("error"), &json!(5)));
    assert!(answer["message"].as_str().unwrap().contains("a, b"), "{answer}");

    for nonsense in ["", "{", "[]", r#"{"type":"dance"}"#] {
        client.0.send(Message::Text(nonsense.into())).await.unwrap();
        assert_eq!(client.json().await["type"], "error", "{nonsense}");
    }
    client.0.send(Message::Binary(vec![1, 2, 3].into())).await.unwrap();
    assert_eq!(client.json().await["type"], "error");

    // A request that was refused has changed nothing.
    hub.publish("a", 0.0, &"unseen").unwrap();
    client.send(json!({"type": "subscribe", "channels": ["a"]})).await;
    assert_eq!(client.json().await["type"], "subscribed");
    hub.publish("a", 0.0, &"seen").unwrap();
    assert_eq!(client.json().await["data"], "seen");
}

#[tokio::test]
async fn what_breaks_the_rules_ends_with_its_close_code() {
    let hub = hub().await;

    let mut large = Client::greeted(&hub).await;
    large.0.send(Message::Text("x".repeat((64 << 10) + 1).into())).await.unwrap();
    assert_eq!(large.close_code().await, CloseCode::Size);

    let mut garbled = Client::greeted(&hub).await;
    let header = FrameHeader { opcode: OpCode::Data(Data::Text), ..FrameHeader::default() };
    let frame = Frame::from_payload(header, vec![0xff, 0xfe].into());
    garbled.0.send(Message::Frame(frame)).await.unwrap();
    assert_eq!(garbled.close_code().await, CloseCode::Invalid);

    let mut flood = Client::greeted(&hub).await;
    for _ in 0..100 {
        // It may be closed before the last is sent.
        if flood.0.send(Message::Ping(vec![].into())).await.is_err() {
            break;
        }
    }
    assert_eq!(flood.close_code().await, CloseCode::Policy);

    eventually("all gone", || hub.clients() == 0).await;
}

#[tokio::test]
async fn pings_are_answered_and_the_heart_beats() {
    let hub = hub_with(|config| config.heartbeat = Duration::from_millis(20)).await;
    let mut client = Client::greeted(&hub).await;
    client.0.send(Message::Ping(b"there?".to_vec().into())).await.unwrap();
    let (mut beats, mut pongs) = (Vec::new(), 0);
    while beats.len() < 3 || pongs == 0 {
        match client.next().await.unwrap().unwrap() {
            Message::Pong(payload) => {
                assert_eq!(&payload[..], b"there?");
                pongs += 1;
            }
            Message::Text(text) => {
                let value: Value = serde_json::from_str(&text).unwrap();
                assert_eq!(value["type"], "heartbeat");
                beats.push(value["time"].as_f64().unwrap());
            }
            other => panic!("{other:?}"),
        }
    }
    assert!(beats.is_sorted_by(|a, b| a < b), "{beats:?}");
    assert!(beats[0] > 1.7e12, "milliseconds since 1970: {beats:?}");
}

// Fan-out

#[tokio::test]
async fn two_clients_see_the_same() {
    let hub = hub().await;
    let mut clients = [Client::subscribed(&hub).await, Client::subscribed(&hub).await];
    for number in 0..100 {
        hub.publish(if number % 3 == 0 { "a" } else { "b" }, 0.0, &number).unwrap();
    }
    for client in &mut clients {
        let mut expected = [0, 0];
        for number in 0..100 {
            let value = client.json().await;
            let channel = usize::from(value["channel"] == "b");
            expected[channel] += 1;
            assert_eq!(value["sequence"], expected[channel]);
            assert_eq!(value["data"], number);
        }
    }
    assert_eq!(hub.sequence("a"), Some(34));
    assert_eq!(hub.sequence("b"), Some(66));
    assert_eq!(hub.counts().sent, 200);
}

#[tokio::test]
async fn a_slow_client_slows_no_other_and_finds_its_loss_in_the_sequence() {
    let hub = hub().await;
    let mut slow = Client::subscribed(&hub).await;
    let mut fast = Client::subscribed(&hub).await;
    let large = "x".repeat(100_000);
    // However large the system's own buffers are, they fill up in the end.
    let mut published = 0;
    while hub.counts().dropped < 10 {
        assert!(published < 10_000, "nothing is ever dropped");
        published = hub.publish("a", 0.0, &large).unwrap();
        assert_eq!(fast.sequence().await, published);
    }
    let last = hub.publish("a", 0.0, &"end").unwrap();
    let seen = slow.sequences_to_end().await;
    assert!(seen.is_sorted_by(|a, b| a < b));
    assert_eq!(seen.first(), Some(&1), "what the system held came first");
    assert_eq!(seen.last(), Some(&last), "the present is there");
    assert_eq!(seen.len() as u64 + hub.counts().dropped, last, "and all else is counted");
}

#[tokio::test]
async fn what_cannot_be_published_uses_up_no_number() {
    let hub = hub().await;
    assert!(hub.publish("nope", 0.0, &1).unwrap_err().to_string().contains("nope"));
    assert!(hub.publish("a", f64::NAN, &1).is_err());
    assert!(hub.publish("a", 0.0, &std::collections::HashMap::from([((1, 2), 3)])).is_err());
    assert!(hub.publish("a", 0.0, &"x".repeat(2 << 20)).unwrap_err().to_string().contains("bytes"));
    assert_eq!(hub.publish("a", 0.0, &1).unwrap(), 1);
}

// Faults

#[tokio::test]
async fn losing_leaves_holes_in_the_sequence() {
    let hub = hub().await;
    let mut client = Client::subscribed(&hub).await;
    hub.set_faults(Faults { lose: 0.5, ..Faults::default() });
    for _ in 0..100 {
        hub.publish("a", 0.0, &()).unwrap();
    }
    hub.set_faults(Faults::default());
    hub.publish("a", 0.0, &"end").unwrap();
    let seen = client.sequences_to_end().await;
    assert!(seen.is_sorted_by(|a, b| a < b));
    assert!((30..70).contains(&seen.len()), "{}", seen.len());
}

#[tokio::test]
async fn doubling_sends_the_same_number_twice() {
    let hub = hub().await;
    let mut client = Client::subscribed(&hub).await;
    hub.set_faults(Faults { duplicate: 1.0, ..Faults::default() });
    for _ in 0..3 {
        hub.publish("a", 0.0, &()).unwrap();
    }
    hub.set_faults(Faults::default());
    hub.publish("a", 0.0, &"end").unwrap();
    assert_eq!(client.sequences_to_end().await, [1, 1, 2, 2, 3, 3, 4]);
}

#[tokio::test]
async fn swapping_changes_the_order_and_nothing_else() {
    let hub = hub().await;
    let mut client = Client::subscribed(&hub).await;
    hub.set_faults(Faults { reorder: 0.5, ..Faults::default() });
    for _ in 0..100 {
        hub.publish("a", 0.0, &()).unwrap();
    }
    hub.set_faults(Faults::default());
    hub.publish("a", 0.0, &"end").unwrap();
    let mut seen = client.sequences_to_end().await;
    assert!(!seen.is_sorted());
    seen.sort_unstable();
    assert_eq!(seen, (1..=101).collect::<Vec<_>>());
}

#[tokio::test]
async fn delay_brings_everything_later_and_nothing_less() {
    let hub = hub().await;
    let mut client = Client::subscribed(&hub).await;
    hub.set_faults(Faults { delay_ms: 150, ..Faults::default() });
    let asked = Instant::now();
    hub.publish("a", 0.0, &1).unwrap();
    client.send(json!({"type": "subscribe", "id": 2, "channels": ["a"]})).await;
    hub.publish("a", 0.0, &2).unwrap();
    let mut seen = Vec::new();
    for _ in 0..3 {
        seen.push(client.json().await["type"].to_string());
        assert!(asked.elapsed() >= Duration::from_millis(150));
    }
    seen.sort();
    assert_eq!(seen, [r#""data""#, r#""data""#, r#""subscribed""#]);
}

#[tokio::test]
async fn in_silence_the_socket_stays_open_and_nothing_comes_not_even_a_pong() {
    let hub = hub_with(|config| config.heartbeat = Duration::from_millis(10)).await;
    let mut client = Client::subscribed(&hub).await;
    hub.set_faults(Faults { silent: true, ..Faults::default() });
    client.0.send(Message::Ping(vec![].into())).await.unwrap();
    client.send(json!({"type": "subscribe", "id": 2, "channels": ["a"]})).await;
    for _ in 0..10 {
        hub.publish("a", 0.0, &()).unwrap();
    }
    // Heartbeats that were on their way may still come; after that, silence is silence.
    let heard = async {
        while let Ok(message) = timeout(Duration::from_millis(200), client.0.next()).await {
            assert!(matches!(message, Some(Ok(Message::Text(_)))), "{message:?}");
        }
    };
    timeout(PATIENCE, heard).await.expect("silence");

    // Who comes meanwhile is let in, and hears nothing either.
    let mut late = Client(connect_async(hub.url()).await.unwrap().0);
    assert!(timeout(Duration::from_millis(100), late.0.next()).await.is_err());

    hub.set_faults(Faults::default());
    assert_eq!(client.json().await["id"], 2);
    hub.publish("a", 0.0, &"end").unwrap();
    assert_eq!(client.sequences_to_end().await, [11]);
    assert_eq!(late.json().await["type"], "hello");
}

#[tokio::test]
async fn who_leaves_in_silence_is_noticed() {
    let hub = hub().await;
    let client = Client::subscribed(&hub).await;
    hub.set_faults(Faults { silent: true, ..Faults::default() });
    assert_eq!(hub.clients(), 1);
    drop(client);
    eventually("gone", || hub.clients() == 0).await;
}

#[tokio::test]
async fn faults_hold_for_those_who_come_later_and_are_told_within_bounds() {
    let hub = hub().await;
    hub.set_faults(Faults { duplicate: 7.0, lose: f64::NAN, reorder: -1.0, ..Faults::default() });
    assert_eq!(hub.faults(), Faults { duplicate: 1.0, ..Faults::default() });
    let mut client = Client::subscribed(&hub).await;
    hub.publish("a", 0.0, &"end").unwrap();
    assert_eq!([client.sequence().await, client.sequence().await], [1, 1]);
}

#[tokio::test]
async fn a_cut_is_a_reset_then_refusal_and_then_the_sequence_goes_on() {
    let hub = hub().await;
    let mut client = Client::subscribed(&hub).await;
    hub.publish("a", 0.0, &()).unwrap();
    assert_eq!(client.sequence().await, 1);

    let refuse_for = Duration::from_millis(200);
    let cut_at = Instant::now();
    hub.cut(refuse_for);
    match client.next().await {
        Some(Err(Error::Io(error))) => {
            assert_eq!(error.kind(), std::io::ErrorKind::ConnectionReset);
        }
        other => panic!("{other:?}"),
    }
    hub.publish("a", 0.0, &"missed").unwrap();

    let mut refusals = 0;
    let mut client = loop {
        match connect_async(hub.url()).await {
            Ok((socket, _)) => break Client(socket),
            Err(Error::Io(_)) => refusals += 1,
            Err(other) => panic!("{other:?}"),
        }
        assert!(cut_at.elapsed() < PATIENCE);
        tokio::time::sleep(Duration::from_millis(5)).await;
    };
    assert!(refusals > 0);
    assert!(cut_at.elapsed() >= refuse_for);

    assert_eq!(client.json().await["type"], "hello");
    client.send(json!({"type": "subscribe", "channels": ["a"]})).await;
    assert_eq!(client.json().await["type"], "subscribed");
    hub.publish("a", 0.0, &()).unwrap();
    assert_eq!(client.sequence().await, 3);
    assert_eq!(hub.clients(), 1);
}

// The end

#[tokio::test]
async fn closing_says_so_to_all_and_leaves_no_one_behind() {
    let hub = hub().await;
    let url = hub.url();
    let mut clients = [Client::subscribed(&hub).await, Client::greeted(&hub).await];
    let (_, ()) = tokio::join!(hub.close(), async {
        for client in &mut clients {
            assert_eq!(client.close_code().await, CloseCode::Away);
            assert!(client.next().await.is_none());
        }
    });
    assert_eq!(hub.clients(), 0);
    assert!(connect_async(url).await.is_err());
}

#[tokio::test]
async fn dropping_closes_too() {
    let hub = hub().await;
    let mut client = Client::subscribed(&hub).await;
    drop(hub);
    assert_eq!(client.close_code().await, CloseCode::Away);
}

#[tokio::test]
async fn a_client_that_says_goodbye_is_answered() {
    let hub = hub().await;
    let mut client = Client::subscribed(&hub).await;
    client.0.close(None).await.unwrap();
    assert!(matches!(client.next().await, Some(Ok(Message::Close(_)))));
    assert!(client.next().await.is_none());
    eventually("gone", || hub.clients() == 0).await;
}
