//! What messages that cannot be read look like: by how they begin.

use crate::decode::{Decoder, Part};
use crate::profile::{Compression, Decode, Format, Framing, Profile};
use crate::record::Time;

/// What a message that came looks like, if that is not what the profile says, and what to put into
/// the profile.
pub(super) fn of(message: &[u8], is_text: bool, decode: &Decode) -> Option<&'static str> {
    if is_text {
        let is_engine_io = message.starts_with(b"0{\"sid\"") || message == b"2" || message == b"40";
        return (is_engine_io && decode.framing != Framing::SocketIo).then_some(
            "That is how a Socket.IO server speaks: use the profile socket-io, or put \
             decode.framing = \"socket-io\" into this one, with a URL that ends in \
             /socket.io/?EIO=4&transport=websocket.",
        );
    }
    let compressed = match message {
        [0x1f, 0x8b, ..] => Some((
            Compression::Gzip,
            "It begins as what is compressed with gzip does: put decode.compression = \"gzip\" \
             into the profile.",
        )),
        [0x28, 0xb5, 0x2f, 0xfd, ..] => Some((
            Compression::Zstd,
            "It begins as what is compressed with zstd does: put decode.compression = \"zstd\" \
             into the profile.",
        )),
        [0x78, second, ..] if (0x7800 + u32::from(*second)).is_multiple_of(31) => Some((
            Compression::Zlib,
            "It begins as what is compressed with zlib does: put decode.compression = \"zlib\" \
             into the profile.",
        )),
        _ => None,
    };
    if let Some((compression, sign)) = compressed {
        let is_known = [compression, Compression::Auto].contains(&decode.compression);
        return (!is_known).then_some(sign);
    }
    if decode.compression != Compression::None {
        return None;
    }
    // How it begins may be right for both.
    let is = |format, looks_so: fn(&[u8]) -> bool| looks_so(message) && reads_as(format, message);
    if decode.format != Format::MessagePack && is(Format::MessagePack, is_messagepack) {
        Some("It looks like MessagePack: put decode.format = \"messagepack\" into the profile.")
    } else if decode.format != Format::Cbor && is(Format::Cbor, is_cbor) {
        Some("It looks like CBOR: put decode.format = \"cbor\" into the profile.")
    } else {
        None
    }
}

/// Whether all of the message can be read as this.
fn reads_as(format: Format, message: &[u8]) -> bool {
    let decode = Decode { format, ..Decode::default() };
    let Ok(mut decoder) = Decoder::new(&Profile { decode, ..Profile::from_url("") }) else {
        return false;
    };
    let mut parts = Vec::new();
    decoder.decode(message, false, Time::default(), &mut parts);
    parts.iter().all(|part| matches!(part, Part::Message(_)))
}

/// A map whose first key is a text, or an array of such.
fn is_messagepack(message: &[u8]) -> bool {
    match message {
        // fixmap; map 16, map 32.
        [0x81..=0x8f, rest @ ..] | [0xde, _, _, rest @ ..] | [0xdf, _, _, _, _, rest @ ..] => {
            match rest {
                [length @ 0xa1..=0xbf, rest @ ..] => is_word(rest, usize::from(length & 0x1f)),
                [0xd9, length, rest @ ..] => is_word(rest, usize::from(*length)),
                _ => false,
            }
        }
        // fixarray; array 16.
        [0x91..=0x9f, rest @ ..] | [0xdc, _, _, rest @ ..] => is_messagepack(rest),
        _ => false,
    }
}

fn is_cbor(message: &[u8]) -> bool {
    match message {
        // The tag that says: this is CBOR.
        [0xd9, 0xd9, 0xf7, ..] => true,
        [0xa1..=0xb7 | 0xbf, rest @ ..] | [0xb8, _, rest @ ..] | [0xb9, _, _, rest @ ..] => {
            match rest {
                [length @ 0x61..=0x77, rest @ ..] => is_word(rest, usize::from(length & 0x1f)),
                [0x78, length, rest @ ..] => is_word(rest, usize::from(*length)),
                _ => false,
            }
        }
        [0x81..=0x97 | 0x9f, rest @ ..] | [0x98, _, rest @ ..] => is_cbor(rest),
        _ => false,
    }
}

/// Whether these bytes begin with a word of this length, as keys are.
fn is_word(bytes: &[u8], length: usize) -> bool {
    let is_fit = |byte: &u8| byte.is_ascii_graphic() || *byte == b' ';
    bytes.get(..length).is_some_and(|word| !word.is_empty() && word.iter().all(is_fit))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_messages_look_like_is_told_and_what_the_profile_says_already_is_not() {
        let plain = Decode::default();
        let with = |compression, format| Decode { compression, format, ..Decode::default() };
        for (message, sign, known) in [
            (&b"\x1f\x8b\x08\0\0"[..], "gzip", with(Compression::Gzip, Format::Json)),
            (b"\x1f\x8b\x08\0\0", "gzip", with(Compression::Auto, Format::Json)),
            (b"\x78\x9c\x01", "zlib", with(Compression::Zlib, Format::Json)),
            (b"\x28\xb5\x2f\xfd\0", "zstd", with(Compression::Zstd, Format::Json)),
            (
                b"\x82\xa5price\x01\xa1x\x02",
                "messagepack",
                with(Compression::None, Format::MessagePack),
            ),
            (b"\x91\x81\xa1T\xa1q", "messagepack", with(Compression::None, Format::MessagePack)),
            (b"\xa2\x65price\x01\x61x\x02", "cbor", with(Compression::None, Format::Cbor)),
            (b"\x81\xa1\x61T\x61q", "cbor", with(Compression::None, Format::Cbor)),
        ] {
            let found = of(message, false, &plain).unwrap_or_else(|| panic!("{message:?}"));
            assert!(found.contains(&format!("\"{sign}\"")), "{message:?}: {found}");
            assert_eq!(of(message, false, &known), None, "{message:?}");
        }
        for message in [&b""[..], b"{\"a\":1}", b"\xff\0\xfe", b"\x78\x01x"[..1].as_ref()] {
            assert_eq!(of(message, false, &plain), None, "{message:?}");
        }
        let hello = br#"0{"sid":"x","upgrades":[],"pingInterval":25000}"#;
        assert!(of(hello, true, &plain).unwrap().contains("socket-io"));
        let framed = Decode { framing: Framing::SocketIo, ..Decode::default() };
        assert_eq!(of(hello, true, &framed), None);
        assert_eq!(of(b"{\"sid\":1}", true, &plain), None);
    }
}
