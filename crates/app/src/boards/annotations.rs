//! Annotations as files of their own: a table for spreadsheets, and JSON for programs. Either comes
//! back as it was.

use super::document::Document;
use super::format::Annotation;
use super::read;
use crate::api::{AnnotationsFormat, AnnotationsRead};
use chrono::{DateTime, SecondsFormat};
use feedscope_feed::{Said, said};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

pub(crate) const CSV_END: &str = ".annotations.csv";
pub(crate) const JSON_END: &str = ".annotations.json";

impl AnnotationsFormat {
    pub(crate) fn file_end(self) -> &'static str {
        match self {
            AnnotationsFormat::Csv => CSV_END,
            AnnotationsFormat::Json => JSON_END,
        }
    }
}

/// A line of the table.
#[derive(Serialize, Deserialize)]
struct Line {
    from: String,
    #[serde(default)]
    to: Option<String>,
    #[serde(default)]
    text: String,
    #[serde(default)]
    color: Option<String>,
    #[serde(default)]
    feed: Option<String>,
    #[serde(default)]
    panel: Option<String>,
    #[serde(default)]
    id: Option<String>,
}

/// Those of a board, the earliest first.
pub(crate) fn of(document: &Document) -> Vec<Annotation> {
    let list = document.json().get("annotations").cloned().unwrap_or_default();
    let mut list: Vec<Annotation> = serde_json::from_value(list).unwrap_or_default();
    list.sort_by(|one, other| one.from_ms.total_cmp(&other.from_ms));
    list
}

pub(crate) fn written(list: &[Annotation], format: AnnotationsFormat) -> String {
    match format {
        AnnotationsFormat::Json => format!("{:#}\n", json!({ "annotations": list })),
        AnnotationsFormat::Csv => {
            let mut table = csv::Writer::from_writer(Vec::new());
            for one in list {
                // Into memory, which does not fail.
                let _ = table.serialize(Line {
                    from: moment(one.from_ms),
                    to: one.to_ms.map(moment),
                    text: one.text.clone(),
                    color: Some(one.color.to_string()),
                    feed: one.feed.clone(),
                    panel: one.panel.clone(),
                    id: Some(one.id.clone()),
                });
            }
            let bytes = table.into_inner().unwrap_or_default();
            String::from_utf8_lossy(&bytes).into_owned()
        }
    }
}

/// What is good of a text, and how many of it were not.
///
/// # Errors
/// Why nothing in it is an annotation.
pub(crate) fn read(text: &str) -> Result<AnnotationsRead, Said> {
    let text = text.trim_start_matches('\u{feff}');
    let list = if text.trim_start().starts_with(['{', '[']) {
        match serde_json::from_str(text).map_err(|error| error.to_string())? {
            Value::Object(mut object) => object.remove("annotations"),
            list => Some(list),
        }
    } else {
        Some(Value::Array(table(text)?))
    };
    let Some(list) = list else {
        return Err(said!("annotations_nothing", "There are no annotations in it."));
    };
    let there = list.as_array().map_or(1, Vec::len);
    let fit = read::annotations(Some(list), &mut Vec::new());
    let found: Vec<Annotation> =
        fit.into_iter().filter_map(|one| serde_json::from_value(one).ok()).collect();
    if found.is_empty() && there > 0 {
        return Err(said!("annotations_nothing", "There are no annotations in it."));
    }
    Ok(AnnotationsRead { left_out: there.saturating_sub(found.len()) as u32, annotations: found })
}

fn table(text: &str) -> Result<Vec<Value>, Said> {
    let mut table = csv::ReaderBuilder::new().flexible(true).from_reader(text.as_bytes());
    let headers = table.headers().map_err(|error| error.to_string())?;
    if !headers.iter().any(|header| header == "from") {
        return Err(said!("annotations_no_from", "Its first line names no column “from”."));
    }
    let line = |line: Result<Line, csv::Error>| {
        let Ok(line) = line else { return Value::Null };
        let id = line.id.filter(|id| !id.is_empty());
        let to = line.to.filter(|to| !to.trim().is_empty());
        let to_ms = to.as_deref().map(millis);
        // Without its end, a span would be a moment.
        if to_ms == Some(None) {
            return Value::Null;
        }
        let mut one = json!({ "from_ms": millis(&line.from), "text": line.text });
        let known = [
            ("to_ms", to_ms.map(|ms| json!(ms))),
            ("color", line.color.and_then(|color| color.parse::<u32>().ok()).map(Value::from)),
            ("feed", line.feed.filter(|feed| !feed.is_empty()).map(Value::from)),
            ("panel", line.panel.filter(|panel| !panel.is_empty()).map(Value::from)),
            ("id", id.map(Value::from)),
        ];
        for (key, value) in known {
            if let (Some(value), Value::Object(one)) = (value, &mut one) {
                one.insert(key.into(), value);
            }
        }
        one
    };
    Ok(table.deserialize().map(line).collect())
}

