//! Derived series in the whole application: made of two feeds, over outages and relaunches.

use crate::bench::{Answer, Bench, SECOND_MS, memory, trace};
use feedscope_app::api::{
    Axis, Derived, DerivedInput, DerivedPreview, DerivedSeries, DerivedState, Trace, Update, View,
    Watch,
};
use feedscope_feed::State;
use feedscope_feed::decode::UNNAMED_CHANNEL;
use futures_util::SinkExt;
use std::net::SocketAddr;
use std::path::Path;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

/// Sends the same value to whoever comes, again and again, until it is aborted.
struct Server {
    address: SocketAddr,
    value: f64,
    task: JoinHandle<()>,
}

impl Server {
    async fn start(value: f64) -> Server {
        Server::at(([127, 0, 0, 1], 0).into(), value).await
    }

    async fn at(address: SocketAddr, value: f64) -> Server {
        // The one before may not have let go of it yet.
        let listener = loop {
            match TcpListener::bind(address).await {
                Ok(listener) => break listener,
                Err(_) => tokio::task::yield_now().await,
            }
        };
        let address = listener.local_addr().unwrap();
        let task = tokio::spawn(async move {
            let mut sockets = tokio::task::JoinSet::new();
            while let Ok((stream, _)) = listener.accept().await {
                sockets.spawn(async move {
                    let accepted = tokio_tungstenite::accept_async(stream).await;
                    let Ok(mut socket) = accepted else { return };
                    let mut ticks = tokio::time::interval(Duration::from_millis(5));
                    while socket.send(format!("{{\"v\":{value}}}").into()).await.is_ok() {
                        ticks.tick().await;
                    }
                });
            }
        });
        Server { address, value, task }
    }

    fn url(&self) -> String {
        format!("ws://{}/", self.address)
    }
}

fn field(feed: &str) -> Trace {
    Trace { feed: feed.into(), ..trace(UNNAMED_CHANNEL, "v") }
}

fn input(of: &Trace) -> DerivedInput {
    let Trace { feed, channel, path, .. } = of.clone();
    DerivedInput { feed, channel, path }
}

fn derived(id: &str) -> Trace {
    Trace { feed: "derived".into(), ..trace("", id) }
}

fn series(name: &str, expression: &str, inputs: &[(&str, &Trace)]) -> DerivedSeries {
    DerivedSeries {
        name: name.into(),
        expression: expression.into(),
        inputs: inputs.iter().map(|(name, of)| ((*name).to_owned(), input(of))).collect(),
        ..DerivedSeries::default()
    }
}

fn columns(bench: &Bench, trace: &Trace, from_ms: f64, to_ms: f64) -> Answer {
    let traces = vec![trace.clone()];
    let view = View { traces, axis: Axis::Source, from_ms, to_ms, columns: 2_000 };
    Answer::of(&bench.app.view(&view).unwrap())
}

async fn until_live(bench: &Bench, number: u32) {
    let is_live = |all: &[Derived]| {
        all.iter().any(|one| one.number == number && one.state == DerivedState::Live)
    };
    if is_live(&bench.open().await.derived) {
        return;
    }
    bench.until(|update| update.derived.as_ref().is_some_and(|all| is_live(all))).await;
}

async fn until_samples(bench: &Bench, trace: &Trace, count: f64) -> Update {
    bench.until(|_| bench.samples(trace, 0.0, f64::MAX) > 0.0).await;
    let from = bench.next().await;
    bench.app.drawn(from.number);
    bench.until(|update| bench.samples(trace, from.now_ms, update.now_ms) >= count).await
}

/// Two feeds of which one sends 10 and the other 4.
async fn two(folder: &Path) -> (Bench, [Server; 2], [Trace; 2]) {
    let servers = [Server::start(10.0).await, Server::start(4.0).await];
    let bench = Bench::start(folder).await;
    bench.open().await;
    let fields = servers.each_ref().map(|s| field(&bench.app.feed_add(&s.url()).unwrap().id));
    for field in &fields {
        until_samples(&bench, field, 100.0).await;
    }
    (bench, servers, fields)
}

