//! What came late: after it had been given up, or again after an outage, because the server still had
//! it. Kept as spans, so that it costs what gaps cost, however many samples it was.

use crate::api::LateSpan;
use crate::feeds::{GapFacts, Other};
use crate::names;
use feedscope_feed::{Cause, Gap, Record, Time};
use feedscope_history::{History, TrackId};

const SECOND_NS: i64 = 1_000_000_000;

/// What comes late of one channel within such a time is told as one.
const TOGETHER_NS: i64 = 2 * SECOND_NS;

/// Spans that can still grow; where there are more, the oldest is closed.
const RUNS_MAX: usize = 64;

/// For so long after an outage, a server may still send what was missed in it.
const REPLAY_NS: i64 = 300 * SECOND_NS;

/// What was stamped so shortly before the end of an outage may as well be new: clocks differ.
const CLOCKS_NS: i64 = SECOND_NS;

/// The span of what came late, and when that was.
#[derive(Clone, Debug, PartialEq)]
struct Run {
    channel: String,
    start_ns: i64,
    end_ns: i64,
    came: (i64, i64),
    messages: u64,
    numbers: Option<(u64, u64)>,
    replayed: bool,
}

pub(crate) struct Late {
    track: TrackId,
    runs: Vec<Run>,
    /// What was asked for again is no mere latecomer.
    asks: bool,
    /// The outage that was last, while what was missed in it may still come.
    outage: Option<(i64, i64)>,
    /// Changes whenever there is more of it.
    version: u64,
}

impl Late {
    /// `asks` says whether what is missing is asked for again.
    pub fn new(feed: &str, asks: bool, history: &mut History<GapFacts>) -> Self {
        let track = history.add_track(&names::late(feed));
        Late { track, runs: Vec::new(), asks, outage: None, version: 0 }
    }

    pub fn version(&self) -> u64 {
        self.version
    }

    /// A gap has ended.
    pub fn gap(&mut self, gap: &Gap) {
        let is_outage = matches!(gap.cause, Cause::Outage | Cause::Closed);
        if is_outage && let Some(end) = gap.end {
            self.outage = Some((gap.start.0, end.0 - CLOCKS_NS));
        }
    }

    /// Whether any of what comes now can be of the last outage.
    pub fn looks(&self) -> bool {
        self.outage.is_some()
    }

    /// A record came; `ahead_ns` is how far the source's clock is ahead of ours. Whether it is late.
    pub fn came(&mut self, channel: &str, record: &Record, ahead_ns: i64) {
        let Some((from, to)) = self.outage else { return };
        if record.arrival_time.0 > to.saturating_add(REPLAY_NS) {
            self.outage = None;
        } else if let Some(source) = record.source_time
            && (from..to).contains(&source.0.saturating_sub(ahead_ns))
        {
            self.note(channel, record, true);
        }
    }

    /// A record came that had been given up.
    pub fn came_late(&mut self, channel: &str, record: &Record) {
        self.note(channel, record, self.asks);
    }

    fn note(&mut self, channel: &str, record: &Record, replayed: bool) {
        self.version += 1;
        let (at, arrival) = (record.time().0, record.arrival_time.0);
        let number = record.sequence.map(|number| (number, number));
        let run = self.runs.iter_mut().find(|run| {
            run.channel == channel
                && run.replayed == replayed
                && arrival - run.came.1 <= TOGETHER_NS
                && (run.start_ns - TOGETHER_NS..=run.end_ns + TOGETHER_NS).contains(&at)
        });
        match run {
            Some(run) => {
                run.start_ns = run.start_ns.min(at);
                run.end_ns = run.end_ns.max(at);
                run.came.1 = run.came.1.max(arrival);
                run.messages += 1;
                run.numbers = match (run.numbers, number) {
                    (Some((first, last)), Some((n, _))) => Some((first.min(n), last.max(n))),
                    (known, new) => known.or(new),
                };
            }
            None => self.runs.push(Run {
                channel: channel.to_owned(),
                start_ns: at,
                end_ns: at,
                came: (arrival, arrival),
                messages: 1,
                numbers: number,
                replayed,
            }),
        }
    }

    /// Puts down what will not grow any more.
    pub fn settle(&mut self, now: Time, history: &mut History<GapFacts>) {
        let over = self.runs.len().saturating_sub(RUNS_MAX);
        for (n, run) in std::mem::take(&mut self.runs).into_iter().enumerate() {
            if n < over || now.0 - run.came.1 > TOGETHER_NS {
                history.add_gap(self.track, run.start_ns, run.end_ns, run.facts());
            } else {
                self.runs.push(run);
            }
        }
    }

