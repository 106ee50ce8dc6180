//! Alerts on what feeds bring, in virtual time.

use super::*;
use crate::api::{AlertClear, AlertDirection, AlertField, AlertNotify, AlertOn};
use crate::store::Store;
use feedscope_feed::decode::NewField;
use feedscope_feed::{ChannelId, FieldId, Record};
use feedscope_history::{Budget, Sample};
use proptest::prelude::*;

fn at(ms: i64) -> Time {
    Time(1_700_000_000_000_000_000 + ms * 1_000_000)
}

fn field() -> AlertField {
    AlertField { feed: "f".into(), channel: "c".into(), path: "p".into() }
}

fn alert(id: &str, what: AlertOn) -> Alert {
    Alert {
        id: id.into(),
        name: String::new(),
        enabled: true,
        what,
        for_ms: 0.0,
        clear: AlertClear::default(),
        notify: AlertNotify { desktop: true, sound: true },
    }
}

fn above(value: f64) -> AlertOn {
    AlertOn::Above { field: field(), value }
}

/// All alerts, of a feed that is there.
struct Bench {
    alerts: Alerts,
    history: History<GapFacts>,
    feed: Feed,
    said: Vec<String>,
    due: Option<Time>,
}

impl Bench {
    fn new(rules: Vec<Alert>) -> Bench {
        let mut history = History::new(Budget { memory_bytes: 1 << 20, disk_bytes: None });
        let mut profile = feedscope_feed::Profile::from_url("ws://127.0.0.1:9/");
        profile.name = "Feed".into();
        let feed = Feed::new(
            "f".into(),
            1,
            profile,
            "ws://127.0.0.1:9/".into(),
            "ws://127.0.0.1:9/",
            false,
            &mut history,
        );
        let mut alerts = Alerts::default();
        alerts.restore(rules, Vec::new(), Default::default());
        let mut bench = Bench { alerts, history, feed, said: Vec::new(), due: None };
        bench.feed.state = State::Live;
        bench.alerts.feed_there(at(0), &bench.feed);
        bench
    }

    /// The decoder has found fields of its channel, the first of them first.
    fn found(&mut self, paths: &[&str]) {
        for (number, path) in (0..).zip(paths) {
            let new = NewField {
                field: FieldId(number),
                channel: ChannelId(0),
                channel_name: "c".into(),
                key: None,
                key_name: None,
                path: (*path).into(),
            };
            self.feed.add_field(&new, &mut self.history);
        }
    }

    /// A value that is in the history.
    fn kept(&mut self, ms: i64, value: f64) {
        let series = self.feed.series("c", "p").unwrap();
        let Time(time_ns) = at(ms);
        self.history.push(series, Sample { time_ns, arrival_ns: time_ns, value });
    }

    fn value(&mut self, ms: i64, value: f64) {
        for index in 0..self.alerts.entries.len() {
            self.alerts.with(at(ms), index, |watcher, changes| {
                watcher.value(at(ms), at(ms), value, false, changes);
            });
        }
    }

    fn state(&mut self, ms: i64, state: State) {
        self.alerts.transition(at(ms), "f", state, &"Why.".into());
    }

    /// Lets time pass, as the desk does: it looks when it is called, and when something is due.
    fn until(&mut self, ms: i64) {
        self.due = self.alerts.dues().min();
        loop {
            let now = self.due.filter(|due| *due < at(ms)).unwrap_or(at(ms));
            let turn = self.alerts.turn(now);
            self.said.extend(turn.aloud.iter().map(|aloud| aloud.body.to_string()));
            self.due = turn.due;
            if now == at(ms) && turn.due.is_none_or(|due| due > now) {
                return;
            }
        }
    }

    fn phase(&self) -> AlertPhase {
        self.alerts.states().states[0].phase
    }

    fn events(&mut self) -> Vec<AlertEvent> {
        self.alerts.log().all()
    }
}

