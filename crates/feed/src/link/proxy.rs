//! A proxy between us and the server: which one, and how it is asked for a tunnel.

use super::handshake::{self, Refusal};
use super::target::{Target, authority};
use crate::Said;
use crate::said;
use crate::session::Failure;
use crate::session::close::{Verdict, after_status};
use crate::trouble::{Step, Trouble};
use crate::world::{Duplex, World};
use hyper_util::client::proxy::matcher::{Intercept, Matcher};
use std::fmt;
use tokio::io::AsyncWriteExt;
use tokio_socks::Error as SocksError;
use tokio_socks::tcp::Socks5Stream;
use tokio_tungstenite::tungstenite::http::Uri;
use url::{Host, Url};

/// See the [module](self).
#[derive(Clone)]
pub(super) struct Proxy {
    pub kind: Kind,
    pub host: Host<String>,
    pub port: u16,
    pub named_by: NamedBy,
    intercept: Intercept,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Http,
    /// HTTP within TLS.
    Https,
    Socks5,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum NamedBy {
    Profile,
    Environment,
}

impl Proxy {
    /// The one that the profile names; `none` is none.
    pub fn given(text: &str, url: &Url) -> Result<Option<Self>, Failure> {
        let text = text.trim();
        if text == "none" {
            return Ok(None);
        }
        let matcher = Matcher::builder().all(text).build();
        let proxy = matcher.intercept(&as_web(url)).and_then(|intercept| {
            let has_scheme = text.contains("://");
            has_scheme.then(|| Proxy::new(intercept, NamedBy::Profile)).flatten()
        });
        proxy.map(Some).ok_or_else(|| {
            let trouble = Trouble {
                code: "proxy-url",
                step: Step::Proxy,
                // Not the text itself, which may have a password in it.
                what: said!(
                    "trouble_proxy_url",
                    "The profile's proxy is not the address of a proxy."
                ),
                answer: None,
                advice: said!(
                    "advice_proxy_url",
                    "It looks like http://host:port, https://host:port or socks5://host:port, or \
                     is the word none."
                ),
            };
            Failure::new(trouble, Verdict::Stop)
        })
    }

    /// The one that the environment names for this URL, as curl reads it. Never one to this
    /// computer itself.
    pub fn from_environment(world: &dyn World, url: &Url) -> Option<Self> {
        let is_here = match url.host()? {
            Host::Domain(name) => name == "localhost" || name.ends_with(".localhost"),
            Host::Ipv4(ip) => ip.is_loopback(),
            Host::Ipv6(ip) => ip.is_loopback(),
        };
        if is_here {
            return None;
        }
        let either = |name: &str| {
            let found = world.environment(name);
            found.or_else(|| world.environment(&name.to_lowercase())).unwrap_or_default()
        };
        let matcher = Matcher::builder()
            .all(either("ALL_PROXY"))
            .http(either("HTTP_PROXY"))
            .https(either("HTTPS_PROXY"))
            .no(either("NO_PROXY"))
            .build();
        Proxy::new(matcher.intercept(&as_web(url))?, NamedBy::Environment)
    }

    fn new(intercept: Intercept, named_by: NamedBy) -> Option<Self> {
        let uri = intercept.uri();
        let (kind, port) = match uri.scheme_str()? {
            "http" => (Kind::Http, 80),
            "https" => (Kind::Https, 443),
            "socks5" | "socks5h" => (Kind::Socks5, 1080),
            _ => return None,
        };
        let (host, port) = (Host::parse(uri.host()?).ok()?, uri.port_u16().unwrap_or(port));
        Some(Proxy { kind, host, port, named_by, intercept })
    }

    /// Asks for a tunnel to the target. The proxy looks the target's name up.
    pub async fn tunnel(
        &self,
        stream: Box<dyn Duplex>,
        target: &Target,
    ) -> Result<Box<dyn Duplex>, Failure> {
        match self.kind {
            Kind::Http | Kind::Https => self.connect_method(stream, target).await,
            Kind::Socks5 => self.socks(stream, target).await,
        }
    }

    async fn connect_method(
        &self,
        mut stream: Box<dyn Duplex>,
        target: &Target,
    ) -> Result<Box<dyn Duplex>, Failure> {
        let to = authority(&target.host, target.port);
        let mut request = format!("CONNECT {to} HTTP/1.1\r\nHost: {to}\r\n").into_bytes();
        if let Some(basic) = self.intercept.basic_auth() {
            request.extend_from_slice(b"Proxy-Authorization: ");
            request.extend_from_slice(basic.as_bytes());
            request.extend_from_slice(b"\r\n");
        }
        request.extend_from_slice(b"\r\n");
        let asked = async {
            stream.write_all(&request).await?;
            stream.flush().await
        };
        asked.await.map_err(|error| self.cut(error.to_string()))?;
        let is_yes = |status: u16| (200..300).contains(&status);
        let answer = match handshake::answer(&mut stream, is_yes).await {
            Ok(answer) => answer,
            Err(Refusal::Cut(why)) => {
                return Err(self.cut(why.map_or(String::new(), |error| error.to_string())));
            }
            Err(_) => return Err(self.not_a_proxy(None)),
        };
        let status = answer.response.status();
        if is_yes(status.as_u16()) {
            // The server has nothing to say before we do, in TLS as in a handshake.
            return Ok(stream);
        }
        let advice = match status.as_u16() {
            407 if self.intercept.basic_auth().is_some() => {
                said!(
                    "advice_proxy_password",
                    "Check the user and the password in the proxy's address."
                )
            }
            407 => said!(
                "advice_proxy_user",
                "Put the user and the password into the proxy's address: \
                 http://user:password@host:port."
            ),
            403 => {
                said!("advice_proxy_forbids", "The proxy forbids this address: ask who runs it.")
            }
            502..=504 => said!(
                "advice_proxy_cannot_reach",
                "The proxy cannot reach the server: check the address; it will be tried again."
            ),
            _ => said!(
                "advice_proxy_refused",
                "Check that it is a proxy, and that it lets connections to this port through."
            ),
        };
        let mut failure = Failure::new(
            Trouble {
                code: "proxy-refused",
                step: Step::Proxy,
                what: said!(
                    "trouble_proxy_refused",
                    "{proxy} refused to connect us to {to}. It answered {status}.",
                    proxy = self.said(),
                    to,
                    status = status.to_string(),
                ),
                answer: Some(answer.shown()),
                advice,
            },
            after_status(status.as_u16(), answer.retry_after(target.now)),
        );
        failure.status = Some(status.as_u16());
        Err(failure)
    }

