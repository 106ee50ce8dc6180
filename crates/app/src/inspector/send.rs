//! Messages that a person sends: checked, counted, and shown without secrets.

use crate::api::{self, JsonFault, SendAsked, SendTemplate, SendWhat, Trouble};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use feedscope_feed::profile::{Escape, Name, Template, Values};
use feedscope_feed::{Outcome, Outgoing, Profile, Said, Unsent, World, said};
use std::borrow::Cow;
use std::collections::VecDeque;
use std::time::{Duration, Instant};

/// A shorter secret is not looked for in what is sent: it stands in any text.
const SECRET_BYTES_MIN: usize = 4;

/// Messages that were sent lately are remembered for this long, and no more of them than this: for
/// feeds that say how many they take.
const LATELY: Duration = Duration::from_secs(1);
const LATELY_MAX: usize = 1_000;

/// Of a message in hexadecimal digits or base64.
const BINARY_BYTES_MAX: usize = 16 << 20;

/// What is sent, and what may be shown of it.
#[derive(Debug)]
pub(crate) struct Ready {
    pub message: Outgoing,
    /// If it is less than all.
    pub shown: Option<String>,
}

/// What is wrong with a text as JSON, if anything.
pub(crate) fn json_fault(text: &str) -> Option<JsonFault> {
    let Fault { line, column, at, said } = fault_in(text)?;
    Some(JsonFault {
        line: line as u32,
        column: column as u32,
        at: text.get(..at).unwrap_or_default().encode_utf16().count() as u32,
        what: said.to_string(),
        said: said.parts().to_vec(),
    })
}

/// Where a text is not JSON.
struct Fault {
    line: usize,
    column: usize,
    /// In bytes.
    at: usize,
    said: Said,
}

fn fault_in(text: &str) -> Option<Fault> {
    let error = serde_json::from_str::<serde::de::IgnoredAny>(text).err()?;
    let (line, column) = (error.line().max(1), error.column().max(1));
    // Lines and columns are counted in bytes; whoever types counts characters.
    let start = text.split_inclusive('\n').take(line - 1).map(str::len).sum::<usize>();
    let at = text.floor_char_boundary(start + column - 1);
    let column = text.get(start..at).unwrap_or_default().chars().count() + 1;
    let what = error.to_string();
    let what = fault_said(what.split(" at line ").next().unwrap_or_default(), error.is_eof());
    let said = said!("json_fault", "Line {line}, column {column}: {what}", line, column, what);
    Some(Fault { line, column, at, said })
}

/// What the library says, in a sentence.
fn fault_said(what: &str, is_eof: bool) -> Said {
    match what {
        _ if is_eof => said!("json_fault_end", "It ends before it is whole."),
        "expected value" => said!("json_fault_value", "A value is expected here."),
        "expected ident" => said!("json_fault_word", "This is no word that JSON knows."),
        "trailing comma" => said!("json_fault_comma", "There is a comma too many before this."),
        "trailing characters" => said!("json_fault_more", "It was whole before this."),
        "key must be a string" => said!("json_fault_key", "A name in quotes is expected here."),
        "expected `:`" => said!("json_fault_colon", "A colon is expected here."),
        "expected `,` or `}`" => {
            said!("json_fault_object", "A comma, or the end of the object, is expected here.")
        }
        "expected `,` or `]`" => {
            said!("json_fault_array", "A comma, or the end of the list, is expected here.")
        }
        "invalid number" => said!("json_fault_number", "This is not a number as JSON writes them."),
        "invalid escape" => said!("json_fault_escape", "JSON knows no such escape."),
        "control character (\\u0000-\\u001F) found while parsing a string" => {
            said!("json_fault_control", "A line end, or the like, must be escaped in a text.")
        }
        what => Said::from(what.to_owned()),
    }
}

/// The message as it is to be sent. Names of secrets in a text stand for their values.
pub(crate) fn ready(
    send: &SendAsked,
    profile: &Profile,
    world: &dyn World,
) -> Result<Ready, Trouble> {
    let SendAsked { what, content, json, .. } = send;
    match what {
        SendWhat::Text => {
            if *json && let Some(fault) = fault_in(content) {
                return Err(not_json(fault.said));
            }
            let message = put_in(content, world)?;
            let shown = shown(content, profile, world);
            let shown = (message != shown).then_some(shown);
            Ok(Ready { message: Outgoing::Text(message.into_owned()), shown })
        }
        SendWhat::Hex => binary(from_hex(content), content),
        SendWhat::Base64 => {
            let packed: String = content.split_whitespace().collect();
            binary(BASE64_STANDARD.decode(packed).ok(), content)
        }
    }
}

