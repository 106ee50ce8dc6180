//! What the app costs while a person looks at it: processor and memory of all its processes, at
//! rates from a trickle to a flood, beside a Tauri window with nothing in it.

use crate::empty;
use crate::on_board::{Board, FIELDS, OnBoard, message};
use crate::report::{self, Report, Table};
use anyhow::Result;
use feedscope_tests::{Memory, Server, Usage};
use std::thread;
use std::time::{Duration, Instant};
use tempfile::TempDir;

const RATES: [u32; 3] = [10, 1_000, 10_000];
const SECONDS: u64 = 25;
/// A start takes more than what follows.
const WARM_UP: Duration = Duration::from_secs(8);
const SPAN: Duration = Duration::from_secs(60);
const PANELS: [&[&str]; 4] = [&[FIELDS[0]], &[FIELDS[1]], &[FIELDS[2]], &[FIELDS[3]]];

#[derive(clap::Args)]
pub struct RestBench {
    /// How long each is measured, in seconds
    #[arg(long, default_value_t = SECONDS)]
    seconds: u64,
    /// Messages a second
    #[arg(long, value_delimiter = ',', default_values_t = RATES)]
    rates: Vec<u32>,
}

impl Default for RestBench {
    fn default() -> Self {
        RestBench { seconds: SECONDS, rates: RATES.into() }
    }
}

impl RestBench {
    pub fn run(&self, save: bool) -> Result<()> {
        let mut report = Report::new("rest", "Cost at rest", save);
        report.say(&format!(
            "Shares of a core and memory of all processes of the app (itself and WebKit's), over \
             {} s at each rate, with four panels that show the last {} s, all kept; beside a Tauri \
             window with nothing in it. The app's own feed of this computer is on, too. Memory is \
             proportional (PSS): pages that several processes share count once.",
            self.seconds,
            SPAN.as_secs(),
        ));
        let mut taken = Vec::new();
        let mut settings = None;
        for rate in &self.rates {
            let server = Server::start(f64::from(*rate), message)?;
            let data = TempDir::new()?;
            let url = server.url();
            let board = Board { url: &url, span: SPAN, panels: &PANELS };
            let mut app = OnBoard::start(data.path(), &board)?;
            app.first_samples_ms()?;
            if settings.is_none() {
                settings = Some(app.launched.webkit_settings()?);
            }
            let took = self.measure(app.id())?;
            let frames = app.frames_per_second(self.seconds)?;
            let name = format!("Feedscope, {} messages/s", report::count(f64::from(*rate)));
            taken.push((name.clone(), Some(frames), took));
            if Some(rate) == self.rates.last() {
                app.launched.hide()?;
                let took = self.measure(app.id())?;
                let frames = app.frames_per_second(self.seconds)?;
                taken.push((format!("{name}, hidden"), Some(frames), took));
                app.launched.show()?;
            }
            app.end(&server)?;
        }
        let window = empty::start(&settings.unwrap_or_default())?;
        empty::first_frame_ms(&window)?;
        let alone = self.measure(window.id())?;
        window.close()?;
        taken.push(("An empty Tauri window".into(), None, alone));

        let mut table = Table::new([
            "",
            "frames/s",
            "app, % of a core",
            "WebKit, % of a core",
            "all, % of a core",
            "memory, MB",
            "of empty",
        ]);
        for (name, frames, took) in &taken {
            let percent = |share: f64| report::number(share * 100.0, 1);
            table.row([
                name.clone(),
                frames.map_or("–".into(), |frames| report::number(frames, 0)),
                percent(took.own_share),
                percent(took.webkit_share),
                percent(took.own_share + took.webkit_share),
                report::number(took.bytes as f64 / 1e6, 0),
                report::ratio(took.bytes as f64, alone.bytes as f64),
            ]);
        }
        report.table(&table);
        report.end()
    }

    fn measure(&self, id: u32) -> Result<Taken> {
        thread::sleep(WARM_UP);
        let (before, since) = (Usage::of(id)?, Instant::now());
        thread::sleep(Duration::from_secs(self.seconds));
        let used = Usage::of(id)?.since(&before, since.elapsed());
        let bytes = Memory::of(id)?.values().map(|memory| memory.proportional_bytes).sum();
        let mut taken = Taken { own_share: 0.0, webkit_share: 0.0, bytes };
        for (program, share, _) in used {
            match program.starts_with("WebKit") {
                true => taken.webkit_share += share,
                false => taken.own_share += share,
            }
        }
        Ok(taken)
    }
}

/// Of all processes.
#[derive(Clone, Copy)]
struct Taken {
    own_share: f64,
    webkit_share: f64,
    bytes: u64,
}
