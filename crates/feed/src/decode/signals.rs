//! What a message means to the session: the conditions of its profile, as tests that are taken in
//! the same pass as the data.

use super::number::Number;
use super::roles::{Caught, RoleId, Roles, Test, Value};
use super::time;
use super::{Kind, Signal};
use crate::profile::{Name, Path, Profile, Step, Template, TimeUnit};
use serde_json::value::RawValue;
use std::borrow::Cow;
use std::collections::HashMap;

#[derive(Debug)]
pub(super) struct Signals {
    refused: Vec<(usize, Test)>,
    acknowledged: Vec<(usize, Test)>,
    ends: Vec<(usize, Test)>,
    answered: Option<Test>,
    interval: Option<(RoleId, TimeUnit)>,
    answers: Vec<Answer>,
    /// Where the id is that something sent has, too, and what makes its answer a no.
    sent: Option<(RoleId, Option<Test>)>,
}

#[derive(Debug)]
struct Answer {
    when: Test,
    send: Template,
    /// What it takes of the message.
    takes: Vec<(Path, RoleId)>,
}

impl Signals {
    pub fn new(profile: &Profile, roles: &mut Roles) -> Self {
        let steps = || profile.opening.iter().enumerate();
        let refused =
            steps().filter_map(|(at, step)| Some((at, roles.test(step.refused.as_ref()?))));
        let refused = refused.collect();
        let acknowledged =
            steps().filter_map(|(at, step)| Some((at, roles.test(step.acknowledged.as_ref()?))));
        let acknowledged = acknowledged.collect();
        let rules = profile.closing.rules.iter().enumerate();
        let ends = rules.filter_map(|(at, rule)| Some((at, roles.test(rule.message.as_ref()?))));
        let ends = ends.collect();
        let ping = profile.heartbeat.ping.as_ref();
        let answered = ping.and_then(|ping| ping.answered.as_ref()).map(|when| roles.test(when));
        let interval = ping.and_then(|ping| ping.interval.as_ref());
        let interval = interval.map(|interval| (roles.add(&interval.path), interval.unit));
        let answers = profile.heartbeat.answers.iter().map(|answer| Answer {
            when: roles.test(&answer.when),
            send: answer.send.clone(),
            takes: paths(&answer.send).map(|path| (path.clone(), roles.add(path))).collect(),
        });
        let answers = answers.collect();
        let sent = profile.outbox.acknowledgement.as_ref().map(|sent| {
            (roles.add(&sent.answer), sent.refused.as_ref().map(|when| roles.test(when)))
        });
        Signals { refused, acknowledged, ends, answered, interval, answers, sent }
    }

    /// The roles whose values decide what a message means.
    pub fn roles(&self) -> Vec<RoleId> {
        let mut roles = Vec::new();
        let steps = [&self.refused, &self.acknowledged, &self.ends].into_iter().flatten();
        let tests = steps.map(|(_, test)| test).chain(&self.answered);
        let tests = tests.chain(self.answers.iter().map(|answer| &answer.when));
        let tests = tests.chain(self.sent.iter().filter_map(|(_, refused)| refused.as_ref()));
        tests.for_each(|test| Roles::of_test(test, &mut roles));
        roles.extend(self.interval.map(|(role, _)| role));
        roles.extend(self.sent.iter().map(|(role, _)| *role));
        roles
    }

    /// What the message means, which is `text` to who asks for a whole text. `json` is what of it
    /// is JSON.
    pub fn of(&self, caught: &Caught, text: &[u8], json: Option<&[u8]>) -> Vec<Signal> {
        let mut signals = Vec::new();
        for (step, test) in &self.refused {
            if caught.meets(test, text) {
                signals.push(Signal::Refuses(*step));
            }
        }
        for (step, test) in &self.acknowledged {
            if caught.meets(test, text) {
                signals.push(Signal::Acknowledges(*step));
            }
        }
        for (rule, test) in &self.ends {
            if caught.meets(test, text) {
                signals.push(Signal::Ends(*rule));
            }
        }
        if self.answered.as_ref().is_some_and(|test| caught.meets(test, text)) {
            signals.push(Signal::AnswersPing);
        }
        if let Some((role, unit)) = self.interval
            && let Some(interval) = time::length_at(caught, role, unit)
        {
            signals.push(Signal::PingInterval(interval));
        }
        for answer in &self.answers {
            if caught.meets(&answer.when, text)
                && let Some(send) = answer.send.answering(|path| answer.value(path, caught, json))
            {
                signals.push(Signal::Wants(send));
            }
        }
        if let Some((role, refused)) = &self.sent
            && let Some(id) = caught.key(*role)
        {
            let refused = refused.as_ref().is_some_and(|test| caught.meets(test, text));
            signals.push(Signal::Answers { id: id.into_owned(), refused });
        }
        signals
    }

    /// What a message is that means this, where no rule says it.
    pub fn kind(signals: &[Signal]) -> Option<Kind> {
        let kinds = signals.iter().filter_map(|signal| match signal {
            Signal::Refuses(_) | Signal::Ends(_) | Signal::Answers { refused: true, .. } => {
                Some(Kind::Error)
            }
            Signal::AnswersPing | Signal::Wants(_) => Some(Kind::Heartbeat),
            Signal::Acknowledges(_) | Signal::Answers { refused: false, .. } => {
                Some(Kind::Acknowledgement)
            }
            Signal::PingInterval(_) => None,
        });
        // What is wrong counts most: it must not pass for a sign of life.
        kinds.min_by_key(|kind| match kind {
            Kind::Error => 0,
            Kind::Heartbeat => 1,
            _ => 2,
        })
    }
}

impl Answer {
    /// What the message has at `path`: numbers as it writes them, and texts by their content.
    fn value<'m>(
        &self,
        path: &Path,
        caught: &'m Caught,
        json: Option<&'m [u8]>,
    ) -> Option<Cow<'m, str>> {
        let (_, role) = self.takes.iter().find(|(taken, _)| taken == path)?;
        match caught.value(*role)? {
            Value::Text(_) => caught.text_of(*role).map(Cow::Borrowed),
            Value::Null => Some("null".into()),
            Value::Bool(value) => Some(value.to_string().into()),
            Value::Number(Number::Natural(number)) => Some(number.to_string().into()),
            Value::Number(Number::Negative(number)) => Some(number.to_string().into()),
            Value::Number(Number::Float(number)) => match json {
                Some(json) => written(std::str::from_utf8(json).ok()?, path).map(Cow::Borrowed),
                None => Some(number.to_string().into()),
            },
            Value::Time(_) | Value::Container => None,
        }
    }
}

fn paths(template: &Template) -> impl Iterator<Item = &Path> {
    template.names().filter_map(|name| match name {
        Name::Message(path) => Some(path),
        Name::Variable(_) | Name::Secret(_) => None,
    })
}

/// What stands in the JSON at `path`, as it is written. A way apart from the pass over the data,
/// which is rid of the spelling: pings are few.
fn written<'m>(json: &'m str, path: &Path) -> Option<&'m str> {
    let mut part = json.trim();
    for step in path.steps() {
        part = match step {
            Step::Key(key) => {
                let entries: HashMap<String, &RawValue> = serde_json::from_str(part).ok()?;
                entries.get(&**key)?.get()
            }
            Step::Item(index) => items(part)?.get(*index)?.get(),
            Step::ItemFromEnd(back) => {
                let items = items(part)?;
                items.get(items.len().checked_sub(*back)?)?.get()
            }
        };
    }
    Some(part)
}

fn items(json: &str) -> Option<Vec<&RawValue>> {
    serde_json::from_str(json).ok()
}
