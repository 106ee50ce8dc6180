//! What a message passes through on its way from the socket to the sink: decoded, put in order,
//! entered into the ledger, and handed on in batches.

use super::follow::Course;
use super::worker::{Worker, now};
use super::{Batch, Direction, Followed, Raw, Sink, Totals};
use crate::book::{BookNews, Reading};
use crate::decode::{Decoded, Part, Signal};
use crate::profile::{Kind, Scope};
use crate::record::{ChannelId, KeyId, Position, Record, Time};
use crate::sequence::asker::Question;
use crate::sequence::ledger::Fate;
use crate::sequence::{ScopeId, Step as SequenceStep};
use crate::trouble;
use std::time::Instant;

/// What takes a place in the sequence.
pub(super) struct Item {
    /// That of the message which it came in.
    number: u64,
    what: What,
    book: Reading,
}

enum What {
    Data(Record),
    /// A control message: when it came.
    Control(Time),
}

impl Item {
    fn fate(&self) -> Fate {
        match self.what {
            What::Data(_) => Fate::Delivered,
            What::Control(_) => Fate::Control,
        }
    }
}

impl<S: Sink> Worker<S> {
    pub(super) fn message(&mut self, bytes: &[u8], is_text: bool, now: Instant, arrival: Time) {
        self.last_message = Some(arrival);
        self.received += 1;
        self.sink.raw(arrival, Raw { direction: Direction::Received, is_text, payload: bytes });
        if self.follow > 0 {
            return self.follow_message(bytes, is_text, now, arrival);
        }
        self.take_message(bytes, is_text, now, arrival);
    }

    /// Takes a message, and tells what became of it.
    #[inline(never)]
    fn follow_message(&mut self, bytes: &[u8], is_text: bool, now: Instant, arrival: Time) {
        self.follow -= 1;
        self.course = Some(Course::default());
        self.take_message(bytes, is_text, now, arrival);
        let course = self.course.take().unwrap_or_default();
        self.sink.followed(&Followed {
            is_text,
            payload: bytes,
            ..course.told(self.received, arrival, self.decoder.names())
        });
    }

    #[inline]
    fn take_message(&mut self, bytes: &[u8], is_text: bool, now: Instant, arrival: Time) {
        if let Some(decoded) = self.decoder.decode_plain(bytes, is_text, arrival) {
            return self.decoded(decoded, bytes, now, arrival);
        }
        let mut parts = std::mem::take(&mut self.parts);
        self.decoder.decode(bytes, is_text, arrival, &mut parts);
        for part in parts.drain(..) {
            self.part(part, bytes, now, arrival);
        }
        self.parts = parts;
    }

    /// A session begins; what belongs to the one before it is over. `resumed` says whether it goes
    /// on where that ended.
    pub(super) fn begin(&mut self, resumed: bool, now: Instant, arrival: Time) {
        let mut parts = std::mem::take(&mut self.parts);
        self.decoder.session_started(&mut parts);
        for part in parts.drain(..) {
            self.part(part, &[], now, arrival);
        }
        self.parts = parts;
        self.gaps.heard(arrival);
        if let Some(rewind) = &mut self.rewind {
            match self.decoder.cursor().filter(|_| resumed) {
                Some(end) => rewind.session_resumed(end),
                None => rewind.session_started(),
            }
        }
        if resumed {
            self.sequencer.session_resumed(&mut self.steps);
        } else {
            self.sequencer.session_started(&mut self.steps);
        }
    }

    fn part(&mut self, part: Part, bytes: &[u8], now: Instant, arrival: Time) {
        match part {
            Part::Message(decoded) => self.decoded(decoded, bytes, now, arrival),
            Part::Undecodable(error) => {
                self.ledger.admit(Fate::Undecodable);
                if let Some(course) = &mut self.course {
                    course.unreadable(&error);
                }
                self.gaps.unreadable(&error);
                self.all_books_unreadable(arrival);
            }
            Part::Piece => {
                self.ledger.admit(Fate::Held);
                if let Some(course) = &mut self.course {
                    course.is_piece();
                }
            }
            Part::Joined(pieces) => (0..pieces).for_each(|_| {
                self.ledger.settle(Fate::Control);
            }),
            Part::GivenUp(pieces, why) => {
                (0..pieces).for_each(|_| {
                    self.ledger.settle(Fate::Undecodable);
                });
                self.gaps.unreadable(&why);
            }
        }
    }

