//! What there is to learn from one message that was read in the general way: where its values
//! stand, and which of them say what it means.

use super::super::json::{Json, Read, Text, unescape};
use super::super::number::Number;
use super::super::places::{PlaceId, Places, ROOT};
use super::super::roles::{Caught, RoleId, Value};
use super::super::texts::Said;
use super::super::time::time_at;
use super::super::unlisted::Unlisted;
use super::super::written::Written;
use super::super::{Decoded, Decoder, OTHERS, SequenceRoles};
use super::{Form, Hole, Meaning, Numbers, Place, Step};
use crate::profile::TimeUnit;
use rustc_hash::FxHashSet;

/// From a larger message nothing is learned.
const MESSAGE_BYTES_MAX: usize = 16 << 10;

/// Nor from one of more values: its arrays are hardly of the same length twice.
const PARTS_MAX: usize = 512;

#[derive(Debug)]
pub(super) struct Lesson {
    parts: Vec<Part>,
    said: Vec<Saying>,
    tail: Box<[u8]>,
    pub meaning: Meaning,
}

/// A value, and what stands before it.
#[derive(Debug)]
struct Part {
    before: Box<[u8]>,
    hole: Hole,
    /// What stands there, as long as it is the same in all messages.
    same: Option<Box<[u8]>>,
}

/// A text or a word that may be a field.
#[derive(Debug, PartialEq)]
enum Saying {
    /// What decides what the message is.
    Fixed(Said, Box<[u8]>),
    /// What stands in this part.
    Part(usize),
}

/// What the value of a role says.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Use {
    Channel,
    Key,
    Last,
    First,
    Previous,
    Time(TimeUnit),
    Cursor,
}

type Uses = Vec<(RoleId, Use)>;

/// Walks through a message as the general way does.
struct Walk<'m, 'd> {
    message: &'m [u8],
    json: Json<'m>,
    places: &'d mut Places,
    unlisted: &'d mut Unlisted,
    fixed: &'d [bool],
    uses: Uses,
    /// The field that is none because it names the channel.
    names_field: Option<PlaceId>,
    seen: FxHashSet<PlaceId>,
    listed: FxHashSet<PlaceId>,
    parts: Vec<Part>,
    said: Vec<Saying>,
    /// Up to where the message is in parts.
    done: usize,
    caught: usize,
    meaning: Meaning,
}

impl Lesson {
    /// `None` if nothing can be learned: what the message means depends on more than a skeleton
    /// says.
    pub fn of(decoder: &mut Decoder, message: &[u8], decoded: &Decoded) -> Option<Lesson> {
        if message.len() > MESSAGE_BYTES_MAX
            || !decoded.kind.has_data()
            || !decoded.signals.is_empty()
            || !matches!(message.trim_ascii_start().first(), Some(b'{' | b'['))
        {
            return None;
        }
        let (uses, names_place) = uses(decoder, message, decoded)?;
        let Decoder { walker, skeletons, .. } = decoder;
        let names_field = names_place.and_then(|place| walker.places.field(place));
        let mut walk = Walk {
            message,
            json: Json::new(message),
            places: &mut walker.places,
            unlisted: &mut walker.unlisted,
            fixed: &skeletons.fixed,
            uses,
            names_field,
            seen: FxHashSet::default(),
            listed: FxHashSet::default(),
            parts: Vec::new(),
            said: Vec::new(),
            done: 0,
            caught: 0,
            meaning: Meaning {
                kind: decoded.kind,
                channel: None,
                key: None,
                position: decoded.position.map(|position| Numbers {
                    sequence: position.sequence,
                    last: usize::MAX,
                    first: None,
                    previous: None,
                }),
                time: None,
                cursor: None,
            },
        };
        walk.json.token()?;
        walk.value(Some(ROOT))?;
        let tail = message.get(walk.done..)?.into();
        // All that it means was found where it is said to be.
        let is_whole = walk.uses.is_empty();
        let Walk { parts, said, meaning, .. } = walk;
        is_whole.then_some(Lesson { parts, said, tail, meaning })
    }

    /// Takes in what was learned from a message of the same form. Returns `false`, and does
    /// nothing, if its form is not the same.
    pub fn takes_in(&mut self, other: &Lesson) -> bool {
        let is_like = |(one, other): (&Part, &Part)| {
            let is_text = |part: &Part| matches!(part.hole, Hole::Text { .. });
            let is_word = |part: &Part| matches!(part.hole, Hole::Word { .. });
            one.before == other.before
                && one.hole == other.hole
                // Words that differ are words still.
                && (is_text(one) || is_word(one) || one.same == other.same)
        };
        let is_same = self.meaning == other.meaning
            && self.tail == other.tail
            && self.parts.len() == other.parts.len()
            && self.said == other.said
            && self.parts.iter().zip(&other.parts).all(is_like);
        if is_same {
            for (part, other) in self.parts.iter_mut().zip(&other.parts) {
                part.same.take_if(|same| other.same.as_ref() != Some(same));
            }
        }
        is_same
    }

