//! One text for one meaning: decides whether a static segment must be formed anew.
//!
//! Every node is `(word …)`, so two rules have one text only if they say the same in the same order. What a name
//! stands for is written, not what it is called, but for columns, tables and segments; their types are left out, so
//! that a change of the schema alone changes no text.

use std::fmt::Write as _;

use super::{
    Aggregate, AggregateFunction, ArithmeticOp, ColumnPath, Condition, ConditionKind, Domain, Expr,
    ExprKind, Function, Quantifier, RuleSet, SegmentId, SegmentRule, Start, TextTest, YearlyWindow,
};
use crate::{
    calendar::Offset,
    schema::{ColumnId, Schema, TableId},
};

/// The first line of every canonical text; it changes when the same rule is written in another way.
const VERSION: &str = "segmenta rule 1";

/// A text of the segment's own conditions, `let`s expanded; the same for every layout of the same rule. Title,
/// metadata and pins are not part of it.
pub(crate) fn canonical_text(segment: &SegmentRule, rules: &RuleSet, schema: &Schema) -> String {
    let mut writer = Writer { text: String::from(VERSION), rules, schema };
    for (word, conditions) in [("include", &segment.includes), ("exclude", &segment.excludes)] {
        for condition in conditions {
            writer.text.push('\n');
            writer.word(word);
            writer.condition(condition);
        }
    }
    writer.text.push('\n');
    writer.text
}

struct Writer<'a> {
    text: String,
    rules: &'a RuleSet,
    schema: &'a Schema,
}

