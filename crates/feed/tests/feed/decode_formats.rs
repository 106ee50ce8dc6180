//! What messages are written in: the same values are the same record in every format, and no bytes
//! do harm in any.

use crate::reading::{ARRIVAL, Read, Reader, fields, profile};
use feedscope_feed::Time;
use feedscope_feed::decode::{Decoder, MESSAGES_MAX, Part};
use feedscope_feed::profile::{Kind, Profile};
use flate2::Compression;
use flate2::write::{DeflateEncoder, GzEncoder, ZlibEncoder};
use proptest::prelude::*;
use proptest::test_runner::RngSeed;
use prost_reflect::prost::Message;
use prost_reflect::{DescriptorPool, DynamicMessage, MapKey, Value as Proto};
use ruzstd::encoding::{CompressionLevel, compress_to_vec};
use serde_json::{Value, json};
use std::io::Write;
use std::path::PathBuf;

fn messagepack(value: &Value) -> Vec<u8> {
    rmp_serde::to_vec(value).unwrap()
}

fn cbor(value: &Value) -> Vec<u8> {
    let mut bytes = Vec::new();
    ciborium::into_writer(value, &mut bytes).unwrap();
    bytes
}

/// A profile with roles at places that the messages of these tests have.
fn busy(format: &str) -> Profile {
    profile(json!({
        "decode": {
            "format": format,
            "channel": ["a", "[0]"],
            "key": ["b[-1]", "[-1]"],
            "time": [{ "path": "t", "unit": "ms" }, { "path": "u", "unit": "rfc3339" }],
            "rules": [{ "when": { "path": "c", "equals": ["true", "1", "x"] }, "kind": "snapshot" }],
        },
        "sequence": [{ "rule": "increment", "number": "n" }],
        "resume": { "cursor": "t" },
    }))
}

fn read(reader: &mut Reader, bytes: &[u8], is_text: bool) -> Read {
    reader.one(bytes, is_text).unwrap()
}

fn any_value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        (-1e9..1e9).prop_map(Value::from),
        "-?[0-9]{1,5}(\\.[0-9]{1,5})?".prop_map(Value::from),
        "2026-11-21T10:53:31\\.[0-9]{1,9}Z".prop_map(Value::from),
        ".{0,40}".prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 60, 8, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..40).prop_map(Value::from),
            prop::collection::btree_map("[abctnu]|.{0,3}", inner, 0..20)
                .prop_map(|entries| entries.into_iter().collect::<Value>()),
        ]
    })
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
    #![proptest_config(cases(100))]

    #[test]
    fn the_same_values_are_the_same_record_in_every_format(values in prop::collection::vec(any_value(), 1..4)) {
        let mut json = Reader::new(&busy("json"));
        let mut others = [Reader::new(&busy("messagepack")), Reader::new(&busy("cbor"))];
        for value in values.iter().chain(&values) {
            let text = value.to_string();
            let expected = read(&mut json, text.as_bytes(), true);
            let value: Value = serde_json::from_str(&text).unwrap();
            for (reader, bytes) in others.iter_mut().zip([messagepack(&value), cbor(&value)]) {
                prop_assert_eq!(&read(reader, &bytes, false), &expected, "{}", text);
                prop_assert_eq!(reader.decoder.cursor(), json.decoder.cursor());
                prop_assert_eq!(reader.decoder.fields_unlisted(), json.decoder.fields_unlisted());
            }
        }
    }

    #[test]
    fn each_item_of_an_array_is_a_message_in_every_format(values in prop::collection::vec(any_value(), 0..6)) {
        let array = Value::from(values);
        let mut expected = None;
        for (format, bytes, is_text) in [
            ("json", array.to_string().into_bytes(), true),
            ("messagepack", messagepack(&array), false),
            ("cbor", cbor(&array), false),
        ] {
            let mut profile = busy(format);
            profile.decode.array = true;
            let found = Reader::new(&profile).all(&bytes, is_text);
            prop_assert_eq!(found.len(), array.as_array().unwrap().len().max(1));
            prop_assert_eq!(expected.get_or_insert_with(|| found.clone()), &found);
        }
    }

    #[test]
    fn what_is_cut_short_is_undecodable(value in any_value(), cut: prop::sample::Index) {
        for (format, bytes) in [("messagepack", messagepack(&value)), ("cbor", cbor(&value))] {
            let mut reader = Reader::new(&busy(format));
            let cut = cut.index(bytes.len());
            prop_assert!(reader.one(&bytes[..cut], false).is_err());
            let mut more = bytes.clone();
            more.push(0);
            prop_assert!(reader.one(&more, false).is_err());
        }
    }
}

