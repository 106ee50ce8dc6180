//! The capture format: what came over the wire, a line of JSON each.
//!
//! ```text
//! {"t":1618677817.43,"dir":"open","url":"wss://…"}
//! {"t":1618677817.51,"dir":"sent","text":"…"}
//! {"t":1618677817.62,"dir":"recv","text":"…"}
//! {"t":1618677817.65,"dir":"recv","b64":"…"}
//! ```

use crate::exit::Failure;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use feedscope_feed::Time;
use flate2::read::MultiGzDecoder;
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::Path;
use tokio_tungstenite::tungstenite::Message;

/// It is held in memory as a whole: a larger one is better cut in two.
const CAPTURE_BYTES_MAX: u64 = 2 << 30;

const GZIP_MAGIC: [u8; 2] = [0x1f, 0x8b];

/// One line.
#[derive(Debug, Serialize, Deserialize)]
pub struct Line<'a> {
    /// Seconds since the Unix epoch.
    pub t: f64,
    pub dir: Direction,
    #[serde(default, skip_serializing_if = "Option::is_none", borrow)]
    pub url: Option<Cow<'a, str>>,
    #[serde(default, skip_serializing_if = "Option::is_none", borrow)]
    pub text: Option<Cow<'a, str>>,
    #[serde(default, skip_serializing_if = "Option::is_none", borrow)]
    pub b64: Option<Cow<'a, str>>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Direction {
    /// A connection was opened.
    Open,
    /// By the client.
    Sent,
    /// By the client.
    Recv,
}

impl<'a> Line<'a> {
    pub fn open(at: Time, url: &'a str) -> Self {
        let url = Some(url.into());
        Line { t: seconds(at), dir: Direction::Open, url, text: None, b64: None }
    }

    /// A message; as text if it came as text.
    pub fn message(at: Time, dir: Direction, payload: &'a [u8], is_text: bool) -> Self {
        let text = is_text.then(|| std::str::from_utf8(payload).ok()).flatten().map(Cow::from);
        let b64 = text.is_none().then(|| STANDARD.encode(payload).into());
        Line { t: seconds(at), dir, url: None, text, b64 }
    }

    fn into_message(self) -> Result<Message, String> {
        match (self.text, self.b64) {
            (Some(text), None) => Ok(Message::text(text.into_owned())),
            (None, Some(b64)) => STANDARD
                .decode(b64.as_bytes())
                .map(Message::binary)
                .map_err(|error| format!("“b64” is not base64: {error}")),
            _ => Err("a message has either “text” or “b64”".to_owned()),
        }
    }
}

/// Exact to a quarter of a microsecond in this century.
fn seconds(at: Time) -> f64 {
    at.0 as f64 / 1e9
}

/// The messages that were received.
#[derive(Debug)]
pub struct Capture {
    pub received: Vec<Received>,
    /// It ends in the middle of a line, as when whoever wrote it was killed.
    pub is_cut_off: bool,
}

#[derive(Debug)]
pub struct Received {
    /// Seconds since the Unix epoch.
    pub at: f64,
    pub message: Message,
}

/// Reads a capture file, compressed or not.
pub fn read(path: &Path) -> Result<Capture, Failure> {
    let unreadable = |error: io::Error| {
        Failure::unusable(format!("{} cannot be read: {error}.", path.display()))
    };
    let mut file = BufReader::new(File::open(path).map_err(unreadable)?);
    let is_gzip = file.fill_buf().map_err(unreadable)?.starts_with(&GZIP_MAGIC);
    let lines: Box<dyn Read> =
        if is_gzip { Box::new(MultiGzDecoder::new(file)) } else { Box::new(file) };
    // One more, so that what is too large is seen to be.
    let mut lines = BufReader::new(lines.take(CAPTURE_BYTES_MAX + 1));
    let mut capture = Capture { received: Vec::new(), is_cut_off: false };
    let (mut line, mut bytes) = (Vec::new(), 0);
    for number in 1_u64.. {
        line.clear();
        match lines.read_until(b'\n', &mut line) {
            Ok(0) => break,
            Ok(read) => bytes += read as u64,
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => capture.is_cut_off = true,
            Err(error) => return Err(unreadable(error)),
        }
        if bytes > CAPTURE_BYTES_MAX {
            return Err(Failure::unusable(format!(
                "{} is larger than {} GB; cut it into several files.",
                path.display(),
                CAPTURE_BYTES_MAX >> 30
            )));
        }
        let is_whole = line.ends_with(b"\n");
        if line.trim_ascii().is_empty() {
            continue;
        }
        let at_line = |what: String| {
            Failure::unusable(format!(
                "{}:{number}: {what}. A line of a capture is like \
                 {{\"t\":1618677817.62,\"dir\":\"recv\",\"text\":\"…\"}}.",
                path.display()
            ))
        };
        let parsed = match serde_json::from_slice::<Line<'_>>(&line) {
            Ok(parsed) => parsed,
            Err(_) if !is_whole && !capture.received.is_empty() => {
                capture.is_cut_off = true;
                break;
            }
            Err(error) => return Err(at_line(format!("this is not a line of a capture: {error}"))),
        };
        if parsed.dir == Direction::Recv {
            let at = parsed.t;
            let message = parsed.into_message().map_err(at_line)?;
            capture.received.push(Received { at, message });
        }
    }
    if capture.received.is_empty() {
        return Err(Failure::unusable(format!("{} has no received messages.", path.display())));
    }
    Ok(capture)
}

