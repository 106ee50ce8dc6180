//! Profiles as files: what is right reads back as it was written, and what is wrong is told with
//! its place, its key and what to do about it.

use feedscope_feed::Profile;
use feedscope_feed::profile::Condition;
use serde_json::json;

/// What is said of a file: a line each.
fn said(text: &str) -> String {
    Profile::parse(text).expect_err("it is wrong").to_string()
}

/// What is said of a profile that is right but for what is added to it.
fn said_of(added: &str) -> String {
    said(&format!("name = \"A feed\"\nconnection.url = \"wss://example.com/\"\n{added}"))
}

#[test]
fn the_least_that_a_profile_needs_is_a_name_and_a_url() {
    let profile = Profile::parse("name = \"A\"\nconnection.url = \"wss://example.com/\"").unwrap();
    assert_eq!(profile.name, "A");
    assert_eq!(
        said(""),
        "1:1: “name” and “connection” are missing; add them, such as `name = \"My feed\"`."
    );
}

/// In TOML as in JSON, which has kinds of numbers of its own.
#[test]
fn a_value_is_compared_with_a_text_a_number_or_a_bool() {
    for (written, equals) in [
        (json!(2), vec!["2"]),
        (json!(-2), vec!["-2"]),
        (json!(2.5), vec!["2.5"]),
        (json!(true), vec!["true"]),
        (json!("2"), vec!["2"]),
        (json!([2, -2, "two", false]), vec!["2", "-2", "two", "false"]),
    ] {
        let whole = format!(
            "name = \"A\"\nconnection.url = \"wss://example.com/\"\n[[decode.rules]]\n\
             when = {{ path = \"op\", equals = {written} }}\nkind = \"error\""
        );
        let condition = Condition::At {
            path: "op".parse().unwrap(),
            equals: equals.into_iter().map(str::to_owned).collect(),
        };
        let profile = Profile::parse(&whole).unwrap_or_else(|error| panic!("{written}: {error}"));
        assert_eq!(profile.decode.rules[0].when, condition);
        let read: Result<Condition, _> =
            serde_json::from_value(json!({ "path": "op", "equals": written }));
        assert_eq!(read.unwrap_or_else(|error| panic!("{written}: {error}")), condition);
    }
}

#[test]
fn what_is_no_toml_is_told_with_its_place() {
    for (text, start) in [
        ("name = \"A", "1:"),
        ("name = \"A\"\n[connection\nurl = \"ws://a\"", "2:"),
        ("name = \"A\"\n\n  x y z", "3:"),
        ("name = \"A\"\nname = \"B\"", "2:1: "),
    ] {
        let said = said(text);
        assert!(said.starts_with(start) && said.contains("This is not TOML: "), "{said}");
    }
}

