//! The places in messages that have been seen: a tree that grows with what a feed sends, up to a
//! bound, so that the next message of the same shape is read without a look at its keys twice.

use super::roles::{RoleId, Roles};
use super::unlisted::Unlisted;
use super::written::Written;
use crate::profile::{Path, Step};
use std::collections::HashMap;

/// Items of an array beyond this many are not listed: an order book has hundreds of levels, each
/// of which would be fields. Enough for a vector, a spectrum's bands, the cores of a processor.
pub const ITEMS_MAX: usize = 32;

/// Longer keys are content, not names.
const KEY_BYTES_MAX: usize = 256;

/// Places beyond this many times the greatest number of fields are not remembered: texts and
/// containers have places, too. Some 250 bytes each.
const PLACES_PER_FIELD: usize = 8;

/// From how many keys on an object's are looked up by hash. Keys mostly come in the order in which
/// they came before, so that they are rarely looked up at all.
const INDEXED_FROM: usize = 12;

/// JSON nested deeper than this is refused, so that a longer path leads nowhere.
const STEPS_MAX: usize = 128;

/// A place, by its number in the tree.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct PlaceId(pub u32);

/// The whole message.
pub(super) const ROOT: PlaceId = PlaceId(0);

#[derive(Debug)]
pub(super) struct Places {
    nodes: Vec<Node>,
    nodes_max: usize,
    roles: Roles,
}

#[derive(Debug)]
struct Node {
    parent: PlaceId,
    step: Step,
    /// The key as it is mostly written.
    written: Written,
    /// The place as whose field its numbers are listed: itself, mostly. The last item of an array
    /// has a place of its own where a path counts from the end, but the fields of the item by its
    /// index. `None` where they are not listed.
    field: Option<PlaceId>,
    /// The number of the last message that had a number here.
    message: u64,
    /// The roles whose path ends here.
    roles: Box<[RoleId]>,
    /// The same as `field`, unless one of `roles` takes what is here.
    listed_as: Option<PlaceId>,
    /// The roles whose path leads on from here, each with how many of its steps are done.
    onward: Box<[(RoleId, usize)]>,
    keys: Vec<PlaceId>,
    index: Option<HashMap<Box<str>, usize>>,
    items: Vec<Option<PlaceId>>,
    /// Up to which distance from the end items have a role.
    lookahead: usize,
    /// Items that a role names: beyond `ITEMS_MAX`, or from the end.
    special_items: Vec<(Item, PlaceId)>,
    /// The greatest number of items beyond `ITEMS_MAX` so far.
    items_unlisted: usize,
}

/// An item by what is known of it: its index if it is listed or a role names it, and its index
/// from the end if a role names that.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Item {
    index: Option<usize>,
    from_end: Option<usize>,
}

impl Places {
    /// With `fields_max` 0, only the places of roles are remembered.
    pub fn new(roles: Roles, fields_max: usize) -> Self {
        let nodes_max = fields_max.saturating_mul(PLACES_PER_FIELD).min(u32::MAX as usize);
        let within = |role: &RoleId| roles.path(*role).steps().len() <= STEPS_MAX;
        let onward = roles.ids().filter(within).map(|role| (role, 0)).collect();
        let mut places = Places { nodes: Vec::new(), nodes_max, roles };
        places.add(ROOT, Step::Item(0), (fields_max > 0).then_some(ROOT), onward);
        places
    }

    pub fn roles(&self) -> &Roles {
        &self.roles
    }

    #[inline]
    pub fn roles_at(&self, place: PlaceId) -> &[RoleId] {
        &self.nodes[place.0 as usize].roles
    }

    #[inline]
    pub fn field(&self, place: PlaceId) -> Option<PlaceId> {
        self.nodes[place.0 as usize].field
    }

    /// The place as whose field a number here is listed, if it is.
    pub fn listed_as(&self, place: PlaceId) -> Option<PlaceId> {
        self.nodes[place.0 as usize].listed_as
    }

    /// Notes that the message has a number here. Returns the place as whose field it is listed, if
    /// it is, and whether the message had one there already, as happens when a key comes twice.
    #[inline]
    pub fn list(&mut self, place: PlaceId, message: u64) -> Option<(PlaceId, bool)> {
        let node = &mut self.nodes[place.0 as usize];
        let field = node.listed_as?;
        let node = if field == place { node } else { &mut self.nodes[field.0 as usize] };
        Some((field, std::mem::replace(&mut node.message, message) == message))
    }

