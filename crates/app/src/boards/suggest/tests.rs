use super::*;
use crate::boards::{read, rows};
use serde_json::json;

/// A field of which values came one by one.
fn seen(channel: &str, path: &str, values: &[f64]) -> Seen {
    let columns: Vec<feedscope_history::Column> = (0..)
        .zip(values)
        .map(|(index, &value)| feedscope_history::Column {
            index,
            first: value,
            min: value,
            max: value,
            last: value,
            count: 1,
            gap: false,
        })
        .collect();
    Seen::of(channel, path, &columns)
}

#[test]
fn texts_make_states_and_nothing_else() {
    let text = |path: &str, codes: &[f64]| Seen { is_text: true, ..seen("m", path, codes) };
    let fields = [
        text("status", &[4.0, 5.0, 4.0]),
        text("ok", &[1.0, 0.0]),
        text("price", &[4.0, 5.0, 6.0]),
        text("note", &[4.0]),
        seen("m", "speed", &about(3.0)),
    ];
    let panels = suggested(&fields);
    let of = |paths: &[&str]| paths.iter().map(|path| (*path).to_owned()).collect::<Vec<_>>();
    assert!(panels.contains(&("states", of(&["status", "ok", "price"]))), "{panels:?}");
    assert!(panels.contains(&("time-series", of(&["speed"]))), "{panels:?}");
    assert_eq!(panels.len(), 2, "{panels:?}");
}

/// Values that go up and down about `about`.
fn about(about: f64) -> Vec<f64> {
    (0..40).map(|n| about + f64::from(n % 7) * about * 0.0013 + 0.25).collect()
}

fn counting(step: f64) -> Vec<f64> {
    (0..40).map(|n| f64::from(n) * step).collect()
}

/// Each panel as its kind and what it draws, and what holds of every proposal.
fn suggested(fields: &[Seen]) -> Vec<(&'static str, Vec<String>)> {
    let proposal = suggest("f", false, fields);
    assert!(!proposal.panels.is_empty() && proposal.panels.len() <= PANELS_MAX);
    let feeds = json!([{ "id": "f", "url": "ws://f/" }]);
    let board = json!({ "feedscope": 2, "feeds": feeds, "panels": proposal.panels });
    assert_eq!(read::fit(board).unwrap().wrong, [], "it is a board");
    let placed: HashSet<String> =
        proposal.rows.iter().flat_map(|row| &row.tiles).filter_map(|t| t.panel.clone()).collect();
    let ids: HashSet<String> = proposal.panels.iter().map(|panel| panel.id.clone()).collect();
    assert_eq!(placed, ids, "each has a place");
    for trace in proposal.panels.iter().flat_map(|panel| traces(&panel.view)) {
        let is_made = proposal.derived.iter().any(|series| series.id == trace.path);
        let is_field = fields.iter().any(|f| f.path == trace.path && f.channel == trace.channel);
        assert_eq!(trace.feed == derived::FEED, is_made, "{trace:?}");
        assert!(is_made || is_field, "{trace:?}");
    }
    let panels: Vec<_> = proposal
        .panels
        .iter()
        .map(|panel| {
            let label = |trace: &Trace| trace.label.clone().unwrap_or(trace.path.clone());
            (rows::kind(&panel.view), traces(&panel.view).iter().map(label).collect::<Vec<_>>())
        })
        .collect();
    let unique: HashSet<_> = panels.iter().collect();
    assert_eq!(unique.len(), panels.len(), "nothing twice: {panels:?}");
    panels
}

fn has(panels: &[(&str, Vec<String>)], kind: &str, paths: &[&str]) -> bool {
    panels.iter().any(|(of, drawn)| *of == kind && drawn == paths)
}

