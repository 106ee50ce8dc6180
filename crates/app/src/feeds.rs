//! The feeds of a running application: what came of each, and how it is doing.

use crate::alerts::Watched;
use crate::depth::Depths;
use crate::health::{Clocks, Counts, Late, Meter, States};
use crate::inspector::Tap;
use crate::inspector::send::Lately;
use crate::past::{LastGap, Listened, PastFeed, PastField, TextsVersion};
use crate::texts::{Learned, Texts, ToldWords};
use crate::{api, names};
use feedscope_feed::decode::{Names, NewField, NewWord};
use feedscope_feed::said::Part;
use feedscope_feed::{
    ChannelId, Code, FieldId, KeyId, Ledger, Profile, Record, State, Subscription, TextId, Time,
    Totals,
};
use feedscope_history::{History, SeriesId, TrackId};
use serde::{Deserialize, Serialize};
use std::collections::{HashMap, VecDeque};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Changes of state that are remembered, to be drawn in the connection strip.
const TRANSITIONS_MAX: usize = 1_000;

/// All texts of a feed that have codes: twice as much as the decoder tells apart, those of now and
/// those of before.
const TEXT_BYTES_MAX: usize = 8 << 20;

/// Records whose latency is measured of a batch, between two updates, and in all: enough for
/// percentiles, whatever the rate.
const LATENCIES_PER_BATCH_MAX: usize = 16;
const LATENCIES_PER_UPDATE_MAX: usize = 256;
const LATENCIES_MAX: usize = 16_384;

/// The time over which rates and latencies are measured.
const LATELY: Duration = Duration::from_secs(1);

/// What was not drawn for so long came while no window showed it.
const NOT_LOOKED_AT: Duration = Duration::from_secs(10);

/// How finely the time over which a rate is measured can be told.
const NOTE_EVERY: Duration = Duration::from_millis(50);

/// What is remembered of a gap, beside its span.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct GapFacts {
    pub cause: feedscope_feed::Cause,
    pub missing: Option<u64>,
    pub story: String,
    /// The same, for other languages; not known of gaps that were kept by an older Feedscope.
    #[serde(default)]
    pub said: Vec<Part>,
    /// The sequence numbers that did not come, the first and the last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub numbers: Option<(u64, u64)>,
    /// What it is, where it is no gap but another span of a track that no line is broken by.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub other: Option<Other>,
}

/// Spans beside gaps.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) enum Other {
    /// What the session was in; `None`: nobody listened.
    State { state: Option<State> },
    /// What came late, when that was, and whether the server sent it again.
    Late {
        channel: String,
        came: (i64, i64),
        messages: u64,
        numbers: Option<(u64, u64)>,
        replayed: bool,
    },
}

pub(crate) struct Field {
    pub channel: usize,
    pub path: String,
    pub series: SeriesId,
    /// What its numbers stand for, if it holds texts or booleans.
    pub texts: Option<Texts>,
    /// How many samples it had when its value was last told.
    told: Option<u64>,
}

impl Field {
    /// The latest value, if it has not been told since it came.
    pub fn fresh(&mut self, history: &History<GapFacts>) -> Option<f64> {
        let count = history.pushed_count(self.series);
        if self.told == Some(count) {
            return None;
        }
        let latest = history.latest(self.series)?;
        self.told = Some(count);
        Some(latest.value)
    }

    /// Its value is to be told again.
    pub fn forget_told(&mut self) {
        self.told = None;
    }
}

/// A channel, or where a channel has keys, one of them.
pub(crate) struct Channel {
    pub name: String,
    pub track: TrackId,
    of: (Arc<str>, Option<Arc<str>>),
    fields: HashMap<String, usize>,
    /// Those that hold texts or booleans.
    texts: HashMap<String, usize>,
    heard: Heard,
}

/// When something happened, and when it came.
#[derive(Clone, Copy, Debug)]
struct Stamps {
    source: Option<Time>,
    arrival: Time,
}

