//! The generator of random rules in `tests/it/differential` reaches every form of the grammar and of checked rules.
#![expect(clippy::string_slice, reason = "the generator cuts its own text")]

#[path = "../../tests/it/differential/choices.rs"]
mod choices;
#[path = "../../tests/it/differential/definitions.rs"]
mod definitions;
#[path = "../../tests/it/differential/file.rs"]
mod file;
#[path = "../../tests/it/differential/rules.rs"]
mod rules;
#[path = "../../tests/it/differential/world.rs"]
mod world;

use std::collections::BTreeSet;

use self::{choices::Choices, world::World};
use super::{Rules, visit};
use crate::{
    calendar::AsOf,
    diagnostic::SourceId,
    limits::Limits,
    rule::forms::Forms,
    schema::Schema,
    syntax::{
        parse_file,
        tree::{
            Aggregate, AmountKind, Clause, ClauseKind, Contained, Direction, DistanceUnit, Expr,
            ExprKind, Ignoring, Item, MetaValue,
        },
    },
};

const FILES: u64 = 1_000;

#[test]
fn every_form_is_generated() {
    let mut forms = Forms::default();
    let mut written = Written::default();
    for seed in 0..FILES {
        let mut random = Random(seed);
        let world = World::random(&mut Choices::new(&random.bytes(60)));
        let text = file::rule_file(&mut Choices::new(&random.bytes(1_000)), &world);
        assert!(world.as_of.parse::<AsOf>().is_ok());
        assert!(world.tables.iter().all(|table| table.rows.lines().count() > 0));
        let schema = Schema::from_toml(&world.schema).unwrap();
        let rules = Rules::parse(&schema, &text).unwrap_or_else(|e| panic!("{e}\n{text}"));
        forms.rules(rules.set());
        let file = parse_file(SourceId(0), &text, &Limits::default()).tree;
        file.items.iter().for_each(|item| written.item(item));
    }
    assert_eq!(forms.missing(), [""; 0], "no rule has these");
    assert_eq!(forms.missing_in_filters(), [""; 0], "no row filter has these");
    assert_eq!(written.missing(), [""; 0], "no text has these");
}

/// Knuth's MMIX generator.
struct Random(u64);

impl Random {
    fn bytes(&mut self, count: usize) -> Vec<u8> {
        let next = |state: &mut u64| {
            *state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            u8::try_from(*state >> 56).unwrap()
        };
        (0..count).map(|_| next(&mut self.0)).collect()
    }
}

/// A name for each variant; those with `_` before the name are in no rule without errors, or cannot be evaluated yet.
macro_rules! variants {
    ($($list:ident, $name:ident of $ty:ident { $($variant:pat $(if $guard:expr)? => $word:literal,)* })*) => {
        $(
            const $list: &[&str] = &[$($word),*];
            fn $name(value: &$ty) -> &'static str {
                use $ty::*;
                match value { $($variant $(if $guard)? => $word,)* }
            }
        )*
        const ALL: &[&[&str]] = &[$($list),*];
    };
}

