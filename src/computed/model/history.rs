//! The orders of one customer, in three numbers.

/// The days on which a customer has ordered, in three numbers; the field writes them x, t<sub>x</sub> and T.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct History {
    // In the order they are sorted by.
    repeats: u32,
    age: u32,
    last: u32,
}

impl History {
    /// * `repeats`: days with orders, less one;
    /// * `last`: days from the first day with orders to the last;
    /// * `age`: days from the first day with orders to today.
    ///
    /// `None` where no orders could be so: the last after today, more days with orders than days, or no repeats and
    /// yet a later day.
    pub(crate) fn new(repeats: u32, last: u32, age: u32) -> Option<Self> {
        let fits = repeats <= last && last <= age && (repeats > 0 || last == 0);
        fits.then_some(Self { repeats, age, last })
    }

    /// Days with orders, less one.
    pub(crate) fn repeats(&self) -> u32 {
        self.repeats
    }

    /// Days from the first day with orders to the last.
    pub(crate) fn last(&self) -> u32 {
        self.last
    }

    /// Days from the first day with orders to today.
    pub(crate) fn age(&self) -> u32 {
        self.age
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn impossible_histories_are_refused() {
        assert!(History::new(0, 0, 0).is_some());
        assert!(History::new(3, 3, 3).is_some());
        assert!(History::new(0, 1, 3).is_none());
        assert!(History::new(1, 0, 3).is_none());
        assert!(History::new(4, 3, 3).is_none());
        assert!(History::new(1, 4, 3).is_none());
    }
}
