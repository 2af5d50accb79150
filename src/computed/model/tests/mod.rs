mod cdnow;
mod draw;
mod edges;
mod properties;
mod reference;
mod simulation;

use super::*;

/// Rows of numbers below a heading.
fn numbers(csv: &str) -> Vec<Vec<f64>> {
    csv.lines()
        .skip(1)
        .map(|line| line.split(',').map(|field| field.parse().unwrap()).collect())
        .collect()
}

fn history(repeats: f64, last: f64, age: f64) -> History {
    History::new(whole(repeats), whole(last), whole(age)).unwrap()
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a whole number")]
fn whole(number: f64) -> u32 {
    assert!(number.fract() == 0.0 && (0.0..=4e9).contains(&number), "{number}");
    number as u32
}

#[track_caller]
fn close(found: f64, expected: f64, relative: f64) {
    let far = (found - expected).abs();
    assert!(far <= relative * expected.abs(), "{found:e} is not {expected:e}");
}
