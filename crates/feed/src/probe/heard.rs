//! What came while a probe listened: how much, of which channels, and where in it sequence numbers
//! and times probably are. A guess is one: whoever is asked to believe it is told on how many
//! messages it rests.

use crate::decode::Decoder;
use crate::profile::{Scope, SequenceRule, TimeUnit};
use crate::record::{ChannelId, Record};
use chrono::DateTime;
use serde::Serialize;
use serde_json::Value;
use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::time::Duration;

/// Channels that are told by name, and fields of each.
const CHANNELS_MAX: usize = 50;
const FIELDS_MAX: usize = 20;

/// Guesses of a kind that are told.
const GUESSES_MAX: usize = 5;

/// Numbers of a message that are looked at. Sequence numbers stand near its beginning, and a book
/// may have a thousand levels behind them.
const NUMBERS_MAX: usize = 16;

/// Texts of a message that are looked at.
const TEXTS_MAX: usize = 64;

/// Messages that are looked at for guesses: more make them no better.
const GUESSED_MAX: u64 = 5_000;

/// Different places that are looked at in all.
const PLACES_MAX: usize = 400;

/// A source that is further off has a clock that nobody set, or it is no time.
const OFF_MAX_S: f64 = 86_400.0;

/// Steps from one number to the next that a guess rests on, at the least.
const STEPS_MIN: u64 = 3;

/// Numbers that rise might be anything, unless they are called so.
const SEQUENCE_NAMES: [&str; 20] = [
    "seq",
    "sequence",
    "sequence_num",
    "sequence_number",
    "sequencenum",
    "seqnum",
    "seqid",
    "seq_id",
    "seqno",
    "nonce",
    "offset",
    "lastupdateid",
    "change_id",
    "update_id",
    "id",
    "u",
    "n",
    "counter",
    "index",
    "trade_id",
];

/// See the [module](self).
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct Heard {
    /// Since the connection was opened.
    pub listened_ms: f64,
    pub messages: u64,
    pub bytes: u64,
    /// Of the messages: those that are text, those without data, and those that cannot be read.
    pub texts: u64,
    pub without_data: u64,
    pub unreadable: u64,
    /// In the order of their coming, as far as they are told.
    pub channels: Vec<HeardChannel>,
    pub channels_count: u64,
    pub fields_count: u64,
    /// The likeliest first.
    pub numbers: Vec<Numbers>,
    pub times: Vec<Times>,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct HeardChannel {
    pub name: String,
    pub messages: u64,
    pub fields: Vec<String>,
    pub fields_count: u64,
}

/// Where sequence numbers probably are.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct Numbers {
    pub rule: SequenceRule,
    pub scope: Scope,
    pub number: String,
    /// With the rule `range`.
    pub first: Option<String>,
    /// With the rule `previous`.
    pub previous: Option<String>,
    /// It held so many times, and never failed.
    pub steps: u64,
    /// Of messages with data, the share that has it.
    pub share: f64,
}

/// Where the time of the source probably is.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct Times {
    pub path: String,
    pub unit: TimeUnit,
    /// How long before its arrival the latest was, at the least.
    pub before_ms: f64,
    pub share: f64,
}

/// A number's place, by its number among the places.
type Spot = usize;

/// Collects what came.
#[derive(Debug, Default)]
pub(super) struct Listener {
    heard: Heard,
    /// All that came, of which the decoder tells no more than a few thousand apart; `None` of those
    /// that are not told by name.
    channels: HashMap<ChannelId, Option<usize>>,
    with_data: u64,
    /// The path of each of the decoder's fields, if it is one of the places that are looked at.
    spot_of: Vec<Option<Spot>>,
    places: Vec<String>,
    by_path: HashMap<String, Spot>,
    runs: BTreeMap<(Scope, Spot), Runs>,
    /// Of two numbers of a message, how the second goes with the first of the message before.
    pairs: BTreeMap<(Scope, Spot, Spot), Pair>,
    times: BTreeMap<(Spot, u8), TimeSeen>,
}

/// How the numbers at a place go on.
#[derive(Debug, Default)]
struct Runs {
    last: HashMap<Option<ChannelId>, u64>,
    seen: u64,
    steps: u64,
    by_one: u64,
    up: u64,
}

#[derive(Debug, Default)]
struct Pair {
    steps: u64,
    links: u64,
    ranges: u64,
}

