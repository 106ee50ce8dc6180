//! A subscription from its start to its end, and why it ended.

use crate::args::Until;
use crate::exit::{Exit, Failure};
use crate::feed::Feed;
use crate::signals::Signals;
use crate::visible::{visible, visible_lines};
use feedscope_feed::{
    Batch, Ledger, Raw, Sink, State, Step, Subscription, Time, Transition, Trouble,
};
use serde::Serialize;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{oneshot, watch};
use tokio::time::Instant;

/// For what was received to be handed on once the subscription is to end.
const END_MAX: Duration = Duration::from_secs(5);
/// Between looks at whether the output is still wanted.
const LOOK_EVERY: Duration = Duration::from_millis(250);

/// A sink with an end.
pub trait Output: Sink {
    /// Whether there still is somebody to write for.
    fn is_wanted(&self) -> bool {
        true
    }
}

/// All that happened, in numbers.
#[derive(Clone, Debug, Default)]
pub struct Account {
    pub ledger: Ledger,
    pub totals: Totals,
}

#[derive(Clone, Copy, Debug, Default, Serialize)]
pub struct Totals {
    pub gaps: u64,
    pub missing: u64,
    pub reordered: u64,
    pub fields_unlisted: u64,
}

/// How a subscription stands.
#[derive(Clone, Debug)]
struct Standing {
    state: State,
    has_been_live: bool,
    /// The last that failed.
    trouble: Option<Trouble>,
    /// It is to end when the server ends the session, and that has happened.
    is_over: bool,
    is_wanted: bool,
}

/// Stands between the subscription and the output: notices how things stand.
struct Tap<O: Output> {
    until_close: bool,
    standing: watch::Sender<Standing>,
    account: Account,
    output: Option<O>,
    /// Where the output goes at the end.
    done: Option<oneshot::Sender<(O, Account)>>,
}

impl<O: Output> Tap<O> {
    fn is_over(&self) -> bool {
        self.standing.borrow().is_over
    }
}

impl<O: Output> Sink for Tap<O> {
    fn transition(&mut self, at: Time, transition: &Transition) {
        if self.is_over() {
            return;
        }
        let was_open = self.standing.borrow().state.is_open();
        let is_over = transition.state == State::Stopped
            || self.until_close && was_open && !transition.state.is_open();
        if let Some(output) = &mut self.output {
            output.transition(at, transition);
        }
        self.standing.send_modify(|standing| {
            standing.state = transition.state;
            standing.has_been_live |= transition.state == State::Live;
            if transition.trouble.is_some() {
                standing.trouble.clone_from(&transition.trouble);
            }
            standing.is_over = is_over;
        });
    }

    fn raw(&mut self, at: Time, message: Raw<'_>) {
        if let Some(output) = self.output.as_mut().filter(|_| !self.standing.borrow().is_over) {
            output.raw(at, message);
        }
    }

    fn noted(&mut self, at: Time, what: &str) {
        if let Some(output) = self.output.as_mut().filter(|_| !self.standing.borrow().is_over) {
            output.noted(at, what);
        }
    }

    fn batch(&mut self, batch: &Batch<'_>) {
        // What comes of a gap that begins because we leave is not the feed's.
        if self.is_over() {
            return;
        }
        let totals = &batch.totals;
        self.account.ledger = totals.ledger;
        self.account.totals = Totals {
            gaps: totals.gaps,
            missing: totals.missing,
            reordered: totals.reordered,
            fields_unlisted: totals.fields_unlisted,
        };
        let Some(output) = &mut self.output else { return };
        output.batch(batch);
        if !output.is_wanted() {
            self.standing.send_if_modified(|standing| std::mem::take(&mut standing.is_wanted));
        }
    }
}

impl<O: Output> Drop for Tap<O> {
    fn drop(&mut self) {
        if let (Some(output), Some(done)) = (self.output.take(), self.done.take()) {
            let _ = done.send((output, std::mem::take(&mut self.account)));
        }
    }
}

/// What happens beside the subscription, for as long as it lasts: a screen is drawn, say.
pub trait Beside {
    /// From one [`Beside::tick`] to the next.
    fn every(&self) -> Duration;
    /// Whether to go on.
    fn tick(&mut self) -> bool;
}

/// Nothing.
pub struct Nothing;

impl Beside for Nothing {
    fn every(&self) -> Duration {
        LOOK_EVERY
    }

    fn tick(&mut self) -> bool {
        true
    }
}

/// The end of a subscription.
pub struct Ended<O> {
    pub output: O,
    pub account: Account,
    /// What went wrong, where it did not end as it was asked to.
    pub failure: Option<Failure>,
}

/// Subscribes, until it is to end.
pub async fn follow<O: Output>(
    feed: &Feed,
    until: Until,
    signals: &mut Signals,
    output: O,
    beside: &mut impl Beside,
) -> Result<Ended<O>, Failure> {
    follow_and_do(feed, until, signals, output, beside, |_| std::future::pending()).await
}

