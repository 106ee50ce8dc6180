//! What a board's file says: `NAME.feedscope.json`. The JSON Schema in
//! `docs/board.schema.json` and the window's types are made from these types.
//!
//! A board in memory is the JSON that it was read from, with whatever a later version or another
//! program has put into it, and of which these types say what is known: see
//! [`super::document`].

use crate::api::DerivedSeries;
use feedscope_feed::profile::{Scope, SequenceRule, TimeUnit};
use schemars::JsonSchema;
use schemars::generate::SchemaSettings;
use serde::de::{Deserializer, Error};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;
use std::sync::LazyLock;
use ts_rs::TS;

/// A second's worth of nothing to a year.
const SPAN_MS: std::ops::RangeInclusive<f64> = 1.0..=366.0 * 24.0 * 3.6e6;
pub const SPAN_MS_DEFAULT: f64 = 60_000.0;

/// Longer ones are no notes.
const TEXT_BYTES_MAX: usize = 100_000;

/// A longer one is no annotation, but a note.
pub const ANNOTATION_CHARS_MAX: usize = 2_000;

/// As far as dates go.
const MOMENT_MS_MAX: f64 = 8.64e15;

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
    /// What was said of moments and spans of time.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 10_000))]
    #[ts(as = "Option<Vec<Annotation>>", optional)]
    pub annotations: Vec<Annotation>,
    /// Derived series that its panels draw, in a board that was exported: whoever opens it takes
    /// them over.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[ts(optional, as = "Option<Vec<DerivedSeries>>")]
    pub derived: Vec<DerivedSeries>,
    /// Where the panels are, as the window's layout library writes it.
    #[serde(default)]
    #[ts(type = "unknown")]
    pub layout: Value,
    /// Windows of their own, for some of the panels.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[ts(optional, as = "Option<Vec<Popout>>")]
    pub popouts: Vec<Popout>,
}

/// A window of its own, for some of a board's panels. These are where they were in the board's
/// `layout` as well, and there again once the window is closed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema, TS)]
pub struct Popout {
    /// No other of the board has it.
    #[serde(deserialize_with = "id")]
    #[schemars(length(min = 1, max = 200))]
    pub id: String,
    /// The ids of its panels, which no other has.
    #[serde(default)]
    pub panels: Vec<String>,
    /// Where they are in it, as the window's layout library writes it.
    #[serde(default)]
    #[ts(type = "unknown")]
    pub layout: Value,
    /// Where it is on the screen; `null` leaves that to the system.
    #[serde(default)]
    pub place: Option<PopoutPlace>,
}

/// Where a window is, and how large, in pixels as the system counts them where nothing is scaled.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema, TS)]
pub struct PopoutPlace {
    pub x: i32,
    pub y: i32,
    pub width: u32,
    pub height: u32,
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
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema, TS)]
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
    /// What is chosen for the profile's variables.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    #[ts(as = "Option<BTreeMap<String, String>>", optional)]
    pub variables: BTreeMap<String, String>,
    /// Headers that are sent beside the profile's, in which `${secret:NAME}` may stand.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    #[ts(as = "Option<BTreeMap<String, String>>", optional)]
    pub headers: BTreeMap<String, String>,
    /// How the messages of an address are read, beyond what every feed's are.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub reading: Option<FeedReading>,
}

/// What a feed of which there is no profile is known to do.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema, TS)]
pub struct FeedReading {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub sequence: Option<ReadingSequence>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub time: Option<ReadingTime>,
    /// It answers no pings, and may be quiet for minutes.
    #[serde(default, skip_serializing_if = "is_false")]
    #[ts(as = "Option<bool>", optional)]
    pub patient: bool,
}

/// How its sequence numbers run: as in a profile.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema, TS)]
pub struct ReadingSequence {
    pub rule: SequenceRule,
    pub scope: Scope,
    pub number: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub first: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub previous: Option<String>,
}

/// Where the source's time is: as in a profile.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema, TS)]
pub struct ReadingTime {
    pub path: String,
    pub unit: TimeUnit,
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
    /// The time of its own that it shows; without it, that of the board.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub time: Option<PanelTime>,
    /// What would be drawn is shown as a table.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    #[ts(as = "Option<bool>", optional)]
    pub as_table: bool,
    #[serde(flatten)]
    pub view: PanelView,
}

/// A time that only one panel shows.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema, TS)]
pub struct PanelTime {
    /// How much of it, in milliseconds.
    #[serde(deserialize_with = "span")]
    #[schemars(range(min = 1, max = 31_622_400_000.0))]
    pub span_ms: f64,
}

