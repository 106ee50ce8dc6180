//! Messages that are read by what is known give what the general way gives, whatever they are like.

use super::super::{Decoded, Decoder, Part};
use super::{SKELETONS_MAX, Skeleton};
use crate::profile::{
    Condition, Decode, Kind, Names, Path, Profile, Rule, Scope, Sequence, SequenceRule, TimeAt,
    TimeUnit,
};
use crate::record::Time;
use rand::rngs::StdRng;
use rand::seq::IndexedRandom;
use rand::{RngExt, SeedableRng};

const SEEDS: u64 = 500;
const MESSAGES: usize = 240;

/// Two that read the same messages: one learns, and one reads all of them in the general way.
struct Pair {
    learning: Decoder,
    general: Decoder,
    known: usize,
}

impl Pair {
    fn new(profile: &Profile) -> Pair {
        let decoder = || Decoder::new(profile).unwrap();
        Pair { learning: decoder(), general: decoder(), known: 0 }
    }

    fn read(&mut self, message: &[u8], arrival: Time) -> Option<Decoded> {
        let shown = String::from_utf8_lossy(message);
        let mut parts = Vec::new();
        self.general.decode(message, true, arrival, &mut parts);
        let hits = |pair: &Pair| -> u32 {
            pair.learning.skeletons.known.iter().map(|skeleton| skeleton.hits).sum()
        };
        let before = hits(self);
        let learned = self.learning.decode_plain(message, true, arrival);
        self.known += usize::from(hits(self) == before + 1);
        let general = match parts.pop() {
            Some(Part::Message(decoded)) => Some(decoded),
            Some(Part::Undecodable(_)) => None,
            other => panic!("{other:?}"),
        };
        // Floats by their bits, which their words tell: -0.0 is not 0.0.
        assert_eq!(format!("{learned:?}"), format!("{general:?}"), "{shown}");
        assert_eq!(self.learning.new_fields(), self.general.new_fields(), "{shown}");
        assert_eq!(self.learning.new_texts(), self.general.new_texts(), "{shown}");
        assert_eq!(self.learning.new_words(), self.general.new_words(), "{shown}");
        let untold = [&self.learning, &self.general].map(Decoder::texts_untold);
        assert_eq!(untold[0], untold[1], "{shown}");
        assert_eq!(self.learning.cursor(), self.general.cursor(), "{shown}");
        let unlisted = [&self.learning, &self.general].map(Decoder::fields_unlisted);
        assert_eq!(unlisted[0], unlisted[1], "{shown}");
        for decoder in [&mut self.learning, &mut self.general] {
            decoder.forget_new_fields();
        }
        if let Some(decoded) = &learned {
            let names = |decoder: &Decoder| {
                let names = decoder.names();
                let key = decoded.record.key.and_then(|key| names.key(key));
                (names.channel(decoded.record.channel).map(str::to_owned), key.map(str::to_owned))
            };
            assert_eq!(names(&self.learning), names(&self.general), "{shown}");
            self.learning.give_back(decoded.record.clone());
        }
        learned
    }
}

fn path(text: &str) -> Path {
    text.parse().unwrap()
}

fn paths(texts: &[&str]) -> Vec<Path> {
    texts.iter().map(|text| path(text)).collect()
}

fn of(decode: Decode, sequence: Vec<Sequence>) -> Profile {
    Profile { decode, sequence, ..Profile::from_url("ws://localhost") }
}

fn time(text: &str, unit: TimeUnit) -> TimeAt {
    TimeAt { path: path(text), unit }
}

fn number(text: &str) -> Sequence {
    Sequence::new(SequenceRule::Increment, Scope::Key, path(text))
}

