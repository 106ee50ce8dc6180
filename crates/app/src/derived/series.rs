//! All derived series of the application: what each is, what it listens to, and how far it is.
//!
//! A new one is first made of what the history has of its inputs, in the order of time, a step at a
//! time; what comes meanwhile goes to the history, where it finds it. Once there is no more, it
//! listens, within the same step, so that nothing falls between.

use super::machine::Derived;
use super::plan::INPUTS_MAX;
use super::text::Fault;
use super::{FEED, read};
use crate::api::{self, DerivedInput, DerivedSeries, DerivedState, FeedValues, Trace, Trouble};
use crate::feeds::{Feed, GapFacts};
use crate::names;
use feedscope_feed::{Record, Said, Time, said};
use feedscope_history::{Absent, History, Reading, Sample, SeriesId, TrackId};
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::collections::{BTreeMap, HashSet, VecDeque};
use std::sync::Arc;
use tokio::sync::Notify;

/// Derived series at once.
const SERIES_MAX: usize = 256;
/// The id of one that is proposed names its fields: two of them must not become one.
const ID_CHARS_MAX: usize = 200;

/// Samples read of an input at once, and put through in one step: a millisecond, in which nobody
/// else gets at the history.
const READ: usize = 1_024;
const STEP: usize = 4_096;

/// The fact of the history that says what derived series were made of, when it was saved.
const FACT: &str = "derived";

/// What the history remembers of the derived series in it that are whole, by their ids.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Remembered(BTreeMap<String, RememberedOne>);

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct RememberedOne {
    /// [`One::of`]: where that is another now, what is there is of no use.
    of: String,
    /// [`Derived::sums`].
    sums: Vec<f64>,
}

impl Remembered {
    /// One that cannot be read costs that the series are made anew.
    pub fn find(facts: &[(String, Vec<u8>)]) -> Self {
        let fact = facts.iter().find(|(name, _)| name == FACT);
        fact.and_then(|(_, json)| serde_json::from_slice(json).ok()).unwrap_or_default()
    }
}

#[derive(Default)]
pub(crate) struct Deriving {
    list: Vec<One>,
    /// Who listens to a series, by its id.
    links: Vec<Vec<Link>>,
    /// The feeds, by their numbers, that anybody listens to.
    feeds: Vec<u64>,
    numbers: u32,
    /// Changes with all that windows are told.
    version: u64,
    /// There is something to catch up with.
    pub wanted: Arc<Notify>,
}

#[derive(Clone, Copy, Debug)]
struct Link {
    one: usize,
    input: usize,
}

/// One derived series.
pub(super) struct One {
    what: DerivedSeries,
    number: u32,
    series: SeriesId,
    /// What decides on its values: its expression, and what is bound to the names that it uses.
    of: String,
    /// `None` if the expression cannot be read, which a file may say.
    machine: Option<Derived>,
    inputs: Vec<Bound>,
    phase: Phase,
    /// Of the past, how many samples have been put through, and how many there were.
    past: (u64, u64),
    /// How many samples it had when its value was last told.
    told: Option<u64>,
}

/// An input, and what it was found to be.
struct Bound {
    to: DerivedInput,
    found: Option<Found>,
}

#[derive(Clone, Copy, Debug)]
struct Found {
    series: SeriesId,
    /// Whose gaps are its gaps.
    tracks: [TrackId; 2],
    feed: u64,
}

enum Phase {
    /// For an input that is not there yet. What it has made before may be whole.
    Waiting {
        is_whole: bool,
    },
    CatchingUp(Vec<Ahead>),
    /// Of what comes. What it has made before may not be whole.
    Live {
        is_whole: bool,
    },
}

/// What has been read of an input, and not been put through.
pub(super) struct Ahead {
    reading: Reading,
    samples: VecDeque<Sample>,
}

impl One {
    /// With nothing found yet.
    pub fn new(what: DerivedSeries, number: u32, series: SeriesId) -> One {
        let plan = read(&what.expression, &what.inputs).ok();
        let names = plan.iter().flat_map(|plan| &plan.inputs).take(INPUTS_MAX);
        let bound = names.filter_map(|name| Some((name.clone(), what.inputs.get(name)?.clone())));
        let bound: Vec<(String, DerivedInput)> = bound.collect();
        // Text is always JSON.
        let of = serde_json::to_string(&(&what.expression, &bound)).unwrap_or_default();
        let inputs = bound.into_iter().map(|(_, to)| Bound { to, found: None }).collect();
        let machine = plan.map(Derived::new);
        let phase = Phase::Waiting { is_whole: false };
        One { what, number, series, of, machine, inputs, phase, past: (0, 0), told: None }
    }

