//! LAW: `parse(print(tree)) == tree`, for every tree that the grammar has.

use chrono::NaiveDate;
use proptest::prelude::*;

use super::{print_expr, print_file};
use crate::{
    calendar::Unit,
    diagnostic::{SourceId, Span},
    limits::Limits,
    syntax::{
        erase::Erase,
        parse_condition, parse_file,
        tree::{
            Aggregate, Amount, AmountKind, ArithmeticOp, Clause, ClauseKind, CompareOp, Contained,
            Direction, DistanceUnit, End, Expr, ExprKind, File, Ignoring, Item, Kind, Let,
            MetaValue, Name, Number, Part, Partition, Quantifier, Segment, Text, TextTest, Use,
        },
    },
};

/// Grows a tree from a list of choices; when they run out, everything is the simplest.
struct Grower {
    choices: std::vec::IntoIter<u16>,
}

const NAMES: [&str; 34] = [
    "a",
    "country",
    "paid_total",
    "odd name",
    "in",
    "Today",
    "å",
    "all",
    "any",
    "none",
    "at",
    "of",
    "exactly",
    "top",
    "bottom",
    "sample",
    "count",
    "exists",
    "last",
    "distinct",
    "days",
    "ago",
    "segment",
    "within",
    "contains",
    "starts",
    "matches",
    "ignoring",
    "let",
    "pin",
    "static",
    "use",
    "partition",
    "30d",
];
const SEGMENTS: [&str; 6] = ["vip", "segment", "days", "in", "let", "_1"];
const TEXTS: [&str; 7] = ["", "SE", "it's", "\"\\", "a\nb\t\r\0", "🎂 å", "# no comment"];

impl Grower {
    fn below(&mut self, count: usize) -> usize {
        usize::from(self.choices.next().unwrap_or(0)) % count
    }

    fn flag(&mut self) -> bool {
        self.below(2) == 1
    }

    fn pick<T: Clone>(&mut self, from: &[T]) -> T {
        from[self.below(from.len())].clone()
    }

    fn many<T>(&mut self, most: usize, mut one: impl FnMut(&mut Self) -> T) -> Vec<T> {
        let count = 1 + self.below(most);
        (0..count).map(|_| one(self)).collect()
    }

    fn name(&mut self) -> Name {
        Name { text: self.pick(&NAMES).to_owned(), span: Span::NONE }
    }

    fn segment_name(&mut self) -> Name {
        Name { text: self.pick(&SEGMENTS).to_owned(), span: Span::NONE }
    }

    fn text(&mut self) -> Text {
        Text { text: self.pick(&TEXTS).to_owned(), span: Span::NONE }
    }

    fn path(&mut self) -> Vec<Name> {
        self.many(3, Self::name)
    }

    fn number(&mut self) -> Number {
        let mantissa = self.pick(&[0, 5, 999, 1_000, 1_234_567, 10_i128.pow(36) - 1]);
        let scale = self.pick(&[0, 2, 18]);
        let whole = mantissa / 10_i128.pow(u32::from(scale));
        // 36 digits in all, with a zero before the point where there is nothing else.
        let mantissa = if whole == 0 { mantissa % 10_i128.pow(18) } else { mantissa };
        Number { mantissa, scale, grouped: whole >= 1_000 && self.flag() }
    }

    fn amount(&mut self) -> Amount {
        let kind = match self.below(2) {
            0 => AmountKind::Number(self.pick(&[1, 0, 30, u64::MAX])),
            _ => AmountKind::Name(self.name().text),
        };
        Amount { kind, span: Span::NONE }
    }

    fn direction(&mut self) -> Direction {
        self.pick(&[Direction::Past, Direction::Future])
    }

    fn unit(&mut self) -> Unit {
        self.pick(&Unit::ALL)
    }

    fn ignoring(&mut self) -> Option<Ignoring> {
        self.pick(&[None, Some(Ignoring::Year), Some(Ignoring::Case)])
    }

    fn chain(
        &mut self,
        build: fn(Vec<Expr>) -> ExprKind,
        one: fn(&mut Self, u8) -> Expr,
        depth: u8,
    ) -> Expr {
        let mut terms = self.many(3, |grower| one(grower, depth));
        if terms.len() == 1 { terms.remove(0) } else { expr(build(terms)) }
    }

