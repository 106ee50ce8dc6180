//! The way to a server: its name's addresses, which race, and the proxies in between.

use crate::support::server::{answer_pings, finish, request};
use crate::support::tls::{Authority, Folder};
use crate::support::world::TestWorld;
use crate::support::{DEADLINE, Server, profile};
use feedscope_feed::link::{self, Found, Socket};
use feedscope_feed::profile::{Template, Tls, Values};
use feedscope_feed::session::Failure;
use feedscope_feed::session::close::Verdict;
use feedscope_feed::{Profile, Step};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, copy_bidirectional};
use tokio::net::TcpStream;
use tokio::sync::Mutex;

async fn dialled(profile: &Profile, world: &TestWorld) -> (Result<Socket, Failure>, Vec<Found>) {
    let line = Arc::new(Mutex::new(())).lock_owned().await;
    let mut found = Vec::new();
    let mut tell = |one| found.push(one);
    let values = Values::default();
    let dialled = link::dial_telling(profile, &values, world, line, &mut tell);
    let dialled = tokio::time::timeout(DEADLINE, dialled).await.expect("it ends");
    (dialled, found)
}

async fn failed(profile: &Profile, world: &TestWorld) -> Failure {
    let Err(failure) = dialled(profile, world).await.0 else { panic!("it opened") };
    println!("{} | {}\n", failure.trouble.code, failure.trouble);
    assert!(failure.trouble.what.ends_with('.'));
    failure
}

async fn feed_server() -> Server {
    Server::websocket(|_, mut socket| async move { answer_pings(&mut socket).await }).await
}

fn at(server: &Server) -> SocketAddr {
    server.address().parse().unwrap()
}

// Addresses.

#[tokio::test]
async fn a_dead_way_costs_a_moment_and_not_the_time_there_is() {
    let server = feed_server().await;
    let dead: SocketAddr = "[2001:db8::1]:80".parse().unwrap();
    let world =
        TestWorld { dead: vec![dead], ..TestWorld::with_name("feed.test", &[dead, at(&server)]) };
    let mut profile = profile("ws://feed.test/");
    profile.limits.step_max = DEADLINE;
    let (socket, found) = dialled(&profile, &world).await;
    socket.unwrap();
    let Some(Found::Connected { to, took, .. }) =
        found.iter().find(|found| matches!(found, Found::Connected { .. }))
    else {
        panic!("{found:?}")
    };
    assert_eq!(*to, at(&server));
    assert!(*took >= Duration::from_millis(250), "the first has its head start: {took:?}");
}

#[tokio::test]
async fn an_address_that_refuses_is_told_and_the_next_one_taken() {
    let server = feed_server().await;
    let gone = feed_server().await;
    let refusing = at(&gone);
    gone.kill().await;
    let world = TestWorld::with_name("feed.test", &[refusing, at(&server)]);
    let (socket, found) = dialled(&profile("ws://feed.test/"), &world).await;
    socket.unwrap();
    let missed = found.iter().find_map(|found| match found {
        Found::Connected { missed, .. } => Some(missed),
        _ => None,
    });
    assert_eq!(missed.unwrap()[0].0, refusing);
    // And where all refuse, each is named.
    let world = TestWorld::with_name("feed.test", &[refusing, refusing]);
    let failure = failed(&profile("ws://feed.test/"), &world).await;
    assert_eq!((failure.trouble.step, failure.trouble.code), (Step::Connect, "tcp-refused"));
    assert_eq!(failure.trouble.answer.unwrap().matches(&refusing.to_string()).count(), 2);
}

#[tokio::test]
async fn ways_that_are_all_dead_are_left_by_the_deadline() {
    let dead: SocketAddr = "192.0.2.1:80".parse().unwrap();
    let world = TestWorld { dead: vec![dead], ..TestWorld::with_name("feed.test", &[dead]) };
    let mut profile = profile("ws://feed.test/");
    profile.limits.step_max = Duration::from_millis(300);
    let failure = failed(&profile, &world).await;
    assert_eq!((failure.trouble.step, failure.trouble.code), (Step::Connect, "timeout"));
    assert_eq!(failure.verdict, Verdict::Retry);
}

