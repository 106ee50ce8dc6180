//! The order books of a feed, kept up to date while a board has a panel that shows one; and what such
//! a panel is told of them.

use crate::api::{self, DepthAsked, DepthSide, DepthWhy};
use crate::shared::lock;
use feedscope_feed::book::{Book, BookNews, BookOf, Books, Incomplete, Level, Standing};
use feedscope_feed::{Profile, Time};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};

/// A ladder of more levels is not read.
const LEVELS_MAX: usize = 100;

/// More points of a curve cannot be told apart.
const POINTS_MAX: usize = 400;

/// Where nobody says how much of a book is shown: what so many levels a side take,
const SHOWN_LEVELS: usize = 40;
/// but no more than this share of the price, lest a single order far off flattens the rest.
const SHOWN_SHARE_MAX: f64 = 0.05;

/// The books of one feed.
#[derive(Debug, Default)]
pub(crate) struct Depths {
    is_watched: AtomicBool,
    books: Mutex<Books>,
}

impl Depths {
    /// Whether a panel shows one of them. What was known before nobody did is forgotten: it is not kept
    /// up to date.
    pub fn watch(&self, is_watched: bool) {
        let mut books = lock(&self.books);
        if self.is_watched.swap(is_watched, Ordering::Relaxed) != is_watched {
            books.clear();
        }
    }

    pub fn is_watched(&self) -> bool {
        self.is_watched.load(Ordering::Relaxed)
    }

    pub fn take(&self, news: &BookNews<'_>, at: Time) {
        let mut books = lock(&self.books);
        if self.is_watched() {
            books.take(news, at);
        }
    }

    /// The connection was lost, or is not wanted.
    pub fn outage(&self, at: Time) {
        lock(&self.books).outage(at);
    }

    /// What a panel shows of a feed of that profile.
    pub fn answer(&self, asked: &DepthAsked, profile: &Profile) -> api::Depth {
        let books = lock(&self.books);
        let of = |of: &BookOf| api::DepthOf { channel: of.channel.clone(), key: of.key.clone() };
        let is_asked = |(of, _): &(&BookOf, &Book)| match &asked.of {
            Some(asked) => asked.channel == of.channel && asked.key == of.key,
            None => true,
        };
        api::Depth {
            has_books: !profile.book.is_empty(),
            sends_whole: sends_whole(profile),
            all: books.iter().map(|(book, _)| of(book)).collect(),
            untold: books.untold(),
            book: books.iter().find(is_asked).map(|(at, book)| told(of(at), book, asked)),
        }
    }
}

/// Whether the feed ever sends a whole book, as far as its profile says.
fn sends_whole(profile: &Profile) -> bool {
    use feedscope_feed::profile::Kind;
    profile.book.iter().any(|book| book.whole.is_some())
        || profile.decode.rules.iter().any(|rule| rule.kind == Kind::Snapshot)
}

