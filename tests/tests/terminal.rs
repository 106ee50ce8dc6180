//! What the app promises to who starts it from a terminal.
#![cfg(target_os = "linux")]

use anyhow::{Context, Result};
use feedscope_tests::{Ended, Language, Peer, run};
use serde_json::Value;
use std::time::Duration;
use tempfile::tempdir;

/// A debug build on a busy computer starts slowly.
const PATIENCE: Duration = Duration::from_secs(60);

fn app(args: &[&str]) -> Result<Ended> {
    run(args, PATIENCE)
}

/// The lines of `--status json`.
fn lines(ended: &Ended) -> Result<Vec<Value>> {
    ended.stdout.lines().map(|line| Ok(serde_json::from_str(line)?)).collect()
}

fn whole(ledger: &Value) -> bool {
    let count = |name: &str| ledger[name].as_u64().unwrap_or(u64::MAX);
    let fates = ["delivered", "control", "duplicate", "late", "undecodable", "held", "overflow"];
    count("received") == fates.iter().map(|fate| count(fate)).sum::<u64>()
}

#[test]
fn status_in_json_is_a_line_a_second_with_all_that_is_promised() -> Result<()> {
    let data = tempdir()?;
    let dir = data.path().to_string_lossy();
    let ended = app(&["--data-dir", &dir, "--status", "json", "--for", "6s"])?;
    assert_eq!(ended.code, Some(0), "{ended:?}");
    let lines = lines(&ended)?;
    assert!((4..=6).contains(&lines.len()), "{} lines in 6 s", lines.len());
    for pair in lines.windows(2) {
        let apart = pair[1]["at_ms"].as_f64().context("at_ms")?
            - pair[0]["at_ms"].as_f64().context("at_ms")?;
        assert!((500.0..2_000.0).contains(&apart), "{apart} ms between two lines");
    }
    let last = lines.last().context("no line")?;
    assert!(last["frames_per_second"].as_u64() > Some(0), "{last}");
    let feed = &last["feeds"][0];
    assert_eq!(feed["name"], "This computer");
    assert_eq!(feed["state"], "live");
    assert!(feed["messages_per_second"].as_f64() > Some(20.0), "{feed}");
    assert!(feed["ledger"]["received"].as_u64() > Some(50), "{feed}");
    assert!(whole(&feed["ledger"]), "{feed}");
    assert_eq!((feed["gaps"].as_u64(), feed["missing"].as_u64()), (Some(0), Some(0)));
    let latency = |name: &str| feed["latency"][name].as_f64().context("latency");
    let (p50, p95, p99) = (latency("p50_ms")?, latency("p95_ms")?, latency("p99_ms")?);
    assert!(0.0 < p50 && p50 <= p95 && p95 <= p99, "{feed}");
    Ok(())
}

#[test]
fn a_url_on_the_command_line_is_a_feed_of_its_own() -> Result<()> {
    let mut peer = Peer::start(Language::Node, 50)?;
    let data = tempdir()?;
    let dir = data.path().to_string_lossy();
    let ended = app(&[peer.url(), "--data-dir", &dir, "--status", "json", "--for", "5s"])?;
    assert_eq!(ended.code, Some(0), "{ended:?}");
    let lines = lines(&ended)?;
    let last = lines.last().context("no line")?;
    let feed = &last["feeds"][1];
    assert_eq!(feed["state"], "live", "{last}");
    let received = feed["ledger"]["received"].as_u64().context("received")?;
    assert!(received > 50 && received <= peer.sent()?, "{feed}");
    assert!(whole(&feed["ledger"]), "{feed}");
    Ok(())
}

#[test]
fn status_for_people_says_how_each_feed_is_doing() -> Result<()> {
    let data = tempdir()?;
    let dir = data.path().to_string_lossy();
    let ended = app(&["--data-dir", &dir, "--status", "--for", "4s"])?;
    assert_eq!(ended.code, Some(0), "{ended:?}");
    let last = ended.stdout.lines().last().context("no line")?;
    for part in ["This computer live · ", " messages/s · ", " 0 gaps · 0 missing", " frames/s"] {
        assert!(last.contains(part), "{last}");
    }
    Ok(())
}

#[test]
fn help_names_every_option() -> Result<()> {
    let ended = app(&["--help"])?;
    assert_eq!((ended.code, ended.stderr.as_str()), (Some(0), ""));
    for option in ["URL|BOARD", "--data-dir", "--for", "--status", "10s"] {
        assert!(ended.stdout.contains(option), "{}", ended.stdout);
    }
    Ok(())
}

#[test]
fn its_version_is_told() -> Result<()> {
    let ended = app(&["--version"])?;
    assert_eq!(ended.code, Some(0));
    assert_eq!(ended.stdout, format!("feedscope {}", env!("CARGO_PKG_VERSION")));
    Ok(())
}

#[test]
fn a_board_that_is_not_there_ends_it_with_a_sentence() -> Result<()> {
    let ended = app(&["/no/such/board.json", "--for", "5s"])?;
    assert_eq!(ended.code, Some(1), "{ended:?}");
    assert_eq!(
        ended.stderr.lines().last(),
        Some("feedscope: /no/such/board.json is neither a URL (ws://…) nor a board")
    );
    Ok(())
}

#[test]
fn nonsense_for_a_time_ends_it_with_a_sentence() -> Result<()> {
    let ended = app(&["--for", "soon"])?;
    assert_eq!((ended.code, ended.stdout.as_str()), (Some(2), ""));
    assert!(ended.stderr.contains("invalid value 'soon' for '--for <TIME>'"), "{ended:?}");
    Ok(())
}

#[test]
fn a_data_folder_that_cannot_be_is_said() -> Result<()> {
    let data = tempdir()?;
    let file = data.path().join("file");
    std::fs::write(&file, "")?;
    let inside = file.join("folder");
    let ended = app(&["--data-dir", &inside.to_string_lossy(), "--for", "5s"])?;
    assert_eq!(ended.code, Some(1), "{ended:?}");
    assert!(ended.stderr.contains(" cannot be made: "), "{ended:?}");
    Ok(())
}
