//! The pass over a message in MessagePack or CBOR, which differ from JSON in their spelling alone.

use super::error::DecodeError;
use super::number::Number;
use super::places::{ITEMS_MAX, PlaceId, ROOT};
use super::roles::Value;
use super::walk::{BARE_KEY, Walker};
use std::borrow::Cow;

/// Values nested deeper than this are refused, as in JSON.
const DEPTH_MAX: usize = 128;

/// What comes next in a message.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Token<'m> {
    Number(Number),
    Text(Cow<'m, str>),
    Bool(bool),
    Null,
    /// A moment, in nanoseconds since the Unix epoch.
    Time(i64),
    /// Something that is no value to us: bytes, an extension.
    Opaque,
    /// An array of this many items, or of those up to [`Token::End`].
    Array(Option<u64>),
    /// A map of this many entries, or of those up to [`Token::End`].
    Map(Option<u64>),
    End,
}

/// The rest of a message. A copy can look ahead.
pub(super) trait Tokens<'m>: Clone {
    const FORMAT: &'static str;

    /// All of a message.
    fn new(message: &'m [u8]) -> Self;

    fn rest(&self) -> &'m [u8];

    /// Takes what comes next. Each token takes at least a byte.
    fn take(&mut self) -> Result<Token<'m>, Wrong>;
}

/// What is wrong with the bytes that come next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Wrong {
    EndsTooSoon,
    Invalid(&'static str),
}

/// Reads a message into what the walker has of it.
pub(super) fn read<'m, T: Tokens<'m>>(
    walker: &mut Walker,
    message: &'m [u8],
) -> Result<(), DecodeError> {
    walker.begin();
    if message.is_empty() {
        return Err(DecodeError::empty());
    }
    let mut tokens = T::new(message);
    let read = read_whole(&mut tokens, walker);
    read.map_err(|wrong| error::<T>(message, &tokens, wrong))
}

/// Hands on each item of the array that the message is. `None` if it is none.
pub(super) fn items<'m, T: Tokens<'m>>(
    message: &'m [u8],
    mut item: impl FnMut(&'m [u8]),
) -> Option<Result<(), DecodeError>> {
    let mut tokens = T::new(message);
    let Ok(Token::Array(count)) = tokens.take() else { return None };
    let read = split(&mut tokens, count, &mut item);
    Some(read.map_err(|wrong| error::<T>(message, &tokens, wrong)))
}

fn split<'m, T: Tokens<'m>>(
    tokens: &mut T,
    count: Option<u64>,
    item: &mut impl FnMut(&'m [u8]),
) -> Result<(), Wrong> {
    let mut left = count;
    loop {
        let start = tokens.rest();
        if !goes_on(tokens, &mut left)? {
            return at_end(tokens);
        }
        Pass { walker: None, depth: 1 }.value(tokens, None)?;
        let length = start.len() - tokens.rest().len();
        item(start.get(..length).unwrap_or_default());
    }
}

fn read_whole<'m, T: Tokens<'m>>(tokens: &mut T, walker: &mut Walker) -> Result<(), Wrong> {
    let place = match tokens.clone().take()? {
        Token::Array(_) | Token::Map(_) => Some(ROOT),
        _ => walker.places.key(ROOT, BARE_KEY, &mut 0, &mut walker.unlisted),
    };
    Pass { walker: Some(walker), depth: 0 }.value(tokens, place)?;
    at_end(tokens)
}

fn at_end<'m>(tokens: &impl Tokens<'m>) -> Result<(), Wrong> {
    match tokens.rest() {
        [] => Ok(()),
        _ => Err(Wrong::Invalid("there is more after its end")),
    }
}

fn error<'m, T: Tokens<'m>>(message: &[u8], tokens: &T, wrong: Wrong) -> DecodeError {
    let format = T::FORMAT;
    let byte = message.len() - tokens.rest().len() + 1;
    DecodeError::new(match wrong {
        Wrong::EndsTooSoon => format!("Not {format}: it ends too soon, after {byte} bytes"),
        Wrong::Invalid(what) => format!("Not {format}: {what} at byte {byte}"),
    })
}

/// Whether there is another item; takes the end if there is not.
fn goes_on<'m>(tokens: &mut impl Tokens<'m>, left: &mut Option<u64>) -> Result<bool, Wrong> {
    match left {
        Some(0) => Ok(false),
        Some(left) => {
            *left -= 1;
            Ok(true)
        }
        None => {
            let mut ahead = tokens.clone();
            let ends = ahead.take()? == Token::End;
            if ends {
                *tokens = ahead;
            }
            Ok(!ends)
        }
    }
}

/// A pass over a value. Without a walker, it is only passed over.
struct Pass<'w> {
    walker: Option<&'w mut Walker>,
    depth: usize,
}

