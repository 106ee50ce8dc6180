//! `feedtap probe`: a feed tried out step by step, and what was found at each.

use crate::args;
use crate::exit::{Exit, Failure};
use crate::feed::Feed;
use crate::follow::exit_of;
use crate::signals::Signals;
use crate::visible::{json_line, visible_lines};
use feedscope_feed::probe::{Finding, Limits, Probe, What};
use feedscope_feed::session::close::Verdict;
use serde::Serialize;
use std::io::{self, Write};

#[derive(Serialize)]
struct Line<'a> {
    finding: &'a Finding,
}

pub async fn run(args: args::Probe) -> Result<(), Failure> {
    let mut signals = Signals::listen()?;
    let feed = Feed::find(args.feed)?;
    let limits = Limits { watch_max: args.watch, ..Limits::default() };
    let mut print = |finding: &Finding| print(finding, args.json);
    let settings = feed.settings();
    let probed = tokio::select! {
        probed = Probe::run(&feed.profile, &settings, limits, &mut print) => probed,
        () = signals.next() => return Ok(()),
    };
    probed.map_err(|failure| {
        let exit = match failure.verdict {
            Verdict::Stop => exit_of(&failure.trouble),
            _ => Exit::Unreachable,
        };
        // What happened was the last finding.
        Failure { exit, story: "The probe went no further.".to_owned() }
    })
}

/// For people: a paragraph each, so that its first line can be found by its dash.
fn print(finding: &Finding, json: bool) {
    let mut text = Vec::new();
    if json {
        json_line(&Line { finding }, &mut text);
    } else {
        let mark = match finding.what {
            What::Trouble(_) => "✘ ",
            What::Done { .. } => "✔ ",
            What::Sign { .. }
            | What::Notice { .. }
            | What::NoMessage { .. }
            | What::NoPong { .. } => "! ",
            _ => "– ",
        };
        for (at, line) in visible_lines(&finding.to_string()).enumerate() {
            let _ = writeln!(text, "{}{line}", if at == 0 { mark } else { "  " });
        }
    }
    // Whoever does not read it any longer does not miss it.
    let mut out = io::stdout().lock();
    let _ = out.write_all(&text).and_then(|()| out.flush());
}