#[test]
fn a_value_that_stays_above_fires_is_said_and_logged() {
    let rule = Alert {
        for_ms: 10_000.0,
        clear: AlertClear { by: 5.0, for_ms: 3_000.0 },
        ..alert("hot", above(90.0))
    };
    let mut bench = Bench::new(vec![rule]);
    bench.value(1_000, 95.0);
    assert_eq!(bench.phase(), AlertPhase::Pending);
    bench.until(10_999);
    assert_eq!(bench.phase(), AlertPhase::Pending);
    bench.until(11_000);
    assert_eq!(bench.phase(), AlertPhase::Firing, "with nothing more having come");
    bench.value(12_000, 99.0);
    bench.value(13_000, 88.0);
    bench.until(60_000);
    assert_eq!(bench.phase(), AlertPhase::Firing, "not far enough back");
    bench.value(61_000, 84.0);
    bench.until(64_000);
    assert_eq!(bench.phase(), AlertPhase::Ok);
    assert_eq!(bench.said, ["c p is above 90: 95."]);
    let [event] = &bench.events()[..] else { panic!() };
    assert_eq!((event.begin_ms, event.end_ms), (at(1_000).millis(), Some(at(61_000).millis())));
    assert_eq!((event.worst, &*event.name, event.times), (Some(99.0), "Feed · c p", 1));
    assert_eq!(event.said[0].key.as_deref(), Some("alert_above"));
}

#[test]
fn an_outage_neither_fires_nor_clears_what_watches_a_value() {
    let rule = Alert { for_ms: 10_000.0, ..alert("hot", above(90.0)) };
    let mut bench = Bench::new(vec![rule]);
    bench.value(0, 95.0);
    bench.state(5_000, State::Waiting);
    bench.until(100_000);
    let state = bench.alerts.states().states.remove(0);
    assert_eq!((state.phase, state.blind), (AlertPhase::Ok, true));
    bench.state(100_000, State::Live);
    bench.value(101_000, 95.0);
    bench.until(111_000);
    assert_eq!(bench.phase(), AlertPhase::Firing);
    bench.value(112_000, 1.0);
    bench.state(112_500, State::Stale);
    bench.until(500_000);
    let state = bench.alerts.states().states.remove(0);
    assert_eq!((state.phase, state.blind), (AlertPhase::Firing, true));
    bench.value(500_000, 1.0);
    bench.until(501_000);
    assert_eq!(bench.phase(), AlertPhase::Ok);
}

#[test]
fn what_does_not_come_is_noticed_and_over_with_the_first_that_does() {
    let rule = Alert { for_ms: 5_000.0, ..alert("gone", AlertOn::Absent { field: field() }) };
    let mut bench = Bench::new(vec![rule]);
    for second in 1..10 {
        bench.value(second * 1_000, 0.0);
        bench.until(second * 1_000);
        assert_eq!(bench.phase(), AlertPhase::Ok);
    }
    // Whatever the reason.
    bench.state(10_000, State::Waiting);
    bench.until(13_999);
    assert_eq!(bench.phase(), AlertPhase::Ok);
    bench.until(14_000);
    assert_eq!(bench.phase(), AlertPhase::Firing);
    bench.value(20_000, 0.0);
    assert_eq!(bench.phase(), AlertPhase::Ok);
    let [event] = &bench.events()[..] else { panic!() };
    assert_eq!(event.worst, Some(11_000.0), "how long, in milliseconds");
    assert_eq!(bench.said, ["c p has not come for 5\u{202f}s."]);
    bench.until(25_000);
    assert_eq!(bench.phase(), AlertPhase::Firing, "again");
}

#[test]
fn a_feed_that_is_not_live_is_noticed_but_not_on_its_way_to_be() {
    let mut bench = Bench::new(vec![alert("down", AlertOn::NotLive { feed: "f".into() })]);
    bench.feed.state = State::Idle;
    bench.alerts.feed_gone(at(0), "f");
    bench.alerts.feed_there(at(0), &bench.feed);
    for state in [State::Connecting, State::Opening, State::Live] {
        bench.state(10, state);
        assert_eq!(bench.phase(), AlertPhase::Ok, "{state:?}");
    }
    bench.state(1_000, State::Waiting);
    assert_eq!(bench.phase(), AlertPhase::Firing);
    bench.state(2_000, State::Connecting);
    bench.until(9_000);
    assert_eq!(bench.phase(), AlertPhase::Firing);
    bench.state(10_000, State::Live);
    bench.until(11_000);
    assert_eq!(bench.phase(), AlertPhase::Ok);
    assert_eq!(bench.said, ["Feed is not live. Why."]);
}

