//! Makes JSON fit a type: what in it does not is taken out, and named.

use feedscope_feed::{Said, said};
use serde::de::DeserializeOwned;
use serde_json::Value;
use serde_path_to_error::{Path, Segment};

/// Something that was not used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Wrong {
    pub what: Kind,
    /// Where it stands: `panels[3].traces[1].path`.
    pub place: String,
    pub why: Said,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// It is left out of the board, and so would be lost from its file.
    LeftOut,
    /// It is of another version than this program knows.
    Newer,
    /// It is not known here, and kept as it is.
    Unknown,
    /// It names what there is not, and is kept as it is.
    Missing,
}

/// A part of a board with more mistakes than this was not meant to be one.
const MENDS_MAX: usize = 200;

/// Takes out of `value` what keeps it from being a `T`, an object, and notes it. `None` if there is
/// nothing left to be one. `at` is where it stands in its file.
pub(crate) fn mend<T: DeserializeOwned>(
    value: &mut Value,
    at: &str,
    wrong: &mut Vec<Wrong>,
) -> Option<T> {
    if !value.is_object() {
        let why = not_an_object();
        wrong.push(Wrong { what: Kind::LeftOut, place: at.to_owned(), why });
        return None;
    }
    let mut taken: Vec<Taken> = Vec::new();
    let mut last: Option<String> = None;
    for _ in 0..MENDS_MAX {
        let error = match serde_path_to_error::deserialize::<_, T>(&*value) {
            Ok(typed) => return Some(typed),
            Err(error) => error,
        };
        let steps = steps(error.path());
        let place = place(at, &steps, &taken);
        // That something is missing where it was just taken out has been said.
        let is_said = last.as_ref().is_some_and(|last| last.starts_with(&place));
        if !is_said {
            let why = error.inner().to_string().into();
            wrong.push(Wrong { what: Kind::LeftOut, place: place.clone(), why });
        }
        last = Some(place);
        if !take(value, &steps, &mut taken) {
            return None;
        }
    }
    None
}

