//! The tables of sealed records, and what can be asked of them.

use std::ops::Range;

use redb::{ReadOnlyTable, ReadableTable, StorageError, Table as OpenTable, TableDefinition};

use super::{
    codec::{Damaged, Decoder, Encoder},
    file::{File, failed},
};
use crate::error::{Error, Result};

/// What kind of records.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Table {
    State,
    Keys,
    Digests,
    Segments,
    Members,
    Frozen,
    Refreshes,
    Changes,
    Deltas,
    Checkpoints,
}

/// All tables as of one moment.
pub(super) struct View<'f, T> {
    pub(super) file: &'f File,
    pub(super) tables: Vec<T>,
}

pub(super) type Reading<'f> = View<'f, ReadOnlyTable<&'static [u8], &'static [u8]>>;
pub(super) type Writing<'f, 't> = View<'f, OpenTable<'t, &'static [u8], &'static [u8]>>;

impl Table {
    pub(super) const ALL: [Self; 10] = [
        Self::State,
        Self::Keys,
        Self::Digests,
        Self::Segments,
        Self::Members,
        Self::Frozen,
        Self::Refreshes,
        Self::Changes,
        Self::Deltas,
        Self::Checkpoints,
    ];

    fn name(self) -> &'static str {
        match self {
            Self::State => "state",
            Self::Keys => "keys",
            Self::Digests => "digests",
            Self::Segments => "segments",
            Self::Members => "members",
            Self::Frozen => "frozen",
            Self::Refreshes => "refreshes",
            Self::Changes => "changes",
            Self::Deltas => "deltas",
            Self::Checkpoints => "checkpoints",
        }
    }

    pub(super) fn definition(self) -> TableDefinition<'static, &'static [u8], &'static [u8]> {
        TableDefinition::new(self.name())
    }

    /// What tells a record from all others.
    fn place(self, key: &[u8]) -> Vec<u8> {
        [self.name().as_bytes(), &[0], key].concat()
    }
}

impl<'f, T: ReadableTable<&'static [u8], &'static [u8]>> View<'f, T> {
    /// The record, if there is one.
    pub(super) fn get<R>(
        &self,
        table: Table,
        key: &[u8],
        decode: impl FnOnce(Decoder<'_>) -> Result<R, Damaged>,
    ) -> Result<Option<R>> {
        let found = self.table(table)?.get(key).map_err(|error| self.failed(error))?;
        let record =
            found.map(|value| Decoder::open(&table.place(key), value.value()).and_then(decode));
        record.transpose().map_err(|Damaged| self.file.damaged())
    }

    /// A record that another one names.
    pub(super) fn need<R>(
        &self,
        table: Table,
        key: &[u8],
        decode: impl FnOnce(Decoder<'_>) -> Result<R, Damaged>,
    ) -> Result<R> {
        self.get(table, key, decode)?.ok_or_else(|| self.file.damaged())
    }

    /// The keys and records from one key to before another, in their order, until `with` has enough.
    pub(super) fn range(
        &self,
        table: Table,
        keys: Range<&[u8]>,
        mut with: impl FnMut(&[u8], Decoder<'_>) -> Result<bool, Damaged>,
    ) -> Result<()> {
        let range = self.table(table)?.range::<&[u8]>(keys).map_err(|error| self.failed(error))?;
        for entry in range {
            let (key, value) = entry.map_err(|error| self.failed(error))?;
            let key = key.value();
            let goes_on = Decoder::open(&table.place(key), value.value())
                .and_then(|record| with(key, record))
                .map_err(|Damaged| self.file.damaged())?;
            if !goes_on {
                break;
            }
        }
        Ok(())
    }

    /// The last key from one to before another.
    pub(super) fn last_key(&self, table: Table, keys: Range<&[u8]>) -> Result<Option<Vec<u8>>> {
        let mut range =
            self.table(table)?.range::<&[u8]>(keys).map_err(|error| self.failed(error))?;
        let last = range.next_back().transpose().map_err(|error| self.failed(error))?;
        Ok(last.map(|(key, _)| key.value().to_vec()))
    }

    pub(super) fn file(&self) -> &'f File {
        self.file
    }

    fn table(&self, table: Table) -> Result<&T> {
        self.tables.get(table as usize).ok_or_else(|| self.file.damaged())
    }

    fn failed(&self, error: StorageError) -> Error {
        failed(self.file.name(), error.into())
    }
}

impl Writing<'_, '_> {
    pub(super) fn put(&mut self, table: Table, key: &[u8], record: Encoder) -> Result<usize> {
        let bytes = record.seal(&table.place(key));
        let (file, length) = (self.file, bytes.len());
        let Some(open) = self.tables.get_mut(table as usize) else { return Err(file.damaged()) };
        open.insert(key, bytes.as_slice()).map_err(|error| failed(file.name(), error.into()))?;
        Ok(length)
    }

    pub(super) fn remove(&mut self, table: Table, key: &[u8]) -> Result<()> {
        let file = self.file;
        let Some(open) = self.tables.get_mut(table as usize) else { return Err(file.damaged()) };
        open.remove(key).map_err(|error| failed(file.name(), error.into()))?;
        Ok(())
    }
}
