//! How much comes and how long it takes, second by second, as series of the history.

use crate::feeds::GapFacts;
use crate::names;
use feedscope_feed::{Ledger, Record, Time};
use feedscope_history::{History, Sample, SeriesId};
use std::collections::HashMap;
use std::time::Instant;

const SECOND_NS: i64 = 1_000_000_000;

/// A rate that stays at nothing is told anew only this often.
const NOTHING_EVERY_NS: i64 = 30 * SECOND_NS;

/// Latencies that are kept of each second, spread over what came: percentiles of a span are made of
/// them.
const KEPT_PER_SECOND: usize = 4;
/// Of how many, at the most, those are chosen.
const TAKEN_MAX: usize = 512;
/// Taken of each batch.
const TAKEN_PER_BATCH: usize = 16;

// What the series are called. Those of the first two groups are what it is like at a moment, those of
// the last how many there were since the one before.
const MESSAGES: usize = 0;
const BYTES: usize = 1;
const ARRIVAL: usize = 2;
const ARRIVAL_MAX: usize = 3;
const DRAWN: usize = 4;
const DRAWN_MAX: usize = 5;
const COUNTS: usize = 6;
const COUNTS_LEN: usize = 9;
const PATHS: [&str; COUNTS + COUNTS_LEN] = [
    "messages_per_second",
    "bytes_per_second",
    "arrival_ms",
    "arrival_max_ms",
    "drawn_ms",
    "drawn_max_ms",
    "received",
    "delivered",
    "control",
    "duplicate",
    "late",
    "undecodable",
    "held",
    "overflow",
    "missing",
];

/// The ledger, and what is missing, as of a moment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Counts([u64; COUNTS_LEN]);

impl Counts {
    pub fn new(ledger: &Ledger, missing: u64) -> Self {
        Counts([
            ledger.received(),
            ledger.delivered(),
            ledger.control(),
            ledger.duplicate(),
            ledger.late(),
            ledger.undecodable(),
            ledger.held(),
            ledger.overflow(),
            missing,
        ])
    }

    fn received(&self) -> u64 {
        self.0[0]
    }
}

/// Some of what took a while, and the longest of all.
#[derive(Debug, Default)]
struct Took {
    millis: Vec<f64>,
    most: Option<f64>,
}

impl Took {
    fn note(&mut self, millis: f64) {
        if self.millis.len() < TAKEN_MAX {
            self.millis.push(millis);
        }
        self.note_most(millis);
    }

    fn note_most(&mut self, millis: f64) {
        self.most = Some(self.most.map_or(millis, |most| most.max(millis)));
    }
}

/// A value as it was put down last.
#[derive(Clone, Copy, Debug, Default)]
struct Put {
    at_ns: i64,
    value: f64,
    /// It has been the same since, and was not put down.
    is_held: bool,
}

#[derive(Debug, Default)]
pub(crate) struct Meter {
    series: [Option<SeriesId>; PATHS.len()],
    rates: [Put; ARRIVAL],
    counts: Counts,
    bytes: u64,
    measured_at: Option<Instant>,
    arrival: Took,
    drawn: Took,
}

impl Meter {
    /// What is known of the feed from before.
    pub fn restore(&mut self, feed: &str, history: &History<GapFacts>) {
        let known: HashMap<&str, SeriesId> = history.series().collect();
        for (path, series) in PATHS.iter().zip(&mut self.series) {
            *series = known.get(names::health(feed, path).as_str()).copied();
        }
    }

    /// The series of a path, once there is one.
    pub fn series(&self, path: &str) -> Option<SeriesId> {
        let at = PATHS.iter().position(|known| *known == path)?;
        self.series[at]
    }

    /// The names of all series that a feed can have.
    pub fn names(feed: &str) -> impl Iterator<Item = String> {
        PATHS.iter().map(move |path| names::health(feed, path))
    }

    /// So much came over the wire.
    pub fn came(&mut self, bytes: u64) {
        self.bytes += bytes;
    }

    /// How long these were under way, by the clocks of both sides. The least of it in nanoseconds, and
    /// of how many: of those that say when they were made.
    pub fn arrived(&mut self, records: &[Record]) -> Option<(i64, u64)> {
        let seemed = |record: &Record| {
            let source = record.source_time?;
            Some(record.arrival_time.0.saturating_sub(source.0))
        };
        let (mut least, mut most, mut count) = (i64::MAX, i64::MIN, 0);
        for seemed in records.iter().filter_map(seemed) {
            least = least.min(seemed);
            most = most.max(seemed);
            count += 1;
        }
        if count == 0 {
            return None;
        }
        let step = records.len().div_ceil(TAKEN_PER_BATCH).max(1);
        for seemed in records.iter().step_by(step).filter_map(seemed) {
            self.arrival.note(seemed as f64 / 1e6);
        }
        self.arrival.note_most(most as f64 / 1e6);
        Some((least, count))
    }