pub(crate) fn not_an_object() -> Said {
    said!("board_no_object", "It is not a JSON object.")
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Step {
    Key(String),
    Item(usize),
}

/// An item that was taken out of a list: those after it stand elsewhere now.
struct Taken {
    list: Vec<Step>,
    /// As they were counted before anything was taken out.
    item: usize,
}

fn steps(path: &Path) -> Vec<Step> {
    let mut steps = Vec::new();
    for segment in path {
        match segment {
            Segment::Map { key } => steps.push(Step::Key(key.clone())),
            Segment::Seq { index } => steps.push(Step::Item(*index)),
            // What is in there cannot be told apart: all of it goes.
            Segment::Enum { .. } | Segment::Unknown => break,
        }
    }
    steps
}

/// Takes the last of `steps` out of where the others lead to. False if that leads nowhere.
fn take(value: &mut Value, steps: &[Step], taken: &mut Vec<Taken>) -> bool {
    let Some((last, way)) = steps.split_last() else { return false };
    let mut within = &mut *value;
    for step in way {
        let next = match (step, within) {
            (Step::Key(key), Value::Object(object)) => object.get_mut(key),
            (Step::Item(item), Value::Array(list)) => list.get_mut(*item),
            _ => None,
        };
        let Some(next) = next else { return false };
        within = next;
    }
    match (last, within) {
        (Step::Key(key), Value::Object(object)) if object.contains_key(key) => {
            object.remove(key);
            true
        }
        (Step::Item(item), Value::Array(list)) if *item < list.len() => {
            list.remove(*item);
            let item = before(*item, way, taken);
            taken.push(Taken { list: way.to_vec(), item });
            true
        }
        // It is what is missing, and not what is there: then it is missed by what it is missing in.
        _ => take(value, way, taken),
    }
}

/// Where an item of a list stood before anything was taken out of it.
fn before(item: usize, list: &[Step], taken: &[Taken]) -> usize {
    let mut gone: Vec<usize> =
        taken.iter().filter(|taken| taken.list == list).map(|taken| taken.item).collect();
    gone.sort_unstable();
    gone.into_iter().fold(item, |item, gone| if gone <= item { item + 1 } else { item })
}

/// As it is written in messages, and counted as in the file.
fn place(at: &str, steps: &[Step], taken: &[Taken]) -> String {
    let mut text = at.to_owned();
    for (number, step) in steps.iter().enumerate() {
        match step {
            Step::Key(key) if text.is_empty() => text.push_str(key),
            Step::Key(key) => {
                text.push('.');
                text.push_str(key);
            }
            Step::Item(item) => {
                let item = before(*item, &steps[..number], taken);
                text.push_str(&format!("[{item}]"));
            }
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::super::format::{BoardFeed, TimeSeries};
    use super::*;
    use serde_json::json;

    fn mended(mut value: Value) -> (Value, Vec<(String, String)>) {
        let mut wrong = Vec::new();
        let found = mend::<TimeSeries>(&mut value, "panels[3]", &mut wrong);
        assert!(found.is_some());
        (value, wrong.into_iter().map(|wrong| (wrong.place, wrong.why.to_string())).collect())
    }

    fn places(wrong: &[(String, String)]) -> Vec<&str> {
        wrong.iter().map(|(place, _)| place.as_str()).collect()
    }

    #[test]
    fn what_fits_stays_as_it_is() {
        let fits = json!({ "unit": "bytes", "range": [0, 1], "later": { "x": [1] }, "traces": [
            { "feed": "f", "channel": "c", "path": "p", "color": 3, "glow": true },
        ]});
        assert_eq!(mended(fits.clone()), (fits, vec![]));
    }

    #[test]
    fn what_does_not_fit_is_taken_out_alone_and_named_as_it_stands_in_the_file() {
        let trace = |path| json!({ "feed": "f", "channel": "c", "path": path });
        let (value, wrong) = mended(json!({
            "unit": "parsecs",
            "range": [5, "six"],
            "traces": [
                7,
                trace("a"),
                { "feed": "f", "channel": "c" },
                { "feed": "f", "channel": "c", "path": "b", "color": -1 },
                "eight",
            ],
        }));
        assert_eq!(
            places(&wrong),
            [
                "panels[3].range[1]",
                "panels[3].traces[0]",
                "panels[3].traces[2]",
                "panels[3].traces[3].color",
                "panels[3].traces[4]",
                "panels[3].unit"
            ]
        );
        assert_eq!(value, json!({ "traces": [trace("a"), trace("b")] }));
    }

    #[test]
    fn nonsense_that_is_of_the_right_type_is_nonsense_still() {
        let (value, wrong) = mended(json!({ "range": [5, 5], "traces": {} }));
        assert_eq!(places(&wrong), ["panels[3].range", "panels[3].traces"]);
        assert_eq!(wrong[0].1, "a range goes from a number to a larger one");
        assert_eq!(value, json!({}));
    }

    #[test]
    fn where_what_is_needed_does_not_fit_the_whole_is_left_out() {
        for value in [json!({ "id": 7 }), json!({ "id": "" }), json!({}), json!(7), json!(null)] {
            let mut wrong = Vec::new();
            assert_eq!(mend::<BoardFeed>(&mut value.clone(), "feeds[0]", &mut wrong), None);
            assert_eq!(wrong.len(), 1, "{value}: {wrong:?}");
        }
    }

    #[test]
    fn a_flood_of_mistakes_ends() {
        let mut value = json!({ "traces": vec![json!(7); 100_000] });
        let mut wrong = Vec::new();
        assert_eq!(mend::<TimeSeries>(&mut value, "", &mut wrong), None);
        assert_eq!(wrong.len(), MENDS_MAX);
    }
}
