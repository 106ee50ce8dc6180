//! What holds for any profile, any text and any value that is put in.

use feedscope_feed::Profile;
use feedscope_feed::profile::*;
use proptest::collection::{btree_map, vec};
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;
use std::borrow::Cow;
use std::path::PathBuf;
use std::time::Duration;

fn text() -> impl Strategy<Value = String> {
    prop_oneof!["[a-z]{0,6}", ".{0,12}", Just("\"\\\u{7f}\n\r\t'''\"\"\"#=[]".to_owned())]
}

fn duration() -> impl Strategy<Value = Duration> {
    prop_oneof![
        (0..DURATION_MAX.as_nanos() as u64).prop_map(Duration::from_nanos),
        (0..100_000u64).prop_map(Duration::from_millis),
        Just(DURATION_MAX),
    ]
}

fn size() -> impl Strategy<Value = usize> {
    // TOML's whole numbers end there.
    prop_oneof![0..100usize, 0..=i64::MAX as usize]
}

fn path() -> impl Strategy<Value = Path> {
    let step = prop_oneof![
        text().prop_map(|key| Step::Key(key.into())),
        (0..9usize).prop_map(Step::Item),
        (1..9usize).prop_map(Step::ItemFromEnd),
    ];
    vec(step, 1..4).prop_map(Path::from)
}

/// As a template is written, with names and dollar signs in it.
fn template() -> impl Strategy<Value = Template> {
    let piece = prop_oneof![
        text().prop_map(|text| text.replace('$', "$$")),
        "[a-z_.-]{1,5}".prop_map(|name| format!("${{{name}}}")),
        "[a-z_.-]{1,5}".prop_map(|name| format!("${{secret:{name}}}")),
        Just("${message:a[0].b}".to_owned()),
    ];
    vec(piece, 0..4).prop_map(|pieces| pieces.concat().parse().unwrap())
}

fn condition() -> impl Strategy<Value = Condition> {
    let leaf = prop_oneof![
        (path(), vec(text(), 0..3)).prop_map(|(path, equals)| Condition::At { path, equals }),
        text().prop_map(Condition::Text),
    ];
    leaf.prop_recursive(2, 6, 3, |inner| vec(inner, 1..3).prop_map(Condition::All))
}

fn unit() -> impl Strategy<Value = TimeUnit> {
    use TimeUnit::*;
    select(vec![Seconds, Millis, Micros, Nanos, Rfc3339])
}

fn connection() -> impl Strategy<Value = Connection> {
    let file = || option::of(text().prop_map(PathBuf::from));
    let tls = (file(), file(), file(), any::<bool>()).prop_map(
        |(ca, client_certificate, client_key, danger_accept_any_certificate)| Tls {
            ca,
            client_certificate,
            client_key,
            danger_accept_any_certificate,
        },
    );
    let templates = || btree_map(text(), template(), 0..3);
    let others = (option::of(template()), vec(text(), 0..3), tls, option::of(template()));
    (template(), templates(), templates(), others).prop_map(
        |(url, query, headers, (origin, subprotocols, tls, proxy))| Connection {
            url,
            query,
            headers,
            origin,
            subprotocols,
            tls,
            proxy,
        },
    )
}

fn opening() -> impl Strategy<Value = Opening> {
    let only = select(vec![Only::Always, Only::Fresh, Only::Resumed]);
    let conditions = (option::of(condition()), option::of(condition()));
    (option::of(template()), conditions, option::of(duration()), only).prop_map(
        |(send, (acknowledged, refused), deadline, only)| Opening {
            send,
            acknowledged,
            refused,
            deadline,
            only,
        },
    )
}

fn heartbeat() -> impl Strategy<Value = Heartbeat> {
    let interval = (path(), unit()).prop_map(|(path, unit)| Interval { path, unit });
    let answered = (option::of(condition()), duration(), any::<bool>());
    let ping = (template(), duration(), option::of(interval), answered).prop_map(
        |(send, every, interval, (answered, answer_max, first_is_random))| Ping {
            send,
            every,
            interval,
            answered,
            answer_max,
            first_is_random,
        },
    );
    let answer = (condition(), template()).prop_map(|(when, send)| Answer { when, send });
    let data = (option::of(duration()), option::of(duration()));
    (duration(), duration(), data, option::of(ping), vec(answer, 0..3)).prop_map(
        |(ping_after, idle_max, (data_max, data_give_up), ping, answers)| Heartbeat {
            ping_after,
            idle_max,
            data_max,
            data_give_up,
            ping,
            answers,
        },
    )
}

