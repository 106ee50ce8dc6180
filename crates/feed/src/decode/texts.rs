//! Texts and booleans as samples: which field each of a message's is, and which of the field's texts.
//!
//! A state mostly stays what it is. So a record has of it what changed, and once in a while, what did
//! not: that costs a comparison a message, and the history next to nothing.
//!
//! Texts of one field are told apart up to [`TEXTS_MAX`]. A field of which then still most are new
//! holds no states, but ids or sentences: it is not looked up any more, and of its texts the latest
//! alone is known.

use super::json::unescape;
use super::places::PlaceId;
use crate::record::{ChannelId, Code, KeyId, TextId, Time};
use rustc_hash::FxHashMap;
use std::borrow::Cow;
use std::sync::Arc;
use std::time::Duration;

/// Further texts of one field are [`Code::OTHER`]. More than a state has, and than anyone tells apart
/// by colours.
pub const TEXTS_MAX: usize = 256;

/// Of a longer text, this much is kept.
pub const TEXT_BYTES_MAX: usize = 256;

/// What ends a text of which not all is kept.
const CUT: &str = "…";

/// All texts of a feed at most.
const BYTES_MAX: usize = 4 << 20;

/// A field that has had so many new texts when there were too many already, and fewer known ones,
/// holds no states.
const MISSED_MAX: u32 = TEXTS_MAX as u32;

/// A text that stays the same is a sample this often all the same: so it can be seen that it did.
const AGAIN_EVERY: Duration = Duration::from_secs(1);

/// The latest of texts that are not told apart is told this often at most.
const OTHER_EVERY: Duration = Duration::from_millis(250);

/// A field that changed so often while someone relied on it is noted each time.
const DISAPPOINTED_MAX: u32 = 16;

/// Lists of what was noted that are kept for further records, as those of fields are. With this many of
/// them, half a megabyte at the most.
const SPARE_MAX: usize = 1_024;
const SPARE_NOTED_MAX: usize = 64;

/// What a message has at a place, other than a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Said {
    Word(Code),
    /// Where it is, and whether it is there as it is written, with its escapes.
    Text {
        start: usize,
        end: usize,
        escaped: bool,
    },
}

impl Said {
    pub const NULL: Said = Said::Word(Code::NULL);

    pub fn bool(value: bool) -> Said {
        Said::Word(if value { Code::TRUE } else { Code::FALSE })
    }

    /// `true`, `false` or `null`, by its first letter.
    pub fn word(first: u8) -> Said {
        match first {
            b't' => Said::bool(true),
            b'f' => Said::bool(false),
            _ => Said::NULL,
        }
    }

    /// Its text, as far as it is kept; `None` if it has none, or cannot be read.
    #[inline]
    pub fn text<'b>(&self, bytes: &'b [u8]) -> Option<Cow<'b, [u8]>> {
        let Said::Text { start, end, escaped } = *self else { return None };
        let text = bytes.get(start..end)?;
        if escaped {
            let mut plain = String::new();
            unescape(text, &mut plain)?;
            return Some(Cow::Owned(kept(plain.as_bytes()).into_owned()));
        }
        Some(kept(text))
    }
}

/// As much of a text as is kept.
#[inline]
pub(super) fn kept(text: &[u8]) -> Cow<'_, [u8]> {
    if text.len() <= TEXT_BYTES_MAX { Cow::Borrowed(text) } else { Cow::Owned(cut(text)) }
}

#[inline(never)]
fn cut(text: &[u8]) -> Vec<u8> {
    let is_inner = |byte: &&u8| **byte & 0xC0 == 0x80;
    // Not within a character.
    let inner = text.iter().skip(1).take(TEXT_BYTES_MAX).rev().take_while(is_inner).count();
    let head = text.get(..TEXT_BYTES_MAX - inner).unwrap_or_default();
    [head, CUT.as_bytes()].concat()
}

/// A text that has a code from now on; or with [`Code::OTHER`], the latest that has none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewWord {
    pub field: TextId,
    pub code: Code,
    pub text: Arc<str>,
}

/// What fields are told apart by, beside their place.
type Source = (ChannelId, Option<KeyId>);

/// The fields of one feed that hold texts or booleans.
#[derive(Debug, Default)]
pub(super) struct Texts {
    /// Each with where it is in its shape.
    ids: FxHashMap<(Source, PlaceId), (TextId, usize)>,
    /// The fields of one source, in the order of their first coming, in which they mostly come again.
    shapes: FxHashMap<Source, Vec<(PlaceId, TextId)>>,
    known: Vec<Known>,
    bytes: usize,
    untold: u64,
    /// When the last message came.
    latest: Time,
    /// Changes with each field of which someone relies on that it stays.
    epoch: u64,
    /// What the last message had, in its order. `None`: nothing is known of it but that it is null,
    /// or there are too many.
    pub found: Vec<(Option<TextId>, Said)>,
    new_words: Vec<NewWord>,
    spare: Vec<Vec<(TextId, Code)>>,
}

