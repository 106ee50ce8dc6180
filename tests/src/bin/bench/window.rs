//! The real window, while a fast feed comes in.

use crate::report::quantile;
use anyhow::{Context, Result, ensure};
use feedscope_tests::{Options, Server, StatusLine, Usage, Window};
use serde_json::{Value, json};
use std::time::{Duration, Instant};

const RATE: u32 = 10_000;
const SECONDS: usize = 60;
/// What is drawn may settle first: the first seconds are those of the start.
const WARM_UP_S: usize = 3;
const LINE_MAX: Duration = Duration::from_secs(10);
/// A trace whose switching on and off is timed: it is on the first panel of the first board.
const CONTROL: &str = "legend-cpu-1";
const COMPUTER: usize = 0;
const FEED: usize = 1;

#[derive(clap::Args)]
pub struct WindowBench {
    /// Messages a second
    #[arg(long, default_value_t = RATE)]
    rate: u32,
    /// How long, in seconds
    #[arg(long, default_value_t = SECONDS)]
    seconds: usize,
}

impl Default for WindowBench {
    fn default() -> Self {
        WindowBench { rate: RATE, seconds: SECONDS }
    }
}

/// About as long as a trade of a market.
fn message(number: u64) -> String {
    let wave = (number as f64 / 5_000.0).sin();
    format!(
        r#"{{"channel":"trades","data":{{"count":{number},"price":"{:.2}","size":{:.4}}}}}"#,
        64_000.0 + 100.0 * wave,
        1.0 + wave / 2.0,
    )
}

impl WindowBench {
    pub fn run(&self) -> Result<()> {
        let server = Server::start(self.rate.into(), message)?;
        let window = Window::open_with("bench-window", Options::default())?;
        let feed = window.added_feed(&server.url())?;
        let panel = window.plot(&feed, "trades", "data.count")?;
        window.run(TIME_CLICKS, json!([CONTROL]))?;
        println!(
            "{} messages a second for {} s; the app is {}",
            self.rate,
            self.seconds,
            window.program()
        );
        println!("second   frames   messages/s   received   latency p50/p95/p99 ms");

        let mut lines: Vec<StatusLine> = Vec::new();
        let mut before = None;
        let mut clicks = 0;
        // The board has just made room for a panel: what is to be clicked may still be moving.
        window.wait_status(LINE_MAX, |_| Some(()))?;
        for second in 0..WARM_UP_S + self.seconds {
            // Twice, so that all stays as it was.
            for _ in 0..2 {
                clicks += 1;
                window.click(CONTROL)?;
                window.wait(
                    "an answer to a click",
                    "if (window.answersMs.length === arguments[0]) return true;
                     throw `${window.answersMs} of ${arguments[0]}`",
                    json!([clicks]),
                )?;
            }
            let line = window.wait_status(LINE_MAX, |line| Some(line.clone()))?;
            if second < WARM_UP_S {
                before = Some((Usage::of(window.app_id())?, Instant::now()));
                continue;
            }
            println!("{}", row(second + 1 - WARM_UP_S, &line));
            lines.push(line);
        }
        let (used_before, since) = before.context("no time to measure")?;
        let used = Usage::of(window.app_id())?;
        let measured = since.elapsed();
        let clicks = window.run("return window.answersMs", json!([]))?;

        let sent = server.pause();
        let ledger = self.settled(&window, &feed, &panel, sent)?;
        report(&lines, &clicks);
        for (program, share, bytes) in used.since(&used_before, measured) {
            println!("{program:24} {:5.0} % of a core, {:5} MB", share * 100.0, bytes >> 20);
        }
        println!("sent {sent}, received {}, {ledger}", ledger["received"]);
        check(&ledger, sent)
    }

    /// The ledger, once nothing more comes.
    fn settled(&self, window: &Window, feed: &str, panel: &str, sent: u64) -> Result<Value> {
        window.wait(
            "everything that was sent, in the status and on the chart",
            "const [feed, id, sent] = arguments;
             const { ledger } = status(feed);
             const [trace] = panel(id).traces;
             if (ledger.received !== sent || trace.latest !== sent) {
                 throw `${ledger.received} of ${sent} received, ${trace.latest} drawn`;
             }
             return ledger",
            json!([feed, panel, sent]),
        )
    }
}

/// Notes, for each click on a control, how long it took until the screen showed its effect.
const TIME_CLICKS: &str = "
    window.answersMs = [];
    const button = by(arguments[0]).closest('button');
    button.addEventListener('pointerdown', (event) => {
        const before = button.getAttribute('aria-pressed');
        const look = () => requestAnimationFrame(() => {
            if (button.getAttribute('aria-pressed') === before) return look();
            // After the frame that shows it.
            setTimeout(() => window.answersMs.push(performance.now() - event.timeStamp));
        });
        look();
    }, { capture: true });
";

fn row(second: usize, line: &StatusLine) -> String {
    let (computer, feed) = (&line["feeds"][COMPUTER], &line["feeds"][FEED]);
    let latency = |name: &str| computer["latency"][name].as_f64().unwrap_or(f64::NAN);
    format!(
        "{second:6} {:8} {:12.0} {:10}   {:.0}/{:.0}/{:.0}",
        line["frames_per_second"].as_u64().unwrap_or_default(),
        feed["messages_per_second"].as_f64().unwrap_or(f64::NAN),
        feed["ledger"]["received"].as_u64().unwrap_or_default(),
        latency("p50_ms"),
        latency("p95_ms"),
        latency("p99_ms"),
    )
}

fn report(lines: &[StatusLine], clicks: &Value) {
    let of = |pick: &dyn Fn(&StatusLine) -> Option<f64>| -> Vec<f64> {
        let mut all: Vec<f64> = lines.iter().filter_map(pick).collect();
        all.sort_by(f64::total_cmp);
        all
    };
    let frames = of(&|line| line["frames_per_second"].as_f64());
    println!(
        "\nframes a second          min {:.0}, median {:.0}",
        quantile(&frames, 0.0),
        quantile(&frames, 0.5)
    );
    for name in ["p50_ms", "p95_ms", "p99_ms"] {
        let all = of(&|line| line["feeds"][COMPUTER]["latency"][name].as_f64());
        println!(
            "latency, {name:16} median {:.1} ms, worst second {:.1} ms",
            quantile(&all, 0.5),
            quantile(&all, 1.0)
        );
    }
    println!("  (of the built-in feed, from source to drawn: the fast one has no source time)");
    let mut clicks: Vec<f64> =
        clicks.as_array().into_iter().flatten().filter_map(Value::as_f64).collect();
    clicks.sort_by(f64::total_cmp);
    println!(
        "click to drawn           median {:.0} ms, p95 {:.0} ms, worst {:.0} ms, of {}",
        quantile(&clicks, 0.5),
        quantile(&clicks, 0.95),
        quantile(&clicks, 1.0),
        clicks.len()
    );
}

fn check(ledger: &Value, sent: u64) -> Result<()> {
    let count = |name: &str| ledger[name].as_u64().with_context(|| format!("no {name}"));
    let mut spent = 0;
    for fate in ["delivered", "control", "duplicate", "late", "undecodable", "held", "overflow"] {
        spent += count(fate)?;
    }
    ensure!(count("received")? == spent, "The ledger does not balance: {ledger}");
    ensure!(count("delivered")? == sent, "{sent} messages were sent: {ledger}");
    Ok(())
}
