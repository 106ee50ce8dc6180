//! What expressions come to: by closed forms, by a naive reckoning over random data with gaps, and
//! what is wrong with them, at its place.

use super::machine::Derived;
use super::plan::Plan;
use super::{NAMES_MAX, check, functions};
use crate::api::{DerivedInput, Mistake};
use feedscope_history::Sample;
use proptest::prelude::*;
use std::collections::BTreeMap;
use std::fmt::Write;

fn derived(text: &str, names: &[&str]) -> Derived {
    Derived::new(Plan::read(text, names).unwrap_or_else(|faults| panic!("{text}: {faults:?}")))
}

fn at(seconds: f64, value: f64) -> Sample {
    let time_ns = (seconds * 1e9) as i64;
    Sample { time_ns, arrival_ns: time_ns, value }
}

/// What becomes of samples of x, by seconds and values.
fn of_one(text: &str, samples: &[(f64, f64)]) -> Vec<(f64, f64)> {
    let mut derived = derived(text, &["x"]);
    let made = samples.iter().filter_map(|(seconds, value)| derived.push(0, at(*seconds, *value)));
    made.map(|sample| (sample.time_ns as f64 / 1e9, sample.value)).collect()
}

/// The value for a = 6, b = 4, c = 0, if there is one.
fn value(text: &str) -> Option<f64> {
    let mut derived = derived(text, &["a", "b", "c"]);
    let plan = Plan::read(text, &["a", "b", "c"]).unwrap();
    let values = plan.inputs.iter().map(|name| match name.as_str() {
        "a" => 6.0,
        "b" => 4.0,
        _ => 0.0,
    });
    let mut made = None;
    for (input, value) in values.enumerate() {
        made = derived.push(input, at(1.0, value));
    }
    made.map(|sample| sample.value)
}

fn close(one: f64, other: f64) -> bool {
    (one - other).abs() <= 1e-9 * (1.0 + other.abs())
}

#[test]
fn operators_are_those_of_arithmetic() {
    for (text, expected) in [
        ("(a + b) / 2", 5.0),
        ("a + b / 2", 8.0),
        ("a - b - 1", 1.0),
        ("-a * -b", 24.0),
        ("a % b", 2.0),
        ("2 * pi * a / pi", 12.0),
        ("a > b", 1.0),
        ("a <= b", 0.0),
        ("a == 6 && b != 6", 1.0),
        ("a < 0 || b < 0", 0.0),
        ("!(a > b)", 0.0),
        ("!c + a", 7.0),
        ("a > b == 1 + c || c", f64::NAN),
        ("if(a > b, a, b)", 6.0),
        ("if(c, a, b)", 4.0),
        ("min(a, b, 1e1, 5.5)", 4.0),
        ("max(a, b)", 6.0),
        ("pow(b, 0.5) + sqrt(b) + abs(-b) + sign(-b)", 7.0),
        ("round(a / b) + floor(a / b) + ceil(a / b)", 5.0),
        ("exp(ln(a)) + log2(8) * log10(1_000) + 0x10", 31.0),
        ("sin(c * a) + cos(c) + tan(c)", 1.0),
        ("a // and so on", 6.0),
    ] {
        if expected.is_nan() {
            assert!(!check_names(text, &["a", "b", "c"]).is_empty(), "{text}");
            continue;
        }
        let value = value(text).unwrap_or(f64::NAN);
        assert!(close(value, expected), "{text} is {value} and not {expected}");
    }
}

#[test]
fn what_cannot_be_reckoned_is_no_sample() {
    for text in [
        "a / c",
        "a % c",
        "sqrt(-a)",
        "ln(c)",
        "pow(a, 1e9)",
        "min(a, b / c)",
        "a / c > 1",
        "!(a / c)",
        "if(a / c, a, b)",
        "a / c && c",
        "a * 1e308 * 1e308",
    ] {
        assert_eq!(value(text), None, "{text}");
    }
    assert_eq!(value("if(c != 0, a / c, b)"), Some(4.0), "what is not chosen does not matter");
    assert_eq!(of_one("x", &[(1.0, f64::NAN), (2.0, f64::INFINITY), (3.0, 3.0)]), [(3.0, 3.0)]);
}

