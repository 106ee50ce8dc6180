//! The session against a made-up world, in virtual time.

use super::*;
use crate::profile::{Condition, Opening, Path, Template};
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
        advice: String::new(),
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
