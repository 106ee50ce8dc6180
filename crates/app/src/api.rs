//! What crosses between the application and its window. The window's TypeScript types are made
//! from these by `FEEDSCOPE_WRITE=1 cargo test -p feedscope-app --test app written`.
//!
//! Times are milliseconds since the Unix epoch, as JavaScript has them, exact to the microsecond.
//!
//! | command | argument | answer |
//! |---|---|---|
//! | `start` | | [`Start`] |
//! | `take_update` | | [`Update`], or `null` while the last one is not drawn |
//! | `drawn` | `number: u64` | |
//! | `watch` | `watch:` [`Watch`] | bytes: see [`crate::view`] |
//! | `unwatch` | `panel: String` | |
//! | `view` | `view:` [`View`] | bytes: see [`crate::view`] |
//! | `statistics` | `span:` [`Span`] | `Vec<Statistics>`, in the order of the traces |
//! | `freshness` | `feed: String`, `channels: Vec<String>` | `Vec<Freshness>`, in that order; of those that are not known nothing |
//! | `health` | `asked:` [`HealthAsked`] | [`Health`], or `null` if there is no such feed |
//! | `depth` | `asked:` [`DepthAsked`] | [`Depth`], or `null` if there is no such feed |
//! | `histogram` | `histogram:` [`Histogram`] | [`Distribution`] |
//! | `heat` | `heat:` [`Heat`] | bytes: see `spread/heat.rs` |
//! | `pairs` | `pairs:` [`Pairs`] | bytes: see `spread/pairs.rs` |
//! | `peek` | `feeds: Vec<String>` | |
//! | `feed` | `feed: String` | [`Feed`] |
//! | `feed_add` | `board`, `url`, `label: String` | [`Feed`] |
//! | `profiles` | | `Vec<ProfileCard>` |
//! | `draft_check` | `draft:` [`BoardFeed`] | [`DraftChecked`] |
//! | `feed_subscribe` | `board: String`, `draft:` [`BoardFeed`], `secrets:` by name, `label: String` | [`Subscribed`] |
//! | `feed_change` | the same, and `feed: String` | [`Subscribed`] |
//! | `feed_draft` | `board`, `feed: String` | [`BoardFeed`] |
//! | `feed_secrets` | `feed: String` | `Vec<SecretKept>` |
//! | `secret_set` | `feed`, `name`, `secret: String` | [`SecretKept`] |
//! | `secret_remove` | `name: String` | [`SecretKept`] |
//! | `probe_start` | `probe: String`, `draft:` [`BoardFeed`], `secrets:` by name | |
//! | `probe_look` | `probe: String`, `known: usize` | [`ProbeLook`], or `null` |
//! | `probe_stop` | `probe: String` | |
//! | `feed_remove` | `board`, `feed`, `label: String` | [`BoardChanged`] |
//! | `feed_reconnect` | `feed: String` | |
//! | `feed_stop` | `feed: String` | |
//! | `faults_set` | `faults:` [`Faults`] | |
//! | `feed_cut` | | |
//! | `derived_check` | `expression: String`, `inputs:` names and [`DerivedInput`]s | `Vec<Mistake>`, none if it can be read |
//! | `derived_preview` | `asked:` [`DerivedPreview`] | bytes: as of `view`, of one trace |
//! | `derived_set` | `series:` [`DerivedSeries`] | [`Derived`] |
//! | `derived_remove` | `id: String` | |
//! | `boards` | | [`BoardList`] |
//! | `board_get` | `board: String` | [`BoardChanged`] |
//! | `board_show` | `board: String` | [`BoardChanged`] |
//! | `board_open` | `file: String` | `String`, the board's id |
//! | `board_close` | `board: String` | |
//! | `board_new` | `template: String`, `name: Option<String>` | `String`, the board's id |
//! | `board_rename` | `board`, `name`, `label: String` | [`BoardChanged`] |
//! | `board_duplicate` | `board`, `name: String` | `String`, the board's id |
//! | `board_remove` | `board: String` | |
//! | `board_restore` | `board: String` | |
//! | `boards_reorder` | `order: Vec<String>` | |
//! | `board_change` | `change:` [`BoardChange`] | [`BoardChanged`] |
//! | `board_undo` | `board: String` | [`BoardChanged`] |
//! | `board_redo` | `board: String` | [`BoardChanged`] |
//! | `board_look` | `file`, `text: String` | [`BoardLook`] |
//! | `board_import` | `import:` [`BoardImport`] | `String`, the board's id |
//! | `board_export` | `board: String` | [`Exported`] |
//! | `board_file_show` | `board: String` | |
//! | `export_show` | `path: String` | |
//! | `board_suggest` | `feed: String` | [`Proposal`] |
//! | `annotations_export` | `board: String`, `format:` [`AnnotationsFormat`] | `String`, the file's path |
//! | `annotations_read` | `file`, `text: String` | [`AnnotationsRead`] |
//! | `board_templates` | | `Vec<Template>` |
//! | `board_fill` | `template`, `feed: String` | [`Proposal`] |
//! | `together` | `shown:` [`Together`], what is otherwise in this window | [`Together`], what is otherwise in others |
//! | `language_set` | `language: Option<String>` | |
//! | `shortcuts_set` | `shortcuts: BTreeMap<String, Vec<String>>` | |
//! | `tour_over` | | |
//! | `picture_save` | `picture:` [`Picture`] | `String`, the file's path |
//! | `picture_show` | `path: String` | |
//! | `link_open` | `link: String` | |
//! | `inspect_open` | `inspector: String`, `feed: String` | [`Inspected`] |
//! | `inspect_close` | `inspector: String` | |
//! | `inspect_page` | `inspector: String`, `asked:` [`PageAsked`] | [`InspectPage`] |
//! | `inspect_message` | `inspector: String`, `serial: u64`, `from: u64` | [`InspectMessage`] |
//! | `inspect_code` | `asked:` [`CodeAsked`] | `String`, a command for a shell |
//! | `json_check` | `text: String` | [`JsonFault`], or `null` |
//! | `feed_send` | `send:` [`SendAsked`] | [`SendResult`] |
//! | `alerts` | | [`Alerts`] |
//! | `alert_set` | `alert:` [`Alert`] | [`Alert`], as it is kept |
//! | `alert_remove` | `alert: String` | |
//! | `alert_test` | `alert:` [`Alert`] | |
//! | `alert_rehearse` | `alert:` [`Alert`] | [`AlertRehearsal`], or `null` where it cannot be said |
//! | `alert_log` | `span:` [`AlertLogSpan`] | `Vec<AlertEvent>`, the newest first |
//!
//! A command that fails answers with a [`Trouble`]. A `label` says what is done, as the menu of
//! undo is to have it. There are three events: `boards`, [`Boards`]; `together`, after which a window
//! asks what others show; and `update`, which says that there is an [`Update`] to take. It is made when it is taken, and so as new as the frame that it is
//! for. Nor is it in the event since WebKit keeps the text of every event, as a script that it might
//! be asked for again.

