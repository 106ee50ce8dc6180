//! What a span of a series comes to in numbers.

/// What the samples of a span come to. Values that are not finite are counted, and nothing else.
#[derive(Clone, Debug, PartialEq)]
pub struct Statistics {
    pub count: u64,
    pub finite_count: u64,
    /// NaN where no value is finite, as are the three that follow.
    pub min: f64,
    pub max: f64,
    pub mean: f64,
    /// Of the values themselves, not of what they may be a sample of.
    pub std_dev: f64,
    /// On the axis asked for.
    pub first_ns: Option<i64>,
    pub last_ns: Option<i64>,
    sorted: Vec<f64>,
}

impl Statistics {
    pub(crate) fn of(samples: impl Iterator<Item = (i64, f64)>) -> Self {
        let mut this = Statistics {
            count: 0,
            finite_count: 0,
            min: f64::NAN,
            max: f64::NAN,
            mean: f64::NAN,
            std_dev: f64::NAN,
            first_ns: None,
            last_ns: None,
            sorted: Vec::new(),
        };
        for (at_ns, value) in samples {
            this.count += 1;
            this.first_ns = Some(this.first_ns.map_or(at_ns, |first| first.min(at_ns)));
            this.last_ns = Some(this.last_ns.map_or(at_ns, |last| last.max(at_ns)));
            if value.is_finite() {
                this.finite_count += 1;
                this.min = this.min.min(value);
                this.max = this.max.max(value);
                this.sorted.push(value);
            }
        }
        this.sorted.sort_by(f64::total_cmp);
        let count = this.finite_count as f64;
        this.mean = this.sorted.iter().map(|value| value / count).sum();
        let variance = this.sorted.iter().map(|value| (value - this.mean).powi(2) / count);
        this.std_dev = variance.sum::<f64>().sqrt();
        if this.finite_count == 0 {
            (this.mean, this.std_dev) = (f64::NAN, f64::NAN);
        }
        this
    }

    /// Samples a second, from the first to the last: `None` where that is no time at all.
    pub fn rate(&self) -> Option<f64> {
        let span_ns = i128::from(self.last_ns?) - i128::from(self.first_ns?);
        (span_ns > 0).then(|| (self.count - 1) as f64 * 1e9 / span_ns as f64)
    }

    /// The value that a share of `q`, from 0 to 1, of all finite values does not exceed, within
    /// one percent of itself. `None` where there are none.
    pub fn quantile(&self, q: f64) -> Option<f64> {
        let last = self.sorted.len().checked_sub(1)?;
        self.sorted.get((last as f64 * q.clamp(0.0, 1.0)).round() as usize).copied()
    }
}
