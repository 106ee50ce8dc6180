//! Numbers that rise by one.

use super::bench::{Bench, Item, WAIT_MAX, at, rules};
use feedscope_feed::decode::OTHER_KEYS;
use feedscope_feed::profile::{Path, Scope, Sequence, SequenceRule};
use feedscope_feed::sequence::{SCOPES_MAX, ScopeId, Sequencer, Step};
use feedscope_feed::{ChannelId, KeyId};
use proptest::prelude::*;
use proptest::test_runner::RngSeed;
use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

fn by_connection(continues: bool) -> Bench {
    Bench::new(&rules(Scope::Connection, continues, 1_024))
}

#[test]
fn what_comes_in_order_is_delivered_at_once() {
    let mut bench = by_connection(false);
    bench.send_all(5..10);
    assert_eq!(bench.delivered(), [5, 6, 7, 8, 9]);
    assert!(bench.missing().is_empty());
}

#[test]
fn an_early_one_waits_for_those_before_it() {
    let mut bench = by_connection(false);
    bench.send_all([0, 2, 3]);
    assert_eq!(bench.delivered(), [0]);
    bench.send_all([1, 4]);
    assert_eq!(bench.delivered(), [0, 1, 2, 3, 4]);
    assert!(bench.missing().is_empty());
}

#[test]
fn it_waits_so_long_and_no_longer() {
    let mut bench = by_connection(false);
    bench.send_all([0, 3]);
    bench.pass(WAIT_MAX - Duration::from_nanos(1));
    assert_eq!(bench.delivered(), [0]);
    bench.pass(Duration::from_nanos(1));
    assert_eq!(bench.delivered(), [0, 3]);
    assert_eq!(bench.missing(), [(1, 2)]);
}

#[test]
fn a_later_gap_is_given_its_own_time() {
    let mut bench = by_connection(false);
    bench.send_all([0, 2]);
    bench.pass(WAIT_MAX / 2);
    bench.send_all([4]);
    bench.pass(WAIT_MAX / 2);
    assert_eq!(bench.delivered(), [0, 2]);
    bench.send_all([3]);
    assert_eq!(bench.delivered(), [0, 2, 3, 4]);
    assert_eq!(bench.missing(), [(1, 1)]);
}

#[test]
fn one_that_was_given_up_is_late_once_and_then_a_duplicate() {
    let mut bench = by_connection(false);
    bench.send_all([0, 4]);
    bench.pass(WAIT_MAX);
    assert_eq!(bench.sequencer.missing(), 3);
    bench.send_all([2, 2]);
    assert_eq!((&bench.late[..], &bench.duplicates[..]), (&[(0, 2)][..], &[(0, 2)][..]));
    assert_eq!(bench.sequencer.missing(), 2);
}

#[test]
fn what_is_from_before_the_first_is_late_but_was_never_missing() {
    let mut bench = by_connection(false);
    bench.send_all([11, 10, 10]);
    assert_eq!((&bench.late[..], &bench.duplicates[..]), (&[(0, 10)][..], &[(0, 10)][..]));
    assert_eq!(bench.sequencer.missing(), 0);
}

#[test]
fn when_too_many_are_held_the_oldest_is_not_waited_for() {
    let mut bench = Bench::new(&rules(Scope::Channel, false, 2));
    bench.send(0, 0);
    bench.send(1, 0);
    bench.send(0, 2);
    bench.send(1, 5);
    bench.send(1, 7);
    assert_eq!(bench.delivered(), [0, 2]);
    assert_eq!(bench.missing_numbers(0), [1]);
    assert!(bench.missing_numbers(1).is_empty(), "the other scope still waits");
}

#[test]
fn without_room_to_hold_anything_a_gap_is_told_at_once() {
    let mut bench = Bench::new(&rules(Scope::Connection, false, 0));
    bench.send_all([0, 3, 4]);
    assert_eq!(bench.delivered(), [0, 3, 4]);
    assert_eq!(bench.missing(), [(1, 2)]);
}