/// When a channel was heard of.
#[derive(Clone, Copy, Debug, Default)]
struct Heard {
    /// Records that came since the feed was subscribed to.
    records: u64,
    first: Option<Time>,
    /// Also of an earlier run.
    last: Option<Time>,
}

/// One feed.
pub(crate) struct Feed {
    pub id: String,
    /// No other has or ever had it, while an id may be used again once its feed is removed.
    pub number: u64,
    pub profile: Profile,
    /// What it is called where no board gives it a name.
    own_name: String,
    /// Where its data come from, as boards name that.
    pub url: String,
    pub builtin: bool,
    pub subscription: Option<Subscription>,
    /// Its messages, as they came over the wire.
    pub tap: Arc<Tap>,
    /// Its order books, while they are shown.
    pub depths: Arc<Depths>,
    /// What was sent by hand in the last second.
    pub sent_lately: Lately,
    /// What its track is called in the history.
    name: String,
    pub channels: Vec<Channel>,
    by_name: HashMap<String, usize>,
    by_parts: HashMap<(Arc<str>, Option<Arc<str>>), usize>,
    pub fields: Vec<Field>,
    /// The series of each field of the decoder's. `None`: there are too many, and it is not kept.
    decoded: Vec<Option<SeriesId>>,
    /// The channel of each of them.
    decoded_channels: Vec<usize>,
    /// As `decoded`, of those that hold texts or booleans: which of `fields` each is.
    decoded_texts: Vec<Option<usize>>,
    /// The channels that have such, by the decoder's numbers.
    text_channels: HashMap<(ChannelId, Option<KeyId>), usize>,
    /// How many of `fields` hold those.
    text_count: usize,
    /// Texts that have got codes since it was subscribed to, in that order: each of which field.
    coded: Vec<(u32, Code)>,
    /// How many bytes the texts have that have codes.
    text_bytes: usize,
    /// Changes with each text that is the latest of those that have no code.
    others: u64,
    texts_untold: u64,
    /// How many of those are `None`.
    unkept: u64,
    /// How many of the fields were there when it was subscribed to: whoever is told of the feed knows
    /// of them.
    pub fields_restored: usize,
    pub track: TrackId,
    /// The gap that has not ended; it is not in the history yet.
    pub open_gap: Option<feedscope_feed::Gap>,
    /// Changes with each change of `open_gap`.
    pub open_gap_version: u64,
    pub transitions: VecDeque<api::Transition>,
    /// How many there ever were: the last of them are kept.
    pub transitions_ever: u64,
    pub state: State,
    ledger: Ledger,
    gaps: u64,
    missing: u64,
    reordered: u64,
    last_message: Option<Time>,
    fields_unlisted: u64,
    /// Messages received in all, at moments over the last second.
    received: VecDeque<(Instant, u64)>,
    /// Some of what came since the last update was made.
    undrawn: Vec<Stamps>,
    /// Some of what the update in flight shows.
    in_flight: Vec<Stamps>,
    latencies: VecDeque<(Instant, f64)>,
    /// Which alerts are about what of it.
    pub watched: Watched,
    pub states: States,
    pub late: Late,
    pub clocks: Clocks,
    pub meter: Meter,
}