#[test]
fn the_derivative_of_a_line_is_its_slope() {
    let line: Vec<_> = [0.0, 0.5, 1.0, 4.0, 4.25].map(|t| (t, 3.0 * t - 7.0)).into();
    let made = of_one("derivative(x)", &line);
    assert_eq!(made.len(), 4, "there is none of the first");
    assert!(made.iter().all(|(_, slope)| close(*slope, 3.0)), "{made:?}");
    // Of several at one time, the last counts.
    let made = of_one("derivative(x)", &[(0.0, 0.0), (1.0, 7.0), (1.0, 2.0), (2.0, 3.0)]);
    assert_eq!(made, [(1.0, 7.0), (2.0, 1.0)]);
}

#[test]
fn the_integral_of_a_line_is_a_parabola() {
    let line: Vec<_> = (0..50).map(|n| f64::from(n) * 0.1).map(|t| (t, 2.0 * t)).collect();
    for (t, area) in of_one("integral(x)", &line) {
        assert!(close(area, t * t), "{area} at {t}");
    }
}

#[test]
fn delta_is_the_difference_to_the_sample_before() {
    let made = of_one("delta(x)", &[(0.0, 1.0), (1.0, 4.0), (1.0, 2.0)]);
    assert_eq!(made, [(1.0, 3.0), (1.0, -2.0)]);
}

#[test]
fn the_ema_of_a_step_comes_nearer_by_a_factor_of_e_in_its_time() {
    // From 0 to 1, at whatever moments it is looked at.
    let step = [(0.0, 0.0), (0.1, 1.0), (3.0, 1.0), (3.5, 1.0), (20.0, 1.0), (60.0, 1.0)];
    for (t, value) in of_one("ema(x, 20s)", &step) {
        assert!(close(value, 1.0 - (-t / 20.0).exp()), "{value} at {t}");
    }
}

#[test]
fn moving_functions_are_of_the_last_so_much_time() {
    let ramp: Vec<_> = (0..10).map(|n| (f64::from(n), f64::from(n))).collect();
    let last = |text| of_one(text, &ramp).last().copied().unwrap_or_default().1;
    // Those after 6 s, until 9.
    for (text, expected) in [
        ("avg(x, 3s)", 8.0),
        ("sum(x, 3s)", 24.0),
        ("count(x, 3000ms)", 3.0),
        ("lowest(x, 0.05m)", 7.0),
        ("highest(x, 3s)", 9.0),
        ("stddev(x, 3s)", (2.0_f64 / 3.0).sqrt()),
        ("avg(x, 1d)", 4.5),
        ("avg(x, 1min) - avg(x, 1h)", 0.0),
    ] {
        assert!(close(last(text), expected), "{text} is {} and not {expected}", last(text));
    }
}

#[test]
fn resampling_gives_the_last_value_before_each_full_period() {
    let samples =
        [(0.2, 1.0), (0.9, 2.0), (1.0, 3.0), (1.7, 4.0), (4.5, 5.0), (4.6, 6.0), (5.0, 7.0)];
    let made = of_one("resample(x, 1s)", &samples);
    assert_eq!(made, [(1.0, 2.0), (4.0, 4.0), (5.0, 6.0)]);
    let made = of_one("delta(resample(x, 1s))", &samples);
    assert_eq!(made, [(4.0, 2.0), (5.0, 2.0)]);
    // Of two, both at once.
    let mut both = derived("resample(a, 1s) - resample(b, 1s)", &["a", "b"]);
    let mut made = Vec::new();
    for n in 0..40 {
        let t = f64::from(n) * 0.25 + 0.1;
        made.extend(both.push(0, at(t, 10.0 * t)));
        made.extend(both.push(1, at(t + 0.01, t)));
    }
    let times: Vec<f64> = made.iter().map(|sample| sample.time_ns as f64 / 1e9).collect();
    assert_eq!(times, (1..10).map(f64::from).collect::<Vec<_>>());
    assert!(made.iter().all(|s| close(s.value, 9.0 * (s.time_ns as f64 / 1e9 - 0.15))), "{made:?}");
}

