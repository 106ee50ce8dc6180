//! What a profile's URL, headers and proxy come to in one attempt, with their values put in.

use super::proxy::Proxy;
use crate::Said;
use crate::profile::{Connection, Escape, KNOWN, Name, Profile, Template, Unknown, Values};
use crate::record::Time;
use crate::said;
use crate::secrets;
use crate::session::Failure;
use crate::session::close::Verdict;
use crate::trouble::{Step, Trouble};
use crate::world::World;
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use std::borrow::Cow;
use std::cell::RefCell;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::handshake::client::Request;
use tokio_tungstenite::tungstenite::http::header::{AUTHORIZATION, ORIGIN, SEC_WEBSOCKET_PROTOCOL};
use tokio_tungstenite::tungstenite::http::{HeaderName, HeaderValue};
use url::{Host, Url};

/// What is shown for a secret.
const HIDDEN: &str = "***";

/// A query's values are not shown, nor given to others, where their names are like these.
const SECRET_NAMES: [&str; 10] =
    ["token", "key", "secret", "auth", "sign", "pass", "credential", "jwt", "session", "code"];

/// Shorter secrets are not looked for in what servers say: they stand in any text.
const SECRET_BYTES_MIN: usize = 4;

/// Where an attempt leads, and what is said there.
pub(super) struct Target {
    pub host: Host<String>,
    pub port: u16,
    pub secure: bool,
    pub request: Request,
    pub proxy: Option<Proxy>,
    /// The URL without its secrets.
    pub shown: String,
    /// When the attempt began.
    pub now: Time,
    /// As they may come back in an answer.
    secrets: Vec<String>,
}

impl Target {
    pub fn new(profile: &Profile, values: &Values, world: &dyn World) -> Result<Self, Failure> {
        let connection = &profile.connection;
        if let Some(secret) = profile.secrets().iter().find(|secret| world.withholds(secret)) {
            return Err(withheld(secret, &Destination::of(profile, values, world)));
        }
        let secrets = RefCell::new(Vec::new());
        let real = |template: &Template, escape| {
            template.fill(escape, |name| {
                let value = profile.value(values, world, name)?;
                if matches!(name, Name::Secret(_)) && value.len() >= SECRET_BYTES_MIN {
                    secrets.borrow_mut().push(value.to_string());
                }
                Ok(value)
            })
        };
        let hidden = |template: &Template, escape| {
            template.fill(escape, |name| match name {
                Name::Secret(_) => Ok(Cow::Borrowed(HIDDEN)),
                _ => profile.value(values, world, name),
            })
        };
        let mut url = url_of(connection, &real)?;
        let shown = masked(url_of(connection, &hidden)?);

        let mut request = {
            let mut bare = url.clone();
            // They go into a header instead.
            let _ = bare.set_username("");
            let _ = bare.set_password(None);
            bare.as_str().into_client_request().map_err(|error| not_a_url(&error.to_string()))?
        };
        let mut put = |name: &str, value: &str| {
            let (Ok(name), Ok(value)) = (name.parse::<HeaderName>(), value.parse::<HeaderValue>())
            else {
                return Err(header_wrong(name));
            };
            request.headers_mut().insert(name, value);
            Ok(())
        };
        if !url.username().is_empty() {
            let decoded = |text| percent_encoding::percent_decode_str(text).decode_utf8_lossy();
            let password = url.password().unwrap_or_default();
            let pair = format!("{}:{}", decoded(url.username()), decoded(password));
            let basic = format!("Basic {}", BASE64_STANDARD.encode(pair));
            put(AUTHORIZATION.as_str(), &basic)?;
            if password.len() >= SECRET_BYTES_MIN {
                secrets.borrow_mut().push(decoded(password).into_owned());
            }
        }
        if let Some(origin) = &connection.origin {
            put(ORIGIN.as_str(), &real(origin, Escape::No).map_err(value_missing)?)?;
        }
        if !connection.subprotocols.is_empty() {
            put(SEC_WEBSOCKET_PROTOCOL.as_str(), &connection.subprotocols.join(", "))?;
        }
        for (name, value) in &connection.headers {
            put(name, &real(value, Escape::No).map_err(value_missing)?)?;
        }
        url.set_fragment(None);
        let proxy = match &connection.proxy {
            Some(proxy) => {
                Proxy::given(&real(proxy, Escape::WholeUrl).map_err(value_missing)?, &url)?
            }
            None => Proxy::from_environment(world, &url),
        };
        let (Some(host), Some(port)) = (url.host(), url.port_or_known_default()) else {
            return Err(no_host());
        };
        let (host, secure) = (host.to_owned(), url.scheme() == "wss");
        let mut secrets = secrets.into_inner();
        let encoded = |secret: &String| -> String {
            url::form_urlencoded::byte_serialize(secret.as_bytes()).collect()
        };
        let also: Vec<_> = secrets.iter().map(encoded).collect();
        secrets.extend(also);
        let now = world.now();
        Ok(Target { host, port, secure, request, proxy, shown, now, secrets })
    }

