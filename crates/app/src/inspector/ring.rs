//! The latest messages of a feed, as many as there is room for.
//!
//! While nobody looks, a few are kept, so that whoever does look sees something at once. What is not
//! kept is counted: messages are numbered by the feed, so that between any two that are kept it is
//! known how many are not.

use super::message::{Kind, Message, New, Place};
use feedscope_feed::{Direction, Fate, Time};
use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard};
use std::time::Duration;

/// How much is kept, and how fast.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Room {
    pub messages: usize,
    pub bytes: usize,
    /// Of one message. The rest of it is not kept.
    pub message_bytes: usize,
    /// What may come in, each so often; what is left over adds up to `messages` and `bytes`.
    every: Duration,
    messages_each: usize,
    bytes_each: usize,
}

/// While somebody looks. What comes faster than this would be gone within a second; what is kept of
/// it follows without a break for as long as it can be, a tenth of what comes in a second each time.
pub(crate) const OPEN: Room = Room {
    messages: 20_000,
    bytes: 16 << 20,
    message_bytes: 4 << 20,
    every: Duration::from_millis(100),
    messages_each: 2_000,
    bytes_each: 1_600 << 10,
};

/// While nobody does: nearly nothing, in time and memory, of each of many feeds.
pub(crate) const CLOSED: Room = Room {
    messages: 200,
    bytes: 256 << 10,
    message_bytes: 16 << 10,
    every: Duration::from_secs(1),
    messages_each: 100,
    bytes_each: 128 << 10,
};

/// The time over which is told how many come and how many of those are kept.
const PACE: Duration = Duration::from_secs(1);
const PACE_EVERY: Duration = Duration::from_millis(100);

/// A feed's messages, shared between it and those who look.
#[derive(Debug, Default)]
pub(crate) struct Tap {
    lookers: AtomicUsize,
    ring: Mutex<Ring>,
}

/// Which of the messages that come are kept: told apart where they come in, without a lock.
#[derive(Debug)]
pub(crate) struct Measure {
    room: Room,
    since: Time,
    messages: usize,
    bytes: usize,
}

/// See the [module](self).
#[derive(Debug)]
pub(crate) struct Ring {
    messages: VecDeque<Arc<Message>>,
    bytes: usize,
    room: Room,
    next_serial: u64,
    /// Those that left to make room.
    left: u64,
    last_received: Option<(u64, Time)>,
    last_sent: Option<Time>,
    /// How many were kept, and the number of the last one received, at moments over the last second.
    paces: VecDeque<(Time, u64, u64)>,
    received_kept: u64,
}

/// How many messages come, and how many of them are kept, a second.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Pace {
    pub received: f64,
    pub kept: f64,
}

impl Tap {
    pub fn room(&self) -> Room {
        if self.lookers.load(Ordering::Relaxed) > 0 { OPEN } else { CLOSED }
    }

    pub fn ring(&self) -> MutexGuard<'_, Ring> {
        crate::shared::lock(&self.ring)
    }

    pub fn opened(&self) {
        self.lookers.fetch_add(1, Ordering::Relaxed);
        self.ring().set_room(OPEN);
    }

    pub fn closed(&self) {
        if self.lookers.fetch_sub(1, Ordering::Relaxed) == 1 {
            self.ring().set_room(CLOSED);
        }
    }
}

impl Default for Measure {
    fn default() -> Self {
        Measure { room: CLOSED, since: Time(i64::MIN), messages: 0, bytes: 0 }
    }
}

impl Measure {
    /// How many of those that come now may be kept.
    pub fn next(&mut self, room: Room, now: Time) -> usize {
        if self.room != room {
            *self = Measure { room, since: now, messages: room.messages, bytes: room.bytes };
        }
        // A clock that was set back says nothing of how long it has been.
        if now < self.since || now.since(self.since) >= room.every {
            self.since = now;
            self.messages = (self.messages + room.messages_each).min(room.messages);
            self.bytes = (self.bytes + room.bytes_each).min(room.bytes);
        }
        if self.bytes == 0 { 0 } else { self.messages }
    }

    pub fn took(&mut self, bytes: usize) {
        self.messages = self.messages.saturating_sub(1);
        self.bytes = self.bytes.saturating_sub(bytes.min(self.room.message_bytes));
    }
}

impl Default for Ring {
    fn default() -> Self {
        Ring {
            messages: VecDeque::new(),
            bytes: 0,
            room: CLOSED,
            next_serial: 0,
            left: 0,
            last_received: None,
            last_sent: None,
            paces: VecDeque::new(),
            received_kept: 0,
        }
    }
}

