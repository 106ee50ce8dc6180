//! Puts what a feed brings into the store.

use crate::depth::Depths;
use crate::feeds::{Feed, GapFacts};
use crate::inspector::Tap;
use crate::inspector::message::{Kind, New};
use crate::inspector::ring::Measure;
use crate::pump::Changed;
use crate::saver::Bell;
use crate::shared::{Shared, lock};
use crate::store::Store;
use feedscope_feed::book::BookNews;
use feedscope_feed::{Batch, Control, Direction, Fate, Followed, Raw, Sink, Time, Transition};
use feedscope_history::Sample;
use std::sync::{Arc, Mutex};
use std::time::Instant;
use tokio::runtime::RuntimeFlavor;

/// Puts what a feed brings into the history, and some of its messages where they can be looked at.
pub(crate) struct StoreSink {
    shared: Arc<Mutex<Shared>>,
    changed: Arc<Changed>,
    /// [`Feed::number`].
    feed: u64,
    tap: Arc<Tap>,
    depths: Arc<Depths>,
    measure: Measure,
    /// Messages are held that are kept, and it is to be told what becomes of them.
    holds: bool,
    /// Came over the wire since the last batch.
    bytes: u64,
}

impl StoreSink {
    pub fn new(shared: Arc<Mutex<Shared>>, changed: Arc<Changed>, feed: &Feed) -> Self {
        let (feed, tap, depths) = (feed.number, feed.tap.clone(), feed.depths.clone());
        StoreSink {
            shared,
            changed,
            feed,
            tap,
            depths,
            measure: Measure::default(),
            holds: false,
            bytes: 0,
        }
    }
}

impl Sink for StoreSink {
    fn transition(&mut self, at: Time, transition: &Transition) {
        if !transition.state.is_open() {
            self.depths.outage(at);
        }
        let mut shared = lock(&self.shared);
        let Shared { store, alerts, .. } = &mut *shared;
        let Some(feed) = store.feeds.iter_mut().find(|feed| feed.number == self.feed) else {
            return;
        };
        feed.changed(at, transition, &mut store.history);
        alerts.transition(at, &feed.id, transition.state, &transition.cause);
        drop(shared);
        self.changed.notify_one();
    }

    fn raw(&mut self, at: Time, message: Raw<'_>) {
        // What was received is told of with what became of it.
        if message.direction == Direction::Received {
            self.bytes += message.payload.len() as u64;
        } else {
            let Raw { direction, is_text, payload } = message;
            let kind = if is_text { Kind::Text } else { Kind::Binary };
            self.tap.ring().push(&New { at, direction, kind, payload, followed: None });
        }
    }

    fn follow_next(&mut self, at: Time) -> usize {
        self.measure.next(self.tap.room(), at)
    }

    fn followed(&mut self, message: &Followed<'_>) {
        self.measure.took(message.payload.len());
        self.holds |= message.fate == Fate::Held;
        self.tap.ring().push(&New {
            at: message.arrival_time,
            direction: Direction::Received,
            kind: if message.is_text { Kind::Text } else { Kind::Binary },
            payload: message.payload,
            followed: Some(message),
        });
    }

    fn settled(&mut self, number: u64, fate: Fate) {
        if self.holds {
            self.tap.ring().settle(number, fate);
        }
    }

    fn wants_books(&mut self) -> bool {
        self.depths.is_watched()
    }

    fn book(&mut self, at: Time, news: &BookNews<'_>) {
        self.depths.take(news, at);
    }

    fn control(&mut self, at: Time, direction: Direction, what: Control, payload: &[u8]) {
        if matches!(what, Control::Ping | Control::Pong) {
            let mut shared = lock(&self.shared);
            let mut feeds = shared.store.feeds.iter_mut();
            if let Some(feed) = feeds.find(|feed| feed.number == self.feed) {
                let now = Instant::now();
                match (direction, what) {
                    (Direction::Sent, Control::Ping) => feed.clocks.pinged(now),
                    (Direction::Received, Control::Pong) => feed.clocks.answered(now),
                    _ => {}
                }
            }
        }
        let kind = Kind::Control(what);
        self.tap.ring().push(&New { at, direction, kind, payload, followed: None });
    }

