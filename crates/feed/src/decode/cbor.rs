//! CBOR, token by token. Tags are passed over, except those of large integers.

use super::binary::{Token, Tokens, Wrong, take_bytes, take_text};
use super::number::Number;
use ciborium_ll::{Decoder, Error, Header, simple};

/// The tags of integers of any size, and of such below zero.
const LARGE: u64 = 2;
const LARGE_NEGATIVE: u64 = 3;

#[derive(Clone)]
pub(super) struct Cbor<'m> {
    rest: &'m [u8],
}

impl<'m> Tokens<'m> for Cbor<'m> {
    const FORMAT: &'static str = "CBOR";

    fn new(message: &'m [u8]) -> Self {
        Cbor { rest: message }
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
    let mut tag = None;
    Ok(loop {
        break match header(rest)? {
            Header::Tag(number) => {
                tag = Some(number);
                continue;
            }
            Header::Positive(number) => Token::Number(Number::Natural(number)),
            // As it is written, all of its bits are the other way round.
            Header::Negative(number) => Token::Number(match i64::try_from(number) {
                Ok(number) => Number::Negative(!number),
                Err(_) => Number::Float(-1.0 - number as f64),
            }),
            Header::Float(number) => Token::Number(Number::Float(number)),
            Header::Simple(simple::TRUE) => Token::Bool(true),
            Header::Simple(simple::FALSE) => Token::Bool(false),
            Header::Simple(simple::NULL | simple::UNDEFINED) => Token::Null,
            Header::Simple(_) => Token::Opaque,
            Header::Text(Some(bytes)) => Token::Text(take_text(rest, bytes)?.into()),
            Header::Text(None) => {
                let mut text = String::new();
                loop {
                    match header(rest)? {
                        Header::Text(Some(bytes)) => text.push_str(take_text(rest, bytes)?),
                        Header::Break => break Token::Text(text.into()),
                        _ => {
                            return Err(Wrong::Invalid("a text in pieces has another value in it"));
                        }
                    }
                }
            }
            Header::Bytes(Some(count)) => {
                let bytes = take_bytes(rest, count)?;
                let size = || bytes.iter().fold(0.0, |sum, byte| sum * 256.0 + f64::from(*byte));
                match tag {
                    Some(LARGE) => Token::Number(Number::Float(size())),
                    Some(LARGE_NEGATIVE) => Token::Number(Number::Float(-1.0 - size())),
                    _ => Token::Opaque,
                }
            }
            Header::Bytes(None) => loop {
                match header(rest)? {
                    Header::Bytes(Some(count)) => take_bytes(rest, count).map(|_| ())?,
                    Header::Break => break Token::Opaque,
                    _ => return Err(Wrong::Invalid("bytes in pieces have another value in them")),
                }
            },
            Header::Array(count) => Token::Array(count.map(|count| count as u64)),
            Header::Map(count) => Token::Map(count.map(|count| count as u64)),
            Header::Break if tag.is_some() => return Err(Wrong::Invalid("a tag of nothing")),
            Header::Break => Token::End,
        };
    })
}

fn header(rest: &mut &[u8]) -> Result<Header, Wrong> {
    let mut decoder = Decoder::from(*rest);
    let header = decoder.pull().map_err(|error| match error {
        Error::Io(_) => Wrong::EndsTooSoon,
        Error::Syntax(_) => Wrong::Invalid("a byte that nothing begins with"),
    })?;
    take_bytes(rest, decoder.offset())?;
    Ok(header)
}
