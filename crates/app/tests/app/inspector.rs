//! Messages as they came over the wire, and what is sent by hand: against a server that says back
//! what it is told.

use crate::bench::{Bench, DEADLINE};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use feedscope_app::App;
use feedscope_app::api::{
    CodeAsked, CodeFor, InspectDirection, InspectFilter, InspectKind, InspectPage, InspectRow,
    PageAsked, SendAsked, SendOutcome, SendTemplateKind, SendWhat, Verdict,
};
use feedscope_feed::State;
use futures_util::{SinkExt, StreamExt};
use std::net::SocketAddr;
use std::path::Path;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::{Bytes, Message};

const INSPECTOR: &str = "i";

/// Sends `greeting` to each client, then all that the client sends back to it.
struct Echo {
    address: SocketAddr,
    task: JoinHandle<()>,
}

impl Echo {
    async fn start(greeting: Vec<Message>) -> Echo {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let task = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let greeting = greeting.clone();
                tokio::spawn(async move {
                    let mut socket = tokio_tungstenite::accept_async(stream).await.unwrap();
                    for message in greeting {
                        socket.feed(message).await.unwrap();
                    }
                    socket.flush().await.unwrap();
                    while let Some(Ok(message)) = socket.next().await {
                        if (message.is_text() || message.is_binary())
                            && socket.send(message).await.is_err()
                        {
                            return;
                        }
                    }
                });
            }
        });
        Echo { address, task }
    }

    fn url(&self) -> String {
        format!("ws://{}/", self.address)
    }
}

impl Drop for Echo {
    fn drop(&mut self) {
        self.task.abort();
    }
}

fn text(text: &str) -> Message {
    Message::text(text.to_owned())
}

pub fn all() -> PageAsked {
    PageAsked { from: None, count: 500, paused: false, filter: InspectFilter::default() }
}

fn filtered(change: impl FnOnce(&mut InspectFilter)) -> PageAsked {
    let mut asked = all();
    change(&mut asked.filter);
    asked
}

fn page(app: &App, asked: &PageAsked) -> InspectPage {
    app.inspect_page(INSPECTOR, asked).unwrap()
}

/// Text and binary messages, as they are listed.
fn messages(page: &InspectPage) -> Vec<&InspectRow> {
    let is_message =
        |row: &&InspectRow| matches!(row.kind, InspectKind::Text | InspectKind::Binary);
    page.rows.iter().filter(is_message).collect()
}

