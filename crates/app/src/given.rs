//! Which secrets were given for where: a board from elsewhere can name any secret and any address,
//! and what leads to an address gets those secrets alone that a person gave for it.

use crate::api::{BoardFeed, Trouble};
use crate::app::App;
use crate::boards::{self, Folder};
use crate::dir;
use crate::shared::lock;
use feedscope_feed::link::Destination;
use feedscope_feed::profile::Values;
use feedscope_feed::world::{Keeper, WithSecrets};
use feedscope_feed::{Profile, State, World};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};

/// What a feed is stopped for that names a secret which was not given for where it leads.
const WITHHELD: &str = "secret-withheld";

/// Where each secret may be sent, by its name: scheme, host and port.
#[derive(Debug, Default, PartialEq, Serialize, Deserialize)]
struct Document {
    #[serde(default)]
    given: BTreeMap<String, BTreeSet<String>>,
}

#[derive(Debug)]
pub(crate) struct Given {
    path: PathBuf,
    document: Mutex<Document>,
}

impl Given {
    /// What the file says; none, where it says nothing that can be read. Where there is no file yet,
    /// what feeds the boards of the folder have were added before there was one, by who may.
    pub fn open(path: PathBuf, folder: &Folder, world: &dyn World) -> Self {
        let read = std::fs::read(&path);
        let is_new = read.as_ref().is_err_and(|error| error.kind() == io::ErrorKind::NotFound);
        let document = read.ok().and_then(|bytes| serde_json::from_slice(&bytes).ok());
        let given = Given { path, document: Mutex::new(document.unwrap_or_default()) };
        if is_new {
            for feed in folder.feeds() {
                if let Some(profile) = boards::profile_of(&feed) {
                    given.note(&profile, world, |_| true);
                }
            }
            // It is tried again with the first that is given.
            let _ = given.save();
        }
        given
    }

    fn has(&self, secret: &str, origin: &str) -> bool {
        let document = lock(&self.document);
        document.given.get(secret).is_some_and(|origins| origins.contains(origin))
    }

    /// Those secrets of a feed that it does not get where it leads.
    pub fn lacking(&self, profile: &Profile, world: &dyn World) -> Vec<String> {
        let mut secrets = profile.secrets();
        if !secrets.is_empty() {
            let to = Destination::of(profile, &Values::default(), world);
            secrets.retain(|secret| !self.has(secret, &to.origin));
        }
        secrets
    }

    /// A feed gets `those` that it names, wherever it leads now. Whether it did not before.
    fn note(&self, profile: &Profile, world: &dyn World, those: impl Fn(&str) -> bool) -> bool {
        let mut lacking = self.lacking(profile, world);
        lacking.retain(|secret| those(secret));
        if lacking.is_empty() {
            return false;
        }
        let to = Destination::of(profile, &Values::default(), world);
        let mut document = lock(&self.document);
        for secret in lacking {
            document.given.entry(secret).or_default().insert(to.origin.clone());
        }
        true
    }

    fn save(&self) -> io::Result<()> {
        // Held, so that an older one never comes over a newer one.
        let document = lock(&self.document);
        dir::write_json(&self.path, &*document)
    }

    /// The world in which this feed gets what was given for where it leads.
    pub fn world(self: &Arc<Self>, profile: &Profile, world: Arc<dyn World>) -> Arc<dyn World> {
        let Destination { origin, .. } = Destination::of(profile, &Values::default(), &*world);
        let keeper = Guard { given: self.clone(), origin };
        Arc::new(WithSecrets { world, keeper })
    }
}

impl App {
    /// From now on, this feed gets the secrets that it names, since a person wants that.
    pub(crate) fn give(&self, profile: &Profile) {
        self.give_those(profile, |_| true);
    }

    /// The same of `those` alone. Feeds that were stopped for want of that are dialled.
    pub(crate) fn give_those(&self, profile: &Profile, those: impl Fn(&str) -> bool) {
        if !self.given.note(profile, &*self.world, those) {
            return;
        }
        if let Err(error) = self.given.save() {
            self.trouble(dir::given_unsaved(&self.given.path, &error));
        }
        self.redial(|feed, code| {
            code == WITHHELD && self.given.lacking(&feed.profile, &*self.world).is_empty()
        });
    }

