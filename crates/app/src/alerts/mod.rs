//! Alerts: what is watched for in what comes, whether anyone looks or not, and what is done when it
//! happens.
//!
//! ```text
//! sink ─▶ Alerts (a Watcher each: its Machine decides) ─▶ log, file ─▶ window, charts
//!                                   └▶ Voice, Crowd ─▶ Notifier
//! ```
//!
//! All that decides has neither clock nor task: it is told what comes and the time, and says when
//! it wants to be told the time again. [`desk`] does what is decided. Every sample counts, since
//! samples are looked at as they go into the history; fields that no alert is about cost nothing.

mod desk;
mod file;
mod log;
mod machine;
mod measure;
mod rehearse;
mod rules;
mod sentence;
mod voice;
mod watcher;

pub(crate) use desk::Desk;
pub use desk::{Notice, Notifier, Refused, Silent};
pub use file::schema;
pub(crate) use rehearse::rehearse;
pub(crate) use rules::checked;

use crate::api::{self, Alert, AlertEvent, AlertPhase, AlertState, AlertStates};
use crate::feeds::{Feed, GapFacts};
use feedscope_feed::{Batch, Cause, Said, State, Time};
use feedscope_history::History;
use log::Log;
use machine::{Change, Worst};
use std::sync::Arc;
use tokio::sync::Notify;
use voice::{Crowd, Voice};
use watcher::{Watcher, feed_of, feed_of_mut, field_of};

/// What waits to be said. More is only counted.
const UNSAID_MAX: usize = 16;

/// Something to be said aloud.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Aloud {
    pub title: Said,
    pub body: Said,
    pub sound: bool,
}

/// What is to be done, and when to look again.
#[derive(Debug, Default)]
pub(crate) struct Turn {
    pub aloud: Vec<Aloud>,
    pub events: Vec<AlertEvent>,
    pub due: Option<Time>,
}

/// All alerts.
#[derive(Debug, Default)]
pub(crate) struct Alerts {
    entries: Vec<Entry>,
    /// What the file holds beside them.
    foreign: Vec<serde_json::Value>,
    log: Log,
    crowd: Crowd,
    aloud: Vec<Aloud>,
    /// Changes with all that the window is told.
    version: u64,
    /// Changes with the rules, and so with what is watched of which feed.
    watched: u64,
    /// When the desk looks again; `None`: when it is called.
    scheduled: Option<Time>,
    /// Calls the desk.
    pub stirred: Arc<Notify>,
    changes: Vec<Change>,
}

/// An alert, and how it is.
#[derive(Debug)]
struct Entry {
    alert: Alert,
    watcher: Watcher,
    voice: Voice,
    /// What its feed is called, and it itself.
    feed_name: String,
    name: String,
    /// The number of the last event of it.
    event: Option<u64>,
    /// How bad that was.
    excess: f64,
    /// What is to be said as soon as it may be.
    unsaid: Option<Said>,
}

/// Which alerts, by their places, are about what of one feed.
#[derive(Debug, Default)]
pub(crate) struct Watched {
    /// As of this state of all alerts, and of the feed's fields.
    version: (u64, usize),
    /// By the decoder's number of the field.
    fields: Vec<Vec<usize>>,
    latency: Vec<usize>,
    gaps: Vec<usize>,
}

impl Watched {
    fn wants_records(&self) -> bool {
        !self.fields.is_empty() || !self.latency.is_empty()
    }
}

impl Alerts {
    /// With the rules and events of an earlier run.
    pub fn restore(
        &mut self,
        alerts: Vec<Alert>,
        foreign: Vec<serde_json::Value>,
        events: std::collections::VecDeque<AlertEvent>,
    ) {
        self.log = Log::new(events);
        self.foreign = foreign;
        self.entries = alerts.into_iter().map(Entry::new).collect();
        self.change();
    }

