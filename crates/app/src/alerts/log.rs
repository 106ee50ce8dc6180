//! What alerts did: the last events, in memory and in a file that outlives the application.
//!
//! The file is one event a line, as JSON. An event that changes is written again, under its number,
//! and the later line holds; once most lines are of no use any more, the file is written anew.

use super::rules::step;
use super::voice::PAUSE;
use crate::api::{AlertEvent, AlertLogSpan, Trouble};
use crate::dir;
use feedscope_feed::{Said, Time, said};
use std::collections::{BTreeMap, VecDeque};
use std::fs::OpenOptions;
use std::io::{self, BufRead, BufReader, Write};
use std::path::{Path, PathBuf};

/// Events that are kept. Full it is a few megabytes.
pub(crate) const EVENTS_MAX: usize = 10_000;
/// Lines that the file may have before it is written anew.
const LINES_MAX: usize = 2 * EVENTS_MAX;
/// Lines that wait to be written, where the disk does not take them. Then what is newest counts.
const UNWRITTEN_MAX: usize = EVENTS_MAX;
/// A longer line is none of ours.
const LINE_BYTES_MAX: usize = 64 << 10;
/// Events told at once.
const TOLD_MAX: usize = 1_000;

/// All events, in the order of their numbers.
#[derive(Debug, Default)]
pub(crate) struct Log {
    events: VecDeque<AlertEvent>,
    /// Numbers of events that are not in the file as they are here.
    unwritten: VecDeque<u64>,
}

impl Log {
    pub fn new(events: VecDeque<AlertEvent>) -> Self {
        Log { events, unwritten: VecDeque::new() }
    }

    /// The number of the newest.
    pub fn last(&self) -> u64 {
        self.events.back().map_or(0, |event| event.number)
    }

    /// An alert fires. If it did so just before, as `before` says, that goes on.
    pub fn fires(&mut self, before: Option<u64>, since: Time, event: AlertEvent) -> u64 {
        if let Some(number) = before
            && let Some(known) = self.event(number)
            && known.end_ms.is_some_and(|end| since.since(Time::from_millis(end)) < PAUSE)
        {
            known.end_ms = None;
            known.firing = true;
            known.times = known.times.saturating_add(1);
            known.note_worst(event.worst, None);
            self.note(number);
            return number;
        }
        let number = self.last() + 1;
        if self.events.len() == EVENTS_MAX {
            self.events.pop_front();
        }
        self.events.push_back(AlertEvent { number, ..event });
        self.note(number);
        number
    }

    /// What fired is over.
    pub fn cleared(&mut self, number: u64, end: Time, worst: Option<f64>, is_worse: Option<bool>) {
        if let Some(event) = self.event(number) {
            event.end_ms = Some(end.millis().max(event.begin_ms));
            event.firing = false;
            event.note_worst(worst, is_worse);
            self.note(number);
        }
    }

    /// Those that touch a span, the newest first.
    pub fn span(&self, span: &AlertLogSpan) -> Vec<AlertEvent> {
        let touches = |event: &&AlertEvent| {
            span.to_ms.is_none_or(|to| event.begin_ms < to)
                && span.from_ms.is_none_or(|from| {
                    event.firing || event.end_ms.unwrap_or(event.begin_ms) >= from
                })
        };
        self.events.iter().rev().filter(touches).take(TOLD_MAX).cloned().collect()
    }

    pub fn all(&self) -> Vec<AlertEvent> {
        self.events.iter().cloned().collect()
    }

    /// What is to be written: each event once, as it is now.
    pub fn take_unwritten(&mut self) -> Vec<AlertEvent> {
        let mut numbers: Vec<_> = std::mem::take(&mut self.unwritten).into();
        numbers.sort_unstable();
        numbers.dedup();
        numbers.into_iter().filter_map(|number| self.event(number).cloned()).collect()
    }

    /// What was taken was not written after all.
    pub fn unwritten(&mut self, events: &[AlertEvent]) {
        events.iter().for_each(|event| self.note(event.number));
    }

    fn note(&mut self, number: u64) {
        if self.unwritten.back() == Some(&number) {
            return;
        }
        if self.unwritten.len() == UNWRITTEN_MAX {
            self.unwritten.pop_front();
        }
        self.unwritten.push_back(number);
    }

    fn event(&mut self, number: u64) -> Option<&mut AlertEvent> {
        let index = self.events.binary_search_by_key(&number, |event| event.number).ok()?;
        self.events.get_mut(index)
    }
}

