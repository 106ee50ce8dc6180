//! Text that others wrote, made harmless: a feed must not drive the terminal that it is shown on.

use serde::Serialize;
use serde_json::ser::Formatter;
use std::io;

/// The text with what a terminal would obey, or would not show, in a form that can be seen.
pub fn visible(text: &str) -> String {
    let mut seen = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            // Each of these has a picture of its own.
            '\0'..='\x1f' => seen.extend(char::from_u32(0x2400 + u32::from(c))),
            '\x7f' => seen.push('␡'),
            _ if is_unseen(c) => seen.extend(c.escape_unicode()),
            _ => seen.push(c),
        }
    }
    seen
}

/// As [`visible`], for text of several lines, which stay lines.
pub fn visible_lines(text: &str) -> impl Iterator<Item = String> {
    text.lines().map(visible)
}

/// Whether a terminal takes it for an order, or lets it change how others look.
fn is_unseen(c: char) -> bool {
    c.is_control()
        || matches!(c,
            // The soft hyphen, and what joins, parts or turns the direction of others.
            '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}'
            | '\u{e0000}'..='\u{e007f}')
}

/// Appends a value as a line of JSON. What a terminal would obey is escaped, which means the same
/// to whoever parses it.
pub fn json_line(value: &impl Serialize, into: &mut Vec<u8>) {
    let start = into.len();
    let mut serializer = serde_json::Serializer::with_formatter(&mut *into, Harmless);
    if value.serialize(&mut serializer).is_err() {
        // Only a map whose keys are no texts fails, and there is none.
        into.truncate(start);
        return;
    }
    into.push(b'\n');
}

struct Harmless;

impl Formatter for Harmless {
    fn write_string_fragment<W>(&mut self, writer: &mut W, fragment: &str) -> io::Result<()>
    where
        W: ?Sized + io::Write,
    {
        let mut rest = fragment;
        while let Some((at, c)) =
            rest.char_indices().find(|(_, c)| !c.is_ascii() && is_unseen(*c) || *c == '\x7f')
        {
            writer.write_all(&rest.as_bytes()[..at])?;
            for unit in c.encode_utf16(&mut [0; 2]) {
                write!(writer, "\\u{unit:04x}")?;
            }
            rest = &rest[at + c.len_utf8()..];
        }
        writer.write_all(rest.as_bytes())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOSTILE: &str = "\x1b]0;owned\x07\u{9b}31mred\u{202e}txt\x7f\r\n\u{200b}é😀";

    #[test]
    fn orders_to_the_terminal_can_be_seen() {
        assert_eq!(visible(HOSTILE), "␛]0;owned␇\\u{9b}31mred\\u{202e}txt␡␍␊\\u{200b}é😀");
    }

    #[test]
    fn json_has_no_orders_and_means_the_same() {
        let mut line = Vec::new();
        json_line(&HOSTILE, &mut line);
        let line = String::from_utf8(line).unwrap();
        assert!(line.trim_end().chars().all(|c| !c.is_control() && !is_unseen(c)), "{line}");
        assert_eq!(serde_json::from_str::<String>(&line).unwrap(), HOSTILE);
    }

    #[test]
    fn what_is_beyond_sixteen_bits_is_escaped_as_a_pair() {
        let mut line = Vec::new();
        json_line(&"\u{e0041}", &mut line);
        assert_eq!(line, b"\"\\udb40\\udc41\"\n");
        assert_eq!(serde_json::from_slice::<String>(&line).unwrap(), "\u{e0041}");
    }
}
