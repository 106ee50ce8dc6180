//! `feedtap capture`: what it writes is what came, and has no secrets in it.

use crate::support::{Capture, Served, end_of, feedtap, real_capture, received, run};
use serde_json::Value;
use std::net::TcpListener;
use std::path::Path;
use std::process::Stdio;

#[test]
fn what_was_captured_is_what_was_served() {
    let folder = tempfile::tempdir().unwrap();
    for name in ["bitstamp", "htx-gzip", "kraken-futures"] {
        let Some(capture) = real_capture(name) else { return };
        let served = Served::start(&capture, &["--speed", "max", "--sessions", "1"]);
        let file = folder.path().join(format!("{name}.jsonl.gz"));
        let path = file.to_str().unwrap();
        run(&["capture", &served.url, "-o", path, "--until-close"]).succeeded();
        assert_eq!(received(&file), received(&capture), "{name}");
        served.summary();
        // And again, from what was captured.
        let served = Served::start(&file, &["--speed", "max", "--sessions", "1"]);
        let again = folder.path().join(format!("{name}.jsonl"));
        run(&["capture", &served.url, "-o", again.to_str().unwrap(), "--until-close"]).succeeded();
        assert_eq!(received(&again), received(&capture), "{name}");
    }
}

fn lines(file: &Path) -> Vec<Value> {
    let text = std::fs::read_to_string(file).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[test]
fn secrets_are_not_written() {
    let folder = tempfile::tempdir().unwrap();
    let profile = folder.path().join("feed.toml");
    let capture = Capture::of([r#"{"ok":true}"#, r#"{"a":1}"#]);
    let served = Served::start(&capture.path, &["--await", "1", "--sessions", "1"]);
    let url = &served.url;
    let toml = format!(
        "name = \"Secretive\"\n[connection]\nurl = \"{url}?token=${{secret:url}}\"\n\
         [[opening]]\nsend = '{{\"auth\":\"${{secret:pass}}\"}}'\nacknowledged = {{ path = \"ok\" }}\n"
    );
    std::fs::write(&profile, toml).unwrap();
    let file = folder.path().join("out.jsonl");
    let args =
        ["capture", profile.to_str().unwrap(), "-o", file.to_str().unwrap(), "--until-close"];
    let mut command = feedtap(&args);
    command.env("FEEDSCOPE_SECRET_URL", "5ecret-url").env("FEEDSCOPE_SECRET_PASS", "5ecret\"pass");
    let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let ran = end_of(child).succeeded();
    assert!(!ran.out().contains("5ecret") && !ran.err().contains("5ecret"));
    assert!(!std::fs::read_to_string(&file).unwrap().contains("5ecret"));
    let lines = lines(&file);
    let dirs: Vec<_> = lines.iter().map(|line| &line["dir"]).collect();
    assert_eq!(dirs, ["open", "sent", "recv", "recv"]);
    assert_eq!(lines[0]["url"], url.as_str());
    assert_eq!(lines[1]["text"], r#"{"auth":"${secret:pass}"}"#);
    assert!(lines.is_sorted_by_key(|line| line["t"].as_f64().unwrap()));
}

#[cfg(unix)]
#[test]
fn one_that_is_interrupted_is_whole() {
    let folder = tempfile::tempdir().unwrap();
    let capture = Capture::numbered(100);
    let served = Served::start(&capture.path, &["--repeat", "--speed", "max"]);
    let file = folder.path().join("out.jsonl.gz");
    let mut command = feedtap(&["capture", &served.url, "-o", file.to_str().unwrap()]);
    let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    // Something has been flushed.
    let since = std::time::Instant::now();
    while std::fs::metadata(&file).map_or(0, |file| file.len()) < 1_000 {
        assert!(since.elapsed() < crate::support::DEADLINE);
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
    crate::support::interrupt(child.id());
    end_of(child).succeeded();
    assert!(received(&file).len() > 100);
}

#[test]
fn a_file_that_is_there_stays_as_it_is() {
    let capture = Capture::numbered(1);
    let before = std::fs::read_to_string(&capture.path).unwrap();
    let ran = run(&["capture", "ws://127.0.0.1:1", "-o", capture.path.to_str().unwrap()]);
    assert_eq!(ran.code(), Some(2));
    assert!(ran.err().contains("is there already"), "{}", ran.err());
    assert_eq!(std::fs::read_to_string(&capture.path).unwrap(), before);
    let ran = run(&["capture", "ws://127.0.0.1:1", "-o", "/does/not/exist.jsonl"]);
    assert_eq!(ran.code(), Some(1));
}

#[test]
fn one_of_what_is_never_live_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("ws://{}/", listener.local_addr().unwrap());
    drop(listener);
    let file = folder.path().join("out.jsonl.gz");
    let args = ["capture", &url, "-o", file.to_str().unwrap(), "--give-up", "300ms"];
    assert_eq!(run(&args).code(), Some(4));
    assert_eq!(received(&file), []);
}
