//! `cargo xtask fuzz`: throws whatever there is at the feed engine and at what is kept, and
//! keeps what breaks it.

use crate::shell::{output, run, target_dir};
use crate::tools;
use anyhow::{Context, Result, bail, ensure};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use std::fs;
use std::path::Path;
use std::process::Command;

const CARGO_FUZZ_VERSION: &str = "0.13.2";

const TARGETS: [&str; 5] = ["block", "chunks", "closing", "decode", "profile"];

/// What real servers sent, where it lies beside the repository, with the number of the profile that
/// reads it: its place in `Profile::bundled()`. A wrong one would only make a worse seed.
const CAPTURES: [(&str, u8); 10] = [
    ("binance-spot-depth", 0),
    ("binance-us", 0),
    ("binance-futures", 1),
    ("coinbase-level2-ticker", 2),
    ("kraken-futures", 5),
    ("bitfinex-seqall", 6),
    ("okx", 8),
    ("htx-gzip", 11),
    ("bitstamp", 12),
    ("dydx-out-of-order", 17),
];

/// What messages are parted by in an input, as the fuzz targets have it.
const SEPARATOR: u8 = 0xFF;
/// What a binary message begins with there: a zero, and for how long it was waited.
const BINARY: [u8; 2] = [0, 0];
/// A seed is the better the smaller it is.
const SEED_MESSAGES: usize = 8;
const SEEDS_A_CAPTURE: usize = 40;

#[derive(clap::Args)]
pub struct Options {
    /// block, chunks, closing, decode or profile; all, one after the other, if it is not given
    target: Option<String>,
    /// How long, for each target: 30s, 10m, 2h
    #[arg(long = "for", value_name = "TIME", default_value = "10m")]
    time: String,
}

pub fn fuzz(options: &Options) -> Result<()> {
    let seconds = seconds(&options.time)?;
    match &options.target {
        Some(target) => {
            ensure!(
                TARGETS.contains(&target.as_str()),
                "There is no fuzz target `{target}`; there are {}.",
                TARGETS.join(", ")
            );
            fuzz_target(target, seconds)
        }
        None => fuzz_all(seconds),
    }
}

/// Each target for so many seconds.
pub fn fuzz_all(seconds: u64) -> Result<()> {
    TARGETS.iter().try_for_each(|target| fuzz_target(target, seconds))
}

fn fuzz_target(target: &str, seconds: u64) -> Result<()> {
    ensure!(
        cfg!(all(target_os = "linux", target_arch = "x86_64")),
        "Fuzzing is set up for Linux on x86-64 alone."
    );
    let corpus = Path::new("fuzz/corpus").join(target);
    fs::create_dir_all(&corpus)?;
    if target == "decode" {
        seed_from_captures(&corpus)?;
    }
    let mut fuzz = Command::new(tools::find("cargo-fuzz", CARGO_FUZZ_VERSION)?);
    // It needs flags of the compiler that stable Rust has only so.
    fuzz.env("RUSTC_BOOTSTRAP", "1");
    // There is no unsafe code of ours, and without a sanitizer it tries several times as much.
    fuzz.args(["fuzz", "run", "--sanitizer", "none", "--debug-assertions", "--target-dir"]);
    fuzz.arg(target_dir()?.join("fuzz")).arg(target).arg(&corpus);
    fuzz.arg(Path::new("fuzz/seeds").join(target)).arg("--");
    fuzz.arg(format!("-max_total_time={seconds}"));
    run(fuzz.args(["-timeout=10", "-rss_limit_mb=2048", "-max_len=16384", "-print_final_stats=1"]))
        .with_context(|| {
            format!(
                "What broke it lies in fuzz/artifacts/{target}; `cargo fuzz run {target} FILE` \
                 shows it again."
            )
        })
}

/// Where the captures lie beside the repository, what they hold becomes part of the corpus.
fn seed_from_captures(corpus: &Path) -> Result<()> {
    for (name, profile) in CAPTURES {
        let capture = Path::new("../shared/captures").join(format!("{name}.jsonl.gz"));
        if !capture.exists() {
            continue;
        }
        let lines = output(Command::new("gzip").args(["--decompress", "--stdout"]).arg(capture))?;
        let frames = lines.lines().filter_map(|line| serde_json::from_str(line).ok());
        let messages: Vec<Vec<u8>> = frames
            .filter(|frame: &serde_json::Value| frame["dir"] == "recv")
            .filter_map(|frame| match frame["b64"].as_str() {
                Some(bytes) => Some([&BINARY[..], &BASE64_STANDARD.decode(bytes).ok()?].concat()),
                None => Some(frame["text"].as_str()?.as_bytes().to_vec()),
            })
            .filter(|message| !message.contains(&SEPARATOR))
            .collect();
        let seeds = messages.chunks(SEED_MESSAGES).take(SEEDS_A_CAPTURE);
        for (number, messages) in seeds.enumerate() {
            let mut seed = vec![profile];
            seed.extend(messages.join(&SEPARATOR));
            fs::write(corpus.join(format!("{name}-{number}")), seed)?;
        }
    }
    Ok(())
}

fn seconds(time: &str) -> Result<u64> {
    let unit = time.chars().last().unwrap_or_default();
    let seconds_per_unit = match unit {
        's' => 1,
        'm' => 60,
        'h' => 3_600,
        _ => bail!("`{time}` is no time, such as 30s, 10m or 2h."),
    };
    let number = time.trim_end_matches(unit).parse::<u64>();
    let number = number.with_context(|| format!("`{time}` is no time, such as 30s, 10m or 2h."))?;
    Ok(number.saturating_mul(seconds_per_unit).max(1))
}
