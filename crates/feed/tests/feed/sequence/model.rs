//! By each rule by which gaps are seen, against what the server sent: whatever is lost, doubled or
//! overtaken on the way, and wherever numbers begin anew, snapshots come and sessions end, each
//! message is delivered in order and at most once, and what lies between two of them is told.

use super::bench::{Bench, WAIT_MAX, by_rule, link, range};
use feedscope_feed::Position;
use feedscope_feed::profile::{Sequence, SequenceRule};
use proptest::prelude::*;
use proptest::test_runner::RngSeed;
use std::collections::BTreeSet;
use std::time::Duration;

/// What the server sent, in order. No number is used twice.
#[derive(Debug, Default)]
struct Log {
    messages: Vec<Sent>,
    last: u64,
    numbering: u64,
    /// The index of the first message that a resumed session can bring again.
    floor: usize,
}

#[derive(Clone, Copy, Debug)]
struct Sent {
    first: u64,
    last: u64,
    numbering: u64,
    /// The link that leads back to the numbers before.
    back_link: Option<u64>,
}

/// How what follows begins.
#[derive(Clone, Copy, Debug)]
enum Beginning {
    /// Of a state that is so many numbers old.
    Snapshot {
        age: u64,
    },
    /// The server begins its numbers anew, and says nothing of it.
    Anew,
    /// The first message says that they begin anew: where they can, by their link.
    BackLink,
    Session,
    /// The server first repeats so many messages.
    Resumed {
        repeats: usize,
    },
}

/// What happens to one message on its way.
#[derive(Clone, Copy, Debug)]
struct Way {
    /// How many numbers it stands for, or leaves out.
    numbers: u64,
    lost: bool,
    doubled: bool,
    /// It is overtaken by up to so many later ones.
    delay: usize,
    millis: u64,
}

#[derive(Clone, Copy, Debug)]
enum Arrival {
    /// By its index.
    Message(usize),
    Snapshot {
        numbering: u64,
    },
}

impl Arrival {
    fn message(&self) -> Option<usize> {
        match self {
            Arrival::Message(message) => Some(*message),
            Arrival::Snapshot { .. } => None,
        }
    }
}

fn beginning() -> impl Strategy<Value = Beginning> {
    prop_oneof![
        3 => prop_oneof![Just(0), 0u64..12].prop_map(|age| Beginning::Snapshot { age }),
        1 => Just(Beginning::Anew),
        1 => Just(Beginning::BackLink),
        1 => Just(Beginning::Session),
        1 => (0usize..20).prop_map(|repeats| Beginning::Resumed { repeats }),
    ]
}

fn way(delay_max: usize, millis_max: u64) -> impl Strategy<Value = Way> {
    (
        1u64..6,
        prop::bool::weighted(0.1),
        prop::bool::weighted(0.1),
        prop_oneof![4 => Just(0), 1 => 0..=delay_max],
        0..=millis_max,
    )
        .prop_map(|(numbers, lost, doubled, delay, millis)| Way {
            numbers,
            lost,
            doubled,
            delay,
            millis,
        })
}

/// What is played, and who looks at it.
struct Play {
    rule: SequenceRule,
    continues: bool,
    bench: Bench,
    log: Log,
    arrivals: Vec<Arrival>,
    /// Before which deliveries a numbering begins of which nothing is known.
    unknown: Vec<usize>,
    is_resumed: bool,
    /// Something of the present numbering has arrived.
    is_seen: bool,
    resets: bool,
}

impl Play {
    fn new(rule: SequenceRule, continues: bool, held_max: usize) -> Self {
        let sequence = Sequence { continues, held_max, ..by_rule(rule) };
        let log = Log { last: 1 << 40, ..Log::default() };
        Play {
            rule,
            continues,
            bench: Bench::new(&sequence),
            log,
            arrivals: Vec::new(),
            unknown: Vec::new(),
            is_resumed: false,
            is_seen: false,
            resets: false,
        }
    }

