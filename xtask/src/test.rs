//! `cargo xtask test`: everything that is checked before a change is taken, one step after the
//! other, with a table at the end. A step that fails does not keep the next ones from running.

use crate::headless::Headless;
use crate::shell::{cargo, npm, run, run_and_see};
use crate::{crates, fuzz, python, system, tools, ui};
use anyhow::{Context, Result, ensure};
use std::path::PathBuf;
use std::process::Command;
use std::time::{Duration, Instant};

/// The release that deny.toml is written for.
const CARGO_DENY_VERSION: &str = "0.20.2";
/// Where the servers and clients in other languages are, against which the app is tested.
pub const PEERS: &str = "tests/peers";
/// For each fuzz target.
const FUZZ_SECONDS: u64 = 10;
/// The window as a package has it: with its page inside.
const AS_PACKAGED: &str = "feedscope/custom-protocol";

#[derive(clap::Args)]
pub struct Options {
    /// Run this step alone; can be given several times
    #[arg(long, value_name = "STEP")]
    only: Vec<String>,
    /// List the steps
    #[arg(long)]
    list: bool,
}

struct Step {
    name: &'static str,
    what: &'static str,
    check: fn() -> Result<Outcome>,
}

enum Outcome {
    Passed,
    /// It could not be found out, and why.
    Unknown(String),
}

const STEPS: [Step; 14] = [
    Step { name: "system", what: "What the system must have", check: || passed(system()) },
    Step { name: "format", what: "Rust: format", check: || passed(format()) },
    Step {
        name: "crates",
        what: "Rust: which crate knows which",
        check: || passed(crates::check()),
    },
    Step { name: "ui-install", what: "UI: packages", check: || passed(ui::install("ui")) },
    Step { name: "ui-lint", what: "UI: lint and format", check: || passed(ui_script("lint")) },
    Step { name: "ui-check", what: "UI: types", check: || passed(ui_script("check")) },
    Step { name: "ui-test", what: "UI: tests", check: || passed(ui_script("test")) },
    Step { name: "ui-build", what: "UI: build", check: || passed(ui::build()) },
    Step { name: "audit", what: "UI: known vulnerabilities", check: audit },
    Step { name: "clippy", what: "Rust: lint", check: || passed(clippy()) },
    Step {
        name: "peers",
        what: "Peers for the tests: packages",
        check: || passed(peers().map(drop)),
    },
    Step {
        name: "tests",
        what: "Rust: tests, the real window among them",
        check: || passed(tests()),
    },
    Step { name: "fuzz", what: "Rust: anything at all, for a moment", check: fuzz_shortly },
    Step { name: "deny", what: "Rust: licences, sources, bans", check: || passed(deny()) },
];

pub fn test(options: &Options) -> Result<()> {
    if options.list {
        STEPS.iter().for_each(|step| println!("{:12}{}", step.name, step.what));
        return Ok(());
    }
    for name in &options.only {
        ensure!(
            STEPS.iter().any(|step| step.name == name),
            "There is no step `{name}`; `cargo xtask test --list` names all."
        );
    }
    let chosen =
        |step: &&Step| options.only.is_empty() || options.only.iter().any(|name| name == step.name);
    let mut rows = Vec::new();
    for step in STEPS.iter().filter(chosen) {
        println!("\n━━ {} ({})", step.what, step.name);
        let started = Instant::now();
        let outcome = (step.check)();
        match &outcome {
            Ok(Outcome::Passed) => {}
            Ok(Outcome::Unknown(why)) => println!("{why}"),
            Err(why) => println!("{why:#}"),
        }
        rows.push((step.name, outcome, started.elapsed()));
    }
    summarize(&rows)
}

fn summarize(rows: &[(&str, Result<Outcome>, Duration)]) -> Result<()> {
    println!("\n━━ Summary");
    for (name, outcome, took) in rows {
        let word = match outcome {
            Ok(Outcome::Passed) => "✔ passed",
            Ok(Outcome::Unknown(_)) => "? not checked",
            Err(_) => "✘ FAILED",
        };
        println!("{name:12}{word:15}{:>6.1} s", took.as_secs_f64());
    }
    let mut failed = Vec::new();
    for (name, outcome, _) in rows {
        if let Err(why) = outcome {
            // Once more, since there may be thousands of lines between here and there.
            println!("\n━━ {name}: {why:#}");
            failed.push(*name);
        }
    }
    ensure!(failed.is_empty(), "Failed: {}.", failed.join(", "));
    Ok(())
}

fn passed(result: Result<()>) -> Result<Outcome> {
    result.map(|()| Outcome::Passed)
}

fn system() -> Result<()> {
    system::ensure(&[&system::BUILD, &system::HEADLESS, &system::TESTS])
}

fn format() -> Result<()> {
    run(&mut cargo(["fmt", "--all", "--check"]))
}

