//! Where a session ended, so that the next one can go on there: the cursor of the last message, or
//! its number.

use crate::profile::Resume;
use std::collections::BTreeMap;

/// See the [module](self).
#[derive(Debug, Default)]
pub(super) struct Place {
    /// `None` if nothing goes on: nothing needs to be known then.
    resume: Option<Resume>,
    /// The latest number of a sequence whose scope is the connection.
    sequence: Option<u64>,
    /// The cursor that was forgotten, until there is another.
    forgotten: Option<String>,
}

impl Place {
    pub fn new(resume: Option<Resume>) -> Self {
        Place { resume, ..Place::default() }
    }

    /// A message came with this number, of a sequence whose scope is the connection.
    pub fn at(&mut self, sequence: u64) {
        self.sequence = Some(sequence);
    }

    /// The next session starts from nothing; `cursor` is the latest that came.
    pub fn forget(&mut self, cursor: Option<&str>) {
        self.sequence = None;
        self.forgotten = cursor.map(str::to_owned);
    }

    /// Puts what is known under its names, with the cursor `rewind` before the latest. Returns
    /// whether there is anything to go on from.
    pub fn put_into(
        &self,
        known: &mut BTreeMap<&'static str, String>,
        cursor: Option<&str>,
        rewind: bool,
    ) -> bool {
        known.remove("cursor");
        known.remove("sequence");
        let Some(resume) = &self.resume else { return false };
        if let Some(cursor) = cursor
            && self.forgotten.as_deref() != Some(cursor)
        {
            let back = if rewind { resume.rewind } else { 0 };
            known.insert("cursor", rewound(cursor, back));
        }
        if let Some(sequence) = self.sequence {
            known.insert("sequence", sequence.to_string());
        }
        known.contains_key("cursor") || known.contains_key("sequence")
    }
}

/// A cursor that is no whole number has no place before it that we could know.
fn rewound(cursor: &str, back: u64) -> String {
    match cursor.parse::<u64>() {
        Ok(number) if back > 0 => number.saturating_sub(back).to_string(),
        _ => cursor.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn known(place: &Place, cursor: Option<&str>) -> BTreeMap<&'static str, String> {
        let mut known = BTreeMap::new();
        let resumes = place.put_into(&mut known, cursor, true);
        assert_eq!(resumes, !known.is_empty());
        known
    }

    #[test]
    fn a_cursor_that_is_a_number_is_rewound() {
        let place = Place::new(Some(Resume { cursor: None, rewind: 5_000_000 }));
        assert_eq!(known(&place, Some("1725911162329308"))["cursor"], "1725911157329308");
        assert_eq!(known(&place, Some("7"))["cursor"], "0");
        assert_eq!(known(&place, Some("b7-x"))["cursor"], "b7-x");
    }

    #[test]
    fn what_is_forgotten_stays_so_until_there_is_something_new() {
        let mut place = Place::new(Some(Resume::default()));
        place.at(7);
        assert_eq!(known(&place, Some("a")).len(), 2);
        place.forget(Some("a"));
        assert_eq!(known(&place, Some("a")).len(), 0);
        assert_eq!(known(&place, Some("b"))["cursor"], "b");
        place.at(8);
        assert_eq!(known(&place, Some("a"))["sequence"], "8");
    }

    #[test]
    fn nothing_goes_on_where_the_profile_does_not_say_so() {
        let mut place = Place::new(None);
        place.at(7);
        assert_eq!(known(&place, Some("a")).len(), 0);
    }
}
