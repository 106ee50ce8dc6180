//! Messages of one kind have nearly all of their bytes in common: keys, punctuation, texts that do
//! not change. This skeleton is learned from messages that were read in the general way
//! ([`lesson`]). A message that has the same one is then read by comparing it, which also is its
//! check, and by taking out what stands between: what it is about is known from the message that
//! last had the same texts there ([`routes`]).
//!
//! What comes out is exactly what the general way would give: a message that might be something
//! else in any respect does not count as having the skeleton, and is left to the general way.

mod lesson;
mod routes;

use super::fields::Fields;
use super::json::{Read, Text, check_escapes, text};
use super::number::Number;
use super::roles::{RoleId, names_channel, write_number, write_text};
use super::texts::{Said, Texts};
use super::time::time_of;
use super::written::Written;
use super::{Decoded, Decoder};
use crate::profile::{Kind, TimeUnit};
use crate::record::{Code, Position, Record, TextId, Time};
use lesson::Lesson;
use routes::{Routes, SaidBy};

/// As many kinds of messages as one connection mostly has. Each may be compared before a message is
/// read in the general way.
const SKELETONS_MAX: usize = 8;

/// A skeleton that so many messages in a row do not have is forgotten.
const MISSES_MAX: u32 = 256;

/// So many lessons may fail to help before there are fewer of them: at first there is much to learn.
const LESSONS: u32 = 32;

/// After a lesson that did not help, so many messages at most are passed over before the next, so
/// that a feed from which nothing can be learned loses next to nothing.
const PAUSE_MAX: u32 = 4_096;

/// A lesson takes the time of a few messages: it helped if so many could be read by what it taught.
const HITS_WORTH_A_LESSON: u32 = 16;

/// A new route is remembered at most every so many messages that have none, so that keys that never
/// repeat cost little.
const ROUTE_EVERY: u32 = 2;

/// The skeletons of one feed's messages.
#[derive(Debug)]
pub(super) struct Skeletons {
    /// By role: its value decides what a message is, and so is the same for all of a skeleton.
    fixed: Vec<bool>,
    known: Vec<Skeleton>,
    /// The one that the last message had.
    last: usize,
    next_id: u32,
    routes: Routes,
    taken: Taken,
    /// The skeleton of the last message is known, but not what such a message is about.
    unrouted: bool,
    route_wait: u32,
    /// The skeleton that the last lesson was about.
    taught: Option<u32>,
    /// How many lessons may still fail to help before there are fewer.
    lessons: u32,
    /// Messages to be passed over before the next lesson, and after it.
    wait: u32,
    pause: u32,
}

/// What messages of one kind have in common.
#[derive(Debug)]
struct Skeleton {
    id: u32,
    lesson: Lesson,
    steps: Vec<Step>,
    /// What may be a field and is no number, in the message's order.
    said: Vec<Place>,
    /// The one that the message had which last followed a message with this one.
    then: usize,
    misses: u32,
    /// Messages read by it since the last lesson about it.
    hits: u32,
}

/// Bytes that are awaited, and what stands after them.
#[derive(Debug)]
struct Step {
    written: Written,
    then: Hole,
}

/// Where a text or a word is.
#[derive(Clone, Debug, PartialEq)]
enum Place {
    /// It is the same in all messages of the skeleton.
    Same(Said, Box<[u8]>),
    /// It is this one of those in [`Taken::said`].
    Taken(usize),
}

/// What is not the same in all messages.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Hole {
    /// A number; whether it is a field, and whether it has a meaning.
    Number {
        listed: bool,
        caught: bool,
    },
    /// A text, up to its quote. Where numbers are fields it must be none; and whether it is one
    /// itself.
    Text {
        listed: bool,
        caught: bool,
        told: bool,
    },
    /// `true`, `false` or `null`; and whether it may be a field.
    Word {
        told: bool,
    },
    /// Nothing: a number that is a field, and always the same because it has a meaning, too.
    Always(f64),
    End,
}

/// What the holes of one message hold.
#[derive(Debug, Default)]
struct Taken {
    /// Numbers that are fields.
    values: Vec<f64>,
    /// What has a meaning.
    caught: Vec<Caught>,
    /// What may be a field and is no number.
    said: Vec<Said>,
}

#[derive(Clone, Copy, Debug)]
struct Caught {
    start: usize,
    end: usize,
    number: Option<Number>,
}

