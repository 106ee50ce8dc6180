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

/// What was absent of the numbers that came.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Taken {
    /// How many of them had been declared missing.
    pub numbers: u64,
    /// By how many declared ranges there are more now, one being parted in two; and fewer.
    pub gaps_more: u64,
    pub gaps_less: u64,
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

    /// The numbers from `first` to `last` came. Returns `None` if none of them was absent.
    pub fn take(&mut self, first: u64, last: u64) -> Option<Taken> {
        if first > last {
            return None;
        }
        let mut at = self.0.partition_point(|range| range.last < first);
        let mut taken = None;
        while let Some(range) = self.0.get(at).copied().filter(|range| range.first <= last) {
            let (from, to) = (range.first.max(first), range.last.min(last));
            let before = (range.first < from).then(|| Range { last: from - 1, ..range });
            let after = (to < range.last).then(|| Range { first: to + 1, ..range });
            let taken: &mut Taken = taken.get_or_insert_default();
            if range.declared {
                taken.numbers = taken.numbers.saturating_add((to - from).saturating_add(1));
                taken.gaps_more += u64::from(before.is_some() && after.is_some());
                taken.gaps_less += u64::from(before.is_none() && after.is_none());
            }
            match before.or(after) {
                Some(rest) => {
                    self.0[at] = rest;
                    at += 1;
                }
                None => {
                    self.0.remove(at);
                }
            }
            if let (Some(_), Some(after)) = (before, after) {
                self.0.insert(at, after);
                self.bound();
                break;
            }
        }
        taken
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

    impl Absent {
        fn take_one(&mut self, number: u64) -> Option<bool> {
            self.take(number, number).map(|taken| taken.numbers > 0)
        }

        fn gaps(&self) -> u64 {
            self.0.iter().filter(|range| range.declared).count() as u64
        }
    }

    #[test]
    fn only_so_many_ranges_are_remembered_and_the_oldest_go_first() {
        let mut absent = Absent::default();
        let ranges = RANGES_MAX as u64 + 1;
        for i in 0..ranges {
            absent.add(10 * i, 10 * i + 2, true);
        }
        assert_eq!(absent.take_one(1), None);
        assert_eq!(absent.take_one(11), Some(true));
        assert_eq!(absent.0.len(), RANGES_MAX, "taking from the middle makes two of one");
        assert_eq!(absent.take_one(10 * (ranges - 1)), Some(true));
    }

    #[test]
    fn the_last_number_there_is_can_be_absent() {
        let mut absent = Absent::default();
        absent.add(0, u64::MAX, true);
        assert_eq!(absent.take_one(u64::MAX), Some(true));
        let all = Taken { numbers: u64::MAX, gaps_more: 0, gaps_less: 1 };
        assert_eq!(absent.take(0, u64::MAX), Some(all));
        assert_eq!(absent.take(0, u64::MAX), None);
    }

    proptest! {
        #[test]
        fn it_is_a_set_of_numbers(
            ranges in prop::collection::vec((0u64..5, 0u64..5, any::<bool>()), 0..20),
            takes in prop::collection::vec((0u64..150, 0u64..12), 0..60),
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
            for (at, (first, length)) in takes.iter().enumerate() {
                if at == takes.len() / 2 {
                    absent.forget_above(cut);
                    model.retain(|number, _| *number <= cut);
                }
                let gaps = absent.gaps();
                let taken = absent.take(*first, first + length);
                let came: Vec<bool> =
                    (*first..=first + length).filter_map(|number| model.remove(&number)).collect();
                prop_assert_eq!(taken.is_some(), !came.is_empty());
                let taken = taken.unwrap_or_default();
                let declared = came.into_iter().filter(|declared| *declared).count();
                prop_assert_eq!(taken.numbers, declared as u64);
                prop_assert_eq!(gaps + taken.gaps_more - taken.gaps_less, absent.gaps());
            }
        }
    }
}
