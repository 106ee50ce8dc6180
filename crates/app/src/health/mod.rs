//! How a feed has been doing, over hours: the states of its session, what came of its messages, how
//! long they took, and what came late.
//!
//! All of it is in the history, beside what the feed sent: so it outlives the application, has every
//! zoom, and stays within the budget. Numbers are series of the channel [`CHANNEL`], which can be asked
//! for as any other; states and what came late are spans of tracks that no line is broken by.

mod clock;
mod late;
mod meter;
mod states;

pub(crate) use clock::Clocks;
pub(crate) use late::Late;
pub(crate) use meter::{Counts, Meter};
pub(crate) use states::States;

use crate::api::{self, HealthAsked};
use crate::feeds::Feed;
use crate::store::Store;
use feedscope_feed::Time;

/// The channel by which traces name how a feed does. A feed's own channels come before it, should one
/// ever be called so.
pub const CHANNEL: &str = "feedscope:health";

/// More columns than a strip has pixels.
const COLUMNS_MAX: u32 = 4_096;

/// Interruptions told at once: nobody reads through more.
const INTERRUPTIONS_MAX: u32 = 1_000;

/// How a feed did over a span; `None` if there is no such feed.
pub(crate) fn of(store: &Store, asked: &HealthAsked, now: Time) -> Option<api::Health> {
    let feed: &Feed = store.feeds.iter().find(|feed| feed.id == asked.feed)?;
    let turns: Vec<_> = feed.states.turns(&store.history).collect();
    let (from, to) = (Time::from_millis(asked.from_ms).0, Time::from_millis(asked.to_ms).0);
    let columns = asked.columns.clamp(1, COLUMNS_MAX);
    let (interruptions, interruptions_total) =
        states::interruptions(&turns, (from, to), asked.most.min(INTERRUPTIONS_MAX) as usize);
    let (live_ms, listened_ms) = states::shares(&turns, (from, to.min(now.0)), now.0);
    let (clock, round_trip_ms) = feed.clocks.estimate(now);
    Some(api::Health {
        begins_ms: turns.first().map(|turn| turn.start_ns as f64 / 1e6),
        spans: states::strip(&turns, (from, to), columns),
        interruptions,
        interruptions_total,
        live_ms,
        listened_ms,
        clock,
        round_trip_ms,
    })
}
