//! One value against another: each sample of a trace with what `x` was at its moment.
//!
//! Those of one message, which have the same two times, belong together. Elsewhere it is the last
//! value of `x` that is known, unless a gap lies in between: then there is none.
//!
//! The bytes: a head as [`crate::view`] has it, with [`PairsFacts`]; then `f64`s: for each trace the
//! number of its pairs, and for each of these four: x, y, when in milliseconds, and 1 where a line to
//! it from the one before would cross a gap.

use super::reading::{CUTS_MAX, EXACT_MAX, SLICE_SAMPLES, Slice, Steps, Within, next, slices};
use super::{TRACES_MAX, head};
use crate::api::{Pairs, Trouble};
use crate::feeds::GapFacts;
use crate::view::Found;
use feedscope_history::{Absent, Extent, History, Reading, Sample, SeriesId, TrackId};
use serde::Serialize;
use ts_rs::TS;

/// More than can be told apart: 640 KB.
const PAIRS_MAX: u32 = 20_000;

/// Samples read, and pairs looked at, in one step.
const STEP_SAMPLES: usize = 1 << 14;

/// Slices of which a pair each is looked for in one step.
const STEP_SLICES: usize = 64;

/// Samples of one moment among which that of the same message is looked for.
const MOMENT_SAMPLES: usize = 32;

/// The JSON part of the answer.
#[derive(Clone, Debug, PartialEq, Serialize, TS)]
pub struct PairsFacts {
    /// In the order of the traces.
    pub traces: Vec<PairedTrace>,
}

/// How much of a trace there is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, TS)]
pub struct PairedTrace {
    /// So many samples were put against `x`, evenly spread over `total`, which are all.
    pub counted: u64,
    pub total: u64,
    /// Of those that were counted, so many have no pair: nothing is known of `x` at their moment, or
    /// one of the two is not finite.
    pub alone: u64,
}

/// `x` as it was found, and since when its feed is out, if it is.
#[derive(Clone, Debug)]
pub(crate) struct FoundX {
    pub found: Found,
    pub out_since_ns: Option<i64>,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Pair {
    pub x: f64,
    pub y: f64,
    pub at_ns: i64,
    /// By the source's time.
    time_ns: i64,
    pub gap: bool,
}

/// What was found of `x` and of each trace that is asked for, as bytes.
pub(crate) fn pairs(
    steps: &impl Steps,
    asked: &Pairs,
    x: Option<&FoundX>,
    traces: &[Option<Found>],
) -> Result<Vec<u8>, Trouble> {
    let traces = &traces[..traces.len().min(TRACES_MAX)];
    let most = u64::from(asked.most.clamp(1, PAIRS_MAX));
    let pairing = Pairing {
        within: Within {
            axis: asked.axis.into(),
            from_ns: (asked.from_ms * 1e6) as i64,
            to_ns: (asked.to_ms * 1e6) as i64,
        },
        most: (most / traces.len().max(1) as u64).max(1),
        exact_max: EXACT_MAX / (2 * traces.len().max(1) as u64),
    };
    let mut found = Vec::new();
    for trace in traces {
        found.push(match (x, trace) {
            (Some(x), Some(y)) => pairing.pairs(steps, x, y)?,
            _ => (PairedTrace::default(), Vec::new()),
        });
    }
    let facts = PairsFacts { traces: found.iter().map(|(facts, _)| *facts).collect() };
    let mut bytes = head(&facts);
    for (_, pairs) in &found {
        bytes.extend((pairs.len() as f64).to_le_bytes());
        for Pair { x, y, at_ns, gap, .. } in pairs {
            for number in [*x, *y, *at_ns as f64 / 1e6, f64::from(u8::from(*gap))] {
                bytes.extend(number.to_le_bytes());
            }
        }
    }
    Ok(bytes)
}

#[derive(Clone, Copy, Debug)]
pub(super) struct Pairing {
    pub within: Within,
    pub most: u64,
    /// So many samples of a series are read at most.
    pub exact_max: u64,
}

impl Pairing {
    pub fn pairs(
        &self,
        steps: &impl Steps,
        x: &FoundX,
        y: &Found,
    ) -> Result<(PairedTrace, Vec<Pair>), Trouble> {
        let Within { axis, from_ns, to_ns } = self.within;
        let Some(extent) = steps.step(|history| history.extent(y.series, axis, from_ns, to_ns))?
        else {
            return Ok(Default::default());
        };
        let Extent { first_ns, last_ns, count } = extent;
        let of_x = steps.step(|history| {
            history.extent(x.found.series, feedscope_history::Axis::Source, first_ns, last_ns)
        })?;
        let x_count = of_x.map_or(0, |extent| extent.count);
        let (mut facts, mut pairs) = if count.max(x_count) <= self.exact_max {
            self.all(steps, x, y, extent, x_count)?
        } else {
            self.some(steps, x, y, extent)?
        };
        facts.total = facts.total.max(facts.counted);
        let mut tracks = [&x.found.tracks[..], &y.tracks].concat();
        tracks.sort_unstable();
        tracks.dedup();
        mark_gaps(steps, &tracks, &mut pairs)?;
        Ok((facts, pairs))
    }

