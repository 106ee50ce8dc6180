//! The samples of a span: all of them, or some that are spread evenly.

use crate::api::Trouble;
use crate::feeds::GapFacts;
use feedscope_history::{Absent, Axis, Grid, History, Reading, Sample, SeriesId};

/// What can ask the history, a step at a time: it is locked within each, and not between them.
pub(crate) trait Steps {
    fn step<T>(
        &self,
        question: impl FnMut(&History<GapFacts>) -> Result<T, Absent>,
    ) -> Result<T, Trouble>;
}

/// Samples that an answer reads at most, so that it is exact: a million take 30 to 50 ms in all, and a
/// hundred thousand a tenth of that.
pub(crate) const EXACT_MAX: u64 = 1 << 20;

/// Samples read in one step: 3 to 6 ms under the lock.
const STEP_SAMPLES: u64 = 1 << 16;

/// Where there are too many, so many are read of as many slices: each a block, about. More would
/// each cost a body's way from the disk.
pub(crate) const SLICE_SAMPLES: u64 = 256;
pub(crate) const SLICES: u64 = 1 << 10;

/// Slices read in one step: their bodies are half a megabyte.
const STEP_SLICES: usize = 32;

/// How often a slice that has more than its share is cut again.
pub(crate) const CUTS_MAX: u32 = 4;

/// A span of an axis.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Within {
    pub axis: Axis,
    pub from_ns: i64,
    /// Inclusive.
    pub to_ns: i64,
}

impl Within {
    pub fn at(&self, sample: &Sample) -> i64 {
        match self.axis {
            Axis::Source => sample.time_ns,
            Axis::Arrival => sample.arrival_ns,
        }
    }

    pub fn holds(&self, sample: &Sample) -> bool {
        (self.from_ns..=self.to_ns).contains(&self.at(sample))
    }
}

/// Of how many samples of how many an answer is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Amount {
    pub counted: u64,
    pub total: u64,
}

/// Takes all samples of a span, if they are no more than `exact_max`, and otherwise about as many as
/// [`SLICES`] have, spread evenly.
pub(crate) fn read(
    steps: &impl Steps,
    series: SeriesId,
    within: &Within,
    exact_max: u64,
    mut take: impl FnMut(&Sample),
) -> Result<Amount, Trouble> {
    let Within { axis, from_ns, to_ns } = *within;
    let Some(extent) = steps.step(|history| history.extent(series, axis, from_ns, to_ns))? else {
        return Ok(Amount::default());
    };
    let mut counted = 0;
    let mut put = |samples: &[Sample]| {
        for sample in samples.iter().filter(|sample| within.holds(sample)) {
            counted += 1;
            take(sample);
        }
        counted
    };
    if extent.count <= exact_max {
        let mut reading = Reading::from(extent.first_ns);
        let mut left = extent.count;
        loop {
            let wanted = left.clamp(1, STEP_SAMPLES) as usize;
            let samples = next(steps, series, &mut reading, wanted)?;
            left = extent.count.saturating_sub(put(&samples));
            if samples.last().is_none_or(|last| last.time_ns > extent.last_ns) {
                break;
            }
        }
        // Some may have come since they were counted.
        return Ok(Amount { counted, total: counted });
    }
    let wanted = SLICES * SLICE_SAMPLES;
    let slices = slices(steps, series, (extent.first_ns, extent.last_ns), wanted, CUTS_MAX)?;
    for some in slices.chunks(STEP_SLICES) {
        let samples = steps.step(|history| read_slices(history, series, some))?;
        put(&samples);
    }
    Ok(Amount { counted, total: extent.count.max(counted) })
}

/// The next samples, about as many as are wanted; none if there are no more.
pub(crate) fn next(
    steps: &impl Steps,
    series: SeriesId,
    reading: &mut Reading,
    wanted: usize,
) -> Result<Vec<Sample>, Trouble> {
    let (next, samples) = steps.step(|history| {
        let (mut next, mut samples) = (*reading, Vec::new());
        history.samples(series, &mut next, wanted, &mut samples)?;
        Ok((next, samples))
    })?;
    *reading = next;
    Ok(samples)
}

/// A part of a span, by the source's times.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Slice {
    pub from_ns: i64,
    /// Inclusive.
    pub to_ns: i64,
    /// How many of its samples are its share.
    pub wanted: u64,
}

/// Slices of a span of the source's times that each have about [`SLICE_SAMPLES`] of all that are
/// `wanted`.
pub(crate) fn slices(
    steps: &impl Steps,
    series: SeriesId,
    (from_ns, to_ns): (i64, i64),
    wanted: u64,
    cuts: u32,
) -> Result<Vec<Slice>, Trouble> {
    let length = i128::from(to_ns) - i128::from(from_ns) + 1;
    let columns = i128::from((wanted / SLICE_SAMPLES).max(1));
    let column_ns = i64::try_from((length + columns - 1) / columns).unwrap_or(i64::MAX).max(1);
    let grid = Grid {
        axis: Axis::Source,
        column_ns,
        from: from_ns.div_euclid(column_ns),
        to: to_ns.div_euclid(column_ns).saturating_add(1),
    };
    let columns = steps.step(|history| {
        let mut columns = Vec::new();
        history.columns(series, &[], &grid, &mut columns).map(|()| columns)
    })?;
    let total: u64 = columns.iter().map(|column| column.count).sum();
    let mut slices = Vec::new();
    for column in columns {
        let start_ns = column.index.saturating_mul(column_ns);
        let slice = Slice {
            from_ns: start_ns.max(from_ns),
            to_ns: start_ns.saturating_add(column_ns - 1).min(to_ns),
            wanted: (u128::from(wanted) * u128::from(column.count) / u128::from(total.max(1)))
                as u64,
        };
        let is_large = slice.wanted >= 2 * SLICE_SAMPLES && slice.from_ns < slice.to_ns;
        if is_large && cuts > 0 {
            let span = (slice.from_ns, slice.to_ns);
            slices.extend(self::slices(steps, series, span, slice.wanted, cuts - 1)?);
        } else {
            slices.push(Slice { wanted: slice.wanted.max(1), ..slice });
        }
    }
    Ok(slices)
}

fn read_slices(
    history: &History<GapFacts>,
    series: SeriesId,
    slices: &[Slice],
) -> Result<Vec<Sample>, Absent> {
    let mut found = Vec::new();
    let mut absent = Vec::new();
    for slice in slices {
        let begins = found.len();
        let wanted = slice.wanted as usize;
        let mut reading = Reading::from(slice.from_ns);
        match history.samples(series, &mut reading, wanted, &mut found) {
            Ok(()) => {
                found.truncate(begins + wanted);
                let is_in = |sample: &Sample| sample.time_ns <= slice.to_ns;
                let end = begins + found[begins..].partition_point(is_in);
                found.truncate(end);
            }
            Err(Absent(keys)) => absent.extend(keys),
        }
    }
    absent.sort_unstable();
    absent.dedup();
    if absent.is_empty() { Ok(found) } else { Err(Absent(absent)) }
}