/// One field.
#[derive(Debug)]
struct Known {
    codes: FxHashMap<Arc<[u8]>, Code>,
    /// What it last was.
    code: Code,
    text: Arc<[u8]>,
    /// When it is told even if it does not change.
    due: Time,
    other_due: Time,
    /// How often it changed to one of its texts, and to another, since they are too many.
    found: u32,
    missed: u32,
    /// It holds no states.
    is_free: bool,
    /// Somebody relies on that it stays what it is, and how often that was wrong.
    is_relied_on: bool,
    disappointed: u32,
}

impl Texts {
    /// A message came.
    #[inline]
    pub fn came(&mut self, arrival: Time) {
        if arrival < self.latest {
            self.set_back();
        }
        self.latest = arrival;
    }

    /// The clock was set back: whatever is due at a moment would wait until the clock is there again.
    #[inline(never)]
    fn set_back(&mut self) {
        for known in &mut self.known {
            (known.due, known.other_due) = (Time(i64::MIN), Time(i64::MIN));
        }
        self.epoch += 1;
    }

    /// Finds the field of each of these, other than one at the place `without`. One that is not
    /// known is added unless there are `max` already; `new` is told of it, or else of what is left
    /// out.
    pub fn find(
        &mut self,
        source: Source,
        said: &[(PlaceId, Said)],
        without: Option<PlaceId>,
        max: usize,
        mut new: impl FnMut(PlaceId, Option<TextId>),
    ) {
        let Texts { ids, shapes, known, found, .. } = self;
        found.clear();
        if said.is_empty() {
            return;
        }
        let mut shape = shapes.get(&source).map_or(&[][..], |shape| shape);
        let mut next = 0;
        for &(place, said) in said {
            if Some(place) == without {
                continue;
            }
            if let Some((expected, field)) = shape.get(next)
                && *expected == place
            {
                found.push((Some(*field), said));
                next += 1;
            } else if let Some((field, at)) = ids.get(&(source, place)) {
                found.push((Some(*field), said));
                next = at + 1;
            } else if said == Said::NULL || known.len() >= max {
                // What is null may be a number another time.
                if said != Said::NULL {
                    new(place, None);
                }
                found.push((None, said));
            } else {
                // Fits, since places are numbered in 32 bits.
                let field = TextId(known.len() as u32);
                known.push(Known::default());
                let fields = shapes.entry(source).or_default();
                ids.insert((source, place), (field, fields.len()));
                fields.push((place, field));
                shape = fields;
                next = shape.len();
                found.push((Some(field), said));
                new(place, Some(field));
            }
        }
    }

    /// Notes all that was found, of which the texts are in `bytes`.
    pub fn note_found(&mut self, bytes: &[u8], arrival: Time, to: &mut Vec<(TextId, Code)>) {
        let mut found = std::mem::take(&mut self.found);
        for (field, said) in found.drain(..) {
            if let Some(field) = field {
                self.note(field, said, bytes, arrival, to);
            }
        }
        self.found = found;
    }

    /// Notes what a field is, and adds it to a record's if that is new, or due.
    #[inline]
    pub fn note(
        &mut self,
        field: TextId,
        said: Said,
        bytes: &[u8],
        arrival: Time,
        to: &mut Vec<(TextId, Code)>,
    ) {
        let Some(known) = self.known.get(field.0 as usize) else { return };
        if arrival < known.due && known.is_still(said, bytes) {
            return;
        }
        if matches!(said, Said::Text { .. })
            && known.is_free
            && known.code == Code::OTHER
            && arrival < known.other_due
        {
            self.untold = self.untold.saturating_add(1);
            return;
        }
        self.note_change(field, said, bytes, arrival, to);
    }

