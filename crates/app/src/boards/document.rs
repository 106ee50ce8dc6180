//! A board in memory: the JSON that its file has, in which all that is known fits its type, and
//! whatever else is there stays as it is.

use super::carried;
use super::format::{BoardFeed, Popout, PopoutPlace};
use crate::derived;
use feedscope_hub::computer;
use serde::Deserialize;
use serde_json::{Map, Value};
use std::collections::{HashMap, HashSet};

/// What stands for the built-in feed in place of a URL, since its port is another at each start.
pub const COMPUTER_URL: &str = "builtin:computer";
pub const COMPUTER_ID: &str = "computer";

pub(crate) fn computer_feed() -> BoardFeed {
    BoardFeed {
        id: COMPUTER_ID.into(),
        name: computer::NAME.into(),
        url: Some(COMPUTER_URL.into()),
        ..BoardFeed::default()
    }
}

/// Where a feed's data come from: what two boards share if both name it.
pub(crate) fn same_source(one: &BoardFeed, other: &BoardFeed) -> bool {
    let source =
        |feed: &BoardFeed| BoardFeed { id: String::new(), name: String::new(), ..feed.clone() };
    source(one) == source(other)
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Document {
    board: Map<String, Value>,
    id: String,
    name: String,
    feeds: Vec<BoardFeed>,
    bytes: usize,
}

impl Document {
    /// Of what [`super::read`] has made fit.
    pub fn new(
        mut board: Map<String, Value>,
        id: String,
        name: String,
        feeds: Vec<BoardFeed>,
    ) -> Self {
        board.insert("id".into(), id.as_str().into());
        board.insert("name".into(), name.as_str().into());
        board.insert("feeds".into(), json(&feeds, board.get("feeds")));
        // Of JSON, which can always be written.
        let bytes = serde_json::to_vec(&board).map_or(0, |bytes| bytes.len());
        Document { board, id, name, feeds, bytes }
    }

    pub fn id(&self) -> &str {
        &self.id
    }

    pub fn name(&self) -> &str {
        &self.name
    }

    pub fn feeds(&self) -> &[BoardFeed] {
        &self.feeds
    }

    /// How long it is as JSON.
    pub fn bytes(&self) -> usize {
        self.bytes
    }

    pub fn json(&self) -> &Map<String, Value> {
        &self.board
    }

    pub fn renamed(&self, id: &str, name: &str) -> Document {
        Document::new(self.board.clone(), id.into(), name.into(), self.feeds.clone())
    }

    pub fn with_feed(&self, feed: BoardFeed) -> Document {
        let feeds = self.feeds.iter().cloned().chain([feed]).collect();
        Document::new(self.board.clone(), self.id.clone(), self.name.clone(), feeds)
    }

    /// With another feed in the place of one, which is drawn from now on what was drawn of that, and
    /// annotated what was said of it.
    pub fn with_feed_instead(&self, id: &str, feed: BoardFeed) -> Document {
        let mut board = self.board.clone();
        carried::rename_feeds(&mut board, &HashMap::from([(id.to_owned(), feed.id.clone())]));
        let is_double = |other: &&BoardFeed| other.id == id || other.id != feed.id;
        let feeds = self.feeds.iter().filter(is_double);
        let feeds = feeds.map(|other| if other.id == id { &feed } else { other }).cloned();
        Document::new(board, self.id.clone(), self.name.clone(), feeds.collect())
    }

    /// Without a feed, and what is drawn of it.
    pub fn without_feed(&self, id: &str) -> Document {
        let mut board = self.board.clone();
        let panels = board.get_mut("panels").and_then(Value::as_array_mut);
        for panel in panels.into_iter().flatten() {
            if let Some(Value::Array(traces)) = panel.get_mut("traces") {
                traces.retain(|trace| trace.get("feed").and_then(Value::as_str) != Some(id));
            }
        }
        if let Some(Value::Array(annotations)) = board.get_mut("annotations") {
            annotations.retain(|one| one.get("feed").and_then(Value::as_str) != Some(id));
        }
        let feeds = self.feeds.iter().filter(|feed| feed.id != id).cloned().collect();
        Document::new(board, self.id.clone(), self.name.clone(), feeds)
    }

    /// What each panel that shows an order book says of which feed it is.
    pub fn depth_feeds(&self) -> impl Iterator<Item = Option<&str>> {
        let panels = self.json().get("panels").and_then(Value::as_array);
        let shown = |panel: &&Value| panel["kind"] == "depth";
        panels.into_iter().flatten().filter(shown).map(|panel| panel["feed"].as_str())
    }

    /// Its windows beside the first one.
    pub fn popouts(&self) -> Vec<Popout> {
        let popouts = self.board.get("popouts").and_then(Value::as_array);
        let popouts = popouts.into_iter().flatten();
        popouts.filter_map(|popout| Popout::deserialize(popout).ok()).collect()
    }

    pub fn without_popout(&self, id: &str) -> Document {
        self.with_popouts(|popouts| {
            popouts.retain(|popout| popout.get("id").and_then(Value::as_str) != Some(id));
        })
    }

    pub fn with_popout_at(&self, id: &str, place: PopoutPlace) -> Document {
        self.with_popouts(|popouts| {
            let place = serde_json::to_value(place).unwrap_or_default();
            for popout in popouts.iter_mut().filter_map(Value::as_object_mut) {
                if popout.get("id").and_then(Value::as_str) == Some(id) {
                    popout.insert("place".into(), place.clone());
                }
            }
        })
    }

    fn with_popouts(&self, change: impl FnOnce(&mut Vec<Value>)) -> Document {
        let mut board = self.board.clone();
        if let Some(Value::Array(popouts)) = board.get_mut("popouts") {
            change(popouts);
        }
        Document::new(board, self.id.clone(), self.name.clone(), self.feeds.clone())
    }

    /// The same with ids of feeds that go together with those of `others`: what has one source has
    /// one id, and what has one id has one source. So windows and history can name a feed by its
    /// id alone, whichever boards it is on.
    pub fn settled(&self, others: &[&BoardFeed]) -> Document {
        let mut taken: HashSet<String> = others.iter().map(|other| other.id.clone()).collect();
        taken.extend(self.feeds.iter().map(|feed| feed.id.clone()));
        let mut ids: HashMap<String, String> = HashMap::new();
        for feed in &self.feeds {
            let shared = others.iter().find(|other| same_source(other, feed));
            // What traces name derived series by is no feed's.
            let is_taken =
                feed.id == derived::FEED || others.iter().any(|other| other.id == feed.id);
            let id = match shared {
                Some(other) => other.id.clone(),
                None if is_taken => {
                    let taken_now = taken.iter().map(String::as_str).collect();
                    feed_id(feed.url.as_deref().unwrap_or(&feed.id), &taken_now)
                }
                None => continue,
            };
            if id != feed.id {
                taken.insert(id.clone());
                ids.insert(feed.id.clone(), id);
            }
        }
        if ids.is_empty() {
            return self.clone();
        }
        // One of its own may have the id that another of its own gets: it makes way.
        for feed in &self.feeds {
            if !ids.contains_key(&feed.id) && ids.values().any(|id| *id == feed.id) {
                let taken_now = taken.iter().map(String::as_str).collect();
                let id = feed_id(feed.url.as_deref().unwrap_or(&feed.id), &taken_now);
                taken.insert(id.clone());
                ids.insert(feed.id.clone(), id);
            }
        }
        let mut board = self.board.clone();
        carried::rename_feeds(&mut board, &ids);
        let mut feeds = self.feeds.clone();
        for feed in &mut feeds {
            if let Some(id) = ids.get(&feed.id) {
                feed.id = id.clone();
            }
        }
        Document::new(board, self.id.clone(), self.name.clone(), feeds)
    }
}

/// What of a feed is chosen beside its source.
const CHOSEN: [&str; 3] = ["variables", "headers", "reading"];

/// As much of it as there is, as JSON.
pub(super) fn chosen(feed: &BoardFeed) -> Vec<(&'static str, Value)> {
    // It is a struct of texts, which can always be written.
    let mut whole = serde_json::to_value(feed).unwrap_or_default();
    let parts = CHOSEN.iter().filter_map(|key| Some((*key, whole.get_mut(key)?.take())));
    parts.collect()
}

/// The feeds as JSON, with what there was in them that is not known here.
fn json(feeds: &[BoardFeed], before: Option<&Value>) -> Value {
    let known = before.and_then(Value::as_array);
    let of = |feed: &BoardFeed| {
        let mut object = Map::new();
        let is_it = |other: &&Map<String, Value>| {
            let text = |key: &str| other.get(key).and_then(Value::as_str);
            let is_of = |(key, value): &(&str, Value)| other.get(*key) == Some(value);
            text("url") == feed.url.as_deref()
                && text("profile") == feed.profile.as_deref()
                && chosen(feed).iter().all(is_of)
        };
        if let Some(found) =
            known.and_then(|known| known.iter().filter_map(Value::as_object).find(is_it))
        {
            object.clone_from(found);
        }
        object.insert("id".into(), feed.id.as_str().into());
        object.insert("name".into(), feed.name.as_str().into());
        for (key, value) in [("url", &feed.url), ("profile", &feed.profile)] {
            if let Some(value) = value {
                object.insert(key.into(), value.as_str().into());
            }
        }
        for key in CHOSEN {
            object.remove(key);
        }
        object.extend(chosen(feed).into_iter().map(|(key, value)| (key.to_owned(), value)));
        Value::Object(object)
    };
    feeds.iter().map(of).collect()
}

/// Wherever a feed is named, in a panel of whatever kind, it is by a key `feed`.
pub(super) fn rename(within: &mut Value, ids: &HashMap<String, String>) {
    match within {
        Value::Object(object) => {
            for (key, value) in object {
                match value {
                    Value::String(id) if key == "feed" => {
                        if let Some(new) = ids.get(id) {
                            id.clone_from(new);
                        }
                    }
                    value => rename(value, ids),
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| rename(item, ids)),
        _ => {}
    }
}

/// An id for a feed at `url` that none of `taken` has.
pub(crate) fn feed_id(url: &str, taken: &HashSet<&str>) -> String {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let host = host.rsplit_once('@').map_or(host, |(_, host)| host);
    let base: String = host
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '-' })
        .collect();
    numbered(base.trim_matches('-'), "feed", |id| id == derived::FEED || taken.contains(id))
}

/// An id for a board of this name that is not taken; it can be the name of a file on every system.
pub(crate) fn board_id(name: &str, is_taken: impl Fn(&str) -> bool) -> String {
    let base: String = name
        .chars()
        .take(BOARD_ID_CHARS_MAX)
        .map(|c| if c.is_alphanumeric() { c } else { '-' })
        .flat_map(char::to_lowercase)
        .collect();
    let parts: Vec<&str> = base.split('-').filter(|part| !part.is_empty()).collect();
    numbered(&parts.join("-"), "board", is_taken)
}

/// As long as a name of a file may safely be, whatever its letters take.
const BOARD_ID_CHARS_MAX: usize = 40;

fn numbered(base: &str, otherwise: &str, is_taken: impl Fn(&str) -> bool) -> String {
    let base = if base.is_empty() { otherwise } else { base };
    let numbers = (2..).map(|number| format!("{base}-{number}"));
    std::iter::once(base.to_owned())
        .chain(numbers)
        .find(|id| !is_taken(id))
        .unwrap_or_else(|| base.to_owned())
}

#[cfg(test)]
mod tests {
    use super::super::read;
    use super::*;
    use serde_json::json;

    fn feed(id: &str, url: &str) -> BoardFeed {
        BoardFeed { id: id.into(), name: id.into(), url: Some(url.into()), ..BoardFeed::default() }
    }

    fn document(feeds: &[BoardFeed]) -> Document {
        let drawn: Vec<Value> = feeds
            .iter()
            .map(|feed| json!({ "feed": feed.id, "channel": "c", "path": "p" }))
            .collect();
        let board = json!({
            "feedscope": 2, "id": "b", "name": "B", "feeds": feeds,
            "panels": [
                { "id": "1", "kind": "time-series", "traces": drawn },
                { "id": "2", "kind": "of-tomorrow", "deep": { "in": drawn } },
            ],
        });
        read::fit(board).unwrap().document
    }

    /// The ids of its feeds, and those that its panels name.
    fn ids(document: &Document) -> (Vec<&str>, Vec<&str>) {
        let named = |list: &'static str| -> Vec<&str> {
            let list = document.json()["panels"].pointer(list).and_then(Value::as_array);
            list.unwrap().iter().map(|trace| trace["feed"].as_str().unwrap()).collect()
        };
        let (known, unknown) = (named("/0/traces"), named("/1/deep/in"));
        assert_eq!(known, unknown, "whatever the kind of the panel");
        (document.feeds().iter().map(|feed| feed.id.as_str()).collect(), known)
    }

    #[test]
    fn each_feed_gets_an_id_of_its_own() {
        let none = HashSet::new();
        assert_eq!(feed_id("ws://127.0.0.1:80/x", &none), "127-0-0-1-80");
        assert_eq!(feed_id("wss://user:pass@Example.com?token=1", &none), "example-com");
        assert_eq!(feed_id("wss://例え.jp/", &none), "jp");
        assert_eq!(feed_id("ws://derived/", &none), "derived-2", "that is no feed's");
        assert_eq!(feed_id("", &none), "feed");
        assert_eq!(feed_id("ws://a/", &HashSet::from(["a", "a-2"])), "a-3");
    }

    #[test]
    fn each_board_gets_an_id_that_can_be_the_name_of_a_file() {
        let free = |_: &str| false;
        assert_eq!(board_id("This computer", free), "this-computer");
        assert_eq!(board_id("../../Etc: \u{202e}passwd\0", free), "etc-passwd");
        assert_eq!(board_id("数据 板", free), "数据-板");
        assert_eq!(board_id(" . ", free), "board");
        assert!(board_id(&"x".repeat(1_000), free).len() <= 40);
        assert_eq!(board_id("A", |id| ["a", "a-2"].contains(&id)), "a-3");
    }

    #[test]
    fn what_has_one_source_has_one_id_and_the_other_way_round() {
        let (x, y) = (feed("x", "ws://x/"), feed("y", "ws://y/"));
        let settled = |feeds: &[BoardFeed], others: &[&BoardFeed]| {
            let document = document(feeds).settled(others);
            let (feeds, traces) = ids(&document);
            assert_eq!(feeds[1..], traces, "after the built-in one");
            traces.into_iter().map(String::from).collect::<Vec<_>>()
        };
        let mine = [feed("a", "ws://x/"), feed("b", "ws://b/")];
        assert_eq!(settled(&mine, &[]), ["a", "b"]);
        assert_eq!(settled(&mine, &[&y]), ["a", "b"]);
        assert_eq!(settled(&[feed("derived", "ws://h/")], &[]), ["h"], "that is no feed's");
        assert_eq!(settled(&mine, &[&x]), ["x", "b"], "shared by its source");
        assert_eq!(settled(&[feed("x", "ws://h/")], &[&x]), ["h"], "another has its id");
        // Each has the other's.
        assert_eq!(settled(&[feed("y", "ws://x/"), feed("x", "ws://y/")], &[&x, &y]), ["x", "y"]);
        // The id that one gets is that of another of its own.
        assert_eq!(settled(&[feed("a", "ws://x/"), feed("x", "ws://h/")], &[&x]), ["x", "h"]);
    }

    #[test]
    fn a_feed_goes_with_what_is_drawn_of_it() {
        let document = document(&[feed("a", "ws://a/"), feed("b", "ws://b/")]).without_feed("a");
        let ids: Vec<_> = document.feeds().iter().map(|feed| feed.id.as_str()).collect();
        assert_eq!(ids, [COMPUTER_ID, "b"]);
        let traces = document.json()["panels"][0]["traces"].as_array().unwrap();
        assert_eq!(traces.len(), 1);
        assert_eq!(document.json()["feeds"].as_array().unwrap().len(), 2);
    }
}
