//! The answer to `watch` and `view`: columns as raw bytes.
//!
//! Little endian. A `u32` says how many bytes of JSON follow, [`Facts`] in UTF-8; zeros fill up to
//! a multiple of 8 bytes from the start; the rest is `f64`s: `column_ms`, the first column, the
//! one after the last, the number of traces; then for each trace the number of its columns and
//! for each column seven: index, sample count, first, min, max, last value, and 1 where the line
//! to it breaks. Only columns that have samples are there.

use crate::api::{self, Gap, LateSpan, Span, Trace};
use crate::feeds::Feed;
use crate::gaps::{lasting, told};
use crate::health;
use crate::store::Store;
use feedscope_feed::said;
use feedscope_history::{Absent, Axis, Column, Grid, SeriesId, TrackId};
use serde::Serialize;
use ts_rs::TS;

/// More columns than any screen has pixels.
pub const COLUMNS_MAX: u32 = 16_384;

/// Gaps told of at once; beyond, those that share a pixel are told as one.
pub const GAPS_MAX: usize = 500;

/// The JSON part of the answer.
#[derive(Clone, Debug, PartialEq, Serialize, TS)]
pub struct Facts {
    pub gaps: Vec<Gap>,
    /// What came late.
    pub late: Vec<LateSpan>,
    /// The number of the last update that was made before this answer: what that one or an
    /// earlier one says is older than the answer, even if it comes later.
    pub after_update: u64,
    /// The latest value of each trace.
    pub latest: Vec<Option<f64>>,
    /// Where the history of each trace begins, if what was before is no longer kept.
    pub begins_ms: Vec<Option<f64>>,
}

/// The columns of `from_ms..to_ms`, `columns` of them.
pub(crate) fn grid(axis: api::Axis, from_ms: f64, to_ms: f64, columns: u32) -> Grid {
    let columns = columns.clamp(1, COLUMNS_MAX);
    // `as` saturates, and makes 0 of NaN: nonsense gets an empty answer.
    let (from, to) = ((from_ms * 1e6) as i64, (to_ms * 1e6) as i64);
    let span = to.saturating_sub(from).max(1);
    let column_ns = (span / i64::from(columns)).max(1);
    let first = from.div_euclid(column_ns);
    Grid {
        axis: axis.into(),
        column_ns,
        from: first,
        to: first
            .saturating_add(i64::from(columns) + 1)
            .min(to.div_euclid(column_ns).saturating_add(1)),
    }
}

impl From<api::Axis> for Axis {
    fn from(axis: api::Axis) -> Axis {
        match axis {
            api::Axis::Source => Axis::Source,
            api::Axis::Arrival => Axis::Arrival,
        }
    }
}

/// A trace that has been found: its series, and the tracks whose gaps break it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Found {
    pub series: SeriesId,
    pub tracks: Vec<TrackId>,
}

/// Of each trace, what there is.
pub(crate) fn find_all(store: &Store, traces: &[Trace]) -> Vec<Option<Found>> {
    traces.iter().map(|trace| find(store, trace)).collect()
}

fn find(store: &Store, trace: &Trace) -> Option<Found> {
    if let Some((series, tracks)) = store.derived.find(trace) {
        return Some(Found { series, tracks });
    }
    let feed = store.feeds.iter().find(|feed| feed.id == trace.feed)?;
    let Some(channel) = feed.channel(&trace.channel) else {
        let series = feed.meter.series(&trace.path).filter(|_| trace.channel == health::CHANNEL)?;
        return Some(Found { series, tracks: vec![feed.track] });
    };
    let series = feed.shown(&trace.channel, &trace.path)?;
    Some(Found { series, tracks: vec![feed.track, channel.track] })
}

/// The columns of each trace, in their order.
///
/// # Errors
/// Not all that it takes is in memory.
pub(crate) fn columns<'a>(
    store: &Store,
    found: impl Iterator<Item = &'a Option<Found>>,
    grid: &Grid,
) -> Result<Vec<Vec<Column>>, Absent> {
    each(found, |found| columns_found(store, found, grid))
}

