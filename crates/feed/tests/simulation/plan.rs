//! What a seed stands for: a feed, a server, and what happens to them at which time.

use super::network::{Names, Reach};
use super::server::{Door, Manner, Mood};
use super::wire::Side;
use feedscope_feed::Profile;
use feedscope_feed::profile::{
    Backoff, Condition, Decode, Heartbeat, Kind, Limits, Only, Opening, Path, Resume, Rule, Scope,
    Sequence, SequenceRule,
};
use rand::rngs::StdRng;
use rand::seq::IndexedRandom;
use rand::{RngExt, SeedableRng};
use std::time::Duration;

/// How long faults go on happening.
const FAULTS_FOR: Duration = Duration::from_secs(8 * 60);

/// The longest that the server asks us to wait.
const RETRY_AFTER_S: u32 = 20;

/// A run, before it has begun.
#[derive(Clone, Debug)]
pub struct Plan {
    pub profile: Profile,
    pub manner: Manner,
    pub latency: Duration,
    pub dead_addresses: u16,
    /// By time; those of one lane do not overlap.
    pub lanes: Vec<Vec<Fault>>,
}

#[derive(Clone, Copy, Debug)]
pub struct Fault {
    pub at: Duration,
    /// Nothing, for what happens in a moment.
    pub lasts: Duration,
    pub what: What,
}

/// What goes wrong, or is done on purpose.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum What {
    // The network. Those that last end with their time.
    Partition,
    Names(Names),
    Reach(Reach),
    Throttle(u64),
    /// The connection's bytes are lost on the way to these, for good.
    Lose(&'static [Side]),
    Reset,
    /// Bytes come that nobody sent.
    Inject(&'static [u8]),
    // The server.
    Door(Door),
    Mood(Mood),
    SendAway(u16),
    /// It dies, and is back after a time, or at once.
    Crash,
    Forget,
    Burst(usize),
    Nonsense,
    // This computer.
    SetClock(i64),
    /// It sleeps: the wall clock goes on, ours does not; the rest of the world does.
    Sleep(u32),
    /// It sleeps, or is too busy: all timers are late.
    Freeze(u32),
    Interfaces,
    // Its user.
    Stop,
    Reconnect,
}

impl What {
    /// Whether an attempt more than usual may follow.
    pub fn excuses_an_attempt(self) -> bool {
        matches!(
            self,
            What::SetClock(_)
                | What::Sleep(_)
                | What::Freeze(_)
                | What::Interfaces
                | What::Stop
                | What::Reconnect
        )
    }

    pub fn sets_the_clock(self) -> bool {
        matches!(self, What::SetClock(_) | What::Sleep(_))
    }
}

impl Plan {
    pub fn new(seed: u64) -> Self {
        let mut random = StdRng::seed_from_u64(seed);
        let random = &mut random;
        let opening = random.random_range(0..=OPENING_MAX);
        let resumes = [None, Some(Place::Query), Some(Place::Opening)];
        let mut resumes = *resumes.choose(random).expect("it is not empty");
        if opening == 0 && resumes == Some(Place::Opening) {
            resumes = Some(Place::Query);
        }
        let manner = Manner {
            seed: random.random(),
            channels: random.random_range(1..=3),
            opening,
            every: Duration::from_millis(*[500, 2_000, 5_000].choose(random).expect("not empty")),
            ping_every: random.random_bool(0.3).then(|| Duration::from_secs(20)),
            lost: 0.02,
            doubled: 0.02,
            delayed: 0.03,
        };
        let profile = profile(&manner, resumes, random);
        let mut network = Vec::new();
        let mut rest = Vec::new();
        fill(&mut network, random, 60.0, FAULTS_FOR, network_fault);
        fill(&mut rest, random, 90.0, FAULTS_FOR, other_fault);
        Plan {
            profile,
            manner,
            latency: Duration::from_millis(random.random_range(1..150)),
            dead_addresses: if random.random_bool(0.2) { 2 } else { 0 },
            lanes: vec![network, rest],
        }
    }

    /// A quiet feed for a week, to which something happens every few hours.
    pub fn of_a_week() -> Self {
        const WEEK: Duration = Duration::from_secs(7 * 24 * 3_600 - 3_600);
        let mut random = StdRng::seed_from_u64(7);
        let random = &mut random;
        let manner = Manner {
            seed: 7,
            channels: 2,
            opening: OPENING_MAX,
            every: Duration::from_secs(30),
            ping_every: Some(Duration::from_secs(300)),
            lost: 0.01,
            doubled: 0.01,
            delayed: 0.01,
        };
        let mut profile = profile(&manner, None, random);
        profile.heartbeat = Heartbeat {
            ping_after: Duration::from_secs(60),
            idle_max: Duration::from_secs(150),
            data_give_up: Some(Duration::from_secs(600)),
            ..Heartbeat::default()
        };
        let mut lanes = vec![Vec::new(), Vec::new()];
        fill(&mut lanes[0], random, 6.0 * 3_600.0, WEEK, network_fault);
        fill(&mut lanes[1], random, 6.0 * 3_600.0, WEEK, other_fault);
        Plan { profile, manner, latency: Duration::from_millis(50), dead_addresses: 1, lanes }
    }

    /// How long it may take to be live again, once everything is well.
    pub fn back_within(&self) -> Duration {
        let Profile { heartbeat, backoff, limits, .. } = &self.profile;
        let unnoticed = heartbeat.idle_max + heartbeat.data_give_up.unwrap_or_default();
        let attempt = limits.step_max.max(limits.answer_max);
        let wait = backoff.max.max(Duration::from_secs(RETRY_AFTER_S.into()));
        let opening = 20 * self.latency + Duration::from_secs(1);
        unnoticed + attempt + wait + opening + 2 * self.manner.every
    }

    pub fn faults(&self) -> impl Iterator<Item = &Fault> {
        self.lanes.iter().flatten()
    }
}

/// Where the server is told how far we got.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Place {
    Query,
    Opening,
}

