//! Alerts of the running application, with and without a window.

use crate::bench::{Bench, memory};
use feedscope_app::api::{
    Alert, AlertClear, AlertEvent, AlertField, AlertLogSpan, AlertNotify, AlertOn, AlertPhase,
    AlertStates, Faults, Update,
};
use feedscope_feed::State;
use std::path::Path;
use std::sync::atomic::Ordering;

fn field() -> AlertField {
    let trace = memory();
    AlertField { feed: trace.feed, channel: trace.channel, path: trace.path }
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

/// More memory than none is in use on any computer.
fn in_use() -> Alert {
    alert("in-use", AlertOn::Above { field: field(), value: 0.0 })
}

fn phase(states: &AlertStates, id: &str) -> Option<AlertPhase> {
    states.states.iter().find(|state| state.alert == id).map(|state| state.phase)
}

fn phase_in(update: &Update, id: &str) -> Option<AlertPhase> {
    phase(update.alerts.as_ref()?, id)
}

fn log(bench: &Bench) -> Vec<AlertEvent> {
    bench.app.alert_log(&AlertLogSpan::default())
}

#[tokio::test(flavor = "multi_thread")]
async fn an_alert_is_said_without_any_window() {
    let folder = tempfile::tempdir().unwrap();
    // No window is ever opened.
    let bench = Bench::start(folder.path()).await;
    bench.app.alert_set(in_use()).unwrap();
    let notice = bench.notice().await;
    assert_eq!(notice.title, "This computer · memory data.used");
    assert!(notice.body.starts_with("memory data.used is above 0: "), "{}", notice.body);
    assert_eq!(notice.body.parts()[0].key.as_deref(), Some("alert_above"));
    assert!(notice.sound);
    assert_eq!(phase(&bench.app.alerts().states, "in-use"), Some(AlertPhase::Firing));
    let [event] = &log(&bench)[..] else { panic!() };
    assert!(event.firing && event.worst.unwrap() > 1e6, "{event:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_window_is_told_when_an_alert_fires_and_when_that_is_over() {
    let folder = tempfile::tempdir().unwrap();
    let bench = Bench::start(folder.path()).await;
    bench.open().await;
    bench.until_state(State::Live).await;
    let down = alert("down", AlertOn::NotLive { feed: "computer".into() });
    bench.app.alert_set(down).unwrap();
    bench.until(|update| phase_in(update, "down") == Some(AlertPhase::Ok)).await;
    bench.app.feed_cut();
    bench.until(|update| phase_in(update, "down") == Some(AlertPhase::Firing)).await;
    let notice = bench.notice().await;
    assert!(notice.body.starts_with("This computer is not live."), "{}", notice.body);
    let mut quiet = 0;
    let over = bench
        .until(|update| {
            quiet += u32::from(update.alerts.is_none());
            phase_in(update, "down") == Some(AlertPhase::Ok)
        })
        .await;
    assert!(quiet > 0, "told only when something changes");
    let [event] = &log(&bench)[..] else { panic!() };
    assert_eq!(over.alerts.unwrap().events, event.number);
    assert!(event.end_ms.unwrap() > event.begin_ms && !event.firing, "{event:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_does_not_come_is_noticed() {
    let folder = tempfile::tempdir().unwrap();
    let bench = Bench::start(folder.path()).await;
    bench.open().await;
    let absent = Alert { for_ms: 1_000.0, ..alert("gone", AlertOn::Absent { field: field() }) };
    bench.until_state(State::Live).await;
    bench.app.alert_set(absent).unwrap();
    bench.app.faults_set(Faults { silent: true, ..Faults::default() });
    bench.until(|update| phase_in(update, "gone") == Some(AlertPhase::Firing)).await;
    assert!(bench.notice().await.body.starts_with("memory data.used has not come for 1"));
    bench.app.faults_set(Faults::default());
    bench.until(|update| phase_in(update, "gone") == Some(AlertPhase::Ok)).await;
    assert!(log(&bench)[0].worst.unwrap() >= 1_000.0);
}

#[tokio::test(flavor = "multi_thread")]
async fn messages_that_are_lost_or_late_are_noticed() {
    let folder = tempfile::tempdir().unwrap();
    let bench = Bench::start(folder.path()).await;
    bench.open().await;
    bench.until_state(State::Live).await;
    let feed = || "computer".to_owned();
    bench.app.alert_set(alert("gap", AlertOn::Gap { feed: feed() })).unwrap();
    let late = AlertOn::Latency { feed: feed(), above_ms: 1_500.0 };
    bench.app.alert_set(alert("late", late)).unwrap();
    bench.app.faults_set(Faults { lose: 0.5, ..Faults::default() });
    bench.until(|update| phase_in(update, "gap") == Some(AlertPhase::Firing)).await;
    bench.app.faults_set(Faults { delay_ms: 2_000, ..Faults::default() });
    bench.until(|update| phase_in(update, "late") == Some(AlertPhase::Firing)).await;
    let late = log(&bench).into_iter().find(|event| event.alert == "late").unwrap();
    assert!(late.worst.unwrap() > 1_500.0, "{late:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn alerts_and_what_they_did_are_there_again() {
    let folder = tempfile::tempdir().unwrap();
    let named = Alert { name: "内存 \"in use\"".into(), ..in_use() };
    {
        let bench = Bench::start(folder.path()).await;
        bench.open().await;
        assert_eq!(bench.app.alert_set(named.clone()).unwrap(), named);
        let second = bench.app.alert_set(alert("", named.what.clone())).unwrap();
        assert_eq!(second.id, "alert-1");
        bench.notice().await;
        bench.app.alert_remove("alert-1").unwrap();
        bench.app.close().unwrap();
    }
    let bench = Bench::start(folder.path()).await;
    let start = bench.open().await;
    assert!(start.troubles.is_empty(), "{:?}", start.troubles);
    assert_eq!(bench.app.alerts().alerts, [named]);
    bench.notice().await;
    let events = log(&bench);
    let [again, .., before] = &events[..] else { panic!("{events:?}") };
    assert!(again.firing && again.number > before.number, "{events:?}");
    assert!(!before.firing && before.name.starts_with("内存"), "{events:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_alert_that_is_removed_is_set_again_to_undo_that() {
    let folder = tempfile::tempdir().unwrap();
    let bench = Bench::start(folder.path()).await;
    bench.open().await;
    bench.app.alert_set(in_use()).unwrap();
    bench.notice().await;
    bench.app.alert_remove("in-use").unwrap();
    bench.app.alert_remove("none such").unwrap();
    assert_eq!(bench.app.alerts().alerts, []);
    assert!(log(&bench)[0].end_ms.is_some(), "what is removed fires no more");
    bench.app.alert_set(in_use()).unwrap();
    assert_eq!(bench.app.alerts().alerts, [in_use()]);
    bench.until(|update| phase_in(update, "in-use") == Some(AlertPhase::Firing)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_test_says_whether_the_desktop_shows_it() {
    let folder = tempfile::tempdir().unwrap();
    let bench = Bench::start(folder.path()).await;
    bench.open().await;
    let quiet = AlertNotify { desktop: false, sound: false };
    let rule = Alert { name: "Mine".into(), notify: quiet, ..in_use() };
    bench.app.alert_test(&rule).unwrap();
    let notice = bench.notice().await;
    assert_eq!((&*notice.title, notice.sound), ("Mine", false));
    bench.desktop.refuses.store(true, Ordering::Relaxed);
    let trouble = bench.app.alert_test(&rule).unwrap_err();
    assert_eq!(trouble.answer.as_deref(), Some("Do not disturb."));
    // And so is one that nobody asked for.
    bench.app.alert_set(in_use()).unwrap();
    bench
        .until(|update| update.troubles.iter().any(|t| t.code == "alert-refused-notification"))
        .await;
    assert!(log(&bench)[0].firing, "in the log all the same");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_an_alert_would_have_done_is_worked_out_from_the_history() {
    let folder = tempfile::tempdir().unwrap();
    let bench = Bench::start(folder.path()).await;
    bench.open().await;
    bench.until(|_| bench.samples(&memory(), 0.0, f64::MAX) > 5.0).await;
    let times =
        |what| bench.app.alert_rehearse(alert("", what)).unwrap().map(|rehearsal| rehearsal.times);
    assert_eq!(times(in_use().what), Some(1));
    assert_eq!(times(AlertOn::Below { field: field(), value: 0.0 }), Some(0));
    assert_eq!(times(AlertOn::NotLive { feed: "computer".into() }), Some(0));
    let nowhere = AlertField { path: "none such".into(), ..field() };
    assert_eq!(times(AlertOn::Above { field: nowhere, value: 0.0 }), None);
    assert_eq!(bench.app.alerts().alerts, [], "nothing is kept of it");
}

async fn troubles(folder: &Path) -> (Bench, Vec<&'static str>) {
    let bench = Bench::start(folder).await;
    let troubles = bench.open().await.troubles;
    (bench, troubles.into_iter().map(|trouble| trouble.code).collect())
}

#[tokio::test(flavor = "multi_thread")]
async fn broken_files_cost_what_is_broken() {
    let folder = tempfile::tempdir().unwrap();
    {
        let bench = Bench::start(folder.path()).await;
        bench.open().await;
        bench.app.alert_set(in_use()).unwrap();
        bench.notice().await;
        bench.app.close().unwrap();
    }
    let path = folder.path().join("alerts.json");
    let text = std::fs::read_to_string(&path).unwrap();
    std::fs::write(&path, text.replacen("[", "[{\"id\":\"x\"},", 1)).unwrap();
    let log_path = folder.path().join("alerts-log.jsonl");
    let lines = std::fs::read_to_string(&log_path).unwrap();
    std::fs::write(&log_path, format!("{lines}half a li")).unwrap();
    let (bench, codes) = troubles(folder.path()).await;
    assert_eq!(codes, ["alerts-file", "alert-log"]);
    assert_eq!(bench.app.alerts().alerts, [in_use()]);
    assert!(!log(&bench).is_empty());
    bench.app.close().unwrap();
    drop(bench);
    std::fs::write(&path, "nonsense").unwrap();
    let (bench, codes) = troubles(folder.path()).await;
    assert_eq!(codes, ["alerts-file"]);
    assert_eq!(bench.app.alerts().alerts, []);
    assert!(folder.path().join("alerts.unreadable.json").exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn alerts_of_a_feed_sleep_while_it_is_not_there() {
    let folder = tempfile::tempdir().unwrap();
    let bench = Bench::start(folder.path()).await;
    bench.open().await;
    let feed = bench.app.feed_add("ws://127.0.0.1:9/").unwrap().id;
    let down = Alert { for_ms: 10.0, ..alert("down", AlertOn::NotLive { feed: feed.clone() }) };
    bench.app.alert_set(down).unwrap();
    bench.until(|update| phase_in(update, "down") == Some(AlertPhase::Firing)).await;
    bench.app.feed_remove(&feed).unwrap();
    let told = bench.until(|update| phase_in(update, "down") == Some(AlertPhase::Ok)).await;
    let states = told.alerts.unwrap();
    assert!(states.states[0].blind, "{states:?}");
    assert!(log(&bench)[0].end_ms.is_some());
}
