//! How values are distributed, in a few kilobytes however many they are: enough for percentiles.
//!
//! Every power of two is cut into 64 equal buckets, so that a bucket is at most 1/64 of its values
//! wide, and its middle within 1/128 of any of them. That is what DDSketch promises, with a bucket
//! found by a shift instead of a logarithm: every sample that is kept passes here. And as there,
//! where values span more than can be kept apart, it is the least that are not told apart.

use crate::block::{Reader, ordered, put_number, put_signed};

/// Of the bits of a value, those that say nothing of its bucket.
const SHIFT: u32 = 46;

/// The buckets of one power of two, and one sign.
const PAGE_BUCKETS: usize = 64;

/// From a billionth to ten billions, of both signs: 32 KiB.
const PAGES_MAX: usize = 128;

#[derive(Clone, Debug, Default)]
pub struct Sketch {
    /// By number.
    pages: Vec<Page>,
    /// The page that was last added to: nearly always the next is in it, too.
    recent: usize,
}

#[derive(Clone, Debug)]
struct Page {
    number: i32,
    counts: Box<[u32; PAGE_BUCKETS]>,
}

/// The number of a value's bucket; they ascend as the values do.
fn bucket(value: f64) -> i32 {
    let bits = value.to_bits().cast_signed();
    (ordered(bits) >> SHIFT) as i32
}

/// The value in the middle of a bucket.
fn middle(bucket: i32) -> f64 {
    let bits = (i64::from(bucket) << SHIFT) | (1 << (SHIFT - 1));
    f64::from_bits(ordered(bits).cast_unsigned())
}

impl Sketch {
    /// Values that are not finite leave no trace.
    pub fn add(&mut self, values: &[f64]) {
        for value in values {
            if value.is_finite() {
                self.add_to(bucket(*value), 1);
            }
        }
    }

    fn add_to(&mut self, bucket: i32, count: u32) {
        let number = bucket >> PAGE_BUCKETS.ilog2();
        if self.pages.get(self.recent).is_none_or(|page| page.number != number) {
            self.find_page(number);
        }
        // Full, a bucket stays so: by then, nobody will miss a few.
        if let Some(page) = self.pages.get_mut(self.recent) {
            let counted = &mut page.counts[bucket as usize % PAGE_BUCKETS];
            *counted = counted.saturating_add(count);
        }
    }

    #[inline(never)]
    fn find_page(&mut self, number: i32) {
        let mut found = self.pages.binary_search_by_key(&number, |page| page.number);
        if found.is_err() && self.pages.len() >= PAGES_MAX {
            self.join_least();
            found = self.pages.binary_search_by_key(&number, |page| page.number);
        }
        self.recent = found.unwrap_or_else(|index| {
            self.pages.insert(index, Page { number, counts: Box::new([0; PAGE_BUCKETS]) });
            index
        });
    }

    /// Joins the page of the values closest to zero with the next, of the sign that has more.
    fn join_least(&mut self) {
        let negative = self.pages.partition_point(|page| page.number < 0);
        let (least, next, bucket) = if negative * 2 > self.pages.len() {
            (negative - 1, negative - 2, PAGE_BUCKETS - 1)
        } else {
            (negative, negative + 1, 0)
        };
        let count = self.pages[least].counts.iter().fold(0, |sum: u32, n| sum.saturating_add(*n));
        let counted = &mut self.pages[next].counts[bucket];
        *counted = counted.saturating_add(count);
        self.pages.remove(least);
    }

    /// The value that a share of `q` of all does not exceed.
    pub fn quantile(&self, q: f64) -> Option<f64> {
        let count: u64 = self.buckets().map(|(_, count)| u64::from(count)).sum();
        let rank = (count.checked_sub(1)? as f64 * q).round() as u64;
        let mut passed = 0;
        self.buckets()
            .find(|(_, count)| {
                passed += u64::from(*count);
                passed > rank
            })
            .map(|(bucket, _)| middle(bucket))
    }

    fn buckets(&self) -> impl Iterator<Item = (i32, u32)> {
        self.pages.iter().flat_map(|page| {
            let first = page.number << PAGE_BUCKETS.ilog2();
            (first..).zip(*page.counts).filter(|(_, count)| *count > 0)
        })
    }

    pub fn join(&mut self, other: &Sketch) {
        for (bucket, count) in other.buckets() {
            self.add_to(bucket, count);
        }
    }

    /// A third of what it is in memory: for each bucket, how far it is from the one before, and
    /// its count, in as few bytes as they need.
    pub fn encode(&self, out: &mut Vec<u8>) {
        let mut before = 0;
        for (bucket, count) in self.buckets() {
            // Buckets ascend: only the first may be negative.
            put_signed(i64::from(bucket - before), out);
            put_number(count.into(), out);
            before = bucket;
        }
    }

    /// Joins what was encoded; what makes no sense, and all after it, is left out.
    pub fn join_encoded(&mut self, bytes: &[u8]) {
        let mut reader = Reader(bytes);
        let mut bucket = 0_i64;
        while let (Ok(step), Ok(count)) = (reader.signed(), reader.number()) {
            bucket = bucket.wrapping_add(step);
            let (Ok(found), Ok(count)) = (i32::try_from(bucket), u32::try_from(count)) else {
                return;
            };
            if !(-(1 << 17)..1 << 17).contains(&found) {
                return;
            }
            self.add_to(found, count);
        }
    }

    pub fn bytes(&self) -> usize {
        self.pages.capacity() * size_of::<Page>()
            + self.pages.len() * size_of::<[u32; PAGE_BUCKETS]>()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_value_is_within_one_percent_of_the_middle_of_its_bucket() {
        for value in [1.0, 1.999, -1.0, -63.9, 1e300, -1e-300, 64_000.12] {
            let off = (middle(bucket(value)) - value).abs();
            assert!(off <= value.abs() / 128.0, "{value}: {}", middle(bucket(value)));
        }
        assert!(middle(bucket(0.0)).abs() < 1e-307 && middle(bucket(-0.0)).abs() < 1e-307);
    }

    #[test]
    fn however_far_values_span_it_takes_little_and_is_right_about_the_largest() {
        let mut sketch = Sketch::default();
        let values: Vec<f64> = (-1_000..1_000).map(|n| 2.0_f64.powi(n)).collect();
        sketch.add(&values);
        sketch.add(&values.iter().map(|value| -value).collect::<Vec<_>>());
        assert!(sketch.bytes() < 40_000, "{} bytes", sketch.bytes());
        assert_eq!(sketch.buckets().map(|(_, count)| count).sum::<u32>(), 4_000);
        for (q, exact) in [(0.0, -values[1_999]), (0.99, values[1_959]), (1.0, values[1_999])] {
            let quantile = sketch.quantile(q).unwrap();
            assert!((quantile - exact).abs() <= exact.abs() / 100.0, "{q}: {quantile}");
        }
    }

    proptest! {
        #[test]
        fn what_is_encoded_is_the_same_again(
            values in prop::collection::vec(-1e6..1e6, 0..500),
            noise in prop::collection::vec(any::<u8>(), 0..50),
        ) {
            let (mut sketch, mut again) = (Sketch::default(), Sketch::default());
            sketch.add(&values);
            let mut bytes = Vec::new();
            sketch.encode(&mut bytes);
            again.join_encoded(&bytes);
            prop_assert!(sketch.buckets().eq(again.buckets()));
            again.join_encoded(&noise);
        }
    }
}