impl Feed {
    pub fn new(
        id: String,
        number: u64,
        profile: Profile,
        url: String,
        shown: &str,
        builtin: bool,
        history: &mut History<GapFacts>,
    ) -> Self {
        let name = names::feed(&id, shown);
        let asks = profile.sequence.iter().any(|sequence| sequence.on_gap.is_some());
        let mut meter = Meter::default();
        meter.restore(&name, history);
        Feed {
            states: States::new(&name, history),
            late: Late::new(&name, asks, history),
            clocks: Clocks::default(),
            meter,
            id,
            number,
            own_name: profile.name.clone(),
            profile,
            url,
            builtin,
            subscription: None,
            tap: Arc::default(),
            depths: Arc::default(),
            sent_lately: Lately::default(),
            channels: Vec::new(),
            by_name: HashMap::new(),
            by_parts: HashMap::new(),
            fields: Vec::new(),
            decoded: Vec::new(),
            decoded_channels: Vec::new(),
            decoded_texts: Vec::new(),
            text_channels: HashMap::new(),
            text_count: 0,
            coded: Vec::new(),
            text_bytes: 0,
            others: 0,
            texts_untold: 0,
            unkept: 0,
            fields_restored: 0,
            track: history.add_track(&name),
            name,
            open_gap: None,
            open_gap_version: 0,
            transitions: VecDeque::new(),
            transitions_ever: 0,
            state: State::Idle,
            ledger: Ledger::default(),
            gaps: 0,
            missing: 0,
            reordered: 0,
            last_message: None,
            fields_unlisted: 0,
            received: VecDeque::new(),
            undrawn: Vec::new(),
            in_flight: Vec::new(),
            latencies: VecDeque::new(),
            watched: Watched::default(),
        }
    }

    /// Has it be called so; nothing is what it is called by itself. True if that is new.
    pub fn rename(&mut self, name: &str) -> bool {
        let name = if name.is_empty() { self.own_name.as_str() } else { name };
        let is_new = self.profile.name != name;
        if is_new {
            self.profile.name = name.to_owned();
        }
        is_new
    }

    pub fn channel(&self, name: &str) -> Option<&Channel> {
        self.channels.get(*self.by_name.get(name)?)
    }

    /// The tracks of all that a gap concerns.
    pub fn tracks_of(&self, gap: &feedscope_feed::Gap, names: &Names) -> Vec<TrackId> {
        let Some(channel) = gap.channel else { return vec![self.track] };
        let channel = names.channel(channel);
        let key = gap.key.and_then(|key| names.key(key));
        let concerned = |(of, with): &(Arc<str>, Option<Arc<str>>)| {
            Some(&**of) == channel && (gap.key.is_none() || with.as_deref() == key)
        };
        let channels = self.channels.iter().filter(|channel| concerned(&channel.of));
        channels.map(|channel| channel.track).collect()
    }

    /// What an earlier run's feed is known by that was this one.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// That it is listened to now, if it ever was.
    pub fn listened(&self, now: Time) -> Option<(String, Listened)> {
        let gap = self
            .open_gap
            .as_ref()
            .map(|gap| LastGap { start_ns: gap.start.0, facts: GapFacts::from(gap) });
        let listened = Listened { until_ns: now.0, gap, state: self.states.lasting().cloned() };
        (!self.fields.is_empty()).then(|| (self.name.clone(), listened))
    }

    /// What is left of it once it is not subscribed to any more.
    pub fn left(&self, now: Time) -> PastFeed {
        let field = |field: &Field| {
            let (channel, key) = &self.channels[field.channel].of;
            PastField {
                series: field.series,
                channel: channel.to_string(),
                key: key.as_deref().map(String::from),
                path: field.path.clone(),
                texts: field.texts.as_ref().map(|texts| texts.texts().to_vec()),
            }
        };
        PastFeed {
            fields: self.fields.iter().map(field).collect(),
            listened: self.listened(now).map(|(_, listened)| listened),
            texts: self.texts_version(),
        }
    }

