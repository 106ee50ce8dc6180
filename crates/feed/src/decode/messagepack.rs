//! MessagePack, token by token.

use super::binary::{Token, Tokens, Wrong, take_array, take_bytes, take_text};
use super::number::Number;
use rmp::Marker;

/// The extension type of moments.
const TIMESTAMP: i8 = -1;

#[derive(Clone)]
pub(super) struct MessagePack<'m> {
    rest: &'m [u8],
}

impl<'m> Tokens<'m> for MessagePack<'m> {
    const FORMAT: &'static str = "MessagePack";

    fn new(message: &'m [u8]) -> Self {
        MessagePack { rest: message }
    }

    fn rest(&self) -> &'m [u8] {
        self.rest
    }

    fn take(&mut self) -> Result<Token<'m>, Wrong> {
        let mut rest = self.rest;
        let token = token(&mut rest)?;
        self.rest = rest;
        Ok(token)
    }
}

fn token<'m>(rest: &mut &'m [u8]) -> Result<Token<'m>, Wrong> {
    let [marker] = take_array(rest)?;
    Ok(match Marker::from_u8(marker) {
        Marker::FixPos(number) => natural(number),
        Marker::U8 => natural(u8::from_be_bytes(take_array(rest)?)),
        Marker::U16 => natural(u16::from_be_bytes(take_array(rest)?)),
        Marker::U32 => natural(u32::from_be_bytes(take_array(rest)?)),
        Marker::U64 => natural(u64::from_be_bytes(take_array(rest)?)),
        Marker::FixNeg(number) => integer(number),
        Marker::I8 => integer(i8::from_be_bytes(take_array(rest)?)),
        Marker::I16 => integer(i16::from_be_bytes(take_array(rest)?)),
        Marker::I32 => integer(i32::from_be_bytes(take_array(rest)?)),
        Marker::I64 => integer(i64::from_be_bytes(take_array(rest)?)),
        Marker::F32 => Token::Number(Number::Float(f32::from_be_bytes(take_array(rest)?).into())),
        Marker::F64 => Token::Number(Number::Float(f64::from_be_bytes(take_array(rest)?))),
        Marker::Null => Token::Null,
        Marker::False => Token::Bool(false),
        Marker::True => Token::Bool(true),
        Marker::FixStr(bytes) => text(bytes.into(), rest)?,
        Marker::Str8 => text(u8::from_be_bytes(take_array(rest)?).into(), rest)?,
        Marker::Str16 => text(u16::from_be_bytes(take_array(rest)?).into(), rest)?,
        Marker::Str32 => text(u32::from_be_bytes(take_array(rest)?).into(), rest)?,
        Marker::Bin8 => opaque(u8::from_be_bytes(take_array(rest)?).into(), rest)?,
        Marker::Bin16 => opaque(u16::from_be_bytes(take_array(rest)?).into(), rest)?,
        Marker::Bin32 => opaque(u32::from_be_bytes(take_array(rest)?).into(), rest)?,
        Marker::FixExt1 => extension(1, rest)?,
        Marker::FixExt2 => extension(2, rest)?,
        Marker::FixExt4 => extension(4, rest)?,
        Marker::FixExt8 => extension(8, rest)?,
        Marker::FixExt16 => extension(16, rest)?,
        Marker::Ext8 => extension(u8::from_be_bytes(take_array(rest)?).into(), rest)?,
        Marker::Ext16 => extension(u16::from_be_bytes(take_array(rest)?).into(), rest)?,
        Marker::Ext32 => extension(u32::from_be_bytes(take_array(rest)?).into(), rest)?,
        Marker::FixArray(count) => Token::Array(Some(count.into())),
        Marker::Array16 => Token::Array(Some(u16::from_be_bytes(take_array(rest)?).into())),
        Marker::Array32 => Token::Array(Some(u32::from_be_bytes(take_array(rest)?).into())),
        Marker::FixMap(count) => Token::Map(Some(count.into())),
        Marker::Map16 => Token::Map(Some(u16::from_be_bytes(take_array(rest)?).into())),
        Marker::Map32 => Token::Map(Some(u32::from_be_bytes(take_array(rest)?).into())),
        Marker::Reserved => return Err(Wrong::Invalid("a byte that nothing begins with")),
    })
}

fn natural<'m>(number: impl Into<u64>) -> Token<'m> {
    Token::Number(Number::Natural(number.into()))
}

fn integer<'m>(number: impl Into<i64>) -> Token<'m> {
    let number = number.into();
    Token::Number(match u64::try_from(number) {
        Ok(natural) => Number::Natural(natural),
        Err(_) => Number::Negative(number),
    })
}

fn text<'m>(bytes: u64, rest: &mut &'m [u8]) -> Result<Token<'m>, Wrong> {
    Ok(Token::Text(take_text(rest, size(bytes))?.into()))
}

fn opaque<'m>(bytes: u64, rest: &mut &'m [u8]) -> Result<Token<'m>, Wrong> {
    take_bytes(rest, size(bytes)).map(|_| Token::Opaque)
}

fn extension<'m>(bytes: u64, rest: &mut &'m [u8]) -> Result<Token<'m>, Wrong> {
    let kind = i8::from_be_bytes(take_array(rest)?);
    let data = take_bytes(rest, size(bytes))?;
    let nanos = if kind == TIMESTAMP { timestamp(data) } else { None };
    Ok(nanos.map_or(Token::Opaque, Token::Time))
}

/// A moment in any of its three forms; `None` if it is beyond the year 2262.
fn timestamp(data: &[u8]) -> Option<i64> {
    let (seconds, nanos) = match *data {
        [a, b, c, d] => (i64::from(u32::from_be_bytes([a, b, c, d])), 0),
        [a, b, c, d, e, f, g, h] => {
            let both = u64::from_be_bytes([a, b, c, d, e, f, g, h]);
            (i64::try_from(both & 0x3_ffff_ffff).ok()?, i64::try_from(both >> 34).ok()?)
        }
        [a, b, c, d, ref seconds @ ..] => {
            let seconds = i64::from_be_bytes(seconds.try_into().ok()?);
            (seconds, i64::from(u32::from_be_bytes([a, b, c, d])))
        }
        _ => return None,
    };
    seconds.checked_mul(1_000_000_000)?.checked_add(nanos)
}

/// More than there is in memory is more than the message has.
fn size(bytes: u64) -> usize {
    usize::try_from(bytes).unwrap_or(usize::MAX)
}
