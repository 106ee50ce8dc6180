//! What a store promises of its file: that what was written is there, that what is not can be
//! told, and that none of it costs more than itself.

use crate::disk::Disk;
use feedscope_history::store::{BODY_BYTES_MAX, FORMAT};
use feedscope_history::{
    Body, ChunkKey, Contents, Gap, GapId, Head, Sample, Save, SeriesFacts, SeriesId, Store,
    StoreError, TrackFacts, TrackId,
};
use rand::{Rng as _, RngExt as _, SeedableRng, rngs::StdRng};
use redb::{Database, ReadableTable as _, TableDefinition};
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

type Found = Contents<String>;

fn folder() -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("history");
    (folder, path)
}

fn open(path: &Path) -> Result<(Store, Found), StoreError> {
    Store::open(path)
}

fn key(series: u32, number: u64) -> ChunkKey {
    ChunkKey { series: SeriesId(series), number }
}

fn noise(seed: u64, bytes: usize) -> Vec<u8> {
    let mut noise = vec![0; bytes];
    StdRng::seed_from_u64(seed).fill_bytes(&mut noise);
    noise
}

fn chunk(series: u32, number: u64, bytes: usize) -> (ChunkKey, Head, Body) {
    let seed = u64::from(series) << 32 | number;
    (key(series, number), Head(noise(!seed, 200).into()), noise(seed, bytes).into())
}

fn gap(id: u64, about: &str) -> Gap<String> {
    Gap { id: GapId(id), start_ns: -5, end_ns: Some(i64::MAX), about: about.to_owned() }
}

fn series(name: &str, value: f64) -> SeriesFacts {
    let latest = Some(Sample { time_ns: i64::MIN, arrival_ns: 7, value });
    SeriesFacts { name: name.to_owned(), pushed_count: u64::MAX, begins_ns: Some(-1), latest }
}

fn track(name: &str) -> TrackFacts {
    TrackFacts { name: name.to_owned(), dropped: 3, forgotten_until_ns: i64::MIN }
}

fn chunks(found: &Found) -> BTreeMap<ChunkKey, Head> {
    let chunks: BTreeMap<_, _> = found.chunks.iter().cloned().collect();
    assert_eq!(chunks.len(), found.chunks.len(), "each once");
    chunks
}

fn write(store: &Store, save: Save<String>) {
    store.write(&save).unwrap();
}

#[test]
fn what_was_written_is_found_again() {
    let (_folder, path) = folder();
    let (store, found) = open(&path).unwrap();
    assert!(found.series.is_empty() && found.chunks.is_empty() && found.facts.is_empty());
    let saved = [chunk(0, 0, 100), chunk(0, 1, BODY_BYTES_MAX), chunk(u32::MAX, u64::MAX, 0)];
    write(
        &store,
        Save {
            series: vec![(SeriesId(0), series("a", f64::NAN)), (SeriesId(7), series("", -0.0))],
            tracks: vec![(TrackId(1), track("t"))],
            chunks: saved.to_vec(),
            gaps: vec![(TrackId(1), gap(9, "the cable")), (TrackId(2), gap(9, "the night"))],
            facts: vec![("alive".to_owned(), vec![1, 2])],
            ..Save::default()
        },
    );
    drop(store);

    let (store, found) = open(&path).unwrap();
    assert_eq!(store.left_out(), 0);
    assert_eq!(found.series.len(), 2);
    assert_eq!(found.series[0].1.name, "a");
    assert!(found.series[0].1.latest.unwrap().value.is_nan());
    assert_eq!(found.series[1], (SeriesId(7), series("", -0.0)));
    assert_eq!(found.tracks, [(TrackId(1), track("t"))]);
    assert_eq!(found.gaps, [(TrackId(1), gap(9, "the cable")), (TrackId(2), gap(9, "the night"))]);
    assert_eq!(found.facts, [("alive".to_owned(), vec![1, 2])]);
    assert_eq!(chunks(&found), saved.iter().map(|(key, head, _)| (*key, head.clone())).collect());

    let keys = [saved[2].0, key(5, 5), saved[0].0, saved[1].0];
    let loaded = store.bodies(&keys).unwrap();
    assert_eq!(loaded.lost, [key(5, 5)]);
    let bodies: Vec<_> = [2, 0, 1].map(|at| (saved[at].0, saved[at].2.clone())).to_vec();
    assert_eq!(loaded.bodies, bodies);
}

