//! Any text as a profile, then, if it is one, some messages read by it.

#![no_main]

use feedscope_feed::Profile;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: &[u8]| {
    let mut halves = input.splitn(2, |byte| *byte == feedscope_fuzz::SEPARATOR);
    let text = halves.next().and_then(|text| std::str::from_utf8(text).ok());
    let Some(text) = text else { return };
    match Profile::parse(text) {
        Ok(profile) => {
            assert!(profile.check().is_empty(), "what was read has no problems");
            assert!(profile.shown_url().len() <= 4 * text.len() + 1_024);
            feedscope_fuzz::play(&profile, halves.next().unwrap_or_default());
        }
        Err(errors) => assert!(!errors.to_string().is_empty()),
    }
});