    /// Takes up what an earlier run left of it. Of more fields than the profile allows, those that
    /// have not come for longest are forgotten.
    pub fn restore(&mut self, mut fields: Vec<PastField>, history: &mut History<GapFacts>) {
        let max = self.profile.limits.fields_max;
        // As many of numbers, and as many of texts.
        for of_texts in [false, true] {
            let is_kind = |field: &PastField| field.texts.is_some() == of_texts;
            if fields.iter().filter(|field| is_kind(field)).count() <= max {
                continue;
            }
            let arrival =
                |field: &PastField| history.latest(field.series).map(|last| last.arrival_ns);
            fields.sort_by_key(|field| std::cmp::Reverse(arrival(field)));
            let (mut kept, mut forgotten) = (0, Vec::new());
            fields.retain(|field| {
                kept += usize::from(is_kind(field));
                let is_kept = !is_kind(field) || kept <= max;
                forgotten.extend((!is_kept).then_some(field.series));
                is_kept
            });
            forgotten.into_iter().for_each(|series| history.remove_series(series));
            fields.sort_by_key(|field| field.series);
        }
        for PastField { channel, key, path, texts, .. } in fields {
            let channel = self.channel_of((channel.into(), key.map(Arc::from)), history);
            let series = match texts {
                None => self.field_of(channel, &path, history),
                Some(texts) => {
                    let at = self.text_of(channel, &path, history);
                    let field = &mut self.fields[at];
                    self.text_bytes += texts.iter().map(String::len).sum::<usize>();
                    field.texts = Some(Texts::new(texts));
                    field.series
                }
            };
            let last = history.latest(series).map(|sample| Time(sample.arrival_ns));
            let heard = &mut self.channels[channel].heard;
            heard.last = heard.last.max(last);
        }
        self.fields_restored = self.fields.len();
        let latest = self.fields.iter().filter_map(|field| history.latest(field.series));
        self.last_message = latest.map(|sample| Time(sample.arrival_ns)).max();
    }

    /// The series of a field's numbers.
    pub fn series(&self, channel: &str, path: &str) -> Option<SeriesId> {
        let field = self.channel(channel)?.fields.get(path)?;
        Some(self.fields[*field].series)
    }

    /// The series that is shown for a field: of its numbers, if it has any, or else of its texts.
    pub fn shown(&self, channel: &str, path: &str) -> Option<SeriesId> {
        let Channel { fields, texts, .. } = self.channel(channel)?;
        let field = fields.get(path).or_else(|| texts.get(path))?;
        Some(self.fields[*field].series)
    }

    /// What the texts of its fields are, by the names of their series.
    pub fn texts(&self) -> impl Iterator<Item = (String, &[String])> {
        self.fields.iter().filter_map(|field| {
            let texts = field.texts.as_ref()?;
            let (channel, key) = &self.channels[field.channel].of;
            let name = names::texts(&self.name, channel, key.as_deref(), &field.path);
            Some((name, texts.texts()))
        })
    }

    /// As the window is told of it, from nothing.
    pub fn whole(&self, now: Instant) -> api::Feed {
        api::Feed {
            id: self.id.clone(),
            name: self.profile.name.clone(),
            url: if self.builtin { self.url.clone() } else { self.profile.shown_url() },
            builtin: self.builtin,
            has_books: !self.profile.book.is_empty(),
            fields: self.fields_from(0),
            transitions: self.transitions.iter().cloned().collect(),
            status: self.status(now),
        }
    }

    /// The fields from the `first` on.
    pub fn fields_from(&self, first: usize) -> Vec<api::Field> {
        (first..)
            .zip(&self.fields[first..])
            .map(|(number, field)| api::Field {
                channel: self.channels[field.channel].name.clone(),
                path: field.path.clone(),
                number: number as u32,
                texts: field.texts.as_ref().map(|texts| texts.texts().to_vec()),
            })
            .collect()
    }

    pub fn status(&self, now: Instant) -> api::Status {
        api::Status {
            feed: self.id.clone(),
            state: self.state,
            messages_per_second: self.rate(now),
            ledger: self.ledger,
            gaps: self.gaps,
            missing: self.missing,
            reordered: self.reordered,
            last_message_ms: self.last_message.map(Time::millis),
            latency: self.latency(now),
            fields_unlisted: self.fields_unlisted,
            texts_untold: self.texts_untold,
        }
    }

    /// How lately that channel was heard of; `None` if there is none of the name.
    pub fn freshness(&self, channel: &str) -> Option<api::Freshness> {
        let Heard { records, first, last } = self.channel(channel)?.heard;
        Some(api::Freshness {
            records,
            first_ms: first.map(Time::millis),
            last_ms: last.map(Time::millis),
        })
    }

