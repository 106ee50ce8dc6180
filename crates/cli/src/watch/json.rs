//! `feedtap watch --json`: a line for each thing that happens. docs/feedtap.md describes them.

use crate::follow::{Account, Output, Totals};
use crate::lines::Lines;
use crate::visible::json_line;
use chrono::{DateTime, SecondsFormat};
use feedscope_feed::decode::Names;
use feedscope_feed::sequence::ScopeId;
use feedscope_feed::{
    Batch, Cause, FieldId, Gap, Ledger, Record, Sink, State, Time, Transition, Trouble,
};
use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};
use std::collections::BTreeMap;
use std::io;

#[derive(Debug)]
pub struct Json {
    lines: Lines,
    /// By number of the field.
    paths: Vec<Box<str>>,
    /// The gaps that have not ended, and their lines: they are told at the end, if that is before
    /// theirs.
    open_gap: Option<Gap>,
    lasting_gaps: BTreeMap<ScopeId, Gap>,
    unended: Vec<u8>,
}

#[derive(Serialize)]
#[serde(rename_all = "snake_case")]
enum Line<'a> {
    Record(RecordLine<'a>),
    Gap(GapLine<'a>),
    Session(SessionLine<'a>),
    Note(NoteLine<'a>),
    #[serde(untagged)]
    End {
        ledger: Ledger,
        totals: Totals,
    },
}

#[derive(Serialize)]
struct RecordLine<'a> {
    channel: Option<&'a str>,
    key: Option<&'a str>,
    sequence: Option<u64>,
    #[serde(serialize_with = "moment_or_null")]
    source_time: Option<Time>,
    #[serde(serialize_with = "moment")]
    arrival_time: Time,
    fields: Fields<'a>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    late: bool,
}

struct Fields<'a> {
    paths: &'a [Box<str>],
    values: &'a [(FieldId, f64)],
}

#[derive(Serialize)]
struct GapLine<'a> {
    cause: Cause,
    channel: Option<&'a str>,
    key: Option<&'a str>,
    #[serde(serialize_with = "moment")]
    start: Time,
    #[serde(serialize_with = "moment_or_null")]
    end: Option<Time>,
    missing: Option<(u64, u64)>,
    missing_count: Option<u64>,
    story: &'a str,
}

#[derive(Serialize)]
struct SessionLine<'a> {
    #[serde(serialize_with = "moment")]
    at: Time,
    state: State,
    cause: &'a str,
    /// Seconds until the next attempt.
    wait: Option<f64>,
    trouble: Option<TroubleLine<'a>>,
}

/// What changes nothing, but explains what is seen.
#[derive(Serialize)]
struct NoteLine<'a> {
    #[serde(serialize_with = "moment")]
    at: Time,
    what: &'a str,
}

#[derive(Serialize)]
struct TroubleLine<'a> {
    code: &'a str,
    step: String,
    what: &'a str,
    answer: Option<&'a str>,
    advice: &'a str,
}

impl Json {
    pub fn new(lines: Lines) -> Self {
        Json {
            lines,
            paths: Vec::new(),
            open_gap: None,
            lasting_gaps: BTreeMap::new(),
            unended: Vec::new(),
        }
    }

    pub fn end(mut self, account: &Account) -> io::Result<()> {
        self.lines.push_lines(&self.unended);
        self.lines.push(&Line::End { ledger: account.ledger, totals: account.totals });
        self.lines.finish()
    }

    fn note_unended(&mut self, batch: &Batch<'_>) {
        let totals = &batch.totals;
        if self.open_gap.as_ref() == totals.open_gap && self.lasting_gaps == *totals.lasting_gaps {
            return;
        }
        self.open_gap = totals.open_gap.cloned();
        self.lasting_gaps.clone_from(totals.lasting_gaps);
        self.unended.clear();
        for gap in self.open_gap.iter().chain(self.lasting_gaps.values()) {
            let (channel, key) = names_of(gap, batch.names);
            json_line(&Line::Gap(gap_line(gap, channel, key)), &mut self.unended);
        }
    }

    fn record(&mut self, record: &Record, names: &Names, late: bool) {
        self.lines.push(&Line::Record(RecordLine {
            channel: names.channel(record.channel),
            key: record.key.and_then(|key| names.key(key)),
            sequence: record.sequence,
            source_time: record.source_time,
            arrival_time: record.arrival_time,
            fields: Fields { paths: &self.paths, values: &record.fields },
            late,
        }));
    }
}

impl Sink for Json {
    fn transition(&mut self, at: Time, transition: &Transition) {
        self.lines.push(&Line::Session(SessionLine {
            at,
            state: transition.state,
            cause: &transition.cause,
            wait: transition.wait.map(|wait| wait.as_secs_f64()),
            trouble: transition.trouble.as_ref().map(|trouble: &Trouble| TroubleLine {
                code: trouble.code,
                step: trouble.step.to_string(),
                what: &trouble.what,
                answer: trouble.answer.as_deref(),
                advice: &trouble.advice,
            }),
        }));
        self.lines.flush();
    }

    fn noted(&mut self, at: Time, what: &str) {
        self.lines.push(&Line::Note(NoteLine { at, what }));
        self.lines.flush();
    }

    fn batch(&mut self, batch: &Batch<'_>) {
        for field in batch.fields {
            let index = field.field.0 as usize;
            if self.paths.len() <= index {
                self.paths.resize(index + 1, Box::default());
            }
            if let Some(path) = self.paths.get_mut(index) {
                *path = field.path.as_str().into();
            }
        }
        for gap in batch.gaps {
            let (channel, key) = names_of(gap, batch.names);
            self.lines.push(&Line::Gap(gap_line(gap, channel, key)));
        }
        for record in batch.records {
            self.record(record, batch.names, false);
        }
        for record in batch.late {
            self.record(record, batch.names, true);
        }
        self.note_unended(batch);
        self.lines.flush();
    }
}

impl Output for Json {
    fn is_wanted(&self) -> bool {
        self.lines.is_wanted()
    }
}

/// What the channel and the key of a gap are called.
pub fn names_of<'a>(gap: &Gap, names: &'a Names) -> (Option<&'a str>, Option<&'a str>) {
    let channel = gap.channel.and_then(|channel| names.channel(channel));
    (channel, gap.key.and_then(|key| names.key(key)))
}

fn gap_line<'a>(gap: &'a Gap, channel: Option<&'a str>, key: Option<&'a str>) -> GapLine<'a> {
    GapLine {
        cause: gap.cause,
        channel,
        key,
        start: gap.start,
        end: gap.end,
        missing: gap.missing,
        missing_count: gap.missing_count,
        story: &gap.story,
    }
}

impl Serialize for Fields<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.values.len()))?;
        for (field, value) in self.values {
            let path = self.paths.get(field.0 as usize).map_or("", |path| path);
            map.serialize_entry(path, value)?;
        }
        map.end()
    }
}

/// RFC 3339 in UTC, to the nanosecond.
fn moment<S: Serializer>(time: &Time, serializer: S) -> Result<S::Ok, S::Error> {
    let time = DateTime::from_timestamp_nanos(time.0);
    serializer.serialize_str(&time.to_rfc3339_opts(SecondsFormat::Nanos, true))
}

fn moment_or_null<S: Serializer>(time: &Option<Time>, serializer: S) -> Result<S::Ok, S::Error> {
    match time {
        Some(time) => moment(time, serializer),
        None => serializer.serialize_none(),
    }
}
