//! The session against a made-up world, in virtual time.

use super::*;
use crate::profile::{ClosingRule, Codes, Condition, Only, Opening, Path, Ping, Template, Then};
use proptest::prelude::*;
use rand::RngExt;

const SECOND: Duration = Duration::from_secs(1);

fn profile() -> Profile {
    Profile::from_url("ws://feed.example/")
}

fn cut() -> Failure {
    failure("cut", Verdict::Retry)
}

fn failure(code: &'static str, verdict: Verdict) -> Failure {
    let trouble = Trouble {
        code,
        step: Step::Session,
        what: "The connection was cut.".into(),
        answer: None,
        advice: Said::default(),
    };
    Failure::new(trouble, verdict)
}

fn states(session: &mut Session) -> Vec<State> {
    std::iter::from_fn(|| session.next_transition()).map(|change| change.state).collect()
}

fn actions(session: &mut Session) -> Vec<Action> {
    std::iter::from_fn(|| session.next_action()).collect()
}

/// A message came with these signals, and all that came with it is taken.
fn come(session: &mut Session, now: Instant, signals: &[Signal]) {
    session.signalled(now, signals, || "the message".into());
    session.settle(now);
}

/// A session that has just gone live, with nothing left to do.
fn live(profile: Profile, now: Instant) -> Session {
    let mut session = Session::new(profile, now, 1);
    session.start();
    session.opened(session.id(), now, false);
    actions(&mut session);
    states(&mut session);
    session
}

#[test]
fn goes_live_at_once_where_nothing_is_to_be_said() {
    let now = Instant::now();
    let mut session = Session::new(profile(), now, 1);
    session.start();
    assert_eq!(actions(&mut session), [Action::Dial(SessionId(1))]);
    session.opened(SessionId(1), now, false);
    assert_eq!(states(&mut session), [State::Connecting, State::Live]);
}

#[test]
fn the_opening_waits_for_each_answer() {
    let now = Instant::now();
    let answered = |answered: bool| Opening {
        send: Some(Template::plain("hello")),
        acknowledged: answered.then(|| Condition::exists(Path::key("type"))),
        ..Opening::default()
    };
    let mut profile = profile();
    profile.opening = vec![answered(false), answered(true), answered(true)];
    let mut session = Session::new(profile, now, 1);
    session.start();
    session.opened(SessionId(1), now, false);
    assert_eq!(
        actions(&mut session),
        [Action::Dial(SessionId(1)), Action::SendOpening(0), Action::SendOpening(1)]
    );
    assert_eq!(session.awaited(), Some(1));
    come(&mut session, now, &[Signal::Acknowledges(1)]);
    assert_eq!(actions(&mut session), [Action::SendOpening(2)]);
    assert_eq!(session.state(), State::Opening);
    come(&mut session, now, &[Signal::Acknowledges(2)]);
    assert_eq!(session.state(), State::Live);
}

#[test]
fn an_opening_without_answer_is_tried_again_and_a_refused_one_is_not() {
    let now = Instant::now();
    let mut profile = profile();
    profile.opening = vec![Opening {
        send: Some(Template::plain("hello")),
        acknowledged: Some(Condition::exists(Path::key("type"))),
        ..Opening::default()
    }];
    let mut session = Session::new(profile, now, 1);
    session.start();
    session.opened(session.id(), now, false);
    let due = session.next_timeout().unwrap();
    assert_eq!(due, now + 10 * SECOND);
    session.heard(due);
    session.timeout(due);
    assert_eq!(session.state(), State::Waiting);

    session.timeout(session.next_timeout().unwrap());
    session.opened(session.id(), due, false);
    come(&mut session, due, &[Signal::Refuses(0)]);
    assert_eq!(session.state(), State::Stopped);
    let last = std::iter::from_fn(|| session.next_transition()).last().unwrap();
    assert_eq!(last.trouble.unwrap().answer.as_deref(), Some("the message"));
}