#[test]
fn a_jump_far_back_is_a_new_beginning_and_no_gap() {
    let mut bench = by_connection(false);
    bench.send_all([5_000, 5_001, 5_003, 0, 1, 2]);
    assert_eq!(bench.delivered(), [5_000, 5_001, 5_003, 0, 1, 2]);
    assert_eq!(bench.missing(), [(5_002, 5_002)], "what was held shows its own gap");
    assert!(bench.duplicates.is_empty());
}

#[test]
fn a_small_window_does_not_take_an_old_message_for_a_new_beginning() {
    let mut bench = Bench::new(&rules(Scope::Connection, false, 4));
    bench.send_all((0..100).chain([50]).chain(100..110));
    assert_eq!(bench.delivered(), (0..110).collect::<Vec<_>>());
    assert_eq!(bench.duplicates, [(0, 50)]);
}

#[test]
fn absurd_numbers_cost_neither_memory_nor_the_feed() {
    let mut bench = by_connection(false);
    bench.send_all([0, 1, u64::MAX, u64::MAX - 1, 2]);
    bench.pass(WAIT_MAX);
    assert_eq!(bench.missing(), [(3, u64::MAX - 2)]);
    assert_eq!(bench.delivered(), [0, 1, 2, u64::MAX - 1, u64::MAX]);
    bench.send_all(3..200);
    let last = *bench.delivered().last().unwrap();
    assert_eq!(last, 199, "it goes on, after some that seem to be late");
    assert!(bench.late.len() < 100);
}

#[test]
fn a_snapshot_is_right_whatever_came_before() {
    let mut bench = by_connection(false);
    bench.send_all([0, 1]);
    bench.snapshot(50);
    bench.send_all([51, 52]);
    assert_eq!(bench.delivered(), [0, 1, 50, 51, 52]);
    bench.snapshot(7);
    bench.send_all([8, 9]);
    assert_eq!(bench.delivered()[5..], [7, 8, 9]);
    assert!(bench.missing().is_empty() && bench.duplicates.is_empty());
}

#[test]
fn a_snapshot_that_comes_again_is_no_duplicate_and_makes_none() {
    let mut bench = by_connection(false);
    bench.snapshot(10);
    bench.send_all([11, 12, 13]);
    bench.snapshot(10);
    bench.snapshot(12);
    bench.send_all([14, 15]);
    assert_eq!(bench.delivered(), [10, 11, 12, 13, 10, 12, 14, 15]);
    assert!(bench.missing().is_empty() && bench.duplicates.is_empty());
}

#[test]
fn numbers_that_begin_anew_after_a_snapshot_have_nothing_to_do_with_those_before() {
    let mut bench = by_connection(false);
    bench.send_all([10, 13, 14]);
    bench.pass(WAIT_MAX);
    assert_eq!(bench.missing(), [(11, 12)]);
    bench.snapshot(2);
    bench.send_all((3..=14).chain([12]));
    assert_eq!(bench.delivered()[3..], (2..=14).collect::<Vec<_>>());
    assert_eq!((bench.late.len(), &bench.duplicates[..]), (0, &[(0, 12)][..]));
}

#[test]
fn after_a_snapshot_that_went_back_a_gap_is_still_exact() {
    let mut bench = by_connection(false);
    bench.send_all(10..20);
    bench.snapshot(15);
    bench.send_all([22]);
    bench.pass(WAIT_MAX);
    assert_eq!(bench.missing(), [(20, 21)]);
}

