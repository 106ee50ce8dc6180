//! A feed tried out: what is found at each step, and where it ends, what is likely wrong.

use crate::support::server::{answer_pings, drain, frame, send_all, text, upgrade};
use crate::support::tls::{Authority, Folder};
use crate::support::world::TestWorld;
use crate::support::{DEADLINE, Server, profile};
use feedscope_feed::probe::{Finding, Limits, Probe, What};
use feedscope_feed::profile::{Condition, Opening, Ping, Template, TimeAt, TimeUnit};
use feedscope_feed::session::Failure;
use feedscope_feed::{Profile, Settings, Step};
use futures_util::{SinkExt, StreamExt};
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::CloseFrame;

/// Long enough for a busy machine, and not waited for where what is awaited comes.
const LONG: Duration = Duration::from_secs(10);
const SHORT: Duration = Duration::from_millis(300);

const QUICK: Limits = Limits {
    message_max: LONG,
    pong_max: LONG,
    clock_for: Duration::from_millis(200),
    listen_for: None,
    watch_max: None,
};

async fn probed(profile: &Profile, limits: Limits) -> (Result<(), Failure>, Vec<Finding>) {
    probed_in(TestWorld::default(), profile, limits).await
}

async fn probed_in(
    world: TestWorld,
    profile: &Profile,
    limits: Limits,
) -> (Result<(), Failure>, Vec<Finding>) {
    let mut findings = Vec::new();
    let settings = Settings { world: Arc::new(world), ..Settings::default() };
    let mut note = |finding: &Finding| {
        println!("{:>8.1} {finding}", finding.at_ms);
        findings.push(finding.clone());
    };
    let run = Probe::run(profile, &settings, limits, &mut note);
    let tried = tokio::time::timeout(DEADLINE, run).await.expect("it ends");
    println!();
    (tried, findings)
}

/// As programs see them.
fn json(findings: &[Finding]) -> Vec<serde_json::Value> {
    findings.iter().map(|finding| serde_json::to_value(finding).unwrap()).collect()
}

fn names(findings: &[Finding]) -> Vec<String> {
    let name = |finding: serde_json::Value| finding["found"].as_str().unwrap().to_owned();
    json(findings).into_iter().map(name).collect()
}

fn said(findings: &[Finding]) -> String {
    findings.iter().map(|finding| finding.to_string() + "\n").collect()
}

/// Milliseconds since the epoch, so much later than it is.
fn later(millis: u128) -> u128 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_millis() + millis
}

