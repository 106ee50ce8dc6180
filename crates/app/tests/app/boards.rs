//! Boards: several of them, what is done to them and undone, their files, and the feeds they share.

use crate::bench::SECOND_MS;
use crate::bench::{Bench, DEADLINE, board, memory, shown};
use crate::relaunch::{Server, field, lately, until_samples};
use feedscope_app::api::{
    Annotation, AnnotationsFormat, Board, BoardChange, BoardChanged, BoardImport, BoardLookState,
    DerivedInput, DerivedSeries, FeedChoice, Panel, PanelTime, PanelView, TimeSeries, Trace, Unit,
};
use feedscope_feed::{State, Time};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use tokio::time::timeout;

const V1: &str = include_str!("../boards/v1-computer.feedscope.json");

fn file(folder: &Path, name: &str) -> PathBuf {
    folder.join("boards").join(format!("{name}.feedscope.json"))
}

fn put(folder: &Path, name: &str, content: &str) -> PathBuf {
    let path = file(folder, name);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(&path, content).unwrap();
    path
}

fn json_in(path: &Path) -> Value {
    serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap()
}

fn names(bench: &Bench) -> Vec<String> {
    bench.app.boards().open.list.into_iter().map(|head| head.name).collect()
}

fn ids(bench: &Bench) -> Vec<String> {
    bench.app.boards().open.list.into_iter().map(|head| head.id).collect()
}

fn feeds(bench: &Bench) -> Vec<String> {
    bench.app.boards().open.feeds
}

async fn codes(bench: &Bench) -> Vec<&'static str> {
    bench.open().await.troubles.into_iter().map(|trouble| trouble.code).collect()
}

fn panel(id: &str, traces: Vec<Trace>) -> Panel {
    let view =
        PanelView::TimeSeries(TimeSeries { unit: Unit::Bytes, traces, ..TimeSeries::default() });
    Panel { id: id.into(), title: id.into(), as_table: false, time: None, view }
}

/// Changes a board as a window does.
pub fn change(
    bench: &Bench,
    id: &str,
    label: Option<&str>,
    to: impl FnOnce(&mut Board),
) -> BoardChanged {
    let now = bench.app.board_get(id).unwrap();
    let mut document = board(&now);
    to(&mut document);
    let change = BoardChange {
        board: id.into(),
        revision: now.head.revision,
        label: label.map(String::from),
        merge: None,
        document: serde_json::to_value(document).unwrap(),
    };
    let changed = bench.app.board_change(change).unwrap();
    assert!(!changed.stale);
    changed
}

async fn until_told(bench: &Bench, version: u64) {
    let mut boards = bench.boards.clone();
    timeout(DEADLINE, boards.wait_for(|boards| boards.version >= version)).await.unwrap().unwrap();
}

