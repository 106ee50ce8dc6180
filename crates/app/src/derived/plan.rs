//! From a tree to nodes.

use super::functions::{self, CONSTANTS, Does, UNITS};
use super::node::{At, Node, Op};
use super::several;
use super::text::{self, Fault};
use super::window::Window;
use feedscope_feed::said;
use std::ops::Range;
use syn::{BinOp, Expr, ExprCall, Lit, UnOp};

/// A sample of any input goes through all of them at most.
const NODES_MAX: usize = 256;

/// A bit each.
pub const INPUTS_MAX: usize = 16;

/// Faults that are told of at once.
const FAULTS_MAX: usize = 20;

/// A millisecond to ten years.
const TIME_NS: std::ops::RangeInclusive<f64> = 1e6..=3_650.0 * 86_400e9;

/// An expression that has been read.
#[derive(Clone, Debug)]
pub struct Plan {
    /// Each after all that it is made of; the last one is what is asked for.
    pub nodes: Vec<Node>,
    /// The names that it uses, in the order of the inputs.
    pub inputs: Vec<String>,
}

impl Plan {
    /// Reads `text`, in which `names` are bound to something.
    ///
    /// # Errors
    /// All that is wrong with it that can be told at once; never nothing.
    pub fn read(text: &str, names: &[&str]) -> Result<Plan, Vec<Fault>> {
        let mut planner = Planner {
            names,
            plan: Plan { nodes: Vec::new(), inputs: Vec::new() },
            faults: Vec::new(),
        };
        let read = text::read(text, |tree| {
            let root = planner.value(tree);
            (root, text::place(tree))
        });
        let Planner { plan, mut faults, .. } = planner;
        match read {
            Err(fault) => return Err(vec![fault]),
            Ok((Some(_), place)) if faults.is_empty() => {
                if plan.nodes.last().is_none_or(|root| root.inputs == 0) {
                    faults.push(Fault::new(
                        place,
                        "expression-constant",
                        said!("mistake_constant", "There is no field in it."),
                        said!(
                            "advice_expression_constant",
                            "Use the name of an input: without one, nothing ever comes."
                        ),
                    ));
                }
            }
            Ok(_) => {}
        }
        if faults.is_empty() { Ok(plan) } else { Err(faults) }
    }
}

struct Planner<'a> {
    names: &'a [&'a str],
    plan: Plan,
    faults: Vec<Fault>,
}

