//! What a feed is: where it is, how it opens, and where in its messages is what.
//!
//! A profile holds no code and no state: it is a TOML file. What it has that is not known yet when
//! it is written, a symbol or a secret, stands in it as `${name}` ([`Template`]) and is put in with
//! each attempt to connect.

mod book;
mod bundled;
mod check;
mod closing;
mod condition;
mod connection;
mod decode;
mod duration;
mod heartbeat;
mod limits;
mod one_or_many;
mod opening;
mod path;
mod problem;
mod read;
mod schema;
mod sequence;
mod template;
mod values;

pub use book::Book;
pub use bundled::Bundled;
pub use closing::{Closing, ClosingRule, Codes, Then};
pub use condition::Condition;
pub use connection::{Connection, Tls};
pub use decode::{
    Chunks, Compression, Decode, Encoding, Endian, Format, Framing, Kind, Names, Protobuf, Raw,
    RawNumber, Rule, TimeAt, TimeUnit,
};
pub use duration::DURATION_MAX;
pub use heartbeat::{Answer, Heartbeat, Interval, Ping};
pub use limits::{Acknowledgement, Backoff, Limits, Offline, Outbox};
pub use opening::{Only, Opening};
pub use path::{Path, PathError, Step};
pub use problem::{Place, Problem, ProfileErrors};
pub use sequence::{GapAction, OnGap, Resume, Scope, Sequence, SequenceRule};
pub use template::{Escape, KNOWN, Name, Template, TemplateError, Unknown};
pub use values::Values;

use one_or_many::{OneOrMany, one_or_many};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::PathBuf;

/// Everything there is to know about a feed before dialling it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Profile {
    /// What people call it.
    #[schemars(example = "My feed")]
    pub name: String,
    /// What it brings, in a sentence.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub about: Option<String>,
    /// Where its operator describes it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub docs: Option<String>,
    /// Words by which people look for it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<String>,
    /// What this profile was tried against.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tried: Option<Tried>,
    /// What whoever uses it chooses.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub variables: BTreeMap<String, Variable>,
    pub connection: Connection,
    /// Once the socket is open, step by step.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub opening: Vec<Opening>,
    #[serde(default)]
    pub heartbeat: Heartbeat,
    #[serde(default)]
    pub closing: Closing,
    #[serde(default)]
    pub backoff: Backoff,
    #[serde(default)]
    pub decode: Decode,
    /// The first that is for a message's channel, and that finds its numbers in it, counts.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub sequence: Vec<Sequence>,
    /// Where order books are.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub book: Vec<Book>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resume: Option<Resume>,
    #[serde(default)]
    pub outbox: Outbox,
    #[serde(default)]
    pub limits: Limits,
    /// Where the files are that it names.
    #[serde(skip)]
    pub folder: Option<PathBuf>,
}

/// Against what a profile was tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Tried {
    /// The feed itself.
    Live,
    /// A recording of what the feed sent.
    Recording,
    /// A server of our own that follows the feed's public description.
    Description,
}

/// What whoever uses a profile chooses.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Variable {
    /// What it is, for a person.
    #[schemars(example = "The market, such as BTC-USD")]
    pub about: String,
    /// Without one, it must be given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default: Option<String>,
    /// Some of the values it can have.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub choices: Vec<String>,
}

impl Profile {
    /// The profile of a feed of which only the URL is known.
    pub fn from_url(url: &str) -> Self {
        Profile {
            name: host_of(url).unwrap_or(url).to_owned(),
            about: None,
            docs: None,
            tags: Vec::new(),
            tried: None,
            variables: BTreeMap::new(),
            connection: Connection { url: Template::plain(url), ..Connection::default() },
            opening: Vec::new(),
            heartbeat: Heartbeat::default(),
            closing: Closing::default(),
            backoff: Backoff::default(),
            decode: Decode { channel: usual_channels(), ..Decode::default() },
            sequence: Vec::new(),
            book: Vec::new(),
            resume: None,
            outbox: Outbox::default(),
            limits: Limits::default(),
            folder: None,
        }
    }

    /// The URL without what may be secret: user, password, query and fragment. Names stay names.
    pub fn shown_url(&self) -> String {
        let named = |name: &Name| Some(name.to_string().into());
        let text = self.connection.url.expand(Escape::No, named).unwrap_or_default();
        match url::Url::parse(&text) {
            // A URL with names in it would come back with their brackets encoded.
            Ok(mut url) if self.connection.url.names().next().is_none() => {
                // A URL that has no host refuses these, and has nothing to hide there.
                let _ = url.set_username("");
                let _ = url.set_password(None);
                url.set_query(None);
                url.set_fragment(None);
                url.to_string()
            }
            _ => text.split(['?', '#']).next().unwrap_or_default().to_owned(),
        }
    }
}

/// The names under which feeds say what channel a message is of, by how specific they are.
fn usual_channels() -> Vec<Path> {
    ["channel", "stream", "topic", "feed", "table", "ch", "event", "type", "e", "op"]
        .into_iter()
        .map(Path::key)
        .collect()
}

fn host_of(url: &str) -> Option<&str> {
    let rest = url.split_once("://")?.1;
    let authority = rest.split(['/', '?', '#']).next()?;
    let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    (!host.is_empty()).then_some(host)
}
