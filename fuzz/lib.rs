//! What the fuzz targets share: messages played through decoder and sequencer, with a ledger that
//! must balance at every step.

use feedscope_feed::decode::{Decoder, Part};
use feedscope_feed::profile::{Kind, Profile};
use feedscope_feed::sequence::{Sequencer, Step};
use feedscope_feed::{Fate, Ledger, Time};
use std::time::{Duration, Instant};

/// What an input is parted at: in UTF-8 it is a byte that no text has, and so lets texts grow.
pub const SEPARATOR: u8 = 0xFF;

/// More would only make a case slow.
const MESSAGES_MAX: usize = 64;

/// Plays messages, parted by [`SEPARATOR`], through all that comes after the socket. Those that
/// begin with a zero came as binary. The byte after that says how long the message was waited for.
pub fn play(profile: &Profile, input: &[u8]) {
    // It names files that are not there.
    let Ok(mut decoder) = Decoder::new(profile) else { return };
    // Reads the same messages, and learns from them what they have in common.
    let Ok(mut learning) = Decoder::new(profile) else { return };
    let mut sequencer = Sequencer::new(&profile.sequence);
    let mut ledger = Ledger::default();
    let (mut parts, mut steps) = (Vec::new(), Vec::new());
    let mut arrival = Time(1_700_000_000_000_000_000);
    let mut now = Instant::now();
    for message in input.split(|byte| *byte == SEPARATOR).take(MESSAGES_MAX) {
        let (is_text, message) = match message {
            [0, wait, rest @ ..] => {
                let wait = Duration::from_millis(u64::from(*wait));
                (arrival, now) = (arrival + wait, now + wait);
                (false, rest)
            }
            text => (std::str::from_utf8(text).is_ok(), text),
        };
        sequencer.handle_timeout(now, &mut steps);
        settle(&mut ledger, &mut steps);
        decoder.decode(message, is_text, arrival, &mut parts);
        let learned = learning.decode_plain(message, is_text, arrival);
        if let Some(learned) = learned.map(Part::Message) {
            let [general] = &parts[..] else { panic!("{parts:?}, but {learned:?}") };
            assert_eq!(format!("{general:?}"), format!("{learned:?}"));
            assert_eq!(decoder.cursor(), learning.cursor());
        } else {
            learning.decode(message, is_text, arrival, &mut Vec::new());
        }
        for part in parts.drain(..) {
            match part {
                Part::Message(decoded) => {
                    let record = &decoded.record;
                    assert!(record.fields.iter().all(|(_, value)| value.is_finite()));
                    assert!(decoder.names().channel(record.channel).is_some());
                    let scope = decoded.position.and_then(|position| {
                        sequencer.scope(position.sequence, record.channel, record.key)
                    });
                    sequencer.accept(
                        now,
                        scope,
                        decoded.position,
                        decoded.kind == Kind::Snapshot,
                        message.len(),
                        (),
                        &mut steps,
                    );
                    settle(&mut ledger, &mut steps);
                }
                Part::Undecodable(error) => {
                    assert!(!error.to_string().is_empty());
                    ledger.admit(Fate::Undecodable);
                }
                Part::Piece => ledger.admit(Fate::Held),
                Part::Joined(pieces) => settle_pieces(&mut ledger, pieces, Fate::Control),
                Part::GivenUp(pieces, _) => {
                    settle_pieces(&mut ledger, pieces, Fate::Undecodable);
                }
            }
        }
    }
    sequencer.session_ended(&mut steps);
    settle(&mut ledger, &mut steps);
    decoder.session_started(&mut parts);
    for part in parts {
        if let Part::GivenUp(pieces, _) = part {
            settle_pieces(&mut ledger, pieces, Fate::Undecodable);
        }
    }
    assert_eq!(ledger.held(), 0, "everything held has found its fate");
}

fn settle_pieces(ledger: &mut Ledger, pieces: u64, fate: Fate) {
    (0..pieces).for_each(|_| assert!(ledger.settle(fate), "only what was held is settled"));
}

fn settle(ledger: &mut Ledger, steps: &mut Vec<Step<()>>) {
    for step in steps.drain(..) {
        let (fate, was_held) = match step {
            Step::Held => (Fate::Held, false),
            Step::Deliver { was_held, .. } => (Fate::Delivered, was_held),
            Step::Duplicate { was_held, .. } => (Fate::Duplicate, was_held),
            Step::Late { .. } => (Fate::Late, false),
            Step::Missing { first, last, .. } => {
                assert!(first <= last);
                continue;
            }
            Step::Mended { .. } => continue,
        };
        if was_held {
            assert!(ledger.settle(fate));
        } else {
            ledger.admit(fate);
        }
        assert!(ledger.balances());
    }
}
