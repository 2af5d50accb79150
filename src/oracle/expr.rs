//! Values: missing in, missing out.

use chrono::Timelike;

use super::{Datum, Scope};
use crate::{
    calendar::age,
    rule::{ColumnPath, Expr, ExprKind, ExprType, Function, Start},
    value::round_float,
};

impl Scope<'_> {
    pub(super) fn value(&self, expr: &Expr) -> Option<Datum> {
        let moment = self.world.moment;
        match &expr.kind {
            ExprKind::Bool(truth) => Some(Datum::Bool(*truth)),
            ExprKind::Number(number) => Some(Datum::Exact(*number)),
            ExprKind::Text(text) => Some(Datum::Text(text.clone())),
            ExprKind::Date(day) => Some(Datum::Day(*day)),
            ExprKind::DateTime(instant) => Some(Datum::Instant(*instant)),
            ExprKind::MonthDay(month_day) => Some(Datum::MonthDay(*month_day)),
            ExprKind::RelativeDay(offset) => Some(Datum::Day(offset.day_from(moment.today))),
            ExprKind::RelativeInstant(offset) => {
                Some(Datum::Instant(offset.instant_from(moment.now)))
            }
            ExprKind::Column(path) => self.column(path),
            ExprKind::Aggregate(aggregate) => self.aggregate(aggregate),
            ExprKind::Negate(value) => self.value(value)?.negated(),
            ExprKind::Arithmetic { first, rest } => self.arithmetic(first, rest),
            ExprKind::Call { function: Function::Coalesce, arguments } => {
                self.coalesce(expr.ty, arguments)
            }
            ExprKind::Call { function, arguments } => self.call(*function, arguments),
            ExprKind::Quantile { value, buckets } => self.quantile(value, *buckets),
            ExprKind::Rfm(field) => self.rfm(*field),
            ExprKind::Predicted(asked) => self.predicted(*asked),
            ExprKind::Condition(condition) => Some(Datum::Bool(self.holds(condition))),
        }
    }

    fn column(&self, path: &ColumnPath) -> Option<Datum> {
        let mut row = match path.start {
            Start::Own => self.row,
            Start::Customer => self.customer,
            Start::Parent(levels) => (0..levels).try_fold(self.row, |row, _| row.parent())?,
        };
        for reference in &path.through {
            row = row.reference(*reference)?;
        }
        row.value(path.column).map(Datum::from)
    }

    /// The first argument that is not missing, as a value of the common type.
    fn coalesce(&self, ty: ExprType, arguments: &[Expr]) -> Option<Datum> {
        let first = arguments.iter().find_map(|argument| self.value(argument))?;
        match (ty, first) {
            (ExprType::Exact { scale }, Datum::Exact(number)) => {
                number.rescale(scale).map(Datum::Exact)
            }
            (ExprType::Float, number) => number.as_float().and_then(Datum::float),
            (_, first) => Some(first),
        }
    }

    fn call(&self, function: Function, arguments: &[Expr]) -> Option<Datum> {
        let [argument, ..] = arguments else { return None };
        let argument = self.value(argument);
        match function {
            Function::Size => Some(size(argument)),
            Function::Lower | Function::Length => on_text(function, argument?),
            Function::Abs => argument?.absolute(),
            Function::Round(digits) => round(argument?, digits),
            Function::Hour => self.hour(&argument?),
            Function::Coalesce => argument,
            Function::Age
            | Function::DaysSince
            | Function::Year
            | Function::Month
            | Function::Day
            | Function::Weekday => self.on_day(function, &argument?),
        }
    }

    fn on_day(&self, function: Function, time: &Datum) -> Option<Datum> {
        let today = self.world.moment.today;
        let leap = self.world.snapshot.schema().leap_day();
        let day = self.local_day(time)?;
        let (year, month, of_month) = day.year_month_day();
        Some(Datum::whole(match function {
            Function::Age => age(day, today, leap).into(),
            Function::DaysSince => today.days_since(day),
            Function::Year => year.into(),
            Function::Month => month.into(),
            Function::Day => of_month.into(),
            Function::Weekday => day.weekday().into(),
            _ => return None,
        }))
    }

    fn hour(&self, time: &Datum) -> Option<Datum> {
        let Datum::Instant(instant) = time else { return None };
        let local = self.world.snapshot.schema().zone().local(*instant);
        Some(Datum::whole(local.hour().into()))
    }
}

/// In code points.
fn on_text(function: Function, text: Datum) -> Option<Datum> {
    let Datum::Text(text) = text else { return None };
    match function {
        Function::Lower => Some(Datum::Text(text.to_lowercase())),
        Function::Length => Some(Datum::whole(text.chars().map(|_| 1).sum())),
        _ => None,
    }
}

/// What occurs twice counts once; a missing set has no elements.
fn size(set: Option<Datum>) -> Datum {
    let size = match set {
        Some(Datum::TextSet(mut texts)) => {
            texts.sort_unstable();
            texts.dedup();
            texts.len()
        }
        Some(Datum::IntSet(mut numbers)) => {
            numbers.sort_unstable();
            numbers.dedup();
            numbers.len()
        }
        _ => 0,
    };
    Datum::whole(i64::try_from(size).unwrap_or(i64::MAX))
}

fn round(number: Datum, digits: i8) -> Option<Datum> {
    match number {
        Datum::Exact(number) => number.round(digits).map(Datum::Exact),
        Datum::Float(number) => Datum::float(round_float(number, digits)),
        _ => None,
    }
}
