//! What is done wrong on purpose: chosen by a seed, made exactly, and told of afterwards.

use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use serde::Serialize;
use std::str::FromStr;
use std::time::Duration;

/// Of the messages, those that `reorder` sends later than they came: one in twenty, so that most
/// have neighbours that are in order.
const REORDERED: f64 = 0.05;
/// A longer displacement would be a loss to any reader.
const REORDER_MAX: usize = 10_000;

/// As `--faults` has them.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Faults {
    /// How likely a message is not sent.
    pub drop: f64,
    /// How likely a message is sent twice.
    pub duplicate: f64,
    /// By how many places a message is sent too late, at the most.
    pub reorder: usize,
    /// By the capture's clock, from its first message: when the connection is cut.
    pub cut: Option<Duration>,
    /// For how long nothing is sent, at one point of the session.
    pub silent: Option<Duration>,
    /// How many messages at the start are left as they are.
    pub after: usize,
}

impl FromStr for Faults {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let mut faults = Faults::default();
        for part in text.split(',').map(str::trim).filter(|part| !part.is_empty()) {
            let (name, value) =
                part.split_once('=').ok_or_else(|| format!("“{part}” lacks a value: {part}=…"))?;
            match name {
                "drop" => faults.drop = probability(name, value)?,
                "duplicate" => faults.duplicate = probability(name, value)?,
                "reorder" => faults.reorder = count(name, value)?.min(REORDER_MAX),
                "after" => faults.after = count(name, value)?,
                "cut" => faults.cut = Some(duration(name, value)?),
                "silent" => faults.silent = Some(duration(name, value)?),
                _ => {
                    return Err(format!(
                        "there is no fault “{name}”; there are drop, duplicate, reorder, cut, \
                         silent and after"
                    ));
                }
            }
        }
        Ok(faults)
    }
}

fn probability(name: &str, value: &str) -> Result<f64, String> {
    let fit = |share: &f64| (0.0..=1.0).contains(share);
    value.parse().ok().filter(fit).ok_or_else(|| {
        format!("“{value}” is not a share for {name}: write a number from 0 to 1, such as 0.01")
    })
}

fn count(name: &str, value: &str) -> Result<usize, String> {
    value
        .parse()
        .map_err(|_| format!("“{value}” is not a number of messages for {name}, such as 5"))
}

fn duration(name: &str, value: &str) -> Result<Duration, String> {
    humantime::parse_duration(value)
        .map_err(|_| format!("“{value}” is not a time for {name}, such as 30s"))
}

/// In which order the messages of a capture are sent, and what is wrong with it. Messages are
/// named by their place among those received in the file, from 0.
#[derive(Debug, Default)]
pub struct Plan {
    pub slots: Vec<Slot>,
    dropped: Vec<Dropped>,
    displaced: Vec<(usize, Displaced)>,
    /// The slot before which nothing is sent for a while.
    pub silent_before: Option<usize>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Slot {
    pub message: usize,
    /// It has been sent before.
    pub is_duplicate: bool,
}

#[derive(Clone, Copy, Debug)]
struct Dropped {
    message: usize,
    /// The slot that it would have been before.
    before: usize,
}

/// A message that came after later ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Displaced {
    pub message: usize,
    /// How many later ones came before it.
    pub places: usize,
}

/// The faults that were made.
#[derive(Debug, Default, PartialEq, Eq, Serialize)]
pub struct Made {
    pub dropped: Vec<usize>,
    pub duplicated: Vec<usize>,
    pub displaced: Vec<Displaced>,
    /// The message before which nothing was sent for a while.
    pub silent_before: Option<usize>,
}

impl Plan {
    /// For a capture of so many messages.
    pub fn new(messages: usize, faults: &Faults, seed: u64) -> Self {
        let mut random = StdRng::seed_from_u64(seed);
        let mut places = Vec::with_capacity(messages);
        for message in 0..messages {
            // All is drawn for each message, so that one fault does not move the others.
            let is_dropped = random.random_bool(faults.drop);
            let is_duplicate = random.random_bool(faults.duplicate);
            let delay = if random.random_bool(REORDERED) && faults.reorder > 0 {
                random.random_range(1..=faults.reorder)
            } else {
                0
            };
            if message < faults.after {
                places.push((message, 0, message, Some(false)));
                continue;
            }
            let sent = (!is_dropped).then_some(false);
            // After the one whose place it takes.
            places.push((message + delay, delay, message, sent));
            if is_duplicate && !is_dropped {
                places.push((message + delay, delay, message, Some(true)));
            }
        }
        places.sort_by_key(|(place, delay, ..)| (*place, *delay));
        let mut plan = Plan::default();
        for (_, _, message, sent) in places {
            match sent {
                Some(is_duplicate) => plan.slots.push(Slot { message, is_duplicate }),
                None => plan.dropped.push(Dropped { message, before: plan.slots.len() }),
            }
        }
        plan.displaced = displaced(&plan.slots, faults.reorder);
        if faults.silent.is_some() && plan.slots.len() > 1 {
            let quarter = plan.slots.len() / 4;
            plan.silent_before = Some(
                random.random_range(quarter.max(1)..=quarter * 3 + 1).min(plan.slots.len() - 1),
            );
        }
        plan
    }

