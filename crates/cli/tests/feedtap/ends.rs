//! How `feedtap watch` ends: as it was asked to, or with a code that says why not.

use crate::support::{Capture, DEADLINE, Served, end_of, feedtap, run};
use serde_json::json;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpListener;
use std::process::Stdio;

/// A server that answers each request with the same, until the test is over.
fn answering(answer: &'static str) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let Ok(mut stream) = stream else { return };
            let mut request = BufReader::new(&stream);
            let mut line = String::new();
            while request.read_line(&mut line).is_ok_and(|read| read > 2) {
                line.clear();
            }
            let _ = stream.write_all(answer.as_bytes());
        }
    });
    format!("ws://{address}/")
}

#[test]
fn after_its_time_it_ends_with_the_ledger() {
    let capture = Capture::numbered(5);
    let served = Served::start(&capture.path, &["--speed", "0.001x"]);
    let ran = run(&["watch", &served.url, "--json", "--for", "1s"]).succeeded();
    assert_eq!(ran.ledger()["received"], 1);
    let sessions = ran.lines("session");
    let states: Vec<_> = sessions.iter().map(|session| &session["state"]).collect();
    assert_eq!(states, ["connecting", "live", "stopped"]);
    // What begins because it ends is not the feed's.
    assert_eq!(ran.lines("gap").len(), 0);
}

#[test]
fn people_get_sentences() {
    let capture = Capture::numbered(3);
    let served = Served::start(&capture.path, &["--speed", "max"]);
    let ran = run(&["watch", &served.url, "--until-close"]).succeeded();
    let out = ran.out();
    assert!(out.contains("Live. Connected."), "{out}");
    assert!(out.contains("3 messages received: 3 delivered.\n"), "{out}");
    assert!(out.ends_with("Nothing is known to be missing.\n"), "{out}");
}

#[test]
fn a_server_that_says_no_ends_it() {
    let url = answering("HTTP/1.1 401 Unauthorized\r\nContent-Length: 9\r\n\r\n\x1b[31mred\n");
    for json in [&["--json"][..], &[]] {
        let ran = run(&[&["watch", &url], json].concat());
        assert_eq!(ran.code(), Some(3));
        assert!(ran.err().contains("401"), "{}", ran.err());
        assert!(ran.err().contains("␛[31mred"), "{:?}", ran.err());
        assert!(!ran.err().contains('\x1b') && !ran.out().contains('\x1b'));
    }
}

#[test]
fn who_is_not_reached_in_time_is_unreachable() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let refusing = format!("ws://{}/", listener.local_addr().unwrap());
    drop(listener);
    for until in ["--for", "--give-up"] {
        let ran = run(&["watch", &refusing, "--json", until, "500ms"]);
        assert_eq!(ran.code(), Some(4));
        assert!(ran.err().contains("refused the connection"), "{}", ran.err());
        assert_eq!(ran.ledger()["received"], 0);
        let trouble = ran.lines("session")[1]["trouble"].clone();
        assert_eq!(trouble["step"], "Connection", "{trouble}");
    }
}

#[test]
fn what_makes_no_sense_is_said() {
    for args in [
        &["watch"][..],
        &["watch", "ws://localhost", "--for", "soon"],
        &["watch", "no-such-feed"],
        &["watch", "ws://localhost", "--set", "symbol"],
        &["watch", "ws://localhost", "--set", "symbol=btcusdt"],
        &["watch", "ws://localhost", "--header", "nonsense"],
        &["watch", "ws://localhost:port"],
        &["dance"],
    ] {
        let ran = run(args);
        assert_eq!(ran.code(), Some(2), "{args:?}: {}", ran.err());
        assert!(!ran.err().is_empty());
    }
}

#[test]
fn headers_and_subprotocols_are_sent() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("ws://{}/path", listener.local_addr().unwrap());
    let asked = std::thread::spawn(move || {
        let (stream, _) = listener.accept().unwrap();
        let lines = BufReader::new(stream).lines().map_while(Result::ok);
        lines.take_while(|line| !line.is_empty()).collect::<Vec<_>>().join("\n")
    });
    let args = ["--header", "X-Token: ${secret:TAP}", "--subprotocol", "one", "--give-up", "20s"];
    let mut command = feedtap(&["watch", "ws://nowhere.invalid", "--url", &url, "--json"]);
    let child = command.args(args).env("FEEDSCOPE_SECRET_TAP", "5ecret").stdout(Stdio::null());
    let mut child = child.spawn().unwrap();
    let asked = asked.join().unwrap();
    let _ = child.kill();
    let _ = child.wait();
    assert!(asked.starts_with("GET /path HTTP/1.1"), "{asked}");
    let asked = asked.to_lowercase();
    assert!(asked.contains("x-token: 5ecret"), "{asked}");
    assert!(asked.contains("sec-websocket-protocol: one"), "{asked}");
}

