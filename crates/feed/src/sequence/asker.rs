//! When to ask for what is missing. It has no clock: whoever drives it says what time it is, and
//! calls [`Asker::next`] at the moment named by [`Asker::timeout`].

use super::ScopeId;
use crate::profile::{GapAction, Sequence};
use crate::record::{ChannelId, KeyId};
use rustc_hash::FxHashMap;
use std::collections::BTreeSet;
use std::time::{Duration, Instant};

/// How often a snapshot is asked for that does not come, until something is missing again: a server
/// that does not answer by then does not understand, or does not want to.
const TRIES_MAX: u32 = 5;

/// For more scopes than this, nothing is asked at the same time: their gaps are told, as all are.
/// More is the work of an outage, after which the opening brings what is needed.
pub const SCOPES_ASKED_MAX: usize = 10_000;

/// What did not come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Question {
    pub scope: ScopeId,
    /// Which of the profile's sequences it is, and so what is to be sent: its `on_gap`.
    pub sequence: usize,
    pub channel: Option<ChannelId>,
    pub key: Option<KeyId>,
    pub first: u64,
    pub last: u64,
}

/// Decides when to ask for what is missing.
///
/// It is asked for at once, but not more often than `every` for the same scope: what is missing
/// meanwhile is asked for together, afterwards. A snapshot that does not come is asked for again.
#[derive(Debug)]
pub struct Asker {
    /// By number of the profile's sequence, where there is something to ask.
    rules: Vec<Option<(GapAction, Duration)>>,
    asked: FxHashMap<ScopeId, Asked>,
    /// When which scope's question is due; one a scope at the most.
    due: BTreeSet<(Instant, ScopeId)>,
}

#[derive(Debug)]
struct Asked {
    /// When it may be asked again.
    again: Instant,
    tries: u32,
    /// What is still to be asked, and when.
    open: Option<(Instant, Question)>,
}

impl Asker {
    pub fn new(sequences: &[Sequence]) -> Self {
        let rules = sequences.iter().map(|sequence| {
            let on_gap = sequence.on_gap.as_ref()?;
            Some((on_gap.action, on_gap.every))
        });
        Asker { rules: rules.collect(), asked: FxHashMap::default(), due: BTreeSet::new() }
    }

    /// This is missing. It may be due at once: see [`Asker::next`].
    pub fn missing(&mut self, now: Instant, question: Question) {
        if self.rule(question.sequence).is_none() {
            return;
        }
        let scope = question.scope;
        if self.asked.len() >= SCOPES_ASKED_MAX && !self.asked.contains_key(&scope) {
            // Those that may be asked again and have nothing open are as good as new.
            self.asked.retain(|_, asked| asked.open.is_some() || asked.again > now);
            if self.asked.len() >= SCOPES_ASKED_MAX {
                return;
            }
        }
        let asked = self.asked.entry(scope).or_insert(Asked { again: now, tries: 0, open: None });
        asked.tries = 0;
        match &mut asked.open {
            Some((_, open)) => {
                open.first = open.first.min(question.first);
                open.last = open.last.max(question.last);
            }
            None => {
                let due = asked.again.max(now);
                asked.open = Some((due, question));
                self.due.insert((due, scope));
            }
        }
    }

    /// A snapshot came: nothing is missing in this scope any more that one was asked for.
    pub fn mended(&mut self, scope: ScopeId) {
        if let Some(asked) = self.asked.get_mut(&scope)
            && let Some((due, _)) = asked.open.take()
        {
            self.due.remove(&(due, scope));
        }
    }

    /// Forgets all: the opening of the next session brings what is needed.
    pub fn session_ended(&mut self) {
        self.asked.clear();
        self.due.clear();
    }

    /// When [`Asker::next`] has something to ask.
    pub fn timeout(&self) -> Option<Instant> {
        self.due.first().map(|(due, _)| *due)
    }

    /// What is to be asked for now; to be called until there is nothing.
    pub fn next(&mut self, now: Instant) -> Option<Question> {
        let (_, scope) = self.due.first().copied().filter(|(due, _)| *due <= now)?;
        self.due.pop_first();
        let (_, question) = self.asked.get_mut(&scope)?.open.take()?;
        let (action, every) = self.rule(question.sequence)?;
        let asked = self.asked.get_mut(&scope)?;
        asked.tries += 1;
        // A moment that cannot be named is too far off to be waited for.
        if let Some(again) = now.checked_add(every) {
            asked.again = again;
            if action == GapAction::Resync && asked.tries < TRIES_MAX {
                asked.open = Some((again, question));
                self.due.insert((again, scope));
            }
        }
        Some(question)
    }