    #[cfg(test)]
    pub fn holds(&self, text: &[u8]) -> bool {
        self.parts.iter().any(|part| memchr::memmem::find(&part.before, text).is_some())
    }

    /// What is compared and taken, and where the texts among it are.
    pub fn steps(&self) -> (Vec<Step>, Vec<Place>) {
        let mut steps = Vec::new();
        let mut written = Vec::new();
        for part in &self.parts {
            written.extend_from_slice(&part.before);
            match &part.same {
                Some(same) => written.extend_from_slice(same),
                None => {
                    steps.push(Step { written: Written::new(&written), then: part.hole });
                    written.clear();
                }
            }
        }
        written.extend_from_slice(&self.tail);
        steps.push(Step { written: Written::new(&written), then: Hole::End });
        let mut taken = 0;
        (steps, self.said.iter().map(|saying| self.place(saying, &mut taken)).collect())
    }

    fn place(&self, saying: &Saying, taken: &mut usize) -> Place {
        match saying {
            Saying::Fixed(said, bytes) => Place::Same(*said, bytes.clone()),
            Saying::Part(at) => match self.parts.get(*at) {
                Some(Part { hole: Hole::Word { .. }, same: Some(word), .. }) => {
                    Place::Same(Said::word(word.first().copied().unwrap_or_default()), word.clone())
                }
                Some(Part { same: Some(text), .. }) => same(text),
                _ => {
                    *taken += 1;
                    Place::Taken(*taken - 1)
                }
            },
        }
    }
}

/// A text that is the same in all messages, as it is written.
fn same(written: &[u8]) -> Place {
    let whole = Said::Text { start: 0, end: written.len(), escaped: written.contains(&b'\\') };
    let text = whole.text(written).unwrap_or_default();
    Place::Same(Said::Text { start: 0, end: text.len(), escaped: false }, text.into())
}

impl Walk<'_, '_> {
    /// Goes through a value, of which the first byte is next.
    fn value(&mut self, place: Option<PlaceId>) -> Read {
        // A place twice is a key twice: which one counts is for the general way to say.
        if let Some(place) = place
            && !self.seen.insert(place)
        {
            return None;
        }
        let start = self.json.at;
        match self.json.peek()? {
            b'{' => self.object(place),
            b'[' => self.array(place),
            b'"' => {
                let text = self.json.string()?;
                self.text(place, start + 1, text)
            }
            first @ (b't' | b'f' | b'n') => {
                self.json.skip()?;
                let told = self.tells(place);
                if self.has_roles(place) {
                    if told {
                        self.said.push(Saying::Fixed(Said::word(first), Box::default()));
                    }
                    return Some(());
                }
                if told {
                    self.said.push(Saying::Part(self.parts.len()));
                }
                self.part(start, self.json.at, Hole::Word { told }, true)
            }
            _ => {
                let number = self.json.number()?;
                self.number(place, start, number)
            }
        }
    }

    fn object(&mut self, place: Option<PlaceId>) -> Read {
        let mut more = self.json.open(b'}')?;
        let mut next = 0;
        while more {
            let mut unescaped = String::new();
            let key = match self.json.key()? {
                Text::Plain(key) => std::str::from_utf8(key).ok()?,
                Text::Escaped(key) => {
                    unescape(key, &mut unescaped)?;
                    &unescaped
                }
            };
            let child =
                place.and_then(|place| self.places.key(place, key, &mut next, self.unlisted));
            self.json.token()?;
            self.value(child)?;
            more = self.json.another(b'}')?;
        }
        Some(())
    }

    fn array(&mut self, place: Option<PlaceId>) -> Read {
        let lookahead = place.map_or(0, |place| self.places.lookahead(place));
        let length = if lookahead > 0 { self.length()? } else { 0 };
        let mut more = self.json.open(b']')?;
        let mut index = 0;
        while more {
            let from_end = length.checked_sub(index).filter(|from_end| *from_end <= lookahead);
            let from_end = from_end.filter(|_| lookahead > 0);
            let child =
                place.and_then(|place| self.places.item(place, index, from_end, self.unlisted));
            self.value(child)?;
            more = self.json.another(b']')?;
            index += 1;
        }
        Some(())
    }