#[test]
fn what_is_removed_is_gone_and_what_is_written_again_is_replaced() {
    let (_folder, path) = folder();
    let (store, _) = open(&path).unwrap();
    let all = (0..3).flat_map(|series| (0..4).map(move |number| chunk(series, number, 3_000)));
    write(
        &store,
        Save {
            series: (0..3).map(|id| (SeriesId(id), series("s", 1.0))).collect(),
            tracks: vec![(TrackId(0), track("t")), (TrackId(1), track("u"))],
            chunks: all.collect(),
            gaps: [(0, 1), (0, 2), (1, 1), (1, 2)]
                .map(|(track, id)| (TrackId(track), gap(id, "")))
                .to_vec(),
            ..Save::default()
        },
    );
    // A series that is removed, and there again under the same id.
    let again = (key(1, 2), Head([7; 9].into()), Body::from([8; 9]));
    let longer = (key(2, 3), Head([5; 9].into()), Body::from([6; 9_000]));
    let save = Save {
        removed_series: vec![SeriesId(1), SeriesId(99)],
        removed_tracks: vec![TrackId(0)],
        removed_chunks: vec![key(0, 0), key(0, 3), key(50, 0)],
        removed_gaps: vec![(TrackId(1), GapId(1)), (TrackId(1), GapId(99))],
        series: vec![(SeriesId(0), series("renamed", 2.0))],
        chunks: vec![again.clone(), longer.clone()],
        gaps: vec![(TrackId(1), gap(2, "longer"))],
        ..Save::default()
    };
    for _ in 0..2 {
        write(&store, save.clone());
    }
    let kept = [key(0, 1), key(0, 2), key(1, 2), key(2, 0), key(2, 1), key(2, 2), key(2, 3)];
    let check = |store: &Store| {
        let loaded = store.bodies(&kept).unwrap();
        assert_eq!(loaded.lost, []);
        assert_eq!(loaded.bodies[2], (again.0, again.2.clone()));
        assert_eq!(loaded.bodies[6], (longer.0, longer.2.clone()));
        assert_eq!(loaded.bodies[5].1, chunk(2, 2, 3_000).2);
        let gone = [key(0, 0), key(0, 3), key(1, 0), key(1, 1), key(1, 3)];
        assert_eq!(store.bodies(&gone).unwrap().lost, gone);
    };
    check(&store);
    drop(store);
    let (store, found) = open(&path).unwrap();
    check(&store);
    assert_eq!(chunks(&found).into_keys().collect::<Vec<_>>(), kept);
    assert_eq!(chunks(&found)[&again.0], again.1);
    assert_eq!(
        found.series,
        [(SeriesId(0), series("renamed", 2.0)), (SeriesId(2), series("s", 1.0))]
    );
    assert_eq!(found.tracks, [(TrackId(1), track("u"))]);
    assert_eq!(found.gaps, [(TrackId(1), gap(2, "longer"))]);
}

#[test]
fn a_body_of_the_right_size_wastes_nothing() {
    let (_folder, path) = folder();
    let size = |from: u64, bytes| {
        let (store, _) = open(&path).unwrap();
        let chunks = (from..from + 1_000).map(|number| chunk(0, number, bytes)).collect();
        write(&store, Save { chunks, ..Save::default() });
        drop(store);
        let database = Database::open(&path).unwrap();
        let stats = database.begin_write().unwrap().stats().unwrap();
        stats.allocated_pages() * stats.page_size() as u64
    };
    let empty = size(0, 0);
    let fits = size(1_000, BODY_BYTES_MAX) - empty;
    let over = size(2_000, BODY_BYTES_MAX + 1) - empty - fits;
    let bodies = 1_000 * BODY_BYTES_MAX as u64;
    assert!(fits < bodies * 104 / 100, "{fits} bytes for {bodies}");
    assert!(over > bodies * 2, "one byte more takes twice the pages: {over} bytes");
}

