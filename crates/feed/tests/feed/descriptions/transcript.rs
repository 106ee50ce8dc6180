//! How transcripts are read. By line:
//!
//! - `# …`: a comment.
//! - `ping EVERY TEXT` and `pong TEXT`: what the feed is to send so often by itself, in seconds,
//!   and its answer. A `#` in both stands for a number.
//! - `GET PATH`: a session begins, with this request.
//! - `refused STATUS`: the request is refused with this.
//! - `> TEXT`: the feed must send this now. JSON is compared as such.
//! - `< TEXT`: the server sends this.
//! - `= CHANNEL [KEY]`: the message before became this record, with the transcripts' time. Where it
//!   has no such line, it is none.
//! - `= CHANNEL [KEY] timeless`: … without a time.
//! - `= again`: the message before is a duplicate.
//! - `missing FIRST LAST [CHANNEL [KEY]]`: a gap that is declared.
//! - `close CODE`: the server closes.

use std::time::Duration;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Came {
    pub channel: String,
    pub key: Option<String>,
    pub has_time: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Missing {
    pub numbers: (u64, u64),
    pub channel: Option<String>,
    pub key: Option<String>,
}

#[derive(Clone, Debug)]
pub enum Line {
    Hears(String),
    Says(String),
    Closes(u16),
}

#[derive(Clone, Debug, Default)]
pub struct Session {
    pub path: String,
    pub refused: Option<u16>,
    pub lines: Vec<Line>,
}

#[derive(Clone, Debug)]
pub struct Ping {
    pub every: Duration,
    text: String,
    pong: String,
}

#[derive(Debug, Default)]
pub struct Transcript {
    pub ping: Option<Ping>,
    pub sessions: Vec<Session>,
    pub records: Vec<Came>,
    pub missing: Vec<Missing>,
    /// How many messages are duplicates.
    pub again: u64,
    /// How many are no data.
    pub control: u64,
}

impl Transcript {
    pub fn read(text: &str) -> Self {
        let mut transcript = Transcript::default();
        for line in text.lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
            let (word, rest) = line.split_once(' ').expect("a line has two words");
            transcript.line(word, rest);
        }
        transcript
    }

    fn line(&mut self, word: &str, rest: &str) {
        match (word, &mut self.ping, self.sessions.last_mut()) {
            ("ping", ping, _) => {
                let (every, text) = rest.split_once(' ').expect("it says how often");
                let every = Duration::from_secs(every.parse().unwrap());
                *ping = Some(Ping { every, text: text.into(), pong: String::new() });
            }
            ("pong", Some(ping), _) => ping.pong = rest.into(),
            ("GET", ..) => {
                self.sessions.push(Session { path: rest.into(), ..Session::default() });
            }
            ("refused", _, Some(session)) => session.refused = Some(rest.parse().unwrap()),
            (">", _, Some(session)) => session.lines.push(Line::Hears(rest.into())),
            ("<", _, Some(session)) => {
                session.lines.push(Line::Says(rest.into()));
                self.control += 1;
            }
            ("close", _, Some(session)) => session.lines.push(Line::Closes(rest.parse().unwrap())),
            ("=", ..) => {
                self.control -= 1;
                let mut words: Vec<&str> = rest.split(' ').collect();
                let has_time = words.last() != Some(&"timeless");
                words.truncate(words.len() - usize::from(!has_time));
                match words[..] {
                    ["again"] => self.again += 1,
                    [channel] => self.came(channel, None, has_time),
                    [channel, key] => self.came(channel, Some(key), has_time),
                    _ => panic!("{rest}"),
                }
            }
            ("missing", ..) => {
                let words: Vec<&str> = rest.split(' ').collect();
                let name = |at: usize| words.get(at).map(|&word| word.to_owned());
                let numbers = (words[0].parse().unwrap(), words[1].parse().unwrap());
                self.missing.push(Missing { numbers, channel: name(2), key: name(3) });
            }
            _ => panic!("not understood: {word} {rest}"),
        }
    }

    fn came(&mut self, channel: &str, key: Option<&str>, has_time: bool) {
        let key = key.map(str::to_owned);
        self.records.push(Came { channel: channel.into(), key, has_time });
    }

    pub fn open_sessions(&self) -> usize {
        self.sessions.iter().filter(|session| session.refused.is_none()).count()
    }

    pub fn last_said(&self) -> Option<&String> {
        self.sessions.last()?.lines.iter().rev().find_map(|line| match line {
            Line::Says(text) => Some(text),
            _ => None,
        })
    }
}

impl Ping {
    /// One that never comes, since the session is never live.
    pub fn never(every: Duration) -> Self {
        Ping { every, text: "never".into(), pong: String::new() }
    }

    /// The answer to a message, if it is this ping.
    pub fn answer(&self, heard: &str) -> Option<String> {
        let Some((start, end)) = self.text.split_once('#') else {
            return (heard == self.text).then(|| self.pong.clone());
        };
        let number = heard.strip_prefix(start)?.strip_suffix(end)?;
        number.parse::<u64>().ok()?;
        Some(self.pong.replace('#', number))
    }
}