#[tokio::test]
async fn a_name_is_looked_up_anew_with_each_attempt() {
    let server = feed_server().await;
    let profile = profile("ws://feed.test/");
    failed(&profile, &TestWorld::default()).await;
    let world = TestWorld::with_name("feed.test", &[at(&server)]);
    dialled(&profile, &world).await.0.unwrap();
}

// Proxies.

/// An HTTP proxy that knows where `feed.test` is, and says what it was asked.
async fn http_proxy(to: SocketAddr) -> (Server, tokio::sync::mpsc::Receiver<String>) {
    let (tell, told) = tokio::sync::mpsc::channel(8);
    let server = Server::start(move |_, mut stream| {
        let tell = tell.clone();
        async move {
            let asked = request(&mut stream).await;
            let _ = tell.send(asked).await;
            tunnel(stream, to, b"HTTP/1.0 200 Connection established\r\n\r\n").await;
        }
    })
    .await;
    (server, told)
}

async fn tunnel<S: AsyncRead + AsyncWrite + Unpin>(mut stream: S, to: SocketAddr, yes: &[u8]) {
    let mut server = TcpStream::connect(to).await.unwrap();
    let _ = stream.write_all(yes).await;
    let _ = stream.flush().await;
    let _ = copy_bidirectional(&mut stream, &mut server).await;
}

fn through(proxy: &str) -> Profile {
    let mut profile = profile("ws://feed.test/path");
    profile.connection.proxy = Some(Template::plain(proxy));
    profile
}

#[tokio::test]
async fn an_http_proxy_is_asked_for_the_name_with_user_and_password() {
    let server = feed_server().await;
    let (proxy, mut asked) = http_proxy(at(&server)).await;
    let profile = through(&format!("http://me:se%20cret@{}", proxy.address()));
    // The name is known to the proxy alone.
    let (socket, found) = dialled(&profile, &TestWorld::default()).await;
    socket.unwrap();
    let asked = asked.recv().await.unwrap();
    assert!(asked.starts_with("CONNECT feed.test:80 HTTP/1.1\r\n"), "{asked}");
    assert!(asked.contains("Host: feed.test:80\r\n"), "{asked}");
    // base64 of “me:se cret”.
    assert!(asked.contains("Proxy-Authorization: Basic bWU6c2UgY3JldA==\r\n"), "{asked}");
    assert!(found.iter().any(|found| matches!(found, Found::Tunnel { .. })), "{found:?}");
    let Some(Found::Proxy(shown)) = found.get(1) else { panic!("{found:?}") };
    assert!(shown.contains(&proxy.address()) && !shown.contains("cret"), "{shown}");
}

#[tokio::test]
async fn a_proxy_that_refuses_is_shown_with_status_and_body() {
    for (status, verdict, advice) in [
        ("407 Proxy Authentication Required", Verdict::Stop, "password"),
        ("403 Forbidden", Verdict::Stop, "forbids"),
        ("502 Bad Gateway", Verdict::Retry, "tried again"),
    ] {
        let answer = format!("HTTP/1.1 {status}\r\nContent-Length: 12\r\n\r\nno entrance.");
        let proxy = Server::answering(answer).await;
        let profile = through(&format!("http://{}", proxy.address()));
        let failure = failed(&profile, &TestWorld::default()).await;
        assert_eq!((failure.trouble.step, failure.trouble.code), (Step::Proxy, "proxy-refused"));
        assert_eq!((failure.verdict, failure.status), (verdict, status[..3].parse().ok()));
        assert!(failure.trouble.answer.unwrap().ends_with("no entrance."));
        assert!(failure.trouble.advice.contains(advice), "{}", failure.trouble.advice);
    }
}

#[tokio::test]
async fn what_is_no_proxy_or_dies_is_told_as_such() {
    for (answer, code) in [("SSH-2.0-OpenSSH\r\n", "proxy-unlike"), ("", "proxy-cut")] {
        let proxy = Server::start(move |_, mut stream| async move {
            // The first word of either kind of request; the rest of it does not matter.
            let _ = stream.read(&mut [0; 512]).await;
            let _ = stream.write_all(answer.as_bytes()).await;
            finish(stream).await;
        })
        .await;
        for kind in ["http", "socks5"] {
            let profile = through(&format!("{kind}://{}", proxy.address()));
            let failure = failed(&profile, &TestWorld::default()).await;
            assert_eq!((failure.trouble.step, failure.trouble.code), (Step::Proxy, code), "{kind}");
        }
    }
    let silent = Server::start(|_, stream| async move { finish_later(stream).await }).await;
    let mut profile = through(&format!("http://{}", silent.address()));
    profile.limits.step_max = Duration::from_millis(300);
    let failure = failed(&profile, &TestWorld::default()).await;
    assert_eq!((failure.trouble.step, failure.trouble.code), (Step::Proxy, "timeout"));
}

