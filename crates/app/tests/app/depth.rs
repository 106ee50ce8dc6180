//! Order books, from a server that speaks as an exchange does: kept while a panel shows them, and never
//! said to be whole when something is missing.

use crate::bench::{Bench, DEADLINE};
use crate::boards::change;
use feedscope_app::App;
use feedscope_app::api::{Depth, DepthAsked, DepthOf, DepthWhy};
use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use std::net::SocketAddr;
use std::path::Path;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::sync::broadcast;
use tokio::task::JoinHandle;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::Message;

/// Speaks as Bybit does: acknowledges what is subscribed to and says what it is told to.
struct Exchange {
    address: SocketAddr,
    say: broadcast::Sender<String>,
    task: JoinHandle<()>,
}

impl Exchange {
    async fn start() -> Exchange {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (say, _) = broadcast::channel(100);
        let told = say.clone();
        let task = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let mut told = told.subscribe();
                tokio::spawn(async move {
                    let mut socket = tokio_tungstenite::accept_async(stream).await.unwrap();
                    // The subscription; what is sent later asks for a whole book, in vain.
                    let _ = socket.next().await;
                    let yes = r#"{"success":true,"req_id":"subscribe","op":"subscribe"}"#;
                    socket.send(Message::text(yes)).await.unwrap();
                    socket.send(Message::text(book("snapshot", 10, "99.5", 2.0))).await.unwrap();
                    loop {
                        tokio::select! {
                            said = told.recv() => match said.as_deref() {
                                Ok("close") | Err(_) => return,
                                Ok(text) => socket.send(Message::text(text)).await.unwrap(),
                            },
                            came = socket.next() => if came.is_none() { return },
                        }
                    }
                });
            }
        });
        Exchange { address, say, task }
    }

    fn say(&self, text: String) {
        self.say.send(text).unwrap();
    }
}

impl Drop for Exchange {
    fn drop(&mut self) {
        self.task.abort();
    }
}

fn book(kind: &str, number: u64, bid: &str, size: f64) -> String {
    let asks = if kind == "snapshot" { json!([["100.5", "1"]]) } else { json!([]) };
    json!({ "topic": "orderbook.50.X", "type": kind, "ts": 1_700_000_000_000u64,
        "data": { "s": "X", "b": [[bid, size.to_string()]], "a": asks, "u": number } })
    .to_string()
}

fn board(folder: &Path, exchange: &Exchange, panels: Value) -> std::path::PathBuf {
    let path = folder.join("books.feedscope.json");
    let url = format!("ws://{}/", exchange.address);
    let board = json!({ "feedscope": 2, "id": "books", "name": "Books", "panels": panels,
        "feeds": [{ "id": "x", "name": "X", "profile": "bybit", "url": url }] });
    std::fs::write(&path, board.to_string()).unwrap();
    path
}

fn ask(app: &App) -> Depth {
    let asked = DepthAsked { feed: "x".into(), of: None, levels: 10, range_percent: None };
    app.depth(&asked).expect("there is such a feed")
}

async fn until(app: &App, met: impl Fn(&Depth) -> bool) -> Depth {
    let look = async {
        loop {
            let depth = ask(app);
            if met(&depth) {
                return depth;
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    timeout(DEADLINE, look).await.expect("it never came")
}

fn is_whole(depth: &Depth) -> bool {
    depth.book.as_ref().is_some_and(|book| book.incomplete.is_none())
}

fn why(depth: &Depth) -> Option<DepthWhy> {
    Some(depth.book.as_ref()?.incomplete?.why)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_book_is_whole_until_something_is_missing() {
    let exchange = Exchange::start().await;
    let (folder, elsewhere) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let file = board(elsewhere.path(), &exchange, json!([{ "id": "d", "kind": "depth" }]));
    let bench = Bench::start_on(folder.path(), &[&file]).await;
    bench.open().await;
    let app = &bench.app;
    let depth = until(app, is_whole).await;
    assert!(depth.has_books && depth.sends_whole);
    let of = DepthOf { channel: "orderbook.50.X".into(), key: Some("X".into()) };
    assert_eq!(depth.all, [of]);
    let whole = depth.book.unwrap();
    assert_eq!((whole.bids.best, whole.asks.best), (vec![(99.5, 2.0)], vec![(100.5, 1.0)]));

    exchange.say(book("delta", 11, "99", 3.0));
    until(app, |depth| depth.book.as_ref().unwrap().bids.levels == 2).await;
    exchange.say(book("delta", 14, "98", 4.0));
    let depth = until(app, |depth| why(depth) == Some(DepthWhy::Missing)).await;
    let incomplete = depth.book.as_ref().unwrap().incomplete.unwrap();
    assert_eq!((incomplete.first, incomplete.last), (Some(12), Some(13)));
    let depth = until(app, |depth| depth.book.as_ref().unwrap().bids.levels == 1).await;
    assert_eq!(depth.book.unwrap().bids.best, [(98.0, 4.0)], "of before, nothing is known");

    exchange.say(book("snapshot", 30, "97", 5.0));
    let depth = until(app, is_whole).await;
    assert_eq!(depth.book.unwrap().bids.best, [(97.0, 5.0)]);

    // It connects again, and begins with a whole book; before, it is not known.
    app.feed_stop("x");
    until(app, |depth| why(depth) == Some(DepthWhy::Outage)).await;
    app.feed_reconnect("x");
    let depth = until(app, is_whole).await;
    assert_eq!(depth.book.unwrap().bids.best, [(99.5, 2.0)]);
    assert!(
        app.depth(&DepthAsked { feed: "y".into(), of: None, levels: 1, range_percent: None })
            .is_none()
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_book_that_no_panel_shows_is_not_kept() {
    let exchange = Exchange::start().await;
    let (folder, elsewhere) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let file = board(elsewhere.path(), &exchange, json!([]));
    let bench = Bench::start_on(folder.path(), &[&file]).await;
    let start = bench.open().await;
    let has_books = |feed: &&feedscope_app::api::Feed| feed.has_books;
    assert_eq!(
        start.feeds.iter().filter(has_books).map(|feed| &feed.id).collect::<Vec<_>>(),
        ["x"]
    );
    bench
        .until(|update| {
            update.statuses.iter().any(|one| one.feed == "x" && one.ledger.received() >= 2)
        })
        .await;
    let app = &bench.app;
    assert_eq!((ask(app).all, ask(app).book), (vec![], None));

    // The whole of it came before anyone looked.
    change(&bench, "books", Some("Add"), |board| {
        board.panels.push(
            serde_json::from_value(json!({ "id": "d", "kind": "depth", "feed": "x" })).unwrap(),
        );
    });
    exchange.say(book("delta", 11, "99", 3.0));
    let depth = until(app, |depth| depth.book.is_some()).await;
    assert_eq!(why(&depth), Some(DepthWhy::Begun));
    assert_eq!(depth.book.unwrap().bids.best, [(99.0, 3.0)]);
    // And of a panel that is gone, nothing is left.
    change(&bench, "books", Some("Remove"), |board| board.panels.clear());
    assert_eq!(ask(app).all, []);
}