/// Asks until there is such a page.
async fn until(app: &App, asked: &PageAsked, met: impl Fn(&InspectPage) -> bool) -> InspectPage {
    let look = async {
        loop {
            let page = page(app, asked);
            if met(&page) {
                return page;
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    timeout(DEADLINE, look).await.expect("it never came")
}

async fn live(folder: &Path, echo: &Echo) -> (Bench, String) {
    let bench = Bench::start(folder).await;
    bench.open().await;
    let feed = bench.app.feed_add(&echo.url()).unwrap().id;
    bench
        .until(|update| {
            update.statuses.iter().any(|one| one.feed == feed && one.state == State::Live)
        })
        .await;
    (bench, feed)
}

fn send(feed: &str, what: SendWhat, content: &str) -> SendAsked {
    SendAsked { feed: feed.into(), what, content: content.into(), json: what == SendWhat::Text }
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_looks_sees_at_once_what_came_and_where_it_went() {
    let echo = Echo::start(vec![
        text(r#"{"channel":"trade","data":{"p":"64000.10"},"time":1700000000000}"#),
        text(r#"{"channel":"book","bids":[[1,2]]}"#),
        text("{nonsense <img src=x onerror=alert(1)>"),
        Message::binary(vec![0, 159, 146, 150]),
        Message::Ping(Bytes::from_static(b"?")),
    ])
    .await;
    let folder = tempfile::tempdir().unwrap();
    let (bench, feed) = live(folder.path(), &echo).await;
    let app = &bench.app;
    let opened = app.inspect_open(INSPECTOR.into(), &feed).unwrap();
    assert!(opened.templates.is_empty() && opened.sent.is_empty());
    let page_of_all = until(app, &all(), |page| page.rows.len() == 6).await;
    let rows = &page_of_all.rows;
    assert_eq!((page_of_all.first, page_of_all.end, page_of_all.from), (0, 6, 0));
    assert_eq!((page_of_all.received, page_of_all.received_kept), (4, 4));
    let kinds: Vec<_> = rows.iter().map(|row| (row.kind, row.direction)).collect();
    use InspectDirection::{Received, Sent};
    assert_eq!(
        kinds,
        [
            (InspectKind::Text, Received),
            (InspectKind::Text, Received),
            (InspectKind::Text, Received),
            (InspectKind::Binary, Received),
            (InspectKind::Ping, Received),
            (InspectKind::Pong, Sent),
        ]
    );
    let told: Vec<_> = rows[..4].iter().map(|row| (row.number, row.verdict)).collect();
    assert_eq!(
        told[..2],
        [(Some(1), Some(Verdict::Delivered)), (Some(2), Some(Verdict::Delivered))]
    );
    assert_eq!(told[2], (Some(3), Some(Verdict::Undecodable)));
    assert_eq!(rows[0].channel.as_deref(), Some("trade"));
    assert_eq!(rows[3].head, "00 9f 92 96");
    assert!(rows[1].since_previous_ms.is_some_and(|ms| ms >= 0.0));

    // One, whole.
    let unread = app.inspect_message(INSPECTOR, rows[2].serial, 0).unwrap();
    assert!(unread.why.is_some());
    let payload = BASE64_STANDARD.decode(&unread.base64).unwrap();
    assert_eq!(payload, b"{nonsense <img src=x onerror=alert(1)>");

    // By what is in them.
    let serials = |asked: &PageAsked| -> Vec<u64> {
        page(app, asked).rows.iter().map(|row| row.serial).collect()
    };
    let by_path = filtered(|filter| {
        filter.path = "data.p".into();
        filter.equals = Some("64000.1".into());
    });
    assert_eq!(serials(&by_path), [0]);
    assert_eq!(serials(&filtered(|filter| filter.text = "IMG".into())), [2]);
    assert_eq!(serials(&filtered(|filter| filter.channel = "boo".into())), [1]);
    assert_eq!(serials(&filtered(|f| f.verdict = Some(Verdict::Undecodable)))[0], 2);
    assert_eq!(serials(&filtered(|f| f.direction = Some(Sent))), [5]);
    let wrong = app.inspect_page(INSPECTOR, &filtered(|filter| filter.path = "a[".into()));
    assert_eq!(wrong.unwrap_err().code, "inspect-path");

    app.inspect_close(INSPECTOR);
    assert_eq!(app.inspect_page(INSPECTOR, &all()).unwrap_err().code, "inspect-not-open");
    assert_eq!(app.inspect_open("x".into(), "none").unwrap_err().code, "inspect-no-feed");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_sent_goes_out_comes_back_and_is_there_after_a_relaunch() {
    let echo = Echo::start(Vec::new()).await;
    let folder = tempfile::tempdir().unwrap();
    let (bench, feed) = live(folder.path(), &echo).await;
    let app = &bench.app;
    app.inspect_open(INSPECTOR.into(), &feed).unwrap();
    let sent = app.feed_send(&send(&feed, SendWhat::Text, r#"{"op":"hello"}"#)).await.unwrap();
    assert_eq!((sent.outcome, sent.answer), (SendOutcome::Sent, None));
    let hex = app.feed_send(&send(&feed, SendWhat::Hex, "00 ff")).await.unwrap();
    assert_eq!(hex.sent.len(), 2);
    let both = until(app, &all(), |page| messages(page).len() == 4).await;
    let seen: Vec<_> =
        messages(&both).iter().map(|row| (row.direction, row.head.clone())).collect();
    for (direction, head) in [
        (InspectDirection::Sent, r#"{"op":"hello"}"#),
        (InspectDirection::Received, r#"{"op":"hello"}"#),
        (InspectDirection::Sent, "00 ff"),
        (InspectDirection::Received, "00 ff"),
    ] {
        assert!(seen.contains(&(direction, head.into())), "{head}: {seen:?}");
    }
    let refused = app.feed_send(&send(&feed, SendWhat::Text, "{\"op\":")).await.unwrap_err();
    assert_eq!(refused.code, "send-json");
    assert!(refused.what.contains("Line 1"), "{}", refused.what);
    let secret = send(&feed, SendWhat::Text, r#""${secret:no_such_secret_here}""#);
    assert_eq!(app.feed_send(&secret).await.unwrap_err().code, "send-secret");

    // As a command: what was sent, and what subscribes.
    let serial = messages(&both)[0].serial as f64;
    let code = |serial, tool| {
        app.inspect_code(&CodeAsked { inspector: INSPECTOR.into(), serial, tool }).unwrap()
    };
    let url = echo.url();
    assert_eq!(
        code(Some(serial), CodeFor::Feedtap),
        format!(r#"feedtap send {url} '{{"op":"hello"}}'"#)
    );
    assert_eq!(code(None, CodeFor::Websocat), format!("websocat --no-close {url}"));

    app.feed_stop(&feed);
    bench
        .until(|update| {
            update.statuses.iter().any(|one| one.feed == feed && one.state == State::Stopped)
        })
        .await;
    let unsent = app.feed_send(&send(&feed, SendWhat::Text, "{}")).await.unwrap_err();
    assert_eq!(unsent.code, "send-not-live");
    let goodbye = until(app, &all(), |page| {
        page.rows.last().is_some_and(|row| row.kind == InspectKind::Close)
    })
    .await;
    assert_eq!(goodbye.rows.last().unwrap().direction, InspectDirection::Sent);

    app.close().unwrap();
    drop(bench);
    let (again, feed) = {
        let bench = Bench::start(folder.path()).await;
        let start = bench.open().await;
        let feed = start.feeds.iter().find(|feed| !feed.builtin).unwrap().id.clone();
        (bench, feed)
    };
    let opened = again.app.inspect_open(INSPECTOR.into(), &feed).unwrap();
    let kept: Vec<_> = opened.sent.iter().map(|one| (one.what, one.content.as_str())).collect();
    assert_eq!(kept, [(SendWhat::Hex, "00 ff"), (SendWhat::Text, r#"{"op":"hello"}"#)]);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_window_is_told_of_news_and_a_pause_holds_still() {
    let folder = tempfile::tempdir().unwrap();
    let bench = Bench::start(folder.path()).await;
    let app = &bench.app;
    app.open().await;
    bench.until_state(State::Live).await;
    let opened = app.inspect_open(INSPECTOR.into(), "computer").unwrap();
    let [template] = &opened.templates[..] else { panic!("{:?}", opened.templates) };
    assert_eq!(template.kind, SendTemplateKind::Opening);
    // What it says of itself is what it says to the server.
    let sent = app.feed_send(&send("computer", SendWhat::Text, &template.text)).await.unwrap();
    assert_eq!(sent.outcome, SendOutcome::Sent);

    let news = |update: &feedscope_app::api::Update| {
        update.inspected.contains(&INSPECTOR.to_owned()) && !update.statuses.is_empty()
    };
    bench.until(news).await;
    let before = page(app, &all()).end;
    bench.until(news).await;
    until(app, &all(), |page| page.end > before).await;

    let paused = PageAsked { paused: true, ..all() };
    let frozen = page(app, &paused);
    let later = until(app, &paused, |page| page.since_pause > 20).await;
    assert_eq!((later.end, &later.rows), (frozen.end, &frozen.rows));
    let live = page(app, &all());
    assert!(live.end >= frozen.end + 20, "nothing was lost: {} {}", live.end, frozen.end);
    // It is told where each is in its sequence, one after the other.
    let of_channel = page(app, &filtered(|filter| filter.channel = "memory".into()));
    let numbers: Vec<u64> =
        of_channel.rows.iter().filter_map(|row| row.sequence.as_ref()?.parse().ok()).collect();
    assert!(numbers.len() > 1 && numbers.windows(2).all(|two| two[1] == two[0] + 1), "{numbers:?}");

    // A window that begins anew has none open.
    app.open().await;
    assert_eq!(app.inspect_page(INSPECTOR, &all()).unwrap_err().code, "inspect-not-open");
}
