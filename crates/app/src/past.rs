//! What an earlier run of the application left of the feeds: their fields, until when they were
//! listened to, and what was amiss with them just then.

use crate::feeds::{Feed, GapFacts};
use crate::health::Meter;
use crate::names::{self, Parts};
use chrono::{Local, TimeZone};
use feedscope_feed::{Before, Time, said};
use feedscope_history::{History, SeriesId};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, HashMap};

/// The fact of the history that says until when each feed was listened to.
const LISTENED: &str = "listened";

/// How the facts begin that say what the texts of a feed's fields are, by the names of their series;
/// what the feed is called follows.
const TEXTS_OF: &str = "texts ";

/// The fact that said so of all feeds in one, of an older Feedscope.
const TEXTS: &str = "texts";

/// Until when a feed was listened to, as far as is known: a crash comes unannounced.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Listened {
    pub until_ns: i64,
    /// The gap that had not ended then.
    pub gap: Option<LastGap>,
    /// The state that it was in then; not known of what was kept by an older Feedscope.
    #[serde(default)]
    pub state: Option<LastGap>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct LastGap {
    pub start_ns: i64,
    pub facts: GapFacts,
}

/// A field that had been found.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct PastField {
    pub series: SeriesId,
    pub channel: String,
    pub key: Option<String>,
    pub path: String,
    /// Its texts, if it held such and not numbers.
    pub texts: Option<Vec<String>>,
}

/// What is left of one feed.
#[derive(Debug, Default)]
pub(crate) struct PastFeed {
    /// In the order in which they were found.
    pub fields: Vec<PastField>,
    pub listened: Option<Listened>,
    pub texts: TextsVersion,
}

/// Changes with the texts of a feed's fields: the feed's number, and how many have got codes since it
/// was subscribed to.
pub(crate) type TextsVersion = (u64, usize);

/// The texts of a feed's fields, by the names of their series.
#[derive(Debug)]
pub(crate) struct FeedTexts {
    feed: String,
    texts: BTreeMap<String, Vec<String>>,
}

impl FeedTexts {
    /// As the history is to remember it: where there are none, not at all.
    pub fn fact(self) -> (String, Vec<u8>) {
        let FeedTexts { feed, texts } = self;
        // Text is always JSON.
        let json = if texts.is_empty() { None } else { serde_json::to_vec(&texts).ok() };
        (format!("{TEXTS_OF}{feed}"), json.unwrap_or_default())
    }
}

/// What is in its place once each feed has its own.
pub(crate) fn no_texts_in_one() -> (String, Vec<u8>) {
    (TEXTS.to_owned(), Vec::new())
}

/// What is left of all feeds that are not subscribed to again, by the names of their tracks.
#[derive(Debug, Default)]
pub(crate) struct Past {
    fields: HashMap<String, Vec<PastField>>,
    listened: BTreeMap<String, Listened>,
    /// Of which feeds the texts may not be remembered as they are.
    texts: BTreeMap<String, TextsVersion>,
    /// The last moment at which any was.
    until_ns: i64,
}

impl Past {
    pub fn new(history: &History<GapFacts>, facts: &[(String, Vec<u8>)]) -> Self {
        let mut fields: HashMap<String, Vec<PastField>> = HashMap::new();
        let mut texts: BTreeMap<String, Vec<String>> = read(facts, TEXTS);
        // Where they are all in one, they are saved anew.
        let are_in_one = !texts.is_empty();
        let of_feeds = facts.iter().filter(|(name, _)| name.starts_with(TEXTS_OF));
        for (_, json) in of_feeds {
            let of_feed: BTreeMap<String, Vec<String>> =
                serde_json::from_slice(json).unwrap_or_default();
            texts.extend(of_feed);
        }
        let mut unsaved = BTreeMap::new();
        for (name, series) in history.series() {
            if let Some(Parts { feed, channel, key, path, is_text }) = names::parts(name) {
                let texts = is_text.then(|| texts.remove(name).unwrap_or_default());
                if are_in_one && is_text {
                    unsaved.insert(feed.clone(), TextsVersion::default());
                }
                let field = PastField { series, channel, key, path, texts };
                fields.entry(feed).or_default().push(field);
            }
        }
        for fields in fields.values_mut() {
            fields.sort_by_key(|field| field.series);
        }
        // One that cannot be read costs the gaps of this start.
        let mut listened: BTreeMap<String, Listened> = read(facts, LISTENED);
        listened.retain(|feed, _| fields.contains_key(feed));
        let until_ns = listened.values().map(|feed| feed.until_ns).max().unwrap_or_default();
        Past { fields, listened, texts: unsaved, until_ns }
    }