#[test]
fn a_quiet_link_is_pinged_once_and_then_given_up() {
    let now = Instant::now();
    let mut session = live(profile(), now);
    assert_eq!(session.next_timeout(), Some(now + 10 * SECOND));
    session.timeout(now + 10 * SECOND);
    assert_eq!(actions(&mut session), [Action::Ping]);
    assert_eq!(session.next_timeout(), Some(now + 25 * SECOND));
    session.timeout(now + 25 * SECOND);
    assert_eq!(actions(&mut session), [Action::Abandon]);
    assert_eq!(states(&mut session), [State::Waiting]);
}

#[test]
fn any_bytes_are_life() {
    let start = Instant::now();
    let mut profile = profile();
    profile.heartbeat.data_max = None;
    let mut session = live(profile, start);
    for second in (0..3_600).step_by(9) {
        session.heard(start + second * SECOND);
        session.timeout(start + second * SECOND);
    }
    assert_eq!(session.state(), State::Live);
    assert_eq!(actions(&mut session), [], "a link that talks need not be pinged");
}

#[test]
fn pings_without_data_are_stale_and_data_makes_it_live() {
    let start = Instant::now();
    let mut profile = profile();
    profile.heartbeat.data_max = Some(2 * SECOND);
    profile.heartbeat.data_give_up = Some(8 * SECOND);
    let mut session = live(profile, start);
    for second in 0..3 {
        session.heard(start + second * SECOND);
        session.timeout(start + second * SECOND);
    }
    assert_eq!(session.state(), State::Stale);
    session.data(start + 3 * SECOND);
    assert_eq!(session.state(), State::Live);
    for second in 3..=11 {
        session.heard(start + second * SECOND);
        session.timeout(start + second * SECOND);
    }
    assert_eq!(states(&mut session), [State::Stale, State::Live, State::Stale, State::Waiting]);
}

#[test]
fn what_an_older_session_says_is_not_heard() {
    let now = Instant::now();
    let mut session = live(profile(), now);
    let old = session.id();
    session.reconnect();
    session.failed(old, now, cut());
    session.closed(old, now, 1008, "");
    session.opened(old, now, false);
    assert_eq!(session.state(), State::Connecting);
    assert_eq!(actions(&mut session), [Action::Close(1000), Action::Dial(SessionId(2))]);
}

#[test]
fn a_server_that_closes_at_once_is_not_hammered() {
    for seed in 0..1_000 {
        let start = Instant::now();
        let mut now = start;
        let mut session = Session::new(profile(), now, seed);
        session.start();
        let mut dials = 0;
        while now < start + 60 * SECOND {
            for action in actions(&mut session) {
                if let Action::Dial(id) = action {
                    dials += 1;
                    session.opened(id, now, false);
                    session.closed(id, now, 1000, "");
                }
            }
            now = session.next_timeout().unwrap();
            session.timeout(now);
        }
        // Were each open to reset the backoff, it would be some 240.
        assert!(dials <= 30, "{dials} attempts in a minute with seed {seed}");
    }
}

#[test]
fn close_1008_stops_and_start_begins_anew() {
    let now = Instant::now();
    let mut session = live(profile(), now);
    session.closed(session.id(), now, 1008, "token");
    assert_eq!(session.state(), State::Stopped);
    assert_eq!(session.next_timeout(), None);
    let stopped = session.next_transition().unwrap();
    assert_eq!(
        stopped.cause,
        "The server closed the connection (1008, against its policy: “token”)."
    );
    session.start();
    let answer_the_goodbye = Action::Close(1000);
    assert_eq!(actions(&mut session), [answer_the_goodbye, Action::Dial(SessionId(2))]);
}

#[test]
fn stop_is_final_from_every_state() {
    let now = Instant::now();
    let connecting = || {
        let mut session = Session::new(profile(), now, 1);
        session.start();
        session
    };
    let waiting = || {
        let mut session = live(profile(), now);
        session.failed(session.id(), now, cut());
        session
    };
    for mut session in [connecting(), live(profile(), now), waiting()] {
        let id = session.id();
        session.stop();
        session.opened(id, now, false);
        session.timeout(now + 3_600 * SECOND);
        assert_eq!(session.state(), State::Stopped);
        assert_eq!(session.next_timeout(), None);
    }
}

