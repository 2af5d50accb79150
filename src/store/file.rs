//! The file: opened, read and written in transactions, and opened anew after a failure.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    path::{Path, PathBuf},
    sync::{PoisonError, RwLock, RwLockReadGuard},
};

use redb::{
    Builder, ConcurrencyMode, Database, DatabaseError, ReadOnlyDatabase, ReadTransaction,
    ReadableDatabase, StorageBackend, WriteTransaction,
};

use super::{
    records::State,
    tables::{Reading, Table, View, Writing},
};
use crate::{
    diagnostic::{Code, Diagnostic},
    error::{Error, Result},
};

/// A database and the name to show.
pub(super) struct File {
    /// `None` after a failure, until it is opened anew: redb answers nothing more from then on.
    open: RwLock<Option<Open>>,
    opening: Box<Opening>,
    name: String,
}

type Opening = dyn Fn(&mut Builder) -> Result<Open, DatabaseError> + Send + Sync;

enum Open {
    Writing(Database),
    Reading(ReadOnlyDatabase),
}

/// Memory for pages: records are read once.
const CACHE: usize = 64 << 20;

impl File {
    /// For one writer. The whole file is checked.
    pub(super) fn open(path: &Path) -> Result<Self> {
        if !path.exists() {
            Self::make(path)?;
        }
        let own = path.to_owned();
        Self::opened(path, move |builder| {
            Ok(Open::Writing(builder.set_check_integrity_on_open(true).open(&own)?))
        })
    }

    /// Makes the file under another name first: under its own it is whole from the beginning, whenever the maker is
    /// killed.
    fn make(path: &Path) -> Result<()> {
        let mut name = path.as_os_str().to_owned();
        name.push(format!(".{}", std::process::id()));
        let new = PathBuf::from(name);
        // One that a killed process of the same number has left.
        let _ = std::fs::remove_file(&new);
        let own = new.clone();
        let made = Self::opened(&new, move |builder| Ok(Open::Writing(builder.create(&own)?)))?;
        made.begin()?;
        drop(made);
        // Where another process has made it meanwhile, that one stays.
        let linked = std::fs::hard_link(&new, path);
        let removed = std::fs::remove_file(&new);
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

    /// Another storage than a file, which is given anew whenever it is opened.
    pub(super) fn with_backend<B: StorageBackend>(
        backend: impl Fn() -> B + Send + Sync + 'static,
        name: &Path,
    ) -> Result<Self> {
        let is_new = backend().len().is_ok_and(|length| length == 0);
        let file = Self::opened(name, move |builder| {
            let builder = builder.set_check_integrity_on_open(true);
            Ok(Open::Writing(builder.create_with_backend(backend())?))
        })?;
        if is_new {
            file.begin()?;
        }
        Ok(file)
    }

    /// Beside a writer and other readers.
    pub(super) fn open_read_only(path: &Path) -> Result<Self> {
        let own = path.to_owned();
        Self::opened(path, move |builder| {
            let read = |builder: &mut Builder| Ok(Open::Reading(builder.open_read_only(&own)?));
            match read(builder) {
                // A writer was killed: it takes one to set things right.
                Err(DatabaseError::RepairAborted) => {
                    drop(builder.open(&own)?);
                    read(builder)
                }
                other => other,
            }
        })
    }

    fn opened(
        path: &Path,
        opening: impl Fn(&mut Builder) -> Result<Open, DatabaseError> + Send + Sync + 'static,
    ) -> Result<Self> {
        let name = path.display().to_string();
        let file = Self { open: RwLock::default(), opening: Box::new(opening), name };
        drop(file.database()?);
        Ok(file)
    }

    /// The database, opened where it is not.
    fn database(&self) -> Result<RwLockReadGuard<'_, Option<Open>>> {
        loop {
            let open = self.open.read().unwrap_or_else(PoisonError::into_inner);
            if open.is_some() {
                return Ok(open);
            }
            drop(open);
            let mut open = self.open.write().unwrap_or_else(PoisonError::into_inner);
            if open.is_none() {
                *open = Some(self.guarded(|| {
                    let mut builder = Builder::new();
                    builder.set_cache_size(CACHE);
                    builder.set_concurrency_mode(ConcurrencyMode::SingleWriter);
                    (self.opening)(&mut builder).map_err(|error| failed(&self.name, error.into()))
                })?);
            }
        }
    }

    /// Has the database opened anew at the next call where the storage has failed.
    fn unless_failed<T>(&self, result: Result<T>) -> Result<T> {
        if result.as_ref().is_err_and(Error::is_io) {
            self.close();
        }
        result
    }

    fn close(&self) {
        let mut open = self.open.write().unwrap_or_else(PoisonError::into_inner);
        // To close is to write, too; what fails of it is mended when it is opened.
        let closed = self.guarded(|| {
            drop(open.take());
            Ok(())
        });
        drop(closed);
    }

    /// What was committed last.
    pub(super) fn read<T>(&self, with: impl FnOnce(&Reading<'_>) -> Result<T>) -> Result<T> {
        let open = self.database()?;
        let result = self.guarded(|| {
            let begun = match &*open {
                Some(Open::Writing(database)) => database.begin_read(),
                Some(Open::Reading(database)) => database.begin_read(),
                None => return Err(self.damaged()),
            };
            let transaction = begun.map_err(|error| failed(&self.name, error.into()))?;
            with(&self.tables_of(&transaction)?)
        });
        drop(open);
        self.unless_failed(result)
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
        let open = self.database()?;
        let Some(Open::Writing(database)) = &*open else {
            return Err(Error::refused("the store was opened for reading"));
        };
        let result = self.guarded(|| {
            let fail = |error: redb::Error| failed(&self.name, error);
            let transaction = database.begin_write().map_err(|error| fail(error.into()))?;
            let done = self.written(&transaction, with)?;
            transaction.commit().map_err(|error| fail(error.into()))?;
            Ok(done)
        });
        // The pages of two commits are kept, and a bit of the header says which is the last. Both are to hold the
        // same, so that the bit cannot lead back to what was before.
        let seal = || database.begin_write().is_ok_and(|seal| seal.commit().is_ok());
        let is_sealed = result.is_err() || self.guarded(|| Ok(seal())).unwrap_or(false);
        drop(open);
        if !is_sealed {
            self.close();
        }
        self.unless_failed(result)
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

    /// A damaged file can make redb panic.
    fn guarded<T>(&self, work: impl FnOnce() -> Result<T>) -> Result<T> {
        catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|_| Err(self.damaged()))
    }
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

pub(super) fn failed(name: &str, error: redb::Error) -> Error {
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
