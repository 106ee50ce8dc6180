//! The whole application against a window that is not one.

#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used)]

mod adding;
mod alerts;
mod bench;
mod boards;
mod captures;
mod depth;
mod derived;
mod health;
mod inspector;
mod relaunch;
mod texts;
mod windows;
mod written;

use bench::{Answer, Bench, DEADLINE, SECOND_MS, memory, shown, trace, watch_memory};
use feedscope_app::App;
use feedscope_app::api::{
    Annotation, Axis, Faults, Format, GapList, GapsAsked, Heat, Histogram, Level, Mark, Pairs,
    PanelView, Picture, SecondAxis, Span, Unit, Update, View, Watch,
};
use feedscope_feed::{Cause, State, Time};
use std::path::Path;

#[tokio::test(flavor = "multi_thread")]
async fn the_first_start_draws_this_computer() {
    let folder = tempfile::tempdir().unwrap();
    let bench = Bench::start(folder.path()).await;
    let start = bench.open().await;
    let board = shown(&start);
    assert_eq!(board.name, "This computer");
    assert!(start.troubles.is_empty(), "{:?}", start.troubles);
    let traces: Vec<_> = board
        .panels
        .iter()
        .filter_map(|panel| match &panel.view {
            PanelView::TimeSeries(panel) => Some(&panel.traces),
            _ => None,
        })
        .flatten()
        .collect();
    assert!(traces.len() >= 8);

    bench.app.watch(&watch_memory()).unwrap();
    bench.until_state(State::Live).await;
    let update = bench.until(|update| update.panels.iter().any(|p| !p.traces[0].is_empty())).await;
    let used = update.panels[0].latest[0].unwrap();
    assert!(used > 1e6, "{used} bytes of memory in use");

    // Every field that the first board draws exists; a disk may have none to count.
    for trace in traces.into_iter().filter(|trace| trace.channel != "disk") {
        let mut found = bench.samples(trace, 0.0, f64::MAX) > 0.0;
        while !found {
            bench.until(|update| !update.statuses.is_empty()).await;
            found = bench.samples(trace, 0.0, f64::MAX) > 0.0;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_window_is_sent_adds_up_to_what_a_query_says() {
    let folder = tempfile::tempdir().unwrap();
    let bench = Bench::start(folder.path()).await;
    bench.open().await;
    bench.until_state(State::Live).await;
    let mut columns = Answer::of(&bench.app.watch(&watch_memory()).unwrap()).traces.remove(0);
    let mut drawn = 0;
    let last = bench
        .until(|update| {
            for panel in &update.panels {
                columns.retain(|column| column[0] < panel.from);
                columns.extend(
                    panel.traces[0].iter().map(|c| [c.0, c.1, c.2, c.3, c.4, c.5, f64::from(c.6)]),
                );
                drawn += 1;
            }
            drawn >= 20
        })
        .await;
    // The view of the same columns, up to the one before the last: that one may have grown since.
    let column_ms = last.panels[0].column_ms;
    let (first, end) = (columns[0][0], columns[columns.len() - 1][0]);
    let view = View {
        axis: Axis::Source,
        traces: vec![memory()],
        from_ms: first * column_ms,
        to_ms: end * column_ms,
        columns: (end - first) as u32,
    };
    let asked = Answer::of(&bench.app.view(&view).unwrap()).traces.remove(0);
    let before_end = |columns: &[[f64; 7]]| -> Vec<[f64; 7]> {
        columns.iter().filter(|column| column[0] < end).copied().collect()
    };
    assert!(columns.len() >= 10);
    assert_eq!(before_end(&asked), before_end(&columns));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_window_that_does_not_draw_gets_the_present_and_no_backlog() {
    let folder = tempfile::tempdir().unwrap();
    let bench = Bench::start(folder.path()).await;
    bench.open().await;
    bench.until_state(State::Live).await;
    bench.app.watch(&watch_memory()).unwrap();
    let update = bench.next().await;
    // Not drawn; meanwhile two seconds of data come in, and nothing is sent (the screen would
    // panic).
    let mark = update.now_ms;
    while bench.samples(&memory(), mark, mark + 20.0 * SECOND_MS) < 20.0 {
        tokio::task::yield_now().await;
    }
    bench.app.drawn(update.number);
    let next = bench.until(|update| !update.panels.is_empty()).await;
    let sent: f64 = next.panels[0].traces[0].iter().map(|column| column.1).sum();
    assert!(sent >= 19.0, "one update brings all of it: {sent} samples");
    assert_eq!(next.number, update.number + 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_update_has_in_it_what_came_until_it_is_taken() {
    let folder = tempfile::tempdir().unwrap();
    let bench = Bench::start(folder.path()).await;
    bench.open().await;
    bench.until_state(State::Live).await;
    bench.app.watch(&watch_memory()).unwrap();
    bench.heard().await;
    let heard_ms = Time::now().millis();
    while bench.samples(&memory(), heard_ms, heard_ms + 20.0 * SECOND_MS) < 5.0 {
        tokio::task::yield_now().await;
    }
    let update = bench.app.take_update().unwrap();
    let sent: f64 = update.panels[0].traces[0].iter().map(|column| column.1).sum();
    assert!(sent >= 5.0, "{sent} samples");
    assert!(bench.app.take_update().is_none(), "it is not drawn");
}

#[tokio::test(flavor = "multi_thread")]
async fn updates_and_status_lines_never_wait_for_each_other() {
    const ROUNDS: usize = 200_000;
    let folder = tempfile::tempdir().unwrap();
    let bench = Bench::start(folder.path()).await;
    bench.open().await;
    let (done, all_done) = std::sync::mpsc::sync_channel(2);
    for work in [
        (|app: &App| {
            if let Some(update) = app.take_update() {
                app.drawn(update.number);
            }
        }) as fn(&App),
        |app: &App| drop(app.status()),
    ] {
        let (app, done) = (bench.app.clone(), done.clone());
        std::thread::spawn(move || {
            (0..ROUNDS).for_each(|_| work(&app));
            let _ = done.send(());
        });
    }
    for _ in 0..2 {
        all_done.recv_timeout(DEADLINE).expect("one waits for the other, and that for the one");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_to_an_older_update_is_not_taken_for_the_present_one() {
    let folder = tempfile::tempdir().unwrap();
    let bench = Bench::start(folder.path()).await;
    bench.open().await;
    let update = bench.next().await;
    for wrong in [0, update.number + 1, u64::MAX] {
        bench.app.drawn(wrong);
    }
    bench.app.drawn(update.number);
    bench.app.drawn(update.number);
    assert_eq!(bench.next().await.number, update.number + 1);
    assert_eq!(bench.app.status().frames_per_second, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_made_of_samples_is_made_of_those_that_a_view_shows() {
    let folder = tempfile::tempdir().unwrap();
    let bench = Bench::start(folder.path()).await;
    bench.open().await;
    bench.until_state(State::Live).await;
    while bench.samples(&memory(), 0.0, f64::MAX) < 20.0 {
        tokio::task::yield_now().await;
    }
    let (from_ms, to_ms) = (0.0, Time::now().millis() - SECOND_MS / 10.0);
    let (trace, axis) = (memory(), Axis::Source);
    let histogram = Histogram {
        traces: vec![trace.clone()],
        axis,
        from_ms,
        to_ms,
        bins: None,
        bins_max: 50,
        range: None,
        log: false,
    };
    let distribution = bench.app.histogram(&histogram).unwrap();
    let bins = &distribution.traces[0];
    let statistics = Span { traces: vec![trace.clone()], axis, from_ms, to_ms };
    let statistics = bench.app.statistics(&statistics).unwrap()[0];
    assert_eq!((bins.total, bins.counts.iter().sum()), (statistics.count, statistics.count));
    assert!(distribution.least <= statistics.min.unwrap());
    assert!(distribution.greatest >= statistics.max.unwrap());

    // One message has both: each sample has what came with it.
    let pairs =
        Pairs { x: trace.clone(), traces: vec![trace.clone()], axis, from_ms, to_ms, most: 10_000 };
    let (facts, numbers) = parts(&bench.app.pairs(&pairs).unwrap());
    assert_eq!(facts["traces"][0]["total"], statistics.count);
    assert_eq!(numbers[0] as u64, statistics.count);
    assert!(numbers[1..].chunks_exact(4).all(|pair| pair[0] == pair[1] && pair[3] == 0.0));

    let heat = Heat {
        trace,
        axis,
        from_ms: to_ms - 60.0 * SECOND_MS,
        to_ms,
        columns: 10,
        bins: 8,
        range: None,
        log: false,
    };
    let (facts, _) = parts(&bench.app.heat(&heat).unwrap());
    assert_eq!(facts["counted"], facts["total"]);
    assert!(facts["total"].as_u64() >= Some(statistics.count), "{facts}");
}

/// The head of an answer, and all after it as numbers.
fn parts(bytes: &[u8]) -> (serde_json::Value, Vec<f64>) {
    let length = u32::from_le_bytes(bytes[..4].try_into().unwrap()) as usize;
    let rest = bytes[(4 + length).next_multiple_of(8)..].chunks_exact(8);
    let numbers = rest.map(|eight| f64::from_le_bytes(eight.try_into().unwrap())).collect();
    (serde_json::from_slice(&bytes[4..4 + length]).unwrap(), numbers)
}

#[tokio::test(flavor = "multi_thread")]
async fn lost_messages_are_counted_and_their_gap_is_in_the_view() {
    let folder = tempfile::tempdir().unwrap();
    let bench = Bench::start(folder.path()).await;
    bench.open().await;
    bench.until_state(State::Live).await;
    bench.app.faults_set(Faults { lose: 0.3, ..Faults::default() });
    let update = bench.until(|update| update.statuses.iter().any(|s| s.missing >= 5)).await;
    let status = &update.statuses[0];
    assert!(status.ledger.balances());
    assert!(status.gaps > 0);
    let now = update.now_ms;
    let channels = ["cpu", "memory", "load", "network"];
    let traces = channels.map(|channel| trace(channel, "x")).to_vec();
    let view = View {
        axis: Axis::Source,
        traces,
        from_ms: now - 60.0 * SECOND_MS,
        to_ms: now,
        columns: 800,
    };
    let facts = Answer::of(&bench.app.view(&view).unwrap()).facts;
    let gaps = facts["gaps"].as_array().unwrap();
    assert!(gaps.iter().any(|gap| gap["cause"] == "missing" && gap["missing"].as_u64() >= Some(1)));

    // All of them, whatever panels show.
    bench.app.faults_set(Faults::default());
    let feed = || Some("computer".to_owned());
    let list = bench.app.gaps(&GapsAsked { feed: feed(), most: u32::MAX, ..GapsAsked::default() });
    assert_eq!(list.gaps.len() as u64, list.total);
    let missing: u64 = list.gaps.iter().filter_map(|gap| gap.missing).sum();
    assert!(missing >= status.missing, "{missing} of {}", status.missing);
    assert!(list.gaps.is_sorted_by(|one, next| one.start_ms >= next.start_ms), "the newest first");
    let newest = bench.app.gaps(&GapsAsked { most: 2, ..GapsAsked::default() });
    assert_eq!((newest.gaps.len(), newest.total >= list.total), (2, true));
    let oldest = list.gaps.last().unwrap().start_ms;
    let next = |before_ms: Option<f64>, after_ms: Option<f64>| {
        let found = bench.app.gaps(&GapsAsked { feed: feed(), most: 1, before_ms, after_ms });
        found.gaps.first().map(|gap| gap.start_ms)
    };
    assert_eq!(next(None, Some(oldest - SECOND_MS)), Some(oldest), "the first, not the last");
    assert!(next(Some(oldest + 1.0), None).is_some_and(|start_ms| start_ms <= oldest + 1.0));
    assert_eq!(next(Some(oldest - SECOND_MS), None), None);
    let asked = GapsAsked { feed: Some("none such".into()), most: 10, ..GapsAsked::default() };
    let none = bench.app.gaps(&asked);
    assert_eq!(none, GapList { gaps: vec![], total: 0 });
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pulled_plug_is_an_outage_that_ends_by_itself() {
    let folder = tempfile::tempdir().unwrap();
    let bench = Bench::start(folder.path()).await;
    bench.open().await;
    // Before its first sample, a field has no gap.
    bench.until(|_| bench.samples(&memory(), 0.0, f64::MAX) > 0.0).await;
    bench.app.feed_cut();
    bench.until_state(State::Waiting).await;
    // A gap is told after the state that it begins or ends with.
    let outage = bench.until_gap(|gap| gap["cause"] == "outage").await;
    assert!(outage["end_ms"].is_null(), "it lasts: {outage}");
    let listed = bench.app.gaps(&GapsAsked { most: 1, ..GapsAsked::default() }).gaps.remove(0);
    assert_eq!((listed.cause, listed.end_ms), (Cause::Outage, None));
    bench.until_state(State::Live).await;
    let over = bench.until_gap(|gap| gap["cause"] == "outage" && !gap["end_ms"].is_null()).await;
    let lasted = over["end_ms"].as_f64().unwrap() - over["start_ms"].as_f64().unwrap();
    assert!(lasted > 1.0 * SECOND_MS, "{lasted} ms");
    let update = bench.until(|update| update.statuses.iter().any(|s| s.missing > 0)).await;
    assert!(update.statuses[0].missing > 10, "what was sent meanwhile is known to be missing");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_a_feed_is_refused_with_a_reason() {
    let folder = tempfile::tempdir().unwrap();
    let bench = Bench::start(folder.path()).await;
    bench.open().await;
    for (url, code) in [("", "url-empty"), ("http://a/", "url-scheme"), ("ws://", "url-host")] {
        let trouble = bench.app.feed_add(url).unwrap_err();
        assert_eq!(trouble.code, code);
        assert!(!trouble.advice.is_empty());
        let keys = [&trouble.said.step, &trouble.said.what, &trouble.said.advice]
            .map(|parts| parts[0].key.as_deref().unwrap_or_default().to_owned());
        assert!(keys.iter().all(|key| !key.is_empty()), "{trouble:?}");
        assert_eq!(trouble.said.what[0].text, trouble.what);
    }
    let feeds: Vec<_> = bench.open().await.feeds;
    assert_eq!(feeds.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_feed_can_be_removed_and_the_builtin_one_stays() {
    let folder = tempfile::tempdir().unwrap();
    let bench = Bench::start(folder.path()).await;
    bench.open().await;
    let feed = bench.app.feed_add("ws://127.0.0.1:9/").unwrap();
    bench.app.feed_remove(&feed.id).unwrap();
    bench.app.feed_remove("computer").unwrap();
    bench.app.feed_remove("none such").unwrap();
    let feeds: Vec<_> = bench.open().await.feeds.into_iter().map(|feed| feed.id).collect();
    assert_eq!(feeds, ["computer"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_feed_that_is_added_again_has_nothing_of_the_one_before() {
    use futures_util::SinkExt;
    let server = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("ws://{}/", server.local_addr().unwrap());
    // A connection sends as fast as it can, but nothing before it may.
    let (allow, allowed) = tokio::sync::watch::channel(0);
    tokio::spawn(async move {
        for connection in 1.. {
            let Ok((stream, _)) = server.accept().await else { return };
            let mut allowed = allowed.clone();
            tokio::spawn(async move {
                let Ok(mut socket) = tokio_tungstenite::accept_async(stream).await else { return };
                if allowed.wait_for(|allowed| *allowed >= connection).await.is_err() {
                    return;
                }
                while socket.send(r#"{"a":1,"b":2,"c":3}"#.into()).await.is_ok() {}
            });
        }
    });
    let folder = tempfile::tempdir().unwrap();
    let bench = Bench::start(folder.path()).await;
    bench.open().await;
    for connection in 1..=10 {
        let feed = bench.app.feed_add(&url).unwrap();
        assert_eq!((feed.status.ledger.received(), feed.fields.len()), (0, 0));
        allow.send(connection).unwrap();
        bench.until(|update| update.fields.iter().any(|new| new.feed == feed.id)).await;
        bench.app.feed_remove(&feed.id).unwrap();
    }
    assert_eq!(bench.open().await.feeds.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_panel_is_saved_as_a_picture() {
    let folder = tempfile::tempdir().unwrap();
    let bench = Bench::start(folder.path()).await;
    bench.open().await;
    bench.until_state(State::Live).await;
    let update = bench.until(|_| bench.samples(&memory(), 0.0, f64::MAX) > 5.0).await;
    let picture = |format, width| Picture {
        title: "Memory & <more>".into(),
        unit: Unit::Bytes,
        range: None,
        log: true,
        right: SecondAxis { unit: Unit::Percent, ..SecondAxis::default() },
        marks: vec![Mark { value: 1e9, level: Level::Bad, label: None }],
        annotations: vec![Annotation {
            id: "a".into(),
            from_ms: update.now_ms - 5.0 * SECOND_MS,
            to_ms: None,
            text: "here <it> was".into(),
            color: 1,
            feed: None,
            panel: None,
        }],
        view: View {
            axis: Axis::Source,
            traces: vec![memory()],
            from_ms: update.now_ms - 10.0 * SECOND_MS,
            to_ms: update.now_ms,
            columns: 500,
        },
        format,
        dark: true,
        width,
        height: 400,
    };
    let svg = bench.app.picture_save(&picture(Format::Svg, 800)).unwrap();
    let text = std::fs::read_to_string(&svg).unwrap();
    assert!(text.contains("Memory &amp; &lt;more&gt;") && text.contains("here &lt;it&gt; was"));
    assert!(bench.app.is_picture(&svg));
    let png = bench.app.picture_save(&picture(Format::Png, 800)).unwrap();
    assert_eq!(std::fs::read(&png).unwrap()[..4], *b"\x89PNG");
    let trouble = bench.app.picture_save(&picture(Format::Png, 0)).unwrap_err();
    assert!(trouble.what.contains("0 × 400"), "{trouble:?}");
    assert!(!bench.app.is_picture(Path::new("/etc/passwd")));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_status_line_tells_how_everything_is() {
    let folder = tempfile::tempdir().unwrap();
    let bench = Bench::start(folder.path()).await;
    bench.open().await;
    bench.app.watch(&watch_memory()).unwrap();
    bench.until_state(State::Live).await;
    bench.until(|update| update.statuses.iter().any(|status| status.latency.is_some())).await;
    let line = bench.app.status();
    assert!(line.frames_per_second > 0);
    let latency = line.feeds[0].status.latency.unwrap();
    assert!(
        0.0 <= latency.p50_ms
            && latency.p50_ms <= latency.p95_ms
            && latency.p95_ms <= latency.p99_ms
    );
    let json = serde_json::to_value(&line).unwrap();
    assert_eq!(json["feeds"][0]["name"], "This computer");
    assert_eq!(json["feeds"][0]["state"], "live");
    assert!(json["feeds"][0]["ledger"]["received"].as_u64().unwrap() > 0);
    assert!(line.to_string().starts_with("This computer live · "), "{line}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_status_line_tells_when_samples_were_drawn_first_and_how_long_answers_took() {
    let folder = tempfile::tempdir().unwrap();
    let bench = Bench::start(folder.path()).await;
    bench.open().await;
    // Nothing is watched, so nothing is shown.
    let bare = bench.until(|update| !update.statuses.is_empty()).await;
    let line = bench.app.status();
    assert_eq!((line.first_samples_ms, line.update_drawn), (None, bare.number));
    assert!(line.answers_ms.is_empty(), "{:?}", line.answers_ms);

    bench.app.watch(&watch_memory()).unwrap();
    let with_samples = |update: &Update| update.panels.iter().any(|p| !p.traces[0].is_empty());
    let first = bench.until(with_samples).await;
    let line = bench.app.status();
    let drawn_ms = line.first_samples_ms.unwrap();
    assert!(first.now_ms <= drawn_ms && drawn_ms <= line.at_ms, "{drawn_ms}");
    assert_eq!(line.update_drawn, first.number);
    assert_eq!(line.answers_ms.len(), 1);
    bench.until(with_samples).await;
    let line = bench.app.status();
    assert_eq!(line.first_samples_ms, Some(drawn_ms), "what was first stays so");
    assert!(line.answers_ms.is_empty(), "each answer is told of once");
}

#[tokio::test(flavor = "multi_thread")]
async fn nonsense_from_the_window_does_no_harm() {
    let folder = tempfile::tempdir().unwrap();
    let bench = Bench::start(folder.path()).await;
    bench.open().await;
    let odd = [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, -1.0, 0.0, 1e300];
    for from_ms in odd {
        for to_ms in odd {
            let view =
                View { axis: Axis::Source, traces: vec![memory()], from_ms, to_ms, columns: 0 };
            Answer::of(&bench.app.view(&view).unwrap());
        }
        let watch = Watch { span_ms: from_ms, columns: u32::MAX, ..watch_memory() };
        Answer::of(&bench.app.watch(&watch).unwrap());
        bench.app.faults_set(Faults {
            lose: from_ms,
            reorder: from_ms,
            duplicate: from_ms,
            ..Faults::default()
        });
    }
    bench.app.faults_set(Faults::default());
    bench.app.unwatch("none such");
    bench.app.peek(vec!["none such".into()]);
    bench.app.watch(&watch_memory()).unwrap();
    bench.until(|update| update.panels.iter().any(|panel| panel.latest[0].is_some())).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn by_arrival_samples_stand_where_they_came_in() {
    let folder = tempfile::tempdir().unwrap();
    let bench = Bench::start(folder.path()).await;
    bench.open().await;
    bench.until_state(State::Live).await;
    bench.app.faults_set(Faults { delay_ms: 3_000, ..Faults::default() });
    let watch = Watch { axis: Axis::Arrival, ..watch_memory() };
    bench.app.watch(&watch).unwrap();
    // What was sent before comes at once; what follows, three seconds later.
    let late = |update: &Update| {
        update.statuses.iter().any(|status| status.latency.is_some_and(|l| l.p50_ms > 2_900.0))
    };
    let update = bench.until(late).await;
    let view = |axis| View {
        traces: vec![memory()],
        axis,
        from_ms: update.now_ms - 2.0 * SECOND_MS,
        to_ms: update.now_ms,
        columns: 100,
    };
    let counted = |axis| -> f64 {
        let answer = Answer::of(&bench.app.view(&view(axis)).unwrap());
        answer.traces[0].iter().map(|column| column[1]).sum()
    };
    assert_eq!(counted(Axis::Source), 0.0, "nothing that happened lately is here yet");
    assert!(counted(Axis::Arrival) > 0.0);
    // Updates of the panel are by arrival, too: their columns are those of now.
    let update = bench.until(|update| !update.panels.is_empty()).await;
    let panel = &update.panels[0];
    let last = panel.traces[0].last().unwrap();
    let age_ms = update.now_ms - last.0 * panel.column_ms;
    assert!(age_ms < 2.0 * SECOND_MS, "{age_ms} ms");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_channel_says_how_lately_it_was_heard_of() {
    let folder = tempfile::tempdir().unwrap();
    let bench = Bench::start(folder.path()).await;
    bench.open().await;
    bench.until_state(State::Live).await;
    let channels = ["memory", "none such"].map(String::from);
    let ask = || bench.app.freshness("computer", &channels);
    bench.until(|_| ask()[0].records > 3).await;
    let [memory, none] = ask()[..] else { panic!("{:?}", ask()) };
    assert_eq!((none.records, none.first_ms, none.last_ms), (0, None, None));
    let (first_ms, last_ms) = (memory.first_ms.unwrap(), memory.last_ms.unwrap());
    assert!(last_ms > first_ms);
    let later = bench.until(|_| ask()[0].records > memory.records).await;
    let now = ask()[0];
    assert_eq!(now.first_ms, Some(first_ms));
    assert!(now.last_ms > Some(last_ms) && now.last_ms <= Some(later.now_ms + SECOND_MS));
}

#[tokio::test(flavor = "multi_thread")]
async fn statistics_are_those_of_the_span() {
    let folder = tempfile::tempdir().unwrap();
    let bench = Bench::start(folder.path()).await;
    bench.open().await;
    bench.until_state(State::Live).await;
    let update = bench.until(|_| bench.samples(&memory(), 0.0, f64::MAX) > 5.0).await;
    let nowhere = trace("memory", "none such");
    let span = |to_ms| Span {
        traces: vec![memory(), nowhere.clone()],
        axis: Axis::Source,
        from_ms: 0.0,
        to_ms,
    };
    let all = bench.app.statistics(&span(update.now_ms - 1.0)).unwrap();
    let [used, none] = all[..] else { panic!("{all:?}") };
    assert_eq!((none.count, none.mean, none.p50), (0, None, None));
    let view = View {
        traces: vec![memory()],
        axis: Axis::Source,
        from_ms: 0.0,
        to_ms: update.now_ms - 1.0,
        columns: 1,
    };
    let answer = Answer::of(&bench.app.view(&view).unwrap());
    let (least, most) =
        answer.traces[0].iter().fold((f64::MAX, f64::MIN), |(least, most), column| {
            (least.min(column[3]), most.max(column[4]))
        });
    assert!(used.count >= 5);
    let mean = used.mean.unwrap();
    assert!(used.min.unwrap() >= least && used.max.unwrap() <= most);
    assert!(used.min.unwrap() <= mean && mean <= used.max.unwrap());
    assert!(used.std_dev.unwrap() >= 0.0);
    assert!(used.p50.unwrap() <= used.p99.unwrap() * 1.03);
    let rate = used.samples_per_second.unwrap();
    assert!(1.0 < rate && rate < 100.0, "{rate} a second");
}
