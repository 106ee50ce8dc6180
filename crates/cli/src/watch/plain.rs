//! A feed in plain lines, where the output is no terminal: what happens, and every few seconds how
//! things stand.

use super::model::{Latency, Model, Shared, state_name};
use super::words::{lasting, ledger, millis, not_received, rate};
use crate::follow::Beside;
use chrono::{DateTime, SecondsFormat};
use feedscope_feed::Time;
use std::fmt::Write as _;
use std::io::{self, Write};
use std::time::{Duration, Instant};

const LOOK_EVERY: Duration = Duration::from_millis(250);
const STATUS_EVERY: Duration = Duration::from_secs(5);
/// Events in that time that are told one by one.
const EVENTS_MAX: usize = 10;

#[derive(Debug)]
pub struct Plain {
    model: Shared,
    told: Instant,
    events: usize,
    events_untold: u64,
}

impl Plain {
    pub fn new(model: Shared) -> Self {
        Plain { model, told: Instant::now(), events: 0, events_untold: 0 }
    }

    fn events(&mut self, text: &mut String) {
        let (events, untold) = self.model.lock().take_events();
        self.events_untold += untold;
        for event in events {
            if self.events < EVENTS_MAX {
                self.events += 1;
                let _ = writeln!(text, "{} {}", moment(event.at), event.what);
            } else {
                self.events_untold += 1;
            }
        }
    }

    fn untold(&mut self, text: &mut String) {
        let untold = std::mem::take(&mut self.events_untold);
        if untold > 0 {
            let _ = writeln!(text, "{} … and {untold} further events.", moment(Time::now()));
        }
        self.events = 0;
    }

    /// Tells what happened since the last look.
    pub fn end(&mut self) {
        let mut text = String::new();
        self.events(&mut text);
        self.untold(&mut text);
        print(&text);
    }
}

impl Beside for Plain {
    fn every(&self) -> Duration {
        LOOK_EVERY
    }

    fn tick(&mut self) -> bool {
        let mut text = String::new();
        self.events(&mut text);
        if self.told.elapsed() >= STATUS_EVERY {
            self.told = Instant::now();
            self.untold(&mut text);
            let mut model = self.model.lock();
            model.look();
            let _ = writeln!(text, "{} {}", moment(Time::now()), status(&model));
        }
        print(&text)
    }
}

fn status(model: &Model) -> String {
    let latency = model.latency.map_or(String::new(), |latency| format!(", {}", delay(latency)));
    format!(
        "{}: {} messages/s{latency}. {} {}",
        state_name(model.state),
        rate(model.rate),
        ledger(&model.account.ledger),
        not_received(model.account.totals.gaps, model.account.totals.missing),
    )
}

pub fn delay(latency: Latency) -> String {
    let Latency { median_ms, max_ms } = latency;
    let clocks = if median_ms < 0.0 { " (the clocks differ)" } else { "" };
    format!("latency {}, {} at most{clocks}", millis(median_ms), millis(max_ms))
}

/// What was and what was not received, at the end.
pub fn summary(model: &Model) {
    let mut text = String::new();
    let account = &model.account;
    let _ = writeln!(text, "{} for {}.", model.title, lasting(model.running()));
    let _ = writeln!(text, "{}", ledger(&account.ledger));
    let _ = writeln!(text, "{}", not_received(account.totals.gaps, account.totals.missing));
    if account.totals.reordered > 0 {
        let _ = writeln!(text, "{} put back in order.", account.totals.reordered);
    }
    print(&text);
}

/// The time of day, in UTC as in all else that is written.
pub fn moment(at: Time) -> String {
    let at = DateTime::from_timestamp_nanos(at.0).to_rfc3339_opts(SecondsFormat::Secs, true);
    at.split_once('T').map_or_else(|| at.clone(), |(_, time)| time.to_owned())
}

/// Whether somebody reads it.
fn print(text: &str) -> bool {
    let mut out = io::stdout().lock();
    out.write_all(text.as_bytes()).and_then(|()| out.flush()).is_ok()
}