    fn told(&self) -> api::Derived {
        let state = match (&self.machine, &self.phase) {
            (None, _) => DerivedState::Faulty,
            (_, Phase::Waiting { .. }) => DerivedState::Waiting,
            (_, Phase::CatchingUp(_)) => DerivedState::CatchingUp,
            (_, Phase::Live { .. }) => DerivedState::Live,
        };
        let made_percent = self.made_percent();
        api::Derived { number: self.number, state, made_percent, series: self.what.clone() }
    }

    /// How much of the past is made.
    fn made_percent(&self) -> u8 {
        match (&self.phase, self.past) {
            (Phase::CatchingUp(_), (done, whole)) if whole > 0 => {
                (done * 100 / whole).min(99) as u8
            }
            (Phase::CatchingUp(_) | Phase::Waiting { is_whole: false }, _) => 0,
            _ => 100,
        }
    }

    /// The fields that it is made of.
    pub fn traces(&self) -> Vec<Trace> {
        let trace = |Bound { to, .. }: &Bound| Trace {
            feed: to.feed.clone(),
            channel: to.channel.clone(),
            path: to.path.clone(),
            ..Trace::default()
        };
        self.inputs.iter().map(trace).collect()
    }

    /// The series of those that were found.
    pub fn sources(&self) -> impl Iterator<Item = SeriesId> {
        self.inputs.iter().filter_map(|bound| Some(bound.found?.series))
    }

    /// Whose gaps are its gaps.
    pub fn tracks(&self) -> Vec<TrackId> {
        let found = self.inputs.iter().filter_map(|bound| bound.found);
        let mut tracks: Vec<TrackId> = found.flat_map(|found| found.tracks).collect();
        tracks.sort_unstable();
        tracks.dedup();
        tracks
    }

    /// With nothing read of any input yet of what comes before a moment.
    pub fn ahead(&self, from_ns: i64) -> Vec<Ahead> {
        let nothing = || Ahead { reading: Reading::from(from_ns), samples: VecDeque::new() };
        self.inputs.iter().map(|_| nothing()).collect()
    }

    /// It is as this says from now on, and begins anew where it is made of something else.
    fn set(&mut self, what: DerivedSeries, history: &mut History<GapFacts>) {
        self.what = what;
        if self.of != One::new(self.what.clone(), self.number, self.series).of {
            self.reset(history);
        }
    }

    /// Begins anew, with nothing.
    fn reset(&mut self, history: &mut History<GapFacts>) {
        history.clear_series(self.series);
        let told = self.told;
        *self = One { told, ..One::new(self.what.clone(), self.number, self.series) };
    }

    /// Looks for what it waits for. True if it has found it all.
    pub fn resolve(&mut self, feeds: &[Feed]) -> bool {
        let Phase::Waiting { is_whole } = self.phase else { return false };
        for bound in self.inputs.iter_mut().filter(|bound| bound.found.is_none()) {
            bound.found = find(feeds, &bound.to);
        }
        let has_all = self.inputs.iter().all(|bound| bound.found.is_some());
        if !has_all || self.machine.is_none() {
            return false;
        }
        self.past = (0, 0);
        self.phase = match is_whole {
            true => Phase::Live { is_whole },
            false => Phase::CatchingUp(self.ahead(i64::MIN)),
        };
        true
    }

    /// Takes a sample of an input.
    fn take(
        &mut self,
        input: usize,
        sample: Sample,
        feeds: &[Feed],
        history: &mut History<GapFacts>,
    ) {
        if let Some(made) = self.make(input, sample, feeds, history) {
            history.push(self.series, made);
        }
    }

    /// What comes of a sample of an input.
    fn make(
        &mut self,
        input: usize,
        sample: Sample,
        feeds: &[Feed],
        history: &History<GapFacts>,
    ) -> Option<Sample> {
        let machine = self.machine.as_mut()?;
        if !machine.is_plain() {
            for (at, bound) in self.inputs.iter().enumerate() {
                if let Some(found) = &bound.found
                    && machine.holds(at)
                    && let Some(last_ns) = machine.latest_ns(at)
                    && last_ns < sample.time_ns
                    && (history.breaks(&found.tracks, last_ns, sample.time_ns)
                        || at != input && is_out(feeds, found.feed, sample.time_ns))
                {
                    machine.gap(at);
                }
            }
        }
        machine.push(input, sample)
    }

