//! Panels that follow the present, and what each update brings them.

use crate::api::{self, PanelUpdate};
use crate::store::Store;
use crate::view::{self, COLUMNS_MAX};
use feedscope_history::{Axis, Column, Grid};

/// More changed columns than this are not sent: asking for the view anew is cheaper, and an
/// update stays a few kilobytes.
const COLUMNS_PER_UPDATE_MAX: usize = 256;

/// One panel that follows.
#[derive(Debug)]
pub(crate) struct Watch {
    pub panel: String,
    traces: Vec<api::Trace>,
    column_ns: i64,
    columns: u32,
    gaps_version: u64,
    latest: Vec<Option<f64>>,
    begins_ms: Vec<Option<f64>>,
    /// It was told that it is behind, and will watch anew.
    behind: bool,
}

impl Watch {
    /// Starts to follow, with the columns of now as the answer.
    pub fn new(watch: &api::Watch, store: &Store, now_ns: i64) -> (Self, Vec<u8>) {
        let columns = watch.columns.clamp(1, COLUMNS_MAX);
        let span_ns = (watch.span_ms * 1e6) as i64;
        let mut this = Watch {
            panel: watch.panel.clone(),
            traces: watch.traces.clone(),
            column_ns: (span_ns / i64::from(columns)).max(1),
            columns,
            gaps_version: 0,
            latest: Vec::new(),
            begins_ms: view::begins(store, &watch.traces),
            behind: false,
        };
        this.gaps_version = this.version_of_gaps(store);
        let answer = view::answer(store, &this.traces, &this.grid(now_ns));
        (this, answer)
    }

    pub fn column_ns(&self) -> i64 {
        self.column_ns
    }

    fn grid(&self, now_ns: i64) -> Grid {
        let to = now_ns.div_euclid(self.column_ns).saturating_add(1);
        Grid {
            axis: Axis::Source,
            column_ns: self.column_ns,
            from: to - i64::from(self.columns),
            to,
        }
    }

    /// What the panel must know, if anything: of what changed since changes were last forgotten.
    pub fn update(&mut self, store: &Store, now_ns: i64) -> Option<PanelUpdate> {
        if self.behind {
            return None;
        }
        let found = self.traces.iter().filter_map(|trace| view::find(&store.feeds, trace));
        let since = found
            .filter_map(|found| store.history.changed_from(found.series, Axis::Source))
            .chain(store.gap_changes.since())
            .min();
        let gaps_version = self.version_of_gaps(store);
        let gaps_changed = std::mem::replace(&mut self.gaps_version, gaps_version) != gaps_version;
        let begins_ms = view::begins(store, &self.traces);
        let begins_changed = begins_ms != self.begins_ms;
        self.begins_ms = begins_ms;
        if since.is_none() && !gaps_changed && !begins_changed {
            return None;
        }
        let view = self.grid(now_ns);
        let since = since.map_or(view.to, |since| since.div_euclid(self.column_ns));
        // No end: a source's clock may be ahead of ours.
        let grid = Grid { from: since.max(view.from), to: i64::MAX, ..view };
        let traces: Vec<Vec<Column>> =
            self.traces.iter().map(|trace| view::columns(store, trace, &grid)).collect();
        self.behind = traces.iter().map(Vec::len).sum::<usize>() > COLUMNS_PER_UPDATE_MAX;
        self.latest = self.traces.iter().map(|trace| view::latest(store, trace)).collect();
        Some(PanelUpdate {
            panel: self.panel.clone(),
            from: grid.from as f64,
            column_ms: self.column_ns as f64 / 1e6,
            behind: self.behind,
            traces: if self.behind {
                Vec::new()
            } else {
                traces.iter().map(|columns| columns.iter().map(view::tuple).collect()).collect()
            },
            latest: self.latest.clone(),
            gaps: gaps_changed.then(|| view::gaps(store, &self.traces, &view)),
            begins_ms: begins_changed.then(|| self.begins_ms.clone()),
        })
    }

    /// Changes when any gap does that concerns the panel.
    fn version_of_gaps(&self, store: &Store) -> u64 {
        let mut version = 0;
        for feed in &store.feeds {
            if !self.traces.iter().any(|trace| trace.feed == feed.id) {
                continue;
            }
            version += feed.open_gap_version + store.history.gaps_version(feed.track);
            for channel in &feed.channels {
                if self.traces.iter().any(|trace| trace.channel == channel.name) {
                    version += store.history.gaps_version(channel.track);
                }
            }
        }
        version
    }
}
