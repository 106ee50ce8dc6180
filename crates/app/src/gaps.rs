//! What did not come: the gaps of feeds, as the window has them.

use crate::api::{Gap, GapList, GapsAsked};
use crate::feeds::{Feed, GapFacts};
use crate::store::Store;

/// More than anyone reads, and few enough to be sent at once.
const LISTED_MAX: usize = 2_000;

/// The newest gaps of all feeds, or of one, the newest first. One that concerns several channels is
/// one of each.
pub(crate) fn list(store: &Store, asked: &GapsAsked) -> GapList {
    let mut gaps = Vec::new();
    for feed in &store.feeds {
        if asked.feed.as_ref().is_some_and(|id| *id != feed.id) {
            continue;
        }
        gaps.extend(lasting(feed));
        let channels =
            feed.channels.iter().map(|channel| (Some(channel.name.as_str()), channel.track));
        for (name, track) in std::iter::once((None, feed.track)).chain(channels) {
            let of_track = store.history.gaps(std::slice::from_ref(&track), i64::MIN, i64::MAX);
            gaps.extend(of_track.map(|(_, gap)| {
                let healed = feed.late.healed(gap, name, &store.history);
                Gap {
                    came_after_all: healed.map(|(messages, _)| messages),
                    replayed: healed.is_some_and(|(_, replayed)| replayed),
                    ..told(feed, name, gap)
                }
            }));
        }
    }
    gaps.sort_by(|a, b| b.start_ms.total_cmp(&a.start_ms));
    let total = gaps.len() as u64;
    gaps.truncate(LISTED_MAX.min(asked.most as usize));
    GapList { gaps, total }
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
