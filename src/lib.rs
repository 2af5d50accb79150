//! Customer segmentation: rules as text, memberships as bitmaps.
#![cfg_attr(not(test), expect(dead_code, reason = "rooms are being furnished"))]

mod calendar;
mod diagnostic;
mod limits;
mod rule;
mod schema;
mod snapshot;
mod syntax;
mod value;
