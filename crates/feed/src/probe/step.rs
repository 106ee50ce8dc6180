//! The steps of a probe on an open WebSocket.

use super::clock::Comparison;
use super::finding::{Reply, What};
use super::heard::Listener;
use super::{Log, millis, signs};
use crate::Said;
use crate::decode::{Decoded, Decoder, Part, Signal};
use crate::link::{Event, Socket};
use crate::profile::{Condition, Escape, Name, Only, Profile, Template, Values};
use crate::record::Time;
use crate::said;
use crate::secrets;
use crate::session::Failure;
use crate::session::close::{self, Verdict};
use crate::trouble::{Step, Trouble, shown};
use crate::world::World;
use std::time::Duration;
use tokio::time::{Instant, timeout_at};
use tokio_tungstenite::tungstenite::error::ProtocolError;
use tokio_tungstenite::tungstenite::{Bytes, Error as WsError, Message};

/// A connection that ends sooner than this was not wanted.
const AT_ONCE: Duration = Duration::from_secs(2);

/// Quiet for less than this is no reason for a proxy to end a connection.
const QUIET_MIN: Duration = Duration::from_secs(2);

/// Between two tellings of what came.
const TELL_EVERY: Duration = Duration::from_millis(250);

/// As many fields as are told.
const FIELDS_SHOWN: usize = 20;

/// As much of a message as is told.
const BEGINS_CHARS: usize = 120;

/// An open WebSocket on trial.
pub(super) struct Opened<'a> {
    profile: &'a Profile,
    values: &'a Values,
    world: &'a dyn World,
    /// `None` once it has ended.
    socket: Option<Socket>,
    decoder: Decoder,
    opened_at: Instant,
    heard_at: Instant,
    /// The longest that nothing came in.
    quiet_max: Duration,
    events: Vec<Event>,
    parts: Vec<Part>,
    /// The first data, until it is told; or the first message that has none.
    first: Option<What>,
    has_data: bool,
    unreadable_told: bool,
    comparison: Comparison,
    listener: Listener,
    /// What came that a step may wait for.
    acknowledged: Option<usize>,
    own_pong: bool,
}

impl<'a> Opened<'a> {
    pub fn new(
        profile: &'a Profile,
        values: &'a Values,
        world: &'a dyn World,
        socket: Socket,
    ) -> Result<Self, Failure> {
        let decoder = Decoder::new(profile).map_err(|error| {
            let trouble = Trouble {
                code: "profile",
                step: Step::Opening,
                what: error.what.into(),
                answer: None,
                advice: error.advice.into(),
            };
            Failure::new(trouble, Verdict::Stop)
        })?;
        let now = Instant::now();
        Ok(Opened {
            profile,
            values,
            world,
            socket: Some(socket),
            decoder,
            opened_at: now,
            heard_at: now,
            quiet_max: Duration::ZERO,
            events: Vec::new(),
            parts: Vec::new(),
            first: None,
            has_data: false,
            unreadable_told: false,
            comparison: Comparison::default(),
            listener: Listener::default(),
            acknowledged: None,
            own_pong: false,
        })
    }

    /// Sends what the profile opens with, and waits for its answers.
    pub async fn open(&mut self, log: &mut Log<'_>) -> Result<(), Failure> {
        for (index, step) in self.profile.opening.iter().enumerate() {
            if step.only == Only::Resumed {
                continue;
            }
            let began = Instant::now();
            if let Some(send) = &step.send {
                let text = self.expand(send)?;
                self.send(text);
            }
            let awaits = step.acknowledged.is_some();
            if awaits {
                let answer_max = step.deadline.unwrap_or(self.profile.limits.answer_max);
                let until = began + answer_max;
                self.until(until, log, |this| this.acknowledged == Some(index)).await?;
                if self.acknowledged != Some(index) {
                    return Err(unanswered(index, answer_max, &step.acknowledged));
                }
            }
            log.add(
                What::Opening {
                    step: index + 1,
                    sent: step.send.as_ref().map(ToString::to_string),
                    reply: if awaits { Reply::Acknowledged } else { Reply::NotAwaited },
                },
                Some(began.elapsed()),
            );
        }
        Ok(())
    }

    pub async fn first_message(
        &mut self,
        message_max: Duration,
        log: &mut Log<'_>,
    ) -> Result<(), Failure> {
        let began = Instant::now();
        self.until(began + message_max, log, |this| this.has_data || this.unreadable_told).await?;
        match self.first.take() {
            Some(message) => log.add(message, Some(began.elapsed())),
            None if self.unreadable_told => {}
            None => log.add(What::NoMessage { waited_ms: millis(began.elapsed()) }, None),
        }
        Ok(())
    }

