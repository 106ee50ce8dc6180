//! Books against a model that keeps all it was told, and looks through it each time.

use super::*;
use proptest::prelude::*;

/// Prices in tenths.
type Tenths = i64;

#[derive(Clone, Debug)]
enum Step {
    Whole(Vec<Entry>),
    Changes(Vec<Entry>),
    Interrupt,
}

/// Whether it is a bid, its price, its size, and how the price is written.
type Entry = (bool, Tenths, u8, u8);

fn entry() -> impl Strategy<Value = Entry> {
    // Bids and asks overlap a little, so that books cross now and then.
    (any::<bool>(), 0i64..12, 0u8..4, 0u8..3).prop_map(|(is_bid, off, size, way)| {
        let price = if is_bid { 101 - off } else { 100 + off };
        (is_bid, price, size, way)
    })
}

fn step() -> impl Strategy<Value = Step> {
    let entries = || prop::collection::vec(entry(), 0..8);
    prop_oneof![
        2 => entries().prop_map(Step::Whole),
        8 => entries().prop_map(Step::Changes),
        1 => Just(Step::Interrupt),
    ]
}

fn message(is_whole: bool, entries: &[Entry], levels_max: Option<usize>) -> BookMessage {
    let mut message = BookMessage { is_whole, levels_max, ..BookMessage::default() };
    for (is_bid, tenths, size, way) in entries {
        let text = match way {
            0 => format!("{}.{}", tenths / 10, tenths % 10),
            1 => format!("{}.{}000", tenths / 10, tenths % 10),
            _ => format!("{tenths}e-1"),
        };
        let price = text.parse::<Price>().unwrap();
        let level = Level { price: *tenths as f64 / 10.0, size: f64::from(*size) };
        if *is_bid { message.bids.push((price, level)) } else { message.asks.push((price, level)) }
    }
    message
}

/// All that was told, in order, and nothing done with it.
#[derive(Debug, Default)]
struct Model {
    told: Vec<Entry>,
    whole: bool,
}

impl Model {
    fn side(&self, bids: bool) -> Vec<(Tenths, u8)> {
        let of_side = |entry: &&Entry| entry.0 == bids;
        let mut prices: Vec<_> = self.told.iter().filter(of_side).map(|entry| entry.1).collect();
        prices.sort_unstable();
        prices.dedup();
        if bids {
            prices.reverse();
        }
        let last = |price: Tenths| {
            let mut told = self.told.iter().rev().filter(of_side);
            told.find(|entry| entry.1 == price).map_or(0, |entry| entry.2)
        };
        prices.into_iter().map(|price| (price, last(price))).filter(|level| level.1 > 0).collect()
    }

    fn is_crossed(&self) -> bool {
        match (self.side(true).first(), self.side(false).first()) {
            (Some(bid), Some(ask)) => bid.0 >= ask.0,
            _ => false,
        }
    }
}

fn seen<'l>(levels: impl Iterator<Item = &'l Level>) -> Vec<(Tenths, u8)> {
    levels.map(|level| ((level.price * 10.0).round() as Tenths, level.size as u8)).collect()
}

fn at(tenths: usize) -> Time {
    Time(tenths as i64 * 100_000_000)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4_000))]

    #[test]
    fn a_book_is_what_was_told_since_the_last_break(steps in prop::collection::vec(step(), 1..40)) {
        let (mut book, mut model) = (Book::new(at(0)), Model::default());
        let (mut crossed, mut incomplete) = (None::<usize>, Some(0));
        for (index, step) in steps.iter().enumerate() {
            let mut broken = false;
            match step {
                Step::Interrupt => {
                    book.interrupt(Incomplete::Outage, at(index));
                    broken = true;
                }
                Step::Whole(entries) | Step::Changes(entries) => {
                    let is_whole = matches!(step, Step::Whole(_));
                    if is_whole {
                        model = Model { told: Vec::new(), whole: true };
                        incomplete = None;
                    }
                    model.told.extend(entries);
                    book.take(&message(is_whole, entries, None), at(index));
                    if !model.is_crossed() {
                        crossed = None;
                    } else if index - *crossed.get_or_insert(index) >= 10 {
                        broken = true;
                    }
                }
            }
            if broken {
                model = Model::default();
                incomplete = incomplete.or(Some(index));
            }
            prop_assert_eq!(seen(book.bids()), model.side(true));
            prop_assert_eq!(seen(book.asks()), model.side(false));
            prop_assert_eq!(book.is_crossed(), model.is_crossed());
            match book.standing() {
                Standing::Whole { .. } => prop_assert!(model.whole && incomplete.is_none()),
                Standing::Incomplete { since, .. } => {
                    prop_assert!(!model.whole);
                    prop_assert_eq!(Some(since), incomplete.map(at));
                }
            }
        }
    }

    #[test]
    fn a_feed_of_so_many_levels_has_no_more(
        messages in prop::collection::vec(prop::collection::vec(entry(), 0..8), 1..20),
        levels_max in 1usize..5,
    ) {
        let (mut book, mut model) = (Book::new(at(0)), Model::default());
        for entries in &messages {
            book.take(&message(true, &[], Some(levels_max)), at(0));
            model.told.clear();
            model.told.extend(entries);
            book.take(&message(false, entries, Some(levels_max)), at(0));
            let best = |bids| model.side(bids).into_iter().take(levels_max).collect::<Vec<_>>();
            prop_assert_eq!(seen(book.bids()), best(true));
            prop_assert_eq!(seen(book.asks()), best(false));
        }
    }
}