    /// How many items the array has that begins here.
    fn length(&self) -> Read<usize> {
        let mut json = self.json.clone();
        let mut more = json.open(b']')?;
        let mut length = 0;
        while more {
            json.skip()?;
            more = json.another(b']')?;
            length += 1;
        }
        Some(length)
    }

    fn number(&mut self, place: Option<PlaceId>, start: usize, number: Number) -> Read {
        let uses = self.uses_at(place);
        let listed = self.lists(place)?;
        let end = self.json.at;
        if self.is_fixed(place) {
            return if uses.is_empty() { self.always(listed, end, number) } else { None };
        }
        let caught = !uses.is_empty();
        self.catch(uses, Form::Number)?;
        self.part(start, end, Hole::Number { listed, caught }, false)
    }

    fn text(&mut self, place: Option<PlaceId>, start: usize, text: Text<'_>) -> Read {
        let uses = self.uses_at(place);
        let end = self.json.at - 1;
        let number = match text {
            Text::Plain(text) => Number::read(text),
            Text::Escaped(_) => None,
        };
        if self.is_fixed(place) {
            return match number {
                _ if !uses.is_empty() => None,
                Some(number) => {
                    let listed = self.lists(place)?;
                    self.always(listed, end, number)
                }
                None => {
                    if self.tells(place) {
                        let there = self.message.get(start..end)?;
                        if let Place::Same(said, text) = same(there) {
                            self.said.push(Saying::Fixed(said, text));
                        }
                    }
                    Some(())
                }
            };
        }
        let names = uses.iter().any(|of| matches!(of, Use::Channel | Use::Key));
        let caught = !uses.is_empty();
        let told = number.is_none() && self.tells(place);
        let hole = match number {
            // As a name it is a text, whatever it looks like.
            Some(_) if !names => {
                let listed = self.lists(place)?;
                // Where it is nothing at all, it need not be a number.
                if listed || caught {
                    Hole::Number { listed, caught }
                } else {
                    Hole::Text { listed, caught, told }
                }
            }
            _ => {
                let listed = place.is_some_and(|place| self.places.listed_as(place).is_some());
                Hole::Text { listed, caught, told }
            }
        };
        if told {
            self.said.push(Saying::Part(self.parts.len()));
        }
        self.catch(uses, Form::Text)?;
        self.part(start, end, hole, !caught && matches!(hole, Hole::Text { .. }))
    }

    /// Notes what the value that is caught next says.
    fn catch(&mut self, uses: Vec<Use>, form: Form) -> Read {
        let at = self.caught;
        self.caught += usize::from(!uses.is_empty());
        for of in uses {
            match (of, &mut self.meaning.position) {
                (Use::Channel, _) => self.meaning.channel = Some(at),
                (Use::Key, _) => self.meaning.key = Some(at),
                (Use::Time(unit), _) => self.meaning.time = Some((at, unit)),
                (Use::Cursor, _) => self.meaning.cursor = Some((at, form)),
                (Use::Last, Some(position)) => position.last = at,
                (Use::First, Some(position)) => position.first = Some(at),
                (Use::Previous, Some(position)) => position.previous = Some(at),
                (Use::Last | Use::First | Use::Previous, None) => return None,
            }
        }
        Some(())
    }

    /// A number that is the same in all messages of this skeleton, and may be a field.
    fn always(&mut self, listed: bool, end: usize, number: Number) -> Read {
        if !listed {
            return Some(());
        }
        self.part(end, end, Hole::Always(number.as_f64()), false)
    }

    fn part(&mut self, start: usize, end: usize, hole: Hole, may_be_same: bool) -> Read {
        if self.parts.len() >= PARTS_MAX {
            return None;
        }
        let before = self.message.get(self.done..start)?.into();
        let there = self.message.get(start..end)?;
        self.done = end;
        self.parts.push(Part { before, hole, same: may_be_same.then(|| there.into()) });
        Some(())
    }

    /// Takes out what the value at this place says.
    fn uses_at(&mut self, place: Option<PlaceId>) -> Vec<Use> {
        let roles = place.map_or(&[][..], |place| self.places.roles_at(place));
        let here = self.uses.extract_if(.., |(role, _)| roles.contains(role));
        here.map(|(_, of)| of).collect()
    }

    /// Whether a number at this place is a field. `None` if one of its name was there before.
    fn lists(&mut self, place: Option<PlaceId>) -> Read<bool> {
        let field = place.and_then(|place| self.places.listed_as(place));
        let Some(field) = field else { return Some(false) };
        self.listed.insert(field).then_some(Some(field) != self.names_field)
    }