    /// The alert is as this says from now on, and starts anew if it watches for something else than
    /// before.
    pub fn set(
        &mut self,
        now: Time,
        alert: Alert,
        feed: Option<&Feed>,
        history: &History<GapFacts>,
    ) {
        let index = self.entries.iter().position(|entry| entry.alert.id == alert.id);
        let watches = |alert: &Alert| {
            (
                alert.enabled,
                alert.what.clone(),
                alert.for_ms.to_bits(),
                (alert.clear.by.to_bits(), alert.clear.for_ms.to_bits()),
            )
        };
        let index = match index {
            Some(index) if watches(&self.entries[index].alert) == watches(&alert) => {
                self.entries[index].rename(alert);
                self.change();
                return;
            }
            Some(index) => {
                self.with(now, index, |watcher, changes| watcher.gone(now, changes));
                self.entries[index] = Entry::new(alert);
                index
            }
            None => {
                self.entries.push(Entry::new(alert));
                self.entries.len() - 1
            }
        };
        self.change();
        // One that is off watches nothing, and knows nothing.
        let Some(feed) = feed.filter(|_| self.entries[index].alert.enabled) else { return };
        self.there(now, index, feed);
        // What is known already is known now.
        let latest = field_of(&self.entries[index].alert.what)
            .and_then(|field| feed.series(&field.channel, &field.path))
            .and_then(|series| history.latest(series))
            .filter(|_| feed.state == State::Live);
        let is_value = !matches!(self.entries[index].alert.what, api::AlertOn::Absent { .. });
        if let Some(latest) = latest
            && is_value
        {
            self.with(now, index, |watcher, changes| {
                watcher.value(now, Time(latest.time_ns), latest.value, false, changes);
            });
        }
    }

    /// The alert is no more. False if there was none.
    pub fn remove(&mut self, now: Time, id: &str) -> bool {
        let Some(index) = self.entries.iter().position(|entry| entry.alert.id == id) else {
            return false;
        };
        self.with(now, index, |watcher, changes| watcher.gone(now, changes));
        self.entries.remove(index);
        self.change();
        true
    }

    pub fn rules(&self) -> Vec<Alert> {
        self.entries.iter().map(|entry| entry.alert.clone()).collect()
    }

    /// Each by its id, with the feed that it is about.
    pub fn feeds(&self) -> impl Iterator<Item = (&str, &str)> {
        let rules = self.entries.iter().map(|entry| &entry.alert);
        rules.map(|alert| (alert.id.as_str(), feed_of(&alert.what)))
    }

    /// Those of these that are about a feed are about another from now on, and begin anew with it.
    /// False if none is.
    pub fn move_to(
        &mut self,
        now: Time,
        ids: &[String],
        from: &str,
        (to, feed): (&str, Option<&Feed>),
        history: &History<GapFacts>,
    ) -> bool {
        let mut moved = self.rules();
        moved.retain(|alert| feed_of(&alert.what) == from && ids.contains(&alert.id));
        for alert in &mut moved {
            to.clone_into(feed_of_mut(&mut alert.what));
            self.set(now, alert.clone(), feed, history);
        }
        !moved.is_empty()
    }

    pub fn foreign(&self) -> &[serde_json::Value] {
        &self.foreign
    }

    pub fn log(&mut self) -> &mut Log {
        &mut self.log
    }

    pub fn states(&self) -> AlertStates {
        let enabled = self.entries.iter().filter(|entry| entry.alert.enabled);
        AlertStates {
            version: self.version,
            rules: self.watched,
            states: enabled.map(Entry::state).collect(),
            events: self.log.last(),
        }
    }

    /// What a window was told of that is not of this, is old.
    pub fn version(&self) -> u64 {
        self.version
    }

    /// What a window does not know yet that was `told` of as of a version.
    pub fn news(&self, told: &mut u64) -> Option<AlertStates> {
        let has_news = std::mem::replace(told, self.version) != self.version;
        has_news.then(|| self.states())
    }

    /// A feed is subscribed to.
    pub fn feed_there(&mut self, now: Time, feed: &Feed) {
        for index in self.about(&feed.id) {
            self.there(now, index, feed);
        }
    }

    /// A feed is removed.
    pub fn feed_gone(&mut self, now: Time, feed: &str) {
        for index in self.about(feed) {
            self.with(now, index, |watcher, changes| watcher.gone(now, changes));
        }
    }

    /// A feed is called otherwise from now on.
    pub fn feed_renamed(&mut self, feed: &Feed) {
        for index in self.about(&feed.id) {
            self.entries[index].name_feed(feed);
        }
    }

    /// A feed's session changed.
    pub fn transition(&mut self, now: Time, feed: &str, state: State, cause: &Said) {
        for index in self.about(feed) {
            self.with(now, index, |watcher, changes| {
                watcher.state(now, state, Some(cause), changes);
            });
        }
    }