async fn finish_later(stream: TcpStream) {
    tokio::time::sleep(DEADLINE).await;
    finish(stream).await;
}

#[tokio::test]
async fn an_address_that_is_no_proxys_is_refused_without_showing_its_password() {
    for wrong in ["me:hunter22@proxy", "ftp://me:hunter22@proxy:1", "http://", "socks4://p:1"] {
        let failure = failed(&through(wrong), &TestWorld::default()).await;
        assert_eq!((failure.trouble.step, failure.trouble.code), (Step::Proxy, "proxy-url"));
        assert!(!failure.trouble.to_string().contains("hunter22"));
        assert_eq!(failure.verdict, Verdict::Stop);
    }
}

#[tokio::test]
async fn a_proxy_can_speak_tls_itself() {
    let server = feed_server().await;
    let to = at(&server);
    let authority = Authority::new();
    let acceptor = authority.acceptor(false);
    let proxy = Server::start(move |_, stream| {
        let acceptor = acceptor.clone();
        async move {
            let Ok(mut stream) = acceptor.accept(stream).await else { return };
            let mut asked = Vec::new();
            while !asked.ends_with(b"\r\n\r\n") {
                asked.push(stream.read_u8().await.unwrap());
            }
            tunnel(stream, to, b"HTTP/1.1 200 OK\r\n\r\n").await;
        }
    })
    .await;
    let folder = Folder::new("proxy-tls");
    folder.file("ca.pem", &authority.pem());
    let mut profile = through(&format!("https://localhost:{}", proxy.port()));
    profile.folder = Some(folder.0.clone());
    profile.connection.tls = Tls { ca: Some("ca.pem".into()), ..Tls::default() };
    dialled(&profile, &TestWorld::default()).await.0.unwrap();
    // Who does not trust that authority does not give it a password.
    profile.connection.tls = Tls::default();
    let failure = failed(&profile, &TestWorld::default()).await;
    assert_eq!((failure.trouble.step, failure.trouble.code), (Step::Tls, "tls-issuer"));
}

/// A SOCKS5 proxy that wants this user and password, if any, and answers with `reply`.
async fn socks_proxy(
    to: SocketAddr,
    who: Option<(&'static str, &'static str)>,
    reply: u8,
) -> Server {
    Server::start(move |_, mut stream| async move {
        // Version, then the methods that are offered.
        let _version = stream.read_u8().await.unwrap();
        let mut methods = vec![0; usize::from(stream.read_u8().await.unwrap())];
        stream.read_exact(&mut methods).await.unwrap();
        let method = if who.is_some() { 2 } else { 0 };
        if !methods.contains(&method) {
            let _ = stream.write_all(&[5, 0xff]).await;
            return finish(stream).await;
        }
        stream.write_all(&[5, method]).await.unwrap();
        if let Some((user, password)) = who {
            let mut expected = vec![1, user.len() as u8];
            expected.extend(user.bytes());
            expected.push(password.len() as u8);
            expected.extend(password.bytes());
            let mut said = vec![0; expected.len()];
            let read = stream.read_exact(&mut said).await;
            let is_right = read.is_ok() && said == expected;
            let _ = stream.write_all(&[1, u8::from(!is_right)]).await;
            if !is_right {
                return finish(stream).await;
            }
        }
        let mut head = [0; 5];
        stream.read_exact(&mut head).await.unwrap();
        assert_eq!(head[..4], [5, 1, 0, 3], "it is asked to connect to a name");
        let mut name = vec![0; usize::from(head[4]) + 2];
        stream.read_exact(&mut name).await.unwrap();
        assert_eq!(name, [&b"feed.test"[..], &80_u16.to_be_bytes()].concat());
        let answer = [5, reply, 0, 1, 0, 0, 0, 0, 0, 0];
        if reply == 0 {
            tunnel(stream, to, &answer).await;
        } else {
            let _ = stream.write_all(&answer).await;
            finish(stream).await;
        }
    })
    .await
}