#[test]
fn a_gap_makes_it_incomplete_until_the_whole_of_it_comes() {
    let mut book = Book::new(at(0));
    let bid = |tenths| (true, tenths, 1, 0);
    let begun = Standing::Incomplete { since: at(0), why: Incomplete::Begun, told_since: at(0) };
    assert_eq!(book.standing(), begun);
    book.take(&message(false, &[bid(90)], None), at(1));
    assert_eq!(book.standing(), begun, "changes are not a book");
    assert_eq!(seen(book.bids()), [(90, 1)], "but true");

    book.take(&message(true, &[bid(99), bid(98)], None), at(2));
    assert_eq!(book.standing(), Standing::Whole { since: at(2) });
    let why = Incomplete::Missing { first: 7, last: 9 };
    book.interrupt(why, at(3));
    assert_eq!(book.bids().len(), 0, "any of them may be gone by now");
    book.interrupt(Incomplete::Outage, at(4));
    book.take(&message(false, &[bid(97)], None), at(5));
    assert_eq!(book.standing(), Standing::Incomplete { since: at(3), why, told_since: at(4) });
    assert_eq!(seen(book.bids()), [(97, 1)]);

    book.take(&message(true, &[bid(96)], None), at(6));
    book.take(&message(true, &[bid(95)], None), at(7));
    assert_eq!(book.standing(), Standing::Whole { since: at(6) }, "there was no break");
    assert_eq!(seen(book.bids()), [(95, 1)]);
}

#[test]
fn what_there_is_no_room_for_is_the_furthest_off_and_is_said() {
    let mut book = Book::new(at(0));
    let asks = |prices: std::ops::Range<usize>| {
        let level = |price: usize| {
            let level = Level { price: price as f64, size: 1.0 };
            (price.to_string().parse().unwrap(), level)
        };
        BookMessage { asks: prices.map(level).collect(), ..BookMessage::default() }
    };
    book.take(&asks(10..LEVELS_MAX + 10), at(1));
    assert!(!book.is_cut());
    book.take(&asks(5..6), at(2));
    assert!(book.is_cut());
    assert_eq!(book.asks().len(), LEVELS_MAX);
    // One becomes free, but what is beyond it was forgotten: another there is not all there is.
    let mut gone = asks(5..6);
    gone.asks[0].1.size = 0.0;
    book.take(&gone, at(3));
    book.take(&asks(LEVELS_MAX + 50..LEVELS_MAX + 51), at(4));
    assert_eq!(book.asks().last().unwrap().price, (LEVELS_MAX + 8) as f64);
    book.take(&BookMessage { is_whole: true, ..asks(1..3) }, at(5));
    assert!(!book.is_cut());
}

#[test]
fn books_are_interrupted_by_what_is_theirs() {
    let mut books = Books::default();
    let one = message(true, &[(true, 90, 1, 0)], None);
    for (channel, key) in [("a", Some("x")), ("a", Some("y")), ("b", None)] {
        books.take(&BookNews::Told { channel, key, message: &one }, at(1));
    }
    let whole = |books: &Books| -> Vec<String> {
        let is_whole =
            |(_, book): &(&BookOf, &Book)| matches!(book.standing(), Standing::Whole { .. });
        let name = |of: &BookOf| format!("{}{}", of.channel, of.key.as_deref().unwrap_or_default());
        books.iter().filter(is_whole).map(|(of, _)| name(of)).collect()
    };
    assert_eq!(whole(&books), ["ax", "ay", "b"]);
    let missing = |channel, key| BookNews::Missing { channel, key, first: 1, last: 2 };
    books.take(&missing(Some("c"), None), at(2));
    books.take(&missing(Some("a"), Some("z")), at(2));
    books.take(&BookNews::Unreadable { channel: "c", key: None }, at(2));
    assert_eq!(whole(&books), ["ax", "ay", "b"], "of others");
    books.take(&missing(Some("a"), Some("y")), at(3));
    assert_eq!(whole(&books), ["ax", "b"]);
    books.take(&BookNews::Unreadable { channel: "b", key: None }, at(3));
    assert_eq!(whole(&books), ["ax"]);
    books.take(&BookNews::AllUnreadable, at(4));
    assert_eq!(whole(&books), [""; 0]);

    for number in 0..BOOKS_MAX + 5 {
        let key = number.to_string();
        books.take(&BookNews::Told { channel: "a", key: Some(&key), message: &one }, at(5));
    }
    assert_eq!((books.iter().len(), books.untold()), (BOOKS_MAX, 8));
    assert!(!whole(&books).is_empty());
    books.outage(at(6));
    assert_eq!(whole(&books), [""; 0]);
}
