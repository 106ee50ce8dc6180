//! How feeds have been doing: over interruptions, and over relaunches.

use crate::bench::{Bench, DEADLINE, SECOND_MS, trace};
use crate::relaunch::{Server, field, until_samples};
use feedscope_app::api::{Axis, Faults, Health, HealthAsked, Span, Trace, Update};
use feedscope_app::health::CHANNEL;
use feedscope_feed::State;

const HOUR_MS: f64 = 3_600.0 * SECOND_MS;

fn health(bench: &Bench, feed: &str, now_ms: f64) -> Health {
    let (from_ms, to_ms) = (now_ms - HOUR_MS, now_ms + SECOND_MS);
    let asked = HealthAsked { feed: feed.into(), from_ms, to_ms, columns: 4_000, most: 10 };
    bench.app.health(&asked).unwrap()
}

fn states(health: &Health) -> Vec<Option<State>> {
    health.spans.iter().map(|span| span.state).collect()
}

/// What the counts of an hour come to.
fn sums(bench: &Bench, feed: &str, paths: &[&str], now_ms: f64) -> Vec<i64> {
    let of = |path: &&str| Trace { feed: feed.into(), ..trace(CHANNEL, path) };
    let (traces, to_ms) = (paths.iter().map(of).collect(), now_ms + HOUR_MS);
    let span = Span { traces, axis: Axis::Arrival, from_ms: now_ms - HOUR_MS, to_ms };
    let found = bench.app.statistics(&span).unwrap();
    let sum = |of: &feedscope_app::api::Statistics| of.mean.unwrap_or(0.0) * of.count as f64;
    found.iter().map(|of| sum(of).round() as i64).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_interruption_is_told_with_what_it_began_with_and_how_it_ended() {
    let folder = tempfile::tempdir().unwrap();
    let bench = Bench::start(folder.path()).await;
    bench.open().await;
    bench.until_state(State::Live).await;
    let begun = bench.until(|update| !update.statuses.is_empty()).await;
    let before = health(&bench, "computer", begun.now_ms);
    assert_eq!((before.interruptions_total, states(&before).last()), (0, Some(&Some(State::Live))));

    bench.app.feed_cut();
    bench.until_state(State::Waiting).await;
    let update = bench.until(|update| !update.statuses.is_empty()).await;
    let during = health(&bench, "computer", update.now_ms);
    assert_eq!((during.interruptions_total, during.interruptions[0].to_ms), (1, None), "it lasts");

    bench.until_state(State::Live).await;
    let update = bench.until(|update| !update.statuses.is_empty()).await;
    let after = health(&bench, "computer", update.now_ms);
    let interruption = &after.interruptions[0];
    assert_eq!(after.interruptions_total, 1);
    assert!(
        interruption.to_ms.unwrap() > interruption.from_ms && interruption.tries >= 1,
        "{interruption:?}"
    );
    assert_eq!(interruption.state, Some(State::Waiting));
    assert!(!interruption.cause.is_empty() && !interruption.said.is_empty());
    assert!(after.live_ms < after.listened_ms && after.live_ms > 0.0, "{after:?}");
    let missing =
        HealthAsked { feed: "none such".into(), from_ms: 0.0, to_ms: 1.0, columns: 1, most: 1 };
    assert_eq!(bench.app.health(&missing), None);
}

#[tokio::test(flavor = "multi_thread")]
async fn after_a_relaunch_it_is_known_what_was_before_and_that_nobody_listened() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start().await;
    let paths = ["received", "delivered", "control", "held"];
    let (id, before) = {
        let bench = Bench::start(folder.path()).await;
        bench.open().await;
        let id = bench.app.feed_add(&server.url).unwrap().id;
        until_samples(&bench, &field(&id, "a")).await;
        bench.app.feed_reconnect(&id);
        let update = until_live_again(&bench, &id).await;
        let update = bench.until(|later| later.now_ms > update.now_ms + SECOND_MS).await;
        bench.app.close().unwrap();
        let sums = sums(&bench, &id, &paths, update.now_ms);
        assert!(sums[0] > 0, "{sums:?}");
        assert_eq!(sums[0], sums[1..].iter().sum::<i64>(), "it balances: {sums:?}");
        (id, sums)
    };
    let bench = Bench::start(folder.path()).await;
    let start = bench.open().await;
    let told = health(&bench, &id, start.now_ms);
    let states = states(&told);
    let nobody = states.iter().position(Option::is_none).expect("when nobody listened");
    assert_eq!(states[nobody - 1], Some(State::Live), "{states:?}");
    assert!(states[..nobody].iter().filter(|state| **state == Some(State::Live)).count() >= 2);
    let story = &told.spans[nobody].cause;
    assert!(story.starts_with("Feedscope was not running from "), "{story}");
    let ends = told.spans.windows(2).all(|pair| pair[0].to_ms == Some(pair[1].from_ms));
    assert!(ends, "one begins where the other ends: {:?}", told.spans);
    let after = sums(&bench, &id, &paths, start.now_ms - SECOND_MS);
    assert!(after.iter().zip(&before).all(|(after, before)| after >= before), "{after:?}");
}

async fn until_live_again(bench: &Bench, id: &str) -> Update {
    let mut was_not = false;
    bench
        .until(|update| {
            let mut turns = update.transitions.iter().filter(|told| told.feed == id);
            was_not |= turns.any(|told| told.transitions.iter().any(|t| t.state != State::Live));
            let is = |status: &feedscope_app::api::Status| {
                status.feed == id && status.state == State::Live
            };
            was_not && update.statuses.iter().any(is)
        })
        .await
}

#[tokio::test(flavor = "multi_thread")]
async fn the_clocks_of_one_computer_agree() {
    let folder = tempfile::tempdir().unwrap();
    let bench = Bench::start(folder.path()).await;
    bench.open().await;
    bench.until_state(State::Live).await;
    let begun = tokio::time::Instant::now();
    let clock = loop {
        let update = bench.until(|update| !update.statuses.is_empty()).await;
        let told = health(&bench, "computer", update.now_ms);
        if let Some(clock) = told.clock {
            assert!(told.round_trip_ms.is_some());
            break clock;
        }
        assert!(begun.elapsed() < DEADLINE, "no ping was answered");
    };
    // It says itself how sure it is; but what passes between a stamp and its sending, which on a busy
    // computer may be a while, is the clock's, too.
    const STAMPED_BEFORE_MS: f64 = 100.0;
    assert!(clock.uncertainty_ms < STAMPED_BEFORE_MS, "{clock:?}");
    assert!(clock.ahead_ms.abs() <= clock.uncertainty_ms + STAMPED_BEFORE_MS, "{clock:?}");
    assert!(clock.messages > 0);
    let paths = ["arrival_ms", "drawn_ms", "messages_per_second", "bytes_per_second"];
    let update = bench.until(|update| !update.statuses.is_empty()).await;
    let sums = sums(&bench, "computer", &paths, update.now_ms);
    assert!(sums[2] > 0 && sums[3] > sums[2], "{sums:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_feed_that_is_silent_measures_nothing_and_looks_it() {
    let folder = tempfile::tempdir().unwrap();
    let bench = Bench::start(folder.path()).await;
    bench.open().await;
    bench.until_state(State::Live).await;
    bench.app.faults_set(Faults { silent: true, ..Faults::default() });
    bench.until_state(State::Stale).await;
    let update = bench.until(|update| !update.statuses.is_empty()).await;
    let told = health(&bench, "computer", update.now_ms);
    assert_eq!((told.interruptions[0].state, told.interruptions[0].tries), (Some(State::Stale), 0));
    bench.app.faults_set(Faults::default());
}
