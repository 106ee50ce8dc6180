//! The outbox, in virtual time.

use super::*;
use crate::profile::{Acknowledgement, Condition};
use proptest::prelude::*;

fn outbox(change: impl FnOnce(&mut profile::Outbox)) -> Outbox<u32> {
    let mut spec = profile::Outbox::default();
    change(&mut spec);
    Outbox::new(spec)
}

fn acknowledged() -> Option<Acknowledgement> {
    Some(Acknowledgement {
        sent: Path::key("id"),
        answer: Path::key("id"),
        refused: Some(Condition::exists(Path::key("error"))),
        answer_max: 10 * SECOND,
    })
}

/// What goes now, as text.
fn goes(outbox: &mut Outbox<u32>, now: Instant) -> Vec<String> {
    std::iter::from_fn(|| outbox.next(now))
        .map(|(message, _)| String::from_utf8_lossy(message.bytes()).into_owned())
        .collect()
}

fn settled(outbox: &mut Outbox<u32>) -> Vec<(u32, Outcome)> {
    std::iter::from_fn(|| outbox.next_settled()).collect()
}

#[test]
fn what_is_kept_goes_in_its_order_once_it_can() {
    let (mut outbox, now) = (outbox(|_| {}), Instant::now());
    for number in 0..3 {
        outbox.push(now, format!("{number}").into(), number, false);
    }
    assert_eq!(settled(&mut outbox), [], "nobody is told before it is so");
    outbox.push(now, "3".into(), 3, true);
    assert_eq!(goes(&mut outbox, now), ["0", "1", "2", "3"]);
    assert_eq!(settled(&mut outbox), [0, 1, 2, 3].map(|number| (number, Outcome::Sent)));
}

#[test]
fn what_is_not_to_be_kept_is_dropped_and_its_sender_told() {
    let mut outbox = outbox(|spec| spec.offline = Offline::Drop);
    let now = Instant::now();
    let not_live = Outcome::Dropped(Unsent::NotLive);
    outbox.push(now, "a".into(), 1, false);
    assert_eq!(settled(&mut outbox), [(1, not_live.clone())]);
    // It was live, but there was no room, and then it was not.
    outbox.push(now, "b".into(), 2, true);
    outbox.session_ended();
    assert_eq!(settled(&mut outbox), [(2, not_live)]);
    assert_eq!(goes(&mut outbox, now), [""; 0]);
    assert_eq!(outbox.counts().dropped, 2);
}

#[test]
fn it_is_bounded_in_number_and_size() {
    let mut outbox = outbox(|spec| (spec.messages_max, spec.bytes_max) = (3, 10));
    let now = Instant::now();
    for (number, bytes) in [(0, 11), (1, 6), (2, 5), (3, 4), (4, 0), (5, 0)] {
        outbox.push(now, vec![0; bytes].into(), number, false);
    }
    let dropped = |why| Outcome::Dropped(why);
    assert_eq!(
        settled(&mut outbox),
        [(0, dropped(Unsent::TooLarge)), (2, dropped(Unsent::Full)), (5, dropped(Unsent::Full))]
    );
    assert_eq!((outbox.counts().waiting, outbox.counts().waiting_bytes), (3, 10));
    goes(&mut outbox, now);
    assert_eq!((outbox.counts().waiting, outbox.counts().waiting_bytes), (0, 0));
}

#[test]
fn what_waits_for_too_long_is_dropped() {
    let (mut outbox, now) = (outbox(|_| {}), Instant::now());
    outbox.push(now, "old".into(), 1, false);
    outbox.push(now + 30 * SECOND, "new".into(), 2, false);
    let due = outbox.next_timeout(false).unwrap();
    assert_eq!(due, now + 60 * SECOND);
    outbox.timeout(due);
    assert_eq!(settled(&mut outbox), [(1, Outcome::Dropped(Unsent::WaitedTooLong))]);
    assert_eq!(goes(&mut outbox, due), ["new"]);
}

#[test]
fn no_more_goes_in_a_second_than_may_and_pings_count() {
    let (mut outbox, now) = (outbox(|spec| spec.per_second_max = 5), Instant::now());
    outbox.sent_beside(now);
    for number in 0..10 {
        outbox.push(now, format!("{number}").into(), number, true);
    }
    assert_eq!(goes(&mut outbox, now), ["0", "1", "2", "3"]);
    let due = outbox.next_timeout(true).unwrap();
    assert_eq!(due, now + SECOND);
    assert_eq!(outbox.next_timeout(false), Some(now + 60 * SECOND), "no turn without room");
    assert_eq!(goes(&mut outbox, due - SECOND / 1_000), [""; 0]);
    assert_eq!(goes(&mut outbox, due), ["4", "5", "6", "7", "8"]);
    // Pings do not wait, however many there are, and are no more than remembered.
    (0..1_000).for_each(|_| outbox.sent_beside(due));
    assert!(outbox.recent.len() <= 5);
}

