//! Whatever ends a history, and at whatever moment: opened again, it is what it was when it was
//! last saved.

#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used)]

#[path = "../history/disk/mod.rs"]
mod disk;
mod kill;
mod power;
mod refused;

use feedscope_history::{Axis, ChunkKey, Column, Grid, History, Sample, SeriesId, Store, TrackId};
use std::fmt::Write as _;

/// How often to crash, unless `FEEDSCOPE_CRASHES` says so.
fn crashes(default: u64) -> u64 {
    match std::env::var("FEEDSCOPE_CRASHES") {
        Ok(crashes) => crashes.parse().expect("FEEDSCOPE_CRASHES is a number"),
        Err(_) => default,
    }
}

/// Does it with all bodies in memory that it needs.
fn loaded<T>(
    history: &mut History<String>,
    store: &Store,
    ask: impl Fn(&History<String>) -> Result<T, feedscope_history::Absent>,
) -> T {
    loop {
        match ask(history) {
            Ok(answer) => return answer,
            Err(absent) => {
                let loaded = store.bodies(&absent.0).unwrap();
                let lost: &[ChunkKey] = &loaded.lost;
                assert_eq!(lost, [], "a body is gone");
                history.insert(loaded.bodies);
            }
        }
    }
}

/// All that can be seen of a history: every sample, by both of its times, and every gap.
fn all(history: &mut History<String>, store: &Store) -> String {
    let mut series: Vec<_> = history.series().map(|(name, id)| (name.to_owned(), id)).collect();
    series.sort();
    let mut tracks: Vec<_> = history.tracks().map(|(name, id)| (name.to_owned(), id)).collect();
    tracks.sort();
    let mut all = String::new();
    for (name, id) in series {
        let facts = (history.sample_count(id), history.latest(id), history.begins(id));
        writeln!(all, "{name}: {facts:?}").unwrap();
        for axis in [Axis::Source, Axis::Arrival] {
            let grid = Grid { axis, column_ns: 1, from: i64::MIN, to: i64::MAX };
            let columns = loaded(history, store, |history| {
                let mut columns = Vec::new();
                history.columns(id, &[], &grid, &mut columns).map(|()| columns)
            });
            for column in columns {
                let Column { index, count, first, min, max, last, gap } = column;
                let bits = [first, min, max, last].map(f64::to_bits);
                writeln!(all, "{index} {count} {bits:x?} {gap}").unwrap();
            }
        }
    }
    for (name, id) in tracks {
        writeln!(all, "{name}").unwrap();
        // Those that begin at the same moment are in no order.
        let track = [id];
        let mut gaps: Vec<_> = history.gaps(&track, i64::MIN, i64::MAX).collect();
        gaps.sort_by_key(|(_, gap)| gap.id);
        for (_, gap) in gaps {
            writeln!(all, "{gap:?}").unwrap();
        }
    }
    all
}

/// Says where they differ, rather than all that they are.
fn assert_same(found: &str, saved: &str, when: &str) {
    let at = found.lines().zip(saved.lines()).position(|(found, saved)| found != saved);
    let line = |of: &str| at.map_or("…", |at| of.lines().nth(at).unwrap_or("nothing")).to_owned();
    assert!(found == saved, "{when}: found {}, saved {}", line(found), line(saved));
}

fn sample(time_ns: i64, arrival_ns: i64, value: f64) -> Sample {
    Sample { time_ns, arrival_ns, value }
}

fn ids(history: &mut History<String>, series: u32, tracks: u32) -> (Vec<SeriesId>, Vec<TrackId>) {
    let series = (0..series).map(|n| history.add_series(&format!("series {n}"))).collect();
    let tracks = (0..tracks).map(|n| history.add_track(&format!("track {n}"))).collect();
    (series, tracks)
}