variants! {
    ITEMS, of_item of Item {
        Use(_) => "use",
        Let(_) => "let",
        Segment(_) => "segment",
        Partition(_) => "partition",
    }
    CLAUSES, of_clause of ClauseKind {
        Include(_) => "include",
        Exclude(_) => "exclude",
        PinIn(_) => "pin in",
        PinOut(_) => "pin out",
        Meta { value: MetaValue::Bool(_), .. } => "metadata: true",
        Meta { value: MetaValue::Text(_), .. } => "metadata: text",
        Meta { value: MetaValue::Texts(_), .. } => "metadata: texts",
    }
    EXPRESSIONS, of_expr of ExprKind {
        Number(number) if number.grouped => "number with `_`",
        Number(_) => "number",
        Text(_) => "text",
        Bool(_) => "bool",
        Null => "_null",
        Date(_) => "date",
        DateTime { offset_minutes: None, .. } => "local datetime",
        DateTime { offset_minutes: Some(_), .. } => "datetime with a zone",
        MonthDay { .. } => "month-day",
        Today => "today",
        Yesterday => "yesterday",
        Tomorrow => "tomorrow",
        Now => "now",
        Relative { direction: Direction::Past, .. } => "relative, past",
        Relative { direction: Direction::Future, .. } => "relative, future",
        Duration { .. } => "duration",
        Path(names) if names.len() > 1 => "path",
        Path(_) => "name",
        Call { .. } => "call",
        Aggregate { .. } => "aggregate",
        Negate(_) => "negate",
        Arithmetic { .. } => "arithmetic",
        Paren(_) => "brackets",
        Not(_) => "not",
        And(_) => "and",
        Or(_) => "or",
        Compare { .. } => "compare",
        Between { negated: false, .. } => "between",
        Between { negated: true, .. } => "not between",
        In { negated: false, .. } => "in",
        In { negated: true, .. } => "not in",
        Contains { what: Contained::One(_), .. } => "contains",
        Contains { what: Contained::AnyOf(_), .. } => "contains any of",
        Contains { what: Contained::AllOf(_), .. } => "contains all of",
        TextTest { .. } => "text test",
        IsNull { .. } => "is null",
        IsEmpty { .. } => "is empty",
        Within { direction: Direction::Past, .. } => "within last",
        Within { direction: Direction::Future, .. } => "within next",
        Near { unit: DistanceUnit::Kilometres, .. } => "near in km",
        Near { unit: DistanceUnit::Miles, .. } => "near in mi",
        Quantified { .. } => "quantified",
        InSegment(names) if names.len() > 1 => "in segment with a dot",
        InSegment(_) => "in segment",
        Top { .. } => "top",
        Sample { .. } => "sample",
        Error => "_error",
    }
    AMOUNTS, of_amount of AmountKind {
        Number(_) => "amount as a number",
        Name(_) => "amount by name",
    }
    IGNORING, of_ignoring of Ignoring {
        Year => "ignoring year",
        Case => "ignoring case",
    }
    AGGREGATES, of_aggregate of Aggregate {
        Count => "count",
        Exists => "exists",
        Sum => "sum",
        Avg => "avg",
        Min => "min",
        Max => "max",
        First => "first",
        Last => "last",
        AverageGap => "average_gap",
    }
}

/// What was seen in the texts.
#[derive(Default)]
struct Written {
    names: BTreeSet<&'static str>,
}

impl Written {
    fn missing(&self) -> Vec<&'static str> {
        let names: Vec<_> = ALL.iter().flat_map(|list| *list).collect();
        assert_eq!(BTreeSet::from_iter(&names).len(), names.len(), "two forms have one name");
        let all = ALL.iter().flat_map(|list| *list).copied();
        all.filter(|name| !name.starts_with('_') && !self.names.contains(name)).collect()
    }

    fn item(&mut self, item: &Item) {
        self.names.insert(of_item(item));
        match item {
            Item::Use(_) => {}
            Item::Let(found) => self.expr(&found.body),
            Item::Segment(found) => found.clauses.iter().for_each(|clause| self.clause(clause)),
            Item::Partition(found) => {
                found.parts.iter().filter_map(|part| part.when.as_ref()).for_each(|w| self.expr(w));
            }
        }
    }

    fn clause(&mut self, clause: &Clause) {
        self.names.insert(of_clause(&clause.kind));
        match &clause.kind {
            ClauseKind::Include(expr) | ClauseKind::Exclude(expr) => self.expr(expr),
            ClauseKind::PinIn(_) | ClauseKind::PinOut(_) | ClauseKind::Meta { .. } => {}
        }
    }

    fn expr(&mut self, expr: &Expr) {
        for node in visit::nodes(expr) {
            self.names.insert(of_expr(&node.kind));
            match &node.kind {
                ExprKind::Relative { amount, .. } | ExprKind::Within { amount, .. } => {
                    self.names.insert(of_amount(&amount.kind));
                }
                ExprKind::Aggregate { function, .. } => {
                    self.names.insert(of_aggregate(function));
                }
                _ => {}
            }
            match &node.kind {
                ExprKind::Compare { ignoring, .. }
                | ExprKind::Between { ignoring, .. }
                | ExprKind::In { ignoring, .. }
                | ExprKind::Contains { ignoring, .. }
                | ExprKind::TextTest { ignoring, .. }
                | ExprKind::Within { ignoring, .. } => {
                    self.names.extend(ignoring.iter().map(of_ignoring));
                }
                _ => {}
            }
        }
    }
}