/// Each with what is said of it: all messages, in the order in which they stand in the file.
#[test]
fn says_what_is_wrong_where_and_what_to_do() {
    let cases = [
        (
            "[heartbeat]\nidel_max = \"10s\"",
            "4:1: heartbeat.idel_max: There is no key “idel_max” here. Did you mean “idle_max”?",
        ),
        (
            "idle_max = \"10s\"",
            "3:1: idle_max: There is no key “idle_max” here; it belongs in [heartbeat].",
        ),
        (
            "[heartbeat]\nidle_max = 10",
            "4:12: heartbeat.idle_max: This is the number 10, but it must be a duration in quotes, such as \"250ms\", \"10s\" or \"5m\".",
        ),
        (
            "[heartbeat]\nidle_max = \"10 parsecs\"",
            "4:12: heartbeat.idle_max: “10 parsecs” is not a duration, such as 250ms, 10s or 5m.",
        ),
        (
            "[heartbeat]\nidle_max = \"9y\"",
            "4:12: heartbeat.idle_max: “9y” is too long; a year is the most.",
        ),
        (
            "[decode]\nformat = \"jason\"",
            "4:10: decode.format: “jason” is not possible here. Did you mean “json”?",
        ),
        (
            "[decode]\nformat = \"xml\"",
            "4:10: decode.format: “xml” is not possible here. Possible are: json, messagepack, cbor, protobuf, raw.",
        ),
        (
            "[decode]\nformat = 1",
            "4:10: decode.format: This must be one of these, in quotes: raw, json, messagepack, cbor, protobuf.",
        ),
        (
            "[decode]\narray = \"yes\"",
            "4:9: decode.array: This is the text \"yes\", but it must be true or false, such as `array = false`.",
        ),
        (
            "[decode]\nkey = 5",
            "4:7: decode.key: This is the number 5, but it must be a path in quotes, such as \"data.bids[0]\".",
        ),
        (
            "[decode]\nkey = [\"a\", \"b[\"]",
            "4:13: decode.key[1]: “b[” is not a path: “]” is missing at character 2.",
        ),
        (
            "[decode]\ntime = { path = \"t\", unit = \"hours\" }",
            "4:29: decode.time.unit: “hours” is not possible here. Possible are: s, ms, us, µs, ns, rfc3339.",
        ),
        (
            "[decode]\ntime = { path = \"t\" }",
            "4:8: decode.time: “unit” is missing; add it, such as `unit = \"rfc3339\"`.",
        ),
        (
            "[decode]\nrules = [{ when = { path = \"a\", text = \"b\" }, kind = \"data\" }]",
            "4:19: decode.rules[0].when: A condition has either `path`, with or without `equals`, or `text`, or a list `all` of conditions.",
        ),
        (
            "[limits]\nfields_max = -1",
            "4:14: limits.fields_max: This is the number -1, but it must be a whole number, 0 or more, such as `fields_max = 10000`.",
        ),
        ("[limits]\nfields_max = 0", "4:1: limits.fields_max: It must be 1 at the least."),
        (
            "[closing]\ncode = 70000",
            "4:8: closing.code: This is the number 70000, but it must be a whole number from 0 to 65535, such as `code = 1000`.",
        ),
        (
            "[closing]\ncode = 1006",
            "4:1: closing.code: A client may not close with 1006; take 1000, 1001, or one from 3000 to 4999.",
        ),
        (
            "[[closing.rules]]\ncodes = [\"4010-4001\"]\nthen = \"stop\"",
            "4:10: closing.rules[0].codes[0]: “4010-4001” is neither a code, like 4004, nor a range, like 4010-4014.",
        ),
        (
            "[[closing.rules]]\ncodes = [true]\nthen = \"stop\"",
            "4:10: closing.rules[0].codes[0]: This is true, but it must be a code, such as 4004, or a range in quotes, such as \"4010-4014\".",
        ),
        (
            "[[closing.rules]]\ncodes = [999]\nthen = \"stop\"",
            "4:1: closing.rules[0].codes: Close codes are from 1000 to 4999.",
        ),
        (
            "[[closing.rules]]\nstatuses = [600]\nthen = \"stop\"",
            "4:1: closing.rules[0].statuses: HTTP statuses are from 100 to 599.",
        ),
        (
            "[[closing.rules]]\nthen = \"stop\"",
            "3:1: closing.rules[0]: This rule never holds; give it `codes`, `statuses` or a `message`.",
        ),
        (
            "[[closing.rules]]\ncodes = [4000]\nthen = \"retry-after\"",
            "5:1: closing.rules[0].then: Say in `after` how long to wait, such as \"10s\".",
        ),
        (
            "[[closing.rules]]\ncodes = [4000]\nthen = \"stop\"\nafter = \"1s\"",
            "6:1: closing.rules[0].after: It counts with `then = \"retry-after\"` alone.",
        ),
        (
            "[[opening]]\nsend = \"${symbl}\"\n[variables.symbol]\nabout = \"Which\"",
            "4:1: opening[0].send: ${symbl} is not defined. Did you mean ${symbol}?",
        ),
        (
            "[[opening]]\nsend = \"${coin}\"",
            "4:1: opening[0].send: ${coin} is not defined; add [variables.coin] with `about`.",
        ),
        (
            "[[opening]]\nsend = \"${a b}\"",
            "4:8: opening[0].send: “${a b}”: “${a b}” is not a name: letters, digits, “_”, “-” and “.” make one; a dollar sign of its own is written “$$”.",
        ),
        (
            "[[opening]]\nsend = \"${cursor}\"",
            "4:1: opening[0].send: ${cursor} has no value here: nothing says where a message has it; add [resume] with `cursor`.",
        ),
        (
            "[[opening]]\nsend = \"${first}\"",
            "4:1: opening[0].send: ${first} has no value here: it is known of a gap alone, in `sequence.on_gap.send`.",
        ),
        (
            "[[opening]]\nsend = \"${message:a}\"",
            "4:1: opening[0].send: ${message:a} has no value here: there is a message to answer in `heartbeat.answers` alone.",
        ),
        (
            "[[opening]]",
            "3:1: opening[0]: This step neither sends anything nor waits for anything; give it `send` or `acknowledged`, or take it out.",
        ),
        (
            "[[opening]]\nsend = \"a\"\nrefused = { text = \"no\" }",
            "5:1: opening[0].refused: Nothing is waited for in this step; say in `acknowledged` what is.",
        ),
        (
            "[variables.last]\nabout = \"The last\"",
            "3:12: variables.last: Feedscope gives “last” a value itself; choose another name.",
        ),
        (
            "[variables.a]\ndefault = \"1\"",
            "3:1: variables.a: “about” is missing; add it, such as `about = \"The market, such as BTC-USD\"`.",
        ),
        (
            "[connection.headers]\n\"X Y\" = \"1\"",
            "4:1: connection.headers.X Y: This cannot be a header’s name; take letters, digits and “-”.",
        ),
        (
            "[connection.headers]\nUpgrade = \"1\"",
            "4:1: connection.headers.Upgrade: The WebSocket protocol sets this header itself; take it out.",
        ),
        (
            "[connection.headers]\nOrigin = \"1\"",
            "4:1: connection.headers.Origin: Take it out, and put its value in `connection.origin`.",
        ),
        (
            "connection.subprotocols = [\"a b\"]",
            "3:28: connection.subprotocols[0]: This cannot be a subprotocol; it must have no spaces, commas or other separators.",
        ),
        (
            "connection.proxy = \"ftp://a\"",
            "3:12: connection.proxy: This is not a proxy, such as \"http://proxy.example:3128\" or \"socks5://localhost:1080\"; \"none\" is for none.",
        ),
        (
            "connection.tls.client_certificate = \"a.pem\"",
            "3:16: connection.tls.client_certificate: It is of no use without `client_key`; add that.",
        ),
        (
            "[heartbeat]\nping_after = \"30s\"",
            "4:1: heartbeat.ping_after: A connection is given up after 25s of silence (`idle_max`), before it is asked for a sign of life; make this shorter than that.",
        ),
        (
            "[heartbeat.ping]\nsend = \"ping\"\nevery = \"0s\"",
            "5:1: heartbeat.ping.every: It must be longer than nothing.",
        ),
        (
            "[[book]]\nbids = \"b\"\nprice = \"[0]\"\nsize = \"[1]\"",
            "4:1: book[0].bids: A book has two sides; say in `asks` where the other is.",
        ),
        (
            "[[book]]\nbids = \"b\"\nasks = \"a\"\nprice = \"[0]\"\nsize = \"[1]\"\nside = \"[2]\"",
            "8:1: book[0].side: Bids and asks are told apart by their lists; take this out.",
        ),
        (
            "[[book]]\nside = \"s\"\nprice = \"p\"\nsize = \"q\"\nlevels = \"all\"",
            "3:1: book[0]: Each message is an entry; name the `channels` of those that are, or say in `bids` and `asks`, or in `changes`, where their lists are.\n7:1: book[0].levels: This is not a number of levels, such as \"25\".",
        ),
        (
            "[decode]\narray = true\n[[book]]\nchanges = \"c\"\nprice = \"p\"\nsize = \"q\"",
            "5:1: book[0]: Order books are read from messages that are each JSON by themselves: not framed, in pieces, or several in one. Take this out.",
        ),
        (
            "[[sequence]]\nrule = \"range\"\nnumber = \"u\"",
            "4:1: sequence[0].rule: The rule `range` needs `first`: where in a message that is, such as first = \"U\".",
        ),
        (
            "[[sequence]]\nrule = \"previous\"",
            "4:1: sequence[0].rule: The rule `previous` needs `number`: where in a message that is, such as number = \"seq\".\n4:1: sequence[0].rule: The rule `previous` needs `previous`: where in a message that is, such as previous = \"prevSeqId\".",
        ),
        (
            "[[sequence]]\nrule = \"increment\"\nnumber = \"n\"\nfirst = \"m\"",
            "6:1: sequence[0].first: It is of no use to the rule `increment`.",
        ),
        (
            "[[sequence]]\nrule = \"increment\"\nnumber = \"n\"\nscope = \"key\"",
            "6:1: sequence[0].scope: Nothing says where a message’s key is; add `key` to [decode].",
        ),
        (
            "[[sequence]]\nrule = \"sparse\"\nnumber = \"n\"\n[sequence.on_gap]\naction = \"resync\"\nsend = [\"a\"]",
            "6:11: sequence[0].on_gap: With the rule `sparse` no gap is ever found; take this out.",
        ),
        (
            "[[sequence]]\nrule = \"increment\"\nnumber = \"n\"\n[sequence.on_gap]\naction = \"resync\"\nsend = []",
            "8:1: sequence[0].on_gap.send: There is nothing in it to send.",
        ),
        (
            "[decode]\nformat = \"protobuf\"",
            "4:1: decode.format: Add [decode.protobuf] with `descriptor_set` and `message`: a Protobuf message does not say what its fields are.",
        ),
        (
            "[decode.raw]\nnumber = \"f32\"\nfields = [\"x\"]",
            "3:9: decode.raw: It counts with `format = \"raw\"` alone.",
        ),
        (
            "[[decode.rules]]\nwhen = { path = \"a\" }\nkind = \"error\"\n[[decode.rules]]\nwhen = { path = \"a\", equals = \"b\" }\nkind = \"data\"",
            "7:1: decode.rules[1].when: This can never count: whenever it holds, decode.rules[0] does, which stands before it. Take it out, or put it first.",
        ),
        (
            "[resume]\nrewind = 5",
            "3:2: resume: Nothing says where to go on: give it a `cursor`, or a sequence whose scope is the connection.\n3:2: resume: Nothing asks with it; put `${cursor}` or `${sequence}` in [connection.query] or in a message of the opening.\n4:1: resume.rewind: It is of no use without `cursor`.",
        ),
    ];
    let mut wrong = String::new();
    for (added, expected) in cases {
        let said = said_of(added);
        if said != expected {
            wrong += &format!("{added}\n  expected {expected}\n  said     {said}\n\n");
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

#[test]
fn tells_of_several_things_at_once() {
    let text = r#"
name = "A feed"
url = "wss://example.com"

[heartbeat]
idle = "10s"
ping_after = 5

[connection]
subprotocols = ["a", 2, 3]

[[opening]]
send = "${"
acknowledged = { path = "ok", equal = 1 }

[[sequence]]
rule = "incremental"
"#;
    let errors = Profile::parse(text).unwrap_err();
    let told: Vec<(usize, &str)> = { errors.problems.iter() }
        .map(|problem| (problem.place.unwrap().line, problem.key.as_str()))
        .collect();
    assert_eq!(
        told,
        [
            (3, "url"),
            (6, "heartbeat.idle"),
            (7, "heartbeat.ping_after"),
            (9, "connection"),
            (10, "connection.subprotocols[1]"),
            (10, "connection.subprotocols[2]"),
            (13, "opening[0].send"),
            (14, "opening[0].acknowledged.equal"),
            (17, "sequence[0].rule"),
        ],
        "{errors}"
    );
}

#[test]
fn a_file_is_named_with_what_is_wrong_in_it_and_finds_others_from_its_folder() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("feed.toml");
    let said = || Profile::read(&file).unwrap_err().to_string();
    let name = file.display();
    assert!(said().starts_with(&format!("{name}: This file cannot be read: ")), "{}", said());
    std::fs::write(&file, b"\xff").unwrap();
    assert_eq!(said(), format!("{name}: This file is not text in UTF-8; save it as such."));
    std::fs::write(&file, "name = \"A\"\nconnection = { url = \"http://a\" }").unwrap();
    assert_eq!(
        said(),
        format!(
            "{name}:2:16: connection.url: A WebSocket feed’s URL begins with ws:// or wss://, and \
             this one with http://; try ws://."
        )
    );
    std::fs::write(&file, "name = \"A\"\nconnection = { url = \"ws://a\" }").unwrap();
    assert_eq!(Profile::read(&file).unwrap().folder.as_deref(), Some(folder.path()));
}

#[test]
fn every_bundled_profile_can_be_used() {
    let mut wrong = String::new();
    for bundled in Profile::bundled() {
        match Profile::parse(bundled.text) {
            Ok(profile) => {
                assert!(profile.about.is_some(), "{}: it says what it brings", bundled.id);
                assert_eq!(Profile::bundled_named(bundled.id), Some(profile));
            }
            Err(errors) => wrong += &format!("{}: {errors}\n", bundled.id),
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

#[test]
fn the_folder_of_profiles_holds_those_that_are_bundled() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../profiles");
    let files = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let mut files: Vec<String> = files
        .filter(|file| file.extension().is_some_and(|extension| extension == "toml"))
        .map(|file| file.file_stem().unwrap().to_str().unwrap().to_owned())
        .collect();
    files.sort();
    let mut bundled: Vec<&str> = Profile::bundled().iter().map(|bundled| bundled.id).collect();
    bundled.sort_unstable();
    assert_eq!(files, bundled);
}
