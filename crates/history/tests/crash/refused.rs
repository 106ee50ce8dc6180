//! The disk refuses something now and then, and the history goes on.

use super::disk::Disk;
use super::power::{BUDGET, live};
use super::{all, assert_same};
use feedscope_history::{History, Store, StoreError};
use rand::{RngExt as _, SeedableRng as _, rngs::StdRng};

#[test]
fn what_is_refused_is_part_of_the_next_save() {
    let (mut saved, mut refused, mut unknown) = (0, 0, 0);
    for seed in 0..150 {
        let mut rng = StdRng::seed_from_u64(seed);
        let disk = Disk::default();
        let mut now_ns = 0;
        // What was said to be saved, and what was refused since: of that, any may be there.
        let (mut expected, mut possible) = (String::new(), Vec::new());
        for life in 0..3 {
            let backend = disk.clone();
            let (store, contents) =
                Store::open_on::<String, _>("a disk", move || Ok(backend.clone())).unwrap();
            let mut history = History::restore(contents, BUDGET);
            let found = all(&mut history, &store);
            if possible.contains(&found) {
                unknown += 1;
            } else {
                assert_same(&found, &expected, &format!("seed {seed}, life {life}"));
            }
            (expected, possible) = (found, Vec::new());
            let odds = rng.random_range(0.0..0.1f64).powi(2);
            for _ in 0..12 {
                live(&mut history, &mut now_ns, &mut rng);
                let Some(save) = history.save() else { continue };
                let saving = all(&mut history, &store);
                disk.refuse(Some((odds, StdRng::seed_from_u64(rng.random()))));
                match store.write(&save) {
                    Ok(()) => {
                        history.saved(save);
                        (expected, possible) = (saving, Vec::new());
                        saved += 1;
                    }
                    Err(StoreError::Refused { .. }) => {
                        history.unsaved(save);
                        possible.push(saving);
                        refused += 1;
                    }
                    Err(error) => panic!("seed {seed}, life {life}: {error}"),
                }
                disk.refuse(None);
            }
        }
    }
    assert!(saved > 0 && refused > 0 && unknown > 0, "{saved} {refused} {unknown}");
}

#[test]
fn what_cannot_be_read_for_a_moment_is_not_lost() {
    let disk = Disk::default();
    let backend = disk.clone();
    let (store, _) = Store::open_on::<String, _>("a disk", move || Ok(backend.clone())).unwrap();
    let mut rng = StdRng::seed_from_u64(1);
    let (mut history, mut now_ns, mut keys) = (History::new(BUDGET), 0, Vec::new());
    for _ in 0..100 {
        live(&mut history, &mut now_ns, &mut rng);
        if let Some(save) = history.save() {
            store.write(&save).unwrap();
            keys.extend(save.chunks.iter().map(|(key, ..)| *key));
            keys.retain(|key| !save.removed_chunks.contains(key));
            keys.retain(|key| !save.removed_series.contains(&key.series));
            history.saved(save);
        }
    }
    let (mut whole, mut errors) = (0, 0);
    for seed in 0..300 {
        disk.refuse(Some((0.02, StdRng::seed_from_u64(seed))));
        match store.bodies(&keys) {
            Ok(loaded) => {
                // Twice in a row is taken for good.
                assert!(loaded.lost.len() <= 1, "{}", loaded.lost.len());
                assert_eq!(loaded.bodies.len() + loaded.lost.len(), keys.len());
                whole += 1;
            }
            Err(_) => errors += 1,
        }
    }
    disk.refuse(None);
    assert_eq!(store.bodies(&keys).unwrap().lost, []);
    assert!(whole > 0, "{whole} {errors}");
}
