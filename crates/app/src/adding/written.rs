//! What is written of a feed that a person described: a profile, as its file would have it.

use super::types::DraftProblem;
use super::{is_computer, no_draft};
use crate::api::{BoardFeed, Trouble};
use crate::boards;
use feedscope_feed::profile::{Escape, Template, TemplateError};
use feedscope_feed::{Profile, said};
use toml_edit::{Array, ArrayOfTables, DocumentMut, InlineTable, Item, Table, Value, value};

/// A feed that answers no pings is not given up for its silence so soon.
const PATIENT_PING_AFTER: &str = "2m";
const PATIENT_IDLE_MAX: &str = "5m";

/// How a name of a secret begins.
const SECRET: &str = "${secret:";

/// The profile that a draft comes to.
pub(crate) fn described(draft: &BoardFeed) -> Result<Profile, Trouble> {
    let toml = written(draft).map_err(no_draft)?;
    Profile::parse(&toml).map_err(|errors| {
        let first = errors.problems.into_iter().next();
        no_draft(first.map(DraftProblem::from).unwrap_or_default())
    })
}

/// The same as the text of a file.
pub(super) fn written(draft: &BoardFeed) -> Result<String, DraftProblem> {
    let no_profile = || {
        let what = said!("trouble_draft_profile", "There is no profile of this name.");
        DraftProblem::new("profile", what)
    };
    let mut doc = match (&draft.profile, &draft.url) {
        _ if is_computer(draft) => {
            let what = said!("trouble_draft_computer", "This computer is on every board.");
            return Err(DraftProblem::new("", what));
        }
        (Some(id), _) => {
            let bundled = Profile::bundled().iter().find(|bundled| bundled.id == *id);
            let bundled = bundled.ok_or_else(no_profile)?;
            bundled.text.parse::<DocumentMut>().map_err(|_| no_profile())?
        }
        (None, Some(url)) => at(url.trim())?,
        (None, None) => {
            let what = said!("trouble_draft_address", "There is no address.");
            return Err(DraftProblem::new("connection.url", what));
        }
    };
    if !draft.name.trim().is_empty() {
        doc["name"] = value(draft.name.trim());
    }
    // An editor finds it beside the file alone.
    if let Some(mut first) = doc.key_mut("name") {
        first.leaf_decor_mut().clear();
    }
    for (name, chosen) in &draft.variables {
        let key = format!("variables.{name}");
        let known = doc.get_mut("variables").and_then(|all| all.get_mut(name));
        let Some(known) = known.and_then(Item::as_table_like_mut) else {
            let what = said!("trouble_draft_variable", "The profile has no such variable.");
            return Err(DraftProblem::new(&key, what));
        };
        if chosen.contains(SECRET) {
            // A variable is text to its end: names of secrets mean something outside of it alone.
            let chosen = secrets_named(chosen).map_err(|_| no_name(&key))?;
            for (key, item) in doc.iter_mut().filter(|(key, _)| key.get() != "variables") {
                put_in(item, &key, name, &chosen);
            }
        } else {
            known.insert("default", value(chosen.as_str()));
        }
    }
    if let (Some(_), Some(url)) = (&draft.profile, &draft.url) {
        doc["connection"]["url"] = value(boards::at(url.trim()).connection.url.to_string());
    }
    if !draft.headers.is_empty() {
        let connection = table(doc.as_table_mut(), "connection")?;
        let headers = table(connection, "headers")?;
        for (name, text) in &draft.headers {
            if text.parse::<Template>().is_err() {
                return Err(no_name(&format!("connection.headers.{name}")));
            }
            headers.insert(name, value(text.as_str()));
        }
    }
    if let Some(reading) = &draft.reading {
        if reading.patient {
            let heartbeat = table(doc.as_table_mut(), "heartbeat")?;
            heartbeat.insert("ping_after", value(PATIENT_PING_AFTER));
            heartbeat.insert("idle_max", value(PATIENT_IDLE_MAX));
        }
        if let Some(time) = &reading.time {
            let mut at = InlineTable::new();
            at.insert("path", time.path.as_str().into());
            at.insert("unit", named(&time.unit).into());
            table(doc.as_table_mut(), "decode")?.insert("time", value(at));
        }
        if let Some(sequence) = &reading.sequence {
            let mut run = Table::new();
            run.insert("rule", value(named(&sequence.rule)));
            run.insert("scope", value(named(&sequence.scope)));
            run.insert("number", value(sequence.number.as_str()));
            for (key, path) in [("first", &sequence.first), ("previous", &sequence.previous)] {
                if let Some(path) = path {
                    run.insert(key, value(path.as_str()));
                }
            }
            let runs = ArrayOfTables::from_iter([run]);
            doc.insert("sequence", Item::ArrayOfTables(runs));
        }
    }
    Ok(doc.to_string())
}