    fn rule(&self, sequence: usize) -> Option<(GapAction, Duration)> {
        self.rules.get(sequence).copied().flatten()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::profile::{OnGap, Path, Scope, SequenceRule};
    use proptest::prelude::*;
    use std::collections::HashMap;

    const EVERY: Duration = Duration::from_secs(5);

    fn asker(action: GapAction) -> Asker {
        let on_gap = OnGap { action, send: Vec::new(), every: EVERY };
        let number = Path::key("n");
        Asker::new(&[Sequence {
            on_gap: Some(on_gap),
            ..Sequence::new(SequenceRule::Increment, Scope::Key, number)
        }])
    }

    fn question(scope: u32, first: u64, last: u64) -> Question {
        let scope = ScopeId(scope);
        Question { scope, sequence: 0, channel: None, key: None, first, last }
    }

    fn all(asker: &mut Asker, now: Instant) -> Vec<Question> {
        std::iter::from_fn(|| asker.next(now)).collect()
    }

    #[test]
    fn what_is_missing_is_asked_for_at_once_and_then_together() {
        let (mut asker, start) = (asker(GapAction::Replay), Instant::now());
        asker.missing(start, question(0, 3, 4));
        assert_eq!(all(&mut asker, start), [question(0, 3, 4)]);
        asker.missing(start, question(0, 7, 7));
        asker.missing(start, question(0, 9, 12));
        asker.missing(start, question(1, 1, 1));
        assert_eq!(all(&mut asker, start), [question(1, 1, 1)], "each scope has its own time");
        assert_eq!(asker.timeout(), Some(start + EVERY));
        assert_eq!(all(&mut asker, start + EVERY), [question(0, 7, 12)]);
        assert_eq!(asker.timeout(), None, "what is asked for is not asked for again");
    }

    #[test]
    fn a_snapshot_is_asked_for_until_it_comes_but_not_for_ever() {
        let (mut asker, start) = (asker(GapAction::Resync), Instant::now());
        asker.missing(start, question(0, 3, 4));
        let mut asked = 0;
        while let Some(due) = asker.timeout() {
            asked += all(&mut asker, due).len();
        }
        assert_eq!(asked, 5);

        let later = start + 100 * EVERY;
        asker.missing(later, question(0, 8, 8));
        assert_eq!(all(&mut asker, later).len(), 1, "one more that is missing starts it again");
        asker.mended(ScopeId(0));
        assert_eq!(asker.timeout(), None);
        asker.missing(later, question(0, 10, 10));
        assert_eq!(asker.timeout(), Some(later + EVERY), "the snapshot does not shorten the wait");
        asker.session_ended();
        assert_eq!(asker.timeout(), None);
    }

    #[test]
    fn only_so_many_scopes_are_asked_for_at_a_time() {
        let (mut asker, start) = (asker(GapAction::Replay), Instant::now());
        let scopes = SCOPES_ASKED_MAX as u32 + 10;
        (0..scopes).for_each(|scope| asker.missing(start, question(scope, 1, 1)));
        assert_eq!(all(&mut asker, start).len(), SCOPES_ASKED_MAX);
        asker.missing(start, question(scopes, 1, 1));
        assert_eq!(all(&mut asker, start), []);
        let later = start + EVERY;
        asker.missing(later, question(scopes, 1, 1));
        assert_eq!(all(&mut asker, later).len(), 1, "those that were answered make room");
    }

    proptest! {
        #[test]
        fn it_never_asks_more_often_than_it_may(
            resync: bool,
            events in prop::collection::vec((0u64..4_000, 0u32..3, 0u8..8), 0..200),
        ) {
            let action = if resync { GapAction::Resync } else { GapAction::Replay };
            let (mut asker, mut now) = (asker(action), Instant::now());
            let mut last: HashMap<ScopeId, Instant> = HashMap::new();
            for (number, (millis, scope, event)) in events.into_iter().enumerate() {
                now += Duration::from_millis(millis);
                match event {
                    0..=5 => asker.missing(now, question(scope, number as u64, number as u64)),
                    _ => asker.mended(ScopeId(scope)),
                }
                let mut left = 10;
                while let Some(asked) = asker.next(now) {
                    if let Some(before) = last.insert(asked.scope, now) {
                        prop_assert!(now - before >= EVERY);
                    }
                    prop_assert!(asked.first <= asked.last);
                    left -= 1;
                    prop_assert!(left > 0);
                }
                prop_assert!(asker.timeout().is_none_or(|due| due > now));
            }
        }
    }
}
