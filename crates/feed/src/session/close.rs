//! What the end of a session, or of an attempt at one, means for the next: by the profile's rules,
//! and by the usual sense of codes and statuses where it has none.

use super::Failure;
use crate::Said;
use crate::profile::{Closing, ClosingRule, Then};
use crate::said;
use std::time::Duration;

/// The code that stands for a connection that was cut without a goodbye.
pub const CUT: u16 = 1006;

/// What to do next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    Retry,
    /// Retry at once; after the usual wait if that ends the same way.
    RetryNow,
    /// Retry, but not before this much time has passed.
    RetryAfter(Duration),
    /// Trying again would give the same answer, or do harm.
    Stop,
}

/// What an end means to us.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Judgement {
    pub verdict: Verdict,
    /// The next session starts from nothing.
    pub fresh: bool,
    /// What it means, in a sentence, where the profile says so.
    pub because: Option<String>,
}

impl From<Verdict> for Judgement {
    fn from(verdict: Verdict) -> Self {
        Judgement { verdict, fresh: false, because: None }
    }
}

/// The server closed with `code`.
pub fn judge_code(closing: &Closing, code: u16) -> Judgement {
    let rule = closing.rules.iter().find(|rule| rule.codes.iter().any(|of| of.contains(code)));
    rule.map_or_else(|| after_close(code).into(), |rule| by_rule(rule, None))
}

/// The attempt failed, or the connection was lost.
pub fn judge_failure(closing: &Closing, failure: &Failure) -> Judgement {
    let cut = (failure.trouble.code == "cut").then_some(CUT);
    let rule = closing.rules.iter().find(|rule| {
        let has_status = |status| rule.statuses.iter().any(|of| of.contains(status));
        let has_code = |code| rule.codes.iter().any(|of| of.contains(code));
        failure.status.is_some_and(has_status) || cut.is_some_and(has_code)
    });
    // What the server asked for holds, whatever the rule says beside.
    let asked = match failure.verdict {
        Verdict::RetryAfter(asked) => Some(asked),
        _ => None,
    };
    rule.map_or_else(|| failure.verdict.into(), |rule| by_rule(rule, asked))
}

/// A message came that meets this rule's `message`.
pub fn judge_message(closing: &Closing, rule: usize) -> Option<Judgement> {
    closing.rules.get(rule).map(|rule| by_rule(rule, None))
}

fn by_rule(rule: &ClosingRule, asked: Option<Duration>) -> Judgement {
    let verdict = match (rule.then, asked.max(rule.after)) {
        (Then::Stop, _) => Verdict::Stop,
        (Then::RetryNow, None) => Verdict::RetryNow,
        (_, Some(at_least)) => Verdict::RetryAfter(at_least),
        (Then::Retry | Then::RetryAfter, None) => Verdict::Retry,
    };
    Judgement { verdict, fresh: rule.fresh, because: rule.because.clone() }
}

/// After the server closed with `code`. Codes from 3000 on are each feed's own; many feeds close
/// with 4000 and above for what passes, so that these are no reason to stop.
pub fn after_close(code: u16) -> Verdict {
    match code {
        // Policy violation, extension missing, TLS failed.
        1008 | 1010 | 1015 => Verdict::Stop,
        _ => Verdict::Retry,
    }
}

/// After the handshake was answered with this HTTP status instead of 101.
pub fn after_status(status: u16, retry_after: Option<Duration>) -> Verdict {
    let retry = retry_after.map_or(Verdict::Retry, Verdict::RetryAfter);
    match status {
        408 | 425 | 429 => retry,
        // A proxy that speaks HTTP/1.0 goes on to do so.
        505 => Verdict::Stop,
        500..=599 => retry,
        _ => Verdict::Stop,
    }
}

/// That the server closed with `code`, and the reason that it gave.
pub fn said(code: u16, reason: &str) -> Said {
    let meaning = meaning(code);
    if reason.is_empty() {
        said!(
            "trouble_closed",
            "The server closed the connection ({code}, {meaning}).",
            code,
            meaning
        )
    } else {
        said!(
            "trouble_closed_because",
            "The server closed the connection ({code}, {meaning}: “{reason}”).",
            code,
            meaning,
            reason,
        )
    }
}