    /// All that came late for a span of time.
    fn runs<'a>(
        &'a self,
        history: &'a History<GapFacts>,
        (from, to): (i64, i64),
    ) -> impl Iterator<Item = Run> + 'a {
        let kept = history.gaps(std::slice::from_ref(&self.track), from, to);
        let kept = kept.filter_map(|(_, gap)| {
            let Some(Other::Late { channel, came, messages, numbers, replayed }) = &gap.about.other
            else {
                return None;
            };
            Some(Run {
                channel: channel.clone(),
                start_ns: gap.start_ns,
                end_ns: gap.end_ns.unwrap_or(gap.start_ns),
                came: *came,
                messages: *messages,
                numbers: *numbers,
                replayed: *replayed,
            })
        });
        let touches = move |run: &&Run| run.end_ns >= from && run.start_ns <= to;
        kept.chain(self.runs.iter().filter(touches).cloned())
    }

    /// What came late of some channels, as a chart marks it: what is closer than `within_ns` is told
    /// as one.
    pub fn spans(
        &self,
        feed: &str,
        channels: &[&str],
        history: &History<GapFacts>,
        span: (i64, i64),
        within_ns: i64,
        into: &mut Vec<LateSpan>,
    ) {
        let mut runs: Vec<_> = self
            .runs(history, span)
            .filter(|run| channels.contains(&run.channel.as_str()))
            .collect();
        runs.sort_by(|a, b| (&a.channel, a.start_ns).cmp(&(&b.channel, b.start_ns)));
        let mut told: Vec<Run> = Vec::new();
        for run in runs {
            match told.last_mut().filter(|last| {
                last.channel == run.channel
                    && last.replayed == run.replayed
                    && run.start_ns <= last.end_ns.saturating_add(within_ns)
            }) {
                Some(last) => {
                    last.end_ns = last.end_ns.max(run.end_ns);
                    last.came = (last.came.0.min(run.came.0), last.came.1.max(run.came.1));
                    last.messages += run.messages;
                }
                None => told.push(run),
            }
        }
        into.extend(told.into_iter().map(|run| LateSpan {
            feed: feed.to_owned(),
            channel: run.channel,
            start_ms: run.start_ns as f64 / 1e6,
            end_ms: run.end_ns as f64 / 1e6,
            came_from_ms: run.came.0 as f64 / 1e6,
            came_to_ms: run.came.1 as f64 / 1e6,
            messages: run.messages,
            replayed: run.replayed,
        }));
    }

    /// How many messages of a gap came after all, and whether they were asked for. `channel` is `None`
    /// where the gap concerns the whole feed.
    pub fn healed(
        &self,
        gap: &feedscope_history::Gap<GapFacts>,
        channel: Option<&str>,
        history: &History<GapFacts>,
    ) -> Option<(u64, bool)> {
        let (start, end) = (gap.start_ns, gap.end_ns?);
        let (mut messages, mut replayed) = (0, false);
        // What has no source time lies where it came, after the gap.
        for run in self.runs(history, (start, end.saturating_add(REPLAY_NS))) {
            let is_of_channel = channel.is_none_or(|channel| channel == run.channel);
            let is_in = match (gap.about.numbers, run.numbers) {
                (Some((first, last)), Some((from, to))) => from <= last && to >= first,
                _ => {
                    run.start_ns <= end && run.end_ns >= start && gap.about.cause != Cause::Missing
                }
            };
            if is_of_channel && is_in {
                messages += run.messages;
                replayed |= run.replayed;
            }
        }
        let messages = gap.about.missing.map_or(messages, |missing| messages.min(missing));
        (messages > 0).then_some((messages, replayed))
    }
}

