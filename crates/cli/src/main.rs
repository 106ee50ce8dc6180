//! `feedtap`: Feedscope's engine in a terminal.
//!
//! Each command has a file of its own; all share how a feed is named ([`feed`]), how a subscription
//! is followed ([`follow`]), and how a command ends ([`exit`]).

mod args;
mod capture;
mod capture_file;
mod exit;
mod feed;
mod follow;
mod lines;
mod probe;
mod profile;
mod send;
mod serve;
mod signals;
mod visible;
mod watch;

use args::{Cli, Command};
use clap::Parser;
use exit::{Exit, Failure};
use std::process::ExitCode;

fn main() -> ExitCode {
    match run(Cli::parse().command) {
        Ok(()) => Exit::Asked.into(),
        Err(failure) => {
            eprintln!("{failure}");
            failure.exit.into()
        }
    }
}

fn run(command: Command) -> Result<(), Failure> {
    let runtime = tokio::runtime::Runtime::new()
        .map_err(|error| Failure::failed(format!("The runtime cannot be started: {error}.")))?;
    let done = runtime.block_on(async {
        match command {
            Command::Watch(args) => watch::run(args).await,
            Command::Probe(args) => probe::run(args).await,
            Command::Send(args) => send::run(args).await,
            Command::Capture(args) => capture::run(args).await,
            Command::Serve(args) => serve::run(args).await,
            Command::Profile(args) => profile::run(args),
        }
    });
    // What still waits for somebody to read it must not keep the program from ending.
    runtime.shutdown_background();
    done
}
