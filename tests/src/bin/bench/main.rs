//! Measurements of speed: `cargo xtask bench`.

mod ingest;
mod window;

use clap::{Parser, Subcommand};
use std::process::ExitCode;

#[derive(Parser)]
#[command(name = "cargo xtask bench", about = "Measure speed")]
struct Cli {
    #[command(subcommand)]
    what: Option<What>,
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
    let done = match Cli::parse().what {
        Some(What::Window(bench)) => bench.run(),
        Some(What::Ingest(bench)) => bench.run(),
        Some(What::Part(part)) => part.run(),
        None => {
            ingest::IngestBench::default().run().and_then(|()| window::WindowBench::default().run())
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
