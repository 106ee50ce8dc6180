//! Messages that come in pieces. Every piece ends in one of three ways: part of a whole message,
//! given up with the others of its message, or refused by itself.

use super::Part;
use super::error::DecodeError;
use super::number::Number;
use super::roles::{Caught, RoleId, Roles};
use crate::profile::{self, Encoding};
use crate::record::Time;
use base64::Engine;
use base64::prelude::BASE64_STANDARD_NO_PAD;
use std::collections::{BTreeMap, VecDeque};

/// What a piece takes beside its bytes, so that empty ones cannot fill the memory.
const PIECE_BYTES: usize = 64;

#[derive(Debug)]
pub(super) struct Chunks {
    settings: profile::Chunks,
    id: RoleId,
    index: RoleId,
    total: RoleId,
    data: RoleId,
    /// The oldest first.
    unfinished: VecDeque<Unfinished>,
    /// What they take together.
    bytes: usize,
}

#[derive(Debug)]
struct Unfinished {
    id: Box<str>,
    total: u64,
    pieces: BTreeMap<u64, Vec<u8>>,
    /// How many came, those that came twice included.
    received: u64,
    bytes: usize,
    since: Time,
}

/// A piece, as a message has it.
struct Piece<'m> {
    id: &'m str,
    /// From 0.
    index: u64,
    total: u64,
    data: Vec<u8>,
}

/// What a message is that may be a piece.
pub(super) enum Joined {
    /// It is none.
    NoPiece,
    /// It is one, and what became of it is among the parts.
    Taken,
    /// It was the last, and this is the message.
    Whole(Vec<u8>),
}

impl Chunks {
    pub fn new(settings: &profile::Chunks, roles: &mut Roles) -> Self {
        Chunks {
            id: roles.add(&settings.id),
            index: roles.add(&settings.index),
            total: roles.add(&settings.total),
            data: roles.add(&settings.data),
            settings: settings.clone(),
            unfinished: VecDeque::new(),
            bytes: 0,
        }
    }

    /// Whether the pieces together are text.
    pub fn are_text(&self) -> bool {
        self.settings.encoding == Encoding::Text
    }

    /// Takes the message that was just read, if it is a piece.
    pub fn take(&mut self, caught: &Caught, arrival: Time, parts: &mut Vec<Part>) -> Joined {
        let (Some(id), Some(index), Some(total), Some(data)) = (
            caught.key(self.id),
            caught.number(self.index),
            caught.number(self.total),
            caught.text_of(self.data),
        ) else {
            return Joined::NoPiece;
        };
        let piece = self.piece(&id, index, total, data);
        match piece.and_then(|piece| self.add(piece, arrival, parts)) {
            Ok(Some(whole)) => Joined::Whole(whole),
            Ok(None) => {
                parts.push(Part::Piece);
                Joined::Taken
            }
            Err(error) => {
                parts.push(Part::Undecodable(error));
                Joined::Taken
            }
        }
    }

