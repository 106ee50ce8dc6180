//! What channels and keys are called, and what the numbers mean by which messages name them.

use super::recent::Recent;
use crate::record::{ChannelId, KeyId};
use std::collections::HashMap;
use std::sync::Arc;

/// Channels beyond this many are one, called [`OTHERS_NAME`], so that names that never repeat
/// cannot fill the memory. Four times what the largest exchange lets one connection subscribe to.
pub const CHANNELS_MAX: u32 = 4_096;

/// The channel of messages whose channel is one too many: they have nothing in common, and are in
/// sequence with nothing.
pub const OTHERS: ChannelId = ChannelId(CHANNELS_MAX);
pub const OTHERS_NAME: &str = "other channels";

/// Keys beyond this many are not told apart, for the same reason. Ten times the instruments of the
/// largest exchange.
pub const KEYS_MAX: u32 = 100_000;

/// The key of messages whose key is one too many, or too long: they have nothing in common, and
/// are in sequence with nothing.
pub const OTHER_KEYS: KeyId = KeyId(KEYS_MAX);
pub const OTHER_KEYS_NAME: &str = "other keys";

/// A longer key does not count as one, for the same reason.
pub const KEY_BYTES_MAX: usize = 256;

/// Numbers that were given a meaning in one session; further ones stay numbers.
const ALIASES_MAX: usize = CHANNELS_MAX as usize;

/// What the numbers in records stand for.
#[derive(Debug, Default)]
pub struct Names {
    channel_names: Vec<Arc<str>>,
    key_names: Vec<Arc<str>>,
    /// Names are the sender's choice, hence a hash that it cannot foresee.
    channels: HashMap<Arc<str>, ChannelId>,
    keys: HashMap<Arc<str>, KeyId>,
    recent_channels: Recent<ChannelId>,
    recent_keys: Recent<KeyId>,
}

impl Names {
    pub fn channel(&self, channel: ChannelId) -> Option<&str> {
        self.channel_arc(channel).map(|name| &**name)
    }

    pub fn key(&self, key: KeyId) -> Option<&str> {
        let name = self.key_names.get(key.0 as usize).map(|name| &**name);
        name.or((key == OTHER_KEYS).then_some(OTHER_KEYS_NAME))
    }

    pub(super) fn channel_arc(&self, channel: ChannelId) -> Option<&Arc<str>> {
        self.channel_names.get(channel.0 as usize)
    }

    /// The channel of this name, or [`OTHERS`] if there are too many.
    pub(super) fn channel_id(&mut self, name: &str) -> ChannelId {
        if let Some(channel) = self.recent_channels.get(name) {
            return channel;
        }
        if let Some((name, channel)) = self.channels.get_key_value(name) {
            self.recent_channels.put(name.clone(), *channel);
            return *channel;
        }
        // Fits, since there are at most CHANNELS_MAX + 1.
        let channel = ChannelId(self.channel_names.len() as u32);
        if channel < OTHERS {
            let name: Arc<str> = name.into();
            self.channel_names.push(name.clone());
            self.channels.insert(name, channel);
            return channel;
        }
        if channel == OTHERS {
            self.channel_names.push(OTHERS_NAME.into());
        }
        OTHERS
    }

    /// The key of this name, or [`OTHER_KEYS`] if it is too long, or there are too many.
    pub(super) fn key_id(&mut self, name: &str) -> KeyId {
        if let Some(key) = self.recent_keys.get(name) {
            return key;
        }
        if let Some((name, key)) = self.keys.get_key_value(name) {
            self.recent_keys.put(name.clone(), *key);
            return *key;
        }
        // Fits, since there are at most KEYS_MAX.
        let key = KeyId(self.key_names.len() as u32);
        if key >= OTHER_KEYS || name.len() > KEY_BYTES_MAX {
            return OTHER_KEYS;
        }
        let name: Arc<str> = name.into();
        self.key_names.push(name.clone());
        self.keys.insert(name, key);
        key
    }
}

/// What a number means that stands for a channel.
#[derive(Clone, Debug)]
pub(super) struct Alias {
    pub channel: Arc<str>,
    pub key: Option<KeyId>,
}

/// The numbers that were given a meaning in this session.
#[derive(Debug, Default)]
pub(super) struct Aliases {
    of: HashMap<Box<str>, Alias>,
}

impl Aliases {
    pub fn get(&self, number: &str) -> Option<&Alias> {
        self.of.get(number)
    }

    pub fn insert(&mut self, number: &str, alias: Alias) {
        if let Some(known) = self.of.get_mut(number) {
            *known = alias;
        } else if self.of.len() < ALIASES_MAX && number.len() <= KEY_BYTES_MAX {
            self.of.insert(number.into(), alias);
        }
    }

    pub fn clear(&mut self) {
        self.of.clear();
    }
}
