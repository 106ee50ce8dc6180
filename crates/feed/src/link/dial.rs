//! From a URL to an open WebSocket: name lookup, connect, TLS, handshake.

use super::socket::{Line, Socket, config};
use crate::profile::{Escape, Name, Profile, Template, Unknown, Values};
use crate::session::Failure;
use crate::session::close::{Verdict, after_status};
use crate::trouble::{Step, Trouble};
use crate::world::{Duplex, World};
use rustls::pki_types::ServerName;
use rustls::{AlertDescription, CertificateError, ClientConfig};
use rustls_platform_verifier::BuilderVerifierExt;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio_tungstenite::tungstenite::Error as WsError;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::error::ProtocolError;
use tokio_tungstenite::tungstenite::handshake::client::Request;
use tokio_tungstenite::tungstenite::http::{HeaderMap, HeaderName, HeaderValue, Response};
use url::{Host, Url};

/// A longer address is not worth showing.
const URL_BYTES_MAX: usize = 2_048;

/// A server that asks for a longer wait is mistaken, or means harm; and whoever knows better can
/// reconnect at any time.
const RETRY_AFTER_MAX: Duration = Duration::from_secs(24 * 3_600);

/// Opens a WebSocket to the profile's URL. Everything is done afresh: the name is looked up and
/// the request made anew with each call. `line` is held for as long as there is a socket.
pub async fn dial(
    profile: &Profile,
    values: &Values,
    world: &dyn World,
    line: Line,
) -> Result<Socket, Failure> {
    let target = Target::new(profile, values, world)?;
    let step_max = profile.limits.step_max;

    let addresses = within(step_max, Step::NameLookup, &target, async {
        let found: Vec<_> = match &target.host {
            Host::Ipv4(ip) => vec![SocketAddr::new((*ip).into(), target.port)],
            Host::Ipv6(ip) => vec![SocketAddr::new((*ip).into(), target.port)],
            Host::Domain(name) => world
                .resolve(name, target.port)
                .await
                .map_err(|error| lookup_failed(name, &error))?,
        };
        Ok(found)
    })
    .await?;

    let tcp = within(step_max, Step::Connect, &target, async {
        let mut failure = io::Error::other("The name has no address.");
        for address in addresses {
            match world.connect(address).await {
                Ok(stream) => return Ok(stream),
                Err(error) => failure = error,
            }
        }
        Err(connect_failed(&target, &failure))
    })
    .await?;

    let stream: Box<dyn Duplex> = if target.secure {
        let tls = within(step_max, Step::Tls, &target, async {
            let name = match &target.host {
                Host::Domain(name) => ServerName::try_from(name.clone())
                    .map_err(|_| url_wrong("url-host", "The host is not a name TLS can check."))?,
                Host::Ipv4(ip) => ServerName::IpAddress((*ip).into()),
                Host::Ipv6(ip) => ServerName::IpAddress((*ip).into()),
            };
            tokio_rustls::TlsConnector::from(tls_config()?)
                .connect(name, tcp)
                .await
                .map_err(|error| tls_failed(&target, &error))
        })
        .await?;
        Box::new(tls)
    } else {
        tcp
    };

    within(step_max, Step::Handshake, &target, async {
        let config = config(profile.limits.message_bytes_max);
        Socket::open(target.request.clone(), stream, config, line)
            .await
            .map_err(|error| handshake_failed(&target, error))
    })
    .await
}

/// Whether the profile's URL and headers are such that they can be dialled.
pub fn check(profile: &Profile, values: &Values, world: &dyn World) -> Result<(), Failure> {
    Target::new(profile, values, world).map(drop)
}

/// What a URL comes to.
struct Target {
    host: Host<String>,
    port: u16,
    secure: bool,
    request: Request,
}

