//! Which messages came before, in a session that was resumed from before its predecessor's end.
//!
//! Where messages have numbers, those tell. This is for feeds that have a cursor alone: a time,
//! say, that several messages share. A server is asked to start somewhat before the last one, and
//! what then comes again is known by its content.

use std::collections::{HashMap, VecDeque};
use std::hash::{BuildHasher, RandomState};

/// Of how many messages the content is remembered. Beyond, what comes again counts as new: more
/// than a busy feed sends in the few seconds of a usual rewind, and some 4 MB when full.
pub const MESSAGES_MAX: usize = 65_536;

/// Knows what came before, by content.
#[derive(Debug, Default)]
pub struct Rewind {
    hashes: RandomState,
    /// Oldest first.
    order: VecDeque<u64>,
    known: HashMap<u64, Count>,
    session: u64,
    /// Where the session before this one ended, if this one goes on from there, or before.
    end: Option<Cursor>,
    is_passed: bool,
    /// How many messages this session has brought without passing `end`.
    came: usize,
}

/// How often messages of the same content came.
#[derive(Debug, Default)]
struct Count {
    /// Of those that are remembered.
    known: u32,
    session: u64,
    /// In `session`.
    again: u32,
}

/// Cursors that are numbers have an order.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Cursor {
    Number(u64),
    Text,
}

impl From<&str> for Cursor {
    fn from(cursor: &str) -> Self {
        cursor.parse().map_or(Cursor::Text, Cursor::Number)
    }
}

impl Rewind {
    /// A session began that starts from nothing.
    pub fn session_started(&mut self) {
        *self = Rewind { hashes: std::mem::take(&mut self.hashes), ..Rewind::default() };
    }

    /// A session began that goes on at `end`, the latest cursor of the one before, or before that.
    pub fn session_resumed(&mut self, end: &str) {
        let end = Cursor::from(end);
        // A session that ended before it had caught up did not see the end anew.
        self.end = match (&self.end, &end) {
            (Some(Cursor::Number(before)), Cursor::Number(now)) if !self.is_passed => {
                Some(Cursor::Number(*before.max(now)))
            }
            _ => Some(end),
        };
        self.session += 1;
        self.is_passed = false;
        self.came = 0;
    }

    /// Takes note of a data message and its cursor, and tells whether it came before: then it is a
    /// duplicate.
    pub fn is_repeated(&mut self, message: &[u8], cursor: Option<&str>) -> bool {
        let hash = self.hashes.hash_one(message);
        let may_repeat = self.may_repeat(cursor);
        let count = self.known.entry(hash).or_default();
        if count.session != self.session {
            (count.session, count.again) = (self.session, 0);
        }
        // Of messages with the same content, as many come again as came before.
        count.again = count.again.saturating_add(1);
        if may_repeat && count.again <= count.known {
            return true;
        }
        count.known = count.known.saturating_add(1);
        self.order.push_back(hash);
        if self.order.len() > MESSAGES_MAX
            && let Some(oldest) = self.order.pop_front()
            && let Some(count) = self.known.get_mut(&oldest)
        {
            count.known -= 1;
            if count.known == 0 {
                self.known.remove(&oldest);
            }
        }
        false
    }