#[test]
fn what_is_only_waited_for_may_come_before_its_turn_and_one_message_answers_one_step() {
    let now = Instant::now();
    let mut profile = profile();
    let acknowledged = Some(Condition::exists(Path::key("type")));
    let waited_for = Opening { acknowledged, ..Opening::default() };
    let said = Opening { send: Some("login".into()), ..waited_for.clone() };
    profile.opening = vec![said, waited_for.clone(), waited_for];
    let mut session = Session::new(profile, now, 1);
    session.start();
    session.opened(session.id(), now, false);
    // It meets all three, but answers only the first that is open.
    let all = [0, 1, 2].map(Signal::Acknowledges);
    come(&mut session, now, &all[1..]);
    assert_eq!(session.awaited(), Some(0), "the greeting came before the answer to our login");
    come(&mut session, now, &all);
    assert_eq!(session.awaited(), Some(2));
    come(&mut session, now, &all);
    assert_eq!(session.state(), State::Live);
}

#[test]
fn a_greeting_has_a_deadline_of_its_own() {
    let now = Instant::now();
    let mut profile = profile();
    profile.opening = vec![Opening {
        acknowledged: Some(Condition::exists(Path::key("hello"))),
        deadline: Some(3 * SECOND),
        ..Opening::default()
    }];
    let mut session = Session::new(profile, now, 1);
    session.start();
    session.opened(session.id(), now, false);
    assert_eq!(session.next_timeout(), Some(now + 3 * SECOND));
    session.timeout(now + 3 * SECOND);
    let waiting = std::iter::from_fn(|| session.next_transition()).last().unwrap();
    assert_eq!(waiting.cause, "The server did not answer the subscription within 3 s.");
}

fn resuming() -> Profile {
    let step = |send: &str, only| Opening {
        send: Some(send.into()),
        acknowledged: Some(Condition::exists(Path::key("ok"))),
        refused: Some(Condition::exists(Path::key("no"))),
        only,
        ..Opening::default()
    };
    let mut profile = profile();
    profile.opening = vec![step("identify", Only::Fresh), step("resume", Only::Resumed)];
    (profile.closing.code, profile.closing.resume_code) = (1000, 4000);
    profile
}

#[test]
fn a_session_that_goes_on_says_something_else_than_one_that_starts_from_nothing() {
    for (resumed, step) in [(false, 0), (true, 1)] {
        let now = Instant::now();
        let mut session = Session::new(resuming(), now, 1);
        session.start();
        session.opened(session.id(), now, resumed);
        assert_eq!(actions(&mut session)[1..], [Action::SendOpening(step)]);
        come(&mut session, now, &[Signal::Acknowledges(step)]);
        assert_eq!(session.state(), State::Live);
    }
}

#[test]
fn where_going_on_is_refused_it_starts_from_nothing_at_once() {
    let now = Instant::now();
    let mut session = Session::new(resuming(), now, 1);
    session.start();
    session.opened(session.id(), now, true);
    actions(&mut session);
    come(&mut session, now, &[Signal::Refuses(1)]);
    assert_eq!(actions(&mut session), [Action::Close(1000), Action::Forget]);
    assert_eq!((session.state(), session.next_timeout()), (State::Waiting, Some(now)));
}

#[test]
fn it_says_whether_it_means_to_come_back() {
    let now = Instant::now();
    let mut profile = resuming();
    profile.opening.clear();
    let live = || live(profile.clone(), now);
    let said = |act: fn(&mut Session)| {
        let mut session = live();
        act(&mut session);
        actions(&mut session).into_iter().find_map(|action| match action {
            Action::Close(code) => Some(code),
            _ => None,
        })
    };
    assert_eq!(said(Session::reconnect), Some(4000));
    assert_eq!(said(Session::pause), Some(4000));
    assert_eq!(said(|session| session.woke(60 * SECOND)), Some(4000));
    assert_eq!(said(Session::stop), Some(1000));
    let mut session = live();
    session.stop();
    assert!(actions(&mut session).contains(&Action::Forget));
    let mut session = live();
    session.pause();
    assert!(!actions(&mut session).contains(&Action::Forget), "it may go on");
    assert_eq!(session.next_transition().unwrap().cause, "You paused it.");
    session.start();
    assert_eq!(session.state(), State::Connecting);
}

