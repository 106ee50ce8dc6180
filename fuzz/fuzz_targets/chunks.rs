//! Any pieces of messages, put together within narrow limits that the first bytes of an input say.

#![no_main]

use feedscope_feed::profile::{Chunks, Decode, Encoding, Path, Profile};
use libfuzzer_sys::fuzz_target;
use std::time::Duration;

fuzz_target!(|input: &[u8]| {
    let [unfinished, bytes, wait, flags, messages @ ..] = input else { return };
    let chunks = Chunks {
        id: Path::key("id"),
        index: Path::key("n"),
        total: Path::key("of"),
        data: Path::key("d"),
        first_index: u64::from(flags & 1),
        encoding: if flags & 2 == 0 { Encoding::Text } else { Encoding::Base64 },
        unfinished_max: usize::from(*unfinished).max(1),
        bytes_max: 16 * usize::from(*bytes),
        wait_max: Duration::from_millis(u64::from(*wait)),
    };
    let decode = Decode { chunks: Some(chunks), array: flags & 4 != 0, ..Decode::default() };
    let profile = Profile { decode, ..Profile::from_url("ws://localhost") };
    feedscope_fuzz::play(&profile, messages);
});
