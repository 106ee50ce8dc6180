//! The power fails: of what was not synced, anything may be on the disk, in any order, and torn.

use super::disk::Disk;
use super::{all, assert_same, crashes, ids, sample};
use feedscope_history::{Budget, GapId, History, Store, StoreError, TrackId};
use rand::{RngExt as _, SeedableRng as _, rngs::StdRng};

/// So little that bodies leave memory, and samples the disk.
pub const BUDGET: Budget = Budget { memory_bytes: 30_000, disk_bytes: Some(30_000) };
/// How often the power fails on one disk.
const LIVES: u64 = 4;

/// What may be seen when the power is back.
struct Expected {
    /// What was said to be saved.
    saved: String,
    /// What was being saved at that moment.
    saving: Option<String>,
}

#[test]
fn a_power_loss_at_any_moment_costs_only_what_was_not_saved() {
    let (mut saved, mut in_flight, mut while_opening) = (0, 0, 0);
    let mut dropped = 0;
    for seed in 0..crashes(1_000).div_ceil(LIVES) {
        let mut rng = StdRng::seed_from_u64(seed);
        let mut disk = Disk::default();
        let (mut now_ns, mut ever_saved) = (0, false);
        let mut expected = Expected { saved: String::new(), saving: None };
        for life in 0..=LIVES {
            if life < LIVES {
                // Now within the first few, and now after many saves.
                let most = 1 << rng.random_range(1..12);
                disk.fail_after(rng.random_range(0..most));
            }
            let backend = disk.clone();
            let opened = Store::open_on::<String, _>("a disk", move || Ok(backend.clone()));
            let (store, contents) = match opened {
                Ok(opened) => opened,
                Err(_) if disk.is_without_power() => {
                    while_opening += 1;
                    disk = disk.after_power_loss(&mut rng);
                    continue;
                }
                // It is half made; a file would not have its name yet.
                Err(StoreError::Damaged { .. }) if !ever_saved => {
                    disk = Disk::default();
                    continue;
                }
                Err(error) => panic!("seed {seed}, life {life}: {error}"),
            };
            assert_eq!(store.left_out(), 0, "seed {seed}, life {life}");
            let mut history = History::restore(contents, BUDGET);
            let found = all(&mut history, &store);
            if expected.saving.as_ref() == Some(&found) {
                in_flight += 1;
            } else {
                assert_same(&found, &expected.saved, &format!("seed {seed}, life {life}"));
            }
            expected = Expected { saved: found, saving: None };
            dropped += history.series().filter(|(_, id)| history.begins(*id).is_some()).count();

            for _ in 0..rng.random_range(1..12) {
                live(&mut history, &mut now_ns, &mut rng);
                let Some(save) = history.save() else { continue };
                let saving = all(&mut history, &store);
                match store.write(&save) {
                    Ok(()) => {
                        history.saved(save);
                        expected = Expected { saved: saving, saving: None };
                        saved += 1;
                        ever_saved = true;
                    }
                    Err(StoreError::Refused { .. }) if disk.is_without_power() => {
                        history.unsaved(save);
                        expected.saving = Some(saving);
                        break;
                    }
                    Err(error) => panic!("seed {seed}, life {life}: {error}"),
                }
            }
            // Without power, nothing that comes now reaches the disk.
            if rng.random() {
                disk.fail_after(0);
            }
            drop(store);
            disk = disk.after_power_loss(&mut rng);
        }
    }
    let seen = [saved, in_flight, while_opening, dropped];
    assert!(seen.iter().all(|times| *times > 0), "{seen:?}");
}

/// A moment in the life of a history.
pub fn live(history: &mut History<String>, now_ns: &mut i64, rng: &mut StdRng) {
    let (series, tracks) = ids(history, 3, 2);
    for _ in 0..rng.random_range(0..4) {
        let series = series[rng.random_range(0..series.len())];
        for _ in 0..1 << rng.random_range(0..11) {
            *now_ns += rng.random_range(0..3);
            let late = if rng.random_bool(0.02) { rng.random_range(0..5_000) } else { 0 };
            history.push(series, sample(*now_ns - late, *now_ns, rng.random_range(-9.0..9.0)));
        }
    }
    let track = tracks[rng.random_range(0..tracks.len())];
    match rng.random_range(0..12) {
        0 => drop(history.open_gap(track, *now_ns, "lasts".to_owned())),
        1 => drop(history.add_gap(track, *now_ns - 3, *now_ns, "is over".to_owned())),
        2 => close(history, track, *now_ns),
        3 => history.clear_track(track),
        4 if rng.random_bool(0.3) => history.clear_series(series[0]),
        5 if rng.random_bool(0.3) => history.remove_series(series[1]),
        6 if rng.random_bool(0.3) => history.remove_track(track),
        _ => {}
    }
}

fn close(history: &mut History<String>, track: TrackId, end_ns: i64) {
    let open: Option<GapId> = history
        .gaps(&[track], i64::MIN, i64::MAX)
        .find(|(_, gap)| gap.end_ns.is_none())
        .map(|(_, gap)| gap.id);
    if let Some(open) = open {
        history.close_gap(track, open, end_ns);
    }
}
