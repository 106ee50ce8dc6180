//! `feedtap profile`, and feeds that are named by a profile.

use crate::support::{Capture, Served, run};

#[test]
fn those_that_come_with_it_are_listed_and_shown_and_in_order() {
    let listed = run(&["profile", "list"]).succeeded().out();
    let names: Vec<_> = listed.lines().filter_map(|line| line.split_whitespace().next()).collect();
    assert!(names.contains(&"kraken") && names.contains(&"this-computer"), "{listed}");
    let folder = tempfile::tempdir().unwrap();
    for name in names {
        let file = folder.path().join(format!("{name}.toml"));
        std::fs::write(&file, run(&["profile", "show", name]).succeeded().out()).unwrap();
        let checked = run(&["profile", "check", file.to_str().unwrap()]).succeeded().out();
        assert!(checked.contains("is in order"), "{checked}");
    }
}

#[test]
fn what_is_wrong_is_said_with_its_place() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("feed.toml");
    let path = file.to_str().unwrap();
    std::fs::write(
        &file,
        "name = \"\x1b]0;owned\"\n[connection]\nurl = \"ws://x\"\nheadres = 7\n\n[limits]\nfields_max = \"many\"\n"
            .replace('\x1b', "\\u001b"),
    )
    .unwrap();
    for args in [&["profile", "check", path][..], &["watch", path]] {
        let ran = run(args);
        assert_eq!(ran.code(), Some(2));
        let err = ran.err();
        assert!(err.contains(&format!("{path}:4:1: ")) && err.contains("headers"), "{err}");
        assert!(err.contains(&format!("{path}:7:")) && err.contains("fields_max"), "{err}");
        assert!(!err.contains('\x1b'));
    }
    let ran = run(&["profile", "check", "/does/not/exist.toml"]);
    assert_eq!(ran.code(), Some(2));
    let ran = run(&["profile", "show", "nonsense"]);
    assert_eq!(ran.code(), Some(2));
    assert!(ran.err().contains("profile list"), "{}", ran.err());
}

#[test]
fn variables_are_chosen() {
    let capture = Capture::numbered(3);
    let served = Served::start(&capture.path, &["--speed", "max", "--sessions", "1"]);
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("feed.toml");
    let path = file.to_str().unwrap();
    let toml = "name = \"Mine\"\n[variables.host]\nabout = \"Where it is.\"\n[connection]\n\
                url = \"ws://127.0.0.1:${host}/\"\n";
    std::fs::write(&file, toml).unwrap();
    let ran = run(&["watch", path]);
    assert_eq!(ran.code(), Some(2));
    assert!(ran.err().contains("Mine needs a value for host: Where it is."), "{}", ran.err());
    let ran = run(&["watch", path, "--set", "hsot=1"]);
    assert_eq!(ran.code(), Some(2));
    assert!(ran.err().contains("It has host."), "{}", ran.err());
    let port = served.url.trim_end_matches('/').rsplit(':').next().unwrap();
    let host = format!("host={port}");
    let ran = run(&["watch", path, "--set", &host, "--json", "--until-close"]).succeeded();
    assert_eq!(ran.ledger()["delivered"], 3);
}
