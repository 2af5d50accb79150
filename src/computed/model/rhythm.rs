//! When the next order is due.

use super::History;

/// The days from the customer's last day with orders to the next, as the customer's own rhythm has it: the mean number
/// of days between days with orders, rounded, halves up. `None` for a customer with one such day, who has no rhythm
/// yet.
///
/// The day that follows from it may lie in the past. It then says since when the customer is overdue, and stays where
/// it is until the next order, so that rules can ask for those who are late (`predict.next_order < 2 weeks ago`).
pub(crate) fn days_to_next(history: &History) -> Option<u32> {
    let (repeats, last) = (u64::from(history.repeats()), u64::from(history.last()));
    let rounded = (2 * last + repeats).checked_div(2 * repeats)?;
    u32::try_from(rounded).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn days(repeats: u32, last: u32, age: u32) -> Option<u32> {
        days_to_next(&History::new(repeats, last, age).unwrap())
    }

    #[test]
    fn the_mean_gap_is_rounded_halves_up() {
        assert_eq!(days(1, 14, 14), Some(14));
        assert_eq!(days(2, 28, 300), Some(14));
        assert_eq!(days(2, 29, 300), Some(15));
        assert_eq!(days(3, 31, 300), Some(10));
        assert_eq!(days(3, 3, 3), Some(1));
        assert_eq!(days(1, u32::MAX, u32::MAX), Some(u32::MAX));
    }

    #[test]
    fn one_day_has_no_rhythm() {
        assert_eq!(days(0, 0, 300), None);
    }
}