    async fn socks(
        &self,
        stream: Box<dyn Duplex>,
        target: &Target,
    ) -> Result<Box<dyn Duplex>, Failure> {
        let bare = match &target.host {
            // In a URL an address of IPv6 has brackets.
            Host::Ipv6(ip) => ip.to_string(),
            host => host.to_string(),
        };
        let to = (bare.as_str(), target.port);
        let opened = match self.intercept.raw_auth() {
            Some((user, password)) => {
                Socks5Stream::connect_with_password_and_socket(stream, to, user, password).await
            }
            None => Socks5Stream::connect_with_socket(stream, to).await,
        };
        opened.map(|opened| opened.into_inner()).map_err(|error| self.socks_failed(target, &error))
    }

    fn socks_failed(&self, target: &Target, error: &SocksError) -> Failure {
        let to = target.authority();
        let (code, what, advice, verdict) = match error {
            SocksError::Io(error) => return self.cut(error.to_string()),
            SocksError::InvalidResponseVersion | SocksError::UnknownAuthMethod => {
                return self.not_a_proxy(Some(error.to_string()));
            }
            SocksError::NoAcceptableAuthMethods
            | SocksError::PasswordAuthFailure(_)
            | SocksError::AuthorizationRequired
            | SocksError::InvalidAuthValues(_) => (
                "proxy-refused",
                said!(
                    "trouble_proxy_unaccepted",
                    "{proxy} does not accept who we say we are.",
                    proxy = self.said(),
                ),
                said!(
                    "advice_proxy_socks_user",
                    "Put the right user and password into the proxy's address: \
                     socks5://user:password@host:port."
                ),
                Verdict::Stop,
            ),
            SocksError::ConnectionNotAllowedByRuleset => (
                "proxy-refused",
                said!(
                    "trouble_proxy_not_allowed",
                    "{proxy} does not allow connections to {to}.",
                    proxy = self.said(),
                    to,
                ),
                said!("advice_proxy_ask", "Ask who runs the proxy."),
                Verdict::Stop,
            ),
            _ => (
                "proxy-failed",
                said!(
                    "trouble_proxy_failed",
                    "{proxy} could not connect us to {to}.",
                    proxy = self.said(),
                    to,
                ),
                said!("advice_proxy_failed", "Check the feed's address; it will be tried again."),
                Verdict::Retry,
            ),
        };
        let answer = Some(error.to_string());
        Failure::new(Trouble { code, step: Step::Proxy, what, answer, advice }, verdict)
    }

    fn cut(&self, why: String) -> Failure {
        let trouble = Trouble {
            code: "proxy-cut",
            step: Step::Proxy,
            what: said!(
                "trouble_proxy_cut",
                "{proxy} cut the connection when asked for the server.",
                proxy = self.said(),
            ),
            answer: (!why.is_empty()).then_some(why),
            advice: said!(
                "advice_proxy_cut",
                "Check its address and its kind (http, https or socks5); it will be tried again."
            ),
        };
        Failure::new(trouble, Verdict::Retry)
    }

    fn not_a_proxy(&self, answer: Option<String>) -> Failure {
        let trouble = Trouble {
            code: "proxy-unlike",
            step: Step::Proxy,
            what: said!(
                "trouble_proxy_unlike",
                "{proxy} does not answer as such a proxy does.",
                proxy = self.said(),
            ),
            answer,
            advice: said!(
                "advice_proxy_unlike",
                "Check its port and its kind: http, https or socks5."
            ),
        };
        Failure::new(trouble, Verdict::Stop)
    }
}

impl Proxy {
    /// Its kind and address, without the password.
    fn said(&self) -> Said {
        let kind = match self.kind {
            Kind::Http => "HTTP",
            Kind::Https => "HTTPS",
            Kind::Socks5 => "SOCKS5",
        };
        let at = authority(&self.host, self.port);
        match self.named_by {
            NamedBy::Profile => said!("proxy_of_profile", "The {kind} proxy {at}", kind, at),
            NamedBy::Environment => said!(
                "proxy_of_environment",
                "The {kind} proxy {at} from the environment",
                kind,
                at,
            ),
        }
    }
}

impl fmt::Display for Proxy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.said())
    }
}

/// The web address that the rules for proxies know instead of that of a WebSocket.
fn as_web(url: &Url) -> Uri {
    let scheme = if url.scheme() == "wss" { "https" } else { "http" };
    let host = url.host_str().unwrap_or_default();
    format!("{scheme}://{host}/").parse().unwrap_or_default()
}