fn ending(then: Then) -> ClosingRule {
    ClosingRule {
        codes: vec![Codes::one(4242)],
        statuses: Vec::new(),
        message: Some(Condition::exists(Path::key("bye"))),
        then,
        after: None,
        fresh: false,
        because: Some("The key has expired.".into()),
    }
}

#[test]
fn a_message_can_end_the_session_but_what_came_with_it_is_taken_first() {
    for (then, state) in [(Then::Stop, State::Stopped), (Then::RetryNow, State::Waiting)] {
        let now = Instant::now();
        let mut profile = profile();
        profile.closing.rules = vec![ending(then)];
        let mut session = live(profile, now);
        session.signalled(now, &[Signal::Ends(0)], || "bye".into());
        session.data(now);
        assert_eq!(session.state(), State::Live);
        session.settle(now);
        assert_eq!(session.state(), state);
        let told = session.next_transition().unwrap();
        assert!(told.cause.ends_with("The key has expired."), "{}", told.cause);
        assert_eq!(told.trouble.unwrap().answer.as_deref(), Some("bye"));
    }
}

#[test]
fn a_message_that_ends_the_session_says_more_than_the_close_that_follows() {
    let now = Instant::now();
    let mut profile = profile();
    profile.closing.rules = vec![ending(Then::Stop)];
    let mut session = live(profile, now);
    session.signalled(now, &[Signal::Ends(0)], || "bye".into());
    session.closed(session.id(), now, 1000, "");
    assert_eq!(states(&mut session), [State::Stopped]);
}

#[test]
fn at_once_is_once() {
    let now = Instant::now();
    let mut profile = profile();
    profile.closing.rules = vec![ending(Then::RetryNow)];
    let mut session = live(profile, now);
    let mut waits = Vec::new();
    for _ in 0..3 {
        session.closed(session.id(), now, 4242, "");
        waits.extend(session.next_transition().unwrap().wait);
        session.timeout(session.next_timeout().unwrap());
        session.opened(session.id(), now, false);
        states(&mut session);
    }
    assert_eq!(waits[0], Duration::ZERO);
    assert!(waits[1] >= WAIT_MIN && waits[2] >= WAIT_MIN, "{waits:?}");
    // A session that lasted earns another.
    session.closed(session.id(), now + 10 * SECOND, 4242, "");
    assert_eq!(session.next_transition().unwrap().wait, Some(Duration::ZERO));
}

fn pinging(answered: bool, first_is_random: bool) -> Profile {
    let mut profile = profile();
    profile.heartbeat.data_max = None;
    profile.heartbeat.ping = Some(Ping {
        send: "ping".into(),
        every: 20 * SECOND,
        interval: None,
        answered: answered.then(|| Condition::Text("pong".into())),
        answer_max: 5 * SECOND,
        first_is_random,
    });
    profile
}

/// Whether the feed's own ping is sent at `now`, on a link that talks.
fn pings_at(session: &mut Session, now: Instant) -> bool {
    session.heard(now);
    session.timeout(now);
    actions(session).contains(&Action::SendPing)
}

#[test]
fn the_feeds_own_ping_is_sent_even_on_a_busy_link() {
    let start = Instant::now();
    let mut session = live(pinging(false, false), start);
    let at: Vec<u32> = (1..=100).filter(|&s| pings_at(&mut session, start + s * SECOND)).collect();
    assert_eq!(at, [20, 40, 60, 80, 100]);
    // After a pause in which nothing was done, they are not made up for.
    assert!(pings_at(&mut session, start + 500 * SECOND));
    assert!(!pings_at(&mut session, start + 519 * SECOND));
}