/// Waits until a file is as asked for: it is written by itself, and nobody closes anything.
async fn until_file(path: &Path, is_it: impl Fn(&Value) -> bool) {
    let became = timeout(DEADLINE, async {
        loop {
            let found = std::fs::read(path).ok();
            let found = found.and_then(|bytes| serde_json::from_slice::<Value>(&bytes).ok());
            if found.as_ref().is_some_and(&is_it) {
                return;
            }
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
    })
    .await;
    assert!(became.is_ok(), "{} never became so", path.display());
}

#[tokio::test(flavor = "multi_thread")]
async fn boards_are_there_after_a_relaunch_in_their_order_and_the_one_that_was_shown() {
    let folder = tempfile::tempdir().unwrap();
    let before = {
        let bench = Bench::start(folder.path()).await;
        let start = bench.open().await;
        assert_eq!(ids(&bench), ["this-computer"]);
        let markets = bench.app.board_new("empty", Some("Markets")).unwrap();
        bench.app.board_show("main", &markets).unwrap();
        let feed = bench.app.feed_add(" ws://127.0.0.1:9/feed?token=secret ").unwrap();
        assert_eq!((feed.id.as_str(), feed.url.as_str()), ("127-0-0-1-9", "ws://127.0.0.1:9/feed"));
        change(&bench, &markets, Some("Add panel"), |board| {
            board.panels.push(panel("1", vec![field("127-0-0-1-9", "a")]));
            board.time.span_ms = 5_000.0;
            board.layout = json!({ "dock": "left" });
        });
        let copy = bench.app.board_duplicate(&markets, "Energy").unwrap();
        bench.app.boards_reorder(&[copy, "this-computer".into()]).unwrap();
        assert_eq!(names(&bench), ["Energy", "This computer", "Markets"]);
        let first = shown(&start);
        bench.app.close().unwrap();
        let markets = board(&bench.app.board_get(&markets).unwrap());
        (first, markets)
    };
    let bench = Bench::start(folder.path()).await;
    let start = bench.open().await;
    assert_eq!(start.troubles, []);
    assert_eq!(names(&bench), ["Energy", "This computer", "Markets"]);
    assert_eq!(shown(&start), before.1);
    assert_eq!(board(&bench.app.board_get("this-computer").unwrap()), before.0);
    assert_eq!(before.1.feeds[1].url.as_deref(), Some("ws://127.0.0.1:9/feed?token=secret"));
    assert_eq!(feeds(&bench), ["computer", "127-0-0-1-9"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_board_of_before_there_were_several_is_opened_and_becomes_one_of_today() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("board.feedscope.json"), V1).unwrap();
    let bench = Bench::start(folder.path()).await;
    let start = bench.open().await;
    assert_eq!(start.troubles, []);
    let opened = shown(&start);
    assert_eq!((opened.name.as_str(), opened.time.span_ms), ("This computer", 300_000.0));
    assert_eq!(opened.panels.len(), 2);
    assert_eq!(feeds(&bench), ["computer", "127-0-0-1-9"]);
    until_file(&file(folder.path(), "board"), |board| board["feedscope"] == 2).await;
    assert!(!folder.path().join("board.feedscope.json").exists());
    let saved = json_in(&file(folder.path(), "board"));
    assert_eq!(serde_json::from_value::<Board>(saved).unwrap(), opened);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_board_that_is_named_is_opened_where_it_is_and_not_the_next_time() {
    let (folder, elsewhere) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let path = elsewhere.path().join("bench.feedscope.json");
    std::fs::write(&path, include_str!("../boards/v1-bench.feedscope.json")).unwrap();
    for _ in 0..2 {
        let bench = Bench::start_on(folder.path(), &[&path, &path]).await;
        let start = bench.open().await;
        assert_eq!(start.troubles, []);
        assert_eq!(shown(&start).name, "Bench");
        assert_eq!(names(&bench), ["Bench"]);
        change(&bench, "bench", Some("Span"), |board| board.time.span_ms = 7.0);
        bench.app.close().unwrap();
        assert_eq!(json_in(&path)["time"]["span_ms"], 7.0);
    }
    let bench = Bench::start(folder.path()).await;
    assert_eq!(shown(&bench.open().await).name, "This computer");
    // Removing what is somebody's own leaves it where it is.
    let bench = Bench::start_on(folder.path(), &[&path]).await;
    bench.open().await;
    bench.app.board_remove("bench").unwrap();
    assert!(path.exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_done_is_undone_and_every_window_hears_of_it() {
    let folder = tempfile::tempdir().unwrap();
    let bench = Bench::start(folder.path()).await;
    let id = shown(&bench.open().await).id;
    let before = board(&bench.app.board_get(&id).unwrap());
    let removed = change(&bench, &id, Some("Remove panel"), |board| drop(board.panels.remove(0)));
    assert_eq!(removed.document, None, "it is as it was sent");
    // What follows from it by itself is no step of its own.
    let settled = change(&bench, &id, None, |board| board.layout = json!({ "grid": 1 }));
    assert_eq!(settled.head.undo.as_deref(), Some("Remove panel"));
    until_told(&bench, settled.head.revision).await;
    assert_eq!(bench.boards.borrow().list[0], settled.head);

    let undone = bench.app.board_undo(&id).unwrap();
    assert_eq!(board(&undone), before);
    assert_eq!(
        (undone.head.undo.as_deref(), undone.head.redo.as_deref()),
        (None, Some("Remove panel"))
    );
    until_told(&bench, undone.head.revision).await;
    assert_eq!(bench.boards.borrow().list[0], undone.head);

    let redone = board(&bench.app.board_redo(&id).unwrap());
    assert_eq!(redone.panels, before.panels[1..]);
    assert_eq!(redone.layout, json!({ "grid": 1 }));
    // Where there is nothing to undo, nothing happens.
    bench.app.board_undo(&id).unwrap();
    assert_eq!(board(&bench.app.board_undo(&id).unwrap()), before);
    until_file(&file(folder.path(), &id), |saved| {
        saved["panels"].as_array().unwrap().len() == before.panels.len()
    })
    .await;

    let renamed = bench.app.board_rename(&id, "  Mine ", "Rename board").unwrap();
    assert_eq!(board(&renamed).name, "Mine");
    assert_eq!(board(&bench.app.board_undo(&id).unwrap()).name, "This computer");
    for name in ["", "  ", &"x".repeat(201)] {
        assert_eq!(bench.app.board_rename(&id, name, "").unwrap_err().code, "board-name");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_of_what_is_no_longer_so_is_refused_with_what_is() {
    let folder = tempfile::tempdir().unwrap();
    let bench = Bench::start(folder.path()).await;
    let id = shown(&bench.open().await).id;
    let seen = bench.app.board_get(&id).unwrap();
    change(&bench, &id, Some("Span"), |board| board.time.span_ms = 1_000.0);
    let mut document = board(&seen);
    document.name = "Late".into();
    let late = BoardChange {
        board: id.clone(),
        revision: seen.head.revision,
        label: Some("Rename".into()),
        merge: None,
        document: serde_json::to_value(&document).unwrap(),
    };
    let refused = bench.app.board_change(late.clone()).unwrap();
    assert!(refused.stale);
    let now = board(&refused);
    assert_eq!((now.name.as_str(), now.time.span_ms), ("This computer", 1_000.0));
    assert_eq!(refused.head.undo.as_deref(), Some("Span"));
    let again = BoardChange { revision: refused.head.revision, ..late };
    assert!(!bench.app.board_change(again).unwrap().stale);

    let nowhere = BoardChange {
        board: "none such".into(),
        revision: 1,
        label: None,
        merge: None,
        document: json!({}),
    };
    assert_eq!(bench.app.board_change(nowhere.clone()).unwrap_err().code, "board-unknown");
    for nonsense in [json!(null), json!([]), json!({ "x": 1 })] {
        let revision = bench.app.board_get(&id).unwrap().head.revision;
        let change =
            BoardChange { board: id.clone(), revision, document: nonsense, ..nowhere.clone() };
        assert_eq!(bench.app.board_change(change).unwrap_err().code, "board-unfit");
    }
    assert_eq!(board(&bench.app.board_get(&id).unwrap()).name, "Late");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_removed_board_can_be_brought_back_with_its_steps() {
    let folder = tempfile::tempdir().unwrap();
    let bench = Bench::start(folder.path()).await;
    bench.open().await;
    let one = bench.app.board_new("empty", Some("One")).unwrap();
    let two = bench.app.board_new("empty", Some("Two")).unwrap();
    bench.app.board_show("main", &one).unwrap();
    change(&bench, &one, Some("Add panel"), |board| board.panels.push(panel("p", vec![])));
    bench.app.board_remove(&one).unwrap();
    assert!(!file(folder.path(), &one).exists());
    assert!(folder.path().join("boards/removed/one.feedscope.json").exists());
    assert_eq!(shown(&bench.open().await).id, two, "the one beside it is shown");
    assert_eq!(bench.app.board_new("empty", Some("One")).unwrap(), "one-2", "its place is kept");

    bench.app.board_restore(&one).unwrap();
    assert_eq!(ids(&bench), ["this-computer", "one", "two", "one-2"]);
    assert!(file(folder.path(), &one).exists());
    let undone = bench.app.board_undo(&one).unwrap();
    assert_eq!(board(&undone).panels, []);
    assert_eq!(bench.app.board_restore(&one).unwrap_err().code, "board-unknown", "it is there");
    assert_eq!(bench.app.board_remove("none such").unwrap_err().code, "board-unknown");

    // There is always one.
    for id in ids(&bench) {
        bench.app.board_remove(&id).unwrap();
    }
    assert_eq!(names(&bench), ["New board"]);
    bench.app.close().unwrap();
    assert_eq!(shown(&Bench::start(folder.path()).await.open().await).name, "New board");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_closed_board_stays_in_its_file_and_can_be_opened() {
    let folder = tempfile::tempdir().unwrap();
    {
        let bench = Bench::start(folder.path()).await;
        bench.open().await;
        let id = bench.app.board_new("empty", Some("Markets")).unwrap();
        bench.app.board_feed_add(&id, "ws://127.0.0.1:9/", "Add feed").unwrap();
        bench.app.board_close(&id).unwrap();
        assert_eq!(feeds(&bench), ["computer"]);
        bench.app.close().unwrap();
    }
    let bench = Bench::start(folder.path()).await;
    bench.open().await;
    let list = bench.app.boards();
    assert_eq!(names(&bench), ["This computer"]);
    assert_eq!(list.closed.len(), 1);
    assert_eq!(list.closed[0].name, "Markets");
    let id = bench.app.board_open(&list.closed[0].file).unwrap();
    assert_eq!(bench.app.board_open(&list.closed[0].file).unwrap(), id, "it is open");
    assert_eq!(names(&bench), ["This computer", "Markets"]);
    assert_eq!(feeds(&bench), ["computer", "127-0-0-1-9"]);
    assert_eq!(bench.app.boards().closed, []);
    for outside in ["../open-boards.json", "/etc/passwd", "none", ""] {
        assert_eq!(bench.app.board_open(outside).unwrap_err().code, "board-unknown");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_board_is_closed_whatever_becomes_of_others() {
    let folder = tempfile::tempdir().unwrap();
    let bench = Bench::start(folder.path()).await;
    bench.open().await;
    let [one, two, three] =
        ["One", "Two", "Three"].map(|name| bench.app.board_new("empty", Some(name)).unwrap());
    let in_the_way = file(folder.path(), &two);
    until_file(&in_the_way, |board| board["name"] == "Two").await;
    std::fs::remove_file(&in_the_way).unwrap();
    std::fs::create_dir(&in_the_way).unwrap();
    for id in [&one, &two, &three] {
        change(&bench, id, Some("Add panel"), |board| board.panels.push(panel("p", vec![])));
    }
    bench.app.board_close(&one).unwrap();
    assert_eq!(json_in(&file(folder.path(), &one))["panels"][0]["id"], "p");
    bench.app.board_remove(&three).unwrap();
    assert_eq!(bench.app.board_close(&two).unwrap_err().code, "board-unsaved");
    assert_eq!(ids(&bench), ["this-computer".to_owned(), two]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_id_that_something_names_is_no_other_feeds() {
    let folder = tempfile::tempdir().unwrap();
    let bench = Bench::start(folder.path()).await;
    let id = shown(&bench.open().await).id;
    let add = |path: &str| {
        let url = format!("ws://127.0.0.1:9/{path}");
        bench.app.board_feed_add(&id, &url, "Add feed").unwrap().id
    };
    let remove = |feed: &str| drop(bench.app.board_feed_remove(&id, feed, "Remove feed").unwrap());
    let first = add("a");
    remove(&first);
    let second = add("b");
    assert_ne!(second, first, "it can be brought back");
    assert_eq!(add("a"), first, "it is the one that had it");
    let rule = json!({ "id": "", "what": { "on": "gap", "feed": "127-0-0-1-9-3" } });
    bench.app.alert_set(serde_json::from_value(rule).unwrap()).unwrap();
    assert_eq!(add("c"), "127-0-0-1-9-4");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_wrong_in_files_is_said_and_costs_itself_alone() {
    let folder = tempfile::tempdir().unwrap();
    let good = json!({ "feedscope": 2, "id": "good", "name": "Good", "panels": [] });
    put(folder.path(), "a-good", &good.to_string());
    put(folder.path(), "b-copy", &good.to_string());
    let nonsense = put(folder.path(), "c-nonsense", "{ \"feedscope\": 1, \"panels\": ");
    let panels = vec![
        json!({ "kind": "time-series", "traces": [
            { "feed": "gone", "channel": "c", "path": "p" }, 7,
        ]});
        150
    ];
    let odd = json!({ "feedscope": 9, "id": "odd", "name": "Odd", "panels": panels, "x": 1 });
    let odd_file = put(folder.path(), "d-odd", &odd.to_string());
    put(folder.path(), "e-unnamed", "{ \"feedscope\": 2 }");

    let bench = Bench::start(folder.path()).await;
    let start = bench.open().await;
    assert_eq!(ids(&bench), ["good", "b-copy", "odd", "e-unnamed"]);
    assert_eq!(names(&bench), ["Good", "Good", "Odd", "e-unnamed"]);
    let said: Vec<_> = start.troubles.iter().map(|trouble| trouble.code).collect();
    assert_eq!(said[..4], ["board-same-id", "board-unreadable", "board-newer", "board-part"]);
    assert!(said.len() < 15, "{said:?}");
    assert!(start.troubles.iter().all(|trouble| !trouble.advice.is_empty()));
    let part = &start.troubles[3];
    assert_eq!(part.what, "d-odd.feedscope.json: panels[0].traces[1] was not used.");
    assert_eq!(board(&bench.app.board_get("odd").unwrap()).panels.len(), 150);
    assert_eq!(std::fs::read_to_string(&odd_file).unwrap(), odd.to_string(), "as it was");

    // Once it is changed it is written, with a copy of what there was.
    change(&bench, "odd", Some("Rename"), |board| board.name = "Even".into());
    bench.app.close().unwrap();
    let saved = json_in(&odd_file);
    assert_eq!((&saved["name"], &saved["feedscope"]), (&json!("Even"), &json!(2)));
    let kept = folder.path().join("boards/d-odd.feedscope.kept.json");
    assert_eq!(std::fs::read_to_string(kept).unwrap(), odd.to_string());
    assert_eq!(std::fs::read_to_string(&nonsense).unwrap(), "{ \"feedscope\": 1, \"panels\": ");
    drop(bench);
    let bench = Bench::start(folder.path()).await;
    let again = codes(&bench).await;
    assert_eq!(again, ["board-feed"], "what is open is all in order but for a feed");
    assert_eq!(ids(&bench), ["good", "b-copy", "odd", "e-unnamed"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn only_nonsense_gives_the_first_board_and_stays_where_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let nonsense = folder.path().join("board.feedscope.json");
    std::fs::write(&nonsense, "nonsense").unwrap();
    let bench = Bench::start(folder.path()).await;
    assert_eq!(codes(&bench).await, ["board-unreadable"]);
    assert_eq!(names(&bench), ["This computer"]);
    bench.app.close().unwrap();
    let moved = file(folder.path(), "board");
    assert_eq!(std::fs::read_to_string(moved).unwrap(), "nonsense");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_known_here_is_kept_through_changes_and_files() {
    let folder = tempfile::tempdir().unwrap();
    let unknown = json!({ "id": "u", "kind": "of-tomorrow", "title": "T", "needles": [1, null] });
    let of_tomorrow = json!({
        "feedscope": 2, "id": "b", "name": "B", "alerts": [7], "panels": [unknown],
    });
    let path = put(folder.path(), "b", &of_tomorrow.to_string());
    {
        let bench = Bench::start(folder.path()).await;
        assert_eq!(codes(&bench).await, ["board-kind"]);
        let now = bench.app.board_get("b").unwrap();
        let mut document = now.document.unwrap();
        document["panels"][0]["title"] = "U".into();
        let change = BoardChange {
            board: "b".into(),
            revision: now.head.revision,
            label: Some("Rename panel".into()),
            merge: None,
            document,
        };
        assert_eq!(bench.app.board_change(change).unwrap().document, None);
        bench.app.close().unwrap();
    }
    let saved = json_in(&path);
    assert_eq!(saved["alerts"], json!([7]));
    let mut renamed = unknown;
    renamed["title"] = "U".into();
    assert_eq!(saved["panels"], json!([renamed]));
}

#[tokio::test(flavor = "multi_thread")]
async fn boards_share_feeds_by_their_url_and_the_last_one_takes_it_along() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start().await;
    let bench = Bench::start(folder.path()).await;
    let one = shown(&bench.open().await).id;
    let two = bench.app.board_new("empty", Some("Two")).unwrap();
    let feed = bench.app.board_feed_add(&one, &server.url, "Add feed").unwrap().id;
    assert_eq!(bench.app.board_feed_add(&two, &server.url, "Add feed").unwrap().id, feed);
    assert_eq!(bench.app.board_feed_add(&two, &server.url, "Add feed").unwrap().id, feed);
    assert_eq!(feeds(&bench), ["computer", &feed]);
    change(&bench, &two, Some("Draw"), |board| {
        board.panels.push(panel("p", vec![field(&feed, "a"), memory()]));
    });
    let now_ms = until_samples(&bench, &field(&feed, "a")).await;
    let count = lately(&bench, &field(&feed, "a"), now_ms);

    // One board lets go of it: the other draws on.
    bench.app.board_feed_remove(&one, &feed, "Remove feed").unwrap();
    assert_eq!(feeds(&bench), ["computer", &feed]);
    let gone = bench.app.board_feed_remove(&two, &feed, "Remove feed").unwrap();
    assert_eq!(feeds(&bench), ["computer"]);
    let PanelView::TimeSeries(left) = &board(&gone).panels[0].view else { panic!() };
    assert_eq!(left.traces, [memory()], "what was drawn of it goes with it");
    until_told(&bench, gone.head.revision).await;
    assert_eq!(bench.boards.borrow().feeds, ["computer"]);
    assert_eq!(lately(&bench, &field(&feed, "a"), now_ms), 0.0);

    // Undo brings it back with all that it had.
    let back = bench.app.board_undo(&two).unwrap();
    let PanelView::TimeSeries(drawn) = &board(&back).panels[0].view else { panic!() };
    assert_eq!(drawn.traces.len(), 2);
    assert_eq!(feeds(&bench), ["computer", &feed]);
    assert_eq!(lately(&bench, &field(&feed, "a"), now_ms), count);
    let known = bench.app.feed(&feed).unwrap();
    assert_eq!(
        known.fields.iter().map(|field| field.path.as_str()).collect::<Vec<_>>(),
        ["a", "b"]
    );
    let was_told = bench.samples(&field(&feed, "a"), now_ms, f64::MAX);
    bench.until(|_| bench.samples(&field(&feed, "a"), now_ms, f64::MAX) > was_told).await;

    // A board that is removed takes it along, too, and brings it back.
    bench.app.board_remove(&two).unwrap();
    assert_eq!(feeds(&bench), ["computer"]);
    bench.app.board_restore(&two).unwrap();
    assert_eq!(feeds(&bench), ["computer", &feed]);
    assert_eq!(lately(&bench, &field(&feed, "a"), now_ms), count);
}

#[tokio::test(flavor = "multi_thread")]
async fn boards_that_call_their_feeds_alike_do_not_get_each_others() {
    let folder = tempfile::tempdir().unwrap();
    let of = |id: &str, url: &str| {
        json!({
            "feedscope": 2, "id": id, "name": id,
            "feeds": [{ "id": "feed", "name": "F", "url": url }],
            "panels": [{ "id": "p", "kind": "time-series", "traces": [
                { "feed": "feed", "channel": "c", "path": "p" },
            ]}],
        })
    };
    put(folder.path(), "a", &of("a", "ws://127.0.0.1:9/").to_string());
    put(folder.path(), "b", &of("b", "ws://127.0.0.2:9/").to_string());
    put(folder.path(), "c", &of("c", "ws://127.0.0.1:9/").to_string());
    let bench = Bench::start(folder.path()).await;
    assert_eq!(codes(&bench).await, [] as [&str; 0]);
    assert_eq!(feeds(&bench), ["computer", "feed", "127-0-0-2-9"]);
    for (id, feed) in [("a", "feed"), ("b", "127-0-0-2-9"), ("c", "feed")] {
        let board = board(&bench.app.board_get(id).unwrap());
        let PanelView::TimeSeries(panel) = &board.panels[0].view else { panic!() };
        assert_eq!(panel.traces[0].feed, feed, "{id}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_board_is_exported_without_secrets_and_imported_as_another() {
    let folder = tempfile::tempdir().unwrap();
    let bench = Bench::start(folder.path()).await;
    let id = shown(&bench.open().await).id;
    bench.app.feed_add("ws://me:word@127.0.0.1:9/x?token=hush&s=1").unwrap();
    let exported = bench.app.board_export(&id).unwrap();
    let path = PathBuf::from(&exported.path);
    assert_eq!(path, folder.path().join("downloads/This computer.feedscope.json"));
    assert!(bench.app.is_export(&path) && !bench.app.is_export(&file(folder.path(), &id)));
    assert_eq!(exported.without_secrets.len(), 1, "whose token was left out");
    let text = std::fs::read_to_string(&path).unwrap();
    assert!(!text.contains("hush") && !text.contains("word@"), "{text}");
    assert_eq!(json_in(&path)["feeds"][1]["url"], "ws://127.0.0.1:9/x?token=${secret:token}&s=1");
    let second = bench.app.board_export(&id).unwrap();
    assert_ne!(second.path, exported.path, "nothing is written over");

    let look = bench.app.board_look("shared.feedscope.json", &text).unwrap();
    assert_eq!((look.name.as_str(), look.feeds.len()), ("This computer", 1));
    assert_eq!(look.feeds[0].secrets, ["token"]);
    assert_eq!(look.feeds[0].state, BoardLookState::New, "its address is another");
    let new = bench.app.board_import(&import(&text, Vec::new())).unwrap();
    assert_eq!(new, "this-computer-2");
    assert_eq!(names(&bench), ["This computer", "This computer"]);
    bench.app.close().unwrap();
    assert_eq!(json_in(&file(folder.path(), &new))["id"], new);
}

#[tokio::test(flavor = "multi_thread")]
async fn annotations_outlive_a_relaunch_and_go_out_as_files_that_come_back() {
    let folder = tempfile::tempdir().unwrap();
    let bench = Bench::start(folder.path()).await;
    let id = shown(&bench.open().await).id;
    let note = |id: &str, from_ms: f64, feed: Option<&str>| Annotation {
        id: id.into(),
        from_ms,
        to_ms: Some(from_ms + 500.0),
        text: format!("what, \"{id}\"\nwas"),
        color: 2,
        feed: feed.map(String::from),
        panel: None,
    };
    let notes = vec![note("b", 2_000.0, Some("computer")), note("a", 1_000.0, None)];
    change(&bench, &id, Some("Annotate"), |board| {
        board.annotations = notes.clone();
        board.panels[0].time = Some(PanelTime { span_ms: 7_200_000.0 });
    });
    for (format, end) in [(AnnotationsFormat::Csv, "csv"), (AnnotationsFormat::Json, "json")] {
        let path = bench.app.annotations_export(&id, format).unwrap();
        let wanted = format!("downloads/This computer.annotations.{end}");
        assert_eq!(path, folder.path().join(wanted));
        assert!(bench.app.is_export(&path));
        let text = std::fs::read_to_string(&path).unwrap();
        let read = bench.app.annotations_read("x", &text).unwrap();
        assert_eq!(read.annotations, [notes[1].clone(), notes[0].clone()], "by time: {text}");
    }
    let refused = bench.app.annotations_read("odd.csv", "a,b").unwrap_err();
    assert_eq!(refused.code, "annotations-unreadable");
    bench.app.close().unwrap();

    let bench = Bench::start(folder.path()).await;
    let board = shown(&bench.open().await);
    assert_eq!(board.annotations, notes);
    assert_eq!(board.panels[0].time, Some(PanelTime { span_ms: 7_200_000.0 }));
}

fn import(text: &str, feeds: Vec<FeedChoice>) -> BoardImport {
    let given = Vec::new();
    BoardImport { file: "shared.feedscope.json".into(), text: text.into(), feeds, given }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_board_is_not_imported_and_what_is_good_is() {
    let folder = tempfile::tempdir().unwrap();
    let bench = Bench::start(folder.path()).await;
    bench.open().await;
    let huge = " ".repeat(feedscope_app::boards::FILE_BYTES_MAX + 1);
    for (text, code) in
        [("", "board-unreadable"), ("[]", "board-unreadable"), (&huge, "board-too-large")]
    {
        assert_eq!(bench.app.board_look("odd", text).unwrap_err().code, code);
        assert_eq!(bench.app.board_import(&import(text, Vec::new())).unwrap_err().code, code);
    }
    assert_eq!(names(&bench), ["This computer"]);

    let text = r#"{ "feedscope": 9, "id": "../../up", "name": "Odd", "panels": [
        { "id": "a", "kind": "hologram", "feed": "gone" }, 7,
        { "id": "b", "kind": "number", "traces": [] } ] }"#;
    let look = bench.app.board_look("odd.feedscope.json", text).unwrap();
    assert_eq!((look.panels, look.feeds.len()), (2, 1));
    assert_eq!(look.feeds[0].state, BoardLookState::Missing);
    let codes: Vec<_> = look.troubles.iter().map(|trouble| trouble.code).collect();
    assert_eq!(codes, ["board-newer", "board-kind", "board-part"]);
    let id = bench.app.board_import(&import(text, Vec::new())).unwrap();
    assert_eq!(id, "odd", "an id from elsewhere is no path here");
    bench.app.close().unwrap();
    assert_eq!(json_in(&file(folder.path(), "odd"))["panels"][0]["kind"], "hologram");
}

#[tokio::test(flavor = "multi_thread")]
async fn feeds_of_a_file_are_exchanged_for_others() {
    let folder = tempfile::tempdir().unwrap();
    let bench = Bench::start(folder.path()).await;
    bench.open().await;
    let known = bench.app.feed_add("ws://127.0.0.1:9/known").unwrap().id;
    let text = r#"{ "feedscope": 2, "id": "b", "name": "B",
        "feeds": [{ "id": "x", "name": "X", "url": "ws://127.0.0.1:9/x" }],
        "panels": [{ "id": "1", "kind": "time-series", "traces": [
            { "feed": "x", "channel": "c", "path": "p" },
            { "feed": "gone", "channel": "c", "path": "p" },
            { "feed": "lost", "channel": "c", "path": "p" } ] }] }"#;
    let choice = |id: &str, url: Option<&str>, feed: Option<&str>| FeedChoice {
        id: id.into(),
        url: url.map(String::from),
        feed: feed.map(String::from),
    };
    let nowhere = vec![choice("x", Some("http://no"), None)];
    assert!(bench.app.board_import(&import(text, nowhere)).is_err(), "that is no feed");
    let choices = vec![
        choice("x", None, Some(&known)),
        choice("gone", None, Some(&known)),
        choice("lost", Some("ws://127.0.0.1:9/new"), None),
    ];
    let id = bench.app.board_import(&import(text, choices)).unwrap();
    let board = bench.app.board_get(&id).unwrap().document.unwrap();
    let of = |n: usize| board["panels"][0]["traces"][n]["feed"].as_str().unwrap().to_owned();
    assert_eq!((of(0), of(1)), (known.clone(), known.clone()));
    let feeds = board["feeds"].as_array().unwrap();
    assert_eq!(feeds.len(), 3, "with that of this computer: {feeds:?}");
    let new = feeds.iter().find(|feed| feed["id"] == of(2).as_str()).unwrap();
    assert_eq!(new["url"], "ws://127.0.0.1:9/new");
    assert!(bench.app.feed(&of(2)).is_ok(), "it is subscribed to");
}

#[tokio::test(flavor = "multi_thread")]
async fn derived_series_come_with_the_board_that_draws_them() {
    let (from, to) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let bench = Bench::start(from.path()).await;
    let id = shown(&bench.open().await).id;
    let url = "ws://127.0.0.1:9/one";
    let feed = bench.app.feed_add(url).unwrap().id;
    let derived = |name: &str, expression: &str, feed: &str| DerivedSeries {
        name: name.into(),
        expression: expression.into(),
        inputs: [("a".to_owned(), input(feed))].into(),
        ..DerivedSeries::default()
    };
    let twice = bench.app.derived_set(derived("Twice", "2 * a", &feed)).await.unwrap().series;
    bench.app.derived_set(derived("Not drawn", "3 * a", &feed)).await.unwrap();
    let drawn = |id: &str| Trace { feed: "derived".into(), path: id.into(), ..Trace::default() };
    change(&bench, &id, None, |board| {
        board.panels.push(panel("mine", vec![drawn(&twice.id)]));
    });
    let exported = bench.app.board_export(&id).unwrap();
    bench.app.close().unwrap();
    let text = std::fs::read_to_string(&exported.path).unwrap();
    let carried = json_in(Path::new(&exported.path))["derived"].clone();
    assert_eq!(carried.as_array().map(Vec::len), Some(1), "{carried}");
    assert_eq!(carried[0]["name"], "Twice");

    let bench = Bench::start(to.path()).await;
    bench.open().await;
    // Here the feed has another id, and the derived series' id is another's.
    bench.app.feed_add("ws://127.0.0.1:9/other").unwrap();
    let here = bench.app.feed_add(url).unwrap().id;
    assert_ne!(here, feed);
    let other = bench.app.derived_set(derived("Twice", "a + a", &here)).await.unwrap().series;
    assert_eq!(other.id, twice.id);
    let ids_drawn = |board: &str| {
        let document = bench.app.board_get(board).unwrap().document.unwrap();
        assert!(document.get("derived").is_none(), "they are the application's: {document}");
        let panels = document["panels"].as_array().unwrap();
        let mine = panels.iter().find(|panel| panel["id"] == "mine").unwrap();
        mine["traces"][0]["path"].as_str().unwrap().to_owned()
    };
    let imported = bench.app.board_import(&import(&text, Vec::new())).unwrap();
    let all = bench.open().await.derived;
    let taken = all.iter().find(|one| one.series.expression == "2 * a").unwrap();
    assert_eq!(ids_drawn(&imported), taken.series.id);
    assert_eq!(taken.series.inputs["a"].feed, here);
    // A second time, it is there already.
    let again = bench.app.board_import(&import(&text, Vec::new())).unwrap();
    assert_eq!(ids_drawn(&again), taken.series.id);
    assert_eq!(bench.open().await.derived.len(), 2);

    let bad = r#"{ "feedscope": 2, "panels": [], "derived": [
        { "name": "Half", "expression": "2 *", "inputs": {} }, 7 ] }"#;
    let look = bench.app.board_look("bad", bad).unwrap();
    let codes: Vec<_> = look.troubles.iter().map(|trouble| trouble.code).collect();
    assert_eq!(codes, ["board-part"; 2]);
    assert!(bench.app.board_import(&import(bad, Vec::new())).is_ok());
    assert_eq!(bench.open().await.derived.len(), 2);
}

fn input(feed: &str) -> DerivedInput {
    DerivedInput { feed: feed.into(), channel: "c".into(), path: "p".into() }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_board_is_suggested_for_this_computer() {
    let folder = tempfile::tempdir().unwrap();
    let bench = Bench::start(folder.path()).await;
    bench.open().await;
    bench.until_state(State::Live).await;
    let mark = Time::now().millis() - 60.0 * SECOND_MS;
    while bench.samples(&memory(), mark, f64::MAX) < 2.0 {
        bench.until(|update| !update.statuses.is_empty()).await;
    }
    let proposal = bench.app.board_suggest("computer").unwrap();
    let draws = |path: &str| {
        let text = serde_json::to_string(&proposal.panels).unwrap();
        text.contains(path)
    };
    assert!(draws("data.used"), "memory: {proposal:?}");
    assert!(proposal.panels.len() <= 12);
    let filled = bench.app.board_fill("machine", "computer").unwrap();
    assert_eq!(filled.panels.len(), 7);
    assert_eq!(bench.app.board_fill("none", "computer").unwrap_err().code, "board-template");
    assert_eq!(bench.app.board_suggest("none").unwrap_err().code, "feed-unknown");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_folder_that_cannot_be_written_is_said_once_and_the_board_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    // What should be a folder is a file.
    std::fs::write(folder.path().join("boards"), "in the way").unwrap();
    let bench = Bench::start(folder.path()).await;
    let id = shown(&bench.open().await).id;
    let has_said = |update: &feedscope_app::api::Update| {
        update.troubles.iter().any(|trouble| trouble.code == "board-unsaved")
    };
    bench.until(has_said).await;
    change(&bench, &id, Some("Rename"), |board| board.name = "Mine".into());
    assert_eq!(names(&bench), ["Mine"]);
    std::fs::remove_file(folder.path().join("boards")).unwrap();
    bench.app.close().unwrap();
    assert_eq!(json_in(&file(folder.path(), &id))["name"], "Mine");
}

#[tokio::test(flavor = "multi_thread")]
async fn there_are_no_more_boards_than_can_be_shown() {
    let folder = tempfile::tempdir().unwrap();
    let bench = Bench::start(folder.path()).await;
    bench.open().await;
    let opened = (0..100).map_while(|_| bench.app.board_new("empty", None).ok()).count();
    assert_eq!(opened + 1, feedscope_app::boards::OPEN_MAX);
    assert_eq!(bench.app.board_new("empty", None).unwrap_err().code, "boards-max");
    let code = bench.app.board_duplicate("this-computer", "x").unwrap_err().code;
    assert_eq!(code, "boards-max");
    assert_eq!(bench.app.board_new("none such", None).unwrap_err().code, "boards-max");
    bench.app.board_close("this-computer").unwrap();
    assert_eq!(bench.app.board_new("none such", None).unwrap_err().code, "board-template");
    bench.app.board_new("this-computer", None).unwrap();
}
