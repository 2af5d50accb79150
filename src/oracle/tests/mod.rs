//! Each kind of condition and value on a shop of five customers, with members told by hand.

mod conditions;
mod rows;
mod segments;
mod values;
mod windows;

use chrono::{DateTime, NaiveDate, Utc};

use super::evaluate;
use crate::{
    calendar::{AsOf, Day, Instant, LeapDay, Moment, Offset, Unit},
    computed::Fits,
    diagnostic::Span,
    rule::{
        ColumnPath, CompareOp, Condition, ConditionKind, Domain, Expr, ExprKind, ExprType,
        Metadata, RuleSet, SegmentId, SegmentKind, SegmentRule, Start,
    },
    schema::{ColumnId, Schema, SchemaBuilder},
    snapshot::{Snapshot, SnapshotBuilder},
    value::{Decimal, Key, Type, Value},
};

/// A Saturday.
const TODAY: &str = "2026-11-21";

fn schema(leap_day: LeapDay) -> Schema {
    fn columns(builder: SchemaBuilder, columns: &[(&str, Type)]) -> SchemaBuilder {
        columns.iter().fold(builder, |builder, (name, ty)| builder.column(name, ty.clone()))
    }
    let builder = Schema::builder().timezone("Europe/Stockholm").leap_day(leap_day);
    let builder = columns(
        builder.customers("id").created("created_at"),
        &[
            ("id", Type::Int),
            ("country", Type::Text),
            ("score", Type::Int),
            ("balance", Type::Decimal(2)),
            ("weight", Type::Float),
            ("vip", Type::Bool),
            ("birthday", Type::Date),
            ("seen_at", Type::DateTime),
            ("tags", Type::TextSet),
            ("sizes", Type::IntSet),
            ("home", Type::Geo),
            ("store", Type::Ref("stores".to_owned())),
            ("created_at", Type::Date),
        ],
    );
    let builder = columns(
        builder.table("orders", "customer_id").key("number").time("ordered_at"),
        &[
            ("number", Type::Int),
            ("customer_id", Type::Int),
            ("ordered_at", Type::DateTime),
            ("total", Type::Decimal(2)),
            ("weight", Type::Float),
            ("status", Type::Text),
        ],
    );
    let builder = columns(
        builder.nested("items", "orders", "order"),
        &[
            ("order", Type::Int),
            ("product", Type::Ref("products".to_owned())),
            ("quantity", Type::Int),
        ],
    );
    let builder =
        columns(builder.lookup("stores", "code"), &[("code", Type::Text), ("region", Type::Text)]);
    let builder =
        columns(builder.lookup("products", "sku"), &[("sku", Type::Text), ("group", Type::Text)]);
    builder.build().unwrap()
}

/// Reads a field as its column's type; `""` is missing.
fn field(ty: &Type, text: &str) -> Option<Value> {
    if text.is_empty() {
        return None;
    }
    let elements = || text.split(';');
    Some(match ty {
        Type::Bool => Value::Bool(text.parse().unwrap()),
        Type::Int => Value::Int(text.parse().unwrap()),
        Type::Decimal(_) => Value::Decimal(text.parse().unwrap()),
        Type::Float => Value::Float(text.parse().unwrap()),
        Type::Date => Value::Date(date(text)),
        Type::DateTime => Value::DateTime(time(text)),
        Type::TextSet => Value::TextSet(elements().map(str::to_owned).collect()),
        Type::IntSet => Value::IntSet(elements().map(|each| each.parse().unwrap()).collect()),
        Type::Geo => {
            let (latitude, longitude) = text.split_once(';').unwrap();
            Value::Geo {
                latitude: latitude.parse().unwrap(),
                longitude: longitude.parse().unwrap(),
            }
        }
        Type::Text | Type::Ref(_) => Value::Text(text.to_owned()),
    })
}

/// The first line names the columns.
fn fill(data: &mut SnapshotBuilder, schema: &Schema, table: &str, lines: &str) {
    let rows = lines.lines().map(str::trim).filter(|line| !line.is_empty());
    let mut rows = rows.map(|line| line.split(',').map(str::trim));
    let names: Vec<&str> = rows.next().unwrap().collect();
    for row in rows {
        let fields = names
            .iter()
            .zip(row)
            .map(|(&name, text)| (name, field(schema.column_type(table, name).unwrap(), text)));
        data.push(table, fields).unwrap();
    }
}

/// Customer 3 has nothing but a key; 4 is created tomorrow, 5 today.
fn shop(leap_day: LeapDay) -> Snapshot {
    let schema = schema(leap_day);
    let mut data = Snapshot::builder(&schema);
    fill(
        &mut data,
        &schema,
        "customers",
        "id, country, score, balance, weight,  vip,   birthday,              seen_at,       tags, sizes,  home, store, created_at
          1,      SE,    10,   10.50,    0.5, true, 1990-11-25, 2026-11-20T23:30:00Z, tea;coffee, 36;38, 59;18,     A, 2020-01-01
          2,      NO,    20,   -3.00,    2.0, false, 1992-02-29, 2026-11-01T12:00:00Z,           ,      ,      ,     B,
          3,        ,      ,        ,       ,      ,           ,                     ,           ,      ,      ,      ,
          4,      SE,    10,   10.50,    0.5, true, 1990-11-25, 2026-11-20T23:30:00Z, tea;coffee, 36;38, 59;18,     A, 2026-11-22
          5,   Åland,    -5,        ,       ,      , 2000-01-02,                     ,        Tea,    40,      ,      , 2026-11-21",
    );
    fill(
        &mut data,
        &schema,
        "orders",
        "number, customer_id,           ordered_at,  total, weight,  status
            102,           1, 2026-11-01T10:00:00Z,  20.50,    0.1,    open
            101,           1, 2026-11-01T10:00:00Z,  10.00,    0.2,    paid
            103,           1,                     ,   5.00,    0.3,    paid
            104,           1, 2026-11-30T10:00:00Z, 100.00,    1.0,    paid
            105,           1, 2026-10-01T10:00:00Z,       ,       ,    paid
            201,           2, 2026-05-05T10:00:00Z,   7.25,       ,    paid",
    );
    fill(
        &mut data,
        &schema,
        "items",
        "order, product, quantity
           101,      P1,        2
           101,      P2,        1
           102,      P1,        5
           104,      P2,        7
           201,      P2,        3",
    );
    fill(&mut data, &schema, "stores", "code, region\n A, north\n B, ");
    fill(&mut data, &schema, "products", "sku, group\n P1, tea\n P2, cups");
    data.build().unwrap()
}