#[test]
fn a_feed_that_reconnects_too_often_is_noticed_until_it_stays() {
    let what = AlertOn::Reconnects { feed: "f".into(), count: 3, within_ms: 60_000.0 };
    let mut bench = Bench::new(vec![alert("shaky", what)]);
    for (ms, phase) in
        [(1_000, AlertPhase::Ok), (20_000, AlertPhase::Ok), (40_000, AlertPhase::Firing)]
    {
        for state in [State::Waiting, State::Connecting, State::Opening, State::Live] {
            bench.state(ms, state);
        }
        assert_eq!(bench.phase(), phase, "{ms}");
    }
    bench.until(61_999);
    assert_eq!(bench.phase(), AlertPhase::Firing);
    bench.until(62_000);
    assert_eq!(bench.phase(), AlertPhase::Ok, "a second after the first of them is forgotten");
}

#[test]
fn attempts_that_fail_and_starts_by_hand_are_not_connected_again() {
    let what = AlertOn::Reconnects { feed: "f".into(), count: 1, within_ms: 60_000.0 };
    let mut bench = Bench::new(vec![alert("shaky", what)]);
    for state in [State::Stopped, State::Connecting, State::Opening, State::Live, State::Stale] {
        bench.state(0, state);
    }
    for _ in 0..3 {
        bench.state(10, State::Waiting);
        bench.state(20, State::Connecting);
    }
    bench.state(30, State::Opening);
    assert_eq!(bench.phase(), AlertPhase::Ok);
    bench.state(40, State::Live);
    assert_eq!((bench.phase(), bench.events().len()), (AlertPhase::Firing, 1));
    assert_eq!(bench.events()[0].worst, Some(1.0));
}

#[test]
fn late_messages_are_noticed() {
    let what = AlertOn::Latency { feed: "f".into(), above_ms: 500.0 };
    let mut bench = Bench::new(vec![alert("slow", what)]);
    for (ms, latency_ms, phase) in
        [(0, 499.0, AlertPhase::Ok), (10, 501.0, AlertPhase::Firing), (20, 1.0, AlertPhase::Firing)]
    {
        bench.alerts.with(at(ms), 0, |watcher, changes| {
            watcher.latency(at(ms), latency_ms, changes);
        });
        assert_eq!(bench.phase(), phase, "{ms}");
    }
    bench.until(1_020);
    assert_eq!(bench.phase(), AlertPhase::Ok);
    assert!(
        bench.said[0].starts_with("Messages of Feed arrive 501\u{202f}ms late"),
        "{:?}",
        bench.said
    );
}

#[test]
fn a_gap_is_noticed_and_with_a_time_only_one_that_lasts() {
    let gap = AlertOn::Gap { feed: "f".into() };
    let lasting = Alert { for_ms: 5_000.0, ..alert("long", gap.clone()) };
    let mut bench = Bench::new(vec![alert("any", gap), lasting]);
    let tell = |bench: &mut Bench, ms: i64, is_over: bool| {
        for index in 0..2 {
            bench.alerts.with(at(ms), index, |watcher, changes| {
                watcher.gap(at(ms), Some(3), &"3 did not come.".into(), changes);
                if is_over {
                    watcher.whole(at(ms), changes);
                }
            });
        }
    };
    tell(&mut bench, 0, true);
    bench.until(10_000);
    assert_eq!(bench.said, ["Something of Feed was not received. 3 did not come."]);
    tell(&mut bench, 100_000, false);
    bench.until(105_000);
    assert_eq!(bench.alerts.states().states[1].phase, AlertPhase::Firing);
    assert_eq!(bench.said.len(), 3);
    assert_eq!(bench.events()[0].worst, Some(3.0));
}

