//! Whatever answers at a URL, or does not: the trouble says which step failed, what the other side
//! said and what to try, and it is tried again only where that makes sense.

use crate::support::server::{TEXT, drain, finish, frame, request};
use crate::support::tls::{Authority, Folder};
use crate::support::world::TestWorld;
use crate::support::{Feed, Server, profile};
use feedscope_feed::link::{self, Found, Socket};
use feedscope_feed::profile::{Template, Tls, Values, Variable};
use feedscope_feed::session::Failure;
use feedscope_feed::session::close::Verdict;
use feedscope_feed::{Profile, State, Step, Time, Trouble};
use futures_util::StreamExt;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::AsyncWriteExt;
use tokio::sync::Mutex;
use tokio_rustls::TlsAcceptor;
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;

/// Long enough for a busy machine to do a step, short enough to wait for.
const STEP_MAX: Duration = Duration::from_millis(500);

/// Why this profile cannot be dialled; it must be stopped by it.
async fn stopped(profile: Profile) -> Trouble {
    let (trouble, state, _) = Feed::start(profile).trouble().await;
    assert_eq!(state, State::Stopped, "{trouble}");
    told(trouble)
}

/// Why this profile cannot be dialled now; it must be waiting to try again.
async fn waiting(profile: Profile) -> (Trouble, Duration) {
    let (trouble, state, wait) = Feed::start(profile).trouble().await;
    assert_eq!(state, State::Waiting, "{trouble}");
    (told(trouble), wait.unwrap())
}

/// Every trouble is whole sentences, and gives advice.
fn told(trouble: Trouble) -> Trouble {
    println!("{} | {trouble}\n", trouble.code);
    assert!(trouble.what.ends_with('.'), "{}", trouble.what);
    assert!(!trouble.advice.is_empty());
    assert!(trouble.what.len() < 200, "{}", trouble.what);
    trouble
}

fn answer(trouble: &Trouble) -> &str {
    trouble.answer.as_deref().expect("there was an answer")
}

async fn stopped_by_answer(bytes: impl Into<Vec<u8>>) -> Trouble {
    let server = Server::answering(bytes).await;
    stopped(profile(&server.url())).await
}

// The URL.

#[tokio::test]
async fn a_url_that_is_none_is_refused_with_what_is_wrong() {
    for (url, code, what) in [
        ("", "url-empty", "The URL is empty."),
        ("  \t ", "url-empty", "The URL is empty."),
        ("ws://", "url-host", "The URL names no host."),
        ("wss://?token=1", "url-host", "The URL names no host."),
        ("ws://:9000/", "url-host", "The URL names no host."),
        ("ws://feed.example:0/", "url-port", "The port is not a number from 1 to 65535."),
        ("ws://feed.example:70000/", "url-port", "The port is not a number from 1 to 65535."),
        ("ws://feed.example:http/", "url-port", "The port is not a number from 1 to 65535."),
        ("ws://feed example/", "url-host", "space"),
        ("ws://1.2.3.400/", "url-host", "IP address"),
        ("ftp://feed.example/", "url-scheme", "ftp:// is not the address of a WebSocket."),
        ("mailto:someone@feed.example", "url-scheme", "does not begin with ws:// or wss://"),
        ("ws://[::1/", "url-host", "IP address"),
    ] {
        let trouble = stopped(profile(url)).await;
        assert_eq!((trouble.step, trouble.code), (Step::Url, code), "{url}");
        assert!(trouble.what.contains(what), "{url}: {}", trouble.what);
        assert_eq!(trouble.answer, None);
        assert!(trouble.advice.contains("ws"), "{url}: {}", trouble.advice);
    }
}

#[tokio::test]
async fn the_address_of_a_page_or_one_without_scheme_is_given_back_as_it_should_be() {
    for (url, better) in [
        ("http://feed.example:81/ws?x=1", "ws://feed.example:81/ws?x=1"),
        ("https://feed.example/ws", "wss://feed.example/ws"),
        ("HTTPS://feed.example/ws", "wss://feed.example/ws"),
        ("feed.example/ws", "wss://feed.example/ws"),
        ("localhost:9000/ws", "ws://localhost:9000/ws"),
        ("127.0.0.1:9000", "ws://127.0.0.1:9000"),
        ("//feed.example/ws", "wss://feed.example/ws"),
    ] {
        let trouble = stopped(profile(url)).await;
        assert_eq!((trouble.step, trouble.code), (Step::Url, "url-scheme"), "{url}");
        assert!(trouble.advice.contains(better), "{url}: {}", trouble.advice);
    }
}

#[tokio::test]
async fn spaces_around_a_url_and_a_fragment_do_not_matter() {
    let server = Server::sending(vec![]).await;
    let mut feed = Feed::start(profile(&format!(" {}#top\n", server.url())));
    feed.is_live().await;
}