    /// Reads all of both, and takes every so-manyth sample where there are more than are wanted.
    fn all(
        &self,
        steps: &impl Steps,
        x: &FoundX,
        y: &Found,
        Extent { count, first_ns, last_ns }: Extent,
        x_count: u64,
    ) -> Result<(PairedTrace, Vec<Pair>), Trouble> {
        let every = count.div_ceil(self.most).max(1);
        let mut facts = PairedTrace::default();
        let mut pairs = Vec::new();
        let mut held = Held::before(steps, x, first_ns)?;
        let mut xs = Ahead::new(x.found.series, first_ns, x_count);
        let mut reading = Reading::from(first_ns);
        let mut left = count;
        loop {
            let wanted = left.clamp(1, STEP_SAMPLES as u64) as usize;
            let ys = next(steps, y.series, &mut reading, wanted)?;
            left = left.saturating_sub(ys.len() as u64);
            let is_over = ys.last().is_none_or(|last| last.time_ns > last_ns);
            let mut asked = Vec::new();
            for y in ys.iter().filter(|y| self.within.holds(y)) {
                // Counted from the end of the span, so that the latest is always one of them.
                let is_taken = (count - 1).saturating_sub(facts.total).is_multiple_of(every);
                facts.total += 1;
                if is_taken {
                    asked.push((*y, held.at(steps, &mut xs, y)?));
                }
            }
            facts.counted += asked.len() as u64;
            let made = steps.step(|history| Ok(self.made(history, x, &asked)))?;
            facts.alone += (asked.len() - made.len()) as u64;
            pairs.extend(made);
            if is_over {
                return Ok((facts, pairs));
            }
        }
    }

    /// Takes a sample of each of many slices, and looks for what belongs to it.
    fn some(
        &self,
        steps: &impl Steps,
        x: &FoundX,
        y: &Found,
        Extent { count, first_ns, last_ns }: Extent,
    ) -> Result<(PairedTrace, Vec<Pair>), Trouble> {
        let wanted = self.most * SLICE_SAMPLES;
        let mut slices = slices(steps, y.series, (first_ns, last_ns), wanted, CUTS_MAX)?;
        // The latest is one of them, too.
        slices.push(Slice { from_ns: last_ns, to_ns: last_ns, wanted: 1 });
        let mut facts = PairedTrace { total: count, ..PairedTrace::default() };
        let mut pairs = Vec::new();
        for some in slices.chunks(STEP_SLICES) {
            let (asked, made) = steps.step(|history| {
                let asked = sampled(history, x, y, some)?;
                let asked: Vec<_> =
                    asked.into_iter().filter(|(y, _)| self.within.holds(y)).collect();
                let made = self.made(history, x, &asked);
                Ok((asked.len(), made))
            })?;
            facts.counted += asked as u64;
            facts.alone += (asked - made.len()) as u64;
            pairs.extend(made);
        }
        Ok((facts, pairs))
    }

