//! Local days and clocks in SQL: the offsets of the time zone as the calendar has them, written out, so that no engine's
//! own table of zones decides.

use std::cell::OnceCell;

use super::{
    dialect::Grammar,
    stages::{Sql, Stages},
};
use crate::calendar::{Shift, Zone};

const MICROS_A_SECOND: i64 = 1_000_000;
const MICROS_A_DAY: i64 = 86_400 * MICROS_A_SECOND;
/// So many days before 1970 all days are counted from, so that no dividend is negative.
const BEFORE_ALL: i64 = 800_000;

/// The clock of a time zone.
pub(super) struct Clock {
    zone: Zone,
    /// By instants: what has to be added to see the wall clock.
    clock: OnceCell<Vec<Shift>>,
    /// By instants: what has to be added to see the local day.
    days: OnceCell<Vec<Shift>>,
    /// By local times: what has to be taken away to find the instant.
    local: OnceCell<Vec<Shift>>,
}

impl Clock {
    pub(super) fn new(zone: Zone) -> Self {
        let (clock, days, local) = (OnceCell::new(), OnceCell::new(), OnceCell::new());
        Self { zone, clock, days, local }
    }

    pub(super) fn is_utc(&self) -> bool {
        matches!(self.clock(), [Shift { seconds: 0, .. }])
    }

    fn clock(&self) -> &[Shift] {
        self.clock.get_or_init(|| self.zone.shifts())
    }

    /// The instant of microseconds that are local where `local` holds.
    pub(super) fn instant(&self, micros: &Sql, local: &Sql, stages: &mut Stages) -> Sql {
        let shift = shifts(self.local.get_or_init(|| self.zone.local_shifts()), &micros.text);
        let text = format!(
            "CASE WHEN {local} THEN {micros} - ({shift}) ELSE {micros} END",
            local = local.text,
            micros = micros.text
        );
        stages.bind(Sql::of(text, [micros, local]))
    }

    /// The local day of an instant, in days since 1970-01-01.
    pub(super) fn day(&self, instant: &Sql, grammar: &dyn Grammar, stages: &mut Stages) -> Sql {
        let micros =
            self.shifted(self.days.get_or_init(|| self.zone.day_shifts()), instant, stages);
        let from = BEFORE_ALL * MICROS_A_DAY;
        let text = format!(
            "({} - {BEFORE_ALL})",
            grammar
                .whole_quotient(&format!("({} + {from})", micros.text), &MICROS_A_DAY.to_string())
        );
        stages.bind(Sql::of(text, [&micros]))
    }

    /// The hour on the wall clock.
    pub(super) fn hour(&self, instant: &Sql, grammar: &dyn Grammar, stages: &mut Stages) -> Sql {
        let micros = self.shifted(self.clock(), instant, stages);
        let from = BEFORE_ALL * MICROS_A_DAY;
        let in_day = format!("(({} + {from}) % {MICROS_A_DAY})", micros.text);
        let hour = (3_600 * MICROS_A_SECOND).to_string();
        Sql::of(grammar.whole_quotient(&in_day, &hour), [&micros])
    }

    fn shifted(&self, by: &[Shift], instant: &Sql, stages: &mut Stages) -> Sql {
        if self.is_utc() {
            return stages.bind(instant.clone());
        }
        let instant = stages.bind(instant.clone());
        let text = format!("({} + {})", instant.text, shifts(by, &instant.text));
        stages.bind(Sql::of(text, [&instant]))
    }
}

/// The shift, in microseconds, that is in force: halved again and again, so that each row makes few comparisons.
fn shifts(all: &[Shift], of: &str) -> String {
    match all {
        [] => "0".to_owned(),
        [only] => (only.seconds * MICROS_A_SECOND).to_string(),
        _ => {
            let (before, after) = all.split_at(all.len() / 2);
            let from = after.first().map_or(0, |shift| shift.from);
            format!(
                "CASE WHEN {of} < {} THEN {} ELSE {} END",
                from.saturating_mul(MICROS_A_SECOND),
                shifts(before, of),
                shifts(after, of)
            )
        }
    }
}
