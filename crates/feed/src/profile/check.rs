//! What is wrong with a profile although each of its values is of the right kind.

use super::problem::Problem;
use super::{
    Condition, DURATION_MAX, Format, Framing, KNOWN, Name, Profile, Scope, SequenceRule, Template,
    Then, TimeUnit,
};
use std::borrow::Cow;
use std::collections::BTreeSet;
use std::time::Duration;
use tokio_tungstenite::tungstenite::http::{HeaderName, HeaderValue};

/// Longer than this nobody wants to wait for a message that is already there.
const HOLD_MAX: Duration = Duration::from_secs(5 * 60);

/// Those of the handshake that the protocol sets itself.
const HEADERS_OF_THE_PROTOCOL: [&str; 7] = [
    "host",
    "connection",
    "upgrade",
    "content-length",
    "transfer-encoding",
    "sec-websocket-key",
    "sec-websocket-version",
];

impl Profile {
    /// Everything that is wrong with it, as far as that can be seen without dialling; nothing if
    /// it can be used. A profile that was read from a file has been checked.
    pub fn check(&self) -> Vec<Problem> {
        let mut check = Check { profile: self, problems: Vec::new() };
        check.about();
        check.connection();
        check.opening();
        check.heartbeat();
        check.closing();
        check.decode();
        check.sequence();
        check.book();
        check.resume();
        check.limits();
        check.templates();
        check.problems
    }

    /// Every text of it in which names may stand.
    pub fn templates(&self) -> impl Iterator<Item = &Template> {
        self.keyed_templates().into_iter().map(|(_, _, template)| template)
    }

    /// The secrets that it names, in order, each once.
    pub fn secrets(&self) -> Vec<String> {
        let names = self.templates().flat_map(Template::names).filter_map(|name| match name {
            Name::Secret(name) => Some(name.clone()),
            _ => None,
        });
        names.collect::<BTreeSet<_>>().into_iter().collect()
    }

    /// All its templates, each with its key.
    fn keyed_templates(&self) -> Vec<(String, Usage, &Template)> {
        let connection = &self.connection;
        let mut all = vec![("connection.url".to_owned(), Usage::Connection, &connection.url)];
        let mut add = |key: String, usage, template| all.push((key, usage, template));
        for (name, template) in &connection.query {
            add(format!("connection.query.{name}"), Usage::Connection, template);
        }
        for (name, template) in &connection.headers {
            add(format!("connection.headers.{name}"), Usage::Connection, template);
        }
        for (name, template) in [("origin", &connection.origin), ("proxy", &connection.proxy)] {
            if let Some(template) = template {
                add(format!("connection.{name}"), Usage::Connection, template);
            }
        }
        for (index, step) in self.opening.iter().enumerate() {
            if let Some(send) = &step.send {
                add(format!("opening[{index}].send"), Usage::Message, send);
            }
        }
        if let Some(ping) = &self.heartbeat.ping {
            add("heartbeat.ping.send".to_owned(), Usage::Message, &ping.send);
        }
        for (index, answer) in self.heartbeat.answers.iter().enumerate() {
            add(format!("heartbeat.answers[{index}].send"), Usage::Answer, &answer.send);
        }
        for (index, book) in self.book.iter().enumerate() {
            if let Some(levels) = &book.levels {
                add(format!("book[{index}].levels"), Usage::Connection, levels);
            }
        }
        for (index, sequence) in self.sequence.iter().enumerate() {
            for (number, send) in sequence.on_gap.iter().flat_map(|on_gap| &on_gap.send).enumerate()
            {
                add(format!("sequence[{index}].on_gap.send[{number}]"), Usage::OnGap, send);
            }
        }
        all
    }
}

/// What a template is for, and hence which names it may have.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Usage {
    Connection,
    Message,
    Answer,
    OnGap,
}

struct Check<'p> {
    profile: &'p Profile,
    problems: Vec<Problem>,
}

