//! What the samples of the last so much time come to, within bounds: [`EXACT`] samples are kept one
//! by one; of more, those that lie closer together than a [`EXACT`]th of the time are kept as one,
//! and leave as one.
//!
//! Nothing is ever subtracted: a sum that a large value has passed through is as exact as before.
//! What is kept lies in two stacks. Each entry of the older one knows what all from it to that
//! stack's newest come to, so that the oldest can leave, and the newer one's sum is kept beside it.

/// As many as a chart has pixels, about: finer steps could not be seen.
pub const EXACT: usize = 512;

/// What some values come to.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sums {
    pub count: f64,
    pub sum: f64,
    /// The sum of the squares of what each differs from the mean.
    squares: f64,
    pub min: f64,
    pub max: f64,
}

impl Sums {
    const NONE: Sums =
        Sums { count: 0.0, sum: 0.0, squares: 0.0, min: f64::INFINITY, max: f64::NEG_INFINITY };

    fn of(value: f64) -> Self {
        Sums { count: 1.0, sum: value, squares: 0.0, min: value, max: value }
    }

    pub fn mean(&self) -> f64 {
        self.sum / self.count
    }

    /// Of the values themselves, not of what they may be a sample of.
    pub fn std_dev(&self) -> f64 {
        (self.squares / self.count).sqrt()
    }

    fn and(&self, other: &Sums) -> Sums {
        if self.count == 0.0 {
            return *other;
        }
        if other.count == 0.0 {
            return *self;
        }
        let count = self.count + other.count;
        let apart = other.mean() - self.mean();
        Sums {
            count,
            sum: self.sum + other.sum,
            squares: self.squares
                + other.squares
                + apart * apart * (self.count * other.count / count),
            min: self.min.min(other.min),
            max: self.max.max(other.max),
        }
    }
}

#[derive(Clone, Copy, Debug)]
struct Entry {
    /// Of the first sample in it.
    start_ns: i64,
    sums: Sums,
}

#[derive(Clone, Debug)]
pub struct Window {
    span_ns: i64,
    /// The oldest is last; each with all of these that are newer.
    older: Vec<Entry>,
    /// The newest is last.
    newer: Vec<Entry>,
    newer_sums: Sums,
}

impl Window {
    pub fn new(span_ns: i64) -> Self {
        Window { span_ns, older: Vec::new(), newer: Vec::new(), newer_sums: Sums::NONE }
    }

    /// Takes a sample, none of those before it being later, and says what those come to that are
    /// not older than it by the window's time or more.
    pub fn push(&mut self, time_ns: i64, value: f64) -> Sums {
        let gone_ns = time_ns.saturating_sub(self.span_ns);
        while self.oldest_ns().is_some_and(|oldest_ns| oldest_ns <= gone_ns) {
            self.older.pop();
        }
        let of_it = Sums::of(value);
        let is_many = self.older.len() + self.newer.len() >= EXACT;
        match self.newer.last_mut() {
            Some(last)
                if is_many
                    && time_ns.saturating_sub(last.start_ns) < self.span_ns / EXACT as i64 =>
            {
                last.sums = last.sums.and(&of_it);
            }
            _ => self.newer.push(Entry { start_ns: time_ns, sums: of_it }),
        }
        self.newer_sums = self.newer_sums.and(&of_it);
        self.older.last().map_or(self.newer_sums, |all| all.sums.and(&self.newer_sums))
    }

    pub fn clear(&mut self) {
        *self = Window::new(self.span_ns);
    }

    /// With the oldest at the end of `older`, if there is any.
    fn oldest_ns(&mut self) -> Option<i64> {
        if self.older.is_empty() {
            let mut sums = Sums::NONE;
            self.older.extend(self.newer.drain(..).rev().map(|entry| {
                sums = entry.sums.and(&sums);
                Entry { sums, ..entry }
            }));
            self.newer_sums = Sums::NONE;
        }
        self.older.last().map(|entry| entry.start_ns)
    }

    #[cfg(test)]
    fn len(&self) -> usize {
        self.older.len() + self.newer.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn close(one: f64, other: f64, by: f64) -> bool {
        (one - other).abs() <= by * (1.0 + other.abs())
    }

    proptest! {
        #[test]
        fn a_few_samples_are_exact(
            steps in prop::collection::vec((0..40_i64, -1e3..1e3), 1..EXACT),
            span_ns in 1..500_i64,
        ) {
            let mut window = Window::new(span_ns);
            let mut all: Vec<(i64, f64)> = Vec::new();
            let mut now_ns = 0;
            for (step_ns, value) in steps {
                now_ns += step_ns;
                all.push((now_ns, value));
                let sums = window.push(now_ns, value);
                let within: Vec<f64> = all
                    .iter()
                    .filter(|(time_ns, _)| *time_ns > now_ns - span_ns)
                    .map(|(_, value)| *value)
                    .collect();
                let count = within.len() as f64;
                let mean = within.iter().sum::<f64>() / count;
                let squares: f64 = within.iter().map(|value| (value - mean).powi(2)).sum();
                prop_assert_eq!(sums.count, count);
                prop_assert!(close(sums.mean(), mean, 1e-9));
                prop_assert!(close(sums.std_dev(), (squares / count).sqrt(), 1e-6));
                prop_assert_eq!(sums.min, within.iter().copied().fold(f64::INFINITY, f64::min));
                prop_assert_eq!(sums.max, within.iter().copied().fold(f64::MIN, f64::max));
            }
        }
    }

    #[test]
    fn of_many_samples_no_more_is_kept_than_of_some() {
        let span_ns = 1_000_000;
        let mut window = Window::new(span_ns);
        let mut longest = 0;
        for time_ns in 0..3 * span_ns {
            let sums = window.push(time_ns, time_ns as f64);
            longest = longest.max(window.len());
            if time_ns >= span_ns && time_ns % 1_000 == 0 {
                // What leaves at once is a part in 512 at most.
                let mean = time_ns as f64 - (span_ns - 1) as f64 / 2.0;
                assert!((sums.mean() - mean).abs() <= span_ns as f64 / EXACT as f64, "{time_ns}");
                assert!(sums.count <= span_ns as f64);
                assert!(sums.count >= span_ns as f64 * (1.0 - 2.0 / EXACT as f64));
            }
        }
        assert!(longest <= 2 * EXACT + 2, "{longest}");
    }

    #[test]
    fn what_a_large_value_passed_through_is_exact_again() {
        let mut window = Window::new(10);
        window.push(0, 1e300);
        window.push(5, 1.0);
        assert_eq!(window.push(12, 2.0).mean(), 1.5);
    }
}