#[test]
fn who_does_not_read_on_is_no_failure() {
    let capture = Capture::numbered(100);
    let served = Served::start(&capture.path, &["--speed", "max", "--repeat"]);
    let mut command = feedtap(&["watch", &served.url, "--json"]);
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut out = BufReader::new(child.stdout.take().unwrap());
    let mut line = String::new();
    out.read_line(&mut line).unwrap();
    assert!(line.starts_with("{\"session\":"));
    drop(out);
    let ran = end_of(child);
    assert_eq!((ran.code(), ran.err()), (Some(0), String::new()));
}

#[test]
fn who_reads_slowly_loses_nothing() {
    // More than all buffers on the way have room for.
    let filler = "x".repeat(1_000);
    let messages =
        (1..=40_000).map(|n| format!(r#"{{"n":{n},"t":"{filler}","a":1,"b":2,"c":3,"d":4}}"#));
    let capture = Capture::of(messages);
    let served = Served::start(&capture.path, &["--speed", "max", "--sessions", "1"]);
    let mut command = feedtap(&["watch", &served.url, "--json", "--until-close"]);
    let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
    let mut out = BufReader::new(child.stdout.take().unwrap());
    let mut line = String::new();
    out.read_line(&mut line).unwrap();
    // Until the pipe and all behind it is full.
    std::thread::sleep(std::time::Duration::from_secs(2));
    let mut rest = String::new();
    out.read_to_string(&mut rest).unwrap();
    let numbers: Vec<_> = rest
        .lines()
        .map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap())
        .filter_map(|line| line["record"]["fields"]["n"].as_f64())
        .map(|n| n as u64)
        .collect();
    assert_eq!(numbers, (1..=40_000).collect::<Vec<_>>());
    assert_eq!(end_of(child).code(), Some(0));
    served.summary();
}

#[cfg(unix)]
#[test]
fn ctrl_c_ends_it_with_the_ledger() {
    let capture = Capture::numbered(50);
    let served = Served::start(&capture.path, &["--speed", "max", "--repeat"]);
    for json in [true, false] {
        let args: &[&str] = if json { &["--json"] } else { &[] };
        let mut command = feedtap(&[&["watch", &served.url], args].concat());
        let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
        let mut out = BufReader::new(child.stdout.take().unwrap());
        let mut line = String::new();
        out.read_line(&mut line).unwrap();
        let reading = std::thread::spawn(move || {
            let mut rest = String::new();
            out.read_to_string(&mut rest).map(|_| rest).unwrap()
        });
        crate::support::interrupt(child.id());
        assert_eq!(end_of(child).code(), Some(0));
        let rest = reading.join().unwrap();
        let last = rest.lines().last().unwrap();
        if json {
            let last: serde_json::Value = serde_json::from_str(last).unwrap();
            assert!(last["ledger"].is_object(), "{last}");
        } else {
            assert!(rest.contains("received"), "{rest}");
        }
    }
}

#[cfg(unix)]
#[test]
fn a_second_ctrl_c_ends_it_although_nobody_reads() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("ws://{}/", listener.local_addr().unwrap());
    let (out, into) = std::io::pipe().unwrap();
    // Full, so that not a byte of what it prints has room.
    let mut filler = into.try_clone().unwrap();
    std::thread::spawn(move || while filler.write_all(&[b'\n'; 512]).is_ok() {});
    let mut command = feedtap(&["watch", &url, "--json"]);
    let mut child = command.stdout(into).stderr(Stdio::piped()).spawn().unwrap();
    // It hears signals by now.
    let connection = listener.accept().unwrap();
    let since = std::time::Instant::now();
    let mut interrupts = 0;
    while child.try_wait().unwrap().is_none() && since.elapsed() < DEADLINE {
        crate::support::interrupt(child.id());
        interrupts += 1;
        // Signals of the same kind that come at once are one.
        std::thread::sleep(std::time::Duration::from_millis(300));
    }
    let ran = end_of(child);
    assert_eq!(ran.code(), Some(1), "{}", ran.err());
    assert!(interrupts > 1);
    drop((connection, out));
}

#[test]
fn what_a_hostile_feed_says_is_shown_and_not_obeyed() {
    let hostile = "\u{1b}]0;owned\u{7}\u{9b}31m\u{202e}";
    let message = json!({"channel": hostile, hostile: 1.5, "k": 2}).to_string();
    let capture = Capture::of([message]);
    let served = Served::start(&capture.path, &["--speed", "max"]);
    let ran = run(&["watch", &served.url, "--json", "--until-close"]).succeeded();
    let record = &ran.lines("record")[0];
    assert_eq!(record["channel"], hostile);
    assert!(ran.out().chars().all(|c| c == '\n' || !c.is_control() && c != '\u{202e}'));
    let ran = run(&["watch", &served.url, "--until-close"]).succeeded();
    assert!(ran.out().chars().all(|c| c == '\n' || !c.is_control() && c != '\u{202e}'));
}
