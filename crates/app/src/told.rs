//! What one window has been told, and what of it each of its updates brings. Each window has its own:
//! one that is slow or hidden is told of all that it missed once it takes its next update, and nobody
//! waits for it.

use crate::api::{FeedFields, FeedTransitions, FeedValues, FeedWords, Field, Update};
use crate::boards::MAIN_WINDOW;
use crate::derived;
use crate::feeds::Feed;
use crate::shared::Shared;
use crate::store::Store;
use crate::texts::ToldWords;
use crate::watch::Watch;
use feedscope_feed::Time;
use std::collections::HashMap;
use std::time::Instant;

/// Values of a feed told at once; the others are told next time.
const VALUES_MAX: usize = 1_000;

/// Fields told at once.
const FIELDS_MAX: usize = 1_000;

/// What the texts of these have at most. A single field may have more.
const FIELD_TEXT_BYTES_MAX: usize = 64 << 10;

/// Texts told at once, of each feed: of those that have codes, and of those that have none.
const WORDS_MAX: usize = 64;

#[derive(Debug, Default)]
pub(crate) struct Told {
    /// The panels that follow.
    pub watches: Vec<Watch>,
    /// Of each feed, by its number.
    feeds: HashMap<u64, ToldFeed>,
    /// As of which version.
    derived: u64,
    alerts: u64,
}

#[derive(Clone, Copy, Debug)]
struct ToldFeed {
    fields: usize,
    /// Of all that there ever were.
    transitions: u64,
    /// The field whose value is told first, of more values than are told at once.
    first_value: usize,
    words: ToldWords,
}

impl Told {
    /// All that there is now: a window has begun, and has just been given it.
    pub fn all(store: &Store) -> Told {
        // Texts that have no codes are no part of what it is given.
        let of = |feed: &Feed| ToldFeed {
            fields: feed.fields.len(),
            transitions: feed.transitions_ever,
            first_value: 0,
            words: ToldWords { coded: feed.coded_count(), others: 0 },
        };
        let feeds = store.feeds.iter();
        Told {
            watches: Vec::new(),
            feeds: feeds.map(|feed| (feed.number, of(feed))).collect(),
            derived: store.derived.version(),
            // It asks for them by itself.
            alerts: 0,
        }
    }

    fn of(&self, feed: &Feed) -> ToldFeed {
        let (fields, words) = (feed.fields_restored, ToldWords::default());
        let new = ToldFeed { fields, transitions: 0, first_value: 0, words };
        self.feeds.get(&feed.number).copied().unwrap_or(new)
    }
}

/// Whether an update of this window would have more in it than the time.
pub(crate) fn has_news(shared: &Shared, window: &str) -> bool {
    let Shared { store, windows, troubles, alerts, .. } = shared;
    let Some(told) = windows.get(window) else { return false };
    (window == MAIN_WINDOW && !troubles.is_empty())
        || store.derived.version() != told.derived
        || alerts.version() != told.alerts
        || told.watches.iter().any(|watch| watch.has_news(store))
        || store.feeds.iter().any(|feed| {
            let told = told.of(feed);
            told.transitions < feed.transitions_ever
                || told.fields < feed.fields.len()
                || told.words.coded < feed.coded_count()
        })
}

/// All that has changed since the last update of this window; `None` if there is no such window.
///
/// Troubles and the latest values of fields are for the first window alone, which lists both; and how
/// long data take to be drawn is measured by it.
pub(crate) fn make(
    shared: &mut Shared,
    window: &str,
    now: Instant,
    time: Time,
    with_status: bool,
) -> Option<Update> {
    let Shared { store, windows, inspectors, troubles, alerts, peeked, .. } = shared;
    // Changes are forgotten below: whoever is told later must know of them all the same.
    for watch in windows.values_mut().flat_map(|told| &mut told.watches) {
        watch.note(store);
    }
    let told = windows.get_mut(window)?;
    let is_main = window == MAIN_WINDOW;
    store.updates_made += 1;
    let mut update = Update {
        number: store.updates_made,
        now_ms: time.millis(),
        panels: told.watches.iter_mut().filter_map(|watch| watch.update(store, time.0)).collect(),
        statuses: Vec::new(),
        values: Vec::new(),
        transitions: Vec::new(),
        fields: Vec::new(),
        words: Vec::new(),
        derived: store.derived.news(&mut told.derived),
        inspected: Vec::new(),
        troubles: if is_main { std::mem::take(troubles) } else { Vec::new() },
        alerts: alerts.news(&mut told.alerts),
    };
    if with_status {
        let mine = inspectors.iter_mut().filter(|one| one.window == window);
        let news = mine.filter_map(|one| one.take_news().then(|| one.id.clone()));
        update.inspected.extend(news);
    }
    let Store { feeds, history, gap_changes, derived, .. } = store;
    history.forget_changes();
    gap_changes.clear();

    if told.feeds.len() > feeds.len() {
        told.feeds.retain(|number, _| feeds.iter().any(|feed| feed.number == *number));
    }
    let with_values = with_status && is_main;
    for feed in feeds {
        if is_main {
            feed.sent();
        }
        let ToldFeed { fields: known, transitions, mut first_value, mut words } = told.of(feed);
        let mut fields = feed.fields_from(known);
        fields.truncate(fitting(&fields));
        let known = known + fields.len();
        if !fields.is_empty() {
            update.fields.push(FeedFields { feed: feed.id.clone(), fields });
        }
        if transitions < feed.transitions_ever {
            let transitions = feed.transitions_from(transitions);
            update.transitions.push(FeedTransitions { feed: feed.id.clone(), transitions });
        }
        let new_words = feed.words_for(&mut words, known, with_status, WORDS_MAX);
        if !new_words.is_empty() {
            update.words.push(FeedWords { feed: feed.id.clone(), words: new_words });
        }
        if with_status {
            update.statuses.push(feed.status(now));
        }
        if with_values && peeked.contains(&feed.id) {
            let values = in_turn(&mut first_value, feed.fields.len(), |number| {
                feed.fields[number].fresh(history)
            });
            update.values.push(FeedValues { feed: feed.id.clone(), values });
        }
        let transitions = feed.transitions_ever;
        let now_told = ToldFeed { fields: known, transitions, first_value, words };
        told.feeds.insert(feed.number, now_told);
    }
    if with_values && peeked.contains(derived::FEED) && !derived.is_empty() {
        update.values.push(derived.fresh(history));
    }
    Some(update)
}