#[test]
fn an_own_ping_that_is_not_answered_is_a_zombie_whatever_else_comes() {
    let start = Instant::now();
    let mut session = live(pinging(true, false), start);
    assert!(pings_at(&mut session, start + 20 * SECOND));
    come(&mut session, start + 21 * SECOND, &[Signal::AnswersPing]);
    assert!(pings_at(&mut session, start + 40 * SECOND));
    assert!(!pings_at(&mut session, start + 44 * SECOND));
    assert_eq!(session.next_timeout(), Some(start + 45 * SECOND));
    session.heard(start + 45 * SECOND);
    session.timeout(start + 45 * SECOND);
    let told = session.next_transition().unwrap();
    assert_eq!((told.state, told.trouble.unwrap().code), (State::Waiting, "ping-unanswered"));
}

#[test]
fn the_server_says_how_often_and_cannot_make_us_ping_without_end() {
    let start = Instant::now();
    let mut session = live(pinging(false, false), start);
    come(&mut session, start, &[Signal::PingInterval(7 * SECOND)]);
    let at: Vec<u32> = (1..=30).filter(|&s| pings_at(&mut session, start + s * SECOND)).collect();
    assert_eq!(at, [7, 14, 21, 28]);
    for absurd in [Duration::ZERO, Duration::MAX] {
        let now = start + 60 * SECOND;
        session.heard(now);
        come(&mut session, now, &[Signal::PingInterval(absurd)]);
        assert!(session.next_timeout().unwrap() > now, "{absurd:?}");
    }
}

#[test]
fn first_pings_are_spread_over_the_interval() {
    let start = Instant::now();
    let first = |seed| {
        let mut session = Session::new(pinging(false, true), start, seed);
        session.start();
        session.opened(session.id(), start, false);
        actions(&mut session);
        (1..=20).find(|&second| pings_at(&mut session, start + second * SECOND)).unwrap()
    };
    let firsts: std::collections::BTreeSet<u32> = (0..500).map(first).collect();
    assert!(firsts.len() >= 18, "{firsts:?}");
}

#[test]
fn a_computer_that_slept_dials_at_once_even_if_the_socket_says_open() {
    let now = Instant::now();
    let waiting = || {
        let mut session = live(profile(), now);
        session.failed(session.id(), now, cut());
        session
    };
    for mut session in [live(profile(), now), waiting()] {
        let before = session.id();
        session.woke(3_600 * SECOND);
        assert!(session.id() > before);
        assert_eq!(session.state(), State::Connecting);
        let cause = std::iter::from_fn(|| session.next_transition()).last().unwrap().cause;
        assert_eq!(cause, "This computer slept for 3600 s.");
    }
    let mut stopped = live(profile(), now);
    stopped.stop();
    stopped.woke(3_600 * SECOND);
    assert_eq!(stopped.state(), State::Stopped);
}

#[test]
fn a_network_that_changed_is_tried_out_at_once() {
    let now = Instant::now();
    let settled = now + SECOND / 2;
    let changed = |session: &mut Session| {
        // They come in swarms.
        (0..10).for_each(|_| session.network_changed(now));
        assert_eq!(session.next_timeout(), Some(settled));
        session.timeout(settled);
        actions(session)
    };
    // A connection that answers stays.
    let mut session = live(profile(), now);
    assert_eq!(changed(&mut session), [Action::Ping]);
    session.heard(settled + SECOND);
    session.timeout(settled + 3 * SECOND);
    assert_eq!(session.state(), State::Live);
    // One that does not is given up, and dialled anew at once.
    let mut session = live(profile(), now);
    changed(&mut session);
    assert_eq!(session.next_timeout(), Some(settled + 3 * SECOND));
    session.timeout(settled + 3 * SECOND);
    assert_eq!(session.next_transition().unwrap().wait, Some(Duration::ZERO));
    // A wait is over.
    let mut waiting = profile();
    waiting.backoff.first = 3_600 * SECOND;
    waiting.backoff.max = 3_600 * SECOND;
    let mut session = live(waiting, now);
    session.failed(session.id(), now, cut());
    actions(&mut session);
    assert_eq!(changed(&mut session), [Action::Dial(SessionId(2))]);
}