    /// Puts a step's worth of the past through. True if there is no more of it.
    fn catch_up(
        &mut self,
        feeds: &[Feed],
        history: &mut History<GapFacts>,
    ) -> Result<bool, Absent> {
        let Phase::CatchingUp(ahead) = &mut self.phase else { return Ok(true) };
        let mut ahead = std::mem::take(ahead);
        if self.past.1 == 0 {
            self.past.1 = self.sources().map(|series| history.sample_count(series)).sum();
        }
        let mut made = Vec::new();
        let caught_up = self.put_through(&mut ahead, i64::MAX, feeds, history, &mut made);
        made.into_iter().for_each(|made| history.push(self.series, made));
        self.phase = Phase::CatchingUp(ahead);
        caught_up
    }

    /// Puts a step's worth of what was read through, up to a moment, and reads on. True if there is
    /// no more of it. What comes of it is added to `made`.
    pub fn put_through(
        &mut self,
        ahead: &mut [Ahead],
        until_ns: i64,
        feeds: &[Feed],
        history: &History<GapFacts>,
        made: &mut Vec<Sample>,
    ) -> Result<bool, Absent> {
        let mut are_over = [false; INPUTS_MAX];
        let mut read = Vec::new();
        for count in 0..STEP {
            let mut absent = Vec::new();
            for ((ahead, bound), is_over) in ahead.iter_mut().zip(&self.inputs).zip(&mut are_over) {
                let Some(found) = bound.found.filter(|_| ahead.samples.is_empty() && !*is_over)
                else {
                    continue;
                };
                match history.samples(found.series, &mut ahead.reading, READ, &mut read) {
                    Ok(()) => {
                        *is_over = read.is_empty();
                        ahead.samples.extend(read.drain(..));
                    }
                    Err(Absent(keys)) => absent.extend(keys),
                }
            }
            if !absent.is_empty() {
                return if count > 0 { Ok(false) } else { Err(Absent(absent)) };
            }
            // Of those of one time and one arrival, in the order in which the fields were found: so
            // they mostly stand in their records, and so they come.
            let next = ahead.iter().zip(&self.inputs).enumerate();
            let next = next.filter_map(|(input, (ahead, bound))| {
                let found = bound.found?;
                let sample = ahead.samples.front()?;
                Some((sample.time_ns, sample.arrival_ns, found.series, input))
            });
            let Some((time_ns, .., input)) = next.min() else { return Ok(true) };
            if time_ns > until_ns {
                return Ok(true);
            }
            if let Some(sample) = ahead[input].samples.pop_front() {
                self.past.0 += 1;
                made.extend(self.make(input, sample, feeds, history));
            }
        }
        Ok(false)
    }
}

fn find(feeds: &[Feed], input: &DerivedInput) -> Option<Found> {
    let feed = feeds.iter().find(|feed| feed.id == input.feed)?;
    let channel = feed.channel(&input.channel)?;
    let series = feed.series(&input.channel, &input.path)?;
    Some(Found { series, tracks: [feed.track, channel.track], feed: feed.number })
}

/// Whether something lasts at that moment because of which a feed's values are not known.
fn is_out(feeds: &[Feed], number: u64, at_ns: i64) -> bool {
    let feed = feeds.iter().find(|feed| feed.number == number);
    feed.and_then(|feed| feed.open_gap.as_ref()).is_some_and(|gap| gap.start.0 < at_ns)
}

/// Of no feed that there can be: URLs are not empty.
fn feed_name() -> String {
    names::feed(FEED, "")
}

fn series_name(id: &str) -> String {
    names::field(&feed_name(), "", None, id)
}

impl Deriving {
    /// What is in the file, as far as the history has it.
    pub fn open(
        list: Vec<DerivedSeries>,
        remembered: &Remembered,
        history: &mut History<GapFacts>,
        wanted: Arc<Notify>,
    ) -> Deriving {
        let mut deriving =
            Deriving { version: u64::from(!list.is_empty()), wanted, ..Deriving::default() };
        let mut ids = HashSet::new();
        for what in list.into_iter().take(SERIES_MAX) {
            if what.id.is_empty() || !ids.insert(what.id.clone()) {
                continue;
            }
            let series = history.add_series(&series_name(&what.id));
            let id = what.id.clone();
            let mut one = One::new(what, deriving.number(), series);
            match (remembered.0.get(&id), &mut one.machine) {
                (Some(was), Some(machine)) if was.of == one.of => {
                    machine.set_sums(&was.sums);
                    one.phase = Phase::Waiting { is_whole: true };
                }
                _ => history.clear_series(series),
            }
            deriving.list.push(one);
        }
        let feed = feed_name();
        let is_gone = |name: &str| {
            names::parts(name).is_some_and(|of| of.feed == feed && !ids.contains(&of.path))
        };
        let series = history.series();
        let gone: Vec<_> =
            series.filter(|(name, _)| is_gone(name)).map(|(_, series)| series).collect();
        gone.into_iter().for_each(|series| history.remove_series(series));
        deriving
    }

