//! Whatever answers at a URL, or does not: the trouble says which step failed, what the other side
//! said and what to try, and it is tried again only where that makes sense.

#![allow(clippy::expect_used, clippy::unwrap_used)]

mod support;

use feedscope_feed::{Profile, State, Step, Trouble};
use std::sync::Arc;
use std::time::Duration;
use support::server::{drain, finish, request};
use support::{Feed, Server, profile};
use tokio::io::AsyncWriteExt;
use tokio_rustls::TlsAcceptor;

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
        support::server::answer_pings(&mut socket).await;
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
                use futures_util::StreamExt;
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
        let output = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "--nocapture", &format!("with_an_authority::{test}")])
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
