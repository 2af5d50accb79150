//! Questions about what is.

use std::{collections::BTreeMap, path::Path, sync::Arc};

use chrono::{DateTime, Utc};
use redb::ReadableTable;
use roaring::RoaringBitmap;

use super::{
    SegmentStatus, StoredMembership, StoredRule, StoredSegment,
    codec::{Damaged, Decoder},
    events::{self, Event, Position},
    file::{File, diagnosed},
    instant, keys, past,
    records::{FrozenRecord, SegmentNumber, SegmentRecord, State, Version},
    refuse_other_keys,
    tables::{Reading, Table, View},
    unknown_segment,
};
use crate::{
    calendar::{AsOf, Moment},
    computed::Model,
    diagnostic::Code,
    error::Result,
    rule::{RuleMark, SegmentKind, SegmentRule},
    schema::Schema,
    value::Key,
};

type Bytes = &'static [u8];

/// A store that is read: beside the process that writes it, and while that refreshes. Cheap to clone, for as many
/// threads as are needed; each question is answered from the last whole refresh.
#[derive(Clone)]
pub struct StoreReader {
    pub(super) file: Arc<File>,
    pub(super) schema: Schema,
}

impl StoreReader {
    /// Opens a store that another process may be writing.
    ///
    /// # Errors
    /// `E1301` where another process has the file for itself, `E1302` where it is damaged, `E1303` where it was written
    /// by a newer version of this crate, or for keys of another type than the schema's; and where there is no such file.
    pub fn open(path: impl AsRef<Path>, schema: &Schema) -> Result<Self> {
        Self::of(Arc::new(File::open_read_only(path.as_ref())?), schema)
    }

    pub(super) fn of(file: Arc<File>, schema: &Schema) -> Result<Self> {
        let state = file.read(|view| view.state())?;
        if state.last > 0 {
            refuse_other_keys(&state, schema, file.name())?;
        }
        Ok(Self { file, schema: schema.clone() })
    }