#[test]
fn of_several_inputs_each_that_comes_makes_one_with_the_last_of_the_others() {
    let mut spread = derived("a - b", &["a", "b"]);
    assert_eq!(spread.push(0, at(1.0, 10.0)), None, "there is no b yet");
    assert_eq!(spread.push(1, at(2.0, 4.0)), Some(at(2.0, 6.0)));
    assert_eq!(spread.push(0, at(3.0, 11.0)), Some(at(3.0, 7.0)));
    // b comes with less delay: what is made stands where its latest input does.
    assert_eq!(spread.push(1, at(3.5, 5.0)), Some(at(3.5, 6.0)));
    assert_eq!(spread.push(0, at(3.4, 12.0)), Some(at(3.5, 7.0)));
    // Late for its own input.
    assert_eq!(spread.push(0, at(3.3, 99.0)), None);
    assert_eq!(spread.passed_over(), 1);
    assert_eq!(spread.push(1, at(4.0, 2.0)), Some(at(4.0, 10.0)));
    // A function over time takes its turn with its own input alone.
    let mut both = derived("delta(a) + 0 * b", &["a", "b"]);
    both.push(0, at(1.0, 1.0));
    both.push(1, at(2.0, 0.0));
    assert_eq!(both.push(0, at(3.0, 5.0)), Some(at(3.0, 4.0)));
    assert_eq!(both.push(1, at(4.0, 0.0)), Some(at(4.0, 4.0)), "not 0: a has not come");
}

#[test]
fn what_is_late_goes_where_it_belongs_if_nothing_else_hangs_on_it() {
    let made = of_one("x * 2", &[(1.0, 1.0), (3.0, 3.0), (2.0, 2.0), (4.0, 4.0)]);
    assert_eq!(made, [(1.0, 2.0), (3.0, 6.0), (2.0, 4.0), (4.0, 8.0)]);
    let made = of_one("delta(x)", &[(1.0, 1.0), (3.0, 3.0), (2.0, 9.0), (4.0, 4.0)]);
    assert_eq!(made, [(3.0, 2.0), (4.0, 1.0)]);
}

#[test]
fn nothing_is_made_across_a_gap() {
    let made = |text: &str| -> Vec<Option<f64>> {
        let mut derived = derived(text, &["x"]);
        let mut made = Vec::new();
        for n in [0, 1, 2, 10, 11] {
            if n == 10 {
                derived.gap(0);
            }
            made.push(derived.push(0, at(f64::from(n), f64::from(n))).map(|sample| sample.value));
        }
        made
    };
    let some = |values: [f64; 5]| values.map(|value| (!value.is_nan()).then_some(value)).to_vec();
    let none = f64::NAN;
    assert_eq!(made("derivative(x)"), some([none, 1.0, 1.0, none, 1.0]));
    assert_eq!(made("delta(x)"), some([none, 1.0, 1.0, none, 1.0]));
    assert_eq!(made("avg(x, 1h)"), some([0.0, 0.5, 1.0, 10.0, 10.5]));
    assert_eq!(made("integral(x)"), some([0.0, 0.5, 2.0, 2.0, 12.5]), "it goes on with its sum");
    assert_eq!(made("resample(x, 1s)"), some([none, 0.0, 1.0, none, 10.0]));
    assert_eq!(made("ema(x, 1s)")[3], Some(10.0));

    // Of two, what the other one was is not known in its gap.
    let mut spread = derived("a - b + integral(b)", &["a", "b"]);
    spread.push(0, at(1.0, 10.0));
    assert!(spread.push(1, at(1.0, 4.0)).is_some());
    assert!(spread.holds(1));
    spread.gap(1);
    assert!(!spread.holds(1));
    assert_eq!(spread.push(0, at(2.0, 11.0)), None);
    assert_eq!(spread.push(1, at(3.0, 5.0)), Some(at(3.0, 6.0)));
}