#[test]
fn only_the_owner_reads_it() {
    let (_folder, path) = folder();
    drop(open(&path).unwrap());
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    }
}

#[test]
fn a_second_one_is_told_that_it_is_in_use() {
    let (_folder, path) = folder();
    let (store, _) = open(&path).unwrap();
    let second = open(&path).unwrap_err();
    assert!(matches!(second, StoreError::InUse { .. }), "{second}");
    write(&store, Save { facts: vec![("a".to_owned(), vec![1])], ..Save::default() });
    drop(store);
    assert_eq!(open(&path).unwrap().1.facts, [("a".to_owned(), vec![1])]);
}

#[test]
fn a_fact_that_is_empty_is_forgotten() {
    let (_folder, path) = folder();
    let (store, _) = open(&path).unwrap();
    let facts = |all: &[(&str, &[u8])]| Save {
        facts: all.iter().map(|(name, fact)| ((*name).to_owned(), fact.to_vec())).collect(),
        ..Save::default()
    };
    write(&store, facts(&[("a", &[1]), ("b", &[2])]));
    write(&store, facts(&[("a", &[]), ("c", &[])]));
    drop(store);
    assert_eq!(open(&path).unwrap().1.facts, [("b".to_owned(), vec![2])]);
}

/// Rewrites a row as it is not.
fn tamper(path: &Path, table: &str, change: impl Fn(&mut Vec<u8>)) {
    let table = TableDefinition::<&str, &[u8]>::new(table);
    let database = Database::open(path).unwrap();
    let transaction = database.begin_write().unwrap();
    {
        let mut rows = transaction.open_table(table).unwrap();
        let mut row = rows.get(".format").unwrap().unwrap().value().to_vec();
        change(&mut row);
        rows.insert(".format", row.as_slice()).unwrap();
    }
    transaction.commit().unwrap();
}

#[test]
fn a_newer_format_is_refused_and_stays_as_it_is() {
    let (_folder, path) = folder();
    drop(open(&path).unwrap());
    tamper(&path, "facts", |row| {
        row.truncate(4);
        row.extend(FORMAT.saturating_add(1).to_le_bytes());
        let mut checksum = crc32fast::Hasher::new();
        checksum.update(b".format");
        checksum.update(&row[4..]);
        row[..4].copy_from_slice(&checksum.finalize().to_le_bytes());
    });
    for _ in 0..2 {
        let error = open(&path).unwrap_err();
        let StoreError::Newer { found, known, .. } = error else { panic!("{error}") };
        assert_eq!((found, known), (FORMAT + 1, FORMAT));
    }
}

#[test]
fn a_file_that_is_no_history_is_set_aside() {
    let (folder, path) = folder();
    let foreign = folder.path().join("foreign");
    let database = Database::create(&foreign).unwrap();
    let transaction = database.begin_write().unwrap();
    transaction.open_table(TableDefinition::<u64, u64>::new("x")).unwrap();
    transaction.commit().unwrap();
    drop(database);
    // redb notes in its file that it was open.
    let foreign = fs::read(foreign).unwrap();
    let length = foreign.len();
    let cases =
        [noise(1, 100_000), vec![0; 5_000], b"a diary".to_vec(), foreign[..length / 2].to_vec()];
    for (case, same) in cases.into_iter().map(|case| (case, true)).chain([(foreign, false)]) {
        fs::write(&path, &case).unwrap();
        let error = open(&path).unwrap_err();
        let StoreError::SetAside { now, .. } = &error else { panic!("{error}") };
        assert!(!same || fs::read(now).unwrap() == case);
        assert_eq!(fs::metadata(now).unwrap().len(), case.len() as u64);
        let (store, found) = open(&path).unwrap();
        assert!(found.chunks.is_empty());
        write(&store, Save { chunks: vec![chunk(0, 0, 10)], ..Save::default() });
    }
}

