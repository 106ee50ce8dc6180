//! The profiles that come with Feedscope: the files in `profiles/`, which are part of the program.

use super::Profile;

/// A profile that comes with Feedscope.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bundled {
    /// Its file's name, without `.toml`.
    pub id: &'static str,
    /// What is in its file.
    pub text: &'static str,
}

macro_rules! bundled {
    ($($id:literal),* $(,)?) => {
        &[$(Bundled {
            id: $id,
            text: include_str!(concat!(
                env!("CARGO_MANIFEST_DIR"), "/../../profiles/", $id, ".toml"
            )),
        }),*]
    };
}

/// By what people look for first: exchanges, then others, then those for any feed of a kind.
const BUNDLED: &[Bundled] = bundled![
    "binance-spot",
    "binance-futures",
    "coinbase-exchange",
    "coinbase-advanced",
    "kraken",
    "kraken-futures",
    "bitfinex",
    "deribit",
    "okx",
    "bybit",
    "bitmex",
    "htx",
    "bitstamp",
    "bluesky-jetstream",
    "home-assistant",
    "signalk",
    "this-computer",
    "json",
    "messagepack",
    "socket-io",
];

impl Profile {
    /// All profiles that come with Feedscope.
    pub fn bundled() -> &'static [Bundled] {
        BUNDLED
    }

    /// The profile that comes with Feedscope under this name: `kraken`, `this-computer`.
    pub fn bundled_named(id: &str) -> Option<Self> {
        let bundled = BUNDLED.iter().find(|bundled| bundled.id == id)?;
        // That each of them can be read is made sure by a test.
        Profile::parse(bundled.text).ok()
    }
}
