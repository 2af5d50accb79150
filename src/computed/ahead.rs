//! From lengths of time in a rule to days from today.

use super::Horizon;
use crate::calendar::{Day, Offset, Unit};

/// The whole local days from today to the day at this distance, which is not negative. With a discount rate a year,
/// months end at the days that lie whole months from today, and the last one at the end.
pub(crate) fn ahead(length: Offset, today: Day, yearly_rate: f64) -> Horizon {
    let days = |length: Offset| {
        u32::try_from(length.day_from(today).days_since(today)).unwrap_or_default()
    };
    let end = days(length);
    if yearly_rate == 0.0 {
        return Horizon::days(end);
    }
    let months = (1..).map(|amount| days(Offset { amount, unit: Unit::Months }));
    let mut ends: Vec<u32> = months.take_while(|month| *month < end).collect();
    ends.push(end);
    Horizon::months(&ends, yearly_rate).unwrap_or_else(|| Horizon::days(end))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(amount: i64, unit: Unit, today: (i32, u32, u32), rate: f64) -> Horizon {
        let today = Day::from_ymd(today.0, today.1, today.2).unwrap();
        ahead(Offset { amount, unit }, today, rate)
    }

    #[test]
    fn months_are_those_of_the_calendar() {
        assert_eq!(found(1, Unit::Months, (2026, 1, 31), 0.0), Horizon::days(28));
        assert_eq!(found(12, Unit::Months, (2024, 1, 1), 0.0), Horizon::days(366));
        assert_eq!(found(1, Unit::Years, (2026, 1, 1), 0.0), Horizon::days(365));
        assert_eq!(found(2, Unit::Weeks, (2026, 1, 1), 0.0), Horizon::days(14));
    }

    #[test]
    fn a_discount_counts_months_from_today() {
        let expected = Horizon::months(&[28, 59, 89], 0.1).unwrap();
        assert_eq!(found(3, Unit::Months, (2026, 1, 31), 0.1), expected);
        // The third month has begun when the days end.
        let expected = Horizon::months(&[28, 59, 70], 0.1).unwrap();
        assert_eq!(found(10, Unit::Weeks, (2026, 1, 31), 0.1), expected);
        let year = [31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334, 365];
        let expected = Horizon::months(&year, 0.1).unwrap();
        assert_eq!(found(1, Unit::Years, (2026, 1, 1), 0.1), expected);
    }

    #[test]
    fn time_ends_with_the_calendar() {
        let found = ahead(Offset { amount: 3, unit: Unit::Months }, Day::MAX, 0.1);
        assert_eq!(found, Horizon::days(0));
    }
}