impl Planner<'_> {
    fn fault(&mut self, fault: Fault) {
        if self.faults.len() < FAULTS_MAX {
            self.faults.push(fault);
        }
    }

    fn node(&mut self, place: Range<usize>, op: Op) -> Option<At> {
        let nodes = &mut self.plan.nodes;
        if nodes.len() == NODES_MAX {
            let what = said!("mistake_large", "It has more than {count} parts.", count = NODES_MAX);
            // Once is enough, however many more there are.
            if self.faults.iter().all(|fault| fault.code != "expression-large") {
                self.fault(Fault::new(place, "expression-large", what, several()));
            }
            return None;
        }
        let node = Node::new(op, nodes);
        nodes.push(node);
        Some((nodes.len() - 1) as At)
    }

    /// The node that something is the value of. `None` where a fault has been told.
    fn value(&mut self, expr: &Expr) -> Option<At> {
        let place = text::place(expr);
        match expr {
            Expr::Paren(paren) => self.value(&paren.expr),
            Expr::Lit(lit) => match number(&lit.lit) {
                Some((value, "")) if value.is_finite() => self.node(place, Op::Constant(value)),
                Some((_, unit)) if UNITS.iter().any(|(name, _)| *name == unit) => {
                    let what =
                        said!("mistake_time", "A time stands only where a function takes one.");
                    let advice = said!(
                        "advice_expression_no_time",
                        "Write a number without unit, or ema(x, 20s)."
                    );
                    self.fault(Fault::new(place, "expression-time", what, advice));
                    None
                }
                Some((_, unit)) if !unit.is_empty() => {
                    self.fault(no_unit(place, unit));
                    None
                }
                _ => {
                    let what =
                        said!("mistake_number", "This is no number that can be reckoned with.");
                    self.fault(Fault::new(place, "expression-number", what, text::like_this()));
                    None
                }
            },
            Expr::Unary(unary) => {
                let operator: fn(f64) -> f64 = match &unary.op {
                    UnOp::Neg(_) => |x| -x,
                    UnOp::Not(_) => |x| truth(x, x == 0.0),
                    _ => return self.misplaced(place),
                };
                let of = self.value(&unary.expr)?;
                self.node(place, Op::Unary(operator, of))
            }
            Expr::Binary(binary) => {
                let operator = operator(&binary.op);
                // Both, so that what is wrong with either is told.
                let (left, right) = (self.value(&binary.left), self.value(&binary.right));
                let Some(operator) = operator else { return self.misplaced(place) };
                self.node(place, Op::Binary(operator, left?, right?))
            }
            Expr::Call(call) => self.call(place, call),
            _ => match text::name(expr) {
                Some(name) => self.named(place, name),
                None => self.misplaced(place),
            },
        }
    }

    fn misplaced(&mut self, place: Range<usize>) -> Option<At> {
        let what = said!("mistake_misplaced", "This has no meaning here.");
        let advice = text::values_and_operators();
        self.fault(Fault::new(place, "expression-meaningless", what, advice));
        None
    }

    fn named(&mut self, place: Range<usize>, name: String) -> Option<At> {
        if !self.names.contains(&name.as_str()) {
            if let Some((_, value)) = CONSTANTS.iter().find(|(known, _)| *known == name) {
                return self.node(place, Op::Constant(*value));
            }
            let advice = if let Some(function) = functions::find(&name) {
                said!(
                    "advice_expression_call",
                    "It is a function: write {usage}.",
                    usage = function.usage,
                )
            } else if self.names.is_empty() {
                let name = name.as_str();
                said!("advice_expression_bind", "Bind {name} to a field.", name)
            } else {
                said!(
                    "advice_expression_bind_or_use",
                    "Bind {name} to a field, or use one of these: {names}",
                    name = name.as_str(),
                    names = listed(self.names),
                )
            };
            let what = said!("mistake_name", "{name} is bound to no field.", name);
            self.fault(Fault::new(place, "expression-name", what, advice));
            return None;
        }
        let known = self.plan.inputs.iter().position(|input| *input == name);
        let input = known.unwrap_or_else(|| {
            self.plan.inputs.push(name);
            self.plan.inputs.len() - 1
        });
        if input >= INPUTS_MAX {
            self.plan.inputs.truncate(INPUTS_MAX);
            let what = said!(
                "mistake_inputs",
                "It is made of more than {count} fields.",
                count = INPUTS_MAX,
            );
            self.fault(Fault::new(place, "expression-inputs", what, several()));
            return None;
        }
        // One node an input: it may be named often.
        let is_it = |node: &Node| matches!(node.op, Op::Input(of) if usize::from(of) == input);
        match self.plan.nodes.iter().position(is_it) {
            Some(at) => Some(at as At),
            None => self.node(place, Op::Input(input as u8)),
        }
    }

    fn call(&mut self, place: Range<usize>, call: &ExprCall) -> Option<At> {
        let Some(name) = text::name(&call.func) else { return self.misplaced(place) };
        let Some(function) = functions::find(&name) else {
            let advice = match functions::like(&name) {
                Some(like) => said!("advice_expression_like", "Did you mean {like}?", like),
                None => {
                    let names: Vec<_> = functions::ALL.iter().map(|known| known.name).collect();
                    let names = listed(&names);
                    said!("advice_expression_functions", "There are these: {names}", names)
                }
            };
            let what = said!("mistake_function", "There is no function {name}.", name);
            let place = text::place(&call.func);
            self.fault(Fault::new(place, "expression-function", what, advice));
            return None;
        };
        let (least, most) = function.does.arguments();
        let count = call.args.len();
        if !(least..=most).contains(&count) {
            let what = match (least, most) {
                (1, 1) => said!(
                    "mistake_argument",
                    "{name} takes one argument, and {count} are given.",
                    name,
                    count,
                ),
                (least, most) if least == most => said!(
                    "mistake_arguments",
                    "{name} takes {least} arguments, and {count} are given.",
                    name,
                    least,
                    count,
                ),
                (least, most) => said!(
                    "mistake_arguments_range",
                    "{name} takes {least} to {most} arguments, and {count} are given.",
                    name,
                    least,
                    most,
                    count,
                ),
            };
            // What is too much, or where something is missing.
            let place = match (call.args.iter().nth(most), call.args.last()) {
                (Some(first), Some(last)) => text::place(first).start..text::place(last).end,
                _ => call.paren_token.span.close().byte_range(),
            };
            let advice = said!("advice_expression_usage", "Write {usage}.", usage = function.usage);
            self.fault(Fault::new(place, "expression-arguments", what, advice));
            return None;
        }
        let takes_time = matches!(function.does, Does::Ema | Does::Moving(_) | Does::Resample);
        let (values, time) = if takes_time {
            let value = call.args.first().and_then(|value| self.value(value));
            let time = call.args.last().and_then(|time| self.time(time, function.usage));
            (vec![value], time.map(Some))
        } else {
            (call.args.iter().map(|argument| self.value(argument)).collect(), Some(None))
        };
        let values: Option<Vec<At>> = values.into_iter().collect();
        let (values, time_ns) = (values?, time?.unwrap_or_default());
        let first = *values.first()?;
        let has_past =
            !matches!(function.does, Does::Unary(_) | Does::Binary(_) | Does::Fold(_) | Does::If);
        if has_past && self.plan.nodes.get(usize::from(first)).is_some_and(|of| of.inputs == 0) {
            let place = call.args.first().map(text::place).unwrap_or_default();
            let what = said!(
                "mistake_unchanging",
                "{name} is of what changes, and this never does.",
                name
            );
            let advice = said!("advice_expression_unchanging", "Use the name of an input in it.");
            self.fault(Fault::new(place, "expression-constant", what, advice));
            return None;
        }
        let op = match (&function.does, &values[..]) {
            (Does::Unary(does), _) => Op::Unary(*does, first),
            (Does::Binary(does), [_, second, ..]) => Op::Binary(*does, first, *second),
            (Does::Fold(does), [_, middle @ .., last]) => {
                let mut all = first;
                for one in middle {
                    all = self.node(place.clone(), Op::Binary(*does, all, *one))?;
                }
                Op::Binary(*does, all, *last)
            }
            (Does::If, [condition, yes, no]) => Op::If([*condition, *yes, *no]),
            (Does::Delta, _) => Op::Delta(first, None),
            (Does::Derivative, _) => Op::Derivative(first, None),
            (Does::Integral, _) => Op::Integral(first, None, 0.0),
            (Does::Ema, _) => Op::Ema(first, time_ns as f64 / 1e9, None),
            (Does::Moving(of), _) => Op::Moving(first, *of, Window::new(time_ns)),
            (Does::Resample, _) => Op::resample(first, time_ns),
            // The number of arguments has been looked at.
            (Does::Binary(_) | Does::Fold(_) | Does::If, _) => return None,
        };
        self.node(place, op)
    }

    /// A time such as `20s`, in nanoseconds.
    fn time(&mut self, expr: &Expr, usage: &str) -> Option<i64> {
        let place = text::place(expr);
        let advice = said!(
            "advice_expression_time",
            "Write {usage}. The units are ms, s, m or min, h and d.",
            usage,
        );
        let literal = match expr {
            Expr::Lit(lit) => number(&lit.lit),
            _ => None,
        };
        let (code, what) = match literal {
            Some((value, unit)) if !unit.is_empty() => {
                let Some((_, unit_ns)) = UNITS.iter().find(|(name, _)| *name == unit) else {
                    self.fault(no_unit(place, unit));
                    return None;
                };
                let time_ns = value * unit_ns;
                if TIME_NS.contains(&time_ns) {
                    return Some(time_ns as i64);
                }
                let what = said!("mistake_time_range", "A time is at least 1ms and at most 3650d.");
                ("expression-time", what)
            }
            Some(_) => ("expression-unit", said!("mistake_no_unit", "A time has a unit.")),
            None => ("expression-time", said!("mistake_no_time", "A time is wanted here.")),
        };
        self.fault(Fault::new(place, code, what, advice));
        None
    }
}

