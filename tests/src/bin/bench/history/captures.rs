//! What real servers sent, as the samples that the app makes of it.

use super::data::Chance;
use anyhow::{Context, Result};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use feedscope_feed::decode::{Decoder, Part};
use feedscope_feed::{Profile, Time};
use feedscope_history::Sample;
use flate2::read::GzDecoder;
use serde_json::Value;
use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::Path;

/// Each, with the profile that is for it.
const CAPTURES: [(&str, &str); 9] = [
    ("binance-futures", "binance-futures"),
    ("binance-spot-depth", "binance-spot"),
    ("binance-us", "binance-spot"),
    ("bitfinex-seqall", "bitfinex"),
    ("bitstamp", "bitstamp"),
    ("coinbase-level2-ticker", "coinbase-exchange"),
    ("htx-gzip", "htx"),
    ("kraken-futures", "kraken-futures"),
    ("okx", "okx"),
];

pub struct Capture {
    pub name: String,
    /// In the order they came, with the number of each one's series.
    samples: Vec<(u32, Sample)>,
}

/// Those that are there.
pub fn all() -> Result<Vec<Capture>> {
    let mut found = Vec::new();
    for (name, profile) in CAPTURES {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/captures");
        let Ok(file) = File::open(folder.join(format!("{name}.jsonl.gz"))) else { continue };
        let samples = samples(file, profile).with_context(|| name.to_owned())?;
        found.push(Capture { name: format!("{name}, as recorded"), samples });
    }
    Ok(found)
}

fn samples(file: File, profile: &str) -> Result<Vec<(u32, Sample)>> {
    let profile = Profile::bundled_named(profile).context("there is no such profile")?;
    let mut decoder = Decoder::new(&profile)?;
    let mut samples = Vec::new();
    let mut parts = Vec::new();
    for line in BufReader::new(GzDecoder::new(file)).lines() {
        let frame: Value = serde_json::from_str(&line?)?;
        if frame["dir"] != "recv" {
            continue;
        }
        let arrival = Time::from_millis(frame["t"].as_f64().context("a frame without time")? * 1e3);
        let (is_text, bytes) = match frame["b64"].as_str() {
            Some(base64) => (false, BASE64_STANDARD.decode(base64)?),
            None => (true, frame["text"].as_str().context("a frame without data")?.into()),
        };
        decoder.decode(&bytes, is_text, arrival, &mut parts);
        for part in parts.drain(..) {
            let Part::Message(message) = part else { continue };
            let record = message.record;
            let (time_ns, arrival_ns) = (record.time().0, record.arrival_time.0);
            for (field, value) in &record.fields {
                samples.push((field.0, Sample { time_ns, arrival_ns, value: *value }));
            }
        }
    }
    Ok(samples)
}

impl Capture {
    /// Its samples, again and again.
    pub fn over_and_over(&self) -> OverAndOver<'_> {
        let times = self.samples.iter().map(|(_, sample)| sample.arrival_ns);
        let lasts_ns = times.clone().max().unwrap_or(0) - times.min().unwrap_or(0);
        OverAndOver { samples: &self.samples, lasts_ns, later_ns: 0, chance: Chance(3) }
    }
}

pub struct OverAndOver<'a> {
    samples: &'a [(u32, Sample)],
    lasts_ns: i64,
    later_ns: i64,
    chance: Chance,
}

impl OverAndOver<'_> {
    /// Adds all of them to `out`, once more, and some time later than the last time.
    pub fn next(&mut self, out: &mut Vec<(u32, Sample)>) {
        let later_ns = self.later_ns;
        out.extend(self.samples.iter().map(|(series, sample)| {
            let (time_ns, arrival_ns) = (sample.time_ns + later_ns, sample.arrival_ns + later_ns);
            (*series, Sample { time_ns, arrival_ns, value: sample.value })
        }));
        // In whole milliseconds, which most sources count in.
        let pause_ms = 1 + self.chance.below(1_000) as i64;
        self.later_ns += (self.lasts_ns / 1_000_000 + pause_ms) * 1_000_000;
    }
}