/// Flips bits all over a file. Whatever comes of it: no panic gets out, and nothing is found that
/// was not written.
#[test]
fn a_flipped_bit_is_never_taken_for_data() {
    let (folder, path) = folder();
    let (store, _) = open(&path).unwrap();
    for n in 0..20 {
        write(
            &store,
            Save {
                series: vec![(SeriesId(n), series("s", f64::from(n)))],
                chunks: (0..20)
                    .map(|number| chunk(n, number, 500 + 10_000 * (number as usize % 2)))
                    .collect(),
                gaps: vec![(TrackId(0), gap(n.into(), "a gap"))],
                ..Save::default()
            },
        );
    }
    drop(store);
    let sound = fs::read(&path).unwrap();
    let keys: Vec<_> = (0..20).flat_map(|s| (0..20).map(move |n| key(s, n))).collect();
    let mut rng = StdRng::seed_from_u64(1);
    let (mut set_aside, mut left_out, mut lost) = (0, 0, 0);
    for case in 0..100 {
        let path = folder.path().join(format!("case-{case}"));
        let mut damaged = sound.clone();
        for _ in 0..rng.random_range(1..4) {
            // Most of a file is bodies: half of the flips go where the rest is.
            let reach = if rng.random() { sound.len() } else { 65_536 };
            damaged[rng.random_range(0..reach)] ^= 1 << rng.random_range(0..8);
        }
        fs::write(&path, damaged).unwrap();
        match open(&path) {
            Ok((store, found)) => {
                left_out += store.left_out();
                for (key, head) in chunks(&found) {
                    assert_eq!(head, chunk(key.series.0, key.number, 0).1);
                }
                for (id, facts) in found.series {
                    assert_eq!(facts, series("s", f64::from(id.0)));
                }
                for (_, found) in found.gaps {
                    assert_eq!(found, gap(found.id.0, "a gap"));
                }
                if let Ok(loaded) = store.bodies(&keys) {
                    for (key, body) in &loaded.bodies {
                        assert_eq!(*body, chunk(key.series.0, key.number, body.len()).2);
                    }
                    lost += loaded.lost.len();
                }
                // It may fail, and what it says is on disk is.
                let save = Save::<String> { chunks: vec![chunk(90, 0, 10)], ..Save::default() };
                match store.write(&save) {
                    Ok(()) => {
                        let loaded = store.bodies(&[key(90, 0)]).unwrap();
                        assert_eq!(loaded.bodies[0].1, chunk(90, 0, 10).2);
                    }
                    Err(StoreError::Damaged { .. }) => {
                        drop(store);
                        let again = open(&path);
                        assert!(matches!(again, Err(StoreError::SetAside { .. })));
                    }
                    Err(error) => panic!("{error}"),
                }
            }
            Err(StoreError::SetAside { .. }) => set_aside += 1,
            Err(error) => panic!("{error}"),
        }
        fs::remove_file(path).ok();
    }
    assert!(set_aside > 0 && left_out > 0 && lost > 0, "{set_aside} {left_out} {lost}");
}

