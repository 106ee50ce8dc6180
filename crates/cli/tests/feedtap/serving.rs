//! `feedtap serve`: what is in the file comes over the wire, and what is done wrong is told.

use crate::support::{Capture, Served, run};
use serde_json::{Value, json};
use std::collections::BTreeSet;

fn watch(url: &str) -> crate::support::Ran {
    run(&["watch", url, "--json", "--until-close"]).succeeded()
}

/// The numbers of the records that came, in the order in which they came.
fn numbers(ran: &crate::support::Ran) -> Vec<u64> {
    let records = ran.lines("record");
    records.iter().map(|record| record["fields"]["n"].as_f64().unwrap() as u64).collect()
}

#[test]
fn all_that_is_in_the_file_comes_in_its_order() {
    let capture = Capture::numbered(1_000);
    let served = Served::start(&capture.path, &["--speed", "max", "--sessions", "1"]);
    let ran = watch(&served.url);
    assert_eq!(numbers(&ran), (1..=1_000).collect::<Vec<_>>());
    assert_eq!(ran.ledger()["received"], 1_000);
    let summary = served.summary();
    assert_eq!((&summary["sent"], &summary["messages"]), (&json!(1_000), &json!(1_000)));
    let session = &summary["sessions"][0];
    assert_eq!((&session["end"], &session["passes"]), (&json!("done"), &json!(1)));
    assert_eq!(session["faults"]["dropped"], json!([]));
}

#[test]
fn what_is_done_wrong_is_told_exactly() {
    let capture = Capture::numbered(2_000);
    let faults = "drop=0.05,duplicate=0.05,reorder=5,after=3";
    for seed in ["1", "2"] {
        let args = ["--speed", "max", "--sessions", "1", "--faults", faults, "--seed", seed];
        let served = Served::start(&capture.path, &args);
        let came = numbers(&watch(&served.url));
        let faults = served.summary()["sessions"][0]["faults"].take();
        let told = |name: &str| -> BTreeSet<u64> {
            let told = faults[name].as_array().unwrap().iter();
            told.map(|at| at["message"].as_u64().or(at.as_u64()).unwrap() + 1).collect()
        };
        let once: BTreeSet<u64> = came.iter().copied().collect();
        let missing: BTreeSet<u64> = (1..=2_000).filter(|number| !once.contains(number)).collect();
        assert_eq!(missing, told("dropped"));
        assert!(missing.len() > 50 && !missing.contains(&1));
        let mut seen = BTreeSet::new();
        let (mut twice, mut late) = (BTreeSet::new(), BTreeSet::new());
        for number in came {
            if !seen.insert(number) {
                twice.insert(number);
            } else if seen.last() > Some(&number) {
                late.insert(number);
            }
        }
        assert_eq!(twice, told("duplicated"));
        assert_eq!(late, told("displaced"));
        assert!(!twice.is_empty() && !late.is_empty());
    }
}

#[test]
fn it_is_cut_where_it_is_asked_to_be() {
    // A hundredth of a second apart, so that the fiftieth is the first after half of one.
    let capture = Capture::numbered(100);
    let args = ["--speed", "max", "--sessions", "1", "--faults", "cut=495ms"];
    let served = Served::start(&capture.path, &args);
    let ran = watch(&served.url);
    assert_eq!(numbers(&ran), (1..=50).collect::<Vec<_>>());
    let sessions = ran.lines("session");
    let end = sessions.last().unwrap();
    assert_eq!((&end["state"], &end["trouble"]["code"]), (&json!("waiting"), &json!("cut")));
    let session = served.summary()["sessions"][0].take();
    assert_eq!((&session["end"], &session["cut_before"]), (&json!("cut"), &json!(50)));
}

