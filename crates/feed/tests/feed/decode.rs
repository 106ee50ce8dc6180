//! What the decoder promises, for any bytes.

use feedscope_feed::decode::{
    CHANNELS_MAX, DecodeError, Decoded, Decoder, ITEMS_MAX, OTHERS, OTHERS_NAME, Part,
    UNNAMED_CHANNEL,
};
use feedscope_feed::profile::{
    Condition, Decode, Kind, Path, Profile, Rule, Scope, Sequence, SequenceRule, Step, TimeAt,
    TimeUnit,
};
use feedscope_feed::{ChannelId, Time};
use proptest::prelude::*;
use proptest::test_runner::RngSeed;
use serde_json::{Value, json};
use std::collections::BTreeMap;

const ARRIVAL: Time = Time(1);

fn path(path: &str) -> Path {
    path.parse().unwrap()
}

fn when(at: &str, equals: Option<&str>) -> Condition {
    match equals {
        Some(value) => Condition::equals(path(at), value),
        None => Condition::exists(path(at)),
    }
}

fn time(at: &str, unit: TimeUnit) -> Vec<TimeAt> {
    vec![TimeAt { path: path(at), unit }]
}

fn number(at: &str) -> Vec<Sequence> {
    vec![Sequence::new(SequenceRule::Increment, Scope::Connection, path(at))]
}

fn profile(decode: Decode, sequence: Vec<Sequence>) -> Profile {
    Profile { decode, sequence, ..Profile::from_url("ws://localhost") }
}

fn decoder(profile: &Profile) -> Decoder {
    Decoder::new(profile).expect("it names no files")
}

/// The one message that these bytes are.
fn decode(decoder: &mut Decoder, message: &[u8]) -> Result<Decoded, DecodeError> {
    let mut parts = Vec::new();
    decoder.decode(message, true, ARRIVAL, &mut parts);
    match (parts.pop(), parts.is_empty()) {
        (Some(Part::Message(decoded)), true) => Ok(decoded),
        (Some(Part::Undecodable(error)), true) => Err(error),
        other => panic!("it is one message: {other:?}"),
    }
}

/// A decoder with the names of the fields that it found so far.
struct Reader {
    decoder: Decoder,
    names: Vec<(String, String)>,
}

impl Reader {
    fn new(decode: Decode) -> Self {
        Reader::of(&profile(decode, Vec::new()))
    }

    fn numbered(decode: Decode, number_at: &str) -> Self {
        Reader::of(&profile(decode, number(number_at)))
    }

    fn with_fields_max(mut profile: Profile, fields_max: usize) -> Self {
        profile.limits.fields_max = fields_max;
        Reader::of(&profile)
    }

    fn of(profile: &Profile) -> Self {
        Reader { decoder: decoder(profile), names: Vec::new() }
    }

    fn read(&mut self, message: &str) -> Decoded {
        let decoded = decode(&mut self.decoder, message.as_bytes()).expect("it is JSON");
        for new in self.decoder.new_fields() {
            assert_eq!(new.field.0 as usize, self.names.len(), "fields are numbered from 0");
            assert_eq!(self.decoder.names().channel(new.channel), Some(&*new.channel_name));
            self.names.push((new.channel_name.to_string(), new.path.clone()));
        }
        self.decoder.forget_new_fields();
        decoded
    }

    fn channel(&self, decoded: &Decoded) -> String {
        self.decoder.names().channel(decoded.record.channel).unwrap().to_owned()
    }

    fn key(&self, decoded: &Decoded) -> Option<&str> {
        decoded.record.key.and_then(|key| self.decoder.names().key(key))
    }

    fn fields(&self, decoded: &Decoded) -> BTreeMap<String, f64> {
        let named = decoded.record.fields.iter().map(|(field, value)| {
            let (channel, path) = &self.names[field.0 as usize];
            assert_eq!(*channel, self.channel(decoded));
            (path.clone(), *value)
        });
        let fields: BTreeMap<_, _> = named.collect();
        assert_eq!(fields.len(), decoded.record.fields.len(), "no field comes twice");
        fields
    }

