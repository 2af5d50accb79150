//! Figures by segment, and by segment and what else customers have.
//!
//! The values are worked out by the kernels that evaluate rules, chunk by chunk; each chunk adds up its own customers,
//! and the chunks are joined in their order. Sums are exact, so nothing depends on how the work was shared out.

mod add;
mod ask;
mod group;

use std::fmt;

use roaring::RoaringBitmap;

use crate::{
    calendar::AsOf,
    diagnostic::{Code, Diagnostic},
    engine::Engine,
    error::{Error, Result},
    segment::Members,
    value::{Key, Value},
};
use add::Part;
use ask::Question;
pub use group::{Group, GroupBy};

/// Which figures are asked for, of which customers.
///
/// Measures are values of the rule language, worked out for each customer and added up over the members of a segment:
/// `sum(orders.total where status = 'paid')`. They may use the `let`s of the engine's rules. Customers who have no value
/// are left out of a measure, as aggregates leave out rows without one.
///
/// ```
/// # fn main() -> segmenta::Result<()> {
/// use segmenta::{AsOf, Axis, Engine, GroupBy, Measure, Rules, Schema, Snapshot, Type, Value};
///
/// let schema = Schema::builder()
///     .customers("id")
///     .column("id", Type::Int).column("country", Type::Text).column("spent", Type::Decimal(2))
///     .build()?;
/// let mut data = Snapshot::builder(&schema);
/// for (id, country, spent) in [(1, "SE", "10.00"), (2, "SE", "30.00"), (3, "NO", "5.50")] {
///     data.push("customers", [
///         ("id", Some(Value::Int(id))),
///         ("country", Some(Value::Text(country.to_owned()))),
///         ("spent", spent.parse().ok().map(Value::Decimal)),
///     ])?;
/// }
/// let rules = Rules::parse(&schema, "segment all { analytics: true }")?;
/// let mut engine = Engine::new(rules, data.build()?)?;
/// engine.refresh("2026-11-01".parse::<AsOf>().unwrap())?;
///
/// let axis = Axis::new().measure("revenue", Measure::sum("spent")).by(GroupBy::value("country"));
/// let rows: Vec<String> = engine.axis(&axis)?.rows.iter().map(|row| {
///     let Some(Some(Value::Decimal(revenue))) = row.values.first() else { panic!() };
///     format!("{} {} {} {revenue}", row.segment, row.group.as_ref().unwrap(), row.customers)
/// }).collect();
/// assert_eq!(rows, ["all NO 1 5.50", "all SE 2 40.00"]);
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, Default)]
pub struct Axis {
    measures: Vec<(String, Measure)>,
    by: Option<GroupBy>,
    /// `None` takes those that are marked.
    segments: Option<Vec<String>>,
    members: Vec<(String, Members<'static>)>,
    as_of: Option<AsOf>,
}

/// How a value is added up over customers.
#[derive(Debug, Clone)]
pub struct Measure(Kind);

#[derive(Debug, Clone)]
enum Kind {
    Sum(String),
    Avg(String),
    Min(String),
    Max(String),
    Ratio(String, String),
}

/// The answer to an [`Axis`].
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct AxisTable {
    /// The names of the measures.
    pub measures: Vec<String>,
    /// Segments in the order of the question, groups in ascending order.
    pub rows: Vec<AxisRow>,
}

/// The figures of one segment, or of one group of its members.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct AxisRow {
    /// The name of the segment.
    pub segment: String,
    /// What the members have in common; `None` where they were not divided.
    pub group: Option<Group>,
    /// How many there are.
    pub customers: u64,
    /// By measure; `None` where nobody has the value, and where 128 bits do not hold the sum.
    pub values: Vec<Option<Value>>,
}

impl Axis {
    /// How many members there are in each segment that is marked with `analytics: true`.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a measure.
    #[must_use]
    pub fn measure(mut self, name: impl Into<String>, measure: Measure) -> Self {
        self.measures.push((name.into(), measure));
        self
    }

    /// Divides the members of each segment. Groups without members have no row; who has no value is a group of its own,
    /// so that the rows of a segment add up to it.
    #[must_use]
    pub fn by(mut self, by: GroupBy) -> Self {
        self.by = Some(by);
        self
    }

    /// Asks for these segments in place of those that are marked.
    #[must_use]
    pub fn segments(mut self, segments: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.segments = Some(segments.into_iter().map(Into::into).collect());
        self
    }

    /// Asks for other members besides, under a name: everybody ([`Engine::customers`]), what set algebra made, or the
    /// keys of a store ([`Snapshot::select`](crate::Snapshot::select)).
    #[must_use]
    pub fn members(mut self, name: impl Into<String>, members: &Members<'_>) -> Self {
        let own = Members::owned(members.bitmap().clone(), members.snapshot().clone());
        self.members.push((name.into(), own));
        self
    }

    /// The moment at which values are worked out, in place of that of the last refresh. Who is in a segment is told by the
    /// last refresh all the same; members who do not exist at the moment are left out.
    #[must_use]
    pub fn as_of(mut self, as_of: impl Into<AsOf>) -> Self {
        self.as_of = Some(as_of.into());
        self
    }
}

