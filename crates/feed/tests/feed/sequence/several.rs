//! Several sequences in one feed, sessions that are resumed, bounds, and gaps that last.

use super::bench::{BYTES, Bench, WAIT_MAX, at, by_rule, link, range, rules};
use feedscope_feed::profile::{GapAction, OnGap, Scope, Sequence, SequenceRule};
use feedscope_feed::sequence::Step;
use feedscope_feed::{ChannelId, KeyId, Position};
use std::time::Duration;

#[test]
fn each_sequence_has_its_own_rule_scope_and_window() {
    let books = Sequence { wait_max: Duration::from_secs(1), ..by_rule(SequenceRule::Range) };
    let trades = Sequence { held_max: 1, ..rules(Scope::Connection, false, 1) };
    let mut bench = Bench::of(&[books, trades]);
    let trade = |number| Position { sequence: 1, ..range(number, number) };
    for (channel, position) in [
        (0, range(1, 5)),
        (1, trade(1)),
        (2, trade(2)),
        (0, range(9, 9)),
        (1, trade(4)),
        (2, trade(7)),
    ] {
        bench.accept(channel, position, false);
    }
    assert_eq!(bench.delivered[&0], [5]);
    assert_eq!((&bench.delivered[&1][..], &bench.delivered[&2][..]), (&[1, 4][..], &[2][..]));
    assert_eq!(bench.sequencer.timeout(), Some(bench.now + WAIT_MAX), "of trades");
    bench.pass(WAIT_MAX);
    assert_eq!(bench.delivered[&2], [2, 7]);
    assert_eq!(bench.sequencer.timeout(), Some(bench.now + Duration::from_secs(1) - WAIT_MAX));
    bench.pass(Duration::from_secs(1));
    assert_eq!(bench.delivered[&0], [5, 9]);
}

#[test]
fn only_the_key_with_the_gap_is_held_up() {
    let mut bench = Bench::new(&rules(Scope::Key, false, 8));
    let mut send = |key, number| {
        let scope = bench.sequencer.scope(0, ChannelId(0), Some(KeyId(key)));
        let item = super::bench::Item { channel: key, number, arrival: bench.arrivals };
        bench.arrivals += 1;
        let steps = &mut bench.steps;
        bench.sequencer.accept(bench.now, scope, at(number), false, BYTES, item, steps);
        bench.take_steps(Some(item.arrival));
    };
    for (key, number) in [(0, 1), (1, 1), (0, 3), (1, 2), (1, 3)] {
        send(key, number);
    }
    assert_eq!((&bench.delivered[&0][..], &bench.delivered[&1][..]), (&[1][..], &[1, 2, 3][..]));
    let gap = bench.pass_and_see();
    assert_eq!(gap, (Some(ChannelId(0)), Some(KeyId(0)), 2, 2));
}

impl Bench {
    /// The one gap that is told when the time is over.
    fn pass_and_see(&mut self) -> (Option<ChannelId>, Option<KeyId>, u64, u64) {
        let mut steps = Vec::new();
        self.sequencer.handle_timeout(self.now + WAIT_MAX, &mut steps);
        let gaps = steps.into_iter().filter_map(|step| match step {
            Step::Missing { channel, key, first, last, .. } => Some((channel, key, first, last)),
            _ => None,
        });
        let gaps: Vec<_> = gaps.collect();
        assert_eq!(gaps.len(), 1);
        gaps[0]
    }
}

#[test]
fn what_is_held_is_bounded_in_bytes_too() {
    let sequence = Sequence { held_bytes_max: 2 * BYTES, ..rules(Scope::Connection, false, 1_000) };
    let mut bench = Bench::new(&sequence);
    bench.send_all([0, 2, 4, 6]);
    assert_eq!(bench.delivered(), [0, 2]);
    assert_eq!((bench.missing(), bench.sequencer.held_bytes()), (&[(1, 1)][..], 2 * BYTES));
}

#[test]
fn after_a_resumption_what_came_before_is_a_duplicate_and_what_was_missing_is_late() {
    // Even where numbers begin anew with a session that is not resumed.
    let mut bench = Bench::new(&rules(Scope::Connection, false, 8));
    bench.send_all((0..5_000).filter(|number| *number != 100));
    bench.pass(WAIT_MAX);
    bench.resumed_session();
    bench.send_all(90..5_003);
    assert_eq!((bench.delivered().len(), bench.sequencer.missing()), (5_002, 0));
    assert_eq!((bench.duplicates.len(), &bench.late[..]), (4_909, &[(0, 100)][..]));
    bench.resumed_session();
    bench.send_all([5_010]);
    bench.pass(WAIT_MAX);
    assert_eq!(bench.missing(), [(100, 100), (5_003, 5_009)]);
    bench.new_session();
    bench.send_all([4_000, 4_001]);
    assert_eq!(bench.delivered()[5_003..], [4_000, 4_001]);
}

#[test]
fn a_session_that_is_resumed_after_one_that_was_not_does_not_revive_the_numbers_before() {
    let mut bench = Bench::new(&rules(Scope::Channel, false, 8));
    bench.send(0, 500);
    bench.new_session();
    bench.send(1, 1);
    bench.resumed_session();
    bench.send(0, 400);
    assert_eq!(bench.delivered(), [500, 400]);
}

#[test]
fn a_service_that_begins_anew_behind_a_resumption_is_not_silent_for_ever() {
    let mut bench = Bench::new(&by_rule(SequenceRule::Increment));
    bench.send_all([10_000_000]);
    bench.resumed_session();
    bench.send_all(0..150_000);
    assert_eq!(*bench.delivered().last().unwrap(), 149_999);
}

fn resync(rule: SequenceRule) -> Sequence {
    let on_gap =
        OnGap { action: GapAction::Resync, send: Vec::new(), every: Duration::from_secs(5) };
    Sequence { on_gap: Some(on_gap), ..by_rule(rule) }
}

#[test]
fn a_gap_for_which_a_snapshot_is_asked_is_mended_by_it() {
    let mut bench = Bench::new(&resync(SequenceRule::Previous));
    bench.snapshot(10);
    assert_eq!(bench.mended, 0, "nothing was broken");
    bench.send_at([link(10, 12), link(20, 21)]);
    bench.pass(WAIT_MAX);
    bench.send_at([link(21, 25)]);
    assert_eq!(bench.mended, 0);
    bench.snapshot(24);
    bench.snapshot(25);
    assert_eq!((bench.mended, bench.delivered()), (1, &[10, 12, 21, 25, 24, 25][..]));

    // A new session does not mend it; its snapshot does.
    bench.send_at([link(30, 31)]);
    bench.pass(WAIT_MAX);
    bench.new_session();
    bench.send_at([link(50, 51)]);
    assert_eq!(bench.mended, 1);
    bench.new_session();
    bench.snapshot(70);
    assert_eq!(bench.mended, 2);
}

#[test]
fn what_was_held_and_is_told_missing_by_a_snapshot_is_mended_at_once() {
    let mut bench = Bench::new(&resync(SequenceRule::Increment));
    bench.send_all([1, 3]);
    bench.snapshot(9);
    assert_eq!((bench.missing(), bench.mended), (&[(2, 2)][..], 1));
}