    fn piece<'m>(
        &self,
        id: &'m str,
        index: Number,
        total: Number,
        data: &str,
    ) -> Result<Piece<'m>, DecodeError> {
        let (Number::Natural(number), Number::Natural(total)) = (index, total) else {
            return Err(refused(id, "its number, or how many there are, is no natural number"));
        };
        let first = self.settings.first_index;
        let Some(index) = number.checked_sub(first).filter(|index| *index < total) else {
            let what = format!("it says that it is number {number} of {total}, from {first} on");
            return Err(refused(id, &what));
        };
        // Whether it makes sense beside the others shows only once they are put together.
        if !self.are_text()
            && let Some(other) = data.chars().find(|char| !is_of_base64(*char))
        {
            return Err(refused(id, &format!("it is not Base64: it has {other:?} in it")));
        }
        Ok(Piece { id, index, total, data: data.as_bytes().to_vec() })
    }

    /// Adds a piece; returns the message if it is whole now.
    fn add(
        &mut self,
        piece: Piece<'_>,
        arrival: Time,
        parts: &mut Vec<Part>,
    ) -> Result<Option<Vec<u8>>, DecodeError> {
        let mut at = self.unfinished.iter().position(|one| *one.id == *piece.id);
        if let Some(one) = at.and_then(|at| self.unfinished.get(at)) {
            let known = one.pieces.get(&piece.index);
            if one.total != piece.total || known.is_some_and(|known| *known != piece.data) {
                // The sender has begun anew.
                self.give_up_at(&mut at, "another message of the same id began", parts);
            }
        }
        let known = at.and_then(|at| self.unfinished.get_mut(at));
        if let Some(one) = known
            && one.pieces.contains_key(&piece.index)
        {
            one.received += 1;
            return Ok(None);
        }
        let new = if at.is_none() { PIECE_BYTES + piece.id.len() } else { 0 };
        let more = PIECE_BYTES + piece.data.len() + new;
        let own = at.and_then(|at| self.unfinished.get(at)).map_or(0, |one| one.bytes);
        if own.saturating_add(more) > self.settings.bytes_max {
            self.give_up_at(&mut at, "it is larger than the profile allows", parts);
            return Err(refused(piece.id, "its message is larger than the profile allows"));
        }
        while self.bytes.saturating_add(more) > self.settings.bytes_max {
            // What is older than the message that this is a piece of moves that one up.
            let oldest = usize::from(at == Some(0));
            at = at.map(|at| if at > oldest { at - 1 } else { at });
            self.give_up_at(&mut Some(oldest), "there was no room for it beside others", parts);
        }
        let at = match at {
            Some(at) => at,
            None => {
                while self.unfinished.len() >= self.settings.unfinished_max.max(1) {
                    self.give_up_at(&mut Some(0), "too many others began after it", parts);
                }
                self.unfinished.push_back(Unfinished {
                    id: piece.id.into(),
                    total: piece.total,
                    pieces: BTreeMap::new(),
                    received: 0,
                    bytes: 0,
                    since: arrival,
                });
                self.unfinished.len() - 1
            }
        };
        let Some(one) = self.unfinished.get_mut(at) else { return Ok(None) };
        one.pieces.insert(piece.index, piece.data);
        one.bytes += more;
        self.bytes += more;
        if (one.pieces.len() as u64) < one.total {
            one.received += 1;
            return Ok(None);
        }
        let Some(one) = self.remove(at) else { return Ok(None) };
        let mut whole = Vec::with_capacity(one.pieces.values().map(Vec::len).sum());
        for piece in one.pieces.into_values() {
            whole.extend_from_slice(&piece);
        }
        let whole = if self.are_text() { Ok(whole) } else { bytes_of_base64(&whole) };
        if one.received > 0 {
            parts.push(match &whole {
                Ok(_) => Part::Joined(one.received),
                Err(error) => Part::GivenUp(one.received, not_base64(&one.id, error)),
            });
        }
        whole.map(Some).map_err(|error| not_base64(&one.id, &error))
    }

    /// Gives up what has taken too long.
    pub fn expire(&mut self, now: Time, parts: &mut Vec<Part>) {
        let wait_max = self.settings.wait_max;
        while self.unfinished.front().is_some_and(|one| now.since(one.since) > wait_max) {
            self.give_up_at(&mut Some(0), "the rest of it did not come in time", parts);
        }
    }

    /// Gives up everything: the session is over.
    pub fn session_started(&mut self, parts: &mut Vec<Part>) {
        while !self.unfinished.is_empty() {
            self.give_up_at(&mut Some(0), "the connection ended before the rest of it came", parts);
        }
    }

    fn give_up_at(&mut self, at: &mut Option<usize>, why: &str, parts: &mut Vec<Part>) {
        if let Some(one) = at.take().and_then(|at| self.remove(at)) {
            let error = DecodeError::new(format!(
                "The message “{}” came in pieces, and was given up after {} of {}: {why}",
                shown(&one.id),
                one.pieces.len(),
                one.total
            ));
            parts.push(Part::GivenUp(one.received, error));
        }
    }

    fn remove(&mut self, at: usize) -> Option<Unfinished> {
        let one = self.unfinished.remove(at)?;
        self.bytes = self.bytes.saturating_sub(one.bytes);
        Some(one)
    }
}

fn is_of_base64(char: char) -> bool {
    char.is_ascii_alphanumeric() || matches!(char, '+' | '/' | '=')
}