/// As people and spreadsheets read it; as a number beyond the years that have four digits.
fn moment(ms: f64) -> String {
    let micros = (ms * 1e3).round();
    let at = DateTime::from_timestamp_micros(micros as i64);
    match at.filter(|_| (0.0..253_402_300_800_000.0).contains(&ms)) {
        Some(at) => at.to_rfc3339_opts(SecondsFormat::Micros, true),
        None => ms.to_string(),
    }
}

/// In milliseconds since 1970: of a time with its zone, or a number.
fn millis(text: &str) -> Option<f64> {
    let text = text.trim();
    let time = DateTime::parse_from_rfc3339(text).map(|at| at.timestamp_micros() as f64 / 1e3);
    time.ok().or_else(|| text.parse().ok().filter(|ms: &f64| ms.is_finite()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn some() -> Vec<Annotation> {
        let one = |id: &str, from_ms, to_ms, text: &str| Annotation {
            id: id.into(),
            from_ms,
            to_ms,
            text: text.into(),
            color: 3,
            feed: None,
            panel: None,
        };
        vec![
            one("a", 1_795_266_000_123.25, None, "restarted, \"by hand\"\nsecond line 数据"),
            Annotation {
                feed: Some("f".into()),
                panel: Some("p,1".into()),
                ..one("b", 1_795_266_001_000.0, Some(1_795_266_002_000.5), "=1+1")
            },
            one("c", 7e15, None, ""),
        ]
    }

    #[test]
    fn what_is_written_comes_back_as_it_was() {
        for format in [AnnotationsFormat::Csv, AnnotationsFormat::Json] {
            let text = written(&some(), format);
            let read = read(&format!("\u{feff}{text}")).unwrap();
            assert_eq!((read.annotations, read.left_out), (some(), 0), "{text}");
        }
        let csv = written(&some(), AnnotationsFormat::Csv);
        assert!(csv.starts_with("from,to,text,color,feed,panel,id\n"), "{csv}");
        assert!(csv.contains("2026-11-21T13:00:00.123250Z,"), "{csv}");
    }

    #[test]
    fn a_table_of_others_is_read_as_far_as_it_goes() {
        let text = "text,from\nfirst,2026-11-21T14:00:00+01:00\nnever,when\nlast,1000,more\n";
        let read = read(text).unwrap();
        assert_eq!(read.left_out, 1);
        let found: Vec<_> =
            read.annotations.iter().map(|one| (&*one.text, one.from_ms, one.to_ms)).collect();
        assert_eq!(found, [("first", 1_795_266_000_000.0, None), ("last", 1_000.0, None)]);
    }

    #[test]
    fn what_has_no_id_gets_one_of_its_own_and_the_same_each_time() {
        let ids = |text: &str| -> Vec<String> {
            read(text).unwrap().annotations.into_iter().map(|one| one.id).collect()
        };
        let one = "from,text\n1000,begun\n2000,begun\n2000,begun\n";
        let first = ids(one);
        assert_eq!(first, ids(one));
        let other = ids("from,text,panel\n1000,ended\n1000,begun,p\n1000.5,begun\n");
        // As JSON, and in another place among others, it is the same one.
        let json = ids(r#"[{ "from_ms": 2000, "text": "begun", "to_ms": null }]"#);
        assert_eq!(json, first[1..2]);
        let all: std::collections::HashSet<_> = first.iter().chain(&other).collect();
        assert_eq!(all.len(), 6, "{all:?}");
    }

    #[test]
    fn a_span_whose_end_cannot_be_read_is_left_out_and_counted() {
        let text = "from,to,text\n1000,2000,span\n3000,later,lost\n5000, ,moment\n";
        let read = read(text).unwrap();
        assert_eq!(read.left_out, 1);
        let found: Vec<_> = read.annotations.iter().map(|one| (&*one.text, one.to_ms)).collect();
        assert_eq!(found, [("span", Some(2_000.0)), ("moment", None)]);
    }

    #[test]
    fn a_board_s_file_has_its_annotations_and_nonsense_has_none() {
        let board = r#"{ "feedscope": 2, "annotations": [{ "from_ms": 5, "text": "x" }, 7] }"#;
        let found = read(board).unwrap();
        assert_eq!((found.annotations.len(), found.left_out), (1, 1));
        assert!(read(r#"{ "annotations": [] }"#).unwrap().annotations.is_empty());
        for text in ["", "{}", "[7]", "{", "a,b\n1,2\n", "\u{0}", r#"{"annotations":7}"#] {
            assert!(read(text).is_err(), "{text}");
        }
    }
}
