//! Several windows at once: none waits for another, all are in step, and those beside the first one
//! are as the boards say.

use crate::bench::{Answer, Bench, DEADLINE, board, memory, shown, watch_memory};
use crate::inspector;
use feedscope_app::api::{
    Board, BoardChange, BoardChanged, Popout, PopoutPlace, Shortcuts, Together, TogetherCursor,
    Update,
};
use feedscope_app::boards::MAIN_WINDOW;
use serde_json::Value;
use std::time::Duration;
use tokio::time::timeout;

const SECOND: &str = "popout-1";
const POLL: Duration = Duration::from_millis(5);

/// Takes updates of a window that is not the first, each drawn, until one is as asked for.
async fn until(bench: &Bench, window: &str, mut wanted: impl FnMut(&Update) -> bool) -> Update {
    timeout(DEADLINE, async {
        loop {
            if let Some(update) = bench.app.take_update_in(window) {
                bench.app.drawn_in(window, update.number);
                if wanted(&update) {
                    return update;
                }
            }
            tokio::time::sleep(POLL).await;
        }
    })
    .await
    .expect("it never came")
}

fn change(bench: &Bench, id: &str, to: impl FnOnce(&mut Board)) -> BoardChanged {
    let now = bench.app.board_get(id).unwrap();
    let mut document = board(&now);
    to(&mut document);
    let change = BoardChange {
        board: id.into(),
        revision: now.head.revision,
        label: Some("Change".into()),
        merge: None,
        document: serde_json::to_value(document).unwrap(),
    };
    bench.app.board_change(change).unwrap()
}

fn popout(id: &str, panels: &[&str]) -> Popout {
    let panels = panels.iter().map(|panel| (*panel).to_owned()).collect();
    Popout { id: id.into(), panels, layout: Value::Null, place: None }
}

fn wanted(bench: &Bench) -> Vec<(String, String)> {
    let wanted = bench.popouts.borrow();
    wanted.windows.iter().map(|one| (one.label.clone(), one.id.clone())).collect()
}