pub use crate::adding::types::{
    DraftChecked, DraftProblem, ProbeFound, ProbeLook, ProbeStep, ProfileCard, SecretKept,
    Subscribed, VariableCard,
};
pub use crate::boards::format::{
    Annotation, Axis, Board, BoardFeed, BoardTime, CandlesView, FeedReading, GaugeView, HeatMapBy,
    HeatMapView, HistogramView, InspectorView, Level, Mark, NotesView, NumberView, Panel,
    PanelTime, PanelView, Popout, PopoutPlace, ReadingSequence, ReadingTime, SecondAxis, Side,
    StatesView, TableView, TimeSeries, Trace, TraceStyle, Unit, XyStyle, XyView, Zone,
};
pub use crate::settings::Shortcuts;
use feedscope_feed::said::Part;
use feedscope_feed::{Cause, Ledger, Said, State};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use ts_rs::TS;

/// All that a window needs to draw itself for the first time.
#[derive(Clone, Debug, Serialize, TS)]
pub struct Start {
    pub version: String,
    pub now_ms: f64,
    pub boards: Boards,
    /// The board that the window shows.
    #[ts(as = "Board")]
    pub board: serde_json::Value,
    /// Of all boards that are open.
    pub feeds: Vec<Feed>,
    pub derived: Vec<Derived>,
    pub faults: Faults,
    /// The language that was chosen, as a tag; `null`: that of the system.
    pub language: Option<String>,
    /// Other shortcuts than the defaults, by the command they are of.
    pub shortcuts: Shortcuts,
    /// The tour is not to begin by itself.
    pub toured: bool,
    /// What went wrong while starting, and cost only itself.
    pub troubles: Vec<Trouble>,
    /// Where this is not the first window: which of the board's own windows it is.
    pub popout: Option<String>,
}

/// What all windows show together: of a window what it shows otherwise than before, and to it what
/// others do. What is not there is as it was.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, TS)]
#[serde(default)]
#[ts(optional_fields)]
pub struct Together {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub time: Option<TogetherTime>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub views: Option<TogetherViews>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub zone: Option<Zone>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cursor: Option<TogetherCursor>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub measure: Option<TogetherMeasure>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub language: Option<TogetherLanguage>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub shortcuts: Option<Shortcuts>,
}

impl Together {
    pub(crate) fn spoken(tag: Option<String>) -> Together {
        Together { language: Some(TogetherLanguage { tag }), ..Together::default() }
    }

    pub(crate) fn bound(shortcuts: Shortcuts) -> Together {
        Together { shortcuts: Some(shortcuts), ..Together::default() }
    }
}

/// The stretch of time that is shown.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, TS)]
pub struct TogetherTime {
    /// Where it stands still; `null` while it is followed.
    pub frozen: Option<(f64, f64)>,
    /// How much is shown while it is followed.
    pub span_ms: f64,
    pub axis: Axis,
}

/// What was shown before, and what was gone back from, the latest last.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, TS)]
pub struct TogetherViews {
    pub past: Vec<TogetherView>,
    pub future: Vec<TogetherView>,
}

#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, TS)]
pub struct TogetherView {
    pub frozen: Option<(f64, f64)>,
    pub span_ms: f64,
}

/// Where the pointer is.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, TS)]
pub struct TogetherCursor {
    /// A moment, or while time is followed, how long ago; `null` if the pointer is nowhere.
    pub ms: Option<f64>,
    /// It is how long ago.
    pub ago: bool,
}

/// The two moments between which is measured.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, TS)]
pub struct TogetherMeasure {
    pub between: Option<(f64, f64)>,
}

/// The language that was chosen, as a tag; `null`: that of the system.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
pub struct TogetherLanguage {
    pub tag: Option<String>,
}

#[derive(Clone, Debug, Serialize, TS)]
pub struct Feed {
    /// What traces name it by; stays the same in the board's file.
    pub id: String,
    pub name: String,
    /// Without user, password and query, which may be secret.
    pub url: String,
    /// Whether it is the feed that Feedscope itself serves: the one that can be broken.
    pub builtin: bool,
    /// Whether its profile says where order books are.
    pub has_books: bool,
    pub fields: Vec<Field>,
    pub transitions: Vec<Transition>,
    pub status: Status,
}

/// A field of a channel, found in what the feed sent.
#[derive(Clone, Debug, PartialEq, Serialize, TS)]
pub struct Field {
    pub channel: String,
    pub path: String,
    /// What [`Update::values`] calls it; counted from 0 within its feed, in order of appearance.
    pub number: u32,
    /// Of one that holds texts or booleans: its texts so far. Its values are then 0 for false, 1 for
    /// true, 2 for null, 3 for a text that is not told apart, and from 4 on these. Where there are
    /// none, it holds booleans. `null` for one of numbers; where a path has both, numbers are
    /// shown.
    pub texts: Option<Vec<String>>,
}

/// How a feed is doing, as of one moment.
#[derive(Clone, Debug, PartialEq, Serialize, TS)]
pub struct Status {
    pub feed: String,
    pub state: State,
    /// Received in the last second.
    pub messages_per_second: f64,
    pub ledger: Ledger,
    pub gaps: u64,
    /// Messages that the sequence numbers say exist, and that have not come.
    pub missing: u64,
    /// How often messages came out of order and were put back into it.
    pub reordered: u64,
    /// Time of the last message; `null` before the first.
    pub last_message_ms: Option<f64>,
    /// From source time to drawn, over the last second; `null` where the feed has no source time.
    pub latency: Option<Latency>,
    /// Fields that were found but are not listed, being too many.
    pub fields_unlisted: u64,
    /// How often a text came that is not told apart from others of its field, being too many.
    pub texts_untold: u64,
}

