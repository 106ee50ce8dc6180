//! Profiles as a JSON Schema, for editors, and for messages about what is wrong with one. It is
//! made from the types, so that it cannot say anything else than they do.

use super::Profile;
use schemars::generate::SchemaSettings;
use serde_json::Value;
use std::sync::LazyLock;

/// A step from a value in a profile to one within it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum KeyStep {
    Key(String),
    Item(usize),
}

static SCHEMA: LazyLock<Value> = LazyLock::new(|| {
    let generator = SchemaSettings::draft2020_12().into_generator();
    generator.into_root_schema_for::<Profile>().to_value()
});

impl Profile {
    /// The JSON Schema of profiles.
    pub fn schema() -> &'static Value {
        &SCHEMA
    }
}

/// The keys that must be in the table at `steps`.
pub(super) fn required(steps: &[KeyStep]) -> impl Iterator<Item = &'static str> {
    let names = at(steps).and_then(|schema| schema.get("required")?.as_array());
    names.into_iter().flatten().filter_map(Value::as_str)
}

/// A value that could stand at `steps`, as it is written in TOML.
pub(super) fn example(steps: &[KeyStep]) -> Option<String> {
    let schema = at(steps)?;
    let first = |list: &str| schema.get(list)?.as_array()?.first();
    let value = first("examples").or_else(|| schema.get("default"));
    let choice = || choices(steps).first().copied().map(Value::from);
    match value.cloned().or_else(choice) {
        Some(Value::Object(_) | Value::Array(_) | Value::Null) => None,
        Some(value) => Some(value.to_string()),
        None => match schema.get("type")?.as_str()? {
            "integer" => Some("10".to_owned()),
            "boolean" => Some("true".to_owned()),
            "string" => Some("\"…\"".to_owned()),
            _ => None,
        },
    }
}

/// The names of which one must stand at `steps`.
pub(super) fn choices(steps: &[KeyStep]) -> Vec<&'static str> {
    let Some(schema) = at(steps) else { return Vec::new() };
    let list = |key: &str| schema.get(key).and_then(Value::as_array).into_iter().flatten();
    let named = list("oneOf").filter_map(|one| one.get("const"));
    let listed = { list("oneOf") }.filter_map(|one| one.get("enum")?.as_array()).flatten();
    list("enum").chain(named).chain(listed).filter_map(Value::as_str).collect()
}

/// The other tables, of those at the top, that have a key of this name.
pub(super) fn tables_with(name: &str, table: &[KeyStep]) -> Option<String> {
    let within = table.first().and_then(|step| match step {
        KeyStep::Key(key) => Some(key.as_str()),
        KeyStep::Item(_) => None,
    });
    let top = SCHEMA.get("properties")?.as_object()?;
    if top.contains_key(name) && !table.is_empty() {
        return Some("the top of the file, before the first table".to_owned());
    }
    let has = |table: &&String| {
        let steps = [KeyStep::Key((*table).clone()), KeyStep::Key(name.to_owned())];
        Some(table.as_str()) != within && at(&steps).is_some_and(|_| *table != "variables")
    };
    let tables: Vec<String> = top.keys().filter(has).map(|table| format!("[{table}]")).collect();
    (!tables.is_empty()).then(|| tables.join(" or "))
}

fn at(steps: &[KeyStep]) -> Option<&'static Value> {
    steps.iter().try_fold(resolve(&SCHEMA), |schema, step| descend(schema, step))
}

fn descend(schema: &'static Value, step: &KeyStep) -> Option<&'static Value> {
    let direct = match step {
        KeyStep::Key(key) => {
            let named = schema.get("properties").and_then(|properties| properties.get(key));
            named.or_else(|| schema.get("additionalProperties").filter(|any| any.is_object()))
        }
        KeyStep::Item(_) => schema.get("items"),
    };
    let alternatives = schema.get("anyOf").and_then(Value::as_array);
    let among = || alternatives?.iter().find_map(|schema| descend(resolve(schema), step));
    direct.map(resolve).or_else(among)
}

/// The schema that this one refers to, but with the examples of its own.
fn resolve(schema: &'static Value) -> &'static Value {
    let alternatives = schema.get("anyOf").and_then(Value::as_array);
    let optional = alternatives.filter(|all| all.iter().any(|one| one["type"] == "null"));
    let schema =
        optional.and_then(|all| all.iter().find(|one| one["type"] != "null")).unwrap_or(schema);
    let name = schema.get("$ref").and_then(|name| name.as_str()?.strip_prefix('#'));
    if schema.get("examples").is_some() {
        return schema;
    }
    name.and_then(|pointer| SCHEMA.pointer(pointer)).unwrap_or(schema)
}