fn no_unit(place: Range<usize>, unit: &str) -> Fault {
    let what = said!("mistake_unit", "{unit} is no unit.", unit);
    let advice = said!(
        "advice_expression_unit",
        "The units of time are ms, s, m or min, h and d. Other numbers have none."
    );
    Fault::new(place, "expression-unit", what, advice)
}

/// With its unit.
fn number(lit: &Lit) -> Option<(f64, &str)> {
    match lit {
        // In whatever base it is written.
        Lit::Int(int) => Some((int.base10_digits().parse().ok()?, int.suffix())),
        Lit::Float(float) => Some((float.base10_parse().ok()?, float.suffix())),
        _ => None,
    }
}

/// 1 or 0, unless what it is asked of cannot be told.
fn truth(of: f64, is_so: bool) -> f64 {
    if of.is_nan() { f64::NAN } else { f64::from(u8::from(is_so)) }
}

fn operator(op: &BinOp) -> Option<fn(f64, f64) -> f64> {
    // NaN where either is.
    macro_rules! tells {
        (|$a:ident, $b:ident| $is:expr) => {
            |$a, $b| truth($a + $b, $is)
        };
    }
    Some(match op {
        BinOp::Add(_) => |a, b| a + b,
        BinOp::Sub(_) => |a, b| a - b,
        BinOp::Mul(_) => |a, b| a * b,
        BinOp::Div(_) => |a, b| a / b,
        BinOp::Rem(_) => |a, b| a % b,
        BinOp::Eq(_) => tells!(|a, b| a == b),
        BinOp::Ne(_) => tells!(|a, b| a != b),
        BinOp::Lt(_) => tells!(|a, b| a < b),
        BinOp::Le(_) => tells!(|a, b| a <= b),
        BinOp::Gt(_) => tells!(|a, b| a > b),
        BinOp::Ge(_) => tells!(|a, b| a >= b),
        BinOp::And(_) => tells!(|a, b| a != 0.0 && b != 0.0),
        BinOp::Or(_) => tells!(|a, b| a != 0.0 || b != 0.0),
        _ => return None,
    })
}

/// All, or the first of many.
fn listed(names: &[&str]) -> String {
    const SHOWN: usize = 40;
    match names.get(..SHOWN) {
        Some(first) if names.len() > SHOWN => format!("{}, …", first.join(", ")),
        _ => names.join(", "),
    }
}