/// What the meaning of what is caught is. All else that a message means is the same for all of a
/// skeleton.
#[derive(Clone, Debug, PartialEq)]
struct Meaning {
    kind: Kind,
    /// Which of the caught name the channel and the key.
    channel: Option<usize>,
    key: Option<usize>,
    position: Option<Numbers>,
    time: Option<(usize, TimeUnit)>,
    cursor: Option<(usize, Form)>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    Number,
    Text,
}

/// The caught numbers of a [`Position`].
#[derive(Clone, Debug, PartialEq)]
struct Numbers {
    sequence: usize,
    last: usize,
    first: Option<usize>,
    previous: Option<usize>,
}

impl Decoder {
    /// Reads a message that has a known skeleton.
    #[inline]
    pub(super) fn decode_known(&mut self, message: &[u8], arrival: Time) -> Option<Decoded> {
        let Decoder { skeletons, fields, cursor, walker, texts, .. } = self;
        let found = skeletons.find(message)?;
        let Skeletons { known, taken, routes, unrouted, .. } = skeletons;
        if walker.places.roles().asks_for(message) {
            return None;
        }
        *unrouted = true;
        let skeleton = known.get_mut(found)?;
        let decoded =
            skeleton.decoded(message, arrival, taken, routes, fields, cursor, Some(texts))?;
        *unrouted = false;
        skeleton.hits = skeleton.hits.saturating_add(1);
        Some(decoded)
    }

    /// Learns from a message that was read in the general way.
    #[inline]
    pub(super) fn learn(&mut self, message: &[u8], decoded: &Decoded) {
        let skeletons = &mut self.skeletons;
        let is_known = std::mem::take(&mut skeletons.unrouted);
        let wait = if is_known { &mut skeletons.route_wait } else { &mut skeletons.wait };
        if *wait > 0 {
            *wait -= 1;
        } else if is_known {
            skeletons.route_wait = ROUTE_EVERY - 1;
            self.learn_route(message, decoded);
        } else {
            self.take_lesson(message, decoded);
        }
    }

    #[inline(never)]
    fn learn_route(&mut self, message: &[u8], decoded: &Decoded) {
        let Some(at) = self.skeletons.find(message) else { return };
        if self.skeletons.route(at, message, decoded, &self.texts).is_some()
            && self.gives(at, message, decoded) == Some(false)
        {
            self.skeletons.remove(at);
        }
    }

    #[inline(never)]
    fn take_lesson(&mut self, message: &[u8], decoded: &Decoded) {
        self.skeletons.judge_last_lesson();
        let Some(lesson) = Lesson::of(self, message, decoded) else { return };
        let Some(at) = self.skeletons.add(lesson) else { return };
        // What was the same in all messages may not be any more.
        self.texts.shake();
        // Looked at once, by what came of it: anything that cannot be told in advance shows.
        let is_learned = self.skeletons.route(at, message, decoded, &self.texts).is_some()
            && self.gives(at, message, decoded) == Some(true);
        if !is_learned {
            self.skeletons.remove(at);
        }
    }

    /// Whether the skeleton gives the same of this message, if it gives anything.
    fn gives(&mut self, at: usize, message: &[u8], decoded: &Decoded) -> Option<bool> {
        let Decoder { skeletons, fields, cursor, walker, texts, .. } = self;
        let Skeletons { known, taken, routes, .. } = skeletons;
        let before = cursor.clone();
        let arrival = decoded.record.arrival_time;
        let given = known.get(at).and_then(|skeleton| {
            skeleton.read(message, taken)?;
            let given = skeleton.decoded(message, arrival, taken, routes, fields, cursor, None)?;
            let said = skeleton.said(taken, message);
            let says_same = texts.found.len() == skeleton.said.len()
                && texts.found.iter().zip(said).all(|((_, general), (said, bytes))| {
                    let is_word = matches!(general, Said::Word(_));
                    let same_text = general.text(&walker.said_bytes) == said.text(bytes);
                    if is_word { *general == said } else { same_text }
                });
            Some(given).filter(|_| says_same)
        });
        let is_same = given.map(|given| given == *decoded && *cursor == before);
        *cursor = before;
        is_same
    }
}

impl Skeletons {
    /// For so many roles, of which these decide what a message is.
    pub fn new(roles: usize, deciding: &[RoleId]) -> Self {
        let mut fixed = vec![false; roles];
        for role in deciding {
            fixed[role.0] = true;
        }
        Skeletons {
            fixed,
            known: Vec::new(),
            last: 0,
            next_id: 0,
            routes: Routes::default(),
            taken: Taken::default(),
            unrouted: false,
            route_wait: 0,
            taught: None,
            lessons: LESSONS,
            wait: 0,
            pause: 0,
        }
    }

