//! Feedscope, the installed application.

// No console window beside the real one on Windows.
#![cfg_attr(all(windows, not(debug_assertions)), windows_subsystem = "windows")]

mod args;
mod commands;
mod notify;
mod platform;
mod popouts;
mod window;
mod words;

use args::Args;
use clap::Parser;
use std::process::ExitCode;

fn main() -> ExitCode {
    let args = Args::parse();
    platform::prepare();
    match window::run(args) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("feedscope: {error}");
            ExitCode::FAILURE
        }
    }
}