impl Target {
    fn new(profile: &Profile, values: &Values, world: &dyn World) -> Result<Self, Failure> {
        let put_in = |template: &Template, escape| {
            let value = |name: &Name| profile.value(values, world, name);
            template.expand(escape, value).map_err(|Unknown(name)| {
                url_wrong("value-missing", &format!("Nothing says what {name} stands for."))
            })
        };
        let text = put_in(&profile.connection.url, Escape::Url)?;
        let text = text.trim();
        if text.is_empty() {
            return Err(url_wrong("url-empty", "The URL is empty."));
        }
        let mut url = match Url::parse(text) {
            Ok(url) => url,
            Err(url::ParseError::EmptyHost) => {
                return Err(url_wrong("url-host", "The URL names no host."));
            }
            Err(url::ParseError::InvalidPort) => {
                return Err(url_wrong("url-port", "The port is not a number from 1 to 65535."));
            }
            Err(url::ParseError::RelativeUrlWithoutBase) => return Err(scheme_missing(text)),
            Err(url::ParseError::IdnaError | url::ParseError::InvalidDomainCharacter) => {
                return Err(url_wrong(
                    "url-host",
                    "The host has a space in it, or something else that a host cannot have.",
                ));
            }
            Err(url::ParseError::InvalidIpv4Address | url::ParseError::InvalidIpv6Address) => {
                return Err(url_wrong(
                    "url-host",
                    "The host looks like an IP address, but is none.",
                ));
            }
            Err(error) => return Err(url_wrong("url", &format!("This is not a URL: {error}."))),
        };
        let secure = match url.scheme() {
            "ws" => false,
            "wss" => true,
            web @ ("http" | "https") => {
                let instead = if web == "http" { "ws" } else { "wss" };
                let rest = text.split_once("://").map_or("", |(_, rest)| rest);
                let mut failure = url_wrong(
                    "url-scheme",
                    &format!("{web}:// is the address of a web page, not of a WebSocket."),
                );
                failure.trouble.advice = format!("Try {instead}://{rest}");
                return Err(failure);
            }
            // A host and its port read like a scheme: “localhost:9000”.
            _ if !text.contains("://") => return Err(scheme_missing(text)),
            other => {
                return Err(url_wrong(
                    "url-scheme",
                    &format!("{other}:// is not the address of a WebSocket."),
                ));
            }
        };
        let host = match url.host() {
            Some(host) => host.to_owned(),
            None => return Err(url_wrong("url-host", "The URL names no host.")),
        };
        let port = match url.port_or_known_default() {
            Some(0) | None => {
                return Err(url_wrong("url-port", "The port is not a number from 1 to 65535."));
            }
            Some(port) => port,
        };
        url.set_fragment(None);
        let mut request = url
            .as_str()
            .into_client_request()
            .map_err(|error| url_wrong("url", &format!("This is not a URL: {error}.")))?;
        for (name, value) in &profile.connection.headers {
            let value = put_in(value, Escape::No)?;
            let (Ok(name), Ok(value)) = (name.parse::<HeaderName>(), value.parse::<HeaderValue>())
            else {
                let mut failure = url_wrong(
                    "header",
                    &format!("The header “{name}” has characters that a header cannot have."),
                );
                failure.trouble.advice =
                    "Look for spaces in the header's name, and for line breaks in its value."
                        .into();
                return Err(failure);
            };
            request.headers_mut().insert(name, value);
        }
        Ok(Target { host, port, secure, request })
    }

    fn authority(&self) -> String {
        format!("{}:{}", self.host, self.port)
    }
}

