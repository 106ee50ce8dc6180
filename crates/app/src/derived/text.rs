//! From text to a tree: `syn` reads it, whose grammar of operators, calls and numbers with units is
//! the one that is wanted, and which says where what is wrong.
//!
//! Before it does, all goes that has a meaning in Rust and none here, so that whatever is told of
//! is told in words of expressions; and so much of it that no text takes long or deep.

use super::several;
use feedscope_feed::{Said, said};
use proc_macro2::{Delimiter, Group, Ident, Spacing, Span, TokenStream, TokenTree};
use std::ops::Range;
use syn::Expr;

/// In bytes. Long for what a person writes, and read within a millisecond.
pub const TEXT_MAX: usize = 2_000;

/// Parentheses in parentheses, and operators in a row, for each of which the parser calls itself.
const DEPTH_MAX: usize = 32;
const OPERATORS_MAX: usize = 8;

/// What is wrong with a text, and where: in bytes.
#[derive(Clone, Debug, PartialEq)]
pub struct Fault {
    pub place: Range<usize>,
    pub code: &'static str,
    pub what: Said,
    pub advice: Said,
}

impl Fault {
    pub fn new(place: Range<usize>, code: &'static str, what: Said, advice: Said) -> Fault {
        Fault { place, code, what, advice }
    }
}

/// Hands the tree of a text on. Places in it are good until then.
pub fn read<T>(text: &str, then: impl FnOnce(&Expr) -> T) -> Result<T, Fault> {
    if text.trim().is_empty() {
        let what = said!("mistake_empty", "Nothing is written.");
        let advice = said!("advice_expression_empty", "Write, for example, (a + b) / 2.");
        return Err(Fault::new(0..text.len(), "expression-empty", what, advice));
    }
    if text.len() > TEXT_MAX {
        return Err(Fault::new(
            text.floor_char_boundary(TEXT_MAX)..text.len(),
            "expression-long",
            said!(
                "mistake_long",
                "The text is {count} bytes long, and {most} is the most.",
                count = text.len(),
                most = TEXT_MAX,
            ),
            several(),
        ));
    }
    let tree = tree(text).map(|tree| then(&tree));
    // Each text that is read is kept for the sake of its places.
    proc_macro2::extra::invalidate_current_thread_spans();
    tree
}

fn tree(text: &str) -> Result<Expr, Fault> {
    let tokens: TokenStream =
        text.parse().map_err(|error: proc_macro2::LexError| unread(text, error.span()))?;
    let tokens = plain(tokens, DEPTH_MAX)?;
    syn::parse2(tokens).map_err(|error| {
        let range = error.span().byte_range();
        let said = error.to_string();
        let is_end = range.is_empty() || said.starts_with("unexpected end of input");
        let place = if range.is_empty() { end_of(text) } else { range };
        if is_end {
            let what = said!("mistake_missing", "Something is missing here.");
            let advice = said!(
                "advice_expression_missing",
                "An operator stands between two values, a comma between two arguments."
            );
            return Fault::new(place, "expression-ends", what, advice);
        }
        if said.contains("chained") {
            let what = said!("mistake_chained", "Comparisons cannot be chained.");
            let advice = said!("advice_expression_chained", "Write a < b && b < c.");
            return Fault::new(place, "expression-chained", what, advice);
        }
        let part = text.get(place.clone()).unwrap_or_default();
        let what = said!("mistake_unexpected", "{part} does not belong here.", part);
        Fault::new(place, "expression-unexpected", what, values_and_operators())
    })
}

pub fn values_and_operators() -> Said {
    said!(
        "advice_expression_values",
        "Write values with an operator between each two of them, such as (a + b) / 2."
    )
}

pub fn like_this() -> Said {
    said!("advice_expression_number", "Write it like 1500, 0.5 or 1e9.")
}

/// The last thing that is written.
fn end_of(text: &str) -> Range<usize> {
    let end = text.trim_end().len();
    let last = text[..end].chars().next_back().map_or(0, char::len_utf8);
    end - last..end
}