/// The columns of one trace.
///
/// # Errors
/// Not all that it takes is in memory.
pub(crate) fn columns_of(store: &Store, trace: &Trace, grid: &Grid) -> Result<Vec<Column>, Absent> {
    find(store, trace).map_or(Ok(Vec::new()), |found| columns_found(store, &found, grid))
}

fn columns_found(store: &Store, found: &Found, grid: &Grid) -> Result<Vec<Column>, Absent> {
    let mut columns = Vec::new();
    store.history.columns(found.series, &found.tracks, grid, &mut columns)?;
    Ok(columns)
}

/// What each trace comes to in a span.
///
/// # Errors
/// Not all that it takes is in memory.
pub(crate) fn statistics(store: &Store, span: &Span) -> Result<Vec<api::Statistics>, Absent> {
    let found = find_all(store, &span.traces);
    let (from_ns, to_ns) = ((span.from_ms * 1e6) as i64, (span.to_ms * 1e6) as i64);
    each(found.iter(), |found| {
        let statistics =
            store.history.statistics(found.series, span.axis.into(), from_ns, to_ns)?;
        let known = |value: f64| Some(value).filter(|value| value.is_finite());
        Ok(api::Statistics {
            count: statistics.count,
            min: known(statistics.min),
            max: known(statistics.max),
            mean: known(statistics.mean),
            std_dev: known(statistics.std_dev),
            p50: statistics.quantile(0.5),
            p95: statistics.quantile(0.95),
            p99: statistics.quantile(0.99),
            samples_per_second: statistics.rate(),
        })
    })
}

/// Asks for each of them, so that all that is absent is known at once.
fn each<'a, T: Default>(
    found: impl Iterator<Item = &'a Option<Found>>,
    ask: impl Fn(&Found) -> Result<T, Absent>,
) -> Result<Vec<T>, Absent> {
    let mut answers = Vec::new();
    let mut absent = Vec::new();
    for found in found {
        match found.as_ref().map(&ask).unwrap_or_else(|| Ok(T::default())) {
            Ok(answer) => answers.push(answer),
            Err(Absent(more)) => absent.extend(more),
        }
    }
    absent.sort_unstable();
    absent.dedup();
    if absent.is_empty() { Ok(answers) } else { Err(Absent(absent)) }
}

pub(crate) fn latest(store: &Store, found: &[Option<Found>]) -> Vec<Option<f64>> {
    let latest = |found: &Found| store.history.latest(found.series).map(|sample| sample.value);
    found.iter().map(|found| found.as_ref().and_then(latest)).collect()
}

/// Where what is kept of each trace begins.
pub(crate) fn begins(store: &Store, found: &[Option<Found>]) -> Vec<Option<f64>> {
    let begins = |found: &Found| store.history.begins(found.series);
    let begins = found.iter().map(|found| found.as_ref().and_then(begins));
    begins.map(|begins| begins.map(|begins| begins as f64 / 1e6)).collect()
}

/// The gaps that concern any of `traces` and touch the grid, by start.
pub(crate) fn gaps(store: &Store, traces: &[Trace], grid: &Grid) -> Vec<Gap> {
    let (from, to) = (grid.start_ns(), grid.end_ns());
    let traces = store.derived.spread(traces);
    let mut gaps = Vec::new();
    for feed in &store.feeds {
        let channels = channels_of(feed, &traces);
        if channels.is_empty() {
            continue;
        }
        let tracks = std::iter::once((None, feed.track)).chain(
            channels.into_iter().filter_map(|name| Some((Some(name), feed.channel(name)?.track))),
        );
        for (channel, track) in tracks {
            let of_track = store.history.gaps(std::slice::from_ref(&track), from, to);
            gaps.extend(of_track.map(|(_, gap)| told(feed, channel, gap)));
        }
        gaps.extend(lasting(feed).filter(|gap| gap.start_ms <= to as f64 / 1e6));
    }
    gaps.sort_by(|a, b| a.start_ms.total_cmp(&b.start_ms));
    let mut within_ms = grid.column_ns as f64 / 1e6;
    while gaps.len() > GAPS_MAX {
        gaps = joined(gaps, within_ms);
        within_ms *= 2.0;
    }
    gaps
}