/// What somebody said of a moment, or of a span of time.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema, TS)]
pub struct Annotation {
    /// No other annotation of the board has it.
    #[serde(deserialize_with = "id")]
    #[schemars(length(min = 1, max = 200))]
    pub id: String,
    /// The moment, or when the span begins: in milliseconds since 1970, UTC.
    #[serde(deserialize_with = "moment")]
    #[schemars(range(min = -8.64e15, max = 8.64e15))]
    pub from_ms: f64,
    /// When the span ends; without it, it is a moment.
    #[serde(default, deserialize_with = "end", skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = -8.64e15, max = 8.64e15))]
    #[ts(optional)]
    pub to_ms: Option<f64>,
    #[serde(default, deserialize_with = "said")]
    #[schemars(length(max = 2_000))]
    pub text: String,
    /// Which of the series colours it has, counted from 0.
    #[serde(default)]
    pub color: u32,
    /// The id of the feed that it is of; it is shown where that is drawn.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub feed: Option<String>,
    /// The id of the panel that it is of; only that one shows it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub panel: Option<String>,
}

/// What a panel shows, and how. A file may hold kinds that are not known here: they are kept.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema, TS)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum PanelView {
    TimeSeries(TimeSeries),
    Number(NumberView),
    Gauge(GaugeView),
    Table(TableView),
    Xy(XyView),
    Histogram(HistogramView),
    HeatMap(HeatMapView),
    Candles(CandlesView),
    States(StatesView),
    Depth(DepthView),
    Inspector(InspectorView),
    Notes(NotesView),
}

/// Lines over time.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema, TS)]
pub struct TimeSeries {
    #[serde(default)]
    pub unit: Unit,
    /// A fixed value range; `null` fits what is in view.
    #[serde(default, deserialize_with = "range")]
    pub range: Option<(f64, f64)>,
    /// Equal steps are equal factors.
    #[serde(default)]
    pub log: bool,
    /// The axis at the right, at which some traces are measured.
    #[serde(default)]
    pub right: SecondAxis,
    #[serde(default)]
    pub traces: Vec<Trace>,
    #[serde(default)]
    pub marks: Vec<Mark>,
}

/// An axis beside the first one.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema, TS)]
#[serde(default)]
pub struct SecondAxis {
    pub unit: Unit,
    /// A fixed value range; `null` fits what is in view.
    #[serde(deserialize_with = "range")]
    pub range: Option<(f64, f64)>,
    /// Equal steps are equal factors.
    pub log: bool,
}

/// A value that is marked: a line in a chart, a limit for numbers.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema, TS)]
pub struct Mark {
    pub value: f64,
    /// What it means to be above it.
    #[serde(default)]
    pub level: Level,
    #[serde(default)]
    pub label: Option<String>,
}

/// How something is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema, TS)]
#[serde(rename_all = "kebab-case")]
pub enum Level {
    #[default]
    Neutral,
    Good,
    Warn,
    Bad,
}

/// The latest value, large.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema, TS)]
#[serde(default)]
pub struct NumberView {
    pub unit: Unit,
    /// Decimal places; as many as are of use if `null`.
    #[serde(deserialize_with = "digits")]
    #[schemars(range(min = 0, max = 12))]
    pub digits: Option<u8>,
    pub traces: Vec<Trace>,
    pub marks: Vec<Mark>,
}

/// The latest value on a scale.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema, TS)]
#[serde(default)]
pub struct GaugeView {
    pub unit: Unit,
    /// The scale; `null` fits what is in view.
    #[serde(deserialize_with = "range")]
    pub range: Option<(f64, f64)>,
    pub traces: Vec<Trace>,
    pub marks: Vec<Mark>,
}

/// A row of the latest values and statistics for each trace.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema, TS)]
#[serde(default)]
pub struct TableView {
    pub unit: Unit,
    pub traces: Vec<Trace>,
}

/// Values over the values of another series, or over the time if there is none.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema, TS)]
#[serde(default)]
pub struct XyView {
    /// What is to the right.
    pub x: Option<Trace>,
    pub unit: Unit,
    pub style: XyStyle,
    #[serde(deserialize_with = "range")]
    pub range_x: Option<(f64, f64)>,
    #[serde(deserialize_with = "range")]
    pub range: Option<(f64, f64)>,
    pub traces: Vec<Trace>,
}

/// How pairs of values are drawn.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema, TS)]
#[serde(rename_all = "kebab-case")]
pub enum XyStyle {
    #[default]
    Line,
    Points,
}

/// How often which values come.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema, TS)]
#[serde(default)]
pub struct HistogramView {
    pub unit: Unit,
    /// How many bars; as many as are of use if `null`.
    #[serde(deserialize_with = "bins")]
    #[schemars(range(min = 1, max = 1_000))]
    pub bins: Option<u32>,
    /// Equal steps are equal factors.
    pub log: bool,
    pub traces: Vec<Trace>,
}

/// Colours over time.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema, TS)]
#[serde(default)]
pub struct HeatMapView {
    pub unit: Unit,
    pub by: HeatMapBy,
    /// A fixed value range; `null` fits what is in view.
    #[serde(deserialize_with = "range")]
    pub range: Option<(f64, f64)>,
    pub traces: Vec<Trace>,
}

