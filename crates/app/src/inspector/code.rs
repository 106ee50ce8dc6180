//! A feed, and what is sent to it, as a command for a shell: `feedtap`, websocat and curl.
//!
//! Secrets are not in it. What a profile names stands there by name, as does what a URL has where
//! secrets usually are: whoever runs the command gives them in the environment, as to feedtap.

use crate::api::{CodeFor, Trouble};
use crate::boards::{Person, is_shared, secret_named, url_without_secrets};
use feedscope_feed::profile::{Escape, Name, Template, Values};
use feedscope_feed::{Profile, RealWorld, said};
use std::borrow::Cow;
use std::fmt::Write;

/// Stands for a secret while a text is put together. Letters and figures alone pass through every
/// kind of escaping as they are.
const MARK: &str = "feedscope0secret0";
const MARK_END: &str = "0end";

/// What a handshake says to prove that its answer is one: any will do, to look at that answer.
const HANDSHAKE_KEY: &str = "RmVlZHNjb3BlIGlzIGl0IQ==";

/// A text with secrets in it, by name.
#[derive(Clone, Debug, Default, PartialEq)]
struct Hidden {
    text: String,
    secrets: Vec<String>,
}

/// A message to be sent, in a command.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Payload<'a> {
    Text(&'a str),
    Binary(&'a [u8]),
}

/// What a command says of a feed.
struct Target {
    url: Hidden,
    headers: Vec<(String, Hidden)>,
    subprotocols: Vec<String>,
    /// What is sent once the socket is open.
    opening: Vec<Hidden>,
}

/// The command that does what Feedscope does: subscribes, or sends `payload`.
pub(crate) fn command(
    profile: &Profile,
    payload: Option<Payload<'_>>,
    tool: CodeFor,
) -> Result<String, Trouble> {
    let target = Target::of(profile);
    Ok(match tool {
        CodeFor::Feedtap => target.feedtap(payload).ok_or_else(text_only)?,
        CodeFor::Websocat => target.websocat(payload),
        CodeFor::Curl => target.curl(),
    })
}

impl Target {
    fn of(profile: &Profile) -> Self {
        let connection = &profile.connection;
        let mut whole = hidden(profile, &connection.url, Escape::WholeUrl);
        for (name, value) in &connection.query {
            let between = if whole.text.contains('?') { '&' } else { '?' };
            let name = hidden(profile, &Template::plain(name.as_str()), Escape::No);
            whole.text.push(between);
            whole.push(name);
            whole.text.push('=');
            whole.push(hidden(profile, value, Escape::Url));
        }
        let mut headers: Vec<_> = connection
            .headers
            .iter()
            .map(|(name, value)| {
                let value = hidden(profile, value, Escape::No);
                let is_told = !value.secrets.is_empty() || is_shared(name);
                (name.clone(), if is_told { value } else { named_in(&secret_named(name)) })
            })
            .collect();
        if let Some(origin) = &connection.origin {
            headers.push(("Origin".into(), hidden(profile, origin, Escape::No)));
        }
        let sends = profile.opening.iter().filter_map(|step| step.send.as_ref());
        Target {
            url: without_secrets(&whole),
            headers,
            subprotocols: connection.subprotocols.clone(),
            opening: sends.map(|send| hidden(profile, send, Escape::Json)).collect(),
        }
    }

    /// `None` for what is not text.
    fn feedtap(&self, payload: Option<Payload<'_>>) -> Option<String> {
        let mut line = match payload {
            None => format!("feedtap watch {}", self.url.shell()),
            Some(_) => format!("feedtap send {}", self.url.shell()),
        };
        match payload {
            Some(Payload::Text(text)) => {
                // It does not know the feed's opening: what is sent before comes first.
                for opening in self.opening.iter().map(Hidden::shell) {
                    let _ = write!(line, " {opening}");
                }
                let _ = write!(line, " {}", named_in(text).shell());
            }
            Some(Payload::Binary(_)) => return None,
            None => {}
        }
        for (name, value) in &self.headers {
            // It knows them by name itself.
            let value = value.with(|secret| format!("${{secret:{secret}}}"));
            let _ = write!(line, " --header {}", quote(&format!("{name}: {value}")));
        }
        for subprotocol in &self.subprotocols {
            let _ = write!(line, " --subprotocol {}", quote(subprotocol));
        }
        Some(line)
    }

    fn websocat(&self, payload: Option<Payload<'_>>) -> String {
        // It takes each line for a message.
        let in_a_line = |message: &Hidden| {
            let text = in_one_line(&message.text);
            Hidden { text: text.into_owned(), ..message.clone() }.shell()
        };
        let mut messages: Vec<String> = self.opening.iter().map(in_a_line).collect();
        let mut binary = None;
        match payload {
            Some(Payload::Text(text)) => messages.push(in_a_line(&named_in(text))),
            Some(Payload::Binary(bytes)) => binary = Some(octal(bytes)),
            None => {}
        }
        let mut line = String::new();
        if let Some(bytes) = &binary {
            let _ = write!(line, "printf {bytes} | ");
        } else if !messages.is_empty() {
            let _ = write!(line, "printf '%s\\n' {} | ", messages.join(" "));
        }
        line.push_str("websocat");
        if binary.is_some() {
            line.push_str(" --binary");
        }
        // The end of what is sent is not that of what is received.
        line.push_str(" --no-close");
        for (name, value) in &self.headers {
            let _ = write!(line, " --header={}", value.after(&format!("{name}: ")).shell());
        }
        if !self.subprotocols.is_empty() {
            let _ = write!(line, " --protocol {}", quote(&self.subprotocols.join(", ")));
        }
        let _ = write!(line, " {}", self.url.shell());
        line
    }

    /// The handshake, to see what the server, or what is before it, says to that.
    fn curl(&self) -> String {
        let mut line = "curl --include --no-buffer --http1.1 --max-time 10".to_owned();
        for header in [
            "Connection: Upgrade",
            "Upgrade: websocket",
            "Sec-WebSocket-Version: 13",
            &format!("Sec-WebSocket-Key: {HANDSHAKE_KEY}"),
        ] {
            let _ = write!(line, " --header {}", quote(header));
        }
        if !self.subprotocols.is_empty() {
            let named = format!("Sec-WebSocket-Protocol: {}", self.subprotocols.join(", "));
            let _ = write!(line, " --header {}", quote(&named));
        }
        for (name, value) in &self.headers {
            let _ = write!(line, " --header {}", value.after(&format!("{name}: ")).shell());
        }
        let url = match self.url.text.strip_prefix("ws") {
            Some(rest) => Hidden { text: format!("http{rest}"), ..self.url.clone() },
            None => self.url.clone(),
        };
        let _ = write!(line, " {}", url.shell());
        line
    }
}

impl Hidden {
    /// Stands for the secret of this name, at the end.
    fn push_secret(&mut self, name: &str) {
        let _ = write!(self.text, "{MARK}{}{MARK_END}", self.secrets.len());
        self.secrets.push(name.to_owned());
    }

    fn push(&mut self, other: Hidden) {
        for part in other.parts() {
            match part {
                Part::Text(text) => self.text.push_str(text),
                Part::Secret(name) => self.push_secret(name),
            }
        }
    }

    fn after(&self, head: &str) -> Hidden {
        Hidden { text: format!("{head}{}", self.text), ..self.clone() }
    }

    fn parts(&self) -> Vec<Part<'_>> {
        let mut parts = Vec::new();
        let mut rest = self.text.as_str();
        for (index, name) in self.secrets.iter().enumerate() {
            if let Some((before, after)) = rest.split_once(&format!("{MARK}{index}{MARK_END}")) {
                parts.extend([Part::Text(before), Part::Secret(name)]);
                rest = after;
            }
        }
        parts.push(Part::Text(rest));
        parts
    }

    fn with(&self, named: impl Fn(&str) -> String) -> String {
        let parts = self.parts();
        let texts = parts.iter().map(|part| match part {
            Part::Text(text) => Cow::Borrowed(*text),
            Part::Secret(name) => named(name).into(),
        });
        texts.collect()
    }

    /// As one word of a shell, which puts the secrets in.
    fn shell(&self) -> String {
        if self.secrets.is_empty() {
            return quote(&self.text);
        }
        let parts = self.parts();
        let words =
            parts.iter().filter(|part| !matches!(part, Part::Text(""))).map(|part| match part {
                Part::Text(text) => quote(text),
                Part::Secret(name) => format!("\"${}\"", secret_variable(name)),
            });
        words.collect()
    }
}