#[test]
fn a_change_clears_by_itself_where_the_value_stays() {
    let direction = AlertDirection::Up;
    let what = AlertOn::Change { field: field(), by: 10.0, within_ms: 5_000.0, direction };
    let mut bench = Bench::new(vec![alert("jump", what)]);
    bench.value(0, 0.0);
    bench.value(6_000, 20.0);
    assert_eq!(bench.phase(), AlertPhase::Firing);
    bench.until(12_000);
    assert_eq!(bench.phase(), AlertPhase::Ok);
    assert_eq!(bench.events()[0].end_ms, Some(at(11_000).millis()));
}

#[test]
fn changing_what_is_watched_begins_anew_and_changing_its_name_does_not() {
    let rule = alert("hot", above(90.0));
    let mut bench = Bench::new(vec![rule.clone()]);
    bench.value(0, 95.0);
    let named = Alert { name: "Hot".into(), ..rule.clone() };
    bench.alerts.set(at(10), named.clone(), Some(&bench.feed), &bench.history);
    assert_eq!(bench.phase(), AlertPhase::Firing);
    let higher = Alert { what: above(99.0), ..named };
    bench.alerts.set(at(20), higher, Some(&bench.feed), &bench.history);
    assert_eq!(bench.phase(), AlertPhase::Ok);
    assert_eq!(bench.events()[0].end_ms, Some(at(20).millis()));
    let off = Alert { enabled: false, ..rule.clone() };
    bench.alerts.set(at(30), off, Some(&bench.feed), &bench.history);
    assert_eq!(bench.alerts.states().states, []);
    assert!(bench.alerts.remove(at(40), "hot") && !bench.alerts.remove(at(40), "hot"));
    bench.alerts.set(at(50), rule, Some(&bench.feed), &bench.history);
    bench.value(60, 95.0);
    assert_eq!(bench.phase(), AlertPhase::Firing);
}

#[test]
fn what_is_moved_to_another_feed_begins_anew_there() {
    let down = alert("down", AlertOn::NotLive { feed: "f".into() });
    let mut bench = Bench::new(vec![alert("hot", above(90.0)), down]);
    bench.value(0, 95.0);
    let Bench { alerts, history, .. } = &mut bench;
    let rules = alerts.states().rules;
    let hot = ["hot".to_owned(), "none".to_owned()];
    assert!(!alerts.move_to(at(10), &hot, "other", ("g", None), history));
    assert_eq!(alerts.states().rules, rules);
    assert!(alerts.move_to(at(10), &hot, "f", ("g", None), history));
    assert_ne!(alerts.states().rules, rules, "windows are told");
    assert_eq!(alerts.feeds().collect::<Vec<_>>(), [("hot", "g"), ("down", "f")]);
    let event = &bench.events()[0];
    assert_eq!((event.firing, event.end_ms), (false, Some(at(10).millis())));
    let Bench { alerts, history, feed, .. } = &mut bench;
    assert!(alerts.move_to(at(20), &hot, "g", ("f", Some(&*feed)), history));
    bench.value(30, 95.0);
    assert_eq!(bench.phase(), AlertPhase::Firing);
    assert_eq!(bench.events().last().unwrap().name, "Feed · c p");
}

#[test]
fn a_feed_that_is_called_otherwise_is_said_so() {
    let mut bench = Bench::new(vec![alert("hot", above(90.0))]);
    assert!(bench.feed.rename("Boat") && !bench.feed.rename("Boat"));
    bench.alerts.feed_renamed(&bench.feed);
    bench.value(0, 95.0);
    assert_eq!(bench.events()[0].name, "Boat · c p");
    assert!(bench.feed.rename(""));
    assert_eq!(bench.feed.profile.name, "Feed", "as it is called by itself");
}

