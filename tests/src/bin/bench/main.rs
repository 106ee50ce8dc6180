//! Measurements of speed: `cargo xtask bench`.

mod ingest;
mod live;
mod report;

use clap::{Parser, Subcommand};
use std::process::ExitCode;

#[derive(Parser)]
#[command(name = "cargo xtask bench", about = "Measure speed")]
struct Cli {
    #[command(subcommand)]
    what: Option<What>,
    /// Keep what is found in docs/benchmarks.md
    #[arg(long, global = true)]
    save: bool,
}

#[derive(Subcommand)]
enum What {
    /// The real window at ever higher rates, beside what people use today
    Live(live::LiveBench),
    /// How long it takes from when a message is due until it is drawn
    Latency(live::LatencyBench),
    /// The way from the socket to ordered records, beside those who read and drop
    Ingest(ingest::IngestBench),
    /// One of the programs that `ingest` starts
    #[command(hide = true, subcommand)]
    Part(ingest::Part),
    /// The server that `live` starts
    #[command(hide = true)]
    Feed { second: live::feed::Second },
}

fn main() -> ExitCode {
    let Cli { what, save } = Cli::parse();
    let done = match what {
        Some(What::Live(bench)) => bench.run(save),
        Some(What::Latency(bench)) => bench.run(save),
        Some(What::Feed { second }) => live::feed::serve(second),
        Some(What::Ingest(bench)) => bench.run(save),
        Some(What::Part(part)) => part.run(),
        None => all(save),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("\n{error:#}");
            ExitCode::FAILURE
        }
    }
}

/// Each of them, whatever becomes of the others.
fn all(save: bool) -> anyhow::Result<()> {
    let done = [
        ingest::IngestBench::default().run(save),
        live::LiveBench::default().run(save),
        live::LatencyBench::default().run(save),
    ];
    let failed: Vec<String> =
        done.into_iter().filter_map(|done| Some(format!("{:#}", done.err()?))).collect();
    anyhow::ensure!(failed.is_empty(), "{}", failed.join("\n"));
    Ok(())
}