fn closing() -> impl Strategy<Value = Closing> {
    let codes = || {
        let codes = (any::<u16>(), any::<u16>());
        vec(codes.prop_map(|(a, b)| Codes { first: a.min(b), last: a.max(b) }), 0..3)
    };
    let then = select(vec![Then::Retry, Then::RetryNow, Then::RetryAfter, Then::Stop]);
    let rest = (then, option::of(duration()), any::<bool>(), option::of(text()));
    let rule = (codes(), codes(), option::of(condition()), rest).prop_map(
        |(codes, statuses, message, (then, after, fresh, because))| ClosingRule {
            codes,
            statuses,
            message,
            then,
            after,
            fresh,
            because,
        },
    );
    (any::<u16>(), any::<u16>(), vec(rule, 0..3)).prop_map(|(code, resume_code, rules)| Closing {
        code,
        resume_code,
        rules,
    })
}

fn decode() -> impl Strategy<Value = Decode> {
    use Kind::*;
    let protobuf = (text(), text()).prop_map(|(descriptor_set, message)| Protobuf {
        descriptor_set: descriptor_set.into(),
        message,
    });
    let number = select(vec![RawNumber::F32, RawNumber::F64, RawNumber::I16]);
    let endian = select(vec![Endian::Little, Endian::Big]);
    let raw = (number, endian, size(), vec(text(), 0..3), option::of(duration())).prop_map(
        |(number, endian, skip_bytes, fields, interval)| Raw {
            number,
            endian,
            skip_bytes,
            fields,
            interval,
        },
    );
    let paths = (path(), path(), path(), path());
    let encoding = select(vec![Encoding::Text, Encoding::Base64]);
    let chunks = (paths, size(), encoding, size(), (size(), duration())).prop_map(
        |(
            (id, index, total, data),
            first_index,
            encoding,
            unfinished_max,
            (bytes_max, wait_max),
        )| {
            Chunks {
                id,
                index,
                total,
                data,
                first_index: first_index as u64,
                encoding,
                unfinished_max,
                bytes_max,
                wait_max,
            }
        },
    );
    let names = (condition(), path(), path(), vec(path(), 0..3))
        .prop_map(|(when, id, channel, key)| Names { when, id, channel, key });
    let kind = select(vec![Data, Snapshot, Heartbeat, Acknowledgement, Error, Ignored]);
    let rule = (condition(), kind, option::of(text()), option::of(path()))
        .prop_map(|(when, kind, channel, key)| Rule { when, kind, channel, key });
    let time = (path(), unit()).prop_map(|(path, unit)| TimeAt { path, unit });
    let framing = select(vec![Framing::None, Framing::SocketIo]);
    let compression = select(vec![
        Compression::None,
        Compression::Gzip,
        Compression::Zlib,
        Compression::Deflate,
        Compression::Zstd,
        Compression::Auto,
    ]);
    let format = select(vec![
        Format::Json,
        Format::MessagePack,
        Format::Cbor,
        Format::Protobuf,
        Format::Raw,
    ]);
    let kinds = (framing, compression, format, any::<bool>());
    let formats = (option::of(protobuf), option::of(raw), option::of(chunks), option::of(names));
    let places = (vec(path(), 0..3), vec(path(), 0..3), vec(time, 0..3), vec(rule, 0..3));
    (kinds, formats, places).prop_map(
        |(
            (framing, compression, format, array),
            (protobuf, raw, chunks, names),
            (channel, key, time, rules),
        )| Decode {
            framing,
            compression,
            format,
            protobuf,
            raw,
            chunks,
            array,
            channel,
            key,
            time,
            names,
            rules,
        },
    )
}

