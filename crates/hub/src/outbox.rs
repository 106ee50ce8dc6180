//! What waits to be sent to one client: bounded, in order, with faults put in. It has neither
//! socket nor clock.
//!
//! - Control (greeting, answers, heartbeats) goes before data.
//! - When data comes faster than it is taken, the oldest is dropped and counted: of a live feed
//!   the present is worth more than the past, and the sequence numbers show the loss.
//! - Control is never dropped, but for heartbeats. A client with more unread answers than fit
//!   asks and does not listen; [`Full`] says so.

use crate::faults::{Faults, Faulty};
use std::collections::VecDeque;
use std::time::Instant;
use tokio_tungstenite::tungstenite::Utf8Bytes;

/// A minute of delay at 68 messages a second; the built-in feed sends 50.
pub const DATA_MESSAGES_MAX: usize = 4_096;

/// What one client may cost in memory, times two for a write buffer that is just being filled.
pub const DATA_BYTES_MAX: usize = 4 << 20;

/// A minute of delayed heartbeats at the usual one a second, and as many answers thrice over.
pub const CONTROL_MESSAGES_MAX: usize = 256;

/// There is no room for another answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Full;

/// What to do now.
#[derive(Clone, Debug, PartialEq)]
pub enum Next {
    SendControl(Utf8Bytes),
    SendData(Utf8Bytes),
    /// Nothing before this time, unless something is put in.
    Wait(Instant),
    /// Nothing, unless something is put in.
    Idle,
}

#[derive(Debug)]
pub struct Outbox {
    faults: Faults,
    faulty: Faulty<Utf8Bytes>,
    control: VecDeque<(Instant, Utf8Bytes)>,
    data: VecDeque<Data>,
    data_bytes: usize,
    dropped: u64,
}

#[derive(Debug)]
struct Data {
    due: Instant,
    channel: usize,
    text: Utf8Bytes,
}

impl Outbox {
    pub fn new(seed: u64) -> Self {
        Outbox {
            faults: Faults::default(),
            faulty: Faulty::new(seed),
            control: VecDeque::new(),
            data: VecDeque::new(),
            data_bytes: 0,
            dropped: 0,
        }
    }

    /// How many data messages were dropped because the client was too slow.
    pub fn dropped(&self) -> u64 {
        self.dropped
    }

    /// What waits already is not delayed any longer than `faults` say; what was held back to be
    /// out of order goes out when there is to be order. What waits when silence falls is lost,
    /// as is what comes during it.
    pub fn set_faults(&mut self, now: Instant, faults: Faults) {
        self.faults = faults.within_bounds();
        let released = self.faulty.set(self.faults);
        if self.faults.silent {
            self.faulty.forget(|_| true);
            self.data.clear();
            self.data_bytes = 0;
            return;
        }
        let due_max = now + self.faults.delay();
        for (due, _) in &mut self.control {
            *due = due_max.min(*due);
        }
        for data in &mut self.data {
            data.due = due_max.min(data.due);
        }
        for (channel, text) in released {
            self.line_up(now, channel, text);
        }
    }

    pub fn control(&mut self, now: Instant, text: Utf8Bytes) -> Result<(), Full> {
        if self.control.len() >= CONTROL_MESSAGES_MAX {
            return Err(Full);
        }
        self.control.push_back((now + self.faults.delay(), text));
        Ok(())
    }

    /// A heartbeat says that all is well now: it has no use later.
    pub fn heartbeat(&mut self, now: Instant, text: Utf8Bytes) {
        if !self.faults.silent {
            // Without room for it, there are messages enough to show life.
            let _: Result<(), Full> = self.control(now, text);
        }
    }

    pub fn data(&mut self, now: Instant, channel: usize, text: Utf8Bytes) {
        if self.faults.silent {
            return;
        }
        for text in self.faulty.pass(now, channel, text) {
            self.line_up(now, channel, text);
        }
    }

