//! How far the opening of a session has come.

use super::later;
use crate::profile::{Only, Opening};
use std::time::{Duration, Instant};

/// See the [module](self).
#[derive(Debug)]
pub(super) struct Progress {
    steps: Vec<Opening>,
    /// For those that do not say how long they may take.
    answer_max: Duration,
    resumed: bool,
    /// The first step that was not begun.
    next: usize,
    /// The step whose answer is awaited, and until when.
    awaited: Option<(usize, Instant)>,
    /// By step that sends nothing: what it waits for came before its turn.
    early: Vec<bool>,
    /// Steps that wait for no answer, and until when a refusal is one.
    refusable: Vec<(usize, Instant)>,
}

impl Progress {
    pub fn new(steps: Vec<Opening>, answer_max: Duration) -> Self {
        let early = vec![false; steps.len()];
        let (next, refusable) = (steps.len(), Vec::new());
        Progress { steps, answer_max, resumed: false, next, awaited: None, early, refusable }
    }

    /// Starts over, for a session that goes on where one before it ended, or that does not.
    pub fn start(&mut self, resumed: bool) {
        self.resumed = resumed;
        self.next = 0;
        self.awaited = None;
        self.early.fill(false);
        self.refusable.clear();
    }

    /// Nothing is awaited any more.
    pub fn end(&mut self) {
        self.next = self.steps.len();
        self.awaited = None;
        self.refusable.clear();
    }

    /// Begins the steps that can be begun, and sends what they say. Returns whether the opening
    /// is over.
    pub fn go_on(&mut self, now: Instant, mut send: impl FnMut(usize)) -> bool {
        while self.awaited.is_none() {
            let (index, resumed) = (self.next, self.resumed);
            let Some(step) = self.steps.get(index) else { return true };
            self.next += 1;
            let applies = match step.only {
                Only::Always => true,
                Only::Fresh => !resumed,
                Only::Resumed => resumed,
            };
            if !applies {
                continue;
            }
            let until = later(now, self.answer_max_of(index));
            if step.send.is_some() {
                send(index);
            }
            if step.acknowledged.is_some() {
                if !self.early.get(index).is_some_and(|early| *early) {
                    self.awaited = Some((index, until));
                }
            } else if step.refused.is_some() {
                self.refusable.push((index, until));
            }
        }
        false
    }

    /// How long the answer to this step may take.
    pub fn answer_max_of(&self, step: usize) -> Duration {
        self.steps.get(step).and_then(|step| step.deadline).unwrap_or(self.answer_max)
    }

    pub fn awaited(&self) -> Option<(usize, Instant)> {
        self.awaited
    }

    /// An answer to `step` came. Returns whether it was waited for: one message is the answer to
    /// one step.
    pub fn acknowledged(&mut self, step: usize) -> bool {
        if self.awaited.is_some_and(|(awaited, _)| awaited == step) {
            self.awaited = None;
            return true;
        }
        // What is only waited for may come before its turn; what we send is not answered before.
        let waits = |of: &Opening| of.send.is_none() && of.acknowledged.is_some();
        let is_ahead = step >= self.next && self.steps.get(step).is_some_and(waits);
        match self.early.get_mut(step) {
            Some(early) if is_ahead && !*early => {
                *early = true;
                true
            }
            _ => false,
        }
    }

    /// A refusal of `step` came. Returns what it is of; nothing, if there was nothing to refuse.
    pub fn refused(&self, step: usize, now: Instant) -> Option<Refused> {
        let is_awaited = self.awaited.is_some_and(|(awaited, _)| awaited == step);
        let is_refusable =
            self.refusable.iter().any(|&(refusable, until)| refusable == step && now <= until);
        if !is_awaited && !is_refusable {
            return None;
        }
        let only = self.steps.get(step).map_or(Only::Always, |step| step.only);
        Some(if only == Only::Resumed { Refused::Resuming } else { Refused::All })
    }
}

/// What a refusal is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Refused {
    /// A step that is only for going on where a session ended: starting from nothing may do.
    Resuming,
    All,
}
