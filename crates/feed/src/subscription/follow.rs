//! What becomes of one message, put together while it passes, for a sink that follows it.

use super::Followed;
use crate::decode::{DecodeError, Names};
use crate::record::{ChannelId, KeyId, Record, Time};
use crate::sequence::ledger::Fate;

/// Of why a message cannot be read. It may quote what was sent.
const WHY_BYTES_MAX: usize = 500;

/// See the [module](self).
#[derive(Debug, Default)]
pub(super) struct Course {
    of: Option<(ChannelId, Option<KeyId>)>,
    sequence: Option<u64>,
    source_time: Option<Time>,
    messages: u32,
    fate: Option<Fate>,
    is_piece: bool,
    why: Option<String>,
}

impl Course {
    /// It has this message in it. The first says what it is of.
    #[inline(never)]
    pub fn is_of(&mut self, record: &Record) {
        self.messages += 1;
        if self.of.is_none() {
            self.of = Some((record.channel, record.key));
            self.sequence = record.sequence;
            self.source_time = record.source_time;
        }
    }

    /// It, or one of those in it, went there.
    #[inline(never)]
    pub fn went(&mut self, fate: Fate) {
        if self.fate.is_none_or(|known| worth(fate) > worth(known)) {
            self.fate = Some(fate);
        }
    }

    /// It was held, and is not even before it was told.
    #[inline(never)]
    pub fn settled(&mut self, fate: Fate) {
        if self.fate == Some(Fate::Held) {
            self.fate = Some(fate);
        }
    }

    pub fn is_piece(&mut self) {
        self.is_piece = true;
        self.went(Fate::Held);
    }

    pub fn unreadable(&mut self, error: &DecodeError) {
        self.went(Fate::Undecodable);
        let why = self.why.get_or_insert_with(|| error.to_string());
        why.truncate(why.floor_char_boundary(WHY_BYTES_MAX));
    }

    /// All but the message itself.
    pub fn told<'a>(&'a self, number: u64, arrival_time: Time, names: &'a Names) -> Followed<'a> {
        // One in which there was nothing at all has no data.
        let fate = self.fate.unwrap_or(Fate::Control);
        Followed {
            channel: self.of.and_then(|(channel, _)| names.channel(channel)),
            key: self.of.and_then(|(_, key)| names.key(key?)),
            sequence: self.sequence,
            source_time: self.source_time,
            messages: self.messages,
            is_piece: self.is_piece,
            why: self.why.as_deref(),
            ..Followed::nothing(number, arrival_time, fate)
        }
    }
}

impl Followed<'_> {
    /// A message of which nothing is known but where it went.
    pub(super) fn nothing(number: u64, arrival_time: Time, fate: Fate) -> Self {
        Followed {
            number,
            arrival_time,
            is_text: true,
            payload: &[],
            channel: None,
            key: None,
            sequence: None,
            source_time: None,
            messages: 0,
            fate,
            is_piece: false,
            why: None,
        }
    }
}

/// Which of the fates of several messages that came as one is told.
fn worth(fate: Fate) -> u8 {
    match fate {
        Fate::Control => 0,
        Fate::Delivered => 1,
        Fate::Duplicate => 2,
        Fate::Late => 3,
        Fate::Held => 4,
        Fate::Undecodable => 5,
        Fate::Overflow => 6,
    }
}