fn path(path: &str) -> Path {
    path.parse().expect("it is one")
}

fn template<T: std::str::FromStr<Err: std::fmt::Debug>>(text: &str) -> T {
    text.parse().expect("it is one")
}

fn profile(manner: &Manner, resumes: Option<Place>, random: &mut StdRng) -> Profile {
    let mut profile = Profile::from_url("ws://feed.example/");
    // Whatever the environment says.
    profile.connection.proxy = Some("none".into());
    profile.decode = Decode {
        channel: vec![path("channel")],
        rules: vec![Rule {
            when: Condition::exists(path("op")),
            kind: Kind::Acknowledgement,
            channel: None,
            key: None,
        }],
        ..Decode::default()
    };
    profile.sequence = vec![Sequence {
        // Whoever resumes must know by the numbers what came twice.
        continues: resumes.is_some() || random.random_bool(0.7),
        held_max: 64,
        ..Sequence::new(SequenceRule::Increment, Scope::Channel, path("n"))
    }];
    for step in 0..manner.opening {
        let done = Condition::All(vec![
            Condition::equals(path("op"), "done"),
            Condition::equals(path("step"), &step.to_string()),
        ]);
        let send = |text: &str, only| Opening {
            send: Some(template(text)),
            acknowledged: Some(done.clone()),
            only,
            ..Opening::default()
        };
        let plain = format!(r#"{{"step":{step}}}"#);
        if step + 1 == manner.opening && resumes == Some(Place::Opening) {
            let from = format!(r#"{{"step":{step},"from":"${{cursor}}"}}"#);
            profile.opening.push(send(&plain, Only::Fresh));
            profile.opening.push(send(&from, Only::Resumed));
        } else {
            profile.opening.push(send(&plain, Only::Always));
        }
    }
    if let Some(place) = resumes {
        if place == Place::Query {
            profile.connection.query.insert("from".into(), template("${cursor}"));
        }
        let rewind = if random.random_bool(0.5) { 5 } else { 0 };
        profile.resume = Some(Resume { cursor: Some(path("id")), rewind });
    }
    let data_max = random.random_bool(0.7).then(|| Duration::from_secs(30));
    profile.heartbeat = Heartbeat {
        ping_after: Duration::from_secs(5),
        idle_max: Duration::from_secs(15),
        data_max,
        data_give_up: data_max.and_then(|_| random.random_bool(0.7).then_some(GIVE_UP)),
        ..Heartbeat::default()
    };
    profile.backoff =
        Backoff { max: Duration::from_secs(random.random_range(10..=30)), ..Backoff::default() };
    profile.limits = Limits {
        step_max: Duration::from_secs(5),
        answer_max: Duration::from_secs(5),
        ..Limits::default()
    };
    profile
}

const OPENING_MAX: usize = 2;

const GIVE_UP: Duration = Duration::from_secs(45);

/// Faults one after the other, with such pauses in between.
fn fill(
    lane: &mut Vec<Fault>,
    random: &mut StdRng,
    pause_s: f64,
    until: Duration,
    fault: fn(&mut StdRng) -> (What, f64),
) {
    let mut at = Duration::ZERO;
    loop {
        // Often soon after the one before, seldom long after it.
        let pause = pause_s * random.random::<f64>().powi(2);
        at += Duration::from_secs_f64(pause);
        if at > until {
            return;
        }
        let (what, lasts_max) = fault(random);
        // Clocks tick in milliseconds.
        let lasts = Duration::from_millis((1e3 * random.random::<f64>() * lasts_max) as u64);
        lane.push(Fault { at, lasts, what });
        at += lasts;
    }
}

/// And for how many seconds it lasts at the most.
fn network_fault(random: &mut StdRng) -> (What, f64) {
    const TO_CLIENT: &[Side] = &[Side::Client];
    const TO_SERVER: &[Side] = &[Side::Server];
    const BOTH: &[Side] = &[Side::Client, Side::Server];
    let faults = [
        (What::Partition, 90.0),
        (What::Names(Names::Unknown), 60.0),
        (What::Names(Names::WithoutAddress), 60.0),
        (What::Names(Names::Unanswered), 60.0),
        (What::Reach(Reach::Refused), 60.0),
        (What::Reach(Reach::Unreachable), 60.0),
        (What::Reach(Reach::Unanswered), 60.0),
        (What::Reach(Reach::LostOnceOpen), 60.0),
        (What::Throttle(300), 60.0),
        (What::Lose(TO_CLIENT), 0.0),
        (What::Lose(TO_SERVER), 0.0),
        (What::Lose(BOTH), 0.0),
        (What::Reset, 0.0),
        // Reserved bits; text that is not UTF-8; a masked frame; a length beyond all limits.
        (What::Inject(b"\xff\xff\xff\xff"), 0.0),
        (What::Inject(b"\x81\x02\xff\xfe"), 0.0),
        (What::Inject(b"\x81\x81\0\0\0\0a"), 0.0),
        (What::Inject(b"\x82\x7f\0\0\x7f\xff\xff\xff\xff\xff"), 0.0),
    ];
    *faults.choose(random).expect("it is not empty")
}

fn other_fault(random: &mut StdRng) -> (What, f64) {
    let faults = [
        (What::Door(Door::Cut), 60.0),
        (What::Door(Door::CutInHandshake), 60.0),
        (What::Door(Door::HangInHandshake), 60.0),
        (What::Door(Door::Busy(None)), 60.0),
        (What::Door(Door::Busy(Some(RETRY_AFTER_S))), 60.0),
        (What::Door(Door::HangInOpening(random.random_range(0..2))), 60.0),
        (What::Door(Door::CutInOpening(random.random_range(0..2))), 60.0),
        (What::Door(Door::CloseOnceOpen(1013)), 60.0),
        (What::Mood(Mood::Silent), 90.0),
        (What::Mood(Mood::Hung), 90.0),
        (What::Mood(Mood::Deaf), 90.0),
        (What::SendAway(1001), 0.0),
        (What::SendAway(1012), 0.0),
        (What::SendAway(4000), 0.0),
        (What::Crash, 30.0),
        (What::Crash, 0.2),
        (What::Forget, 0.0),
        (What::Burst(300), 0.0),
        (What::Nonsense, 0.0),
        (What::SetClock(random.random_range(-7_200..7_200)), 0.0),
        (What::Sleep(random.random_range(1..3_600)), 0.0),
        (What::Freeze(random.random_range(1..600)), 0.0),
        (What::Interfaces, 0.0),
        (What::Stop, 60.0),
        (What::Reconnect, 0.0),
    ];
    *faults.choose(random).expect("it is not empty")
}