/// What a close code says, for a person.
pub fn meaning(code: u16) -> Said {
    match code {
        1000 => said!("close_done", "done"),
        1001 => said!("close_going_away", "going away"),
        1002 => said!("close_protocol", "protocol error"),
        1003 => said!("close_kind", "data of a kind it does not take"),
        1005 => said!("close_no_code", "no code given"),
        CUT => said!("close_cut", "connection lost"),
        1007 => said!("close_text", "invalid text"),
        1008 => said!("close_policy", "against its policy"),
        1009 => said!("close_too_large", "message too large"),
        1010 => said!("close_extension", "extension missing"),
        1011 => said!("close_server_error", "error in the server"),
        1012 => said!("close_restarting", "restarting"),
        1013 => said!("close_later", "try again later"),
        1014 => said!("close_gateway", "bad gateway"),
        1015 => said!("close_tls", "TLS failed"),
        3000..=4999 => said!("close_own", "a code of its own"),
        _ => said!("close_unknown", "a code without meaning"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::profile::Codes;
    use crate::trouble::{Step, Trouble};

    #[test]
    fn codes_of_the_protocol_mean_what_they_should() {
        for code in [1000, 1001, 1002, 1003, 1005, 1006, 1011, 1012, 1013, 1014] {
            assert_eq!(after_close(code), Verdict::Retry, "{code}");
        }
        assert_eq!(after_close(1008), Verdict::Stop);
    }

    #[test]
    fn codes_of_a_feed_are_no_reason_to_stop() {
        for code in 3000..=4999 {
            assert_eq!(after_close(code), Verdict::Retry, "{code}");
        }
    }

    #[test]
    fn a_refusal_stops_and_a_full_server_does_not() {
        for status in [400, 401, 403, 404, 410, 426, 505, 200, 301] {
            assert_eq!(after_status(status, None), Verdict::Stop, "{status}");
        }
        for status in [408, 429, 500, 502, 503, 504] {
            assert_eq!(after_status(status, None), Verdict::Retry, "{status}");
        }
    }

    #[test]
    fn retry_after_is_heard() {
        let asked = Duration::from_secs(7);
        assert_eq!(after_status(503, Some(asked)), Verdict::RetryAfter(asked));
        assert_eq!(after_status(403, Some(asked)), Verdict::Stop);
    }

    fn rule(codes: &[(u16, u16)], then: Then) -> ClosingRule {
        ClosingRule {
            codes: codes.iter().map(|&(first, last)| Codes { first, last }).collect(),
            statuses: Vec::new(),
            message: None,
            then,
            after: None,
            fresh: false,
            because: None,
        }
    }

    fn verdicts(rules: Vec<ClosingRule>, codes: &[u16]) -> Vec<Verdict> {
        let closing = Closing { rules, ..Closing::default() };
        codes.iter().map(|code| judge_code(&closing, *code).verdict).collect()
    }

    #[test]
    fn real_feeds_close_codes_can_be_said() {
        use Verdict::{Retry, RetryAfter, RetryNow, Stop};
        let discord = vec![rule(&[(4004, 4004), (4010, 4014)], Then::Stop)];
        assert_eq!(
            verdicts(discord, &[4000, 4004, 4009, 4010, 4014, 1000]),
            [Retry, Stop, Retry, Stop, Stop, Retry]
        );
        let second = Duration::from_secs(1);
        let pusher = vec![
            rule(&[(4001, 4099), (4300, 4999)], Then::Stop),
            ClosingRule { after: Some(second), ..rule(&[(4100, 4199)], Then::RetryAfter) },
            rule(&[(4200, 4299)], Then::RetryNow),
        ];
        assert_eq!(
            verdicts(pusher, &[4001, 4100, 4200, 4300]),
            [Stop, RetryAfter(second), RetryNow, Stop]
        );
        let centrifugo = vec![rule(&[(3500, 3999), (4500, 4999), (1009, 1009)], Then::Stop)];
        assert_eq!(
            verdicts(centrifugo, &[3499, 3500, 4499, 4500, 1009, 1008]),
            [Retry, Stop, Retry, Stop, Stop, Stop]
        );
        let graphql_ws = vec![
            rule(&[(4403, 4403), (4408, 4408), (4504, 4504), (1000, 1001)], Then::Retry),
            rule(&[(1005, 1006), (1012, 1014)], Then::Retry),
            rule(&[(4004, 4005), (4400, 4499), (4500, 4500), (1000, 1999)], Then::Stop),
        ];
        assert_eq!(
            verdicts(graphql_ws, &[4403, 4504, 1012, 1005, 4400, 4401, 4500, 1011, 4600]),
            [Retry, Retry, Retry, Retry, Stop, Stop, Stop, Stop, Retry]
        );
    }

    fn failure(code: &'static str, status: Option<u16>, verdict: Verdict) -> Failure {
        let trouble = Trouble {
            code,
            step: Step::Handshake,
            what: Said::default(),
            answer: None,
            advice: Said::default(),
        };
        Failure { status, ..Failure::new(trouble, verdict) }
    }

    #[test]
    fn a_profile_has_the_last_word_on_statuses_and_the_server_on_how_long() {
        let statuses = vec![Codes::one(403)];
        let rules = vec![
            ClosingRule { statuses, fresh: true, ..rule(&[], Then::Retry) },
            ClosingRule { statuses: vec![Codes::one(503)], ..rule(&[], Then::RetryNow) },
        ];
        let closing = Closing { rules, ..Closing::default() };
        let judged = judge_failure(&closing, &failure("http-status", Some(403), Verdict::Stop));
        assert_eq!((judged.verdict, judged.fresh), (Verdict::Retry, true));
        let asked = Verdict::RetryAfter(Duration::from_secs(9));
        let judged = judge_failure(&closing, &failure("http-status", Some(503), asked));
        assert_eq!(judged.verdict, asked, "at once, but not before the server said");
        let judged = judge_failure(&closing, &failure("http-status", Some(404), Verdict::Stop));
        assert_eq!(judged.verdict, Verdict::Stop);
    }

    #[test]
    fn a_cut_is_1006() {
        let closing =
            Closing { rules: vec![rule(&[(1006, 1006)], Then::RetryNow)], ..Closing::default() };
        let judged = judge_failure(&closing, &failure("cut", None, Verdict::Retry));
        assert_eq!(judged.verdict, Verdict::RetryNow);
        let judged = judge_failure(&closing, &failure("protocol", None, Verdict::Retry));
        assert_eq!(judged.verdict, Verdict::Retry);
    }
}
