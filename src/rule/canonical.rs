//! One text for one rule: decides whether a static segment must be formed anew.
//!
//! Every node is `(word …)` and every text and name is quoted, so two rules have one text only if they say the same in
//! the same order. What a `let` stands for is written, not what it is called. Columns, tables and segments stand by
//! name, and their types are left out, so that a change of the schema alone changes no text.
//!
//! What is written in two ways and provably means the same has one text in two places only: `(a and b) and c` is
//! `a and b and c`, so that a `let` may be taken out of a chain; and a number that is compared stands without zeros at
//! its end. A number that is calculated with keeps them, because they decide where a result overflows.
//!
//! LAW: `tests/canonical/1` holds texts and hashes that never change. What would change one of them is a new version.

use std::fmt::Write as _;

use chrono::Timelike as _;

use super::{
    Aggregate, AggregateFunction, ArithmeticOp, ColumnPath, CompareOp, Condition, ConditionKind,
    ContentHash, Domain, End, Expr, ExprKind, Function, Prediction, Quantifier, RuleSet, SegmentId,
    SegmentRule, Share, Start, TextTest, YearlyWindow,
};
use crate::{
    calendar::{Offset, Unit},
    schema::{ColumnId, Schema, TableId},
    value::{Pattern, Sample, Vicinity},
};

/// The first line of every canonical text; it changes when the same rule is written in another way.
const VERSION: &str = "segmenta rule 1";

/// A text of the segment's own conditions, `let`s expanded; the same for every layout of the same rule. Title,
/// metadata and pins are not part of it.
pub(crate) fn canonical_text(segment: &SegmentRule, rules: &RuleSet, schema: &Schema) -> String {
    let mut writer = Writer { text: String::new(), rules, schema };
    writer.whole(segment);
    writer.text
}

/// The hashes of the canonical texts of some of the segments.
pub(crate) fn content_hashes<'s>(
    segments: impl IntoIterator<Item = &'s SegmentRule>,
    rules: &RuleSet,
    schema: &Schema,
) -> Vec<ContentHash> {
    let mut writer = Writer { text: String::new(), rules, schema };
    let hash = |segment| {
        writer.text.clear();
        writer.whole(segment);
        ContentHash::of(&writer.text)
    };
    segments.into_iter().map(hash).collect()
}

/// One text for all values that say the same.
pub(crate) fn expr_text(expr: &Expr, rules: &RuleSet, schema: &Schema) -> String {
    let mut writer = Writer { text: String::new(), rules, schema };
    writer.expr(expr);
    writer.text
}

struct Writer<'a> {
    text: String,
    rules: &'a RuleSet,
    schema: &'a Schema,
}

