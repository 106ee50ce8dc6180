//! What is written about profiles is so: the JSON Schema and the reference are made from the types,
//! and every example can be used.
//!
//! With `FEEDSCOPE_WRITE=1` in the environment, these tests write what they otherwise compare.

use feedscope_feed::Profile;
use feedscope_feed::profile::ProfileErrors;
use serde_json::Value;
use std::fmt::Write;
use std::path::PathBuf;

const HOW: &str = "FEEDSCOPE_WRITE=1 cargo test -p feedscope-feed --test feed profiles_docs";

fn file(path: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../..").join(path)
}

fn read(path: &str) -> String {
    // Git may have written the line ends of its system.
    std::fs::read_to_string(file(path)).unwrap_or_default().replace("\r\n", "\n")
}

fn is_writing() -> bool {
    std::env::var_os("FEEDSCOPE_WRITE").is_some()
}

#[test]
fn the_schema_is_that_of_the_types() {
    let path = "profiles/profile.schema.json";
    let schema = Profile::schema();
    if is_writing() {
        let text = serde_json::to_string_pretty(&sorted(schema)).unwrap() + "\n";
        std::fs::write(file(path), text).unwrap();
    }
    let written: Value = serde_json::from_str(&read(path)).unwrap_or_default();
    assert_eq!(&written, schema, "{path} is not up to date; write it with `{HOW}`");
}

/// With all keys in the order of the alphabet, whatever this build of `serde_json` does.
fn sorted(value: &Value) -> Value {
    match value {
        Value::Object(object) => {
            let mut entries: Vec<_> = object.iter().collect();
            entries.sort_by_key(|(key, _)| *key);
            entries.into_iter().map(|(key, value)| (key.clone(), sorted(value))).collect()
        }
        Value::Array(items) => items.iter().map(sorted).collect(),
        other => other.clone(),
    }
}

const START: &str = "<!-- The reference is made from the types. -->\n";

#[test]
fn the_reference_is_that_of_the_types() {
    let path = "docs/profiles.md";
    let document = read(path);
    let (by_hand, reference) = document.split_once(START).expect("the mark is in it");
    let made = reference_of(Profile::schema());
    if is_writing() {
        std::fs::write(file(path), format!("{by_hand}{START}{made}")).unwrap();
    } else {
        assert_eq!(reference, made, "{path} is not up to date; write it with `{HOW}`");
    }
}

#[test]
fn every_example_can_be_used() {
    let document = read("docs/profiles.md");
    let mut blocks = document.split("```toml\n").skip(1).peekable();
    assert!(blocks.peek().is_some());
    for block in blocks {
        let example = block.split("```").next().unwrap();
        // A piece is shown without what every profile needs.
        let whole = if example.contains("name = ") && example.contains("[connection]") {
            example.to_owned()
        } else {
            format!(
                "name = \"A feed\"\nconnection.url = \"wss://example.com/\"\n\
                 decode.channel = \"channel\"\ndecode.key = \"symbol\"\n{example}"
            )
        };
        if let Err(errors) = Profile::parse(&whole) {
            panic!("{errors}\nin this example:\n{whole}");
        }
    }
}

/// What `feedtap profile check` is shown to say, it says.
#[test]
fn the_errors_shown_are_those_that_are_told() {
    let document = read("docs/profiles.md");
    let (_, rest) = document.split_once("```text wrong.toml\n").expect("the wrong file is shown");
    let (wrong, rest) = rest.split_once("```").unwrap();
    let (_, rest) = rest.split_once("```text\n").expect("what is said of it is shown");
    let (said, _) = rest.split_once("```").unwrap();
    let errors = Profile::parse(wrong).unwrap_err();
    let errors = ProfileErrors { file: Some("wrong.toml".into()), ..errors };
    assert_eq!(format!("{errors}\n"), said);
}

/// The reference: a section for the top of the file and for each kind of table and value in it.
fn reference_of(schema: &Value) -> String {
    let mut text = String::new();
    section(&mut text, "The top of the file", schema);
    for (name, schema) in in_order(&schema["$defs"]) {
        section(&mut text, name, schema);
    }
    text
}

fn section(text: &mut String, name: &str, schema: &Value) {
    write!(text, "\n### {name}\n").unwrap();
    if name != "The top of the file"
        && let Some(description) = schema["description"].as_str()
    {
        write!(text, "\n{}\n", flowing(description)).unwrap();
    }
    if schema.get("properties").is_some() {
        text.push_str("\n| key | takes | without it | meaning |\n|---|---|---|---|\n");
        let required = schema["required"].as_array().cloned().unwrap_or_default();
        for (key, property) in in_order(&schema["properties"]) {
            let without = match property.get("default") {
                _ if required.iter().any(|required| required == key) => "*required*".to_owned(),
                Some(Value::Object(_) | Value::Array(_) | Value::Null) | None => String::new(),
                Some(default) => format!("`{default}`"),
            };
            let meaning = property["description"].as_str().map(flowing).unwrap_or_default();
            writeln!(text, "| `{key}` | {} | {without} | {meaning} |", takes(property)).unwrap();
        }
    } else if let Some(choices) = schema["oneOf"].as_array() {
        text.push('\n');
        for choice in choices {
            let listed = choice["enum"].as_array().cloned().unwrap_or_default();
            for value in listed.iter().chain(choice.get("const")) {
                let meaning = choice["description"].as_str().map(flowing).unwrap_or_default();
                let colon = if meaning.is_empty() { "" } else { ": " };
                writeln!(text, "- `{value}`{colon}{meaning}").unwrap();
            }
        }
    } else if let Some(choices) = schema["enum"].as_array() {
        let choices: Vec<String> = choices.iter().map(|value| format!("`{value}`")).collect();
        write!(text, "\n{}\n", choices.join(", ")).unwrap();
    }
    if let Some(examples) = schema["examples"].as_array() {
        let examples: Vec<String> = examples.iter().map(|value| format!("`{value}`")).collect();
        write!(text, "\nSuch as {}.\n", examples.join(" or ")).unwrap();
    }
}

fn in_order(object: &Value) -> Vec<(&str, &Value)> {
    let mut entries: Vec<_> =
        object.as_object().unwrap().iter().map(|(key, value)| (key.as_str(), value)).collect();
    entries.sort_by_key(|(key, _)| *key);
    entries
}

/// On one line, as a cell of a table must be.
fn flowing(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ").replace('|', "\\|")
}

/// What may stand there, in a few words, with links to where that is described.
fn takes(schema: &Value) -> String {
    if let Some(name) = schema["$ref"].as_str() {
        let name = name.rsplit('/').next().unwrap();
        return format!("[{name}](#{})", name.to_lowercase());
    }
    if let Some(choices) = schema["anyOf"].as_array() {
        let choices: Vec<_> =
            choices.iter().filter(|choice| choice["type"] != "null").map(takes).collect();
        return choices.join(", or ");
    }
    let types = match &schema["type"] {
        Value::Array(types) => types.iter().find(|one| *one != "null").unwrap_or(&Value::Null),
        one => one,
    };
    match types.as_str() {
        Some("array") => format!("list of {}", takes(&schema["items"])),
        Some("object") => match &schema["additionalProperties"] {
            Value::Object(_) => {
                format!("table of {} by name", takes(&schema["additionalProperties"]))
            }
            _ => "table".to_owned(),
        },
        Some("string") => "text".to_owned(),
        Some("integer") => "whole number".to_owned(),
        Some("number") => "number".to_owned(),
        Some("boolean") => "true or false".to_owned(),
        _ => "anything".to_owned(),
    }
}
