//! Days in SQL: the calendar by arithmetic of whole numbers, the same in every engine.

use super::{
    lower::{Lowered, Lowering, Value},
    range::Range,
    stages::Sql,
};
use crate::{
    calendar::{Day, LeapDay, MonthDay},
    plan::{Scope, ValueId},
    rule::{ExprType, Function},
};

/// From 1 March of year 0 to 1970-01-01.
const FROM_MARCH: i64 = 719_468;
const DAYS_IN_400_YEARS: i64 = 146_097;
/// Whole weeks before 1970, more than there are days.
const WEEKS_BEFORE: i64 = 7 * 200_000;
/// Days from 1 March to 31 December.
const BEFORE_NEW_YEAR: u16 = 306;

const WHOLE: ExprType = ExprType::Exact { scale: 0 };

/// A day as the year that began on the 1 March before, and the days since.
pub(super) struct Marched {
    cycle: Sql,
    year_of_cycle: Sql,
    /// 0 = 1 March … 365 = 29 February.
    pub(super) days: Sql,
}

impl Lowering<'_> {
    /// Days since 1970-01-01 of a date, or of the local day of a datetime.
    pub(super) fn local_day(&mut self, of: ValueId) -> Lowered<Sql> {
        let value = self.value(of)?;
        let scope = self.scope_of(of);
        let context = self.context;
        let stages = &mut self.frame(scope).stages;
        Ok(match value.ty {
            ExprType::DateTime => context.clock.day(&value.sql, context.grammar, stages),
            _ => stages.bind(value.sql),
        })
    }

    /// The day in a calendar whose years begin on 1 March, so that the leap day is the last of its year.
    // Source: Howard Hinnant, chrono-Compatible Low-Level Date Algorithms, 2013.
    pub(super) fn marched(&mut self, scope: Scope, day: &Sql) -> Marched {
        let grammar = self.context.grammar;
        let stages = &mut self.frame(scope).stages;
        let quotient = |above: &str, below: i64| grammar.whole_quotient(above, &below.to_string());
        let since = stages.bind(day.map(|day| format!("({day} + {FROM_MARCH})")));
        let cycle = stages.bind(since.map(|since| quotient(since, DAYS_IN_400_YEARS)));
        let in_cycle = stages.bind(since.map(|since| format!("({since} % {DAYS_IN_400_YEARS})")));
        let year_of_cycle = stages.bind(in_cycle.map(|days| {
            let leaps = format!(
                "({days} - {} + {} - {})",
                quotient(days, 1_460),
                quotient(days, 36_524),
                quotient(days, 146_096)
            );
            quotient(&leaps, 365)
        }));
        let year = &year_of_cycle.text;
        let text = format!(
            "({} - (365 * {year} + {} - {}))",
            in_cycle.text,
            quotient(year, 4),
            quotient(year, 100)
        );
        let days = stages.bind(Sql::of(text, [&in_cycle, &year_of_cycle]));
        Marched { cycle, year_of_cycle, days }
    }

    /// 0 = 1 January … 59 = 29 February … 365 = 31 December.
    pub(super) fn month_day(&mut self, of: ValueId) -> Lowered<Sql> {
        if self.type_of(of) == ExprType::MonthDay {
            return Ok(self.bound(of)?.sql);
        }
        let scope = self.scope_of(of);
        let day = self.local_day(of)?;
        let marched = self.marched(scope, &day);
        Ok(self.frame(scope).stages.bind(from_january(&marched.days)))
    }

    pub(super) fn of_day(&mut self, function: Function, of: ValueId) -> Lowered<Value> {
        let scope = self.scope_of(of);
        let day = self.local_day(of)?;
        let grammar = self.context.grammar;
        let today = self.context.now.moment.today;
        let text = |day: &Sql, text: String| Ok(Value::new(Sql::of(text, [day]), WHOLE));
        match function {
            Function::DaysSince => return text(&day, format!("({} - {})", today.0, day.text)),
            Function::Weekday => {
                return text(&day, format!("(({} + {}) % 7 + 1)", day.text, WEEKS_BEFORE + 3));
            }
            _ => {}
        }
        let marched = self.marched(scope, &day);
        let days = &marched.days;
        let sql = match function {
            Function::Year => marched.year(),
            Function::Age => self.age(&marched, today),
            _ => {
                // From 1 March on, months have 31 and 30 days by turns, 153 in every five.
                let month =
                    days.map(|days| grammar.whole_quotient(&format!("(5 * {days} + 2)"), "153"));
                let month = self.frame(scope).stages.bind(month);
                let m = &month.text;
                let text = if function == Function::Month {
                    format!("(CASE WHEN {m} < 10 THEN {m} + 3 ELSE {m} - 9 END)")
                } else {
                    let before = grammar.whole_quotient(&format!("(153 * {m} + 2)"), "5");
                    format!("({} - {before} + 1)", days.text)
                };
                Sql::of(text, [days, &month])
            }
        };
        Ok(Value { range: Range::LONG, ..Value::new(sql, WHOLE) })
    }

    /// Whole years: those between the years, less one where the birthday is still to come.
    fn age(&self, marched: &Marched, today: Day) -> Sql {
        let (own, leap) = (MonthDay::of(today), self.context.now.leap_day);
        let year = marched.year();
        // Who was born on 29 February has the birthday on the 28th of a year without that day, where the policy says so.
        let eve = MonthDay(MonthDay::LEAP_DAY.0 - 1);
        let has_leap_day = MonthDay::LEAP_DAY.anniversary(today.year(), LeapDay::Skip).is_some();
        let last = match leap {
            LeapDay::Back if own == eve && !has_leap_day => MonthDay::LEAP_DAY,
            _ => own,
        };
        let text = format!(
            "({} - {} - CASE WHEN {} > {} THEN 1 ELSE 0 END)",
            today.year(),
            year.text,
            from_january(&marched.days).text,
            last.0
        );
        Sql::of(text, [&year, &marched.days])
    }
}

impl Marched {
    fn year(&self) -> Sql {
        let text = format!(
            "({} * 400 + {} + CASE WHEN {} >= {BEFORE_NEW_YEAR} THEN 1 ELSE 0 END)",
            self.cycle.text, self.year_of_cycle.text, self.days.text
        );
        Sql::of(text, [&self.cycle, &self.year_of_cycle, &self.days])
    }
}

fn from_january(days: &Sql) -> Sql {
    let first = MonthDay::COUNT - BEFORE_NEW_YEAR;
    days.map(|days| format!("(({days} + {first}) % {})", MonthDay::COUNT))
}

/// The ranges of days since 1 March that month-days make.
pub(super) fn marched_ranges(taken: &[bool]) -> Vec<(i128, i128)> {
    let count = usize::from(MonthDay::COUNT);
    let days = taken.iter().enumerate().filter(|(_, taken)| **taken);
    let days = days.map(|(day, _)| (day + usize::from(BEFORE_NEW_YEAR)) % count);
    days.filter_map(|day| i128::try_from(day).ok()).map(|day| (day, day)).collect()
}
