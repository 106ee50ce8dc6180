//! Adding a feed, and changing one: the profiles there are, what a person chooses, what is written
//! of that, trying it out, and the secrets that it names.

mod probing;
pub mod types;
mod written;

pub(crate) use probing::Probes;
pub(crate) use written::described;

use crate::api::{BoardFeed, Trouble};
use crate::app::App;
use feedscope_feed::profile::{Bundled, Values};
use feedscope_feed::world::WithSecrets;
use feedscope_feed::{Profile, Said, Step, link, said};
use std::collections::BTreeMap;
use types::{DraftChecked, DraftProblem, ProfileCard, SecretKept, Subscribed, VariableCard};

impl App {
    /// The profiles that come with Feedscope.
    pub fn profiles() -> Vec<ProfileCard> {
        Profile::bundled().iter().filter_map(card).collect()
    }

    /// What a feed that is being described comes to, and what of it is wrong.
    pub fn draft_check(&self, draft: &BoardFeed) -> DraftChecked {
        let (toml, profile) = match written::written(draft) {
            Ok(toml) => (toml.clone(), Profile::parse(&toml)),
            Err(wrong) => return DraftChecked { problems: vec![wrong], ..DraftChecked::default() },
        };
        match profile {
            Ok(profile) => DraftChecked {
                toml,
                secrets: profile.secrets().iter().map(|name| self.secret_kept(name)).collect(),
                problems: Vec::new(),
            },
            Err(errors) => {
                let problems = errors.problems.into_iter().map(DraftProblem::from).collect();
                DraftChecked { toml, secrets: Vec::new(), problems }
            }
        }
    }

    /// Subscribes a board to a feed that was described, and keeps the secrets that were given.
    pub fn feed_subscribe(
        &self,
        board: &str,
        draft: BoardFeed,
        secrets: &BTreeMap<String, String>,
        label: &str,
    ) -> Result<Subscribed, Trouble> {
        let draft = self.ready(draft, secrets)?;
        let unkept = self.keep(secrets);
        self.give_feed(&draft);
        let feed = self.take_feed(board, draft, label)?;
        Ok(Subscribed { feed, unkept })
    }

    /// Puts a feed as it is described now in the place of one of a board's.
    pub fn feed_change(
        &self,
        board: &str,
        feed: &str,
        draft: BoardFeed,
        secrets: &BTreeMap<String, String>,
        label: &str,
    ) -> Result<Subscribed, Trouble> {
        let draft = self.ready(draft, secrets)?;
        let unkept = self.keep(secrets);
        self.give_feed(&draft);
        let feed = self.change_feed(board, feed, draft, label)?;
        if !secrets.is_empty() {
            self.feed_reconnect(&feed.id);
        }
        Ok(Subscribed { feed, unkept })
    }

    /// How a feed of a board is described.
    pub fn feed_draft(&self, board: &str, feed: &str) -> Result<BoardFeed, Trouble> {
        self.board_feed(board, feed)
    }

    /// The secrets that a feed names, and where they are kept.
    pub fn feed_secrets(&self, feed: &str) -> Vec<SecretKept> {
        self.secrets_of(feed).iter().map(|name| self.secret_kept(name)).collect()
    }

    fn secrets_of(&self, feed: &str) -> Vec<String> {
        let shared = crate::shared::lock(&self.shared);
        let feed = shared.store.feeds.iter().find(|of| of.id == feed);
        feed.map(|feed| feed.profile.secrets()).unwrap_or_default()
    }

    /// Why secrets are kept until Feedscope ends and no longer, if that is so.
    pub fn no_keychain(&self) -> Option<String> {
        self.config.secrets.no_keychain()
    }

    /// Keeps a secret that was typed for a feed, which gets it from now on; and of the others, those
    /// that it was given for before. Those that wait, or were stopped, try again at once.
    pub fn secret_set(&self, feed: &str, name: &str, secret: &str) -> SecretKept {
        let why = self.config.secrets.set(name, secret).err();
        let profile = {
            let shared = crate::shared::lock(&self.shared);
            let feed = shared.store.feeds.iter().find(|one| one.id == feed);
            feed.map(|feed| feed.profile.clone())
        };
        if let Some(profile) = profile {
            self.give_those(&profile, |secret| secret == name);
        }
        let names = |profile: &Profile| profile.secrets().iter().any(|secret| secret == name);
        // Whatever stopped them: it may have been a secret that was wrong.
        self.redial(|feed, _| names(&feed.profile));
        SecretKept { why, ..self.secret_kept(name) }
    }

    /// Forgets a secret; feeds that are live stay so.
    pub fn secret_remove(&self, name: &str) -> SecretKept {
        let why = self.config.secrets.remove(name).err();
        SecretKept { why, ..self.secret_kept(name) }
    }

    fn secret_kept(&self, name: &str) -> SecretKept {
        let kept = self.config.secrets.kept(name);
        let (kept, why) = match kept {
            Ok(kept) => (Some(kept), None),
            Err(why) => (None, Some(why)),
        };
        SecretKept { name: name.to_owned(), kept, why }
    }

    /// The draft, if it is a feed that can be dialled.
    fn ready(
        &self,
        mut draft: BoardFeed,
        secrets: &BTreeMap<String, String>,
    ) -> Result<BoardFeed, Trouble> {
        let profile = described(&draft)?;
        let keeper = probing::Typed(secrets.clone());
        let world = WithSecrets { world: self.world.clone(), keeper };
        link::check(&profile, &Values::default(), &world)
            .map_err(|failure| Trouble::from(&failure.trouble))?;
        if draft.name.trim().is_empty() {
            draft.name = profile.name;
        }
        if let Some(url) = &mut draft.url {
            *url = url.trim().to_owned();
        }
        Ok(draft)
    }

    /// Why some could not be kept for longer than this run.
    fn keep(&self, secrets: &BTreeMap<String, String>) -> Option<String> {
        let mut why = None;
        for (name, secret) in secrets {
            why = self.config.secrets.set(name, secret).err().or(why);
        }
        why
    }
}

fn card(bundled: &Bundled) -> Option<ProfileCard> {
    let profile = Profile::bundled_named(bundled.id)?;
    let url = profile.shown_url();
    let secrets = profile.secrets();
    let variables = profile.variables.into_iter().map(|(name, variable)| VariableCard {
        name,
        about: variable.about,
        default: variable.default,
        choices: variable.choices,
    });
    Some(ProfileCard {
        id: bundled.id.to_owned(),
        name: profile.name,
        about: profile.about.unwrap_or_default(),
        docs: profile.docs,
        tags: profile.tags,
        url,
        secrets,
        variables: variables.collect(),
    })
}

fn trouble(code: &'static str, what: Said, answer: Option<String>, advice: Said) -> Trouble {
    Trouble::new(code, Step::Url.said(), what, answer, advice)
}

fn no_draft(problem: DraftProblem) -> Trouble {
    trouble(
        "feed-draft",
        said!("trouble_feed_draft", "This does not describe a feed."),
        Some(match problem.key.is_empty() {
            true => problem.what,
            false => format!("{}: {}", problem.key, problem.what),
        }),
        said!("advice_feed_draft", "Mend what is named above, then try again."),
    )
}

/// The feed of this computer is on each board already.
fn is_computer(draft: &BoardFeed) -> bool {
    draft.url.as_deref() == Some(crate::boards::COMPUTER_URL)
}
