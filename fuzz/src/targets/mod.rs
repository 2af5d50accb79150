//! One function a target: it takes any bytes and panics where a law of the crate does not hold.

mod agreement;
mod check;
mod config;
mod grammar;
mod shop;

pub use agreement::{differential, sequence};
pub use check::check;
pub use config::config;
pub use grammar::{format, parse, print};

use std::borrow::Cow;

/// Rules are text. What is no UTF-8 in an input is replaced, so that a mutation does not end it there.
fn text(data: &[u8]) -> Cow<'_, str> {
    String::from_utf8_lossy(data)
}
