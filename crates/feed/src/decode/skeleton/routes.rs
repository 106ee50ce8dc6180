//! What a message is about, and which fields its numbers are, by the texts in it that say so: what
//! is known of one is what came of the last message that had the same.

use super::super::json::Read;
use crate::record::{ChannelId, FieldId, KeyId, TextId, Time};
use rustc_hash::FxHasher;
use std::hash::Hasher;

/// Places at first: a feed of a few keys needs no more.
const PLACES_MIN: usize = 64;

/// As many as a busy connection has symbols, times the kinds of messages of each.
const PLACES_MAX: usize = 16_384;

/// From its place by the hash, a route is at most so far.
const REACH: usize = 4;

/// All of it at most, beside the places themselves.
const BYTES_MAX: usize = 4 << 20;

/// A longer text says nothing here.
const TEXT_BYTES_MAX: usize = 512;

/// By a hash that senders can foresee: routes that meet in it displace each other, and that is all.
#[derive(Debug, Default)]
pub(super) struct Routes {
    places: Vec<Option<Route>>,
    bytes: usize,
}

#[derive(Debug)]
pub(super) struct Route {
    /// Of which skeleton.
    of: u32,
    /// The texts, one after the other, and where the second one begins.
    text: Box<[u8]>,
    split: usize,
    pub channel: ChannelId,
    pub key: Option<KeyId>,
    /// In the order of the numbers.
    pub fields: Box<[FieldId]>,
    pub said: SaidBy,
}

/// Which fields the texts of a message are, in their order. `None`: of that nothing is known but
/// that it is null.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct SaidBy {
    pub fields: Box<[Option<TextId>]>,
    /// Those of which nothing was known, when so many were.
    pub unknown: Box<[usize]>,
    pub known: usize,
    /// Those that are to be noted each time, as long as the epoch is this one and it is not so late.
    pub restless: Box<[usize]>,
    pub epoch: Option<u64>,
    pub until: Time,
}

impl Routes {
    #[inline]
    pub fn get(&mut self, of: u32, texts: [&[u8]; 2]) -> Option<&mut Route> {
        let start = self.place(of, texts)?;
        let near = self.places.get_mut(start..start + REACH)?;
        near.iter_mut().flatten().find(|route| route.is(of, texts))
    }

    pub fn put(
        &mut self,
        of: u32,
        texts: [&[u8]; 2],
        channel: ChannelId,
        key: Option<KeyId>,
        fields: Box<[FieldId]>,
        said: SaidBy,
    ) -> Read {
        let (text, split) = (texts.concat().into_boxed_slice(), texts[0].len());
        let route = Route { of, text, split, channel, key, fields, said };
        if route.text.len() > TEXT_BYTES_MAX || route.bytes() > BYTES_MAX {
            return None;
        }
        if self.bytes + route.bytes() > BYTES_MAX {
            *self = Routes::default();
        }
        if self.places.is_empty() {
            self.places.resize_with(PLACES_MIN + REACH, || None);
        }
        let mut at = self.place(of, texts)?;
        let is_free =
            |place: &Option<Route>| place.as_ref().is_none_or(|known| known.is(of, texts));
        if let Some(free) = self.places.get(at..at + REACH)?.iter().position(is_free) {
            at += free;
        } else if self.places.len() < PLACES_MAX + REACH {
            self.grow();
            // What it displaces now comes again if it is wanted.
            at = self.place(of, texts)?;
        }
        self.set(at, route);
        Some(())
    }

    /// Forgets all of a skeleton.
    pub fn forget(&mut self, of: u32) {
        for place in &mut self.places {
            if let Some(route) = place.take_if(|route| route.of == of) {
                self.bytes -= route.bytes();
            }
        }
    }

    fn set(&mut self, at: usize, route: Route) {
        let Some(place) = self.places.get_mut(at) else { return };
        self.bytes += route.bytes();
        if let Some(displaced) = place.replace(route) {
            self.bytes -= displaced.bytes();
        }
    }

    fn grow(&mut self) {
        let count = (self.places.len() - REACH) * 4;
        let before = std::mem::take(self);
        self.places.resize_with(count + REACH, || None);
        for route in before.places.into_iter().flatten() {
            let (first, second) = route.text.split_at(route.split);
            let Some(at) = self.place(route.of, [first, second]) else { continue };
            let free = self.places.iter().skip(at).take(REACH).position(Option::is_none);
            self.set(at + free.unwrap_or(0), route);
        }
    }

    /// The first place where it may be.
    #[inline]
    fn place(&self, of: u32, texts: [&[u8]; 2]) -> Option<usize> {
        let count = self.places.len().checked_sub(REACH)?;
        let mut hasher = FxHasher::default();
        hasher.write_u32(of);
        texts.iter().for_each(|text| hasher.write(text));
        // Fits, and is less than `count`, which is a power of two.
        Some(hasher.finish() as usize & count.saturating_sub(1))
    }
}

impl Route {
    #[inline]
    fn is(&self, of: u32, [first, second]: [&[u8]; 2]) -> bool {
        self.of == of
            && self.split == first.len()
            && self.text.get(..self.split) == Some(first)
            && self.text.get(self.split..) == Some(second)
    }

    fn bytes(&self) -> usize {
        let said = size_of::<Option<TextId>>() + size_of::<usize>();
        self.text.len() + size_of_val(&*self.fields) + self.said.fields.len() * said
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn routes_are_never_taken_for_each_other_and_are_bounded() {
        let mut routes = Routes::default();
        let text = |n: u32| n.to_string().repeat(20);
        for n in 0..100_000 {
            let text = text(n);
            let (first, second) = text.as_bytes().split_at(n as usize % 3);
            for texts in [[first, second], [second, first]] {
                let known = routes.get(n % 5, texts).map(|route| route.channel);
                assert!(known.is_none() || first.is_empty());
                let fields: Box<[_]> = (0..n % 50).map(FieldId).collect();
                let fields_of_texts = vec![None; n as usize % 3].into();
                let said = SaidBy { fields: fields_of_texts, ..SaidBy::default() };
                routes.put(n % 5, texts, ChannelId(n), Some(KeyId(n)), fields, said).unwrap();
                let route = routes.get(n % 5, texts).unwrap();
                assert_eq!((route.channel, route.key), (ChannelId(n), Some(KeyId(n))));
                assert_eq!(route.fields.len(), n as usize % 50);
                assert!(routes.get(5, texts).is_none());
            }
            assert!(routes.bytes <= BYTES_MAX && routes.places.len() <= PLACES_MAX + REACH);
        }
        let kept = routes.places.iter().flatten().count();
        assert!(kept > 1_000, "{kept}");
        (0..5).for_each(|of| routes.forget(of));
        assert_eq!((routes.places.iter().flatten().count(), routes.bytes), (0, 0));
    }
}
