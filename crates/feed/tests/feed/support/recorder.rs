//! A feed whose every word is kept and checked.

use super::DEADLINE;
use feedscope_feed::decode::NewField;
use feedscope_feed::{
    Batch, Cause, ChannelId, Direction, Gap, KeyId, Ledger, Profile, Raw, Receipt, Record,
    Settings, Sink, State, Subscription, Time, Transition, Trouble,
};
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Deref;
use std::time::Duration;
use tokio::sync::watch;

/// Everything that a feed told.
#[derive(Debug, Default)]
pub struct Seen {
    pub transitions: Vec<(Time, Transition)>,
    pub fields: Vec<NewField>,
    pub records: Vec<Record>,
    pub late: Vec<Record>,
    /// Those that ended.
    pub gaps: Vec<Gap>,
    pub open_gap: Option<Gap>,
    pub ledger: Ledger,
    pub missing: u64,
    pub reordered: u64,
    pub fields_unlisted: u64,
    /// What was sent, as it may be shown.
    pub sent: Vec<String>,
    pub noted: Vec<String>,
    /// What the channels and keys of all records are called.
    pub channels: BTreeMap<ChannelId, String>,
    pub keys: BTreeMap<KeyId, String>,
    /// By number, records that came before the feed was live: an outage lasts until it is.
    early: BTreeSet<usize>,
    /// Promises that hold for every feed at every moment, and did not.
    broken: Vec<String>,
}

impl Seen {
    pub fn state(&self) -> State {
        self.transitions.last().map_or(State::Idle, |(_, transition)| transition.state)
    }

    pub fn states(&self) -> Vec<State> {
        self.transitions.iter().map(|(_, transition)| transition.state).collect()
    }

    pub fn count(&self, state: State) -> usize {
        self.transitions.iter().filter(|(_, transition)| transition.state == state).count()
    }

    /// The latest transition to a state.
    pub fn latest(&self, state: State) -> Option<&(Time, Transition)> {
        self.transitions.iter().rfind(|(_, transition)| transition.state == state)
    }

    /// Everything that went wrong, in order.
    pub fn troubles(&self) -> Vec<&Trouble> {
        self.transitions.iter().filter_map(|(_, transition)| transition.trouble.as_ref()).collect()
    }

    pub fn sequences(&self) -> Vec<u64> {
        self.records.iter().filter_map(|record| record.sequence).collect()
    }

    /// The values of a field, in order.
    pub fn values(&self, path: &str) -> Vec<f64> {
        let ids: Vec<_> = self
            .fields
            .iter()
            .filter(|field| field.path == path)
            .map(|field| field.field)
            .collect();
        let fields = self.records.iter().flat_map(|record| &record.fields);
        fields.filter(|(id, _)| ids.contains(id)).map(|(_, value)| *value).collect()
    }

    pub fn gaps_by(&self, cause: Cause) -> Vec<&Gap> {
        self.gaps.iter().filter(|gap| gap.cause == cause).collect()
    }

    /// All numbers that were declared missing, in order of size.
    pub fn declared(&self) -> Vec<u64> {
        let ranges = self.gaps.iter().filter_map(|gap| gap.missing);
        let mut numbers: Vec<u64> = ranges.flat_map(|(first, last)| first..=last).collect();
        numbers.sort_unstable();
        numbers
    }

    fn check(&mut self, holds: bool, promise: &str) {
        if !holds {
            self.broken.push(promise.to_owned());
        }
    }

    fn take(&mut self, batch: &Batch<'_>) {
        self.fields.extend_from_slice(batch.fields);
        let is_early = self.state() == State::Opening;
        if is_early {
            self.early.extend(self.records.len()..self.records.len() + batch.records.len());
        }
        self.records.extend_from_slice(batch.records);
        for record in batch.records {
            let channel = batch.names.channel(record.channel).unwrap_or("unknown");
            self.channels.entry(record.channel).or_insert_with(|| channel.to_owned());
            if let Some(key) = record.key {
                let name = batch.names.key(key).unwrap_or("unknown");
                self.keys.entry(key).or_insert_with(|| name.to_owned());
            }
        }
        self.late.extend_from_slice(batch.late);
        self.gaps.extend_from_slice(batch.gaps);
        let totals = &batch.totals;
        let ledger = totals.ledger;
        self.open_gap = totals.open_gap.cloned();
        self.missing = totals.missing;
        self.reordered = totals.reordered;
        self.fields_unlisted = totals.fields_unlisted;

        self.check(ledger.balances(), "The ledger balances.");
        self.check(
            ledger.received() >= self.ledger.received(),
            "What was received stays received.",
        );
        self.check(
            ledger.delivered() == self.records.len() as u64,
            "All that the ledger says is delivered has been handed on.",
        );
        let lasting = usize::from(self.open_gap.is_some()) + totals.lasting_gaps.len();
        let all = self.gaps.len() + lasting;
        self.check(totals.gaps == all as u64, "Every gap is handed on, and counted.");
        let known = self.fields.len() as u32;
        let fields = batch.records.iter().flat_map(|record| &record.fields);
        let all_known = fields.clone().all(|(field, _)| field.0 < known);
        self.check(all_known, "A field is told before the first record that has it.");
        let in_no_outage = batch.gaps.iter().filter(|gap| is_outage(gap)).all(|gap| {
            let after = self.records.iter().enumerate().rev();
            let mut after = after.take_while(|(_, record)| record.arrival_time > gap.start);
            after.all(|(at, record)| {
                self.early.contains(&at) || gap.end.is_none_or(|end| record.arrival_time >= end)
            })
        });
        self.check(in_no_outage, "Nothing arrives during an outage.");
        let down_since = self.open_gap.as_ref().filter(|gap| is_outage(gap)).map(|gap| gap.start);
        let is_quiet = is_early
            || down_since.is_none_or(|since| batch.records.iter().all(|r| r.arrival_time <= since));
        self.check(is_quiet, "Records are handed on after the outage that they end.");
        self.ledger = ledger;
    }
}

