//! Derived series that a board carries with it to others. Here they are the application's, and no
//! board's: one that is exported gets those that it draws, and one that comes leaves them here.

use super::document::{Document, rename};
use super::format::BoardFeed;
use crate::api::{DerivedSeries, Trouble};
use crate::app::App;
use crate::derived;
use crate::shared::{Shared, lock};
use crate::store::Store;
use serde_json::{Map, Value};
use std::collections::{BTreeSet, HashMap};

/// Where a board has them.
pub(super) const KEY: &str = "derived";

impl Document {
    /// Those that came with it.
    pub fn carried(&self) -> Vec<DerivedSeries> {
        let list = self.json().get(KEY).cloned().unwrap_or_default();
        serde_json::from_value(list).unwrap_or_default()
    }

    /// With those of `all` that it draws, and the feeds that they are made of.
    pub fn carrying(&self, all: &[DerivedSeries], feeds: &[BoardFeed]) -> Document {
        let drawn = self.drawn();
        let carried: Vec<_> = all.iter().filter(|one| drawn.contains(&one.id)).collect();
        if carried.is_empty() {
            return self.clone();
        }
        let mut board = self.json().clone();
        board.insert(KEY.into(), serde_json::to_value(&carried).unwrap_or_default());
        let mut with: Vec<BoardFeed> = self.feeds().to_vec();
        for input in carried.iter().flat_map(|one| one.inputs.values()) {
            if with.iter().all(|feed| feed.id != input.feed) {
                with.extend(feeds.iter().find(|feed| feed.id == input.feed).cloned());
            }
        }
        Document::new(board, self.id().into(), self.name().into(), with)
    }

    /// The ids of those that its panels name.
    fn drawn(&self) -> BTreeSet<String> {
        let mut drawn = BTreeSet::new();
        let mut panels = self.json().get("panels").cloned().unwrap_or_default();
        for_each_trace(&mut panels, &mut |id| {
            drawn.insert(id.clone());
        });
        drawn
    }

    /// Without any, and its panels draw those by their new ids.
    fn relieved(&self, ids: &HashMap<String, String>) -> Document {
        let mut board = self.json().clone();
        board.remove(KEY);
        if let Some(panels) = board.get_mut("panels") {
            for_each_trace(panels, &mut |id| {
                if let Some(new) = ids.get(id) {
                    id.clone_from(new);
                }
            });
        }
        Document::new(board, self.id().into(), self.name().into(), self.feeds().to_vec())
    }
}

impl App {
    /// Takes the derived series that boards have brought. One that is here already, with the same
    /// expression of the same fields, stays the one there is.
    pub(crate) fn take_carried(&self) {
        let (said, any) = {
            let mut shared = lock(&self.shared);
            let Shared { boards, store, .. } = &mut *shared;
            let Store { feeds, history, derived, .. } = store;
            let mut said: Vec<Trouble> = Vec::new();
            let any = boards.relieve(|document| {
                let mut ids = HashMap::new();
                for mut one in document.carried() {
                    let was = one.id.clone();
                    let known = derived.list().into_iter().find(|known| is_same(known, &one));
                    if derived.list().iter().any(|known| known.id == one.id) {
                        one.id = String::new();
                    }
                    let made = known.map_or_else(
                        || derived.set(one, feeds, history).map(|made| made.series),
                        Ok,
                    );
                    match made {
                        Ok(made) => drop(ids.insert(was, made.id)),
                        Err(trouble) => said.push(trouble),
                    }
                }
                document.relieved(&ids)
            });
            (said, any)
        };
        if any {
            self.derived_changed();
        }
        self.troubles(said);
    }
}

fn is_same(one: &DerivedSeries, other: &DerivedSeries) -> bool {
    (&one.name, &one.expression, &one.inputs) == (&other.name, &other.expression, &other.inputs)
}

/// The ids of derived series, wherever a panel names one, of whatever kind it is.
fn for_each_trace(within: &mut Value, found: &mut impl FnMut(&mut String)) {
    match within {
        Value::Object(object) => {
            if object.get("feed").and_then(Value::as_str) == Some(derived::FEED)
                && let Some(Value::String(id)) = object.get_mut("path")
            {
                found(id);
            }
            object.values_mut().for_each(|value| for_each_trace(value, found));
        }
        Value::Array(items) => items.iter_mut().for_each(|item| for_each_trace(item, found)),
        _ => {}
    }
}

/// Wherever a board names feeds, they get other ids.
pub(super) fn rename_feeds(board: &mut Map<String, Value>, ids: &HashMap<String, String>) {
    for key in ["panels", "annotations", KEY] {
        board.get_mut(key).into_iter().for_each(|named| rename(named, ids));
    }
}
