//! Writing a save: one transaction.

use super::base::Fault;
use super::places::{Changes, Places};
use super::tables;
use crate::Save;
use redb::Database;
use serde::Serialize;

/// Writes it. It is on disk once this returns.
pub fn write<G: Serialize>(
    database: &Database,
    save: &Save<G>,
    places: &Places,
) -> Result<Changes, Fault> {
    let mut changes = Changes {
        removed_series: save.removed_series.clone(),
        removed: save.removed_chunks.clone(),
        ..Changes::default()
    };
    let mut all = database.begin_write()?;
    // Without it, redb reads the whole file after a crash before it opens it.
    all.set_quick_repair(true);
    {
        let mut facts = all.open_table(tables::FACTS)?;
        for (name, fact) in &save.facts {
            if fact.is_empty() {
                facts.remove(name.as_str())?;
            } else {
                facts.insert(name.as_str(), tables::fact_row(name, fact).as_slice())?;
            }
        }

        let mut series = all.open_table(tables::SERIES)?;
        for id in &save.removed_series {
            series.remove(id.0)?;
        }
        for (id, facts) in &save.series {
            series.insert(id.0, tables::named_row(id.0, facts)?.as_slice())?;
        }

        let mut tracks = all.open_table(tables::TRACKS)?;
        let mut gaps = all.open_table(tables::GAPS)?;
        for id in &save.removed_tracks {
            tracks.remove(id.0)?;
            gaps.retain_in(tables::gaps_of(*id), |_, _| false)?;
        }
        for (track, gap) in &save.removed_gaps {
            gaps.remove(tables::gap(*track, *gap))?;
        }
        for (id, facts) in &save.tracks {
            tracks.insert(id.0, tables::named_row(id.0, facts)?.as_slice())?;
        }
        for (track, gap) in &save.gaps {
            let key = tables::gap(*track, gap.id);
            gaps.insert(key, tables::gap_row(key, gap)?.as_slice())?;
        }

        let mut heads = all.open_table(tables::HEADS)?;
        let mut bodies = all.open_table(tables::BODIES)?;
        for place in places.void() {
            heads.remove(place)?;
        }
        for id in &save.removed_series {
            for place in places.of_series(*id) {
                heads.remove(place)?;
            }
            bodies.retain_in(tables::chunks_of(*id), |_, _| false)?;
        }
        for key in &save.removed_chunks {
            if let Some(place) = places.of(*key) {
                heads.remove(place)?;
            }
            bodies.remove(tables::chunk(*key))?;
        }
        let mut next = places.next();
        for (key, head, body) in &save.chunks {
            if let Some(place) = places.of(*key) {
                heads.remove(place)?;
            }
            let place = *changes.added.entry(*key).or_insert_with(|| {
                next += 1;
                next - 1
            });
            heads.insert(place, tables::head_row(place, *key, head).as_slice())?;
            bodies.insert(tables::chunk(*key), tables::body_row(*key, body).as_slice())?;
        }
    }
    all.commit()?;
    Ok(changes)
}