    /// Whether a message with this cursor can be one that came before this session.
    fn may_repeat(&mut self, cursor: Option<&str>) -> bool {
        let Some(end) = &self.end else { return false };
        match (end, cursor.map(Cursor::from)) {
            (Cursor::Number(end), Some(Cursor::Number(cursor))) => {
                self.is_passed |= cursor > *end;
                cursor <= *end
            }
            (Cursor::Number(_), _) => !self.is_passed,
            // Cursors without an order: as long as all that is known can have come again.
            (Cursor::Text, _) => {
                self.came = self.came.saturating_add(1);
                self.is_passed = self.came >= MESSAGES_MAX;
                !self.is_passed
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// A message of a feed in which several can share a time, and even a content.
    fn message(time_us: u64, text: u8) -> (String, String) {
        (format!(r#"{{"time_us":{time_us},"text":{text}}}"#), time_us.to_string())
    }

    fn hear(rewind: &mut Rewind, (message, cursor): &(String, String)) -> bool {
        rewind.is_repeated(message.as_bytes(), Some(cursor))
    }

    #[test]
    fn what_comes_again_after_a_rewind_is_known() {
        let mut rewind = Rewind::default();
        rewind.session_started();
        // Two of one time, and the very same twice.
        let before = [message(5, 0), message(7, 1), message(7, 2), message(7, 2)];
        assert!(before.iter().all(|message| !hear(&mut rewind, message)));
        rewind.session_resumed("7");
        assert!(before.iter().all(|message| hear(&mut rewind, message)));
        // Missed at the end of the last session, with a time that it had seen.
        assert!(!hear(&mut rewind, &message(7, 2)), "once more than before");
        assert!(!hear(&mut rewind, &message(7, 3)));
        assert!(!hear(&mut rewind, &message(8, 1)));
    }

    #[test]
    fn a_message_that_is_beyond_the_end_is_new_whatever_its_content() {
        let mut rewind = Rewind::default();
        rewind.session_started();
        assert!(!rewind.is_repeated(b"same", Some("5")));
        rewind.session_resumed("5");
        assert!(!rewind.is_repeated(b"same", Some("6")));
        assert!(rewind.is_repeated(b"same", Some("5")), "out of order, and yet known");
    }

    #[test]
    fn a_session_that_starts_from_nothing_repeats_nothing() {
        let mut rewind = Rewind::default();
        rewind.session_started();
        assert!(!rewind.is_repeated(b"same", Some("5")));
        rewind.session_started();
        assert!(!rewind.is_repeated(b"same", Some("5")));
    }

    #[test]
    fn cursors_without_an_order_are_compared_by_content_alone() {
        let mut rewind = Rewind::default();
        rewind.session_started();
        assert!(!rewind.is_repeated(b"a", Some("x1")));
        rewind.session_resumed("x1");
        assert!(rewind.is_repeated(b"a", Some("x1")));
        assert!(!rewind.is_repeated(b"b", Some("x2")));
    }

    #[test]
    fn only_so_many_are_remembered() {
        let mut rewind = Rewind::default();
        rewind.session_started();
        let messages = MESSAGES_MAX as u64 + 100;
        for time in 0..messages {
            assert!(!hear(&mut rewind, &message(time, 0)));
        }
        assert_eq!((rewind.order.len(), rewind.known.len()), (MESSAGES_MAX, MESSAGES_MAX));
        rewind.session_resumed(&messages.to_string());
        assert!(!hear(&mut rewind, &message(99, 0)), "forgotten");
        assert!(hear(&mut rewind, &message(messages - 1, 0)));
    }

    proptest! {
        /// A server starts again from a while before the latest cursor, however often it is cut off,
        /// in the middle of what comes again as well: each message is new exactly once.
        #[test]
        fn over_any_sessions_each_message_is_new_once(
            steps in prop::collection::vec((0u64..2, 0u8..3), 1..200),
            cuts in prop::collection::vec((1usize..60, 0u64..20), 0..12),
        ) {
            let mut time = 1_000;
            let log: Vec<_> = steps
                .into_iter()
                .map(|(step, text)| {
                    time += step;
                    (time, message(time, text))
                })
                .collect();
            let mut rewind = Rewind::default();
            rewind.session_started();
            let (mut new, mut latest) = (Vec::new(), None);
            let whole = std::iter::once((log.len() * 2, 0));
            for (length, back) in cuts.into_iter().chain(whole) {
                let from = latest.map(|latest: u64| {
                    rewind.session_resumed(&latest.to_string());
                    latest - back
                });
                let sent = log.iter().filter(|(time, _)| from.is_none_or(|from| *time >= from));
                for (time, message) in sent.take(length) {
                    if !hear(&mut rewind, message) {
                        new.push(message.clone());
                    }
                    latest = Some(*time);
                }
            }
            new.sort();
            let mut all: Vec<_> = log.into_iter().map(|(_, message)| message).collect();
            all.sort();
            prop_assert_eq!(new, all);
        }
    }
}