fn profiles() -> Vec<Profile> {
    let usual = || Decode {
        channel: paths(&["c"]),
        key: paths(&["k"]),
        time: vec![time("t", TimeUnit::Millis)],
        ..Decode::default()
    };
    let rule = |when, kind| Rule { when, kind, channel: None, key: None };
    let ruled = Decode {
        rules: vec![
            rule(Condition::equals(path("c"), "b"), Kind::Heartbeat),
            rule(Condition::equals(path("v"), "1"), Kind::Snapshot),
            rule(Condition::exists(path("d.y")), Kind::Error),
            Rule {
                key: Some(path("d.x")),
                channel: Some("ruled".to_owned()),
                ..rule(Condition::equals(path("w"), "true"), Kind::Data)
            },
            rule(Condition::Text(r#"{"c":"a","v":1}"#.to_owned()), Kind::Ignored),
        ],
        ..usual()
    };
    let several = Decode {
        channel: paths(&["d.x", "c", "v"]),
        key: paths(&["d.y", "n", "k"]),
        time: vec![time("d.t", TimeUnit::Rfc3339), time("t", TimeUnit::Seconds)],
        ..Decode::default()
    };
    let from_end = Decode {
        channel: paths(&["l[-2]"]),
        key: paths(&["l[0]"]),
        time: vec![time("l[-1]", TimeUnit::Millis)],
        ..Decode::default()
    };
    let named = Decode {
        names: Some(Names {
            when: Condition::equals(path("w"), "false"),
            id: path("k"),
            channel: path("c"),
            key: paths(&["d.x"]),
        }),
        channel: paths(&["k"]),
        ..Decode::default()
    };
    let links = Sequence {
        first: Some(path("v")),
        previous: Some(path("d.x")),
        ..Sequence::new(SequenceRule::Previous, Scope::Channel, path("n"))
    };
    let filtered = Sequence { channels: vec!["a".to_owned()], ..number("v") };
    let mut few = of(usual(), vec![number("n")]);
    few.limits.fields_max = 12;
    vec![
        Profile::from_url("ws://localhost"),
        of(usual(), vec![number("n")]),
        of(usual(), vec![links]),
        of(usual(), vec![filtered, number("n")]),
        of(ruled, vec![number("n")]),
        of(several, vec![number("t"), number("n")]),
        of(from_end, vec![number("l[1]")]),
        of(named, vec![number("n")]),
        few,
    ]
}

/// Shapes of messages, with a letter for each kind of value.
const SHAPES: [&str; 9] = [
    r#"{"c":$c,"k":$k,"n":$n,"t":$t,"v":$v,"w":$w,"d":{"x":$k,"t":$r}}"#,
    r#"{"c":$c,"k":$k,"n":$n,"t":$t,"v":$v,"w":$w,"d":{"x":$k,"t":$r},"s":$s,"u":$s}"#,
    r#"{"n":$n,"l":[$k,$n,$v,$s,$c,$t],"v":$v}"#,
    r#"[$k,$n,{"a":$v,"b":[$v,[$v,$s],{}]},[],$w]"#,
    r#" { "c" : $c, "k": $k ,"v":$v , "o":{"p":{"q":[{"r":$v},{"r":$v}]}}, "s":"a long text that never changes, though it might" } "#,
    r#"{"c":$c,"big":[$v,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,$v,$s,{"z":$v}],"n":$n,"k":$k}"#,
    r#"{"\u0063":$c,"k":$k,"e\n":$v,"d":{"y":$w,"x":$s},"n":$n}"#,
    r#"{"c":"a","v":$v}"#,
    "$v",
];

const ODD: [&str; 46] = [
    "-0",
    "0",
    "0.0",
    "-0.0",
    "1e400",
    "-1e400",
    "1e-400",
    "01",
    "+1",
    "1.",
    ".1",
    "1e",
    "1e5",
    "1E+05",
    "-1",
    "18446744073709551615",
    "18446744073709551616",
    "9007199254740993",
    "0.30000000000000004",
    "123456789.123456789123",
    "12345678901234567890.5",
    "true",
    "false",
    "null",
    "tru",
    "nullx",
    "{}",
    "[]",
    "[1,[2,{\"x\":3}]]",
    "{\"x\":1,\"y\":\"2\"}",
    "\"\"",
    "\"1\"",
    "\"-0\"",
    "\"1.5\"",
    "\"1e999\"",
    "\" 1\"",
    "\"a\\\"b\"",
    "\"\\u0031\"",
    "\"\\ud800\"",
    "\"\\x\"",
    "\"1\\u0032\"",
    "\"é€😀\"",
    "\"a\nb\"",
    "\"2024-05-06T07:08:09Z\"",
    "",
    "\"",
];

fn value(kind: char, counter: u64, random: &mut StdRng) -> String {
    if random.random_bool(0.02) {
        return (*ODD.choose(random).unwrap()).to_owned();
    }
    let text = |of: &[&str], random: &mut StdRng| format!("\"{}\"", of.choose(random).unwrap());
    match kind {
        'c' => text(&["a", "a", "a", "b", "c", "5"], random),
        'k' => text(&["BTC", "ETH", "SOL", "a key of some length, as there are"], random),
        'n' => counter.to_string(),
        't' => (1_700_000_000_000 + counter).to_string(),
        'r' => format!("\"2024-05-06T07:08:{:02}.5Z\"", counter % 60),
        'w' => (*["true", "true", "true", "null"].choose(random).unwrap()).to_owned(),
        's' => {
            let any = random.random_range(0..1_000);
            text(&["one", "two", "", "1.25", &"x".repeat(any % 50), &any.to_string()], random)
        }
        _ => match random.random_range(0..5) {
            0 => random.random_range(-5..5).to_string(),
            1 => random.random::<u64>().to_string(),
            2 => format!("{:e}", random.random::<f64>() * 1e30),
            3 => format!("{:.20}", random.random::<f64>()),
            _ => format!("{:.2}", random.random::<f64>() * 1e5),
        },
    }
}

fn message(shape: &str, counter: u64, random: &mut StdRng) -> String {
    let mut message = String::new();
    let mut kinds = shape.split('$');
    message.extend(kinds.next());
    for kind in kinds {
        let (first, rest) = kind.split_at(1);
        message += &value(first.chars().next().unwrap(), counter, random);
        message += rest;
    }
    message
}

/// What can happen to a message: bytes that are changed, a key that comes twice, keys in another
/// order, spaces, an end too early, a level too many.
fn damage(message: &mut Vec<u8>, random: &mut StdRng) {
    let at = random.random_range(0..=message.len());
    let marks = b"[]{}\",:0-e\\u.19 \n";
    match random.random_range(0..8) {
        0 => message.truncate(at),
        1 => message.insert(at, *marks.choose(random).unwrap()),
        2 => message.extend_from_slice(b" "),
        3 => {
            if let Some(byte) = message.get_mut(at) {
                *byte = *marks.choose(random).unwrap();
            }
        }
        4 => {
            let inner: Vec<u8> = message.iter().skip(1).copied().collect();
            let all = [message.get(..1).unwrap_or_default(), b"\"v\":1,", &inner].concat();
            *message = all;
        }
        5 => {
            let text = String::from_utf8_lossy(message).into_owned();
            let mut entries: Vec<_> = text.trim_matches(['{', '}']).split(',').collect();
            entries.reverse();
            *message = format!("{{{}}}", entries.join(",")).into_bytes();
        }
        6 => {
            let deep = random.random_range(120..130);
            *message = [&b"[".repeat(deep), &message[..], &b"]".repeat(deep)].concat();
        }
        _ => drop((at < message.len()).then(|| message.remove(at))),
    }
}

#[test]
fn whatever_comes_is_read_as_in_the_general_way() {
    let (mut known, mut all) = (0, 0);
    let profiles = profiles();
    for seed in 0..SEEDS {
        let random = &mut StdRng::seed_from_u64(seed);
        let profile = &profiles[seed as usize % profiles.len()];
        let mut pair = Pair::new(profile);
        let shapes: Vec<_> = (0..3).filter_map(|_| SHAPES.choose(random)).collect();
        for counter in 0..MESSAGES {
            let shape = shapes.choose(random).unwrap();
            let mut message = message(shape, counter as u64, random).into_bytes();
            if random.random_bool(0.05) {
                damage(&mut message, random);
            }
            if counter == MESSAGES / 2 {
                for decoder in [&mut pair.learning, &mut pair.general] {
                    decoder.session_started(&mut Vec::new());
                }
            }
            // What comes as text is UTF-8.
            if std::str::from_utf8(&message).is_ok() {
                pair.read(&message, Time(counter as i64));
                all += 1;
            }
        }
        known += pair.known;
    }
    // Much of it is of a form that was seen before, or this looks at little.
    assert!(known * 4 > all, "{known} of {all}");
}

fn usual() -> Pair {
    Pair::new(&profiles()[1])
}

/// Reads messages of a form, and says how many of the last half of them were known.
fn known_of(pair: &mut Pair, count: u64, message: impl Fn(u64) -> String) -> usize {
    let mut known = 0;
    for n in 0..count {
        if n == count / 2 {
            known = pair.known;
        }
        pair.read(message(n).as_bytes(), Time(0)).unwrap();
    }
    pair.known - known
}

#[test]
fn a_form_is_known_after_a_few_messages_whatever_is_in_it() {
    let known = known_of(&mut usual(), 400, |n| {
        let key = ["BTC", "ETH", "SOL"][n as usize % 3];
        let text = "x".repeat(n as usize % 20);
        let flag = n % 2 == 0;
        format!(
            r#"{{"c":"a","k":"{key}","n":{n},"t":{n},"v":{n}.5,"p":"{n}.25","x":"{text}","y":{flag}}}"#
        )
    });
    assert_eq!(known, 200);
}

#[test]
fn several_forms_are_known_beside_each_other() {
    let known = known_of(&mut usual(), 600, |n| match n % 4 {
        0 | 3 => format!(r#"{{"c":"a","k":"BTC","n":{n},"v":{n}.5}}"#),
        1 => format!(r#"{{"c":"b","k":"BTC","n":{n},"bid":[{n},2],"ask":[{n},3]}}"#),
        _ => format!(r#"[{n},"status",{{"x":"{n}"}}]"#),
    });
    assert_eq!(known, 300);
}

#[test]
fn more_forms_than_are_remembered_and_keys_that_never_repeat_are_read_all_the_same() {
    let mut pair = usual();
    let keys = |n: u64| (0..n % 40).map(|key| format!(r#","x{key}":{key}"#)).collect::<String>();
    known_of(&mut pair, 5_000, |n| format!(r#"{{"n":{n}{}}}"#, keys(n)));
    assert!(pair.learning.skeletons.known.len() <= SKELETONS_MAX);
    known_of(&mut pair, 5_000, |n| format!(r#"{{"n":{n},"k":"key {n}"}}"#));
    assert!(pair.learning.skeletons.known.len() <= SKELETONS_MAX);
}

#[test]
fn where_lessons_do_not_help_there_are_few() {
    let mut pair = usual();
    let book = |n: u64| format!(r#"{{"n":{n},"book":[{}1]}}"#, "1,".repeat((n * n) as usize % 97));
    known_of(&mut pair, 8_000, |n| match n % 2 {
        0 => format!(r#"{{"c":"a","k":"BTC","n":{n},"v":{n}.5}}"#),
        _ => book(n),
    });
    assert!(pair.learning.skeletons.pause >= 64, "{}", pair.learning.skeletons.pause);
    // What helps is learned nevertheless.
    let known = known_of(&mut pair, 20_000, |n| format!(r#"{{"c":"new","n":{n}}}"#));
    assert_eq!(known, 10_000);
}

#[test]
fn forms_that_do_not_come_any_more_are_forgotten() {
    let is_old = |skeleton: &Skeleton| skeleton.lesson.holds(b"old");
    let mut pair = usual();
    known_of(&mut pair, 100, |n| format!(r#"{{"n":{n},"old":1}}"#));
    assert_eq!(pair.learning.skeletons.known.len(), 1);
    assert!(is_old(&pair.learning.skeletons.known[0]));
    known_of(&mut pair, 2_000, |n| {
        format!(r#"{{"n":{n},"book":[{}1]}}"#, "1,".repeat(n as usize % 30))
    });
    assert!(!pair.learning.skeletons.known.iter().any(is_old));
}
