//! Feeds that are described before they are subscribed to: tried out, written down, changed; over
//! real sockets.

use crate::bench::{Bench, board, shown};
use feedscope_app::Secrets;
use feedscope_app::api::{
    Alert, AlertClear, AlertField, AlertNotify, AlertOn, AlertPhase, Annotation, BoardChange,
    BoardFeed, BoardImport, DerivedInput, DerivedSeries, DerivedState, FeedReading, ProbeFound,
    ProbeLook, ReadingSequence, ReadingTime,
};
use feedscope_app::boards::FEEDS_MAX;
use feedscope_feed::State;
use feedscope_feed::profile::{Scope, SequenceRule, TimeUnit};
use feedscope_feed::secrets::{Kept, Keychain};
use futures_util::{SinkExt, StreamExt};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::{SystemTime, UNIX_EPOCH};
use tokio::net::TcpListener;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::handshake::server::{ErrorResponse, Request, Response};

/// A feed that lets in who brings this header; it numbers what it sends, and says when that was.
struct Door {
    url: String,
    /// What came in each handshake, as far as it was let in: the header, and the path.
    came: Arc<Mutex<Vec<(String, String)>>>,
}

const KEY: &str = "Bearer hunter2";

impl Door {
    async fn open(header: Option<&'static str>) -> Door {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("ws://{}", listener.local_addr().unwrap());
        let came = Arc::<Mutex<Vec<(String, String)>>>::default();
        let heard = came.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let heard = heard.clone();
                tokio::spawn(async move {
                    // The type is the library's.
                    #[allow(clippy::result_large_err)]
                    let check = |request: &Request, response: Response| {
                        let told = request.headers().get("x-key").and_then(|key| key.to_str().ok());
                        if header.is_some_and(|wanted| told != Some(wanted)) {
                            let mut no = ErrorResponse::new(Some("Who are you?".into()));
                            *no.status_mut() = 401.try_into().unwrap();
                            return Err(no);
                        }
                        let path = request.uri().to_string();
                        heard.lock().unwrap().push((told.unwrap_or_default().into(), path));
                        Ok(response)
                    };
                    let Ok(socket) = tokio_tungstenite::accept_hdr_async(stream, check).await
                    else {
                        return;
                    };
                    let (mut out, mut back) = socket.split();
                    let echo = tokio::spawn(async move { while back.next().await.is_some() {} });
                    for n in 0_u64.. {
                        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
                        let text = format!(
                            r#"{{"channel":"a","seq":{n},"at":{},"price":{}}}"#,
                            now.as_millis(),
                            100 - n % 7
                        );
                        if out.send(Message::text(text)).await.is_err() {
                            break;
                        }
                        tokio::time::sleep(std::time::Duration::from_millis(5)).await;
                    }
                    echo.abort();
                });
            }
        });
        Door { url, came }
    }

    fn draft(&self) -> BoardFeed {
        BoardFeed { id: "new".into(), url: Some(self.url.clone()), ..BoardFeed::default() }
    }

    fn came(&self) -> Vec<(String, String)> {
        self.came.lock().unwrap().clone()
    }
}

fn texts(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
    pairs.iter().map(|(key, text)| (key.to_string(), text.to_string())).collect()
}