    /// The faults among the first so many slots.
    pub fn made(&self, slots: usize) -> Made {
        let sent = self.slots.iter().take(slots);
        Made {
            // One after the last that was sent may still have been meant to come.
            dropped: self
                .dropped
                .iter()
                .filter(|dropped| dropped.before < slots || slots >= self.slots.len())
                .map(|dropped| dropped.message)
                .collect(),
            duplicated: sent.filter(|slot| slot.is_duplicate).map(|slot| slot.message).collect(),
            displaced: self
                .displaced
                .iter()
                .filter(|(slot, _)| *slot < slots)
                .map(|(_, displaced)| *displaced)
                .collect(),
            silent_before: self
                .silent_before
                .filter(|slot| *slot < slots)
                .and_then(|slot| self.slots.get(slot))
                .map(|slot| slot.message),
        }
    }
}

/// Those that come after a later one, with their slots.
fn displaced(slots: &[Slot], reorder: usize) -> Vec<(usize, Displaced)> {
    let mut found = Vec::new();
    let mut newest = 0;
    for (at, slot) in slots.iter().enumerate().filter(|(_, slot)| !slot.is_duplicate) {
        if slot.message >= newest {
            newest = slot.message;
            continue;
        }
        // What passed it is at most so far behind: each place holds a message and its double.
        let back = at.saturating_sub(2 * (2 * reorder + 1));
        let passed = slots[back..at].iter();
        let places =
            passed.filter(|other| !other.is_duplicate && other.message > slot.message).count();
        found.push((at, Displaced { message: slot.message, places }));
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn they_are_read_as_they_are_written() {
        assert_eq!("".parse(), Ok(Faults::default()));
        assert_eq!(
            "drop=0.01,reorder=5, duplicate=0.02,cut=30s,silent=1m,after=7".parse(),
            Ok(Faults {
                drop: 0.01,
                duplicate: 0.02,
                reorder: 5,
                cut: Some(Duration::from_secs(30)),
                silent: Some(Duration::from_secs(60)),
                after: 7,
            })
        );
        for text in ["drop", "drop=2", "drop=-1", "drop=NaN", "reorder=x", "cut=soon", "lose=1"] {
            assert!(text.parse::<Faults>().is_err(), "{text}");
        }
    }

    #[test]
    fn without_faults_all_is_sent_as_it_came() {
        let plan = Plan::new(100, &Faults::default(), 1);
        let sent: Vec<_> = plan.slots.iter().map(|slot| slot.message).collect();
        assert_eq!(sent, (0..100).collect::<Vec<_>>());
        assert_eq!(plan.made(100), Made::default());
    }

    #[test]
    fn what_is_told_is_what_was_done() {
        let faults: Faults = "drop=0.1,duplicate=0.1,reorder=5,after=10,silent=1s".parse().unwrap();
        for seed in 0..200 {
            let plan = Plan::new(500, &faults, seed);
            for slots in [plan.slots.len(), 250, 0] {
                let Made { dropped, duplicated, displaced, .. } = plan.made(slots);
                let sent = &plan.slots[..slots];
                let once: Vec<_> = sent
                    .iter()
                    .filter(|slot| !slot.is_duplicate)
                    .map(|slot| slot.message)
                    .collect();
                let all: BTreeSet<_> = once.iter().chain(&dropped).copied().collect();
                assert_eq!(all.len(), once.len() + dropped.len(), "each is sent or dropped");
                if slots == plan.slots.len() {
                    assert_eq!(all, (0..500).collect(), "and none is forgotten");
                    assert!(!dropped.is_empty() && !duplicated.is_empty() && !displaced.is_empty());
                    assert!(plan.made(slots).silent_before.is_some());
                }
                assert_eq!(once.len() + duplicated.len(), slots);
                let late: Vec<_> = (0..once.len())
                    .filter_map(|at| {
                        let message = once[at];
                        let places = once[..at].iter().filter(|other| **other > message).count();
                        (places > 0).then_some(Displaced { message, places })
                    })
                    .collect();
                assert_eq!(displaced, late);
                assert!(
                    late.iter().all(|displaced| displaced.places <= 5 && displaced.message >= 10)
                );
                assert!(dropped.iter().chain(&duplicated).all(|message| *message >= 10));
            }
        }
    }

    #[test]
    fn the_same_seed_makes_the_same_faults() {
        let faults: Faults = "drop=0.1,duplicate=0.1,reorder=5".parse().unwrap();
        let made = |seed| Plan::new(500, &faults, seed).made(usize::MAX);
        assert_eq!(made(7), made(7));
        assert_ne!(made(7), made(8));
    }
}