#[tokio::test]
async fn a_header_that_cannot_be_sent_is_refused_by_its_name_and_without_its_value() {
    for (name, value) in [("X Key", "1"), ("X-Key", "se\ncret"), ("", "1")] {
        let mut profile = profile("ws://feed.example/");
        profile.connection.headers.insert(name.into(), value.into());
        let trouble = stopped(profile).await;
        assert_eq!((trouble.step, trouble.code), (Step::Url, "header"));
        assert!(trouble.what.contains(name));
        assert!(!trouble.to_string().contains(value) || value == "1");
        assert!(trouble.advice.contains("header"), "{}", trouble.advice);
    }
}

#[tokio::test]
async fn the_headers_of_the_profile_are_sent() {
    let (tell, mut told) = tokio::sync::mpsc::channel(1);
    let server = Server::start(move |_, mut stream| {
        let tell = tell.clone();
        async move {
            let _ = tell.send(request(&mut stream).await).await;
        }
    })
    .await;
    let mut profile = profile(&format!("{}path?q=1", server.url()));
    profile.connection.headers.insert("X-Api-Key".into(), "12345".into());
    profile.connection.headers.insert("Origin".into(), "https://feed.example".into());
    let _feed = Feed::start(profile);
    let request = told.recv().await.unwrap();
    assert!(request.starts_with("GET /path?q=1 HTTP/1.1\r\n"), "{request}");
    assert!(request.contains("x-api-key: 12345\r\n"), "{request}");
    assert!(request.contains("Origin: https://feed.example\r\n"), "{request}");
    assert!(request.contains(&format!("Host: {}\r\n", server.address())), "{request}");
}

#[tokio::test]
async fn query_origin_subprotocols_and_user_are_sent_with_their_values() {
    let (tell, mut told) = tokio::sync::mpsc::channel(1);
    let server = Server::start(move |_, mut stream| {
        let tell = tell.clone();
        async move {
            let _ = tell.send(request(&mut stream).await).await;
        }
    })
    .await;
    let template = |text: &str| text.parse::<Template>().unwrap();
    let mut profile = profile("");
    profile.variables = [("pair".to_owned(), Variable::default())].into();
    profile.connection.url = template(&format!("ws://me:pass%20word@{}/x?a=1", server.address()));
    profile.connection.query = [
        ("cursor".to_owned(), template("${cursor}")),
        ("pair".to_owned(), template("${pair}")),
        ("token".to_owned(), template("${secret:api}")),
    ]
    .into();
    profile.connection.origin = Some(template("https://${pair}.example"));
    profile.connection.subprotocols = vec!["v2.feed".into(), "v1.feed".into()];
    let mut values = Values::default();
    let mut world = TestWorld::default();

    // What is missing is named.
    for (code, name) in [("value-missing", "pair"), ("secret-missing", "api")] {
        let failure = link::check(&profile, &values, &world).unwrap_err();
        assert_eq!((failure.trouble.step, failure.trouble.code), (Step::Url, code));
        assert!(failure.trouble.what.contains(name), "{}", failure.trouble);
        values.variables.insert("pair".to_owned(), "a b&c".to_owned());
    }
    world.secrets.insert("api".to_owned(), "hush=hush".to_owned());
    values.variables.insert("pair".to_owned(), "a-b".to_owned());

    let line = Arc::new(Mutex::new(())).lock_owned().await;
    let mut found = Vec::new();
    let mut note = |one| found.push(one);
    let _ = link::dial_telling(&profile, &values, &world, line, &mut note).await;
    let asked = told.recv().await.unwrap();
    assert!(
        asked.starts_with("GET /x?a=1&pair=a-b&token=hush%3Dhush HTTP/1.1\r\n"),
        "a cursor that is not known yet is left out: {asked}"
    );
    assert!(asked.contains("Origin: https://a-b.example\r\n"), "{asked}");
    assert!(asked.contains("Sec-WebSocket-Protocol: v2.feed, v1.feed\r\n"), "{asked}");
    // base64 of “me:pass word”.
    assert!(asked.contains("authorization: Basic bWU6cGFzcyB3b3Jk\r\n"), "{asked}");
    let Some(Found::Url(shown)) = found.first() else { panic!("{found:?}") };
    assert!(shown.contains("pair=a-b") && shown.contains("me:***@"), "{shown}");
    assert!(!shown.contains("hush") && !shown.contains("word"), "{shown}");
}

#[tokio::test]
async fn a_secret_that_the_server_says_back_is_not_shown() {
    let server = Server::start(|_, mut stream| async move {
        let asked = request(&mut stream).await;
        let body = asked.lines().next().unwrap_or_default().to_owned();
        let _ =
            stream.write_all(format!("HTTP/1.1 403 No\r\n\r\n{body} open-sesame").as_bytes()).await;
        finish(stream).await;
    })
    .await;
    let mut profile = profile("");
    let url = format!("ws://{}/?token=${{secret:api}}", server.address());
    profile.connection.url = url.parse().unwrap();
    let secrets = [("api".to_owned(), "open-sesame".to_owned())].into();
    let failure = refused(&profile, &TestWorld { secrets, ..TestWorld::default() }).await;
    assert!(failure.trouble.answer.as_ref().unwrap().contains("GET /?token=***"), "{failure:?}");
    assert!(!failure.trouble.to_string().contains("sesame"), "{failure:?}");
}

// Name lookup and connect.

