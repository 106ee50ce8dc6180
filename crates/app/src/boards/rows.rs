//! Where the panels of a proposal are, as rows: for its picture, and for the layout that is made of
//! it.

use super::format::{Panel, PanelView};
use crate::api::{Row, Tile};

/// How much wider what is drawn over time is than one number.
const WIDE: u32 = 2;
const ROW_WIDTH: u32 = 4;

/// Numbers beside each other, and what is over time in twos.
pub(crate) fn of(panels: &[Panel]) -> Vec<Row> {
    let mut small: Vec<Tile> = Vec::new();
    let mut wide: Vec<Tile> = Vec::new();
    for panel in panels {
        let is_small = matches!(panel.view, PanelView::Number(_) | PanelView::Gauge(_));
        let width = if is_small { 1 } else { WIDE };
        let tile = Tile { width, kind: kind(&panel.view).into(), panel: Some(panel.id.clone()) };
        if is_small { small.push(tile) } else { wide.push(tile) }
    }
    let mut rows: Vec<Row> = Vec::new();
    // An odd one is over the whole width; the first, which is the liveliest.
    if wide.len() % 2 == 1 {
        let tile = wide.remove(0);
        let beside = (small.len() == 1).then(|| small.remove(0));
        let tile = Tile { width: if beside.is_some() { 3 } else { ROW_WIDTH }, ..tile };
        let tiles = std::iter::once(tile).chain(beside).collect();
        rows.push(Row { height: 2, tiles });
    }
    let of = |height, tiles: &[Tile]| Row { height, tiles: tiles.to_vec() };
    rows.extend(small.chunks(ROW_WIDTH as usize).map(|tiles| of(1, tiles)));
    rows.extend(wide.chunks(2).map(|tiles| of(2, tiles)));
    rows
}

/// What it is called in a file.
pub(crate) fn kind(view: &PanelView) -> &'static str {
    match view {
        PanelView::TimeSeries(_) => "time-series",
        PanelView::Number(_) => "number",
        PanelView::Gauge(_) => "gauge",
        PanelView::Table(_) => "table",
        PanelView::Xy(_) => "xy",
        PanelView::Histogram(_) => "histogram",
        PanelView::HeatMap(_) => "heat-map",
        PanelView::Candles(_) => "candles",
        PanelView::States(_) => "states",
        PanelView::Depth(_) => "depth",
        PanelView::Inspector(_) => "inspector",
        PanelView::Notes(_) => "notes",
    }
}