#[test]
fn a_ticker_gets_candles_its_price_and_its_spread() {
    let panels = suggested(&[
        seen("ticker", "time", &[1_763_000_000_000.0, 1_763_000_001_000.0]),
        seen("ticker", "trade_id", &counting(1.0)),
        seen("ticker", "price", &about(64_000.0)),
        seen("ticker", "best_bid", &about(63_999.0)),
        seen("ticker", "best_ask", &about(64_001.0)),
        seen("ticker", "last_size", &about(0.3)),
    ]);
    assert!(has(&panels, "candles", &["price"]), "{panels:?}");
    assert!(has(&panels, "number", &["price"]), "{panels:?}");
    assert!(has(&panels, "time-series", &["best_bid", "best_ask"]), "{panels:?}");
    assert!(has(&panels, "histogram", &["best_ask − best_bid"]), "{panels:?}");
    assert!(has(&panels, "histogram", &["last_size"]), "{panels:?}");
    let drawn: Vec<&String> = panels.iter().flat_map(|(_, drawn)| drawn).collect();
    assert!(!drawn.iter().any(|path| path.contains("time") || path.contains("trade_id")));
}

#[test]
fn an_order_book_gets_its_best_prices_and_a_heat_map_of_its_depth() {
    let fields: Vec<Seen> = (0..20)
        .flat_map(|n| {
            ["bids", "asks"].into_iter().flat_map(move |side| {
                let price = seen("book", &format!("{side}[{n}][0]"), &about(64_000.0));
                [price, seen("book", &format!("{side}[{n}][1]"), &about(2.0))]
            })
        })
        .collect();
    let panels = suggested(&fields);
    let heat: Vec<_> = panels.iter().filter(|(kind, _)| *kind == "heat-map").collect();
    assert_eq!(heat.len(), 2, "{panels:?}");
    assert!(heat.iter().all(|(_, drawn)| drawn.len() == 20 && drawn[3].ends_with("[3][1]")));
    assert!(has(&panels, "time-series", &["bids[0][0]"]), "{panels:?}");
    assert!(has(&panels, "time-series", &["asks[0][0]"]), "{panels:?}");
    assert!(panels.len() <= 5, "{panels:?}");
}

#[test]
fn a_feed_with_order_books_gets_a_panel_of_them_first() {
    for fields in [&[][..], &[seen("ticker", "last", &about(64_000.0))]] {
        let with = suggest("f", true, fields);
        assert_eq!(with.panels[0].view, depth("f"));
        let without = suggest("f", false, fields);
        assert!(without.panels.iter().all(|panel| panel.view != depth("f")));
    }
}

#[test]
fn a_machine_gets_its_states_its_rates_and_what_belongs_together() {
    let either = [0.0, 1.0, 1.0, 0.0];
    let panels = suggested(&[
        seen("", "temperature_in", &about(40.0)),
        seen("", "temperature_out", &about(31.0)),
        seen("", "pressure", &about(101_325.0)),
        seen("", "door", &either),
        seen("", "mode", &[2.0, 2.0, 3.0]),
        seen("", "parts", &counting(3.0)),
        seen("", "load_percent", &about(60.0)),
    ]);
    assert!(has(&panels, "states", &["door", "mode"]), "{panels:?}");
    assert!(has(&panels, "time-series", &["parts/s"]), "{panels:?}");
    assert!(has(&panels, "gauge", &["load_percent"]), "{panels:?}");
    assert!(has(&panels, "time-series", &["temperature_in", "temperature_out"]), "{panels:?}");
    assert!(has(&panels, "time-series", &["pressure"]), "of another magnitude: {panels:?}");
}