    /// Forgets everything: what channels mean has changed.
    pub fn forget(&mut self) {
        self.known.clear();
        self.routes = Routes::default();
    }

    /// Finds the skeleton that a message has, and takes out what it holds.
    #[inline]
    fn find(&mut self, message: &[u8]) -> Option<usize> {
        let Skeletons { known, last, taken, .. } = self;
        let likely = known.get(*last)?.then;
        let mut found = None;
        if let Some(skeleton) = known.get_mut(likely)
            && skeleton.tries(message, taken)
        {
            found = Some(likely);
        }
        let found = match found {
            Some(found) => found,
            None => self.find_unlikely(likely, message)?,
        };
        self.last = found;
        Some(found)
    }

    #[inline(never)]
    fn find_unlikely(&mut self, likely: usize, message: &[u8]) -> Option<usize> {
        let Skeletons { known, last, taken, .. } = self;
        let mut others = known.iter_mut().enumerate().filter(|(at, _)| *at != likely);
        let found = others.find_map(|(at, other)| other.tries(message, taken).then_some(at));
        match found {
            Some(found) => {
                if let Some(last) = known.get_mut(*last) {
                    last.then = found;
                }
            }
            None => {
                let useless = known.iter().position(|skeleton| skeleton.misses > MISSES_MAX);
                useless.into_iter().for_each(|at| self.remove(at));
            }
        }
        found
    }

    /// If the last lesson helped, there may be many more, and otherwise fewer.
    fn judge_last_lesson(&mut self) {
        let taught = self.taught.take();
        let taught = self.known.iter().find(|skeleton| Some(skeleton.id) == taught);
        if taught.is_some_and(|skeleton| skeleton.hits >= HITS_WORTH_A_LESSON) {
            (self.lessons, self.pause) = (LESSONS, 0);
        } else if self.lessons > 0 {
            self.lessons -= 1;
        } else {
            self.pause = (self.pause * 2).clamp(1, PAUSE_MAX);
        }
        self.wait = self.pause;
    }

    /// Adds what was learned, and says where it is: where there is one of the same form, what
    /// differs between the two is what differs between messages.
    fn add(&mut self, lesson: Lesson) -> Option<usize> {
        for (at, skeleton) in self.known.iter_mut().enumerate() {
            if skeleton.lesson.takes_in(&lesson) {
                (skeleton.steps, skeleton.said) = skeleton.lesson.steps();
                skeleton.hits = 0;
                self.taught = Some(skeleton.id);
                return Some(at);
            }
        }
        if self.known.len() >= SKELETONS_MAX {
            let (at, _) =
                self.known.iter().enumerate().max_by_key(|(_, skeleton)| skeleton.misses)?;
            self.remove(at);
        }
        let at = self.known.len();
        let (steps, said) = lesson.steps();
        let (id, misses, hits) = (self.next_id, 0, 0);
        self.known.push(Skeleton { id, lesson, steps, said, then: at, misses, hits });
        self.taught = Some(self.next_id);
        self.next_id = self.next_id.wrapping_add(1);
        Some(at)
    }

    fn remove(&mut self, at: usize) {
        if at < self.known.len() {
            // Others are now elsewhere than where it is said that they are likely: they are found.
            let skeleton = self.known.swap_remove(at);
            self.routes.forget(skeleton.id);
            self.last = 0;
        }
    }

    /// Remembers what came of a message.
    fn route(&mut self, at: usize, message: &[u8], decoded: &Decoded, texts: &Texts) -> Read {
        let Skeletons { known, taken, routes, .. } = self;
        let skeleton = known.get(at)?;
        skeleton.read(message, taken)?;
        let Record { channel, key, fields, .. } = &decoded.record;
        let names = skeleton.texts(message, taken)?;
        let said = &texts.found;
        let fields = fields.iter().map(|(field, _)| *field).collect();
        let said = SaidBy {
            fields: said.iter().map(|(field, _)| *field).collect(),
            unknown: (0..said.len()).filter(|at| said[*at].0.is_none()).collect(),
            known: texts.count(),
            ..SaidBy::default()
        };
        routes.put(skeleton.id, names, *channel, *key, fields, said)
    }
}

impl Skeleton {
    #[inline]
    fn tries(&mut self, message: &[u8], taken: &mut Taken) -> bool {
        let is_read = self.read(message, taken).is_some();
        self.misses = if is_read { 0 } else { self.misses.saturating_add(1) };
        is_read
    }