impl AlertEvent {
    /// `is_worse`: whether it is worse than what is known, where that is told.
    fn note_worst(&mut self, worst: Option<f64>, is_worse: Option<bool>) {
        if worst.is_some() && (self.worst.is_none() || is_worse.unwrap_or(false)) {
            self.worst = worst;
        }
    }
}

/// The log's file.
#[derive(Debug)]
pub(crate) struct LogFile {
    path: PathBuf,
    lines: usize,
    /// What stands in it is to be written anew: its last line is not whole, or there are too many.
    is_stale: bool,
}

impl LogFile {
    /// Opens it. Lines that cannot be read cost themselves, and are said.
    pub fn open(path: PathBuf) -> (LogFile, VecDeque<AlertEvent>, Option<Trouble>) {
        let mut file = LogFile { path, lines: 0, is_stale: false };
        let mut events = BTreeMap::new();
        let read = read_lines(&file.path, |line| {
            file.lines += 1;
            match serde_json::from_slice::<AlertEvent>(line) {
                Ok(event) => {
                    // What fired then does not do so now.
                    events.insert(event.number, AlertEvent { firing: false, ..event });
                    if events.len() > EVENTS_MAX {
                        events.pop_first();
                    }
                    true
                }
                Err(_) => false,
            }
        });
        let trouble = match read {
            Ok(0) => None,
            Ok(broken) => {
                file.is_stale = true;
                let path = file.shown();
                Some(trouble(
                    said!(
                        "trouble_alert_lines",
                        "Lines of {path} that cannot be read, and were left out: {broken}.",
                        path,
                        broken,
                    ),
                    None,
                    said!("advice_alert_lines", "The rest is there."),
                ))
            }
            Err(error) => Some(trouble(
                said!("trouble_file_unread", "{path} could not be read.", path = file.shown()),
                Some(error.to_string()),
                said!("advice_alert_log", "What alerts do from now on is kept."),
            )),
        };
        (file, events.into_values().collect(), trouble)
    }

    /// Writes these, of which `all` gives the whole log where the file is to be written anew.
    pub fn write(
        &mut self,
        events: &[AlertEvent],
        all: impl FnOnce() -> Vec<AlertEvent>,
    ) -> io::Result<()> {
        if events.is_empty() && !self.is_stale {
            return Ok(());
        }
        if self.is_stale || self.lines + events.len() > LINES_MAX {
            let all = all();
            dir::write_bytes(&self.path, &lines(&all)?)?;
            self.lines = all.len();
            self.is_stale = false;
            return Ok(());
        }
        let mut options = OpenOptions::new();
        options.create(true).append(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut file = options.open(&self.path)?;
        // If it is written in part, the next writes all of it anew.
        self.is_stale = true;
        file.write_all(&lines(events)?)?;
        self.is_stale = false;
        self.lines += events.len();
        Ok(())
    }

    /// What is said once it cannot be written.
    pub fn unsaved(&self, error: &io::Error) -> Trouble {
        trouble(
            said!("trouble_file_unsaved", "{path} could not be saved.", path = self.shown()),
            Some(error.to_string()),
            said!("advice_file", "Check that the folder exists, may be written to, and has room."),
        )
    }

    fn shown(&self) -> String {
        self.path.display().to_string()
    }
}

fn lines(events: &[AlertEvent]) -> io::Result<Vec<u8>> {
    let mut lines = Vec::new();
    for event in events {
        serde_json::to_writer(&mut lines, event)?;
        lines.push(b'\n');
    }
    Ok(lines)
}

/// Reads line by line, of which none is held that is too long; counts those that `take` refuses.
fn read_lines(path: &Path, mut take: impl FnMut(&[u8]) -> bool) -> io::Result<usize> {
    let file = match std::fs::File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(0),
        Err(error) => return Err(error),
    };
    let mut file = BufReader::new(file);
    let (mut line, mut broken) = (Vec::new(), 0);
    loop {
        line.clear();
        let mut limited = io::Read::take(&mut file, LINE_BYTES_MAX as u64);
        if limited.read_until(b'\n', &mut line)? == 0 {
            return Ok(broken);
        }
        let is_whole = line.last() == Some(&b'\n');
        broken += usize::from(!(is_whole && take(&line)));
        while line.last() != Some(&b'\n') {
            line.clear();
            let mut limited = io::Read::take(&mut file, LINE_BYTES_MAX as u64);
            if limited.read_until(b'\n', &mut line)? == 0 {
                return Ok(broken);
            }
        }
    }
}