#[tokio::test]
async fn a_socks_proxy_is_asked_for_the_name_with_user_and_password() {
    let server = feed_server().await;
    let to = at(&server);
    for (who, proxy_url) in
        [(None, "socks5://"), (None, "socks5h://"), (Some(("me", "secret")), "socks5://me:secret@")]
    {
        let proxy = socks_proxy(to, who, 0).await;
        let profile = through(&format!("{proxy_url}{}", proxy.address()));
        dialled(&profile, &TestWorld::default()).await.0.unwrap();
    }
    for (who, proxy_url, reply, code, verdict) in [
        (Some(("me", "secret")), "socks5://me:wrong!@", 0, "proxy-refused", Verdict::Stop),
        (Some(("me", "secret")), "socks5://", 0, "proxy-refused", Verdict::Stop),
        (None, "socks5://", 2, "proxy-refused", Verdict::Stop),
        (None, "socks5://", 4, "proxy-failed", Verdict::Retry),
        (None, "socks5://", 5, "proxy-failed", Verdict::Retry),
    ] {
        let proxy = socks_proxy(to, who, reply).await;
        let profile = through(&format!("{proxy_url}{}", proxy.address()));
        let failure = failed(&profile, &TestWorld::default()).await;
        assert_eq!((failure.trouble.step, failure.trouble.code), (Step::Proxy, code));
        assert_eq!(failure.verdict, verdict, "{reply}");
    }
}

#[tokio::test]
async fn the_environment_names_a_proxy_as_it_does_for_curl() {
    let gone = feed_server().await;
    let nowhere = gone.address();
    gone.kill().await;
    let proxy = format!("http://{nowhere}");
    let proxy = proxy.as_str();
    for (variables, url, is_used) in [
        (&[][..], "ws://feed.test/", false),
        (&[("ALL_PROXY", proxy)], "ws://feed.test/", true),
        (&[("all_proxy", proxy)], "wss://feed.test/", true),
        (&[("HTTP_PROXY", proxy)], "ws://feed.test/", true),
        (&[("HTTP_PROXY", proxy)], "wss://feed.test/", false),
        (&[("https_proxy", proxy)], "wss://feed.test/", true),
        (&[("HTTPS_PROXY", proxy)], "ws://feed.test/", false),
        (&[("ALL_PROXY", proxy), ("NO_PROXY", "feed.test")], "ws://feed.test/", false),
        (&[("ALL_PROXY", proxy), ("NO_PROXY", ".test")], "ws://feed.test/", false),
        (&[("ALL_PROXY", proxy), ("no_proxy", "test, other")], "ws://feed.test/", false),
        (&[("ALL_PROXY", proxy), ("NO_PROXY", "notfeed.test")], "ws://feed.test/", true),
        (&[("ALL_PROXY", proxy), ("NO_PROXY", "*")], "ws://feed.test/", false),
        (&[("ALL_PROXY", proxy), ("NO_PROXY", "192.0.2.0/24")], "ws://192.0.3.1/", true),
        (&[("ALL_PROXY", proxy), ("NO_PROXY", "192.0.2.0/24")], "ws://192.0.2.1/", false),
        (&[("ALL_PROXY", proxy)], "ws://localhost:1/", false),
        (&[("ALL_PROXY", proxy)], "ws://127.9.9.9:1/", false),
        (&[("ALL_PROXY", proxy)], "ws://[::1]:1/", false),
        (&[("ALL_PROXY", "nonsense://x")], "ws://feed.test/", false),
    ] {
        let environment =
            variables.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect();
        let world = TestWorld {
            environment,
            dead: vec!["192.0.2.1:80".parse().unwrap()],
            ..TestWorld::default()
        };
        let mut profile = profile(url);
        profile.limits.step_max = Duration::from_millis(100);
        let (_, found) = dialled(&profile, &world).await;
        let used = found.iter().any(|found| matches!(found, Found::Proxy(_)));
        assert_eq!(used, is_used, "{variables:?} {url}");
        // What the profile says counts more.
        profile.connection.proxy = Some(Template::plain("none"));
        let (_, found) = dialled(&profile, &world).await;
        assert!(!found.iter().any(|found| matches!(found, Found::Proxy(_))), "{url}");
    }
}