fn draws(update: &Update) -> bool {
    update.panels.iter().any(|panel| !panel.traces[0].is_empty())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_slow_window_holds_up_no_other_and_misses_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let bench = Bench::start(folder.path()).await;
    bench.open().await;
    bench.app.open_in(SECOND).await;
    bench.app.watch(&watch_memory()).unwrap();
    let mut columns =
        Answer::of(&bench.app.watch_in(SECOND, &watch_memory()).unwrap()).traces.remove(0);

    // It takes an update, and does not say that it is drawn.
    let mut stuck = None;
    while stuck.is_none() {
        stuck = bench.app.take_update_in(SECOND);
        tokio::time::sleep(POLL).await;
    }
    let stuck = stuck.unwrap();
    // The first one goes on, and brings all that comes.
    for _ in 0..4 {
        bench.until(draws).await;
    }
    assert!(bench.app.take_update_in(SECOND).is_none(), "it is told of nothing meanwhile");

    // What it missed is in its next update, whoever was told of it before.
    let mut take = |update: &Update| {
        for told in update.panels.iter().flat_map(|panel| &panel.traces[0]) {
            let told = [told.0, told.1, told.2, told.3, told.4, told.5, f64::from(told.6)];
            columns.retain(|known| known[0] < told[0]);
            columns.push(told);
        }
    };
    take(&stuck);
    bench.app.drawn_in(SECOND, stuck.number);
    let next = until(&bench, SECOND, |update| {
        take(update);
        draws(update)
    })
    .await;
    assert!(next.number > stuck.number);
    let (last, earliest) = (columns.last().unwrap()[0], columns[0][0]);
    let column_ms = watch_memory().span_ms / f64::from(watch_memory().columns);
    let told: f64 = columns[..columns.len() - 1].iter().map(|column| column[1]).sum();
    let from = earliest.max(last - 400.0);
    let sum = |columns: &[[f64; 7]]| -> f64 {
        columns.iter().filter(|c| (from..last).contains(&c[0])).map(|c| c[1]).sum()
    };
    assert!(told > 0.0);
    let asked = bench.samples(&memory(), from * column_ms, (last - 1.0) * column_ms);
    // Of the samples there are ten a second: a column at the edge has one at most.
    assert!((sum(&columns) - asked).abs() <= 1.0, "{} were told, of {asked}", sum(&columns));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_window_that_is_gone_takes_all_that_it_looked_at_along() {
    let folder = tempfile::tempdir().unwrap();
    let bench = Bench::start(folder.path()).await;
    bench.open().await;
    bench.app.open_in(SECOND).await;
    bench.app.watch(&watch_memory()).unwrap();
    bench.app.watch_in(SECOND, &watch_memory()).unwrap();
    bench.app.inspect_open("first".into(), "computer").unwrap();
    bench.app.inspect_open_in(SECOND, "second".into(), "computer").unwrap();
    until(&bench, SECOND, draws).await;
    until(&bench, SECOND, |update| update.inspected == ["second"]).await;
    bench.until(|update| update.inspected == ["first"]).await;

    bench.app.window_gone(SECOND);
    assert!(bench.app.take_update_in(SECOND).is_none());
    bench.app.watch_in(SECOND, &watch_memory()).unwrap();
    assert!(bench.app.take_update_in(SECOND).is_none(), "nothing is followed there any more");
    assert_eq!(
        bench.app.inspect_page("second", &inspector::all()).unwrap_err().code,
        "inspect-not-open"
    );
    assert!(bench.app.inspect_page("first", &inspector::all()).is_ok());
    // Panels of one name are each window's own.
    bench.until(draws).await;
    // It may come again under the same name.
    bench.app.open_in(SECOND).await;
    bench.app.watch_in(SECOND, &watch_memory()).unwrap();
    until(&bench, SECOND, draws).await;
    bench.app.unwatch("memory");
    until(&bench, SECOND, draws).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_windows_that_there_are_stand_in_the_boards() {
    let folder = tempfile::tempdir().unwrap();
    let (id, place) = {
        let bench = Bench::start(folder.path()).await;
        let before = shown(&bench.open().await);
        let id = before.id.clone();
        assert_eq!(wanted(&bench), []);
        let moved = change(&bench, &id, |board| board.popouts = vec![popout("w", &["cpu"])]);
        assert_eq!(moved.document, None, "it is as it was sent");
        assert_eq!(wanted(&bench), [("popout-1".into(), "w".into())]);
        let start = bench.app.open_in(SECOND).await;
        assert_eq!((start.popout.as_deref(), shown(&start).id), (Some("w"), id.clone()));
        assert!(start.troubles.is_empty());
        assert_eq!(bench.app.open_in(MAIN_WINDOW).await.popout, None);

        // Undone, it is gone; done again, it is another.
        bench.app.board_undo(&id).unwrap();
        assert_eq!(wanted(&bench), []);
        bench.app.board_redo(&id).unwrap();
        assert_eq!(wanted(&bench), [("popout-2".into(), "w".into())]);

        // Where it is, is no step.
        let place = PopoutPlace { x: -20, y: 30, width: 640, height: 480 };
        bench.app.popout_placed("popout-2", place).unwrap();
        bench.app.popout_placed("none", place).unwrap();
        let placed = bench.app.board_get(&id).unwrap();
        assert_eq!(board(&placed).popouts[0].place, Some(place));
        assert_eq!(placed.head.undo.as_deref(), Some("Change"));

        // Closed by hand, its panel is on the board again, which can be undone.
        bench.app.popout_close("popout-2", "Bring back").unwrap();
        let closed = bench.app.board_get(&id).unwrap();
        assert_eq!((board(&closed).popouts, wanted(&bench)), (vec![], vec![]));
        assert_eq!(closed.head.undo.as_deref(), Some("Bring back"));
        bench.app.board_undo(&id).unwrap();
        assert_eq!(wanted(&bench), [("popout-3".into(), "w".into())]);
        bench.app.popout_close("popout-2", "").unwrap();
        assert_eq!(wanted(&bench).len(), 1, "that one is no more");
        bench.app.close().unwrap();
        (id, place)
    };
    let bench = Bench::start(folder.path()).await;
    bench.open().await;
    let mut told = bench.popouts.clone();
    let told = timeout(DEADLINE, told.wait_for(|wanted| !wanted.windows.is_empty())).await;
    assert_eq!(told.unwrap().unwrap().windows[0].place, Some(place));

    // With its panel it goes, and with its board.
    change(&bench, &id, |board| board.panels.retain(|panel| panel.id != "cpu"));
    assert_eq!(wanted(&bench), []);
    bench.app.board_undo(&id).unwrap();
    assert_eq!(wanted(&bench).len(), 1);
    bench.app.board_remove(&id).unwrap();
    assert_eq!(wanted(&bench), []);
    bench.app.board_restore(&id).unwrap();
    assert_eq!(wanted(&bench).len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_window_that_cannot_be_opened_is_said_and_its_panels_are_on_the_board() {
    let folder = tempfile::tempdir().unwrap();
    let bench = Bench::start(folder.path()).await;
    let id = shown(&bench.open().await).id;
    change(&bench, &id, |board| board.popouts = vec![popout("w", &["cpu"])]);
    bench.app.popout_failed("popout-1", "No screen.", "Bring back");
    let update = bench.until(|update| !update.troubles.is_empty()).await;
    let [trouble] = &update.troubles[..] else { panic!("{:?}", update.troubles) };
    assert_eq!((trouble.code, trouble.answer.as_deref()), ("popout-unopened", Some("No screen.")));
    let now = bench.app.board_get(&id).unwrap();
    assert_eq!((board(&now).popouts, wanted(&bench)), (vec![], vec![]));
    assert_eq!(now.head.undo.as_deref(), Some("Bring back"));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_one_window_shows_the_others_are_told_once_until_they_ask() {
    let folder = tempfile::tempdir().unwrap();
    let bench = Bench::start(folder.path()).await;
    bench.open().await;
    bench.app.open_in(SECOND).await;
    let at = |ms| Together {
        cursor: Some(TogetherCursor { ms: Some(ms), ago: false }),
        ..Together::default()
    };
    bench.app.together(SECOND, Together::default());
    for ms in [1.0, 2.0, 3.0] {
        assert_eq!(bench.app.together(MAIN_WINDOW, at(ms)), Together::default());
    }
    assert_eq!(bench.in_step.lock().unwrap().split_off(0), [SECOND]);
    assert_eq!(bench.app.together(SECOND, Together::default()), at(3.0));
    bench.app.language_set_in(SECOND, Some("zh-CN".into())).unwrap();
    assert_eq!(bench.in_step.lock().unwrap().split_off(0), [MAIN_WINDOW]);
    let spoken = bench.app.together(MAIN_WINDOW, Together::default()).language.unwrap();
    assert_eq!(spoken.tag.as_deref(), Some("zh-CN"));
    let keys = Shortcuts::from([("measure".to_owned(), vec!["x".to_owned()])]);
    bench.app.shortcuts_set(keys.clone()).unwrap();
    assert_eq!(bench.in_step.lock().unwrap().split_off(0), [SECOND]);
    // What a page says of them by itself is not passed on.
    let said = Together { shortcuts: Some(Shortcuts::new()), ..Together::default() };
    assert_eq!(bench.app.together(SECOND, said).shortcuts, Some(keys));
    assert!(bench.in_step.lock().unwrap().is_empty(), "nothing comes back");
}
