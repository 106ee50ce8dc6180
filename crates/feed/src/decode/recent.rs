//! Names that came lately: most messages have one of these, and it is found without a look at all
//! names, whose hash is slow because senders must not foresee it.

use rustc_hash::FxHasher;
use std::hash::Hasher;
use std::sync::Arc;

/// How many are remembered at most; fewer where some want the same place. As many as a busy
/// connection has symbols.
const PLACES: usize = 1_024;

/// By a hash that senders can foresee: names that meet in it are looked up elsewhere, and that is
/// all.
#[derive(Debug)]
pub(super) struct Recent<T> {
    places: Vec<Option<(Arc<str>, T)>>,
}

impl<T: Copy> Recent<T> {
    #[inline]
    pub fn get(&self, name: &str) -> Option<T> {
        let (known, id) = self.places.get(place(name))?.as_ref()?;
        (**known == *name).then_some(*id)
    }

    pub fn put(&mut self, name: Arc<str>, id: T) {
        if self.places.is_empty() {
            self.places.resize_with(PLACES, || None);
        }
        let at = place(&name);
        if let Some(place) = self.places.get_mut(at) {
            *place = Some((name, id));
        }
    }
}

impl<T> Default for Recent<T> {
    fn default() -> Self {
        Recent { places: Vec::new() }
    }
}

fn place(name: &str) -> usize {
    let mut hasher = FxHasher::default();
    hasher.write(name.as_bytes());
    // Fits: it is less than PLACES.
    (hasher.finish() % PLACES as u64) as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_want_the_same_place_are_never_taken_for_each_other() {
        let mut recent = Recent::default();
        let names: Vec<Arc<str>> = (0..20 * PLACES).map(|n| n.to_string().into()).collect();
        for (id, name) in names.iter().enumerate() {
            assert_eq!(recent.get(name), None);
            recent.put(name.clone(), id);
            assert_eq!(recent.get(name), Some(id));
        }
        let found = names.iter().enumerate().filter(|(id, name)| {
            let found = recent.get(name);
            assert!(found.is_none_or(|found| found == *id));
            found.is_some()
        });
        assert!((PLACES / 2..=PLACES).contains(&found.count()));
    }
}
