//! `and` and `or` side by side without brackets.

use super::visit;
use crate::{
    diagnostic::{Code, Finding, Sources, Span},
    syntax::{
        print_start,
        tree::{ClauseKind, Expr, ExprKind, File, Item, Name},
    },
};

/// So many letters of an operand are shown.
const SHOWN: usize = 24;

/// Warns wherever an `and` stands beside an `or`, which are read in another order than they are written.
pub(super) fn mixed_operators(
    files: &[File],
    conditions: &[(Name, Expr)],
    sources: &Sources,
) -> Vec<Finding> {
    let written = files.iter().flat_map(|file| &file.items).flat_map(written);
    let written = written.chain(conditions.iter().map(|(_, condition)| condition));
    visit::all_nodes(written).filter_map(|expr| mixed(expr, sources)).collect()
}

fn written(item: &Item) -> impl Iterator<Item = &Expr> {
    let (body, clauses, parts) = match item {
        Item::Use(_) => (None, &[][..], &[][..]),
        Item::Let(found) => (Some(&found.body), &[][..], &[][..]),
        Item::Segment(found) => (None, found.clauses.as_slice(), &[][..]),
        Item::Partition(found) => (None, &[][..], found.parts.as_slice()),
    };
    let clauses = clauses.iter().filter_map(|clause| match &clause.kind {
        ClauseKind::Include(expr) | ClauseKind::Exclude(expr) => Some(expr),
        ClauseKind::PinIn(_) | ClauseKind::PinOut(_) | ClauseKind::Meta { .. } => None,
    });
    body.into_iter().chain(clauses).chain(parts.iter().filter_map(|part| part.when.as_ref()))
}

fn mixed(expr: &Expr, sources: &Sources) -> Option<Finding> {
    let ExprKind::Or(terms) = &expr.kind else { return None };
    let is_and = |term: &Expr| matches!(term.kind, ExprKind::And(_));
    let first = terms.iter().position(is_and)?;
    let (left, right) = (terms.get(first.saturating_sub(1))?, terms.get(first.max(1))?);
    let between = Span::new(left.span.source, left.span.end, right.span.start);
    let span = operator(between, sources)?;
    let read: Vec<String> = terms.iter().take(3).map(shown).collect();
    let more = if terms.len() > 3 { " or …" } else { "" };
    let message = "`and` and `or` stand side by side without brackets";
    let help = format!("this is read as `{}{more}`; write the brackets", read.join(" or "));
    Some(Finding::new(Code::MixedOperators, span, message).help(help))
}

/// An operand of `or`, in brackets where they are left out.
fn shown(term: &Expr) -> String {
    match &term.kind {
        ExprKind::And(terms) => {
            let read: Vec<String> =
                terms.iter().take(3).map(|term| print_start(term, SHOWN)).collect();
            let more = if terms.len() > 3 { " and …" } else { "" };
            format!("({}{more})", read.join(" and "))
        }
        _ => print_start(term, SHOWN),
    }
}

/// The `or` between two operands, behind the comments in front of it.
fn operator(between: Span, sources: &Sources) -> Option<Span> {
    let text = sources.text(between)?;
    let mut rest = text.trim_start();
    while rest.starts_with('#') {
        rest = rest.split_once('\n').map_or("", |(_, after)| after).trim_start();
    }
    let at = u32::try_from(text.len() - rest.len()).ok()?;
    let start = between.start.checked_add(at)?;
    (!rest.is_empty()).then(|| Span::new(between.source, start, start.saturating_add(2)))
}
