//! What real traffic takes to keep: recorded feeds through their bundled profiles into a history,
//! saved and restored.
//!
//! The captures are kept beside the repository. Where they are not, the test says so, and passes.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use feedscope_feed::decode::{Decoder, Part};
use feedscope_feed::{Profile, Record, Time};
use feedscope_history::{
    Axis, Body, Budget, ChunkKey, Column, Contents, Grid, Head, History, Sample, SeriesId, block,
};
use flate2::read::GzDecoder;
use serde_json::Value;
use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::Path;

const CAPTURES: [(&str, &str); 9] = [
    ("binance-futures", "binance-futures"),
    ("binance-spot-depth", "binance-spot"),
    ("bitfinex-seqall", "bitfinex"),
    ("bitstamp", "bitstamp"),
    ("coinbase-level2-ticker", "coinbase-exchange"),
    ("dydx-out-of-order", "json"),
    ("htx-gzip", "htx"),
    ("kraken-futures", "kraken-futures"),
    ("okx", "okx"),
];

const BUDGET: Budget = Budget { memory_bytes: 1 << 30, disk_bytes: Some(1 << 30) };

/// How many samples a block has, and so from when on a series is packed.
const BLOCK_SAMPLES: usize = 256;

/// The samples of each field of each channel and key, as they came.
fn samples(capture: &str, profile: &str) -> Option<BTreeMap<u32, Vec<Sample>>> {
    let file = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../../shared/captures")
        .join(format!("{capture}.jsonl.gz"));
    let Ok(file) = File::open(&file) else {
        println!("captures absent, skipped: there is no {capture} beside the repository");
        return None;
    };
    let profile = Profile::bundled_named(profile).expect("there is such a profile");
    let mut decoder = Decoder::new(&profile).unwrap();
    let (mut parts, mut series) = (Vec::new(), BTreeMap::<_, Vec<_>>::new());
    for line in BufReader::new(GzDecoder::new(file)).lines() {
        let frame: Value = serde_json::from_str(&line.unwrap()).unwrap();
        if frame["dir"] != "recv" {
            continue;
        }
        let bytes = match frame["b64"].as_str() {
            Some(base64) => BASE64_STANDARD.decode(base64).unwrap(),
            None => frame["text"].as_str().unwrap().into(),
        };
        // Recorded to the microsecond, as the clock is read.
        let arrival = Time((frame["t"].as_f64().unwrap() * 1e6).round() as i64 * 1_000);
        decoder.decode(&bytes, frame["text"].is_string(), arrival, &mut parts);
        for part in parts.drain(..) {
            if let Part::Message(decoded) = part
                && decoded.kind.has_data()
            {
                for (field, value) in &decoded.record.fields {
                    series.entry(field.0).or_default().push(sample(&decoded.record, *value));
                }
            }
        }
    }
    Some(series)
}

fn sample(record: &Record, value: f64) -> Sample {
    Sample { time_ns: record.time().0, arrival_ns: record.arrival_time.0, value }
}

/// The bytes of all whole blocks, and how many samples are in them.
fn packed<'a>(series: impl Iterator<Item = &'a Vec<Sample>>) -> (usize, usize) {
    let (mut bytes, mut count) = (Vec::new(), 0);
    for samples in series {
        let mut samples = samples.clone();
        samples.sort_by_key(|sample| sample.time_ns);
        for samples in samples.chunks_exact(BLOCK_SAMPLES) {
            let times: Vec<_> = samples.iter().map(|sample| sample.time_ns).collect();
            let arrivals: Vec<_> = samples.iter().map(|sample| sample.arrival_ns).collect();
            let values: Vec<_> = samples.iter().map(|sample| sample.value).collect();
            count += block::encode(&times, &arrivals, &values, &mut bytes);
        }
    }
    (bytes.len(), count)
}

/// What was saved, as a store would have it.
#[derive(Default)]
struct Disk {
    contents: Contents<()>,
    bodies: BTreeMap<ChunkKey, (Head, Body)>,
}

