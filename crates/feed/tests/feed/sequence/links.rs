//! Messages that say which one was before them, as those of Binance's futures, OKX and Deribit.

use super::bench::{Bench, WAIT_MAX, by_rule, link};
use feedscope_feed::profile::{Sequence, SequenceRule};

fn bench() -> Bench {
    Bench::new(&by_rule(SequenceRule::Previous))
}

#[test]
fn each_follows_the_one_that_it_names() {
    let mut bench = bench();
    bench.snapshot(100);
    bench.send_at([link(100, 107), link(130, 131), link(107, 130)]);
    assert_eq!(bench.delivered(), [100, 107, 130, 131]);
    assert!(bench.missing().is_empty());
}

#[test]
fn a_broken_link_is_a_gap_up_to_the_number_that_it_names() {
    let mut bench = bench();
    bench.send_at([link(90, 100), link(120, 130), link(131, 140)]);
    bench.pass(WAIT_MAX);
    assert_eq!(bench.delivered(), [100, 130, 140]);
    assert_eq!(bench.missing(), [(101, 120), (131, 131)]);
    assert_eq!(bench.counts, [None, Some(1)]);
    bench.send_at([link(100, 115)]);
    assert_eq!((bench.late.len(), bench.sequencer.missing()), (1, 2), "116 to 120 is missing");
    bench.send_at([link(115, 120), link(100, 115)]);
    assert_eq!((bench.late.len(), bench.duplicates.len()), (2, 1));
    assert_eq!(bench.sequencer.missing(), 1);
}

#[test]
fn a_message_without_a_link_is_a_snapshot() {
    let mut bench = bench();
    bench.send_at([link(90, 100)]);
    bench.accept(0, super::bench::range(50, 50), false);
    bench.send_at([link(50, 60)]);
    assert_eq!(bench.delivered(), [100, 50, 60]);
    assert!(bench.missing().is_empty() && bench.duplicates.is_empty());
}

#[test]
fn one_that_names_itself_tells_that_nothing_changed() {
    let mut bench = bench();
    bench.send_at([link(90, 100), link(100, 100), link(100, 100), link(100, 104)]);
    assert_eq!(bench.delivered(), [100, 100, 100, 104]);
    bench.send_at([link(120, 120)]);
    bench.pass(WAIT_MAX);
    assert_eq!(bench.missing(), [(105, 120)], "and also that something had not come");
}

#[test]
fn a_link_that_leads_back_begins_the_numbers_anew() {
    let mut bench = bench();
    bench.send_at([link(90, 100), link(100, 3), link(3, 5), link(100, 3), link(5, 9)]);
    assert_eq!(bench.delivered(), [100, 3, 5, 9]);
    assert_eq!(bench.duplicates, [(0, 3)]);
    assert!(bench.missing().is_empty());

    bench.send_at([link(20, 4), link(4, 8)]);
    assert_eq!(bench.delivered()[4..], [4, 8]);
    assert_eq!(bench.missing(), [(10, 20)], "what it follows had not come");
}

#[test]
fn a_link_that_is_broken_over_a_reconnect_shows_what_the_outage_cost() {
    let rule = by_rule(SequenceRule::Previous);
    let mut bench = Bench::new(&Sequence { continues: true, ..rule });
    bench.send_at([link(90, 100)]);
    bench.new_session();
    bench.send_at([link(180, 200)]);
    bench.pass(WAIT_MAX);
    assert_eq!(bench.missing(), [(101, 180)]);

    // Where they do not go on, the same is a new beginning.
    let mut bench = self::bench();
    bench.send_at([link(90, 100)]);
    bench.new_session();
    bench.send_at([link(180, 200), link(200, 201)]);
    bench.pass(WAIT_MAX);
    assert_eq!(bench.delivered(), [100, 200, 201]);
    assert!(bench.missing().is_empty());
}