impl Run {
    fn facts(self) -> GapFacts {
        let Run { channel, came, messages, numbers, replayed, .. } = self;
        let other = Some(Other::Late { channel, came, messages, numbers, replayed });
        GapFacts { other, ..GapFacts::plain(Cause::Missing) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use feedscope_feed::{ChannelId, said};
    use feedscope_history::Budget;

    fn record(second: i64, arrival: i64, number: u64) -> Record {
        Record {
            channel: ChannelId(0),
            key: None,
            sequence: Some(number),
            source_time: Some(Time(second * SECOND_NS)),
            arrival_time: Time(arrival * SECOND_NS),
            fields: Vec::new(),
            texts: Vec::new(),
        }
    }

    fn history() -> History<GapFacts> {
        History::new(Budget { memory_bytes: 1 << 20, disk_bytes: None })
    }

    fn told(late: &Late, history: &History<GapFacts>, within: i64) -> Vec<(f64, f64, u64, bool)> {
        let mut told = Vec::new();
        late.spans("f", &["c"], history, (0, i64::MAX), within * SECOND_NS, &mut told);
        told.iter().map(|s| (s.start_ms, s.end_ms, s.messages, s.replayed)).collect()
    }

    fn outage(from: i64, to: i64) -> Gap {
        Gap {
            cause: Cause::Outage,
            channel: None,
            key: None,
            start: Time(from * SECOND_NS),
            end: Some(Time(to * SECOND_NS)),
            missing: None,
            missing_count: None,
            story: said!("cause_started", "Started."),
        }
    }

    #[test]
    fn what_comes_together_is_a_span_and_stays_one_once_it_is_put_down() {
        let mut history = history();
        let mut late = Late::new("[\"f\",\"\"]", false, &mut history);
        for (second, arrival) in [(10, 20), (12, 20), (11, 21), (50, 60), (90, 100)] {
            late.came_late("c", &record(second, arrival, second as u64));
        }
        late.came_late("d", &record(11, 21, 1));
        let spans = [(10e3, 12e3, 3, false), (50e3, 50e3, 1, false), (90e3, 90e3, 1, false)];
        assert_eq!(told(&late, &history, 0), spans);
        late.settle(Time(70 * SECOND_NS), &mut history);
        assert_eq!(late.runs.len(), 1, "one may still grow");
        assert_eq!(told(&late, &history, 0), spans);
        assert_eq!(told(&late, &history, 45), [(10e3, 90e3, 5, false)], "as few as can be seen");
    }

    #[test]
    fn what_was_stamped_in_an_outage_is_a_replay_and_what_is_new_is_not() {
        let mut history = history();
        let mut late = Late::new("[\"f\",\"\"]", false, &mut history);
        late.came("c", &record(105, 121, 1), 0);
        late.gap(&outage(100, 120));
        // Their clock is 2 s ahead.
        for (second, arrival) in [(99, 121), (105, 121), (106, 121), (122, 121), (123, 121)] {
            late.came("c", &record(second, arrival, second as u64), 2 * SECOND_NS);
        }
        assert_eq!(told(&late, &history, 0), [(105e3, 106e3, 2, true)]);
        late.came("c", &record(110, 120 + 400, 1), 0);
        assert!(!late.looks(), "that is long over");
        assert_eq!(told(&late, &history, 0).len(), 1);
    }

    #[test]
    fn a_gap_says_how_much_of_it_came_after_all() {
        let mut history = history();
        let mut late = Late::new("[\"f\",\"\"]", true, &mut history);
        (41..=44).for_each(|n| late.came_late("c", &record(12, 20, n)));
        let gap = |numbers: (u64, u64), cause| feedscope_history::Gap {
            id: feedscope_history::GapId(0),
            start_ns: 10 * SECOND_NS,
            end_ns: Some(14 * SECOND_NS),
            about: GapFacts {
                missing: Some(numbers.1 - numbers.0 + 1),
                numbers: Some(numbers),
                ..GapFacts::plain(cause)
            },
        };
        let healed = |gap, channel| late.healed(&gap, channel, &history);
        assert_eq!(healed(gap((41, 50), Cause::Missing), Some("c")), Some((4, true)));
        assert_eq!(healed(gap((43, 43), Cause::Missing), None), Some((1, true)));
        assert_eq!(healed(gap((51, 60), Cause::Missing), Some("c")), None);
        assert_eq!(healed(gap((41, 50), Cause::Missing), Some("d")), None);
    }

    #[test]
    fn it_is_bounded() {
        let mut history = history();
        let mut late = Late::new("[\"f\",\"\"]", false, &mut history);
        for n in 0..10_000 {
            late.came_late("c", &record(n * 10, 200_000, 1));
            late.settle(Time(200_000 * SECOND_NS), &mut history);
            assert!(late.runs.len() <= RUNS_MAX + 1);
        }
    }
}