/// Percentiles, in milliseconds.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, TS)]
pub struct Latency {
    pub p50_ms: f64,
    pub p95_ms: f64,
    pub p99_ms: f64,
}

/// A change in the life of a feed's session.
#[derive(Clone, Debug, PartialEq, Serialize, TS)]
pub struct Transition {
    /// Counted from 0, feed by feed, as long as the application runs.
    pub number: u32,
    pub at_ms: f64,
    pub state: State,
    /// Why, in a sentence.
    pub cause: String,
    /// The same, for other languages.
    pub said: Vec<Part>,
    /// When the next attempt is due, while waiting.
    pub until_ms: Option<f64>,
    /// What failed, where something did.
    pub trouble: Option<Trouble>,
}

/// What went wrong, for a person: each a sentence or two.
#[derive(Clone, Debug, PartialEq, Serialize, TS)]
pub struct Trouble {
    /// For programs: never changes, never shown. `url-scheme`, `tcp-refused`, `http-status` …
    pub code: &'static str,
    /// The step that failed: "Handshake".
    pub step: String,
    /// What happened.
    pub what: String,
    /// What the other side said, where it said something: a status line, headers, a body.
    pub answer: Option<String>,
    /// What to try.
    pub advice: String,
    /// The same, for other languages.
    pub said: Box<TroubleSaid>,
}

/// The step, what happened and what to try, for other languages than English.
#[derive(Clone, Debug, PartialEq, Serialize, TS)]
pub struct TroubleSaid {
    pub step: Vec<Part>,
    pub what: Vec<Part>,
    pub advice: Vec<Part>,
}

impl Trouble {
    pub fn new(
        code: &'static str,
        step: Said,
        what: Said,
        answer: Option<String>,
        advice: Said,
    ) -> Self {
        let said = TroubleSaid {
            step: step.parts().to_vec(),
            what: what.parts().to_vec(),
            advice: advice.parts().to_vec(),
        };
        Trouble {
            code,
            step: step.to_string(),
            what: what.to_string(),
            answer,
            advice: advice.to_string(),
            said: Box::new(said),
        }
    }
}

/// The boards that are open, as every window is told whenever one of them changes.
#[derive(Clone, Debug, PartialEq, Serialize, TS)]
pub struct Boards {
    /// Counts changes: of two of these, the one with the higher number is the newer one.
    pub version: u64,
    /// In their order.
    pub list: Vec<BoardHead>,
    /// The feeds that are subscribed to, by their ids.
    pub feeds: Vec<String>,
}

/// A board without what is on it.
#[derive(Clone, Debug, PartialEq, Serialize, TS)]
pub struct BoardHead {
    pub id: String,
    pub name: String,
    /// Another with every change.
    pub revision: u64,
    /// What would be undone, and done again; `null` if there is nothing.
    pub undo: Option<String>,
    pub redo: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Serialize, TS)]
pub struct BoardList {
    pub open: Boards,
    pub closed: Vec<ClosedBoard>,
}

/// A series that is made of others by an expression. Traces name it by the feed `derived`, the
/// channel `""`, and its id as the path.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema, TS)]
pub struct DerivedSeries {
    /// Stays the same, and no other has it. Where it is empty, one is made of the name.
    #[serde(default)]
    pub id: String,
    pub name: String,
    #[serde(default)]
    pub unit: Unit,
    /// See `docs/expressions.md`.
    pub expression: String,
    /// What the names in the expression are bound to.
    #[serde(default)]
    pub inputs: BTreeMap<String, DerivedInput>,
}

/// A series that an expression is made of.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema, TS)]
pub struct DerivedInput {
    pub feed: String,
    pub channel: String,
    pub path: String,
}

/// A derived series, and how far it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
pub struct Derived {
    pub series: DerivedSeries,
    /// What [`Update::values`] calls it, where the feed is `derived`.
    pub number: u32,
    pub state: DerivedState,
    /// How much of the past is made: less than 100 only while it is being made, or waited for.
    pub made_percent: u8,
}

/// What an expression would come to. One at a time: what is asked for next ends the one before.
#[derive(Clone, Debug, PartialEq, Deserialize, TS)]
pub struct DerivedPreview {
    pub expression: String,
    pub inputs: BTreeMap<String, DerivedInput>,
    pub axis: Axis,
    pub from_ms: f64,
    pub to_ms: f64,
    pub columns: u32,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "kebab-case")]
pub enum DerivedState {
    /// A field that it is made of has not come yet.
    Waiting,
    /// It is being made of what the history has.
    CatchingUp,
    /// It grows with what comes.
    Live,
    /// Its expression cannot be read; so it was in its file.
    Faulty,
}

/// What is wrong with an expression, for a person, and where.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
pub struct Mistake {
    /// As JavaScript counts, in units of UTF-16.
    pub from: u32,
    /// Exclusive.
    pub to: u32,
    /// For programs: never changes, never shown.
    pub code: &'static str,
    pub what: String,
    /// What to do about it.
    pub advice: String,
    /// The same, for other languages.
    pub said: MistakeSaid,
}

/// What is wrong and what to do, for other languages than English.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
pub struct MistakeSaid {
    pub what: Vec<Part>,
    pub advice: Vec<Part>,
}

/// A board that is in the folder of boards, and not open.
#[derive(Clone, Debug, PartialEq, Serialize, TS)]
pub struct ClosedBoard {
    /// What it is opened by.
    pub file: String,
    pub name: String,
}

/// A board as it is to be from now on.
#[derive(Clone, Debug, Deserialize, TS)]
pub struct BoardChange {
    pub board: String,
    /// What it was made from. If the board is another by now, the change is refused.
    pub revision: u64,
    /// What was done, for the menu. `null`: what follows from a step, and is none of its own.
    pub label: Option<String>,
    /// With the same label and key within a second, it is the same step that goes on: a drag.
    pub merge: Option<String>,
    #[ts(as = "Board")]
    pub document: serde_json::Value,
}

/// What is in a file that may be a board, before it is opened.
#[derive(Clone, Debug, PartialEq, Serialize, TS)]
pub struct BoardLook {
    pub name: String,
    pub panels: u32,
    /// What it draws, but for the feed of this computer.
    pub feeds: Vec<BoardLookFeed>,
    /// What of it is not used, and why.
    pub troubles: Vec<Trouble>,
}

