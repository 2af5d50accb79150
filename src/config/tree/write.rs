//! From a condition to its JSON form. Brackets are left out: the form itself says what belongs together.

use super::words::{
    self, COMPARISONS, DISTANCES, ENDS, IGNORING, MOMENTS, RELATIVES, SIGNS, TEXT_TESTS, WINDOWS,
};
use crate::{
    config::data::Data,
    syntax::{
        aggregate_name, print_expr,
        tree::{Amount, AmountKind, Contained, Expr, ExprKind, Ignoring, Name, Number, Quantifier},
    },
};

pub(super) fn write(expr: &Expr) -> Data {
    match &expr.kind {
        ExprKind::Paren(inner) => write(inner),
        ExprKind::Not(inner) => Fields::new("not").with("of", write(inner)).done(),
        ExprKind::And(terms) => Fields::new("and").with("of", list(terms)).done(),
        ExprKind::Or(terms) => Fields::new("or").with("of", list(terms)).done(),
        ExprKind::Quantified { quantifier, conditions } => quantified(quantifier, conditions),
        ExprKind::Call { function, arguments } => {
            Fields::new("call").with("function", names(function)).with("of", list(arguments)).done()
        }
        ExprKind::Aggregate { function, distinct, target, filter } => {
            let mut fields = Fields::new(aggregate_name(*function)).with("over", names(target));
            if *distinct {
                fields = fields.with("distinct", Data::Bool(true));
            }
            if let Some(filter) = filter {
                fields = fields.with("where", write(filter));
            }
            fields.done()
        }
        ExprKind::Negate(inner) => match &inner.bare().kind {
            ExprKind::Number(number) => {
                Data::table([("number", Data::Text(format!("-{}", digits(*number))))])
            }
            _ => Fields::new("negate").with("of", write(inner)).done(),
        },
        ExprKind::Arithmetic { first, rest } => arithmetic(first, rest),
        ExprKind::Top { end, amount, percent, by } => Fields::new(words::word(&ENDS, end))
            .with("amount", Data::Text(digits(*amount)))
            .with("percent", Data::Bool(*percent))
            .with("by", write(by))
            .done(),
        kind => comparison(kind),
    }
}

fn comparison(kind: &ExprKind) -> Data {
    match kind {
        ExprKind::Compare { op, left, right, ignoring } => {
            Fields::new(words::word(&COMPARISONS, op))
                .with("left", write(left))
                .with("right", write(right))
                .ignoring(*ignoring)
        }
        ExprKind::Between { negated, value, low, high, ignoring } => {
            Fields::negated(*negated, "between", "not between")
                .with("value", write(value))
                .with("low", write(low))
                .with("high", write(high))
                .ignoring(*ignoring)
        }
        ExprKind::In { negated, value, list: elements, ignoring } => {
            Fields::negated(*negated, "in", "not in")
                .with("value", write(value))
                .with("list", list(elements))
                .ignoring(*ignoring)
        }
        ExprKind::Contains { negated, value, what, ignoring } => {
            contains(*negated, value, what, *ignoring)
        }
        ExprKind::TextTest { test, value, pattern, ignoring } => {
            Fields::new(words::word(&TEXT_TESTS, test))
                .with("value", write(value))
                .with("pattern", write(pattern))
                .ignoring(*ignoring)
        }
        ExprKind::IsNull { negated, value } => {
            Fields::negated(*negated, "is null", "is not null").with("value", write(value)).done()
        }
        ExprKind::IsEmpty { negated, value } => {
            Fields::negated(*negated, "is empty", "is not empty").with("value", write(value)).done()
        }
        ExprKind::Within { value, direction, amount, unit, ignoring } => {
            Fields::new(words::word(&WINDOWS, direction))
                .with("value", write(value))
                .with("amount", count(amount))
                .with("unit", Data::text(unit.name()))
                .ignoring(*ignoring)
        }
        ExprKind::Near { value, distance, unit, latitude, longitude } => Fields::new("near")
            .with("value", write(value))
            .with("distance", Data::Text(digits(*distance)))
            .with("unit", Data::text(words::word(&DISTANCES, unit)))
            .with("latitude", write(latitude))
            .with("longitude", write(longitude))
            .done(),
        ExprKind::InSegment(path) => Fields::new("in segment").with("segment", names(path)).done(),
        ExprKind::Sample { percent, seed } => Fields::new("sample")
            .with("percent", Data::Text(digits(*percent)))
            .with("seed", Data::text(&seed.text))
            .done(),
        _ => literal(kind),
    }
}