fn moment(as_of: &str, snapshot: &Snapshot) -> Moment {
    Moment::new(as_of.parse::<AsOf>().unwrap(), snapshot.schema().zone())
}

/// The keys of the members of each segment.
fn members(rules: &RuleSet, snapshot: &Snapshot, as_of: &str) -> Vec<Vec<i64>> {
    let key = |row| match snapshot.key_at(row) {
        Some(Key::Int(key)) => key,
        _ => panic!("a customer has a key"),
    };
    let found = evaluate(rules, snapshot, moment(as_of, snapshot), Fits::default());
    found.iter().map(|members| members.iter().map(key).collect()).collect()
}

fn who_at(as_of: &str, leap_day: LeapDay, condition: ConditionKind) -> Vec<i64> {
    let rules = rules(vec![segment("one", vec![one(condition)])]);
    members(&rules, &shop(leap_day), as_of).remove(0)
}

/// The customers who meet a condition today.
fn who(condition: ConditionKind) -> Vec<i64> {
    who_at(TODAY, LeapDay::Back, condition)
}

fn rules(segments: Vec<SegmentRule>) -> RuleSet {
    let order = (0..).take(segments.len()).map(SegmentId).collect();
    RuleSet { segments, order, partitions: Vec::new(), lets: Vec::new(), rfm: None, predict: None }
}

fn segment(name: &str, includes: Vec<Condition>) -> SegmentRule {
    SegmentRule {
        name: name.to_owned(),
        title: None,
        kind: SegmentKind::Dynamic,
        inactive: false,
        metadata: Metadata::default(),
        includes,
        excludes: Vec::new(),
        pins_in: None,
        pins_out: Vec::new(),
        span: Span::NONE,
    }
}

fn one(kind: ConditionKind) -> Condition {
    Condition::new(kind, Span::NONE)
}

fn expr(kind: ExprKind, ty: ExprType) -> Expr {
    Expr { kind, ty, span: Span::NONE }
}

fn date(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn time(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

fn number(text: &str) -> Expr {
    let number: Decimal = text.parse().unwrap();
    expr(ExprKind::Number(number), ExprType::Exact { scale: number.scale() })
}

fn text(text: &str) -> Expr {
    expr(ExprKind::Text(text.to_owned()), ExprType::Text)
}

fn day(text: &str) -> Expr {
    expr(ExprKind::Date(Day::from(date(text))), ExprType::Date)
}

fn instant(text: &str) -> Expr {
    expr(ExprKind::DateTime(Instant::from(time(text))), ExprType::DateTime)
}

fn offset(amount: i64, unit: Unit) -> Offset {
    Offset::new(amount, unit).unwrap()
}

fn relative_day(amount: i64, unit: Unit) -> Expr {
    expr(ExprKind::RelativeDay(offset(amount, unit)), ExprType::Date)
}

fn id(table: &str, column: &str) -> ColumnId {
    let schema = schema(LeapDay::Back);
    schema.table(schema.find_table(table).unwrap()).find(column).unwrap()
}

/// `"country"`, `"orders.total"`
fn column(name: &str) -> Expr {
    path(Start::Own, &[], name)
}

fn path(start: Start, through: &[&str], name: &str) -> Expr {
    let find = |name: &str| {
        let (table, name) = name.split_once('.').unwrap_or(("customers", name));
        id(table, name)
    };
    let column = find(name);
    let ty = match &schema(LeapDay::Back).column(column).ty {
        Type::Bool => ExprType::Bool,
        Type::Int => ExprType::Exact { scale: 0 },
        Type::Decimal(scale) => ExprType::Exact { scale: *scale },
        Type::Float => ExprType::Float,
        Type::Text | Type::Ref(_) => ExprType::Text,
        Type::Date => ExprType::Date,
        Type::DateTime => ExprType::DateTime,
        Type::TextSet => ExprType::TextSet,
        Type::IntSet => ExprType::IntSet,
        Type::Geo => ExprType::Geo,
    };
    let through = through.iter().map(|name| find(name)).collect();
    expr(ExprKind::Column(ColumnPath { start, through, column }), ty)
}

fn compare(left: Expr, op: CompareOp, right: Expr, domain: Domain) -> ConditionKind {
    ConditionKind::Compare { op, left, right, domain }
}

fn equal(left: Expr, right: Expr, domain: Domain) -> ConditionKind {
    compare(left, CompareOp::Equal, right, domain)
}

const TEXT: Domain = Domain::Text { fold_case: false };