#[test]
fn sums_are_remembered_over_a_relaunch() {
    let mut before = derived("integral(x) + 2 * integral(x * x)", &["x"]);
    before.push(0, at(0.0, 2.0));
    before.push(0, at(1.0, 2.0));
    assert_eq!(before.sums(), [2.0, 4.0]);
    let mut after = derived("integral(x) + 2 * integral(x * x)", &["x"]);
    after.set_sums(&before.sums());
    assert_eq!(after.push(0, at(9.0, 2.0)).map(|sample| sample.value), Some(10.0));
}

/// What is reckoned naively, by looking at all that came since the last gap.
mod naive {
    /// Since its input's last gap: times in seconds, and values, until now.
    pub type Past = [(f64, f64)];

    pub type Function = fn(&Past) -> Option<f64>;

    fn within(past: &Past, seconds: f64) -> Vec<f64> {
        let now = past.last().map_or(0.0, |last| last.0);
        past.iter().filter(|(t, _)| *t > now - seconds).map(|(_, value)| *value).collect()
    }

    /// Texts over x, and what they come to.
    pub const FUNCTIONS: &[(&str, Function)] = &[
        ("x * x - 1", |past| past.last().map(|(_, x)| x * x - 1.0)),
        ("delta(x)", |past| match past {
            [.., (_, before), (_, last)] => Some(last - before),
            _ => None,
        }),
        ("derivative(x)", |past| {
            let (now, last) = past.last()?;
            let (before, value) = past.iter().rev().find(|(t, _)| t < now)?;
            let is_second = past.iter().filter(|(t, _)| t == now).count() > 1;
            (!is_second).then(|| (last - value) / (now - before))
        }),
        ("ema(x, 3s)", |past| {
            let mut ema = past.first()?.1;
            for pair in past.windows(2) {
                let share = 1.0 - (-(pair[1].0 - pair[0].0) / 3.0).exp();
                ema = ema * (1.0 - share) + share * pair[1].1;
            }
            Some(ema)
        }),
        ("avg(x, 4s)", |past| {
            let within = within(past, 4.0);
            Some(within.iter().sum::<f64>() / within.len() as f64)
        }),
        ("highest(x, 4s) - lowest(x, 2s)", |past| {
            let most = within(past, 4.0).into_iter().fold(f64::MIN, f64::max);
            Some(most - within(past, 2.0).into_iter().fold(f64::MAX, f64::min))
        }),
    ];
}