impl Pass<'_> {
    /// Reads a value as what stands at `place`, or passes over it.
    fn value<'m, T: Tokens<'m>>(
        &mut self,
        tokens: &mut T,
        place: Option<PlaceId>,
    ) -> Result<(), Wrong> {
        let token = tokens.take()?;
        if let (Some(walker), Some(place)) = (&mut self.walker, place) {
            match &token {
                Token::Number(number) => walker.number(place, *number),
                Token::Text(text) => walker.text(place, text),
                Token::Bool(value) => walker.other(place, Value::Bool(*value)),
                Token::Null => walker.other(place, Value::Null),
                Token::Time(nanos) => walker.other(place, Value::Time(*nanos)),
                Token::Opaque | Token::Array(_) | Token::Map(_) => {
                    walker.other(place, Value::Container);
                }
                Token::End => {}
            }
        }
        if !matches!(token, Token::Array(_) | Token::Map(_) | Token::End) {
            return Ok(());
        }
        self.depth += 1;
        if self.depth > DEPTH_MAX {
            return Err(Wrong::Invalid("it is nested too deeply"));
        }
        match token {
            Token::Array(count) => self.array(tokens, count, place)?,
            Token::Map(count) => self.map(tokens, count, place)?,
            _ => return Err(Wrong::Invalid("a value ends that has not begun")),
        }
        self.depth -= 1;
        Ok(())
    }

    fn array<'m, T: Tokens<'m>>(
        &mut self,
        tokens: &mut T,
        count: Option<u64>,
        place: Option<PlaceId>,
    ) -> Result<(), Wrong> {
        let lookahead = match (&self.walker, place) {
            (Some(walker), Some(place)) => walker.places.lookahead(place),
            _ => 0,
        };
        // Items are counted from the end only where the number of all is known.
        let all = match count {
            Some(count) => Some(usize::try_from(count).unwrap_or(usize::MAX)),
            None if lookahead > 0 => Some(self.count(tokens.clone())?),
            None => None,
        };
        let (mut left, mut index) = (count, 0);
        while goes_on(tokens, &mut left)? {
            let from_end = all.and_then(|all| all.checked_sub(index));
            let from_end = from_end.filter(|from_end| (1..=lookahead).contains(from_end));
            let child = match (&mut self.walker, place) {
                (Some(walker), Some(place))
                    if index < ITEMS_MAX || walker.places.leads_on(place) =>
                {
                    walker.places.item(place, index, from_end, &mut walker.unlisted)
                }
                _ => None,
            };
            self.value(tokens, child)?;
            index += 1;
        }
        if let (Some(walker), Some(place)) = (&mut self.walker, place) {
            walker.places.count_items(place, index, &mut walker.unlisted);
        }
        Ok(())
    }

    fn map<'m, T: Tokens<'m>>(
        &mut self,
        tokens: &mut T,
        count: Option<u64>,
        place: Option<PlaceId>,
    ) -> Result<(), Wrong> {
        let (mut left, mut next) = (count, 0);
        while goes_on(tokens, &mut left)? {
            let key: Option<Cow<'_, str>> = match tokens.clone().take()? {
                Token::Text(text) => Some(text),
                Token::Number(Number::Natural(number)) => Some(number.to_string().into()),
                Token::Number(Number::Negative(number)) => Some(number.to_string().into()),
                // Such a key has no name, and its value no path.
                _ => None,
            };
            self.value(tokens, None)?;
            let child = match (&mut self.walker, place, key) {
                (Some(walker), Some(place), Some(key)) => {
                    walker.places.key(place, &key, &mut next, &mut walker.unlisted)
                }
                _ => None,
            };
            self.value(tokens, child)?;
        }
        Ok(())
    }

    /// The number of items up to the end.
    fn count<'m, T: Tokens<'m>>(&self, mut tokens: T) -> Result<usize, Wrong> {
        let mut pass = Pass { walker: None, depth: self.depth };
        let mut count = 0;
        while goes_on(&mut tokens, &mut None)? {
            pass.value(&mut tokens, None)?;
            count += 1;
        }
        Ok(count)
    }
}

/// Takes that many bytes off the front.
pub(super) fn take_bytes<'m>(rest: &mut &'m [u8], count: usize) -> Result<&'m [u8], Wrong> {
    let (taken, after) = rest.split_at_checked(count).ok_or(Wrong::EndsTooSoon)?;
    *rest = after;
    Ok(taken)
}

/// Takes a number's bytes off the front.
pub(super) fn take_array<const N: usize>(rest: &mut &[u8]) -> Result<[u8; N], Wrong> {
    let (taken, after) = rest.split_first_chunk().ok_or(Wrong::EndsTooSoon)?;
    *rest = after;
    Ok(*taken)
}

/// Takes a text of that many bytes off the front.
pub(super) fn take_text<'m>(rest: &mut &'m [u8], bytes: usize) -> Result<&'m str, Wrong> {
    let mut after = *rest;
    let text = take_bytes(&mut after, bytes)?;
    let text = std::str::from_utf8(text).map_err(|_| Wrong::Invalid("a text that is not UTF-8"))?;
    *rest = after;
    Ok(text)
}