#[derive(Debug)]
struct TimeSeen {
    seen: u64,
    before_ms: f64,
}

impl Listener {
    pub fn unreadable(&mut self) {
        self.heard.messages += 1;
        self.heard.unreadable += 1;
    }

    pub fn note(
        &mut self,
        bytes: &[u8],
        is_text: bool,
        is_data: bool,
        record: &Record,
        decoder: &Decoder,
    ) {
        let heard = &mut self.heard;
        heard.messages += 1;
        heard.bytes += bytes.len() as u64;
        heard.texts += u64::from(is_text);
        if !is_data {
            heard.without_data += 1;
            return;
        }
        self.with_data += 1;
        let channel = self.channel(record.channel, decoder);
        self.learn_fields(decoder);
        if let Some(channel) = channel {
            self.heard.channels[channel].messages += 1;
        }
        if self.with_data > GUESSED_MAX {
            return;
        }
        let values: Vec<(Spot, f64)> = record
            .fields
            .iter()
            .take(NUMBERS_MAX)
            .filter_map(|(field, value)| Some(((*self.spot_of.get(field.0 as usize)?)?, *value)))
            .collect();
        let arrival_s = record.arrival_time.0 as f64 / 1e9;
        for (spot, value) in &values {
            for (unit, per_second) in UNITS.iter().zip([1.0, 1e3, 1e6, 1e9]) {
                self.note_time(*spot, *unit, arrival_s - value / per_second);
            }
        }
        if is_text && let Ok(message) = serde_json::from_slice::<Value>(bytes) {
            let mut texts = Vec::new();
            times_in(&message, &mut String::new(), &mut texts);
            for (path, seconds) in texts {
                if let Some(spot) = self.place(&path) {
                    self.note_time(spot, TimeUnit::Rfc3339, arrival_s - seconds);
                }
            }
        }
        self.note_numbers(record.channel, &values);
    }

    /// What there is to tell.
    pub fn heard(&self, listened: Duration) -> Heard {
        Heard {
            listened_ms: super::millis(listened),
            numbers: self.numbers(),
            times: self.times(),
            ..self.heard.clone()
        }
    }

    fn channel(&mut self, id: ChannelId, decoder: &Decoder) -> Option<usize> {
        if let Some(known) = self.channels.get(&id) {
            return *known;
        }
        let told = self.heard.channels.len();
        let index = (told < CHANNELS_MAX).then_some(told);
        if index.is_some() {
            let name = decoder.names().channel(id).unwrap_or_default().to_owned();
            self.heard.channels.push(HeardChannel { name, ..HeardChannel::default() });
        }
        self.channels.insert(id, index);
        self.heard.channels_count = self.channels.len() as u64;
        index
    }

    /// The decoder tells of each until it is asked to forget it.
    fn learn_fields(&mut self, decoder: &Decoder) {
        for new in decoder.new_fields() {
            let index = new.field.0 as usize;
            if index < self.spot_of.len() {
                continue;
            }
            let spot = self.place(&new.path);
            self.spot_of.resize(index, None);
            self.spot_of.push(spot);
            self.heard.fields_count += 1;
            let channel = self.channels.get(&new.channel).copied().flatten();
            if let Some(channel) = channel.and_then(|index| self.heard.channels.get_mut(index)) {
                channel.fields_count += 1;
                if channel.fields.len() < FIELDS_MAX && !channel.fields.contains(&new.path) {
                    channel.fields.push(new.path.clone());
                }
            }
        }
    }

    fn place(&mut self, path: &str) -> Option<Spot> {
        if let Some(spot) = self.by_path.get(path) {
            return Some(*spot);
        }
        if self.places.len() == PLACES_MAX {
            return None;
        }
        self.places.push(path.to_owned());
        self.by_path.insert(path.to_owned(), self.places.len() - 1);
        Some(self.places.len() - 1)
    }

    fn note_time(&mut self, spot: Spot, unit: TimeUnit, before_s: f64) {
        if before_s.abs() > OFF_MAX_S {
            return;
        }
        let before_ms = before_s * 1e3;
        let seen = TimeSeen { seen: 0, before_ms };
        let time = self.times.entry((spot, order(unit))).or_insert(seen);
        time.seen += 1;
        if before_ms.abs() < time.before_ms.abs() {
            time.before_ms = before_ms;
        }
    }

