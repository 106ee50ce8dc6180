//! Whatever a server sends: the ledger balances at every step, what is held stays within bounds,
//! which [`Bench`] checks, and nothing panics or hangs.

use super::bench::{Bench, WAIT_MAX, by_rule};
use feedscope_feed::Position;
use feedscope_feed::profile::{GapAction, OnGap, Sequence, SequenceRule};
use proptest::prelude::*;
use proptest::test_runner::RngSeed;
use std::time::Duration;

const RULES: [SequenceRule; 5] = [
    SequenceRule::None,
    SequenceRule::Increment,
    SequenceRule::Range,
    SequenceRule::Previous,
    SequenceRule::Sparse,
];

fn number() -> impl Strategy<Value = u64> {
    prop_oneof![8 => 0u64..40, 2 => 0u64..5_000, 1 => u64::MAX - 3..=u64::MAX, 1 => any::<u64>()]
}

#[derive(Clone, Copy, Debug)]
enum Session {
    Same,
    New,
    Resumed,
}

fn session() -> impl Strategy<Value = Session> {
    prop_oneof![48 => Just(Session::Same), 1 => Just(Session::New), 1 => Just(Session::Resumed)]
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 1_500,
        rng_seed: RngSeed::Fixed(1),
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn the_ledger_balances_and_bounds_hold(
        messages in prop::collection::vec(
            (
                (number(), number(), prop::option::weighted(0.9, number())),
                0u32..3,
                prop::bool::weighted(0.1),
                session(),
                prop_oneof![9 => Just(0u64), 1 => 0u64..400],
            ),
            0..150,
        ),
        rules in prop::array::uniform2(prop::sample::select(&RULES[..])),
        (held_max, held_bytes_max) in (0usize..12, 0usize..1_500),
        continues: bool,
        resync: bool,
    ) {
        let action = if resync { GapAction::Resync } else { GapAction::Replay };
        let on_gap = OnGap { action, send: Vec::new(), every: Duration::ZERO };
        let sequences = rules.map(|rule| Sequence {
            continues,
            held_max,
            held_bytes_max,
            on_gap: Some(on_gap.clone()),
            ..by_rule(rule)
        });
        let mut bench = Bench::of(&sequences);
        let count = messages.len();
        for ((first, last, previous), channel, snapshot, session, millis) in messages {
            match session {
                Session::Same => {}
                Session::New => bench.new_session(),
                Session::Resumed => bench.resumed_session(),
            }
            bench.pass(Duration::from_millis(millis));
            let position = Position { sequence: channel as usize % 2, first, last, previous };
            bench.accept(channel, position, snapshot);
        }
        bench.pass(WAIT_MAX);
        prop_assert_eq!(bench.ledger.received(), count as u64);
        prop_assert_eq!(bench.ledger.held(), 0);
    }

    #[test]
    fn order_alone_gives_no_gap_and_loses_nothing(
        messages in prop::collection::vec((0u64..2_000, 0u8..50), 0..150),
    ) {
        let mut bench = Bench::new(&by_rule(SequenceRule::Sparse));
        let mut expected = Vec::new();
        let mut base = 1_000_000;
        for (step, event) in &messages {
            if *event == 0 {
                bench.new_session();
                base -= 300_000;
                expected.clear();
                bench.delivered.clear();
            }
            // Some arrive in each other's place.
            let number = if event % 7 == 1 { base - step } else { base + step };
            base = base.max(number);
            if expected.last().is_none_or(|last| number >= *last) {
                expected.push(number);
            }
            bench.send(0, number);
            prop_assert_eq!(bench.delivered(), &expected[..]);
            if base < 400_000 {
                break;
            }
        }
        let ledger = bench.ledger;
        prop_assert_eq!(ledger.received(), ledger.delivered() + ledger.late());
        prop_assert!(bench.missing().is_empty());
    }
}
