//! An order book, kept up to date by the messages that tell of it.
//!
//! A book is *whole* from a message that has all of it in it until something may have been missed: a
//! gap in the sequence, an outage, a message that could not be read. From then on it is *incomplete*,
//! until the next whole one. What was told before is forgotten there, since any of it may be gone;
//! what is told after is still right, level by level, and is kept. So no level is ever shown that
//! the feed has not said to be there.
//!
//! There is neither socket nor clock in it.

mod books;
mod price;
mod read;

pub use books::{BOOKS_MAX, BookNews, BookOf, Books};
pub use price::{NoPrice, Price};
pub use read::{BookReader, Reading};

use crate::record::Time;
use std::collections::BTreeMap;
use std::time::Duration;

/// Levels a side, beyond which the worst are not kept. Exchanges with the whole of their largest
/// market on the wire have some 20,000.
pub const LEVELS_MAX: usize = 25_000;

/// Bids above asks cannot last: whoever made the feed puts changes that belong together into
/// several messages at most. After this long, something is missing.
const CROSSED_MAX: Duration = Duration::from_secs(1);

/// What a message tells of a book.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct BookMessage {
    /// It has the whole book in it, and not only what has changed.
    pub is_whole: bool,
    pub bids: Vec<(Price, Level)>,
    pub asks: Vec<(Price, Level)>,
    /// The levels a side that the feed tells of: those beyond are gone.
    pub levels_max: Option<usize>,
}

/// All that is offered, or wanted, at one price.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Level {
    pub price: f64,
    /// Zero: it is gone.
    pub size: f64,
}

/// See the [module](self).
#[derive(Clone, Debug, PartialEq)]
pub struct Book {
    bids: Side,
    asks: Side,
    standing: Standing,
    changed: Option<Time>,
    crossed: Option<Time>,
}

/// What is to be held of a book.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// All of it is known, without a break since then.
    Whole { since: Time },
    /// Known is what was told after `told_since`, and nothing else.
    Incomplete { since: Time, why: Incomplete, told_since: Time },
}

/// Why a book is incomplete.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Incomplete {
    /// No message with the whole of it has come since it is looked at.
    Begun,
    /// These numbers of its sequence did not come.
    Missing { first: u64, last: u64 },
    /// The connection was lost, or not wanted.
    Outage,
    /// A message could not be read.
    Unreadable,
    /// The best bid was above the best ask, and stayed there.
    Crossed,
}

/// One of the two sides, the best level first.
#[derive(Clone, Debug, Default, PartialEq)]
struct Side {
    levels: BTreeMap<i128, Level>,
    /// From here on, levels were too many to be kept.
    cut: Option<i128>,
}

impl Side {
    fn set(&mut self, rank: i128, level: Level) {
        if level.size == 0.0 {
            self.levels.remove(&rank);
        } else if self.cut.is_none_or(|cut| rank < cut) {
            self.levels.insert(rank, level);
            if self.levels.len() > LEVELS_MAX {
                self.cut = self.levels.pop_last().map(|(rank, _)| rank);
            }
        }
    }

    fn best(&self) -> Option<&Level> {
        self.levels.first_key_value().map(|(_, level)| level)
    }

    fn keep(&mut self, levels_max: usize) {
        while self.levels.len() > levels_max {
            self.levels.pop_last();
        }
    }
}

impl Book {
    /// One that is looked at from then on.
    pub fn new(at: Time) -> Self {
        Book {
            bids: Side::default(),
            asks: Side::default(),
            standing: Standing::Incomplete { since: at, why: Incomplete::Begun, told_since: at },
            changed: None,
            crossed: None,
        }
    }

    /// A message came, the next of its sequence.
    pub fn take(&mut self, message: &BookMessage, at: Time) {
        if message.is_whole {
            self.forget();
            if !matches!(self.standing, Standing::Whole { .. }) {
                self.standing = Standing::Whole { since: at };
            }
        }
        for (price, level) in &message.bids {
            self.bids.set(price.rank(true), *level);
        }
        for (price, level) in &message.asks {
            self.asks.set(price.rank(false), *level);
        }
        if let Some(levels_max) = message.levels_max {
            self.bids.keep(levels_max);
            self.asks.keep(levels_max);
        }
        self.changed = Some(at);
        if !self.is_crossed() {
            self.crossed = None;
        } else if at.since(*self.crossed.get_or_insert(at)) >= CROSSED_MAX {
            self.interrupt(Incomplete::Crossed, at);
        }
    }

    /// Something may have been missed.
    pub fn interrupt(&mut self, why: Incomplete, at: Time) {
        self.forget();
        let (since, why) = match self.standing {
            Standing::Whole { .. } => (at, why),
            // It has been so for longer.
            Standing::Incomplete { since, why, .. } => (since, why),
        };
        self.standing = Standing::Incomplete { since, why, told_since: at };
    }

    fn forget(&mut self) {
        self.bids = Side::default();
        self.asks = Side::default();
    }

    pub fn standing(&self) -> Standing {
        self.standing
    }

    /// When it was told of last.
    pub fn changed(&self) -> Option<Time> {
        self.changed
    }

    /// Whether bids are above asks, or at the same price, at this moment.
    pub fn is_crossed(&self) -> bool {
        match (self.bids.best(), self.asks.best()) {
            (Some(bid), Some(ask)) => bid.price >= ask.price,
            _ => false,
        }
    }

    /// Whether there are levels, the furthest off, that there was no room for.
    pub fn is_cut(&self) -> bool {
        self.bids.cut.is_some() || self.asks.cut.is_some()
    }

    /// From the best on, which is the highest.
    pub fn bids(&self) -> impl ExactSizeIterator<Item = &Level> + Clone {
        self.bids.levels.values()
    }

    /// From the best on, which is the lowest.
    pub fn asks(&self) -> impl ExactSizeIterator<Item = &Level> + Clone {
        self.asks.levels.values()
    }
}

#[cfg(test)]
mod tests;
