//! `feedtap capture`: what comes over the wire, and what we send, in a file that `feedtap serve`
//! plays again. Secrets are not in it: the engine puts their names in their place.

use crate::args;
use crate::capture_file::{Direction as Dir, Line};
use crate::exit::Failure;
use crate::feed::Feed;
use crate::follow::{Ended, Nothing, Output, follow};
use crate::lines::Lines;
use crate::signals::Signals;
use crate::watch::words::{grouped, ledger};
use feedscope_feed::{Batch, Direction, Raw, Sink, Time, Transition};
use flate2::Compression;
use flate2::write::GzEncoder;
use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::Path;
use std::time::Duration;

/// What is lost, at the most, when the machine loses its power. More often would cost compression.
const FLUSH_WITHIN: Duration = Duration::from_secs(1);

struct Writer {
    lines: Lines,
    url: String,
    /// Whether the present session's first line is written.
    is_open: bool,
    messages: u64,
}

pub async fn run(args: args::Capture) -> Result<(), Failure> {
    let mut signals = Signals::listen()?;
    let feed = Feed::find(args.feed)?;
    let path = args.output;
    let lines = lines_to(&path).map_err(|error| match error.kind() {
        io::ErrorKind::AlreadyExists => Failure::unusable(format!(
            "{} is there already; name another file, or take it away first.",
            path.display()
        )),
        _ => Failure::failed(format!("{} cannot be written: {error}.", path.display())),
    })?;
    let url = feed.profile.shown_url();
    let writer = Writer { lines, url, is_open: false, messages: 0 };
    let ended = follow(&feed, args.until, &mut signals, writer, &mut Nothing).await?;
    let Ended { output, account, failure } = ended;
    let messages = output.messages;
    output.lines.finish().map_err(|error| {
        Failure::failed(format!("{} could not be written: {error}.", path.display()))
    })?;
    let written = grouped(messages);
    // Whoever does not read it does not miss it.
    let _ = writeln!(
        io::stdout(),
        "{}: {written} messages, sent and received. {}",
        path.display(),
        ledger(&account.ledger)
    );
    failure.map_or(Ok(()), Err)
}

fn lines_to(path: &Path) -> io::Result<Lines> {
    let file = BufWriter::new(File::create_new(path)?);
    let end = |file: BufWriter<File>| file.into_inner().map_err(io::Error::from)?.sync_all();
    Ok(if path.extension().is_some_and(|extension| extension == "gz") {
        let gzip = GzEncoder::new(file, Compression::default());
        Lines::start(gzip, FLUSH_WITHIN, move |gzip| end(gzip.finish()?))
    } else {
        Lines::start(file, FLUSH_WITHIN, end)
    })
}

impl Writer {
    fn open(&mut self, at: Time) {
        if !std::mem::replace(&mut self.is_open, true) {
            self.lines.push(&Line::open(at, &self.url));
        }
    }
}

impl Sink for Writer {
    fn transition(&mut self, at: Time, transition: &Transition) {
        if transition.state.is_open() {
            self.open(at);
        } else {
            self.is_open = false;
        }
        self.lines.flush();
    }

    fn raw(&mut self, at: Time, message: Raw<'_>) {
        self.open(at);
        let dir = match message.direction {
            Direction::Received => Dir::Recv,
            Direction::Sent => Dir::Sent,
        };
        self.messages += 1;
        self.lines.push(&Line::message(at, dir, message.payload, message.is_text));
    }

    fn batch(&mut self, _batch: &Batch<'_>) {
        self.lines.flush();
    }
}

impl Output for Writer {
    fn is_wanted(&self) -> bool {
        self.lines.is_wanted()
    }
}
