//! `feedtap send`: messages to a feed, once it is live, and what became of each.

use crate::args::{self, Until};
use crate::exit::{Exit, Failure};
use crate::feed::Feed;
use crate::follow::{Nothing, Output, follow_and_do};
use crate::signals::Signals;
use crate::visible::{json_line, visible_lines};
use feedscope_feed::{Batch, Outcome, Outgoing, Sink, Time, Transition, Unsent};
use serde::Serialize;
use std::io::{self, Write};

#[derive(Serialize)]
struct Line<'a> {
    sent: Told<'a>,
}

#[derive(Serialize)]
struct Told<'a> {
    /// Its place on the command line, from 0.
    message: usize,
    outcome: &'static str,
    answer: Option<&'a str>,
}

pub async fn run(args: args::Send) -> Result<(), Failure> {
    let mut signals = Signals::listen()?;
    let mut feed = Feed::find(args.feed)?;
    let outbox = &mut feed.profile.outbox;
    match (&mut outbox.acknowledgement, args.wait_answer) {
        (Some(acknowledgement), Some(wait)) => acknowledgement.answer_max = wait,
        // Whoever does not wait for answers does not want to be held up by them.
        (acknowledgement, None) => *acknowledgement = None,
        (None, Some(_)) => {
            return Err(Failure::unusable(
                "--wait-answer needs a profile that says in [outbox.acknowledgement] where a \
                 message and its answer have the same id.",
            ));
        }
    }
    let until = Until { for_: None, give_up: Some(args.give_up), until_close: false };
    let (messages, json) = (args.messages, args.json);
    let mut failure = None;
    let worst = &mut failure;
    let ended =
        follow_and_do(&feed, until, &mut signals, Quiet, &mut Nothing, |subscription| async move {
            // All are on their way before the first is waited for; they keep their order.
            let receipts: Vec<_> = messages
                .into_iter()
                .map(|message| subscription.send(Outgoing::Text(message)))
                .collect();
            for (message, receipt) in receipts.into_iter().enumerate() {
                if let Some(failed) = tell(message, &receipt.await, json) {
                    worst.get_or_insert(failed);
                }
            }
        })
        .await?;
    ended.failure.or(failure).map_or(Ok(()), Err)
}

/// Prints what became of a message; returns what was wrong with that.
fn tell(message: usize, outcome: &Outcome, json: bool) -> Option<Failure> {
    let number = message + 1;
    let (code, answer, failure) = match outcome {
        Outcome::Sent => ("sent", None, None),
        Outcome::Acknowledged(answer) => ("acknowledged", Some(answer), None),
        Outcome::Refused(answer) => (
            "refused",
            Some(answer),
            Some((Exit::Refused, format!("The server refused message {number}."))),
        ),
        Outcome::TimedOut => (
            "timed-out",
            None,
            Some((Exit::Unreachable, format!("Message {number} was not answered in time."))),
        ),
        Outcome::Dropped(why) => {
            ("dropped", None, Some((exit_of(*why), format!("Message {number} was dropped. {why}"))))
        }
    };
    let mut text = Vec::new();
    if json {
        let told = Told { message, outcome: code, answer: answer.map(String::as_str) };
        json_line(&Line { sent: told }, &mut text);
    } else {
        let _ = writeln!(text, "Message {number}: {code}.");
        for line in answer.into_iter().flat_map(|answer| visible_lines(answer)) {
            let _ = writeln!(text, "  {line}");
        }
    }
    // Whoever does not read it still wants it sent.
    let mut out = io::stdout().lock();
    let _ = out.write_all(&text).and_then(|()| out.flush());
    failure.map(|(exit, story)| Failure { exit, story })
}

fn exit_of(why: Unsent) -> Exit {
    match why {
        Unsent::TooLarge | Unsent::SameId => Exit::Unusable,
        Unsent::Full => Exit::Failed,
        _ => Exit::Unreachable,
    }
}

/// What the feed brings is not what this is about.
struct Quiet;

impl Sink for Quiet {
    fn transition(&mut self, _at: Time, _transition: &Transition) {}

    fn batch(&mut self, _batch: &Batch<'_>) {}
}

impl Output for Quiet {}
