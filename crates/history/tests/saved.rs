//! What a save promises: restored, everything is as it was.

use feedscope_history::{Axis, Budget, Contents, Grid, History, Sample, Save};

const BUDGET: Budget = Budget { memory_bytes: 1 << 20, disk_bytes: Some(1 << 30) };

/// A disk that keeps all that it is told to.
#[derive(Default)]
struct Disk {
    contents: Contents<String>,
}

impl Disk {
    fn write(&mut self, save: &Save<String>) {
        let kept = &mut self.contents;
        kept.series.retain(|(id, _)| !save.removed_series.contains(id));
        kept.chunks.retain(|(key, _)| {
            !save.removed_series.contains(&key.series) && !save.removed_chunks.contains(key)
        });
        kept.series.retain(|(id, _)| save.series.iter().all(|(new, _)| new != id));
        kept.series.extend(save.series.iter().cloned());
        kept.chunks.extend(save.chunks.iter().map(|(key, head, _)| (*key, head.clone())));
        kept.tracks.retain(|(id, _)| save.tracks.iter().all(|(new, _)| new != id));
        kept.tracks.extend(save.tracks.iter().cloned());
        kept.gaps.retain(|(_, gap)| save.removed_gaps.iter().all(|(_, id)| *id != gap.id));
        kept.gaps.extend(save.gaps.iter().cloned());
    }
}

#[test]
fn what_was_saved_is_there_again() {
    let mut disk = Disk::default();
    let mut history = History::new(BUDGET);
    let (series, track) = (history.add_series("s"), history.add_track("t"));
    for n in 0..3_000 {
        history.push(series, Sample { time_ns: n ^ 1, arrival_ns: n, value: n as f64 });
        if n % 1_000 == 0 {
            history.add_gap(track, n, n + 1, format!("the gap at {n}"));
            let save = history.save().unwrap();
            disk.write(&save);
            history.saved(save);
        }
    }
    assert!(history.save().is_some_and(|save| {
        disk.write(&save);
        assert!(history.save().is_none(), "one at a time");
        history.saved(save);
        history.save().is_none()
    }));

    let mut restored = History::restore(disk.contents, BUDGET);
    assert_eq!((restored.add_series("s"), restored.add_track("t")), (series, track));
    assert_eq!(restored.sample_count(series), 3_000);
    assert_eq!(restored.latest(series), history.latest(series));
    for axis in [Axis::Source, Axis::Arrival] {
        let grid = Grid { axis, column_ns: 7, from: 0, to: i64::MAX };
        let (mut before, mut after) = (Vec::new(), Vec::new());
        history.columns(series, &[track], &grid, &mut before).unwrap();
        restored.columns(series, &[track], &grid, &mut after).unwrap();
        assert_eq!(before, after);
    }
}
