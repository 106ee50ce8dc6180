//! The tasks of this repository, one file a task; `cargo xtask --help` lists them.

mod bench;
mod bundle;
mod bundle_check;
mod crates;
mod fuzz;
mod headless;
mod icons;
mod python;
mod run;
mod screenshot;
mod screenshots;
mod shell;
mod system;
mod test;
mod tools;
mod ui;

use clap::{Parser, Subcommand};
use std::process::ExitCode;

#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask", about = "The tasks of this repository")]
struct Cli {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Build Feedscope and start it, installing what is missing
    Run(run::Options),
    /// Check everything that is checked before a change is taken
    Test(test::Options),
    /// Throw at the feed engine whatever there is, and keep what breaks it
    Fuzz(fuzz::Options),
    /// Measure speed
    Bench(bench::Options),
    /// Make the installers of this system: .deb and .rpm, .dmg, or setup.exe
    Bundle(bundle::Options),
    /// Install the .deb on this machine, start what it installed, and check that it draws
    BundleCheck,
    /// Take pictures of the window in all its states, in both themes and languages
    Screenshots(screenshots::Options),
    /// Draw the app's icons from icons/feedscope.svg
    Icons,
}

fn main() -> ExitCode {
    let done = shell::enter_root().and_then(|started_in| match Cli::parse().task {
        Task::Run(options) => run::run(&options, &started_in),
        Task::Test(options) => test::test(&options),
        Task::Fuzz(options) => fuzz::fuzz(&options),
        Task::Bench(options) => bench::bench(&options),
        Task::Bundle(options) => bundle::bundle(&options),
        Task::BundleCheck => bundle_check::bundle_check(),
        Task::Screenshots(options) => screenshots::screenshots(&options),
        Task::Icons => icons::icons(),
    });
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            eprintln!("\n{why:#}");
            ExitCode::FAILURE
        }
    }
}