    fn batch(&mut self, batch: &Batch<'_>) {
        self.holds &= batch.totals.ledger.held() > 0;
        let mut shared = lock(&self.shared);
        let Shared { store, alerts, .. } = &mut *shared;
        let Store { feeds, history, gap_changes, .. } = store;
        let Some(feed) = feeds.iter_mut().find(|feed| feed.number == self.feed) else { return };

        for new in batch.fields {
            feed.add_field(new, history);
        }
        for new in batch.texts {
            feed.add_text(new, history);
        }
        for word in batch.words {
            feed.learn(word);
        }
        for record in batch.records.iter().chain(batch.late) {
            let (time_ns, arrival_ns) = (record.time().0, record.arrival_time.0);
            for (field, value) in &record.fields {
                if let Some(series) = feed.decoded(*field) {
                    history.push(series, Sample { time_ns, arrival_ns, value: *value });
                }
            }
            for (text, code) in &record.texts {
                if let Some((series, value)) = feed.decoded_text(*text, *code) {
                    history.push(series, Sample { time_ns, arrival_ns, value });
                }
            }
        }

        alerts.batch(feed, batch);
        feed.meter.came(std::mem::take(&mut self.bytes));
        feed.note_times(batch.records);
        feed.note_channels(batch.records);
        feed.note_channels(batch.late);
        for gap in batch.gaps {
            let (start, end) = (gap.start.0, gap.end.unwrap_or(gap.start).0);
            for track in feed.tracks_of(gap, batch.names) {
                history.add_gap(track, start, end, GapFacts::from(gap));
                // Whatever lies after its start may now be parted from what lies before.
                gap_changes.note(start);
            }
            feed.late.gap(gap);
        }
        feed.note_late(batch.records, batch.late, Time::now());
        feed.totals(&batch.totals);
        if !batch.fields.is_empty() || !batch.texts.is_empty() {
            shared.store.reshaped();
        }
        let Store { feeds, history, derived, .. } = &mut shared.store;
        // Only now: the gaps are known that may lie between these records.
        if derived.listens_to(self.feed) {
            derived.take(self.feed, batch.records.iter().chain(batch.late), feeds, history);
        }
        let full = shared.store.ring();
        drop(shared);
        self.changed.notify_one();
        if let Some(bell) = full {
            wait_for_save(&bell);
        }
    }
}