proptest! {
    #[test]
    fn what_is_made_is_what_a_naive_reckoning_makes(
        // Eighths of seconds since the one before; values; whether there is a gap before it.
        steps in prop::collection::vec((0..20_u32, -100..100_i32, prop::bool::weighted(0.1)), 0..60),
        which in 0..naive::FUNCTIONS.len(),
    ) {
        let (text, naive) = naive::FUNCTIONS[which];
        let mut derived = derived(text, &["x"]);
        let mut past: Vec<(f64, f64)> = Vec::new();
        let mut now = 0.0;
        for (step, value, is_after_gap) in steps {
            now += f64::from(step) / 8.0;
            if is_after_gap {
                derived.gap(0);
                past.clear();
            }
            past.push((now, f64::from(value)));
            let made = derived.push(0, at(now, f64::from(value))).map(|sample| sample.value);
            match (made, naive(&past)) {
                (Some(made), Some(naive)) => prop_assert!(close(made, naive), "{text}: {made} {naive}"),
                (made, naive) => prop_assert_eq!(made, naive, "{}", text),
            }
        }
    }

    /// Of two inputs: the last of each since its gap, once there are both.
    #[test]
    fn the_difference_of_two_is_that_of_what_is_known_of_them(
        steps in prop::collection::vec((any::<bool>(), 0..20_u32, 0..5_u32, -100..100_i32, prop::bool::weighted(0.1)), 0..80),
    ) {
        let mut spread = derived("a - 2 * b", &["a", "b"]);
        let mut known: [Option<(f64, f64)>; 2] = [None; 2];
        let mut latest = [f64::MIN; 2];
        let mut now = 10.0;
        for (is_b, step, lag, value, is_gap) in steps {
            let input = usize::from(is_b);
            if is_gap {
                spread.gap(input);
                known[input] = None;
            }
            now += f64::from(step) / 8.0;
            let time = now - f64::from(lag) / 4.0;
            let made = spread.push(input, at(time, f64::from(value)));
            if time < latest[input] {
                prop_assert_eq!(made, None, "late");
                continue;
            }
            latest[input] = time;
            known[input] = Some((time, f64::from(value)));
            let expected = known[0].zip(known[1]).map(|((_, a), (_, b))| a - 2.0 * b);
            prop_assert_eq!(made.map(|sample| sample.value), expected);
            if let Some(made) = made {
                prop_assert_eq!(made.time_ns, at(latest[0].max(latest[1]), 0.0).time_ns);
            }
        }
    }

    #[test]
    fn no_text_does_any_harm(text in "\\PC{0,200}") {
        hostile(&text);
    }

    #[test]
    fn no_text_of_the_right_words_does_any_harm(
        words in prop::collection::vec(
            prop::sample::select(vec![
                "x", "y", "(", ")", ",", "+", "-", "*", "/", "%", "!", "=", "<", ">", "&", "|", ".",
                "1", "20s", "0.5", "1e999", "ema", "if", "min", "delta", " ", "\n", "'", "\"", "/*",
                "//", "#", "r#", "[", "{", "self", "::", "中", "𝒳", "\u{feff}",
            ]),
            0..60,
        ),
    ) {
        hostile(&words.concat());
    }
}

fn names(names: &[&str]) -> BTreeMap<String, DerivedInput> {
    let input = DerivedInput { feed: "f".into(), channel: "c".into(), path: "p".into() };
    names.iter().map(|name| ((*name).to_owned(), input.clone())).collect()
}

fn check_names(text: &str, bound: &[&str]) -> Vec<Mistake> {
    check(text, &names(bound))
}

/// Either it can be read and reckoned with, or what is said of it is about a part of it.
fn hostile(text: &str) {
    let mistakes = check_names(text, &["x", "y"]);
    let units = text.encode_utf16().count() as u32;
    for mistake in &mistakes {
        assert!(mistake.from <= mistake.to && mistake.to <= units, "{text:?}: {mistake:?}");
        assert!(!mistake.what.is_empty() && !mistake.advice.is_empty());
        assert!(mistake.what.len() < 4_000, "{}", mistake.what.len());
    }
    if mistakes.is_empty() {
        let mut derived = derived(text, &["x", "y"]);
        for (n, value) in [0.0, 1.0, f64::NAN, f64::MAX, -1.0].into_iter().enumerate() {
            for input in 0..derived.inputs() {
                if let Some(made) = derived.push(input, at(n as f64, value)) {
                    assert!(made.value.is_finite(), "{text}");
                }
            }
        }
    }
}

/// What is marked of a text, with the code of why.
fn marked(text: &str) -> Vec<(String, String)> {
    let units: Vec<u16> = text.encode_utf16().collect();
    let mistakes = check_names(text, &["a", "b", "price"]);
    let part = |mistake: &Mistake| {
        String::from_utf16(&units[mistake.from as usize..mistake.to as usize]).unwrap()
    };
    mistakes.iter().map(|mistake| (part(mistake), mistake.code.to_owned())).collect()
}

