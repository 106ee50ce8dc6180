//! Order books, from the wire on: in the order of the numbers, and never whole when something may
//! have been missed.
//!
//! The captures are kept beside the repository. Where they are not, these tests say so, and pass.

use crate::support::captures::frames;
use crate::support::server::{answer_pings, send_all, text};
use crate::support::{DEADLINE, Server, numbered_profile};
use feedscope_feed::book::{
    Book, BookNews, BookOf, BookReader, Books, Incomplete, Reading, Standing,
};
use feedscope_feed::decode::{Decoder, Part};
use feedscope_feed::profile::{self, Condition, Kind, Path, Rule};
use feedscope_feed::{Batch, Profile, Settings, Sink, Subscription, Time, Transition};
use std::time::Duration;
use tokio::sync::watch;

fn path(path: &str) -> Path {
    path.parse().unwrap()
}

#[derive(Clone, Debug, Default)]
struct Seen {
    books: Books,
    /// Why the book was incomplete after each message that told of it, or of a gap.
    course: Vec<Option<Incomplete>>,
    received: u64,
    times_lost: usize,
}

/// Looks at books from a number of received messages on.
struct Watcher {
    seen: watch::Sender<Seen>,
    from: u64,
}

impl Sink for Watcher {
    fn transition(&mut self, at: Time, transition: &Transition) {
        if !transition.state.is_open() {
            self.seen.send_modify(|seen| {
                seen.times_lost += 1;
                seen.books.outage(at);
            });
        }
    }

    fn batch(&mut self, batch: &Batch<'_>) {
        self.seen.send_modify(|seen| seen.received = batch.totals.ledger.received());
    }

    fn wants_books(&mut self) -> bool {
        self.seen.borrow().received >= self.from
    }

    fn book(&mut self, at: Time, news: &BookNews<'_>) {
        self.seen.send_modify(|seen| {
            seen.books.take(news, at);
            let why = seen.books.iter().next().and_then(|(_, book)| match book.standing() {
                Standing::Whole { .. } => None,
                Standing::Incomplete { why, .. } => Some(why),
            });
            seen.course.push(why);
        });
    }
}

fn book_profile(url: &str) -> Profile {
    let mut profile = numbered_profile(url);
    // So that it is no matter how fast things go.
    profile.sequence[0].wait_max = Duration::from_secs(60);
    profile.sequence[0].held_max = 1;
    profile.decode.rules = vec![Rule {
        when: Condition::exists(path("whole")),
        kind: Kind::Snapshot,
        channel: None,
        key: None,
    }];
    profile.book = vec![profile::Book {
        channels: Vec::new(),
        bids: Some(path("bids")),
        asks: Some(path("asks")),
        changes: None,
        price: path("[0]"),
        size: path("[1]"),
        side: None,
        count: None,
        whole: None,
        levels: None,
    }];
    profile
}