    /// What is asked of the last refresh.
    pub(super) fn read<T>(&self, with: impl FnOnce(&Reading<'_>) -> Result<T>) -> Result<T> {
        self.file.read(with)
    }

    /// The schema it was opened with.
    pub fn schema(&self) -> &Schema {
        &self.schema
    }

    /// Whether customers' keys are texts; else they are numbers.
    pub fn has_text_keys(&self) -> bool {
        self.schema.has_text_keys()
    }

    /// The moment of the last refresh; `None` before the first.
    ///
    /// # Errors
    /// Where the file cannot be read, or is damaged.
    pub fn as_of(&self) -> Result<Option<DateTime<Utc>>> {
        let state = self.read(|view| view.state())?;
        Ok((state.last > 0).then(|| instant(state.as_of)))
    }

    /// The segments of the last refresh, in the order of their names.
    ///
    /// # Errors
    /// As [`as_of`](Self::as_of).
    pub fn segments(&self) -> Result<Vec<StoredSegment>> {
        self.read(|view| {
            let records = view.current(&view.state()?)?;
            Ok(records.into_values().map(|(_, record)| shown(record)).collect())
        })
    }

    /// The keys of those who were in at the last refresh, ascending.
    ///
    /// # Errors
    /// As [`as_of`](Self::as_of); `E1306` where there is no such segment.
    pub fn members(&self, segment: &str) -> Result<Vec<Key>> {
        self.of_segment(segment, |view, state, segment| {
            let members = view.members(state, segment)?;
            view.keys_of(&members)
        })
    }

    /// The keys of those who were in at the last refresh that was not after a moment, ascending; nobody where that was
    /// before the segment's first.
    ///
    /// # Errors
    /// As [`members`](Self::members); `E1307` where that refresh is no longer kept.
    pub fn members_at(&self, segment: &str, at: impl Into<AsOf>) -> Result<Vec<Key>> {
        let moment = Moment::new(at.into(), self.schema.zone());
        self.of_segment(segment, |view, state, (number, record)| {
            let members = past::members_at(view, state, (number, record), moment.now.0)?;
            view.keys_of(&members)
        })
    }

    /// What every refresh that is kept made of the segment, oldest first, those that changed nothing too.
    ///
    /// # Errors
    /// As [`members`](Self::members).
    pub fn history(&self, segment: &str) -> Result<Vec<super::PastRefresh>> {
        self.of_segment(segment, |view, state, (number, _)| past::sizes(view, state, number))
    }

    /// The rules the segment has had, oldest first; the last is in force.
    ///
    /// # Errors
    /// As [`members`](Self::members).
    pub fn rules(&self, segment: &str) -> Result<Vec<StoredRule>> {
        self.of_segment(segment, |_, _, (_, record)| {
            Ok(record.versions.iter().cloned().map(shown_rule).collect())
        })
    }

    /// The parameters behind `predict.*` at every refresh that is kept and read them, oldest first, for
    /// [`Engine::set_model`](crate::Engine::set_model).
    ///
    /// # Errors
    /// As [`as_of`](Self::as_of).
    pub fn models(&self) -> Result<Vec<(DateTime<Utc>, Model)>> {
        self.read(|view| {
            let state = view.state()?;
            let mut found = Vec::new();
            for refresh in state.first.max(1)..=state.last {
                let record = past::refresh_record(view, refresh)?;
                found.extend(record.models.model().map(|model| (instant(record.as_of), model)));
            }
            Ok(found)
        })
    }

    /// The customer's place in every segment, in the order of their names.
    ///
    /// # Errors
    /// As [`as_of`](Self::as_of); `E1308` where the store never had such a customer.
    pub fn customer(&self, key: &Key) -> Result<Vec<StoredMembership>> {
        self.of_customer(key, |view, state, row| {
            let mut found = Vec::new();
            for (number, record) in view.current(state)?.into_values() {
                let member = view.members(state, (number, &record))?.contains(row);
                let last = past::last_event_of(view, state, (number, &record), row)?;
                let since = last.map(|event| (event.at, event.cause));
                found.push(StoredMembership { segment: record.name, member, since });
            }
            Ok(found)
        })
    }

    /// When the customer entered and left segments, those that have ended too, as far back as is kept: in the order of
    /// time, then of the segments' names.
    ///
    /// # Errors
    /// As [`customer`](Self::customer).
    pub fn customer_history(&self, key: &Key) -> Result<Vec<Event>> {
        self.of_customer(key, |view, state, row| {
            let mut found = Vec::new();
            for (number, record) in view.segments(state)? {
                for event in past::events_of(view, state, (number, &record), row)? {
                    found.push(event.named(&record.name, key.clone()));
                }
            }
            found.sort_by(|a, b| {
                (a.position.refresh, &a.segment).cmp(&(b.position.refresh, &b.segment))
            });
            Ok(found)
        })
    }

    /// The events after a position, the oldest first, at most so many; of [`Position::START`] from the first that is
    /// kept.
    ///
    /// # Errors
    /// As [`as_of`](Self::as_of); `E1307` where events after the position are no longer kept.
    pub fn events(&self, after: Position, most: usize) -> Result<Vec<Event>> {
        self.read(|view| events::after(view, after, most))
    }

    /// The position up to which a consumer has dealt with events; [`Position::START`] where it never said so.
    ///
    /// # Errors
    /// As [`as_of`](Self::as_of).
    pub fn position(&self, consumer: &str) -> Result<Position> {
        let state = self.read(|view| view.state())?;
        Ok(state.consumers.get(consumer).copied().unwrap_or(Position::START))
    }

    /// For the process that writes.
    pub(crate) fn acknowledge(&self, consumer: &str, position: Position) -> Result<()> {
        self.file.write(|view| events::acknowledge(view, consumer, position))
    }

    /// What the rule of the segment said when it was last calculated.
    pub(crate) fn in_force(&self, segment: &str) -> Result<RuleMark> {
        self.of_segment(segment, |view, _, (_, record)| {
            let version = record.version().ok_or_else(|| view.file().damaged())?;
            Ok(RuleMark { conditions: version.hash, pins: version.pins })
        })
    }

    fn of_segment<T>(
        &self,
        segment: &str,
        with: impl FnOnce(&Reading<'_>, &State, (SegmentNumber, &SegmentRecord)) -> Result<T>,
    ) -> Result<T> {
        self.read(|view| {
            let state = view.state()?;
            let found = view.latest(&state, segment)?;
            if let Some((number, record)) = found {
                return with(view, &state, (number, &record));
            }
            let known = view.segments(&state)?;
            let names = known.iter().map(|(_, record)| record.name.as_str());
            Err(unknown_segment(segment, names))
        })
    }

    fn of_customer<T>(
        &self,
        key: &Key,
        with: impl FnOnce(&Reading<'_>, &State, u32) -> Result<T>,
    ) -> Result<T> {
        let unknown = || {
            let message = "the store has no customer with this key".to_owned();
            diagnosed(Code::UnknownStoredCustomer, message, None)
        };
        self.read(|view| {
            let keys = keys::all(view)?;
            let row = (0..).zip(&keys).find(|(_, own)| *own == key).map(|(row, _)| row);
            with(view, &view.state()?, row.ok_or_else(unknown)?)
        })
    }
}

impl<T: ReadableTable<Bytes, Bytes>> View<'_, T> {
    pub(super) fn state(&self) -> Result<State> {
        match self.need(Table::State, &[], State::decode)? {
            Ok(state) => Ok(state),
            Err(format) => {
                let name = self.file().name();
                let message = format!(
                    "the store `{name}` has format {format}, which is newer than this program"
                );
                Err(diagnosed(
                    Code::OtherStore,
                    message,
                    Some("take a newer version of this program"),
                ))
            }
        }
    }

    /// All segments that there ever were, by number.
    pub(super) fn segments(&self, state: &State) -> Result<Vec<(SegmentNumber, SegmentRecord)>> {
        let numbers = (0..state.segments).map(SegmentNumber);
        numbers
            .map(|number| {
                let record =
                    self.need(Table::Segments, &number.0.to_be_bytes(), SegmentRecord::decode)?;
                Ok((number, record))
            })
            .collect()
    }

    /// The segments that have not ended, by what their names are found by.
    fn current(&self, state: &State) -> Result<BTreeMap<String, (SegmentNumber, SegmentRecord)>> {
        let current =
            self.segments(state)?.into_iter().filter(|(_, record)| record.ended.is_none());
        Ok(current.map(|own| (SegmentRule::identity(&own.1.name), own)).collect())
    }

    /// The segment of the name, or the last that had it.
    fn latest(&self, state: &State, name: &str) -> Result<Option<(SegmentNumber, SegmentRecord)>> {
        let identity = SegmentRule::identity(name);
        let segments = self.segments(state)?.into_iter().rev();
        let mut segments = segments.filter(|(_, own)| SegmentRule::identity(&own.name) == identity);
        Ok(segments.next())
    }

    /// Who was in at the last refresh; nobody where the segment has ended.
    pub(super) fn members(
        &self,
        state: &State,
        (number, record): (SegmentNumber, &SegmentRecord),
    ) -> Result<RoaringBitmap> {
        if record.ended.is_some() {
            return Ok(RoaringBitmap::new());
        }
        self.need(Table::Members, &number.0.to_be_bytes(), |mut from| {
            let members = from.bitmap(state.rows)?;
            from.end()?;
            if members.len() == u64::from(record.members) { Ok(members) } else { Err(Damaged) }
        })
    }

    /// Of a static segment that was formed: what its conditions said then, and who met them.
    pub(super) fn frozen(
        &self,
        state: &State,
        (number, record): (SegmentNumber, &SegmentRecord),
    ) -> Result<Option<FrozenRecord>> {
        let decode = |from: Decoder<'_>| FrozenRecord::decode(from, state.rows);
        let read = || self.need(Table::Frozen, &number.0.to_be_bytes(), decode);
        record.is_frozen.then(read).transpose()
    }

    fn keys_of(&self, rows: &RoaringBitmap) -> Result<Vec<Key>> {
        let state = self.state()?;
        let mut keys = keys::Reading::default();
        let found: Result<Vec<Key>> = rows.iter().map(|row| keys.key(self, &state, row)).collect();
        let mut found = found?;
        found.sort_unstable();
        Ok(found)
    }
}

fn shown_rule(version: Version) -> StoredRule {
    StoredRule {
        since: instant(version.since.as_of),
        kind: version.kind,
        inactive: version.inactive,
        hash: version.hash,
        rule: version.rule,
    }
}

fn shown(record: SegmentRecord) -> StoredSegment {
    let (kind, inactive) = record
        .version()
        .map_or((SegmentKind::Dynamic, false), |version| (version.kind, version.inactive));
    let status = match record.failure {
        Some(why) => SegmentStatus::Failed(why),
        None if inactive => SegmentStatus::Inactive,
        None => SegmentStatus::Ready,
    };
    StoredSegment {
        name: record.name,
        title: record.title,
        kind,
        status,
        members: record.members.into(),
        analytics: record.analytics,
        created: instant(record.created.as_of),
        formed: record.formed.map(|formed| instant(formed.as_of)),
    }
}