    fn number(&mut self) -> u32 {
        self.numbers += 1;
        self.numbers - 1
    }

    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// The inputs of each: its id, the input's name, and the feed that it is of.
    pub fn feeds_named(&self) -> impl Iterator<Item = (&str, &str, &str)> {
        self.list.iter().flat_map(|One { what, .. }| {
            let inputs = what.inputs.iter();
            inputs.map(|(name, to)| (what.id.as_str(), name.as_str(), to.feed.as_str()))
        })
    }

    /// Those of these inputs, by the ids of their series and their names, that are of a feed are of
    /// another from now on; what was made of them is made anew. False if none is.
    pub fn move_inputs(
        &mut self,
        inputs: &[(String, String)],
        from: &str,
        to: &str,
        feeds: &[Feed],
        history: &mut History<GapFacts>,
    ) -> bool {
        let mut has_moved = false;
        for one in &mut self.list {
            let mut what = one.what.clone();
            for (_, name) in inputs.iter().filter(|(series, _)| *series == what.id) {
                if let Some(input) = what.inputs.get_mut(name)
                    && input.feed == from
                {
                    to.clone_into(&mut input.feed);
                }
            }
            if what != one.what {
                one.set(what, history);
                has_moved = true;
            }
        }
        if has_moved {
            self.resolve(feeds);
            self.relink();
        }
        has_moved
    }

    /// As they are to be kept in the file.
    pub fn list(&self) -> Vec<DerivedSeries> {
        self.list.iter().map(|one| one.what.clone()).collect()
    }

    /// As the window is told of them.
    pub fn all(&self) -> Vec<api::Derived> {
        self.list.iter().map(One::told).collect()
    }

    /// What a window was told of that is not of this, is old.
    pub fn version(&self) -> u64 {
        self.version
    }

    /// What a window does not know yet that was `told` of as of a version.
    pub fn news(&self, told: &mut u64) -> Option<Vec<api::Derived>> {
        let has_news = std::mem::replace(told, self.version) != self.version;
        has_news.then(|| self.all())
    }

    /// As the history is to remember them.
    pub fn fact(&self) -> (String, Vec<u8>) {
        let whole = |one: &One| match (&one.machine, &one.phase) {
            (Some(machine), Phase::Live { is_whole: true } | Phase::Waiting { is_whole: true }) => {
                let sums = machine.sums().into_iter();
                // One that overflowed has no way back, and no JSON.
                let sums = sums.map(|sum| if sum.is_finite() { sum } else { 0.0 }).collect();
                Some((one.what.id.clone(), RememberedOne { of: one.of.clone(), sums }))
            }
            _ => None,
        };
        let all = Remembered(self.list.iter().filter_map(whole).collect());
        (FACT.to_owned(), serde_json::to_vec(&all).unwrap_or_default())
    }

    /// Makes a series of an expression, or another one of the series of that id.
    ///
    /// # Errors
    /// The expression cannot be read, or there are too many.
    pub fn set(
        &mut self,
        mut what: DerivedSeries,
        feeds: &[Feed],
        history: &mut History<GapFacts>,
    ) -> Result<api::Derived, Trouble> {
        // There is one, or it would have been read.
        let first =
            read(&what.expression, &what.inputs).err().unwrap_or_default().into_iter().next();
        if let Some(Fault { code, what, advice, .. }) = first {
            return Err(trouble(code, what, advice));
        }
        let known = self.list.iter().position(|one| one.what.id == what.id);
        let at = match known {
            Some(at) => {
                self.list[at].set(what, history);
                at
            }
            None => {
                if self.list.len() == SERIES_MAX {
                    let what = said!(
                        "trouble_derived_max",
                        "There are {count} derived series already.",
                        count = SERIES_MAX,
                    );
                    let advice = said!("advice_feeds_max", "Remove one that is not needed.");
                    return Err(trouble("derived-max", what, advice));
                }
                what.id = self.id(&what);
                let series = history.add_series(&series_name(&what.id));
                history.clear_series(series);
                let one = One::new(what, self.number(), series);
                self.list.push(one);
                self.list.len() - 1
            }
        };
        self.resolve(feeds);
        // The links to one that was reset.
        self.relink();
        Ok(self.list[at].told())
    }

    /// One that no other has: as it is asked for, or as it is called.
    fn id(&self, what: &DerivedSeries) -> String {
        let wanted = if what.id.is_empty() { &what.name } else { &what.id };
        let base = id_of(wanted);
        let is_free = |id: &String| self.list.iter().all(|one| one.what.id != *id);
        let numbered = (2..).map(|number| format!("{base}-{number}"));
        std::iter::once(base.clone()).chain(numbered).find(is_free).unwrap_or_default()
    }

