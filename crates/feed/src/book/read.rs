//! What a message tells of a book, as its profile says where that is.

use super::{BookMessage, Level, Price};
use crate::profile::{self, Condition, Path, Profile};
use serde_json::Value;

/// What is in a message.
#[derive(Clone, Debug, PartialEq)]
pub enum Reading {
    /// It was not looked at: nobody looks at books.
    NotLooked,
    /// It tells of no book.
    Nothing,
    /// It tells of a book, but what cannot be read.
    Unreadable,
    Told(Box<BookMessage>),
}

/// Reads the messages of one feed.
#[derive(Clone, Debug)]
pub struct BookReader {
    forms: Vec<Form>,
}

#[derive(Clone, Debug)]
struct Form {
    of: profile::Book,
    levels_max: Option<usize>,
}

/// Whose list an entry stands in.
#[derive(Clone, Copy, PartialEq, Eq)]
enum List {
    Bids,
    Asks,
    Both,
}

/// An entry is not as the profile says.
struct Unreadable;

impl BookReader {
    /// `levels` says what stands in a book's `levels`.
    pub fn new(profile: &Profile, levels: impl Fn(&profile::Template) -> Option<String>) -> Self {
        let form = |of: &profile::Book| {
            let levels_max = of.levels.as_ref().and_then(&levels);
            Form { of: of.clone(), levels_max: levels_max.and_then(|text| text.parse().ok()) }
        };
        BookReader { forms: profile.book.iter().map(form).collect() }
    }

    pub fn is_empty(&self) -> bool {
        self.forms.is_empty()
    }

    pub fn read(&self, channel: &str, is_snapshot: bool, text: &[u8]) -> Reading {
        let mut forms = self.forms.iter().filter(|form| form.is_for(channel)).peekable();
        if forms.peek().is_none() {
            return Reading::Nothing;
        }
        let Ok(whole) = serde_json::from_slice::<Value>(text) else { return Reading::Nothing };
        match forms.find_map(|form| form.read(&whole, is_snapshot)) {
            None => Reading::Nothing,
            Some(Ok(message)) => Reading::Told(Box::new(message)),
            Some(Err(Unreadable)) => Reading::Unreadable,
        }
    }
}

impl Form {
    fn is_for(&self, channel: &str) -> bool {
        self.of.channels.is_empty() || self.of.channels.iter().any(|named| named == channel)
    }

    /// `None` if the message has another form.
    fn read(&self, message: &Value, is_snapshot: bool) -> Option<Result<BookMessage, Unreadable>> {
        let of = &self.of;
        let lists = [(&of.bids, List::Bids), (&of.asks, List::Asks), (&of.changes, List::Both)];
        let at = |(path, list): (&Option<Path>, List)| {
            let found = path.as_ref()?.find_in(message)?;
            (found.is_array() || found.is_object()).then_some((entries(found), list))
        };
        let mut found: Vec<_> = lists.into_iter().filter_map(at).collect();
        if found.is_empty() {
            let has_lists = of.bids.is_some() || of.asks.is_some() || of.changes.is_some();
            let paths = [Some(&of.price), Some(&of.size), of.side.as_ref()];
            let is_entry = paths.into_iter().flatten().all(|path| path.find_in(message).is_some());
            if has_lists || !is_entry {
                return None;
            }
            found.push((std::slice::from_ref(message), List::Both));
        }
        let is_whole = match &of.whole {
            Some(whole) => holds(whole, message),
            None => is_snapshot,
        };
        let levels_max = self.levels_max;
        let mut told = BookMessage { is_whole, levels_max, ..BookMessage::default() };
        for (entries, list) in found {
            for entry in entries {
                match self.entry(entry, list) {
                    Some((true, price, level)) => told.bids.push((price, level)),
                    Some((false, price, level)) => told.asks.push((price, level)),
                    None => return Some(Err(Unreadable)),
                }
            }
        }
        Some(Ok(told))
    }

    /// Whether it is a bid, and what it says.
    fn entry(&self, entry: &Value, list: List) -> Option<(bool, Price, Level)> {
        let of = &self.of;
        let price = of.price.find_in(entry)?;
        let exact = written(price)?.parse::<Price>().ok()?;
        let size = number(of.size.find_in(entry)?)?;
        let is_bid = match (list, &of.side) {
            (List::Bids, _) => true,
            (List::Asks, _) => false,
            (List::Both, Some(side)) => is_bid(side.find_in(entry)?.as_str()?)?,
            (List::Both, None) => size >= 0.0,
        };
        let is_signed = list == List::Both && of.side.is_none();
        if size < 0.0 && !is_signed {
            return None;
        }
        let is_gone = match &of.count {
            Some(count) => number(count.find_in(entry)?)? == 0.0,
            None => false,
        };
        let size = if is_gone { 0.0 } else { size.abs() };
        Some((is_bid, exact, Level { price: number(price)?, size }))
    }
}

/// A list of entries, or what is an entry itself.
fn entries(found: &Value) -> &[Value] {
    match found {
        Value::Array(items) if items.iter().all(|item| item.is_array() || item.is_object()) => {
            items
        }
        entry => std::slice::from_ref(entry),
    }
}

