//! Which feed is meant: a URL, a profile's file, or a profile that comes with feedtap.

use crate::args;
use crate::exit::Failure;
use crate::visible::{visible, visible_lines};
use feedscope_feed::profile::Template;
use feedscope_feed::{Profile, RealWorld, Secrets, Settings};
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

/// A feed that can be subscribed to.
#[derive(Debug)]
pub struct Feed {
    pub profile: Profile,
    pub variables: BTreeMap<String, String>,
}

impl Feed {
    pub fn find(args: args::Feed) -> Result<Self, Failure> {
        let mut profile = profile(&args.feed)?;
        if let Some(url) = args.url {
            profile.connection.url = Template::plain(url);
        }
        for (name, value) in args.headers {
            let value = value.parse::<Template>().map_err(|error| {
                Failure::unusable(format!("The header {} cannot be read: {error}.", visible(&name)))
            })?;
            profile.connection.headers.insert(name, value);
        }
        profile.connection.subprotocols.extend(args.subprotocols);
        let variables = chosen(&profile, args.set)?;
        Ok(Feed { profile, variables })
    }

    pub fn settings(&self) -> Settings {
        let world = RealWorld::knowing(Arc::new(Secrets::of_system()));
        Settings {
            variables: self.variables.clone(),
            world: Arc::new(world),
            ..Settings::default()
        }
    }
}

fn profile(feed: &str) -> Result<Profile, Failure> {
    if feed.contains("://") {
        return Ok(Profile::from_url(feed));
    }
    let path = Path::new(feed);
    if path.exists() || path.extension().is_some_and(|extension| extension == "toml") {
        return Profile::read(path).map_err(|errors| {
            let lines: Vec<_> = visible_lines(&errors.to_string()).collect();
            Failure::unusable(lines.join("\n"))
        });
    }
    Profile::bundled_named(feed).ok_or_else(|| unknown_profile(feed))
}

pub fn unknown_profile(name: &str) -> Failure {
    Failure::unusable(format!(
        "There is no profile “{}”, and no file of that name. “feedtap profile list” shows those \
         there are; a URL starts with ws:// or wss://.",
        visible(name)
    ))
}

/// What was chosen for the variables, all of which must have a value in the end.
fn chosen(
    profile: &Profile,
    set: Vec<(String, String)>,
) -> Result<BTreeMap<String, String>, Failure> {
    let chosen: BTreeMap<_, _> = set.into_iter().collect();
    if let Some(unknown) = chosen.keys().find(|name| !profile.variables.contains_key(*name)) {
        let known: Vec<_> = profile.variables.keys().map(String::as_str).collect();
        let known = match known[..] {
            [] => "It has none.".to_owned(),
            _ => format!("It has {}.", known.join(", ")),
        };
        return Err(Failure::unusable(format!(
            "{} has no variable “{}”. {known}",
            visible(&profile.name),
            visible(unknown)
        )));
    }
    for (name, variable) in &profile.variables {
        if variable.default.is_none() && !chosen.contains_key(name) && is_used(profile, name) {
            return Err(Failure::unusable(format!(
                "{} needs a value for {name}: {} Give it with --set {name}=….",
                visible(&profile.name),
                visible(&variable.about)
            )));
        }
    }
    Ok(chosen)
}

/// The URL may have been replaced, and with it the only place of a variable.
fn is_used(profile: &Profile, variable: &str) -> bool {
    profile.templates().flat_map(Template::names).any(
        |name| matches!(name, feedscope_feed::profile::Name::Variable(name) if name == variable),
    )
}
