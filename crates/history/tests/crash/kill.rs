//! The process is killed, by the system's own means.

use super::{crashes, ids, loaded, sample};
use feedscope_history::{Axis, Budget, Grid, History, Sample, Store};
use rand::{RngExt as _, SeedableRng as _, rngs::StdRng};
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

/// Where the child keeps its history. Set, this process is the child.
const CHILD: &str = "FEEDSCOPE_CRASH_CHILD";
const BUDGET: Budget = Budget { memory_bytes: 100_000, disk_bytes: Some(200_000) };
/// How many kills one file has to bear: more, and looking at all of it takes longer than them.
const KILLS_A_FILE: u64 = 50;
const SERIES: u32 = 5;

/// The sample that comes `n`th. Each tenth comes late.
fn nth(n: u64) -> Sample {
    let mut rng = StdRng::seed_from_u64(n);
    let n = n as i64;
    let late = if n % 10 == 0 { rng.random_range(0..3_000) } else { 0 };
    sample(n * 100 - late, n * 100 + rng.random_range(0..100), rng.random_range(-1e3..1e3))
}

/// How many samples there are after `saves` of them.
fn sample_count(saves: u64) -> u64 {
    saves * 37
}

fn open(path: &Path) -> (Store, History<String>, u64) {
    let (store, contents) = Store::open(path).unwrap();
    assert_eq!(store.left_out(), 0);
    let saves = contents
        .facts
        .iter()
        .find(|(name, _)| name == "saves")
        .map_or(0, |(_, saves)| u64::from_le_bytes(saves.as_slice().try_into().unwrap()));
    (store, History::restore(contents, BUDGET), saves)
}

/// What the child of the one below does, until it is killed.
#[test]
fn child() {
    let Ok(path) = std::env::var(CHILD) else { return };
    let (store, mut history, mut saves) = open(Path::new(&path));
    let (series, tracks) = ids(&mut history, SERIES, 1);
    loop {
        for n in sample_count(saves)..sample_count(saves + 1) {
            for series in &series {
                history.push(*series, nth(n));
            }
        }
        saves += 1;
        history.add_gap(tracks[0], saves as i64, saves as i64 + 1, format!("gap {saves}"));
        let mut save = history.save().unwrap();
        save.facts.push(("saves".to_owned(), saves.to_le_bytes().to_vec()));
        store.write(&save).unwrap();
        history.saved(save);
        writeln!(std::io::stdout().lock(), "\nsaved {saves}").unwrap();
    }
}

#[test]
fn a_kill_at_any_moment_costs_only_what_was_not_saved() {
    let folder = tempfile::tempdir().unwrap();
    let copy = folder.path().join("copy");
    let mut rng = StdRng::seed_from_u64(1);
    let (mut acknowledged, mut more, mut unopened) = (0, 0, 0);
    for kill in 0..crashes(100) {
        if kill % KILLS_A_FILE == 0 {
            acknowledged = 0;
        }
        let path = folder.path().join(format!("history-{}", kill / KILLS_A_FILE));
        let before = acknowledged;
        acknowledged = acknowledged.max(kill_child(&path, &mut rng));
        unopened += u64::from(acknowledged == before);
        // On a copy, so that the next child finds the file as this one left it.
        if std::fs::copy(&path, &copy).is_err() {
            // Killed before it had its name.
            assert_eq!(acknowledged, 0);
            continue;
        }
        let saves = check(&copy);
        assert!(saves >= acknowledged, "{saves} saves, of {acknowledged} that were said to be");
        more += u64::from(saves > acknowledged);
        acknowledged = saves;
    }
    assert!(acknowledged > 0 && more > 0 && unopened > 0, "{acknowledged} {more} {unopened}");
}

/// Lets a child go on with the history, and kills it. Returns the last save it said to be done.
fn kill_child(path: &Path, rng: &mut StdRng) -> u64 {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "kill::child", "--nocapture"])
        .env(CHILD, path)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut said = BufReader::new(child.stdout.take().unwrap())
        .lines()
        .filter_map(|line| line.unwrap().strip_prefix("saved ")?.parse().ok());
    let mut last = 0;
    // In its start or its recovery, too.
    if rng.random_bool(0.8) {
        let wait_for = rng.random_range(1..6);
        last = said.by_ref().take(wait_for).last().expect("the child saves");
    }
    std::thread::sleep(Duration::from_micros(rng.random_range(0..20_000)));
    child.kill().unwrap();
    let status = child.wait().unwrap();
    assert_eq!(status.code(), None, "it went by itself");
    said.last().unwrap_or(last)
}

/// Looks whether there is exactly what so many saves had in them, and returns how many.
fn check(path: &Path) -> u64 {
    let (store, mut history, saves) = open(path);
    let (series, tracks) = ids(&mut history, SERIES, 1);
    assert_eq!(history.gaps(&tracks, i64::MIN, i64::MAX).count() as u64, saves);
    let mut samples: Vec<Sample> = (0..sample_count(saves)).map(nth).collect();
    samples.sort_by_key(|sample| sample.time_ns);
    for series in series {
        assert_eq!(history.pushed_count(series), sample_count(saves));
        let begins_ns = history.begins(series).unwrap_or(i64::MIN);
        let grid = Grid { axis: Axis::Source, column_ns: 1, from: begins_ns, to: i64::MAX };
        let columns = loaded(&mut history, &store, |history| {
            let mut columns = Vec::new();
            history.columns(series, &[], &grid, &mut columns).map(|()| columns)
        });
        let found =
            columns.iter().map(|column| (column.index, column.count, column.first, column.last));
        let kept: Vec<_> = samples.iter().filter(|sample| sample.time_ns >= begins_ns).collect();
        let expected = kept.chunk_by(|a, b| a.time_ns == b.time_ns).map(|same| {
            (same[0].time_ns, same.len() as u64, same[0].value, same[same.len() - 1].value)
        });
        assert!(found.eq(expected), "after {saves} saves");
    }
    saves
}