    /// How long a ping takes there and back.
    pub async fn ping(
        &mut self,
        pong_max: Duration,
        log: &mut Log<'_>,
    ) -> Result<Option<Duration>, Failure> {
        let began = Instant::now();
        let before = self.pongs();
        if let Some(socket) = &mut self.socket {
            // Nothing was sent before it that could be in its way.
            let _ = socket.send_urgent(Message::Ping(Bytes::new()));
        }
        self.until(began + pong_max, log, |this| this.pongs() != before).await?;
        let took = began.elapsed();
        let round_trip = (self.pongs() != before).then_some(took);
        log.add(
            match round_trip {
                Some(took) => What::Pong { round_trip_ms: millis(took) },
                None => What::NoPong { waited_ms: millis(took) },
            },
            None,
        );
        if let Some(ping) = &self.profile.heartbeat.ping
            && ping.answered.is_some()
        {
            let text = self.expand(&ping.send)?;
            let began = Instant::now();
            self.own_pong = false;
            self.send(text);
            self.until(began + ping.answer_max, log, |this| this.own_pong).await?;
            if !self.own_pong {
                return Err(trouble(
                    "ping-unanswered",
                    said!(
                        "trouble_own_ping_unanswered",
                        "The profile's own ping was not answered within {seconds} s.",
                        seconds = ping.answer_max.as_secs_f64(),
                    ),
                    None,
                    said!(
                        "advice_own_ping_unanswered",
                        "Check heartbeat.ping: what is sent, and what it is answered with."
                    ),
                ));
            }
            log.add(What::OwnPong { round_trip_ms: millis(began.elapsed()) }, None);
        }
        Ok(round_trip)
    }

    pub async fn compare_clocks(
        &mut self,
        round_trip: Option<Duration>,
        during: Duration,
        log: &mut Log<'_>,
    ) -> Result<(), Failure> {
        let Some(round_trip) = round_trip else { return Ok(()) };
        if self.profile.decode.time.is_empty() || !self.has_data {
            return Ok(());
        }
        self.until(Instant::now() + during, log, |_| false).await?;
        if let Some(clock) = self.comparison.clock(round_trip) {
            log.add(What::Clock(clock), None);
        }
        Ok(())
    }

    /// Tells what came since the connection was opened, until the time is over.
    pub async fn listen(&mut self, during: Duration, log: &mut Log<'_>) -> Result<(), Failure> {
        let end = Instant::now() + during;
        loop {
            let next = (Instant::now() + TELL_EVERY).min(end);
            let listened = self.until(next, log, |_| false).await;
            log.add(What::Heard(self.listener.heard(self.opened_at.elapsed())), None);
            listened?;
            if Instant::now() >= end {
                return Ok(());
            }
        }
    }

    /// Stays, and says nothing but what is asked for, until the connection is ended.
    pub async fn watch(&mut self, max: Duration, log: &mut Log<'_>) -> Result<(), Failure> {
        let began = Instant::now();
        self.quiet_max = Duration::ZERO;
        self.until(began + max, log, |_| false).await?;
        let quiet = self.quiet_max.max(self.heard_at.elapsed());
        let watched_ms = millis(began.elapsed());
        log.add(What::Watched { watched_ms, quiet_ms: millis(quiet) }, None);
        Ok(())
    }

    pub fn leave(&mut self) {
        if let Some(socket) = self.socket.take() {
            socket.close(self.profile.closing.code);
        }
    }

    fn pongs(&self) -> u64 {
        self.socket.as_ref().map_or(0, Socket::pongs)
    }

    fn send(&mut self, text: String) {
        if let Some(socket) = &mut self.socket {
            socket.send(Message::text(text));
        }
    }

    fn expand(&self, template: &Template) -> Result<String, Failure> {
        let value = |name: &Name| self.profile.value(self.values, self.world, name);
        template.fill(Escape::Json, value).map_err(|unknown| {
            if let (Name::Secret(secret), Some(why)) = (&unknown.name, &unknown.why) {
                return secrets::unanswered(Step::Session, secret, why.clone());
            }
            trouble(
                "value-missing",
                said!(
                    "trouble_value_missing",
                    "Nothing says what {name} stands for.",
                    name = unknown.name.to_string(),
                ),
                None,
                said!(
                    "advice_value_choose",
                    "Choose a value for it, or give it a default in the profile."
                ),
            )
        })
    }

