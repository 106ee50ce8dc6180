//! The WebSocket handshake: the request, the server's answer, and whether that is a yes.
//!
//! Made here and not by tungstenite, since that refuses a legal answer (`Connection: keep-alive,
//! Upgrade`) and does not read the body of a no.

use crate::Said;
use crate::record::Time;
use crate::said;
use crate::world::Duplex;
use std::io;
use std::time::{Duration, UNIX_EPOCH};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio_tungstenite::tungstenite::Error as WsError;
use tokio_tungstenite::tungstenite::handshake::client::{Request, generate_request};
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;
use tokio_tungstenite::tungstenite::http::header::{
    CONNECTION, CONTENT_LENGTH, HeaderName, RETRY_AFTER, SEC_WEBSOCKET_ACCEPT,
    SEC_WEBSOCKET_EXTENSIONS, SEC_WEBSOCKET_PROTOCOL, TRANSFER_ENCODING, UPGRADE,
};
use tokio_tungstenite::tungstenite::http::{HeaderMap, HeaderValue, Response};

/// More than any server has to say before its messages.
const HEAD_BYTES_MAX: usize = 64 << 10;
const HEADERS_MAX: usize = 128;
const READ_BYTES: usize = 8 << 10;

/// As much of a no's body as is read. A page has its title in it.
const BODY_BYTES_MAX: usize = 8 << 10;

/// How long the body of a no may take, where its end is not in sight.
const BODY_WAIT_MAX: Duration = Duration::from_secs(1);

/// A server that asks for a longer wait is mistaken, or means harm; and whoever knows better can
/// reconnect at any time.
const RETRY_AFTER_MAX: Duration = Duration::from_secs(24 * 3_600);

/// What was answered: head and body of a no, the head of a yes.
pub(super) struct Answer {
    pub response: Response<Vec<u8>>,
    /// What came after the head of a yes.
    pub rest: Vec<u8>,
}

/// Why there is no WebSocket.
pub(super) enum Refusal {
    /// The connection ended before there was an answer.
    Cut(Option<io::Error>),
    /// What came in is not HTTP; how it begins.
    NotHttp {
        begins: Vec<u8>,
        why: String,
    },
    TooLarge,
    /// It answered with another status than 101.
    Status(Box<Answer>),
    /// It answered with 101, but not as a WebSocket server does: how not.
    NotWebSocket(Box<Answer>, Said),
    /// It chose another subprotocol than one of those that were offered, or none of them.
    Subprotocol(Box<Answer>, Option<String>),
    Unsendable(WsError),
}

/// Asks for a WebSocket, and looks whether the answer is one.
pub(super) async fn shake(
    stream: &mut Box<dyn Duplex>,
    request: Request,
    subprotocols: &[String],
) -> Result<Answer, Refusal> {
    let (bytes, key) = generate_request(request).map_err(Refusal::Unsendable)?;
    let sent = async {
        stream.write_all(&bytes).await?;
        stream.flush().await
    };
    if let Err(error) = sent.await {
        // It may have said why before it left.
        return match answer(stream, |_| false).await {
            Ok(answer) => Err(Refusal::Status(answer.into())),
            Err(Refusal::Cut(None)) => Err(Refusal::Cut(Some(error))),
            Err(refusal) => Err(refusal),
        };
    }
    let answer = answer(stream, |status| status == 101).await?;
    if answer.response.status() != 101 {
        return Err(Refusal::Status(answer.into()));
    }
    let headers = answer.response.headers();
    let accept = headers.get(SEC_WEBSOCKET_ACCEPT).map(HeaderValue::as_bytes);
    let expected = derive_accept_key(key.as_bytes());
    let wrong = if !has_token(headers, &UPGRADE, "websocket") {
        Some(said!("wrong_upgrade", "It has no “Upgrade: websocket”."))
    } else if !has_token(headers, &CONNECTION, "upgrade") {
        Some(said!("wrong_connection", "It has no “Connection: Upgrade”."))
    } else if accept.is_none() {
        Some(said!("wrong_accept_missing", "It has no Sec-WebSocket-Accept."))
    } else if accept.map(<[u8]>::trim_ascii) != Some(expected.as_bytes()) {
        Some(said!(
            "wrong_accept",
            "Its Sec-WebSocket-Accept does not fit our key: it answers someone else."
        ))
    } else if headers.contains_key(SEC_WEBSOCKET_EXTENSIONS) {
        Some(said!(
            "wrong_extension",
            "It uses an extension that was not asked for (Sec-WebSocket-Extensions)."
        ))
    } else {
        None
    };
    if let Some(wrong) = wrong {
        return Err(Refusal::NotWebSocket(answer.into(), wrong));
    }
    let chosen = answer.subprotocol();
    let fits = match &chosen {
        Some(chosen) => subprotocols.contains(chosen),
        None => subprotocols.is_empty(),
    };
    if fits { Ok(answer) } else { Err(Refusal::Subprotocol(answer.into(), chosen)) }
}