#[test]
fn it_keeps_the_time_between_messages_and_pauses_when_silent() {
    let capture = Capture::numbered(11);
    let start = |args: &[&str]| {
        let served = Served::start(&capture.path, &[&["--sessions", "1"], args].concat());
        let ran = watch(&served.url);
        let times: Vec<_> = ran
            .lines("record")
            .iter()
            .map(|record| {
                let time = record["arrival_time"].as_str().unwrap();
                chrono::DateTime::parse_from_rfc3339(time).unwrap().timestamp_millis()
            })
            .collect();
        // The first may be read late; never is anything read before it is sent.
        (times.last().unwrap() - times.first().unwrap(), served.summary())
    };
    // A tenth of a second in all, twenty times slower. The first may be read late, but not so late.
    let (lasted, _) = start(&["--speed", "0.05x"]);
    assert!(lasted >= 1_000, "{lasted} ms");
    let (lasted, summary) = start(&["--speed", "max", "--faults", "silent=2s"]);
    assert!(lasted >= 1_000, "{lasted} ms");
    let before = summary["sessions"][0]["faults"]["silent_before"].as_u64().unwrap();
    assert!((1..=10).contains(&before));
}

#[test]
fn several_clients_have_positions_of_their_own() {
    let capture = Capture::numbered(500);
    let served = Served::start(&capture.path, &["--speed", "10x", "--sessions", "3"]);
    let all = std::thread::scope(|scope| {
        let clients: Vec<_> =
            (0..3).map(|_| scope.spawn(|| numbers(&watch(&served.url)))).collect();
        clients.into_iter().map(|client| client.join().unwrap()).collect::<Vec<_>>()
    });
    for numbers in all {
        assert_eq!(numbers, (1..=500).collect::<Vec<_>>());
    }
    let summary = served.summary();
    assert_eq!(summary["sent"], 1_500);
    let sessions: Vec<_> =
        summary["sessions"].as_array().unwrap().iter().map(|told| &told["session"]).collect();
    assert_eq!(sessions, [1, 2, 3]);
}

#[cfg(unix)]
#[test]
fn it_starts_over_until_it_is_stopped_and_survives_who_leaves() {
    let capture = Capture::numbered(10);
    let served = Served::start(&capture.path, &["--repeat", "--speed", "max"]);
    for _ in 0..2 {
        run(&["watch", &served.url, "--json", "--for", "500ms"]).succeeded();
    }
    served.interrupt();
    let summary = served.summary();
    let sessions = summary["sessions"].as_array().unwrap();
    assert_eq!(sessions.len(), 2);
    for session in sessions {
        assert_eq!(session["end"], "left");
        assert!(session["passes"].as_u64().unwrap() > 1, "{session}");
    }
}

#[test]
fn kinds_of_messages_are_kept() {
    let capture = Capture::of_lines(
        "{\"t\":1.0,\"dir\":\"open\",\"url\":\"wss://x\"}\n\
         {\"t\":1.0,\"dir\":\"sent\",\"text\":\"{\\\"a\\\":0}\"}\n\
         {\"t\":1.0,\"dir\":\"recv\",\"text\":\"{\\\"a\\\":1}\"}\n\
         {\"t\":1.0,\"dir\":\"recv\",\"b64\":\"eyJhIjoyfQ==\"}\n",
    );
    let served = Served::start(&capture.path, &["--sessions", "1"]);
    let ran = watch(&served.url);
    let fields: Vec<Value> =
        ran.lines("record").iter().map(|record| record["fields"].clone()).collect();
    assert_eq!(fields, [json!({"a": 1.0}), json!({"a": 2.0})]);
    served.summary();
}

#[test]
fn a_file_that_is_no_capture_is_refused() {
    for (lines, said) in [("", "no received messages"), ("{}\n", ":1: ")] {
        let capture = Capture::of_lines(lines);
        let ran = run(&["serve", capture.path.to_str().unwrap()]);
        assert_eq!(ran.code(), Some(2));
        assert!(ran.err().contains(said), "{}", ran.err());
        assert_eq!(ran.out(), "");
    }
    assert_eq!(run(&["serve", "/does/not/exist"]).code(), Some(2));
    assert_eq!(run(&["serve", "x", "--faults", "drop=7"]).code(), Some(2));
    assert_eq!(run(&["serve", "x", "--speed", "fast"]).code(), Some(2));
}
