//! What names feeds outside of boards, alerts and derived series, and goes over to another feed with
//! the board that puts that one in a feed's place.

use crate::alerts::Alerts;
use crate::derived::Deriving;
use crate::store::Store;
use feedscope_feed::Time;
use std::collections::HashMap;

/// Who names a feed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Namer {
    /// An alert, by its id.
    Alert(String),
    /// An input of a derived series.
    Input { series: String, name: String },
}

/// These name another feed than before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Moved {
    pub from: String,
    pub to: String,
    pub who: Vec<Namer>,
}

/// What there is to be written because of that.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Followed {
    pub alerts: bool,
    pub derived: bool,
}

/// All that name feeds outside of boards, by the feed's id.
pub(super) fn named(alerts: &Alerts, derived: &Deriving) -> HashMap<String, Vec<Namer>> {
    let mut named: HashMap<String, Vec<Namer>> = HashMap::new();
    for (alert, feed) in alerts.feeds() {
        named.entry(feed.to_owned()).or_default().push(Namer::Alert(alert.to_owned()));
    }
    for (series, name, feed) in derived.feeds_named() {
        let input = Namer::Input { series: series.to_owned(), name: name.to_owned() };
        named.entry(feed.to_owned()).or_default().push(input);
    }
    named
}

impl Moved {
    /// Has them name the other feed, as far as they still name the one.
    pub(super) fn apply(self, now: Time, alerts: &mut Alerts, store: &mut Store) -> Followed {
        let Moved { from, to, who } = self;
        let Store { feeds, history, derived, .. } = store;
        let (mut rules, mut inputs) = (Vec::new(), Vec::new());
        for namer in who {
            match namer {
                Namer::Alert(id) => rules.push(id),
                Namer::Input { series, name } => inputs.push((series, name)),
            }
        }
        let feed = feeds.iter().find(|feed| feed.id == to);
        Followed {
            alerts: alerts.move_to(now, &rules, &from, (&to, feed), history),
            derived: derived.move_inputs(&inputs, &from, &to, feeds, history),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::format::BoardFeed;
    use super::super::open::Open;
    use super::super::read;
    use super::*;
    use serde_json::json;

    fn at(url: &str) -> BoardFeed {
        BoardFeed { name: "F".into(), url: Some(url.into()), ..BoardFeed::default() }
    }

    /// Boards by their ids, each with feeds whose ids are their addresses' hosts.
    fn boards(all: &[(&str, &[&str])]) -> Open {
        let mut open = Open::default();
        for (id, feeds) in all {
            let feeds: Vec<_> = feeds
                .iter()
                .map(|feed| json!({ "id": feed, "name": feed, "url": format!("ws://{feed}/") }))
                .collect();
            let notes = feeds.iter().map(|feed| json!({ "from_ms": 1, "feed": feed["id"] }));
            let notes: Vec<_> = notes.collect();
            let board = json!({ "feedscope": 2, "id": id, "name": id, "feeds": feeds,
                "annotations": notes });
            open.add(read::fit(board).unwrap().document, format!("{id}.json").into(), true);
        }
        open
    }

    fn alerts(open: &mut Open, named: &[(&str, &[&str])]) {
        let of = |ids: &[&str]| ids.iter().map(|id| Namer::Alert((*id).into())).collect();
        open.feeds_named = named.iter().map(|(feed, ids)| ((*feed).to_owned(), of(ids))).collect();
    }

    /// From which feed to which, and who.
    fn moved(open: &mut Open) -> Option<(String, String, Vec<String>)> {
        let Moved { from, to, who } = open.feeds_moved.take()?;
        let ids = who.into_iter().map(|namer| match namer {
            Namer::Alert(id) | Namer::Input { series: id, .. } => id,
        });
        Some((from, to, ids.collect()))
    }

    fn expected(from: &str, to: &str, who: &[&str]) -> Option<(String, String, Vec<String>)> {
        Some((from.into(), to.into(), who.iter().map(|id| (*id).to_owned()).collect()))
    }

    /// The feeds that annotations of a board are about.
    fn annotated(open: &Open, board: &str) -> Vec<String> {
        let document = &open.find(board).unwrap().document;
        let list = document.json()["annotations"].as_array().unwrap();
        list.iter().map(|one| one["feed"].as_str().unwrap().to_owned()).collect()
    }

    #[test]
    fn all_that_name_a_feed_follow_it_there_and_back() {
        let mut open = boards(&[("one", &["a"])]);
        alerts(&mut open, &[("a", &["x", "y"])]);
        assert_eq!(open.change_feed("one", "a", at("ws://b/"), "Change").unwrap(), "b");
        assert_eq!(moved(&mut open), expected("a", "b", &["x", "y"]));
        assert_eq!(annotated(&open, "one"), ["b"]);
        // One that was made meanwhile, and one that is about something else by now.
        alerts(&mut open, &[("b", &["x", "z"]), ("c", &["y"])]);
        open.undo("one").unwrap();
        let back = moved(&mut open).unwrap();
        assert_eq!((back.0.as_str(), back.1.as_str()), ("b", "a"));
        assert!(back.2.contains(&"x".to_owned()) && back.2.contains(&"z".to_owned()));
        assert_eq!(annotated(&open, "one"), ["a"]);
        alerts(&mut open, &[("a", &["x", "z"])]);
        open.redo("one").unwrap();
        assert_eq!(moved(&mut open), expected("a", "b", &["x", "z"]));
        open.redo("one").unwrap();
        assert_eq!(moved(&mut open), None, "there was nothing to be done again");
    }

    #[test]
    fn they_stay_where_another_board_has_the_feed() {
        let mut open = boards(&[("one", &["a"]), ("other", &["a"])]);
        alerts(&mut open, &[("a", &["x"])]);
        open.change_feed("one", "a", at("ws://b/"), "Change").unwrap();
        assert_eq!(moved(&mut open), expected("a", "b", &[]));
        assert_eq!(annotated(&open, "one"), ["b"]);
        assert_eq!(annotated(&open, "other"), ["a"]);
        open.undo("one").unwrap();
        assert_eq!(moved(&mut open), expected("b", "a", &[]));
    }

    #[test]
    fn of_two_feeds_that_become_one_each_gets_its_own_back() {
        for all in [&[("one", &["a", "b"][..])][..], &[("one", &["a"]), ("other", &["b"])]] {
            let mut open = boards(all);
            alerts(&mut open, &[("a", &["x"]), ("b", &["y"])]);
            assert_eq!(open.change_feed("one", "a", at("ws://b/"), "Change").unwrap(), "b");
            assert_eq!(moved(&mut open), expected("a", "b", &["x"]));
            alerts(&mut open, &[("b", &["x", "y"])]);
            open.undo("one").unwrap();
            assert_eq!(moved(&mut open), expected("b", "a", &["x"]));
        }
    }

    #[test]
    fn nothing_follows_a_feed_that_only_gets_another_name() {
        let mut open = boards(&[("one", &["a"])]);
        alerts(&mut open, &[("a", &["x"])]);
        open.change_feed("one", "a", at("ws://a/"), "Change").unwrap();
        assert_eq!(moved(&mut open), None);
        open.undo("one").unwrap();
        assert_eq!(moved(&mut open), None);
    }
}