#[test]
fn what_fires_and_is_switched_off_is_over_whatever_the_value_is() {
    let rule = alert("hot", above(90.0));
    let mut bench = Bench::new(vec![rule.clone()]);
    bench.found(&["p"]);
    bench.kept(0, 95.0);
    bench.value(0, 95.0);
    bench.until(10);
    let off = Alert { enabled: false, ..rule.clone() };
    bench.alerts.set(at(20), off.clone(), Some(&bench.feed), &bench.history);
    bench.alerts.set(at(25), Alert { for_ms: 1.0, ..off }, Some(&bench.feed), &bench.history);
    bench.until(100_000);
    assert_eq!(bench.said.len(), 1);
    let [event] = &bench.events()[..] else { panic!() };
    assert_eq!((event.firing, event.end_ms), (false, Some(at(20).millis())));
    bench.alerts.set(at(100_000), rule, Some(&bench.feed), &bench.history);
    assert_eq!(bench.events().len(), 2, "it is on, and what is known is so");
}

#[test]
fn what_flaps_is_one_event_and_a_few_notifications() {
    let mut bench = Bench::new(vec![alert("flap", above(0.0))]);
    for second in 0..600 {
        bench.value(second * 2_000, 1.0);
        bench.value(second * 2_000 + 500, -1.0);
        bench.until(second * 2_000 + 1_999);
    }
    assert_eq!(bench.said.len(), 20, "one a minute");
    assert!(bench.said[1].ends_with("since it was last said: 29."), "{}", bench.said[1]);
    let [event] = &bench.events()[..] else { panic!() };
    assert_eq!(event.times, 600);
}

#[test]
fn a_hundred_at_once_are_a_few_notifications() {
    let rules = (0..100).map(|number| alert(&format!("a{number}"), above(0.0))).collect();
    let mut bench = Bench::new(rules);
    bench.value(0, 1.0);
    bench.until(100_000);
    assert_eq!(bench.said.len(), voice::CROWD_MAX + 1);
    assert!(bench.said[4].ends_with("96."), "{:?}", bench.said);
    assert_eq!(bench.events().len(), 100);
}

#[test]
fn nothing_is_news_until_something_changes() {
    let mut bench = Bench::new(vec![alert("hot", above(90.0))]);
    bench.value(0, 1.0);
    let mut told = 0;
    assert!(bench.alerts.news(&mut told).is_some());
    bench.value(10, 2.0);
    bench.until(1_000);
    assert!(told == bench.alerts.version() && bench.alerts.news(&mut told).is_none());
    assert!(bench.alerts.news(&mut 0).is_some(), "another window has not been told");
    bench.value(2_000, 91.0);
    let news = bench.alerts.news(&mut told).unwrap();
    assert_eq!((news.states[0].phase, news.events), (AlertPhase::Firing, 1));
}

#[derive(Clone, Debug)]
enum Step {
    Value(i32),
    State(State),
    Gap,
    Look,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        8 => (-20..20_i32).prop_map(Step::Value),
        2 => prop::sample::select(vec![State::Live, State::Waiting, State::Connecting, State::Stale])
            .prop_map(Step::State),
        1 => Just(Step::Gap),
        3 => Just(Step::Look),
    ]
}