#[test]
fn what_is_wrong_is_told_at_its_place() {
    for (text, part, code) in [
        ("", "", "expression-empty"),
        ("  ", "  ", "expression-empty"),
        ("a + ", "+", "expression-ends"),
        ("a + (b * ", "(", "expression-unclosed"),
        ("(a + b)) / 2", ")", "expression-unopened"),
        ("(a + ) / 2", ")", "expression-ends"),
        ("a b", "b", "expression-unexpected"),
        ("a + + b", "+", "expression-unexpected"),
        ("ema(a 20s)", "20s", "expression-unexpected"),
        ("a < b < 3", "<", "expression-chained"),
        ("a + cost", "cost", "expression-name"),
        ("min + a", "min", "expression-name"),
        ("a + Ema(b, 20s)", "Ema", "expression-function"),
        ("median(a, 20s)", "median", "expression-function"),
        ("ema(a)", ")", "expression-arguments"),
        ("delta(a, b, price)", "b, price", "expression-arguments"),
        ("ema(a, 20)", "20", "expression-unit"),
        ("ema(a, b)", "b", "expression-time"),
        ("ema(a, 20 * 1s)", "20 * 1s", "expression-time"),
        ("ema(a, 20sec)", "20sec", "expression-unit"),
        ("ema(a, 0s)", "0s", "expression-time"),
        ("ema(a, 9999d)", "9999d", "expression-time"),
        ("a + 20s", "20s", "expression-time"),
        ("a + 20k", "20k", "expression-unit"),
        ("a + 1e999", "1e999", "expression-number"),
        ("a ^ 2", "^", "expression-meaningless"),
        ("a ** 2", "**", "expression-meaningless"),
        ("a = b", "=", "expression-meaningless"),
        ("a & b", "&", "expression-meaningless"),
        ("a >> b", ">>", "expression-meaningless"),
        ("a > b ? a : b", "?", "expression-meaningless"),
        ("data.price", ".", "expression-meaningless"),
        ("a + .5", ".", "expression-meaningless"),
        ("a[0]", "[", "expression-meaningless"),
        ("a + \"b\"", "\"b\"", "expression-meaningless"),
        ("a × b", "×", "expression-meaningless"),
        ("a + *b", "*b", "expression-meaningless"),
        ("a + &&b", "&&b", "expression-meaningless"),
        ("a + (a, b)", "(a, b)", "expression-meaningless"),
        ("a!(b)", "a", "expression-meaningless"),
        ("1 + 2", "1 + 2", "expression-constant"),
        ("a + ema(2 * 3, 20s)", "2 * 3", "expression-constant"),
        // Counted as JavaScript counts.
        ("/* 𝒳𝒳 中 */ a + 中文", "中文", "expression-name"),
        ("a +\n  'x'", "'x'", "expression-meaningless"),
    ] {
        assert_eq!(marked(text), [(part.to_owned(), code.to_owned())], "{text}");
    }
    // All that can be told at once.
    let parts: Vec<_> =
        marked("one(a) + two - ema(b, 5)").into_iter().map(|(part, _)| part).collect();
    assert_eq!(parts, ["one", "two", "5"]);
    let advice = |text| check_names(text, &["a"])[0].advice.clone();
    assert_eq!(advice("Average(a, 1m)"), "Did you mean avg?");
    assert_eq!(advice("derivativ(a)"), "Did you mean derivative?");
    assert_eq!(advice("a ^ 2"), "Write pow(a, b) for a to the power of b.");
}

#[test]
fn no_word_is_reserved() {
    for word in ["if", "type", "match", "async", "fn", "true", "中", "x1", "_x", "self"] {
        assert_eq!(check_names(&format!("{word} + 1"), &[word]), [], "{word}");
    }
    assert_eq!(check_names("if(type > 0, match, in)", &["type", "match", "in"]), []);
}