impl Disk {
    fn save(&mut self, history: &mut History<()>) {
        while let Some(save) = history.save() {
            save.removed_chunks.iter().for_each(|key| drop(self.bodies.remove(key)));
            for (key, head, body) in &save.chunks {
                self.bodies.insert(*key, (head.clone(), body.clone()));
            }
            self.contents.series.extend(save.series.iter().cloned());
            history.saved(save);
        }
    }

    fn bytes(&self) -> usize {
        self.bodies.values().map(|(Head(head), body)| head.len() + body.len()).sum()
    }

    fn restore(&self) -> History<()> {
        let chunks = self.bodies.iter().map(|(key, (head, _))| (*key, head.clone())).collect();
        History::restore(Contents { chunks, ..self.contents.clone() }, BUDGET)
    }

    /// A hundred columns over the whole series.
    fn columns(
        &self,
        history: &mut History<()>,
        samples: &[Sample],
        series: SeriesId,
        axis: Axis,
    ) -> Vec<Column> {
        let times = || {
            samples.iter().map(|sample| match axis {
                Axis::Source => sample.time_ns,
                Axis::Arrival => sample.arrival_ns,
            })
        };
        let (from_ns, to_ns) = (times().min().unwrap(), times().max().unwrap());
        let column_ns = (to_ns - from_ns) / 100 + 1;
        let grid = Grid { axis, column_ns, from: from_ns / column_ns, to: to_ns / column_ns + 1 };
        let mut out = Vec::new();
        while let Err(absent) = history.columns(series, &[], &grid, &mut out) {
            out.clear();
            let bodies = absent.0.iter().map(|key| (*key, self.bodies[key].1.clone()));
            history.insert(bodies.collect());
        }
        out
    }
}

#[test]
fn real_traffic_is_kept_in_a_few_bytes_a_sample() {
    println!("                                            bytes a sample, of 24 as they come");
    println!("capture                  samples  series   in whole blocks      disk    memory");
    let (mut all_block_bytes, mut all_blocks) = (0, 0);
    for (capture, profile) in CAPTURES {
        let Some(series) = samples(capture, profile) else { continue };
        let mut history = History::new(BUDGET);
        let id = |history: &mut History<()>, field: &u32| history.add_series(&field.to_string());
        for (field, samples) in &series {
            let series = id(&mut history, field);
            samples.iter().for_each(|sample| history.push(series, *sample));
        }
        let mut disk = Disk::default();
        disk.save(&mut history);
        let count: usize = series.values().map(Vec::len).sum();
        let (block_bytes, blocks) = packed(series.values());
        let a_sample = |bytes: usize, samples: usize| bytes as f64 / samples.max(1) as f64;
        println!(
            "{capture:24} {count:7} {:7} {:10.2} ({blocks:6}) {:9.2} {:9.2}",
            series.len(),
            a_sample(block_bytes, blocks),
            a_sample(disk.bytes(), count),
            a_sample(history.bytes(), count),
        );
        all_block_bytes += block_bytes;
        all_blocks += blocks;

        // Of short series, most is what there is to say of each.
        let allowed = 12 * count + 2_000 * series.len();
        assert!(disk.bytes() < allowed, "{} bytes on disk", disk.bytes());
        assert!(history.bytes() < 2 * allowed, "{} bytes in memory", history.bytes());
        let mut restored = disk.restore();
        for (field, samples) in &series {
            let (one, other) = (id(&mut history, field), id(&mut restored, field));
            for axis in [Axis::Source, Axis::Arrival] {
                let columns = disk.columns(&mut history, samples, one, axis);
                let kept: u64 = columns.iter().map(|column| column.count).sum();
                assert_eq!(kept, samples.len() as u64);
                assert_eq!(columns, disk.columns(&mut restored, samples, other, axis));
            }
        }
    }
    if all_blocks > 0 {
        let a_sample = all_block_bytes as f64 / all_blocks as f64;
        assert!(a_sample < 5.0, "{a_sample} bytes a sample in whole blocks");
    }
}
