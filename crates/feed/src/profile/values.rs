//! What stands behind the names in a profile.

use super::{Name, Profile, Unknown};
use crate::world::World;
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::time::Duration;

/// What is chosen, and what is known so far.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Values {
    /// What the user chose for the profile's variables.
    pub variables: BTreeMap<String, String>,
    /// `${cursor}`, `${sequence}`, `${channel}` and so on, as far as they are known.
    pub known: BTreeMap<&'static str, String>,
}

impl Profile {
    /// The value of a name, if it has one: what is known, then what was chosen, then the
    /// variable's default.
    pub fn value<'v>(
        &'v self,
        values: &'v Values,
        world: &dyn World,
        name: &Name,
    ) -> Result<Cow<'v, str>, Unknown> {
        let value = match name {
            Name::Variable(name) if name == "time_ms" => {
                let since_epoch = u64::try_from(world.now().0).ok().map(Duration::from_nanos);
                since_epoch.map(|since| since.as_millis().to_string().into())
            }
            Name::Variable(name) => {
                let known = values.known.get(name.as_str());
                let chosen = || values.variables.get(name.as_str());
                let default = || self.variables.get(name)?.default.as_ref();
                known.or_else(chosen).or_else(default).map(|value| value.as_str().into())
            }
            Name::Secret(secret) => {
                let secret = world.secret(secret);
                let secret =
                    secret.map_err(|why| Unknown { name: name.clone(), why: Some(why) })?;
                secret.map(Cow::Owned)
            }
            // Only whoever has the message knows.
            Name::Message(_) => None,
        };
        value.ok_or_else(|| name.into())
    }
}
