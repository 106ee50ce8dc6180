//! Reads a profile from its file, and says everything that keeps it from being one.
//!
//! Serde stops at the first value that is wrong. So that is told, taken out, and the rest is tried
//! again, until nothing is wrong with what is left.

use super::Profile;
use super::problem::{Place, Problem, ProfileErrors};
use super::schema::{self, KeyStep};
use serde::Deserialize;
use std::fmt::Write;
use std::ops::Range;
use std::path::Path;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// A person mends no more at a time; and each is tried for anew.
const PROBLEMS_MAX: usize = 20;

/// The largest file that can be meant as a profile. The largest bundled one has 6 KB.
const FILE_BYTES_MAX: u64 = 4 << 20;

/// How alike a key is to one that was meant, at the least; 1 is the same.
const NEAR_MIN: f64 = 0.6;

impl Profile {
    /// Reads a profile from a file. What other files it names are found from that file's folder.
    pub fn read(path: &Path) -> Result<Self, ProfileErrors> {
        let failed = |what: String| ProfileErrors {
            file: Some(path.to_owned()),
            problems: vec![Problem { place: None, key: String::new(), what }],
        };
        let unreadable = |error| failed(format!("This file cannot be read: {error}."));
        let size = std::fs::metadata(path).map_err(unreadable)?.len();
        if size > FILE_BYTES_MAX {
            return Err(failed(format!("A file of {size} bytes is not a profile.")));
        }
        let text = String::from_utf8(std::fs::read(path).map_err(unreadable)?)
            .map_err(|_| failed("This file is not text in UTF-8; save it as such.".into()))?;
        let profile = Self::parse(&text);
        let mut profile =
            profile.map_err(|errors| ProfileErrors { file: Some(path.to_owned()), ..errors })?;
        profile.folder = path.parent().map(Path::to_owned);
        Ok(profile)
    }

    /// Reads a profile from the text of a file.
    pub fn parse(text: &str) -> Result<Self, ProfileErrors> {
        let (whole, errors) = DeTable::parse_recoverable(text);
        let syntax = errors.iter().take(PROBLEMS_MAX).map(|error| Problem {
            place: Some(Place::of(text, error.span().map_or(0, |span| span.start))),
            key: String::new(),
            what: format!("This is not TOML: {}.", error.message().trim_end_matches('.')),
        });
        let mut problems: Vec<Problem> = syntax.collect();
        let nodes = nodes(&whole);
        let mut rest = whole;
        let mut removed: Vec<&Node> = Vec::new();
        let mut read = None;
        while errors.is_empty() && problems.len() < PROBLEMS_MAX {
            let error = match Profile::deserialize(toml::de::Deserializer::from(rest.clone())) {
                Ok(profile) => {
                    read = Some(profile);
                    break;
                }
                Err(error) => error,
            };
            let span = error.span().unwrap_or_default();
            let node = innermost(&nodes, &span);
            let steps = node.map_or(&[][..], |node| &node.steps);
            // What was taken out is not missing.
            let is_ours = quoted(error.message(), "missing field ").is_some_and(|name| {
                let key = KeyStep::Key(name.to_owned());
                removed
                    .iter()
                    .any(|node| node.steps == [steps, std::slice::from_ref(&key)].concat())
            });
            if !is_ours {
                problems.push(Problem {
                    place: Some(Place::of(text, span.start)),
                    key: shown(steps),
                    what: explain(error.message(), steps, &nodes),
                });
            }
            match node {
                Some(node) if remove(rest.get_mut(), node) => removed.push(node),
                _ => break,
            }
        }
        if let (Some(profile), true) = (read, problems.is_empty()) {
            problems = profile.check();
            for problem in &mut problems {
                let outer =
                    nodes.iter().filter(|node| is_within(&problem.key, &shown(&node.steps)));
                let start =
                    outer.max_by_key(|node| node.steps.len()).map_or(0, |node| node.key.start);
                problem.place = Some(Place::of(text, start));
            }
            if problems.is_empty() {
                return Ok(profile);
            }
        }
        problems.sort_by_key(|problem| problem.place);
        Err(ProfileErrors { file: None, problems })
    }
}

/// A value of the file.
struct Node {
    steps: Vec<KeyStep>,
    key: Range<usize>,
    value: Range<usize>,
}