#[tokio::test]
async fn an_unknown_name_is_told_and_tried_again() {
    // Where there is no network, a lookup can take its time to fail.
    let (trouble, _) = waiting(profile("ws://nothing.invalid/")).await;
    assert_eq!(trouble.step, Step::NameLookup);
    assert!(["name-unknown", "timeout"].contains(&trouble.code));
    assert!(trouble.what.contains("nothing.invalid"), "{}", trouble.what);
    assert!(trouble.advice.contains("online") || trouble.advice.contains("network"));
}

#[tokio::test]
async fn a_port_where_nothing_listens_is_told_and_tried_again() {
    let server = Server::start(|_, _| async {}).await;
    let (url, address) = (server.url(), server.address());
    server.kill().await;
    let (trouble, _) = waiting(profile(&url)).await;
    assert_eq!((trouble.step, trouble.code), (Step::Connect, "tcp-refused"));
    assert_eq!(trouble.what, format!("{address} refused the connection: nothing listens there."));
    assert_eq!(trouble.advice, "Check the port, and that the server is running.");
}

#[tokio::test]
async fn an_ipv6_address_is_dialled() {
    if tokio::net::TcpListener::bind("[::1]:0").await.is_err() {
        println!("Not tested: there is no IPv6 here.");
        return;
    }
    let server = Server::websocket_at("[::1]:0", |_, mut socket| async move {
        crate::support::server::answer_pings(&mut socket).await;
    })
    .await;
    let url = server.url();
    assert!(url.starts_with("ws://[::1]:"));
    Feed::start(profile(&url)).is_live().await;
    server.kill().await;
    let (trouble, _) = waiting(profile(&url)).await;
    assert!(trouble.what.starts_with("[::1]:"), "{}", trouble.what);
}

// The handshake.

#[tokio::test]
async fn a_server_that_accepts_and_never_answers_is_left_by_the_deadline() {
    let server = Server::start(|_, mut stream| async move { drain(&mut stream).await }).await;
    let mut profile = profile(&server.url());
    profile.limits.step_max = STEP_MAX;
    let (trouble, _) = waiting(profile).await;
    assert_eq!((trouble.step, trouble.code), (Step::Handshake, "timeout"));
    assert_eq!(
        trouble.what,
        format!(
            "The server accepted the connection, but did not answer the handshake within 0.5 s ({}).",
            server.address()
        )
    );
}

#[tokio::test]
async fn headers_that_drip_and_never_end_are_left_by_the_deadline() {
    let server = Server::start(|_, mut stream| async move {
        request(&mut stream).await;
        let _ = stream.write_all(b"HTTP/1.1 101 Switching Protocols\r\nX-Drip: ").await;
        // Slow enough that the deadline is reached first.
        while stream.write_all(b"x").await.is_ok() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    })
    .await;
    let mut profile = profile(&server.url());
    profile.limits.step_max = STEP_MAX;
    let (trouble, _) = waiting(profile).await;
    assert_eq!((trouble.step, trouble.code), (Step::Handshake, "timeout"));
}

#[tokio::test]
async fn headers_without_end_are_left_by_their_size() {
    let server = Server::start(|_, mut stream| async move {
        request(&mut stream).await;
        let _ = stream.write_all(b"HTTP/1.1 101 Switching Protocols\r\nX-Long: ").await;
        while stream.write_all(&[b'x'; 8_192]).await.is_ok() {}
    })
    .await;
    let trouble = stopped(profile(&server.url())).await;
    assert_eq!((trouble.step, trouble.code), (Step::Handshake, "headers-too-large"));
    assert!(!trouble.to_string().contains("ttack"), "{trouble}");
}

#[tokio::test]
async fn too_many_headers_are_too_large_and_not_something_other_than_http() {
    let many: String = (0..500).map(|n| format!("X-{n}: {n}\r\n")).collect();
    let trouble =
        stopped_by_answer(format!("HTTP/1.1 101 Switching Protocols\r\n{many}\r\n")).await;
    assert_eq!((trouble.step, trouble.code), (Step::Handshake, "headers-too-large"));
}

#[tokio::test]
async fn what_answers_with_a_status_is_stopped_at_and_shown_whole() {
    for (status, headers, what) in [
        ("200 OK", "Content-Type: text/html\r\n", "/ is a web page, not a WebSocket."),
        ("301 Moved Permanently", "Location: https://new.example/ws\r\n", "wss://new.example/ws"),
        (
            "401 Unauthorized",
            "WWW-Authenticate: Bearer\r\n",
            "The server wants to know who we are.",
        ),
        ("403 Forbidden", "X-Why: origin\r\n", "The server refuses us."),
        ("404 Not Found", "X-Why: path\r\n", "The server has nothing at /."),
        (
            "426 Upgrade Required",
            "Sec-WebSocket-Version: 99\r\n",
            "The server wants another protocol.",
        ),
        ("418 I'm a teapot", "X-Why: tea\r\n", "The server refused the handshake."),
    ] {
        let body = "{\"error\":\"read the manual\"}";
        let length = body.len();
        let trouble = stopped_by_answer(format!(
            "HTTP/1.1 {status}\r\nContent-Length: {length}\r\n{headers}\r\n{body}"
        ))
        .await;
        assert_eq!((trouble.step, trouble.code), (Step::Handshake, "http-status"));
        assert!(trouble.to_string().contains(what), "{trouble}");
        assert!(trouble.what.contains(&format!("It answered {}", &status[..3])), "{trouble}");
        let answer = answer(&trouble);
        assert!(answer.starts_with(&format!("HTTP/1.1 {}", &status[..3])), "{answer}");
        let header = headers.trim_end().split_once(": ").unwrap();
        let shown = format!("{}: {}", header.0.to_lowercase(), header.1);
        assert!(answer.contains(&shown), "{answer}");
        assert!(answer.ends_with(body), "{answer}");
    }
}