impl Writer<'_> {
    /// A word and the blank behind it.
    fn word(&mut self, word: &str) {
        self.text.push_str(word);
        self.text.push(' ');
    }

    fn open(&mut self, negated: bool, word: &str) {
        self.text.push('(');
        if negated {
            self.text.push_str("not-");
        }
        self.text.push_str(word);
    }

    fn close(&mut self) {
        self.text.push(')');
    }

    fn quoted(&mut self, text: &str) {
        self.text.push('\'');
        for character in text.chars() {
            match character {
                '\'' | '\\' => self.text.extend(['\\', character]),
                '\n' => self.text.push_str("\\n"),
                _ => self.text.push(character),
            }
        }
        self.text.push('\'');
    }

    // Small frames: these two go down with the nesting of the rule.
    fn condition(&mut self, condition: &Condition) {
        match &condition.kind {
            ConditionKind::Not(inner) => self.list("not", std::slice::from_ref(&**inner)),
            ConditionKind::And(list) => self.list("and", list),
            ConditionKind::Or(list) => self.list("or", list),
            ConditionKind::Quantified { quantifier, conditions } => {
                self.list(&quantifier_word(*quantifier), conditions);
            }
            kind => self.comparison(kind),
        }
    }

    fn comparison(&mut self, kind: &ConditionKind) {
        match kind {
            ConditionKind::Not(_)
            | ConditionKind::And(_)
            | ConditionKind::Or(_)
            | ConditionKind::Quantified { .. } => {}
            ConditionKind::Constant(value) => self.show(value),
            ConditionKind::Holds(value) => self.node(false, "holds", [value]),
            ConditionKind::Compare { op, left, right, domain } => {
                let fold = fold_word(*domain);
                self.node(false, &format!("{}{fold}", op.sign()), [left, right]);
            }
            ConditionKind::Between { negated, value, low, high } => {
                let word = format!("between{}", fold_word(low.1));
                self.node(*negated, &word, [value, &low.0, &high.0]);
            }
            ConditionKind::In { negated, value, items } => {
                let fold = items.first().map_or("", |(_, domain)| fold_word(*domain));
                let items = items.iter().map(|(item, _)| item);
                self.node(*negated, &format!("in{fold}"), std::iter::once(value).chain(items));
            }
            ConditionKind::Within { value, first, last } => self.within(value, *first, *last),
            ConditionKind::Yearly { negated, value, windows } => {
                self.yearly(*negated, value, windows);
            }
            ConditionKind::TextTest { negated, test, value, pattern, fold_case } => {
                let test = match test {
                    TextTest::Contains => "contains-text",
                    TextTest::StartsWith => "starts-with",
                    TextTest::EndsWith => "ends-with",
                };
                let fold = if *fold_case { FOLD } else { "" };
                self.node(*negated, &format!("{test}{fold}"), [value, pattern]);
            }
            ConditionKind::SetContains { negated, all, value, items, fold_case } => {
                let word = if *all { "contains-all" } else { "contains-any" };
                let fold = if *fold_case { FOLD } else { "" };
                let parts = std::iter::once(value).chain(items);
                self.node(*negated, &format!("{word}{fold}"), parts);
            }
            ConditionKind::IsNull { negated, value } => self.node(*negated, "null", [value]),
            ConditionKind::IsEmpty { negated, value } => self.node(*negated, "empty", [value]),
            ConditionKind::InSegment(id) => self.segment(*id),
        }
    }

    fn list(&mut self, word: &str, conditions: &[Condition]) {
        self.open(false, word);
        for condition in conditions {
            self.text.push(' ');
            self.condition(condition);
        }
        self.close();
    }

    fn node<'e>(&mut self, negated: bool, word: &str, parts: impl IntoIterator<Item = &'e Expr>) {
        self.open(negated, word);
        for part in parts {
            self.text.push(' ');
            self.expr(part);
        }
        self.close();
    }

    fn within(&mut self, value: &Expr, first: Offset, last: Offset) {
        self.open(false, "within ");
        self.expr(value);
        self.offsets(first, last);
        self.close();
    }

    fn yearly(&mut self, negated: bool, value: &Expr, windows: &[YearlyWindow]) {
        self.open(negated, "yearly ");
        self.expr(value);
        for window in windows {
            self.text.push(' ');
            self.window(window);
        }
        self.close();
    }

    fn window(&mut self, window: &YearlyWindow) {
        match window {
            YearlyWindow::Days { first, last } => {
                self.text.push_str("(days");
                self.offsets(*first, *last);
            }
            YearlyWindow::Circle { first, last } => {
                self.text.push_str("(circle ");
                self.expr(first);
                self.text.push(' ');
                self.expr(last);
            }
        }
        self.close();
    }

    fn offsets(&mut self, first: Offset, last: Offset) {
        for offset in [first, last] {
            self.text.push(' ');
            self.offset(offset);
        }
    }

    fn offset(&mut self, offset: Offset) {
        self.show(&format_args!("{:+}{}", offset.amount, offset.unit.name()));
    }

    fn segment(&mut self, id: SegmentId) {
        let segment = self.rules.segment(id);
        self.open(false, "segment ");
        self.quoted(segment.map_or("", |segment| &segment.name));
        self.close();
    }

    fn expr(&mut self, expr: &Expr) {
        match &expr.kind {
            ExprKind::Column(path) => self.column(path),
            ExprKind::Aggregate(aggregate) => self.aggregate(aggregate),
            ExprKind::Negate(inner) => self.node(false, "negate", [&**inner]),
            ExprKind::Arithmetic { first, rest } => self.arithmetic(first, rest),
            ExprKind::Call { function, arguments } => {
                self.node(false, &function_word(*function), arguments);
            }
            ExprKind::Condition(condition) => {
                self.list("value", std::slice::from_ref(&**condition));
            }
            kind => self.literal(kind),
        }
    }

    fn literal(&mut self, kind: &ExprKind) {
        match kind {
            ExprKind::Bool(value) => self.show(value),
            ExprKind::Number(number) => {
                self.show(&format_args!("{}e-{}", number.mantissa(), number.scale()));
            }
            ExprKind::Text(text) => self.quoted(text),
            ExprKind::Date(day) => self.show(&format_args!("(date {})", day.to_date())),
            ExprKind::DateTime(instant) => self.show(&format_args!("(instant {})", instant.0)),
            ExprKind::MonthDay(month_day) => {
                let (month, day) = month_day.month_day();
                self.show(&format_args!("(month-day {month} {day})"));
            }
            ExprKind::RelativeDay(offset) => {
                self.open(false, "today ");
                self.offset(*offset);
                self.close();
            }
            ExprKind::RelativeInstant(offset) => {
                self.open(false, "now ");
                self.offset(*offset);
                self.close();
            }
            ExprKind::Column(_)
            | ExprKind::Aggregate(_)
            | ExprKind::Negate(_)
            | ExprKind::Arithmetic { .. }
            | ExprKind::Call { .. }
            | ExprKind::Condition(_) => {}
        }
    }

    fn arithmetic(&mut self, first: &Expr, rest: &[(ArithmeticOp, Expr)]) {
        self.open(false, "arithmetic ");
        self.expr(first);
        for (op, operand) in rest {
            self.text.push(' ');
            self.word(arithmetic_word(*op));
            self.expr(operand);
        }
        self.close();
    }

    fn column(&mut self, path: &ColumnPath) {
        self.open(false, "column ");
        match path.start {
            Start::Own => {}
            Start::Parent(levels) => self.show(&format_args!("parent-{levels} ")),
            Start::Customer => self.word("customer"),
        }
        let root = path.through.first().unwrap_or(&path.column).table;
        self.table(root);
        for column in path.through.iter().chain([&path.column]) {
            self.text.push(' ');
            self.column_name(*column);
        }
        self.close();
    }

    fn aggregate(&mut self, aggregate: &Aggregate) {
        self.open(false, aggregate_word(aggregate.function));
        self.text.push(' ');
        self.table(aggregate.table);
        if let Some(value) = &aggregate.value {
            self.text.push(' ');
            self.expr(value);
        }
        if let Some(filter) = &aggregate.filter {
            self.text.push_str(" where ");
            self.condition(filter);
        }
        self.close();
    }

    fn table(&mut self, id: TableId) {
        let schema = self.schema;
        self.quoted(&schema.table(id).name);
    }

    fn column_name(&mut self, id: ColumnId) {
        let schema = self.schema;
        self.quoted(&schema.column(id).name);
    }

    fn show(&mut self, value: &dyn std::fmt::Display) {
        // Writing to a string does not fail.
        let _ = write!(self.text, "{value}");
    }
}

