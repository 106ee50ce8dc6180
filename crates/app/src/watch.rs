//! Panels that follow the present, and what each update brings them.

use crate::api::{self, PanelUpdate};
use crate::feeds::Feed;
use crate::store::Store;
use crate::view::{self, COLUMNS_MAX, Found};
use feedscope_history::{Axis, Column, Grid};

/// More changed columns than this are not sent: asking for the view anew is cheaper, and an
/// update stays a few kilobytes.
const COLUMNS_PER_UPDATE_MAX: usize = 256;

/// One panel that follows.
#[derive(Debug)]
pub(crate) struct Watch {
    pub panel: String,
    traces: Vec<api::Trace>,
    /// The traces, as they were found when the store had this shape.
    found: Vec<Option<Found>>,
    shape: u64,
    axis: Axis,
    column_ns: i64,
    columns: u32,
    gaps_version: u64,
    late_version: u64,
    begins_ms: Vec<Option<f64>>,
    /// It was told that it is behind, and will watch anew.
    behind: bool,
    /// The earliest that changed and that it has not been told of, of what the history has already
    /// been told to forget, for another window's update.
    since_ns: Option<i64>,
}

impl Watch {
    /// Starts to follow: updates bring what changes from now on.
    pub fn new(watch: &api::Watch, store: &Store) -> Self {
        let columns = watch.columns.clamp(1, COLUMNS_MAX);
        let span_ns = (watch.span_ms * 1e6) as i64;
        let found = view::find_all(store, &watch.traces);
        let mut this = Watch {
            panel: watch.panel.clone(),
            traces: watch.traces.clone(),
            axis: watch.axis.into(),
            column_ns: (span_ns / i64::from(columns)).max(1),
            columns,
            gaps_version: 0,
            late_version: 0,
            begins_ms: view::begins(store, &found),
            found,
            shape: store.shape,
            behind: false,
            since_ns: None,
        };
        this.gaps_version = this.version_of_gaps(store);
        this.late_version = this.version_of_late(store);
        this
    }

    /// The columns that it shows.
    pub fn grid(&self, now_ns: i64) -> Grid {
        let to = now_ns.div_euclid(self.column_ns).saturating_add(1);
        Grid { axis: self.axis, column_ns: self.column_ns, from: to - i64::from(self.columns), to }
    }

    /// Whether an update would bring it anything.
    pub fn has_news(&self, store: &Store) -> bool {
        let mut found = self.found.iter().flatten();
        !self.behind
            && (self.shape != store.shape
                || self.since_ns.is_some()
                || store.gap_changes.since().is_some()
                || found.any(|found| store.history.changed_from(found.series, self.axis).is_some())
                || self.version_of_gaps(store) != self.gaps_version
                || self.version_of_late(store) != self.late_version
                || view::begins(store, &self.found) != self.begins_ms)
    }

    /// Notes what changed since changes were last forgotten, which they are about to be.
    pub fn note(&mut self, store: &Store) {
        if self.behind {
            return;
        }
        if self.shape != store.shape {
            self.found = view::find_all(store, &self.traces);
            self.shape = store.shape;
        }
        let found = self.found.iter().flatten();
        self.since_ns = found
            .filter_map(|found| store.history.changed_from(found.series, self.axis))
            .chain(store.gap_changes.since())
            .chain(self.since_ns)
            .min();
    }

    /// What the panel must know, if anything, of what was noted since it was last told.
    pub fn update(&mut self, store: &Store, now_ns: i64) -> Option<PanelUpdate> {
        if self.behind {
            return None;
        }
        let since = self.since_ns.take();
        let gaps_version = self.version_of_gaps(store);
        let gaps_changed = std::mem::replace(&mut self.gaps_version, gaps_version) != gaps_version;
        let late_version = self.version_of_late(store);
        let late_changed = std::mem::replace(&mut self.late_version, late_version) != late_version;
        let begins_ms = view::begins(store, &self.found);
        let begins_changed = begins_ms != self.begins_ms;
        self.begins_ms = begins_ms;
        if since.is_none() && !gaps_changed && !late_changed && !begins_changed {
            return None;
        }
        let view = self.grid(now_ns);
        let since = since.map_or(view.to, |since| since.div_euclid(self.column_ns));
        // No end: a source's clock may be ahead of ours.
        let grid = Grid { from: since.max(view.from), to: i64::MAX, ..view };
        // Where late samples changed what is on the disk, it is asked for from there.
        let traces: Option<Vec<Vec<Column>>> = view::columns(store, self.found.iter(), &grid)
            .ok()
            .filter(|traces| traces.iter().map(Vec::len).sum::<usize>() <= COLUMNS_PER_UPDATE_MAX);
        self.behind = traces.is_none();
        let tuples = |columns: &Vec<Column>| columns.iter().map(view::tuple).collect();
        Some(PanelUpdate {
            panel: self.panel.clone(),
            from: grid.from as f64,
            column_ms: self.column_ns as f64 / 1e6,
            behind: self.behind,
            traces: traces.iter().flatten().map(tuples).collect(),
            latest: view::latest(store, &self.found),
            gaps: gaps_changed.then(|| view::gaps(store, &self.traces, &view)),
            late: late_changed.then(|| view::late(store, &self.traces, &view)),
            begins_ms: begins_changed.then(|| self.begins_ms.clone()),
        })
    }

    /// Changes when any gap does that concerns the panel.
    fn version_of_gaps(&self, store: &Store) -> u64 {
        let of_tracks = |found: &Found| -> u64 {
            found.tracks.iter().map(|track| store.history.gaps_version(*track)).sum()
        };
        let closed: u64 = self.found.iter().flatten().map(of_tracks).sum();
        closed + self.sum_of_feeds(store, |feed| feed.open_gap_version)
    }

    /// Changes when more comes late.
    fn version_of_late(&self, store: &Store) -> u64 {
        self.sum_of_feeds(store, |feed| feed.late.version())
    }

    fn sum_of_feeds(&self, store: &Store, of: impl Fn(&Feed) -> u64) -> u64 {
        let traces = store.derived.spread(&self.traces);
        let concerned =
            store.feeds.iter().filter(|feed| traces.iter().any(|trace| trace.feed == feed.id));
        concerned.map(of).sum()
    }
}
