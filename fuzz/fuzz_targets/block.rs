//! Any bytes as a block of samples, and any samples through one: twelve bytes each, of which the
//! first of an input says what they are.

#![no_main]

use feedscope_history::Axis;
use feedscope_history::block::{self, Room};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: &[u8]| {
    read(input);
    let [shape, input @ ..] = input else { return };
    let (mut times, mut arrivals, mut values) = (Vec::new(), Vec::new(), Vec::new());
    let mut before = 1_700_000_000_000_000_000_i64;
    for bytes in input.chunks_exact(12).take(block::SAMPLES_MAX) {
        let (words, _) = bytes.as_chunks::<4>();
        let [step, lag, value] = [0, 1, 2].map(|word| i32::from_le_bytes(words[word]));
        let unit = if shape & 1 == 0 { 1 } else { 1_000_000 };
        let step = i64::from(step) << if shape & 2 == 0 { 0 } else { 32 };
        before = before.wrapping_add(step.wrapping_mul(unit));
        times.push(before);
        arrivals.push(match shape & 4 {
            0 => before.wrapping_add(i64::from(lag)),
            _ => before,
        });
        values.push(match shape >> 3 & 3 {
            0 => f64::from(value) / 100.0,
            1 => f64::from(value),
            2 => f64::from(f32::from_bits(value as u32)),
            _ => f64::from_bits((value as u64) << 32 | lag as u32 as u64),
        });
    }
    let mut bytes = Vec::new();
    assert_eq!(block::encode(&times, &arrivals, &values, &mut bytes), times.len());
    let (decoded_times, decoded_arrivals, decoded_values) = read(&bytes);
    assert_eq!(decoded_times.as_ref(), Some(&times));
    assert_eq!(decoded_arrivals.as_ref(), Some(&arrivals));
    let bits = |values: Vec<f64>| values.into_iter().map(f64::to_bits).collect::<Vec<_>>();
    assert_eq!(decoded_values.map(bits), Some(bits(values)));
});

fn read(bytes: &[u8]) -> (Option<Vec<i64>>, Option<Vec<i64>>, Option<Vec<f64>>) {
    let (mut times, mut arrivals, mut values) = (Vec::new(), Vec::new(), Vec::new());
    let is_whole = [
        block::times(bytes, &mut times).is_ok(),
        block::arrivals(bytes, &mut arrivals).is_ok(),
        block::values(bytes, &mut values).is_ok(),
    ];
    for len in [times.len(), arrivals.len(), values.len()] {
        assert!(len <= block::SAMPLES_MAX);
    }
    let mut room = Room::default();
    if let Ok(samples) = room.decode(bytes, Axis::Source) {
        assert_eq!((samples.times, samples.moments), (&times[..], &times[..]));
        assert_eq!(samples.values.len(), values.len());
    }
    if let Ok(samples) = room.decode(bytes, Axis::Arrival) {
        assert_eq!((samples.times, samples.moments), (&times[..], &arrivals[..]));
        assert_eq!(samples.values.len(), values.len());
    }
    (is_whole[0].then_some(times), is_whole[1].then_some(arrivals), is_whole[2].then_some(values))
}
