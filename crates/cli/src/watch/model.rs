//! What is shown of a feed: its latest values, its rates, and what happened lately. It takes what
//! comes as it comes, and is looked at a few times a second.

use super::json::names_of;
use crate::follow::{Account, Output};
use crate::visible::visible;
use feedscope_feed::{Batch, ChannelId, Gap, KeyId, Sink, State, Time, Transition, Trouble};
use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// Channels and keys that are told apart; nobody reads more, and what is beyond is counted in the
/// ledger all the same.
const ROWS_MAX: usize = 5_000;
/// Events that are remembered until somebody looks; what is beyond is counted.
const EVENTS_MAX: usize = 100;
/// Latencies between two looks, of which the middle and the largest are shown.
const LATENCIES_MAX: usize = 1_024;
/// Over which rates are taken: long enough to be still, short enough to be present.
const RATE_OVER: Duration = Duration::from_secs(1);

#[derive(Debug)]
pub struct Model {
    pub title: String,
    pub url: String,
    started: Instant,
    pub state: State,
    /// Since when it is in this state.
    pub since: Time,
    pub cause: String,
    /// When the next attempt is.
    pub next: Option<Time>,
    pub trouble: Option<Trouble>,
    pub account: Account,
    pub last_message: Option<Time>,
    pub rows: Vec<Row>,
    index: HashMap<(ChannelId, Option<KeyId>), usize>,
    /// By number of the field: its row and its place there.
    fields: Vec<Option<(usize, usize)>>,
    events: VecDeque<Event>,
    events_untold: u64,
    latencies: Vec<i64>,
    pub latency: Option<Latency>,
    received: u64,
    pub rate: f64,
    rated: Instant,
}

/// What has a rate and gaps of its own.
#[derive(Debug)]
pub struct Row {
    pub channel: String,
    pub key: Option<String>,
    records: u64,
    rated_records: u64,
    pub rate: f64,
    pub gaps: u64,
    pub missing: u64,
    pub fields: Vec<Field>,
}

#[derive(Debug)]
pub struct Field {
    pub path: String,
    pub value: Option<f64>,
}

/// Something that happened, in words.
#[derive(Clone, Debug)]
pub struct Event {
    pub at: Time,
    pub what: String,
}

/// From the source's time to ours; below zero, where the clocks differ.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Latency {
    pub median_ms: f64,
    pub max_ms: f64,
}

impl Model {
    pub fn new(title: &str, url: &str) -> Self {
        let now = Instant::now();
        Model {
            title: visible(title),
            url: visible(url),
            started: now,
            state: State::Idle,
            since: Time::now(),
            cause: String::new(),
            next: None,
            trouble: None,
            account: Account::default(),
            last_message: None,
            rows: Vec::new(),
            index: HashMap::new(),
            fields: Vec::new(),
            events: VecDeque::new(),
            events_untold: 0,
            latencies: Vec::new(),
            latency: None,
            received: 0,
            rate: 0.0,
            rated: now,
        }
    }

    pub fn running(&self) -> Duration {
        self.started.elapsed()
    }

    /// What happened since this was last asked, and how much more than could be remembered.
    pub fn take_events(&mut self) -> (Vec<Event>, u64) {
        (self.events.drain(..).collect(), std::mem::take(&mut self.events_untold))
    }

    /// Brings rates and latency up to the present.
    pub fn look(&mut self) {
        let over = self.rated.elapsed();
        if over < RATE_OVER {
            return;
        }
        self.rated = Instant::now();
        let seconds = over.as_secs_f64();
        let received = self.account.ledger.received();
        self.rate = (received - self.received) as f64 / seconds;
        self.received = received;
        for row in &mut self.rows {
            row.rate = (row.records - row.rated_records) as f64 / seconds;
            row.rated_records = row.records;
        }
        self.latencies.sort_unstable();
        let ms = |nanos: &i64| *nanos as f64 / 1e6;
        let (median, max) = (self.latencies.get(self.latencies.len() / 2), self.latencies.last());
        self.latency =
            median.zip(max).map(|(median, max)| Latency { median_ms: ms(median), max_ms: ms(max) });
        self.latencies.clear();
    }

    fn event(&mut self, at: Time, what: String) {
        if self.events.len() < EVENTS_MAX {
            self.events.push_back(Event { at, what });
        } else {
            self.events_untold += 1;
        }
    }