    fn note_numbers(&mut self, channel: ChannelId, values: &[(Spot, f64)]) {
        let whole = |(spot, value): &(Spot, f64)| {
            let is_whole = value.fract() == 0.0 && (0.0..9e15).contains(value);
            // It is: whole, and in range.
            is_whole.then_some((*spot, *value as u64))
        };
        let values: Vec<(Spot, u64)> = values.iter().filter_map(whole).collect();
        for (scope, of) in [(Scope::Connection, None), (Scope::Channel, Some(channel))] {
            for (spot, number) in &values {
                let runs = self.runs.entry((scope, *spot)).or_default();
                runs.seen += 1;
                let Some(last) = runs.last.insert(of, *number) else { continue };
                runs.steps += 1;
                runs.up += u64::from(*number > last);
                runs.by_one += u64::from(*number == last + 1);
                for (other, before) in values.iter().filter(|(other, _)| other != spot) {
                    let pair = self.pairs.entry((scope, *spot, *other)).or_default();
                    pair.steps += 1;
                    pair.links += u64::from(*before == last);
                    pair.ranges += u64::from(*before == last + 1 && before <= number);
                }
            }
        }
    }

    fn share(&self, seen: u64) -> f64 {
        let of = self.with_data.clamp(1, GUESSED_MAX);
        (seen as f64 / of as f64).min(1.0)
    }

    /// Every number that runs by a rule without a fault; the strictest rule, the widest scope and
    /// the likeliest name first.
    fn numbers(&self) -> Vec<Numbers> {
        let mut found: Vec<(u8, bool, Numbers)> = Vec::new();
        for ((scope, spot), runs) in &self.runs {
            let is_time = self.times.keys().any(|(time, _)| time == spot);
            if runs.steps < STEPS_MIN || runs.up < runs.steps || is_time {
                continue;
            }
            let number = &self.places[*spot];
            let is_named = is_named(number);
            // Of one that goes on for the connection as a whole, each channel's has leaps.
            let is_wide = found.iter().any(|(_, _, other)| other.number == *number);
            let guess = |rule, first: Option<&String>, previous: Option<&String>| Numbers {
                rule,
                scope: *scope,
                number: number.clone(),
                first: first.cloned(),
                previous: previous.cloned(),
                steps: runs.steps,
                share: self.share(runs.seen),
            };
            let of_pair = |holds: fn(&Pair) -> u64| {
                let pairs = self.pairs.range((*scope, *spot, 0)..=(*scope, *spot, PLACES_MAX));
                let mut holding =
                    pairs.filter(|(_, pair)| pair.steps == runs.steps && holds(pair) == pair.steps);
                holding.next().map(|((_, _, other), _)| &self.places[*other])
            };
            if let Some(first) = of_pair(|pair| pair.ranges) {
                found.push((0, is_named, guess(SequenceRule::Range, Some(first), None)));
            } else if let Some(previous) = of_pair(|pair| pair.links) {
                found.push((0, is_named, guess(SequenceRule::Previous, None, Some(previous))));
            } else if runs.by_one == runs.steps {
                found.push((1, is_named, guess(SequenceRule::Increment, None, None)));
            } else if is_named && !is_wide {
                found.push((2, is_named, guess(SequenceRule::Sparse, None, None)));
            }
        }
        found.sort_by(|(a_rule, a_named, a), (b_rule, b_named, b)| {
            // What merely rises is worth less than what runs by a rule, whatever it is called.
            (*a_rule == 2, !*a_named, *a_rule, a.scope)
                .cmp(&(*b_rule == 2, !*b_named, *b_rule, b.scope))
                .then(b.share.total_cmp(&a.share))
                .then(a.number.len().cmp(&b.number.len()))
        });
        let mut numbers: Vec<Numbers> = Vec::new();
        for (rule, _, guess) in found {
            let is_same = |other: &Numbers| other.number == guess.number;
            // Of the same number, a rule that tells what is missing makes one that does not needless.
            if numbers.iter().any(is_same) && (rule == 2 || guess.scope != Scope::Connection) {
                continue;
            }
            numbers.push(guess);
        }
        numbers.truncate(GUESSES_MAX);
        numbers
    }

