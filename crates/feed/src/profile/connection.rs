//! Where a feed is, and how its server is reached.

use super::Template;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::PathBuf;

/// Where a feed is, and how its server is reached. All of it is worked out anew with each attempt.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Connection {
    /// `ws://` or `wss://`. Values are put in percent-encoded, but for one that it begins with:
    /// that is a URL itself.
    #[schemars(example = "wss://example.com/feed")]
    pub url: Template,
    /// Added to the URL's query. One whose value has a name that is not known yet (`${cursor}`
    /// before the first message) is left out.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub query: BTreeMap<String, Template>,
    /// Sent with the handshake, beside those that the protocol needs.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub headers: BTreeMap<String, Template>,
    /// The page that we say we come from; some servers ask.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub origin: Option<Template>,
    /// Offered in this order; the server must choose one of them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub subprotocols: Vec<String>,
    #[serde(default)]
    pub tls: Tls,
    /// `http://host:port`, `https://host:port` or `socks5://host:port`, with `user:password@` where
    /// it wants them; or `none`. If this is not given, the environment decides (`ALL_PROXY`,
    /// `HTTPS_PROXY`, `HTTP_PROXY`, `NO_PROXY`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub proxy: Option<Template>,
}

/// Whom we trust, and who we are.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Tls {
    /// Certificates of authorities to trust beside those of this computer: a PEM file, found from
    /// the profile's folder.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ca: Option<PathBuf>,
    /// Our own certificate, with those between it and its authority: a PEM file.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client_certificate: Option<PathBuf>,
    /// The key of `client_certificate`: a PEM file.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client_key: Option<PathBuf>,
    /// Takes any certificate for genuine, whoever signed it and for whatever name: whoever is in
    /// between can read and change everything. For a server of your own that signed its own.
    pub danger_accept_any_certificate: bool,
}