/// `work`, or the trouble that it took too long.
async fn within<T>(
    limit: Duration,
    step: Step,
    target: &Target,
    work: impl Future<Output = Result<T, Failure>>,
) -> Result<T, Failure> {
    match tokio::time::timeout(limit, work).await {
        Ok(result) => result,
        Err(_) => {
            let (what, advice) = match step {
                Step::NameLookup => ("The name lookup gave no answer", "Check the network."),
                Step::Connect => (
                    "The host did not answer",
                    "Check the host and port; a firewall may be silent.",
                ),
                Step::Tls => (
                    "The server accepted the connection, but said nothing in TLS",
                    "If it does not speak TLS, try ws:// instead of wss://.",
                ),
                _ => (
                    "The server accepted the connection, but did not answer the handshake",
                    "It may be overloaded, or not a web server at all. Check the port.",
                ),
            };
            Err(Failure {
                trouble: Trouble {
                    code: "timeout",
                    step,
                    what: format!(
                        "{what} within {} s ({}).",
                        limit.as_secs_f64(),
                        target.authority()
                    ),
                    answer: None,
                    advice: advice.into(),
                },
                verdict: Verdict::Retry,
                status: None,
            })
        }
    }
}

fn tls_config() -> Result<Arc<ClientConfig>, Failure> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .and_then(|builder| builder.with_platform_verifier())
        .map(|builder| Arc::new(builder.with_no_client_auth()))
        .map_err(|error| Failure {
            trouble: Trouble {
                code: "tls-roots",
                step: Step::Tls,
                what: "This computer's list of trusted certificate authorities cannot be read."
                    .into(),
                answer: Some(error.to_string()),
                advice: "On Linux, install the package ca-certificates.".into(),
            },
            verdict: Verdict::Stop,
            status: None,
        })
}

fn url_wrong(code: &'static str, what: &str) -> Failure {
    Failure {
        trouble: Trouble {
            code,
            step: Step::Url,
            what: what.into(),
            answer: None,
            advice: "A feed's address looks like wss://example.com/path.".into(),
        },
        verdict: Verdict::Stop,
        status: None,
    }
}

/// A URL that begins with its host: how it may have been meant.
fn scheme_missing(text: &str) -> Failure {
    let mut failure = url_wrong("url-scheme", "The URL does not begin with ws:// or wss://.");
    let rest = text.trim_start_matches('/');
    if let Ok(url) = Url::parse(&format!("wss://{rest}"))
        && url.username().is_empty()
    {
        // What is near seldom has a certificate, what is far mostly has.
        let is_near = match url.host() {
            Some(Host::Domain(name)) => !name.contains('.') || name.ends_with(".local"),
            _ => true,
        };
        let scheme = if is_near { "ws" } else { "wss" };
        failure.trouble.advice = format!("Try {scheme}://{rest}");
    }
    failure
}

fn lookup_failed(name: &str, error: &io::Error) -> Failure {
    Failure {
        trouble: Trouble {
            code: "name-unknown",
            step: Step::NameLookup,
            what: format!("The name {name} is not known."),
            answer: Some(error.to_string()),
            advice: "Check the spelling, and that this computer is online.".into(),
        },
        // Without a network every name is unknown.
        verdict: Verdict::Retry,
        status: None,
    }
}

fn connect_failed(target: &Target, error: &io::Error) -> Failure {
    let authority = target.authority();
    let (code, what, advice) = match error.kind() {
        io::ErrorKind::ConnectionRefused => (
            "tcp-refused",
            format!("{authority} refused the connection: nothing listens there."),
            "Check the port, and that the server is running.",
        ),
        io::ErrorKind::HostUnreachable | io::ErrorKind::NetworkUnreachable => (
            "tcp-unreachable",
            format!("There is no way to {authority}."),
            "Check the network and the address.",
        ),
        _ => (
            "tcp",
            format!("The connection to {authority} could not be made."),
            "Check the network and the address.",
        ),
    };
    Failure {
        trouble: Trouble {
            code,
            step: Step::Connect,
            what,
            answer: Some(error.to_string()),
            advice: advice.into(),
        },
        verdict: Verdict::Retry,
        status: None,
    }
}

