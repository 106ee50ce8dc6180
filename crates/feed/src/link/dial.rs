//! From a URL to an open WebSocket: name lookup, connect, proxy, TLS, handshake, each with a
//! deadline and an error of its own.

use super::connect::{Missed, connect};
use super::handshake::{Refusal, shake};
use super::proxy::{Kind, Proxy};
use super::refusal;
use super::socket::{Line, Socket, config};
use super::target::{Target, authority, url_wrong};
use super::tls::{self, Certificate, Shown};
use crate::Said;
use crate::profile::{Profile, Tls, Values};
use crate::said;
use crate::session::Failure;
use crate::session::close::Verdict;
use crate::trouble::{Step, Trouble};
use crate::world::{Duplex, World};
use rustls::ClientConfig;
use serde::Serialize;
use std::io;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::Instant;
use tokio_rustls::TlsConnector;
use url::Host;

/// What is found on the way, step by step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Found {
    /// What the URL comes to, without its secrets.
    Url(String),
    /// By which proxy, and where it is.
    Proxy(String),
    Names {
        host: String,
        addresses: Vec<SocketAddr>,
        took: Duration,
    },
    Connected {
        to: SocketAddr,
        /// Those that were tried before or beside it, and why they failed.
        missed: Vec<(SocketAddr, String)>,
        took: Duration,
    },
    /// The proxy made a tunnel to the server.
    Tunnel {
        took: Duration,
    },
    /// The certificate that the server showed; it may still be refused.
    Certificate(Certificate),
    Tls {
        version: String,
        cipher: String,
        took: Duration,
    },
    Handshake(Handshake),
}

/// How the server answered a handshake with a yes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Handshake {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub subprotocol: Option<String>,
    #[serde(skip)]
    pub took: Duration,
}

/// Is told what is found.
pub type Tell<'a> = &'a mut (dyn FnMut(Found) + Send);

/// Opens a WebSocket to the profile's URL. Everything is done afresh: the name is looked up and
/// the request made anew with each call. `line` is held for as long as there is a socket.
pub async fn dial(
    profile: &Profile,
    values: &Values,
    world: &dyn World,
    line: Line,
) -> Result<Socket, Failure> {
    dial_telling(profile, values, world, line, &mut |_| {}).await
}

/// As [`dial`], and tells what is found on the way.
pub async fn dial_telling(
    profile: &Profile,
    values: &Values,
    world: &dyn World,
    line: Line,
    tell: Tell<'_>,
) -> Result<Socket, Failure> {
    let target = Target::new(profile, values, world)?;
    tell(Found::Url(target.shown.clone()));
    let dialled = Dial { profile, world, target: &target, tell }.run(line).await;
    dialled.map_err(|failure| target.without_secrets(failure))
}

/// Whether the profile's URL, headers, proxy and files are such that they can be dialled.
pub fn check(profile: &Profile, values: &Values, world: &dyn World) -> Result<(), Failure> {
    let target = Target::new(profile, values, world)?;
    let names_files = profile.connection.tls != Tls::default();
    if target.secure && names_files {
        tls::config(&profile.connection.tls, profile.folder.as_deref(), &Shown::default())?;
    }
    Ok(())
}

/// What whoever uses this profile must be told for as long as they use it.
pub fn notice(profile: &Profile) -> Option<Said> {
    profile.connection.tls.danger_accept_any_certificate.then(|| {
        said!(
            "notice_certificates",
            "Certificates are not checked (danger_accept_any_certificate): whoever is in between \
             can read and change everything."
        )
    })
}

struct Dial<'a, 't> {
    profile: &'a Profile,
    world: &'a dyn World,
    target: &'a Target,
    tell: &'t mut (dyn FnMut(Found) + Send),
}

impl Dial<'_, '_> {
    /// How long each step may take.
    fn limit(&self) -> Duration {
        self.profile.limits.step_max
    }

    async fn run(mut self, line: Line) -> Result<Socket, Failure> {
        let target = self.target;
        let mut stream = match &target.proxy {
            Some(proxy) => self.through(proxy).await?,
            None => self.reach(&target.host, target.port).await?,
        };
        if target.secure {
            let shown = Shown::default();
            let seen = shown.clone();
            let config =
                aside(self.profile, move |tls, folder| tls::config(tls, folder, &seen)).await?;
            let (host, port) = (&target.host, target.port);
            let secured = secured(self.limit(), stream, config, host, port, &shown).await;
            if let Some(certificate) = shown.certificate() {
                (self.tell)(Found::Certificate(certificate));
            }
            let (secured, version, cipher, took) = secured?;
            (self.tell)(Found::Tls { version, cipher, took });
            stream = secured;
        }
        let began = Instant::now();
        let answer = within(self.limit(), Step::Handshake, &target.authority(), async {
            let offered = &self.profile.connection.subprotocols;
            shake(&mut stream, target.request.clone(), offered).await.map_err(|refusal| {
                late_alert(target, &refusal).unwrap_or_else(|| refusal::failure(target, refusal))
            })
        })
        .await?;
        let headers = answer.response.headers().iter().map(|(name, value)| {
            (name.to_string(), String::from_utf8_lossy(value.as_bytes()).into_owned())
        });
        (self.tell)(Found::Handshake(Handshake {
            status: answer.response.status().as_u16(),
            headers: headers.collect(),
            subprotocol: answer.subprotocol(),
            took: began.elapsed(),
        }));
        let config = config(self.profile.limits.message_bytes_max);
        Ok(Socket::open(stream, answer.rest, config, line).await)
    }

