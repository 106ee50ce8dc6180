//! Puts what a feed brings into the store.

use crate::feeds::GapFacts;
use crate::shared::{Shared, lock};
use crate::store::Store;
use feedscope_feed::{Batch, Record, Sink, Time, Transition};
use feedscope_history::Sample;
use std::sync::{Arc, Mutex};
use tokio::sync::Notify;

/// Puts what a feed brings into the history.
pub(crate) struct StoreSink {
    pub shared: Arc<Mutex<Shared>>,
    pub changed: Arc<Notify>,
    /// [`Feed::number`](crate::feeds::Feed::number).
    pub feed: u64,
}

impl Sink for StoreSink {
    fn transition(&mut self, at: Time, transition: &Transition) {
        let mut shared = lock(&self.shared);
        let Some(feed) = shared.store.feeds.iter_mut().find(|feed| feed.number == self.feed) else {
            return;
        };
        feed.changed(at, transition);
        drop(shared);
        self.changed.notify_one();
    }

    fn batch(&mut self, batch: &Batch<'_>) {
        let mut shared = lock(&self.shared);
        let Store { feeds, history, gap_changes, .. } = &mut shared.store;
        let Some(feed) = feeds.iter_mut().find(|feed| feed.number == self.feed) else { return };

        for new in batch.fields {
            feed.add_field(new, history);
        }
        for record in batch.records {
            for (field, value) in &record.fields {
                let field = &mut feed.fields[field.0 as usize];
                field.latest = Some(*value);
                field.fresh = true;
                history.push(field.series, sample(record, *value));
            }
        }
        for record in batch.late {
            for (field, value) in &record.fields {
                let series = feed.fields[field.0 as usize].series;
                history.push(series, sample(record, *value));
            }
        }

        feed.note_sources(batch.records);
        for gap in batch.gaps {
            let (start, end) = (gap.start.0, gap.end.unwrap_or(gap.start).0);
            for track in feed.tracks_of(gap) {
                let facts = GapFacts {
                    cause: gap.cause,
                    missing: gap.missing_count,
                    story: gap.story.clone(),
                };
                history.add_gap(track, start, end, facts);
                // Whatever lies after its start may now be parted from what lies before.
                gap_changes.note(start);
            }
        }
        feed.totals(&batch.totals);
        drop(shared);
        self.changed.notify_one();
    }
}

fn sample(record: &Record, value: f64) -> Sample {
    Sample { time_ns: record.time().0, arrival_ns: record.arrival_time.0, value }
}
