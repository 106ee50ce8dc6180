//! What an expression would come to over a span, for who is still writing it: nothing of it is kept.

use super::series::{Ahead, One};
use crate::api::{DerivedPreview, DerivedSeries};
use crate::feeds::{Feed, GapFacts};
use crate::store::Store;
use crate::view::{self, Facts};
use feedscope_history::{Absent, Axis, Column, Grid, History, Sample, SeriesId, TrackId};

/// Samples that it is made of at most: of more, the last ones. A fraction of a second.
const SAMPLES_MAX: u64 = 200_000;

/// Into how many parts the span is divided, to find where so many samples begin.
const PARTS: i64 = 64;

/// Of no series that there is: the history is never asked for it.
const NOWHERE: SeriesId = SeriesId(u32::MAX);

pub(crate) struct Preview {
    one: One,
    ahead: Vec<Ahead>,
    tracks: Vec<TrackId>,
    grid: Grid,
    /// From the first column of the grid on.
    columns: Vec<Option<Column>>,
    last: Option<Sample>,
    /// All of its fields are there, and so is the end of it not.
    goes_on: bool,
}

impl Preview {
    /// What has a memory gets as much time before the span as is in it.
    ///
    /// # Errors
    /// Not all that it takes is in memory.
    pub fn new(
        asked: &DerivedPreview,
        feeds: &[Feed],
        history: &History<GapFacts>,
    ) -> Result<Preview, Absent> {
        let grid = view::grid(asked.axis, asked.from_ms, asked.to_ms, asked.columns);
        let what = DerivedSeries {
            expression: asked.expression.clone(),
            inputs: asked.inputs.clone(),
            ..DerivedSeries::default()
        };
        let mut one = One::new(what, 0, NOWHERE);
        let goes_on = one.resolve(feeds);
        let (start_ns, end_ns) = (grid.start_ns(), grid.end_ns());
        let before_ns = start_ns.saturating_sub(end_ns.saturating_sub(start_ns));
        let begins_ns = begins(&one, before_ns, end_ns, history)?;
        let length = usize::try_from(grid.to.saturating_sub(grid.from)).unwrap_or_default();
        Ok(Preview {
            ahead: one.ahead(begins_ns),
            tracks: one.tracks(),
            one,
            columns: vec![None; length],
            grid,
            last: None,
            goes_on,
        })
    }

    /// Makes a step's worth of it. Whether there is more.
    ///
    /// # Errors
    /// Not all that it takes is in memory.
    pub fn step(&mut self, feeds: &[Feed], history: &History<GapFacts>) -> Result<bool, Absent> {
        if self.goes_on {
            let mut made = Vec::new();
            let end_ns = self.grid.end_ns();
            let through = self.one.put_through(&mut self.ahead, end_ns, feeds, history, &mut made);
            made.into_iter().for_each(|made| self.add(made, history));
            self.goes_on = !through?;
        }
        Ok(self.goes_on)
    }

    fn add(&mut self, made: Sample, history: &History<GapFacts>) {
        let before = self.last.replace(made);
        let at_ns = match self.grid.axis {
            Axis::Source => made.time_ns,
            Axis::Arrival => made.arrival_ns,
        };
        let index = at_ns.div_euclid(self.grid.column_ns);
        let at = usize::try_from(index.saturating_sub(self.grid.from)).ok();
        let Some(column) = at.and_then(|at| self.columns.get_mut(at)) else { return };
        let value = made.value;
        let gap =
            before.is_some_and(|before| history.breaks(&self.tracks, before.time_ns, made.time_ns));
        match column {
            Some(column) => {
                column.min = column.min.min(value);
                column.max = column.max.max(value);
                column.last = value;
                column.count += 1;
                column.gap |= gap;
            }
            None => {
                let (first, min, max, last) = (value, value, value, value);
                *column = Some(Column { index, first, min, max, last, count: 1, gap });
            }
        }
    }

    /// As the answer to `view`, of one trace.
    pub fn answer(self, store: &Store) -> Vec<u8> {
        let facts = Facts {
            gaps: view::gaps(store, &self.one.traces(), &self.grid),
            late: view::late(store, &self.one.traces(), &self.grid),
            after_update: store.updates_made,
            latest: vec![self.last.map(|sample| sample.value)],
            begins_ms: vec![None],
        };
        let columns = self.columns.into_iter().flatten().collect();
        view::encode(&facts, &self.grid, &[columns])
    }
}

/// From where on it is made of no more samples than it may be.
fn begins(one: &One, from_ns: i64, to_ns: i64, history: &History<GapFacts>) -> Result<i64, Absent> {
    let column_ns = (to_ns.saturating_sub(from_ns) / PARTS).max(1);
    let first = from_ns.div_euclid(column_ns);
    let grid = Grid { axis: Axis::Source, column_ns, from: first, to: first + PARTS + 1 };
    let mut columns = Vec::new();
    for series in one.sources() {
        history.columns(series, &[], &grid, &mut columns)?;
    }
    columns.sort_by_key(|column| std::cmp::Reverse(column.index));
    let mut left = SAMPLES_MAX;
    let mut begins_ns = from_ns;
    for part in columns.chunk_by(|one, other| one.index == other.index) {
        let Some(index) = part.first().map(|column| column.index) else { continue };
        let count: u64 = part.iter().map(|column| column.count).sum();
        if count > left {
            // As if they came evenly.
            let share = left as f64 / count as f64;
            let end_ns = (index + 1).saturating_mul(column_ns).min(to_ns);
            begins_ns = end_ns.saturating_sub((column_ns as f64 * share) as i64);
            break;
        }
        left -= count;
    }
    Ok(begins_ns)
}