#[test]
fn what_only_binary_formats_have_is_read() {
    let decode = json!({ "time": [{ "path": "t", "unit": "s" }], "key": "k[-1]" });
    let reader = |format: &str| {
        let mut decode = decode.clone();
        decode["format"] = format.into();
        Reader::new(&profile(json!({ "decode": decode })))
    };
    let mut messagepack = reader("messagepack");
    // A moment as an extension, in its three forms; a number as a key; numbers that no axis has.
    let nanos = Some(Time(1_000_000_005));
    for (time, expected) in [
        (&[0xd6, 0xff, 0, 0, 0, 1][..], Some(Time(1_000_000_000))),
        (&[0xd7, 0xff, 0, 0, 0, 5 << 2, 0, 0, 0, 1], nanos),
        (&[0xc7, 12, 0xff, 0, 0, 0, 5, 0, 0, 0, 0, 0, 0, 0, 1], nanos),
        (&[0xd6, 1, 0, 0, 0, 1], None),
    ] {
        let message = [&[0x83, 0xa1, b't'][..], time, &[7, 9, 0xa1, b'x', 0xca, 0x7f, 0xc0, 0, 0]];
        let read = messagepack.bytes(&message.concat());
        assert_eq!((read.time, read.fields), (expected, fields([("7", 9.0)])));
    }
    let mut cbor = reader("cbor");
    // {_ "k": [_ 1, "ab" in two pieces], 1: tag 2 (256), -1: 1.5 in 16 bits, "t": tag 1 (1)}
    let message = b"\xbf\x61k\x9f\x01\x7f\x61a\x61b\xff\xff\x01\xc2\x42\x01\x00\x20\xf9\x3e\x00\x61t\xc1\x01\xff";
    let read = cbor.bytes(message);
    assert_eq!(read.key.as_deref(), Some("ab"), "the last, though their number comes late");
    assert_eq!(read.time, Some(Time(1_000_000_000)));
    assert_eq!(read.fields, fields([("k[0]", 1.0), ("1", 256.0), ("-1", 1.5)]));
}