    /// Forgets a series and all that was made of it. False if there is none.
    pub fn remove(&mut self, id: &str, history: &mut History<GapFacts>) -> bool {
        let Some(at) = self.list.iter().position(|one| one.what.id == id) else { return false };
        history.remove_series(self.list.remove(at).series);
        self.relink();
        true
    }

    /// A feed is gone, and all that came of it: so is what was made of that.
    pub fn feed_is_gone(&mut self, number: u64, history: &mut History<GapFacts>) {
        let of_it = |bound: &Bound| bound.found.is_some_and(|found| found.feed == number);
        for one in self.list.iter_mut().filter(|one| one.inputs.iter().any(of_it)) {
            one.reset(history);
        }
        self.relink();
    }

    /// Looks for inputs that were not there before. True if any were found.
    pub fn resolve(&mut self, feeds: &[Feed]) -> bool {
        let mut found = false;
        for one in &mut self.list {
            found |= one.resolve(feeds);
        }
        if found {
            self.wanted.notify_one();
            self.relink();
        }
        found
    }

    fn relink(&mut self) {
        self.version += 1;
        self.links.clear();
        self.feeds.clear();
        let live =
            self.list.iter().enumerate().filter(|(_, one)| matches!(one.phase, Phase::Live { .. }));
        for (at, one) in live {
            for (input, bound) in one.inputs.iter().enumerate() {
                let Some(found) = bound.found else { continue };
                let index = found.series.0 as usize;
                self.links.resize_with(self.links.len().max(index + 1), Vec::new);
                self.links[index].push(Link { one: at, input });
                if !self.feeds.contains(&found.feed) {
                    self.feeds.push(found.feed);
                }
            }
        }
    }

    /// Whether anything is made of what comes of a feed.
    pub fn listens_to(&self, feed: u64) -> bool {
        self.feeds.contains(&feed)
    }

    /// Takes what has come of a feed, and is in the history, as its gaps are.
    pub fn take<'a>(
        &mut self,
        number: u64,
        records: impl Iterator<Item = &'a Record>,
        feeds: &[Feed],
        history: &mut History<GapFacts>,
    ) {
        let Some(feed) = feeds.iter().find(|feed| feed.number == number) else { return };
        let Deriving { list, links, .. } = self;
        for record in records {
            let (Time(time_ns), Time(arrival_ns)) = (record.time(), record.arrival_time);
            for (field, value) in &record.fields {
                let series = feed.decoded(*field);
                let links = series.and_then(|series| links.get(series.0 as usize));
                for link in links.into_iter().flatten() {
                    let sample = Sample { time_ns, arrival_ns, value: *value };
                    list[link.one].take(link.input, sample, feeds, history);
                }
            }
        }
    }

    /// Makes a step's worth of what is past. False if there is nothing to be made.
    ///
    /// # Errors
    /// What it takes is not in memory.
    pub fn step(
        &mut self,
        feeds: &[Feed],
        history: &mut History<GapFacts>,
    ) -> Result<bool, Absent> {
        let Some(one) = self.catching_up() else { return Ok(false) };
        let percent = one.made_percent();
        if one.catch_up(feeds, history)? {
            one.phase = Phase::Live { is_whole: true };
            self.relink();
        } else if one.made_percent() != percent {
            self.version += 1;
        }
        Ok(true)
    }

    /// The past of the one that is being made cannot be read: it goes on with what comes, and is
    /// made anew with the next start.
    pub fn give_up(&mut self) {
        if let Some(one) = self.catching_up() {
            one.phase = Phase::Live { is_whole: false };
            self.relink();
        }
    }

    fn catching_up(&mut self) -> Option<&mut One> {
        self.list.iter_mut().find(|one| matches!(one.phase, Phase::CatchingUp(_)))
    }

    /// The series that a trace names, and the tracks whose gaps break it: those of its inputs.
    pub fn find(&self, trace: &Trace) -> Option<(SeriesId, Vec<TrackId>)> {
        let one = self.of(trace)?;
        Some((one.series, one.tracks()))
    }

    fn of(&self, trace: &Trace) -> Option<&One> {
        if trace.feed != FEED || !trace.channel.is_empty() {
            return None;
        }
        self.list.iter().find(|one| one.what.id == trace.path)
    }

    /// With the inputs of derived series in place of these: whose gaps are theirs.
    pub fn spread<'a>(&self, traces: &'a [Trace]) -> Cow<'a, [Trace]> {
        if traces.iter().all(|trace| trace.feed != FEED) {
            return Cow::Borrowed(traces);
        }
        let inputs_of = |trace: &Trace| -> Vec<Trace> {
            let Some(one) = self.of(trace) else { return vec![trace.clone()] };
            let input = |bound: &Bound| Trace {
                feed: bound.to.feed.clone(),
                channel: bound.to.channel.clone(),
                path: bound.to.path.clone(),
                ..trace.clone()
            };
            one.inputs.iter().map(input).collect()
        };
        traces.iter().flat_map(inputs_of).collect()
    }

    /// The latest values that have not been told.
    pub fn fresh(&mut self, history: &History<GapFacts>) -> FeedValues {
        let fresh = |one: &mut One| {
            let count = history.pushed_count(one.series);
            let is_told = one.told == Some(count);
            let latest = history.latest(one.series).filter(|_| !is_told)?;
            one.told = Some(count);
            Some((one.number, latest.value))
        };
        let values = self.list.iter_mut().filter_map(fresh).collect();
        FeedValues { feed: FEED.into(), values }
    }

    /// Their values are to be told again.
    pub fn forget_told(&mut self) {
        self.list.iter_mut().for_each(|one| one.told = None);
    }
}

