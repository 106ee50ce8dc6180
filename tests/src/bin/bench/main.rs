//! Measurements of speed: `cargo xtask bench`.

mod ingest;
mod report;
mod window;

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
    /// The real window, while a fast feed comes in
    Window(window::WindowBench),
    /// The way from the socket to ordered records, beside those who read and drop
    Ingest(ingest::IngestBench),
    /// One of the programs that `ingest` starts
    #[command(hide = true, subcommand)]
    Part(ingest::Part),
}

fn main() -> ExitCode {
    let Cli { what, save } = Cli::parse();
    let done = match what {
        Some(What::Window(bench)) => bench.run(),
        Some(What::Ingest(bench)) => bench.run(save),
        Some(What::Part(part)) => part.run(),
        None => {
            let ingest = ingest::IngestBench::default().run(save);
            ingest.and_then(|()| window::WindowBench::default().run())
        }
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("\n{error:#}");
            ExitCode::FAILURE
        }
    }
}