/// The whole of it, once it goes no further.
async fn probed(bench: &Bench, draft: &BoardFeed, secrets: &[(&str, &str)]) -> ProbeLook {
    bench.app.probe_start("p".into(), draft, texts(secrets)).unwrap();
    let wait = async {
        loop {
            let look = bench.app.probe_look("p", 0).unwrap();
            if look.done {
                return look;
            }
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
    };
    let look = tokio::time::timeout(crate::bench::DEADLINE, wait).await.expect("it ends");
    bench.app.probe_stop("p");
    assert_eq!(bench.app.probe_look("p", 0), None);
    look
}

#[tokio::test(flavor = "multi_thread")]
async fn a_probe_tells_what_happens_and_where_numbers_and_times_are() {
    let folder = tempfile::tempdir().unwrap();
    let bench = Bench::start(folder.path()).await;
    let start = bench.open().await;
    let door = Door::open(None).await;
    let look = probed(&bench, &door.draft(), &[]).await;
    assert_eq!(look.trouble, None);
    let found = |wanted: fn(&ProbeFound) -> bool| look.steps.iter().any(|it| wanted(&it.what));
    assert!(found(|what| matches!(what, ProbeFound::Connected { .. })));
    assert!(found(|what| matches!(what, ProbeFound::Upgraded { .. })));
    assert!(found(|what| matches!(what, ProbeFound::Message { is_data: true, .. })));
    assert!(found(|what| matches!(what, ProbeFound::Pong { .. })));
    let heard = look.heard.unwrap();
    assert!(heard.messages > 20 && heard.texts == heard.messages, "{heard:?}");
    let numbers = &heard.numbers[0];
    assert_eq!(
        (numbers.rule, numbers.scope, numbers.number.as_str()),
        (SequenceRule::Increment, Scope::Connection, "seq")
    );
    assert_eq!((heard.times[0].path.as_str(), heard.times[0].unit), ("at", TimeUnit::Millis));
    // It leaves no trace: neither on the board nor in the list of feeds.
    assert_eq!(bench.open().await.feeds.len(), start.feeds.len());

    // What it found is in the profile that is written, and in what the feed does then.
    let reading = FeedReading {
        sequence: Some(ReadingSequence {
            rule: numbers.rule,
            scope: numbers.scope,
            number: numbers.number.clone(),
            first: None,
            previous: None,
        }),
        time: Some(ReadingTime { path: "at".into(), unit: TimeUnit::Millis }),
        patient: false,
    };
    let draft = BoardFeed { reading: Some(reading), ..door.draft() };
    let checked = bench.app.draft_check(&draft);
    assert!(checked.problems.is_empty(), "{:?}", checked.problems);
    assert!(checked.toml.contains("number = \"seq\""), "{}", checked.toml);
    let board = shown(&start).id.clone();
    let feed = bench.app.feed_subscribe(&board, draft.clone(), &BTreeMap::new(), "Add").unwrap();
    let id = feed.feed.id;
    bench
        .until(|update| {
            let of = update.statuses.iter().find(|status| status.feed == id);
            of.is_some_and(|of| of.state == State::Live && of.latency.is_some() && of.missing == 0)
        })
        .await;
    assert_eq!(bench.app.feed_draft(&board, &id).unwrap().reading, draft.reading);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_header_that_is_a_secret_lets_in_and_is_written_nowhere() {
    let folder = tempfile::tempdir().unwrap();
    let chest = Chest::default();
    let bench = Bench::start_with(folder.path(), &[], Secrets::kept_by(chest.clone())).await;
    let start = bench.open().await;
    let board = shown(&start).id.clone();
    let door = Door::open(Some(KEY)).await;
    let look = probed(&bench, &door.draft(), &[]).await;
    assert_eq!(look.trouble.unwrap().code, "http-status");

    let headers = texts(&[("X-Key", "${secret:door}")]);
    let draft = BoardFeed { headers, ..door.draft() };
    let told = bench.app.draft_check(&draft).secrets;
    assert_eq!((told[0].name.as_str(), told[0].kept), ("door", Some(Kept::Nowhere)));
    let refused = bench.app.feed_subscribe(&board, draft.clone(), &BTreeMap::new(), "Add");
    assert_eq!(refused.unwrap_err().code, "secret-missing");

    // A secret that is tried is not kept.
    let look = probed(&bench, &draft, &[("door", KEY)]).await;
    assert_eq!(look.trouble, None);
    assert!(chest.all().is_empty());

    let secrets = texts(&[("door", KEY)]);
    let added = bench.app.feed_subscribe(&board, draft, &secrets, "Add").unwrap();
    assert_eq!(added.unkept, None);
    let id = added.feed.id;
    let is = |state: State| {
        let id = id.clone();
        move |update: &feedscope_app::api::Update| {
            update.statuses.iter().any(|status| status.feed == id && status.state == state)
        }
    };
    bench.until(is(State::Live)).await;
    assert_eq!(chest.all(), texts(&[("door", KEY)]));
    assert_eq!(bench.app.feed_secrets(&id)[0].kept, Some(Kept::Keychain));

    // Deleted, it is asked for when the feed dials again; given, be it at the second try, the feed
    // goes on by itself.
    let is_stopped_for = |code: &'static str| {
        let (app, id) = (bench.app.clone(), id.clone());
        move |_: &feedscope_app::api::Update| {
            let last = app.feed(&id).unwrap().transitions.pop();
            last.and_then(|last| last.trouble).is_some_and(|trouble| trouble.code == code)
        }
    };
    assert_eq!(bench.app.secret_remove("door").kept, Some(Kept::Nowhere));
    bench.app.feed_reconnect(&id);
    bench.until(is_stopped_for("secret-missing")).await;
    bench.app.secret_set(&id, "door", "Bearer hunter3");
    bench.until(is_stopped_for("http-status")).await;
    assert_eq!(bench.app.secret_set(&id, "door", KEY).kept, Some(Kept::Keychain));
    bench.until(is(State::Live)).await;

    bench.app.close().unwrap();
    for entry in files(folder.path()) {
        let bytes = std::fs::read(&entry).unwrap();
        let has = bytes.windows(7).any(|part| part == b"hunter2");
        assert!(!has, "{} has the secret in it", entry.display());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_secret_that_is_given_stirs_no_feed_that_does_not_wait_for_it() {
    let folder = tempfile::tempdir().unwrap();
    let chest = Chest::default();
    let bench = Bench::start_with(folder.path(), &[], Secrets::kept_by(chest.clone())).await;
    let board = shown(&bench.open().await).id.clone();
    let (live, stopped) = (Door::open(Some(KEY)).await, Door::open(Some(KEY)).await);
    let mut ids = Vec::new();
    for door in [&live, &stopped] {
        let draft = BoardFeed { headers: texts(&[("X-Key", "${secret:door}")]), ..door.draft() };
        let secrets = texts(&[("door", KEY)]);
        ids.push(bench.app.feed_subscribe(&board, draft, &secrets, "Add").unwrap().feed.id);
        let id = ids[ids.len() - 1].clone();
        bench.until(|update| is_in(update, &id, State::Live)).await;
    }
    bench.app.feed_stop(&ids[1]);
    bench.until(|update| is_in(update, &ids[1], State::Stopped)).await;
    bench.app.secret_set(&ids[0], "door", KEY);
    tokio::time::sleep(std::time::Duration::from_millis(300)).await;
    assert_eq!((live.came().len(), stopped.came().len()), (1, 1));
    assert_eq!(bench.app.feed(&ids[1]).unwrap().status.state, State::Stopped);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_board_from_elsewhere_gets_no_secret_that_was_not_given_for_where_it_leads() {
    let folder = tempfile::tempdir().unwrap();
    let evil = Door::open(None).await;
    let file = folder.path().join("sent.feedscope.json");
    let feed = serde_json::json!({
        "id": "f", "name": "F", "url": evil.url, "headers": { "X-Key": "${secret:door}" },
    });
    let text = serde_json::json!({ "feedscope": 2, "id": "sent", "name": "Sent", "feeds": [feed] });
    let text = text.to_string();
    std::fs::write(&file, &text).unwrap();
    let secrets = Secrets::in_memory();
    let _ = secrets.set("door", KEY);
    // As one that is named on the command line.
    let bench = Bench::start_with(folder.path(), &[&file], secrets).await;
    let start = bench.open().await;
    let id = start.feeds.iter().find(|feed| feed.name == "F").unwrap().id.clone();
    let stopped = || async {
        let told = |update: &feedscope_app::api::Update| is_in(update, &id, State::Stopped);
        if bench.app.feed(&id).unwrap().status.state != State::Stopped {
            bench.until(told).await;
        }
        let last = bench.app.feed(&id).unwrap().transitions.pop().unwrap();
        last.trouble.unwrap().code
    };
    assert_eq!(stopped().await, "secret-withheld");
    // Nor does it get one that is given for another, be it new, or is asked to try again.
    bench.app.secret_remove("door");
    bench.app.secret_set("computer", "door", KEY);
    bench.app.feed_reconnect(&id);
    tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    assert_eq!(stopped().await, "secret-withheld");
    assert!(evil.came().is_empty());

    let look = bench.app.board_look("sent", &text).unwrap();
    assert_eq!((look.feeds[0].secrets.len(), look.feeds[0].asks.len()), (1, 1));
    assert_eq!(look.feeds[0].address.as_deref(), Some(&*format!("{}/", evil.url)));
    // Given with a tick, it is dialled wherever it is.
    let import = |given: &[&str]| BoardImport {
        file: "sent".into(),
        text: text.clone(),
        feeds: Vec::new(),
        given: given.iter().map(|id| id.to_string()).collect(),
    };
    bench.app.board_import(&import(&[])).unwrap();
    assert_eq!(stopped().await, "secret-withheld");
    bench.app.board_import(&import(&["f"])).unwrap();
    bench.until(|update| is_in(update, &id, State::Live)).await;
    assert_eq!(evil.came()[0].0, KEY);
    assert!(bench.app.board_look("sent", &text).unwrap().feeds[0].asks.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_feed_can_be_changed_where_there_is_room_for_no_other() {
    let folder = tempfile::tempdir().unwrap();
    let bench = Bench::start(folder.path()).await;
    bench.open().await;
    let url = |n: usize| format!("ws://127.0.0.1:9/{n}");
    let feed = |n| serde_json::json!({ "id": format!("f{n}"), "url": url(n) });
    // With that of this computer, they are as many as there can be.
    let feeds: Vec<_> = (1..FEEDS_MAX).map(feed).collect();
    let board = serde_json::json!({ "feedscope": 2, "id": "many", "name": "Many", "feeds": feeds });
    let text = board.to_string();
    let (file, feeds, given) = ("many".to_owned(), Vec::new(), Vec::new());
    let board = bench.app.board_import(&BoardImport { file, text, feeds, given }).unwrap();
    let draft = |n| BoardFeed { url: Some(url(n)), ..BoardFeed::default() };
    let none = BTreeMap::new();
    let refused = bench.app.feed_subscribe(&board, draft(100), &none, "Add").unwrap_err();
    assert_eq!(refused.code, "feeds-max");
    let changed = bench.app.feed_change(&board, "f1", draft(100), &none, "Change").unwrap();
    assert!(changed.feed.url.ends_with("/100"), "{}", changed.feed.url);
    // What another board draws of it stays, and needs its place.
    bench.app.board_duplicate(&board, "Copy").unwrap();
    let refused = bench.app.feed_change(&board, "f2", draft(101), &none, "Change").unwrap_err();
    assert_eq!(refused.code, "feeds-max");
}

fn is_in(update: &feedscope_app::api::Update, id: &str, state: State) -> bool {
    update.statuses.iter().any(|status| status.feed == id && status.state == state)
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_keychain_a_secret_is_kept_for_this_run_and_that_is_said() {
    let folder = tempfile::tempdir().unwrap();
    let bench = Bench::start(folder.path()).await;
    let start = bench.open().await;
    let board = shown(&start).id.clone();
    let door = Door::open(Some(KEY)).await;
    let headers = texts(&[("X-Key", "${secret:door}")]);
    let draft = BoardFeed { headers, ..door.draft() };
    assert!(bench.app.no_keychain().is_some());
    let added = bench.app.feed_subscribe(&board, draft, &texts(&[("door", KEY)]), "Add").unwrap();
    assert!(added.unkept.is_some());
    assert_eq!(bench.app.feed_secrets(&added.feed.id)[0].kept, Some(Kept::Memory));
    bench.until_state(State::Live).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_variable_of_a_profile_is_chosen_and_changed_and_the_change_undone() {
    let folder = tempfile::tempdir().unwrap();
    let bench = Bench::start(folder.path()).await;
    let start = bench.open().await;
    let board = shown(&start).id.clone();
    let door = Door::open(None).await;
    let of = |vessels: &str| BoardFeed {
        id: "new".into(),
        profile: Some("signalk".into()),
        variables: texts(&[("url", &door.url), ("subscribe", vessels)]),
        ..BoardFeed::default()
    };
    let first = bench.app.feed_subscribe(&board, of("all"), &BTreeMap::new(), "Add").unwrap();
    let asked = |wanted: &'static str, count: usize| {
        let came = door.came.clone();
        async move {
            let wait = async {
                loop {
                    let paths: Vec<String> =
                        came.lock().unwrap().iter().map(|(_, path)| path.clone()).collect();
                    if paths.iter().filter(|path| path.contains(wanted)).count() >= count {
                        return;
                    }
                    tokio::time::sleep(std::time::Duration::from_millis(20)).await;
                }
            };
            tokio::time::timeout(crate::bench::DEADLINE, wait).await.expect("it never asked");
        }
    };
    asked("subscribe=all", 1).await;
    let id = first.feed.id;
    let changed =
        bench.app.feed_change(&board, &id, of("self"), &BTreeMap::new(), "Change").unwrap();
    assert_ne!(changed.feed.id, id, "what comes of it is something else");
    asked("subscribe=self", 1).await;
    assert_eq!(bench.app.feed_draft(&board, &id).unwrap_err().code, "board-feed-unknown");
    let now = bench.app.feed_draft(&board, &changed.feed.id).unwrap();
    assert_eq!(now.variables["subscribe"], "self");

    let before = door.came().iter().filter(|(_, path)| path.contains("subscribe=all")).count();
    bench.app.board_undo(&board).unwrap();
    asked("subscribe=all", before + 1).await;
    assert_eq!(bench.app.feed_draft(&board, &id).unwrap().variables["subscribe"], "all");

    // The same again is the same feed, and nothing wrong is taken.
    let again = bench.app.feed_subscribe(&board, of("all"), &BTreeMap::new(), "Add").unwrap();
    assert_eq!(again.feed.id, id);
    let wrong = BoardFeed { variables: texts(&[("no", "x")]), ..of("all") };
    let refused = bench.app.feed_subscribe(&board, wrong, &BTreeMap::new(), "Add").unwrap_err();
    assert_eq!(refused.code, "feed-draft");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_names_a_feed_goes_with_it_when_it_is_changed_and_back() {
    let folder = tempfile::tempdir().unwrap();
    let bench = Bench::start(folder.path()).await;
    let start = bench.open().await;
    let id = shown(&start).id.clone();
    let (door, other) = (Door::open(None).await, Door::open(None).await);
    let none = BTreeMap::new();
    let feed = bench.app.feed_subscribe(&id, door.draft(), &none, "Add").unwrap().feed.id;
    let alert = Alert {
        id: "high".into(),
        name: String::new(),
        enabled: true,
        what: AlertOn::Above { field: price(&feed), value: 0.0 },
        for_ms: 0.0,
        clear: AlertClear::default(),
        notify: AlertNotify::default(),
    };
    bench.app.alert_set(alert).unwrap();
    let AlertField { channel, path, .. } = price(&feed);
    let input = DerivedInput { feed: feed.clone(), channel, path };
    let twice = DerivedSeries {
        name: "Twice".into(),
        expression: "x * 2".into(),
        inputs: [("x".to_owned(), input)].into(),
        ..DerivedSeries::default()
    };
    bench.app.derived_set(twice).await.unwrap();
    let now = bench.app.board_get(&id).unwrap();
    let mut document = board(&now);
    document.annotations = vec![Annotation {
        id: "note".into(),
        from_ms: 1_000.0,
        to_ms: None,
        text: "Began.".into(),
        color: 0,
        feed: Some(feed.clone()),
        panel: None,
    }];
    let change = BoardChange {
        board: id.clone(),
        revision: now.head.revision,
        label: Some("Annotate".into()),
        merge: None,
        document: serde_json::to_value(document).unwrap(),
    };
    bench.app.board_change(change).unwrap();
    at_work(&bench, &feed).await;

    let changed = bench.app.feed_change(&id, &feed, other.draft(), &none, "Change").unwrap().feed;
    assert_ne!(changed.id, feed);
    at_work(&bench, &changed.id).await;
    for file in ["alerts.json", "derived.json"] {
        let text = std::fs::read_to_string(folder.path().join(file)).unwrap();
        let named = |id: &str| text.contains(&format!("\"{id}\""));
        assert!(named(&changed.id) && !named(&feed), "{text}");
    }
    bench.app.board_undo(&id).unwrap();
    at_work(&bench, &feed).await;
    bench.app.board_redo(&id).unwrap();
    at_work(&bench, &changed.id).await;
}

fn price(feed: &str) -> AlertField {
    AlertField { feed: feed.into(), channel: "a".into(), path: "price".into() }
}

/// Waits until the one alert and the one derived series that there are work with this feed, and the
/// one annotation is about it.
async fn at_work(bench: &Bench, feed: &str) {
    let wait = async {
        loop {
            let alerts = bench.app.alerts();
            let AlertOn::Above { field, .. } = &alerts.alerts[0].what else { panic!("another") };
            assert_eq!(*field, price(feed));
            let start = bench.open().await;
            let annotations = shown(&start).annotations;
            assert_eq!(annotations[0].feed.as_deref(), Some(feed));
            let derived = &start.derived[0];
            assert_eq!(derived.series.inputs["x"].feed, feed);
            let is_firing = alerts.states.states[0].phase == AlertPhase::Firing;
            if is_firing && derived.state == DerivedState::Live {
                return;
            }
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(crate::bench::DEADLINE, wait).await.expect("it is never at work");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_feed_that_is_renamed_is_called_so_at_once_until_that_is_undone() {
    let folder = tempfile::tempdir().unwrap();
    let bench = Bench::start(folder.path()).await;
    let start = bench.open().await;
    let board = shown(&start).id.clone();
    let door = Door::open(None).await;
    let none = BTreeMap::new();
    let added = bench.app.feed_subscribe(&board, door.draft(), &none, "Add").unwrap().feed;
    let draft = BoardFeed { name: "Boat".into(), ..door.draft() };
    let renamed = bench.app.feed_change(&board, &added.id, draft, &none, "Change").unwrap().feed;
    assert_eq!((&renamed.id, renamed.name.as_str()), (&added.id, "Boat"));
    bench.app.board_undo(&board).unwrap();
    assert_eq!(bench.app.feed(&added.id).unwrap().name, added.name);
    assert!(door.came().len() <= 1, "it is the same subscription");
}

#[tokio::test(flavor = "multi_thread")]
async fn headers_are_named_and_not_said_in_a_board_for_others() {
    let folder = tempfile::tempdir().unwrap();
    let bench = Bench::start(folder.path()).await;
    let start = bench.open().await;
    let board = shown(&start).id.clone();
    let door = Door::open(None).await;
    let headers = texts(&[("X-Key", "hunter2"), ("User-Agent", "me")]);
    let draft = BoardFeed { headers, ..door.draft() };
    bench.app.feed_subscribe(&board, draft, &BTreeMap::new(), "Add").unwrap();
    let exported = bench.app.board_export(&board).unwrap();
    assert_eq!(exported.without_secrets.len(), 1);
    let text = std::fs::read_to_string(exported.path).unwrap();
    assert!(!text.contains("hunter2") && text.contains("${secret:X-Key}"), "{text}");
    assert!(text.contains("\"me\""), "{text}");
}

/// A keychain that can be looked into.
#[derive(Clone, Default)]
struct Chest(Arc<Mutex<BTreeMap<String, String>>>);

impl Chest {
    fn all(&self) -> BTreeMap<String, String> {
        self.0.lock().unwrap().clone()
    }
}

impl Keychain for Chest {
    fn read(&self, name: &str) -> Result<Option<String>, String> {
        Ok(self.all().get(name).cloned())
    }

    fn write(&self, name: &str, secret: &str) -> Result<(), String> {
        self.0.lock().unwrap().insert(name.into(), secret.into());
        Ok(())
    }

    fn erase(&self, name: &str) -> Result<(), String> {
        self.0.lock().unwrap().remove(name);
        Ok(())
    }
}

fn files(folder: &std::path::Path) -> Vec<std::path::PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries.flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] }).collect()
}