/// The values that are new, from the `first` field on and round: where more are new each time than
/// can be told, all have their turn.
fn in_turn(
    first: &mut usize,
    count: usize,
    mut fresh: impl FnMut(usize) -> Option<f64>,
) -> Vec<(u32, f64)> {
    let from = *first;
    let round = (from..count).chain(0..from.min(count));
    let values: Vec<(u32, f64)> =
        round.filter_map(|number| Some((number as u32, fresh(number)?))).take(VALUES_MAX).collect();
    if let Some((last, _)) = values.last().filter(|_| values.len() == VALUES_MAX) {
        *first = *last as usize + 1;
    }
    values
}

/// How many of these fields are told at once.
fn fitting(fields: &[Field]) -> usize {
    let mut bytes = 0;
    let fit = fields.iter().take(FIELDS_MAX).take_while(|field| {
        bytes += field.texts.iter().flatten().map(String::len).sum::<usize>();
        bytes <= FIELD_TEXT_BYTES_MAX
    });
    fit.count().max(1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::{DerivedInput, DerivedSeries};
    use crate::boards::Open;

    const OTHER: &str = "popout-1";

    fn shared() -> Shared {
        let mut shared = Shared::new(Open::default(), Vec::new());
        for window in [MAIN_WINDOW, OTHER] {
            let told = Told::all(&shared.store);
            shared.windows.insert(window.into(), told);
        }
        shared
    }

    fn update(shared: &mut Shared, window: &str) -> Update {
        make(shared, window, Instant::now(), Time(0), false).unwrap()
    }

    #[test]
    fn that_time_goes_on_is_no_news_and_a_trouble_is_some_for_the_first_window() {
        let mut shared = shared();
        assert!(!has_news(&shared, MAIN_WINDOW));
        shared.troubles.push(crate::kept::no_saver(&std::io::Error::other("no thread")));
        assert!(has_news(&shared, MAIN_WINDOW) && !has_news(&shared, OTHER));
        assert!(update(&mut shared, OTHER).troubles.is_empty());
        assert_eq!(update(&mut shared, MAIN_WINDOW).troubles.len(), 1);
        assert!(!has_news(&shared, MAIN_WINDOW));
        assert!(make(&mut shared, "none", Instant::now(), Time(0), false).is_none());
    }

    #[test]
    fn of_more_new_values_than_are_told_at_once_all_have_their_turn() {
        let (mut first, count) = (0, VALUES_MAX * 2 + 500);
        let mut told = vec![0; count];
        for _ in 0..5 {
            let values = in_turn(&mut first, count, |number| Some(number as f64));
            assert_eq!(values.len(), VALUES_MAX);
            values.iter().for_each(|(number, _)| told[*number as usize] += 1);
        }
        assert!(told.iter().all(|times| *times == 2));
        assert_eq!(in_turn(&mut first, 3, |number| (number == 1).then_some(7.0)), [(1, 7.0)]);
        assert_eq!(in_turn(&mut first, 0, |_| Some(0.0)), []);
    }

    #[test]
    fn fields_are_told_as_far_as_their_texts_are_not_too_much() {
        let field = |texts: Option<Vec<String>>| Field {
            channel: String::new(),
            path: String::new(),
            number: 0,
            texts,
        };
        let few = vec![field(None), field(Some(vec!["RUNNING".to_owned()]))];
        assert_eq!(fitting(&few), 2);
        let long = || Some(vec!["x".repeat(256); 100]);
        assert_eq!(fitting(&[field(None), field(long()), field(long()), field(long())]), 3);
        assert_eq!(fitting(&vec![field(None); FIELDS_MAX + 1]), FIELDS_MAX);
        let longest = Some(vec!["x".repeat(259); 256]);
        assert_eq!(fitting(&[field(longest), field(None)]), 1, "or it would never be told");
    }

    #[test]
    fn derived_series_that_changed_are_news_once_for_each_window() {
        let mut shared = shared();
        let input = DerivedInput { feed: "f".into(), channel: "c".into(), path: "p".into() };
        let what = DerivedSeries {
            expression: "2 * a".into(),
            inputs: [("a".to_owned(), input)].into(),
            ..DerivedSeries::default()
        };
        let Store { feeds, history, derived, .. } = &mut shared.store;
        let made = derived.set(what, feeds, history).unwrap();
        assert!(has_news(&shared, MAIN_WINDOW));
        assert_eq!(update(&mut shared, MAIN_WINDOW).derived, Some(vec![made.clone()]));
        assert!(!has_news(&shared, MAIN_WINDOW), "it is told once");
        assert!(has_news(&shared, OTHER));
        assert_eq!(update(&mut shared, OTHER).derived, Some(vec![made]));
        let Store { history, derived, .. } = &mut shared.store;
        assert!(!derived.remove("none such", history) && derived.remove("series", history));
        assert!(has_news(&shared, MAIN_WINDOW));
        assert_eq!(update(&mut shared, MAIN_WINDOW).derived, Some(Vec::new()));
    }
}
