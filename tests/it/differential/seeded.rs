//! Random bytes.

use std::cell::Cell;

use proptest::{
    prelude::any,
    test_runner::{Config, TestCaseError, TestRunner},
};

use super::{
    agree,
    next::{next_of_anything, next_on_a_grid},
    sequence,
};

#[test]
fn exec_and_oracle_agree_and_the_sets_add_up() {
    let mut config = Config { failure_persistence: None, ..Config::default() };
    if std::env::var_os("PROPTEST_CASES").is_none() {
        config.cases = 2_000;
    }
    let cases = config.cases;
    let mut runner = TestRunner::new(config);
    // The data and the rules have streams of their own, so that each shrinks alone.
    let stream = |length| proptest::collection::vec(any::<u8>(), 0..length);
    let telling = Cell::new(0);
    let run = |(data, rules): (Vec<u8>, Vec<u8>)| {
        let found = agree(&data, &rules).map_err(TestCaseError::fail)?;
        telling.set(telling.get() + u32::from(found));
        Ok(())
    };
    runner.run(&(stream(4_000), stream(700)), run).unwrap();
    let telling = telling.get();
    assert!(telling * 3 > cases, "only {telling} of {cases} rules split their customers");
}

#[test]
fn whatever_happens_memberships_are_those_of_a_rebuild() {
    let mut config = Config { failure_persistence: None, ..Config::default() };
    if std::env::var_os("PROPTEST_CASES").is_none() {
        config.cases = 400;
    }
    let mut runner = TestRunner::new(config);
    let stream = |length| proptest::collection::vec(any::<u8>(), 0..length);
    let run = |(data, rules, steps): (Vec<u8>, Vec<u8>, Vec<u8>)| {
        sequence(&data, &rules, &steps).map_err(TestCaseError::fail)
    };
    runner.run(&(stream(4_000), stream(700), stream(900)), run).unwrap();
}

#[test]
fn the_next_change_is_the_first_on_a_grid() {
    let mut config = Config { failure_persistence: None, ..Config::default() };
    if std::env::var_os("PROPTEST_CASES").is_none() {
        config.cases = 150;
    }
    let cases = config.cases;
    let mut runner = TestRunner::new(config);
    let stream = |length| proptest::collection::vec(any::<u8>(), 0..length);
    let telling = Cell::new(0);
    let run = |(data, rules): (Vec<u8>, Vec<u8>)| {
        let found = next_on_a_grid(&data, &rules).map_err(TestCaseError::fail)?;
        telling.set(telling.get() + u32::from(found));
        Ok(())
    };
    runner.run(&(stream(120), stream(60)), run).unwrap();
    let telling = telling.get();
    assert!(telling * 2 > cases, "only {telling} of {cases} rules change");
}

#[test]
fn nothing_changes_before_the_next_change() {
    let mut config = Config { failure_persistence: None, ..Config::default() };
    if std::env::var_os("PROPTEST_CASES").is_none() {
        config.cases = 150;
    }
    let mut runner = TestRunner::new(config);
    let stream = |length| proptest::collection::vec(any::<u8>(), 0..length);
    let run = |(data, rules, tries): (Vec<u8>, Vec<u8>, Vec<u8>)| {
        next_of_anything(&data, &rules, &tries).map_err(TestCaseError::fail)
    };
    runner.run(&(stream(4_000), stream(700), stream(400)), run).unwrap();
}