fn assert_all_are(answer: &Answer, value: f64) {
    let wrong = answer.traces[0].iter().find(|column| column[3] != value || column[4] != value);
    assert_eq!(wrong, None);
}

#[tokio::test(flavor = "multi_thread")]
async fn one_made_late_covers_the_past_and_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    let (bench, _servers, [a, b]) = two(folder.path()).await;
    let begun_ms = bench.open().await.now_ms;
    let made_ms = until_samples(&bench, &b, 100.0).await.now_ms;
    let what = series("The spread", "a - b", &[("a", &a), ("b", &b)]);
    let made = bench.app.derived_set(what.clone()).await.unwrap();
    assert_eq!(made.series, DerivedSeries { id: "the-spread".into(), ..what });
    until_live(&bench, made.number).await;
    let spread = derived("the-spread");

    // Of each sample of either, one.
    let of = |trace| bench.samples(trace, begun_ms, made_ms - 100.0);
    assert_eq!(of(&spread), of(&a) + of(&b));
    assert!(of(&spread) > 100.0);
    let live_ms = until_samples(&bench, &spread, 200.0).await.now_ms;
    let answer = columns(&bench, &spread, 0.0, live_ms);
    assert_all_are(&answer, 6.0);
    let of = |trace| bench.samples(trace, begun_ms, live_ms - 100.0);
    assert_eq!(of(&spread), of(&a) + of(&b), "none is missing where it begins to listen");

    // It is watched and peeked at as any other.
    let watch = Watch {
        panel: "p".into(),
        traces: vec![spread.clone()],
        axis: Axis::Source,
        span_ms: 10.0 * SECOND_MS,
        columns: 500,
    };
    bench.app.watch(&watch).unwrap();
    bench.app.peek(vec!["derived".into()]);
    let update = bench.until(|update| update.panels.iter().any(|p| !p.traces[0].is_empty())).await;
    assert_eq!(update.panels[0].latest, [Some(6.0)]);
    let is_told = |update: &Update| {
        update.values.iter().any(|v| v.feed == "derived" && v.values == [(made.number, 6.0)])
    };
    bench.until(is_told).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_preview_is_what_the_series_would_be() {
    let folder = tempfile::tempdir().unwrap();
    let (bench, _servers, [a, b]) = two(folder.path()).await;
    let what = series("spread", "a - b", &[("a", &a), ("b", &b)]);
    let made = bench.app.derived_set(what.clone()).await.unwrap();
    until_live(&bench, made.number).await;
    let to_ms = until_samples(&bench, &derived("spread"), 100.0).await.now_ms - 100.0;
    let asked = |from_ms, expression: &str| DerivedPreview {
        expression: expression.into(),
        inputs: what.inputs.clone(),
        axis: Axis::Source,
        from_ms,
        to_ms,
        columns: 200,
    };
    let preview = async |asked| Answer::of(&bench.app.derived_preview(asked).await.unwrap());

    let from_ms = to_ms - SECOND_MS;
    let answer = preview(asked(from_ms, "a - b")).await;
    let view =
        View { traces: vec![derived("spread")], axis: Axis::Source, from_ms, to_ms, columns: 200 };
    let kept = Answer::of(&bench.app.view(&view).unwrap());
    assert!(kept.traces[0].len() > 10);
    // The first of them is of what was before, which a preview knows as much of as it shows.
    assert_eq!(answer.traces, kept.traces);
    assert_eq!(answer.facts["latest"], serde_json::json!([6.0]));
    assert_all_are(&preview(asked(from_ms, "a * b")).await, 40.0);

    // Of what cannot be read, or is not there, there is nothing.
    for nothing in ["a -", "c", ""] {
        assert_eq!(preview(asked(from_ms, nothing)).await.traces, [Vec::<[f64; 7]>::new()]);
    }
    let mut elsewhere = asked(from_ms, "a");
    elsewhere.inputs = [("a".to_owned(), input(&trace("c", "p")))].into();
    assert_eq!(preview(elsewhere).await.traces, [Vec::<[f64; 7]>::new()]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_outage_of_either_breaks_it() {
    let folder = tempfile::tempdir().unwrap();
    let (bench, [_a_server, b_server], [a, b]) = two(folder.path()).await;
    let what = series("spread", "a - b", &[("a", &a), ("b", &b)]);
    let made = bench.app.derived_set(what).await.unwrap();
    until_live(&bench, made.number).await;
    let spread = derived("spread");
    let before_ms = until_samples(&bench, &spread, 100.0).await.now_ms;

    // Gone, and there again a second later.
    b_server.task.abort();
    bench.until(|update| update.now_ms > before_ms + SECOND_MS).await;
    let b_server = Server::at(b_server.address, b_server.value).await;
    let has_gap = |update: &Update| {
        let view = columns(&bench, &b, before_ms, update.now_ms);
        view.facts["gaps"].as_array().unwrap().iter().any(|gap| !gap["end_ms"].is_null())
    };
    let update = bench.until(has_gap).await;
    let after_ms = until_samples(&bench, &spread, 100.0).await.now_ms;
    assert!(after_ms > update.now_ms);

    let answer = columns(&bench, &spread, before_ms - SECOND_MS, after_ms);
    let gaps = answer.facts["gaps"].as_array().unwrap();
    let [gap] = &gaps[..] else { panic!("{gaps:?}") };
    assert_eq!((gap["cause"].as_str(), gap["feed"].as_str()), (Some("outage"), Some(&*b.feed)));
    let breaks = answer.traces[0].iter().filter(|column| column[6] == 1.0).count();
    assert!(breaks >= 1);
    // While a went on, nothing was made of it.
    let (start_ms, end_ms) = (gap["start_ms"].as_f64().unwrap(), gap["end_ms"].as_f64().unwrap());
    let within = |trace| bench.samples(trace, start_ms + 50.0, end_ms - 50.0);
    assert!(within(&a) > 0.0, "the outage is long enough to tell");
    assert!(within(&spread) < within(&a) / 2.0, "{} of {}", within(&spread), within(&a));
    assert_all_are(&answer, 6.0);
    drop(b_server);
}

#[tokio::test(flavor = "multi_thread")]
async fn it_is_there_after_a_relaunch_and_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    let (bench, _servers, [a, b]) = two(folder.path()).await;
    let from_ms = bench.open().await.now_ms - SECOND_MS;
    for what in [
        series("Spread", "a - b", &[("a", &a), ("b", &b)]),
        series("Spread", "integral(a)", &[("a", &a), ("not used", &b)]),
    ] {
        let made = bench.app.derived_set(what).await.unwrap();
        until_live(&bench, made.number).await;
    }
    let closed_ms = until_samples(&bench, &derived("spread-2"), 100.0).await.now_ms;
    let seen = |bench: &Bench, id: &str| {
        columns(bench, &derived(id), from_ms, closed_ms - 50.0).traces.remove(0)
    };
    let before = [seen(&bench, "spread"), seen(&bench, "spread-2")];
    let derived_before = bench.open().await.derived;
    bench.app.close().unwrap();
    drop(bench);

    let bench = Bench::start(folder.path()).await;
    let start = bench.open().await;
    assert!(start.troubles.is_empty(), "{:?}", start.troubles);
    assert_eq!(start.derived, derived_before, "they are whole, and nothing is made anew");
    assert_eq!([seen(&bench, "spread"), seen(&bench, "spread-2")], before);
    let later_ms = until_samples(&bench, &derived("spread"), 100.0).await.now_ms;
    assert_all_are(&columns(&bench, &derived("spread"), from_ms, later_ms), 6.0);
    let answer = columns(&bench, &derived("spread-2"), from_ms, later_ms);
    let sums = &answer.traces[0];
    assert!(sums.is_sorted_by(|one, other| one[4] <= other[3]), "the sum goes on");
    assert_eq!(sums.iter().filter(|column| column[6] == 1.0).count(), 1);
    assert_eq!(answer.facts["gaps"][0]["cause"], "closed");

    // One that is removed stays away.
    bench.app.derived_remove("spread");
    bench.app.derived_remove("none such");
    assert_eq!(bench.samples(&derived("spread"), 0.0, f64::MAX), 0.0);
    bench.app.close().unwrap();
    drop(bench);
    let bench = Bench::start(folder.path()).await;
    let ids: Vec<_> = bench.open().await.derived.into_iter().map(|d| d.series.id).collect();
    assert_eq!(ids, ["spread-2"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn another_expression_makes_all_of_it_anew() {
    let folder = tempfile::tempdir().unwrap();
    let (bench, _servers, [a, _]) = two(folder.path()).await;
    let mut what = series("Twice", "2 * a", &[("a", &a)]);
    let made = bench.app.derived_set(what.clone()).await.unwrap();
    until_live(&bench, made.number).await;
    let twice = derived("twice");
    until_samples(&bench, &twice, 50.0).await;
    what = DerivedSeries { expression: "3 * a".into(), ..made.series };
    let again = bench.app.derived_set(what.clone()).await.unwrap();
    assert_eq!(again.number, made.number);
    until_live(&bench, made.number).await;
    let now_ms = until_samples(&bench, &twice, 50.0).await.now_ms;
    let answer = columns(&bench, &twice, 0.0, now_ms);
    assert_all_are(&answer, 30.0);
    // Another name makes nothing anew.
    let named = bench.app.derived_set(DerivedSeries { name: "Thrice".into(), ..what }).await;
    assert_eq!(named.unwrap().state, DerivedState::Live);

    // With the feed goes what was made of it; and it waits for the field to come again.
    bench.app.feed_remove(&a.feed).unwrap();
    assert_eq!(bench.samples(&twice, 0.0, f64::MAX), 0.0);
    let left = bench.open().await.derived;
    assert_eq!(left[0].state, DerivedState::Waiting);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_made_is_refused_with_a_reason() {
    let folder = tempfile::tempdir().unwrap();
    let bench = Bench::start(folder.path()).await;
    bench.open().await;
    let what = series("n", "a +", &[("a", &memory())]);
    let mistakes = bench.app.derived_check(&what.expression, &what.inputs);
    assert_eq!((mistakes[0].from, mistakes[0].to), (2, 3));
    let trouble = bench.app.derived_set(what.clone()).await.unwrap_err();
    assert_eq!(trouble.code, "expression-ends");
    assert!(bench.open().await.derived.is_empty());
    let of_derived = series("n", "2 * a", &[("a", &derived("other"))]);
    assert_eq!(bench.app.derived_set(of_derived).await.unwrap_err().code, "expression-derived");
    // One whose field has never been seen waits for it.
    let made = bench.app.derived_set(series("", "2 * a", &[("a", &trace("c", "p"))])).await;
    let made = made.unwrap();
    assert_eq!((made.series.id.as_str(), made.state), ("series", DerivedState::Waiting));
    bench.until_state(State::Live).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_is_wrong_in_part_costs_that_part() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("derived.json");
    let good = series("Good", "2 * m", &[("m", &memory())]);
    let faulty = DerivedSeries { id: "faulty".into(), expression: "2 *".into(), ..good.clone() };
    let good = DerivedSeries { id: "good".into(), ..good };
    let text = serde_json::json!({ "derived": [good, 7, faulty, good] }).to_string();
    std::fs::write(&path, &text).unwrap();
    let bench = Bench::start(folder.path()).await;
    let start = bench.open().await;
    assert_eq!(start.troubles[0].code, "derived-unreadable");
    let states: Vec<_> =
        start.derived.iter().map(|one| (one.series.id.as_str(), one.state)).collect();
    assert_eq!(states[1], ("faulty", DerivedState::Faulty));
    assert_eq!((states[0].0, states.len()), ("good", 2));
    let aside = folder.path().join("derived.unreadable.json");
    assert_eq!(std::fs::read_to_string(aside).unwrap(), text);
    until_samples(&bench, &derived("good"), 5.0).await;

    for nonsense in ["", "[", "7", "{\"derived\": 7}"] {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("derived.json"), nonsense).unwrap();
        let start = Bench::start(folder.path()).await.open().await;
        assert_eq!(start.troubles.len(), 1, "{nonsense}");
        assert!(start.derived.is_empty());
    }
}
