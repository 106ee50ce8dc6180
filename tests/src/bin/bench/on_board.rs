//! The app with one feed on a board of its own, started as a person starts it.

use anyhow::{Context, Result, ensure};
use feedscope_tests::{Launched, Server, app};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

pub const CHANNEL: &str = "trades";
/// The numbers of each message.
pub const FIELDS: [&str; 4] = ["data.count", "data.price", "data.size", "data.wave"];
const TITLE: &str = "Feedscope";
/// The id of the feed, under which the board's panels and the history know it.
pub const FEED: &str = "bench";
/// A start on a busy machine, with nothing in its page cache.
const START_MAX: Duration = Duration::from_secs(120);
/// How long what was sent last may take.
const SETTLE_MAX: Duration = Duration::from_secs(30);
const LINE_MAX: Duration = Duration::from_secs(30);

/// The `number`th message: about as long as a trade of a market, with four numbers.
pub fn message(number: u64) -> String {
    let [count, price, size, wave] = values(number);
    format!(
        r#"{{"channel":"{CHANNEL}","data":{{"count":{count},"price":"{price:.2}","size":{size:.4},"wave":{wave:.3}}}}}"#
    )
}

/// The numbers of the `number`th message, as they are written.
pub fn values(number: u64) -> [f64; 4] {
    let wave = (number as f64 / 5_000.0).sin();
    [number as f64, 64_000.0 + 100.0 * wave, 1.0 + wave / 2.0, wave]
}

/// What is on the board, beside the feed of this computer, which is always there.
pub struct Board<'a> {
    pub url: &'a str,
    pub span: Duration,
    /// The fields that each panel draws.
    pub panels: &'a [&'a [&'a str]],
}

impl Board<'_> {
    /// Writes it to a file, and says which.
    pub fn write(&self, folder: &Path) -> Result<PathBuf> {
        let trace = |(color, path): (usize, &&str)| json!({ "feed": FEED, "channel": CHANNEL, "path": path, "label": null, "color": color });
        let panels = self.panels.iter().enumerate().map(|(number, fields)| {
            let traces = Vec::from_iter(fields.iter().enumerate().map(trace));
            let id = format!("panel-{number}");
            json!({ "id": id, "title": id, "unit": "none", "range": null, "traces": traces })
        });
        let board = json!({
            "feedscope": 1,
            "name": "Bench",
            "span_ms": self.span.as_secs_f64() * 1_000.0,
            "feeds": [{ "id": FEED, "name": "Bench", "url": self.url }],
            "panels": Vec::from_iter(panels),
        });
        let path = folder.join("bench.feedscope.json");
        fs::write(&path, board.to_string()).with_context(|| format!("{}", path.display()))?;
        Ok(path)
    }
}

/// A running app.
pub struct OnBoard {
    pub launched: Launched,
    /// The first of its lines that has not been looked at.
    next: usize,
}

impl OnBoard {
    /// Starts it with what is in `data`.
    pub fn start(data: &Path, board: &Board<'_>) -> Result<OnBoard> {
        let board = board.write(data)?;
        let path = |path: &Path| path.to_string_lossy().into_owned();
        let mut args = vec!["--data-dir".to_owned(), path(data)];
        args.extend(["--status", "json"].map(String::from));
        args.push(path(&board));
        let launched = Launched::start(&app()?, TITLE, &args, &BTreeMap::new())?;
        Ok(OnBoard { launched, next: 0 })
    }

    pub fn id(&self) -> u32 {
        self.launched.id()
    }

    /// Its next line of which `pick` makes something. None is left out on the way there.
    pub fn line<T>(
        &mut self,
        patience: Duration,
        mut pick: impl FnMut(&Value) -> Option<T>,
    ) -> Result<T> {
        let mut looked_at = 0;
        let found = self.launched.lines.wait(self.next, patience, |line| {
            looked_at += 1;
            pick(&serde_json::from_str(line).ok()?)
        });
        self.next += looked_at;
        found
    }

    /// What it has said by now is not looked at any more.
    pub fn skip_lines(&mut self) {
        self.next = self.launched.lines.count();
    }

    pub fn next_line(&mut self) -> Result<Value> {
        self.line(LINE_MAX, |line| Some(line.clone()))
    }

    /// Updates drawn a second, over the last so many seconds.
    pub fn frames_per_second(&self, seconds: u64) -> Result<f64> {
        let lines = &self.launched.lines;
        let lines = lines.since(lines.count().saturating_sub(usize::try_from(seconds)?));
        let mut frames = 0.0;
        for line in &lines {
            let line: Value = serde_json::from_str(line)?;
            frames += line["frames_per_second"].as_f64().context("a line without frames")?;
        }
        Ok(frames / lines.len() as f64)
    }

    /// When samples were on its screen first, in milliseconds since it was started.
    pub fn first_samples_ms(&mut self) -> Result<f64> {
        let first = self.line(START_MAX, |line| line["first_samples_ms"].as_f64())?;
        Ok(first - self.launched.started_ms())
    }

    /// Ends it while more comes; what has come must be accounted for.
    pub fn close(mut self) -> Result<()> {
        let line = self.next_line()?;
        let ledger = &bench_feed(&line).context("the feed is not there")?["ledger"];
        let received = ledger["received"].as_u64().context("nothing was received")?;
        check(ledger, received)?;
        self.launched.close()
    }

    /// Ends it once it has all that the server has sent, of which nothing may be lost.
    pub fn end(mut self, server: &Server) -> Result<Value> {
        let sent = server.pause();
        let ledger = self.line(SETTLE_MAX, |line| {
            let ledger = &bench_feed(line)?["ledger"];
            (ledger["received"].as_u64() == Some(sent)).then(|| ledger.clone())
        });
        let ledger = ledger.with_context(|| format!("not all of {sent} messages arrived"))?;
        check(&ledger, sent)?;
        self.launched.close()?;
        Ok(ledger)
    }
}

/// What a line says about the feed.
pub fn bench_feed(line: &Value) -> Option<&Value> {
    line["feeds"].as_array()?.iter().find(|feed| feed["feed"] == FEED)
}

/// Nothing is lost of what was sent, and all that came is accounted for.
pub fn check(ledger: &Value, sent: u64) -> Result<()> {
    let count = |name: &str| ledger[name].as_u64().with_context(|| format!("no {name}"));
    let mut spent = 0;
    for fate in ["delivered", "control", "duplicate", "late", "undecodable", "held", "overflow"] {
        spent += count(fate)?;
    }
    ensure!(count("received")? == spent, "The ledger does not balance: {ledger}");
    ensure!(count("delivered")? == sent, "{sent} messages were sent: {ledger}");
    Ok(())
}