    fn condition(&mut self, depth: u8) -> Expr {
        self.chain(ExprKind::Or, Self::conjunction, depth)
    }

    fn conjunction(&mut self, depth: u8) -> Expr {
        self.chain(ExprKind::And, Self::negation, depth)
    }

    fn negation(&mut self, depth: u8) -> Expr {
        if self.below(4) == 3 {
            return expr(ExprKind::Not(Box::new(self.negation(depth))));
        }
        self.comparison(depth)
    }

    fn conditions(&mut self, depth: u8) -> Vec<Expr> {
        self.many(3, |grower| grower.condition(depth.saturating_sub(1)))
    }

    fn values(&mut self, depth: u8) -> Vec<Expr> {
        self.many(3, |grower| grower.value(depth))
    }

    fn boxed(&mut self, depth: u8) -> Box<Expr> {
        Box::new(self.value(depth))
    }

    fn comparison(&mut self, depth: u8) -> Expr {
        let value = self.value(depth);
        if depth == 0 {
            return value;
        }
        let depth = depth - 1;
        let negated = self.flag();
        let value = Box::new(value);
        expr(match self.below(13) {
            0 => return *value,
            1 => ExprKind::Compare {
                op: self.pick(&[
                    CompareOp::Equal,
                    CompareOp::NotEqual,
                    CompareOp::Less,
                    CompareOp::LessOrEqual,
                    CompareOp::Greater,
                    CompareOp::GreaterOrEqual,
                ]),
                left: value,
                right: self.boxed(depth),
                ignoring: self.ignoring(),
            },
            2 => ExprKind::Between {
                negated,
                value,
                low: self.boxed(depth),
                high: self.boxed(depth),
                ignoring: self.ignoring(),
            },
            3 => {
                ExprKind::In { negated, value, list: self.values(depth), ignoring: self.ignoring() }
            }
            4 => {
                let what = match self.below(3) {
                    0 => Contained::One(self.boxed(depth)),
                    1 => Contained::AnyOf(self.values(depth)),
                    _ => Contained::AllOf(self.values(depth)),
                };
                ExprKind::Contains { negated, value, what, ignoring: self.ignoring() }
            }
            5 => ExprKind::TextTest {
                test: self.pick(&[TextTest::StartsWith, TextTest::EndsWith, TextTest::Matches]),
                value,
                pattern: self.boxed(depth),
                ignoring: self.ignoring(),
            },
            6 => ExprKind::IsNull { negated, value },
            7 => ExprKind::IsEmpty { negated, value },
            8 => ExprKind::Within {
                value,
                direction: self.direction(),
                amount: self.amount(),
                unit: self.unit(),
                ignoring: self.ignoring(),
            },
            9 => ExprKind::Near {
                value,
                distance: self.number(),
                unit: self.pick(&[DistanceUnit::Kilometres, DistanceUnit::Miles]),
                latitude: self.boxed(depth),
                longitude: self.boxed(depth),
            },
            10 => ExprKind::Quantified {
                quantifier: match self.below(6) {
                    0 => Quantifier::All,
                    1 => Quantifier::Any,
                    2 => Quantifier::None,
                    3 => Quantifier::AtLeast(self.amount()),
                    4 => Quantifier::AtMost(self.amount()),
                    _ => Quantifier::Exactly(self.amount()),
                },
                conditions: self.conditions(depth),
            },
            11 => match self.below(2) {
                0 => ExprKind::InSegment(self.many(2, Self::segment_name)),
                _ => ExprKind::Sample { percent: self.number(), seed: self.text() },
            },
            _ => ExprKind::Top {
                end: self.pick(&[End::Top, End::Bottom]),
                amount: self.number(),
                percent: negated,
                by: value,
            },
        })
    }