/// All values of the file.
fn nodes(table: &Spanned<DeTable<'_>>) -> Vec<Node> {
    fn of_table(table: &DeTable<'_>, steps: &[KeyStep], nodes: &mut Vec<Node>) {
        for (key, value) in table {
            let step = KeyStep::Key(key.get_ref().to_string());
            of_value(value, key.span(), [steps, &[step]].concat(), nodes);
        }
    }
    fn of_value(
        value: &Spanned<DeValue<'_>>,
        key: Range<usize>,
        steps: Vec<KeyStep>,
        nodes: &mut Vec<Node>,
    ) {
        match value.get_ref() {
            DeValue::Table(table) => of_table(table, &steps, nodes),
            DeValue::Array(array) => {
                for (index, item) in array.iter().enumerate() {
                    let steps = [&steps[..], &[KeyStep::Item(index)]].concat();
                    of_value(item, item.span(), steps, nodes);
                }
            }
            _ => {}
        }
        nodes.push(Node { steps, key, value: value.span() });
    }
    let mut nodes = Vec::new();
    of_table(table.get_ref(), &[], &mut nodes);
    nodes
}

/// The smallest value that `span` lies in, or in whose key.
fn innermost<'n>(nodes: &'n [Node], span: &Range<usize>) -> Option<&'n Node> {
    let within = |of: &Range<usize>| of.start <= span.start && span.end <= of.end && !of.is_empty();
    let fits = nodes.iter().filter_map(|node| {
        let spans = [&node.key, &node.value].into_iter().filter(|of| within(of));
        spans.map(|of| of.len()).min().map(|length| (length, node))
    });
    // Of values as long as each other, as an array of tables and its first, the inner one.
    let inner = fits.min_by_key(|(length, node)| (*length, usize::MAX - node.steps.len()));
    inner.map(|(_, node)| node)
}

/// Takes out a value, and says whether it was there. What is left keeps its place in the text.
fn remove(table: &mut DeTable<'_>, node: &Node) -> bool {
    let is_it = |value: &Spanned<DeValue<'_>>| value.span() == node.value;
    let found = table.iter().find(|(key, value)| key.span() == node.key && is_it(value));
    if let Some(key) = found.map(|(key, _)| key.get_ref().to_string()) {
        return table.remove(key.as_str()).is_some();
    }
    table.iter_mut().any(|(_, value)| remove_within(value, node))
}

fn remove_within(value: &mut Spanned<DeValue<'_>>, node: &Node) -> bool {
    match value.get_mut() {
        DeValue::Table(table) => remove(table, node),
        DeValue::Array(array) => {
            let length = array.len();
            let is_it =
                |item: &Spanned<DeValue<'_>>| node.key == node.value && item.span() == node.value;
            let kept = array.iter().filter(|item| !is_it(item)).cloned().collect();
            *array = kept;
            array.len() < length || array.iter_mut().any(|item| remove_within(item, node))
        }
        _ => false,
    }
}

/// What Serde says, in a sentence for a person, and what to do about it.
fn explain(message: &str, steps: &[KeyStep], nodes: &[Node]) -> String {
    if let Some(name) = quoted(message, "missing field ") {
        return missing(name, steps, nodes);
    }
    if let Some(name) = quoted(message, "unknown field ") {
        let Some((_, table)) = steps.split_last() else { return sentence(message) };
        return match schema::tables_with(name, table) {
            Some(other) => format!("There is no key “{name}” here; it belongs in {other}."),
            None => format!(
                "There is no key “{name}” here. {}",
                suggestion(name, &choices(message), "It has these")
            ),
        };
    }
    if let Some(name) = quoted(message, "unknown variant ") {
        let choices = choices(message);
        return format!(
            "“{name}” is not possible here. {}",
            suggestion(name, &choices, "Possible are")
        );
    }
    // What toml says where one of several names must stand.
    if message == "wanted string or table" {
        let choices = schema::choices(steps);
        return format!("This must be one of these, in quotes: {}.", choices.join(", "));
    }
    let (what, expected) = match message.split_once(", expected ") {
        Some((what, expected)) => (what, Some(expected)),
        None => (message, None),
    };
    let what = what.strip_prefix("invalid type: ").or_else(|| what.strip_prefix("invalid value: "));
    let (Some(what), Some(expected)) = (what, expected) else { return sentence(message) };
    let expected = match expected {
        "a string" => "a text in quotes",
        "a boolean" => "true or false",
        "u16" => "a whole number from 0 to 65535",
        "u32" => "a whole number from 0 to 4294967295",
        "u64" | "usize" => "a whole number, 0 or more",
        "a sequence" => "a list in brackets",
        "a map" => "a table",
        "path string" => "a file’s path in quotes",
        other if other.starts_with("struct ") => "a table",
        other => other,
    };
    let mut text = format!("This is {}, but it must be {expected}", found(what));
    let last = match steps.last() {
        Some(KeyStep::Key(key)) => Some(key),
        _ => None,
    };
    match (last, schema::example(steps)) {
        (Some(key), Some(example)) if !expected.contains("such as") => {
            let _ = write!(text, ", such as `{key} = {example}`");
        }
        _ => {}
    }
    text + "."
}

