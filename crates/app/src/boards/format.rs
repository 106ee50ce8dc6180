//! What a board's file says: `NAME.feedscope.json`. The JSON Schema in
//! `docs/board.schema.json` and the window's types are made from these types.
//!
//! A board in memory is the JSON that it was read from, with whatever a later version or another
//! program has put into it, and of which these types say what is known: see
//! [`super::document`].

use schemars::JsonSchema;
use schemars::generate::SchemaSettings;
use serde::de::{Deserializer, Error};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::sync::LazyLock;
use ts_rs::TS;

/// A second's worth of nothing to a year.
const SPAN_MS: std::ops::RangeInclusive<f64> = 1.0..=366.0 * 24.0 * 3.6e6;
pub const SPAN_MS_DEFAULT: f64 = 60_000.0;

/// Longer ones are not names.
pub const NAME_CHARS_MAX: usize = 200;

/// A saved dashboard.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema, TS)]
pub struct Board {
    /// The version of the format: 2.
    pub feedscope: u32,
    /// What tells it from other boards; stays the same whatever it is called.
    #[serde(deserialize_with = "id")]
    #[schemars(length(min = 1, max = 200))]
    pub id: String,
    #[serde(deserialize_with = "name")]
    #[schemars(length(min = 1, max = 200))]
    pub name: String,
    /// The time that its panels show.
    #[serde(default)]
    pub time: BoardTime,
    /// The feeds that it draws.
    #[serde(default)]
    pub feeds: Vec<BoardFeed>,
    #[serde(default)]
    pub panels: Vec<Panel>,
    /// Where the panels are, as the window's layout library writes it.
    #[serde(default)]
    #[ts(type = "unknown")]
    pub layout: Value,
}

/// The time that the panels of a board show.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema, TS)]
#[serde(default)]
pub struct BoardTime {
    /// How much of it, in milliseconds.
    #[serde(deserialize_with = "span")]
    #[schemars(range(min = 1, max = 31_622_400_000.0))]
    pub span_ms: f64,
    /// Which of its two times a sample stands at.
    pub axis: Axis,
    /// In whose time the axis is written.
    pub zone: Zone,
}

impl Default for BoardTime {
    fn default() -> Self {
        BoardTime { span_ms: SPAN_MS_DEFAULT, axis: Axis::default(), zone: Zone::default() }
    }
}

/// Which of its two times a sample stands at.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema, TS)]
#[serde(rename_all = "lowercase")]
pub enum Axis {
    /// When it happened, by the source's clock; where a source tells no time, the arrival.
    #[default]
    Source,
    /// When it was read from the socket, by ours.
    Arrival,
}

/// In whose time an axis is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema, TS)]
#[serde(rename_all = "lowercase")]
pub enum Zone {
    /// That of this computer.
    #[default]
    Local,
    Utc,
}

/// A feed, as a board names it: by its URL, or by the profile that describes it. In a URL,
/// `${secret:NAME}` stands for a secret; a board that is exported has no others.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema, TS)]
pub struct BoardFeed {
    /// What traces name it by.
    #[serde(deserialize_with = "id")]
    #[schemars(length(min = 1, max = 200))]
    pub id: String,
    #[serde(default)]
    pub name: String,
    /// `builtin:computer` for the feed of this computer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub url: Option<String>,
    /// The name of a profile that comes with Feedscope: `kraken`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub profile: Option<String>,
}

/// A tile of the board.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema, TS)]
pub struct Panel {
    /// No other panel of the board has it.
    #[serde(deserialize_with = "id")]
    #[schemars(length(min = 1, max = 200))]
    pub id: String,
    #[serde(default)]
    pub title: String,
    #[serde(flatten)]
    pub view: PanelView,
}

/// What a panel shows, and how. A file may hold kinds that are not known here: they are kept.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema, TS)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum PanelView {
    TimeSeries(TimeSeries),
}

/// Lines over time.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema, TS)]
pub struct TimeSeries {
    #[serde(default)]
    pub unit: Unit,
    /// A fixed value range; `null` fits what is in view.
    #[serde(default, deserialize_with = "range")]
    pub range: Option<(f64, f64)>,
    #[serde(default)]
    pub traces: Vec<Trace>,
}

/// How values are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema, TS)]
#[serde(rename_all = "kebab-case")]
pub enum Unit {
    #[default]
    None,
    Percent,
    Bytes,
    BytesPerSecond,
}

/// A series, as a panel names it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema, TS)]
pub struct Trace {
    /// The id of a feed of the board.
    pub feed: String,
    pub channel: String,
    pub path: String,
    /// What the legend calls it; the path if `null`.
    #[serde(default)]
    pub label: Option<String>,
    /// Which of the series colours it has, counted from 0; without it, one that its panel has left.
    #[serde(default)]
    pub color: u32,
    /// How it is drawn; lines without it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub style: Option<TraceStyle>,
    /// At which axis it is measured; the left one without it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub axis: Option<Side>,
}

/// How a trace is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema, TS)]
#[serde(rename_all = "kebab-case")]
pub enum TraceStyle {
    Line,
    Steps,
    Points,
}

/// A side of a panel, at which there can be an axis.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema, TS)]
#[serde(rename_all = "kebab-case")]
pub enum Side {
    Left,
    Right,
}

static SCHEMA: LazyLock<Value> = LazyLock::new(|| {
    let generator = SchemaSettings::draft2020_12().into_generator();
    generator.into_root_schema_for::<Board>().to_value()
});

/// The JSON Schema of boards.
pub fn schema() -> &'static Value {
    &SCHEMA
}

// Nonsense is refused where it stands, so that whoever reads a file can say where that is.

pub(super) fn id<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    let id = String::deserialize(deserializer)?;
    if id.is_empty() || id.chars().count() > NAME_CHARS_MAX || id.chars().any(char::is_control) {
        return Err(D::Error::custom("an id has 1 to 200 characters"));
    }
    Ok(id)
}

pub(super) fn name<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    let name = String::deserialize(deserializer)?;
    if name.trim().is_empty() || name.chars().count() > NAME_CHARS_MAX {
        return Err(D::Error::custom("a name has 1 to 200 characters"));
    }
    Ok(name)
}

fn span<'de, D: Deserializer<'de>>(deserializer: D) -> Result<f64, D::Error> {
    let span_ms = f64::deserialize(deserializer)?;
    if !SPAN_MS.contains(&span_ms) {
        return Err(D::Error::custom("a span is a millisecond to a year"));
    }
    Ok(span_ms)
}

fn range<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<(f64, f64)>, D::Error> {
    let range = Option::<(f64, f64)>::deserialize(deserializer)?;
    if range.is_some_and(|(low, high)| low >= high) {
        return Err(D::Error::custom("a range goes from a number to a larger one"));
    }
    Ok(range)
}