/// A feed of a board that is looked at.
#[derive(Clone, Debug, PartialEq, Serialize, TS)]
pub struct BoardLookFeed {
    /// What the file calls it.
    pub id: String,
    pub name: String,
    pub url: Option<String>,
    pub profile: Option<String>,
    /// How many panels name it.
    pub panels: u32,
    pub state: BoardLookState,
    /// Where it leads, if it would be dialled; secrets stand in it by name.
    pub address: Option<String>,
    /// The host of that.
    pub host: Option<String>,
    /// The names of the secrets that it would send there.
    pub secrets: Vec<String>,
    /// Those of them that were not given for there yet.
    pub asks: Vec<String>,
}

/// What there is of a feed of a board that is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "kebab-case")]
pub enum BoardLookState {
    /// It is subscribed to already.
    Open,
    /// It would be subscribed to.
    New,
    /// It is named by a profile that is not known here.
    UnknownProfile,
    /// Panels name it, and the file does not say what it is.
    Missing,
}

/// A file that is to become a board.
#[derive(Clone, Debug, Deserialize, TS)]
pub struct BoardImport {
    /// What the file is called.
    pub file: String,
    pub text: String,
    /// Of those feeds that are to be others than the file says.
    pub feeds: Vec<FeedChoice>,
    /// What the file calls those feeds that get the secrets that they name; the others of those are
    /// not dialled.
    pub given: Vec<String>,
}

/// What stands in the place of a feed of a file.
#[derive(Clone, Debug, Deserialize, TS)]
pub struct FeedChoice {
    /// What the file calls it.
    pub id: String,
    /// Another address.
    pub url: Option<String>,
    /// The id of a feed that is subscribed to; goes before the address.
    pub feed: Option<String>,
}

/// Where a board was saved for others.
#[derive(Clone, Debug, PartialEq, Serialize, TS)]
pub struct Exported {
    pub path: String,
    /// The names of the feeds of whose addresses something was left out that may be secret.
    pub without_secrets: Vec<String>,
}

/// Panels that somebody may want, and where they would be.
#[derive(Clone, Debug, PartialEq, Serialize, TS)]
pub struct Proposal {
    /// Their ids tell them from each other, and from nothing else.
    #[ts(as = "Vec<Panel>")]
    pub panels: Vec<Panel>,
    /// Derived series that they draw, and that there have to be first.
    pub derived: Vec<DerivedSeries>,
    pub rows: Vec<Row>,
}

/// A board of which the fields are not chosen yet.
#[derive(Clone, Debug, PartialEq, Serialize, TS)]
pub struct Template {
    pub id: String,
    pub rows: Vec<Row>,
}

/// Panels beside each other.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
pub struct Row {
    /// As compared with the other rows.
    pub height: u32,
    pub tiles: Vec<Tile>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
pub struct Tile {
    /// As compared with the others of its row.
    pub width: u32,
    pub kind: String,
    /// The panel's id, once there is one.
    pub panel: Option<String>,
}

/// What has become of a board.
#[derive(Clone, Debug, PartialEq, Serialize, TS)]
pub struct BoardChanged {
    pub head: BoardHead,
    /// The change was made from another board than that of now: it was refused.
    pub stale: bool,
    /// The board, where that is not what was sent.
    #[ts(as = "Option<Board>")]
    pub document: Option<serde_json::Value>,
}

/// Asks for the columns of a panel that follows the present: the answer holds those of now, the
/// updates hold what changes, until `unwatch` or the next `watch` of the same panel.
#[derive(Clone, Debug, Deserialize, TS)]
pub struct Watch {
    pub panel: String,
    pub traces: Vec<Trace>,
    #[serde(default)]
    pub axis: Axis,
    pub span_ms: f64,
    /// How many columns the span has: the width in pixels.
    pub columns: u32,
}

/// Asks for the columns of a span.
#[derive(Clone, Debug, Deserialize, TS)]
pub struct View {
    pub traces: Vec<Trace>,
    #[serde(default)]
    pub axis: Axis,
    pub from_ms: f64,
    pub to_ms: f64,
    pub columns: u32,
}

/// Asks what the samples of a span come to.
#[derive(Clone, Debug, Deserialize, TS)]
pub struct Span {
    pub traces: Vec<Trace>,
    #[serde(default)]
    pub axis: Axis,
    pub from_ms: f64,
    /// Inclusive.
    pub to_ms: f64,
}

/// What the samples of a span come to. What there is no answer to is `null`: values that are not
/// finite are counted, and nothing else.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, TS)]
pub struct Statistics {
    pub count: u64,
    pub min: Option<f64>,
    pub max: Option<f64>,
    pub mean: Option<f64>,
    pub std_dev: Option<f64>,
    /// Percentiles, within a percent of themselves.
    pub p50: Option<f64>,
    pub p95: Option<f64>,
    pub p99: Option<f64>,
    /// From the first sample of the span to its last.
    pub samples_per_second: Option<f64>,
}

/// How lately a channel was heard of.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, TS)]
pub struct Freshness {
    /// Records that came since the feed was subscribed to.
    pub records: u64,
    /// Time of the first of those.
    pub first_ms: Option<f64>,
    /// Time of the last record, also of an earlier run; `null` before the first.
    pub last_ms: Option<f64>,
}

/// Which of a feed's order books it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct DepthOf {
    pub channel: String,
    pub key: Option<String>,
}

/// Asks for an order book.
#[derive(Clone, Debug, Deserialize, TS)]
pub struct DepthAsked {
    pub feed: String,
    /// The first one of the feed if `null`.
    pub of: Option<DepthOf>,
    /// How many levels a side are told one by one.
    pub levels: u32,
    /// How far from the middle the curve goes; as far as is of use if `null`.
    pub range_percent: Option<f64>,
}

/// The order books of a feed, and one of them.
#[derive(Clone, Debug, PartialEq, Serialize, TS)]
pub struct Depth {
    /// The feed's profile says where books are.
    pub has_books: bool,
    /// It sends whole books, and not changes alone.
    pub sends_whole: bool,
    /// Those that were told of.
    pub all: Vec<DepthOf>,
    /// Messages of books that there was no room for.
    pub untold: u64,
    /// The one that was asked for; `null` before it was told of.
    pub book: Option<DepthBook>,
}