    /// The key that is likely to be next, if it stands in `bytes` from `at` on as JSON, in quotes
    /// and with its colon; and where it ends.
    #[inline]
    pub fn expected(
        &self,
        parent: PlaceId,
        next: usize,
        bytes: &[u8],
        at: usize,
    ) -> Option<(PlaceId, usize)> {
        let place = *self.nodes[parent.0 as usize].keys.get(next)?;
        let end = self.nodes[place.0 as usize].written.end(bytes, at)?;
        Some((place, end))
    }

    /// The path of a place that is a field.
    pub fn path(&self, mut place: PlaceId) -> Path {
        let mut steps = Vec::new();
        while place != ROOT {
            let node = &self.nodes[place.0 as usize];
            steps.push(node.step.clone());
            place = node.parent;
        }
        steps.reverse();
        Path::from(steps)
    }

    /// The place of a key. `next` is where it is likely to be among the known ones, and is moved
    /// on. `None` if it is not to be looked at.
    pub fn key(
        &mut self,
        parent: PlaceId,
        key: &str,
        next: &mut usize,
        unlisted: &mut Unlisted,
    ) -> Option<PlaceId> {
        let node = &self.nodes[parent.0 as usize];
        let is_key = |place: &PlaceId| self.nodes[place.0 as usize].is_key(key);
        if let Some(place) = node.keys.get(*next)
            && is_key(place)
        {
            *next += 1;
            return Some(*place);
        }
        let known = match &node.index {
            Some(index) => index.get(key).copied(),
            None => node.keys.iter().position(is_key),
        };
        if let Some(at) = known {
            *next = at + 1;
            return Some(node.keys[at]);
        }
        let onward = self.onward(node, |step| matches!(step, Step::Key(named) if **named == *key));
        if onward.is_empty() {
            // Nothing below it is wanted.
            let field = node.field?;
            if self.is_full() || key.len() > KEY_BYTES_MAX {
                unlisted.note((field.0, key));
                return None;
            }
        }
        let step = Step::Key(key.into());
        let field = match node.field {
            Some(field) if field != parent => self.key(field, key, &mut 0, unlisted),
            field => field.map(|_| self.next_id()),
        };
        let place = self.add(parent, step, field, onward);
        let node = &mut self.nodes[parent.0 as usize];
        node.keys.push(place);
        let count = node.keys.len();
        *next = count;
        if let Some(index) = &mut node.index {
            index.insert(key.into(), count - 1);
        } else if count >= INDEXED_FROM {
            let keys = std::mem::take(&mut node.keys);
            let index = keys.iter().enumerate().filter_map(|(at, place)| {
                match &self.nodes[place.0 as usize].step {
                    Step::Key(key) => Some((key.clone(), at)),
                    _ => None,
                }
            });
            let index = index.collect();
            let node = &mut self.nodes[parent.0 as usize];
            (node.keys, node.index) = (keys, Some(index));
        }
        Some(place)
    }

    /// The place of an item; `from_end` is 1 for the last one, and given if it is known. `None` if
    /// it is not to be looked at.
    #[inline]
    pub fn item(
        &mut self,
        parent: PlaceId,
        index: usize,
        from_end: Option<usize>,
        unlisted: &mut Unlisted,
    ) -> Option<PlaceId> {
        let node = &self.nodes[parent.0 as usize];
        let listed = index < ITEMS_MAX;
        if from_end.is_none()
            && let Some(Some(place)) = node.items.get(index)
        {
            return Some(*place);
        }
        let (mut by_index, mut by_end) = (listed, false);
        for step in self.steps_onward(node) {
            by_index |= *step == Step::Item(index);
            by_end |= from_end.is_some_and(|from_end| *step == Step::ItemFromEnd(from_end));
        }
        let item = Item { index: by_index.then_some(index), from_end: from_end.filter(|_| by_end) };
        if item == (Item { index: None, from_end: None }) {
            return None;
        }
        if item.from_end.is_none()
            && let Some(Some(place)) = node.items.get(index)
        {
            return Some(*place);
        }
        if let Some((_, place)) = node.special_items.iter().find(|(known, _)| *known == item) {
            return Some(*place);
        }
        let onward = self.onward(node, |step| match step {
            Step::Item(named) => item.index == Some(*named),
            Step::ItemFromEnd(named) => item.from_end == Some(*named),
            Step::Key(_) => false,
        });
        if onward.is_empty() {
            let field = node.field?;
            if self.is_full() {
                unlisted.note((field.0, index));
                return None;
            }
        }
        let field = match node.field {
            Some(field) if listed && (field != parent || item.from_end.is_some()) => {
                self.item(field, index, None, unlisted)
            }
            Some(_) if listed => Some(self.next_id()),
            _ => None,
        };
        let place = self.add(parent, Step::Item(index), field, onward);
        let node = &mut self.nodes[parent.0 as usize];
        if listed && item.from_end.is_none() {
            if node.items.len() <= index {
                node.items.resize(index + 1, None);
            }
            node.items[index] = Some(place);
        } else {
            node.special_items.push((item, place));
        }
        Some(place)
    }

