//! Everything kept of all series, and any view of it.
//!
//! A [`History`] takes samples as they come, late ones too, within a budget of bytes, and answers
//! in columns: a pixel's worth of a series each, with exact edges, at a cost that follows the
//! width of the view rather than what lies under it. Gaps are part of the data: a column says
//! whether the line to it must break.
//!
//! It knows nothing of feeds, and has no clock. Times are nanoseconds since the Unix epoch.
//!
//! ```
//! # use feedscope_history::{Absent, Axis, Budget, Column, Grid, History, Sample};
//! let mut history = History::new(Budget { memory_bytes: 1 << 20, disk_bytes: None });
//! let series = history.add_series("temperature");
//! let track = history.add_track("cable");
//! for second in [1, 2, 3, 8, 9] {
//!     let time_ns = second * 1_000_000_000;
//!     history.push(series, Sample { time_ns, arrival_ns: time_ns, value: second as f64 });
//! }
//! history.add_gap(track, 3_000_000_000, 8_000_000_000, "the cable was out");
//!
//! let grid = Grid { axis: Axis::Source, column_ns: 4_000_000_000, from: 0, to: 3 };
//! let mut columns = Vec::new();
//! history.columns(series, &[track], &grid, &mut columns)?;
//! assert_eq!(
//!     columns,
//!     [
//!         Column { index: 0, first: 1.0, min: 1.0, max: 3.0, last: 3.0, count: 3, gap: false },
//!         Column { index: 2, first: 8.0, min: 8.0, max: 9.0, last: 9.0, count: 2, gap: true },
//!     ]
//! );
//! # Ok::<(), Absent>(())
//! ```

pub mod block;
mod body;
mod budget;
mod chunk;
mod edges;
mod extent;
mod history;
mod level;
mod moments;
mod reading;
mod save;
mod saving;
mod series;
mod sketch;
mod statistics;
pub mod store;
mod summary;
mod tail;
mod track;
mod view;

pub use extent::Extent;
pub use history::History;
pub use reading::Reading;
pub use save::{Absent, Body, ChunkKey, Contents, Head, Save, SeriesFacts, TrackFacts};
pub use statistics::Statistics;
pub use store::{Store, StoreError};
pub use track::{GAPS_MAX, Gap, GapId};

use serde::{Deserialize, Serialize};

/// A series of one [`History`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct SeriesId(pub u32);

/// A list of gaps of one [`History`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct TrackId(pub u32);

#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Sample {
    /// The source's time where it says one, else the arrival's.
    pub time_ns: i64,
    pub arrival_ns: i64,
    pub value: f64,
}

/// Which of its two times a sample stands at.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Axis {
    #[default]
    Source,
    /// Samples that arrived at the same moment stand in the order of their source's times.
    Arrival,
}

/// Columns of equal width, numbered from the Unix epoch: a sample is in the column of index
/// `floor(time / column_ns)`, where a `column_ns` below 1 counts as 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Grid {
    pub axis: Axis,
    pub column_ns: i64,
    pub from: i64,
    /// Exclusive.
    pub to: i64,
}

impl Grid {
    pub fn start_ns(&self) -> i64 {
        self.from.saturating_mul(self.column_ns)
    }

    pub fn end_ns(&self) -> i64 {
        self.to.saturating_mul(self.column_ns)
    }
}

/// What all samples may occupy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Budget {
    pub memory_bytes: usize,
    /// None: there is no disk, nothing outlives the history, and what does not fit the memory is
    /// dropped, the oldest first.
    pub disk_bytes: Option<u64>,
}

/// One pixel's worth of a series.
///
/// Values that are not finite are counted, but are none of the four; where a column has no
/// others, all four are NaN.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Column {
    /// Counted from the Unix epoch, in units of the column's width.
    pub index: i64,
    pub first: f64,
    pub min: f64,
    pub max: f64,
    pub last: f64,
    pub count: u64,
    /// A gap lies between the sample before this column and the column's last sample, so the line
    /// must break.
    pub gap: bool,
}
