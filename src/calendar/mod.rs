//! Days, month-days, instants and windows of time. Nothing here knows what time it is now.
//!
//! The proleptic Gregorian calendar, from year 1 to year 9999 for data and literals; arithmetic may step
//! outside and saturates far beyond.

mod as_of;
mod day;
mod day_table;
#[cfg(test)]
pub(crate) mod golden;
mod offset;
mod parse;
#[cfg(feature = "sql")]
mod shifts;
mod yearly;
mod zone;

pub(crate) use as_of::Moment;
pub use as_of::{AsOf, InvalidAsOf};
pub(crate) use day::{Day, Instant};
pub(crate) use day_table::DayTable;
pub(crate) use offset::{Offset, Unit};
pub(crate) use parse::{Unread, WrittenTime, parse_day, read_day, read_time};
#[cfg(feature = "sql")]
pub(crate) use shifts::Shift;
pub use yearly::LeapDay;
pub(crate) use yearly::{MonthDay, age, is_whole_year};
pub(crate) use zone::Zone;
