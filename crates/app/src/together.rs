//! What all windows show together: the time, the cursor, the moments between which is measured.
//!
//! Each window says what it shows otherwise than before, and is answered with what others do. One
//! that does not know of the latest is told once, and not again until it has asked: so a window that
//! is slow or hidden is told of the present and not of all that was. What came from elsewhere a
//! window does not say again, and so nothing goes round in circles.

use crate::api::Together;
use crate::app::App;
use crate::shared::lock;
use std::collections::BTreeMap;

/// Views that a window can go back to: as many as it keeps.
const VIEWS_MAX: usize = 50;

#[derive(Debug, Default)]
pub(crate) struct InStep {
    now: Together,
    /// Of which change each part is, in the order of [`Together`].
    changes: [u64; 7],
    latest: u64,
    /// Of which change each window knows, and whether it has been told that there is a later one.
    windows: BTreeMap<String, (u64, bool)>,
}

impl InStep {
    /// Takes what a window shows; gives what others do that it does not know of, and whom to tell.
    fn exchange(&mut self, window: &str, mut shown: Together) -> (Together, Vec<String>) {
        if let Some(views) = &mut shown.views {
            for views in [&mut views.past, &mut views.future] {
                views.drain(..views.len().saturating_sub(VIEWS_MAX));
            }
        }
        let (known, _) = self.windows.get(window).copied().unwrap_or_default();
        let change = self.latest + 1;
        let mut answer = Together::default();
        let mut changes = self.changes.iter_mut();
        macro_rules! parts {
            ($($part:ident),*) => {$(
                if let Some(at) = changes.next() {
                    if shown.$part.is_some() {
                        self.now.$part = shown.$part;
                        *at = change;
                        self.latest = change;
                    } else if *at > known {
                        answer.$part.clone_from(&self.now.$part);
                    }
                }
            )*};
        }
        parts!(time, views, zone, cursor, measure, language, shortcuts);
        let has_changed = self.latest == change;
        self.windows.insert(window.to_owned(), (self.latest, false));
        let mut told = Vec::new();
        for (label, (_, is_told)) in &mut self.windows {
            if has_changed && label != window && !std::mem::replace(is_told, true) {
                told.push(label.clone());
            }
        }
        (answer, told)
    }

    /// Takes what a window has all windows show, which is not asking: what it does not know of, it
    /// still does not. Gives whom to tell.
    fn announce(&mut self, window: &str, shown: Together) -> Vec<String> {
        let before = self.windows.get(window).copied();
        let (unknown, told) = self.exchange(window, shown);
        if unknown != Together::default() {
            match before {
                Some(before) => drop(self.windows.insert(window.to_owned(), before)),
                None => self.forget(window),
            }
        }
        told
    }

    /// A window is gone, or begins anew.
    pub fn forget(&mut self, window: &str) {
        self.windows.remove(window);
    }
}

impl App {
    /// Takes what a window shows otherwise than before; answers with what others do. What is chosen
    /// for all of them has commands of its own, and is not taken from here.
    pub fn together(&self, window: &str, shown: Together) -> Together {
        let shown = Together { language: None, shortcuts: None, ..shown };
        let (answer, told) = lock(&self.shared).together.exchange(window, shown);
        self.tell_together(&told);
        answer
    }

    /// Has all other windows show what was chosen in one.
    pub(crate) fn announce(&self, window: &str, chosen: Together) {
        let told = lock(&self.shared).together.announce(window, chosen);
        self.tell_together(&told);
    }