fn missing(name: &str, steps: &[KeyStep], nodes: &[Node]) -> String {
    let is_there = |key: &str| {
        nodes.iter().any(|node| {
            node.steps.split_last().is_some_and(|(last, table)| {
                table == steps && matches!(last, KeyStep::Key(last) if last == key)
            })
        })
    };
    let mut names: Vec<&str> = schema::required(steps).filter(|key| !is_there(key)).collect();
    if !names.contains(&name) {
        names.push(name);
    }
    let keys: Vec<String> = names.iter().map(|name| format!("“{name}”")).collect();
    let examples = names.iter().filter_map(|name| {
        let steps = [steps, &[KeyStep::Key((*name).to_owned())]].concat();
        schema::example(&steps).map(|example| format!("`{name} = {example}`"))
    });
    let examples: Vec<String> = examples.collect();
    let verb = if names.len() == 1 { "is" } else { "are" };
    let such = if examples.is_empty() {
        String::new()
    } else {
        format!(", such as {}", examples.join(" and "))
    };
    format!(
        "{} {verb} missing; add {}{such}.",
        keys.join(" and "),
        if names.len() == 1 { "it" } else { "them" }
    )
}

/// What stands in backticks after `prefix`, with which the message begins.
fn quoted<'m>(message: &'m str, prefix: &str) -> Option<&'m str> {
    let rest = message.strip_prefix(prefix)?.strip_prefix('`')?;
    let end = rest.rfind("`, expected ").or_else(|| rest.rfind("`, there are no "));
    rest.get(..end.or_else(|| rest.rfind('`'))?)
}

/// What a message of Serde says is possible.
fn choices(message: &str) -> Vec<&str> {
    let Some((_, expected)) = message.rsplit_once("`, expected ") else { return Vec::new() };
    expected.split('`').skip(1).step_by(2).collect()
}

/// The nearest of what is possible, or all of it.
fn suggestion(name: &str, choices: &[&str], all: &str) -> String {
    let near = |choice: &&str| strsim::normalized_damerau_levenshtein(name, choice);
    let nearest = choices.iter().map(|choice| (near(choice), choice));
    match nearest.max_by(|a, b| a.0.total_cmp(&b.0)) {
        Some((near, choice)) if near >= NEAR_MIN => format!("Did you mean “{choice}”?"),
        Some(_) => format!("{all}: {}.", choices.join(", ")),
        None => "Take it out.".to_owned(),
    }
}

/// What Serde found, in plain words.
fn found(what: &str) -> String {
    let backticked = |prefix| what.strip_prefix(prefix).map(|rest: &str| rest.trim_matches('`'));
    if let Some(text) = what.strip_prefix("string ") {
        return format!("the text {text}");
    }
    if let Some(number) = backticked("integer ").or_else(|| backticked("floating point ")) {
        return format!("the number {number}");
    }
    if let Some(value) = backticked("boolean ") {
        return value.to_owned();
    }
    match what {
        "sequence" => "a list".to_owned(),
        "map" => "a table".to_owned(),
        other => other.to_owned(),
    }
}

/// With a capital at the front and a full stop at the end.
fn sentence(message: &str) -> String {
    let mut chars = message.trim_end_matches('.').chars();
    let first = chars.next().map(|first| first.to_uppercase().to_string()).unwrap_or_default();
    format!("{first}{}.", chars.as_str())
}

/// As it is written where it is referred to: `sequence[0].number`.
fn shown(steps: &[KeyStep]) -> String {
    let mut text = String::new();
    for step in steps {
        match step {
            KeyStep::Key(key) if text.is_empty() => text.push_str(key),
            KeyStep::Key(key) => text.extend([".", key]),
            KeyStep::Item(index) => text.extend(["[", &index.to_string(), "]"]),
        }
    }
    text
}

/// Whether `key` is `outer`, or is in it.
fn is_within(key: &str, outer: &str) -> bool {
    key.strip_prefix(outer).is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
}
