//! What a message means beside its data: to the session, and to the messages that come after it.

use crate::reading::{ARRIVAL, Reader, fields, profile};
use feedscope_feed::Time;
use feedscope_feed::decode::{Part, Signal};
use feedscope_feed::profile::{Kind, Template};
use serde_json::{Value, json};
use std::time::Duration;

fn reader(parts: Value) -> Reader {
    Reader::new(&profile(parts))
}

fn wants(text: &str) -> Signal {
    Signal::Wants(Template::plain(text))
}

#[test]
fn what_the_session_waits_for_is_signalled() {
    let mut reader = reader(json!({
        "decode": {
            "channel": "ch",
            "rules": [{ "when": { "path": "op", "equals": "snapshot" }, "kind": "snapshot" }],
        },
        "opening": [
            { "acknowledged": { "path": "op", "equals": ["hello", "snapshot"] } },
            {
                "send": "x",
                "acknowledged": { "all": [{ "path": "op", "equals": "ok" }, { "path": "n", "equals": "2" }] },
                "refused": { "path": "error" },
            },
        ],
        "closing": { "rules": [{ "message": { "path": "op", "equals": "bye" }, "then": "retry" }] },
        "heartbeat": {
            "ping": {
                "send": "ping",
                "every": "10s",
                "answered": { "text": "pong" },
                "interval": { "path": "every", "unit": "ms" },
            },
            "answers": [
                { "when": { "path": "ping" }, "send": r#"{"pong":${message:ping},"t":${time_ms}}"# },
                { "when": { "text": "are you there?" }, "send": "yes" },
            ],
        },
        "outbox": { "acknowledgement": {
            "sent": "id",
            "answer": "re.id",
            "refused": { "path": "re.ok", "equals": false },
        } },
    }));
    let answers = |id: &str, refused| Signal::Answers { id: id.into(), refused };
    for (message, kind, signals) in [
        (r#"{"op":"hello"}"#, Kind::Acknowledgement, vec![Signal::Acknowledges(0)]),
        (r#"{"op":"snapshot","v":1}"#, Kind::Snapshot, vec![Signal::Acknowledges(0)]),
        (r#"{"op":"ok","n":2}"#, Kind::Acknowledgement, vec![Signal::Acknowledges(1)]),
        (r#"{"op":"ok","n":3}"#, Kind::Data, vec![]),
        (r#"{"op":"ok","error":"no"}"#, Kind::Error, vec![Signal::Refuses(1)]),
        (r#"{"op":"ok","error":null}"#, Kind::Data, vec![]),
        (r#"{"op":"bye"}"#, Kind::Error, vec![Signal::Ends(0)]),
        ("pong", Kind::Heartbeat, vec![Signal::AnswersPing]),
        (
            r#"{"every":45000,"v":1}"#,
            Kind::Data,
            vec![Signal::PingInterval(Duration::from_secs(45))],
        ),
        (r#"{"every":-1}"#, Kind::Data, vec![]),
        ("are you there?", Kind::Heartbeat, vec![wants("yes")]),
        (r#"{"re":{"id":17,"ok":true}}"#, Kind::Acknowledgement, vec![answers("17", false)]),
        (r#"{"re":{"id":"a","ok":false}}"#, Kind::Error, vec![answers("a", true)]),
        (r#"{"ch":"data","v":1}"#, Kind::Data, vec![]),
    ] {
        let read = reader.text(message);
        assert_eq!((read.kind, &read.signals), (kind, &signals), "{message}");
        assert!(kind.has_data() || read.fields.is_empty(), "{message}");
    }
    assert!(reader.one(b"pong ", true).is_err(), "it is compared as it stands");
    // Numbers go back as they came, texts as JSON has them, and nothing in them is a name.
    for (message, answer) in [
        (r#"{"ping":1618677817430}"#, "1618677817430"),
        (r#"{"ping":1618677817.4300}"#, "1618677817.4300"),
        (r#"{"ping":-1E3}"#, "-1E3"),
        (r#"{"ping":"a\"\n${secret:x}"}"#, r#"a\"\n${secret:x}"#),
        (r#"{"ping":true}"#, "true"),
    ] {
        let read = reader.text(message);
        assert_eq!(read.kind, Kind::Heartbeat);
        let [Signal::Wants(template)] = &read.signals[..] else { panic!("{:?}", read.signals) };
        assert_eq!(template.names().count(), 1, "the time is yet to come");
        let sent = template.expand(feedscope_feed::profile::Escape::Json, |_| Some("5".into()));
        assert_eq!(sent.unwrap(), format!(r#"{{"pong":{answer},"t":5}}"#));
    }
    assert_eq!(reader.text(r#"{"ping":{"no":"scalar"}}"#).signals, []);
}

#[test]
fn a_number_means_the_channel_that_it_was_given() {
    let mut reader = reader(json!({
        "decode": {
            "channel": "[0]",
            "names": {
                "when": { "path": "event", "equals": "subscribed" },
                "id": "chanId", "channel": "channel", "key": ["symbol", "pair"],
            },
            "rules": [
                { "when": { "path": "event" }, "kind": "acknowledgement" },
                { "when": { "path": "[1]", "equals": "tu" }, "kind": "data", "key": "[3]" },
            ],
        },
    }));
    let channel = |reader: &mut Reader, message: &str| {
        let read = reader.text(message);
        (read.channel, read.key)
    };
    let names = |channel: &str, key: Option<&str>| (channel.to_owned(), key.map(str::to_owned));
    assert_eq!(channel(&mut reader, "[7,[1,2]]"), names("7", None));
    reader.text(r#"{"event":"subscribed","chanId":7,"channel":"trades","pair":"BTCUSD"}"#);
    assert_eq!(channel(&mut reader, "[7,[1,2]]"), names("trades", Some("BTCUSD")));
    assert_eq!(reader.text("[7,[1,2]]").fields, fields([("[1][0]", 1.0), ("[1][1]", 2.0)]));
    assert_eq!(channel(&mut reader, r#"[7,"tu",1,"own"]"#), names("trades", Some("own")));
    assert_eq!(channel(&mut reader, "[8,1]"), names("8", None));
    let mut parts = Vec::new();
    reader.decoder.session_started(&mut parts);
    assert_eq!(channel(&mut reader, "[7,1]"), names("7", None), "in the next session, another");
}

#[test]
fn a_message_without_one_before_it_is_a_snapshot() {
    let mut reader = reader(json!({
        "sequence": [{ "rule": "previous", "number": "n", "previous": "p" }],
    }));
    assert_eq!(reader.text(r#"{"n":5,"p":4}"#).kind, Kind::Data);
    assert_eq!(reader.text(r#"{"n":5,"p":-1}"#).kind, Kind::Snapshot);
    assert_eq!(reader.text(r#"{"n":5}"#).kind, Kind::Snapshot);
    assert_eq!(reader.text(r#"{"v":5}"#).kind, Kind::Data, "it has no place in the sequence");
}

#[test]
fn times_are_read_as_text_too_and_the_first_that_is_there_counts() {
    let mut reader = reader(json!({
        "decode": { "time": [{ "path": "t", "unit": "rfc3339" }, { "path": "ms", "unit": "ms" }] },
    }));
    for (message, expected) in [
        (r#"{"t":"2026-11-21T10:53:31.25Z","ms":1}"#, Some(1_795_258_411_250_000_000)),
        (r#"{"t":"2026-11-21T10:53:31.123456789Z"}"#, Some(1_795_258_411_123_456_789)),
        (r#"{"t":"2026-11-21T12:53:31+02:00"}"#, Some(1_795_258_411_000_000_000)),
        (r#"{"t":"2026-11-21","ms":"1"}"#, Some(1_000_000)),
        (r#"{"t":"9999-11-21T10:53:31Z"}"#, None),
        (r#"{"t":1795258411}"#, None),
    ] {
        assert_eq!(reader.text(message).time, expected.map(Time), "{message}");
    }
}

#[test]
fn the_cursor_is_that_of_the_latest_data() {
    let mut reader = reader(json!({
        "resume": { "cursor": "c" },
        "decode": { "rules": [{ "when": { "path": "hb" }, "kind": "heartbeat" }] },
    }));
    assert_eq!(reader.decoder.cursor(), None);
    for (message, cursor) in [
        (r#"{"c":1725911162329308}"#, "1725911162329308"),
        (r#"{"c":9,"hb":1}"#, "1725911162329308"),
        (r#"{"v":1}"#, "1725911162329308"),
        (r#"{"c":"a-1"}"#, "a-1"),
        (r#"{"c":-5}"#, "-5"),
    ] {
        assert!(!reader.text(message).fields.contains_key("c"));
        assert_eq!(reader.decoder.cursor(), Some(cursor), "{message}");
    }
}

#[test]
fn a_bad_message_of_an_array_costs_itself_alone() {
    let mut reader = reader(json!({
        "decode": { "array": true, "channel": "T" },
        "heartbeat": { "ping": { "send": "ping", "every": "1s", "answered": { "text": "pong" } } },
    }));
    let deep = format!("{}{}", "[".repeat(200), "]".repeat(200));
    let all =
        reader.all(format!(r#"[{{"T":"t","p":1}},{deep},{{"T":"q","p":2}}]"#).as_bytes(), true);
    let channels: Vec<_> =
        all.iter().map(|read| read.as_ref().map(|read| &*read.channel).ok()).collect();
    assert_eq!(channels, [Some("t"), None, Some("q")]);
    let all = reader.all(br#"[{"p":1},{"p":x},{"p":2}]"#, true);
    assert_eq!((all.len(), all[0].is_ok(), all[1].is_err()), (2, true, true), "the rest is lost");
    assert_eq!(reader.text("[]").kind, Kind::Ignored);
    assert_eq!(reader.text(r#"{"T":"t"}"#).channel, "t", "one by itself");
    assert_eq!(reader.text("pong").signals, [Signal::AnswersPing]);
}

#[test]
fn pieces_become_the_message_that_they_were() {
    let decode = |encoding: &str| {
        json!({ "decode": {
        "channel": "ch",
        "compression": "auto",
        "chunks": {
            "id": "id", "index": "i", "total": "of", "data": "data",
            "first_index": 1, "encoding": encoding, "wait_max": "5s",
        },
    } })
    };
    let mut text = reader(decode("text"));
    let piece =
        |i: u64, data: &str| json!({ "id": "x", "i": i, "of": 2, "data": data }).to_string();
    assert!(matches!(text.parts(piece(2, r#""v":1}"#).as_bytes(), true)[..], [Part::Piece]));
    assert!(matches!(text.parts(piece(2, r#""v":1}"#).as_bytes(), true)[..], [Part::Piece]));
    assert_eq!(text.text(r#"{"ch":"between"}"#).channel, "between");
    let mut parts = text.parts(piece(1, r#"{"ch":"whole","#).as_bytes(), true);
    let Some(Part::Message(whole)) = parts.pop() else { panic!("{parts:?}") };
    assert!(matches!(parts[..], [Part::Joined(2)]), "{parts:?}");
    let whole = text.named(whole);
    assert_eq!((&*whole.channel, whole.fields), ("whole", fields([("v", 1.0)])));
    let parts = text.parts(piece(1, "not JSON").as_bytes(), true);
    assert!(matches!(parts[..], [Part::Piece]));
    let parts = text.parts(piece(2, "").as_bytes(), true);
    assert!(matches!(parts[..], [Part::Joined(1), Part::Undecodable(_)]), "{parts:?}");
    // What did not come in time, or in its session, is given up by whatever comes next.
    text.parts(piece(1, "a").as_bytes(), true);
    let later = ARRIVAL + Duration::from_millis(5_001);
    let parts = text.parts_at(br#"{"v":1}"#, true, later);
    assert!(matches!(parts[..], [Part::GivenUp(1, _), Part::Message(_)]), "{parts:?}");
    text.parts(piece(1, "a").as_bytes(), true);
    let mut parts = Vec::new();
    text.decoder.session_started(&mut parts);
    assert!(matches!(parts[..], [Part::GivenUp(1, _)]), "{parts:?}");

    // Base64 is bytes, which may be compressed.
    let mut base64 = reader(decode("base64"));
    let parts = base64.parts(piece(1, "eyJjaCI6").as_bytes(), true);
    assert!(matches!(parts[..], [Part::Piece]));
    let parts = base64.parts(piece(2, "?").as_bytes(), true);
    assert!(matches!(parts[..], [Part::Undecodable(_)]), "it may come again");
    let mut parts = base64.parts(piece(2, "ImIifQ").as_bytes(), true);
    let Some(Part::Message(whole)) = parts.pop() else { panic!("{parts:?}") };
    assert_eq!(base64.named(whole).channel, "b");
    // Encoded by themselves, or cut anywhere; padded or not: {"ch":"b"}
    for [first, second] in [
        ["eyJjaCI6", "ImIifQ=="],
        ["eyI=", "Y2giOiJiIn0="],
        ["eyJja", "CI6ImIifQ"],
        ["e", "yJjaCI6ImIifQ="],
    ] {
        base64.parts(piece(1, first).as_bytes(), true);
        let mut parts = base64.parts(piece(2, second).as_bytes(), true);
        let Some(Part::Message(whole)) = parts.pop() else { panic!("{first}: {parts:?}") };
        assert!(matches!(parts[..], [Part::Joined(1)]), "{parts:?}");
        assert_eq!(base64.named(whole).channel, "b");
    }
    base64.parts(piece(1, "eyJjaCI6").as_bytes(), true);
    let parts = base64.parts(piece(2, "ImIif").as_bytes(), true);
    let [Part::GivenUp(1, why), Part::Undecodable(_)] = &parts[..] else { panic!("{parts:?}") };
    let why = why.to_string();
    assert!(why.starts_with("Put together, the pieces of “x” are not Base64: "), "{why}");
}

#[test]
fn an_answer_that_is_data_needs_a_rule() {
    let answer = json!({ "op": "subscribed", "price": 5 });
    for (rules, kind) in [
        (json!([]), Kind::Acknowledgement),
        (json!([{ "when": { "path": "price" }, "kind": "data" }]), Kind::Data),
    ] {
        let mut plain = reader(json!({
            "decode": { "rules": rules },
            "opening": [{ "send": "x", "acknowledged": { "path": "op", "equals": "subscribed" } }],
        }));
        assert_eq!(plain.text(&answer.to_string()).kind, kind);
        let rules = rules.to_string().replace("price", "[0].price");
        let rules: Value = serde_json::from_str(&rules).unwrap();
        let mut socket_io = reader(json!({ "decode": { "framing": "socket-io", "rules": rules } }));
        assert_eq!(socket_io.text(&format!("4317[{answer}]")).kind, kind);
    }
}

#[test]
fn socket_io_is_unpacked() {
    let mut reader = reader(json!({
        "decode": { "framing": "socket-io", "key": "sym" },
        "opening": [{ "acknowledged": { "text": "40" }, "refused": { "text": "44" } }],
        "outbox": { "acknowledgement": { "sent": "id", "answer": "id" } },
    }));
    let open = r#"0{"sid":"x","upgrades":[],"pingInterval":25000,"pingTimeout":20000}"#;
    for (message, kind, signals) in [
        (open, Kind::Acknowledgement, vec![wants("40")]),
        (r#"40{"sid":"y"}"#, Kind::Acknowledgement, vec![Signal::Acknowledges(0)]),
        (r#"40/admin,{"sid":"y"}"#, Kind::Acknowledgement, vec![]),
        (r#"44{"message":"no"}"#, Kind::Error, vec![Signal::Refuses(0)]),
        ("2", Kind::Heartbeat, vec![wants("3")]),
        ("2probe", Kind::Heartbeat, vec![wants("3probe")]),
        ("3", Kind::Heartbeat, vec![]),
        ("41", Kind::Error, vec![]),
        ("431[1]", Kind::Acknowledgement, vec![]),
        (r#"451-["name",{"_placeholder":true,"num":0}]"#, Kind::Ignored, vec![]),
        ("6", Kind::Ignored, vec![]),
    ] {
        let read = reader.text(message);
        assert_eq!((read.kind, read.signals), (kind, signals), "{message}");
    }
    assert_eq!(reader.bytes(b"\x01\x02").kind, Kind::Ignored, "the bytes of an event");
    for (message, channel, key, values) in [
        (r#"42["trade",{"sym":"a","p":1}]"#, "trade", Some("a"), fields([("p", 1.0)])),
        (r#"42/admin,17["trade",{"p":2}]"#, "trade", None, fields([("p", 2.0)])),
        (r#"42["list",[3,4]]"#, "list", None, fields([("[0]", 3.0), ("[1]", 4.0)])),
        (r#"42["two",5,{"p":6}]"#, "two", None, fields([("[0]", 5.0), ("[1].p", 6.0)])),
        (r#"42["none"]"#, "none", None, fields([])),
    ] {
        let read = reader.text(message);
        assert_eq!((read.kind, &*read.channel), (Kind::Data, channel), "{message}");
        assert_eq!((read.key.as_deref(), read.fields), (key, values), "{message}");
    }
    for message in ["", "9", "4", "42", "42{}", "42[]", "42[1]", "42[\"a\",]", "0{", "41{]"] {
        assert!(reader.one(message.as_bytes(), true).is_err(), "{message}");
    }
}
