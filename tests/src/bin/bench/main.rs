//! Measurements of speed: `cargo xtask bench`.

mod board;
mod empty;
mod files;
mod history;
mod ingest;
mod live;
mod long;
mod made;
mod on_board;
mod report;
mod rest;
mod soak;
mod start;

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
    /// The history by itself: in memory and on disk
    History(history::HistoryBench),
    /// The window with hours of history in view
    Long(long::LongBench),
    /// Twelve panels over four feeds, while someone watches them and works with them
    Board(board::BoardBench),
    /// What the app takes of the processor and the memory while one looks at it
    Rest(rest::RestBench),
    /// How long a start takes
    Start(start::StartBench),
    /// Whether memory grows and anything is lost in half an hour, or a night
    Soak(soak::SoakBench),
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
        Some(What::History(bench)) => bench.run(save),
        Some(What::Long(bench)) => bench.run(save),
        Some(What::Board(bench)) => bench.run(save),
        Some(What::Rest(bench)) => bench.run(save),
        Some(What::Start(bench)) => bench.run(save),
        Some(What::Soak(bench)) => bench.run(save),
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

/// Each of them, whatever becomes of the others; but for the billion and the soak, which take long.
fn all(save: bool) -> anyhow::Result<()> {
    let done = [
        ingest::IngestBench::default().run(save),
        history::HistoryBench::default().run(save),
        live::LiveBench::default().run(save),
        live::LatencyBench::default().run(save),
        long::LongBench::default().run(save),
        board::BoardBench::default().run(save),
        rest::RestBench::default().run(save),
        start::StartBench::default().run(save),
    ];
    let failed: Vec<String> =
        done.into_iter().filter_map(|done| Some(format!("{:#}", done.err()?))).collect();
    anyhow::ensure!(failed.is_empty(), "{}", failed.join("\n"));
    Ok(())
}