const FOLD: &str = "-ignoring-case";

fn fold_word(domain: Domain) -> &'static str {
    if domain == (Domain::Text { fold_case: true }) { FOLD } else { "" }
}

fn quantifier_word(quantifier: Quantifier) -> String {
    match quantifier {
        Quantifier::All => "all-of".to_owned(),
        Quantifier::Any => "any-of".to_owned(),
        Quantifier::None => "none-of".to_owned(),
        Quantifier::AtLeast(count) => format!("at-least-{count}-of"),
        Quantifier::AtMost(count) => format!("at-most-{count}-of"),
        Quantifier::Exactly(count) => format!("exactly-{count}-of"),
    }
}

fn arithmetic_word(op: ArithmeticOp) -> &'static str {
    match op {
        ArithmeticOp::Add => "+",
        ArithmeticOp::Subtract => "-",
        ArithmeticOp::Multiply => "*",
        ArithmeticOp::Divide => "/",
    }
}

fn aggregate_word(function: AggregateFunction) -> &'static str {
    match function {
        AggregateFunction::Count => "count",
        AggregateFunction::CountDistinct => "count-distinct",
        AggregateFunction::Exists => "exists",
        AggregateFunction::Sum => "sum",
        AggregateFunction::Avg => "avg",
        AggregateFunction::Min => "min",
        AggregateFunction::Max => "max",
        AggregateFunction::First => "first",
        AggregateFunction::Last => "last",
    }
}

fn function_word(function: Function) -> String {
    let word = match function {
        Function::Age => "age",
        Function::DaysSince => "days-since",
        Function::Year => "year",
        Function::Month => "month",
        Function::Day => "day",
        Function::Weekday => "weekday",
        Function::Hour => "hour",
        Function::Size => "size",
        Function::Lower => "lower",
        Function::Length => "length",
        Function::Abs => "abs",
        Function::Round(digits) => return format!("round-to-{digits}"),
        Function::Coalesce => "coalesce",
    };
    word.to_owned()
}