    /// One that was drawn so long after it had arrived.
    pub fn drawn(&mut self, millis: f64) {
        self.drawn.note(millis);
    }

    /// A second is over; whether new series were made for it. Rates are told while something could
    /// come, as `is_open` says.
    pub fn measure(
        &mut self,
        feed: &str,
        (now, at): (Instant, Time),
        counts: Counts,
        is_open: bool,
        history: &mut History<GapFacts>,
    ) -> bool {
        // Whole seconds are kept in next to no room.
        let at_ns = at.0 - at.0.rem_euclid(SECOND_NS);
        let known = self.series;
        let since = self.measured_at.replace(now);
        let seconds = since.map_or(1.0, |since| now.duration_since(since).as_secs_f64().max(0.1));
        let before = std::mem::replace(&mut self.counts, counts);
        let received = counts.received().saturating_sub(before.received());
        let bytes = std::mem::take(&mut self.bytes);
        if is_open || received > 0 {
            for (path, amount) in [(MESSAGES, received), (BYTES, bytes)] {
                let rate = amount as f64 / seconds;
                // A tick is never exactly a second after the one before.
                let rate = if rate >= 10.0 { rate.round() } else { (rate * 10.0).round() / 10.0 };
                self.rate(feed, path, at_ns, rate, history);
            }
        } else {
            self.rates = Default::default();
        }
        for (n, (now, before)) in counts.0.iter().zip(&before.0).enumerate() {
            // What is missing or held can become less.
            let change = *now as f64 - *before as f64;
            if change != 0.0 {
                self.put(feed, COUNTS + n, at_ns, change, history);
            }
        }
        for (path, longest) in [(ARRIVAL, ARRIVAL_MAX), (DRAWN, DRAWN_MAX)] {
            let took = if path == ARRIVAL { &mut self.arrival } else { &mut self.drawn };
            let Took { millis, most } = std::mem::take(took);
            let step = millis.len().div_ceil(KEPT_PER_SECOND).max(1);
            for (n, value) in millis.iter().step_by(step).enumerate() {
                let part = n as i64 * SECOND_NS / KEPT_PER_SECOND as i64;
                self.put(feed, path, at_ns - SECOND_NS + part, to_micros(*value), history);
            }
            if let Some(most) = most {
                self.put(feed, longest, at_ns, to_micros(most), history);
            }
        }
        known != self.series
    }

    /// A rate, unless it goes on being nothing.
    fn rate(
        &mut self,
        feed: &str,
        path: usize,
        at_ns: i64,
        value: f64,
        history: &mut History<GapFacts>,
    ) {
        let last = self.rates[path];
        let goes_on = value == 0.0 && last.value == 0.0 && last.at_ns > 0;
        if goes_on && at_ns - last.at_ns < NOTHING_EVERY_NS {
            self.rates[path].is_held = true;
            return;
        }
        if last.is_held && !goes_on {
            // Until a second ago there was nothing.
            self.put(feed, path, at_ns - SECOND_NS, 0.0, history);
        }
        self.rates[path] = Put { at_ns, value, is_held: false };
        self.put(feed, path, at_ns, value, history);
    }

    fn put(
        &mut self,
        feed: &str,
        path: usize,
        at_ns: i64,
        value: f64,
        history: &mut History<GapFacts>,
    ) {
        let series = *self.series[path]
            .get_or_insert_with(|| history.add_series(&names::health(feed, PATHS[path])));
        history.push(series, Sample { time_ns: at_ns, arrival_ns: at_ns, value });
    }
}

fn to_micros(millis: f64) -> f64 {
    (millis * 1e3).round() / 1e3
}

#[cfg(test)]
mod tests {
    use super::*;
    use feedscope_feed::sequence::ledger::Fate;
    use feedscope_history::{Axis, Budget};
    use std::time::Duration;

    const FEED: &str = "[\"f\",\"ws://f/\"]";

    struct Bench {
        meter: Meter,
        history: History<GapFacts>,
        ledger: Ledger,
        begun: Instant,
        second: i64,
    }

    impl Bench {
        fn new() -> Bench {
            let history = History::new(Budget { memory_bytes: 1 << 20, disk_bytes: None });
            let (meter, ledger) = (Meter::default(), Ledger::default());
            Bench { meter, history, ledger, begun: Instant::now(), second: 1_000 }
        }