    /// Notes which channels these are of.
    pub fn note_channels(&mut self, records: &[Record]) {
        for record in records {
            let Some(channel) = self.channel_of_record(record) else { continue };
            let Channel { heard, .. } = &mut self.channels[channel];
            heard.records += 1;
            heard.first.get_or_insert(record.arrival_time);
            heard.last = heard.last.max(Some(record.arrival_time));
        }
    }

    /// The transitions that a window does not know of which was told of so many.
    pub fn transitions_from(&self, told: u64) -> Vec<api::Transition> {
        let untold = usize::try_from(self.transitions_ever.saturating_sub(told));
        let known = self.transitions.len().saturating_sub(untold.unwrap_or(usize::MAX));
        self.transitions.range(known..).cloned().collect()
    }

    /// Why it is in its state.
    pub fn cause(&self) -> &str {
        self.transitions.back().map_or("", |transition| &transition.cause)
    }

    fn rate(&self, now: Instant) -> f64 {
        let lately = |(at, _): &&(Instant, u64)| now.saturating_duration_since(*at) >= LATELY;
        let since = self.received.iter().rev().find(lately).or(self.received.front());
        let Some((at, before)) = since else { return 0.0 };
        let elapsed = now.saturating_duration_since(*at).max(NOTE_EVERY);
        (self.ledger.received() - before) as f64 / elapsed.as_secs_f64()
    }

    fn latency(&self, now: Instant) -> Option<api::Latency> {
        let mut lately: Vec<f64> = self
            .latencies
            .iter()
            .filter(|(at, _)| now.saturating_duration_since(*at) <= LATELY)
            .map(|(_, millis)| *millis)
            .collect();
        lately.sort_by(f64::total_cmp);
        let percentile = |share: f64| -> Option<f64> {
            let last = lately.len().checked_sub(1)?;
            lately.get((last as f64 * share).round() as usize).copied()
        };
        Some(api::Latency {
            p50_ms: percentile(0.5)?,
            p95_ms: percentile(0.95)?,
            p99_ms: percentile(0.99)?,
        })
    }

    /// Notes how much has come, so that a rate can be told later.
    fn note_rate(&mut self, now: Instant) {
        let last = self.received.back();
        if last.is_some_and(|(at, _)| now.saturating_duration_since(*at) < NOTE_EVERY) {
            return;
        }
        while self.received.get(1).is_some_and(|(at, _)| now.duration_since(*at) >= LATELY) {
            self.received.pop_front();
        }
        self.received.push_back((now, self.ledger.received()));
    }

    /// An update that shows all that has come is on its way.
    pub fn sent(&mut self) {
        self.in_flight.append(&mut self.undrawn);
        self.in_flight.truncate(LATENCIES_PER_UPDATE_MAX * 4);
    }

    /// What was on its way is drawn.
    pub fn drawn(&mut self, now: Instant, time: Time) {
        for Stamps { source, arrival } in self.in_flight.drain(..) {
            self.meter.drawn((time.0 - arrival.0) as f64 / 1e6);
            let Some(source) = source else { continue };
            if self.latencies.len() == LATENCIES_MAX {
                self.latencies.pop_front();
            }
            self.latencies.push_back((now, (time.0 - source.0) as f64 / 1e6));
        }
        while self.latencies.front().is_some_and(|(at, _)| now.duration_since(*at) > LATELY) {
            self.latencies.pop_front();
        }
    }

    /// The session changed.
    pub fn changed(
        &mut self,
        at: Time,
        transition: &feedscope_feed::Transition,
        history: &mut History<GapFacts>,
    ) {
        self.state = transition.state;
        self.states.changed(at, transition, history);
        let is_live = matches!(self.state, State::Live | State::Stale);
        self.clocks.session(is_live, Instant::now());
        if self.transitions.len() == TRANSITIONS_MAX {
            self.transitions.pop_front();
        }
        self.transitions.push_back(api::Transition {
            number: self.transitions_ever as u32,
            at_ms: at.millis(),
            state: transition.state,
            cause: transition.cause.to_string(),
            said: transition.cause.parts().to_vec(),
            until_ms: transition.wait.map(|wait| (at + wait).millis()),
            trouble: transition.trouble.as_ref().map(api::Trouble::from),
        });
        self.transitions_ever += 1;
    }