    fn arithmetic(
        &mut self,
        ops: [ArithmeticOp; 2],
        one: fn(&mut Self, u8) -> Expr,
        depth: u8,
    ) -> Expr {
        let first = one(self, depth);
        let count = self.below(8).saturating_sub(5);
        if count == 0 {
            return first;
        }
        let rest = (0..count).map(|_| (self.pick(&ops), one(self, depth))).collect();
        expr(ExprKind::Arithmetic { first: Box::new(first), rest })
    }

    fn value(&mut self, depth: u8) -> Expr {
        self.arithmetic([ArithmeticOp::Add, ArithmeticOp::Subtract], Self::product, depth)
    }

    fn product(&mut self, depth: u8) -> Expr {
        self.arithmetic([ArithmeticOp::Multiply, ArithmeticOp::Divide], Self::signed, depth)
    }

    fn signed(&mut self, depth: u8) -> Expr {
        if self.below(6) == 5 {
            return expr(ExprKind::Negate(Box::new(self.signed(depth))));
        }
        self.operand(depth)
    }

    fn operand(&mut self, depth: u8) -> Expr {
        let day = NaiveDate::from_ymd_opt(2024, 2, 29).unwrap();
        let kinds = if depth == 0 { 15 } else { 18 };
        expr(match self.below(kinds) {
            0..=2 => ExprKind::Path(self.path()),
            3 => ExprKind::Number(self.number()),
            4 => ExprKind::Text(self.text().text),
            5 => ExprKind::Bool(self.flag()),
            6 => ExprKind::Null,
            7 => ExprKind::Date(self.pick(&[day, NaiveDate::from_ymd_opt(1, 1, 1).unwrap()])),
            8 => ExprKind::DateTime {
                local: day.and_hms_micro_opt(16, 0, 5, self.pick(&[0, 1, 120_000])).unwrap(),
                offset_minutes: self.pick(&[None, Some(0), Some(120), Some(-90)]),
            },
            9 => ExprKind::MonthDay { month: 2, day: 29 },
            10 => self.pick(&[ExprKind::Today, ExprKind::Yesterday, ExprKind::Tomorrow]),
            11 => ExprKind::Now,
            12 | 13 => ExprKind::Relative {
                amount: self.amount(),
                unit: self.unit(),
                direction: self.direction(),
            },
            14 => ExprKind::Duration { amount: self.amount(), unit: self.unit() },
            15 => ExprKind::Paren(Box::new(self.condition(depth - 1))),
            16 => ExprKind::Call {
                function: self.path(),
                arguments: if self.flag() { self.conditions(depth) } else { Vec::new() },
            },
            _ => {
                let function = self.pick(&[
                    Aggregate::Count,
                    Aggregate::Exists,
                    Aggregate::Sum,
                    Aggregate::Avg,
                    Aggregate::Min,
                    Aggregate::Max,
                    Aggregate::First,
                    Aggregate::Last,
                    Aggregate::AverageGap,
                ]);
                ExprKind::Aggregate {
                    function,
                    distinct: function == Aggregate::Count && self.flag(),
                    target: self.path(),
                    filter: self.flag().then(|| Box::new(self.condition(depth - 1))),
                }
            }
        })
    }

    fn key(&mut self) -> Expr {
        match self.below(3) {
            0 => expr(ExprKind::Text(self.text().text)),
            1 => expr(ExprKind::Number(self.number())),
            _ => expr(ExprKind::Negate(Box::new(expr(ExprKind::Number(self.number()))))),
        }
    }

    fn clause(&mut self) -> Clause {
        let kind = match self.below(5) {
            0 => ClauseKind::Include(self.condition(3)),
            1 => ClauseKind::Exclude(self.condition(3)),
            2 => ClauseKind::PinIn(self.many(3, Self::key)),
            3 => ClauseKind::PinOut(self.many(3, Self::key)),
            _ => ClauseKind::Meta {
                name: self.name(),
                value: match self.below(3) {
                    0 => MetaValue::Bool(self.flag()),
                    1 => MetaValue::Text(self.text()),
                    _ => MetaValue::Texts(self.many(3, Self::text)),
                },
            },
        };
        Clause { kind, span: Span::NONE }
    }

    fn title(&mut self) -> Option<Text> {
        self.flag().then(|| self.text())
    }