/// Reads an answer, and its body unless it `is_yes`.
pub(super) async fn answer(
    stream: &mut Box<dyn Duplex>,
    is_yes: impl Fn(u16) -> bool,
) -> Result<Answer, Refusal> {
    let mut bytes = Vec::with_capacity(READ_BYTES);
    loop {
        if let Some((response, length)) = parsed(&bytes)? {
            bytes.drain(..length);
            let status = response.status().as_u16();
            if is_yes(status) {
                return Ok(Answer { response, rest: bytes });
            }
            // An interim answer: another one follows.
            if (100..200).contains(&status) && status != 101 {
                continue;
            }
            let body = body(stream, response.headers(), bytes).await;
            return Ok(Answer { response: response.map(|_| body), rest: Vec::new() });
        }
        if bytes.len() >= HEAD_BYTES_MAX {
            return Err(Refusal::TooLarge);
        }
        match stream.read_buf(&mut bytes).await {
            Ok(0) if bytes.is_empty() => return Err(Refusal::Cut(None)),
            Ok(0) => return Err(Refusal::Cut(Some(io::ErrorKind::UnexpectedEof.into()))),
            Ok(_) => {}
            Err(error) => return Err(Refusal::Cut(Some(error))),
        }
    }
}

/// The head of an answer, and its length.
type Head = (Response<Vec<u8>>, usize);

/// The head of an answer; `None` while it is not whole.
fn parsed(bytes: &[u8]) -> Result<Option<Head>, Refusal> {
    let mut headers = [httparse::EMPTY_HEADER; HEADERS_MAX];
    let mut head = httparse::Response::new(&mut headers);
    let not_http = |why: String| Refusal::NotHttp { begins: bytes.to_vec(), why };
    let length = match head.parse(bytes) {
        Ok(httparse::Status::Complete(length)) => length,
        Ok(httparse::Status::Partial) => return Ok(None),
        Err(httparse::Error::TooManyHeaders) => return Err(Refusal::TooLarge),
        Err(error) => return Err(not_http(error.to_string())),
    };
    let mut response = Response::builder().status(head.code.unwrap_or_default());
    for header in head.headers.iter() {
        response = response.header(header.name, header.value);
    }
    let response = response.body(Vec::new()).map_err(|error| not_http(error.to_string()))?;
    Ok(Some((response, length)))
}

/// The body of a no, as far as it is worth reading, and as far as it comes.
async fn body(stream: &mut Box<dyn Duplex>, headers: &HeaderMap, mut bytes: Vec<u8>) -> Vec<u8> {
    let length = headers.get(CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse().ok());
    let enough = length.unwrap_or(BODY_BYTES_MAX).min(BODY_BYTES_MAX);
    let is_chunked = has_token(headers, &TRANSFER_ENCODING, "chunked");
    let read = async {
        while bytes.len() < enough && !(is_chunked && bytes.ends_with(b"0\r\n\r\n")) {
            match stream.read_buf(&mut bytes).await {
                Ok(0) | Err(_) => break,
                Ok(_) => {}
            }
        }
    };
    // What came by then is shown.
    let _ = tokio::time::timeout(BODY_WAIT_MAX, read).await;
    let mut bytes = if is_chunked { joined(&bytes) } else { bytes };
    bytes.truncate(length.unwrap_or(usize::MAX));
    bytes
}

/// The content of a chunked body, as far as it is there.
fn joined(mut chunks: &[u8]) -> Vec<u8> {
    let mut body = Vec::new();
    while let Ok(httparse::Status::Complete((start, length))) = httparse::parse_chunk_size(chunks) {
        let rest = chunks.get(start..).unwrap_or_default();
        let length = usize::try_from(length).unwrap_or(usize::MAX).min(rest.len());
        if length == 0 {
            break;
        }
        body.extend_from_slice(&rest[..length]);
        chunks = rest.get(length + 2..).unwrap_or_default();
    }
    body
}

/// Whether one of the header's values, which are lists, is this.
fn has_token(headers: &HeaderMap, name: &HeaderName, token: &str) -> bool {
    let lists = headers.get_all(name).iter().filter_map(|value| value.to_str().ok());
    lists.flat_map(|list| list.split(',')).any(|item| item.trim().eq_ignore_ascii_case(token))
}

impl Answer {
    pub fn subprotocol(&self) -> Option<String> {
        let chosen = self.response.headers().get(SEC_WEBSOCKET_PROTOCOL)?;
        Some(String::from_utf8_lossy(chosen.as_bytes()).trim().to_owned())
    }

    /// Status line, headers and body, as they came.
    pub fn shown(&self) -> String {
        let mut text = format!("HTTP/1.1 {}\n", self.response.status());
        for (name, value) in self.response.headers() {
            text += &format!("{name}: {}\n", String::from_utf8_lossy(value.as_bytes()));
        }
        if !self.response.body().is_empty() {
            text.push('\n');
            text += &crate::trouble::shown(self.response.body());
        }
        text
    }

    /// How long it asks to wait: in seconds, or until a date.
    pub fn retry_after(&self, now: Time) -> Option<Duration> {
        let asked = self.response.headers().get(RETRY_AFTER)?.to_str().ok()?.trim();
        let wait = match asked.parse() {
            Ok(seconds) => Duration::from_secs(seconds),
            Err(_) => {
                let until = httpdate::parse_http_date(asked).ok()?;
                // By the server's own clock where it says what that shows: ours may be off.
                let date = self.response.headers().get("date").and_then(|date| date.to_str().ok());
                let now_there = date.and_then(|date| httpdate::parse_http_date(date).ok());
                let ours = UNIX_EPOCH + now.since(Time(0));
                until.duration_since(now_there.unwrap_or(ours)).unwrap_or_default()
            }
        };
        Some(wait.min(RETRY_AFTER_MAX))
    }
}
