//! How much is held of all messages of one of the profile's sequences, in the order in which they
//! came.

use super::run::{Context, Run, Span};
use super::{ScopeId, Step};
use crate::profile::{GapAction, Scope, Sequence, SequenceRule};
use std::collections::VecDeque;
use std::time::{Duration, Instant};

/// One of the profile's sequences, and what is held of it in all its scopes together.
#[derive(Debug)]
pub(super) struct Window {
    /// Which of the profile's it is.
    pub sequence: usize,
    pub rule: SequenceRule,
    pub scope: Scope,
    /// The one scope, where that is the connection, once something came in it.
    pub whole: Option<ScopeId>,
    pub continues: bool,
    /// A snapshot is asked for where something is missing; until it comes, the gap lasts.
    pub resync: bool,
    pub held_max: usize,
    held_bytes_max: usize,
    wait_max: Duration,
    held: usize,
    held_bytes: usize,
    /// Oldest first. Those that are no longer held stay until they are in front or too many; the
    /// front is held.
    waiting: VecDeque<Waiting>,
}

#[derive(Clone, Copy, Debug)]
struct Waiting {
    since: Instant,
    scope: ScopeId,
    span: Span,
}

impl Window {
    pub fn new(index: usize, sequence: &Sequence) -> Self {
        let on_gap = sequence.on_gap.as_ref();
        Window {
            sequence: index,
            rule: sequence.rule,
            scope: sequence.scope,
            whole: None,
            continues: sequence.continues,
            resync: on_gap.is_some_and(|on_gap| on_gap.action == GapAction::Resync),
            held_max: sequence.held_max,
            held_bytes_max: sequence.held_bytes_max,
            wait_max: sequence.wait_max,
            held: 0,
            held_bytes: 0,
            waiting: VecDeque::new(),
        }
    }

    pub fn held(&self) -> usize {
        self.held
    }

    /// Whether nothing is held, and nothing is left to tidy.
    #[inline]
    pub fn holds_none(&self) -> bool {
        self.waiting.is_empty()
    }

    pub fn held_bytes(&self) -> usize {
        self.held_bytes
    }

    /// When the message that has waited longest has waited long enough.
    pub fn timeout(&self) -> Option<Instant> {
        self.waiting.front()?.since.checked_add(self.wait_max)
    }

    pub fn hold(&mut self, since: Instant, scope: ScopeId, span: Span, bytes: usize) {
        self.held += 1;
        self.held_bytes = self.held_bytes.saturating_add(bytes);
        self.waiting.push_back(Waiting { since, scope, span });
    }

    pub fn release(&mut self, bytes: usize) {
        self.held -= 1;
        self.held_bytes = self.held_bytes.saturating_sub(bytes);
    }

    pub fn is_too_full(&self) -> bool {
        self.held > self.held_max || self.held_bytes > self.held_bytes_max
    }

    /// Releases the message that has waited longest, with those before it in its scope. Returns
    /// whether there was one.
    pub fn release_oldest<T>(
        &mut self,
        runs: &mut [Run<T>],
        missing: &mut u64,
        out: &mut Vec<Step<T>>,
    ) -> bool {
        let Some(oldest) = self.waiting.front().copied() else { return false };
        if let Some(run) = runs.get_mut(oldest.scope.0 as usize) {
            run.release_to(oldest.span, &mut Context { window: self, missing, out });
        }
        self.tidy(runs);
        true
    }

    /// Releases all.
    pub fn release_all<T>(
        &mut self,
        runs: &mut [Run<T>],
        missing: &mut u64,
        out: &mut Vec<Step<T>>,
    ) {
        while let Some(oldest) = self.waiting.front().copied() {
            if let Some(run) = runs.get_mut(oldest.scope.0 as usize) {
                run.release_all(&mut Context { window: self, missing, out });
            }
            self.tidy(runs);
        }
    }

    /// Forgets waiting ones that are no longer held: all in front, and all when they are the most.
    pub fn tidy<T>(&mut self, runs: &[Run<T>]) {
        let is_held = |waiting: &Waiting| {
            runs.get(waiting.scope.0 as usize)
                .is_some_and(|run| run.holds(waiting.span, waiting.since))
        };
        while self.waiting.front().is_some_and(|front| !is_held(front)) {
            self.waiting.pop_front();
        }
        // The constant keeps short queues from being gone through at every message.
        if self.waiting.len() > 2 * self.held + 64 {
            self.waiting.retain(is_held);
        }
    }

    #[cfg(test)]
    pub fn waiting(&self) -> usize {
        self.waiting.len()
    }
}
