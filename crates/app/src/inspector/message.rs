//! One message as it is kept: what came or went over the wire, and what became of it.

use crate::api::{InspectDirection, InspectKind, InspectRow, Verdict};
use feedscope_feed::{Control, Direction, Fate, Followed, Time};
use std::fmt::Write;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};

/// Of a message in the list: as much as fits into a line.
const HEAD_CHARS: usize = 200;
/// Of one that is no text, as two digits each.
const HEAD_BYTES: usize = 64;

/// What a message takes up beside its payload: its place in the list, and names.
const OVERHEAD_BYTES: usize = 256;

/// See the [module](self).
#[derive(Debug)]
pub(crate) struct Message {
    /// Its place among all that were ever kept of its feed.
    pub serial: u64,
    /// Its place among all that were received; of others, that of the last one before.
    pub number: u64,
    pub at: Time,
    pub direction: Direction,
    pub kind: Kind,
    pub channel: Option<Arc<str>>,
    pub key: Option<Arc<str>>,
    pub sequence: Option<u64>,
    pub source: Option<Time>,
    /// How many messages it had in it.
    pub messages: u32,
    pub is_piece: bool,
    /// Why it could not be read.
    pub why: Option<Box<str>>,
    /// How many bytes it had. Of a very large one, fewer are kept.
    pub size: usize,
    pub payload: Box<[u8]>,
    /// How long after the one before that went the same way, if that is known.
    pub since_previous_ns: Option<i64>,
    /// How many were received between the one before and this, and are not kept.
    pub unkept_before: u64,
    fate: AtomicU8,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Text,
    Binary,
    Control(Control),
}

/// A message on its way into the ring, which gives it its place.
#[derive(Debug)]
pub(crate) struct New<'a> {
    pub at: Time,
    pub direction: Direction,
    pub kind: Kind,
    pub payload: &'a [u8],
    /// What became of it, where it was received.
    pub followed: Option<&'a Followed<'a>>,
}

/// What the ring says of a message's place.
pub(super) struct Place {
    pub serial: u64,
    pub number: u64,
    pub since_previous_ns: Option<i64>,
    pub unkept_before: u64,
}

impl Message {
    /// With no more than `bytes_max` of its payload.
    pub(super) fn new(new: &New<'_>, place: Place, bytes_max: usize) -> Self {
        let followed = new.followed;
        let kept = new.payload.get(..bytes_max).unwrap_or(new.payload);
        let text = |text: &str| Arc::<str>::from(text);
        Message {
            serial: place.serial,
            number: place.number,
            at: new.at,
            direction: new.direction,
            kind: new.kind,
            channel: followed.and_then(|of| of.channel).map(text),
            key: followed.and_then(|of| of.key).map(text),
            sequence: followed.and_then(|of| of.sequence),
            source: followed.and_then(|of| of.source_time),
            messages: followed.map_or(0, |of| of.messages),
            is_piece: followed.is_some_and(|of| of.is_piece),
            why: followed.and_then(|of| of.why).map(Box::from),
            size: new.payload.len(),
            payload: kept.into(),
            since_previous_ns: place.since_previous_ns,
            unkept_before: place.unkept_before,
            fate: AtomicU8::new(followed.map_or(NO_FATE, |of| code(of.fate))),
        }
    }

    /// What it takes up in memory.
    pub fn bytes(&self) -> usize {
        self.payload.len() + self.why.as_ref().map_or(0, |why| why.len()) + OVERHEAD_BYTES
    }

    pub fn is_received(&self) -> bool {
        self.direction == Direction::Received && !matches!(self.kind, Kind::Control(_))
    }

    /// It was held until now, and went there.
    pub(super) fn settle(&self, fate: Fate) {
        self.fate.store(code(fate), Ordering::Relaxed);
    }

    /// Where it went; `None` of what is not in the ledger: what was sent, and what is said about the
    /// connection itself.
    pub fn verdict(&self) -> Option<Verdict> {
        let fate = VERDICTS.get(usize::from(self.fate.load(Ordering::Relaxed)))?;
        Some(if self.is_piece && *fate == Verdict::Held { Verdict::Piece } else { *fate })
    }

    /// What it says, if it is text.
    pub fn text(&self) -> Option<&str> {
        self.text_of(&self.payload)
    }

