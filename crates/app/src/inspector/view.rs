//! What one inspector shows: the messages that its filter lets through, frozen or not, in pages.

use super::filter::Filter;
use super::gone;
use super::message::Message;
use super::ring::Tap;
use crate::api::{InspectFilter, InspectMessage, InspectPage, PageAsked, Trouble};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use feedscope_feed::Time;
use std::collections::VecDeque;
use std::sync::Arc;

/// Rows told at once: more than fit on any screen.
const ROWS_MAX: usize = 500;

/// Of one message told at once.
const PAGE_BYTES_MAX: usize = 1 << 20;

/// See the [module](self).
#[derive(Debug)]
pub(crate) struct View {
    tap: Arc<Tap>,
    asked: InspectFilter,
    filter: Filter,
    /// What there was when it was paused. New messages, and those that leave, do not concern it.
    frozen: Option<Vec<Arc<Message>>>,
    /// All before this serial were looked at.
    looked_until: u64,
    /// Those that are let through, but for where they went.
    passed: VecDeque<Arc<Message>>,
    /// How many of those that are shown have left at the front, so that who shows them knows where
    /// the others are now.
    gone: u64,
}

impl View {
    pub fn new(tap: Arc<Tap>) -> Self {
        View {
            tap,
            asked: InspectFilter::default(),
            filter: Filter::default(),
            frozen: None,
            looked_until: 0,
            passed: VecDeque::new(),
            gone: 0,
        }
    }

    pub fn page(&mut self, asked: &PageAsked, now: Time) -> Result<InspectPage, Trouble> {
        if asked.filter != self.asked {
            self.filter = Filter::new(&asked.filter)?;
            self.asked = asked.filter.clone();
            self.looked_until = 0;
            self.passed.clear();
            self.gone = 0;
        }
        if !asked.paused && self.frozen.take().is_some() {
            // What left meanwhile is forgotten with the next look.
            self.looked_until = self.passed.back().map_or(0, |last| last.serial + 1);
        }
        // Only what is new is taken while the feed waits; it is looked at when it need not.
        let (fresh, first, next, mut page) = {
            let ring = self.tap.ring();
            let (first, next) = ring.serials();
            let fresh: Vec<_> = match &self.frozen {
                Some(_) => Vec::new(),
                None if asked.paused => ring.since(0).cloned().collect(),
                None => ring.since(self.looked_until).cloned().collect(),
            };
            let pace = ring.pace(now);
            let page = InspectPage {
                first: 0,
                end: 0,
                from: 0,
                rows: Vec::new(),
                kept: ring.len() as u64,
                kept_bytes: ring.bytes() as u64,
                left: ring.left(),
                received: ring.received(),
                received_kept: ring.received_kept(),
                received_per_second: pace.received,
                kept_per_second: pace.kept,
                since_pause: 0,
            };
            (fresh, first, next, page)
        };
        match &self.frozen {
            // Of another filter: all of it is looked at again.
            Some(frozen) if self.looked_until == 0 => {
                let passed = frozen.iter().filter(|message| self.filter.shows(message));
                self.passed.extend(passed.cloned());
                self.looked_until = frozen.last().map_or(0, |last| last.serial + 1);
            }
            Some(_) => {}
            None => {
                let looked_until = self.looked_until;
                let unseen = fresh.iter().filter(|message| message.serial >= looked_until);
                self.passed.extend(unseen.filter(|one| self.filter.shows(one)).cloned());
                self.looked_until = next;
                self.forget_before(first);
                if asked.paused {
                    self.frozen = Some(fresh);
                }
            }
        }
        page.since_pause = if asked.paused { next - self.looked_until.min(next) } else { 0 };
        self.put_rows(asked, &mut page);
        Ok(page)
    }

    fn forget_before(&mut self, serial: u64) {
        while self.passed.front().is_some_and(|oldest| oldest.serial < serial) {
            let oldest = self.passed.pop_front();
            self.gone += u64::from(oldest.is_some_and(|oldest| self.is_shown(&oldest)));
        }
    }