/// A text in which nothing but names of secrets stands for something else.
fn secrets_named(text: &str) -> Result<Template, TemplateError> {
    text.replace('$', "$$").replace(&format!("${SECRET}"), SECRET).parse()
}

/// Puts a text in place of a variable, wherever that stands.
fn put_in(item: &mut Item, key: &str, variable: &str, text: &Template) {
    match item {
        Item::Value(value) => put_in_value(value, key, variable, text),
        Item::Table(table) => {
            table.iter_mut().for_each(|(key, item)| put_in(item, &key, variable, text));
        }
        Item::ArrayOfTables(tables) => {
            for (key, item) in tables.iter_mut().flat_map(|table| table.iter_mut()) {
                put_in(item, &key, variable, text);
            }
        }
        Item::None => {}
    }
}

fn put_in_value(value: &mut Value, key: &str, variable: &str, text: &Template) {
    match value {
        Value::String(template) if template.value().contains(&format!("${{{variable}}}")) => {
            let Ok(template) = template.value().parse::<Template>() else { return };
            let escape = match key {
                "url" | "proxy" => Escape::WholeUrl,
                "send" => Escape::Json,
                _ => Escape::No,
            };
            let decor = value.decor().clone();
            *value = template.with(escape, variable, text).to_string().into();
            *value.decor_mut() = decor;
        }
        Value::Array(values) => {
            values.iter_mut().for_each(|value| put_in_value(value, key, variable, text));
        }
        Value::InlineTable(table) => {
            table.iter_mut().for_each(|(key, value)| put_in_value(value, &key, variable, text));
        }
        _ => {}
    }
}

fn no_name(key: &str) -> DraftProblem {
    let what = said!("trouble_draft_name", "What stands between the braces is not a name.");
    DraftProblem::new(key, what)
}

/// A feed of which only the address is known.
fn at(url: &str) -> Result<DocumentMut, DraftProblem> {
    let profile = boards::at(url);
    let mut doc = DocumentMut::new();
    doc["name"] = value(profile.name.as_str());
    let connection = table(doc.as_table_mut(), "connection")?;
    connection.insert("url", value(profile.connection.url.to_string()));
    let channels: Array = profile.decode.channel.iter().map(ToString::to_string).collect();
    table(doc.as_table_mut(), "decode")?.insert("channel", value(channels));
    Ok(doc)
}

/// The table of this name, which is made if there is none.
fn table<'t>(within: &'t mut Table, name: &str) -> Result<&'t mut Table, DraftProblem> {
    let item = within.entry(name).or_insert_with(|| Item::Table(Table::new()));
    let what = || said!("trouble_draft_table", "It is no table.");
    item.as_table_mut().ok_or_else(|| DraftProblem::new(name, what()))
}

