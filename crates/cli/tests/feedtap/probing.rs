//! `feedtap probe`: what it finds, printed as it is found.

use crate::support::{Capture, Served, run};

#[test]
fn a_feed_is_tried_out_step_by_step() {
    let capture = Capture::numbered(1_000);
    let served = Served::start(&capture.path, &["--speed", "1x", "--repeat"]);
    let ran = run(&["probe", &served.url, "--json"]).succeeded();
    let found: Vec<_> = ran.lines("finding").iter().map(|f| f["found"].clone()).collect();
    for step in ["url", "connected", "handshake", "message", "pong", "done"] {
        assert!(found.iter().any(|found| found == step), "{step}: {found:?}");
    }
    let ran = run(&["probe", &served.url]).succeeded();
    assert!(ran.out().starts_with("– The URL is"), "{}", ran.out());
    assert!(ran.out().ends_with("✔ All is well.\n"), "{}", ran.out());
}

#[test]
fn what_went_wrong_is_the_last_that_is_said() {
    let ran = run(&["probe", "ws://127.0.0.1:1/"]);
    assert_eq!(ran.code(), Some(4));
    let out = ran.out();
    assert!(out.contains("✘ Connection: ") && out.contains("refused"), "{out}");
    let ran = run(&["probe", "nonsense://x"]);
    assert_eq!(ran.code(), Some(2), "{}", ran.out());
}