impl Ring {
    pub fn push(&mut self, new: &New<'_>) {
        let place = self.place(new);
        let message = Message::new(new, place, self.room.message_bytes);
        if message.is_received() {
            self.received_kept += 1;
            self.last_received = Some((message.number, message.at));
            self.note_pace(message.at);
        } else if !matches!(message.kind, Kind::Control(_)) {
            self.last_sent = Some(message.at);
        }
        self.next_serial += 1;
        self.bytes += message.bytes();
        self.messages.push_back(Arc::new(message));
        self.make_room();
    }

    fn place(&self, new: &New<'_>) -> Place {
        let before = self.last_received.map_or(0, |(number, _)| number);
        let mut place = Place {
            serial: self.next_serial,
            number: before,
            since_previous_ns: None,
            unkept_before: 0,
        };
        if let Some(followed) = new.followed {
            place.number = followed.number;
            place.unkept_before = followed.number.saturating_sub(before + 1);
            if place.unkept_before == 0 {
                place.since_previous_ns = self.last_received.map(|(_, at)| new.at.0 - at.0);
            }
        } else if new.direction == Direction::Sent && !matches!(new.kind, Kind::Control(_)) {
            place.since_previous_ns = self.last_sent.map(|at| new.at.0 - at.0);
        }
        place
    }

    fn note_pace(&mut self, at: Time) {
        let (Some((number, _)), last) = (self.last_received, self.paces.back()) else { return };
        if last.is_some_and(|(last, ..)| at >= *last && at.since(*last) < PACE_EVERY) {
            return;
        }
        while self
            .paces
            .get(1)
            .is_some_and(|(second, ..)| at < *second || at.since(*second) >= PACE)
        {
            self.paces.pop_front();
        }
        self.paces.push_back((at, self.received_kept, number));
    }

    fn make_room(&mut self) {
        while self.messages.len() > self.room.messages || self.bytes > self.room.bytes {
            let Some(oldest) = self.messages.pop_front() else { return };
            self.bytes -= oldest.bytes();
            self.left += 1;
        }
    }

    fn set_room(&mut self, room: Room) {
        self.room = room;
        self.make_room();
        if self.messages.capacity() > 2 * room.messages {
            self.messages.shrink_to(room.messages);
        }
    }

    /// A received message that was held, or one of those in it, went there.
    pub fn settle(&mut self, number: u64, fate: Fate) {
        let first = self.messages.partition_point(|message| message.number < number);
        let mut found = self.messages.range(first..).take_while(|other| other.number == number);
        if let Some(message) = found.find(|message| message.is_received()) {
            message.settle(fate);
        }
    }

    /// The serial of the oldest, and of the one that comes next.
    pub fn serials(&self) -> (u64, u64) {
        (self.next_serial - self.messages.len() as u64, self.next_serial)
    }

    /// Those from a serial on.
    pub fn since(&self, serial: u64) -> impl Iterator<Item = &Arc<Message>> {
        let (first, _) = self.serials();
        let skip = serial.saturating_sub(first).min(self.messages.len() as u64);
        self.messages.range(skip as usize..)
    }

    pub fn len(&self) -> usize {
        self.messages.len()
    }

    pub fn bytes(&self) -> usize {
        self.bytes
    }

    pub fn left(&self) -> u64 {
        self.left
    }

    /// The number of the last message received that is known of.
    pub fn received(&self) -> u64 {
        self.last_received.map_or(0, |(number, _)| number)
    }

    pub fn received_kept(&self) -> u64 {
        self.received_kept
    }

