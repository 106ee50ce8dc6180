//! A sequencer in virtual time, which is looked over at every step.

use feedscope_feed::profile::{Path, Scope, Sequence, SequenceRule};
use feedscope_feed::sequence::{ScopeId, Sequencer, Step};
use feedscope_feed::{ChannelId, Fate, Ledger, Position};
use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

pub const WAIT_MAX: Duration = Duration::from_millis(250);

/// What a message takes up while it is held.
pub const BYTES: usize = 100;

pub fn by_rule(rule: SequenceRule) -> Sequence {
    let number = Path::key("n");
    Sequence { wait_max: WAIT_MAX, ..Sequence::new(rule, Scope::Channel, number) }
}

pub fn rules(scope: Scope, continues: bool, held_max: usize) -> Sequence {
    Sequence { scope, continues, held_max, ..by_rule(SequenceRule::Increment) }
}

pub fn at(number: u64) -> Option<Position> {
    Some(range(number, number))
}

pub fn range(first: u64, last: u64) -> Position {
    Position { sequence: 0, first, last, previous: None }
}

pub fn link(previous: u64, number: u64) -> Position {
    Position { previous: Some(previous), ..range(number, number) }
}

/// What a test message carries: its scope and number, and which message it is in order of arrival.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Item {
    pub channel: u32,
    pub number: u64,
    pub arrival: usize,
}

/// A sequencer in virtual time, with all that it did and the ledger of it.
pub struct Bench {
    /// Asked as a subscription does: first whether a message is simply the next one.
    pub sequencer: Sequencer<Item>,
    /// Never asked that, and yet does the same.
    twin: Sequencer<Item>,
    pub now: Instant,
    pub ledger: Ledger,
    pub arrivals: usize,
    /// Arrivals that are held.
    held: BTreeSet<usize>,
    held_max: usize,
    held_bytes_max: usize,
    pub steps: Vec<Step<Item>>,
    pub delivered: BTreeMap<u32, Vec<u64>>,
    /// In order, by arrival.
    pub delivered_items: Vec<Item>,
    pub late: Vec<(u32, u64)>,
    pub duplicates: Vec<(u32, u64)>,
    pub missing: BTreeMap<u32, Vec<(u64, u64)>>,
    pub counts: Vec<Option<u64>>,
    pub mended: usize,
}

impl Bench {
    pub fn new(sequence: &Sequence) -> Self {
        Bench::of(std::slice::from_ref(sequence))
    }

    pub fn of(sequences: &[Sequence]) -> Self {
        Bench {
            sequencer: Sequencer::new(sequences),
            twin: Sequencer::new(sequences),
            now: Instant::now(),
            ledger: Ledger::default(),
            arrivals: 0,
            held: BTreeSet::new(),
            held_max: sequences.iter().map(|sequence| sequence.held_max).sum(),
            held_bytes_max: sequences.iter().map(|sequence| sequence.held_bytes_max).sum(),
            steps: Vec::new(),
            delivered: BTreeMap::new(),
            delivered_items: Vec::new(),
            late: Vec::new(),
            duplicates: Vec::new(),
            missing: BTreeMap::new(),
            counts: Vec::new(),
            mended: 0,
        }
    }

    pub fn send(&mut self, channel: u32, number: u64) {
        self.accept(channel, range(number, number), false);
    }

    pub fn send_all(&mut self, numbers: impl IntoIterator<Item = u64>) {
        numbers.into_iter().for_each(|number| self.send(0, number));
    }

    pub fn send_at(&mut self, positions: impl IntoIterator<Item = Position>) {
        positions.into_iter().for_each(|position| self.accept(0, position, false));
    }

    pub fn snapshot(&mut self, number: u64) {
        self.accept(0, range(number, number), true);
    }

    pub fn accept(&mut self, channel: u32, position: Position, snapshot: bool) {
        let arrival = self.arrivals;
        self.arrivals += 1;
        let item = Item { channel, number: position.last, arrival };
        let scope = self.sequencer.scope(position.sequence, ChannelId(channel), None);
        let (now, steps) = (self.now, &mut self.steps);
        let is_next =
            !snapshot && scope.is_some_and(|scope| self.sequencer.take_next(scope, position));
        if is_next {
            steps.push(Step::Deliver { scope, item, was_held: false });
        } else {
            self.sequencer.accept(now, scope, Some(position), snapshot, BYTES, item, steps);
        }
        let mut plain = Vec::new();
        assert_eq!(self.twin.scope(position.sequence, ChannelId(channel), None), scope);
        self.twin.accept(now, scope, Some(position), snapshot, BYTES, item, &mut plain);
        assert_eq!(*steps, plain, "what is next is what would have been delivered at once");
        self.take_steps(Some(arrival));
    }