    /// A connection to the target, through the proxy.
    async fn through(&mut self, proxy: &Proxy) -> Result<Box<dyn Duplex>, Failure> {
        (self.tell)(Found::Proxy(proxy.to_string()));
        let mut stream = self.reach(&proxy.host, proxy.port).await?;
        if proxy.kind == Kind::Https {
            let config = aside(self.profile, tls::proxy_config).await?;
            let (host, port) = (&proxy.host, proxy.port);
            (stream, ..) =
                secured(self.limit(), stream, config, host, port, &Shown::default()).await?;
        }
        let began = Instant::now();
        let proxy_authority = authority(&proxy.host, proxy.port);
        let tunnel = proxy.tunnel(stream, self.target);
        let tunnel = within(self.limit(), Step::Proxy, &proxy_authority, tunnel).await?;
        (self.tell)(Found::Tunnel { took: began.elapsed() });
        Ok(tunnel)
    }

    /// A connection to a host, by whichever of its addresses can be reached first.
    async fn reach(&mut self, host: &Host<String>, port: u16) -> Result<Box<dyn Duplex>, Failure> {
        let at = authority(host, port);
        let addresses = match host {
            Host::Ipv4(ip) => vec![SocketAddr::new((*ip).into(), port)],
            Host::Ipv6(ip) => vec![SocketAddr::new((*ip).into(), port)],
            Host::Domain(name) => {
                let began = Instant::now();
                let found = within(self.limit(), Step::NameLookup, &at, async {
                    let found = self.world.resolve(name, port).await;
                    found.map_err(|error| lookup_failed(name, &error))
                });
                let addresses = found.await?;
                (self.tell)(Found::Names {
                    host: name.clone(),
                    addresses: addresses.clone(),
                    took: began.elapsed(),
                });
                addresses
            }
        };
        let began = Instant::now();
        let mut missed = Vec::new();
        let reached = within(self.limit(), Step::Connect, &at, async {
            Ok(connect(self.world, &addresses, &mut missed).await)
        });
        let reached = reached.await?;
        let Some((to, stream)) = reached else {
            return Err(connect_failed(&at, &missed));
        };
        let missed = missed.iter().map(|(to, error)| (*to, error.to_string())).collect();
        (self.tell)(Found::Connected { to, missed, took: began.elapsed() });
        Ok(stream)
    }
}

/// Does what reads files where it is in nobody's way.
async fn aside<T: Send + 'static>(
    profile: &Profile,
    work: impl FnOnce(&Tls, Option<&Path>) -> Result<T, Failure> + Send + 'static,
) -> Result<T, Failure> {
    let (tls, folder) = (profile.connection.tls.clone(), profile.folder.clone());
    let done = tokio::task::spawn_blocking(move || work(&tls, folder.as_deref())).await;
    done.unwrap_or_else(|error| {
        let trouble = Trouble {
            code: "tls",
            step: Step::Tls,
            what: said!("trouble_tls_setup", "TLS could not be set up."),
            answer: Some(error.to_string()),
            advice: tried_again(),
        };
        Err(Failure::new(trouble, Verdict::Retry))
    })
}

/// TLS over `stream`: its version, its cipher, and how long it took.
async fn secured(
    limit: Duration,
    stream: Box<dyn Duplex>,
    config: Arc<ClientConfig>,
    host: &Host<String>,
    port: u16,
    shown: &Shown,
) -> Result<(Box<dyn Duplex>, String, String, Duration), Failure> {
    let began = Instant::now();
    let Some(name) = tls::server_name(host) else {
        return Err(url_wrong(
            "url-host",
            said!("trouble_url_host_tls", "The host is not a name that TLS can check."),
        ));
    };
    let stream = within(limit, Step::Tls, &authority(host, port), async {
        let connected = TlsConnector::from(config).connect(name, stream).await;
        connected.map_err(|error| tls::failed(host, port, shown.certificate().as_ref(), &error))
    })
    .await?;
    let (_, connection) = stream.get_ref();
    let version = connection.protocol_version().and_then(|version| version.as_str());
    let version = version.unwrap_or_default().replace("TLSv1_", "TLS 1.");
    let cipher = connection.negotiated_cipher_suite().and_then(|one| one.suite().as_str());
    let cipher = cipher.unwrap_or_default().to_owned();
    Ok((Box::new(stream), version, cipher, began.elapsed()))
}

