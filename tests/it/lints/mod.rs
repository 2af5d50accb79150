//! Lints never claim what some data contradict: each finding about a random rule is turned into conditions that must
//! have no members, all, or the same, and these are evaluated on random data and days.

mod claims;
mod grow;

use std::{cell::RefCell, collections::BTreeMap};

use proptest::{
    prelude::any,
    test_runner::{Config, TestCaseError, TestRunner},
};

/// Lints that must be among the findings, each at least once in so many rules.
const WANTED: &[(&str, u32)] = &[
    ("W0201", 4),
    ("W0202", 2),
    ("W0203", 15),
    ("W0204", 4),
    ("W0205", 3),
    ("W0206", 4),
    ("W0212", 4),
    ("W0213", 6),
];

#[test]
fn what_lints_claim_holds_on_all_data() {
    let mut config = Config { failure_persistence: None, ..Config::default() };
    if std::env::var_os("PROPTEST_CASES").is_none() {
        config.cases = 1_000;
    }
    let cases = config.cases;
    let mut runner = TestRunner::new(config);
    let stream = |length| proptest::collection::vec(any::<u8>(), 0..length);
    let found: RefCell<BTreeMap<String, u32>> = RefCell::default();
    let run = |(data, rules): (Vec<u8>, Vec<u8>)| {
        for code in claims::hold(&data, &rules).map_err(TestCaseError::fail)? {
            *found.borrow_mut().entry(code).or_default() += 1;
        }
        Ok(())
    };
    runner.run(&(stream(6_000), stream(600)), run).unwrap();
    let found = found.into_inner();
    for (code, rarely) in WANTED {
        let count = found.get(*code).copied().unwrap_or_default();
        assert!(
            count * rarely >= cases,
            "{code} was found {count} times in {cases} files: {found:?}"
        );
    }
}
