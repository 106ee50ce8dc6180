//! Messages that stand for several numbers, as those of Binance's order books.

use super::bench::{Bench, WAIT_MAX, by_rule, range};
use feedscope_feed::profile::SequenceRule;

fn bench() -> Bench {
    Bench::new(&by_rule(SequenceRule::Range))
}

#[test]
fn each_follows_the_one_whose_last_number_is_before_its_first() {
    let mut bench = bench();
    bench.send_at([range(10, 14), range(20, 22), range(15, 19), range(23, 23)]);
    assert_eq!(bench.delivered(), [14, 19, 22, 23]);
    assert!(bench.missing().is_empty());
}

#[test]
fn what_is_missing_are_numbers_of_which_nobody_knows_how_many_messages_they_were() {
    let mut bench = bench();
    bench.send_at([range(10, 14), range(20, 22), range(24, 30)]);
    bench.pass(WAIT_MAX);
    assert_eq!(bench.missing(), [(15, 19), (23, 23)]);
    assert_eq!(bench.counts, [None, Some(1)], "a single number is of a single message");
    assert_eq!(bench.sequencer.missing(), 2);
}

#[test]
fn the_first_after_a_snapshot_may_begin_before_it() {
    let mut bench = bench();
    bench.snapshot(160);
    bench.send_at([range(140, 150), range(157, 165), range(166, 170)]);
    assert_eq!(bench.delivered(), [160, 165, 170]);
    assert_eq!(bench.late, [(0, 150)], "it is in the snapshot already");
    assert!(bench.missing().is_empty());
}

#[test]
fn one_that_waited_for_a_snapshot_is_delivered_after_it() {
    let mut bench = bench();
    bench.send_at([range(1, 5), range(12, 20)]);
    bench.snapshot(15);
    bench.send_at([range(21, 22)]);
    assert_eq!(bench.delivered(), [5, 15, 20, 22]);
    assert!(bench.missing().is_empty());
}

#[test]
fn one_that_brings_nothing_new_is_a_duplicate_or_late_where_that_was_missing() {
    let mut bench = bench();
    bench.send_at([range(10, 14), range(10, 14), range(12, 13), range(20, 22)]);
    bench.pass(WAIT_MAX);
    bench.send_at([range(15, 16), range(15, 16), range(18, 19)]);
    assert_eq!(bench.delivered(), [14, 22]);
    assert_eq!(bench.duplicates, [(0, 14), (0, 13), (0, 16)]);
    assert_eq!(bench.late, [(0, 16), (0, 19)]);
    assert_eq!(bench.sequencer.missing(), 1, "17 is still missing");
    bench.send_at([range(17, 17)]);
    assert_eq!(bench.sequencer.missing(), 0);
}

#[test]
fn one_that_brings_the_old_and_the_new_mends_what_was_missing() {
    let mut bench = bench();
    bench.send_at([range(10, 14), range(20, 22)]);
    bench.pass(WAIT_MAX);
    assert_eq!(bench.sequencer.missing(), 1);
    bench.send_at([range(15, 25), range(26, 26)]);
    assert_eq!(bench.delivered(), [14, 22, 25, 26]);
    assert_eq!(bench.sequencer.missing(), 0);
}

#[test]
fn one_of_no_numbers_has_its_place_between_two() {
    let mut bench = bench();
    bench.send_at([range(10, 14), range(15, 14), range(15, 14), range(18, 17), range(15, 17)]);
    assert_eq!(bench.delivered(), [14, 14, 14, 17, 17]);
    bench.send_at([range(13, 12)]);
    assert_eq!(bench.duplicates, [(0, 12)]);
    assert!(bench.missing().is_empty());
}

#[test]
fn one_whose_range_runs_backwards_says_nothing_of_its_place() {
    let mut bench = bench();
    bench.send_at([range(10, 14), range(30, 7), range(15, 16)]);
    assert_eq!(bench.delivered(), [14, 7, 16]);
    assert!(bench.missing().is_empty());
}

#[test]
fn numbers_rise_in_leaps_and_an_old_one_is_still_known() {
    let mut bench = bench();
    let span = |i: u64| range(1_000_000 + 5_000 * i, 1_000_000 + 5_000 * i + 4_999);
    bench.send_at((0..20).map(span));
    bench.send_at([span(3)]);
    assert_eq!(bench.duplicates.len(), 1, "80,000 numbers ago, but 16 messages");
    bench.send_at([range(1, 9), range(10, 12)]);
    assert_eq!(bench.delivered()[20..], [9, 12], "the service was started anew");
}

#[test]
fn a_counter_that_was_set_back_a_little_does_not_silence_the_feed() {
    let mut bench = bench();
    bench.send_at([range(1_000_000, 1_000_000)]);
    bench.send_at((900_000..902_000).map(|number| range(number, number)));
    let last = *bench.delivered().last().unwrap();
    assert_eq!(last, 901_999);
    assert!(bench.duplicates.len() + bench.late.len() <= 1_100);
}
