//! A question that has been checked, and its answer for one chunk.

use std::collections::HashMap;

use roaring::RoaringBitmap;

use super::{
    Axis, AxisRow, Kind, Measure,
    add::{Adding, Cell, Part},
    group::{self, GroupKey},
};
use crate::{
    check::{Asked, Measured, Rules, Wanted},
    error::{Error, Result},
    exec::Sheet,
    rule::{Expr, ExprKind, ExprType, Function},
};

/// What is asked, with values by their numbers.
pub(super) struct Question<'a> {
    pub(super) measured: Measured,
    measures: Vec<Summed<'a>>,
    by: Option<Divided<'a>>,
}

struct Summed<'a> {
    kind: &'a Kind,
    first: (usize, ExprType),
    second: (usize, ExprType),
}

struct Divided<'a> {
    kind: &'a group::Kind,
    value: (usize, ExprType),
    /// Beside the year.
    month: Option<usize>,
}

impl<'a> Question<'a> {
    pub(super) fn new(rules: &Rules, axis: &'a Axis) -> Result<Self> {
        let asked = asked(axis);
        if let Some(group::Kind::Ranges(edges)) = axis.by.as_ref().map(|by| &by.kind)
            && (edges.is_empty() || !edges.is_sorted_by(|low, high| low < high))
        {
            return Err(Error::refused("the edges of ranges must ascend, and there must be one"));
        }
        let mut measured = rules.measured(&asked)?;
        let types: Vec<ExprType> = measured.values.iter().map(|value| value.ty).collect();
        let typed = |at: usize| (at, types.get(at).copied().unwrap_or(ExprType::Bool));
        let mut next = 0;
        let measures = axis.measures.iter().map(|(_, Measure(kind))| {
            let first = next;
            next += texts(kind).count();
            Summed { kind, first: typed(first), second: typed(next - 1) }
        });
        let measures = measures.collect();
        let by = axis.by.as_ref().map(|by| {
            let mut divided = Divided { kind: &by.kind, value: typed(next), month: None };
            if let Some(time) = measured.values.get(next).cloned() {
                let part = |function| part_of(time.clone(), function);
                match by.kind {
                    group::Kind::Year => put(&mut measured.values, next, part(Function::Year)),
                    group::Kind::Month => {
                        put(&mut measured.values, next, part(Function::Year));
                        divided.month = Some(measured.values.len());
                        measured.values.push(part(Function::Month));
                    }
                    group::Kind::Value | group::Kind::Ranges(_) => {}
                }
            }
            divided
        });
        Ok(Self { measured, measures, by })
    }

    /// What one chunk adds to sets of customers.
    pub(super) fn part(&self, sheet: &Sheet<'_>, sets: &[&RoaringBitmap]) -> Part {
        let (groups, group_of) = self.groups(sheet);
        let sets = sets.iter().map(|members| {
            let mut cells: Vec<Option<Cell>> = vec![None; groups.len()];
            sheet.each_of(members, |row| {
                let group = group_of.get(row).copied().unwrap_or(0);
                let Some(cell) = usize::try_from(group).ok().and_then(|at| cells.get_mut(at))
                else {
                    return;
                };
                let cell = cell.get_or_insert_with(|| self.empty());
                cell.customers += 1;
                for (sum, measure) in cell.sums.iter_mut().zip(&self.measures) {
                    let field = |(at, _): (usize, _)| sheet.field(at, row);
                    sum.add(field(measure.first), field(measure.second));
                }
            });
            let cells = groups.iter().zip(cells);
            cells.filter_map(|(group, cell)| Some((group.clone(), cell?))).collect()
        });
        Part { sets: sets.collect() }
    }

