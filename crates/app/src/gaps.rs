//! What did not come: the gaps of feeds, as the window has them.

use crate::api::{Gap, GapList, GapsAsked};
use crate::feeds::{Feed, GapFacts};
use crate::store::Store;
use std::cmp::Reverse;

/// More than anyone reads, and few enough to be sent at once.
const LISTED_MAX: usize = 2_000;

/// The newest gaps of all feeds, or of one, the newest first; or those next to a moment. One that
/// concerns several channels is one of each.
pub(crate) fn list(store: &Store, asked: &GapsAsked) -> GapList {
    let is_asked = |feed: &&Feed| asked.feed.as_ref().is_none_or(|id| *id == feed.id);
    let feeds: Vec<&Feed> = store.feeds.iter().filter(is_asked).collect();
    let tracks: Vec<_> = feeds
        .iter()
        .flat_map(|feed| {
            let channels = feed.channels.iter();
            let channels = channels.map(|channel| (Some(channel.name.as_str()), channel.track));
            let tracks = std::iter::once((None, feed.track)).chain(channels);
            tracks.map(move |(channel, track)| (*feed, channel, track))
        })
        .collect();
    // Where each is, and no more: there may be a great many, and most of them are not listed.
    let lasting_of = |feed: &&Feed| feed.open_gap.as_ref().map(|gap| gap.start.0);
    let mut gaps: Vec<_> =
        feeds.iter().filter_map(|feed| Some((lasting_of(feed)?, *feed, None))).collect();
    let ns = |ms: f64| (ms * 1e6) as i64;
    let (from_ns, to_ns) =
        (asked.after_ms.map_or(i64::MIN, ns), asked.before_ms.map_or(i64::MAX, ns));
    gaps.retain(|(start_ns, ..)| *start_ns < to_ns);
    for (feed, channel, track) in &tracks {
        let kept = store.history.gaps(std::slice::from_ref(track), from_ns, to_ns);
        gaps.extend(kept.map(|(_, gap)| (gap.start_ns, *feed, Some((*channel, gap)))));
    }
    let total = gaps.len() as u64;
    let most = LISTED_MAX.min(asked.most as usize);
    if most < gaps.len() {
        let after = asked.after_ms.is_some();
        gaps.select_nth_unstable_by(most, |(one, ..), (other, ..)| match after {
            true => one.cmp(other),
            false => other.cmp(one),
        });
        gaps.truncate(most);
    }
    gaps.sort_by_key(|(start_ns, ..)| Reverse(*start_ns));
    let whole = gaps.into_iter().filter_map(|(_, feed, kept)| match kept {
        Some((channel, gap)) => {
            let healed = feed.late.healed(gap, channel, &store.history);
            Some(Gap {
                came_after_all: healed.map(|(messages, _)| messages),
                replayed: healed.is_some_and(|(_, replayed)| replayed),
                ..told(feed, channel, gap)
            })
        }
        None => lasting(feed),
    });
    GapList { gaps: whole.collect(), total }
}

/// A gap of a track, of the feed or of one of its channels.
pub(crate) fn told(
    feed: &Feed,
    channel: Option<&str>,
    gap: &feedscope_history::Gap<GapFacts>,
) -> Gap {
    Gap {
        start_ms: gap.start_ns as f64 / 1e6,
        end_ms: gap.end_ns.map(|end| end as f64 / 1e6),
        cause: gap.about.cause,
        feed: feed.id.clone(),
        channel: channel.map(str::to_owned),
        missing: gap.about.missing,
        story: gap.about.story.clone(),
        said: gap.about.said.clone(),
        came_after_all: None,
        replayed: false,
    }
}

/// The outage that a feed is in.
pub(crate) fn lasting(feed: &Feed) -> Option<Gap> {
    let gap = feed.open_gap.as_ref()?;
    Some(Gap {
        start_ms: gap.start.millis(),
        end_ms: None,
        cause: gap.cause,
        feed: feed.id.clone(),
        channel: None,
        missing: None,
        story: gap.story.to_string(),
        said: gap.story.parts().to_vec(),
        came_after_all: None,
        replayed: false,
    })
}