/// Some senders encode each piece, others cut into pieces what they encoded, wherever that is; and
/// padding, which ends what was encoded as one, is not always there.
fn bytes_of_base64(text: &[u8]) -> Result<Vec<u8>, base64::DecodeError> {
    let mut bytes = Vec::with_capacity(text.len());
    for one in text.split(|byte| *byte == b'=') {
        BASE64_STANDARD_NO_PAD.decode_vec(one, &mut bytes)?;
    }
    Ok(bytes)
}

fn not_base64(id: &str, error: &base64::DecodeError) -> DecodeError {
    let id = shown(id);
    DecodeError::new(format!("Put together, the pieces of “{id}” are not Base64: {error}"))
}

fn refused(id: &str, what: &str) -> DecodeError {
    DecodeError::new(format!("A piece of the message “{}” is of no use: {what}", shown(id)))
}

/// As much of an id as a sentence can bear.
fn shown(id: &str) -> String {
    const SHOWN_MAX: usize = 64;
    id.chars().take(SHOWN_MAX).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::HashMap;
    use std::time::Duration;

    const BYTES_MAX: usize = 2_000;
    const UNFINISHED_MAX: usize = 3;
    const WAIT_MAX: Duration = Duration::from_secs(5);

    fn chunks() -> Chunks {
        let path = |name| profile::Path::key(name);
        let settings = profile::Chunks {
            id: path("id"),
            index: path("index"),
            total: path("total"),
            data: path("data"),
            first_index: 0,
            encoding: Encoding::Text,
            unfinished_max: UNFINISHED_MAX,
            bytes_max: BYTES_MAX,
            wait_max: WAIT_MAX,
        };
        Chunks::new(&settings, &mut Roles::default())
    }

    proptest! {
        /// In any order, twice, mixed with others, with lies about how many there are, and with
        /// time passing: each piece that came is in the end part of a message, given up or refused,
        /// once; what is whole is what was sent; and the memory stays within its bound.
        #[test]
        fn every_piece_is_accounted_for_once(
            pieces in prop::collection::vec((0u8..6, 0u64..5, 1u64..5, 0usize..400, 0i64..2_000_000_000), 0..200)
        ) {
            let mut chunks = chunks();
            let (mut parts, mut now) = (Vec::new(), Time(0));
            let (mut held, mut received, mut settled) = (0u64, 0u64, 0u64);
            let mut wholes = 0u64;
            for (id, index, total, size, later) in pieces {
                now = now + Duration::from_nanos(later.unsigned_abs());
                chunks.expire(now, &mut parts);
                let id = id.to_string();
                // The content follows from the place, mostly.
                let size = if size > 300 { size } else { 10 * index as usize };
                let data = "x".repeat(size);
                let (index, total) = (Number::Natural(index), Number::Natural(total));
                received += 1;
                let piece = chunks.piece(&id, index, total, &data);
                match piece.and_then(|piece| chunks.add(piece, now, &mut parts)) {
                    Ok(Some(_)) => {
                        wholes += 1;
                        settled += 1;
                    }
                    Ok(None) => held += 1,
                    Err(_) => settled += 1,
                }
                for part in parts.drain(..) {
                    match part {
                        Part::Joined(count) | Part::GivenUp(count, _) => {
                            prop_assert!(count > 0 && count <= held);
                            held -= count;
                            settled += count;
                        }
                        other => prop_assert!(false, "{:?}", other),
                    }
                }
                prop_assert_eq!(held + settled, received);
                prop_assert_eq!(held, chunks.unfinished.iter().map(|one| one.received).sum::<u64>());
                prop_assert!(chunks.bytes <= BYTES_MAX && chunks.unfinished.len() <= UNFINISHED_MAX);
                let really: usize = chunks.unfinished.iter().flat_map(|one| one.pieces.values()).map(Vec::len).sum();
                prop_assert!(really <= chunks.bytes);
            }
            chunks.session_started(&mut parts);
            let given_up: u64 = parts.iter().map(|part| match part {
                Part::GivenUp(count, _) => *count,
                _ => 0,
            }).sum();
            prop_assert_eq!(settled + given_up, received);
            prop_assert_eq!(chunks.bytes, 0);
            prop_assert!(wholes <= received);
        }

        /// Without loss, every message becomes whole, whatever the order and however many of them
        /// are under way at once.
        #[test]
        fn nothing_is_lost_where_there_is_room(
            messages in prop::collection::vec("[a-zäß]{1,40}", 1..=UNFINISHED_MAX),
            cuts in prop::collection::vec(1usize..6, UNFINISHED_MAX),
            order in prop::collection::vec(any::<u64>(), 20),
            twice in prop::collection::vec(any::<bool>(), 20),
        ) {
            let mut pieces = Vec::new();
            for (id, message) in messages.iter().enumerate() {
                let letters: Vec<char> = message.chars().collect();
                let parts: Vec<String> = letters.chunks(letters.len().div_ceil(cuts[id])).map(|part| part.iter().collect()).collect();
                let total = parts.len() as u64;
                for (index, part) in parts.into_iter().enumerate() {
                    pieces.push((id, index as u64, total, part));
                }
            }
            let mut at: Vec<usize> = (0..pieces.len()).collect();
            at.sort_by_key(|at| order[*at]);
            let mut chunks = chunks();
            let mut found = HashMap::new();
            let mut parts = Vec::new();
            for (nth, at) in at.into_iter().enumerate() {
                let (id, index, total, part) = &pieces[at];
                for _ in 0..=usize::from(twice[nth]) {
                    // One that comes again after the last would begin anew.
                    if found.contains_key(id) {
                        continue;
                    }
                    let name = id.to_string();
                    let piece = chunks.piece(&name, Number::Natural(*index), Number::Natural(*total), part).unwrap();
                    if let Some(whole) = chunks.add(piece, Time(0), &mut parts).unwrap() {
                        found.insert(*id, String::from_utf8(whole).unwrap());
                    }
                }
            }
            for (id, message) in messages.iter().enumerate() {
                prop_assert_eq!(found.get(&id), Some(message));
            }
            prop_assert!(parts.iter().all(|part| matches!(part, Part::Joined(_))));
        }
    }

    #[test]
    fn what_is_given_up_says_why() {
        let mut chunks = chunks();
        let mut parts = Vec::new();
        let mut add = |chunks: &mut Chunks, id: &str, index, total, data: &str, now| {
            let piece = chunks.piece(id, Number::Natural(index), Number::Natural(total), data)?;
            chunks.add(piece, now, &mut parts)
        };
        assert_eq!(add(&mut chunks, "a", 0, 2, "x", Time(0)), Ok(None));
        assert_eq!(add(&mut chunks, "a", 0, 2, "y", Time(0)), Ok(None), "another of the same id");
        assert_eq!(add(&mut chunks, "a", 1, 3, "y", Time(0)), Ok(None), "another total");
        for id in ["b", "c", "d"] {
            assert_eq!(add(&mut chunks, id, 1, 2, "z", Time(0)), Ok(None));
        }
        let large = "x".repeat(BYTES_MAX);
        let error = add(&mut chunks, "d", 0, 2, &large, Time(0)).unwrap_err();
        assert_eq!(
            error.to_string(),
            "A piece of the message “d” is of no use: its message is larger than the profile allows"
        );
        let error = add(&mut chunks, "e", 2, 2, "", Time(0)).unwrap_err();
        assert_eq!(
            error.to_string(),
            "A piece of the message “e” is of no use: it says that it is number 2 of 2, from 0 on"
        );
        // As large as it may be, beside nothing else.
        let large = "x".repeat(BYTES_MAX - 2 * PIECE_BYTES - 1);
        assert_eq!(add(&mut chunks, "f", 0, 2, &large, Time(0)), Ok(None));
        chunks.expire(Time(0) + WAIT_MAX, &mut parts);
        chunks.expire(Time(1) + WAIT_MAX, &mut parts);
        let given_up = parts.iter().map(|part| match part {
            Part::GivenUp(1, why) => why.to_string(),
            other => panic!("{other:?}"),
        });
        let said = |id, why| {
            format!("The message “{id}” came in pieces, and was given up after 1 of {why}")
        };
        assert_eq!(
            given_up.collect::<Vec<_>>(),
            [
                said("a", "2: another message of the same id began"),
                said("a", "2: another message of the same id began"),
                said("a", "3: too many others began after it"),
                said("d", "2: it is larger than the profile allows"),
                said("b", "2: there was no room for it beside others"),
                said("c", "2: there was no room for it beside others"),
                said("f", "2: the rest of it did not come in time"),
            ]
        );
    }
}