    /// The series of a field, by the decoder's number.
    pub fn decoded(&self, field: FieldId) -> Option<SeriesId> {
        self.decoded.get(field.0 as usize).copied().flatten()
    }

    /// How many fields the decoder has found.
    pub fn decoded_count(&self) -> usize {
        self.decoded.len()
    }

    /// The decoder's numbers of a series.
    pub fn decoded_as(&self, series: SeriesId) -> impl Iterator<Item = usize> {
        let places = self.decoded.iter().enumerate();
        places.filter(move |(_, of)| **of == Some(series)).map(|(place, _)| place)
    }

    /// The decoder has found a field, which may be known from an earlier run.
    pub fn add_field(&mut self, new: &NewField, history: &mut History<GapFacts>) {
        let channel = self.channel_of((new.channel_name.clone(), new.key_name.clone()), history);
        let has_room = self.fields.len() - self.text_count < self.fields_max()
            || self.channels[channel].fields.contains_key(&new.path);
        let series = has_room.then(|| self.field_of(channel, &new.path, history));
        self.unkept += u64::from(series.is_none());
        // Numbered in the order of their coming.
        self.decoded.resize(new.field.0 as usize, None);
        self.decoded.push(series);
        self.decoded_channels.resize(new.field.0 as usize, channel);
        self.decoded_channels.push(channel);
    }

    /// Twice as many as the profile allows: those of now, and those of before.
    fn fields_max(&self) -> usize {
        self.profile.limits.fields_max.saturating_mul(2)
    }

    /// The decoder has found a field that holds texts or booleans. One that has numbers, too, is
    /// one of numbers.
    pub fn add_text(&mut self, new: &NewField<TextId>, history: &mut History<GapFacts>) {
        let channel = self.channel_of((new.channel_name.clone(), new.key_name.clone()), history);
        self.text_channels.insert((new.channel, new.key), channel);
        let Channel { fields, texts, .. } = &self.channels[channel];
        let has_numbers = fields.contains_key(&new.path);
        let has_room = self.text_count < self.fields_max() || texts.contains_key(&new.path);
        let is_kept = has_room && !has_numbers;
        let field = is_kept.then(|| self.text_of(channel, &new.path, history));
        self.unkept += u64::from(!has_room && !has_numbers);
        // Numbered in the order of their coming.
        self.decoded_texts.resize(new.field.0 as usize, None);
        self.decoded_texts.push(field);
    }

    /// The decoder calls a text so.
    pub fn learn(&mut self, word: &NewWord) {
        let field = self.decoded_texts.get(word.field.0 as usize).copied().flatten();
        let Some(at) = field else { return };
        let Some(texts) = self.fields.get_mut(at).and_then(|field| field.texts.as_mut()) else {
            return;
        };
        let has_room = self.text_bytes + word.text.len() <= TEXT_BYTES_MAX;
        match texts.learn(word.code, &word.text, has_room, self.others + 1) {
            // Fits, since fields are numbered in 32 bits.
            Learned::Code(code) => {
                self.coded.push((at as u32, code));
                self.text_bytes += word.text.len();
            }
            Learned::Other => self.others += 1,
            Learned::Nothing => {}
        }
    }

    /// The sample that a text is, by the decoder's numbers.
    pub fn decoded_text(&self, field: TextId, code: Code) -> Option<(SeriesId, f64)> {
        let field = self.decoded_texts.get(field.0 as usize).copied().flatten()?;
        let Field { series, texts, .. } = self.fields.get(field)?;
        Some((*series, f64::from(texts.as_ref()?.code(code).0)))
    }

    /// How many texts have got codes since it was subscribed to.
    pub fn coded_count(&self) -> usize {
        self.coded.len()
    }