    /// What is left of a feed, which from now on is not past.
    pub fn take(&mut self, feed: &str) -> PastFeed {
        PastFeed {
            fields: self.fields.remove(feed).unwrap_or_default(),
            listened: self.listened.remove(feed),
            texts: self.texts.remove(feed).unwrap_or_default(),
        }
    }

    /// A feed is not subscribed to any more.
    pub fn put(&mut self, feed: &str, left: PastFeed) {
        if !left.fields.is_empty() {
            self.fields.insert(feed.to_owned(), left.fields);
            self.listened.extend(left.listened.map(|listened| (feed.to_owned(), listened)));
            self.texts.insert(feed.to_owned(), left.texts);
        }
    }

    /// Forgets what is left of a feed, and its history.
    pub fn forget(&mut self, feed: &str, history: &mut History<GapFacts>) {
        let PastFeed { fields, .. } = self.take(feed);
        for PastField { series, channel, key, .. } in fields {
            history.remove_series(series);
            let track = history.add_track(&names::channel(feed, &channel, key.as_deref()));
            history.remove_track(track);
        }
        for track in [feed.to_owned(), names::states(feed), names::late(feed)] {
            let track = history.add_track(&track);
            history.remove_track(track);
        }
        for name in Meter::names(feed) {
            let series = history.add_series(&name);
            history.remove_series(series);
        }
        self.texts.insert(feed.to_owned(), TextsVersion::default());
    }

    /// As the history is to remember it, with the feeds that are listened to `now`.
    pub fn fact(&self, now: impl Iterator<Item = (String, Listened)>) -> (String, Vec<u8>) {
        let mut all = self.listened.clone();
        all.extend(now);
        // Names are text, and everything in it is JSON.
        (LISTENED.to_owned(), serde_json::to_vec(&all).unwrap_or_default())
    }

    /// As of which state the texts are of each feed of which they may not be remembered as they are,
    /// with those that are subscribed to `now`.
    pub fn texts_versions(&self, now: &[Feed]) -> BTreeMap<String, TextsVersion> {
        let now = now.iter().map(|feed| (feed.name().to_owned(), feed.texts_version()));
        self.texts.clone().into_iter().chain(now).collect()
    }

    /// The texts of one of them.
    pub fn texts_of(&self, name: &str, now: &[Feed]) -> FeedTexts {
        let mut texts: BTreeMap<String, Vec<String>> = match now.iter().find(|of| of.name() == name)
        {
            Some(feed) => feed.texts().map(|(series, texts)| (series, texts.to_vec())).collect(),
            None => {
                let fields = self.fields.get(name).into_iter().flatten();
                let named = |PastField { channel, key, path, texts, .. }: &PastField| {
                    Some((names::texts(name, channel, key.as_deref(), path), texts.clone()?))
                };
                fields.filter_map(named).collect()
            }
        };
        // Those of booleans.
        texts.retain(|_, texts| !texts.is_empty());
        FeedTexts { feed: name.to_owned(), texts }
    }

    /// The texts are remembered as of these states. Nothing more is to be said of feeds that are
    /// forgotten.
    pub fn texts_saved(&mut self, saved: &BTreeMap<String, TextsVersion>) {
        let Past { fields, texts, .. } = self;
        texts.retain(|feed, version| fields.contains_key(feed) || saved.get(feed) != Some(version));
    }