/// `work`, or the trouble that it took too long.
async fn within<T>(
    limit: Duration,
    step: Step,
    authority: &str,
    work: impl Future<Output = Result<T, Failure>>,
) -> Result<T, Failure> {
    match tokio::time::timeout(limit, work).await {
        Ok(result) => result,
        Err(_) => Err(too_slow(step, authority, limit)),
    }
}

fn too_slow(step: Step, authority: &str, limit: Duration) -> Failure {
    let seconds = limit.as_secs_f64();
    let (what, advice) = match step {
        Step::NameLookup => (
            said!(
                "trouble_timeout_name",
                "The name lookup gave no answer within {seconds} s ({authority}).",
                seconds,
                authority,
            ),
            said!("advice_timeout_name", "Check the network."),
        ),
        Step::Connect => (
            said!(
                "trouble_timeout_connect",
                "The host did not answer within {seconds} s ({authority}).",
                seconds,
                authority,
            ),
            said!("advice_timeout_connect", "Check the host and port; a firewall may be silent."),
        ),
        Step::Proxy => (
            said!(
                "trouble_timeout_proxy",
                "The proxy accepted the connection, but made no tunnel within {seconds} s \
                 ({authority}).",
                seconds,
                authority,
            ),
            said!(
                "advice_timeout_proxy",
                "Check its kind (http, https or socks5), and whether it can reach the server."
            ),
        ),
        Step::Tls => (
            said!(
                "trouble_timeout_tls",
                "The server accepted the connection, but said nothing in TLS within {seconds} s \
                 ({authority}).",
                seconds,
                authority,
            ),
            tls::try_without(),
        ),
        _ => (
            said!(
                "trouble_timeout_handshake",
                "The server accepted the connection, but did not answer the handshake within \
                 {seconds} s ({authority}).",
                seconds,
                authority,
            ),
            said!(
                "advice_timeout_handshake",
                "It may be overloaded, or not a web server at all. Check the port."
            ),
        ),
    };
    let trouble = Trouble { code: "timeout", step, what, answer: None, advice };
    Failure::new(trouble, Verdict::Retry)
}

fn lookup_failed(name: &str, error: &io::Error) -> Failure {
    let trouble = Trouble {
        code: "name-unknown",
        step: Step::NameLookup,
        what: said!("trouble_name_unknown", "The name {name} is not known.", name),
        answer: Some(error.to_string()),
        advice: said!(
            "advice_name_unknown",
            "Check the spelling, and that this computer is online."
        ),
    };
    // Without a network every name is unknown.
    Failure::new(trouble, Verdict::Retry)
}

/// None of the addresses could be reached.
fn connect_failed(authority: &str, missed: &[Missed]) -> Failure {
    use io::ErrorKind::{ConnectionRefused, HostUnreachable, NetworkUnreachable};
    let any = |kinds: &[io::ErrorKind]| missed.iter().any(|(_, e)| kinds.contains(&e.kind()));
    let (code, what, advice) = if missed.is_empty() {
        (
            "tcp-no-address",
            said!("trouble_no_address", "The name of {authority} has no address.", authority),
            said!("advice_no_address", "Check the spelling of the host."),
        )
    } else if any(&[ConnectionRefused]) {
        (
            "tcp-refused",
            said!(
                "trouble_tcp_refused",
                "{authority} refused the connection: nothing listens there.",
                authority,
            ),
            said!("advice_tcp_refused", "Check the port, and that the server is running."),
        )
    } else if any(&[HostUnreachable, NetworkUnreachable]) {
        (
            "tcp-unreachable",
            said!("trouble_tcp_unreachable", "There is no way to {authority}.", authority),
            check_network(),
        )
    } else {
        (
            "tcp",
            said!("trouble_tcp", "The connection to {authority} could not be made.", authority),
            check_network(),
        )
    };
    let answer = match missed {
        [] => None,
        [(_, only)] => Some(only.to_string()),
        all => {
            let lines: Vec<_> = all.iter().map(|(to, error)| format!("{to}: {error}")).collect();
            Some(lines.join("\n"))
        }
    };
    let trouble = Trouble { code, step: Step::Connect, what, answer, advice };
    Failure::new(trouble, Verdict::Retry)
}

fn check_network() -> Said {
    said!("advice_check_network", "Check the network and the address.")
}

/// What is said where nothing is to be done.
pub(super) fn tried_again() -> Said {
    said!("advice_tried_again", "It will be tried again.")
}

fn late_alert(target: &Target, refusal: &Refusal) -> Option<Failure> {
    match refusal {
        Refusal::Cut(Some(error)) => tls::late_alert(target, error),
        _ => None,
    }
}
