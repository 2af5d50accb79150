//! Distances from `as_of` on one scale: what months and minutes say about days.

use std::sync::LazyLock;

use super::{Cut, Set};

/// The length of each month of a year with 28 days in February.
const MONTHS: [i64; 12] = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

/// The cut in front of an offset, and the one behind it, on the scale of months or of minutes.
pub(super) fn offset_cuts<'a>(amount: i64) -> (Cut<'a>, Cut<'a>) {
    let step = 2 * i128::from(amount);
    (Cut::Step(step), Cut::Step(step + 1))
}

/// The days, counted from today, on which something may lie that lies so on the scale of months.
pub(super) fn days_of_months<'a>(set: &Set<'a>) -> Set<'a> {
    // The cut behind an offset is the cut behind its day.
    on_days(set, |months, is_behind| {
        let (first, last) = days_in(months);
        (first + i64::from(is_behind), last + i64::from(is_behind))
    })
}

/// The local days, counted from today, on which something may lie that lies so on the scale of minutes.
pub(super) fn days_of_minutes<'a>(set: &Set<'a>) -> Set<'a> {
    on_days(set, |minutes, _| {
        // No two clocks of one zone were ever 32 hours apart, and a local day may begin a day late by its name.
        const SLACK: i64 = 4;
        let days = minutes / (24 * 60);
        let (first, last) = match minutes {
            ..=-1 => (days - SLACK, (days + SLACK).min(0)),
            0 => (0, 0),
            1.. => ((days - SLACK).max(0), days + SLACK),
        };
        // What lies before the instant may lie on its day.
        (first, last + 1)
    })
}

/// `days` gives the days that the first and the last values beside a cut may lie on: where values begin, and where they
/// have ceased to be.
fn on_days<'a>(set: &Set<'a>, days: impl Fn(i64, bool) -> (i64, i64)) -> Set<'a> {
    let split = |cut: &Cut<'a>| match cut {
        Cut::Step(step) => {
            let amount = i64::try_from(step.div_euclid(2)).ok()?;
            Some(days(amount, step.rem_euclid(2) == 1))
        }
        Cut::Text(..) => None,
    };
    let first = |cut: &Cut<'a>| split(cut).map(|(days, _)| Cut::Step(days.into()));
    let last = |cut: &Cut<'a>| split(cut).map(|(_, days)| Cut::Step(days.into()));
    let piece = |(start, end): (Option<&Cut<'a>>, Option<&Cut<'a>>)| match (
        start.and_then(first),
        end.and_then(last),
    ) {
        (Some(start), Some(end)) => Set::range(start, end),
        (Some(start), None) => Set::from(start),
        (None, Some(end)) => Set::before(end),
        (None, None) => Set::present(),
    };
    let pieces: Vec<Set<'a>> = set.pieces().map(piece).collect();
    Set::held_by(1, &pieces.iter().collect::<Vec<_>>()).with_missing(set.missing)
}

/// The least and the greatest number of days from a day to the day so many months after it, by `plus_months`.
pub(super) fn days_in(months: i64) -> (i64, i64) {
    let (years, rest) = (months.abs() / 12, months.abs() % 12);
    let (least, most) = in_part_of_a_year(rest, months < 0);
    // Leap years among so many consecutive ones.
    let leaps = ((years / 4 - 1 - years / 100).max(0), (years + 3) / 4);
    // A leap day at one end may be counted with the years and with the months.
    let slack = i64::from(years > 0 && rest > 0);
    let found = (365 * years + leaps.0 + least - slack, 365 * years + leaps.1 + most + slack);
    if months < 0 { (-found.1, -found.0) } else { found }
}

/// The same for fewer than twelve months, forwards or back, as a distance.
fn in_part_of_a_year(months: i64, back: bool) -> (i64, i64) {
    // PERF: counted once; every distance in months asks for it, and counting takes 10,000 instructions.
    static FOUND: LazyLock<[[(i64, i64); 12]; 2]> = LazyLock::new(|| {
        let months: [i64; 12] = std::array::from_fn(|months| i64::try_from(months).unwrap_or(0));
        [false, true].map(|back| months.map(|months| counted_in_part_of_a_year(months, back)))
    });
    let [forwards, backwards] = &*FOUND;
    let found = usize::try_from(months).ok();
    let found = found.and_then(|months| if back { backwards } else { forwards }.get(months));
    found.copied().unwrap_or_else(|| counted_in_part_of_a_year(months, back))
}

fn counted_in_part_of_a_year(months: i64, back: bool) -> (i64, i64) {
    if months == 0 {
        return (0, 0);
    }
    let (mut least, mut most) = (i64::MAX, 0);
    // The months from `first` on; February may have 29 days in the year of the first of them, in the next, or in none.
    for first in 0..12_i64 {
        for leap_year in 0..3 {
            let length = |month: i64| {
                let long = month % 12 == 1 && month / 12 == leap_year;
                let place = usize::try_from(month % 12).unwrap_or(0);
                MONTHS.get(place).copied().unwrap_or(30) + i64::from(long)
            };
            let between: i64 = (first..first + months).map(length).sum();
            let lost = |from: i64, to: i64| (length(from) - length(to)).max(0);
            least = least.min(if back { between } else { between - lost(first, first + months) });
            most = most.max(if back { between + lost(first + months, first) } else { between });
        }
    }
    (least, most)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::calendar::Day;

    #[test]
    fn no_month_is_longer_or_shorter_than_said() {
        let start = Day::from_ymd(1895, 1, 1).unwrap();
        let mut found = vec![(i64::MAX, i64::MIN); 101];
        for day in (0..12 * 366).map(|days| start.plus_days(days)) {
            for (months, found) in (-50..=50).zip(&mut found) {
                let days = day.plus_months(months).days_since(day);
                *found = (found.0.min(days), found.1.max(days));
            }
        }
        for (months, found) in (-50..=50).zip(found) {
            let said = days_in(months);
            assert!(said.0 <= found.0 && found.1 <= said.1, "{months}: {said:?} {found:?}");
            let slack = if months % 12 == 0 || months.abs() < 12 { 0 } else { 2 };
            assert!(found.0 - said.0 <= slack + 1, "{months}: {said:?} {found:?}");
            assert!(said.1 - found.1 <= slack + 1, "{months}: {said:?} {found:?}");
        }
        assert_eq!((days_in(0), days_in(1), days_in(-1)), ((0, 0), (28, 31), (-31, -28)));
        assert_eq!((days_in(12), days_in(-12)), ((365, 366), (-366, -365)));
    }

    #[test]
    fn many_years_have_their_leap_days() {
        for years in (0..=2_000).step_by(7) {
            let said = days_in(12 * years);
            for start in 1..=400 {
                let day = Day::from_ymd(start, 2, 28).unwrap();
                let days = day.plus_months(12 * years).days_since(day);
                assert!((said.0..=said.1).contains(&days), "{years} years from {start}");
            }
        }
    }

    #[test]
    fn months_as_days() {
        let (at, after) = offset_cuts(-3);
        // From 3 months ago to today.
        let set = Set::range(at, Cut::Step(1));
        assert_eq!(days_of_months(&set), Set::range(Cut::Step(-92), Cut::Step(1)));
        let older = days_of_months(&Set::before(after));
        assert!(!older.is_apart_from(&Set::step(-89)));
        assert!(older.is_apart_from(&Set::step(-88)));
        assert!(!older.is_apart_from(&Set::step(-1_000_000)));
    }
}