#[test]
fn what_is_held_before_a_snapshot_comes_before_it_and_what_is_after_stays() {
    let mut bench = by_connection(false);
    bench.send_all([0, 2, 5, 9, 11]);
    bench.snapshot(9);
    assert_eq!(bench.delivered(), [0, 2, 5, 9]);
    assert_eq!(bench.missing(), [(1, 1), (3, 4)], "but nothing between them and the snapshot");
    assert_eq!(bench.duplicates, [(0, 9)]);
    bench.send_all([10, 7]);
    assert_eq!(bench.delivered(), [0, 2, 5, 9, 10, 11]);
    assert_eq!(bench.late, [(0, 7)]);
    assert_eq!(bench.sequencer.missing(), 3);
}

#[test]
fn numbers_that_begin_anew_with_the_session_show_no_gap() {
    let mut bench = by_connection(false);
    bench.send_all([0, 1, 2]);
    bench.new_session();
    bench.send_all([0, 1]);
    bench.new_session();
    bench.send_all([100, 101]);
    assert_eq!(bench.delivered(), [0, 1, 2, 0, 1, 100, 101]);
    assert!(bench.missing().is_empty());
}

#[test]
fn numbers_that_continue_show_exactly_what_the_outage_cost() {
    let mut bench = by_connection(true);
    bench.send_all([0, 1, 3]);
    bench.new_session();
    assert_eq!(bench.missing(), [(2, 2)], "what was held when the session ended is not lost");
    bench.send_all([10, 11]);
    bench.pass(WAIT_MAX);
    assert_eq!(bench.missing(), [(2, 2), (4, 9)]);
    bench.new_session();
    bench.send_all([12]);
    bench.new_session();
    bench.send_all([5, 6]);
    assert_eq!(bench.missing(), [(2, 2), (4, 9)], "lower than expected is a new beginning");
    assert_eq!(bench.delivered(), [0, 1, 3, 10, 11, 12, 5, 6]);
}

#[test]
fn without_a_rule_or_a_number_messages_are_taken_as_they_come() {
    let mut none =
        Sequencer::new(&[Sequence::new(SequenceRule::None, Scope::Connection, Path::key("n"))]);
    let scope = none.scope(0, ChannelId(0), None);
    let mut steps = Vec::new();
    for number in [5, 5, 1] {
        none.accept(Instant::now(), scope, at(number), false, 1, number, &mut steps);
    }
    let deliver = |item| Step::Deliver { scope: None, item, was_held: false };
    assert_eq!(steps, [deliver(5), deliver(5), deliver(1)]);

    let mut bench = by_connection(false);
    bench.send_all([0, 2]);
    let scope = bench.sequencer.scope(0, ChannelId(0), None);
    let item = Item { channel: 9, number: 0, arrival: bench.arrivals };
    bench.sequencer.accept(bench.now, scope, None, false, 1, item, &mut bench.steps);
    bench.take_steps(Some(item.arrival));
    assert_eq!(bench.delivered[&9], [0]);
}

#[test]
fn each_key_of_each_channel_is_in_sequence_with_itself() {
    let mut sequencer = Sequencer::new(&[rules(Scope::Key, false, 8)]);
    let scopes = [(0, Some(0)), (0, Some(1)), (0, None), (1, Some(0)), (1, None)];
    let ids: Vec<_> = scopes
        .iter()
        .map(|(channel, key)| sequencer.scope(0, ChannelId(*channel), key.map(KeyId)))
        .collect();
    assert_eq!(ids, (0..5).map(|id| Some(ScopeId(id))).collect::<Vec<_>>());
    let mut steps = Vec::new();
    for (i, id) in ids.iter().enumerate() {
        sequencer.accept(Instant::now(), *id, at(1_000 * i as u64), false, 1, i, &mut steps);
    }
    assert!(steps.iter().all(|step| matches!(step, Step::Deliver { .. })));
    assert_eq!(sequencer.scope(0, ChannelId(0), Some(KeyId(1))), Some(ScopeId(1)));
}

