//! Which numbers of a run have not come, of those that are behind its last one.

use std::collections::VecDeque;

/// How many ranges are remembered. Beyond, the oldest is forgotten, and what comes of it counts as
/// a duplicate, and as missing still: hundreds of gaps lie between, so that it is not likely to be
/// merely late. 6 KiB a scope at the most, since there may be many scopes.
const RANGES_MAX: usize = 256;

/// Ranges of numbers, ascending and disjoint.
#[derive(Debug, Default)]
pub(super) struct Absent(VecDeque<Range>);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Range {
    first: u64,
    last: u64,
    declared: bool,
}

impl Absent {
    /// Adds the numbers from `first` to `last`, all greater than any so far. `declared` says that
    /// they were told to be missing, rather than merely not known to have been sent.
    pub fn add(&mut self, first: u64, last: u64, declared: bool) {
        if first > last {
            return;
        }
        self.0.push_back(Range { first, last, declared });
        self.bound();
    }

    /// A number came. Returns `None` if it was not absent, otherwise whether it had been declared
    /// missing.
    pub fn take(&mut self, number: u64) -> Option<bool> {
        let at = self.0.partition_point(|range| range.last < number);
        let range = *self.0.get(at).filter(|range| range.first <= number)?;
        match (range.first == number, range.last == number) {
            (true, true) => {
                self.0.remove(at);
            }
            (true, false) => self.0[at].first = number + 1,
            (false, true) => self.0[at].last = number - 1,
            (false, false) => {
                self.0[at].last = number - 1;
                self.0.insert(at + 1, Range { first: number + 1, ..range });
                self.bound();
            }
        }
        Some(range.declared)
    }

    /// Forgets the numbers above `number`: they are about to be used anew.
    pub fn forget_above(&mut self, number: u64) {
        while let Some(range) = self.0.back_mut() {
            if range.first <= number {
                range.last = range.last.min(number);
                return;
            }
            self.0.pop_back();
        }
    }

    pub fn clear(&mut self) {
        self.0.clear();
    }

    fn bound(&mut self) {
        if self.0.len() > RANGES_MAX {
            self.0.pop_front();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeMap;

    #[test]
    fn only_so_many_ranges_are_remembered_and_the_oldest_go_first() {
        let mut absent = Absent::default();
        let ranges = RANGES_MAX as u64 + 1;
        for i in 0..ranges {
            absent.add(10 * i, 10 * i + 2, true);
        }
        assert_eq!(absent.take(1), None);
        assert_eq!(absent.take(11), Some(true));
        assert_eq!(absent.0.len(), RANGES_MAX, "taking from the middle makes two of one");
        assert_eq!(absent.take(10 * (ranges - 1)), Some(true));
    }

    proptest! {
        #[test]
        fn it_is_a_set_of_numbers(
            ranges in prop::collection::vec((0u64..5, 0u64..5, any::<bool>()), 0..20),
            takes in prop::collection::vec(0u64..150, 0..60),
            cut in 0u64..150,
        ) {
            let mut absent = Absent::default();
            let mut model = BTreeMap::new();
            let mut next = 0;
            for (skip, len, declared) in ranges {
                let (first, last) = (next + skip, next + skip + len);
                absent.add(first, last, declared);
                model.extend((first..=last).map(|number| (number, declared)));
                next = last + 1;
            }
            let (before, after) = takes.split_at(takes.len() / 2);
            for number in before {
                prop_assert_eq!(absent.take(*number), model.remove(number));
            }
            absent.forget_above(cut);
            model.retain(|number, _| *number <= cut);
            for number in after {
                prop_assert_eq!(absent.take(*number), model.remove(number));
            }
        }
    }
}