    /// Takes out of a message what it has at the holes, if it has the skeleton.
    #[inline]
    fn read(&self, message: &[u8], taken: &mut Taken) -> Read {
        taken.values.clear();
        taken.caught.clear();
        taken.said.clear();
        let mut at = 0;
        for Step { written, then } in &self.steps {
            at = written.end(message, at)?;
            match *then {
                Hole::Number { listed, caught } => {
                    let (number, end) = Number::scan(message, at)?;
                    if listed {
                        taken.values.push(number.as_f64());
                    }
                    if caught {
                        taken.caught.push(Caught { start: at, end, number: Some(number) });
                    }
                    at = end;
                }
                Hole::Text { listed, caught, told } => {
                    at = taken.text(message, at, listed, caught, told)?;
                }
                Hole::Word { told } => {
                    let rest = message.get(at..)?;
                    let is = |word: &&[u8]| rest.starts_with(word);
                    let words: [&[u8]; 3] = [b"true", b"false", b"null"];
                    let word = words.iter().find(|word| is(word))?;
                    if told {
                        taken.said.push(Said::word(*word.first()?));
                    }
                    at += word.len();
                }
                Hole::Always(value) => taken.values.push(value),
                Hole::End => return (at == message.len()).then_some(()),
            }
        }
        None
    }

    /// What the message says that may be a field and is no number, each with the bytes that it is
    /// in.
    #[inline]
    fn said<'s>(
        &'s self,
        taken: &'s Taken,
        message: &'s [u8],
    ) -> impl Iterator<Item = (Said, &'s [u8])> {
        (0..self.said.len()).filter_map(move |at| self.said_at(at, taken, message))
    }

    #[inline]
    fn said_at<'s>(
        &'s self,
        at: usize,
        taken: &Taken,
        message: &'s [u8],
    ) -> Option<(Said, &'s [u8])> {
        match self.said.get(at)? {
            Place::Same(said, bytes) => Some((*said, &**bytes)),
            Place::Taken(at) => Some((*taken.said.get(*at)?, message)),
        }
    }

    /// Notes what a message says. What is the same in all messages is not looked at each time.
    #[inline]
    fn note(
        &self,
        by: &mut SaidBy,
        taken: &Taken,
        message: &[u8],
        arrival: Time,
        texts: &mut Texts,
    ) -> Vec<(TextId, Code)> {
        let mut noted = Vec::new();
        if by.fields.is_empty() {
            return noted;
        }
        if by.epoch != Some(texts.epoch()) || arrival >= by.until {
            self.settle(by, taken, message, arrival, texts, &mut noted);
            return noted;
        }
        for at in &by.restless {
            if let Some(Some(field)) = by.fields.get(*at)
                && let Some((said, bytes)) = self.said_at(*at, taken, message)
            {
                texts.note(*field, said, bytes, arrival, &mut noted);
            }
        }
        noted
    }

    /// Notes all that a message says, and which of it need not be noted for a while.
    #[inline(never)]
    fn settle(
        &self,
        by: &mut SaidBy,
        taken: &Taken,
        message: &[u8],
        arrival: Time,
        texts: &mut Texts,
        noted: &mut Vec<(TextId, Code)>,
    ) {
        let mut restless = Vec::new();
        by.until = Time(i64::MAX);
        for (at, field) in by.fields.iter().enumerate() {
            let Some((said, bytes)) = self.said_at(at, taken, message) else { continue };
            let Some(field) = field else { continue };
            texts.note(*field, said, bytes, arrival, noted);
            let is_same = matches!(self.said.get(at), Some(Place::Same(..)));
            match is_same.then(|| texts.rely_on(*field)).flatten() {
                Some(until) => by.until = by.until.min(until),
                None => restless.push(at),
            }
        }
        by.restless = restless.into();
        by.epoch = Some(texts.epoch());
    }

    /// The texts by which it is known what a message is about.
    #[inline]
    fn texts<'m>(&self, message: &'m [u8], taken: &Taken) -> Option<[&'m [u8]; 2]> {
        let mut texts: [&[u8]; 2] = [b"", b""];
        if let Some(at) = self.lesson.meaning.channel {
            let caught = taken.caught.get(at)?;
            texts[0] = caught.name(message)?;
            // A text that is a number would be a field where it names no channel.
            if caught.number.is_none() && !names_channel(std::str::from_utf8(texts[0]).ok()?) {
                return None;
            }
        }
        if let Some(at) = self.lesson.meaning.key {
            texts[1] = taken.caught.get(at)?.name(message)?;
        }
        Some(texts)
    }

    /// Makes a message of what was taken out of one; its texts are noted in `noted`.
    #[inline]
    #[expect(clippy::too_many_arguments, reason = "parts of the decoder, borrowed one by one")]
    fn decoded(
        &self,
        message: &[u8],
        arrival: Time,
        taken: &Taken,
        routes: &mut Routes,
        fields: &mut Fields,
        cursor: &mut Option<String>,
        noted: Option<&mut Texts>,
    ) -> Option<Decoded> {
        let Meaning { kind, position, time, cursor: cursor_at, .. } = &self.lesson.meaning;
        let position = match position {
            Some(numbers) => Some(numbers.position(taken)?),
            None => None,
        };
        let source_time = match time {
            Some((at, unit)) => {
                let caught = taken.caught.get(*at)?;
                // It has one, or means something else.
                Some(time_of(*unit, || caught.number, || caught.text(message))?)
            }
            None => None,
        };
        let route = routes.get(self.id, self.texts(message, taken)?)?;
        if route.fields.len() != taken.values.len() {
            return None;
        }
        if route.said.fields.len() != self.said.len() {
            return None;
        }
        if !route.said.unknown.is_empty() {
            // Meanwhile it may be known.
            if noted.as_ref().is_some_and(|texts| texts.count() != route.said.known) {
                return None;
            }
            // It was null, and is something: which field that is, is for the general way to say.
            let is_null = |at: &usize| {
                self.said_at(*at, taken, message).is_some_and(|(said, _)| said == Said::NULL)
            };
            if !route.said.unknown.iter().all(is_null) {
                return None;
            }
        }
        if let Some((at, form)) = cursor_at {
            let caught = taken.caught.get(*at)?;
            match form {
                Form::Number => write_number(caught.number?, cursor),
                Form::Text => write_text(caught.text(message)?, cursor),
            }
        }
        let mut list = fields.list();
        list.extend(route.fields.iter().copied().zip(taken.values.iter().copied()));
        let texts = match noted {
            Some(texts) => self.note(&mut route.said, taken, message, arrival, texts),
            None => Vec::new(),
        };
        let record = Record {
            channel: route.channel,
            key: route.key,
            sequence: position.map(|position| position.last),
            source_time,
            arrival_time: arrival,
            fields: list,
            texts,
        };
        Some(Decoded { kind: *kind, record, position, signals: Vec::new() })
    }
}

