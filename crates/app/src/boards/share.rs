//! Makes a board fit to be given to others: without what is, or may be, secret in it.

use super::commands::profile_of;
use super::document::Document;
use super::format::BoardFeed;
use super::read;
use feedscope_feed::link;
use serde_json::Value;

/// The same board, in whose URLs what may be secret is named, and not said.
pub(crate) fn shareable(document: &Document) -> Document {
    let mut board = document.json().clone();
    let feeds = board.get_mut("feeds").and_then(Value::as_array_mut);
    for feed in feeds.into_iter().flatten() {
        if let Some(Value::String(url)) = feed.get_mut("url") {
            *url = without_secrets(url, Person::LeftOut);
        }
        if let Some(Value::Object(headers)) = feed.get_mut("headers") {
            for (name, value) in headers {
                hide(name, value);
            }
        }
        if let Some(Value::Object(variables)) = feed.get_mut("variables") {
            for (name, value) in variables {
                if let Value::String(chosen) = value {
                    *chosen = variable_without_secrets(name, chosen);
                }
            }
        }
    }
    match read::fit(Value::Object(board)) {
        Ok(fit) => fit.document,
        // It was one before.
        Err(_) => document.clone(),
    }
}

/// Headers that say who we are, and let nobody in.
const HEADERS_SHARED: [&str; 4] = ["accept", "accept-language", "user-agent", "x-client"];

/// Whether what this header has may be told to anybody.
pub(crate) fn is_shared(header: &str) -> bool {
    HEADERS_SHARED.contains(&header.to_ascii_lowercase().as_str())
}

/// What stands in place of a secret.
pub(crate) fn secret_named(name: &str) -> String {
    format!("${{secret:{name}}}")
}

/// What a header lets in with is named, and not said.
fn hide(name: &str, value: &mut Value) {
    let is_named = value.as_str().is_some_and(|value| value.contains("${secret:"));
    if !is_shared(name) && !is_named {
        *value = secret_named(name).into();
    }
}

/// What was chosen may be an address, with a token in it.
pub(crate) fn variable_without_secrets(name: &str, chosen: &str) -> String {
    match link::names_secret(name) {
        true => secret_named(name),
        false => without_secrets(chosen, Person::LeftOut),
    }
}

/// The names of the secrets that a feed of a board needs, be it its profile that names them; of a
/// feed that nobody knows how to dial, those that the board says.
pub(crate) fn secrets_of(feed: &BoardFeed) -> Vec<String> {
    if let Some(profile) = profile_of(feed) {
        return profile.secrets();
    }
    let chosen = feed.headers.values().chain(feed.variables.values());
    let mut secrets: Vec<_> = feed.url.iter().chain(chosen).flat_map(|it| secrets_in(it)).collect();
    secrets.sort();
    secrets.dedup();
    secrets
}

/// The names of the secrets that stand for themselves in a text.
fn secrets_in(text: &str) -> Vec<String> {
    let parts = text.split("${secret:").skip(1);
    parts.filter_map(|part| Some(part.split_once('}')?.0.to_owned())).collect()
}

/// What becomes of who a URL says we are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Person {
    /// Whoever is given it is another.
    LeftOut,
    /// Without the password, of which the name alone stays.
    Named,
}

/// A URL with names in place of what its query has under a name that tells of a secret, and of its
/// password.
pub(crate) fn without_secrets(url: &str, person: Person) -> String {
    let (url, fragment) = match url.split_once('#') {
        Some((url, fragment)) => (url, Some(fragment)),
        None => (url, None),
    };
    let (place, query) = match url.split_once('?') {
        Some((place, query)) => (place, Some(query)),
        None => (url, None),
    };
    let mut shared = match place.split_once("://") {
        Some((scheme, rest)) => {
            let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
            let host = match (authority.rsplit_once('@'), person) {
                (Some((user, host)), Person::Named) => format!("{}@{host}", without_password(user)),
                (Some((_, host)), Person::LeftOut) => host.to_owned(),
                (None, _) => authority.to_owned(),
            };
            format!("{scheme}://{host}{path}")
        }
        None => place.to_owned(),
    };
    if let Some(query) = query {
        let parts: Vec<String> = query.split('&').map(without_secret).collect();
        shared.push('?');
        shared.push_str(&parts.join("&"));
    }
    if let Some(fragment) = fragment {
        shared.push('#');
        shared.push_str(fragment);
    }
    shared
}

