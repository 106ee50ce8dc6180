//! What has come since the last update was made, as far as the next one must know.

use feedscope_history::SeriesId;

/// What has come since the last update.
#[derive(Debug, Default)]
pub(crate) struct Changes {
    /// By number of the series: the earliest time at which it changed; `i64::MAX` where it did not.
    earliest: Vec<(SeriesId, i64)>,
    /// The earliest gap that was added.
    gap: Option<i64>,
}

impl Changes {
    pub fn note(&mut self, series: SeriesId, time_ns: i64) {
        let number = series.index();
        while self.earliest.len() <= number {
            self.earliest.push((series, i64::MAX));
        }
        let earliest = &mut self.earliest[number].1;
        *earliest = time_ns.min(*earliest);
    }

    pub fn gap(&mut self, start_ns: i64) {
        self.gap = Some(self.gap.map_or(start_ns, |earliest| earliest.min(start_ns)));
    }

    /// The earliest time from which on any of `series` may look different.
    pub fn since(&self, series: impl Iterator<Item = SeriesId>) -> Option<i64> {
        series
            .filter_map(|series| self.earliest.get(series.index()))
            .map(|(_, earliest)| *earliest)
            .filter(|earliest| *earliest != i64::MAX)
            .chain(self.gap)
            .min()
    }

    pub fn clear(&mut self) {
        for (_, earliest) in &mut self.earliest {
            *earliest = i64::MAX;
        }
        self.gap = None;
    }
}