    /// What a feed has brought, once it is in the history.
    pub fn batch(&mut self, feed: &mut Feed, batch: &Batch<'_>) {
        if self.entries.is_empty() {
            return;
        }
        let version = (self.watched, feed.decoded_count());
        if feed.watched.version != version {
            feed.watched = self.watched_of(feed, version);
        }
        if feed.watched.wants_records() {
            // Not while it is looked into.
            let watched = std::mem::take(&mut feed.watched);
            let late = batch.late.iter().map(|record| (record, true));
            for (record, is_late) in batch.records.iter().map(|record| (record, false)).chain(late)
            {
                let now = record.arrival_time;
                for (field, value) in &record.fields {
                    for index in watched.fields.get(field.0 as usize).into_iter().flatten() {
                        self.with(now, *index, |watcher, changes| {
                            watcher.value(now, record.time(), *value, is_late, changes);
                        });
                    }
                }
                if let Some(source) = record.source_time {
                    let latency_ms = (now.0 - source.0) as f64 / 1e6;
                    for index in &watched.latency {
                        self.with(now, *index, |watcher, changes| {
                            watcher.latency(now, latency_ms, changes);
                        });
                    }
                }
            }
            feed.watched = watched;
        }
        if !feed.watched.gaps.is_empty() {
            self.gaps(Time::now(), &feed.watched.gaps.clone(), batch);
        }
    }

    /// What was not received, for those that watch for it. That nobody listened is no news.
    fn gaps(&mut self, now: Time, watching: &[usize], batch: &Batch<'_>) {
        let open = batch.totals.open_gap.into_iter().chain(batch.totals.lasting_gaps.values());
        let open: Vec<_> = open.filter(|gap| gap.cause != Cause::Closed).collect();
        let ended = batch.gaps.iter().filter(|gap| gap.cause != Cause::Closed);
        for index in watching {
            for gap in ended.clone().chain(open.iter().copied()) {
                self.with(now, *index, |watcher, changes| {
                    watcher.gap(now, gap.missing_count, &gap.story, changes);
                });
            }
            if open.is_empty() {
                self.with(now, *index, |watcher, changes| watcher.whole(now, changes));
            }
        }
    }

    /// Tells all of them the time, and says what is to be done.
    pub fn turn(&mut self, now: Time) -> Turn {
        for index in 0..self.entries.len() {
            if self.entries[index].due().is_some_and(|due| due <= now) {
                self.with(now, index, |watcher, changes| watcher.tick(now, changes));
                self.still(now, index);
            }
        }
        if let Some(count) = self.crowd.rest(now) {
            let (title, body) = sentence::crowd(count);
            self.aloud.push(Aloud { title, body, sound: false });
        }
        self.scheduled = self.dues().min();
        Turn {
            aloud: std::mem::take(&mut self.aloud),
            events: self.log.take_unwritten(),
            due: self.scheduled,
        }
    }

    /// When any of them wants to be told the time.
    fn dues(&self) -> impl Iterator<Item = Time> {
        self.entries.iter().filter_map(Entry::due).chain(self.crowd.due())
    }

    /// Which alerts are about a feed.
    fn about(&self, feed: &str) -> Vec<usize> {
        let about = |entry: &Entry| entry.alert.enabled && feed_of(&entry.alert.what) == feed;
        (0..self.entries.len()).filter(|index| about(&self.entries[*index])).collect()
    }

    fn there(&mut self, now: Time, index: usize, feed: &Feed) {
        let entry = &mut self.entries[index];
        if !entry.alert.enabled {
            return;
        }
        entry.name_feed(feed);
        self.with(now, index, |watcher, changes| watcher.there(now, feed.state, changes));
    }

    fn watched_of(&self, feed: &Feed, version: (u64, usize)) -> Watched {
        let mut watched = Watched { version, ..Watched::default() };
        for index in self.about(&feed.id) {
            let Entry { alert, watcher, .. } = &self.entries[index];
            if watcher.wants_latency() {
                watched.latency.push(index);
            }
            if watcher.wants_gaps() {
                watched.gaps.push(index);
            }
            let Some(field) = field_of(&alert.what) else { continue };
            let Some(series) = feed.series(&field.channel, &field.path) else { continue };
            for place in feed.decoded_as(series) {
                if watched.fields.len() <= place {
                    watched.fields.resize(place + 1, Vec::new());
                }
                watched.fields[place].push(index);
            }
        }
        watched
    }

