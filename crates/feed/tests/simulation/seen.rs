//! Keeps what a feed told, and whether that can be true.

use feedscope_feed::{Batch, ChannelId, Gap, Ledger, Sink, State, Time, Transition};
use std::collections::{BTreeSet, HashMap};
use std::fmt::Write;
use std::sync::{Arc, Mutex, MutexGuard};
use tokio::time::Instant;

/// Promises that were broken, of which only so many are told.
const BROKEN_MAX: usize = 5;

/// What was told so far.
#[derive(Debug)]
pub struct Seen {
    begin: Instant,
    pub state: State,
    /// By channel and number: when it came, by both clocks. In order, late ones apart.
    pub delivered: HashMap<(u64, u64), (Instant, Time)>,
    pub late: HashMap<(u64, u64), Time>,
    pub gaps: Vec<Gap>,
    pub open_gap: Option<Gap>,
    pub ledger: Ledger,
    pub missing: u64,
    /// When the feed was or was not connected, as it said.
    pub states: Vec<(Instant, State)>,
    channels: HashMap<ChannelId, u64>,
    last: HashMap<u64, u64>,
    /// A line for everything that happened.
    pub story: String,
    pub broken: Vec<String>,
    records: u64,
    late_count: u64,
    pub gaps_count: u64,
    keep: bool,
}

/// Hears what the feed says.
#[derive(Clone, Debug)]
pub struct Ear(Arc<Mutex<Seen>>);

impl Ear {
    /// One that keeps all that it hears, or only counts it.
    pub fn new(keep: bool) -> Self {
        Ear(Arc::new(Mutex::new(Seen {
            begin: Instant::now(),
            state: State::Idle,
            delivered: HashMap::new(),
            late: HashMap::new(),
            gaps: Vec::new(),
            open_gap: None,
            ledger: Ledger::default(),
            missing: 0,
            states: Vec::new(),
            channels: HashMap::new(),
            last: HashMap::new(),
            story: String::new(),
            broken: Vec::new(),
            records: 0,
            late_count: 0,
            gaps_count: 0,
            keep,
        })))
    }

    pub fn seen(&self) -> MutexGuard<'_, Seen> {
        self.0.lock().expect("nobody panics with it")
    }
}

impl Seen {
    pub fn tell(&mut self, what: &str) {
        if self.keep {
            let at = self.begin.elapsed().as_secs_f64();
            let _ = writeln!(self.story, "{at:10.3}  {what}");
        }
    }

    pub fn check(&mut self, holds: bool, what: impl FnOnce() -> String) {
        if !holds && self.broken.len() < BROKEN_MAX {
            let what = what();
            self.tell(&format!("BROKEN: {what}"));
            self.broken.push(what);
        }
    }

    fn take(&mut self, batch: &Batch<'_>) {
        let now = Instant::now();
        let channel = |record: &feedscope_feed::Record| {
            let name = batch.names.channel(record.channel).unwrap_or_default();
            name.strip_prefix('c').and_then(|number| number.parse::<u64>().ok())
        };
        for record in batch.records {
            let (Some(channel), Some(number)) = (channel(record), record.sequence) else {
                self.check(false, || format!("a record is what no one sent: {record:?}"));
                continue;
            };
            self.channels.insert(record.channel, channel);
            let last = self.last.insert(channel, number);
            self.check(last.is_none_or(|last| last < number), || {
                format!("c{channel}: {number} came after {last:?}")
            });
            if self.keep {
                self.delivered.insert((channel, number), (now, record.arrival_time));
            }
        }
        for record in batch.late {
            if let (Some(channel), Some(number)) = (channel(record), record.sequence) {
                let is_new = !self.delivered.contains_key(&(channel, number))
                    && (!self.keep
                        || self.late.insert((channel, number), record.arrival_time).is_none());
                self.check(is_new, || format!("c{channel}: {number} came twice"));
            }
        }
        self.records += batch.records.len() as u64;
        self.late_count += batch.late.len() as u64;
        for gap in batch.gaps {
            self.tell(&format!("gap: {gap:?}"));
            self.check(gap.end.is_some_and(|end| end >= gap.start), || {
                format!("a gap that was handed on has not ended: {gap:?}")
            });
        }
        if self.keep {
            self.gaps.extend_from_slice(batch.gaps);
        }
        self.gaps_count += batch.gaps.len() as u64;
        self.check(batch.totals.gaps <= self.gaps_count + 1, || "a gap was not handed on".into());
        self.open_gap = batch.totals.open_gap.cloned();
        self.missing = batch.totals.missing;
        let (before, ledger) = (self.ledger, batch.totals.ledger);
        self.ledger = ledger;
        self.check(ledger.balances(), || format!("unbalanced: {ledger:?}"));
        self.check(ledger.received() >= before.received(), || "less was received".into());
        let handed_on = (self.records, self.late_count);
        self.check((ledger.delivered(), ledger.late()) == handed_on, || {
            format!("handed on {handed_on:?}, the ledger says {ledger:?}")
        });
    }

    /// The numbers of a channel that were declared missing.
    pub fn declared(&self, channel: u64) -> BTreeSet<u64> {
        let of_it =
            |gap: &&Gap| gap.channel.and_then(|id| self.channels.get(&id)) == Some(&channel);
        let missing = self.gaps.iter().filter(of_it).filter_map(|gap| gap.missing);
        missing.flat_map(|(first, last)| first..=last).collect()
    }
}

impl Sink for Ear {
    fn transition(&mut self, _: Time, transition: &Transition) {
        let mut seen = self.seen();
        seen.state = transition.state;
        if seen.keep {
            seen.states.push((Instant::now(), transition.state));
        }
        seen.tell(&format!("{:?}: {} {:?}", transition.state, transition.cause, transition.wait));
    }

    fn batch(&mut self, batch: &Batch<'_>) {
        self.seen().take(batch);
    }
}
