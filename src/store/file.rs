//! The file: tables of sealed records, read and written in transactions.

use std::{
    ops::Range,
    panic::{AssertUnwindSafe, catch_unwind},
    path::Path,
};

use redb::{
    Builder, ConcurrencyMode, Database, ReadOnlyDatabase, ReadOnlyTable, ReadTransaction,
    ReadableDatabase, ReadableTable, StorageBackend, StorageError, Table as OpenTable,
    TableDefinition, WriteTransaction,
};

use super::{
    codec::{Damaged, Decoder, Encoder},
    records::State,
};
use crate::{
    diagnostic::{Code, Diagnostic},
    error::{Error, Result},
};

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

/// A database that is open, and the name to show.
pub(super) struct File {
    open: Open,
    name: String,
}

enum Open {
    Writing(Database),
    Reading(ReadOnlyDatabase),
}

/// All tables as of one moment.
pub(super) struct View<'f, T> {
    file: &'f File,
    tables: Vec<T>,
}

pub(super) type Reading<'f> = View<'f, ReadOnlyTable<&'static [u8], &'static [u8]>>;
pub(super) type Writing<'f, 't> = View<'f, OpenTable<'t, &'static [u8], &'static [u8]>>;

/// Memory for pages: records are read once.
const CACHE: usize = 64 << 20;

impl Table {
    const ALL: [Self; 10] = [
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

    fn definition(self) -> TableDefinition<'static, &'static [u8], &'static [u8]> {
        TableDefinition::new(self.name())
    }

    /// What tells a record from all others.
    fn place(self, key: &[u8]) -> Vec<u8> {
        [self.name().as_bytes(), &[0], key].concat()
    }
}

impl File {
    /// For one writer. The whole file is checked.
    pub(super) fn open(path: &Path) -> Result<Self> {
        if !path.exists() {
            Self::make(path)?;
        }
        Self::opened(path, |builder| {
            Ok(Open::Writing(builder.set_check_integrity_on_open(true).open(path)?))
        })
    }

    /// Makes the file under another name first: under its own it is whole from the beginning, whenever the maker is
    /// killed.
    fn make(path: &Path) -> Result<()> {
        let mut name = path.as_os_str().to_owned();
        name.push(format!(".{}", std::process::id()));
        let new = Path::new(&name);
        let made = Self::opened(new, |builder| Ok(Open::Writing(builder.create(new)?)))?;
        made.begin()?;
        drop(made);
        // Where another process has made it meanwhile, that one stays.
        let linked = std::fs::hard_link(new, path);
        let removed = std::fs::remove_file(new);
        match linked {
            Err(error) if error.kind() != std::io::ErrorKind::AlreadyExists => {
                Err(Error::io(path.display().to_string(), error))
            }
            _ => removed.map_err(|error| Error::io(new.display().to_string(), error)),
        }
    }

    /// Writes down that there is nothing yet.
    fn begin(&self) -> Result<()> {
        self.write(|view| view.put(Table::State, &[], State::default().encode())).map(drop)
    }

    /// Another storage than a file.
    pub(super) fn with_backend(backend: impl StorageBackend, name: &Path) -> Result<Self> {
        let is_new = backend.len().is_ok_and(|length| length == 0);
        let file = Self::opened(name, |builder| {
            let builder = builder.set_check_integrity_on_open(true);
            Ok(Open::Writing(builder.create_with_backend(backend)?))
        })?;
        if is_new {
            file.begin()?;
        }
        Ok(file)
    }

    /// Beside a writer and other readers.
    pub(super) fn open_read_only(path: &Path) -> Result<Self> {
        let read = |builder: &mut Builder| Ok(Open::Reading(builder.open_read_only(path)?));
        Self::opened(path, |builder| match read(builder) {
            // A writer was killed: it takes one to set things right.
            Err(redb::DatabaseError::RepairAborted) => {
                drop(builder.open(path)?);
                read(builder)
            }
            other => other,
        })
    }

    fn opened(
        path: &Path,
        open: impl FnOnce(&mut Builder) -> Result<Open, redb::DatabaseError>,
    ) -> Result<Self> {
        let name = path.display().to_string();
        let mut builder = Builder::new();
        builder.set_cache_size(CACHE).set_concurrency_mode(ConcurrencyMode::SingleWriter);
        let open =
            guarded(&name, || open(&mut builder).map_err(|error| failed(&name, error.into())))?;
        Ok(Self { open, name })
    }