    /// What is in most messages first, then what is closest to now: of several times of a message,
    /// the last is when it was sent.
    fn times(&self) -> Vec<Times> {
        let mut times: Vec<Times> = Vec::new();
        for ((spot, unit), seen) in &self.times {
            times.push(Times {
                path: self.places[*spot].clone(),
                unit: UNITS.get(usize::from(*unit)).copied().unwrap_or(TimeUnit::Rfc3339),
                before_ms: (seen.before_ms * 1e3).round() / 1e3,
                share: self.share(seen.seen),
            });
        }
        times.sort_by(|a, b| {
            let (a_off, b_off) = (a.before_ms.abs(), b.before_ms.abs());
            b.share.total_cmp(&a.share).then(a_off.total_cmp(&b_off)).then(a.path.cmp(&b.path))
        });
        times.truncate(GUESSES_MAX);
        times
    }
}

const UNITS: [TimeUnit; 4] =
    [TimeUnit::Seconds, TimeUnit::Millis, TimeUnit::Micros, TimeUnit::Nanos];

fn order(unit: TimeUnit) -> u8 {
    // There are five.
    UNITS.iter().position(|known| *known == unit).unwrap_or(UNITS.len()) as u8
}

/// Whether the last key of this path is what sequence numbers are called.
fn is_named(path: &str) -> bool {
    let last = path.rsplit(['.', '[']).next().unwrap_or(path).trim_matches(['"', ']']);
    let last = last.to_ascii_lowercase();
    SEQUENCE_NAMES.contains(&last.as_str())
}

/// The places of texts that are times, and those times in seconds.
fn times_in(value: &Value, path: &mut String, found: &mut Vec<(String, f64)>) {
    if found.len() == TEXTS_MAX {
        return;
    }
    let length = path.len();
    match value {
        Value::Object(object) => {
            for (key, value) in object.iter().take(TEXTS_MAX) {
                let is_plain = !key.is_empty() && !key.contains(['.', '[', ']', '"', '\\']);
                match (is_plain, length) {
                    (true, 0) => path.push_str(key),
                    (true, _) => {
                        path.push('.');
                        path.push_str(key);
                    }
                    (false, _) => path.push_str(&format!("[{}]", Value::from(key.as_str()))),
                }
                times_in(value, path, found);
                path.truncate(length);
            }
        }
        Value::Array(items) => {
            if let Some(first) = items.first() {
                path.push_str("[0]");
                times_in(first, path, found);
                path.truncate(length);
            }
        }
        Value::String(text) if length > 0 && (20..=40).contains(&text.len()) => {
            if let Ok(time) = DateTime::parse_from_rfc3339(text) {
                found.push((path.clone(), time.timestamp_micros() as f64 / 1e6));
            }
        }
        _ => {}
    }
}