#[test]
fn scopes_beyond_the_limit_are_not_told_apart_but_counted() {
    let mut sequencer = Sequencer::<()>::new(&[rules(Scope::Key, false, 8)]);
    for key in 0..SCOPES_MAX as u32 {
        assert!(sequencer.scope(0, ChannelId(key % 7), Some(KeyId(key))).is_some());
    }
    assert_eq!(sequencer.scope(0, ChannelId(8), Some(KeyId(0))), None);
    assert_eq!(sequencer.scope(0, ChannelId(0), Some(OTHER_KEYS)), None);
    assert_eq!(sequencer.scope(0, ChannelId(0), Some(KeyId(0))), Some(ScopeId(0)));
    assert_eq!(sequencer.unscoped(), 2);
}

/// What happens to one message of a stream on its way.
#[derive(Clone, Copy, Debug)]
struct Way {
    channel: u32,
    lost: bool,
    doubled: bool,
    /// It is overtaken by up to so many later ones.
    delay: usize,
    millis: u64,
}

fn way(channels: u32, delay_max: usize, millis_max: u64) -> impl Strategy<Value = Way> {
    (
        0..channels,
        prop::bool::weighted(0.1),
        prop::bool::weighted(0.1),
        prop_oneof![4 => Just(0), 1 => 0..=delay_max],
        0..=millis_max,
    )
        .prop_map(|(channel, lost, doubled, delay, millis)| Way {
            channel,
            lost,
            doubled,
            delay,
            millis,
        })
}

/// Numbers each channel's messages from `start`, and gives them in the order in which they arrive,
/// with the milliseconds before each. The first of each channel arrives first, and is not lost.
fn arrivals(ways: &[Way], start: u64) -> Vec<(u32, u64, u64)> {
    let mut next = BTreeMap::new();
    let mut sent = Vec::new();
    for (at, way) in ways.iter().enumerate() {
        let next = next.entry(way.channel).or_insert(start);
        let number = *next;
        *next += 1;
        let first = number == start;
        if way.lost && !first {
            continue;
        }
        let delay = if first { 0 } else { way.delay };
        sent.push((at + delay, way.channel, number, way.millis));
        if way.doubled {
            sent.push((at + 2 * way.delay, way.channel, number, 0));
        }
    }
    sent.sort_by_key(|(at, ..)| *at);
    sent.into_iter().map(|(_, channel, number, millis)| (channel, number, millis)).collect()
}

/// By channel: the numbers from the first to the last that arrived which did not arrive.
fn lost(arrivals: &[(u32, u64, u64)]) -> BTreeMap<u32, Vec<u64>> {
    let mut came: BTreeMap<u32, BTreeSet<u64>> = BTreeMap::new();
    for (channel, number, _) in arrivals {
        came.entry(*channel).or_default().insert(*number);
    }
    came.into_iter()
        .map(|(channel, came)| {
            let (first, last) = (*came.first().unwrap(), *came.last().unwrap());
            (channel, (first..=last).filter(|number| !came.contains(number)).collect())
        })
        .collect()
}

fn strictly_ascending(numbers: &[u64]) -> bool {
    numbers.windows(2).all(|pair| pair[0] < pair[1])
}