    /// What is kept of a very large text may end within a character, and so may a part.
    fn text_of<'a>(&self, part: &'a [u8]) -> Option<&'a str> {
        match (std::str::from_utf8(part), self.kind) {
            (_, Kind::Binary) => None,
            (Ok(text), _) => Some(text),
            (Err(error), Kind::Text) => std::str::from_utf8(part.get(..error.valid_up_to())?).ok(),
            (Err(_), Kind::Control(_)) => None,
        }
    }

    /// Its channel and key, as fields are listed under them.
    pub fn channel_name(&self) -> Option<String> {
        let channel = self.channel.as_ref()?;
        Some(match &self.key {
            Some(key) => format!("{channel} {key}"),
            None => channel.to_string(),
        })
    }

    /// As the list shows it.
    pub fn row(&self) -> InspectRow {
        let (kind, code) = match self.kind {
            Kind::Text => (InspectKind::Text, None),
            Kind::Binary => (InspectKind::Binary, None),
            Kind::Control(Control::Ping) => (InspectKind::Ping, None),
            Kind::Control(Control::Pong) => (InspectKind::Pong, None),
            Kind::Control(Control::Close(code)) => (InspectKind::Close, Some(code)),
        };
        InspectRow {
            serial: self.serial,
            number: self.is_received().then_some(self.number),
            at_ms: self.at.millis(),
            direction: self.direction.into(),
            kind,
            code,
            channel: self.channel_name(),
            // JavaScript's numbers are not exact beyond 2^53, and feeds count in nanoseconds.
            sequence: self.sequence.map(|sequence| sequence.to_string()),
            size: self.size as u64,
            verdict: self.verdict(),
            messages: self.messages,
            since_previous_ms: self.since_previous_ns.map(|ns| ns as f64 / 1e6),
            unkept_before: self.unkept_before,
            head: self.head(),
        }
    }

    fn head(&self) -> String {
        let start = self.payload.get(..4 * HEAD_CHARS).unwrap_or(&self.payload);
        match self.text_of(start) {
            Some(text) => text.chars().take(HEAD_CHARS).collect(),
            None => {
                let mut head = String::with_capacity(3 * HEAD_BYTES);
                for byte in self.payload.iter().take(HEAD_BYTES) {
                    let space = if head.is_empty() { "" } else { " " };
                    // Writing into a text does not fail.
                    let _ = write!(head, "{space}{byte:02x}");
                }
                head
            }
        }
    }
}

/// In the order of [`code`].
const VERDICTS: [Verdict; 7] = [
    Verdict::Delivered,
    Verdict::Control,
    Verdict::Duplicate,
    Verdict::Late,
    Verdict::Undecodable,
    Verdict::Held,
    Verdict::Overflow,
];
const NO_FATE: u8 = u8::MAX;

fn code(fate: Fate) -> u8 {
    match fate {
        Fate::Delivered => 0,
        Fate::Control => 1,
        Fate::Duplicate => 2,
        Fate::Late => 3,
        Fate::Undecodable => 4,
        Fate::Held => 5,
        Fate::Overflow => 6,
    }
}

impl From<Direction> for InspectDirection {
    fn from(direction: Direction) -> Self {
        match direction {
            Direction::Received => InspectDirection::Received,
            Direction::Sent => InspectDirection::Sent,
        }
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// A received text that was delivered.
    pub(in crate::inspector) fn followed(number: u64, payload: &[u8]) -> Followed<'_> {
        Followed {
            number,
            arrival_time: Time(number as i64 * 1_000_000),
            is_text: true,
            payload,
            channel: None,
            key: None,
            sequence: None,
            source_time: None,
            messages: 1,
            fate: Fate::Delivered,
            is_piece: false,
            why: None,
        }
    }

    pub(in crate::inspector) fn message(followed: &Followed<'_>) -> Message {
        let place = Place {
            serial: followed.number,
            number: followed.number,
            since_previous_ns: None,
            unkept_before: 0,
        };
        let kind = if followed.is_text { Kind::Text } else { Kind::Binary };
        let new = New {
            at: followed.arrival_time,
            direction: Direction::Received,
            kind,
            payload: followed.payload,
            followed: Some(followed),
        };
        Message::new(&new, place, usize::MAX)
    }

    #[test]
    fn a_line_of_the_list_is_short_whatever_the_message() {
        let long = "é".repeat(1_000_000);
        let row = message(&followed(1, long.as_bytes())).row();
        assert_eq!((row.head.chars().count(), row.size), (HEAD_CHARS, 2_000_000));
        let bytes: Vec<u8> = (0..=255).collect();
        let row = message(&Followed { is_text: false, ..followed(1, &bytes) }).row();
        assert!(row.head.starts_with("00 01 02") && row.head.ends_with("3f"), "{}", row.head);
    }

    #[test]
    fn what_was_held_goes_elsewhere_later_and_a_piece_stays_one() {
        let held = message(&Followed { fate: Fate::Held, ..followed(1, b"{}") });
        assert_eq!(held.verdict(), Some(Verdict::Held));
        held.settle(Fate::Late);
        assert_eq!(held.verdict(), Some(Verdict::Late));
        let piece = message(&Followed { fate: Fate::Held, is_piece: true, ..followed(1, b"{}") });
        assert_eq!(piece.verdict(), Some(Verdict::Piece));
    }

    #[test]
    fn every_fate_is_told_as_what_it_is() {
        for (fate, verdict) in [
            (Fate::Delivered, Verdict::Delivered),
            (Fate::Control, Verdict::Control),
            (Fate::Duplicate, Verdict::Duplicate),
            (Fate::Late, Verdict::Late),
            (Fate::Undecodable, Verdict::Undecodable),
            (Fate::Held, Verdict::Held),
            (Fate::Overflow, Verdict::Overflow),
        ] {
            assert_eq!(message(&Followed { fate, ..followed(1, b"") }).verdict(), Some(verdict));
        }
    }
}
