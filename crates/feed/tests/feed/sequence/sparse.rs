//! Numbers that rise, but not by one, as Coinbase's.

use super::bench::{Bench, by_rule};
use feedscope_feed::profile::SequenceRule;

fn bench() -> Bench {
    Bench::new(&by_rule(SequenceRule::Sparse))
}

#[test]
fn order_shows_and_gaps_do_not() {
    let mut bench = bench();
    bench.send_all([10, 17, 17, 400, 90_000]);
    assert_eq!(bench.delivered(), [10, 17, 17, 400, 90_000]);
    assert_eq!(bench.sequencer.timeout(), None, "nothing is held");
    assert!(bench.missing().is_empty() && bench.duplicates.is_empty());
}

#[test]
fn a_lower_number_is_late() {
    let mut bench = bench();
    bench.send_all([100_000, 107_000, 104_000, 108_000]);
    assert_eq!(bench.delivered(), [100_000, 107_000, 108_000]);
    assert_eq!(bench.late, [(0, 104_000)]);
}

#[test]
fn a_number_that_is_far_lower_begins_anew() {
    let mut bench = bench();
    bench.send_all([100_000, 107_000, 3, 8]);
    assert_eq!(bench.delivered(), [100_000, 107_000, 3, 8]);
    assert!(bench.late.is_empty());
}

#[test]
fn many_lower_numbers_in_a_row_begin_anew() {
    let mut bench = bench();
    bench.send_all([1_000_000]);
    bench.send_all(999_000..999_200);
    assert_eq!(*bench.delivered().last().unwrap(), 999_199);
    assert_eq!(bench.late.len(), 64);
}

#[test]
fn a_snapshot_is_right_whatever_came_before() {
    let mut bench = bench();
    bench.send_all([5_000]);
    bench.snapshot(4_900);
    bench.send_all([4_950, 4_940]);
    assert_eq!(bench.delivered(), [5_000, 4_900, 4_950]);
    assert_eq!(bench.late, [(0, 4_940)]);
}