    pub fn pass(&mut self, time: Duration) {
        let end = self.now + time;
        while let Some(due) = self.sequencer.timeout().filter(|due| *due <= end) {
            self.now = self.now.max(due);
            self.sequencer.handle_timeout(self.now, &mut self.steps);
            self.twin.handle_timeout(self.now, &mut Vec::new());
            assert!(!self.steps.is_empty(), "a timeout that does nothing would come again at once");
            self.take_steps(None);
        }
        self.now = end;
    }

    pub fn new_session(&mut self) {
        self.end_session();
        self.sequencer.session_started(&mut self.steps);
        self.twin.session_started(&mut Vec::new());
        assert!(self.steps.is_empty() && self.held.is_empty());
    }

    pub fn resumed_session(&mut self) {
        self.end_session();
        self.sequencer.session_resumed(&mut self.steps);
        self.twin.session_resumed(&mut Vec::new());
        assert!(self.steps.is_empty() && self.held.is_empty());
    }

    fn end_session(&mut self) {
        self.sequencer.session_ended(&mut self.steps);
        self.twin.session_ended(&mut Vec::new());
        self.take_steps(None);
    }

    pub fn take_steps(&mut self, accepted: Option<usize>) {
        let mut accepted = accepted;
        // What must be delivered to next.
        let mut next_scope: Option<ScopeId> = None;
        for step in std::mem::take(&mut self.steps) {
            if let Some(scope) = next_scope.take() {
                let next =
                    matches!(&step, Step::Deliver { scope: next, .. } if *next == Some(scope));
                assert!(next, "a gap is followed by the delivery that ends it");
            }
            match step {
                Step::Held => {
                    self.ledger.admit(Fate::Held);
                    self.held.insert(accepted.take().expect("only an accepted one is held"));
                }
                Step::Deliver { item, was_held, .. } => {
                    self.settle(item, was_held, Fate::Delivered, &mut accepted);
                    self.delivered.entry(item.channel).or_default().push(item.number);
                    self.delivered_items.push(item);
                }
                Step::Duplicate { item, was_held, .. } => {
                    self.settle(item, was_held, Fate::Duplicate, &mut accepted);
                    self.duplicates.push((item.channel, item.number));
                }
                Step::Late { item, .. } => {
                    self.settle(item, false, Fate::Late, &mut accepted);
                    self.late.push((item.channel, item.number));
                }
                Step::Missing { scope, channel, first, last, count, .. } => {
                    assert!(first <= last);
                    assert!(count.is_none_or(|count| count == (last - first).saturating_add(1)));
                    next_scope = Some(scope);
                    let channel = channel.map_or(0, |channel| channel.0);
                    self.missing.entry(channel).or_default().push((first, last));
                    self.counts.push(count);
                }
                Step::Mended { scope } => {
                    next_scope = Some(scope);
                    self.mended += 1;
                }
            }
        }
        assert!(next_scope.is_none() && accepted.is_none(), "every message has one fate");
        assert!(self.ledger.balances());
        assert_eq!(self.ledger.held(), self.held.len() as u64);
        assert_eq!(self.sequencer.held(), self.held.len());
        assert_eq!(self.sequencer.held_bytes(), BYTES * self.held.len());
        assert!(self.held.len() <= self.held_max);
        assert!(self.sequencer.held_bytes() <= self.held_bytes_max);
        assert_eq!(self.sequencer.timeout().is_some(), !self.held.is_empty());
    }

    fn settle(&mut self, item: Item, was_held: bool, fate: Fate, accepted: &mut Option<usize>) {
        if was_held {
            assert!(self.held.remove(&item.arrival), "what was held is released once");
            assert!(self.ledger.settle(fate));
        } else {
            assert_eq!(accepted.take(), Some(item.arrival));
            self.ledger.admit(fate);
        }
    }

    pub fn delivered(&self) -> &[u64] {
        self.delivered.get(&0).map_or(&[], Vec::as_slice)
    }

    pub fn missing(&self) -> &[(u64, u64)] {
        self.missing.get(&0).map_or(&[], Vec::as_slice)
    }

    pub fn missing_numbers(&self, channel: u32) -> Vec<u64> {
        let ranges = self.missing.get(&channel).cloned().unwrap_or_default();
        ranges.into_iter().flat_map(|(first, last)| first..=last).collect()
    }
}
