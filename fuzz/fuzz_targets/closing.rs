//! Any `[closing]` rules, and any ends of sessions: after an end that the rules say is final, no
//! attempt is made; after any other, the next one comes, but never at once for ever.

#![no_main]

use feedscope_feed::Profile;
use feedscope_feed::profile::Backoff;
use feedscope_feed::session::close::{Verdict, judge_code};
use feedscope_feed::session::{Action, Session, State};
use libfuzzer_sys::fuzz_target;
use std::time::{Duration, Instant};

/// More would only make a case slow.
const ENDS_MAX: usize = 200;

fuzz_target!(|input: &[u8]| {
    let mut halves = input.splitn(2, |byte| *byte == feedscope_fuzz::SEPARATOR);
    let rules = halves.next().and_then(|rules| std::str::from_utf8(rules).ok());
    let Some(rules) = rules else { return };
    let text = format!("name = \"f\"\n[connection]\nurl = \"ws://localhost\"\n[closing]\n{rules}");
    let Ok(mut profile) = Profile::parse(&text) else { return };
    // A backoff of nothing is its user's own fault.
    profile.backoff = Backoff::default();
    let closing = profile.closing.clone();
    let has_opening = !profile.opening.is_empty();
    let start = Instant::now();
    let mut now = start;
    let mut session = Session::new(profile, now, 1);
    session.start();
    let (mut dials, mut at_once) = (0, 0);
    for end in halves.next().unwrap_or_default().chunks_exact(2).take(ENDS_MAX) {
        let code = u16::from_be_bytes([end[0], end[1]]);
        let before = now;
        let Some(id) = dialled(&mut session, &mut now) else { break };
        dials += 1;
        at_once = if dials > 1 && now == before { at_once + 1 } else { 0 };
        assert!(at_once < 20, "a server that ends every session is not hammered");
        session.opened(id, now, false);
        session.heard(now);
        session.closed(id, now, code, "");
        while session.next_transition().is_some() {}
        let judged = judge_code(&closing, code);
        if !has_opening {
            assert_eq!(session.state() == State::Stopped, judged.verdict == Verdict::Stop);
        }
    }
});

/// Lets time pass until an attempt is made; `None` if none ever is.
fn dialled(session: &mut Session, now: &mut Instant) -> Option<feedscope_feed::session::SessionId> {
    for _ in 0..100 {
        while let Some(action) = session.next_action() {
            if let Action::Dial(id) = action {
                return Some(id);
            }
        }
        if session.state() == State::Stopped {
            return None;
        }
        let due = session.next_timeout()?;
        assert!(due < *now + Duration::from_secs(2 * 366 * 24 * 3_600), "it is awaited in vain");
        *now = due.max(*now);
        session.timeout(*now);
    }
    panic!("time passes, and nothing happens");
}
