//! What was sent by hand, feed by feed, kept over launches: as it may be shown, without secrets.

use crate::api::{SendWhat, SentMessage};
use crate::dir;
use serde::{Deserialize, Serialize};
use std::collections::VecDeque;
use std::io;
use std::path::Path;

/// Of one feed; the oldest go.
const MESSAGES_MAX: usize = 50;
/// Larger ones are not kept.
const MESSAGE_BYTES_MAX: usize = 64 << 10;
/// Feeds; those to which nothing was sent for longest go.
const FEEDS_MAX: usize = 100;
/// A file that is larger was not written here.
const FILE_BYTES_MAX: u64 = 512 << 20;

/// See the [module](self).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Sent {
    /// The last one to which something was sent is the last one.
    feeds: VecDeque<OfFeed>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct OfFeed {
    /// [`Feed::name`](crate::feeds::Feed::name).
    feed: String,
    /// Newest first.
    messages: VecDeque<SentMessage>,
}

impl Sent {
    /// What is in the file. One that cannot be read is kept aside, and no reason not to start:
    /// nothing was sent.
    pub fn load(path: &Path) -> Self {
        let read = || -> io::Result<Sent> {
            if std::fs::metadata(path)?.len() > FILE_BYTES_MAX {
                return Err(io::ErrorKind::FileTooLarge.into());
            }
            Ok(serde_json::from_slice(&std::fs::read(path)?)?)
        };
        let mut sent = read().unwrap_or_else(|error| {
            if error.kind() != io::ErrorKind::NotFound {
                // One that cannot even be moved is written over.
                let _ = dir::set_aside(path);
            }
            Sent::default()
        });
        sent.tidy();
        sent
    }

    /// Writes the whole file or leaves the old one.
    pub fn save(&self, path: &Path) -> io::Result<()> {
        let mut bytes = serde_json::to_vec(self)?;
        bytes.push(b'\n');
        dir::write_bytes(path, &bytes)
    }

    /// What was sent to a feed, newest first.
    pub fn of(&self, feed: &str) -> Vec<SentMessage> {
        let of = self.feeds.iter().find(|of| of.feed == feed);
        of.map(|of| of.messages.iter().cloned().collect()).unwrap_or_default()
    }

    /// Notes what was sent, once.
    pub fn note(&mut self, feed: &str, what: SendWhat, content: &str) {
        if content.len() > MESSAGE_BYTES_MAX {
            return;
        }
        let known = self.feeds.iter().position(|of| of.feed == feed);
        let known = known.and_then(|index| self.feeds.remove(index));
        let mut of =
            known.unwrap_or_else(|| OfFeed { feed: feed.to_owned(), messages: VecDeque::new() });
        of.messages.retain(|message| message.what != what || message.content != content);
        of.messages.push_front(SentMessage { what, content: content.to_owned() });
        self.feeds.push_back(of);
        self.tidy();
    }

    fn tidy(&mut self) {
        while self.feeds.len() > FEEDS_MAX {
            self.feeds.pop_front();
        }
        for of in &mut self.feeds {
            of.messages.truncate(MESSAGES_MAX);
            of.messages.retain(|message| message.content.len() <= MESSAGE_BYTES_MAX);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_sent_is_there_again_newest_first_and_once() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("sent.json");
        let mut sent = Sent::load(&path);
        for content in ["a", "b", "a"] {
            sent.note("f", SendWhat::Text, content);
        }
        sent.note("g", SendWhat::Hex, "00");
        sent.save(&path).unwrap();
        let again = Sent::load(&path);
        let of = |feed| again.of(feed).into_iter().map(|one| one.content).collect::<Vec<_>>();
        assert_eq!(
            (of("f"), of("g"), of("h")),
            (vec!["a".into(), "b".into()], vec!["00".into()], vec![])
        );
        std::fs::write(&path, "nonsense").unwrap();
        assert_eq!(Sent::load(&path), Sent::default());
        again.save(&path).unwrap();
        assert_eq!(Sent::load(&path), again);
        let aside = folder.path().join("sent.unreadable.json");
        assert_eq!(std::fs::read_to_string(aside).unwrap(), "nonsense");
    }

    #[test]
    fn it_is_bounded() {
        let mut sent = Sent::default();
        for number in 0..1_000 {
            sent.note("f", SendWhat::Text, &number.to_string());
            sent.note(&format!("feed {number}"), SendWhat::Text, "x");
        }
        sent.note("f", SendWhat::Text, &"x".repeat(MESSAGE_BYTES_MAX + 1));
        assert_eq!((sent.feeds.len(), sent.of("f").len()), (FEEDS_MAX, MESSAGES_MAX));
        assert_eq!(sent.of("f")[0].content, "999");
        assert_eq!(sent.of("feed 0"), []);
    }
}
