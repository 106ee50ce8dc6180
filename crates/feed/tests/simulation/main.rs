//! The engine in a world of its own, in which everything fails that can.
//!
//! The engine is the real one, from name lookup to records; the network, the server's other side
//! and the time are simulated. Time stands still while anyone has something to do, and jumps to the
//! next timer when nobody has (tokio's paused clock). So a run costs what happens in it, and not
//! how long it lasts: ten minutes take some milliseconds. That is why this is not built on a
//! simulator that moves time in fixed ticks: at a tick a millisecond, it would spend most of ten
//! thousand runs on ticks in which nothing happens.
//!
//! A seed decides everything: the profile, the server's manners, which faults happen when, and what
//! the engine leaves to chance.
//!
//! - `FEEDSCOPE_SEEDS=100000 cargo test -p feedscope-feed --test simulation` tries as many.
//! - `FEEDSCOPE_SEED=17 cargo test -p feedscope-feed --test simulation one_seed -- --nocapture`
//!   tells the whole story of one.

#![allow(clippy::expect_used, clippy::unwrap_used)]

mod network;
mod plan;
mod run;
mod seen;
mod server;
mod wire;

use plan::Plan;
use run::run;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

const SEEDS: u64 = 10_000;

/// Time itself stands still where something is done over and over again at the same moment. No run
/// takes nearly as long, even on a machine that is busy.
const RUN_MAX: Duration = Duration::from_secs(60);

/// Tests take turns: one of them looks at the memory of the process.
static TURN: Mutex<()> = Mutex::new(());

fn turn() -> MutexGuard<'static, ()> {
    TURN.lock().unwrap_or_else(PoisonError::into_inner)
}

fn number(variable: &str) -> Option<u64> {
    std::env::var(variable).ok().map(|text| text.parse().expect("a number"))
}

#[test]
fn whatever_happens_all_is_accounted_for_and_the_feed_comes_back() {
    let _turn = turn();
    let seeds = number("FEEDSCOPE_SEEDS").unwrap_or(SEEDS);
    let next = Arc::new(AtomicU64::new(0));
    let failures = Arc::new(Mutex::new(Vec::new()));
    let (delivered, gaps, attempts) =
        (Arc::new(AtomicU64::new(0)), Arc::new(AtomicU64::new(0)), Arc::new(AtomicU64::new(0)));
    let threads = thread::available_parallelism().map_or(2, usize::from);
    let running: Vec<_> = (0..threads).map(|_| Arc::new(Mutex::new(None))).collect();
    let workers: Vec<_> = running
        .iter()
        .cloned()
        .map(|running| {
            let (next, failures) = (next.clone(), failures.clone());
            let (delivered, gaps, attempts) = (delivered.clone(), gaps.clone(), attempts.clone());
            thread::spawn(move || {
                loop {
                    let seed = next.fetch_add(1, Ordering::Relaxed);
                    if seed >= seeds || failures.lock().unwrap().len() >= 10 {
                        return;
                    }
                    *running.lock().unwrap() = Some((seed, Instant::now()));
                    let outcome = run(&Plan::new(seed), seed);
                    *running.lock().unwrap() = None;
                    delivered.fetch_add(outcome.delivered, Ordering::Relaxed);
                    gaps.fetch_add(outcome.gaps as u64, Ordering::Relaxed);
                    attempts.fetch_add(outcome.attempts as u64, Ordering::Relaxed);
                    if !outcome.broken.is_empty() {
                        failures.lock().unwrap().push((seed, outcome.broken));
                    }
                }
            })
        })
        .collect();
    while !workers.iter().all(thread::JoinHandle::is_finished) {
        thread::sleep(Duration::from_millis(20));
        for running in &running {
            let hangs = running.lock().unwrap().filter(|(_, since)| since.elapsed() > RUN_MAX);
            assert!(hangs.is_none(), "a run does not end: seed {:?}", hangs.map(|(seed, _)| seed));
        }
    }
    for worker in workers {
        worker.join().expect("no run panics");
    }
    println!(
        "{seeds} runs: {delivered:?} messages delivered, {gaps:?} gaps, {attempts:?} attempts"
    );
    let failures = failures.lock().unwrap();
    let told: Vec<_> = failures
        .iter()
        .map(|(seed, broken)| {
            format!(
                "\nFEEDSCOPE_SEED={seed} cargo test -p feedscope-feed --test simulation one_seed -- \
                 --nocapture\n  {}",
                broken.join("\n  ")
            )
        })
        .collect();
    assert!(failures.is_empty(), "{}", told.concat());
}

#[test]
fn one_seed() {
    let _turn = turn();
    let seed = number("FEEDSCOPE_SEED").unwrap_or(0);
    let plan = Plan::new(seed);
    println!("{plan:#?}");
    let outcome = run(&plan, seed);
    println!("{}", outcome.story);
    assert!(outcome.broken.is_empty(), "{:#?}", outcome.broken);
}

#[test]
fn the_same_seed_is_the_same_run() {
    let _turn = turn();
    for seed in 0..50 {
        let (one, other) = (run(&Plan::new(seed), seed), run(&Plan::new(seed), seed));
        assert!(one.story.lines().count() > 10);
        for (one, other) in one.story.lines().zip(other.story.lines()) {
            assert_eq!(one, other, "seed {seed}");
        }
        assert_eq!(one.delivered, other.delivered);
    }
}

#[test]
fn after_a_week_of_faults_nothing_is_left_behind() {
    let _turn = turn();
    run::week();
}