/// A number as it stands there, in quotes or not.
fn written(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

fn number(value: &Value) -> Option<f64> {
    let number = match value {
        Value::String(text) => text.parse().ok(),
        value => value.as_f64(),
    };
    number.filter(|number: &f64| number.is_finite())
}

fn is_bid(side: &str) -> Option<bool> {
    match side.to_ascii_lowercase().as_str() {
        "buy" | "bid" | "bids" | "b" => Some(true),
        "sell" | "ask" | "asks" | "offer" | "s" | "a" => Some(false),
        _ => None,
    }
}

fn holds(condition: &Condition, message: &Value) -> bool {
    match condition {
        Condition::At { path, equals } => match path.find_in(message) {
            None => false,
            Some(found) if equals.is_empty() => !found.is_null(),
            Some(found) => equals.iter().any(|wanted| is_value(found, wanted)),
        },
        // A text that is no JSON has no book.
        Condition::Text(_) => false,
        Condition::All(all) => all.iter().all(|condition| holds(condition, message)),
    }
}

fn is_value(found: &Value, wanted: &str) -> bool {
    match found {
        Value::String(text) => text == wanted,
        Value::Number(number) => {
            number.as_f64().is_some_and(|number| wanted.parse::<f64>() == Ok(number))
        }
        Value::Bool(value) => wanted == value.to_string(),
        Value::Null => wanted == "null",
        Value::Array(_) | Value::Object(_) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reader(id: &str) -> BookReader {
        let profile = Profile::bundled_named(id).unwrap();
        let levels = |name: &profile::Name| {
            let default = |name: &String| profile.variables.get(name)?.default.clone();
            match name {
                profile::Name::Variable(name) => default(name).map(Into::into),
                _ => None,
            }
        };
        BookReader::new(&profile, |text| text.expand(profile::Escape::No, levels).ok())
    }

    /// Bids and asks, `*` before a whole book, `?` for one that cannot be read.
    fn read(id: &str, channel: &str, is_snapshot: bool, text: &str) -> String {
        match reader(id).read(channel, is_snapshot, text.as_bytes()) {
            Reading::Told(told) => {
                let side = |levels: &[(Price, Level)]| -> String {
                    let level =
                        |(_, level): &(Price, Level)| format!(" {}x{}", level.price, level.size);
                    levels.iter().map(level).collect()
                };
                let whole = if told.is_whole { "*" } else { "" };
                format!("{whole}{} |{}", side(&told.bids), side(&told.asks))
            }
            Reading::Unreadable => "?".into(),
            Reading::Nothing | Reading::NotLooked => String::new(),
        }
    }

    #[test]
    fn every_exchange_is_read_as_it_writes() {
        for (id, channel, is_snapshot, text, expected) in [
            (
                "coinbase-exchange",
                "l2update",
                true,
                r#"{"type":"snapshot","bids":[["1.5","2"]],"asks":[["1.6","0.1"]]}"#,
                "* 1.5x2 | 1.6x0.1",
            ),
            (
                "coinbase-exchange",
                "l2update",
                false,
                r#"{"type":"l2update","changes":[["sell","1.6","0"],["buy","1.5","7"]]}"#,
                " 1.5x7 | 1.6x0",
            ),
            ("bitfinex", "book", false, "[7,[[9,1,2.5],[10,3,-4]],1]", "* 9x2.5 | 10x4"),
            ("bitfinex", "book", false, "[7,[9,0,1],2]", " 9x0 |"),
            ("bitfinex", "book", false, "[7,[10,0,-1],3]", " | 10x0"),
            ("bitfinex", "trades", false, "[7,[10,0,-1],3]", ""),
            (
                "kraken-futures",
                "book",
                false,
                r#"{"feed":"book","side":"sell","price":2004.85,"qty":4787.0}"#,
                " | 2004.85x4787",
            ),
            (
                "kraken-futures",
                "trade",
                false,
                r#"{"feed":"trade","side":"sell","price":2004.85,"qty":4787.0}"#,
                "",
            ),
            (
                "deribit",
                "book.X.100ms",
                false,
                r#"{"params":{"data":{"bids":[["delete",5042.5,0.0]],"asks":[["new",5043,1]]}}}"#,
                " 5042.5x0 | 5043x1",
            ),
            (
                "coinbase-advanced",
                "l2_data",
                false,
                r#"{"events":[{"type":"snapshot","updates":[
                    {"side":"bid","price_level":"8.5","new_quantity":"1"},
                    {"side":"offer","price_level":"8.6","new_quantity":"2"}]}]}"#,
                "* 8.5x1 | 8.6x2",
            ),
            (
                "binance-futures",
                "depthUpdate",
                false,
                r#"{"data":{"e":"depthUpdate","b":[["7.5040","813"],["7.6","0"]],"a":[]}}"#,
                " 7.504x813 7.6x0 |",
            ),
            (
                "bybit",
                "tickers.X",
                false,
                r#"{"topic":"tickers.X","data":{"bid1Price":"1","ask1Price":"2"}}"#,
                "",
            ),
            ("okx", "books", false, r#"{"data":[{"asks":[["x","1"]],"bids":[]}]}"#, "?"),
            ("okx", "books", false, r#"{"data":[{"asks":[["1","-1"]],"bids":[]}]}"#, "?"),
            ("coinbase-exchange", "l2update", false, r#"{"changes":[["both","1","1"]]}"#, "?"),
        ] {
            assert_eq!(read(id, channel, is_snapshot, text), expected, "{id}: {text}");
        }
    }

    #[test]
    fn the_number_of_levels_is_what_was_chosen() {
        let text = r#"{"data":[{"bids":[{"price":1,"qty":2}],"asks":[]}]}"#;
        let Reading::Told(told) = reader("kraken").read("book", false, text.as_bytes()) else {
            panic!("it tells of a book");
        };
        assert_eq!(told.levels_max, Some(10));
    }
}