fn tls_failed(target: &Target, error: &io::Error) -> Failure {
    let host = &target.host;
    let cause = error.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>());
    let Some(cause) = cause else {
        return Failure {
            trouble: Trouble {
                code: "tls-cut",
                step: Step::Tls,
                what: format!("{host} cut the connection during TLS."),
                answer: Some(error.to_string()),
                advice: "If it does not speak TLS, try ws:// instead of wss://.".into(),
            },
            verdict: Verdict::Retry,
            status: None,
        };
    };
    let (code, what, advice) = match cause {
        rustls::Error::InvalidCertificate(reason) => match reason {
            CertificateError::Expired | CertificateError::ExpiredContext { .. } => (
                "tls-expired",
                format!("The certificate of {host} has expired."),
                "Ask who runs it to renew it; check this computer's clock.",
            ),
            CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => (
                "tls-not-yet",
                format!("The certificate of {host} is not valid yet."),
                "Check this computer's clock.",
            ),
            CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
                (
                    "tls-name",
                    format!("The certificate is for another name than {host}."),
                    "Use the name that the certificate is for.",
                )
            }
            CertificateError::UnknownIssuer => (
                "tls-issuer",
                format!(
                    "The certificate of {host} is not from an authority that this computer trusts."
                ),
                "If it is your own server, add its authority to this computer's trusted ones.",
            ),
            CertificateError::Revoked => (
                "tls-revoked",
                format!("The certificate of {host} has been revoked."),
                "Ask who runs it.",
            ),
            _ => (
                "tls-certificate",
                format!("The certificate of {host} is not acceptable."),
                "If it is your own server, make a certificate that is signed by an authority.",
            ),
        },
        rustls::Error::InvalidMessage(_) => (
            "tls-not-tls",
            format!("{host} does not speak TLS on port {}.", target.port),
            "Try ws:// instead of wss://.",
        ),
        rustls::Error::AlertReceived(AlertDescription::HandshakeFailure) => (
            "tls-no-common",
            format!("{host} and Feedscope have no version of TLS or cipher in common."),
            "Ask who runs it to allow TLS 1.2 or 1.3.",
        ),
        _ => ("tls", format!("TLS with {host} failed."), "Check the host and port."),
    };
    Failure {
        trouble: Trouble {
            code,
            step: Step::Tls,
            what,
            answer: Some(cause.to_string()),
            advice: advice.into(),
        },
        verdict: Verdict::Stop,
        status: None,
    }
}

fn handshake_failed(target: &Target, error: WsError) -> Failure {
    let authority = target.authority();
    let trouble = |code, what: String, answer: Option<String>, advice: &str| Trouble {
        code,
        step: Step::Handshake,
        what,
        answer,
        advice: advice.into(),
    };
    match error {
        WsError::Http(response) => refused_by_status(target, &response),
        WsError::Io(error) => Failure {
            trouble: trouble(
                "handshake-cut",
                format!("{authority} cut the connection during the handshake."),
                Some(error.to_string()),
                "It may be restarting. If it wants TLS, try wss:// instead of ws://.",
            ),
            verdict: Verdict::Retry,
            status: None,
        },
        WsError::Protocol(ProtocolError::HandshakeIncomplete) => Failure {
            trouble: trouble(
                "handshake-cut",
                format!("{authority} closed the connection without answering the handshake."),
                None,
                "It may be restarting. If it wants TLS, try wss:// instead of ws://.",
            ),
            verdict: Verdict::Retry,
            status: None,
        },
        WsError::Protocol(ProtocolError::HttparseError(error)) => Failure {
            trouble: trouble(
                "not-http",
                format!("What answers at {authority} does not speak HTTP."),
                Some(error.to_string()),
                "Check the port: it belongs to some other service. If it wants TLS, try wss://.",
            ),
            verdict: Verdict::Stop,
            status: None,
        },
        // What the library calls an attack are headers that are too large, or come in crumbs.
        WsError::AttackAttempt | WsError::Capacity(_) => Failure {
            trouble: trouble(
                "headers-too-large",
                format!(
                    "{authority} answered with more headers than a WebSocket server ever sends."
                ),
                None,
                "Check the port and the path: some other service may answer there.",
            ),
            verdict: Verdict::Stop,
            status: None,
        },
        error => Failure {
            trouble: trouble(
                "not-websocket",
                format!("{authority} answered, but not as a WebSocket server does."),
                Some(error.to_string()),
                "Check the port and the path. A proxy in between may not pass on the Upgrade header.",
            ),
            verdict: Verdict::Stop,
            status: None,
        },
    }
}