fn sequence() -> impl Strategy<Value = Sequence> {
    let rule = select(vec![
        SequenceRule::None,
        SequenceRule::Increment,
        SequenceRule::Range,
        SequenceRule::Previous,
        SequenceRule::Sparse,
    ]);
    let scope = select(vec![Scope::Connection, Scope::Channel, Scope::Key]);
    let action = select(vec![GapAction::Resync, GapAction::Replay]);
    let on_gap = (action, vec(template(), 0..3), duration())
        .prop_map(|(action, send, every)| OnGap { action, send, every });
    let paths = (option::of(path()), option::of(path()), option::of(path()));
    let window = (any::<bool>(), size(), size(), duration(), option::of(on_gap));
    (vec(text(), 0..3), rule, scope, paths, window).prop_map(
        |(
            channels,
            rule,
            scope,
            (number, first, previous),
            (continues, held_max, held_bytes_max, wait_max, on_gap),
        )| Sequence {
            channels,
            rule,
            scope,
            number,
            first,
            previous,
            continues,
            held_max,
            held_bytes_max,
            wait_max,
            on_gap,
        },
    )
}

fn book() -> impl Strategy<Value = Book> {
    let lists = (option::of(path()), option::of(path()), option::of(path()));
    let within = (path(), path(), option::of(path()), option::of(path()));
    let whole = (option::of(condition()), option::of(template()));
    (vec(text(), 0..3), lists, within, whole).prop_map(
        |(channels, (bids, asks, changes), (price, size, side, count), (whole, levels))| Book {
            channels,
            bids,
            asks,
            changes,
            price,
            size,
            side,
            count,
            whole,
            levels,
        },
    )
}

fn bounds() -> impl Strategy<Value = (Backoff, Outbox, Limits)> {
    let backoff = (duration(), duration(), duration())
        .prop_map(|(first, max, uptime_min)| Backoff { first, max, uptime_min });
    let acknowledgement = (path(), path(), option::of(condition()), duration()).prop_map(
        |(sent, answer, refused, answer_max)| Acknowledgement { sent, answer, refused, answer_max },
    );
    let offline = select(vec![Offline::Keep, Offline::Drop]);
    let rest = (duration(), any::<u32>(), option::of(acknowledgement));
    let outbox = (offline, size(), size(), rest).prop_map(
        |(offline, messages_max, bytes_max, (wait_max, per_second_max, acknowledgement))| Outbox {
            offline,
            messages_max,
            bytes_max,
            wait_max,
            per_second_max,
            acknowledgement,
        },
    );
    let limits = (size(), size(), duration(), duration()).prop_map(
        |(message_bytes_max, fields_max, step_max, answer_max)| Limits {
            message_bytes_max,
            fields_max,
            step_max,
            answer_max,
        },
    );
    (backoff, outbox, limits)
}

fn profile() -> impl Strategy<Value = Profile> {
    let variable = (text(), option::of(text()), vec(text(), 0..3))
        .prop_map(|(about, default, choices)| Variable { about, default, choices });
    let tried = select(vec![Tried::Live, Tried::Recording, Tried::Description]);
    let tags = vec(text(), 0..3);
    let about = (text(), option::of(text()), option::of(text()), tags, option::of(tried));
    let resume = (option::of(path()), size())
        .prop_map(|(cursor, rewind)| Resume { cursor, rewind: rewind as u64 });
    let session = (connection(), vec(opening(), 0..3), heartbeat(), closing());
    let data = (decode(), vec(sequence(), 0..3), vec(book(), 0..3), option::of(resume));
    (about, btree_map(text(), variable, 0..3), session, data, bounds()).prop_map(
        |(
            (name, about, docs, tags, tried),
            variables,
            (connection, opening, heartbeat, closing),
            (decode, sequence, book, resume),
            (backoff, outbox, limits),
        )| Profile {
            name,
            about,
            docs,
            tags,
            tried,
            variables,
            connection,
            opening,
            heartbeat,
            closing,
            backoff,
            decode,
            sequence,
            book,
            resume,
            outbox,
            limits,
            folder: None,
        },
    )
}

/// A bundled profile with some of its text taken out, and some other text put in.
fn damaged() -> impl Strategy<Value = String> {
    let texts: Vec<&str> = Profile::bundled().iter().map(|bundled| bundled.text).collect();
    (select(texts), any::<prop::sample::Index>(), 0..40usize, text()).prop_map(
        |(whole, at, length, put_in)| {
            let mut chars: Vec<char> = whole.chars().collect();
            let at = at.index(chars.len());
            let end = (at + length).min(chars.len());
            chars.splice(at..end, put_in.chars());
            chars.into_iter().collect()
        },
    )
}