    /// Up to which distance from the end of an array at this place items have a role.
    #[inline]
    pub fn lookahead(&self, place: PlaceId) -> usize {
        self.nodes[place.0 as usize].lookahead
    }

    /// Whether items beyond [`ITEMS_MAX`] may have a role here.
    #[inline]
    pub fn leads_on(&self, place: PlaceId) -> bool {
        !self.nodes[place.0 as usize].onward.is_empty()
    }

    /// Notes how many items an array has.
    pub fn count_items(&mut self, place: PlaceId, items: usize, unlisted: &mut Unlisted) {
        let node = &mut self.nodes[place.0 as usize];
        let beyond = items.saturating_sub(ITEMS_MAX);
        if node.field == Some(place) && beyond > node.items_unlisted {
            unlisted.add(beyond - node.items_unlisted);
            node.items_unlisted = beyond;
        }
    }

    fn is_full(&self) -> bool {
        self.nodes.len() >= self.nodes_max
    }

    fn next_id(&self) -> PlaceId {
        // Places of roles come on top of `nodes_max`, but there are few.
        PlaceId(u32::try_from(self.nodes.len()).unwrap_or(u32::MAX))
    }

    /// The roles that lead on from a child of `node`, where it is one that `is_step` accepts.
    fn onward(&self, node: &Node, is_step: impl Fn(&Step) -> bool) -> Box<[(RoleId, usize)]> {
        let on =
            node.onward.iter().filter(|(role, done)| self.step(*role, *done).is_some_and(&is_step));
        on.map(|(role, done)| (*role, done + 1)).collect()
    }

    fn steps_onward(&self, node: &Node) -> impl Iterator<Item = &Step> {
        node.onward.iter().filter_map(|(role, done)| self.step(*role, *done))
    }

    fn step(&self, role: RoleId, done: usize) -> Option<&Step> {
        self.roles.path(role).steps().get(done)
    }

    fn add(
        &mut self,
        parent: PlaceId,
        step: Step,
        field: Option<PlaceId>,
        onward: Box<[(RoleId, usize)]>,
    ) -> PlaceId {
        let place = self.next_id();
        let (onward, here): (Vec<_>, Vec<_>) =
            onward.into_iter().partition(|(role, done)| self.step(*role, *done).is_some());
        let roles: Box<[_]> = here.into_iter().map(|(role, _)| role).collect();
        let from_end = onward.iter().map(|(role, done)| match self.step(*role, *done) {
            Some(Step::ItemFromEnd(from_end)) => *from_end,
            _ => 0,
        });
        self.nodes.push(Node {
            parent,
            written: match &step {
                Step::Key(key) => written(key),
                Step::Item(_) | Step::ItemFromEnd(_) => Written::default(),
            },
            step,
            field,
            message: 0,
            listed_as: field.filter(|_| !roles.iter().any(|role| self.roles.is_taken(*role))),
            roles,
            lookahead: from_end.max().unwrap_or(0),
            onward: onward.into(),
            keys: Vec::new(),
            index: None,
            items: Vec::new(),
            special_items: Vec::new(),
            items_unlisted: 0,
        });
        place
    }
}

/// A key in quotes and with its colon, if it is one that is not written in several ways.
fn written(key: &str) -> Written {
    if key.bytes().any(|byte| matches!(byte, b'"' | b'\\' | 0..0x20)) {
        return Written::default();
    }
    Written::new(&[b"\"", key.as_bytes(), b"\":"].concat())
}

impl Node {
    fn is_key(&self, key: &str) -> bool {
        matches!(&self.step, Step::Key(known) if **known == *key)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_more_places_are_remembered_than_the_fields_allow() {
        let mut places = Places::new(Roles::default(), 10);
        let mut unlisted = Unlisted::default();
        for key in 0..1_000 {
            if let Some(place) = places.key(ROOT, &key.to_string(), &mut 0, &mut unlisted) {
                places.item(place, 0, None, &mut unlisted);
            }
        }
        assert_eq!(places.nodes.len(), 10 * PLACES_PER_FIELD);
        assert!(unlisted.count() > 900);
    }
}