fn every_kind() -> Vec<Alert> {
    let (feed, direction) = ("f".to_owned(), AlertDirection::Either);
    [
        above(5.0),
        AlertOn::Below { field: field(), value: -5.0 },
        AlertOn::Outside { field: field(), low: -9.0, high: 9.0 },
        AlertOn::Change { field: field(), by: 8.0, within_ms: 3_000.0, direction },
        AlertOn::Rate { field: field(), per_second: 4.0, over_ms: 1_000.0, direction },
        AlertOn::Absent { field: field() },
        AlertOn::NotLive { feed: feed.clone() },
        AlertOn::Gap { feed: feed.clone() },
        AlertOn::Latency { feed: feed.clone(), above_ms: 100.0 },
        AlertOn::Reconnects { feed, count: 2, within_ms: 10_000.0 },
    ]
    .into_iter()
    .enumerate()
    .map(|(index, what)| Alert {
        for_ms: if matches!(what, AlertOn::Absent { .. }) { 4_000.0 } else { index as f64 * 300.0 },
        clear: AlertClear { by: (index % 3) as f64, for_ms: 1_000.0 },
        ..alert(&format!("a{index}"), what)
    })
    .collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(3_000))]

    /// Whatever comes: what fires is in the log, each event ends after it begins, no more is said
    /// than may be, and whoever looks oftener sees the same.
    #[test]
    fn all_that_happens_is_accounted_for(
        steps in prop::collection::vec((0..4_000_i64, step()), 1..120),
        looks in any::<bool>(),
    ) {
        let mut benches = [Bench::new(every_kind()), Bench::new(every_kind())];
        let mut now = 0;
        for (after, step) in &steps {
            for (bench, looks) in benches.iter_mut().zip([true, looks]) {
                if looks {
                    bench.until(now + after / 2);
                }
                // The desk may be late, but not later than what comes after.
                bench.until(now + after);
                match step {
                    Step::Value(value) => bench.value(now + after, f64::from(*value)),
                    Step::State(state) => bench.state(now + after, *state),
                    Step::Gap => {
                        let gap = |watcher: &mut Watcher, changes: &mut Vec<Change>| {
                            watcher.gap(at(now + after), None, &"It is.".into(), changes);
                            watcher.whole(at(now + after), changes);
                        };
                        bench.alerts.with(at(now + after), 7, gap);
                    }
                    Step::Look => {}
                }
            }
            now += after;
        }
        let [often, seldom] = &mut benches;
        for bench in [&mut *often, &mut *seldom] {
            bench.until(now + 200_000);
        }
        prop_assert_eq!(often.events(), seldom.events());
        prop_assert_eq!(&often.said, &seldom.said);
        prop_assert_eq!(often.alerts.states().states, seldom.alerts.states().states);

        let states = often.alerts.states().states;
        let mut last_end = std::collections::HashMap::new();
        for event in often.events() {
            let firing = states.iter().any(|state| {
                state.alert == event.alert && state.phase == AlertPhase::Firing
            });
            prop_assert_eq!(event.firing, event.end_ms.is_none());
            prop_assert!(event.end_ms.is_some() || firing, "{event:?}");
            prop_assert!(event.end_ms.is_none_or(|end| end >= event.begin_ms), "{event:?}");
            let before = last_end.insert(event.alert.clone(), event.end_ms);
            prop_assert!(before.is_none_or(|end| end.is_some_and(|end| end < event.begin_ms)));
        }
        let minutes = (now + 200_000) as usize / voice::PAUSE.as_millis() as usize + 1;
        prop_assert!(often.said.len() <= 12 * minutes);
    }
}

#[test]
fn rules_take_effect_on_what_the_sink_brings_and_on_nothing_else() {
    let mut bench = Bench::new(vec![alert("hot", above(90.0))]);
    bench.found(&["other", "p"]);
    let record = |ms: i64, fields: &[(u32, f64)]| Record {
        channel: ChannelId(0),
        key: None,
        sequence: None,
        source_time: None,
        arrival_time: at(ms),
        fields: fields.iter().map(|(field, value)| (FieldId(*field), *value)).collect(),
        texts: Vec::new(),
    };
    let mut take = |records: &[Record], late: &[Record]| {
        let names = feedscope_feed::decode::Names::default();
        let none = std::collections::BTreeMap::new();
        let totals = feedscope_feed::Totals {
            ledger: Default::default(),
            open_gap: None,
            lasting_gaps: &none,
            gaps: 0,
            missing: 0,
            reordered: 0,
            unscoped: 0,
            last_message: None,
            fields_unlisted: 0,
            texts_untold: 0,
            outbox: Default::default(),
        };
        let batch = Batch {
            names: &names,
            fields: &[],
            texts: &[],
            words: &[],
            records,
            late,
            gaps: &[],
            totals,
        };
        bench.alerts.batch(&mut bench.feed, &batch);
        bench.alerts.states().states[0].clone()
    };
    let state = take(&[record(0, &[(0, 1e6)])], &[]);
    assert_eq!((state.phase, state.blind), (AlertPhase::Ok, true), "another field");
    let state = take(&[record(1_000, &[(0, 0.0), (1, 50.0)])], &[]);
    assert_eq!((state.phase, state.blind), (AlertPhase::Ok, false));
    let state = take(&[], &[record(1_500, &[(1, 95.0)])]);
    assert_eq!(state.phase, AlertPhase::Firing, "late, but no less true");
    let state = take(&[record(2_000, &[(1, 95.0)])], &[record(4_000, &[(1, 50.0)])]);
    assert_eq!(state.phase, AlertPhase::Firing);
    assert_eq!(bench.feed.watched.fields.len(), 2);
}