impl Measure {
    /// The sum of a number, exact where the number is; 0 where nobody has it.
    pub fn sum(value: impl Into<String>) -> Self {
        Self(Kind::Sum(value.into()))
    }

    /// The mean of a number over the customers who have it, the float nearest to the exact one. The mean of what each
    /// customer has is no mean of rows: what an order is worth on average is a [`ratio`](Self::ratio).
    pub fn avg(value: impl Into<String>) -> Self {
        Self(Kind::Avg(value.into()))
    }

    /// The least number, text, date or datetime.
    pub fn min(value: impl Into<String>) -> Self {
        Self(Kind::Min(value.into()))
    }

    /// The greatest number, text, date or datetime.
    pub fn max(value: impl Into<String>) -> Self {
        Self(Kind::Max(value.into()))
    }

    /// The sum of one number by the sum of another, the float nearest to the exact quotient: average order value is
    /// `Measure::ratio("sum(orders.total)", "count(orders)")`. Missing where the second sum is 0.
    pub fn ratio(value: impl Into<String>, by: impl Into<String>) -> Self {
        Self(Kind::Ratio(value.into(), by.into()))
    }
}

impl Engine {
    /// Figures of segments, as they were at the last refresh, over the data at hand. Exact numbers come as
    /// [`Value::Decimal`].
    ///
    /// All segments are answered in one pass over the data, chunk by chunk; every member of every segment costs a
    /// constant for each measure.
    ///
    /// # Errors
    /// What is wrong with the values, with the codes that rules have, or edges that do not ascend; a segment that does not
    /// exist (`E0204`); a prediction whose model cannot be fitted (`E1101`); before the first refresh, unless the question
    /// has a moment; and when it was cancelled.
    pub fn axis(&self, axis: &Axis) -> Result<AxisTable> {
        let sets = self.sets(axis)?;
        let question = Question::new(self.rules(), axis)?;
        let moment = self.moment_or_last(axis.as_of)?;
        let rows: Vec<&RoaringBitmap> = sets.iter().map(|(_, rows)| rows).collect();
        let parts = self.sheets(&question.measured, moment, |sheet| question.part(sheet, &rows))?;
        let mut whole = Part::nothing(sets.len());
        parts.into_iter().for_each(|part| whole.join(part));
        let names: Vec<&str> = sets.iter().map(|(name, _)| name.as_str()).collect();
        let measures = axis.measures.iter().map(|(name, _)| name.clone()).collect();
        Ok(AxisTable { measures, rows: question.rows(whole, &names) })
    }

    /// Of each customer who exists, the values that the question reads, as the oracle has them: those of the measures, then
    /// what divides.
    pub(crate) fn axis_reference(&self, axis: &Axis) -> Result<Vec<(Key, Vec<Option<Value>>)>> {
        let question = Question::new(self.rules(), axis)?;
        let moment = self.moment_or_last(axis.as_of)?;
        let found = self.reference_values(&question.measured, moment).into_iter();
        Ok(found.filter_map(|(row, values)| Some((self.snapshot().key_at(row)?, values))).collect())
    }

    /// Who is asked about, by rows of the data at hand.
    fn sets(&self, axis: &Axis) -> Result<Vec<(String, RoaringBitmap)>> {
        let rules = self.rules();
        let rows = |name: &str| self.members(name).cloned().unwrap_or_default();
        let mut sets: Vec<(String, RoaringBitmap)> = match &axis.segments {
            None => {
                let marked = rules.segments().filter(|segment| segment.analytics());
                marked.map(|segment| (segment.name().to_owned(), rows(segment.name()))).collect()
            }
            Some(names) => {
                let mut found = Vec::new();
                let mut sets = Vec::with_capacity(names.len());
                for name in names {
                    match rules.segment(name) {
                        Some(segment) => sets.push((segment.name().to_owned(), rows(name))),
                        None => found.push(unknown(name, rules.nearest_segment(name))),
                    }
                }
                if !found.is_empty() {
                    return Err(Error::diagnosed(found));
                }
                sets
            }
        };
        let all = self.snapshot().all();
        for (name, members) in &axis.members {
            sets.push((name.clone(), (&all & members).bitmap().clone()));
        }
        Ok(sets)
    }
}

fn unknown(name: &str, near: Option<&str>) -> Diagnostic {
    let code = Code::UnknownSegment;
    Diagnostic {
        code,
        severity: code.severity(),
        message: format!("unknown segment `{name}`"),
        help: near.map(|near| format!("did you mean `{near}`?")),
        location: None,
        used_at: None,
    }
}

/// One line a row, the measures behind the number of customers.
impl fmt::Display for AxisTable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for row in &self.rows {
            write!(f, "{}", row.segment)?;
            if let Some(group) = &row.group {
                write!(f, " / {group}")?;
            }
            write!(f, ": {}", row.customers)?;
            for (name, value) in self.measures.iter().zip(&row.values) {
                match value {
                    Some(value) => write!(f, ", {name} {}", group::Shown(value))?,
                    None => write!(f, ", {name} missing")?,
                }
            }
            writeln!(f)?;
        }
        Ok(())
    }
}