fn trouble(code: &'static str, what: Said, advice: Said) -> Trouble {
    Trouble::new(code, said!("step_expression", "Expression"), what, None, advice)
}

/// What a series is called by that is to be known as `wanted`: its words, in small letters.
pub(crate) fn id_of(wanted: &str) -> String {
    let plain = |c: char| if c.is_alphanumeric() { c.to_ascii_lowercase() } else { '-' };
    let words: String = wanted.chars().take(ID_CHARS_MAX).map(plain).collect();
    let words: Vec<&str> = words.split('-').filter(|word| !word.is_empty()).collect();
    if words.is_empty() { "series".to_owned() } else { words.join("-") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use feedscope_feed::decode::NewField;
    use feedscope_feed::{Cause, ChannelId, FieldId, Profile};
    use feedscope_history::Budget;
    use proptest::prelude::*;

    const URL: &str = "ws://127.0.0.1:9/";
    const CHANNEL: &str = "c";

    /// A feed without a server, with the fields a and b.
    struct Bench {
        feeds: Vec<Feed>,
        history: History<GapFacts>,
        deriving: Deriving,
    }

    impl Bench {
        fn new() -> Bench {
            let mut history = History::new(Budget { memory_bytes: 1 << 24, disk_bytes: None });
            let profile = Profile::from_url(URL);
            let mut feed = Feed::new("f".into(), 1, profile, URL.into(), URL, false, &mut history);
            for (number, path) in (0..).zip(["a", "b"]) {
                let new = NewField {
                    field: FieldId(number),
                    channel: ChannelId(0),
                    channel_name: CHANNEL.into(),
                    key: None,
                    key_name: None,
                    path: path.into(),
                };
                feed.add_field(&new, &mut history);
            }
            Bench { feeds: vec![feed], history, deriving: Deriving::default() }
        }

        fn set(&mut self, expression: &str) {
            let input = |path: &str| DerivedInput {
                feed: "f".into(),
                channel: CHANNEL.into(),
                path: path.into(),
            };
            let what = DerivedSeries {
                id: "d".into(),
                expression: expression.into(),
                inputs: ["a", "b"].map(|path| (path.to_owned(), input(path))).into(),
                ..DerivedSeries::default()
            };
            let Bench { feeds, history, deriving } = self;
            deriving.set(what, feeds, history).unwrap();
        }

        fn catch_up(&mut self) {
            while self.deriving.step(&self.feeds, &mut self.history).unwrap() {}
        }

        /// As the sink does.
        fn take(&mut self, step: &Step) {
            let record = step.record();
            for (field, value) in &record.fields {
                let series = self.feeds[0].decoded(*field).unwrap();
                let time_ns = record.time().0;
                let sample = Sample { time_ns, arrival_ns: time_ns, value: *value };
                self.history.push(series, sample);
            }
            if let Some((start_ns, end_ns, of_channel)) = step.gap {
                let feed = &self.feeds[0];
                let channel = feed.channel(CHANNEL).unwrap().track;
                let track = if of_channel { channel } else { feed.track };
                let cause = Cause::Missing;
                let about = GapFacts::plain(cause);
                self.history.add_gap(track, start_ns, end_ns, about);
            }
            if self.deriving.listens_to(1) {
                let Bench { feeds, history, deriving } = self;
                deriving.take(1, std::iter::once(&record), feeds, history);
            }
        }

        fn made(&self) -> Vec<(i64, f64)> {
            let (series, tracks) = self
                .deriving
                .find(&Trace { feed: FEED.into(), path: "d".into(), ..Default::default() })
                .unwrap();
            assert_eq!(tracks.len(), 2);
            let mut samples = Vec::new();
            let mut reading = Reading::from(i64::MIN);
            self.history.samples(series, &mut reading, usize::MAX, &mut samples).unwrap();
            samples.iter().map(|sample| (sample.time_ns, sample.value)).collect()
        }
    }

    #[derive(Clone, Debug)]
    struct Step {
        time_ns: i64,
        a: Option<f64>,
        b: Option<f64>,
        /// Known with the record: from, to, and whether it is of the channel alone.
        gap: Option<(i64, i64, bool)>,
    }

    impl Step {
        fn record(&self) -> Record {
            let fields = [(FieldId(0), self.a), (FieldId(1), self.b)];
            let fields = fields.into_iter().filter_map(|(field, value)| Some((field, value?)));
            Record {
                channel: ChannelId(0),
                key: None,
                sequence: None,
                source_time: Some(Time(self.time_ns)),
                arrival_time: Time(self.time_ns),
                fields: fields.collect(),
                texts: Vec::new(),
            }
        }
    }

    /// Records in order; before some of them, something was not received.
    fn steps() -> impl Strategy<Value = Vec<Step>> {
        let value = || prop::option::weighted(0.7, (-9..9_i32).prop_map(f64::from));
        let gap = prop::option::weighted(0.15, (1..40_i64, 0..30_i64, any::<bool>()));
        prop::collection::vec((1..30_i64, value(), value(), gap), 0..80).prop_map(|steps| {
            let mut time_ns = 1_000;
            let step = |(pause, a, b, gap): (_, _, _, Option<(i64, i64, bool)>)| {
                time_ns += pause;
                // Over at the record at the latest, or it would not be known.
                let gap = gap.map(|(before, lasts, of_channel)| {
                    let start_ns = time_ns - before;
                    (start_ns, (start_ns + lasts).min(time_ns), of_channel)
                });
                Step { time_ns, a, b, gap }
            };
            steps.into_iter().map(step).collect()
        })
    }

    /// By looking at all gaps that are known by then.
    fn naive(
        steps: &[Step],
        gaps_are_known: bool,
        of: fn(&[Known; 2]) -> Option<f64>,
    ) -> Vec<(i64, f64)> {
        let mut known = [Known::default(); 2];
        let mut made = Vec::new();
        for (at, step) in steps.iter().enumerate() {
            let until = if gaps_are_known { steps.len() } else { at + 1 };
            for (input, value) in [step.a, step.b].into_iter().enumerate() {
                let Some(value) = value else { continue };
                for known in &mut known {
                    let Some((last_ns, _)) = known.last else { continue };
                    let crosses = |gap: &(i64, i64, bool)| match *gap {
                        (start, end, _) if start == end => last_ns < start && start <= step.time_ns,
                        (start, end, _) => start < step.time_ns && last_ns < end,
                    };
                    let gaps = steps[..until].iter().filter_map(|step| step.gap.as_ref());
                    if last_ns < step.time_ns && gaps.into_iter().any(crosses) {
                        *known = Known::default();
                    }
                }
                let fresh = Known { last: Some((step.time_ns, value)), before: known[input].last };
                known[input] = fresh;
                if known.iter().all(|known| known.last.is_some())
                    && let Some(value) = of(&known)
                {
                    made.push((step.time_ns, value));
                }
            }
        }
        made
    }

    #[derive(Clone, Copy, Debug, Default)]
    struct Known {
        last: Option<(i64, f64)>,
        before: Option<(i64, f64)>,
    }

    /// Texts, and what they come to.
    type Function = fn(&[Known; 2]) -> Option<f64>;
    const FUNCTIONS: &[(&str, Function)] = &[
        ("a - 2 * b", |[a, b]| Some(a.last?.1 - 2.0 * b.last?.1)),
        ("delta(a) + b", |[a, b]| Some(a.last?.1 - a.before?.1 + b.last?.1)),
        ("if(b > 0, delta(b), a / b)", |[a, b]| match b.last?.1 {
            value if value > 0.0 => Some(value - b.before?.1),
            0.0 => None,
            value => Some(a.last?.1 / value),
        }),
    ];

    proptest! {
        #[test]
        fn the_past_and_what_comes_are_made_as_a_naive_reckoning_makes_them(
            steps in steps(),
            which in 0..FUNCTIONS.len(),
            // How many of them come before the series is made.
            before in 0..100_usize,
        ) {
            let (text, of) = FUNCTIONS[which];
            let mut late = Bench::new();
            steps.iter().for_each(|step| late.take(step));
            late.set(text);
            late.catch_up();
            prop_assert_eq!(late.made(), naive(&steps, true, of), "{}, of the past", text);

            let mut live = Bench::new();
            live.set(text);
            live.catch_up();
            steps.iter().for_each(|step| live.take(step));
            prop_assert_eq!(live.made(), naive(&steps, false, of), "{}, as it comes", text);

            // The one after the other, and nothing falls between.
            let mut both = Bench::new();
            let before = before.min(steps.len());
            let of_past: Vec<Step> =
                steps.iter().map(|step| Step { gap: None, ..step.clone() }).collect();
            of_past[..before].iter().for_each(|step| both.take(step));
            both.set(text);
            both.catch_up();
            of_past[before..].iter().for_each(|step| both.take(step));
            prop_assert_eq!(both.made(), naive(&of_past, true, of), "{}, half and half", text);
        }
    }

    #[test]
    fn while_something_lasts_the_other_feeds_value_is_not_known() {
        let mut bench = Bench::new();
        bench.set("a - b");
        bench.catch_up();
        let step = |time_ns, a, b| Step { time_ns, a, b, gap: None };
        bench.take(&step(1_000, Some(5.0), Some(3.0)));
        bench.take(&step(2_000, Some(6.0), None));
        assert_eq!(bench.made(), [(1_000, 2.0), (2_000, 3.0)]);
        bench.feeds[0].open_gap = Some(feedscope_feed::Gap {
            cause: Cause::Outage,
            channel: None,
            key: None,
            start: Time(2_500),
            end: None,
            missing: None,
            missing_count: None,
            story: Said::default(),
        });
        bench.take(&step(3_000, Some(7.0), None));
        bench.feeds[0].open_gap = None;
        bench.take(&step(4_000, Some(8.0), None));
        assert_eq!(bench.made().len(), 2);
        bench.take(&step(5_000, None, Some(1.0)));
        assert_eq!(bench.made().last(), Some(&(5_000, 7.0)));
    }

    #[test]
    fn what_misses_some_of_its_past_is_not_remembered_as_whole() {
        let step = Step { time_ns: 1_000, a: Some(5.0), b: Some(3.0), gap: None };
        let mut remembered = Vec::new();
        for is_read in [true, false] {
            let mut bench = Bench::new();
            bench.take(&step);
            bench.set("a - b");
            match is_read {
                true => bench.catch_up(),
                false => bench.deriving.give_up(),
            }
            bench.take(&Step { time_ns: 2_000, b: None, ..step.clone() });
            assert_eq!(bench.made().len(), if is_read { 2 } else { 0 });
            let Remembered(whole) = Remembered::find(&[bench.deriving.fact()]);
            remembered.push(whole.len());
        }
        assert_eq!(remembered, [1, 0]);
    }

    #[test]
    fn inputs_that_are_of_another_feed_now_are_waited_for_and_made_anew_once_back() {
        let step = Step { time_ns: 1_000, a: Some(5.0), b: Some(3.0), gap: None };
        let mut bench = Bench::new();
        bench.take(&step);
        bench.set("a - b");
        bench.catch_up();
        let made = bench.made();
        assert_eq!(made.len(), 1);
        let Bench { feeds, history, deriving } = &mut bench;
        let inputs: Vec<_> = deriving.feeds_named().map(|(_, name, _)| name.to_owned()).collect();
        assert_eq!(inputs, ["a", "b"]);
        let b = [("d".to_owned(), "b".to_owned())];
        assert!(!deriving.move_inputs(&b, "other", "g", feeds, history), "it is of none such");
        assert!(deriving.move_inputs(&b, "f", "g", feeds, history));
        let named: Vec<_> = deriving.feeds_named().map(|(.., feed)| feed.to_owned()).collect();
        assert_eq!(named, ["f", "g"]);
        assert_eq!(deriving.all()[0].state, DerivedState::Waiting);
        assert!(deriving.move_inputs(&b, "g", "f", feeds, history));
        bench.catch_up();
        assert_eq!(bench.made(), made);
    }

    #[test]
    fn ids_are_words_and_no_two_are_the_same() {
        let mut bench = Bench::new();
        let mut ids = Vec::new();
        for name in ["The Spread!", "the spread", "中文 1", "", "…"] {
            let what = DerivedSeries {
                name: name.into(),
                expression: "a".into(),
                inputs: [(
                    "a".to_owned(),
                    DerivedInput { feed: "f".into(), channel: CHANNEL.into(), path: "a".into() },
                )]
                .into(),
                ..DerivedSeries::default()
            };
            let Bench { feeds, history, deriving } = &mut bench;
            ids.push(deriving.set(what, feeds, history).unwrap().series.id);
        }
        assert_eq!(ids, ["the-spread", "the-spread-2", "中文-1", "series", "series-2"]);
    }
}
