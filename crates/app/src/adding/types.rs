//! What crosses between the window and the application while a feed is added.

use crate::api::{Feed, Trouble};
use feedscope_feed::Said;
use feedscope_feed::probe::Heard;
use feedscope_feed::profile::Problem;
use feedscope_feed::said::Part;
use feedscope_feed::secrets::Kept;
use serde::Serialize;
use ts_rs::TS;

/// A profile, as one chooses among them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
pub struct ProfileCard {
    pub id: String,
    pub name: String,
    /// What it brings, in a sentence.
    pub about: String,
    pub docs: Option<String>,
    pub tags: Vec<String>,
    pub url: String,
    /// The secrets that it names: whoever uses it has an account.
    pub secrets: Vec<String>,
    pub variables: Vec<VariableCard>,
}

/// Something that whoever uses a profile chooses.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
pub struct VariableCard {
    pub name: String,
    pub about: String,
    pub default: Option<String>,
    /// Some of its values.
    pub choices: Vec<String>,
}

/// What a draft comes to.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, TS)]
pub struct DraftChecked {
    /// The profile, as its file would have it.
    pub toml: String,
    pub secrets: Vec<SecretKept>,
    /// None, if it is a feed.
    pub problems: Vec<DraftProblem>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, TS)]
pub struct DraftProblem {
    /// Of the profile: `connection.headers.X-Key`.
    pub key: String,
    pub what: String,
    /// The same, for other languages.
    pub said: Vec<Part>,
}

impl DraftProblem {
    pub fn new(key: &str, what: Said) -> Self {
        let said = what.parts().to_vec();
        DraftProblem { key: key.to_owned(), what: what.to_string(), said }
    }
}

impl From<Problem> for DraftProblem {
    fn from(problem: Problem) -> Self {
        DraftProblem::new(&problem.key, problem.what.into())
    }
}

/// A secret, by its name: what it is, is told to nobody.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
pub struct SecretKept {
    pub name: String,
    /// `null` where the keychain cannot be asked.
    pub kept: Option<Kept>,
    /// Why the keychain did not do what was wanted.
    pub why: Option<String>,
}

/// A feed that was subscribed to.
#[derive(Clone, Debug, Serialize, TS)]
pub struct Subscribed {
    pub feed: Feed,
    /// Why its secrets are kept until Feedscope ends, and no longer.
    pub unkept: Option<String>,
}

/// How a feed does that is being tried out.
#[derive(Clone, Debug, Default, PartialEq, Serialize, TS)]
pub struct ProbeLook {
    /// From the first that was asked for.
    pub steps: Vec<ProbeStep>,
    pub heard: Option<Heard>,
    /// It goes no further.
    pub done: bool,
    /// Why.
    pub trouble: Option<Trouble>,
}

/// What was found.
#[derive(Clone, Debug, PartialEq, Serialize, TS)]
pub struct ProbeStep {
    /// How long it took.
    pub took_ms: Option<f64>,
    #[serde(flatten)]
    pub what: ProbeFound,
}

#[derive(Clone, Debug, PartialEq, Serialize, TS)]
#[serde(tag = "found", rename_all = "kebab-case")]
pub enum ProbeFound {
    Resolved {
        host: String,
        addresses: Vec<String>,
    },
    Proxy {
        proxy: String,
    },
    Connected {
        to: String,
    },
    Certificate {
        issuer: String,
        days_left: i64,
    },
    Secured {
        version: String,
    },
    Upgraded {
        server: Option<String>,
    },
    Opened {
        /// Counted from 1.
        number: usize,
        /// As it stands in the profile.
        sent: Option<String>,
        /// `false`: the profile names no answer.
        answered: bool,
    },
    Message {
        channel: String,
        begins: String,
        is_data: bool,
    },
    Unreadable {
        why: String,
        begins: String,
    },
    /// What something looks like, and what to do about it.
    Sign {
        text: String,
    },
    Silent {
        waited_ms: f64,
    },
    Pong {
        round_trip_ms: f64,
    },
    NoPong {
        waited_ms: f64,
    },
    Clock {
        ahead_ms: f64,
        uncertainty_ms: f64,
    },
}
