//! Days, month-days, instants and windows of time. Nothing here knows what time it is now.
//!
//! The proleptic Gregorian calendar, from year 1 to year 9999 for data and literals; arithmetic may step
//! outside and saturates far beyond.

mod as_of;
mod day;
mod offset;
mod yearly;
mod zone;

pub use as_of::AsOf;
pub(crate) use as_of::Moment;
pub(crate) use day::{Day, Instant};
pub(crate) use offset::{Offset, Unit};
pub use yearly::LeapDay;
pub(crate) use yearly::MonthDay;
pub(crate) use zone::Zone;