    pub fn authority(&self) -> String {
        authority(&self.host, self.port)
    }

    /// Without the secrets that a server may have said back to us.
    pub fn without_secrets(&self, mut failure: Failure) -> Failure {
        let trouble = &mut failure.trouble;
        let mut answer = trouble.answer.as_mut();
        for secret in &self.secrets {
            trouble.what.replace(secret, HIDDEN);
            trouble.advice.replace(secret, HIDDEN);
            if let Some(answer) = &mut answer {
                **answer = answer.replace(secret, HIDDEN);
            }
        }
        failure
    }
}

/// Where a profile leads, as far as it is known without its secrets, which stand in it by name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Destination {
    /// As it is dialled, but for those.
    pub url: String,
    /// Scheme, host and port: `wss://example.com`. The whole URL, if it has no host without them.
    pub origin: String,
}

impl Destination {
    /// `world` is asked for no secret.
    pub fn of(profile: &Profile, values: &Values, world: &dyn World) -> Self {
        let secrets = RefCell::new(Vec::new());
        // Stands for a secret while the URL is read: that leaves letters and figures as they are.
        let mark = |number: usize| format!("feedscope0secret0{number}0end");
        let marked = |template: &Template, escape| {
            template.fill(escape, |name| match name {
                Name::Secret(_) => {
                    let mut secrets = secrets.borrow_mut();
                    secrets.push(name.to_string());
                    Ok(mark(secrets.len() - 1).into())
                }
                _ => profile.value(values, world, name),
            })
        };
        let Ok(url) = url_of(&profile.connection, &marked) else {
            let named = |name: &Name| match name {
                Name::Variable(_) => profile.value(values, world, name).ok(),
                _ => None,
            };
            let named = |name: &Name| named(name).or_else(|| Some(name.to_string().into()));
            let url = profile.connection.url.expand(Escape::No, named).unwrap_or_default();
            return Destination { origin: url.clone(), url };
        };
        let named = |text: String| {
            let names = secrets.borrow();
            let numbered = names.iter().enumerate().rev();
            numbered.fold(text, |text, (number, name)| text.replace(&mark(number), name))
        };
        let origin = named(url.origin().ascii_serialization());
        Destination { url: named(url.into()), origin }
    }

    /// The origin as people call it.
    pub fn host(&self) -> &str {
        self.origin.split_once("://").map_or(&self.origin, |(_, host)| host)
    }
}

pub(super) fn authority(host: &Host<String>, port: u16) -> String {
    format!("{host}:{port}")
}

type Put<'a> = &'a dyn Fn(&Template, Escape) -> Result<String, Unknown>;

fn url_of(connection: &Connection, put_in: Put<'_>) -> Result<Url, Failure> {
    let mut url = parsed(&put_in(&connection.url, Escape::WholeUrl).map_err(value_missing)?)?;
    for (name, value) in &connection.query {
        match put_in(value, Escape::No) {
            Ok(value) => drop(url.query_pairs_mut().append_pair(name, &value)),
            // Not known yet, as before the first message.
            Err(Unknown { name: Name::Variable(name), .. }) if KNOWN.contains(&name.as_str()) => {}
            Err(unknown) => return Err(value_missing(unknown)),
        }
    }
    Ok(url)
}

/// `text` as the URL of a WebSocket, with a host and a port.
fn parsed(text: &str) -> Result<Url, Failure> {
    let text = text.trim();
    if text.is_empty() {
        return Err(url_wrong("url-empty", said!("trouble_url_empty", "The URL is empty.")));
    }
    let url = match Url::parse(text) {
        Ok(url) => url,
        Err(url::ParseError::EmptyHost) => {
            return Err(no_host());
        }
        Err(url::ParseError::InvalidPort) => {
            return Err(port_wrong());
        }
        Err(url::ParseError::RelativeUrlWithoutBase) => return Err(scheme_missing(text)),
        Err(url::ParseError::IdnaError | url::ParseError::InvalidDomainCharacter) => {
            return Err(url_wrong(
                "url-host",
                said!(
                    "trouble_url_host_space",
                    "The host has a space in it, or something else that a host cannot have."
                ),
            ));
        }
        Err(url::ParseError::InvalidIpv4Address | url::ParseError::InvalidIpv6Address) => {
            return Err(url_wrong(
                "url-host",
                said!(
                    "trouble_url_host_address",
                    "The host looks like an IP address, but is none."
                ),
            ));
        }
        Err(error) => return Err(not_a_url(&error.to_string())),
    };
    match url.scheme() {
        "ws" | "wss" => {}
        web @ ("http" | "https") => {
            let instead = if web == "http" { "ws" } else { "wss" };
            let rest = text.split_once("://").map_or("", |(_, rest)| rest);
            let mut failure = url_wrong(
                "url-scheme",
                said!(
                    "trouble_url_scheme_web",
                    "{scheme}:// is the address of a web page, not of a WebSocket.",
                    scheme = web,
                ),
            );
            failure.trouble.advice = try_url(format!("{instead}://{rest}"));
            return Err(failure);
        }
        // A host and its port read like a scheme: “localhost:9000”.
        _ if !text.contains("://") => return Err(scheme_missing(text)),
        other => {
            return Err(url_wrong(
                "url-scheme",
                said!(
                    "trouble_url_scheme",
                    "{scheme}:// is not the address of a WebSocket.",
                    scheme = other,
                ),
            ));
        }
    }
    if url.host().is_none() {
        return Err(no_host());
    }
    match url.port_or_known_default() {
        Some(0) | None => Err(port_wrong()),
        Some(_) => Ok(url),
    }
}