fn without_password(user: &str) -> String {
    // In the name of a secret, there is a colon, too.
    let name_end = if user.starts_with("${") { user.find('}').unwrap_or(0) } else { 0 };
    match user[name_end..].split_once(':') {
        Some((name, password)) if !is_named(password) => {
            format!("{}{name}:${{secret:password}}", &user[..name_end])
        }
        _ => user.to_owned(),
    }
}

fn is_named(value: &str) -> bool {
    value.is_empty() || value.starts_with("${")
}

fn without_secret(part: &str) -> String {
    let Some((name, value)) = part.split_once('=') else { return part.to_owned() };
    if is_named(value) || !link::names_secret(name) {
        return part.to_owned();
    }
    format!("{name}=${{secret:{name}}}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_may_be_secret_is_named_and_not_said() {
        for (url, shared) in [
            ("wss://user:pa@ss@host/x?token=abc&s=1", "wss://host/x?token=${secret:token}&s=1"),
            ("wss://h?X-Api-Key=1", "wss://h?X-Api-Key=${secret:X-Api-Key}"),
            ("wss://h/stream?streams=btcusdt@trade", "wss://h/stream?streams=btcusdt@trade"),
            ("wss://h/?auth=${secret:mine}#x", "wss://h/?auth=${secret:mine}#x"),
            ("wss://h/path@2", "wss://h/path@2"),
            ("builtin:computer", "builtin:computer"),
            ("nonsense?=&&token=&token", "nonsense?=&&token=&token"),
        ] {
            assert_eq!(without_secrets(url, Person::LeftOut), shared);
        }
        for (url, shared) in [
            (
                "wss://user:pa@ss@host/x?token=a",
                "wss://user:${secret:password}@host/x?token=${secret:token}",
            ),
            ("wss://user@host/", "wss://user@host/"),
            ("wss://user:${secret:mine}@host/", "wss://user:${secret:mine}@host/"),
            ("wss://${secret:me}@host/", "wss://${secret:me}@host/"),
            ("wss://${secret:me}:a:b@host/", "wss://${secret:me}:${secret:password}@host/"),
        ] {
            assert_eq!(without_secrets(url, Person::Named), shared);
        }
    }

    #[test]
    fn what_was_chosen_for_a_variable_is_an_address_as_any_other() {
        for (name, chosen, shared) in [
            ("symbol", "BTC/USD", "BTC/USD"),
            ("url", "wss://h/?token=abc", "wss://h/?token=${secret:token}"),
            ("api_key", "abc", "${secret:api_key}"),
        ] {
            assert_eq!(variable_without_secrets(name, chosen), shared);
        }
    }

    #[test]
    fn what_a_feed_wants_to_be_told_is_found_wherever_it_is_named() {
        let of = |profile: &str, variable: (&str, &str), header: (&str, &str)| {
            let text = |(key, text): (&str, &str)| [(key.to_owned(), text.to_owned())].into();
            let (variables, headers) = (text(variable), text(header));
            let profile = Some(profile.to_owned());
            secrets_of(&BoardFeed { profile, variables, headers, ..BoardFeed::default() })
        };
        let url = ("url", "wss://evil/?t=${secret:t}");
        let header = ("X", "${secret:mine}");
        assert_eq!(of("home-assistant", url, header), ["home-assistant", "mine", "t"]);
        assert_eq!(of("of-tomorrow", url, header), ["mine", "t"]);
    }

    #[test]
    fn what_a_url_wants_to_be_told_is_found() {
        assert_eq!(secrets_in("wss://h?a=${secret:one}&b=${secret:two}#${"), ["one", "two"]);
        assert!(secrets_in("wss://h?a=${secret:").is_empty());
    }
}