    /// Changes with the texts of its fields.
    pub fn texts_version(&self) -> TextsVersion {
        (self.number, self.coded_count())
    }

    /// Texts of the first `known` fields of which a window does not know that was `told` of others;
    /// if `with_others`, the latest that have no code, too. At most `max`, and the rest the next
    /// time.
    pub fn words_for(
        &self,
        told: &mut ToldWords,
        known: usize,
        with_others: bool,
        max: usize,
    ) -> Vec<api::Word> {
        let word = |field: u32, code: Code, text: &str| api::Word {
            field,
            code: code.0,
            text: text.to_owned(),
        };
        let untold = self.coded.iter().skip(told.coded).take(max);
        told.coded += untold.len();
        let texts = |at: usize| self.fields.get(at)?.texts.as_ref();
        // Those of fields that are told of later come with these.
        let untold = untold.filter(|(at, _)| (*at as usize) < known);
        let mut words: Vec<api::Word> = untold
            .filter_map(|(at, code)| Some(word(*at, *code, texts(*at as usize)?.get(*code)?)))
            .collect();
        if with_others && told.others < self.others {
            let mut others: Vec<(u64, u32, &str)> = (0..)
                .zip(self.fields.iter().take(known))
                .filter_map(|(at, field)| Some((at, field.texts.as_ref()?.other()?)))
                .filter(|(_, (since, _))| *since > told.others)
                .map(|(at, (since, text))| (since, at, text))
                .collect();
            others.sort_unstable();
            told.others = if others.len() > max { others[max - 1].0 } else { self.others };
            words.extend(others.iter().take(max).map(|(_, at, text)| word(*at, Code::OTHER, text)));
        }
        words
    }

    /// The channel of that name and key; a new one if there is none.
    fn channel_of(
        &mut self,
        of: (Arc<str>, Option<Arc<str>>),
        history: &mut History<GapFacts>,
    ) -> usize {
        if let Some(index) = self.by_parts.get(&of) {
            return *index;
        }
        let (channel, key) = (&of.0, of.1.as_deref());
        let name = match key {
            Some(key) => format!("{channel} {key}"),
            None => channel.to_string(),
        };
        let index = self.channels.len();
        let track = history.add_track(&names::channel(&self.name, channel, key));
        self.by_parts.insert(of.clone(), index);
        self.by_name.entry(name.clone()).or_insert(index);
        self.channels.push(Channel {
            name,
            track,
            of,
            fields: HashMap::new(),
            texts: HashMap::new(),
            heard: Heard::default(),
        });
        index
    }

    /// The series of a channel's field; a new one if there is none.
    fn field_of(
        &mut self,
        channel: usize,
        path: &str,
        history: &mut History<GapFacts>,
    ) -> SeriesId {
        let Channel { of: (name, key), fields, .. } = &mut self.channels[channel];
        if let Some(field) = fields.get(path) {
            return self.fields[*field].series;
        }
        let series = history.add_series(&names::field(&self.name, name, key.as_deref(), path));
        fields.insert(path.to_owned(), self.fields.len());
        let path = path.to_owned();
        self.fields.push(Field { channel, path, series, texts: None, told: None });
        series
    }

    /// The same for one of texts or booleans: which of the fields it is.
    fn text_of(&mut self, channel: usize, path: &str, history: &mut History<GapFacts>) -> usize {
        let Channel { of: (name, key), texts, .. } = &mut self.channels[channel];
        if let Some(field) = texts.get(path) {
            return *field;
        }
        let series = history.add_series(&names::texts(&self.name, name, key.as_deref(), path));
        let at = self.fields.len();
        texts.insert(path.to_owned(), at);
        let (path, texts) = (path.to_owned(), Some(Texts::default()));
        self.fields.push(Field { channel, path, series, texts, told: None });
        self.text_count += 1;
        at
    }