/// What came late for any of `traces` within the grid.
pub(crate) fn late(store: &Store, traces: &[Trace], grid: &Grid) -> Vec<LateSpan> {
    let span = (grid.start_ns(), grid.end_ns());
    let traces = store.derived.spread(traces);
    let mut late = Vec::new();
    for feed in &store.feeds {
        let channels = channels_of(feed, &traces);
        if !channels.is_empty() {
            let within_ns = grid.column_ns.saturating_mul(2);
            feed.late.spans(&feed.id, &channels, &store.history, span, within_ns, &mut late);
        }
    }
    // The newest, where there are more than anyone can tell apart.
    late.sort_by(|a, b| b.start_ms.total_cmp(&a.start_ms));
    late.truncate(GAPS_MAX);
    late.reverse();
    late
}

/// The channels of a feed that are among `traces`, each once.
fn channels_of<'a>(feed: &Feed, traces: &'a [Trace]) -> Vec<&'a str> {
    let of_feed = traces.iter().filter(|trace| trace.feed == feed.id);
    let mut channels: Vec<&str> = of_feed.map(|trace| trace.channel.as_str()).collect();
    channels.sort_unstable();
    channels.dedup();
    channels
}

/// Gaps of one kind that are less than `within_ms` apart, as one.
fn joined(gaps: Vec<Gap>, within_ms: f64) -> Vec<Gap> {
    let mut joined: Vec<Gap> = Vec::new();
    for gap in gaps {
        let same = |other: &&mut Gap| {
            (other.cause, &other.feed, &other.channel) == (gap.cause, &gap.feed, &gap.channel)
        };
        match joined.iter_mut().rev().take(16).find(same) {
            Some(last) if last.end_ms.is_some_and(|end| gap.start_ms <= end + within_ms) => {
                last.end_ms = gap.end_ms.and_then(|end| last.end_ms.map(|other| other.max(end)));
                last.missing = match (last.missing, gap.missing) {
                    (None, None) => None,
                    (a, b) => Some(a.unwrap_or(0).saturating_add(b.unwrap_or(0))),
                };
                let story = match last.missing {
                    Some(count) => said!(
                        "gaps_missing",
                        "{count} messages did not come, in several gaps.",
                        count,
                    ),
                    None => {
                        said!("gaps_several", "Several gaps, too close to tell apart at this zoom.")
                    }
                };
                last.story = story.to_string();
                last.said = story.parts().to_vec();
            }
            _ => joined.push(gap),
        }
    }
    joined
}

/// All of an answer but for its columns. To be asked before them: what they are newer by, the next
/// update brings again.
pub(crate) fn facts(store: &Store, traces: &[Trace], grid: &Grid) -> Facts {
    let found = find_all(store, traces);
    Facts {
        gaps: gaps(store, traces, grid),
        late: late(store, traces, grid),
        after_update: store.updates_made,
        latest: latest(store, &found),
        begins_ms: begins(store, &found),
    }
}

/// The whole answer.
pub(crate) fn encode(facts: &Facts, grid: &Grid, traces: &[Vec<Column>]) -> Vec<u8> {
    let json = serde_json::to_vec(facts).unwrap_or_default();
    let columns: usize = traces.iter().map(Vec::len).sum();
    let mut bytes = Vec::with_capacity(json.len() + 64 + traces.len() * 8 + columns * 56);
    bytes.extend((json.len() as u32).to_le_bytes());
    bytes.extend(json);
    bytes.resize(bytes.len().next_multiple_of(8), 0);
    let mut put = |value: f64| bytes.extend(value.to_le_bytes());
    put(grid.column_ns as f64 / 1e6);
    put(grid.from as f64);
    put(grid.to as f64);
    put(traces.len() as f64);
    for columns in traces {
        put(columns.len() as f64);
        for column in columns {
            let (index, count, first, min, max, last, gap) = tuple(column);
            for value in [index, count, first, min, max, last, f64::from(gap)] {
                put(value);
            }
        }
    }
    bytes
}

