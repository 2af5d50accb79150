//! What happened, one after the other, for whoever acts on it.

use std::{fmt, str::FromStr};

use chrono::{DateTime, Utc};
use redb::ReadableTable;

use super::{
    Cause,
    codec::Decoder,
    instant, key_of, keys,
    past::{forgotten, refresh_record},
    records::{Delta, Outcome, RefreshRecord, Size, State},
    tables::{Table, View, Writing},
};
use crate::{
    error::{Error, Result},
    value::Key,
};

type Bytes = &'static [u8];

/// How far a consumer of events has come. Positions are in the order of events.
///
/// It is written, and read by [`parse`](str::parse), as two numbers: `12-3`. An event has the same position whenever it is
/// read, so the text tells a receiver that it has dealt with the event before.
///
/// ```
/// use segmenta::Position;
///
/// assert_eq!(Position::START.to_string(), "0-0");
/// let position: Position = "12-3".parse()?;
/// assert!(position > "9-80".parse()?);
/// # Ok::<(), segmenta::InvalidPosition>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Position {
    pub(super) refresh: u64,
    /// Within the refresh, from one.
    pub(super) event: u64,
}

/// A text that is no [`Position`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a position; write it as it was shown, as in `12-3`")]
#[non_exhaustive]
pub struct InvalidPosition;

/// Something that happened to a segment.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Event {
    /// Its place among all events; to be acknowledged once it is dealt with.
    pub position: Position,
    /// The moment of the refresh that found it.
    pub at: DateTime<Utc>,
    /// The segment's name.
    pub segment: String,
    /// What it was.
    pub kind: EventKind,
}

/// What happened.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum EventKind {
    /// A customer came in.
    Entered {
        /// The customer.
        key: Key,
        /// Why.
        cause: Cause,
    },
    /// A customer went.
    Left {
        /// The customer.
        key: Key,
        /// Why.
        cause: Cause,
    },
    /// The segment was calculated; its events of the same refresh come before.
    Formed {
        /// How many are in.
        members: u64,
    },
    /// The segment could not be calculated, and keeps its last members.
    Failed {
        /// Why.
        why: String,
    },
}

impl Position {
    /// Before the first event.
    pub const START: Self = Self { refresh: 0, event: 0 };

    /// After all events of a refresh.
    pub(super) fn after(refresh: u64) -> Self {
        Self { refresh, event: u64::MAX }
    }
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.refresh, self.event)
    }
}

impl FromStr for Position {
    type Err = InvalidPosition;

    fn from_str(text: &str) -> Result<Self, InvalidPosition> {
        let (refresh, event) = text.split_once('-').ok_or(InvalidPosition)?;
        let number = |digits: &str| digits.parse().map_err(|_| InvalidPosition);
        let position = Self { refresh: number(refresh)?, event: number(event)? };
        // One position has one text: no plus sign, no leading zero.
        if position.to_string() == text { Ok(position) } else { Err(InvalidPosition) }
    }
}

/// The events after a position, at most so many.
pub(super) fn after<T: ReadableTable<Bytes, Bytes>>(
    view: &View<'_, T>,
    position: Position,
    most: usize,
) -> Result<Vec<Event>> {
    let state = view.state()?;
    if most == 0 {
        return Ok(Vec::new());
    }
    if position != Position::START && position < state.forgotten {
        return Err(forgotten(view, &state));
    }
    let names: Vec<String> =
        view.segments(&state)?.into_iter().map(|(_, record)| record.name).collect();
    let mut found = Vec::new();
    let mut keys = keys::Reading::default();
    for refresh in position.refresh.max(state.first)..=state.last {
        let record = refresh_record(view, refresh)?;
        let (found, keys) = (&mut found, &mut keys);
        let mut reading =
            Reading { view, state: &state, record: &record, refresh, found, keys, most };
        let mut event = 0;
        for size in &record.sizes {
            let from = if refresh == position.refresh { position.event } else { 0 };
            let number = usize::try_from(size.segment.0).unwrap_or(usize::MAX);
            let Some(name) = names.get(number) else { return Err(view.file().damaged()) };
            if event + size.events() > from {
                reading.segment(name, size, (event, from))?;
            }
            event += size.events();
            if reading.found.len() >= most {
                return Ok(std::mem::take(reading.found));
            }
        }
    }
    Ok(found)
}