/// What the rows of a heat map are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema, TS)]
#[serde(rename_all = "kebab-case")]
pub enum HeatMapBy {
    /// The traces; the colour is the value.
    #[default]
    Series,
    /// The values of the first trace; the colour is how often they came.
    Values,
}

/// What the first trace opened, reached and closed at, interval by interval.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema, TS)]
#[serde(default)]
pub struct CandlesView {
    pub unit: Unit,
    /// How long a candle is; as long as can be told apart if `null`.
    #[serde(deserialize_with = "interval")]
    #[schemars(range(min = 1, max = 31_622_400_000.0))]
    pub interval_ms: Option<f64>,
    pub traces: Vec<Trace>,
}

/// In which state each trace was when.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema, TS)]
#[serde(default)]
pub struct StatesView {
    pub traces: Vec<Trace>,
}

/// What is offered and wanted at which price.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema, TS)]
#[serde(default)]
pub struct DepthView {
    /// The id of a feed of the board; the first one that has order books without it.
    pub feed: Option<String>,
    /// The channel of the book; the first one without it.
    pub channel: Option<String>,
    /// With `channel`: what in that channel it is of.
    pub key: Option<String>,
    /// How many levels a side are listed beside the curves; as many as there is room for if `null`.
    #[serde(deserialize_with = "levels")]
    #[schemars(range(min = 0, max = 100))]
    pub levels: Option<u32>,
    /// How far from the middle prices are shown; as far as is of use if `null`.
    #[serde(deserialize_with = "percent")]
    #[schemars(range(min = 0.001, max = 100.0))]
    pub range_percent: Option<f64>,
}

/// The messages of a feed, as they come.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema, TS)]
#[serde(default)]
pub struct InspectorView {
    /// The id of a feed of the board; the first one without it.
    pub feed: Option<String>,
}

/// What people write for each other, in Markdown.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema, TS)]
#[serde(default)]
pub struct NotesView {
    #[serde(deserialize_with = "text")]
    #[schemars(length(max = 100_000))]
    pub text: String,
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
    /// A line, and what lies between the least and the greatest value of each column.
    Band,
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

fn is_false(value: &bool) -> bool {
    !value
}

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

fn digits<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<u8>, D::Error> {
    let digits = Option::<u8>::deserialize(deserializer)?;
    if digits.is_some_and(|digits| digits > 12) {
        return Err(D::Error::custom("there are 0 to 12 decimal places"));
    }
    Ok(digits)
}

fn bins<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<u32>, D::Error> {
    let bins = Option::<u32>::deserialize(deserializer)?;
    if bins.is_some_and(|bins| !(1..=1_000).contains(&bins)) {
        return Err(D::Error::custom("there are 1 to 1,000 bars"));
    }
    Ok(bins)
}

fn interval<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<f64>, D::Error> {
    let interval = Option::<f64>::deserialize(deserializer)?;
    if interval.is_some_and(|interval_ms| !SPAN_MS.contains(&interval_ms)) {
        return Err(D::Error::custom("an interval is a millisecond to a year"));
    }
    Ok(interval)
}

fn levels<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<u32>, D::Error> {
    let levels = Option::<u32>::deserialize(deserializer)?;
    if levels.is_some_and(|levels| levels > 100) {
        return Err(D::Error::custom("there are 0 to 100 levels"));
    }
    Ok(levels)
}

fn percent<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<f64>, D::Error> {
    let percent = Option::<f64>::deserialize(deserializer)?;
    if percent.is_some_and(|percent| !(0.001..=100.0).contains(&percent)) {
        return Err(D::Error::custom("a range is 0.001 to 100 percent"));
    }
    Ok(percent)
}

fn text<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    let text = String::deserialize(deserializer)?;
    if text.len() > TEXT_BYTES_MAX {
        return Err(D::Error::custom("a text has at most 100,000 bytes"));
    }
    Ok(text)
}

fn moment<'de, D: Deserializer<'de>>(deserializer: D) -> Result<f64, D::Error> {
    within_dates(f64::deserialize(deserializer)?)
}

fn end<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<f64>, D::Error> {
    Option::<f64>::deserialize(deserializer)?.map(within_dates).transpose()
}

fn within_dates<E: Error>(moment_ms: f64) -> Result<f64, E> {
    if moment_ms.is_nan() || moment_ms.abs() > MOMENT_MS_MAX {
        return Err(E::custom("a moment is a number of milliseconds that dates reach"));
    }
    Ok(moment_ms)
}

fn said<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    let text = String::deserialize(deserializer)?;
    if text.chars().count() > ANNOTATION_CHARS_MAX {
        return Err(D::Error::custom("an annotation has at most 2,000 characters"));
    }
    Ok(text)
}