    fn decoded(&mut self, decoded: Decoded, bytes: &[u8], now: Instant, arrival: Time) {
        let Decoded { kind, record, position, signals } = decoded;
        if let Some(course) = &mut self.course {
            course.is_of(&record);
        }
        if !signals.is_empty() {
            self.signalled(signals, bytes, now);
        }
        // It may be live now, which ends an outage: what follows is not of it.
        self.tell_transitions(arrival);
        let scope = position.and_then(|position| {
            self.note_place(position);
            self.sequencer.scope(position.sequence, record.channel, record.key)
        });
        let mut book = Reading::NotLooked;
        let what = if kind.has_data() {
            self.session.data(now);
            // Where it has a number, that tells.
            if position.is_none()
                && let Some(rewind) = &mut self.rewind
                && rewind.is_repeated(bytes, self.decoder.cursor())
            {
                self.decoder.tell_again(&record);
                return self.admit(Fate::Duplicate);
            }
            if self.books_wanted {
                book = self.read_book(kind, &record, bytes);
            }
            // Nearly all messages are the next one.
            let is_next = kind != Kind::Snapshot
                && match (scope, position) {
                    (Some(scope), Some(position)) => self.sequencer.take_next(scope, position),
                    _ => false,
                };
            if is_next {
                self.admit(Fate::Delivered);
                self.gaps.delivered(scope, record.time());
                if self.books_wanted {
                    self.tell_book(&record, &book);
                }
                return self.records.push(record);
            }
            What::Data(record)
        } else {
            What::Control(arrival)
        };
        let item = Item { number: self.received, what, book };
        let snapshot = kind == Kind::Snapshot;
        self.sequencer.accept(now, scope, position, snapshot, bytes.len(), item, &mut self.steps);
        self.settle();
    }

    fn signalled(&mut self, signals: Vec<Signal>, bytes: &[u8], now: Instant) {
        self.session.signalled(now, &signals, || trouble::shown(bytes));
        for signal in signals {
            match signal {
                Signal::Wants(answer) => self.wanted.push(answer),
                Signal::Answers { id, refused } => {
                    let text = || String::from_utf8_lossy(bytes).into_owned();
                    self.outbox.answered(&id, refused, text);
                }
                _ => {}
            }
        }
    }

    fn note_place(&mut self, position: Position) {
        let sequence = self.profile.sequence.get(position.sequence);
        if sequence.is_some_and(|sequence| sequence.scope == Scope::Connection) {
            self.place.at(position.last);
        }
    }

    /// Enters what the sequencer decided into the ledger, the gaps and the batch.
    pub(super) fn settle(&mut self) {
        let mut steps = std::mem::take(&mut self.steps);
        let is_held = |step: &_| matches!(step, SequenceStep::Deliver { was_held: true, .. });
        let is_shuffled = steps.iter().any(is_held);
        // The scope to which a message was just delivered that did not have to wait.
        let mut came_last = None;
        for step in steps.drain(..) {
            match step {
                SequenceStep::Held => self.admit(Fate::Held),
                SequenceStep::Deliver { scope, item, was_held } => {
                    // It was waited for: later ones had come before it.
                    if was_held && scope.is_some() && came_last.take() == scope {
                        self.reordered += 1;
                    } else if !was_held {
                        came_last = scope;
                    }
                    self.enter(&item, item.fate(), was_held);
                    // It was read after what is delivered after it.
                    if is_shuffled && let What::Data(record) = &item.what {
                        self.decoder.tell_again(record);
                    }
                    self.deliver(scope, item.what, &item.book);
                }
                SequenceStep::Duplicate { item, was_held, .. } => {
                    self.enter(&item, Fate::Duplicate, was_held);
                    if let What::Data(record) = &item.what {
                        self.decoder.tell_again(record);
                    }
                }
                SequenceStep::Late { item, .. } => {
                    self.admit(Fate::Late);
                    if let What::Data(record) = item.what {
                        self.decoder.tell_again(&record);
                        self.late.push(record);
                    }
                }
                SequenceStep::Missing {
                    scope,
                    sequence,
                    channel,
                    key,
                    first,
                    last,
                    count,
                    lasts,
                } => {
                    self.gaps.missing(scope, (channel, key), (first, last), count, lasts);
                    self.missing_of_books(sequence, channel, key, first, last);
                    let question = Question { scope, sequence, channel, key, first, last };
                    self.asker.missing(now(), question);
                }
                SequenceStep::Mended { scope } => {
                    self.gaps.mended(scope);
                    self.asker.mended(scope);
                }
            }
        }
        self.steps = steps;
    }

