//! What a new board can begin as.

use super::document::{COMPUTER_ID, Document, computer_feed};
use super::format::{Board, BoardTime, Panel, PanelView, TimeSeries, Trace, Unit};
use super::{VERSION, read};
use feedscope_hub::computer;
use serde_json::Value;

/// More cores than this are not told apart by eye; their sum is still drawn.
const CORES_DRAWN_MAX: usize = 8;

/// The board that a template makes.
pub(crate) fn named(template: &str) -> Option<Document> {
    let board = match template {
        "empty" => empty(),
        "this-computer" => this_computer(),
        _ => return None,
    };
    // Ours fit, as a test makes sure.
    let json = serde_json::to_value(board).ok()?;
    Some(read::fit(json).ok()?.document)
}

fn board(name: &str, panels: Vec<Panel>) -> Board {
    Board {
        feedscope: VERSION,
        id: "new".into(),
        name: name.into(),
        time: BoardTime::default(),
        feeds: vec![computer_feed()],
        panels,
        annotations: Vec::new(),
        derived: Vec::new(),
        layout: Value::Null,
        popouts: Vec::new(),
    }
}

fn empty() -> Board {
    board("New board", Vec::new())
}

/// The board of the built-in feed.
fn this_computer() -> Board {
    let cores = computer::cores().min(CORES_DRAWN_MAX);
    let mut cpu = vec![("total".to_owned(), "All cores".to_owned())];
    cpu.extend((0..cores).map(|core| (format!("core{core}"), format!("Core {}", core + 1))));
    let panel =
        |id: &str, title: &str, channel: &str, unit, range, traces: &[(String, String)]| Panel {
            id: id.into(),
            title: title.into(),
            time: None,
            as_table: false,
            view: PanelView::TimeSeries(TimeSeries {
                unit,
                range,
                traces: traces
                    .iter()
                    .zip(0..)
                    .map(|((field, label), color)| Trace {
                        feed: COMPUTER_ID.into(),
                        channel: channel.into(),
                        path: format!("data.{field}"),
                        label: Some(label.clone()),
                        color,
                        ..Trace::default()
                    })
                    .collect(),
                ..TimeSeries::default()
            }),
        };
    let named = |fields: &[(&str, &str)]| -> Vec<(String, String)> {
        fields.iter().map(|(field, label)| ((*field).into(), (*label).into())).collect()
    };
    let mut panels = vec![
        panel("cpu", "CPU by core", "cpu", Unit::Percent, Some((0.0, 100.0)), &cpu),
        panel(
            "memory",
            "Memory",
            "memory",
            Unit::Bytes,
            None,
            &named(&[("used", "Used"), ("available", "Available")]),
        ),
        panel(
            "network",
            "Network",
            "network",
            Unit::BytesPerSecond,
            None,
            &named(&[("received", "Received"), ("sent", "Sent")]),
        ),
        panel(
            "disk",
            "Disk",
            "disk",
            Unit::BytesPerSecond,
            None,
            &named(&[("read", "Read"), ("written", "Written")]),
        ),
    ];
    if computer::CHANNELS.contains(&"load") {
        panels.insert(
            2,
            panel(
                "load",
                "Load",
                "load",
                Unit::None,
                None,
                &named(&[("one", "1 min"), ("five", "5 min"), ("fifteen", "15 min")]),
            ),
        );
    }
    board("This computer", panels)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn templates_are_boards_with_nothing_wrong_in_them() {
        for board in [empty(), this_computer()] {
            let json = serde_json::to_value(&board).unwrap();
            let fit = read::fit(json).unwrap();
            assert_eq!(fit.wrong, []);
            let read: Board =
                serde_json::from_value(Value::Object(fit.document.json().clone())).unwrap();
            assert_eq!(read, board);
        }
        assert!(named("none such").is_none());
    }
}