#[derive(Debug)]
enum Part<'a> {
    Text(&'a str),
    Secret(&'a str),
}

/// What a template comes to, with its secrets by name; so are all names that have no value yet.
fn hidden(profile: &Profile, template: &Template, escape: Escape) -> Hidden {
    let (values, world) = (Values::default(), RealWorld::default());
    let mut secrets = Vec::new();
    let named = |name: &Name| match name {
        Name::Secret(secret) => {
            let mark = format!("{MARK}{}{MARK_END}", secrets.len());
            secrets.push(secret.clone());
            Some(Cow::Owned(mark))
        }
        name => {
            let value = profile.value(&values, &world, name).map(Cow::into_owned);
            Some(value.unwrap_or_else(|_| name.to_string()).into())
        }
    };
    // Every name has something that stands for it.
    let text = template.expand(escape, named).unwrap_or_default();
    Hidden { text, secrets }
}

/// A message in which names of secrets stand where their values were sent.
fn named_in(text: &str) -> Hidden {
    let mut hidden = Hidden::default();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("${secret:") {
        let Some((name, behind)) = after.split_once('}') else { break };
        hidden.text.push_str(before);
        hidden.push_secret(name);
        rest = behind;
    }
    hidden.text.push_str(rest);
    hidden
}

/// A URL with names in place of its password and of what has a name as secrets have.
fn without_secrets(url: &Hidden) -> Hidden {
    let named = url.with(|name| format!("${{secret:{name}}}"));
    let named = named.split('#').next().unwrap_or_default();
    named_in(&url_without_secrets(named, Person::Named))
}

/// Where in the environment a secret of this name is.
fn secret_variable(name: &str) -> String {
    feedscope_feed::secrets::variable(name)
}

/// JSON has line ends only between its words, where a space does as well.
fn in_one_line(text: &str) -> Cow<'_, str> {
    if text.contains(['\n', '\r']) && serde_json::from_str::<serde::de::IgnoredAny>(text).is_ok() {
        return text.replace(['\n', '\r'], " ").into();
    }
    text.into()
}