/// An order book at a moment.
#[derive(Clone, Debug, PartialEq, Serialize, TS)]
pub struct DepthBook {
    pub of: DepthOf,
    /// Since when it is whole, or incomplete.
    pub since_ms: f64,
    pub incomplete: Option<DepthIncomplete>,
    /// When it was told of last.
    pub changed_ms: Option<f64>,
    /// Bids are at or above asks.
    pub is_crossed: bool,
    /// The levels furthest off are too many, and are not kept.
    pub is_cut: bool,
    /// The prices that the curves are of, from the lowest to the highest.
    pub span: Option<(f64, f64)>,
    pub bids: DepthSide,
    pub asks: DepthSide,
}

/// Why a book is not all there is.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, TS)]
pub struct DepthIncomplete {
    pub why: DepthWhy,
    /// With `missing`: the numbers that did not come.
    pub first: Option<u64>,
    pub last: Option<u64>,
    /// Of what was told since then, all is there.
    pub told_since_ms: f64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "kebab-case")]
pub enum DepthWhy {
    /// The whole of it has not come since it is looked at.
    Begun,
    /// Messages of its sequence are missing.
    Missing,
    /// The connection was lost.
    Outage,
    /// A message could not be read.
    Unreadable,
    /// Bids stayed above asks.
    Crossed,
}

/// A side of a book, the best first.
#[derive(Clone, Debug, PartialEq, Serialize, TS)]
pub struct DepthSide {
    /// How many there are in all.
    pub levels: u32,
    /// Prices and sizes.
    pub best: Vec<(f64, f64)>,
    /// Prices, and all that is offered up to there.
    pub curve: Vec<(f64, f64)>,
}

/// Asks how the values of a span are distributed.
#[derive(Clone, Debug, Deserialize, TS)]
pub struct Histogram {
    pub traces: Vec<Trace>,
    #[serde(default)]
    pub axis: Axis,
    pub from_ms: f64,
    /// Inclusive.
    pub to_ms: f64,
    /// How many bins; `null` has as many as the values call for, from one round number to another.
    pub bins: Option<u32>,
    /// There is room for no more than these.
    pub bins_max: u32,
    /// What the bins cover; `null`: all there is.
    pub range: Option<(f64, f64)>,
    /// Bins of equal factors: what is not above zero is below all of them.
    pub log: bool,
}

/// How values are distributed, in bins of equal width, or equal factors.
#[derive(Clone, Debug, PartialEq, Serialize, TS)]
pub struct Distribution {
    pub least: f64,
    /// Inclusive.
    pub greatest: f64,
    pub log: bool,
    /// In the order they were asked for. All have as many bins; none where there are no values.
    pub traces: Vec<TraceBins>,
}

/// How many values of a trace are in each bin. With those beside the bins they are `counted`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, TS)]
pub struct TraceBins {
    pub counts: Vec<u64>,
    pub below: u64,
    pub above: u64,
    pub not_finite: u64,
    /// Of so many samples this is, evenly spread over `total`, which are all.
    pub counted: u64,
    pub total: u64,
    /// Percentiles of those that were counted and are finite.
    pub p50: Option<f64>,
    pub p95: Option<f64>,
    pub p99: Option<f64>,
}

/// Asks how values are distributed in each column of a span.
#[derive(Clone, Debug, Deserialize, TS)]
pub struct Heat {
    pub trace: Trace,
    #[serde(default)]
    pub axis: Axis,
    pub from_ms: f64,
    pub to_ms: f64,
    pub columns: u32,
    pub bins: u32,
    /// What the bins cover; `null`: all there is.
    pub range: Option<(f64, f64)>,
    pub log: bool,
}

/// Asks for the values of traces against those of another at the same moments.
#[derive(Clone, Debug, Deserialize, TS)]
pub struct Pairs {
    pub x: Trace,
    pub traces: Vec<Trace>,
    #[serde(default)]
    pub axis: Axis,
    pub from_ms: f64,
    /// Inclusive.
    pub to_ms: f64,
    /// How many pairs are wanted at most, about, of all traces.
    pub most: u32,
}

/// What one display tick brings. The next one is sent once `drawn` has named its number.
#[derive(Clone, Debug, Serialize, TS)]
pub struct Update {
    pub number: u64,
    pub now_ms: f64,
    pub panels: Vec<PanelUpdate>,
    /// Four times a second: all feeds. Otherwise empty.
    pub statuses: Vec<Status>,
    /// With the statuses: the latest values of the feeds that are peeked at.
    pub values: Vec<FeedValues>,
    /// Feeds that changed state, with the changes.
    pub transitions: Vec<FeedTransitions>,
    /// Feeds that showed new fields, with those.
    pub fields: Vec<FeedFields>,
    /// Texts that fields have had for the first time.
    pub words: Vec<FeedWords>,
    /// All derived series, when any of them changed in what it is or how far it is.
    pub derived: Option<Vec<Derived>>,
    /// With the statuses: the inspectors for which there are new messages.
    pub inspected: Vec<String>,
    /// What went wrong without anyone having asked for it.
    pub troubles: Vec<Trouble>,
    /// How the alerts are, when that changed.
    pub alerts: Option<AlertStates>,
}

#[derive(Clone, Debug, Serialize, TS)]
pub struct PanelUpdate {
    pub panel: String,
    /// The first column that changed; those before it stand as they were. Columns are numbered
    /// from the Unix epoch in units of `column_ms`. Traces hold only the columns that have
    /// samples.
    pub from: f64,
    pub column_ms: f64,
    /// So much has changed since the last update that the panel had better `watch` anew.
    pub behind: bool,
    /// In the order of the watch.
    pub traces: Vec<Vec<Column>>,
    /// The latest value of each trace.
    pub latest: Vec<Option<f64>>,
    /// All gaps in view, when they changed.
    pub gaps: Option<Vec<Gap>>,
    /// All that came late in view, when that changed.
    pub late: Option<Vec<LateSpan>>,
    /// Where the history of each trace begins, `null` if nothing of it was dropped; when that
    /// changed.
    pub begins_ms: Option<Vec<Option<f64>>>,
}

/// One pixel's worth of a series:
/// index, sample count, first, min, max, last value, and 1 if a gap parts it from the column
/// before (or lies within), else 0.
pub type Column = (f64, f64, f64, f64, f64, f64, u8);