/// Whether what a query has under this name is likely a secret.
pub fn names_secret(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    SECRET_NAMES.iter().any(|secret| name.contains(secret))
}

/// The URL as it can be shown: without a password, and without those values of the query that are
/// secret by their names.
fn masked(mut url: Url) -> String {
    if url.password().is_some() {
        // A URL that has no host refuses this, and has nothing to hide there.
        let _ = url.set_password(Some(HIDDEN));
    }
    if url.query_pairs().any(|(name, _)| names_secret(&name)) {
        let shown = |(name, value): (Cow<'_, str>, Cow<'_, str>)| {
            let value = if names_secret(&name) { HIDDEN.into() } else { value.into_owned() };
            (name.into_owned(), value)
        };
        let pairs: Vec<_> = url.query_pairs().map(shown).collect();
        url.query_pairs_mut().clear().extend_pairs(pairs);
    }
    url.set_fragment(None);
    url.into()
}

pub(super) fn url_wrong(code: &'static str, what: Said) -> Failure {
    Failure::new(
        Trouble {
            code,
            step: Step::Url,
            what,
            answer: None,
            advice: said!("advice_url", "A feed's address looks like wss://example.com/path."),
        },
        Verdict::Stop,
    )
}

fn not_a_url(why: &str) -> Failure {
    url_wrong("url", said!("trouble_url", "This is not a URL: {why}.", why))
}

fn no_host() -> Failure {
    url_wrong("url-host", said!("trouble_url_no_host", "The URL names no host."))
}

fn port_wrong() -> Failure {
    url_wrong("url-port", said!("trouble_url_port", "The port is not a number from 1 to 65535."))
}

pub(super) fn try_url(url: String) -> Said {
    said!("advice_try_url", "Try {url}", url)
}

fn header_wrong(name: &str) -> Failure {
    let what = said!(
        "trouble_header",
        "The header “{name}” has characters that a header cannot have.",
        name,
    );
    let mut failure = url_wrong("header", what);
    failure.trouble.advice = said!(
        "advice_header",
        "Look for spaces in the header's name, and for line breaks in its value."
    );
    failure
}

fn value_missing(Unknown { name, why }: Unknown) -> Failure {
    if let (Name::Secret(secret), Some(why)) = (&name, why) {
        return secrets::unanswered(Step::Url, secret, why);
    }
    let (code, what, advice) = match &name {
        Name::Secret(secret) => (
            "secret-missing",
            said!(
                "trouble_secret_missing",
                "There is no secret with the name “{secret}”.",
                secret = secret.as_str(),
            ),
            said!(
                "advice_secret_missing",
                "Give it in the details of the feed, or put it into the environment as {variable}.",
                variable = secrets::variable(secret),
            ),
        ),
        Name::Variable(variable) => (
            "value-missing",
            said!(
                "trouble_value_missing",
                "Nothing says what {name} stands for.",
                name = name.to_string(),
            ),
            said!(
                "advice_value_missing",
                "Choose a value for “{variable}”, or give it a default in the profile.",
                variable = variable.as_str(),
            ),
        ),
        Name::Message(_) => (
            "value-missing",
            said!(
                "trouble_value_early",
                "{name} has no meaning before a message came.",
                name = name.to_string(),
            ),
            said!("advice_value_early", "Use it in answers to messages only."),
        ),
    };
    let mut failure = url_wrong(code, what);
    failure.trouble.advice = advice;
    failure
}