/// Where the damage is in what opening does not read, the next start begins anew, not this one.
#[test]
fn a_file_that_cannot_be_written_is_set_aside_when_opened_next() {
    let (_folder, path) = folder();
    let (store, _) = open(&path).unwrap();
    let chunks: Vec<_> = (0..9).map(|number| chunk(0, number, 10_000)).collect();
    write(&store, Save { chunks: chunks.clone(), ..Save::default() });
    drop(store);
    let mut bytes = fs::read(&path).unwrap();
    let body = &chunks[4].2[..64];
    let at = bytes.windows(64).position(|window| window == body).unwrap();
    // The page's head says what kind of a page it is.
    bytes[at / 4096 * 4096] = 0xff;
    fs::write(&path, bytes).unwrap();

    let (store, found) = open(&path).unwrap();
    assert_eq!(found.chunks.len(), 9);
    let keys: Vec<_> = chunks.iter().map(|(key, ..)| *key).collect();
    assert_eq!(store.bodies(&keys).unwrap().lost, [keys[4]]);
    let save = Save::<String> { removed_chunks: vec![keys[4]], ..Save::default() };
    let error = store.write(&save).unwrap_err();
    assert!(matches!(error, StoreError::Damaged { .. }), "{error}");
    assert_eq!(store.bodies(&keys).unwrap().bodies.len(), 8, "the rest stays readable");
    drop(store);
    assert!(matches!(open(&path), Err(StoreError::SetAside { .. })));
    assert!(open(&path).unwrap().1.chunks.is_empty());
}

/// Room for some writes, for none, and then for more: what was written is there all the time.
#[test]
fn a_full_disk_costs_only_what_was_not_written() {
    let disk = Disk::default();
    let open = || {
        let disk = disk.clone();
        Store::open_on::<String, _>("a small disk", move || Ok(disk.clone())).unwrap()
    };
    disk.limit(Some(2 << 20));
    let (store, _) = open();
    let mut kept = Vec::new();
    let mut number = 0;
    let mut write = |store: &Store, kept: &mut Vec<ChunkKey>| {
        let chunks: Vec<_> = (0..9).map(|n| chunk(n, number, BODY_BYTES_MAX)).collect();
        number += 1;
        let keys: Vec<_> = chunks.iter().map(|(key, ..)| *key).collect();
        store.write(&Save::<String> { chunks, ..Save::default() }).map(|()| kept.extend(keys))
    };
    let check = |store: &Store, kept: &[ChunkKey]| {
        let loaded = store.bodies(kept).unwrap();
        assert_eq!(loaded.lost, []);
        for (key, body) in loaded.bodies {
            assert_eq!(body, chunk(key.series.0, key.number, BODY_BYTES_MAX).2);
        }
    };
    for limit in [2, 4, 5] {
        disk.limit(Some(limit << 20));
        let before = kept.len();
        let full = loop {
            if let Err(error) = write(&store, &mut kept) {
                break error;
            }
        };
        assert!(matches!(full, StoreError::Full { .. }), "{full}");
        assert!(kept.len() > before, "there is room again");
        check(&store, &kept);
        assert!(write(&store, &mut kept).is_err());
        check(&store, &kept);
    }
    drop(store);
    let (store, found) = open();
    check(&store, &kept);
    kept.sort();
    assert_eq!(chunks(&found).into_keys().collect::<Vec<_>>(), kept);
}

/// A history at its budget goes on for days: each write removes as much as it adds.
#[test]
fn what_is_removed_makes_room_for_what_comes() {
    let disk = Disk::default();
    let backend = disk.clone();
    let (store, _) = Store::open_on::<String, _>("a disk", move || Ok(backend.clone())).unwrap();
    let mut used = Vec::new();
    for turn in 0..60 {
        let save = Save::<String> {
            chunks: (0..20).map(|n| chunk(n, turn, BODY_BYTES_MAX)).collect(),
            removed_chunks: (0..20).map(|n| key(n, turn.wrapping_sub(10))).collect(),
            ..Save::default()
        };
        store.write(&save).unwrap();
        used.push(disk.used_bytes());
    }
    // Ten turns' bodies, and as many pages as are freed only once nobody reads them any more.
    let bodies = 10 * 20 * BODY_BYTES_MAX as u64;
    assert!(used[59] < bodies * 3 / 2, "{} bytes for {bodies}", used[59]);
    assert_eq!(used[59], used[30], "it has stopped growing");
}