    pub fn pace(&self, now: Time) -> Pace {
        let lately = |(at, ..): &&(Time, u64, u64)| now.since(*at) >= PACE;
        let Some(since) = self.paces.iter().rev().find(lately).or(self.paces.front()) else {
            return Pace::default();
        };
        let seconds = now.since(since.0).max(PACE_EVERY).as_secs_f64();
        Pace {
            received: (self.received() - since.2) as f64 / seconds,
            kept: (self.received_kept - since.1) as f64 / seconds,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::message::tests::followed;
    use super::*;
    use feedscope_feed::Followed;

    fn push(ring: &mut Ring, followed: &Followed<'_>) {
        ring.push(&New {
            at: followed.arrival_time,
            direction: Direction::Received,
            kind: Kind::Text,
            payload: followed.payload,
            followed: Some(followed),
        });
    }

    fn send(ring: &mut Ring, at: i64) {
        let direction = Direction::Sent;
        ring.push(&New {
            at: Time(at),
            direction,
            kind: Kind::Text,
            payload: b"{}",
            followed: None,
        });
    }

    #[test]
    fn it_is_bounded_by_count_and_by_bytes_and_says_how_many_left() {
        let mut ring = Ring::default();
        ring.set_room(OPEN);
        for number in 1..=25_000 {
            push(&mut ring, &followed(number, b"{}"));
        }
        assert_eq!((ring.len(), ring.left()), (OPEN.messages, 5_000));
        assert_eq!(ring.serials(), (5_000, 25_000));
        let large = vec![b'a'; 1 << 20];
        for number in 25_001..=25_100 {
            push(&mut ring, &followed(number, &large));
        }
        assert!(ring.bytes() <= OPEN.bytes && ring.len() == 15, "{} {}", ring.bytes(), ring.len());
        ring.set_room(CLOSED);
        assert!(ring.bytes() <= CLOSED.bytes);
        assert_eq!(ring.left() + ring.len() as u64, 25_100);
    }

    #[test]
    fn a_huge_message_is_kept_in_part_and_does_not_push_out_all_others() {
        let mut ring = Ring::default();
        ring.set_room(OPEN);
        push(&mut ring, &followed(1, b"{}"));
        push(&mut ring, &followed(2, &vec![b'a'; 60 << 20]));
        let kept: Vec<_> = ring.since(0).map(|one| (one.size, one.payload.len())).collect();
        assert_eq!(kept, [(2, 2), (60 << 20, OPEN.message_bytes)]);
    }

    #[test]
    fn what_is_not_kept_between_two_is_known_and_then_no_time_is() {
        let mut ring = Ring::default();
        for number in [1, 2, 12] {
            push(&mut ring, &followed(number, b"{}"));
        }
        let told: Vec<_> =
            ring.since(0).map(|one| (one.unkept_before, one.since_previous_ns)).collect();
        assert_eq!(told, [(0, None), (0, Some(1_000_000)), (9, None)]);
    }

    #[test]
    fn what_was_held_is_found_between_what_was_sent() {
        let mut ring = Ring::default();
        for number in 1..=3 {
            push(&mut ring, &Followed { fate: Fate::Held, ..followed(number, b"{}") });
            send(&mut ring, number as i64);
        }
        ring.settle(2, Fate::Duplicate);
        ring.settle(7, Fate::Duplicate);
        let verdicts: Vec<_> = ring.since(0).map(|one| one.verdict()).collect();
        use crate::api::Verdict::{Duplicate, Held};
        assert_eq!(verdicts, [Some(Held), None, Some(Duplicate), None, Some(Held), None]);
    }

    #[test]
    fn of_a_flood_a_tenth_of_a_second_is_kept_in_a_row() {
        const A_SECOND: i64 = 1_000_000_000;
        let mut measure = Measure::default();
        let mut kept = 0;
        let mut breaks = 0;
        let mut was_kept = true;
        // Ten seconds of a message each microsecond, read 250 at a time.
        for read in 0..40_000 {
            let now = Time(read * A_SECOND / 4_000);
            let next = measure.next(OPEN, now).min(250);
            (0..next).for_each(|_| measure.took(100));
            kept += next;
            breaks += usize::from(was_kept && next == 0);
            was_kept = next > 0;
        }
        // All that fits at first, then so many a second.
        assert!((210_000..=220_000).contains(&kept), "{kept}");
        assert!((90..=101).contains(&breaks), "{breaks}");
    }

    #[test]
    fn while_nobody_looks_all_of_a_slow_feed_is_kept_and_little_of_a_fast_one() {
        const A_SECOND: i64 = 1_000_000_000;
        let kept_at = |rate: i64| {
            let mut measure = Measure::default();
            let mut kept = 0;
            for number in 0..rate * 10 {
                if measure.next(CLOSED, Time(number * A_SECOND / rate)) > 0 {
                    measure.took(100);
                    kept += 1;
                }
            }
            kept
        };
        assert_eq!(kept_at(50), 500);
        assert!((1_000..=1_200).contains(&kept_at(100_000)), "{}", kept_at(100_000));
    }

    #[test]
    fn bytes_count_as_messages_do_and_a_clock_may_be_set_back() {
        let mut measure = Measure::default();
        assert!(measure.next(CLOSED, Time(5_000_000_000)) > 0);
        (0..20).for_each(|_| measure.took(1 << 20));
        assert_eq!(measure.next(CLOSED, Time(5_000_000_001)), 0, "there is no room for more");
        assert!(measure.next(CLOSED, Time(0)) > 0, "a clock that goes back does not end it");
    }

    #[test]
    fn the_pace_is_of_the_last_second() {
        let mut ring = Ring::default();
        // A thousand a second, of which every tenth is kept.
        for number in (1..=3_000).step_by(10) {
            push(&mut ring, &followed(number, b"{}"));
        }
        let Pace { received, kept } = ring.pace(Time(3_000_000_000));
        assert!((950.0..=1_050.0).contains(&received), "{received}");
        assert!((95.0..=105.0).contains(&kept), "{kept}");
        let later = ring.pace(Time(60_000_000_000));
        assert!(later.received < 60.0, "a feed that is silent slows down: {later:?}");
    }
}