fn refused_by_status(target: &Target, response: &Response<Option<Vec<u8>>>) -> Failure {
    let status = response.status();
    let path = target.request.uri().path();
    let verdict = after_status(status.as_u16(), retry_after(response.headers()));
    let elsewhere = moved_to(target, response.headers()).map(|url| format!("Try {url}"));
    let (what, advice) = match status.as_u16() {
        200..=299 => (
            format!("{path} is a web page, not a WebSocket."),
            "Check the path; feeds are often at /ws or /stream.",
        ),
        300..=399 => (
            "The server sends us elsewhere.".to_owned(),
            elsewhere.as_deref().unwrap_or("Ask who runs it for the feed's new address."),
        ),
        401 => (
            "The server wants to know who we are.".to_owned(),
            "Add the token or key that the feed's operator gave you.",
        ),
        403 => (
            "The server refuses us.".to_owned(),
            "Check the token, and whether it only serves certain origins or addresses.",
        ),
        404 => (
            format!("The server has nothing at {path}."),
            "Check the path; feeds are often at /ws or /stream.",
        ),
        426 => (
            "The server wants another protocol.".to_owned(),
            "Its answer says which; a proxy in between may not pass on the Upgrade header.",
        ),
        429 => {
            ("The server says that we come too often.".to_owned(), "It will be tried again, later.")
        }
        500..=599 => (
            "The server, or a proxy in front of it, has a problem.".to_owned(),
            "It will be tried again.",
        ),
        _ => (
            "The server refused the handshake.".to_owned(),
            match verdict {
                Verdict::Stop => "Its answer may say why.",
                _ => "It will be tried again.",
            },
        ),
    };
    Failure {
        trouble: Trouble {
            code: "http-status",
            step: Step::Handshake,
            what: format!("{what} It answered {status}."),
            answer: Some(shown(response)),
            advice: advice.into(),
        },
        verdict,
        status: Some(status.as_u16()),
    }
}

/// Where a redirect leads, as the address of a WebSocket.
fn moved_to(target: &Target, headers: &HeaderMap) -> Option<Url> {
    let location = headers.get("location")?.to_str().ok()?;
    let base = Url::parse(&target.request.uri().to_string()).ok()?;
    let mut url = base.join(location).ok().filter(|url| url.as_str().len() <= URL_BYTES_MAX)?;
    let scheme = match url.scheme() {
        "http" | "ws" => "ws",
        "https" | "wss" => "wss",
        _ => return None,
    };
    url.set_scheme(scheme).ok()?;
    Some(url)
}

/// Status line, headers and body, as they came.
fn shown(response: &Response<Option<Vec<u8>>>) -> String {
    let mut text = format!("{:?} {}\n", response.version(), response.status());
    for (name, value) in response.headers() {
        text += &format!("{name}: {}\n", String::from_utf8_lossy(value.as_bytes()));
    }
    if let Some(body) = response.body().as_deref().filter(|body| !body.is_empty()) {
        text.push('\n');
        text += &crate::trouble::shown(body);
    }
    text
}

/// Retry-After in seconds; its other form, a date, is rare on handshakes and not read.
fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let asked = headers.get("retry-after")?.to_str().ok()?.trim().parse().ok()?;
    Some(Duration::from_secs(asked).min(RETRY_AFTER_MAX))
}
