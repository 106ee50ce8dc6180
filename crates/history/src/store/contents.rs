//! Reading all that is in the file but for the bodies.

use super::base::Fault;
use super::places::Places;
use super::tables;
use crate::{Contents, Head, SeriesId, TrackId};
use redb::{
    Database, ReadableDatabase as _, ReadableTable as _, ReadableTableMetadata as _, TableError,
};
use serde::de::DeserializeOwned;

pub struct Found<G> {
    pub contents: Contents<G>,
    pub places: Places,
    /// Things that are damaged.
    pub left_out: u64,
}

/// Reads it, or begins it where there is nothing at all.
pub fn read<G: DeserializeOwned>(database: &Database) -> Result<Found<G>, Fault> {
    begin(database)?;
    let all = database.begin_read()?;
    let mut contents = Contents::default();
    let mut places = Places::default();
    let mut left_out = 0;
    let mut keep = |kept: bool| left_out += u64::from(!kept);

    for row in all.open_table(tables::FACTS)?.iter()? {
        let (name, row) = row?;
        let name = name.value();
        if !name.starts_with('.') {
            let fact = tables::fact(name, row.value());
            keep(fact.is_some());
            contents.facts.extend(fact.map(|fact| (name.to_owned(), fact.to_owned())));
        }
    }
    for row in all.open_table(tables::SERIES)?.iter()? {
        let (id, row) = row?;
        let facts = tables::named(id.value(), row.value());
        keep(facts.is_some());
        contents.series.extend(facts.map(|facts| (SeriesId(id.value()), facts)));
    }
    for row in all.open_table(tables::TRACKS)?.iter()? {
        let (id, row) = row?;
        let facts = tables::named(id.value(), row.value());
        keep(facts.is_some());
        contents.tracks.extend(facts.map(|facts| (TrackId(id.value()), facts)));
    }
    for row in all.open_table(tables::GAPS)?.iter()? {
        let (key, row) = row?;
        let gap = tables::gap_in(key.value(), row.value());
        keep(gap.is_some());
        contents.gaps.extend(gap.map(|gap| (TrackId(key.value().0), gap)));
    }
    let heads = all.open_table(tables::HEADS)?;
    contents.chunks.reserve(heads.len()?.try_into().unwrap_or(0));
    for row in heads.iter()? {
        let (place, row) = row?;
        let head = tables::head(place.value(), row.value());
        keep(head.is_some());
        places.found(place.value(), head.map(|(key, _)| key));
        contents.chunks.extend(head.map(|(key, head)| (key, Head(head.into()))));
    }
    Ok(Found { contents, places, left_out })
}

/// Looks whether this is ours to read, and makes the tables where there is nothing yet.
pub fn begin(database: &Database) -> Result<(), Fault> {
    let format = match database.begin_read()?.open_table(tables::FACTS) {
        Ok(facts) => Some(facts.get(tables::FORMAT_FACT)?.and_then(|row| {
            let format = tables::fact(tables::FORMAT_FACT, row.value())?;
            Some(u32::from_le_bytes(format.try_into().ok()?))
        })),
        Err(TableError::TableDoesNotExist(_)) => None,
        Err(error) => return Err(error.into()),
    };
    match format {
        Some(Some(tables::FORMAT)) => Ok(()),
        Some(Some(newer)) => Err(Fault::Newer(newer)),
        Some(None) => Err(Fault::Damaged("its version cannot be read".to_owned())),
        None if database.begin_read()?.list_tables()?.next().is_some() => {
            Err(Fault::Damaged("it is no history".to_owned()))
        }
        None => {
            let mut first = database.begin_write()?;
            first.set_quick_repair(true);
            let format = tables::fact_row(tables::FORMAT_FACT, &tables::FORMAT.to_le_bytes());
            first.open_table(tables::FACTS)?.insert(tables::FORMAT_FACT, format.as_slice())?;
            first.open_table(tables::SERIES)?;
            first.open_table(tables::TRACKS)?;
            first.open_table(tables::GAPS)?;
            first.open_table(tables::HEADS)?;
            first.open_table(tables::BODIES)?;
            first.commit()?;
            Ok(())
        }
    }
}
