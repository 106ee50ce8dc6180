//! How the values of a trace are distributed over time: in each column, how many are in each bin.
//!
//! The bytes: a head as [`crate::view`] has it, with [`HeatFacts`]; then `f64`s: `column_ms` and the
//! number of columns; for each of them its index, how many samples are in it, and of how many of
//! these the counts are; then for each of them a `u32` a bin. Only columns that have samples are
//! there.

use super::bins::{Place, Scale};
use super::head;
use super::reading::{Amount, EXACT_MAX, Steps, Within, read};
use crate::api::{Heat, Trouble};
use crate::view::{self, Found};
use serde::Serialize;
use ts_rs::TS;

const COLUMNS_MAX: u32 = 2_048;
const BINS_MAX: u32 = 256;

/// The JSON part of the answer.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, TS)]
pub struct HeatFacts {
    /// The bins are of equal width from here…
    pub least: f64,
    /// …to here; on a scale of factors if that was asked for.
    pub greatest: f64,
    pub bins: u32,
    /// Of so many samples the counts are, of `total` in all.
    pub counted: u64,
    pub total: u64,
}

/// What was found of the trace that is asked for, as bytes.
pub(crate) fn heat(
    steps: &impl Steps,
    asked: &Heat,
    found: Option<&Found>,
) -> Result<Vec<u8>, Trouble> {
    let columns = asked.columns.clamp(1, COLUMNS_MAX);
    let grid = view::grid(asked.axis, asked.from_ms, asked.to_ms, columns);
    let bins = asked.bins.clamp(1, BINS_MAX);
    let Some(found) = found else {
        let facts = HeatFacts { least: 0.0, greatest: 1.0, bins, counted: 0, total: 0 };
        return Ok(encode(&facts, grid.column_ns, &[], &[]));
    };
    let columns = steps.step(|history| {
        let mut columns = Vec::new();
        history.columns(found.series, &[], &grid, &mut columns).map(|()| columns)
    })?;
    let range = asked.range.or_else(|| {
        let known = columns.iter().filter(|column| column.min.is_finite());
        let positive = known.filter(|column| !asked.log || column.max > 0.0);
        // What is above zero in a column that goes below it is not known better.
        let least = |min: f64, max: f64| if asked.log && min <= 0.0 { max } else { min };
        positive
            .map(|column| (least(column.min, column.max), column.max))
            .reduce(|(least, greatest), (other, another)| (least.min(other), greatest.max(another)))
    });
    let is_range = |(least, greatest): &(f64, f64)| {
        least.is_finite()
            && greatest.is_finite()
            && least <= greatest
            && !(asked.log && *least <= 0.0)
    };
    let (least, greatest) = range.filter(is_range).unwrap_or((0.5, 1.5));
    let (least, greatest) =
        if least < greatest { (least, greatest) } else { super::bins::around(least, asked.log) };
    let placing = Scale { least, greatest, log: asked.log, bins }.placing();
    let within = Within {
        axis: grid.axis,
        from_ns: grid.start_ns(),
        to_ns: grid.end_ns().saturating_sub(1),
    };
    let wide = bins as usize;
    let mut cells = vec![0_u32; columns.len() * wide];
    let mut counted = vec![0_u64; columns.len()];
    let mut at = 0;
    let amount = read(steps, found.series, &within, EXACT_MAX, |sample| {
        let index = within.at(sample).div_euclid(grid.column_ns);
        // Nearly always it is the same as the last one's.
        if columns.get(at).is_none_or(|column| column.index != index) {
            match columns.binary_search_by_key(&index, |column| column.index) {
                Ok(found) => at = found,
                // It has come since.
                Err(_) => return,
            }
        }
        counted[at] += 1;
        if sample.value.is_finite()
            && let Place::In(bin) = placing.place(sample.value)
        {
            cells[at * wide + bin] += 1;
        }
    })?;
    let Amount { counted: of, total } = amount;
    let facts = HeatFacts { least, greatest, bins, counted: of, total };
    let heads: Vec<_> = columns
        .iter()
        .zip(counted)
        .map(|(column, counted)| {
            [column.index as f64, column.count.max(counted) as f64, counted as f64]
        })
        .collect();
    Ok(encode(&facts, grid.column_ns, &heads, &cells))
}

fn encode(facts: &HeatFacts, column_ns: i64, columns: &[[f64; 3]], cells: &[u32]) -> Vec<u8> {
    let mut bytes = head(facts);
    let numbers = [column_ns as f64 / 1e6, columns.len() as f64];
    for number in numbers.iter().chain(columns.iter().flatten()) {
        bytes.extend(number.to_le_bytes());
    }
    cells.iter().for_each(|count| bytes.extend(count.to_le_bytes()));
    bytes
}