fn ui_script(script: &str) -> Result<()> {
    ui::install("ui")?;
    run(&mut npm("ui", ["run", script]))
}

/// Asks npm's registry. A registry that does not answer leaves it unknown, which is neither.
fn audit() -> Result<Outcome> {
    let mut audit = npm("ui", ["audit", "--json"]);
    let said = audit.output().with_context(|| crate::shell::cannot_start(&audit))?;
    let report: serde_json::Value =
        serde_json::from_slice(&said.stdout).context("npm audit did not answer in JSON")?;
    let Some(counts) = report["metadata"]["vulnerabilities"].as_object() else {
        let why = report["message"].as_str().unwrap_or("it does not say why");
        return Ok(Outcome::Unknown(format!("npm's registry gave no answer: {why}")));
    };
    println!("{}", serde_json::to_string(counts)?);
    ensure!(said.status.success(), "Packages of ui/ have known vulnerabilities: see `npm audit`.");
    Ok(Outcome::Passed)
}

fn clippy() -> Result<()> {
    ui::build()?;
    let args = ["clippy", "--workspace", "--all-targets", "--features", AS_PACKAGED];
    run(cargo(args).args(["--", "--deny", "warnings"]))
}

/// Installs what the peers import, each from its language's registry. Gives their Python.
fn peers() -> Result<PathBuf> {
    ui::install(PEERS)?;
    python::install(PEERS, "venv")
}

fn tests() -> Result<()> {
    ui::build()?;
    let python = peers()?;
    // The tests start the app as a program of its own, from where cargo puts it. It is built with
    // them, in one go: they want more of what both need, and all of that would be built twice.
    let of_all = ["--workspace", "--exclude", "xtask", "--features", AS_PACKAGED];
    run(cargo(["build", "--lib", "--bins", "--tests"]).args(of_all))?;
    let mut test = cargo(["test", "--no-fail-fast"]);
    test.args(of_all);
    test.env("FEEDSCOPE_PYTHON", python);
    // Even where there is a display: the tests must not be disturbed, nor disturb.
    let headless = cfg!(target_os = "linux").then(Headless::start).transpose()?;
    if let Some(headless) = &headless {
        headless.host(&mut test);
    }
    let mut tasks = cargo(["test", "--package", "xtask"]);
    let mut failures = Failures::default();
    let passed = [&mut test, &mut tasks].map(|test| run_and_see(test, |line| failures.see(line)));
    passed.into_iter().collect::<Result<()>>().with_context(|| failures.told())
}

/// What a test runner says of the tests that failed, of all that it says.
#[derive(Default)]
struct Failures {
    within: bool,
    lines: Vec<String>,
}

impl Failures {
    /// So many lines tell enough: the rest is where they came from.
    const LINES_MAX: usize = 100;
    const LINE_CHARS_MAX: usize = 300;

    fn see(&mut self, line: &str) {
        self.within |= line == "failures:";
        if self.within && self.lines.len() < Self::LINES_MAX {
            self.lines.push(line.chars().take(Self::LINE_CHARS_MAX).collect());
        }
        self.within &= !line.starts_with("test result:");
    }

    fn told(&self) -> String {
        if self.lines.is_empty() {
            return "No test says that it failed".into();
        }
        self.lines.join("\n")
    }
}

/// Enough to see that the targets work, and to meet again what was found before.
fn fuzz_shortly() -> Result<Outcome> {
    if !cfg!(all(target_os = "linux", target_arch = "x86_64")) {
        return Ok(Outcome::Unknown("Fuzzing is set up for Linux on x86-64 alone.".into()));
    }
    passed(fuzz::fuzz_all(FUZZ_SECONDS))
}

/// Advisories are left out: they come from the network, and change without a change of ours. The
/// workflow on GitHub looks at them.
fn deny() -> Result<()> {
    let mut deny = Command::new(tools::find("cargo-deny", CARGO_DENY_VERSION)?);
    run(deny.args(["--all-features", "check", "bans", "licenses", "sources"]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_failed_is_told_and_nothing_else() {
        let mut failures = Failures::default();
        assert_eq!(failures.told(), "No test says that it failed");
        let said = "running 2 tests\ntest a ... ok\ntest b ... FAILED\n\nfailures:\n\n\
            ---- b stdout ----\nleft: 1\n\nfailures:\n    b\n\ntest result: FAILED. 1 passed\n\n\
            running 1 test\ntest c ... ok\ntest result: ok. 1 passed";
        said.lines().for_each(|line| failures.see(line));
        assert_eq!(
            failures.told(),
            "failures:\n\n---- b stdout ----\nleft: 1\n\nfailures:\n    b\n\n\
             test result: FAILED. 1 passed"
        );
        failures = Failures::default();
        failures.see("failures:");
        (0..1000).for_each(|_| failures.see(&"x".repeat(1000)));
        assert_eq!(failures.told().lines().count(), Failures::LINES_MAX);
    }
}
