//! `feedtap serve`: a capture as a live feed, on loopback alone, for tests and for trying things
//! out without the real feed. Each client has a position of its own.

mod faults;
mod session;
mod speed;

pub use faults::Faults;
pub use speed::Speed;

use crate::args::Serve;
use crate::capture_file::{self, Received};
use crate::exit::Failure;
use crate::signals::Signals;
use crate::visible::json_line;
use faults::{Made, Plan};
use serde::Serialize;
use session::{End, Progress};
use std::io::{self, Write};
use std::net::Ipv4Addr;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinSet;

/// Clients at a time; further ones wait at the door.
const CLIENTS_MAX: usize = 1_000;
/// Sessions that the summary tells of one by one, the first ones; the rest is counted.
const SESSIONS_TOLD_MAX: usize = 1_000;
/// For clients to say goodbye, once the server is to end.
const GOODBYE_MAX: Duration = Duration::from_secs(2);
/// Between attempts to take a client when the system has no room for it.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// What every session serves.
struct Show {
    received: Vec<Received>,
    plan: Plan,
    faults: Faults,
    speed: Speed,
    await_messages: u64,
    repeat: bool,
}

/// What was sent and done wrong, in all.
#[derive(Debug, Default, Serialize)]
struct Summary {
    seed: u64,
    /// In the file.
    messages: usize,
    /// In all sessions, with duplicates.
    sent: u64,
    sessions: Vec<Told>,
    sessions_untold: u64,
}

/// One session in the summary.
#[derive(Debug, Serialize)]
struct Told {
    /// Counted from 1.
    session: u64,
    end: End,
    sent: u64,
    /// How often the whole capture was sent.
    passes: u64,
    /// Each pass makes the same ones.
    faults: Made,
    /// The message before which the connection was cut.
    cut_before: Option<usize>,
}

pub async fn run(args: Serve) -> Result<(), Failure> {
    let mut signals = Signals::listen()?;
    let capture = capture_file::read(&args.capture)?;
    if capture.is_cut_off {
        eprintln!("{} ends in the middle; what came before is served.", args.capture.display());
    }
    let show = Arc::new(Show {
        plan: Plan::new(capture.received.len(), &args.faults, args.seed),
        received: capture.received,
        faults: args.faults,
        speed: args.speed,
        await_messages: args.await_messages,
        repeat: args.repeat,
    });
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, args.port)).await;
    let listener = listener.map_err(|error| {
        Failure::failed(format!(
            "Port {} cannot be listened at: {error}. Try another, or 0 for any.",
            args.port
        ))
    })?;
    let address = listener.local_addr().map_err(|error| Failure::failed(error.to_string()))?;
    print_url(&format!("ws://{address}/"), args.json);

    let (stop, stopped) = watch::channel(false);
    let mut sessions = JoinSet::new();
    let mut summary =
        Summary { seed: args.seed, messages: show.received.len(), ..Summary::default() };
    let (mut accepted, mut ended) = (0, 0);
    while args.sessions.is_none_or(|sessions| ended < sessions) {
        tokio::select! {
            () = signals.next() => break,
            Some(done) = sessions.join_next() => {
                ended += 1;
                if let Ok((number, progress)) = done {
                    summary.add(number, &progress, &show.plan);
                }
            }
            client = listener.accept(), if sessions.len() < CLIENTS_MAX => match client {
                Ok((stream, _)) => {
                    accepted += 1;
                    let (number, show, stopped) = (accepted, show.clone(), stopped.clone());
                    sessions.spawn(async move {
                        (number, session::serve(stream, &show, stopped).await)
                    });
                }
                // Out of file descriptors, say: clients that leave make room.
                Err(_) => tokio::time::sleep(ACCEPT_PAUSE).await,
            },
        }
    }
    let _ = stop.send(true);
    let _ = tokio::time::timeout(GOODBYE_MAX, async {
        while let Some(done) = sessions.join_next().await {
            if let Ok((number, progress)) = done {
                summary.add(number, &progress, &show.plan);
            }
        }
    })
    .await;
    summary.sessions.sort_by_key(|told| told.session);
    summary.print(args.json);
    Ok(())
}

fn print_url(url: &str, json: bool) {
    #[derive(Serialize)]
    struct Url<'a> {
        url: &'a str,
    }
    let mut line = Vec::new();
    if json {
        json_line(&Url { url }, &mut line);
    } else {
        line.extend_from_slice(url.as_bytes());
        line.push(b'\n');
    }
    print(&line);
}

/// Whoever does not read it any longer does not miss it.
fn print(bytes: &[u8]) {
    let mut out = io::stdout().lock();
    let _ = out.write_all(bytes).and_then(|()| out.flush());
}

impl Summary {
    fn add(&mut self, session: u64, progress: &Progress, plan: &Plan) {
        // Whoever only knocked has not been served.
        let Some(end) = progress.end else { return };
        self.sent += progress.sent;
        if self.sessions.len() >= SESSIONS_TOLD_MAX {
            self.sessions_untold += 1;
            return;
        }
        let slots = if progress.passes > 0 { plan.slots.len() } else { progress.slots };
        let next = plan.slots.get(progress.slots);
        self.sessions.push(Told {
            session,
            end,
            sent: progress.sent,
            passes: progress.passes,
            faults: plan.made(slots),
            cut_before: next.filter(|_| end == End::Cut).map(|slot| slot.message),
        });
    }

    fn print(&self, json: bool) {
        #[derive(Serialize)]
        struct Line<'a> {
            summary: &'a Summary,
        }
        let mut text = Vec::new();
        if json {
            json_line(&Line { summary: self }, &mut text);
        } else {
            for told in &self.sessions {
                let Made { dropped, duplicated, displaced, silent_before } = &told.faults;
                let silent = silent_before
                    .map_or(String::new(), |at| format!(", silent before message {at}"));
                let cut = told
                    .cut_before
                    .map_or(String::new(), |at| format!(", cut before message {at}"));
                let _ = writeln!(
                    text,
                    "Session {}: {} sent, {} dropped, {} duplicated, {} displaced{silent}{cut}; {}",
                    told.session,
                    told.sent,
                    dropped.len(),
                    duplicated.len(),
                    displaced.len(),
                    told.end.story(),
                );
            }
            let untold = match self.sessions_untold {
                0 => String::new(),
                sessions => format!(" {sessions} further sessions are not listed."),
            };
            let _ = writeln!(
                text,
                "Sent in all: {} (sessions: {}; messages in the file: {}; seed: {}).{untold}",
                self.sent,
                self.sessions.len() as u64 + self.sessions_untold,
                self.messages,
                self.seed,
            );
        }
        print(&text);
    }
}