    #[inline(never)]
    fn note_change(
        &mut self,
        field: TextId,
        said: Said,
        bytes: &[u8],
        arrival: Time,
        to: &mut Vec<(TextId, Code)>,
    ) {
        let Texts { known, bytes: taken_bytes, untold, epoch, new_words, spare, .. } = self;
        let Some(known) = known.get_mut(field.0 as usize) else { return };
        let (found, text) = match said {
            Said::Word(code) => ((code, None), Cow::Borrowed(&[][..])),
            Said::Text { .. } => {
                let Some(text) = said.text(bytes) else { return };
                (known.find(&text), text)
            }
        };
        let shown = || -> Arc<str> { String::from_utf8_lossy(&text).into() };
        let (code, kept) = match found {
            (Code::OTHER, _) if known.has_room() && *taken_bytes + text.len() <= BYTES_MAX => {
                let code = Code::of(known.codes.len());
                *taken_bytes += text.len();
                let kept: Arc<[u8]> = text.as_ref().into();
                known.codes.insert(kept.clone(), code);
                new_words.push(NewWord { field, code, text: shown() });
                (code, Some(kept))
            }
            found => found,
        };
        let is_changed = code != known.code;
        known.count(code, is_changed);
        if is_changed && known.is_relied_on {
            *epoch += 1;
            known.disappointed += 1;
            known.is_relied_on = false;
        }
        if code == Code::OTHER {
            *untold = untold.saturating_add(1);
            if arrival >= known.other_due {
                known.other_due = arrival + OTHER_EVERY;
                new_words.push(NewWord { field, code, text: shown() });
            } else if !is_changed {
                return;
            }
        } else if !is_changed && arrival < known.due {
            return;
        } else if let Some(kept) = kept {
            known.text = kept;
        }
        known.code = code;
        known.due = arrival + AGAIN_EVERY;
        if to.capacity() == 0 {
            *to = spare.pop().unwrap_or_default();
        }
        to.push((field, code));
    }

    /// Takes back the list of a record that is done with, so that the next one need not be made.
    #[inline]
    pub fn give_back(&mut self, mut noted: Vec<(TextId, Code)>) {
        if (1..=SPARE_NOTED_MAX).contains(&noted.capacity()) && self.spare.len() < SPARE_MAX {
            noted.clear();
            self.spare.push(noted);
        }
    }

    /// Changes when a field does of which someone relies on that it stays.
    #[inline]
    pub fn epoch(&self) -> u64 {
        self.epoch
    }

    /// What anyone relies on is to be looked at anew.
    pub fn shake(&mut self) {
        self.epoch += 1;
    }

    /// These were noted of a message that does not count, or not in its turn: the next one tells what
    /// they are, whether that is new or not.
    pub fn tell_again(&mut self, noted: &[(TextId, Code)]) {
        for (field, _) in noted {
            let Some(known) = self.known.get_mut(field.0 as usize) else { continue };
            known.due = Time(i64::MIN);
            if known.is_relied_on {
                self.epoch += 1;
            }
        }
    }

    /// Someone relies on that a field stays as it was just noted: until then it need not be noted
    /// again, while the epoch is the same. `None` if it is not to be relied on.
    pub fn rely_on(&mut self, field: TextId) -> Option<Time> {
        let known = self.known.get_mut(field.0 as usize)?;
        known.is_relied_on = known.code != Code::OTHER && known.disappointed < DISAPPOINTED_MAX;
        known.is_relied_on.then_some(known.due)
    }

    /// The texts that have codes since these were forgotten.
    pub fn new_words(&self) -> &[NewWord] {
        &self.new_words
    }

    pub fn forget_new_words(&mut self) {
        self.new_words.clear();
    }

    /// How many fields are known.
    pub fn count(&self) -> usize {
        self.known.len()
    }

    /// How often a text came that is not told apart from others.
    pub fn untold(&self) -> u64 {
        self.untold
    }
}

impl Default for Known {
    fn default() -> Self {
        Known {
            codes: FxHashMap::default(),
            code: Code::OTHER,
            text: Arc::default(),
            due: Time(i64::MIN),
            other_due: Time(i64::MIN),
            found: 0,
            missed: 0,
            is_free: false,
            is_relied_on: false,
            disappointed: 0,
        }
    }
}

impl Known {
    #[inline]
    fn is_still(&self, said: Said, bytes: &[u8]) -> bool {
        match said {
            Said::Word(code) => code == self.code,
            Said::Text { start, end, escaped: false } => {
                self.code.index().is_some() && bytes.get(start..end) == Some(&*self.text)
            }
            // To be read before it can be told.
            Said::Text { .. } => false,
        }
    }

    /// The code of a text, and the text as it is kept; [`Code::OTHER`] if it has none.
    fn find(&self, text: &[u8]) -> (Code, Option<Arc<[u8]>>) {
        let known = if self.is_free { None } else { self.codes.get_key_value(text) };
        known.map_or((Code::OTHER, None), |(text, code)| (*code, Some(text.clone())))
    }