fn literal(kind: &ExprKind) -> Data {
    let (key, value) = match kind {
        ExprKind::Number(number) => ("number", Data::Text(digits(*number))),
        ExprKind::Text(text) => ("text", Data::text(text)),
        ExprKind::Bool(value) => ("bool", Data::Bool(*value)),
        ExprKind::Null => ("null", Data::Bool(true)),
        ExprKind::Date(_) => ("date", printed(kind)),
        ExprKind::DateTime { .. } => ("datetime", printed(kind)),
        ExprKind::MonthDay { .. } => ("month_day", printed(kind)),
        ExprKind::Today | ExprKind::Yesterday | ExprKind::Tomorrow | ExprKind::Now => {
            ("moment", Data::text(words::word(&MOMENTS, kind)))
        }
        ExprKind::Path(path) => ("column", names(path)),
        ExprKind::Relative { amount, unit, direction } => {
            return Fields::new(words::word(&RELATIVES, direction))
                .with("amount", count(amount))
                .with("unit", Data::text(unit.name()))
                .done();
        }
        ExprKind::Duration { amount, unit } => {
            return Fields::new("duration")
                .with("amount", count(amount))
                .with("unit", Data::text(unit.name()))
                .done();
        }
        // Everything else has been taken above; a condition has no errors in it.
        _ => return Data::Null,
    };
    Data::table([(key, value)])
}

fn quantified(quantifier: &Quantifier, conditions: &[Expr]) -> Data {
    let (op, number) = match quantifier {
        Quantifier::All => ("all of", None),
        Quantifier::Any => ("any of", None),
        Quantifier::None => ("none of", None),
        Quantifier::AtLeast(amount) => ("at least", Some(amount)),
        Quantifier::AtMost(amount) => ("at most", Some(amount)),
        Quantifier::Exactly(amount) => ("exactly", Some(amount)),
    };
    let mut fields = Fields::new(op);
    if let Some(amount) = number {
        fields = fields.with("amount", count(amount));
    }
    fields.with("of", list(conditions)).done()
}

/// Operators of one level from left to right; one sign fewer than operands.
fn arithmetic(first: &Expr, rest: &[(crate::syntax::tree::ArithmeticOp, Expr)]) -> Data {
    let signs = rest.iter().map(|(sign, _)| Data::text(words::word(&SIGNS, sign))).collect();
    let operands = std::iter::once(first).chain(rest.iter().map(|(_, operand)| operand));
    Fields::new("arithmetic")
        .with("signs", Data::List(signs))
        .with("of", Data::List(operands.map(write).collect()))
        .done()
}

fn contains(negated: bool, value: &Expr, what: &Contained, ignoring: Option<Ignoring>) -> Data {
    let (words, key, elements) = match what {
        Contained::One(element) => (["contains", "not contains"], "element", write(element)),
        Contained::AnyOf(elements) => {
            (["contains any of", "not contains any of"], "list", list(elements))
        }
        Contained::AllOf(elements) => {
            (["contains all of", "not contains all of"], "list", list(elements))
        }
    };
    let [yes, no] = words;
    Fields::negated(negated, yes, no)
        .with("value", write(value))
        .with(key, elements)
        .ignoring(ignoring)
}

fn list(elements: &[Expr]) -> Data {
    Data::List(elements.iter().map(write).collect())
}

fn names(path: &[Name]) -> Data {
    Data::List(path.iter().map(|name| Data::text(&name.text)).collect())
}

fn count(amount: &Amount) -> Data {
    match &amount.kind {
        AmountKind::Number(number) => Data::Whole((*number).into()),
        AmountKind::Name(name) => Data::text(name),
    }
}

/// A number without `_`, so that every reader of numbers reads it.
fn digits(number: Number) -> String {
    let plain = ExprKind::Number(Number { grouped: false, ..number });
    print_expr(&super::unplaced(plain))
}

fn printed(kind: &ExprKind) -> Data {
    Data::Text(print_expr(&super::unplaced(kind.clone())))
}

/// The fields of an operator, in the order in which they are written.
struct Fields(Vec<(String, Data)>);

impl Fields {
    fn new(op: &str) -> Self {
        Self(vec![("op".to_owned(), Data::text(op))])
    }

    fn negated(negated: bool, yes: &str, no: &str) -> Self {
        Self::new(if negated { no } else { yes })
    }

    fn with(mut self, key: &str, value: Data) -> Self {
        self.0.push((key.to_owned(), value));
        self
    }

    fn ignoring(self, ignoring: Option<Ignoring>) -> Data {
        match ignoring {
            None => self.done(),
            Some(what) => self.with("ignoring", Data::text(words::word(&IGNORING, &what))).done(),
        }
    }

    fn done(self) -> Data {
        Data::Table(self.0)
    }
}