    /// Notes the times of a few of these, at any rate: they tell how long all of them took.
    pub fn note_times(&mut self, records: &[Record]) {
        let step = records.len().div_ceil(LATENCIES_PER_BATCH_MAX).max(1);
        let stamps = records
            .iter()
            .rev()
            .step_by(step)
            .map(|record| Stamps { source: record.source_time, arrival: record.arrival_time });
        let room = LATENCIES_PER_UPDATE_MAX.saturating_sub(self.undrawn.len());
        self.undrawn.extend(stamps.take(room));
        if let Some((least, count)) = self.meter.arrived(records)
            && let Some(last) = records.last()
        {
            self.clocks.came(last.arrival_time, least, count);
        }
    }

    /// Notes which of these were not expected any more, or are of the outage before.
    pub fn note_late(&mut self, records: &[Record], late: &[Record], now: Time) {
        if !late.is_empty() {
            for record in late {
                if let Some(channel) = self.channel_of_record(record) {
                    self.late.came_late(&self.channels[channel].name, record);
                }
            }
        }
        if self.late.looks() {
            let ahead_ms = self.clocks.estimate(now).0.map_or(0.0, |clock| clock.ahead_ms);
            for record in records {
                if let Some(channel) = self.channel_of_record(record) {
                    let name = &self.channels[channel].name;
                    self.late.came(name, record, (ahead_ms * 1e6) as i64);
                }
            }
        }
    }

    /// What has nothing in it that is known does not say where it belongs.
    fn channel_of_record(&self, record: &Record) -> Option<usize> {
        let channel = match record.fields.first() {
            Some((field, _)) => *self.decoded_channels.get(field.0 as usize)?,
            // Of texts it has what is new: mostly nothing.
            None => *self.text_channels.get(&(record.channel, record.key))?,
        };
        (channel < self.channels.len()).then_some(channel)
    }

    /// A second is over: what came in it goes into the history. Whether a ping is to be sent now, and
    /// whether there are new series.
    pub fn measure(
        &mut self,
        now: Instant,
        time: Time,
        history: &mut History<GapFacts>,
    ) -> (bool, bool) {
        // What waits for longer is not drawn because nobody looks.
        self.undrawn.retain(|stamps| time.since(stamps.arrival) < NOT_LOOKED_AT);
        let counts = Counts::new(&self.ledger, self.missing);
        let is_open = self.state.is_open();
        let is_new = self.meter.measure(&self.name, (now, time), counts, is_open, history);
        self.late.settle(time, history);
        (self.clocks.wants_ping(now), is_new)
    }

    pub fn totals(&mut self, totals: &Totals<'_>) {
        // Before this batch is counted: a rate is what came after a moment.
        self.note_rate(Instant::now());
        self.ledger = totals.ledger;
        self.gaps = totals.gaps;
        self.missing = totals.missing;
        self.reordered = totals.reordered;
        self.last_message = totals.last_message.or(self.last_message);
        self.fields_unlisted = totals.fields_unlisted + self.unkept;
        self.texts_untold = totals.texts_untold;
        if self.open_gap.as_ref() != totals.open_gap {
            self.open_gap = totals.open_gap.cloned();
            self.open_gap_version += 1;
        }
    }
}

impl GapFacts {
    /// With nothing to say of it.
    pub fn plain(cause: feedscope_feed::Cause) -> Self {
        let (story, said) = (String::new(), Vec::new());
        GapFacts { cause, missing: None, story, said, numbers: None, other: None }
    }
}

impl From<&feedscope_feed::Gap> for GapFacts {
    fn from(gap: &feedscope_feed::Gap) -> Self {
        GapFacts {
            cause: gap.cause,
            missing: gap.missing_count,
            story: gap.story.to_string(),
            said: gap.story.parts().to_vec(),
            numbers: gap.missing,
            other: None,
        }
    }
}

impl From<&feedscope_feed::Trouble> for api::Trouble {
    fn from(trouble: &feedscope_feed::Trouble) -> Self {
        api::Trouble::new(
            trouble.code,
            trouble.step.said(),
            trouble.what.clone(),
            trouble.answer.clone(),
            trouble.advice.clone(),
        )
    }
}