    /// Notes whether its texts are still its texts, once there is no room for more.
    fn count(&mut self, code: Code, is_changed: bool) {
        if self.is_free || self.codes.len() < TEXTS_MAX {
            return;
        }
        if code == Code::OTHER {
            self.missed = self.missed.saturating_add(1);
        } else if is_changed {
            self.found = self.found.saturating_add(1);
        }
        self.is_free = self.missed >= MISSED_MAX && self.found < self.missed;
    }

    fn has_room(&self) -> bool {
        !self.is_free && self.codes.len() < TEXTS_MAX
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Profile;
    use crate::decode::Decoder;
    use crate::record::Record;
    use proptest::prelude::*;
    use serde_json::{Value, json};
    use std::collections::HashMap;

    /// Reads messages, and knows what each field is by what it was told.
    struct Reader {
        decoder: Decoder,
        paths: HashMap<TextId, String>,
        words: HashMap<(TextId, Code), Arc<str>>,
        states: HashMap<String, Code>,
        samples: usize,
    }

    impl Reader {
        fn new() -> Reader {
            let decoder = Decoder::new(&Profile::from_url("ws://127.0.0.1:9/")).unwrap();
            let (paths, words, states) = Default::default();
            Reader { decoder, paths, words, states, samples: 0 }
        }

        fn read(&mut self, message: &Value, millis: i64) {
            let arrival = Time(millis * 1_000_000);
            let text = message.to_string();
            let decoded = self.decoder.decode_plain(text.as_bytes(), true, arrival).unwrap();
            for new in self.decoder.new_texts() {
                assert!(self.paths.insert(new.field, new.path.clone()).is_none());
            }
            for word in self.decoder.new_words() {
                let before = self.words.insert((word.field, word.code), word.text.clone());
                assert!(before.is_none() || word.code == Code::OTHER, "a code means one text");
            }
            self.decoder.forget_new_fields();
            for (field, code) in decoded.record.texts {
                self.samples += 1;
                self.states.insert(self.paths[&field].clone(), code);
            }
        }

        /// What a field is now.
        fn state(&self, path: &str) -> Option<String> {
            let code = *self.states.get(path)?;
            Some(match code {
                Code::FALSE => "false".into(),
                Code::TRUE => "true".into(),
                Code::NULL => "null".into(),
                _ => {
                    let field = self.paths.iter().find(|(_, known)| *known == path).unwrap().0;
                    format!("“{}”", self.words[&(*field, code)])
                }
            })
        }
    }

    fn values() -> impl Strategy<Value = Value> {
        prop_oneof![
            8 => prop_oneof![Just("RUNNING"), Just("停止"), Just("a\"\n\u{202e}b"), Just("<img>")]
                .prop_map(Value::from),
            2 => ".{0,4}".prop_filter("numbers are numbers", |text| {
                crate::decode::number::Number::read(text.as_bytes()).is_none()
            }).prop_map(Value::from),
            1 => (250_usize..270).prop_map(|len| Value::from("é".repeat(len))),
            3 => any::<bool>().prop_map(Value::from),
            2 => Just(Value::Null),
            1 => Just(json!(7)),
            1 => Just(json!("64000.12")),
        ]
    }

    proptest! {
        /// In whatever way the messages are read, what is told is what they say.
        #[test]
        fn what_is_told_last_is_what_came_last(
            messages in prop::collection::vec((values(), values(), 0..400_i64), 1..200),
        ) {
            let mut reader = Reader::new();
            let mut said: HashMap<&str, String> = HashMap::new();
            let mut millis = 0;
            for (one, other, after) in messages {
                millis += after;
                reader.read(&json!({"p": 1.5, "one": one, "deep": {"other": other}}), millis);
                for (path, value) in [("one", one), ("deep.other", other)] {
                    let text = match value {
                        Value::Bool(value) => value.to_string(),
                        Value::String(text) if text != "64000.12" => {
                            format!("“{}”", String::from_utf8(kept(text.as_bytes()).into()).unwrap())
                        }
                        // Not known to be one that holds texts before it does.
                        Value::Null if said.contains_key(path) => "null".into(),
                        _ => continue,
                    };
                    said.insert(path, text);
                }
                for path in ["one", "deep.other"] {
                    prop_assert_eq!(reader.state(path), said.get(path).cloned());
                }
            }
        }

        #[test]
        fn a_text_is_cut_between_characters(text in "[a€😀]{0,300}") {
            let kept = String::from_utf8(kept(text.as_bytes()).into()).unwrap();
            match kept.strip_suffix(CUT) {
                Some(head) if text.len() > TEXT_BYTES_MAX => {
                    prop_assert!(text.starts_with(head) && head.len() > TEXT_BYTES_MAX - 4);
                    prop_assert!(head.len() <= TEXT_BYTES_MAX);
                }
                _ => prop_assert_eq!(kept, text),
            }
        }
    }

    #[test]
    fn what_stays_is_told_once_a_second() {
        let mut reader = Reader::new();
        for millis in 0..10_000 {
            reader.read(&json!({"status": "RUNNING", "ok": true, "n": millis}), millis);
        }
        assert_eq!(reader.samples, 2 * 10);
        reader.read(&json!({"status": "STOPPED", "ok": true, "n": 1}), 10_000);
        assert_eq!(reader.state("status").as_deref(), Some("“STOPPED”"));
    }

    #[test]
    fn what_was_noted_of_a_message_that_does_not_count_is_told_again() {
        let mut reader = Reader::new();
        // More of them, so that it is relied on that it stays.
        for millis in 0..50 {
            reader.read(&json!({"status": "RUNNING", "n": millis}), millis);
        }
        assert_eq!(reader.samples, 1);
        let repeated = json!({"status": "STARTING", "n": 7}).to_string();
        let record =
            reader.decoder.decode_plain(repeated.as_bytes(), true, Time(0)).unwrap().record;
        assert_eq!(record.texts.len(), 1);
        reader.decoder.tell_again(&record);
        reader.read(&json!({"status": "STARTING", "n": 50}), 50);
        assert_eq!((reader.samples, reader.state("status").as_deref()), (2, Some("“STARTING”")));
        // One of which nothing was noted changes nothing.
        reader.decoder.tell_again(&Record { texts: Vec::new(), ..record });
        reader.read(&json!({"status": "STARTING", "n": 51}), 51);
        assert_eq!(reader.samples, 2);
    }

    #[test]
    fn after_the_clock_was_set_back_what_stays_is_told_as_before() {
        let hour = 3_600_000;
        let mut reader = Reader::new();
        let message = |n: i64| json!({"status": "RUNNING", "id": format!("id {n}"), "n": n});
        for millis in 0..2_000 {
            reader.read(&message(millis), hour + millis);
        }
        let before = reader.samples;
        for millis in 0..2_000 {
            reader.read(&message(millis), millis);
        }
        // Each second what stays, and four times a second the latest of what is not told apart.
        assert_eq!(reader.samples - before, 2 + 2 * 4);
        assert_eq!(reader.state("id").as_deref(), Some("“id 1750”"));
    }

    #[test]
    fn ids_are_no_states() {
        let mut reader = Reader::new();
        for n in 0..100_000 {
            reader.read(&json!({"id": format!("id {n}"), "n": n}), n / 10);
        }
        // The first ones, the first that was too many, and then four a second.
        assert!(reader.words.len() == TEXTS_MAX + 1, "{}", reader.words.len());
        assert!(reader.samples <= TEXTS_MAX + 2 + 4 * 10, "{}", reader.samples);
        assert_eq!(reader.decoder.texts_untold(), (100_000 - TEXTS_MAX) as u64);
        let latest = reader.state("id").unwrap();
        assert!(latest.starts_with("“id 99") || latest.starts_with("“id 97"), "{latest}");
    }

    #[test]
    fn states_that_come_back_stay_states_however_many_there_are() {
        let mut reader = Reader::new();
        for n in 0..10_000 {
            // As many as there is room for, and now and then one more.
            let one = if n % 100 == 99 { n } else { n % TEXTS_MAX as i64 };
            reader.read(&json!({"symbol": format!("s{one}")}), n);
            if n > 256 && n % 100 != 99 && one != 99 {
                assert_eq!(reader.state("symbol"), Some(format!("“s{one}”")));
            }
        }
        assert!(reader.decoder.texts_untold() < 10_000 / 50);
    }

    #[test]
    fn all_texts_of_a_feed_are_bounded() {
        let mut reader = Reader::new();
        for n in 0..40_000_i64 {
            let text = format!("{n} {}", "x".repeat(TEXT_BYTES_MAX));
            reader.read(&json!({format!("f{}", n % 200): text}), n);
        }
        let bytes: usize = reader
            .words
            .iter()
            .filter(|((_, code), _)| *code != Code::OTHER)
            .map(|(_, text)| text.len())
            .sum();
        assert!((BYTES_MAX * 9 / 10..=BYTES_MAX).contains(&bytes), "{bytes}");
        assert!(reader.decoder.texts_untold() > 0);
    }
}