proptest! {
    // The same cases every time: a failure is to be seen by whoever looks for it.
    #![proptest_config(ProptestConfig {
        cases: 3_000,
        rng_seed: RngSeed::Fixed(1),
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    /// With a window that is wide enough, order is restored and exactly what was lost is missing.
    #[test]
    fn loss_is_found_exactly_and_order_restored(
        ways in prop::collection::vec(way(3, 6, 2), 1..150),
        start in prop_oneof![Just(0), 0..10_000u64, Just(u64::MAX - 1_000)],
    ) {
        let arrivals = arrivals(&ways, start);
        let lost = lost(&arrivals);
        let mut bench = Bench::new(&rules(Scope::Channel, false, 1_024));
        for (channel, number, millis) in &arrivals {
            bench.pass(Duration::from_millis(*millis));
            bench.send(*channel, *number);
        }
        bench.pass(WAIT_MAX);
        prop_assert!(bench.late.is_empty());
        let mut once = BTreeSet::new();
        let twice: Vec<_> = arrivals.iter().filter(|(c, n, _)| !once.insert((*c, *n))).collect();
        prop_assert_eq!(bench.duplicates.len(), twice.len());
        for (channel, lost) in lost {
            let came: Vec<u64> =
                once.iter().filter(|(of, _)| *of == channel).map(|(_, number)| *number).collect();
            prop_assert_eq!(&bench.delivered[&channel], &came, "in order, and all of it");
            prop_assert_eq!(bench.missing_numbers(channel), lost);
        }
    }

    /// With any window and any delay: in order and at most once, and each number that did not come
    /// in time is in exactly one range.
    #[test]
    fn whatever_happens_it_stays_in_order_and_every_number_is_accounted_for(
        ways in prop::collection::vec(way(2, 40, 80), 1..150),
        held_max in 0usize..20,
    ) {
        let arrivals = arrivals(&ways, 100);
        let mut bench = Bench::new(&rules(Scope::Channel, false, held_max));
        for (channel, number, millis) in &arrivals {
            bench.pass(Duration::from_millis(*millis));
            bench.send(*channel, *number);
        }
        bench.pass(WAIT_MAX);
        prop_assert_eq!(bench.ledger.received(), arrivals.len() as u64);
        prop_assert_eq!(bench.ledger.held(), 0);
        let mut still_missing = 0;
        for (channel, lost) in lost(&arrivals) {
            let delivered = &bench.delivered[&channel];
            prop_assert!(strictly_ascending(delivered));
            let declared = bench.missing_numbers(channel);
            prop_assert!(strictly_ascending(&declared), "no number is declared twice");
            let late: BTreeSet<u64> =
                bench.late.iter().filter(|(of, _)| *of == channel).map(|(_, n)| *n).collect();
            let declared: BTreeSet<u64> = declared.into_iter().collect();
            prop_assert_eq!(
                declared.difference(&late).copied().collect::<Vec<_>>(),
                lost.clone(),
                "declared, and not come since, is what was lost"
            );
            prop_assert!(late.is_subset(&declared));
            let delivered: BTreeSet<u64> = delivered.iter().copied().collect();
            prop_assert!(delivered.is_disjoint(&declared));
            still_missing += lost.len() as u64;
        }
        prop_assert_eq!(bench.sequencer.missing(), still_missing);
    }

    /// Over sessions, numbers that continue tell exactly what was lost, outages included; numbers
    /// that begin anew tell what was lost within each session.
    #[test]
    fn sessions_are_told_apart(
        sessions in prop::collection::vec((prop::collection::vec(way(1, 4, 2), 1..40), 0u64..50), 1..6),
        continues: bool,
    ) {
        let mut bench = by_connection(continues);
        let (mut expected, mut came) = (Vec::new(), Vec::new());
        let mut start = 1;
        for (ways, outage) in sessions {
            let arrivals = arrivals(&ways, start);
            let first_to_last = arrivals.iter().map(|(_, number, _)| *number);
            let last = first_to_last.clone().max().unwrap();
            expected.extend(lost(&arrivals).remove(&0).unwrap());
            came.extend(first_to_last.collect::<BTreeSet<_>>());
            for (_, number, millis) in arrivals {
                bench.pass(Duration::from_millis(millis));
                bench.send(0, number);
            }
            bench.new_session();
            start = 1;
            if continues {
                start += last + outage;
                expected.extend(last + 1..start);
            }
        }
        // What the last outage cost shows only in a session after it.
        if continues {
            bench.send(0, start);
            bench.pass(WAIT_MAX);
            came.push(start);
        }
        prop_assert_eq!(bench.delivered(), came);
        prop_assert_eq!(bench.missing_numbers(0), expected);
    }
}