#[tokio::test]
async fn the_advice_fits_the_status() {
    for (status, helps) in [
        ("200 OK", "path"),
        ("401 Unauthorized", "token"),
        ("403 Forbidden", "token"),
        ("404 Not Found", "path"),
        ("426 Upgrade Required", "Upgrade"),
    ] {
        let trouble = stopped_by_answer(format!("HTTP/1.1 {status}\r\n\r\n")).await;
        assert!(trouble.advice.contains(helps), "{status}: {}", trouble.advice);
    }
}

#[tokio::test]
async fn a_server_in_trouble_is_tried_again() {
    for status in ["408 Request Timeout", "429 Too Many Requests", "500 Oops", "503 Busy"] {
        let server = Server::answering(format!("HTTP/1.1 {status}\r\n\r\nlater")).await;
        let (trouble, _) = waiting(profile(&server.url())).await;
        assert_eq!((trouble.step, trouble.code), (Step::Handshake, "http-status"));
        assert!(trouble.what.contains(&status[..3]), "{}", trouble.what);
        assert!(answer(&trouble).ends_with("later"), "{trouble}");
        assert!(trouble.advice.contains("tried again"), "{}", trouble.advice);
    }
}

#[tokio::test]
async fn it_waits_at_least_as_long_as_the_server_asks() {
    for status in ["429 Too Many Requests", "503 Service Unavailable"] {
        let server =
            Server::answering(format!("HTTP/1.1 {status}\r\nRetry-After: 17\r\n\r\n")).await;
        let (trouble, wait) = waiting(profile(&server.url())).await;
        assert!(wait >= Duration::from_secs(17), "{wait:?}");
        assert!(trouble.advice.contains("tried again"), "{}", trouble.advice);
    }
}

#[tokio::test]
async fn a_server_cannot_ask_for_a_wait_without_end() {
    for asked in ["18446744073709551615", "99999999999", "-5", "soon", ""] {
        let server =
            Server::answering(format!("HTTP/1.1 503 Busy\r\nRetry-After: {asked}\r\n\r\n"));
        let server = server.await;
        let mut feed = Feed::start(profile(&server.url()));
        let (trouble, state, wait) = feed.trouble().await;
        assert_eq!(state, State::Waiting, "{trouble}");
        // With the usual jitter on top.
        assert!(wait.unwrap() <= Duration::from_secs(24 * 3_601), "{asked}: {wait:?}");
        // It is still there, and does what it is told.
        feed.stop();
        feed.reaches(State::Stopped, 1).await;
    }
}

#[tokio::test]
async fn a_page_without_end_is_shown_in_part() {
    // Two bytes each, after one of one byte: any even limit would cut one in half.
    let page = format!("-{}", "é".repeat(40_000));
    let trouble = stopped_by_answer(format!("HTTP/1.1 404 Not Found\r\n\r\n{page}")).await;
    assert!(answer(&trouble).len() < 4_096, "{}", answer(&trouble).len());
    assert!(!answer(&trouble).contains('\u{fffd}'), "cut between two characters");
}

#[tokio::test]
async fn a_server_that_closes_without_an_answer_is_tried_again() {
    let server = Server::start(|_, mut stream| async move {
        request(&mut stream).await;
        finish(stream).await;
    })
    .await;
    let (trouble, _) = waiting(profile(&server.url())).await;
    assert_eq!((trouble.step, trouble.code), (Step::Handshake, "handshake-cut"));
    assert!(trouble.advice.contains("wss://"), "{}", trouble.advice);
}

#[tokio::test]
async fn a_server_that_cuts_the_connection_at_once_is_tried_again() {
    let server = Server::start(|_, stream| async move { drop(stream) }).await;
    let (trouble, _) = waiting(profile(&server.url())).await;
    assert_eq!((trouble.step, trouble.code), (Step::Handshake, "handshake-cut"));
}

#[tokio::test]
async fn another_kind_of_server_is_told_from_a_web_server() {
    for banner in
        ["SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n", "220 mail.example ESMTP\r\n", "\0\u{1}\u{2}"]
    {
        let trouble = stopped_by_answer(banner).await;
        assert_eq!((trouble.step, trouble.code), (Step::Handshake, "not-http"), "{banner}");
        assert!(trouble.advice.contains("port"), "{}", trouble.advice);
    }
}

