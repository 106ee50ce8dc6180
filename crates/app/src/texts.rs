//! The texts of one field: which number stands for which, for as long as its history is kept.
//!
//! The history keeps numbers. Those of a text are the codes that [`Code`] tells of; which text one
//! stands for is said here, saved with the samples, and told to the window.

use feedscope_feed::Code;
use feedscope_feed::decode::TEXTS_MAX;
use std::collections::HashMap;

/// The texts of one field, and what the decoder calls them. That one begins anew with each start and
/// each subscription.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Texts {
    texts: Vec<String>,
    codes: HashMap<String, Code>,
    /// By the decoder's index.
    decoded: Vec<Code>,
    /// The latest of those that have no code, and since when it is that.
    other: Option<(u64, String)>,
}

/// What is new with a text.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Learned {
    Code(Code),
    /// It is the latest of those that have no code.
    Other,
    Nothing,
}

/// Of which texts of a feed a window was told.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct ToldWords {
    /// Of all those that have got codes, in that order.
    pub coded: usize,
    /// Up to which version, of those that have none.
    pub others: u64,
}

impl Texts {
    /// What an earlier run knew.
    pub fn new(texts: Vec<String>) -> Self {
        let codes = texts.iter().enumerate().map(|(index, text)| (text.clone(), Code::of(index)));
        Texts { codes: codes.collect(), texts, ..Texts::default() }
    }

    pub fn texts(&self) -> &[String] {
        &self.texts
    }

    pub fn get(&self, code: Code) -> Option<&str> {
        match code {
            Code::OTHER => self.other().map(|(_, text)| text),
            code => self.texts.get(code.index()?).map(String::as_str),
        }
    }

    /// The latest text that has no code, and since when it is that.
    pub fn other(&self) -> Option<(u64, &str)> {
        self.other.as_ref().map(|(since, text)| (*since, text.as_str()))
    }

    /// The decoder calls a text so. It gets a code if there `has_room`; `now` is what it is noted to
    /// be told since otherwise.
    pub fn learn(&mut self, decoded: Code, text: &str, has_room: bool, now: u64) -> Learned {
        let Some(index) = decoded.index() else { return self.set_other(text, now) };
        let known = self.codes.get(text).copied();
        let code = known.or_else(|| has_room.then(|| self.add(text)).flatten());
        // The decoder numbers them one by one.
        self.decoded.resize(index, Code::OTHER);
        self.decoded.push(code.unwrap_or(Code::OTHER));
        match code {
            None => self.set_other(text, now),
            Some(code) if known.is_none() => Learned::Code(code),
            Some(_) => Learned::Nothing,
        }
    }

    /// What stands for the decoder's code in the history.
    pub fn code(&self, decoded: Code) -> Code {
        match decoded.index() {
            Some(index) => self.decoded.get(index).copied().unwrap_or(Code::OTHER),
            None => decoded,
        }
    }

    /// As many are told apart as the decoder does; more may come of several runs.
    fn add(&mut self, text: &str) -> Option<Code> {
        if self.texts.len() >= TEXTS_MAX {
            return None;
        }
        let code = Code::of(self.texts.len());
        self.texts.push(text.to_owned());
        self.codes.insert(text.to_owned(), code);
        Some(code)
    }

    fn set_other(&mut self, text: &str, now: u64) -> Learned {
        if self.other().is_some_and(|(_, other)| other == text) {
            return Learned::Nothing;
        }
        self.other = Some((now, text.to_owned()));
        Learned::Other
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        /// Whatever came in which order in which run, a code means the same text for good.
        #[test]
        fn codes_mean_the_same_in_each_run(
            runs in prop::collection::vec(prop::collection::vec("[a-d]{0,2}", 0..60), 1..20),
        ) {
            let mut texts = Texts::default();
            let mut meant: Vec<(Code, String)> = Vec::new();
            for run in runs {
                texts = Texts::new(texts.texts().to_vec());
                for (index, text) in run.iter().enumerate() {
                    let is_new = texts.get(texts.codes.get(text).copied().unwrap_or(Code(9_999)));
                    let is_new = is_new.is_none();
                    let learned = texts.learn(Code::of(index), text, true, 1);
                    let code = texts.code(Code::of(index));
                    let expected = if is_new { Learned::Code(code) } else { Learned::Nothing };
                    prop_assert_eq!(learned, expected);
                    prop_assert_eq!(texts.get(code), Some(text.as_str()));
                    meant.push((code, text.clone()));
                }
                for (code, text) in &meant {
                    prop_assert_eq!(texts.get(*code), Some(text.as_str()));
                }
            }
        }
    }

    #[test]
    fn texts_of_several_runs_that_are_too_many_are_others() {
        let mut texts = Texts::new((0..TEXTS_MAX).map(|n| n.to_string()).collect());
        assert_eq!(texts.learn(Code::of(0), "one more", true, 1), Learned::Other);
        assert_eq!(texts.learn(Code::of(1), "7", false, 2), Learned::Nothing);
        assert_eq!(texts.code(Code::of(0)), Code::OTHER);
        assert_eq!(texts.code(Code::of(1)), Code::of(7));
        assert_eq!((texts.texts().len(), texts.get(Code::OTHER)), (TEXTS_MAX, Some("one more")));
        assert_eq!(texts.other(), Some((1, "one more")));
        assert_eq!(texts.learn(Code::OTHER, "one more", true, 3), Learned::Nothing);
        assert_eq!(texts.learn(Code::OTHER, "another", true, 4), Learned::Other);
        assert_eq!(texts.other(), Some((4, "another")));
    }

    #[test]
    fn where_there_is_no_room_no_text_gets_a_code() {
        let mut texts = Texts::new(vec!["known".to_owned()]);
        assert_eq!(texts.learn(Code::of(0), "new", false, 1), Learned::Other);
        assert_eq!(texts.learn(Code::of(1), "known", false, 2), Learned::Nothing);
        assert_eq!([0, 1].map(|n| texts.code(Code::of(n))), [Code::OTHER, Code::of(0)]);
        assert_eq!(texts.texts(), ["known"]);
    }

    #[test]
    fn words_of_the_decoder_stay_what_they_are() {
        let texts = Texts::default();
        for code in [Code::FALSE, Code::TRUE, Code::NULL, Code::OTHER] {
            assert_eq!(texts.code(code), code);
            assert_eq!(texts.get(code), None);
        }
    }
}