    fn tell_together(&self, windows: &[String]) {
        windows.iter().for_each(|window| self.window.together(window));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::{Axis, Shortcuts, TogetherCursor, TogetherTime, TogetherView, TogetherViews};

    fn time(span_ms: f64) -> Together {
        let time = TogetherTime { frozen: None, span_ms, axis: Axis::Source };
        Together { time: Some(time), ..Together::default() }
    }

    fn cursor(ms: f64) -> Together {
        let cursor = TogetherCursor { ms: Some(ms), ago: false };
        Together { cursor: Some(cursor), ..Together::default() }
    }

    fn nothing() -> Together {
        Together::default()
    }

    #[test]
    fn what_one_shows_the_other_hears_of_once_and_nothing_comes_back() {
        let mut in_step = InStep::default();
        in_step.exchange("a", nothing());
        in_step.exchange("b", nothing());
        assert_eq!(in_step.exchange("a", time(1.0)), (nothing(), vec!["b".to_owned()]));
        assert_eq!(in_step.exchange("b", nothing()), (time(1.0), vec![]));
        assert_eq!(in_step.exchange("b", nothing()), (nothing(), vec![]));
        assert_eq!(in_step.exchange("a", nothing()), (nothing(), vec![]));
    }

    #[test]
    fn one_that_does_not_ask_is_told_once_and_gets_the_present() {
        let mut in_step = InStep::default();
        in_step.exchange("slow", nothing());
        assert_eq!(in_step.exchange("a", time(1.0)).1, ["slow"]);
        assert_eq!(in_step.exchange("a", time(2.0)).1, [""; 0]);
        assert_eq!(in_step.exchange("a", cursor(3.0)).1, [""; 0]);
        let together = Together { cursor: cursor(3.0).cursor, ..time(2.0) };
        assert_eq!(in_step.exchange("slow", nothing()), (together, vec![]));
        assert_eq!(in_step.exchange("a", time(4.0)).1, ["slow"]);
    }

    #[test]
    fn of_two_at_once_the_later_one_stands_and_of_different_parts_both() {
        let mut in_step = InStep::default();
        in_step.exchange("a", nothing());
        in_step.exchange("b", nothing());
        in_step.exchange("a", time(1.0));
        // It has not asked yet, and shows another one itself.
        let both = Together { cursor: cursor(7.0).cursor, ..time(2.0) };
        assert_eq!(in_step.exchange("b", both.clone()), (nothing(), vec!["a".to_owned()]));
        assert_eq!(in_step.exchange("a", nothing()).0, both);
    }

    #[test]
    fn who_chooses_something_for_all_still_hears_of_what_others_show() {
        let mut in_step = InStep::default();
        in_step.exchange("a", nothing());
        in_step.exchange("b", nothing());
        assert_eq!(in_step.exchange("a", time(1.0)).1, ["b"]);
        let spoken = Together::spoken(Some("zh-CN".into()));
        assert_eq!(in_step.announce("b", spoken.clone()), ["a"]);
        let (answer, _) = in_step.exchange("b", nothing());
        assert_eq!(answer.time, time(1.0).time);
        assert_eq!(in_step.exchange("a", nothing()).0, spoken);
        assert_eq!(in_step.announce("a", Together::bound(Shortcuts::new())), ["b"]);
        assert_eq!(in_step.exchange("a", nothing()), (nothing(), vec![]), "it knows of its own");
        assert!(in_step.exchange("b", nothing()).0.shortcuts.is_some());
    }

    #[test]
    fn a_window_that_comes_is_given_all_of_it_and_one_that_is_gone_is_told_nothing() {
        let mut in_step = InStep::default();
        in_step.exchange("a", time(1.0));
        in_step.exchange("a", cursor(2.0));
        let all = Together { cursor: cursor(2.0).cursor, ..time(1.0) };
        assert_eq!(in_step.exchange("new", nothing()), (all.clone(), vec![]));
        in_step.forget("new");
        assert_eq!(in_step.exchange("a", time(1.0)).1, [""; 0]);
        assert_eq!(in_step.exchange("new", nothing()).0, all, "it began anew");
    }

    #[test]
    fn no_window_can_have_more_kept_than_can_be_gone_back_to() {
        let views = vec![TogetherView { frozen: None, span_ms: 1.0 }; 9_999];
        let views = TogetherViews { past: views.clone(), future: views };
        let mut in_step = InStep::default();
        in_step.exchange("a", Together { views: Some(views), ..Together::default() });
        let (answer, _) = in_step.exchange("b", nothing());
        let kept = answer.views.unwrap();
        assert_eq!((kept.past.len(), kept.future.len()), (VIEWS_MAX, VIEWS_MAX));
    }
}
