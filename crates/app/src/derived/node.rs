//! What an expression is made of once it is read: nodes, each of which has a value as of its last
//! turn. A node takes its turn when any of those that it is made of did, with the last values of
//! the others; so it is with the inputs, and so it is within.
//!
//! What cannot be told is NaN, and so is all that is made of it. What is not finite cannot be told.

use super::window::{Sums, Window};

/// A node's place; it is made of nodes before it alone.
pub type At = u16;

#[derive(Clone, Debug)]
pub enum Op {
    Input(u8),
    Constant(f64),
    Unary(fn(f64) -> f64, At),
    Binary(fn(f64, f64) -> f64, At, At),
    If([At; 3]),
    Delta(At, Option<f64>),
    Derivative(At, Option<(i64, f64)>),
    /// With the sum until now, which a gap interrupts and does not end.
    Integral(At, Option<(i64, f64)>, f64),
    /// With the time in which it comes nearer to its goal by a factor of e.
    Ema(At, f64, Option<(i64, f64)>),
    Moving(At, fn(&Sums) -> f64, Window),
    Resample(At, Resample),
}

#[derive(Clone, Debug)]
pub struct Resample {
    period_ns: i64,
    /// Which period it is, counted from the Unix epoch.
    period: Option<i64>,
    held: f64,
}

#[derive(Clone, Debug)]
pub struct Node {
    pub op: Op,
    /// A bit for each of the inputs that it is made of.
    pub inputs: u16,
    pub value: f64,
    /// When it took its last turn, by the time of the samples.
    pub at_ns: i64,
    /// The number of that turn.
    turn: u64,
}

/// What has come.
#[derive(Clone, Copy, Debug)]
pub struct Turn {
    /// Counted from 1.
    pub number: u64,
    pub input: u8,
    pub value: f64,
    /// The latest time of any input.
    pub at_ns: i64,
}

impl Op {
    pub fn resample(of: At, period_ns: i64) -> Op {
        Op::Resample(of, Resample { period_ns, period: None, held: f64::NAN })
    }

    /// Whether it knows anything of the past.
    pub fn has_state(&self) -> bool {
        !matches!(self, Op::Input(_) | Op::Constant(_) | Op::Unary(..) | Op::Binary(..) | Op::If(_))
    }
}

fn finite(value: f64) -> f64 {
    if value.is_finite() { value } else { f64::NAN }
}

fn seconds(from_ns: i64, to_ns: i64) -> f64 {
    to_ns.saturating_sub(from_ns) as f64 / 1e9
}

impl Node {
    /// `before` are those before it, of which it is made.
    pub fn new(op: Op, before: &[Node]) -> Node {
        let inputs_of = |at: &At| before[usize::from(*at)].inputs;
        let inputs = match &op {
            Op::Input(input) => 1 << input,
            Op::Constant(_) => 0,
            Op::Binary(_, a, b) => inputs_of(a) | inputs_of(b),
            Op::If(of) => of.iter().map(inputs_of).fold(0, |all, one| all | one),
            Op::Unary(_, at)
            | Op::Delta(at, _)
            | Op::Derivative(at, _)
            | Op::Integral(at, ..)
            | Op::Ema(at, ..)
            | Op::Moving(at, ..)
            | Op::Resample(at, _) => inputs_of(at),
        };
        let mut node = Node { op, inputs, value: f64::NAN, at_ns: i64::MIN, turn: 0 };
        if inputs == 0 {
            // It never takes a turn: this is all there is to it.
            node.value = node.plain(before).unwrap_or(f64::NAN);
        }
        node
    }

    /// The value of one without state.
    fn plain(&self, before: &[Node]) -> Option<f64> {
        let of = |at: &At| before[usize::from(*at)].value;
        match &self.op {
            Op::Constant(value) => Some(finite(*value)),
            Op::Unary(function, at) => Some(finite(function(of(at)))),
            Op::Binary(function, a, b) => Some(finite(function(of(a), of(b)))),
            Op::If([condition, yes, no]) => Some(match of(condition) {
                condition if condition.is_nan() => f64::NAN,
                0.0 => of(no),
                _ => of(yes),
            }),
            _ => None,
        }
    }