fn assert_told(text: &str) -> Result<(), TestCaseError> {
    match Profile::parse(text) {
        Ok(profile) => prop_assert_eq!(profile.check(), vec![]),
        Err(errors) => {
            prop_assert!(!errors.problems.is_empty());
            let lines = text.matches('\n').count() + 1;
            for problem in errors.problems {
                let place = problem.place.expect("it is somewhere");
                prop_assert!((1..=lines).contains(&place.line) && place.column >= 1);
                prop_assert!(!problem.what.is_empty());
            }
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn a_profile_reads_back_as_it_was_written(profile in profile()) {
        let text = toml::to_string(&profile).unwrap();
        prop_assert_eq!(toml::from_str::<Profile>(&text).map_err(|error| error.to_string()), Ok(profile.clone()), "{}", text);
        // Whatever is wrong with it, it can be said.
        let problems = profile.check().len();
        prop_assert_eq!(Profile::parse(&text).map_or_else(|errors| errors.problems.len(), |_| 0), problems);
    }

    #[test]
    fn of_any_text_it_is_told_what_is_wrong_and_where(text in any::<String>()) {
        assert_told(&text)?;
    }

    #[test]
    fn of_any_damaged_profile_it_is_told_what_is_wrong_and_where(text in damaged()) {
        assert_told(&text)?;
    }
}

proptest! {
    #[test]
    fn a_template_reads_back_as_it_was_written(template in template()) {
        prop_assert_eq!(template.to_string().parse::<Template>(), Ok(template));
    }

    #[test]
    fn a_plain_text_stays_what_it_is(text in any::<String>()) {
        let template = Template::plain(text.as_str());
        prop_assert_eq!(template.names().count(), 0);
        let written: Template = template.to_string().parse().unwrap();
        prop_assert_eq!(written.expand(Escape::No, |_| None), Ok(text));
    }

    #[test]
    fn no_value_breaks_out_of_a_json_string(value in any::<String>()) {
        let template: Template = r#"{"a":"${v}","b":1}"#.parse().unwrap();
        let message = template.expand(Escape::Json, |_| Some(Cow::from(&value))).unwrap();
        let read: serde_json::Value = serde_json::from_str(&message).unwrap();
        prop_assert_eq!(read, serde_json::json!({ "a": value, "b": 1 }));
    }

    #[test]
    fn no_value_breaks_out_of_its_place_in_a_url(value in any::<String>()) {
        let template: Template = "wss://host:1/p?a=${v}&b=1".parse().unwrap();
        for escape in [Escape::Url, Escape::WholeUrl] {
            let text = template.expand(escape, |_| Some(Cow::from(&value))).unwrap();
            let url = url::Url::parse(&text).unwrap();
            prop_assert_eq!((url.host_str(), url.port(), url.path()), (Some("host"), Some(1), "/p"));
            prop_assert_eq!(url.fragment(), None);
            let pairs: Vec<_> = url.query_pairs().collect();
            prop_assert_eq!(pairs, [("a".into(), Cow::from(&value)), ("b".into(), "1".into())]);
        }
    }

    #[test]
    fn no_value_changes_the_host_that_stands_before_it(value in any::<String>()) {
        let template: Template = "wss://host/${v}".parse().unwrap();
        let text = template.expand(Escape::WholeUrl, |_| Some(Cow::from(&value))).unwrap();
        let url = url::Url::parse(&text).unwrap();
        prop_assert_eq!((url.host_str(), url.query(), url.fragment()), (Some("host"), None, None));
        prop_assert_eq!(url.path_segments().unwrap().count(), 1);
    }
}

#[test]
fn a_url_may_be_one_variable() {
    let template: Template = "${url}".parse().unwrap();
    let url = "ws://[::1]:3000/socket.io/?EIO=4&transport=websocket";
    let expanded = template.expand(Escape::WholeUrl, |_| Some(url.into()));
    assert_eq!(expanded.as_deref(), Ok(url));
}