impl Taken {
    /// Takes the text that begins at `at`, and says where it ends.
    #[inline]
    fn text(
        &mut self,
        message: &[u8],
        at: usize,
        listed: bool,
        caught: bool,
        told: bool,
    ) -> Option<usize> {
        let (inner, is_plain) = match text(message, at)? {
            Text::Plain(inner) => (inner, true),
            Text::Escaped(inner) => {
                check_escapes(inner)?;
                (inner, false)
            }
        };
        if listed {
            let is_number = match inner.first() {
                // It may be, once it is read.
                Some(b'\\') => true,
                Some(b'-' | b'0'..=b'9') => !is_plain || Number::read(inner).is_some(),
                _ => false,
            };
            if is_number {
                return None;
            }
        }
        let end = at + inner.len();
        if caught {
            if !is_plain {
                return None;
            }
            self.caught.push(Caught { start: at, end, number: None });
        }
        if told {
            self.said.push(Said::Text { start: at, end, escaped: !is_plain });
        }
        Some(end)
    }

    #[inline]
    fn natural(&self, at: usize) -> Option<u64> {
        match self.caught.get(at)?.number? {
            Number::Natural(number) => Some(number),
            _ => None,
        }
    }
}

impl Caught {
    #[inline]
    fn bytes<'m>(&self, message: &'m [u8]) -> Option<&'m [u8]> {
        message.get(self.start..self.end)
    }

    fn text<'m>(&self, message: &'m [u8]) -> Option<&'m str> {
        std::str::from_utf8(self.bytes(message)?).ok()
    }

    /// What it names: a number with a fraction names nothing. Other numbers have one spelling.
    #[inline]
    fn name<'m>(&self, message: &'m [u8]) -> Option<&'m [u8]> {
        if self.number.is_some_and(|number| !number.is_whole()) {
            return None;
        }
        self.bytes(message)
    }
}

impl Numbers {
    #[inline]
    fn position(&self, taken: &Taken) -> Option<Position> {
        let last = taken.natural(self.last)?;
        let first = match self.first {
            Some(at) => taken.natural(at)?,
            None => last,
        };
        let previous = match self.previous {
            Some(at) => Some(taken.natural(at)?),
            None => None,
        };
        Some(Position { sequence: self.sequence, first, last, previous })
    }
}

#[cfg(test)]
mod tests;