/// What cannot even be taken apart.
fn unread(text: &str, span: Span) -> Fault {
    let start = text.floor_char_boundary(span.byte_range().start.min(text.len()));
    let Some(found) = text[start..].chars().next() else {
        let what = said!("mistake_ends", "The text ends too early.");
        let advice =
            said!("advice_expression_ends", "Look for a quote or a comment that does not end.");
        return Fault::new(end_of(text), "expression-ends", what, advice);
    };
    let place = start..start + found.len_utf8();
    let (code, what, advice) = match found {
        '(' => (
            "expression-unclosed",
            said!("mistake_unclosed", "( is not closed."),
            said!("advice_expression_unclosed", "Add ) where it ends."),
        ),
        ')' => (
            "expression-unopened",
            said!("mistake_unopened", ") closes nothing."),
            said!("advice_expression_unopened", "Take it away."),
        ),
        _ if found.is_ascii_digit() => {
            ("expression-number", said!("mistake_digits", "This is no number."), like_this())
        }
        _ => meaningless(&found.to_string()),
    };
    Fault::new(place, code, what, advice)
}

fn meaningless(part: &str) -> (&'static str, Said, Said) {
    let advice = match part {
        "^" | "**" => said!("advice_expression_pow", "Write pow(a, b) for a to the power of b."),
        "=" | "===" => said!("advice_expression_equal", "Write == to compare."),
        "&" => said!("advice_expression_and", "Write && where both must hold."),
        "|" => said!("advice_expression_or", "Write || where one of them must hold."),
        "?" | ":" => said!("advice_expression_if", "Write if(condition, one, other)."),
        "." => said!(
            "advice_expression_dot",
            "Names have no dots: bind a name to the field, and use the name. Numbers begin with a \
             digit: 0.5."
        ),
        "×" | "·" => said!("advice_expression_times", "Write * to multiply."),
        "÷" => said!("advice_expression_divide", "Write / to divide."),
        "−" | "–" => said!("advice_expression_minus", "Write - for minus."),
        "[" | "{" => said!("advice_expression_brackets", "Write ( and )."),
        "≤" | "≥" | "≠" => said!("advice_expression_compare", "Write <=, >= or !=."),
        _ => said!(
            "advice_expression_operators",
            "Take it away. There are + - * / % == != < <= > >= && || ! and functions."
        ),
    };
    ("expression-meaningless", no_meaning(part), advice)
}

fn no_meaning(part: &str) -> Said {
    said!("mistake_meaningless", "{part} has no meaning here.", part)
}

fn refused(place: Range<usize>, part: &str) -> Fault {
    let (code, what, advice) = meaningless(part);
    Fault::new(place, code, what, advice)
}

/// The same, with every word a name, unless there is something in it that is not for expressions.
fn plain(tokens: TokenStream, depth: usize) -> Result<TokenStream, Fault> {
    let mut out = Vec::new();
    let mut operators = 0;
    let mut tokens = tokens.into_iter().peekable();
    while let Some(token) = tokens.next() {
        let is_operator = matches!(token, TokenTree::Punct(_));
        operators = if is_operator { operators + 1 } else { 0 };
        match token {
            TokenTree::Group(group) => {
                if group.delimiter() != Delimiter::Parenthesis {
                    let open = group.span_open().byte_range();
                    let part = if group.delimiter() == Delimiter::Bracket { "[" } else { "{" };
                    return Err(refused(open, part));
                }
                let Some(depth) = depth.checked_sub(1) else {
                    let what = said!(
                        "mistake_deep",
                        "There are more than {count} parentheses in each other.",
                        count = DEPTH_MAX,
                    );
                    let open = group.span_open().byte_range();
                    return Err(Fault::new(open, "expression-deep", what, several()));
                };
                let mut inner = Group::new(Delimiter::Parenthesis, plain(group.stream(), depth)?);
                inner.set_span(group.span());
                out.push(TokenTree::Group(inner));
            }
            TokenTree::Ident(ident) => out.push(TokenTree::Ident(named(ident))),
            TokenTree::Literal(literal) => {
                if !literal.to_string().starts_with(|first: char| first.is_ascii_digit()) {
                    let advice = said!(
                        "advice_expression_texts",
                        "There are numbers and names, and no texts."
                    );
                    let place = literal.span().byte_range();
                    let what = no_meaning(&literal.to_string());
                    return Err(Fault::new(place, "expression-meaningless", what, advice));
                }
                out.push(TokenTree::Literal(literal));
            }
            TokenTree::Punct(punct) => {
                let place = punct.span().byte_range();
                if operators > OPERATORS_MAX {
                    let what = said!(
                        "mistake_operators",
                        "There are more than {count} operators in a row.",
                        count = OPERATORS_MAX,
                    );
                    let advice = said!(
                        "advice_expression_operator",
                        "One is enough, and a minus or ! before a value."
                    );
                    return Err(Fault::new(place, "expression-deep", what, advice));
                }
                let next = tokens.peek().and_then(|next| match next {
                    TokenTree::Punct(next) if punct.spacing() == Spacing::Joint => {
                        Some((next.as_char(), next.span().byte_range().end))
                    }
                    _ => None,
                });
                let first = punct.as_char();
                let pair = next.map(|(second, end)| (format!("{first}{second}"), end));
                match pair {
                    Some((pair, _))
                        if matches!(&*pair, "==" | "!=" | "<=" | ">=" | "&&" | "||") =>
                    {
                        out.push(TokenTree::Punct(punct));
                        out.extend(tokens.next());
                    }
                    Some((pair, end)) if matches!(&*pair, "**" | "<<" | ">>") => {
                        return Err(refused(place.start..end, &pair));
                    }
                    _ if matches!(first, '+' | '-' | '*' | '/' | '%' | '<' | '>' | '!' | ',') => {
                        out.push(TokenTree::Punct(punct));
                    }
                    _ => return Err(refused(place, &first.to_string())),
                }
            }
        }
    }
    Ok(out.into_iter().collect())
}

