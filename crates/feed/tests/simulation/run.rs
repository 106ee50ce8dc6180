//! Carries a plan out, and looks whether everything held that must hold.

use super::network::{Names, Network, Reach};
use super::plan::{Fault, Plan, What};
use super::seen::{Ear, Seen};
use super::server::{Door, Mood, Server};
use super::wire::{Side, Wire};
use feedscope_feed::{Cause, Settings, State, Subscription};
use std::sync::Arc;
use std::time::Duration;
use tokio::runtime::{Builder, Handle};
use tokio::task::JoinHandle;
use tokio::time::{Instant, advance, sleep, sleep_until};

/// How long the goodbye of a session may take, and a little more.
const FAREWELL_MAX: Duration = Duration::from_millis(600);

/// A moment, in which whatever happens at once has happened.
const MOMENT: Duration = Duration::from_millis(1);

/// A server is asked no more often than this in a minute, unless the user or the system gave cause
/// to. With full jitter that grows to 10 s at the least, so many are not a matter of chance.
const ATTEMPTS_A_MINUTE_MAX: usize = 30;

/// How many more for each such cause: the backoff starts over.
const ATTEMPTS_A_CAUSE_MAX: usize = 10;

/// What a run came to.
#[derive(Debug)]
pub struct Outcome {
    /// A line for everything that happened.
    pub story: String,
    /// What should have held, and did not.
    pub broken: Vec<String>,
    pub delivered: u64,
    pub gaps: usize,
    pub attempts: usize,
}

/// Runs it in a world of its own.
pub fn run(plan: &Plan, seed: u64) -> Outcome {
    let runtime = Builder::new_current_thread().enable_time().start_paused(true).build();
    runtime.expect("it needs nothing of the system").block_on(live(plan, seed))
}

async fn live(plan: &Plan, seed: u64) -> Outcome {
    let begin = Instant::now();
    let (mut stage, publishing) = Stage::set(plan, seed, Ear::new(true));
    let mut active = 0;
    let mut calm_since = begin;
    let mut calms = Vec::new();
    for (at, fault, begins) in moments(plan) {
        sleep_until(begin + at).await;
        let now = Instant::now();
        if begins {
            if active == 0 {
                calms.push((calm_since, now));
            }
            active += 1;
            stage.tell(&format!("begins: {fault:?}"));
            stage.begin(fault).await;
        } else {
            active -= 1;
            stage.tell(&format!("ends: {:?}", fault.what));
            stage.end(fault).await;
            calm_since = Instant::now();
        }
    }
    let back_within = plan.back_within();
    sleep(back_within + 10 * plan.manner.every).await;
    calms.push((calm_since, Instant::now()));
    stage.tell("the end");

    let Stage { network, server, ear, subscription, .. } = stage;
    subscription.stop();
    sleep(FAREWELL_MAX).await;
    let sockets = network.sockets();
    {
        let mut seen = ear.seen();
        check_accounts(&mut seen, plan, &server);
        check_returns(&mut seen, plan, &server, &calms, begin);
        check_attempts(&mut seen, plan, &network.attempts(), begin);
        let most = sockets.most();
        seen.check(most <= 1, || format!("there were {most} sockets at the same time"));
        let left = sockets.now();
        seen.check(left == 0, || "a socket is left after the feed was stopped".into());
    }
    drop(subscription);
    publishing.abort();
    server.crash();
    sleep(MOMENT).await;
    let tasks = Handle::current().metrics().num_alive_tasks();
    let mut seen = ear.seen();
    seen.check(tasks == 0, || format!("{tasks} tasks are left"));
    Outcome {
        story: std::mem::take(&mut seen.story),
        broken: std::mem::take(&mut seen.broken),
        delivered: seen.ledger.delivered(),
        gaps: seen.gaps.len(),
        attempts: network.attempts().len(),
    }
}

/// A week in which something happens every few hours.
pub fn week() {
    let runtime = Builder::new_current_thread().enable_time().start_paused(true).build();
    runtime.expect("it needs nothing of the system").block_on(async {
        let plan = Plan::of_a_week();
        let begin = Instant::now();
        let (mut stage, _publishing) = Stage::set(&plan, 7, Ear::new(false));
        let mut moments = moments(&plan).into_iter().peekable();
        let mut resident_kb = Vec::new();
        for day in 1..=7 {
            let midnight = begin + day * DAY;
            while let Some((at, fault, begins)) = moments.next_if(|m| begin + m.0 < midnight) {
                sleep_until(begin + at).await;
                if begins { stage.begin(fault).await } else { stage.end(fault).await }
            }
            sleep_until(midnight).await;
            let seen = stage.ear.seen();
            assert_eq!(seen.broken, Vec::<String>::new(), "on day {day}");
            assert!(seen.state.is_open(), "on day {day} it is {:?}", seen.state);
            assert!(seen.ledger.held() < 64, "on day {day}: {:?}", seen.ledger);
            drop(seen);
            // The publisher, the feed, its client at the server, and one that it has left.
            let tasks = Handle::current().metrics().num_alive_tasks();
            assert!(tasks <= 4, "on day {day} there are {tasks} tasks");
            assert_eq!(stage.network.sockets().now(), 1, "on day {day}");
            resident_kb.push(resident_memory_kb());
        }
        let (ledger, gaps) = {
            let seen = stage.ear.seen();
            (seen.ledger, seen.gaps_count)
        };
        println!("{ledger:?}, {gaps} gaps, {resident_kb:?} kB");
        assert!(ledger.delivered() > 10_000 && gaps > 50);
        // The first day is for what is made once.
        if let (Some(Some(first)), Some(Some(last))) = (resident_kb.first(), resident_kb.last()) {
            assert!(last.saturating_sub(*first) < GROWTH_MAX_KB, "{resident_kb:?} kB");
        }
    });
}

