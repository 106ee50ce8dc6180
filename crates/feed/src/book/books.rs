//! The books of one feed, by channel and key.

use super::{Book, BookMessage, Incomplete};
use crate::record::Time;
use std::collections::BTreeMap;

/// Books of a feed that are kept; of further ones, none is.
pub const BOOKS_MAX: usize = 32;

/// Which of a feed's books it is.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BookOf {
    pub channel: String,
    pub key: Option<String>,
}

/// What a feed tells of its books, in the order of the sequence numbers.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum BookNews<'a> {
    Told {
        channel: &'a str,
        key: Option<&'a str>,
        message: &'a BookMessage,
    },
    /// A message of this book could not be read, or came when nobody looked.
    Unreadable {
        channel: &'a str,
        key: Option<&'a str>,
    },
    /// A message could not be read at all: it may have been of any book.
    AllUnreadable,
    /// Messages are missing, of this channel and key; of any, where that is not known.
    Missing {
        channel: Option<&'a str>,
        key: Option<&'a str>,
        first: u64,
        last: u64,
    },
}

/// See the [module](self).
#[derive(Clone, Debug, Default)]
pub struct Books {
    books: BTreeMap<BookOf, Book>,
    /// Messages of books that there was no room for.
    untold: u64,
}

impl Books {
    pub fn take(&mut self, news: &BookNews<'_>, at: Time) {
        match *news {
            BookNews::Told { channel, key, message } => {
                let of = BookOf { channel: channel.to_owned(), key: key.map(str::to_owned) };
                if self.books.len() >= BOOKS_MAX && !self.books.contains_key(&of) {
                    self.untold += 1;
                    return;
                }
                self.books.entry(of).or_insert_with(|| Book::new(at)).take(message, at);
            }
            BookNews::Unreadable { channel, key } => {
                self.interrupt(Some(channel), key, Incomplete::Unreadable, at);
            }
            BookNews::AllUnreadable => self.interrupt(None, None, Incomplete::Unreadable, at),
            BookNews::Missing { channel, key, first, last } => {
                self.interrupt(channel, key, Incomplete::Missing { first, last }, at);
            }
        }
    }

    /// The connection ended.
    pub fn outage(&mut self, at: Time) {
        self.interrupt(None, None, Incomplete::Outage, at);
    }

    fn interrupt(&mut self, channel: Option<&str>, key: Option<&str>, why: Incomplete, at: Time) {
        let concerns = |of: &BookOf| {
            channel.is_none_or(|channel| of.channel == channel)
                && key.is_none_or(|key| of.key.as_deref() == Some(key))
        };
        for (_, book) in self.books.iter_mut().filter(|(of, _)| concerns(of)) {
            book.interrupt(why, at);
        }
    }

    /// Nobody looks at them any more.
    pub fn clear(&mut self) {
        *self = Books::default();
    }

    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&BookOf, &Book)> {
        self.books.iter()
    }

    /// Messages of books beyond [`BOOKS_MAX`].
    pub fn untold(&self) -> u64 {
        self.untold
    }
}