    /// Drops what waits of channels that the client no longer wants.
    pub fn forget(&mut self, forgotten: impl Fn(usize) -> bool) {
        self.faulty.forget(&forgotten);
        self.data.retain(|data| {
            let kept = !forgotten(data.channel);
            if !kept {
                self.data_bytes -= data.text.len();
            }
            kept
        });
    }

    pub fn next(&mut self, now: Instant) -> Next {
        for (channel, text) in self.faulty.overdue(now) {
            self.line_up(now, channel, text);
        }
        if self.faults.silent {
            return Next::Idle;
        }
        let control_due = self.control.front().map(|(due, _)| *due);
        if control_due.is_some_and(|due| due <= now)
            && let Some((_, text)) = self.control.pop_front()
        {
            return Next::SendControl(text);
        }
        let data_due = self.data.front().map(|data| data.due);
        if data_due.is_some_and(|due| due <= now)
            && let Some(data) = self.data.pop_front()
        {
            self.data_bytes -= data.text.len();
            return Next::SendData(data.text);
        }
        let next_due = [control_due, data_due, self.faulty.wake_at()].into_iter().flatten().min();
        next_due.map_or(Next::Idle, Next::Wait)
    }

    fn line_up(&mut self, now: Instant, channel: usize, text: Utf8Bytes) {
        self.data_bytes += text.len();
        self.data.push_back(Data { due: now + self.faults.delay(), channel, text });
        while self.data.len() > DATA_MESSAGES_MAX || self.data_bytes > DATA_BYTES_MAX {
            let Some(oldest) = self.data.pop_front() else { break };
            self.data_bytes -= oldest.text.len();
            self.dropped += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::time::Duration;

    fn text(text: impl ToString) -> Utf8Bytes {
        text.to_string().into()
    }

    fn sent_by(outbox: &mut Outbox, now: Instant) -> Vec<String> {
        std::iter::from_fn(|| match outbox.next(now) {
            Next::SendControl(text) | Next::SendData(text) => Some(text.to_string()),
            Next::Wait(_) | Next::Idle => None,
        })
        .collect()
    }

    #[test]
    fn control_goes_before_data() {
        let now = Instant::now();
        let mut outbox = Outbox::new(1);
        outbox.data(now, 0, text("data"));
        outbox.control(now, text("answer")).unwrap();
        assert_eq!(sent_by(&mut outbox, now), ["answer", "data"]);
        assert_eq!(outbox.next(now), Next::Idle);
    }

    #[test]
    fn delay_holds_everything_back_for_exactly_so_long() {
        let now = Instant::now();
        let mut outbox = Outbox::new(1);
        outbox.set_faults(now, Faults { delay_ms: 250, ..Faults::default() });
        outbox.control(now, text("answer")).unwrap();
        outbox.data(now, 0, text("data"));
        let due = now + Duration::from_millis(250);
        assert_eq!(outbox.next(due - Duration::from_nanos(1)), Next::Wait(due));
        assert_eq!(sent_by(&mut outbox, due), ["answer", "data"]);
    }

    #[test]
    fn switching_delay_off_sends_what_waits_in_order() {
        let now = Instant::now();
        let mut outbox = Outbox::new(1);
        outbox.set_faults(now, Faults { delay_ms: 60_000, ..Faults::default() });
        outbox.data(now, 0, text("first"));
        outbox.set_faults(now, Faults::default());
        outbox.data(now, 0, text("second"));
        assert_eq!(sent_by(&mut outbox, now), ["first", "second"]);
    }

    #[test]
    fn in_silence_data_is_lost_and_answers_wait() {
        let now = Instant::now();
        let mut outbox = Outbox::new(1);
        outbox.data(now, 0, text("waiting"));
        outbox.set_faults(now, Faults { silent: true, reorder: 1.0, ..Faults::default() });
        outbox.data(now, 0, text("during"));
        outbox.heartbeat(now, text("heartbeat"));
        outbox.control(now, text("answer")).unwrap();
        assert_eq!(outbox.next(now), Next::Idle);
        outbox.set_faults(now, Faults::default());
        outbox.data(now, 0, text("after"));
        assert_eq!(sent_by(&mut outbox, now), ["answer", "after"]);
    }

    #[test]
    fn a_channel_no_longer_wanted_sends_nothing_more() {
        let now = Instant::now();
        let mut outbox = Outbox::new(1);
        outbox.data(now, 0, text("kept"));
        outbox.data(now, 1, text("forgotten"));
        outbox.set_faults(now, Faults { reorder: 1.0, ..Faults::default() });
        outbox.data(now, 1, text("held and forgotten"));
        outbox.forget(|channel| channel == 1);
        assert_eq!(sent_by(&mut outbox, now + Duration::from_secs(9)), ["kept"]);
        assert_eq!(outbox.data_bytes, 0);
    }

    #[test]
    fn of_too_much_data_the_oldest_is_dropped_and_counted() {
        let now = Instant::now();
        let mut outbox = Outbox::new(1);
        for number in 0..DATA_MESSAGES_MAX + 3 {
            outbox.data(now, 0, text(number));
        }
        assert_eq!(outbox.dropped(), 3);
        let sent = sent_by(&mut outbox, now);
        assert_eq!(sent.len(), DATA_MESSAGES_MAX);
        assert_eq!(sent[0], "3");
    }

    #[test]
    fn large_data_is_bounded_by_its_bytes() {
        let now = Instant::now();
        let mut outbox = Outbox::new(1);
        let large = text("x".repeat(DATA_BYTES_MAX / 4));
        for _ in 0..6 {
            outbox.data(now, 0, large.clone());
        }
        assert_eq!(outbox.dropped(), 2);
        assert_eq!(sent_by(&mut outbox, now).len(), 4);
    }

    #[test]
    fn too_many_unread_answers_are_refused_but_heartbeats_only_skipped() {
        let now = Instant::now();
        let mut outbox = Outbox::new(1);
        for number in 0..CONTROL_MESSAGES_MAX {
            outbox.control(now, text(number)).unwrap();
        }
        outbox.heartbeat(now, text("heartbeat"));
        assert_eq!(outbox.control(now, text("one more")), Err(Full));
        assert_eq!(sent_by(&mut outbox, now).len(), CONTROL_MESSAGES_MAX);
    }

    #[derive(Clone, Debug)]
    enum Step {
        Data { channel: usize, len: usize },
        Take,
        Pass { ms: u64 },
        Faults(Faults),
    }

    fn steps() -> impl Strategy<Value = Vec<Step>> {
        let step = prop_oneof![
            8 => (0usize..3, 0usize..DATA_BYTES_MAX / 3).prop_map(|(channel, len)| Step::Data { channel, len }),
            4 => Just(Step::Take),
            2 => (0u64..2_000).prop_map(|ms| Step::Pass { ms }),
            1 => (any::<bool>(), 0u32..3_000, 0.0..=1.0, 0.0..=1.0, 0.0..=1.0).prop_map(
                |(silent, delay_ms, duplicate, reorder, lose)| Step::Faults(Faults {
                    silent, delay_ms, duplicate, reorder, lose,
                })
            ),
        ];
        prop::collection::vec(step, 0..60)
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn it_stays_within_its_bounds_and_runs_empty_in_time(seed: u64, steps in steps()) {
            let mut now = Instant::now();
            let mut outbox = Outbox::new(seed);
            let large = "x".repeat(DATA_BYTES_MAX / 3);
            for step in steps {
                match step {
                    Step::Data { channel, len } => outbox.data(now, channel, text(&large[..len])),
                    Step::Take => drop(outbox.next(now)),
                    Step::Pass { ms } => now += Duration::from_millis(ms),
                    Step::Faults(faults) => outbox.set_faults(now, faults),
                }
                prop_assert!(outbox.data_bytes <= DATA_BYTES_MAX);
                prop_assert_eq!(outbox.data_bytes, outbox.data.iter().map(|data| data.text.len()).sum::<usize>());
                prop_assert!(outbox.data.iter().is_sorted_by_key(|data| data.due));
            }
            outbox.set_faults(now, Faults::default());
            sent_by(&mut outbox, now);
            prop_assert_eq!(outbox.next(now), Next::Idle);
        }
    }
}