    fn item(&mut self) -> Item {
        let span = Span::NONE;
        match self.below(4) {
            0 => {
                let parameters = if self.flag() { self.many(3, Self::name) } else { Vec::new() };
                Item::Let(Let { name: self.name(), parameters, body: self.condition(3), span })
            }
            1 => Item::Use(Use { path: self.text(), span }),
            2 => Item::Segment(Segment {
                kind: self.pick(&[None, Some(Kind::Static), Some(Kind::Dynamic)]),
                inactive: self.flag(),
                name: self.segment_name(),
                title: self.title(),
                clauses: if self.flag() { self.many(4, Self::clause) } else { Vec::new() },
                span,
            }),
            _ => Item::Partition(Partition {
                name: self.segment_name(),
                title: self.title(),
                parts: self.parts(),
                span,
            }),
        }
    }

    /// The last one may take all who are left.
    fn parts(&mut self) -> Vec<Part> {
        let span = Span::NONE;
        let mut parts = self.many(3, |grower| Part {
            name: grower.segment_name(),
            when: Some(grower.condition(3)),
            span,
        });
        if self.flag() {
            let name = self.segment_name();
            parts.push(Part { name, when: None, span });
        }
        parts
    }
}

fn expr(kind: ExprKind) -> Expr {
    Expr { kind, span: Span::NONE }
}

/// An arbitrary well-formed condition.
pub(crate) fn any_condition() -> impl Strategy<Value = Expr> {
    prop::collection::vec(any::<u16>(), 0..200)
        .prop_map(|choices| Grower { choices: choices.into_iter() }.condition(4))
}

/// An arbitrary well-formed file.
pub(in crate::syntax) fn any_file() -> impl Strategy<Value = File> {
    prop::collection::vec(any::<u16>(), 0..400).prop_map(|choices| {
        let mut grower = Grower { choices: choices.into_iter() };
        File { items: grower.many(4, Grower::item) }
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_printed_condition_parses_to_itself(tree in any_condition()) {
        let text = print_expr(&tree);
        let mut parsed = parse_condition(SourceId(0), &text, &Limits::default());
        parsed.tree.erase();
        prop_assert!(parsed.findings.is_empty(), "{text}: {:?}", parsed.findings);
        prop_assert_eq!(parsed.tree, tree, "{}", text);
    }

    #[test]
    fn a_printed_file_parses_to_itself(tree in any_file()) {
        let text = print_file(&tree);
        let mut parsed = parse_file(SourceId(0), &text, &Limits::default());
        parsed.tree.erase();
        prop_assert!(parsed.findings.is_empty(), "{text}: {:?}", parsed.findings);
        prop_assert_eq!(parsed.tree, tree, "{}", text);
    }
}

/// What a text is printed as.
fn printed(text: &str) -> String {
    let parsed = parse_condition(SourceId(0), text, &Limits::default());
    assert!(parsed.findings.is_empty(), "{text}: {:?}", parsed.findings);
    print_expr(&parsed.tree)
}

#[test]
fn texts_become_canonical() {
    for (text, canonical) in [
        ("a=1", "a = 1"),
        ("NOT  a   IS NULL", "not a is null"),
        ("x > -30d and y < +1w", "x > 30 days ago and y < in 1 week"),
        ("x > 1 DAYS AGO or z > -1y", "x > 1 day ago or z > 1 year ago"),
        ("name = \"it's\"", "name = 'it\\'s'"),
        ("n = 10_00 or n = 1_0 or n = 10.50", "n = 1_000 or n = 10 or n = 10.50"),
        ("`country` = 'SE' and `in` and `odd name`", "country = 'SE' and `in` and `odd name`"),
        ("x in (1,2,)", "x in (1, 2)"),
        (
            "t = 2026-11-01T16:00 or t = 2026-11-01T16:00:01.5+00:00",
            "t = 2026-11-01T16:00:00 or t = 2026-11-01T16:00:01.500Z",
        ),
        ("COUNT( orders WHERE paid )-1>=2", "count(orders where paid) - 1 >= 2"),
        ("`count`(a) = 1", "`count`(a) = 1"),
    ] {
        assert_eq!(printed(text), canonical);
    }
}
