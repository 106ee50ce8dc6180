//! What the tests share: the program at work, and captures to serve.

use flate2::read::MultiGzDecoder;
use serde_json::Value;
use std::io::{BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Output, Stdio};
use std::sync::mpsc;
use std::time::Duration;
use tempfile::TempDir;

/// Ends a test that hangs. Nothing takes nearly as long, even on a machine that is busy.
pub const DEADLINE: Duration = Duration::from_secs(60);

pub const FEEDTAP: &str = env!("CARGO_BIN_EXE_feedtap");

pub fn feedtap(args: &[&str]) -> Command {
    let mut command = Command::new(FEEDTAP);
    command.args(args).stdin(Stdio::null());
    command
}

/// Runs it to its end.
#[track_caller]
pub fn run(args: &[&str]) -> Ran {
    let mut command = feedtap(args);
    let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn();
    end_of(child.expect("it starts"))
}

/// What it printed, and how it ended.
#[track_caller]
pub fn end_of(child: Child) -> Ran {
    let id = child.id();
    let (done, ended) = mpsc::sync_channel(1);
    std::thread::spawn(move || done.send(child.wait_with_output()));
    match ended.recv_timeout(DEADLINE) {
        Ok(output) => Ran(output.expect("it can be waited for")),
        Err(_) => {
            kill(id);
            panic!("it does not end");
        }
    }
}

fn kill(id: u32) {
    if cfg!(unix) {
        let _ = Command::new("kill").args(["-KILL", &id.to_string()]).status();
    }
}

/// As a terminal does at Ctrl-C.
#[cfg(unix)]
pub fn interrupt(id: u32) {
    let sent = Command::new("kill").args(["-INT", &id.to_string()]).status();
    assert!(sent.is_ok_and(|status| status.success()));
}

/// A run that is over.
#[derive(Debug)]
pub struct Ran(pub Output);

impl Ran {
    pub fn code(&self) -> Option<i32> {
        self.0.status.code()
    }

    pub fn out(&self) -> String {
        String::from_utf8(self.0.stdout.clone()).expect("it is text")
    }

    pub fn err(&self) -> String {
        String::from_utf8(self.0.stderr.clone()).expect("it is text")
    }

    #[track_caller]
    pub fn succeeded(self) -> Self {
        assert_eq!(self.code(), Some(0), "{}\n{}", self.err(), self.out());
        self
    }

    /// What it printed, of one kind of line.
    pub fn lines(&self, kind: &str) -> Vec<Value> {
        let lines = self.out();
        let values = lines.lines().map(|line| serde_json::from_str::<Value>(line).expect("JSON"));
        values.filter_map(|mut line| line.get_mut(kind).map(Value::take)).collect()
    }

    pub fn ledger(&self) -> Value {
        let out = self.out();
        let last: Value = serde_json::from_str(out.lines().last().expect("a line")).expect("JSON");
        last["ledger"].clone()
    }
}

/// A capture that is being served.
pub struct Served {
    child: Option<Child>,
    out: BufReader<ChildStdout>,
    pub url: String,
}

impl Served {
    pub fn start(capture: &Path, args: &[&str]) -> Self {
        let mut all = vec!["serve", capture.to_str().expect("a path"), "--json"];
        all.extend(args);
        let mut child = feedtap(&all).stdout(Stdio::piped()).spawn().expect("it starts");
        let mut out = BufReader::new(child.stdout.take().expect("it is piped"));
        let mut line = String::new();
        out.read_line(&mut line).expect("it prints its URL first");
        let said: Value = serde_json::from_str(&line).unwrap_or_else(|_| panic!("a URL: {line}"));
        let url = said["url"].as_str().expect("it is there").to_owned();
        Served { child: Some(child), out, url }
    }

    /// What it says at its end.
    #[track_caller]
    pub fn summary(mut self) -> Value {
        let child = self.child.take().expect("it runs");
        let out = &mut self.out;
        let mut line = String::new();
        // The other end of the pipe is in the thread that waits.
        let ended = std::thread::scope(|scope| {
            let reading = scope.spawn(|| out.read_to_string(&mut line).map(drop));
            let ended = end_of(child);
            reading.join().expect("it reads").expect("it is text");
            ended
        });
        assert_eq!(ended.code(), Some(0), "{}", ended.err());
        let mut said: Value =
            serde_json::from_str(&line).unwrap_or_else(|_| panic!("JSON: {line}"));
        said["summary"].take()
    }

    #[cfg(unix)]
    pub fn interrupt(&self) {
        interrupt(self.child.as_ref().expect("it runs").id());
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        if let Some(mut child) = self.child.take() {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

/// A capture of these messages, a hundredth of a second apart.
pub struct Capture {
    _folder: TempDir,
    pub path: PathBuf,
}

impl Capture {
    pub fn of(messages: impl IntoIterator<Item = impl AsRef<str>>) -> Self {
        let lines: String = messages
            .into_iter()
            .enumerate()
            .map(|(at, text)| {
                let t = 1_700_000_000.0 + at as f64 * 0.01;
                let text = text.as_ref();
                serde_json::json!({"t": t, "dir": "recv", "text": text}).to_string() + "\n"
            })
            .collect();
        Capture::of_lines(&lines)
    }

    pub fn of_lines(lines: &str) -> Self {
        let folder = tempfile::tempdir().expect("there is room");
        let path = folder.path().join("capture.jsonl");
        let mut file = std::fs::File::create(&path).expect("there is room");
        file.write_all(lines.as_bytes()).expect("there is room");
        Capture { _folder: folder, path }
    }

    pub fn numbered(messages: u64) -> Self {
        Capture::of((1..=messages).map(|n| format!(r#"{{"channel":"c","n":{n},"value":{n}.5}}"#)))
    }
}

/// Real traffic, kept beside the repository; where it is not, the tests say so, and pass.
pub fn real_capture(name: &str) -> Option<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/captures");
    let file = folder.join(format!("{name}.jsonl.gz"));
    if !file.exists() {
        println!("captures absent, skipped: there is no {name} beside the repository");
        return None;
    }
    Some(file)
}

/// What was received, as it stands in the file: the kind of message, and its text.
pub fn received(capture: &Path) -> Vec<(&'static str, String)> {
    let mut text = String::new();
    let file = std::fs::File::open(capture).expect("it is there");
    if capture.extension().is_some_and(|extension| extension == "gz") {
        MultiGzDecoder::new(file).read_to_string(&mut text).expect("it is whole");
    } else {
        BufReader::new(file).read_to_string(&mut text).expect("it is text");
    }
    let lines = text.lines().map(|line| serde_json::from_str::<Value>(line).expect("JSON"));
    let received = lines.filter(|line| line["dir"] == "recv").map(|line| {
        let kind = if line["text"].is_string() { "text" } else { "b64" };
        (kind, line[kind].as_str().expect("it has a payload").to_owned())
    });
    received.collect()
}