    /// Takes what comes, until `done` or the time has come.
    async fn until(
        &mut self,
        until: Instant,
        log: &mut Log<'_>,
        done: impl Fn(&Self) -> bool,
    ) -> Result<(), Failure> {
        while !done(self) {
            let Some(socket) = &mut self.socket else { return Ok(()) };
            let Ok(heard) = timeout_at(until, socket.read(&mut self.events)).await else {
                return Ok(());
            };
            let arrival = self.world.now();
            let quiet = self.heard_at.elapsed();
            if heard {
                self.quiet_max = self.quiet_max.max(quiet);
                self.heard_at = Instant::now();
            }
            let mut events = std::mem::take(&mut self.events);
            for event in events.drain(..) {
                self.take(event, arrival, quiet, log)?;
            }
            self.events = events;
        }
        Ok(())
    }

    fn take(
        &mut self,
        event: Event,
        arrival: Time,
        quiet: Duration,
        log: &mut Log<'_>,
    ) -> Result<(), Failure> {
        match event {
            Event::Message(message) => self.message(message, arrival, log),
            Event::Closed(code, reason) => Err(self.closed(code, &reason)),
            Event::Failed(error) => Err(self.failed(&error, quiet)),
        }
    }

    fn message(
        &mut self,
        message: Message,
        arrival: Time,
        log: &mut Log<'_>,
    ) -> Result<(), Failure> {
        let is_text = message.is_text();
        let bytes = message.into_data();
        let mut parts = std::mem::take(&mut self.parts);
        self.decoder.decode(&bytes, is_text, arrival, &mut parts);
        for part in parts.drain(..) {
            match part {
                Part::Message(decoded) => self.decoded(&bytes, is_text, decoded)?,
                Part::Undecodable(_) if self.unreadable_told => self.listener.unreadable(),
                // Once: the others will be like it.
                Part::Undecodable(why) => {
                    self.listener.unreadable();
                    self.unreadable_told = true;
                    let why = why.to_string();
                    let begins = begins(&bytes, is_text);
                    log.add(What::Unreadable { bytes: bytes.len(), why, begins }, None);
                    if let Some(sign) = signs::of(&bytes, is_text, &self.profile.decode) {
                        log.add(What::Sign { text: sign.to_owned() }, None);
                    }
                }
                _ => {}
            }
        }
        self.parts = parts;
        self.decoder.forget_new_fields();
        Ok(())
    }

    fn decoded(&mut self, bytes: &[u8], is_text: bool, decoded: Decoded) -> Result<(), Failure> {
        for signal in decoded.signals {
            match signal {
                Signal::Acknowledges(step) => self.acknowledged = Some(step),
                Signal::Refuses(_) => {
                    return Err(Failure::new(
                        Trouble {
                            code: "opening-refused",
                            step: Step::Opening,
                            what: said!(
                                "trouble_opening_refused",
                                "The server refused the subscription."
                            ),
                            answer: Some(shown(bytes)),
                            advice: said!(
                                "advice_opening_refused",
                                "Check the channels, the account's rights and the token."
                            ),
                        },
                        Verdict::Stop,
                    ));
                }
                Signal::AnswersPing => self.own_pong = true,
                Signal::Wants(answer) => {
                    let answer = self.expand(&answer)?;
                    if let Some(socket) = &mut self.socket {
                        // A server that takes no answers ends the connection by itself.
                        let _ = socket.send_urgent(Message::text(answer));
                    }
                }
                Signal::Ends(rule) => {
                    let because = self.profile.closing.rules.get(rule);
                    let because = because.and_then(|rule| rule.because.clone());
                    return Err(trouble(
                        "ended",
                        because.map_or_else(
                            || said!("trouble_told_end", "The server says that this is the end."),
                            Said::from,
                        ),
                        Some(shown(bytes)),
                        said!("advice_told_end", "See the profile's closing rules."),
                    ));
                }
                _ => {}
            }
        }
        let record = decoded.record;
        let is_data = decoded.kind.has_data();
        if is_data && let Some(source) = record.source_time {
            self.comparison.add(source, record.arrival_time);
        }
        let is_news = if is_data { !self.has_data } else { self.first.is_none() };
        self.has_data |= is_data;
        self.listener.note(bytes, is_text, is_data, &record, &self.decoder);
        if is_news {
            let names = self.decoder.names();
            let fields = self.decoder.new_fields().iter();
            self.first = Some(What::Message {
                text: is_text,
                bytes: bytes.len(),
                channel: names.channel(record.channel).unwrap_or_default().to_owned(),
                key: record.key.and_then(|key| names.key(key)).map(str::to_owned),
                fields: fields.take(FIELDS_SHOWN).map(|field| field.path.clone()).collect(),
                source_time: record.source_time,
                is_data,
                begins: begins(bytes, is_text),
            });
        }
        Ok(())
    }