#[cfg(test)]
mod tests {
    use super::*;
    use flate2::Compression;
    use flate2::write::GzEncoder;
    use std::io::Write;

    const LINES: &str = "{\"t\":1.0,\"dir\":\"open\",\"url\":\"wss://x\"}\n\
        {\"t\":1.5,\"dir\":\"sent\",\"text\":\"hi\"}\n\n\
        {\"t\":2.0,\"dir\":\"recv\",\"text\":\"a\\n\\u001b\"}\n\
        {\"t\":2.5,\"dir\":\"recv\",\"b64\":\"AP8=\"}\n";

    fn read_bytes(bytes: &[u8]) -> Result<Capture, String> {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(bytes).unwrap();
        read(file.path()).map_err(|failure| failure.story)
    }

    fn gzip(text: &str) -> Vec<u8> {
        let mut gzip = GzEncoder::new(Vec::new(), Compression::default());
        gzip.write_all(text.as_bytes()).unwrap();
        gzip.finish().unwrap()
    }

    fn messages(capture: &Capture) -> Vec<Message> {
        capture.received.iter().map(|received| received.message.clone()).collect()
    }

    #[test]
    fn what_was_received_is_read_with_its_kind_and_time() {
        for bytes in [LINES.as_bytes().to_vec(), gzip(LINES)] {
            let capture = read_bytes(&bytes).unwrap();
            assert_eq!(
                messages(&capture),
                [Message::text("a\n\x1b"), Message::binary(vec![0x00, 0xff])]
            );
            assert_eq!(capture.received.iter().map(|r| r.at).collect::<Vec<_>>(), [2.0, 2.5]);
            assert!(!capture.is_cut_off);
        }
    }

    #[test]
    fn one_that_is_cut_off_is_read_up_to_there() {
        let capture = read_bytes(&LINES.as_bytes()[..LINES.len() - 8]).unwrap();
        assert!(capture.is_cut_off);
        assert_eq!(messages(&capture), [Message::text("a\n\x1b")]);
        let long: String = (0..10_000)
            .map(|i| format!("{{\"t\":{i}.0,\"dir\":\"recv\",\"text\":\"{}\"}}\n", i * 7_919))
            .collect();
        let bytes = gzip(&long);
        let capture = read_bytes(&bytes[..bytes.len() / 2]).unwrap();
        assert!(capture.is_cut_off);
        assert!((1_000..9_999).contains(&capture.received.len()), "{}", capture.received.len());
    }

    #[test]
    fn what_is_wrong_is_said_with_its_line() {
        for (text, said) in [
            ("", "has no received messages"),
            ("{\"t\":1,\"dir\":\"open\"}\n", "has no received messages"),
            ("{\"t\":1,\"dir\":\"recv\"}\n", ":1: a message has either “text” or “b64”"),
            ("\n{\"t\":1,\"dir\":\"recv\",\"b64\":\"*\"}\n", ":2: “b64” is not base64"),
            ("{\"t\":1,\"dir\":\"up\"}\n", ":1: this is not a line of a capture: unknown variant"),
            ("nonsense", ":1: this is not a line of a capture"),
        ] {
            let story = read_bytes(text.as_bytes()).unwrap_err();
            assert!(story.contains(said), "{text}: {story}");
        }
    }
}