#[test]
fn what_binary_messages_lie_about_costs_nothing() {
    let deep = |open: u8| vec![open; 100_000];
    for (format, messages) in [
        (
            "messagepack",
            vec![
                (vec![0xdd, 0xff, 0xff, 0xff, 0xff], "it ends too soon, after 6 bytes"),
                (vec![0xdf, 0xff, 0xff, 0xff, 0xff], "it ends too soon, after 6 bytes"),
                (vec![0xdb, 0xff, 0xff, 0xff, 0xff], "it ends too soon, after 1 bytes"),
                (vec![0xc1], "a byte that nothing begins with at byte 1"),
                (vec![0xa1, 0xff], "a text that is not UTF-8 at byte 1"),
                (vec![1, 2], "there is more after its end at byte 2"),
                (deep(0x91), "it is nested too deeply at byte 130"),
            ],
        ),
        (
            "cbor",
            vec![
                (
                    vec![0x9b, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff],
                    "it ends too soon, after 10 bytes",
                ),
                (
                    vec![0x7b, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff],
                    "it ends too soon, after 1 bytes",
                ),
                (vec![0xff], "a value ends that has not begun at byte 2"),
                (vec![0x1c], "a byte that nothing begins with at byte 1"),
                (deep(0x81), "it is nested too deeply at byte 130"),
                (deep(0xc1), "it ends too soon, after 1 bytes"),
            ],
        ),
    ] {
        let mut reader = Reader::new(&busy(format));
        for (message, wrong) in messages {
            let error = reader.one(&message, false).unwrap_err();
            assert!(error.ends_with(wrong), "{error} / {wrong}");
        }
        assert_eq!(reader.one(b"", false).unwrap_err(), "The message is empty");
        assert_eq!(reader.text(r#"{"op":"pong"}"#).kind, Kind::Data, "text is JSON all the same");
    }
}

// --- Protobuf

const PROTO: &str = r#"
    syntax = "proto3";
    package market;
    import "google/protobuf/timestamp.proto";
    enum Side { NONE = 0; BUY = 1; SELL = -2; }
    message Level { double price = 1; sint64 size = 2; }
    message Tick {
        string channel = 1;
        uint64 number = 2;
        google.protobuf.Timestamp at = 3;
        Side side = 4;
        repeated Level bids = 5;
        repeated int32 sizes = 6;
        repeated float loose = 7 [packed = false];
        map<string, double> by_name = 8;
        map<int32, Level> by_number = 9;
        oneof either { fixed64 one = 10; bool other = 11; }
        optional double maybe = 12;
        bytes blob = 13;
        sfixed32 low = 14;
        int64 change = 15;
        Tick inner = 2047;
        bool on = 17;
    }
"#;

/// The descriptor set of [`PROTO`] as a file, and as the test's own pool.
fn descriptors(name: &str) -> (PathBuf, DescriptorPool) {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join("market.proto"), PROTO).unwrap();
    let set = protox::compile(["market.proto"], [&folder]).unwrap();
    let mut bytes = Vec::new();
    set.encode(&mut bytes).unwrap();
    std::fs::write(folder.join("market.pb"), &bytes).unwrap();
    (folder, DescriptorPool::decode(bytes.as_slice()).unwrap())
}

fn protobuf(folder: PathBuf) -> Profile {
    let mut profile = profile(json!({
        "decode": {
            "format": "protobuf",
            "protobuf": { "descriptor_set": "market.pb", "message": "market.Tick" },
            "channel": "channel",
            "time": { "path": "at", "unit": "s" },
        },
        "sequence": [{ "rule": "increment", "number": "number" }],
    }));
    profile.folder = Some(folder);
    profile
}

#[test]
fn protobuf_is_read_by_its_descriptor_set() {
    let (folder, pool) = descriptors("read");
    let tick = pool.get_message_by_name("market.Tick").unwrap();
    let level = |price: f64, size: i64| {
        let mut level = DynamicMessage::new(pool.get_message_by_name("market.Level").unwrap());
        level.set_field_by_name("price", Proto::F64(price));
        level.set_field_by_name("size", Proto::I64(size));
        Proto::Message(level)
    };
    let mut at =
        DynamicMessage::new(pool.get_message_by_name("google.protobuf.Timestamp").unwrap());
    at.set_field_by_name("seconds", Proto::I64(1_766_311_200));
    at.set_field_by_name("nanos", Proto::I32(123_456_789));
    let mut message = DynamicMessage::new(tick.clone());
    for (field, value) in [
        ("channel", Proto::String("trades".into())),
        ("number", Proto::U64(u64::MAX)),
        ("at", Proto::Message(at)),
        ("side", Proto::EnumNumber(-2)),
        ("bids", Proto::List(vec![level(1.5, -3), level(0.0, 4)])),
        ("sizes", Proto::List(vec![Proto::I32(-1), Proto::I32(300)])),
        ("loose", Proto::List(vec![Proto::F32(0.5), Proto::F32(f32::NAN)])),
        ("by_name", Proto::Map([(MapKey::String("a.b".into()), Proto::F64(2.5))].into())),
        ("by_number", Proto::Map([(MapKey::I32(-7), level(9.0, 0))].into())),
        ("one", Proto::U64(1 << 60)),
        ("blob", Proto::Bytes(vec![1, 2, 3].into())),
        ("low", Proto::I32(-5)),
    ] {
        message.set_field_by_name(field, value);
    }
    let mut reader = Reader::new(&protobuf(folder));
    // A field that the descriptor set does not have, and a group.
    let mut bytes = message.encode_to_vec();
    bytes.extend([0x98, 0x06, 0x01, 0xa3, 0x06, 0x08, 0x05, 0xa4, 0x06]);
    let read = reader.bytes(&bytes);
    assert_eq!(read.channel, "trades");
    assert_eq!(read.time, Some(Time(1_766_311_200_123_456_789)));
    assert_eq!(
        read.fields,
        fields([
            ("side", -2.0),
            ("bids[0].price", 1.5),
            ("bids[0].size", -3.0),
            ("bids[1].price", 0.0),
            ("bids[1].size", 4.0),
            ("sizes[0]", -1.0),
            ("sizes[1]", 300.0),
            ("loose[0]", 0.5),
            (r#"by_name["a.b"]"#, 2.5),
            ("by_number.-7.price", 9.0),
            ("by_number.-7.size", 0.0),
            ("one", (1u64 << 60) as f64),
            ("low", -5.0),
            // Not sent, for it is 0.
            ("change", 0.0),
        ])
    );
    let mut parts = Vec::new();
    reader.decoder.decode(&bytes, false, ARRIVAL, &mut parts);
    assert!(matches!(&parts[..], [Part::Message(read)] if read.record.sequence == Some(u64::MAX)));
    for (bytes, wrong) in [
        (&b"\x0a\x05ab"[..], "it ends too soon"),
        (b"\x08\x01", "“channel” has another type"),
        (b"\x0a\x01\xff", "“channel” is not UTF-8"),
        (b"\x00", "there is no field 0"),
        (b"\x0f", "there is no wire type 7"),
        (b"\x10\xff\xff\xff\xff\xff\xff\xff\xff\xff\x02", "a number is too long"),
    ] {
        let error = reader.one(bytes, false).unwrap_err();
        assert_eq!(error, format!("Not as the descriptor set says: {wrong}"));
    }
}

#[test]
fn a_descriptor_set_that_is_of_no_use_is_said_to_be_so() {
    let (folder, _) = descriptors("setup");
    std::fs::write(folder.join("other.pb"), "hello").unwrap();
    for (file, message, what) in [
        ("absent.pb", "market.Tick", "absent.pb cannot be read: "),
        ("other.pb", "market.Tick", "other.pb is not a descriptor set: "),
        ("market.pb", "market.Tock", "market.pb has no type “market.Tock”. It has these: "),
    ] {
        let mut profile = protobuf(folder.clone());
        let protobuf = profile.decode.protobuf.as_mut().unwrap();
        (protobuf.descriptor_set, protobuf.message) = (file.into(), message.into());
        let error = Decoder::new(&profile).unwrap_err().to_string();
        assert!(error.contains(what), "{error}");
    }
}

proptest! {
    #![proptest_config(cases(150))]

    /// Not the other way round: what we have no use for, we do not read.
    #[test]
    fn protobuf_is_taken_where_others_take_it(
        bytes in prop::collection::vec(prop_oneof![
            any::<u8>().boxed(),
            prop::sample::select(&[0x0a, 0x10, 0x1a, 0x20, 0x2a, 0x32, 0x3d, 0x42, 0x4a, 0x51, 0x58, 1, 2, 3, 0][..]).boxed(),
        ], 0..24)
    ) {
        // Once for all cases.
        static SETUP: std::sync::OnceLock<(PathBuf, DescriptorPool)> = std::sync::OnceLock::new();
        let (folder, pool) = SETUP.get_or_init(|| descriptors("refused"));
        let tick = pool.get_message_by_name("market.Tick").unwrap();
        let whole = DynamicMessage::decode(tick, bytes.as_slice());
        let ours = Reader::new(&protobuf(folder.clone())).one(&bytes, false);
        if whole.is_ok() {
            prop_assert!(ours.is_ok(), "{:?}", ours);
        }
        if let Ok(read) = &ours {
            prop_assert!(read.fields.values().all(|value| value.is_finite()));
        }
    }
}

// --- Raw numbers

fn raw(settings: Value) -> Reader {
    Reader::new(&profile(json!({ "decode": { "format": "raw", "raw": settings } })))
}

#[test]
fn raw_numbers_are_records_by_groups() {
    let mut reader =
        raw(json!({ "number": "f32", "fields": ["x", "y"], "skip_bytes": 3, "interval": "10ms" }));
    let mut message = b"abc".to_vec();
    for number in [1.0f32, 2.0, f32::NAN, 4.0, 5.0, f32::INFINITY] {
        message.extend(number.to_le_bytes());
    }
    let at = |millis| Some(ARRIVAL - std::time::Duration::from_millis(millis));
    let read = |all: Vec<Result<Read, String>>| {
        all.into_iter().map(|read| read.map(|read| (read.time, read.fields))).collect::<Vec<_>>()
    };
    let expected = vec![
        Ok((at(20), fields([("x", 1.0), ("y", 2.0)]))),
        Ok((at(10), fields([("y", 4.0)]))),
        Ok((at(0), fields([("x", 5.0)]))),
    ];
    assert_eq!(read(reader.all(&message, false)), expected);
    message.extend([1, 2, 3, 4, 5]);
    let mut and_more = expected;
    and_more.push(Err("Not whole numbers: 5 bytes are left over, where 8 are needed".into()));
    assert_eq!(read(reader.all(&message, false)), and_more);
    assert_eq!(
        reader.one(b"ab", false).unwrap_err(),
        "No numbers: the message has 2 bytes, and 3 are to be skipped"
    );
    for (number, bytes) in [("i16", &[0xff, 0xfe][..]), ("f64", &[0xc0, 0, 0, 0, 0, 0, 0, 0])] {
        let mut reader = raw(json!({ "number": number, "endian": "big", "fields": ["v"] }));
        assert_eq!(reader.bytes(bytes).fields, fields([("v", -2.0)]));
        assert_eq!(reader.bytes(bytes).time, None);
    }
}

#[test]
fn a_message_holds_no_more_messages_than_memory_can_bear() {
    let mut reader = raw(json!({ "number": "i16", "fields": ["v"] }));
    let parts = reader.parts(&vec![0; 2 * (MESSAGES_MAX + 5)], false);
    assert_eq!(parts.len(), MESSAGES_MAX + 1);
    assert!(matches!(parts.last(), Some(Part::Undecodable(_))));
    let mut reader = Reader::new(&profile(json!({ "decode": { "array": true } })));
    let parts = reader.parts(format!("[{}1]", "1,".repeat(MESSAGES_MAX)).as_bytes(), true);
    assert_eq!(parts.len(), MESSAGES_MAX + 1);
    assert!(matches!(parts.last(), Some(Part::Undecodable(_))));
}

// --- Compression

fn compressed(compression: &str, bytes_max: usize) -> Reader {
    Reader::new(&profile(json!({
        "decode": { "compression": compression },
        "limits": { "message_bytes_max": bytes_max },
    })))
}

fn written(mut encoder: impl Write, bytes: &[u8]) {
    encoder.write_all(bytes).unwrap();
}

fn compress(compression: &str, bytes: &[u8]) -> Vec<u8> {
    let (mut out, level) = (Vec::new(), Compression::default());
    match compression {
        "gzip" => written(GzEncoder::new(&mut out, level), bytes),
        "zlib" => written(ZlibEncoder::new(&mut out, level), bytes),
        "deflate" => written(DeflateEncoder::new(&mut out, level), bytes),
        _ => out = compress_to_vec(bytes, CompressionLevel::Fastest),
    }
    out
}

const COMPRESSIONS: [&str; 4] = ["gzip", "zlib", "deflate", "zstd"];

#[test]
fn every_compression_is_undone_and_text_is_never_compressed() {
    let message = format!(r#"{{"a":1,"text":"{}"}}"#, "abc".repeat(100_000));
    for compression in COMPRESSIONS {
        let bytes = compress(compression, message.as_bytes());
        let mut readers = vec![compressed(compression, 1 << 20)];
        // By its first bytes, deflate shows nothing.
        readers.extend((compression != "deflate").then(|| compressed("auto", 1 << 20)));
        for reader in &mut readers {
            for _ in 0..2 {
                assert_eq!(reader.bytes(&bytes).fields, fields([("a", 1.0)]), "{compression}");
                assert_eq!(reader.text(r#"{"b":2}"#).fields, fields([("b", 2.0)]));
            }
            for cut in [1, bytes.len() / 2, bytes.len() - 1] {
                let error = reader.one(&bytes[..cut], false).unwrap_err();
                if compression == "gzip" && cut > 1 {
                    assert_eq!(error, "Not gzip: it ends too soon");
                }
            }
            assert!(reader.one(&bytes, false).is_ok(), "an error costs its message alone");
        }
    }
    let mut auto = compressed("auto", 1 << 20);
    assert_eq!(auto.bytes(br#"{"a":3}"#).fields, fields([("a", 3.0)]), "none at all");
    let two = [compress("gzip", br#"{"a":"#), compress("gzip", b"4}")].concat();
    assert_eq!(auto.bytes(&two).fields, fields([("a", 4.0)]), "in two members");
    let two = [
        compress("zstd", br#"{"a":"#),
        b"\x50\x2a\x4d\x18\x01\0\0\0x".to_vec(),
        compress("zstd", b"5}"),
    ];
    assert_eq!(auto.bytes(&two.concat()).fields, fields([("a", 5.0)]), "in two frames");
}

#[test]
fn what_is_cut_short_says_so() {
    let message =
        format!(r#"{{"text":"{}"}}"#, (0..10_000).map(|n| n.to_string()).collect::<String>());
    for compression in COMPRESSIONS {
        let bytes = compress(compression, message.as_bytes());
        let mut reader = compressed(compression, 1 << 20);
        let error = reader.one(&bytes[..bytes.len() / 2], false).unwrap_err();
        assert_eq!(error, format!("Not {compression}: it ends too soon"));
        if compression != "gzip" && compression != "zstd" {
            let more = [&bytes[..], b"x"].concat();
            let error = reader.one(&more, false).unwrap_err();
            assert_eq!(error, format!("Not {compression}: there is more after its end"));
        }
    }
}

#[test]
fn a_bomb_costs_no_more_than_the_largest_message() {
    let zeros = vec![b' '; 50 << 20];
    for compression in COMPRESSIONS {
        let bytes = compress(compression, &zeros);
        assert!(bytes.len() < 1 << 20);
        let error = compressed(compression, 1 << 16).one(&bytes, false).unwrap_err();
        assert!(
            error == "Decompressed, the message is larger than 65536 bytes"
                || (compression == "zstd" && error.starts_with("Not zstd: ")),
            "{error}"
        );
    }
}

// --- Hostility

proptest! {
    #![proptest_config(cases(150))]

    #[test]
    fn no_bytes_do_harm_in_any_format(messages in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..80), 1..6)) {
        for format in ["messagepack", "cbor", "raw"] {
            for compression in ["none", "gzip", "zlib", "deflate", "zstd", "auto"] {
                let mut reader = Reader::new(&profile(json!({
                    "decode": {
                        "format": format,
                        "compression": compression,
                        "array": true,
                        "raw": { "number": "i16", "fields": ["a", "b"] },
                        "channel": "[0]",
                        "key": "[-1][-1]",
                    },
                    "limits": { "fields_max": 20, "message_bytes_max": 10_000 },
                })));
                for message in &messages {
                    for part in reader.parts(message, false) {
                        if let Part::Undecodable(error) = part {
                            prop_assert!(error.to_string().len() < 300, "{}", error);
                        }
                    }
                }
            }
        }
    }

    #[test]
    fn no_damage_to_a_message_does_harm(
        value in any_value(),
        damage in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6),
    ) {
        for (format, compression) in [("messagepack", "none"), ("cbor", "none"), ("json", "gzip"), ("json", "zlib"), ("json", "deflate"), ("json", "zstd")] {
            let mut bytes = match format {
                "messagepack" => messagepack(&value),
                "cbor" => cbor(&value),
                _ => compress(compression, value.to_string().as_bytes()),
            };
            for (at, byte) in &damage {
                let at = at.index(bytes.len());
                bytes[at] = *byte;
            }
            let mut profile = busy(format);
            profile.decode.compression = serde_json::from_value(compression.into()).unwrap();
            profile.limits.message_bytes_max = 100_000;
            let mut reader = Reader::new(&profile);
            prop_assert_eq!(reader.all(&bytes, false).len(), 1);
        }
    }
}