impl Writer<'_> {
    fn whole(&mut self, segment: &SegmentRule) {
        self.text.push_str(VERSION);
        for (word, conditions) in [("include", &segment.includes), ("exclude", &segment.excludes)] {
            for condition in conditions {
                self.text.push('\n');
                self.word(word);
                self.condition(condition);
            }
        }
        self.text.push('\n');
    }

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
        if text.contains(['\'', '\\', '\n']) {
            for character in text.chars() {
                match character {
                    '\'' | '\\' => self.text.extend(['\\', character]),
                    '\n' => self.text.push_str("\\n"),
                    _ => self.text.push(character),
                }
            }
        } else {
            self.text.push_str(text);
        }
        self.text.push('\'');
    }

    // Small frames: these two go down with the nesting of the rule.
    fn condition(&mut self, condition: &Condition) {
        match &condition.kind {
            ConditionKind::Not(inner) => self.list("not", std::slice::from_ref(&**inner)),
            ConditionKind::And(list) => {
                self.open(false, "and");
                self.and(list);
                self.close();
            }
            ConditionKind::Or(list) => {
                self.open(false, "or");
                self.or(list);
                self.close();
            }
            ConditionKind::Quantified { quantifier, conditions } => {
                self.list(&quantifier_word(*quantifier), conditions);
            }
            kind => self.comparison(kind),
        }
    }

    /// The operands of a chain, those of a chain within it among them.
    fn and(&mut self, list: &[Condition]) {
        for condition in list {
            if let ConditionKind::And(inner) = &condition.kind {
                self.and(inner);
            } else {
                self.next(condition);
            }
        }
    }

    fn or(&mut self, list: &[Condition]) {
        for condition in list {
            if let ConditionKind::Or(inner) = &condition.kind {
                self.or(inner);
            } else {
                self.next(condition);
            }
        }
    }

    fn next(&mut self, condition: &Condition) {
        self.text.push(' ');
        self.condition(condition);
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
                self.compared(false, compare_word(*op), folds(*domain), [left, right]);
            }
            ConditionKind::Between { negated, value, low, high } => {
                self.compared(*negated, "between", folds(low.1), [value, &low.0, &high.0]);
            }
            ConditionKind::In { negated, value, items } => {
                let fold_case = items.first().is_some_and(|(_, domain)| folds(*domain));
                let items = items.iter().map(|(item, _)| item);
                self.compared(*negated, "in", fold_case, std::iter::once(value).chain(items));
            }
            ConditionKind::Within { value, first, last } => self.within(value, *first, *last),
            ConditionKind::Yearly { negated, value, windows } => {
                self.yearly(*negated, value, windows);
            }
            ConditionKind::TextTest { negated, test, value, pattern, fold_case } => {
                self.compared(*negated, text_test_word(*test), *fold_case, [value, pattern]);
            }
            ConditionKind::Matches { value, pattern } => self.matches(value, pattern),
            ConditionKind::Near { value, vicinity } => self.near(value, vicinity),
            ConditionKind::Sample(sample) => self.sample(sample),
            ConditionKind::SetContains { negated, all, value, items, fold_case } => {
                let word = if *all { "contains-all" } else { "contains-any" };
                let parts = std::iter::once(value).chain(items);
                self.compared(*negated, word, *fold_case, parts);
            }
            ConditionKind::IsNull { negated, value } => self.node(*negated, "null", [value]),
            ConditionKind::IsEmpty { negated, value } => self.node(*negated, "empty", [value]),
            ConditionKind::InSegment(id) => self.segment(*id),
            ConditionKind::Top { end, share, by } => {
                let end = if *end == End::Top { "top" } else { "bottom" };
                self.node(false, &format!("{end}-{}", share_word(*share)), [by]);
            }
        }
    }

    fn list(&mut self, word: &str, conditions: &[Condition]) {
        self.open(false, word);
        for condition in conditions {
            self.next(condition);
        }
        self.close();
    }

    /// Values side by side.
    fn compared<'e>(
        &mut self,
        negated: bool,
        word: &str,
        fold_case: bool,
        parts: impl IntoIterator<Item = &'e Expr>,
    ) {
        self.open(negated, word);
        if fold_case {
            self.text.push_str("-ignoring-case");
        }
        for part in parts {
            self.text.push(' ');
            self.side(part);
        }
        self.close();
    }

    /// A value that nothing but a comparison looks at.
    fn side(&mut self, expr: &Expr) {
        match &expr.kind {
            ExprKind::Number(number) => self.show(&number.shortest()),
            ExprKind::Negate(inner) => {
                self.open(false, "negate ");
                self.side(inner);
                self.close();
            }
            _ => self.expr(expr),
        }
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
        // No days are no months.
        let unit = match (offset.amount, offset.unit.is_clock()) {
            (0, true) => Unit::Minutes,
            (0, false) => Unit::Days,
            _ => offset.unit,
        };
        self.show(&format_args!("{:+}{}", offset.amount, unit_word(unit)));
    }

    fn matches(&mut self, value: &Expr, pattern: &Pattern) {
        self.open(false, "matches");
        if pattern.folds_case() {
            self.text.push_str("-ignoring-case");
        }
        self.text.push(' ');
        self.expr(value);
        self.text.push(' ');
        self.quoted(pattern.source());
        self.close();
    }

    fn near(&mut self, value: &Expr, vicinity: &Vicinity) {
        self.open(false, "within-km ");
        self.expr(value);
        for number in [vicinity.distance, vicinity.latitude, vicinity.longitude] {
            self.show(&format_args!(" {}", number.shortest()));
        }
        self.close();
    }

    fn sample(&mut self, sample: &Sample) {
        self.open(false, "sample ");
        self.show(&format_args!("{} ", sample.percent().shortest()));
        self.quoted(sample.seed());
        self.close();
    }

    fn segment(&mut self, id: SegmentId) {
        let segment = self.rules.segment(id);
        self.open(false, "segment ");
        // The case of a name does not matter.
        let name = segment.map_or("", |segment| &segment.name).to_ascii_lowercase();
        self.quoted(&name);
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
            ExprKind::Quantile { value, buckets } => {
                self.node(false, &format!("quantile-of-{buckets}"), [&**value]);
            }
            // By name, so that another definition of purchases is no other rule.
            ExprKind::Rfm(field) => self.show(&format_args!("(rfm {})", field.name())),
            ExprKind::Predicted(asked) => self.predicted(*asked),
            ExprKind::Condition(condition) => {
                self.list("value", std::slice::from_ref(&**condition));
            }
            kind => self.literal(kind),
        }
    }

    fn literal(&mut self, kind: &ExprKind) {
        match kind {
            ExprKind::Bool(value) => self.show(value),
            ExprKind::Number(number) => self.show(number),
            ExprKind::Text(text) => self.quoted(text),
            ExprKind::Date(day) => self.show(&format_args!("(date {})", day.to_date())),
            ExprKind::DateTime(instant) => {
                let time = instant.to_datetime().naive_utc();
                let (date, seconds) = (time.date(), time.num_seconds_from_midnight());
                let (minutes, second) = (seconds / 60, seconds % 60);
                let (hour, minute, micros) =
                    (minutes / 60, minutes % 60, time.nanosecond() / 1_000);
                self.show(&format_args!(
                    "(instant {date}T{hour:02}:{minute:02}:{second:02}.{micros:06}Z)"
                ));
            }
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
            | ExprKind::Quantile { .. }
            | ExprKind::Rfm(_)
            | ExprKind::Predicted(_)
            | ExprKind::Condition(_) => {}
        }
    }

    fn predicted(&mut self, asked: Prediction) {
        self.open(false, "predict ");
        self.text.push_str(asked.name());
        if let Prediction::Orders(horizon) | Prediction::Value(horizon) = asked {
            self.text.push(' ');
            self.offset(horizon);
        }
        self.close();
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

fn folds(domain: Domain) -> bool {
    domain == (Domain::Text { fold_case: true })
}

fn compare_word(op: CompareOp) -> &'static str {
    match op {
        CompareOp::Equal => "=",
        CompareOp::NotEqual => "!=",
        CompareOp::Less => "<",
        CompareOp::LessOrEqual => "<=",
        CompareOp::Greater => ">",
        CompareOp::GreaterOrEqual => ">=",
    }
}

fn text_test_word(test: TextTest) -> &'static str {
    match test {
        TextTest::Contains => "contains-text",
        TextTest::StartsWith => "starts-with",
        TextTest::EndsWith => "ends-with",
    }
}

fn unit_word(unit: Unit) -> &'static str {
    match unit {
        Unit::Minutes => "minutes",
        Unit::Hours => "hours",
        Unit::Days => "days",
        Unit::Weeks => "weeks",
        Unit::Months => "months",
        Unit::Years => "years",
    }
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

fn share_word(share: Share) -> String {
    match share {
        Share::Percent(percent) => format!("{}-percent", percent.shortest()),
        Share::Count(count) => count.to_string(),
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
        AggregateFunction::AverageGap => "average-gap",
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