const DAY: Duration = Duration::from_secs(24 * 3_600);

/// In six days. The server's own log of 20,000 messages takes 1 MB of it.
const GROWTH_MAX_KB: u64 = 4_096;

/// What this process has in memory; `None` where the system does not say.
fn resident_memory_kb() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    line.split_whitespace().next()?.parse().ok()
}

/// When each fault begins and ends, in that order.
fn moments(plan: &Plan) -> Vec<(Duration, &Fault, bool)> {
    let mut moments: Vec<_> = plan
        .faults()
        .flat_map(|fault| [(fault.at, fault, true), (fault.at + fault.lasts, fault, false)])
        .collect();
    moments.sort_by_key(|(at, _, begins)| (*at, !begins));
    moments
}

struct Stage {
    network: Arc<Network>,
    server: Arc<Server>,
    ear: Ear,
    subscription: Subscription,
    /// After how many attempts the user stopped the feed.
    stopped_after: Option<usize>,
    gives_up_without_data: bool,
}

impl Stage {
    /// A feed that is subscribed to, and its server, which is publishing.
    fn set(plan: &Plan, seed: u64, ear: Ear) -> (Stage, JoinHandle<()>) {
        let server = Arc::new(Server::new(plan.manner.clone()));
        let network = Arc::new(Network::new(server.clone(), plan.latency, plan.dead_addresses));
        let publishing = tokio::spawn(server.clone().publish_all());
        let settings = Settings { world: network.clone(), seed: Some(seed), ..Settings::default() };
        let subscription = Subscription::start(plan.profile.clone(), settings, ear.clone())
            .expect("the profile names no files");
        let gives_up_without_data = plan.profile.heartbeat.data_give_up.is_some();
        let stopped_after = None;
        let stage =
            Stage { network, server, ear, subscription, stopped_after, gives_up_without_data };
        (stage, publishing)
    }

    fn tell(&self, what: &str) {
        self.ear.seen().tell(what);
    }

    async fn begin(&mut self, fault: &Fault) {
        let Stage { network, server, .. } = self;
        match fault.what {
            What::Partition => network.partition(true),
            What::Names(names) => network.names(names),
            What::Reach(reach) => network.reach(reach),
            What::Throttle(bytes_per_second) => network.throttle(Some(bytes_per_second)),
            What::Lose(sides) => network.lose(sides),
            What::Reset => network.each(Wire::reset),
            // Before the handshake is done it means that there is no feed, which is for good.
            What::Inject(bytes) if self.ear.seen().state.is_open() => {
                network.each(|wire| wire.inject(bytes));
            }
            What::Inject(_) => {}
            What::Door(door) => {
                server.door(door);
                // Otherwise nobody comes to see it.
                server.send_away(1012);
            }
            What::Mood(mood) => server.mood(mood),
            What::SendAway(code) => server.send_away(code),
            What::Crash => {
                server.crash();
                network.reach(Reach::Refused);
            }
            // Who is patient without end is never back from it.
            What::Forget if self.gives_up_without_data => server.forget_subscriptions(),
            What::Forget => {}
            What::Burst(messages) => server.publish(messages),
            What::Nonsense => server.send_nonsense(),
            What::SetClock(seconds) => network.set_clock(seconds),
            What::Sleep(seconds) => {
                network.set_clock(seconds.into());
                network.lose(&[Side::Client, Side::Server]);
                server.publish((seconds as usize).min(300));
            }
            What::Freeze(seconds) => advance(Duration::from_secs(seconds.into())).await,
            What::Interfaces => network.change_interfaces(),
            What::Stop => {
                self.subscription.stop();
                sleep(MOMENT).await;
                let state = self.ear.seen().state;
                self.check(state == State::Stopped, || format!("stopped, it is {state:?}"));
                self.stopped_after = Some(self.network.attempts_count());
            }
            What::Reconnect => {
                let before = self.network.attempts_count();
                self.subscription.reconnect();
                sleep(FAREWELL_MAX).await;
                let attempts = self.network.attempts_count();
                self.check(attempts > before, || "it did not reconnect at once".into());
            }
        }
    }

