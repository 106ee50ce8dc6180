//! `feedtap watch` on a terminal, which is a real one but for its glass.

use crate::support::{Capture, DEADLINE, FEEDTAP, Served};
use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, native_pty_system};
use serde_json::json;
use std::io::{Read, Write};
use std::num::NonZero;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

struct Terminal {
    parser: Arc<Mutex<vt100::Parser>>,
    bytes: Arc<Mutex<Vec<u8>>>,
    child: Box<dyn Child + Send + Sync>,
    keys: Box<dyn Write + Send>,
    master: Box<dyn MasterPty + Send>,
}

impl Terminal {
    fn watch(url: &str, (columns, rows): (u16, u16), environment: &[(&str, &str)]) -> Self {
        let size = PtySize { rows, cols: columns, ..PtySize::default() };
        let pair = native_pty_system().openpty(size).unwrap();
        let mut command = CommandBuilder::new(FEEDTAP);
        command.args(["watch", url]);
        command.env("TERM", "xterm-256color");
        command.env_remove("NO_COLOR");
        for (name, value) in environment {
            command.env(name, value);
        }
        let child = pair.slave.spawn_command(command).unwrap();
        drop(pair.slave);
        let parser = Arc::new(Mutex::new(vt100::Parser::new(lines(rows), lines(columns), 0)));
        let bytes = Arc::new(Mutex::new(Vec::new()));
        let mut out = pair.master.try_clone_reader().unwrap();
        let (parsed, kept) = (parser.clone(), bytes.clone());
        std::thread::spawn(move || {
            let mut read = [0; 4_096];
            while let Ok(count @ 1..) = out.read(&mut read) {
                parsed.lock().unwrap().process(&read[..count]);
                kept.lock().unwrap().extend_from_slice(&read[..count]);
            }
        });
        let keys = pair.master.take_writer().unwrap();
        Terminal { parser, bytes, child, keys, master: pair.master }
    }

    fn screen(&self) -> String {
        self.parser.lock().unwrap().screen().contents()
    }

    #[track_caller]
    fn until(&self, what: &str, holds: impl Fn(&str) -> bool) {
        let since = Instant::now();
        while !holds(&self.screen()) {
            assert!(since.elapsed() < DEADLINE, "waited in vain until {what}:\n{}", self.screen());
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// The code that it ended with, and all that it wrote.
    #[track_caller]
    fn end(mut self) -> (u32, vt100::Screen, String) {
        let since = Instant::now();
        let status = loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                break status;
            }
            assert!(since.elapsed() < DEADLINE, "it does not end");
            std::thread::sleep(Duration::from_millis(20));
        };
        drop(self.master);
        let shown = self.parser.lock().unwrap().screen().clone();
        let bytes = String::from_utf8_lossy(&self.bytes.lock().unwrap()).into_owned();
        (status.exit_code(), shown, bytes)
    }
}

fn lines(count: u16) -> NonZero<u16> {
    NonZero::new(count).unwrap()
}

fn served(message: &str) -> (Capture, Served) {
    // A message each second for a long time.
    let lines: String = (0..1_000)
        .map(|t| json!({"t": t as f64, "dir": "recv", "text": message}).to_string() + "\n")
        .collect();
    let capture = Capture::of_lines(&lines);
    let served = Served::start(&capture.path, &["--speed", "20x"]);
    (capture, served)
}

const TICK: &str = r#"{"channel":"ticker","price":64000.12,"size":-0.25}"#;