    /// Tells one of them something, and notes what comes of it.
    fn with(&mut self, now: Time, index: usize, tell: impl FnOnce(&mut Watcher, &mut Vec<Change>)) {
        let entry = &mut self.entries[index];
        let before = (entry.watcher.phase(), entry.watcher.is_blind());
        tell(&mut entry.watcher, &mut self.changes);
        let is_new = before != (entry.watcher.phase(), entry.watcher.is_blind());
        if is_new || !self.changes.is_empty() {
            self.version += 1;
            for change in std::mem::take(&mut self.changes) {
                match change {
                    Change::Fired { since, worst } => self.fired(now, index, since, worst),
                    Change::Cleared { end, worst, .. } => self.cleared(index, end, worst),
                }
            }
            self.stirred.notify_one();
        } else if let Some(due) = entry.due()
            && self.scheduled.is_none_or(|scheduled| due < scheduled)
        {
            self.scheduled = Some(due);
            self.stirred.notify_one();
        }
    }

    fn fired(&mut self, now: Time, index: usize, since: Time, worst: Worst) {
        let entry = &mut self.entries[index];
        let said = sentence::fired(&entry.alert, &entry.feed_name, &worst, &entry.watcher);
        let event = AlertEvent {
            number: 0,
            alert: entry.alert.id.clone(),
            name: entry.name.clone(),
            feed: feed_of(&entry.alert.what).to_owned(),
            field: field_of(&entry.alert.what).cloned(),
            begin_ms: since.millis(),
            end_ms: None,
            firing: true,
            times: 1,
            worst: worst.value,
            text: said.to_string(),
            said: said.parts().to_vec(),
        };
        let number = self.log.fires(entry.event, since, event);
        if entry.event != Some(number) {
            entry.excess = worst.excess;
        }
        entry.event = Some(number);
        entry.unsaid = Some(said);
        let count = entry.voice.fired(now);
        self.say(now, index, count);
    }

    fn cleared(&mut self, index: usize, end: Time, worst: Worst) {
        let entry = &mut self.entries[index];
        let is_worse = worst.excess > entry.excess;
        entry.excess = entry.excess.max(worst.excess);
        if let Some(number) = entry.event {
            self.log.cleared(number, end, worst.value, Some(is_worse));
        }
    }

    /// It still fires, and may be said by now.
    fn still(&mut self, now: Time, index: usize) {
        let entry = &mut self.entries[index];
        if entry.watcher.phase() == AlertPhase::Firing {
            let count = entry.voice.still(now);
            self.say(now, index, count);
        }
    }

    fn say(&mut self, now: Time, index: usize, more: Option<u32>) {
        let entry = &mut self.entries[index];
        let (Some(more), Some(said)) = (more, &entry.unsaid) else { return };
        let body = said.clone();
        let body = if more > 0 { body.and(sentence::again(more)) } else { body };
        let sound = entry.alert.notify.sound;
        let aloud = Aloud { title: entry.name.as_str().into(), body, sound };
        if entry.alert.notify.desktop && self.crowd.lets(now) && self.aloud.len() < UNSAID_MAX {
            self.aloud.push(aloud);
        }
    }

    fn change(&mut self) {
        self.version += 1;
        self.watched += 1;
        self.stirred.notify_one();
    }
}

impl Entry {
    fn new(alert: Alert) -> Self {
        // Until its feed is there, that is all that is known of it.
        let feed_name = feed_of(&alert.what).to_owned();
        Entry {
            watcher: Watcher::new(&alert),
            voice: Voice::default(),
            name: sentence::name(&alert, &feed_name),
            feed_name,
            event: None,
            excess: 0.0,
            unsaid: None,
            alert,
        }
    }

    fn name_feed(&mut self, feed: &Feed) {
        self.feed_name.clone_from(&feed.profile.name);
        self.name = sentence::name(&self.alert, &self.feed_name);
    }

    /// It watches for the same under another name, or tells others of it.
    fn rename(&mut self, alert: Alert) {
        self.name = sentence::name(&alert, &self.feed_name);
        self.alert = alert;
    }

    fn state(&self) -> AlertState {
        AlertState {
            alert: self.alert.id.clone(),
            phase: self.watcher.phase(),
            since_ms: self.watcher.since().map(Time::millis),
            blind: self.watcher.is_blind(),
        }
    }

    fn due(&self) -> Option<Time> {
        let is_firing = self.watcher.phase() == AlertPhase::Firing;
        let voice = self.voice.due().filter(|_| is_firing && self.alert.notify.desktop);
        [self.watcher.due(), voice].into_iter().flatten().min()
    }
}

#[cfg(test)]
mod tests;