    pub(crate) fn give_feed(&self, feed: &BoardFeed) {
        if let Some(profile) = boards::profile_of(feed) {
            self.give(&profile);
        }
    }

    /// Dials those feeds anew that wait or have stopped by themselves, by the code of why.
    pub(crate) fn redial(&self, which: impl Fn(&crate::feeds::Feed, &str) -> bool) {
        let shared = lock(&self.shared);
        for feed in &shared.store.feeds {
            let is_idle = matches!(feed.state, State::Waiting | State::Stopped);
            let last = feed.transitions.back().filter(|_| is_idle);
            let trouble: Option<&Trouble> = last.and_then(|last| last.trouble.as_ref());
            if let (Some(trouble), Some(subscription)) = (trouble, &feed.subscription)
                && which(feed, trouble.code)
            {
                subscription.reconnect();
            }
        }
    }
}

/// Keeps from what leads to an origin those secrets that were not given for it.
struct Guard {
    given: Arc<Given>,
    origin: String,
}

impl Keeper for Guard {
    fn secret(&self, world: &dyn World, name: &str) -> Result<Option<String>, String> {
        if self.withholds(name) { Ok(None) } else { world.secret(name) }
    }

    fn withholds(&self, secret: &str) -> bool {
        !self.given.has(secret, &self.origin)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use feedscope_feed::RealWorld;

    fn feed(address: &str) -> Profile {
        let url = ("url".to_owned(), address.to_owned());
        let profile = Some("home-assistant".to_owned());
        let feed = BoardFeed { profile, variables: [url].into(), ..BoardFeed::default() };
        boards::profile_of(&feed).unwrap()
    }

    #[test]
    fn a_secret_is_given_for_one_place_and_for_no_other() {
        let data = tempfile::tempdir().unwrap();
        let (path, world) = (data.path().join("given.json"), RealWorld::default());
        let folder = Folder::new(data.path());
        let given = Given::open(path.clone(), &folder, &world);
        let home = feed("wss://home:8123/api/websocket");
        assert_eq!(given.lacking(&home, &world), ["home-assistant"]);
        assert!(!given.note(&home, &world, |secret| secret == "another"));
        assert!(given.note(&home, &world, |_| true) && !given.note(&home, &world, |_| true));
        given.save().unwrap();
        let again = Given::open(path, &folder, &world);
        assert!(again.lacking(&home, &world).is_empty());
        assert!(again.lacking(&feed("wss://home:8123/another/path"), &world).is_empty());
        for other in ["wss://evil/", "wss://home/", "ws://home:8123/", "wss://home:8123@evil/"] {
            assert_eq!(again.lacking(&feed(other), &world), ["home-assistant"], "{other}");
        }
        let again = Arc::new(again);
        let world: Arc<dyn World> = Arc::new(world);
        assert!(!again.world(&home, world.clone()).withholds("home-assistant"));
        assert!(again.world(&home, world.clone()).withholds("another"));
        assert!(again.world(&feed("wss://evil/"), world).withholds("home-assistant"));
    }

    #[test]
    fn feeds_of_before_there_was_such_a_list_keep_their_secrets() {
        let data = tempfile::tempdir().unwrap();
        let (path, world) = (data.path().join("given.json"), RealWorld::default());
        let folder = Folder::new(data.path());
        let board = |url: &str| {
            let file = folder.new_file("b");
            std::fs::create_dir_all(file.parent().unwrap()).unwrap();
            let feed = serde_json::json!({ "id": "f", "url": url });
            let board = serde_json::json!({ "feedscope": 2, "id": "b", "feeds": [feed] });
            std::fs::write(file, board.to_string()).unwrap();
        };
        let of = |url: &str| boards::at(url);
        board("wss://mine/?t=${secret:t}");
        let given = Given::open(path.clone(), &folder, &world);
        assert!(given.lacking(&of("wss://mine/?t=${secret:t}"), &world).is_empty());
        board("wss://later/?t=${secret:t}");
        let given = Given::open(path, &folder, &world);
        assert!(given.lacking(&of("wss://mine/?t=${secret:t}"), &world).is_empty());
        assert_eq!(given.lacking(&of("wss://later/?t=${secret:t}"), &world), ["t"]);
    }
}
