//! What is there again when the application is started anew.

use crate::bench::{Answer, Bench, SECOND_MS, memory, trace, watch_memory};
use feedscope_app::api::{Axis, Shortcuts, Trace, Update, View};
use feedscope_feed::State;
use feedscope_feed::decode::UNNAMED_CHANNEL;
use futures_util::SinkExt;
use std::path::Path;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

/// Sends numbers to whoever comes, until it is aborted.
pub struct Server {
    pub url: String,
    task: JoinHandle<()>,
}

impl Server {
    pub async fn start() -> Server {
        Server::start_with(|_| r#"{"a":1,"b":2}"#.into()).await
    }

    /// Sends each client these, by their number.
    pub async fn start_with(message: fn(u64) -> String) -> Server {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("ws://{}/?token=secret", listener.local_addr().unwrap());
        let task = tokio::spawn(async move {
            let mut sockets = tokio::task::JoinSet::new();
            while let Ok((stream, _)) = listener.accept().await {
                sockets.spawn(async move {
                    let accepted = tokio_tungstenite::accept_async(stream).await;
                    let Ok(mut socket) = accepted else { return };
                    let mut ticks = tokio::time::interval(std::time::Duration::from_millis(5));
                    for number in 0.. {
                        if socket.send(message(number).into()).await.is_err() {
                            return;
                        }
                        ticks.tick().await;
                    }
                });
            }
        });
        Server { url, task }
    }
}

pub fn field(feed: &str, path: &str) -> Trace {
    Trace { feed: feed.into(), ..trace(UNNAMED_CHANNEL, path) }
}

/// All gaps of these traces that end after `from_ms`, or have not ended.
fn gaps(bench: &Bench, traces: Vec<Trace>, from_ms: f64, to_ms: f64) -> Vec<serde_json::Value> {
    let view = View { traces, axis: Axis::Source, from_ms, to_ms, columns: 1_000 };
    let facts = Answer::of(&bench.app.view(&view).unwrap()).facts;
    facts["gaps"].as_array().unwrap().clone()
}

/// Runs until there are a second's worth of samples of a trace, and more; says when that was.
pub async fn until_samples(bench: &Bench, trace: &Trace) -> f64 {
    let first = bench.until(|_| bench.samples(trace, 0.0, f64::MAX) > 0.0).await;
    bench.until(|update| update.now_ms > first.now_ms + 1.5 * SECOND_MS).await.now_ms
}

/// How many samples there are of the last minute, but for the last moments, in which some may still
/// be on their way.
pub fn lately(bench: &Bench, trace: &Trace, now_ms: f64) -> f64 {
    let to_ms = now_ms - 0.5 * SECOND_MS;
    bench.samples(trace, to_ms - 60.0 * SECOND_MS, to_ms)
}

async fn until_saved(bench: &Bench, ms: f64) {
    bench.until(|_| bench.app.status().history.saved_ms.is_some_and(|saved| saved > ms)).await;
}

async fn codes_of_troubles(folder: &Path) -> (Bench, Vec<&'static str>) {
    let bench = Bench::start(folder).await;
    let troubles = bench.open().await.troubles;
    let codes = troubles.iter().map(|trouble| trouble.code).collect();
    (bench, codes)
}

#[tokio::test(flavor = "multi_thread")]
async fn yesterday_is_there_with_a_gap_where_nobody_listened() {
    let folder = tempfile::tempdir().unwrap();
    let (closed_ms, count, fields) = {
        let bench = Bench::start(folder.path()).await;
        bench.open().await;
        let now_ms = until_samples(&bench, &memory()).await;
        let fields = bench.open().await.feeds[0].fields.clone();
        let count = lately(&bench, &memory(), now_ms);
        bench.app.close().unwrap();
        (now_ms, count, fields)
    };
    let bench = Bench::start(folder.path()).await;
    let start = bench.open().await;
    assert!(start.troubles.is_empty(), "{:?}", start.troubles);
    // At once, whatever comes: fields in their order, samples, values.
    assert_eq!(start.feeds[0].fields[..fields.len()], fields);
    assert!(start.feeds[0].status.last_message_ms.is_some());
    assert_eq!(lately(&bench, &memory(), closed_ms), count);
    assert!(count > 0.0);
    bench.app.peek(vec!["computer".into()]);
    let told = |update: &Update| update.values.iter().any(|feed| feed.values.len() >= fields.len());
    bench.until(told).await;

    bench.until_state(State::Live).await;
    bench.until(|_| bench.samples(&memory(), start.now_ms, f64::MAX) > 3.0).await;
    let now_ms = bench.open().await.now_ms;
    let closed: Vec<_> = gaps(&bench, vec![memory()], closed_ms, now_ms)
        .into_iter()
        .filter(|gap| gap["cause"] == "closed")
        .collect();
    assert_eq!(closed.len(), 1, "{closed:?}");
    let (from, to) = (closed[0]["start_ms"].as_f64(), closed[0]["end_ms"].as_f64());
    assert!(from.unwrap() >= closed_ms && to.unwrap() > from.unwrap(), "{closed:?}");
    let story = closed[0]["story"].as_str().unwrap();
    assert!(story.starts_with("Feedscope was not running from "), "{story}");
    assert_eq!(closed[0]["said"][0]["key"], "gap_not_running");
    assert_eq!(closed[0]["said"][0]["text"], story, "as other languages say it, off the disk");

    // The line breaks where nobody listened, and nowhere else but where a gap says why: this computer
    // may be too busy to send what it measures. By arrival, since a sample may well have been
    // measured before anybody listened.
    let view = View {
        traces: vec![memory()],
        axis: Axis::Arrival,
        from_ms: closed_ms - 60.0 * SECOND_MS,
        to_ms: now_ms,
        columns: 10_000,
    };
    let answer = Answer::of(&bench.app.view(&view).unwrap());
    let breaks = answer.traces[0].iter().filter(|column| column[6] == 1.0).count();
    let gaps = &answer.facts["gaps"];
    assert_eq!(Some(breaks), gaps.as_array().map(Vec::len), "{gaps}");
    // And a panel that follows is told the same.
    let watched = Answer::of(&bench.app.watch(&watch_memory()).unwrap());
    assert!(watched.facts["gaps"].as_array().unwrap().iter().any(|gap| gap["cause"] == "closed"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_feed_that_cannot_be_reached_is_there_all_the_same() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start().await;
    let (id, now_ms, count) = {
        let bench = Bench::start(folder.path()).await;
        bench.open().await;
        let id = bench.app.feed_add(&server.url).unwrap().id;
        let now_ms = until_samples(&bench, &field(&id, "a")).await;
        let count = lately(&bench, &field(&id, "a"), now_ms);
        bench.app.close().unwrap();
        (id, now_ms, count)
    };
    server.task.abort();
    let bench = Bench::start(folder.path()).await;
    let start = bench.open().await;
    let feed = start.feeds.iter().find(|feed| feed.id == id).unwrap();
    let paths: Vec<_> = feed.fields.iter().map(|field| field.path.as_str()).collect();
    assert_eq!(paths, ["a", "b"]);
    assert_eq!(lately(&bench, &field(&id, "a"), now_ms), count);
    let is_waiting = |update: &Update| {
        update.statuses.iter().any(|status| status.feed == id && status.state == State::Waiting)
    };
    let update = bench.until(is_waiting).await;
    let gaps = gaps(&bench, vec![field(&id, "a")], now_ms, update.now_ms);
    let [gap] = &gaps[..] else { panic!("{gaps:?}") };
    assert_eq!(gap["cause"], "closed");
    assert!(gap["end_ms"].is_null(), "it lasts until something comes: {gap}");
}

#[tokio::test(flavor = "multi_thread")]
async fn of_a_feed_that_was_removed_nothing_comes_back() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start().await;
    {
        let bench = Bench::start(folder.path()).await;
        bench.open().await;
        let id = bench.app.feed_add(&server.url).unwrap().id;
        let now_ms = until_samples(&bench, &field(&id, "a")).await;
        until_saved(&bench, now_ms).await;
        bench.app.feed_remove(&id).unwrap();
        bench.app.close().unwrap();
    }
    // What there is of it now is not what comes anew.
    server.task.abort();
    let bench = Bench::start(folder.path()).await;
    bench.open().await;
    let start_ms = bench.next().await.now_ms;
    let feed = bench.app.feed_add(&server.url).unwrap();
    assert_eq!(feed.fields, []);
    assert_eq!(lately(&bench, &field(&feed.id, "a"), start_ms), 0.0);
    assert_eq!(
        gaps(&bench, vec![field(&feed.id, "a")], 0.0, start_ms),
        [] as [serde_json::Value; 0]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_crash_keeps_what_was_saved() {
    let folder = tempfile::tempdir().unwrap();
    let (now_ms, count) = {
        let bench = Bench::start(folder.path()).await;
        bench.open().await;
        let now_ms = until_samples(&bench, &memory()).await;
        let count = lately(&bench, &memory(), now_ms);
        until_saved(&bench, now_ms).await;
        // Dropped, and not closed.
        (now_ms, count)
    };
    let bench = Bench::start(folder.path()).await;
    let start = bench.open().await;
    assert_eq!(lately(&bench, &memory(), now_ms), count);
    bench.until_state(State::Live).await;
    let gaps = gaps(&bench, vec![memory()], now_ms, start.now_ms + 60.0 * SECOND_MS);
    let closed: Vec<_> = gaps.iter().filter(|gap| gap["cause"] == "closed").collect();
    assert_eq!(closed.len(), 1, "{gaps:?}");
    let from_ms = closed[0]["start_ms"].as_f64().unwrap();
    assert!((now_ms..start.now_ms).contains(&from_ms), "from what was known last");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_outage_that_lasted_is_told_from_the_time_after_it() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start().await;
    let (id, now_ms) = {
        let bench = Bench::start(folder.path()).await;
        bench.open().await;
        let id = bench.app.feed_add(&server.url).unwrap().id;
        let now_ms = until_samples(&bench, &field(&id, "a")).await;
        server.task.abort();
        let is_waiting = |update: &Update| {
            update.statuses.iter().any(|status| status.feed == id && status.state == State::Waiting)
        };
        bench.until(is_waiting).await;
        bench.app.close().unwrap();
        (id, now_ms)
    };
    let bench = Bench::start(folder.path()).await;
    let start = bench.open().await;
    let gaps = gaps(&bench, vec![field(&id, "a")], now_ms, start.now_ms);
    let causes: Vec<_> = gaps.iter().map(|gap| gap["cause"].as_str().unwrap()).collect();
    assert_eq!(causes, ["outage", "closed"]);
    assert_eq!(gaps[0]["end_ms"], gaps[1]["start_ms"], "one begins where the other ends");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_one_on_the_same_folder_says_so_and_works_in_memory() {
    let folder = tempfile::tempdir().unwrap();
    let first = Bench::start(folder.path()).await;
    assert!(first.open().await.troubles.is_empty());
    let (second, codes) = codes_of_troubles(folder.path()).await;
    assert_eq!(codes, ["history-in-use"]);
    until_samples(&second, &memory()).await;
    second.app.close().unwrap();
    let now_ms = until_samples(&first, &memory()).await;
    until_saved(&first, now_ms).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_history_that_cannot_be_used_costs_the_past_alone() {
    // It is a folder.
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("history")).unwrap();
    let (bench, codes) = codes_of_troubles(folder.path()).await;
    assert_eq!(codes.len(), 1, "{codes:?}");
    assert!(codes[0].starts_with("history-"), "{codes:?}");
    until_samples(&bench, &memory()).await;

    // It is something else: kept aside, and a new one begun.
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("history"), "this is no history".repeat(1_000)).unwrap();
    let (bench, codes) = codes_of_troubles(folder.path()).await;
    assert_eq!(codes, ["history-set-aside"]);
    let now_ms = until_samples(&bench, &memory()).await;
    until_saved(&bench, now_ms).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn wrong_settings_are_said_and_cost_nothing_else() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("settings.toml"), "memory_mb = \"much\"\n").unwrap();
    let (bench, codes) = codes_of_troubles(folder.path()).await;
    assert_eq!(codes, ["settings"]);
    until_samples(&bench, &memory()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_chosen_language_is_there_again_until_it_is_the_systems() {
    let folder = tempfile::tempdir().unwrap();
    for (chosen, before) in [(Some("zh-CN"), None), (None, Some("zh-CN")), (None, None)] {
        let bench = Bench::start(folder.path()).await;
        assert_eq!(bench.open().await.language.as_deref(), before);
        bench.app.language_set(chosen.map(str::to_owned)).unwrap();
        assert_eq!(bench.open().await.language.as_deref(), chosen, "the page began anew");
        bench.app.close().unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn chosen_shortcuts_and_the_tour_are_there_again() {
    let folder = tempfile::tempdir().unwrap();
    let chosen: Shortcuts = [("undo".to_owned(), vec!["mod+u".to_owned()])].into();
    let bench = Bench::start(folder.path()).await;
    let start = bench.open().await;
    assert_eq!((start.shortcuts, start.toured), (Shortcuts::new(), false));
    bench.app.shortcuts_set(chosen.clone()).unwrap();
    bench.app.tour_over().unwrap();
    bench.app.close().unwrap();
    let bench = Bench::start(folder.path()).await;
    let start = bench.open().await;
    assert_eq!((start.shortcuts, start.toured), (chosen, true));
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_disk_by_the_settings_nothing_outlives_the_window() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("settings.toml"), "disk_mb = 0\n").unwrap();
    let (bench, codes) = codes_of_troubles(folder.path()).await;
    assert_eq!(codes, [] as [&str; 0]);
    until_samples(&bench, &memory()).await;
    bench.app.close().unwrap();
    assert!(!folder.path().join("history").exists());
}