#[tokio::test]
async fn a_feed_that_is_well_is_told_step_by_step() {
    let server = Server::websocket(|_, mut socket| async move {
        let hello = socket.next().await;
        assert_eq!(hello.unwrap().unwrap(), text(r#"{"subscribe":"all"}"#));
        let _ = socket.send(text(r#"{"channel":"hello"}"#)).await;
        // A clock that is a minute ahead.
        for _ in 0..5 {
            let message = format!(r#"{{"channel":"trades","price":1.5,"time":{}}}"#, later(60_000));
            let _ = socket.send(text(message)).await;
        }
        answer_pings(&mut socket).await;
    })
    .await;
    let mut profile = profile(&format!("{}feed?token=secret", server.url()));
    let send = Some(Template::plain(r#"{"subscribe":"all"}"#));
    profile.opening = vec![Opening { send, ..Opening::default() }];
    profile.decode.time = vec![TimeAt { path: "time".parse().unwrap(), unit: TimeUnit::Millis }];
    let (tried, findings) = probed(&profile, QUICK).await;
    tried.unwrap();
    let steps = ["url", "connected", "handshake", "opening", "message", "pong", "clock", "done"];
    assert_eq!(names(&findings), steps);
    assert_eq!(findings.last().unwrap().what, What::Done { well: true });
    let json = json(&findings);
    assert_eq!(json[0]["url"], format!("{}feed?token=***", server.url()));
    assert_eq!(json[1]["to"], server.address());
    assert!(json[1]["took_ms"].as_f64().unwrap() >= 0.0);
    assert_eq!(json[2]["status"], 101);
    assert_eq!(json[3]["sent"], r#"{"subscribe":"all"}"#);
    assert_eq!(json[4]["channel"], "hello");
    let round_trip = json[5]["round_trip_ms"].as_f64().unwrap();
    let (ahead, uncertainty) =
        (json[6]["ahead_ms"].as_f64().unwrap(), json[6]["uncertainty_ms"].as_f64().unwrap());
    assert!((uncertainty - round_trip / 2.0).abs() < 0.01, "{json:?}");
    // It is stamped in whole milliseconds, and before it is sent.
    assert!(ahead > 50_000.0 && ahead <= 60_000.0 + uncertainty + 1.0, "{ahead} ± {uncertainty}");
    assert!(!said(&findings).contains("secret"));
}

#[tokio::test]
async fn what_comes_is_known_by_its_signs() {
    let gzip = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3, 0xab, 0x56, 2, 0];
    for (message, sign) in [
        (Message::binary(gzip.to_vec()), "decode.compression = \"gzip\""),
        (Message::binary(b"\x81\xa5price\x01".to_vec()), "decode.format = \"messagepack\""),
        (Message::binary(b"\xa1\x65price\x01".to_vec()), "decode.format = \"cbor\""),
        (
            text(r#"0{"sid":"lv_VI97HAXpY6yYWAAAC","upgrades":[],"pingInterval":25000}"#),
            "EIO=4&transport=websocket",
        ),
    ] {
        let server = Server::sending(vec![message.clone(), message]).await;
        let (tried, findings) = probed(&profile(&server.url()), QUICK).await;
        tried.unwrap();
        let names = names(&findings);
        assert_eq!(names, ["url", "connected", "handshake", "unreadable", "sign", "pong", "done"]);
        assert!(said(&findings).contains(sign), "{sign}");
    }
}

#[tokio::test]
async fn answers_to_the_opening_and_to_pings_are_awaited() {
    for (answer, pong, code) in [
        (r#"{"op":"ok"}"#, r#"{"op":"pong"}"#, None),
        (r#"{"op":"no"}"#, "", Some("opening-refused")),
        (r#"{"op":"what"}"#, "", Some("opening-unanswered")),
        (r#"{"op":"ok"}"#, r#"{"op":"what"}"#, Some("ping-unanswered")),
    ] {
        let server = Server::websocket(move |_, mut socket| async move {
            while let Some(Ok(message)) = socket.next().await {
                let answer = match message.to_text() {
                    Ok(r#"{"op":"subscribe"}"#) => answer,
                    Ok(r#"{"op":"ping"}"#) => pong,
                    _ => continue,
                };
                let _ = socket.send(text(answer)).await;
            }
        })
        .await;
        let is = |value| Some(Condition::equals("op".parse().unwrap(), value));
        let mut profile = profile(&server.url());
        profile.opening = vec![Opening {
            send: Some(Template::plain(r#"{"op":"subscribe"}"#)),
            acknowledged: is("ok"),
            refused: is("no"),
            deadline: Some(if answer.contains("what") { SHORT } else { LONG }),
            ..Opening::default()
        }];
        profile.heartbeat.ping = Some(Ping {
            send: Template::plain(r#"{"op":"ping"}"#),
            every: Duration::from_secs(10),
            interval: None,
            answered: is("pong"),
            answer_max: if pong.contains("what") { SHORT } else { LONG },
            first_is_random: false,
        });
        let limits = Limits { message_max: SHORT, ..QUICK };
        let (tried, findings) = probed(&profile, limits).await;
        assert_eq!(tried.err().map(|failure| failure.trouble.code), code, "{answer}");
        let said = said(&findings);
        assert_eq!(said.contains("; the answer came."), answer.contains("ok"), "{said}");
        assert_eq!(said.contains("The feed's own kind of ping"), code.is_none(), "{said}");
    }
}

#[tokio::test]
async fn a_quiet_feed_is_no_failure() {
    let server = Server::sending(vec![]).await;
    let limits = Limits { message_max: SHORT, ..QUICK };
    let (tried, findings) = probed(&profile(&server.url()), limits).await;
    tried.unwrap();
    assert_eq!(names(&findings)[3..], ["no-message", "pong", "done"]);
    assert_eq!(findings.last().unwrap().what, What::Done { well: false });
}

#[tokio::test]
async fn a_server_that_closes_at_once_is_told_with_its_code() {
    for (code, reason, helps) in [
        (1008, "token, please", "token"),
        (4000, "", "subscribes (opening)"),
        (1013, "later", "later"),
    ] {
        let server = Server::websocket(move |_, mut socket| async move {
            let goodbye = CloseFrame { code: code.into(), reason: reason.into() };
            let _ = socket.send(Message::Close(Some(goodbye))).await;
            answer_pings(&mut socket).await;
        })
        .await;
        let (tried, findings) = probed(&profile(&server.url()), QUICK).await;
        let trouble = tried.unwrap_err().trouble;
        assert_eq!((trouble.step, trouble.code), (Step::Session, "closed-at-once"));
        assert!(trouble.what.contains(&code.to_string()) && trouble.what.contains(reason));
        assert!(trouble.advice.contains(helps), "{trouble}");
        assert_eq!(findings.last().unwrap().what, What::Trouble(trouble));
    }
}

#[tokio::test]
async fn who_ends_quiet_connections_is_found_out_by_staying() {
    // As a proxy does: the server is not asked.
    let server = Server::start(|_, mut stream| async move {
        upgrade(&mut stream).await;
        let _ = stream.write_all(&frame(crate::support::server::TEXT, br#"{"value":1}"#)).await;
        // A ping, masked: it is answered.
        let _ = stream.read_exact(&mut [0; 6]).await;
        let _ = stream.write_all(&frame(0x8a, b"")).await;
        tokio::time::sleep(Duration::from_secs(6)).await;
    })
    .await;
    let limits = Limits { watch_max: Some(DEADLINE), ..QUICK };
    let (tried, findings) = probed(&profile(&server.url()), limits).await;
    let trouble = tried.unwrap_err().trouble;
    assert_eq!(trouble.code, "idle-timeout", "{trouble}");
    assert!(trouble.what.contains(" s."), "{trouble}");
    assert!(trouble.advice.contains("proxy_read_timeout"), "{trouble}");
    assert!(trouble.advice.contains("heartbeat.ping_after = \""), "{trouble}");
    assert!(said(&findings).contains("A ping was"));
}

#[tokio::test]
async fn a_connection_that_stays_is_told_after_the_watch() {
    let server = Server::sending(vec![text(r#"{"value":1}"#)]).await;
    let limits = Limits { watch_max: Some(Duration::from_millis(300)), ..QUICK };
    let (tried, findings) = probed(&profile(&server.url()), limits).await;
    tried.unwrap();
    let watched = &json(&findings)[5];
    assert_eq!(watched["found"], "watched");
    assert!(watched["quiet_ms"].as_f64().unwrap() >= 300.0, "{watched}");
}

#[tokio::test]
async fn a_certificate_is_told_whether_or_not_it_is_accepted() {
    let authority = Authority::new();
    let acceptor = authority.acceptor(false);
    let server = Server::start(move |_, stream| {
        let acceptor = acceptor.clone();
        async move {
            if let Ok(stream) = acceptor.accept(stream).await
                && let Ok(mut socket) = tokio_tungstenite::accept_async(stream).await
            {
                let _ = socket.send(text(r#"{"value":1}"#)).await;
                while let Some(Ok(_)) = socket.next().await {}
            }
        }
    })
    .await;
    let mut profile = profile(&format!("wss://localhost:{}/", server.port()));
    let (tried, findings) = probed(&profile, QUICK).await;
    assert_eq!(tried.unwrap_err().trouble.code, "tls-issuer");
    assert_eq!(names(&findings), ["url", "names", "connected", "certificate", "trouble"]);
    let json_of = json(&findings);
    assert_eq!(json_of[3]["names"][0], "localhost");
    assert!(json_of[3]["days_left"].as_i64().unwrap() > 0);

    let folder = Folder::new("probe");
    folder.file("ca.pem", &authority.pem());
    profile.folder = Some(folder.0.clone());
    profile.connection.tls.ca = Some("ca.pem".into());
    let (tried, findings) = probed(&profile, QUICK).await;
    tried.unwrap();
    assert_eq!(names(&findings)[3..6], ["certificate", "tls", "handshake"]);
    assert!(said(&findings).contains("TLS 1.3 with TLS13_"), "{}", said(&findings));

    profile.connection.tls.ca = None;
    profile.connection.tls.danger_accept_any_certificate = true;
    let (tried, findings) = probed(&profile, QUICK).await;
    tried.unwrap();
    assert_eq!(names(&findings)[0], "notice");
    assert!(said(&findings).starts_with("Beware: Certificates are not checked"));
}

#[tokio::test]
async fn what_fails_on_the_way_is_the_last_finding() {
    let (tried, findings) = probed(&profile("http://feed.test/ws"), QUICK).await;
    assert_eq!(tried.unwrap_err().trouble.advice, "Try ws://feed.test/ws");
    assert_eq!(names(&findings), ["trouble"]);

    let (tried, findings) = probed(&profile("ws://feed.test/ws"), QUICK).await;
    assert_eq!(tried.unwrap_err().trouble.code, "name-unknown");
    assert_eq!(names(&findings), ["url", "trouble"]);

    let body = "HTTP/1.1 404 Not Found\r\nServer: nginx\r\n\r\nCannot GET /";
    let server = Server::answering(body).await;
    let (tried, findings) = probed(&profile(&server.url()), QUICK).await;
    assert_eq!(tried.unwrap_err().status, Some(404));
    assert_eq!(names(&findings), ["url", "connected", "trouble"]);
    let json = json(&findings);
    assert_eq!((&json[2]["step"], &json[2]["code"]), (&"handshake".into(), &"http-status".into()));
    assert!(json[2]["advice"].as_str().unwrap().contains("proxy_set_header Upgrade"));
}

#[tokio::test]
async fn a_ping_without_answer_is_told() {
    let server = Server::start(|_, mut stream| async move {
        upgrade(&mut stream).await;
        let _ = stream.write_all(&frame(crate::support::server::TEXT, br#"{"value":1}"#)).await;
        drain(&mut stream).await;
    })
    .await;
    let limits = Limits { pong_max: Duration::from_millis(200), ..QUICK };
    let (tried, findings) = probed(&profile(&server.url()), limits).await;
    tried.unwrap();
    assert_eq!(names(&findings)[3..], ["message", "no-pong", "done"]);
}

#[tokio::test]
async fn the_socket_is_left_with_the_profiles_code() {
    let (tell, mut told) = tokio::sync::mpsc::channel(1);
    let server = Server::websocket(move |_, mut socket| {
        let tell = tell.clone();
        async move {
            send_all(&mut socket, vec![text(r#"{"value":1}"#)]).await;
            while let Some(Ok(message)) = socket.next().await {
                if let Message::Close(frame) = message {
                    let _ = tell.send(frame.map(|frame| u16::from(frame.code))).await;
                }
            }
        }
    })
    .await;
    let mut profile = profile(&server.url());
    profile.closing.code = 4321;
    probed(&profile, QUICK).await.0.unwrap();
    let code = tokio::time::timeout(DEADLINE, told.recv()).await.unwrap().unwrap();
    assert_eq!(code, Some(4321));
}