#[test]
fn hostile_texts_are_refused_soon() {
    let many = |part: &str, count: usize| part.repeat(count);
    for (text, code) in [
        (many("(", 1_500), "expression-unclosed"),
        (many("(", 900) + "x" + &many(")", 900), "expression-deep"),
        (many("abs(", 350) + "x" + &many(")", 350), "expression-deep"),
        (many("-", 1_900) + "x", "expression-deep"),
        (many("!", 1_900) + "x", "expression-deep"),
        (many("*", 1_900) + "x", "expression-meaningless"),
        (many("&&", 900) + "x", "expression-deep"),
        (many("x+", 900) + "x", "expression-large"),
        (many("x<", 900) + "x", "expression-chained"),
        (many("x+", 50_000) + "x", "expression-long"),
        (many("中", 40_000), "expression-long"),
        (many("- ", 900) + "x", "expression-deep"),
        ("\"".to_owned() + &many("x", 1_000), "expression-meaningless"),
        ("/*".to_owned() + &many("x", 1_000), "expression-meaningless"),
    ] {
        hostile(&text);
        let mistakes = check_names(&text, &["x"]);
        assert_eq!(mistakes[0].code, code, "{}", &text[..text.floor_char_boundary(20)]);
    }
    // What is allowed is not deep either.
    for text in [many("(", 30) + "x" + &many(")", 30), many("x+", 200) + "x", many("x,", 3)] {
        hostile(&text);
    }
    let bound: Vec<String> = (0..=NAMES_MAX).map(|n| format!("n{n}")).collect();
    let bound: Vec<&str> = bound.iter().map(String::as_str).collect();
    assert_eq!(check_names("n1", &bound)[0].code, "expression-inputs");
    let sum = bound[..20].join(" + ");
    let mistakes = check_names(&sum, &bound[..20]);
    assert_eq!((mistakes[0].code, mistakes.len()), ("expression-inputs", 4));
}

/// The texts of `docs/expressions.md`, as long as Git did not change its line ends.
fn document() -> String {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/expressions.md");
    std::fs::read_to_string(path).unwrap().replace("\r\n", "\n")
}

#[test]
fn the_examples_in_the_document_can_be_read() {
    let document = document();
    let mut count = 0;
    for block in document.split("```expression\n").skip(1) {
        for line in block.split("```").next().unwrap_or_default().lines() {
            let (text, wrong) = match line.split_once("// wrong: ") {
                Some((text, code)) => (text, Some(code)),
                None => (line, None),
            };
            let known = ["a", "b", "x", "price", "best_bid", "best_ask", "power", "total", "load"];
            let mistakes = check_names(text, &known);
            let code = mistakes.first().map(|mistake| mistake.code);
            assert_eq!(code, wrong, "{line}: {mistakes:?}");
            count += 1;
        }
    }
    assert!(count > 15, "{count} examples");
}

/// `ema(x, 20s)` of 0, 0, 1 … is written as a table of a function, samples and what they become.
#[test]
fn the_tables_in_the_document_are_so() {
    let document = document();
    let mut count = 0;
    for row in document.lines().filter(|line| line.starts_with("| `") && line.contains('→')) {
        let cells: Vec<&str> = row.trim_matches('|').split('|').map(str::trim).collect();
        let [text, example] = [cells[0].trim_matches('`'), cells[cells.len() - 1]];
        let (samples, made) = example.split_once('→').unwrap();
        let numbers = |list: &str| -> Vec<f64> {
            list.split_whitespace().map(|n| n.parse().unwrap_or(f64::NAN)).collect()
        };
        let samples: Vec<_> = (0..).map(f64::from).zip(numbers(samples)).collect();
        let mut shown = String::new();
        let mut derived = derived(text, &["x"]);
        for (t, value) in samples {
            match derived.push(0, at(t, value)) {
                Some(sample) => write!(shown, " {}", (sample.value * 1e3).round() / 1e3).unwrap(),
                None => shown += " -",
            }
        }
        assert_eq!(shown.trim(), made.trim(), "{text}");
        count += 1;
    }
    assert!(count > 8, "{count} rows");
}

#[test]
fn the_document_names_all_functions() {
    let document = document();
    for function in functions::ALL {
        assert!(document.contains(&format!("| `{}", function.usage)), "{}", function.usage);
        assert_eq!(check_names(function.usage, &["a", "b", "x"]), [], "{}", function.usage);
    }
}