    fn read_fields(&mut self, message: &str) -> BTreeMap<String, f64> {
        let decoded = self.read(message);
        self.fields(&decoded)
    }
}

fn fields<const N: usize>(fields: [(&str, f64); N]) -> BTreeMap<String, f64> {
    fields.into_iter().map(|(path, value)| (path.to_owned(), value)).collect()
}

#[test]
fn every_number_is_a_field_and_so_is_a_string_that_is_one() {
    let mut reader = Reader::new(Decode::default());
    let message = r#"{"a":1,"b":{"c":-2.5,"d.e":"64000.12"},"f":["-1e3",[7]],
        "text":"x","date":"2021-04-17","hex":"0x10","nan":"nan","no":null,"yes":true}"#;
    let expected = fields([
        ("a", 1.0),
        ("b.c", -2.5),
        (r#"b["d.e"]"#, 64_000.12),
        ("f[0]", -1e3),
        ("f[1][0]", 7.0),
    ]);
    assert_eq!(reader.read_fields(message), expected);
    assert_eq!(reader.read_fields(message), expected, "the second time, from memory");
    assert_eq!(reader.names.len(), 5);
}

#[test]
fn a_bare_number_has_a_name_too() {
    let mut reader = Reader::new(Decode::default());
    assert_eq!(reader.read_fields(" 42 "), fields([("value", 42.0)]));
    assert_eq!(reader.read_fields("\"3.5\""), fields([("value", 3.5)]));
    assert_eq!(reader.read_fields("true"), fields([]));
    assert_eq!(reader.read_fields("[1,[2]]"), fields([("[0]", 1.0), ("[1][0]", 2.0)]));
    assert_eq!(reader.names.len(), 3);
}