    /// The groups of a chunk, and by row the number of its group; without a row where there is but one group.
    fn groups(&self, sheet: &Sheet<'_>) -> (Vec<GroupKey>, Vec<u32>) {
        let Some(by) = &self.by else { return (vec![GroupKey::All], Vec::new()) };
        let mut numbers: HashMap<GroupKey, u32> = HashMap::new();
        let mut groups = Vec::new();
        let mut group_of = vec![0; sheet.rows()];
        sheet.each(|row| {
            let month = by.month.and_then(|month| sheet.field(month, row));
            let key = by.kind.key(by.value.1, sheet.field(by.value.0, row), month);
            let number = numbers.get(&key).copied().unwrap_or_else(|| {
                let number = u32::try_from(groups.len()).unwrap_or(u32::MAX);
                groups.push(key.clone());
                numbers.insert(key, number);
                number
            });
            if let Some(group) = group_of.get_mut(row) {
                *group = number;
            }
        });
        (groups, group_of)
    }

    fn empty(&self) -> Cell {
        let sums = self
            .measures
            .iter()
            .map(|measure| Adding::new(measure.kind, measure.first.1, measure.second.1));
        Cell { customers: 0, sums: sums.collect() }
    }

    /// The answer: a set without members has a row where nothing is divided.
    pub(super) fn rows(&self, whole: Part, names: &[&str]) -> Vec<AxisRow> {
        let mut rows = Vec::new();
        for (name, groups) in names.iter().zip(whole.sets) {
            let mut groups: Vec<(GroupKey, Cell)> = groups.into_iter().collect();
            groups.sort_by(|(one, _), (other, _)| one.cmp(other));
            if groups.is_empty() && self.by.is_none() {
                groups.push((GroupKey::All, self.empty()));
            }
            rows.extend(groups.into_iter().map(|(key, cell)| self.row(name, key, &cell)));
        }
        rows
    }

    fn row(&self, segment: &str, key: GroupKey, cell: &Cell) -> AxisRow {
        let values = self
            .measures
            .iter()
            .zip(&cell.sums)
            .map(|(measure, sum)| sum.value(measure.kind, measure.first.1, measure.second.1));
        AxisRow {
            segment: segment.to_owned(),
            group: self.by.as_ref().and_then(|by| by.kind.group(by.value.1, key)),
            customers: cell.customers,
            values: values.collect(),
        }
    }
}

/// All values in order: those of the measures, and the one that divides.
fn asked(axis: &Axis) -> Vec<Asked<'_>> {
    let mut asked = Vec::new();
    for (name, Measure(kind)) in &axis.measures {
        let wanted = match kind {
            Kind::Sum(_) => Wanted::Number("sum"),
            Kind::Avg(_) => Wanted::Number("avg"),
            Kind::Min(_) => Wanted::Ordered("min"),
            Kind::Max(_) => Wanted::Ordered("max"),
            Kind::Ratio(..) => Wanted::Number("ratio"),
        };
        asked.extend(texts(kind).map(|text| Asked { name, text, wanted }));
    }
    if let Some(by) = &axis.by {
        let wanted = match by.kind {
            group::Kind::Value => Wanted::Group,
            group::Kind::Ranges(_) => Wanted::Number("ranges"),
            group::Kind::Year | group::Kind::Month => Wanted::Time,
        };
        asked.push(Asked { name: "by", text: &by.value, wanted });
    }
    asked
}

fn texts(kind: &Kind) -> impl Iterator<Item = &str> {
    let (first, second) = match kind {
        Kind::Sum(value) | Kind::Avg(value) | Kind::Min(value) | Kind::Max(value) => (value, None),
        Kind::Ratio(value, by) => (value, Some(by)),
    };
    std::iter::once(first.as_str()).chain(second.map(String::as_str))
}

fn part_of(time: Expr, function: Function) -> Expr {
    let span = time.span;
    let kind = ExprKind::Call { function, arguments: vec![time] };
    Expr { kind, ty: ExprType::Exact { scale: 0 }, span }
}

fn put(values: &mut [Expr], at: usize, value: Expr) {
    values.get_mut(at).into_iter().for_each(|slot| *slot = value.clone());
}
