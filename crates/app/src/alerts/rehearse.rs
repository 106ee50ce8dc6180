//! What an alert would have done lately, worked out from the history: so that one sees at once
//! whether a threshold would wake one once a night or once a minute.
//!
//! Values are taken a second at a time, by their first, least, greatest and last: it is an
//! estimate, and a good one for whatever lasts longer than that.

use super::machine::Change;
use super::watcher::{Watcher, feed_of, field_of};
use crate::api::{Alert, AlertOn, AlertRehearsal};
use crate::feeds::Feed;
use crate::store::Store;
use feedscope_feed::{Cause, Said, State, Time};
use feedscope_history::{Absent, Axis, Grid, Reading};
use std::time::Duration;

/// How far back it looks.
const SPAN: Duration = Duration::from_secs(3_600);
const COLUMN_NS: i64 = 1_000_000_000;
/// Times that are told one by one.
const BEGINS_MAX: usize = 100;

enum Happening {
    State(State),
    Value(f64),
    Gap(Option<u64>),
    Whole,
    /// The application was closed.
    Gone,
    There,
}

/// `None` where it cannot be said: nothing is kept of it.
///
/// # Errors
/// Not all that it takes is in memory.
pub(crate) fn rehearse(
    store: &Store,
    alert: &Alert,
    now: Time,
) -> Result<Option<AlertRehearsal>, Absent> {
    let from = now - SPAN;
    let id = feed_of(&alert.what);
    let Some(feed) = store.feeds.iter().find(|feed| feed.id == id) else { return Ok(None) };
    // A feed that was not there yet was on its way.
    let mut first = None;
    let happenings: Vec<_> = match &alert.what {
        AlertOn::Latency { .. } => return Ok(None),
        AlertOn::NotLive { .. } | AlertOn::Reconnects { .. } => {
            let states = states(feed);
            first = states.iter().rev().find(|(at, _)| *at < from).map(|(_, state)| *state);
            let since = states.into_iter().filter(|(at, _)| *at >= from);
            since.map(|(at, state)| (at, Happening::State(state))).collect()
        }
        AlertOn::Gap { .. } => gaps(store, feed, from, now),
        _ => match values(store, feed, alert, from, now)? {
            Some(values) => values,
            None => return Ok(None),
        },
    };
    let mut watcher = Watcher::new(alert);
    let mut changes = Vec::new();
    if !matches!(happenings.first(), Some((_, Happening::There))) {
        watcher.there(from, first.unwrap_or(State::Idle), &mut changes);
    }
    for (at, happening) in happenings {
        // What is due on the way is done when it is.
        while let Some(due) = watcher.due().filter(|due| *due < at) {
            watcher.tick(due, &mut changes);
        }
        match happening {
            Happening::Gone => {
                watcher.state(at, State::Waiting, None, &mut changes);
                watcher.gone(at, &mut changes);
            }
            Happening::There => watcher.there(at, State::Live, &mut changes),
            Happening::State(state) => watcher.state(at, state, None, &mut changes),
            Happening::Value(value) => watcher.value(at, at, value, false, &mut changes),
            Happening::Gap(missing) => watcher.gap(at, missing, &Said::default(), &mut changes),
            Happening::Whole => watcher.whole(at, &mut changes),
        }
    }
    watcher.tick(now, &mut changes);
    let begins = changes.iter().filter_map(|change| match change {
        Change::Fired { since, .. } => Some(since.millis()),
        Change::Cleared { .. } => None,
    });
    let begins_ms: Vec<f64> = begins.collect();
    Ok(Some(AlertRehearsal {
        from_ms: from.millis(),
        to_ms: now.millis(),
        times: begins_ms.len() as u32,
        begins_ms: begins_ms.into_iter().take(BEGINS_MAX).collect(),
    }))
}

/// The feed's states, as far as they are remembered.
fn states(feed: &Feed) -> Vec<(Time, State)> {
    let transitions = feed.transitions.iter();
    transitions.map(|change| (Time::from_millis(change.at_ms), change.state)).collect()
}

/// The gaps of the feed and of its channels that nobody closed the application for.
fn gaps(store: &Store, feed: &Feed, from: Time, now: Time) -> Vec<(Time, Happening)> {
    let tracks: Vec<_> =
        feed.channels.iter().map(|channel| channel.track).chain([feed.track]).collect();
    let kept = store.history.gaps(&tracks, from.0, now.0).map(|(_, gap)| gap);
    let kept = kept.filter(|gap| gap.about.cause != Cause::Closed);
    let mut happenings: Vec<_> = kept
        .flat_map(|gap| {
            let end = Time(gap.end_ns.unwrap_or(now.0));
            let start = Time(gap.start_ns.max(from.0)).min(end);
            [(start, Happening::Gap(gap.about.missing)), (end, Happening::Whole)]
        })
        .collect();
    let open = feed.open_gap.iter().filter(|gap| gap.cause != Cause::Closed);
    happenings.extend(open.map(|gap| (gap.start.max(from), Happening::Gap(gap.missing_count))));
    happenings.sort_by_key(|(at, _)| *at);
    happenings
}

/// The values of the alert's field, and when none could be known.
fn values(
    store: &Store,
    feed: &Feed,
    alert: &Alert,
    from: Time,
    now: Time,
) -> Result<Option<Vec<(Time, Happening)>>, Absent> {
    let series = field_of(&alert.what).and_then(|field| feed.series(&field.channel, &field.path));
    let Some(series) = series else { return Ok(None) };
    let grid = Grid {
        axis: Axis::Source,
        column_ns: COLUMN_NS,
        from: from.0.div_euclid(COLUMN_NS),
        to: now.0.div_euclid(COLUMN_NS) + 1,
    };
    let mut columns = Vec::new();
    store.history.columns(series, &[], &grid, &mut columns)?;
    let mut happenings = Vec::new();
    for column in columns.iter().filter(|column| column.count > 0) {
        let (early, late) = if column.last > column.first {
            (column.min, column.max)
        } else {
            (column.max, column.min)
        };
        let four = [column.first, early, late, column.last];
        // As many as there were, and no more: one alone stays one.
        let count = column.count.min(4);
        let shown = four.into_iter().zip(0..).filter(|(_, place)| match count {
            1 => *place == 0,
            2 => *place == 0 || *place == 3,
            _ => true,
        });
        let start = column.index.saturating_mul(COLUMN_NS);
        happenings.extend(shown.map(|(value, place)| {
            (Time(start + place * COLUMN_NS / 4).min(now), Happening::Value(value))
        }));
    }
    for (_, gap) in store.history.gaps(&[feed.track], from.0, now.0) {
        let (lost, back) = match gap.about.cause {
            Cause::Outage | Cause::Silence => {
                (Happening::State(State::Waiting), Happening::State(State::Live))
            }
            Cause::Closed => (Happening::Gone, Happening::There),
            _ => continue,
        };
        happenings.push((Time(gap.start_ns.max(from.0)), lost));
        happenings.push((Time(gap.end_ns.unwrap_or(now.0)), back));
    }
    happenings.sort_by_key(|(at, _)| *at);
    // Before anything was kept of it, nothing was watched.
    let mut kept = Vec::new();
    store.history.samples(series, &mut Reading::from(i64::MIN), 1, &mut kept)?;
    let begins = kept.first().map_or(now, |first| Time(first.time_ns));
    if begins > from {
        happenings.retain(|(at, _)| *at >= begins);
        happenings.insert(0, (begins, Happening::There));
    }
    Ok(Some(happenings))
}