#[test]
fn a_network_that_flaps_does_not_make_us_dial_all_the_time() {
    let start = Instant::now();
    let mut session = Session::new(profile(), start, 1);
    session.start();
    let mut dials = 0;
    for half in 0..120 {
        let now = start + half * SECOND / 2;
        session.network_changed(now);
        session.timeout(now);
        dials += actions(&mut session).iter().filter(|of| matches!(of, Action::Dial(_))).count();
    }
    assert!((2..=14).contains(&dials), "{dials} attempts in a minute");
}

/// A week of a feed that fails in every way there is, with the world decided by `seed`.
/// Returns the number of sessions it had.
fn a_week(seed: u64) -> u64 {
    let mut world = StdRng::seed_from_u64(seed);
    let start = Instant::now();
    let end = start + 7 * 24 * 3_600 * SECOND;
    let mut now = start;
    let mut profile = profile();
    profile.heartbeat.data_max = Some(30 * SECOND);
    profile.heartbeat.data_give_up = Some(60 * SECOND);
    let mut session = Session::new(profile, now, seed);
    session.start();

    let mut open_sockets = 0;
    let mut dials_in_minute = VecDeque::new();
    let mut next_bytes = None;
    while now < end {
        while let Some(action) = session.next_action() {
            match action {
                Action::Dial(id) => {
                    assert_eq!(open_sockets, 0, "one socket at a time");
                    dials_in_minute.push_back(now);
                    dials_in_minute.retain(|at| now.duration_since(*at) < 60 * SECOND);
                    assert!(dials_in_minute.len() <= 60, "hammering");
                    now += Duration::from_millis(world.random_range(1..3_000));
                    if world.random_bool(0.4) {
                        session.failed(id, now, cut());
                    } else {
                        open_sockets = 1;
                        session.opened(id, now, false);
                        next_bytes = Some(now);
                    }
                }
                Action::Close(_) | Action::Abandon => {
                    open_sockets = 0;
                    next_bytes = None;
                }
                Action::Ping => assert_eq!(open_sockets, 1, "pings need a socket"),
                Action::SendOpening(_) | Action::SendPing | Action::Forget => {
                    unreachable!("this profile has neither opening nor ping, and nobody stops it")
                }
            }
        }
        let timeout = session.next_timeout();
        assert!(timeout.is_some(), "a feed that was not stopped always has something to wait for");
        let due = [timeout, next_bytes].into_iter().flatten().min().unwrap();
        now = now.max(due);
        if next_bytes.is_some_and(|at| at <= now) {
            match world.random_range(0..1_000) {
                0 => {
                    open_sockets = 0;
                    next_bytes = None;
                    session.failed(session.id(), now, cut());
                }
                1 => next_bytes = None,
                2..50 => {
                    session.heard(now);
                    next_bytes = Some(now + world.random_range(1..20) * SECOND);
                }
                _ => {
                    session.data(now);
                    next_bytes = Some(now + world.random_range(1..15) * SECOND);
                }
            }
        }
        session.timeout(now);
        let mut before = None;
        while let Some(change) = session.next_transition() {
            assert!(!change.cause.is_empty());
            assert_eq!(change.wait.is_some(), change.state == State::Waiting);
            assert_ne!(before, Some(change.state), "a change changes something");
            before = Some(change.state);
        }
    }
    session.id().0
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn a_week_goes_by_with_one_socket_and_no_storm(seed: u64) {
        prop_assert!(a_week(seed) > 50);
    }
}