    fn row(
        &mut self,
        of: (ChannelId, Option<KeyId>),
        name: impl FnOnce() -> (String, Option<String>),
    ) -> Option<usize> {
        if let Some(row) = self.index.get(&of) {
            return Some(*row);
        }
        if self.rows.len() >= ROWS_MAX {
            return None;
        }
        let (channel, key) = name();
        self.rows.push(Row {
            channel,
            key,
            records: 0,
            rated_records: 0,
            rate: 0.0,
            gaps: 0,
            missing: 0,
            fields: Vec::new(),
        });
        self.index.insert(of, self.rows.len() - 1);
        Some(self.rows.len() - 1)
    }

    fn transition(&mut self, at: Time, transition: &Transition) {
        self.state = transition.state;
        self.since = at;
        self.cause = visible(&transition.cause);
        self.next = transition.wait.map(|wait| at + wait);
        self.trouble.clone_from(&transition.trouble);
        let what = format!("{}. {}", state_name(transition.state), self.cause);
        self.event(at, what);
    }

    fn batch(&mut self, batch: &Batch<'_>) {
        let names = batch.names;
        let name = |(channel, key): (ChannelId, Option<KeyId>)| {
            let channel = visible(names.channel(channel).unwrap_or_default());
            (channel, key.map(|key| visible(names.key(key).unwrap_or_default())))
        };
        for field in batch.fields {
            let of = (field.channel, field.key);
            let index = field.field.0 as usize;
            if self.fields.len() <= index {
                self.fields.resize(index + 1, None);
            }
            if let Some(at) = self.row(of, || name(of))
                && let Some(row) = self.rows.get_mut(at)
            {
                row.fields.push(Field { path: visible(&field.path), value: None });
                let place = (at, row.fields.len() - 1);
                if let Some(field) = self.fields.get_mut(index) {
                    *field = Some(place);
                }
            }
        }
        for record in batch.records {
            let of = (record.channel, record.key);
            if let Some(row) = self.row(of, || name(of)).and_then(|at| self.rows.get_mut(at)) {
                row.records += 1;
            }
            for (field, value) in &record.fields {
                if let Some(Some((row, at))) = self.fields.get(field.0 as usize)
                    && let Some(row) = self.rows.get_mut(*row)
                    && let Some(field) = row.fields.get_mut(*at)
                {
                    field.value = Some(*value);
                }
            }
            if let Some(source) = record.source_time
                && self.latencies.len() < LATENCIES_MAX
            {
                self.latencies.push(record.arrival_time.0.saturating_sub(source.0));
            }
        }
        for gap in batch.gaps {
            if let Some(channel) = gap.channel {
                let of = (channel, gap.key);
                if let Some(row) = self.row(of, || name(of)).and_then(|at| self.rows.get_mut(at)) {
                    row.gaps += 1;
                    row.missing += gap.missing_count.unwrap_or(0);
                }
            }
            let (channel, key) = names_of(gap, names);
            self.event(gap.end.unwrap_or(gap.start), gap_story(gap, channel, key));
        }
        let totals = &batch.totals;
        self.account.ledger = totals.ledger;
        self.account.totals.gaps = totals.gaps;
        self.account.totals.missing = totals.missing;
        self.account.totals.reordered = totals.reordered;
        self.account.totals.fields_unlisted = totals.fields_unlisted;
        self.last_message = totals.last_message;
    }
}

fn gap_story(gap: &Gap, channel: Option<&str>, key: Option<&str>) -> String {
    let lasted = gap.end.map_or(String::new(), |end| {
        format!(" of {}", super::words::lasting(end.since(gap.start)))
    });
    let of: Vec<_> = channel.into_iter().chain(key).map(visible).collect();
    let of = if of.is_empty() { String::new() } else { format!(" in {}", of.join(" ")) };
    format!("Gap{lasted}{of}. {}", visible(&gap.story))
}

pub fn state_name(state: State) -> &'static str {
    match state {
        State::Idle => "Idle",
        State::Connecting => "Connecting",
        State::Opening => "Opening",
        State::Live => "Live",
        State::Stale => "Stale",
        State::Waiting => "Waiting",
        State::Stopped => "Stopped",
    }
}

/// A model that the subscription fills, and that others look at.
#[derive(Clone, Debug)]
pub struct Shared(Arc<Mutex<Model>>);

impl Shared {
    pub fn new(model: Model) -> Self {
        Shared(Arc::new(Mutex::new(model)))
    }

    pub fn lock(&self) -> MutexGuard<'_, Model> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Sink for Shared {
    fn transition(&mut self, at: Time, transition: &Transition) {
        self.lock().transition(at, transition);
    }

    fn noted(&mut self, at: Time, what: &str) {
        self.lock().event(at, visible(what));
    }

    fn batch(&mut self, batch: &Batch<'_>) {
        self.lock().batch(batch);
    }
}

impl Output for Shared {}