fn binary(bytes: Option<Vec<u8>>, content: &str) -> Result<Ready, Trouble> {
    let bytes = bytes.filter(|bytes| bytes.len() <= BINARY_BYTES_MAX);
    let bytes = bytes.ok_or_else(|| not_bytes(content))?;
    Ok(Ready { message: Outgoing::Binary(bytes), shown: None })
}

/// Pairs of digits, with or without spaces between them.
fn from_hex(text: &str) -> Option<Vec<u8>> {
    let digits: Option<Vec<u8>> = text
        .chars()
        .filter(|c| !c.is_whitespace())
        .map(|c| c.to_digit(16).and_then(|digit| u8::try_from(digit).ok()))
        .collect();
    let (pairs, rest) = digits.as_ref()?.as_chunks::<2>();
    rest.is_empty().then(|| pairs.iter().map(|[high, low]| (high << 4) | low).collect())
}

/// With the values of the secrets that it names. Whatever else stands in it stays as it is.
fn put_in<'t>(text: &'t str, world: &dyn World) -> Result<Cow<'t, str>, Trouble> {
    let mut whole = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("${secret:") {
        let Some((name, behind)) = after.split_once('}') else { break };
        let value = world.secret(name).map_err(|why| no_keychain(name, why))?;
        let value = value.ok_or_else(|| no_secret(name))?;
        whole.push_str(before);
        let quoted = serde_json::Value::from(value).to_string();
        // As within a JSON string, which is where profiles have them too.
        whole.push_str(quoted.get(1..quoted.len() - 1).unwrap_or_default());
        rest = behind;
    }
    if whole.is_empty() {
        return Ok(text.into());
    }
    whole.push_str(rest);
    Ok(whole.into())
}

/// What may be shown and kept of a text: where it has the value of one of the profile's secrets in
/// it, that one's name.
pub(crate) fn shown(text: &str, profile: &Profile, world: &dyn World) -> String {
    let mut shown = text.to_owned();
    for name in profile.secrets() {
        let value = world.secret(&name).ok().flatten();
        if let Some(value) = value.filter(|value| value.len() >= SECRET_BYTES_MIN) {
            shown = shown.replace(&value, &format!("${{secret:{name}}}"));
        }
    }
    shown
}

/// What the profile itself sends, to begin from. Secrets stay names.
pub(crate) fn templates(profile: &Profile, world: &dyn World) -> Vec<SendTemplate> {
    let values = Values::default();
    let text = |template: &Template| {
        let value = |name: &Name| match name {
            Name::Variable(_) => profile.value(&values, world, name).ok(),
            _ => None,
        };
        let named = |name: &Name| value(name).or_else(|| Some(name.to_string().into()));
        // Every name has something that stands for it.
        template.expand(Escape::Json, named).unwrap_or_default()
    };
    let of = |kind| move |text| SendTemplate { kind, text };
    let opening = profile.opening.iter().filter_map(|step| step.send.as_ref());
    let ping = profile.heartbeat.ping.iter().map(|ping| &ping.send);
    let gaps = profile.sequence.iter().filter_map(|of| of.on_gap.as_ref());
    let gaps = gaps.flat_map(|on_gap| &on_gap.send);
    opening
        .map(text)
        .map(of(api::SendTemplateKind::Opening))
        .chain(ping.map(text).map(of(api::SendTemplateKind::Ping)))
        .chain(gaps.map(text).map(of(api::SendTemplateKind::Gap)))
        .collect()
}

/// When messages were sent lately, for feeds that take only so many a second.
#[derive(Debug, Default)]
pub(crate) struct Lately(VecDeque<Instant>);

impl Lately {
    /// Counts a message, or says why it cannot be sent yet. `max` is 0 where there is no limit.
    pub fn count(&mut self, max: u32, now: Instant) -> Result<(), Trouble> {
        while self.0.front().is_some_and(|at| now.duration_since(*at) >= LATELY) {
            self.0.pop_front();
        }
        if max > 0 && self.0.len() >= (max as usize).min(LATELY_MAX) {
            return Err(too_fast(max));
        }
        if self.0.len() < LATELY_MAX {
            self.0.push_back(now);
        }
        Ok(())
    }
}

/// What became of it, or why it was not sent.
pub(crate) fn outcome(outcome: Outcome) -> Result<(api::SendOutcome, Option<String>), Trouble> {
    Ok(match outcome {
        Outcome::Sent => (api::SendOutcome::Sent, None),
        Outcome::Acknowledged(answer) => (api::SendOutcome::Acknowledged, Some(answer)),
        Outcome::Refused(answer) => (api::SendOutcome::Refused, Some(answer)),
        Outcome::TimedOut => (api::SendOutcome::TimedOut, None),
        Outcome::Dropped(unsent) => return Err(unsent_trouble(unsent)),
    })
}