impl fmt::Display for Heard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Heard { messages, listened_ms, channels_count, fields_count, .. } = self;
        write!(
            f,
            "{messages} messages in {:.1} s, with {channels_count} channels and {fields_count} \
             fields.",
            listened_ms / 1e3
        )?;
        if let Some(Numbers { number, .. }) = self.numbers.first() {
            write!(f, " Sequence numbers seem to be at {number}.")?;
        }
        if let Some(Times { path, .. }) = self.times.first() {
            write!(f, " The time seems to be at {path}.")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decode::Part;
    use crate::profile::Profile;
    use crate::record::Time;

    /// 2026-11-21T10:00:00Z.
    const NOW_MS: i64 = 1_795_255_200_000;

    fn heard(messages: impl IntoIterator<Item = String>) -> Heard {
        let mut decoder = Decoder::new(&Profile::from_url("ws://a/")).unwrap();
        let mut listener = Listener::default();
        let mut parts = Vec::new();
        for (at, message) in messages.into_iter().enumerate() {
            let arrival = Time((NOW_MS + at as i64) * 1_000_000);
            decoder.decode(message.as_bytes(), true, arrival, &mut parts);
            for part in parts.drain(..) {
                let Part::Message(decoded) = part else { panic!("{message}") };
                let is_data = decoded.kind.has_data();
                listener.note(message.as_bytes(), true, is_data, &decoded.record, &decoder);
            }
            decoder.forget_new_fields();
        }
        listener.heard(Duration::from_secs(1))
    }

    fn first(heard: &Heard) -> Option<(SequenceRule, Scope, &str)> {
        let numbers = heard.numbers.first()?;
        Some((numbers.rule, numbers.scope, &numbers.number))
    }

    #[test]
    fn what_came_is_counted_by_channel() {
        let heard = heard((0..10).map(|n| {
            let channel = if n % 5 == 0 { "book" } else { "trades" };
            format!(r#"{{"channel":"{channel}","price":{},"size":"1.5"}}"#, 100 - n)
        }));
        assert_eq!((heard.messages, heard.texts, heard.channels_count), (10, 10, 2));
        let told: Vec<_> =
            heard.channels.iter().map(|c| (c.name.as_str(), c.messages, c.fields.len())).collect();
        assert_eq!(told, [("book", 2, 2), ("trades", 8, 2)]);
        assert_eq!((heard.numbers, heard.times), (vec![], vec![]));
    }

    #[test]
    fn each_channel_is_counted_once_however_many_there_are() {
        let channels = CHANNELS_MAX + 7;
        let heard =
            heard((0..channels * 3).map(|n| format!(r#"{{"channel":"c{}","x":1}}"#, n % channels)));
        assert_eq!((heard.channels_count, heard.fields_count), (57, 57));
        assert_eq!(heard.channels.len(), CHANNELS_MAX);
        assert!(heard.channels.iter().all(|channel| channel.messages == 3));
    }

    #[test]
    fn numbers_that_rise_by_one_are_found_with_their_scope() {
        let by_connection = heard((0..9).map(|n| {
            format!(r#"{{"channel":"c{}","sequence_num":{},"price":{}}}"#, n % 2, n + 7, n % 3)
        }));
        let expected = (SequenceRule::Increment, Scope::Connection, "sequence_num");
        assert_eq!(first(&by_connection), Some(expected));
        assert_eq!(by_connection.numbers[0].steps, 8);
        let by_channel = heard((0..12).map(|n| {
            format!(r#"{{"channel":"c{}","data":{{"seq":{}}}}}"#, n % 2, n / 2 + (n % 2) * 1_000)
        }));
        let expected = (SequenceRule::Increment, Scope::Channel, "data.seq");
        assert_eq!(first(&by_channel), Some(expected));
    }

    #[test]
    fn ranges_and_links_are_told_from_numbers_that_merely_leap() {
        let ranges = heard(
            (0..6).map(|n| format!(r#"{{"e":"depth","U":{},"u":{}}}"#, n * 5 + 1, n * 5 + 5)),
        );
        assert_eq!(first(&ranges), Some((SequenceRule::Range, Scope::Connection, "u")));
        assert_eq!(ranges.numbers[0].first.as_deref(), Some("U"));
        let links = heard((0..6).map(|n| {
            format!(
                r#"{{"id":{},"last_id":{}}}"#,
                n * n + 5,
                match n {
                    0 => 0,
                    n => (n - 1) * (n - 1) + 5,
                }
            )
        }));
        assert_eq!(first(&links), Some((SequenceRule::Previous, Scope::Connection, "id")));
        assert_eq!(links.numbers[0].previous.as_deref(), Some("last_id"));
        let leaps =
            heard([3, 9, 10, 40, 41].map(|n| format!(r#"{{"trade_id":{n},"volume":{n}}}"#)));
        assert_eq!(first(&leaps), Some((SequenceRule::Sparse, Scope::Connection, "trade_id")));
        assert_eq!(leaps.numbers.len(), 1, "what merely rises and is called volume is none");
        assert_eq!(first(&heard([1, 2, 2, 3, 4].map(|n| format!(r#"{{"seq":{n}}}"#)))), None);
    }

    #[test]
    fn times_are_found_with_their_units() {
        let found = heard((0..5).map(|n| {
            format!(
                r#"{{"t":{},"old":{},"at":"2026-11-21T10:00:00.00{n}Z","us":"{}","price":17}}"#,
                NOW_MS + n - 20,
                NOW_MS / 1_000 - 3_000,
                (NOW_MS + n - 1_000) * 1_000,
            )
        }));
        let told: Vec<_> = found.times.iter().map(|t| (t.path.as_str(), t.unit)).collect();
        assert_eq!(
            told,
            [
                ("at", TimeUnit::Rfc3339),
                ("t", TimeUnit::Millis),
                ("us", TimeUnit::Micros),
                ("old", TimeUnit::Seconds)
            ]
        );
        assert_eq!(found.times[1].before_ms, 20.0);
        // A time is no sequence number, though it rises.
        assert_eq!(found.numbers, vec![]);
    }
}