    /// The pairs of samples with what `x` was at their moments, where that is known.
    fn made(
        &self,
        history: &History<GapFacts>,
        x: &FoundX,
        asked: &[(Sample, Option<Sample>)],
    ) -> Vec<Pair> {
        let is_out = |x_ns: i64, y_ns: i64| {
            x.out_since_ns.is_some_and(|since_ns| since_ns < y_ns && x_ns <= since_ns)
        };
        let made = asked.iter().filter_map(|(y, known)| {
            let known = (*known)?;
            let is_held = known.time_ns < y.time_ns;
            let is_known = y.value.is_finite()
                && known.value.is_finite()
                && !(is_held
                    && (history.breaks(&x.found.tracks, known.time_ns, y.time_ns)
                        || is_out(known.time_ns, y.time_ns)));
            is_known.then(|| Pair {
                x: known.value,
                y: y.value,
                at_ns: self.within.at(y),
                time_ns: y.time_ns,
                gap: false,
            })
        });
        made.collect()
    }
}

/// Says which pairs a line must not lead to.
fn mark_gaps(steps: &impl Steps, tracks: &[TrackId], pairs: &mut [Pair]) -> Result<(), Trouble> {
    let mut before_ns = None;
    for some in pairs.chunks_mut(STEP_SAMPLES) {
        before_ns = steps.step(|history| {
            let mut before_ns: Option<i64> = before_ns;
            for pair in some.iter_mut() {
                pair.gap = before_ns
                    .is_some_and(|before_ns| history.breaks(tracks, before_ns, pair.time_ns));
                before_ns = Some(pair.time_ns);
            }
            Ok(before_ns)
        })?;
    }
    Ok(())
}

/// The samples of `x`, read as far as is needed.
struct Ahead {
    series: SeriesId,
    reading: Reading,
    read: std::vec::IntoIter<Sample>,
    /// How many there were to be read when they were counted.
    left: u64,
    is_over: bool,
}

impl Ahead {
    fn new(series: SeriesId, from_ns: i64, left: u64) -> Self {
        let read = Vec::new().into_iter();
        Ahead { series, reading: Reading::from(from_ns), read, left, is_over: false }
    }

    fn peek(&mut self, steps: &impl Steps) -> Result<Option<Sample>, Trouble> {
        if self.read.as_slice().is_empty() && !self.is_over {
            let wanted = self.left.clamp(1, STEP_SAMPLES as u64) as usize;
            let read = next(steps, self.series, &mut self.reading, wanted)?;
            self.left = self.left.saturating_sub(read.len() as u64);
            self.is_over = read.is_empty();
            self.read = read.into_iter();
        }
        Ok(self.read.as_slice().first().copied())
    }
}

/// What is known of `x` while its samples pass.
struct Held {
    last: Option<Sample>,
}

impl Held {
    fn before(steps: &impl Steps, x: &FoundX, before_ns: i64) -> Result<Self, Trouble> {
        let last = steps.step(|history| history.last_before(x.found.series, before_ns))?;
        Ok(Held { last })
    }

    /// What `x` was at the moment of a sample; the samples come in the order of their times.
    fn at(
        &mut self,
        steps: &impl Steps,
        xs: &mut Ahead,
        y: &Sample,
    ) -> Result<Option<Sample>, Trouble> {
        let moment = (y.time_ns, y.arrival_ns);
        while let Some(x) = xs.peek(steps)? {
            let at = (x.time_ns, x.arrival_ns);
            if at > moment {
                break;
            }
            xs.read.next();
            if x.value.is_finite() {
                self.last = Some(x);
            }
            // Of several messages at one moment, each has its own.
            if at == moment {
                break;
            }
        }
        Ok(self.last)
    }
}

/// The first sample of each slice, and what `x` was at its moment.
fn sampled(
    history: &History<GapFacts>,
    x: &FoundX,
    y: &Found,
    slices: &[Slice],
) -> Result<Vec<(Sample, Option<Sample>)>, Absent> {
    let mut found = Vec::new();
    let mut absent = Vec::new();
    for slice in slices {
        match first_of(history, x, y, slice) {
            Ok(pair) => found.extend(pair),
            Err(Absent(keys)) => absent.extend(keys),
        }
    }
    absent.sort_unstable();
    absent.dedup();
    if absent.is_empty() { Ok(found) } else { Err(Absent(absent)) }
}

fn first_of(
    history: &History<GapFacts>,
    x: &FoundX,
    y: &Found,
    slice: &Slice,
) -> Result<Option<(Sample, Option<Sample>)>, Absent> {
    let mut samples = Vec::new();
    history.samples(y.series, &mut Reading::from(slice.from_ns), 1, &mut samples)?;
    let Some(y) = samples.first().copied().filter(|y| y.time_ns <= slice.to_ns) else {
        return Ok(None);
    };
    let series = x.found.series;
    samples.clear();
    history.samples(series, &mut Reading::from(y.time_ns), MOMENT_SAMPLES, &mut samples)?;
    let moment = (y.time_ns, y.arrival_ns);
    let same = samples.iter().find(|x| (x.time_ns, x.arrival_ns) == moment && x.value.is_finite());
    if let Some(same) = same {
        return Ok(Some((y, Some(*same))));
    }
    let until = samples.iter().take_while(|x| (x.time_ns, x.arrival_ns) < moment);
    if let Some(last) = until.filter(|x| x.value.is_finite()).last() {
        return Ok(Some((y, Some(*last))));
    }
    Ok(Some((y, history.last_before(series, y.time_ns)?)))
}