    /// Takes its turn, if it is its turn.
    pub fn take(&mut self, before: &[Node], turn: &Turn) {
        let taken = self.taken(before, turn);
        if let Some((at_ns, value)) = taken {
            self.value = finite(value);
            self.at_ns = at_ns;
            self.turn = turn.number;
        }
    }

    fn taken(&mut self, before: &[Node], turn: &Turn) -> Option<(i64, f64)> {
        let fresh = |at: &At| {
            let node = &before[usize::from(*at)];
            node.took(turn).then_some((node.at_ns, node.value))
        };
        let latest = |of: &[At]| of.iter().filter_map(fresh).map(|(at_ns, _)| at_ns).max();
        match &mut self.op {
            Op::Constant(_) => None,
            Op::Input(input) => (*input == turn.input).then_some((turn.at_ns, turn.value)),
            Op::Unary(_, at) => latest(&[*at]).zip(self.plain(before)),
            Op::Binary(_, a, b) => latest(&[*a, *b]).zip(self.plain(before)),
            Op::If(of) => latest(of).zip(self.plain(before)),
            Op::Delta(at, last) => {
                let (at_ns, value) = fresh(at)?;
                if value.is_nan() {
                    return Some((at_ns, f64::NAN));
                }
                let last = last.replace(value);
                Some((at_ns, last.map_or(f64::NAN, |last| value - last)))
            }
            Op::Derivative(at, last) => {
                let (at_ns, value) = fresh(at)?;
                if value.is_nan() {
                    return Some((at_ns, f64::NAN));
                }
                match last.replace((at_ns, value)) {
                    None => Some((at_ns, f64::NAN)),
                    // Of several at one time, the last is what the next is compared with.
                    Some((last_ns, _)) if last_ns == at_ns => None,
                    Some((last_ns, last)) => {
                        Some((at_ns, (value - last) / seconds(last_ns, at_ns)))
                    }
                }
            }
            Op::Integral(at, last, sum) => {
                let (at_ns, value) = fresh(at)?;
                if value.is_nan() {
                    return Some((at_ns, f64::NAN));
                }
                if let Some((last_ns, last)) = last.replace((at_ns, value)) {
                    *sum += (last + value) / 2.0 * seconds(last_ns, at_ns);
                }
                Some((at_ns, *sum))
            }
            Op::Ema(at, time_s, last) => {
                let (at_ns, value) = fresh(at)?;
                if value.is_nan() {
                    return Some((at_ns, f64::NAN));
                }
                let smooth = match *last {
                    None => value,
                    Some((last_ns, last)) => {
                        let share = -(-seconds(last_ns, at_ns) / *time_s).exp_m1();
                        last + share * (value - last)
                    }
                };
                *last = Some((at_ns, smooth));
                Some((at_ns, smooth))
            }
            Op::Moving(at, of, window) => {
                let (at_ns, value) = fresh(at)?;
                if value.is_nan() {
                    return Some((at_ns, f64::NAN));
                }
                Some((at_ns, of(&window.push(at_ns, value))))
            }
            Op::Resample(at, Resample { period_ns, period, held }) => {
                let now = turn.at_ns.div_euclid(*period_ns);
                let is_over = period.is_some_and(|period| period < now);
                let last = *held;
                let child = &before[usize::from(*at)];
                if child.took(turn) {
                    *held = child.value;
                    *period = Some(now);
                } else if is_over {
                    *period = Some(now);
                }
                is_over.then(|| (now.saturating_mul(*period_ns), last))
            }
        }
    }

    pub fn took(&self, turn: &Turn) -> bool {
        self.turn == turn.number
    }

    /// What it knew is not to be gone on with.
    pub fn forget(&mut self) {
        self.value = f64::NAN;
        match &mut self.op {
            Op::Delta(_, last) => *last = None,
            Op::Derivative(_, last) | Op::Integral(_, last, _) | Op::Ema(_, _, last) => {
                *last = None
            }
            Op::Moving(_, _, window) => window.clear(),
            Op::Resample(_, Resample { period, held, .. }) => (*period, *held) = (None, f64::NAN),
            Op::Input(_) | Op::Constant(_) | Op::Unary(..) | Op::Binary(..) | Op::If(_) => {}
        }
    }
}