/// A text as one word of a POSIX shell. No argument can have a NUL in it: it is left out.
fn quote(text: &str) -> String {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_./:=,@+%".contains(&byte);
    if !text.is_empty() && text.bytes().all(is_plain) {
        return text.to_owned();
    }
    format!("'{}'", text.replace('\0', "").replace('\'', r"'\''"))
}

/// Bytes as a format of `printf`, which every shell has.
fn octal(bytes: &[u8]) -> String {
    let mut format = String::from("'");
    for (at, byte) in bytes.iter().enumerate() {
        match byte {
            // What begins with it would be taken for an option.
            b'-' if at == 0 => format.push_str(r"\055"),
            b'%' => format.push_str("%%"),
            b'\\' => format.push_str(r"\\"),
            b'\'' => format.push_str(r"\047"),
            b' '..=b'~' => format.push(char::from(*byte)),
            _ => {
                let _ = write!(format, "\\{byte:03o}");
            }
        }
    }
    format.push('\'');
    format
}

fn text_only() -> Trouble {
    Trouble::new(
        "code-text-only",
        said!("step_inspector", "Inspector"),
        said!("trouble_code_text_only", "feedtap sends text, and this message is binary."),
        None,
        said!("advice_code_text_only", "Copy it for websocat."),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use feedscope_feed::profile::Opening;
    use proptest::prelude::*;
    use std::process::Command;

    /// What `sh` makes of a script.
    fn printed(script: &str) -> Vec<u8> {
        let output = Command::new("sh").args(["-c", script]).output().unwrap();
        assert!(output.status.success(), "{script}: {output:?}");
        output.stdout
    }

    /// The words of a command, as the program that it starts gets them.
    fn words(command: &str, environment: &[(&str, &str)]) -> Vec<String> {
        let (_, arguments) = command.split_once(' ').unwrap();
        let script = format!("printf '%s\\0' {arguments}");
        let output = Command::new("sh")
            .args(["-c", &script])
            .envs(environment.iter().copied())
            .output()
            .unwrap();
        assert!(output.status.success(), "{script}: {output:?}");
        let text = String::from_utf8(output.stdout).unwrap();
        text.trim_end_matches('\0').split('\0').map(str::to_owned).collect()
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(200))]

        #[test]
        fn a_shell_gets_every_text_as_it_was(text in "[^\0]{0,60}") {
            let script = format!("printf %s {}", quote(&text));
            prop_assert_eq!(String::from_utf8(printed(&script)).unwrap(), text);
        }

        #[test]
        fn a_shell_gets_all_bytes_as_they_were(bytes in prop::collection::vec(any::<u8>(), 0..80)) {
            prop_assert_eq!(printed(&format!("printf {}", octal(&bytes))), bytes);
        }

        #[test]
        fn a_message_with_names_in_it_is_one_word(
            before in "[^\0$]{0,20}", after in "[^\0$]{0,20}",
        ) {
            let message = named_in(&format!("{before}${{secret:a b}}{after}")).shell();
            let environment = ("FEEDSCOPE_SECRET_A_B", "it's \"$HOME\"");
            let words = words(&format!("x {message}"), &[environment]);
            prop_assert_eq!(words, [format!("{before}it's \"$HOME\"{after}")]);
        }
    }

    fn feed() -> Profile {
        let mut profile = Profile::from_url("wss://me:pass@feed.example/v1?api_key=abc&symbol=a'b");
        let headers = [
            ("Authorization", "Bearer ${secret:token}"),
            ("User-Agent", "$(touch x)"),
            ("X-Door", "hunter2"),
        ];
        for (name, value) in headers {
            let value: Template = value.replace("$(", "$$(").parse().unwrap();
            profile.connection.headers.insert(name.into(), value);
        }
        profile.connection.subprotocols = vec!["v1.feed".into()];
        profile.opening = vec![Opening {
            send: Some("{\n\"op\":\"auth\",\"key\":\"${secret:token}\"}".parse().unwrap()),
            ..Opening::default()
        }];
        profile
    }

    const SECRETS: [(&str, &str); 4] = [
        ("FEEDSCOPE_SECRET_X_DOOR", "d00r"),
        ("FEEDSCOPE_SECRET_TOKEN", "t0ken"),
        ("FEEDSCOPE_SECRET_PASSWORD", "pw"),
        ("FEEDSCOPE_SECRET_API_KEY", "k3y"),
    ];

    const WHOLE_URL: &str = "wss://me:pw@feed.example/v1?api_key=k3y&symbol=a'b";

    fn command_for(payload: Option<Payload<'_>>, tool: CodeFor) -> String {
        let command = command(&feed(), payload, tool).unwrap();
        for secret in ["pass", "abc", "t0ken", "hunter2"] {
            assert!(!command.contains(secret), "{command}");
        }
        command
    }

    #[test]
    fn feedtap_subscribes_and_sends() {
        let watch = command_for(None, CodeFor::Feedtap);
        let header = "Authorization: Bearer ${secret:token}";
        let options = [
            "--header",
            header,
            "--header",
            "User-Agent: $(touch x)",
            "--header",
            "X-Door: ${secret:X-Door}",
            "--subprotocol",
            "v1.feed",
        ];
        let expected = [&["watch", WHOLE_URL][..], &options].concat();
        assert_eq!(words(&watch, &SECRETS), expected);

        let send = command_for(Some(Payload::Text(r#"{"it":"'s"}"#)), CodeFor::Feedtap);
        let opening = "{\n\"op\":\"auth\",\"key\":\"t0ken\"}";
        let expected = [&["send", WHOLE_URL, opening, r#"{"it":"'s"}"#][..], &options].concat();
        assert_eq!(words(&send, &SECRETS), expected);

        let binary = command(&feed(), Some(Payload::Binary(b"\x00")), CodeFor::Feedtap);
        assert_eq!(binary.unwrap_err().code, "code-text-only");
    }

    #[test]
    fn websocat_gets_a_line_for_each_message() {
        let text = command_for(Some(Payload::Text("{\n\"a\": 1\n}")), CodeFor::Websocat);
        let (messages, websocat) = text.split_once(" | ").unwrap();
        let lines =
            Command::new("sh").args(["-c", messages]).envs(SECRETS).output().unwrap().stdout;
        let lines = String::from_utf8(lines).unwrap();
        assert_eq!(lines, "{ \"op\":\"auth\",\"key\":\"t0ken\"}\n{ \"a\": 1 }\n");
        assert_eq!(
            words(websocat, &SECRETS),
            [
                "--no-close",
                "--header=Authorization: Bearer t0ken",
                "--header=User-Agent: $(touch x)",
                "--header=X-Door: d00r",
                "--protocol",
                "v1.feed",
                WHOLE_URL,
            ]
        );
        let binary = command_for(Some(Payload::Binary(b"\x00\xff%'")), CodeFor::Websocat);
        let (bytes, websocat) = binary.split_once(" | ").unwrap();
        assert_eq!(printed(bytes), b"\x00\xff%'");
        assert_eq!(words(websocat, &SECRETS)[0], "--binary");
    }

    #[test]
    fn curl_shakes_hands() {
        let words = words(&command_for(None, CodeFor::Curl), &SECRETS);
        assert_eq!(words.last().unwrap(), &WHOLE_URL.replace("wss", "https"));
        assert!(words.contains(&"Authorization: Bearer t0ken".to_owned()), "{words:?}");
        assert!(words.contains(&"Upgrade: websocket".to_owned()), "{words:?}");
    }

    #[test]
    fn a_plain_feed_is_a_plain_command() {
        let profile = Profile::from_url("ws://127.0.0.1:9001/");
        let plain = command(&profile, None, CodeFor::Websocat).unwrap();
        assert_eq!(plain, "websocat --no-close ws://127.0.0.1:9001/");
    }
}
