//! From the JSON form to a condition.

use super::{
    place::{Place, fit},
    unplaced,
    words::{
        self, COMPARISONS, COUNTS, DISTANCES, ENDS, OTHERS, RELATIVES, SIGNS, TEXT_TESTS, WINDOWS,
        names_of,
    },
};
use crate::{
    config::{
        data::Data,
        node::{Node, Problems, listed, shortened},
    },
    diagnostic::{Code, Span, nearest},
    syntax::{
        aggregate_of,
        tree::{Aggregate, ArithmeticOp, Contained, Expr, ExprKind, Quantifier, Text},
    },
};

const LITERALS: [&str; 9] =
    ["number", "text", "bool", "null", "date", "datetime", "month_day", "moment", "column"];

/// Reads a tree; what is wrong goes to `problems`, and then there is none.
pub(super) struct Reader<'p> {
    pub(super) problems: &'p mut Problems,
}

impl Reader<'_> {
    pub(super) fn expr(&mut self, node: &Node<'_>) -> Option<Expr> {
        let Data::Table(fields) = node.data else {
            return self.problems.mismatch(node, "a table with `op`, or a literal");
        };
        match (node.field("op"), fields.as_slice()) {
            (Some(op), _) => self.operation(node, &op),
            (None, [(key, _)]) if LITERALS.contains(&key.as_str()) => {
                let value = node.field(key)?;
                self.literal(key, &value).map(unplaced)
            }
            _ => {
                let message = "this has neither `op` nor exactly one literal";
                let help = format!("the literals are {}", listed(&LITERALS));
                self.problems.report(node, None, Code::WrongShape, message, Some(help))
            }
        }
    }

    fn operation(&mut self, node: &Node<'_>, op: &Node<'_>) -> Option<Expr> {
        let Data::Text(word) = op.data else { return self.problems.mismatch(op, "a text") };
        let word = word.as_str();
        let kind = match word {
            "not" => ExprKind::Not(self.only_operand(node, word, Place::Negated)?),
            "negate" => ExprKind::Negate(self.only_operand(node, word, Place::Signed)?),
            "and" => return self.chain(node, word, Place::Factor, ExprKind::And),
            "or" => return self.chain(node, word, Place::Term, ExprKind::Or),
            "arithmetic" => self.arithmetic(node)?,
            "call" => self.call(node)?,
            "near" => self.near(node)?,
            "sample" => self.sample(node)?,
            "in segment" => {
                self.fields(node, word, &["segment"])?;
                ExprKind::InSegment(self.names(node, word, "segment")?)
            }
            "between" | "not between" => self.between(node, word)?,
            "in" | "not in" => self.among(node, word)?,
            "is null" | "is not null" | "is empty" | "is not empty" => self.is(node, word)?,
            "all of" => self.quantified(node, word, Quantifier::All)?,
            "any of" => self.quantified(node, word, Quantifier::Any)?,
            "none of" => self.quantified(node, word, Quantifier::None)?,
            _ if COUNTS.contains(&word) => self.counted(node, word)?,
            _ if word.contains("contains") => match self.contains(node, word)? {
                Some(kind) => kind,
                None => return self.unknown(node, word),
            },
            _ => match self.by_table(node, word)? {
                Some(kind) => kind,
                None => return self.unknown(node, word),
            },
        };
        Some(unplaced(kind))
    }

    /// Operators that are told apart by a table; `Some(None)` where there is no such operator.
    fn by_table(&mut self, node: &Node<'_>, word: &str) -> Option<Option<ExprKind>> {
        let kind = if let Some(op) = words::meaning(&COMPARISONS, word) {
            self.fields(node, word, &["left", "right", "ignoring"])?;
            let left = self.value(node, word, "left");
            let right = self.value(node, word, "right");
            let ignoring = self.ignoring(node)?;
            ExprKind::Compare { op, left: left?, right: right?, ignoring }
        } else if let Some(test) = words::meaning(&TEXT_TESTS, word) {
            self.fields(node, word, &["value", "pattern", "ignoring"])?;
            let value = self.value(node, word, "value");
            let pattern = self.value(node, word, "pattern");
            let ignoring = self.ignoring(node)?;
            ExprKind::TextTest { test, value: value?, pattern: pattern?, ignoring }
        } else if let Some(direction) = words::meaning(&WINDOWS, word) {
            self.fields(node, word, &["value", "amount", "unit", "ignoring"])?;
            let value = self.value(node, word, "value");
            let (amount, unit) = self.span_of_time(node, word)?;
            let ignoring = self.ignoring(node)?;
            ExprKind::Within { value: value?, direction, amount, unit, ignoring }
        } else if let Some(direction) = words::meaning(&RELATIVES, word) {
            self.fields(node, word, &["amount", "unit"])?;
            let (amount, unit) = self.span_of_time(node, word)?;
            ExprKind::Relative { amount, unit, direction }
        } else if word == "duration" {
            self.fields(node, word, &["amount", "unit"])?;
            let (amount, unit) = self.span_of_time(node, word)?;
            ExprKind::Duration { amount, unit }
        } else if let Some(end) = words::meaning(&ENDS, word) {
            self.fields(node, word, &["amount", "percent", "by"])?;
            let amount = self.number(node, word, "amount");
            let percent = self.flag(node, "percent");
            let by = self.value(node, word, "by");
            ExprKind::Top { end, amount: amount?, percent: percent?, by: by? }
        } else if let Some(function) = aggregate_of(word).filter(|_| is_lower(word)) {
            self.aggregate(node, word, function)?
        } else {
            return Some(None);
        };
        Some(Some(kind))
    }

    fn unknown<T>(&mut self, node: &Node<'_>, word: &str) -> Option<T> {
        let rows = ["count", "exists", "sum", "avg", "min", "max", "first", "last", "average_gap"];
        let tables = [
            names_of(&COMPARISONS),
            names_of(&TEXT_TESTS),
            names_of(&WINDOWS),
            names_of(&RELATIVES),
            names_of(&ENDS),
            vec!["duration", "arithmetic"],
        ];
        let known = OTHERS.into_iter().chain(COUNTS).chain(rows).chain(tables.concat());
        let help = nearest(word, known).map(|near| format!("did you mean `{near}`?"));
        let message = format!("unknown operator `{}`", shortened(word));
        self.problems.report(node, Some("op"), Code::UnknownOperator, message, help)
    }

    /// Two or more operands; one is itself.
    fn chain(
        &mut self,
        node: &Node<'_>,
        word: &str,
        place: Place,
        build: fn(Vec<Expr>) -> ExprKind,
    ) -> Option<Expr> {
        self.fields(node, word, &["of"])?;
        let list = self.problems.wanted(node, &quoted(word), "of")?;
        let mut terms = self.list(&list, Place::Condition)?;
        match terms.len() {
            0 => self.empty(&list),
            1 => terms.pop(),
            _ => {
                let terms = terms.into_iter().map(|term| fit(term, place)).collect();
                Some(unplaced(build(terms)))
            }
        }
    }

    fn arithmetic(&mut self, node: &Node<'_>) -> Option<ExprKind> {
        self.fields(node, "arithmetic", &["signs", "of"])?;
        let signs = self.problems.wanted(node, "`arithmetic`", "signs")?;
        let list = self.problems.wanted(node, "`arithmetic`", "of")?;
        let operands = self.list(&list, Place::Condition);
        let signs_read = self.each(&signs, |reader, sign| reader.sign(sign));
        let (operands, signs_read) = (operands?, signs_read?);
        let product =
            |op: &ArithmeticOp| matches!(op, ArithmeticOp::Multiply | ArithmeticOp::Divide);
        let products = signs_read.iter().filter(|op| product(op)).count();
        if products > 0 && products < signs_read.len() {
            let message = "`+` and `-` do not stand beside `*` and `/`";
            let help = "take what is multiplied as an operand of its own".to_owned();
            return self.problems.report(&signs, None, Code::WrongShape, message, Some(help));
        }
        if signs_read.is_empty() || signs_read.len() + 1 != operands.len() {
            let message = "there is one sign fewer than operands, and at least one";
            return self.problems.report(node, Some("signs"), Code::WrongShape, message, None);
        }
        let place = if products > 0 { Place::Multiplied } else { Place::Added };
        let mut operands = operands.into_iter().map(|operand| fit(operand, place));
        let first = Box::new(operands.next()?);
        Some(ExprKind::Arithmetic { first, rest: signs_read.into_iter().zip(operands).collect() })
    }

    fn sign(&mut self, node: &Node<'_>) -> Option<ArithmeticOp> {
        let known = match node.data {
            Data::Text(word) => words::meaning(&SIGNS, word),
            _ => None,
        };
        known.or_else(|| self.problems.mismatch(node, "`+`, `-`, `*` or `/`"))
    }

    fn call(&mut self, node: &Node<'_>) -> Option<ExprKind> {
        self.fields(node, "call", &["function", "of"])?;
        let function = self.names(node, "call", "function");
        let arguments = match node.field("of") {
            Some(list) => self.list(&list, Place::Condition)?,
            None => Vec::new(),
        };
        Some(ExprKind::Call { function: function?, arguments })
    }

    fn aggregate(&mut self, node: &Node<'_>, word: &str, function: Aggregate) -> Option<ExprKind> {
        let is_count = function == Aggregate::Count;
        let known: &[&str] =
            if is_count { &["over", "distinct", "where"] } else { &["over", "where"] };
        self.fields(node, word, known)?;
        let target = self.names(node, word, "over");
        let distinct = is_count && self.flag(node, "distinct")?;
        let filter = match node.field("where") {
            Some(filter) => Some(Box::new(self.expr(&filter)?)),
            None => None,
        };
        Some(ExprKind::Aggregate { function, distinct, target: target?, filter })
    }

    fn near(&mut self, node: &Node<'_>) -> Option<ExprKind> {
        self.fields(node, "near", &["value", "distance", "unit", "latitude", "longitude"])?;
        let value = self.value(node, "near", "value");
        let distance = self.number(node, "near", "distance");
        let unit = self.one_of(node, "near", "unit", &DISTANCES);
        let latitude = self.value(node, "near", "latitude");
        let longitude = self.value(node, "near", "longitude");
        Some(ExprKind::Near {
            value: value?,
            distance: distance?,
            unit: unit?,
            latitude: latitude?,
            longitude: longitude?,
        })
    }

    fn sample(&mut self, node: &Node<'_>) -> Option<ExprKind> {
        self.fields(node, "sample", &["percent", "seed"])?;
        let percent = self.number(node, "sample", "percent");
        let seed = self.problems.wanted(node, "`sample`", "seed")?;
        let Data::Text(text) = seed.data else { return self.problems.mismatch(&seed, "a text") };
        let seed = Text { text: text.clone(), span: Span::NONE };
        Some(ExprKind::Sample { percent: percent?, seed })
    }

    fn between(&mut self, node: &Node<'_>, word: &str) -> Option<ExprKind> {
        self.fields(node, word, &["value", "low", "high", "ignoring"])?;
        let value = self.value(node, word, "value");
        let low = self.value(node, word, "low");
        let high = self.value(node, word, "high");
        let ignoring = self.ignoring(node)?;
        let negated = word.starts_with("not");
        Some(ExprKind::Between { negated, value: value?, low: low?, high: high?, ignoring })
    }

    fn among(&mut self, node: &Node<'_>, word: &str) -> Option<ExprKind> {
        self.fields(node, word, &["value", "list", "ignoring"])?;
        let value = self.value(node, word, "value");
        let list = self.elements(node, word, "list", Place::Value);
        let ignoring = self.ignoring(node)?;
        let negated = word.starts_with("not");
        Some(ExprKind::In { negated, value: value?, list: list?, ignoring })
    }

    fn is(&mut self, node: &Node<'_>, word: &str) -> Option<ExprKind> {
        self.fields(node, word, &["value"])?;
        let value = self.value(node, word, "value")?;
        let negated = word.starts_with("is not");
        Some(match word.ends_with("null") {
            true => ExprKind::IsNull { negated, value },
            false => ExprKind::IsEmpty { negated, value },
        })
    }

    /// `Some(None)` where there is no such operator.
    fn contains(&mut self, node: &Node<'_>, word: &str) -> Option<Option<ExprKind>> {
        let positive = word.strip_prefix("not ").unwrap_or(word);
        let key = match positive {
            "contains" => "element",
            "contains any of" | "contains all of" => "list",
            _ => return Some(None),
        };
        self.fields(node, word, &["value", key, "ignoring"])?;
        let value = self.value(node, word, "value");
        let what = match positive {
            "contains" => self.value(node, word, key).map(Contained::One),
            "contains any of" => self.elements(node, word, key, Place::Value).map(Contained::AnyOf),
            _ => self.elements(node, word, key, Place::Value).map(Contained::AllOf),
        };
        let ignoring = self.ignoring(node)?;
        let negated = positive.len() < word.len();
        Some(Some(ExprKind::Contains { negated, value: value?, what: what?, ignoring }))
    }

    fn quantified(
        &mut self,
        node: &Node<'_>,
        word: &str,
        quantifier: Quantifier,
    ) -> Option<ExprKind> {
        self.fields(node, word, &["of"])?;
        let conditions = self.elements(node, word, "of", Place::Condition)?;
        Some(ExprKind::Quantified { quantifier, conditions })
    }

    fn counted(&mut self, node: &Node<'_>, word: &str) -> Option<ExprKind> {
        self.fields(node, word, &["amount", "of"])?;
        let amount = self.amount(node, word);
        let conditions = self.elements(node, word, "of", Place::Condition);
        let amount = amount?;
        let quantifier = match word {
            "at least" => Quantifier::AtLeast(amount),
            "at most" => Quantifier::AtMost(amount),
            _ => Quantifier::Exactly(amount),
        };
        Some(ExprKind::Quantified { quantifier, conditions: conditions? })
    }

    fn value(&mut self, node: &Node<'_>, word: &str, key: &str) -> Option<Box<Expr>> {
        let field = self.problems.wanted(node, &quoted(word), key)?;
        let expr = self.expr(&field)?;
        Some(Box::new(fit(expr, Place::Value)))
    }

    fn only_operand(&mut self, node: &Node<'_>, word: &str, place: Place) -> Option<Box<Expr>> {
        self.fields(node, word, &["of"])?;
        let field = self.problems.wanted(node, &quoted(word), "of")?;
        let expr = self.expr(&field)?;
        Some(Box::new(fit(expr, place)))
    }

    /// A list that may not be empty.
    fn elements(
        &mut self,
        node: &Node<'_>,
        word: &str,
        key: &str,
        place: Place,
    ) -> Option<Vec<Expr>> {
        let list = self.problems.wanted(node, &quoted(word), key)?;
        let elements = self.list(&list, place)?;
        if elements.is_empty() { self.empty(&list) } else { Some(elements) }
    }

    fn list(&mut self, node: &Node<'_>, place: Place) -> Option<Vec<Expr>> {
        self.each(node, |reader, element| reader.expr(element).map(|expr| fit(expr, place)))
    }

    /// Every element of a list; `None` where one has a problem.
    pub(super) fn each<T>(
        &mut self,
        node: &Node<'_>,
        mut one: impl FnMut(&mut Self, &Node<'_>) -> Option<T>,
    ) -> Option<Vec<T>> {
        let Some(elements) = node.elements() else { return self.problems.mismatch(node, "a list") };
        let found: Vec<Option<T>> = elements.map(|element| one(self, &element)).collect();
        found.into_iter().collect()
    }

    pub(super) fn empty<T>(&mut self, node: &Node<'_>) -> Option<T> {
        self.problems.report(node, None, Code::WrongShape, "this list is empty", None)
    }

    /// Refuses fields that the operator does not have.
    fn fields(&mut self, node: &Node<'_>, word: &str, known: &[&str]) -> Option<()> {
        let known: Vec<&str> = std::iter::once("op").chain(known.iter().copied()).collect();
        self.problems.only(node, &quoted(word), &known).then_some(())
    }
}

pub(super) fn quoted(word: &str) -> String {
    format!("`{word}`")
}

fn is_lower(word: &str) -> bool {
    !word.chars().any(char::is_uppercase)
}