    fn begin(&mut self, beginning: Beginning) {
        match beginning {
            Beginning::Snapshot { age } => {
                let sent = &self.log.messages[self.log.floor..];
                let oldest = sent.first().map_or(self.log.last, |sent| sent.first);
                self.arrivals.push(Arrival::Snapshot { numbering: self.log.numbering });
                self.is_seen = true;
                self.bench.snapshot((self.log.last - age).max(oldest));
            }
            Beginning::Anew | Beginning::BackLink => {
                // Where nothing new has come since a resumption, this could not be told apart.
                if self.is_resumed {
                    self.begin(Beginning::Session);
                }
                self.log.last /= 4;
                self.log.numbering += 1;
                self.log.floor = self.log.messages.len();
                self.resets = true;
                self.is_seen = false;
            }
            Beginning::Session => {
                self.bench.new_session();
                self.is_resumed = false;
                if !self.continues {
                    self.log.floor = self.log.messages.len();
                    self.unknown.push(self.bench.delivered_items.len());
                    self.resets = true;
                }
            }
            // A server that begins its numbers anew between the two has not resumed anything.
            Beginning::Resumed { .. } if !self.is_seen => self.begin(Beginning::Session),
            Beginning::Resumed { repeats } => {
                self.bench.resumed_session();
                self.is_resumed = true;
                let sent = self.log.messages.len();
                (sent.saturating_sub(repeats).max(self.log.floor)..sent)
                    .for_each(|message| self.arrive(message));
            }
        }
    }

    /// Sends messages; those that are delayed arrive before the next beginning.
    fn send(&mut self, beginning: Beginning, ways: &[Way], is_first_safe: bool) {
        let mut arriving = Vec::new();
        for (at, way) in ways.iter().enumerate() {
            let mut way = *way;
            if at == 0 && is_first_safe {
                (way.lost, way.delay) = (false, 0);
            }
            let first = self.log.last + 1;
            let numbers = if self.rule == SequenceRule::Increment { 1 } else { way.numbers };
            self.log.last += numbers;
            let leads_back = at == 0
                && self.rule == SequenceRule::Previous
                && matches!(beginning, Beginning::BackLink);
            let message = self.log.messages.len();
            self.log.messages.push(Sent {
                first,
                last: self.log.last,
                numbering: self.log.numbering,
                back_link: leads_back.then(|| self.before_anew(message)),
            });
            if leads_back {
                self.log.floor = message + 1;
            }
            if !way.lost {
                arriving.push((at + way.delay, message, way.millis));
                if way.doubled {
                    arriving.push((at + 2 * way.delay, message, 0));
                }
            }
        }
        arriving.sort_by_key(|(at, ..)| *at);
        for (_, message, millis) in arriving {
            self.bench.pass(Duration::from_millis(millis));
            self.arrive(message);
        }
    }

    /// The last number before this message.
    fn before_anew(&self, message: usize) -> u64 {
        message.checked_sub(1).map_or(1 << 40, |before| self.log.messages[before].last)
    }

    fn arrive(&mut self, message: usize) {
        let sent = self.log.messages[message];
        let position: Position = match self.rule {
            SequenceRule::Previous => link(sent.back_link.unwrap_or(sent.first - 1), sent.last),
            _ => range(sent.first, sent.last),
        };
        self.arrivals.push(Arrival::Message(message));
        self.is_seen |= sent.numbering == self.log.numbering;
        self.bench.accept(0, position, false);
    }

    /// What must have been told missing: all that lies between two deliveries, and was not known to
    /// be of different numberings.
    fn expected_gaps(&self) -> Vec<(u64, u64)> {
        let mut gaps = Vec::new();
        let mut known: Option<(u64, u64)> = None;
        let mut unknown = self.unknown.iter().peekable();
        for (at, item) in self.bench.delivered_items.iter().enumerate() {
            while unknown.next_if(|before| **before <= at).is_some() {
                known = None;
            }
            let message = match self.arrivals[item.arrival] {
                Arrival::Message(message) => message,
                Arrival::Snapshot { numbering } => {
                    let last = known.filter(|(of, _)| *of == numbering).map(|(_, last)| last);
                    known = Some((numbering, item.number.max(last.unwrap_or(0))));
                    continue;
                }
            };
            let sent = self.log.messages[message];
            if let Some(previous) = sent.back_link {
                gaps.extend(
                    known
                        .filter(|(_, last)| *last < previous)
                        .map(|(_, last)| (last + 1, previous)),
                );
            } else if let Some((numbering, last)) = known
                && numbering == sent.numbering
                && last + 1 < sent.first
            {
                gaps.push((last + 1, sent.first - 1));
            }
            known = Some((sent.numbering, sent.last));
        }
        gaps
    }