#[derive(Clone, Debug, PartialEq, Serialize, TS)]
pub struct Gap {
    pub start_ms: f64,
    /// `null` while it lasts.
    pub end_ms: Option<f64>,
    pub cause: Cause,
    /// The feed's id.
    pub feed: String,
    /// `null` where it concerns the whole feed.
    pub channel: Option<String>,
    /// How many messages are missing, where that is known.
    pub missing: Option<u64>,
    /// What happened, in a sentence.
    pub story: String,
    /// The same, for other languages.
    pub said: Vec<Part>,
    /// How many of its messages came later. Told in lists of gaps.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub came_after_all: Option<u64>,
    /// Whether the server sent those again.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    #[ts(optional, as = "Option<bool>")]
    pub replayed: bool,
}

/// What came late of a channel, for a span of time.
#[derive(Clone, Debug, PartialEq, Serialize, TS)]
pub struct LateSpan {
    pub feed: String,
    pub channel: String,
    /// Where it belongs.
    pub start_ms: f64,
    pub end_ms: f64,
    /// When it came.
    pub came_from_ms: f64,
    pub came_to_ms: f64,
    pub messages: u64,
    /// Whether the server sent it again, after an outage or because it was asked to; otherwise it was
    /// merely late.
    pub replayed: bool,
}

/// Asks how a feed did over a span.
#[derive(Clone, Debug, Deserialize, TS)]
pub struct HealthAsked {
    pub feed: String,
    pub from_ms: f64,
    pub to_ms: f64,
    /// How many columns the strip of states has: its width in pixels.
    pub columns: u32,
    /// how many interruptions to answer with at most.
    pub most: u32,
}

/// How a feed did over a span. What came of its messages and how long they took are traces of the
/// channel `feedscope:health`, for `view` and `statistics`.
#[derive(Clone, Debug, PartialEq, Serialize, TS)]
pub struct Health {
    /// Where what is known of it begins; `null` while nothing is.
    pub begins_ms: Option<f64>,
    /// In their order.
    pub spans: Vec<HealthSpan>,
    /// The newest first.
    pub interruptions: Vec<Interruption>,
    /// How many there are in the span.
    pub interruptions_total: u64,
    /// For how long it was live.
    pub live_ms: f64,
    /// For how long it was listened to.
    pub listened_ms: f64,
    /// As of now; `null` where the feed has no source time, or nothing came lately.
    pub clock: Option<HealthClock>,
    /// How long a ping takes there and back; `null` before the first is answered.
    pub round_trip_ms: Option<f64>,
}

/// A state that a feed was in, or several that are too short to be told apart.
#[derive(Clone, Debug, PartialEq, Serialize, TS)]
pub struct HealthSpan {
    pub from_ms: f64,
    /// `null` while it lasts.
    pub to_ms: Option<f64>,
    /// Of several, the worst; `null`: nobody listened.
    pub state: Option<State>,
    /// How many there are.
    pub changes: u32,
    /// Why it came to be in that state, in a sentence.
    pub cause: String,
    /// The same, for other languages.
    pub said: Vec<Part>,
}

/// A time without data, until the feed was live again.
#[derive(Clone, Debug, PartialEq, Serialize, TS)]
pub struct Interruption {
    pub from_ms: f64,
    /// `null` while it lasts.
    pub to_ms: Option<f64>,
    /// The worst that it came to; `null`: nobody listened.
    pub state: Option<State>,
    /// How often it was tried to connect.
    pub tries: u32,
    /// What it began with, in a sentence.
    pub cause: String,
    /// The same, for other languages.
    pub said: Vec<Part>,
}

/// How far the clock of a feed's source is from ours.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, TS)]
pub struct HealthClock {
    /// How far it is ahead of ours; behind if negative.
    pub ahead_ms: f64,
    /// It can be so much more, or less.
    pub uncertainty_ms: f64,
    /// By how many messages.
    pub messages: u64,
}

/// Asks what did not come.
#[derive(Clone, Debug, Default, Deserialize, TS)]
pub struct GapsAsked {
    /// Of one feed, by its id, or of all.
    pub feed: Option<String>,
    /// How many to answer with at most; 2,000 is as many as there can be.
    pub most: u32,
    /// Only those that begin before.
    pub before_ms: Option<f64>,
    /// Only those that end after, or last; of them, the first.
    pub after_ms: Option<f64>,
}

/// Gaps, the newest first.
#[derive(Clone, Debug, PartialEq, Serialize, TS)]
pub struct GapList {
    pub gaps: Vec<Gap>,
    /// How many there are in all.
    pub total: u64,
}

#[derive(Clone, Debug, Serialize, TS)]
pub struct FeedValues {
    pub feed: String,
    /// Pairs of a field's number and its latest value.
    pub values: Vec<(u32, f64)>,
}

#[derive(Clone, Debug, Serialize, TS)]
pub struct FeedTransitions {
    pub feed: String,
    pub transitions: Vec<Transition>,
}

#[derive(Clone, Debug, Serialize, TS)]
pub struct FeedFields {
    pub feed: String,
    pub fields: Vec<Field>,
}

#[derive(Clone, Debug, Serialize, TS)]
pub struct FeedWords {
    pub feed: String,
    pub words: Vec<Word>,
}

/// What a value of a field that holds texts stands for, as in [`Field::texts`]. With 3, it is the
/// latest of those that are not told apart.
#[derive(Clone, Debug, PartialEq, Serialize, TS)]
pub struct Word {
    /// [`Field::number`].
    pub field: u32,
    pub code: u16,
    pub text: String,
}

/// What the built-in feed does wrong on purpose, until told otherwise.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize, TS)]
pub struct Faults {
    /// Sends nothing, with the socket open.
    pub silent: bool,
    /// Sends everything this much later.
    pub delay_ms: u32,
    /// The share of messages sent twice, 0 to 1.
    pub duplicate: f64,
    /// The share of messages that swap places with a later one, 0 to 1.
    pub reorder: f64,
    /// The share of messages not sent, 0 to 1.
    pub lose: f64,
}

/// What annotations are exported as.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, TS)]
#[serde(rename_all = "lowercase")]
pub enum AnnotationsFormat {
    Csv,
    Json,
}

/// The annotations of a file.
#[derive(Clone, Debug, Serialize, TS)]
pub struct AnnotationsRead {
    pub annotations: Vec<Annotation>,
    /// So many of what is in it are none.
    pub left_out: u32,
}