#[test]
fn a_rehearsal_misses_nothing_before_the_first_value_nor_while_nobody_listened() {
    let rule = Alert { for_ms: 60_000.0, ..alert("quiet", AlertOn::Absent { field: field() }) };
    let mut bench = Bench::new(Vec::new());
    bench.found(&["p"]);
    let minutes = |minutes: i64| minutes * 60_000;
    let values = (minutes(50) / 1_000..minutes(60) / 1_000).map(|second| second * 1_000);
    for ms in values {
        let is_silent = (minutes(55)..minutes(57)).contains(&ms);
        if !is_silent {
            bench.kept(ms, 1.0);
        }
    }
    let Bench { feed, history, .. } = bench;
    let track = feed.track;
    let mut store = Store { feeds: vec![feed], history, ..Store::default() };
    let begins = |store: &Store| {
        let rehearsal = rehearse(store, &rule, at(minutes(60))).unwrap().unwrap();
        rehearsal.begins_ms
    };
    let since = at(minutes(55) - 1_000).millis();
    let seen = begins(&store);
    assert_eq!(seen.len(), 1, "{seen:?}");
    assert!((seen[0] - since).abs() <= 1_000.0, "{seen:?} {since}");
    // That nothing came while the application was closed is nothing that anyone was told.
    let (start, end) = (at(minutes(55)), at(minutes(57)));
    let closed = feedscope_feed::Gap {
        cause: Cause::Closed,
        channel: None,
        key: None,
        start,
        end: Some(end),
        missing: None,
        missing_count: None,
        story: Said::default(),
    };
    store.history.add_gap(track, start.0, end.0, (&closed).into());
    assert_eq!(begins(&store), [] as [f64; 0]);
}

#[test]
fn the_manual_says_what_is_so() {
    const MANUAL: &str = include_str!("../../../../docs/alerts.md");
    let told = |start: &'static str| {
        let lines = MANUAL.lines().skip_while(move |line| !line.starts_with(start)).skip(2);
        lines.take_while(|line| line.starts_with('|')).map(|line| line.split('`').nth(1).unwrap())
    };
    let kinds: Vec<_> = every_kind()
        .iter()
        .map(|alert| serde_json::to_value(&alert.what).unwrap()["on"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(told("| `on` |").collect::<Vec<_>>(), kinds);

    let example = MANUAL.split("```json\n").nth(1).unwrap().split("```").next().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("alerts.json");
    std::fs::write(&path, example).unwrap();
    let found = file::load(&path);
    assert_eq!((found.alerts.len(), found.troubles), (2, vec![]));

    let words = MANUAL.split_whitespace().collect::<Vec<_>>().join(" ");
    let seconds = voice::PAUSE.as_secs();
    for promise in [
        format!("is said once in {seconds} seconds at most"),
        format!("What fires again within {seconds} seconds is one event."),
        format!("{} are said within {} seconds", voice::CROWD_MAX, voice::CROWD_SPAN.as_secs()),
        "The log keeps the last 10,000 events".into(),
        format!("`alerts.json` has the alerts, at most {}", rules::ALERTS_MAX),
    ] {
        assert!(words.contains(&promise), "{promise}");
    }
    assert_eq!(log::EVENTS_MAX, 10_000);
}
