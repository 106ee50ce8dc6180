//! `feedtap send`: messages arrive, and what became of each is said.

use crate::support::{Capture, Served, run};
use serde_json::json;

fn profile(folder: &tempfile::TempDir, acknowledgement: &str) -> String {
    let file = folder.path().join("feed.toml");
    let toml =
        format!("name = \"Mine\"\n[connection]\nurl = \"ws://nowhere.invalid\"\n{acknowledgement}");
    std::fs::write(&file, toml).unwrap();
    file.to_str().unwrap().to_owned()
}

const BY_ID: &str = "[outbox.acknowledgement]\nsent = \"id\"\nanswer = \"id\"\n\
                     refused = { path = \"error\" }\n";

#[test]
fn messages_are_sent_before_it_leaves() {
    // It starts once both have arrived; the client has left by then, or leaves later.
    let capture = Capture::numbered(1);
    let served = Served::start(&capture.path, &["--await", "2", "--sessions", "1"]);
    let ran = run(&["send", &served.url, "one", "two", "--json"]).succeeded();
    let sent = ran.lines("sent");
    assert_eq!(sent[0], json!({"message": 0, "outcome": "sent", "answer": null}));
    assert_eq!(sent[1]["message"], 1);
    served.summary();
}

#[test]
fn answers_are_waited_for_and_told_from_each_other() {
    // Of the third message, the answer comes long after.
    let answers = [(0, r#"{"id":1,"ok":true}"#), (0, r#"{"id":2,"error":"no"}"#), (999, "{}")];
    let line = |(t, text)| json!({"t": t, "dir": "recv", "text": text}).to_string() + "\n";
    let capture = Capture::of_lines(&answers.map(line).concat());
    let served = Served::start(&capture.path, &["--await", "3"]);
    let folder = tempfile::tempdir().unwrap();
    let profile = profile(&folder, BY_ID);
    let messages = [r#"{"id":1}"#, r#"{"id":2}"#, r#"{"id":3}"#];
    let args = ["send", &profile, "--url", &served.url, "--wait-answer", "5s", "--json"];
    let ran = run(&[&args[..], &messages].concat());
    let outcomes: Vec<_> = ran.lines("sent").iter().map(|sent| sent["outcome"].clone()).collect();
    assert_eq!(outcomes, ["acknowledged", "refused", "timed-out"]);
    assert_eq!(ran.lines("sent")[1]["answer"], r#"{"id":2,"error":"no"}"#);
    // The first thing that went wrong.
    assert_eq!(ran.code(), Some(3), "{}", ran.err());
    assert!(ran.err().contains("refused message 2"), "{}", ran.err());
}

#[test]
fn what_cannot_be_sent_is_said() {
    let folder = tempfile::tempdir().unwrap();
    let ran = run(&["send", &profile(&folder, ""), "x", "--wait-answer", "1s"]);
    assert_eq!(ran.code(), Some(2));
    assert!(ran.err().contains("[outbox.acknowledgement]"), "{}", ran.err());
    let ran = run(&["send", "ws://127.0.0.1:1/", "x", "--give-up", "300ms"]);
    assert_eq!(ran.code(), Some(4));
}
