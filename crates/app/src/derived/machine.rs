//! An expression at work: samples of its inputs go in as they come, samples of it come out. It has
//! no clock, and knows of gaps what it is told.

use super::node::{Node, Op, Turn};
use super::plan::Plan;
use feedscope_history::Sample;

#[derive(Clone, Debug)]
pub struct Derived {
    nodes: Vec<Node>,
    inputs: Vec<Input>,
    turns: u64,
    /// The latest times of any input.
    time_ns: i64,
    arrival_ns: i64,
    /// It is made of one input, and of nothing that was before.
    is_plain: bool,
    /// Samples that came too late.
    passed_over: u64,
}

#[derive(Clone, Copy, Debug, Default)]
struct Input {
    /// The latest of its samples.
    latest_ns: Option<i64>,
    /// Its last value still holds: there was no gap since.
    holds: bool,
}

impl Derived {
    pub fn new(plan: Plan) -> Derived {
        let is_plain = plan.inputs.len() == 1 && !plan.nodes.iter().any(|node| node.op.has_state());
        Derived {
            nodes: plan.nodes,
            inputs: vec![Input::default(); plan.inputs.len()],
            turns: 0,
            time_ns: i64::MIN,
            arrival_ns: i64::MIN,
            is_plain,
            passed_over: 0,
        }
    }

    /// Whether gaps are nothing to it: each of its samples is made of one sample.
    pub fn is_plain(&self) -> bool {
        self.is_plain
    }

    #[cfg(test)]
    pub fn inputs(&self) -> usize {
        self.inputs.len()
    }

    /// The latest sample of an input, which what comes now may be parted from.
    pub fn latest_ns(&self, input: usize) -> Option<i64> {
        self.inputs.get(input)?.latest_ns
    }

    /// Whether an input's last value would be gone on with.
    pub fn holds(&self, input: usize) -> bool {
        self.inputs.get(input).is_some_and(|input| input.holds)
    }

    /// How many samples came too late to be made anything of.
    #[cfg(test)]
    pub fn passed_over(&self) -> u64 {
        self.passed_over
    }

    /// Takes the next sample of an input, and makes one of it if it can.
    ///
    /// One from before the input's last one is late. Where nothing but its own value matters, what
    /// is made of it goes where it belongs; elsewhere it would change what was made since, and is
    /// passed over.
    pub fn push(&mut self, input: usize, sample: Sample) -> Option<Sample> {
        let known = self.inputs.get_mut(input)?;
        let is_late = known.latest_ns.is_some_and(|latest_ns| sample.time_ns < latest_ns);
        if is_late && !self.is_plain {
            self.passed_over += 1;
            return None;
        }
        known.latest_ns = known.latest_ns.max(Some(sample.time_ns));
        known.holds = true;
        if self.is_plain {
            (self.time_ns, self.arrival_ns) = (sample.time_ns, sample.arrival_ns);
        } else {
            // What is made stands where the latest of what it is made of does.
            self.time_ns = self.time_ns.max(sample.time_ns);
            self.arrival_ns = self.arrival_ns.max(sample.arrival_ns);
        }
        self.turns += 1;
        let turn = Turn {
            number: self.turns,
            input: input as u8,
            value: if sample.value.is_finite() { sample.value } else { f64::NAN },
            at_ns: self.time_ns,
        };
        for at in 0..self.nodes.len() {
            let (before, rest) = self.nodes.split_at_mut(at);
            if let Some(node) = rest.first_mut() {
                node.take(before, &turn);
            }
        }
        let root = self.nodes.last()?;
        let is_whole = self.inputs.iter().all(|input| input.holds);
        (is_whole && root.took(&turn) && !root.value.is_nan()).then_some(Sample {
            time_ns: root.at_ns,
            arrival_ns: self.arrival_ns,
            value: root.value,
        })
    }

    /// What comes next of an input is parted by a gap from what came of it before. All that is made
    /// of it begins anew, and until it comes again, nothing is made; integrals keep their sum.
    pub fn gap(&mut self, input: usize) {
        if let Some(known) = self.inputs.get_mut(input)
            && std::mem::take(&mut known.holds)
        {
            let concerned = self.nodes.iter_mut().filter(|node| node.inputs & (1 << input) != 0);
            concerned.for_each(Node::forget);
        }
    }

    /// What integrals have come to, in the order in which they are written: all that has to be
    /// remembered over a gap.
    pub fn sums(&self) -> Vec<f64> {
        let sum = |node: &Node| match node.op {
            Op::Integral(.., sum) => Some(sum),
            _ => None,
        };
        self.nodes.iter().filter_map(sum).collect()
    }

    pub fn set_sums(&mut self, sums: &[f64]) {
        let integrals = self.nodes.iter_mut().filter_map(|node| match &mut node.op {
            Op::Integral(.., sum) => Some(sum),
            _ => None,
        });
        integrals.zip(sums).for_each(|(sum, was)| *sum = *was);
    }
}