fn unsent_trouble(unsent: Unsent) -> Trouble {
    let what = match unsent {
        Unsent::NotLive => return not_live(),
        Unsent::Full => {
            said!("unsent_full", "As many messages wait to be sent as the profile allows.")
        }
        Unsent::TooLarge => {
            said!("unsent_too_large", "The message is larger than all that may wait to be sent.")
        }
        Unsent::WaitedTooLong => said!(
            "unsent_waited",
            "It could not be sent for as long as the profile allows a message to wait."
        ),
        Unsent::ConnectionLost => said!(
            "unsent_connection_lost",
            "It was sent, and the connection ended before an answer came."
        ),
        Unsent::SameId => said!(
            "unsent_same_id",
            "Another message with the same id was sent before the answer came."
        ),
        Unsent::Closed => said!("unsent_closed", "The feed was closed."),
    };
    let advice = said!("advice_send_again", "Look at what the feed does, and send it again.");
    trouble("send-dropped", what, None, advice)
}

pub(crate) fn not_live() -> Trouble {
    trouble(
        "send-not-live",
        said!("trouble_send_not_live", "The feed is not live: nothing can be sent."),
        None,
        said!("advice_send_not_live", "Wait until it is, or reconnect. What you wrote stays."),
    )
}

fn too_fast(max: u32) -> Trouble {
    trouble(
        "send-too-fast",
        said!("trouble_send_too_fast", "This feed takes {count} messages a second.", count = max),
        None,
        said!("advice_send_too_fast", "Send it in a second. What you wrote stays."),
    )
}

fn not_json(fault: Said) -> Trouble {
    trouble(
        "send-json",
        said!("trouble_send_json", "This is not JSON. {fault}", fault),
        None,
        said!("advice_send_json", "Mend it there, or send it as text."),
    )
}

fn not_bytes(content: &str) -> Trouble {
    let is_empty = content.trim().is_empty();
    let what = if is_empty {
        said!("trouble_send_nothing", "There is nothing to send.")
    } else {
        said!("trouble_send_bytes", "These are not bytes.")
    };
    let advice = said!(
        "advice_send_bytes",
        "Write two digits from 0 to f for each byte, or base64, up to 16 MB."
    );
    trouble("send-bytes", what, None, advice)
}

fn no_secret(name: &str) -> Trouble {
    trouble(
        "send-secret",
        said!("trouble_send_secret", "There is no secret called {name}.", name),
        None,
        said!("advice_send_secret", "Store the secret under this name, then send it again."),
    )
}

fn no_keychain(name: &str, why: String) -> Trouble {
    trouble(
        "keychain",
        said!(
            "trouble_keychain",
            "The keychain does not say what the secret “{secret}” is.",
            secret = name,
        ),
        Some(why),
        said!("advice_send_keychain", "Unlock the keychain, then send it again."),
    )
}

fn trouble(code: &'static str, what: Said, answer: Option<String>, advice: Said) -> Trouble {
    Trouble::new(code, said!("step_send", "Sending"), what, answer, advice)
}

#[cfg(test)]
mod tests {
    use super::*;
    use feedscope_feed::RealWorld;
    use feedscope_feed::profile::{Heartbeat, Opening, Ping};
    use feedscope_feed::world::{Keeper, WithSecrets};
    use std::sync::Arc;

    struct OneSecret;

    impl Keeper for OneSecret {
        fn secret(&self, _: &dyn World, name: &str) -> Result<Option<String>, String> {
            match name {
                "locked" => Err("it is locked".to_owned()),
                name => Ok((name == "key").then(|| "hunter\"2".to_owned())),
            }
        }
    }

    fn world() -> impl World {
        WithSecrets { world: Arc::new(RealWorld::default()), keeper: OneSecret }
    }

