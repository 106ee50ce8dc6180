//! What a probe finds: for programs as JSON, for people as sentences.

use super::{Clock, Heard};
use crate::link::{Certificate, Handshake};
use crate::record::Time;
use crate::trouble::Trouble;
use serde::Serialize;
use std::fmt;
use std::net::SocketAddr;

/// One thing that was found.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Finding {
    /// Since the probe began.
    pub at_ms: f64,
    /// How long the step took.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub took_ms: Option<f64>,
    #[serde(flatten)]
    pub what: What,
}

/// See [`Finding`].
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "found", rename_all = "kebab-case")]
pub enum What {
    /// Something that whoever uses this profile must know.
    Notice {
        text: String,
    },
    /// What the URL comes to, without its secrets.
    Url {
        url: String,
    },
    /// What stands between us and the server.
    Proxy {
        proxy: String,
    },
    Names {
        host: String,
        addresses: Vec<SocketAddr>,
    },
    Connected {
        to: SocketAddr,
        missed: Vec<Missed>,
    },
    Tunnel,
    Certificate {
        #[serde(flatten)]
        certificate: Certificate,
        days_left: i64,
    },
    Tls {
        version: String,
        cipher: String,
    },
    Handshake(Handshake),
    /// A step of the opening.
    Opening {
        /// Counted from 1.
        step: usize,
        /// As it stands in the profile.
        sent: Option<String>,
        reply: Reply,
    },
    /// The first message that is data; or the first at all, where none was.
    Message {
        text: bool,
        bytes: usize,
        channel: String,
        key: Option<String>,
        /// The paths of its fields.
        fields: Vec<String>,
        source_time: Option<Time>,
        is_data: bool,
        /// How it begins.
        begins: String,
    },
    /// A message that cannot be read as the profile says.
    Unreadable {
        bytes: usize,
        why: String,
        begins: String,
    },
    /// What something that came looks like, and what to do about it.
    Sign {
        text: String,
    },
    NoMessage {
        waited_ms: f64,
    },
    /// The answer to a WebSocket ping.
    Pong {
        round_trip_ms: f64,
    },
    NoPong {
        waited_ms: f64,
    },
    /// The answer to the profile's own ping.
    OwnPong {
        round_trip_ms: f64,
    },
    Clock(Clock),
    /// What came so far while it was listened to.
    Heard(Heard),
    /// Nobody ended the connection in this time; the longest that nothing came in.
    Watched {
        watched_ms: f64,
        quiet_ms: f64,
    },
    /// Why it went no further.
    Trouble(Trouble),
    Done {
        /// Nothing was found that wants to be looked at.
        well: bool,
    },
}

/// An address that could not be reached.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Missed {
    pub to: SocketAddr,
    pub why: String,
}

/// What came of a step of the opening.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Reply {
    Acknowledged,
    /// The profile names no answer.
    NotAwaited,
}

impl What {
    /// Whether it wants to be looked at, although it is no failure.
    pub(super) fn is_odd(&self) -> bool {
        matches!(
            self,
            What::Notice { .. }
                | What::Unreadable { .. }
                | What::Sign { .. }
                | What::NoMessage { .. }
                | What::NoPong { .. }
        )
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.what.fmt(f)?;
        match self.took_ms {
            Some(took) => write!(f, " ({took:.1} ms)"),
            None => Ok(()),
        }
    }
}