    fn check(mut self, patient: bool) -> Result<(), TestCaseError> {
        self.bench.pass(WAIT_MAX);
        let bench = &self.bench;
        let message_of = |arrival: usize| self.arrivals[arrival].message();
        let delivered: Vec<usize> =
            bench.delivered_items.iter().filter_map(|item| message_of(item.arrival)).collect();
        prop_assert!(delivered.is_sorted_by(|a, b| a < b), "in order, and once: {:?}", delivered);
        prop_assert_eq!(bench.missing(), &self.expected_gaps()[..]);

        let delivered: BTreeSet<usize> = delivered.into_iter().collect();
        let by_number = |number| self.log.messages.iter().position(|sent| sent.last == number);
        let late: Vec<usize> =
            bench.late.iter().map(|(_, number)| by_number(*number).unwrap()).collect();
        let late_once: BTreeSet<usize> = late.iter().copied().collect();
        prop_assert_eq!(late.len(), late_once.len(), "late once, and then a duplicate");
        prop_assert!(late_once.is_disjoint(&delivered));
        let snapshots: Vec<u64> = bench
            .delivered_items
            .iter()
            .filter(|item| message_of(item.arrival).is_none())
            .map(|item| item.number)
            .collect();
        for message in self.arrivals.iter().filter_map(Arrival::message) {
            let is_in_snapshot =
                snapshots.iter().any(|number| *number >= self.log.messages[message].last);
            let came = delivered.contains(&message) || late_once.contains(&message);
            prop_assert!(came || is_in_snapshot, "what came is not lost: {}", message);
        }
        let ledger = bench.ledger;
        prop_assert_eq!(ledger.received(), self.arrivals.len() as u64);
        prop_assert_eq!(ledger.held(), 0);
        if patient {
            let repeated = bench.late.iter().all(|(_, number)| {
                bench.missing().iter().any(|(first, last)| (first..=last).contains(&number))
                    || snapshots.iter().any(|snapshot| snapshot >= number)
            });
            prop_assert!(repeated, "only what was lost, and was repeated, can be late");
        }
        if !self.resets {
            prop_assert_eq!(bench.sequencer.missing(), self.still_missing(&late_once, &snapshots));
        }
        Ok(())
    }

    /// What was told missing, and has not come since.
    fn still_missing(&self, late: &BTreeSet<usize>, snapshots: &[u64]) -> u64 {
        let mut missing: BTreeSet<u64> = self.bench.missing_numbers(0).into_iter().collect();
        for message in late {
            let sent = self.log.messages[*message];
            (sent.first..=sent.last).for_each(|number| {
                missing.remove(&number);
            });
        }
        if self.rule == SequenceRule::Increment {
            snapshots.iter().for_each(|number| {
                missing.remove(number);
            });
            return missing.len() as u64;
        }
        let gaps = self.bench.missing().iter();
        let rests = gaps.map(|(first, last)| {
            let is_missing = |number: &u64| missing.contains(number);
            let begins = |number: &u64| {
                is_missing(number) && (number == first || !is_missing(&(number - 1)))
            };
            (*first..=*last).filter(begins).count() as u64
        });
        rests.sum()
    }
}

fn play(
    rule: SequenceRule,
    segments: &[(Beginning, Vec<Way>)],
    continues: bool,
    held_max: usize,
    patient: bool,
) -> Result<(), TestCaseError> {
    let mut play = Play::new(rule, continues, held_max);
    for (at, (beginning, ways)) in segments.iter().enumerate() {
        if at > 0 {
            play.begin(*beginning);
        }
        play.send(*beginning, ways, patient);
        play.is_resumed &= !patient || ways.is_empty();
    }
    play.check(patient)
}

fn segments(
    delay_max: usize,
    millis_max: u64,
) -> impl Strategy<Value = Vec<(Beginning, Vec<Way>)>> {
    prop::collection::vec(
        (beginning(), prop::collection::vec(way(delay_max, millis_max), 0..30)),
        1..7,
    )
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 1_500,
        rng_seed: RngSeed::Fixed(1),
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn numbers_that_rise_by_one(
        segments in segments(30, 60), continues: bool, held_max in 0usize..12,
    ) {
        play(SequenceRule::Increment, &segments, continues, held_max, false)?;
    }

    #[test]
    fn ranges_of_numbers(segments in segments(30, 60), continues: bool, held_max in 0usize..12) {
        play(SequenceRule::Range, &segments, continues, held_max, false)?;
    }

    #[test]
    fn links(segments in segments(30, 60), continues: bool, held_max in 0usize..12) {
        play(SequenceRule::Previous, &segments, continues, held_max, false)?;
    }

    /// Where the window is wide enough, nothing is given up that was only overtaken.
    #[test]
    fn with_patience_only_what_was_lost_is_missing(
        segments in segments(6, 2),
        continues: bool,
        rule in prop::sample::select(
            &[SequenceRule::Increment, SequenceRule::Range, SequenceRule::Previous][..],
        ),
    ) {
        play(rule, &segments, continues, 1_024, true)?;
    }
}