    fn is_shown(&self, message: &Message) -> bool {
        self.asked.verdict.is_none_or(|verdict| message.verdict() == Some(verdict))
    }

    /// The rows that were asked for, as far as they are there; the last ones if none were named.
    fn put_rows(&self, asked: &PageAsked, page: &mut InspectPage) {
        let shown: Vec<&Arc<Message>> = match self.asked.verdict {
            None => Vec::new(),
            Some(_) => self.passed.iter().filter(|message| self.is_shown(message)).collect(),
        };
        let count = if self.asked.verdict.is_none() { self.passed.len() } else { shown.len() };
        let rows = (asked.count as usize).min(ROWS_MAX);
        let last = count.saturating_sub(rows);
        let from = match asked.from {
            // As `f64`, since JavaScript has no other numbers; `as` saturates.
            Some(from) => (from as u64).saturating_sub(self.gone) as usize,
            None => last,
        };
        let from = from.min(last);
        page.first = self.gone;
        page.end = self.gone + count as u64;
        page.from = self.gone + from as u64;
        page.rows = match self.asked.verdict {
            None => self.passed.iter().skip(from).take(rows).map(|message| message.row()).collect(),
            Some(_) => shown.iter().skip(from).take(rows).map(|message| message.row()).collect(),
        };
    }

    /// A message, whole or from a byte on.
    pub fn message(&self, serial: u64, from: usize) -> Result<InspectMessage, Trouble> {
        let message = self.find(serial).ok_or_else(gone)?;
        let payload = &message.payload;
        let from = from.min(payload.len());
        let part = payload.get(from..).unwrap_or_default();
        let part = part.get(..PAGE_BYTES_MAX).unwrap_or(part);
        Ok(InspectMessage {
            row: message.row(),
            base64: BASE64_STANDARD.encode(part),
            from: from as u64,
            kept: payload.len() as u64,
            source_ms: message.source.map(Time::millis),
            why: message.why.as_deref().map(str::to_owned),
        })
    }

    pub fn find(&self, serial: u64) -> Option<Arc<Message>> {
        let frozen = self.frozen.iter().flatten();
        let held = frozen.chain(&self.passed).find(|message| message.serial == serial);
        held.cloned().or_else(|| {
            let ring = self.tap.ring();
            ring.since(serial).next().filter(|message| message.serial == serial).cloned()
        })
    }
}

#[cfg(test)]
mod tests {
    use super::super::message::tests::followed;
    use super::super::message::{Kind, New};
    use super::*;
    use crate::api::Verdict;
    use feedscope_feed::{Direction, Fate, Followed};

    fn push(tap: &Tap, followed: &Followed<'_>) {
        tap.ring().push(&New {
            at: followed.arrival_time,
            direction: Direction::Received,
            kind: Kind::Text,
            payload: followed.payload,
            followed: Some(followed),
        });
    }