impl fmt::Display for What {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            What::Notice { text } => write!(f, "Beware: {text}"),
            What::Url { url } => write!(f, "The URL is {url}"),
            What::Proxy { proxy } => write!(f, "{proxy} is asked."),
            What::Names { host, addresses } => match addresses.as_slice() {
                [] => write!(f, "{host} has no address."),
                [only] => write!(f, "{host} is {}.", only.ip()),
                all => {
                    let all: Vec<_> = all.iter().map(|to| to.ip().to_string()).collect();
                    write!(f, "{host} is at {} addresses: {}.", all.len(), all.join(", "))
                }
            },
            What::Connected { to, missed } => {
                write!(f, "Connected to {to}.")?;
                for Missed { to, why } in missed {
                    write!(f, " {to} could not be reached: {why}.")?;
                }
                Ok(())
            }
            What::Tunnel => f.write_str("The proxy made a tunnel to the server."),
            What::Certificate { certificate, days_left } => {
                let names = match certificate.names.as_slice() {
                    [] => "no host",
                    names => &names.join(", "),
                };
                let by = match certificate.self_signed {
                    true => "itself",
                    false => &certificate.issuer,
                };
                write!(f, "The certificate is for {names}; signed by {by}; ")?;
                let until = crate::link::date(certificate.valid_until);
                match days_left {
                    ..0 => write!(f, "it expired on {until}."),
                    0..30 => write!(f, "it expires on {until}: in {days_left} days!"),
                    _ => write!(f, "it is valid until {until}, for {days_left} more days."),
                }
            }
            What::Tls { version, cipher } => write!(f, "{version} with {cipher}."),
            What::Handshake(Handshake { status, headers, subprotocol, .. }) => {
                write!(f, "The server answered {status}: it is a WebSocket")?;
                if let Some(subprotocol) = subprotocol {
                    write!(f, " that speaks {subprotocol}")?;
                }
                let server = headers.iter().find(|(name, _)| name == "server");
                if let Some((_, server)) = server {
                    write!(f, ", served by {server}")?;
                }
                f.write_str(".")
            }
            What::Opening { step, sent, reply } => {
                match sent {
                    Some(sent) => write!(f, "Opening, step {step}: sent {sent}")?,
                    None => write!(f, "Opening, step {step}")?,
                }
                f.write_str(match reply {
                    Reply::Acknowledged => "; the answer came.",
                    Reply::NotAwaited => "; no answer is awaited.",
                })
            }
            What::Message { text, bytes, channel, key, fields, is_data, begins, .. } => {
                let kind = if *text { "text" } else { "binary" };
                let what = if *is_data { "first data" } else { "first message, which has no data" };
                write!(f, "The {what}: {bytes} bytes of {kind} on the channel {channel}")?;
                if let Some(key) = key {
                    write!(f, ", about {key}")?;
                }
                match fields.as_slice() {
                    [] => {}
                    fields => write!(f, ", with {}", fields.join(", "))?,
                }
                write!(f, ". It begins {begins}")
            }
            What::Unreadable { bytes, why, begins } => write!(
                f,
                "A message of {bytes} bytes cannot be read as the profile says. {why}. It begins \
                 {begins}"
            ),
            What::Sign { text } => f.write_str(text),
            What::NoMessage { waited_ms } => write!(
                f,
                "No message came within {:.1} s. The feed may be quiet, or wait to be subscribed \
                 to: see the profile's opening.",
                waited_ms / 1e3
            ),
            What::Pong { round_trip_ms } => {
                write!(f, "A ping was answered after {round_trip_ms:.1} ms.")
            }
            What::NoPong { waited_ms } => write!(
                f,
                "A ping was not answered within {:.1} s, although the protocol demands it.",
                waited_ms / 1e3
            ),
            What::OwnPong { round_trip_ms } => {
                write!(f, "The feed's own kind of ping was answered after {round_trip_ms:.1} ms.")
            }
            What::Clock(clock) => clock.fmt(f),
            What::Heard(heard) => heard.fmt(f),
            What::Watched { watched_ms, quiet_ms } => write!(
                f,
                "Nobody ended the connection within {:.1} s; at the most, nothing came for {:.1} s.",
                watched_ms / 1e3,
                quiet_ms / 1e3
            ),
            What::Trouble(trouble) => trouble.fmt(f),
            What::Done { well: true } => f.write_str("All is well."),
            What::Done { well: false } => f.write_str("It can be reached; but see above."),
        }
    }
}