fn withheld(secret: &str, destination: &Destination) -> Failure {
    let what = said!(
        "trouble_secret_withheld",
        "The secret “{secret}” was not given for {host}.",
        secret,
        host = destination.host(),
    );
    let mut failure = url_wrong("secret-withheld", what);
    failure.trouble.advice = said!(
        "advice_secret_withheld",
        "Whoever made the board wants it there. If you do, too, choose “Change…” in the menu of \
         the feed, and go through it to its end."
    );
    failure
}

/// A URL that begins with its host: how it may have been meant.
fn scheme_missing(text: &str) -> Failure {
    let what = said!("trouble_url_scheme_missing", "The URL does not begin with ws:// or wss://.");
    let mut failure = url_wrong("url-scheme", what);
    let rest = text.trim_start_matches('/');
    if let Ok(url) = Url::parse(&format!("wss://{rest}"))
        && url.username().is_empty()
    {
        // What is near seldom has a certificate, what is far mostly has.
        let is_near = match url.host() {
            Some(Host::Domain(name)) => !name.contains('.') || name.ends_with(".local"),
            _ => true,
        };
        let scheme = if is_near { "ws" } else { "wss" };
        failure.trouble.advice = try_url(format!("{scheme}://{rest}"));
    }
    failure
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::RealWorld;
    use crate::world::{Keeper, WithSecrets};
    use std::sync::Arc;

    #[test]
    fn what_is_likely_a_secret_is_not_shown() {
        let url = "wss://u:p@h/x?Session_Id=1&pass=2&access_code=3&apiKey=4&pair=a#5";
        let shown = "wss://u:***@h/x?Session_Id=***&pass=***&access_code=***&apiKey=***&pair=a";
        assert_eq!(masked(url.parse().unwrap()), shown);
    }

    #[test]
    fn where_a_profile_leads_is_what_is_dialled_with_its_variables() {
        let of = |url: &str, variable: &str| {
            let mut profile = Profile::from_url("");
            profile.connection.url = url.parse().unwrap();
            let default = Some(variable.to_owned());
            let variable = crate::profile::Variable { default, ..Default::default() };
            profile.variables.insert("v".into(), variable);
            let to = Destination::of(&profile, &Values::default(), &RealWorld::default());
            (to.url, to.origin)
        };
        for (url, variable, shown, origin) in [
            ("${v}", "wss://evil/x", "wss://evil/x", "wss://evil"),
            ("wss://a.example/${v}", "@evil", "wss://a.example/%40evil", "wss://a.example"),
            ("wss://good\\@evil/", "", "wss://good/@evil/", "wss://good"),
            ("WS://me@A:80/?t=${secret:t}", "", "ws://me@a/?t=${secret:t}", "ws://a"),
            ("ws://${secret:t}.evil:9/", "", "ws://${secret:t}.evil:9/", "ws://${secret:t}.evil:9"),
            ("${secret:url}", "", "${secret:url}", "${secret:url}"),
            ("ws://a:${secret:p}/${v}", "b", "ws://a:${secret:p}/b", "ws://a:${secret:p}/b"),
        ] {
            assert_eq!(of(url, variable), (shown.to_owned(), origin.to_owned()), "{url}");
        }
    }

    /// Knows no secret, or does not say so.
    struct Silent;

    impl Keeper for Silent {
        fn secret(&self, _: &dyn World, name: &str) -> Result<Option<String>, String> {
            if name == "locked" { Err("it is locked".into()) } else { Ok(None) }
        }

        fn withholds(&self, secret: &str) -> bool {
            secret == "kept"
        }
    }

    fn silent() -> WithSecrets<Silent> {
        WithSecrets { world: Arc::new(RealWorld::default()), keeper: Silent }
    }

    #[test]
    fn a_keychain_that_does_not_answer_is_asked_again_and_what_is_missing_is_not() {
        let of = |name: &str| {
            let mut profile = Profile::from_url("ws://a/");
            let header = format!("${{secret:{name}}}").parse().unwrap();
            profile.connection.headers.insert("X-Key".into(), header);
            let target = Target::new(&profile, &Values::default(), &silent());
            let failure = target.err().unwrap();
            (failure.trouble.code, failure.verdict)
        };
        assert_eq!(of("locked"), ("keychain", Verdict::Retry));
        assert_eq!(of("none"), ("secret-missing", Verdict::Stop));
        assert_eq!(of("kept"), ("secret-withheld", Verdict::Stop));
    }

    #[test]
    fn what_is_withheld_is_not_even_dialled_for_what_is_sent_later() {
        let mut profile = Profile::from_url("ws://a/");
        let send = Some("${secret:kept}".parse().unwrap());
        profile.opening = vec![crate::profile::Opening { send, ..Default::default() }];
        let target = Target::new(&profile, &Values::default(), &silent());
        assert_eq!(target.err().unwrap().trouble.code, "secret-withheld");
    }
}