    /// Whether what stands at this place, and is no number, may be a field.
    fn tells(&self, place: Option<PlaceId>) -> bool {
        let field = place.and_then(|place| self.places.listed_as(place));
        field.is_some() && field != self.names_field
    }

    fn has_roles(&self, place: Option<PlaceId>) -> bool {
        place.is_some_and(|place| !self.places.roles_at(place).is_empty())
    }

    fn is_fixed(&self, place: Option<PlaceId>) -> bool {
        let roles = place.map_or(&[][..], |place| self.places.roles_at(place));
        roles.iter().any(|role| self.fixed.get(role.0) != Some(&false))
    }
}

/// Which roles say what of a message that was just read, and the place that names its channel.
/// `None` if in another message of the same skeleton it might be others.
fn uses(decoder: &Decoder, message: &[u8], decoded: &Decoded) -> Option<(Uses, Option<PlaceId>)> {
    let Decoder { walker, skeletons, .. } = decoder;
    let caught = &walker.caught;
    let is_fixed = |role: RoleId| skeletons.fixed.get(role.0) != Some(&false);
    let varies = |role: RoleId| {
        let has_any = matches!(caught.value(role), Some(Value::Number(_) | Value::Text(_)));
        has_any && !is_fixed(role)
    };
    let mut uses = Vec::new();
    if decoder.naming.as_ref().is_some_and(|naming| caught.meets(&naming.when, message)) {
        return None;
    }
    let mut names_place = None;
    let is_channel = |role: RoleId| caught.channel(role).is_some();
    if let Some(role) = first(&decoder.channel, is_channel, varies)? {
        names_place = caught.place(role);
        uses.extend(varies(role).then_some((role, Use::Channel)));
    }
    let rule = decoder.rules.iter().find(|rule| caught.meets(&rule.when, message));
    let keys = rule.and_then(|rule| rule.key.as_ref()).map_or(&*decoder.key, std::slice::from_ref);
    if let Some(role) = first(keys, |role| caught.key(role).is_some(), varies)? {
        uses.extend(varies(role).then_some((role, Use::Key)));
    }
    for (index, sequence) in decoder.sequences.iter().enumerate() {
        let Some(position) = decoded.position.filter(|position| position.sequence == index) else {
            if sequence.number.is_some_and(varies) && applies(decoder, sequence, decoded)? {
                return None;
            }
            continue;
        };
        let roles = [
            (sequence.number, Use::Last, true),
            (sequence.first, Use::First, natural(caught, sequence.first)),
            (sequence.previous, Use::Previous, position.previous.is_some()),
        ];
        for (role, of, is_there) in roles {
            match role {
                Some(role) if is_there && varies(role) => uses.push((role, of)),
                // It might be there, or not be there, in another one.
                Some(role) if is_there || varies(role) => return None,
                _ => {}
            }
        }
        break;
    }
    for (role, unit) in &decoder.time {
        let is_time = time_at(caught, *role, *unit).is_some();
        match (is_time, varies(*role)) {
            (true, true) => uses.push((*role, Use::Time(*unit))),
            (false, false) => continue,
            _ => return None,
        }
        break;
    }
    if let Some(role) = decoder.cursor_at {
        match caught.value(role) {
            Some(Value::Number(_) | Value::Text(_)) if is_fixed(role) => return None,
            Some(Value::Number(_) | Value::Text(_)) => uses.push((role, Use::Cursor)),
            _ => {}
        }
    }
    Some((uses, names_place))
}

/// The first of the roles that is found to be `there`, if any is; `None` if one before it might be,
/// too, in another message.
fn first(
    roles: &[RoleId],
    there: impl Fn(RoleId) -> bool,
    varies: impl Fn(RoleId) -> bool,
) -> Option<Option<RoleId>> {
    for role in roles {
        if there(*role) {
            return Some(Some(*role));
        }
        if varies(*role) {
            return None;
        }
    }
    Some(None)
}

fn natural(caught: &Caught, role: Option<RoleId>) -> bool {
    matches!(role.and_then(|role| caught.number(role)), Some(Number::Natural(_)))
}

/// Whether a sequence is for the channel of this message. `None` if that cannot be told.
fn applies(decoder: &Decoder, sequence: &SequenceRoles, decoded: &Decoded) -> Option<bool> {
    if sequence.channels.is_empty() {
        return Some(true);
    }
    let channel = Some(decoded.record.channel).filter(|channel| *channel != OTHERS)?;
    let name = decoder.names.channel(channel)?;
    Some(sequence.channels.iter().any(|of| of == name))
}