/// A column as it crosses to the window.
pub(crate) fn tuple(column: &Column) -> api::Column {
    (
        column.index as f64,
        column.count as f64,
        column.first,
        column.min,
        column.max,
        column.last,
        u8::from(column.gap),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use feedscope_feed::Cause;

    fn gap(start_ms: f64, end_ms: f64) -> Gap {
        Gap {
            start_ms,
            end_ms: Some(end_ms),
            cause: Cause::Missing,
            feed: "f".into(),
            channel: Some("c".into()),
            missing: Some(2),
            story: "Messages 1 to 2 did not come.".into(),
            said: Vec::new(),
            came_after_all: None,
            replayed: false,
        }
    }

    #[test]
    fn a_grid_has_as_many_columns_as_asked_for() {
        let grid = grid(api::Axis::Source, 1_000.0, 61_000.0, 600);
        assert_eq!((grid.column_ns, grid.from, grid.to), (100_000_000, 10, 611));
    }

    #[test]
    fn nonsense_makes_a_small_grid() {
        let infinite = f64::INFINITY;
        for (from, to, columns) in [
            (f64::NAN, f64::NAN, 0),
            (0.0, -1.0, 800),
            (-infinite, infinite, u32::MAX),
            (infinite, infinite, 800),
            (1e300, 1e301, 800),
        ] {
            let grid = grid(api::Axis::Arrival, from, to, columns);
            assert!(grid.column_ns >= 1);
            assert!(grid.to.saturating_sub(grid.from) <= i64::from(COLUMNS_MAX) + 1, "{grid:?}");
        }
    }

    #[test]
    fn gaps_too_close_to_tell_apart_are_told_as_one() {
        let joined = joined(vec![gap(0.0, 1.0), gap(1.5, 2.0), gap(100.0, 101.0)], 1.0);
        assert_eq!(joined.len(), 2);
        assert_eq!((joined[0].start_ms, joined[0].end_ms), (0.0, Some(2.0)));
        assert_eq!(joined[0].missing, Some(4));
        assert_eq!(joined[0].story, "4 messages did not come, in several gaps.");
        assert_eq!(joined[1], gap(100.0, 101.0));
    }

    #[test]
    fn the_numbers_start_at_a_multiple_of_eight() {
        let facts = Facts {
            gaps: vec![],
            late: vec![],
            after_update: 7,
            latest: vec![Some(1.5)],
            begins_ms: vec![None],
        };
        let grid = Grid { axis: Axis::Source, column_ns: 2_000_000, from: 5, to: 9 };
        let column =
            Column { index: 6, first: 1.0, min: 0.5, max: 2.0, last: 1.5, count: 4, gap: true };
        let bytes = encode(&facts, &grid, &[vec![column]]);
        let json_len = u32::from_le_bytes(bytes[..4].try_into().unwrap()) as usize;
        let json = std::str::from_utf8(&bytes[4..4 + json_len]).unwrap();
        assert_eq!(
            json,
            r#"{"gaps":[],"late":[],"after_update":7,"latest":[1.5],"begins_ms":[null]}"#
        );
        let numbers: Vec<f64> = bytes[(4 + json_len).next_multiple_of(8)..]
            .chunks(8)
            .map(|chunk| f64::from_le_bytes(chunk.try_into().unwrap()))
            .collect();
        assert_eq!(numbers, [2.0, 5.0, 9.0, 1.0, 1.0, 6.0, 4.0, 1.0, 0.5, 2.0, 1.5, 1.0]);
    }
}