fn told(of: api::DepthOf, book: &Book, asked: &DepthAsked) -> api::DepthBook {
    let best = (book.bids().next(), book.asks().next());
    let middle = match best {
        (Some(bid), Some(ask)) => Some(f64::midpoint(bid.price, ask.price)),
        (Some(one), None) | (None, Some(one)) => Some(one.price),
        (None, None) => None,
    };
    let span = middle.map(|middle| {
        let reach = match asked.range_percent {
            Some(percent) => middle.abs() * percent / 100.0,
            None => reach(book, middle),
        };
        (middle - reach, middle + reach)
    });
    let levels_max = usize::try_from(asked.levels).unwrap_or(LEVELS_MAX).min(LEVELS_MAX);
    let side = |levels: &mut dyn Iterator<Item = &Level>, count: usize| {
        side(levels, count, span.unwrap_or_default(), levels_max)
    };
    let (since_ms, incomplete) = match book.standing() {
        Standing::Whole { since } => (since.millis(), None),
        Standing::Incomplete { since, why, told_since } => {
            let (first, last) = match why {
                Incomplete::Missing { first, last } => (Some(first), Some(last)),
                _ => (None, None),
            };
            let why = match why {
                Incomplete::Begun => DepthWhy::Begun,
                Incomplete::Missing { .. } => DepthWhy::Missing,
                Incomplete::Outage => DepthWhy::Outage,
                Incomplete::Unreadable => DepthWhy::Unreadable,
                Incomplete::Crossed => DepthWhy::Crossed,
            };
            let told_since_ms = told_since.millis();
            (since.millis(), Some(api::DepthIncomplete { why, first, last, told_since_ms }))
        }
    };
    api::DepthBook {
        of,
        since_ms,
        incomplete,
        changed_ms: book.changed().map(Time::millis),
        is_crossed: book.is_crossed(),
        is_cut: book.is_cut(),
        span,
        bids: side(&mut book.bids(), book.bids().len()),
        asks: side(&mut book.asks(), book.asks().len()),
    }
}

/// How far from the middle is shown where nobody says, in steps that the eye can keep.
fn reach(book: &Book, middle: f64) -> f64 {
    let off = |level: Option<&Level>| level.map_or(0.0, |level| (level.price - middle).abs());
    let best = off(book.bids().next()).max(off(book.asks().next()));
    let of_side = |levels: &mut dyn Iterator<Item = &Level>| off(levels.take(SHOWN_LEVELS).last());
    let far = of_side(&mut book.bids()).max(of_side(&mut book.asks()));
    let most = (middle.abs() * SHOWN_SHARE_MAX).max(4.0 * best);
    stepped(far.clamp(2.0 * best, most.max(2.0 * best)))
}

/// The next of 1, 2 and 5 times a power of ten.
fn stepped(number: f64) -> f64 {
    if number <= 0.0 || !number.is_finite() {
        return 1.0;
    }
    let power = 10f64.powf(number.log10().floor());
    [1.0, 2.0, 5.0, 10.0]
        .map(|step| step * power)
        .into_iter()
        .find(|step| *step >= number)
        .unwrap_or(number)
}

fn side(
    levels: &mut dyn Iterator<Item = &Level>,
    count: usize,
    (low, high): (f64, f64),
    levels_max: usize,
) -> DepthSide {
    let pitch = (high - low) / 2.0 / POINTS_MAX as f64;
    let mut best = Vec::new();
    let mut curve: Vec<(f64, f64)> = Vec::new();
    let mut sum = 0.0;
    // Where the last point begins that was not joined to the one before.
    let mut from = f64::INFINITY;
    for level in levels {
        let is_within = (low..=high).contains(&level.price);
        if !is_within && best.len() >= levels_max {
            break;
        }
        sum += level.size;
        if best.len() < levels_max {
            best.push((level.price, level.size));
        }
        if is_within {
            match curve.last_mut().filter(|_| (level.price - from).abs() < pitch) {
                Some(last) => *last = (level.price, sum),
                None => {
                    from = level.price;
                    curve.push((level.price, sum));
                }
            }
        }
    }
    DepthSide { levels: u32::try_from(count).unwrap_or(u32::MAX), best, curve }
}

#[cfg(test)]
mod tests {
    use super::*;
    use feedscope_feed::book::BookMessage;

    fn message(is_whole: bool, bids: &[(f64, f64)], asks: &[(f64, f64)]) -> BookMessage {
        let side = |levels: &[(f64, f64)]| -> Vec<_> {
            let level = |&(price, size): &(f64, f64)| {
                (price.to_string().parse().unwrap(), Level { price, size })
            };
            levels.iter().map(level).collect()
        };
        BookMessage { is_whole, bids: side(bids), asks: side(asks), levels_max: None }
    }

    fn asked(range_percent: Option<f64>, levels: u32) -> DepthAsked {
        DepthAsked { feed: "f".into(), of: None, levels, range_percent }
    }