fn is_outage(gap: &Gap) -> bool {
    matches!(gap.cause, Cause::Outage | Cause::Overflow)
}

pub struct Recorder(watch::Sender<Seen>);

impl Sink for Recorder {
    fn transition(&mut self, at: Time, transition: &Transition) {
        self.0.send_modify(|seen| seen.transitions.push((at, transition.clone())));
    }

    fn batch(&mut self, batch: &Batch<'_>) {
        self.0.send_modify(|seen| seen.take(batch));
    }

    fn raw(&mut self, _at: Time, message: Raw<'_>) {
        if message.direction == Direction::Sent {
            let text = String::from_utf8_lossy(message.payload).into_owned();
            self.0.send_modify(|seen| seen.sent.push(text));
        }
    }

    fn noted(&mut self, _at: Time, what: &str) {
        self.0.send_modify(|seen| seen.noted.push(what.to_owned()));
    }
}

/// A subscription at work, and all that it told so far.
pub struct Feed {
    subscription: Subscription,
    seen: watch::Receiver<Seen>,
}

impl Feed {
    pub fn start(profile: Profile) -> Self {
        Feed::start_with(profile, |recorder| recorder)
    }

    /// In another world than the real one.
    pub fn start_in(profile: Profile, settings: Settings) -> Self {
        let (recorder, seen) = watch::channel(Seen::default());
        let subscription = Subscription::start(profile, settings, Recorder(recorder));
        Feed { subscription: subscription.expect("it names no files"), seen }
    }

    /// With a sink that passes on what it gets.
    pub fn start_with<S: Sink>(profile: Profile, sink: impl FnOnce(Recorder) -> S) -> Self {
        let (recorder, seen) = watch::channel(Seen::default());
        let subscription =
            Subscription::start(profile, Settings::default(), sink(Recorder(recorder)));
        Feed { subscription: subscription.expect("it names no files"), seen }
    }

    /// Waits until `condition` holds.
    #[track_caller]
    pub fn until(
        &mut self,
        what: &'static str,
        mut condition: impl FnMut(&Seen) -> bool,
    ) -> impl Future<Output = impl Deref<Target = Seen>> {
        let asked = std::panic::Location::caller();
        async move {
            let mut receiver = self.seen.clone();
            let wait = receiver.wait_for(|seen| !seen.broken.is_empty() || condition(seen));
            let met = tokio::time::timeout(DEADLINE, wait).await.map(|met| met.map(drop));
            let seen = self.seen.borrow();
            assert!(seen.broken.is_empty(), "{asked}: {:?}", seen.broken);
            assert!(
                matches!(met, Ok(Ok(()))),
                "{asked}: waited in vain until {what}; ended: {}; {}",
                met.is_ok(),
                story(&seen)
            );
            seen
        }
    }

    /// Waits until it has changed to `state` so many times.
    pub async fn reaches(&mut self, state: State, times: usize) -> impl Deref<Target = Seen> {
        self.until("it reaches a state", move |seen| seen.count(state) >= times).await
    }

    pub async fn is_live(&mut self) -> impl Deref<Target = Seen> {
        self.until("it is live", |seen| seen.state() == State::Live).await
    }

    pub async fn has_received(&mut self, messages: u64) -> impl Deref<Target = Seen> {
        self.until("all is received", move |seen| seen.ledger.received() >= messages).await
    }

    /// Waits until an attempt or a session has failed: why, and how long until the next.
    pub async fn trouble(&mut self) -> (Trouble, State, Option<Duration>) {
        let seen = self.until("something fails", |seen| !seen.troubles().is_empty()).await;
        let failed = seen.transitions.iter().find(|(_, transition)| transition.trouble.is_some());
        let transition = failed.map(|(_, transition)| transition.clone()).expect("it is there");
        assert!(transition.wait.is_some() == (transition.state == State::Waiting));
        (transition.trouble.expect("it has one"), transition.state, transition.wait)
    }

    pub fn seen(&self) -> impl Deref<Target = Seen> {
        self.seen.borrow()
    }

    pub fn reconnect(&self) {
        self.subscription.reconnect();
    }

    pub fn stop(&self) {
        self.subscription.stop();
    }

    pub fn pause(&self) {
        self.subscription.pause();
    }

    pub fn resume(&self) {
        self.subscription.resume();
    }

    pub fn send(&self, message: &str) -> Receipt {
        self.subscription.send(message)
    }
}

fn story(seen: &Seen) -> String {
    let transitions: Vec<_> = seen
        .transitions
        .iter()
        .map(|(_, change)| format!("\n  {:?}: {} {:?}", change.state, change.cause, change.trouble))
        .collect();
    format!("{:?} {:?}{}", seen.ledger, seen.open_gap, transitions.concat())
}
