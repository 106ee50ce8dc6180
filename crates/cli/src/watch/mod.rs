//! `feedtap watch`: a feed as it comes, for people (on a terminal, or in plain lines), or as JSON
//! for programs.

mod json;
mod model;
mod plain;
mod screen;
pub mod words;

use crate::args::Watch;
use crate::exit::Failure;
use crate::feed::Feed;
use crate::follow::{Ended, Nothing, follow};
use crate::lines::Lines;
use crate::signals::Signals;
use json::Json;
use model::{Model, Shared};
use plain::Plain;
use screen::Screen;
use std::io::{self, IsTerminal};

pub async fn run(args: Watch) -> Result<(), Failure> {
    let mut signals = Signals::listen()?;
    let feed = Feed::find(args.feed)?;
    if args.json {
        let json = Json::new(Lines::to_stdout());
        let ended = follow(&feed, args.until, &mut signals, json, &mut Nothing).await?;
        let Ended { output, account, failure } = ended;
        // What is written last waits for its reader, too; a second Ctrl-C does not.
        let written = tokio::task::spawn_blocking(move || output.end(&account));
        tokio::select! {
            written = written => {
                let written = written.unwrap_or_else(|error| Err(io::Error::other(error)));
                written.map_err(|error| Failure::failed(format!("The output failed: {error}.")))?;
            }
            () = signals.next() => {
                return Err(Failure::failed("It was ended before all was written."));
            }
        }
        return failure.map_or(Ok(()), Err);
    }
    let model = Shared::new(Model::new(&feed.profile.name, &feed.profile.shown_url()));
    let failure = if io::stdout().is_terminal() {
        let mut screen = Screen::open(model.clone())
            .map_err(|error| Failure::failed(format!("The terminal cannot be used: {error}.")))?;
        let ended = follow(&feed, args.until, &mut signals, model.clone(), &mut screen).await;
        // The terminal is as it was before anything else is said.
        drop(screen);
        ended?.failure
    } else {
        let mut plain = Plain::new(model.clone());
        let ended = follow(&feed, args.until, &mut signals, model.clone(), &mut plain).await?;
        plain.end();
        ended.failure
    };
    plain::summary(&model.lock());
    failure.map_or(Ok(()), Err)
}
