//! What a save promises: restored, everything is as it was.

use crate::common::Disk;
use feedscope_history::{Axis, Budget, Grid, History, Sample};

const BUDGET: Budget = Budget { memory_bytes: 1 << 20, disk_bytes: Some(1 << 30) };

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

    let mut restored = History::restore(disk.contents.clone(), BUDGET);
    assert_eq!((restored.add_series("s"), restored.add_track("t")), (series, track));
    assert_eq!(restored.sample_count(series), 3_000);
    assert_eq!(restored.latest(series), history.latest(series));
    for axis in [Axis::Source, Axis::Arrival] {
        let grid = Grid { axis, column_ns: 7, from: 0, to: i64::MAX };
        let (mut before, mut after) = (Vec::new(), Vec::new());
        history.columns(series, &[track], &grid, &mut before).unwrap();
        after.extend(disk.columns(&mut restored, series, &[track], &grid));
        assert_eq!(before, after);
    }
}