    fn tell(depths: &Depths, message: &BookMessage) {
        depths.take(&BookNews::Told { channel: "b", key: Some("X"), message }, Time(1_000_000));
    }

    fn profile() -> Profile {
        Profile::bundled_named("okx").unwrap()
    }

    #[test]
    fn a_curve_adds_up_from_the_middle_on_within_the_range() {
        let depths = Depths::default();
        depths.watch(true);
        tell(&depths, &message(true, &[(99.0, 1.0), (98.0, 2.0), (90.0, 4.0)], &[(101.0, 5.0)]));
        let answer = depths.answer(&asked(Some(3.0), 2), &profile());
        assert!(answer.has_books && answer.sends_whole);
        let book = answer.book.unwrap();
        assert_eq!(book.span, Some((97.0, 103.0)));
        assert_eq!(book.bids.curve, [(99.0, 1.0), (98.0, 3.0)], "90 is too far off");
        assert_eq!(book.bids.best, [(99.0, 1.0), (98.0, 2.0)]);
        assert_eq!(book.bids.levels, 3);
        assert_eq!(book.asks.curve, [(101.0, 5.0)]);
        assert!(book.incomplete.is_none() && !book.is_crossed);
    }

    #[test]
    fn of_thousands_of_levels_there_are_no_more_points_than_can_be_told_apart() {
        let depths = Depths::default();
        depths.watch(true);
        let bids: Vec<_> = (1..=5_000).map(|n| (1_000.0 - f64::from(n) / 100.0, 1.0)).collect();
        tell(&depths, &message(true, &bids, &[(1_000.0, 1.0)]));
        let book = depths.answer(&asked(Some(10.0), 7), &profile()).book.unwrap();
        let curve = &book.bids.curve;
        assert!(curve.len() <= POINTS_MAX + 1 && curve.len() > POINTS_MAX / 4, "{}", curve.len());
        assert_eq!(curve.last(), Some(&(950.0, 5_000.0)), "and nothing is lost of the sum");
        assert!(curve.iter().all(|(price, sum)| ((1_000.0 - price) * 100.0 - sum).abs() < 1e-6));
        assert_eq!(book.bids.best.len(), 7);
    }

    #[test]
    fn what_nobody_looked_at_is_not_known() {
        let depths = Depths::default();
        let whole = message(true, &[(1.0, 1.0)], &[]);
        tell(&depths, &whole);
        assert_eq!(depths.answer(&asked(None, 5), &profile()).all, []);
        depths.watch(true);
        tell(&depths, &whole);
        depths.watch(true);
        let answer = depths.answer(&asked(None, 5), &profile());
        let of = api::DepthOf { channel: "b".into(), key: Some("X".into()) };
        assert_eq!(answer.all, [of]);
        depths.outage(Time(5_000_000));
        let book = depths.answer(&asked(None, 5), &profile()).book.unwrap();
        let incomplete = book.incomplete.unwrap();
        assert_eq!((book.since_ms, incomplete.why), (5.0, DepthWhy::Outage));
        depths.watch(false);
        assert_eq!(depths.answer(&asked(None, 5), &profile()).all, []);
    }

    #[test]
    fn the_range_goes_in_steps_and_is_not_stretched_by_one_order() {
        for (number, expected) in [(0.03, 0.05), (1.0, 1.0), (1.2, 2.0), (70.0, 100.0), (0.0, 1.0)]
        {
            assert!((stepped(number) - expected).abs() < 1e-9, "{number}");
        }
        let depths = Depths::default();
        depths.watch(true);
        tell(&depths, &message(true, &[(99.0, 1.0), (1.0, 1.0)], &[(101.0, 1.0)]));
        let book = depths.answer(&asked(None, 5), &profile()).book.unwrap();
        assert_eq!(book.span, Some((95.0, 105.0)));
    }
}