fn whole(number: u64, bids: &str) -> String {
    format!(r#"{{"n":{number},"whole":true,"bids":{bids},"asks":[["10","1"]]}}"#)
}

fn change(number: u64, bids: &str) -> String {
    format!(r#"{{"n":{number},"bids":{bids},"asks":[]}}"#)
}

async fn watch(messages: Vec<String>, from: u64) -> (Server, Subscription, watch::Receiver<Seen>) {
    let server = Server::websocket(move |_, mut socket| {
        let messages = messages.clone();
        async move {
            send_all(&mut socket, messages.into_iter().map(text).collect()).await;
            answer_pings(&mut socket).await;
        }
    })
    .await;
    let (seen, receiver) = watch::channel(Seen::default());
    let profile = book_profile(&server.url());
    let feed = Subscription::start(profile, Settings::default(), Watcher { seen, from }).unwrap();
    (server, feed, receiver)
}

async fn until(seen: &mut watch::Receiver<Seen>, met: impl FnMut(&Seen) -> bool) -> Seen {
    tokio::time::timeout(DEADLINE, seen.wait_for(met)).await.expect("in time").unwrap().clone()
}

fn bids(seen: &Seen) -> Vec<(f64, f64)> {
    let (_, book) = seen.books.iter().next().expect("there is a book");
    book.bids().map(|level| (level.price, level.size)).collect()
}

#[tokio::test]
async fn changes_are_taken_in_the_order_of_their_numbers() {
    let messages = vec![
        whole(1, r#"[["9","1"]]"#),
        // The later one of the two says that there is nothing left.
        change(3, r#"[["9","0"]]"#),
        change(2, r#"[["9","5"],["8","2"]]"#),
        change(2, r#"[["7","7"]]"#),
    ];
    let (_server, _feed, mut seen) = watch(messages, 0).await;
    let seen = until(&mut seen, |seen| seen.received == 4).await;
    assert_eq!(bids(&seen), [(8.0, 2.0)]);
    assert_eq!(seen.course, [None, None, None], "and what came twice is not told");
}

#[tokio::test]
async fn a_gap_lies_between_what_was_told_before_and_after() {
    let messages = vec![
        whole(1, r#"[["9","1"]]"#),
        change(4, r#"[["8","2"]]"#),
        change(5, r#"[["6","2"]]"#),
        whole(6, r#"[["7","3"]]"#),
        "{nonsense".into(),
    ];
    let (_server, _feed, mut seen) = watch(messages, 0).await;
    let seen = until(&mut seen, |seen| seen.received == 5).await;
    let missing = Some(Incomplete::Missing { first: 2, last: 3 });
    // What cannot be read may have been a change of it.
    let unreadable = Some(Incomplete::Unreadable);
    assert_eq!(seen.course, [None, missing, missing, missing, None, unreadable]);
}

#[tokio::test]
async fn after_an_outage_a_book_is_not_known() {
    let (_server, feed, mut seen) = watch(vec![whole(1, r#"[["9","1"]]"#)], 0).await;
    until(&mut seen, |seen| seen.course.len() == 1).await;
    feed.stop();
    let seen = until(&mut seen, |seen| {
        seen.books.iter().any(|(_, book)| !matches!(book.standing(), Standing::Whole { .. }))
    })
    .await;
    assert_eq!(bids(&seen), []);
}

#[tokio::test]
async fn nobody_is_told_who_does_not_look() {
    let (_server, _feed, mut seen) = watch(vec![whole(1, r#"[["9","1"]]"#)], 2).await;
    let seen = until(&mut seen, |seen| seen.received == 1).await;
    assert_eq!(seen.course, []);
}

/// The books of a capture at its end, and how often one was crossed after a message.
fn play(id: &str, capture: &str) -> Option<(Books, usize)> {
    let frames = frames(capture)?;
    let profile = Profile::bundled_named(id).expect("there is such a profile");
    let reader = BookReader::new(&profile, |_| None);
    let mut decoder = Decoder::new(&profile).unwrap();
    let (mut books, mut crossed) = (Books::default(), 0);
    let mut parts = Vec::new();
    for frame in frames.iter().filter(|frame| !frame.is_sent) {
        decoder.decode(&frame.bytes, frame.is_text, frame.time, &mut parts);
        for part in parts.drain(..) {
            let Part::Message(decoded) = part else { panic!("it can be read: {part:?}") };
            if !decoded.kind.has_data() {
                continue;
            }
            let channel = decoder.names().channel(decoded.record.channel).unwrap();
            let key = decoded.record.key.and_then(|key| decoder.names().key(key));
            let is_snapshot = decoded.kind == Kind::Snapshot;
            match reader.read(channel, is_snapshot, decoder.plain(&frame.bytes)) {
                Reading::Told(message) => {
                    books.take(&BookNews::Told { channel, key, message: &message }, frame.time);
                    let of = |(of, _): &(&BookOf, &Book)| {
                        of.channel == channel && of.key.as_deref() == key
                    };
                    let (_, book) = books.iter().find(of).expect("it was just told of");
                    crossed += usize::from(book.is_crossed());
                }
                Reading::Unreadable => panic!("{id}: a book of {channel} cannot be read"),
                Reading::Nothing | Reading::NotLooked => {}
            }
        }
    }
    Some((books, crossed))
}

#[test]
fn real_books_are_whole_and_never_crossed() {
    for (id, capture, count) in [
        ("coinbase-exchange", "coinbase-level2-ticker", 10),
        ("okx", "okx", 3),
        ("kraken-futures", "kraken-futures", 10),
        ("bitfinex", "bitfinex-seqall", 7),
        ("htx", "htx-gzip", 10),
    ] {
        let Some((books, crossed)) = play(id, capture) else { continue };
        assert_eq!((books.iter().len(), books.untold()), (count, 0), "{id}");
        assert_eq!(crossed, 0, "{id}: bids are never above asks");
        for (of, book) in books.iter() {
            assert!(matches!(book.standing(), Standing::Whole { .. }), "{id}: {of:?}");
            assert!(book.bids().len() > 0 || book.asks().len() > 0, "{id}: {of:?}");
        }
    }
}

#[test]
fn of_feeds_that_send_changes_alone_no_book_is_ever_whole() {
    for (id, capture) in [("binance-futures", "binance-futures"), ("bitstamp", "bitstamp")] {
        let Some((books, _)) = play(id, capture) else { continue };
        assert!(books.iter().len() > 0, "{id}");
        for (of, book) in books.iter() {
            let is_begun =
                matches!(book.standing(), Standing::Incomplete { why: Incomplete::Begun, .. });
            assert!(is_begun, "{id}: {of:?}");
        }
    }
}

/// The best prices that the exchange itself tells are those of the book.
#[test]
fn the_best_of_a_real_book_is_what_its_exchange_says() {
    let Some(frames) = frames("coinbase-level2-ticker") else { return };
    let last = frames.iter().rev().find_map(|frame| {
        let message: serde_json::Value = serde_json::from_slice(&frame.bytes).ok()?;
        (message["type"] == "ticker").then_some(message)
    });
    let last = last.expect("there are tickers");
    let Some((books, _)) = play("coinbase-exchange", "coinbase-level2-ticker") else { return };
    let product = last["product_id"].as_str().unwrap();
    let (_, book) = books.iter().find(|(of, _)| of.key.as_deref() == Some(product)).unwrap();
    let number = |key: &str| last[key].as_str().unwrap().parse::<f64>().unwrap();
    let (bid, ask) = (book.bids().next().unwrap().price, book.asks().next().unwrap().price);
    // It goes on after that ticker; it does not leap.
    assert!((bid / number("best_bid") - 1.0).abs() < 0.01, "{bid} {last}");
    assert!((ask / number("best_ask") - 1.0).abs() < 0.01, "{ask} {last}");
}
