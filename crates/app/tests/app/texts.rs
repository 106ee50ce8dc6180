//! Fields that hold texts and booleans: found, told, kept, and the same after a relaunch.

use crate::bench::{Answer, Bench, DEADLINE};
use crate::relaunch::{Server, field};
use feedscope_app::api::{Axis, Field, PanelView, Span, View};
use serde_json::json;
use std::collections::BTreeMap;

const STATES: [&str; 3] = ["IDLE", "<img src=x onerror=alert(1)>", "停止\u{202e}"];

fn message(number: u64) -> String {
    let state = number / 20;
    json!({
        "status": STATES[state as usize % 3],
        "on": state.is_multiple_of(2),
        "id": format!("order {number}"),
        "price": "64000.12",
        "n": number,
    })
    .to_string()
}

/// What the window knows of the texts of a feed's fields, by all that it was told.
#[derive(Default)]
struct Told {
    fields: BTreeMap<u32, Field>,
    texts: BTreeMap<(u32, u16), String>,
}

impl Told {
    fn field(&mut self, field: &Field) {
        for (code, text) in (4..).zip(field.texts.iter().flatten()) {
            self.texts.insert((field.number, code), text.clone());
        }
        self.fields.insert(field.number, field.clone());
    }

    fn number(&self, path: &str) -> Option<u32> {
        self.fields.values().find(|field| field.path == path).map(|field| field.number)
    }

    fn texts(&self, path: &str) -> Vec<&str> {
        let Some(number) = self.number(path) else { return Vec::new() };
        self.texts.range((number, 4)..=(number, u16::MAX)).map(|(_, text)| text.as_str()).collect()
    }
}

/// All that a field was: the texts of its columns.
fn said(bench: &Bench, told: &Told, feed: &str, path: &str) -> Vec<String> {
    let view = View {
        axis: Axis::Source,
        traces: vec![field(feed, path)],
        from_ms: 0.0,
        to_ms: f64::MAX,
        columns: 1_000,
    };
    let all = Answer::of(&bench.app.view(&view).unwrap());
    let last = all.traces[0].iter().map(|column| column[5]).collect::<Vec<_>>();
    let number = told.number(path).unwrap();
    last.iter().map(|code| told.texts[&(number, *code as u16)].clone()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn texts_are_told_kept_and_the_same_after_a_relaunch() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start_with(message).await;
    let mut before = Told::default();
    let (feed, closed_ms) = {
        let bench = Bench::start(folder.path()).await;
        bench.open().await;
        let feed = bench.app.feed_add(&server.url).unwrap();
        feed.fields.iter().for_each(|field| before.field(field));
        let id = feed.id.clone();
        bench
            .until(|update| {
                for news in update.fields.iter().filter(|news| news.feed == id) {
                    news.fields.iter().for_each(|field| before.field(field));
                }
                for word in update.words.iter().filter(|news| news.feed == id) {
                    for word in &word.words {
                        before.texts.insert((word.field, word.code), word.text.clone());
                    }
                }
                before.texts("status").len() == 3 && before.texts("id").len() > 30
            })
            .await;
        assert_eq!(before.texts("status"), STATES, "in the order of their coming");
        assert_eq!(before.texts("on"), [""; 0], "words of ours");
        let kinds: Vec<_> =
            before.fields.values().map(|field| (&*field.path, field.texts.is_some())).collect();
        for of in [("price", false), ("n", false), ("on", true), ("status", true)] {
            assert!(kinds.contains(&of), "{kinds:?}");
        }
        let latest = said(&bench, &before, &id, "status");
        assert!(STATES.contains(&latest.last().unwrap().as_str()), "{latest:?}");
        // What reckons with numbers does not take codes for such.
        let numbers = [field(&id, "n")];
        let span = Span { traces: numbers.into(), axis: Axis::Source, from_ms: 0.0, to_ms: 9e15 };
        assert!(bench.app.statistics(&span).unwrap()[0].count > 40);
        let proposal = bench.app.board_suggest(&id).unwrap();
        let drawn: Vec<_> = proposal
            .panels
            .iter()
            .filter_map(|panel| match &panel.view {
                PanelView::States(view) => Some(&view.traces),
                _ => None,
            })
            .flatten()
            .map(|trace| trace.path.as_str())
            .collect();
        assert!(drawn.contains(&"status") && drawn.contains(&"on"), "{drawn:?}");
        assert!(!drawn.contains(&"id"), "{drawn:?}");
        let now_ms = bench.open().await.now_ms;
        bench.app.close().unwrap();
        (id, now_ms)
    };
    drop(server);

    let bench = tokio::time::timeout(DEADLINE, Bench::start(folder.path())).await.unwrap();
    let start = bench.open().await;
    assert!(start.troubles.is_empty(), "{:?}", start.troubles);
    let known = start.feeds.iter().find(|known| known.id == feed).unwrap();
    let mut after = Told::default();
    known.fields.iter().for_each(|field| after.field(field));
    assert_eq!(after.texts("status"), STATES);
    assert!(after.texts("id").starts_with(&before.texts("id")[..20]));
    assert_eq!(
        said(&bench, &after, &feed, "status").len(),
        said(&bench, &before, &feed, "status").len()
    );
    assert!(bench.samples(&field(&feed, "on"), 0.0, closed_ms) >= 1.0);
}