/// The events of one refresh.
struct Reading<'r, 'v, T> {
    view: &'r View<'v, T>,
    state: &'r State,
    record: &'r RefreshRecord,
    refresh: u64,
    found: &'r mut Vec<Event>,
    keys: &'r mut keys::Reading,
    most: usize,
}

impl<T: ReadableTable<Bytes, Bytes>> Reading<'_, '_, T> {
    /// Those of a segment that come after `from`; `before` come before the segment's first.
    fn segment(&mut self, name: &str, size: &Size, (before, from): (u64, u64)) -> Result<()> {
        let mut event = before;
        if size.left > 0 || size.entered > 0 {
            let key = key_of(size.segment, self.refresh);
            let decode = |from: Decoder<'_>| Delta::decode(from, self.state.rows);
            let delta = self.view.need(Table::Deltas, &key, decode)?;
            let sides = [(false, &delta.left), (true, &delta.entered)];
            for (entered, side) in sides {
                for (row, cause) in
                    side.iter().flat_map(|(cause, rows)| rows.iter().map(|row| (row, *cause)))
                {
                    event += 1;
                    if self.found.len() == self.most {
                        return Ok(());
                    }
                    if event > from {
                        let key = self.keys.key(self.view, self.state, row)?;
                        self.add(name, event, EventKind::of(entered, key, cause));
                    }
                }
            }
        }
        let notice = match size.outcome {
            Outcome::Formed => EventKind::Formed { members: size.members.into() },
            Outcome::Failed => {
                let failures = &self.record.failures;
                let why = failures.iter().find(|(number, _)| *number == size.segment);
                EventKind::Failed { why: why.map(|(_, why)| why.clone()).unwrap_or_default() }
            }
            Outcome::Kept => return Ok(()),
        };
        if self.found.len() == self.most {
            return Ok(());
        }
        self.add(name, event + 1, notice);
        Ok(())
    }

    fn add(&mut self, segment: &str, event: u64, kind: EventKind) {
        let position = Position { refresh: self.refresh, event };
        let at = instant(self.record.as_of);
        self.found.push(Event { position, at, segment: segment.to_owned(), kind });
    }
}

impl EventKind {
    pub(super) fn of(entered: bool, key: Key, cause: Cause) -> Self {
        if entered { Self::Entered { key, cause } } else { Self::Left { key, cause } }
    }
}

impl Size {
    /// How many there are.
    pub(super) fn events(&self) -> u64 {
        let notice = u64::from(self.outcome != Outcome::Kept);
        u64::from(self.left) + u64::from(self.entered) + notice
    }
}

pub(super) fn acknowledge(
    view: &mut Writing<'_, '_>,
    consumer: &str,
    position: Position,
) -> Result<()> {
    let mut state = view.state()?;
    let count = match position.refresh {
        refresh if refresh == 0 || refresh > state.last => 0,
        // Of refreshes that are forgotten nothing is known but that they were.
        refresh if refresh < state.first => u64::MAX,
        refresh => refresh_record(view, refresh)?.sizes.iter().map(Size::events).sum(),
    };
    if position.event > count || count == 0 && position != Position::START {
        return Err(Error::refused("no event has this position"));
    }
    state.consumers.insert(consumer.to_owned(), position);
    view.put(Table::State, &[], state.encode())?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_position_reads_what_it_writes() {
        for position in
            [Position::START, Position { refresh: 12, event: 3 }, Position::after(u64::MAX)]
        {
            assert_eq!(position.to_string().parse(), Ok(position));
        }
        let too_large = "18446744073709551616-0";
        for text in ["", "-", "12", "12-", "-3", "+12-3", "12--3", "012-3", "12-3-4", too_large] {
            assert_eq!(text.parse::<Position>(), Err(InvalidPosition), "{text}");
        }
    }
}