    /// What was committed last.
    pub(super) fn read<T>(&self, with: impl FnOnce(&Reading<'_>) -> Result<T>) -> Result<T> {
        guarded(&self.name, || {
            let begun = match &self.open {
                Open::Writing(database) => database.begin_read(),
                Open::Reading(database) => database.begin_read(),
            };
            let transaction = begun.map_err(|error| failed(&self.name, error.into()))?;
            with(&self.tables_of(&transaction)?)
        })
    }

    fn tables_of(&self, transaction: &ReadTransaction) -> Result<Reading<'_>> {
        let tables = Table::ALL.iter().map(|table| transaction.open_table(table.definition()));
        let tables: Result<Vec<_>, _> = tables.collect();
        match tables {
            Ok(tables) => Ok(View { file: self, tables }),
            // All are made with the file.
            Err(redb::TableError::TableDoesNotExist(_)) => Err(self.damaged()),
            Err(error) => Err(failed(&self.name, error.into())),
        }
    }

    /// All of it or nothing is written.
    pub(super) fn write<T>(
        &self,
        with: impl FnOnce(&mut Writing<'_, '_>) -> Result<T>,
    ) -> Result<T> {
        let Open::Writing(database) = &self.open else {
            return Err(Error::refused("the store was opened for reading"));
        };
        guarded(&self.name, || {
            let fail = |error: redb::Error| failed(&self.name, error);
            let transaction = database.begin_write().map_err(|error| fail(error.into()))?;
            let done = self.written(&transaction, with)?;
            transaction.commit().map_err(|error| fail(error.into()))?;
            // The pages of two commits are kept, and a bit of the header says which is the last. Both are to hold the
            // same, so that the bit cannot lead back to what was before.
            let seal = database.begin_write().map_err(|error| fail(error.into()))?;
            seal.commit().map_err(|error| fail(error.into()))?;
            Ok(done)
        })
    }

    fn written<T>(
        &self,
        transaction: &WriteTransaction,
        with: impl FnOnce(&mut Writing<'_, '_>) -> Result<T>,
    ) -> Result<T> {
        let tables = Table::ALL.iter().map(|table| transaction.open_table(table.definition()));
        let tables: Result<Vec<_>, _> = tables.collect();
        let tables = tables.map_err(|error| failed(&self.name, error.into()))?;
        with(&mut View { file: self, tables })
    }

    pub(super) fn damaged(&self) -> Error {
        damaged(&self.name)
    }

    pub(super) fn name(&self) -> &str {
        &self.name
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
        failed(&self.file.name, error.into())
    }
}

impl Writing<'_, '_> {
    pub(super) fn put(&mut self, table: Table, key: &[u8], record: Encoder) -> Result<usize> {
        let bytes = record.seal(&table.place(key));
        let (file, length) = (self.file, bytes.len());
        let Some(open) = self.tables.get_mut(table as usize) else { return Err(file.damaged()) };
        open.insert(key, bytes.as_slice()).map_err(|error| failed(&file.name, error.into()))?;
        Ok(length)
    }

    pub(super) fn remove(&mut self, table: Table, key: &[u8]) -> Result<()> {
        let file = self.file;
        let Some(open) = self.tables.get_mut(table as usize) else { return Err(file.damaged()) };
        open.remove(key).map_err(|error| failed(&file.name, error.into()))?;
        Ok(())
    }
}

/// A damaged file can make redb panic.
fn guarded<T>(name: &str, work: impl FnOnce() -> Result<T>) -> Result<T> {
    catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|_| Err(damaged(name)))
}

fn damaged(name: &str) -> Error {
    let message = format!("the store `{name}` is damaged");
    let help =
        "take the last whole copy of the file; memberships since then are found again by a refresh";
    diagnosed(Code::DamagedStore, message, Some(help))
}

pub(super) fn diagnosed(code: Code, message: String, help: Option<&str>) -> Error {
    Error::diagnosed(vec![Diagnostic {
        code,
        severity: code.severity(),
        message,
        help: help.map(str::to_owned),
        location: None,
        used_at: None,
    }])
}

fn failed(name: &str, error: redb::Error) -> Error {
    match error {
        redb::Error::Io(source) if source.kind() == std::io::ErrorKind::InvalidData => {
            damaged(name)
        }
        redb::Error::Io(source) => Error::io(name, source),
        redb::Error::DatabaseAlreadyOpen | redb::Error::LockProtocolMismatch => diagnosed(
            Code::StoreInUse,
            format!("another process writes to the store `{name}`"),
            Some("one process writes at a time; others can open the store for reading"),
        ),
        redb::Error::Corrupted(_)
        | redb::Error::RepairAborted
        | redb::Error::UpgradeRequired(_)
        | redb::Error::TableTypeMismatch { .. }
        | redb::Error::TypeDefinitionChanged { .. } => damaged(name),
        other => Error::io(name, std::io::Error::other(other)),
    }
}