/// As [`follow`]; also ends once what `work` does with the subscription, from when it is live, is
/// done.
pub async fn follow_and_do<O: Output, F: Future<Output = ()>>(
    feed: &Feed,
    until: Until,
    signals: &mut Signals,
    output: O,
    beside: &mut impl Beside,
    work: impl FnOnce(Arc<Subscription>) -> F,
) -> Result<Ended<O>, Failure> {
    let (standing, mut changes) = watch::channel(Standing {
        state: State::Idle,
        has_been_live: false,
        trouble: None,
        is_over: false,
        is_wanted: true,
    });
    let (done, output_back) = oneshot::channel();
    let tap = Tap {
        until_close: until.until_close,
        standing,
        account: Account::default(),
        output: Some(output),
        done: Some(done),
    };
    let subscription = Subscription::start(feed.profile.clone(), feed.settings(), tap)
        .map_err(|error| Failure::unusable(visible(&error.to_string())))?;
    let subscription = Arc::new(subscription);
    let mut live = changes.clone();
    let worked_on = subscription.clone();
    let mut work = Box::pin(async move {
        if live.wait_for(|standing| standing.has_been_live).await.is_err() {
            return std::future::pending().await;
        }
        work(worked_on).await;
    });
    let start = Instant::now();
    let after = |time: Option<Duration>| time.and_then(|time| start.checked_add(time));
    let (for_, give_up) = (after(until.for_), after(until.give_up));
    let mut ticks = tokio::time::interval(beside.every());
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    let (mut was_asked, mut is_late) = (false, false);
    loop {
        let lives = changes.borrow_and_update().clone();
        if lives.is_over || !lives.is_wanted {
            break;
        }
        let give_up = give_up.filter(|_| !lives.has_been_live);
        tokio::select! {
            biased;
            () = signals.next() => { was_asked = true; break }
            () = at(for_) => { was_asked = lives.has_been_live; is_late = !was_asked; break }
            () = at(give_up) => { is_late = true; break }
            () = &mut work => { was_asked = true; break }
            changed = changes.changed() => if changed.is_err() { break },
            _ = ticks.tick() => if !beside.tick() {
                was_asked = true;
                break;
            },
        }
    }
    let at_end = changes.borrow().clone();
    is_late |= at_end.is_over && at_end.state != State::Stopped && !at_end.has_been_live;
    subscription.stop();
    let stopping =
        changes.wait_for(|standing| standing.state == State::Stopped || standing.is_over);
    // Whoever does not read what is printed holds this up, until a second Ctrl-C.
    tokio::select! {
        _ = stopping => {}
        () = signals.next() => return Err(Failure::failed("It was ended before all was written.")),
    }
    // It ends when nobody has it any longer.
    drop(work);
    drop(subscription);
    let (output, account) = tokio::select! {
        back = tokio::time::timeout(END_MAX, output_back) => match back {
            Ok(Ok(back)) => back,
            _ => return Err(Failure::failed("The subscription did not end.")),
        },
        () = signals.next() => return Err(Failure::failed("It was ended before all was written.")),
    };
    Ok(Ended { output, account, failure: failure(&at_end, was_asked, is_late) })
}

fn failure(end: &Standing, was_asked: bool, is_late: bool) -> Option<Failure> {
    if was_asked {
        return None;
    }
    let trouble = end.trouble.as_ref();
    let exit = match trouble {
        _ if is_late => Exit::Unreachable,
        // The server ended it, but it may be tried again: as was asked.
        Some(trouble) if end.state == State::Stopped => exit_of(trouble),
        _ => return None,
    };
    let told = trouble.map_or_else(
        || "It did not become live in time, and nothing failed until then.".to_owned(),
        told,
    );
    Some(Failure { exit, story: told })
}

/// What a trouble that nothing can be done about means to scripts.
pub fn exit_of(trouble: &Trouble) -> Exit {
    match trouble.step {
        Step::Url => Exit::Unusable,
        Step::Handshake | Step::Opening | Step::Session => Exit::Refused,
        _ => Exit::Unreachable,
    }
}

/// In sentences, with nothing in them that a terminal would obey.
pub fn told(trouble: &Trouble) -> String {
    let mut told = format!("{}: {}", trouble.step, visible(&trouble.what));
    for line in trouble.answer.iter().flat_map(|answer| visible_lines(answer)) {
        told.push_str("\n  ");
        told.push_str(&line);
    }
    told.push('\n');
    told.push_str(&visible(&trouble.advice));
    told
}

async fn at(due: Option<Instant>) {
    match due {
        Some(due) => tokio::time::sleep_until(due).await,
        None => std::future::pending().await,
    }
}