impl Check<'_> {
    fn say(&mut self, key: impl Into<String>, what: impl Into<String>) {
        self.problems.push(Problem { place: None, key: key.into(), what: what.into() });
    }

    fn about(&mut self) {
        let profile = self.profile;
        if profile.name.trim().is_empty() {
            self.say("name", "It is empty; say what people call this feed.");
        }
        if let Some(docs) = &profile.docs
            && url::Url::parse(docs).is_err()
        {
            self.say("docs", "This is not a URL, such as \"https://example.com/docs\".");
        }
        for (name, variable) in &profile.variables {
            let key = format!("variables.{name}");
            if KNOWN.contains(&name.as_str()) {
                self.say(
                    &key,
                    format!("Feedscope gives “{name}” a value itself; choose another name."),
                );
            } else if !matches!(name.parse(), Ok(Name::Variable(_))) {
                let what = "This cannot be a name; take letters, digits, “_”, “-” and “.”.";
                self.say(&key, what);
            }
            if variable.about.trim().is_empty() {
                self.say(format!("{key}.about"), "It is empty; say what whoever uses it chooses.");
            }
        }
    }

    fn connection(&mut self) {
        let connection = &self.profile.connection;
        self.url();
        if connection.query.keys().any(String::is_empty) {
            self.say("connection.query", "A parameter has no name; give it one.");
        }
        for (name, value) in &connection.headers {
            let key = format!("connection.headers.{name}");
            let lower = name.to_ascii_lowercase();
            if HeaderName::try_from(name.as_str()).is_err() {
                self.say(key, "This cannot be a header’s name; take letters, digits and “-”.");
            } else if HEADERS_OF_THE_PROTOCOL.contains(&lower.as_str()) {
                self.say(key, "The WebSocket protocol sets this header itself; take it out.");
            } else if lower == "sec-websocket-protocol" {
                self.say(key, "Take it out, and put its value in `connection.subprotocols`.");
            } else if lower == "sec-websocket-extensions" {
                self.say(key, "Feedscope offers no extensions of the protocol; take it out.");
            } else if lower == "origin" {
                self.say(key, "Take it out, and put its value in `connection.origin`.");
            } else if HeaderValue::from_str(&self.tried_out(value)).is_err() {
                self.say(key, "A header’s value cannot have line breaks or control characters.");
            }
        }
        let mut seen = BTreeSet::new();
        for (index, subprotocol) in connection.subprotocols.iter().enumerate() {
            let key = format!("connection.subprotocols[{index}]");
            if !is_token(subprotocol) {
                let what = "This cannot be a subprotocol; it must have no spaces, commas or other \
                            separators.";
                self.say(key, what);
            } else if !seen.insert(subprotocol) {
                self.say(key, format!("“{subprotocol}” is there twice; take one out."));
            }
        }
        if let Some(proxy) = &connection.proxy {
            let proxy = self.tried_out(proxy);
            let schemes = ["http://", "https://", "socks5://", "socks5h://"];
            let named = connection.proxy.as_ref().is_some_and(begins_with_name);
            if proxy != "none" && !named && !schemes.iter().any(|scheme| proxy.starts_with(scheme))
            {
                let what = "This is not a proxy, such as \"http://proxy.example:3128\" or \
                            \"socks5://localhost:1080\"; \"none\" is for none.";
                self.say("connection.proxy", what);
            }
        }
        let tls = &connection.tls;
        if tls.client_certificate.is_some() != tls.client_key.is_some() {
            let (there, other) = match tls.client_key {
                None => ("client_certificate", "client_key"),
                Some(_) => ("client_key", "client_certificate"),
            };
            self.say(
                format!("connection.tls.{there}"),
                format!("It is of no use without `{other}`; add that."),
            );
        }
    }

    fn url(&mut self) {
        let template = &self.profile.connection.url;
        if template.is_empty() {
            let what = "It is empty; say where the feed is, such as \"wss://example.com/feed\".";
            return self.say("connection.url", what);
        }
        // Without a default, only whoever chooses the value can say what it begins with.
        let first = template.names().next().filter(|_| begins_with_name(template));
        let chosen =
            |name: &Name| matches!(name, Name::Variable(name) if self.sample(name).is_none());
        if first.is_some_and(|name| chosen(name) || !matches!(name, Name::Variable(_))) {
            return;
        }
        let url = self.tried_out(template);
        match url::Url::parse(&url) {
            Ok(url) if !matches!(url.scheme(), "ws" | "wss") => {
                let scheme = url.scheme();
                let secure = matches!(scheme, "https" | "wss");
                let instead = if secure { "wss" } else { "ws" };
                self.say(
                    "connection.url",
                    format!(
                        "A WebSocket feed’s URL begins with ws:// or wss://, and this one with \
                         {scheme}://; try {instead}://."
                    ),
                );
            }
            Ok(url) if url.host_str().is_none_or(str::is_empty) => {
                self.say("connection.url", "This URL names no host, such as wss://example.com/.");
            }
            Ok(_) => {}
            Err(error) => {
                self.say(
                    "connection.url",
                    format!("This is not a URL ({error}), such as wss://example.com/feed."),
                );
            }
        }
    }

    fn opening(&mut self) {
        for (index, step) in self.profile.opening.iter().enumerate() {
            let key = |name: &str| format!("opening[{index}].{name}");
            if step.send.is_none() && step.acknowledged.is_none() {
                let what = "This step neither sends anything nor waits for anything; give it \
                            `send` or `acknowledged`, or take it out.";
                self.say(format!("opening[{index}]"), what);
            }
            if step.send.as_ref().is_some_and(Template::is_empty) {
                self.say(key("send"), "There is nothing in it to send.");
            }
            if step.acknowledged.is_none() {
                let unused =
                    [("refused", step.refused.is_some()), ("deadline", step.deadline.is_some())];
                for (name, _) in unused.into_iter().filter(|(_, is_there)| *is_there) {
                    let what = "Nothing is waited for in this step; say in `acknowledged` what is.";
                    self.say(key(name), what);
                }
            }
            self.positive(key("deadline"), step.deadline);
        }
    }

    fn heartbeat(&mut self) {
        let heartbeat = &self.profile.heartbeat;
        self.positive("heartbeat.ping_after", Some(heartbeat.ping_after));
        self.positive("heartbeat.idle_max", Some(heartbeat.idle_max));
        self.positive("heartbeat.data_max", heartbeat.data_max);
        self.positive("heartbeat.data_give_up", heartbeat.data_give_up);
        if heartbeat.ping_after >= heartbeat.idle_max {
            let what = format!(
                "A connection is given up after {} of silence (`idle_max`), before it is asked for \
                 a sign of life; make this shorter than that.",
                humantime::format_duration(heartbeat.idle_max)
            );
            self.say("heartbeat.ping_after", what);
        }
        if let Some(ping) = &heartbeat.ping {
            self.positive("heartbeat.ping.every", Some(ping.every));
            self.positive("heartbeat.ping.answer_max", Some(ping.answer_max));
            if ping.send.is_empty() {
                self.say("heartbeat.ping.send", "There is nothing in it to send.");
            }
            let interval = ping.interval.as_ref();
            if interval.is_some_and(|interval| interval.unit == TimeUnit::Rfc3339) {
                let what = "An interval is a number; its unit is one of s, ms, us and ns.";
                self.say("heartbeat.ping.interval.unit", what);
            }
        }
        for (index, answer) in heartbeat.answers.iter().enumerate() {
            if answer.send.is_empty() {
                let key = format!("heartbeat.answers[{index}].send");
                self.say(key, "There is nothing in it to send.");
            }
        }
        self.unreachable("heartbeat.answers", heartbeat.answers.iter().map(|answer| &answer.when));
    }

    fn closing(&mut self) {
        let closing = &self.profile.closing;
        for (name, code) in [("code", closing.code), ("resume_code", closing.resume_code)] {
            if code != 1000 && code != 1001 && !(3000..=4999).contains(&code) {
                let what = format!(
                    "A client may not close with {code}; take 1000, 1001, or one from 3000 to 4999."
                );
                self.say(format!("closing.{name}"), what);
            }
        }
        for (index, rule) in closing.rules.iter().enumerate() {
            let key = |name: &str| format!("closing.rules[{index}].{name}");
            if rule.codes.is_empty() && rule.statuses.is_empty() && rule.message.is_none() {
                let what = "This rule never holds; give it `codes`, `statuses` or a `message`.";
                self.say(format!("closing.rules[{index}]"), what);
            }
            for code in &rule.codes {
                if code.first > code.last || code.first < 1000 || code.last > 4999 {
                    self.say(key("codes"), "Close codes are from 1000 to 4999.");
                }
            }
            for status in &rule.statuses {
                if status.first > status.last || status.first < 100 || status.last > 599 {
                    self.say(key("statuses"), "HTTP statuses are from 100 to 599.");
                }
            }
            match (rule.then, rule.after) {
                (Then::RetryAfter, None) => {
                    self.say(key("then"), "Say in `after` how long to wait, such as \"10s\".");
                }
                (Then::RetryAfter, after) => self.positive(key("after"), after),
                (_, Some(_)) => {
                    self.say(key("after"), "It counts with `then = \"retry-after\"` alone.");
                }
                (_, None) => {}
            }
        }
    }

    fn decode(&mut self) {
        let decode = &self.profile.decode;
        match (decode.format == Format::Protobuf, &decode.protobuf) {
            (true, None) => {
                let what = "Add [decode.protobuf] with `descriptor_set` and `message`: a Protobuf \
                            message does not say what its fields are.";
                self.say("decode.format", what);
            }
            (false, Some(_)) => {
                self.say("decode.protobuf", "It counts with `format = \"protobuf\"` alone.");
            }
            _ => {}
        }
        match (decode.format == Format::Raw, &decode.raw) {
            (true, None) => {
                let what = "Add [decode.raw] with `number` and `fields`: the numbers do not say \
                            what they are.";
                self.say("decode.format", what);
            }
            (false, Some(_)) => self.say("decode.raw", "It counts with `format = \"raw\"` alone."),
            _ => {}
        }
        if let Some(raw) = &decode.raw {
            if raw.fields.is_empty() {
                self.say("decode.raw.fields", "Name at least one field.");
            }
            let mut seen = BTreeSet::new();
            if let Some(twice) = raw.fields.iter().find(|field| !seen.insert(*field)) {
                let what = format!("“{twice}” is there twice; the two could not be told apart.");
                self.say("decode.raw.fields", what);
            }
            self.positive("decode.raw.interval", raw.interval);
            self.number("decode.raw.skip_bytes", raw.skip_bytes, 0);
        }
        if decode.framing == Framing::SocketIo && decode.format != Format::Json {
            self.say("decode.format", "Socket.IO’s messages are JSON; take this out.");
        }
        if let Some(chunks) = &decode.chunks {
            self.number("decode.chunks.unfinished_max", chunks.unfinished_max, 1);
            self.number("decode.chunks.bytes_max", chunks.bytes_max, 1);
            self.positive("decode.chunks.wait_max", Some(chunks.wait_max));
            if i64::try_from(chunks.first_index).is_err() {
                self.say("decode.chunks.first_index", "This is too large a number.");
            }
        }
        self.unreachable("decode.rules", decode.rules.iter().map(|rule| &rule.when));
    }

    /// Says which of some conditions can never count, since one before them always does.
    fn unreachable<'c>(&mut self, list: &str, conditions: impl Iterator<Item = &'c Condition>) {
        let conditions: Vec<&Condition> = conditions.collect();
        for (index, condition) in conditions.iter().enumerate() {
            let before =
                conditions.iter().take(index).position(|before| implies(condition, before));
            if let Some(before) = before {
                let what = format!(
                    "This can never count: whenever it holds, {list}[{before}] does, which stands \
                     before it. Take it out, or put it first."
                );
                self.say(format!("{list}[{index}].when"), what);
            }
        }
    }

    /// Something says which channel a message is of.
    fn has_channel(&self) -> bool {
        let decode = &self.profile.decode;
        !decode.channel.is_empty()
            || decode.names.is_some()
            || decode.framing == Framing::SocketIo
            || decode.rules.iter().any(|rule| rule.channel.is_some())
    }

    fn book(&mut self) {
        let decode = &self.profile.decode;
        let is_by_itself = decode.format == Format::Json
            && decode.framing == Framing::None
            && decode.chunks.is_none()
            && !decode.array;
        for (index, book) in self.profile.book.iter().enumerate() {
            let key = |name: &str| format!("book[{index}].{name}");
            if !is_by_itself {
                let what = "Order books are read from messages that are each JSON by themselves: not \
                            framed, in pieces, or several in one. Take this out.";
                self.say(format!("book[{index}]"), what);
            }
            for (name, path, other_name, other) in
                [("bids", &book.bids, "asks", &book.asks), ("asks", &book.asks, "bids", &book.bids)]
            {
                if path.is_some() && other.is_none() {
                    let what =
                        format!("A book has two sides; say in `{other_name}` where the other is.");
                    self.say(key(name), what);
                }
            }
            let has_lists = book.bids.is_some() || book.asks.is_some();
            if has_lists && book.changes.is_none() && book.side.is_some() {
                let what = "Bids and asks are told apart by their lists; take this out.";
                self.say(key("side"), what);
            }
            if !has_lists && book.changes.is_none() {
                if book.channels.is_empty() {
                    let what = "Each message is an entry; name the `channels` of those that are, or say \
                                in `bids` and `asks`, or in `changes`, where their lists are.";
                    self.say(format!("book[{index}]"), what);
                }
                if book.side.is_none() {
                    let what = "Each message is an entry; say in `side` where in it its side is.";
                    self.say(format!("book[{index}]"), what);
                }
            }
            if !book.channels.is_empty() && !self.has_channel() {
                let what = "Nothing says where a message’s channel is; add `channel` to [decode].";
                self.say(key("channels"), what);
            }
            let levels = book.levels.as_ref().map(|levels| self.tried_out(levels));
            if levels.is_some_and(|levels| !matches!(levels.parse::<usize>(), Ok(1..))) {
                self.say(key("levels"), "This is not a number of levels, such as \"25\".");
            }
        }
    }

    fn sequence(&mut self) {
        let decode = &self.profile.decode;
        let rule_has = |has: fn(&super::Rule) -> bool| decode.rules.iter().any(has);
        let has_channel = self.has_channel();
        let has_key = !decode.key.is_empty()
            || decode.names.as_ref().is_some_and(|names| !names.key.is_empty())
            || rule_has(|rule| rule.key.is_some());
        for (index, sequence) in self.profile.sequence.iter().enumerate() {
            let key = |name: &str| format!("sequence[{index}].{name}");
            let rule = match sequence.rule {
                SequenceRule::None => "none",
                SequenceRule::Increment => "increment",
                SequenceRule::Range => "range",
                SequenceRule::Previous => "previous",
                SequenceRule::Sparse => "sparse",
            };
            let paths = [
                ("number", &sequence.number, sequence.rule != SequenceRule::None, "\"seq\""),
                ("first", &sequence.first, sequence.rule == SequenceRule::Range, "\"U\""),
                (
                    "previous",
                    &sequence.previous,
                    sequence.rule == SequenceRule::Previous,
                    "\"prevSeqId\"",
                ),
            ];
            for (name, path, is_wanted, example) in paths {
                if is_wanted && path.is_none() {
                    let what = format!(
                        "The rule `{rule}` needs `{name}`: where in a message that is, such as \
                         {name} = {example}."
                    );
                    self.say(key("rule"), what);
                } else if !is_wanted && path.is_some() {
                    self.say(key(name), format!("It is of no use to the rule `{rule}`."));
                }
            }
            let by_key = sequence.scope == Scope::Key;
            if by_key && !has_key {
                let what = "Nothing says where a message’s key is; add `key` to [decode].";
                self.say(key("scope"), what);
            }
            let by_channel = sequence.scope == Scope::Channel || !sequence.channels.is_empty();
            if by_channel && !has_channel {
                let name = if sequence.channels.is_empty() { "scope" } else { "channels" };
                let what = "Nothing says where a message’s channel is; add `channel` to [decode].";
                self.say(key(name), what);
            }
            self.number(key("held_max"), sequence.held_max, 1);
            self.number(key("held_bytes_max"), sequence.held_bytes_max, 1);
            if sequence.wait_max > HOLD_MAX {
                self.say(key("wait_max"), "Messages are held back that long; 5m is the most.");
            }
            let Some(on_gap) = &sequence.on_gap else { continue };
            if matches!(sequence.rule, SequenceRule::None | SequenceRule::Sparse) {
                let what = format!("With the rule `{rule}` no gap is ever found; take this out.");
                self.say(key("on_gap"), what);
            }
            if on_gap.send.is_empty() || on_gap.send.iter().any(Template::is_empty) {
                self.say(key("on_gap.send"), "There is nothing in it to send.");
            }
            self.positive(key("on_gap.every"), Some(on_gap.every));
        }
    }

    fn resume(&mut self) {
        let Some(resume) = &self.profile.resume else { return };
        let mut sequences = self.profile.sequence.iter();
        let numbered =
            sequences.any(|one| one.scope == Scope::Connection && one.rule != SequenceRule::None);
        if resume.cursor.is_none() && !numbered {
            let what = "Nothing says where to go on: give it a `cursor`, or a sequence whose scope \
                        is the connection.";
            self.say("resume", what);
        }
        if resume.cursor.is_none() && resume.rewind > 0 {
            self.say("resume.rewind", "It is of no use without `cursor`.");
        }
        if i64::try_from(resume.rewind).is_err() {
            self.say("resume.rewind", "This is too large a number.");
        }
        let names = self.profile.keyed_templates();
        let mut names = names.iter().flat_map(|(_, _, template)| template.names());
        if !names.any(|name| is_variable(name, "cursor") || is_variable(name, "sequence")) {
            let what = "Nothing asks with it; put `${cursor}` or `${sequence}` in \
                        [connection.query] or in a message of the opening.";
            self.say("resume", what);
        }
    }

    fn limits(&mut self) {
        let Profile { backoff, outbox, limits, .. } = self.profile;
        self.number("limits.message_bytes_max", limits.message_bytes_max, 1);
        self.number("limits.fields_max", limits.fields_max, 1);
        self.positive("limits.step_max", Some(limits.step_max));
        self.positive("limits.answer_max", Some(limits.answer_max));
        self.positive("backoff.first", Some(backoff.first));
        self.positive("backoff.max", Some(backoff.max));
        if backoff.first > backoff.max {
            self.say("backoff.first", "It is longer than `max`, at which the waits stop growing.");
        }
        if backoff.uptime_min > DURATION_MAX {
            self.say("backoff.uptime_min", "This is too long; a year is the most.");
        }
        self.number("outbox.messages_max", outbox.messages_max, 1);
        self.number("outbox.bytes_max", outbox.bytes_max, 1);
        self.positive("outbox.wait_max", Some(outbox.wait_max));
        if let Some(acknowledgement) = &outbox.acknowledgement {
            let answer_max = Some(acknowledgement.answer_max);
            self.positive("outbox.acknowledgement.answer_max", answer_max);
        }
    }

    fn templates(&mut self) {
        for (key, usage, template) in self.profile.keyed_templates() {
            for name in template.names() {
                if let Some(what) = self.wrong_name(name, usage) {
                    self.say(&key, what);
                }
            }
        }
    }

    /// What is wrong with a name where it stands.
    fn wrong_name(&self, name: &Name, usage: Usage) -> Option<String> {
        let profile = self.profile;
        let of_gaps = "it is known of a gap alone, in `sequence.on_gap.send`";
        let why = match name {
            Name::Secret(_) => return None,
            Name::Message(_) if usage == Usage::Answer => return None,
            Name::Message(_) => "there is a message to answer in `heartbeat.answers` alone",
            Name::Variable(variable) => match variable.as_str() {
                "time_ms" | "id" => return None,
                "channel" | "key" | "first" | "last" if usage == Usage::OnGap => return None,
                "channel" | "key" | "first" | "last" => of_gaps,
                "cursor" if profile.resume.as_ref().is_some_and(|one| one.cursor.is_some()) => {
                    return None;
                }
                "cursor" => "nothing says where a message has it; add [resume] with `cursor`",
                "sequence" if profile.resume.is_some() => return None,
                "sequence" => "it is known with [resume] alone; add that",
                _ if profile.variables.contains_key(variable) => return None,
                _ => {
                    let known = profile.variables.keys().map(String::as_str).chain(KNOWN);
                    let near = known.map(|known| (strsim::jaro_winkler(variable, known), known));
                    let nearest = near.max_by(|a, b| a.0.total_cmp(&b.0));
                    return Some(match nearest {
                        Some((near, known)) if near > 0.85 => {
                            format!("{name} is not defined. Did you mean ${{{known}}}?")
                        }
                        _ => format!(
                            "{name} is not defined; add [variables.{variable}] with `about`."
                        ),
                    });
                }
            },
        };
        Some(format!("{name} has no value here: {why}."))
    }

    /// As a template may look when its names have values.
    fn tried_out(&self, template: &Template) -> String {
        let value = |name: &Name| match name {
            Name::Variable(name) => Some(Cow::from(self.sample(name).unwrap_or("1"))),
            Name::Secret(_) | Name::Message(_) => Some("1".into()),
        };
        template.expand(super::Escape::WholeUrl, value).unwrap_or_default()
    }

    /// A value that a variable can have, where the profile names one.
    fn sample(&self, name: &str) -> Option<&str> {
        let variable = self.profile.variables.get(name)?;
        variable.default.as_deref().or(variable.choices.first().map(String::as_str))
    }

    fn number(&mut self, key: impl Into<String>, number: usize, min: usize) {
        if number < min {
            self.say(key, format!("It must be {min} at the least."));
        } else if i64::try_from(number).is_err() {
            self.say(key, "This is too large a number.");
        }
    }

    fn positive(&mut self, key: impl Into<String>, duration: Option<Duration>) {
        match duration {
            Some(Duration::ZERO) => self.say(key, "It must be longer than nothing."),
            Some(long) if long > DURATION_MAX => {
                self.say(key, "This is too long; a year is the most.");
            }
            _ => {}
        }
    }
}

fn is_variable(name: &Name, variable: &str) -> bool {
    matches!(name, Name::Variable(name) if name == variable)
}

fn begins_with_name(template: &Template) -> bool {
    template.to_string().starts_with("${")
}

/// Whether it is a token by RFC 9110, as a subprotocol must be.
fn is_token(text: &str) -> bool {
    let is_fit = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
    !text.is_empty() && text.bytes().all(is_fit)
}

/// Whether `before` holds whenever `condition` does.
fn implies(condition: &Condition, before: &Condition) -> bool {
    match (condition, before) {
        (_, Condition::All(all)) => all.iter().all(|before| implies(condition, before)),
        (Condition::All(all), _) => all.iter().any(|condition| implies(condition, before)),
        (
            Condition::At { path, equals },
            Condition::At { path: path_before, equals: equals_before },
        ) => {
            let has = |value: &String| {
                // A `null` is there only for who asks for it.
                if equals_before.is_empty() {
                    value != "null"
                } else {
                    equals_before.contains(value)
                }
            };
            let all =
                if equals.is_empty() { equals_before.is_empty() } else { equals.iter().all(has) };
            path == path_before && all
        }
        (Condition::Text(text), Condition::Text(before)) => text == before,
        _ => false,
    }
}
