//! Any messages, read by any of the profiles that come with Feedscope, or by one for each of the
//! other formats: the first byte of an input says which.

#![no_main]

use feedscope_feed::profile::{
    Compression, Decode, Endian, Format, Framing, Profile, Raw, RawNumber,
};
use libfuzzer_sys::fuzz_target;
use std::sync::LazyLock;

static PROFILES: LazyLock<Vec<Profile>> = LazyLock::new(|| {
    let bundled = Profile::bundled().iter().filter_map(|one| Profile::bundled_named(one.id));
    let of = |decode| Profile { decode, ..Profile::from_url("ws://localhost") };
    let raw = |number, endian| {
        let fields = vec!["left".to_owned(), "right".to_owned()];
        let raw = Raw { number, endian, skip_bytes: 2, fields, interval: None };
        of(Decode { format: Format::Raw, raw: Some(raw), ..Decode::default() })
    };
    let others = [
        of(Decode { array: true, ..Decode::default() }),
        of(Decode { compression: Compression::Auto, ..Decode::default() }),
        of(Decode { compression: Compression::Deflate, ..Decode::default() }),
        of(Decode { format: Format::Cbor, array: true, ..Decode::default() }),
        of(Decode { format: Format::MessagePack, array: true, ..Decode::default() }),
        of(Decode { framing: Framing::SocketIo, ..Decode::default() }),
        raw(RawNumber::F32, Endian::Little),
        raw(RawNumber::F64, Endian::Big),
        raw(RawNumber::I16, Endian::Little),
    ];
    let profiles = bundled.chain(others).map(|mut profile| {
        // So that a bomb is one long before it hurts the fuzzer.
        profile.limits.message_bytes_max = 1 << 20;
        profile
    });
    profiles.collect()
});

fuzz_target!(|input: &[u8]| {
    let Some((first, messages)) = input.split_first() else { return };
    feedscope_fuzz::play(&PROFILES[usize::from(*first) % PROFILES.len()], messages);
});