        /// A second in which so many messages of each kind came.
        fn second(&mut self, came: &[(Fate, u64)], missing: u64, is_open: bool) {
            for (fate, count) in came {
                (0..*count).for_each(|_| self.ledger.admit(*fate));
                self.meter.came(100 * count);
            }
            self.second += 1;
            let now = self.begun + Duration::from_secs(self.second as u64);
            let at = Time(self.second * SECOND_NS + 7_000_000);
            let counts = Counts::new(&self.ledger, missing);
            self.meter.measure(FEED, (now, at), counts, is_open, &mut self.history);
        }

        fn statistics(&self, path: &str) -> (u64, f64, f64) {
            let Some(series) = self.meter.series(path) else { return (0, 0.0, 0.0) };
            let found = self.history.statistics(series, Axis::Arrival, 0, i64::MAX).unwrap();
            (found.count, found.mean * found.count as f64, found.max)
        }
    }

    #[test]
    fn what_came_of_messages_adds_up_over_any_span() {
        let mut bench = Bench::new();
        bench.second(&[(Fate::Delivered, 40), (Fate::Control, 2)], 0, true);
        bench.second(&[(Fate::Held, 3)], 0, true);
        bench.ledger.settle(Fate::Delivered);
        bench.ledger.settle(Fate::Duplicate);
        bench.second(&[(Fate::Delivered, 7), (Fate::Late, 2), (Fate::Undecodable, 1)], 5, true);
        bench.second(&[(Fate::Overflow, 1)], 3, false);
        let sum = |path| bench.statistics(path).1.round() as i64;
        assert_eq!((sum("received"), sum("missing")), (56, 3), "what comes late is not missing");
        let fates =
            ["delivered", "control", "duplicate", "late", "undecodable", "held", "overflow"];
        assert_eq!(fates.map(sum), [48, 2, 1, 2, 1, 1, 1]);
        assert_eq!(fates.map(sum).iter().sum::<i64>(), sum("received"));
        assert_eq!(bench.statistics("bytes_per_second").2, 4_200.0);
    }

    #[test]
    fn nothing_is_told_now_and_then_and_until_something_comes() {
        let mut bench = Bench::new();
        bench.second(&[(Fate::Delivered, 5)], 0, true);
        (0..100).for_each(|_| bench.second(&[], 0, true));
        let (count, sum, most) = bench.statistics("messages_per_second");
        assert!((4..=6).contains(&count), "{count} samples say nothing");
        assert_eq!((sum, most), (5.0, 5.0));
        bench.second(&[(Fate::Delivered, 9)], 0, true);
        assert_eq!(
            bench.statistics("messages_per_second").0,
            count + 2,
            "and what was just before"
        );
        let told = bench.statistics("messages_per_second").0;
        (0..100).for_each(|_| bench.second(&[], 0, false));
        assert_eq!(bench.statistics("messages_per_second").0, told, "nothing could come");
    }

    #[test]
    fn of_what_took_long_the_longest_is_kept_and_of_the_rest_a_few() {
        let mut bench = Bench::new();
        let record = |took: i64| Record {
            channel: feedscope_feed::ChannelId(0),
            key: None,
            sequence: None,
            source_time: Some(Time(1_000_000_000)),
            arrival_time: Time(1_000_000_000 + took * 1_000_000),
            fields: Vec::new(),
            texts: Vec::new(),
        };
        let records: Vec<_> = (0..10_000).map(record).collect();
        for batch in records.chunks(100) {
            assert!(bench.meter.arrived(batch).is_some_and(|(_, count)| count == 100));
        }
        bench.meter.drawn(3.5);
        bench.second(&[], 0, true);
        let (count, _, _) = bench.statistics("arrival_ms");
        assert!((2..=KEPT_PER_SECOND as u64).contains(&count), "{count}");
        assert_eq!(bench.statistics("arrival_max_ms").2, 9_999.0);
        assert_eq!(bench.statistics("drawn_ms"), (1, 3.5, 3.5));
    }

    #[test]
    fn an_earlier_run_s_series_are_found_again() {
        let mut bench = Bench::new();
        bench.second(&[(Fate::Delivered, 5)], 0, true);
        bench.history.add_series(&names::field(FEED, "c", None, "received"));
        let mut meter = Meter::default();
        meter.restore(FEED, &bench.history);
        assert_eq!(meter.series, bench.meter.series);
        assert!(meter.series("received").is_some() && meter.series("late").is_none());
        assert!(Meter::names(FEED).all(|name| names::is_health(&name)));
    }
}