    async fn end(&mut self, fault: &Fault) {
        let Stage { network, server, .. } = self;
        match fault.what {
            What::Partition => network.partition(false),
            What::Names(_) => network.names(Names::Known),
            What::Reach(_) | What::Crash => network.reach(Reach::Open),
            What::Throttle(_) => network.throttle(None),
            What::Door(_) => server.door(Door::Open),
            What::Mood(_) => server.mood(Mood::Well),
            What::Stop => {
                let (now, then) = (network.attempts_count(), self.stopped_after.take());
                self.check(then == Some(now), || "it dialled after it was stopped".into());
                self.subscription.reconnect();
            }
            _ => {}
        }
    }

    fn check(&self, holds: bool, what: impl FnOnce() -> String) {
        self.ear.seen().check(holds, what);
    }
}

/// Whatever was published was delivered, or late, or is in a declared gap.
fn check_accounts(seen: &mut Seen, plan: &Plan, server: &Server) {
    let continues = plan.profile.sequence.iter().all(|sequence| sequence.continues);
    let clock_was_set = plan.faults().any(|fault| fault.what.sets_the_clock());
    let outages: Vec<_> = seen
        .gaps
        .iter()
        .filter(|gap| gap.cause != Cause::Missing)
        .map(|gap| (gap.start, gap.end.unwrap_or(gap.start)))
        .chain(seen.open_gap.iter().map(|gap| (gap.start, feedscope_feed::Time(i64::MAX))))
        .collect();
    let mut missing = 0;
    for channel in 0..plan.manner.channels {
        let declared = seen.declared(channel);
        let log = server.log();
        let numbers = log.iter().filter(|p| p.channel == channel).map(|p| p.number);
        let fates: Vec<_> = numbers
            .map(|number| {
                let came = seen.delivered.get(&(channel, number)).map(|(_, arrival)| *arrival);
                (number, came, seen.late.contains_key(&(channel, number)))
            })
            .collect();
        let Some(first) = fates.iter().position(|(_, came, _)| came.is_some()) else { continue };
        let last = fates.iter().rposition(|(_, came, _)| came.is_some()).unwrap_or(first);
        let mut before = None;
        for (at, (number, came, is_late)) in fates.iter().enumerate() {
            let is_declared = declared.contains(number);
            missing += u64::from(is_declared && !is_late);
            seen.check(!(is_declared && came.is_some()), || {
                format!("c{channel}: {number} came, and was declared missing")
            });
            if came.is_some() {
                before = *came;
            }
            if at < first || at > last || came.is_some() || *is_late || is_declared {
                continue;
            }
            seen.check(!continues, || {
                format!("c{channel}: {number} did not come, and nobody says so")
            });
            if continues || clock_was_set {
                continue;
            }
            let after = fates[at..].iter().find_map(|(_, came, _)| *came);
            let (Some(before), Some(after)) = (before, after) else { continue };
            let is_in_outage = outages.iter().any(|(start, end)| *start <= after && *end >= before);
            seen.check(is_in_outage, || {
                format!("c{channel}: {number} did not come, and there was no outage")
            });
        }
    }
    let said = seen.missing;
    seen.check(!continues || said == missing, || format!("{missing} are missing, not {said}"));
}

/// Once everything was well, new data came within the time that it may take.
fn check_returns(
    seen: &mut Seen,
    plan: &Plan,
    server: &Server,
    calms: &[(Instant, Instant)],
    begin: Instant,
) {
    let log = server.log();
    let within = plan.back_within();
    let mut numbers = std::collections::HashMap::new();
    for published in &log {
        numbers.insert((published.channel, published.number), published.at);
    }
    let arrivals: Vec<_> = seen
        .delivered
        .iter()
        .filter_map(|(of, (came, _))| Some((*came, *numbers.get(of)?)))
        .collect();
    for (from, to) in calms {
        if *to - *from < within {
            continue;
        }
        let is_back =
            arrivals.iter().any(|(came, published)| published >= from && *came <= *from + within);
        seen.check(is_back, || {
            let since = from.duration_since(begin);
            format!("nothing new came within {within:?} after all was well, at {since:?}")
        });
    }
    let is_over = seen.state == State::Stopped && seen.open_gap.is_some();
    let told = format!("stopped, it is {:?}, with the gap {:?}", seen.state, seen.open_gap);
    seen.check(is_over, || told);
}

fn check_attempts(seen: &mut Seen, plan: &Plan, attempts: &[Instant], begin: Instant) {
    const MINUTE: Duration = Duration::from_secs(60);
    for (at, last) in attempts.iter().enumerate() {
        let before = attempts[..at].iter().rev().take_while(|first| *last - **first < MINUTE);
        let count = 1 + before.count();
        let span = last.duration_since(begin);
        let causes = plan.faults().filter(|fault| {
            fault.what.excuses_an_attempt()
                && fault.at <= span
                && fault.at + fault.lasts + MINUTE >= span
        });
        let max = ATTEMPTS_A_MINUTE_MAX + ATTEMPTS_A_CAUSE_MAX * causes.count();
        seen.check(count <= max, || {
            format!("{count} attempts within the minute before {span:?}; {max} are allowed")
        });
    }
}
