//! What stands in brackets: a condition, a row filter, or a list.

use super::{
    Parser,
    comparison::{Partial, Wait},
    expression::{Grade, Pending, Step},
};
use crate::{
    diagnostic::Code,
    syntax::{
        lex::{Token, TokenKind},
        tree::{Aggregate, Contained, DistanceUnit, Expr, ExprKind, Name, Number, Quantifier},
        word::{self, Reserved},
    },
};

/// An open bracket and what has been read in it.
pub(super) struct Bracket {
    /// Where the whole thing begins: the name of the function, the left side of `in`, …
    first: Token,
    open: Token,
    purpose: Purpose,
    /// As many as the limit allows
    elements: Vec<Expr>,
    /// More than the elements if there are too many
    count: usize,
}

pub(super) enum Purpose {
    Paren,
    Filter {
        function: Aggregate,
        distinct: bool,
        target: Vec<Name>,
    },
    Arguments(Vec<Name>),
    /// `None` where its amount was wrong
    Quantified(Option<Quantifier>),
    In {
        negated: bool,
        value: Expr,
    },
    AnyOf {
        negated: bool,
        value: Expr,
    },
    AllOf {
        negated: bool,
        value: Expr,
    },
    Near {
        value: Expr,
        distance: Number,
        unit: DistanceUnit,
    },
}

impl Bracket {
    pub(super) fn holds_conditions(&self) -> bool {
        matches!(
            self.purpose,
            Purpose::Paren
                | Purpose::Filter { .. }
                | Purpose::Arguments(_)
                | Purpose::Quantified(_)
        )
    }

    pub(super) fn is_list(&self) -> bool {
        !matches!(self.purpose, Purpose::Paren | Purpose::Filter { .. })
    }

    /// What the user is told where an element is missing.
    pub(super) fn expected(&self) -> &'static str {
        match self.purpose {
            Purpose::Paren | Purpose::Filter { .. } | Purpose::Quantified(_) => "a condition",
            _ => "a value",
        }
    }
}