    fn push_all(tap: &Tap, numbers: std::ops::RangeInclusive<u64>) {
        for number in numbers {
            push(tap, &followed(number, format!(r#"{{"n":{}}}"#, number % 10).as_bytes()));
        }
    }

    fn open() -> (Arc<Tap>, View) {
        let tap = Arc::new(Tap::default());
        tap.opened();
        (tap.clone(), View::new(tap))
    }

    fn ask(from: Option<f64>, count: u32) -> PageAsked {
        PageAsked { from, count, paused: false, filter: InspectFilter::default() }
    }

    fn numbers(page: &InspectPage) -> Vec<u64> {
        page.rows.iter().filter_map(|row| row.number).collect()
    }

    fn page(view: &mut View, asked: &PageAsked) -> InspectPage {
        view.page(asked, Time(0)).unwrap()
    }

    #[test]
    fn a_page_is_of_those_that_are_there_and_says_where_they_are() {
        let (tap, mut view) = open();
        assert_eq!(page(&mut view, &ask(None, 5)).rows.len(), 0);
        push_all(&tap, 1..=100);
        let last = page(&mut view, &ask(None, 3));
        assert_eq!((last.first, last.end, last.from), (0, 100, 97));
        assert_eq!(numbers(&last), [98, 99, 100]);
        assert_eq!(numbers(&page(&mut view, &ask(Some(10.0), 2))), [11, 12]);
        // Those at the front leave; the others stay where they were.
        push_all(&tap, 101..=20_050);
        let there = page(&mut view, &ask(Some(60.0), 2));
        assert_eq!((there.first, there.end), (50, 20_050));
        assert_eq!(numbers(&there), [61, 62]);
        let left = page(&mut view, &ask(Some(10.0), 2));
        assert_eq!(numbers(&left), [51, 52], "what has left is not there");
        assert_eq!((left.left, left.kept), (50, 20_000));
        let nonsense = page(&mut view, &ask(Some(f64::NAN), u32::MAX));
        assert_eq!(nonsense.rows.len(), ROWS_MAX);
        assert_eq!(numbers(&page(&mut view, &ask(Some(f64::INFINITY), 1))), [20_050]);
    }

    #[test]
    fn a_pause_freezes_what_is_shown_and_loses_nothing_that_comes() {
        let (tap, mut view) = open();
        push_all(&tap, 1..=10);
        let paused = PageAsked { paused: true, ..ask(None, 2) };
        assert_eq!(numbers(&page(&mut view, &paused)), [9, 10]);
        // More than there is room for.
        push_all(&tap, 11..=30_000);
        let still = page(&mut view, &paused);
        assert_eq!((still.end, still.since_pause), (10, 29_990));
        assert_eq!(numbers(&still), [9, 10]);
        assert!(view.message(0, 0).is_ok(), "the oldest can still be looked at");
        // Another filter goes through what is frozen.
        let mut filtered = paused.clone();
        filtered.filter.path = "n".into();
        filtered.filter.equals = Some("3".into());
        assert_eq!(numbers(&page(&mut view, &filtered)), [3]);
        let mut live = page(&mut view, &ask(None, 2));
        assert_eq!(numbers(&live), [29_999, 30_000]);
        assert_eq!((live.end - live.first, live.since_pause), (20_000, 0));
        // And paused, filtered, live again, with the filter kept.
        filtered.filter.equals = Some("7".into());
        assert_eq!(page(&mut view, &filtered).end, 2_000);
        push_all(&tap, 30_001..=30_010);
        assert_eq!(numbers(&page(&mut view, &filtered)), [29_987, 29_997]);
        filtered.paused = false;
        live = page(&mut view, &filtered);
        assert_eq!((numbers(&live), live.end - live.first), (vec![29_997, 30_007], 2_000));
    }

    #[test]
    fn where_a_message_went_is_asked_anew_with_each_page() {
        let (tap, mut view) = open();
        for number in 1..=4 {
            push(&tap, &Followed { fate: Fate::Held, ..followed(number, b"{}") });
        }
        let mut held = ask(None, 10);
        held.filter.verdict = Some(Verdict::Held);
        assert_eq!(numbers(&page(&mut view, &held)), [1, 2, 3, 4]);
        tap.ring().settle(2, Fate::Delivered);
        assert_eq!(numbers(&page(&mut view, &held)), [1, 3, 4]);
        held.filter.verdict = Some(Verdict::Delivered);
        assert_eq!(numbers(&page(&mut view, &held)), [2]);
    }

    #[test]
    fn a_large_message_comes_in_pages_and_what_is_gone_is_said() {
        let (tap, mut view) = open();
        let large: Vec<u8> = (0..PAGE_BYTES_MAX + 10).map(|at| at as u8).collect();
        push(&tap, &followed(1, &large));
        page(&mut view, &ask(None, 1));
        let decode = |message: &InspectMessage| BASE64_STANDARD.decode(&message.base64).unwrap();
        let head = view.message(0, 0).unwrap();
        let rest = view.message(0, PAGE_BYTES_MAX).unwrap();
        assert_eq!((head.kept, head.row.size), (large.len() as u64, large.len() as u64));
        assert_eq!([decode(&head), decode(&rest)].concat(), large);
        assert_eq!(view.message(0, usize::MAX).unwrap().base64, "");
        assert_eq!(view.message(7, 0).unwrap_err().code, "inspect-gone");
    }
}
