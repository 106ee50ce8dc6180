//! What the end of a session, or of an attempt at one, means for the next.

use std::time::Duration;

/// What to do next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    Retry,
    /// Retry, but not before this much time has passed.
    RetryAfter(Duration),
    /// Trying again would give the same answer, or do harm.
    Stop,
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
        500..=599 => retry,
        _ => Verdict::Stop,
    }
}

/// What a close code says, for a person.
pub fn meaning(code: u16) -> &'static str {
    match code {
        1000 => "done",
        1001 => "going away",
        1002 => "protocol error",
        1003 => "data of a kind it does not take",
        1005 => "no code given",
        1006 => "connection lost",
        1007 => "invalid text",
        1008 => "against its policy",
        1009 => "message too large",
        1010 => "extension missing",
        1011 => "error in the server",
        1012 => "restarting",
        1013 => "try again later",
        1014 => "bad gateway",
        1015 => "TLS failed",
        3000..=3999 => "a code of its own",
        4000..=4999 => "a code of its own",
        _ => "a code without meaning",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
        for status in [400, 401, 403, 404, 410, 426, 200, 301] {
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
}