/// The disk is slower than what comes. What waits meanwhile waits in the socket, at the sender's,
/// and is not dropped.
fn wait_for_save(bell: &Bell) {
    let flavor = tokio::runtime::Handle::try_current().map(|runtime| runtime.runtime_flavor());
    match flavor {
        // Others have something to do.
        Ok(RuntimeFlavor::MultiThread) => tokio::task::block_in_place(|| bell.wait_for_save()),
        _ => bell.wait_for_save(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::Axis;
    use crate::boards::Open;
    use crate::dir::DataDir;
    use crate::kept::{Kept, Written};
    use crate::saver::Saver;
    use crate::view;
    use feedscope_feed::decode::{Names, NewField, NewWord};
    use feedscope_feed::{ChannelId, Code, FieldId, Ledger, Profile, Record, TextId, Totals};
    use feedscope_history::Budget;
    use std::collections::BTreeMap;
    use std::path::Path;

    const SECOND: i64 = 1_000_000_000;
    const URL: &str = "ws://127.0.0.1:9/";

    /// A feed without a server, on what was kept in a folder.
    struct Bench {
        shared: Arc<Mutex<Shared>>,
        sink: StoreSink,
        saver: Saver,
        /// What the next batch has of texts.
        texts: (Vec<NewField<TextId>>, Vec<NewWord>),
    }

    impl Bench {
        fn open(folder: &Path) -> Bench {
            let dir = DataDir::new(folder.to_owned());
            let kept = Kept::open(&dir, Written::read(&dir));
            assert_eq!(kept.troubles, []);
            let mut shared = Shared::new(Open::default(), Vec::new());
            let store = &mut shared.store;
            store.history = kept.history;
            store.past = kept.past;
            store.disk = kept.disk.clone();
            let profile = Profile::from_url(URL);
            let mut feed =
                Feed::new("f".into(), 1, profile, URL.into(), URL, false, &mut store.history);
            feed.restore(store.past.take(feed.name()).fields, &mut store.history);
            store.feeds.push(feed);
            let shared = Arc::new(Mutex::new(shared));
            let changed: Arc<Changed> = Arc::default();
            let sink = {
                let feed = &lock(&shared).store.feeds[0];
                StoreSink::new(shared.clone(), changed.clone(), feed)
            };
            let disk = kept.disk.unwrap();
            let saver = Saver::start(shared.clone(), disk, kept.budget, changed).unwrap();
            Bench { shared, sink, saver, texts: Default::default() }
        }

        /// The decoder has found these, in this order.
        fn find(&mut self, paths: &[&str]) {
            let fields: Vec<NewField> = (0..)
                .zip(paths)
                .map(|(number, path)| NewField {
                    field: FieldId(number),
                    channel: ChannelId(0),
                    channel_name: "c".into(),
                    key: None,
                    key_name: None,
                    path: (*path).into(),
                })
                .collect();
            self.take(&fields, &[], &[]);
        }

        fn take(&mut self, fields: &[NewField], records: &[Record], late: &[Record]) {
            let totals = Totals {
                ledger: Ledger::default(),
                open_gap: None,
                lasting_gaps: &BTreeMap::new(),
                gaps: 0,
                missing: 0,
                reordered: 0,
                unscoped: 0,
                last_message: None,
                fields_unlisted: 0,
                texts_untold: 0,
                outbox: Default::default(),
            };
            let names = Names::default();
            self.sink.batch(&Batch {
                names: &names,
                fields,
                texts: &self.texts.0,
                words: &self.texts.1,
                records,
                late,
                gaps: &[],
                totals,
            });
        }

        /// Counts and first values of the columns of a second each, from 0 on.
        fn seen(&self, path: &str, axis: Axis) -> Vec<(i64, u64, f64)> {
            self.seen_of("f", "c", path, axis)
        }

        fn seen_of(
            &self,
            feed: &str,
            channel: &str,
            path: &str,
            axis: Axis,
        ) -> Vec<(i64, u64, f64)> {
            let traces = [crate::api::Trace {
                feed: feed.into(),
                channel: channel.into(),
                path: path.into(),
                ..crate::api::Trace::default()
            }];
            let mut shared = lock(&self.shared);
            let grid = view::grid(axis, 0.0, 100_000.0, 100);
            let found = view::find_all(&shared.store, &traces);
            let columns = loop {
                match view::columns(&shared.store, found.iter(), &grid) {
                    Ok(columns) => break columns,
                    Err(absent) => {
                        let loaded = shared.store.disk.clone().unwrap().bodies(&absent.0).unwrap();
                        shared.store.history.insert(loaded.bodies);
                    }
                }
            };
            columns[0].iter().map(|column| (column.index, column.count, column.first)).collect()
        }
    }

    fn record(second: i64, arrival: i64, values: &[(u32, f64)]) -> Record {
        Record {
            channel: ChannelId(0),
            key: None,
            sequence: None,
            source_time: Some(Time(second * SECOND)),
            arrival_time: Time(arrival * SECOND),
            fields: values.iter().map(|(field, value)| (FieldId(*field), *value)).collect(),
            texts: Vec::new(),
        }
    }

    fn new_text(number: u32, path: &str) -> NewField<TextId> {
        NewField {
            field: TextId(number),
            channel: ChannelId(0),
            channel_name: "c".into(),
            key: None,
            key_name: None,
            path: path.into(),
        }
    }

    fn new_word(field: u32, index: usize, text: &str) -> NewWord {
        NewWord { field: TextId(field), code: Code::of(index), text: text.into() }
    }

    fn said(second: i64, texts: &[(u32, Code)]) -> Record {
        let texts = texts.iter().map(|(field, code)| (TextId(*field), *code)).collect();
        Record { texts, ..record(second, second, &[]) }
    }

    #[test]
    fn texts_mean_after_a_relaunch_what_they_meant_before() {
        let folder = tempfile::tempdir().unwrap();
        let mut before = Bench::open(folder.path());
        before.texts = (
            vec![new_text(0, "ok"), new_text(1, "status")],
            vec![new_word(1, 0, "STARTING"), new_word(1, 1, "RUNNING")],
        );
        let first = [
            said(1, &[(0, Code::TRUE), (1, Code::of(0))]),
            said(2, &[(0, Code::FALSE), (1, Code::of(1))]),
        ];
        before.take(&[], &first, &[]);
        before.saver.close();
        drop(before);

        let mut after = Bench::open(folder.path());
        let texts_of = |bench: &Bench, path: &str| {
            let fields = lock(&bench.shared).store.feeds[0].fields_from(0);
            fields.into_iter().find(|field| field.path == path).unwrap().texts
        };
        let known = ["STARTING", "RUNNING"].map(String::from).to_vec();
        assert_eq!(texts_of(&after, "status"), Some(known));
        assert_eq!(texts_of(&after, "ok"), Some(Vec::new()));
        // The decoder numbers them anew, and in another order.
        after.texts = (
            vec![new_text(0, "status"), new_text(1, "new")],
            vec![
                new_word(0, 0, "FAILED"),
                new_word(0, 1, "RUNNING"),
                new_word(1, 0, "<b>"),
                new_word(0, 2, "STARTING"),
            ],
        );
        let second = [0, 1, 2].map(|n| said(5 + n, &[(0, Code::of(n as usize))]));
        after.take(&[], &second, &[]);
        let expected = ["STARTING", "RUNNING", "FAILED"].map(String::from).to_vec();
        assert_eq!(texts_of(&after, "status"), Some(expected.clone()));
        let seen = after.seen("status", Axis::Source);
        let seen: Vec<_> =
            seen.iter().map(|(at, _, code)| (*at, &*expected[*code as usize - 4])).collect();
        let (starting, running) = ("STARTING", "RUNNING");
        let meant = [(1, starting), (2, running), (5, "FAILED"), (6, running), (7, starting)];
        assert_eq!(seen, meant);
        assert_eq!(after.seen("ok", Axis::Source), [(1, 1, 1.0), (2, 1, 0.0)]);
        // Once more, with texts that came in the second run alone.
        after.saver.close();
        drop(after);
        let again = Bench::open(folder.path());
        assert_eq!(texts_of(&again, "status"), Some(expected));
        assert_eq!(texts_of(&again, "new"), Some(vec!["<b>".to_owned()]));
    }

    #[test]
    fn a_channel_is_heard_of_though_nothing_of_it_is_new() {
        let folder = tempfile::tempdir().unwrap();
        let mut bench = Bench::open(folder.path());
        bench.texts = (vec![new_text(0, "ok")], Vec::new());
        let records = [said(1, &[(0, Code::TRUE)]), said(2, &[]), said(3, &[])];
        bench.take(&[], &records, &[]);
        let heard = lock(&bench.shared).store.feeds[0].freshness("c").unwrap();
        assert_eq!((heard.records, heard.last_ms), (3, Some(3_000.0)));
    }

    #[test]
    fn a_field_that_has_numbers_is_one_of_numbers() {
        let folder = tempfile::tempdir().unwrap();
        let mut bench = Bench::open(folder.path());
        bench.find(&["price"]);
        bench.texts = (vec![new_text(0, "price"), new_text(1, "level")], Vec::new());
        bench.take(&[], &[record(1, 1, &[(0, 64_000.0)]), said(2, &[(0, Code::TRUE)])], &[]);
        assert_eq!(bench.seen("price", Axis::Source), [(1, 1, 64_000.0)]);
        // The other way round, it is one from then on.
        bench.texts = Default::default();
        bench.take(&[], &[said(3, &[(1, Code::TRUE)])], &[]);
        assert_eq!(bench.seen("level", Axis::Source), [(3, 1, 1.0)]);
        let late = NewField { field: FieldId(1), path: "level".into(), ..of_number() };
        bench.take(&[late], &[record(4, 4, &[(1, 7.0)])], &[]);
        assert_eq!(bench.seen("level", Axis::Source), [(4, 1, 7.0)]);
        assert_eq!(lock(&bench.shared).store.feeds[0].status(Instant::now()).fields_unlisted, 0);
    }

    fn of_number() -> NewField {
        let NewField { channel, channel_name, key, key_name, path, .. } = new_text(0, "");
        NewField { field: FieldId(0), channel, channel_name, key, key_name, path }
    }

    #[test]
    fn fields_of_now_are_those_of_before_whatever_their_numbers() {
        let folder = tempfile::tempdir().unwrap();
        let mut before = Bench::open(folder.path());
        before.find(&["a", "b"]);
        before.take(&[], &[record(1, 1, &[(0, 10.0), (1, 20.0)])], &[]);
        before.saver.close();
        drop(before);

        let mut after = Bench::open(folder.path());
        let known: Vec<_> =
            lock(&after.shared).store.feeds[0].fields_from(0).into_iter().map(|f| f.path).collect();
        assert_eq!(known, ["a", "b"]);
        // Found the other way round this time, with one that is new.
        after.find(&["new", "b", "a"]);
        after.take(&[], &[record(5, 5, &[(0, 31.0), (1, 21.0), (2, 11.0)])], &[]);
        assert_eq!(after.seen("a", Axis::Source), [(1, 1, 10.0), (5, 1, 11.0)]);
        assert_eq!(after.seen("b", Axis::Source), [(1, 1, 20.0), (5, 1, 21.0)]);
        assert_eq!(after.seen("new", Axis::Source), [(5, 1, 31.0)]);
        let fields = lock(&after.shared).store.feeds[0].fields_from(0);
        assert_eq!(fields.last().unwrap().path, "new");
    }

    #[test]
    fn a_derived_series_is_made_of_what_is_on_the_disk_alone() {
        const COUNT: i64 = 50_000;
        let folder = tempfile::tempdir().unwrap();
        let mut before = Bench::open(folder.path());
        before.find(&["a"]);
        let records: Vec<_> = (0..COUNT).map(|s| record(s, s, &[(0, (s * s) as f64)])).collect();
        before.take(&[], &records, &[]);
        before.saver.close();
        drop(before);

        let after = Bench::open(folder.path());
        let input =
            crate::api::DerivedInput { feed: "f".into(), channel: "c".into(), path: "a".into() };
        let series = crate::api::DerivedSeries {
            id: "d".into(),
            expression: "delta(a)".into(),
            inputs: [("a".to_owned(), input)].into(),
            ..Default::default()
        };
        let mut shared = lock(&after.shared);
        let Store { feeds, history, derived, disk, .. } = &mut shared.store;
        derived.set(series, feeds, history).unwrap();
        let disk = disk.clone().unwrap();
        let mut reads = 0;
        loop {
            match derived.step(feeds, history) {
                Ok(true) => {}
                Ok(false) => break,
                Err(absent) => {
                    history.insert(disk.bodies(&absent.0).unwrap().bodies);
                    reads += 1;
                }
            }
        }
        assert!(reads > 0, "it was in memory");
        drop(shared);
        let made = after.seen_of(crate::derived::FEED, "", "d", Axis::Source);
        let expected: Vec<_> = (1..=100).map(|s| (s, 1, (2 * s - 1) as f64)).collect();
        assert_eq!(made, expected);
        let shared = lock(&after.shared);
        let Store { history, derived, .. } = &shared.store;
        let trace = crate::api::Trace {
            feed: crate::derived::FEED.into(),
            path: "d".into(),
            ..Default::default()
        };
        let (series, _) = derived.find(&trace).unwrap();
        assert_eq!(history.sample_count(series), COUNT as u64 - 1);
    }

    #[test]
    fn what_comes_late_from_before_goes_where_it_belongs() {
        let folder = tempfile::tempdir().unwrap();
        let mut before = Bench::open(folder.path());
        before.find(&["a"]);
        let records: Vec<_> = [1, 2, 4, 5].map(|s| record(s, s, &[(0, s as f64)])).into();
        before.take(&[], &records, &[]);
        before.saver.close();
        drop(before);

        let mut after = Bench::open(folder.path());
        after.find(&["a"]);
        after.take(&[], &[record(50, 50, &[(0, 50.0)])], &[record(3, 51, &[(0, 3.0)])]);
        let by_source = [1, 2, 3, 4, 5, 50].map(|second| (second, 1, second as f64));
        assert_eq!(after.seen("a", Axis::Source), by_source);
        let by_arrival = [(1, 1.0), (2, 2.0), (4, 4.0), (5, 5.0), (50, 50.0), (51, 3.0)];
        let by_arrival = by_arrival.map(|(second, first)| (second, 1, first));
        assert_eq!(after.seen("a", Axis::Arrival), by_arrival);
        after.saver.close();
        drop(after);
        assert_eq!(
            Bench::open(folder.path()).seen("a", Axis::Source),
            by_source,
            "and stays there"
        );
    }

    #[test]
    fn more_fields_than_the_profile_allows_push_out_those_that_came_longest_ago() {
        let mut history =
            feedscope_history::History::new(Budget { memory_bytes: 1 << 20, disk_bytes: None });
        let mut profile = Profile::from_url(URL);
        profile.limits.fields_max = 2;
        let mut feed = Feed::new("f".into(), 1, profile, URL.into(), URL, false, &mut history);
        let left = [("a", 3), ("b", 1), ("c", 2)].map(|(path, seconds)| {
            let name = crate::names::field(feed.name(), "c", None, path);
            let series = history.add_series(&name);
            let time_ns = seconds * SECOND;
            history.push(series, Sample { time_ns, arrival_ns: time_ns, value: 1.0 });
            crate::past::PastField {
                series,
                channel: "c".into(),
                key: None,
                path: path.into(),
                texts: None,
            }
        });
        feed.restore(left.into(), &mut history);
        let paths: Vec<_> = feed.fields_from(0).into_iter().map(|field| field.path).collect();
        assert_eq!(paths, ["a", "c"]);
        assert_eq!(history.series().count(), 2);
    }
}