#[tokio::test]
async fn a_handshake_that_is_not_right_is_not_taken_for_a_websocket() {
    let right = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n";
    for (answered, why) in [
        (format!("{right}Sec-WebSocket-Accept: AAAAAAAAAAAAAAAAAAAAAAAAAAA=\r\n\r\n"), "Accept"),
        (format!("{right}\r\n"), "Accept"),
        ("HTTP/1.1 101 Switching Protocols\r\n\r\n".to_owned(), "Upgrade"),
    ] {
        let trouble = stopped_by_answer(answered).await;
        assert_eq!((trouble.step, trouble.code), (Step::Handshake, "not-websocket"));
        assert!(trouble.what.contains(why), "{trouble}");
        assert!(answer(&trouble).starts_with("HTTP/1.1 101"), "{trouble}");
        assert!(trouble.advice.contains("proxy"), "{}", trouble.advice);
    }
}

#[tokio::test]
async fn a_handshake_is_right_in_whatever_form_it_is_right() {
    for (headers, proto) in [
        ("Upgrade: websocket\r\nConnection: keep-alive, Upgrade\r\n", None),
        ("upgrade: WebSocket\r\nconnection: keep-alive\r\nConnection: UPGRADE\r\n", None),
        ("Upgrade: h2c, websocket\r\nConnection: upgrade\r\nX-Odd: \u{e9}\r\n", None),
        ("Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Protocol: b\r\n", Some("b")),
    ] {
        // The first messages come with the last of the handshake, in one piece.
        let messages = [frame(TEXT, br#"{"value":1}"#), frame(TEXT, br#"{"value":2}"#)].concat();
        let server = Server::start(move |_, mut stream| {
            let messages = messages.clone();
            async move {
                let asked = request(&mut stream).await;
                let key = asked.lines().find_map(|line| line.strip_prefix("Sec-WebSocket-Key: "));
                let accept = derive_accept_key(key.unwrap().as_bytes());
                let head = format!(
                    "HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n\
                     HTTP/1.1 101 Switching Protocols\r\n{headers}\
                     Sec-WebSocket-Accept: {accept}\r\n\r\n"
                );
                let _ = stream.write_all(&[head.as_bytes(), &messages].concat()).await;
                drain(&mut stream).await;
            }
        })
        .await;
        let mut profile = profile(&server.url());
        profile.connection.subprotocols =
            proto.map_or(vec![], |_| vec!["a".to_owned(), "b".to_owned()]);
        let mut feed = Feed::start(profile);
        let seen = feed.has_received(2).await;
        assert_eq!(seen.values("value"), [1.0, 2.0], "{headers}");
    }
}

#[tokio::test]
async fn a_server_must_choose_one_of_the_subprotocols_that_were_offered() {
    for (offered, chosen, helps) in [
        (&["a", "b"][..], None, "leave them out"),
        (&["a"], Some("c"), "[\"c\"]"),
        (&[], Some("c"), "[\"c\"]"),
    ] {
        let server = Server::start(move |_, mut stream| async move {
            let asked = request(&mut stream).await;
            let key = asked.lines().find_map(|line| line.strip_prefix("Sec-WebSocket-Key: "));
            let accept = derive_accept_key(key.unwrap().as_bytes());
            let chosen =
                chosen.map_or(String::new(), |c| format!("Sec-WebSocket-Protocol: {c}\r\n"));
            let head = format!(
                "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\
                 Connection: Upgrade\r\nSec-WebSocket-Accept: {accept}\r\n{chosen}\r\n"
            );
            let _ = stream.write_all(head.as_bytes()).await;
            finish(stream).await;
        })
        .await;
        let mut profile = profile(&server.url());
        profile.connection.subprotocols = offered.iter().map(|&one| one.to_owned()).collect();
        let trouble = stopped(profile).await;
        assert_eq!((trouble.step, trouble.code), (Step::Handshake, "subprotocol"));
        assert!(trouble.advice.contains(helps), "{trouble}");
    }
}

#[tokio::test]
async fn a_wait_until_a_date_is_heard_by_the_servers_own_clock() {
    // Both are long past by ours.
    let asked = "Date: Sun, 06 Nov 1994 08:49:00 GMT\r\n\
                 Retry-After: Sun, 06 Nov 1994 08:49:37 GMT";
    let server = Server::answering(format!("HTTP/1.1 503 Busy\r\n{asked}\r\n\r\n")).await;
    let failure = refused(&profile(&server.url()), &TestWorld::default()).await;
    assert_eq!(failure.verdict, Verdict::RetryAfter(Duration::from_secs(37)));
    assert_eq!(failure.status, Some(503));
    // And by ours where it says nothing of its own.
    let in_a_minute = std::time::SystemTime::now() + Duration::from_secs(60);
    let asked = format!("Retry-After: {}", httpdate::fmt_http_date(in_a_minute));
    let server = Server::answering(format!("HTTP/1.1 429 Slow\r\n{asked}\r\n\r\n")).await;
    let failure = refused(&profile(&server.url()), &TestWorld::default()).await;
    let Verdict::RetryAfter(wait) = failure.verdict else { panic!("{:?}", failure.verdict) };
    assert!(wait > Duration::from_secs(30) && wait <= Duration::from_secs(60), "{wait:?}");
}

#[tokio::test]
async fn what_the_server_did_not_see_or_wants_is_known_by_its_answer() {
    const NO_PROXY: &str = "404 Not Found\r\n\r\nCannot GET /ws";
    for (path, answered, code, helps) in [
        (
            "/ws",
            "426 Upgrade Required\r\nServer: nginx/1.22.1\r\n\r\nUpgrade Required",
            "upgrade-lost",
            "proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection \"upgrade\"; \
             proxy_read_timeout",
        ),
        (
            "/ws",
            "400 Bad Request\r\nServer: cloudflare\r\n\r\nCan \"Upgrade\" only to \"WebSocket\".",
            "upgrade-lost",
            "Cloudflare",
        ),
        (
            "/socket.io/?EIO=4&transport=websocket",
            "400 Bad Request\r\n\r\n{\"code\":3,\"message\":\"Bad request\"}",
            "upgrade-lost",
            "proxy_http_version 1.1",
        ),
        (
            "/socket.io/",
            "400 Bad Request\r\n\r\n{\"code\":0,\"message\":\"Transport unknown\"}",
            "socket-io",
            "EIO=4&transport=websocket",
        ),
        (
            "/ws",
            "400 Bad Request\r\nServer: nginx\r\n\r\n\
             <title>400 The plain HTTP request was sent to HTTPS port</title>",
            "wants-tls",
            "wss://",
        ),
        (
            "/ws",
            "404 Not Found\r\nServer: nginx\r\n\r\nCannot GET /ws",
            "http-status",
            "proxy_set_header Upgrade",
        ),
        ("/ws", NO_PROXY, "http-status", "Check the path"),
    ] {
        let server = Server::answering(format!("HTTP/1.1 {answered}")).await;
        let url = format!("ws://{}{path}", server.address());
        let trouble = stopped(profile(&url)).await;
        assert_eq!((trouble.step, trouble.code), (Step::Handshake, code), "{answered}");
        assert!(trouble.advice.contains(helps), "{answered}: {}", trouble.advice);
        let of_proxy = trouble.advice.contains("proxy");
        assert_eq!(of_proxy, !["socket-io", "wants-tls"].contains(&code) && answered != NO_PROXY);
    }
    // TLS, not HTTP: an alert.
    let trouble = stopped_by_answer(b"\x15\x03\x03\0\x02\x02\x32".to_vec()).await;
    assert_eq!((trouble.step, trouble.code), (Step::Handshake, "wants-tls"));
}

#[tokio::test]
async fn a_body_in_chunks_is_put_together_and_one_without_end_is_not_waited_for() {
    let chunked = "HTTP/1.1 404 Not Found\r\nTransfer-Encoding: chunked\r\n\r\n\
                   3\r\nnot\r\n6;x=y\r\n here.\r\n0\r\n\r\n";
    let trouble = stopped_by_answer(chunked).await;
    assert!(answer(&trouble).ends_with("\n\nnot here."), "{trouble}");
    let server = Server::start(|_, mut stream| async move {
        request(&mut stream).await;
        let _ = stream.write_all(b"HTTP/1.1 403 No\r\n\r\nbecause").await;
        // Neither its length nor its end is told.
        drain(&mut stream).await;
    })
    .await;
    let trouble = stopped(profile(&server.url())).await;
    assert!(answer(&trouble).ends_with("because"), "{trouble}");
}

// TLS.

/// A TLS server with this certificate, which answers no handshake.
async fn tls_server(certificate: &rcgen::Certificate, key: &rcgen::KeyPair) -> Server {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(
            vec![certificate.der().clone()],
            rustls::pki_types::PrivateKeyDer::Pkcs8(key.serialize_der().into()),
        )
        .unwrap();
    let acceptor = TlsAcceptor::from(Arc::new(config));
    Server::start(move |_, stream| {
        let acceptor = acceptor.clone();
        async move {
            if let Ok(stream) = acceptor.accept(stream).await
                && let Ok(mut socket) = tokio_tungstenite::accept_async(stream).await
            {
                while let Some(Ok(_)) = socket.next().await {}
            }
        }
    })
    .await
}

fn by_name(server: &Server) -> String {
    format!("wss://localhost:{}/", server.port())
}

#[tokio::test]
async fn a_certificate_that_nobody_vouches_for_is_refused() {
    let own = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let server = tls_server(&own.cert, &own.signing_key).await;
    let trouble = stopped(profile(&by_name(&server))).await;
    assert_eq!((trouble.step, trouble.code), (Step::Tls, "tls-issuer"));
    assert!(trouble.what.contains("localhost"), "{}", trouble.what);
    assert!(trouble.advice.contains("your own server"), "{}", trouble.advice);
}

#[tokio::test]
async fn a_server_without_tls_is_told_as_such() {
    // A web server that does not understand what it reads.
    let server = Server::start(|_, mut stream| async move {
        let _ = stream.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n").await;
        finish(stream).await;
    })
    .await;
    let trouble = stopped(profile(&server.url().replace("ws:", "wss:"))).await;
    assert_eq!((trouble.step, trouble.code), (Step::Tls, "tls-not-tls"));
    assert!(trouble.advice.contains("ws://"), "{}", trouble.advice);
}

#[tokio::test]
async fn a_server_that_says_nothing_in_tls_is_left_by_the_deadline() {
    let server = Server::start(|_, mut stream| async move { drain(&mut stream).await }).await;
    let mut profile = profile(&server.url().replace("ws:", "wss:"));
    profile.limits.step_max = STEP_MAX;
    let (trouble, _) = waiting(profile).await;
    assert_eq!((trouble.step, trouble.code), (Step::Tls, "timeout"));
    assert!(trouble.advice.contains("ws://"), "{}", trouble.advice);
}

#[tokio::test]
async fn a_server_that_wants_tls_is_told_as_such() {
    let own = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let server = tls_server(&own.cert, &own.signing_key).await;
    let trouble = stopped(profile(&server.url())).await;
    assert_eq!(trouble.step, Step::Handshake);
    assert!(trouble.advice.contains("wss://"), "{trouble}");
}

/// The one step that all of these need: what comes of dialling once.
async fn dialled(profile: &Profile, world: &TestWorld) -> Result<(Socket, Vec<Found>), Failure> {
    let line = Arc::new(Mutex::new(())).lock_owned().await;
    let mut found = Vec::new();
    let mut tell = |one| found.push(one);
    let socket = link::dial_telling(profile, &Values::default(), world, line, &mut tell).await?;
    Ok((socket, found))
}

async fn refused(profile: &Profile, world: &TestWorld) -> Failure {
    let Err(failure) = dialled(profile, world).await else { panic!("it opened") };
    Failure { trouble: told(failure.trouble), ..failure }
}

#[tokio::test]
async fn own_authorities_and_own_certificates_are_found_from_the_profiles_folder() {
    let authority = Authority::new();
    let acceptor = authority.acceptor(true);
    let server = Server::start(move |_, stream| {
        let acceptor = acceptor.clone();
        async move {
            match acceptor.accept(stream).into_fallible().await {
                Ok(stream) => {
                    let Ok(mut socket) = tokio_tungstenite::accept_async(stream).await else {
                        return;
                    };
                    while let Some(Ok(_)) = socket.next().await {}
                }
                // It has said why.
                Err((_, stream)) => finish(stream).await,
            }
        }
    })
    .await;
    let folder = Folder::new("dial-own");
    let (certificate, key) = authority.signs("client");
    folder.file("ca.pem", &authority.pem());
    folder.file("me.pem", &certificate.pem());
    folder.file("me.key", &key.serialize_pem());
    folder.file("both.pem", &(certificate.pem() + &key.serialize_pem()));
    let (_, others_key) = authority.signs("other");
    folder.file("other.key", &others_key.serialize_pem());
    folder.file("empty.pem", "nothing");
    let with = |ca: &str, certificate: Option<&str>, key: Option<&str>| {
        let mut profile = profile(&by_name(&server));
        profile.folder = Some(folder.0.clone());
        profile.connection.tls = Tls {
            ca: Some(ca.into()),
            client_certificate: certificate.map(Into::into),
            client_key: key.map(Into::into),
            ..Tls::default()
        };
        profile
    };
    let world = TestWorld::default();
    for profile in
        [with("ca.pem", Some("me.pem"), Some("me.key")), with("ca.pem", Some("both.pem"), None)]
    {
        let (_, found) = dialled(&profile, &world).await.unwrap();
        let certificate = found.iter().find_map(|found| match found {
            Found::Certificate(certificate) => Some(certificate),
            _ => None,
        });
        let certificate = certificate.unwrap();
        assert_eq!(certificate.names, ["localhost"]);
        assert!(certificate.issuer.contains("Feedscope test authority"), "{certificate:?}");
        assert!(!certificate.self_signed && certificate.days_left(Time::now()) > 0);
        assert!(found.iter().any(|found| matches!(found, Found::Tls { version, cipher, .. }
                if version == "TLS 1.3" && cipher.starts_with("TLS13_"))));
    }
    for (profile, code, what) in [
        (with("ca.pem", None, None), "tls-client", "wants a certificate of ours"),
        (with("gone.pem", None, None), "tls-file", "gone.pem cannot be read"),
        (with("empty.pem", None, None), "tls-file", "empty.pem has no certificate in it"),
        (with("ca.pem", Some("me.pem"), None), "tls-file", "me.pem does not hold a private key"),
        (with("ca.pem", Some("me.pem"), Some("other.key")), "tls-file", "does not fit"),
        (with("ca.pem", None, Some("me.key")), "tls-file", "no client_certificate"),
    ] {
        let failure = refused(&profile, &world).await;
        assert_eq!((failure.trouble.step, failure.trouble.code), (Step::Tls, code));
        assert!(failure.trouble.what.contains(what), "{}", failure.trouble);
        assert_eq!(failure.verdict, Verdict::Stop);
    }
}

#[tokio::test]
async fn a_certificate_that_nobody_vouches_for_is_taken_where_the_profile_says_so_aloud() {
    let own = rcgen::generate_simple_self_signed(["other.example".to_owned()]).unwrap();
    let server = tls_server(&own.cert, &own.signing_key).await;
    let mut profile = profile(&by_name(&server));
    assert_eq!(link::notice(&profile), None);
    profile.connection.tls.danger_accept_any_certificate = true;
    dialled(&profile, &TestWorld::default()).await.unwrap();
    assert!(link::notice(&profile).unwrap().contains("not checked"));
    let mut feed = Feed::start(profile);
    let seen = feed.is_live().await;
    assert!(seen.transitions.iter().all(|(_, to)| to.cause.contains("not checked")));
}

/// What only an authority that is trusted can show. The system's trusted ones are made up by an
/// environment variable, so this runs the test named here in a process of its own.
#[cfg(target_os = "linux")]
mod with_an_authority {
    use super::*;
    use rcgen::{
        BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair, date_time_ymd,
    };
    use std::process::Command;

    /// Set in the process of its own, to where the authority's key and certificate are.
    const AUTHORITY: &str = "FEEDSCOPE_TEST_AUTHORITY";

    fn authority_params() -> CertificateParams {
        let mut params = CertificateParams::new([]).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.distinguished_name.push(rcgen::DnType::CommonName, "Feedscope test authority");
        params
    }

    /// Runs this test again, with an authority that is trusted. `None` in the process that does.
    fn authority(test: &str) -> Option<CertifiedIssuer<'static, KeyPair>> {
        if let Some(key) = std::env::var_os(AUTHORITY) {
            let key = std::fs::read_to_string(key).unwrap();
            let key = KeyPair::from_pem(&key).unwrap();
            return Some(CertifiedIssuer::self_signed(authority_params(), key).unwrap());
        }
        let authority =
            CertifiedIssuer::self_signed(authority_params(), KeyPair::generate().unwrap()).unwrap();
        let dir = std::env::temp_dir().join(format!("feedscope-{test}-{}", std::process::id()));
        std::fs::create_dir_all(&dir).unwrap();
        let (roots, key) = (dir.join("roots.pem"), dir.join("key.pem"));
        std::fs::write(&roots, authority.pem()).unwrap();
        std::fs::write(&key, authority.key().serialize_pem()).unwrap();
        let (_, here) = module_path!().split_once("::").unwrap();
        let output = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "--nocapture", &format!("{here}::{test}")])
            .env_remove("SSL_CERT_DIR")
            .env("SSL_CERT_FILE", &roots)
            .env(AUTHORITY, &key)
            .output()
            .unwrap();
        std::fs::remove_dir_all(&dir).unwrap();
        let said = String::from_utf8_lossy(&output.stdout);
        println!("{said}{}", String::from_utf8_lossy(&output.stderr));
        assert!(output.status.success());
        assert!(said.contains("1 passed"), "the name of the test is not right");
        None
    }

    async fn server(
        authority: &CertifiedIssuer<'static, KeyPair>,
        name: &str,
        years: (i32, i32),
    ) -> Server {
        let mut params = CertificateParams::new([name.to_owned()]).unwrap();
        params.not_before = date_time_ymd(years.0, 1, 1);
        params.not_after = date_time_ymd(years.1, 1, 1);
        let key = KeyPair::generate().unwrap();
        let certificate = params.signed_by(&key, authority).unwrap();
        tls_server(&certificate, &key).await
    }

    #[tokio::test]
    async fn a_certificate_that_is_right_is_taken() {
        let Some(authority) = authority("a_certificate_that_is_right_is_taken") else { return };
        let server = server(&authority, "localhost", (2020, 2120)).await;
        Feed::start(profile(&by_name(&server))).is_live().await;
    }

    #[tokio::test]
    async fn a_certificate_that_has_expired_is_told_as_such() {
        let test = "a_certificate_that_has_expired_is_told_as_such";
        let Some(authority) = authority(test) else { return };
        let server = server(&authority, "localhost", (2020, 2021)).await;
        let trouble = stopped(profile(&by_name(&server))).await;
        assert_eq!((trouble.step, trouble.code), (Step::Tls, "tls-expired"));
        assert!(trouble.advice.contains("clock"), "{}", trouble.advice);
    }

    #[tokio::test]
    async fn a_certificate_that_is_not_valid_yet_is_told_as_such() {
        let test = "a_certificate_that_is_not_valid_yet_is_told_as_such";
        let Some(authority) = authority(test) else { return };
        let server = server(&authority, "localhost", (2119, 2120)).await;
        let trouble = stopped(profile(&by_name(&server))).await;
        assert_eq!((trouble.step, trouble.code), (Step::Tls, "tls-not-yet"));
        assert!(trouble.advice.contains("clock"), "{}", trouble.advice);
    }

    #[tokio::test]
    async fn a_certificate_for_another_name_is_told_as_such() {
        let test = "a_certificate_for_another_name_is_told_as_such";
        let Some(authority) = authority(test) else { return };
        let server = server(&authority, "other.example", (2020, 2120)).await;
        let trouble = stopped(profile(&by_name(&server))).await;
        assert_eq!((trouble.step, trouble.code), (Step::Tls, "tls-name"));
        assert!(trouble.what.contains("localhost"), "{}", trouble.what);
        assert!(answer(&trouble).contains("other.example"), "{trouble}");
    }
}