#[test]
fn the_channel_may_come_after_the_data_and_the_first_path_that_is_there_names_it() {
    let decode = Decode { channel: vec![path("stream"), path("e")], ..Decode::default() };
    let mut reader = Reader::new(decode);
    for (message, channel) in [
        (r#"{"p":1,"e":"trade","stream":"btc"}"#, "btc"),
        (r#"{"p":1,"e":"trade"}"#, "trade"),
        (r#"{"p":1,"e":7}"#, "7"),
        (r#"{"p":1,"stream":"","e":"trade"}"#, "trade"),
        (r#"{"p":1}"#, UNNAMED_CHANNEL),
    ] {
        let decoded = reader.read(message);
        assert_eq!(reader.channel(&decoded), channel, "{message}");
        assert_eq!(reader.fields(&decoded), fields([("p", 1.0)]), "{message}");
    }
    let mut names: Vec<_> = reader.names.iter().map(|(channel, _)| channel.as_str()).collect();
    names.sort_unstable();
    assert_eq!(names, ["7", "btc", UNNAMED_CHANNEL, "trade"]);
}

#[test]
fn a_measurement_does_not_name_a_channel() {
    let profile = Profile::from_url("ws://example.org");
    let mut reader = Reader::of(&profile);
    for (message, e) in [(r#"{"e":0.5,"v":1}"#, 0.5), (r#"{"e":"0.75","v":1}"#, 0.75)] {
        let decoded = reader.read(message);
        assert_eq!(reader.channel(&decoded), UNNAMED_CHANNEL);
        assert_eq!(reader.fields(&decoded), fields([("e", e), ("v", 1.0)]));
    }
}

#[test]
fn key_sequence_and_time_are_taken_out_and_are_no_fields() {
    let decode = Decode {
        key: vec![path("id")],
        time: time("data.ts", TimeUnit::Millis),
        ..Decode::default()
    };
    let mut reader = Reader::numbered(decode, "seq");
    let decoded = reader.read(r#"{"seq":"17","data":{"ts":"1500","p":3},"id":99}"#);
    let record = &decoded.record;
    assert_eq!(reader.key(&decoded), Some("99"));
    assert_eq!(record.sequence, Some(17));
    assert_eq!(record.source_time, Some(Time(1_500_000_000)));
    assert_eq!(record.arrival_time, ARRIVAL);
    assert_eq!(reader.fields(&decoded), fields([("data.p", 3.0)]));
}

#[test]
fn what_says_that_a_message_is_data_is_no_field_unless_it_says_more() {
    let fields = |rules: &[(&str, Kind)]| {
        let rule = |(value, kind): &(&str, Kind)| Rule {
            when: Condition::equals(path("type"), value),
            kind: *kind,
            channel: None,
            key: None,
        };
        let decode = Decode { rules: rules.iter().map(rule).collect(), ..Decode::default() };
        let mut reader = Reader::numbered(decode, "seq");
        let decoded = reader.read(r#"{"type":"7","seq":1,"p":3}"#);
        assert_eq!(decoded.kind, Kind::Data);
        reader.fields(&decoded).into_keys().collect::<Vec<_>>()
    };
    assert_eq!(fields(&[("7", Kind::Data), ("8", Kind::Heartbeat)]), ["p"]);
    assert_eq!(fields(&[("7", Kind::Data), ("8", Kind::Data)]), ["p", "type"]);
    assert_eq!(fields(&[("7", Kind::Data), ("8", Kind::Snapshot)]), ["p", "type"]);
    assert_eq!(fields(&[("8", Kind::Heartbeat)]), ["p", "type"]);
}

#[test]
fn numbers_stay_exact_where_it_matters() {
    let mut reader = Reader::numbered(Decode::default(), "s");
    for (message, sequence) in [
        (r#"{"s":18446744073709551615}"#, Some(u64::MAX)),
        (r#"{"s":"9007199254740993"}"#, Some(9_007_199_254_740_993)),
        (r#"{"s":-1}"#, None),
        (r#"{"s":1.5}"#, None),
        (r#"{"s":"x"}"#, None),
        (r#"{"s":null}"#, None),
    ] {
        assert_eq!(reader.read(message).record.sequence, sequence, "{message}");
    }
}

#[test]
fn times_are_read_in_every_unit_and_nonsense_is_no_time() {
    for (message, unit, expected) in [
        (r#"{"t":1618677817.43}"#, TimeUnit::Seconds, Some(1_618_677_817_430_000_067)),
        (r#"{"t":1618677817430}"#, TimeUnit::Millis, Some(1_618_677_817_430_000_000)),
        (r#"{"t":"1618677817430000"}"#, TimeUnit::Micros, Some(1_618_677_817_430_000_000)),
        (r#"{"t":1618677817430000001}"#, TimeUnit::Nanos, Some(1_618_677_817_430_000_001)),
        (r#"{"t":-1.5}"#, TimeUnit::Seconds, Some(-1_500_000_000)),
        (r#"{"t":1618677817430000001}"#, TimeUnit::Seconds, None),
        (r#"{"t":1e300}"#, TimeUnit::Nanos, None),
        (r#"{"t":"yesterday"}"#, TimeUnit::Millis, None),
        (r#"{}"#, TimeUnit::Millis, None),
    ] {
        let decode = Decode { time: time("t", unit), ..Decode::default() };
        let decoded = Reader::new(decode).read(message);
        let time = decoded.record.source_time.map(|time| time.0);
        match (time, expected) {
            // A float in seconds is good to a quarter of a microsecond.
            (Some(time), Some(expected)) => assert!((time - expected).abs() < 250, "{message}"),
            _ => assert_eq!(time, expected, "{message}"),
        }
    }
}

#[test]
fn places_counted_from_the_end_are_found_at_any_length() {
    let decode = Decode { key: vec![path("[-2].id")], ..Decode::default() };
    let mut reader = Reader::numbered(decode, "[-1]");
    for (message, sequence, key, expected) in [
        (r#"[5,{"id":"a","v":1},7]"#, Some(7), Some("a"), fields([("[0]", 5.0), ("[1].v", 1.0)])),
        (r#"[{"id":"a","v":1},8]"#, Some(8), Some("a"), fields([("[0].v", 1.0)])),
        (r#"[{"v":1},2,3,6]"#, Some(6), None, fields([("[0].v", 1.0), ("[1]", 2.0), ("[2]", 3.0)])),
        (r#"[1,2,3,9]"#, Some(9), None, fields([("[0]", 1.0), ("[1]", 2.0), ("[2]", 3.0)])),
        (r#"[4]"#, Some(4), None, fields([])),
        (r#"[]"#, None, None, fields([])),
    ] {
        let decoded = reader.read(message);
        assert_eq!(decoded.record.sequence, sequence, "{message}");
        assert_eq!(reader.key(&decoded), key, "{message}");
        assert_eq!(reader.fields(&decoded), expected, "{message}");
    }
    // Whatever the length of its array was, an item of the same key is the same field.
    let mut paths: Vec<_> = reader.names.iter().map(|(_, path)| path.as_str()).collect();
    paths.sort_unstable();
    assert_eq!(paths.len(), 5 + 2, "two of them are those of the key “a”, too");
    paths.dedup();
    assert_eq!(paths, ["[0]", "[0].v", "[1]", "[1].v", "[2]"]);

    let long = format!("[{}77]", "0,".repeat(1_000));
    assert_eq!(reader.read(&long).record.sequence, Some(77));
}

#[test]
fn an_item_that_is_not_listed_may_still_have_a_role() {
    let message = format!("[{}{{\"s\":5,\"v\":6}},1]", "0,".repeat(100));
    let mut reader = Reader::numbered(Decode::default(), "[100].s");
    let decoded = reader.read(&message);
    assert_eq!(decoded.record.sequence, Some(5));
    assert_eq!(decoded.record.fields.len(), ITEMS_MAX);
    assert_eq!(reader.decoder.fields_unlisted(), 102 - ITEMS_MAX as u64);
}

#[test]
fn the_first_rule_that_holds_says_what_a_message_is() {
    let rule = |when, kind, channel: Option<&str>| Rule {
        when,
        kind,
        channel: channel.map(str::to_owned),
        key: None,
    };
    let decode = Decode {
        channel: vec![path("feed")],
        rules: vec![
            rule(when("event", None), Kind::Ignored, None),
            rule(when("feed", Some("book_snapshot")), Kind::Snapshot, Some("book")),
            rule(when("feed", Some("book")), Kind::Data, Some("never")),
            rule(when("status", Some("2")), Kind::Ignored, None),
            rule(when("ok", Some("false")), Kind::Ignored, None),
            rule(when("end", Some("null")), Kind::Ignored, None),
        ],
        ..Decode::default()
    };
    let mut reader = Reader::new(decode);
    for (message, kind, channel) in [
        (r#"{"event":"x","feed":"book_snapshot","p":1}"#, Kind::Ignored, "book_snapshot"),
        (r#"{"event":{},"feed":"a"}"#, Kind::Ignored, "a"),
        (r#"{"event":null,"feed":"a"}"#, Kind::Data, "a"),
        (r#"{"p":1,"feed":"book_snapshot"}"#, Kind::Snapshot, "book"),
        (r#"{"feed":"book"}"#, Kind::Data, "never"),
        (r#"{"feed":"a","status":2}"#, Kind::Ignored, "a"),
        (r#"{"feed":"a","status":"2"}"#, Kind::Ignored, "a"),
        (r#"{"feed":"a","status":2.5}"#, Kind::Data, "a"),
        (r#"{"feed":"a","ok":false}"#, Kind::Ignored, "a"),
        (r#"{"feed":"a","ok":true}"#, Kind::Data, "a"),
        (r#"{"feed":"a","end":null}"#, Kind::Ignored, "a"),
    ] {
        let decoded = reader.read(message);
        assert_eq!((decoded.kind, reader.channel(&decoded).as_str()), (kind, channel), "{message}");
        if kind == Kind::Ignored {
            assert!(decoded.record.fields.is_empty(), "{message}");
        }
    }
    let decoded = reader.read(r#"{"feed":"a","status":3}"#);
    assert_eq!(reader.fields(&decoded), fields([("status", 3.0)]), "what a rule asks is a field");
}

#[test]
fn keys_may_come_in_any_order() {
    let mut reader = Reader::new(Decode::default());
    let mut keys: Vec<_> = (0..40).collect();
    for _ in 0..4 {
        let entries: Vec<_> = keys.iter().map(|key| format!(r#""k{key}":{key}"#)).collect();
        let found = reader.read_fields(&format!("{{{}}}", entries.join(",")));
        assert_eq!(found, keys.iter().map(|key| (format!("k{key}"), f64::from(*key))).collect());
        keys.reverse();
        keys.rotate_left(7);
    }
    assert_eq!(reader.names.len(), keys.len());
}

#[test]
fn the_last_of_a_key_that_comes_twice_counts() {
    let mut reader = Reader::new(Decode::default());
    assert_eq!(reader.read_fields(r#"{"a":1,"a":2}"#), fields([("a", 2.0)]));
}

#[test]
fn fields_beyond_the_limit_are_counted_once_and_not_listed() {
    let mut reader = Reader::with_fields_max(profile(Decode::default(), Vec::new()), 3);
    for _ in 0..3 {
        let decoded = reader.read(r#"{"a":1,"b":2,"c":3,"d":4,"e":5}"#);
        assert_eq!(reader.fields(&decoded), fields([("a", 1.0), ("b", 2.0), ("c", 3.0)]));
        assert_eq!(reader.decoder.fields_unlisted(), 2);
    }
}

#[test]
fn keys_that_never_repeat_do_not_fill_the_memory_nor_hide_what_has_a_role() {
    let decode = Decode { channel: vec![path("z.channel")], ..Decode::default() };
    let mut reader = Reader::with_fields_max(profile(decode, number("z.seq")), 10);
    for seq in 0..1_000 {
        let message =
            format!(r#"{{"id{seq}":{{"a":{{"b":1}}}},"z":{{"seq":{seq},"channel":"c"}}}}"#);
        let decoded = reader.read(&message);
        assert_eq!(decoded.record.sequence, Some(seq));
        assert_eq!(reader.channel(&decoded), "c");
    }
    assert_eq!(reader.names.len(), 10);
    assert!((900..1_000).contains(&reader.decoder.fields_unlisted()));
    let long = format!(r#"{{"{}":1}}"#, "k".repeat(100_000));
    assert!(Reader::new(Decode::default()).read_fields(&long).is_empty());
}

#[test]
fn channels_beyond_the_limit_are_one() {
    let decode = Decode { channel: vec![path("c")], ..Decode::default() };
    let mut reader = Reader::new(decode);
    for channel in 0..CHANNELS_MAX {
        let decoded = reader.read(&format!(r#"{{"c":{channel}}}"#));
        assert_eq!(decoded.record.channel, ChannelId(channel));
    }
    for more in ["x", "y"] {
        let decoded = reader.read(&format!(r#"{{"c":"{more}","v":1}}"#));
        assert_eq!(decoded.record.channel, OTHERS);
        assert_eq!(reader.channel(&decoded), OTHERS_NAME);
    }
    assert_eq!(reader.names, [(OTHERS_NAME.to_owned(), "v".to_owned())]);
    assert_eq!(reader.read(r#"{"c":"4095"}"#).record.channel, ChannelId(4_095));
}

#[test]
fn what_is_wrong_is_said_with_its_place() {
    let mut plain = decoder(&profile(Decode::default(), Vec::new()));
    let mut counted = decoder(&profile(Decode::default(), number("[-1]")));
    let deep = "[".repeat(10_000);
    let deep_object = "{\"a\":".repeat(10_000);
    for (message, sentence) in [
        (&b""[..], "The message is empty"),
        (b" \n", "The message is empty"),
        (b"{\"a\":\xff}", "Not text: invalid UTF-8 at byte 6"),
        (b"{\"a\":x}", "Not JSON: expected value at column 6"),
        (b"{\"a\":\n\n  x}", "Not JSON: expected value at line 3, column 3"),
        (b"{\"a\":1", "Not JSON: it ends too soon at column 6"),
        (b"[1,2] x", "Not JSON: trailing characters at column 7"),
        (b"hello", "Not JSON: expected value at column 1"),
        (b"{\"a\":NaN}", "Not JSON: it has no “NaN” (null says “no value”) at column 6"),
        (b"[nan]", "Not JSON: it has no “nan” (null says “no value”) at column 3"),
        (b"[1,-Infinity]", "Not JSON: it has no “-Infinity” (null says “no value”) at column 5"),
        (b"[1e999]", "Not JSON: number out of range at column 6"),
        (deep.as_bytes(), "Nested too deeply, from column 128 on"),
        (deep_object.as_bytes(), "Nested too deeply, from column 636 on"),
    ] {
        let error = decode(&mut plain, message).unwrap_err();
        assert_eq!(error.to_string(), sentence);
        if !message.starts_with(b"[[") {
            assert_eq!(decode(&mut counted, message).unwrap_err().to_string(), sentence);
        }
    }
    // Also where the error is in a part that was passed over first.
    let inner = format!("[1,\n{}{},7]", "[".repeat(1_000), "]".repeat(1_000));
    let error = decode(&mut counted, inner.as_bytes()).unwrap_err();
    assert_eq!(error.to_string(), "Nested too deeply, from line 2, column 127 on");
    let decoded = decode(&mut plain, b"[1]").unwrap();
    assert_eq!(decoded.record.fields.len(), 1, "an error costs its message alone");
}

/// All numbers of a message, as one would collect them from a tree of it.
fn naive(value: &Value) -> BTreeMap<String, f64> {
    fn walk(value: &Value, steps: &mut Vec<Step>, found: &mut BTreeMap<String, f64>) {
        let number = match value {
            Value::Number(number) => number.as_f64(),
            Value::String(text) => {
                // A number in JSON, with nothing around it.
                let number = serde_json::from_str::<serde_json::Number>(text).ok();
                number.filter(|_| text.trim() == text).and_then(|number| number.as_f64())
            }
            Value::Array(items) => {
                for (index, item) in items.iter().take(ITEMS_MAX).enumerate() {
                    steps.push(Step::Item(index));
                    walk(item, steps, found);
                    steps.pop();
                }
                None
            }
            Value::Object(entries) => {
                for (key, entry) in entries {
                    steps.push(Step::Key(key.as_str().into()));
                    walk(entry, steps, found);
                    steps.pop();
                }
                None
            }
            Value::Null | Value::Bool(_) => None,
        };
        if let Some(number) = number {
            found.insert(Path::from(steps.clone()).to_string(), number);
        }
    }
    let mut found = BTreeMap::new();
    match value {
        Value::Object(_) | Value::Array(_) => walk(value, &mut Vec::new(), &mut found),
        bare => walk(&json!({ "value": bare }), &mut Vec::new(), &mut found),
    }
    found
}

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        (-1e9..1e9).prop_map(Value::from),
        "-?[0-9]{1,5}(\\.[0-9]{1,5})?([eE][+-]?[0-9])?".prop_map(Value::from),
        "[-+0-9.eExnaif ]{0,6}".prop_map(Value::from),
        ".{0,5}".prop_map(Value::from),
    ];
    leaf.prop_recursive(5, 60, 8, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..8),
            prop::collection::vec(inner.clone(), 30..40),
        ]
        .prop_map(Value::from)
        .boxed()
        .prop_union(
            prop::collection::btree_map("[a-c]{1,2}|.{0,3}", inner, 0..20)
                .prop_map(|entries| entries.into_iter().collect::<Value>())
                .boxed(),
        )
    })
}

/// Roles at places that such messages often have, and that count from the end.
fn busy() -> Profile {
    let decode = Decode {
        channel: vec![path("a"), path("[0]"), path("[-2].a"), path("b[-1]")],
        key: vec![path("[-1][-1]")],
        time: time("b.a", TimeUnit::Seconds),
        rules: vec![Rule { when: when("c", None), kind: Kind::Ignored, channel: None, key: None }],
        ..Decode::default()
    };
    profile(decode, number("[-1]"))
}

/// The same cases every time: a failure is to be seen by whoever looks for it.
fn cases(cases: u32) -> ProptestConfig {
    ProptestConfig {
        cases,
        rng_seed: RngSeed::Fixed(1),
        failure_persistence: None,
        ..ProptestConfig::default()
    }
}

proptest! {
    // Few, since each is many values.
    #![proptest_config(cases(300))]

    #[test]
    fn the_fields_are_those_of_a_naive_walk(values in prop::collection::vec(any_json(), 1..4), pretty: bool) {
        let mut reader = Reader::new(Decode::default());
        for value in values.iter().chain(&values) {
            let text = if pretty {
                serde_json::to_string_pretty(value).unwrap()
            } else {
                value.to_string()
            };
            // What is read back, since writing and reading may round.
            let read: Value = serde_json::from_str(&text).unwrap();
            prop_assert_eq!(reader.read_fields(&text), naive(&read));
        }
    }

    #[test]
    fn what_counts_from_the_end_changes_no_other_field(values in prop::collection::vec(any_json(), 1..4)) {
        let mut profile = busy();
        profile.decode.rules.clear();
        let mut reader = Reader::of(&profile);
        for value in values.iter().chain(&values) {
            let text = value.to_string();
            let read: Value = serde_json::from_str(&text).unwrap();
            let decoded = reader.read(&text);
            let mut expected = naive(&read);
            let found = reader.fields(&decoded);
            // Only what has a role may be lacking.
            for (path, value) in &found {
                prop_assert_eq!(expected.remove(path), Some(*value));
            }
            prop_assert!(expected.len() <= 4, "{:?}", expected);
            if let Value::Array(items) = &read {
                let last = items.last();
                let number = last.and_then(|last| match last {
                    Value::String(text) => text.parse().ok().filter(|n: &u64| n.to_string() == *text),
                    other => other.as_u64(),
                });
                prop_assert_eq!(decoded.record.sequence, number);
            }
        }
    }

    #[test]
    fn no_damage_to_a_message_makes_it_panic(
        values in prop::collection::vec(any_json(), 1..4),
        damage in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>(), 0u8..3), 1..6),
    ) {
        let mut decoder = Reader::with_fields_max(busy(), 20).decoder;
        for value in values {
            let mut message = value.to_string().into_bytes();
            for (at, byte, kind) in &damage {
                if message.is_empty() {
                    break;
                }
                let at = at.index(message.len());
                match kind {
                    0 => message[at] = *byte,
                    1 => message.truncate(at),
                    _ => message.insert(at, b"[]{}\",:0-e\\"[usize::from(*byte) % 11]),
                }
            }
            let whole = serde_json::from_slice::<Value>(&message);
            match decode(&mut decoder, &message) {
                // What is not looked into is not checked as closely: no more than that.
                Ok(_) => {}
                Err(error) => prop_assert!(whole.is_err(), "{}", error),
            }
        }
    }
}

proptest! {
    #![proptest_config(cases(3_000))]

    #[test]
    fn no_bytes_make_it_panic(messages in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..60), 1..10)) {
        let mut decoder = Reader::with_fields_max(busy(), 20).decoder;
        for message in messages {
            if let Err(error) = decode(&mut decoder, &message) {
                prop_assert!(error.to_string().len() < 200);
            }
        }
    }
}