impl Parser<'_> {
    /// Takes an opening bracket; what it is part of begins at `first`.
    pub(super) fn open_bracket(
        &mut self,
        stack: &mut Vec<Pending>,
        first: Token,
        purpose: Purpose,
    ) -> Step {
        let open = self.peek();
        if open.kind != TokenKind::Open {
            let help = self.no_bracket(first, &purpose);
            self.unexpected_with("`(`", help);
            return Step::Behind(self.error_from(first), Grade::Condition);
        }
        if !self.enter_bracket() {
            return Step::Behind(self.error_from(first), Grade::Operand);
        }
        stack.push(Pending::Bracket(Bracket {
            first,
            open,
            purpose,
            elements: Vec::new(),
            count: 0,
        }));
        Step::Before
    }

    fn no_bracket(&self, first: Token, purpose: &Purpose) -> Option<String> {
        let Purpose::Quantified(Some(_)) = purpose else { return None };
        let span = self.span_of(first).to(self.span_of(self.previous()));
        Some(format!("the conditions stand in brackets: `{} (…)`", self.source_of(span)))
    }

    /// `count(orders where …`: goes on behind the bracket if there is no filter.
    pub(super) fn open_aggregate(&mut self, stack: &mut Vec<Pending>, function: Aggregate) -> Step {
        let first = self.advance();
        let open = self.peek();
        if !self.enter_bracket() {
            return Step::Behind(self.error_from(first), Grade::Operand);
        }
        let (kind, expected) = match self.aggregate_target(function) {
            Some((distinct, target)) if self.eat_reserved(Reserved::Where) => {
                let purpose = Purpose::Filter { function, distinct, target };
                let bracket = Bracket { first, open, purpose, elements: Vec::new(), count: 0 };
                stack.push(Pending::Bracket(bracket));
                return Step::Before;
            }
            Some((distinct, target)) => {
                let filter = None;
                (ExprKind::Aggregate { function, distinct, target, filter }, "`where` or `)`")
            }
            None => (ExprKind::Error, "`)`"),
        };
        self.close(open, expected);
        self.leave();
        Step::Behind(Expr { kind, span: self.span_from(first) }, Grade::Operand)
    }

    fn aggregate_target(&mut self, function: Aggregate) -> Option<(bool, Vec<Name>)> {
        let name = word::aggregate_name(function);
        let distinct = self.is_word(0, "distinct") && self.is_name(1);
        if distinct {
            let token = self.advance();
            if function != Aggregate::Count {
                let message = format!("`{name}` has no `distinct`");
                let help = "`distinct` goes with `count` only";
                self.report_help(Code::UnexpectedToken, self.span_of(token), message, help);
                self.silence();
            }
        }
        let expected = match function {
            Aggregate::Count | Aggregate::Exists | Aggregate::AverageGap => "the name of a table",
            _ => "a table's column such as `orders.total`",
        };
        if self.at(TokenKind::Star) {
            let help = format!("name the table whose rows are meant, as in `{name}(orders)`");
            self.unexpected_with(expected, Some(help));
        }
        let first = self.name(expected)?;
        let target = self.path_from(first);
        if matches!(self.peek().kind, TokenKind::Comma | TokenKind::Compare(_) | TokenKind::Star) {
            let help = self.filter_without_where(function, &target);
            self.unexpected_with("`where` or `)`", Some(help));
        }
        Some((distinct, target))
    }

    /// `count(orders, status = 'paid')`, `exists(orders.total > 5)`
    fn filter_without_where(&self, function: Aggregate, target: &[Name]) -> String {
        let name = word::aggregate_name(function);
        let (table, rest) =
            target.split_first().map_or(("", target), |(t, r)| (t.text.as_str(), r));
        let names: Vec<&str> = rest.iter().map(|each| each.text.as_str()).collect();
        let column = names.join(".");
        let whole = if rest.is_empty() { table.to_owned() } else { format!("{table}.{column}") };
        let here = self.peek();
        let filter = self.listed(here);
        let filter = filter.trim_matches(['(', ')']);
        match here.kind {
            TokenKind::Star => format!("write `{name}({table})`"),
            TokenKind::Compare(_) if !rest.is_empty() => {
                format!("write `{name}({table} where {column} {} {filter})`", self.text_of(here))
            }
            TokenKind::Comma if matches!(self.ahead(2).kind, TokenKind::Compare(_)) => {
                format!("write `{name}({whole} where {filter})`")
            }
            _ => format!("`{name}` goes over the rows of one table"),
        }
    }

    fn enter_bracket(&mut self) -> bool {
        let entered = self.enter();
        if entered {
            self.advance();
        }
        entered
    }

    /// Behind an element of the innermost bracket.
    pub(super) fn end_element(&mut self, stack: &mut Vec<Pending>, element: Expr) -> Step {
        let most = self.limits.list;
        let Some(Pending::Bracket(bracket)) = stack.last_mut() else { return Step::Done(element) };
        bracket.count += 1;
        if bracket.count <= most || !bracket.is_list() {
            // PERF: what stands in brackets is often one thing, and a list that grows has room for four.
            if bracket.elements.is_empty() {
                bracket.elements.reserve_exact(1);
            }
            bracket.elements.push(element);
        }
        if !bracket.is_list() {
            if self.at(TokenKind::Comma) {
                let help = self.instead_of_one(stack);
                self.unexpected_with("`)`", help);
            }
            return self.end_bracket(stack);
        }
        if !self.at(TokenKind::Comma) && !self.at(TokenKind::Close) && !self.at_boundary() {
            self.missing("`,` or `)`", None);
            self.skip_within(true);
        }
        if self.eat(TokenKind::Comma) { Step::Before } else { self.end_bracket(stack) }
    }

    /// What to write for several things in brackets that hold one.
    fn instead_of_one(&self, stack: &[Pending]) -> Option<String> {
        let around = match stack {
            [.., around, Pending::Bracket(Bracket { purpose: Purpose::Paren, open, .. })] => {
                Some((around, *open))
            }
            _ => None,
        };
        let help = around.and_then(|(around, open)| match around {
            Pending::Comparison(Partial { wait: Wait::Compare(op, _), .. }) => {
                self.instead_of_values(*op, open)
            }
            Pending::Comparison(Partial { wait: Wait::Contained { .. }, .. }) => {
                Some(format!("write `contains any of {}`", self.listed(open)))
            }
            Pending::Not(_) => Some("write `none of (…)` or `not all of (…)`".to_owned()),
            _ => None,
        });
        let number = || self.grouped_number();
        help.or_else(number).or_else(|| {
            Some("a list stands behind `in`, `all of`, `any of` and the like".to_owned())
        })
    }

    /// Takes the closing bracket, or says that there is none.
    pub(super) fn end_bracket(&mut self, stack: &mut Vec<Pending>) -> Step {
        let Some(Pending::Bracket(bracket)) = stack.pop() else { return Step::Before };
        self.close(bracket.open, "`and`, `or` or `)`");
        self.leave();
        self.check_count(&bracket);
        let Bracket { first, purpose, elements, .. } = bracket;
        let mut only = elements.into_iter();
        let (kind, grade) = match purpose {
            Purpose::Paren => (
                only.next().map_or(ExprKind::Error, |inner| ExprKind::Paren(inner.into())),
                Grade::Operand,
            ),
            Purpose::Filter { function, distinct, target } => {
                let filter = only.next().map(Box::new);
                (ExprKind::Aggregate { function, distinct, target, filter }, Grade::Operand)
            }
            Purpose::Arguments(function) => {
                (ExprKind::Call { function, arguments: only.collect() }, Grade::Operand)
            }
            Purpose::Quantified(Some(quantifier)) => {
                (ExprKind::Quantified { quantifier, conditions: only.collect() }, Grade::Condition)
            }
            Purpose::Quantified(None) => (ExprKind::Error, Grade::Condition),
            compared => (self.compared_with_list(compared, only.collect()), Grade::Condition),
        };
        Step::Behind(Expr { kind, span: self.span_from(first) }, grade)
    }

    fn compared_with_list(&mut self, purpose: Purpose, list: Vec<Expr>) -> ExprKind {
        let contains = |negated, value: Expr, what, ignoring| ExprKind::Contains {
            negated,
            value: value.into(),
            what,
            ignoring,
        };
        match purpose {
            Purpose::In { negated, value } => {
                ExprKind::In { negated, value: value.into(), list, ignoring: self.ignoring() }
            }
            Purpose::AnyOf { negated, value } => {
                contains(negated, value, Contained::AnyOf(list), self.ignoring())
            }
            Purpose::AllOf { negated, value } => {
                contains(negated, value, Contained::AllOf(list), self.ignoring())
            }
            Purpose::Near { value, distance, unit } => {
                let mut place = list.into_iter();
                match (place.next(), place.next()) {
                    (Some(latitude), Some(longitude)) => ExprKind::Near {
                        value: value.into(),
                        distance,
                        unit,
                        latitude: latitude.into(),
                        longitude: longitude.into(),
                    },
                    _ => ExprKind::Error,
                }
            }
            _ => ExprKind::Error,
        }
    }

    /// Lists that are empty or too long.
    fn check_count(&mut self, bracket: &Bracket) {
        let (count, most) = (bracket.count, self.limits.list);
        let whole = self.span_from(bracket.open);
        if let Purpose::Near { .. } = bracket.purpose {
            if count != 2 && !self.is_silent() {
                let message = "expected a latitude and a longitude: `(59.33, 18.06)`";
                self.report(Code::UnexpectedToken, whole, message);
            }
        } else if count > most {
            let message = format!("this list has {count} elements; the limit is {most}");
            self.report(Code::ListTooLong, self.span_of(bracket.open), message);
        } else if count == 0 && !matches!(bracket.purpose, Purpose::Arguments(_)) {
            let message = format!("this list is empty; expected {}", bracket.expected());
            self.report(Code::EmptyList, whole, message);
        }
    }
}
