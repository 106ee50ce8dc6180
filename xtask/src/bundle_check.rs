//! `cargo xtask bundle-check`: installs the .deb as a user would, starts what it installed, and
//! checks that its window draws what its built-in feed sends.

use crate::bundle;
use crate::headless::Headless;
use crate::shell::{command, output, run, target_dir, tied};
use crate::system;
use anyhow::{Context, Result, ensure};
use serde_json::Value;
use std::fs;
use std::path::Path;

const PACKAGE: &str = "feedscope";
const APP: &str = "/usr/bin/feedscope";
/// Long enough for a slow machine to be drawing, and to say so several times.
const RUN_FOR: &str = "10s";

pub fn bundle_check() -> Result<()> {
    system::ensure(&[&system::HEADLESS, &system::BUNDLE_CHECK])?;
    let deb = bundle::find("release", "deb", "deb")?;
    println!("Installing {}", deb.display());
    system::install(&["--reinstall", &deb.to_string_lossy()])?;
    check_files()?;
    let help = output(&mut command(PACKAGE, ["--help"]))?;
    ensure!(help.contains("--status"), "`{PACKAGE} --help` does not speak of --status:\n{help}");
    check_feedtap()?;
    check_run()
}

/// What is installed beside the app.
fn check_feedtap() -> Result<()> {
    let listed = output(&mut command("/usr/bin/feedtap", ["profile", "list"]))?;
    ensure!(listed.contains("binance-spot"), "`feedtap profile list` lacks a profile:\n{listed}");
    Ok(())
}

/// The files that make it an app among the others.
fn check_files() -> Result<()> {
    let listed = output(&mut command("dpkg-query", ["--listfiles", PACKAGE]))?;
    let files: Vec<_> = listed.lines().map(Path::new).filter(|path| path.is_file()).collect();
    ensure!(files.contains(&Path::new(APP)), "The package has no {APP}.");
    let entry = files
        .iter()
        .find(|file| file.extension().is_some_and(|extension| extension == "desktop"))
        .context("the package has no desktop entry")?;
    run(command("desktop-file-validate", ["--warn-kde"]).arg(entry))?;

    let text = fs::read_to_string(entry)?;
    let value = |key: &str| {
        let of_key = |line: &str| line.strip_prefix(key)?.strip_prefix('=').map(str::to_owned);
        text.lines().find_map(of_key).with_context(|| format!("the desktop entry has no {key}"))
    };
    ensure!(value("Name")? == "Feedscope", "The desktop entry's name is {}.", value("Name")?);
    let program = value("Exec")?;
    let program = program.split_whitespace().next().unwrap_or_default();
    ensure!(program == PACKAGE, "The desktop entry starts `{program}`, not `{PACKAGE}`.");
    let icon = format!("{}.png", value("Icon")?);
    let icons = files.iter().filter(|file| {
        file.starts_with("/usr/share/icons/hicolor")
            && file.file_name().is_some_and(|f| *f == *icon)
    });
    ensure!(icons.count() > 0, "The package has no icon {icon} for its desktop entry.");
    println!("Desktop entry and icon: {}", entry.display());
    Ok(())
}

/// Starts it with nothing of an earlier run, and believes its window and its last status line.
fn check_run() -> Result<()> {
    let data_dir = std::env::temp_dir().join(format!("feedscope-check-{}", std::process::id()));
    fs::create_dir_all(&data_dir)?;
    let mut app = tied(APP);
    app.arg("--data-dir").arg(&data_dir).args(["--for", RUN_FOR, "--status", "json"]);
    let picture = target_dir()?.join("feedscope-installed.png");
    let mut last = None;
    let shown = Headless::start()?.show(app, &picture, |line| {
        let status: Value = serde_json::from_str(line)
            .with_context(|| format!("a status line is not JSON: {line}"))?;
        last = Some(status);
        Ok(())
    });
    fs::remove_dir_all(&data_dir)?;
    shown?;
    println!("{}", verdict(&last.context("it wrote no status line")?)?);
    Ok(())
}

/// What a status line says of a healthy first start: in words, or as an error.
fn verdict(status: &Value) -> Result<String> {
    let frames = number(status, "frames_per_second")?;
    ensure!(frames > 0.0, "No frame was drawn in the last second.");
    let feeds = status["feeds"].as_array().context("the status line has no feeds")?;
    let feed = feeds.first().context("the first start has no feed")?;
    ensure!(feed["state"] == "live", "The built-in feed is not live: {}", feed["state"]);
    let rate = number(feed, "messages_per_second")?;
    ensure!(rate > 0.0, "The built-in feed brought nothing in the last second.");

    let ledger = feed["ledger"].as_object().context("the feed has no ledger")?;
    let received = number(&feed["ledger"], "received")?;
    let mut accounted = 0.0;
    for (fate, count) in ledger.iter().filter(|(fate, _)| *fate != "received") {
        accounted += count.as_f64().with_context(|| format!("the ledger's {fate} is no number"))?;
    }
    ensure!(
        accounted == received,
        "The ledger does not balance: {received} received, {accounted} accounted for."
    );
    Ok(format!(
        "Live: {rate} messages a second, {frames} frames a second, \
         {received} received and accounted for."
    ))
}

fn number(value: &Value, name: &str) -> Result<f64> {
    value[name].as_f64().with_context(|| format!("`{name}` is missing in {value}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn healthy() -> Value {
        json!({
            "frames_per_second": 60,
            "feeds": [{
                "state": "live",
                "messages_per_second": 50,
                "ledger": { "received": 10, "delivered": 8, "control": 2, "held": 0 },
            }],
        })
    }

    #[test]
    fn a_healthy_start_passes() {
        assert!(verdict(&healthy()).unwrap().contains("60 frames"));
    }

    #[test]
    fn each_sign_of_illness_fails() {
        let ills = [
            ("/frames_per_second", json!(0)),
            ("/feeds", json!([])),
            ("/feeds/0/state", json!("waiting")),
            ("/feeds/0/messages_per_second", json!(0)),
            ("/feeds/0/ledger/held", json!(1)),
            ("/feeds/0/ledger/delivered", json!(null)),
        ];
        for (place, value) in ills {
            let mut status = healthy();
            *status.pointer_mut(place).unwrap() = value;
            assert!(verdict(&status).is_err(), "{place}");
        }
    }
}
