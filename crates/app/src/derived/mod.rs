//! Derived series: expressions over fields that become series of the history.
//!
//! `docs/expressions.md` says what can be written, and what becomes of gaps and of what is late.
//! [`text`] reads an expression by `syn`, [`plan`] makes [`node`]s of it, and [`machine`] puts
//! samples through them. These know neither feeds nor the history; [`series`] does, and holds all
//! derived series of the application, and [`file`] keeps what they are. [`preview`] shows what an
//! expression would come to.
//!
//! The parser is a library's, the reckoning is ours: a function over time must have a place of its
//! own for each time it is written, see when which of its inputs came, and forget at gaps, and with
//! that done an operator is a line.

mod file;
mod functions;
mod machine;
mod node;
mod plan;
mod preview;
mod series;
mod text;
mod window;

#[cfg(test)]
mod tests;

pub(crate) use file::{load, save};
pub(crate) use preview::Preview;
pub(crate) use series::{Deriving, Remembered, id_of};

use crate::api::{DerivedInput, Mistake, MistakeSaid};
use feedscope_feed::{Said, said};
use plan::Plan;
use std::collections::BTreeMap;
use text::Fault;

/// What traces call the feed of all derived series, which is none: it has no session, no ledger and
/// no latency, and is not told of as one.
pub const FEED: &str = "derived";

/// Names that may be bound for one expression, whether it uses them or not.
const NAMES_MAX: usize = 64;

/// Reads an expression.
///
/// # Errors
/// All that is wrong with it; never nothing.
fn read(text: &str, inputs: &BTreeMap<String, DerivedInput>) -> Result<Plan, Vec<Fault>> {
    let names: Vec<&str> = inputs.keys().map(String::as_str).collect();
    let whole = |code, what, advice| Fault { place: 0..text.len(), code, what, advice };
    if names.len() > NAMES_MAX {
        let what = said!("mistake_names", "More than {count} names are bound.", count = NAMES_MAX);
        let advice = said!("advice_expression_names", "Take away those that are not used.");
        return Err(vec![whole("expression-inputs", what, advice)]);
    }
    let plan = Plan::read(text, &names)?;
    let of_derived: Vec<Fault> = plan
        .inputs
        .iter()
        .filter(|name| inputs.get(*name).is_some_and(|input| input.feed == FEED))
        .map(|name| {
            let what = said!(
                "mistake_derived",
                "{name} is a derived series, and no other can be made of one.",
                name = name.as_str(),
            );
            let advice = said!(
                "advice_expression_derived",
                "Write its expression in place of its name, in parentheses."
            );
            whole("expression-derived", what, advice)
        })
        .collect();
    if of_derived.is_empty() { Ok(plan) } else { Err(of_derived) }
}

/// All that is wrong with an expression.
pub(crate) fn check(text: &str, inputs: &BTreeMap<String, DerivedInput>) -> Vec<Mistake> {
    let faults = read(text, inputs).err().unwrap_or_default();
    faults.iter().map(|fault| mistake(text, fault)).collect()
}

/// As the window counts: in units of UTF-16.
fn mistake(text: &str, fault: &Fault) -> Mistake {
    let units = |bytes: usize| {
        let end = text.floor_char_boundary(bytes.min(text.len()));
        text[..end].encode_utf16().count() as u32
    };
    Mistake {
        from: units(fault.place.start),
        to: units(fault.place.end.max(fault.place.start)),
        code: fault.code,
        what: fault.what.to_string(),
        advice: fault.advice.to_string(),
        said: MistakeSaid {
            what: fault.what.parts().to_vec(),
            advice: fault.advice.parts().to_vec(),
        },
    }
}

fn several() -> Said {
    said!("advice_expression_several", "Make several series of it.")
}