#[test]
fn system_metrics_get_their_units() {
    let mut fields: Vec<Seen> =
        (0..12).map(|n| seen("cpu", &format!("data.core{n}"), &about(12.0))).collect();
    fields.push(seen("cpu", "data.total", &about(20.0)));
    fields.push(seen("memory", "data.used", &about(8e9)));
    fields.push(seen("network", "data.bytes", &about(2e6)));
    let panels = suggested(&fields);
    assert!(panels.iter().any(|(kind, drawn)| *kind == "heat-map" && drawn.len() == 12));
    assert!(has(&panels, "gauge", &["data.total"]), "{panels:?}");
    let proposal = suggest("f", false, &fields);
    let unit = |path: &str| {
        proposal.panels.iter().find_map(|panel| match &panel.view {
            PanelView::TimeSeries(view) if view.traces[0].path == path => Some(view.unit),
            _ => None,
        })
    };
    assert_eq!(unit("data.used"), Some(Unit::Bytes));
    assert_eq!(unit("data.bytes"), Some(Unit::BytesPerSecond));
    assert_eq!(unit("data.total"), Some(Unit::Percent));
}

#[test]
fn one_number_is_shown_in_all_that_can_be_said_of_it() {
    let panels = suggested(&[seen("", "x", &about(3.0))]);
    let kinds: Vec<_> = panels.iter().map(|(kind, _)| *kind).collect();
    assert_eq!(kinds, ["number", "time-series", "histogram"]);
}

#[test]
fn without_a_number_there_are_the_messages() {
    assert_eq!(suggested(&[]), [("inspector", vec![])]);
    let only_time = [seen("", "ts", &[1_763_000_000_000.0])];
    assert_eq!(suggested(&only_time), [("inspector", vec![])]);
}

#[test]
fn of_a_thousand_fields_the_liveliest_are_drawn() {
    let fields: Vec<Seen> = (0_u32..1_000)
        .map(|n| {
            // Names that have nothing in common, of a hundred channels.
            let name: String =
                (0..4).map(|digit| char::from(b'g' + (n >> (digit * 3) & 7) as u8)).collect();
            let lively = Seen {
                samples: u64::from(n),
                ..seen("", "", &about(f64::from(n % 5) * 10.0 + 1.0))
            };
            Seen {
                channel: format!("c{}", char::from(b'a' + (n % 26) as u8)),
                path: name,
                ..lively
            }
        })
        .collect();
    let panels = suggested(&fields);
    assert_eq!(panels.len(), PANELS_MAX);
    let drawn: usize = panels.iter().map(|(_, drawn)| drawn.len()).sum();
    assert!(drawn > 100, "{drawn}");
    assert_eq!(panels.last().map(|(kind, _)| *kind), Some("table"), "what is left comes last");
}

#[test]
fn many_that_are_alike_are_one_panel() {
    let symbols: Vec<Seen> = (0..30)
        .flat_map(|n| {
            let channel = format!("trade SYM{n}");
            [seen(&channel, "latency", &about(4.0)), seen(&channel, "depth", &about(9.0))]
        })
        .collect();
    let panels = suggested(&symbols);
    assert_eq!(panels.len(), 2, "{panels:?}");
    assert!(panels.iter().all(|(kind, drawn)| *kind == "heat-map" && drawn.len() == 30));

    let many: Vec<Seen> =
        (0..400).map(|n| seen("s", &format!("sensor[{n}]"), &about(4.0))).collect();
    let panels = suggested(&many);
    assert_eq!(panels.len(), 1);
    assert_eq!((panels[0].0, panels[0].1.len()), ("table", TABLE_ROWS_MAX));
}

#[test]
fn what_is_alike_but_for_its_numbers_is_found() {
    for (path, is) in [
        ("core12", "core#"),
        ("bids[3][1]", "bids[#][1]"),
        ("bids.17.0", "bids.#.0"),
        ("a[3][7]", "a[#][#]"),
        ("x", "x"),
        ("list[1]", "list[#]"),
    ] {
        assert_eq!(likeness(path), is);
    }
}

#[test]
fn the_liveliest_comes_first() {
    let fast = Seen { samples: 900, ..seen("a", "speed", &about(3.0)) };
    let panels = suggested(&[seen("b", "slow", &about(3.0)), fast]);
    assert_eq!(panels[0].1, ["speed"]);
}