/// What a profile calls it.
fn named(value: &impl serde::Serialize) -> String {
    let named = serde_json::to_value(value).ok();
    named.and_then(|named| named.as_str().map(str::to_owned)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::{FeedReading, ReadingSequence, ReadingTime};
    use feedscope_feed::profile::{Name, Scope, SequenceRule, TimeUnit};
    use std::collections::BTreeMap;

    fn texts(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
        pairs.iter().map(|(key, text)| (key.to_string(), text.to_string())).collect()
    }

    #[test]
    fn an_address_alone_is_written_as_what_it_is_without_a_profile() {
        for url in ["wss://a.example/x?y=$1&z=2", "ws://a/${secret:key}"] {
            let draft = BoardFeed { url: Some(url.into()), ..BoardFeed::default() };
            assert_eq!(described(&draft).unwrap(), boards::at(url), "{url}");
        }
    }

    #[test]
    fn what_was_chosen_is_in_the_profile() {
        let draft = BoardFeed {
            name: "Mine".into(),
            url: Some("wss://a.example/".into()),
            headers: texts(&[("X-Key", "Bearer ${secret:key}")]),
            reading: Some(FeedReading {
                sequence: Some(ReadingSequence {
                    rule: SequenceRule::Range,
                    scope: Scope::Channel,
                    number: "data.u".into(),
                    first: Some("data.U".into()),
                    previous: None,
                }),
                time: Some(ReadingTime { path: "data.E".into(), unit: TimeUnit::Millis }),
                patient: true,
            }),
            ..BoardFeed::default()
        };
        let profile = described(&draft).unwrap();
        assert_eq!((profile.name.as_str(), profile.secrets()), ("Mine", vec!["key".to_owned()]));
        assert_eq!(profile.decode.time[0].unit, TimeUnit::Millis);
        assert_eq!(profile.sequence[0].scope, Scope::Channel);
        assert_eq!(profile.heartbeat.idle_max.as_secs(), 300);
        // Its channels are those of any address.
        assert_eq!(profile.decode.channel, boards::at("ws://a/").decode.channel);
    }

    #[test]
    fn a_profile_stays_as_it_is_but_for_what_is_chosen() {
        for bundled in Profile::bundled() {
            let profile = Some(bundled.id.to_owned());
            let draft = BoardFeed { profile, ..BoardFeed::default() };
            assert_eq!(described(&draft).ok(), Profile::bundled_named(bundled.id));
        }
        let draft = BoardFeed {
            profile: Some("kraken".into()),
            variables: texts(&[("symbol", "ETH/\"EUR")]),
            headers: texts(&[("X-A", "1")]),
            ..BoardFeed::default()
        };
        let profile = described(&draft).unwrap();
        assert_eq!(profile.variables["symbol"].default.as_deref(), Some("ETH/\"EUR"));
        assert_eq!(profile.connection.headers["X-A"].to_string(), "1");
        let kraken = Profile::bundled_named("kraken").unwrap();
        assert_eq!((profile.opening, profile.sequence), (kraken.opening, kraken.sequence));
    }

    #[test]
    fn a_secret_that_a_variable_names_is_one_of_the_feed() {
        let of = |profile: &str, variable: &str, chosen: &str| {
            let variables = texts(&[(variable, chosen)]);
            let profile = Some(profile.into());
            described(&BoardFeed { profile, variables, ..BoardFeed::default() })
        };
        let url = "wss://boat/?a=$1&token=${secret:token}";
        let profile = of("signalk", "url", url).unwrap();
        assert_eq!(profile.secrets(), ["token"]);
        let named = |name: &Name| match name {
            Name::Secret(name) => Some(format!("<{name}>/").into()),
            _ => None,
        };
        let dialled = profile.connection.url.expand(Escape::WholeUrl, named).unwrap();
        assert_eq!(dialled, "wss://boat/?a=$1&token=%3Ctoken%3E%2F");
        let profile = of("kraken", "symbol", "a\"${secret:b}").unwrap();
        let sent = profile.opening.iter().find_map(|step| step.send.as_ref()).unwrap();
        assert!(sent.to_string().contains(r#"["a\"${secret:b}"]"#), "{sent}");
        assert!(of("signalk", "url", "wss://boat/?token=${secret:}").is_err());
    }

    #[test]
    fn what_is_wrong_is_told_with_its_place() {
        let of = |draft: BoardFeed| described(&draft).unwrap_err().answer.unwrap();
        let url = Some("ws://a/".to_owned());
        let headers = texts(&[("a b", "1")]);
        let said = of(BoardFeed { url: url.clone(), headers, ..BoardFeed::default() });
        assert!(said.starts_with("connection.headers"), "{said}");
        let variables = texts(&[("nothing", "1")]);
        let said = of(BoardFeed { url, variables, ..BoardFeed::default() });
        assert!(said.starts_with("variables.nothing: "), "{said}");
        let said = of(BoardFeed { profile: Some("none".into()), ..BoardFeed::default() });
        assert!(said.starts_with("profile: "), "{said}");
        of(BoardFeed::default());
    }
}
