//! A panel as a picture, drawn from the history.

use crate::api::{Annotation, Format, Level, Mark, Picture, Side, TraceStyle, Trouble, Unit};
use crate::store::Store;
use crate::view;
use feedscope_chart::{Axis, Band, BandKind, Chart, Note, Palette, Reference, Style, Theme, Trace};
use feedscope_feed::{Cause, said};
use feedscope_history::Absent;

/// What is to be drawn: all that is in view, copied out of the history.
///
/// # Errors
/// Not all that it takes is in memory.
pub(crate) fn chart(store: &Store, picture: &Picture) -> Result<Chart, Absent> {
    let view = &picture.view;
    let grid = view::grid(view.axis, view.from_ms, view.to_ms, view.columns);
    let found = view::find_all(store, &view.traces);
    let columns = view::columns(store, found.iter(), &grid)?;
    let theme = if picture.dark { Theme::Dark } else { Theme::Light };
    let traces = view
        .traces
        .iter()
        .zip(columns)
        .zip(view::latest(store, &found))
        .map(|((trace, columns), latest)| Trace {
            name: trace.label.clone().unwrap_or_else(|| trace.path.clone()),
            color: theme.palette().series(trace.color),
            style: match trace.style {
                None | Some(TraceStyle::Line | TraceStyle::Band) => Style::Line,
                Some(TraceStyle::Steps) => Style::Steps,
                Some(TraceStyle::Points) => Style::Points,
            },
            side: match trace.axis {
                None | Some(Side::Left) => feedscope_chart::Side::Left,
                Some(Side::Right) => feedscope_chart::Side::Right,
            },
            columns,
            column_ns: grid.column_ns,
            latest,
        })
        .collect();
    let gaps = view::gaps(store, &view.traces, &grid);
    let gaps = gaps.iter().map(|gap| Band {
        start_ns: (gap.start_ms * 1e6) as i64,
        end_ns: gap.end_ms.map(|end| (end * 1e6) as i64),
        kind: match gap.cause {
            Cause::Outage => BandKind::Outage,
            Cause::Silence => BandKind::Silence,
            Cause::Missing => BandKind::Missing,
            Cause::Undecodable => BandKind::Undecodable,
            Cause::Overflow => BandKind::Overflow,
            Cause::Closed => BandKind::Closed,
        },
        label: label(gap.start_ms, gap.end_ms, gap.cause, gap.missing),
    });
    let begins = view::begins(store, &found);
    Ok(Chart {
        title: picture.title.clone(),
        from_ns: (view.from_ms * 1e6) as i64,
        to_ns: (view.to_ms * 1e6) as i64,
        gaps: gaps.chain(beginning(&begins, view.from_ms)).collect(),
        traces,
        left: Axis { unit: unit(picture.unit), range: picture.range, log: picture.log },
        right: Axis {
            unit: unit(picture.right.unit),
            range: picture.right.range,
            log: picture.right.log,
        },
        references: picture.marks.iter().map(|mark| reference(mark, theme.palette())).collect(),
        notes: picture.annotations.iter().map(|one| note(one, theme.palette())).collect(),
        theme,
        width: picture.width,
        height: picture.height,
        zone: *chrono::Local::now().offset(),
    })
}

fn unit(unit: Unit) -> feedscope_chart::Unit {
    match unit {
        Unit::None => feedscope_chart::Unit::None,
        Unit::Percent => feedscope_chart::Unit::Percent,
        Unit::Bytes => feedscope_chart::Unit::Bytes,
        Unit::BytesPerSecond => feedscope_chart::Unit::BytesPerSecond,
    }
}

fn reference(mark: &Mark, palette: &Palette) -> Reference {
    Reference {
        value: mark.value,
        color: match mark.level {
            Level::Neutral => palette.muted,
            Level::Good => palette.good,
            Level::Warn => palette.warn,
            Level::Bad => palette.bad,
        },
        label: mark.label.clone().unwrap_or_default(),
    }
}

fn note(annotation: &Annotation, palette: &Palette) -> Note {
    Note {
        start_ns: (annotation.from_ms * 1e6) as i64,
        end_ns: annotation.to_ms.map(|to_ms| (to_ms * 1e6) as i64),
        text: annotation.text.clone(),
        color: palette.series(annotation.color),
    }
}

/// What is in view of the time of which nothing is kept any more, of any trace.
fn beginning(begins_ms: &[Option<f64>], from_ms: f64) -> Option<Band> {
    let first_ms = begins_ms.iter().flatten().copied().reduce(f64::min)?;
    (first_ms > from_ms).then(|| Band {
        start_ns: (from_ms * 1e6) as i64,
        end_ns: Some((first_ms * 1e6) as i64),
        kind: BandKind::Beginning,
        label: "before history begins".into(),
    })
}

/// The file's extension and content.
pub(crate) fn draw(chart: &Chart, format: Format) -> Result<(&'static str, Vec<u8>), Trouble> {
    match format {
        Format::Png => feedscope_chart::png(chart).map(|bytes| ("png", bytes)),
        Format::Svg => feedscope_chart::svg(chart).map(|text| ("svg", text.into_bytes())),
    }
    .map_err(|error| {
        let what = said!(
            "trouble_picture",
            "The picture could not be drawn: {error}.",
            error = error.to_string(),
        );
        let advice = said!("advice_picture", "Try a larger window or another span.");
        Trouble::new("picture", said!("step_picture", "Picture"), what, None, advice)
    })
}

/// What stands in a gap's band.
fn label(start_ms: f64, end_ms: Option<f64>, cause: Cause, missing: Option<u64>) -> String {
    let what = match (cause, missing) {
        (Cause::Missing, Some(missing)) => format!("{missing} missing"),
        (Cause::Missing, None) => "missing".into(),
        (Cause::Outage, _) => "outage".into(),
        (Cause::Silence, _) => "silence".into(),
        (Cause::Undecodable, _) => "unreadable".into(),
        (Cause::Overflow, _) => "overflow".into(),
        (Cause::Closed, _) => "closed".into(),
    };
    let Some(end_ms) = end_ms else { return what };
    let seconds = (end_ms - start_ms) / 1e3;
    let lasted = match seconds {
        ..1.0 => format!("{:.0} ms", seconds * 1e3),
        1.0..60.0 => format!("{seconds:.1} s"),
        60.0..3_600.0 => format!("{:.0} min", seconds / 60.0),
        _ => format!("{:.1} h", seconds / 3_600.0),
    };
    match missing {
        Some(_) => format!("{what} in {lasted}"),
        None => format!("{lasted} {what}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_kept_any_more_reaches_to_the_first_trace_that_begins() {
        let band = beginning(&[Some(7.0), None, Some(5.0)], 1.0).unwrap();
        assert_eq!((band.start_ns, band.end_ns), (1_000_000, Some(5_000_000)));
        assert!(beginning(&[Some(7.0), Some(1.0)], 1.0).is_none(), "one is whole in view");
        assert!(beginning(&[None, None], 1.0).is_none());
    }

    #[test]
    fn a_gap_says_how_long_and_why() {
        assert_eq!(label(0.0, Some(42.0), Cause::Missing, Some(3)), "3 missing in 42 ms");
        assert_eq!(label(0.0, Some(4_200.0), Cause::Outage, None), "4.2 s outage");
        assert_eq!(label(0.0, Some(180_000.0), Cause::Silence, None), "3 min silence");
        assert_eq!(label(0.0, None, Cause::Outage, None), "outage");
    }
}
