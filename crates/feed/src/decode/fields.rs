//! Which field each number of a message is, by its channel, its key and its place.

use super::places::PlaceId;
use crate::record::{ChannelId, FieldId, KeyId};
use rustc_hash::FxHashMap;

/// Lists of fields kept for further records: as many as are on their way at once, mostly.
const SPARE_MAX: usize = 1_024;

/// A list with room for more is not kept. With [`SPARE_MAX`], 1 MiB at the most.
const SPARE_FIELDS_MAX: usize = 64;

/// What fields are told apart by, beside their place.
type Source = (ChannelId, Option<KeyId>);

/// The fields of one source, in the order of their first coming. Messages mostly have them in the
/// same order.
type Shape = Vec<(PlaceId, FieldId)>;

/// What is known of the fields so far.
#[derive(Debug, Default)]
pub(super) struct Fields {
    /// Each with where it is in its shape.
    ids: FxHashMap<(Source, PlaceId), (FieldId, usize)>,
    shapes: FxHashMap<Source, Shape>,
    spare: Vec<Vec<(FieldId, f64)>>,
}

impl Fields {
    /// Finds the field of each number, other than one at the place `without`. One that is not known
    /// is added unless there are `max` already; `new` is told of it, or else of what is left out.
    pub fn of(
        &mut self,
        source: Source,
        values: &[(PlaceId, f64)],
        without: Option<PlaceId>,
        max: usize,
        mut new: impl FnMut(PlaceId, Option<FieldId>),
    ) -> Vec<(FieldId, f64)> {
        let mut fields = self.list();
        let mut shape = self.shapes.get(&source).map_or(&[][..], |shape| shape);
        let mut next = 0;
        for &(place, value) in values {
            if Some(place) == without {
                continue;
            }
            if let Some((expected, field)) = shape.get(next)
                && *expected == place
            {
                fields.push((*field, value));
                next += 1;
            } else if let Some((field, at)) = self.ids.get(&(source, place)) {
                fields.push((*field, value));
                next = at + 1;
            } else if self.ids.len() < max {
                // Fits, since places are numbered in 32 bits.
                let field = FieldId(self.ids.len() as u32);
                let known = self.shapes.entry(source).or_default();
                self.ids.insert((source, place), (field, known.len()));
                known.push((place, field));
                shape = known;
                next = shape.len();
                fields.push((field, value));
                new(place, Some(field));
            } else {
                new(place, None);
            }
        }
        fields
    }

    /// An empty list.
    #[inline]
    pub fn list(&mut self) -> Vec<(FieldId, f64)> {
        self.spare.pop().unwrap_or_default()
    }

    /// Takes back the list of a record that is done with, so that the next one need not be made.
    pub fn give_back(&mut self, mut fields: Vec<(FieldId, f64)>) {
        if self.spare.len() < SPARE_MAX && fields.capacity() <= SPARE_FIELDS_MAX {
            fields.clear();
            self.spare.push(fields);
        }
    }
}
