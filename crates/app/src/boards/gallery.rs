//! Templates: boards of which the kinds and places of panels are chosen, and the fields are not.

use super::format::{
    CandlesView, GaugeView, HeatMapBy, HeatMapView, HistogramView, InspectorView, NumberView,
    Panel, PanelView, StatesView, TableView, Trace, Unit,
};
use super::roles::Seen;
use super::suggest::{common_title, depth, grouped, lines, numbered, panel, title, trace};
use crate::api::{Proposal, Row, Template, Tile};

const LINES_MAX: usize = 8;
const ROWS_MAX: usize = 40;

/// Height and kinds with their widths, row by row. Page and docs name templates by these ids.
type Rows = &'static [(u32, &'static [(u32, &'static str)])];

const TEMPLATES: [(&str, Rows); 6] = [
    (
        "overview",
        &[
            (1, &[(1, "number"), (1, "number"), (1, "number"), (1, "number")]),
            (3, &[(1, "time-series")]),
            (2, &[(1, "time-series"), (1, "table")]),
        ],
    ),
    (
        "market",
        &[(3, &[(3, "candles"), (1, "number")]), (2, &[(1, "time-series"), (1, "histogram")])],
    ),
    (
        "machine",
        &[
            (1, &[(1, "gauge"), (1, "gauge"), (2, "states")]),
            (2, &[(1, "time-series"), (1, "time-series")]),
            (2, &[(1, "time-series"), (1, "table")]),
        ],
    ),
    ("number", &[(1, &[(1, "number"), (1, "histogram")]), (2, &[(1, "time-series")])]),
    ("many", &[(2, &[(1, "heat-map")]), (2, &[(1, "table"), (1, "time-series")])]),
    ("messages", &[(1, &[(3, "time-series"), (1, "number")]), (3, &[(1, "inspector")])]),
];

pub(crate) fn templates() -> Vec<Template> {
    let of = |&(id, rows): &(&str, Rows)| Template { id: id.into(), rows: rows_of(rows) };
    TEMPLATES.iter().map(of).collect()
}

fn rows_of(rows: Rows) -> Vec<Row> {
    let tile = |&(width, kind): &(u32, &str)| Tile { width, kind: kind.into(), panel: None };
    let of = |&(height, tiles): &(u32, &[(u32, &str)])| Row {
        height,
        tiles: tiles.iter().map(tile).collect(),
    };
    rows.iter().map(of).collect()
}

/// The template's panels, with what fits best of a feed's fields; `None` if there is no such
/// template.
pub(crate) fn fill(template: &str, feed: &str, has_books: bool, seen: &[Seen]) -> Option<Proposal> {
    let (_, rows) = TEMPLATES.iter().find(|(id, _)| *id == template)?;
    let mut fields = Fields::of(feed, seen);
    let mut rows = rows_of(rows);
    if has_books && template == "market" {
        // How much is offered where says more than how much was sold at once.
        let mut tiles = rows.iter_mut().flat_map(|row| &mut row.tiles);
        if let Some(tile) = tiles.find(|tile| tile.kind == "histogram") {
            tile.kind = "depth".into();
        }
    }
    let tiles = rows.iter().flat_map(|row| &row.tiles);
    let panels = numbered(tiles.map(|tile| fields.panel(&tile.kind)));
    let mut ids = panels.iter().map(|panel| panel.id.clone());
    for tile in rows.iter_mut().flat_map(|row| &mut row.tiles) {
        tile.panel = ids.next();
    }
    Some(Proposal { panels, derived: Vec::new(), rows })
}

/// A feed's fields by what they are of use for, each list with the best first. What is taken goes to
/// the end: there are more places than fields, or the other way round.
struct Fields<'a> {
    feed: &'a str,
    numbers: Vec<&'a Seen>,
    scaled: Vec<&'a Seen>,
    sizes: Vec<&'a Seen>,
    states: Vec<&'a Seen>,
    charts: Vec<Vec<&'a Seen>>,
    all: Vec<&'a Seen>,
}

impl<'a> Fields<'a> {
    fn of(feed: &'a str, seen: &'a [Seen]) -> Self {
        let all: Vec<&Seen> = seen.iter().filter(|seen| !seen.is_name_or_time()).collect();
        let of = |is: &dyn Fn(&Seen) -> bool| -> Vec<&'a Seen> {
            all.iter().copied().filter(|seen| is(seen)).collect()
        };
        let mut numbers = of(&|seen| !seen.is_state());
        numbers.sort_by_key(|seen| {
            let stands_still = seen.max <= seen.min;
            let rank = if seen.is_price() { seen.price_rank() } else { usize::MAX };
            (stands_still, rank, std::cmp::Reverse(seen.samples))
        });
        let mut scaled = of(&Seen::has_scale);
        scaled.sort_by_key(|seen| std::cmp::Reverse(seen.samples));
        let charts = grouped(&numbers, |seen| (seen.channel.clone(), seen.unit()));
        Fields {
            feed,
            scaled: if scaled.is_empty() { numbers.clone() } else { scaled },
            sizes: of(&Seen::is_size),
            states: of(&Seen::is_state),
            charts,
            numbers,
            all,
        }
    }

    fn traces(&self, fields: &[&Seen]) -> Vec<Trace> {
        (0..).zip(fields).map(|(color, seen)| trace(self.feed, seen, color)).collect()
    }

    fn next(list: &mut Vec<&'a Seen>) -> Vec<&'a Seen> {
        if list.is_empty() {
            return Vec::new();
        }
        list.rotate_left(1);
        list.last().map(|seen| vec![*seen]).unwrap_or_default()
    }

    fn panel(&mut self, kind: &str) -> Panel {
        let fields: Vec<&'a Seen> = match kind {
            "candles" => self.numbers.first().map(|seen| vec![*seen]).unwrap_or_default(),
            "number" => Self::next(&mut self.numbers),
            "histogram" if !self.sizes.is_empty() => Self::next(&mut self.sizes),
            "histogram" => self.numbers.last().map(|seen| vec![*seen]).unwrap_or_default(),
            "gauge" => Self::next(&mut self.scaled),
            "states" => self.states.iter().copied().take(ROWS_MAX).collect(),
            "heat-map" => {
                let group = self.charts.iter().max_by_key(|group| group.len());
                group.cloned().unwrap_or_default().into_iter().take(ROWS_MAX).collect()
            }
            "time-series" => {
                let chart = self.charts.first().cloned().unwrap_or_default();
                if !self.charts.is_empty() {
                    self.charts.rotate_left(1);
                }
                chart.into_iter().take(LINES_MAX).collect()
            }
            "table" => self.all.iter().copied().take(ROWS_MAX).collect(),
            _ => Vec::new(),
        };
        let unit = fields.first().map(|seen| seen.unit()).unwrap_or_default();
        let traces = self.traces(&fields);
        let title = match fields.as_slice() {
            [only] => title(only),
            fields => common_title(fields),
        };
        panel(&title, self.view(kind, unit, traces))
    }

    fn view(&self, kind: &str, unit: Unit, traces: Vec<Trace>) -> PanelView {
        match kind {
            "candles" => PanelView::Candles(CandlesView { unit, traces, ..Default::default() }),
            "number" => PanelView::Number(NumberView { unit, traces, ..Default::default() }),
            "histogram" => {
                PanelView::Histogram(HistogramView { unit, traces, ..Default::default() })
            }
            "gauge" => {
                let range = (unit == Unit::Percent).then_some((0.0, 100.0));
                PanelView::Gauge(GaugeView { unit, range, traces, ..Default::default() })
            }
            "states" => PanelView::States(StatesView { traces }),
            "heat-map" => {
                let by = if traces.len() > 1 { HeatMapBy::Series } else { HeatMapBy::Values };
                PanelView::HeatMap(HeatMapView { unit, by, traces, ..Default::default() })
            }
            "table" => PanelView::Table(TableView { unit: Unit::None, traces }),
            "depth" => depth(self.feed),
            "inspector" => PanelView::Inspector(InspectorView { feed: Some(self.feed.into()) }),
            _ => lines(unit, traces),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::suggest::traces;
    use super::super::{read, rows};
    use super::*;
    use serde_json::json;

    fn seen(path: &str, samples: u64) -> Seen {
        Seen { path: path.into(), samples, min: 1.0, max: 2.5, values: 9, ..Seen::default() }
    }

    #[test]
    fn every_template_is_a_board_with_whatever_a_feed_has() {
        let many: Vec<Seen> = (0..500).map(|n| seen(&format!("f{n}"), n)).collect();
        for seen in [&[][..], &[seen("x", 1)], &many] {
            let with = |has_books| templates().into_iter().map(move |one| (one, has_books));
            for (template, has_books) in with(false).chain(with(true)) {
                let made = fill(&template.id, "f", has_books, seen).unwrap();
                let kinds: Vec<&str> =
                    made.panels.iter().map(|panel| rows::kind(&panel.view)).collect();
                let tiles: Vec<&Tile> = made.rows.iter().flat_map(|row| &row.tiles).collect();
                let drawn: Vec<&str> = tiles.iter().map(|tile| tile.kind.as_str()).collect();
                assert_eq!(kinds, drawn, "{}: what its picture shows", template.id);
                let ids: Vec<&str> =
                    tiles.iter().filter_map(|tile| tile.panel.as_deref()).collect();
                let of_panels: Vec<&str> =
                    made.panels.iter().map(|panel| panel.id.as_str()).collect();
                assert_eq!(ids, of_panels);
                let feeds = json!([{ "id": "f", "url": "ws://f/" }]);
                let board = json!({ "feedscope": 2, "feeds": feeds, "panels": made.panels });
                assert_eq!(read::fit(board).unwrap().wrong, [], "{}", template.id);
            }
        }
        assert!(fill("none such", "f", true, &many).is_none());
    }

    #[test]
    fn the_price_is_what_a_market_is_about() {
        let fields = [seen("size", 90), seen("best.bid", 90), seen("price", 10)];
        let made = fill("market", "f", false, &fields).unwrap();
        let first = |n: usize| traces(&made.panels[n].view)[0].path.as_str();
        assert_eq!(first(0), "price", "candles");
        assert_eq!(first(1), "price", "number");
        assert_eq!(first(3), "size", "histogram");
        let made = fill("market", "f", true, &fields).unwrap();
        assert_eq!(made.panels[3].view, depth("f"), "its order book, where there is one");
    }
}