fn trouble(what: Said, answer: Option<String>, advice: Said) -> Trouble {
    Trouble::new("alert-log", step(), what, answer, advice)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(number: u64) -> AlertEvent {
        AlertEvent {
            number,
            alert: "a".into(),
            name: "A \"name\"\n".into(),
            feed: "f".into(),
            field: None,
            begin_ms: number as f64 * 1e6,
            end_ms: None,
            firing: true,
            times: 1,
            worst: Some(1.0),
            text: "It is so.".into(),
            said: Said::from("It is so.").parts().to_vec(),
        }
    }

    fn at(ms: f64) -> Time {
        Time::from_millis(ms)
    }

    #[test]
    fn what_was_written_is_there_again_and_nothing_fires_then() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("log");
        let (mut file, events, trouble) = LogFile::open(path.clone());
        assert_eq!((events.len(), trouble), (0, None));
        let mut log = Log::new(events);
        let first = log.fires(None, at(1e6), event(0));
        log.fires(None, at(2e6), event(0));
        file.write(&log.take_unwritten(), || panic!()).unwrap();
        log.cleared(first, at(1_500_000.0), Some(9.0), Some(true));
        file.write(&log.take_unwritten(), || panic!()).unwrap();
        assert!(log.take_unwritten().is_empty());

        let (_, events, trouble) = LogFile::open(path);
        assert_eq!(trouble, None);
        let seen: Vec<_> = events.iter().map(|e| (e.number, e.end_ms, e.worst, e.firing)).collect();
        assert_eq!(seen, [(1, Some(1_500_000.0), Some(9.0), false), (2, None, Some(1.0), false)]);
        assert_eq!(events[0].name, "A \"name\"\n");
        assert_eq!(Log::new(events).last(), 2);
    }

    #[test]
    fn what_fires_again_soon_is_one_event() {
        let mut log = Log::default();
        let first = log.fires(None, at(0.0), event(0));
        log.cleared(first, at(1_000.0), None, None);
        assert_eq!(log.fires(Some(first), at(60_000.0), event(0)), first);
        log.cleared(first, at(61_000.0), Some(0.5), Some(false));
        assert_ne!(log.fires(Some(first), at(121_000.0), event(0)), first);
        let events = log.span(&AlertLogSpan::default());
        let seen: Vec<_> = events.iter().map(|e| (e.times, e.end_ms, e.worst)).collect();
        assert_eq!(seen, [(1, None, Some(1.0)), (2, Some(61_000.0), Some(1.0))]);
    }

    #[test]
    fn the_file_is_bounded_and_so_is_what_is_in_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("log");
        let (mut file, events, _) = LogFile::open(path.clone());
        let mut log = Log::new(events);
        for round in 0..EVENTS_MAX * 3 {
            let number = log.fires(None, at(0.0), event(0));
            log.cleared(number, at(1.0), None, None);
            if round % 100 == 0 {
                let events = log.take_unwritten();
                file.write(&events, || log.all()).unwrap();
            }
        }
        assert_eq!(log.events.len(), EVENTS_MAX);
        let lines = std::fs::read_to_string(&path).unwrap().lines().count();
        assert!(lines <= LINES_MAX, "{lines}");
        assert_eq!(lines, file.lines);
    }

    #[test]
    fn what_is_broken_costs_itself_and_is_said() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("log");
        let good = String::from_utf8(lines(&[event(1), event(2)]).unwrap()).unwrap();
        let long = "x".repeat(3 * LINE_BYTES_MAX);
        std::fs::write(&path, format!("nonsense\n{long}\n{good}{{\"number\":3,")).unwrap();
        let (mut file, events, trouble) = LogFile::open(path.clone());
        assert_eq!(events.len(), 2);
        let what = trouble.unwrap().what;
        assert!(what.ends_with("left out: 3."), "{what}");
        // And the next to write leaves it whole.
        file.write(&[], || events.into_iter().collect()).unwrap();
        let (_, events, trouble) = LogFile::open(path);
        assert_eq!((events.len(), trouble), (2, None));
    }

    #[test]
    fn a_span_has_what_touches_it() {
        let mut log = Log::default();
        for second in [10.0, 20.0, 30.0] {
            let new = AlertEvent { begin_ms: second * 1e3, ..event(0) };
            let number = log.fires(None, at(0.0), new);
            if second < 30.0 {
                log.cleared(number, at(second * 1e3 + 2e3), None, None);
            }
        }
        let begins = |from_ms, to_ms| -> Vec<f64> {
            let span = AlertLogSpan { from_ms, to_ms };
            log.span(&span).iter().map(|event| event.begin_ms / 1e3).collect()
        };
        assert_eq!(begins(None, None), [30.0, 20.0, 10.0]);
        assert_eq!(begins(Some(12_000.0), Some(30_000.0)), [20.0, 10.0]);
        assert_eq!(begins(Some(90_000.0), None), [30.0], "it still fires");
    }
}