    /// Enters the message that is being taken, or one of those in it.
    #[inline]
    fn admit(&mut self, fate: Fate) {
        self.ledger.admit(fate);
        if let Some(course) = &mut self.course {
            course.went(fate);
        }
    }

    fn enter(&mut self, item: &Item, fate: Fate, was_held: bool) {
        if was_held {
            self.ledger.settle(fate);
            match self.course.as_mut().filter(|_| item.number == self.received) {
                Some(course) => course.settled(fate),
                None => self.sink.settled(item.number, fate),
            }
        } else {
            self.admit(fate);
        }
    }

    fn deliver(&mut self, scope: Option<ScopeId>, what: What, book: &Reading) {
        match what {
            What::Data(record) => {
                self.gaps.delivered(scope, record.time());
                if self.books_wanted {
                    self.tell_book(&record, book);
                }
                self.records.push(record);
            }
            What::Control(arrival) => self.gaps.passed(scope, arrival),
        }
    }

    #[inline(never)]
    fn read_book(&self, kind: Kind, record: &Record, bytes: &[u8]) -> Reading {
        let channel = self.decoder.names().channel(record.channel).unwrap_or_default();
        self.book_reader.read(channel, kind == Kind::Snapshot, self.decoder.plain(bytes))
    }

    /// What a message that is delivered now tells of a book.
    #[inline(never)]
    fn tell_book(&mut self, record: &Record, book: &Reading) {
        let names = self.decoder.names();
        let channel = names.channel(record.channel).unwrap_or_default();
        let key = record.key.and_then(|key| names.key(key));
        let news = match book {
            Reading::Told(message) => BookNews::Told { channel, key, message },
            // It was held since before anyone looked.
            Reading::NotLooked | Reading::Unreadable => BookNews::Unreadable { channel, key },
            Reading::Nothing => return,
        };
        self.sink.book(record.arrival_time, &news);
    }

    fn all_books_unreadable(&mut self, arrival: Time) {
        if self.books_wanted {
            self.sink.book(arrival, &BookNews::AllUnreadable);
        }
    }

    /// Numbers of a sequence did not come.
    fn missing_of_books(
        &mut self,
        sequence: usize,
        channel: Option<ChannelId>,
        key: Option<KeyId>,
        first: u64,
        last: u64,
    ) {
        if !self.books_wanted {
            return;
        }
        let names = self.decoder.names();
        let key = key.and_then(|key| names.key(key));
        let channel = channel.and_then(|channel| names.channel(channel));
        let at = self.arrival();
        let of = self.profile.sequence.get(sequence).map_or(&[][..], |one| &one.channels);
        // Where the sequence is the connection's, and of some channels alone.
        match channel {
            None if !of.is_empty() => {
                for channel in of {
                    let channel = Some(channel.as_str());
                    self.sink.book(at, &BookNews::Missing { channel, key, first, last });
                }
            }
            channel => self.sink.book(at, &BookNews::Missing { channel, key, first, last }),
        }
    }

    /// Gives the sink all there is.
    pub(super) fn hand_on(&mut self) {
        self.gaps.take_closed(&mut self.closed_gaps);
        self.sink.batch(&Batch {
            names: self.decoder.names(),
            fields: self.decoder.new_fields(),
            texts: self.decoder.new_texts(),
            words: self.decoder.new_words(),
            records: &self.records,
            late: &self.late,
            gaps: &self.closed_gaps,
            totals: Totals {
                ledger: self.ledger,
                open_gap: self.gaps.open(),
                lasting_gaps: self.gaps.lasting(),
                gaps: self.gaps.total(),
                missing: self.sequencer.missing(),
                reordered: self.reordered,
                unscoped: self.sequencer.unscoped(),
                last_message: self.last_message,
                fields_unlisted: self.decoder.fields_unlisted(),
                texts_untold: self.decoder.texts_untold(),
                outbox: self.outbox.counts(),
            },
        });
        self.decoder.forget_new_fields();
        for record in self.records.drain(..) {
            self.decoder.give_back(record);
        }
        self.late.clear();
        self.closed_gaps.clear();
    }
}