/// A panel as a picture.
#[derive(Clone, Debug, Deserialize, TS)]
pub struct Picture {
    pub title: String,
    pub unit: Unit,
    pub range: Option<(f64, f64)>,
    /// Equal steps are equal factors.
    pub log: bool,
    pub right: SecondAxis,
    pub marks: Vec<Mark>,
    /// Those that the panel shows.
    pub annotations: Vec<Annotation>,
    pub view: View,
    pub format: Format,
    pub dark: bool,
    /// In pixels.
    pub width: u32,
    pub height: u32,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, TS)]
#[serde(rename_all = "lowercase")]
pub enum Format {
    Png,
    Svg,
}

/// What there is to know of a feed whose messages are looked at.
#[derive(Clone, Debug, Serialize, TS)]
pub struct Inspected {
    /// What its profile itself sends.
    pub templates: Vec<SendTemplate>,
    /// What was sent to it by hand, newest first.
    pub sent: Vec<SentMessage>,
    /// How many messages it takes in a second; 0 for any number.
    pub per_second_max: u32,
}

/// Asks for some of the messages that an inspector shows.
#[derive(Clone, Debug, Deserialize, TS)]
pub struct PageAsked {
    /// The first one's place, as counted by [`InspectPage::first`]; `null` for the last ones.
    pub from: Option<f64>,
    pub count: u32,
    /// Stay as it was when this was asked for the first time.
    pub paused: bool,
    pub filter: InspectFilter,
}

/// Which messages are shown: those for which all of it holds.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, TS)]
pub struct InspectFilter {
    /// Stands in the message, in capitals or not. Nothing if it is empty, as with the next two.
    pub text: String,
    /// Stands in the name of the channel.
    pub channel: String,
    /// There is something at this place: `data.bids[0]`.
    pub path: String,
    /// And that is this.
    pub equals: Option<String>,
    pub direction: Option<InspectDirection>,
    pub verdict: Option<Verdict>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "kebab-case")]
pub enum InspectDirection {
    Received,
    Sent,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "kebab-case")]
pub enum InspectKind {
    Text,
    Binary,
    Ping,
    Pong,
    Close,
}

/// Where a received message went in the ledger.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    Delivered,
    Control,
    Duplicate,
    Late,
    Undecodable,
    Held,
    Overflow,
    /// Held, as a piece of a larger message.
    Piece,
}

/// The messages that were asked for, as far as they are there, and how things stand.
#[derive(Clone, Debug, PartialEq, Serialize, TS)]
pub struct InspectPage {
    /// Messages that the filter lets through are counted from 0. Here, those begin that are still
    /// there,
    pub first: u64,
    /// here they end,
    pub end: u64,
    /// and here begin the rows.
    pub from: u64,
    pub rows: Vec<InspectRow>,
    /// How many are kept now, whatever the filter, and how large they are.
    pub kept: u64,
    pub kept_bytes: u64,
    /// How many were kept and left, to make room.
    pub left: u64,
    /// How many messages the feed has received, and how many of them were ever kept.
    pub received: u64,
    pub received_kept: u64,
    pub received_per_second: f64,
    pub kept_per_second: f64,
    /// How many messages were kept since it was paused.
    pub since_pause: u64,
}

/// A message in the list.
#[derive(Clone, Debug, PartialEq, Serialize, TS)]
pub struct InspectRow {
    pub serial: u64,
    /// Its place among all that were received; `null` of others.
    pub number: Option<u64>,
    pub at_ms: f64,
    pub direction: InspectDirection,
    pub kind: InspectKind,
    /// Of a goodbye.
    pub code: Option<u16>,
    pub channel: Option<String>,
    /// As text: it may be larger than JavaScript's numbers are exact.
    pub sequence: Option<String>,
    /// In bytes.
    pub size: u64,
    pub verdict: Option<Verdict>,
    /// How many messages it had in it.
    pub messages: u32,
    /// After the one before that went the same way; `null` where that is not kept.
    pub since_previous_ms: Option<f64>,
    /// How many were received between the one before and this, and were not kept.
    pub unkept_before: u64,
    /// How it begins; in hexadecimal digits if it is no text.
    pub head: String,
}

/// A message as it came, or went.
#[derive(Clone, Debug, PartialEq, Serialize, TS)]
pub struct InspectMessage {
    pub row: InspectRow,
    /// Its bytes, as far as they fit into an answer.
    pub base64: String,
    /// Which of its bytes is the first of those.
    pub from: u64,
    /// How many of its bytes are kept: of a very large one, not all.
    pub kept: u64,
    /// When it happened, by the sender's clock.
    pub source_ms: Option<f64>,
    /// Why it could not be read.
    pub why: Option<String>,
}

/// Asks for a command that does the same in a terminal.
#[derive(Clone, Debug, Deserialize, TS)]
pub struct CodeAsked {
    pub inspector: String,
    /// The message that it sends; `null` for one that subscribes.
    pub serial: Option<f64>,
    pub tool: CodeFor,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, TS)]
#[serde(rename_all = "lowercase")]
pub enum CodeFor {
    Feedtap,
    Websocat,
    /// The handshake alone.
    Curl,
}

/// A message to be sent.
#[derive(Clone, Debug, Deserialize, TS)]
pub struct SendAsked {
    pub feed: String,
    pub what: SendWhat,
    /// Text in which `${secret:NAME}` stands for a secret, or bytes as `what` says.
    pub content: String,
    /// Refuse it if it is not JSON.
    pub json: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "lowercase")]
pub enum SendWhat {
    Text,
    /// Bytes, as two hexadecimal digits each.
    Hex,
    Base64,
}

#[derive(Clone, Debug, PartialEq, Serialize, TS)]
pub struct SendResult {
    pub outcome: SendOutcome,
    /// What the server answered, where the profile says which answer is whose.
    pub answer: Option<String>,
    /// What was sent to this feed by hand, newest first.
    pub sent: Vec<SentMessage>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "kebab-case")]
pub enum SendOutcome {
    /// It was handed to the connection. Whether it arrived, only an answer can tell.
    Sent,
    Acknowledged,
    Refused,
    TimedOut,
}

/// What was sent by hand, as it was written, but for secrets.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
pub struct SentMessage {
    pub what: SendWhat,
    pub content: String,
}