    /// The gap that a feed begins with that is subscribed to `now`.
    pub fn before(&self, listened: &Listened, now: Time) -> Option<Before> {
        let until = Time(listened.until_ns);
        // The clock may have been set back.
        if until >= now {
            return None;
        }
        let (from, to) = from_to(until, now);
        let story = if listened.until_ns == self.until_ns {
            said!("gap_not_running", "Feedscope was not running from {from} to {to}.", from, to)
        } else {
            said!(
                "gap_not_listened",
                "Feedscope did not listen to this feed from {from} to {to}.",
                from,
                to,
            )
        };
        Some(Before { until, story })
    }
}

/// What one of the facts says; nothing where it is not there, or is nonsense.
fn read<T: DeserializeOwned + Default>(facts: &[(String, Vec<u8>)], name: &str) -> T {
    let fact = facts.iter().find(|(known, _)| known == name);
    fact.and_then(|(_, json)| serde_json::from_slice(json).ok()).unwrap_or_default()
}

/// 18:02:11 and 18:40:00, by local time, with the days where they differ.
fn from_to(from: Time, to: Time) -> (String, String) {
    let (from, to) = (Local.timestamp_nanos(from.0), Local.timestamp_nanos(to.0));
    let form = if from.date_naive() == to.date_naive() { "%H:%M:%S" } else { "%Y-%m-%d %H:%M" };
    (from.format(form).to_string(), to.format(form).to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use feedscope_feed::decode::{NewField, NewWord};
    use feedscope_feed::{ChannelId, Code, Profile, TextId};
    use feedscope_history::Budget;

    const SECOND: i64 = 1_000_000_000;

    fn listened(seconds: i64) -> Listened {
        Listened { until_ns: seconds * SECOND, gap: None, state: None }
    }

    #[test]
    fn what_is_remembered_of_feeds_comes_back_and_is_taken_once() {
        let (one, other) = (names::feed("a", "ws://a/"), names::feed("b", "ws://b/"));
        let mut history = History::new(Budget { memory_bytes: 1 << 20, disk_bytes: None });
        for (feed, channel, path) in [(&other, "c", "x"), (&one, "c", "y"), (&one, "b", "x")] {
            history.add_series(&names::field(feed, channel, None, path));
        }
        history.add_series("from elsewhere");
        let past = Past::new(&History::new(Budget { memory_bytes: 0, disk_bytes: None }), &[]);
        let known = [(one.clone(), listened(7)), (other.clone(), listened(5))];
        let gone = (names::feed("c", ""), listened(9));
        let fact = past.fact(known.into_iter().chain([gone]));

        let mut past = Past::new(&history, &[fact]);
        assert_eq!(past.until_ns, 7 * SECOND, "a feed without history is forgotten");
        let feed = past.take(&one);
        let paths: Vec<_> = feed.fields.iter().map(|field| field.path.as_str()).collect();
        assert_eq!(paths, ["y", "x"], "in the order in which they were found");
        assert_eq!(feed.listened, Some(listened(7)));
        let again = past.take(&one);
        assert_eq!((again.fields.len(), again.listened), (0, None));
        let (_, left) = past.fact(std::iter::empty());
        let left: BTreeMap<String, Listened> = serde_json::from_slice(&left).unwrap();
        assert_eq!(left.into_keys().collect::<Vec<_>>(), [other]);
    }

    const NONE: Budget = Budget { memory_bytes: 0, disk_bytes: None };

    /// A feed with one text; and its history.
    fn with_text(id: &str, number: u64, text: &str, history: &mut History<GapFacts>) -> Feed {
        let profile = Profile::from_url("ws://a/");
        let url = "ws://a/";
        let mut feed = Feed::new(id.into(), number, profile, url.into(), url, false, history);
        for (field, path) in [(TextId(0), "status"), (TextId(1), "on")] {
            let (channel, key, key_name) = (ChannelId(0), None, None);
            let (channel_name, path) = ("c".into(), path.into());
            let new = NewField { field, channel, channel_name, key, key_name, path };
            feed.add_text(&new, history);
        }
        learn(&mut feed, 0, text);
        feed
    }

    fn learn(feed: &mut Feed, index: usize, text: &str) {
        feed.learn(&NewWord { field: TextId(0), code: Code::of(index), text: text.into() });
    }

    fn texts(past: &mut Past, feed: &str) -> Vec<Vec<String>> {
        past.take(feed).fields.into_iter().map(|field| field.texts.unwrap()).collect()
    }

    #[test]
    fn the_texts_of_a_feed_are_remembered_with_it() {
        let mut history = History::new(NONE);
        let mut past = Past::default();
        let mut feed = with_text("a", 1, "x", &mut history);
        let name = feed.name().to_owned();
        let first = past.texts_versions(std::slice::from_ref(&feed));
        learn(&mut feed, 1, "y");
        let second = past.texts_versions(std::slice::from_ref(&feed));
        assert_ne!(first, second);
        let fact = past.texts_of(&name, std::slice::from_ref(&feed)).fact();
        assert_eq!(
            texts(&mut Past::new(&history, std::slice::from_ref(&fact)), &name),
            [vec!["x", "y"], vec![]]
        );

        // Not subscribed to any more, it is as it was.
        past.put(&name, feed.left(Time(0)));
        assert_eq!(past.texts_versions(&[]), second);
        assert_eq!(past.texts_of(&name, &[]).fact(), fact);
        past.texts_saved(&second);
        assert_eq!(past.texts_versions(&[]), second);

        // Once it is forgotten, so are they.
        past.forget(&name, &mut history);
        let forgotten = past.texts_versions(&[]);
        assert_ne!(forgotten, second);
        assert_eq!(past.texts_of(&name, &[]).fact(), (fact.0, Vec::new()));
        past.texts_saved(&second);
        assert_eq!(past.texts_versions(&[]), forgotten);
        past.texts_saved(&forgotten);
        assert!(past.texts_versions(&[]).is_empty());
    }

    #[test]
    fn texts_that_were_kept_in_one_are_read_and_kept_by_feed() {
        let mut history = History::new(NONE);
        let feed = with_text("a", 1, "X", &mut history);
        let name = feed.name().to_owned();
        let whole: BTreeMap<_, _> = feed.texts().collect();
        let whole = (TEXTS.to_owned(), serde_json::to_vec(&whole).unwrap());
        let mut past = Past::new(&history, std::slice::from_ref(&whole));
        assert!(past.texts_versions(&[]).into_keys().eq([&*name]), "they are to be saved");
        let own = past.texts_of(&name, &[]).fact();
        assert_eq!(texts(&mut past, &name), [vec!["X"], vec![]]);
        let mut past = Past::new(&history, std::slice::from_ref(&own));
        assert!(past.texts_versions(&[]).is_empty(), "they are as they are remembered");
        assert_eq!(texts(&mut past, &name), [vec!["X"], vec![]]);
        // What is newer is a feed's own.
        let older = String::from_utf8(whole.1).unwrap().replace('X', "Z").into_bytes();
        let older = (TEXTS.to_owned(), older);
        assert_eq!(texts(&mut Past::new(&history, &[own, older]), &name), [vec!["X"], vec![]]);
    }

    #[test]
    fn the_gap_says_why_nobody_listened() {
        let past = Past { until_ns: 100 * SECOND, ..Past::default() };
        let story = |seconds, now| {
            past.before(&listened(seconds), Time(now * SECOND)).map(|before| before.story)
        };
        assert!(story(100, 160).unwrap().starts_with("Feedscope was not running from "));
        assert!(story(40, 160).unwrap().starts_with("Feedscope did not listen to this feed from "));
        assert!(story(100, 100 + 86_400 * 3).unwrap().contains("1970-01-0"));
        assert_eq!(story(100, 99), None, "a clock that was set back makes no gap");
    }

    #[test]
    fn nonsense_is_no_past() {
        let history = History::new(Budget { memory_bytes: 0, disk_bytes: None });
        let past = Past::new(&history, &[(LISTENED.to_owned(), b"[1".to_vec())]);
        assert!(past.listened.is_empty());
    }
}