#[test]
fn it_shows_values_and_restores_the_terminal() {
    let (_capture, served) = served(TICK);
    let mut terminal = Terminal::watch(&served.url, (100, 30), &[]);
    terminal.until("values show", |screen| {
        screen.contains("64000.12") && screen.contains("-0.25") && screen.contains("Live")
    });
    terminal.until("rates show", |screen| screen.contains("messages/s, last message"));
    let screen = terminal.screen();
    assert!(screen.contains("price") && screen.contains("ticker"), "{screen}");
    assert!(screen.contains("Nothing is known to be missing."), "{screen}");
    assert!(terminal.parser.lock().unwrap().screen().alternate_screen());
    assert!(terminal.parser.lock().unwrap().screen().hide_cursor());
    // As a keyboard sends Ctrl-C.
    terminal.keys.write_all(b"\x03").unwrap();
    let (code, shown, bytes) = terminal.end();
    assert_eq!(code, 0);
    assert!(!shown.alternate_screen() && !shown.hide_cursor());
    assert!(shown.contents().contains("received"), "{}", shown.contents());
    assert!(bytes.contains("\x1b[38;5;") || bytes.contains("\x1b[32m"), "it is in colour");
}

#[test]
fn a_signal_restores_the_terminal_too() {
    let (_capture, served) = served(TICK);
    let terminal = Terminal::watch(&served.url, (100, 30), &[]);
    terminal.until("values show", |screen| screen.contains("64000.12"));
    crate::support::interrupt(terminal.child.process_id().unwrap());
    let (code, shown, _) = terminal.end();
    assert_eq!(code, 0);
    assert!(!shown.alternate_screen() && !shown.hide_cursor());
}

#[test]
fn it_has_no_colour_where_none_is_wanted() {
    let (_capture, served) = served(TICK);
    let mut terminal = Terminal::watch(&served.url, (100, 30), &[("NO_COLOR", "1")]);
    terminal.until("values show", |screen| screen.contains("64000.12"));
    terminal.keys.write_all(b"q").unwrap();
    let (code, _, bytes) = terminal.end();
    assert_eq!(code, 0);
    let is_color = |order: &str| {
        let parameters =
            order.split(|c: char| !c.is_ascii_digit() && c != ';').next().unwrap_or("");
        order[parameters.len()..].starts_with('m')
            && parameters.split(';').any(|p| p.parse().is_ok_and(|p: u8| (30..=38).contains(&p)))
    };
    let colors: Vec<_> = bytes.split("\x1b[").skip(1).filter(|order| is_color(order)).collect();
    assert_eq!(colors, [""; 0]);
}

#[test]
fn narrow_terminals_show_what_matters_most() {
    let (_capture, served) = served(TICK);
    for columns in [20, 34, 50, 70] {
        let terminal = Terminal::watch(&served.url, (columns, 24), &[]);
        terminal.until("values show", |screen| {
            screen.contains("64000") && screen.contains("-0.25") && screen.contains("Live")
        });
        crate::support::interrupt(terminal.child.process_id().unwrap());
        assert_eq!(terminal.end().0, 0);
    }
}

#[test]
fn it_follows_the_terminal_as_it_is_resized() {
    let (_capture, served) = served(TICK);
    let terminal = Terminal::watch(&served.url, (100, 30), &[]);
    terminal.until("values show", |screen| screen.contains("MISSING"));
    terminal.parser.lock().unwrap().screen_mut().set_size(lines(10), lines(40));
    terminal.master.resize(PtySize { rows: 10, cols: 40, ..PtySize::default() }).unwrap();
    terminal.until("it fits", |screen| {
        screen.contains("64000") && !screen.contains("MISSING") && screen.contains("q or Ctrl-C")
    });
    crate::support::interrupt(terminal.child.process_id().unwrap());
    assert_eq!(terminal.end().0, 0);
}

#[test]
fn a_hostile_feed_does_not_drive_it() {
    let hostile = "\u{1b}]0;owned\u{7}\u{1b}[2J\u{9b}31m\u{202e}\r\n";
    let message = json!({"channel": hostile, hostile: 42.5}).to_string();
    let (_capture, served) = served(&message);
    let terminal = Terminal::watch(&served.url, (100, 30), &[]);
    terminal
        .until("values show", |screen| screen.contains("42.5") && screen.contains("␛]0;owned␇"));
    crate::support::interrupt(terminal.child.process_id().unwrap());
    let (code, _, bytes) = terminal.end();
    assert_eq!(code, 0);
    for order in ["\x1b]", "\x07", "\u{9b}", "\u{202e}"] {
        assert!(!bytes.contains(order), "{order:?}");
    }
}
