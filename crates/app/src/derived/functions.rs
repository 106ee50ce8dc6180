//! What an expression may call.

use super::window::Sums;

pub struct Function {
    pub name: &'static str,
    /// As it is to be written.
    pub usage: &'static str,
    pub does: Does,
}

pub enum Does {
    Unary(fn(f64) -> f64),
    Binary(fn(f64, f64) -> f64),
    /// Of two or more, one after the other.
    Fold(fn(f64, f64) -> f64),
    If,
    Delta,
    Derivative,
    Integral,
    /// From here on, with a time as the second argument.
    Ema,
    Moving(fn(&Sums) -> f64),
    Resample,
}

impl Does {
    /// How many arguments, at least and at most.
    pub fn arguments(&self) -> (usize, usize) {
        match self {
            Does::Unary(_) | Does::Delta | Does::Derivative | Does::Integral => (1, 1),
            Does::Binary(_) | Does::Ema | Does::Moving(_) | Does::Resample => (2, 2),
            Does::Fold(_) => (2, ARGUMENTS_MAX),
            Does::If => (3, 3),
        }
    }
}

const ARGUMENTS_MAX: usize = 16;

/// What cannot be told of either cannot be told of both: `f64::min` would leave it out.
fn of_both(one: f64, other: f64, of: fn(f64, f64) -> f64) -> f64 {
    if one.is_nan() || other.is_nan() { f64::NAN } else { of(one, other) }
}

const fn unary(name: &'static str, usage: &'static str, does: fn(f64) -> f64) -> Function {
    Function { name, usage, does: Does::Unary(does) }
}

const fn moving(name: &'static str, usage: &'static str, does: fn(&Sums) -> f64) -> Function {
    Function { name, usage, does: Does::Moving(does) }
}

/// In the order of `docs/expressions.md`, which names them all: a test reads it.
pub const ALL: &[Function] = &[
    unary("abs", "abs(x)", f64::abs),
    unary("sign", "sign(x)", |x| if x == 0.0 { 0.0 } else { x.signum() }),
    unary("round", "round(x)", f64::round),
    unary("floor", "floor(x)", f64::floor),
    unary("ceil", "ceil(x)", f64::ceil),
    unary("sqrt", "sqrt(x)", f64::sqrt),
    unary("exp", "exp(x)", f64::exp),
    unary("ln", "ln(x)", f64::ln),
    unary("log2", "log2(x)", f64::log2),
    unary("log10", "log10(x)", f64::log10),
    unary("sin", "sin(x)", f64::sin),
    unary("cos", "cos(x)", f64::cos),
    unary("tan", "tan(x)", f64::tan),
    Function { name: "pow", usage: "pow(x, 2)", does: Does::Binary(f64::powf) },
    Function { name: "min", usage: "min(a, b)", does: Does::Fold(|a, b| of_both(a, b, f64::min)) },
    Function { name: "max", usage: "max(a, b)", does: Does::Fold(|a, b| of_both(a, b, f64::max)) },
    Function { name: "if", usage: "if(a > b, a, b)", does: Does::If },
    Function { name: "delta", usage: "delta(x)", does: Does::Delta },
    Function { name: "derivative", usage: "derivative(x)", does: Does::Derivative },
    Function { name: "integral", usage: "integral(x)", does: Does::Integral },
    Function { name: "ema", usage: "ema(x, 20s)", does: Does::Ema },
    moving("avg", "avg(x, 1m)", Sums::mean),
    moving("sum", "sum(x, 1m)", |sums| sums.sum),
    moving("count", "count(x, 1m)", |sums| sums.count),
    moving("lowest", "lowest(x, 1m)", |sums| sums.min),
    moving("highest", "highest(x, 1m)", |sums| sums.max),
    moving("stddev", "stddev(x, 1m)", Sums::std_dev),
    Function { name: "resample", usage: "resample(x, 1s)", does: Does::Resample },
];

pub const CONSTANTS: &[(&str, f64)] = &[("pi", std::f64::consts::PI)];

/// Units of time, in nanoseconds.
pub const UNITS: &[(&str, f64)] =
    &[("ms", 1e6), ("s", 1e9), ("m", 60e9), ("min", 60e9), ("h", 3_600e9), ("d", 86_400e9)];

pub fn find(name: &str) -> Option<&'static Function> {
    ALL.iter().find(|function| function.name == name)
}

/// The name of a function that was perhaps meant.
pub fn like(name: &str) -> Option<&'static str> {
    let lower = name.to_lowercase();
    let near = |function: &&Function| strsim::damerau_levenshtein(function.name, &lower) <= 2;
    let meant = match lower.as_str() {
        "mean" | "average" | "ma" | "sma" | "moving_average" => Some("avg"),
        "diff" | "difference" => Some("delta"),
        "rate" | "deriv" | "ddt" => Some("derivative"),
        "integrate" => Some("integral"),
        "std" | "sd" => Some("stddev"),
        "log" => Some("ln"),
        _ => None,
    };
    meant.or_else(|| {
        ALL.iter()
            .filter(near)
            .min_by_key(|function| strsim::damerau_levenshtein(function.name, &lower))
            .map(|function| function.name)
    })
}