/// What a profile sends by itself, to begin from.
#[derive(Clone, Debug, PartialEq, Serialize, TS)]
pub struct SendTemplate {
    pub kind: SendTemplateKind,
    pub text: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "kebab-case")]
pub enum SendTemplateKind {
    Opening,
    Ping,
    /// Asks for what is missing.
    Gap,
}

/// Where a text is not JSON, and why.
#[derive(Clone, Debug, PartialEq, Serialize, TS)]
pub struct JsonFault {
    /// From 1, as the column is; in characters.
    pub line: u32,
    pub column: u32,
    /// From 0, in units of UTF-16, as JavaScript counts.
    pub at: u32,
    pub what: String,
    /// The same, for other languages.
    pub said: Vec<Part>,
}

/// What is watched for, and what is done when it happens.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema, TS)]
pub struct Alert {
    /// Stays the same whatever is changed; an empty one is given one.
    pub id: String,
    /// What it is called. Where that is empty, what it watches for is said in its place.
    #[serde(default)]
    pub name: String,
    #[serde(default = "yes")]
    pub enabled: bool,
    pub what: AlertOn,
    /// It fires once that has been so for this long; 0: at once.
    #[serde(default)]
    pub for_ms: f64,
    #[serde(default)]
    pub clear: AlertClear,
    #[serde(default)]
    pub notify: AlertNotify,
}

fn yes() -> bool {
    true
}

/// What is watched for.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema, TS)]
#[serde(tag = "on", rename_all = "kebab-case")]
pub enum AlertOn {
    /// A value above this one.
    Above { field: AlertField, value: f64 },
    /// A value below this one.
    Below { field: AlertField, value: f64 },
    /// A value below `low` or above `high`.
    Outside { field: AlertField, low: f64, high: f64 },
    /// A value that differs by more than this from what it was that time ago.
    Change { field: AlertField, by: f64, within_ms: f64, direction: AlertDirection },
    /// A value that changes by more than this in a second, as measured over some time.
    Rate { field: AlertField, per_second: f64, over_ms: f64, direction: AlertDirection },
    /// No value has come, for as long as `for_ms` says.
    Absent { field: AlertField },
    /// A feed that is in any other state than live: silent, reconnecting, stopped.
    NotLive { feed: String },
    /// A feed of which something was not received.
    Gap { feed: String },
    /// A message that arrived later than this after what its source says its time is.
    Latency { feed: String, above_ms: f64 },
    /// A feed that was reconnected so often within some time.
    Reconnects { feed: String, count: u32, within_ms: f64 },
}

/// A series, as an alert names it.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema, TS)]
pub struct AlertField {
    pub feed: String,
    pub channel: String,
    pub path: String,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema, TS)]
#[serde(rename_all = "kebab-case")]
pub enum AlertDirection {
    Up,
    Down,
    #[default]
    Either,
}

/// When an alert that fires is over.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema, TS)]
pub struct AlertClear {
    /// How far the value must be back within its bounds, in its own unit.
    #[serde(default)]
    pub by: f64,
    /// And for how long: a second at least.
    #[serde(default = "second")]
    pub for_ms: f64,
}

fn second() -> f64 {
    1_000.0
}

impl Default for AlertClear {
    fn default() -> Self {
        AlertClear { by: 0.0, for_ms: second() }
    }
}

/// Who is told. That it is marked on charts and in the log goes without saying.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema, TS)]
pub struct AlertNotify {
    /// By a notification of the desktop's.
    #[serde(default = "yes")]
    pub desktop: bool,
    /// Which makes a sound.
    #[serde(default)]
    pub sound: bool,
}

impl Default for AlertNotify {
    fn default() -> Self {
        AlertNotify { desktop: true, sound: false }
    }
}

/// All alerts, and how they are.
#[derive(Clone, Debug, PartialEq, Serialize, TS)]
pub struct Alerts {
    pub alerts: Vec<Alert>,
    pub states: AlertStates,
}

/// How the alerts are, as of one moment.
#[derive(Clone, Debug, PartialEq, Serialize, TS)]
pub struct AlertStates {
    /// Of two, the one with the greater number is the newer: answers and updates overtake each
    /// other.
    pub version: u64,
    /// Changes with the rules: who knows those of another number asks for them.
    pub rules: u64,
    /// Of all that are enabled.
    pub states: Vec<AlertState>,
    /// The number of the newest event of the log.
    pub events: u64,
}

#[derive(Clone, Debug, PartialEq, Serialize, TS)]
pub struct AlertState {
    pub alert: String,
    pub phase: AlertPhase,
    /// Since when that has been watched for which it waits or fires.
    pub since_ms: Option<f64>,
    /// Nothing is known of what it watches, and so it neither fires nor clears.
    pub blind: bool,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "kebab-case")]
pub enum AlertPhase {
    #[default]
    Ok,
    /// It is so, but not for long enough yet.
    Pending,
    Firing,
}

/// One time that an alert fired, or several that followed each other closely.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
pub struct AlertEvent {
    /// Counted from 1; each has another.
    pub number: u64,
    /// The alert's id.
    pub alert: String,
    /// What it was called.
    pub name: String,
    /// The feed that it was about.
    pub feed: String,
    /// The field, where it was about one.
    pub field: Option<AlertField>,
    /// Since when it was so.
    pub begin_ms: f64,
    /// From when on it was not so any more; `null` while it fires, and where Feedscope was closed
    /// before.
    pub end_ms: Option<f64>,
    /// It fires now.
    #[serde(default)]
    pub firing: bool,
    /// How often it fired.
    pub times: u32,
    /// The value farthest beyond the bounds, or how long nothing came in milliseconds.
    pub worst: Option<f64>,
    /// What happened, in a sentence.
    pub text: String,
    /// The same, for other languages.
    pub said: Vec<Part>,
}

/// Asks for the events that touch a span: the newest of them.
#[derive(Clone, Copy, Debug, Default, Deserialize, TS)]
pub struct AlertLogSpan {
    pub from_ms: Option<f64>,
    /// Exclusive.
    pub to_ms: Option<f64>,
}

/// What an alert would have done lately.
#[derive(Clone, Debug, PartialEq, Serialize, TS)]
pub struct AlertRehearsal {
    pub from_ms: f64,
    pub to_ms: f64,
    /// When it would have fired: since when it was so, each time.
    pub begins_ms: Vec<f64>,
    /// That many there were, of which only so many are told.
    pub times: u32,
}