    fn profile() -> Profile {
        let template = |text: &str| text.parse::<Template>().unwrap();
        let mut profile = Profile::from_url("ws://127.0.0.1:9/");
        let send = template(r#"{"op":"auth","key":"${secret:key}","for":"${symbol}","id":${id}}"#);
        profile.opening = vec![Opening { send: Some(send), ..Opening::default() }];
        profile.heartbeat = Heartbeat {
            ping: Some(Ping {
                send: template("ping"),
                every: Duration::from_secs(1),
                interval: None,
                answered: None,
                answer_max: Duration::from_secs(1),
                first_is_random: false,
            }),
            ..Heartbeat::default()
        };
        let symbol =
            feedscope_feed::profile::Variable { default: Some("BTC".into()), ..Default::default() };
        profile.variables.insert("symbol".into(), symbol);
        profile
    }

    fn send(what: SendWhat, content: &str) -> Result<Ready, Trouble> {
        let send = SendAsked { feed: "f".into(), what, content: content.into(), json: false };
        ready(&send, &profile(), &world())
    }

    #[test]
    fn json_that_is_none_is_told_at_its_place() {
        for (text, line, column, at) in [
            ("{\"a\": }", 1, 7, 6),
            ("{\n  \"é\": 1,\n}", 3, 1, 12),
            ("{\"😀\" 1}", 1, 6, 6),
            ("{\"a\": tru}", 1, 10, 9),
            ("[1 2]", 1, 4, 3),
            ("{} x", 1, 4, 3),
            ("", 1, 1, 0),
            ("{\"a\":", 1, 5, 4),
        ] {
            let fault = json_fault(text).unwrap();
            assert_eq!((fault.line, fault.column, fault.at), (line, column, at), "{text:?}");
            assert!(fault.what.starts_with(&format!("Line {line}, column {column}: ")));
            assert!(fault.what.ends_with('.'), "in a sentence: {}", fault.what);
        }
        assert!(json_fault(" {\"a\": [1, 2.5e3, null]} \n").is_none());
        let big =
            SendAsked { feed: "f".into(), what: SendWhat::Text, content: "{".into(), json: true };
        let refused = ready(&big, &profile(), &world()).unwrap_err();
        assert_eq!(refused.code, "send-json");
    }

    #[test]
    fn secrets_are_put_in_and_never_shown() {
        let ready = send(SendWhat::Text, r#"{"key":"${secret:key}","x":"${other}"}"#).unwrap();
        assert_eq!(ready.message, Outgoing::from(r#"{"key":"hunter\"2","x":"${other}"}"#));
        assert_eq!(ready.shown.as_deref(), Some(r#"{"key":"${secret:key}","x":"${other}"}"#));
        // Whoever pastes it as it is does not see it again either.
        let ready = send(SendWhat::Text, r#"login hunter"2 now"#).unwrap();
        assert_eq!(ready.message, Outgoing::from(r#"login hunter"2 now"#));
        assert_eq!(ready.shown.as_deref(), Some("login ${secret:key} now"));
        assert_eq!(send(SendWhat::Text, "${secret:x}").unwrap_err().code, "send-secret");
        assert_eq!(send(SendWhat::Text, "${secret:locked}").unwrap_err().code, "keychain");
        let plain = send(SendWhat::Text, "${secret:").unwrap();
        assert_eq!((plain.message, plain.shown), ("${secret:".into(), None));
    }

    #[test]
    fn bytes_are_written_as_digits_or_as_base64() {
        let bytes = |what, text| send(what, text).map(|ready| ready.message.bytes().to_vec());
        assert_eq!(bytes(SendWhat::Hex, "00 fF\n10").unwrap(), [0, 255, 16]);
        assert_eq!(bytes(SendWhat::Base64, "AP8Q\n").unwrap(), [0, 255, 16]);
        for (what, text) in [
            (SendWhat::Hex, "0"),
            (SendWhat::Hex, "zz"),
            (SendWhat::Hex, "0é"),
            (SendWhat::Base64, "*"),
        ] {
            assert_eq!(bytes(what, text).unwrap_err().code, "send-bytes", "{text}");
        }
    }

    #[test]
    fn templates_have_values_and_names_of_secrets() {
        let told: Vec<_> = templates(&profile(), &world())
            .into_iter()
            .map(|template| (template.kind, template.text))
            .collect();
        let opening = r#"{"op":"auth","key":"${secret:key}","for":"BTC","id":${id}}"#;
        use api::SendTemplateKind::{Opening, Ping};
        assert_eq!(told, [(Opening, opening.into()), (Ping, "ping".into())]);
    }

    #[test]
    fn no_more_go_in_a_second_than_the_feed_takes() {
        let (mut lately, start) = (Lately::default(), Instant::now());
        assert!((0..5).all(|_| lately.count(5, start).is_ok()));
        assert_eq!(lately.count(5, start).unwrap_err().code, "send-too-fast");
        assert!(lately.count(5, start + LATELY).is_ok());
        assert!((0..5_000).all(|_| lately.count(0, start + LATELY).is_ok()), "no limit");
        assert!(lately.0.len() <= LATELY_MAX);
    }
}