#[test]
fn an_answer_is_known_by_its_id() {
    let (mut outbox, now) = (outbox(|spec| spec.acknowledgement = acknowledged()), Instant::now());
    for (number, text) in [(1, r#"{"id":7}"#), (2, r#"{"id":"x"}"#), (3, r#"{"id":9}"#), (4, "-")] {
        outbox.push(now, text.into(), number, true);
    }
    goes(&mut outbox, now);
    assert_eq!(settled(&mut outbox), [(4, Outcome::Sent)], "without an id, that is all");
    outbox.answered("x", true, || "no".into());
    outbox.answered("7", false, || "yes".into());
    outbox.answered("8", false, || unreachable!("nobody asked"));
    let yes_and_no = [(2, Outcome::Refused("no".into())), (1, Outcome::Acknowledged("yes".into()))];
    assert_eq!(settled(&mut outbox), yes_and_no);
    let due = outbox.next_timeout(true).unwrap();
    assert_eq!(due, now + 10 * SECOND);
    outbox.timeout(due);
    assert_eq!(settled(&mut outbox), [(3, Outcome::TimedOut)]);
    outbox.answered("9", false, || unreachable!("too late"));
    assert_eq!(outbox.next_timeout(true), None);
}

#[test]
fn an_answer_cannot_come_in_another_session() {
    let (mut outbox, now) = (outbox(|spec| spec.acknowledgement = acknowledged()), Instant::now());
    outbox.push(now, r#"{"id":1}"#.into(), 1, true);
    goes(&mut outbox, now);
    outbox.push(now, r#"{"id":2}"#.into(), 2, true);
    outbox.session_ended();
    assert_eq!(settled(&mut outbox), [(1, Outcome::Dropped(Unsent::ConnectionLost))]);
    outbox.answered("1", false, || unreachable!("it is another session's"));
    assert_eq!(goes(&mut outbox, now), [r#"{"id":2}"#], "what was not sent yet is kept");
}

#[test]
fn what_a_session_needs_for_itself_goes_with_it() {
    let (mut outbox, now) = (outbox(|_| {}), Instant::now());
    assert!(outbox.push_own(now, "resync".into(), None));
    outbox.push(now, "order".into(), 1, true);
    outbox.session_ended();
    assert_eq!(goes(&mut outbox, now), ["order"]);
    assert_eq!(outbox.counts().waiting_bytes, 0);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]

    #[test]
    fn every_message_is_settled_once_in_bounds_and_at_its_rate(
        steps in prop::collection::vec((0u8..6, 0u64..700, 0u32..4), 1..300),
        per_second_max in 0u32..4,
        drop: bool,
    ) {
        let mut outbox = outbox(|spec| {
            (spec.messages_max, spec.bytes_max) = (8, 100);
            spec.per_second_max = per_second_max;
            spec.wait_max = 5 * SECOND;
            spec.offline = if drop { Offline::Drop } else { Offline::Keep };
            spec.acknowledgement = acknowledged();
        });
        let (mut now, mut pushed, mut sent) = (Instant::now(), 0, Vec::new());
        let mut told = Vec::new();
        let mut is_live = false;
        for (step, wait_ms, id) in steps {
            now += Duration::from_millis(wait_ms);
            match step {
                0 | 1 => {
                    let message = format!(r#"{{"id":{id},"n":{pushed}}}"#);
                    outbox.push(now, message.into(), pushed, is_live);
                    pushed += 1;
                }
                2 => is_live = true,
                3 => {
                    is_live = false;
                    outbox.session_ended();
                }
                4 => outbox.answered(&id.to_string(), false, String::new),
                _ => outbox.timeout(now),
            }
            if is_live {
                for text in goes(&mut outbox, now) {
                    sent.push((now, text));
                }
            }
            told.extend(settled(&mut outbox));
            let counts = outbox.counts();
            prop_assert!(counts.waiting <= 8 && counts.waiting_bytes <= 100);
            prop_assert!(counts.unanswered <= 8);
            prop_assert!(outbox.awaited_until.len() <= 2 * counts.unanswered + 65);
            if is_live && let Some(due) = outbox.next_timeout(true) && due <= now {
                outbox.timeout(now);
                told.extend(settled(&mut outbox));
                prop_assert!(outbox.next_timeout(true).is_none_or(|due| due > now), "it spins");
            }
        }
        outbox.session_ended();
        outbox.timeout(now + 60 * SECOND);
        told.extend(settled(&mut outbox));
        let mut numbers: Vec<u32> = told.into_iter().map(|(number, _)| number).collect();
        numbers.sort_unstable();
        prop_assert_eq!(numbers, (0..pushed).collect::<Vec<_>>());
        if per_second_max > 0 {
            for window in sent.windows(per_second_max as usize + 1) {
                prop_assert!(window[per_second_max as usize].0 - window[0].0 >= SECOND);
            }
        }
    }
}