/// `if`, `type` or `match` are words as any others here.
fn named(ident: Ident) -> Ident {
    let name = ident.to_string();
    match name.as_str() {
        "_" | "self" | "Self" | "super" | "crate" => ident,
        _ if name.starts_with("r#") => ident,
        _ => Ident::new_raw(&name, ident.span()),
    }
}

/// The name that something is, and nothing else.
pub fn name(expr: &Expr) -> Option<String> {
    let Expr::Path(path) = expr else { return None };
    let name = path.path.get_ident()?.to_string();
    Some(name.strip_prefix("r#").map_or(name.clone(), str::to_owned))
}

/// Where something stands in the text. In loops, since it is asked for every part of a long sum.
pub fn place(expr: &Expr) -> Range<usize> {
    let (mut first, mut last) = (expr, expr);
    let start = loop {
        match first {
            Expr::Binary(binary) => first = &binary.left,
            Expr::Call(call) => first = &call.func,
            of => break ends(of).0.byte_range().start,
        }
    };
    let end = loop {
        match last {
            Expr::Binary(binary) => last = &binary.right,
            Expr::Unary(unary) => last = &unary.expr,
            Expr::Reference(reference) => last = &reference.expr,
            of => break ends(of).1.byte_range().end,
        }
    };
    start..end.max(start)
}

/// The first and the last thing that something is written with.
fn ends(expr: &Expr) -> (Span, Span) {
    let both = |span: Span| (span, span);
    match expr {
        Expr::Lit(lit) => both(lit.lit.span()),
        Expr::Path(path) => {
            let segments = &path.path.segments;
            let span = |segment: Option<&syn::PathSegment>| {
                segment.map_or_else(Span::call_site, |segment| segment.ident.span())
            };
            (span(segments.first()), span(segments.last()))
        }
        Expr::Paren(paren) => both(paren.paren_token.span.join()),
        Expr::Tuple(tuple) => both(tuple.paren_token.span.join()),
        Expr::Call(call) => both(call.paren_token.span.close()),
        Expr::Unary(unary) => both(match &unary.op {
            syn::UnOp::Deref(token) => token.span,
            syn::UnOp::Not(token) => token.span,
            syn::UnOp::Neg(token) => token.span,
            _ => Span::call_site(),
        }),
        Expr::Reference(reference) => both(reference.and_token.span),
        Expr::Macro(of) => {
            let segment = of.mac.path.segments.first();
            both(segment.map_or_else(Span::call_site, |segment| segment.ident.span()))
        }
        _ => both(Span::call_site()),
    }
}