    /// The server said goodbye.
    fn closed(&mut self, code: u16, reason: &str) -> Failure {
        let after = self.opened_at.elapsed();
        let name = if after < AT_ONCE { "closed-at-once" } else { "closed" };
        let advice = match code {
            1008 => said!(
                "advice_closed_policy",
                "It may want a token, or an Origin that it knows: see what it asks for."
            ),
            1003 | 1007 => said!(
                "advice_closed_unclear",
                "It does not understand what is sent: check the messages of the opening."
            ),
            1012..=1014 => {
                said!("advice_closed_restarting", "It may be restarting: try again later.")
            }
            _ if self.profile.opening.is_empty() && !self.has_data => said!(
                "advice_closed_unasked",
                "It may want to be asked for something first: a token, or a message that \
                 subscribes (opening)."
            ),
            _ => said!(
                "advice_closed_check",
                "Check the token, the path and the messages of the opening."
            ),
        };
        let what = close::said(code, reason);
        self.socket = None;
        Failure { verdict: close::after_close(code), ..trouble(name, what, None, advice) }
    }

    /// The connection ended without a goodbye.
    fn failed(&mut self, error: &WsError, quiet: Duration) -> Failure {
        self.socket = None;
        let is_cut = matches!(
            error,
            WsError::Io(_)
                | WsError::ConnectionClosed
                | WsError::Protocol(ProtocolError::ResetWithoutClosingHandshake)
        );
        let answer = Some(error.to_string());
        let failure = if !is_cut {
            trouble(
                "protocol",
                said!("trouble_protocol", "Something came that is not WebSocket traffic."),
                answer,
                said!("advice_in_between", "The server, or a proxy in between, is at fault."),
            )
        } else if quiet >= QUIET_MIN {
            let seconds = quiet.as_secs_f64().round();
            let half = (seconds / 2.0).floor().max(1.0);
            trouble(
                "idle-timeout",
                said!(
                    "trouble_cut_quiet",
                    "The connection was cut without a goodbye when nothing had come for {seconds} \
                     s.",
                    seconds,
                ),
                answer,
                said!(
                    "advice_cut_quiet",
                    "A proxy in between probably ends connections that are quiet for {seconds} s \
                     (in nginx: proxy_read_timeout). Ping more often: heartbeat.ping_after = \
                     \"{half}s\".",
                    seconds,
                    half,
                ),
            )
        } else {
            trouble(
                "cut",
                said!("trouble_cut", "The connection was cut without a goodbye."),
                answer,
                said!(
                    "advice_cut",
                    "The server may have crashed, or not like what was sent; try again."
                ),
            )
        };
        Failure { verdict: Verdict::Retry, ..failure }
    }
}

fn unanswered(index: usize, answer_max: Duration, awaited: &Option<Condition>) -> Failure {
    let awaited = awaited.as_ref().and_then(|condition| serde_json::to_string(condition).ok());
    Failure::new(
        Trouble {
            code: "opening-unanswered",
            step: Step::Opening,
            what: said!(
                "trouble_step_unanswered",
                "The server did not answer step {step} of the opening within {seconds} s.",
                step = index + 1,
                seconds = answer_max.as_secs_f64(),
            ),
            answer: awaited.map(|awaited| format!("Awaited: {awaited}")),
            advice: said!(
                "advice_opening_unanswered",
                "Check the messages of the opening, and which answer they wait for."
            ),
        },
        Verdict::Retry,
    )
}

fn trouble(code: &'static str, what: Said, answer: Option<String>, advice: Said) -> Failure {
    let trouble = Trouble { code, step: Step::Session, what, answer, advice };
    Failure::new(trouble, Verdict::Stop)
}

/// How a message begins, to be shown.
fn begins(message: &[u8], is_text: bool) -> String {
    let text = std::str::from_utf8(message).ok();
    match text {
        Some(text) if is_text || text.chars().all(|c| !c.is_control()) => {
            let shown: String = text.chars().take(BEGINS_CHARS).collect();
            if shown.len() < text.len() { format!("{shown}…") } else { shown }
        }
        _ => {
            let bytes: Vec<_> = message.iter().take(16).map(|byte| format!("{byte:02x}")).collect();
            format!("{} (in hexadecimal)", bytes.join(" "))
        }
    }
}