/// Does whatever it likes to a session for a while: everything that can happen happens at any time,
/// and in any order.
fn anything(seed: u64) -> Result<(), TestCaseError> {
    let mut world = StdRng::seed_from_u64(seed);
    let mut profile = pinging(world.random(), world.random());
    profile.heartbeat.data_max = Some(30 * SECOND);
    profile.heartbeat.data_give_up = world.random_bool(0.5).then_some(60 * SECOND);
    profile.opening = resuming().opening;
    let thens = [Then::Retry, Then::RetryNow, Then::RetryAfter, Then::Stop];
    profile.closing.rules = thens.map(ending).into();
    let start = Instant::now();
    let mut now = start;
    let mut session = Session::new(profile, now, seed);
    session.start();
    let (mut has_socket, mut is_dialling) = (false, false);
    // What nobody asked for: dials without a wish, a wake-up or another network.
    let (mut own_dials, mut was_asked) = (VecDeque::new(), true);
    for _ in 0..400 {
        let mut acted = 0;
        while let Some(action) = session.next_action() {
            acted += 1;
            match action {
                Action::Dial(id) => {
                    prop_assert!(!has_socket && !is_dialling, "two at a time");
                    prop_assert_eq!(id, session.id());
                    is_dialling = true;
                    if !std::mem::take(&mut was_asked) {
                        own_dials.push_back(now);
                    }
                }
                Action::Close(_) | Action::Abandon => (has_socket, is_dialling) = (false, false),
                Action::SendOpening(_) | Action::Ping | Action::SendPing => {
                    prop_assert!(has_socket, "there is nobody to say it to");
                }
                Action::Forget => {}
            }
        }
        prop_assert!(acted <= 8, "{} actions at once", acted);
        prop_assert_eq!(has_socket, session.state().is_open());
        prop_assert_eq!(is_dialling, session.state() == State::Connecting);
        while let Some(change) = session.next_transition() {
            prop_assert_eq!(change.wait.is_some(), change.state == State::Waiting);
        }
        while own_dials.front().is_some_and(|at| now.duration_since(*at) >= 60 * SECOND) {
            own_dials.pop_front();
        }
        prop_assert!(own_dials.len() <= 40, "{} attempts in a minute", own_dials.len());
        match session.state() {
            State::Idle | State::Stopped => prop_assert_eq!(session.next_timeout(), None),
            State::Connecting => {}
            _ => prop_assert!(session.next_timeout().is_some(), "it waits for nothing"),
        }

        // Mostly what is due, sometimes something else before.
        let due = session.next_timeout();
        now = match due {
            Some(due) if world.random_bool(0.4) => now.max(due),
            _ => now + Duration::from_millis(world.random_range(0..3_000)),
        };
        let (id, old) = (session.id(), SessionId(session.id().0.saturating_sub(1)));
        let id = if world.random_bool(0.1) { old } else { id };
        match world.random_range(0..100) {
            0..25 if is_dialling => {
                if id == session.id() {
                    (has_socket, is_dialling) = (true, false);
                }
                session.opened(id, now, world.random());
            }
            0..35 => {
                let step = world.random_range(0..3);
                come(&mut session, now, &[Signal::Acknowledges(step)]);
            }
            35..45 => session.heard(now),
            45..60 => session.data(now),
            60..65 => session.failed(id, now, cut()),
            65..70 => session.closed(id, now, world.random(), ""),
            70..73 => session.closed(id, now, 4242, ""),
            73..76 if has_socket => {
                let rule = world.random_range(0..6);
                come(&mut session, now, &[Signal::Ends(rule)]);
            }
            76..79 if has_socket => {
                come(&mut session, now, &[Signal::Refuses(world.random_range(0..3))])
            }
            79..82 => come(&mut session, now, &[Signal::AnswersPing]),
            82..84 => {
                let every = Duration::from_millis(world.random_range(0..60_000));
                come(&mut session, now, &[Signal::PingInterval(every)]);
            }
            wish @ 84..92 => {
                match wish {
                    84 => session.stop(),
                    85 => session.pause(),
                    86..89 => session.start(),
                    89 => session.reconnect(),
                    90 => session.woke(60 * SECOND),
                    _ => session.network_changed(now),
                }
                was_asked = true;
            }
            _ => {}
        }
        // Whatever is due is done, or put off: it does not stay due.
        let mut turns = 0;
        while session.next_timeout().is_some_and(|due| due <= now) {
            session.timeout(now);
            turns += 1;
            prop_assert!(turns <= 4, "it spins");
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(3_000))]

    #[test]
    fn whatever_happens_there_is_one_socket_no_storm_and_no_spinning(seed: u64) {
        anything(seed)?;
    }
}
