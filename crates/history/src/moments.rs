//! The mean of values and how far they stray from it, to be joined without loss.

/// Of finite values; others do not count.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Moments {
    pub count: u64,
    pub mean: f64,
    /// The sum of the squares of what each differs from the mean: not of the values themselves,
    /// of which little would be left where all are large and close together.
    pub squares: f64,
}

impl Moments {
    pub fn of(values: &[f64]) -> Self {
        let count = values.iter().filter(|value| value.is_finite()).count();
        if count == 0 {
            return Self::default();
        }
        let zeroed = |value: f64| if value.is_finite() { value } else { 0.0 };
        // From the first on: values that are all the same have no deviation at all, and the sum
        // of the largest there are does not overflow where their mean would not.
        let origin = values.iter().copied().find(|value| value.is_finite()).unwrap_or(0.0);
        let share = 1.0 / count as f64;
        let shift = sum(values, |value| {
            zeroed(value * share - if value.is_finite() { origin * share } else { 0.0 })
        });
        let mean = origin + shift;
        let squares = sum(values, |value| {
            let off = if value.is_finite() { value - mean } else { 0.0 };
            off * off
        });
        Self { count: count as u64, mean, squares }
    }

    pub fn join(&mut self, other: &Moments) {
        if self.count == 0 {
            *self = *other;
        } else if other.count > 0 {
            let count = self.count + other.count;
            let share = other.count as f64 / count as f64;
            let apart = other.mean - self.mean;
            self.mean += apart * share;
            self.squares += other.squares + apart * apart * (self.count as f64 * share);
            self.count = count;
        }
    }

    pub fn std_dev(&self) -> f64 {
        (self.squares / self.count as f64).sqrt()
    }
}

/// Four at a time: the processor can add so many at once.
fn sum(values: &[f64], of: impl Fn(f64) -> f64) -> f64 {
    let mut lanes = [0.0; 4];
    let (fours, rest) = values.as_chunks::<4>();
    for four in fours {
        for (lane, value) in lanes.iter_mut().zip(four) {
            *lane += of(*value);
        }
    }
    lanes.iter().sum::<f64>() + rest.iter().map(|value| of(*value)).sum::<f64>()
}
